/* SPDX-License-Identifier: Apache-2.0 */
/* Program headers, notes and the dynamic section, see elf_file.h. The form is of elf(5). */
#include "program/elf_file.h"

#include <endian.h>

#define DYNAMIC_BLOCK 32

/* The fields of an ELF header that are used, of either width. */
struct header {
	uint64_t segments_offset;
	unsigned segment_bytes, segments;
};

static bool header_read(const struct source *source, struct elf_file *elf, struct header *ret)
{
	unsigned char ident[EI_NIDENT] = {0};
	const unsigned char order = BYTE_ORDER == LITTLE_ENDIAN ? ELFDATA2LSB : ELFDATA2MSB;
	Elf64_Ehdr wide;
	Elf32_Ehdr narrow;

	*ret = (struct header){0};
	if (!source_read_all(source, 0, ident, SELFMAG) || memcmp(ident, ELFMAG, SELFMAG) != 0)
		return false;
	if (!source_read_all(source, 0, ident, EI_NIDENT) || ident[EI_DATA] != order)
		return true;
	elf->is_wide = ident[EI_CLASS] == ELFCLASS64;
	if (elf->is_wide && source_read_all(source, 0, &wide, sizeof(wide))) {
		elf->type = wide.e_type;
		*ret = (struct header){wide.e_phoff, wide.e_phentsize, wide.e_phnum};
	} else if (!elf->is_wide && source_read_all(source, 0, &narrow, sizeof(narrow))) {
		elf->type = narrow.e_type;
		*ret = (struct header){narrow.e_phoff, narrow.e_phentsize, narrow.e_phnum};
	}
	return true;
}

/* The segment with NUMBER, as one of 64 bits. */
static bool segment_read(
	const struct elf_file *elf, const struct header *header, unsigned number, Elf64_Phdr *ret)
{
	uint64_t offset = header->segments_offset + (uint64_t)number * header->segment_bytes;
	Elf32_Phdr narrow;

	if (offset < header->segments_offset)
		return false;
	if (elf->is_wide)
		return header->segment_bytes == sizeof(*ret) &&
		       source_read_all(elf->source, offset, ret, sizeof(*ret));
	if (header->segment_bytes != sizeof(narrow) ||
		!source_read_all(elf->source, offset, &narrow, sizeof(narrow)))
		return false;
	*ret = (Elf64_Phdr){.p_type = narrow.p_type,
		.p_flags = narrow.p_flags,
		.p_offset = narrow.p_offset,
		.p_vaddr = narrow.p_vaddr,
		.p_filesz = narrow.p_filesz,
		.p_memsz = narrow.p_memsz};
	return true;
}

static void interpreter_take(struct elf_file *elf, const Elf64_Phdr *segment)
{
	size_t size = sizeof(elf->interpreter) - 1;

	elf->has_interpreter = true;
	if (segment->p_filesz < size)
		size = segment->p_filesz;
	if (source_read(elf->source, segment->p_offset, elf->interpreter, size) < 0)
		elf->interpreter[0] = '\0';
}

static size_t aligned(size_t size)
{
	return (size + 3) & ~(size_t)3;
}

/* Notes are a header, a name and a descriptor, each at a multiple of 4 bytes. */
static void notes_take(struct elf_file *elf, const Elf64_Phdr *segment)
{
	unsigned char notes[ELF_NOTES_MAX];
	size_t limit = segment->p_filesz < sizeof(notes) ? segment->p_filesz : sizeof(notes);
	ssize_t size = source_read(elf->source, segment->p_offset, notes, limit);
	size_t at = 0;
	Elf64_Nhdr note; /* the same for both widths */

	while (size > 0 && range_valid(at, sizeof(note), size)) {
		size_t name = at + sizeof(note), descriptor;

		memcpy(&note, notes + at, sizeof(note));
		if (!range_valid(name, aligned(note.n_namesz), size))
			return;
		descriptor = name + aligned(note.n_namesz);
		if (!range_valid(descriptor, note.n_descsz, size))
			return;
		if (note.n_type == NT_GNU_BUILD_ID && note.n_namesz == sizeof(ELF_NOTE_GNU) &&
			memcmp(notes + name, ELF_NOTE_GNU, sizeof(ELF_NOTE_GNU)) == 0 &&
			note.n_descsz <= sizeof(elf->build_id)) {
			memcpy(elf->build_id, notes + descriptor, note.n_descsz);
			elf->build_id_bytes = note.n_descsz;
		}
		at = descriptor + aligned(note.n_descsz);
	}
}

static void segment_take(struct elf_file *elf, const Elf64_Phdr *segment)
{
	switch (segment->p_type) {
	case PT_LOAD:
		if (elf->loads_count < ELF_LOADS_MAX)
			elf->loads[elf->loads_count++] = (struct elf_load){
				.address = segment->p_vaddr,
				.offset = segment->p_offset,
				.size_bytes = segment->p_filesz,
				.is_writable = segment->p_flags & PF_W};
		break;
	case PT_INTERP:
		interpreter_take(elf, segment);
		break;
	case PT_NOTE:
		notes_take(elf, segment);
		break;
	case PT_GNU_RELRO:
		elf->relro_end = segment->p_vaddr + segment->p_memsz;
		break;
	case PT_DYNAMIC:
		elf->dynamic_offset = segment->p_offset;
		elf->dynamic_bytes = segment->p_filesz;
		break;
	default:
		break;
	}
}

/* Where the byte that is mapped at ADDRESS is in the file; 0 when it is in none of its parts. */
static uint64_t offset_of(const struct elf_file *elf, uint64_t address)
{
	for (unsigned i = 0; i < elf->loads_count; i++) {
		const struct elf_load *load = &elf->loads[i];

		if (address >= load->address && address - load->address < load->size_bytes)
			return load->offset + (address - load->address);
	}
	return 0;
}

/* Up to DYNAMIC_BLOCK entries from NUMBER on, as those of 64 bits. Returns how many there are. */
static unsigned dynamic_read(const struct elf_file *elf, unsigned number, Elf64_Dyn *ret)
{
	Elf32_Dyn narrow[DYNAMIC_BLOCK];
	size_t each = elf->is_wide ? sizeof(*ret) : sizeof(narrow[0]);
	size_t end = elf->dynamic_bytes / each, count = DYNAMIC_BLOCK;
	ssize_t size;

	if (number >= end || number >= ELF_DYNAMIC_MAX)
		return 0;
	if (count > end - number)
		count = end - number;
	size = source_read(elf->source, elf->dynamic_offset + number * each,
		elf->is_wide ? (void *)ret : narrow, count * each);
	if (size < 0)
		return 0;
	for (size_t i = 0; !elf->is_wide && i < size / each; i++)
		ret[i] = (Elf64_Dyn){
			.d_tag = narrow[i].d_tag, .d_un = {.d_val = narrow[i].d_un.d_val}};
	return size / each;
}

/* Calls TAKE with each entry of the dynamic section. */
static void each_dynamic(const struct elf_file *elf,
	void (*take)(const Elf64_Dyn *entry, void *userdata), void *userdata)
{
	Elf64_Dyn block[DYNAMIC_BLOCK];
	unsigned number = 0, count;

	while ((count = dynamic_read(elf, number, block)) > 0) {
		for (unsigned i = 0; i < count; i++) {
			if (block[i].d_tag == DT_NULL)
				return;
			take(&block[i], userdata);
		}
		number += count;
	}
}

static void dynamic_take(const Elf64_Dyn *entry, void *userdata)
{
	struct elf_file *elf = userdata;

	if (entry->d_tag == DT_STRTAB)
		elf->strings_offset = offset_of(elf, entry->d_un.d_ptr);
	else if (entry->d_tag == DT_STRSZ)
		elf->strings_bytes = entry->d_un.d_val;
	else if (entry->d_tag == DT_FLAGS_1)
		elf->is_pie = entry->d_un.d_val & DF_1_PIE;
}

bool elf_file_read(const struct source *source, struct elf_file *ret)
{
	struct header header;
	Elf64_Phdr segment;

	*ret = (struct elf_file){.source = source};
	if (!header_read(source, ret, &header))
		return false;
	for (unsigned i = 0; i < header.segments && i < ELF_SEGMENTS_MAX; i++)
		if (segment_read(ret, &header, i, &segment))
			segment_take(ret, &segment);
	each_dynamic(ret, dynamic_take, ret);
	return true;
}

struct visit {
	const struct elf_file *elf;
	void (*function)(struct slice library, void *userdata);
	void *userdata;
};

static void library_take(const Elf64_Dyn *entry, void *userdata)
{
	const struct visit *visit = userdata;
	const struct elf_file *elf = visit->elf;
	char name[ELF_LIBRARY_MAX];
	ssize_t size;

	if ((entry->d_tag != DT_NEEDED && entry->d_tag != DT_SONAME) ||
		entry->d_un.d_val >= elf->strings_bytes)
		return;
	size = source_read(
		elf->source, elf->strings_offset + entry->d_un.d_val, name, sizeof(name));
	if (size > 0)
		visit->function((struct slice){name, strnlen(name, size)}, visit->userdata);
}

void elf_file_each_library(const struct elf_file *elf,
	void (*visit)(struct slice library, void *userdata), void *userdata)
{
	struct visit all = {.elf = elf, .function = visit, .userdata = userdata};

	each_dynamic(elf, library_take, &all);
}
