/* SPDX-License-Identifier: Apache-2.0 */
/* Hashes of parts of conditions, and their comparison as sets. */
#include "rule/file/shadow.h"

#include <errno.h>
#include <stdlib.h>

#include "base/array.h"
#include "base/hash.h"
#include "rule/condition/condition.h"

void shadows_done(struct shadows *shadows)
{
	for (size_t i = 0; i < shadows->count; i++)
		free(shadows->entries[i].parts);
	free(shadows->entries);
	*shadows = (struct shadows){0};
}

static uint64_t hash_slice(uint64_t hash, struct slice slice)
{
	hash = hash_add(hash, &slice.len, sizeof(slice.len));
	return slice.len ? hash_add(hash, slice.data, slice.len) : hash;
}

/* What tells OPERAND of NODE from others; of a pattern, the one that was compiled for it. */
static uint64_t hash_operand(
	uint64_t hash, const struct condition_node *node, const union operand *operand)
{
	switch (condition_node_type(node)) {
	case VALUE_NUMBER:
		return hash_add(hash, &operand->number, sizeof(operand->number));
	case VALUE_BOOL:
		return hash_add(hash, &operand->truth, sizeof(operand->truth));
	default:
		if (node->op == OPERATOR_REGEX)
			return hash_add(hash, &operand->regex, sizeof(operand->regex));
		return hash_slice(hash, operand->text);
	}
}

static uint64_t hash_transforms(uint64_t hash, const struct transforms *transforms)
{
	hash = hash_add(hash, &transforms->count, sizeof(transforms->count));
	return hash_add(hash, transforms->kinds, transforms->count);
}

static uint64_t hash_node(
	uint64_t hash, const struct rule_condition *condition, const struct condition_node *node)
{
	hash = hash_add(hash, &node->kind, sizeof(node->kind));
	hash = hash_add(hash, &node->size, sizeof(node->size));
	if (node->kind != CONDITION_COMPARISON)
		return hash;
	hash = hash_add(hash, &node->field, sizeof(node->field));
	hash = hash_slice(hash, node->key);
	hash = hash_transforms(hash, &node->transforms);
	hash = hash_add(hash, &node->op, sizeof(node->op));
	hash = hash_add(hash, &node->right.field, sizeof(node->right.field));
	hash = hash_slice(hash, node->right.key);
	hash = hash_transforms(hash, &node->right_transforms);
	for (size_t i = 0; i < node->operand_count; i++)
		hash = hash_operand(hash, node, &condition->operands[node->operands + i]);
	return hash;
}

static int part_add(struct shadow *shadow, const struct rule_condition *condition, size_t index)
{
	uint64_t hash = HASH_INIT;

	if (!ARRAY_RESERVE(shadow->parts, shadow->capacity, shadow->count, 1))
		return -ENOMEM;
	for (size_t i = index; i < index + condition->nodes[index].size; i++)
		hash = hash_node(hash, condition, &condition->nodes[i]);
	shadow->parts[shadow->count++] = hash;
	return 0;
}

/* Adds the parts that `and` joins, also within each other: all `and` nodes lead a part. */
static int parts_add(struct shadow *shadow, const struct rule_condition *condition)
{
	int r = 0;

	for (size_t i = 0; r == 0 && i < condition->node_count;) {
		bool joins = condition->nodes[i].kind == CONDITION_AND;

		if (!joins)
			r = part_add(shadow, condition, i);
		i += joins ? 1 : condition->nodes[i].size;
	}
	return r;
}

static int hash_compare(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	return x < y ? -1 : x > y;
}

/* True when all parts of EARLIER are LATER's as well. */
static bool is_shadowed(const struct shadow *later, const struct shadow *earlier)
{
	size_t at = 0;

	for (size_t i = 0; i < earlier->count; i++) {
		while (at < later->count && later->parts[at] < earlier->parts[i])
			at++;
		if (at == later->count || later->parts[at] != earlier->parts[i])
			return false;
	}
	return true;
}

int shadows_add(struct shadows *shadows, const struct rule_definition *rule,
	const struct rule_definition **ret_caster)
{
	struct shadow shadow = {.rule = rule};

	*ret_caster = NULL;
	if (shadows->count >= SHADOW_RULES_MAX)
		return 0;
	if (!ARRAY_RESERVE(shadows->entries, shadows->capacity, shadows->count, 1) ||
		parts_add(&shadow, rule->rule.condition) < 0) {
		free(shadow.parts);
		return -ENOMEM;
	}
	qsort(shadow.parts, shadow.count, sizeof(*shadow.parts), hash_compare);
	for (size_t i = 0; i < shadows->count && !*ret_caster; i++)
		if (is_shadowed(&shadow, &shadows->entries[i]))
			*ret_caster = shadows->entries[i].rule;
	shadows->entries[shadows->count++] = shadow;
	return 0;
}
