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
 * more may be said to be possible than is.
 *
 * Nothing of the process is told, not even proc.exepath, though the executable's device and inode are of the
 * kind. One file goes by several paths: hard links that are different programs (busybox), bind mounts,
 * for which a link count of 1 would say nothing, and after a rename, also of a directory above it, while
 * what was decided of the kind stays. The path's hash in the kind would tell, and cost each repeat a walk.
 */
unsigned folded_possible_of_open_kind(const struct folded_node *node, const struct subject *subject,
	struct field_scratch *scratch);
