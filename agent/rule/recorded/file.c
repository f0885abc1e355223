/* SPDX-License-Identifier: Apache-2.0 */
/* An event in a file: its fields in JSON or YAML, a line of a recording, or an alert. */
#include "rule/recorded/recorded.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>

#include "base/io.h"
#include "base/json.h"

#define EVENT_FILE_MAX (1u << 20) /* the largest alerts have some tens of KiB */

/* The key under which an object of another form has its fields. */
static const struct {
	enum recorded_form form;
	const char *key;
} forms[] = {
	{RECORDED_LINE, "fields"},
	{RECORDED_ALERT, "output_fields"},
};

/* The fields in OBJECT, and its form. */
static json_t *fields_of(json_t *object, enum recorded_form *ret_form)
{
	*ret_form = RECORDED_FIELDS;
	for (size_t i = 0; i < ARRAY_SIZE(forms); i++) {
		json_t *fields = json_object_get(object, forms[i].key);

		if (!fields)
			continue;
		*ret_form = forms[i].form;
		return fields;
	}
	return object;
}

static int load_fields(json_t *object, const struct fields_source *source, struct recorded **ret,
	enum recorded_form *ret_form, struct diag *d)
{
	json_t *fields = fields_of(object, ret_form);

	/* an alert may not tell its number, nor may who writes down an event */
	if (*ret_form != RECORDED_LINE && recorded_number(fields) < 0)
		return diag_errno(d, source->name, -ENOMEM);
	return recorded_new(fields, SUBJECT_KINDS, source, ret, d);
}

static int load_json(const char *path, struct slice text, struct recorded **ret,
	enum recorded_form *ret_form, struct diag *d)
{
	const struct fields_source source = {.name = path, .text = text, .line = 1};
	json_error_t error;
	CLEANUP_JSON json_t *object = json_loadb(
		text.data, text.len, JSON_REJECT_DUPLICATES, &error);

	if (!object)
		return diag_at(
			d, path, error.line > 0 ? error.line : 0, error.column, "%s", error.text);
	return load_fields(object, &source, ret, ret_form, d);
}

static int load_yaml(const char *path, struct slice text, struct recorded **ret,
	enum recorded_form *ret_form, struct diag *d)
{
	CLEANUP_YAML struct yaml_document document = YAML_DOCUMENT_INIT;
	const struct fields_source source = {.document = &document, .name = path, .line = 1};
	int r = yaml_load_text(path, text, &document, d);

	if (r < 0)
		return r;
	return load_fields(document.root, &source, ret, ret_form, d);
}

/* JSON is read as itself: YAML knows no characters beyond the first plane in the form JSON has. */
static bool is_json(struct slice text)
{
	size_t i = 0;

	while (i < text.len && text.data[i] && strchr(" \t\r\n", text.data[i]))
		i++;
	return i < text.len && text.data[i] == '{';
}

int recorded_load(
	const char *path, struct recorded **ret, enum recorded_form *ret_form, struct diag *d)
{
	CLEANUP_FREE char *data = NULL;
	struct slice text;
	int r;

	if (strcmp(path, "-") == 0)
		r = read_fd(STDIN_FILENO, EVENT_FILE_MAX, &data, &text.len);
	else
		r = read_file_at(AT_FDCWD, path, EVENT_FILE_MAX, &data, &text.len);
	if (r < 0)
		return diag_errno(d, path, r);
	text.data = data;
	return is_json(text) ? load_json(path, text, ret, ret_form, d)
			     : load_yaml(path, text, ret, ret_form, d);
}
