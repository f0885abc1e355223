/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * A script that was executed by its descriptor. Its file is closed before anyone is told of the exec, but
 * its interpreter is to open "/dev/fd/N", and nobody else has this table of descriptors by
 * now: what is there is what it will read.
 */
#pragma once

#include "file.h"

#define SCRIPT_PREFIX     "/dev/fd/"
#define SCRIPT_PREFIX_LEN ((int)sizeof(SCRIPT_PREFIX) - 1)
#define SCRIPT_DIGITS     10 /* of 2^31 */

/* The N of "/dev/fd/N". -1 for everything else. */
static __always_inline int script_descriptor(const char *invoked)
{
	char name[SCRIPT_PREFIX_LEN + SCRIPT_DIGITS + 1] = {};
	int number = 0;

	if (bpf_probe_read_kernel_str(name, sizeof(name), invoked) <= SCRIPT_PREFIX_LEN + 1)
		return -1;
	for (int i = 0; i < SCRIPT_PREFIX_LEN; i++)
		if (name[i] != SCRIPT_PREFIX[i])
			return -1;
	for (int i = SCRIPT_PREFIX_LEN; i < SCRIPT_PREFIX_LEN + SCRIPT_DIGITS && name[i]; i++) {
		if (name[i] < '0' || name[i] > '9')
			return -1;
		number = number * 10 + (name[i] - '0');
	}
	return number;
}

static __always_inline void script_put(
	struct bw_file *out, struct task_struct *task, const char *invoked)
{
	int number = script_descriptor(invoked);
	struct file *file = number < 0 ? NULL : descriptor_file(task, number);

	if (file)
		file_put(out, file);
}
