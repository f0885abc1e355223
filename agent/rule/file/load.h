/* SPDX-License-Identifier: Apache-2.0 */
/*
 * From the tree of a YAML file to definitions, which its items make, append to,
 * override or enable. Names in conditions and lists are left to be resolved.
 */
#pragma once

#include "rule/file/definitions.h"
#include "rule/file/source.h"

struct loading {
	struct definitions *definitions;
	struct diags *diags;
	unsigned file_index; /* of the file that is loaded now */
	unsigned noted; /* see struct item */
};

/*
 * Adds the items of SOURCE, going on behind faulty ones. 0 also when some were,
 * which the diags say; or -ENOMEM.
 */
int definitions_load(struct loading *loading, const struct source *source);
