/* SPDX-License-Identifier: Apache-2.0 */
/* `barewatch watch`: its options, and the files they name. */
#include <errno.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "barewatch/probe.h"
#include "base/cleanup.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/options.h"
#include "builtin.h"
#include "cmd.h"
#include "host_options.h"
#include "selfcheck.h"
#include "watch.h"

#define RULES_MAX 64 /* options --rules; folders hold more */

struct arguments {
	struct host_arguments host; /* first */
	struct watch_config watch;
	const char *rules[RULES_MAX]; /* paths, in their order */
	size_t rule_count;
	bool have_format;
	bool have_pin;
};

static int set_rules(void *target, const char *value, struct diag *d)
{
	struct arguments *a = target;

	if (a->rule_count >= RULES_MAX)
		return diag_at(d, NULL, 0, 0, "given more than %d times", RULES_MAX);
	a->rules[a->rule_count++] = value;
	return 0;
}

static int set_catalog(void *target, const char *value, struct diag *d)
{
	struct arguments *a = target;

	catalog_free(a->watch.catalog);
	a->watch.catalog = NULL;
	return host_option_located(d, catalog_load_file(value, &a->watch.catalog, d));
}

static int set_output(void *target, const char *value, struct diag *d)
{
	struct arguments *a = target;

	a->have_format = true;
	if (strcmp(value, "json") == 0)
		a->watch.format = ALERT_JSON;
	else if (strcmp(value, "text") == 0)
		a->watch.format = isatty(STDOUT_FILENO) ? ALERT_TEXT_COLOR : ALERT_TEXT;
	else
		return diag_at(d, NULL, 0, 0, "'%s' is neither 'text' nor 'json'", value);
	return 0;
}

static int set_for(void *target, const char *value, struct diag *d)
{
	struct arguments *a = target;
	unsigned long long seconds;
	int r = option_number(value, 1, UINT32_MAX, &seconds, d);

	a->watch.duration_ns = seconds * NS_PER_S;
	return r;
}

static int set_max_alerts(void *target, const char *value, struct diag *d)
{
	struct arguments *a = target;
	unsigned long long alerts;
	int r = option_number(value, 1, UINT32_MAX, &alerts, d);

	a->watch.alerts_max = alerts;
	return r;
}

static int set_ring(void *target, const char *value, struct diag *d)
{
	struct arguments *a = target;
	unsigned long long kib;
	int r = option_number(value, 64, 256 * 1024, &kib, d);

	if (r < 0)
		return r;
	if (kib & (kib - 1))
		return diag_at(d, NULL, 0, 0, "'%s' is not a power of two", value);
	a->watch.ring_bytes = kib * 1024;
	return 0;
}

static int set_coverage(void *target, const char *value, struct diag *d)
{
	struct arguments *a = target;

	if (strcmp(value, "standard") == 0)
		a->watch.coverage = PROBE_COVERAGE_STANDARD;
	else if (strcmp(value, "full") == 0)
		a->watch.coverage = PROBE_COVERAGE_FULL;
	else
		return diag_at(d, NULL, 0, 0, "'%s' is neither 'standard' nor 'full'", value);
	return 0;
}

static int set_pin(void *target, const char *value, struct diag *d)
{
	struct arguments *a = target;

	a->watch.pin = WATCH_PIN;
	a->have_pin = true;
	return option_absolute_path(value, &a->watch.pin_dir, d);
}

static int set_canary(void *target, const char *value, struct diag *d)
{
	struct arguments *a = target;
	unsigned long long seconds;
	int r = option_number(value, 0, 24 * 3600, &seconds, d);

	a->watch.canary_ns = seconds * NS_PER_S;
	return r;
}

static int set_no_pin(void *target, const char *value, struct diag *d)
{
	struct arguments *a = target;

	(void)value, (void)d;
	a->watch.pin = WATCH_PIN_NOT;
	a->have_pin = true;
	return 0;
}

static int set_verbose(void *target, const char *value, struct diag *d)
{
	(void)target, (void)value, (void)d;
	log_set_verbose(true);
	return 0;
}

static const struct option_spec options[] = {
	HOST_OPTION_BARE,
	HOST_OPTION_POLICY,
	{"rules", 'r', "PATH",
		"use the rules of this file, or of the *.yaml, *.yml\n"
		"and *.json of this folder, instead of the built-in\n"
		"ones; may be repeated",
		set_rules},
	{"catalog", '\0', "FILE", "use this catalog of programs, not the built-in one",
		set_catalog},
	{"output", 'o', "FORMAT", "text or json (default: text on a terminal, else json)",
		set_output},
	{"for", '\0', "SECONDS", "stop after this time", set_for},
	{"max-alerts", '\0', "N", "stop after N alerts", set_max_alerts},
	{"ring-size", '\0', "KIB", "size of the event ring, a power of two (default: 4096)",
		set_ring},
	{"coverage", '\0', "WHICH",
		"standard, or full: failed execs and executable\n"
		"mappings of 32-bit programs are seen, too, and every\n"
		"system call of the host pays for it\n"
		"(default: standard)",
		set_coverage},
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
	{"verbose", 'v', NULL, "say more about what is done", set_verbose},
	OPTION_HELP,
};

static void print_help(void)
{
	printf("Usage: barewatch watch [OPTION]...\n"
	       "\n"
	       "Watches the containers of this host that are meant to be bare. Reports every\n"
	       "shell and package manager that is started in one, or that somebody tries to\n"
	       "start, and every program and library that is not of its image. Needs root.\n"
	       "Alerts go to standard output, everything else to standard error. Stops on SIGINT\n"
	       "and SIGTERM. Its exit status does not depend on alerts.\n"
	       "\n"
	       "Where it is pinned, the kernel side goes on after SIGTERM, SIGKILL or a failure,\n"
	       "and the next agent goes on with what was recorded meanwhile; `barewatch unload`\n"
	       "removes it. SIGINT, --for and --max-alerts leave nothing behind.\n"
	       "\n"
	       "Options:\n");
	options_print(stdout, options, ARRAY_SIZE(options));
	printf("\n" EXIT_STATUS_HELP "\n"
	       "Examples:\n"
	       "  barewatch watch --bare all\n"
	       "  barewatch watch --bare web -o json\n");
}

/* What was not said on the command line. */
static int apply_defaults(struct arguments *a, struct diag *d)
{
	struct watch_config *w = &a->watch;
	int r = 0;

	if (!a->have_pin && (w->duration_ns || w->alerts_max))
		w->pin = WATCH_PIN_NOT;
	if (!a->have_format)
		w->format = isatty(STDOUT_FILENO) ? ALERT_TEXT_COLOR : ALERT_JSON;
	if (!w->catalog)
		r = builtin_catalog(&w->catalog, d);
	if (r == 0)
		r = host_arguments_default(&a->host, d);
	if (r == 0 && policy_is_empty(a->host.policy))
		r = diag_at(d, NULL, 0, 0,
			"no container is declared bare: give --bare all, --bare NAME, or a "
			"policy file");
	return r;
}

/* All of them at once, since later files change what earlier ones define. */
static int load_rules(const struct arguments *a)
{
	CLEANUP_DIAGS struct diags diags = DIAGS_INIT;
	struct rule_set *rules = a->watch.rules;
	int r;

	if (a->rule_count > 0)
		r = rule_set_add_paths(rules, a->rules, a->rule_count, &diags);
	else
		r = rule_set_add_text(rules, "default.yaml (built in)", builtin_rules(), &diags);
	command_print_diags(&diags, false);
	if (r < 0)
		log_error("the rules cannot be used");
	return r;
}

static int parse_and_run(struct arguments *a, int argc, char **argv)
{
	struct diag d;
	int r = options_parse(options, ARRAY_SIZE(options), a, argc, argv, &d);

	if (r >= 0 && a->host.common.help) {
		print_help();
		return EXIT_FINE;
	}
	if (r >= 0 && r < argc)
		r = diag_at(&d, NULL, 0, 0, "unexpected argument '%s'", argv[r]);
	if (r >= 0)
		r = apply_defaults(a, &d);
	if (r < 0)
		return command_usage_error("watch", &d);
	if (load_rules(a) < 0)
		return EXIT_USAGE;
	a->watch.policy = a->host.policy;
	a->watch.roots = a->host.roots;
	a->watch.state_file = a->host.state_file;
	signal(SIGPIPE, SIG_IGN); /* a reader that goes away is an error of write() */
	return watch_run(&a->watch);
}

static int run(int argc, char **argv)
{
	struct arguments a = {.watch = {.ring_bytes = PROBE_RING_BYTES_DEFAULT,
				      .canary_ns = SELFCHECK_CANARY_S_DEFAULT * NS_PER_S,
				      .pin_dir = PROBE_PINS_DEFAULT_DIR}};
	int status = EXIT_INTERNAL;

	if (host_arguments_init(&a.host) == 0 && rule_set_new(&a.watch.rules) == 0)
		status = parse_and_run(&a, argc, argv);
	host_arguments_done(&a.host);
	rule_set_free(a.watch.rules);
	catalog_free(a.watch.catalog);
	return status;
}

const struct command command_watch = {
	.name = "watch",
	.summary = "report shells, package managers and foreign programs",
	.run = run,
};
