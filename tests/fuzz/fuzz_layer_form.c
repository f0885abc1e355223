/* SPDX-License-Identifier: Apache-2.0 */
/* Layers as bytes: what is loaded can be merged, listed and asked, and is written as it was. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "image/layer_form.h"
#include "image/tree.h"

static const struct image_limits limits = IMAGE_LIMITS_DEFAULT;
static struct catalog *catalog;

static void use(struct layer *layer)
{
	CLEANUP_IMAGE_TREE struct image_tree *tree = NULL;
	CLEANUP_STRBUF struct strbuf path = STRBUF_INIT;
	struct program_identity id;
	struct image_file file;
	struct image_error e;

	if (image_tree_new(&limits, &e, &tree) < 0 || image_tree_add_layer(tree, layer) < 0 ||
		image_tree_finish(tree) < 0)
		return;
	for (uint32_t i = 0; i < image_tree_count(tree); i++) {
		if (!image_tree_get(tree, i, &file))
			continue;
		strbuf_reset(&path);
		image_tree_path(tree, i, &path);
		if (image_tree_identity(tree, &file, &id) && id.class >= PROGRAM_CLASSES)
			abort();
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	CLEANUP_STRBUF struct strbuf again = STRBUF_INIT;
	CLEANUP_LAYER struct layer *layer = NULL;
	struct layer_usage usage;
	struct diag d;

	if (!catalog &&
		catalog_load_text("fuzz", slice_of("version: 1\nprograms: []\n"), &catalog, &d) < 0)
		abort();
	if (layer_load((struct slice){(const char *)data, size}, catalog, &limits, &layer, &usage) <
		0)
		return 0;
	layer_write(&again, catalog, layer, &usage);
	if (again.len != size)
		abort();
	use(layer);
	return 0;
}
