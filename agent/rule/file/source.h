/* SPDX-License-Identifier: Apache-2.0 */
/*
 * From a place in the text of a YAML value back to the line and column of the
 * file it was read from, whatever the style of the value: plain, quoted or
 * block, on one line or several.
 */
#pragma once

#include <jansson.h>
#include <stdbool.h>

#include "base/diag.h"
#include "base/slice.h"
#include "base/strbuf.h"
#include "base/yaml.h"

/* A rule file, or what could be read of it, while it is being loaded. */
struct source {
	const struct yaml_document *document;
	struct slice text;
};

/*
 * The value of a rule file that a text came from. A text of several parts has a
 * chain of them.
 */
struct origin {
	const struct source *source;
	const json_t *node;
	bool whole; /* the text is made of the node, not its own: places are the node's */
	size_t end; /* where in the text the next one begins; without a next one of no meaning */
	struct origin *next;
};

/* A text and where its parts came from. */
struct passage {
	struct strbuf text;
	struct origin *origin, *last;
};

void passage_done(struct passage *passage);
static inline void passage_cleanup(struct passage *passage)
{
	passage_done(passage);
}
#define CLEANUP_PASSAGE CLEANUP(passage_cleanup)

/* Appends the text of ORIGIN's node. 0 or -ENOMEM. */
int passage_add(struct passage *passage, const struct origin *origin);

/* Appends TEXT, which was made of ORIGIN's node. 0 or -ENOMEM. */
int passage_add_made(struct passage *passage, const char *text, const struct origin *origin);

/* Forgets the places, when the files they are in go. */
void passage_forget(struct passage *passage);

/*
 * Fills D with a message at byte OFFSET of ORIGIN's text. Without an origin the
 * text counts as line 1 of a file without a name. Returns -EINVAL.
 */
int origin_diag(const struct origin *origin, size_t offset, struct diag *d, const char *format, ...)
	__attribute__((format(printf, 4, 5)));

/* Fills D with a message at KEY of MAPPING. Returns -EINVAL. */
int source_key_diag(const struct source *source, const json_t *mapping, const char *key,
	struct diag *d, const char *format, ...) __attribute__((format(printf, 5, 6)));
