/* SPDX-License-Identifier: Apache-2.0 */
/* Claims about rules/default.yaml. Run from the top of the tree. */
#include "rule_file_fixture.h"

#include "base/strbuf.h"
#include "subject_fixture.h"

#define SHELL   "Shell in bare container"
#define PACKAGE "Package manager in bare container"
#define MEMORY  "Program from memory in bare container"
#define FOREIGN "Foreign program in bare container"
#define MAPPED  "Shell or package manager mapped in bare container"
#define CODE    "Foreign code mapped executable in bare container"
#define LOADER  "Dynamic loader started as a program"
#define ATTEMPT "Attempted shell or package manager in bare container"
#define MOVE    "Process left its bare container's cgroup"
#define CODE_OF "Interpreter runs code of somebody else in bare container"
#define FETCH   "Downloader or debugger in bare container"
#define SESSION "Session in bare container"
#define WRITTEN "Package database or program directory written in bare container"
#define SECRET  "Sensitive file read in bare container"

static struct rule_set *default_rules(void)
{
	return rules_of_file("rules/default.yaml");
}

/* The one rule that matches, or NULL. */
static const struct rule *only_match(const struct rule_set *set, const struct subject *subject)
{
	size_t cursor = 0;
	const struct rule *rule = rule_set_match(set, subject, &cursor);

	assert_null(rule ? rule_set_match(set, subject, &cursor) : NULL);
	return rule;
}

static void all_of_them_load_and_are_on(void **state)
{
	CLEANUP_RULES struct rule_set *set = default_rules();
	size_t all;

	(void)state;
	assert_int_equal(rule_set_count(set, &all), 14);
	assert_int_equal(all, 14);
}

static void each_fires_on_its_subject_and_not_on_a_near_miss(void **state)
{
	static const struct {
		enum subject_kind kind;
		enum program_class class;
		enum bare_source bare;
		const char *rule;
	} cases[] = {
		{SUBJECT_EXEC, PROGRAM_SHELL, BARE_OPTION, SHELL},
		{SUBJECT_EXEC, PROGRAM_SHELL, BARE_POLICY, SHELL},
		{SUBJECT_EXEC, PROGRAM_SHELL, BARE_NO, NULL},
		{SUBJECT_EXEC, PROGRAM_PACKAGE_MANAGER, BARE_OPTION, PACKAGE},
		{SUBJECT_EXEC, PROGRAM_PACKAGE_MANAGER, BARE_NO, NULL},
		{SUBJECT_EXEC, PROGRAM_MULTICALL, BARE_OPTION, NULL},
		{SUBJECT_EXEC, PROGRAM_OTHER, BARE_OPTION, NULL},
		{SUBJECT_EXEC, PROGRAM_LOADER, BARE_OPTION, LOADER},
		{SUBJECT_EXEC, PROGRAM_LOADER, BARE_NO, NULL},
		{SUBJECT_ATTEMPT, PROGRAM_SHELL, BARE_OPTION, ATTEMPT},
		{SUBJECT_ATTEMPT, PROGRAM_PACKAGE_MANAGER, BARE_POLICY, ATTEMPT},
		{SUBJECT_ATTEMPT, PROGRAM_SHELL, BARE_NO, NULL},
		{SUBJECT_ATTEMPT, PROGRAM_OTHER, BARE_OPTION, NULL},
		{SUBJECT_MOVE, PROGRAM_OTHER, BARE_OPTION, MOVE},
		{SUBJECT_MOVE, PROGRAM_OTHER, BARE_NO, NULL},
	};
	CLEANUP_RULES struct rule_set *set = default_rules();

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct subject_fixture f;
		const struct rule *rule;

		if (cases[i].kind == SUBJECT_EXEC)
			fixture_exec(&f);
		else if (cases[i].kind == SUBJECT_MOVE)
			fixture_move(&f);
		else
			fixture_attempt(&f);
		f.subject.program.class = cases[i].class;
		f.container.bare = cases[i].bare;
		rule = only_match(set, &f.subject);
		assert_string_equal(
			rule ? rule->name : "none", cases[i].rule ? cases[i].rule : "none");
	}
}

static void what_the_image_does_not_hold_is_foreign(void **state)
{
	static const struct {
		enum program_origin origin, script;
		enum program_class class;
		const char *rule;
	} cases[] = {
		{PROGRAM_ORIGIN_IMAGE, 0, PROGRAM_OTHER, NULL},
		{PROGRAM_ORIGIN_COPYUP, 0, PROGRAM_OTHER, NULL},
		{PROGRAM_ORIGIN_UNKNOWN, 0, PROGRAM_OTHER, NULL},
		{PROGRAM_ORIGIN_UPPER, 0, PROGRAM_OTHER, FOREIGN},
		{PROGRAM_ORIGIN_VOLUME, 0, PROGRAM_OTHER, FOREIGN},
		{PROGRAM_ORIGIN_HOST, 0, PROGRAM_OTHER, FOREIGN},
		{PROGRAM_ORIGIN_MEMFD, 0, PROGRAM_OTHER, MEMORY},
		{PROGRAM_ORIGIN_TMPFS, 0, PROGRAM_INTERPRETER, MEMORY},
		{PROGRAM_ORIGIN_DELETED, 0, PROGRAM_OTHER, MEMORY},
		{PROGRAM_ORIGIN_IMAGE, PROGRAM_ORIGIN_UPPER, PROGRAM_OTHER, FOREIGN},
		/* its name comes first */
		{PROGRAM_ORIGIN_MEMFD, 0, PROGRAM_SHELL, SHELL},
		{PROGRAM_ORIGIN_UPPER, 0, PROGRAM_PACKAGE_MANAGER, PACKAGE},
	};
	CLEANUP_RULES struct rule_set *set = default_rules();

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct subject_fixture f;
		const struct rule *rule;
		size_t cursor = 0;

		fixture_exec(&f);
		f.executable.origin = cases[i].origin;
		f.executable.script_origin = cases[i].script;
		if (cases[i].script)
			f.exec.file.flags |= BW_FILE_SCRIPT;
		f.subject.program.class = cases[i].class;
		rule = rule_set_match(set, &f.subject, &cursor);
		assert_string_equal(
			rule ? rule->name : "none", cases[i].rule ? cases[i].rule : "none");
	}
}

static void what_is_mapped_is_the_images_or_foreign(void **state)
{
	static const struct {
		enum program_origin origin;
		enum program_class class;
		enum bare_source bare;
		const char *file;
		uint32_t flags; /* of the mapping */
		const char *rule;
	} cases[] = {
		{PROGRAM_ORIGIN_IMAGE, PROGRAM_OTHER, BARE_OPTION, "/lib/x.so", 0, NULL},
		{PROGRAM_ORIGIN_IMAGE, PROGRAM_SHELL, BARE_OPTION, "/bin/dash", 0, MAPPED},
		{PROGRAM_ORIGIN_IMAGE, PROGRAM_SHELL, BARE_NO, "/bin/dash", 0, NULL},
		{PROGRAM_ORIGIN_IMAGE, PROGRAM_INTERPRETER, BARE_OPTION, "/lib/x.so", 0, NULL},
		{PROGRAM_ORIGIN_UPPER, PROGRAM_PACKAGE_MANAGER, BARE_OPTION, "/x", 0, MAPPED},
		{PROGRAM_ORIGIN_UPPER, PROGRAM_OTHER, BARE_OPTION, "/tmp/x.so", 0, CODE},
		{PROGRAM_ORIGIN_UPPER, PROGRAM_OTHER, BARE_NO, "/tmp/x.so", 0, NULL},
		{PROGRAM_ORIGIN_UNKNOWN, PROGRAM_OTHER, BARE_OPTION, "/tmp/x.so", 0, NULL},
		{PROGRAM_ORIGIN_MEMFD, PROGRAM_OTHER, BARE_OPTION, "memfd:x", BW_MAPPING_SHARED,
			CODE},
		{PROGRAM_ORIGIN_MEMFD, PROGRAM_OTHER, BARE_OPTION, "memfd:doublemapper", 0, CODE},
		{PROGRAM_ORIGIN_MEMFD, PROGRAM_OTHER, BARE_OPTION, "memfd:doublemapper",
			BW_MAPPING_SHARED, NULL},
	};
	CLEANUP_RULES struct rule_set *set = default_rules();

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct executable executable = {.origin = cases[i].origin};
		struct subject_fixture f;
		const struct rule *rule;
		size_t cursor = 0;

		fixture_mapping(&f);
		f.subject.executable = &executable;
		f.subject.program.class = cases[i].class;
		f.container.bare = cases[i].bare;
		f.mapping.flags = cases[i].flags;
		f.event.mapping.file = (struct event_text){.bytes = slice_of(cases[i].file)};
		if (cases[i].origin == PROGRAM_ORIGIN_MEMFD)
			f.mapping.file.flags = BW_FILE_MEMFD;
		rule = rule_set_match(set, &f.subject, &cursor);
		assert_string_equal(
			rule ? rule->name : "none", cases[i].rule ? cases[i].rule : "none");
	}
}

/* Runtimes execute themselves, as a memfd in newer versions, on their way into the container. */
static void runtime_before_its_container_is_not_foreign(void **state)
{
	CLEANUP_RULES struct rule_set *set = default_rules();
	struct subject_fixture f;

	(void)state;
	fixture_exec(&f);
	f.executable.origin = PROGRAM_ORIGIN_MEMFD;
	f.subject.program.class = PROGRAM_RUNTIME;
	f.subject.entry = CONTAINER_ENTRY_NSENTER;
	assert_null(only_match(set, &f.subject));
	f.subject.entry = CONTAINER_ENTRY_CHILD;
	assert_string_equal(only_match(set, &f.subject)->name, MEMORY);
	f.subject.entry = CONTAINER_ENTRY_NSENTER;
	f.subject.program.class = PROGRAM_OTHER;
	assert_string_equal(only_match(set, &f.subject)->name, MEMORY);
}

static void host_process_matches_none(void **state)
{
	CLEANUP_RULES struct rule_set *set = default_rules();
	struct subject_fixture f;

	(void)state;
	fixture_exec(&f);
	f.subject.container = NULL;
	assert_null(only_match(set, &f.subject));
}

static void attempt_fires_whatever_the_error(void **state)
{
	static const int errors[] = {1, 2, 7, 8, 11, 12, 13, 20, 36, 40};
	CLEANUP_RULES struct rule_set *set = default_rules();

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(errors); i++) {
		struct subject_fixture f;

		fixture_attempt(&f);
		f.attempt.error = errors[i];
		assert_non_null(only_match(set, &f.subject));
	}
}

static void assert_output(
	const struct rule_set *set, const struct subject *subject, const char *expected)
{
	CLEANUP_STRBUF struct strbuf out = STRBUF_INIT;

	rule_output_format(only_match(set, subject), subject, &out);
	assert_string_equal(strbuf_text(&out), expected);
}

static void output_names_container_program_and_origin(void **state)
{
	CLEANUP_RULES struct rule_set *set = default_rules();
	struct subject_fixture f;

	(void)state;
	fixture_exec(&f);
	assert_output(set, &f.subject,
		"Shell in bare container (container=web id=aaaaaaaaaaaa "
		"image=registry.example/web:1.2 program=dash file=/usr/bin/dash "
		"invoked=/bin/sh argv=[sh -c 'id; ls'] pid=4711 parent=java parent_pid=4700 "
		"parent_file=/opt/java/bin/java uid=1000 result=SUCCESS)");
	fixture_attempt(&f);
	assert_output(set, &f.subject,
		"Attempted shell or package manager in bare container (container=web "
		"id=aaaaaaaaaaaa image=registry.example/web:1.2 program=bash invoked=/bin/bash "
		"argv=[bash -i] cause=exec by=java pid=4711 by_file=/opt/java/bin/java parent=tini "
		"parent_pid=4700 parent_file=/sbin/tini uid=1000 result=ENOENT)");
}

static void priorities_and_tags_are_as_documented(void **state)
{
	CLEANUP_RULES struct rule_set *set = default_rules();
	struct subject_fixture f;

	(void)state;
	fixture_exec(&f);
	assert_int_equal(only_match(set, &f.subject)->priority, RULE_CRITICAL);
	assert_string_equal(only_match(set, &f.subject)->tags[0], "container");
	assert_string_equal(only_match(set, &f.subject)->tags[1], "distroless");
	fixture_attempt(&f);
	assert_int_equal(only_match(set, &f.subject)->priority, RULE_WARNING);
}

struct fired_counts {
	size_t passed;
	size_t fired[16]; /* cases in which the rule of this number was found */
};

/* The number of the rule called NAME, in the order of definition. */
static size_t number_of(const char *name)
{
	static const char *const rules[] = {SHELL, PACKAGE, MEMORY, FOREIGN, MAPPED, CODE, LOADER,
		CODE_OF, FETCH, SESSION, ATTEMPT, MOVE, WRITTEN, SECRET};

	for (size_t i = 0; i < ARRAY_SIZE(rules); i++)
		if (strcmp(rules[i], name) == 0)
			return i;
	fail_msg("no rule is called %s", name);
	return 0;
}

static void count_fired(const struct rule_case *result, void *userdata)
{
	struct fired_counts *counts = userdata;
	const char *line = result->diff;
	char name[128];

	if (!result->passed)
		fail_msg("%s:%u: %s\n%s", result->file, result->line, result->name, result->diff);
	counts->passed++;
	while (sscanf(line, " %127[^\n]", name) == 1) {
		counts->fired[number_of(name)]++;
		line = strchr(line, '\n') + 1;
	}
}

static void cases_beside_them_pass_and_leave_no_rule_out(void **state)
{
	CLEANUP_RULES struct rule_set *set = default_rules();
	struct fired_counts counts = {0};
	struct diag d;
	size_t all;

	(void)state;
	if (rule_cases_run(set, "rules/default.test.yaml", count_fired, &counts, &d) < 0)
		fail_msg("%s:%u: %s", d.file, d.line, d.message);
	rule_set_count(set, &all);
	for (size_t i = 0; i < all; i++)
		assert_true(counts.fired[i] > 0);
	assert_true(counts.passed > 2 * all);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(all_of_them_load_and_are_on),
		cmocka_unit_test(each_fires_on_its_subject_and_not_on_a_near_miss),
		cmocka_unit_test(what_the_image_does_not_hold_is_foreign),
		cmocka_unit_test(what_is_mapped_is_the_images_or_foreign),
		cmocka_unit_test(runtime_before_its_container_is_not_foreign),
		cmocka_unit_test(host_process_matches_none),
		cmocka_unit_test(attempt_fires_whatever_the_error),
		cmocka_unit_test(output_names_container_program_and_origin),
		cmocka_unit_test(priorities_and_tags_are_as_documented),
		cmocka_unit_test(cases_beside_them_pass_and_leave_no_rule_out),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
