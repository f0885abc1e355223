/* SPDX-License-Identifier: Apache-2.0 */
/* Whether a signature fits what was found, see signature.h. */
#include "program/signature.h"

void signature_set_done(struct signature_set *set)
{
	for (size_t i = 0; i < set->count; i++) {
		struct signature *signature = &set->items[i];

		for (size_t n = 0; n < signature->libraries_count; n++)
			free(signature->libraries[n]);
		free(signature->libraries);
		free(signature->anchors);
		free(signature->name);
	}
	free(set->items);
	matcher_free(set->matcher);
	*set = (struct signature_set){0};
}

static bool anchor_is_there(const struct anchor *anchor, const struct matcher_scan *scan)
{
	return matcher_scan_has(scan, anchor->plain) || matcher_scan_has(scan, anchor->wide);
}

bool signature_fits(const struct signature *signature, const struct matcher_scan *scan)
{
	size_t found = 0;

	if (signature->at_least == 0) /* it has libraries only */
		return false;
	for (size_t i = 0; i < signature->count; i++) {
		bool is_there = anchor_is_there(&signature->anchors[i], scan);

		if (i >= signature->required)
			found += is_there;
		else if (!is_there)
			return false;
	}
	return found >= signature->at_least;
}

bool signature_has_library(const struct signature *signature, struct slice library)
{
	for (size_t i = 0; i < signature->libraries_count; i++) {
		struct slice prefix = slice_of(signature->libraries[i]);

		if (library.len >= prefix.len && memcmp(library.data, prefix.data, prefix.len) == 0)
			return true;
	}
	return false;
}

const struct signature *catalog_signature(const struct catalog *catalog, unsigned number)
{
	const struct signature_set *set = catalog_signatures(catalog);

	return number < set->count ? &set->items[number] : NULL;
}

const char *catalog_signature_name(const struct catalog *catalog, unsigned number)
{
	const struct signature_set *set = catalog_signatures(catalog);

	return number < set->count ? set->items[number].name : NULL;
}
