/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Engines that are not where they are looked for. What leads to their files:
 *
 *   CRUN/ID/status, RUNC/ID/state.json      name the bundle, when engines leave it to the
 *                                           runtime where it keeps its own
 *   conmon -c ID ... -b BUNDLE              started the container's first process
 *   containerd-shim-* -namespace NS -id ID  its directory is the bundle of one container, for a
 *                                           pod the sandbox's, beside those of all it started
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "container/bundle.h"
#include "container/process.h"
#include "container/search.h"

#define PARENTS_MAX 32 /* processes inside, from the first one's up to who started it */

struct container_search {
	const struct container_roots *roots;
	const struct cgroup_hierarchies *hierarchies;
	struct found_roots found[CONTAINER_SEARCH_ROOTS_MAX]; /* a ring */
	size_t count, next;
};

int container_search_new(const struct container_roots *roots,
	const struct cgroup_hierarchies *hierarchies, struct container_search **ret)
{
	struct container_search *search = calloc(1, sizeof(*search));

	if (!search)
		return -ENOMEM;
	search->roots = roots;
	search->hierarchies = hierarchies;
	*ret = search;
	return 0;
}

void container_search_free(struct container_search *search)
{
	if (!search)
		return;
	for (size_t i = 0; i < search->count; i++)
		found_roots_done(&search->found[i]);
	free(search);
}

/* Keeps FOUND for other containers. Takes it over. */
static void keep(struct container_search *search, struct found_roots *found)
{
	static const struct found_roots nothing;
	struct found_roots *place = &search->found[search->next];

	if (found_roots_equal(found, &nothing))
		return;
	for (size_t i = 0; i < search->count; i++)
		if (found_roots_equal(found, &search->found[i]))
			return;
	found_roots_done(place);
	*place = *found;
	*found = nothing;
	search->next = (search->next + 1) % CONTAINER_SEARCH_ROOTS_MAX;
	if (search->count < CONTAINER_SEARCH_ROOTS_MAX)
		search->count++;
}

bool container_search_bundle(
	struct container_search *search, struct container *container, const char *bundle)
{
	CLEANUP(found_roots_done) struct found_roots found = {0};

	if (!bundle_read(container, bundle, search->roots, &found))
		return false;
	keep(search, &found);
	return true;
}

/* ---- command lines ---- */

/* The next of ARGS, words with a NUL behind each; NULL behind the last. */
static const char *word_next(struct slice args, size_t *offset)
{
	const char *word = args.data + *offset;
	size_t len;

	if (*offset >= args.len)
		return NULL;
	len = strnlen(word, args.len - *offset);
	if (*offset + len == args.len) /* cut */
		return NULL;
	*offset += len + 1;
	return word;
}

/* The word behind OPTION in ARGS, from OFFSET on; NULL when it is not there. */
static const char *option_find(struct slice args, size_t offset, const char *option)
{
	const char *word;

	while ((word = word_next(args, &offset)))
		if (strcmp(word, option) == 0)
			return word_next(args, &offset);
	return NULL;
}

static bool conmon_bundle(
	struct slice args, size_t offset, const char *id, char bundle[static PATH_MAX])
{
	const char *told_id = option_find(args, offset, "-c");
	const char *told = option_find(args, offset, "-b");

	return told_id && told && strcmp(told_id, id) == 0 && told[0] == '/' &&
	       state_path(bundle, "%s", told);
}

/* The bundle of ID is beside that in which the shim is. */
static bool shim_bundle(const char *cwd, const char *id, char bundle[static PATH_MAX])
{
	struct slice parent = slice_of(cwd);
	struct container_places places;

	if (!container_roots_from_bundle(parent, (struct slice){0}, &places) ||
		places.namespace.len == 0)
		return false;
	component_take(&parent);
	return state_path(bundle, "%.*s/%s", (int)parent.len, parent.data, id);
}

bool bundle_from_command(
	struct slice args, const char *cwd, const char *id, char bundle[static PATH_MAX])
{
	size_t offset = 0;
	const char *program = word_next(args, &offset);
	const char *name = program ? slice_basename(slice_of(program)).data : NULL;

	if (!name)
		return false;
	if (strcmp(name, "conmon") == 0)
		return conmon_bundle(args, offset, id, bundle);
	if (strncmp(name, "containerd-shim", strlen("containerd-shim")) == 0)
		return shim_bundle(cwd, id, bundle);
	return false;
}

/* ---- looking ---- */

/* Who started the first process of CONTAINER, itself in another cgroup; 0 when it is not found. */
static pid_t find_starter(
	const struct cgroup_hierarchies *hierarchies, const struct container *container)
{
	pid_t pid = process_first(hierarchies, container->cgroup_path);
	uint64_t start;

	for (int i = 0; pid > 0 && i < PARENTS_MAX; i++) {
		if (!process_stat(pid, &start, &pid) || pid == 0)
			return 0;
		if (!process_is_in(pid, container->cgroup_path))
			return pid;
	}
	return 0;
}

static bool ask_starter(struct container_search *search, struct container *container)
{
	CLEANUP_STRBUF struct strbuf args = STRBUF_INIT;
	char cwd[PATH_MAX], bundle[PATH_MAX];
	pid_t pid = search->hierarchies && container->cgroup_path
			    ? find_starter(search->hierarchies, container)
			    : 0;

	return pid > 0 && process_is_trusted(pid) && process_command(pid, &args, cwd) &&
	       bundle_from_command(strbuf_slice(&args), cwd, container->id, bundle) &&
	       container_search_bundle(search, container, bundle);
}

/* Where containers/storage has the bundle of ID, whose root directory is ROOTFS. */
static bool storage_bundle(const char *rootfs, const char *id, char bundle[static PATH_MAX])
{
	struct slice root = slice_of(rootfs), driver;

	/* ROOT/DRIVER/LAYER/merged */
	if (!component_take_if(&root, "merged") || component_take(&root).len == 0)
		return false;
	driver = component_take(&root);
	return driver.len > 0 && root.len > 0 &&
	       state_path(bundle, "%.*s/%.*s-containers/%s/userdata", (int)root.len, root.data,
		       (int)driver.len, driver.data, id);
}

/* crun keeps a copy of the configuration, which is there before the cgroup is; its status is not. */
static bool ask_crun(struct container_search *search, struct container *container)
{
	char path[PATH_MAX], bundle[PATH_MAX];
	const char *told;

	if (!search->roots->crun ||
		!state_path(path, "%s/%s/status", search->roots->crun, container->id))
		return false;
	CLEANUP_JSON json_t *status = state_load(search->roots, path);

	told = state_text(status, "bundle");
	if (told)
		return container_search_bundle(search, container, told);
	if (!state_path(path, "%s/%s/config.json", search->roots->crun, container->id))
		return false;
	CLEANUP_JSON json_t *config = state_load(search->roots, path);

	told = state_text(json_object_get(config, "root"), "path");
	return told && storage_bundle(told, container->id, bundle) &&
	       container_search_bundle(search, container, bundle);
}

/* runc keeps the bundle among the labels: "bundle=/...". */
static bool ask_runc(struct container_search *search, struct container *container)
{
	static const char key[] = "bundle=";
	char path[PATH_MAX];
	const json_t *label;
	size_t i;

	if (!search->roots->runc ||
		!state_path(path, "%s/%s/state.json", search->roots->runc, container->id))
		return false;
	CLEANUP_JSON json_t *file = state_load(search->roots, path);

	json_array_foreach (json_object_get(json_object_get(file, "config"), "labels"), i, label) {
		const char *text = json_string_value(label);

		if (text && strncmp(text, key, strlen(key)) == 0)
			return container_search_bundle(search, container, text + strlen(key));
	}
	return false;
}

/* True when the engine's files and the container's own configuration were found. */
static bool read_at(struct container *container, const struct container_roots *roots)
{
	return container_read_state(container, roots) && container->bundle;
}

bool container_search_read(struct container_search *search, struct container *container)
{
	bool known = container_read_state(container, search->roots);

	if (known && container->bundle)
		return true;
	if (!state_id_is_file_name(container->id))
		return false;
	for (size_t i = 0; i < search->count; i++) {
		struct container_roots roots = found_roots_over(&search->found[i], search->roots);

		if (read_at(container, &roots))
			return true;
	}
	return ask_crun(search, container) || ask_runc(search, container) || known;
}

bool container_search_ask(struct container_search *search, struct container *container)
{
	bool known = container_search_read(search, container);

	if ((known && container->bundle) || !state_id_is_file_name(container->id))
		return known;
	return ask_starter(search, container) || known;
}
