/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A trie of all patterns whose nodes know the longest other beginning of a pattern that
 * they end with. While it is built, children are a linked list; then states are numbered
 * breadth first, which puts the children of each behind one another, so that a state is
 * ten bytes instead of a row of 256 numbers.
 *
 * Nearly all bytes of a file begin no pattern at all. So as long as nothing has begun, a
 * bitmap of the first four bytes of all patterns, by a hash, is all that is asked. Whenever
 * no more than three bytes of a pattern are there, they are given back and asked for so.
 */
#include "program/matcher.h"

#include <errno.h>
#include <limits.h>

#include "base/array.h"

#define ROOT        0
#define NO_PATTERN  UINT16_MAX
#define HASH_BITS   16
#define HASH_FACTOR 0x9e3779b1u /* 2^32 by the golden ratio: Knuth's multiplicative hashing */

/* Of the trie as it grows. */
struct node {
	uint16_t child, sibling; /* first child, next of the same parent; 0: none */
	uint16_t pattern;
	unsigned char byte;
};

struct state {
	uint16_t child; /* the first of CHILDREN, sorted by their bytes */
	uint16_t children;
	uint16_t fallback; /* the longest proper suffix that is a state too */
	uint16_t output; /* the longest suffix, itself included, that is a pattern; ROOT: none */
	uint16_t pattern;
};

struct matcher {
	struct node *nodes; /* NULL once compiled */
	size_t nodes_capacity;
	struct state *states;
	unsigned char *bytes; /* by which each state is reached from its parent */
	size_t count; /* of nodes, and then states */
	unsigned patterns;
	uint16_t depth[MATCHER_LENGTH_MIN + 1]; /* the first state that is so many bytes deep */
	uint16_t first[UCHAR_MAX + 1]; /* children of the root */
	uint8_t begins[(1u << HASH_BITS) / 8]; /* a bit for each hash of what patterns begin with */
};

static unsigned hash_of(const unsigned char *bytes)
{
	uint32_t word;

	memcpy(&word, bytes, sizeof(word));
	return word * HASH_FACTOR >> (32 - HASH_BITS);
}

struct matcher *matcher_new(void)
{
	struct matcher *m = calloc(1, sizeof(*m));

	if (!m)
		return NULL;
	if (!ARRAY_RESERVE(m->nodes, m->nodes_capacity, m->count, 1)) {
		free(m);
		return NULL;
	}
	m->nodes[m->count++] = (struct node){.pattern = NO_PATTERN};
	return m;
}

void matcher_free(struct matcher *m)
{
	if (!m)
		return;
	free(m->nodes);
	free(m->states);
	free(m->bytes);
	free(m);
}

/* The child of NODE for BYTE, which is made when there is none; siblings stay sorted. */
static int node_child(struct matcher *m, uint16_t node, unsigned char byte)
{
	uint16_t before = 0, next = m->nodes[node].child;

	while (next && m->nodes[next].byte < byte) {
		before = next;
		next = m->nodes[next].sibling;
	}
	if (next && m->nodes[next].byte == byte)
		return next;
	if (m->count > MATCHER_STATES_MAX - 1)
		return -E2BIG;
	if (!ARRAY_RESERVE(m->nodes, m->nodes_capacity, m->count, 1))
		return -ENOMEM;
	m->nodes[m->count] = (struct node){.sibling = next, .pattern = NO_PATTERN, .byte = byte};
	if (before)
		m->nodes[before].sibling = m->count;
	else
		m->nodes[node].child = m->count;
	return m->count++;
}

int matcher_add(struct matcher *m, struct slice pattern)
{
	int node = ROOT;

	if (pattern.len < MATCHER_LENGTH_MIN)
		return -EINVAL;
	for (size_t i = 0; i < pattern.len; i++) {
		node = node_child(m, node, pattern.data[i]);
		if (node < 0)
			return node;
	}
	if (m->nodes[node].pattern == NO_PATTERN) {
		unsigned hash = hash_of((const unsigned char *)pattern.data);

		if (m->patterns == MATCHER_PATTERNS_MAX)
			return -E2BIG;
		m->nodes[node].pattern = m->patterns++;
		m->begins[hash / 8] |= 1u << hash % 8;
	}
	return m->nodes[node].pattern;
}

static uint16_t state_child(const struct matcher *m, uint16_t state, unsigned char byte)
{
	const struct state *s = &m->states[state];

	for (unsigned i = 0; i < s->children; i++)
		if (m->bytes[s->child + i] == byte)
			return s->child + i;
	return ROOT;
}

/* Where BYTE leads from STATE. Each fallback was paid for by a byte that led further down. */
static uint16_t state_next(const struct matcher *m, uint16_t state, unsigned char byte)
{
	while (state != ROOT) {
		uint16_t child = state_child(m, state, byte);

		if (child != ROOT)
			return child;
		state = m->states[state].fallback;
	}
	return m->first[byte];
}

/* Numbers the nodes breadth first: QUEUE[state] is its node. */
static void states_number(struct matcher *m, uint16_t *queue)
{
	size_t end = 1;
	unsigned depth = 0;

	queue[ROOT] = 0;
	for (size_t i = 0; i < end; i++) {
		const struct node *node = &m->nodes[queue[i]];
		struct state *state = &m->states[i];

		if (depth < MATCHER_LENGTH_MIN && i == m->depth[depth]) /* all less deep are done */
			m->depth[++depth] = end;
		state->child = node->child ? end : ROOT;
		state->pattern = node->pattern;
		m->bytes[i] = node->byte;
		for (uint16_t child = node->child; child; child = m->nodes[child].sibling) {
			queue[end++] = child;
			state->children++;
		}
	}
}

/* Parents come before their children, and so does every state that is less deep. */
static void states_link(struct matcher *m)
{
	for (size_t i = 0; i < m->count; i++) {
		const struct state *parent = &m->states[i];

		for (unsigned n = 0; n < parent->children; n++) {
			uint16_t child = parent->child + n;
			struct state *state = &m->states[child];

			if (i != ROOT)
				state->fallback = state_next(m, parent->fallback, m->bytes[child]);
			state->output = state->pattern != NO_PATTERN
						? child
						: m->states[state->fallback].output;
		}
	}
}

int matcher_compile(struct matcher *m)
{
	CLEANUP_FREE uint16_t *queue = calloc(m->count, sizeof(*queue));

	m->states = calloc(m->count, sizeof(*m->states));
	m->bytes = calloc(m->count, sizeof(*m->bytes));
	if (!queue || !m->states || !m->bytes)
		return -ENOMEM;
	states_number(m, queue);
	for (uint16_t i = 1; i < m->depth[2]; i++)
		m->first[m->bytes[i]] = i;
	states_link(m);
	free(TAKE_PTR(m->nodes));
	return 0;
}

size_t matcher_size_bytes(const struct matcher *m)
{
	return sizeof(*m) + m->count * (sizeof(*m->states) + sizeof(*m->bytes));
}

static void note_outputs(const struct matcher *m, struct matcher_scan *scan, uint16_t state)
{
	for (state = m->states[state].output; state != ROOT;
		state = m->states[m->states[state].fallback].output) {
		unsigned number = m->states[state].pattern;

		scan->seen[number / 64] |= UINT64_C(1) << number % 64;
	}
}

/* How many bytes deep STATE is, MATCHER_LENGTH_MIN for more. */
static unsigned depth_of(const struct matcher *m, uint16_t state)
{
	unsigned depth = 0;

	while (depth < MATCHER_LENGTH_MIN && state >= m->depth[depth + 1])
		depth++;
	return depth;
}

/* The first of the bytes from AT on that may begin a pattern, or may be too close to END to tell. */
static const unsigned char *skip(
	const struct matcher *m, const unsigned char *at, const unsigned char *end)
{
	for (; end - at >= MATCHER_LENGTH_MIN; at++) {
		unsigned hash = hash_of(at);

		if (m->begins[hash / 8] >> hash % 8 & 1)
			break;
	}
	return at;
}

/* From the root over the next bytes, of which no pattern has less. */
static uint16_t begin(const struct matcher *m, const unsigned char **at, const unsigned char *end)
{
	uint16_t state = ROOT;

	for (unsigned n = 0; n < MATCHER_LENGTH_MIN && *at < end; n++)
		state = state_next(m, state, *(*at)++);
	return state;
}

void matcher_feed(const struct matcher *m, struct matcher_scan *scan, const void *data, size_t size)
{
	const unsigned char *start = data, *at = start, *end = start + size;
	uint16_t state = scan->state;

	while (at < end) {
		unsigned depth;

		if (state == ROOT) {
			at = skip(m, at, end);
			state = begin(m, &at, end);
		} else {
			state = state_next(m, state, *at++);
		}
		note_outputs(m, scan, state);
		depth = depth_of(m, state);
		if (depth < MATCHER_LENGTH_MIN && at < end && at - start >= depth) {
			at -= depth;
			state = ROOT;
		}
	}
	scan->state = state;
}
