/* SPDX-License-Identifier: Apache-2.0 */
/* The readers of read.h that ask what is known of a container. */
#include <ctype.h>
#include <string.h>

#include "rule/recorded/recorded.h"
#include "rule/field/read.h"

READER(read_container_id)
{
	if (!subject->container)
		return value_text(slice_of("host"));
	return text_or_unknown(container_id_short(subject->container));
}

READER(read_container_full_id)
{
	if (!subject->container)
		return VALUE_UNKNOWN_INIT;
	return text_or_unknown(slice_of(subject->container->id));
}

READER(read_container_name)
{
	if (!subject->container)
		return value_text(slice_of("host"));
	return text_or_unknown(slice_of(subject->container->name));
}

READER(read_container_text_at)
{
	if (!subject->container)
		return VALUE_UNKNOWN_INIT;
	return text_or_unknown(
		slice_of(MEMBER_AT(char *, subject->container, place_of(ref, subject))));
}

READER(read_container_flag)
{
	size_t number = place_of(ref, subject);

	if (!subject->container || !container_knows(subject->container, number))
		return VALUE_UNKNOWN_INIT;
	return value_bool(subject->container->numbers[number]);
}

READER(read_container_number)
{
	size_t number = place_of(ref, subject);

	if (!subject->container || !container_knows(subject->container, number))
		return VALUE_UNKNOWN_INIT;
	return value_integer(subject->container->numbers[number]);
}

READER(read_container_duration)
{
	const struct container *container = subject->container;

	if (!container || !container_knows(container, CONTAINER_STARTED_NS) ||
		container->started_ns > subject->wall_ns)
		return VALUE_UNKNOWN_INIT;
	return value_integer(subject->wall_ns - container->started_ns);
}

_Static_assert(FIELD_SCRATCH_SIZE >= CONTAINER_MAP_BYTES_MAX &&
		       FIELD_SCRATCH_SIZE >= BW_COMM_SIZE + 1 + BW_ARGS_MAX,
	"a value that is put together has room");

/* The map at the place of REF. NULL when it is not known. */
static const struct container_map *map_at(
	const struct field_ref *ref, const struct subject *subject)
{
	const struct container_map *map;

	if (!subject->container)
		return NULL;
	map = &MEMBER_AT(struct container_map, subject->container, place_of(ref, subject));
	return map->source ? map : NULL;
}

READER(read_container_map_at)
{
	const struct container_map *map = map_at(ref, subject);

	if (!map)
		return VALUE_UNKNOWN_INIT;
	if (map->count == 0)
		return VALUE_NONE_INIT;
	return value_text(container_map_text(map, scratch->text));
}

/* Some of a map may have been left out, and this key with it. */
READER(read_container_map_value)
{
	const struct container_map *map = map_at(ref, subject);

	if (!map)
		return VALUE_UNKNOWN_INIT;
	for (size_t i = 0; i < map->count; i++)
		if (slice_equal_text(ref->key, map->pairs[i].key))
			return value_text(slice_of(map->pairs[i].value));
	return map->is_truncated ? VALUE_UNKNOWN_INIT : VALUE_NONE_INIT;
}

bool field_key_at(
	const struct field *field, const struct subject *subject, size_t index, struct slice *ret)
{
	const struct field_ref ref = {.field = field};
	const struct container_map *map;

	if (field->argument != FIELD_ARGUMENT_KEY || !(field->kinds & 1u << subject->kind))
		return false;
	if (subject->recorded)
		return recorded_key_at(subject->recorded, field, index, ret);
	map = map_at(&ref, subject);
	if (!map || index >= map->count)
		return false;
	*ret = slice_of(map->pairs[index].key);
	return true;
}

READER(read_container_runtime)
{
	if (!subject->container || subject->container->runtime == CONTAINER_RUNTIME_UNKNOWN)
		return VALUE_UNKNOWN_INIT;
	return value_text(slice_of(container_runtime_name(subject->container->runtime)));
}

READER(read_container_type)
{
	if (!subject->container)
		return value_text(slice_of("host"));
	return read_container_runtime(ref, subject, scratch);
}

READER(read_container_bare)
{
	return value_bool(subject->container && subject->container->bare != BARE_NO);
}

READER(read_container_bare_source)
{
	if (!subject->container)
		return VALUE_UNKNOWN_INIT;
	return value_text(slice_of(bare_source_name(subject->container->bare)));
}

/* ---- its image ---- */

/* REPOSITORY[:TAG][@DIGEST], as github.com/distribution/reference has it; parts may be empty. */
struct image_reference {
	struct slice repository, tag, digest;
};

/* The part of TEXT before byte AT, and *RET_REST behind it. */
static struct slice split_at(struct slice text, const char *at, struct slice *ret_rest)
{
	*ret_rest = (struct slice){at + 1, text.len - (at + 1 - text.data)};
	return (struct slice){text.data, at - text.data};
}

/* "sha256:...", or the 64 digits of an image that was named by nothing else. */
static bool is_image_id(struct slice text)
{
	size_t digits = 0;

	while (digits < text.len && isxdigit((unsigned char)text.data[digits]))
		digits++;
	return (text.len > 7 && memcmp(text.data, "sha256:", 7) == 0) ||
	       (digits == 64 && digits == text.len);
}

/* False when the reference is not known, or names no repository. */
static bool image_reference(const struct subject *subject, struct image_reference *ret)
{
	struct slice rest = slice_of(subject->container ? subject->container->image : NULL);
	const char *at, *colon;

	*ret = (struct image_reference){0};
	if (rest.len == 0 || is_image_id(rest))
		return false;
	at = memchr(rest.data, '@', rest.len);
	if (at)
		rest = split_at(rest, at, &ret->digest);
	colon = rest.len ? memrchr(rest.data, ':', rest.len) : NULL;
	/* the port of a registry is followed by a path */
	if (colon && !memchr(colon, '/', rest.len - (colon - rest.data)))
		rest = split_at(rest, colon, &ret->tag);
	ret->repository = rest;
	return rest.len > 0;
}

READER(read_image_repository)
{
	struct image_reference image;

	return image_reference(subject, &image) ? value_text(image.repository) : VALUE_UNKNOWN_INIT;
}

READER(read_image_tag)
{
	struct image_reference image;

	if (!image_reference(subject, &image))
		return VALUE_UNKNOWN_INIT;
	if (image.tag.len > 0)
		return value_text(image.tag);
	return image.digest.len > 0 ? VALUE_NONE_INIT : value_text(slice_of("latest"));
}

READER(read_image_digest)
{
	struct slice digest = slice_of(
		subject->container ? subject->container->image_digest : NULL);
	const char *at = digest.len ? memrchr(digest.data, '@', digest.len) : NULL;

	if (at)
		split_at(digest, at, &digest);
	return text_or_unknown(digest);
}

/* ---- its pod and its checks ---- */

READER(read_sandbox_id)
{
	struct slice id = slice_of(subject->container ? subject->container->sandbox_id : NULL);

	if (id.len > CONTAINER_ID_SHORT)
		id.len = CONTAINER_ID_SHORT;
	return text_or_unknown(id);
}

READER(read_is_pod_sandbox)
{
	if (!subject->container || subject->container->is_incomplete)
		return VALUE_UNKNOWN_INIT;
	return value_bool(subject->container->is_sandbox);
}

/* In a pod what is declared are probes, which are not told apart. */
READER(read_health_check)
{
	const struct container *container = subject->container;
	size_t len = 0, offset = 0;
	struct event_text words;
	struct slice word;

	if (!container || container->is_incomplete)
		return VALUE_UNKNOWN_INIT;
	if (container->check_count == 0 || container->pod_uid || container->sandbox_id)
		return VALUE_NONE_INIT;
	words = (struct event_text){.bytes = {container->checks[0].argv, container->checks[0].len}};
	while (event_args_next(&words, &offset, &word)) {
		len = scratch_add(scratch, len, slice_of(len ? " " : ""));
		len = scratch_add(scratch, len, word);
	}
	return value_text((struct slice){scratch->text, len});
}
