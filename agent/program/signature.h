/* SPDX-License-Identifier: Apache-2.0 */
/* Signatures: by which strings in its bytes a program is known, whatever its file is called. */
#pragma once

#include "program/catalog.h"
#include "program/loading.h"
#include "program/matcher.h"

#define SIGNATURE_ANCHORS_MAX 64 /* of one signature */
#define SIGNATURE_ANCHOR_MIN  4 /* bytes; less is found by chance in any large file */
#define SIGNATURE_ANCHOR_MAX  200

/* A string, by the numbers of its patterns: as it is, and as UTF-32 or the same again. */
struct anchor {
	uint16_t plain, wide;
};

struct signature {
	char *name;
	enum program_class class;
	const struct catalog_entry *entry; /* the program of this name, NULL without one */
	struct anchor *anchors;
	size_t count;
	size_t required; /* that many anchors, the first, have to be there */
	size_t at_least; /* of the others */
	char **libraries; /* beginnings of names: one that is linked is enough */
	size_t libraries_count;
	bool is_packed;
	bool has_applet_table;
};

struct signature_set {
	struct signature *items;
	size_t count;
	struct matcher *matcher; /* NULL in a catalog without signatures */
	int go_pattern; /* what Go's linker puts before a program's build information */
};

/*
 * Loads the list NODE of ROOT into SET of the catalog of L, whose programs are there already.
 * NULL is an empty list. 0, -EINVAL with a message, or -ENOMEM.
 */
int signature_set_load(
	const struct loading *l, struct signature_set *set, json_t *node, const json_t *root);
void signature_set_done(struct signature_set *set);

/* True when what SCAN has found is enough for SIGNATURE. */
bool signature_fits(const struct signature *signature, const struct matcher_scan *scan);

/* True when a program that is linked with LIBRARY, libx.so.1, fits SIGNATURE by that alone. */
bool signature_has_library(const struct signature *signature, struct slice library);
