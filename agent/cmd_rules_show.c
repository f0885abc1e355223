/* SPDX-License-Identifier: Apache-2.0 */
/* `barewatch rules show`: all that there is of one rule. */
#include <ctype.h>
#include <stdio.h>

#include "base/cleanup.h"
#include "base/escape.h"
#include "base/json.h"
#include "base/log.h"
#include "cmd.h"
#include "cmd_rules.h"
#include "rule_options.h"

#define INDENT 4
#define WIDTH  100

static const struct option_spec options[] = {
	RULE_OPTION_ALL_CONTAINERS, RULE_OPTION_OUTPUT, OPTION_HELP};

static const struct command_usage usage = {
	.name = "rules show",
	.help = "Usage: barewatch rules show [OPTION]... NAME [FILE]...\n"
		"\n"
		"Shows the rule called NAME in FILEs. Its condition has all macros and lists put in,\n"
		"and is a condition again. Without FILE, of the rules that are built in: default.yaml,\n"
		"which is for bare containers, and with --all-containers also containers.yaml.\n",
	.help_end = EXIT_STATUS_HELP,
	.options = options,
	.option_count = ARRAY_SIZE(options),
	.operands_max = COMMAND_OPERANDS_ANY,
	.operand_needed = "the name of a rule is needed",
};

static bool has_control(struct slice text)
{
	for (size_t i = 0; i < text.len; i++)
		if (iscntrl((unsigned char)text.data[i]))
			return true;
	return !utf8_valid(text);
}

/* The lines of TEXT; one that no terminal should get is escaped, and then no condition any more. */
static void print_lines(struct slice text)
{
	while (text.len > 0) {
		CLEANUP_STRBUF struct strbuf escaped = STRBUF_INIT;
		const char *end = memchr(text.data, '\n', text.len);
		struct slice line = {text.data, end ? (size_t)(end - text.data) : text.len};

		if (has_control(line))
			escape_text(&escaped, line);
		else
			strbuf_add_slice(&escaped, line);
		puts(strbuf_text(&escaped));
		line.len += end != NULL;
		text = (struct slice){text.data + line.len, text.len - line.len};
	}
}

static void print_member(const char *title, const struct strbuf *text)
{
	printf("%-12s%s\n", title, strbuf_text(text));
}

static int print_text(const struct rule_set *set, const struct rule *rule)
{
	CLEANUP_STRBUF struct strbuf name = STRBUF_INIT, state = STRBUF_INIT, tags = STRBUF_INIT;
	CLEANUP_STRBUF struct strbuf subjects = STRBUF_INIT, condition = STRBUF_INIT;
	CLEANUP_STRBUF struct strbuf description = STRBUF_INIT;

	escape_text(&name, slice_of(rule->name));
	rules_add_subjects(rule, &subjects);
	rules_add_tags(rule, &tags);
	strbuf_addf(&state, "%s%s%s", rule_state_name(rule->state), rule->reason ? ": " : "",
		rule->reason ? rule->reason : "");
	strbuf_add_wrapped(&description, slice_of(rule->description), INDENT, WIDTH);
	rule_condition_expand(set, rule, INDENT, WIDTH, &condition);
	if (condition.error || description.error)
		return EXIT_INTERNAL;
	print_member("rule:", &name);
	printf("%-12s%s\n", "priority:", rule_priority_name(rule->priority));
	print_member("state:", &state);
	print_member("subjects:", &subjects);
	print_member("tags:", &tags);
	printf("description:\n");
	print_lines(strbuf_slice(&description));
	printf("condition:\n");
	print_lines(strbuf_slice(&condition));
	return EXIT_FINE;
}

static int print_json(const struct rule_set *set, const struct rule *rule)
{
	CLEANUP_STRBUF struct strbuf condition = STRBUF_INIT;
	CLEANUP_JSON json_t *object = rules_rule_json(rule);

	rule_condition_expand(set, rule, 0, UINT32_MAX, &condition);
	if (condition.error || !object ||
		json_object_set_new(object, "condition", json_string(strbuf_text(&condition))) <
			0 ||
		json_dumpf(object, stdout, JSON_INDENT(2)) < 0)
		return EXIT_INTERNAL;
	putchar('\n');
	return EXIT_FINE;
}

static int show(const struct rule_arguments *a, const struct rule_set *set, const char *name)
{
	const struct rule *rule = rule_set_find(set, name);
	struct diag d;
	int status;

	if (!rule) {
		diag_at(&d, NULL, 0, 0, "there is no rule '%s'", name);
		rule_set_suggest(set, &d, name);
		return command_usage_error(usage.name, &d);
	}
	status = a->as_json ? print_json(set, rule) : print_text(set, rule);
	if (status == EXIT_INTERNAL)
		log_error("out of memory");
	return status;
}

int cmd_rules_show(int argc, char **argv)
{
	CLEANUP(rule_set_cleanup) struct rule_set *set = NULL;
	struct rule_arguments a = {0};
	int status, first = command_parse(&usage, &a, argc, argv, &status);

	if (first < 0)
		return status;
	if (rule_set_new(&set) < 0)
		return EXIT_INTERNAL;
	if (command_load_rules(set, (const char *const *)argv + first + 1, argc - first - 1,
		    a.all_containers) < 0)
		return EXIT_USAGE;
	return show(&a, set, argv[first]);
}
