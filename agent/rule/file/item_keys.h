/* SPDX-License-Identifier: Apache-2.0 */
/* The tables of keys, and what the two halves of item_check() tell each other: for these alone. */
#pragma once

#include "rule/file/item.h"

enum key_type {
	KEY_TITLE, /* a text that is not empty */
	KEY_WORD, /* a name that conditions can use */
	KEY_TEXT,
	KEY_PRIORITY,
	KEY_BOOL,
	KEY_TEXTS, /* a list of texts that are not empty */
	KEY_EXCEPTIONS,
	KEY_OVERRIDE, /* a mapping from keys to `append` or `replace` */
	KEY_ANY, /* it has no meaning here */
};

enum key_flag {
	KEY_REQUIRED = 1,
	KEY_CAN_APPEND = 2, /* by `override` */
	KEY_CAN_REPLACE = 4,
	KEY_CAN_BOTH = KEY_CAN_APPEND | KEY_CAN_REPLACE,
};

struct key {
	const char *name;
	enum key_type type;
	unsigned flags;
};

#define ITEM_KEYS_MAX 16

/* The keys of an item of KIND, ITEM_KEYS_MAX or less; the first makes it what it is and has its name. */
const struct key *item_keys(enum definition_kind kind);

/* NULL when an item of KIND has no key NAME. */
const struct key *item_key_find(enum definition_kind kind, const char *name);

/* Says that the value at KEY is none of the type that is EXPECTED. Returns -EINVAL. */
int item_type_fail(const struct item *item, const char *key, const char *expected);

/* Checks the value of `override`. 0, or -EINVAL with all that is wrong said. */
int item_check_override(struct item *item, const json_t *override);

/*
 * Finds out what the item does. -EINVAL when that is not clear, since the keys that tell contradict
 * each other, which is said here, or are wrong themselves.
 */
int item_find_mode(struct item *item);

/* Whether it has the keys for that. 0, or -EINVAL with all that is wrong said. */
int item_check_mode(struct item *item);
