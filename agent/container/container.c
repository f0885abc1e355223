/* SPDX-License-Identifier: Apache-2.0 */
/* A container: the words for what it is, and what is learned about it. */
#include "barewatch/container.h"

#include <stdlib.h>

#include "base/cleanup.h"

const char *container_runtime_name(enum container_runtime runtime)
{
	static const char *const names[CONTAINER_RUNTIMES] = {
		[CONTAINER_RUNTIME_UNKNOWN] = "unknown",
		[CONTAINER_RUNTIME_DOCKER] = "docker",
		[CONTAINER_RUNTIME_CONTAINERD] = "containerd",
		[CONTAINER_RUNTIME_CRIO] = "cri-o",
		[CONTAINER_RUNTIME_PODMAN] = "podman",
	};

	return names[runtime];
}

const char *bare_source_name(enum bare_source source)
{
	static const char *const names[] = {
		[BARE_NO] = "no",
		[BARE_OPTION] = "option",
		[BARE_POLICY] = "policy",
	};

	return names[source];
}

const char *container_entry_name(enum container_entry entry)
{
	static const char *const names[CONTAINER_ENTRIES] = {
		[CONTAINER_ENTRY_CHILD] = "child",
		[CONTAINER_ENTRY_ENTRYPOINT] = "entrypoint",
		[CONTAINER_ENTRY_RUNTIME_EXEC] = "runtime-exec",
		[CONTAINER_ENTRY_PROBE] = "probe",
		[CONTAINER_ENTRY_EPHEMERAL] = "ephemeral",
		[CONTAINER_ENTRY_NSENTER] = "nsenter",
	};

	return names[entry];
}

const char *container_text_name(enum container_text text)
{
	static const char *const names[CONTAINER_TEXTS] = {
		[CONTAINER_NAME] = "name",
		[CONTAINER_IMAGE] = "image",
		[CONTAINER_IMAGE_ID] = "image_id",
		[CONTAINER_IMAGE_DIGEST] = "image_digest",
		[CONTAINER_POD_NAME] = "pod_name",
		[CONTAINER_POD_NAMESPACE] = "pod_namespace",
		[CONTAINER_POD_UID] = "pod_uid",
		[CONTAINER_SANDBOX_ID] = "sandbox_id",
		[CONTAINER_ENTRYPOINT] = "entrypoint",
		[CONTAINER_BUNDLE] = "bundle",
		[CONTAINER_ROOTFS] = "rootfs",
		[CONTAINER_PID_TARGET] = "pid_target",
		[CONTAINER_OVERLAY_UPPER] = "overlay_upper",
		[CONTAINER_OVERLAY_LOWER] = "overlay_lower",
		[CONTAINER_OUTER_ID] = "outer_id",
		[CONTAINER_OUTER_NAME] = "outer_name",
	};

	return names[text];
}

const char *container_number_name(enum container_number number)
{
	static const char *const names[CONTAINER_NUMBERS] = {
		[CONTAINER_INIT_PID] = "init_pid",
		[CONTAINER_INIT_START_TICKS] = "init_start_ticks",
		[CONTAINER_CREATED_NS] = "created_ns",
		[CONTAINER_STARTED_NS] = "started_ns",
		[CONTAINER_PRIVILEGED] = "privileged",
		[CONTAINER_USER_NAMESPACE] = "user_namespace",
		[CONTAINER_RESTARTS] = "restarts",
	};

	return names[number];
}

bool container_number_is_flag(enum container_number number)
{
	return number == CONTAINER_PRIVILEGED || number == CONTAINER_USER_NAMESPACE;
}

struct slice container_id_short(const struct container *container)
{
	struct slice id = slice_of(container->id);

	if (id.len == 64)
		id.len = CONTAINER_ID_SHORT;
	return id;
}

/* The members of the union are the same, under both kinds of name. */
#define ASSERT_SAME(member, text)                                                           \
	_Static_assert(offsetof(struct container, member) ==                                \
			       offsetof(struct container, texts) + (text) * sizeof(char *), \
		#member " is not where its number says")

ASSERT_SAME(name, CONTAINER_NAME);
ASSERT_SAME(image_digest, CONTAINER_IMAGE_DIGEST);
ASSERT_SAME(pod_name, CONTAINER_POD_NAME);
ASSERT_SAME(sandbox_id, CONTAINER_SANDBOX_ID);
ASSERT_SAME(entrypoint, CONTAINER_ENTRYPOINT);
ASSERT_SAME(pid_target, CONTAINER_PID_TARGET);
ASSERT_SAME(overlay_lower, CONTAINER_OVERLAY_LOWER);
ASSERT_SAME(outer_name, CONTAINER_OUTER_NAME);

#define ASSERT_SAME_NUMBER(member, number)                                                        \
	_Static_assert(offsetof(struct container, member) ==                                      \
			       offsetof(struct container, numbers) + (number) * sizeof(uint64_t), \
		#member " is not where its number says")

ASSERT_SAME_NUMBER(init_pid, CONTAINER_INIT_PID);
ASSERT_SAME_NUMBER(started_ns, CONTAINER_STARTED_NS);
ASSERT_SAME_NUMBER(user_namespace, CONTAINER_USER_NAMESPACE);

#define ASSERT_SAME_MAP(member, kind)                                                             \
	_Static_assert(                                                                           \
		offsetof(struct container, member) ==                                             \
			offsetof(struct container, maps) + (kind) * sizeof(struct container_map), \
		#member " is not where its number says")

ASSERT_SAME_MAP(labels, CONTAINER_LABELS);
ASSERT_SAME_MAP(annotations, CONTAINER_ANNOTATIONS);
ASSERT_SAME_MAP(pod_labels, CONTAINER_POD_LABELS);

void container_learn(struct container *container, enum container_text text, const char *value,
	const char *source)
{
	size_t max = text == CONTAINER_OVERLAY_LOWER ? CONTAINER_LAYERS_MAX : CONTAINER_TEXT_MAX;

	if (!value || !value[0] || container->texts[text] || strlen(value) > max)
		return;
	container->texts[text] = strdup(value);
	if (container->texts[text]) /* out of memory: it stays unknown */
		container->sources[text] = source;
}

void container_learn_number(struct container *container, enum container_number number,
	uint64_t value, const char *source)
{
	if (container->number_sources[number])
		return;
	container->numbers[number] = value;
	container->number_sources[number] = source;
}

void container_forget(struct container *container)
{
	for (int i = 0; i < CONTAINER_TEXTS; i++) {
		free(container->texts[i]);
		container->texts[i] = NULL;
		container->sources[i] = NULL;
	}
	memset(container->numbers, 0, sizeof(container->numbers));
	memset(container->number_sources, 0, sizeof(container->number_sources));
	for (int i = 0; i < CONTAINER_MAPS; i++)
		container_map_done(&container->maps[i]);
	for (size_t i = 0; i < container->check_count; i++)
		free(container->checks[i].argv);
	container->check_count = 0;
	container->is_incomplete = false;
	container->is_sandbox = false;
	container->is_ephemeral = false;
	container->has_started = false;
}

static bool is_check(const struct container *container, const struct entry_clues *clues)
{
	if (clues->script.len > 0)
		return container_has_script_check(container, clues->argv, clues->script);
	return container_has_check(container, clues->argv);
}

enum container_entry container_enter(struct container *container, const struct entry_clues *clues)
{
	bool first = !container->has_started;

	if (clues->mounts_are_outside) /* also the runtime, before it has changed its root */
		return CONTAINER_ENTRY_NSENTER;
	if (clues->parent_is_inside)
		return CONTAINER_ENTRY_CHILD;
	container->has_started = true;
	if (container->is_ephemeral)
		return CONTAINER_ENTRY_EPHEMERAL;
	if (first || clues->ns_tgid == 1)
		return CONTAINER_ENTRY_ENTRYPOINT;
	return is_check(container, clues) ? CONTAINER_ENTRY_PROBE : CONTAINER_ENTRY_RUNTIME_EXEC;
}
