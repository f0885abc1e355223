/* SPDX-License-Identifier: Apache-2.0 */
/* The kernel side as a whole: pinned, and taken over from an agent that has ended. */
#pragma once

#include "barewatch.skel.h"
#include "probe/hook.h"
#include "probe/pin.h"

/* Programs that are run by the agent, and attached to nothing. */
enum object_tool {
	OBJECT_WALK, /* an iterator: reads all processes */
	OBJECT_DECIDE, /* by BPF_PROG_TEST_RUN: which opens are sent from now on */
	OBJECT_TOOLS,
};

const struct bpf_program *object_tool(const struct barewatch_bpf *object, enum object_tool tool);
bool object_is_tool(const struct barewatch_bpf *object, const struct bpf_program *program);

/*
 * What tells one kernel side from another: programs, maps with their sizes, and configuration
 * of OBJECT, which is configured but need not be loaded.
 */
uint64_t object_identity(const struct barewatch_bpf *object);

/*
 * Takes over the maps and programs of GENERATION, which OBJECT, not loaded, stands for from now
 * on. Nothing is detached. Hooks whose link is not pinned are left without. RET_TOOLS has a
 * descriptor for each enum object_tool, the caller's to close also after an error. 0, or a negative errno: -EINVAL when
 * what is pinned is not what it should be.
 */
int object_adopt(struct barewatch_bpf *object, struct hook *hooks, size_t hook_count,
	const struct probe_pins *pins, const char *generation, int *ret_tools);

/* Pins OBJECT, which is loaded, and its hooks as GENERATION. */
int object_pin(const struct barewatch_bpf *object, struct hook *hooks, size_t hook_count,
	const struct probe_pins *pins, const char *generation);

/*
 * Pins the link of HOOK. 0 also when it has none that can be pinned: before 5.15, those of
 * classic tracepoints.
 */
int hook_pin(struct hook *hook, const struct probe_pins *pins, const char *generation);

/* Copies what is in the pinned map NAME of the generation FROM to the map TO, when their forms agree. */
int object_copy_map(const struct bpf_map *to, const struct probe_pins *pins, const char *from);
