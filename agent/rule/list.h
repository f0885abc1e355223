/* SPDX-License-Identifier: Apache-2.0 */
/* Lists in lists made into lists of values. */
#pragma once

#include "rule/definitions.h"

/* Fills in LIST's values unless they are. 0, or a negative errno with D filled in. */
int list_resolve(struct definitions *definitions, struct list_definition *list, struct diag *d);
