/* SPDX-License-Identifier: Apache-2.0 */
/* Options of the commands that run the agent: `watch` and `record`. */
#pragma once

#include "cmd.h"
#include "host_options.h"
#include "rule_options.h"
#include "watch.h"

/* The arguments of such a command, which `set` gets as target. */
struct watch_arguments {
	struct host_arguments host; /* first */
	struct watch_config watch;
	struct rule_paths rules;
	bool watches_rules;
	bool have_pin;
};

/* The entries of their table; see their help texts. */
#define WATCH_OPTION_CATALOG                                                                   \
	{                                                                                      \
		"catalog", '\0', "FILE", "use this catalog of programs, not the built-in one", \
			watch_option_catalog                                                   \
	}
#define WATCH_OPTION_FOR                                                         \
	{                                                                        \
		"for", '\0', "SECONDS", "stop after this time", watch_option_for \
	}
#define WATCH_OPTION_RING_SIZE                                                    \
	{                                                                         \
		"ring-size", '\0', "KIB",                                         \
			"size of the event ring, a power of two (default: 4096)", \
			watch_option_ring                                         \
	}
#define WATCH_OPTION_COVERAGE                                                    \
	{                                                                        \
		"coverage", '\0', "WHICH",                                       \
			"standard, or full: failed execs and executable\n"       \
			"mappings of 32-bit programs are seen, too, and every\n" \
			"system call of the host pays for it\n"                  \
			"(default: standard)",                                   \
			watch_option_coverage                                    \
	}
#define WATCH_OPTION_OPENS                                                    \
	{                                                                     \
		"opens", '\0', "auto|on|off",                                 \
			"whether opened files are seen; auto: where a rule\n" \
			"or a recording is about them (default: auto)",       \
			watch_option_opens                                    \
	}
#define WATCH_OPTION_FAILED_OPENS                                                      \
	{                                                                              \
		"failed-opens", '\0', NULL, "see files that could not be opened, too", \
			watch_option_failed_opens                                      \
	}
#define WATCH_OPTION_PROBE                                                   \
	{                                                                    \
		"probe", '\0', "HOOK",                                       \
			"see opened files by this hook: fentry, kprobe or\n" \
			"tracepoint (default: the first that works)",        \
			watch_option_probe                                   \
	}
#define WATCH_OPTION_VERBOSE                                                              \
	{                                                                                 \
		"verbose", 'v', NULL, "say more about what is done", watch_option_verbose \
	}

option_set_fn watch_option_catalog, watch_option_for, watch_option_ring, watch_option_coverage,
	watch_option_opens, watch_option_failed_opens, watch_option_probe, watch_option_verbose;

/* Where to record to, how large a file gets, and how many older ones are kept. */
option_set_fn watch_option_record, watch_option_record_size, watch_option_record_rotate;

/* Starts with what the two have in common. 0 or -ENOMEM. */
int watch_arguments_init(struct watch_arguments *arguments);
void watch_arguments_done(struct watch_arguments *arguments);

/* What both need that was not said on the command line. 0, or a negative errno with D filled in. */
int watch_arguments_default(struct watch_arguments *arguments, struct diag *d);
