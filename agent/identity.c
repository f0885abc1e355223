/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What is known of the files that run in bare containers, see identity.h. Two threads look at
 * them: one at what is on local file systems, one at all that may never answer, so that no
 * container can hold up the looks at others by mounting something that does not.
 */
#include "identity.h"

#include <errno.h>
#include <linux/magic.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <utlist.h>

#include "base/cleanup.h"
#include "base/helper.h"
#include "base/log.h"
#include "base/strbuf.h"
#include "executable.h"
#include "identity_cache.h"
#include "roots.h"

/* In the key of a file, above the flags of the kernel side's. */
#define KEY_HOST_MOUNTS (1u << 31)
#define KEY_DETACHED    (1u << 30)
#define KEY_ENGINE_INIT (1u << 29)
#define KEY_ROOT_KNOWN  (1u << 28)

/* What outlives all, for jobs that are never ended. */
struct ended {
	pthread_mutex_t lock; /* of what follows */
	struct job *jobs;
	unsigned references;
	bool is_closed; /* nobody asks any more */
};

enum worker_kind {
	WORKER_LOCAL,
	WORKER_SLOW,
	WORKERS,
};

struct worker {
	struct helper *helper;
	struct executable_store *store; /* of the job that is under way, else nobody's */
	struct job *waiting; /* in their order */
	bool is_busy; /* with a job that was given up */
};

/* By what a file is kept. */
struct keys {
	struct identity_key own; /* in its container */
	struct identity_key shared; /* in all containers of an image, when it is the image's */
	bool is_shareable; /* it may be */
};

/* A look. */
struct job {
	struct helper_job helper; /* first */
	struct job *next; /* of those that wait, or have ended */
	struct worker *worker;
	const struct catalog *catalog;
	struct ended *ended;
	struct executable_query query;
	struct keys keys;
	struct executable executable;
	struct identity_late *late; /* what is to be told; NULL: nothing */
};

struct identity {
	const struct catalog *catalog;
	struct identity_cache *cache;
	struct roots roots;
	struct worker workers[WORKERS];
	struct ended *ended;
	struct job *done; /* late, and not handed out yet */
	unsigned late; /* events that wait */
	struct executable answer; /* of a look that is not kept */
	struct identity_counts counts;
};

/* ---- jobs ---- */

void identity_late_free(struct identity_late *late)
{
	if (!late)
		return;
	free(late->record);
	free(late);
}

static void ended_free(struct ended *ended)
{
	unsigned left;

	pthread_mutex_lock(&ended->lock);
	left = --ended->references;
	pthread_mutex_unlock(&ended->lock);
	if (left > 0)
		return;
	pthread_mutex_destroy(&ended->lock);
	free(ended);
}

static void job_free(struct job *job)
{
	executable_query_done(&job->query);
	identity_late_free(job->late);
	ended_free(job->ended);
	free(job);
}

static void job_work(struct helper_job *helper_job)
{
	struct job *job = (struct job *)helper_job;

	executable_look(&job->query, job->catalog, job->worker->store, &job->executable);
}

/* In the thread: the job was given up, and has ended now. */
static void job_release(struct helper_job *helper_job)
{
	struct job *job = (struct job *)helper_job;
	bool closed;

	pthread_mutex_lock(&job->ended->lock);
	closed = job->ended->is_closed;
	if (!closed)
		LL_APPEND(job->ended->jobs, job);
	pthread_mutex_unlock(&job->ended->lock);
	if (closed)
		job_free(job);
}

/* A copy of TEXT if all of it is known. */
static char *whole_text(const struct event_text *text)
{
	if (text->truncated || text->unreadable || text->detached || text->bytes.len == 0)
		return NULL;
	return strndup(text->bytes.data, text->bytes.len);
}

/* The path of the script, which may have been given from the working directory on. */
static char *script_path(const struct event *event)
{
	CLEANUP_STRBUF struct strbuf path = STRBUF_INIT;
	const struct event_text *invoked = &event->exec.invoked, *cwd = &event->exec.cwd;

	if (!(event->exec.record->file.flags & BW_FILE_SCRIPT) || invoked->truncated ||
		invoked->unreadable || invoked->bytes.len == 0)
		return NULL;
	if (invoked->bytes.data[0] != '/' && (cwd->truncated || cwd->unreadable || cwd->detached))
		return NULL;
	strbuf_add_path(&path, cwd->bytes, invoked->bytes);
	return path.error ? NULL : TAKE_PTR(path.data);
}

/* What a job needs, copied: it may outlast the event and the container. */
static struct job *job_new(struct identity *identity, const struct identity_question *question,
	const struct roots_entry *known)
{
	const struct event *event = question->event;
	struct job *job = calloc(1, sizeof(*job));

	if (!job)
		return NULL;
	job->helper = (struct helper_job){job_work, job_release};
	job->catalog = identity->catalog;
	job->ended = identity->ended;
	pthread_mutex_lock(&job->ended->lock);
	job->ended->references++;
	pthread_mutex_unlock(&job->ended->lock);
	job->query = (struct executable_query){
		.file = event->exec.record->file,
		.tgid = event->process->tgid,
		.path = whole_text(&event->exec.resolved),
		.script = script_path(event),
		.is_detached = event->exec.resolved.detached,
		.mounts_are_the_hosts = question->mounts_are_the_hosts,
		.is_entrypoint = question->entry == CONTAINER_ENTRY_ENTRYPOINT,
		.is_suspect = question->is_suspect,
		.root = known->root ? container_root_share(known->root) : NULL,
	};
	if (known->started_ns)
		job->query.started_ns = known->started_ns + question->wall_offset_ns;
	return job;
}

/* ---- life ---- */

int identity_new(
	const struct catalog *catalog, const struct container_roots *roots, struct identity **ret)
{
	struct identity *identity = calloc(1, sizeof(*identity));
	int r = -ENOMEM;

	if (!identity)
		return -ENOMEM;
	identity->catalog = catalog;
	roots_init(&identity->roots, roots);
	identity->ended = calloc(1, sizeof(*identity->ended));
	if (identity->ended) {
		identity->ended->references = 1;
		pthread_mutex_init(&identity->ended->lock, NULL);
		r = identity_cache_new(IDENTITY_FILES_MAX, &identity->cache);
	}
	for (int i = 0; i < WORKERS && r == 0; i++) {
		r = executable_store_new(&identity->workers[i].store);
		if (r == 0)
			r = helper_new(&identity->workers[i].helper);
	}
	if (r < 0)
		identity_free(identity);
	else
		*ret = identity;
	return r;
}

static void jobs_free(struct job *jobs)
{
	struct job *job, *next;

	LL_FOREACH_SAFE (jobs, job, next)
		job_free(job);
}

/* The jobs that have ended since, in their order. */
static struct job *take_ended(struct identity *identity)
{
	struct job *jobs;

	pthread_mutex_lock(&identity->ended->lock);
	jobs = identity->ended->jobs;
	identity->ended->jobs = NULL;
	pthread_mutex_unlock(&identity->ended->lock);
	return jobs;
}

static void close_ended(struct identity *identity)
{
	struct job *jobs, *job;

	pthread_mutex_lock(&identity->ended->lock);
	identity->ended->is_closed = true;
	pthread_mutex_unlock(&identity->ended->lock);
	jobs = take_ended(identity);
	LL_FOREACH (jobs, job)
		job->worker->is_busy = false;
	jobs_free(jobs);
}

/* What a thread that hangs has is left to it. */
void identity_free(struct identity *identity)
{
	bool hangs = false;

	if (!identity)
		return;
	if (identity->ended)
		close_ended(identity);
	jobs_free(identity->done);
	for (int i = 0; i < WORKERS; i++) {
		struct worker *worker = &identity->workers[i];

		jobs_free(worker->waiting);
		helper_free(worker->helper);
		hangs |= worker->is_busy;
		if (!worker->is_busy)
			executable_store_free(worker->store);
	}
	roots_done(&identity->roots);
	identity_cache_free(identity->cache);
	if (identity->ended)
		ended_free(identity->ended);
	if (!hangs) /* else its job reads where its store is */
		free(identity);
}

void identity_container_made(struct identity *identity, const struct container *container,
	pid_t runtime, uint64_t time_ns)
{
	roots_made(&identity->roots, container, runtime, time_ns);
}

void identity_container_gone(struct identity *identity, uint64_t cgroup)
{
	roots_gone(&identity->roots, cgroup);
}

/* ---- what is known ---- */

static bool is_on_overlay(const struct container_root *root, const struct bw_file *file)
{
	return root && root->kind == CONTAINER_ROOT_OVERLAY && file->dev_major == root->dev_major &&
	       file->dev_minor == root->dev_minor;
}

static struct keys keys_of(
	const struct identity_question *question, const struct container_root *root)
{
	const struct event *event = question->event;
	const struct bw_file *file = &event->exec.record->file;
	struct keys keys = {
		.own = {.scope = question->container->cgroup,
			.dev_major = file->dev_major,
			.dev_minor = file->dev_minor,
			.file = file_key_of(file),
			.flags = file->flags & ~BW_FILE_SCRIPT},
		.is_shareable = is_on_overlay(root, file) && !question->mounts_are_the_hosts,
	};

	if (root)
		keys.own.flags |= KEY_ROOT_KNOWN;
	if (question->mounts_are_the_hosts)
		keys.own.flags |= KEY_HOST_MOUNTS;
	if (event->exec.resolved.detached)
		keys.own.flags |= KEY_DETACHED;
	if (question->entry == CONTAINER_ENTRY_ENTRYPOINT &&
		executable_is_init_path(event->exec.resolved.bytes))
		keys.own.flags |= KEY_ENGINE_INIT;
	if (!keys.is_shareable)
		return keys;
	keys.shared = keys.own;
	keys.shared.scope = root->layer_set;
	keys.shared.dev_major = keys.shared.dev_minor = 0;
	return keys;
}

static const struct executable *look_up(struct identity *identity, const struct keys *keys)
{
	const struct executable *found = NULL;

	if (keys->is_shareable)
		found = identity_cache_find(identity->cache, &keys->shared);
	return found ?: identity_cache_find(identity->cache, &keys->own);
}

/* What could not be read is looked at again the next time. */
static void remember(struct identity *identity, const struct job *job)
{
	struct executable executable = job->executable;
	bool is_images = executable.origin == PROGRAM_ORIGIN_IMAGE && job->keys.is_shareable;

	if (!executable.has_identity || job->query.is_known)
		return;
	executable.script_origin = PROGRAM_ORIGIN_UNKNOWN;
	identity_cache_put(
		identity->cache, is_images ? &job->keys.shared : &job->keys.own, &executable);
}

bool identity_is_harmless(const struct executable *executable, enum program_class class)
{
	return class == PROGRAM_OTHER && executable->has_identity &&
	       executable->origin == PROGRAM_ORIGIN_IMAGE && !executable_is_foreign(executable);
}

/* ---- asking ---- */

/* Of any other it is not known how it behaves. A script may be anywhere. */
static struct worker *worker_for(struct identity *identity, const struct executable_query *query)
{
	static const uint64_t local[] = {OVERLAYFS_SUPER_MAGIC, TMPFS_MAGIC, EXT4_SUPER_MAGIC,
		XFS_SUPER_MAGIC, BTRFS_SUPER_MAGIC, F2FS_SUPER_MAGIC, RAMFS_MAGIC, SQUASHFS_MAGIC,
		EROFS_SUPER_MAGIC_V1, 0x2fc12fc1 /* ZFS */, 0xca451a4e /* bcachefs */};

	for (size_t i = 0; i < ARRAY_SIZE(local) && !query->script; i++)
		if (query->file.fs_magic == local[i])
			return &identity->workers[WORKER_LOCAL];
	return &identity->workers[WORKER_SLOW];
}

static struct identity_late *late_new(const struct identity_question *question)
{
	const struct bw_event *record = &question->event->exec.record->event;
	struct identity_late *late = calloc(1, sizeof(*late));

	if (!late)
		return NULL;
	late->record = malloc(record->size);
	if (!late->record) {
		free(late);
		return NULL;
	}
	memcpy(late->record, record, record->size);
	late->record_size = record->size;
	late->entry = question->entry;
	return late;
}

/* JOB, which cannot be done now, waits for its turn. */
static struct identity_late *wait_for_turn(
	struct identity *identity, struct job *job, struct identity_late *late)
{
	if (identity->late >= IDENTITY_LATE_MAX || !late) {
		if (identity->counts.given_up++ == 0)
			log_warning("files that run cannot be looked at fast enough: "
				    "some are judged by their names");
		identity_late_free(late);
		job_free(job);
		return NULL;
	}
	job->late = late;
	LL_APPEND(job->worker->waiting, job);
	identity->late++;
	return late;
}

/* Has JOB done. What is not done in time is the worker's, and LATE is told of it later. */
static const struct executable *have_done(struct identity *identity, struct job *job,
	struct identity_late *late, struct identity_late **ret_late)
{
	struct worker *worker = job->worker;
	int r = -EBUSY;

	job->late = late;
	if (!worker->is_busy)
		r = helper_do(worker->helper, &job->helper, IDENTITY_PATIENCE_MS);
	if (r == -ETIME) {
		worker->is_busy = true;
		identity->late++;
		*ret_late = late;
		return NULL;
	}
	if (r < 0) {
		job->late = NULL;
		*ret_late = wait_for_turn(identity, job, late);
		return NULL;
	}
	identity->counts.looks++;
	identity->answer = job->executable;
	remember(identity, job);
	job_free(job);
	return &identity->answer;
}

const struct executable *identity_ask(struct identity *identity,
	const struct identity_question *question, struct identity_late **ret_late)
{
	const struct roots_entry *known = roots_of(&identity->roots, question->container,
		question->event->process, question->entry, question->mounts_are_the_hosts);
	const struct executable *found;
	struct identity_late *late;
	struct keys keys;
	struct job *job;

	*ret_late = NULL;
	if (!known)
		return NULL;
	keys = keys_of(question, known->root);
	found = look_up(identity, &keys);
	if (found && !(question->event->exec.record->file.flags & BW_FILE_SCRIPT))
		return found;
	late = late_new(question);
	job = late ? job_new(identity, question, known) : NULL;
	if (!job) {
		identity_late_free(late);
		return found;
	}
	job->keys = keys;
	job->worker = worker_for(identity, &job->query);
	job->query.is_known = found;
	if (found)
		job->executable = *found;
	return have_done(identity, job, late, ret_late);
}

/* ---- what came late ---- */

/* Begins the next job that waits for WORKER. Those whose file is known by now are done. */
static void begin_waiting(struct identity *identity, struct worker *worker)
{
	const struct executable *found;
	struct job *job;
	int r;

	while (!worker->is_busy && (job = worker->waiting)) {
		LL_DELETE(worker->waiting, job);
		found = job->query.script ? NULL : look_up(identity, &job->keys);
		if (found) {
			job->executable = *found;
			LL_APPEND(identity->done, job);
			continue;
		}
		r = helper_do(worker->helper, &job->helper, 0);
		worker->is_busy = r == -ETIME;
		if (r == 0)
			LL_APPEND(identity->done, job);
		if (r == -EBUSY) { /* about to be free */
			LL_PREPEND(worker->waiting, job);
			return;
		}
	}
}

static void collect(struct identity *identity)
{
	struct job *ended = take_ended(identity), *job, *next;

	LL_FOREACH_SAFE (ended, job, next) {
		job->worker->is_busy = false;
		LL_APPEND(identity->done, job);
	}
	for (int i = 0; i < WORKERS; i++)
		begin_waiting(identity, &identity->workers[i]);
}

struct identity_late *identity_next_late(struct identity *identity)
{
	struct identity_late *late;
	struct job *job;

	if (identity->late == 0)
		return NULL;
	if (!identity->done)
		collect(identity);
	job = identity->done;
	if (!job)
		return NULL;
	LL_DELETE(identity->done, job);
	remember(identity, job);
	late = TAKE_PTR(job->late);
	late->executable = job->executable;
	job_free(job);
	identity->late--;
	identity->counts.looks++;
	identity->counts.late++;
	return late;
}

struct identity_counts identity_counts(const struct identity *identity)
{
	return identity->counts;
}
