/* SPDX-License-Identifier: Apache-2.0 */
/* Where in a file a member is that is wrong: of YAML that is known, in JSON it is looked for. */
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "rule/recorded/reader.h"

/*
 * Where the member KEY of an object begins in TEXT, which is JSON: a quote that stands before a
 * name, a quote and a colon begins no other text. NULL when there is none.
 */
static const char *find_key(struct slice text, const char *key)
{
	size_t len = strlen(key);

	for (size_t i = 1; i + len + 1 < text.len; i++) {
		size_t end = i + len;

		if (text.data[i - 1] != '"' || memcmp(text.data + i, key, len) != 0 ||
			text.data[end] != '"' || (i > 1 && text.data[i - 2] == '\\'))
			continue;
		for (end++; end < text.len && strchr(" \t\r\n", text.data[end]);)
			end++;
		if (end < text.len && text.data[end] == ':')
			return text.data + i - 1;
	}
	return NULL;
}

/* A message about the member KEY of SOURCE's text. */
static int text_diag(
	const struct fields_source *source, const char *key, struct diag *d, const char *message)
{
	const char *at = find_key(source->text, key), *start = source->text.data;
	unsigned line = source->line;

	if (!at)
		return diag_at(d, source->name, line, 0, "%s", message);
	for (const char *p = source->text.data; p < at; p++) {
		if (*p != '\n')
			continue;
		line++;
		start = p + 1;
	}
	return diag_at(d, source->name, line, at - start + 1, "%s", message);
}

int fields_fail(const struct fields_reader *r, const char *key, const char *format, ...)
{
	char message[sizeof(r->diag->message)];
	const json_t *value = json_object_get(r->object, key);
	va_list args;

	va_start(args, format);
	vsnprintf(message, sizeof(message), format, args);
	va_end(args);
	if (!r->source->document)
		return text_diag(r->source, key, r->diag, message);
	return yaml_diag(r->source->document, value ? yaml_placed(value, r->object) : r->object,
		r->diag, "%s", message);
}
