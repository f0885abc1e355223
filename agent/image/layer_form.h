/* SPDX-License-Identifier: Apache-2.0 */
/* A layer as bytes, for whoever reads it again on this host, with the same program and catalog. */
#pragma once

#include "image/layer.h"

/* Appends LAYER, whose reading took USAGE of the limits. OUT keeps the error. */
void layer_write(struct strbuf *out, const struct catalog *catalog, const struct layer *layer,
	const struct layer_usage *usage);

/*
 * Reads what layer_write() has written. BYTES are hostile all the same: numbers lead nowhere but
 * into the layer, and names are as those of archives. 0, -EBADMSG, or -ENOMEM.
 */
int layer_load(struct slice bytes, const struct catalog *catalog, const struct image_limits *limits,
	struct layer **ret, struct layer_usage *ret_usage);
