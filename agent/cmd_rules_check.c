/* SPDX-License-Identifier: Apache-2.0 */
/* `barewatch rules check`: what is wrong with rules, and what becomes of them. */
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>

#include "barewatch/rule.h"
#include "base/cleanup.h"
#include "base/log.h"
#include "base/options.h"
#include "cmd.h"

struct arguments {
	struct common_arguments common; /* first */
	bool quiet;
};

static int set_quiet(void *target, const char *value, struct diag *d)
{
	struct arguments *a = target;

	(void)value, (void)d;
	a->quiet = true;
	return 0;
}

static const struct option_spec options[] = {
	{"quiet", 'q', NULL, "leave out notes: skipped rules, and what nothing uses", set_quiet},
	OPTION_HELP,
};

static const struct command_usage usage = {
	.name = "rules check",
	.help = "Usage: barewatch rules check [OPTION]... PATH...\n"
		"\n"
		"Reads rule files, and the *.yaml, *.yml and *.json of folders, in this order, as\n"
		"`barewatch watch` would. Tells all that is wrong with them, each with its place;\n"
		"warns of rules that can never fire; and lists the rules that are skipped because\n"
		"they are about events that barewatch does not see.\n",
	.help_end = "Exit status:\n"
		    "  0  fine, apart from rules that are skipped and other notes\n"
		    "  1  errors or warnings\n"
		    "  2  usage, or a file that cannot be read\n"
		    "  4  internal failure\n"
		    "\n"
		    "Example:\n"
		    "  barewatch rules check falco_rules.yaml rules.d\n",
	.options = options,
	.option_count = ARRAY_SIZE(options),
	.operands_max = COMMAND_OPERANDS_ANY,
	.operand_needed = "which rules? Give files or folders",
};

static void print_report(const struct diags *diags, bool quiet)
{
	CLEANUP_STRBUF struct strbuf out = STRBUF_INIT;

	diags_render_all(&out, diags, !quiet);
	fputs(strbuf_text(&out), stdout);
}

static const char *plural(size_t count)
{
	return count == 1 ? "" : "s";
}

static void print_counts(const struct diags *diags, const struct rule_counts *counts)
{
	size_t all = counts->active + counts->disabled + counts->skipped;
	size_t warnings = diags->counts[DIAG_WARNING];

	printf("%zu rule%s: %zu active, %zu disabled, %zu skipped; %zu warning%s\n", all,
		plural(all), counts->active, counts->disabled, counts->skipped, warnings,
		plural(warnings));
}

static int check(const struct arguments *a, const char *const *paths, size_t count)
{
	CLEANUP_DIAGS struct diags diags = DIAGS_INIT;
	struct rule_counts counts;
	int r = rules_check(paths, count, &diags, &counts);

	print_report(&diags, a->quiet);
	if (r == -ENOMEM)
		return EXIT_INTERNAL;
	if (r == 0)
		print_counts(&diags, &counts);
	else
		printf("%zu error%s, %zu warning%s\n", diags.counts[DIAG_ERROR],
			plural(diags.counts[DIAG_ERROR]), diags.counts[DIAG_WARNING],
			plural(diags.counts[DIAG_WARNING]));
	if (r < 0 && r != -EINVAL)
		return EXIT_USAGE;
	return r < 0 || diags.counts[DIAG_WARNING] > 0 ? EXIT_FOUND : EXIT_FINE;
}

int cmd_rules_check(int argc, char **argv)
{
	struct arguments a = {0};
	int status, first = command_parse(&usage, &a, argc, argv, &status);

	if (first < 0)
		return status;
	return check(&a, (const char *const *)argv + first, argc - first);
}
