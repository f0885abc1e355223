/* SPDX-License-Identifier: Apache-2.0 */
/* See failure.h. */
#include "image/failure.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>

#include "base/escape.h"
#include "base/strbuf.h"

/* Stores TEXT, escaped and cut to what there is room for. */
static void keep(struct image_error *e, const struct strbuf *text)
{
	CLEANUP_STRBUF struct strbuf safe = STRBUF_INIT;

	escape_text(&safe, strbuf_slice(text));
	snprintf(e->message, sizeof(e->message), "%s", strbuf_text(&safe));
}

int image_fail(struct image_error *e, enum image_error_kind kind, const char *format, ...)
{
	CLEANUP_STRBUF struct strbuf text = STRBUF_INIT;
	va_list args;

	va_start(args, format);
	strbuf_addv(&text, format, args);
	va_end(args);
	e->kind = kind;
	keep(e, &text);
	return -EBADMSG;
}

int image_fail_errno(struct image_error *e, int error, const char *format, ...)
{
	CLEANUP_STRBUF struct strbuf text = STRBUF_INIT;
	va_list args;

	va_start(args, format);
	strbuf_addv(&text, format, args);
	va_end(args);
	strbuf_addf(&text, ": %s", strerror(-error));
	e->kind = IMAGE_UNREADABLE;
	keep(e, &text);
	return error;
}

void image_error_within(struct image_error *e, const char *format, ...)
{
	CLEANUP_STRBUF struct strbuf text = STRBUF_INIT, safe = STRBUF_INIT;
	va_list args;

	va_start(args, format);
	strbuf_addv(&text, format, args);
	va_end(args);
	escape_text(&safe, strbuf_slice(&text));
	strbuf_addf(&safe, ": %s", e->message);
	snprintf(e->message, sizeof(e->message), "%s", strbuf_text(&safe));
}
