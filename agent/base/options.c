/* SPDX-License-Identifier: Apache-2.0 */
/* getopt_long driven by a table, with messages that help. */
#include "base/options.h"

#include <assert.h>
#include <errno.h>
#include <getopt.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/strbuf.h"
#include "base/suggest.h"

#define LETTERS_SIZE  (2 * OPTIONS_MAX + 3)
#define HELP_COLUMN   26
#define OPTION_BASE   256 /* getopt values of the table's entries; below are letters */
#define NUMBER_DIGITS 19 /* always fits in 64 bits */

/* What getopt_long wants to be told about SPECS. */
static void build_tables(
	const struct option_spec *specs, size_t count, struct option *names, char *letters)
{
	*letters++ = ':'; /* a missing argument is told apart from an unknown option */
	for (size_t i = 0; i < count; i++) {
		names[i] = (struct option){
			.name = specs[i].name,
			.has_arg = specs[i].argument ? required_argument : no_argument,
			.val = OPTION_BASE + i,
		};
		if (!specs[i].letter)
			continue;
		*letters++ = specs[i].letter;
		if (specs[i].argument)
			*letters++ = ':';
	}
	*letters = '\0';
	names[count] = (struct option){0};
}

static const struct option_spec *find_spec(const struct option_spec *specs, size_t count, int value)
{
	if (value >= OPTION_BASE)
		return &specs[value - OPTION_BASE];
	for (size_t i = 0; i < count; i++)
		if (specs[i].letter == value)
			return &specs[i];
	return NULL;
}

/* getopt_long takes any unambiguous beginning of a name; scripts that do break with the next option. */
static bool is_abbreviated(const struct option_spec *spec, const char *word)
{
	size_t len = strcspn(word, "=");

	return strncmp(word, "--", 2) == 0 && len != strlen(spec->name) + 2;
}

static int unknown_option(
	const struct option_spec *specs, size_t count, const char *word, struct diag *d)
{
	const char *names[OPTIONS_MAX];
	char name[64];

	diag_at(d, NULL, 0, 0, "unknown option '%s'", word);
	if (strncmp(word, "--", 2) != 0)
		return -EINVAL;
	for (size_t i = 0; i < count; i++)
		names[i] = specs[i].name;
	snprintf(name, sizeof(name), "%.*s", (int)strcspn(word + 2, "="), word + 2);
	const char *closest = suggest_closest(name, names, count);

	if (closest)
		diag_at(d, NULL, 0, 0, "unknown option '%s': did you mean '--%s'?", word, closest);
	return -EINVAL;
}

static int refuse(
	const struct option_spec *specs, size_t count, int result, char **argv, struct diag *d)
{
	const struct option_spec *spec = find_spec(specs, count, optopt);
	char letter[3] = {'-', optopt, '\0'};
	const char *word = optopt && optopt < OPTION_BASE ? letter : argv[optind - 1];

	if (optopt >= OPTION_BASE && is_abbreviated(spec, word))
		return unknown_option(specs, count, word, d);
	if (result == ':' && spec)
		return diag_at(
			d, NULL, 0, 0, "option '%s' needs an argument: %s", word, spec->argument);
	if (optopt >= OPTION_BASE && !spec->argument)
		return diag_at(d, NULL, 0, 0, "option '--%s' takes no argument", spec->name);
	return unknown_option(specs, count, word, d);
}

/* Calls SPEC's setter; a message of its own gets the option's name in front. */
static int apply(const struct option_spec *spec, void *target, const char *value, struct diag *d)
{
	struct diag inner = {0};
	int r = spec->set(target, value, &inner);

	if (r < 0)
		diag_at(d, NULL, 0, 0, "option '--%s': %s", spec->name, inner.message);
	return r;
}

int options_parse(const struct option_spec *specs, size_t count, void *target, int argc,
	char **argv, struct diag *d)
{
	struct option names[OPTIONS_MAX + 1];
	char letters[LETTERS_SIZE];
	int result;

	assert(count <= OPTIONS_MAX);
	build_tables(specs, count, names, letters);
	opterr = 0;
	optind = 0; /* glibc: start anew */
	while ((result = getopt_long(argc, argv, letters, names, NULL)) != -1) {
		const struct option_spec *spec;
		const char *word = argv[optind - 1];
		int r;

		if (result == '?' || result == ':')
			return refuse(specs, count, result, argv, d);
		spec = find_spec(specs, count, result);
		if (optarg && optarg == word) /* the argument is a word of its own */
			word = argv[optind - 2];
		if (result >= OPTION_BASE && is_abbreviated(spec, word))
			return unknown_option(specs, count, word, d);
		r = apply(spec, target, optarg, d);
		if (r < 0)
			return r;
	}
	return optind;
}

static void print_help_text(FILE *out, int column, const char *help)
{
	for (const char *line = help; line;) {
		size_t len = strcspn(line, "\n");

		if (column >= HELP_COLUMN) {
			fputc('\n', out);
			column = 0;
		}
		fprintf(out, "%*s%.*s", HELP_COLUMN - column, "", (int)len, line);
		column = HELP_COLUMN;
		line = line[len] ? line + len + 1 : NULL;
	}
	fputc('\n', out);
}

void options_print(FILE *out, const struct option_spec *specs, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		const struct option_spec *s = &specs[i];
		int column;

		if (s->letter)
			column = fprintf(out, "  -%c, --%s", s->letter, s->name);
		else
			column = fprintf(out, "      --%s", s->name);
		if (s->argument)
			column += fprintf(out, " %s", s->argument);
		print_help_text(out, column, s->help);
	}
}

int option_number(const char *value, unsigned long long least, unsigned long long most,
	unsigned long long *ret, struct diag *d)
{
	size_t digits = strspn(value, "0123456789");
	unsigned long long number = strtoull(value, NULL, 10);

	if (digits == 0 || digits > NUMBER_DIGITS || value[digits] != '\0' || number < least ||
		number > most)
		return diag_at(d, NULL, 0, 0, "'%s' is not a whole number from %llu to %llu", value,
			least, most);
	*ret = number;
	return 0;
}

int option_word(
	const char *value, const char *const *words, size_t count, size_t *ret, struct diag *d)
{
	CLEANUP_STRBUF struct strbuf list = STRBUF_INIT;
	const char *last = count > 2 ? " and " : " nor ";

	for (size_t i = 0; i < count; i++) {
		if (strcmp(value, words[i]) == 0) {
			*ret = i;
			return 0;
		}
		if (i > 0)
			strbuf_add_text(&list, i + 1 < count ? ", " : last);
		strbuf_addf(&list, "'%s'", words[i]);
	}
	return diag_at(d, NULL, 0, 0, "'%s' is %s %s", value, count > 2 ? "none of" : "neither",
		strbuf_text(&list));
}

int option_absolute_path(const char *value, const char **ret, struct diag *d)
{
	if (value[0] != '/')
		return diag_at(d, NULL, 0, 0, "'%s' does not begin with '/'", value);
	*ret = value;
	return 0;
}

int option_help(void *target, const char *value, struct diag *d)
{
	struct common_arguments *a = target;

	(void)value, (void)d;
	a->help = true;
	return 0;
}
