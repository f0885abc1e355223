/* SPDX-License-Identifier: Apache-2.0 */
/* What the commands share. */
#include "cmd.h"

#include <unistd.h>

#include "base/io.h"
#include "base/log.h"
#include "builtin.h"

int command_usage_error(const char *command, const struct diag *d)
{
	char text[1024];

	diag_text(d, text, sizeof(text));
	log_error("%s (see barewatch %s%s--help)", text, command, command[0] ? " " : "");
	return EXIT_USAGE;
}

void command_print_diag(const struct diag *d)
{
	char text[1024];

	diag_text(d, text, sizeof(text));
	log_error("%s", text);
}

int command_read_rules(struct rule_set *set, const char *const *paths, size_t count,
	bool all_containers, struct diags *diags)
{
	int r;

	if (count > 0)
		return rule_set_add_paths(set, paths, count, diags);
	r = rule_set_add_text(set, "default.yaml (built in)", builtin_rules(), diags);
	if (r == 0 && all_containers)
		r = rule_set_add_text(
			set, "containers.yaml (built in)", builtin_container_rules(), diags);
	return r;
}

int command_load_rules(
	struct rule_set *set, const char *const *paths, size_t count, bool all_containers)
{
	CLEANUP_DIAGS struct diags diags = DIAGS_INIT;
	int r = command_read_rules(set, paths, count, all_containers, &diags);

	command_print_diags(&diags, false);
	if (r < 0)
		log_error("the rules cannot be used");
	return r;
}

void command_print_diags(const struct diags *diags, bool notes)
{
	CLEANUP_STRBUF struct strbuf out = STRBUF_INIT;

	diags_render_all(&out, diags, notes);
	(void)write_all(
		STDERR_FILENO, strbuf_text(&out), out.len); /* a failure has nowhere to go */
}
