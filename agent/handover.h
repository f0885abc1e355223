/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What is kept of a container for the next agent: by that it can tell whose an event is, and that
 * it is to be judged, when the container and its engine's files are gone by then.
 */
#pragma once

#include <linux/types.h>
#include <stdbool.h>

#include "barewatch/container.h"
#include "barewatch/event.h"

/* What is handed over of CONTAINER. False when its path is too long to be kept. */
bool handover_of(const struct container *container, struct bw_handover *ret);

/* False when HANDOVER, which may come from anywhere, is not well-formed. */
bool handover_valid(const struct bw_handover *handover);

/* Adds to CONTAINER what HANDOVER has and its engine's files have not told. */
void handover_teach(const struct bw_handover *handover, struct container *container);
