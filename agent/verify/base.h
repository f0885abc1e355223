/* SPDX-License-Identifier: Apache-2.0 */
/* What an image was built on, as its files tell: nothing that a verdict depends on. */
#pragma once

#include "verify/survey.h"

/* Texts are constants or of the image, "" where there is none. */
struct base {
	const char *name; /* "distroless", "debian", "scratch"...; NULL: that of ID */
	const char *variant; /* of distroless: "static", "cc"...; of Debian "slim" */
	bool is_debug; /* distroless with busybox */
	struct slice id, version, pretty_name; /* of os-release (os-release(5)) */
	const char *told_by; /* "os-release", "packages", "layout" */
};

void base_recognise(const struct survey *survey, const struct packages *packages, struct base *ret);

/* What os-release TEXT says for KEY, without quotes; "" when nothing. */
struct slice os_release_value(struct slice text, const char *key);
