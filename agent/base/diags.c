/* SPDX-License-Identifier: Apache-2.0 */
/* Collecting, ordering and printing of struct diags. */
#include "base/diags.h"

#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "base/escape.h"

/* Of the line before and behind the place: a terminal's width. */
#define EXCERPT_BEFORE 60
#define EXCERPT_BEHIND 40

void diags_done(struct diags *diags)
{
	for (size_t i = 0; i < diags->count; i++)
		free(diags->items[i].excerpt);
	free(diags->items);
	*diags = DIAGS_INIT;
}

static size_t kept(const struct diags *diags, bool errors)
{
	size_t count = 0;

	for (size_t i = 0; i < diags->count; i++)
		count += (diags->items[i].severity == DIAG_ERROR) == errors;
	return count;
}

/* Takes over ITEM's excerpt. */
static void keep(struct diags *diags, const struct diags_item *item)
{
	diags->counts[item->severity]++;
	if (kept(diags, item->severity == DIAG_ERROR) >= DIAGS_KEPT_MAX ||
		!ARRAY_RESERVE(diags->items, diags->capacity, diags->count, 1)) {
		free(item->excerpt);
		return;
	}
	diags->items[diags->count++] = *item;
}

void diags_add(struct diags *diags, enum diag_severity severity, const struct diag *d)
{
	keep(diags, &(struct diags_item){.severity = severity, .diag = *d});
}

void diags_move(struct diags *to, struct diags *from)
{
	size_t counts[DIAG_SEVERITIES];

	memcpy(counts, to->counts, sizeof(counts));
	for (size_t i = 0; i < from->count; i++)
		keep(to, &from->items[i]);
	for (size_t i = 0; i < DIAG_SEVERITIES; i++)
		to->counts[i] = counts[i] + from->counts[i];
	free(from->items);
	*from = DIAGS_INIT;
}

void diags_drop(
	struct diags *diags, bool (*drops)(const struct diags_item *item, void *arg), void *arg)
{
	size_t count = 0;

	for (size_t i = 0; i < diags->count; i++) {
		struct diags_item *item = &diags->items[i];

		if (drops(item, arg)) {
			diags->counts[item->severity]--;
			free(item->excerpt);
		} else {
			diags->items[count++] = *item;
		}
	}
	diags->count = count;
}

/* Line LINE, from 1, of TEXT, without what ends it; empty when there is none. */
static struct slice line_find(struct slice text, unsigned line)
{
	size_t start = 0, end;

	while (line > 1 && start < text.len)
		line -= text.data[start++] == '\n';
	end = start;
	while (end < text.len && text.data[end] != '\n' && text.data[end] != '\r')
		end++;
	return (struct slice){text.data + start, end - start};
}

/* Length of the character at AT: a byte and those that continue it. */
static size_t character_len(struct slice line, size_t at)
{
	size_t end = at + 1;

	while (end < line.len && ((unsigned char)line.data[end] & 0xc0) == 0x80)
		end++;
	return end - at;
}

/* Appends the character, escaped. Returns how many columns that takes. */
static size_t character_add(struct strbuf *out, struct slice character)
{
	size_t before = out->len;

	if (character.len == 1 && character.data[0] == '\t')
		strbuf_add_char(out, ' ');
	else if (character.len == 1 && character.data[0] == '\\')
		strbuf_add_char(out, '\\');
	else
		escape_text(out, character);
	return out->len - before == character.len ? 1 : out->len - before;
}

/* The characters of LINE around COLUMN, and a caret below that one. */
static char *excerpt_make(struct slice line, unsigned column)
{
	CLEANUP_STRBUF struct strbuf out = STRBUF_INIT;
	size_t caret = 4;

	strbuf_add_text(&out, "    ");
	for (size_t at = 0, number = 1, len; at < line.len; at += len, number++) {
		size_t width;

		len = character_len(line, at);
		if (number + EXCERPT_BEFORE < column || number > (size_t)column + EXCERPT_BEHIND)
			continue;
		width = character_add(&out, (struct slice){line.data + at, len});
		if (number < column)
			caret += width;
	}
	strbuf_addf(&out, "\n%*s^\n", (int)caret, "");
	return out.error ? NULL : TAKE_PTR(out.data);
}

void diags_excerpt(struct diags *diags, const char *file, struct slice text)
{
	for (size_t i = 0; i < diags->count; i++) {
		struct diags_item *item = &diags->items[i];

		if (item->excerpt || item->diag.line == 0 || item->diag.column == 0 ||
			strncmp(item->diag.file, file, sizeof(item->diag.file) - 1) != 0)
			continue;
		item->excerpt = excerpt_make(line_find(text, item->diag.line), item->diag.column);
	}
}

struct file_order {
	const char *const *files;
	size_t count;
};

static size_t file_rank(const struct file_order *order, const char *file)
{
	size_t i = 0;

	while (i < order->count &&
		strncmp(order->files[i], file, sizeof(((struct diag *)0)->file) - 1))
		i++;
	return i;
}

static int item_compare(const void *a, const void *b, void *arg)
{
	const struct diags_item *x = a, *y = b;
	size_t x_rank = file_rank(arg, x->diag.file), y_rank = file_rank(arg, y->diag.file);

	if (x_rank != y_rank)
		return x_rank < y_rank ? -1 : 1;
	if (x->diag.line != y->diag.line)
		return x->diag.line < y->diag.line ? -1 : 1;
	if (x->diag.column != y->diag.column)
		return x->diag.column < y->diag.column ? -1 : 1;
	return (int)x->severity - (int)y->severity;
}

void diags_sort(struct diags *diags, const char *const *files, size_t count)
{
	struct file_order order = {files, count};

	if (diags->count > 1)
		qsort_r(diags->items, diags->count, sizeof(*diags->items), item_compare, &order);
}

const char *diag_severity_name(enum diag_severity severity)
{
	static const char *const names[DIAG_SEVERITIES] = {"error", "warning", "note"};

	return names[severity];
}

static void place_render(struct strbuf *out, const struct diag *d)
{
	if (!d->file[0])
		return;
	escape_text(out, slice_of(d->file));
	if (d->line)
		strbuf_addf(out, ":%u", d->line);
	if (d->line && d->column)
		strbuf_addf(out, ":%u", d->column);
	strbuf_add_text(out, ": ");
}

void diags_render(struct strbuf *out, const struct diags_item *item)
{
	place_render(out, &item->diag);
	if (item->severity != DIAG_ERROR)
		strbuf_addf(out, "%s: ", diag_severity_name(item->severity));
	escape_text(out, slice_of(item->diag.message));
	strbuf_add_char(out, '\n');
	if (item->excerpt)
		strbuf_add_text(out, item->excerpt);
}

void diags_render_all(struct strbuf *out, const struct diags *diags, bool notes)
{
	size_t left = diags->counts[DIAG_ERROR] + diags->counts[DIAG_WARNING];

	left += notes ? diags->counts[DIAG_NOTE] : 0;
	for (size_t i = 0; i < diags->count; i++) {
		if (diags->items[i].severity == DIAG_NOTE && !notes)
			continue;
		diags_render(out, &diags->items[i]);
		left--;
	}
	if (left > 0)
		strbuf_addf(out, "and %zu more\n", left);
}
