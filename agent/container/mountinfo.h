/* SPDX-License-Identifier: Apache-2.0 */
/* Lines of /proc/PID/mountinfo (proc(5)). */
#pragma once

#include <stdbool.h>

#define MOUNTINFO_MAX (4u << 20) /* bytes of a node with thousands of containers */

/* The fields that matter here. They point into the line. */
struct mount_line {
	char *device; /* "major:minor", as st_dev of its root would be, but for subvolumes */
	char *root, *mount_point, *type;
	char *super_options; /* octal escapes still in it */
};

/* Takes LINE, without its newline, apart. False when it is none. */
bool mount_line_parse(char *line, struct mount_line *ret);

/* Undoes the octal escapes (space, tab, newline, backslash, comma) in TEXT, in place. */
void mount_unescape(char *text);
