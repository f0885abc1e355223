/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Reports as JUnit's XML, as CI servers read it: a suite for each image, in it a test whether it
 * could be read, and one for each class.
 */
#include "base/escape.h"
#include "verify/form.h"
#include "verify/policy.h"

/* What XML 1.0 cannot have beside control characters: U+FFFE and U+FFFF. */
static bool is_no_character(struct slice text, size_t at)
{
	return range_valid(at, 3, text.len) &&
	       (memcmp(text.data + at, "\xef\xbf\xbe", 3) == 0 ||
		       memcmp(text.data + at, "\xef\xbf\xbf", 3) == 0);
}

/* Appends TEXT, which has no control characters, as text or value of XML. */
static void add_xml(struct strbuf *out, struct slice text)
{
	for (size_t i = 0; i < text.len; i++) {
		if (is_no_character(text, i)) {
			i += 2;
			continue;
		}
		switch (text.data[i]) {
		case '&':
			strbuf_add_text(out, "&amp;");
			break;
		case '<':
			strbuf_add_text(out, "&lt;");
			break;
		case '>':
			strbuf_add_text(out, "&gt;");
			break;
		case '"':
			strbuf_add_text(out, "&quot;");
			break;
		default:
			strbuf_add_char(out, text.data[i]);
		}
	}
}

static void add_value(struct strbuf *out, const json_t *object, const char *key)
{
	CLEANUP_STRBUF struct strbuf text = STRBUF_INIT;

	form_add(&text, object, key);
	add_xml(out, strbuf_slice(&text));
	if (text.error)
		out->error = text.error;
}

static void add_image_name(struct strbuf *out, const json_t *report, size_t number)
{
	CLEANUP_STRBUF struct strbuf text = STRBUF_INIT;

	form_add_image_name(&text, report, number);
	add_xml(out, strbuf_slice(&text));
	if (text.error)
		out->error = text.error;
}

/* The word of class NUMBER, the last of which is of leaks. */
static const char *class_at(unsigned number)
{
	return number < PRESENT_CLASSES ? present_class_name(number) : CLASS_LEAK;
}

static bool is_failure(const json_t *finding, const char *class)
{
	return (form_is(finding, "level", level_name(LEVEL_VIOLATION)) ||
		       form_is(finding, "level", level_name(LEVEL_UNKNOWN))) &&
	       (!class || strcmp(form_class(finding), class) == 0);
}

static size_t count_failures(const json_t *image, const char *class)
{
	const json_t *findings = json_object_get(image, "findings"), *finding;
	size_t count = 0, i;

	json_array_foreach (findings, i, finding)
		count += is_failure(finding, class);
	return count;
}

static void add_failures(struct strbuf *out, const json_t *image, const char *class)
{
	const json_t *findings = json_object_get(image, "findings"), *finding;
	size_t i;

	strbuf_addf(out, "<failure message=\"%zu found\" type=\"%s\">",
		count_failures(image, class), class);
	json_array_foreach (findings, i, finding) {
		if (!is_failure(finding, class))
			continue;
		add_value(out, finding, "message");
		strbuf_add_text(out, "; ");
		add_value(out, finding, "remedy");
		strbuf_add_char(out, '\n');
	}
	strbuf_add_text(out, "</failure>");
}

static void begin_case(struct strbuf *out, const json_t *report, size_t number, const char *name)
{
	strbuf_add_text(out, "    <testcase classname=\"");
	add_image_name(out, report, number);
	strbuf_addf(out, "\" name=\"%s\">", name);
}

static void add_read_case(struct strbuf *out, const json_t *report, size_t number)
{
	const json_t *image = json_array_get(json_object_get(report, "images"), number);
	const json_t *object = image ? image : report;

	begin_case(out, report, number, "read");
	if (form_error(report, image).len > 0) {
		strbuf_add_text(out, "<error message=\"");
		add_value(out, object, "error");
		strbuf_add_text(out, "\" type=\"");
		add_value(out, object, "verdict");
		strbuf_add_text(out, "\"/>");
	}
	strbuf_add_text(out, "</testcase>\n");
}

static void add_class_cases(struct strbuf *out, const json_t *report, size_t number)
{
	const json_t *image = json_array_get(json_object_get(report, "images"), number);

	for (unsigned i = 0; i <= PRESENT_CLASSES; i++) {
		begin_case(out, report, number, class_at(i));
		if (count_failures(image, class_at(i)) > 0)
			add_failures(out, image, class_at(i));
		strbuf_add_text(out, "</testcase>\n");
	}
}

static size_t count_failed_classes(const json_t *image)
{
	size_t count = 0;

	for (unsigned i = 0; i <= PRESENT_CLASSES; i++)
		count += count_failures(image, class_at(i)) > 0;
	return count;
}

static void add_suite(struct strbuf *out, const json_t *report, size_t number)
{
	const json_t *image = json_array_get(json_object_get(report, "images"), number);
	bool is_failed = form_error(report, image).len > 0;

	strbuf_add_text(out, "  <testsuite name=\"");
	add_image_name(out, report, number);
	strbuf_addf(out, "\" tests=\"%d\" failures=\"%zu\" errors=\"%d\">\n",
		is_failed ? 1 : PRESENT_CLASSES + 2, count_failed_classes(image), is_failed);
	add_read_case(out, report, number);
	if (!is_failed)
		add_class_cases(out, report, number);
	strbuf_add_text(out, "  </testsuite>\n");
}

void verify_form_junit(const json_t *reports, struct strbuf *out)
{
	const json_t *report;
	size_t i;

	strbuf_add_text(out, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites>\n");
	json_array_foreach (reports, i, report) {
		size_t count = json_array_size(json_object_get(report, "images"));

		for (size_t k = 0; k < (count ? count : 1); k++)
			add_suite(out, report, k);
	}
	strbuf_add_text(out, "</testsuites>\n");
}
