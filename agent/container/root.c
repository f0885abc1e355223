/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The root of a container, by what is mounted. Whoever made the container is asked before its
 * processes: these can mount what they like over their own root, once they run.
 *
 * Engines may have mounts that this process does not see. Their paths are then looked
 * for below /proc/PID/root of the runtime, or of whoever adopted the container's first process.
 */
#include "barewatch/root.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "base/array.h"
#include "base/below.h"
#include "base/cleanup.h"
#include "base/hash.h"
#include "base/io.h"
#include "container/mountinfo.h"
#include "container/overlay.h"
#include "container/process.h"

#define LAYERS_MAX 500 /* Linux: OVL_MAX_STACK in fs/overlayfs */

DEFINE_CLEANUP(struct container_root, container_root, container_root_free);
#define CLEANUP_ROOT CLEANUP(container_root_cleanup)

void container_root_free(struct container_root *root)
{
	if (!root || __atomic_sub_fetch(&root->references, 1, __ATOMIC_ACQ_REL) > 0)
		return;
	if (root->fd >= 0)
		close(root->fd);
	if (root->view_fd >= 0)
		close(root->view_fd);
	for (size_t i = 0; i < root->layer_count; i++)
		free(root->layers[i]);
	free(root->layers);
	free(root->rootfs);
	free(root->upper);
	free(root);
}

struct container_root *container_root_share(struct container_root *root)
{
	__atomic_add_fetch(&root->references, 1, __ATOMIC_RELAXED);
	return root;
}

static struct container_root *root_new(enum container_root_kind kind)
{
	struct container_root *root = calloc(1, sizeof(*root));

	if (root)
		*root = (struct container_root){
			.references = 1, .kind = kind, .view_fd = -1, .fd = -1};
	return root;
}

/* ---- layers ---- */

/* The next name of LIST, in which '\\' stands before a ':' or '\\' that belongs to it. */
static char *next_layer(const char **list)
{
	CLEANUP_STRBUF struct strbuf name = STRBUF_INIT;
	const char *p = *list;

	for (; *p && *p != ':'; p++) {
		if (*p == '\\' && p[1])
			p++;
		strbuf_add_char(&name, *p);
	}
	*list = *p ? p + 1 : p;
	return name.error ? NULL : TAKE_PTR(name.data);
}

/*
 * Docker puts a layer of its own above those of the image, with empty files for what it mounts
 * (moby, daemon/internal/initlayer and graphdriver/overlay2: "ID-init"). Nothing in it runs.
 */
static bool is_init_layer(const char *path)
{
	static const char end[] = "-init/diff";
	size_t len = strlen(path);

	return len >= sizeof(end) && strcmp(path + len - (sizeof(end) - 1), end) == 0;
}

/* Who could choose the names of layers needs no collision. */
static uint64_t layer_set(const struct container_root *root)
{
	uint64_t hash = HASH_INIT;

	for (size_t i = 0; i < root->layer_count; i++)
		if (i > 0 || !is_init_layer(root->layers[0]))
			hash = hash_add(hash, root->layers[i], strlen(root->layers[i]) + 1);
	return hash ?: 1;
}

static int set_layers(struct container_root *root, const char *list)
{
	size_t capacity = 0;

	while (*list) {
		char *name;

		if (root->layer_count == LAYERS_MAX)
			return -E2BIG;
		if (!ARRAY_RESERVE(root->layers, capacity, root->layer_count, 1))
			return -ENOMEM;
		name = next_layer(&list);
		if (!name)
			return -ENOMEM;
		root->layers[root->layer_count++] = name;
	}
	root->layer_set = layer_set(root);
	return 0;
}

static int open_path(const struct container_root *root, const char *path)
{
	return path ? below_open(root->view_fd, path, true) : -ENOENT;
}

int container_root_open_layer(const struct container_root *root, size_t index)
{
	return open_path(root, index < root->layer_count ? root->layers[index] : NULL);
}

int container_root_open_upper(const struct container_root *root)
{
	return open_path(root, root->upper);
}

int container_root_open_directory(const struct container_root *root)
{
	return open_path(root, root->rootfs);
}

/* ---- finding it ---- */

/* Where something may be mounted: whose mounts, and in whose root its paths are. */
struct view {
	char mountinfo[40], root[PATH_MAX];
};

static struct view view_of_host(const struct container_roots *roots)
{
	struct view view;

	/* as in overlay.c */
	snprintf(view.mountinfo, sizeof(view.mountinfo), "/proc/%s/mountinfo",
		roots->host ? "1" : "self");
	snprintf(view.root, sizeof(view.root), "%s", roots->host ?: "/");
	return view;
}

static struct view view_of_process(pid_t pid)
{
	struct view view;

	snprintf(view.mountinfo, sizeof(view.mountinfo), "/proc/%d/mountinfo", (int)pid);
	snprintf(view.root, sizeof(view.root), "/proc/%d/root", (int)pid);
	return view;
}

static bool read_overlay(
	const char *mountinfo, const char *mount_point, const char *rootfs, struct overlay *ret)
{
	CLEANUP_FREE char *text = NULL;
	size_t size;

	return read_file_at(AT_FDCWD, mountinfo, MOUNTINFO_MAX, &text, &size) == 0 &&
	       overlay_parse(text, mount_point, rootfs, ret);
}

/* All layers must be there: names that lead elsewhere in the wrong view do not. */
static bool layers_open(const struct container_root *root)
{
	for (size_t i = 0; i < root->layer_count; i++) {
		CLEANUP_FD int fd = container_root_open_layer(root, i);

		if (fd < 0)
			return false;
	}
	return true;
}

/* A root of OVERLAY, whose directories are named as in VIEW. */
static int make_overlay(const struct container *container, const struct overlay *overlay,
	const struct view *view, struct container_root **ret)
{
	CLEANUP_ROOT struct container_root *root = root_new(CONTAINER_ROOT_OVERLAY);
	int r;

	if (!root)
		return -ENOMEM;
	root->dev_major = overlay->dev_major;
	root->dev_minor = overlay->dev_minor;
	root->view_fd = open(view->root, O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (root->view_fd < 0)
		return -errno;
	if (container->rootfs)
		root->rootfs = strdup(container->rootfs);
	if (overlay->upper.len > 0)
		root->upper = strdup(strbuf_text(&overlay->upper));
	r = set_layers(root, strbuf_text(&overlay->lower));
	if (r < 0)
		return r;
	if (!layers_open(root))
		return -ENOENT;
	*ret = TAKE_PTR(root);
	return 0;
}

/* What is mounted in VIEW where CONTAINER's engine says that its root is. */
static int find_mounted(
	const struct container *container, const struct view *view, struct container_root **ret)
{
	CLEANUP(overlay_done) struct overlay overlay = {0};

	if (!container->rootfs ||
		!read_overlay(view->mountinfo, container->rootfs, container->rootfs, &overlay))
		return -ENOENT;
	return make_overlay(container, &overlay, view, ret);
}

/* What process INSIDE has as its root, when its directories are found in one of VIEWS. */
static int find_inside(const struct container *container, pid_t inside, const struct view *views,
	size_t count, struct container_root **ret)
{
	CLEANUP(overlay_done) struct overlay overlay = {0};
	char mountinfo[40];
	int r = -ENOENT;

	snprintf(mountinfo, sizeof(mountinfo), "/proc/%d/mountinfo", (int)inside);
	if (!read_overlay(mountinfo, "/", container->rootfs, &overlay))
		return -ENOENT;
	for (size_t i = 0; i < count && r < 0; i++)
		r = make_overlay(container, &overlay, &views[i], ret);
	return r;
}

/* The device that the kernel has for the root of PID; subvolumes have others for stat. */
static bool root_device(pid_t pid, unsigned *major, unsigned *minor)
{
	CLEANUP_FREE char *text = NULL;
	struct mount_line m;
	bool found = false;
	char path[40], *rest, *line;
	size_t size;

	snprintf(path, sizeof(path), "/proc/%d/mountinfo", (int)pid);
	if (read_file_at(AT_FDCWD, path, MOUNTINFO_MAX, &text, &size) < 0)
		return false;
	rest = text;
	while ((line = strsep(&rest, "\n")))
		if (mount_line_parse(line, &m) && strcmp(m.mount_point, "/") == 0)
			found = sscanf(m.device, "%u:%u", major, minor) == 2;
	return found;
}

/* The directory that CONTAINER's engine names, when process INSIDE has the very same one. */
static int find_directory(const struct container *container, pid_t inside, const struct view *view,
	struct container_root **ret)
{
	CLEANUP_ROOT struct container_root *root = root_new(CONTAINER_ROOT_DIRECTORY);
	CLEANUP_FD int fd = -1;
	struct stat engines, seen;
	char path[40];

	if (!root)
		return -ENOMEM;
	root->view_fd = open(view->root, O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (root->view_fd < 0 || !container->rootfs)
		return -ENOENT;
	root->rootfs = strdup(container->rootfs);
	fd = container_root_open_directory(root);
	snprintf(path, sizeof(path), "/proc/%d/root", (int)inside);
	if (fd < 0 || fstat(fd, &engines) < 0 || stat(path, &seen) < 0 ||
		engines.st_dev != seen.st_dev || engines.st_ino != seen.st_ino ||
		!root_device(inside, &root->dev_major, &root->dev_minor))
		return -ENOENT;
	*ret = TAKE_PTR(root);
	return 0;
}

int container_root_find(const struct container *container, const struct container_roots *roots,
	const struct container_root_witnesses *witnesses, struct container_root **ret)
{
	struct view views[2] = {view_of_host(roots)};
	size_t count = 1;
	int r = -ENOENT;

	if (container->outer_id)
		return -ENOENT;
	if (witnesses->runtime && process_is_trusted(witnesses->runtime))
		views[count++] = view_of_process(witnesses->runtime);
	for (size_t i = 0; i < count && r < 0; i++)
		r = find_mounted(container, &views[i], ret);
	if (r == 0 || !witnesses->inside ||
		!process_is_in(witnesses->inside, container->cgroup_path))
		return r;
	r = find_inside(container, witnesses->inside, views, count, ret);
	for (size_t i = 0; i < count && r < 0; i++)
		r = find_directory(container, witnesses->inside, &views[i], ret);
	return r;
}

/* ---- its mounts ---- */

void container_root_see(struct container_root *root, const struct container *container, pid_t pid)
{
	CLEANUP_FD int fd = -1;
	unsigned major, minor;
	char path[40];

	if (root->fd >= 0)
		return;
	snprintf(path, sizeof(path), "/proc/%d/root", (int)pid);
	fd = open(path, O_PATH | O_DIRECTORY | O_CLOEXEC);
	/* in this order: PID is then the process whose root was opened, and not a later one */
	if (fd < 0 || !root_device(pid, &major, &minor) || major != root->dev_major ||
		minor != root->dev_minor || !process_is_in(pid, container->cgroup_path))
		return;
	__atomic_store_n(&root->fd, TAKE_FD(fd), __ATOMIC_RELEASE);
}
