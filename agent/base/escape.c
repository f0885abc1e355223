/* SPDX-License-Identifier: Apache-2.0 */
/* UTF-8 decoding and the escaping of escape.h. */
#include "base/escape.h"

#include <stdint.h>

/*
 * Decodes the character at the start of BYTES. Returns its length and stores the
 * code point, or returns 0 when no well-formed character starts here.
 */
static size_t utf8_decode(struct slice bytes, uint32_t *ret_code)
{
	const unsigned char *p = (const unsigned char *)bytes.data;
	static const uint32_t smallest[] = {0, 0, 0x80, 0x800, 0x10000};
	uint32_t code;
	size_t len;

	if (p[0] < 0x80) {
		*ret_code = p[0];
		return 1;
	}
	if ((p[0] & 0xe0) == 0xc0)
		len = 2;
	else if ((p[0] & 0xf0) == 0xe0)
		len = 3;
	else if ((p[0] & 0xf8) == 0xf0)
		len = 4;
	else
		return 0;
	if (len > bytes.len)
		return 0;
	code = p[0] & (0x7f >> len);
	for (size_t i = 1; i < len; i++) {
		if ((p[i] & 0xc0) != 0x80)
			return 0;
		code = code << 6 | (p[i] & 0x3f);
	}
	if (code < smallest[len] || code > 0x10ffff || (code >= 0xd800 && code <= 0xdfff))
		return 0;
	*ret_code = code;
	return len;
}

static struct slice slice_from(struct slice bytes, size_t offset)
{
	return (struct slice){.data = bytes.data + offset, .len = bytes.len - offset};
}

bool utf8_valid(struct slice bytes)
{
	uint32_t code;

	for (size_t i = 0, len; i < bytes.len; i += len) {
		len = utf8_decode(slice_from(bytes, i), &code);
		if (len == 0 || code == 0)
			return false;
	}
	return true;
}

/*
 * Characters that a terminal acts on or that a reader cannot see: C0 and C1
 * controls, line separators, and what Unicode 15 lists as
 * Default_Ignorable_Code_Point (zero-width and direction marks, fillers, tags).
 */
static bool code_is_unsafe(uint32_t code)
{
	static const struct {
		uint32_t first, last;
	} unsafe[] = {
		{0x00, 0x1f},
		{0x7f, 0x9f},
		{0xad, 0xad},
		{0x034f, 0x034f},
		{0x061c, 0x061c},
		{0x115f, 0x1160},
		{0x17b4, 0x17b5},
		{0x180b, 0x180f},
		{0x200b, 0x200f},
		{0x2028, 0x202e},
		{0x2060, 0x206f},
		{0x3164, 0x3164},
		{0xfe00, 0xfe0f},
		{0xfeff, 0xfeff},
		{0xffa0, 0xffa0},
		{0xfff0, 0xfffb},
		{0x1bca0, 0x1bca3},
		{0x1d173, 0x1d17a},
		{0xe0000, 0xe0fff},
	};

	for (size_t i = 0; i < ARRAY_SIZE(unsafe); i++)
		if (code >= unsafe[i].first && code <= unsafe[i].last)
			return true;
	return false;
}

static void escape_code(struct strbuf *out, struct slice character, uint32_t code)
{
	switch (code) {
	case '\n':
		strbuf_add_text(out, "\\n");
		break;
	case '\r':
		strbuf_add_text(out, "\\r");
		break;
	case '\t':
		strbuf_add_text(out, "\\t");
		break;
	case '\\':
		strbuf_add_text(out, "\\\\");
		break;
	default:
		if (code_is_unsafe(code))
			strbuf_addf(out, "\\u{%x}", code);
		else
			strbuf_add_slice(out, character);
	}
}

static void escape(struct strbuf *out, struct slice bytes, bool quoted)
{
	for (size_t i = 0, len; i < bytes.len; i += len) {
		struct slice rest = slice_from(bytes, i);
		uint32_t code;

		len = utf8_decode(rest, &code);
		if (len == 0) {
			strbuf_addf(out, "\\x%02x", (unsigned char)rest.data[0]);
			len = 1;
		} else if (quoted && code == '\'') {
			strbuf_add_text(out, "\\'");
		} else {
			escape_code(out, (struct slice){rest.data, len}, code);
		}
	}
}

void escape_text(struct strbuf *out, struct slice bytes)
{
	escape(out, bytes, false);
}

static bool word_needs_quotes(struct slice bytes)
{
	for (size_t i = 0; i < bytes.len; i++)
		if (bytes.data[i] == ' ' || bytes.data[i] == '\'' || bytes.data[i] == '"')
			return true;
	return bytes.len == 0;
}

void escape_word(struct strbuf *out, struct slice bytes)
{
	bool quoted = word_needs_quotes(bytes);

	if (quoted)
		strbuf_add_char(out, '\'');
	escape(out, bytes, quoted);
	if (quoted)
		strbuf_add_char(out, '\'');
}

static void utf8_encode(struct strbuf *out, uint32_t code)
{
	static const unsigned char marks[] = {0, 0, 0xc0, 0xe0, 0xf0};
	size_t len = code < 0x80 ? 1 : code < 0x800 ? 2 : code < 0x10000 ? 3 : 4;
	char bytes[4];

	for (size_t i = len - 1; i > 0; i--, code >>= 6)
		bytes[i] = 0x80 | (code & 0x3f);
	bytes[0] = marks[len] | code;
	strbuf_add(out, bytes, len);
}

/* Reads the hexadecimal digits at TEXT, up to MOST of them. Returns how many there are. */
static size_t hex_read(struct slice text, size_t most, uint32_t *ret)
{
	static const char digits[] = "0123456789abcdef";
	size_t len = 0;

	*ret = 0;
	while (len < most && len < text.len && text.data[len]) {
		const char *digit = strchr(digits, text.data[len]);

		if (!digit)
			break;
		*ret = *ret << 4 | (uint32_t)(digit - digits);
		len++;
	}
	return len;
}

/* "\u{HEX}" at TEXT, the backslash left out. Its length, 0 when it is none that is written. */
static size_t unescape_code(struct strbuf *out, struct slice text)
{
	size_t digits;
	uint32_t code;

	if (text.len < 2 || text.data[1] != '{')
		return 0;
	digits = hex_read(slice_from(text, 2), 6, &code);
	if (digits == 0 || digits + 2 >= text.len || text.data[digits + 2] != '}' ||
		!code_is_unsafe(code))
		return 0;
	utf8_encode(out, code);
	return digits + 3;
}

/* What follows a backslash. Its length, 0 when no escape begins so. */
static size_t unescape_one(struct strbuf *out, struct slice text)
{
	static const char letters[] = "nrt\\", meant[] = "\n\r\t\\";
	uint32_t byte;

	if (text.len == 0 || !text.data[0])
		return 0;
	for (size_t i = 0; letters[i]; i++) {
		if (text.data[0] != letters[i])
			continue;
		strbuf_add_char(out, meant[i]);
		return 1;
	}
	if (text.data[0] == 'u')
		return unescape_code(out, text);
	if (text.data[0] != 'x' || hex_read(slice_from(text, 1), 2, &byte) != 2)
		return 0;
	strbuf_add_char(out, (char)byte);
	return 3;
}

bool unescape_text(struct strbuf *out, struct slice text)
{
	for (size_t i = 0, len; i < text.len; i += len) {
		const char *next = memchr(text.data + i, '\\', text.len - i);

		len = next ? (size_t)(next - text.data) - i : text.len - i;
		strbuf_add(out, text.data + i, len);
		if (!next)
			break;
		i += len + 1;
		len = unescape_one(out, slice_from(text, i));
		if (len == 0)
			return false;
	}
	return true;
}
