/* SPDX-License-Identifier: Apache-2.0 */
/* `barewatch replay`: what rules make of a recording. */
#include <inttypes.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/log.h"
#include "base/options.h"
#include "cmd.h"
#include "replay.h"
#include "rule_options.h"

struct arguments {
	struct rule_arguments rule; /* first */
	struct rule_set *rules;
	enum alert_format format;
};

static int set_output(void *target, const char *value, struct diag *d)
{
	struct arguments *a = target;

	return rule_alert_format(value, &a->format, d);
}

static const struct option_spec options[] = {
	RULE_OPTION_RULES,
	RULE_OPTION_ALL_CONTAINERS,
	{"output", 'o', "FORMAT", RULE_ALERT_FORMAT_HELP, set_output},
	OPTION_HELP,
};

static const struct command_usage usage = {
	.name = "replay",
	.help = "Usage: barewatch replay [OPTION]... FILE...\n"
		"\n"
		"Judges what `record` or `watch --record` has written to FILE, and prints the alerts\n"
		"that `watch` gives by the same rules: with the times of the recording and ids of\n"
		"their own. Of a recording that was rotated the oldest file comes first; - reads\n"
		"standard input. Needs no privileges. Its exit status does not depend on alerts.\n"
		"Without --rules these are the built-in ones for bare containers, default.yaml.\n",
	.help_end = "Exit status:\n"
		    "  0  all was judged\n"
		    "  2  usage, or a broken rule file or recording\n"
		    "  4  internal failure\n"
		    "\n"
		    "Example:\n"
		    "  barewatch replay --rules new.yaml session.jsonl.1 session.jsonl\n",
	.options = options,
	.option_count = ARRAY_SIZE(options),
	.operands_max = COMMAND_OPERANDS_ANY,
	.operand_needed = "a recording is needed",
};

static void print_counts(const struct replay *replay)
{
	const struct replay_counts counts = replay_counts(replay);

	if (counts.cut > 0)
		log_warning("%" PRIu64
			    " of the files end in the middle of a line, which is left out",
			counts.cut);
	log_info("replayed: %" PRIu64 " events, %" PRIu64 " follow-ups, %" PRIu64 " alerts",
		counts.events, counts.follow_ups, counts.alerts);
}

static int replay_files(struct replay *replay, char **paths, int count)
{
	struct diag d;
	int r = 0;

	for (int i = 0; r == 0 && i < count; i++)
		r = replay_file(replay, paths[i], &d);
	print_counts(replay);
	if (r < 0) {
		command_print_diag(&d);
		return EXIT_USAGE;
	}
	return replay_counts(replay).undelivered ? EXIT_INTERNAL : EXIT_FINE;
}

static int run_replay(const struct arguments *a, char **paths, int count)
{
	const struct replay_config config = {.rules = a->rules, .format = a->format};
	struct replay *replay;
	int status, r = replay_new(&config, &replay);

	if (r < 0) {
		log_error("%s", strerror(-r));
		return EXIT_INTERNAL;
	}
	signal(SIGPIPE, SIG_IGN); /* a reader that goes away is an error of write() */
	status = replay_files(replay, paths, count);
	replay_free(replay);
	return status;
}

static int parse_and_run(struct arguments *a, int argc, char **argv)
{
	const struct rule_paths *paths = &a->rule.rules;
	int status, first = command_parse(&usage, a, argc, argv, &status);

	if (first < 0)
		return status;
	if (command_load_rules(a->rules, paths->items, paths->count, a->rule.all_containers) < 0)
		return EXIT_USAGE;
	return run_replay(a, argv + first, argc - first);
}

static int run(int argc, char **argv)
{
	struct arguments a = {.format = rule_alert_format_default()};
	int status = EXIT_INTERNAL;

	if (rule_set_new(&a.rules) == 0)
		status = parse_and_run(&a, argc, argv);
	rule_set_free(a.rules);
	return status;
}

const struct command command_replay = {
	.name = "replay",
	.summary = "give the alerts that rules make of a recording",
	.run = run,
};
