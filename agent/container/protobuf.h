/* SPDX-License-Identifier: Apache-2.0 */
/* As much of protobuf's wire format as it takes to find a field in a message. */
#pragma once

#include "base/slice.h"

/*
 * The first field NUMBER of MESSAGE, which is to hold bytes (or a text, or a message). -ENOENT
 * when there is none, -EBADMSG when MESSAGE is none, or of a kind that is not used any more
 * (groups), before it.
 */
int protobuf_find_bytes(struct slice message, unsigned number, struct slice *ret);
