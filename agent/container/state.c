/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the files of container engines tell of a container. They are complete
 * before the container's cgroup is made, so one look when that appears is enough.
 * Their content is not trusted: sizes and depths are limited, and a wrong type
 * means unknown.
 */
#include "container/reader.h"

#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "base/clock.h"
#include "base/io.h"

#define STATE_FILE_MAX (16u << 20) /* Podman's containers.json has about 1 KiB a container */

/* A container must not keep the agent busy: this much JSON is parsed in some milliseconds. */
#define STATE_UNTRUSTED_MAX (256u << 10)

bool state_path(char path[static PATH_MAX], const char *format, ...)
{
	va_list args;
	int len;

	va_start(args, format);
	len = vsnprintf(path, PATH_MAX, format, args);
	va_end(args);
	return len >= 0 && len < PATH_MAX;
}

/* Same as state_read(), with the number of bytes. */
static char *read_sized(
	const struct container_roots *roots, const char *path, size_t limit, size_t *ret_size)
{
	CLEANUP_FD int fd = host_open(roots, path, O_RDONLY);
	char *text;

	if (roots->is_untrusted && limit > STATE_UNTRUSTED_MAX)
		limit = STATE_UNTRUSTED_MAX;
	return fd >= 0 && read_file_fd(fd, limit, &text, ret_size) == 0 ? text : NULL;
}

char *state_read(const struct container_roots *roots, const char *path, size_t limit)
{
	size_t size;

	return read_sized(roots, path, limit, &size);
}

json_t *state_load(const struct container_roots *roots, const char *path)
{
	return state_load_with(roots, path, "");
}

json_t *state_load_with(const struct container_roots *roots, const char *path, const char *word)
{
	size_t size;
	CLEANUP_FREE char *text = read_sized(roots, path, STATE_FILE_MAX, &size);

	if (!text || !memmem(text, size, word, strlen(word)))
		return NULL;
	return json_loadb(text, size, 0, NULL);
}

const char *state_text(const json_t *object, const char *key)
{
	return json_string_value(json_object_get(object, key));
}

void state_learn(struct container *container, const json_t *object, const struct state_key *keys,
	size_t count, const char *source)
{
	for (size_t i = 0; i < count; i++)
		container_learn(container, keys[i].text, state_text(object, keys[i].key), source);
}

/* The digits behind the point, as nanoseconds; *TEXT is then what follows them. */
static long long read_fraction(const char **text)
{
	long long ns = 0, unit = NS_PER_S;
	const char *p = *text;

	if (*p == '.' && strspn(p + 1, "0123456789") > 0)
		for (p++; *p >= '0' && *p <= '9'; p++)
			ns += (*p - '0') * (unit /= 10);
	*text = p;
	return ns;
}

/* "Z" or "+02:00" as seconds east. False when TEXT is neither. */
static bool read_offset(const char *text, long *ret)
{
	int hours, minutes, end = 0;

	*ret = 0;
	if (strcmp(text, "Z") == 0)
		return true;
	if ((text[0] != '+' && text[0] != '-') || strlen(text) != 6 ||
		sscanf(text + 1, "%2d:%2d%n", &hours, &minutes, &end) != 2 || end != 5)
		return false;
	*ret = (hours * 60 + minutes) * 60 * (text[0] == '-' ? -1 : 1);
	return hours >= 0 && hours < 24 && minutes >= 0 && minutes < 60;
}

bool state_time(const char *text, uint64_t *ret_ns)
{
	struct tm tm = {0};
	long long seconds, fraction_ns;
	long offset;

	text = text ? strptime(text, "%Y-%m-%dT%H:%M:%S", &tm) : NULL;
	if (!text)
		return false;
	fraction_ns = read_fraction(&text);
	if (!read_offset(text, &offset))
		return false;
	seconds = (long long)timegm(&tm) - offset;
	if (seconds < 0 || seconds > (long long)(INT64_MAX / NS_PER_S) - 1)
		return false;
	*ret_ns = seconds * NS_PER_S + fraction_ns;
	return true;
}

void state_learn_time(struct container *container, enum container_number number, const char *text,
	const char *source)
{
	uint64_t ns;

	if (state_time(text, &ns))
		container_learn_number(container, number, ns, source);
}

void state_learn_map(struct container *container, enum container_map_kind kind,
	const json_t *object, const char *source)
{
	CLEANUP(container_map_done) struct container_map map = CONTAINER_MAP_INIT;
	const char *key;
	json_t *value;

	if (!json_is_object(object))
		return;
	json_object_foreach ((json_t *)object, key, value) {
		if (json_is_string(value))
			container_map_add(&map, slice_of(key), slice_of(json_string_value(value)));
		else
			map.is_truncated = true;
	}
	container_learn_map(container, kind, &map, source);
}

void state_learn_integer(struct container *container, enum container_number number,
	const json_t *value, const char *source)
{
	json_int_t integer = json_integer_value(value);

	if (json_is_integer(value) && integer >= 0 && integer <= INT_MAX)
		container_learn_number(container, number, integer, source);
}

void state_learn_count(struct container *container, enum container_number number, const char *text,
	const char *source)
{
	uint64_t count = 0;

	if (!text || !text[0] || strlen(text) > 9 || strspn(text, "0123456789") != strlen(text))
		return;
	for (const char *p = text; *p; p++)
		count = count * 10 + (*p - '0');
	container_learn_number(container, number, count, source);
}

static container_reader *const readers[CONTAINER_RUNTIMES] = {
	[CONTAINER_RUNTIME_DOCKER] = docker_read,
	[CONTAINER_RUNTIME_CONTAINERD] = containerd_read,
	[CONTAINER_RUNTIME_CRIO] = crio_read,
	[CONTAINER_RUNTIME_PODMAN] = podman_read,
};

bool state_id_is_file_name(const char *id)
{
	return id[0] && strcmp(id, ".") != 0 && strcmp(id, "..") != 0 && !strchr(id, '/');
}

bool container_read_state(struct container *container, const struct container_roots *roots)
{
	if (!state_id_is_file_name(container->id))
		return false;
	if (container->runtime != CONTAINER_RUNTIME_UNKNOWN)
		return readers[container->runtime](container, roots);
	for (int i = 0; i < CONTAINER_RUNTIMES; i++) {
		if (readers[i] && readers[i](container, roots)) {
			container->runtime = i;
			return true;
		}
	}
	return false;
}
