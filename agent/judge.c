/* SPDX-License-Identifier: Apache-2.0 */
/* Whose an event is and what is said of it, see judge.h. */
#include "judge.h"

#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/proc.h"
#include "judging.h"

uint32_t judge_host_mnt_ns(void)
{
	return process_mnt_ns(1) ?: process_mnt_ns(getpid());
}

/* True when PROCESS sees the files of the container around CONTAINER, whose engine runs there. */
static bool sees_outer(const struct container *container, const struct bw_process *process)
{
	return container->outer_mnt_ns && process->mnt_ns == container->outer_mnt_ns;
}

bool judging_sees_outside(
	const struct judge *j, const struct container *container, const struct bw_process *process)
{
	return process->mnt_ns == j->host_mnt_ns || sees_outer(container, process);
}

static enum container_entry find_entry(
	struct judge *j, struct container *container, const struct event *event)
{
	const struct bw_process *process = event->process;
	const struct event_text *args = &event->exec.args, *invoked = &event->exec.invoked;
	struct entry_clues clues = {
		.parent_is_inside = (process->flags & BW_PROCESS_MOVED &&
					    event->container == container->cgroup) ||
				    process->parent_cgroup == event->cgroup ||
				    tracker_is_inside(
					    j->tracker, process->parent_cgroup, container),
		.mounts_are_outside = judging_sees_outside(j, container, process) ||
				      calls_is_runtimes(&j->tracker->calls, event),
		.ns_tgid = process->ns_tgid,
	};

	if (!args->truncated && !args->unreadable)
		clues.argv = args->bytes;
	if (event->exec.record->file.flags & BW_FILE_SCRIPT)
		clues.script = invoked->bytes;
	return container_enter(container, &clues);
}

/* Same, of a start that has failed. */
static enum container_entry find_entry_asked(
	const struct container *container, const struct runtime_start *start)
{
	if (container->is_ephemeral)
		return CONTAINER_ENTRY_EPHEMERAL;
	if (start->verb == RUNTIME_CREATE)
		return CONTAINER_ENTRY_ENTRYPOINT;
	if (!start->args_cut && container_has_check(container, strbuf_slice(&start->args)))
		return CONTAINER_ENTRY_PROBE;
	return CONTAINER_ENTRY_RUNTIME_EXEC;
}

bool judge_has_enough(const struct judge *judge)
{
	uint64_t max = judge->config->alerts_max;

	return max && judge->outlet->alerts >= max;
}

static struct program classify(const struct judge *j, const struct subject *subject)
{
	const struct executable *executable = subject->executable;

	return program_classify(j->config->catalog, subject->event,
		executable && executable->has_identity ? &executable->identity : NULL);
}

/* All of SUBJECT that is not in its event. */
static void describe(const struct judge *j, struct subject *subject, struct container *container)
{
	subject->container = container;
	subject->wall_ns = subject->event->time_ns + j->wall_offset_ns;
	subject->hostname = j->outlet->hostname;
	subject->lineage = ancestry_find(j->ancestry, subject->event);
	if (subject->kind != SUBJECT_EXEC)
		subject->process = ancestry_process(j->ancestry, subject->event);
	if (subject->kind != SUBJECT_OPEN) /* it is about no program */
		subject->program = classify(j, subject);
}

/* The first rule that matches SUBJECT, which is described, speaks for all, as in Falco. */
static void match(struct judge *j, const struct subject *subject, struct container *container,
	struct verdict *verdict)
{
	size_t cursor = 0;

	verdict->rule = rule_set_match(j->config->rules, subject, &cursor);
	if (!verdict->rule)
		return;
	container->alerts++;
	outlet_alert(j->outlet, verdict->rule, subject, subject->wall_ns, verdict->alert_id);
}

struct verdict judging_subject(
	struct judge *j, struct subject *subject, struct container *container)
{
	struct verdict verdict = {0};

	describe(j, subject, container);
	if (recording_is_on(j->recording))
		verdict.record_id = recording_event(j->recording, subject, subject->wall_ns);
	match(j, subject, container, &verdict);
	return verdict;
}

/* Whether a rule can be true of subjects of KIND in CONTAINER. */
static bool is_judged(const struct judge *j, const struct container *container, unsigned kind)
{
	return container->bare != BARE_NO ||
	       (j->tracker->watches_all &&
		       rule_set_subjects_not_bare(j->config->rules) & 1u << kind);
}

struct container *judging_container(
	struct judge *j, const struct event *event, enum subject_kind kind)
{
	struct container *container = tracker_find(j->tracker, event);

	if (container && container->is_incomplete)
		tracker_look(j->tracker, container, clock_boot_ns());
	return container && is_judged(j, container, kind) && !judge_has_enough(j) ? container
										  : NULL;
}

/* ---- containers ---- */

void judge_cgroup_made(struct judge *judge, const struct event *event)
{
	struct container *container;

	tracker_cgroup_made(judge->tracker, event);
	if (container_registry_find(judge->tracker->registry, event->cgroup, &container) &&
		container && container->cgroup == event->cgroup &&
		tracker_watches(judge->tracker, container))
		identity_container_made(judge->identity, container,
			tracker_runtime(judge->tracker, container), event->time_ns);
}

void judge_cgroup_removed(struct judge *judge, const struct event *event)
{
	tracker_cgroup_removed(judge->tracker, event);
	identity_container_gone(judge->identity, event->cgroup);
}

/* ---- programs that started ---- */

/*
 * What is known of the file of SUBJECT, in CONTAINER; and what waits for it. A runtime on its way
 * in runs a program that is not the container's, and runs another before anyone can look.
 */
static const struct executable *ask(struct judge *j, const struct subject *subject,
	struct container *container, struct identity_late **ret_late)
{
	struct identity_question question = {
		.container = container,
		.event = subject->event,
		.entry = subject->entry,
		.mounts_are_outside = judging_sees_outside(j, container, subject->event->process),
		.wall_offset_ns = j->wall_offset_ns,
	};

	*ret_late = NULL;
	if (calls_is_runtimes(&j->tracker->calls, subject->event) ||
		sees_outer(container, subject->event->process)) /* its calls are not followed */
		return NULL;
	return identity_ask(j->identity, &question, ret_late);
}

/*
 * The file is the image's, and nothing was said of it: the kernel side need not hear of it again. It
 * is a matter of cost only, so a failure is none.
 */
static void know(struct judge *j, const struct subject *subject, const struct rule *rule)
{
	if (!rule && subject->executable &&
		identity_is_harmless(subject->executable, subject->program.class))
		(void)probe_known_add(
			j->tracker->probe, subject->event->container, event_file(subject->event));
}

/* An exec or a mapping: what it is depends on its file. */
static void judge_file(struct judge *j, struct subject *subject, struct container *container)
{
	struct identity_late *late;
	struct verdict verdict;

	subject->executable = ask(j, subject, container, &late);
	verdict = judging_subject(j, subject, container);
	know(j, subject, verdict.rule);
	if (!late)
		return;
	late->rule = rule_keep(verdict.rule);
	late->record_id = verdict.record_id;
	memcpy(late->alert_id, verdict.alert_id, sizeof(verdict.alert_id));
}

/* What CONTAINER uses, for who asks. */
static void remember_exec(
	struct judge *j, const struct container *container, const struct subject *subject)
{
	profile_executed(j->profile, container->cgroup, subject->event,
		subject->executable ? subject->executable->origin : PROGRAM_ORIGIN_UNKNOWN);
}

void judge_exec(struct judge *judge, const struct event *event)
{
	struct subject subject = {.kind = SUBJECT_EXEC, .event = event};
	struct container *container = judging_container(judge, event, SUBJECT_EXEC);
	bool had_started;

	ancestry_exec(judge->ancestry, event);
	if (!container)
		return;
	container->execs++;
	had_started = container->has_started;
	subject.entry = find_entry(judge, container, event);
	if (!had_started && container->has_started)
		tracker_keep(judge->tracker, container);
	if (subject.entry != CONTAINER_ENTRY_CHILD)
		starts_succeeded(judge->starts, event, container);
	judge_file(judge, &subject, container);
	remember_exec(judge, container, &subject);
	attempts_started(judge->attempts, event, subject.program.class != PROGRAM_OTHER);
}

/* A process that does not see the container's files is a runtime's, about to enter it. */
void judge_mapping(struct judge *judge, const struct event *event)
{
	struct subject subject = {.kind = SUBJECT_MAPPING, .event = event};
	struct container *container = judging_container(judge, event, subject.kind);

	if (container && !judging_sees_outside(judge, container, event->process))
		judge_file(judge, &subject, container);
}

/* SUBJECT with what is known of its file by now: an alert that has left is completed, else it is judged anew. */
static void judge_again(struct judge *j, const struct identity_late *late, struct subject *subject,
	struct container *container)
{
	struct verdict verdict = {0};
	uint64_t now_ns = clock_wall_ns();

	describe(j, subject, container);
	profile_learned(j->profile, container->cgroup, subject->event, subject->executable->origin);
	if (recording_is_on(j->recording))
		verdict.record_id = recording_program(
			j->recording, subject, late->record_id, subject->wall_ns, now_ns);
	if (late->rule) {
		subject->kind = SUBJECT_PROGRAM;
		outlet_complete(j->outlet, late->alert_id, late->rule, subject, now_ns);
		return;
	}
	match(j, subject, container, &verdict);
	know(j, subject, verdict.rule);
}

static void judge_one_late(struct judge *j, const struct identity_late *late)
{
	static struct event event; /* large, as the others */
	struct subject subject = {
		.event = &event,
		.entry = late->entry,
		.executable = &late->executable,
	};
	struct container *container;

	if (event_decode(late->record, late->record_size, &event) < 0)
		return;
	subject.kind = event.kind == BW_EVENT_MAPPING ? SUBJECT_MAPPING : SUBJECT_EXEC;
	container = judging_container(j, &event, subject.kind);
	if (container)
		judge_again(j, late, &subject, container);
}

void judge_late(struct judge *judge)
{
	struct identity_late *late;

	while ((late = identity_next_late(judge->identity))) {
		judge_one_late(judge, late);
		identity_late_free(late);
	}
}

/* ---- programs that did not ---- */

void judge_failed_exec(struct judge *judge, const struct event *event)
{
	struct container *container = judging_container(judge, event, SUBJECT_ATTEMPT);

	if (!container)
		return;
	container->attempts++;
	attempts_add(judge->attempts, event, program_is_suspect(judge->config->catalog, event));
}

void judge_attempt(const struct event *event, void *userdata)
{
	struct judge *judge = userdata;
	struct subject subject = {.kind = SUBJECT_ATTEMPT, .event = event};
	struct container *container = judging_container(judge, event, subject.kind);
	struct verdict verdict;

	if (!container)
		return;
	verdict = judging_subject(judge, &subject, container);
	if (verdict.rule || verdict.record_id)
		attempts_reported(
			judge->attempts, event, verdict.rule, verdict.alert_id, verdict.record_id);
}

void judge_held(const struct bw_attempt_kind *kind, uint64_t count, void *userdata)
{
	struct judge *judge = userdata;
	const struct attempts_report *report = attempts_find_report(judge->attempts, kind);
	struct subject subject = {.kind = SUBJECT_REPEATS, .repeats = count};
	struct container *container;
	uint64_t now_ns;

	if (!container_registry_find(judge->tracker->registry, kind->container, &container) ||
		!container || !is_judged(judge, container, SUBJECT_ATTEMPT))
		return;
	container->attempts += count;
	subject.container = container;
	if (kind->hash == 0) {
		outlet_held(judge->outlet, container, count);
		return;
	}
	if (!report)
		return;
	now_ns = clock_wall_ns();
	recording_repeats(judge->recording, &subject, report->record, now_ns);
	if (report->rule)
		outlet_complete(judge->outlet, report->id, report->rule, &subject, now_ns);
}

/*
 * The kernel side says it once of each process, and when it does not know yet at which cgroup the
 * container begins: what stays inside is nothing to speak of.
 */
void judge_move(struct judge *judge, struct event *event)
{
	CLEANUP_STRBUF struct strbuf path = STRBUF_INIT;
	struct subject subject = {.kind = SUBJECT_MOVE, .event = event};
	struct container *container = judging_container(judge, event, subject.kind);

	if (!container || tracker_is_inside(judge->tracker, event->cgroup, container))
		return;
	if (event->move.to.bytes.len == 0) {
		event->move.to.unreadable = cgroup_path_by_key(&judge->tracker->hierarchies,
						    event->cgroup, &path) < 0;
		event->move.to.bytes = strbuf_slice(&path);
	}
	(void)judging_subject(judge, &subject, container);
}

void judge_failed_start(struct judge *judge, const struct event *event)
{
	static struct event attempt; /* large, as the others */
	struct bw_attempt record;
	struct subject subject = {.kind = SUBJECT_ATTEMPT, .event = &attempt};
	struct container *container = judging_container(judge, event, subject.kind);
	const struct runtime_start *start;

	if (!container ||
		tracker_is_inside(judge->tracker, event->process->parent_cgroup, container))
		return;
	start = starts_failed(judge->starts, event, container);
	if (start && start->error == 0) /* the program is there: something else failed */
		return;
	if (!start || start->args.len == 0) {
		judge->unexplained++;
		return;
	}
	starts_attempt(start, event, &record, &attempt);
	container->attempts++;
	subject.entry = find_entry_asked(container, start);
	(void)judging_subject(judge, &subject, container);
}
