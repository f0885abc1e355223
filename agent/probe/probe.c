/* SPDX-License-Identifier: Apache-2.0 */
/* The kernel side: opened, loaded, attached and pinned, or taken over. */
#include "barewatch/probe.h"

#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/log.h"
#include "probe/adopt.h"
#include "probe/held.h"
#include "probe/probe.h"

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

int probe_fail(struct diag *d, int error, const char *what)
{
	diag_at(d, NULL, 0, 0, "%s: %s", what, strerror(-error));
	return error;
}

static int open_ring(struct probe *probe, enum probe_ring ring, const struct bpf_map *map)
{
	probe->readers[ring].sequences = &probe->sequences;
	return reader_open(probe, &probe->readers[ring], ring, bpf_map__fd(map));
}

static int map_memory(struct probe *probe)
{
	void *memory = mmap(NULL, sizeof(*probe->memory), PROT_READ | PROT_WRITE, MAP_SHARED,
		bpf_map__fd(probe->object->maps.bw_agent), 0);

	if (memory == MAP_FAILED)
		return -errno;
	probe->memory = probe->sequences.memory = memory;
	return 0;
}

static int open_rings(struct probe *probe, struct diag *d)
{
	int r = map_memory(probe);

	if (r == 0)
		r = open_ring(probe, PROBE_RING_EVENTS, probe->object->maps.bw_events);
	if (r == 0)
		r = open_ring(probe, PROBE_RING_ATTEMPTS, probe->object->maps.bw_attempts);
	if (r == 0)
		r = open_ring(probe, PROBE_RING_MAPPINGS, probe->object->maps.bw_mappings);
	if (r == 0)
		r = open_ring(probe, PROBE_RING_OPENS, probe->object->maps.bw_opens);
	return r < 0 ? probe_fail(d, r, "mapping the event rings") : 0;
}

/* ---- the kernel side, new or taken over ---- */

static void close_object(struct probe *probe)
{
	for (size_t i = 0; i < probe->hook_count; i++)
		hook_done(&probe->hooks[i]);
	probe->hook_count = 0;
	for (int i = 0; i < OBJECT_TOOLS; i++) {
		fd_cleanup(&probe->tools[i]);
		probe->tools[i] = -1;
	}
	barewatch_bpf__destroy(probe->object);
	probe->object = NULL;
}

static bool is_hook(const struct probe *probe, const struct bpf_program *program)
{
	return bpf_program__autoload(program) && !object_is_tool(probe->object, program);
}

static int find_hooks(struct probe *probe)
{
	struct bpf_program *program;

	bpf_object__for_each_program(program, probe->object->obj)
	{
		if (!is_hook(probe, program))
			continue;
		if (probe->hook_count == HOOKS_MAX)
			return -E2BIG;
		probe->hooks[probe->hook_count] = HOOK_INIT;
		probe->hooks[probe->hook_count].is_optional = selection_is_optional(program);
		probe->hooks[probe->hook_count++].program = program;
	}
	return 0;
}

static int open_object(struct probe *probe, struct diag *d)
{
	int r;

	probe->object = barewatch_bpf__open();
	if (!probe->object)
		return probe_fail(d, -errno, "opening the kernel side");
	selection_apply(&probe->selection, probe->object);
	r = probe_configure(probe, d);
	if (r == 0 && find_hooks(probe) < 0)
		r = probe_fail(d, -E2BIG, "opening the kernel side");
	if (r == 0)
		pin_generation(probe->generation, object_identity(probe->object));
	return r;
}

int probe_attach(struct probe *probe, struct hook *hook, struct diag *d)
{
	int r = hook_attach(hook, d);

	if (r == 0 || !hook->is_optional)
		return r;
	if (!selection_do_without(&probe->selection, hook->program, d))
		return r;
	hook_done(hook);
	return 0;
}

static int dup_program(const struct bpf_program *program)
{
	int fd = fcntl(bpf_program__fd(program), F_DUPFD_CLOEXEC, 0);

	return fd < 0 ? -errno : fd;
}

/* Each has a descriptor of its own, as what is taken over has. */
static int take_programs(struct probe *probe)
{
	for (size_t i = 0; i < probe->hook_count; i++) {
		struct hook *hook = &probe->hooks[i];

		hook->prog_fd = dup_program(hook->program);
		if (hook->prog_fd < 0)
			return hook->prog_fd;
	}
	for (int i = 0; i < OBJECT_TOOLS; i++) {
		probe->tools[i] = dup_program(object_tool(probe->object, i));
		if (probe->tools[i] < 0)
			return probe->tools[i];
	}
	return 0;
}

static int load(struct probe *probe, struct diag *d)
{
	int r = barewatch_bpf__load(probe->object);

	if (r == 0)
		r = take_programs(probe);
	return r < 0 ? probe_fail(d, r,
			       "the kernel refused to load the programs (--verbose has its reasons)")
		     : 0;
}

static int attach(struct probe *probe, struct diag *d)
{
	int r = 0;

	for (size_t i = 0; r == 0 && i < probe->hook_count; i++)
		if (!probe_hook_rests(probe, &probe->hooks[i]))
			r = probe_attach(probe, &probe->hooks[i], d);
	return r;
}

static int pin(struct probe *probe, struct diag *d)
{
	int r;

	if (!probe->config.pins)
		return 0;
	r = object_pin(probe->object, probe->hooks, probe->hook_count, probe->config.pins,
		probe->generation);
	return r < 0 ? probe_fail(d, r, "pinning the kernel side") : takeover_replace(probe, d);
}

/* Gives up all but the configuration. */
static void probe_reset(struct probe *probe)
{
	for (int i = 0; i < PROBE_RINGS; i++) {
		reader_done(&probe->readers[i]);
		reader_done(&probe->old[i]);
		free(TAKE_PTR(probe->sent[i].cpus));
	}
	if (probe->memory)
		munmap(probe->memory, sizeof(*probe->memory));
	probe->memory = NULL;
	close_object(probe);
}

static int start(struct probe *probe, struct diag *d);

/* It is another kernel side by now. */
static int start_again(struct probe *probe, struct diag *d)
{
	int r;

	probe_reset(probe);
	r = open_object(probe, d);
	return r == 0 ? start(probe, d) : r;
}

static int start_new(struct probe *probe, struct diag *d)
{
	int r = load(probe, d);

	/* what can be done without may be what the kernel does not take */
	if (r < 0 && selection_give_up_optional(&probe->selection, r))
		return start_again(probe, d);
	if (r == 0)
		r = open_rings(probe, d);
	if (r == 0)
		takeover_copy(probe);
	if (r == 0)
		r = attach(probe, d);
	if (r == 0 && probe->selection.open_changed) {
		probe->selection.open_changed = false;
		return start_again(probe, d);
	}
	if (r == 0)
		takeover_copy_tasks(probe);
	return r == 0 ? pin(probe, d) : r;
}

static int start_adopted(struct probe *probe, struct diag *d)
{
	int r = takeover_adopt(probe, d);

	if (r == 0)
		r = open_rings(probe, d);
	if (r == 0)
		r = takeover_continue(probe, d);
	/* it was attached before, and cannot be again */
	return r == 0 && probe->selection.open_changed ? -EOPNOTSUPP : r;
}

/* What is pinned cannot be taken over, for the reason in D: it is removed. */
static int start_instead(struct probe *probe, struct diag *d)
{
	int r;

	log_warning("the kernel side that is pinned is not taken over (%s): it is replaced",
		d->message);
	probe_reset(probe);
	probe->selection.open_changed = false;
	r = pin_remove(probe->config.pins, probe->generation, NULL);
	if (r < 0)
		return probe_fail(d, r, "removing what is pinned");
	r = open_object(probe, d);
	return r == 0 ? start_new(probe, d) : r;
}

/* Takes over what is pinned, if that is what would be started. */
static int start(struct probe *probe, struct diag *d)
{
	if (!takeover_is_possible(probe))
		return start_new(probe, d);
	return start_adopted(probe, d) < 0 ? start_instead(probe, d) : 0;
}

int probe_new(const struct probe_config *config, struct probe **ret, struct diag *d)
{
	CLEANUP(probe_cleanup) struct probe *probe = calloc(1, sizeof(*probe));
	int r;

	libbpf_set_print(forward_message);
	if (!probe)
		return probe_fail(d, -ENOMEM, "starting");
	probe->config = *config;
	probe->opens_told = config->opens && !config->opens_wait;
	for (int i = 0; i < OBJECT_TOOLS; i++)
		probe->tools[i] = -1;
	r = selection_choose(&probe->selection, config, d);
	if (r == 0)
		r = open_object(probe, d);
	if (r == 0)
		r = start(probe, d);
	if (r < 0)
		return r;
	selection_say_unseen(&probe->selection);
	*ret = TAKE_PTR(probe);
	return 0;
}

void probe_free(struct probe *probe)
{
	if (!probe)
		return;
	probe_reset(probe);
	free(probe);
}

enum probe_open_variant probe_open_variant(const struct probe *probe)
{
	return probe->selection.open;
}

const char *probe_open_tried(const struct probe *probe)
{
	return probe->selection.open_tried;
}

int probe_tasks_walk(struct probe *probe)
{
	CLEANUP_FD int link = bpf_link_create(probe->tools[OBJECT_WALK], 0, BPF_TRACE_ITER, NULL),
		       fd = -1;
	char nothing[16];
	ssize_t r;

	if (link < 0)
		return -errno;
	fd = bpf_iter_create(link);
	if (fd < 0)
		return -errno;
	do /* it goes in steps on long ways */
		r = read(fd, nothing, sizeof(nothing));
	while (r > 0 || (r < 0 && errno == EAGAIN));
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

/* Nobody but the agent adds to it, so it gets empty. */
int probe_known_clear(struct probe *probe)
{
	int fd = bpf_map__fd(probe->object->maps.bw_known);
	struct bw_known key;

	while (bpf_map_get_next_key(fd, NULL, &key) == 0)
		if (bpf_map_delete_elem(fd, &key) < 0 && errno != ENOENT)
			return -errno;
	return errno == ENOENT ? 0 : -errno;
}

int probe_held_take(struct probe *probe, probe_held_fn *on_held, void *userdata)
{
	return held_take(bpf_map__fd(probe->object->maps.bw_attempt_kinds), on_held, userdata);
}

void probe_capabilities_carry(struct probe *probe, bool wanted)
{
	probe->object->bss->bw_capabilities = wanted;
}
