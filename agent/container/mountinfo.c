/* SPDX-License-Identifier: Apache-2.0 */
/* Lines of mountinfo, see mountinfo.h. */
#include "container/mountinfo.h"

#include <stddef.h>
#include <string.h>

void mount_unescape(char *text)
{
	char *out = text;

	for (const char *p = text; *p; p++) {
		if (*p == '\\' && strspn(p + 1, "01234567") >= 3) {
			*out++ = (p[1] - '0') << 6 | (p[2] - '0') << 3 | (p[3] - '0');
			p += 3;
		} else {
			*out++ = *p;
		}
	}
	*out = '\0';
}

bool mount_line_parse(char *line, struct mount_line *ret)
{
	char *save, *word = strtok_r(line, " ", &save);

	*ret = (struct mount_line){0};
	for (unsigned i = 0; word && strcmp(word, "-") != 0; i++) {
		if (i == 2)
			ret->device = word;
		if (i == 3)
			ret->root = word;
		if (i == 4)
			ret->mount_point = word;
		word = strtok_r(NULL, " ", &save);
	}
	ret->type = strtok_r(NULL, " ", &save);
	strtok_r(NULL, " ", &save); /* the source */
	ret->super_options = strtok_r(NULL, " ", &save);
	if (!word || !ret->device || !ret->root || !ret->mount_point || !ret->type ||
		!ret->super_options)
		return false;
	mount_unescape(ret->mount_point);
	return true;
}
