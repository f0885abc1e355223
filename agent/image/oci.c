/* SPDX-License-Identifier: Apache-2.0 */
/*
 * OCI image layouts (OCI image specification 1.1: image-layout.md, image-index.md, manifest.md) and
 * the directories of skopeo's dir: (containers/image 5.23, directory/), which have the same
 * documents under other names. Docker's media types mean the same.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "image/failure.h"
#include "image/reading.h"

#define NESTING_MAX 4 /* of indexes; BuildKit makes two */

/* Where a descriptor leads. */
struct descriptor {
	const json_t *json;
	struct slice type, digest_text;
	bool has_digest;
	unsigned char digest[SHA256_SIZE];
	uint64_t size_bytes;
};

/* What of the layout differs between the two forms. */
static char *blob_name(
	const struct reading *reading, const struct descriptor *d, const char *suffix)
{
	char hex[SHA256_TEXT_SIZE], *name;
	bool is_layout = reading->image->form == IMAGE_FORM_OCI;

	sha256_format(d->digest, hex);
	if (asprintf(&name, "%s%s%s", is_layout ? "blobs/sha256/" : "", hex,
		    is_layout ? "" : suffix) < 0)
		return NULL;
	return name;
}

static int malformed(struct reading *reading, const char *what)
{
	return image_fail(reading->e, IMAGE_UNREADABLE,
		"%s: malformed, or with a key in an unusual case", what);
}

/* False when JSON is no descriptor. */
static bool read_descriptor(const json_t *json, struct descriptor *ret)
{
	bool is_bad = false;
	const json_t *size = document_get(json, "size", JSON_INTEGER, &is_bad);

	*ret = (struct descriptor){.json = json,
		.type = document_text(json, "mediaType", &is_bad),
		.digest_text = document_text(json, "digest", &is_bad)};
	ret->has_digest = document_digest(ret->digest_text, ret->digest);
	if (is_bad || !size || json_integer_value(size) < 0)
		return false;
	ret->size_bytes = json_integer_value(size);
	return true;
}

static bool ends_with(struct slice text, const char *end)
{
	size_t len = strlen(end);

	return text.len >= len && memcmp(text.data + text.len - len, end, len) == 0;
}

static bool contains(struct slice text, const char *part)
{
	return text.len > 0 && memmem(text.data, text.len, part, strlen(part)) != NULL;
}

/* ---- manifests ---- */

static int take_part(
	struct reading *reading, const json_t *json, const char *what, struct manifest_part *ret)
{
	struct descriptor d;

	if (!read_descriptor(json, &d))
		return malformed(reading, what);
	*ret = (struct manifest_part){
		.has_digest = d.has_digest, .has_size = true, .size_bytes = d.size_bytes};
	memcpy(ret->digest, d.digest, SHA256_SIZE);
	ret->name = d.has_digest ? blob_name(reading, &d, "")
				 : strndup(d.digest_text.data, d.digest_text.len);
	if (!ret->name)
		return image_fail_errno(reading->e, -ENOMEM, "%s", what);
	if (!d.has_digest)
		ret->unread = "a digest that is no sha256";
	else if (ends_with(d.type, "+encrypted"))
		ret->unread = "an encrypted layer";
	return 0;
}

/* A layer that is elsewhere may be here all the same. */
static void settle_foreign(struct reading *reading, const json_t *json, struct manifest_part *part)
{
	CLEANUP_STORE_FILE struct store_file file = STORE_FILE_INIT;
	bool is_bad = false;
	struct slice type = document_text(json, "mediaType", &is_bad);

	if (!part->unread && (contains(type, "nondistributable") || contains(type, ".foreign.")) &&
		store_open(reading->store, part->name, &file) == -ENOENT)
		part->unread = "a foreign layer, which is not there";
}

static int take_parts(
	struct reading *reading, const json_t *root, const char *what, struct manifest_parts *ret)
{
	bool is_bad = false;
	const json_t *config = document_get(root, "config", JSON_OBJECT, &is_bad);
	json_t *layers = document_get(root, "layers", JSON_ARRAY, &is_bad), *layer;
	size_t i;
	int r;

	if (is_bad || !config) /* an image of no layers says null */
		return malformed(reading, what);
	if (json_array_size(layers) > reading->limits->layers_max)
		return image_fail(reading->e, IMAGE_UNREADABLE,
			"%s: more than %u layers, the limit layers_max", what,
			reading->limits->layers_max);
	ret->layers = calloc(json_array_size(layers) + 1, sizeof(*ret->layers));
	if (!ret->layers)
		return image_fail_errno(reading->e, -ENOMEM, "%s", what);
	r = take_part(reading, config, what, &ret->config);
	json_array_foreach (layers, i, layer) {
		if (r == 0)
			r = take_part(reading, layer, what, &ret->layers[ret->count++]);
		if (r == 0)
			settle_foreign(reading, layer, &ret->layers[i]);
	}
	return r;
}

/* Of what is no image there is nothing to say: signatures, charts. Engines do not start those. */
static bool is_image_config(struct slice type)
{
	return type.len == 0 ||
	       slice_equal_text(type, "application/vnd.oci.image.config.v1+json") ||
	       slice_equal_text(type, "application/vnd.docker.container.image.v1+json");
}

static bool is_artifact(const json_t *root)
{
	bool is_bad = false;
	const json_t *config = document_get(root, "config", JSON_OBJECT, &is_bad);
	struct slice type = config ? document_text(config, "mediaType", &is_bad) : slice_of("");

	return !is_bad && !is_image_config(type);
}

static int read_manifest(struct reading *reading, const json_t *root, const char *what,
	struct slice name, const unsigned char *digest)
{
	CLEANUP_MANIFEST_PARTS struct manifest_parts parts = {0};
	int r;

	if (is_artifact(root))
		return reading_note(reading, "left out %s, which is no image", what);
	r = take_parts(reading, root, what, &parts);
	if (r == -ENOMEM)
		return r;
	return r < 0 ? manifest_add_failed(reading, name, digest)
		     : manifest_read(reading, name, digest, &parts);
}

/* ---- indexes ---- */

static int read_document(struct reading *reading, const json_t *root, const char *what,
	struct slice name, const unsigned char *digest, unsigned nesting);

static struct slice annotation(const json_t *descriptor, const char *key)
{
	bool is_bad = false;
	const json_t *annotations = document_get(descriptor, "annotations", JSON_OBJECT, &is_bad);

	return annotations ? document_text(annotations, key, &is_bad) : slice_of("");
}

/*
 * What BuildKit puts beside images (docs/attestations/attestation-storage.md there). It marks them
 * by an annotation as well, but by that alone engines would still start them.
 */
static bool is_attestation(struct slice os, struct slice architecture)
{
	return slice_equal_text(os, "unknown") && slice_equal_text(architecture, "unknown");
}

/* 1 when the manifest is wanted, 0 when it is not. */
static int is_wanted(struct reading *reading, const struct descriptor *d)
{
	bool is_bad = false;
	const json_t *platform = document_get(d->json, "platform", JSON_OBJECT, &is_bad);
	struct slice os, architecture, variant;
	int r;

	if (!platform)
		return is_bad ? malformed(reading, "a descriptor") : 1;
	os = document_text(platform, "os", &is_bad);
	architecture = document_text(platform, "architecture", &is_bad);
	variant = document_text(platform, "variant", &is_bad);
	if (is_bad)
		return malformed(reading, "a descriptor");
	if (is_attestation(os, architecture)) {
		r = reading_note(reading, "left out %.*s, an attestation", SHOWN(d->digest_text));
		return r < 0 ? r : 0;
	}
	if (os.len == 0 || architecture.len == 0 ||
		platform_fits(reading, os, architecture, variant))
		return 1;
	reading->filtered++;
	return 0;
}

/* Loads what D leads to, and goes on in it. */
static int follow(
	struct reading *reading, const struct descriptor *d, struct slice name, unsigned nesting)
{
	CLEANUP_STORE_FILE struct store_file file = STORE_FILE_INIT;
	CLEANUP_FREE char *blob = blob_name(reading, d, ".manifest.json");
	CLEANUP_JSON json_t *root = NULL;
	unsigned char digest[SHA256_SIZE];
	int r = blob ? store_open(reading->store, blob, &file) : -ENOMEM;

	if (r == -ENOENT)
		return image_fail(reading->e, IMAGE_INCOMPLETE, "%s: not there", blob);
	if (r < 0)
		return image_fail_errno(reading->e, r, "%s", blob ? blob : "an index");
	r = reading_load(reading, &file.range, blob, digest, &root);
	if (r < 0)
		return r;
	if (memcmp(digest, d->digest, SHA256_SIZE) != 0)
		return image_fail(
			reading->e, IMAGE_UNREADABLE, "%s: its digest is another one", blob);
	return read_document(reading, root, blob, name, digest, nesting);
}

/* What cannot be followed is a manifest that cannot be read. */
static int visit(
	struct reading *reading, const struct descriptor *d, struct slice name, unsigned nesting)
{
	int r;

	if (++reading->visited > reading->limits->manifests_max)
		return image_fail(reading->e, IMAGE_UNREADABLE,
			"more than %u manifests, the limit manifests_max",
			reading->limits->manifests_max);
	if (!d->has_digest)
		r = image_fail(reading->e, IMAGE_INCOMPLETE, "%.*s: a digest that is no sha256",
			SHOWN(d->digest_text));
	else
		r = follow(reading, d, name, nesting);
	if (r == 0 || r == -ENOMEM || reading->visited > reading->limits->manifests_max)
		return r;
	return manifest_add_failed(reading, name, d->has_digest ? d->digest : NULL);
}

static struct slice name_of(const json_t *descriptor)
{
	struct slice name = annotation(descriptor, "io.containerd.image.name");

	return name.len > 0 ? name : annotation(descriptor, "org.opencontainers.image.ref.name");
}

static bool is_tagged(const struct reading *reading, const json_t *descriptor)
{
	return slice_equal_text(
		       annotation(descriptor, "org.opencontainers.image.ref.name"), reading->tag) ||
	       slice_equal_text(annotation(descriptor, "io.containerd.image.name"), reading->tag);
}

static int read_index(struct reading *reading, const json_t *manifests, const char *what,
	struct slice name, unsigned nesting)
{
	json_t *json;
	size_t i;

	if (nesting > NESTING_MAX)
		return image_fail(reading->e, IMAGE_UNREADABLE,
			"%s: more than %u indexes within each other", what, NESTING_MAX);
	json_array_foreach (manifests, i, json) {
		struct descriptor d;
		int r;

		if (!read_descriptor(json, &d))
			return malformed(reading, what);
		if (nesting == 0 && reading->tag[0] && !is_tagged(reading, json)) {
			reading->filtered++;
			continue;
		}
		r = is_wanted(reading, &d);
		if (r > 0)
			r = visit(reading, &d, nesting == 0 ? name_of(json) : name, nesting + 1);
		if (r < 0)
			return r;
	}
	return 0;
}

/* An index or a manifest, which its keys tell: types may be absent, and wrong. */
static int read_document(struct reading *reading, const json_t *root, const char *what,
	struct slice name, const unsigned char *digest, unsigned nesting)
{
	bool is_bad = false;
	const json_t *manifests = document_get(root, "manifests", JSON_ARRAY, &is_bad);
	const json_t *layers = document_get(root, "layers", JSON_ARRAY, &is_bad);

	if (is_bad || (manifests && layers)) /* one reader would see an index, another a manifest */
		return malformed(reading, what);
	if (manifests)
		return read_index(reading, manifests, what, name, nesting);
	return read_manifest(reading, root, what, name, digest);
}

static int read_top(struct reading *reading, const char *what)
{
	CLEANUP_STORE_FILE struct store_file file = STORE_FILE_INIT;
	CLEANUP_JSON json_t *root = NULL;
	unsigned char digest[SHA256_SIZE];
	bool is_bad = false;
	int r = store_open(reading->store, what, &file);

	if (r < 0)
		return image_fail_errno(reading->e, r, "%s", what);
	r = reading_load(reading, &file.range, what, digest, &root);
	if (r < 0)
		return r;
	/* index.json is nobody's digest; the directory's manifest is what was copied */
	if (reading->image->form == IMAGE_FORM_OCI &&
		!document_get(root, "manifests", JSON_ARRAY, &is_bad))
		return malformed(reading, what);
	return read_document(reading, root, what, slice_of(""), digest, 0);
}

int image_read_oci(struct reading *reading)
{
	return read_top(reading, "index.json");
}

int image_read_directory(struct reading *reading)
{
	return read_top(reading, "manifest.json");
}
