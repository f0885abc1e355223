/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Bytes from processes and files made safe for people and programs to read.
 * Everything that leaves as text goes through one of these.
 */
#pragma once

#include <stdbool.h>

#include "base/slice.h"
#include "base/strbuf.h"

/* True when BYTES is well-formed UTF-8 (Unicode 15, table 3-7) without NUL. */
bool utf8_valid(struct slice bytes);

/*
 * Appends BYTES for a terminal or a log line: printable UTF-8 as it is; newline,
 * tab and carriage return as \n \t \r; other control characters, invisible and
 * direction-changing ones as \u{HEX}; bytes that are no UTF-8 as \xHH; a
 * backslash as \\. The result holds no control character and is valid UTF-8.
 */
void escape_text(struct strbuf *out, struct slice bytes);

/*
 * Same, as one word of a command line: in single quotes when it is empty or has
 * a space or a quote (which is then written \').
 */
void escape_word(struct strbuf *out, struct slice bytes);

/*
 * Appends the bytes that escape_text() has written as TEXT. False, with a part of them appended,
 * when TEXT is nothing that it writes.
 */
bool unescape_text(struct strbuf *out, struct slice text);
