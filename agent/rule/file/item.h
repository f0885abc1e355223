/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The shape of the items of a rule file: which keys each kind may and must have,
 * and values of which type. Who reads a checked item can rely on it. Keys and
 * what they do are Falco's (falco.org/docs/concepts/rules, engine version 0.57).
 */
#pragma once

#include "base/diags.h"
#include "rule/file/definitions.h"
#include "rule/file/source.h"

/* What an item does to the definition of its name. */
enum item_mode {
	ITEM_DEFINES,
	ITEM_APPENDS, /* `append: true` */
	ITEM_OVERRIDES, /* `override: {KEY: append or replace}` */
	ITEM_ENABLES, /* a rule with no other key than `enabled` */
};

struct item {
	const struct source *source;
	const json_t *node;
	struct diags *diags;
	unsigned *noted; /* mask of keys without a meaning that were named already */
	/* set by item_check(): */
	enum definition_kind kind;
	enum item_mode mode;
	unsigned faulty; /* mask of keys whose values are wrong; nobody gets to see these */
	bool readable; /* what it does is clear, whatever is wrong with it */
};

/* True for an item that says what it needs of Falco, of which a note is made. */
bool item_is_requirement(struct item *item);

/*
 * 0, or -EINVAL with everything that is wrong said in the item's diags. The rest of one that is
 * readable all the same is to be loaded, so that mistakes further in are told in the same run.
 */
int item_check(struct item *item);

/* Finds out which kind of item it is, by the key that says so. False when none does. */
bool item_kind_find(struct item *item);

/* The value at KEY, NULL when it is not there or faulty. */
const json_t *item_value(const struct item *item, const char *key);

/* Same, of a text. */
const char *item_text(const struct item *item, const char *key);

/* Same, and where it is. */
struct origin item_origin(const struct item *item, const char *key);

/* True when an override of KEY replaces what was there; without one it appends. */
bool item_replaces(const struct item *item, const char *key);

/* Says what is wrong at the value of KEY, or at KEY when the value is empty. Returns -EINVAL. */
int item_fail(const struct item *item, const char *key, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

/* The same as a message of SEVERITY. */
void item_say(const struct item *item, enum diag_severity severity, const char *key,
	const char *format, ...) __attribute__((format(printf, 4, 5)));

/* Says what is wrong at NODE, which is not null. Returns -EINVAL. */
int item_fail_at(const struct item *item, const json_t *node, const char *format, ...)
	__attribute__((format(printf, 3, 4)));
