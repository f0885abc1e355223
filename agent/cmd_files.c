/* SPDX-License-Identifier: Apache-2.0 */
/*
 * `barewatch files`: what a container has opened and executed so far. Asks the running agent, and
 * puts together what it tells of each file.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "barewatch/origin.h"
#include "barewatch/profile.h"
#include "barewatch/status.h"
#include "ask.h"
#include "base/cleanup.h"
#include "base/escape.h"
#include "base/options.h"
#include "cmd.h"
#include "files.h"

struct arguments {
	struct ask_arguments ask; /* first */
	struct files_choice choice;
	enum files_format format;
};

static int set_sort(void *target, const char *value, struct diag *d)
{
	static const char *const names[] = {
		[FILES_BY_PATH] = "path", [FILES_BY_COUNT] = "count", [FILES_BY_LAST] = "last"};
	struct arguments *a = target;
	size_t found = a->choice.order;
	int r = option_word(value, names, ARRAY_SIZE(names), &found, d);

	a->choice.order = found;
	return r;
}

static int set_use(void *target, const char *value, struct diag *d)
{
	struct arguments *a = target;
	uint32_t use = profile_use_parse(value);
	const char *words[PROFILE_USES_MAX];

	a->choice.uses |= use;
	if (use)
		return 0;
	diag_at(d, NULL, 0, 0, "'%s' is no use of a file", value);
	diag_suggest(d, value, words, profile_use_words(UINT32_MAX, words));
	return -EINVAL;
}

static int set_opened(void *target, const char *value, struct diag *d)
{
	struct arguments *a = target;

	(void)value, (void)d;
	a->choice.uses |= ~PROFILE_EXECUTED;
	return 0;
}

static int set_executed(void *target, const char *value, struct diag *d)
{
	struct arguments *a = target;

	(void)value, (void)d;
	a->choice.uses |= PROFILE_EXECUTED;
	return 0;
}

static int set_origin(void *target, const char *value, struct diag *d)
{
	const char *names[PROGRAM_ORIGINS];
	struct arguments *a = target;

	for (int i = 0; i < PROGRAM_ORIGINS; i++) {
		names[i] = program_origin_name(i);
		if (strcmp(value, names[i]) != 0)
			continue;
		a->choice.origins |= 1u << i;
		return 0;
	}
	diag_at(d, NULL, 0, 0, "'%s' is no origin of a file", value);
	diag_suggest(d, value, names, PROGRAM_ORIGINS);
	return -EINVAL;
}

static int set_output(void *target, const char *value, struct diag *d)
{
	static const char *const names[] = {
		[FILES_TEXT] = "text", [FILES_WIDE] = "wide", [FILES_JSON] = "json"};
	struct arguments *a = target;
	size_t found = a->format;
	int r = option_word(value, names, ARRAY_SIZE(names), &found, d);

	a->format = found;
	return r;
}

static const struct option_spec options[] = {
	{"sort", 's', "KEY",
		"path; count, the most used first; or last, the one\n"
		"used last first (default: path)",
		set_sort},
	{"opened", '\0', NULL, "only files that were opened", set_opened},
	{"executed", '\0', NULL, "only files that were executed", set_executed},
	{"use", '\0', "USE",
		"only files that were used so: read, write, truncate,\n"
		"create, make_executable or execute; may be repeated",
		set_use},
	{"origin", '\0', "ORIGIN",
		"only files from there: image, copyup, upper, volume,\n"
		"memfd, tmpfs, host, deleted or unknown; may be\n"
		"repeated",
		set_origin},
	{"output", 'o', "FORMAT", "text, wide (more columns) or json (docs/files.md)", set_output},
	ASK_OPTION_STATE_FILE(ask_option_state_file),
	OPTION_HELP,
};

static const struct command_usage usage = {
	.name = "files",
	.help = "Usage: barewatch files CONTAINER [OPTION]...\n"
		"\n"
		"Lists the files that a container has opened and executed so far, as the running\n"
		"`barewatch watch` has seen it: what for, how often, where each came from, and by which\n"
		"program. CONTAINER is its name, its id, or the beginning of that. A container that has\n"
		"ended is forgotten soon. Needs root.\n",
	.help_end = "Exit status:\n"
		    "  0  they were listed\n"
		    "  2  usage; no such container is watched, or several are called so\n"
		    "  3  no agent runs, or it gave no answer\n"
		    "  4  internal failure\n",
	.options = options,
	.option_count = ARRAY_SIZE(options),
	.operands_max = 1,
	.operand_needed = "the name or id of a container is needed",
};

static int show(const struct arguments *a, const char *name)
{
	CLEANUP_STRBUF struct strbuf text = STRBUF_INIT;
	int status = ask_agent(a->ask.state_file,
		json_pack("{s:s, s:s}", "request", "files", "container", name), &text);

	if (status != EXIT_FINE)
		return status;
	return ask_shown(files_print(strbuf_slice(&text), &a->choice, a->format));
}

static int run(int argc, char **argv)
{
	struct arguments a = {.ask.state_file = STATUS_DEFAULT_PATH};
	struct diag d;
	int status, first = command_parse(&usage, &a, argc, argv, &status);

	if (first < 0)
		return status;
	if (argv[first][0] && utf8_valid(slice_of(argv[first])))
		return show(&a, argv[first]);
	diag_at(&d, NULL, 0, 0, "'%s' is no name of a container", argv[first]);
	return command_usage_error(usage.name, &d);
}

const struct command command_files = {
	.name = "files",
	.summary = "list what a container has opened and executed",
	.run = run,
};
