/* SPDX-License-Identifier: Apache-2.0 */
/* References: what form of image they name, and where; barewatch/image.h lists them. */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/io.h"
#include "base/thread.h"
#include "image/failure.h"
#include "image/reading.h"
#include "image/spool.h"
#include "image/tree.h"

enum place { PLACE_ANY, PLACE_DIRECTORY, PLACE_ARCHIVE };

/* A form as references call it. -1: told by what is there. */
static const struct prefix {
	const char *text;
	enum place place;
	int form;
	bool has_tag;
} prefixes[] = {
	{"oci:", PLACE_DIRECTORY, IMAGE_FORM_OCI, true},
	{"oci-archive:", PLACE_ARCHIVE, IMAGE_FORM_OCI, true},
	{"docker-archive:", PLACE_ARCHIVE, IMAGE_FORM_DOCKER, true},
	{"dir:", PLACE_DIRECTORY, -1, false},
	{"rootfs:", PLACE_ANY, IMAGE_FORM_ROOTFS, false},
	{"", PLACE_ANY, -1, false},
};

/* A reference taken apart. */
struct source {
	const struct prefix *prefix;
	char *path;
	const char *tag;
	int fd, spool; /* what is there; what standard input was copied to */
	bool is_directory;
};

static const struct prefix *find_prefix(const char *reference)
{
	const struct prefix *prefix = prefixes;

	while (strncmp(reference, prefix->text, strlen(prefix->text)) != 0)
		prefix++;
	return prefix;
}

int image_reference_paths(const char *reference, char *ret[static IMAGE_REFERENCE_PATHS])
{
	const struct prefix *prefix = find_prefix(reference);
	const char *path = reference + strlen(prefix->text);

	ret[0] = ret[1] = NULL;
	if (strcmp(path, "-") == 0)
		return 0;
	ret[0] = strdup(path);
	if (prefix->has_tag && strchr(path, ':'))
		ret[1] = strndup(path, strchr(path, ':') - path);
	if (ret[0] && (ret[1] || !prefix->has_tag || !strchr(path, ':')))
		return 0;
	free(ret[0]);
	free(ret[1]);
	return -ENOMEM;
}

static int open_path(const char *path)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);

	return fd < 0 ? -errno : fd;
}

/* Opens the path, or what is before its first ':' when there is nothing at the whole. */
static int open_tagged(struct source *s)
{
	char *colon = strchr(s->path, ':');
	int fd = open_path(s->path);

	if (fd == -ENOENT && s->prefix->has_tag && colon) {
		*colon = '\0';
		s->tag = colon + 1;
		fd = open_path(s->path);
	}
	return fd;
}

/* Standard input can be read once; what recognises it and what reads it want to do so each. */
static int copy_input(struct reading *reading, struct source *s)
{
	uint64_t left = reading->limits->bytes_max;
	char data[65536];
	int r;

	s->spool = spool_given(reading->options->spools, SPOOL_INPUT);
	r = spool_begin(&s->spool);

	while (r == 0) {
		ssize_t n = read(reading->options->input_fd, data, sizeof(data));

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0) {
			r = n < 0 ? -errno : 0;
			break;
		}
		if ((uint64_t)n > left)
			return image_fail(reading->e, IMAGE_UNREADABLE,
				"more than %llu bytes, the limit bytes_max",
				(unsigned long long)reading->limits->bytes_max);
		left -= n;
		r = write_all(s->spool, data, n);
	}
	return r < 0 ? image_fail_errno(reading->e, r, "standard input") : 0;
}

static int open_source(struct reading *reading, struct source *s)
{
	struct stat st;
	int r;

	if (strcmp(s->path, "-") == 0) {
		r = copy_input(reading, s);
		s->fd = r == 0 ? TAKE_FD(s->spool) : -1;
		return r;
	}
	s->fd = open_tagged(s);
	if (s->fd < 0)
		return image_fail_errno(reading->e, s->fd, "%s", s->path);
	if (fstat(s->fd, &st) < 0)
		return image_fail_errno(reading->e, -errno, "%s", s->path);
	s->is_directory = S_ISDIR(st.st_mode);
	if (!S_ISDIR(st.st_mode) && !S_ISREG(st.st_mode))
		return image_fail(
			reading->e, IMAGE_UNREADABLE, "%s: no file, and no directory", s->path);
	if (s->prefix->place != PLACE_ANY &&
		s->is_directory != (s->prefix->place == PLACE_DIRECTORY))
		return image_fail(reading->e, IMAGE_UNREADABLE, "%s: %s", s->path,
			s->is_directory ? "a directory" : "no directory");
	return 0;
}

/* ---- recognising ---- */

/* An OCI layout tells more than the Docker archive that Docker 25 and BuildKit make it be, too. */
static enum image_form form_of(const struct store_marks *marks, bool is_directory)
{
	if (marks->has_layout && marks->has_index)
		return IMAGE_FORM_OCI;
	if (is_directory)
		return marks->has_manifest && marks->has_version ? IMAGE_FORM_DIRECTORY
								 : IMAGE_FORM_ROOTFS;
	return marks->has_manifest ? IMAGE_FORM_DOCKER : IMAGE_FORM_ROOTFS;
}

static int open_store(struct reading *reading, struct source *s)
{
	int r;

	if (!s->is_directory)
		return store_new_archive(s->fd,
			spool_given(reading->options->spools, SPOOL_ARCHIVE), reading->limits,
			reading->e, &reading->store);
	r = store_new_directory(s->fd, &reading->store);
	if (r < 0)
		return image_fail_errno(reading->e, r, "%s", s->path);
	s->fd = -1;
	return 0;
}

static int recognise(struct reading *reading, const struct source *s, enum image_form *ret)
{
	struct store_marks marks = {0};
	int r = 0;

	if (s->prefix->form >= 0) {
		*ret = (enum image_form)s->prefix->form;
		return 0;
	}
	if (s->is_directory)
		marks = store_marks_of(reading->store);
	else
		r = store_marks_of_archive(s->fd, reading->limits, reading->e, &marks);
	*ret = form_of(&marks, s->is_directory);
	return r;
}

/* ---- root file systems ---- */

/* Of an archive without a digest its end is all that tells it from a part of one. */
static int read_rootfs_archive(struct reading *reading, int fd, struct layer **ret)
{
	CLEANUP_LAYER struct layer *layer = NULL;
	struct blob_range range = {.fd = fd};
	struct stat st;
	int r;

	if (fstat(fd, &st) < 0)
		return image_fail_errno(reading->e, -errno, "an archive");
	range.size_bytes = st.st_size;
	r = layer_read_tar(&reading->layers, &range, false, &layer);
	if (r < 0)
		return r;
	if (!layer->has_end)
		return image_fail(
			reading->e, IMAGE_UNREADABLE, "tar: it ends without the mark of its end");
	*ret = TAKE_PTR(layer);
	return 0;
}

static int read_rootfs_directory(
	struct reading *reading, const struct source *s, struct layer **ret)
{
	CLEANUP_FD int fd = -1;
	unsigned skipped;
	int r;

	fd = open(s->path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		return image_fail_errno(reading->e, -errno, "%s", s->path);
	r = layer_read_directory(&reading->layers, fd, &skipped, ret);
	if (r == 0 && skipped > 0)
		r = reading_note(reading, "left out %u mount points", skipped);
	return r;
}

static int read_rootfs(struct reading *reading, const struct source *s)
{
	CLEANUP_LAYER struct layer *layer = NULL;
	int r = s->is_directory ? read_rootfs_directory(reading, s, &layer)
				: read_rootfs_archive(reading, s->fd, &layer);

	return r < 0 ? r : manifest_add_rootfs(reading, layer);
}

/* ---- all of it ---- */

static int read_form(struct reading *reading, struct source *s)
{
	int r = s->is_directory ? open_store(reading, s) : 0;

	if (r == 0)
		r = recognise(reading, s, &reading->image->form);
	if (r < 0)
		return r;
	if (reading->image->form == IMAGE_FORM_ROOTFS)
		return read_rootfs(reading, s);
	if (!s->is_directory)
		r = open_store(reading, s);
	if (r < 0)
		return r;
	switch (reading->image->form) {
	case IMAGE_FORM_DOCKER:
		return image_read_docker(reading);
	case IMAGE_FORM_DIRECTORY:
		return image_read_directory(reading);
	default:
		return image_read_oci(reading);
	}
}

/* What is left of one manifest that could not be read is its reason alone. */
static int check_result(struct reading *reading)
{
	const struct image *image = reading->image;

	if (image->count == 0 && reading->filtered > 0)
		return image_fail(reading->e, IMAGE_INCOMPLETE,
			"none of its %u images has the tag or platform that is wanted",
			reading->filtered);
	if (image->count == 0)
		return image_fail(reading->e, IMAGE_INCOMPLETE, "no image in it");
	if (image->count == 1 && image->manifests[0].error.kind != IMAGE_NO_ERROR) {
		*reading->e = image->manifests[0].error;
		return -EBADMSG;
	}
	return 0;
}

static int read_reference(struct reading *reading, const char *reference)
{
	struct source s = {.prefix = find_prefix(reference), .tag = "", .fd = -1, .spool = -1};
	int r;

	s.path = strdup(reference + strlen(s.prefix->text));
	reading->tag = s.tag;
	r = s.path ? open_source(reading, &s)
		   : image_fail_errno(reading->e, -ENOMEM, "a reference");
	reading->tag = s.tag;
	if (r == 0)
		r = read_form(reading, &s);
	if (r == 0)
		r = check_result(reading);
	/* the store reads from it to the end */
	store_free(reading->store);
	reading->store = NULL;
	fd_cleanup(&s.fd);
	fd_cleanup(&s.spool);
	free(s.path);
	return r;
}

int image_read(const char *reference, const struct image_options *options, struct image **ret,
	struct image_error *e)
{
	static const struct image_limits usual = IMAGE_LIMITS_DEFAULT;
	struct reading reading = {.options = options, .e = e, .tag = ""};
	int r;

	*e = (struct image_error){0};
	reading.limits = options->limits ? options->limits : &usual;
	r = layer_reader_init(&reading.layers, options->catalog, reading.limits, e);
	if (r < 0)
		return r;
	reading.layers.keeps = options->keeps;
	reading.layers.userdata = options->userdata;
	reading.layers.uses_threads = thread_processors() > 1;
	reading.layers.spools = options->spools;
	reading.layers.spool_fd = spool_given(options->spools, SPOOL_LAYERS);
	reading.image = calloc(1, sizeof(*reading.image));
	r = reading.image ? read_reference(&reading, reference)
			  : image_fail_errno(e, -ENOMEM, "an image");
	reading_done(&reading);
	if (r < 0)
		image_free(reading.image);
	else
		*ret = reading.image;
	return r;
}
