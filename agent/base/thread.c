/* SPDX-License-Identifier: Apache-2.0 */
/* See thread.h. */
#include "base/thread.h"

#include <sched.h>
#include <signal.h>

int thread_start(pthread_t *ret, void *(*run)(void *), void *argument)
{
	sigset_t all, before;
	int r;

	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	r = pthread_create(ret, NULL, run, argument);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	return -r;
}

unsigned thread_processors(void)
{
	cpu_set_t set;

	/* on more than 1,024 the set is too small: whoever has so many is not short of them */
	if (sched_getaffinity(0, sizeof(set), &set) < 0)
		return CPU_SETSIZE;
	return CPU_COUNT(&set);
}
