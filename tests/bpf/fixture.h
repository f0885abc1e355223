/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the tests of the kernel side share: the real programs loaded, a cgroup of
 * their own in scope, children that do one thing in it, and the records that came
 * of it. Every record is kept, so a test can also say that there are no others.
 */
#pragma once

/* cmocka wants these before it */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <sys/sysmacros.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "barewatch/container.h"
#include "barewatch/decode.h"
#include "barewatch/probe.h"
#include "base/cleanup.h"

#define RECORDS_MAX 4096
#define NOT_OPEN    7777 /* a descriptor that there is not, whatever the probe has opened */

struct fixture {
	struct cgroup_hierarchies hierarchies;
	struct probe *probe;
	uint32_t tasks_max, opens_max; /* of the probe */
	enum probe_coverage coverage; /* of the next load; so are these */
	bool opens, failed_opens;
	char cgroup[PATH_MAX]; /* directory */
	uint64_t key;
	uint64_t
		only_cgroup; /* whose records are looked at: others may start programs, too; 0: all */
	char dir[PATH_MAX]; /* for files; readable by everyone, removed at the end */
	void *records[RECORDS_MAX];
	size_t sizes[RECORDS_MAX];
	size_t count;
	struct event event; /* the one last asked for */
};

static inline void fixture_on_record(const void *record, size_t size, void *userdata)
{
	struct fixture *f = userdata;

	if (f->count == RECORDS_MAX)
		return;
	f->records[f->count] = malloc(size);
	assert_non_null(f->records[f->count]);
	memcpy(f->records[f->count], record, size);
	f->sizes[f->count++] = size;
}

static inline void fixture_forget(struct fixture *f)
{
	while (f->count > 0)
		free(f->records[--f->count]);
}

/* The key of the cgroup directory PATH. */
static inline uint64_t cgroup_dir_key(const char *path)
{
	struct stat st;

	assert_int_equal(stat(path, &st), 0);
	return st.st_ino;
}

/* Takes over all that waits in the rings. */
static inline void fixture_drain(struct fixture *f)
{
	for (int ring = 0; ring < PROBE_RINGS; ring++)
		assert_true(probe_drain(f->probe, ring, RECORDS_MAX) >= 0);
}

/* The one that BAREWATCH_PROBE names, so that all tests can be run with each. */
static inline enum probe_open_variant fixture_open_variant(void)
{
	enum probe_open_variant variant = PROBE_OPEN_ANY;
	const char *name = getenv("BAREWATCH_PROBE");

	if (name && !probe_open_variant_parse(name, &variant))
		fail_msg("BAREWATCH_PROBE=%s: fentry, kprobe or tracepoint", name);
	return variant;
}

static inline void fixture_load(struct fixture *f, size_t ring_bytes, uint32_t scopes_max)
{
	struct probe_config config = {
		.ring_bytes = ring_bytes,
		.scopes_max = scopes_max,
		.tasks_max = f->tasks_max,
		.opens_max = f->opens_max,
		.coverage = f->coverage,
		.opens = f->opens,
		.failed_opens = f->failed_opens,
		.open_variant = fixture_open_variant(),
		.hierarchies = &f->hierarchies,
		.on_record = {fixture_on_record, fixture_on_record, fixture_on_record,
			fixture_on_record},
		.userdata = f,
	};
	struct diag d = {0};

	if (probe_check_host(&d) < 0) {
		print_message("# %s\n", d.message);
		skip();
	}
	if (probe_new(&config, &f->probe, &d) < 0)
		fail_msg("%s", d.message);
}

/* OPENS: whether opened files are told, too. */
static inline struct fixture *fixture_make(size_t ring_bytes, uint32_t scopes_max, bool opens)
{
	struct fixture *f = calloc(1, sizeof(*f));

	assert_non_null(f);
	if (cgroup_hierarchies_find(&f->hierarchies) < 0 || !f->hierarchies.v2_path) {
		print_message("# no cgroup v2 hierarchy here\n");
		skip();
	}
	snprintf(f->cgroup, sizeof(f->cgroup), "%s/barewatch-test-%d", f->hierarchies.v2_path,
		getpid());
	assert_int_equal(mkdir(f->cgroup, 0755), 0);
	f->key = f->only_cgroup = cgroup_dir_key(f->cgroup);
	snprintf(f->dir, sizeof(f->dir), "/tmp/barewatch-test-%d", getpid());
	assert_int_equal(mkdir(f->dir, 0755), 0);
	f->tasks_max = PROBE_TASKS_DEFAULT;
	f->opens_max = PROBE_OPENS_DEFAULT;
	f->opens = opens;
	fixture_load(f, ring_bytes, scopes_max);
	assert_int_equal(probe_scope_set(f->probe, f->key, f->key, BW_SCOPE_WATCHED), 0);
	return f;
}

static inline struct fixture *fixture_new(size_t ring_bytes, uint32_t scopes_max)
{
	return fixture_make(ring_bytes, scopes_max, false);
}

/* The kernel side anew, with COVERAGE. */
static inline void fixture_reload(struct fixture *f, enum probe_coverage coverage)
{
	probe_free(f->probe);
	f->coverage = coverage;
	fixture_load(f, PROBE_RING_BYTES_DEFAULT, PROBE_SCOPES_DEFAULT);
	assert_int_equal(probe_scope_set(f->probe, f->key, f->key, BW_SCOPE_WATCHED), 0);
}

static inline void fixture_free(struct fixture *f)
{
	char command[PATH_MAX + 16];

	probe_free(f->probe);
	fixture_forget(f);
	rmdir(f->cgroup);
	cgroup_hierarchies_done(&f->hierarchies);
	snprintf(command, sizeof(command), "rm -rf '%s'", f->dir);
	assert_int_equal(system(command), 0);
	free(f);
}

/* One fixture for all tests of a program, made when the first test asks for it. */
static inline int fixture_setup(void **state)
{
	*state = fixture_new(PROBE_RING_BYTES_DEFAULT, PROBE_SCOPES_DEFAULT);
	return 0;
}

static inline int fixture_teardown(void **state)
{
	fixture_free(*state);
	return 0;
}

static inline void write_text(const char *path, const char *text)
{
	CLEANUP_FD int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0755);

	assert_true(fd >= 0);
	assert_int_equal(write(fd, text, strlen(text)), strlen(text));
}

/* Puts the calling process into the cgroup directory PATH. For children: exits on failure. */
static inline void join_cgroup(const char *path)
{
	char procs[PATH_MAX + 16];
	int fd;

	snprintf(procs, sizeof(procs), "%s/cgroup.procs", path);
	fd = open(procs, O_WRONLY | O_CLOEXEC);
	if (fd < 0 || write(fd, "0", 1) != 1)
		_exit(111);
	close(fd);
}

/* Runs ACT(ARGUMENT) in a child in the cgroup, waits for its end, and reads what came of it. */
static inline pid_t fixture_run(
	struct fixture *f, const char *cgroup, void (*act)(void *argument), void *argument)
{
	pid_t child;
	int status;

	fixture_drain(f); /* what others left */
	fixture_forget(f);
	fflush(NULL);
	child = fork();
	assert_true(child >= 0);
	if (child == 0) {
		join_cgroup(cgroup ? cgroup : f->cgroup);
		setsid(); /* no terminal */
		act(argument);
		_exit(0); /* an exec that was to fail did */
	}
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_int_not_equal(WIFEXITED(status) ? WEXITSTATUS(status) : 0, 111);
	fixture_drain(f);
	return child;
}

/* The records of KIND in the cgroup, decoded one at a time; *CURSOR starts at 0. */
static inline const struct event *fixture_next(
	struct fixture *f, enum bw_event_kind kind, size_t *cursor)
{
	while (*cursor < f->count) {
		size_t i = (*cursor)++;

		assert_int_equal(event_decode(f->records[i], f->sizes[i], &f->event), 0);
		if (f->event.kind == kind && (!f->only_cgroup || f->event.cgroup == f->only_cgroup))
			return &f->event;
	}
	return NULL;
}

static inline size_t fixture_count(struct fixture *f, enum bw_event_kind kind)
{
	size_t cursor = 0, count = 0;

	while (fixture_next(f, kind, &cursor))
		count++;
	return count;
}

/* The only record of KIND. */
static inline const struct event *fixture_only(struct fixture *f, enum bw_event_kind kind)
{
	size_t cursor = 0;

	assert_int_equal(fixture_count(f, kind), 1);
	return fixture_next(f, kind, &cursor);
}

/* FILE is known from now on. */
static inline void fixture_know(struct fixture *f, const struct bw_file *file)
{
	assert_int_equal(probe_known_add(f->probe, f->key, file), 0);
}

static inline bool is_readable(int fd)
{
	struct pollfd poll_fd = {.fd = fd, .events = POLLIN};

	return poll(&poll_fd, 1, 0) == 1;
}

#define assert_text(text, expected) assert_text_at((text), (expected), __FILE__, __LINE__)

static inline void assert_text_at(
	const struct event_text *text, const char *expected, const char *file, int line)
{
	if (slice_equal_text(text->bytes, expected))
		return;
	print_error("'%.*s' != '%s'\n", (int)text->bytes.len, text->bytes.data, expected);
	_fail(file, line);
}

/* FILE is what is at PATH, an ordinary file of one name, as stat tells it. */
static inline void assert_file_at(const struct bw_file *file, const char *path)
{
	struct statfs fs;
	struct stat st;

	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(statfs(path, &fs), 0);
	assert_int_equal(file->inode, st.st_ino);
	assert_int_equal(file->dev_major, major(st.st_dev));
	assert_int_equal(file->dev_minor, minor(st.st_dev));
	assert_int_equal(file->size_bytes, st.st_size);
	assert_int_equal(file->ctime_s, st.st_ctim.tv_sec);
	assert_int_equal(file->ctime_ns, st.st_ctim.tv_nsec);
	assert_int_equal(file->nlink, 1);
	assert_int_equal(file->mode, st.st_mode);
	assert_int_equal(file->flags, 0);
	assert_int_equal(file->fs_magic, fs.f_type);
}

static inline uint64_t boot_now_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_BOOTTIME, &now);
	return now.tv_sec * 1000000000ULL + now.tv_nsec;
}

/* The name of this process, of at most 15 bytes, in RET. */
static inline void own_comm(char *ret)
{
	CLEANUP_FILE FILE *file = fopen("/proc/self/comm", "re");

	assert_non_null(file);
	assert_int_equal(fscanf(file, "%15[^\n]", ret), 1);
}
