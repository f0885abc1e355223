/* SPDX-License-Identifier: Apache-2.0 */
/* What the tests of opened files share: a probe that tells of them, and how a record of one is found. */
#pragma once

#include "fixture.h"

/* PATH of NAME in the directory of the tests. */
static inline void path_in(const struct fixture *f, const char *name, char *ret)
{
	assert_true(snprintf(ret, PATH_MAX, "%s/%s", f->dir, name) < PATH_MAX);
}

/* A new file NAME, whose path is in RET. */
static inline void new_file(const struct fixture *f, const char *name, char *ret)
{
	path_in(f, name, ret);
	unlink(ret);
	write_text(ret, name);
}

/* Loads the kernel side, which tells of opened files, with COVERAGE. */
static inline void open_fixture_load(
	struct fixture *f, size_t ring_bytes, enum probe_coverage coverage, bool failed_opens)
{
	probe_free(f->probe);
	f->failed_opens = failed_opens;
	f->coverage = coverage;
	fixture_load(f, ring_bytes, PROBE_SCOPES_DEFAULT);
	assert_int_equal(probe_scope_set(f->probe, f->key, f->key, BW_SCOPE_WATCHED), 0);
}

static inline int open_fixture_setup(void **state)
{
	struct fixture *f = fixture_make(PROBE_RING_BYTES_DEFAULT, PROBE_SCOPES_DEFAULT, true);

	*state = f;
	print_message("# by %s\n", probe_open_variant_name(probe_open_variant(f->probe)));
	return 0;
}

/* Calls that the exits of 64-bit system calls do not lead to are seen. */
static inline bool sees_all(const struct fixture *f)
{
	return probe_open_variant(f->probe) != PROBE_OPEN_TRACEPOINT;
}

/* A record of what was kept of its kind, or NULL. */
static inline const struct event *find_open(struct fixture *f, const char *path)
{
	const struct event *e;
	size_t cursor = 0;

	while ((e = fixture_next(f, BW_EVENT_OPEN, &cursor)))
		if (slice_equal_text(e->open.path.bytes, path))
			return e;
	return NULL;
}

/* How many records tell of PATH. */
static inline size_t count_opens(struct fixture *f, const char *path)
{
	const struct event *e;
	size_t cursor = 0, count = 0;

	while ((e = fixture_next(f, BW_EVENT_OPEN, &cursor)))
		count += slice_equal_text(e->open.path.bytes, path);
	return count;
}

static inline struct bw_counters open_counters(const struct fixture *f)
{
	struct probe_counts counts;

	assert_int_equal(probe_counts_read(f->probe, &counts), 0);
	return counts.events[BW_EVENT_OPEN];
}

static inline int open_or_exit(const char *path, int flags)
{
	int fd = open(path, flags | O_CLOEXEC, 0644);

	if (fd < 0)
		_exit(112);
	return fd;
}

static inline void act_read(void *argument)
{
	close(open_or_exit(argument, O_RDONLY));
}

/* The only record of PATH, which was opened by a child that only does that. */
static inline const struct event *read_once(struct fixture *f, char *path)
{
	fixture_run(f, NULL, act_read, path);
	assert_int_equal(count_opens(f, path), 1);
	return find_open(f, path);
}

/* PATH is opened, and nothing is told of it. */
static inline void read_unseen(struct fixture *f, char *path)
{
	fixture_run(f, NULL, act_read, path);
	assert_int_equal(count_opens(f, path), 0);
}

/* Opens PATH until that is settled. */
static inline void settle(struct fixture *f, char *path)
{
	struct bw_open_kind kind = read_once(f, path)->open.record->kind;

	assert_int_equal(probe_open_decide(f->probe, &kind, BW_OPEN_SETTLED), 0);
	read_unseen(f, path);
}

/* Runs ACT as fixture_run() does, with its end: what it exits with. */
static inline int exit_status(struct fixture *f, void (*act)(void *argument), void *argument)
{
	pid_t child;
	int status;

	fixture_drain(f);
	fixture_forget(f);
	child = fork();
	assert_true(child >= 0);
	if (child == 0) {
		join_cgroup(f->cgroup);
		act(argument);
		_exit(0);
	}
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_true(WIFEXITED(status));
	fixture_drain(f);
	return WEXITSTATUS(status);
}
