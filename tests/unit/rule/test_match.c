/* SPDX-License-Identifier: Apache-2.0 */
/* Claims about agent/rule/condition/match.c. */
#include "rules_fixture.h"

#include "rule/condition/match.h"
#include "rule/condition/parser.h"
#include "subject_fixture.h"

static enum truth judged(const char *text, const struct subject *subject)
{
	CLEANUP(ast_cleanup) struct ast ast = AST_INIT;
	CLEANUP(rule_condition_cleanup) struct rule_condition *condition = NULL;
	CLEANUP_DIAGS struct diags diags = DIAGS_INIT;
	struct definitions definitions = {0};
	struct condition_context context = {.definitions = &definitions, .diags = &diags};
	struct field_scratch scratch;
	struct diag d = {0};
	enum truth truth;

	if (condition_parse(slice_of(text), NULL, &ast, &d) < 0 ||
		condition_compile(&context, &ast, &condition) < 0)
		fail_msg("%s: %s", text, diags.count ? diags.items[0].diag.message : d.message);
	truth = condition_judge(condition, subject, &scratch);
	store_done(&definitions.store);
	return truth;
}

static const char *truth_name(enum truth truth)
{
	static const char *const names[] = {"false", "unknown", "true"};

	return names[truth];
}

struct truth_case {
	const char *condition;
	enum truth truth;
};

static void assert_cases(
	const struct truth_case *cases, size_t count, const struct subject *subject)
{
	for (size_t i = 0; i < count; i++) {
		enum truth truth = judged(cases[i].condition, subject);

		if (truth != cases[i].truth)
			fail_msg("%s is %s, not %s", cases[i].condition, truth_name(truth),
				truth_name(cases[i].truth));
	}
}

#define T TRUTH_TRUE
#define F TRUTH_FALSE
#define U TRUTH_UNKNOWN

static void operators_compare(void **state)
{
	static const struct truth_case cases[] = {
		{"proc.name = sh", T},
		{"proc.name == sh", T},
		{"proc.name = s", F},
		{"proc.name != sh", F},
		{"proc.name != s", T},
		{"proc.name in (ash, sh, dash)", T},
		{"proc.name in (ash, dash)", F},
		{"exe.resolved startswith /usr/", T},
		{"exe.resolved startswith /usr/bin/dash/", F},
		{"exe.resolved startswith ''", T},
		{"exe.resolved endswith /dash", T},
		{"exe.resolved endswith /ash", F},
		{"exe.resolved endswith ''", T},
		{"proc.cmdline contains 'id; ls'", T},
		{"proc.cmdline contains 'ls id'", F},
		{"proc.cmdline contains ''", T},
		{"exe.resolved glob '/usr/*/d?sh'", T},
		{"exe.resolved glob '/usr/*/d?s'", F},
		{"proc.pid = 4711", T},
		{"proc.pid != 4711", F},
		{"proc.pid < 4711", F},
		{"proc.pid <= 4711", T},
		{"proc.pid > 4710", T},
		{"proc.pid >= 4712", F},
		{"proc.pid in (1, 4711)", T},
		{"proc.pid in (1, 2)", F},
		{"exe.ino = 18364758544493064720", T},
		{"exe.ino > 9223372036854775807", T},
		{"user.loginuid = -1", T},
		{"user.loginuid < 0", T},
		{"container.bare = true", T},
		{"container.bare != true", F},
		{"exe.deleted = false", T},
		{"proc.name exists", T},
		{"proc.argv exists", T},
	};
	struct subject_fixture f;

	(void)state;
	fixture_exec(&f);
	assert_cases(cases, ARRAY_SIZE(cases), &f.subject);
}

/* container.name is unknown here; comm and bare are not. */
static void three_values_combine_as_kleene_has_it(void **state)
{
	static const struct truth_case cases[] = {
		{"container.name = web", U},
		{"container.name != web", U},
		{"container.name in (web)", U},
		{"container.name startswith ''", U},
		{"container.name exists", F},
		{"not container.name = web", U},
		{"not not container.name = web", U},
		{"container.name = web and proc.name = sh", U},
		{"proc.name = sh and container.name = web", U},
		{"container.name = web and proc.name = x", F},
		{"proc.name = x and container.name = web", F},
		{"container.name = web or proc.name = sh", T},
		{"proc.name = sh or container.name = web", T},
		{"container.name = web or proc.name = x", U},
		{"not (container.name = web and proc.name = x)", T},
		{"not (container.name = web or proc.name = x)", U},
		{"container.name = web or container.name != web", U},
		{"proc.name = sh and proc.pid = 4711 and exe.nlink = 1", T},
		{"proc.name = x or proc.pid = 1 or exe.nlink = 1", T},
		{"(proc.name = x or proc.name = sh) and (container.bare = true)", T},
	};
	struct subject_fixture f;

	(void)state;
	fixture_exec(&f);
	f.container.name = NULL;
	assert_cases(cases, ARRAY_SIZE(cases), &f.subject);
}

static void what_is_not_there_equals_nothing(void **state)
{
	static const struct truth_case cases[] = {
		{"proc.tty_name = pts0", F},
		{"proc.tty_name = ''", F},
		{"proc.tty_name != pts0", T},
		{"proc.tty_name in ('', pts0)", F},
		{"proc.tty_name startswith ''", F},
		{"not proc.tty_name startswith pts", T},
		{"proc.tty_name exists", F},
	};
	struct subject_fixture f;

	(void)state;
	fixture_exec(&f);
	f.exec.process.tty[0] = '\0';
	assert_cases(cases, ARRAY_SIZE(cases), &f.subject);
}

/* The file is open, so there is a descriptor. */
static void descriptor_that_is_not_known_is_not_negative(void **state)
{
	static const struct truth_case cases[] = {
		{"fd.num >= 0", T},
		{"fd.num > -1", T},
		{"fd.num < 0", F},
		{"fd.num <= -1", F},
		{"fd.num = -1", F},
		{"fd.num != -1", T},
		{"fd.num in (-1, -2)", F},
		{"fd.num in (-1, 3)", U},
		{"fd.num = 0", U},
		{"fd.num != 3", U},
		{"fd.num > 0", U},
		{"fd.num <= 0", U},
		{"fd.num >= 1", U},
		{"fd.num exists", T},
		{"evt.rawres >= 0", T},
		{"fd.num = val(evt.rawres)", U},
		{"fd.dev.minor = val(fd.num)", U},
	};
	struct subject_fixture f;

	(void)state;
	fixture_open(&f);
	f.event.open.result = 0;
	f.event.open.has_no_fd = true;
	assert_cases(cases, ARRAY_SIZE(cases), &f.subject);
}

static void field_of_another_kind_is_unknown(void **state)
{
	static const struct truth_case cases[] = {
		{"exe.resolved = /bin/bash", U},
		{"exe.resolved exists", F},
		{"attempt.errno = ENOENT", T},
		{"attempt.errno in (EACCES, ENOENT)", T},
		{"evt.rawres = -2", T},
	};
	struct subject_fixture f;

	(void)state;
	fixture_attempt(&f);
	assert_cases(cases, ARRAY_SIZE(cases), &f.subject);
}

/* Falco's fd.sip; what it is compared with is not kept. */
static void field_that_nobody_has_is_unknown(void **state)
{
	static const struct truth_case cases[] = {
		{"fd.sip = 10.0.0.1", U},
		{"fd.sip in (10.0.0.1, 10.0.0.2)", U},
		{"not fd.sip in (10.0.0.1, 10.0.0.2)", U},
		{"fd.sip exists", F},
	};
	struct subject_fixture f;

	(void)state;
	fixture_exec(&f);
	assert_cases(cases, ARRAY_SIZE(cases), &f.subject);
}

static void empty_text_matches_only_what_is_empty(void **state)
{
	static const struct truth_case cases[] = {
		{"exe.invoked = ''", T},
		{"exe.invoked = '/'", F},
		{"exe.invoked startswith ''", T},
		{"exe.invoked startswith '/'", F},
		{"exe.invoked endswith ''", T},
		{"exe.invoked endswith '/'", F},
		{"exe.invoked contains ''", T},
		{"exe.invoked contains '/'", F},
		{"exe.invoked glob '*'", T},
		{"exe.invoked exists", T},
	};
	struct subject_fixture f;

	(void)state;
	fixture_exec(&f);
	f.event.exec.invoked.bytes = (struct slice){NULL, 0};
	assert_cases(cases, ARRAY_SIZE(cases), &f.subject);
}

/* Of ancestors java and tini; the executable of tini is not known. */
static void comparison_with_several_values_is_true_of_one(void **state)
{
	static const struct truth_case cases[] = {
		{"proc.aname = tini", T},
		{"proc.aname = sh", F},
		{"proc.aname in (sh, java)", T},
		{"proc.aname startswith jav", T},
		{"proc.aname != tini", F},
		{"proc.aname != sh", T},
		{"not proc.aname in (sh, dash)", T},
		{"proc.aname exists", T},
		{"proc.apid = 4600", T},
		{"proc.apid > 4650", T},
		{"proc.apid > 4700", F},
		{"proc.aexepath = /opt/java/bin/java", T},
		{"proc.aexepath = /sbin/tini", U},
		{"proc.aexepath != /opt/java/bin/java", F},
		{"proc.aname[2] = tini", T},
		{"proc.aname[3] = tini", F},
		{"not proc.aname[3] = tini", T},
		{"proc.aname[3] exists", F},
	};
	struct subject_fixture f;

	(void)state;
	fixture_exec(&f);
	assert_cases(cases, ARRAY_SIZE(cases), &f.subject);
	f.lineage.ancestors = 0;
	assert_int_equal(judged("proc.aname exists", &f.subject), F);
	assert_int_equal(judged("proc.aname = sh", &f.subject), F);
	f.subject.lineage = NULL;
	assert_int_equal(judged("proc.aname = sh", &f.subject), U);
	assert_int_equal(judged("proc.aname exists", &f.subject), F);
}

static void values_are_transformed_and_compared_with_fields(void **state)
{
	static const struct truth_case cases[] = {
		{"toupper(proc.name) = SH", T}, {"basename(proc.exepath) = dash", T},
		{"len(proc.name) = 2 and len(proc.argv) = 3", T}, {"len(proc.name) in (1, 2)", T},
		{"not tolower(attempt.asked) = x", U}, {"proc.name = val(proc.name)", T},
		{"proc.name = val(proc.pname)", F}, {"proc.name != val(proc.pname)", T},
		{"tolower(proc.name) = tolower(proc.name)", T}, {"proc.pid > val(proc.ppid)", T},
		{"proc.cmdline startswith val(proc.name)", T},
		{"proc.cmdline endswith val(proc.args)", T}, {"proc.name = val(attempt.asked)", U},
		{"exe.applet = val(exe.applet)", F}, {"proc.argv = -c and proc.argv in (x, sh)", T},
		{"proc.argv != -c", F}, {"proc.argv intersects (x, y)", F},
		{"proc.exepath pmatch (/var, /usr/*/dash)", T},
		{"proc.cmdline regex 'sh .*(ls|cat)'", T}, {"proc.cmdline regex 'ls'", F},
		{"proc.cmdline icontains 'ID;'", T}, {"proc.name bstartswith 73", T},
		{"attempt.asked in ()", F}, /* whatever it is */
	};
	struct subject_fixture f;

	(void)state;
	fixture_exec(&f);
	assert_cases(cases, ARRAY_SIZE(cases), &f.subject);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(comparison_with_several_values_is_true_of_one),
		cmocka_unit_test(values_are_transformed_and_compared_with_fields),
		cmocka_unit_test(operators_compare),
		cmocka_unit_test(three_values_combine_as_kleene_has_it),
		cmocka_unit_test(what_is_not_there_equals_nothing),
		cmocka_unit_test(descriptor_that_is_not_known_is_not_negative),
		cmocka_unit_test(field_of_another_kind_is_unknown),
		cmocka_unit_test(field_that_nobody_has_is_unknown),
		cmocka_unit_test(empty_text_matches_only_what_is_empty),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
