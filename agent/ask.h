/* SPDX-License-Identifier: Apache-2.0 */
/* How commands ask the running agent. */
#pragma once

#include <jansson.h>

#include "base/options.h"
#include "base/strbuf.h"

/* The first member of the arguments of a command that asks and takes no options of others. */
struct ask_arguments {
	struct common_arguments common; /* first */
	const char *state_file; /* of the agent that is asked */
};

/* The entry of the table for it; SET stores the path. */
#define ASK_OPTION_STATE_FILE(set)                              \
	{                                                       \
		"state-file", '\0', "PATH",                     \
			"the file of the agent that is asked\n" \
			"(default: " STATUS_DEFAULT_PATH ")",   \
			set                                     \
	}

/* That of struct ask_arguments. */
option_set_fn ask_option_state_file;

/* Says why there is no agent whose status file is PATH: ERROR, of reading that. EXIT_NO_ANSWER. */
int ask_no_agent(const char *path, int error);

/*
 * Sends REQUEST, which is given up, to the agent whose status file is STATE_FILE, and appends its
 * answer to RET (control_next() takes the lines of it). EXIT_FINE, else what is wrong has been said:
 * EXIT_USAGE when it is the question, EXIT_NO_ANSWER when nobody could be asked or nothing is known.
 */
int ask_agent(const char *state_file, json_t *request, struct strbuf *ret);

/* Says that an answer is not what was asked for. EXIT_NO_ANSWER. */
int ask_not_understood(void);

/* What becomes of R, of showing an answer: EXIT_FINE, or what is wrong has been said. */
int ask_shown(int r);
