/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What only Podman's database tells, up to Podman 4 (and 5, where it was there before): a
 * bbolt file in ROOT/libpod/bolt_state.db (podman: libpod/boltdb_state_internal.go, seen with
 * 4.3):
 *
 *   ctr/ID/config        JSON: .labels, .healthcheck and, from 4.4 on, .startupHealthCheck
 *   ctr/ID/state         JSON: .restartCount
 *   ctr/ID/pod-id        id of its pod
 *   pod/POD-ID/config    JSON: .name, .labels
 *   pod/POD-ID/state     JSON: .InfraContainerID
 *
 * What is empty or 0 is left out there. Podman 5 has SQLite instead, in ROOT/db.sql, which is not
 * read.
 */
#include "container/reader.h"

#include <errno.h>
#include <fcntl.h>

#include "container/bolt.h"

#define SOURCE   "podman bolt_state.db"
#define DATABASE "libpod/bolt_state.db"

/* What one look at the database finds; NULL is not there. */
struct facts {
	const char *id;
	char *pod_id;
	json_t *config, *state, *pod, *pod_state;
};

static void facts_done(struct facts *f)
{
	free(f->pod_id);
	json_decref(f->config);
	json_decref(f->state);
	json_decref(f->pod);
	json_decref(f->pod_state);
	*f = (struct facts){.id = f->id};
}

/* The JSON object at KEY of BUCKET, or NULL. */
static json_t *get_object(struct bolt_view *view, const struct bolt_bucket *bucket, const char *key)
{
	struct slice text;

	if (bolt_get(view, bucket, slice_of(key), &text) < 0)
		return NULL;
	CLEANUP_JSON json_t *object = json_loadb(text.data, text.len, 0, NULL);

	return json_is_object(object) ? TAKE_PTR(object) : NULL;
}

static int look(struct bolt_view *view, void *userdata)
{
	struct facts *f = userdata;
	const char *const ctr[] = {"ctr", f->id};
	struct bolt_bucket bucket;
	struct slice pod_id;
	int r;

	facts_done(f);
	r = bolt_descend(view, ctr, ARRAY_SIZE(ctr), &bucket);
	if (r < 0)
		return r;
	f->config = get_object(view, &bucket, "config");
	f->state = get_object(view, &bucket, "state");
	if (bolt_get(view, &bucket, slice_of("pod-id"), &pod_id) == 0)
		f->pod_id = strndup(pod_id.data, pod_id.len);

	const char *const pod[] = {"pod", f->pod_id};

	if (!f->pod_id || bolt_descend(view, pod, ARRAY_SIZE(pod), &bucket) < 0)
		return 0;
	f->pod = get_object(view, &bucket, "config");
	f->pod_state = get_object(view, &bucket, "state");
	return 0;
}

/* Learns the map KIND from the labels of CONFIG. */
static void learn_labels(
	struct container *container, enum container_map_kind kind, const json_t *config)
{
	CLEANUP_JSON json_t *empty = json_object();
	const json_t *labels = json_object_get(config, "labels");

	if (config)
		state_learn_map(container, kind, labels ?: empty, SOURCE);
}

/* Left out while it is 0. */
static void learn_restarts(struct container *container, const json_t *state)
{
	CLEANUP_JSON json_t *zero = json_integer(0);

	if (state)
		state_learn_integer(container, CONTAINER_RESTARTS,
			json_object_get(state, "restartCount") ?: zero, SOURCE);
}

static void learn(struct container *container, const struct facts *f)
{
	const char *infra = state_text(f->pod_state, "InfraContainerID");

	learn_labels(container, CONTAINER_LABELS, f->config);
	learn_labels(container, CONTAINER_POD_LABELS, f->pod);
	learn_restarts(container, f->state);
	check_learn_podman(container, json_object_get(f->config, "healthcheck"), SOURCE);
	check_learn_podman(container, json_object_get(f->config, "startupHealthCheck"), SOURCE);
	container_learn(container, CONTAINER_POD_NAME, state_text(f->pod, "name"), SOURCE);
	container_learn(container, CONTAINER_POD_UID, f->pod_id, SOURCE);
	container_learn(container, CONTAINER_SANDBOX_ID, infra, SOURCE);
	container->is_sandbox = infra && strcmp(infra, container->id) == 0;
}

void podman_read_database(struct container *container, const struct container_roots *roots)
{
	CLEANUP(facts_done) struct facts f = {.id = container->id};
	CLEANUP_FD int fd = -1;
	char path[PATH_MAX];

	/* whoever writes one that has no end could keep the agent reading for long */
	if (!roots->is_untrusted && state_path(path, "%s/" DATABASE, roots->podman))
		fd = host_open(roots, path, O_RDONLY);
	if (fd >= 0 && bolt_look(fd, look, &f) == 0)
		learn(container, &f);
}
