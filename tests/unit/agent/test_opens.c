/* SPDX-License-Identifier: Apache-2.0 */
/* Claims about agent/opens.c, without a kernel side. */
#include "asserts.h"

#include "opens.h"

DEFINE_CLEANUP(struct rule_set, rule_set, rule_set_free);

#define EXE     (1u << BW_OPEN_EXE)
#define CWD     (1u << BW_OPEN_CWD)
#define PARENT  (1u << BW_OPEN_PARENT)
#define LINEAGE (1u << BW_OPEN_LINEAGE)
#define ALL     (EXE | CWD | PARENT | LINEAGE)

#define RULE(condition) \
	"- {rule: r, desc: d, output: '%proc.pid', priority: ERROR, condition: " condition "}\n"

static struct rule_set *rules_of(const char *text)
{
	CLEANUP_DIAGS struct diags diags = DIAGS_INIT;
	struct rule_set *set = NULL;

	assert_int_equal(rule_set_new(&set), 0);
	assert_int_equal(rule_set_add_text(set, "rules", slice_of(text), &diags), 0);
	return set;
}

static const struct {
	const char *rules;
	struct watch_config config;
	bool wanted;
	unsigned texts;
} cases[] = {
	{RULE("evt.subject = exec"), {.format = ALERT_JSON}, false, EXE},
	{RULE("evt.subject = exec"), {.all_opens = true}, true, EXE},
	{RULE("evt.subject = exec"), {.record = {.path = "x"}}, true, ALL},
	{RULE("evt.subject = open"), {.format = ALERT_TEXT}, true, EXE},
	{RULE("evt.subject = open"), {.format = ALERT_TEXT_COLOR}, true, EXE},
	{RULE("evt.subject = open"), {.format = ALERT_JSON}, true, ALL},
	{RULE("evt.subject = open"), {.record = {.path = "x"}}, true, ALL},
	{RULE("evt.subject = open"), {.no_opens = true}, false, EXE},
	{RULE("evt.subject = open"), {.failed_opens = true}, true, EXE | CWD},
	{RULE("evt.subject = open and proc.pexepath = /x"), {.format = ALERT_TEXT}, true,
		EXE | PARENT},
};

static void what_is_told_is_what_somebody_asks_for(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		CLEANUP(rule_set_cleanup) struct rule_set *rules = rules_of(cases[i].rules);
		const struct watch_config *config = &cases[i].config;

		if (opens_are_wanted(config, rules) != cases[i].wanted ||
			opens_texts_wanted(config, rules) != cases[i].texts)
			fail_msg("case %zu: %d, %x", i, opens_are_wanted(config, rules),
				opens_texts_wanted(config, rules));
	}
}

static void without_a_kernel_side_nothing_waits(void **state)
{
	CLEANUP(rule_set_cleanup) struct rule_set *rules = rules_of(RULE("evt.subject = open"));
	struct watch_config config = {.rules = rules, .format = ALERT_JSON};
	struct opens opens = {.config = &config};
	struct diag d;

	(void)state;
	assert_false(opens_before_rules(&opens, rules));
	assert_int_equal(opens_follow_rules(&opens, &d), 0);
	assert_int_equal(opens.texts, ALL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_told_is_what_somebody_asks_for),
		cmocka_unit_test(without_a_kernel_side_nothing_waits),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
