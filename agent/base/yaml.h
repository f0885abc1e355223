/* SPDX-License-Identifier: Apache-2.0 */
/*
 * YAML (and so JSON) files as a jansson tree with the place of every node. The
 * only home of libyaml.
 *
 * Every scalar becomes a JSON string, whatever it looks like: `yes`, `1` and
 * `"1"` differ only in what the reader of the key makes of them. A plain empty
 * scalar, `~` or `null` becomes JSON null. Mapping keys must be scalars and
 * unique. Anchors with aliases, tags and several documents are refused: the
 * first makes small files large, the others have no use here.
 */
#pragma once

#include <jansson.h>
#include <stdbool.h>

#include "base/diag.h"
#include "base/slice.h"

#define YAML_FILE_SIZE_MAX (4u << 20) /* Falco's whole rule set is 60 KiB */
#define YAML_DEPTH_MAX     64
#define YAML_NODES_MAX     200000

struct yaml_document {
	char *name; /* for messages */
	json_t *root; /* JSON null for an empty document */
	struct yaml_place *places;
};

#define YAML_DOCUMENT_INIT ((struct yaml_document){0})

/* Loads the file PATH. 0, or a negative errno with D filled in. */
int yaml_load_file(const char *path, struct yaml_document *ret, struct diag *d);

/* Loads TEXT; NAME stands for the file in messages. */
int yaml_load_text(const char *name, struct slice text, struct yaml_document *ret, struct diag *d);

/* The same of TEXT that is a part of a file, from the beginning of line FIRST_LINE on. */
int yaml_load_part(const char *name, struct slice text, unsigned first_line,
	struct yaml_document *ret, struct diag *d);

void yaml_document_done(struct yaml_document *document);
static inline void yaml_document_cleanup(struct yaml_document *document)
{
	yaml_document_done(document);
}
#define CLEANUP_YAML CLEANUP(yaml_document_cleanup)

/* Fills D with a message at the place of NODE. Returns -EINVAL. */
int yaml_diag(const struct yaml_document *document, const json_t *node, struct diag *d,
	const char *format, ...) __attribute__((format(printf, 4, 5)));

/* Stores the line and column (from 1) at which NODE starts; 0 and 0 when it has no place. */
void yaml_place(const struct yaml_document *document, const json_t *node, unsigned *ret_line,
	unsigned *ret_column);

/* The node whose place a message about NODE of PARENT has: a null has no place of its own. */
static inline const json_t *yaml_placed(const json_t *node, const json_t *parent)
{
	return json_is_null(node) ? parent : node;
}

/*
 * Refuses keys of the mapping NODE that are not among the COUNT of KNOWN, with a
 * suggestion. 0, or -EINVAL with D filled in.
 */
int yaml_check_keys(const struct yaml_document *document, json_t *node, const char *const *known,
	size_t count, struct diag *d);

/* "a list", "a mapping", "a single value", "nothing": for messages of the form "found X". */
const char *yaml_describe(const json_t *node);

/*
 * The YAML 1.2 core booleans, and yes/no/on/off of 1.1. Returns false when NODE
 * is none of them.
 */
bool yaml_bool(const json_t *node, bool *ret);
