/* SPDX-License-Identifier: Apache-2.0 */
/* The table of transformers, and one function for each. */
#include "rule/condition/transform.h"

#include <ctype.h>

#include "base/cleanup.h"

static const char *const names[] = {
	[TRANSFORM_TOLOWER] = "tolower",
	[TRANSFORM_TOUPPER] = "toupper",
	[TRANSFORM_BASENAME] = "basename",
	[TRANSFORM_LEN] = "len",
	[TRANSFORM_B64] = "b64",
	[TRANSFORM_VAL] = "val",
};

bool transform_find(struct slice name, enum transform *ret)
{
	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		if (!slice_equal_text(name, names[i]))
			continue;
		*ret = i;
		return true;
	}
	return false;
}

const char *transform_name(enum transform transform)
{
	return names[transform];
}

enum value_type transform_type(enum transform transform, enum value_type type)
{
	if (transform == TRANSFORM_VAL)
		return type;
	if (transform == TRANSFORM_LEN)
		return type == VALUE_TEXT || type == VALUE_ARGS ? VALUE_NUMBER : VALUE_NONE;
	return type == VALUE_TEXT ? VALUE_TEXT : VALUE_NONE;
}

/* TEXT in memory that can be written to. False when it does not fit. */
static bool text_own(struct slice text, struct field_scratch *scratch, char **ret)
{
	if (text.len > sizeof(scratch->text))
		return false;
	if (text.len > 0)
		memmove(scratch->text, text.data, text.len);
	*ret = scratch->text;
	return true;
}

static struct value text_map(struct slice text, int (*map)(int c), struct field_scratch *scratch)
{
	char *own;

	if (!text_own(text, scratch, &own))
		return VALUE_UNKNOWN_INIT;
	for (size_t i = 0; i < text.len; i++)
		if (isascii((unsigned char)own[i]))
			own[i] = map((unsigned char)own[i]);
	return value_text((struct slice){own, text.len});
}

/* The six bits of C, -1 when it is no digit of base64 (RFC 4648, section 4). */
static int base64_digit(char c)
{
	static const char digits[] =
		"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
	const char *found = c ? strchr(digits, c) : NULL;

	return found ? found - digits : -1;
}

static struct value text_decode(struct slice text, struct field_scratch *scratch)
{
	unsigned bits = 0, bit_count = 0;
	size_t len = 0;
	char *own;

	if (!text_own(text, scratch, &own))
		return VALUE_UNKNOWN_INIT;
	while (text.len > 0 && own[text.len - 1] == '=')
		text.len--;
	for (size_t i = 0; i < text.len; i++) {
		int digit = base64_digit(own[i]);

		if (digit < 0)
			return VALUE_NONE_INIT;
		bits = bits << 6 | (unsigned)digit;
		bit_count += 6;
		if (bit_count < 8)
			continue;
		bit_count -= 8;
		own[len++] = (char)(bits >> bit_count);
	}
	return value_text((struct slice){own, len});
}

static size_t args_count(const struct event_text *args)
{
	size_t offset = 0, count = 0;
	struct slice arg;

	while (event_args_next(args, &offset, &arg))
		count++;
	return count;
}

static struct value value_len(const struct value *value)
{
	if (value->type == VALUE_TEXT)
		return value_integer(value->text.len);
	if (value->type == VALUE_ARGS)
		return value_integer(args_count(value->args));
	if (value->type == VALUE_LIST)
		return value_integer(value->list.count);
	return *value;
}

static struct value transform_apply(
	enum transform transform, const struct value *value, struct field_scratch *scratch)
{
	if (transform == TRANSFORM_VAL)
		return *value;
	if (transform == TRANSFORM_LEN)
		return value_len(value);
	if (value->type != VALUE_TEXT) /* unknown, or none */
		return *value;
	switch (transform) {
	case TRANSFORM_TOLOWER:
		return text_map(value->text, tolower, scratch);
	case TRANSFORM_TOUPPER:
		return text_map(value->text, toupper, scratch);
	case TRANSFORM_BASENAME:
		return value_text(slice_basename(value->text));
	case TRANSFORM_B64:
		return text_decode(value->text, scratch);
	default:
		return *value;
	}
}

struct value transforms_apply(
	const struct transforms *transforms, struct value value, struct field_scratch *scratch)
{
	for (size_t i = transforms->count; i > 0; i--)
		value = transform_apply(transforms->kinds[i - 1], &value, scratch);
	return value;
}
