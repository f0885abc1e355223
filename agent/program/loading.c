/* SPDX-License-Identifier: Apache-2.0 */
/* Classes and lists of the catalog's file, see loading.h. */
#include "program/loading.h"

#include <errno.h>
#include <string.h>

int load_class(
	const struct loading *l, const json_t *node, const json_t *parent, enum program_class *ret)
{
	const char *names[PROGRAM_CLASSES];
	const char *text = json_string_value(node);

	if (!text)
		return yaml_diag(l->document, yaml_placed(node, parent), l->diag,
			"'class' is %s, expected a name", yaml_describe(node));

	for (int i = 0; i < PROGRAM_CLASSES; i++) {
		names[i] = program_class_name(i);
		if (strcmp(text, names[i]) == 0) {
			*ret = i;
			return 0;
		}
	}
	yaml_diag(l->document, node, l->diag, "unknown class '%s'", text);
	diag_suggest(l->diag, text, names, PROGRAM_CLASSES);
	return -EINVAL;
}

int load_list(const struct loading *l, const json_t *node, const json_t *parent, const char *key,
	int (*take)(const struct loading *l, const json_t *item, void *userdata), void *userdata)
{
	const json_t *item;
	size_t i;

	if (!json_is_array(node))
		return yaml_diag(l->document, yaml_placed(node, parent), l->diag,
			"'%s' is %s, expected a list", key, yaml_describe(node));
	json_array_foreach (node, i, item) {
		int r;

		if (!json_is_string(item) || json_string_length(item) == 0)
			return yaml_diag(l->document, yaml_placed(item, node), l->diag,
				"an item of '%s' is %s, expected a name", key,
				json_is_string(item) ? "empty" : yaml_describe(item));
		r = take(l, item, userdata);
		if (r < 0)
			return r;
	}
	return 0;
}

int load_mappings(const struct loading *l, const json_t *node, const json_t *parent,
	const char *key, const char *what,
	int (*take)(const struct loading *l, json_t *item, void *userdata), void *userdata)
{
	json_t *item;
	size_t i;

	if (!json_is_array(node))
		return yaml_diag(l->document, node ? yaml_placed(node, parent) : parent, l->diag,
			"'%s' is %s, expected a list", key, node ? yaml_describe(node) : "missing");
	json_array_foreach (node, i, item) {
		int r;

		if (!json_is_object(item))
			return yaml_diag(l->document, yaml_placed(item, node), l->diag,
				"%s is %s, expected a mapping", what, yaml_describe(item));
		r = take(l, item, userdata);
		if (r < 0)
			return r;
	}
	return 0;
}
