/* SPDX-License-Identifier: Apache-2.0 */
/* What the kernel side's counters say of events that never arrived. */
#pragma once

#include <stdbool.h>

#include "barewatch/probe.h"
#include "base/strbuf.h"

/*
 * Appends what NOW has and BEFORE has not: "3 execs, 2 new cgroups". Returns the
 * number of events lost between the two.
 */
uint64_t losses_describe(
	const struct probe_counts *now, const struct probe_counts *before, struct strbuf *out);

/* Takes off NOW what BEFORE has. */
void losses_since(struct probe_counts *now, const struct probe_counts *before);

/* True when opened files were lost between the two. */
bool losses_hide_opens(const struct probe_counts *now, const struct probe_counts *before);

/* True when cgroups came or went unseen between the two. */
bool losses_hide_cgroups(const struct probe_counts *now, const struct probe_counts *before);
