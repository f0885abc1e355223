/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Landlock (Linux 5.13, Documentation/userspace-api/landlock.rst), by its system calls: the C
 * library has none of them. Every right that the kernel's version knows is taken away, since
 * what is not named stays allowed; reading is given back below the paths.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/landlock.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "sandbox/confine.h"

/* As of version 6; headers may be older. */
struct ruleset {
	uint64_t handled_fs, handled_net, scoped;
};

/* Which version brought which rights: how many there are, from bit 0 on, and how long the struct is. */
static const struct {
	unsigned fs, net, scopes;
	size_t size;
} versions[] = {
	{0, 0, 0, 0}, {13, 0, 0, 8}, /* 5.13: from EXECUTE to MAKE_SYM */
	{14, 0, 0, 8}, /* 5.19: REFER */
	{15, 0, 0, 8}, /* 6.2: TRUNCATE */
	{15, 2, 0, 16}, /* 6.7: BIND_TCP, CONNECT_TCP */
	{16, 2, 0, 16}, /* 6.10: IOCTL_DEV */
	{16, 2, 2, 24}, /* 6.12: abstract sockets, signals */
};

int landlock_version(void)
{
	long version = syscall(
		SYS_landlock_create_ruleset, NULL, 0, LANDLOCK_CREATE_RULESET_VERSION);

	if (version <= 0)
		return 0;
	return version < (long)ARRAY_SIZE(versions) ? (int)version : (int)ARRAY_SIZE(versions) - 1;
}

bool sandbox_has_landlock(void)
{
	return landlock_version() > 0;
}

static uint64_t bits(unsigned count)
{
	return (UINT64_C(1) << count) - 1;
}

/* A file can be given, too, but then rights about directories are refused. */
static int allow(int ruleset, const char *path)
{
	CLEANUP_FD int fd = open(path, O_PATH | O_CLOEXEC);
	struct landlock_path_beneath_attr attr = {
		.allowed_access = LANDLOCK_ACCESS_FS_READ_FILE, .parent_fd = fd};
	struct stat st;

	if (fd < 0)
		return errno == ENOENT ? 0 : -errno; /* what is not there cannot be opened either */
	if (fstat(fd, &st) < 0)
		return -errno;
	if (S_ISDIR(st.st_mode))
		attr.allowed_access |= LANDLOCK_ACCESS_FS_READ_DIR;
	return syscall(SYS_landlock_add_rule, ruleset, LANDLOCK_RULE_PATH_BENEATH, &attr, 0) < 0
		       ? -errno
		       : 0;
}

int landlock_prepare(int version, const char *const *paths, size_t count)
{
	struct ruleset attr = {.handled_fs = bits(versions[version].fs),
		.handled_net = bits(versions[version].net),
		.scoped = bits(versions[version].scopes)};
	CLEANUP_FD int ruleset = -1;

	ruleset = syscall(SYS_landlock_create_ruleset, &attr, versions[version].size, 0);
	if (ruleset < 0)
		return -errno;
	for (size_t i = 0; i < count; i++) {
		int r = allow(ruleset, paths[i]);

		if (r < 0)
			return r;
	}
	return TAKE_FD(ruleset);
}

int landlock_apply(int ruleset)
{
	return syscall(SYS_landlock_restrict_self, ruleset, 0) < 0 ? -errno : 0;
}
