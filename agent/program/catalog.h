/* SPDX-License-Identifier: Apache-2.0 */
/* What classify.c asks of the loaded catalog. */
#pragma once

#include "barewatch/program.h"

struct catalog_entry {
	char *name;
	enum program_class class;
	struct catalog_applet *applets; /* of a multi-call binary */
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
