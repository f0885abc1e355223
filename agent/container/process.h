/* SPDX-License-Identifier: Apache-2.0 */
/* What /proc tells of processes, to find out whose they are and whom to believe. */
#pragma once

#include <limits.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "barewatch/container.h"
#include "base/proc.h"

#define PROCESS_ARGS_MAX 65536 /* bytes; engines give their helpers some thousand */

/* The decimal number TEXT, a newline behind it at most; 0 for anything else. */
uint64_t process_number(const char *text);

/* True when PID is in the cgroup at PATH or below, in any hierarchy; or as container_mounts_path(). */
bool process_is_in(pid_t pid, const char *path);

/* True when PID is root's, as the host counts, and in no container: it may say where files are. */
bool process_is_trusted(pid_t pid);

/*
 * Stores the command line of PID, words with a NUL behind each, and its working
 * directory. False when it is gone or they are too long.
 */
bool process_command(pid_t pid, struct strbuf *args, char cwd[static PATH_MAX]);

/*
 * The process with the lowest number in the cgroup at PATH, or in the one below it into
 * which runtimes and init systems put it. 0 when there is none.
 */
pid_t process_first(const struct cgroup_hierarchies *hierarchies, const char *path);
