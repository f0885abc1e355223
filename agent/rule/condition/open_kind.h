/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a condition is worth for all opens that the kernel side tells apart no further: of a file, for
 * a use, in a container, by one executable (struct bw_open_kind).
 */
#pragma once

#include "rule/condition/fold.h"

/*
 * What the condition that begins at NODE, folded for opens, can be worth for opens of the kind of
 * SUBJECT, which is one: a mask of POSSIBLE(). Comparisons are taken for independent of each other, so
 * more may be said to be possible than is. Of who opens only the executable is of the kind, and not
 * by which of its names it goes (programs in one file, hard links), so nothing of the process is told.
 */
unsigned folded_possible_of_open_kind(const struct folded_node *node, const struct subject *subject,
	struct field_scratch *scratch);
