/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* Which opens are sent: the first of each kind and what the agent wants, while their container has room. */
#pragma once

#include <linux/errno.h>

#include "cgroup.h"
#include "emit.h"

/* ---- room in the ring ---- */

/* The entry that counts what the container of PLACE sends. */
static __always_inline struct bw_scope *open_account(const struct scope_place *place)
{
	struct bw_scope *own = scope_lookup(place->scope->container);

	return own ? own : place->scope;
}

/*
 * Whether ACCOUNT may send another record: always while half of the ring is free, and within its
 * share then. So one container alone has half of the ring, and nobody takes from others their shares.
 */
static __always_inline bool open_has_room(struct bw_scope *account)
{
	if (account->open_round != bw_open_round) {
		account->open_round = bw_open_round;
		account->open_bytes = 0;
		account->open_woken = 0;
	}
	return account->open_bytes < bw_open_share ||
	       bpf_ringbuf_query(&bw_opens, BPF_RB_AVAIL_DATA) <
		       bpf_ringbuf_query(&bw_opens, BPF_RB_RING_SIZE) / 2;
}

/* The reader comes by itself: it is only woken when half of a share is used. */
static __always_inline __u64 open_wakeup(struct bw_scope *account, __u32 bytes)
{
	__sync_fetch_and_add(&account->open_bytes, bytes);
	if (account->open_woken || account->open_bytes < bw_open_share / 2)
		return BPF_RB_NO_WAKEUP;
	account->open_woken = 1;
	return BPF_RB_FORCE_WAKEUP;
}

/* An open that was to be sent found no room. */
static __always_inline void open_lose(struct bw_scope *account)
{
	__sync_fetch_and_add(&account->opens_lost, 1);
}

static __always_inline void open_lose_unsent(struct bw_scope *account)
{
	__u32 index = BW_EVENT_OPEN;
	struct bw_counters *counters = bpf_map_lookup_elem(&bw_counts, &index);

	open_lose(account);
	if (!counters)
		return;
	counters->seen++;
	counters->lost++;
}

/* ---- repeats ---- */

/* Counts an open by TASK of a kind that was met before. True when it is to be sent all the same. */
static __always_inline bool open_count(
	struct bw_open_seen *seen, struct task_struct *task, __u64 now_ns)
{
	__u64 start_ns;
	__u32 tgid;

	__sync_fetch_and_add(&seen->count, 1);
	seen->last_ns = now_ns;
	if (seen->state != BW_OPEN_UNDECIDED)
		return seen->state == BW_OPEN_HOT;
	tgid = BPF_CORE_READ(task, tgid);
	start_ns = BPF_CORE_READ(task, group_leader, start_boottime);
	if (seen->tgid == tgid && seen->process == start_ns)
		return false;
	seen->process = start_ns;
	seen->tgid = tgid;
	return true;
}

/* Enters KIND, which was not there. -EEXIST when another CPU has just done so. */
static __always_inline int open_enter(
	const struct bw_open_kind *kind, struct task_struct *task, __u64 now_ns)
{
	struct bw_open_seen seen = {
		.count = 1,
		.first_ns = now_ns,
		.last_ns = now_ns,
		.process = BPF_CORE_READ(task, group_leader, start_boottime),
		.tgid = BPF_CORE_READ(task, tgid),
		.state = BW_OPEN_UNDECIDED,
	};
	int r = bpf_map_update_elem(
		&bw_opens_seen, kind, &seen, BPF_NOEXIST); /* as task_forget() */

	if (r == 0)
		__sync_fetch_and_add(&bw_open_kinds_entered, 1);
	return r;
}

/* What was to be sent of KIND was not: the next one may find room. */
static __always_inline void open_forget(const struct bw_open_kind *kind, bool again)
{
	struct bw_open_seen *seen;
	int r;

	if (again) { /* what was counted stays */
		seen = bpf_map_lookup_elem(&bw_opens_seen, kind);
		if (seen)
			seen->tgid = 0;
		return;
	}
	/* before it is gone: else the agent could take it for one that was pushed out */
	__sync_fetch_and_add(&bw_open_kinds_removed, 1);
	r = bpf_map_delete_elem(&bw_opens_seen, kind);
	if (r < 0)
		__sync_fetch_and_add(&bw_open_kinds_removed, -1);
}

/*
 * Counts the open of KIND. The account of whom it is sent for, or NULL when it is not; *AGAIN: one of its
 * kind was before. Not entered when there is no room to send it: so a flood does not push out
 * what is kept of others.
 */
static __always_inline struct bw_scope *open_meet(const struct bw_open_kind *kind,
	struct task_struct *task, const struct scope_place *place, bool *again)
{
	__u64 now_ns = bpf_ktime_get_boot_ns();
	struct bw_open_seen *seen = bpf_map_lookup_elem(&bw_opens_seen, kind);
	struct bw_scope *account;
	bool has_room;

	if (seen && !open_count(seen, task, now_ns)) {
		event_hold(BW_EVENT_OPEN);
		return NULL;
	}
	account = open_account(place);
	has_room = open_has_room(account);
	if (!seen && has_room && open_enter(kind, task, now_ns) == -EEXIST) {
		seen = bpf_map_lookup_elem(&bw_opens_seen, kind);
		if (seen && !open_count(seen, task, now_ns)) {
			event_hold(BW_EVENT_OPEN);
			return NULL;
		}
	}
	*again = seen;
	if (has_room)
		return account;
	open_lose_unsent(account);
	if (seen)
		seen->tgid = 0;
	return NULL;
}
