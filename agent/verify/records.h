/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The records that package managers keep of what is installed, one parser for each form. They point
 * into the text, which is hostile: each takes time by its length alone, and allocates nothing.
 */
#pragma once

#include <stdbool.h>

#include "base/slice.h"

/* A package that is installed. */
struct package_record {
	struct slice name, version; /* neither is empty */
	struct slice files; /* of apk: the part of the record that names them */
};

/*
 * The next package of dpkg's *REST: its database "status", which has others than installed ones as
 * well (deb-status(5)), or a file of "status.d", as distroless images have them, without a field
 * Status. False at the end.
 */
bool dpkg_next(struct slice *rest, struct package_record *ret);

/*
 * The next path of *REST, one of dpkg's lists of files: info/NAME.list, a line each, or
 * NAME.md5sums, with a digest before each and no '/'. False at the end.
 */
bool dpkg_next_file(struct slice *rest, struct slice *ret);

/* The next package of apk's database "installed" (apk-tools, doc/apk-v2.5, "installed"). */
bool apk_next(struct slice *rest, struct package_record *ret);

/*
 * The next file of FILES of a record: *RET_DIRECTORY has no '/' around it, and begins as "". False
 * at the end.
 */
bool apk_next_file(struct slice *files, struct slice *ret_directory, struct slice *ret_name);

/* Takes the next line off REST, without its end. False when nothing is left. */
bool line_next(struct slice *rest, struct slice *ret);

/* The order of bytes: less than 0, 0, or more. */
int slice_compare(struct slice a, struct slice b);

/* True when TEXT begins with PREFIX. */
bool slice_begins(struct slice text, const char *prefix);

/* What is behind the first LEN bytes of TEXT, without spaces at both ends. */
struct slice slice_value(struct slice text, size_t len);
