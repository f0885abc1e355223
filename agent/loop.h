/* SPDX-License-Identifier: Apache-2.0 */
/* One thread, one epoll: the agent's main loop, with its signals. */
#pragma once

#include <stdint.h>

enum loop_next {
	LOOP_WAIT, /* until the next tick or event */
	LOOP_SOON, /* same, but not longer than LOOP_SOON_MS: others like it may follow */
	LOOP_AGAIN, /* there is more to do: at once, after a look at the signals */
	LOOP_STOP,
};

#define LOOP_FDS_MAX 8
#define LOOP_SOON_MS 2

struct loop_config {
	unsigned tick_ms;
	int fds[LOOP_FDS_MAX]; /* on_tick is called too when one becomes readable; ends with -1 */
	/* Called every tick. Returns an enum loop_next, or a negative errno, which ends the loop. */
	int (*on_tick)(void *userdata);
	void (*on_hangup)(void *userdata); /* SIGHUP came; on_tick follows. NULL: it is not taken */
	void *userdata;
};

/*
 * Runs until on_tick ends it (0), SIGINT or SIGTERM comes (its number), or with on_tick's
 * error. The signals that it takes are blocked while it runs.
 */
int loop_run(const struct loop_config *config);
