/* SPDX-License-Identifier: Apache-2.0 */
/* The first line of a script. */
#pragma once

#include "base/slice.h"

struct script {
	struct slice interpreter, argument; /* of the line; ARGUMENT empty without one */
};

/*
 * Reads START, the first bytes of a file, up to PROGRAM_LINE_MAX of them, as the kernel does
 * (Linux, fs/binfmt_script.c): the argument is all that follows, spaces in it included. False
 * when it is no script that the kernel would run. RET refers to START.
 */
bool script_read(struct slice start, struct script *ret);
