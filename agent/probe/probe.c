/* SPDX-License-Identifier: Apache-2.0 */
/* The kernel side: configured, loaded, attached, read and counted. */
#include "barewatch/probe.h"

#include <bpf/bpf.h>
#include <bpf/btf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <unistd.h>

#include "barewatch.skel.h"
#include "base/cleanup.h"
#include "base/log.h"
#include "probe/held.h"
#include "probe/hooks.h"

/* A ring and its reader. */
struct reader {
	struct ring_buffer *ring;
	probe_record_fn *on_record;
	void *userdata;
	size_t left; /* of the budget of the drain that is under way */
};

struct probe {
	struct probe_config config;
	struct barewatch_bpf *object;
	struct hooks hooks;
	struct reader readers[PROBE_RINGS];
};

DEFINE_CLEANUP(struct probe, probe, probe_free);

/* libbpf's warnings, the verifier's log among them, line by line, for --verbose. */
static int forward_message(enum libbpf_print_level level, const char *format, va_list args)
{
	CLEANUP_STRBUF struct strbuf text = STRBUF_INIT;
	char *save;

	if (level == LIBBPF_DEBUG)
		return 0;
	strbuf_addv(&text, format, args);
	for (char *line = text.data ? strtok_r(text.data, "\n", &save) : NULL; line;
		line = strtok_r(NULL, "\n", &save))
		log_debug("%s", line);
	return 0;
}

static int fail(struct diag *d, int error, const char *what)
{
	diag_at(d, NULL, 0, 0, "%s: %s", what, strerror(-error));
	return error;
}

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
		return fail(d, r, "finding the cgroup controller in the kernel's types");
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

static int configure_secret(struct probe *probe, struct diag *d)
{
	__u64 secret;

	if (getrandom(&secret, sizeof(secret), 0) != sizeof(secret))
		return fail(d, -errno, "reading random numbers");
	probe->object->rodata->bw_hash_secret = secret;
	return 0;
}

static int configure_sizes(struct probe *probe, struct diag *d)
{
	struct barewatch_bpf *object = probe->object;
	size_t bytes = probe->config.ring_bytes;
	int r;

	r = bpf_map__set_max_entries(object->maps.bw_events, bytes);
	if (r == 0)
		r = bpf_map__set_max_entries(
			object->maps.bw_attempts, side_ring_bytes(bytes, PROBE_ATTEMPTS_FRACTION));
	if (r == 0)
		r = bpf_map__set_max_entries(
			object->maps.bw_mappings, side_ring_bytes(bytes, PROBE_MAPPINGS_FRACTION));
	if (r == 0)
		r = bpf_map__set_max_entries(object->maps.bw_scopes, probe->config.scopes_max);
	if (r == 0)
		r = bpf_map__set_max_entries(object->maps.bw_tasks, probe->config.tasks_max);
	return r < 0 ? fail(d, r, "setting the sizes of the kernel side") : 0;
}

/* Ends the drain (-EINTR) with the record that uses up the budget. */
static int on_sample(void *context, void *data, size_t size)
{
	struct reader *reader = context;

	reader->on_record(data, size, reader->userdata);
	return --reader->left > 0 ? 0 : -EINTR;
}

static int open_ring(struct probe *probe, enum probe_ring ring, const struct bpf_map *map)
{
	struct reader *reader = &probe->readers[ring];

	reader->on_record = probe->config.on_record[ring];
	reader->userdata = probe->config.userdata;
	reader->ring = ring_buffer__new(bpf_map__fd(map), on_sample, reader, NULL);
	return reader->ring ? 0 : -errno;
}

static int open_rings(struct probe *probe, struct diag *d)
{
	int r = open_ring(probe, PROBE_RING_EVENTS, probe->object->maps.bw_events);

	if (r == 0)
		r = open_ring(probe, PROBE_RING_ATTEMPTS, probe->object->maps.bw_attempts);
	if (r == 0)
		r = open_ring(probe, PROBE_RING_MAPPINGS, probe->object->maps.bw_mappings);
	return r < 0 ? fail(d, r, "mapping the event rings") : 0;
}

static int attach(struct probe *probe, struct diag *d)
{
	int r = barewatch_bpf__attach(probe->object);

	if (r < 0)
		return fail(d, r,
			"the kernel refused to attach the programs (--verbose has its reasons)");
	return hooks_attach(&probe->hooks, probe->object, d);
}

/* Everything up to the programs in the kernel, with the hooks that are chosen. */
static int open_and_load(struct probe *probe, struct diag *d)
{
	int r;

	probe->object = barewatch_bpf__open();
	if (!probe->object)
		return fail(d, -errno, "opening the kernel side");
	hooks_apply(&probe->hooks, probe->object);
	r = configure_cgroups(probe, d);
	if (r == 0)
		r = configure_secret(probe, d);
	if (r == 0)
		r = configure_sizes(probe, d);
	if (r < 0)
		return r;
	bpf_program__set_autoattach(probe->object->progs.bw_task_walk, false);
	r = barewatch_bpf__load(probe->object);
	return r < 0 ? fail(d, r,
			       "the kernel refused to load the programs (--verbose has its reasons)")
		     : 0;
}

/* What can be done without may be what the kernel does not take. */
static int load(struct probe *probe, struct diag *d)
{
	int r;

	hooks_choose(&probe->hooks, probe->config.coverage);
	r = open_and_load(probe, d);
	if (r == 0 || !hooks_give_up_optional(&probe->hooks, r))
		return r;
	barewatch_bpf__destroy(probe->object);
	return open_and_load(probe, d);
}

int probe_new(const struct probe_config *config, struct probe **ret, struct diag *d)
{
	CLEANUP(probe_cleanup) struct probe *probe = calloc(1, sizeof(*probe));
	int r;

	libbpf_set_print(forward_message);
	if (!probe)
		return fail(d, -ENOMEM, "starting");
	probe->config = *config;
	r = load(probe, d);
	if (r == 0)
		r = open_rings(probe, d);
	if (r == 0)
		r = attach(probe, d);
	if (r < 0)
		return r;
	*ret = TAKE_PTR(probe);
	return 0;
}

void probe_free(struct probe *probe)
{
	if (!probe)
		return;
	for (int i = 0; i < PROBE_RINGS; i++)
		ring_buffer__free(probe->readers[i].ring);
	hooks_done(&probe->hooks);
	barewatch_bpf__destroy(probe->object);
	free(probe);
}

const char *probe_unseen(const struct probe *probe, size_t index)
{
	return hooks_unseen(&probe->hooks, index);
}

int probe_fd(const struct probe *probe, enum probe_ring ring)
{
	return ring_buffer__epoll_fd(probe->readers[ring].ring);
}

int probe_drain(struct probe *probe, enum probe_ring ring, size_t budget)
{
	struct reader *reader = &probe->readers[ring];
	int r;

	reader->left = budget;
	r = ring_buffer__consume(reader->ring);
	return r < 0 && r != -EINTR ? r : (int)(budget - reader->left);
}

/* The entry that counts what is made below the cgroup KEY of CONTAINER. */
static uint64_t find_counter(const struct probe *probe, uint64_t key, uint64_t container)
{
	struct bw_scope scope;

	if (key == container)
		return key;
	return probe_scope_get(probe, container, &scope) == 0 ? scope.counter : 0;
}

/* Writes SCOPE; what the kernel side counts in an entry that is there stays as it is. */
static int scope_update(struct probe *probe, uint64_t key, struct bw_scope *scope, int flags)
{
	int fd = bpf_map__fd(probe->object->maps.bw_scopes);
	struct bw_scope old;

	if (probe_scope_get(probe, key, &old) == 0) {
		scope->children = old.children;
		scope->is_counted = old.is_counted;
		if (old.is_counted)
			scope->counter = old.counter;
	}
	return bpf_map_update_elem(fd, &key, scope, flags) < 0 ? -errno : 0;
}

int probe_scope_set(
	struct probe *probe, uint64_t key, uint64_t container, enum bw_scope_state state)
{
	struct bw_scope scope = {.container = container,
		.counter = find_counter(probe, key, container),
		.state = state};

	return scope_update(probe, key, &scope, BPF_ANY);
}

int probe_scope_set_nested(struct probe *probe, uint64_t key, enum bw_scope_state state)
{
	struct bw_scope scope = {.container = key, .state = state};

	return scope_update(probe, key, &scope, BPF_ANY);
}

int probe_scope_decide(
	struct probe *probe, uint64_t key, uint64_t container, enum bw_scope_state state)
{
	struct bw_scope scope = {.container = container,
		.counter = find_counter(probe, key, container),
		.state = state};
	int r = scope_update(probe, key, &scope, BPF_EXIST);

	return r == -ENOENT ? 0 : r;
}

int probe_scope_get(const struct probe *probe, uint64_t key, struct bw_scope *ret)
{
	int fd = bpf_map__fd(probe->object->maps.bw_scopes);

	return bpf_map_lookup_elem(fd, &key, ret) < 0 ? -errno : 0;
}

void probe_scope_incomplete(struct probe *probe)
{
	probe->object->bss->bw_scope_incomplete = 1;
}

int probe_scope_remove(struct probe *probe, uint64_t key)
{
	int fd = bpf_map__fd(probe->object->maps.bw_scopes);

	return bpf_map_delete_elem(fd, &key) < 0 && errno != ENOENT ? -errno : 0;
}

int probe_tasks_walk(struct probe *probe)
{
	struct bpf_link *link = bpf_program__attach_iter(probe->object->progs.bw_task_walk, NULL);
	CLEANUP_FD int fd = -1;
	char nothing[16];
	ssize_t r;

	if (!link)
		return -errno;
	fd = bpf_iter_create(bpf_link__fd(link));
	r = fd < 0 ? fd : 1;
	while (r > 0 || (r < 0 && errno == EAGAIN && fd >= 0)) /* it goes in steps on long ways */
		r = read(fd, nothing, sizeof(nothing));
	bpf_link__destroy(link);
	return r < 0 ? -errno : 0;
}

int probe_runtime_add(struct probe *probe, const char *name)
{
	struct bw_comm comm = {0};
	uint8_t present = 1;

	memcpy(comm.name, name, strnlen(name, sizeof(comm.name) - 1));
	return bpf_map_update_elem(
		       bpf_map__fd(probe->object->maps.bw_runtimes), &comm, &present, BPF_ANY) < 0
		       ? -errno
		       : 0;
}

int probe_known_add(struct probe *probe, uint64_t container, const struct bw_file *file)
{
	struct bw_known key = {
		.container = container,
		.inode = file->inode,
		.size_bytes = file->size_bytes,
		.ctime_s = file->ctime_s,
		.ctime_ns = file->ctime_ns,
		.dev_major = file->dev_major,
		.dev_minor = file->dev_minor,
	};
	uint8_t present = 1;
	int fd = bpf_map__fd(probe->object->maps.bw_known);

	return bpf_map_update_elem(fd, &key, &present, BPF_ANY) < 0 ? -errno : 0;
}

int probe_held_take(struct probe *probe, probe_held_fn *on_held, void *userdata)
{
	return held_take(bpf_map__fd(probe->object->maps.bw_attempt_kinds), on_held, userdata);
}

/* Reads entry INDEX of a per-CPU array of counters, of which WORDS each, and adds them up. */
static int sum_counters(const struct bpf_map *map, uint32_t index, uint64_t *ret, size_t words)
{
	int cpus = libbpf_num_possible_cpus();
	CLEANUP_FREE uint64_t *values = NULL;

	if (cpus < 0)
		return cpus;
	values = calloc(cpus, words * sizeof(*values));
	if (!values)
		return -ENOMEM;
	if (bpf_map_lookup_elem(bpf_map__fd(map), &index, values) < 0)
		return -errno;
	memset(ret, 0, words * sizeof(*ret));
	for (size_t i = 0; i < cpus * words; i++)
		ret[i % words] += values[i];
	return 0;
}

/* Runs of PROGRAM that the kernel skipped; 0 on kernels that do not count them. */
static uint64_t program_missed(const struct bpf_program *program)
{
	struct bpf_prog_info info = {0};
	__u32 size = sizeof(info);

	if (bpf_obj_get_info_by_fd(bpf_program__fd(program), &info, &size) < 0)
		return 0;
	return info.recursion_misses;
}

int probe_counts_read(const struct probe *probe, struct probe_counts *ret)
{
	const struct barewatch_bpf *object = probe->object;
	struct bpf_program *program = NULL;
	uint64_t words[4];
	int r = 0;

	_Static_assert(sizeof(words) == sizeof(struct bw_counters), "counters are four words");
	for (uint32_t i = 0; r == 0 && i < BW_EVENT_KINDS; i++) {
		r = sum_counters(object->maps.bw_counts, i, words, ARRAY_SIZE(words));
		if (r == 0)
			memcpy(&ret->events[i], words, sizeof(words));
	}
	for (uint32_t i = 0; r == 0 && i < BW_FAILURES; i++)
		r = sum_counters(object->maps.bw_failures, i, &ret->failures[i], 1);
	ret->moved = object->bss->bw_tasks_moved;
	ret->missed = 0;
	while ((program = bpf_object__next_program(object->obj, program)))
		ret->missed += program_missed(program);
	return r;
}
