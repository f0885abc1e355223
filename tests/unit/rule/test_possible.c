/* SPDX-License-Identifier: Apache-2.0 */
/* Claims about agent/rule/condition/possible.c, and about the rules that are skipped for it. */
#include "rules_fixture.h"

#include <unistd.h>

#include "base/strbuf.h"
#include "rule/field/read.h"
#include "rule/condition/possible.h"

#define CONFORMANCE_ENVIRONMENT "BAREWATCH_FALCO_RULES"

/* Macros of which other rules are made. */
#define MACROS                                                              \
	"- macro: spawned\n  condition: (evt.type in (execve, execveat))\n" \
	"- macro: opened\n  condition: (evt.type in (open, openat))\n"      \
	"- macro: linked\n  condition: (evt.type in (link, linkat))\n"      \
	"- macro: connected\n  condition: >\n    (evt.type = connect or\n"  \
	"    (evt.type in (sendto, sendmsg) and fd.l4proto != tcp))\n"      \
	"- list: moves\n  items: [rename, renameat, connect]\n"

static void assert_state(const char *condition, enum rule_state state, const char *reason)
{
	CLEANUP_RULES struct rule_set *set = NULL;
	char text[2048];
	const struct rule *rule;

	snprintf(text, sizeof(text), RULE_WITH("%s") MACROS, condition);
	set = rules_of(text);
	rule = rule_set_at(set, 0);
	if (rule->state != state)
		fail_msg("%s: state %d", condition, rule->state);
	assert_string_equal(rule->reason ? rule->reason : "", reason);
	assert_int_equal(rule_set_count(set, NULL), state == RULE_ACTIVE);
}

static void rules_about_what_we_see_are_active(void **state)
{
	static const char *const conditions[] = {
		"proc.name = sh",
		"spawned and proc.name = sh",
		"opened or connected",
		"connected or proc.name = sh",
		"not linked",
		"not (linked or connected)",
		"evt.type != connect and proc.pid = 1",
		"evt.type startswith exec",
		"evt.type exists and evt.subject = mapping",
		"evt.type = mmap and evt.subject = mapping",
		"evt.subject = move",
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(conditions); i++)
		assert_state(conditions[i], RULE_ACTIVE, "");
}

static void rules_about_other_events_are_skipped_with_these(void **state)
{
	(void)state;
	assert_state("linked and proc.name = ln", RULE_SKIPPED, "needs evt.type link, linkat");
	assert_state("connected and not spawned", RULE_SKIPPED,
		"needs evt.type connect, sendto, sendmsg");
	assert_state("evt.type in (moves) and not evt.type = connect", RULE_SKIPPED,
		"needs evt.type rename, renameat");
	assert_state("not (not linked)", RULE_SKIPPED, "needs evt.type link, linkat");
	assert_state("evt.type = bind or evt.type = bind", RULE_SKIPPED, "needs evt.type bind");
	assert_state("spawned and fd.sip = 1.2.3.4", RULE_SKIPPED,
		"needs field fd.sip: needs evt.type connect or accept");
}

static void disabled_rule_is_not_skipped_as_well(void **state)
{
	CLEANUP_RULES struct rule_set *set = rules_of(
		RULE_WITH("evt.type = connect") "  enabled: false\n");

	(void)state;
	assert_int_equal(rule_set_at(set, 0)->state, RULE_DISABLED);
}

static void rules_of_other_sources_and_unknown_filters_are_skipped(void **state)
{
	CLEANUP_RULES struct rule_set *set = rules_of(
		RULE_WITH("ka.verb = create and xyz.abc = 1") "  source: k8s_audit\n");
	CLEANUP_RULES struct rule_set *other = rules_of(
		RULE_WITH("proc.new_field = 1") "  skip-if-unknown-filter: true\n");

	(void)state;
	assert_int_equal(rule_set_at(set, 0)->state, RULE_SKIPPED);
	assert_string_equal(rule_set_at(set, 0)->reason, "needs source k8s_audit");
	assert_int_equal(rule_set_at(other, 0)->state, RULE_SKIPPED);
	assert_string_equal(rule_set_at(other, 0)->reason, "needs field proc.new_field");
}

static void rules_tell_what_they_want_of_containers_that_are_not_bare(void **state)
{
	static const struct {
		const char *condition;
		unsigned kinds;
	} cases[] = {
		{"evt.subject = exec and container.bare = true", 0},
		{"evt.subject = exec and not container.bare = false", 0},
		{"evt.subject = exec and container.bare != false", 0},
		{"evt.subject = exec and container.bare = false", 1 << SUBJECT_EXEC},
		{"evt.subject = exec and container.bare != true", 1 << SUBJECT_EXEC},
		{"evt.subject = exec and container.bare exists", 1 << SUBJECT_EXEC},
		{"evt.subject = move and proc.name = x", 1 << SUBJECT_MOVE},
		{"(evt.subject = exec and container.bare = true) or evt.subject = attempt",
			1 << SUBJECT_ATTEMPT},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		CLEANUP_RULES struct rule_set *set = NULL;
		char text[2048];

		snprintf(text, sizeof(text), RULE_WITH("%s"), cases[i].condition);
		set = rules_of(text);
		if (rule_set_subjects_not_bare(set) != cases[i].kinds)
			fail_msg("%s: %x", cases[i].condition, rule_set_subjects_not_bare(set));
	}
}

static void rules_tell_that_they_are_for_containers_that_are_not_bare_alone(void **state)
{
	static const struct {
		const char *condition;
		bool alone;
	} cases[] = {
		{"evt.subject = exec and container.bare = false", true},
		{"evt.subject = exec and not container.bare = true", true},
		{"container.bare != true and proc.name = sh", true}, {"proc.name = sh", false},
		{"container.bare = true", false}, {"container.bare exists", false},
		{"container.bare = false or evt.subject = attempt", false},
		{"not (container.bare = false and proc.name = sh)", false},
		{"container.bare = false and container.bare = true", false}, /* never true at all */
		{"evt.type = connect and container.bare = false", false}, /* skipped */
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		CLEANUP_RULES struct rule_set *set = NULL;
		const struct rule *first = NULL;
		char text[2048];

		snprintf(text, sizeof(text), RULE_WITH("%s"), cases[i].condition);
		set = rules_of(text);
		if (rule_set_count_not_bare(set, &first) != cases[i].alone)
			fail_msg("%s: not %d", cases[i].condition, cases[i].alone);
		assert_ptr_equal(first, cases[i].alone ? rule_set_at(set, 0) : NULL);
	}
}

static void disabled_rules_want_nothing(void **state)
{
	const struct rule *first = NULL;
	CLEANUP_RULES struct rule_set *set = rules_of(
		RULE_WITH("container.bare = false") "  enabled: false\n");

	(void)state;
	assert_int_equal(rule_set_subjects_not_bare(set), 0);
	assert_int_equal(rule_set_count_not_bare(set, &first), 0);
}

/* Falco's own file, whose path the environment tells: it is not part of this project. */
static void falcos_own_rules_load(void **state)
{
	const char *path = getenv(CONFORMANCE_ENVIRONMENT);
	CLEANUP_RULES struct rule_set *set = NULL;
	CLEANUP_DIAGS struct diags diags = DIAGS_INIT;
	const struct rule *rule;
	size_t all;

	(void)state;
	if (!path || access(path, R_OK) < 0) {
		print_message("# " CONFORMANCE_ENVIRONMENT " names no file with Falco's rules\n");
		skip();
	}
	set = rules_empty();
	if (rule_set_add_file(set, path, &diags) < 0)
		fail_msg("%u: %s", diags.items[0].diag.line, diags.items[0].diag.message);
	assert_int_equal(diags.counts[DIAG_WARNING], 0);
	assert_true(rule_set_count(set, &all) >= 15);
	for (size_t i = 0; (rule = rule_set_at(set, i)); i++)
		assert_true(rule->state == RULE_ACTIVE || rule->reason);
	assert_true(all > 20);
}

/* The readers know what evt.type can be; the classes are all of that. */
static void classes_are_those_that_the_fields_tell(void **state)
{
	const struct event_class *class;
	size_t with_type = 0, known = 0;

	(void)state;
	for (size_t i = 0; (class = event_class_at(i)); i++) {
		bool found = false;

		for (unsigned k = 0; class->type && call_name(class->kind, k); k++)
			found = found || strcmp(call_name(class->kind, k), class->type) == 0;
		assert_true(found == (class->type != NULL));
		with_type += class->type != NULL;
		assert_non_null(subject_kind_text(class->kind));
	}
	for (unsigned kind = 0; kind < SUBJECT_KINDS; kind++)
		for (unsigned k = 0; subject_kind_text(kind) && call_name(kind, k); k++)
			known++;
	assert_int_equal(with_type, known);
}

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

#define ALL_KINDS "exec attempt mapping move open" /* of events */
#define ANY_KINDS ALL_KINDS " present"

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
		{"not fd.num exists", ANY_KINDS},
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
		{"evt.subject != exec", "attempt mapping move open present"},
		{"file.class = shell", "present"},
		{"evt.subject in (open, move)", "move open"},
		{"not evt.subject in (open, move)", "exec attempt mapping present"},
		{"evt.subject = exec and evt.subject = open", ""},
		{"evt.subject exists", ANY_KINDS},
		{"evt.subject startswith e", "exec"},
		{"tolower(evt.subject) = exec", ANY_KINDS},
		{"tolower(evt.type) = open", "exec attempt mapping open"},
		{"evt.subject = val(evt.type)", "exec attempt mapping open"},
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

/* A search by a runtime is an attempt of no type; of an open the call is not always known. */
static void attempts_and_opens_may_have_no_call(void **state)
{
	(void)state;
	assert_reach("not evt.type in (execve, execveat)", "attempt mapping open");
	assert_reach("not evt.type exists", "attempt move open present");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(rule_is_about_subjects_that_have_its_fields),
		cmocka_unit_test(rule_may_name_its_subject),
		cmocka_unit_test(rule_may_name_its_call),
		cmocka_unit_test(attempts_and_opens_may_have_no_call),
		cmocka_unit_test(classes_are_those_that_the_fields_tell),
		cmocka_unit_test(rules_about_what_we_see_are_active),
		cmocka_unit_test(rules_about_other_events_are_skipped_with_these),
		cmocka_unit_test(disabled_rule_is_not_skipped_as_well),
		cmocka_unit_test(rules_of_other_sources_and_unknown_filters_are_skipped),
		cmocka_unit_test(rules_tell_what_they_want_of_containers_that_are_not_bare),
		cmocka_unit_test(rules_tell_that_they_are_for_containers_that_are_not_bare_alone),
		cmocka_unit_test(disabled_rules_want_nothing),
		cmocka_unit_test(falcos_own_rules_load),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
