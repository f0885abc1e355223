/* SPDX-License-Identifier: Apache-2.0 */
/* Looking for a program as a runtime does, from inside the container. */
#pragma once

#include <jansson.h>

#include "base/slice.h"
#include "base/strbuf.h"

/* Places of one search that are looked at; usual search paths have six. */
#define LOOKUP_PLACES_MAX 64

/*
 * Opens PATH as seen from the directory ROOT, which it cannot leave. FLAGS are
 * open's. A descriptor, or a negative errno.
 */
int root_open(int root, const char *path, int flags);

/*
 * Opens the regular file PATH, of 1 to LIMIT bytes, for reading; nothing else is even
 * opened, since to open a device can be to act on it. The pseudo files of the kernel, which
 * have no size, are nothing to be read at someone's word either. A descriptor, or a
 * negative errno.
 */
int root_open_file(int root, const char *path, size_t limit);

/* What decides where a program is looked for, and for whom. */
struct lookup {
	int root; /* descriptor of the container's root directory */
	const char *cwd;
	const char *search_path; /* $PATH; NULL without one */
	const json_t *user; /* of the process (runtime-spec, config.md): uid, gid, additionalGids */
	struct strbuf *tried; /* receives each path that is tried, with its NUL... */
	bool *tried_cut; /* ...until there are BW_ARGS_MAX bytes, which this says then */
};

/*
 * Looks for NAME: at its place when it has a '/', else along the search path. 0 when it
 * is a file that may be executed, else an errno: EACCES, EISDIR, or, also when none of
 * the places has one that may be, ENOENT. RUNTIME_LOOKUP_UNKNOWN when it was in none of
 * LOOKUP_PLACES_MAX places, and there are more.
 *
 * Like runc's LookPath (Go, os/exec) and crun's find_executable().
 */
int lookup_program(const struct lookup *lookup, const char *name);
