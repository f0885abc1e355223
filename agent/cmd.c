/* SPDX-License-Identifier: Apache-2.0 */
/* What the commands share. */
#include "cmd.h"

#include <unistd.h>

#include "base/io.h"
#include "base/log.h"

int command_usage_error(const char *command, const struct diag *d)
{
	char text[1024];

	diag_text(d, text, sizeof(text));
	log_error("%s (see barewatch %s%s--help)", text, command, command[0] ? " " : "");
	return EXIT_USAGE;
}

void command_print_diags(const struct diags *diags, bool notes)
{
	CLEANUP_STRBUF struct strbuf out = STRBUF_INIT;

	diags_render_all(&out, diags, notes);
	(void)write_all(
		STDERR_FILENO, strbuf_text(&out), out.len); /* a failure has nowhere to go */
}
