/* SPDX-License-Identifier: Apache-2.0 */
/* See records.h. */
#include "verify/records.h"

bool line_next(struct slice *rest, struct slice *ret)
{
	const char *end;

	if (rest->len == 0)
		return false;
	end = memchr(rest->data, '\n', rest->len);
	*ret = (struct slice){rest->data, end ? (size_t)(end - rest->data) : rest->len};
	rest->data += ret->len + (end != NULL);
	rest->len -= ret->len + (end != NULL);
	return true;
}

int slice_compare(struct slice a, struct slice b)
{
	size_t shorter = a.len < b.len ? a.len : b.len;
	int order = shorter > 0 ? memcmp(a.data, b.data, shorter) : 0;

	if (order != 0)
		return order;
	return a.len < b.len ? -1 : a.len > b.len;
}

bool slice_begins(struct slice text, const char *prefix)
{
	size_t len = strlen(prefix);

	return text.len >= len && memcmp(text.data, prefix, len) == 0;
}

static bool is_space(char c)
{
	return c == ' ' || c == '\t' || c == '\r';
}

struct slice slice_value(struct slice text, size_t len)
{
	text.data += len;
	text.len -= len;
	while (text.len > 0 && is_space(text.data[0])) {
		text.data++;
		text.len--;
	}
	while (text.len > 0 && is_space(text.data[text.len - 1]))
		text.len--;
	return text;
}

/* ---- dpkg ---- */

static void take(struct slice line, const char *key, struct slice *ret)
{
	if (slice_begins(line, key))
		*ret = slice_value(line, strlen(key));
}

/* The third word of Status, "install ok installed", is the state. */
static bool is_installed(struct slice status)
{
	size_t i = status.len;

	while (i > 0 && !is_space(status.data[i - 1]))
		i--;
	return status.len == 0 || slice_equal_text(slice_value(status, i), "installed");
}

/* One stanza: up to a line that is empty. */
static void dpkg_stanza(struct slice *rest, struct package_record *ret, struct slice *ret_status)
{
	struct slice line;

	while (line_next(rest, &line) && slice_value(line, 0).len > 0) {
		take(line, "Package:", &ret->name);
		take(line, "Version:", &ret->version);
		take(line, "Status:", ret_status);
	}
}

bool dpkg_next(struct slice *rest, struct package_record *ret)
{
	while (rest->len > 0) {
		struct package_record record = {0};
		struct slice status = {0};

		dpkg_stanza(rest, &record, &status);
		if (record.name.len == 0 || record.version.len == 0 || !is_installed(status))
			continue;
		*ret = record;
		return true;
	}
	return false;
}

bool dpkg_next_file(struct slice *rest, struct slice *ret)
{
	struct slice line;

	while (line_next(rest, &line)) {
		const char *gap = line.len && line.data[0] != '/' ? memchr(line.data, ' ', line.len)
								  : NULL;

		*ret = slice_value(line, gap ? gap - line.data : 0);
		while (ret->len > 0 && ret->data[0] == '/') {
			ret->data++;
			ret->len--;
		}
		if (ret->len > 0)
			return true;
	}
	return false;
}

/* ---- apk ---- */

/* One record: lines of a letter and a colon. F: begins those of files. */
static void apk_stanza(struct slice *rest, struct package_record *ret)
{
	struct slice before = *rest, line;

	while (line_next(rest, &line) && line.len > 0) {
		take(line, "P:", &ret->name);
		take(line, "V:", &ret->version);
		if (!ret->files.data && slice_begins(line, "F:"))
			ret->files.data = before.data;
		if (ret->files.data)
			ret->files.len = rest->data - ret->files.data;
		before = *rest;
	}
}

bool apk_next(struct slice *rest, struct package_record *ret)
{
	while (rest->len > 0) {
		struct package_record record = {0};

		apk_stanza(rest, &record);
		if (record.name.len == 0 || record.version.len == 0)
			continue;
		*ret = record;
		return true;
	}
	return false;
}

bool apk_next_file(struct slice *files, struct slice *ret_directory, struct slice *ret_name)
{
	struct slice line;

	while (line_next(files, &line)) {
		take(line, "F:", ret_directory);
		if (!slice_begins(line, "R:"))
			continue;
		*ret_name = slice_value(line, 2);
		return true;
	}
	return false;
}
