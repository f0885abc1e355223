/* SPDX-License-Identifier: Apache-2.0 */
/* The program's entry: finds the command and runs it. */
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/log.h"
#include "base/suggest.h"
#include "cmd.h"
#include "selfcheck.h"

static const struct command *const commands[] = {
	&command_fields,
	&command_files,
	&command_ps,
	&command_record,
	&command_reload,
	&command_replay,
	&command_rules,
	&command_status,
	&command_unload,
	&command_verify,
	&command_watch,
};

static void print_help(void)
{
	printf("Usage: barewatch COMMAND [OPTION]...\n"
	       "\n"
	       "Reports shells and package managers in containers that are meant to hold none.\n"
	       "\n"
	       "Commands:\n");
	for (size_t i = 0; i < ARRAY_SIZE(commands); i++)
		printf("  %-22s%s\n", commands[i]->name, commands[i]->summary);
	printf("\n"
	       "Options:\n"
	       "  -h, --help            print this help; COMMAND --help that of a command\n"
	       "      --version         print the version\n"
	       "\n" EXIT_STATUS_HELP);
}

/* Ends with STATUS, unless what was printed did not reach its reader. */
static int finish(int status)
{
	if (fflush(stdout) == 0 && !ferror(stdout))
		return status;
	log_error("writing to standard output failed");
	return EXIT_INTERNAL;
}

static int unknown_command(const char *word)
{
	const char *names[ARRAY_SIZE(commands)];
	struct diag d;

	for (size_t i = 0; i < ARRAY_SIZE(commands); i++)
		names[i] = commands[i]->name;
	diag_at(&d, NULL, 0, 0, "unknown %s '%s'", word[0] == '-' ? "option" : "command", word);
	if (word[0] == '-') {
		static const char *const options[] = {"--help", "--version"};

		diag_suggest(&d, word, options, ARRAY_SIZE(options));
	} else {
		diag_suggest(&d, word, names, ARRAY_SIZE(names));
	}
	return command_usage_error("", &d);
}

static bool is_one_of(const char *word, const char *a, const char *b)
{
	return strcmp(word, a) == 0 || strcmp(word, b) == 0;
}

int main(int argc, char **argv)
{
	if (argc == 2 && strcmp(argv[1], SELFCHECK_CANARY_ARGUMENT) == 0)
		return EXIT_FINE;
	if (argc < 2) {
		struct diag d;

		diag_at(&d, NULL, 0, 0, "a command is needed, such as 'barewatch watch'");
		return command_usage_error("", &d);
	}
	if (is_one_of(argv[1], "--help", "-h") || is_one_of(argv[1], "help", "help")) {
		print_help();
		return finish(EXIT_FINE);
	}
	if (is_one_of(argv[1], "--version", "version")) {
		printf("barewatch " BAREWATCH_VERSION "\n");
		return finish(EXIT_FINE);
	}
	for (size_t i = 0; i < ARRAY_SIZE(commands); i++)
		if (strcmp(argv[1], commands[i]->name) == 0)
			return finish(commands[i]->run(argc - 1, argv + 1));
	return unknown_command(argv[1]);
}
