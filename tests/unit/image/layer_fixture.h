/* SPDX-License-Identifier: Apache-2.0 */
/* Layers out of archives made in memory, read with a small catalog. */
#pragma once

#include "image/tar_fixture.h"
#include "program/catalog_fixture.h"
#include "program/elf_fixture.h"

#include "image/tree.h"

#define CATALOG                      \
	"version: 1\nprograms: []\n" \
	"signatures:\n"              \
	"- {name: dash, class: shell, at_least: 2, anchors: [dash-one, dash-two]}\n"

struct layers {
	struct catalog *catalog;
	struct image_limits limits;
	struct image_error e;
	struct layer_reader reader;
};

static inline int layers_set_up(void **state)
{
	struct layers *l = calloc(1, sizeof(*l));

	l->catalog = catalog_of(CATALOG);
	l->limits = IMAGE_LIMITS_DEFAULT;
	assert_int_equal(layer_reader_init(&l->reader, l->catalog, &l->limits, &l->e), 0);
	*state = l;
	return 0;
}

static inline int layers_tear_down(void **state)
{
	struct layers *l = *state;

	layer_reader_done(&l->reader);
	catalog_free(l->catalog);
	free(l);
	return 0;
}

#define LAYERS_TEST(name) cmocka_unit_test_setup_teardown(name, layers_set_up, layers_tear_down)

/* Reads BYTES as a layer. 0 or what went wrong. */
static inline int read_layer(struct layers *l, struct slice bytes, struct layer **ret)
{
	CLEANUP_FD int fd = file_of(bytes);
	struct blob_range range = {fd, 0, bytes.len};

	return layer_read_tar(&l->reader, &range, true, ret);
}

/* An ELF file of SIZE bytes or a little more with what the catalog knows a shell by at its end. */
static inline void add_shell(struct strbuf *out, size_t size)
{
	struct elf_fixture elf;

	elf_fixture_init(&elf, ET_DYN);
	elf_fixture_interpreter(&elf, "/lib/ld.so");
	strbuf_add(out, elf.bytes, sizeof(elf.bytes));
	while (out->len < size)
		strbuf_add_text(out, "filler");
	strbuf_add(out, "\0dash-one\0dash-two", 19);
}
