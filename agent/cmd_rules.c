/* SPDX-License-Identifier: Apache-2.0 */
/* `barewatch rules`: finds the subcommand, and what several of them do. */
#include "cmd_rules.h"

#include <stdio.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/escape.h"
#include "base/json.h"
#include "cmd.h"

static const struct {
	const char *name;
	const char *summary;
	int (*run)(int argc, char **argv);
} subcommands[] = {
	{"check", "tell what is wrong with rules, and which can never fire", cmd_rules_check},
	{"explain", "say why one does, or does not, match an event", cmd_rules_explain},
	{"list", "list rules: what they are about, and whether they are active", cmd_rules_list},
	{"show", "show one, with macros and lists put in", cmd_rules_show},
	{"test", "run the cases that are written beside rules", cmd_rules_test},
};

static void print_help(void)
{
	printf("Usage: barewatch rules SUBCOMMAND [OPTION]...\n"
	       "\n"
	       "Tells what rules are and do, without watching anything. Needs no root.\n"
	       "\n"
	       "Subcommands:\n");
	for (size_t i = 0; i < ARRAY_SIZE(subcommands); i++)
		printf("  %-22s%s\n", subcommands[i].name, subcommands[i].summary);
	printf("\n"
	       "Options:\n"
	       "  -h, --help            print this help; SUBCOMMAND --help that of one of them\n"
	       "\n" EXIT_STATUS_HELP);
}

static int unknown_subcommand(const char *word)
{
	const char *names[ARRAY_SIZE(subcommands)];
	struct diag d;

	for (size_t i = 0; i < ARRAY_SIZE(subcommands); i++)
		names[i] = subcommands[i].name;
	diag_at(&d, NULL, 0, 0, "unknown %s '%s'", word[0] == '-' ? "option" : "subcommand", word);
	if (word[0] != '-')
		diag_suggest(&d, word, names, ARRAY_SIZE(names));
	return command_usage_error("rules", &d);
}

static int run(int argc, char **argv)
{
	struct diag d;

	if (argc < 2) {
		diag_at(&d, NULL, 0, 0, "a subcommand is needed, such as 'barewatch rules list'");
		return command_usage_error("rules", &d);
	}
	if (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0) {
		print_help();
		return EXIT_FINE;
	}
	for (size_t i = 0; i < ARRAY_SIZE(subcommands); i++)
		if (strcmp(argv[1], subcommands[i].name) == 0)
			return subcommands[i].run(argc - 1, argv + 1);
	return unknown_subcommand(argv[1]);
}

const struct command command_rules = {
	.name = "rules",
	.summary = "check, list, show, explain and test rules",
	.run = run,
};

/* ---- shared ---- */

static json_t *subjects_json(const struct rule *rule)
{
	CLEANUP_JSON json_t *list = json_array();
	unsigned kinds = rule_subjects(rule);

	for (unsigned kind = 0; list && kind < SUBJECT_KINDS; kind++)
		if (kinds & 1u << kind &&
			json_array_append_new(list, json_string(subject_kind_text(kind))) < 0)
			return NULL;
	return TAKE_PTR(list);
}

static json_t *tags_json(const struct rule *rule)
{
	CLEANUP_JSON json_t *list = json_array();

	for (char **tag = rule->tags; list && *tag; tag++)
		if (json_array_append_new(list, json_string(*tag)) < 0)
			return NULL;
	return TAKE_PTR(list);
}

json_t *rules_rule_json(const struct rule *rule)
{
	return json_pack("{s:s, s:s, s:s, s:s, s:s*, s:o, s:o}", "name", rule->name, "description",
		rule->description, "priority", rule_priority_name(rule->priority), "state",
		rule_state_name(rule->state), "reason", rule->reason, "subjects",
		subjects_json(rule), "tags", tags_json(rule));
}

static void add_word(const char *word, bool first, struct strbuf *out)
{
	strbuf_add_text(out, first ? "" : ", ");
	escape_text(out, slice_of(word));
}

void rules_add_subjects(const struct rule *rule, struct strbuf *out)
{
	unsigned kinds = rule_subjects(rule);
	size_t start = out->len;

	for (unsigned kind = 0; kind < SUBJECT_KINDS; kind++)
		if (kinds & 1u << kind)
			add_word(subject_kind_text(kind), out->len == start, out);
	if (!kinds)
		strbuf_add_char(out, '-');
}

void rules_add_tags(const struct rule *rule, struct strbuf *out)
{
	for (char **tag = rule->tags; *tag; tag++)
		add_word(*tag, tag == rule->tags, out);
	if (!*rule->tags)
		strbuf_add_char(out, '-');
}
