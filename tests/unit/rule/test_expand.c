/* SPDX-License-Identifier: Apache-2.0 */
/* Claims about agent/rule/condition/expand.c. */
#include "rules_fixture.h"

#include "base/strbuf.h"

#define DEFINITIONS                                                       \
	"- {list: shells, items: [sh, bash]}\n"                           \
	"- {list: odd, items: ['a b', 'it\"s', 'back\\slash', shells]}\n" \
	"- {macro: is_shell, condition: proc.name in (shells)}\n"         \
	"- {macro: either, condition: user.uid = 0 or is_shell}\n"        \
	"- {macro: both, condition: user.uid = 0 and is_shell}\n"

static struct rule_set *rules_with(const char *condition)
{
	CLEANUP_STRBUF struct strbuf text = STRBUF_INIT;

	strbuf_addf(&text, DEFINITIONS RULE_WITH("%s"), condition);
	return rules_of(strbuf_text(&text));
}

static void expand(const char *condition, unsigned indent, unsigned width, struct strbuf *out)
{
	CLEANUP_RULES struct rule_set *set = rules_with(condition);

	rule_condition_expand(set, rule_set_find(set, "r"), indent, width, out);
}

static const char *const cases[][2] = {
	{"proc.name = sh", "proc.name = sh"},
	{"is_shell", "proc.name in (sh, bash)"},
	{"proc.name in shells", "proc.name in (sh, bash)"},
	{"not is_shell", "not proc.name in (sh, bash)"},
	{"not either", "not (user.uid = 0 or proc.name in (sh, bash))"},
	{"not both", "not (user.uid = 0 and proc.name in (sh, bash))"},
	{"not not is_shell", "not not proc.name in (sh, bash)"},
	{"either", "user.uid = 0\nor proc.name in (sh, bash)"},
	{"both and proc.pid > 1", "user.uid = 0\nand proc.name in (sh, bash)\nand proc.pid > 1"},
	{"either and proc.pid > 1", "(user.uid = 0 or proc.name in (sh, bash))\nand proc.pid > 1"},
	{"both or proc.pid > 1", "user.uid = 0 and proc.name in (sh, bash)\nor proc.pid > 1"},
	{"proc.cwd exists", "proc.cwd exists"},
	{"proc.cwd = ''", "proc.cwd = \"\""},
	{"proc.name in (odd)", "proc.name in (\"a b\", \"it\\\"s\", \"back\\\\slash\", sh, bash)"},
	{"proc.name = 'shells'", "proc.name = \"shells\""},
	{"proc.name in ('shells', x)", "proc.name in (\"shells\", x)"},
	{"proc.name = 'and'", "proc.name = and"},
	{"user.loginuid = -1", "user.loginuid = -1"},
	{"tolower(basename( proc.exepath)) = sh", "tolower(basename(proc.exepath)) = sh"},
	{"len(proc.name) > val(proc.ppid)", "len(proc.name) > val(proc.ppid)"},
	{"proc.name in ()", "proc.name in ()"},
	{"proc.exepath pmatch (/bin, /usr/*)", "proc.exepath pmatch (/bin, \"/usr/*\")"},
	{"proc.args glob '*[ab]?'", "proc.args glob \"*[ab]?\""},
};

static void names_are_put_in(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		CLEANUP_STRBUF struct strbuf out = STRBUF_INIT;

		expand(cases[i][0], 0, 1000, &out);
		assert_string_equal(strbuf_text(&out), cases[i][1]);
	}
}

/* And that nothing is left to be put in. */
static void result_is_a_condition_that_comes_to_the_same(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		CLEANUP_STRBUF struct strbuf first = STRBUF_INIT, block = STRBUF_INIT;
		CLEANUP_STRBUF struct strbuf second = STRBUF_INIT;

		expand(cases[i][0], 4, 30, &first);
		strbuf_addf(&block, "|\n%s", strbuf_text(&first));
		expand(strbuf_text(&block), 4, 30, &second);
		assert_string_equal(strbuf_text(&second), strbuf_text(&first));
	}
}

static void lines_are_short_and_indented(void **state)
{
	CLEANUP_STRBUF struct strbuf out = STRBUF_INIT;

	(void)state;
	expand("proc.name in (aaaaaaaa, bbbbbbbb, cccccccc, 'd d d d d d') and user.uid = 0", 2, 32,
		&out);
	assert_string_equal(strbuf_text(&out), "  proc.name in (aaaaaaaa,\n"
					       "  bbbbbbbb, cccccccc,\n"
					       "  \"d d d d d d\")\n"
					       "  and user.uid = 0");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(names_are_put_in),
		cmocka_unit_test(result_is_a_condition_that_comes_to_the_same),
		cmocka_unit_test(lines_are_short_and_indented),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
