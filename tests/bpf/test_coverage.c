/* SPDX-License-Identifier: Apache-2.0 */
/* --coverage=full: system calls of 32-bit programs, made here by int $0x80 from 64-bit code. */
#include "fixture.h"

#include <sys/mman.h>
#include <sys/syscall.h>

#define PAGE 4096

/* The numbers of arch/x86/entry/syscalls/syscall_32.tbl. */
#define COMPAT_EXECVE   11
#define COMPAT_MMAP     90
#define COMPAT_MPROTECT 125
#define COMPAT_MMAP2    192
#define COMPAT_GETPPID  64
#define COMPAT_EXECVEAT 358

/* Six arguments, the last of them 0. A negative errno as the kernel returns it. */
static long call_compat(long number, long a, long b, long c, long d, long e)
{
#ifdef __x86_64__
	long result;

	/* behind what the compiler may keep below the stack's end */
	__asm__ volatile("lea -128(%%rsp), %%rsp\n\t"
			 "push %%rbp\n\t"
			 "xor %%ebp, %%ebp\n\t"
			 "int $0x80\n\t"
			 "pop %%rbp\n\t"
			 "lea 128(%%rsp), %%rsp"
			 : "=a"(result)
			 : "a"(number), "b"(a), "c"(b), "d"(c), "S"(d), "D"(e)
			 : "memory", "r8", "r9", "r10", "r11");
	return (int)result;
#else
	(void)number, (void)a, (void)b, (void)c, (void)d, (void)e;
	return -ENOSYS;
#endif
}

/* Memory that a 32-bit pointer can name: two strings and a list of them. */
struct low {
	char path[64], arg[64];
	uint32_t argv[3], envp[1];
	uint32_t block[6];
};

static struct low *low_memory(const char *path)
{
	struct low *low = mmap(
		NULL, PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_32BIT, -1, 0);

	if (low == MAP_FAILED)
		_exit(111);
	snprintf(low->path, sizeof(low->path), "%s", path);
	snprintf(low->arg, sizeof(low->arg), "--option");
	low->argv[0] = (uint32_t)(uintptr_t)low->path;
	low->argv[1] = (uint32_t)(uintptr_t)low->arg;
	return low;
}

static long address(const void *pointer)
{
	return (long)(uintptr_t)pointer;
}

static void act_execve(void *argument)
{
	struct low *low = low_memory(argument);

	call_compat(
		COMPAT_EXECVE, address(low->path), address(low->argv), address(low->envp), 0, 0);
}

static void act_execveat(void *argument)
{
	struct low *low = low_memory(argument);

	call_compat(COMPAT_EXECVEAT, NOT_OPEN, address(low->path), address(low->argv),
		address(low->envp), AT_SYMLINK_NOFOLLOW);
}

static void failed_exec_of_a_short_program_is_reported(void **state)
{
	static const char args[] = "sh\0--option"; /* argv[0] is the path */
	struct fixture *f = *state;
	const struct event *e;

	fixture_run(f, NULL, act_execve, (void *)"/nonexistent/sh");
	e = fixture_only(f, BW_EVENT_ATTEMPT);
	assert_text(&e->attempt.asked, "/nonexistent/sh");
	assert_int_equal(e->attempt.record->error, ENOENT);
	assert_int_equal(e->attempt.record->call, BW_CALL_EXECVE);
	fixture_run(f, NULL, act_execveat, (void *)"sh");
	e = fixture_only(f, BW_EVENT_ATTEMPT);
	assert_text(&e->attempt.asked, "sh");
	assert_int_equal(e->attempt.record->error, EBADF);
	assert_int_equal(e->attempt.record->call, BW_CALL_EXECVEAT);
	assert_int_equal(e->attempt.record->dirfd, NOT_OPEN);
	assert_int_equal(e->attempt.record->at_flags, AT_SYMLINK_NOFOLLOW);
	assert_int_equal(e->attempt.args.bytes.len, sizeof(args));
	assert_memory_equal(e->attempt.args.bytes.data, args, sizeof(args));
}

static void act_succeed(void *argument)
{
	act_execve(argument);
	_exit(111);
}

/* Though the number of its call is that of another call of a 64-bit program. */
static void exec_that_succeeds_is_no_attempt(void **state)
{
	struct fixture *f = *state;

	fixture_run(f, NULL, act_succeed, (void *)"/bin/busybox");
	assert_int_equal(fixture_count(f, BW_EVENT_EXEC), 1);
	assert_int_equal(fixture_count(f, BW_EVENT_ATTEMPT), 0);
	assert_int_equal(fixture_count(f, BW_EVENT_MAPPING), 0);
}

static int open_file(const char *path)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);

	if (fd < 0)
		_exit(111);
	return fd;
}

static void act_mmap2(void *argument)
{
	call_compat(COMPAT_MMAP2, 0, PAGE, PROT_READ | PROT_EXEC, MAP_PRIVATE, open_file(argument));
}

static void act_mmap(void *argument)
{
	struct low *low = low_memory("");
	uint32_t block[] = {0, PAGE, PROT_READ | PROT_EXEC, MAP_PRIVATE, open_file(argument), 0};

	memcpy(low->block, block, sizeof(block));
	call_compat(COMPAT_MMAP, address(low->block), 0, 0, 0, 0);
}

static void act_mprotect(void *argument)
{
	long place = call_compat(
		COMPAT_MMAP2, 0, PAGE, PROT_READ, MAP_PRIVATE, open_file(argument));

	call_compat(COMPAT_MPROTECT, (uint32_t)place, PAGE, PROT_READ | PROT_EXEC, 0, 0);
}

static void mapping_of_a_short_program_is_reported(void **state)
{
	static const struct {
		void (*act)(void *argument);
		enum bw_mapping_call call;
	} cases[] = {{act_mmap2, BW_CALL_MMAP}, {act_mmap, BW_CALL_MMAP},
		{act_mprotect, BW_CALL_MPROTECT}};
	struct fixture *f = *state;
	char path[PATH_MAX + 16];

	snprintf(path, sizeof(path), "%s/library", f->dir);
	write_text(path, "anything");
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		const struct event *e;

		fixture_run(f, NULL, cases[i].act, path);
		e = fixture_only(f, BW_EVENT_MAPPING);
		assert_text(&e->mapping.file, path);
		assert_int_equal(e->mapping.record->call, cases[i].call);
	}
}

static void act_native(void *argument)
{
	char *argv[] = {"sh", NULL}, *envp[] = {NULL};
	int fd = open_file(argument);
	char *place = mmap(NULL, PAGE, PROT_READ, MAP_PRIVATE, fd, 0);

	execve("/nonexistent/a", argv, envp);
	syscall(SYS_execveat, NOT_OPEN, "b", argv, envp, 0);
	mprotect(place, PAGE, PROT_READ | PROT_EXEC);
}

static void calls_of_others_are_reported_once(void **state)
{
	struct fixture *f = *state;
	char path[PATH_MAX + 16];

	snprintf(path, sizeof(path), "%s/library", f->dir);
	write_text(path, "anything");
	fixture_run(f, NULL, act_native, path);
	assert_int_equal(fixture_count(f, BW_EVENT_ATTEMPT), 2);
	assert_int_equal(fixture_count(f, BW_EVENT_MAPPING), 1);
}

/* What the option is for. */
static void standard_coverage_does_not_see_them(void **state)
{
	struct fixture *f = *state;

	fixture_reload(f, PROBE_COVERAGE_STANDARD);
	fixture_run(f, NULL, act_execve, (void *)"/nonexistent/sh");
	assert_int_equal(fixture_count(f, BW_EVENT_ATTEMPT), 0);
	fixture_reload(f, PROBE_COVERAGE_FULL);
}

static int setup(void **state)
{
	fixture_setup(state);
	fixture_reload(*state, PROBE_COVERAGE_FULL);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(failed_exec_of_a_short_program_is_reported),
		cmocka_unit_test(exec_that_succeeds_is_no_attempt),
		cmocka_unit_test(mapping_of_a_short_program_is_reported),
		cmocka_unit_test(calls_of_others_are_reported_once),
		cmocka_unit_test(standard_coverage_does_not_see_them),
	};

	if (call_compat(COMPAT_GETPPID, 0, 0, 0, 0, 0) <= 0) {
		print_message("1..0 # SKIP this kernel runs no 32-bit programs\n");
		return 0;
	}
	return cmocka_run_group_tests(tests, setup, fixture_teardown);
}
