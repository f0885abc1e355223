/* SPDX-License-Identifier: Apache-2.0 */
/* The growing string of strbuf.h. */
#include "base/strbuf.h"

#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define STRBUF_FIRST_CAPACITY 128

void strbuf_done(struct strbuf *buf)
{
	free(buf->data);
	*buf = STRBUF_INIT;
}

void strbuf_reset(struct strbuf *buf)
{
	buf->len = 0;
	buf->error = 0;
	if (buf->data)
		buf->data[0] = '\0';
}

void strbuf_truncate(struct strbuf *buf, size_t len)
{
	if (len >= buf->len)
		return;
	buf->len = len;
	buf->data[len] = '\0';
}

bool strbuf_reserve(struct strbuf *buf, size_t extra)
{
	size_t capacity = buf->capacity ? buf->capacity : STRBUF_FIRST_CAPACITY;
	char *data;

	if (buf->error)
		return false;
	if (extra < buf->capacity - buf->len)
		return true;
	if (extra >= SIZE_MAX / 2 - buf->len)
		goto fail;
	while (capacity <= buf->len + extra)
		capacity *= 2;
	data = realloc(buf->data, capacity);
	if (!data)
		goto fail;
	buf->data = data;
	buf->capacity = capacity;
	return true;
fail:
	buf->error = -ENOMEM;
	return false;
}

void strbuf_add(struct strbuf *buf, const void *data, size_t len)
{
	if (!strbuf_reserve(buf, len))
		return;
	if (len > 0)
		memcpy(buf->data + buf->len, data, len);
	buf->len += len;
	buf->data[buf->len] = '\0';
}

void strbuf_add_char(struct strbuf *buf, char c)
{
	strbuf_add(buf, &c, 1);
}

void strbuf_add_text(struct strbuf *buf, const char *text)
{
	strbuf_add(buf, text, strlen(text));
}

void strbuf_add_slice(struct strbuf *buf, struct slice slice)
{
	strbuf_add(buf, slice.data, slice.len);
}

void strbuf_addv(struct strbuf *buf, const char *format, va_list args)
{
	va_list again;
	int len;

	va_copy(again, args);
	len = vsnprintf(NULL, 0, format, args);
	if (len >= 0 && strbuf_reserve(buf, len)) {
		vsnprintf(buf->data + buf->len, len + 1, format, again);
		buf->len += len;
	}
	va_end(again);
}

void strbuf_add_path(struct strbuf *buf, struct slice directory, struct slice path)
{
	if (path.len == 0 || path.data[0] != '/') {
		strbuf_add_slice(buf, directory);
		strbuf_add_char(buf, '/');
	}
	strbuf_add_slice(buf, path);
}

void strbuf_addf(struct strbuf *buf, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	strbuf_addv(buf, format, args);
	va_end(args);
}

/* The next word of TEXT, which it is taken from. Empty when there is none. */
static struct slice next_word(struct slice *text)
{
	static const char spaces[] = " \t\r\n";
	size_t start = 0, end;

	while (start < text->len && memchr(spaces, text->data[start], sizeof(spaces) - 1))
		start++;
	end = start;
	while (end < text->len && !memchr(spaces, text->data[end], sizeof(spaces) - 1))
		end++;
	*text = (struct slice){text->data + end, text->len - end};
	return (struct slice){text->data - (end - start), end - start};
}

void strbuf_add_wrapped(struct strbuf *buf, struct slice text, unsigned indent, unsigned width)
{
	size_t column = 0;
	struct slice word;

	while (text.len > 0 && (word = next_word(&text)).len > 0) {
		if (column > 0 && column + 1 + word.len > width) {
			strbuf_add_char(buf, '\n');
			column = 0;
		}
		strbuf_addf(buf, "%*s", column > 0 ? 1 : (int)indent, "");
		strbuf_add_slice(buf, word);
		column += (column > 0 ? 1 : indent) + word.len;
	}
}

const char *strbuf_text(const struct strbuf *buf)
{
	return buf->data ? buf->data : "";
}
