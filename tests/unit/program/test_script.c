/* SPDX-License-Identifier: Apache-2.0 */
/* Claims about agent/program/script.c. */
#include "asserts.h"

#include "barewatch/program.h"
#include "program/script.h"

static void first_line_is_read_as_the_kernel_reads_it(void **state)
{
	static const struct {
		struct slice start;
		const char *interpreter, *argument;
	} cases[] = {
		{SLICE("#!/bin/sh\necho"), "/bin/sh", ""}, {SLICE("#!/bin/sh"), "/bin/sh", ""},
		{SLICE("#! \t/bin/sh  \n"), "/bin/sh", ""},
		{SLICE("#!/usr/bin/env python3\n"), "/usr/bin/env", "python3"},
		{SLICE("#!/usr/bin/perl -w  -T \t\nx"), "/usr/bin/perl", "-w  -T"},
		{SLICE("#!/bin/sh\0-x\n"), "/bin/sh", ""},
		{SLICE("#!x\r\n"), "x\r", ""}, /* "No such file or directory", as everybody knows */
	};
	struct script script;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		assert_true(script_read(cases[i].start, &script));
		assert_slice_text(script.interpreter, cases[i].interpreter);
		assert_slice_text(script.argument, cases[i].argument);
	}
}

static void other_files_are_none(void **state)
{
	static const struct slice cases[] = {SLICE(""), SLICE("#"), SLICE("#!"),
		SLICE("#!\n/bin/sh"), SLICE("#! \t \n"), SLICE(" #!/bin/sh\n"), SLICE("# !/bin/sh"),
		SLICE("#!\0/bin/sh")};
	struct script script;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++)
		assert_false(script_read(cases[i], &script));
}

/* Linux 5.0: an interpreter that may have been cut is not run, a cut argument is passed on. */
static void line_that_is_longer_than_the_kernel_reads(void **state)
{
	char text[PROGRAM_LINE_MAX * 2];
	struct script script;

	(void)state;
	memset(text, 'x', sizeof(text));
	memcpy(text, "#!/", 3);
	assert_false(script_read((struct slice){text, sizeof(text)}, &script));
	text[20] = ' ';
	assert_true(script_read((struct slice){text, sizeof(text)}, &script));
	assert_int_equal(script.interpreter.len, 18);
	assert_int_equal(script.argument.len, PROGRAM_LINE_MAX - 21);
	memset(text + 3, 'x', sizeof(text) - 3);
	text[PROGRAM_LINE_MAX - 1] = '\n';
	assert_true(script_read((struct slice){text, sizeof(text)}, &script));
	assert_int_equal(script.interpreter.len, PROGRAM_LINE_MAX - 3);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(first_line_is_read_as_the_kernel_reads_it),
		cmocka_unit_test(other_files_are_none),
		cmocka_unit_test(line_that_is_longer_than_the_kernel_reads),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
