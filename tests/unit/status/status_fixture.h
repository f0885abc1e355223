/* SPDX-License-Identifier: Apache-2.0 */
/* A registry with containers that have counted something, and what an agent tells of it. */
#pragma once

#include "asserts.h"

#include "barewatch/status.h"

#define WEB_ID   "0f3b4c5d6e7f8091a2b3c4d5e6f708192a3b4c5d6e7f8091a2b3c4d5e6f70819"
#define WEB_PATH "/system.slice/docker-" WEB_ID ".scope"

struct status_fixture {
	struct container_registry *registry;
	struct probe_counts counts;
	struct status_report report;
	uint64_t keys;
};

static inline void status_fixture_enrol(struct container *container, void *userdata)
{
	(void)userdata;
	container->bare = BARE_OPTION;
}

static inline void status_fixture_init(struct status_fixture *f)
{
	static const struct container_registry_config config = {
		.containers_max = 65536, .enrol = status_fixture_enrol};

	*f = (struct status_fixture){.report = {.changes = 1, .alerts = 7, .counts = &f->counts}};
	assert_int_equal(container_registry_new(&config, &f->registry), 0);
	f->report.containers = f->registry;
}

static inline void status_fixture_done(struct status_fixture *f)
{
	container_registry_free(f->registry);
}
#define CLEANUP_STATUS_FIXTURE CLEANUP(status_fixture_done)

/* A container whose cgroup is at PATH, with these counts. */
static inline struct container *status_fixture_add(struct status_fixture *f, const char *path,
	uint64_t execs, uint64_t attempts, uint64_t alerts)
{
	int error;
	struct container *container = container_registry_add(
		f->registry, ++f->keys, slice_of(path), &error);

	assert_non_null(container);
	container->execs = execs;
	container->attempts = attempts;
	container->alerts = alerts;
	return container;
}

/* Asserts what STATUS says of CONTAINER. */
static inline void assert_counts(const struct status *status, const struct container *container,
	uint64_t execs, uint64_t attempts, uint64_t alerts)
{
	struct status_counts found;

	assert_true(status_find(status, container, &found));
	assert_int_equal(found.execs, execs);
	assert_int_equal(found.attempts, attempts);
	assert_int_equal(found.alerts, alerts);
}
