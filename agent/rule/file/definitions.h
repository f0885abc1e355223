/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The rules, macros and lists of a rule set, as defined and as compiled. Owns
 * everything that conditions point to. They are made anew from all files whenever
 * one is added, because a file may change what earlier ones defined.
 */
#pragma once

#include "barewatch/rule.h"
#include "base/diags.h"
#include "rule/condition/ast.h"
#include "rule/file/source.h"
#include "rule/store.h"

/* Falco's whole rule set has 180 definitions. */
#define DEFINITIONS_MAX 4096 /* of each kind */
/* What one rule set may grow to when macros and lists are put in where they are used. */
#define RULE_SET_NODES_MAX    (1u << 17)
#define RULE_SET_OPERANDS_MAX (1u << 18)
/* Macros within macros, lists within lists; with CONDITION_DEPTH_MAX, the bound of the stack. */
#define DEFINITION_DEPTH_MAX 16

enum definition_state {
	DEFINITION_NEW,
	DEFINITION_BUSY, /* being resolved: who meets it now has come round in a circle */
	DEFINITION_DONE,
	DEFINITION_FAILED, /* something is wrong with it, which has been said */
};

/* What all kinds have. */
struct definition {
	char *name;
	char *file; /* of the definition that holds */
	unsigned line;
	unsigned file_index;
	enum definition_state state;
	unsigned depth; /* of what it uses: 1 when it uses no other */
	bool used; /* by another definition */
	struct origin origin; /* of its name; only while files load */
};

struct list_item {
	char *text; /* without the quotes within the quotes, which Falco's lists have */
	bool quoted; /* it had some: no list is meant */
	struct origin origin; /* only while files load */
};

struct list_definition {
	struct definition base;
	struct list_item *items;
	size_t item_count, item_capacity;
	struct slice *values; /* the items, those that are lists replaced by their values */
	size_t value_count, value_capacity;
	bool checked_as_names; /* see warning.c */
};

struct macro_definition {
	struct definition base;
	struct passage text;
	struct ast ast;
	struct rule_condition *condition;
};

/* An entry of `exceptions`, checked, and the entries that give it more values. */
struct exception {
	const char *name;
	struct origin fields, comps; /* the node of comps is NULL when there are none */
	struct origin *values;
	size_t value_count, value_capacity;
	bool failed; /* something is wrong with its values, which has been said */
};

struct rule_definition {
	struct definition base;
	struct passage text, output, description;
	struct passage excepted; /* the text with the exceptions; empty when there are none */
	struct exception *exceptions; /* only while files load */
	size_t exception_count, exception_capacity;
	bool exceptions_failed; /* there are others, with which something is wrong */
	char *event_source; /* key `source`; NULL for "syscall" */
	bool skips_unknown; /* key `skip-if-unknown-filter` */
	struct ast ast;
	struct rule rule;
};

enum definition_kind {
	DEFINITION_RULE,
	DEFINITION_MACRO,
	DEFINITION_LIST,
	DEFINITION_KINDS,
};

struct definition_table {
	struct definition **entries; /* in the order in which the names came first */
	size_t count, capacity;
};

struct definitions {
	struct definition_table tables[DEFINITION_KINDS];
	size_t nodes, operands; /* in all conditions together */
	unsigned resolution_depth; /* while resolving */
	struct store store; /* what operands point to that is no text of a file */
};

/* What RULE's condition is compiled from. */
static inline const struct passage *rule_text(const struct rule_definition *rule)
{
	return rule->excepted.origin ? &rule->excepted : &rule->text;
}

/* "rule", "macro", "list". */
const char *definition_kind_name(enum definition_kind kind);

/* The definition called NAME, or NULL. */
struct definition *definitions_find(
	const struct definitions *definitions, enum definition_kind kind, struct slice name);

/* Adds an empty definition called NAME. 0, -ENOSPC when there are too many, or -ENOMEM. */
int definitions_add(struct definitions *definitions, enum definition_kind kind, const char *name,
	struct definition **ret);

/* Empties DEFINITION, of KIND, but for its name, so that it can be filled anew. */
void definition_reset(struct definition *definition, enum definition_kind kind);

/* Frees the items of LIST. */
void list_clear(struct list_definition *list);

/* Frees the exceptions of RULE. */
void exceptions_clear(struct rule_definition *rule);

/* Frees the tags of RULE. */
void tags_clear(struct rule *rule);

/* Adds the definition nearest to WORD to the message in D. */
void definitions_suggest(const struct definitions *definitions, enum definition_kind kind,
	struct diag *d, const char *word);

/* Lets go of what only messages needed, before the files go. */
void definitions_forget(struct definitions *definitions);

void definitions_done(struct definitions *definitions);
static inline void definitions_cleanup(struct definitions *definitions)
{
	definitions_done(definitions);
}

static inline struct list_definition *definition_list(struct definition *definition)
{
	return (struct list_definition *)definition;
}

static inline struct macro_definition *definition_macro(struct definition *definition)
{
	return (struct macro_definition *)definition;
}

static inline struct rule_definition *definition_rule(struct definition *definition)
{
	return (struct rule_definition *)definition;
}
