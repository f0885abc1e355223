/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Thompson's construction: the pattern becomes a tree, the tree a program, and
 * all threads of the program go through the text side by side.
 */
#include "rule/condition/regex.h"

#include <errno.h>
#include <stdint.h>
#include <string.h>

#include "rule/condition/regex_parse.h"

enum instruction_kind {
	INSTRUCTION_BYTES, /* one byte of a set */
	INSTRUCTION_SPLIT, /* goes on at both x and y */
	INSTRUCTION_JUMP, /* to x */
	INSTRUCTION_BEGIN, /* only at the beginning of the text */
	INSTRUCTION_END,
	INSTRUCTION_MATCH,
};

struct instruction {
	uint8_t kind;
	uint16_t x, y; /* x is the set of INSTRUCTION_BYTES */
};

struct regex {
	struct instruction program[REGEX_STATES_MAX];
	size_t count;
	struct byte_set sets[];
};

struct emitter {
	const struct regex_tree *tree;
	struct regex *out;
	size_t steps; /* nodes visited: what is empty takes no state, however often */
};

#define EMIT_STEPS_MAX 65536

static int emit_one(struct emitter *e, enum instruction_kind kind, uint16_t x)
{
	if (e->out->count >= REGEX_STATES_MAX)
		return -E2BIG;
	e->out->program[e->out->count++] = (struct instruction){.kind = kind, .x = x};
	return 0;
}

static int emit(struct emitter *e, size_t index);

/* `split body` for as long as LEFT is not 0, each of which may be left out. */
static int emit_optional(struct emitter *e, size_t body, unsigned left)
{
	size_t split = e->out->count;
	int r;

	if (left == 0)
		return 0;
	r = emit_one(e, INSTRUCTION_SPLIT, split + 1);
	if (r == 0)
		r = emit(e, body);
	if (r == 0)
		r = emit_optional(e, body, left - 1);
	if (r == 0)
		e->out->program[split].y = e->out->count;
	return r;
}

/* `split body jump`, as often as it likes. */
static int emit_loop(struct emitter *e, size_t body)
{
	size_t split = e->out->count;
	int r;

	r = emit_one(e, INSTRUCTION_SPLIT, split + 1);
	if (r == 0)
		r = emit(e, body);
	if (r == 0)
		r = emit_one(e, INSTRUCTION_JUMP, split);
	if (r == 0)
		e->out->program[split].y = e->out->count;
	return r;
}

static int emit_repeat(struct emitter *e, const struct regex_node *node)
{
	int r = 0;

	for (unsigned i = 0; r == 0 && i < node->least; i++)
		r = emit(e, node->left);
	if (r < 0)
		return r;
	if (node->most == REGEX_UNBOUNDED)
		return emit_loop(e, node->left);
	return emit_optional(e, node->left, node->most - node->least);
}

static int emit_either(struct emitter *e, const struct regex_node *node)
{
	size_t split = e->out->count, jump;
	int r;

	r = emit_one(e, INSTRUCTION_SPLIT, split + 1);
	if (r == 0)
		r = emit(e, node->left);
	jump = e->out->count;
	if (r == 0)
		r = emit_one(e, INSTRUCTION_JUMP, 0);
	if (r < 0)
		return r;
	e->out->program[split].y = e->out->count;
	r = emit(e, node->right);
	e->out->program[jump].x = e->out->count;
	return r;
}

static int emit(struct emitter *e, size_t index)
{
	const struct regex_node *node = &e->tree->nodes[index];
	int r;

	if (++e->steps > EMIT_STEPS_MAX)
		return -E2BIG;
	switch (node->kind) {
	case REGEX_EMPTY:
		return 0;
	case REGEX_BYTES:
		return emit_one(e, INSTRUCTION_BYTES, node->left);
	case REGEX_BEGIN:
		return emit_one(e, INSTRUCTION_BEGIN, 0);
	case REGEX_END:
		return emit_one(e, INSTRUCTION_END, 0);
	case REGEX_BOTH:
		r = emit(e, node->left);
		return r < 0 ? r : emit(e, node->right);
	case REGEX_EITHER:
		return emit_either(e, node);
	case REGEX_REPEAT:
		return emit_repeat(e, node);
	}
	return -EINVAL;
}

int regex_compile(
	struct slice pattern, struct regex **ret, const char **ret_problem, size_t *ret_offset)
{
	CLEANUP(regex_tree_cleanup) struct regex_tree tree = {0};
	CLEANUP(regex_cleanup) struct regex *regex = NULL;
	struct emitter e = {.tree = &tree};
	int r;

	r = regex_parse(pattern, &tree, ret_problem, ret_offset);
	if (r < 0)
		return r;
	regex = calloc(1, sizeof(*regex) + tree.set_count * sizeof(tree.sets[0]));
	if (!regex)
		return -ENOMEM;
	if (tree.set_count > 0)
		memcpy(regex->sets, tree.sets, tree.set_count * sizeof(tree.sets[0]));
	e.out = regex;
	r = emit(&e, tree.root);
	if (r == 0)
		r = emit_one(&e, INSTRUCTION_MATCH, 0);
	if (r < 0) {
		*ret_problem = "the pattern is too large";
		*ret_offset = 0;
		return -EINVAL;
	}
	*ret = TAKE_PTR(regex);
	return 0;
}

void regex_free(struct regex *regex)
{
	free(regex);
}

/* The instructions at which the next byte is looked at. */
struct threads {
	uint16_t at[REGEX_STATES_MAX];
	size_t count;
};

struct run {
	const struct regex *regex;
	struct slice text;
	size_t position;
	uint64_t seen[REGEX_STATES_MAX / 64]; /* at this position */
	uint16_t stack[REGEX_STATES_MAX];
	size_t depth;
};

/* To be gone to at this position, unless that was done. */
static void run_push(struct run *run, uint16_t at)
{
	if (run->seen[at / 64] & 1ull << at % 64)
		return;
	run->seen[at / 64] |= 1ull << at % 64;
	run->stack[run->depth++] = at;
}

/* Follows all that takes no byte from AT on. Returns whether the end was reached. */
static bool run_follow(struct run *run, uint16_t at, struct threads *out)
{
	bool matched = false;

	run_push(run, at);
	while (run->depth > 0) {
		uint16_t here = run->stack[--run->depth];
		const struct instruction *i = &run->regex->program[here];

		switch ((enum instruction_kind)i->kind) {
		case INSTRUCTION_BYTES:
			out->at[out->count++] = here;
			break;
		case INSTRUCTION_SPLIT:
			run_push(run, i->y);
			run_push(run, i->x);
			break;
		case INSTRUCTION_JUMP:
			run_push(run, i->x);
			break;
		case INSTRUCTION_BEGIN:
			if (run->position == 0)
				run_push(run, here + 1);
			break;
		case INSTRUCTION_END:
			if (run->position == run->text.len)
				run_push(run, here + 1);
			break;
		case INSTRUCTION_MATCH:
			matched = true;
			break;
		}
	}
	return matched;
}

bool regex_match(const struct regex *regex, struct slice text)
{
	struct run run = {.regex = regex, .text = text};
	struct threads threads[2];
	bool matched;

	threads[0].count = 0;
	matched = run_follow(&run, 0, &threads[0]);
	while (run.position < text.len) {
		const struct threads *now = &threads[run.position % 2];
		struct threads *next = &threads[(run.position + 1) % 2];
		unsigned char byte = text.data[run.position++];

		memset(run.seen, 0, sizeof(run.seen));
		next->count = 0;
		matched = false;
		for (size_t i = 0; i < now->count; i++)
			if (byte_set_has(&regex->sets[regex->program[now->at[i]].x], byte) &&
				run_follow(&run, now->at[i] + 1, next))
				matched = true;
		if (next->count == 0)
			return matched && run.position == text.len;
	}
	return matched;
}
