/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Records of packages: whatever the bytes, reading comes to an end, what is found lies within them,
 * and no package is without a name and a version. The first byte says which form is read.
 */
#include <stdint.h>
#include <stdlib.h>

#include "verify/base.h"
#include "verify/records.h"

static void check_within(struct slice part, struct slice all)
{
	if (part.len > 0 && (part.data < all.data || part.data + part.len > all.data + all.len))
		abort();
}

static void check_record(const struct package_record *record, struct slice all)
{
	if (record->name.len == 0 || record->version.len == 0)
		abort();
	check_within(record->name, all);
	check_within(record->version, all);
	check_within(record->files, all);
}

static void read_apk(struct slice all)
{
	struct package_record record;
	struct slice rest = all;

	while (apk_next(&rest, &record)) {
		struct slice files = record.files, directory = {0}, name;

		check_record(&record, all);
		while (apk_next_file(&files, &directory, &name)) {
			check_within(directory, all);
			check_within(name, all);
		}
	}
}

static void read_dpkg(struct slice all)
{
	struct package_record record;
	struct slice rest = all;

	while (dpkg_next(&rest, &record))
		check_record(&record, all);
}

static void read_list(struct slice all)
{
	struct slice rest = all, path;

	while (dpkg_next_file(&rest, &path)) {
		if (path.len == 0)
			abort();
		check_within(path, all);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct slice all = {(const char *)data + 1, size - 1};

	if (size == 0)
		return 0;
	switch (data[0] % 4) {
	case 0:
		read_apk(all);
		break;
	case 1:
		read_dpkg(all);
		break;
	case 2:
		read_list(all);
		break;
	default:
		check_within(os_release_value(all, "ID"), all);
	}
	return 0;
}
