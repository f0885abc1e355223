/* SPDX-License-Identifier: Apache-2.0 */
/* See json.h. */
#include "base/json.h"

#include <errno.h>
#include <string.h>

#include "base/escape.h"

/* Appends jansson's ASCII, in which DEL is the one control character that it leaves as it is. */
static void put_json(struct strbuf *out, const char *json)
{
	while (*json) {
		size_t len = strcspn(json, "\x7f");

		strbuf_add(out, json, len);
		json += len;
		if (*json) {
			strbuf_add_text(out, "\\u007f");
			json++;
		}
	}
}

static void put_string(struct strbuf *out, struct slice text)
{
	size_t plain = 0, i;

	strbuf_add_char(out, '"');
	for (i = 0; i < text.len; i++) {
		unsigned char c = text.data[i];

		if (c >= ' ' && c != '"' && c != '\\' && c != 0x7f)
			continue;
		strbuf_add(out, text.data + plain, i - plain);
		strbuf_addf(out, "\\u%04x", c);
		plain = i + 1;
	}
	strbuf_add(out, text.data + plain, i - plain);
	strbuf_add_char(out, '"');
}

void json_add_string(struct strbuf *out, struct slice text)
{
	CLEANUP_STRBUF struct strbuf escaped = STRBUF_INIT;

	if (utf8_valid(text)) {
		put_string(out, text);
		return;
	}
	escape_text(&escaped, text);
	put_string(out, strbuf_slice(&escaped));
}

int json_add_line(json_t *json, struct strbuf *out)
{
	char *line = json ? json_dumps(json, JSON_COMPACT | JSON_ENSURE_ASCII) : NULL;

	json_decref(json);
	if (!line)
		return -ENOMEM;
	put_json(out, line);
	strbuf_add_char(out, '\n');
	free(line);
	return out->error;
}

/* Brackets outside of strings: enough for text that turns out to be JSON. */
static bool is_within_depth(struct slice text, unsigned depth_max)
{
	unsigned depth = 0;
	bool is_string = false;

	for (size_t i = 0; i < text.len; i++) {
		char c = text.data[i];

		if (is_string && c == '\\')
			i++;
		else if (c == '"')
			is_string = !is_string;
		else if (!is_string && (c == '[' || c == '{') && ++depth > depth_max)
			return false;
		else if (!is_string && (c == ']' || c == '}') && depth > 0)
			depth--;
	}
	return true;
}

json_t *json_load_untrusted(struct slice text, unsigned depth_max)
{
	if (!is_within_depth(text, depth_max))
		return NULL;
	return json_loadb(text.data, text.len, JSON_REJECT_DUPLICATES, NULL);
}
