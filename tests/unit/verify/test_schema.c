/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Claims about docs/verify.schema.json: that reports are what it says. Of JSON Schema it needs no
 * more than is here. Run from the top of the tree.
 */
#include "verify/verify_fixture.h"

struct validating {
	const json_t *schema; /* all of it */
	char path[256]; /* of what is looked at */
};

static void validate(struct validating *v, const json_t *schema, const json_t *value);

static const char *type_of(const json_t *value)
{
	switch (json_typeof(value)) {
	case JSON_OBJECT:
		return "object";
	case JSON_ARRAY:
		return "array";
	case JSON_STRING:
		return "string";
	case JSON_INTEGER:
		return "integer";
	case JSON_TRUE:
	case JSON_FALSE:
		return "boolean";
	case JSON_NULL:
		return "null";
	default:
		return "number";
	}
}

/* True when WORDS, a text or a list of texts, has WORD. */
static bool names(const json_t *words, const char *word)
{
	if (json_is_string(words))
		return strcmp(json_string_value(words), word) == 0;
	for (size_t i = 0; i < json_array_size(words); i++)
		if (strcmp(json_string_value(json_array_get(words, i)), word) == 0)
			return true;
	return false;
}

static bool is_among(const json_t *values, const json_t *value)
{
	for (size_t i = 0; i < json_array_size(values); i++)
		if (json_equal(json_array_get(values, i), value))
			return true;
	return false;
}

/* "#/$defs/NAME" */
static const json_t *definition(const struct validating *v, const char *reference)
{
	static const char prefix[] = "#/$defs/";
	const json_t *found;

	assert_int_equal(strncmp(reference, prefix, strlen(prefix)), 0);
	found = json_object_get(json_object_get(v->schema, "$defs"), reference + strlen(prefix));
	assert_non_null(found);
	return found;
}

static void validate_member(
	struct validating *v, const json_t *schema, const char *name, const json_t *value)
{
	const json_t *member = json_object_get(json_object_get(schema, "properties"), name);
	size_t len = strlen(v->path);

	snprintf(v->path + len, sizeof(v->path) - len, ".%s", name);
	if (!member)
		fail_msg("%s is not in the schema", v->path);
	validate(v, member, value);
	v->path[len] = '\0';
}

static void validate_object(struct validating *v, const json_t *schema, json_t *value)
{
	const json_t *required = json_object_get(schema, "required");
	const char *name;
	json_t *member;

	assert_true(json_is_false(json_object_get(schema, "additionalProperties")));
	for (size_t i = 0; i < json_array_size(required); i++)
		if (!json_object_get(value, json_string_value(json_array_get(required, i))))
			fail_msg("%s has no %s", v->path,
				json_string_value(json_array_get(required, i)));
	json_object_foreach (value, name, member)
		validate_member(v, schema, name, member);
}

static void validate(struct validating *v, const json_t *schema, const json_t *value)
{
	const json_t *reference = json_object_get(schema, "$ref");
	const json_t *type, *values, *constant;

	if (reference)
		schema = definition(v, json_string_value(reference));
	type = json_object_get(schema, "type");
	values = json_object_get(schema, "enum");
	constant = json_object_get(schema, "const");
	if ((type && !names(type, type_of(value))) || (values && !is_among(values, value)) ||
		(constant && !json_equal(constant, value)) || (!type && !values && !constant))
		fail_msg("%s is not what the schema says", v->path);
	if (json_is_object(value))
		validate_object(v, schema, (json_t *)value);
	for (size_t i = 0; i < json_array_size(value); i++)
		validate(v, json_object_get(schema, "items"), json_array_get(value, i));
}

static void assert_valid(const json_t *report)
{
	CLEANUP_JSON json_t *schema = json_load_file("docs/verify.schema.json", 0, NULL);
	struct validating v = {.schema = schema, .path = "report"};

	assert_non_null(schema);
	validate(&v, schema, report);
}

static void report_of_an_image_is_valid(void **state)
{
	struct verifying *v = *state;
	struct diag d;

	v->config = "\"Cmd\":[\"/bin/sh\",\"-c\",\"x\"],\"User\":\"nobody\"";
	add_program(v, "bin/busybox", 04755, "bbox-one" TABLE_WITH_SHELL);
	add_symlink(v, "bin/sh", "busybox");
	add_program(v, "old", 0755, "dash-one");
	add_program(v, "usr/bin/apt", 0755, "apt-one");
	add_program(v, "packed", 0755, "upx-one");
	add_text(v, "lib/apk/db/installed", "P:apt\nV:1\nF:usr/bin\nR:apt\n");
	add_text(v, "etc/os-release", "ID=alpine\nVERSION_ID=3\nPRETTY_NAME=x\n");
	next_layer(v);
	add_text(v, ".wh.old", "");
	assert_int_equal(verify_policy_allow(v->policy, "/packed=ours", &d), 0);
	assert_int_equal(verify_policy_allow(v->policy, "/none=ours", &d), 0);
	verify_oci(v);
	assert_findings(v, 6);
	assert_valid(v->report);
}

static void report_of_a_root_file_system_is_valid(void **state)
{
	struct verifying *v = *state;
	size_t at = tar_add_header(layer(v), '5', "usr/bin", "", 0);

	set_mode(layer(v), at, 0777);
	tar_add_end(layer(v));
	assert_read(v->layout, layout_read_bytes(v->layout, "rootfs:%s", strbuf_slice(layer(v))));
	judge_image(v, "rootfs:x");
	assert_findings(v, 1);
	assert_valid(v->report);
}

static void report_of_what_could_not_be_read_is_valid(void **state)
{
	const struct image_error e = {IMAGE_UNREADABLE, "no tar"};
	struct verifying *v = *state;

	assert_int_equal(verify_failed("x", &e, &v->report), 0);
	assert_valid(v->report);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		VERIFY_TEST(report_of_an_image_is_valid),
		VERIFY_TEST(report_of_a_root_file_system_is_valid),
		VERIFY_TEST(report_of_what_could_not_be_read_is_valid),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
