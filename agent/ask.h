/* SPDX-License-Identifier: Apache-2.0 */
/* How commands ask the running agent. */
#pragma once

#include <jansson.h>

#include "base/strbuf.h"

/* Says why there is no agent whose status file is PATH: ERROR, of reading that. EXIT_NO_ANSWER. */
int ask_no_agent(const char *path, int error);

/*
 * Sends REQUEST, which is given up, to the agent whose status file is STATE_FILE, and appends its
 * answer to RET (control_next() takes the lines of it). EXIT_FINE, else what is wrong has been said:
 * EXIT_USAGE when it is the question, EXIT_NO_ANSWER when nobody could be asked or nothing is known.
 */
int ask_agent(const char *state_file, json_t *request, struct strbuf *ret);
