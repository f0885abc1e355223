/* SPDX-License-Identifier: Apache-2.0 */
/* Programs attached and taken over, see hook.h. */
#include "probe/hook.h"

#include <bpf/bpf.h>
#include <errno.h>
#include <linux/perf_event.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>

#include "base/cleanup.h"
#include "probe/tracepoint.h"

static void close_fd(int *fd)
{
	fd_cleanup(fd);
	*fd = -1;
}

void hook_done(struct hook *hook)
{
	close_fd(&hook->link_fd);
	close_fd(&hook->perf_fd);
	close_fd(&hook->prog_fd);
}

const char *hook_name(const struct hook *hook)
{
	return bpf_program__name(hook->program);
}

static int read_prog(int fd, struct bpf_prog_info *ret)
{
	__u32 size = sizeof(*ret);

	memset(ret, 0, sizeof(*ret));
	return bpf_obj_get_info_by_fd(fd, ret, &size) < 0 ? -errno : 0;
}

static int read_link(int fd, struct bpf_link_info *ret)
{
	__u32 size = sizeof(*ret);

	memset(ret, 0, sizeof(*ret));
	return bpf_obj_get_info_by_fd(fd, ret, &size) < 0 ? -errno : 0;
}

int hook_adopt(struct hook *hook, int prog_fd, int link_fd)
{
	struct bpf_prog_info prog;
	struct bpf_link_info link = {0};
	int r = read_prog(prog_fd, &prog);

	if (r == 0 && link_fd >= 0)
		r = read_link(link_fd, &link);
	if (r < 0)
		return r;
	if (prog.type != bpf_program__type(hook->program) || prog.created_by_uid != 0 ||
		strncmp(prog.name, hook_name(hook), sizeof(prog.name) - 1) != 0 ||
		(link_fd >= 0 && link.prog_id != prog.id))
		return -EINVAL;
	hook->prog_fd = prog_fd;
	hook->link_fd = link_fd;
	hook->prog_id = prog.id;
	hook->link_id = link.id;
	return 0;
}

/* Splits "tracepoint/CATEGORY/NAME". */
static int open_tracepoint(const struct bpf_program *program, struct diag *d)
{
	char category[64], name[64];

	if (sscanf(bpf_program__section_name(program), "%*[^/]/%63[^/]/%63s", category, name) != 2)
		return diag_at(d, NULL, 0, 0, "a program is of no tracepoint");
	return tracepoint_open(category, name, d);
}

/* Links of perf events came with 5.15. */
static int attach_perf(struct hook *hook)
{
	int link = bpf_link_create(hook->prog_fd, hook->perf_fd, BPF_PERF_EVENT, NULL);

	if (link >= 0)
		hook->link_fd = link;
	else if (ioctl(hook->perf_fd, PERF_EVENT_IOC_SET_BPF, hook->prog_fd) < 0)
		return -errno;
	return ioctl(hook->perf_fd, PERF_EVENT_IOC_ENABLE, 0) < 0 ? -errno : 0;
}

/* Of "kprobe/FUNCTION". */
static int open_kprobe(const struct bpf_program *program, struct diag *d)
{
	return kprobe_open(strchr(bpf_program__section_name(program), '/') + 1, d);
}

/* To what OPEN opens. */
static int attach_event(struct hook *hook,
	int (*open)(const struct bpf_program *program, struct diag *d), struct diag *d)
{
	int r;

	hook->perf_fd = open(hook->program, d);
	if (hook->perf_fd < 0)
		return hook->perf_fd;
	r = attach_perf(hook);
	if (r < 0)
		diag_at(d, NULL, 0, 0, "attaching to %s: %s",
			bpf_program__section_name(hook->program), strerror(-r));
	return r;
}

static int attach_raw(struct hook *hook, const char *name, struct diag *d)
{
	int r;

	hook->link_fd = bpf_raw_tracepoint_open(name, hook->prog_fd);
	if (hook->link_fd >= 0)
		return 0;
	r = -errno;
	diag_at(d, NULL, 0, 0,
		"the kernel refused to attach the programs (--verbose has its reasons): %s",
		strerror(-r));
	return r;
}

static int attach(struct hook *hook, struct diag *d)
{
	const char *section = bpf_program__section_name(hook->program);

	switch (bpf_program__type(hook->program)) {
	case BPF_PROG_TYPE_TRACING: /* tp_btf, fentry: the program says to what */
		return attach_raw(hook, NULL, d);
	case BPF_PROG_TYPE_RAW_TRACEPOINT:
		return attach_raw(hook, strchr(section, '/') + 1, d);
	case BPF_PROG_TYPE_TRACEPOINT:
		return attach_event(hook, open_tracepoint, d);
	case BPF_PROG_TYPE_KPROBE:
		return attach_event(hook, open_kprobe, d);
	default:
		return diag_at(d, NULL, 0, 0, "'%s' is of no kind that is attached", section);
	}
}

int hook_attach(struct hook *hook, struct diag *d)
{
	struct bpf_link_info link;
	struct bpf_prog_info prog;
	int r = attach(hook, d);

	if (r == 0 && read_prog(hook->prog_fd, &prog) == 0)
		hook->prog_id = prog.id;
	if (r == 0 && hook->link_fd >= 0 && read_link(hook->link_fd, &link) == 0)
		hook->link_id = link.id;
	return r;
}

void hook_detach(struct hook *hook)
{
	close_fd(&hook->link_fd);
	close_fd(&hook->perf_fd);
	hook->link_id = 0;
}

bool hook_is_attached(const struct hook *hook)
{
	struct bpf_link_info link;

	if (hook->link_fd < 0 || hook->prog_fd < 0)
		return hook->perf_fd >= 0 || hook->prog_fd < 0;
	return read_link(hook->link_fd, &link) == 0 && link.prog_id == hook->prog_id;
}

bool hook_is_link(const struct hook *hook, int fd)
{
	struct bpf_link_info link;

	return read_link(fd, &link) == 0 && link.id == hook->link_id;
}

uint64_t hook_missed(const struct hook *hook)
{
	struct bpf_prog_info prog;

	return hook->prog_fd >= 0 && read_prog(hook->prog_fd, &prog) == 0 ? prog.recursion_misses
									  : 0;
}
