/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The way back from text to file. YAML's styles differ in how they break and
 * indent lines and in how they escape, but all of them keep the order of the
 * characters that are not white space. So the place of a character is found by
 * counting those before it, in the value and then in the file.
 */
#include "rule/file/source.h"

#include <ctype.h>
#include <errno.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

/* A place in the file; line and column count from 1, columns in characters. */
struct walk {
	struct slice text;
	size_t at;
	unsigned line, column;
};

static char walk_peek(const struct walk *w, size_t ahead)
{
	return range_valid(w->at, ahead + 1, w->text.len) ? w->text.data[w->at + ahead] : '\0';
}

static bool is_continuation(char c)
{
	return ((unsigned char)c & 0xc0) == 0x80;
}

static bool is_blank(char c)
{
	return (unsigned char)c <= ' ';
}

/* Moves over one character. False at the end. */
static bool walk_step(struct walk *w)
{
	char c = walk_peek(w, 0);

	if (w->at >= w->text.len)
		return false;
	w->at++;
	if (c == '\n' || (c == '\r' && walk_peek(w, 0) != '\n')) {
		w->line++;
		w->column = 1;
		return true;
	}
	w->column++;
	while (w->at < w->text.len && is_continuation(w->text.data[w->at]))
		w->at++;
	return true;
}

static bool walk_to(struct walk *w, unsigned line, unsigned column)
{
	while (w->line < line || (w->line == line && w->column < column))
		if (!walk_step(w))
			return false;
	return w->line == line;
}

static void walk_over(struct walk *w, size_t characters)
{
	while (characters-- > 0 && walk_step(w))
		;
}

/* Number of hexadecimal digits behind \x, \u and \U. */
static size_t escape_digits(char kind)
{
	switch (kind) {
	case 'x':
		return 2;
	case 'u':
		return 4;
	case 'U':
		return 8;
	default:
		return 0;
	}
}

/* True when the digits at WALK are those of a blank. */
static bool escape_code_is_blank(const struct walk *w, size_t digits)
{
	uint64_t code = 0;

	for (size_t i = 0; i < digits; i++) {
		char c = walk_peek(w, i);

		if (!isxdigit((unsigned char)c))
			return false;
		code = code * 16 + (isdigit((unsigned char)c) ? c - '0' : tolower(c) - 'a' + 10);
	}
	return code <= ' ';
}

/* Moves over the escape at WALK. Returns whether it stands for a blank. */
static bool walk_escape(struct walk *w)
{
	char kind = walk_peek(w, 1);
	size_t digits = escape_digits(kind);
	bool blank;

	walk_over(w, 2);
	if (digits == 0)
		return is_blank(kind) || strchr("0abtnvfre", kind);
	blank = escape_code_is_blank(w, digits);
	walk_over(w, digits);
	return blank;
}

/* Moves over one character of a scalar in STYLE. Returns whether it is a blank. */
static bool walk_unit(struct walk *w, char style)
{
	char c = walk_peek(w, 0);

	if (style == '"' && c == '\\')
		return walk_escape(w);
	walk_over(w, style == '\'' && c == '\'' && walk_peek(w, 1) == '\'' ? 2 : 1);
	return is_blank(c);
}

/* Moves from the start of a scalar to the first character of its text. */
static char walk_scalar_start(struct walk *w)
{
	char style = walk_peek(w, 0);

	if (style == '"' || style == '\'') {
		walk_step(w);
	} else if (style == '|' || style == '>') {
		while (walk_peek(w, 0) != '\n' && walk_step(w))
			;
	} else {
		style = '\0';
	}
	return style;
}

/* Characters of TEXT before END that are not blank. */
static size_t solid_count(const char *text, size_t end)
{
	size_t count = 0;

	for (size_t i = 0; i < end; i++)
		count += !is_blank(text[i]) && !is_continuation(text[i]);
	return count;
}

/*
 * Moves from the start of a scalar in STYLE to the place after COUNT solid
 * characters and, when ON_NEXT, over the blanks behind them.
 */
static void walk_solid(struct walk *w, char style, size_t count, bool on_next)
{
	while (count > 0 && w->at < w->text.len)
		if (!walk_unit(w, style))
			count--;
	while (on_next && w->at < w->text.len) {
		struct walk next = *w;

		if (!walk_unit(&next, style))
			break;
		*w = next;
	}
}

/* Where byte OFFSET of ORIGIN's text is. False when the file does not tell. */
static bool origin_place(const struct origin *origin, size_t offset, struct walk *w)
{
	const char *text = json_string_value(origin->node);
	size_t len = json_string_length(origin->node);
	unsigned line, column;
	char style;

	yaml_place(origin->source->document, origin->node, &line, &column);
	if (!text || line == 0 || !walk_to(w, line, column))
		return false;
	offset = offset < len ? offset : len;
	style = walk_scalar_start(w);
	walk_solid(w, style, solid_count(text, offset), offset < len && !is_blank(text[offset]));
	return true;
}

static struct walk walk_start(const struct source *source)
{
	return (struct walk){.text = source->text, .line = 1, .column = 1};
}

/* The part of a chain that OFFSET is in, which is made an offset in that part. */
static const struct origin *origin_part(const struct origin *origin, size_t *offset)
{
	size_t start = 0;

	while (origin->next && *offset >= origin->end) {
		start = origin->end;
		origin = origin->next;
	}
	*offset -= start;
	return origin;
}

int origin_diag(const struct origin *origin, size_t offset, struct diag *d, const char *format, ...)
{
	char message[sizeof(d->message)];
	struct walk w;
	va_list args;

	va_start(args, format);
	vsnprintf(message, sizeof(message), format, args);
	va_end(args);
	if (!origin)
		return diag_at(d, NULL, 1, offset + 1, "%s", message);
	origin = origin_part(origin, &offset);
	w = walk_start(origin->source);
	if (origin->whole || !origin_place(origin, offset, &w))
		return yaml_diag(origin->source->document, origin->node, d, "%s", message);
	return diag_at(d, origin->source->document->name, w.line, w.column, "%s", message);
}

/* True when KEY stands at WALK: at the beginning of a line or entry, a ':' behind it. */
static bool walk_at_key(const struct walk *w, const char *key, size_t len)
{
	size_t end = w->at + len;

	if (!range_valid(w->at, len, w->text.len) || memcmp(w->text.data + w->at, key, len) != 0)
		return false;
	if (w->at > 0 && !strchr(" \t\r\n{,'\"", w->text.data[w->at - 1]))
		return false;
	while (end < w->text.len && strchr(" \t'\"", w->text.data[end]) && w->text.data[end])
		end++;
	return end < w->text.len && w->text.data[end] == ':';
}

/*
 * Moves to KEY, somewhere behind WALK: the last before LINE, COLUMN, where its
 * value is, or the first one when the value has no place (line 0).
 */
static bool walk_to_key(struct walk *w, const char *key, unsigned line, unsigned column)
{
	struct walk at = *w;
	bool found = false;

	do {
		if (line && (at.line > line || (at.line == line && at.column >= column)))
			break;
		if (!walk_at_key(&at, key, strlen(key)))
			continue;
		*w = at;
		found = true;
		if (!line)
			break;
	} while (walk_step(&at));
	return found;
}

int source_key_diag(const struct source *source, const json_t *mapping, const char *key,
	struct diag *d, const char *format, ...)
{
	char message[sizeof(d->message)];
	struct walk w = walk_start(source);
	unsigned line, column;
	va_list args;

	va_start(args, format);
	vsnprintf(message, sizeof(message), format, args);
	va_end(args);
	yaml_place(source->document, mapping, &line, &column);
	if (!walk_to(&w, line, column))
		return yaml_diag(source->document, mapping, d, "%s", message);
	yaml_place(source->document, json_object_get(mapping, key), &line, &column);
	walk_to_key(&w, key, line, column);
	return diag_at(d, source->document->name, w.line, w.column, "%s", message);
}

void passage_forget(struct passage *passage)
{
	while (passage->origin) {
		struct origin *next = passage->origin->next;

		free(passage->origin);
		passage->origin = next;
	}
	passage->last = NULL;
}

void passage_done(struct passage *passage)
{
	passage_forget(passage);
	strbuf_done(&passage->text);
}

static int passage_add_part(
	struct passage *passage, struct slice text, const struct origin *origin, bool whole)
{
	struct origin *part = malloc(sizeof(*part));

	if (!part)
		return -ENOMEM;
	*part = (struct origin){.source = origin->source, .node = origin->node, .whole = whole};
	if (passage->last)
		passage->last->next = part;
	else
		passage->origin = part;
	passage->last = part;
	strbuf_add_slice(&passage->text, text);
	part->end = passage->text.len;
	return passage->text.error;
}

int passage_add(struct passage *passage, const struct origin *origin)
{
	struct slice text = {json_string_value(origin->node), json_string_length(origin->node)};

	if (passage->last) { /* a space, so that the last word of one part is none of the next */
		strbuf_add_char(&passage->text, ' ');
		passage->last->end = passage->text.len;
	}
	return passage_add_part(passage, text, origin, false);
}

int passage_add_made(struct passage *passage, const char *text, const struct origin *origin)
{
	return passage_add_part(passage, slice_of(text), origin, true);
}
