/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Command-line options as a table: one entry parses, checks and documents an
 * option, so that help and behaviour cannot drift apart.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include "base/diag.h"

#define OPTIONS_MAX 48 /* of one command */

/*
 * Stores VALUE (NULL for an option without argument) in TARGET. 0, or a negative
 * errno with D's message saying what was expected.
 */
typedef int option_set_fn(void *target, const char *value, struct diag *d);

struct option_spec {
	const char *name; /* without the dashes */
	char letter; /* '\0' without a short form */
	const char *argument; /* what to call it in the help; NULL when it takes none */
	const char *help; /* lines separated by '\n' */
	option_set_fn *set;
};

/* The first member of the arguments of every command, which `set` gets as target. */
struct common_arguments {
	bool help; /* is asked for */
};

/* The entry of the table that sets it. */
#define OPTION_HELP                                               \
	{                                                         \
		"help", 'h', NULL, "print this help", option_help \
	}

option_set_fn option_help;

/*
 * Parses ARGV[1..] by the COUNT entries of SPECS. Returns the index of the first
 * operand, or -EINVAL (or what `set` returned) with D filled in. Options may come
 * after operands; "--" ends them.
 */
int options_parse(const struct option_spec *specs, size_t count, void *target, int argc,
	char **argv, struct diag *d);

/* Prints the options in two columns. */
void options_print(FILE *out, const struct option_spec *specs, size_t count);

/* VALUE as a whole number within the limits. 0, or -EINVAL with D filled in. */
int option_number(const char *value, unsigned long long least, unsigned long long most,
	unsigned long long *ret, struct diag *d);

/* VALUE as one of COUNT words: *RET is its index then. 0, or -EINVAL with D filled in. */
int option_word(
	const char *value, const char *const *words, size_t count, size_t *ret, struct diag *d);

/* VALUE as an absolute path: *RET is VALUE then. 0, or -EINVAL with D filled in. */
int option_absolute_path(const char *value, const char **ret, struct diag *d);
