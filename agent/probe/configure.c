/* SPDX-License-Identifier: Apache-2.0 */
/* What the programs and maps are told before they are loaded: hierarchies, sizes, a secret. */
#include <bpf/btf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/random.h>
#include <unistd.h>

#include "probe/probe.h"

/* The kernel's index of a version 1 controller: enum cgroup_subsys_id of the running kernel. */
static int find_v1_subsys(const char *controller, int *ret)
{
	struct btf *btf = btf__load_vmlinux_btf();
	const struct btf_type *type;
	char name[64];
	int id, r = -ENOENT;

	if (!btf)
		return -errno;
	snprintf(name, sizeof(name), "%s_cgrp_id", controller);
	id = btf__find_by_name_kind(btf, "cgroup_subsys_id", BTF_KIND_ENUM);
	type = id < 0 ? NULL : btf__type_by_id(btf, id);
	for (int i = 0; type && i < btf_vlen(type); i++) {
		const struct btf_enum *e = &btf_enum(type)[i];

		if (strcmp(btf__name_by_offset(btf, e->name_off), name) == 0) {
			*ret = e->val;
			r = 0;
		}
	}
	btf__free(btf);
	return r;
}

static int configure_cgroups(struct probe *probe, struct diag *d)
{
	const struct cgroup_hierarchies *h = probe->config.hierarchies;
	int subsys = -1, r;

	probe->object->rodata->bw_v1_subsys = -1;
	if (!h->v1_path)
		return 0;
	r = find_v1_subsys(h->v1_controller, &subsys);
	if (r < 0)
		return probe_fail(d, r, "finding the cgroup controller in the kernel's types");
	probe->object->rodata->bw_v1_subsys = subsys;
	probe->object->rodata->bw_v1_hierarchy = h->v1_hierarchy;
	return 0;
}

/* A FRACTION of BYTES, but at least a page, which is the least that the kernel takes. */
static size_t side_ring_bytes(size_t bytes, size_t fraction)
{
	size_t page = sysconf(_SC_PAGESIZE);

	return bytes / fraction > page ? bytes / fraction : page;
}

/* Nobody fills it when opens are not told. */
static size_t opens_ring_bytes(const struct probe *probe)
{
	return probe->selection.open == PROBE_OPEN_NONE
		       ? (size_t)sysconf(_SC_PAGESIZE)
		       : side_ring_bytes(probe->config.ring_bytes, PROBE_OPENS_FRACTION);
}

static int configure_secret(struct probe *probe, struct diag *d)
{
	__u64 secret;

	if (getrandom(&secret, sizeof(secret), 0) != sizeof(secret))
		return probe_fail(d, -errno, "reading random numbers");
	probe->object->bss->bw_hash_secret = secret;
	return 0;
}

static void configure_shares(struct probe *probe)
{
	uint32_t share = probe->config.tasks_max / PROBE_TASKS_SHARES;

	probe->object->rodata->bw_tasks_share = share > 0 ? share : 1;
	probe->object->rodata->bw_open_share = opens_ring_bytes(probe) / PROBE_OPENS_SHARES;
	probe->object->bss->bw_open_context = ~0u;
}

static int configure_sizes(struct probe *probe, struct diag *d)
{
	struct barewatch_bpf *object = probe->object;
	size_t bytes = probe->config.ring_bytes;
	bool opens = probe->selection.open != PROBE_OPEN_NONE;
	int r;

	r = bpf_map__set_max_entries(object->maps.bw_events, bytes);
	if (r == 0)
		r = bpf_map__set_max_entries(
			object->maps.bw_attempts, side_ring_bytes(bytes, PROBE_ATTEMPTS_FRACTION));
	if (r == 0)
		r = bpf_map__set_max_entries(
			object->maps.bw_mappings, side_ring_bytes(bytes, PROBE_MAPPINGS_FRACTION));
	if (r == 0)
		r = bpf_map__set_max_entries(object->maps.bw_opens, opens_ring_bytes(probe));
	if (r == 0)
		r = bpf_map__set_max_entries(
			object->maps.bw_opens_seen, opens ? probe->config.opens_max : 1);
	if (r == 0)
		r = bpf_map__set_max_entries(object->maps.bw_scopes, probe->config.scopes_max);
	if (r == 0)
		r = bpf_map__set_max_entries(object->maps.bw_tasks, probe->config.tasks_max);
	if (r == 0 && !probe->selection.late) /* nobody fills it */
		r = bpf_map__set_max_entries(object->maps.bw_prepared, 1);
	return r < 0 ? probe_fail(d, r, "setting the sizes of the kernel side") : 0;
}

int probe_configure(struct probe *probe, struct diag *d)
{
	int r = configure_cgroups(probe, d);

	configure_shares(probe);
	if (r == 0)
		r = configure_secret(probe, d);
	return r == 0 ? configure_sizes(probe, d) : r;
}
