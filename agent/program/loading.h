/* SPDX-License-Identifier: Apache-2.0 */
/* What the parts of the catalog's loader share: located messages about its keys. */
#pragma once

#include "barewatch/program.h"
#include "base/yaml.h"

/* What the loading functions pass along. */
struct loading {
	const struct yaml_document *document;
	struct catalog *catalog;
	struct diag *diag;
};

/* Stores the class that NODE, the value of a key of PARENT, names. 0, or -EINVAL. */
int load_class(
	const struct loading *l, const json_t *node, const json_t *parent, enum program_class *ret);

/*
 * Calls TAKE with each text of the list NODE, which PARENT has as KEY, until one fails.
 * 0, -EINVAL when it is no list of texts, or the error of TAKE.
 */
int load_list(const struct loading *l, const json_t *node, const json_t *parent, const char *key,
	int (*take)(const struct loading *l, const json_t *item, void *userdata), void *userdata);

/*
 * Calls TAKE with each mapping of the list NODE, which PARENT has as KEY; WHAT is what an item is
 * called in messages. As load_list().
 */
int load_mappings(const struct loading *l, const json_t *node, const json_t *parent,
	const char *key, const char *what,
	int (*take)(const struct loading *l, json_t *item, void *userdata), void *userdata);
