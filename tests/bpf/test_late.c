/* SPDX-License-Identifier: Apache-2.0 */
/* bpf/prepare.bpf.c, and what bpf/attempt.bpf.c makes of it: execs that fail with no way back. */
#include "fixture.h"

#include <bpf/libbpf.h>
#include <elf.h>
#include <pthread.h>
#include <sys/prctl.h>
#include <sys/syscall.h>

#define CALLER "the caller"
#define KEPT   255 /* bytes of a path */

static void write_bytes(const char *path, const void *bytes, size_t size)
{
	CLEANUP_FD int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0755);

	assert_true(fd >= 0);
	assert_int_equal(write(fd, bytes, size), size);
}

static uint16_t own_machine(void)
{
	CLEANUP_FD int fd = open("/proc/self/exe", O_RDONLY | O_CLOEXEC);
	Elf64_Ehdr own;

	assert_int_equal(read(fd, &own, sizeof(own)), sizeof(own));
	return own.e_machine;
}

/* A program that is in order, but for its size: the kernel has no place for it. */
static void write_broken(const char *path)
{
	struct {
		Elf64_Ehdr header;
		Elf64_Phdr segment;
	} file = {
		.header = {.e_ident = {ELFMAG0, ELFMAG1, ELFMAG2, ELFMAG3, ELFCLASS64, ELFDATA2LSB,
				   EV_CURRENT},
			.e_type = ET_EXEC,
			.e_machine = own_machine(),
			.e_version = EV_CURRENT,
			.e_phoff = sizeof(file.header),
			.e_ehsize = sizeof(file.header),
			.e_phentsize = sizeof(file.segment),
			.e_phnum = 1},
		.segment = {.p_type = PT_LOAD,
			.p_flags = PF_R | PF_X,
			.p_vaddr = 0x400000,
			.p_filesz = sizeof(file),
			.p_memsz = UINT64_MAX / 2,
			.p_align = 4096},
	};

	write_bytes(path, &file, sizeof(file));
}

static void write_broken_32bit(const char *path)
{
	struct {
		Elf32_Ehdr header;
		Elf32_Phdr segment;
	} file = {
		.header = {.e_ident = {ELFMAG0, ELFMAG1, ELFMAG2, ELFMAG3, ELFCLASS32, ELFDATA2LSB,
				   EV_CURRENT},
			.e_type = ET_EXEC,
			.e_machine = EM_386,
			.e_version = EV_CURRENT,
			.e_phoff = sizeof(file.header),
			.e_ehsize = sizeof(file.header),
			.e_phentsize = sizeof(file.segment),
			.e_phnum = 1},
		.segment = {.p_type = PT_LOAD,
			.p_flags = PF_R | PF_X,
			.p_vaddr = 0x400000,
			.p_filesz = sizeof(file),
			.p_memsz = UINT32_MAX,
			.p_align = 4096},
	};

	write_bytes(path, &file, sizeof(file));
}

/* Each test has a NAME of its own: of one path, two failures are sent. */
static void broken_in(const struct fixture *f, const char *name, char *ret)
{
	snprintf(ret, PATH_MAX, "%.1000s/%s", f->dir, name);
	write_broken(ret);
}

static void act_exec(void *argument)
{
	prctl(PR_SET_NAME, CALLER);
	execl(argument, "sh", "-c", "id", NULL);
}

static void assert_late(const struct event *e)
{
	assert_int_equal(e->attempt.record->flags, BW_ATTEMPT_LATE);
	assert_string_equal(e->process->comm, CALLER);
	assert_true(e->attempt.args.unreadable);
	assert_int_equal(e->attempt.args.bytes.len, 0);
	assert_true(e->attempt.exe.unreadable);
}

static void broken_program_is_an_attempt_with_its_name(void **state)
{
	struct fixture *f = *state;
	char path[PATH_MAX], exe[PATH_MAX] = "";
	const struct event *e;
	pid_t pid;

	broken_in(f, "sh", path);
	assert_true(readlink("/proc/self/exe", exe, sizeof(exe) - 1) > 0);
	pid = fixture_run(f, NULL, act_exec, path);
	assert_int_equal(fixture_count(f, BW_EVENT_EXEC), 0);
	e = fixture_only(f, BW_EVENT_ATTEMPT);
	assert_late(e);
	assert_text(&e->attempt.asked, path);
	assert_false(e->attempt.asked.truncated || e->attempt.asked.unreadable);
	assert_true(e->attempt.record->error > 0);
	assert_int_equal(e->attempt.record->call, BW_CALL_EXECVE);
	assert_int_equal(e->attempt.record->dirfd, AT_FDCWD);
	assert_int_equal(e->attempt.record->at_flags, 0);
	assert_int_equal(e->process->tgid, pid);
	assert_int_equal(e->container, f->key);
	assert_text(&e->attempt.parent, exe);
}

static void act_execveat(void *argument)
{
	char *argv[] = {"sh", NULL}, *envp[] = {NULL};

	prctl(PR_SET_NAME, CALLER);
	syscall(SYS_execveat, NOT_OPEN, argument, argv, envp, AT_SYMLINK_NOFOLLOW);
}

/* On x86 the kernel has made it an execve by then. */
static void execveat_is_still_one(void **state)
{
	struct fixture *f = *state;
	char path[PATH_MAX];
	const struct event *e;

	broken_in(f, "at-sh", path);
	fixture_run(f, NULL, act_execveat, path);
	e = fixture_only(f, BW_EVENT_ATTEMPT);
	assert_late(e);
	assert_text(&e->attempt.asked, path);
	assert_int_equal(e->attempt.record->call, BW_CALL_EXECVEAT);
	assert_int_equal(e->attempt.record->dirfd, NOT_OPEN);
	assert_int_equal(e->attempt.record->at_flags, AT_SYMLINK_NOFOLLOW);
}

static void *thread_exec(void *argument)
{
	act_exec(argument);
	return NULL;
}

static void act_thread(void *argument)
{
	pthread_t thread;

	if (pthread_create(&thread, NULL, thread_exec, argument) == 0)
		pthread_join(thread, NULL);
}

/* It has the leader's id when it fails, and the leader has ended meanwhile. */
static void failure_of_a_thread_is_one_attempt(void **state)
{
	struct fixture *f = *state;
	char path[PATH_MAX];
	const struct event *e;
	pid_t pid;

	broken_in(f, "thread-sh", path);
	pid = fixture_run(f, NULL, act_thread, path);
	e = fixture_only(f, BW_EVENT_ATTEMPT);
	assert_late(e);
	assert_text(&e->attempt.asked, path);
	assert_true(e->attempt.record->error > 0);
	assert_int_equal(e->process->tgid, pid);
}

static void path_that_is_too_long_keeps_its_end_and_only_then_is_cut(void **state)
{
	struct fixture *f = *state;
	char path[PATH_MAX], longer[PATH_MAX] = "";
	const struct event *e;

	broken_in(f, "long-sh", path);
	for (size_t len = KEPT; len <= KEPT + 1; len++) {
		bool is_cut = len > KEPT;

		memset(longer, '/', sizeof(longer));
		strcpy(longer + len - strlen(path), path);
		fixture_run(f, NULL, act_exec, longer);
		e = fixture_only(f, BW_EVENT_ATTEMPT);
		assert_int_equal(e->attempt.asked.truncated, is_cut);
		assert_text(&e->attempt.asked, longer + is_cut);
	}
}

/* The end of this call is not seen without --coverage=full: that of the process is. */
static void end_of_the_process_stands_for_that_of_the_call(void **state)
{
	struct fixture *f = *state;
	char path[PATH_MAX];
	const struct event *e;

	snprintf(path, sizeof(path), "%.1000s/short-sh", f->dir);
	write_broken_32bit(path);
	fixture_run(f, NULL, act_exec, path);
	e = fixture_only(f, BW_EVENT_ATTEMPT);
	if (e->attempt.record->error == ENOEXEC)
		skip(); /* no 32-bit programs here */
	assert_late(e);
	assert_text(&e->attempt.asked, path);
	assert_int_equal(e->attempt.record->error, 0);
	assert_int_equal(e->attempt.record->call, BW_CALL_EXECVE);
}

static void act_true(void *argument)
{
	execl("/bin/busybox", argument, NULL);
}

static void *thread_true(void *argument)
{
	act_true(argument);
	return NULL;
}

static void act_thread_true(void *argument)
{
	pthread_t thread;

	if (pthread_create(&thread, NULL, thread_true, argument) == 0)
		pthread_join(thread, NULL);
	_exit(111);
}

/* However it then ends. */
static void success_is_no_failure(void **state)
{
	struct fixture *f = *state;

	fixture_run(f, NULL, act_true, "false");
	assert_int_equal(fixture_count(f, BW_EVENT_EXEC), 1);
	assert_int_equal(fixture_count(f, BW_EVENT_ATTEMPT), 0);
	fixture_run(f, NULL, act_thread_true, "false");
	assert_int_equal(fixture_count(f, BW_EVENT_EXEC), 1);
	assert_int_equal(fixture_count(f, BW_EVENT_ATTEMPT), 0);
}

static void act_absent(void *argument)
{
	execl(argument, "sh", NULL);
}

static void early_failure_is_none_of_these(void **state)
{
	struct fixture *f = *state;

	fixture_run(f, NULL, act_absent, "/nonexistent/sh");
	assert_int_equal(fixture_only(f, BW_EVENT_ATTEMPT)->attempt.record->flags, 0);
}

static void out_of_scope_nothing_is_reported(void **state)
{
	struct fixture *f = *state;
	char path[PATH_MAX];

	broken_in(f, "scope-sh", path);
	assert_int_equal(probe_scope_set(f->probe, f->key, f->key, BW_SCOPE_IGNORED), 0);
	fixture_run(f, NULL, act_exec, path);
	assert_int_equal(fixture_count(f, BW_EVENT_ATTEMPT), 0);
	assert_int_equal(probe_scope_set(f->probe, f->key, f->key, BW_SCOPE_WATCHED), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(broken_program_is_an_attempt_with_its_name),
		cmocka_unit_test(execveat_is_still_one),
		cmocka_unit_test(failure_of_a_thread_is_one_attempt),
		cmocka_unit_test(path_that_is_too_long_keeps_its_end_and_only_then_is_cut),
		cmocka_unit_test(end_of_the_process_stands_for_that_of_the_call),
		cmocka_unit_test(success_is_no_failure),
		cmocka_unit_test(early_failure_is_none_of_these),
		cmocka_unit_test(out_of_scope_nothing_is_reported),
	};

	if (libbpf_find_vmlinux_btf_id("sched_prepare_exec", BPF_TRACE_RAW_TP) <= 0) {
		puts("1..0 # SKIP this kernel has no sched_prepare_exec (Linux 6.10)");
		return 0;
	}
	return cmocka_run_group_tests(tests, fixture_setup, fixture_teardown);
}
