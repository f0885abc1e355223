/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The shape of the items of a rule file: which keys each kind may and must have,
 * and values of which type. Who reads a checked item can rely on it.
 */
#pragma once

#include "rule/definitions.h"
#include "rule/source.h"

struct item {
	const struct source *source;
	const json_t *node;
	struct diag *diag;
	enum definition_kind kind; /* set by item_check() */
};

/* 0, or -EINVAL with the item's diag filled in. */
int item_check(struct item *item);

/* The text at KEY, NULL when it is not there. */
const char *item_text(const struct item *item, const char *key);

/* Fills in the item's diag at the value of KEY, or at KEY when the value is empty. */
int item_fail(const struct item *item, const char *key, const char *format, ...)
	__attribute__((format(printf, 3, 4)));
