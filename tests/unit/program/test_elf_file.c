/* SPDX-License-Identifier: Apache-2.0 */
/* Claims about agent/program/elf_file.c. */
#include "program/elf_fixture.h"

#include "program/elf_file.h"

static struct elf_fixture f;
static struct elf_file elf;
static struct source source;

static bool read_fixture(void)
{
	source = (struct source){.fd = -1, .bytes = elf_fixture_slice(&f)};
	return elf_file_read(&source, &elf);
}

static void add_name(struct slice library, void *names)
{
	strbuf_add_slice(names, library);
	strbuf_add_char(names, ' ');
}

static void assert_libraries(const char *expected)
{
	CLEANUP_STRBUF struct strbuf names = STRBUF_INIT;

	elf_file_each_library(&elf, add_name, &names);
	assert_string_equal(strbuf_text(&names), expected);
}

static void other_files_are_none(void **state)
{
	static const struct slice cases[] = {SLICE(""),
		SLICE("\x7f"
		      "EL"),
		SLICE("#!/bin/sh\n"),
		SLICE("\x7f"
		      "ELG............")};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		source = (struct source){.fd = -1, .bytes = cases[i]};
		assert_false(elf_file_read(&source, &elf));
	}
}

/* The kernel would not run these, but something else may. */
static void file_with_the_magic_alone_is_one(void **state)
{
	(void)state;
	source = (struct source){.fd = -1,
		.bytes = SLICE("\x7f"
			       "ELF")};
	assert_true(elf_file_read(&source, &elf));
	assert_int_equal(elf.loads_count, 0);
	assert_libraries("");
}

static void interpreter_is_read(void **state)
{
	(void)state;
	elf_fixture_init(&f, ET_DYN);
	elf_fixture_interpreter(&f, "/lib/ld.so.1");
	assert_true(read_fixture());
	assert_true(elf.has_interpreter);
	assert_string_equal(elf.interpreter, "/lib/ld.so.1");
	assert_int_equal(elf.type, ET_DYN);
}

static void interpreter_that_is_too_long_is_cut(void **state)
{
	char path[PROGRAM_LINE_MAX * 2];

	(void)state;
	memset(path, 'x', sizeof(path) - 1);
	path[sizeof(path) - 1] = '\0';
	elf_fixture_init(&f, ET_EXEC);
	elf_fixture_interpreter(&f, path);
	assert_true(read_fixture());
	assert_int_equal(strlen(elf.interpreter), PROGRAM_LINE_MAX - 1);
}

static void libraries_are_named(void **state)
{
	(void)state;
	elf_fixture_init(&f, ET_DYN);
	elf_fixture_strings(&f, "\0libc.so.6\0libapt-pkg.so.6.0\0me.so", 35);
	elf_fixture_dynamic(&f, DT_NEEDED, 11);
	elf_fixture_dynamic(&f, DT_FLAGS, 1);
	elf_fixture_dynamic(&f, DT_NEEDED, 1);
	elf_fixture_dynamic(&f, DT_SONAME, 29);
	elf_fixture_dynamic(&f, DT_NULL, 0);
	elf_fixture_dynamic(&f, DT_NEEDED, 1); /* behind the end */
	assert_true(read_fixture());
	assert_libraries("libapt-pkg.so.6.0 libc.so.6 me.so ");
}

static void name_outside_of_the_strings_is_left_out(void **state)
{
	(void)state;
	elf_fixture_init(&f, ET_DYN);
	elf_fixture_strings(&f, "\0libc.so.6", 11);
	elf_fixture_dynamic(&f, DT_NEEDED, 11);
	elf_fixture_dynamic(&f, DT_NEEDED, UINT64_MAX);
	elf_fixture_dynamic(&f, DT_NEEDED, 4);
	assert_true(read_fixture());
	assert_libraries("c.so.6 ");
}

static void name_without_an_end_is_cut(void **state)
{
	CLEANUP_STRBUF struct strbuf names = STRBUF_INIT;
	char name[ELF_LIBRARY_MAX * 2];

	(void)state;
	memset(name, 'l', sizeof(name));
	elf_fixture_init(&f, ET_DYN);
	elf_fixture_strings(&f, name, sizeof(name));
	elf_fixture_dynamic(&f, DT_NEEDED, 0);
	assert_true(read_fixture());
	elf_file_each_library(&elf, add_name, &names);
	assert_int_equal(names.len, ELF_LIBRARY_MAX + 1);
}

static void position_independent_program_is_told_from_a_library(void **state)
{
	(void)state;
	elf_fixture_init(&f, ET_DYN);
	elf_fixture_dynamic(&f, DT_FLAGS_1, DF_1_PIE | DF_1_NOW);
	assert_true(read_fixture());
	assert_true(elf.is_pie);
	elf_fixture_init(&f, ET_DYN);
	elf_fixture_dynamic(&f, DT_FLAGS_1, DF_1_NOW);
	assert_true(read_fixture());
	assert_false(elf.is_pie);
}

static void build_id_is_read_from_among_the_notes(void **state)
{
	static const struct {
		Elf64_Nhdr other;
		char other_name[8], other_text[4];
		Elf64_Nhdr id;
		char name[4];
		unsigned char bytes[20];
	} notes = {{5, 3, NT_GNU_BUILD_ID}, "ABCD", "123", {4, 20, NT_GNU_BUILD_ID}, "GNU",
		{1, 2, 3, [19] = 20}};

	(void)state;
	elf_fixture_init(&f, ET_EXEC);
	elf_fixture_segment(&f, PT_NOTE, elf_fixture_add(&f, &notes, sizeof(notes)), sizeof(notes));
	assert_true(read_fixture());
	assert_int_equal(elf.build_id_bytes, 20);
	assert_memory_equal(elf.build_id, notes.bytes, 20);
}

static void notes_that_lie_about_their_size_are_left_out(void **state)
{
	static const Elf64_Nhdr cases[] = {
		{4, 21, NT_GNU_BUILD_ID}, /* more than there is */
		{UINT32_MAX, 20, NT_GNU_BUILD_ID},
		{4, UINT32_MAX, NT_GNU_BUILD_ID},
		{UINT32_MAX - 3, UINT32_MAX - 3, NT_GNU_BUILD_ID},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		char note[sizeof(Elf64_Nhdr) + 4 + 20] = {0};

		memcpy(note, &cases[i], sizeof(cases[i]));
		memcpy(note + sizeof(cases[i]), "GNU", 4);
		elf_fixture_init(&f, ET_EXEC);
		elf_fixture_segment(
			&f, PT_NOTE, elf_fixture_add(&f, note, sizeof(note)), sizeof(note));
		assert_true(read_fixture());
		assert_int_equal(elf.build_id_bytes, 0);
	}
}

static void headers_that_lie_do_no_harm(void **state)
{
	Elf64_Ehdr *header = elf_fixture_header(&f);

	(void)state;
	elf_fixture_init(&f, ET_DYN);
	header->e_phnum = UINT16_MAX; /* what follows the headers is read as such */
	memset(f.bytes + f.used, 0xff, 4096);
	f.used += 4096;
	assert_true(read_fixture());
	header->e_phoff = UINT64_MAX - 8;
	assert_true(read_fixture());
	header->e_phoff = sizeof(*header);
	header->e_phentsize = 1;
	assert_true(read_fixture());
	assert_int_equal(elf.loads_count, 0);
	elf_fixture_init(&f, ET_DYN);
	elf_fixture_segment(&f, PT_DYNAMIC, UINT64_MAX - 64, UINT64_MAX);
	elf_fixture_segment(&f, PT_NOTE, 0, UINT64_MAX);
	elf_fixture_segment(&f, PT_INTERP, UINT64_MAX, UINT64_MAX);
	assert_true(read_fixture());
	assert_string_equal(elf.interpreter, "");
	assert_libraries("");
}

static void more_parts_than_there_is_room_for_are_left_out(void **state)
{
	static char headers[(ELF_LOADS_MAX + 5) * sizeof(Elf64_Phdr)];
	Elf64_Phdr load = {.p_type = PT_LOAD, .p_filesz = 1};

	(void)state;
	for (size_t i = 0; i < sizeof(headers); i += sizeof(load))
		memcpy(headers + i, &load, sizeof(load));
	elf_fixture_init(&f, ET_DYN);
	elf_fixture_header(&f)->e_phoff = elf_fixture_add(&f, headers, sizeof(headers));
	elf_fixture_header(&f)->e_phnum = ELF_LOADS_MAX + 5;
	assert_true(read_fixture());
	assert_int_equal(elf.loads_count, ELF_LOADS_MAX);
}

static void file_of_32_bits_is_read_as_well(void **state)
{
	static const Elf32_Dyn dynamic[] = {
		{DT_STRTAB, {0x1000 + 256}}, {DT_STRSZ, {32}}, {DT_NEEDED, {1}}, {DT_NULL, {0}}};
	Elf32_Ehdr header = {.e_ident = ELFMAG,
		.e_type = ET_EXEC,
		.e_phoff = sizeof(header),
		.e_phentsize = sizeof(Elf32_Phdr),
		.e_phnum = 3};
	const Elf32_Phdr segments[] = {
		{.p_type = PT_LOAD, .p_vaddr = 0x1000, .p_filesz = 1024},
		{.p_type = PT_INTERP, .p_offset = 300, .p_filesz = 10},
		{.p_type = PT_DYNAMIC, .p_offset = 512, .p_filesz = sizeof(dynamic)},
	};

	(void)state;
	header.e_ident[EI_CLASS] = ELFCLASS32;
	header.e_ident[EI_DATA] = BYTE_ORDER == LITTLE_ENDIAN ? ELFDATA2LSB : ELFDATA2MSB;
	f = (struct elf_fixture){.used = 1024};
	memcpy(f.bytes, &header, sizeof(header));
	memcpy(f.bytes + sizeof(header), segments, sizeof(segments));
	memcpy(f.bytes + 256, "\0libx.so.1", 11);
	memcpy(f.bytes + 300, "/lib/ld.so", 10);
	memcpy(f.bytes + 512, dynamic, sizeof(dynamic));
	assert_true(read_fixture());
	assert_false(elf.is_wide);
	assert_int_equal(elf.type, ET_EXEC);
	assert_string_equal(elf.interpreter, "/lib/ld.so");
	assert_libraries("libx.so.1 ");
}

static void file_of_the_other_byte_order_tells_nothing_more(void **state)
{
	(void)state;
	elf_fixture_init(&f, ET_DYN);
	elf_fixture_interpreter(&f, "/lib/ld.so.1");
	f.bytes[EI_DATA] ^= ELFDATA2LSB ^ ELFDATA2MSB;
	assert_true(read_fixture());
	assert_false(elf.has_interpreter);
	assert_int_equal(elf.loads_count, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(other_files_are_none),
		cmocka_unit_test(file_with_the_magic_alone_is_one),
		cmocka_unit_test(interpreter_is_read),
		cmocka_unit_test(interpreter_that_is_too_long_is_cut),
		cmocka_unit_test(libraries_are_named),
		cmocka_unit_test(name_outside_of_the_strings_is_left_out),
		cmocka_unit_test(name_without_an_end_is_cut),
		cmocka_unit_test(position_independent_program_is_told_from_a_library),
		cmocka_unit_test(build_id_is_read_from_among_the_notes),
		cmocka_unit_test(notes_that_lie_about_their_size_are_left_out),
		cmocka_unit_test(headers_that_lie_do_no_harm),
		cmocka_unit_test(more_parts_than_there_is_room_for_are_left_out),
		cmocka_unit_test(file_of_32_bits_is_read_as_well),
		cmocka_unit_test(file_of_the_other_byte_order_tells_nothing_more),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
