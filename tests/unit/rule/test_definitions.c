/* SPDX-License-Identifier: Apache-2.0 */
/* Claims about agent/rule/definitions.c. */
#include "rules_fixture.h"

#include "rule/definitions.h"

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
	definitions_truncate(&definitions, &(struct definitions_mark){0});
}

static void what_came_after_the_mark_goes(void **state)
{
	struct definitions definitions = {0};
	struct definition *kept = add(&definitions, DEFINITION_MACRO, "kept");
	struct definitions_mark mark = definitions_mark(&definitions);

	(void)state;
	add(&definitions, DEFINITION_MACRO, "gone");
	add(&definitions, DEFINITION_RULE, "gone");
	definitions.nodes = 7;
	definitions_truncate(&definitions, &mark);
	assert_ptr_equal(definitions_find(&definitions, DEFINITION_MACRO, slice_of("kept")), kept);
	assert_null(definitions_find(&definitions, DEFINITION_MACRO, slice_of("gone")));
	assert_null(definitions_find(&definitions, DEFINITION_RULE, slice_of("gone")));
	assert_int_equal(definitions.nodes, 0);
	definitions_truncate(&definitions, &(struct definitions_mark){0});
}

static void number_is_bounded(void **state)
{
	struct definitions definitions = {0};
	struct definition *definition;

	(void)state;
	for (size_t i = 0; i < DEFINITIONS_MAX; i++)
		add(&definitions, DEFINITION_LIST, "l");
	assert_true(definitions_add(&definitions, DEFINITION_LIST, "l", &definition) < 0);
	definitions_truncate(&definitions, &(struct definitions_mark){0});
}

static void nearest_name_is_suggested(void **state)
{
	struct definitions definitions = {0};
	struct diag d = {.message = "x"};

	(void)state;
	add(&definitions, DEFINITION_LIST, "shell_binaries");
	definitions_suggest(&definitions, DEFINITION_LIST, &d, "shel_binaries");
	assert_string_equal(d.message, "x: did you mean 'shell_binaries'?");
	definitions_truncate(&definitions, &(struct definitions_mark){0});
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(names_belong_to_their_kind),
		cmocka_unit_test(what_came_after_the_mark_goes),
		cmocka_unit_test(number_is_bounded),
		cmocka_unit_test(nearest_name_is_suggested),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
