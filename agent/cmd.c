/* SPDX-License-Identifier: Apache-2.0 */
/* What the commands share. */
#include "cmd.h"

#include <stdio.h>
#include <unistd.h>

#include "base/io.h"
#include "base/log.h"
#include "builtin.h"

static void print_help(const struct command_usage *usage)
{
	printf("%s\nOptions:\n", usage->help);
	options_print(stdout, usage->options, usage->option_count);
	printf("\n%s", usage->help_end);
}

/* FIRST of ARGC words is the first operand. */
static int check_operands(
	const struct command_usage *usage, int first, int argc, char **argv, struct diag *d)
{
	int count = argc - first;

	if (count == 0 && usage->operand_needed)
		return diag_at(d, NULL, 0, 0, "%s", usage->operand_needed);
	if (count > usage->operands_max)
		return diag_at(d, NULL, 0, 0, "unexpected argument '%s'",
			argv[first + usage->operands_max]);
	return 0;
}

int command_parse(
	const struct command_usage *usage, void *target, int argc, char **argv, int *ret_status)
{
	const struct common_arguments *common = target;
	struct diag d;
	int first = options_parse(usage->options, usage->option_count, target, argc, argv, &d);

	if (first >= 0 && common->help) {
		print_help(usage);
		*ret_status = EXIT_FINE;
		return -1;
	}
	if (first >= 0 && check_operands(usage, first, argc, argv, &d) == 0)
		return first;
	*ret_status = command_usage_error(usage->name, &d);
	return -1;
}

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

void command_warn_unwatched(const struct rule_set *set)
{
	const struct rule *first;
	size_t count = rule_set_count_not_bare(set, &first);

	if (count > 0)
		log_warning("%zu of the rules can never fire without --all-containers, since they "
			    "are for containers that are not bare: '%.64s'%s",
			count, first->name, count > 1 ? " and others" : "");
}

void command_print_diags(const struct diags *diags, bool notes)
{
	CLEANUP_STRBUF struct strbuf out = STRBUF_INIT;

	diags_render_all(&out, diags, notes);
	(void)write_all(
		STDERR_FILENO, strbuf_text(&out), out.len); /* a failure has nowhere to go */
}
