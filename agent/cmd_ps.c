/* SPDX-License-Identifier: Apache-2.0 */
/*
 * `barewatch ps`: the containers of this host as barewatch sees them. Reads the
 * cgroup tree and the engines' files by itself; needs no running agent, and shows
 * what one has counted where it runs.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/escape.h"
#include "base/json.h"
#include "base/log.h"
#include "base/options.h"
#include "cmd.h"
#include "host_options.h"

#define CONTAINERS_MAX 65536

enum format { FORMAT_TEXT, FORMAT_WIDE, FORMAT_JSON };

struct arguments {
	struct host_arguments host; /* first */
	enum format format;
	struct status *status; /* NULL when no agent runs */
};

/* ---- looking ---- */

struct looking {
	struct host_arguments *host;
	struct cgroup_hierarchies hierarchies;
	struct container_search *search;
};

static void looking_done(struct looking *looking)
{
	container_search_free(looking->search);
	cgroup_hierarchies_done(&looking->hierarchies);
}

static void on_enrol(struct container *container, void *userdata)
{
	struct looking *looking = userdata;
	const struct container_roots *roots = &looking->host->roots;

	(void)container_search_ask(looking->search, container);
	(void)container_read_init(container, roots, &looking->hierarchies);
	(void)container_read_layers(container, roots);
	container->bare = policy_judge(looking->host->policy, container);
}

static bool on_nested(struct container *container, const struct container *outer, void *userdata)
{
	struct looking *looking = userdata;
	const struct container_roots *roots = &looking->host->roots;

	if (!container_read_nested(container, outer, &looking->hierarchies))
		return false;
	(void)container_read_init(container, roots, &looking->hierarchies);
	container->bare = policy_judge_nested(looking->host->policy, container, outer);
	return true;
}

static int on_cgroup(uint64_t key, struct slice path, void *userdata)
{
	int r;

	return container_registry_add(userdata, key, path, &r) ? 0 : r;
}

static int look(struct arguments *a, struct container_registry **ret, struct diag *d)
{
	CLEANUP(looking_done)
	struct looking looking = {.host = &a->host, .hierarchies = CGROUP_HIERARCHIES_INIT};
	struct container_registry_config config = {
		.containers_max = CONTAINERS_MAX,
		.enrol = on_enrol,
		.nest = on_nested,
		.userdata = &looking,
	};
	size_t unvisited;
	int r = cgroup_hierarchies_find(&looking.hierarchies);

	if (r == 0)
		r = container_search_new(&a->host.roots, &looking.hierarchies, &looking.search);
	if (r == 0)
		r = container_registry_new(&config, ret);
	if (r == 0)
		r = cgroup_walk(&looking.hierarchies, on_cgroup, *ret, &unvisited);
	if (r < 0)
		diag_at(d, NULL, 0, 0, "the cgroups of this host cannot be read: %s", strerror(-r));
	else if (unvisited > 0)
		log_warning("%zu cgroups are nested too deeply to be looked at", unvisited);
	return r;
}

/* ---- showing ---- */

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
static void print_line(const struct arguments *a, const struct row *row)
{
	const struct column *shown[ARRAY_SIZE(columns)];
	size_t count = 0;

	for (size_t i = 0; i < ARRAY_SIZE(columns); i++)
		if (!columns[i].wide_only || a->format == FORMAT_WIDE)
			shown[count++] = &columns[i];
	for (size_t i = 0; i < count; i++)
		print_cell(shown[i], row, i == count - 1);
}

static void print_row(const struct container *container, void *userdata)
{
	const struct arguments *a = userdata;
	struct row row = {.container = container};

	row.is_counted = status_find(a->status, container, &row.counts);
	print_line(a, &row);
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

static void add_counts(const struct container *container, const struct arguments *a, json_t *object)
{
	struct status_counts counts;

	if (!status_find(a->status, container, &counts))
		return;
	json_object_set_new(object, "execs", json_integer(counts.execs));
	json_object_set_new(object, "attempts", json_integer(counts.attempts));
	json_object_set_new(object, "alerts", json_integer(counts.alerts));
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

/* ---- command ---- */

static int set_output(void *target, const char *value, struct diag *d)
{
	static const char *const names[] = {
		[FORMAT_TEXT] = "text", [FORMAT_WIDE] = "wide", [FORMAT_JSON] = "json"};
	struct arguments *a = target;

	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		if (strcmp(value, names[i]) == 0) {
			a->format = i;
			return 0;
		}
	}
	return diag_at(d, NULL, 0, 0, "'%s' is none of 'text', 'wide' and 'json'", value);
}

static const struct option_spec options[] = {
	{"output", 'o', "FORMAT", "text, wide (more columns) or json (an object a line)",
		set_output},
	HOST_OPTION_BARE,
	HOST_OPTION_POLICY,
	HOST_OPTION_ENGINE_ROOT,
	HOST_OPTION_HOST_ROOT,
	HOST_OPTION_STATE_FILE,
	OPTION_HELP,
};

static void print_help(void)
{
	printf("Usage: barewatch ps [OPTION]...\n"
	       "\n"
	       "Lists the running containers of this host as barewatch sees them: by the tree of\n"
	       "cgroups and the files of their engines. Asks no daemon, not even its own. Needs\n"
	       "root to read those files. BARE is why a container counts as bare, or no;\n"
	       "ALERTS, EXECS and ATTEMPTS (failed execs) are those that a running `barewatch\n"
	       "watch` has seen, - without one.\n"
	       "\n"
	       "Options:\n");
	options_print(stdout, options, ARRAY_SIZE(options));
	printf("\n" EXIT_STATUS_HELP);
}

static const char *status_error(int error)
{
	switch (error) {
	case -EPERM:
		return "others than root can write it";
	case -EBADMSG:
		return "it is no agent's of this version";
	default:
		return strerror(-error);
	}
}

/* That no agent runs, or that its file is only root's to read, is nothing to speak of. */
static void read_status(struct arguments *a)
{
	const char *path = a->host.state_file;
	int r = path[0] ? status_read(path, &a->status) : 0;

	if (r < 0 && r != -ENOENT && r != -ESRCH && r != -EACCES)
		log_warning("'%s' is ignored: %s", path, status_error(r));
}

static int show(struct arguments *a)
{
	struct container_registry *registry = NULL;
	struct diag d;

	if (look(a, &registry, &d) < 0) {
		log_error("%s", d.message);
		container_registry_free(registry);
		return EXIT_NO_ANSWER;
	}
	read_status(a);
	if (a->format != FORMAT_JSON)
		print_line(a, NULL);
	container_registry_each(registry, a->format == FORMAT_JSON ? print_json : print_row, a);
	container_registry_free(registry);
	return EXIT_FINE;
}

static int parse_and_show(struct arguments *a, int argc, char **argv)
{
	struct diag d;
	int r = options_parse(options, ARRAY_SIZE(options), a, argc, argv, &d);

	if (r >= 0 && a->host.common.help) {
		print_help();
		return EXIT_FINE;
	}
	if (r >= 0 && r < argc)
		r = diag_at(&d, NULL, 0, 0, "unexpected argument '%s'", argv[r]);
	if (r >= 0)
		r = host_arguments_default(&a->host, &d);
	return r < 0 ? command_usage_error("ps", &d) : show(a);
}

static int run(int argc, char **argv)
{
	struct arguments a = {.format = FORMAT_TEXT};
	int status = EXIT_INTERNAL;

	if (host_arguments_init(&a.host) == 0)
		status = parse_and_show(&a, argc, argv);
	status_free(a.status);
	host_arguments_done(&a.host);
	return status;
}

const struct command command_ps = {
	.name = "ps",
	.summary = "list the containers of this host",
	.run = run,
};
