/* SPDX-License-Identifier: Apache-2.0 */
/*
 * From the path of a cgroup to the container that it is or belongs to. Pure.
 *
 * Paths are read from the root down and the first component that is a container
 * decides: what a container names its own child cgroups must not change who it
 * is. What looks like a container below it is only told: an engine in the outer one has
 * made it, or somebody there calls it so. Forms and where they come from:
 *
 *   /docker/ID                                        dockerd, cgroupfs driver
 *   /kubepods/burstable/podUID/ID                     containerd CRI, cgroupfs
 *   /kubepods/burstable/podUID/crio-ID                CRI-O, cgroupfs
 *   /libpod_parent/libpod-ID, .../PODID/libpod-ID     podman, cgroupfs
 *   .../X.service/libpod-payload-ID                   podman --cgroups=split, Quadlet
 *   /actions_job/ID                                   GitHub's runner (docker)
 *   .../docker-ID.scope, cri-containerd-ID.scope,     systemd driver (runc's
 *     crio-ID.scope, libpod-ID.scope, nerdctl-ID.scope  "slice:prefix:name")
 *   .../SLICE:cri-containerd:ID                       that form, taken literally
 *   .../garden/UUID                                   Cloud Foundry
 *   /default/NAME, /k8s.io/NAME                       containerd namespaces (ctr)
 *   /docker/OUTER/docker/INNER,                       an engine in a container (docker:dind,
 *     .../docker-OUTER.scope/kubelet/kubepods/.../ID    kind, minikube): the forms, one below
 *                                                       the other
 *
 * and of the engines' own helpers, which are no containers:
 *
 *   crio-conmon-ID[.scope], libpod-conmon-ID.scope, /libpod_parent/conmon
 */
#include "barewatch/container.h"

#include <ctype.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/cleanup.h"

#define ID_DIGITS 64 /* all engines: 32 random bytes, or a sha256, in hex */

static bool is_hex(struct slice s)
{
	for (size_t i = 0; i < s.len; i++)
		if (!isdigit((unsigned char)s.data[i]) && (s.data[i] < 'a' || s.data[i] > 'f'))
			return false;
	return true;
}

static bool is_id(struct slice s)
{
	return s.len == ID_DIGITS && is_hex(s);
}

static bool take_prefix(struct slice *s, const char *prefix)
{
	struct slice p = slice_of(prefix);

	if (s->len < p.len || memcmp(s->data, p.data, p.len) != 0)
		return false;
	s->data += p.len;
	s->len -= p.len;
	return true;
}

static void take_first(struct slice *s)
{
	s->data++;
	s->len--;
}

static bool take_suffix(struct slice *s, const char *suffix)
{
	struct slice p = slice_of(suffix);

	if (s->len < p.len || memcmp(s->data + s->len - p.len, p.data, p.len) != 0)
		return false;
	s->len -= p.len;
	return true;
}

/* What one component of a path was found to be. */
enum verdict {
	NOTHING, /* look further down */
	CONTAINER, /* here it begins */
	HELPER, /* an engine's own process: no container here or below */
};

/* The prefixes before an id; those with `helper` first, they are longer. */
static const struct {
	const char *text;
	enum container_runtime runtime;
	bool helper;
} prefixes[] = {
	{"crio-conmon-", CONTAINER_RUNTIME_CRIO, true},
	{"libpod-conmon-", CONTAINER_RUNTIME_PODMAN, true},
	{"libpod-payload-", CONTAINER_RUNTIME_PODMAN, false},
	{"crio-", CONTAINER_RUNTIME_CRIO, false},
	{"libpod-", CONTAINER_RUNTIME_PODMAN, false},
	{"docker-", CONTAINER_RUNTIME_DOCKER, false},
	{"cri-containerd-", CONTAINER_RUNTIME_CONTAINERD, false},
	{"nerdctl-", CONTAINER_RUNTIME_CONTAINERD, false},
};

/* PREFIX-ID or PREFIX-ID.scope */
static enum verdict match_prefixed(struct slice component, struct cgroup_identity *ret)
{
	take_suffix(&component, ".scope");
	for (size_t i = 0; i < ARRAY_SIZE(prefixes); i++) {
		struct slice id = component;

		if (!take_prefix(&id, prefixes[i].text) || !is_id(id))
			continue;
		ret->id = id;
		ret->runtime = prefixes[i].runtime;
		return prefixes[i].helper ? HELPER : CONTAINER;
	}
	return NOTHING;
}

/* podUID, or kubepods-QOS-podUID.slice */
static void note_pod(struct slice component, struct cgroup_identity *ret)
{
	struct slice uid = component;

	if (take_suffix(&uid, ".slice")) {
		size_t at = uid.len;

		while (at > 0 && uid.data[at - 1] != '-')
			at--;
		uid.data += at;
		uid.len -= at;
	}
	if (take_prefix(&uid, "pod") && uid.len >= 32)
		ret->pod_uid = uid;
}

/* SLICE:PREFIX:ID, as a runtime with the cgroupfs driver makes of a systemd path */
static enum verdict match_literal_systemd(struct slice component, struct cgroup_identity *ret)
{
	struct slice id, before;

	if (component.len <= ID_DIGITS)
		return NOTHING;
	before = (struct slice){component.data, component.len - ID_DIGITS};
	id = (struct slice){component.data + before.len, ID_DIGITS};
	if (!is_id(id) || !take_suffix(&before, ":"))
		return NOTHING;
	ret->id = id;
	if (take_suffix(&before, ":cri-containerd"))
		ret->runtime = CONTAINER_RUNTIME_CONTAINERD;
	else if (take_suffix(&before, ":docker"))
		ret->runtime = CONTAINER_RUNTIME_DOCKER;
	else if (take_suffix(&before, ":crio"))
		ret->runtime = CONTAINER_RUNTIME_CRIO;
	else if (take_suffix(&before, ":libpod"))
		ret->runtime = CONTAINER_RUNTIME_PODMAN;
	note_pod(before, ret);
	return CONTAINER;
}

/* A bare ID. PARENT is the component above it. */
static enum verdict match_bare(
	struct slice component, struct slice parent, struct cgroup_identity *ret)
{
	if (!is_id(component) || slice_equal_text(parent, "libpod_parent")) /* a pod of podman's */
		return NOTHING;
	ret->id = component;
	if (slice_equal_text(parent, "docker") || slice_equal_text(parent, "actions_job"))
		ret->runtime = CONTAINER_RUNTIME_DOCKER;
	return CONTAINER;
}

/* A garden id is 8-4-4-4-... hex digits. */
static bool is_garden_id(struct slice s)
{
	return s.len > 8 && is_hex((struct slice){s.data, 8}) && s.data[8] == '-';
}

/* Names that are containers because of the directory they are in. LEVEL is 1 at the top. */
static enum verdict match_by_parent(
	struct slice component, struct slice parent, unsigned level, struct cgroup_identity *ret)
{
	if (slice_equal_text(parent, "libpod_parent") && slice_equal_text(component, "conmon"))
		return HELPER;
	if (component.len > CONTAINER_ID_MAX)
		return NOTHING;
	if (slice_equal_text(parent, "garden") && is_garden_id(component)) {
		ret->id = component;
		return CONTAINER;
	}
	if (level == 2 &&
		(slice_equal_text(parent, "default") || slice_equal_text(parent, "k8s.io"))) {
		ret->id = component;
		ret->runtime = CONTAINER_RUNTIME_CONTAINERD;
		return CONTAINER;
	}
	return NOTHING;
}

static enum verdict match(
	struct slice component, struct slice parent, unsigned level, struct cgroup_identity *ret)
{
	enum verdict v = match_prefixed(component, ret);

	if (v == NOTHING)
		v = match_literal_systemd(component, ret);
	if (v == NOTHING)
		v = match_by_parent(component, parent, level, ret);
	if (v == NOTHING)
		v = match_bare(component, parent, ret);
	return v;
}

/* The component of PATH that begins at or behind *OFFSET, which is moved on; empty at the end. */
static struct slice component_next(struct slice path, size_t *offset)
{
	struct slice component;

	while (*offset < path.len && path.data[*offset] == '/')
		(*offset)++;
	component = (struct slice){.data = path.data + *offset};
	while (*offset < path.len && path.data[*offset] != '/')
		(*offset)++;
	component.len = path.data + *offset - component.data;
	return component;
}

/*
 * The first container of PATH behind *OFFSET, as if the root of the hierarchy were there, which
 * it is to an engine in a cgroup namespace.
 */
static bool identify_next(struct slice path, size_t *offset, struct cgroup_identity *ret)
{
	struct cgroup_identity found = {0};
	struct slice component, parent = {0};
	unsigned level = 0;

	while ((component = component_next(path, offset)).len > 0) {
		switch (match(component, parent, ++level, &found)) {
		case CONTAINER:
			found.container_path = (struct slice){path.data, *offset};
			*ret = found;
			return true;
		case HELPER:
			return false;
		case NOTHING:
			note_pod(component, &found);
		}
		parent = component;
	}
	return false;
}

/* What container_mounts_path() writes. */
static bool identify_mounts(struct slice path, struct cgroup_identity *ret)
{
	struct slice id = path;

	if (!take_prefix(&id, "mnt:["))
		return false;
	while (id.len > 0 && isdigit((unsigned char)id.data[0]))
		take_first(&id);
	if (!take_prefix(&id, "]/") || id.len == 0 || id.len > CONTAINER_ID_MAX ||
		memchr(id.data, '/', id.len))
		return false;
	*ret = (struct cgroup_identity){.id = id, .container_path = path};
	return true;
}

void container_mounts_path(
	char path[static CONTAINER_MOUNTS_PATH_MAX], uint32_t mnt_ns, const char *id)
{
	snprintf(path, CONTAINER_MOUNTS_PATH_MAX, "mnt:[%" PRIu32 "]/%s", mnt_ns, id);
}

bool cgroup_path_identify(struct slice path, struct cgroup_identity *ret)
{
	size_t offset = 0;

	return identify_mounts(path, ret) || identify_next(path, &offset, ret);
}

size_t cgroup_path_identify_all(
	struct slice path, struct cgroup_identity ret[static CGROUP_NESTING_MAX])
{
	size_t offset = 0, count = 0;

	if (identify_mounts(path, &ret[0]))
		return 1;
	while (count < CGROUP_NESTING_MAX && identify_next(path, &offset, &ret[count]))
		count++;
	return count;
}
