/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The agent's file: whatever the text, it is read or refused; and whatever the path of a
 * container, what is written of it is read again.
 */
#include <errno.h>
#include <stdint.h>
#include <stdlib.h>

#include "base/escape.h"
#include "status/format.h"

#define ID "0f3b4c5d6e7f8091a2b3c4d5e6f708192a3b4c5d6e7f8091a2b3c4d5e6f70819"

static void enrol(struct container *container, void *userdata)
{
	(void)userdata;
	container->bare = BARE_OPTION;
}

static void check_text(struct slice text)
{
	static const struct container web = {.id = ID, .cgroup_path = (char *)"/docker/" ID};
	struct status *status = NULL;
	struct status_counts counts;
	struct status_agent agent;
	int r = status_parse(text, &agent, &status);

	if (r != 0 && r != -EBADMSG)
		abort();
	if (r == 0 && agent.pid <= 0)
		abort();
	if (r == 0 && status_find(status, &web, &counts) &&
		(counts.execs | counts.attempts | counts.alerts) > INT64_MAX)
		abort();
	status_free(status);
}

/* CONTAINER is the only one of REPORT. */
static void check_container(const struct container *container, const struct status_report *report)
{
	CLEANUP_STRBUF struct strbuf text = STRBUF_INIT;
	struct status_agent agent = {.pid = 1, .start_ticks = 2};
	struct status_counts counts;
	struct status *status;

	status_format(&text, &agent, report);
	if (status_parse(strbuf_slice(&text), &agent, &status) < 0)
		abort();
	if (status_find(status, container, &counts) !=
		(utf8_valid(slice_of(container->cgroup_path)) &&
			utf8_valid(slice_of(container->id))))
		abort();
	status_free(status);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const struct container_registry_config config = {
		.containers_max = 1, .enrol = enrol};
	static const struct probe_counts none;
	CLEANUP_STRBUF struct strbuf path = STRBUF_INIT;
	struct status_report report = {.counts = &none};
	struct container_registry *registry;
	struct container *container;
	int error;

	check_text((struct slice){(const char *)data, size});
	strbuf_add_char(&path, '/');
	strbuf_add(&path, data, strnlen((const char *)data, size));
	strbuf_add_text(&path, "/docker/" ID);
	if (container_registry_new(&config, &registry) < 0)
		return 0;
	container = container_registry_add(registry, 1, strbuf_slice(&path), &error);
	report.containers = registry;
	if (container)
		check_container(container, &report);
	container_registry_free(registry);
	return 0;
}
