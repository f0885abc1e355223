/* SPDX-License-Identifier: Apache-2.0 */
/* Lists first, then macros, then rules, each kind in the order of the files. */
#include "rule/file/compile.h"

#include <errno.h>
#include <stdio.h>

#include "rule/condition/condition.h"
#include "rule/file/exception.h"
#include "rule/field/falco.h"
#include "rule/file/list.h"
#include "rule/output.h"
#include "rule/condition/parser.h"
#include "rule/condition/possible.h"

/* The condition with its exceptions, those that are right: `(...) and not (...)`. */
static int condition_text(const struct rule_definition *rule, struct passage *ret)
{
	bool has_values = false;
	int r;

	for (size_t i = 0; i < rule->exception_count; i++)
		has_values = has_values || exception_counts(&rule->exceptions[i]);
	if (!has_values)
		return 0;
	r = passage_add_made(ret, "(", rule->text.origin);
	for (const struct origin *part = rule->text.origin; r == 0 && part; part = part->next)
		r = passage_add(ret, part);
	if (r == 0)
		r = passage_add_made(ret, ")", rule->text.origin);
	return r < 0 ? r : exceptions_write(rule, ret);
}

static int rule_compile_condition(
	struct definitions *definitions, struct rule_definition *rule, struct diags *diags)
{
	struct condition_context context = {.definitions = definitions,
		.skips_unknown = rule->skips_unknown || rule->event_source,
		.diags = diags};
	const struct passage *text = &rule->text;
	struct diag d;
	int r;

	/* alone first: what is wrong with it must not be taken for the exceptions' */
	r = condition_parse(strbuf_slice(&text->text), text->origin, &rule->ast, &d);
	if (r == 0)
		r = condition_text(rule, &rule->excepted);
	if (r == 0 && rule->excepted.origin) {
		ast_done(&rule->ast);
		text = rule_text(rule);
		r = condition_parse(strbuf_slice(&text->text), text->origin, &rule->ast, &d);
	}
	if (r == -EINVAL)
		diags_add(diags, DIAG_ERROR, &d);
	context.origin = text->origin;
	return r < 0 ? r : condition_compile(&context, &rule->ast, &rule->rule.condition);
}

static int rule_compile_output(struct rule_definition *rule, struct diags *diags)
{
	struct diag d;
	int r;

	r = rule_output_compile(
		strbuf_text(&rule->output.text), rule->output.origin, &rule->rule.output, &d);
	if (r == -EINVAL)
		diags_add(diags, DIAG_ERROR, &d);
	return r;
}

static int rule_skip(
	struct rule_definition *rule, const char *what, const char *name, const char *because)
{
	rule->rule.state = RULE_SKIPPED;
	return asprintf(&rule->rule.reason, "needs %s %s%s%s", what, name, because ? ": " : "",
		       because ? because : "") < 0
		       ? -ENOMEM
		       : 0;
}

/* Whether the rule is about something that we see. */
static int rule_judge(struct rule_definition *rule)
{
	CLEANUP_STRBUF struct strbuf types = STRBUF_INIT;
	const struct rule_condition *condition = rule->rule.condition;

	rule->rule.state = rule->rule.enabled ? RULE_ACTIVE : RULE_DISABLED;
	if (!rule->rule.enabled)
		return 0;
	if (rule->event_source)
		return rule_skip(rule, "source", rule->event_source, NULL);
	if (!condition_kinds(condition, false))
		condition_missing_types(condition, &types);
	if (types.error)
		return types.error;
	if (types.len > 0)
		return rule_skip(rule, "evt.type", strbuf_text(&types), NULL);
	if (condition->missing && !condition_is_complete(condition))
		return rule_skip(rule, "field", condition->missing,
			field_falco_reason(slice_of(condition->missing)));
	return 0;
}

/* What the rule's users see of it is the definition's. */
static int rule_publish(struct rule_definition *rule)
{
	rule->rule.name = rule->base.name;
	rule->rule.file = rule->base.file;
	rule->rule.line = rule->base.line;
	rule->rule.description = strbuf_text(&rule->description.text);
	rule->rule.condition_text = strbuf_text(&rule->text.text);
	return rule_judge(rule);
}

static int rule_compile(
	struct definitions *definitions, struct rule_definition *rule, struct diags *diags)
{
	int r = -EINVAL, failed = -EINVAL;

	/* each of the two also when something was wrong with the other, or what else there is */
	if (rule->base.state != DEFINITION_FAILED)
		r = rule_compile_condition(definitions, rule, diags);
	if (r != -ENOMEM && rule->output.origin)
		failed = rule_compile_output(rule, diags);
	if (r == -ENOMEM || failed == -ENOMEM)
		return -ENOMEM;
	return r < 0 || failed < 0 ? -EINVAL : rule_publish(rule);
}

static int definition_compile(struct definitions *definitions, enum definition_kind kind,
	struct definition *definition, struct diags *diags)
{
	switch (kind) {
	case DEFINITION_LIST:
		return list_resolve(definitions, definition_list(definition), diags);
	case DEFINITION_MACRO:
		return macro_resolve(definitions, definition_macro(definition), diags);
	case DEFINITION_RULE:
		return rule_compile(definitions, definition_rule(definition), diags);
	case DEFINITION_KINDS:
		break;
	}
	return -EINVAL;
}

int definitions_compile(struct definitions *definitions, struct diags *diags)
{
	static const enum definition_kind order[] = {
		DEFINITION_LIST, DEFINITION_MACRO, DEFINITION_RULE};

	for (size_t k = 0; k < ARRAY_SIZE(order); k++) {
		const struct definition_table *table = &definitions->tables[order[k]];

		for (size_t i = 0; i < table->count; i++)
			if (definition_compile(definitions, order[k], table->entries[i], diags) ==
				-ENOMEM)
				return -ENOMEM;
	}
	return 0;
}
