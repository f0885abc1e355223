/* SPDX-License-Identifier: Apache-2.0 */
/* "#!", see script.h. */
#include "program/script.h"

#include "barewatch/program.h"

static bool is_blank(char c)
{
	return c == ' ' || c == '\t';
}

static struct slice trimmed(struct slice text)
{
	while (text.len > 0 && is_blank(text.data[0])) {
		text.data++;
		text.len--;
	}
	while (text.len > 0 && is_blank(text.data[text.len - 1]))
		text.len--;
	return text;
}

/* A NUL ends the line, too: the kernel's text is a string. */
static size_t line_length(struct slice text)
{
	size_t len = 0;

	while (len < text.len && text.data[len] != '\n' && text.data[len] != '\0')
		len++;
	return len;
}

bool script_read(struct slice start, struct script *ret)
{
	struct slice line;
	size_t len = 0;
	bool is_cut;

	if (start.len < 2 || memcmp(start.data, "#!", 2) != 0)
		return false;
	if (start.len > PROGRAM_LINE_MAX)
		start.len = PROGRAM_LINE_MAX;
	is_cut = start.len == PROGRAM_LINE_MAX && line_length(start) == start.len;
	line = trimmed((struct slice){start.data + 2, line_length(start) - 2});
	while (len < line.len && !is_blank(line.data[len]))
		len++;
	if (len == 0 || (is_cut && len == line.len)) /* its interpreter may be longer */
		return false;
	ret->interpreter = (struct slice){line.data, len};
	ret->argument = trimmed((struct slice){line.data + len, line.len - len});
	return true;
}
