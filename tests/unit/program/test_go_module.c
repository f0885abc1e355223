/* SPDX-License-Identifier: Apache-2.0 */
/* Claims about agent/program/go_module.c. */
#include "program/elf_fixture.h"

#include "program/elf_file.h"

#define MARK "0123456789abcdef"
#define INFORMATION(path) \
	"\xff Go buildinf:\x08\x02\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\x08go1.22.1" path

static struct elf_fixture f;

/* The module that a program with DATA at OFFSET of its writable data has. */
static const char *module_of(struct slice data, size_t offset)
{
	static char module[PROGRAM_MODULE_MAX];
	static struct elf_file elf;
	struct source source;
	char bytes[4096] = {0};
	size_t at;

	memcpy(bytes + offset, data.data, data.len);
	elf_fixture_init(&f, ET_EXEC);
	at = elf_fixture_add(&f, bytes, offset + data.len);
	elf_fixture_segment(&f, PT_LOAD, at, offset + data.len)->p_flags = PF_R | PF_W;
	source = (struct source){.fd = -1, .bytes = elf_fixture_slice(&f)};
	assert_true(elf_file_read(&source, &elf));
	elf_file_go_module(&elf, module, sizeof(module));
	return module;
}

static void path_of_the_main_package_is_read(void **state)
{
	static const struct slice data = SLICE(
		INFORMATION("\x30" MARK "path\texample.org/x\nmod\tx\n" MARK));

	(void)state;
	assert_string_equal(module_of(data, 0), "example.org/x");
	assert_string_equal(module_of(data, 48), "example.org/x");
}

/* C's linker has the segment begin with other things, at any address. */
static void alignment_is_that_of_addresses(void **state)
{
	static char module[PROGRAM_MODULE_MAX];
	static struct elf_file elf;
	static const struct slice data = SLICE(
		"........" INFORMATION("\x30" MARK "path\tx/y\n" MARK));
	struct source source = {.fd = -1};
	Elf64_Phdr *segment;

	(void)state;
	elf_fixture_init(&f, ET_EXEC);
	segment = elf_fixture_segment(
		&f, PT_LOAD, elf_fixture_add(&f, data.data, data.len), data.len);
	segment->p_vaddr += 8;
	segment->p_flags = PF_R | PF_W;
	source.bytes = elf_fixture_slice(&f);
	assert_true(elf_file_read(&source, &elf));
	elf_file_go_module(&elf, module, sizeof(module));
	assert_string_equal(module, "x/y");
}

/* The search has an end, so it begins where data can be changed while the program runs. */
static void data_for_relocation_is_skipped(void **state)
{
	static const struct slice data = SLICE(
		"................" INFORMATION("\x30" MARK "path\tx/y\n" MARK));
	static const struct slice first = SLICE(
		INFORMATION("\x30" MARK "path\tother\n" MARK "................"));
	CLEANUP_STRBUF struct strbuf both = STRBUF_INIT;
	static char module[PROGRAM_MODULE_MAX];
	static struct elf_file elf;
	struct source source = {.fd = -1};
	size_t at;

	(void)state;
	strbuf_add_slice(&both, first);
	while (both.len % 16)
		strbuf_add_char(&both, '.');
	strbuf_add_slice(&both, data);
	elf_fixture_init(&f, ET_DYN);
	at = elf_fixture_add(&f, both.data, both.len);
	elf_fixture_segment(&f, PT_LOAD, at, both.len)->p_flags = PF_R | PF_W;
	elf_fixture_segment(&f, PT_GNU_RELRO, at, both.len - data.len);
	source.bytes = elf_fixture_slice(&f);
	assert_true(elf_file_read(&source, &elf));
	elf_file_go_module(&elf, module, sizeof(module));
	assert_string_equal(module, "x/y");
}

static void information_that_is_not_there_gives_none(void **state)
{
	static const struct slice cases[] = {
		SLICE(""),
		SLICE("\xff Go buildinf:"),
		SLICE(INFORMATION("")),
		SLICE(INFORMATION("\x05" MARK)),
		SLICE(INFORMATION("\x20" MARK "mod\texample.org\n" MARK)),
		SLICE(INFORMATION("\xff\xff\xff\xff\xff\xff\xff" MARK "path\tx\n")),
		/* pointers to it, as Go 1.17 and earlier wrote */
		SLICE("\xff Go buildinf:\x08\0........................."),
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++)
		assert_string_equal(module_of(cases[i], 0), "");
	/* the linker aligns it */
	assert_string_equal(
		module_of((struct slice)SLICE(INFORMATION("\x30" MARK "path\tx\n" MARK)), 8), "");
}

static void path_that_is_too_long_is_cut(void **state)
{
	CLEANUP_STRBUF struct strbuf data = STRBUF_INIT;

	(void)state;
	strbuf_add_slice(&data, (struct slice)SLICE(INFORMATION("\xff\x7f" MARK "path\t")));
	for (int i = 0; i < PROGRAM_MODULE_MAX * 2; i++)
		strbuf_add_char(&data, 'm');
	assert_int_equal(strlen(module_of(strbuf_slice(&data), 16)), PROGRAM_MODULE_MAX - 1);
}

static void program_without_writable_data_has_none(void **state)
{
	static struct elf_file elf;
	struct source source = {.fd = -1};
	char module[8] = "before";

	(void)state;
	elf_fixture_init(&f, ET_EXEC);
	source.bytes = elf_fixture_slice(&f);
	assert_true(elf_file_read(&source, &elf));
	elf_file_go_module(&elf, module, sizeof(module));
	assert_string_equal(module, "");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(path_of_the_main_package_is_read),
		cmocka_unit_test(alignment_is_that_of_addresses),
		cmocka_unit_test(data_for_relocation_is_skipped),
		cmocka_unit_test(information_that_is_not_there_gives_none),
		cmocka_unit_test(path_that_is_too_long_is_cut),
		cmocka_unit_test(program_without_writable_data_has_none),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
