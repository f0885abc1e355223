/* SPDX-License-Identifier: Apache-2.0 */
/* How `barewatch ps` shows containers. */
#pragma once

#include "barewatch/container.h"
#include "barewatch/status.h"

enum listing_format {
	LISTING_TEXT, /* a line of columns for each, below their titles */
	LISTING_WIDE, /* the same with more columns */
	LISTING_JSON, /* an object a line for each, with all that is known and where from */
};

/*
 * Prints the containers of REGISTRY to standard output, in the order in which they became known,
 * with what STATUS has counted of them; that is NULL where no agent runs.
 */
void listing_print(const struct container_registry *registry, enum listing_format format,
	const struct status *status);
