/* SPDX-License-Identifier: Apache-2.0 */
/* The program module: what a program is. Pure once the catalog is loaded. */
#pragma once

#include "barewatch/decode.h"
#include "base/diag.h"
#include "base/slice.h"

/* After PROGRAM_OTHER, the gravest first. */
enum program_class {
	PROGRAM_OTHER,
	PROGRAM_SHELL,
	PROGRAM_PACKAGE_MANAGER,
	PROGRAM_MULTICALL, /* busybox, toybox, as an applet that is neither of the above */
	PROGRAM_RUNTIME, /* starts containers: runc, crun */
	PROGRAM_CLASSES,
};

/* "shell", "package_manager"...: the words of rules, the catalog and the output. */
const char *program_class_name(enum program_class class);

/* What a program was found to be. Texts belong to the catalog or the event. */
struct program {
	enum program_class class;
	struct slice name; /* of the catalog's entry, else of the file */
	struct slice applet; /* of a multi-call binary, else empty */
};

struct catalog;

/* Loads a catalog (rules/README.md has its keys). 0, or a negative errno with D filled in. */
int catalog_load_file(const char *path, struct catalog **ret, struct diag *d);
int catalog_load_text(const char *name, struct slice text, struct catalog **ret, struct diag *d);
void catalog_free(struct catalog *catalog);

/* Calls VISIT for each file name, patterns left out, of the programs of CLASS. */
void catalog_each_file(const struct catalog *catalog, enum program_class class,
	void (*visit)(const char *file, void *userdata), void *userdata);

/*
 * What the program of an exec or attempt EVENT is, by the names it goes by: the
 * file that runs, the path it was invoked by, and for multi-call binaries the
 * applet from argv. Other kinds of event are PROGRAM_OTHER.
 */
struct program program_classify(const struct catalog *catalog, const struct event *event);
