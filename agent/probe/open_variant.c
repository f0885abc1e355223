/* SPDX-License-Identifier: Apache-2.0 */
/* The hook for opened files, see open_variant.h. */
#include "probe/open_variant.h"

#include <bpf/bpf.h>
#include <bpf/btf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <linux/filter.h>
#include <stdio.h>
#include <string.h>

#include "barewatch.skel.h"
#include "base/cleanup.h"
#include "probe/hook.h"
#include "probe/selection.h"
#include "probe/tracepoint.h"

#define HOOKED "security_file_open"

static const char *const names[] = {
	[PROBE_OPEN_ANY] = "any",
	[PROBE_OPEN_FENTRY] = "fentry",
	[PROBE_OPEN_KPROBE] = "kprobe",
	[PROBE_OPEN_TRACEPOINT] = "tracepoint",
	[PROBE_OPEN_NONE] = "none",
};

const char *probe_open_variant_name(enum probe_open_variant variant)
{
	return names[variant];
}

bool probe_open_variant_parse(const char *name, enum probe_open_variant *ret)
{
	for (int i = PROBE_OPEN_FENTRY; i <= PROBE_OPEN_TRACEPOINT; i++) {
		if (strcmp(name, names[i]) == 0) {
			*ret = i;
			return true;
		}
	}
	return false;
}

/* ---- what the kernel has ---- */

/* Loads a program that does nothing. A descriptor, or a negative errno. */
static int load_nothing(enum bpf_prog_type type, const struct bpf_prog_load_opts *opts)
{
	static const struct bpf_insn nothing[] = {
		{.code = BPF_ALU64 | BPF_MOV | BPF_K, .dst_reg = BPF_REG_0},
		{.code = BPF_JMP | BPF_EXIT},
	};
	int fd = bpf_prog_load(type, NULL, "GPL", nothing, ARRAY_SIZE(nothing), opts);

	return fd < 0 ? -errno : fd;
}

static int try_fentry(struct diag *d)
{
	struct bpf_prog_load_opts opts = {
		.sz = sizeof(opts), .expected_attach_type = BPF_TRACE_FENTRY};
	int id = libbpf_find_vmlinux_btf_id(HOOKED, BPF_TRACE_FENTRY), r;
	CLEANUP_FD int program = -1, link = -1;

	if (id < 0)
		return diag_at(d, NULL, 0, 0, "the kernel has no " HOOKED);
	opts.attach_btf_id = id;
	program = load_nothing(BPF_PROG_TYPE_TRACING, &opts);
	if (program < 0)
		return diag_at(d, NULL, 0, 0, "the kernel does not load such programs: %s",
			strerror(-program));
	link = bpf_raw_tracepoint_open(NULL, program);
	if (link >= 0)
		return 0;
	r = errno;
	return diag_at(d, NULL, 0, 0, "the kernel does not attach such programs: %s",
		r == 524 ? "not supported" : strerror(r)); /* ENOTSUPP is the kernel's own */
}

static int try_kprobe(struct diag *d)
{
	CLEANUP_FD int event = kprobe_open(HOOKED, d);

	return event < 0 ? event : 0;
}

static int try_tracepoint(struct diag *d)
{
	CLEANUP_FD int event = tracepoint_open("syscalls", "sys_exit_openat", d);

	return event < 0 ? event : 0;
}

static int try(enum probe_open_variant variant, struct diag *d)
{
	static int (*const tries[])(struct diag * d) = {
		[PROBE_OPEN_FENTRY] = try_fentry,
		[PROBE_OPEN_KPROBE] = try_kprobe,
		[PROBE_OPEN_TRACEPOINT] = try_tracepoint,
	};

	return tries[variant](d);
}

static void add_unseen(struct selection *selection, const char *what, const char *reason)
{
	selection_add_unseen(selection, PROBE_SENSOR_OPENS, what, reason);
}

/* ---- io_uring ---- */

static bool has_type(const struct btf *btf, const char *name, unsigned kind)
{
	return btf__find_by_name_kind(btf, name, kind) > 0;
}

/* How many arguments the tracepoint NAME gives, with the one that is its own. */
static int tracepoint_args(const struct btf *btf, const char *name)
{
	int id = btf__find_by_name_kind(btf, name, BTF_KIND_TYPEDEF);
	const struct btf_type *type = id < 0 ? NULL : btf__type_by_id(btf, id);

	if (type)
		type = btf__type_by_id(btf, type->type); /* a pointer to a function */
	if (type && btf_is_ptr(type))
		type = btf__type_by_id(btf, type->type);
	return type && btf_is_func_proto(type) ? btf_vlen(type) : 0;
}

/*
 * Whether the end of a request says which it was: as its second argument, and the request has its
 * result. 5.18 has four arguments and no request, 5.19 seven with it, and 6.14 three.
 */
static bool has_request(const struct btf *btf)
{
	int args = tracepoint_args(btf, "btf_trace_io_uring_complete");

	return (args == 4 || args == 8) && has_type(btf, "io_open", BTF_KIND_STRUCT) &&
	       has_type(btf, "io_cqe", BTF_KIND_STRUCT);
}

static void choose_uring(struct selection *selection)
{
	struct btf *btf = btf__load_vmlinux_btf();

	if (!btf)
		return;
	selection->uring = has_request(btf);
	selection->uring_threads = has_type(btf, "create_io_thread", BTF_KIND_FUNC);
	btf__free(btf);
}

void open_variant_say_unseen(struct selection *selection)
{
	if (selection->wanted_open == PROBE_OPEN_NONE)
		return;
	if (selection->open == PROBE_OPEN_NONE)
		add_unseen(selection, "opened files are not seen", selection->open_tried);
	else if (selection->open != PROBE_OPEN_TRACEPOINT) {
		if (!selection->uring_threads)
			add_unseen(selection, "files that threads of io_uring open are not seen",
				"they are not the process's own (Linux 5.12 has them so)");
	} else if (selection->uring)
		add_unseen(selection, "some files opened through io_uring are not seen",
			"those that get no descriptor, and those whose request is told to be silent");
	else
		add_unseen(selection, "files opened through io_uring are not seen",
			"the kernel does not say which request has ended (Linux 6.0 does)");
}

/* ---- the choice ---- */

/* VARIANT is none of this kernel, for the reason in D. */
static void note_tried(
	struct selection *selection, enum probe_open_variant variant, const struct diag *d)
{
	size_t used = strlen(selection->open_tried);

	snprintf(selection->open_tried + used, sizeof(selection->open_tried) - used, "%s%s: %s",
		used > 0 ? "; " : "", names[variant], d->message);
}

static void choose_from(struct selection *selection, int first)
{
	for (int i = first; i <= PROBE_OPEN_TRACEPOINT; i++) {
		struct diag reason = {0};

		selection->open = i;
		if (try(i, &reason) == 0)
			return;
		note_tried(selection, i, &reason);
	}
	selection->open = PROBE_OPEN_NONE;
}

/* The only one that is wanted does not work, for the reason in D. */
static int refuse(const struct selection *selection, struct diag *d)
{
	struct diag reason = *d;

	diag_at(d, NULL, 0, 0, "opened files cannot be seen by a %s: %s",
		names[selection->wanted_open], reason.message);
	return -EOPNOTSUPP;
}

int open_variant_choose(struct selection *selection, struct diag *d)
{
	enum probe_open_variant wanted = selection->wanted_open;

	selection->open = wanted;
	if (wanted == PROBE_OPEN_NONE)
		return 0;
	choose_uring(selection);
	if (wanted == PROBE_OPEN_ANY)
		choose_from(selection, PROBE_OPEN_FENTRY);
	else if (try(wanted, d) < 0)
		return refuse(selection, d);
	return 0;
}

bool open_variant_give_up(struct selection *selection, const struct diag *d)
{
	if (selection->wanted_open != PROBE_OPEN_ANY || selection->open >= PROBE_OPEN_NONE)
		return false;
	note_tried(selection, selection->open, d);
	choose_from(selection, selection->open + 1);
	return true;
}

static void use(struct bpf_program *program, bool wanted)
{
	bpf_program__set_autoload(program, wanted);
}

void open_variant_apply(const struct selection *selection, struct barewatch_bpf *object)
{
	bool results = selection->open == PROBE_OPEN_TRACEPOINT;
	bool exits = results || (selection->open != PROBE_OPEN_NONE && selection->failed_opens);
	bool full = selection->coverage == PROBE_COVERAGE_FULL;

	object->rodata->bw_open_results = results;
	object->rodata->bw_open_failures = selection->failed_opens;
	use(object->progs.bw_open_fentry, selection->open == PROBE_OPEN_FENTRY);
	use(object->progs.bw_open_kprobe, selection->open == PROBE_OPEN_KPROBE);
	use(object->progs.bw_open_open, exits && !full);
	use(object->progs.bw_open_creat, exits && !full);
	use(object->progs.bw_open_openat, exits && !full);
	use(object->progs.bw_open_openat2, exits && !full);
	use(object->progs.bw_open_handle, exits && !full);
	use(object->progs.bw_open_any, exits && full);
	use(object->progs.bw_open_uring, results && selection->uring);
}

static bool program_is(const struct bpf_program *program, const char *name)
{
	return strcmp(bpf_program__name(program), name) == 0;
}

static bool is_of(const struct bpf_program *program, const char *call)
{
	const char *section = bpf_program__section_name(program);
	const char *name = strstr(section, "/sys_exit_");

	return name && strcmp(name + strlen("/sys_exit_"), call) == 0;
}

/* Whether PROGRAM only tells of opens that fail, as long as another one tells of the others. */
static bool is_for_failures(const struct selection *selection, const struct bpf_program *program)
{
	return selection->open != PROBE_OPEN_TRACEPOINT &&
	       (program_is(program, "bw_open_any") ||
		       strstr(bpf_program__section_name(program), "/sys_exit_"));
}

bool open_variant_do_without(
	struct selection *selection, const struct bpf_program *program, struct diag *d)
{
	/* calls that only older architectures have, and openat2 came with 5.6 */
	if (is_of(program, "open") || is_of(program, "creat") || is_of(program, "openat2"))
		return true;
	if (is_for_failures(selection, program))
		add_unseen(selection,
			is_of(program, "open_by_handle_at")
				? "opens by handle that fail are not seen"
				: "opens that fail are not seen",
			d->message);
	else if (is_of(program, "open_by_handle_at"))
		add_unseen(selection, "files opened by handle are not seen", d->message);
	else if (program_is(program, "bw_open_uring"))
		add_unseen(selection, "files opened through io_uring are not seen", d->message);
	else if (open_variant_give_up(selection, d))
		selection->open_changed = true;
	else if (selection->open < PROBE_OPEN_NONE)
		return refuse(selection, d) == 0;
	return true;
}
