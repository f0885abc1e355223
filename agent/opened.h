/* SPDX-License-Identifier: Apache-2.0 */
/* Where a file that was opened came from, as far as its record tells: nobody looks at all of them. */
#pragma once

#include "barewatch/decode.h"
#include "barewatch/origin.h"
#include "barewatch/root.h"

/*
 * The origin of the file of EVENT, an open. ROOT is its container's, NULL when that is not known;
 * MOUNTS_ARE_OUTSIDE as in struct origin_clues. PROGRAM_ORIGIN_UPPER also of files of the image that
 * were copied since: what was changed of them is not looked at.
 */
enum program_origin opened_origin(
	const struct event *event, const struct container_root *root, bool mounts_are_outside);
