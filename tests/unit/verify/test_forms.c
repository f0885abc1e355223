/* SPDX-License-Identifier: Apache-2.0 */
/* Claims about agent/verify/form*.c: what is made of a report, also of one that is hostile. */
#include "verify/verify_fixture.h"

static void shell_and_leak(struct verifying *v)
{
	struct diag d;

	v->config = "\"Cmd\":[\"/bin/sh\",\"-c\",\"x <&>\"]";
	add_program(v, "opt/a b%", 0755, "dash-one");
	add_symlink(v, "bin/sh", "/opt/a b%");
	add_program(v, "usr/bin/python3", 0755, "python-one");
	add_program(v, "old", 0755, "dash-one");
	add_program(v, "fine", 0755, "dash-one\0");
	next_layer(v);
	add_text(v, ".wh.old", "");
	assert_int_equal(verify_policy_allow(v->policy, "/fine=we <need> it", &d), 0);
	verify_oci(v);
}

static void assert_has(const struct strbuf *text, const char *part)
{
	assert_int_equal(text->error, 0);
	if (!strstr(strbuf_text(text), part))
		fail_msg("\"%s\" is not in\n%s", part, strbuf_text(text));
}

static void assert_has_not(const struct strbuf *text, const char *part)
{
	if (strstr(strbuf_text(text), part))
		fail_msg("\"%s\" is in\n%s", part, strbuf_text(text));
}

static void text_begins_with_the_reason(void **state)
{
	static const struct verify_text_options options = {0};
	CLEANUP_STRBUF struct strbuf out = STRBUF_INIT;
	struct verifying *v = *state;
	static const char first[] =
		"not bare: oci:app (linux/amd64): 1 violation, 1 allowed, 2 notes\n"
		"  violation: '/opt/a b%' is a shell: dash\n";

	shell_and_leak(v);
	verify_form_text(v->report, &options, &out);
	if (strncmp(strbuf_text(&out), first, strlen(first)) != 0)
		fail_msg("%s", strbuf_text(&out));
	assert_has(&out, "told by content, also /bin/sh\n");
	assert_has(&out, "      remedy: it is of the lowest layer: build on a base without it\n");
	assert_has(&out, "  note: /usr/bin/python3 runs programs given as text: python\n");
	assert_has(&out, "  note: /old of layer 1 is dash; a higher layer hides it\n");
	assert_has(&out, "      allowed: we <need> it\n");
	assert_has(&out, "  user: root\n");
	assert_has(&out, "  cmd: /bin/sh -c 'x <&>'\n");
	assert_has(&out, "  layer 1: ");
	assert_has_not(&out, "\033");
}

static void messages_are_escaped_once(void **state)
{
	static const struct verify_text_options options = {0};
	const struct image_error e = {IMAGE_UNREADABLE, "no \\u{1b}[1m in 'a\\\\b'"};
	CLEANUP_STRBUF struct strbuf out = STRBUF_INIT;
	struct verifying *v = *state;

	assert_int_equal(verify_failed("x", &e, &v->report), 0);
	verify_form_text(v->report, &options, &out);
	assert_string_equal(strbuf_text(&out), "unreadable: x: no \\u{1b}[1m in 'a\\\\b'\n");
}

static void text_may_be_short_or_colored(void **state)
{
	static const struct verify_text_options quiet = {.quiet = true}, color = {.color = true};
	CLEANUP_STRBUF struct strbuf out = STRBUF_INIT, colored = STRBUF_INIT;
	struct verifying *v = *state;

	shell_and_leak(v);
	verify_form_text(v->report, &quiet, &out);
	assert_string_equal(strbuf_text(&out),
		"not bare: oci:app (linux/amd64): 1 violation, 1 allowed, 2 notes\n");
	verify_form_text(v->report, &color, &colored);
	assert_has(&colored, "\033[31mnot bare\033[0m: oci:app");
}

static size_t count(const struct strbuf *text, const char *part)
{
	size_t found = 0;

	for (const char *at = strbuf_text(text); (at = strstr(at, part)); at++)
		found++;
	return found;
}

static void programs_of_one_package_are_told_what_to_do_about_once(void **state)
{
	static const struct verify_text_options options = {0};
	CLEANUP_STRBUF struct strbuf out = STRBUF_INIT;
	struct verifying *v = *state;

	add_program(v, "usr/bin/apt", 0755, "apt-one");
	add_program(v, "usr/bin/apt-get", 0755, "apt-one");
	add_text(v, "lib/apk/db/installed", "P:apt\nV:1\nF:usr/bin\nR:apt\nR:apt-get\n");
	verify_oci(v);
	verify_form_text(v->report, &options, &out);
	assert_int_equal(count(&out, "is a package manager: apt"), 2);
	assert_int_equal(count(&out, "remedy: leave out the package apt"), 1);
}

/* A report whose every text is EVIL, and whose other members are not what they should be. */
static json_t *hostile_report(void)
{
	static const char evil[] = "\x1b[2J\n<x>&\"\xef\xbf\xbe";

	return json_pack(
		"{s:i, s:{s:s, s:[s], s:i}, s:s, s:[{s:s, s:s, s:s, s:s, s:[{s:s, s:s, s:s, "
		"s:s, s:[{s:s}], s:s, s:i}, s, {}], s:[i, {s:s, s:[s, i]}], s:[[]]}, i]}",
		"version", 1, "reference", "name", evil, "notes", evil, "manifests", 3, "verdict",
		evil, "images", "verdict", evil, "platform", evil, "error", evil, "user", evil,
		"findings", "path", evil, "class", evil, "level", "violation", "message", evil,
		"links", "path", evil, "remedy", evil, "layer", 1, evil, "starts", 1, "kind", evil,
		"argv", evil, 2, "layers");
}

static bool is_plain(const struct strbuf *text)
{
	for (size_t i = 0; i < text->len; i++)
		if ((unsigned char)text->data[i] < ' ' && text->data[i] != '\n')
			return false;
	return true;
}

static void hostile_report_brings_no_control_characters(void **state)
{
	static const struct verify_text_options options = {0};
	CLEANUP_STRBUF struct strbuf text = STRBUF_INIT, junit = STRBUF_INIT, sarif = STRBUF_INIT,
				     intoto = STRBUF_INIT;
	CLEANUP_JSON json_t *report = hostile_report(), *reports = json_array();

	(void)state;
	assert_non_null(report);
	assert_int_equal(verify_report_verdict(report), VERIFY_UNREADABLE);
	json_array_append(reports, report);
	verify_form_text(report, &options, &text);
	verify_form_junit(reports, &junit);
	assert_int_equal(verify_form_sarif(reports, &sarif), 0);
	assert_int_equal(verify_form_intoto(report, &intoto), 0);
	assert_true(text.len > 0 && is_plain(&text));
	assert_true(is_plain(&junit) && is_plain(&sarif));
	assert_has_not(&junit, "<x>");
	assert_has_not(&junit, "\xef\xbf\xbe");
	assert_int_equal(intoto.len, 0);
}

static json_t *load(const struct strbuf *text)
{
	json_t *json = json_loadb(text->data, text->len, 0, NULL);

	if (!json)
		fail_msg("%s", strbuf_text(text));
	return json;
}

static const json_t *result_with_uri(const json_t *results, const char *uri)
{
	const json_t *result;
	size_t i;

	json_array_foreach (results, i, result) {
		const json_t *location = json_array_get(json_object_get(result, "locations"), 0);
		const json_t *place = json_object_get(location, "physicalLocation");

		if (strcmp(text_of(json_object_get(place, "artifactLocation"), "uri"), uri) == 0)
			return result;
	}
	fail_msg("no result for %s", uri);
	return NULL;
}

static void sarif_has_a_result_for_each_finding(void **state)
{
	CLEANUP_STRBUF struct strbuf out = STRBUF_INIT;
	CLEANUP_JSON json_t *reports = json_array(), *log = NULL;
	struct verifying *v = *state;
	const json_t *run, *results, *result;

	shell_and_leak(v);
	json_array_append(reports, v->report);
	assert_int_equal(verify_form_sarif(reports, &out), 0);
	log = load(&out);
	assert_string_equal(text_of(log, "version"), "2.1.0");
	run = json_array_get(json_object_get(log, "runs"), 0);
	results = json_object_get(run, "results");
	assert_int_equal(json_array_size(results), 4);
	result = result_with_uri(results, "opt/a%20b%25");
	assert_string_equal(text_of(result, "ruleId"), "shell");
	assert_string_equal(text_of(result, "level"), "error");
	assert_string_equal(text_of(result_with_uri(results, "old"), "ruleId"), "leak");
	assert_string_equal(text_of(result_with_uri(results, "usr/bin/python3"), "level"), "note");
	result = json_array_get(
		json_object_get(result_with_uri(results, "fine"), "suppressions"), 0);
	assert_string_equal(text_of(result, "justification"), "we <need> it");
	result = json_array_get(json_object_get(run, "invocations"), 0);
	assert_true(json_is_true(json_object_get(result, "executionSuccessful")));
}

static void sarif_tells_what_could_not_be_read(void **state)
{
	const struct image_error e = {IMAGE_UNREADABLE, "no tar"};
	CLEANUP_STRBUF struct strbuf out = STRBUF_INIT;
	CLEANUP_JSON json_t *reports = json_array(), *log = NULL;
	struct verifying *v = *state;

	assert_int_equal(verify_failed("x", &e, &v->report), 0);
	json_array_append(reports, v->report);
	assert_int_equal(verify_form_sarif(reports, &out), 0);
	log = load(&out);
	assert_has(&out, "\"executionSuccessful\":false");
	assert_has(&out, "x: no tar");
}

static void junit_has_a_case_for_each_class(void **state)
{
	CLEANUP_STRBUF struct strbuf out = STRBUF_INIT;
	CLEANUP_JSON json_t *reports = json_array();
	struct verifying *v = *state;

	shell_and_leak(v);
	json_array_append(reports, v->report);
	verify_form_junit(reports, &out);
	assert_has(&out, "<testsuite name=\"oci:app (linux/amd64)\" tests=\"16\" failures=\"1\" "
			 "errors=\"0\">");
	assert_has(&out, "name=\"shell\"><failure message=\"1 found\" type=\"shell\">");
	assert_has(&out, "name=\"interpreter\"></testcase>");
	assert_has(&out, "name=\"leak\"></testcase>");
}

static void junit_has_an_error_for_what_could_not_be_read(void **state)
{
	const struct image_error e = {IMAGE_INCOMPLETE, "a <blob> is \"missing\""};
	CLEANUP_STRBUF struct strbuf out = STRBUF_INIT;
	CLEANUP_JSON json_t *reports = json_array();
	struct verifying *v = *state;

	assert_int_equal(verify_failed("x", &e, &v->report), 0);
	json_array_append(reports, v->report);
	verify_form_junit(reports, &out);
	assert_has(&out, "tests=\"1\" failures=\"0\" errors=\"1\"");
	assert_has(&out, "<error message=\"a &lt;blob&gt; is &quot;missing&quot;\" "
			 "type=\"incomplete\"/>");
}

static void statement_is_about_the_manifest(void **state)
{
	CLEANUP_STRBUF struct strbuf out = STRBUF_INIT;
	CLEANUP_JSON json_t *statement = NULL;
	struct verifying *v = *state;
	char digest[SHA256_TEXT_SIZE];
	const json_t *subject, *predicate;

	shell_and_leak(v);
	assert_int_equal(verify_form_intoto(v->report, &out), 0);
	statement = load(&out);
	sha256_format(v->layout->image->manifests[0].digest, digest);
	assert_string_equal(text_of(statement, "_type"), "https://in-toto.io/Statement/v1");
	subject = json_array_get(json_object_get(statement, "subject"), 0);
	assert_string_equal(text_of(subject, "name"), "oci:app");
	assert_string_equal(text_of(json_object_get(subject, "digest"), "sha256"), digest);
	predicate = json_object_get(statement, "predicate");
	assert_string_equal(text_of(predicate, "verdict"), "not bare");
	assert_true(json_equal(json_object_get(predicate, "image"), image_of(v)));
}

static void there_is_no_statement_about_what_has_no_digest(void **state)
{
	CLEANUP_STRBUF struct strbuf out = STRBUF_INIT;
	struct verifying *v = *state;

	tar_add_end(layer(v));
	assert_read(v->layout, layout_read_bytes(v->layout, "rootfs:%s", strbuf_slice(layer(v))));
	judge_image(v, "rootfs:x");
	assert_verdict(v, "bare");
	assert_int_equal(verify_form_intoto(v->report, &out), 0);
	assert_int_equal(out.len, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		VERIFY_TEST(text_begins_with_the_reason),
		VERIFY_TEST(messages_are_escaped_once),
		VERIFY_TEST(text_may_be_short_or_colored),
		VERIFY_TEST(programs_of_one_package_are_told_what_to_do_about_once),
		VERIFY_TEST(hostile_report_brings_no_control_characters),
		VERIFY_TEST(sarif_has_a_result_for_each_finding),
		VERIFY_TEST(sarif_tells_what_could_not_be_read),
		VERIFY_TEST(junit_has_a_case_for_each_class),
		VERIFY_TEST(junit_has_an_error_for_what_could_not_be_read),
		VERIFY_TEST(statement_is_about_the_manifest),
		VERIFY_TEST(there_is_no_statement_about_what_has_no_digest),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
