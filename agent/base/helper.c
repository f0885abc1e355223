/* SPDX-License-Identifier: Apache-2.0 */
/* The thread of helper.h: one job at a time, and none is waited for longer than was said. */
#include "base/helper.h"

#include <errno.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/thread.h"

/* Somebody waits for each job: on a busy host it should not wait in turn for a processor. */
#define NICENESS (-10)

struct helper {
	pthread_t thread;
	pthread_mutex_t lock; /* of what follows */
	pthread_cond_t changed;
	struct helper_job *job; /* that is to be done or under way */
	bool job_is_given_up;
	bool is_to_end, is_left_behind;
};

static void destroy(struct helper *h)
{
	pthread_cond_destroy(&h->changed);
	pthread_mutex_destroy(&h->lock);
	free(h);
}

/* The next job; NULL when there are to be no more. With the lock. */
static struct helper_job *wait_for_job(struct helper *h)
{
	while (!h->job && !h->is_to_end)
		pthread_cond_wait(&h->changed, &h->lock);
	return h->job;
}

static void *run(void *argument)
{
	struct helper *h = argument;
	struct helper_job *job;
	bool is_left_behind;

	/* of this thread alone (Linux); without the right to, it stays as it is */
	(void)setpriority(PRIO_PROCESS, gettid(), NICENESS);
	pthread_mutex_lock(&h->lock);
	while ((job = wait_for_job(h))) {
		pthread_mutex_unlock(&h->lock);
		job->work(job);
		pthread_mutex_lock(&h->lock);
		if (h->job_is_given_up)
			job->release(job);
		h->job_is_given_up = false;
		h->job = NULL;
		pthread_cond_broadcast(&h->changed);
	}
	is_left_behind = h->is_left_behind;
	pthread_mutex_unlock(&h->lock);
	if (is_left_behind)
		destroy(h);
	return NULL;
}

/* A condition whose waits are counted by a clock that nobody sets. */
static void init_condition(pthread_cond_t *condition)
{
	pthread_condattr_t attributes;

	pthread_condattr_init(&attributes);
	pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
	pthread_cond_init(condition, &attributes);
	pthread_condattr_destroy(&attributes);
}

int helper_new(struct helper **ret)
{
	struct helper *h = calloc(1, sizeof(*h));
	int r;

	if (!h)
		return -ENOMEM;
	pthread_mutex_init(&h->lock, NULL);
	init_condition(&h->changed);
	r = thread_start(&h->thread, run, h);
	if (r < 0)
		destroy(h);
	else
		*ret = h;
	return r;
}

void helper_free(struct helper *helper)
{
	pthread_t thread;
	bool hangs;

	if (!helper)
		return;
	thread = helper->thread;
	pthread_mutex_lock(&helper->lock);
	helper->is_to_end = true;
	hangs = helper->is_left_behind = helper->job;
	pthread_cond_broadcast(&helper->changed);
	pthread_mutex_unlock(&helper->lock); /* from here on one that is left may be gone */
	if (hangs) {
		pthread_detach(thread);
		return;
	}
	pthread_join(thread, NULL);
	destroy(helper);
}

static struct timespec time_in(unsigned ms)
{
	struct timespec t;
	long long ns;

	clock_gettime(CLOCK_MONOTONIC, &t);
	ns = t.tv_nsec + ms * NS_PER_MS;
	t.tv_sec += ns / NS_PER_S;
	t.tv_nsec = ns % NS_PER_S;
	return t;
}

int helper_do(struct helper *helper, struct helper_job *job, unsigned patience_ms)
{
	struct timespec end = time_in(patience_ms);
	int r = 0;

	pthread_mutex_lock(&helper->lock);
	if (helper->job) {
		pthread_mutex_unlock(&helper->lock);
		return -EBUSY;
	}
	helper->job = job;
	pthread_cond_broadcast(&helper->changed);
	while (helper->job && r == 0)
		r = pthread_cond_timedwait(&helper->changed, &helper->lock, &end);
	helper->job_is_given_up = helper->job;
	r = helper->job ? -ETIME : 0;
	pthread_mutex_unlock(&helper->lock);
	return r;
}
