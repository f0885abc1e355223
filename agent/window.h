/* SPDX-License-Identifier: Apache-2.0 */
/* The time in which no agent watched, in words. */
#pragma once

#include <stdbool.h>

#include "barewatch/probe.h"
#include "base/strbuf.h"

/*
 * Appends what WINDOW, which is of some kind, says; WALL_OFFSET_NS turns CLOCK_BOOTTIME into
 * CLOCK_REALTIME. True when something may have been missed.
 */
bool window_describe(
	const struct probe_window *window, uint64_t wall_offset_ns, struct strbuf *out);
