/* SPDX-License-Identifier: Apache-2.0 */
/* What the rest of the module asks of the loaded catalog. */
#pragma once

#include "barewatch/program.h"

struct catalog_entry {
	char *name;
	enum program_class class;
	struct catalog_applet *applets; /* of a multi-call binary */
	bool has_signature; /* with strings, so that a file's bytes can tell that it is another */
};

/*
 * The entry for a program at PATH, by its path first and then by its file name.
 * NULL when the catalog does not know it.
 */
const struct catalog_entry *catalog_find(const struct catalog *catalog, struct slice path);

/* What a multi-call binary is as APPLET: its class in the catalog, else PROGRAM_MULTICALL. */
enum program_class catalog_applet_class(const struct catalog_entry *entry, struct slice applet);

/* The gravest that a multi-call binary can be: a shell, else a package manager, if it has such. */
enum program_class catalog_gravest_class(const struct catalog_entry *entry);

/* The entry called NAME, NULL without one. */
struct catalog_entry *catalog_find_entry(const struct catalog *catalog, const char *name);

struct signature_set;
const struct signature_set *catalog_signatures(const struct catalog *catalog);
