/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The runtime module: what an OCI runtime (runc, crun) was called for, and whether
 * the program that it is to start is there. A runtime looks for the program from
 * inside the container and gives up when there is none, without any execve; so
 * this is the only way to say what was asked for.
 */
#pragma once

#include <stdbool.h>

#include "barewatch/container.h"
#include "barewatch/decode.h"
#include "base/slice.h"
#include "base/strbuf.h"

enum runtime_verb {
	RUNTIME_CREATE, /* create, run: a container */
	RUNTIME_EXEC, /* a session in one that is there */
};

/* A call that is to start a program. */
struct runtime_call {
	enum runtime_verb verb;
	struct slice id; /* of the container */
	struct slice bundle; /* create: its directory; empty where it is the working directory */
	struct slice
		pid_file; /* create: to which the first process's number is written; or empty */
	bool without_cgroup; /* create: it is given no cgroup of its own (crun, for Podman) */
	struct slice process; /* exec: the file that tells what to start; empty: it follows */
	struct event_text command; /* exec: the arguments that follow the id, none with a file */
};

/*
 * Reads the arguments ARGS of a call of runc (1.0 to 1.4), crun (1.x) or another that
 * takes the same. False when the call starts nothing, or is not understood. Pure; RET
 * points into ARGS.
 */
bool runtime_call_parse(const struct event_text *args, struct runtime_call *ret);

#define RUNTIME_LOOKUP_UNKNOWN (-1)

/* A program that is to be started in a container. */
struct runtime_start {
	enum runtime_verb verb;
	struct strbuf args; /* its argv, each with its NUL; empty when it could not be read */
	struct strbuf cwd;
	struct strbuf tried; /* the paths at which it was looked for, each with its NUL */
	bool args_cut, tried_cut; /* there was more than BW_ARGS_MAX bytes of it */
	int error; /* of the lookup: 0, an errno, or RUNTIME_LOOKUP_UNKNOWN */
};

#define RUNTIME_START_INIT ((struct runtime_start){.error = RUNTIME_LOOKUP_UNKNOWN})

void runtime_start_done(struct runtime_start *start);
static inline void runtime_start_cleanup(struct runtime_start *start)
{
	runtime_start_done(start);
}

/*
 * Finds out what CALL, made by PROCESS with the working directory CWD, is to start, and
 * looks for it as the runtime will. CONTAINER is that of an exec, if it is known; of it,
 * the bundle and the root are used. Files are found as that process sees them, or, once it
 * has ended, as this one does; only regular files are opened. Takes as long as the file
 * systems do on which they are. To be called at once: the files are gone with the call. What is not
 * found out stays unknown in RET, an empty runtime_start. 0 or -ENOMEM.
 *
 * Mounts inside the container other than its root are not seen: a program that is
 * only there counts as missing. A runtime that finds it never gives up on it, so that
 * matters only when the start fails for another reason.
 */
int runtime_start_read(const struct runtime_call *call, const struct bw_process *process,
	struct slice cwd, const struct container *container, struct runtime_start *ret);
