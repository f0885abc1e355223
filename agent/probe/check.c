/* SPDX-License-Identifier: Apache-2.0 */
/* Whether the kernel side is still what it was: nothing detached, nothing taken from its rings. */
#include <errno.h>
#include <stdlib.h>

#include "base/cleanup.h"
#include "probe/probe.h"

void probe_watched(struct probe *probe, uint64_t now_ns)
{
	probe->memory->watched_ns = now_ns;
}

const struct probe_window *probe_window(const struct probe *probe)
{
	return &probe->window;
}

void probe_expect_canary(struct probe *probe, uint32_t tgid)
{
	probe->memory->tgid = tgid;
}

/* ---- programs ---- */

/* A link whose pin is gone ends with this agent. */
static bool is_pinned(const struct probe *probe, const struct hook *hook)
{
	const struct probe_pins *pins = probe->config.pins;
	CLEANUP_FD int fd = -1;

	if (!pins || hook->link_fd < 0 || hook->perf_fd >= 0)
		return true;
	fd = pin_get(pins, probe->generation, "link", hook_name(hook));
	return fd >= 0 && hook_is_link(hook, fd);
}

size_t probe_detached(const struct probe *probe, struct strbuf *names)
{
	size_t count = 0;

	for (size_t i = 0; i < probe->hook_count; i++) {
		const struct hook *hook = &probe->hooks[i];

		if (probe_hook_rests(probe, hook) ||
			(hook_is_attached(hook) && is_pinned(probe, hook)))
			continue;
		strbuf_addf(names, "%s%s", count ? ", " : "", hook_name(hook));
		count++;
	}
	return count;
}

/* ---- records ---- */

/* Twice, because a record that is being written holds up those behind it for a moment. */
static bool was_emptied(const struct reader *reader, const struct sent *sent)
{
	return reader->emptied - sent->emptied >= 2;
}

static int check_ring(struct probe *probe, enum probe_ring ring)
{
	struct reader *reader = &probe->readers[ring];
	struct sent *sent = &probe->sent[ring];
	CLEANUP_FREE uint64_t *now = NULL;
	size_t count = 0;
	int r;

	if (sent->cpus && !was_emptied(reader, sent))
		return 0;
	r = read_per_cpu(bpf_map__fd(probe->object->maps.bw_sequences), ring, &now, &count);
	if (r < 0)
		return r;
	for (size_t cpu = 0; sent->cpus && cpu < count; cpu++)
		sequences_settle(&probe->sequences, (enum bw_ring)ring, cpu, sent->cpus[cpu]);
	free(sent->cpus);
	*sent = (struct sent){.cpus = TAKE_PTR(now), .emptied = reader->emptied};
	return 0;
}

int probe_taken(struct probe *probe, uint64_t *ret)
{
	int r = 0;

	*ret = 0;
	for (int ring = 0; r == 0 && ring < PROBE_RINGS; ring++) {
		r = check_ring(probe, ring);
		*ret += sequences_taken(&probe->sequences, (enum bw_ring)ring);
	}
	return r;
}
