/* SPDX-License-Identifier: Apache-2.0 */
/* The longest run of names in ascending order, see applets.h. */
#include "program/applets.h"

/* True for the characters of applet names: ar, [[, mkfs.ext2, run-parts, mt_st. */
static bool is_name_character(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '_' ||
	       c == '.' || c == '[';
}

static bool is_ascending(const struct applet_scan *scan)
{
	unsigned shorter = scan->len < scan->last_len ? scan->len : scan->last_len;
	int order = memcmp(scan->last, scan->name, shorter);

	return order < 0 || (order == 0 && scan->last_len < scan->len);
}

static void run_end(struct applet_scan *scan)
{
	if (scan->run.count > scan->longest.count)
		scan->longest = scan->run;
	scan->run = (struct applet_run){0};
	scan->last_len = 0;
}

static void name_end(struct applet_scan *scan)
{
	struct slice name = {scan->name, scan->len};

	if (scan->run.count > 0 && (scan->is_broken || scan->len == 0 || !is_ascending(scan)))
		run_end(scan);
	if (!scan->is_broken && scan->len > 0) {
		enum program_class class = catalog_applet_class(scan->entry, name);

		scan->run.count++;
		scan->run.has_shell |= class == PROGRAM_SHELL;
		scan->run.has_package_manager |= class == PROGRAM_PACKAGE_MANAGER;
		memcpy(scan->last, scan->name, scan->len);
		scan->last_len = scan->len;
	}
	scan->len = 0;
	scan->is_broken = false;
}

void applet_scan_feed(struct applet_scan *scan, const void *data, size_t size)
{
	const char *at = data, *end = at + size;

	while (at < end) {
		if (scan->is_broken && *at != '\0') {
			at = memchr(at, '\0', end - at);
			if (!at)
				return;
		}
		if (*at == '\0')
			name_end(scan);
		else if (!is_name_character(*at) || scan->len == APPLET_NAME_MAX)
			scan->is_broken = true;
		else
			scan->name[scan->len++] = *at;
		at++;
	}
}

struct applet_run applet_scan_result(const struct applet_scan *scan)
{
	struct applet_run best = scan->run.count > scan->longest.count ? scan->run : scan->longest;

	return best.count >= APPLETS_MIN ? best : (struct applet_run){0};
}
