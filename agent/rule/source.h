/* SPDX-License-Identifier: Apache-2.0 */
/*
 * From a place in the text of a YAML value back to the line and column of the
 * file it was read from, whatever the style of the value: plain, quoted or
 * block, on one line or several.
 */
#pragma once

#include <jansson.h>

#include "base/diag.h"
#include "base/slice.h"
#include "base/yaml.h"

/* A rule file while it is being loaded. */
struct source {
	const struct yaml_document *document;
	struct slice text;
};

/* The value of a rule file that a text came from. */
struct origin {
	const struct source *source;
	const json_t *node;
};

/*
 * Fills D with a message at byte OFFSET of ORIGIN's text. Without an origin the
 * text counts as line 1 of a file without a name. Returns -EINVAL.
 */
int origin_diag(const struct origin *origin, size_t offset, struct diag *d, const char *format, ...)
	__attribute__((format(printf, 4, 5)));

/* Fills D with a message at KEY of MAPPING. Returns -EINVAL. */
int source_key_diag(const struct source *source, const json_t *mapping, const char *key,
	struct diag *d, const char *format, ...) __attribute__((format(printf, 5, 6)));
