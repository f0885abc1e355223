/* SPDX-License-Identifier: Apache-2.0 */
/* Attaching to a classic tracepoint, on hosts with and without a mounted tracefs. */
#pragma once

#include <bpf/libbpf.h>

#include "base/diag.h"

/*
 * Attaches PROGRAM to the tracepoint CATEGORY:NAME and stores the link. The id of
 * a tracepoint is in tracefs only; where that is mounted nowhere this process
 * opens one of its own, which nobody else sees (fsopen, kernel 5.2,
 * CAP_SYS_ADMIN). 0, or a negative errno with D's message saying what is missing.
 */
int tracepoint_attach(struct bpf_program *program, const char *category, const char *name,
	struct bpf_link **ret, struct diag *d);
