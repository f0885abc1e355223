/* SPDX-License-Identifier: Apache-2.0 */
/* The reader of read.h that names capabilities. */
#include <inttypes.h>
#include <stdio.h>

#include "base/cleanup.h"
#include "rule/field/read.h"

/*
 * Linux, include/uapi/linux/capability.h, by number. Falco puts them together with a space (libs,
 * userspace/libsinsp/utils.cpp: caps_to_string()), and knows none that are newer.
 */
static const char *const names[] = {
	"CAP_CHOWN",
	"CAP_DAC_OVERRIDE",
	"CAP_DAC_READ_SEARCH",
	"CAP_FOWNER",
	"CAP_FSETID",
	"CAP_KILL",
	"CAP_SETGID",
	"CAP_SETUID",
	"CAP_SETPCAP",
	"CAP_LINUX_IMMUTABLE",
	"CAP_NET_BIND_SERVICE",
	"CAP_NET_BROADCAST",
	"CAP_NET_ADMIN",
	"CAP_NET_RAW",
	"CAP_IPC_LOCK",
	"CAP_IPC_OWNER",
	"CAP_SYS_MODULE",
	"CAP_SYS_RAWIO",
	"CAP_SYS_CHROOT",
	"CAP_SYS_PTRACE",
	"CAP_SYS_PACCT",
	"CAP_SYS_ADMIN",
	"CAP_SYS_BOOT",
	"CAP_SYS_NICE",
	"CAP_SYS_RESOURCE",
	"CAP_SYS_TIME",
	"CAP_SYS_TTY_CONFIG",
	"CAP_MKNOD",
	"CAP_LEASE",
	"CAP_AUDIT_WRITE",
	"CAP_AUDIT_CONTROL",
	"CAP_SETFCAP",
	"CAP_MAC_OVERRIDE",
	"CAP_MAC_ADMIN",
	"CAP_SYSLOG",
	"CAP_WAKE_ALARM",
	"CAP_BLOCK_SUSPEND",
	"CAP_AUDIT_READ",
	"CAP_PERFMON",
	"CAP_BPF",
	"CAP_CHECKPOINT_RESTORE",
};

READER(read_capabilities)
{
	const struct bw_process *process = subject->event->process;
	size_t len = 0;

	if (!(process->flags & BW_PROCESS_CAPABILITIES))
		return VALUE_UNKNOWN_INIT;
	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		if (!(process->cap_effective & UINT64_C(1) << i))
			continue;
		len = scratch_add(scratch, len, slice_of(len ? " " : ""));
		len = scratch_add(scratch, len, slice_of(names[i]));
	}
	return value_text((struct slice){scratch->text, len});
}
