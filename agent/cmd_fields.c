/* SPDX-License-Identifier: Apache-2.0 */
/* `barewatch fields`: what rules can name. */
#include <stdio.h>

#include "barewatch/rule.h"
#include "base/cleanup.h"
#include "base/json.h"
#include "base/log.h"
#include "base/options.h"
#include "cmd.h"

enum format {
	FORMAT_TEXT,
	FORMAT_MARKDOWN,
	FORMAT_JSON,
};

struct arguments {
	struct common_arguments common; /* first */
	enum format format;
};

static int set_output(void *target, const char *value, struct diag *d)
{
	static const char *const names[] = {
		[FORMAT_TEXT] = "text", [FORMAT_MARKDOWN] = "markdown", [FORMAT_JSON] = "json"};
	struct arguments *a = target;
	size_t found = a->format;
	int r = option_word(value, names, ARRAY_SIZE(names), &found, d);

	a->format = found;
	return r;
}

static const struct option_spec options[] = {
	{"output", 'o', "FORMAT", "'text' (default), 'json' or 'markdown'", set_output},
	OPTION_HELP,
};

static const struct command_usage usage = {
	.name = "fields",
	.help = "Usage: barewatch fields [OPTION]... [PREFIX]\n"
		"\n"
		"Lists the fields that the conditions and outputs of rules can name: their type, where\n"
		"they come from, which subjects have them, what they mean, and when they have no\n"
		"value. With PREFIX, those whose names begin with it: a class such as 'proc', or a name.\n",
	.help_end = EXIT_STATUS_HELP,
	.options = options,
	.option_count = ARRAY_SIZE(options),
	.operands_max = 1,
};

static int print_json(const char *prefix)
{
	CLEANUP_JSON json_t *list = rule_fields_list_json(prefix);

	if (!list || json_dumpf(list, stdout, JSON_INDENT(2)) < 0)
		return EXIT_INTERNAL;
	putchar('\n');
	return EXIT_FINE;
}

static int print_list(const struct arguments *a, const char *prefix)
{
	CLEANUP_STRBUF struct strbuf out = STRBUF_INIT;
	struct diag d;
	size_t count = rule_fields_list(
		a->format == FORMAT_MARKDOWN ? RULE_FIELDS_MARKDOWN : RULE_FIELDS_TEXT, prefix,
		&out);

	if (out.error)
		return EXIT_INTERNAL;
	if (count == 0) {
		diag_at(&d, NULL, 0, 0, "no field begins with '%s'", prefix);
		rule_fields_suggest(&d, prefix);
		return command_usage_error(usage.name, &d);
	}
	if (a->format == FORMAT_JSON)
		return print_json(prefix);
	fputs(strbuf_text(&out), stdout);
	return EXIT_FINE;
}

static int run(int argc, char **argv)
{
	struct arguments a = {0};
	int status, first = command_parse(&usage, &a, argc, argv, &status);

	if (first < 0)
		return status;
	status = print_list(&a, first < argc ? argv[first] : "");
	if (status == EXIT_INTERNAL)
		log_error("out of memory");
	return status;
}

const struct command command_fields = {
	.name = "fields",
	.summary = "list the fields that rules can name",
	.run = run,
};
