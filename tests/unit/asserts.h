/* SPDX-License-Identifier: Apache-2.0 */
/* cmocka with the headers it wants before it, and assertions on this project's own types. */
#pragma once

#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/cleanup.h"
#include "base/diag.h"
#include "base/escape.h"
#include "base/slice.h"
#include "base/strbuf.h"

#define DIAG_TEXT_SIZE 1024

/* The bytes of a literal, NULs in it included. */
#define SLICE(literal) ((struct slice){literal, sizeof(literal) - 1})

static inline void assert_slice_is(struct slice found, struct slice expected)
{
	CLEANUP_STRBUF struct strbuf a = STRBUF_INIT;
	CLEANUP_STRBUF struct strbuf b = STRBUF_INIT;

	escape_text(&a, found);
	escape_text(&b, expected);
	assert_string_equal(strbuf_text(&a), strbuf_text(&b));
	assert_int_equal(found.len, expected.len);
}

static inline void assert_slice_text(struct slice found, const char *expected)
{
	assert_slice_is(found, slice_of(expected));
}

static inline void assert_diag_text(const struct diag *d, const char *expected)
{
	char text[DIAG_TEXT_SIZE];

	diag_text(d, text, sizeof(text));
	assert_string_equal(text, expected);
}
