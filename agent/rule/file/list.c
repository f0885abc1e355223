/* SPDX-License-Identifier: Apache-2.0 */
/* Resolution of lists: depth first, each list once. */
#include "rule/file/list.h"

#include <errno.h>

#include "base/array.h"

/*
 * Falco puts lists into conditions as text, so an item that is not a word has
 * quotes of its own. Takes them off TEXT, and the backslashes that they need.
 */
static bool quotes_strip(char *text)
{
	size_t len = strlen(text), to = 0;
	char quote = text[0];

	if (len < 2 || (quote != '"' && quote != '\'') || text[len - 1] != quote)
		return false;
	for (size_t from = 1; from < len - 1; from++) {
		if (text[from] == '\\' && from + 1 < len - 1 && strchr("\\'\"", text[from + 1]))
			from++;
		text[to++] = text[from];
	}
	text[to] = '\0';
	return true;
}

int list_add(struct list_definition *list, const char *text, const struct origin *origin)
{
	struct list_item item = {.origin = *origin};

	if (!ARRAY_RESERVE(list->items, list->item_capacity, list->item_count, 1))
		return -ENOMEM;
	item.text = strdup(text);
	if (!item.text)
		return -ENOMEM;
	item.quoted = quotes_strip(item.text);
	list->items[list->item_count++] = item;
	return 0;
}

static int item_fail(const struct list_item *item, struct diags *diags, const char *message)
{
	struct diag d;

	origin_diag(&item->origin, 0, &d, "'%.64s' %s", item->text, message);
	diags_add(diags, DIAG_ERROR, &d);
	return -EINVAL;
}

static int values_add(struct definitions *definitions, struct list_definition *list,
	const struct list_item *item, const struct slice *values, size_t count, struct diags *diags)
{
	if (count > RULE_SET_OPERANDS_MAX - definitions->operands)
		return item_fail(item, diags, "makes the lists too long");
	if (!ARRAY_RESERVE(list->values, list->value_capacity, list->value_count, count))
		return -ENOMEM;
	if (count > 0)
		memcpy(list->values + list->value_count, values, count * sizeof(*values));
	list->value_count += count;
	definitions->operands += count;
	return 0;
}

/* Adds the values of INNER, which is ITEM of LIST. */
static int inner_add(struct definitions *definitions, struct list_definition *list,
	const struct list_item *item, struct list_definition *inner, struct diags *diags)
{
	int r;

	inner->base.used = true;
	if (inner->base.state == DEFINITION_BUSY)
		return item_fail(item, diags, "is a list that contains this one");
	if (definitions->resolution_depth >= DEFINITION_DEPTH_MAX)
		return item_fail(item, diags, "has too many lists within lists");
	r = list_resolve(definitions, inner, diags);
	if (r < 0)
		return r;
	if (inner->base.depth >= DEFINITION_DEPTH_MAX)
		return item_fail(item, diags, "has too many lists within lists");
	if (list->base.depth <= inner->base.depth)
		list->base.depth = inner->base.depth + 1;
	return values_add(definitions, list, item, inner->values, inner->value_count, diags);
}

static int item_resolve(struct definitions *definitions, struct list_definition *list,
	const struct list_item *item, struct diags *diags)
{
	struct slice text = slice_of(item->text);
	struct definition *inner = NULL;

	if (!item->quoted)
		inner = definitions_find(definitions, DEFINITION_LIST, text);
	if (inner)
		return inner_add(definitions, list, item, definition_list(inner), diags);
	return values_add(definitions, list, item, &text, 1, diags);
}

int list_resolve(struct definitions *definitions, struct list_definition *list, struct diags *diags)
{
	int r = 0;

	if (list->base.state == DEFINITION_DONE)
		return 0;
	if (list->base.state == DEFINITION_FAILED)
		return -EINVAL;
	list->base.state = DEFINITION_BUSY;
	list->base.depth = 1;
	definitions->resolution_depth++;
	for (size_t i = 0; r == 0 && i < list->item_count; i++)
		r = item_resolve(definitions, list, &list->items[i], diags);
	definitions->resolution_depth--;
	list->base.state = r == 0 ? DEFINITION_DONE : DEFINITION_FAILED;
	return r;
}
