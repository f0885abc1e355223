/* SPDX-License-Identifier: Apache-2.0 */
/* See json.h. */
#include "base/json.h"

#include <errno.h>
#include <string.h>

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
