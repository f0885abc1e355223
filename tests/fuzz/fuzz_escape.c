/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Escaping: whatever the bytes, what comes out is valid UTF-8 without any control
 * character, and printable text without a backslash comes out as it went in.
 */
#include <stdint.h>
#include <stdlib.h>

#include "base/escape.h"

static void output_check(const struct strbuf *out)
{
	const unsigned char *p = (const unsigned char *)strbuf_text(out);

	if (out->error || !utf8_valid(strbuf_slice(out)))
		abort();
	for (size_t i = 0; i < out->len; i++) {
		if (p[i] < 0x20 || p[i] == 0x7f)
			abort();
		if (p[i] == 0xc2 && p[i + 1] < 0xa0) /* C1; the text ends with a NUL */
			abort();
	}
}

static bool is_plain(struct slice bytes)
{
	for (size_t i = 0; i < bytes.len; i++)
		if (bytes.data[i] < 0x20 || bytes.data[i] > 0x7e || bytes.data[i] == '\\')
			return false;
	return true;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct slice bytes = {(const char *)data, size};
	struct strbuf out = STRBUF_INIT;

	escape_text(&out, bytes);
	output_check(&out);
	if (is_plain(bytes) && !slice_equal(strbuf_slice(&out), bytes))
		abort();
	strbuf_reset(&out);
	escape_word(&out, bytes);
	output_check(&out);
	if (out.len == 0)
		abort();
	strbuf_done(&out);
	return 0;
}
