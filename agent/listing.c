/* SPDX-License-Identifier: Apache-2.0 */
/* The forms of listing.h: a table of columns, and an object a line. */
#include "listing.h"

#include <inttypes.h>
#include <stdio.h>

#include "base/cleanup.h"
#include "base/escape.h"
#include "base/json.h"

struct listing {
	enum listing_format format;
	const struct status *status;
};

/* A container, and what the running agent counted of it. */
struct row {
	const struct container *container;
	bool is_counted;
	struct status_counts counts;
};

struct column {
	const char *title;
	int width; /* what is longer pushes the rest to the right: nothing is cut */
	bool wide_only;
	void (*put)(struct strbuf *out, const struct row *row);
};

static void put_text(struct strbuf *out, const char *text)
{
	if (text)
		escape_text(out, slice_of(text));
	else
		strbuf_add_char(out, '-');
}

static void put_runtime(struct strbuf *out, const struct row *row)
{
	strbuf_add_text(out, container_runtime_name(row->container->runtime));
}

static void put_id(struct strbuf *out, const struct row *row)
{
	escape_text(out, container_id_short(row->container));
}

static void put_name(struct strbuf *out, const struct row *row)
{
	put_text(out, row->container->is_sandbox && !row->container->name ? "(sandbox)"
									  : row->container->name);
}

static void put_image(struct strbuf *out, const struct row *row)
{
	put_text(out, row->container->image);
}

static void put_pod(struct strbuf *out, const struct row *row)
{
	if (!row->container->pod_name) {
		strbuf_add_char(out, '-');
		return;
	}
	put_text(out, row->container->pod_namespace);
	strbuf_add_char(out, '/');
	put_text(out, row->container->pod_name);
}

static void put_bare(struct strbuf *out, const struct row *row)
{
	strbuf_add_text(out, bare_source_name(row->container->bare));
}

static void put_restarts(struct strbuf *out, const struct row *row)
{
	if (!container_knows(row->container, CONTAINER_RESTARTS))
		strbuf_add_char(out, '-');
	else
		strbuf_addf(out, "%" PRIu64, row->container->restarts);
}

static void put_entrypoint(struct strbuf *out, const struct row *row)
{
	strbuf_add_text(
		out, row->container->entrypoint ? row->container->entrypoint : "-"); /* escaped */
}

static void put_cgroup(struct strbuf *out, const struct row *row)
{
	put_text(out, row->container->cgroup_path);
}

static void put_count(struct strbuf *out, const struct row *row, uint64_t count)
{
	if (row->is_counted)
		strbuf_addf(out, "%" PRIu64, count);
	else
		strbuf_add_char(out, '-');
}

static void put_execs(struct strbuf *out, const struct row *row)
{
	put_count(out, row, row->counts.execs);
}

static void put_attempts(struct strbuf *out, const struct row *row)
{
	put_count(out, row, row->counts.attempts);
}

static void put_opens(struct strbuf *out, const struct row *row)
{
	put_count(out, row, row->counts.opens);
}

static void put_opens_lost(struct strbuf *out, const struct row *row)
{
	put_count(out, row, row->counts.opens_lost);
}

static void put_alerts(struct strbuf *out, const struct row *row)
{
	put_count(out, row, row->counts.alerts);
}

static const struct column columns[] = {
	{"RUNTIME", 10, false, put_runtime},
	{"ID", 12, false, put_id},
	{"NAME", 16, false, put_name},
	{"POD", 20, false, put_pod},
	{"BARE", 6, false, put_bare},
	{"ALERTS", 6, false, put_alerts},
	{"IMAGE", 32, false, put_image},
	{"EXECS", 6, true, put_execs},
	{"ATTEMPTS", 8, true, put_attempts},
	{"OPENS", 6, true, put_opens},
	{"OPENS LOST", 10, true, put_opens_lost},
	{"RESTARTS", 8, true, put_restarts},
	{"ENTRYPOINT", 24, true, put_entrypoint},
	{"CGROUP", 0, true, put_cgroup},
};

/* Prints the column COLUMN of ROW, its title when that is NULL. LAST has no padding. */
static void print_cell(const struct column *column, const struct row *row, bool last)
{
	CLEANUP_STRBUF struct strbuf text = STRBUF_INIT;

	if (row)
		column->put(&text, row);
	else
		strbuf_add_text(&text, column->title);
	printf("%-*s%s", last ? 0 : column->width, strbuf_text(&text), last ? "\n" : "  ");
}

/* The titles when ROW is NULL. */
static void print_line(const struct listing *listing, const struct row *row)
{
	const struct column *shown[ARRAY_SIZE(columns)];
	size_t count = 0;

	for (size_t i = 0; i < ARRAY_SIZE(columns); i++)
		if (!columns[i].wide_only || listing->format == LISTING_WIDE)
			shown[count++] = &columns[i];
	for (size_t i = 0; i < count; i++)
		print_cell(shown[i], row, i == count - 1);
}

static void print_row(const struct container *container, void *userdata)
{
	const struct listing *listing = userdata;
	struct row row = {.container = container};

	row.is_counted = status_find(listing->status, container, &row.counts);
	print_line(listing, &row);
}

/* A text that is not UTF-8 comes escaped. */
static json_t *json_text(const char *text)
{
	CLEANUP_STRBUF struct strbuf out = STRBUF_INIT;

	if (utf8_valid(slice_of(text)))
		return json_string(text);
	escape_text(&out, slice_of(text));
	return json_string(strbuf_text(&out));
}

static json_t *json_number(const struct container *container, enum container_number number)
{
	uint64_t value = container->numbers[number];

	return container_number_is_flag(number) ? json_boolean(value) : json_integer(value);
}

/* Adds labels or annotations to OBJECT as an object of its own, where they are known. */
static void add_map(const struct container *container, enum container_map_kind kind, json_t *object,
	json_t *sources)
{
	const struct container_map *map = &container->maps[kind];
	CLEANUP_JSON json_t *pairs = json_object();
	char flag[32];

	if (!map->source)
		return;
	for (size_t i = 0; i < map->count; i++) {
		CLEANUP_JSON json_t *key = json_text(map->pairs[i].key);

		json_object_set_new(pairs, json_string_value(key), json_text(map->pairs[i].value));
	}
	json_object_set(object, container_map_name(kind), pairs);
	json_object_set_new(sources, container_map_name(kind), json_string(map->source));
	snprintf(flag, sizeof(flag), "%s_truncated", container_map_name(kind));
	if (map->is_truncated)
		json_object_set_new(object, flag, json_true());
}

static void add_counts(
	const struct container *container, const struct listing *listing, json_t *object)
{
	struct status_counts counts;

	if (!status_find(listing->status, container, &counts))
		return;
	json_object_set_new(object, "execs", json_integer(counts.execs));
	json_object_set_new(object, "attempts", json_integer(counts.attempts));
	json_object_set_new(object, "alerts", json_integer(counts.alerts));
	json_object_set_new(object, "opens", json_integer(counts.opens));
	json_object_set_new(object, "opens_lost", json_integer(counts.opens_lost));
}

static void print_json(const struct container *container, void *userdata)
{
	CLEANUP_JSON json_t *object = json_object(), *sources = json_object();

	json_object_set_new(object, "id", json_text(container->id));
	json_object_set_new(
		object, "runtime", json_string(container_runtime_name(container->runtime)));
	json_object_set_new(object, "cgroup", json_text(container->cgroup_path));
	json_object_set_new(object, "sandbox", json_boolean(container->is_sandbox));
	json_object_set_new(object, "ephemeral", json_boolean(container->is_ephemeral));
	json_object_set_new(object, "bare", json_boolean(container->bare != BARE_NO));
	json_object_set_new(object, "bare_source", json_string(bare_source_name(container->bare)));
	for (int i = 0; i < CONTAINER_TEXTS; i++) {
		if (!container->texts[i])
			continue;
		json_object_set_new(object, container_text_name(i), json_text(container->texts[i]));
		json_object_set_new(
			sources, container_text_name(i), json_string(container->sources[i]));
	}
	for (int i = 0; i < CONTAINER_NUMBERS; i++) {
		if (!container_knows(container, i))
			continue;
		json_object_set_new(object, container_number_name(i), json_number(container, i));
		json_object_set_new(sources, container_number_name(i),
			json_string(container->number_sources[i]));
	}
	for (int i = 0; i < CONTAINER_MAPS; i++)
		add_map(container, i, object, sources);
	add_counts(container, userdata, object);
	json_object_set(object, "sources", sources);
	json_dumpf(object, stdout, JSON_COMPACT | JSON_ENSURE_ASCII);
	putchar('\n');
}

void listing_print(const struct container_registry *registry, enum listing_format format,
	const struct status *status)
{
	struct listing listing = {.format = format, .status = status};

	if (format != LISTING_JSON)
		print_line(&listing, NULL);
	container_registry_each(
		registry, format == LISTING_JSON ? print_json : print_row, &listing);
}
