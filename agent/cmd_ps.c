/* SPDX-License-Identifier: Apache-2.0 */
/*
 * `barewatch ps`: the containers of this host as barewatch sees them. Reads the
 * cgroup tree and the engines' files by itself; needs no running agent, and shows
 * what one has counted where it runs.
 */
#include <errno.h>
#include <linux/types.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "barewatch/event.h"
#include "base/cleanup.h"
#include "base/log.h"
#include "base/options.h"
#include "base/proc.h"
#include "cmd.h"
#include "host_options.h"
#include "listing.h"

#define CONTAINERS_MAX 65536

struct arguments {
	struct host_arguments host; /* first */
	enum listing_format format;
	struct status *status; /* NULL when no agent runs */
};

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

static void on_mounts(const char *id, pid_t init, void *userdata)
{
	uint32_t mnt_ns = process_mnt_ns(init);
	char path[CONTAINER_MOUNTS_PATH_MAX];
	int r;

	container_mounts_path(path, mnt_ns, id);
	if (mnt_ns)
		(void)container_registry_add(userdata, mnt_ns | BW_CGROUP_MNT, slice_of(path), &r);
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
	if (r == 0)
		container_mounts_walk(&a->host.roots, on_mounts, *ret);
	if (r < 0)
		diag_at(d, NULL, 0, 0, "the cgroups of this host cannot be read: %s", strerror(-r));
	else if (unvisited > 0)
		log_warning("%zu cgroups are nested too deeply to be looked at", unvisited);
	return r;
}

static int set_output(void *target, const char *value, struct diag *d)
{
	static const char *const names[] = {
		[LISTING_TEXT] = "text", [LISTING_WIDE] = "wide", [LISTING_JSON] = "json"};
	struct arguments *a = target;
	size_t found = a->format;
	int r = option_word(value, names, ARRAY_SIZE(names), &found, d);

	a->format = found;
	return r;
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

static const struct command_usage usage = {
	.name = "ps",
	.help = "Usage: barewatch ps [OPTION]...\n"
		"\n"
		"Lists the running containers of this host as barewatch sees them: by the tree of\n"
		"cgroups and the files of their engines. Asks no daemon, not even its own. Needs\n"
		"root to read those files. BARE is why a container counts as bare, or no;\n"
		"ALERTS, EXECS and ATTEMPTS (failed execs) are those that a running `barewatch\n"
		"watch` has seen, - without one.\n",
	.help_end = EXIT_STATUS_HELP,
	.options = options,
	.option_count = ARRAY_SIZE(options),
};

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
	listing_print(registry, a->format, a->status);
	container_registry_free(registry);
	return EXIT_FINE;
}

static int parse_and_show(struct arguments *a, int argc, char **argv)
{
	struct diag d;
	int status;

	if (command_parse(&usage, a, argc, argv, &status) < 0)
		return status;
	if (host_arguments_default(&a->host, &d) < 0)
		return command_usage_error(usage.name, &d);
	return show(a);
}

static int run(int argc, char **argv)
{
	struct arguments a = {.format = LISTING_TEXT};
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
