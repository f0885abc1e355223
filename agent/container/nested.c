/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Containers of an engine that is in a container itself: docker:dind, kind, minikube, k3d. Its
 * files are where it has them, but in the outer container, whose processes can put there what
 * they like. So nothing is read through a link or from a device, little is read at all, and
 * nothing on a file system behind which a process or another host stands: to read there may
 * take for ever.
 */
#include "container/nested.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/io.h"
#include "container/mountinfo.h"
#include "container/process.h"

#define NESTED_MOUNTINFO_MAX (1u << 20)

/* Where engines have their files as they come, and k3s (its containerd's config.toml). */
static const struct container_roots places[] = {
	CONTAINER_ROOTS_DEFAULT,
	{
		.containerd = "/var/lib/rancher/k3s/agent/containerd",
		.containerd_state = "/run/k3s/containerd",
	},
};

/* Local file systems, as engines can use them. Of any other it is not known how it behaves. */
static const char *const local_types[] = {"overlay", "tmpfs", "ext4", "ext3", "ext2", "xfs",
	"btrfs", "zfs", "f2fs", "bcachefs", "ramfs", "squashfs", "erofs"};

static bool is_local(const char *type)
{
	for (size_t i = 0; i < ARRAY_SIZE(local_types); i++)
		if (strcmp(type, local_types[i]) == 0)
			return true;
	return false;
}

/* True when PATH is ABOVE or below it. */
static bool is_at_or_below(const char *path, const char *above)
{
	size_t len = strlen(above);

	if (strcmp(above, "/") == 0)
		return true;
	return strncmp(path, above, len) == 0 && (path[len] == '\0' || path[len] == '/');
}

/* True when TARGET is in a directory of root directories of containers below ROOT: not read. */
static bool is_among_layers(const char *target, const char *root)
{
	static const char *const drivers[] = {"/overlay/", "/overlay2/", "/fuse-overlayfs/"};
	const char *below = target + strlen(root);

	for (size_t i = 0; i < ARRAY_SIZE(drivers); i++)
		if (strncmp(below, drivers[i], strlen(drivers[i])) == 0)
			return true;
	return false;
}

/* What is mounted at TARGET would be read on the way to ROOT, or below it. */
static bool is_on_the_way(const char *target, const char *root)
{
	if (!root)
		return false;
	return is_at_or_below(root, target) ||
	       (is_at_or_below(target, root) && !is_among_layers(target, root));
}

bool nested_mount_may_block(const char *type, const char *mount_point)
{
	if (is_local(type))
		return false;
	for (size_t i = 0; i < ARRAY_SIZE(places); i++) {
		const struct container_roots *p = &places[i];
		const char *const roots[] = {p->docker, p->docker_exec, p->podman, p->podman_run,
			p->containerd, p->containerd_state, p->runc, p->crun};

		for (size_t k = 0; k < ARRAY_SIZE(roots); k++)
			if (is_on_the_way(mount_point, roots[k]))
				return true;
	}
	return false;
}

/* A network namespace that is kept by a mount (ip-netns(8)) is a file, which nobody reads. */
static bool is_no_directory(const char *type)
{
	return strcmp(type, "nsfs") == 0;
}

/* True when no mount of the process, whose directory in /proc is PROC_FD, may block. */
static bool mounts_are_local(int proc_fd)
{
	CLEANUP_FREE char *text = NULL;
	size_t size;
	char *save;

	if (read_file_at(proc_fd, "mountinfo", NESTED_MOUNTINFO_MAX, &text, &size) < 0)
		return false;
	for (char *line = strtok_r(text, "\n", &save); line; line = strtok_r(NULL, "\n", &save)) {
		struct mount_line m;

		if (!mount_line_parse(line, &m))
			return false;
		if (!is_no_directory(m.type) && nested_mount_may_block(m.type, m.mount_point))
			return false;
	}
	return true;
}

static bool is_same_file(int fd, const char *name, const char *other)
{
	struct stat a, b;

	if (stat(other, &b) < 0) /* not to be seen: not the same */
		return false;
	return fstatat(fd, name, &a, name[0] ? 0 : AT_EMPTY_PATH) < 0 ||
	       (a.st_dev == b.st_dev && a.st_ino == b.st_ino);
}

/* A runtime is in its container's cgroup before it has left the host's files. */
static bool sees_the_host(int proc_fd, int root_fd)
{
	return is_same_file(proc_fd, "ns/mnt", "/proc/1/ns/mnt") ||
	       is_same_file(proc_fd, "ns/mnt", "/proc/self/ns/mnt") ||
	       is_same_file(root_fd, "", "/proc/1/root") || is_same_file(root_fd, "", "/");
}

int nested_root_open(pid_t pid, const char *path)
{
	CLEANUP_FD int proc_fd = -1, root_fd = -1;
	char name[32];

	snprintf(name, sizeof(name), "/proc/%d", (int)pid);
	proc_fd = open(name, O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (proc_fd < 0)
		return -errno;
	root_fd = openat(proc_fd, "root", O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (root_fd < 0)
		return -errno;
	if (sees_the_host(proc_fd, root_fd))
		return -EXDEV;
	if (!mounts_are_local(proc_fd))
		return -EREMOTE;
	/* it is still there, so PID is its number, and nobody else's */
	if (!process_is_in(pid, path) || faccessat(proc_fd, "cgroup", F_OK, 0) < 0)
		return -ESRCH;
	return TAKE_FD(root_fd);
}

static void unlearn(struct container *container, enum container_text text)
{
	free(container->texts[text]);
	container->texts[text] = NULL;
	container->sources[text] = NULL;
}

bool nested_read_below(struct container *container, const char *root)
{
	bool found = false;

	for (size_t i = 0; !found && i < ARRAY_SIZE(places); i++) {
		struct container_roots roots = places[i];

		roots.host = root;
		roots.is_untrusted = true;
		found = container_read_state(container, &roots);
	}
	/* paths and processes as the outer container counts them are others on the host */
	unlearn(container, CONTAINER_BUNDLE);
	unlearn(container, CONTAINER_ROOTFS);
	unlearn(container, CONTAINER_PID_TARGET);
	container->is_ephemeral = false;
	return found;
}

bool container_read_nested(struct container *container, const struct container *outer,
	const struct cgroup_hierarchies *hierarchies)
{
	CLEANUP_FD int root_fd = -1;
	pid_t pid = process_first(hierarchies, outer->cgroup_path);
	char root[32];

	if (pid == 0)
		return false;
	root_fd = nested_root_open(pid, outer->cgroup_path);
	if (root_fd < 0)
		return false;
	snprintf(root, sizeof(root), "/proc/self/fd/%d", root_fd);
	if (!nested_read_below(container, root))
		return false;
	container->outer_mnt_ns = process_mnt_ns(pid);
	container_learn(container, CONTAINER_OUTER_ID, outer->id, "cgroup path");
	container_learn(
		container, CONTAINER_OUTER_NAME, outer->name, outer->sources[CONTAINER_NAME]);
	return true;
}
