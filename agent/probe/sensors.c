/* SPDX-License-Identifier: Apache-2.0 */
/* By what each kind of event is seen on this kernel, and what is not seen so. */
#include <string.h>

#include "probe/probe.h"

const char *probe_sensor_name(enum probe_sensor sensor)
{
	static const char *const names[PROBE_SENSORS] = {
		[PROBE_SENSOR_EXECS] = "execs",
		[PROBE_SENSOR_ATTEMPTS] = "attempts",
		[PROBE_SENSOR_MAPPINGS] = "mappings",
		[PROBE_SENSOR_OPENS] = "opens",
	};

	return names[sensor];
}

const char *probe_sensor_hook(const struct probe *probe, enum probe_sensor sensor)
{
	if (sensor == PROBE_SENSOR_MAPPINGS && !probe->selection.mappings)
		return "none";
	if (sensor != PROBE_SENSOR_OPENS)
		return "tracepoint";
	return probe_open_variant_name(
		probe_opens_told(probe) ? probe->selection.open : PROBE_OPEN_NONE);
}

static bool sees(const struct probe *probe, enum probe_sensor sensor)
{
	return strcmp(probe_sensor_hook(probe, sensor), "none") != 0;
}

/* Of 64-bit system calls only; execs and what is inside the kernel are seen of all programs. */
static bool leaves_out_32_bit(const struct probe *probe, enum probe_sensor sensor)
{
	if (probe->config.coverage == PROBE_COVERAGE_FULL || !sees(probe, sensor))
		return false;
	return sensor == PROBE_SENSOR_ATTEMPTS || sensor == PROBE_SENSOR_MAPPINGS ||
	       (sensor == PROBE_SENSOR_OPENS && probe->selection.open == PROBE_OPEN_TRACEPOINT);
}

static bool leaves_out_failed(const struct probe *probe, enum probe_sensor sensor)
{
	return sensor == PROBE_SENSOR_OPENS && sees(probe, sensor) && !probe->config.failed_opens;
}

static bool leaves_out_all(const struct probe *probe, enum probe_sensor sensor)
{
	return sensor == PROBE_SENSOR_OPENS && !probe->opens_told;
}

const char *probe_sensor_unseen(const struct probe *probe, enum probe_sensor sensor, size_t index)
{
	static const struct {
		bool (*is_so)(const struct probe *probe, enum probe_sensor sensor);
		const char *sentence;
	} choices[] = {
		{leaves_out_all,
			"opened files are not seen: no rule, recording or option asks for them"},
		{leaves_out_32_bit,
			"those of 32-bit programs are not seen: --coverage=full has them"},
		{leaves_out_failed, "opens that fail are not seen: --failed-opens has them"},
	};
	size_t known = 0;

	while (selection_unseen(&probe->selection, sensor, known))
		known++;
	if (index < known)
		return selection_unseen(&probe->selection, sensor, index);
	for (size_t i = 0; i < sizeof(choices) / sizeof(choices[0]); i++)
		if (choices[i].is_so(probe, sensor) && index-- == known)
			return choices[i].sentence;
	return NULL;
}

const char *probe_unseen(const struct probe *probe, size_t index)
{
	const char *sentence;

	for (int sensor = 0; sensor < PROBE_SENSORS; sensor++) {
		if (sensor == PROBE_SENSOR_OPENS && !probe->opens_told)
			continue;
		for (size_t i = 0; (sentence = selection_unseen(&probe->selection, sensor, i)); i++)
			if (index-- == 0)
				return sentence;
	}
	return NULL;
}
