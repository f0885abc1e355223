/* SPDX-License-Identifier: Apache-2.0 */
/* Opening a classic tracepoint, on hosts with and without a mounted tracefs, or a kprobe. */
#pragma once

#include "base/diag.h"

/*
 * Opens the tracepoint CATEGORY:NAME for a program to be attached to. The id of a
 * tracepoint is in tracefs only; where that is mounted nowhere this process opens one
 * of its own, which nobody else sees (fsopen, kernel 5.2, CAP_SYS_ADMIN). A
 * descriptor, or a negative errno with D's message saying what is missing.
 */
int tracepoint_open(const char *category, const char *name, struct diag *d);

/*
 * Opens a kprobe at the beginning of the kernel's FUNCTION for a program to be attached to. Needs no
 * tracefs (perf's "kprobe" events, kernel 4.17). Errors as above.
 */
int kprobe_open(const char *function, struct diag *d);
