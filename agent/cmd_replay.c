/* SPDX-License-Identifier: Apache-2.0 */
/* `barewatch replay`: what rules make of a recording. */
#include <inttypes.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/log.h"
#include "base/options.h"
#include "cmd.h"
#include "replay.h"

struct arguments {
	struct common_arguments common; /* first */
	struct rule_set *rules;
	const char *paths[COMMAND_RULES_MAX]; /* of rules */
	size_t path_count;
	enum alert_format format;
	bool have_format;
};

static int set_rules(void *target, const char *value, struct diag *d)
{
	struct arguments *a = target;

	if (a->path_count == COMMAND_RULES_MAX)
		return diag_at(d, NULL, 0, 0, "given more than %d times", COMMAND_RULES_MAX);
	a->paths[a->path_count++] = value;
	return 0;
}

static int set_output(void *target, const char *value, struct diag *d)
{
	struct arguments *a = target;

	a->have_format = true;
	if (strcmp(value, "json") == 0)
		a->format = ALERT_JSON;
	else if (strcmp(value, "text") == 0)
		a->format = isatty(STDOUT_FILENO) ? ALERT_TEXT_COLOR : ALERT_TEXT;
	else
		return diag_at(d, NULL, 0, 0, "'%s' is neither 'text' nor 'json'", value);
	return 0;
}

static const struct option_spec options[] = {
	{"rules", 'r', "PATH",
		"use the rules in this file or folder instead of the\n"
		"built-in ones; may be repeated",
		set_rules},
	{"output", 'o', "FORMAT", "text or json (default: text on a terminal, else json)",
		set_output},
	OPTION_HELP,
};

static void print_help(void)
{
	printf("Usage: barewatch replay [OPTION]... FILE...\n"
	       "\n"
	       "Judges what `record` or `watch --record` has written to FILE, and prints the alerts\n"
	       "that `watch` gives by the same rules: with the times of the recording and ids of\n"
	       "their own. Of a recording that was rotated the oldest file comes first; - reads\n"
	       "standard input. Needs no privileges. Its exit status does not depend on alerts.\n"
	       "\n"
	       "Options:\n");
	options_print(stdout, options, ARRAY_SIZE(options));
	printf("\n"
	       "Exit status:\n"
	       "  0  all was judged\n"
	       "  2  usage, or a broken rule file or recording\n"
	       "  4  internal failure\n"
	       "\n"
	       "Example:\n"
	       "  barewatch replay --rules new.yaml session.jsonl.1 session.jsonl\n");
}

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
	char text[1024];
	struct diag d;
	int r = 0;

	for (int i = 0; r == 0 && i < count; i++)
		r = replay_file(replay, paths[i], &d);
	print_counts(replay);
	if (r < 0) {
		diag_text(&d, text, sizeof(text));
		log_error("%s", text);
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
	struct diag d;
	int r = options_parse(options, ARRAY_SIZE(options), a, argc, argv, &d);

	if (r >= 0 && a->common.help) {
		print_help();
		return EXIT_FINE;
	}
	if (r == argc)
		r = diag_at(&d, NULL, 0, 0, "a recording is needed");
	if (r < 0)
		return command_usage_error("replay", &d);
	if (command_load_rules(a->rules, a->paths, a->path_count, false) < 0)
		return EXIT_USAGE;
	if (!a->have_format)
		a->format = isatty(STDOUT_FILENO) ? ALERT_TEXT_COLOR : ALERT_JSON;
	return run_replay(a, argv + r, argc - r);
}

static int run(int argc, char **argv)
{
	struct arguments a = {0};
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
