/* SPDX-License-Identifier: Apache-2.0 */
/* What the kernel side keeps of opened files: which of them are sent again, and how many there were. */
#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <errno.h>

#include "probe/probe.h"

#define BATCH 256 /* of the map at a time: more than it keeps in one of its lists */

static int seen_fd(const struct probe *probe)
{
	return bpf_map__fd(probe->object->maps.bw_opens_seen);
}

int probe_open_decide(
	struct probe *probe, const struct bw_open_kind *kind, enum bw_open_state state)
{
	struct {
		struct bw_open_kind kind;
		uint64_t state;
	} decision = {*kind, state};
	struct bpf_test_run_opts run = {
		.sz = sizeof(run), .ctx_in = &decision, .ctx_size_in = sizeof(decision)};
	int fd = probe->tools[OBJECT_DECIDE];

	if (bpf_prog_test_run_opts(fd, &run) < 0)
		return -errno;
	return run.retval == 0 ? 0 : -ENOENT;
}

/* ---- all of them ---- */

typedef int each_fn(
	const struct bw_open_kind *kind, const struct bw_open_seen *seen, void *userdata);

/*
 * Calls VISIT for each kind that is kept, until it returns an error. In batches, which go by the map's
 * lists: what comes and goes meanwhile makes none come twice.
 */
static int each_kind(const struct probe *probe, each_fn *visit, void *userdata)
{
	static struct bw_open_kind kinds[BATCH]; /* 24 KiB with what is kept, and one thread */
	static struct bw_open_seen seen[BATCH];
	uint32_t cursor;
	void *from = NULL;
	bool more = true;
	int r = 0;

	while (r == 0 && more) {
		uint32_t count = BATCH;

		more = bpf_map_lookup_batch(
			       seen_fd(probe), from, &cursor, kinds, seen, &count, NULL) == 0;
		if (!more && errno != ENOENT)
			return -errno;
		for (uint32_t i = 0; r == 0 && i < count; i++)
			r = visit(&kinds[i], &seen[i], userdata);
		from = &cursor;
	}
	return r;
}

static int undecide(
	const struct bw_open_kind *kind, const struct bw_open_seen *seen, void *userdata)
{
	int r = probe_open_decide(userdata, kind, BW_OPEN_UNDECIDED);

	(void)seen;
	return r == -ENOENT ? 0 : r;
}

int probe_opens_undecide(struct probe *probe)
{
	return each_kind(probe, undecide, probe);
}

struct visit {
	uint64_t container;
	void (*visit)(const struct bw_open_kind *, const struct bw_open_seen *, void *);
	void *userdata;
};

static int visit_kind(
	const struct bw_open_kind *kind, const struct bw_open_seen *seen, void *userdata)
{
	const struct visit *v = userdata;

	if (!v->container || kind->container == v->container)
		v->visit(kind, seen, v->userdata);
	return 0;
}

int probe_open_seen(
	const struct probe *probe, const struct bw_open_kind *kind, struct bw_open_seen *ret)
{
	return bpf_map_lookup_elem(seen_fd(probe), kind, ret) < 0 ? -errno : 0;
}

int probe_opens_each(const struct probe *probe, uint64_t container,
	void (*visit)(
		const struct bw_open_kind *kind, const struct bw_open_seen *seen, void *userdata),
	void *userdata)
{
	struct visit v = {container, visit, userdata};

	return each_kind(probe, visit_kind, &v);
}

/* ---- how many of them ---- */

/*
 * That the kernel hands to a CPU at a time, and pushes others out when it does not find:
 * LOCAL_FREE_TARGET of kernel/bpf/bpf_lru_list.c, at most so many in each version so far.
 */
#define FREE_OF_CPU 128

/* Whether some may have been pushed out when ENTERED are there without that. */
static bool may_evict(const struct probe *probe, uint64_t entered)
{
	int cpus = libbpf_num_possible_cpus();

	return cpus < 0 || entered + (uint64_t)FREE_OF_CPU * (cpus + 1) > probe->config.opens_max;
}

static int count(const struct bw_open_kind *kind, const struct bw_open_seen *seen, void *userdata)
{
	(void)kind, (void)seen;
	++*(uint64_t *)userdata;
	return 0;
}

/* Between them opens go on: what comes meanwhile is not taken for pushed out. */
int opens_count(struct probe *probe, struct probe_counts *ret)
{
	uint64_t entered = __atomic_load_n(
		&probe->object->bss->bw_open_kinds_entered, __ATOMIC_ACQUIRE);
	uint64_t removed, gone, kept = 0;
	int r;

	ret->open_kinds = ret->open_kinds_evicted = 0;
	if (probe->selection.open == PROBE_OPEN_NONE)
		return 0;
	removed = probe->object->bss->bw_open_kinds_removed;
	if (entered != probe->kinds.entered && may_evict(probe, entered - removed)) {
		r = each_kind(probe, count, &kept);
		if (r < 0)
			return r;
		removed = probe->object->bss->bw_open_kinds_removed;
		if (entered > removed + kept + probe->kinds.evicted)
			probe->kinds.evicted = entered - removed - kept;
	}
	probe->kinds.entered = entered;
	gone = removed + probe->kinds.evicted;
	ret->open_kinds_evicted = probe->kinds.evicted;
	ret->open_kinds = entered > gone ? entered - gone : 0;
	return 0;
}

void probe_opens_read(struct probe *probe)
{
	probe->object->bss->bw_open_round++;
}

void probe_opens_carry(struct probe *probe, uint32_t texts)
{
	probe->object->bss->bw_open_context = texts;
}
