/* SPDX-License-Identifier: Apache-2.0 */
/* Claims about agent/sandbox/filter.c: each call that is not allowed is tried from inside. */
#include "sandbox/sandbox_fixture.h"

#include <pthread.h>
#include <sched.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>

#include "base/below.h"
#include "sandbox/confine.h"

static int call_socket(void)
{
	return socket(AF_INET, SOCK_STREAM, 0);
}

static int call_socket_pair(void)
{
	int ends[2];

	return socketpair(AF_UNIX, SOCK_STREAM, 0, ends);
}

static int call_execve(void)
{
	return execl("/bin/true", "true", NULL);
}

static int call_ptrace(void)
{
	return ptrace(PTRACE_TRACEME, 0, 0, 0);
}

static int call_kill(void)
{
	return kill(getppid(), 0);
}

static int call_tgkill(void)
{
	return syscall(SYS_tgkill, getppid(), getppid(), 0);
}

static int call_fork(void)
{
	return fork();
}

static int call_clone_without_thread(void)
{
	return syscall(SYS_clone, CLONE_VM | SIGCHLD, 0, 0, 0, 0);
}

static int call_clone_namespace(void)
{
	return syscall(SYS_clone, CLONE_NEWUSER | SIGCHLD, 0, 0, 0, 0);
}

static int call_unshare(void)
{
	return unshare(CLONE_NEWUSER);
}

static int call_mount(void)
{
	return syscall(SYS_mount, "none", "/", "tmpfs", 0, NULL);
}

static int call_unlink(void)
{
	return unlink("/tmp/barewatch-none");
}

static int call_rename(void)
{
	return rename("/tmp/barewatch-none", "/tmp/barewatch-other");
}

static int call_chmod(void)
{
	return chmod("/tmp/barewatch-none", 0777);
}

static int call_mkdir(void)
{
	return mkdir("/tmp/barewatch-none", 0777);
}

static int call_setuid(void)
{
	return syscall(SYS_setuid, 0);
}

static int call_setrlimit(void)
{
	struct rlimit limit = {0, 0};

	return prlimit(0, RLIMIT_NOFILE, &limit, NULL);
}

static int call_prctl(void)
{
	return prctl(PR_SET_DUMPABLE, 1, 0, 0, 0);
}

static int call_handle(void)
{
	return syscall(SYS_open_by_handle_at, 0, NULL, 0);
}

static int call_bpf(void)
{
	return syscall(SYS_bpf, 0, NULL, 0);
}

static int call_io_uring(void)
{
	return syscall(SYS_io_uring_setup, 1, NULL);
}

static int call_memory(void)
{
	return syscall(SYS_process_vm_readv, getppid(), NULL, 0, NULL, 0, 0);
}

static int call_executable_memory(void)
{
	return mmap(NULL, 4096, PROT_READ | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0) !=
			       MAP_FAILED
		       ? 0
		       : -1;
}

static int call_dup(void)
{
	return fcntl(0, F_SETOWN, 1);
}

static int run_refused(struct strbuf *answer, void *userdata)
{
	int (*function)(void) = *(int (**)(void))userdata;

	(void)answer;
	return function() < 0 ? -errno : 0; /* neither is what is expected */
}

static void forbidden_calls_end_the_child_and_are_named(void **state)
{
	static const struct {
		int (*function)(void);
		const char *name;
	} cases[] = {
		{call_socket, "socket"},
		{call_socket_pair, "socketpair"},
		{call_execve, "execve"},
		{call_ptrace, "ptrace"},
		{call_kill, "kill"},
		{call_tgkill, "tgkill"},
		{call_fork, "clone"},
		{call_clone_without_thread, "clone"},
		{call_clone_namespace, "clone"},
		{call_unshare, "unshare"},
		{call_mount, "mount"},
		{call_setuid, "setuid"},
		{call_setrlimit, "prlimit64"},
		{call_prctl, "prctl"},
		{call_handle, "open_by_handle_at"},
		{call_bpf, "bpf"},
		{call_io_uring, "io_uring_setup"},
		{call_memory, "process_vm_readv"},
		{call_executable_memory, "mmap"},
		{call_dup, "fcntl"},
	};
	struct test_call call = {.function = run_refused};
	char message[SANDBOX_MESSAGE_MAX];

	(void)state;
	EACH_USER(as_nobody)
	{
		for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
			call.userdata = (void *)&cases[i].function;
			call_as(&call, as_nobody);
			snprintf(message, sizeof(message),
				"stopped: it called %s(), which is refused", cases[i].name);
			assert_outcome(-EPERM, message);
		}
	}
}

/* Their names differ by architecture: unlink() or unlinkat(). */
static void files_cannot_be_changed(void **state)
{
	static int (*const functions[])(void) = {call_unlink, call_rename, call_chmod, call_mkdir};
	struct test_call call = {.function = run_refused};

	(void)state;
	EACH_USER(as_nobody)
	{
		for (size_t i = 0; i < ARRAY_SIZE(functions); i++) {
			call.userdata = (void *)&functions[i];
			call_as(&call, as_nobody);
			assert_int_equal(outcome->result, -EPERM);
			assert_non_null(strstr(outcome->message, "stopped: it called "));
		}
	}
}

/* With the handler gone there is nobody to name the call, but it is refused. */
static int refuse_without_handler(struct strbuf *answer, void *userdata)
{
	(void)answer;
	(void)userdata;
	signal(SIGSYS, SIG_DFL);
	return call_socket();
}

static int refuse_ignored(struct strbuf *answer, void *userdata)
{
	(void)answer;
	(void)userdata;
	signal(SIGSYS, SIG_IGN);
	return call_socket();
}

static void refusal_does_not_depend_on_the_handler(void **state)
{
	struct test_call call = {.function = refuse_without_handler};

	(void)state;
	make_call(&call);
	assert_outcome(-EPERM, "stopped: it made a system call that is refused");
	call.function = refuse_ignored;
	make_call(&call);
	assert_outcome(-EPERM, "stopped: it made a system call that is refused");
}

static void *add_one(void *argument)
{
	CLEANUP_FREE char *memory = malloc(1 << 20);

	if (memory)
		memset(memory, 0, 1 << 20);
	__atomic_add_fetch((int *)argument, 1, __ATOMIC_SEQ_CST);
	return NULL;
}

static int use_threads(struct strbuf *answer, void *userdata)
{
	pthread_t threads[8];
	int count = 0;

	(void)userdata;
	for (size_t i = 0; i < ARRAY_SIZE(threads); i++)
		if (pthread_create(&threads[i], NULL, add_one, &count) != 0)
			return -EAGAIN;
	for (size_t i = 0; i < ARRAY_SIZE(threads); i++)
		pthread_join(threads[i], NULL);
	strbuf_addf(answer, "%d", count);
	return 0;
}

static void threads_and_memory_are_there(void **state)
{
	struct test_call call = {.function = use_threads};

	(void)state;
	EACH_USER(as_nobody)
	{
		call_as(&call, as_nobody);
		assert_outcome(0, "");
		assert_string_equal(outcome->answer, "8");
	}
}

static int read_tree(struct strbuf *answer, void *userdata)
{
	CLEANUP_FD int top = open(userdata, O_RDONLY | O_DIRECTORY | O_CLOEXEC), file = -1;
	CLEANUP_DIR DIR *dir = fdopendir(dup(top));
	CLEANUP_FD int path = -1;
	const struct dirent *d;
	struct stat st;
	char text[16] = "";

	if (!dir)
		return -errno;
	while ((d = readdir(dir)))
		if (d->d_name[0] != '.')
			strbuf_add_text(answer, d->d_name);
	path = below_open(top, "/file", true);
	file = path < 0 ? path : below_reopen(path, &st);
	if (file < 0)
		return file;
	if (read(file, text, sizeof(text) - 1) < 0)
		return -errno;
	strbuf_addf(answer, " %s", text);
	return 0;
}

static void trees_are_read(void **state)
{
	CLEANUP_SCRATCH struct scratch s;
	const char *paths[] = {s.root};
	struct test_call call = {.options = {.paths = paths, .path_count = 1},
		.function = read_tree,
		.userdata = s.root};

	(void)state;
	scratch_init(&s);
	scratch_write_text(&s, "file", "text");
	assert_int_equal(chmod(s.root, 0755), 0);
	assert_int_equal(chmod(scratch_path(&s, "file"), 0644), 0);
	EACH_USER(as_nobody)
	{
		call_as(&call, as_nobody);
		assert_outcome(0, "");
		assert_string_equal(outcome->answer, "file text");
	}
}

/* How a filter of its own answers, in a process for it alone. */
static int errno_with_filter(bool has_paths, bool has_openat2, int (*function)(void))
{
	int status;
	pid_t pid = fork();

	if (pid == 0) {
		if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0 ||
			filter_apply(has_paths, has_openat2) < 0)
			_exit(255);
		_exit(function() < 0 ? errno : 0);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFEXITED(status));
	return WEXITSTATUS(status);
}

static int call_openat2(void)
{
	uint64_t how[3] = {O_RDONLY, 0, 0};

	return syscall(SYS_openat2, AT_FDCWD, "/dev/null", how, sizeof(how));
}

static int call_open_to_write(void)
{
	return open("/dev/null", O_WRONLY);
}

static int call_open_to_read(void)
{
	return open("/dev/null", O_RDONLY);
}

static struct scratch scratch;

/* 0 when all is as it is to be, else the number of the case. */
static int call_below(void)
{
	static const struct {
		const char *path;
		int error;
	} cases[] = {
		{"", 0},
		{"/", 0},
		{"d", 0},
		{"/d//file", 0},
		{"none", -ENOENT},
		{"..", -EXDEV},
		{"d/..", -EXDEV},
		{"link", -ELOOP},
		{"link/file", -ELOOP},
		{"d/file/x", -ENOTDIR},
	};
	int top = open(scratch.root, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		int fd = below_open(top, cases[i].path, true);

		if ((fd < 0 ? fd : 0) != cases[i].error) {
			errno = i + 1;
			return -1;
		}
	}
	return 0;
}

/* What Landlock would have to refuse is not there without it. */
static void files_are_not_written_without_landlock_either(void **state)
{
	(void)state;
	assert_int_equal(errno_with_filter(true, false, call_open_to_read), 0);
	assert_int_equal(errno_with_filter(true, false, call_open_to_write), EACCES);
	assert_int_equal(errno_with_filter(true, false, call_openat2), ENOSYS);
	assert_int_equal(errno_with_filter(true, true, call_openat2), 0);
	assert_int_equal(errno_with_filter(false, true, call_openat2), ENOSYS);
	assert_int_equal(errno_with_filter(false, true, call_open_to_read), EACCES);
	scratch_init(&scratch);
	scratch_write_text(&scratch, "d/file", "");
	assert_int_equal(symlink("d", scratch_path(&scratch, "link")), 0);
	assert_int_equal(errno_with_filter(true, false, call_below), 0);
	scratch_done(&scratch);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(forbidden_calls_end_the_child_and_are_named),
		cmocka_unit_test(files_cannot_be_changed),
		cmocka_unit_test(refusal_does_not_depend_on_the_handler),
		cmocka_unit_test(threads_and_memory_are_there),
		cmocka_unit_test(trees_are_read),
		cmocka_unit_test(files_are_not_written_without_landlock_either),
	};

	return run_sandbox_tests(tests, ARRAY_SIZE(tests));
}
