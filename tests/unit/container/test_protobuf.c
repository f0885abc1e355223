/* SPDX-License-Identifier: Apache-2.0 */
/* Claims about agent/container/protobuf.c. */
#include "asserts.h"

#include <errno.h>

#include "container/protobuf.h"

#define BYTES(literal)                       \
	{                                    \
		literal, sizeof(literal) - 1 \
	}

/* Of each kind one before the field: 3 is a number, 4 has 8 bytes, 1 a text, 5 has 4 bytes. */
#define BEFORE         \
	"\x18\xac\x02" \
	"\x21"         \
	"12345678"     \
	"\x0a\x02"     \
	"hi"           \
	"\x2d"         \
	"1234"

static void field_is_found_behind_others(void **state)
{
	static const struct slice message = BYTES(BEFORE "\x12\x03"
							 "abc"
							 "\x12\x01"
							 "d");
	struct slice value;

	(void)state;
	assert_int_equal(protobuf_find_bytes(message, 2, &value), 0);
	assert_slice_text(value, "abc");
	assert_int_equal(protobuf_find_bytes(message, 1, &value), 0);
	assert_slice_text(value, "hi");
	assert_int_equal(protobuf_find_bytes(message, 3, &value), -ENOENT); /* a number */
	assert_int_equal(protobuf_find_bytes(message, 16, &value), -ENOENT);
}

static void long_lengths_and_numbers_are_understood(void **state)
{
	char message[3 + 300] = "\x12\xac\x02";
	struct slice value;

	(void)state;
	memset(message + 3, 'x', 300);
	assert_int_equal(
		protobuf_find_bytes((struct slice){message, sizeof(message)}, 2, &value), 0);
	assert_int_equal(value.len, 300);
	/* field 1000 */
	assert_int_equal(protobuf_find_bytes((struct slice)BYTES("\xc2\x3e\x01"
								 "a"),
				 1000, &value),
		0);
	assert_slice_text(value, "a");
}

static void empty_field_is_there(void **state)
{
	struct slice value = {0};

	(void)state;
	assert_int_equal(protobuf_find_bytes((struct slice)BYTES("\x12\x00"), 2, &value), 0);
	assert_int_equal(value.len, 0);
	assert_int_equal(protobuf_find_bytes((struct slice){0}, 2, &value), -ENOENT);
}

static void what_is_cut_or_no_message_is_refused(void **state)
{
	static const struct slice messages[] = {
		BYTES("\x12"),
		BYTES("\x12\x04"
		      "abc"),
		BYTES("\x12\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01"
		      "abc"),
		BYTES("\x12\x80"),
		BYTES("\x80\x80\x80\x80\x80\x80\x80\x80\x80\x80\x01"), /* 11 bytes */
		BYTES("\x18"),
		BYTES("\x18\x80"),
		BYTES("\x21"
		      "1234567"),
		BYTES("\x2d"
		      "123"),
		BYTES("\x13\x12\x01"
		      "a"), /* a group */
		BYTES("\x14\x12\x01"
		      "a"),
		BYTES("\x16\x12\x01"
		      "a"), /* no type at all */
		BYTES("\x17\x12\x01"
		      "a"),
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(messages); i++) {
		struct slice value;
		int r = protobuf_find_bytes(messages[i], 2, &value);

		if (r != -EBADMSG)
			fail_msg("message %zu: %d", i, r);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(field_is_found_behind_others),
		cmocka_unit_test(long_lengths_and_numbers_are_understood),
		cmocka_unit_test(empty_field_is_there),
		cmocka_unit_test(what_is_cut_or_no_message_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
