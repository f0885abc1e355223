/* SPDX-License-Identifier: Apache-2.0 */
/* Pinned and taken over, see adopt.h. */
#include "probe/adopt.h"

#include <bpf/bpf.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "base/cleanup.h"
#include "base/hash.h"

static const char *const tool_names[] = {
	[OBJECT_WALK] = "bw_task_walk",
	[OBJECT_DECIDE] = "bw_open_decide",
};

const struct bpf_program *object_tool(const struct barewatch_bpf *object, enum object_tool tool)
{
	return tool == OBJECT_WALK ? object->progs.bw_task_walk : object->progs.bw_open_decide;
}

bool object_is_tool(const struct barewatch_bpf *object, const struct bpf_program *program)
{
	for (int i = 0; i < OBJECT_TOOLS; i++)
		if (object_tool(object, i) == program)
			return true;
	return false;
}

static uint64_t hash_number(uint64_t hash, uint64_t number)
{
	return hash_add(hash, &number, sizeof(number));
}

uint64_t object_identity(const struct barewatch_bpf *object)
{
	const struct bpf_object_skeleton *s = object->skeleton;
	uint64_t hash = HASH_INIT;
	struct bpf_program *program;
	struct bpf_map *map;

	/* not by the skeleton's tables: what is in an entry differs by the version of bpftool */
	hash = hash_add(hash, s->data, s->data_sz);
	bpf_object__for_each_map(map, object->obj)
	{
		hash = hash_number(hash, bpf_map__max_entries(map));
	}
	bpf_object__for_each_program(program, object->obj)
	{
		hash = hash_number(hash, bpf_program__autoload(program));
	}
	return hash_add(hash, object->rodata, sizeof(*object->rodata));
}

/* Read-only memory is not needed twice: identity covers it. */
static bool is_pinned_map(const struct barewatch_bpf *object, const struct bpf_map *map)
{
	return map != object->maps.rodata;
}

static bool map_is_like(int fd, const struct bpf_map *map)
{
	struct bpf_map_info info = {0};
	__u32 size = sizeof(info);

	return bpf_obj_get_info_by_fd(fd, &info, &size) == 0 && info.type == bpf_map__type(map) &&
	       info.key_size == bpf_map__key_size(map) &&
	       info.value_size == bpf_map__value_size(map) &&
	       info.max_entries == bpf_map__max_entries(map) &&
	       strncmp(info.name, bpf_map__name(map), sizeof(info.name) - 1) == 0;
}

static int adopt_map(struct bpf_map *map, const struct probe_pins *pins, const char *generation)
{
	CLEANUP_FD int fd = pin_get(pins, generation, "map", bpf_map__name(map));

	if (fd < 0)
		return fd;
	return map_is_like(fd, map) ? bpf_map__reuse_fd(map, fd) : -EINVAL;
}

/* As libbpf does it when it loads: the memory that the skeleton points to becomes the map's. */
static int share_memory(const struct barewatch_bpf *object)
{
	void *memory = mmap(object->bss, sizeof(*object->bss), PROT_READ | PROT_WRITE,
		MAP_SHARED | MAP_FIXED, bpf_map__fd(object->maps.bss), 0);

	return memory == MAP_FAILED ? -errno : 0;
}

static int adopt_hook(struct hook *hook, const struct probe_pins *pins, const char *generation)
{
	CLEANUP_FD int prog = pin_get(pins, generation, "prog", hook_name(hook));
	CLEANUP_FD int link = prog < 0 ? -1 : pin_get(pins, generation, "link", hook_name(hook));
	int r = prog < 0 ? prog : hook_adopt(hook, prog, link < 0 ? -1 : link);

	if (r == -ENOENT && hook->is_optional) /* it could not be attached */
		return 0;
	if (r < 0)
		return r;
	TAKE_FD(prog);
	TAKE_FD(link);
	return 0;
}

static int adopt_tools(const struct probe_pins *pins, const char *generation, int *ret)
{
	for (int i = 0; i < OBJECT_TOOLS; i++) {
		ret[i] = pin_get(pins, generation, "prog", tool_names[i]);
		if (ret[i] < 0)
			return ret[i];
	}
	return 0;
}

int object_adopt(struct barewatch_bpf *object, struct hook *hooks, size_t hook_count,
	const struct probe_pins *pins, const char *generation, int *ret_tools)
{
	struct bpf_map *map;
	int r = adopt_tools(pins, generation, ret_tools);

	for (size_t i = 0; r == 0 && i < hook_count; i++)
		r = adopt_hook(&hooks[i], pins, generation);
	bpf_object__for_each_map(map, object->obj)
	{
		if (r == 0 && is_pinned_map(object, map))
			r = adopt_map(map, pins, generation);
	}
	return r == 0 ? share_memory(object) : r;
}

int hook_pin(struct hook *hook, const struct probe_pins *pins, const char *generation)
{
	int r = hook->link_fd < 0
			? 0
			: pin_put(pins, generation, "link", hook_name(hook), hook->link_fd);

	return r == -EINVAL ? 0 : r;
}

int object_pin(const struct barewatch_bpf *object, struct hook *hooks, size_t hook_count,
	const struct probe_pins *pins, const char *generation)
{
	struct bpf_map *map;
	int r = pin_begin(pins);

	bpf_object__for_each_map(map, object->obj)
	{
		if (r == 0 && is_pinned_map(object, map))
			r = pin_put(
				pins, PIN_UNFINISHED, "map", bpf_map__name(map), bpf_map__fd(map));
	}
	for (int i = 0; r == 0 && i < OBJECT_TOOLS; i++)
		r = pin_put(pins, PIN_UNFINISHED, "prog", tool_names[i],
			bpf_program__fd(object_tool(object, i)));
	for (size_t i = 0; r == 0 && i < hook_count; i++) {
		if (hooks[i].prog_fd < 0)
			continue;
		r = pin_put(pins, PIN_UNFINISHED, "prog", hook_name(&hooks[i]), hooks[i].prog_fd);
		if (r == 0)
			r = hook_pin(&hooks[i], pins, PIN_UNFINISHED);
	}
	return r == 0 ? pin_finish(pins, generation) : r;
}

/* While it is copied entries come and go: so no more turns than it can have entries, twice. */
static int copy_entries(int from, int to, size_t key_size, size_t value_size, size_t entries)
{
	size_t left = 2 * entries;
	CLEANUP_FREE char *key = malloc(key_size);
	CLEANUP_FREE char *value = malloc(value_size);
	bool more;

	if (!key || !value)
		return -ENOMEM;
	for (more = bpf_map_get_next_key(from, NULL, key) == 0; more && left > 0; left--) {
		if (bpf_map_lookup_elem(from, key, value) == 0 &&
			bpf_map_update_elem(to, key, value, BPF_NOEXIST) < 0 && errno != EEXIST)
			return -errno;
		more = bpf_map_get_next_key(from, key, key) == 0;
	}
	return 0;
}

int object_copy_map(const struct bpf_map *to, const struct probe_pins *pins, const char *from)
{
	CLEANUP_FD int fd = pin_get(pins, from, "map", bpf_map__name(to));

	if (fd < 0)
		return fd;
	return map_is_like(fd, to) ? copy_entries(fd, bpf_map__fd(to), bpf_map__key_size(to),
					     bpf_map__value_size(to), bpf_map__max_entries(to))
				   : -EINVAL;
}
