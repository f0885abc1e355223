/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "barewatch/probe.h"

/* probe_held_take() for the map MAP_FD. */
int held_take(int map_fd, probe_held_fn *on_held, void *userdata);
