/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Several messages about the user's input, for parsers that go on behind what is
 * wrong. Bounded: what is beyond the bound is counted, not kept.
 */
#pragma once

#include <stdbool.h>

#include "base/cleanup.h"
#include "base/diag.h"
#include "base/slice.h"
#include "base/strbuf.h"

/* Of errors, and of all others together: nobody reads more at once. */
#define DIAGS_KEPT_MAX 100

enum diag_severity {
	DIAG_ERROR, /* the input is refused */
	DIAG_WARNING, /* it can hardly be meant so */
	DIAG_NOTE,
	DIAG_SEVERITIES,
};

struct diags_item {
	enum diag_severity severity;
	struct diag diag;
	char *excerpt; /* the line, escaped, and a line with a caret below; NULL when not known */
};

struct diags {
	struct diags_item *items;
	size_t count, capacity;
	size_t counts[DIAG_SEVERITIES]; /* of all, also of those that were not kept */
};

#define DIAGS_INIT ((struct diags){0})

void diags_done(struct diags *diags);
static inline void diags_cleanup(struct diags *diags)
{
	diags_done(diags);
}
#define CLEANUP_DIAGS CLEANUP(diags_cleanup)

/* Adds a copy of D. Without memory for it, it is counted only. */
void diags_add(struct diags *diags, enum diag_severity severity, const struct diag *d);

/* Moves all of FROM, which is empty then, behind those of TO. */
void diags_move(struct diags *to, struct diags *from);

/* Forgets those that DROPS says so of, as if they had never been added. */
void diags_drop(
	struct diags *diags, bool (*drops)(const struct diags_item *item, void *arg), void *arg);

/* Gives those of FILE, whose text TEXT is, their excerpts. */
void diags_excerpt(struct diags *diags, const char *file, struct slice text);

/* Orders them by the place of their file among the COUNT of FILES, then line and column. */
void diags_sort(struct diags *diags, const char *const *files, size_t count);

/* "error", "warning", "note". */
const char *diag_severity_name(enum diag_severity severity);

/*
 * Appends ITEM for people: "file:line:column: message", its severity before the
 * message unless it is an error, and the excerpt. Ends in a newline.
 */
void diags_render(struct strbuf *out, const struct diags_item *item);

/* Appends all of them, without NOTES all but these, and how many more there were. */
void diags_render_all(struct strbuf *out, const struct diags *diags, bool notes);
