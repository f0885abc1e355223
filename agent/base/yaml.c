/* SPDX-License-Identifier: Apache-2.0 */
/* Event-driven conversion from libyaml to jansson, see yaml.h. */
#include "base/yaml.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <uthash.h>
#include <yaml.h>

#include "base/cleanup.h"
#include "base/io.h"

/* Where a node of the tree starts; keyed by the node's address. */
struct yaml_place {
	const json_t *node;
	unsigned line, column;
	UT_hash_handle hh;
};

struct loader {
	yaml_parser_t parser;
	struct yaml_document *document;
	struct slice text;
	unsigned first_line;
	struct diag *diag;
	unsigned nodes;
};

static int loader_fail(struct loader *l, yaml_mark_t mark, const char *message)
{
	return diag_at(l->diag, l->document->name, l->first_line + mark.line, mark.column + 1, "%s",
		message);
}

/* For bytes that are no characters: libyaml knows their offset only. */
static int loader_fail_bytes(struct loader *l, size_t offset, const char *message)
{
	unsigned line = l->first_line;

	for (size_t i = 0; i < offset && i < l->text.len; i++)
		line += l->text.data[i] == '\n';
	return diag_at(l->diag, l->document->name, line, 0, "%s", message);
}

static int loader_next(struct loader *l, yaml_event_t *ret)
{
	const yaml_parser_t *p = &l->parser;

	if (yaml_parser_parse(&l->parser, ret))
		return 0;
	if (p->error == YAML_MEMORY_ERROR)
		return diag_errno(l->diag, l->document->name, -ENOMEM);
	if (p->error == YAML_READER_ERROR)
		return loader_fail_bytes(l, p->problem_offset, p->problem);
	return loader_fail(l, p->problem_mark, p->problem ? p->problem : "not valid YAML");
}

static int place_add(struct loader *l, const json_t *node, yaml_mark_t mark)
{
	struct yaml_place *place = NULL;

	if (json_is_null(node)) /* a shared constant of jansson, it has no place of its own */
		return 0;
	place = calloc(1, sizeof(*place));
	if (!place)
		return -ENOMEM;
	place->node = node;
	place->line = l->first_line + mark.line;
	place->column = mark.column + 1;
	HASH_ADD_PTR(l->document->places, node, place);
	return 0;
}

static bool scalar_is_null(const yaml_event_t *event)
{
	const char *text = (const char *)event->data.scalar.value;

	if (event->data.scalar.style != YAML_PLAIN_SCALAR_STYLE)
		return false;
	return text[0] == '\0' || strcmp(text, "~") == 0 || strcasecmp(text, "null") == 0;
}

/* Refuses what is not supported in keys and values alike. */
static int check_event(struct loader *l, const yaml_event_t *event)
{
	const yaml_char_t *tag = NULL;

	if (event->type == YAML_SCALAR_EVENT)
		tag = event->data.scalar.tag;
	else if (event->type == YAML_SEQUENCE_START_EVENT)
		tag = event->data.sequence_start.tag;
	else if (event->type == YAML_MAPPING_START_EVENT)
		tag = event->data.mapping_start.tag;
	if (tag)
		return loader_fail(l, event->start_mark, "tags (!name) are not supported");
	if (event->type == YAML_SCALAR_EVENT &&
		memchr(event->data.scalar.value, '\0', event->data.scalar.length))
		return loader_fail(l, event->start_mark, "a NUL character is not allowed");
	return 0;
}

static int build_node(struct loader *l, yaml_event_t *event, unsigned depth, json_t **ret);

static int build_scalar(const yaml_event_t *event, json_t **ret)
{
	const char *text = (const char *)event->data.scalar.value;

	*ret = scalar_is_null(event) ? json_null() : json_stringn(text, event->data.scalar.length);
	return *ret ? 0 : -ENOMEM;
}

static int build_sequence(struct loader *l, unsigned depth, json_t **ret)
{
	json_t *list = json_array();
	int r = list ? 0 : -ENOMEM;

	while (r == 0) {
		json_t *item = NULL;
		yaml_event_t event;

		r = loader_next(l, &event);
		if (r < 0)
			break;
		if (event.type == YAML_SEQUENCE_END_EVENT) {
			yaml_event_delete(&event);
			*ret = list;
			return 0;
		}
		r = build_node(l, &event, depth + 1, &item);
		yaml_event_delete(&event);
		if (r == 0 && json_array_append_new(list, item) < 0)
			r = -ENOMEM;
	}
	json_decref(list);
	return r;
}

/* Adds the entry whose key is KEY_EVENT; the value is still to be read. */
static int build_entry(struct loader *l, const yaml_event_t *key_event, unsigned depth, json_t *map)
{
	const char *key = (const char *)key_event->data.scalar.value;
	json_t *value = NULL;
	yaml_event_t event;
	int r;

	if (key_event->type != YAML_SCALAR_EVENT)
		return loader_fail(l, key_event->start_mark, "a mapping key must be a plain word");
	r = check_event(l, key_event);
	if (r < 0)
		return r;
	if (json_object_get(map, key))
		return diag_at(l->diag, l->document->name,
			l->first_line + key_event->start_mark.line,
			key_event->start_mark.column + 1, "key '%s' is given twice", key);
	r = loader_next(l, &event);
	if (r < 0)
		return r;
	r = build_node(l, &event, depth + 1, &value);
	yaml_event_delete(&event);
	if (r < 0)
		return r;
	if (json_object_set_new(map, key, value) < 0)
		return loader_fail(l, key_event->start_mark, "a mapping key must be valid UTF-8");
	return 0;
}

static int build_mapping(struct loader *l, unsigned depth, json_t **ret)
{
	json_t *map = json_object();
	int r = map ? 0 : -ENOMEM;

	while (r == 0) {
		yaml_event_t event;

		r = loader_next(l, &event);
		if (r < 0)
			break;
		if (event.type == YAML_MAPPING_END_EVENT) {
			yaml_event_delete(&event);
			*ret = map;
			return 0;
		}
		r = build_entry(l, &event, depth, map);
		yaml_event_delete(&event);
	}
	json_decref(map);
	return r;
}

static int build_node(struct loader *l, yaml_event_t *event, unsigned depth, json_t **ret)
{
	json_t *node = NULL;
	int r;

	if (depth > YAML_DEPTH_MAX)
		return loader_fail(l, event->start_mark, "nested too deeply");
	if (++l->nodes > YAML_NODES_MAX)
		return loader_fail(l, event->start_mark, "too many values in one file");
	r = check_event(l, event);
	if (r < 0)
		return r;
	switch (event->type) {
	case YAML_SCALAR_EVENT:
		r = build_scalar(event, &node);
		break;
	case YAML_SEQUENCE_START_EVENT:
		r = build_sequence(l, depth, &node);
		break;
	case YAML_MAPPING_START_EVENT:
		r = build_mapping(l, depth, &node);
		break;
	case YAML_ALIAS_EVENT:
		r = loader_fail(l, event->start_mark, "aliases (*name) are not supported");
		break;
	default:
		r = loader_fail(l, event->start_mark, "a value is expected here");
	}
	if (r < 0)
		return r;
	r = place_add(l, node, event->start_mark);
	if (r < 0) {
		json_decref(node);
		return r;
	}
	*ret = node;
	return 0;
}

/* Reads the stream: at most one document. */
static int build_document(struct loader *l)
{
	bool ended = false;
	int r = 0;

	while (r == 0 && !ended) {
		yaml_event_t event;

		r = loader_next(l, &event);
		if (r < 0)
			return r;
		switch (event.type) {
		case YAML_STREAM_START_EVENT:
		case YAML_DOCUMENT_END_EVENT:
			break;
		case YAML_STREAM_END_EVENT:
			ended = true;
			break;
		case YAML_DOCUMENT_START_EVENT:
			if (l->document->root)
				r = loader_fail(l, event.start_mark,
					"a second document ('---') is not supported");
			break;
		default:
			r = build_node(l, &event, 0, &l->document->root);
		}
		yaml_event_delete(&event);
	}
	if (r == 0 && !l->document->root)
		l->document->root = json_null();
	return r;
}

int yaml_load_part(const char *name, struct slice text, unsigned first_line,
	struct yaml_document *ret, struct diag *d)
{
	CLEANUP_YAML struct yaml_document document = YAML_DOCUMENT_INIT;
	struct loader l = {
		.document = &document, .text = text, .first_line = first_line, .diag = d};
	int r;

	document.name = strdup(name);
	if (!document.name || !yaml_parser_initialize(&l.parser))
		return diag_errno(d, name, -ENOMEM);
	yaml_parser_set_input_string(&l.parser, (const unsigned char *)text.data, text.len);
	r = build_document(&l);
	yaml_parser_delete(&l.parser);
	if (r == -ENOMEM)
		diag_errno(d, name, r);
	if (r < 0)
		return r;
	*ret = document;
	document = YAML_DOCUMENT_INIT;
	return 0;
}

int yaml_load_text(const char *name, struct slice text, struct yaml_document *ret, struct diag *d)
{
	return yaml_load_part(name, text, 1, ret, d);
}

int yaml_load_file(const char *path, struct yaml_document *ret, struct diag *d)
{
	CLEANUP_FD int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY); /* also <(command) */
	CLEANUP_FREE char *text = NULL;
	size_t size;
	int r;

	r = fd < 0 ? -errno : read_fd(fd, YAML_FILE_SIZE_MAX, &text, &size);
	if (r < 0)
		return diag_errno(d, path, r);
	return yaml_load_text(path, (struct slice){text, size}, ret, d);
}

void yaml_document_done(struct yaml_document *document)
{
	struct yaml_place *place, *next;

	HASH_ITER (hh, document->places, place, next) {
		HASH_DEL(document->places, place);
		free(place);
	}
	json_decref(document->root);
	free(document->name);
	*document = YAML_DOCUMENT_INIT;
}

void yaml_place(const struct yaml_document *document, const json_t *node, unsigned *ret_line,
	unsigned *ret_column)
{
	struct yaml_place *place;

	HASH_FIND_PTR(document->places, &node, place);
	*ret_line = place ? place->line : 0;
	*ret_column = place ? place->column : 0;
}

int yaml_diag(const struct yaml_document *document, const json_t *node, struct diag *d,
	const char *format, ...)
{
	char message[sizeof(d->message)];
	unsigned line, column;
	va_list args;

	va_start(args, format);
	vsnprintf(message, sizeof(message), format, args);
	va_end(args);
	yaml_place(document, node, &line, &column);
	return diag_at(d, document->name, line, column, "%s", message);
}

const char *yaml_describe(const json_t *node)
{
	switch (json_typeof(node)) {
	case JSON_OBJECT:
		return "a mapping";
	case JSON_ARRAY:
		return "a list";
	case JSON_NULL:
		return "nothing";
	default:
		return "a single value";
	}
}

bool yaml_bool(const json_t *node, bool *ret)
{
	static const char *const yes[] = {"true", "yes", "on"}, *const no[] = {
									"false", "no", "off"};
	const char *text = json_string_value(node);

	for (size_t i = 0; text && i < ARRAY_SIZE(yes); i++) {
		bool is_yes = strcasecmp(text, yes[i]) == 0;

		if (is_yes || strcasecmp(text, no[i]) == 0) {
			*ret = is_yes;
			return true;
		}
	}
	return false;
}

int yaml_check_keys(const struct yaml_document *document, json_t *node, const char *const *known,
	size_t count, struct diag *d)
{
	const char *key;
	json_t *value;

	json_object_foreach (node, key, value) {
		size_t i = 0;

		while (i < count && strcmp(key, known[i]) != 0)
			i++;
		if (i < count)
			continue;
		yaml_diag(document, yaml_placed(value, node), d, "unknown key '%s'", key);
		diag_suggest(d, key, known, count);
		return -EINVAL;
	}
	return 0;
}
