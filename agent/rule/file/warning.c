/* SPDX-License-Identifier: Apache-2.0 */
/* One function for each kind of warning, over conditions as written and as compiled. */
#include "rule/file/warning.h"

#include <errno.h>

#include "rule/condition/condition.h"
#include "rule/condition/possible.h"
#include "rule/file/shadow.h"

/* What the kernel keeps of a name: 15 bytes and a NUL (linux/sched.h, TASK_COMM_LEN). */
#define COMM_MAX 15

struct review {
	const struct definitions *definitions;
	struct diags *diags;
};

#define review_say(r, severity, origin, offset, ...)                  \
	({                                                            \
		struct diag said_;                                    \
                                                                      \
		origin_diag((origin), (offset), &said_, __VA_ARGS__); \
		diags_add((r)->diags, (severity), &said_);            \
	})

/* True when FIELD, as written, is a comm. */
static bool is_comm(const char *field)
{
	static const char *const names[] = {"proc.name", "proc.pname", "proc.sname", "proc.aname",
		"proc.vpgid.name", "proc.pgid.name", "move.by_name"};

	for (size_t i = 0; i < ARRAY_SIZE(names); i++)
		if (strcmp(field, names[i]) == 0)
			return true;
	return strncmp(field, "proc.aname[", strlen("proc.aname[")) == 0;
}

/* True when a comparison by OP with something longer than the value is never true. */
static bool needs_room(enum operator_kind op)
{
	switch (op) {
	case OPERATOR_EQ:
	case OPERATOR_NE:
	case OPERATOR_IN:
	case OPERATOR_INTERSECTS:
	case OPERATOR_STARTSWITH:
	case OPERATOR_ENDSWITH:
	case OPERATOR_CONTAINS:
	case OPERATOR_ICONTAINS:
		return true;
	default:
		return false;
	}
}

static void warn_long_name(
	const struct review *r, const struct origin *origin, size_t offset, const char *name)
{
	if (strlen(name) > COMM_MAX)
		review_say(r, DIAG_WARNING, origin, offset,
			"'%.64s' can never match: a process's name has %d bytes at most, '%.*s'",
			name, COMM_MAX, COMM_MAX, name);
}

/* Those of the items of LIST and of the lists in it, each once. */
static void warn_long_items(const struct review *r, struct list_definition *list, unsigned depth)
{
	if (list->checked_as_names || depth > DEFINITION_DEPTH_MAX)
		return;
	list->checked_as_names = true;
	for (size_t i = 0; i < list->item_count; i++) {
		const struct list_item *item = &list->items[i];
		struct definition *inner = NULL;

		if (!item->quoted)
			inner = definitions_find(
				r->definitions, DEFINITION_LIST, slice_of(item->text));
		if (inner)
			warn_long_items(r, definition_list(inner), depth + 1);
		else
			warn_long_name(r, &item->origin, 0, item->text);
	}
}

/* Names that are compared with a comm in AST, which is of ORIGIN's text. */
static void warn_long_names(
	const struct review *r, const struct ast *ast, const struct origin *origin)
{
	for (size_t n = 0; n < ast->node_count; n++) {
		const struct ast_node *node = &ast->nodes[n];

		if (node->kind != AST_COMPARISON || node->compares_fields ||
			!is_comm(ast->words[node->name].text) || !needs_room(node->op->kind))
			continue;
		for (size_t i = 0; i < node->value_count; i++) {
			const struct ast_word *word = &ast->words[node->values + i];
			struct definition *list = NULL;

			if (!word->quoted)
				list = definitions_find(
					r->definitions, DEFINITION_LIST, slice_of(word->text));
			if (list)
				warn_long_items(r, definition_list(list), 0);
			else
				warn_long_name(r, origin, word->offset, word->text);
		}
	}
}

/* Where RULE itself names FIELD; where the rule begins when it is one of its macros that does. */
static void rule_say_at_field(const struct review *r, const struct rule_definition *rule,
	const char *field, const char *message)
{
	const struct passage *text = rule_text(rule);

	for (size_t i = 0; i < rule->ast.node_count; i++) {
		const struct ast_node *node = &rule->ast.nodes[i];
		const struct ast_word *word = &rule->ast.words[node->name];

		if (node->kind != AST_COMPARISON || strcmp(word->text, field) != 0)
			continue;
		review_say(r, DIAG_WARNING, text->origin, word->offset, message, field);
		return;
	}
	review_say(r, DIAG_WARNING, &rule->base.origin, 0, message, field);
}

/* Fields that no event has which the rule is about. Returns whether there are any. */
static bool warn_fields(const struct review *r, const struct rule_definition *rule)
{
	const struct rule_condition *condition = rule->rule.condition;
	unsigned kinds = condition_kinds(condition, true);
	const struct field *told = NULL;

	for (size_t i = 0; kinds && i < condition->node_count; i++) {
		const struct condition_node *node = &condition->nodes[i];

		if (node->kind != CONDITION_COMPARISON || node->op == OPERATOR_EXISTS ||
			!node->field->kinds || node->field->kinds & kinds || node->field == told)
			continue;
		told = node->field;
		rule_say_at_field(r, rule, told->name,
			"no event that this rule is about has '%s': it is never known here");
	}
	return told != NULL;
}

static bool is_always_true(const struct rule_condition *condition)
{
	const struct event_class *class;

	for (size_t i = 0; (class = event_class_at(i)); i++)
		if (condition_possible(condition, class, false) != POSSIBLE(TRUTH_TRUE))
			return false;
	return true;
}

static void warn_constant(const struct review *r, const struct rule_definition *rule)
{
	const struct rule_condition *condition = rule->rule.condition;

	if (!condition_kinds(condition, false))
		review_say(
			r, DIAG_WARNING, rule->text.origin, 0, "this condition can never be true");
	else if (is_always_true(condition))
		review_say(r, DIAG_WARNING, rule->text.origin, 0, "this condition is always true");
}

static int warn_rules(const struct review *r)
{
	CLEANUP(shadows_cleanup) struct shadows shadows = {0};
	const struct definition_table *table = &r->definitions->tables[DEFINITION_RULE];

	for (size_t i = 0; i < table->count; i++) {
		const struct rule_definition *rule = definition_rule(table->entries[i]);
		const struct rule_definition *caster = NULL;
		int failed;

		warn_long_names(r, &rule->ast, rule_text(rule)->origin);
		if (rule->rule.state != RULE_ACTIVE)
			continue;
		if (!warn_fields(r, rule))
			warn_constant(r, rule);
		failed = shadows_add(&shadows, rule, &caster);
		if (failed < 0)
			return failed;
		if (caster)
			review_say(r, DIAG_WARNING, &rule->base.origin, 0,
				"this rule never fires: '%.64s' at %s:%u comes first and does "
				"whenever this one would",
				caster->base.name, caster->base.file, caster->base.line);
	}
	return 0;
}

static void warn_macros(const struct review *r)
{
	const struct definition_table *table = &r->definitions->tables[DEFINITION_MACRO];

	for (size_t i = 0; i < table->count; i++) {
		const struct macro_definition *macro = definition_macro(table->entries[i]);

		warn_long_names(r, &macro->ast, macro->text.origin);
	}
}

static void note_unused(const struct review *r, enum definition_kind kind)
{
	const struct definition_table *table = &r->definitions->tables[kind];

	for (size_t i = 0; i < table->count; i++)
		if (!table->entries[i]->used)
			review_say(r, DIAG_NOTE, &table->entries[i]->origin, 0,
				"nothing uses the %s '%.64s'", definition_kind_name(kind),
				table->entries[i]->name);
}

int definitions_warn(const struct definitions *definitions, struct diags *diags)
{
	struct review r = {definitions, diags};

	warn_macros(&r);
	note_unused(&r, DEFINITION_MACRO);
	note_unused(&r, DEFINITION_LIST);
	return warn_rules(&r);
}
