/* SPDX-License-Identifier: Apache-2.0 */
/* What command lines of an engine's helpers tell. */
#pragma once

#include <limits.h>

#include "barewatch/container.h"

/*
 * Stores the bundle of the container ID, as the command line ARGS (words with a NUL behind each)
 * and the working directory CWD of its conmon or shim tell. False when they are not of these,
 * or are another's. Pure.
 */
bool bundle_from_command(
	struct slice args, const char *cwd, const char *id, char bundle[static PATH_MAX]);
