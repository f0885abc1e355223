/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The agent's file: replaced as a whole, never in place, and only while no other live
 * agent's is there; read only when nobody but root can have written it.
 */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/pidfd.h>
#include <sys/stat.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "base/io.h"
#include "base/log.h"
#include "status/format.h"

/* How often it is looked whether another agent still runs, or a failure has gone. */
#define RETRY_INTERVAL_NS (10 * NS_PER_S)

struct status_file {
	const char *path;
	char temporary[PATH_MAX]; /* beside it, to be renamed */
	struct status_agent self;
	struct strbuf text;
	uint64_t changes; /* as they were written */
	uint64_t next_ns;
	pid_t holder; /* the agent whose file is there */
	int fd; /* of what was written last: while it is open, its inode is no other's; or -1 */
	int error; /* what was said last */
};

/* ---- reading ---- */

static int check_owner(int fd)
{
	struct stat st;

	if (fstat(fd, &st) < 0)
		return -errno;
	return st.st_uid == 0 && !(st.st_mode & (S_IWGRP | S_IWOTH)) ? 0 : -EPERM;
}

DEFINE_CLEANUP(struct status, status, status_free);

/* The file at PATH and whose it is, of an agent that runs. */
static int read_file(const char *path, struct status_agent *ret_agent, struct status **ret)
{
	CLEANUP_FD int fd = open(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
	CLEANUP(status_cleanup) struct status *status = NULL;
	CLEANUP_FREE char *text = NULL;
	size_t size;
	int r = fd < 0 ? -errno : check_owner(fd);

	if (r == 0)
		r = read_file_fd(fd, STATUS_BYTES_MAX, &text, &size);
	if (r == 0)
		r = status_parse((struct slice){.data = text, .len = size}, ret_agent, &status);
	if (r < 0)
		return r;
	if (!status_agent_runs(ret_agent))
		return -ESRCH;
	*ret = TAKE_PTR(status);
	return 0;
}

int status_read(const char *path, struct status **ret)
{
	struct status_agent agent;

	return read_file(path, &agent, ret);
}

int status_open_agent(const char *path, int *ret_pidfd, struct status **ret)
{
	CLEANUP(status_cleanup) struct status *status = NULL;
	struct status_agent agent;
	int r = read_file(path, &agent, &status);
	CLEANUP_FD int fd = r == 0 ? pidfd_open(agent.pid, 0) : -1;

	if (r == 0 && fd < 0)
		r = -errno;
	if (r < 0)
		return r;
	if (!status_agent_runs(&agent)) /* its number was another's before it was opened */
		return -ESRCH;
	*ret_pidfd = TAKE_FD(fd);
	*ret = TAKE_PTR(status);
	return 0;
}

/* ---- writing ---- */

int status_file_new(const char *path, struct status_file **ret)
{
	struct status_file *file;

	*ret = NULL;
	if (!path[0])
		return 0;
	file = calloc(1, sizeof(*file));
	if (!file)
		return -ENOMEM;
	file->path = path;
	file->fd = -1;
	file->changes = UINT64_MAX;
	status_agent_self(&file->self);
	*ret = file;
	return 0;
}

/* True when what is at the path is what was written last. */
static bool is_ours(const struct status_file *file)
{
	struct stat own, st;

	return file->fd >= 0 && fstat(file->fd, &own) == 0 && lstat(file->path, &st) == 0 &&
	       own.st_dev == st.st_dev && own.st_ino == st.st_ino;
}

/* -EBUSY when the file at the path is that of another agent that runs. */
static int check_holder(struct status_file *file)
{
	CLEANUP(status_cleanup) struct status *status = NULL;
	struct status_agent agent;

	if (is_ours(file) || read_file(file->path, &agent, &status) < 0)
		return 0;
	file->holder = agent.pid;
	return agent.pid == file->self.pid ? 0 : -EBUSY;
}

/* The directory that the file is in, not those above it. */
static int make_directory(const char *path)
{
	CLEANUP_FREE char *directory = strdup(path);
	char *slash = directory ? strrchr(directory, '/') : NULL;

	if (!slash || slash == directory)
		return directory ? 0 : -ENOMEM;
	*slash = '\0';
	return mkdir(directory, 0755) == 0 || errno == EEXIST ? 0 : -errno;
}

/* A file beside it that nobody else has open. A descriptor or a negative errno. */
static int open_temporary(struct status_file *file)
{
	const int flags = O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC;
	int fd;

	if (snprintf(file->temporary, sizeof(file->temporary), "%s.%d", file->path,
		    (int)file->self.pid) >= (int)sizeof(file->temporary))
		return -ENAMETOOLONG;
	if (unlink(file->temporary) < 0 && errno == ENOENT)
		(void)make_directory(file->path); /* what is wrong shows when it is opened */
	fd = open(file->temporary, flags, 0600);
	return fd < 0 ? -errno : fd;
}

static int replace(struct status_file *file)
{
	CLEANUP_FD int fd = open_temporary(file);
	int r;

	if (fd < 0)
		return fd;
	r = write_all(fd, strbuf_text(&file->text), file->text.len);
	if (r == 0 && rename(file->temporary, file->path) < 0)
		r = -errno;
	if (r < 0) {
		unlink(file->temporary);
		return r;
	}
	fd_cleanup(&file->fd);
	file->fd = TAKE_FD(fd);
	return 0;
}

static int write_report(struct status_file *file, const struct status_report *report)
{
	int r = check_holder(file);

	if (r < 0)
		return r;
	strbuf_reset(&file->text);
	status_format(&file->text, &file->self, report);
	return file->text.error ? file->text.error : replace(file);
}

static void complain(struct status_file *file, int error)
{
	if (error == file->error)
		return;
	file->error = error;
	if (error == -EBUSY)
		log_warning("'%s' belongs to the agent with the pid %d: ps will not know what this "
			    "one counts; --state-file PATH gives it a file of its own",
			file->path, (int)file->holder);
	else
		log_warning("'%s' cannot be written: %s; ps will not know what is counted",
			file->path, strerror(-error));
}

static uint64_t interval_ns(size_t bytes)
{
	uint64_t ns = bytes * NS_PER_S / STATUS_BYTES_PER_S;

	return ns > NS_PER_S ? ns : NS_PER_S;
}

void status_file_update(
	struct status_file *file, const struct status_report *report, uint64_t now_ns)
{
	int r;

	if (!file || report->changes == file->changes ||
		(now_ns < file->next_ns && !report->is_urgent))
		return;
	r = write_report(file, report);
	if (r < 0) {
		file->next_ns = now_ns + RETRY_INTERVAL_NS;
		complain(file, r);
		return;
	}
	file->changes = report->changes;
	file->next_ns = now_ns + interval_ns(file->text.len);
}

void status_summarize(
	const struct status_file *file, const struct status_report *report, struct strbuf *out)
{
	status_format_summary(out, &file->self, report);
}

void status_file_free(struct status_file *file)
{
	if (!file)
		return;
	if (is_ours(file))
		unlink(file->path);
	fd_cleanup(&file->fd);
	strbuf_done(&file->text);
	free(file);
}
