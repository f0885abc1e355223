/* SPDX-License-Identifier: Apache-2.0 */
/* A recording, line by line. */
#include "barewatch/record.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "record/form.h"

struct record_reader {
	char *path;
	FILE *file;
	struct strbuf line;
	unsigned number; /* of the line */
	struct record_header header;
	bool has_header;
	bool is_cut;
};

void record_reader_free(struct record_reader *reader)
{
	if (!reader)
		return;
	if (reader->file)
		fclose(reader->file);
	strbuf_done(&reader->line);
	free(reader->path);
	free(reader);
}

DEFINE_CLEANUP(struct record_reader, record_reader, record_reader_free);

int record_reader_open(const char *path, struct record_reader **ret, struct diag *d)
{
	CLEANUP(record_reader_cleanup) struct record_reader *r = calloc(1, sizeof(*r));
	bool is_stdin = strcmp(path, "-") == 0;

	if (!r)
		return diag_errno(d, path, -ENOMEM);
	r->path = strdup(is_stdin ? "standard input" : path);
	if (!r->path)
		return diag_errno(d, path, -ENOMEM);
	r->file = is_stdin ? fdopen(dup(STDIN_FILENO), "re") : fopen(path, "re");
	if (!r->file)
		return diag_errno(d, r->path, -errno);
	*ret = TAKE_PTR(r);
	return 0;
}

/* Reads a line, its newline left out. 1, 0 at the end of the file, or a negative errno. */
static int read_line(struct record_reader *r)
{
	int c;

	strbuf_reset(&r->line);
	while ((c = getc_unlocked(r->file)) != EOF && c != '\n') {
		if (r->line.len == RECORD_LINE_MAX)
			return -EMSGSIZE;
		strbuf_add_char(&r->line, (char)c);
	}
	if (ferror(r->file))
		return errno > 0 ? -errno : -EIO;
	r->is_cut = c == EOF && r->line.len > 0;
	r->number++;
	if (r->line.error)
		return r->line.error;
	return c != EOF;
}

int record_reader_next(struct record_reader *reader, struct record *ret,
	struct recorded **ret_subject, struct diag *d)
{
	struct record_reader *r = reader;
	int error = read_line(r);

	*ret_subject = NULL;
	if (error == -EMSGSIZE)
		return diag_at(d, r->path, r->number + 1, 0, "a line of more than %u bytes",
			RECORD_LINE_MAX);
	if (error < 0)
		return diag_errno(d, r->path, error);
	if (error == 0 && !r->has_header)
		return diag_at(d, r->path, 0, 0, "this is no recording: it has no line");
	if (error == 0)
		return 0;
	error = record_parse(
		strbuf_slice(&r->line), r->path, r->number, ret, &r->header, ret_subject, d);
	if (error < 0)
		return error;
	if (ret->kind == RECORD_HEADER) {
		r->has_header = true;
	} else if (!r->has_header) {
		recorded_free(TAKE_PTR(*ret_subject));
		return diag_at(d, r->path, r->number, 0,
			"the first line of a recording is a header, without 'fields'");
	}
	return 1;
}

const struct record_header *record_reader_header(const struct record_reader *reader)
{
	return &reader->header;
}

bool record_reader_is_cut(const struct record_reader *reader)
{
	return reader->is_cut;
}
