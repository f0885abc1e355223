/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* The home of the maps and of the configuration, see maps.h. */
#define BW_MAPS_HERE
#include "maps.h"

char bw_license[] SEC("license") = "Dual BSD/GPL";
