/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the forms of a report share. A report may be hostile: what is not there, or of another type,
 * is "" or 0, and texts are escaped on their way out.
 */
#pragma once

#include <jansson.h>

#include "barewatch/verify.h"

/* The text KEY of OBJECT, "" without one. */
struct slice form_text(const json_t *object, const char *key);
json_int_t form_number(const json_t *object, const char *key);
bool form_is(const json_t *object, const char *key, const char *text);

/* Appends the text KEY of OBJECT, escaped for one line. */
void form_add(struct strbuf *out, const json_t *object, const char *key);

/* Appends MESSAGE, one that was safe to show when it was written: a second time it is not escaped. */
void form_add_message(struct strbuf *out, struct slice message);

/* Appends how the image NUMBER of REPORT is called: the reference, with tag and platform. */
void form_add_image_name(struct strbuf *out, const json_t *report, size_t number);

/* The manifest of image NUMBER; NULL without one. */
const json_t *form_manifest(const json_t *report, size_t number);

/* The word by which policies know FINDING: its class, or "leak". */
const char *form_class(const json_t *finding);

/* Why an image, or when IMAGE is NULL a report, has no whole answer; "" when it has. */
struct slice form_error(const json_t *report, const json_t *image);
