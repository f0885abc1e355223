/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the headers of an ELF file tell, by its segments: those the kernel and the loader
 * use; a file runs without any sections. Every read is bounded and by itself, so
 * a header may lie about all, and the file may change. Files of the other byte order are
 * ELF files of which nothing else is told.
 */
#pragma once

#include <elf.h>

#include "barewatch/program.h"
#include "program/source.h"

#define ELF_SEGMENTS_MAX  1170 /* the kernel takes 64 KiB of program headers */
#define ELF_LOADS_MAX     64 /* usual: 2 to 5 */
#define ELF_DYNAMIC_MAX   4096 /* entries; usual: 30 */
#define ELF_NOTES_MAX     4096 /* bytes of a segment of notes; usual: below 100 */
#define ELF_LIBRARY_MAX   128 /* bytes of a name that are looked at */
#define ELF_GO_SEARCH_MAX (1u << 20) /* of writable data; usual: below 150 KiB */

/* A part of the file that is mapped. */
struct elf_load {
	uint64_t address, offset, size_bytes;
	bool is_writable;
};

struct elf_file {
	const struct source *source;
	bool is_wide; /* of 64 bits */
	uint16_t type; /* ET_EXEC, ET_DYN... */
	bool has_interpreter, is_pie;
	char interpreter[PROGRAM_LINE_MAX];
	unsigned char build_id[PROGRAM_BUILD_ID_MAX];
	unsigned build_id_bytes;
	uint64_t dynamic_offset, dynamic_bytes; /* 0 bytes without one */
	uint64_t strings_offset, strings_bytes; /* of the names of libraries */
	uint64_t relro_end; /* address behind what is made read-only; 0 without such */
	struct elf_load loads[ELF_LOADS_MAX];
	unsigned loads_count;
};

/* False when SOURCE is no ELF file. Else what could be read of it is in RET, which refers to SOURCE. */
bool elf_file_read(const struct source *source, struct elf_file *ret);

/* Calls VISIT with its own name as a library (DT_SONAME), and with those it needs (DT_NEEDED). */
void elf_file_each_library(const struct elf_file *elf,
	void (*visit)(struct slice library, void *userdata), void *userdata);

/* Stores the path of a Go program's main package, "" when it is not found. */
void elf_file_go_module(const struct elf_file *elf, char *ret, size_t size);
