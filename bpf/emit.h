/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * Building a record and sending it. A record is put together in scratch memory
 * of its program (per CPU; programs do not share it, so one that is interrupted
 * by another loses nothing), then copied to the ring at its true length.
 */
#pragma once

#include "maps.h"

#define TAIL_MASK (BW_TAIL_SIZE - 1)
_Static_assert((BW_TAIL_SIZE & TAIL_MASK) == 0, "the mask bounds the offset for the verifier");

/*
 * The texts of a record. `used` lives in memory and is read anew for each text:
 * kept in a register, its range makes the verifier follow every length.
 */
struct tail {
	char text[BW_TAIL_SIZE + BW_PATH_MAX];
	__u32 used;
};

static __always_inline char *tail_end(struct tail *tail)
{
	return &tail->text[tail->used & TAIL_MASK];
}

/* Appends the kernel's string at SOURCE, without its NUL. */
static __always_inline void tail_put_kernel_string(
	struct tail *tail, struct bw_text *text, const void *source, __u32 limit)
{
	long len = bpf_probe_read_kernel_str(tail_end(tail), limit, source);

	text->len = 0;
	text->flags = len > 0 ? 0 : BW_TEXT_UNREADABLE;
	if (len <= 0)
		return;
	text->len = len - 1;
	tail->used += len - 1;
}

static __always_inline void failure_count(enum bw_failure failure)
{
	__u32 index = failure;
	__u64 *count = bpf_map_lookup_elem(&bw_failures, &index);

	if (count)
		(*count)++;
}

static __always_inline void event_begin(
	struct bw_event *event, enum bw_event_kind kind, __u64 cgroup, __u64 container)
{
	event->kind = kind;
	event->version = BW_ABI_VERSION;
	event->time_ns = bpf_ktime_get_boot_ns();
	event->cgroup = cgroup;
	event->container = container;
}

/* Wakes the reader only when enough is waiting; it comes by itself every few ms. */
static __always_inline __u64 emit_wakeup(void)
{
	__u64 waiting = bpf_ringbuf_query(&bw_events, BPF_RB_AVAIL_DATA);

	return waiting >= bw_wakeup_bytes ? BPF_RB_FORCE_WAKEUP : BPF_RB_NO_WAKEUP;
}

/*
 * Sends RECORD: its fixed part of FIXED bytes and the texts behind it. Counts
 * what became of it.
 */
static __always_inline void emit(
	struct bw_event *record, __u32 fixed, struct tail *tail, __u64 capacity, __u64 wakeup)
{
	__u32 kind = record->kind;
	struct bw_counters *counters = bpf_map_lookup_elem(&bw_counts, &kind);
	__u64 size = fixed + tail->used;

	barrier_var(size); /* or the compiler checks one copy and passes another */
	if (size > capacity)
		size = capacity;
	barrier_var(size);
	record->size = size;
	if (!counters)
		return;
	counters->seen++;
	if (bpf_ringbuf_output(&bw_events, record, size, wakeup) == 0)
		counters->sent++;
	else
		counters->lost++;
}
