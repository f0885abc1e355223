/* SPDX-License-Identifier: Apache-2.0 */
/* Resolution of lists: depth first, each list once. */
#include "rule/list.h"

#include <errno.h>

#include "base/array.h"

static int value_fail(
	const struct list_definition *list, size_t item, struct diag *d, const char *message)
{
	struct origin origin = list->base.origin;

	if (!origin.source) /* cannot be: it was resolved when its file was loaded */
		return diag_at(d, list->base.file, list->base.line, 0, "%s", message);
	origin.node = json_array_get(origin.node, item);
	return origin_diag(&origin, 0, d, "'%.64s' %s", list->items[item], message);
}

static int values_add(struct definitions *definitions, struct list_definition *list, size_t item,
	const struct slice *values, size_t count, struct diag *d)
{
	if (count > RULE_SET_OPERANDS_MAX - definitions->operands)
		return value_fail(list, item, d, "makes the lists too long");
	if (!ARRAY_RESERVE(list->values, list->value_capacity, list->value_count, count))
		return -ENOMEM;
	if (count > 0)
		memcpy(list->values + list->value_count, values, count * sizeof(*values));
	list->value_count += count;
	definitions->operands += count;
	return 0;
}

/* Adds the values of INNER, which is ITEM of LIST. */
static int inner_add(struct definitions *definitions, struct list_definition *list, size_t item,
	struct list_definition *inner, struct diag *d)
{
	int r;

	if (inner->base.state == DEFINITION_BUSY)
		return value_fail(list, item, d, "is a list that contains this one");
	if (definitions->resolution_depth >= DEFINITION_DEPTH_MAX)
		return value_fail(list, item, d, "has too many lists within lists");
	r = list_resolve(definitions, inner, d);
	if (r < 0)
		return r;
	if (inner->base.depth >= DEFINITION_DEPTH_MAX)
		return value_fail(list, item, d, "has too many lists within lists");
	if (list->base.depth <= inner->base.depth)
		list->base.depth = inner->base.depth + 1;
	return values_add(definitions, list, item, inner->values, inner->value_count, d);
}

static int item_resolve(
	struct definitions *definitions, struct list_definition *list, size_t item, struct diag *d)
{
	struct slice text = slice_of(list->items[item]);
	struct definition *inner = definitions_find(definitions, DEFINITION_LIST, text);

	if (inner)
		return inner_add(definitions, list, item, definition_list(inner), d);
	return values_add(definitions, list, item, &text, 1, d);
}

int list_resolve(struct definitions *definitions, struct list_definition *list, struct diag *d)
{
	int r = 0;

	if (list->base.state == DEFINITION_DONE)
		return 0;
	list->base.state = DEFINITION_BUSY;
	list->base.depth = 1;
	definitions->resolution_depth++;
	for (size_t i = 0; r == 0 && i < list->item_count; i++)
		r = item_resolve(definitions, list, i, d);
	definitions->resolution_depth--;
	list->base.state = r == 0 ? DEFINITION_DONE : DEFINITION_NEW;
	return r;
}
