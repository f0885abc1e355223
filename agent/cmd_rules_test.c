/* SPDX-License-Identifier: Apache-2.0 */
/* `barewatch rules test`: which cases are run by which rules, and what came of them in words. */
#include <dirent.h>
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "barewatch/rule.h"
#include "base/array.h"
#include "base/cleanup.h"
#include "base/escape.h"
#include "base/log.h"
#include "base/options.h"
#include "base/strbuf.h"
#include "cmd.h"
#include "rule_options.h"

#define CASES_SUFFIX ".test.yaml"
#define RULES_SUFFIX ".yaml"

struct arguments {
	struct rule_arguments rule; /* first */
	size_t passed, failed;
};

static const struct option_spec options[] = {
	{"rules", 'r', "FILE",
		"judge all cases by the rules in FILE, not by those\n"
		"beside them; may be repeated",
		rule_option_rules},
	OPTION_HELP,
};

static const struct command_usage usage = {
	.name = "rules test",
	.help = "Usage: barewatch rules test [OPTION]... PATH...\n"
		"\n"
		"Judges events that are written down, and compares the rules that match with those\n"
		"that are expected. The cases of the rules in X" RULES_SUFFIX
		" are in X" CASES_SUFFIX " beside\n"
		"it. PATH is either of the two, or a directory, of which all cases are run. Needs\n"
		"no privileges.\n",
	.help_end = "Exit status:\n"
		    "  0  all cases passed\n"
		    "  1  some did not\n"
		    "  2  usage, or a broken file\n"
		    "\n"
		    "Example:\n"
		    "  barewatch rules test rules/\n",
	.options = options,
	.option_count = ARRAY_SIZE(options),
	.operands_max = COMMAND_OPERANDS_ANY,
	.operand_needed = "a file with cases, or a directory, is needed",
};

static bool has_suffix(const char *path, const char *suffix)
{
	size_t len = strlen(path), end = strlen(suffix);

	return len > end && strcmp(path + len - end, suffix) == 0;
}

/* PATH with another ending. */
static void replace_suffix(
	const char *path, const char *suffix, const char *with, struct strbuf *ret)
{
	strbuf_add(ret, path, strlen(path) - strlen(suffix));
	strbuf_add_text(ret, with);
}

/* Prints TEXT line by line, each behind two spaces. */
static void print_indented(const char *text)
{
	while (*text) {
		CLEANUP_STRBUF struct strbuf line = STRBUF_INIT;
		size_t len = strcspn(text, "\n");

		escape_text(&line, (struct slice){text, len});
		printf("  %s\n", strbuf_text(&line));
		text += len + (text[len] == '\n');
	}
}

static void on_case(const struct rule_case *result, void *userdata)
{
	struct arguments *a = userdata;
	struct diag d;
	char text[1024];

	if (result->passed) {
		a->passed++;
		return;
	}
	a->failed++;
	diag_at(&d, result->file, result->line, result->column, "%s", result->name);
	diag_text(&d, text, sizeof(text));
	printf("%s\n", text);
	print_indented(result->diff);
}

/* Those that were named, or those BESIDE the cases in PATH. */
static int load_rules(const struct arguments *a, struct rule_set *set, const struct strbuf *beside,
	const char *path, struct diag *d)
{
	const struct rule_paths *named = &a->rule.rules;
	const char *file = strbuf_text(beside);
	int r;

	r = named->count > 0 ? command_load_rules(set, named->items, named->count, false)
			     : command_load_rules(set, &file, 1, false);
	return r < 0 ? diag_at(d, path, 0, 0, "there are no rules to judge these by") : 0;
}

/* The cases of the file PATH. */
static int run_cases(struct arguments *a, const char *path, struct diag *d)
{
	CLEANUP_STRBUF struct strbuf rules = STRBUF_INIT;
	struct rule_set *set;
	int r;

	if (access(path, R_OK) < 0) /* what is missing are the cases, whatever the rules are */
		return diag_errno(d, path, -errno);
	r = rule_set_new(&set);
	if (r < 0)
		return diag_errno(d, path, r);
	replace_suffix(path, CASES_SUFFIX, RULES_SUFFIX, &rules);
	r = rules.error ? diag_errno(d, path, rules.error) : load_rules(a, set, &rules, path, d);
	if (r == 0)
		r = rule_cases_run(set, path, on_case, a, d);
	rule_set_free(set);
	return r;
}

static int is_cases(const struct dirent *entry)
{
	return has_suffix(entry->d_name, CASES_SUFFIX);
}

static int run_directory(struct arguments *a, const char *path, struct diag *d)
{
	struct dirent **entries;
	int count = scandir(path, &entries, is_cases, alphasort), r = 0;

	if (count < 0)
		return diag_errno(d, path, -errno);
	if (count == 0)
		r = diag_at(d, path, 0, 0, "no file here ends in '" CASES_SUFFIX "'");
	for (int i = 0; i < count; i++) {
		CLEANUP_STRBUF struct strbuf file = STRBUF_INIT;

		strbuf_add_path(&file, slice_of(path), slice_of(entries[i]->d_name));
		if (r == 0)
			r = file.error ? diag_errno(d, path, file.error)
				       : run_cases(a, strbuf_text(&file), d);
		free(entries[i]);
	}
	free(entries);
	return r;
}

static int run_path(struct arguments *a, const char *path, struct diag *d)
{
	CLEANUP_STRBUF struct strbuf cases = STRBUF_INIT;
	struct stat st;

	if (stat(path, &st) < 0)
		return diag_errno(d, path, -errno);
	if (S_ISDIR(st.st_mode))
		return run_directory(a, path, d);
	if (has_suffix(path, CASES_SUFFIX))
		return run_cases(a, path, d);
	if (!has_suffix(path, RULES_SUFFIX))
		return diag_at(d, path, 0, 0,
			"a file that ends in '" CASES_SUFFIX "' or '" RULES_SUFFIX
			"', or a directory, is expected");
	replace_suffix(path, RULES_SUFFIX, CASES_SUFFIX, &cases);
	return cases.error ? diag_errno(d, path, cases.error)
			   : run_cases(a, strbuf_text(&cases), d);
}

static int run_paths(struct arguments *a, char **paths, int count)
{
	struct diag d;
	bool broken = false;

	for (int i = 0; i < count; i++) {
		if (run_path(a, paths[i], &d) == 0)
			continue;
		broken = true;
		command_print_diag(&d);
	}
	printf("%zu passed, %zu failed\n", a->passed, a->failed);
	if (broken)
		return EXIT_USAGE;
	return a->failed ? EXIT_FOUND : EXIT_FINE;
}

int cmd_rules_test(int argc, char **argv)
{
	struct arguments a = {0};
	int status, first = command_parse(&usage, &a, argc, argv, &status);

	if (first < 0)
		return status;
	return run_paths(&a, argv + first, argc - first);
}
