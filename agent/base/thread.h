/* SPDX-License-Identifier: Apache-2.0 */
/* Threads beside those that take signals. */
#pragma once

#include <pthread.h>

/*
 * Starts a thread with all signals blocked: they are for the others, and this one would take them
 * as they are by default. 0 or a negative errno.
 */
int thread_start(pthread_t *ret, void *(*run)(void *), void *argument);

/* How many processors this process may use, from 1 on. */
unsigned thread_processors(void);
