/* SPDX-License-Identifier: Apache-2.0 */
/* A finding in a report: report.h. */
#include "base/escape.h"
#include "base/json.h"
#include "verify/report.h"

#define LINKS_SHOWN_MAX 1024 /* in a report; the others are counted */

static bool is_from_base(const struct finding *finding, size_t layers)
{
	return finding->present.layer == 1 && layers > 1;
}

static void add_removal(const struct finding *finding, size_t layers, struct strbuf *out)
{
	const struct present *present = &finding->present;

	if (present->package.len > 0) {
		strbuf_add_text(out, "leave out the package ");
		escape_text(out, present->package);
		strbuf_add_text(out, ", or build on a base without it");
	} else if (is_from_base(finding, layers)) {
		strbuf_add_text(out, "it is of the lowest layer: build on a base without it");
	} else if (layers > 1) {
		strbuf_addf(out,
			"leave it out of layer %u; deleting it in a later layer would only hide it",
			present->layer);
	} else {
		strbuf_add_text(out, "leave it out where the image is built");
	}
}

/* Appends what to do about FINDING of an image with LAYERS layers, in one line. */
static void add_remedy(const struct finding *finding, size_t layers, struct strbuf *out)
{
	static const char *const texts[PRESENT_CLASSES] = {
		[PRESENT_PACKED] = "ship the program as it was before it was packed",
		[PRESENT_SETUID] = "chmod u-s, in the layer that adds it",
		[PRESENT_SETGID] = "chmod g-s, in the layer that adds it",
		[PRESENT_CAPABILITIES] = "setcap -r, in the layer that adds it",
		[PRESENT_WORLD_WRITABLE] = "chmod o-w, or leave the directory out of PATH",
	};

	if (finding->present.is_leaked)
		strbuf_addf(out, "delete it in the step that makes layer %u, or squash the layers",
			finding->present.layer);
	else if (texts[finding->present.class])
		strbuf_add_text(out, texts[finding->present.class]);
	else
		add_removal(finding, layers, out);
}

static json_t *links_json(const struct item *item)
{
	static const char *const kinds[] = {[NAME_OWN] = "hard",
		[NAME_SYMBOLIC] = "symbolic",
		[NAME_BY_DIRECTORY] = "directory"};
	CLEANUP_JSON json_t *list = json_array();

	for (size_t i = 0; i < item->name_count && json_array_size(list) < LINKS_SHOWN_MAX; i++)
		if (i != item->main_name &&
			!report_append(list,
				json_pack("{s:o, s:s}", "path", report_text(item->names[i].path),
					"kind", kinds[item->names[i].kind])))
			return NULL;
	return TAKE_PTR(list);
}

/* True of a multi-call binary that is a shell or a package manager; a link alone makes none. */
static bool has_such_applets(const struct finding *finding)
{
	enum present_class class = finding->present.class;

	return finding->item->program.class == PROGRAM_MULTICALL &&
	       (class == PRESENT_MULTICALL_SHELL || class == PRESENT_PACKAGE_MANAGER);
}

/* The names by which a multi-call binary is a shell or a package manager. */
static json_t *applet_names_json(const struct judged *j, const struct finding *finding)
{
	CLEANUP_JSON json_t *list = json_array();
	const struct item *item = finding->item;

	for (size_t i = 0; has_such_applets(finding) && i < item->name_count; i++) {
		struct slice applet = slice_basename(item->names[i].path);
		enum program_class class = program_applet_class(
			j->survey->catalog, &item->program, applet);

		if ((class == PROGRAM_SHELL || class == PROGRAM_PACKAGE_MANAGER) &&
			!report_append(
				list, json_pack("{s:o, s:s, s:o}", "applet", report_text(applet),
					      "class", program_class_name(class), "path",
					      report_text(item->names[i].path))))
			return NULL;
	}
	return TAKE_PTR(list);
}

static json_t *message_json(const struct finding *finding)
{
	CLEANUP_STRBUF struct strbuf out = STRBUF_INIT;
	struct subject subject = {.kind = SUBJECT_PRESENT, .present = &finding->present};

	rule_output_format(finding->rule, &subject, &out);
	return report_strbuf(&out);
}

static json_t *remedy_json(const struct finding *finding, size_t layers)
{
	CLEANUP_STRBUF struct strbuf out = STRBUF_INIT;

	add_remedy(finding, layers, &out);
	return report_strbuf(&out);
}

/*
 * How it was recognised, beside the word: by which signature, or whether the table of applets was
 * seen.
 */
static json_t *applets_json(const struct finding *finding)
{
	bool is_multicall = finding->item->program.class == PROGRAM_MULTICALL &&
			    finding->present.program.len > 0;

	return is_multicall && finding->item->applets > 0 ? json_integer(finding->item->applets)
							  : json_null();
}

static json_t *mode_json(uint32_t mode)
{
	char text[8];

	snprintf(text, sizeof(text), "%04o", mode & 07777);
	return json_string(text);
}

static bool put_what(json_t *object, const struct finding *finding, size_t layers)
{
	const struct present *present = &finding->present;

	return report_put(object, "path", report_text(present->path)) &&
	       report_put(object, "class", json_string(present_class_name(present->class))) &&
	       report_put(object, "level", json_string(level_name(finding->level))) &&
	       report_put(object, "leaked", json_boolean(present->is_leaked)) &&
	       report_put(object, "message", message_json(finding)) &&
	       report_put(object, "remedy", remedy_json(finding, layers)) &&
	       report_put(object, "allowed",
		       finding->allowance ? report_plain(finding->allowance->reason)
					  : json_null()) &&
	       report_put(object, "rule", report_plain(finding->rule->name)) &&
	       report_put(object, "priority",
		       json_string(rule_priority_name(finding->rule->priority)));
}

static bool put_file(json_t *object, const struct judged *j, const struct finding *finding)
{
	const struct present *present = &finding->present;

	return report_put(
		       object, "found_by", json_string(present_evidence_name(present->evidence))) &&
	       report_put(object, "program", report_text_or_null(present->program)) &&
	       report_put(object, "applets", applets_json(finding)) &&
	       report_put(object, "reached_as", applet_names_json(j, finding)) &&
	       report_put(object, "package", report_text_or_null(present->package)) &&
	       report_put(object, "version", report_text_or_null(present->version)) &&
	       report_put(object, "layer",
		       present->layer ? json_integer(present->layer) : json_null()) &&
	       report_put(object, "size", json_integer(present->size_bytes)) &&
	       report_put(object, "mode", mode_json(present->mode)) &&
	       report_put(object, "uid", json_integer(present->uid)) &&
	       report_put(object, "gid", json_integer(present->gid)) &&
	       report_put(object, "sha256",
		       present->digest ? report_digest(present->digest) : json_null()) &&
	       report_put(object, "links", links_json(finding->item)) &&
	       report_put(object, "links_count", json_integer(present->links));
}

json_t *report_finding(const struct judged *judged, const struct finding *finding)
{
	CLEANUP_JSON json_t *object = json_object();

	if (!put_what(object, finding, judged->manifest->layer_count) ||
		!put_file(object, judged, finding))
		return NULL;
	return TAKE_PTR(object);
}
