/* SPDX-License-Identifier: Apache-2.0 */
/* The way from an image to its report. */
#include "barewatch/verify.h"

#include <errno.h>

#include "base/json.h"
#include "verify/report.h"

const char *verify_verdict_name(enum verify_verdict verdict)
{
	static const char *const names[VERIFY_VERDICTS] = {
		[VERIFY_BARE] = "bare",
		[VERIFY_NOT_BARE] = "not bare",
		[VERIFY_INCOMPLETE] = "incomplete",
		[VERIFY_UNREADABLE] = "unreadable",
	};

	return names[verdict];
}

static enum verify_verdict verdict_of(const json_t *object)
{
	const char *word = json_string_value(json_object_get(object, "verdict"));

	for (unsigned i = 0; word && i < VERIFY_VERDICTS; i++)
		if (strcmp(word, verify_verdict_name(i)) == 0)
			return i;
	return VERIFY_UNREADABLE;
}

enum verify_verdict verify_report_verdict(const json_t *report)
{
	return verdict_of(report);
}

static enum verify_verdict worst_of(const json_t *images)
{
	enum verify_verdict worst = VERIFY_BARE;
	const json_t *image;
	size_t i;

	json_array_foreach (images, i, image)
		if (verdict_of(image) > worst)
			worst = verdict_of(image);
	return worst;
}

/* Takes over REFERENCE and IMAGES, which may be NULL. */
static json_t *document(
	json_t *reference, enum verify_verdict verdict, json_t *error, json_t *images)
{
	return json_pack("{s:i, s:o, s:s, s:o, s:o}", "version", VERIFY_REPORT_VERSION, "reference",
		reference, "verdict", verify_verdict_name(verdict), "error", error, "images",
		images);
}

/* The object of an image that was read. NULL without memory. */
static json_t *judge(const struct image_manifest *manifest, const struct verify_options *options)
{
	CLEANUP_SURVEY struct survey survey = {0};
	CLEANUP_PACKAGES struct packages packages = {0};
	CLEANUP_FINDINGS struct findings findings = {0};
	struct start starts[STARTS_MAX];
	struct base base;
	struct judged judged = {.manifest = manifest,
		.survey = &survey,
		.packages = &packages,
		.base = &base,
		.findings = &findings,
		.starts = starts,
		.policy = options->policy};
	json_t *object;

	if (survey_make(manifest, options->catalog, &survey) < 0 ||
		packages_read(&survey, &packages) < 0 ||
		findings_make(&survey, options, &findings) < 0)
		return NULL;
	base_recognise(&survey, &packages, &base);
	if (manifest->has_config) {
		judged.start_count = starts_find(&survey, &manifest->config, starts);
		judged.account = account_find(&survey, &manifest->config);
	}
	object = report_image(&judged);
	for (size_t i = 0; i < judged.start_count; i++)
		start_done(&starts[i]);
	return object;
}

int verify_image(const char *reference, const struct image *image,
	const struct verify_options *options, json_t **ret)
{
	CLEANUP_JSON json_t *images = json_array();
	enum verify_verdict verdict;

	for (size_t i = 0; i < image->count; i++) {
		const struct image_manifest *manifest = &image->manifests[i];
		bool is_read = manifest->error.kind == IMAGE_NO_ERROR && manifest->tree;

		if (json_array_append_new(images,
			    is_read ? judge(manifest, options) : report_failed_image(manifest)) < 0)
			return -ENOMEM;
	}
	verdict = worst_of(images);
	*ret = document(report_reference(reference, image), verdict, json_null(), TAKE_PTR(images));
	return *ret ? 0 : -ENOMEM;
}

int verify_failed(const char *reference, const struct image_error *e, json_t **ret)
{
	*ret = document(report_reference(reference, NULL),
		e->kind == IMAGE_INCOMPLETE ? VERIFY_INCOMPLETE : VERIFY_UNREADABLE,
		report_error(e), json_array());
	return *ret ? 0 : -ENOMEM;
}
