/* SPDX-License-Identifier: Apache-2.0 */
/* ELF files made by hand: headers, segments, a dynamic section with names of libraries. */
#pragma once

#include <elf.h>
#include <endian.h>

#include "asserts.h"

#define ELF_FIXTURE_BYTES   16384
#define ELF_FIXTURE_ADDRESS 0x400000 /* where its first byte is mapped */

struct elf_fixture {
	_Alignas(8) char bytes[ELF_FIXTURE_BYTES];
	size_t used;
	size_t dynamic, dynamic_count; /* place, entries so far */
};

static inline Elf64_Ehdr *elf_fixture_header(struct elf_fixture *f)
{
	return (Elf64_Ehdr *)f->bytes;
}

/* Puts SIZE bytes into the file. Returns where. */
static inline size_t elf_fixture_add(struct elf_fixture *f, const void *data, size_t size)
{
	size_t at = (f->used + 15) & ~(size_t)15;

	assert_true(at + size <= sizeof(f->bytes));
	memcpy(f->bytes + at, data, size);
	f->used = at + size;
	return at;
}

static inline Elf64_Phdr *elf_fixture_segment(
	struct elf_fixture *f, uint32_t type, size_t offset, size_t size)
{
	Elf64_Ehdr *header = elf_fixture_header(f);
	Elf64_Phdr *segment = (Elf64_Phdr *)(f->bytes + header->e_phoff) + header->e_phnum++;

	assert_true(header->e_phnum <= 16);
	*segment = (Elf64_Phdr){.p_type = type,
		.p_offset = offset,
		.p_vaddr = ELF_FIXTURE_ADDRESS + offset,
		.p_filesz = size,
		.p_memsz = size};
	return segment;
}

/* A file of TYPE that is mapped as a whole, and has nothing else. */
static inline void elf_fixture_init(struct elf_fixture *f, uint16_t type)
{
	*f = (struct elf_fixture){0};
	*elf_fixture_header(f) = (Elf64_Ehdr){.e_ident = ELFMAG,
		.e_type = type,
		.e_phoff = sizeof(Elf64_Ehdr),
		.e_phentsize = sizeof(Elf64_Phdr)};
	f->bytes[EI_CLASS] = ELFCLASS64;
	f->bytes[EI_DATA] = BYTE_ORDER == LITTLE_ENDIAN ? ELFDATA2LSB : ELFDATA2MSB;
	f->used = sizeof(Elf64_Ehdr) + 16 * sizeof(Elf64_Phdr);
	elf_fixture_segment(f, PT_LOAD, 0, sizeof(f->bytes))->p_flags = PF_R | PF_X;
}

static inline void elf_fixture_interpreter(struct elf_fixture *f, const char *path)
{
	elf_fixture_segment(
		f, PT_INTERP, elf_fixture_add(f, path, strlen(path) + 1), strlen(path) + 1);
}

#define ELF_FIXTURE_DYNAMIC_MAX 16

/* Adds an entry to the dynamic section, which is made with the first. */
static inline void elf_fixture_dynamic(struct elf_fixture *f, int64_t tag, uint64_t value)
{
	static const Elf64_Dyn none[ELF_FIXTURE_DYNAMIC_MAX];

	if (!f->dynamic) {
		f->dynamic = elf_fixture_add(f, none, sizeof(none));
		elf_fixture_segment(f, PT_DYNAMIC, f->dynamic, sizeof(none));
	}
	assert_true(f->dynamic_count < ELF_FIXTURE_DYNAMIC_MAX - 1);
	((Elf64_Dyn *)(f->bytes + f->dynamic))[f->dynamic_count++] = (Elf64_Dyn){
		.d_tag = tag, .d_un = {.d_val = value}};
}

/* NAMES, of SIZE bytes, is the string table. */
static inline void elf_fixture_strings(struct elf_fixture *f, const char *names, size_t size)
{
	size_t at = elf_fixture_add(f, names, size);

	elf_fixture_dynamic(f, DT_STRTAB, ELF_FIXTURE_ADDRESS + at);
	elf_fixture_dynamic(f, DT_STRSZ, size);
}

/* Needs LIBRARY, and nothing else. */
static inline void elf_fixture_library(struct elf_fixture *f, const char *library)
{
	char names[128] = {0};

	snprintf(names + 1, sizeof(names) - 1, "%s", library);
	elf_fixture_strings(f, names, strlen(library) + 2);
	elf_fixture_dynamic(f, DT_NEEDED, 1);
}

static inline struct slice elf_fixture_slice(const struct elf_fixture *f)
{
	return (struct slice){f->bytes, f->used};
}
