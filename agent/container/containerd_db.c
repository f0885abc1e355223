/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What only containerd's database tells, a bbolt file that 1.6 to 2.1 have in
 * ROOT/io.containerd.metadata.v1.bolt/meta.db (containerd: metadata/buckets.go):
 *
 *   v1/NAMESPACE/containers/ID/labels/KEY     with CRI, those of its image are among them
 *   v1/NAMESPACE/containers/ID/image          name of the image
 *   v1/NAMESPACE/containers/ID/extensions/io.cri-containerd.{container,sandbox}.metadata
 *       a protobuf Any that holds JSON: .Metadata.Config.labels, .annotations, which are
 *       what the kubelet gave, .Metadata.ImageRef (digest of the image's configuration),
 *       .Metadata.SandboxID; a sandbox has the annotations of its pod
 *   v1/NAMESPACE/images/NAME/target/digest    of the manifest. CRI has each image under
 *       its id as well, which stays when the name is given to another image
 */
#include "container/reader.h"

#include <errno.h>
#include <fcntl.h>

#include "container/bolt.h"
#include "container/protobuf.h"

#define SOURCE            "containerd meta.db"
#define DATABASE          "io.containerd.metadata.v1.bolt/meta.db"
#define CONTAINER_DETAILS "io.cri-containerd.container.metadata"
#define SANDBOX_DETAILS   "io.cri-containerd.sandbox.metadata"
#define ANY_VALUE         2 /* field of google.protobuf.Any */

/* What one look at the database finds. */
struct facts {
	const char *namespace, *id;
	struct container_map labels;
	json_t *metadata; /* CRI's of the container; NULL when it is not CRI's */
	json_t *sandbox; /* CRI's of its pod */
	char *image, *digest;
};

static void facts_done(struct facts *f)
{
	container_map_done(&f->labels);
	json_decref(f->metadata);
	json_decref(f->sandbox);
	free(f->image);
	free(f->digest);
	*f = (struct facts){.namespace = f->namespace, .id = f->id};
}

static int add_label(struct slice key, struct slice value, void *userdata)
{
	container_map_add(userdata, key, value);
	return 0;
}

/* The text at KEY of BUCKET, the caller's to free, or NULL. */
static char *get_text(struct bolt_view *view, const struct bolt_bucket *bucket, const char *key)
{
	struct slice value;

	if (bolt_get(view, bucket, slice_of(key), &value) < 0)
		return NULL;
	return strndup(value.data, value.len);
}

static int open_container(
	struct bolt_view *view, const struct facts *f, const char *id, struct bolt_bucket *ret)
{
	const char *const names[] = {"v1", f->namespace, "containers", id};

	return bolt_descend(view, names, ARRAY_SIZE(names), ret);
}

/* What CRI keeps under NAME with CONTAINER, or NULL. */
static json_t *get_metadata(
	struct bolt_view *view, const struct bolt_bucket *container, const char *name)
{
	struct bolt_bucket extensions;
	struct slice any, text;

	if (bolt_bucket(view, container, slice_of("extensions"), &extensions) < 0 ||
		bolt_get(view, &extensions, slice_of(name), &any) < 0 ||
		protobuf_find_bytes(any, ANY_VALUE, &text) < 0)
		return NULL;
	CLEANUP_JSON json_t *file = json_loadb(text.data, text.len, 0, NULL);
	json_t *metadata = json_object_get(file, "Metadata");

	return json_is_object(metadata) ? json_incref(metadata) : NULL;
}

static void find_metadata(
	struct bolt_view *view, const struct bolt_bucket *container, struct facts *f)
{
	struct bolt_bucket sandbox;
	const char *id;

	f->metadata = get_metadata(view, container, CONTAINER_DETAILS);
	id = state_text(f->metadata, "SandboxID");
	if (id && open_container(view, f, id, &sandbox) == 0)
		f->sandbox = get_metadata(view, &sandbox, SANDBOX_DETAILS);
	if (f->metadata)
		return;
	f->metadata = get_metadata(view, container, SANDBOX_DETAILS);
	f->sandbox = json_incref(f->metadata);
}

/* The digest of the manifest of the image NAME, or NULL. */
static char *get_digest(struct bolt_view *view, const struct facts *f, const char *name)
{
	const char *const names[] = {"v1", f->namespace, "images", name, "target"};
	struct bolt_bucket target;

	if (!name || bolt_descend(view, names, ARRAY_SIZE(names), &target) < 0)
		return NULL;
	return get_text(view, &target, "digest");
}

static int look(struct bolt_view *view, void *userdata)
{
	struct bolt_bucket container, labels;
	struct facts *f = userdata;
	int r;

	facts_done(f);
	r = open_container(view, f, f->id, &container);
	if (r < 0)
		return r;
	r = bolt_bucket(view, &container, slice_of("labels"), &labels); /* none: no bucket */
	if (r == 0)
		r = bolt_each(view, &labels, add_label, &f->labels);
	f->image = get_text(view, &container, "image");
	find_metadata(view, &container, f);
	f->digest = get_digest(view, f, state_text(f->metadata, "ImageRef"));
	if (!f->digest)
		f->digest = get_digest(view, f, f->image);
	return r == -ENOENT ? 0 : r;
}

/* The image NAME without its tag or digest; empty when NAME is a digest alone. */
static struct slice repository_of(const char *name)
{
	size_t len = strcspn(name, "@"), base;

	base = len - slice_basename((struct slice){name, len}).len;
	for (size_t i = base; i < len; i++)
		if (name[i] == ':')
			len = i;
	return (struct slice){
		name, len == strlen("sha256") && strncmp(name, "sha256:", 7) == 0 ? 0 : len};
}

static void learn_digest(struct container *container, const char *image, const char *digest)
{
	CLEANUP_STRBUF struct strbuf text = STRBUF_INIT;
	struct slice repository = repository_of(image ?: "");

	strbuf_add_slice(&text, repository);
	strbuf_add_text(&text, repository.len > 0 ? "@" : "");
	strbuf_add_text(&text, digest);
	if (!text.error)
		container_learn(container, CONTAINER_IMAGE_DIGEST, strbuf_text(&text), SOURCE);
}

/* Learns the map KIND from the object KEY in the CONFIG of CRI, which leaves out empty ones. */
static void learn_config_map(struct container *container, enum container_map_kind kind,
	const json_t *config, const char *key)
{
	CLEANUP_JSON json_t *empty = json_object();
	const json_t *object = json_object_get(config, key);

	if (json_is_object(config))
		state_learn_map(container, kind, object ?: empty, SOURCE);
}

static void learn(struct container *container, struct facts *f)
{
	const json_t *config = json_object_get(f->metadata, "Config");
	const json_t *pod = json_object_get(f->sandbox, "Config");

	learn_config_map(container, CONTAINER_LABELS, config, "labels");
	learn_config_map(container, CONTAINER_ANNOTATIONS, config, "annotations");
	learn_config_map(container, CONTAINER_POD_LABELS, pod, "labels");
	check_learn_pod(container, json_object_get(pod, "annotations"), "", SOURCE);
	container_learn_map(container, CONTAINER_LABELS, &f->labels, SOURCE);
	state_learn_count(container, CONTAINER_RESTARTS,
		container_map_find(&container->annotations, STATE_CRI_RESTARTS), SOURCE);
	container_learn(container, CONTAINER_IMAGE, f->image, SOURCE);
	container_learn(container, CONTAINER_IMAGE_ID, state_text(f->metadata, "ImageRef"), SOURCE);
	if (f->digest)
		learn_digest(container, f->image, f->digest);
}

void containerd_read_database(
	struct container *container, const struct container_roots *roots, const char *namespace)
{
	CLEANUP(facts_done) struct facts f = {.namespace = namespace, .id = container->id};
	CLEANUP_FD int fd = -1;
	char path[PATH_MAX];

	/* whoever writes one that has no end could keep the agent reading for long */
	if (roots->containerd && !roots->is_untrusted &&
		state_path(path, "%s/" DATABASE, roots->containerd))
		fd = host_open(roots, path, O_RDONLY);
	if (fd >= 0 && bolt_look(fd, look, &f) == 0)
		learn(container, &f);
}
