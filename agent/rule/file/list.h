/* SPDX-License-Identifier: Apache-2.0 */
/* Lists in lists made into lists of values. */
#pragma once

#include "rule/file/definitions.h"

/*
 * Fills in LIST's values unless they are. 0, -ENOMEM, or -EINVAL when it has none,
 * which DIAGS says of each list once.
 */
int list_resolve(
	struct definitions *definitions, struct list_definition *list, struct diags *diags);

/* Appends TEXT, found at ORIGIN, to LIST. 0 or -ENOMEM. */
int list_add(struct list_definition *list, const char *text, const struct origin *origin);
