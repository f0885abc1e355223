/* SPDX-License-Identifier: Apache-2.0 */
/* The choice of programs, see hooks.h. */
#include "probe/hooks.h"

#include <bpf/libbpf.h>
#include <stdio.h>
#include <string.h>

#include "barewatch.skel.h"
#include "base/cleanup.h"
#include "probe/tracepoint.h"

static void add_unseen(struct hooks *hooks, const char *what, const char *reason)
{
	if (hooks->unseen_count < HOOKS_UNSEEN_MAX)
		snprintf(hooks->unseen[hooks->unseen_count++], HOOKS_UNSEEN_SIZE,
			"%s are not seen: %s", what, reason);
}

void hooks_choose(struct hooks *hooks, enum probe_coverage coverage)
{
	*hooks = (struct hooks){
		.find_vma = libbpf_probe_bpf_helper(
				    BPF_PROG_TYPE_TRACEPOINT, BPF_FUNC_find_vma, NULL) == 1,
		.mappings = true,
		.coverage = coverage,
	};
}

/* A program that hooks_attach() attaches, if anything does. */
static void use(struct bpf_program *program, bool wanted)
{
	bpf_program__set_autoload(program, wanted);
	bpf_program__set_autoattach(program, false);
}

/* Same for one that libbpf attaches. */
static void use_any(struct bpf_program *program, bool wanted)
{
	bpf_program__set_autoload(program, wanted);
	bpf_program__set_autoattach(program, wanted);
}

void hooks_apply(const struct hooks *hooks, struct barewatch_bpf *object)
{
	bool found = hooks->mappings && hooks->find_vma;
	bool in_tree = hooks->mappings && !hooks->find_vma;
	bool full = hooks->coverage == PROBE_COVERAGE_FULL;

	use(object->progs.bw_attempt_execve, !full);
	use(object->progs.bw_attempt_execveat, !full);
	use_any(object->progs.bw_attempt_any, full);
	use(object->progs.bw_mapping_mmap, found && !full);
	use(object->progs.bw_mapping_mprotect, found && !full);
	use(object->progs.bw_mapping_mmap_in_tree, in_tree && !full);
	use(object->progs.bw_mapping_mprotect_in_tree, in_tree && !full);
	use_any(object->progs.bw_mapping_any_mmap, found && full);
	use_any(object->progs.bw_mapping_any_mprotect, found && full);
	use_any(object->progs.bw_mapping_any_mmap_in_tree, in_tree && full);
	use_any(object->progs.bw_mapping_any_mprotect_in_tree, in_tree && full);
}

bool hooks_give_up_optional(struct hooks *hooks, int error)
{
	if (!hooks->mappings)
		return false;
	hooks->mappings = false;
	add_unseen(hooks, "executable mappings", strerror(-error));
	return true;
}

static int attach_attempts(struct barewatch_bpf *object, struct diag *d)
{
	int r = tracepoint_attach(object->progs.bw_attempt_execve, "syscalls", "sys_exit_execve",
		&object->links.bw_attempt_execve, d);

	if (r == 0)
		r = tracepoint_attach(object->progs.bw_attempt_execveat, "syscalls",
			"sys_exit_execveat", &object->links.bw_attempt_execveat, d);
	return r;
}

/* pkey_mprotect has the arguments of mprotect; not every kernel has it. */
static int attach_mappings(struct hooks *hooks, struct barewatch_bpf *object, struct diag *d)
{
	struct bpf_program *mmap = hooks->find_vma ? object->progs.bw_mapping_mmap
						   : object->progs.bw_mapping_mmap_in_tree;
	struct bpf_program *mprotect = hooks->find_vma ? object->progs.bw_mapping_mprotect
						       : object->progs.bw_mapping_mprotect_in_tree;
	struct diag ignored;
	int r = tracepoint_attach(
		mmap, "syscalls", "sys_exit_mmap", &object->links.bw_mapping_mmap, d);

	if (r == 0)
		r = tracepoint_attach(mprotect, "syscalls", "sys_exit_mprotect",
			&object->links.bw_mapping_mprotect, d);
	if (r == 0)
		(void)tracepoint_attach(mprotect, "syscalls", "sys_exit_pkey_mprotect",
			&hooks->pkey_mprotect, &ignored);
	return r;
}

int hooks_attach(struct hooks *hooks, struct barewatch_bpf *object, struct diag *d)
{
	struct diag reason;
	int r;

	if (hooks->coverage == PROBE_COVERAGE_FULL) /* libbpf has done that */
		return 0;
	r = attach_attempts(object, d);
	if (r == 0 && hooks->mappings && attach_mappings(hooks, object, &reason) < 0)
		add_unseen(hooks, "executable mappings", reason.message);
	return r;
}

void hooks_done(struct hooks *hooks)
{
	bpf_link__destroy(hooks->pkey_mprotect);
}

const char *hooks_unseen(const struct hooks *hooks, size_t index)
{
	return index < hooks->unseen_count ? hooks->unseen[index] : NULL;
}
