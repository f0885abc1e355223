/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Regular expressions for texts that an attacker chooses: matched in time linear in
 * the text and without memory, which glibc's regexec() promises neither of. What
 * Falco's `regex` takes (RE2), but for: bytes are meant, not characters; no \b, \p, \Q
 * and no named groups; (?i) only at the beginning. There are no back references in RE2.
 */
#pragma once

#include <stdbool.h>

#include "base/cleanup.h"
#include "base/slice.h"

#define REGEX_PATTERN_MAX 1024
/* States; of these each byte of a text makes a step of all that are possible. */
#define REGEX_STATES_MAX 512
/* Groups within each other: bounds the stack. */
#define REGEX_DEPTH_MAX 32
/* In {n,m}. */
#define REGEX_REPEAT_MAX 255

struct regex;

/*
 * Compiles PATTERN. 0, -ENOMEM, or -EINVAL with what is wrong in *RET_PROBLEM, a
 * constant text, and where in *RET_OFFSET.
 */
int regex_compile(
	struct slice pattern, struct regex **ret, const char **ret_problem, size_t *ret_offset);

/* True when all of TEXT matches. Allocates nothing. */
bool regex_match(const struct regex *regex, struct slice text);

void regex_free(struct regex *regex);
DEFINE_CLEANUP(struct regex, regex, regex_free);
