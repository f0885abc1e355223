/* SPDX-License-Identifier: Apache-2.0 */
/* What was found, put into the document of docs/verify.md. */
#pragma once

#include <jansson.h>

#include "verify/base.h"
#include "verify/judge.h"
#include "verify/report_json.h"
#include "verify/start.h"

/* One image, judged. */
struct judged {
	const struct image_manifest *manifest;
	const struct survey *survey;
	const struct packages *packages;
	const struct base *base;
	const struct findings *findings;
	const struct start *starts;
	size_t start_count;
	struct account account;
	const struct verify_policy *policy;
};

/* The object of an image; NULL without memory. */
json_t *report_image(const struct judged *judged);

/* That of one that could not be read. */
json_t *report_failed_image(const struct image_manifest *manifest);

/* The object "reference": what differs between two forms of one image. IMAGE may be NULL. */
json_t *report_reference(const char *reference, const struct image *image);

/* That of FINDING. */
json_t *report_finding(const struct judged *judged, const struct finding *finding);
