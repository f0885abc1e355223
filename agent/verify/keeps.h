/* SPDX-License-Identifier: Apache-2.0 */
/* Which files' bytes are kept while an image is read: few, small, and text. */
#pragma once

#include <stdint.h>

#include "base/slice.h"

/* Of one file; the largest database of packages known has 8 MB. */
#define KEPT_BYTES_MAX (16u << 20)

enum kept_place {
	KEPT_NOT,
	KEPT_TEXT, /* os-release, passwd, a database of packages */
	KEPT_DPKG_SPLIT, /* a file of status.d */
	KEPT_DPKG_LIST, /* the list of files of a package */
};

/* What the file PATH, without a '/' before it, is. */
enum kept_place kept_place(struct slice path);
