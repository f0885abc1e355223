/* SPDX-License-Identifier: Apache-2.0 */
/* Options of the commands that have to do with rules: which ones, and what is printed of them. */
#pragma once

#include "barewatch/alert.h"
#include "barewatch/rule.h"
#include "base/options.h"

#define RULE_PATHS_MAX 64 /* options --rules; folders hold more */

/* What --rules has named. */
struct rule_paths {
	const char *items[RULE_PATHS_MAX]; /* files and folders, in their order */
	size_t count;
};

/* Adds PATH, which is not copied. 0, or -EINVAL with D filled in. */
int rule_paths_add(struct rule_paths *paths, const char *path, struct diag *d);

/* The first member of the arguments of a command that watches nothing, which `set` gets as target. */
struct rule_arguments {
	struct common_arguments common; /* first */
	struct rule_paths rules;
	bool all_containers; /* of the built-in rules also those for containers that are not bare */
	bool as_json;
};

/* The entries of their table; see their help texts. */
#define RULE_OPTION_RULES                                                       \
	{                                                                       \
		"rules", 'r', "PATH",                                           \
			"use the rules in this file or folder instead of the\n" \
			"built-in ones; may be repeated",                       \
			rule_option_rules                                       \
	}
#define RULE_OPTION_ALL_CONTAINERS                                          \
	{                                                                   \
		"all-containers", '\0', NULL,                               \
			"of the built-in rules have those for containers\n" \
			"that are not bare as well, as `watch` then does",  \
			rule_option_all_containers                          \
	}
#define RULE_OPTION_OUTPUT                                                                  \
	{                                                                                   \
		"output", 'o', "FORMAT", "text or json (default: text)", rule_option_output \
	}

option_set_fn rule_option_rules, rule_option_all_containers, rule_option_output;

/* The help of options that are set by rule_alert_format(). */
#define RULE_ALERT_FORMAT_HELP "text or json (default: text on a terminal, else json)"

/* VALUE as the form of alerts on standard output. 0, or -EINVAL with D filled in. */
int rule_alert_format(const char *value, enum alert_format *ret, struct diag *d);

/* The form of alerts of which nothing was said. */
enum alert_format rule_alert_format_default(void);
