/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a runtime was told to start, see runtime.h: from the configuration of the
 * container (config.json in its bundle) or from the file of the process of an exec,
 * which have the same form (OCI runtime-spec, config.md: process).
 */
#include "barewatch/runtime.h"

#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <unistd.h>

#include "base/io.h"
#include "base/json.h"
#include "base/proc.h"
#include "runtime/lookup.h"

#define SPEC_FILE_MAX (1u << 20) /* those of Kubernetes have some 10 KiB */

/* Where the files that a call names are looked for. */
struct place {
	int root; /* of the process that made the call */
	const char *bundle; /* NULL where it is not known */
	const char *rootfs; /* of the container; NULL: as its configuration says */
};

void runtime_start_done(struct runtime_start *start)
{
	strbuf_done(&start->args);
	strbuf_done(&start->cwd);
	strbuf_done(&start->tried);
}

static json_t *load(int root, const char *path)
{
	CLEANUP_FREE char *text = NULL;
	CLEANUP_FD int fd = root_open_file(root, path, SPEC_FILE_MAX);
	size_t size;

	if (fd < 0 || read_fd(fd, SPEC_FILE_MAX, &text, &size) < 0)
		return NULL;
	return json_loadb(text, size, 0, NULL);
}

/* Appends ITEM with its NUL, or what there is room for. False when that is not all. */
static bool add_item(struct strbuf *list, struct slice item)
{
	size_t size = item.len + 1, room = BW_ARGS_MAX - list->len;

	strbuf_add(list, item.data, size < room ? size : room);
	return size <= room;
}

static void take_args(struct runtime_start *start, const json_t *args)
{
	const json_t *arg;
	size_t i;

	json_array_foreach (args, i, arg) {
		start->args_cut = !add_item(&start->args, slice_of(json_string_value(arg) ?: ""));
		if (start->args_cut || start->args.error)
			break;
	}
}

/* The value of NAME in the environment ENV, a list of NAME=VALUE; the last one counts. */
static const char *find_variable(const json_t *env, const char *name)
{
	size_t i, len = strlen(name);
	const char *found = NULL;
	const json_t *item;

	json_array_foreach (env, i, item) {
		const char *text = json_string_value(item);

		if (text && strncmp(text, name, len) == 0 && text[len] == '=')
			found = text + len + 1;
	}
	return found;
}

/* Looks for the program in the directory ROOTFS. */
static void look(struct runtime_start *start, const struct place *place, const char *rootfs,
	const json_t *process)
{
	CLEANUP_FD int root = root_open(place->root, rootfs, O_PATH | O_DIRECTORY);
	struct lookup lookup = {
		.root = root,
		.cwd = strbuf_text(&start->cwd),
		.search_path = find_variable(json_object_get(process, "env"), "PATH"),
		.user = json_object_get(process, "user"),
		.tried = &start->tried,
		.tried_cut = &start->tried_cut,
	};
	bool name_is_whole = start->args.len > strlen(strbuf_text(&start->args));

	if (root >= 0 && start->cwd.len > 0 && start->args.len > 0 && name_is_whole)
		start->error = lookup_program(&lookup, strbuf_text(&start->args));
}

/* No runtime can go to a directory with a longer name. */
static void take_cwd(struct runtime_start *start, const char *cwd)
{
	if (strlen(cwd) < PATH_MAX)
		strbuf_add_text(&start->cwd, cwd);
}

/* A path in the configuration is relative to the bundle unless it begins with '/'. */
static bool find_rootfs(const struct place *place, const json_t *config, char path[static PATH_MAX])
{
	const char *root = json_string_value(
		json_object_get(json_object_get(config, "root"), "path"));
	bool absolute = (place->rootfs ?: root ?: "")[0] == '/';
	int len;

	if (place->rootfs)
		len = snprintf(path, PATH_MAX, "%s", place->rootfs);
	else
		len = snprintf(path, PATH_MAX, "%s%s%s", absolute ? "" : place->bundle ?: "",
			absolute ? "" : "/", root ?: "");
	return len < PATH_MAX && (place->rootfs || root);
}

/* Loads the file FILE of the bundle. NULL when there is none. */
static json_t *load_config(const struct place *place)
{
	char path[PATH_MAX];

	if (!place->bundle ||
		snprintf(path, sizeof(path), "%s/config.json", place->bundle) >= (int)sizeof(path))
		return NULL;
	return load(place->root, path);
}

static void read_start(const struct runtime_call *call, struct slice cwd, const struct place *place,
	struct runtime_start *start)
{
	CLEANUP_STRBUF struct strbuf file = STRBUF_INIT;
	CLEANUP_JSON json_t *config = NULL, *session = NULL;
	const json_t *process;
	char rootfs[PATH_MAX];

	if (call->process.len > 0) {
		strbuf_add_path(&file, cwd, call->process);
		session = load(place->root, strbuf_text(&file));
	}
	if (!place->rootfs || !session)
		config = load_config(place);
	process = session ?: json_object_get(config, "process");
	if (call->command.bytes.len > 0) {
		strbuf_add_slice(&start->args, call->command.bytes);
		start->args_cut = call->command.truncated;
	} else if (call->verb == RUNTIME_CREATE || session) {
		take_args(start, json_object_get(process, "args"));
	}
	take_cwd(start, json_string_value(json_object_get(process, "cwd")) ?: "/");
	if (find_rootfs(place, config, rootfs))
		look(start, place, rootfs, process);
}

/* Whether what is in PROC (/proc/PID) began at START_NS: ids of processes are used again. */
static bool began_at(int proc, uint64_t start_ns)
{
	uint64_t ticks;
	pid_t parent;

	return process_stat_at(proc, &ticks, &parent) && ticks == process_ticks(start_ns);
}

/* The directory of PROCESS in /proc; nothing in it can be opened once the process has ended. */
static int open_process(const struct bw_process *process)
{
	CLEANUP_FD int proc = -1;
	char path[64];

	snprintf(path, sizeof(path), "/proc/%u", process->tgid);
	proc = open(path, O_PATH | O_DIRECTORY | O_CLOEXEC);
	return proc >= 0 && began_at(proc, process->start_ns) ? TAKE_FD(proc) : -1;
}

static int open_root(int proc)
{
	return openat(proc, "root", O_PATH | O_DIRECTORY | O_CLOEXEC);
}

/* Whether the process in PROC is still there: as long as it is, so are the container's files. */
static bool is_under_way(int proc)
{
	CLEANUP_FD int root = open_root(proc);

	return root >= 0;
}

int runtime_start_read(const struct runtime_call *call, const struct bw_process *process,
	struct slice cwd, const struct container *container, struct runtime_start *ret)
{
	CLEANUP_STRBUF struct strbuf bundle = STRBUF_INIT;
	CLEANUP_FD int proc = open_process(process);
	CLEANUP_FD int root = open_root(proc);
	struct place place;

	if (root < 0)
		root = open("/", O_PATH | O_DIRECTORY | O_CLOEXEC);
	place = (struct place){.root = root};
	ret->verb = call->verb;
	if (call->verb == RUNTIME_CREATE) {
		strbuf_add_path(&bundle, cwd, call->bundle);
		place.bundle = strbuf_text(&bundle);
	} else if (container) {
		place.bundle = container->bundle;
		place.rootfs = container->rootfs;
	}
	read_start(call, cwd, &place, ret);
	if (ret->error > 0 && !is_under_way(proc)) /* what is missing may have been taken away */
		ret->error = RUNTIME_LOOKUP_UNKNOWN;
	return ret->args.error ?: ret->cwd.error ?: ret->tried.error;
}
