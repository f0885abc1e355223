/* SPDX-License-Identifier: Apache-2.0 */
/* See keeps.h. */
#include "verify/keeps.h"

#include "barewatch/verify.h"
#include "base/cleanup.h"
#include "verify/records.h"

#define STATUS_D "var/lib/dpkg/status.d/"
#define INFO     "var/lib/dpkg/info/"

static const char *const texts[] = {
	"etc/os-release",
	"usr/lib/os-release",
	"etc/passwd",
	"var/lib/dpkg/status",
	"lib/apk/db/installed",
	"usr/lib/apk/db/installed",
};

static bool ends(struct slice text, const char *suffix)
{
	size_t len = strlen(suffix);

	return text.len >= len && memcmp(text.data + text.len - len, suffix, len) == 0;
}

enum kept_place kept_place(struct slice path)
{
	for (size_t i = 0; i < ARRAY_SIZE(texts); i++)
		if (slice_equal_text(path, texts[i]))
			return KEPT_TEXT;
	if (slice_begins(path, STATUS_D))
		return ends(path, ".md5sums") ? KEPT_DPKG_LIST : KEPT_DPKG_SPLIT;
	if (slice_begins(path, INFO) && ends(path, ".list"))
		return KEPT_DPKG_LIST;
	return KEPT_NOT;
}

bool verify_keeps(struct slice path, uint64_t size_bytes, void *userdata)
{
	(void)userdata;
	return size_bytes <= KEPT_BYTES_MAX && kept_place(path) != KEPT_NOT;
}
