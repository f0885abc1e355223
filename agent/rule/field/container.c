/* SPDX-License-Identifier: Apache-2.0 */
/* The fields of the container and its pod. */
#include "rule/field/class.h"

static const char *bare_source_word(unsigned index)
{
	return index <= BARE_POLICY ? bare_source_name(index) : NULL;
}

/* clang-format off */
static const struct field container_fields[] = {
	ROW("container.id", TEXT, ALL, KERNEL, read_container_id, NULL,
		"the first 12 digits of the container's id; host outside of containers"),
	ROW("container.full_id", TEXT, ALL, KERNEL, read_container_full_id, "outside of containers",
		"the whole id"),
	ROW("container.outer_id", TEXT, ALL, KERNEL, read_container_text_at, "it is not nested",
		"whole id of the container whose engine runs it; that one chose all that is "
		"told of it, its id too", OF_CONTAINER(outer_id)),
	ROW("container.outer_name", TEXT, ALL, ENGINE, read_container_text_at, "it is not nested",
		"name of that container", OF_CONTAINER(outer_name)),
	ROW("container.name", TEXT, ALL, ENGINE, read_container_name, NOT_TOLD,
		"name, as the engine knows it; host outside of containers"),
	ROW("container.image", TEXT, ALL, ENGINE, read_container_text_at, NOT_TOLD,
		"image reference, as the engine knows it", OF_CONTAINER(image)),
	ROW("container.image.repository", TEXT, ALL, ENGINE, read_image_repository,
		"the reference is an id; " NOT_TOLD,
		"container.image without tag and digest"),
	ROW("container.image.tag", TEXT, ALL, ENGINE, read_image_tag,
		"the reference is a digest or an id; " NOT_TOLD,
		"tag of container.image; latest when it has neither tag nor digest"),
	ROW("container.image.id", TEXT, ALL, ENGINE, read_container_text_at, NOT_TOLD,
		"digest of the image's configuration", OF_CONTAINER(image_id)),
	ROW("container.image.digest", TEXT, ALL, ENGINE, read_image_digest, NOT_TOLD,
		"digest of the image's manifest: sha256:..."),
	ROW("container.entrypoint", TEXT, ALL, ENGINE, read_container_text_at, NOT_TOLD,
		"the argv that its runtime was told to start, each word quoted where needed",
		OF_CONTAINER(entrypoint), .quoted = true),
	ROW("container.healthcheck", TEXT, ALL, ENGINE, read_health_check,
		"it has none, or is of a pod; " NOT_TOLD,
		"the command of its health check", .words_joined = true, .is_extra = true),
	ROW("container.rootfs", TEXT, ALL, ENGINE, read_container_text_at, NOT_TOLD,
		"its root directory, as the host sees it", OF_CONTAINER(rootfs)),
	ROW("container.privileged", BOOL, ALL, ENGINE, read_container_flag, NOT_TOLD,
		"its engine was told to hold nothing back from it (--privileged)",
		OF_NUMBER(CONTAINER_PRIVILEGED)),
	ROW("container.user_namespace", BOOL, ALL, ENGINE, read_container_flag, NOT_TOLD,
		"its user ids are not the host's", OF_NUMBER(CONTAINER_USER_NAMESPACE)),
	ROW("container.created_ts", NUMBER, ALL, ENGINE, read_container_number, NOT_TOLD,
		"when its engine made it, in nanoseconds since 1970",
		OF_NUMBER(CONTAINER_CREATED_NS)),
	ROW("container.start_ts", NUMBER, ALL, ENGINE, read_container_number, NOT_TOLD,
		"when it was last started, in nanoseconds since 1970",
		OF_NUMBER(CONTAINER_STARTED_NS)),
	ROW("container.duration", NUMBER, EVENTS, ENGINE, read_container_duration, NOT_TOLD,
		"nanoseconds from its start to the event", .is_extra = true),
	ROW("container.labels", TEXT, ALL, ENGINE, read_container_map_at, NOT_TOLD,
		"its labels, with its image's where its engine joins them: key:value, key:value",
		OF_CONTAINER(labels), .words_joined = true),
	ROW("container.label", TEXT, ALL, ENGINE, read_container_map_value,
		"it has no such label, or " NOT_TOLD, "one of them",
		OF_CONTAINER(labels), .argument = FIELD_ARGUMENT_KEY, .is_extra = true),
	ROW("container.type", TEXT, ALL, ENGINE, read_container_type, NOT_TOLD,
		"container.runtime; host outside of containers", .is_extra = true),
	ROW("container.runtime", TEXT, ALL, ENGINE, read_container_runtime, NOT_TOLD,
		"docker, containerd, cri-o or podman"),
	ROW("container.is_pod_sandbox", BOOL, ALL, ENGINE, read_is_pod_sandbox, NOT_TOLD,
		"it holds the namespaces of a pod and runs nothing of its own", .is_extra = true),
	ROW("container.bare", BOOL, ALL, AGENT, read_container_bare, NULL,
		"the container is meant to hold no shell and no package manager"),
	ROW("container.bare_source", TEXT, ALL, AGENT, read_container_bare_source,
		"outside of containers",
		"what says so: option or policy; else no", .word = bare_source_word),
};

static const struct field k8s_fields[] = {
	ROW("k8s.pod.name", TEXT, ALL, ENGINE, read_container_text_at, NOT_TOLD,
		"name of its pod", OF_CONTAINER(pod_name)),
	ROW("k8s.ns.name", TEXT, ALL, ENGINE, read_container_text_at, NOT_TOLD,
		"namespace of its pod", OF_CONTAINER(pod_namespace)),
	ROW("k8s.pod.uid", TEXT, ALL, ENGINE, read_container_text_at, NOT_TOLD,
		"uid of its pod", OF_CONTAINER(pod_uid)),
	ROW("k8s.pod.id", TEXT, ALL, ENGINE, read_container_text_at, NOT_TOLD,
		"k8s.pod.uid", OF_CONTAINER(pod_uid), .is_extra = true),
	ROW("k8s.pod.sandbox_id", TEXT, ALL, ENGINE, read_sandbox_id, NOT_TOLD,
		"the first 12 digits of the id of its pod's sandbox container"),
	ROW("k8s.pod.full_sandbox_id", TEXT, ALL, ENGINE, read_container_text_at, NOT_TOLD,
		"the whole id of its pod's sandbox container", OF_CONTAINER(sandbox_id)),
	ROW("k8s.pod.labels", TEXT, ALL, ENGINE, read_container_map_at, NOT_TOLD,
		"labels of its pod: key:value, key:value",
		OF_CONTAINER(pod_labels), .words_joined = true),
	ROW("k8s.pod.label", TEXT, ALL, ENGINE, read_container_map_value,
		"it has no such label, or " NOT_TOLD, "one of them",
		OF_CONTAINER(pod_labels), .argument = FIELD_ARGUMENT_KEY, .is_extra = true),
};
/* clang-format on */

FIELD_CLASS(container, "The container.", container_fields);
FIELD_CLASS(k8s, "Its pod.", k8s_fields);
