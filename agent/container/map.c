/* SPDX-License-Identifier: Apache-2.0 */
/* Labels and annotations: a bounded list of keys and values. */
#include "barewatch/container.h"

#include <stdlib.h>

#include "base/array.h"
#include "base/cleanup.h"

const char *container_map_name(enum container_map_kind kind)
{
	static const char *const names[CONTAINER_MAPS] = {
		[CONTAINER_LABELS] = "labels",
		[CONTAINER_ANNOTATIONS] = "annotations",
		[CONTAINER_POD_LABELS] = "pod_labels",
	};

	return names[kind];
}

/* Also in what a rule sees of it: with ':' and ", " (container_map_text). */
static size_t pair_cost(struct slice key, struct slice value)
{
	return key.len + 1 + value.len + 2;
}

static bool fits(const struct container_map *map, struct slice key, struct slice value)
{
	return key.len > 0 && key.len <= CONTAINER_MAP_KEY_MAX &&
	       value.len <= CONTAINER_MAP_VALUE_MAX && map->count < CONTAINER_MAP_PAIRS_MAX &&
	       range_valid(map->bytes, pair_cost(key, value), CONTAINER_MAP_BYTES_MAX);
}

static bool has_nul(struct slice text)
{
	return text.len > 0 && memchr(text.data, '\0', text.len);
}

/* Both in one piece of memory, which begins with the key. */
static struct container_pair pair_new(struct slice key, struct slice value)
{
	char *memory = malloc(key.len + 1 + value.len + 1);

	if (!memory)
		return (struct container_pair){0};
	memcpy(memory, key.data, key.len);
	memory[key.len] = '\0';
	if (value.len > 0)
		memcpy(memory + key.len + 1, value.data, value.len);
	memory[key.len + 1 + value.len] = '\0';
	return (struct container_pair){.key = memory, .value = memory + key.len + 1};
}

void container_map_add(struct container_map *map, struct slice key, struct slice value)
{
	struct container_pair pair = {0};

	if (fits(map, key, value) && !has_nul(key) && !has_nul(value) &&
		ARRAY_RESERVE(map->pairs, map->capacity, map->count, 1))
		pair = pair_new(key, value);
	if (!pair.key) {
		map->is_truncated = true;
		return;
	}
	map->pairs[map->count++] = pair;
	map->bytes += pair_cost(key, value);
}

const char *container_map_find(const struct container_map *map, const char *key)
{
	for (size_t i = 0; i < map->count; i++)
		if (strcmp(map->pairs[i].key, key) == 0)
			return map->pairs[i].value;
	return NULL;
}

static size_t text_add(char *text, size_t len, const char *word)
{
	size_t word_len = strlen(word);

	memcpy(text + len, word, word_len);
	return len + word_len;
}

struct slice container_map_text(
	const struct container_map *map, char text[static CONTAINER_MAP_BYTES_MAX])
{
	size_t len = 0;

	for (size_t i = 0; i < map->count; i++) {
		len = text_add(text, len, i > 0 ? ", " : "");
		len = text_add(text, len, map->pairs[i].key);
		if (map->pairs[i].value[0]) {
			len = text_add(text, len, ":");
			len = text_add(text, len, map->pairs[i].value);
		}
	}
	return (struct slice){text, len};
}

void container_map_done(struct container_map *map)
{
	for (size_t i = 0; i < map->count; i++)
		free(map->pairs[i].key);
	free(map->pairs);
	*map = CONTAINER_MAP_INIT;
}

void container_learn_map(struct container *container, enum container_map_kind kind,
	struct container_map *map, const char *source)
{
	struct container_map *known = &container->maps[kind];

	if (known->source)
		return;
	*known = *map;
	known->source = source;
	*map = CONTAINER_MAP_INIT;
}
