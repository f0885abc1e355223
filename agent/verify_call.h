/* SPDX-License-Identifier: Apache-2.0 */
/* An image is read and judged in a child without rights (sandbox.h): only its report comes back. */
#pragma once

#include "barewatch/verify.h"

/* Everything is borrowed. */
struct verify_call {
	const char *reference;
	struct image_options reading; /* without spools, and kept is what judging needs */
	struct verify_options judging;
};

/*
 * Reads and judges CALL's reference. 0 with its report, also when nothing could be read, or when the
 * child did not come to an end: the report says why. Else -ENOMEM.
 */
int verify_call(const struct verify_call *call, json_t **ret);
