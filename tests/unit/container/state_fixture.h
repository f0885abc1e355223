/* SPDX-License-Identifier: Apache-2.0 */
/* The state directories of all engines in one scratch directory, and a container to learn about. */
#pragma once

#include "scratch.h"

#include "barewatch/container.h"

#define ID    "0f3b4c5d6e7f8091a2b3c4d5e6f708192a3b4c5d6e7f8091a2b3c4d5e6f70819"
#define OTHER "ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff"
#define HEX   "5e7f8091a2b3c4d5e6f708192a3b4c5d6e7f8091a2b3c4d5e6f708190f3b4c5d"

#define MOBY_TASK "containerd/daemon/io.containerd.runtime.v2.task/moby/"
#define CRI_TASK  "containerd/io.containerd.runtime.v2.task/k8s.io/"

struct state_fixture {
	struct scratch s;
	char docker[64], docker_exec[64], podman[64], containerd[64], containerd_root[64];
	struct container_roots roots;
	struct container container;
};

static inline void state_fixture_init(struct state_fixture *f)
{
	scratch_init(&f->s);
	snprintf(f->docker, sizeof(f->docker), "%s/docker", f->s.root);
	snprintf(f->docker_exec, sizeof(f->docker_exec), "%s/docker-exec", f->s.root);
	snprintf(f->podman, sizeof(f->podman), "%s/podman", f->s.root);
	snprintf(f->containerd, sizeof(f->containerd), "%s/containerd", f->s.root);
	snprintf(f->containerd_root, sizeof(f->containerd_root), "%s/containerd-root", f->s.root);
	f->roots = (struct container_roots){
		.docker = f->docker,
		.docker_exec = f->docker_exec,
		.podman = f->podman,
		.containerd = f->containerd_root,
		.containerd_state = f->containerd,
	};
	f->container = (struct container){.id = ID};
}

static inline void state_fixture_done(struct state_fixture *f)
{
	container_forget(&f->container);
	scratch_done(&f->s);
}
#define CLEANUP_STATE_FIXTURE CLEANUP(state_fixture_done)

/* Forgets what was learned before, and reads the state anew as that of RUNTIME. */
static inline void state_fixture_read(struct state_fixture *f, enum container_runtime runtime)
{
	container_forget(&f->container);
	f->container.runtime = runtime;
	container_read_state(&f->container, &f->roots);
}

#define assert_learned(f, text, value, source) \
	assert_learned_at((f), (text), (value), (source), __FILE__, __LINE__)

/* VALUE and SOURCE are NULL for what is unknown. "@" in VALUE stands for the scratch directory. */
static inline void assert_learned_at(const struct state_fixture *f, enum container_text text,
	const char *value, const char *source, const char *file, int line)
{
	const char *found = f->container.texts[text] ?: "(unknown)";
	const char *from = f->container.sources[text] ?: "(nowhere)";
	char expected[PATH_MAX];

	snprintf(expected, sizeof(expected), "%s%s", value && value[0] == '@' ? f->s.root : "",
		value ? value + (value[0] == '@') : "(unknown)");
	if (strcmp(found, expected) == 0 && strcmp(from, source ?: "(nowhere)") == 0)
		return;
	print_error("%s is '%s' from %s, not '%s' from %s\n", container_text_name(text), found,
		from, expected, source ?: "(nowhere)");
	_fail(file, line);
}

#define assert_map(f, kind, text, source) \
	assert_map_at((f), (kind), (text), (source), __FILE__, __LINE__)

/* TEXT and SOURCE are NULL for what is unknown; TEXT is as rules see it. */
static inline void assert_map_at(const struct state_fixture *f, enum container_map_kind kind,
	const char *text, const char *source, const char *file, int line)
{
	const struct container_map *map = &f->container.maps[kind];
	char buffer[CONTAINER_MAP_BYTES_MAX];
	struct slice found = container_map_text(map, buffer);

	if (strcmp(map->source ?: "(nowhere)", source ?: "(nowhere)") == 0 &&
		slice_equal_text(found, text ?: ""))
		return;
	print_error("%s are '%.*s' from %s, not '%s' from %s\n", container_map_name(kind),
		(int)found.len, found.data, map->source ?: "(nowhere)", text ?: "(unknown)",
		source ?: "(nowhere)");
	_fail(file, line);
}

/* True when the command of the container's only check is the words WORD and SECOND. */
static inline bool has_one_check(
	const struct state_fixture *f, const char *word, const char *second)
{
	CLEANUP_STRBUF struct strbuf argv = STRBUF_INIT;

	strbuf_add(&argv, word, strlen(word) + 1);
	strbuf_add(&argv, second, strlen(second) + 1);
	return f->container.check_count == 1 &&
	       container_has_check(&f->container, strbuf_slice(&argv));
}

/* An annotation of a pod, as JSON: its container "app" has the probe /live -v. */
#define APPLIED_KEY "kubectl.kubernetes.io/last-applied-configuration"
#define APPLIED_POD(quote)                                                                  \
	"{" quote "kind" quote ":" quote "Pod" quote "," quote "spec" quote ":{" quote      \
	"containers" quote ":[{" quote "name" quote ":" quote "app" quote "," quote         \
	"livenessProbe" quote ":{" quote "exec" quote ":{" quote "command" quote ":[" quote \
	"/live" quote "," quote "-v" quote "]}}}]}}"

/* Every text is unknown, and so is what kind of container it is. */
#define assert_nothing_learned(f) assert_nothing_learned_at((f), __FILE__, __LINE__)

static inline void assert_nothing_learned_at(
	const struct state_fixture *f, const char *file, int line)
{
	for (int i = 0; i < CONTAINER_TEXTS; i++)
		assert_learned_at(f, i, NULL, NULL, file, line);
	for (int i = 0; i < CONTAINER_NUMBERS; i++)
		if (container_knows(&f->container, i))
			_fail(file, line);
	for (int i = 0; i < CONTAINER_MAPS; i++)
		assert_map_at(f, i, NULL, NULL, file, line);
	if (f->container.is_sandbox || f->container.is_ephemeral || f->container.check_count > 0)
		_fail(file, line);
}

/* Writes an OCI configuration: ANNOTATIONS and NAMESPACES are JSON. */
static inline void state_fixture_bundle(struct state_fixture *f, const char *directory,
	const char *annotations, const char *namespaces)
{
	CLEANUP_STRBUF struct strbuf text = STRBUF_INIT;
	char name[PATH_MAX / 4];

	snprintf(name, sizeof(name), "%s/config.json", directory);
	strbuf_addf(&text,
		"{\"process\":{\"args\":[\"/bin/app\",\"--motd\",\"hello world\"]},"
		"\"root\":{\"path\":\"rootfs\"},\"linux\":{\"namespaces\":%s},\"annotations\":%s}",
		namespaces, annotations);
	scratch_write_text(&f->s, name, strbuf_text(&text));
}

#define OWN_PID_NAMESPACE "[{\"type\":\"pid\"},{\"type\":\"mount\"}]"

/* The namespaces of a container that joins the processes of this one. */
static inline void own_pid_namespace_path(char *ret, size_t size)
{
	snprintf(ret, size, "[{\"type\":\"pid\",\"path\":\"/proc/%d/ns/pid\"}]", (int)getpid());
}

/* A text that is in this process's /proc/PID/cgroup, for the id of a sandbox it is taken for. */
static inline void own_cgroup_word(char *ret, size_t size)
{
	CLEANUP_FREE char *text = NULL;
	size_t len, ignored;

	assert_int_equal(read_file_at(AT_FDCWD, "/proc/self/cgroup", 65536, &text, &ignored), 0);
	len = strcspn(text, "\n");
	assert_true(len > 0 && len < size);
	memcpy(ret, text, len);
	ret[len] = '\0';
}
