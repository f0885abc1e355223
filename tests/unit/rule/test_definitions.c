/* SPDX-License-Identifier: Apache-2.0 */
/* Claims about agent/rule/file/definitions.c. */
#include "rules_fixture.h"

#include "rule/file/definitions.h"

static struct definition *add(
	struct definitions *definitions, enum definition_kind kind, const char *name)
{
	struct definition *definition = NULL;

	assert_int_equal(definitions_add(definitions, kind, name, &definition), 0);
	return definition;
}

static void names_belong_to_their_kind(void **state)
{
	struct definitions definitions = {0};
	struct definition *rule = add(&definitions, DEFINITION_RULE, "a");
	struct definition *list = add(&definitions, DEFINITION_LIST, "a");

	(void)state;
	assert_ptr_equal(definitions_find(&definitions, DEFINITION_RULE, slice_of("a")), rule);
	assert_ptr_equal(definitions_find(&definitions, DEFINITION_LIST, slice_of("a")), list);
	assert_null(definitions_find(&definitions, DEFINITION_MACRO, slice_of("a")));
	assert_null(definitions_find(&definitions, DEFINITION_RULE, slice_of("ab")));
	definitions_done(&definitions);
}

static void reset_definition_keeps_its_name_alone(void **state)
{
	struct definitions definitions = {0};
	struct definition *macro = add(&definitions, DEFINITION_MACRO, "m");

	(void)state;
	macro->file = strdup("f");
	macro->state = DEFINITION_DONE;
	strbuf_add_text(&definition_macro(macro)->text.text, "proc.pid = 1");
	definition_reset(macro, DEFINITION_MACRO);
	assert_string_equal(macro->name, "m");
	assert_null(macro->file);
	assert_int_equal(macro->state, DEFINITION_NEW);
	assert_int_equal(definition_macro(macro)->text.text.len, 0);
	definitions_done(&definitions);
}

static void number_is_bounded(void **state)
{
	struct definitions definitions = {0};
	struct definition *definition;

	(void)state;
	for (size_t i = 0; i < DEFINITIONS_MAX; i++)
		add(&definitions, DEFINITION_LIST, "l");
	assert_true(definitions_add(&definitions, DEFINITION_LIST, "l", &definition) < 0);
	definitions_done(&definitions);
}

static void nearest_name_is_suggested(void **state)
{
	struct definitions definitions = {0};
	struct diag d = {.message = "x"};

	(void)state;
	add(&definitions, DEFINITION_LIST, "shell_binaries");
	definitions_suggest(&definitions, DEFINITION_LIST, &d, "shel_binaries");
	assert_string_equal(d.message, "x: did you mean 'shell_binaries'?");
	definitions_done(&definitions);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(names_belong_to_their_kind),
		cmocka_unit_test(reset_definition_keeps_its_name_alone),
		cmocka_unit_test(number_is_bounded),
		cmocka_unit_test(nearest_name_is_suggested),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
