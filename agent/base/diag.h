/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What is wrong with a piece of the user's input and where: filled in by every
 * parser of such input, printed once by the command that asked for it.
 */
#pragma once

#include <stddef.h>

struct diag {
	char file[256]; /* as the user named it; "" when there is no file */
	unsigned line; /* from 1; 0 when unknown */
	unsigned column; /* from 1; 0 when unknown */
	char message[512];
};

/* Fills D. Returns -EINVAL, so that a parser can say `return diag_at(...)`. */
int diag_at(struct diag *d, const char *file, unsigned line, unsigned column, const char *format,
	...) __attribute__((format(printf, 5, 6)));

/* Same for a file that could not be read: the message is the error's text. Returns ERROR. */
int diag_errno(struct diag *d, const char *file, int error);

/* Appends ": did you mean 'X'?" to the message when one of the COUNT candidates is close. */
void diag_suggest(struct diag *d, const char *word, const char *const *candidates, size_t count);

/* Writes "file:line:column: message" into BUFFER, control characters escaped. */
void diag_text(const struct diag *d, char *buffer, size_t size);
