/* SPDX-License-Identifier: Apache-2.0 */
/* Layers merged to one tree, see barewatch/image.h. */
#pragma once

#include "image/layer.h"

struct image_tree;

int image_tree_new(
	const struct image_limits *limits, struct image_error *e, struct image_tree **ret);
void image_tree_free(struct image_tree *tree);

/* Puts LAYER, which it gets a user of, over those that are there. */
int image_tree_add_layer(struct image_tree *tree, struct layer *layer);

/* After the last layer: what is seen is known then, and so is what leaks. */
int image_tree_finish(struct image_tree *tree);

DEFINE_CLEANUP(struct image_tree, image_tree, image_tree_free);
#define CLEANUP_IMAGE_TREE CLEANUP(image_tree_cleanup)
