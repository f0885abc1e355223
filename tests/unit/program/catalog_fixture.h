/* SPDX-License-Identifier: Apache-2.0 */
/* Catalogs from texts. */
#pragma once

#include "asserts.h"

#include <errno.h>

#include "program/catalog.h"

DEFINE_CLEANUP(struct catalog, catalog_pointer, catalog_free);
#define CLEANUP_CATALOG CLEANUP(catalog_pointer_cleanup)

static inline struct catalog *catalog_of(const char *text)
{
	struct catalog *catalog = NULL;
	struct diag d = {0};

	if (catalog_load_text("c.yaml", slice_of(text), &catalog, &d) < 0)
		fail_msg("%u:%u: %s", d.line, d.column, d.message);
	return catalog;
}

/* TEXT is refused with MESSAGE. */
static inline void assert_catalog_refused(const char *text, const char *message)
{
	struct catalog *catalog = NULL;
	struct diag d = {0};

	assert_int_equal(catalog_load_text("c.yaml", slice_of(text), &catalog, &d), -EINVAL);
	assert_diag_text(&d, message);
	assert_null(catalog);
}
