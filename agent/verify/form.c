/* SPDX-License-Identifier: Apache-2.0 */
/* See form.h. */
#include "verify/form.h"

#include "base/cleanup.h"
#include "base/escape.h"
#include "verify/policy.h"

struct slice form_text(const json_t *object, const char *key)
{
	const json_t *text = json_object_get(object, key);

	if (!json_is_string(text))
		return (struct slice){"", 0};
	return (struct slice){json_string_value(text), json_string_length(text)};
}

json_int_t form_number(const json_t *object, const char *key)
{
	return json_integer_value(json_object_get(object, key));
}

bool form_is(const json_t *object, const char *key, const char *text)
{
	return slice_equal_text(form_text(object, key), text);
}

void form_add(struct strbuf *out, const json_t *object, const char *key)
{
	escape_text(out, form_text(object, key));
}

void form_add_message(struct strbuf *out, struct slice message)
{
	CLEANUP_STRBUF struct strbuf raw = STRBUF_INIT, again = STRBUF_INIT;

	if (unescape_text(&raw, message))
		escape_text(&again, strbuf_slice(&raw));
	if (slice_equal(strbuf_slice(&again), message))
		strbuf_add(out, message.data, message.len);
	else
		escape_text(out, message);
}

const json_t *form_manifest(const json_t *report, size_t number)
{
	const json_t *reference = json_object_get(report, "reference");

	return json_array_get(json_object_get(reference, "manifests"), number);
}

void form_add_image_name(struct strbuf *out, const json_t *report, size_t number)
{
	const json_t *images = json_object_get(report, "images");
	const json_t *image = json_array_get(images, number);
	const json_t *manifest = form_manifest(report, number);
	bool has_platform = form_text(image, "platform").len > 0;
	bool has_name = form_text(manifest, "name").len > 0 && json_array_size(images) > 1;

	form_add(out, json_object_get(report, "reference"), "name");
	if (!has_platform && !has_name)
		return;
	strbuf_add_text(out, " (");
	form_add(out, has_name ? manifest : NULL, "name");
	strbuf_add_text(out, has_name && has_platform ? ", " : "");
	form_add(out, image, "platform");
	strbuf_add_char(out, ')');
}

const char *form_class(const json_t *finding)
{
	if (json_is_true(json_object_get(finding, "leaked")))
		return CLASS_LEAK;
	for (unsigned i = 0; i < PRESENT_CLASSES; i++)
		if (form_is(finding, "class", present_class_name(i)))
			return present_class_name(i);
	return "unknown";
}

struct slice form_error(const json_t *report, const json_t *image)
{
	return form_text(image ? image : report, "error");
}
