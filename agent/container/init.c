/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The first process of a container, as runtime and engine write it down once the cgroup is
 * there, and what else is in these files:
 *
 *   BUNDLE/init.pid                             containerd's shim (with Docker, too)
 *   RUNC/ID/state.json                          runc: .init_process_pid, .init_process_start,
 *                                               .created
 *   CRUN/ID/status                              crun: .pid, .process-start-time, .created
 *   BUNDLE/state.json, GRAPHROOT/.../userdata/  CRI-O: .initPid, .initStartTime, .started
 *   RUNROOT/DRIVER-containers/ID/userdata/pidfile   conmon
 *   DATA/containers/ID/config.v2.json           Docker: .State.Pid, .State.StartedAt
 *   ROOT/io.containerd.grpc.v1.cri/containers/ID/status   containerd's CRI: .Pid, .StartedAt,
 *                                               .CreatedAt in nanoseconds
 *
 * The directories of a runtime below an engine: STATE/runc/NAMESPACE (whatever the runtime is
 * called), EXEC/runtime-NAME/moby with Docker.
 */
#include <stdlib.h>

#include "container/bundle.h"
#include "container/process.h"

#define PID_FILE_MAX 64 /* bytes: a number */

/* What is passed along while files are looked for. */
struct init {
	struct container *container;
	const struct container_roots *roots;
	struct slice namespace, driver; /* of the bundle; empty where it has none */
};

/* A number as JSON or as text; 0 for anything else. */
static uint64_t number_of(const json_t *value)
{
	const char *text = json_string_value(value);

	if (json_is_integer(value) && json_integer_value(value) > 0)
		return json_integer_value(value);
	return text ? process_number(text) : 0;
}

/*
 * Takes PID for the container's first process if it is in its cgroup and, unless START_TICKS
 * is 0, was started then: a number may have been given out again.
 */
static bool believe(
	struct container *container, uint64_t pid, uint64_t start_ticks, const char *source)
{
	uint64_t start;
	pid_t parent;

	if (pid == 0 || pid > INT_MAX || !process_stat(pid, &start, &parent) ||
		(start_ticks && start_ticks != start) ||
		!process_is_in(pid, container->cgroup_path))
		return false;
	container_learn_number(container, CONTAINER_INIT_PID, pid, source);
	container_learn_number(container, CONTAINER_INIT_START_TICKS, start, "/proc/PID/stat");
	return true;
}

static bool read_runc(struct init *in, const char *directory)
{
	char path[PATH_MAX];

	if (!state_path(path, "%s/%s/state.json", directory, in->container->id))
		return false;
	CLEANUP_JSON json_t *file = state_load(in->roots, path);

	if (!believe(in->container, number_of(json_object_get(file, "init_process_pid")),
		    number_of(json_object_get(file, "init_process_start")), "runc state.json"))
		return false;
	state_learn_time(in->container, CONTAINER_CREATED_NS, state_text(file, "created"),
		"runc state.json");
	return true;
}

static bool read_crun(struct init *in, const char *directory)
{
	char path[PATH_MAX];

	if (!state_path(path, "%s/%s/status", directory, in->container->id))
		return false;
	CLEANUP_JSON json_t *file = state_load(in->roots, path);

	if (!believe(in->container, number_of(json_object_get(file, "pid")),
		    number_of(json_object_get(file, "process-start-time")), "crun status"))
		return false;
	state_learn_time(
		in->container, CONTAINER_CREATED_NS, state_text(file, "created"), "crun status");
	return true;
}

/* Looks into the directories that runtimes can have, of whatever engine. */
static bool read_runtime(struct init *in)
{
	static const char *const names[] = {"runtime-runc", "runtime-crun"}; /* with Docker */
	const struct container_roots *roots = in->roots;
	char directory[PATH_MAX];

	if (in->namespace.len > 0 && roots->containerd_state &&
		state_path(directory, "%s/runc/%.*s", roots->containerd_state,
			(int)in->namespace.len, in->namespace.data) &&
		(read_runc(in, directory) || read_crun(in, directory)))
		return true;
	for (size_t i = 0; roots->docker_exec && i < ARRAY_SIZE(names); i++)
		if (state_path(directory, "%s/%s/moby", roots->docker_exec, names[i]) &&
			(read_runc(in, directory) || read_crun(in, directory)))
			return true;
	return (roots->runc && read_runc(in, roots->runc)) ||
	       (roots->crun && read_crun(in, roots->crun));
}

static bool read_pid_file(struct init *in, const char *path, const char *source)
{
	CLEANUP_FREE char *text = state_read(in->roots, path, PID_FILE_MAX);

	return text && believe(in->container, process_number(text), 0, source);
}

static bool read_crio(struct init *in, const char *path)
{
	CLEANUP_JSON json_t *file = state_load(in->roots, path);

	if (!believe(in->container, number_of(json_object_get(file, "initPid")),
		    number_of(json_object_get(file, "initStartTime")), "cri-o state.json"))
		return false;
	state_learn_time(in->container, CONTAINER_STARTED_NS, state_text(file, "started"),
		"cri-o state.json");
	return true;
}

static bool read_docker(struct init *in)
{
	static const char source[] = "docker config.v2.json";
	char path[PATH_MAX];

	if (!in->roots->docker || !state_path(path, "%s/containers/%s/config.v2.json",
					  in->roots->docker, in->container->id))
		return false;
	CLEANUP_JSON json_t *file = state_load(in->roots, path);
	const json_t *state = json_object_get(file, "State");

	/* written when it has started; until then it tells of the time before */
	if (!believe(in->container, number_of(json_object_get(state, "Pid")), 0, source))
		return false;
	state_learn_time(
		in->container, CONTAINER_STARTED_NS, state_text(state, "StartedAt"), source);
	return true;
}

static bool read_cri(struct init *in)
{
	static const char source[] = "containerd status";
	char path[PATH_MAX];
	uint64_t created_ns, started_ns;

	if (!in->roots->containerd ||
		!state_path(path, "%s/io.containerd.grpc.v1.cri/containers/%s/status",
			in->roots->containerd, in->container->id))
		return false;
	CLEANUP_JSON json_t *file = state_load(in->roots, path);

	if (!believe(in->container, number_of(json_object_get(file, "Pid")), 0, source))
		return false;
	created_ns = number_of(json_object_get(file, "CreatedAt"));
	started_ns = number_of(json_object_get(file, "StartedAt"));
	if (created_ns)
		container_learn_number(in->container, CONTAINER_CREATED_NS, created_ns, source);
	if (started_ns)
		container_learn_number(in->container, CONTAINER_STARTED_NS, started_ns, source);
	return true;
}

/* What is beside the bundle's configuration, and, for containers/storage, in the runroot. */
static bool read_beside_bundle(struct init *in)
{
	const char *bundle = in->container->bundle;
	char path[PATH_MAX];

	if (bundle && state_path(path, "%s/init.pid", bundle) &&
		read_pid_file(in, path, "shim init.pid"))
		return true;
	if (bundle && state_path(path, "%s/state.json", bundle) && read_crio(in, path))
		return true;
	return in->driver.len > 0 && in->roots->podman_run &&
	       state_path(path, "%s/%.*s/%s/userdata/pidfile", in->roots->podman_run,
		       (int)in->driver.len, in->driver.data, in->container->id) &&
	       read_pid_file(in, path, "conmon pidfile");
}

/*
 * Each file may have what the others lack, so all are read. Those with a start to compare
 * come first.
 */
static void read_all(struct init *in)
{
	(void)read_runtime(in);
	(void)read_beside_bundle(in);
	(void)read_docker(in);
	(void)read_cri(in);
}

/* The process is known, and is still the same one. */
static bool is_current(const struct container *container)
{
	uint64_t start;
	pid_t parent;

	return container_knows(container, CONTAINER_INIT_PID) &&
	       process_stat(container->init_pid, &start, &parent) &&
	       start == container->init_start_ticks &&
	       process_is_in(container->init_pid, container->cgroup_path);
}

static void forget(struct container *container)
{
	static const enum container_number numbers[] = {
		CONTAINER_INIT_PID, CONTAINER_INIT_START_TICKS, CONTAINER_STARTED_NS};

	for (size_t i = 0; i < ARRAY_SIZE(numbers); i++) {
		container->numbers[numbers[i]] = 0;
		container->number_sources[numbers[i]] = NULL;
	}
}

bool container_read_init(struct container *container, const struct container_roots *roots,
	const struct cgroup_hierarchies *hierarchies)
{
	CLEANUP(found_roots_done) struct found_roots found = {0};
	struct container_places places = {0};
	struct container_roots all;
	struct init in = {.container = container, .roots = &all};

	if (!state_id_is_file_name(container->id))
		return false;
	if (!is_current(container))
		forget(container);
	if (container_roots_from_bundle(
		    slice_of(container->bundle ?: ""), slice_of(container->rootfs ?: ""), &places))
		found_roots_set(&found, &places);
	all = found_roots_over(&found, roots);
	in.namespace = places.namespace;
	in.driver = places.driver;
	read_all(&in);
	if (!container_knows(container, CONTAINER_INIT_PID) && hierarchies &&
		container->cgroup_path)
		(void)believe(container, process_first(hierarchies, container->cgroup_path), 0,
			"cgroup.procs");
	return container_knows(container, CONTAINER_INIT_PID);
}
