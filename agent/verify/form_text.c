/* SPDX-License-Identifier: Apache-2.0 */
/* A report for people: the verdict with its reason first, then what to do about it. */
#include <inttypes.h>

#include "base/escape.h"
#include "verify/form.h"
#include "verify/policy.h"

#define LINKS_SHOWN 4 /* of a file with more the number is told */

#define RED    "\033[31m"
#define GREEN  "\033[32m"
#define YELLOW "\033[33m"
#define BOLD   "\033[1m"
#define DIM    "\033[2m"
#define RESET  "\033[0m"

struct printing {
	const struct verify_text_options *options;
	struct strbuf *out;
};

static void color(const struct printing *p, const char *sequence)
{
	if (p->options->color)
		strbuf_add_text(p->out, sequence);
}

static void add_colored(const struct printing *p, const char *sequence, const char *text)
{
	color(p, sequence);
	strbuf_add_text(p->out, text);
	color(p, RESET);
}

static void add_bytes(struct strbuf *out, json_int_t bytes)
{
	static const char *const units[] = {"KiB", "MiB", "GiB"};
	double size = bytes / 1024.0;
	size_t unit = 0;

	if (bytes < 1024) {
		strbuf_addf(out, "%" JSON_INTEGER_FORMAT " B", bytes);
		return;
	}
	for (; size >= 1024 && unit + 1 < ARRAY_SIZE(units); unit++)
		size /= 1024;
	strbuf_addf(out, "%.1f %s", size, units[unit]);
}

static void add_count(struct strbuf *out, json_int_t count, const char *one, const char *many,
	const char **between)
{
	if (count == 0)
		return;
	strbuf_addf(out, "%s%" JSON_INTEGER_FORMAT " %s", *between, count, count == 1 ? one : many);
	*between = ", ";
}

/* ---- the verdict ---- */

static void add_verdict_word(const struct printing *p, const json_t *object)
{
	enum verify_verdict verdict = verify_report_verdict(object);

	color(p, BOLD);
	add_colored(p,
		verdict == VERIFY_BARE       ? GREEN
		: verdict == VERIFY_NOT_BARE ? RED
					     : YELLOW,
		verify_verdict_name(verdict));
}

/* What is counted of an image, the gravest first. */
static void add_reason(const struct printing *p, const json_t *image)
{
	const json_t *counts = json_object_get(image, "counts");
	const char *between = ": ";

	if (form_text(image, "error").len > 0) {
		strbuf_add_text(p->out, ": ");
		form_add_message(p->out, form_text(image, "error"));
		return;
	}
	add_count(p->out, form_number(counts, "violation"), "violation", "violations", &between);
	add_count(p->out, form_number(counts, "unknown"), "file that nobody can tell",
		"files that nobody can tell", &between);
	add_count(p->out, form_number(counts, "allowed"), "allowed", "allowed", &between);
	add_count(p->out, form_number(counts, "note"), "note", "notes", &between);
}

/* ---- findings ---- */

static void add_package(const struct printing *p, const json_t *finding)
{
	if (form_text(finding, "package").len == 0)
		return;
	strbuf_add_text(p->out, "package ");
	form_add(p->out, finding, "package");
	strbuf_add_char(p->out, ' ');
	form_add(p->out, finding, "version");
	strbuf_add_text(p->out, ", ");
}

/* Of a multi-call binary first what it is called as a shell. */
static void add_links(const struct printing *p, const json_t *finding)
{
	const json_t *applets = json_object_get(finding, "reached_as");
	const json_t *links = json_array_size(applets) ? applets
						       : json_object_get(finding, "links");
	json_int_t count = form_number(finding, "links_count");
	json_int_t shown = 0;

	for (; shown < LINKS_SHOWN && json_array_get(links, shown); shown++) {
		strbuf_add_text(p->out, shown ? ", " : ", also ");
		form_add(p->out, json_array_get(links, shown), "path");
	}
	if (count > shown)
		strbuf_addf(p->out, " and %" JSON_INTEGER_FORMAT " more", count - shown);
}

static void add_details(const struct printing *p, const json_t *finding)
{
	strbuf_add_text(p->out, "      ");
	add_package(p, finding);
	strbuf_addf(p->out, "layer %" JSON_INTEGER_FORMAT ", ", form_number(finding, "layer"));
	add_bytes(p->out, form_number(finding, "size"));
	strbuf_add_text(p->out, ", told by ");
	form_add(p->out, finding, "found_by");
	add_links(p, finding);
	strbuf_add_char(p->out, '\n');
}

/* Of programs of one package, one behind the other, the first has said what to do. */
static bool is_same_matter(const json_t *finding, const json_t *before)
{
	struct slice package = form_text(finding, "package");

	return before && package.len > 0 && slice_equal(package, form_text(before, "package")) &&
	       slice_equal(form_text(finding, "class"), form_text(before, "class"));
}

/* BEFORE is the one that was added last; NULL for none. */
static void add_finding(
	const struct printing *p, const json_t *finding, enum level level, const json_t *before)
{
	static const char *const colors[LEVELS] = {
		[LEVEL_VIOLATION] = RED,
		[LEVEL_UNKNOWN] = YELLOW,
		[LEVEL_NOTE] = DIM,
		[LEVEL_ALLOWED] = DIM,
	};

	strbuf_add_text(p->out, "  ");
	add_colored(p, colors[level], level_name(level));
	strbuf_add_text(p->out, ": ");
	form_add(p->out, finding, "message");
	strbuf_add_char(p->out, '\n');
	if (level == LEVEL_NOTE || (level != LEVEL_ALLOWED && is_same_matter(finding, before)))
		return;
	add_details(p, finding);
	strbuf_addf(p->out, "      %s: ", level == LEVEL_ALLOWED ? "allowed" : "remedy");
	form_add(p->out, finding, level == LEVEL_ALLOWED ? "allowed" : "remedy");
	strbuf_add_char(p->out, '\n');
}

static void add_findings(const struct printing *p, const json_t *image)
{
	const json_t *findings = json_object_get(image, "findings"), *finding;
	size_t i;

	for (unsigned level = 0; level < LEVELS; level++) {
		const json_t *before = NULL;

		json_array_foreach (findings, i, finding) {
			if (!form_is(finding, "level", level_name(level)))
				continue;
			add_finding(p, finding, level, before);
			before = finding;
		}
	}
}

/* ---- the image ---- */

static void add_base(const struct printing *p, const json_t *image)
{
	const json_t *base = json_object_get(image, "base");
	const json_t *packages = json_object_get(image, "packages");

	strbuf_add_text(p->out, "  base: ");
	form_add(p->out, base, "name");
	if (form_text(base, "variant").len > 0) {
		strbuf_add_char(p->out, ' ');
		form_add(p->out, base, "variant");
	}
	if (json_is_true(json_object_get(base, "debug")))
		strbuf_add_text(p->out, " debug");
	if (form_text(base, "version").len > 0) {
		strbuf_add_char(p->out, ' ');
		form_add(p->out, base, "version");
	}
	if (form_number(packages, "count") > 0)
		strbuf_addf(p->out, ", %" JSON_INTEGER_FORMAT " packages",
			form_number(packages, "count"));
	strbuf_addf(p->out, ", %" JSON_INTEGER_FORMAT " files, ", form_number(image, "files"));
	add_bytes(p->out, form_number(image, "bytes"));
	strbuf_add_char(p->out, '\n');
}

static void add_user(const struct printing *p, const json_t *image)
{
	const json_t *user = json_object_get(image, "user");

	if (!json_is_object(user))
		return;
	strbuf_add_text(p->out, "  user: ");
	if (json_is_true(json_object_get(user, "root"))) {
		add_colored(p, YELLOW, "root");
	} else {
		form_add(p->out, user, "name");
		if (!json_is_integer(json_object_get(user, "uid")))
			strbuf_add_text(p->out, ", whom the image does not know");
	}
	strbuf_add_char(p->out, '\n');
}

static void add_start(const struct printing *p, const json_t *start)
{
	const json_t *argv = json_object_get(start, "argv"), *word;
	size_t i;

	strbuf_add_text(p->out, "  ");
	form_add(p->out, start, "kind");
	strbuf_add_char(p->out, ':');
	json_array_foreach (argv, i, word) {
		strbuf_add_char(p->out, ' ');
		escape_word(p->out,
			(struct slice){json_string_value(word) ?: "", json_string_length(word)});
	}
	if (form_text(start, "obstacle").len > 0) {
		color(p, YELLOW);
		strbuf_add_text(p->out, " will not run: ");
		form_add(p->out, start, "obstacle");
		color(p, RESET);
	}
	strbuf_add_char(p->out, '\n');
}

static void add_layer(const struct printing *p, const json_t *layer)
{
	const char *between = ", ";

	strbuf_addf(p->out, "  layer %" JSON_INTEGER_FORMAT ": ", form_number(layer, "number"));
	add_bytes(p->out, form_number(layer, "bytes"));
	add_count(p->out, form_number(layer, "findings"), "finding", "findings", &between);
	if (json_is_true(json_object_get(layer, "has_more")))
		strbuf_add_text(p->out, ", with data behind its end that nobody unpacks");
	strbuf_add_char(p->out, '\n');
}

static void add_unused(const struct printing *p, const json_t *path)
{
	strbuf_add_text(p->out, "  allowed, but nothing to be found there: ");
	escape_text(p->out, slice_of(json_string_value(path)));
	strbuf_add_char(p->out, '\n');
}

static void add_leaked(const struct printing *p, const json_t *leaked)
{
	strbuf_addf(p->out, "  hidden by higher layers: %" JSON_INTEGER_FORMAT " files, ",
		form_number(leaked, "files"));
	add_bytes(p->out, form_number(leaked, "bytes"));
	strbuf_add_char(p->out, '\n');
}

/* Calls ADD with each of the list KEY of IMAGE. */
static void add_each(const struct printing *p, const json_t *image, const char *key,
	void (*add)(const struct printing *p, const json_t *item))
{
	const json_t *list = json_object_get(image, key);

	for (size_t i = 0; i < json_array_size(list); i++)
		add(p, json_array_get(list, i));
}

static void add_rest(const struct printing *p, const json_t *image)
{
	const json_t *leaked = json_object_get(image, "leaked");

	add_each(p, image, "unused_allowances", add_unused);
	add_base(p, image);
	add_user(p, image);
	add_each(p, image, "starts", add_start);
	add_each(p, image, "layers", add_layer);
	if (form_number(leaked, "files") > 0)
		add_leaked(p, leaked);
}

static void add_image(const struct printing *p, const json_t *report, size_t number)
{
	const json_t *image = json_array_get(json_object_get(report, "images"), number);

	add_verdict_word(p, image);
	strbuf_add_text(p->out, ": ");
	form_add_image_name(p->out, report, number);
	add_reason(p, image);
	strbuf_add_char(p->out, '\n');
	if (p->options->quiet)
		return;
	add_findings(p, image);
	if (form_text(image, "error").len == 0)
		add_rest(p, image);
}

static void add_notes(const struct printing *p, const json_t *report)
{
	const json_t *notes = json_object_get(json_object_get(report, "reference"), "notes"), *note;
	size_t i;

	json_array_foreach (notes, i, note) {
		strbuf_add_text(p->out, "  left out: ");
		form_add_message(p->out,
			(struct slice){json_string_value(note) ?: "", json_string_length(note)});
		strbuf_add_char(p->out, '\n');
	}
}

void verify_form_text(
	const json_t *report, const struct verify_text_options *options, struct strbuf *out)
{
	struct printing p = {options, out};
	size_t count = json_array_size(json_object_get(report, "images"));

	for (size_t i = 0; i < count; i++)
		add_image(&p, report, i);
	if (count == 0) {
		add_verdict_word(&p, report);
		strbuf_add_text(out, ": ");
		form_add_image_name(out, report, 0);
		strbuf_add_text(out, ": ");
		form_add_message(out, form_text(report, "error"));
		strbuf_add_char(out, '\n');
	}
	if (!options->quiet)
		add_notes(&p, report);
}
