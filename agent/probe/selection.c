/* SPDX-License-Identifier: Apache-2.0 */
/* The choice of programs, see selection.h. */
#include "probe/selection.h"

#include <bpf/libbpf.h>
#include <stdio.h>
#include <string.h>

#include "barewatch.skel.h"
#include "base/cleanup.h"
#include "probe/open_variant.h"

void selection_add_unseen(
	struct selection *selection, enum probe_sensor sensor, const char *what, const char *reason)
{
	size_t index = selection->unseen_count;

	if (index == SELECTION_UNSEEN_MAX)
		return;
	snprintf(selection->unseen[index], SELECTION_UNSEEN_SIZE, "%s: %s", what, reason);
	selection->unseen_of[index] = sensor;
	selection->unseen_count++;
}

static void mappings_give_up(struct selection *selection, const char *reason)
{
	if (selection->mappings)
		selection_add_unseen(selection, PROBE_SENSOR_MAPPINGS,
			"executable mappings are not seen", reason);
	selection->mappings = false;
}

static void late_give_up(struct selection *selection, const char *reason)
{
	if (selection->late)
		selection_add_unseen(selection, PROBE_SENSOR_ATTEMPTS,
			"execs that fail late have no name, and may not be seen", reason);
	selection->late = false;
}

/* From 6.10. Asked by name: some kernels have more than their version says. */
static bool kernel_prepares_execs(void)
{
	return libbpf_find_vmlinux_btf_id("sched_prepare_exec", BPF_TRACE_RAW_TP) > 0;
}

int selection_choose(struct selection *selection, const struct probe_config *config, struct diag *d)
{
	*selection = (struct selection){
		.find_vma = libbpf_probe_bpf_helper(
				    BPF_PROG_TYPE_TRACEPOINT, BPF_FUNC_find_vma, NULL) == 1,
		.mappings = true,
		.late = true,
		.coverage = config->coverage,
		.wanted_open = config->opens ? config->open_variant : PROBE_OPEN_NONE,
		.failed_opens = config->failed_opens,
	};
	if (!kernel_prepares_execs())
		late_give_up(selection, "the kernel has no tracepoint for them (Linux 6.10 has)");
	return open_variant_choose(selection, d);
}

static void use(struct bpf_program *program, bool wanted)
{
	bpf_program__set_autoload(program, wanted);
}

void selection_apply(const struct selection *selection, struct barewatch_bpf *object)
{
	bool found = selection->mappings && selection->find_vma;
	bool in_tree = selection->mappings && !selection->find_vma;
	bool full = selection->coverage == PROBE_COVERAGE_FULL;

	use(object->progs.bw_late_exit, selection->late);
	use(object->progs.bw_late_success, selection->late);
	use(object->progs.bw_late_prepare, selection->late);
	use(object->progs.bw_attempt_execve, !full);
	use(object->progs.bw_attempt_execveat, !full);
	use(object->progs.bw_attempt_any, full);
	use(object->progs.bw_mapping_mmap, found && !full);
	use(object->progs.bw_mapping_mprotect, found && !full);
	use(object->progs.bw_mapping_pkey, found && !full);
	use(object->progs.bw_mapping_mmap_in_tree, in_tree && !full);
	use(object->progs.bw_mapping_mprotect_in_tree, in_tree && !full);
	use(object->progs.bw_mapping_pkey_in_tree, in_tree && !full);
	use(object->progs.bw_mapping_any_mmap, found && full);
	use(object->progs.bw_mapping_any_mprotect, found && full);
	use(object->progs.bw_mapping_any_mmap_in_tree, in_tree && full);
	use(object->progs.bw_mapping_any_mprotect_in_tree, in_tree && full);
	open_variant_apply(selection, object);
}

static bool has_prefix(const struct bpf_program *program, const char *prefix)
{
	return strncmp(bpf_program__name(program), prefix, strlen(prefix)) == 0;
}

static bool is_late(const struct bpf_program *program)
{
	return has_prefix(program, "bw_late_");
}

bool selection_is_of_opens(const struct bpf_program *program)
{
	return has_prefix(program, "bw_open_");
}

bool selection_is_optional(const struct bpf_program *program)
{
	return has_prefix(program, "bw_mapping_") || selection_is_of_opens(program) ||
	       is_late(program);
}

bool selection_give_up_optional(struct selection *selection, int error)
{
	struct diag d;

	diag_at(&d, NULL, 0, 0, "the kernel refused to load its program: %s", strerror(-error));
	if (open_variant_give_up(selection, &d))
		return true;
	if (selection->mappings)
		mappings_give_up(selection, strerror(-error));
	else if (selection->late)
		late_give_up(selection, strerror(-error));
	else
		return false;
	return true;
}

bool selection_do_without(
	struct selection *selection, const struct bpf_program *program, struct diag *d)
{
	const char *section = bpf_program__section_name(program);

	if (is_late(program)) {
		late_give_up(selection, d->message);
		return true;
	}
	if (selection_is_of_opens(program))
		return open_variant_do_without(selection, program, d);
	/* not every kernel has pkey_mprotect, and then nobody can call it */
	if (!strstr(section, "pkey_mprotect"))
		mappings_give_up(selection, d->message);
	return true;
}

void selection_say_unseen(struct selection *selection)
{
	open_variant_say_unseen(selection);
}

const char *selection_unseen(
	const struct selection *selection, enum probe_sensor sensor, size_t index)
{
	for (size_t i = 0; i < selection->unseen_count; i++)
		if (selection->unseen_of[i] == sensor && index-- == 0)
			return selection->unseen[i];
	return NULL;
}
