/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What an agent before has left is gone on with: the same kernel side is taken over as it is,
 * another one is replaced, and what waits in its rings is read first.
 */
#include <bpf/bpf.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "base/log.h"
#include "probe/adopt.h"
#include "probe/probe.h"

/* ---- the window in which nobody watched ---- */

/* How many records the map SEQUENCES counts as sent that MEMORY does not have as read. */
static uint64_t count_waiting(int sequences, const struct bw_agent *memory)
{
	uint64_t waiting = 0;

	for (uint32_t ring = 0; ring < BW_RINGS; ring++) {
		CLEANUP_FREE uint64_t *sent = NULL;
		size_t cpus = 0;

		if (read_per_cpu(sequences, ring, &sent, &cpus) < 0)
			continue;
		for (size_t cpu = 0; cpu < cpus && cpu < BW_CPUS_MAX; cpu++)
			if (sent[cpu] > memory->read[ring][cpu])
				waiting += sent[cpu] - memory->read[ring][cpu];
	}
	return waiting;
}

static uint64_t count_lost(int counts)
{
	struct bw_counters counters;
	uint64_t words[sizeof(counters) / sizeof(uint64_t)], lost = 0;

	for (uint32_t kind = 0; sum_per_cpu(counts, kind, words, ARRAY_SIZE(words)) == 0; kind++) {
		memcpy(&counters, words, sizeof(counters));
		lost += counters.lost;
	}
	return lost;
}

static void describe_window(struct probe_window *window, enum probe_window_kind kind,
	const struct bw_agent *memory, int sequences, int counts)
{
	uint64_t lost = count_lost(counts);

	window->kind = kind;
	window->from_ns = memory->watched_ns;
	window->to_ns = clock_boot_ns();
	window->waiting = count_waiting(sequences, memory);
	window->lost = lost > memory->lost ? lost - memory->lost : 0;
}

/* ---- the same kernel side ---- */

bool takeover_is_possible(const struct probe *probe)
{
	return probe->config.pins && pin_has(probe->config.pins, probe->generation);
}

/* What the agent before did without, this one does, too. */
static void say_without(struct probe *probe)
{
	for (size_t i = 0; i < probe->hook_count; i++) {
		struct diag d;

		diag_at(&d, NULL, 0, 0, "an agent before did without");
		if (probe->hooks[i].prog_fd < 0)
			(void)selection_do_without(&probe->selection, probe->hooks[i].program, &d);
	}
}

int takeover_adopt(struct probe *probe, struct diag *d)
{
	int r = object_adopt(probe->object, probe->hooks, probe->hook_count, probe->config.pins,
		probe->generation, probe->tools);

	if (r < 0)
		diag_at(d, NULL, 0, 0, "%s",
			r == -EINVAL ? "something else was put in its place" : strerror(-r));
	else
		say_without(probe);
	return r;
}

/* Links that could not be pinned, or that somebody removed. */
static int attach_again(struct probe *probe, struct diag *d)
{
	int r = 0;

	for (size_t i = 0; r == 0 && i < probe->hook_count; i++) {
		struct hook *hook = &probe->hooks[i];

		if (hook->link_fd >= 0 || hook->prog_fd < 0 || probe_hook_rests(probe, hook))
			continue;
		r = probe_attach(probe, hook, d);
		if (r == 0)
			r = hook_pin(hook, probe->config.pins, probe->generation);
		probe->window.reattached++;
	}
	return r;
}

int takeover_continue(struct probe *probe, struct diag *d)
{
	int r = attach_again(probe, d);

	if (r == 0)
		r = probe_opens_rest(probe, d);
	if (r < 0)
		return r;
	describe_window(&probe->window, PROBE_WINDOW_ADOPTED, probe->memory,
		bpf_map__fd(probe->object->maps.bw_sequences),
		bpf_map__fd(probe->object->maps.bw_counts));
	return takeover_replace(probe, d);
}

/* ---- another one ---- */

static bool is_readable(const char *generation)
{
	unsigned version;

	return pin_generation_parse(generation, &version) && version == BW_ABI_VERSION;
}

void takeover_copy(struct probe *probe)
{
	const struct bpf_map *const maps[] = {
		probe->object->maps.bw_scopes, probe->object->maps.bw_handovers};
	const struct probe_pins *pins = probe->config.pins;
	char other[PIN_NAME_MAX];

	if (!pins || !pin_find_other(pins, probe->generation, "", other) || !is_readable(other))
		return;
	for (size_t i = 0; i < ARRAY_SIZE(maps); i++)
		if (object_copy_map(maps[i], pins, other) < 0)
			log_debug("%s of the agent before cannot be taken over",
				bpf_map__name(maps[i]));
}

/* One that the kernel side has counted itself counts twice, which costs time only. */
static void count_moved(struct probe *probe)
{
	int fd = bpf_map__fd(probe->object->maps.bw_tasks);
	size_t left = 2 * (size_t)probe->config.tasks_max;
	struct bw_task task;
	uint32_t tgid;
	bool more;

	for (more = bpf_map_get_next_key(fd, NULL, &tgid) == 0; more && left > 0; left--) {
		if (bpf_map_lookup_elem(fd, &tgid, &task) == 0 && (task.flags & BW_TASK_MOVED))
			__atomic_add_fetch(
				&probe->object->bss->bw_tasks_moved, 1, __ATOMIC_RELAXED);
		more = bpf_map_get_next_key(fd, &tgid, &tgid) == 0;
	}
}

void takeover_copy_tasks(struct probe *probe)
{
	const struct probe_pins *pins = probe->config.pins;
	char other[PIN_NAME_MAX];

	if (!pins || !pin_find_other(pins, probe->generation, "", other) || !is_readable(other))
		return;
	if (object_copy_map(probe->object->maps.bw_tasks, pins, other) < 0)
		log_debug("processes that left their containers cannot be taken over");
	count_moved(probe);
}

static int describe_old_window(struct probe *probe)
{
	const struct probe_pins *pins = probe->config.pins;
	CLEANUP_FD int agent = pin_get(pins, probe->old_generation, "map", "bw_agent");
	CLEANUP_FD int sequences = pin_get(pins, probe->old_generation, "map", "bw_sequences");
	CLEANUP_FD int counts = pin_get(pins, probe->old_generation, "map", "bw_counts");
	CLEANUP_FREE struct bw_agent *memory = calloc(1, sizeof(*memory));
	uint32_t zero = 0;

	if (!memory)
		return -ENOMEM;
	if (agent < 0 || sequences < 0 || counts < 0 ||
		bpf_map_lookup_elem(agent, &zero, memory) < 0)
		return -EINVAL;
	describe_window(&probe->window, PROBE_WINDOW_REPLACED, memory, sequences, counts);
	return 0;
}

static int open_old_ring(struct probe *probe, enum probe_ring ring, const char *map)
{
	CLEANUP_FD int fd = pin_get(probe->config.pins, probe->old_generation, "map", map);

	return fd < 0 ? fd : reader_open(probe, &probe->old[ring], ring, fd);
}

/*
 * Both kernel sides are attached for a moment. What happens before NOW_NS is taken from the old
 * one, where that still had its programs, and what comes later from the new one.
 */
static int read_old_rings(struct probe *probe, uint64_t now_ns)
{
	int links = pin_remove(probe->config.pins, probe->old_generation, "link_");
	int r = open_old_ring(probe, PROBE_RING_EVENTS, "bw_events");

	if (r == 0)
		r = open_old_ring(probe, PROBE_RING_ATTEMPTS, "bw_attempts");
	if (r == 0)
		r = open_old_ring(probe, PROBE_RING_MAPPINGS, "bw_mappings");
	if (r == 0)
		r = open_old_ring(probe, PROBE_RING_OPENS, "bw_opens");
	for (int ring = 0; r == 0 && links > 0 && ring < PROBE_RINGS; ring++) {
		probe->old[ring].until_ns = now_ns;
		probe->readers[ring].from_ns = now_ns;
	}
	return r;
}

static void replace_unreadable(struct probe *probe)
{
	probe->window.kind = PROBE_WINDOW_UNREADABLE;
	probe->window.to_ns = clock_boot_ns();
	pin_generation_parse(probe->old_generation, &probe->window.version);
	takeover_finish(probe);
}

int takeover_replace(struct probe *probe, struct diag *d)
{
	const struct probe_pins *pins = probe->config.pins;
	uint64_t now_ns = clock_boot_ns();
	char other[PIN_NAME_MAX];

	(void)d;
	if (!pin_find_other(pins, probe->generation, "", probe->old_generation))
		return 0;
	while (pin_find_other(pins, probe->generation, probe->old_generation, other))
		if (pin_remove(pins, other, NULL) < 0)
			break;
	if (!is_readable(probe->old_generation) || read_old_rings(probe, now_ns) < 0)
		replace_unreadable(probe);
	else if (probe->window.kind == PROBE_WINDOW_NONE)
		(void)describe_old_window(probe);
	return 0;
}

void takeover_finish(struct probe *probe)
{
	for (int ring = 0; ring < PROBE_RINGS; ring++)
		if (probe->old[ring].ring)
			return;
	if (pin_remove(probe->config.pins, probe->old_generation, NULL) < 0)
		log_warning("what an agent before has left in %s cannot be removed",
			probe_pins_dir(probe->config.pins));
}
