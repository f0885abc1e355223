/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Which system calls a child may make. The only home of libseccomp. The list is what reading
 * files, memory and threads take with glibc (2.36 to 2.41) and the run time of sanitizers.
 *
 * Three answers: allowed; an error that the C library knows what to do with, where it asks of its
 * own accord; else SIGSYS, so that the call can be named.
 */
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <seccomp.h>
#include <stdint.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "sandbox/confine.h"

#ifndef PR_SET_VMA
#define PR_SET_VMA 0x53564d41 /* Linux 5.17; glibc 2.39 names its memory by it */
#endif

static const int allowed[] = {
	/* bytes: descriptors that are open */
	SCMP_SYS(read),
	SCMP_SYS(readv),
	SCMP_SYS(pread64),
	SCMP_SYS(write),
	SCMP_SYS(writev),
	SCMP_SYS(lseek),
	SCMP_SYS(dup),
	SCMP_SYS(ftruncate),
	SCMP_SYS(close),
	SCMP_SYS(fstat),
	SCMP_SYS(
		newfstatat), /* by which glibc 2.33 makes fstat(); tells of any path, but no content */
	SCMP_SYS(statx),
	SCMP_SYS(fadvise64),
	/* memory; not to be executed, see below */
	SCMP_SYS(brk),
	SCMP_SYS(munmap),
	SCMP_SYS(mremap),
	SCMP_SYS(madvise),
	/* threads */
	SCMP_SYS(futex),
	SCMP_SYS(set_robust_list),
	SCMP_SYS(rseq),
	SCMP_SYS(gettid),
	SCMP_SYS(getpid),
	SCMP_SYS(sched_yield),
	SCMP_SYS(sched_getaffinity),
	SCMP_SYS(exit),
	SCMP_SYS(exit_group),
	/* signals of its own */
	SCMP_SYS(rt_sigaction),
	SCMP_SYS(rt_sigprocmask),
	SCMP_SYS(rt_sigreturn),
	SCMP_SYS(sigaltstack),
	/* time, where the vDSO has none */
	SCMP_SYS(clock_gettime),
	SCMP_SYS(clock_getres),
	SCMP_SYS(clock_nanosleep),
	SCMP_SYS(nanosleep),
	SCMP_SYS(gettimeofday),
	SCMP_SYS(restart_syscall),
	/* what the C library asks */
	SCMP_SYS(getrandom),
	SCMP_SYS(sysinfo),
	SCMP_SYS(uname),
	SCMP_SYS(getuid),
	SCMP_SYS(geteuid),
	SCMP_SYS(getgid),
	SCMP_SYS(getegid),
	SCMP_SYS(getppid),
};

/* Besides, where there are paths. What is opened is told by open_rules() and Landlock. */
static const int allowed_with_paths[] = {
	SCMP_SYS(readlink),
	SCMP_SYS(readlinkat),
	SCMP_SYS(getdents64),
	SCMP_SYS(fgetxattr),
};

/*
 * Refused with an error. libseccomp lets a rule without conditions replace those with some: what is
 * allowed in part cannot be here as well.
 */
static const struct {
	int call, error;
	bool is_for_paths; /* not refused where there are some */
} refused[] = {
	{SCMP_SYS(clone3), ENOSYS, false}, /* its flags are in memory; clone() is taken then */
	{SCMP_SYS(ioctl), ENOTTY, false}, /* whether a stream is a terminal */
	{SCMP_SYS(access), EACCES, false},
	{SCMP_SYS(faccessat), EACCES, false},
	{SCMP_SYS(faccessat2), EACCES, false},
	{SCMP_SYS(readlink), EACCES, true},
	{SCMP_SYS(readlinkat), EACCES, true},
	{SCMP_SYS(open), EACCES, true},
	{SCMP_SYS(openat), EACCES, true},
};

/* Flags of open() that are not for reading. */
static const int writing[] = {O_WRONLY, O_RDWR, O_CREAT, O_TRUNC, O_TMPFILE & ~O_DIRECTORY};

static int allow(scmp_filter_ctx filter, const int *calls, size_t count)
{
	int r = 0;

	for (size_t i = 0; i < count && r == 0; i++)
		r = seccomp_rule_add(filter, SCMP_ACT_ALLOW, calls[i], 0);
	return r;
}

/* Allows CALL when of its argument NUMBER the bits of MASK are VALUE. */
static int allow_masked(
	scmp_filter_ctx filter, int call, unsigned number, uint64_t mask, uint64_t value)
{
	struct scmp_arg_cmp compare = {number, SCMP_CMP_MASKED_EQ, mask, value};

	return seccomp_rule_add_array(filter, SCMP_ACT_ALLOW, call, 1, &compare);
}

static int allow_value(scmp_filter_ctx filter, int call, unsigned number, uint64_t value)
{
	struct scmp_arg_cmp compare = {number, SCMP_CMP_EQ, value, 0};

	return seccomp_rule_add_array(filter, SCMP_ACT_ALLOW, call, 1, &compare);
}

/* Memory is never to be executed, new tasks are threads, and signals go to itself. */
static int allow_parts(scmp_filter_ctx filter)
{
	static const int fcntls[] = {F_GETFD, F_SETFD, F_GETFL, F_DUPFD_CLOEXEC};
	const uint64_t namespaces = CLONE_NEWNS | CLONE_NEWCGROUP | CLONE_NEWUTS | CLONE_NEWIPC |
				    CLONE_NEWUSER | CLONE_NEWPID | CLONE_NEWNET | CLONE_PTRACE;
	int r = allow_masked(filter, SCMP_SYS(mmap), 2, PROT_EXEC, 0);

	if (r == 0)
		r = allow_masked(filter, SCMP_SYS(mprotect), 2, PROT_EXEC, 0);
	if (r == 0)
		r = allow_masked(
			filter, SCMP_SYS(clone), 0, CLONE_THREAD | namespaces, CLONE_THREAD);
	if (r == 0)
		r = allow_value(filter, SCMP_SYS(tgkill), 0, getpid()); /* abort() */
	if (r == 0)
		r = allow_value(filter, SCMP_SYS(prlimit64), 2, 0); /* asking alone */
	if (r == 0)
		r = allow_value(filter, SCMP_SYS(prctl), 0, PR_SET_NAME);
	if (r == 0)
		r = allow_value(filter, SCMP_SYS(prctl), 0, PR_SET_VMA);
	for (size_t i = 0; i < ARRAY_SIZE(fcntls) && r == 0; i++)
		r = allow_value(filter, SCMP_SYS(fcntl), 1, fcntls[i]);
	return r;
}

/* Lets CALL, whose flags are its argument NUMBER, open for reading alone. */
static int open_rules(scmp_filter_ctx filter, int call, unsigned number)
{
	uint64_t all = 0;
	int r = 0;

	for (size_t i = 0; i < ARRAY_SIZE(writing) && r == 0; i++) {
		struct scmp_arg_cmp compare = {number, SCMP_CMP_MASKED_EQ, writing[i], writing[i]};

		all |= writing[i];
		r = seccomp_rule_add_array(filter, SCMP_ACT_ERRNO(EACCES), call, 1, &compare);
	}
	return r == 0 ? allow_masked(filter, call, number, all, O_RDONLY) : r;
}

static int refuse(scmp_filter_ctx filter, bool has_paths)
{
	int r = 0;

	for (size_t i = 0; i < ARRAY_SIZE(refused) && r == 0; i++)
		if (!has_paths || !refused[i].is_for_paths)
			r = seccomp_rule_add(
				filter, SCMP_ACT_ERRNO(refused[i].error), refused[i].call, 0);
	return r;
}

/*
 * The flags of openat2() are in memory, which no filter reads: Landlock has to refuse what is not
 * reading, and where it does not the call is as missing as before Linux 5.6.
 */
static int openat2_rule(scmp_filter_ctx filter, bool is_allowed)
{
	return seccomp_rule_add(
		filter, is_allowed ? SCMP_ACT_ALLOW : SCMP_ACT_ERRNO(ENOSYS), SCMP_SYS(openat2), 0);
}

static int fill(scmp_filter_ctx filter, bool has_paths, bool has_openat2)
{
	int r = allow(filter, allowed, ARRAY_SIZE(allowed));

	if (r == 0 && has_paths)
		r = allow(filter, allowed_with_paths, ARRAY_SIZE(allowed_with_paths));
	if (r == 0 && has_paths)
		r = open_rules(filter, SCMP_SYS(openat), 2);
	if (r == 0 && has_paths)
		r = open_rules(filter, SCMP_SYS(open), 1);
	if (r == 0)
		r = openat2_rule(filter, has_paths && has_openat2);
	if (r == 0)
		r = allow_parts(filter);
	return r == 0 ? refuse(filter, has_paths) : r;
}

int filter_apply(bool has_paths, bool has_openat2)
{
	scmp_filter_ctx filter = seccomp_init(SCMP_ACT_TRAP);
	int r;

	if (!filter)
		return -ENOMEM;
	/* another architecture's calls have other numbers: x32, i386 */
	r = seccomp_attr_set(filter, SCMP_FLTATR_ACT_BADARCH, SCMP_ACT_KILL_PROCESS);
	if (r == 0)
		r = fill(filter, has_paths, has_openat2);
	if (r == 0)
		r = seccomp_load(filter);
	seccomp_release(filter);
	return r;
}

char *filter_call_name(int number)
{
	return seccomp_syscall_resolve_num_arch(SCMP_ARCH_NATIVE, number);
}
