/* SPDX-License-Identifier: Apache-2.0 */
/* Files of file systems that answer, see near.h. */
#include "near.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/magic.h>
#include <linux/openat2.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/cleanup.h"

/* What is known of the attributes without asking (Linux: fs/fuse/dir.c, fuse_update_get_attr). */
static bool device_of(int fd, unsigned *major, unsigned *minor)
{
	struct statx st;

	if (statx(fd, "", AT_EMPTY_PATH | AT_STATX_DONT_SYNC, STATX_TYPE, &st) < 0)
		return false;
	*major = st.stx_dev_major;
	*minor = st.stx_dev_minor;
	return true;
}

/* Where the directories of an overlay are on several file systems, its files have other devices. */
bool near_is_beside(int fd, int root)
{
	struct statx a, b;
	int flags = AT_EMPTY_PATH | AT_STATX_DONT_SYNC;

	return root >= 0 && statx(fd, "", flags, STATX_MNT_ID, &a) == 0 &&
	       statx(root, "", flags, STATX_MNT_ID, &b) == 0 &&
	       (a.stx_mask & b.stx_mask & STATX_MNT_ID) && a.stx_mnt_id == b.stx_mnt_id;
}

/* Negative where the file system has no handles: overlays, and FUSE if its daemon says so. */
static int handle_type(int fd)
{
	union {
		struct file_handle handle;
		char bytes[sizeof(struct file_handle) + MAX_HANDLE_SZ];
	} at = {.handle.handle_bytes = MAX_HANDLE_SZ};
	int mount_id;

	if (name_to_handle_at(fd, "", &at.handle, &mount_id, AT_EMPTY_PATH) < 0)
		return -errno;
	return at.handle.handle_type;
}

/* enum fid_type of include/linux/exportfs.h */
static bool is_local(int type, unsigned major)
{
	switch (type) {
	case 0x01: /* inode and generation, in 32 bits: ext4, tmpfs, f2fs, squashfs, ZFS */
	case 0x02: /* and those of the directory */
	case 0x4d: /* btrfs, to 0x4f */
	case 0x4e:
	case 0x4f:
	case 0xb1: /* bcachefs */
	case 0xb2:
		return true;
	case 0x81: /* in 64 bits: XFS and EROFS, which have a device, and FUSE, which needs none */
	case 0x82:
		return major != 0;
	default:
		return false;
	}
}

/* The number of an overlay's device is nobody else's as long as that is mounted. */
bool near_is(int fd, const struct bw_file *file)
{
	unsigned major, minor;

	if (!device_of(fd, &major, &minor))
		return false;
	if (file->fs_magic == OVERLAYFS_SUPER_MAGIC && major == file->dev_major &&
		minor == file->dev_minor)
		return true;
	return is_local(handle_type(fd), major);
}

static int open_how(int dirfd, const char *path, unsigned long resolve)
{
	struct open_how how = {
		.flags = O_PATH | O_CLOEXEC | O_NOFOLLOW,
		.resolve = resolve | RESOLVE_NO_MAGICLINKS | RESOLVE_NO_SYMLINKS,
	};
	int fd = syscall(SYS_openat2, dirfd, path, &how, sizeof(how));

	return fd < 0 ? -errno : fd;
}

/* NAME in DIRFD, or what is mounted there: to go to its root asks nobody. */
static int step(int dirfd, const char *name, const struct bw_file *file)
{
	CLEANUP_FD int fd = open_how(dirfd, name, RESOLVE_BENEATH | RESOLVE_NO_XDEV);

	if (fd != -EXDEV)
		return TAKE_FD(fd);
	fd = open_how(dirfd, name, RESOLVE_BENEATH);
	return fd < 0 || near_is(fd, file) ? TAKE_FD(fd) : -EXDEV;
}

static int walk(int root, const char *path, const struct bw_file *file)
{
	CLEANUP_FD int fd = fcntl(root, F_DUPFD_CLOEXEC, 0);
	char copy[PATH_MAX], *rest = copy, *name;

	if (fd < 0)
		return -errno;
	if (strlen(path) >= sizeof(copy))
		return -ENAMETOOLONG;
	memcpy(copy, path, strlen(path) + 1);
	while (fd >= 0 && (name = strsep(&rest, "/"))) {
		CLEANUP_FD int above = TAKE_FD(fd);

		fd = *name ? step(above, name, file) : TAKE_FD(above);
	}
	return TAKE_FD(fd);
}

int near_open(int root, const char *path, const struct bw_file *file)
{
	int fd;

	if (!near_is(root, file))
		return -EXDEV;
	fd = open_how(root, path, RESOLVE_IN_ROOT | RESOLVE_NO_XDEV);
	return fd == -EXDEV ? walk(root, path, file) : fd;
}
