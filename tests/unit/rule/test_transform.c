/* SPDX-License-Identifier: Apache-2.0 */
/* Claims about agent/rule/condition/transform.c. */
#include "rules_fixture.h"

#include "rule/condition/transform.h"

#define TEXT_OF_ARGS(text) ((struct event_text){.bytes = {text, sizeof(text) - 1}})

static struct value apply(
	enum transform transform, struct value value, struct field_scratch *scratch)
{
	struct transforms transforms = {.count = 1, .kinds = {transform}};

	return transforms_apply(&transforms, value, scratch);
}

static void texts_are_transformed(void **state)
{
	static const struct {
		enum transform transform;
		const char *text, *expected;
	} cases[] = {
		{TRANSFORM_TOLOWER, "ABC xyz\xc3\x84", "abc xyz\xc3\x84"},
		{TRANSFORM_TOUPPER, "abc XYZ", "ABC XYZ"},
		{TRANSFORM_BASENAME, "/usr/bin/dash", "dash"},
		{TRANSFORM_BASENAME, "dash", "dash"},
		{TRANSFORM_BASENAME, "/usr/bin/", ""},
		{TRANSFORM_B64, "aWQ7IGxz", "id; ls"},
		{TRANSFORM_B64, "aWQ=", "id"},
		{TRANSFORM_B64, "aWQ", "id"},
		{TRANSFORM_B64, "", ""},
		{TRANSFORM_VAL, "a", "a"},
	};
	static struct field_scratch scratch;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct value value = apply(
			cases[i].transform, value_text(slice_of(cases[i].text)), &scratch);

		assert_int_equal(value.type, VALUE_TEXT);
		if (!slice_equal_text(value.text, cases[i].expected))
			fail_msg("%s: %.*s", cases[i].text, (int)value.text.len, value.text.data);
	}
}

static void what_is_not_base64_is_none(void **state)
{
	static struct field_scratch scratch;

	(void)state;
	assert_int_equal(
		apply(TRANSFORM_B64, value_text(slice_of("a b")), &scratch).type, VALUE_NONE);
	assert_int_equal(
		apply(TRANSFORM_B64, value_text(slice_of("a=b")), &scratch).type, VALUE_NONE);
}

static void lengths_are_counted(void **state)
{
	struct event_text args = TEXT_OF_ARGS("sh\0-c\0\0");
	static struct field_scratch scratch;
	struct value value = {.type = VALUE_ARGS, .args = &args};

	(void)state;
	assert_true(apply(TRANSFORM_LEN, value, &scratch).number == 3);
	assert_true(apply(TRANSFORM_LEN, value_text(slice_of("abc")), &scratch).number == 3);
}

static void several_are_done_from_the_inside_out(void **state)
{
	struct transforms transforms = {.count = 2, .kinds = {TRANSFORM_LEN, TRANSFORM_BASENAME}};
	static struct field_scratch scratch;

	(void)state;
	assert_true(transforms_apply(&transforms, value_text(slice_of("/usr/bin/sh")), &scratch)
			    .number == 2);
}

static void value_in_the_scratch_is_transformed_there(void **state)
{
	static struct field_scratch scratch;
	struct value value;

	(void)state;
	memcpy(scratch.text, "xABC", 4);
	value = apply(TRANSFORM_TOLOWER, value_text((struct slice){scratch.text + 1, 3}), &scratch);
	assert_true(slice_equal_text(value.text, "abc"));
}

static void unknown_stays_unknown(void **state)
{
	static char large[FIELD_SCRATCH_SIZE + 1];
	static struct field_scratch scratch;

	(void)state;
	assert_int_equal(apply(TRANSFORM_LEN, VALUE_UNKNOWN_INIT, &scratch).type, VALUE_UNKNOWN);
	assert_int_equal(apply(TRANSFORM_TOLOWER, VALUE_NONE_INIT, &scratch).type, VALUE_NONE);
	assert_int_equal(
		apply(TRANSFORM_TOLOWER, value_text((struct slice){large, sizeof(large)}), &scratch)
			.type,
		VALUE_UNKNOWN);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(texts_are_transformed),
		cmocka_unit_test(what_is_not_base64_is_none),
		cmocka_unit_test(lengths_are_counted),
		cmocka_unit_test(several_are_done_from_the_inside_out),
		cmocka_unit_test(value_in_the_scratch_is_transformed_there),
		cmocka_unit_test(unknown_stays_unknown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
