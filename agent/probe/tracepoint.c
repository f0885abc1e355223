/* SPDX-License-Identifier: Apache-2.0 */
/* Classic tracepoints, found in tracefs, and kprobes, opened by perf_event_open, see tracepoint.h. */
#include "probe/tracepoint.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/perf_event.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/io.h"

#define ID_FILE_MAX 32

static int read_id(int tracefs, const char *category, const char *name)
{
	CLEANUP_FREE char *text = NULL;
	char path[PATH_MAX];
	size_t size;
	int r;

	snprintf(path, sizeof(path), "events/%s/%s/id", category, name);
	r = read_file_at(tracefs, path, ID_FILE_MAX, &text, &size);
	return r < 0 ? r : (int)strtoul(text, NULL, 10);
}

/* A tracefs that is mounted nowhere and goes away with its descriptor. */
static int open_private_tracefs(void)
{
	CLEANUP_FD int context = fsopen("tracefs", FSOPEN_CLOEXEC);
	int fd;

	if (context < 0 || fsconfig(context, FSCONFIG_CMD_CREATE, NULL, NULL, 0) < 0)
		return -errno;
	fd = fsmount(context, FSMOUNT_CLOEXEC, 0);
	return fd < 0 ? -errno : fd;
}

/* A tracefs: one that is mounted, else a private one. */
static int open_tracefs(struct diag *d)
{
	static const char *const places[] = {"/sys/kernel/tracing", "/sys/kernel/debug/tracing"};
	int fd;

	for (size_t i = 0; i < ARRAY_SIZE(places); i++) {
		char events[64];

		snprintf(events, sizeof(events), "%s/events", places[i]);
		if (access(events, F_OK) < 0)
			continue;
		fd = open(places[i], O_PATH | O_DIRECTORY | O_CLOEXEC);
		if (fd >= 0)
			return fd;
	}
	fd = open_private_tracefs();
	if (fd < 0)
		diag_at(d, NULL, 0, 0,
			"tracefs is mounted neither at %s nor at %s, and opening one here (%s) "
			"needs CAP_SYS_ADMIN",
			places[0], places[1], strerror(-fd));
	return fd;
}

static int find_id(const char *category, const char *name, struct diag *d)
{
	CLEANUP_FD int tracefs = open_tracefs(d);
	int id;

	if (tracefs < 0)
		return tracefs;
	id = read_id(tracefs, category, name);
	if (id < 0)
		diag_at(d, NULL, 0, 0,
			"the tracepoint %s:%s cannot be used (%s): the kernel must be built with "
			"CONFIG_FTRACE_SYSCALLS=y",
			category, name, strerror(-id));
	return id;
}

/* Any one CPU will do: the program runs wherever the event happens. */
static int open_event(
	struct perf_event_attr *attr, const char *what, const char *name, struct diag *d)
{
	int fd = syscall(SYS_perf_event_open, attr, -1, 0, -1, PERF_FLAG_FD_CLOEXEC), r;

	if (fd >= 0)
		return fd;
	r = -errno;
	diag_at(d, NULL, 0, 0, "opening the %s %s: %s", what, name, strerror(-r));
	return r;
}

int tracepoint_open(const char *category, const char *name, struct diag *d)
{
	struct perf_event_attr attr = {
		.type = PERF_TYPE_TRACEPOINT,
		.size = sizeof(attr),
		.sample_period = 1,
		.wakeup_events = 1,
	};
	int id = find_id(category, name, d);
	char full[128];

	if (id < 0)
		return id;
	attr.config = id;
	snprintf(full, sizeof(full), "%s:%s", category, name);
	return open_event(&attr, "tracepoint", full, d);
}

int kprobe_open(const char *function, struct diag *d)
{
	static const char path[] = "/sys/bus/event_source/devices/kprobe/type";
	struct perf_event_attr attr = {
		.size = sizeof(attr),
		.config1 = (uintptr_t)function,
		.sample_period = 1,
		.wakeup_events = 1,
	};
	CLEANUP_FREE char *text = NULL;
	size_t size;
	int r = read_file_at(AT_FDCWD, path, ID_FILE_MAX, &text, &size);

	if (r < 0) {
		diag_at(d, NULL, 0, 0,
			"%s cannot be read (%s): the kernel must be built with CONFIG_KPROBE_EVENTS=y",
			path, strerror(-r));
		return r;
	}
	attr.type = strtoul(text, NULL, 10);
	return open_event(&attr, "kprobe", function, d);
}
