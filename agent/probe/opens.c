/* SPDX-License-Identifier: Apache-2.0 */
/* What the kernel side keeps of opened files: which of them are sent again, and how many there were. */
#include <bpf/bpf.h>
#include <errno.h>

#include "probe/probe.h"

static int seen_fd(const struct probe *probe)
{
	return bpf_map__fd(probe->object->maps.bw_opens_seen);
}

/* Its counts go on meanwhile: those of a few ns may be missing. */
static int decide(int fd, const struct bw_open_kind *kind, enum bw_open_state state)
{
	struct bw_open_seen seen;

	if (bpf_map_lookup_elem(fd, kind, &seen) < 0)
		return -errno;
	seen.state = state;
	if (state == BW_OPEN_UNDECIDED)
		seen.tgid = 0;
	return bpf_map_update_elem(fd, kind, &seen, BPF_EXIST) < 0 ? -errno : 0;
}

int probe_open_decide(
	struct probe *probe, const struct bw_open_kind *kind, enum bw_open_state state)
{
	return decide(seen_fd(probe), kind, state);
}

/* Calls VISIT for each key that is there at its turn. */
static int each_kind(int fd, int (*visit)(int fd, const struct bw_open_kind *kind, void *userdata),
	void *userdata)
{
	struct bw_open_kind kind, next;
	const struct bw_open_kind *previous = NULL;
	int r = 0;

	while (r == 0 && bpf_map_get_next_key(fd, previous, &next) == 0) {
		kind = next;
		previous = &kind;
		r = visit(fd, &kind, userdata);
	}
	return r;
}

static int undecide(int fd, const struct bw_open_kind *kind, void *userdata)
{
	int r = decide(fd, kind, BW_OPEN_UNDECIDED);

	(void)userdata;
	return r == -ENOENT ? 0 : r;
}

int probe_opens_undecide(struct probe *probe)
{
	return each_kind(seen_fd(probe), undecide, NULL);
}

struct visit {
	uint64_t container;
	void (*visit)(const struct bw_open_kind *, const struct bw_open_seen *, void *);
	void *userdata;
};

static int visit_kind(int fd, const struct bw_open_kind *kind, void *userdata)
{
	const struct visit *v = userdata;
	struct bw_open_seen seen;

	if (v->container && kind->container != v->container)
		return 0;
	if (bpf_map_lookup_elem(fd, kind, &seen) == 0)
		v->visit(kind, &seen, v->userdata);
	return 0;
}

int probe_opens_each(const struct probe *probe, uint64_t container,
	void (*visit)(
		const struct bw_open_kind *kind, const struct bw_open_seen *seen, void *userdata),
	void *userdata)
{
	struct visit v = {container, visit, userdata};

	return each_kind(seen_fd(probe), visit_kind, &v);
}

void probe_opens_read(struct probe *probe)
{
	probe->object->bss->bw_open_round++;
}
