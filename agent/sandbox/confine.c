/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The steps by which a child gives up what it has. Their order matters: paths are opened with the
 * caller's rights; ids go before capabilities, by which they do; what ends with a change of ids
 * (the signal at the parent's end, dumpable) comes after it; the filter is last.
 */
#include "sandbox/confine.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <linux/capability.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/cleanup.h"

#define NOBODY      65534 /* the kernel's own default for ids without a name (overflowuid) */
#define THREADS_MAX 512 /* of nobody's, on the whole host */

/* ---- descriptors ---- */

static bool is_given(const struct confinement *c, int fd)
{
	for (size_t i = 0; i < c->options->fd_count; i++)
		if (c->options->fds[i] == fd)
			return true;
	return fd == c->answer_fd;
}

static int take_null(const struct confinement *c)
{
	int null = open("/dev/null", O_RDWR | O_CLOEXEC);

	if (null < 0)
		return -errno;
	for (int fd = 0; fd <= 2; fd++)
		if (!is_given(c, fd) && null != fd && dup2(null, fd) < 0)
			return -errno;
	if (null > 2)
		close(null);
	return 0;
}

/* Closes all from FIRST to LAST. close_range(): Linux 5.9. */
static void close_between(int first, int last)
{
	struct rlimit files;

	if (first > last || close_range(first, last, 0) == 0)
		return;
	if (getrlimit(RLIMIT_NOFILE, &files) < 0 || files.rlim_cur > 1 << 20)
		files.rlim_cur = 1 << 20;
	for (int fd = first; fd <= last && fd < (int)files.rlim_cur; fd++)
		close(fd);
}

/* The least descriptor from FD on that is to stay; INT32_MAX behind the last. */
static int next_given(const struct confinement *c, int fd)
{
	int next = c->answer_fd >= fd ? c->answer_fd : INT32_MAX;

	for (size_t i = 0; i < c->options->fd_count; i++)
		if (c->options->fds[i] >= fd && c->options->fds[i] < next)
			next = c->options->fds[i];
	return next;
}

static int drop_descriptors(struct confinement *c)
{
	int r = take_null(c), fd = 3;

	while (r == 0 && fd < INT32_MAX) {
		int next = next_given(c, fd);

		close_between(fd, next - 1);
		fd = next < INT32_MAX ? next + 1 : next;
	}
	return r;
}

/* ---- rights ---- */

/* Linux answers EINVAL behind its last one. Without CAP_SETPCAP it stays: no program follows. */
static int drop_bounding_set(struct confinement *c)
{
	(void)c;
	for (int capability = 0; prctl(PR_CAPBSET_DROP, capability, 0, 0, 0) == 0; capability++)
		;
	return errno == EINVAL || errno == EPERM ? 0 : -errno;
}

static int get_capabilities(struct __user_cap_data_struct *data)
{
	struct __user_cap_header_struct header = {_LINUX_CAPABILITY_VERSION_3, 0};

	return syscall(SYS_capget, &header, data) < 0 ? -errno : 0;
}

static bool has_capability(const struct __user_cap_data_struct *data, int capability)
{
	return data[CAP_TO_INDEX(capability)].effective & CAP_TO_MASK(capability);
}

/*
 * In a user namespace that has no nobody, or without the right to become one, it stays who it is:
 * nobody of the host's, or a root that is about to be without capabilities.
 */
static int drop_ids(struct confinement *c)
{
	struct __user_cap_data_struct data[_LINUX_CAPABILITY_U32S_3];
	int r = get_capabilities(data);

	if (r < 0 || !has_capability(data, CAP_SETUID) || !has_capability(data, CAP_SETGID))
		return r;
	if (c->options->reads_all && prctl(PR_SET_KEEPCAPS, 1, 0, 0, 0) < 0)
		return -errno;
	if (setgroups(0, NULL) < 0 && errno != EPERM) /* "deny" in setgroups of /proc/PID */
		return -errno;
	if (setresgid(NOBODY, NOBODY, NOBODY) < 0 || setresuid(NOBODY, NOBODY, NOBODY) < 0)
		return errno == EINVAL ? 0 : -errno;
	return 0;
}

static int drop_capabilities(struct confinement *c)
{
	struct __user_cap_header_struct header = {_LINUX_CAPABILITY_VERSION_3, 0};
	struct __user_cap_data_struct data[_LINUX_CAPABILITY_U32S_3] = {0}, had[2];
	int r = get_capabilities(had);
	uint32_t kept = CAP_TO_MASK(CAP_DAC_READ_SEARCH);

	if (r < 0)
		return r;
	if (c->options->reads_all)
		data[0].permitted = data[0].effective = had[0].permitted & kept;
	(void)prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0);
	return syscall(SYS_capset, &header, data) < 0 ? -errno : 0;
}

static int set_no_new_privileges(struct confinement *c)
{
	(void)c;
	return prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0 ? -errno : 0;
}

/* A parent that has ended before it could be asked for would not be noticed. */
static int tie_to_parent(struct confinement *c)
{
	if (prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0) < 0)
		return -errno;
	return getppid() == c->parent ? 0 : -ESRCH;
}

static int hide(struct confinement *c)
{
	(void)c;
	return prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) < 0 ? -errno : 0;
}

/* ---- limits ---- */

static int limit(int resource, uint64_t value)
{
	struct rlimit old, new;

	if (getrlimit(resource, &old) < 0)
		return -errno;
	if (value > old.rlim_max)
		value = old.rlim_max;
	new = (struct rlimit){value, value};
	return setrlimit(resource, &new) < 0 ? -errno : 0;
}

/* At the soft limit there is SIGXCPU, which can be ignored; a second later SIGKILL. */
static int limit_time(const struct confinement *c)
{
	struct rlimit limits;
	int r = limit(RLIMIT_CPU, (uint64_t)c->limits->cpu_seconds + 1);

	if (r < 0 || getrlimit(RLIMIT_CPU, &limits) < 0)
		return r < 0 ? r : -errno;
	if (limits.rlim_cur > c->limits->cpu_seconds)
		limits.rlim_cur = c->limits->cpu_seconds;
	return setrlimit(RLIMIT_CPU, &limits) < 0 ? -errno : 0;
}

static int limit_memory(const struct confinement *c)
{
	uint64_t bytes;

	if (__builtin_add_overflow(c->address_space_bytes, c->limits->memory_bytes, &bytes))
		bytes = RLIM_INFINITY;
	return limit(RLIMIT_AS, bytes);
}

static int set_limits(struct confinement *c)
{
	int r = limit(RLIMIT_CORE, 0);

	if (r == 0)
		r = limit_memory(c);
	if (r == 0)
		r = limit(RLIMIT_NOFILE, c->limits->files_max);
	if (r == 0)
		r = limit(RLIMIT_FSIZE, c->limits->file_bytes_max);
	if (r == 0)
		r = limit(RLIMIT_MEMLOCK, 0);
	if (r == 0 && getuid() == NOBODY) /* another user's count has all that they run */
		r = limit(RLIMIT_NPROC, THREADS_MAX);
	return r == 0 ? limit_time(c) : r;
}

/* ---- what it may reach ---- */

/* With the caller's rights: directories above the paths may be closed to nobody. */
static int prepare_paths(struct confinement *c)
{
	int version = landlock_version(), ruleset;

	if (version == 0)
		return 0;
	ruleset = landlock_prepare(version, c->options->paths, c->options->path_count);
	if (ruleset < 0)
		return ruleset;
	c->landlock = version;
	c->ruleset = ruleset;
	return 0;
}

static int keep_to_paths(struct confinement *c)
{
	int r = c->landlock > 0 ? landlock_apply(c->ruleset) : 0;

	if (c->landlock > 0)
		close(c->ruleset);
	return r;
}

static int filter_calls(struct confinement *c)
{
	return filter_apply(c->options->path_count > 0, c->landlock >= LANDLOCK_READS_ALONE);
}

/* ---- all of it ---- */

static const struct {
	const char *name;
	int (*take)(struct confinement *c);
} steps[] = {
	{"descriptors", drop_descriptors},
	{"Landlock", prepare_paths},
	{"the bounding set", drop_bounding_set},
	{"user and groups", drop_ids},
	{"capabilities", drop_capabilities},
	{"no_new_privs", set_no_new_privileges},
	{"the signal at its parent's end", tie_to_parent},
	{"dumpable", hide},
	{"limits", set_limits},
	{"Landlock", keep_to_paths},
	{"seccomp", filter_calls},
};

int confine(struct confinement *c, const char **ret_step)
{
	for (size_t i = 0; i < ARRAY_SIZE(steps); i++) {
		int r = steps[i].take(c);

		*ret_step = steps[i].name;
		if (r < 0)
			return r;
	}
	return 0;
}
