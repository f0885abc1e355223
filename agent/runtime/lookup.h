/* SPDX-License-Identifier: Apache-2.0 */
/* Looking for a program as a runtime does, from inside the container. */
#pragma once

#include <jansson.h>

#include "base/slice.h"
#include "base/strbuf.h"

/*
 * Opens PATH as seen from the directory ROOT, which it cannot leave. FLAGS are
 * open's. A descriptor, or a negative errno.
 */
int root_open(int root, const char *path, int flags);

/* What decides where a program is looked for, and for whom. */
struct lookup {
	int root; /* descriptor of the container's root directory */
	const char *cwd;
	const char *search_path; /* $PATH; NULL without one */
	const json_t *user; /* of the process (runtime-spec, config.md): uid, gid, additionalGids */
	struct strbuf *tried; /* receives each path that is tried, with its NUL */
};

/*
 * Looks for NAME: at its place when it has a '/', else along the search path. 0 when it
 * is a file that may be executed, else an errno: EACCES, EISDIR, or, also when none of
 * the places has one that may be, ENOENT.
 *
 * Like runc's LookPath (Go, os/exec) and crun's find_executable().
 */
int lookup_program(const struct lookup *lookup, const char *name);
