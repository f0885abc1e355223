/* SPDX-License-Identifier: Apache-2.0 */
/* Clocks, in nanoseconds. */
#pragma once

#include <stdint.h>

#define NS_PER_MS 1000000ULL
#define NS_PER_S  1000000000ULL

/* CLOCK_BOOTTIME, the clock of the kernel side's records. */
uint64_t clock_boot_ns(void);

/* CLOCK_REALTIME. */
uint64_t clock_wall_ns(void);
