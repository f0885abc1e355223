/* SPDX-License-Identifier: Apache-2.0 */
/* See report_json.h. */
#include "verify/report_json.h"

#include "base/escape.h"

#define DIGEST_PREFIX "sha256:"

json_t *report_text(struct slice text)
{
	CLEANUP_STRBUF struct strbuf out = STRBUF_INIT;

	if (utf8_valid(text))
		return json_stringn_nocheck(text.len ? text.data : "", text.len);
	escape_text(&out, text);
	return out.error ? NULL : json_stringn_nocheck(strbuf_text(&out), out.len);
}

json_t *report_error(const struct image_error *e)
{
	static const char word[] = "the limit ", letters[] = "abcdefghijklmnopqrstuvwxyz_";
	CLEANUP_STRBUF struct strbuf out = STRBUF_INIT;
	const char *limit = strstr(e->message, word);

	strbuf_add_text(&out, e->message);
	if (limit) {
		limit += strlen(word);
		strbuf_addf(&out, " (--limit %.*s=NUMBER raises it)", (int)strspn(limit, letters),
			limit);
	}
	return out.error ? NULL : report_text(strbuf_slice(&out));
}

json_t *report_plain(const char *text)
{
	return report_text(slice_of(text));
}

json_t *report_text_or_null(struct slice text)
{
	return text.len > 0 ? report_text(text) : json_null();
}

json_t *report_digest(const unsigned char *digest)
{
	char text[sizeof(DIGEST_PREFIX) + SHA256_TEXT_SIZE] = DIGEST_PREFIX;

	sha256_format(digest, text + strlen(DIGEST_PREFIX));
	return json_string(text);
}

json_t *report_strbuf(const struct strbuf *text)
{
	return text->error ? NULL : report_text(strbuf_slice(text));
}

bool report_append(json_t *list, json_t *item)
{
	return json_array_append_new(list, item) == 0;
}

bool report_put(json_t *object, const char *key, json_t *item)
{
	return json_object_set_new_nocheck(object, key, item) == 0;
}
