/* SPDX-License-Identifier: Apache-2.0 */
/* `barewatch record`: the agent without rules, and with a recording. */
#include <signal.h>
#include <stdio.h>

#include "base/cleanup.h"
#include "base/options.h"
#include "cmd.h"
#include "watch_options.h"

static const struct option_spec options[] = {
	{"write", 'w', "FILE", "record to FILE, which must not be there yet", watch_option_record},
	{"max-size", '\0', "MIB", "how large FILE may get (default: 64)", watch_option_record_size},
	{"rotate", '\0', "N",
		"go on in a new FILE when it is full, and keep N older\n"
		"ones: FILE.1 is the newest (default: stop)",
		watch_option_record_rotate},
	HOST_OPTION_BARE,
	HOST_OPTION_POLICY,
	WATCH_OPTION_CATALOG,
	WATCH_OPTION_FOR,
	WATCH_OPTION_RING_SIZE,
	WATCH_OPTION_COVERAGE,
	WATCH_OPTION_OPENS,
	WATCH_OPTION_FAILED_OPENS,
	WATCH_OPTION_PROBE,
	HOST_OPTION_ENGINE_ROOT,
	HOST_OPTION_HOST_ROOT,
	WATCH_OPTION_VERBOSE,
	OPTION_HELP,
};

static const struct command_usage usage = {
	.name = "record",
	.help = "Usage: barewatch record -w FILE [OPTION]...\n"
		"\n"
		"Records what happens in the containers of this host that are meant to be bare, as\n"
		"JSON lines, whether a rule speaks of it or not; `barewatch replay` gives the alerts\n"
		"that rules make of it. `watch --record` does the same while it watches. Needs root.\n"
		"Stops on SIGINT and SIGTERM, and when FILE is full.\n",
	.help_end = EXIT_STATUS_HELP "\n"
				     "Example:\n"
				     "  barewatch record -w session.jsonl --bare all --for 60\n",
	.options = options,
	.option_count = ARRAY_SIZE(options),
};

static int parse_and_run(struct watch_arguments *a, int argc, char **argv)
{
	struct diag d;
	int status, r = 0;

	if (command_parse(&usage, a, argc, argv, &status) < 0)
		return status;
	if (!a->watch.record.path)
		r = diag_at(&d, NULL, 0, 0, "a file is needed: --write FILE");
	if (r == 0)
		r = watch_arguments_default(a, &d);
	if (r < 0)
		return command_usage_error(usage.name, &d);
	/* the one that watches here, if any, is not to be disturbed */
	a->watch.pin = WATCH_PIN_NOT;
	a->watch.state_file = "";
	a->watch.only_records = true;
	signal(SIGPIPE, SIG_IGN);
	return watch_run(&a->watch);
}

static int run(int argc, char **argv)
{
	struct watch_arguments a;
	int status = EXIT_INTERNAL;

	if (watch_arguments_init(&a) == 0)
		status = parse_and_run(&a, argc, argv);
	watch_arguments_done(&a);
	return status;
}

const struct command command_record = {
	.name = "record",
	.summary = "write down what happens, for replay",
	.run = run,
};
