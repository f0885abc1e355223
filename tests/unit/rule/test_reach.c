/* SPDX-License-Identifier: Apache-2.0 */
/* Claims about agent/rule/reach.c. */
#include "rules_fixture.h"

#include "base/strbuf.h"

/* The subjects that a rule with CONDITION may fire on. */
static void assert_reach(const char *condition, const char *expected)
{
	CLEANUP_STRBUF struct strbuf text = STRBUF_INIT, found = STRBUF_INIT;
	CLEANUP_RULES struct rule_set *set = NULL;
	unsigned kinds;

	strbuf_addf(&text, RULE_WITH("%s"), condition);
	set = rules_of(strbuf_text(&text));
	kinds = rule_subjects(rule_set_at(set, 0));
	for (unsigned kind = 0; kind < SUBJECT_KINDS; kind++)
		if (kinds & 1u << kind)
			strbuf_addf(&found, "%s%s", found.len ? " " : "", subject_kind_text(kind));
	if (strcmp(strbuf_text(&found), expected) != 0)
		fail_msg("%s: '%s', not '%s'", condition, strbuf_text(&found), expected);
}

#define ALL_KINDS "exec attempt mapping move open"

static void rule_is_about_subjects_that_have_its_fields(void **state)
{
	static const char *const cases[][2] = {
		{"proc.name = sh", ALL_KINDS},
		{"exe.class = shell", "exec attempt mapping"},
		{"exe.class = shell and attempt.cause = exec", "attempt"},
		{"exe.foreign = true or move.how = fork", "exec mapping move"},
		{"fd.num >= 0 and move.how = fork", ""},
		{"not fd.num = 3", "open"},
		{"fd.num exists", "open"},
		{"not fd.num exists", ALL_KINDS},
		{"proc.aname = sh", ALL_KINDS},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++)
		assert_reach(cases[i][0], cases[i][1]);
}

static void rule_may_name_its_subject(void **state)
{
	static const char *const cases[][2] = {
		{"evt.subject = exec", "exec"},
		{"evt.subject != exec", "attempt mapping move open"},
		{"evt.subject in (open, move)", "move open"},
		{"not evt.subject in (open, move)", "exec attempt mapping"},
		{"evt.subject = exec and evt.subject = open", ""},
		{"evt.subject exists", ALL_KINDS},
		{"evt.subject startswith e", ALL_KINDS},
		{"evt.subject = exec and (proc.name = a or proc.name = b)", "exec"},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++)
		assert_reach(cases[i][0], cases[i][1]);
}

static void rule_may_name_its_call(void **state)
{
	static const char *const cases[][2] = {
		{"evt.type in (execve, execveat)", "exec attempt"},
		{"evt.type = execveat", "attempt"},
		{"evt.type != execve", "attempt mapping open"},
		{"evt.type in (open, openat, openat2)", "open"},
		{"syscall.type = mmap", "mapping"},
		{"evt.type = connect", ""},
		{"evt.type != connect", "exec attempt mapping open"},
		{"evt.is_open_write = true", "open"},
		{"evt.is_open_write != false", "open"},
		{"evt.is_open_write = false", "exec attempt mapping open"},
		{"evt.is_io = true", ""},
		{"evt.type in (open, openat) and evt.is_open_read = true and fd.typechar = f",
			"open"},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++)
		assert_reach(cases[i][0], cases[i][1]);
}

/* A search by a runtime is an attempt of no type. */
static void attempt_may_have_no_call(void **state)
{
	(void)state;
	assert_reach("not evt.type in (execve, execveat)", "attempt mapping open");
	assert_reach("not evt.type exists", "attempt move");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(rule_is_about_subjects_that_have_its_fields),
		cmocka_unit_test(rule_may_name_its_subject),
		cmocka_unit_test(rule_may_name_its_call),
		cmocka_unit_test(attempt_may_have_no_call),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
