/* SPDX-License-Identifier: Apache-2.0 */
/* Times as text: UTC with nanoseconds, as Falco writes them. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#define TIMESTAMP_SIZE 40 /* with its NUL */

/* Writes TIME_NS, of CLOCK_REALTIME, as "2026-11-23T07:23:17.123456789Z". */
void timestamp_format(uint64_t time_ns, char ret[static TIMESTAMP_SIZE]);

/* Reads it back. False when TEXT, which may be NULL, is none, or no time that fits. */
bool timestamp_parse(const char *text, uint64_t *ret);
