/* SPDX-License-Identifier: Apache-2.0 */
/* See document.h. */
#include "image/document.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/io.h"
#include "image/failure.h"

#define WORDS_MAX 4096 /* in a list; the longest command lines and environments have hundreds */

static int digest_of(struct slice bytes, unsigned char ret[static SHA256_SIZE])
{
	CLEANUP_SHA256 struct sha256 sha256 = SHA256_INIT;
	int r = sha256_init(&sha256);

	if (r == 0)
		r = sha256_add(&sha256, bytes.data, bytes.len);
	return r < 0 ? r : sha256_end(&sha256, ret);
}

int document_load(const struct blob_range *range, const char *what,
	const struct image_limits *limits, struct image_error *e,
	unsigned char ret_digest[static SHA256_SIZE], json_t **ret)
{
	CLEANUP_FREE char *text = NULL;
	ssize_t n;
	int r;

	if (range->size_bytes > limits->json_bytes_max)
		return image_fail(e, IMAGE_UNREADABLE,
			"%s: more than %llu bytes, the limit json_bytes_max", what,
			(unsigned long long)limits->json_bytes_max);
	text = malloc(range->size_bytes + 1);
	if (!text)
		return image_fail_errno(e, -ENOMEM, "%s", what);
	n = pread_up_to(range->fd, range->offset, text, range->size_bytes);
	if (n < 0 || (uint64_t)n < range->size_bytes)
		return image_fail_errno(e, n < 0 ? n : -ENODATA, "%s", what);
	r = digest_of((struct slice){text, n}, ret_digest);
	if (r < 0)
		return image_fail_errno(e, r, "%s", what);
	*ret = json_load_untrusted((struct slice){text, n}, limits->json_depth_max);
	if (*ret)
		return 0;
	return image_fail(e, IMAGE_UNREADABLE,
		"%s: not JSON, a key twice, or deeper than %u, the limit json_depth_max", what,
		limits->json_depth_max);
}

/*
 * What Go's case folding makes of the character at *TEXT, which moves on (encoding/json, fold.go).
 */
static char folded(const char **text)
{
	if (strncmp(*text, "\xc5\xbf", 2) == 0) { /* U+017F, long s */
		*text += 2;
		return 's';
	}
	if (strncmp(*text, "\xe2\x84\xaa", 3) == 0) { /* U+212A, Kelvin */
		*text += 3;
		return 'k';
	}
	return **text >= 'A' && **text <= 'Z' ? *(*text)++ - 'A' + 'a' : *(*text)++;
}

static bool is_folded_equal(const char *a, const char *b)
{
	while (*a && *b)
		if (folded(&a) != folded(&b))
			return false;
	return !*a && !*b;
}

json_t *document_get(const json_t *object, const char *key, json_type type, bool *is_bad)
{
	json_t *value, *found = NULL;
	const char *name;

	if (!json_is_object(object)) {
		*is_bad = true;
		return NULL;
	}
	json_object_foreach ((json_t *)object, name, value) {
		if (strcmp(name, key) == 0)
			found = value;
		else if (is_folded_equal(name, key))
			*is_bad = true;
	}
	if (!found || json_is_null(found))
		return NULL;
	if (json_typeof(found) == type)
		return found;
	*is_bad = true;
	return NULL;
}

struct slice document_text(const json_t *object, const char *key, bool *is_bad)
{
	const json_t *text = document_get(object, key, JSON_STRING, is_bad);

	if (!text)
		return slice_of("");
	return (struct slice){json_string_value(text), json_string_length(text)};
}

void image_words_done(struct image_words *words)
{
	for (size_t i = 0; i < words->count; i++)
		free(words->items[i]);
	free(words->items);
	*words = (struct image_words){0};
}

int image_words_add(struct image_words *words, struct slice text)
{
	char **items = reallocarray(words->items, words->count + 1, sizeof(*items));

	if (!items)
		return -ENOMEM;
	words->items = items;
	items[words->count] = strndup(text.data, text.len);
	if (!items[words->count])
		return -ENOMEM;
	words->count++;
	return 0;
}

int document_words(const json_t *object, const char *key, bool *is_bad, struct image_words *ret)
{
	json_t *array = document_get(object, key, JSON_ARRAY, is_bad), *item;
	size_t i;
	int r = 0;

	*is_bad |= json_array_size(array) > WORDS_MAX;
	json_array_foreach (array, i, item) {
		if (*is_bad)
			break;
		if (!json_is_string(item))
			*is_bad = true;
		else if (r == 0)
			r = image_words_add(ret, slice_of(json_string_value(item)));
	}
	return r;
}

bool document_digest(struct slice text, unsigned char ret[static SHA256_SIZE])
{
	const size_t prefix = strlen("sha256:");

	return text.len > prefix && memcmp(text.data, "sha256:", prefix) == 0 &&
	       sha256_parse((struct slice){text.data + prefix, text.len - prefix}, ret);
}
