/* SPDX-License-Identifier: Apache-2.0 */
/* Claims about agent/program/identify.c. */
#include "program/catalog_fixture.h"
#include "program/elf_fixture.h"

#include <errno.h>

#include "scratch.h"

static struct catalog *catalog;
static struct program_buffer buffer;
static struct elf_fixture f;

static int load_catalog(void **state)
{
	(void)state;
	catalog = catalog_of(
		"version: 1\n"
		"programs:\n"
		"- name: busybox\n"
		"  class: multicall\n"
		"  files: [busybox]\n"
		"  applets: {shell: [sh, ash], package_manager: [dpkg]}\n"
		"signatures:\n"
		"- {name: dash, class: shell, at_least: 2, anchors: [dash-one, dash-two]}\n"
		"- {name: busybox, class: multicall, applet_table: true, at_least: 1,\n"
		"   anchors: ['BusyBox v']}\n"
		"- {name: sh, class: shell, at_least: 1, anchors: [any-shell]}\n"
		"- {name: apt, class: package_manager, libraries: [libapt-pkg.so.]}\n"
		"- {name: python, class: interpreter, at_least: 1, anchors: [Py_Main]}\n"
		"- {name: ld.so, class: loader, at_least: 1, anchors: ['--library-path']}\n"
		"- {name: upx, class: other, packed: true, at_least: 1, anchors: ['UPX!']}\n");
	return 0;
}

static int free_catalog(void **state)
{
	(void)state;
	catalog_free(catalog);
	return 0;
}

static void add_text(struct slice text)
{
	elf_fixture_add(&f, text.data, text.len);
}

/* What an ELF program with TEXT in it is. */
static struct program_identity identity_of(struct slice text)
{
	struct program_identity identity;

	elf_fixture_init(&f, ET_EXEC);
	add_text(text);
	program_identify_bytes(catalog, elf_fixture_slice(&f), true, &identity);
	return identity;
}

static void assert_identity(const struct program_identity *identity, const char *name)
{
	assert_string_equal(program_identity_name(identity), name);
}

static void first_signature_that_fits_names_the_program(void **state)
{
	static const struct {
		struct slice text;
		const char *name;
		enum program_class class;
		uint64_t fits;
	} cases[] = {
		{SLICE(""), "", PROGRAM_OTHER, 0},
		{SLICE("dash-one"), "", PROGRAM_OTHER, 0},
		{SLICE("dash-two dash-one"), "dash", PROGRAM_SHELL, 1},
		{SLICE("Py_Main any-shell"), "sh", PROGRAM_SHELL, 1 << 2 | 1 << 4},
		{SLICE("any-shell BusyBox v"), "busybox", PROGRAM_MULTICALL, 1 << 1 | 1 << 2},
		{SLICE("Py_Main"), "python", PROGRAM_INTERPRETER, 1 << 4},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct program_identity identity = identity_of(cases[i].text);

		assert_identity(&identity, cases[i].name);
		assert_int_equal(identity.class, cases[i].class);
		assert_int_equal(identity.fits[0], cases[i].fits);
		assert_true(identity.is_elf);
		assert_true(identity.is_whole);
	}
}

static void strings_in_other_files_mean_nothing(void **state)
{
	struct program_identity identity;

	(void)state;
	program_identify_bytes(catalog, SLICE("dash-one dash-two UPX!"), true, &identity);
	assert_identity(&identity, "");
	assert_false(identity.is_elf);
	assert_false(identity.is_script);
	assert_false(identity.is_packed);
}

static void linked_library_is_enough(void **state)
{
	struct program_identity identity;

	(void)state;
	elf_fixture_init(&f, ET_DYN);
	elf_fixture_library(&f, "libapt-pkg.so.6.0");
	add_text(SLICE("Py_Main"));
	program_identify_bytes(catalog, elf_fixture_slice(&f), true, &identity);
	assert_identity(&identity, "apt");
	/* its name alone, as in a message, is not */
	identity = identity_of(SLICE("libapt-pkg.so.6.0\0Py_Main"));
	assert_identity(&identity, "python");
}

static void what_comes_first_in_the_catalog_comes_before_a_library(void **state)
{
	struct program_identity identity;

	(void)state;
	elf_fixture_init(&f, ET_DYN);
	elf_fixture_library(&f, "libapt-pkg.so.6.0");
	add_text(SLICE("any-shell"));
	program_identify_bytes(catalog, elf_fixture_slice(&f), true, &identity);
	assert_identity(&identity, "sh");
	assert_int_equal(identity.fits[0], 1 << 2 | 1 << 3);
}

static void loader_is_a_library_that_needs_none(void **state)
{
	struct program_identity identity;

	(void)state;
	elf_fixture_init(&f, ET_DYN);
	add_text(SLICE("--library-path"));
	program_identify_bytes(catalog, elf_fixture_slice(&f), true, &identity);
	assert_int_equal(identity.class, PROGRAM_LOADER);
	assert_true(identity.is_loader);
	assert_false(identity.is_static);
	elf_fixture_interpreter(&f, "/lib/ld.so");
	program_identify_bytes(catalog, elf_fixture_slice(&f), true, &identity);
	assert_int_equal(identity.class, PROGRAM_OTHER);
	elf_fixture_init(&f, ET_DYN);
	elf_fixture_dynamic(&f, DT_FLAGS_1, DF_1_PIE);
	add_text(SLICE("--library-path"));
	program_identify_bytes(catalog, elf_fixture_slice(&f), true, &identity);
	assert_int_equal(identity.class, PROGRAM_OTHER);
	assert_true(identity.is_static);
	identity = identity_of(SLICE("--library-path"));
	assert_int_equal(identity.class, PROGRAM_OTHER);
	assert_true(identity.is_static);
}

static void headers_of_the_program_are_taken_over(void **state)
{
	static const struct {
		Elf64_Nhdr header;
		char name[4];
		unsigned char bytes[20];
	} note = {{4, 20, NT_GNU_BUILD_ID}, "GNU", {9, 8, 7}};
	struct program_identity identity;

	(void)state;
	elf_fixture_init(&f, ET_DYN);
	elf_fixture_interpreter(&f, "/lib/ld.so");
	elf_fixture_segment(&f, PT_NOTE, elf_fixture_add(&f, &note, sizeof(note)), sizeof(note));
	program_identify_bytes(catalog, elf_fixture_slice(&f), true, &identity);
	assert_string_equal(identity.interpreter, "/lib/ld.so");
	assert_int_equal(identity.build_id_bytes, 20);
	assert_memory_equal(identity.build_id, note.bytes, 20);
	assert_false(identity.is_static);
}

static void packed_program_is_said_to_be_packed(void **state)
{
	struct program_identity identity = identity_of(SLICE("UPX!"));

	(void)state;
	assert_true(identity.is_packed);
	assert_int_equal(identity.class, PROGRAM_OTHER);
	identity = identity_of(SLICE("UPX! any-shell"));
	assert_true(identity.is_packed);
	assert_identity(&identity, "sh");
}

static void go_program_has_its_module(void **state)
{
	static const struct slice data = SLICE(
		"\xff Go buildinf:\x08\x02\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\x02go\x30"
		"0123456789abcdefpath\texample.org/x\nmod");
	struct program_identity identity;
	size_t at;

	(void)state;
	elf_fixture_init(&f, ET_EXEC);
	at = elf_fixture_add(&f, data.data, data.len);
	elf_fixture_segment(&f, PT_LOAD, at, data.len)->p_flags = PF_W;
	program_identify_bytes(catalog, elf_fixture_slice(&f), true, &identity);
	assert_string_equal(identity.module, "example.org/x");
}

#define TABLE "ar\0awk\0cat\0cp\0dd\0df\0du\0"

static void table_of_applets_tells_what_is_inside(void **state)
{
	static const struct {
		struct slice text;
		unsigned applets;
		bool has_shell, has_package_manager;
	} cases[] = {
		{SLICE("BusyBox v\0" TABLE "wc\0"), 8, false, false},
		{SLICE("BusyBox v\0" TABLE "sh\0"), 8, true, false},
		{SLICE("BusyBox v\0" TABLE "rpm\0"), 8, false, false},
		{SLICE("BusyBox v\0"
		       "ar\0awk\0cat\0cp\0dd\0df\0dpkg\0wc\0"),
			8, false, true},
		/* its shell is there, though the table has no name for it */
		{SLICE("BusyBox v\0" TABLE "wc\0 any-shell"), 8, true, false},
		{SLICE("BusyBox v\0"), 0, false, false},
		{SLICE("any-shell\0" TABLE "sh\0"), 0, false, false}, /* no multi-call binary */
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct program_identity identity = identity_of(cases[i].text);

		assert_int_equal(identity.applets, cases[i].applets);
		assert_int_equal(identity.has_shell, cases[i].has_shell);
		assert_int_equal(identity.has_package_manager, cases[i].has_package_manager);
	}
}

static void script_has_its_interpreter(void **state)
{
	struct program_identity identity;

	(void)state;
	program_identify_bytes(
		catalog, SLICE("#!/usr/bin/env -S python3 -u\nimport apt\n"), true, &identity);
	assert_true(identity.is_script);
	assert_string_equal(identity.interpreter, "/usr/bin/env");
	assert_string_equal(identity.argument, "-S python3 -u");
	assert_int_equal(identity.class, PROGRAM_OTHER);
	assert_false(identity.is_elf);
}

static int open_scratch(struct scratch *s, const void *data, size_t size)
{
	scratch_write(s, "file", data, size);
	return open(scratch_path(s, "file"), O_RDONLY | O_CLOEXEC);
}

static void file_tells_the_same_as_its_bytes(void **state)
{
	CLEANUP_SCRATCH struct scratch s;
	CLEANUP_FD int fd = -1;
	struct program_identity from_fd = {0}, from_bytes = {0};

	(void)state;
	scratch_init(&s);
	elf_fixture_init(&f, ET_DYN);
	elf_fixture_interpreter(&f, "/lib/ld.so");
	elf_fixture_library(&f, "libapt-pkg.so.6.0");
	add_text(SLICE("BusyBox v\0" TABLE "sh\0"));
	fd = open_scratch(&s, f.bytes, f.used);
	assert_int_equal(program_identify(catalog, fd, UINT64_MAX, &buffer, &from_fd), 0);
	program_identify_bytes(catalog, elf_fixture_slice(&f), true, &from_bytes);
	assert_int_equal(from_fd.fits[0], 1 << 1 | 1 << 3);
	assert_int_equal(from_fd.fits[0], from_bytes.fits[0]);
	assert_ptr_equal(from_fd.signature, from_bytes.signature);
	assert_int_equal(from_fd.applets, 8);
	assert_int_equal(from_bytes.applets, 8);
	assert_int_equal(from_fd.size_bytes, f.used);
	assert_int_equal(from_bytes.size_bytes, f.used);
	assert_true(from_fd.is_whole);
	assert_string_equal(from_fd.interpreter, from_bytes.interpreter);
}

/* Where the reader's parts meet: the whole string, half of it, and all but a byte before. */
static void string_across_the_parts_of_a_large_file_is_found(void **state)
{
	CLEANUP_SCRATCH struct scratch s;
	CLEANUP_FREE char *bytes = calloc(1, PROGRAM_BUFFER_BYTES + 64);
	struct slice name = SLICE("any-shell");

	(void)state;
	scratch_init(&s);
	elf_fixture_init(&f, ET_EXEC);
	for (size_t before = 0; before <= name.len; before++) {
		CLEANUP_FD int fd = -1;
		struct program_identity identity;

		memset(bytes, 0, PROGRAM_BUFFER_BYTES + 64);
		memcpy(bytes, f.bytes, f.used);
		memcpy(bytes + PROGRAM_BUFFER_BYTES - before, name.data, name.len);
		fd = open_scratch(&s, bytes, PROGRAM_BUFFER_BYTES + 64);
		assert_int_equal(program_identify(catalog, fd, UINT64_MAX, &buffer, &identity), 0);
		assert_identity(&identity, "sh");
	}
}

static void limit_leaves_the_rest_unseen(void **state)
{
	CLEANUP_SCRATCH struct scratch s;
	CLEANUP_FD int fd = -1;
	struct program_identity identity;

	(void)state;
	scratch_init(&s);
	elf_fixture_init(&f, ET_EXEC);
	add_text(SLICE("any-shell"));
	fd = open_scratch(&s, f.bytes, f.used);
	assert_int_equal(program_identify(catalog, fd, f.used, &buffer, &identity), 0);
	assert_true(identity.is_whole);
	assert_identity(&identity, "sh");
	assert_int_equal(program_identify(catalog, fd, f.used - 1, &buffer, &identity), 0);
	assert_false(identity.is_whole);
	assert_int_equal(identity.size_bytes, f.used - 1);
	assert_identity(&identity, "");
	assert_int_equal(program_identify(catalog, fd, 0, &buffer, &identity), 0);
	assert_false(identity.is_whole);
	assert_int_equal(identity.size_bytes, 0);
}

static void what_is_no_file_is_refused(void **state)
{
	CLEANUP_FD int directory = open("/", O_RDONLY | O_CLOEXEC);
	CLEANUP_FD int null = open("/dev/null", O_RDONLY | O_CLOEXEC);
	CLEANUP_FD int path = open("/proc/self/exe", O_PATH | O_CLOEXEC);
	struct program_identity identity = {.applets = 7};

	(void)state;
	assert_int_equal(
		program_identify(catalog, directory, UINT64_MAX, &buffer, &identity), -EINVAL);
	assert_int_equal(program_identify(catalog, null, UINT64_MAX, &buffer, &identity), -EINVAL);
	assert_int_equal(program_identify(catalog, path, UINT64_MAX, &buffer, &identity), -EBADF);
	assert_int_equal(program_identify(catalog, -1, UINT64_MAX, &buffer, &identity), -EBADF);
	assert_int_equal(identity.applets, 7);
}

static void catalog_without_signatures_tells_the_headers(void **state)
{
	CLEANUP_CATALOG struct catalog *names = catalog_of("version: 1\nprograms: []\n");
	struct program_identity identity;

	(void)state;
	elf_fixture_init(&f, ET_DYN);
	elf_fixture_interpreter(&f, "/lib/ld.so");
	program_identify_bytes(names, elf_fixture_slice(&f), true, &identity);
	assert_true(identity.is_elf);
	assert_identity(&identity, "");
	assert_string_equal(identity.interpreter, "/lib/ld.so");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(first_signature_that_fits_names_the_program),
		cmocka_unit_test(strings_in_other_files_mean_nothing),
		cmocka_unit_test(linked_library_is_enough),
		cmocka_unit_test(what_comes_first_in_the_catalog_comes_before_a_library),
		cmocka_unit_test(loader_is_a_library_that_needs_none),
		cmocka_unit_test(headers_of_the_program_are_taken_over),
		cmocka_unit_test(packed_program_is_said_to_be_packed),
		cmocka_unit_test(go_program_has_its_module),
		cmocka_unit_test(table_of_applets_tells_what_is_inside),
		cmocka_unit_test(script_has_its_interpreter),
		cmocka_unit_test(file_tells_the_same_as_its_bytes),
		cmocka_unit_test(string_across_the_parts_of_a_large_file_is_found),
		cmocka_unit_test(limit_leaves_the_rest_unseen),
		cmocka_unit_test(what_is_no_file_is_refused),
		cmocka_unit_test(catalog_without_signatures_tells_the_headers),
	};

	return cmocka_run_group_tests(tests, load_catalog, free_catalog);
}
