/* SPDX-License-Identifier: Apache-2.0 */
/* Claims about agent/policy/policy.c. */
#include "scratch.h"

#include <errno.h>

#include "barewatch/policy.h"

#define ID "0f3b4c5d6e7f8091a2b3c4d5e6f708192a3b4c5d6e7f8091a2b3c4d5e6f70819"

DEFINE_CLEANUP(struct policy, policy_pointer, policy_free);
#define CLEANUP_POLICY CLEANUP(policy_pointer_cleanup)

static struct container web(void)
{
	return (struct container){
		.id = ID,
		.runtime = CONTAINER_RUNTIME_PODMAN,
		.cgroup_path = (char *)"/machine.slice/libpod-" ID ".scope",
		.name = (char *)"web-1",
		.image = (char *)"registry.example/shop/web:1.2",
	};
}

/* One of which the engine's files could not be read. */
static struct container nameless(void)
{
	return (struct container){.id = ID,
		.runtime = CONTAINER_RUNTIME_UNKNOWN,
		.cgroup_path = (char *)"/docker/" ID};
}

static struct policy *policy_empty(void)
{
	struct policy *policy = NULL;

	assert_int_equal(policy_new(&policy), 0);
	return policy;
}

static void add_text(struct policy *policy, const char *text)
{
	struct diag d = {0};

	if (policy_add_text(policy, "p.yaml", slice_of(text), &d) < 0)
		fail_msg("%u:%u: %s in %s", d.line, d.column, d.message, text);
}

static void assert_judged(
	struct policy *policy, struct container container, enum bare_source expected)
{
	assert_string_equal(
		bare_source_name(policy_judge(policy, &container)), bare_source_name(expected));
}

/* Asserts which values of --bare no container has matched, each with a '|' behind it. */
static void assert_unmatched(const struct policy *policy, const char *expected)
{
	CLEANUP_STRBUF struct strbuf found = STRBUF_INIT;
	const char *value;
	size_t cursor = 0;

	while ((value = policy_unmatched_option(policy, &cursor)))
		strbuf_addf(&found, "%s|", value);
	assert_string_equal(strbuf_text(&found), expected);
}

/* By OPTION alone. */
static void assert_option(const char *option, struct container container, enum bare_source expected)
{
	CLEANUP_POLICY struct policy *policy = policy_empty();

	assert_int_equal(policy_add_option(policy, option), 0);
	assert_judged(policy, container, expected);
}

/* By the policy file TEXT alone. */
static void assert_text(const char *text, struct container container, enum bare_source expected)
{
	CLEANUP_POLICY struct policy *policy = policy_empty();

	add_text(policy, text);
	assert_judged(policy, container, expected);
}

static void assert_fails(const char *text, const char *message)
{
	CLEANUP_POLICY struct policy *policy = policy_empty();
	struct diag d = {0};

	assert_int_equal(policy_add_text(policy, "p.yaml", slice_of(text), &d), -EINVAL);
	assert_diag_text(&d, message);
}

static void empty_policy_makes_nothing_bare(void **state)
{
	CLEANUP_POLICY struct policy *policy = policy_empty();

	(void)state;
	assert_true(policy_is_empty(policy));
	assert_judged(policy, web(), BARE_NO);
	add_text(policy, "version: 1\nexcept: all\n");
	assert_true(policy_is_empty(policy));
	add_text(policy, "version: 1\nbare: []\n");
	assert_true(policy_is_empty(policy));
	add_text(policy, "version: 1\nbare: [{name: x}]\n");
	assert_false(policy_is_empty(policy));
	policy_free(NULL);
}

static void option_makes_a_policy_that_is_not_empty(void **state)
{
	CLEANUP_POLICY struct policy *policy = policy_empty();

	(void)state;
	policy_add_option(policy, "x");
	assert_false(policy_is_empty(policy));
}

static void option_is_all_an_id_its_beginning_or_a_name(void **state)
{
	static const struct {
		const char *option;
		enum bare_source expected;
	} cases[] = {
		{"all", BARE_OPTION},
		{ID, BARE_OPTION},
		{"0f3b4c5d6e7f", BARE_OPTION}, /* 12 digits */
		{"0f3b4c5d6e7f8091", BARE_OPTION},
		{"0f3b4c5d6e7", BARE_NO}, /* 11 */
		{"0f3b4c5d6e7e", BARE_NO},
		{ID "0", BARE_NO},
		{"web-1", BARE_OPTION},
		{"web", BARE_NO}, /* names in full, and no patterns */
		{"web-*", BARE_NO},
		{"WEB-1", BARE_NO},
		{"", BARE_NO},
		{"ALL", BARE_NO},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++)
		assert_option(cases[i].option, web(), cases[i].expected);
}

/* Runtimes such as ctr take any name for an id. */
static void beginning_of_a_name_is_no_id(void **state)
{
	struct container container = {
		.id = "production-api-canary", .cgroup_path = (char *)"/default/x"};

	(void)state;
	assert_option("production-api", container, BARE_NO);
	assert_option("production-api-canary", container, BARE_OPTION);
}

static void name_that_is_not_known_is_no_option(void **state)
{
	(void)state;
	assert_option("web-1", nameless(), BARE_NO);
	assert_option("", nameless(), BARE_NO);
	assert_option("all", nameless(), BARE_OPTION);
}

static void several_options_add_up(void **state)
{
	CLEANUP_POLICY struct policy *policy = policy_empty();

	(void)state;
	policy_add_option(policy, "other");
	policy_add_option(policy, "web-1");
	policy_add_option(policy, "third");
	assert_judged(policy, web(), BARE_OPTION);
}

static void options_that_no_container_matched_are_known(void **state)
{
	CLEANUP_POLICY struct policy *policy = policy_empty();

	(void)state;
	assert_unmatched(policy, "");
	policy_add_option(policy, "web");
	policy_add_option(policy, "web-1");
	policy_add_option(policy, "all"); /* needs no container */
	policy_add_option(policy, "0f3b4c5d6e7f");
	policy_add_option(policy, "db");
	assert_unmatched(policy, "web|web-1|0f3b4c5d6e7f|db|");
	assert_judged(policy, nameless(), BARE_OPTION);
	assert_unmatched(policy, "web|web-1|db|");
	assert_judged(policy, web(), BARE_OPTION); /* by each of them, not by the first only */
	assert_unmatched(policy, "web|db|");
}

static void excepted_container_matches_no_option(void **state)
{
	CLEANUP_POLICY struct policy *policy = policy_empty();

	(void)state;
	policy_add_option(policy, "web-1");
	add_text(policy, "version: 1\nexcept: [{name: 'web-*'}]\n");
	assert_judged(policy, web(), BARE_NO);
	assert_unmatched(policy, "web-1|");
}

static void each_key_can_select(void **state)
{
	static const char *const selectors[] = {
		"id: '" ID "'",
		"id: '0f3b4c5d6e7f*'",
		"name: web-1",
		"name: 'web-*'",
		"name: 'web-[0-9]'",
		"name: '?eb-1'",
		"image: 'registry.example/*:1.2'",
		"runtime: podman",
		"runtime: '*'",
		"cgroup: '/machine.slice/*'",
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(selectors); i++) {
		char text[256];

		snprintf(text, sizeof(text), "version: 1\nbare: [{%s}]\n", selectors[i]);
		assert_text(text, web(), BARE_POLICY);
	}
}

static void patterns_match_the_whole_value(void **state)
{
	static const char *const selectors[] = {
		"id: '0f3b4c5d6e7f'",
		"name: web",
		"name: eb-1",
		"name: WEB-1",
		"image: web",
		"runtime: docker",
		"cgroup: '/machine.slice'",
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(selectors); i++) {
		char text[256];

		snprintf(text, sizeof(text), "version: 1\nbare: [{%s}]\n", selectors[i]);
		assert_text(text, web(), BARE_NO);
	}
}

static void all_keys_of_a_selector_must_match(void **state)
{
	(void)state;
	assert_text("version: 1\nbare: [{name: 'web-*', runtime: podman}]\n", web(), BARE_POLICY);
	assert_text("version: 1\nbare: [{name: 'web-*', runtime: docker}]\n", web(), BARE_NO);
	assert_text("version: 1\nbare: [{name: 'db-*', runtime: podman}]\n", web(), BARE_NO);
}

static void one_selector_of_several_is_enough(void **state)
{
	(void)state;
	assert_text("version: 1\nbare:\n- name: x\n- name: web-1\n- name: y\n", web(), BARE_POLICY);
	assert_text("version: 1\nbare:\n- name: x\n- name: y\n", web(), BARE_NO);
}

static void all_selects_everything(void **state)
{
	(void)state;
	assert_text("version: 1\nbare: all\n", web(), BARE_POLICY);
	assert_text("version: 1\nbare: all\n", nameless(), BARE_POLICY);
}

static void exception_beats_everything(void **state)
{
	CLEANUP_POLICY struct policy *policy = policy_empty();

	(void)state;
	add_text(policy, "version: 1\nbare: all\nexcept: [{name: 'web-*'}]\n");
	policy_add_option(policy, "all");
	policy_add_option(policy, "web-1");
	policy_add_option(policy, ID);
	assert_judged(policy, web(), BARE_NO);
	assert_judged(policy, nameless(), BARE_OPTION);
}

/* What it is called is what somebody in the outer container chose. */
static void nested_container_is_bare_in_a_bare_one_whatever_it_is_called(void **state)
{
	static const struct {
		enum bare_source outer;
		bool is_web;
		enum bare_source expected;
	} cases[] = {
		{BARE_NO, true, BARE_OPTION},
		{BARE_NO, false, BARE_NO},
		{BARE_POLICY, true, BARE_OPTION},
		{BARE_POLICY, false, BARE_POLICY},
	};
	CLEANUP_POLICY struct policy *policy = policy_empty();

	(void)state;
	assert_int_equal(policy_add_option(policy, web().name), 0);
	add_text(policy, "version: 1\nexcept: [{runtime: cri-o}]\n");
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct container outer = {.bare = cases[i].outer};
		struct container inner = cases[i].is_web ? web() : nameless();

		assert_string_equal(bare_source_name(policy_judge_nested(policy, &inner, &outer)),
			bare_source_name(cases[i].expected));
		inner.runtime = CONTAINER_RUNTIME_CRIO;
		assert_int_equal(policy_judge_nested(policy, &inner, &outer), cases[i].outer);
	}
}

static void option_is_named_before_the_file(void **state)
{
	CLEANUP_POLICY struct policy *policy = policy_empty();

	(void)state;
	add_text(policy, "version: 1\nbare: all\n");
	policy_add_option(policy, "web-1");
	assert_judged(policy, web(), BARE_OPTION);
	assert_judged(policy, nameless(), BARE_POLICY);
}

static void several_files_add_up(void **state)
{
	CLEANUP_POLICY struct policy *policy = policy_empty();

	(void)state;
	add_text(policy, "version: 1\nbare: [{name: web-1}]\n");
	add_text(policy, "version: 1\nbare: [{name: db}]\n");
	assert_judged(policy, web(), BARE_POLICY);
	add_text(policy, "version: 1\nexcept: [{runtime: podman}]\n");
	assert_judged(policy, web(), BARE_NO);
}

static void unknown_value_never_matches(void **state)
{
	(void)state;
	assert_text("version: 1\nbare: [{name: '*'}]\n", nameless(), BARE_NO);
	assert_text("version: 1\nbare: [{image: '*'}]\n", nameless(), BARE_NO);
	assert_text("version: 1\nbare: all\nexcept: [{name: '*'}]\n", nameless(), BARE_POLICY);
	assert_text("version: 1\nbare: [{runtime: unknown}]\n", nameless(), BARE_POLICY);
}

static void every_mistake_is_shown_with_its_place(void **state)
{
	static const char version[] = "expected a mapping with 'version: 1' and 'bare'";
	static const char example[] = "expected a mapping such as {name: \"web-*\"}";
	static const struct {
		const char *text, *place, *found, *expected;
	} cases[] = {
		{"version: 2\nbare: all\n", "p.yaml:1:1: ", "", version},
		{"# none\nbare: all\n", "p.yaml:2:1: ", "", version},
		{"version: [1]\n", "p.yaml:1:1: ", "", version},
		{"[]", "p.yaml:1:1: ", "", version},
		{"", "p.yaml: ", "", version},
		{"version: 1\nbear: all\n", "p.yaml:2:7: ", "unknown key 'bear'",
			": did you mean 'bare'?"},
		{"version: 1\nbear:\n", "p.yaml:1:1: ", "unknown key 'bear'",
			": did you mean 'bare'?"},
		{"version: 1\ncolour: x\n", "p.yaml:2:9: ", "unknown key 'colour'", ""},
		{"version: 1\nbare:\n- nmae: x\n", "p.yaml:3:9: ", "unknown key 'nmae'",
			": did you mean 'name'?"},
		{"version: 1\nbare:\n- nmae:\n", "p.yaml:3:3: ", "unknown key 'nmae'",
			": did you mean 'name'?"},
		{"version: 1\nbare: some\n", "p.yaml:2:7: ", "'bare' is a single value, ",
			"expected a list of selectors, or 'all'"},
		{"version: 1\nexcept: {name: x}\n", "p.yaml:2:9: ", "'except' is a mapping, ",
			"expected a list of selectors, or 'all'"},
		{"version: 1\nbare:\n", "p.yaml:1:1: ", "'bare' is nothing, ",
			"expected a list of selectors, or 'all'"},
		{"version: 1\nbare: [x]\n", "p.yaml:2:8: ", "a selector is a single value, ",
			example},
		{"version: 1\nbare: [[]]\n", "p.yaml:2:8: ", "a selector is a list, ", example},
		{"version: 1\nbare: [{}]\n", "p.yaml:2:8: ", "a selector is empty, ", example},
		{"version: 1\nbare:\n  -\n", "p.yaml:3:3: ", "a selector is nothing, ", example},
		{"version: 1\nbare: [{name: [x]}]\n", "p.yaml:2:15: ", "'name' is a list, ",
			"expected a pattern"},
		{"version: 1\nbare: [{name: }]\n", "p.yaml:2:8: ", "'name' is nothing, ",
			"expected a pattern"},
		{"version: 1\nbare: [{name: ''}]\n", "p.yaml:2:15: ", "'name' is empty, ",
			"expected a pattern"},
		{"version: 1\nbare: [{id: a, id: b}]\n", "p.yaml:2:16: ", "key 'id' is given twice",
			""},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		char message[256];

		snprintf(message, sizeof(message), "%s%s%s", cases[i].place, cases[i].found,
			cases[i].expected);
		assert_fails(cases[i].text, message);
	}
}

static void files_are_read_and_named(void **state)
{
	CLEANUP_SCRATCH struct scratch s;
	CLEANUP_POLICY struct policy *policy = policy_empty();
	struct diag d = {0};

	(void)state;
	scratch_init(&s);
	scratch_write_text(&s, "p.yaml", "version: 1\nbare: [{name: web-1}]\n");
	assert_int_equal(policy_add_file(policy, scratch_path(&s, "p.yaml"), &d), 0);
	assert_judged(policy, web(), BARE_POLICY);
	assert_int_equal(policy_add_file(policy, "/nonexistent.yaml", &d), -ENOENT);
	assert_diag_text(&d, "/nonexistent.yaml: No such file or directory");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(empty_policy_makes_nothing_bare),
		cmocka_unit_test(option_makes_a_policy_that_is_not_empty),
		cmocka_unit_test(option_is_all_an_id_its_beginning_or_a_name),
		cmocka_unit_test(beginning_of_a_name_is_no_id),
		cmocka_unit_test(name_that_is_not_known_is_no_option),
		cmocka_unit_test(several_options_add_up),
		cmocka_unit_test(options_that_no_container_matched_are_known),
		cmocka_unit_test(excepted_container_matches_no_option),
		cmocka_unit_test(each_key_can_select),
		cmocka_unit_test(patterns_match_the_whole_value),
		cmocka_unit_test(all_keys_of_a_selector_must_match),
		cmocka_unit_test(one_selector_of_several_is_enough),
		cmocka_unit_test(all_selects_everything),
		cmocka_unit_test(exception_beats_everything),
		cmocka_unit_test(nested_container_is_bare_in_a_bare_one_whatever_it_is_called),
		cmocka_unit_test(option_is_named_before_the_file),
		cmocka_unit_test(several_files_add_up),
		cmocka_unit_test(unknown_value_never_matches),
		cmocka_unit_test(every_mistake_is_shown_with_its_place),
		cmocka_unit_test(files_are_read_and_named),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
