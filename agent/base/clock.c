/* SPDX-License-Identifier: Apache-2.0 */
/* Clocks, see clock.h. */
#include "base/clock.h"

#include <time.h>

static uint64_t clock_ns(clockid_t clock)
{
	struct timespec now;

	clock_gettime(clock, &now); /* cannot fail for a clock that exists */
	return now.tv_sec * NS_PER_S + now.tv_nsec;
}

uint64_t clock_boot_ns(void)
{
	return clock_ns(CLOCK_BOOTTIME);
}

uint64_t clock_wall_ns(void)
{
	return clock_ns(CLOCK_REALTIME);
}
