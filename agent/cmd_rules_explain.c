/* SPDX-License-Identifier: Apache-2.0 */
/*
 * `barewatch rules explain`: why a rule does, or does not, match an event, for people or as JSON. The
 * event is in a file, or the running agent has kept it, which then answers by its own rules.
 */
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "barewatch/control.h"
#include "barewatch/rule.h"
#include "barewatch/status.h"
#include "ask.h"
#include "base/cleanup.h"
#include "base/escape.h"
#include "base/json.h"
#include "base/log.h"
#include "base/options.h"
#include "base/strbuf.h"
#include "cmd.h"
#include "recent.h"
#include "rule_options.h"

#define RESULT_WIDTH 7 /* of "unknown" */

struct arguments {
	struct rule_arguments rule; /* first */
	struct rule_set *rules;
	const char *event; /* a file, or */
	const char *alert; /* an id */
	const char *state_file; /* of the agent that is asked */
};

static int set_event(void *target, const char *value, struct diag *d)
{
	struct arguments *a = target;

	(void)d;
	a->event = value;
	return 0;
}

static int set_alert(void *target, const char *value, struct diag *d)
{
	struct arguments *a = target;

	(void)d;
	a->alert = value;
	return 0;
}

static int set_state_file(void *target, const char *value, struct diag *d)
{
	struct arguments *a = target;

	return option_absolute_path(value, &a->state_file, d);
}

static const struct option_spec options[] = {
	{"event", 'e', "FILE",
		"the event, in JSON or YAML: fields by their names, a\n"
		"line of a recording, or an alert; - reads it from\n"
		"standard input",
		set_event},
	{"alert", 'a', "ID",
		"what this alert of the running agent was about: its\n"
		"\"alert_id\"; without NAME, why its rule matched",
		set_alert},
	{"rules", 'r', "PATH",
		"use the rules in this file or folder instead of the\n"
		"built-in ones, or of the agent's with --alert; may be\n"
		"repeated",
		rule_option_rules},
	RULE_OPTION_ALL_CONTAINERS,
	RULE_OPTION_OUTPUT,
	ASK_OPTION_STATE_FILE(set_state_file),
	OPTION_HELP,
};

static const struct command_usage usage = {
	.name = "rules explain",
	.help = "Usage: barewatch rules explain NAME --event FILE [OPTION]...\n"
		"       barewatch rules explain [NAME] --alert ID [OPTION]...\n"
		"\n"
		"Says why the rule NAME does, or does not, match an event: its condition, macros\n"
		"opened, with what each part of it is for this event. The first part that keeps it\n"
		"from being true is marked. Needs no privileges, but root with --alert. Without\n"
		"--rules it is one of the built-in rules for bare containers, default.yaml; with\n"
		"--alert one of the agent's, which keeps what its last " STRINGIFY(
			RECENT_ALERTS_MAX) " alerts were about, as\n"
					   "it was when they left.\n",
	.help_end = "Exit status:\n"
		    "  0  it was said, whatever the result\n"
		    "  2  usage, no such rule, or a broken file\n"
		    "  3  no agent runs, or it keeps nothing of such an alert\n"
		    "  4  internal failure\n"
		    "\n"
		    "Examples:\n"
		    "  barewatch rules explain 'Shell in bare container' -e alert.json\n"
		    "  barewatch rules explain --alert 5f0c...-000012\n",
	.options = options,
	.option_count = ARRAY_SIZE(options),
	.operands_max = 1,
};

/* ---- text ---- */

static const char *text_of(const json_t *part, const char *key)
{
	const char *text = json_string_value(json_object_get(part, key));

	return text ? text : "";
}

static void put_value(struct strbuf *out, const json_t *part)
{
	const json_t *value = json_object_get(part, "value");
	CLEANUP_FREE char *text = NULL;

	if (!value) {
		strbuf_add_text(out, "is unknown");
		return;
	}
	if (json_is_null(value)) {
		strbuf_add_text(out, "is none");
		return;
	}
	text = json_dumps(value, JSON_ENCODE_ANY | JSON_ENSURE_ASCII);
	strbuf_addf(out, "is %s", text ? text : "");
}

/* What PART is, in one line. */
static void put_part(struct strbuf *out, const json_t *part)
{
	const char *kind = text_of(part, "kind");

	if (strcmp(kind, "macro") == 0) {
		escape_text(out, slice_of(text_of(part, "name")));
		strbuf_add_char(out, ':');
	} else if (strcmp(kind, "comparison") == 0) {
		escape_text(out, slice_of(text_of(part, "text")));
		strbuf_addf(out, "  [%s ", text_of(part, "field"));
		put_value(out, part);
		strbuf_add_char(out, ']');
	} else {
		strbuf_add_text(out, kind);
	}
}

/* PART and all that is in it, a line each. DEPTH is bounded by that of conditions. */
static void put_tree(struct strbuf *out, const json_t *part, unsigned depth)
{
	const json_t *parts = json_object_get(part, "parts");

	strbuf_addf(out, "%-*s %c %*s", RESULT_WIDTH, text_of(part, "result"),
		json_is_true(json_object_get(part, "decides")) ? '>' : ' ', (int)depth * 2, "");
	put_part(out, part);
	strbuf_add_char(out, '\n');
	for (size_t i = 0; i < json_array_size(parts); i++)
		put_tree(out, json_array_get(parts, i), depth + 1);
}

static void put_verdict(struct strbuf *out, const json_t *explanation)
{
	const char *result = text_of(explanation, "result");

	strbuf_add_char(out, '\'');
	escape_text(out, slice_of(text_of(explanation, "rule")));
	if (strcmp(result, "true") == 0)
		strbuf_add_text(out, "' matches.\n");
	else if (strcmp(result, "false") == 0)
		strbuf_add_text(out, "' does not match: what is marked > is false.\n");
	else
		strbuf_add_text(out, "' does not match: what is marked > is unknown.\n");
	if (!json_is_true(json_object_get(explanation, "enabled")))
		strbuf_add_text(out, "It is not enabled.\n");
	if (json_object_get(explanation, "skipped")) {
		strbuf_add_text(out, "It is skipped: ");
		escape_text(out, slice_of(text_of(explanation, "skipped")));
		strbuf_add_text(out, ".\n");
	}
}

static int print_text(const json_t *explanation, enum recorded_form form)
{
	CLEANUP_STRBUF struct strbuf out = STRBUF_INIT;

	put_verdict(&out, explanation);
	if (form == RECORDED_ALERT)
		strbuf_add_text(&out,
			"The event is an alert: what is not in it is taken for unknown, also what was\n"
			"known not to be there.\n");
	strbuf_add_char(&out, '\n');
	put_tree(&out, json_object_get(explanation, "condition"), 0);
	fputs(strbuf_text(&out), stdout);
	return out.error;
}

/* ---- */

static int print_json(const json_t *explanation)
{
	int r = json_dumpf(explanation, stdout, JSON_INDENT(2) | JSON_ENSURE_ASCII);

	printf("\n");
	return r;
}

static int no_such_rule(const struct arguments *a, const char *name, struct diag *d)
{
	diag_at(d, NULL, 0, 0, "there is no rule '%.128s'", name);
	rule_set_suggest(a->rules, d, name);
	return command_usage_error(usage.name, d);
}

static int print(const struct arguments *a, const json_t *explanation, enum recorded_form form)
{
	int r = a->rule.as_json ? print_json(explanation) : print_text(explanation, form);

	if (r == 0)
		return EXIT_FINE;
	log_error("%s", strerror(ENOMEM));
	return EXIT_INTERNAL;
}

static int explain(const struct arguments *a, const char *name, const struct recorded *event,
	enum recorded_form form)
{
	const struct subject subject = recorded_subject(event);
	CLEANUP_JSON json_t *explanation = NULL;
	struct diag d;
	int r = rule_explain(a->rules, name, &subject, &explanation);

	if (r == -ENOENT)
		return no_such_rule(a, name, &d);
	if (r == 0)
		return print(a, explanation, form);
	log_error("%s", strerror(ENOMEM));
	return EXIT_INTERNAL;
}

static int load_rules(struct arguments *a)
{
	const struct rule_paths *paths = &a->rule.rules;

	return command_load_rules(a->rules, paths->items, paths->count, a->rule.all_containers);
}

static int load_and_explain(struct arguments *a, const char *name, struct diag *d)
{
	struct recorded *event = NULL;
	enum recorded_form form;
	int status;

	if (load_rules(a) < 0)
		return EXIT_USAGE;
	if (recorded_load(a->event, &event, &form, d) < 0) {
		command_print_diag(d);
		return EXIT_USAGE;
	}
	status = explain(a, name, event, form);
	recorded_free(event);
	return status;
}

/* ---- an alert of the running agent ---- */

/* By the rules that were given, what the agent answered. NAME may be NULL. */
static int explain_by_rules(struct arguments *a, const char *name, json_t *answer)
{
	const struct fields_source source = {.name = "alert", .line = 1};
	struct recorded *event = NULL;
	struct diag d;
	int status;

	if (load_rules(a) < 0)
		return EXIT_USAGE;
	if (recorded_new(json_object_get(answer, "fields"), SUBJECT_KINDS, &source, &event, &d) < 0)
		return ask_not_understood();
	status = explain(a, name ? name : text_of(answer, "rule"), event, RECORDED_LINE);
	recorded_free(event);
	return status;
}

static int explain_alert(struct arguments *a, const char *name)
{
	bool by_agent = a->rule.rules.count == 0 && !a->rule.all_containers;
	CLEANUP_STRBUF struct strbuf text = STRBUF_INIT;
	CLEANUP_JSON json_t *answer = NULL;
	const json_t *explanation;
	struct slice rest;
	int status = ask_agent(a->state_file,
		json_pack("{s:s, s:s, s:s*}", "request", by_agent ? "explain" : "alert", "alert",
			a->alert, "rule", name),
		&text);

	if (status != EXIT_FINE)
		return status;
	rest = strbuf_slice(&text);
	if (!control_next(&rest, &answer))
		return ask_not_understood();
	if (!by_agent)
		return explain_by_rules(a, name, answer);
	explanation = json_object_get(answer, "explanation");
	return explanation ? print(a, explanation, RECORDED_LINE) : ask_not_understood();
}

static int parse_and_explain(struct arguments *a, int argc, char **argv)
{
	struct diag d;
	int status, first = command_parse(&usage, a, argc, argv, &status);

	if (first < 0)
		return status;
	if (!a->event == !a->alert)
		diag_at(&d, NULL, 0, 0,
			"either an event or an alert is needed: --event FILE, --alert ID");
	else if (a->alert)
		return explain_alert(a, first < argc ? argv[first] : NULL);
	else if (first < argc)
		return load_and_explain(a, argv[first], &d);
	else
		diag_at(&d, NULL, 0, 0, "the name of a rule is needed");
	return command_usage_error(usage.name, &d);
}

int cmd_rules_explain(int argc, char **argv)
{
	struct arguments a = {.state_file = STATUS_DEFAULT_PATH};
	int status = EXIT_INTERNAL;

	if (rule_set_new(&a.rules) == 0)
		status = parse_and_explain(&a, argc, argv);
	rule_set_free(a.rules);
	return status;
}
