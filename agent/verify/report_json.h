/* SPDX-License-Identifier: Apache-2.0 */
/* What reports are put together from. What returns JSON returns NULL without memory. */
#pragma once

#include <jansson.h>

#include "barewatch/image.h"
#include "base/strbuf.h"

/* TEXT as a string; what is not UTF-8 comes escaped (escape_text). */
json_t *report_text(struct slice text);
json_t *report_plain(const char *text);
json_t *report_text_or_null(struct slice text); /* null when it is empty */
json_t *report_strbuf(const struct strbuf *text);

/* The message of E, with the option that raises the limit which it names, if it does. */
json_t *report_error(const struct image_error *e);

/* "sha256:..." */
json_t *report_digest(const unsigned char *digest);

/* Take over ITEM. False when that, or what it is put into, is NULL, or without memory. */
bool report_append(json_t *list, json_t *item);
bool report_put(json_t *object, const char *key, json_t *item);
