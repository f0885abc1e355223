/* SPDX-License-Identifier: Apache-2.0 */
/*
 * See report.h. Members are put in as docs/verify.md lists them, and lists are in an order that only depends
 * on the image, so that equal images have reports that are equal byte for byte.
 */
#include "verify/report.h"

#include <errno.h>

#include "base/escape.h"
#include "base/json.h"

#define LINKS_SHOWN_MAX 1024 /* in a report; the others are counted */
#define DIGEST_PREFIX   "sha256:"

json_t *report_text(struct slice text)
{
	CLEANUP_STRBUF struct strbuf out = STRBUF_INIT;

	if (utf8_valid(text))
		return json_stringn_nocheck(text.len ? text.data : "", text.len);
	escape_text(&out, text);
	return out.error ? NULL : json_stringn_nocheck(strbuf_text(&out), out.len);
}

json_t *report_error(const struct image_error *e)
{
	static const char word[] = "the limit ", letters[] = "abcdefghijklmnopqrstuvwxyz_";
	CLEANUP_STRBUF struct strbuf out = STRBUF_INIT;
	const char *limit = strstr(e->message, word);

	strbuf_add_text(&out, e->message);
	if (limit) {
		limit += strlen(word);
		strbuf_addf(&out, " (--limit %.*s=NUMBER raises it)", (int)strspn(limit, letters),
			limit);
	}
	return out.error ? NULL : report_text(strbuf_slice(&out));
}

static json_t *plain_text(const char *text)
{
	return report_text(slice_of(text));
}

static json_t *text_or_null(struct slice text)
{
	return text.len > 0 ? report_text(text) : json_null();
}

static json_t *digest_json(const unsigned char *digest)
{
	char text[sizeof(DIGEST_PREFIX) + SHA256_TEXT_SIZE] = DIGEST_PREFIX;

	sha256_format(digest, text + strlen(DIGEST_PREFIX));
	return json_string(text);
}

/* Whether DIGEST is one: layers of directories have none. */
static bool is_digest(const unsigned char *digest)
{
	static const unsigned char zeros[SHA256_SIZE];

	return memcmp(digest, zeros, sizeof(zeros)) != 0;
}

static json_t *digest_or_null(const unsigned char *digest, bool is_there)
{
	return is_there && is_digest(digest) ? digest_json(digest) : json_null();
}

/* Adds ITEM, which may be NULL, to LIST, which may be NULL. */
static bool append(json_t *list, json_t *item)
{
	return json_array_append_new(list, item) == 0;
}

static json_t *words_json(const struct image_words *words)
{
	CLEANUP_JSON json_t *list = json_array();

	for (size_t i = 0; i < words->count; i++)
		if (!append(list, plain_text(words->items[i])))
			return NULL;
	return TAKE_PTR(list);
}

/* ---- the reference ---- */

static json_t *blobs_json(const struct image_manifest *manifest)
{
	CLEANUP_JSON json_t *list = json_array();

	for (size_t i = 0; i < manifest->layer_count; i++)
		if (!append(list, json_pack("{s:o, s:I}", "digest",
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

		if (!append(list, json_pack("{s:o, s:o, s:o, s:o}", "name",
					  text_or_null(slice_of(manifest->name)), "digest",
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

	return json_pack("{s:o, s:o, s:o, s:o}", "name", plain_text(reference), "form",
		image ? json_string(forms[image->form]) : json_null(), "notes",
		words_json(image ? &image->notes : &none), "manifests", manifests_json(image));
}

/* ---- findings ---- */

static bool is_from_base(const struct finding *finding, size_t layers)
{
	return finding->present.layer == 1 && layers > 1;
}

static void add_removal(const struct finding *finding, size_t layers, struct strbuf *out)
{
	const struct present *present = &finding->present;

	if (present->package.len > 0) {
		strbuf_add_text(out, "leave out the package ");
		escape_text(out, present->package);
		strbuf_add_text(out, ", or build on a base without it");
	} else if (is_from_base(finding, layers)) {
		strbuf_add_text(out, "it is of the lowest layer: build on a base without it");
	} else if (layers > 1) {
		strbuf_addf(out,
			"leave it out of layer %u; deleting it in a later layer would only hide it",
			present->layer);
	} else {
		strbuf_add_text(out, "leave it out where the image is built");
	}
}

void report_remedy(const struct finding *finding, size_t layers, struct strbuf *out)
{
	static const char *const texts[PRESENT_CLASSES] = {
		[PRESENT_PACKED] = "ship the program as it was before it was packed",
		[PRESENT_SETUID] = "chmod u-s, in the layer that adds it",
		[PRESENT_SETGID] = "chmod g-s, in the layer that adds it",
		[PRESENT_CAPABILITIES] = "setcap -r, in the layer that adds it",
		[PRESENT_WORLD_WRITABLE] = "chmod o-w, or leave the directory out of PATH",
	};

	if (finding->present.is_leaked)
		strbuf_addf(out, "delete it in the step that makes layer %u, or squash the layers",
			finding->present.layer);
	else if (texts[finding->present.class])
		strbuf_add_text(out, texts[finding->present.class]);
	else
		add_removal(finding, layers, out);
}

static json_t *strbuf_json(const struct strbuf *text)
{
	return text->error ? NULL : report_text(strbuf_slice(text));
}

static json_t *links_json(const struct item *item)
{
	static const char *const kinds[] = {[NAME_OWN] = "hard",
		[NAME_SYMBOLIC] = "symbolic",
		[NAME_BY_DIRECTORY] = "directory"};
	CLEANUP_JSON json_t *list = json_array();

	for (size_t i = 0; i < item->name_count && json_array_size(list) < LINKS_SHOWN_MAX; i++)
		if (i != item->main_name &&
			!append(list,
				json_pack("{s:o, s:s}", "path", report_text(item->names[i].path),
					"kind", kinds[item->names[i].kind])))
			return NULL;
	return TAKE_PTR(list);
}

/* True of a multi-call binary that is a shell or a package manager; a link alone makes none. */
static bool has_such_applets(const struct finding *finding)
{
	enum present_class class = finding->present.class;

	return finding->item->program.class == PROGRAM_MULTICALL &&
	       (class == PRESENT_MULTICALL_SHELL || class == PRESENT_PACKAGE_MANAGER);
}

/* The names by which a multi-call binary is a shell or a package manager. */
static json_t *applet_names_json(const struct judged *j, const struct finding *finding)
{
	CLEANUP_JSON json_t *list = json_array();
	const struct item *item = finding->item;

	for (size_t i = 0; has_such_applets(finding) && i < item->name_count; i++) {
		struct slice applet = slice_basename(item->names[i].path);
		enum program_class class = program_applet_class(
			j->survey->catalog, &item->program, applet);

		if ((class == PROGRAM_SHELL || class == PROGRAM_PACKAGE_MANAGER) &&
			!append(list, json_pack("{s:o, s:s, s:o}", "applet", report_text(applet),
					      "class", program_class_name(class), "path",
					      report_text(item->names[i].path))))
			return NULL;
	}
	return TAKE_PTR(list);
}

static bool put(json_t *object, const char *key, json_t *item)
{
	return json_object_set_new_nocheck(object, key, item) == 0;
}

static json_t *message_json(const struct finding *finding)
{
	CLEANUP_STRBUF struct strbuf out = STRBUF_INIT;
	struct subject subject = {.kind = SUBJECT_PRESENT, .present = &finding->present};

	rule_output_format(finding->rule, &subject, &out);
	return strbuf_json(&out);
}

static json_t *remedy_json(const struct finding *finding, size_t layers)
{
	CLEANUP_STRBUF struct strbuf out = STRBUF_INIT;

	report_remedy(finding, layers, &out);
	return strbuf_json(&out);
}

/* How it was recognised, beside the word: by which signature, or whether the table of applets was seen. */
static json_t *applets_json(const struct finding *finding)
{
	bool is_multicall = finding->item->program.class == PROGRAM_MULTICALL &&
			    finding->present.program.len > 0;

	return is_multicall && finding->item->applets > 0 ? json_integer(finding->item->applets)
							  : json_null();
}

static json_t *mode_json(uint32_t mode)
{
	char text[8];

	snprintf(text, sizeof(text), "%04o", mode & 07777);
	return json_string(text);
}

static bool put_what(json_t *object, const struct finding *finding, size_t layers)
{
	const struct present *present = &finding->present;

	return put(object, "path", report_text(present->path)) &&
	       put(object, "class", json_string(present_class_name(present->class))) &&
	       put(object, "level", json_string(level_name(finding->level))) &&
	       put(object, "leaked", json_boolean(present->is_leaked)) &&
	       put(object, "message", message_json(finding)) &&
	       put(object, "remedy", remedy_json(finding, layers)) &&
	       put(object, "allowed",
		       finding->allowance ? plain_text(finding->allowance->reason) : json_null()) &&
	       put(object, "rule", plain_text(finding->rule->name)) &&
	       put(object, "priority", json_string(rule_priority_name(finding->rule->priority)));
}

static bool put_file(json_t *object, const struct judged *j, const struct finding *finding)
{
	const struct present *present = &finding->present;

	return put(object, "found_by", json_string(present_evidence_name(present->evidence))) &&
	       put(object, "program", text_or_null(present->program)) &&
	       put(object, "applets", applets_json(finding)) &&
	       put(object, "reached_as", applet_names_json(j, finding)) &&
	       put(object, "package", text_or_null(present->package)) &&
	       put(object, "version", text_or_null(present->version)) &&
	       put(object, "layer", present->layer ? json_integer(present->layer) : json_null()) &&
	       put(object, "size", json_integer(present->size_bytes)) &&
	       put(object, "mode", mode_json(present->mode)) &&
	       put(object, "uid", json_integer(present->uid)) &&
	       put(object, "gid", json_integer(present->gid)) &&
	       put(object, "sha256",
		       present->digest ? digest_json(present->digest) : json_null()) &&
	       put(object, "links", links_json(finding->item)) &&
	       put(object, "links_count", json_integer(present->links));
}

static json_t *findings_json(const struct judged *j)
{
	CLEANUP_JSON json_t *list = json_array();

	for (size_t i = 0; i < j->findings->count; i++) {
		CLEANUP_JSON json_t *object = json_object();
		const struct finding *finding = &j->findings->items[i];

		if (!put_what(object, finding, j->manifest->layer_count) ||
			!put_file(object, j, finding) || !append(list, TAKE_PTR(object)))
			return NULL;
	}
	return TAKE_PTR(list);
}

static json_t *counts_json(const struct findings *findings)
{
	CLEANUP_JSON json_t *object = json_object();

	for (unsigned i = 0; i < LEVELS; i++)
		if (!put(object, level_name(i), json_integer(findings ? findings->counts[i] : 0)))
			return NULL;
	return TAKE_PTR(object);
}

static json_t *unused_json(const struct judged *j)
{
	CLEANUP_JSON json_t *list = json_array();
	const struct allowance *allowance;

	for (size_t i = 0; (allowance = policy_allowance(j->policy, i)); i++)
		if (!j->findings->allowances_used[i] && !append(list, plain_text(allowance->path)))
			return NULL;
	return TAKE_PTR(list);
}

/* ---- the image ---- */

static json_t *base_json(const struct base *base)
{
	return json_pack("{s:o, s:o, s:b, s:o, s:o, s:s}", "name",
		base->name ? plain_text(base->name) : report_text(base->id), "variant",
		text_or_null(slice_of(base->variant)), "debug", base->is_debug, "version",
		text_or_null(base->version), "pretty_name", text_or_null(base->pretty_name),
		"told_by", base->told_by);
}

static json_t *packages_json(const struct packages *packages)
{
	CLEANUP_JSON json_t *forms = json_array();

	for (unsigned i = 0; i < PACKAGE_FORMS; i++)
		if (packages->forms & 1u << i && !append(forms, json_string(package_form_name(i))))
			return NULL;
	return json_pack("{s:O, s:I}", "records", forms, "count", (json_int_t)packages->count);
}

static json_t *user_json(const struct judged *j)
{
	if (!j->manifest->has_config)
		return json_null();
	return json_pack("{s:o, s:o, s:b}", "name",
		text_or_null(slice_of(j->manifest->config.user)), "uid",
		j->account.is_known ? json_integer(j->account.uid) : json_null(), "root",
		j->account.is_root);
}

static json_t *start_words_json(const struct start *start)
{
	CLEANUP_JSON json_t *list = json_array();

	for (size_t i = 0; i < start->count; i++)
		if (!append(list, plain_text(start->words[i])))
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
	return start->missing.error ? NULL : strbuf_json(&out);
}

static json_t *start_json(const struct start *start)
{
	const struct item *item = start->item;

	if (start->path.error)
		return NULL;
	return json_pack("{s:s, s:o, s:b, s:o, s:b, s:o, s:o}", "kind",
		start_kind_name(start->kind), "argv", start_words_json(start), "shell_form",
		start->is_shell_form, "path", text_or_null(strbuf_slice(&start->path)), "runs",
		!start->obstacle, "obstacle", obstacle_json(start), "program",
		item ? text_or_null(item->program.name) : json_null());
}

static json_t *starts_json(const struct judged *j)
{
	CLEANUP_JSON json_t *list = json_array();

	for (size_t i = 0; i < j->start_count; i++)
		if (!append(list, start_json(&j->starts[i])))
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

		if (!append(list,
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
	return strbuf_json(&out);
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
	bool is_done = put(object, "platform", platform_json(j->manifest)) &&
		       put(object, "verdict",
			       json_string(verify_verdict_name(verdict_of(j->findings)))) &&
		       put(object, "error", json_null()) &&
		       put(object, "counts", counts_json(j->findings)) &&
		       put(object, "findings_left_out", json_integer(j->findings->left_out)) &&
		       put(object, "findings", findings_json(j)) &&
		       put(object, "unused_allowances", unused_json(j)) &&
		       put(object, "base", base_json(j->base)) &&
		       put(object, "packages", packages_json(j->packages)) &&
		       put(object, "user", user_json(j)) && put(object, "starts", starts_json(j)) &&
		       put(object, "layers", layers_json(j)) &&
		       put(object, "files", json_integer(survey->files)) &&
		       put(object, "bytes", json_integer(survey->bytes)) &&
		       put(object, "leaked",
			       json_pack("{s:I, s:I}", "files", (json_int_t)survey->leaked_files,
				       "bytes", (json_int_t)survey->leaked_bytes));

	return is_done ? TAKE_PTR(object) : NULL;
}

json_t *report_failed_image(const struct image_manifest *manifest)
{
	CLEANUP_JSON json_t *object = json_object();
	enum verify_verdict verdict = manifest->error.kind == IMAGE_INCOMPLETE ? VERIFY_INCOMPLETE
									       : VERIFY_UNREADABLE;
	bool is_done = put(object, "platform", platform_json(manifest)) &&
		       put(object, "verdict", json_string(verify_verdict_name(verdict))) &&
		       put(object, "error", report_error(&manifest->error)) &&
		       put(object, "counts", counts_json(NULL)) &&
		       put(object, "findings", json_array());

	return is_done ? TAKE_PTR(object) : NULL;
}
