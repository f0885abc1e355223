/* SPDX-License-Identifier: Apache-2.0 */
/* Layers that were read before, see struct image_cache. From any thread. */
#pragma once

#include "image/layer.h"

/*
 * As layer_read_tar(), with whiteouts, for a blob that is said to have DIGEST; out of CACHE, which
 * may be NULL, when that has it and the blob does have the digest. Else the result goes there. What
 * is wrong with a cache is nobody's business: without it, the layer is read.
 */
int layer_cache_read(struct image_cache *cache, struct layer_reader *reader,
	const struct blob_range *range, const unsigned char digest[static SHA256_SIZE],
	struct layer **ret);
