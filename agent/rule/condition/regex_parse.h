/* SPDX-License-Identifier: Apache-2.0 */
/* From the text of a regular expression to its tree: for regex.c alone. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/slice.h"

struct byte_set {
	uint64_t bits[4];
};

static inline void byte_set_add(struct byte_set *set, unsigned char byte)
{
	set->bits[byte / 64] |= 1ull << byte % 64;
}

static inline bool byte_set_has(const struct byte_set *set, unsigned char byte)
{
	return set->bits[byte / 64] >> byte % 64 & 1;
}

enum regex_kind {
	REGEX_EMPTY,
	REGEX_BYTES, /* left is the set */
	REGEX_BEGIN,
	REGEX_END,
	REGEX_BOTH, /* left, then right */
	REGEX_EITHER,
	REGEX_REPEAT, /* left, from `least` to `most` times */
};

#define REGEX_UNBOUNDED UINT16_MAX

struct regex_node {
	enum regex_kind kind;
	uint16_t left, right;
	uint16_t least, most;
};

struct regex_tree {
	struct regex_node *nodes;
	size_t node_count, node_capacity;
	struct byte_set *sets;
	size_t set_count, set_capacity;
	size_t root;
};

/* As regex_compile(). */
int regex_parse(
	struct slice pattern, struct regex_tree *ret, const char **ret_problem, size_t *ret_offset);

void regex_tree_done(struct regex_tree *tree);
static inline void regex_tree_cleanup(struct regex_tree *tree)
{
	regex_tree_done(tree);
}
