/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The recorder: lines are gathered, and written many at once. Whatever happens, its file has whole
 * lines and no more bytes than it may have.
 */
#include "barewatch/record.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "base/io.h"
#include "record/form.h"

#define PENDING_BYTES (64u << 10) /* that are gathered at most before they are written */

struct recorder {
	char *path;
	uint64_t file_bytes;
	unsigned rotate, part;
	uint64_t time_ns; /* when the recording began */
	struct record_header header;
	int fd;
	uint64_t written; /* bytes of the file, all of them whole lines */
	struct strbuf pending, line;
	uint64_t last_id;
	bool has_ended;
	int error; /* why, 0 when it is full */
};

static void end(struct recorder *r, int error)
{
	r->has_ended = true;
	r->error = error;
}

/* PATH.NUMBER, PATH itself for 0. */
static void add_path(const struct recorder *r, unsigned number, struct strbuf *ret)
{
	strbuf_add_text(ret, r->path);
	if (number > 0)
		strbuf_addf(ret, ".%u", number);
}

static int open_file(struct recorder *r)
{
	int fd = open(
		r->path, O_WRONLY | O_APPEND | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);

	if (fd < 0)
		return -errno;
	r->fd = fd;
	r->written = 0;
	r->part++;
	return record_header_format(&r->header, r->time_ns, r->part, &r->pending);
}

void recorder_flush(struct recorder *recorder)
{
	struct recorder *r = recorder;
	int error;

	if (r->has_ended || r->pending.len == 0)
		return;
	error = write_all(r->fd, strbuf_text(&r->pending), r->pending.len);
	if (error == 0) {
		r->written += r->pending.len;
	} else { /* a part may be there: on a full disk, taking it away is all that can be done */
		if (ftruncate(r->fd, (off_t)r->written) < 0)
			error = error == -ENOSPC ? error : -errno;
		end(r, error);
	}
	strbuf_reset(&r->pending);
}

/* PATH becomes PATH.1, that PATH.2 and so on; the oldest goes. */
static int shift_files(const struct recorder *r)
{
	for (unsigned i = r->rotate; i > 0; i--) {
		CLEANUP_STRBUF struct strbuf from = STRBUF_INIT, to = STRBUF_INIT;

		add_path(r, i - 1, &from);
		add_path(r, i, &to);
		if (from.error || to.error)
			return -ENOMEM;
		if (rename(strbuf_text(&from), strbuf_text(&to)) < 0 && errno != ENOENT)
			return -errno;
	}
	return 0;
}

static void rotate(struct recorder *r)
{
	int error;

	recorder_flush(r);
	if (r->has_ended)
		return;
	close(r->fd);
	r->fd = -1;
	error = shift_files(r);
	if (error == 0)
		error = open_file(r);
	if (error < 0)
		end(r, error);
}

/* Makes sure that the line fits into the file, unless the recording ends here. */
static void make_room(struct recorder *r)
{
	if (r->written + r->pending.len + r->line.len <= r->file_bytes)
		return;
	if (r->rotate > 0) {
		rotate(r);
		return;
	}
	recorder_flush(r);
	if (!r->has_ended)
		end(r, 0);
}

uint64_t recorder_add(
	struct recorder *recorder, const struct record *record, const struct subject *subject)
{
	struct record numbered = *record;
	int error;

	if (recorder->has_ended)
		return 0;
	numbered.id = recorder->last_id + 1;
	strbuf_reset(&recorder->line);
	error = record_format(&numbered, subject, &recorder->line);
	if (error == 0 && recorder->line.len > RECORD_LINE_MAX / 2)
		error = -EMSGSIZE;
	if (error < 0)
		end(recorder, error);
	else
		make_room(recorder);
	if (recorder->has_ended)
		return 0;
	strbuf_add_slice(&recorder->pending, strbuf_slice(&recorder->line));
	if (recorder->pending.error)
		end(recorder, -ENOMEM);
	else if (recorder->pending.len >= PENDING_BYTES)
		recorder_flush(recorder);
	recorder->last_id = numbered.id;
	return recorder->has_ended ? 0 : numbered.id;
}

bool recorder_has_ended(const struct recorder *recorder, int *ret_error)
{
	*ret_error = recorder->error;
	return recorder->has_ended;
}

/* Whoever begins a recording has not yet thought of older ones. */
static int check_free(const struct recorder *r, struct diag *d)
{
	for (unsigned i = 1; i <= r->rotate; i++) {
		CLEANUP_STRBUF struct strbuf path = STRBUF_INIT;

		add_path(r, i, &path);
		if (path.error)
			return diag_errno(d, r->path, -ENOMEM);
		if (faccessat(AT_FDCWD, strbuf_text(&path), F_OK, AT_SYMLINK_NOFOLLOW) == 0)
			return diag_errno(d, strbuf_text(&path), -EEXIST);
	}
	return 0;
}

static void name_recording(struct record_header *header)
{
	uint64_t number;

	gethostname(header->hostname, sizeof(header->hostname) - 1);
	if (getrandom(&number, sizeof(number), GRND_NONBLOCK) != sizeof(number))
		number = clock_wall_ns(); /* early at boot */
	snprintf(header->recording, sizeof(header->recording), "%016" PRIx64, number);
}

void recorder_free(struct recorder *recorder)
{
	if (!recorder)
		return;
	recorder_flush(recorder);
	if (recorder->fd >= 0)
		close(recorder->fd);
	strbuf_done(&recorder->pending);
	strbuf_done(&recorder->line);
	free(recorder->path);
	free(recorder);
}

DEFINE_CLEANUP(struct recorder, recorder, recorder_free);

int recorder_new(const struct recorder_config *config, uint64_t time_ns, struct recorder **ret,
	struct diag *d)
{
	CLEANUP(recorder_cleanup) struct recorder *r = calloc(1, sizeof(*r));
	int error;

	if (!r)
		return diag_errno(d, config->path, -ENOMEM);
	r->fd = -1;
	r->file_bytes = config->file_bytes;
	r->rotate = config->rotate;
	r->time_ns = time_ns;
	r->path = strdup(config->path);
	if (!r->path)
		return diag_errno(d, config->path, -ENOMEM);
	name_recording(&r->header);
	error = check_free(r, d);
	if (error < 0)
		return error;
	error = open_file(r);
	if (error == 0) {
		recorder_flush(r);
		error = r->error;
	}
	if (error < 0)
		return diag_errno(d, config->path, error);
	*ret = TAKE_PTR(r);
	return 0;
}
