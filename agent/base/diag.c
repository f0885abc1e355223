/* SPDX-License-Identifier: Apache-2.0 */
/* Filling and printing of struct diag. */
#include "base/diag.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/escape.h"
#include "base/suggest.h"

int diag_at(
	struct diag *d, const char *file, unsigned line, unsigned column, const char *format, ...)
{
	va_list args;

	snprintf(d->file, sizeof(d->file), "%s", file ? file : "");
	d->line = line;
	d->column = column;
	va_start(args, format);
	vsnprintf(d->message, sizeof(d->message), format, args);
	va_end(args);
	return -EINVAL;
}

int diag_errno(struct diag *d, const char *file, int error)
{
	diag_at(d, file, 0, 0, "%s", strerror(-error));
	return error;
}

void diag_suggest(struct diag *d, const char *word, const char *const *candidates, size_t count)
{
	const char *closest = suggest_closest(word, candidates, count);
	size_t len = strlen(d->message);

	if (closest)
		snprintf(d->message + len, sizeof(d->message) - len, ": did you mean '%s'?",
			closest);
}

void diag_text(const struct diag *d, char *buffer, size_t size)
{
	CLEANUP_STRBUF struct strbuf out = STRBUF_INIT;

	if (d->file[0]) {
		escape_text(&out, slice_of(d->file));
		strbuf_add_text(&out, ":");
		if (d->line)
			strbuf_addf(&out, "%u:", d->line);
		if (d->line && d->column)
			strbuf_addf(&out, "%u:", d->column);
		strbuf_add_text(&out, " ");
	}
	escape_text(&out, slice_of(d->message));
	snprintf(buffer, size, "%s", strbuf_text(&out));
}
