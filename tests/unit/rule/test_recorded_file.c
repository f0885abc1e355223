/* SPDX-License-Identifier: Apache-2.0 */
/* Claims about agent/rule/recorded/file.c. */
#include "rules_fixture.h"

#include "rule/recorded/recorded.h"
#include "scratch.h"

static void event_may_have_several_forms(void **state)
{
	static const struct {
		const char *text;
		enum recorded_form form;
	} cases[] = {
		{"{\"evt.subject\": \"exec\", \"proc.name\": \"\\ud83d\\udc1a\"}", RECORDED_FIELDS},
		{"evt.subject: exec\nproc.name: \"\xf0\x9f\x90\x9a\"\n", RECORDED_FIELDS},
		{"\n {\"id\": 1, \"fields\": {\"evt.subject\": \"exec\", \"proc.name\": "
		 "\"\xf0\x9f\x90\x9a\"}}\n",
			RECORDED_LINE},
		{"{\"rule\": \"r\", \"output_fields\": {\"evt.subject\": \"exec\", "
		 "\"proc.name\": \"\xf0\x9f\x90\x9a\"}}",
			RECORDED_ALERT},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		CLEANUP_SCRATCH struct scratch scratch;
		CLEANUP_RECORDED struct recorded *recorded = NULL;
		enum recorded_form form;
		struct subject subject;
		struct diag d;

		scratch_init(&scratch);
		scratch_write_text(&scratch, "e", cases[i].text);
		if (recorded_load(scratch_path(&scratch, "e"), &recorded, &form, &d) < 0)
			fail_msg("%u:%u: %s", d.line, d.column, d.message);
		assert_int_equal(form, cases[i].form);
		subject = recorded_subject(recorded);
		assert_true(condition_fires("proc.name = \"\xf0\x9f\x90\x9a\"", &subject));
	}
}

static void what_is_wrong_is_said_with_its_place(void **state)
{
	static const struct {
		const char *text, *message;
	} cases[] = {
		{"{\n \"rule\": 1,\n \"output_fields\": {\"evt.subject\": \"exec\",\n \"x\": 1}}",
			":4:2: there is no field 'x'"},
		{"{\"evt.subject\":\n}", ":2:1: unexpected token near '}'"},
		{"{\"evt.subject\": \"exec\"}\n{}", ":2:1: end of file expected near '{'"},
		{"evt.subject: exec\nx: 1\n", ":2:4: there is no field 'x'"},
		{"", ":1: fields are expected, {\"NAME\": value, ...}"},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		CLEANUP_SCRATCH struct scratch scratch;
		struct recorded *recorded = NULL;
		enum recorded_form form;
		char text[DIAG_TEXT_SIZE];
		const char *path;
		struct diag d;

		scratch_init(&scratch);
		scratch_write_text(&scratch, "e", cases[i].text);
		path = scratch_path(&scratch, "e");
		assert_true(recorded_load(path, &recorded, &form, &d) < 0);
		diag_text(&d, text, sizeof(text));
		assert_memory_equal(text, path, strlen(path));
		assert_string_equal(text + strlen(path), cases[i].message);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(event_may_have_several_forms),
		cmocka_unit_test(what_is_wrong_is_said_with_its_place),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
