/* SPDX-License-Identifier: Apache-2.0 */
/* What a command of barewatch is, and the exit statuses that all of them share. */
#pragma once

#include <limits.h>
#include <stdbool.h>

#include "barewatch/rule.h"
#include "base/diags.h"
#include "base/options.h"

enum exit_status {
	EXIT_FINE = 0,
	EXIT_FOUND = 1, /* verify, audit, lint */
	EXIT_USAGE = 2, /* also a broken rule, policy or configuration file */
	EXIT_NO_ANSWER = 3, /* this host cannot do it, or the thing to judge could not be read */
	EXIT_INTERNAL = 4,
};

#define EXIT_STATUS_HELP                                                                    \
	"Exit status:\n"                                                                    \
	"  0  fine, and nothing found\n"                                                    \
	"  1  something found (verify, audit, lint)\n"                                      \
	"  2  usage, or a broken rule, policy or configuration file\n"                      \
	"  3  no answer possible: this host cannot do it, or what was to be judged could\n" \
	"     not be read whole\n"                                                          \
	"  4  internal failure\n"

struct command {
	const char *name;
	const char *summary;
	int (*run)(int argc, char **argv); /* argv[0] is the command; an enum exit_status */
};

extern const struct command command_fields, command_files, command_ps, command_record,
	command_reload, command_replay, command_rules, command_status, command_unload,
	command_verify, command_watch;

/* Subcommands of `rules`; argv[0] is their own name. An enum exit_status. */
int cmd_rules_check(int argc, char **argv);
int cmd_rules_explain(int argc, char **argv);
int cmd_rules_list(int argc, char **argv);
int cmd_rules_show(int argc, char **argv);
int cmd_rules_test(int argc, char **argv);

#define COMMAND_OPERANDS_ANY INT_MAX

/* How a command is called, and what its help says. */
struct command_usage {
	const char *name; /* as in "rules check" */
	const char *help; /* before the options */
	const char *help_end; /* after them */
	const struct option_spec *options;
	size_t option_count;
	int operands_max;
	const char *operand_needed; /* what is said when there is none; NULL: none is needed */
};

/*
 * Parses ARGV by USAGE into TARGET, which begins with a struct common_arguments. Returns the index of
 * the first operand; or -1 when the command ends here, with *RET_STATUS: its help was printed, or
 * what is wrong with ARGV.
 */
int command_parse(
	const struct command_usage *usage, void *target, int argc, char **argv, int *ret_status);

/* Prints D as the reason why COMMAND ends, with a hint at its help. Returns EXIT_USAGE. */
int command_usage_error(const char *command, const struct diag *d);

/* Prints D, with its place, as an error. */
void command_print_diag(const struct diag *d);

/*
 * Adds the rules in the COUNT files and folders of PATHS to SET, all of them at once, since later
 * files change what earlier ones define; the built-in ones when there are none, with ALL_CONTAINERS also those for containers that are not
 * bare. 0, or a negative errno after
 * everything that is wrong was printed.
 */
int command_load_rules(
	struct rule_set *set, const char *const *paths, size_t count, bool all_containers);

/* Same, with what is wrong added to DIAGS. */
int command_read_rules(struct rule_set *set, const char *const *paths, size_t count,
	bool all_containers, struct diags *diags);

/* Says in the log when rules of SET can never fire because only bare containers are watched. */
void command_warn_unwatched(const struct rule_set *set);

/* Prints DIAGS to standard error, errors and warnings, and with NOTES these as well. */
void command_print_diags(const struct diags *diags, bool notes);
