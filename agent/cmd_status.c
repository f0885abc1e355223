/* SPDX-License-Identifier: Apache-2.0 */
/* `barewatch status`: how the running agent is. Asks it, and puts its answer into words. */
#include "barewatch/status.h"
#include "ask.h"
#include "base/cleanup.h"
#include "base/options.h"
#include "cmd.h"
#include "health.h"

struct arguments {
	struct ask_arguments ask; /* first */
	enum health_format format;
};

static int set_output(void *target, const char *value, struct diag *d)
{
	static const char *const names[] = {[HEALTH_TEXT] = "text", [HEALTH_JSON] = "json"};
	struct arguments *a = target;
	size_t found = a->format;
	int r = option_word(value, names, ARRAY_SIZE(names), &found, d);

	a->format = found;
	return r;
}

static const struct option_spec options[] = {
	{"output", 'o', "FORMAT", "text or json (docs/status.md)", set_output},
	ASK_OPTION_STATE_FILE(ask_option_state_file),
	OPTION_HELP,
};

static const struct command_usage usage = {
	.name = "status",
	.help = "Usage: barewatch status [OPTION]...\n"
		"\n"
		"Shows how the running `barewatch watch` is: since when it watches, by which\n"
		"hooks and what these do not see, how many containers, which rules are in force,\n"
		"what has come and what was lost, and its memory. Needs root.\n",
	.help_end = "Exit status:\n"
		    "  0  it was shown\n"
		    "  2  usage\n"
		    "  3  no agent runs, or it gave no answer\n"
		    "  4  internal failure\n",
	.options = options,
	.option_count = ARRAY_SIZE(options),
};

static int show(const struct arguments *a)
{
	CLEANUP_STRBUF struct strbuf text = STRBUF_INIT;
	int status = ask_agent(a->ask.state_file, json_pack("{s:s}", "request", "status"), &text);

	if (status != EXIT_FINE)
		return status;
	return ask_shown(health_print(strbuf_slice(&text), a->format));
}

static int run(int argc, char **argv)
{
	struct arguments a = {.ask.state_file = STATUS_DEFAULT_PATH};
	int status;

	if (command_parse(&usage, &a, argc, argv, &status) < 0)
		return status;
	return show(&a);
}

const struct command command_status = {
	.name = "status",
	.summary = "show how the running agent is",
	.run = run,
};
