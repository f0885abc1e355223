/* SPDX-License-Identifier: Apache-2.0 */
/*
 * read_image CATALOG REFERENCE...: reads images as verify does, judges nothing, and prints a line
 * for each manifest. 0, or 3 when one could not be read.
 */
#include <stdio.h>

#include "barewatch/image.h"

static void print_manifest(const struct image_manifest *m)
{
	uint64_t bytes = 0;

	for (size_t i = 0; i < m->layer_count; i++)
		bytes += m->layers[i].bytes;
	if (m->error.kind != IMAGE_NO_ERROR)
		printf("%s: %s\n", m->name, m->error.message);
	else
		printf("%s: %zu layers, %llu bytes, %u names\n", m->name, m->layer_count,
			(unsigned long long)bytes, image_tree_count(m->tree));
}

static int read_image(const struct image_options *options, const char *reference)
{
	struct image_error e;
	struct image *image;

	if (image_read(reference, options, &image, &e) < 0) {
		fprintf(stderr, "%s: %s\n", reference, e.message);
		return 3;
	}
	for (size_t i = 0; i < image->count; i++)
		print_manifest(&image->manifests[i]);
	image_free(image);
	return 0;
}

int main(int argc, char **argv)
{
	struct image_options options = {.input_fd = 0};
	struct catalog *catalog;
	char text[1024];
	struct diag d;
	int status = 0;

	if (argc < 3)
		return 2;
	if (catalog_load_file(argv[1], &catalog, &d) < 0) {
		diag_text(&d, text, sizeof(text));
		fprintf(stderr, "%s\n", text);
		return 2;
	}
	options.catalog = catalog;
	for (int i = 2; i < argc; i++)
		status |= read_image(&options, argv[i]);
	catalog_free(catalog);
	return status;
}
