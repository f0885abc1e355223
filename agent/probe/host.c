/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What this host lacks, said before anything is tried: libbpf's own errors name
 * the step that failed, not what to do about it.
 */
#include "barewatch/probe.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/io.h"

#define BTF_PATH      "/sys/kernel/btf/vmlinux"
#define LOCKDOWN_PATH "/sys/kernel/security/lockdown"

/* The effective capabilities as one mask; 0 when they cannot be read. */
static uint64_t capabilities(void)
{
	struct __user_cap_header_struct header = {.version = _LINUX_CAPABILITY_VERSION_3};
	struct __user_cap_data_struct data[_LINUX_CAPABILITY_U32S_3] = {0};

	if (syscall(SYS_capget, &header, data) < 0)
		return 0;
	return (uint64_t)data[1].effective << 32 | data[0].effective;
}

static const struct {
	int number;
	const char *name;
} needed[] = {
	{CAP_BPF, "CAP_BPF"},
	{CAP_PERFMON, "CAP_PERFMON"},
	{CAP_DAC_READ_SEARCH, "CAP_DAC_READ_SEARCH"},
};

static int check_capabilities(struct diag *d)
{
	uint64_t have = capabilities();
	size_t len = 0;
	char missing[128] = "";

	if (have & 1ULL << CAP_SYS_ADMIN) /* includes BPF and PERFMON (capabilities(7)) */
		have |= 1ULL << CAP_BPF | 1ULL << CAP_PERFMON;
	for (size_t i = 0; i < ARRAY_SIZE(needed); i++) {
		if (have & 1ULL << needed[i].number)
			continue;
		len += snprintf(missing + len, sizeof(missing) - len, "%s%s", len ? ", " : "",
			needed[i].name);
	}
	if (len == 0)
		return 0;
	diag_at(d, NULL, 0, 0, "watching needs root, or these missing capabilities: %s", missing);
	return -EPERM;
}

/* Root in a user namespace has all capabilities, but none over the kernel. */
static int check_user_namespace(struct diag *d)
{
	CLEANUP_FREE char *text = NULL;
	unsigned inside, outside, count;
	size_t size;

	if (read_file_at(AT_FDCWD, "/proc/self/uid_map", 4096, &text, &size) < 0 ||
		sscanf(text, "%u %u %u", &inside, &outside, &count) != 3)
		return 0; /* no user namespaces in this kernel */
	if (inside == 0 && outside == 0 && count == UINT32_MAX)
		return 0;
	diag_at(d, NULL, 0, 0, "watching is not possible in a user namespace: run on the host");
	return -EPERM;
}

static int check_btf(struct diag *d)
{
	if (access(BTF_PATH, R_OK) == 0)
		return 0;
	diag_at(d, NULL, 0, 0,
		"this kernel has no type information (" BTF_PATH ": %s); it must be built with "
		"CONFIG_DEBUG_INFO_BTF=y",
		strerror(errno));
	return -ENOTSUP;
}

static int check_lockdown(struct diag *d)
{
	CLEANUP_FREE char *text = NULL;
	size_t size;

	/* no such file: no lockdown */
	if (read_file_at(AT_FDCWD, LOCKDOWN_PATH, 256, &text, &size) < 0)
		return 0;
	if (!strstr(text, "[confidentiality]"))
		return 0;
	diag_at(d, NULL, 0, 0,
		"the kernel is locked down (" LOCKDOWN_PATH " is at confidentiality): BPF programs "
		"may not read kernel memory");
	return -EPERM;
}

int probe_check_host(struct diag *d)
{
	int r = check_capabilities(d);

	if (r == 0)
		r = check_user_namespace(d);
	if (r == 0)
		r = check_btf(d);
	return r == 0 ? check_lockdown(d) : r;
}
