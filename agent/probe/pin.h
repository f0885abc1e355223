/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The directory below bpffs in which the kernel side outlives its agent. Each form of the kernel
 * side has a directory of its own in it, a generation, named by the version of the records and
 * by what the programs are:
 *
 *	DIR/5_0123456789abcdef/{map_*,prog_*,link_*}
 *
 * Names hold no '.', which bpffs refuses.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "barewatch/probe.h"

#define PIN_NAME_MAX 64

/* Writes the name of the generation of IDENTITY, with records of this version. */
void pin_generation(char name[static PIN_NAME_MAX], uint64_t identity);

/* Whether NAME is that of a generation, and if so the version of its records. Pure. */
bool pin_generation_parse(const char *name, unsigned *ret_version);

/* Finds a generation other than OWN and EXCEPT. False when there is none. */
bool pin_find_other(const struct probe_pins *pins, const char *own, const char *except,
	char ret[static PIN_NAME_MAX]);

bool pin_has(const struct probe_pins *pins, const char *generation);

/* Opens what is pinned as KIND ("map", "prog", "link") and NAME. A descriptor or a negative errno. */
int pin_get(
	const struct probe_pins *pins, const char *generation, const char *kind, const char *name);

/* Pins FD. */
int pin_put(const struct probe_pins *pins, const char *generation, const char *kind,
	const char *name, int fd);

/* Removes what is pinned as KIND and NAME, if there is anything. */
int pin_drop(
	const struct probe_pins *pins, const char *generation, const char *kind, const char *name);

/*
 * A new generation is filled under this name and gets its own when it is whole, so that one
 * whose agent was killed meanwhile is not taken for it.
 */
#define PIN_UNFINISHED "unfinished"

int pin_begin(const struct probe_pins *pins);
int pin_finish(const struct probe_pins *pins, const char *generation);

/* Removes what is pinned as KIND of GENERATION: with NULL all of it, and its directory. */
int pin_remove(const struct probe_pins *pins, const char *generation, const char *kind);
