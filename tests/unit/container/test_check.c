/* SPDX-License-Identifier: Apache-2.0 */
/* Claims about agent/container/check.c. */
#include "asserts.h"

#include "base/json.h"
#include "base/strbuf.h"
#include "container/reader.h"

#define SOURCE  "some file"
#define APPLIED "kubectl.kubernetes.io/last-applied-configuration"

static void check_done(struct container *container)
{
	container_forget(container);
}
#define CLEANUP_CONTAINER CLEANUP(check_done)

#define assert_checks(container, expected) \
	assert_checks_at((container), (expected), __FILE__, __LINE__)

/* EXPECTED is each command in brackets, with '|' behind each word. */
static void assert_checks_at(
	const struct container *container, const char *expected, const char *file, int line)
{
	CLEANUP_STRBUF struct strbuf found = STRBUF_INIT;

	for (size_t i = 0; i < container->check_count; i++) {
		const struct container_check *check = &container->checks[i];

		strbuf_add_char(&found, '[');
		for (size_t j = 0; j < check->len; j++)
			strbuf_add_char(&found, check->argv[j] ?: '|');
		strbuf_add_char(&found, ']');
		if (strcmp(check->source, SOURCE) != 0)
			_fail(file, line);
	}
	if (strcmp(strbuf_text(&found), expected) == 0)
		return;
	print_error("the checks are %s, not %s\n", strbuf_text(&found), expected);
	_fail(file, line);
}

static json_t *parse(const char *text)
{
	json_t *value = json_loads(text, JSON_DECODE_ANY, NULL);

	assert_non_null(value);
	return value;
}

typedef void learn_fn(struct container *container, const json_t *value, const char *source);

struct form {
	const char *json, *expected;
};

static void assert_forms(learn_fn *learn, const struct form *forms, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		CLEANUP_CONTAINER struct container c = {.id = "web"};
		CLEANUP_JSON json_t *value = parse(forms[i].json);

		learn(&c, value, SOURCE);
		assert_checks(&c, forms[i].expected);
	}
}

#define TEST(words) "{\"Test\":[" words "]}"

static void forms_of_docker_are_known(void **state)
{
#define DOCKER(words) "{\"Healthcheck\":" TEST(words) "}"
	static const struct form forms[] = {
		{DOCKER("\"CMD\",\"/check\",\"-v\",\"\""), "[/check|-v||]"},
		{DOCKER("\"CMD-SHELL\",\"a b || exit 1\""), "[/bin/sh|-c|a b || exit 1|]"},
		/* all words follow, of which the shell takes one for the command */
		{DOCKER("\"CMD-SHELL\",\"a\",\"b\""), "[/bin/sh|-c|a|b|]"},
		{"{\"Shell\":[\"/bin/bash\",\"-ec\"],\"Healthcheck\":" TEST(
			 "\"CMD-SHELL\",\"a\"") "}",
			"[/bin/bash|-ec|a|]"},
		{"{\"Shell\":[],\"Healthcheck\":" TEST("\"CMD-SHELL\",\"a\"") "}",
			"[/bin/sh|-c|a|]"},
		{"{\"Shell\":[\"/bin/bash\"],\"Healthcheck\":" TEST("\"CMD\",\"a\"") "}", "[a|]"},
		{DOCKER("\"NONE\""), ""},
		{DOCKER("\"CMD\""), ""},
		{DOCKER(""), ""},
		{DOCKER("\"\",\"a\""), ""},
		{DOCKER("\"/check\",\"-v\""), ""},
		{"{}", ""},
		{"{\"Healthcheck\":null}", ""},
		/* hostile */
		{"[]", ""},
		{"{\"Healthcheck\":[\"CMD\",\"a\"]}", ""},
		{"{\"Healthcheck\":{\"Test\":\"CMD\"}}", ""},
		{"{\"Healthcheck\":{\"Test\":{\"0\":\"CMD\"}}}", ""},
		{DOCKER("1,\"a\""), ""},
		{DOCKER("\"CMD\",\"a\",1"), ""},
		{DOCKER("\"CMD\",\"\",\"a\""), ""},
		{DOCKER("\"CMD\",[\"a\"]"), ""},
		{"{\"Shell\":[1],\"Healthcheck\":" TEST("\"CMD-SHELL\",\"a\"") "}", ""},
	};

	(void)state;
	assert_forms(check_learn_docker, forms, ARRAY_SIZE(forms));
}

static void forms_of_podman_are_known(void **state)
{
	static const struct form forms[] = {
		{TEST("\"CMD\",\"/check\",\"-v\""), "[/check|-v|]"},
		{TEST("\"CMD-SHELL\",\"a b || exit 1\""), "[/bin/sh|-c|a b || exit 1|]"},
		{TEST("\"CMD-SHELL\",\"a\",\"b\",\"\""), "[/bin/sh|-c|a b |]"},
		{TEST("\"/check\",\"-v\""), "[/check|-v|]"},
		{TEST("\"NONE\""), ""},
		{TEST("\"NONE\",\"a\""), ""},
		{TEST("\"\",\"a\""), ""},
		{TEST("\"CMD\""), ""},
		{TEST("\"CMD-SHELL\""), ""},
		{TEST(""), ""},
		{"{}", ""},
		/* hostile */
		{"[]", ""},
		{"{\"Test\":1}", ""},
		{TEST("1,\"a\""), ""},
		{TEST("\"CMD-SHELL\",1"), ""},
		{TEST("\"/check\",{}"), ""},
	};

	(void)state;
	assert_forms(check_learn_podman, forms, ARRAY_SIZE(forms));
}

/* The checks of the container "app" by the pod APPLIED, as kubectl keeps it. */
static void learn_pod(struct container *c, const char *applied, const char *prefix)
{
	CLEANUP_JSON json_t *annotations = json_object();
	CLEANUP_STRBUF struct strbuf key = STRBUF_INIT;

	strbuf_addf(&key, "%s" APPLIED, prefix);
	json_object_set_new(annotations, strbuf_text(&key), json_string(applied));
	check_learn_pod(c, annotations, prefix, SOURCE);
}

static void assert_pod(const char *applied, const char *expected)
{
	CLEANUP_CONTAINER struct container c = {.id = "web"};

	container_learn(&c, CONTAINER_NAME, "app", SOURCE);
	learn_pod(&c, applied, "");
	assert_checks(&c, expected);
}

#define EXEC(words) "{\"exec\":{\"command\":[" words "]},\"periodSeconds\":5}"
#define POD(spec)   "{\"apiVersion\":\"v1\",\"kind\":\"Pod\",\"spec\":" spec "}"
#define CTR(facts)  "{\"name\":\"app\"," facts "}"

static void probes_of_a_pod_are_known_by_the_name_of_the_container(void **state)
{
	(void)state;
	assert_pod(
		POD("{\"containers\":[{\"name\":\"other\",\"livenessProbe\":" EXEC("\"no\"") "}," CTR(
			"\"startupProbe\":" EXEC("\"c\"") ",\"livenessProbe\":" EXEC(
				"\"sh\",\"-c\",\"a b\"") ",\"readinessProbe\":" EXEC("\"b\"")) "]}"),
		"[sh|-c|a b|][b|][c|]");
	/* one that goes on beside the others (restartPolicy: Always) */
	assert_pod(POD("{\"initContainers\":[" CTR("\"startupProbe\":" EXEC(
			   "\"i\"")) "],"
				     "\"containers\":[{\"livenessProbe\":" EXEC("\"no\"") "}]}"),
		"[i|]");
}

static void what_is_no_command_of_a_probe_is_left_out(void **state)
{
	static const char *const pods[] = {
		POD("{\"containers\":[" CTR("\"livenessProbe\":{\"httpGet\":{\"port\":80}}") "]}"),
		POD("{\"containers\":[" CTR("\"livenessProbe\":" EXEC("")) "]}"),
		POD("{\"containers\":[" CTR("\"livenessProbe\":" EXEC("\"\"")) "]}"),
		POD("{\"containers\":[" CTR("\"livenessProbe\":" EXEC("\"a\",null")) "]}"),
		POD("{\"containers\":[" CTR("\"livenessProbe\":{\"exec\":\"a\"}") "]}"),
		POD("{\"containers\":[" CTR("\"livenessProbe\":[\"a\"]") "]}"),
		POD("{\"containers\":[" CTR(
			"\"lifecycle\":{\"postStart\":" EXEC("\"a\"") "}") "]}"),
		POD("{\"containers\":{\"app\":" CTR("\"livenessProbe\":" EXEC("\"a\"")) "}}"),
		POD("{\"containers\":[{\"name\":1,\"livenessProbe\":" EXEC("\"a\"") "},1,null]}"),
		POD("[]"),
		/* of what makes pods, this is not what a pod was made of */
		"{\"kind\":\"Deployment\",\"spec\":{\"containers\":[" CTR(
			"\"livenessProbe\":" EXEC("\"a\"")) "]}}",
		"{\"spec\":{\"containers\":[" CTR("\"livenessProbe\":" EXEC("\"a\"")) "]}}",
		"",
		"[]",
		"{",
		"1",
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(pods); i++)
		assert_pod(pods[i], "");
}

static void assert_pod_of(
	const char *name, bool is_sandbox, const char *prefix, const char *expected)
{
	CLEANUP_CONTAINER struct container c = {.id = "web", .is_sandbox = is_sandbox};

	container_learn(&c, CONTAINER_NAME, name, SOURCE);
	learn_pod(
		&c, POD("{\"containers\":[" CTR("\"livenessProbe\":" EXEC("\"a\"")) "]}"), prefix);
	assert_checks(&c, expected);
}

static void container_of_the_pod_must_be_known(void **state)
{
	(void)state;
	assert_pod_of("app", false, "", "[a|]");
	assert_pod_of("app", false, "annotation.", "[a|]");
	assert_pod_of(NULL, false, "", "");
	assert_pod_of("ap", false, "", "");
	assert_pod_of("app", true, "", "");
}

static void annotation_is_bounded(void **state)
{
	CLEANUP_STRBUF struct strbuf pod = STRBUF_INIT;

	(void)state;
	strbuf_add_text(
		&pod, POD("{\"containers\":[" CTR("\"livenessProbe\":" EXEC("\"a\"")) "]}"));
	while (pod.len < POD_ANNOTATIONS_MAX)
		strbuf_add_char(&pod, ' ');
	assert_pod(strbuf_text(&pod), "[a|]");
	strbuf_add_char(&pod, ' ');
	assert_pod(strbuf_text(&pod), "");
}

/* A health check of one word of LEN bytes. */
static void learn_long(struct container *c, size_t len)
{
	CLEANUP_STRBUF struct strbuf text = STRBUF_INIT;

	strbuf_add_text(&text, "{\"Test\":[\"CMD\",\"");
	while (len-- > 0)
		strbuf_add_char(&text, 'x');
	strbuf_add_text(&text, "\"]}");
	CLEANUP_JSON json_t *check = parse(strbuf_text(&text));

	check_learn_podman(c, check, SOURCE);
}

/* Neither cut to what is kept: it would be another command. */
static void longer_commands_are_left_out(void **state)
{
	CLEANUP_CONTAINER struct container c = {.id = "web"};

	(void)state;
	learn_long(&c, CONTAINER_CHECK_MAX);
	assert_int_equal(c.check_count, 0);
	learn_long(&c, CONTAINER_CHECK_MAX - 1);
	assert_int_equal(c.check_count, 1);
	assert_int_equal(c.checks[0].len, CONTAINER_CHECK_MAX);
}

static void number_of_checks_is_bounded(void **state)
{
	CLEANUP_CONTAINER struct container c = {.id = "web"};

	(void)state;
	for (int i = 0; i < CONTAINER_CHECKS_MAX + 3; i++)
		learn_long(&c, 1 + i);
	assert_checks(&c, "[x|][xx|][xxx|][xxxx|]");
	assert_false(container_has_check(&c, (struct slice){"xxxxx", 6}));
	container_forget(&c);
	assert_checks(&c, "");
	learn_long(&c, 9);
	assert_checks(&c, "[xxxxxxxxx|]");
}

static void check_is_found_by_all_of_its_words(void **state)
{
	static const char argv[] = "/bin/sh\0-c\0true";
	static const struct {
		struct slice argv;
		bool found;
	} cases[] = {
		{{argv, sizeof(argv)}, true},
		{{argv, sizeof(argv) - 1}, false}, /* no NUL: it was cut */
		{{argv, strlen("/bin/sh") + 1}, false},
		{{argv + 1, sizeof(argv) - 1}, false},
		{{"/bin/sh\0-c\0true\0", sizeof(argv) + 1},
			false}, /* one word more, an empty one */
		{{"/bin/sh -c true", sizeof(argv)}, false},
		{{"/bin/sh\0-c true", sizeof(argv)}, false},
		{{"second", sizeof("second")}, true},
		{{"", 0}, false},
		{{"", 1}, false},
		{{NULL, 0}, false},
	};
	CLEANUP_CONTAINER struct container c = {.id = "web"};

	(void)state;
	assert_false(container_has_check(&c, cases[0].argv));
	container_learn_check(&c, (struct slice){argv, sizeof(argv)}, SOURCE);
	container_learn_check(&c, (struct slice){"second", sizeof("second")}, SOURCE);
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++)
		if (container_has_check(&c, cases[i].argv) != cases[i].found)
			fail_msg("case %zu: %d", i, !cases[i].found);
}

static void script_is_found_behind_its_interpreter(void **state)
{
	static const struct {
		const char *words, *path; /* '|' is a NUL */
		bool found;
	} cases[] = {
		{"/bin/sh|/live|-v|", "/live", true},
		{"/bin/sh|-e|/live|-v|", "/live", true},
		{"/bin/sh|/live|/live|-v|", "/live", true}, /* "#!/bin/sh /live" */
		{"/bin/sh|/usr/bin/up|", "/usr/bin/up", true}, /* from $PATH */
		{"/bin/sh|/bin/up|", "/bin/up", true},
		{"/bin/sh|-e|/live|-v|", "/other", false},
		{"/bin/sh|/x/live|-v|", "/x/live", false},
		{"/bin/sh|/live|", "/live", false},
		{"/bin/sh|/live|-v||", "/live", false},
		{"/bin/sh|/live|-v", "/live", false},
		{"/bin/sh|/live|-x|-v|", "/live", false},
		{"/live|-v|", "/live", false}, /* not the interpreter's */
		{"/bin/sh|a|b|/live|-v|", "/live", false}, /* of a script that is one itself */
		{"/bin/sh|/usr/bin/up|", "", false},
		{"/bin/sh|", "/live", false},
		{"|", "/live", false},
		{"", "/live", false},
	};
	CLEANUP_CONTAINER struct container c = {.id = "web"};

	(void)state;
	container_learn_check(&c, (struct slice){"/live\0-v", 9}, SOURCE);
	container_learn_check(&c, (struct slice){"up", 3}, SOURCE);
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct slice path = slice_of(cases[i].path);
		char words[64];
		size_t len = strlen(cases[i].words);

		for (size_t j = 0; j <= len; j++)
			words[j] = cases[i].words[j] == '|' ? '\0' : cases[i].words[j];
		if (container_has_script_check(&c, (struct slice){words, len}, path) !=
			cases[i].found)
			fail_msg("%s: %d", cases[i].words, !cases[i].found);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(forms_of_docker_are_known),
		cmocka_unit_test(forms_of_podman_are_known),
		cmocka_unit_test(probes_of_a_pod_are_known_by_the_name_of_the_container),
		cmocka_unit_test(what_is_no_command_of_a_probe_is_left_out),
		cmocka_unit_test(container_of_the_pod_must_be_known),
		cmocka_unit_test(annotation_is_bounded),
		cmocka_unit_test(longer_commands_are_left_out),
		cmocka_unit_test(number_of_checks_is_bounded),
		cmocka_unit_test(check_is_found_by_all_of_its_words),
		cmocka_unit_test(script_is_found_behind_its_interpreter),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
