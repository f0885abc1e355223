/* SPDX-License-Identifier: Apache-2.0 */
/* bpf/exec.bpf.c: each way to start a program, and every field of what is reported. */
#include "fixture.h"

#include <grp.h>
#include <linux/capability.h>
#include <pthread.h>
#include <sched.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <pty.h>
#include <utmp.h>

#define BUSYBOX "/bin/busybox"

/* A copy of a static program that does nothing when called `true`, at DIR/NAME. */
static void install(struct fixture *f, const char *name)
{
	char command[2 * PATH_MAX];

	snprintf(command, sizeof(command), "cp " BUSYBOX " '%s/%s'", f->dir, name);
	assert_int_equal(system(command), 0);
}

static void path_in(const struct fixture *f, const char *name, char *ret)
{
	assert_true(snprintf(ret, PATH_MAX, "%s/%s", f->dir, name) < PATH_MAX);
}

static void read_link(const char *link, char *ret)
{
	ssize_t len = readlink(link, ret, PATH_MAX - 1);

	assert_true(len > 0);
	ret[len] = '\0';
}

static uint32_t own_loginuid(void)
{
	CLEANUP_FILE FILE *file = fopen("/proc/self/loginuid", "re");
	unsigned uid = BW_ID_UNSET;

	return file && fscanf(file, "%u", &uid) == 1 ? uid : BW_ID_UNSET;
}

/* The key of this process's own cgroup in version 2. */
static uint64_t own_cgroup_key(const struct fixture *f)
{
	CLEANUP_FILE FILE *file = fopen("/proc/self/cgroup", "re");
	char line[PATH_MAX], path[2 * PATH_MAX] = "";

	assert_non_null(file);
	while (fgets(line, sizeof(line), file)) {
		line[strcspn(line, "\n")] = '\0';
		if (strncmp(line, "0::", 3) == 0)
			snprintf(path, sizeof(path), "%s%s", f->hierarchies.v2_path, line + 3);
	}
	return cgroup_dir_key(path);
}

static void act_plain(void *argument)
{
	const struct fixture *f = argument;

	if (chdir(f->dir) < 0 || setgroups(0, NULL) < 0 || setresgid(23, 24, 24) < 0 ||
		setresuid(13, 14, 14) < 0)
		_exit(111);
	execl("./link", "true", "a b", "", "c\nd", NULL);
}

static void plain_prepare(struct fixture *f)
{
	char link[PATH_MAX];

	install(f, "program");
	path_in(f, "link", link);
	if (symlink("program", link) < 0)
		assert_int_equal(errno, EEXIST);
}

static void header_and_process_are_those_of_the_task(void **state)
{
	struct fixture *f = *state;
	uint64_t before = boot_now_ns();
	const struct bw_process *p;
	const struct event *e;
	char comm[16] = "";
	struct stat ns;
	pid_t pid;

	plain_prepare(f);
	pid = fixture_run(f, NULL, act_plain, f);
	e = fixture_only(f, BW_EVENT_EXEC);
	assert_int_equal(e->exec.record->event.version, BW_ABI_VERSION);
	assert_true(e->time_ns >= before && e->time_ns <= boot_now_ns());
	assert_int_equal(e->cgroup, f->key);
	assert_int_equal(e->container, f->key);
	p = e->process;
	assert_int_equal(p->tgid, pid);
	assert_int_equal(p->tid, pid);
	assert_int_equal(e->exec.record->old_tid, pid);
	assert_int_equal(p->ppid, getpid());
	assert_int_equal(p->parent_cgroup, own_cgroup_key(f));
	assert_int_not_equal(p->parent_cgroup, f->key);
	assert_int_equal(p->ns_tgid, pid);
	assert_int_equal(p->flags, 0);
	assert_int_equal(p->tracer, 0);
	assert_true(p->start_ns >= before && p->start_ns <= e->time_ns);
	assert_int_equal(p->uid, 13);
	assert_int_equal(p->euid, 14);
	assert_int_equal(p->gid, 23);
	assert_int_equal(p->egid, 24);
	assert_int_equal(p->loginuid, own_loginuid());
	assert_int_equal(stat("/proc/self/ns/mnt", &ns), 0);
	assert_int_equal(p->mnt_ns, ns.st_ino);
	assert_string_equal(p->comm, "link");
	own_comm(comm);
	assert_string_equal(p->parent_comm, comm);
	assert_string_equal(p->tty, "");
}

static void file_is_the_one_that_runs(void **state)
{
	struct fixture *f = *state;
	char path[PATH_MAX];
	struct stat st;

	plain_prepare(f);
	path_in(f, "program", path);
	assert_int_equal(stat(path, &st), 0); /* the kernel marks a time that was asked for */
	fixture_run(f, NULL, act_plain, f);
	assert_file_at(&fixture_only(f, BW_EVENT_EXEC)->exec.record->file, path);
}

static void texts_are_whole(void **state)
{
	struct fixture *f = *state;
	char path[PATH_MAX], parent[PATH_MAX];
	static const char args[] = "true\0a b\0\0c\nd";
	const struct event *e;

	plain_prepare(f);
	fixture_run(f, NULL, act_plain, f);
	e = fixture_only(f, BW_EVENT_EXEC);
	assert_text(&e->exec.invoked, "./link");
	path_in(f, "program", path);
	assert_text(&e->exec.resolved, path);
	assert_text(&e->exec.cwd, f->dir);
	read_link("/proc/self/exe", parent);
	assert_text(&e->exec.parent, parent);
	assert_int_equal(e->exec.args.bytes.len, sizeof(args));
	assert_memory_equal(e->exec.args.bytes.data, args, sizeof(args));
	assert_int_equal(e->exec.record->args_bytes, sizeof(args));
	assert_int_equal(e->exec.record->argc, 4);
	assert_false(e->exec.invoked.truncated || e->exec.resolved.truncated ||
		     e->exec.cwd.truncated || e->exec.parent.truncated || e->exec.args.truncated);
	assert_false(e->exec.invoked.unreadable || e->exec.resolved.unreadable ||
		     e->exec.cwd.unreadable || e->exec.parent.unreadable ||
		     e->exec.args.unreadable);
	assert_false(e->exec.resolved.detached || e->exec.cwd.detached || e->exec.parent.detached);
}

static void act_script(void *argument)
{
	execl(argument, argument, "x", NULL);
}

static void script_is_named_and_its_interpreter_resolved(void **state)
{
	struct fixture *f = *state;
	char script[PATH_MAX], interpreter[PATH_MAX], text[PATH_MAX + 16];
	const struct event *e;

	install(f, "interpreter");
	path_in(f, "script", script);
	path_in(f, "interpreter", interpreter);
	snprintf(text, sizeof(text), "#!%s true\n", interpreter);
	write_text(script, text);
	fixture_run(f, NULL, act_script, script);
	e = fixture_only(f, BW_EVENT_EXEC);
	assert_text(&e->exec.invoked, script);
	assert_text(&e->exec.resolved, interpreter);
	assert_int_equal(e->exec.record->file.flags, BW_FILE_SCRIPT);
	assert_int_equal(e->exec.record->argc, 4); /* interpreter, true, script, x */
	assert_int_equal(e->exec.record->script.inode, 0);
}

static void execveat_path(int fd)
{
	char *argv[] = {"true", NULL}, *envp[] = {NULL};

	syscall(SYS_execveat, fd, "", argv, envp, AT_EMPTY_PATH);
}

static void act_execveat(void *argument)
{
	execveat_path(open(argument, O_PATH | O_CLOEXEC));
}

static void execveat_of_a_descriptor_is_resolved(void **state)
{
	struct fixture *f = *state;
	char path[PATH_MAX];
	const struct event *e;

	install(f, "by-descriptor");
	path_in(f, "by-descriptor", path);
	fixture_run(f, NULL, act_execveat, path);
	e = fixture_only(f, BW_EVENT_EXEC);
	assert_text(&e->exec.resolved, path);
	assert_memory_equal(e->exec.invoked.bytes.data, "/dev/fd/", 8);
	assert_int_equal(e->exec.record->file.flags, 0);
}

#define SCRIPT_FD 57

/* The descriptor has to stay open: the interpreter reads from it. */
static void act_script_by_descriptor(void *argument)
{
	if (dup2(open(argument, O_RDONLY | O_CLOEXEC), SCRIPT_FD) == SCRIPT_FD)
		execveat_path(SCRIPT_FD);
}

static void file_of_a_script_is_told_when_it_came_by_a_descriptor(void **state)
{
	struct fixture *f = *state;
	char path[PATH_MAX], invoked[32];
	const struct bw_file *file;
	const struct event *e;
	struct stat st;

	path_in(f, "script-by-descriptor", path);
	write_text(path, "#!" BUSYBOX " true\n");
	assert_int_equal(stat(path, &st), 0);
	fixture_run(f, NULL, act_script_by_descriptor, path);
	e = fixture_only(f, BW_EVENT_EXEC);
	snprintf(invoked, sizeof(invoked), "/dev/fd/%d", SCRIPT_FD);
	assert_text(&e->exec.invoked, invoked);
	assert_int_equal(e->exec.record->file.flags, BW_FILE_SCRIPT);
	file = &e->exec.record->script;
	assert_int_equal(file->inode, st.st_ino);
	assert_int_equal(file->size_bytes, st.st_size);
	assert_int_equal(file->ctime_s, st.st_ctim.tv_sec);
	assert_int_equal(file->ctime_ns, st.st_ctim.tv_nsec);
	assert_int_equal(file->dev_major, major(st.st_dev));
	assert_int_equal(file->dev_minor, minor(st.st_dev));
	assert_int_equal(file->mode, st.st_mode);
	assert_int_equal(file->nlink, 1);
	assert_int_equal(file->flags, 0);
}

static void act_memfd(void *argument)
{
	int in = open(BUSYBOX, O_RDONLY | O_CLOEXEC), out = memfd_create("a/b", MFD_CLOEXEC);
	char data[65536];
	ssize_t n;

	(void)argument;
	while ((n = read(in, data, sizeof(data))) > 0)
		if (write(out, data, n) != n)
			_exit(111);
	execveat_path(out);
}

static void memfd_is_told(void **state)
{
	struct fixture *f = *state;
	const struct event *e;

	fixture_run(f, NULL, act_memfd, NULL);
	e = fixture_only(f, BW_EVENT_EXEC);
	assert_int_equal(e->exec.record->file.flags, BW_FILE_MEMFD | BW_FILE_DELETED);
	assert_int_equal(e->exec.record->file.nlink, 0);
	assert_text(&e->exec.resolved, "memfd:a/b");
	assert_true(e->exec.resolved.detached);
}

static void act_deleted(void *argument)
{
	int fd = open(argument, O_PATH | O_CLOEXEC);

	unlink(argument);
	execveat_path(fd);
}

static void deleted_file_is_told(void **state)
{
	struct fixture *f = *state;
	char path[PATH_MAX];
	const struct event *e;

	install(f, "deleted");
	path_in(f, "deleted", path);
	fixture_run(f, NULL, act_deleted, path);
	e = fixture_only(f, BW_EVENT_EXEC);
	assert_int_equal(e->exec.record->file.flags, BW_FILE_DELETED);
	assert_text(&e->exec.resolved, path);
}

static void act_setuid(void *argument)
{
	if (setresuid(13, 13, 13) < 0)
		_exit(111);
	execl(argument, "true", NULL);
}

static void setuid_and_setgid_are_told(void **state)
{
	struct fixture *f = *state;
	char path[PATH_MAX];
	const struct event *e;

	install(f, "setuid");
	path_in(f, "setuid", path);
	assert_int_equal(chmod(path, 06755), 0);
	fixture_run(f, NULL, act_setuid, path);
	e = fixture_only(f, BW_EVENT_EXEC);
	assert_int_equal(e->exec.record->file.flags, BW_FILE_SETUID | BW_FILE_SETGID);
	assert_int_equal(e->exec.record->file.mode & 07777, 06755);
	assert_int_equal(e->process->uid, 13);
	assert_int_equal(e->process->euid, 0);
}

static void *exec_true(void *argument)
{
	execl(argument, "true", NULL);
	return NULL;
}

static void act_thread(void *argument)
{
	pthread_t thread;

	if (pthread_create(&thread, NULL, exec_true, argument) == 0)
		pthread_join(thread, NULL);
}

static void thread_that_is_not_the_leader_takes_the_leaders_id(void **state)
{
	struct fixture *f = *state;
	char resolved[PATH_MAX];
	const struct event *e;
	pid_t pid = fixture_run(f, NULL, act_thread, BUSYBOX);

	e = fixture_only(f, BW_EVENT_EXEC);
	assert_int_equal(e->process->tgid, pid);
	assert_int_equal(e->process->tid, pid);
	assert_int_not_equal(e->exec.record->old_tid, pid);
	assert_non_null(realpath(BUSYBOX, resolved)); /* /bin is a link on most hosts */
	assert_text(&e->exec.resolved, resolved);
}

#define LONG_ARG 3000

static void act_long_args(void *argument)
{
	char text[LONG_ARG + 1];

	(void)argument;
	memset(text, 'x', LONG_ARG);
	text[LONG_ARG] = '\0';
	execl(BUSYBOX, "true", text, text, NULL);
}

static void long_argv_is_cut_and_its_true_length_kept(void **state)
{
	struct fixture *f = *state;
	const struct event *e;

	fixture_run(f, NULL, act_long_args, NULL);
	e = fixture_only(f, BW_EVENT_EXEC);
	assert_true(e->exec.args.truncated);
	assert_int_equal(e->exec.args.bytes.len, BW_ARGS_MAX);
	assert_int_equal(e->exec.record->args_bytes, 5 + 2 * (LONG_ARG + 1));
	assert_int_equal(e->exec.record->argc, 3);
}

/* "./././.../busybox" of LEN characters, resolved from the directory FD. */
static void exec_long_name(size_t len)
{
	char path[2 * BW_PATH_MAX], *argv[] = {"true", NULL}, *envp[] = {NULL};
	int fd = open("/bin", O_PATH | O_CLOEXEC);

	memset(path, '/', sizeof(path));
	for (size_t i = 0; i < len - 7; i += 2)
		path[i] = '.';
	memcpy(path + len - 7, "busybox", 8);
	syscall(SYS_execveat, fd, path, argv, envp, 0);
}

static void act_name_of(void *argument)
{
	exec_long_name(*(size_t *)argument);
}

static void invoked_path_is_cut_when_it_is_too_long_and_only_then(void **state)
{
	struct fixture *f = *state;
	/* execveat puts "/dev/fd/N/" before a path that is relative to a descriptor */
	size_t fits = 4001, too_long = 4095;
	const struct event *e;

	fixture_run(f, NULL, act_name_of, &fits);
	e = fixture_only(f, BW_EVENT_EXEC);
	assert_false(e->exec.invoked.truncated);
	assert_memory_equal(
		e->exec.invoked.bytes.data + e->exec.invoked.bytes.len - 8, "/busybox", 8);
	fixture_run(f, NULL, act_name_of, &too_long);
	e = fixture_only(f, BW_EVENT_EXEC);
	assert_true(e->exec.invoked.truncated);
	assert_int_equal(e->exec.invoked.bytes.len, BW_PATH_MAX);
}

#define DEEP 80

/* Runs DIR/program by a link in DIR/d/d/... with DEEP directories, more than the walk follows. */
static void act_deep(void *argument)
{
	CLEANUP_FD int dir = open(argument, O_PATH | O_DIRECTORY | O_CLOEXEC);

	if (fchdir(dir) < 0)
		_exit(111);
	for (int i = 0; i < DEEP; i++)
		if ((mkdir("d", 0755) < 0 && errno != EEXIST) || chdir("d") < 0)
			_exit(111);
	if (linkat(dir, "program", AT_FDCWD, "hard", 0) < 0)
		_exit(111);
	execl("./hard", "true", NULL);
}

/* What it runs is on the same file system as its directories: /tmp may be one of its own. */
static void path_that_is_too_deep_keeps_its_end(void **state)
{
	struct fixture *f = *state;
	const struct event *e;
	struct slice path;

	install(f, "program");
	fixture_run(f, NULL, act_deep, f->dir);
	e = fixture_only(f, BW_EVENT_EXEC);
	path = e->exec.resolved.bytes;
	assert_true(e->exec.resolved.truncated);
	assert_memory_equal(path.data, ".../d/d/", 8);
	assert_memory_equal(path.data + path.len - 7, "/d/hard", 7);
}

struct alias {
	const char *from, *to, *program;
};

static void act_bind(void *argument)
{
	const struct alias *a = argument;

	if (unshare(CLONE_NEWNS) < 0 || mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0 ||
		mount(a->from, a->to, NULL, MS_BIND, NULL) < 0)
		_exit(111);
	execl(a->program, "true", NULL);
}

static void path_through_a_bind_mount_is_the_one_in_use(void **state)
{
	struct fixture *f = *state;
	char from[PATH_MAX], to[PATH_MAX], program[PATH_MAX + 16];
	struct alias a = {from, to, program};
	const struct event *e;

	path_in(f, "from", from);
	path_in(f, "to", to);
	assert_int_equal(mkdir(from, 0755) | mkdir(to, 0755), 0);
	install(f, "from/program");
	snprintf(program, sizeof(program), "%s/program", to);
	fixture_run(f, NULL, act_bind, &a);
	e = fixture_only(f, BW_EVENT_EXEC);
	assert_text(&e->exec.resolved, program);
	assert_false(e->exec.resolved.detached);
	assert_int_not_equal(e->process->mnt_ns, 0);
}

static void act_chroot(void *argument)
{
	if (chroot(argument) < 0 || chdir("/") < 0)
		_exit(111);
	execl("/program", "true", NULL);
}

static void chroot_does_not_hide_the_path(void **state)
{
	struct fixture *f = *state;
	char path[PATH_MAX];
	const struct event *e;

	install(f, "program");
	path_in(f, "program", path);
	fixture_run(f, NULL, act_chroot, f->dir);
	e = fixture_only(f, BW_EVENT_EXEC);
	assert_text(&e->exec.invoked, "/program");
	assert_text(&e->exec.resolved, path);
}

struct traced {
	int go[2]; /* a byte: the tracer is there */
	pid_t tracer;
};

static void act_traced(void *argument)
{
	const struct traced *t = argument;
	char byte;

	if (read(t->go[0], &byte, 1) != 1)
		_exit(111);
	execl(BUSYBOX, "true", NULL);
}

/* Traces PID, which is no child of its own, until its end. */
static void trace(pid_t pid, int go)
{
	if (ptrace(PTRACE_SEIZE, pid, NULL, NULL) < 0 || write(go, "", 1) != 1)
		_exit(111);
	for (;;) {
		int status;

		if (waitpid(pid, &status, __WALL) != pid || !WIFSTOPPED(status))
			_exit(0);
		ptrace(PTRACE_CONT, pid, NULL, NULL);
	}
}

/* The parent of the program is this process, its tracer is another child of it. */
static void act_with_tracer(void *argument)
{
	struct traced *t = argument;
	pid_t child = fork(), tracer;

	if (child == 0)
		act_traced(t);
	tracer = fork();
	if (tracer == 0)
		trace(child, t->go[1]);
	t->tracer = tracer;
	waitpid(child, NULL, 0);
	waitpid(tracer, NULL, 0);
}

static void tracer_is_told_from_the_parent(void **state)
{
	struct fixture *f = *state;
	struct traced *t = mmap(
		NULL, sizeof(*t), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	const struct event *e;
	pid_t pid;

	assert_true(t != MAP_FAILED);
	assert_int_equal(pipe(t->go), 0);
	pid = fixture_run(f, NULL, act_with_tracer, t);
	e = fixture_only(f, BW_EVENT_EXEC);
	assert_int_equal(e->process->tracer, t->tracer);
	assert_int_equal(e->process->ppid, pid);
	close(t->go[0]);
	close(t->go[1]);
	munmap(t, sizeof(*t));
}

/* The first process of a pid namespace, then its child. */
static void act_in_pid_namespace(void *argument)
{
	pid_t child;

	(void)argument;
	if (unshare(CLONE_NEWPID) < 0)
		_exit(111);
	child = fork();
	if (child == 0) {
		if (fork() == 0)
			execl(BUSYBOX, "true", NULL);
		wait(NULL);
		execl(BUSYBOX, "true", NULL);
	}
	waitpid(child, NULL, 0);
}

static void process_has_its_number_in_its_own_pid_namespace(void **state)
{
	struct fixture *f = *state;
	pid_t pid = fixture_run(f, NULL, act_in_pid_namespace, NULL), first;
	size_t cursor = 0;
	const struct event *e;

	e = fixture_next(f, BW_EVENT_EXEC, &cursor);
	assert_non_null(e);
	assert_int_equal(e->process->ns_tgid, 2);
	assert_int_equal(e->process->parent_cgroup, f->key);
	first = e->process->ppid;
	e = fixture_next(f, BW_EVENT_EXEC, &cursor);
	assert_non_null(e);
	assert_int_equal(e->process->ns_tgid, 1);
	assert_int_equal(e->process->tgid, first);
	assert_int_equal(e->process->ppid, pid);
	assert_int_equal(e->process->parent_cgroup, f->key);
	assert_null(fixture_next(f, BW_EVENT_EXEC, &cursor));
}

/* A process may have one number in each of several pid namespaces: the innermost counts. */
static void act_in_nested_pid_namespaces(void *argument)
{
	int depth = *(int *)argument;

	for (int i = 0; i < depth; i++) {
		pid_t child;

		if (unshare(CLONE_NEWPID) < 0)
			_exit(111);
		child = fork();
		if (child != 0) {
			waitpid(child, NULL, 0);
			_exit(0);
		}
	}
	execl(BUSYBOX, "true", NULL);
}

static void innermost_pid_namespace_counts(void **state)
{
	struct fixture *f = *state;
	int depth = 5;

	fixture_run(f, NULL, act_in_nested_pid_namespaces, &depth);
	assert_int_equal(fixture_only(f, BW_EVENT_EXEC)->process->ns_tgid, 1);
}

static void act_thread_in_pid_namespace(void *argument)
{
	pid_t child;
	pthread_t thread;

	if (unshare(CLONE_NEWPID) < 0)
		_exit(111);
	child = fork();
	if (child == 0) {
		if (pthread_create(&thread, NULL, exec_true, argument) == 0)
			pthread_join(thread, NULL);
		_exit(111);
	}
	waitpid(child, NULL, 0);
}

static void number_is_the_thread_groups(void **state)
{
	struct fixture *f = *state;

	fixture_run(f, NULL, act_thread_in_pid_namespace, BUSYBOX);
	assert_int_equal(fixture_only(f, BW_EVENT_EXEC)->process->ns_tgid, 1);
}

static void act_logged_in(void *argument)
{
	int fd = open("/proc/self/loginuid", O_WRONLY | O_CLOEXEC);

	(void)argument;
	if (fd < 0 || write(fd, "4711", 4) != 4)
		_exit(0);
	execl(BUSYBOX, "true", NULL);
}

static void login_uid_is_that_of_the_session(void **state)
{
	struct fixture *f = *state;

	fixture_run(f, NULL, act_logged_in, NULL);
	if (fixture_count(f, BW_EVENT_EXEC) == 0) {
		print_message("# this kernel has no login uid, or it cannot be set here\n");
		skip();
	}
	assert_int_equal(fixture_only(f, BW_EVENT_EXEC)->process->loginuid, 4711);
}

static uint64_t own_capabilities(void)
{
	CLEANUP_FILE FILE *file = fopen("/proc/self/status", "re");
	unsigned long long mask = 0;
	char line[256];

	assert_non_null(file);
	while (fgets(line, sizeof(line), file) && sscanf(line, "CapEff: %llx", &mask) != 1)
		;
	return mask;
}

/* Without a capability that root has after any other exec. */
static void act_with_less(void *argument)
{
	(void)argument;
	if (prctl(PR_CAPBSET_DROP, CAP_CHOWN) < 0)
		_exit(111);
	execl(BUSYBOX, "true", NULL);
}

static void capabilities_are_those_of_the_program_when_asked_for(void **state)
{
	struct fixture *f = *state;
	const struct bw_process *p;

	if (!(own_capabilities() & 1 << CAP_CHOWN) || geteuid() != 0)
		skip();
	fixture_run(f, NULL, act_with_less, NULL);
	p = fixture_only(f, BW_EVENT_EXEC)->process;
	assert_int_equal(p->flags & BW_PROCESS_CAPABILITIES, 0);
	assert_int_equal(p->cap_effective, 0);
	fixture_forget(f);
	probe_capabilities_carry(f->probe, true);
	fixture_run(f, NULL, act_with_less, NULL);
	p = fixture_only(f, BW_EVENT_EXEC)->process;
	assert_int_equal(p->flags & BW_PROCESS_CAPABILITIES, BW_PROCESS_CAPABILITIES);
	assert_int_equal(p->cap_effective, own_capabilities() & ~(uint64_t)(1 << CAP_CHOWN));
	fixture_forget(f);
	plain_prepare(f);
	fixture_run(f, NULL, act_plain, f);
	p = fixture_only(f, BW_EVENT_EXEC)->process;
	assert_int_equal(p->flags & BW_PROCESS_CAPABILITIES, BW_PROCESS_CAPABILITIES);
	assert_int_equal(p->cap_effective, 0);
	probe_capabilities_carry(f->probe, false);
}

static void *fork_and_exec(void *argument)
{
	pid_t child;

	(void)argument;
	prctl(PR_SET_NAME, "pool-thread-7");
	child = fork();
	if (child == 0)
		execl(BUSYBOX, "true", NULL);
	waitpid(child, NULL, 0);
	return NULL;
}

static void act_thread_forks(void *argument)
{
	pthread_t thread;

	prctl(PR_SET_NAME, "server");
	if (pthread_create(&thread, NULL, fork_and_exec, argument) == 0)
		pthread_join(thread, NULL);
}

static void parent_is_called_as_its_leader_is(void **state)
{
	struct fixture *f = *state;

	fixture_run(f, NULL, act_thread_forks, NULL);
	assert_string_equal(fixture_only(f, BW_EVENT_EXEC)->process->parent_comm, "server");
}

static void act_terminal(void *argument)
{
	int terminal = *(int *)argument;

	if (login_tty(terminal) < 0)
		_exit(111);
	execl(BUSYBOX, "true", NULL);
}

static void controlling_terminal_is_named(void **state)
{
	struct fixture *f = *state;
	char name[PATH_MAX], expected[BW_TTY_SIZE];
	const struct event *e;
	int leader, terminal;

	if (openpty(&leader, &terminal, name, NULL, NULL) < 0) {
		print_message("# no pseudo terminals here\n");
		skip();
	}
	fixture_run(f, NULL, act_terminal, &terminal);
	e = fixture_only(f, BW_EVENT_EXEC);
	snprintf(expected, sizeof(expected), "pts%s", strrchr(name, '/') + 1);
	assert_string_equal(e->process->tty, expected);
	close(leader);
	close(terminal);
}

static void act_many(void *argument)
{
	int n = *(int *)argument;

	for (int i = 0; i < n; i++) {
		pid_t child = fork();

		if (child == 0)
			execl(BUSYBOX, "true", NULL);
		if (child < 0 || waitpid(child, NULL, 0) != child)
			_exit(111);
	}
}

/* All records of execs, of other cgroups as well: what the counters speak of. */
static size_t count_all(struct fixture *f)
{
	size_t count;

	f->only_cgroup = 0;
	count = fixture_count(f, BW_EVENT_EXEC);
	f->only_cgroup = f->key;
	return count;
}

static void every_exec_is_reported_and_counted(void **state)
{
	struct fixture *f = *state;
	struct probe_counts before, after;
	int n = 500;

	fixture_drain(f);
	assert_int_equal(probe_counts_read(f->probe, &before), 0);
	fixture_run(f, NULL, act_many, &n);
	assert_int_equal(probe_counts_read(f->probe, &after), 0);
	assert_int_equal(fixture_count(f, BW_EVENT_EXEC), n);
	assert_true(after.events[BW_EVENT_EXEC].sent - before.events[BW_EVENT_EXEC].sent >=
		    (uint64_t)n);
	assert_int_equal(after.events[BW_EVENT_EXEC].seen, after.events[BW_EVENT_EXEC].sent);
	assert_int_equal(after.events[BW_EVENT_EXEC].lost, 0);
}

static void losses_of_a_full_ring_are_counted(void **state)
{
	struct fixture *f = *state;
	struct bw_counters *c;
	struct probe_counts counts;
	int n = 200;

	/* a ring of its own, of four pages */
	probe_free(f->probe);
	fixture_load(f, 4 * 4096, 16);
	assert_int_equal(probe_scope_set(f->probe, f->key, f->key, BW_SCOPE_WATCHED), 0);
	fixture_run(f, NULL, act_many, &n);
	assert_int_equal(probe_counts_read(f->probe, &counts), 0);
	c = &counts.events[BW_EVENT_EXEC];
	assert_in_range(c->lost, 1, c->seen);
	assert_int_equal(c->sent + c->lost, c->seen);
	assert_true(c->seen >= (uint64_t)n);
	assert_int_equal(c->sent, count_all(f));
	probe_free(f->probe);
	fixture_load(f, PROBE_RING_BYTES_DEFAULT, PROBE_SCOPES_DEFAULT);
	assert_int_equal(probe_scope_set(f->probe, f->key, f->key, BW_SCOPE_WATCHED), 0);
}

static void reader_is_woken_when_a_quarter_of_the_ring_waits(void **state)
{
	struct fixture *f = *state;
	int fd, one = 1, few = 3, many = 20;

	probe_free(f->probe);
	fixture_load(f, 4 * 4096, PROBE_SCOPES_DEFAULT);
	assert_int_equal(probe_scope_set(f->probe, f->key, f->key, BW_SCOPE_WATCHED), 0);
	fixture_run(f, NULL, act_many, &one);
	fixture_know(f, &fixture_only(f, BW_EVENT_EXEC)->exec.record->file);
	fd = probe_fd(f->probe, PROBE_RING_EVENTS);
	assert_false(is_readable(fd));
	if (fork() == 0) {
		join_cgroup(f->cgroup);
		act_many(&few);
		_exit(0);
	}
	wait(NULL);
	assert_false(is_readable(fd));
	if (fork() == 0) {
		join_cgroup(f->cgroup);
		act_many(&many);
		_exit(0);
	}
	wait(NULL);
	assert_true(is_readable(fd));
	probe_free(f->probe);
	fixture_load(f, PROBE_RING_BYTES_DEFAULT, PROBE_SCOPES_DEFAULT);
	assert_int_equal(probe_scope_set(f->probe, f->key, f->key, BW_SCOPE_WATCHED), 0);
}

static void drain_stops_at_its_budget(void **state)
{
	struct fixture *f = *state;
	int n = 10;

	probe_free(f->probe);
	fixture_load(f, PROBE_RING_BYTES_DEFAULT, PROBE_SCOPES_DEFAULT);
	assert_int_equal(probe_scope_set(f->probe, f->key, f->key, BW_SCOPE_WATCHED), 0);
	if (fork() == 0) {
		join_cgroup(f->cgroup);
		act_many(&n);
		_exit(0);
	}
	wait(NULL);
	fixture_forget(f);
	assert_int_equal(probe_drain(f->probe, PROBE_RING_EVENTS, 4), 4);
	assert_int_equal(f->count, 4);
	fixture_drain(f);
	assert_int_equal(fixture_count(f, BW_EVENT_EXEC), n);
}

static void out_of_scope_nothing_is_reported(void **state)
{
	struct fixture *f = *state;
	int n = 3;

	assert_int_equal(probe_scope_remove(f->probe, f->key), 0);
	fixture_run(f, NULL, act_many, &n);
	assert_int_equal(fixture_count(f, BW_EVENT_EXEC), 0);
	assert_int_equal(probe_scope_set(f->probe, f->key, f->key, BW_SCOPE_IGNORED), 0);
	fixture_run(f, NULL, act_many, &n);
	assert_int_equal(fixture_count(f, BW_EVENT_EXEC), 0);
	assert_int_equal(probe_scope_set(f->probe, f->key, f->key, BW_SCOPE_WATCHED), 0);
	fixture_run(f, NULL, act_many, &n);
	assert_int_equal(fixture_count(f, BW_EVENT_EXEC), n);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(header_and_process_are_those_of_the_task),
		cmocka_unit_test(file_is_the_one_that_runs),
		cmocka_unit_test(texts_are_whole),
		cmocka_unit_test(script_is_named_and_its_interpreter_resolved),
		cmocka_unit_test(file_of_a_script_is_told_when_it_came_by_a_descriptor),
		cmocka_unit_test(execveat_of_a_descriptor_is_resolved),
		cmocka_unit_test(memfd_is_told),
		cmocka_unit_test(deleted_file_is_told),
		cmocka_unit_test(setuid_and_setgid_are_told),
		cmocka_unit_test(thread_that_is_not_the_leader_takes_the_leaders_id),
		cmocka_unit_test(long_argv_is_cut_and_its_true_length_kept),
		cmocka_unit_test(invoked_path_is_cut_when_it_is_too_long_and_only_then),
		cmocka_unit_test(path_that_is_too_deep_keeps_its_end),
		cmocka_unit_test(path_through_a_bind_mount_is_the_one_in_use),
		cmocka_unit_test(chroot_does_not_hide_the_path),
		cmocka_unit_test(tracer_is_told_from_the_parent),
		cmocka_unit_test(process_has_its_number_in_its_own_pid_namespace),
		cmocka_unit_test(innermost_pid_namespace_counts),
		cmocka_unit_test(number_is_the_thread_groups),
		cmocka_unit_test(login_uid_is_that_of_the_session),
		cmocka_unit_test(capabilities_are_those_of_the_program_when_asked_for),
		cmocka_unit_test(parent_is_called_as_its_leader_is),
		cmocka_unit_test(controlling_terminal_is_named),
		cmocka_unit_test(every_exec_is_reported_and_counted),
		cmocka_unit_test(losses_of_a_full_ring_are_counted),
		cmocka_unit_test(reader_is_woken_when_a_quarter_of_the_ring_waits),
		cmocka_unit_test(drain_stops_at_its_budget),
		cmocka_unit_test(out_of_scope_nothing_is_reported),
	};

	return cmocka_run_group_tests(tests, fixture_setup, fixture_teardown);
}
