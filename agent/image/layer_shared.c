/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Layers that several manifests have in common are read once. Those of a manifest are read at the
 * same time, but count against limits in their order: how many threads there are, and which is the
 * first to end, makes no difference to what is said of an image.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <uthash.h>

#include "image/failure.h"
#include "image/layer_cache.h"
#include "image/layer_pool.h"
#include "image/reading.h"

struct shared_layer {
	char *name;
	struct layer *layer; /* NULL: it could not be read */
	int result;
	struct image_error error;
	struct layer_usage usage;
	bool is_charged; /* has counted against the limits */
	UT_hash_handle hh;
};

static void free_shared(struct shared_layer *shared)
{
	layer_unref(shared->layer);
	free(shared->name);
	free(shared);
}

void shared_layers_done(struct reading *reading)
{
	struct shared_layer *shared, *next;

	HASH_ITER (hh, reading->shared, shared, next) {
		HASH_DEL(reading->shared, shared);
		free_shared(shared);
	}
}

static struct shared_layer *find(const struct reading *reading, const char *name)
{
	struct shared_layer *shared;

	HASH_FIND_STR(reading->shared, name, shared);
	return shared;
}

/* ---- reading those of a manifest ---- */

/* Layers that are to be read, in the order of their manifest. */
struct wanted {
	const struct reading *reading;
	const struct manifest_part **parts;
	struct layer_job *jobs;
	size_t count;
};

static bool is_wanted(const struct wanted *wanted, const char *name)
{
	for (size_t i = 0; i < wanted->count; i++)
		if (strcmp(wanted->parts[i]->name, name) == 0)
			return true;
	return false;
}

/* Up to the first that cannot be opened: with it the manifest ends. */
static void choose(struct wanted *wanted, const struct manifest_parts *parts)
{
	for (size_t i = 0; i < parts->count; i++) {
		CLEANUP_STORE_FILE struct store_file file = STORE_FILE_INIT;
		const struct manifest_part *part = &parts->layers[i];
		struct image_error e;

		if (manifest_open_part(wanted->reading, part, &e, &file) < 0)
			return;
		if (!find(wanted->reading, part->name) && !is_wanted(wanted, part->name))
			wanted->parts[wanted->count++] = part;
	}
}

static int read_wanted(
	struct layer_reader *reader, size_t number, struct layer **ret, void *userdata)
{
	CLEANUP_STORE_FILE struct store_file file = STORE_FILE_INIT;
	const struct wanted *wanted = userdata;
	const struct manifest_part *part = wanted->parts[number];
	int r = manifest_open_part(wanted->reading, part, reader->e, &file);

	if (r < 0)
		return r;
	r = part->has_digest ? layer_cache_read(wanted->reading->options->cache, reader,
				       &file.range, part->digest, ret)
			     : layer_read_tar(reader, &file.range, true, ret);
	if (r < 0)
		image_error_within(reader->e, "%s", part->name);
	return r;
}

/* Takes what JOB has over. */
static int share(struct reading *reading, const char *name, struct layer_job *job)
{
	struct shared_layer *shared = calloc(1, sizeof(*shared));

	if (shared)
		shared->name = strdup(name);
	if (!shared || !shared->name) {
		free(shared);
		return image_fail_errno(reading->e, -ENOMEM, "an image");
	}
	shared->result = job->result;
	shared->error = job->error;
	shared->usage = job->usage;
	shared->layer = TAKE_PTR(job->layer);
	HASH_ADD_KEYPTR(hh, reading->shared, shared->name, strlen(shared->name), shared);
	return 0;
}

/*
 * Of what is behind the first that failed some were read and some were not: only those count that
 * would be the same when they are read again.
 */
static int share_all(struct reading *reading, struct wanted *wanted)
{
	bool has_failed = false;
	int r = 0;

	for (size_t i = 0; i < wanted->count; i++) {
		struct layer_job *job = &wanted->jobs[i];

		if (r == 0 && (job->result == 0 || !has_failed))
			r = share(reading, wanted->parts[i]->name, job);
		has_failed |= job->result < 0;
		layer_unref(job->layer);
	}
	return r;
}

int shared_layers_read(struct reading *reading, const struct manifest_parts *parts)
{
	struct wanted wanted = {.reading = reading};
	int r = -ENOMEM;

	if (parts->count == 0)
		return 0;
	wanted.parts = calloc(parts->count, sizeof(*wanted.parts));
	wanted.jobs = calloc(parts->count, sizeof(*wanted.jobs));
	if (wanted.parts && wanted.jobs) {
		choose(&wanted, parts);
		layer_pool_run(&reading->layers, wanted.jobs, wanted.count, read_wanted, &wanted);
		r = share_all(reading, &wanted);
	}
	free(wanted.parts);
	free(wanted.jobs);
	return r == -ENOMEM ? image_fail_errno(reading->e, r, "an image") : r;
}

/* ---- using them ---- */

static int charge(struct reading *reading, struct shared_layer *shared)
{
	if (shared->is_charged)
		return 0;
	shared->is_charged = true;
	return layer_reader_charge(&reading->layers, &shared->usage);
}

int shared_layer_get(struct reading *reading, const struct manifest_part *part, struct layer **ret)
{
	CLEANUP_STORE_FILE struct store_file file = STORE_FILE_INIT;
	struct shared_layer *shared = find(reading, part->name);
	int r = manifest_open_part(reading, part, reading->e, &file);

	if (r < 0)
		return r;
	if (!shared) /* it changed between two looks */
		return image_fail(reading->e, IMAGE_UNREADABLE, "%s: was not there", part->name);
	r = charge(reading, shared);
	if (shared->result < 0) {
		*reading->e = shared->error;
		return shared->result;
	}
	if (r < 0)
		image_error_within(reading->e, "%s", part->name);
	else
		*ret = shared->layer;
	return r;
}
