/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Why a rule does or does not match. What is told is the syntax tree, which macros keep their names
 * in; what each part is worth is asked of the one evaluator, over the compiled condition. The two
 * have the same shape but for macros, which are put in when a condition is compiled, so both are
 * walked together.
 */
#include "rule/recorded/explain.h"

#include <assert.h>
#include <errno.h>
#include <string.h>

#include "base/json.h"
#include "rule/field/json.h"
#include "rule/condition/match.h"
#include "rule/set.h"

struct explainer {
	const struct definitions *definitions;
	const struct rule_condition *condition;
	const struct subject *subject;
	struct field_scratch scratch;
};

static const char *truth_name(enum truth truth)
{
	static const char *const names[] = {
		[TRUTH_FALSE] = "false", [TRUTH_UNKNOWN] = "unknown", [TRUTH_TRUE] = "true"};

	return names[truth];
}

/* A part of KIND, whose node of the compiled condition is NODE. */
static json_t *part_new(struct explainer *e, const char *kind, size_t node)
{
	enum truth truth = condition_judge_part(e->condition, node, e->subject, &e->scratch);

	return json_pack("{s:s, s:s}", "kind", kind, "result", truth_name(truth));
}

static void put_word(struct strbuf *out, const struct ast_word *word)
{
	if (word->quoted)
		strbuf_add_char(out, '\'');
	strbuf_add_text(out, word->text);
	if (word->quoted)
		strbuf_add_char(out, '\'');
}

/* NAME within the TRANSFORMS done to it. */
static void put_transformed(
	struct strbuf *out, const struct transforms *transforms, const char *name)
{
	for (size_t i = 0; i < transforms->count; i++)
		strbuf_addf(out, "%s(", transform_name(transforms->kinds[i]));
	strbuf_add_text(out, name);
	for (size_t i = 0; i < transforms->count; i++)
		strbuf_add_char(out, ')');
}

/* The comparison AST as it was written, but for its white space and style of quotes. */
static void put_comparison(struct strbuf *out, const struct ast *ast, const struct ast_node *node)
{
	bool in_parentheses = node->op->operand == OPERAND_LIST && !node->list_named;

	put_transformed(out, &node->transforms, ast->words[node->name].text);
	strbuf_addf(out, " %s", node->op->name);
	if (node->compares_fields) {
		strbuf_add_char(out, ' ');
		put_transformed(out, &node->right_transforms, ast->words[node->values].text);
		return;
	}
	for (size_t i = 0; i < node->value_count; i++) {
		strbuf_add_text(out, i > 0 ? ", " : in_parentheses ? " (" : " ");
		put_word(out, &ast->words[node->values + i]);
	}
	if (in_parentheses)
		strbuf_add_char(out, ')');
}

/* Adds the value that the field of NODE has in the subject. */
static int put_value(struct explainer *e, json_t *part, const struct condition_node *node)
{
	const struct field_ref ref = {node->field, node->key};
	struct value value = VALUE_UNKNOWN_INIT;
	bool escaped = false;

	if (node->field) /* else it is one of Falco's that we do not have */
		value = field_ref_value(&ref, e->subject, &e->scratch);

	if (value.type == VALUE_UNKNOWN || value.type == VALUE_NATURAL)
		return 0;
	if (json_object_set_new_nocheck(part, "value", value_json(&value, &escaped)) < 0)
		return -ENOMEM;
	return escaped ? json_object_set_new(part, "escaped", json_true()) : 0;
}

static json_t *explain_comparison(
	struct explainer *e, const struct ast *ast, size_t index, size_t node)
{
	CLEANUP_JSON json_t *part = part_new(e, "comparison", node);
	CLEANUP_STRBUF struct strbuf text = STRBUF_INIT;

	put_comparison(&text, ast, &ast->nodes[index]);
	if (!part || text.error ||
		json_object_set_new(
			part, "text", json_stringn_nocheck(strbuf_text(&text), text.len)) < 0 ||
		json_object_set_new(part, "field",
			json_string_nocheck(ast->words[ast->nodes[index].name].text)) < 0 ||
		put_value(e, part, &e->condition->nodes[node]) < 0)
		return NULL;
	return TAKE_PTR(part);
}

static json_t *explain(struct explainer *e, const struct ast *ast, size_t index, size_t node);

static json_t *explain_macro(struct explainer *e, const struct ast *ast, size_t index, size_t node)
{
	const char *name = ast->words[ast->nodes[index].name].text;
	struct definition *macro = definitions_find(
		e->definitions, DEFINITION_MACRO, slice_of(name));
	CLEANUP_JSON json_t *part = part_new(e, "macro", node);

	if (!part || json_object_set_new_nocheck(part, "name", json_string_nocheck(name)) < 0 ||
		json_object_set_new(part, "parts",
			json_pack("[o]", explain(e, &definition_macro(macro)->ast, 0, node))) < 0)
		return NULL;
	return TAKE_PTR(part);
}

/* Same of KIND, with children. */
static json_t *explain_branch(
	struct explainer *e, const struct ast *ast, size_t index, size_t node, const char *kind)
{
	size_t end = index + ast->nodes[index].size;
	CLEANUP_JSON json_t *part = part_new(e, kind, node), *parts = json_array();

	node++;
	for (size_t child = index + 1; child < end; child += ast->nodes[child].size) {
		if (json_array_append_new(parts, explain(e, ast, child, node)) < 0)
			return NULL;
		node += e->condition->nodes[node].size;
	}
	if (!part || json_object_set(part, "parts", parts) < 0)
		return NULL;
	return TAKE_PTR(part);
}

/* The part of AST at INDEX, which was compiled to NODE. NULL when out of memory. */
static json_t *explain(struct explainer *e, const struct ast *ast, size_t index, size_t node)
{
	static const struct {
		enum condition_kind kind;
		const char *name;
	} branches[] = {
		[AST_AND] = {CONDITION_AND, "and"},
		[AST_OR] = {CONDITION_OR, "or"},
		[AST_NOT] = {CONDITION_NOT, "not"},
	};
	enum ast_kind kind = ast->nodes[index].kind;

	if (kind == AST_MACRO)
		return explain_macro(e, ast, index, node);
	if (kind == AST_COMPARISON) {
		assert(e->condition->nodes[node].kind == CONDITION_COMPARISON);
		return explain_comparison(e, ast, index, node);
	}
	assert(e->condition->nodes[node].kind == branches[kind].kind);
	return explain_branch(e, ast, index, node, branches[kind].name);
}

static bool has_result(const json_t *part, const char *result)
{
	return strcmp(json_string_value(json_object_get(part, "result")), result) == 0;
}

/* The first child of PART with RESULT that has it for its parent, or NULL. */
static json_t *find_cause(const json_t *part, const char *result)
{
	const char *kind = json_string_value(json_object_get(part, "kind"));
	const json_t *parts = json_object_get(part, "parts");
	bool is_false = strcmp(result, "false") == 0;

	/* an `or` is false by all that it has, and a `not` by what is true */
	if (is_false && (strcmp(kind, "or") == 0 || strcmp(kind, "not") == 0))
		return NULL;
	for (size_t i = 0; i < json_array_size(parts); i++)
		if (has_result(json_array_get(parts, i), result))
			return json_array_get(parts, i);
	return NULL;
}

/* Marks the innermost part by which CONDITION is what it is, unless it is true. */
static int mark_decisive(json_t *condition)
{
	const char *result = json_string_value(json_object_get(condition, "result"));
	json_t *part = condition, *next;

	if (has_result(condition, "true"))
		return 0;
	while ((next = find_cause(part, result)))
		part = next;
	return json_object_set_new(part, "decides", json_true());
}

static const char *kind_of(const json_t *part)
{
	return json_string_value(json_object_get(part, "kind"));
}

static bool is_kind(const json_t *part, const char *kind)
{
	return strcmp(kind_of(part), kind) == 0;
}

/* The part within PART that decides, or the macro that it is; NULL when there is none. */
static const json_t *find_decisive(const json_t *part)
{
	const json_t *parts = json_object_get(part, "parts");

	if (json_object_get(part, "decides"))
		return part;
	for (size_t i = 0; i < json_array_size(parts); i++) {
		const json_t *child = json_array_get(parts, i), *found = find_decisive(child);

		if (!found)
			continue;
		return found == child && is_kind(part, "macro") && !is_kind(child, "comparison")
			       ? part
			       : found;
	}
	return NULL;
}

/* PART as it can be written in a condition. */
static void put_condition(struct strbuf *out, const json_t *part, bool is_within)
{
	const json_t *parts = json_object_get(part, "parts");

	if (is_kind(part, "comparison") || is_kind(part, "macro")) {
		strbuf_add_text(out, json_string_value(json_object_get(
					     part, is_kind(part, "macro") ? "name" : "text")));
		return;
	}
	if (is_kind(part, "not")) {
		strbuf_add_text(out, "not ");
		put_condition(out, json_array_get(parts, 0), true);
		return;
	}
	strbuf_add_text(out, is_within ? "(" : "");
	for (size_t i = 0; i < json_array_size(parts); i++) {
		if (i > 0)
			strbuf_addf(out, " %s ", kind_of(part));
		put_condition(out, json_array_get(parts, i), true);
	}
	strbuf_add_text(out, is_within ? ")" : "");
}

void explanation_cause(const json_t *explanation, struct strbuf *out)
{
	const json_t *part = find_decisive(json_object_get(explanation, "condition"));

	if (part)
		put_condition(out, part, false);
}

int rule_explain(
	const struct rule_set *set, const char *name, const struct subject *subject, json_t **ret)
{
	const struct definitions *definitions = rule_set_definitions(set);
	struct definition *found = definitions_find(definitions, DEFINITION_RULE, slice_of(name));
	struct explainer e = {.definitions = definitions, .subject = subject};
	struct rule_definition *definition;
	json_t *condition;

	if (!found)
		return -ENOENT;
	definition = definition_rule(found);
	e.condition = definition->rule.condition;
	condition = explain(&e, &definition->ast, 0, 0);
	if (!condition)
		return -ENOMEM;
	if (mark_decisive(condition) < 0) {
		json_decref(condition);
		return -ENOMEM;
	}
	/* "o" takes the reference over, also on failure */
	*ret = json_pack("{s:s, s:b, s:s*, s:O, s:o}", "rule", definition->rule.name, "enabled",
		definition->rule.enabled, "skipped", definition->rule.reason, "result",
		json_object_get(condition, "result"), "condition", condition);
	return *ret ? 0 : -ENOMEM;
}
