/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Reports as a log of SARIF 2.1.0 (OASIS, Static Analysis Results Interchange Format). Rules are
 * classes, whose names do not change. Places are paths in the image, relative, as code scanning
 * wants them.
 */
#include <errno.h>

#include "base/json.h"
#include "verify/form.h"
#include "verify/policy.h"
#include "verify/report.h"

#define SCHEMA "https://json.schemastore.org/sarif-2.1.0.json"

static const char *const abouts[PRESENT_CLASSES] = {
	[PRESENT_SHELL] = "A shell is in the image",
	[PRESENT_PACKAGE_MANAGER] = "A package manager is in the image",
	[PRESENT_MULTICALL_SHELL] = "A multi-call binary with a shell is in the image",
	[PRESENT_PACKAGE_DATABASE] = "A package database is in the image",
	[PRESENT_PACKED] = "A packed program is in the image",
	[PRESENT_MULTICALL] = "A multi-call binary is in the image",
	[PRESENT_RUNTIME] = "A container runtime is in the image",
	[PRESENT_INTERPRETER] = "An interpreter is in the image",
	[PRESENT_DOWNLOADER] = "A downloader is in the image",
	[PRESENT_DEBUGGER] = "A debugger is in the image",
	[PRESENT_SETUID] = "A set-user-id file is in the image",
	[PRESENT_SETGID] = "A set-group-id file is in the image",
	[PRESENT_CAPABILITIES] = "A file with capabilities is in the image",
	[PRESENT_WORLD_WRITABLE] = "A directory on PATH is world-writable",
};

static json_t *rules_json(void)
{
	CLEANUP_JSON json_t *list = json_array();

	for (unsigned i = 0; i <= PRESENT_CLASSES; i++) {
		bool is_leak = i == PRESENT_CLASSES;

		if (json_array_append_new(
			    list, json_pack("{s:s, s:{s:s}}", "id",
					  is_leak ? CLASS_LEAK : present_class_name(i),
					  "shortDescription", "text",
					  is_leak ? "A lower layer ships what a higher one hides"
						  : abouts[i])) < 0)
			return NULL;
	}
	return TAKE_PTR(list);
}

static const char *sarif_level(const json_t *finding)
{
	if (form_is(finding, "level", level_name(LEVEL_VIOLATION)))
		return "error";
	return form_is(finding, "level", level_name(LEVEL_NOTE)) ? "note" : "warning";
}

/* The path as a relative URI (RFC 3986): all but unreserved characters and '/' in hexadecimal. */
static void add_uri(struct strbuf *out, struct slice path)
{
	while (path.len > 0 && path.data[0] == '/') {
		path.data++;
		path.len--;
	}
	for (size_t i = 0; i < path.len; i++) {
		unsigned char c = path.data[i];

		if ((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
			strchr("-._~/", c))
			strbuf_add_char(out, c);
		else
			strbuf_addf(out, "%%%02X", c);
	}
}

static json_t *location_json(const json_t *report, size_t image, const json_t *finding)
{
	CLEANUP_STRBUF struct strbuf uri = STRBUF_INIT;
	CLEANUP_STRBUF struct strbuf name = STRBUF_INIT;

	add_uri(&uri, form_text(finding, "path"));
	form_add_image_name(&name, report, image);
	strbuf_add_char(&name, ':');
	form_add(&name, finding, "path");
	if (uri.error || name.error)
		return NULL;
	return json_pack("{s:{s:{s:s}, s:{s:i}}, s:[{s:s}]}", "physicalLocation",
		"artifactLocation", "uri", strbuf_text(&uri), "region", "startLine", 1,
		"logicalLocations", "fullyQualifiedName", strbuf_text(&name));
}

static json_t *message_json(const json_t *report, size_t image, const json_t *finding)
{
	CLEANUP_STRBUF struct strbuf out = STRBUF_INIT;

	form_add_image_name(&out, report, image);
	strbuf_add_text(&out, ": ");
	form_add(&out, finding, "message");
	strbuf_add_text(&out, ". Remedy: ");
	form_add(&out, finding, "remedy");
	return out.error ? NULL : json_pack("{s:s}", "text", strbuf_text(&out));
}

/* What was allowed is a result that is suppressed, with the reason. */
static json_t *suppressions_json(const json_t *finding)
{
	if (!form_is(finding, "level", level_name(LEVEL_ALLOWED)))
		return json_array();
	return json_pack("[{s:s, s:o}]", "kind", "external", "justification",
		report_text(form_text(finding, "allowed")));
}

static json_t *result_json(const json_t *report, size_t image, const json_t *finding)
{
	return json_pack("{s:s, s:s, s:o, s:[o], s:o, s:{s:o, s:I, s:o}}", "ruleId",
		form_class(finding), "level", sarif_level(finding), "message",
		message_json(report, image, finding), "locations",
		location_json(report, image, finding), "suppressions", suppressions_json(finding),
		"properties", "program", report_text(form_text(finding, "program")), "layer",
		form_number(finding, "layer"), "sha256", report_text(form_text(finding, "sha256")));
}

static int add_results(json_t *results, const json_t *report, size_t number)
{
	const json_t *image = json_array_get(json_object_get(report, "images"), number), *finding;
	const json_t *findings = json_object_get(image, "findings");
	size_t i;

	json_array_foreach (findings, i, finding)
		if (json_array_append_new(results, result_json(report, number, finding)) < 0)
			return -ENOMEM;
	return 0;
}

/* What could not be read, or not all of it, is a notification of the run. */
static int add_failure(json_t *notifications, const json_t *report, size_t number)
{
	const json_t *image = json_array_get(json_object_get(report, "images"), number);
	struct slice error = form_error(report, image);
	CLEANUP_STRBUF struct strbuf out = STRBUF_INIT;

	if (error.len == 0)
		return 0;
	form_add_image_name(&out, report, number);
	strbuf_add_text(&out, ": ");
	form_add(&out, image ? image : report, "error");
	if (out.error)
		return out.error;
	return json_array_append_new(notifications, json_pack("{s:s, s:{s:s}}", "level", "error",
							    "message", "text", strbuf_text(&out)));
}

static int add_report(json_t *results, json_t *notifications, const json_t *report)
{
	size_t count = json_array_size(json_object_get(report, "images"));
	int r = count == 0 ? add_failure(notifications, report, 0) : 0;

	for (size_t i = 0; i < count && r == 0; i++) {
		r = add_results(results, report, i);
		if (r == 0)
			r = add_failure(notifications, report, i);
	}
	return r;
}

int verify_form_sarif(const json_t *reports, struct strbuf *out)
{
	CLEANUP_JSON json_t *results = json_array();
	CLEANUP_JSON json_t *notifications = json_array();
	const json_t *report;
	json_t *log;
	size_t i;

	if (!results || !notifications)
		return -ENOMEM;
	json_array_foreach (reports, i, report)
		if (add_report(results, notifications, report) < 0)
			return -ENOMEM;
	log = json_pack("{s:s, s:s, s:[{s:{s:{s:s, s:s, s:o}}, s:O, s:[{s:b, s:O}]}]}", "$schema",
		SCHEMA, "version", "2.1.0", "runs", "tool", "driver", "name", "barewatch",
		"semanticVersion", BAREWATCH_VERSION, "rules", rules_json(), "results", results,
		"invocations", "executionSuccessful", json_array_size(notifications) == 0,
		"toolExecutionNotifications", notifications);
	return json_add_line(log, out);
}
