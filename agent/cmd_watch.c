/* SPDX-License-Identifier: Apache-2.0 */
/* `barewatch watch`: its options, and the files they name. */
#include <errno.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "barewatch/probe.h"
#include "base/cleanup.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/options.h"
#include "cmd.h"
#include "rule_watch.h"
#include "selfcheck.h"
#include "watch_options.h"

static int set_rules(void *target, const char *value, struct diag *d)
{
	struct watch_arguments *a = target;

	return rule_paths_add(&a->rules, value, d);
}

static int set_watch_rules(void *target, const char *value, struct diag *d)
{
	struct watch_arguments *a = target;

	(void)value, (void)d;
	a->watches_rules = true;
	return 0;
}

static int set_output(void *target, const char *value, struct diag *d)
{
	struct watch_arguments *a = target;

	return rule_alert_format(value, &a->watch.format, d);
}

static int set_max_alerts(void *target, const char *value, struct diag *d)
{
	struct watch_arguments *a = target;
	unsigned long long alerts;
	int r = option_number(value, 1, UINT32_MAX, &alerts, d);

	a->watch.alerts_max = alerts;
	return r;
}

static int set_pin(void *target, const char *value, struct diag *d)
{
	struct watch_arguments *a = target;

	a->watch.pin = WATCH_PIN;
	a->have_pin = true;
	return option_absolute_path(value, &a->watch.pin_dir, d);
}

static int set_canary(void *target, const char *value, struct diag *d)
{
	struct watch_arguments *a = target;
	unsigned long long seconds;
	int r = option_number(value, 0, 24 * 3600, &seconds, d);

	a->watch.canary_ns = seconds * NS_PER_S;
	return r;
}

static int set_no_pin(void *target, const char *value, struct diag *d)
{
	struct watch_arguments *a = target;

	(void)value, (void)d;
	a->watch.pin = WATCH_PIN_NOT;
	a->have_pin = true;
	return 0;
}

static int set_all_containers(void *target, const char *value, struct diag *d)
{
	struct watch_arguments *a = target;

	(void)value, (void)d;
	a->watch.all_containers = true;
	return 0;
}

static const struct option_spec options[] = {
	HOST_OPTION_BARE,
	HOST_OPTION_POLICY,
	{"all-containers", '\0', NULL,
		"watch those that are not bare as well, with a few\n"
		"rules of their own beside the built-in ones",
		set_all_containers},
	{"rules", 'r', "PATH",
		"use the rules of this file, or of the *.yaml, *.yml\n"
		"and *.json of this folder, instead of the built-in\n"
		"ones; may be repeated",
		set_rules},
	{"watch-rules", '\0', NULL,
		"load the rules anew when files or folders of --rules\n"
		"change (without: on SIGHUP and `barewatch reload`)",
		set_watch_rules},
	WATCH_OPTION_CATALOG,
	{"output", 'o', "FORMAT", RULE_ALERT_FORMAT_HELP, set_output},
	WATCH_OPTION_FOR,
	{"max-alerts", '\0', "N", "stop after N alerts", set_max_alerts},
	WATCH_OPTION_RING_SIZE,
	WATCH_OPTION_COVERAGE,
	WATCH_OPTION_OPENS,
	WATCH_OPTION_FAILED_OPENS,
	WATCH_OPTION_PROBE,
	{"pin", '\0', "DIR",
		"keep the kernel side in DIR on a bpf file system, so\n"
		"that a restart loses nothing; must be possible\n"
		"(default: " PROBE_PINS_DEFAULT_DIR ", where it is\n"
		"possible, and without --for and --max-alerts)",
		set_pin},
	{"canary", '\0', "SECONDS",
		"how often to start a program, to see that programs\n"
		"are seen (default: " STRINGIFY(SELFCHECK_CANARY_S_DEFAULT) "; 0: never)",
		set_canary},
	{"no-pin", '\0', NULL, "pin nothing: all ends with the agent", set_no_pin},
	HOST_OPTION_ENGINE_ROOT,
	HOST_OPTION_HOST_ROOT,
	HOST_OPTION_STATE_FILE,
	{"record", '\0', "FILE",
		"write all that is judged to FILE, for `replay`; it\n"
		"must not be there yet",
		watch_option_record},
	{"record-size", '\0', "MIB", "how large FILE may get (default: 64)",
		watch_option_record_size},
	{"record-rotate", '\0', "N",
		"go on in a new FILE when it is full, and keep N older\n"
		"ones: FILE.1 is the newest (default: stop recording)",
		watch_option_record_rotate},
	WATCH_OPTION_VERBOSE,
	OPTION_HELP,
};

static const struct command_usage usage = {
	.name = "watch",
	.help = "Usage: barewatch watch [OPTION]...\n"
		"\n"
		"Watches the containers of this host that are meant to be bare. Reports every\n"
		"shell and package manager that is started in one, or that somebody tries to\n"
		"start, and every program and library that is not of its image. Needs root.\n"
		"Alerts go to standard output, everything else to standard error. Stops on SIGINT\n"
		"and SIGTERM. Its exit status does not depend on alerts. SIGHUP loads the rules\n"
		"anew; if anything is wrong with them, the old ones stay in force.\n"
		"\n"
		"Where it is pinned, the kernel side goes on after SIGTERM, SIGKILL or a failure,\n"
		"and the next agent goes on with what was recorded meanwhile; `barewatch unload`\n"
		"removes it. SIGINT, --for and --max-alerts leave nothing behind.\n",
	.help_end = EXIT_STATUS_HELP "\n"
				     "Examples:\n"
				     "  barewatch watch --bare all\n"
				     "  barewatch watch --bare web -o json\n",
	.options = options,
	.option_count = ARRAY_SIZE(options),
};

/* What was not said on the command line. */
static int apply_defaults(struct watch_arguments *a, struct diag *d)
{
	struct watch_config *w = &a->watch;

	if (!a->have_pin && (w->duration_ns || w->alerts_max))
		w->pin = WATCH_PIN_NOT;
	if (a->watches_rules && a->rules.count == 0)
		return diag_at(d, NULL, 0, 0, "--watch-rules needs --rules");
	return watch_arguments_default(a, d);
}

/* Watched before they are read: no change falls in between. */
static int load_rules(struct watch_arguments *a)
{
	const struct rule_paths *rules = &a->rules;
	int r = 0;

	a->watch.rule_paths = rules->items;
	a->watch.rule_path_count = rules->count;
	if (a->watches_rules)
		r = rule_watch_new(rules->items, rules->count, &a->watch.rule_watch);
	if (r < 0) {
		log_error("the rules cannot be watched: %s", strerror(-r));
		return EXIT_NO_ANSWER;
	}
	r = command_load_rules(a->watch.rules, rules->items, rules->count, a->watch.all_containers);
	if (r < 0)
		return EXIT_USAGE;
	if (!a->watch.all_containers)
		command_warn_unwatched(a->watch.rules);
	return EXIT_FINE;
}

static int parse_and_run(struct watch_arguments *a, int argc, char **argv)
{
	struct diag d;
	int status;

	if (command_parse(&usage, a, argc, argv, &status) < 0)
		return status;
	if (apply_defaults(a, &d) < 0)
		return command_usage_error(usage.name, &d);
	status = load_rules(a);
	if (status != EXIT_FINE)
		return status;
	signal(SIGPIPE, SIG_IGN); /* a reader that goes away is an error of write() */
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

const struct command command_watch = {
	.name = "watch",
	.summary = "report shells, package managers and foreign programs",
	.run = run,
};
