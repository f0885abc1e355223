/* SPDX-License-Identifier: Apache-2.0 */
/* See ask.h. */
#include "ask.h"

#include <errno.h>
#include <string.h>

#include "barewatch/control.h"
#include "barewatch/status.h"
#include "base/log.h"
#include "cmd.h"

int ask_option_state_file(void *target, const char *value, struct diag *d)
{
	struct ask_arguments *a = target;

	return option_absolute_path(value, &a->state_file, d);
}

int ask_no_agent(const char *path, int error)
{
	if (error == -ENOENT || error == -ESRCH)
		log_error("no agent runs whose file is '%s'", path);
	else if (error == -EPERM)
		log_error("'%s' is not believed: others than root can write it", path);
	else if (error == -EBADMSG)
		log_error("'%s' is no agent's of this version", path);
	else
		log_error("'%s' cannot be read: %s", path, strerror(-error));
	return EXIT_NO_ANSWER;
}

/* What is wrong with the question is its author's to change. */
static int exit_status_of(int error)
{
	return error == -EINVAL || error == -ENXIO || error == -ENOTUNIQ ? EXIT_USAGE
									 : EXIT_NO_ANSWER;
}

int ask_agent(const char *state_file, json_t *request, struct strbuf *ret)
{
	struct status *status = NULL;
	int r = status_read(state_file, &status);
	struct diag d;

	status_free(status);
	if (r < 0) {
		json_decref(request);
		return ask_no_agent(state_file, r);
	}
	r = control_ask(state_file, request, ret, &d);
	if (r == 0)
		return EXIT_FINE;
	command_print_diag(&d);
	return exit_status_of(r);
}

int ask_not_understood(void)
{
	log_error("the answer of the agent is not understood: is it of another version?");
	return EXIT_NO_ANSWER;
}

int ask_shown(int r)
{
	if (r == 0)
		return EXIT_FINE;
	if (r == -EBADMSG)
		return ask_not_understood();
	log_error("%s", strerror(-r));
	return EXIT_INTERNAL;
}
