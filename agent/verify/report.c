/* SPDX-License-Identifier: Apache-2.0 */
/*
 * See report.h. Members are put in as docs/verify.md lists them, and lists are in an order that
 * only depends on the image, so that equal images have reports that are equal byte for byte.
 */
#include "verify/report.h"

#include <errno.h>

#include "base/escape.h"
#include "base/json.h"

/* Whether DIGEST is one: layers of directories have none. */
static bool is_digest(const unsigned char *digest)
{
	static const unsigned char zeros[SHA256_SIZE];

	return memcmp(digest, zeros, sizeof(zeros)) != 0;
}

static json_t *digest_or_null(const unsigned char *digest, bool is_there)
{
	return is_there && is_digest(digest) ? report_digest(digest) : json_null();
}

static json_t *words_json(const struct image_words *words)
{
	CLEANUP_JSON json_t *list = json_array();

	for (size_t i = 0; i < words->count; i++)
		if (!report_append(list, report_plain(words->items[i])))
			return NULL;
	return TAKE_PTR(list);
}

/* ---- the reference ---- */

static json_t *blobs_json(const struct image_manifest *manifest)
{
	CLEANUP_JSON json_t *list = json_array();

	for (size_t i = 0; i < manifest->layer_count; i++)
		if (!report_append(
			    list, json_pack("{s:o, s:I}", "digest",
					  digest_or_null(manifest->layers[i].digest, true), "bytes",
					  (json_int_t)manifest->layers[i].blob_bytes)))
			return NULL;
	return TAKE_PTR(list);
}

static json_t *manifests_json(const struct image *image)
{
	CLEANUP_JSON json_t *list = json_array();

	for (size_t i = 0; image && i < image->count; i++) {
		const struct image_manifest *manifest = &image->manifests[i];

		if (!report_append(
			    list, json_pack("{s:o, s:o, s:o, s:o}", "name",
					  report_text_or_null(slice_of(manifest->name)), "digest",
					  digest_or_null(manifest->digest, manifest->has_digest),
					  "id", digest_or_null(manifest->id, manifest->has_config),
					  "blobs", blobs_json(manifest))))
			return NULL;
	}
	return TAKE_PTR(list);
}

json_t *report_reference(const char *reference, const struct image *image)
{
	static const char *const forms[] = {
		[IMAGE_FORM_OCI] = "oci",
		[IMAGE_FORM_DOCKER] = "docker",
		[IMAGE_FORM_DIRECTORY] = "dir",
		[IMAGE_FORM_ROOTFS] = "rootfs",
	};
	static const struct image_words none;

	return json_pack("{s:o, s:o, s:o, s:o}", "name", report_plain(reference), "form",
		image ? json_string(forms[image->form]) : json_null(), "notes",
		words_json(image ? &image->notes : &none), "manifests", manifests_json(image));
}

/* ---- findings ---- */

static json_t *findings_json(const struct judged *j)
{
	CLEANUP_JSON json_t *list = json_array();

	for (size_t i = 0; i < j->findings->count; i++)
		if (!report_append(list, report_finding(j, &j->findings->items[i])))
			return NULL;
	return TAKE_PTR(list);
}

static json_t *counts_json(const struct findings *findings)
{
	CLEANUP_JSON json_t *object = json_object();

	for (unsigned i = 0; i < LEVELS; i++)
		if (!report_put(object, level_name(i),
			    json_integer(findings ? findings->counts[i] : 0)))
			return NULL;
	return TAKE_PTR(object);
}

static json_t *unused_json(const struct judged *j)
{
	CLEANUP_JSON json_t *list = json_array();
	const struct allowance *allowance;

	for (size_t i = 0; (allowance = policy_allowance(j->policy, i)); i++)
		if (!j->findings->allowances_used[i] &&
			!report_append(list, report_plain(allowance->path)))
			return NULL;
	return TAKE_PTR(list);
}

/* ---- the image ---- */

static json_t *base_json(const struct base *base)
{
	return json_pack("{s:o, s:o, s:b, s:o, s:o, s:s}", "name",
		base->name ? report_plain(base->name) : report_text(base->id), "variant",
		report_text_or_null(slice_of(base->variant)), "debug", base->is_debug, "version",
		report_text_or_null(base->version), "pretty_name",
		report_text_or_null(base->pretty_name), "told_by", base->told_by);
}

static json_t *packages_json(const struct packages *packages)
{
	CLEANUP_JSON json_t *forms = json_array();

	for (unsigned i = 0; i < PACKAGE_FORMS; i++)
		if (packages->forms & 1u << i &&
			!report_append(forms, json_string(package_form_name(i))))
			return NULL;
	return json_pack("{s:O, s:I}", "records", forms, "count", (json_int_t)packages->count);
}

static json_t *user_json(const struct judged *j)
{
	if (!j->manifest->has_config)
		return json_null();
	return json_pack("{s:o, s:o, s:b}", "name",
		report_text_or_null(slice_of(j->manifest->config.user)), "uid",
		j->account.is_known ? json_integer(j->account.uid) : json_null(), "root",
		j->account.is_root);
}

static json_t *start_words_json(const struct start *start)
{
	CLEANUP_JSON json_t *list = json_array();

	for (size_t i = 0; i < start->count; i++)
		if (!report_append(list, report_plain(start->words[i])))
			return NULL;
	return TAKE_PTR(list);
}

static json_t *obstacle_json(const struct start *start)
{
	CLEANUP_STRBUF struct strbuf out = STRBUF_INIT;

	if (!start->obstacle)
		return json_null();
	strbuf_add_text(&out, start->obstacle);
	strbuf_add_text(&out, ": ");
	escape_text(&out, strbuf_slice(&start->missing));
	return start->missing.error ? NULL : report_strbuf(&out);
}

static json_t *start_json(const struct start *start)
{
	const struct item *item = start->item;

	if (start->path.error)
		return NULL;
	return json_pack("{s:s, s:o, s:b, s:o, s:b, s:o, s:o}", "kind",
		start_kind_name(start->kind), "argv", start_words_json(start), "shell_form",
		start->is_shell_form, "path", report_text_or_null(strbuf_slice(&start->path)),
		"runs", !start->obstacle, "obstacle", obstacle_json(start), "program",
		item ? report_text_or_null(item->program.name) : json_null());
}

static json_t *starts_json(const struct judged *j)
{
	CLEANUP_JSON json_t *list = json_array();

	for (size_t i = 0; i < j->start_count; i++)
		if (!report_append(list, start_json(&j->starts[i])))
			return NULL;
	return TAKE_PTR(list);
}

static size_t count_of_layer(const struct findings *findings, unsigned layer)
{
	size_t count = 0;

	for (size_t i = 0; i < findings->count; i++)
		count += findings->items[i].present.layer == layer;
	return count;
}

static json_t *layers_json(const struct judged *j)
{
	CLEANUP_JSON json_t *list = json_array();

	for (size_t i = 0; i < j->manifest->layer_count; i++) {
		const struct image_layer *layer = &j->manifest->layers[i];

		if (!report_append(list,
			    json_pack("{s:I, s:o, s:I, s:I, s:b}", "number", (json_int_t)i + 1,
				    "diff_id", digest_or_null(layer->diff_id, true), "bytes",
				    (json_int_t)layer->bytes, "findings",
				    (json_int_t)count_of_layer(j->findings, i + 1), "has_more",
				    layer->has_more)))
			return NULL;
	}
	return TAKE_PTR(list);
}

static json_t *platform_json(const struct image_manifest *manifest)
{
	CLEANUP_STRBUF struct strbuf out = STRBUF_INIT;
	const struct image_config *config = &manifest->config;

	if (!manifest->has_config || !config->os || !config->architecture)
		return json_null();
	strbuf_addf(&out, "%s/%s", config->os, config->architecture);
	if (config->variant && config->variant[0])
		strbuf_addf(&out, "/%s", config->variant);
	return report_strbuf(&out);
}

static enum verify_verdict verdict_of(const struct findings *findings)
{
	if (findings->counts[LEVEL_VIOLATION] > 0)
		return VERIFY_NOT_BARE;
	return findings->counts[LEVEL_UNKNOWN] > 0 ? VERIFY_INCOMPLETE : VERIFY_BARE;
}

json_t *report_image(const struct judged *j)
{
	const struct survey *survey = j->survey;
	CLEANUP_JSON json_t *object = json_object();
	bool is_done = report_put(object, "platform", platform_json(j->manifest)) &&
		       report_put(object, "verdict",
			       json_string(verify_verdict_name(verdict_of(j->findings)))) &&
		       report_put(object, "error", json_null()) &&
		       report_put(object, "counts", counts_json(j->findings)) &&
		       report_put(
			       object, "findings_left_out", json_integer(j->findings->left_out)) &&
		       report_put(object, "findings", findings_json(j)) &&
		       report_put(object, "unused_allowances", unused_json(j)) &&
		       report_put(object, "base", base_json(j->base)) &&
		       report_put(object, "packages", packages_json(j->packages)) &&
		       report_put(object, "user", user_json(j)) &&
		       report_put(object, "starts", starts_json(j)) &&
		       report_put(object, "layers", layers_json(j)) &&
		       report_put(object, "files", json_integer(survey->files)) &&
		       report_put(object, "bytes", json_integer(survey->bytes)) &&
		       report_put(object, "leaked",
			       json_pack("{s:I, s:I}", "files", (json_int_t)survey->leaked_files,
				       "bytes", (json_int_t)survey->leaked_bytes));

	return is_done ? TAKE_PTR(object) : NULL;
}

json_t *report_failed_image(const struct image_manifest *manifest)
{
	CLEANUP_JSON json_t *object = json_object();
	enum verify_verdict verdict = manifest->error.kind == IMAGE_INCOMPLETE ? VERIFY_INCOMPLETE
									       : VERIFY_UNREADABLE;
	bool is_done = report_put(object, "platform", platform_json(manifest)) &&
		       report_put(object, "verdict", json_string(verify_verdict_name(verdict))) &&
		       report_put(object, "error", report_error(&manifest->error)) &&
		       report_put(object, "counts", counts_json(NULL)) &&
		       report_put(object, "findings", json_array());

	return is_done ? TAKE_PTR(object) : NULL;
}
