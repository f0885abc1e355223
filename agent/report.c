/* SPDX-License-Identifier: Apache-2.0 */
/* See report.h. */
#include "report.h"

#include "base/proc.h"

static void put_sensors(struct report *report)
{
	for (int i = 0; i < PROBE_SENSORS; i++) {
		struct status_sensor *sensor = &report->sensors[i];
		size_t count = 0;

		sensor->name = probe_sensor_name(i);
		sensor->hook = probe_sensor_hook(report->probe, i);
		while (count < STATUS_UNSEEN_MAX &&
			(sensor->unseen[count] = probe_sensor_unseen(report->probe, i, count)))
			count++;
		sensor->unseen[count] = NULL;
	}
}

struct census {
	const struct tracker *tracker;
	uint64_t watched, bare;
};

static void count_container(const struct container *container, void *userdata)
{
	struct census *census = userdata;
	bool is_watched = tracker_watches(census->tracker, container);

	census->watched += is_watched;
	census->bare += is_watched && container->bare != BARE_NO;
}

/* What the containers have counted changes by records, and by what the tracker finds, only. */
struct status_report report_make(struct report *report, const struct probe_counts *counts)
{
	const struct tracker *tracker = report->tracker;
	const struct status_rules *rules = reload_status(report->reload);
	struct census census = {.tracker = tracker};

	put_sensors(report);
	container_registry_each(tracker->registry, count_container, &census);
	return (struct status_report){
		.changes = report->dispatch->records + tracker->enrolled + tracker->bare +
			   rules->version + rules->failures,
		.alerts = report->outlet->alerts,
		.counts = counts,
		.rules = rules,
		.sensors = report->sensors,
		.watched = census.watched,
		.bare = census.bare,
		.memory_bytes = process_resident_bytes(),
		.containers = tracker->registry,
	};
}
