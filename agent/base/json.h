/* SPDX-License-Identifier: Apache-2.0 */
/* What jansson leaves to do: scope-bound release, and lines that are safe to show. */
#pragma once

#include <jansson.h>

#include "base/cleanup.h"
#include "base/strbuf.h"

DEFINE_CLEANUP(json_t, json, json_decref);
#define CLEANUP_JSON CLEANUP(json_cleanup)

/* Appends TEXT, which is UTF-8, as a string of JSON; what is not comes escaped (escape_text). */
void json_add_string(struct strbuf *out, struct slice text);

/*
 * Appends JSON, which may be NULL when memory was out and is given up, as a line of ASCII without
 * control characters. 0 or -ENOMEM.
 */
int json_add_line(json_t *json, struct strbuf *out);

/*
 * Loads TEXT from a source that may be hostile. NULL when it is not JSON, has a key twice in an
 * object, or more than DEPTH_MAX arrays and objects within each other.
 */
json_t *json_load_untrusted(struct slice text, unsigned depth_max);
