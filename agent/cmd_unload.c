/* SPDX-License-Identifier: Apache-2.0 */
/* `barewatch unload`: ends what goes on after an agent. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "barewatch/probe.h"
#include "base/cleanup.h"
#include "base/log.h"
#include "base/options.h"
#include "cmd.h"

struct arguments {
	struct common_arguments common; /* first */
	const char *dir;
};

static int set_pin(void *target, const char *value, struct diag *d)
{
	struct arguments *a = target;

	return option_absolute_path(value, &a->dir, d);
}

static const struct option_spec options[] = {
	{"pin", '\0', "DIR", "where it is pinned (default: " PROBE_PINS_DEFAULT_DIR ")", set_pin},
	OPTION_HELP,
};

static const struct command_usage usage = {
	.name = "unload",
	.help = "Usage: barewatch unload [OPTION]...\n"
		"\n"
		"Removes what `barewatch watch` has left in the kernel for the agent after it:\n"
		"BPF programs, maps, and events that nobody has read. Needs root. Refuses while\n"
		"an agent runs. That there is nothing is no error.\n",
	.help_end = EXIT_STATUS_HELP,
	.options = options,
	.option_count = ARRAY_SIZE(options),
};

static int remove_all(const char *dir, struct diag *d)
{
	struct probe_pins_removed removed;
	struct probe_pins *pins;
	int r = probe_pins_open(dir, false, &pins, d);

	if (r == -ENOENT || r == -ENODEV) {
		printf("nothing is pinned at %s\n", dir);
		return 0;
	}
	if (r < 0)
		return r;
	r = probe_pins_remove(pins, &removed);
	probe_pins_free(pins);
	if (r < 0)
		return diag_errno(d, dir, r);
	printf("removed %s: %zu links, %zu programs, %zu maps\n", dir, removed.links,
		removed.programs, removed.maps);
	return 0;
}

static int run(int argc, char **argv)
{
	struct arguments a = {.dir = PROBE_PINS_DEFAULT_DIR};
	struct diag d;
	int status;

	if (command_parse(&usage, &a, argc, argv, &status) < 0)
		return status;
	if (remove_all(a.dir, &d) == 0)
		return EXIT_FINE;
	log_error("%s", d.message);
	return EXIT_NO_ANSWER;
}

const struct command command_unload = {
	.name = "unload",
	.summary = "remove what an agent has left in the kernel",
	.run = run,
};
