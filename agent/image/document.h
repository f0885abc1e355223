/* SPDX-License-Identifier: Apache-2.0 */
/*
 * JSON documents of images. Engines read them with Go's encoding/json, which takes keys in
 * whatever case: what has a key in another case is refused, or it would say two things.
 */
#pragma once

#include "base/json.h"
#include "image/blob.h"

/*
 * Loads the document that RANGE is, called WHAT in messages, and stores its digest. 0, or a
 * negative errno with E filled in.
 */
int document_load(const struct blob_range *range, const char *what,
	const struct image_limits *limits, struct image_error *e,
	unsigned char ret_digest[static SHA256_SIZE], json_t **ret);

/*
 * The value of KEY in OBJECT, borrowed; NULL when it is not there or null. Sets *IS_BAD for a value
 * of another TYPE, for a key that is KEY in another case, and for what is no object.
 */
json_t *document_get(const json_t *object, const char *key, json_type type, bool *is_bad);

/* Same for a text: "" when it is not there. */
struct slice document_text(const json_t *object, const char *key, bool *is_bad);

/* Copies the array of texts at KEY, none when it is not there. 0 or -ENOMEM. */
int document_words(const json_t *object, const char *key, bool *is_bad, struct image_words *ret);

void image_words_done(struct image_words *words);

/* Adds a copy of TEXT. 0 or -ENOMEM. */
int image_words_add(struct image_words *words, struct slice text);

/* "sha256:HEX". False for anything else. */
bool document_digest(struct slice text, unsigned char ret[static SHA256_SIZE]);
