/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The command lines of dynamic loaders that are started as programs, `ld.so [OPTION]... PROGRAM
 * [ARGUMENT]...`: glibc's (elf/rtld.c of 2.36) and musl's (ldso/dynlink.c of 1.2.3).
 */
#pragma once

#include <stdbool.h>

#include "barewatch/decode.h"

/*
 * The program that a loader with the arguments ARGS is told to load. *RET_ARGS are what that
 * gets for its own, from its name on, which may have been given to it by --argv0. False when
 * there is none, or it is in a part that was not kept.
 */
bool loader_target(
	const struct event_text *args, struct slice *ret_path, struct event_text *ret_args);
