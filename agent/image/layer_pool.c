/* SPDX-License-Identifier: Apache-2.0 */
/* See layer_pool.h. */
#include "image/layer_pool.h"

#include <errno.h>
#include <pthread.h>

#include "base/thread.h"

/* Memory goes with them: 5 MiB each, and the window of zstd, 8 MiB at its usual levels. */
#define THREADS_MAX 4

struct pool {
	const struct layer_reader *model;
	struct layer_job *jobs;
	size_t count;
	layer_job_fn *read;
	void *userdata;
	pthread_mutex_t lock; /* of what follows, and of results */
	size_t next; /* job to be done */
	size_t end; /* nothing from there on is needed */
	size_t settled; /* all before that are done, */
	struct layer_reader sum; /* and this is what they have left of the limits */
	struct image_error sum_error; /* which is told when they are used */
};

/* The next job, in their order, or COUNT: none before the first failure is left out. */
static size_t next_job(struct pool *pool)
{
	size_t number = pool->count;

	pthread_mutex_lock(&pool->lock);
	if (pool->next < pool->end)
		number = pool->next++;
	pthread_mutex_unlock(&pool->lock);
	return number;
}

/* What all that are done have taken may be too much, though each by itself has not. */
static void settle(struct pool *pool)
{
	while (pool->settled < pool->end && pool->jobs[pool->settled].result != -ECANCELED)
		if (layer_reader_charge(&pool->sum, &pool->jobs[pool->settled++].usage) < 0)
			pool->end = pool->settled;
}

static void do_job(struct pool *pool, struct layer_reader *reader, size_t number)
{
	struct layer_job *job = &pool->jobs[number];
	int r;

	layer_reader_refill(reader, pool->model);
	reader->e = &job->error;
	r = pool->read(reader, number, &job->layer, pool->userdata);
	job->usage = layer_reader_usage(reader, pool->model);
	pthread_mutex_lock(&pool->lock);
	job->result = r;
	if (r < 0 && number < pool->end)
		pool->end = number + 1;
	settle(pool);
	pthread_mutex_unlock(&pool->lock);
}

static void do_jobs(struct pool *pool, struct layer_reader *reader)
{
	size_t number;

	while ((number = next_job(pool)) < pool->count)
		do_job(pool, reader, number);
}

struct worker {
	pthread_t thread;
	struct pool *pool;
	struct layer_reader reader;
	struct image_error error; /* between jobs */
};

static void *run_worker(void *argument)
{
	struct worker *worker = argument;

	do_jobs(worker->pool, &worker->reader);
	return NULL;
}

/* False when there is no memory, or no thread: others do its work. */
static bool start_worker(struct worker *worker, struct pool *pool, unsigned number)
{
	worker->pool = pool;
	if (layer_reader_init_like(&worker->reader, pool->model, number, &worker->error) < 0)
		return false;
	if (thread_start(&worker->thread, run_worker, worker) == 0)
		return true;
	layer_reader_done(&worker->reader);
	return false;
}

static unsigned threads_for(size_t count)
{
	unsigned threads = thread_processors();

	if (threads > THREADS_MAX)
		threads = THREADS_MAX;
	return count < threads ? count : threads;
}

void layer_pool_run(struct layer_reader *reader, struct layer_job *jobs, size_t count,
	layer_job_fn *read, void *userdata)
{
	struct pool pool = {.model = reader,
		.jobs = jobs,
		.count = count,
		.read = read,
		.userdata = userdata,
		.lock = PTHREAD_MUTEX_INITIALIZER,
		.end = count,
		.sum = *reader};
	struct worker workers[THREADS_MAX];
	unsigned started = 0, threads = threads_for(count);
	struct layer_reader own = *reader;

	pool.sum.e = &pool.sum_error;
	for (size_t i = 0; i < count; i++)
		jobs[i] = (struct layer_job){.result = -ECANCELED};
	while (started + 1 < threads && start_worker(&workers[started], &pool, started + 1))
		started++;
	do_jobs(&pool, &own);
	for (unsigned i = 0; i < started; i++) {
		pthread_join(workers[i].thread, NULL);
		layer_reader_done(&workers[i].reader);
	}
	pthread_mutex_destroy(&pool.lock);
	/* what it has got for itself on the way is the reader's */
	reader->spool_fd = own.spool_fd;
	reader->held = own.held;
}
