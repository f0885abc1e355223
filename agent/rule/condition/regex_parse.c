/* SPDX-License-Identifier: Apache-2.0 */
/* The recursive descent of regex_parse.h. */
#include "rule/condition/regex_parse.h"

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>

#include "base/array.h"
#include "base/cleanup.h"
#include "rule/condition/regex.h"

struct parser {
	struct slice text;
	size_t at;
	unsigned depth;
	bool folds; /* (?i) */
	struct regex_tree tree;
	const char *problem;
};

static bool at_end(const struct parser *p)
{
	return p->at >= p->text.len;
}

static char peek(const struct parser *p, size_t ahead)
{
	return range_valid(p->at, ahead + 1, p->text.len) ? p->text.data[p->at + ahead] : '\0';
}

static bool take(struct parser *p, const char *word)
{
	size_t len = strlen(word);

	if (!range_valid(p->at, len, p->text.len) || memcmp(p->text.data + p->at, word, len) != 0)
		return false;
	p->at += len;
	return true;
}

static int fail(struct parser *p, const char *problem)
{
	p->problem = problem;
	return -EINVAL;
}

static int node_add(struct parser *p, struct regex_node node, uint16_t *ret)
{
	struct regex_tree *tree = &p->tree;

	if (!ARRAY_RESERVE(tree->nodes, tree->node_capacity, tree->node_count, 1))
		return -ENOMEM;
	*ret = tree->node_count;
	tree->nodes[tree->node_count++] = node;
	return 0;
}

static int set_add(struct parser *p, struct byte_set set, uint16_t *ret)
{
	struct regex_tree *tree = &p->tree;

	if (!ARRAY_RESERVE(tree->sets, tree->set_capacity, tree->set_count, 1))
		return -ENOMEM;
	for (unsigned c = 'a'; p->folds && c <= 'z'; c++) {
		if (byte_set_has(&set, c) || byte_set_has(&set, toupper(c))) {
			byte_set_add(&set, c);
			byte_set_add(&set, toupper(c));
		}
	}
	tree->sets[tree->set_count] = set;
	return node_add(p, (struct regex_node){REGEX_BYTES, tree->set_count++, 0, 0, 0}, ret);
}

static void set_invert(struct byte_set *set)
{
	for (size_t i = 0; i < ARRAY_SIZE(set->bits); i++)
		set->bits[i] = ~set->bits[i];
}

static bool is_word_byte(unsigned c)
{
	return isalnum(c) || c == '_';
}

/* The set of \d, \w and \s; an upper-case letter is all others. False for other letters. */
static bool set_of_letter(char letter, struct byte_set *set)
{
	if (!strchr("dws", tolower((unsigned char)letter)))
		return false;
	*set = (struct byte_set){0};
	for (unsigned c = 0; c < 128; c++)
		if ((tolower(letter) == 'd' && isdigit(c)) ||
			(tolower(letter) == 'w' && is_word_byte(c)) ||
			(tolower(letter) == 's' && c && strchr("\t\n\f\r ", c)))
			byte_set_add(set, c);
	if (isupper((unsigned char)letter))
		set_invert(set);
	return true;
}

static int parse_hex(struct parser *p, unsigned char *ret)
{
	char digits[3] = {peek(p, 0), digits[0] ? peek(p, 1) : '\0', '\0'};

	if (!isxdigit((unsigned char)digits[0]) || !isxdigit((unsigned char)digits[1]))
		return fail(p, "'\\x' needs two hexadecimal digits");
	*ret = strtoul(digits, NULL, 16);
	p->at += 2;
	return 0;
}

/* Behind a backslash: one byte. */
static int parse_escape(struct parser *p, unsigned char *ret)
{
	static const char letters[] = "nrtfva", bytes[] = "\n\r\t\f\v\a";
	char c = peek(p, 0);
	const char *letter = c ? strchr(letters, c) : NULL;

	if (at_end(p))
		return fail(p, "the pattern ends in a backslash");
	if (isdigit((unsigned char)c))
		return fail(p, "back references are not supported");
	p->at++;
	if (c == 'x')
		return parse_hex(p, ret);
	if (isalpha((unsigned char)c) && !letter) {
		p->at--;
		return fail(p, "this letter has no meaning behind a backslash");
	}
	*ret = letter ? bytes[letter - letters] : c;
	return 0;
}

/* `[:alpha:]` within a set. */
static int parse_named_class(struct parser *p, struct byte_set *set)
{
	static const struct {
		const char *name;
		int (*has)(int c);
	} classes[] = {{"[:alnum:]", isalnum}, {"[:alpha:]", isalpha}, {"[:blank:]", isblank},
		{"[:cntrl:]", iscntrl}, {"[:digit:]", isdigit}, {"[:graph:]", isgraph},
		{"[:lower:]", islower}, {"[:print:]", isprint}, {"[:punct:]", ispunct},
		{"[:space:]", isspace}, {"[:upper:]", isupper}, {"[:xdigit:]", isxdigit}};

	for (size_t i = 0; i < ARRAY_SIZE(classes); i++) {
		if (!take(p, classes[i].name))
			continue;
		for (int c = 0; c < 128; c++)
			if (classes[i].has(c))
				byte_set_add(set, c);
		return 0;
	}
	return fail(p, "there is no such class of characters");
}

/* One end of a range in a set. */
static int parse_set_byte(struct parser *p, unsigned char *ret)
{
	if (at_end(p))
		return fail(p, "this '[' has no closing ']'");
	*ret = p->text.data[p->at++];
	return *ret == '\\' ? parse_escape(p, ret) : 0;
}

/* One byte, range or class of a set. */
static int parse_set_member(struct parser *p, struct byte_set *set)
{
	unsigned char first, last;
	struct byte_set letter;
	int r;

	if (peek(p, 0) == '[' && peek(p, 1) == ':')
		return parse_named_class(p, set);
	if (peek(p, 0) == '\\' && peek(p, 1) && set_of_letter(peek(p, 1), &letter)) {
		for (size_t i = 0; i < ARRAY_SIZE(set->bits); i++)
			set->bits[i] |= letter.bits[i];
		p->at += 2;
		return 0;
	}
	r = parse_set_byte(p, &first);
	last = first;
	if (r == 0 && peek(p, 0) == '-' && peek(p, 1) != ']' && peek(p, 1) != '\0') {
		p->at++;
		r = parse_set_byte(p, &last);
	}
	if (r == 0 && last < first)
		r = fail(p, "a range goes from the lower to the higher one");
	for (unsigned c = first; r == 0 && c <= last; c++)
		byte_set_add(set, c);
	return r;
}

/* Behind a '['. */
static int parse_set(struct parser *p, uint16_t *ret)
{
	struct byte_set set = {0};
	bool inverted = take(p, "^"), first = true;
	size_t open = p->at - 1 - inverted;
	int r = 0;

	while (r == 0 && (first || peek(p, 0) != ']')) { /* a first ']' is a member */
		if (at_end(p)) {
			p->at = open;
			return fail(p, "this '[' has no closing ']'");
		}
		r = parse_set_member(p, &set);
		first = false;
	}
	if (r < 0)
		return r;
	p->at++;
	if (inverted)
		set_invert(&set);
	return set_add(p, set, ret);
}

static int parse_either(struct parser *p, uint16_t *ret);

/* Behind a '('. */
static int parse_group(struct parser *p, uint16_t *ret)
{
	size_t open = p->at - 1;
	int r;

	if (p->depth >= REGEX_DEPTH_MAX)
		return fail(p, "too many groups within groups");
	if (!take(p, "?:") && peek(p, 0) == '?')
		return fail(p, "of groups with '?' only (?:...) is supported, and (?i) in front");
	p->depth++;
	r = parse_either(p, ret);
	p->depth--;
	if (r == 0 && !take(p, ")")) {
		p->at = open;
		r = fail(p, "this '(' has no closing ')'");
	}
	return r;
}

static int parse_atom(struct parser *p, uint16_t *ret)
{
	char c = p->text.data[p->at++];
	struct byte_set set = {0};
	unsigned char byte = c;
	int r = 0;

	switch (c) {
	case '(':
		return parse_group(p, ret);
	case '[':
		return parse_set(p, ret);
	case '^':
		return node_add(p, (struct regex_node){.kind = REGEX_BEGIN}, ret);
	case '$':
		return node_add(p, (struct regex_node){.kind = REGEX_END}, ret);
	case '.':
		byte_set_add(&set, '\n');
		set_invert(&set);
		return set_add(p, set, ret);
	case '*':
	case '+':
	case '?':
		p->at--;
		return fail(p, "there is nothing before this to repeat");
	case '\\':
		if (peek(p, 0) && set_of_letter(peek(p, 0), &set)) {
			p->at++;
			return set_add(p, set, ret);
		}
		r = parse_escape(p, &byte);
		break;
	}
	byte_set_add(&set, byte);
	return r < 0 ? r : set_add(p, set, ret);
}

static bool parse_count(struct parser *p, unsigned *ret)
{
	size_t start = p->at;

	*ret = 0;
	while (isdigit((unsigned char)peek(p, 0)) && p->at - start < 4)
		*ret = *ret * 10 + (p->text.data[p->at++] - '0');
	return p->at > start;
}

/* `{n}`, `{n,}`, `{n,m}`; anything else behind '{' is text, as in RE2. */
static bool parse_bounds(struct parser *p, unsigned *least, unsigned *most)
{
	size_t start = p->at;

	p->at++;
	if (!parse_count(p, least))
		goto out;
	*most = *least;
	if (take(p, ",") && !parse_count(p, most))
		*most = REGEX_UNBOUNDED;
	if (take(p, "}"))
		return true;
out:
	p->at = start;
	return false;
}

static bool parse_quantifier(struct parser *p, unsigned *least, unsigned *most)
{
	*least = 0;
	*most = REGEX_UNBOUNDED;
	switch (peek(p, 0)) {
	case '+':
		*least = 1;
		break;
	case '?':
		*most = 1;
		break;
	case '*':
		break;
	case '{':
		return parse_bounds(p, least, most);
	default:
		return false;
	}
	p->at++;
	return true;
}

static int parse_repeat(struct parser *p, uint16_t *ret)
{
	unsigned least, most;
	size_t start;
	int r;

	r = parse_atom(p, ret);
	start = p->at;
	if (r < 0 || !parse_quantifier(p, &least, &most))
		return r;
	take(p, "?"); /* as few as possible: no difference to what matches as a whole */
	if (least > REGEX_REPEAT_MAX || (most != REGEX_UNBOUNDED && most > REGEX_REPEAT_MAX) ||
		most < least) {
		p->at = start;
		return fail(p, "the bounds are not in order, or over 255");
	}
	return node_add(p,
		(struct regex_node){
			.kind = REGEX_REPEAT, .left = *ret, .least = least, .most = most},
		ret);
}

static int parse_both(struct parser *p, uint16_t *ret)
{
	uint16_t right;
	int r;

	r = node_add(p, (struct regex_node){.kind = REGEX_EMPTY}, ret);
	while (r == 0 && !at_end(p) && peek(p, 0) != '|' && peek(p, 0) != ')') {
		r = parse_repeat(p, &right);
		if (r == 0)
			r = node_add(p,
				(struct regex_node){
					.kind = REGEX_BOTH, .left = *ret, .right = right},
				ret);
	}
	return r;
}

static int parse_either(struct parser *p, uint16_t *ret)
{
	uint16_t right;
	int r;

	r = parse_both(p, ret);
	while (r == 0 && take(p, "|")) {
		r = parse_both(p, &right);
		if (r == 0)
			r = node_add(p,
				(struct regex_node){
					.kind = REGEX_EITHER, .left = *ret, .right = right},
				ret);
	}
	return r;
}

void regex_tree_done(struct regex_tree *tree)
{
	free(tree->nodes);
	free(tree->sets);
}

int regex_parse(
	struct slice pattern, struct regex_tree *ret, const char **ret_problem, size_t *ret_offset)
{
	struct parser p = {.text = pattern};
	uint16_t root = 0;
	int r;

	if (pattern.len > REGEX_PATTERN_MAX) {
		r = fail(&p, "the pattern is too long");
	} else {
		p.folds = take(&p, "(?i)");
		r = parse_either(&p, &root);
		if (r == 0 && !at_end(&p))
			r = fail(&p, "this ')' has no '('");
	}
	p.tree.root = root;
	if (r == 0) {
		*ret = p.tree;
		return 0;
	}
	regex_tree_done(&p.tree);
	*ret_problem = p.problem;
	*ret_offset = p.at;
	return r;
}
