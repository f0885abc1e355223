/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the place of a bundle, and of the root directory that it names, tell of where its
 * engine keeps everything else:
 *
 *   STATE/io.containerd.runtime.v2.task/NAMESPACE/ID       containerd 1.2 to 2.1
 *   EXEC/containerd/daemon/io.containerd.runtime.v2.task/moby/ID    Docker's own containerd
 *   ROOT/DRIVER-containers/ID/userdata                     containers/storage: Podman, CRI-O
 *
 *   DATA/overlay2/LAYER/merged, DATA/fuse-overlayfs/LAYER/merged, DATA/vfs/dir/LAYER,
 *   DATA/btrfs/subvolumes/LAYER, DATA/zfs/graph/LAYER      Docker (moby, daemon/graphdriver)
 *   DATA/rootfs/SNAPSHOTTER/ID                             Docker with containerd's image store
 *   ROOT/DRIVER/LAYER/merged, ROOT/vfs/dir/LAYER, ROOT/btrfs/subvolumes/LAYER  containers/storage
 */
#include "container/bundle.h"

#include <stdlib.h>
#include <string.h>

#define TASK_DIRECTORY "io.containerd.runtime.v2.task"

struct slice component_take(struct slice *path)
{
	struct slice last;

	while (path->len > 0 && path->data[path->len - 1] == '/')
		path->len--;
	last = slice_basename(*path);
	path->len -= last.len;
	while (path->len > 0 && path->data[path->len - 1] == '/')
		path->len--;
	return last;
}

bool component_take_if(struct slice *path, const char *name)
{
	struct slice rest = *path;

	if (!slice_equal_text(component_take(&rest), name))
		return false;
	*path = rest;
	return true;
}

/* Absolute, and without "." and "..", which would make it another place. */
static bool is_plain(struct slice path)
{
	if (path.len == 0 || path.data[0] != '/')
		return false;
	while (path.len > 0) {
		struct slice last = component_take(&path);

		if (slice_equal_text(last, ".") || slice_equal_text(last, ".."))
			return false;
	}
	return true;
}

static bool slice_ends(struct slice text, const char *end, struct slice *ret_before)
{
	size_t len = strlen(end);

	if (text.len <= len || memcmp(text.data + text.len - len, end, len) != 0)
		return false;
	*ret_before = (struct slice){text.data, text.len - len};
	return true;
}

/* The data root of Docker; empty when ROOTFS is not below one. */
static struct slice docker_root(struct slice rootfs)
{
	static const struct {
		const char *last, *parent, *above; /* "" stands for any name */
	} forms[] = {
		{"merged", "", "overlay2"},
		{"merged", "", "fuse-overlayfs"},
		{"", "dir", "vfs"},
		{"", "subvolumes", "btrfs"},
		{"", "graph", "zfs"},
		{"", "", "rootfs"},
	};

	for (size_t i = 0; i < ARRAY_SIZE(forms); i++) {
		const char *const names[] = {forms[i].last, forms[i].parent, forms[i].above};
		struct slice path = rootfs;
		size_t taken = 0;

		while (taken < ARRAY_SIZE(names) &&
			(names[taken][0] ? component_take_if(&path, names[taken])
					 : component_take(&path).len > 0))
			taken++;
		if (taken == ARRAY_SIZE(names) && path.len > 0)
			return path;
	}
	return (struct slice){0};
}

/* The graphroot of containers/storage, whose storage driver is DRIVER; empty where it is none. */
static struct slice storage_root(struct slice rootfs, struct slice driver)
{
	struct slice path = rootfs;

	component_take(&path); /* "merged"; the layer's name */
	component_take(&path); /* the layer's name; "dir", "subvolumes" */
	if (driver.len == 0 || !slice_equal(component_take(&path), driver))
		return (struct slice){0};
	return path;
}

/* ROOT/DRIVER-containers/ID/userdata; CRI-O starts containers from a copy in its runroot. */
static bool find_storage(struct slice path, struct slice rootfs, struct container_places *ret)
{
	struct slice id, directory, driver;

	if (!component_take_if(&path, "userdata"))
		return false;
	id = component_take(&path);
	directory = component_take(&path);
	if (id.len == 0 || !slice_ends(directory, "-containers", &driver) || path.len == 0)
		return false;
	ret->id = id;
	ret->driver = directory;
	ret->podman = storage_root(rootfs, driver);
	if (ret->podman.len == 0)
		ret->podman = path;
	return true;
}

static bool find_containerd(struct slice path, struct slice rootfs, struct container_places *ret)
{
	struct slice id = component_take(&path), namespace = component_take(&path), exec;

	if (id.len == 0 || namespace.len == 0 || !component_take_if(&path, TASK_DIRECTORY) ||
		path.len == 0)
		return false;
	ret->id = id;
	ret->namespace = namespace;
	ret->containerd_state = path;
	if (!slice_equal_text(namespace, "moby"))
		return true;
	ret->docker = docker_root(rootfs);
	exec = path;
	if (component_take_if(&exec, "daemon") && component_take_if(&exec, "containerd") &&
		exec.len > 0) {
		ret->docker_exec = exec;
		ret->containerd_state = (struct slice){0};
	}
	return true;
}

bool container_roots_from_bundle(
	struct slice bundle, struct slice rootfs, struct container_places *ret)
{
	struct container_places places = {0};

	if (!is_plain(bundle))
		return false;
	if (!is_plain(rootfs))
		rootfs = (struct slice){0};
	if (!find_storage(bundle, rootfs, &places) && !find_containerd(bundle, rootfs, &places))
		return false;
	*ret = places;
	return true;
}

void found_roots_done(struct found_roots *found)
{
	free(found->docker);
	free(found->docker_exec);
	free(found->podman);
	free(found->containerd_state);
	*found = (struct found_roots){0};
}

static char *path_copy(struct slice path)
{
	return path.len > 0 ? strndup(path.data, path.len) : NULL;
}

void found_roots_set(struct found_roots *found, const struct container_places *places)
{
	found_roots_done(found);
	found->docker = path_copy(places->docker);
	found->docker_exec = path_copy(places->docker_exec);
	found->podman = path_copy(places->podman);
	found->containerd_state = path_copy(places->containerd_state);
}

struct container_roots found_roots_over(
	const struct found_roots *found, const struct container_roots *roots)
{
	struct container_roots all = *roots;

	all.docker = found->docker ?: roots->docker;
	all.docker_exec = found->docker_exec ?: roots->docker_exec;
	all.podman = found->podman ?: roots->podman;
	all.containerd_state = found->containerd_state ?: roots->containerd_state;
	return all;
}

static bool same(const char *a, const char *b)
{
	return a == b || (a && b && strcmp(a, b) == 0);
}

bool found_roots_equal(const struct found_roots *a, const struct found_roots *b)
{
	return same(a->docker, b->docker) && same(a->docker_exec, b->docker_exec) &&
	       same(a->podman, b->podman) && same(a->containerd_state, b->containerd_state);
}

/* The root directory that the configuration in BUNDLE names; NULL when there is none. */
static char *bundle_rootfs(const struct container_roots *roots, const char *bundle)
{
	char path[PATH_MAX];

	if (!state_path(path, "%s/config.json", bundle))
		return NULL;
	CLEANUP_JSON json_t *config = state_load(roots, path);
	const char *rootfs = state_text(json_object_get(config, "root"), "path");

	return json_is_object(config) ? strdup(rootfs ?: "") : NULL;
}

bool bundle_read(struct container *container, const char *bundle,
	const struct container_roots *roots, struct found_roots *ret_found)
{
	CLEANUP_FREE char *rootfs = bundle_rootfs(roots, bundle);
	struct container_places places = {0};
	struct container_roots all;

	if (!rootfs)
		return false;
	if (container_roots_from_bundle(slice_of(bundle), slice_of(rootfs), &places) &&
		!slice_equal_text(places.id, container->id))
		return false;
	found_roots_set(ret_found, &places);
	all = found_roots_over(ret_found, roots);
	(void)container_read_state(container, &all);
	if (!container->bundle) /* it is at no place that a reader knows */
		json_decref(oci_read(container, roots, bundle));
	return true;
}

bool container_read_bundle(
	struct container *container, const char *bundle, const struct container_roots *roots)
{
	CLEANUP(found_roots_done) struct found_roots found = {0};

	return bundle_read(container, bundle, roots, &found);
}
