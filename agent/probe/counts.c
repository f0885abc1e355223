/* SPDX-License-Identifier: Apache-2.0 */
/* The counters of the kernel side. */
#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "probe/probe.h"

int read_per_cpu(int fd, uint32_t index, uint64_t **ret, size_t *ret_count)
{
	CLEANUP_FREE uint64_t *values = NULL;
	int cpus = libbpf_num_possible_cpus();

	if (cpus < 0)
		return cpus;
	values = calloc(cpus, sizeof(*values));
	if (!values)
		return -ENOMEM;
	if (bpf_map_lookup_elem(fd, &index, values) < 0)
		return -errno;
	*ret = TAKE_PTR(values);
	*ret_count = cpus;
	return 0;
}

int sum_per_cpu(int fd, uint32_t index, uint64_t *ret, size_t words)
{
	int cpus = libbpf_num_possible_cpus();
	CLEANUP_FREE uint64_t *values = NULL;

	if (cpus < 0)
		return cpus;
	values = calloc(cpus, words * sizeof(*values));
	if (!values)
		return -ENOMEM;
	if (bpf_map_lookup_elem(fd, &index, values) < 0)
		return -errno;
	memset(ret, 0, words * sizeof(*ret));
	for (size_t i = 0; i < cpus * words; i++)
		ret[i % words] += values[i];
	return 0;
}

int probe_counts_read(struct probe *probe, struct probe_counts *ret)
{
	int counts = bpf_map__fd(probe->object->maps.bw_counts);
	int failures = bpf_map__fd(probe->object->maps.bw_failures);
	uint64_t words[4], lost = 0;
	int r = 0;

	_Static_assert(sizeof(words) == sizeof(struct bw_counters), "counters are four words");
	for (uint32_t i = 0; r == 0 && i < BW_EVENT_KINDS; i++) {
		r = sum_per_cpu(counts, i, words, ARRAY_SIZE(words));
		if (r == 0)
			memcpy(&ret->events[i], words, sizeof(words));
		lost += ret->events[i].lost;
	}
	if (r == 0)
		probe->memory->lost = lost;
	for (uint32_t i = 0; r == 0 && i < BW_FAILURES; i++)
		r = sum_per_cpu(failures, i, &ret->failures[i], 1);
	ret->moved = probe->object->bss->bw_tasks_moved;
	ret->missed = 0;
	for (size_t i = 0; i < probe->hook_count; i++)
		ret->missed += hook_missed(&probe->hooks[i]);
	return r == 0 ? opens_count(probe, ret) : r;
}
