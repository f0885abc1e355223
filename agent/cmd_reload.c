/* SPDX-License-Identifier: Apache-2.0 */
/*
 * `barewatch reload`: asks the running agent for its rules to be loaded anew, and waits for what came of it.
 * The agent is found by its file, asked by a signal, and answers in its file.
 */
#include <errno.h>
#include <inttypes.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/pidfd.h>

#include "ask.h"
#include "base/cleanup.h"
#include "base/clock.h"
#include "base/escape.h"
#include "base/log.h"
#include "base/options.h"
#include "cmd.h"
#include "host_options.h"

/* A large rule set takes some ms. An agent that is at the end of its means may take longer. */
#define PATIENCE_NS (30 * NS_PER_S)
#define LOOK_MS     50

struct arguments {
	struct host_arguments host; /* first; of it the state file alone */
};

static const struct option_spec options[] = {
	ASK_OPTION_STATE_FILE(host_option_state_file),
	OPTION_HELP,
};

static const struct command_usage usage = {
	.name = "reload",
	.help = "Usage: barewatch reload [OPTION]...\n"
		"\n"
		"Has the running `barewatch watch` load its rules anew, and waits until it has. All or\n"
		"nothing: when anything is wrong with them, which is printed, the old rules stay in\n"
		"force. Needs root.\n",
	.help_end = "Exit status:\n"
		    "  0  the new rules are in force\n"
		    "  2  they were refused; also usage\n"
		    "  3  no agent runs, or it gave no answer\n"
		    "  4  internal failure\n",
	.options = options,
	.option_count = ARRAY_SIZE(options),
};

DEFINE_CLEANUP(struct status, status, status_free);

/* It is root's file, but what is in it comes from rule files. */
static void print_lines(const char *text)
{
	while (*text) {
		CLEANUP_STRBUF struct strbuf line = STRBUF_INIT;
		size_t len = strcspn(text, "\n");

		escape_text(&line, (struct slice){text, len});
		fprintf(stderr, "%s\n", strbuf_text(&line));
		text += len + (text[len] == '\n');
	}
}

static int print_answer(const struct status_rules *rules)
{
	if (rules->error[0]) {
		print_lines(rules->error);
		log_error("the new rules are refused, version %" PRIu64 " stays in force",
			rules->version);
		return EXIT_USAGE;
	}
	printf("version %" PRIu64 " is in force: active %" PRIu64
	       ", added %zu, removed %zu, changed %zu\n",
		rules->version, rules->active, rules->changes.added, rules->changes.removed,
		rules->changes.changed);
	return EXIT_FINE;
}

/* True when the agent has loaded its rules since ASKED_NS; *RET_STATUS is then how that ended. */
static bool look(const char *path, uint64_t asked_ns, int *ret_status)
{
	CLEANUP(status_cleanup) struct status *status = NULL;
	struct status_rules rules;

	if (status_read(path, &status) < 0 || !status_find_rules(status, &rules) ||
		rules.tried_ns < asked_ns)
		return false;
	*ret_status = print_answer(&rules);
	return true;
}

/* Until the agent, which PIDFD is of, has answered or ended. */
static int wait_for_answer(const char *path, int pidfd, uint64_t asked_ns)
{
	struct pollfd agent = {.fd = pidfd, .events = POLLIN};
	int status;

	do {
		if (look(path, asked_ns, &status))
			return status;
		if (poll(&agent, 1, LOOK_MS) > 0) {
			log_error("the agent has ended without an answer");
			return EXIT_NO_ANSWER;
		}
	} while (clock_boot_ns() < asked_ns + PATIENCE_NS);
	log_error("the agent has not answered within %llu s", PATIENCE_NS / NS_PER_S);
	return EXIT_NO_ANSWER;
}

static int reload(const char *path)
{
	CLEANUP(status_cleanup) struct status *status = NULL;
	CLEANUP_FD int pidfd = -1;
	struct status_rules rules;
	uint64_t asked_ns;
	int r = status_open_agent(path, &pidfd, &status);

	if (r < 0)
		return ask_no_agent(path, r);
	if (!status_find_rules(status, &rules)) { /* an older one would end of it */
		log_error("the agent cannot load its rules anew: it is of an older version");
		return EXIT_NO_ANSWER;
	}
	asked_ns = clock_boot_ns();
	if (pidfd_send_signal(pidfd, SIGHUP, NULL, 0) < 0) {
		log_error("the agent cannot be asked: %s", strerror(errno));
		return EXIT_NO_ANSWER;
	}
	return wait_for_answer(path, pidfd, asked_ns);
}

static int parse_and_reload(struct arguments *a, int argc, char **argv)
{
	struct diag d;
	int status;

	if (command_parse(&usage, a, argc, argv, &status) < 0)
		return status;
	if (a->host.state_file[0])
		return reload(a->host.state_file);
	diag_at(&d, NULL, 0, 0, "--state-file needs a path");
	return command_usage_error(usage.name, &d);
}

static int run(int argc, char **argv)
{
	struct arguments a;
	int status = EXIT_INTERNAL;

	if (host_arguments_init(&a.host) == 0)
		status = parse_and_reload(&a, argc, argv);
	host_arguments_done(&a.host);
	return status;
}

const struct command command_reload = {
	.name = "reload",
	.summary = "have the running agent load its rules anew",
	.run = run,
};
