/* SPDX-License-Identifier: Apache-2.0 */
/* `barewatch rules list`: each rule in a line. */
#include <stdio.h>

#include "base/cleanup.h"
#include "base/escape.h"
#include "base/json.h"
#include "cmd.h"
#include "cmd_rules.h"
#include "rule_options.h"

/* "Informational", and "disabled". */
#define PRIORITY_WIDTH 13
#define STATE_WIDTH    8

static const struct option_spec options[] = {
	RULE_OPTION_ALL_CONTAINERS, RULE_OPTION_OUTPUT, OPTION_HELP};

static const struct command_usage usage = {
	.name = "rules list",
	.help = "Usage: barewatch rules list [OPTION]... [FILE]...\n"
		"\n"
		"Lists the rules in FILEs: name, priority, state, subjects that they may fire on, and\n"
		"tags. Without FILE, those that are built in: default.yaml, which is for bare\n"
		"containers, and with --all-containers also containers.yaml.\n",
	.help_end = EXIT_STATUS_HELP,
	.options = options,
	.option_count = ARRAY_SIZE(options),
	.operands_max = COMMAND_OPERANDS_ANY,
};

/* One cell of each rule, as it is printed. */
typedef void cell_fn(const struct rule *rule, struct strbuf *out);

static void add_name(const struct rule *rule, struct strbuf *out)
{
	escape_text(out, slice_of(rule->name));
}

static int cell_width(const struct rule_set *set, cell_fn *cell, const char *title)
{
	const struct rule *rule;
	size_t width = strlen(title);

	for (size_t i = 0; (rule = rule_set_at(set, i)); i++) {
		CLEANUP_STRBUF struct strbuf text = STRBUF_INIT;

		cell(rule, &text);
		if (width < text.len)
			width = text.len;
	}
	return width;
}

static void print_rule(const struct rule *rule, int name_width, int subjects_width)
{
	CLEANUP_STRBUF struct strbuf name = STRBUF_INIT, subjects = STRBUF_INIT, tags = STRBUF_INIT;

	add_name(rule, &name);
	rules_add_subjects(rule, &subjects);
	rules_add_tags(rule, &tags);
	printf("%-*s  %-*s  %-*s  %-*s  %s\n", name_width, strbuf_text(&name), PRIORITY_WIDTH,
		rule_priority_name(rule->priority), STATE_WIDTH, rule_state_name(rule->state),
		subjects_width, strbuf_text(&subjects), strbuf_text(&tags));
	if (rule->reason)
		printf("    %s\n", rule->reason);
}

static int print_text(const struct rule_set *set)
{
	int name_width = cell_width(set, add_name, "RULE");
	int subjects_width = cell_width(set, rules_add_subjects, "SUBJECTS");
	size_t counts[RULE_STATES] = {0}, i;
	const struct rule *rule;

	printf("%-*s  %-*s  %-*s  %-*s  %s\n", name_width, "RULE", PRIORITY_WIDTH, "PRIORITY",
		STATE_WIDTH, "STATE", subjects_width, "SUBJECTS", "TAGS");
	for (i = 0; (rule = rule_set_at(set, i)); i++) {
		print_rule(rule, name_width, subjects_width);
		counts[rule->state]++;
	}
	printf("%zu %s: %zu active, %zu disabled, %zu skipped\n", i, i == 1 ? "rule" : "rules",
		counts[RULE_ACTIVE], counts[RULE_DISABLED], counts[RULE_SKIPPED]);
	return EXIT_FINE;
}

static int print_json(const struct rule_set *set)
{
	CLEANUP_JSON json_t *list = json_array();
	const struct rule *rule;

	for (size_t i = 0; (rule = rule_set_at(set, i)); i++)
		if (json_array_append_new(list, rules_rule_json(rule)) < 0)
			return EXIT_INTERNAL;
	if (json_dumpf(list, stdout, JSON_INDENT(2)) < 0)
		return EXIT_INTERNAL;
	putchar('\n');
	return EXIT_FINE;
}

int cmd_rules_list(int argc, char **argv)
{
	CLEANUP(rule_set_cleanup) struct rule_set *set = NULL;
	struct rule_arguments a = {0};
	int status, first = command_parse(&usage, &a, argc, argv, &status);

	if (first < 0)
		return status;
	if (rule_set_new(&set) < 0)
		return EXIT_INTERNAL;
	if (command_load_rules(
		    set, (const char *const *)argv + first, argc - first, a.all_containers) < 0)
		return EXIT_USAGE;
	return a.as_json ? print_json(set) : print_text(set);
}
