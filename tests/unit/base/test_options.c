/* SPDX-License-Identifier: Apache-2.0 */
/* Claims about agent/base/options.c. */
#include "asserts.h"

#include <errno.h>

#include "base/options.h"

#define WORDS_MAX 16

/* What the setters of the options below were told, in order. */
struct told {
	struct strbuf text;
};

static int set_flag(void *target, const char *value, struct diag *d)
{
	struct told *told = target;

	(void)d;
	strbuf_add_text(&told->text, value ? "flag!" : "flag ");
	return 0;
}

static int set_policy(void *target, const char *value, struct diag *d)
{
	struct told *told = target;

	if (strcmp(value, "bad") == 0)
		return diag_at(d, NULL, 0, 0, "'%s' will not do", value);
	if (strcmp(value, "gone") == 0)
		return diag_errno(d, NULL, -ENOENT);
	strbuf_addf(&told->text, "policy=%s ", value);
	return 0;
}

static const struct option_spec specs[] = {
	{"policy", 'p', "FILE", "which containers\nare meant to be bare", set_policy},
	{"verbose", 'v', NULL, "say more", set_flag},
	{"version", '\0', NULL, "say which", set_flag},
	{"a-name-longer-than-the-column", '\0', "VALUE", "far right", set_policy},
};

/* Parses WORDS, separated by '|'. */
static int parse(const char *words, char *argv[WORDS_MAX], struct told *told, struct diag *d)
{
	static char copy[512];
	int argc = 1;
	char *rest = copy;

	snprintf(copy, sizeof(copy), "%s", words);
	argv[0] = (char *)"barewatch";
	while (*words && argc < WORDS_MAX - 1) {
		argv[argc++] = strsep(&rest, "|");
		if (!rest)
			break;
	}
	argv[argc] = NULL;
	return options_parse(specs, ARRAY_SIZE(specs), told, argc, argv, d);
}

/* Asserts what the setters were told and which operands remain. */
static void assert_parses(const char *words, const char *expected, const char *operands)
{
	CLEANUP_STRBUF struct strbuf left = STRBUF_INIT;
	struct told told = {STRBUF_INIT};
	char *argv[WORDS_MAX];
	struct diag d = {0};
	int r = parse(words, argv, &told, &d);

	assert_string_equal(d.message, "");
	assert_true(r > 0);
	for (char **operand = argv + r; *operand; operand++)
		strbuf_addf(&left, "%s ", *operand);
	assert_string_equal(strbuf_text(&told.text), expected);
	assert_string_equal(strbuf_text(&left), operands);
	strbuf_done(&told.text);
}

static void assert_refused(const char *words, const char *message)
{
	struct told told = {STRBUF_INIT};
	char *argv[WORDS_MAX];
	struct diag d = {0};

	assert_int_equal(parse(words, argv, &told, &d), -EINVAL);
	assert_diag_text(&d, message);
	strbuf_done(&told.text);
}

static void every_form_of_an_option_is_taken(void **state)
{
	(void)state;
	assert_parses("--policy|a|--policy=b|-p|c|-pd", "policy=a policy=b policy=c policy=d ", "");
	assert_parses("-v|--verbose|--version", "flag flag flag ", "");
	assert_parses("-vvp|x", "flag flag policy=x ", "");
	assert_parses("--policy=|--policy|", "policy= policy= ", "");
	assert_parses("--policy=a=b", "policy=a=b ", "");
	assert_parses("", "", "");
}

static void values_may_look_like_options(void **state)
{
	(void)state;
	assert_parses("--policy|--verbose", "policy=--verbose ", "");
	assert_parses("-p|--", "policy=-- ", "");
	assert_parses("--policy|-", "policy=- ", "");
}

static void options_may_come_after_operands(void **state)
{
	(void)state;
	assert_parses("one|-v|two|--policy|x|three", "flag policy=x ", "one two three ");
	assert_parses("-|-v", "flag ", "- ");
}

static void two_dashes_end_the_options(void **state)
{
	(void)state;
	assert_parses("-v|--|-v|--nonsense", "flag ", "-v --nonsense ");
	assert_parses("one|--|-v", "", "one -v ");
}

static void parsing_starts_anew_each_time(void **state)
{
	(void)state;
	assert_refused("-vx", "unknown option '-x'");
	assert_parses("-v", "flag ", "");
}

static void unknown_options_are_refused_with_a_suggestion(void **state)
{
	(void)state;
	assert_refused("--polic", "unknown option '--polic': did you mean '--policy'?");
	assert_refused("--plicy=x", "unknown option '--plicy=x': did you mean '--policy'?");
	assert_refused("--verson", "unknown option '--verson': did you mean '--version'?");
	assert_refused("--zzz", "unknown option '--zzz'");
	assert_refused("-x", "unknown option '-x'");
	assert_refused("-vx", "unknown option '-x'");
	assert_refused("--\033[2J", "unknown option '--\\u{1b}[2J'");
	assert_refused("-\xff", "unknown option '-\\xff'");
}

static void abbreviations_are_refused(void **state)
{
	(void)state;
	assert_refused("--verb", "unknown option '--verb'");
	assert_refused("--ver", "unknown option '--ver'");
	assert_refused("--poli|x", "unknown option '--poli': did you mean '--policy'?");
	assert_refused("--poli=x", "unknown option '--poli=x': did you mean '--policy'?");
	assert_refused("--poli", "unknown option '--poli': did you mean '--policy'?");
	assert_refused("--verb=x", "unknown option '--verb=x'");
}

static void missing_arguments_are_named(void **state)
{
	(void)state;
	assert_refused("--policy", "option '--policy' needs an argument: FILE");
	assert_refused("-p", "option '-p' needs an argument: FILE");
	assert_refused("-vp", "option '-p' needs an argument: FILE");
}

static void flags_take_no_argument(void **state)
{
	(void)state;
	assert_refused("--verbose=yes", "option '--verbose' takes no argument");
	assert_refused("--version=", "option '--version' takes no argument");
}

static void messages_of_setters_get_the_option_in_front(void **state)
{
	struct told told = {STRBUF_INIT};
	char *argv[WORDS_MAX];
	struct diag d = {0};

	(void)state;
	assert_refused("-p|bad", "option '--policy': 'bad' will not do");
	assert_int_equal(parse("--policy=gone", argv, &told, &d), -ENOENT);
	assert_diag_text(&d, "option '--policy': No such file or directory");
}

static void help_has_two_columns(void **state)
{
	CLEANUP_FREE char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	(void)state;
	assert_non_null(out);
	options_print(out, specs, ARRAY_SIZE(specs));
	fclose(out);
	assert_string_equal(text, "  -p, --policy FILE       which containers\n"
				  "                          are meant to be bare\n"
				  "  -v, --verbose           say more\n"
				  "      --version           say which\n"
				  "      --a-name-longer-than-the-column VALUE\n"
				  "                          far right\n");
}

static void numbers_within_the_limits_are_taken(void **state)
{
	static const struct {
		const char *text;
		unsigned long long least, most, number;
	} cases[] = {
		{"5", 5, 9, 5},
		{"9", 5, 9, 9},
		{"007", 0, 9, 7},
		{"0", 0, 0, 0},
		{"9999999999999999999", 0, ~0ULL, 9999999999999999999ULL},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		unsigned long long number = 0;
		struct diag d = {0};

		option_number(cases[i].text, cases[i].least, cases[i].most, &number, &d);
		assert_string_equal(d.message, "");
		assert_int_equal(number, cases[i].number);
	}
}

static void what_is_no_such_number_is_refused(void **state)
{
	static const char *const texts[] = {"", "4", "10", "-5", "+5", " 5", "5 ", "5x", "0x5",
		"5.0", "18446744073709551621" /* 2^64 + 5 */, "00000000000000000005"};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(texts); i++) {
		unsigned long long number = 77;
		char expected[128];
		struct diag d = {0};

		assert_int_equal(option_number(texts[i], 5, 9, &number, &d), -EINVAL);
		snprintf(expected, sizeof(expected), "'%s' is not a whole number from 5 to 9",
			texts[i]);
		assert_diag_text(&d, expected);
		assert_int_equal(number, 77);
	}
}

static void absolute_path_is_taken_and_no_other(void **state)
{
	static const char *const refused[] = {"", "a", "./a", " /a"};
	const char *path = "as it was";
	struct diag d = {0};

	(void)state;
	assert_int_equal(option_absolute_path("/a", &path, &d), 0);
	assert_string_equal(path, "/a");
	for (size_t i = 0; i < ARRAY_SIZE(refused); i++) {
		char message[64];

		snprintf(message, sizeof(message), "'%s' does not begin with '/'", refused[i]);
		assert_int_equal(option_absolute_path(refused[i], &path, &d), -EINVAL);
		assert_string_equal(d.message, message);
		assert_string_equal(path, "/a");
	}
}

static void word_is_one_of_those_that_there_are(void **state)
{
	static const char *const words[] = {"text", "json", "wide"};
	struct diag d = {0};
	size_t found = 9;

	(void)state;
	assert_int_equal(option_word("json", words, 2, &found, &d), 0);
	assert_int_equal(found, 1);
	assert_int_equal(option_word("wide", words, 2, &found, &d), -EINVAL);
	assert_string_equal(d.message, "'wide' is neither 'text' nor 'json'");
	assert_int_equal(option_word("jso", words, 3, &found, &d), -EINVAL);
	assert_string_equal(d.message, "'jso' is none of 'text', 'json' and 'wide'");
	assert_int_equal(found, 1);
}

static void help_is_an_option_of_every_command(void **state)
{
	static const struct option_spec only_help[] = {OPTION_HELP};
	struct common_arguments arguments = {0};
	char name[] = "barewatch", long_form[] = "--help", letter[] = "-h";
	char *argvs[][3] = {{name, long_form, NULL}, {name, letter, NULL}};
	struct diag d = {0};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(argvs); i++) {
		arguments.help = false;
		assert_int_equal(options_parse(only_help, 1, &arguments, 2, argvs[i], &d), 2);
		assert_true(arguments.help);
	}
	assert_int_equal(options_parse(only_help, 1, &arguments, 1, argvs[0], &d), 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_form_of_an_option_is_taken),
		cmocka_unit_test(values_may_look_like_options),
		cmocka_unit_test(options_may_come_after_operands),
		cmocka_unit_test(two_dashes_end_the_options),
		cmocka_unit_test(parsing_starts_anew_each_time),
		cmocka_unit_test(unknown_options_are_refused_with_a_suggestion),
		cmocka_unit_test(abbreviations_are_refused),
		cmocka_unit_test(missing_arguments_are_named),
		cmocka_unit_test(flags_take_no_argument),
		cmocka_unit_test(messages_of_setters_get_the_option_in_front),
		cmocka_unit_test(help_has_two_columns),
		cmocka_unit_test(numbers_within_the_limits_are_taken),
		cmocka_unit_test(what_is_no_such_number_is_refused),
		cmocka_unit_test(absolute_path_is_taken_and_no_other),
		cmocka_unit_test(word_is_one_of_those_that_there_are),
		cmocka_unit_test(help_is_an_option_of_every_command),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
