/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A growing string. The first failure to allocate is kept in `error` and makes
 * every later call do nothing, so that a sequence of calls is checked once.
 */
#pragma once

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>

#include "base/cleanup.h"
#include "base/slice.h"

struct strbuf {
	char *data; /* always terminated, or NULL while empty */
	size_t len;
	size_t capacity;
	int error; /* 0 or -ENOMEM */
};

#define STRBUF_INIT ((struct strbuf){0})

void strbuf_done(struct strbuf *buf);
static inline void strbuf_cleanup(struct strbuf *buf)
{
	strbuf_done(buf);
}
#define CLEANUP_STRBUF CLEANUP(strbuf_cleanup)

/* Forgets the text and the error, keeps the memory. */
void strbuf_reset(struct strbuf *buf);

/* Keeps the first LEN bytes, at most what is there. */
void strbuf_truncate(struct strbuf *buf, size_t len);

/* Makes room for EXTRA bytes, which do not move the text then. False, with the error set, without memory. */
bool strbuf_reserve(struct strbuf *buf, size_t extra);

void strbuf_add(struct strbuf *buf, const void *data, size_t len);
void strbuf_add_char(struct strbuf *buf, char c);
void strbuf_add_text(struct strbuf *buf, const char *text);
void strbuf_add_slice(struct strbuf *buf, struct slice slice);
/* PATH, behind DIRECTORY and a '/' unless it begins with one. */
void strbuf_add_path(struct strbuf *buf, struct slice directory, struct slice path);
void strbuf_addf(struct strbuf *buf, const char *format, ...) __attribute__((format(printf, 2, 3)));
void strbuf_addv(struct strbuf *buf, const char *format, va_list args)
	__attribute__((format(printf, 2, 0)));

/*
 * Appends the words of TEXT in lines of at most WIDTH bytes, where words allow it. Each line has
 * INDENT spaces before it; the last one does not end.
 */
void strbuf_add_wrapped(struct strbuf *buf, struct slice text, unsigned indent, unsigned width);

/* The text, "" when empty. Owned by BUF, valid until the next change. */
const char *strbuf_text(const struct strbuf *buf);

static inline struct slice strbuf_slice(const struct strbuf *buf)
{
	return (struct slice){.data = strbuf_text(buf), .len = buf->len};
}
