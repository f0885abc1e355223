/* SPDX-License-Identifier: Apache-2.0 */
/*
 * From the tree of a YAML file to definitions: which keys an item may and must
 * have, and of which type. Names in conditions and lists are left to be resolved.
 */
#pragma once

#include "rule/definitions.h"
#include "rule/source.h"

/*
 * Adds the items of SOURCE. 0, or a negative errno with D filled in; then some
 * items may have been added.
 */
int definitions_load(struct definitions *definitions, const struct source *source, struct diag *d);
