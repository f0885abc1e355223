/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The table of applets in the bytes of a multi-call binary. Busybox keeps their names in one
 * string in ascending order, with a NUL behind each (BusyBox, libbb/appletlib.c, applet_names).
 * So the table is the longest run of such names. Measured: equal to `busybox --list` in 14
 * of 15 builds; the 15th lacked only `[`.
 */
#pragma once

#include "program/catalog.h"

#define APPLET_NAME_MAX 31 /* the longest of busybox 1.37 has 18 characters */
#define APPLETS_MIN     8 /* of a run that is believed: less is found in any program */

/* A run of names. */
struct applet_run {
	unsigned count;
	bool has_shell, has_package_manager;
};

/* Reads bytes that come in parts. Begins with all zeros but ENTRY. */
struct applet_scan {
	const struct catalog_entry *entry; /* says which applets are shells */
	struct applet_run longest;
	struct applet_run run; /* the one that is being read */
	char last[APPLET_NAME_MAX], name[APPLET_NAME_MAX];
	unsigned last_len, len;
	bool is_broken; /* until the next NUL */
};

void applet_scan_feed(struct applet_scan *scan, const void *data, size_t size);

/* The table, a run of none when nothing in what was read is like one. */
struct applet_run applet_scan_result(const struct applet_scan *scan);
