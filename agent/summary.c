/* SPDX-License-Identifier: Apache-2.0 */
/* What the agent says at its end, see summary.h. */
#include "summary.h"

#include <inttypes.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/proc.h"
#include "losses.h"

/* A name may be misspelt, or not known because its engine's files were not found. */
static void print_unmatched(const struct summary *s)
{
	const char *value;
	size_t cursor = 0;

	while ((value = policy_unmatched_option(s->policy, &cursor)))
		log_warning("no container was called '%s' (--bare)", value);
}

/* What may have gone unseen for other reasons than full rings. */
static void print_doubts(const struct summary *s)
{
	struct identity_counts identity = identity_counts(s->judge->identity);

	log_debug("files looked at: %" PRIu64 ", %" PRIu64 " of them late", identity.looks,
		identity.late);
	if (s->counts->failures[BW_FAILURE_SCRATCH] || s->broken)
		log_warning("%" PRIu64 " events could not be recorded, %" PRIu64
			    " records were not well-formed",
			(uint64_t)s->counts->failures[BW_FAILURE_SCRATCH], s->broken);
	if (s->counts->failures[BW_FAILURE_MAPPING])
		log_warning("of %" PRIu64 " executable mappings the file could not be told",
			(uint64_t)s->counts->failures[BW_FAILURE_MAPPING]);
	if (s->counts->failures[BW_FAILURE_OPEN])
		log_warning("of %" PRIu64
			    " opened files it could not be told which they were: they "
			    "were closed again too soon",
			(uint64_t)s->counts->failures[BW_FAILURE_OPEN]);
	if (s->counts->open_kinds_evicted)
		log_info("repeats of %" PRIu64
			 " kinds of opened files were told again: there is room "
			 "for %d",
			s->counts->open_kinds_evicted, PROBE_OPENS_DEFAULT);
	if (s->counts->failures[BW_FAILURE_PREPARED_FULL])
		log_warning("%" PRIu64 " execs were not remembered: if they failed late, they "
			    "have no name, or were not seen",
			(uint64_t)s->counts->failures[BW_FAILURE_PREPARED_FULL]);
	if (s->counts->failures[BW_FAILURE_TASKS_FULL])
		log_warning("%" PRIu64 " processes could not be bound to their containers: more "
			    "than %d ran in one, or more than %d in all",
			(uint64_t)s->counts->failures[BW_FAILURE_TASKS_FULL],
			PROBE_TASKS_DEFAULT / PROBE_TASKS_SHARES, PROBE_TASKS_DEFAULT);
	if (s->counts->failures[BW_FAILURE_SCOPE_FULL] || s->tracker->failures)
		log_warning("maps of the kernel side could not be written: %" PRIu64
			    " times by itself, %" PRIu64 " times by the agent",
			(uint64_t)s->counts->failures[BW_FAILURE_SCOPE_FULL], s->tracker->failures);
	if (s->tracker->unattributed)
		log_warning("of %" PRIu64 " events the container could not be told",
			s->tracker->unattributed);
	if (s->judge->unexplained)
		log_warning("of %" PRIu64 " starts that failed it is not known what was asked for",
			s->judge->unexplained);
	if (identity.given_up)
		log_warning(
			"%" PRIu64 " programs were judged by their names alone", identity.given_up);
	if (s->outlet->undelivered)
		log_warning("%" PRIu64 " alerts could not be written", s->outlet->undelivered);
}

void summary_print(const struct summary *s)
{
	static const struct probe_counts none;
	CLEANUP_STRBUF struct strbuf text = STRBUF_INIT;
	uint64_t lost = losses_describe(s->counts, &none, &text);

	log_info("watched for %.1f s: containers %" PRIu64 " (%" PRIu64 " bare), execs %" PRIu64
		 ", failed execs %" PRIu64 ", opens %" PRIu64 ", alerts %" PRIu64 ", %" PRIu64
		 " events lost%s%s%s, memory %.1f MiB",
		(clock_boot_ns() - s->started_ns) / (double)NS_PER_S, s->tracker->enrolled,
		s->tracker->bare, (uint64_t)s->counts->events[BW_EVENT_EXEC].seen,
		(uint64_t)s->counts->events[BW_EVENT_ATTEMPT].seen,
		(uint64_t)s->counts->events[BW_EVENT_OPEN].seen, s->outlet->alerts, lost,
		lost ? " (" : "", strbuf_text(&text), lost ? ")" : "",
		process_resident_bytes() / 1048576.0);
	log_debug("containers still known: %zu", container_registry_count(s->tracker->registry));
	print_doubts(s);
	print_unmatched(s);
}
