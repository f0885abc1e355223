/* SPDX-License-Identifier: Apache-2.0 */
/* What the commands share. */
#include "cmd.h"

#include "base/log.h"

int command_usage_error(const char *command, const struct diag *d)
{
	char text[1024];

	diag_text(d, text, sizeof(text));
	log_error("%s (see barewatch %s%s--help)", text, command, command[0] ? " " : "");
	return EXIT_USAGE;
}
