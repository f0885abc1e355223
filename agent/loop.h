/* SPDX-License-Identifier: Apache-2.0 */
/* One thread, one epoll: the agent's main loop, with its signals and its clock. */
#pragma once

#include <stdint.h>

struct loop_config {
	unsigned tick_ms;
	int fd; /* calls on_tick too when it becomes readable; -1 for none */
	/* Called every tick. Returns 0 to go on, 1 to stop, or a negative errno, which ends the loop. */
	int (*on_tick)(void *userdata);
	void *userdata;
};

/*
 * Runs until on_tick ends it or SIGINT or SIGTERM comes (0), or with on_tick's
 * error. Blocks both signals while it runs.
 */
int loop_run(const struct loop_config *config);

/* CLOCK_BOOTTIME, the clock of the kernel side's records. */
uint64_t clock_boot_ns(void);

/* CLOCK_REALTIME. */
uint64_t clock_wall_ns(void);
