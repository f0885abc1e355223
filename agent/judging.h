/* SPDX-License-Identifier: Apache-2.0 */
/* What judging events of all kinds has in common: inside of the judge, which is judge.h to others. */
#pragma once

#include "judge.h"

/* What was said of a subject. */
struct verdict {
	const struct rule *rule; /* NULL: nothing */
	char alert_id[ALERT_ID_SIZE];
	uint64_t record_id; /* 0 when it was not recorded */
};

/* The container of EVENT, a subject of KIND. NULL when it is none that is to be judged. */
struct container *judging_container(
	struct judge *judge, const struct event *event, enum subject_kind kind);

/* True when PROCESS, in CONTAINER, does not see its files, but those of whoever started it. */
bool judging_sees_outside(const struct judge *judge, const struct container *container,
	const struct bw_process *process);

/*
 * Fills in all of SUBJECT that is not in its event, records it, and sends the alert of the first rule that
 * matches: it speaks for all, as in Falco.
 */
struct verdict judging_subject(
	struct judge *judge, struct subject *subject, struct container *container);
