/* SPDX-License-Identifier: Apache-2.0 */
/* Looks at files, see looks.h. */
#include "looks.h"

#include <errno.h>
#include <linux/magic.h>
#include <pthread.h>
#include <stddef.h>
#include <stdlib.h>
#include <utlist.h>

#include "base/cleanup.h"
#include "base/helper.h"
#include "looks_queue.h"

enum thread_kind {
	THREAD_LOCAL,
	THREAD_SLOW,
	THREADS,
};

struct look_thread {
	struct helper *helper;
	struct executable_store *store; /* of the look that is under way, else nobody's */
	struct looks_queue waiting;
	bool is_busy; /* with a look that is not waited for any more */
};

struct looks {
	struct catalog *catalog;
	struct look_thread threads[THREADS];
	struct ended *ended;
	struct look *done; /* late, and not handed out yet */
	unsigned waiting; /* late, and not handed out yet or not done */
	uint64_t dropped;
};

/* Where threads leave what they have done late. Outlives all, for looks that never end. */
struct ended {
	pthread_mutex_t lock; /* of what follows */
	struct look *looks;
	unsigned references; /* one for each look that is under way, and one */
	bool is_closed; /* nobody asks any more */
};

/* What a thread is given. */
struct job {
	struct helper_job helper; /* first */
	struct catalog *catalog;
	struct executable_store *store;
	struct ended *ended;
	struct look *look;
};

static void ended_share(struct ended *ended)
{
	pthread_mutex_lock(&ended->lock);
	ended->references++;
	pthread_mutex_unlock(&ended->lock);
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

static void looks_release(struct look *list)
{
	struct look *look, *next;

	LL_FOREACH_SAFE (list, look, next)
		look->release(look);
}

/* ---- in the threads ---- */

static void job_work(struct helper_job *helper_job)
{
	struct job *job = (struct job *)helper_job;

	executable_look(&job->look->query, job->catalog, job->store, &job->look->executable);
}

/* Nobody has waited for it to the end. */
static void job_release(struct helper_job *helper_job)
{
	struct job *job = (struct job *)helper_job;
	bool closed;

	pthread_mutex_lock(&job->ended->lock);
	closed = job->ended->is_closed;
	if (!closed)
		LL_APPEND(job->ended->looks, job->look);
	pthread_mutex_unlock(&job->ended->lock);
	if (closed) {
		job->look->release(job->look);
		executable_store_free(job->store);
	}
	ended_free(job->ended);
	catalog_free(job->catalog);
	free(job);
}

/* ---- life ---- */

static int start(struct looks *looks)
{
	int r = 0;

	looks->ended = calloc(1, sizeof(*looks->ended));
	if (!looks->ended)
		return -ENOMEM;
	looks->ended->references = 1;
	pthread_mutex_init(&looks->ended->lock, NULL);
	for (int i = 0; i < THREADS && r == 0; i++) {
		r = executable_store_new(&looks->threads[i].store);
		if (r == 0)
			r = helper_new(&looks->threads[i].helper);
	}
	return r;
}

int looks_new(struct catalog *catalog, struct looks **ret)
{
	struct looks *looks = calloc(1, sizeof(*looks));
	int r;

	if (!looks)
		return -ENOMEM;
	looks->catalog = catalog_share(catalog);
	r = start(looks);
	if (r < 0)
		looks_free(looks);
	else
		*ret = looks;
	return r;
}

static struct look *take_ended(struct looks *looks, bool close)
{
	struct look *list, *look;

	pthread_mutex_lock(&looks->ended->lock);
	list = looks->ended->looks;
	looks->ended->looks = NULL;
	looks->ended->is_closed = close;
	pthread_mutex_unlock(&looks->ended->lock);
	LL_FOREACH (list, look)
		look->thread->is_busy = false;
	return list;
}

/* A thread that hangs keeps its store, and frees it if it ever ends. */
void looks_free(struct looks *looks)
{
	if (!looks)
		return;
	if (looks->ended) {
		looks_release(take_ended(looks, true));
		ended_free(looks->ended);
	}
	looks_release(looks->done);
	catalog_free(looks->catalog);
	for (int i = 0; i < THREADS; i++) {
		struct look_thread *thread = &looks->threads[i];

		looks_release(thread->waiting.first);
		helper_free(thread->helper);
		if (!thread->is_busy)
			executable_store_free(thread->store);
	}
	free(looks);
}

/* ---- looks ---- */

/* An overlay that somebody in the container has mounted may be one of anything. */
static bool is_of_engine(const struct executable_query *query)
{
	const struct container_root *root = query->root;

	return root && root->dev_major == query->file.dev_major &&
	       root->dev_minor == query->file.dev_minor;
}

/* Of any other file system it is not known how it behaves. A script may be on any. */
static enum thread_kind thread_for(const struct executable_query *query)
{
	static const uint64_t local[] = {OVERLAYFS_SUPER_MAGIC, TMPFS_MAGIC, EXT4_SUPER_MAGIC,
		XFS_SUPER_MAGIC, BTRFS_SUPER_MAGIC, F2FS_SUPER_MAGIC, RAMFS_MAGIC, SQUASHFS_MAGIC,
		EROFS_SUPER_MAGIC_V1, 0x2fc12fc1 /* ZFS */, 0xca451a4e /* bcachefs */};

	if (query->file.fs_magic == OVERLAYFS_SUPER_MAGIC && !is_of_engine(query))
		return THREAD_SLOW;
	for (size_t i = 0; i < ARRAY_SIZE(local) && !query->script; i++)
		if (query->file.fs_magic == local[i])
			return THREAD_LOCAL;
	return THREAD_SLOW;
}

/* As helper_do(). */
static int begin(struct looks *looks, struct look *look, unsigned patience_ms)
{
	struct look_thread *thread = look->thread;
	struct job *job = thread->is_busy ? NULL : calloc(1, sizeof(*job));
	int r;

	if (!job)
		return -EBUSY;
	*job = (struct job){.helper = {job_work, job_release},
		.catalog = catalog_share(looks->catalog),
		.store = thread->store,
		.ended = looks->ended,
		.look = look};
	ended_share(looks->ended);
	r = helper_do(thread->helper, &job->helper, patience_ms);
	thread->is_busy = r == -ETIME;
	if (r != -ETIME) {
		ended_free(looks->ended);
		catalog_free(job->catalog);
		free(job);
	}
	return r;
}

/* -EBUSY when there is no room for LOOK. */
static int put_in_line(struct looks *looks, struct look *look)
{
	struct look *dropped = looks_queue_put(&look->thread->waiting, look);

	if (dropped == look)
		return -EBUSY;
	looks->waiting++;
	if (dropped) {
		looks->waiting--;
		looks->dropped++;
		dropped->release(dropped);
	}
	return 0;
}

int looks_do(struct looks *looks, struct look *look, unsigned patience_ms)
{
	int r;

	look->thread = &looks->threads[thread_for(&look->query)];
	look->query.may_wait = look->thread == &looks->threads[THREAD_SLOW];
	look->next = NULL;
	r = begin(looks, look, patience_ms);
	if (r == 0)
		return 0;
	if (r == -EBUSY)
		return put_in_line(looks, look) < 0 ? -EBUSY : -ETIME;
	looks->waiting++;
	return -ETIME;
}

/* Begins what waits for THREAD, until it is busy. */
static void begin_waiting(struct looks *looks, struct look_thread *thread,
	bool (*is_known)(struct look *look, void *userdata), void *userdata)
{
	struct look *look;
	int r;

	while (!thread->is_busy && (look = looks_queue_take(&thread->waiting))) {
		r = is_known(look, userdata) ? 0 : begin(looks, look, 0);
		if (r == 0)
			LL_APPEND(looks->done, look);
		if (r == -EBUSY) { /* it is about to be free */
			looks_queue_put_back(&thread->waiting, look);
			return;
		}
	}
}

struct look *looks_next(
	struct looks *looks, bool (*is_known)(struct look *look, void *userdata), void *userdata)
{
	struct look *list, *look = NULL;

	if (looks->waiting == 0)
		return NULL;
	if (!looks->done) {
		list = take_ended(looks, false);
		LL_CONCAT(looks->done, list);
		for (int i = 0; i < THREADS; i++)
			begin_waiting(looks, &looks->threads[i], is_known, userdata);
	}
	look = looks->done;
	if (!look)
		return NULL;
	LL_DELETE(looks->done, look);
	looks->waiting--;
	return look;
}

uint64_t looks_dropped(const struct looks *looks)
{
	return looks->dropped;
}

unsigned looks_waiting(const struct looks *looks)
{
	return looks->waiting;
}
