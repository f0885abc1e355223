/* SPDX-License-Identifier: Apache-2.0 */
/* Claims about agent/sandbox/confine.c and landlock.c: files, rights and descriptors, from inside. */
#include "sandbox/sandbox_fixture.h"

#include <linux/capability.h>
#include <sys/resource.h>
#include <sys/syscall.h>

#include "sandbox/confine.h"

/* What opening gave, of several ways. */
static int try_opens(struct strbuf *answer, void *userdata)
{
	const char *path = userdata;
	static const int flags[] = {O_RDONLY, O_WRONLY, O_RDWR, O_RDONLY | O_CREAT | O_EXCL,
		O_RDONLY | O_TRUNC, O_WRONLY | O_APPEND};

	for (size_t i = 0; i < ARRAY_SIZE(flags); i++) {
		CLEANUP_FD int fd = open(path, flags[i] | O_CLOEXEC, 0600);

		strbuf_addf(answer, "%s ", fd < 0 ? strerrorname_np(errno) : "open");
	}
	return 0;
}

/* Same by openat2(), whose flags seccomp does not see. */
static int try_openat2(struct strbuf *answer, void *userdata)
{
	static const uint64_t flags[] = {O_RDONLY, O_WRONLY, O_RDWR, O_RDONLY | O_TRUNC};

	for (size_t i = 0; i < ARRAY_SIZE(flags); i++) {
		uint64_t how[3] = {flags[i], 0, 0};
		CLEANUP_FD int fd = syscall(SYS_openat2, AT_FDCWD, userdata, how, sizeof(how));

		strbuf_addf(answer, "%s ", fd < 0 ? strerrorname_np(errno) : "open");
	}
	return 0;
}

static void files_open_for_reading_alone(void **state)
{
	CLEANUP_SCRATCH struct scratch s;
	char root[64], file[SCRATCH_PATH_MAX];
	const char *paths[] = {root};
	struct test_call call = {.options = {.paths = paths, .path_count = 1}, .userdata = file};

	(void)state;
	scratch_init(&s);
	scratch_write_text(&s, "d/file", "text");
	snprintf(root, sizeof(root), "%s", s.root);
	assert_int_equal(chmod(root, 0777), 0);
	assert_int_equal(chmod(scratch_path(&s, "d"), 0777), 0);
	snprintf(file, sizeof(file), "%s", scratch_path(&s, "d/file"));
	assert_int_equal(chmod(file, 0666), 0);
	EACH_USER(as_nobody)
	{
		call.function = try_opens;
		call_as(&call, as_nobody);
		assert_outcome(0, "");
		assert_string_equal(outcome->answer, "open EACCES EACCES EACCES EACCES EACCES ");
		call.function = try_openat2;
		call_as(&call, as_nobody);
		assert_outcome(0, "");
		if (landlock_version() >= LANDLOCK_READS_ALONE)
			assert_string_equal(outcome->answer, "open EACCES EACCES EACCES ");
		else
			assert_string_equal(outcome->answer, "ENOSYS ENOSYS ENOSYS ENOSYS ");
	}
	call.options.path_count = 0; /* nothing at all */
	call.function = try_opens;
	make_call(&call);
	assert_string_equal(outcome->answer, "EACCES EACCES EACCES EACCES EACCES EACCES ");
}

static int open_below_and_outside(struct strbuf *answer, void *userdata)
{
	const char *const *paths = userdata;

	for (; *paths; paths++) {
		CLEANUP_FD int fd = open(*paths, O_RDONLY | O_CLOEXEC);

		strbuf_addf(answer, "%s ", fd < 0 ? strerrorname_np(errno) : "open");
	}
	return 0;
}

static void files_outside_of_the_paths_are_not_read(void **state)
{
	CLEANUP_SCRATCH struct scratch s;
	char given[SCRATCH_PATH_MAX], link[SCRATCH_PATH_MAX], out[SCRATCH_PATH_MAX],
		one[SCRATCH_PATH_MAX];
	const char *paths[] = {given, one, "/barewatch-none"};
	const char *tries[] = {given, link, out, one, "/bin/sh", "/proc/self/status", NULL};
	struct test_call call = {.options = {.paths = paths, .path_count = 3},
		.function = open_below_and_outside,
		.userdata = tries};

	(void)state;
	if (!sandbox_has_landlock())
		skip(); /* this kernel has no Landlock */
	scratch_init(&s);
	assert_int_equal(chmod(s.root, 0755), 0);
	scratch_mkdir(&s, "given");
	assert_int_equal(chmod(scratch_path(&s, "given"), 0755), 0);
	scratch_write_text(&s, "outside", "");
	assert_int_equal(chmod(scratch_path(&s, "outside"), 0644), 0);
	scratch_write_text(&s, "one", "");
	assert_int_equal(chmod(scratch_path(&s, "one"), 0644), 0);
	snprintf(given, sizeof(given), "%s/given", s.root);
	snprintf(one, sizeof(one), "%s/one", s.root);
	snprintf(out, sizeof(out), "%s/given/../outside", s.root);
	snprintf(link, sizeof(link), "%s/given/link", s.root);
	assert_int_equal(symlink("../outside", link), 0);
	EACH_USER(as_nobody)
	{
		call_as(&call, as_nobody);
		assert_outcome(0, "");
		assert_string_equal(outcome->answer, "open EACCES EACCES open EACCES EACCES ");
	}
}

/* Root's files, in a directory of root's: closed to nobody, but for the capability. */
static void what_only_root_may_read_takes_a_capability(void **state)
{
	CLEANUP_SCRATCH struct scratch s;
	char given[SCRATCH_PATH_MAX], file[SCRATCH_PATH_MAX], outside[SCRATCH_PATH_MAX];
	const char *paths[] = {given}, *tries[] = {file, outside, NULL};
	struct test_call call = {.options = {.paths = paths, .path_count = 1},
		.function = open_below_and_outside,
		.userdata = tries};

	(void)state;
	if (!can_be_nobody())
		skip(); /* only root has something to drop */
	scratch_init(&s);
	scratch_write_text(&s, "given/d/file", "");
	scratch_write_text(&s, "outside", "");
	snprintf(given, sizeof(given), "%s/given", s.root);
	snprintf(file, sizeof(file), "%s/given/d/file", s.root);
	snprintf(outside, sizeof(outside), "%s/outside", s.root);
	make_call(&call);
	assert_outcome(0, "");
	assert_string_equal(outcome->answer, "EACCES EACCES ");
	call.options.reads_all = true;
	make_call(&call);
	assert_outcome(0, "");
	assert_string_equal(
		outcome->answer, sandbox_has_landlock() ? "open EACCES " : "open open ");
}

static int tell_rights(struct strbuf *answer, void *userdata)
{
	struct __user_cap_header_struct header = {_LINUX_CAPABILITY_VERSION_3, 0};
	struct __user_cap_data_struct data[2];
	CLEANUP_FREE char *text = NULL;
	size_t size;

	(void)header;
	(void)data;
	if (read_file_at(AT_FDCWD, "/proc/self/status", 65536, &text, &size) < 0)
		return -errno;
	for (char *line = strtok(text, "\n"); line; line = strtok(NULL, "\n"))
		if (strncmp(line, "Cap", 3) == 0 || strncmp(line, "Uid", 3) == 0 ||
			strncmp(line, "Gid", 3) == 0 || strncmp(line, "Groups", 6) == 0 ||
			strncmp(line, "NoNewPrivs", 10) == 0 || strncmp(line, "Seccomp:", 8) == 0)
			strbuf_addf(answer, "%s\n", line);
	for (const int *resource = userdata; *resource >= 0; resource++) {
		struct rlimit limit;

		if (getrlimit(*resource, &limit) < 0)
			return -errno;
		strbuf_addf(answer, "%llu ", (unsigned long long)limit.rlim_cur);
	}
	return 0;
}

static void rights_are_gone(void **state)
{
	static const int resources[] = {RLIMIT_CORE, RLIMIT_FSIZE, RLIMIT_NOFILE, RLIMIT_CPU, -1};
	static const char *const paths[] = {"/proc"};
	struct test_call call = {.options = {.paths = paths, .path_count = 1},
		.function = tell_rights,
		.userdata = (void *)resources};

	(void)state;
	if (!can_be_nobody())
		skip(); /* only root has something to drop */
	EACH_USER(as_nobody)
	{
		call_as(&call, as_nobody);
		assert_outcome(0, "");
		assert_non_null(strstr(outcome->answer, "Uid:\t65534\t65534\t65534\t65534\n"));
		assert_non_null(strstr(outcome->answer, "Gid:\t65534\t65534\t65534\t65534\n"));
		if (!as_nobody) {
			assert_non_null(strstr(outcome->answer, "Groups:\t \n"));
			assert_non_null(strstr(outcome->answer, "CapBnd:\t0000000000000000\n"));
		}
		assert_non_null(strstr(outcome->answer, "CapInh:\t0000000000000000\n"));
		assert_non_null(strstr(outcome->answer, "CapPrm:\t0000000000000000\n"));
		assert_non_null(strstr(outcome->answer, "CapEff:\t0000000000000000\n"));
		assert_non_null(strstr(outcome->answer, "CapAmb:\t0000000000000000\n"));
		assert_non_null(strstr(outcome->answer, "NoNewPrivs:\t1\n"));
		assert_non_null(strstr(outcome->answer, "Seccomp:\t2\n"));
		assert_non_null(strstr(outcome->answer, "\n0 0 1024 600 "));
	}
	call.options.reads_all = true;
	make_call(&call);
	assert_non_null(strstr(outcome->answer, "CapPrm:\t0000000000000004\n"));
	assert_non_null(strstr(outcome->answer, "CapBnd:\t0000000000000000\n"));
}

static int list_descriptors(struct strbuf *answer, void *userdata)
{
	struct stat st;

	(void)userdata;
	for (int fd = 0; fd < 1024; fd++)
		if (fstat(fd, &st) == 0)
			strbuf_addf(answer, "%s%d",
				S_ISCHR(st.st_mode)    ? " null "
				: S_ISFIFO(st.st_mode) ? " pipe "
						       : " file ",
				fd);
	return 0;
}

static void descriptors_are_closed_but_those_given(void **state)
{
	int given[] = {300, 0, 17};
	struct test_call call = {
		.options = {.fds = given, .fd_count = 3}, .function = list_descriptors};
	CLEANUP_FD int a = -1, b = -1, c = -1, zero = dup(0);
	char *pipe;

	(void)state;
	a = open("/dev/null", O_RDONLY | O_CLOEXEC);
	c = memfd_create("given", MFD_CLOEXEC);
	assert_int_equal(dup2(c, 300), 300);
	assert_int_equal(dup2(c, 17), 17);
	assert_int_equal(dup2(c, 0), 0);
	b = dup2(c, 301);
	assert_true(a >= 0 && b == 301);
	make_call(&call);
	dup2(zero, 0);
	close(300);
	close(17);
	assert_outcome(0, "");
	pipe = strstr(outcome->answer, " pipe ");
	assert_non_null(pipe);
	memmove(pipe, pipe + 6 + strspn(pipe + 6, "0123456789"),
		strlen(pipe + 6 + strspn(pipe + 6, "0123456789")) + 1);
	assert_string_equal(outcome->answer, " file 0 null 1 null 2 file 17 file 300");
}

static int read_given(struct strbuf *answer, void *userdata)
{
	char text[16] = "";

	if (pread(*(int *)userdata, text, sizeof(text) - 1, 0) < 0)
		return -errno;
	strbuf_add_text(answer, text);
	return 0;
}

/* The way of archives that root alone may read: opened before, no right is needed. */
static void what_was_opened_before_is_read_without_a_right(void **state)
{
	CLEANUP_SCRATCH struct scratch s;
	CLEANUP_FD int fd = -1;
	struct test_call call = {
		.options = {.fds = &fd, .fd_count = 1}, .function = read_given, .userdata = &fd};

	(void)state;
	scratch_init(&s);
	scratch_write_text(&s, "file", "of root's");
	fd = open(scratch_path(&s, "file"), O_RDONLY | O_CLOEXEC);
	make_call(&call);
	assert_outcome(0, "");
	assert_string_equal(outcome->answer, "of root's");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(files_open_for_reading_alone),
		cmocka_unit_test(files_outside_of_the_paths_are_not_read),
		cmocka_unit_test(what_only_root_may_read_takes_a_capability),
		cmocka_unit_test(rights_are_gone),
		cmocka_unit_test(descriptors_are_closed_but_those_given),
		cmocka_unit_test(what_was_opened_before_is_read_without_a_right),
	};

	return run_sandbox_tests(tests, ARRAY_SIZE(tests));
}
