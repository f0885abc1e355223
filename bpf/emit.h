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

/* The longest single text, and the byte behind it. */
#define TEXT_MAX (BW_PATH_MAX + BW_NAME_MAX)

/*
 * The texts of a record. `used` lives in memory and is read anew for each text:
 * kept in a register, its range makes the verifier follow every length.
 */
struct tail {
	char text[BW_TAIL_SIZE + TEXT_MAX];
	__u32 used;
};

static __always_inline char *tail_end(struct tail *tail)
{
	return &tail->text[tail->used & TAIL_MASK];
}

/*
 * Whether the string at SOURCE goes on behind what was read of it: LEN bytes with
 * the NUL, of at most LIMIT. A string that just fits looks the same.
 */
static __always_inline bool kernel_string_cut(const void *source, long len, __u32 limit)
{
	char next = 0;

	return len == limit && bpf_probe_read_kernel(&next, 1, source + limit - 1) == 0 && next;
}

static __always_inline bool user_string_cut(const void *source, long len, __u32 limit)
{
	char next = 0;

	return len == limit && bpf_probe_read_user(&next, 1, source + limit - 1) == 0 && next;
}

/* Enters a string of LEN bytes with its NUL, which is not kept, as read to the tail's end. */
static __always_inline void tail_take_string(
	struct tail *tail, struct bw_text *text, long len, bool cut)
{
	text->len = 0;
	text->flags = len > 0 ? 0 : BW_TEXT_UNREADABLE;
	if (len <= 0)
		return;
	if (cut)
		text->flags = BW_TEXT_TRUNCATED;
	text->len = len - 1;
	tail->used += len - 1;
}

/* Appends the kernel's string at SOURCE, of which BW_PATH_MAX bytes are kept. */
static __always_inline void tail_put_kernel_string(
	struct tail *tail, struct bw_text *text, const void *source)
{
	const __u32 limit = BW_PATH_MAX + 1;
	long len = bpf_probe_read_kernel_str(tail_end(tail), limit, source);

	tail_take_string(tail, text, len, kernel_string_cut(source, len, limit));
}

/* Same for a string of the running process. */
static __always_inline void tail_put_user_string(
	struct tail *tail, struct bw_text *text, const void *source)
{
	const __u32 limit = BW_PATH_MAX + 1;
	long len = bpf_probe_read_user_str(tail_end(tail), limit, source);

	tail_take_string(tail, text, len, user_string_cut(source, len, limit));
}

static __always_inline void failure_count(enum bw_failure failure)
{
	__u32 index = failure;
	__u64 *count = bpf_map_lookup_elem(&bw_failures, &index);

	if (count)
		(*count)++;
}

/* Entry SLOT of SCRATCH, which is per CPU. NULL cannot happen, and is counted. */
static __always_inline void *scratch_get(void *scratch, __u32 slot)
{
	void *s = bpf_map_lookup_elem(scratch, &slot);

	if (!s)
		failure_count(BW_FAILURE_SCRATCH);
	return s;
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

/* Counts an event of KIND that is not sent, since one like it was. */
static __always_inline void event_hold(enum bw_event_kind kind)
{
	__u32 index = kind;
	struct bw_counters *counters = bpf_map_lookup_elem(&bw_counts, &index);

	if (!counters)
		return;
	counters->seen++;
	counters->held++;
}

static __always_inline __u32 ring_number(const void *ring)
{
	if (ring == &bw_attempts)
		return BW_RING_ATTEMPTS;
	if (ring == &bw_opens)
		return BW_RING_OPENS;
	return ring == &bw_mappings ? BW_RING_MAPPINGS : BW_RING_EVENTS;
}

/*
 * Sends RECORD, of SIZE bytes, to RING. Counts what became of it; false when it was lost. Only what
 * is sent takes a sequence number, so a number that does not arrive was read by somebody else.
 */
static __always_inline bool emit(void *ring, struct bw_event *record, __u64 size, __u64 wakeup)
{
	__u32 kind = record->kind;
	__u32 which = ring_number(ring);
	struct bw_counters *counters = bpf_map_lookup_elem(&bw_counts, &kind);
	__u64 *sequence = bpf_map_lookup_elem(&bw_sequences, &which);

	if (!counters || !sequence)
		return false;
	record->size = size;
	record->sequence = *sequence + 1;
	record->cpu = bpf_get_smp_processor_id();
	record->unused = 0;
	counters->seen++;
	if (bpf_ringbuf_output(ring, record, size, wakeup) == 0) {
		counters->sent++;
		(*sequence)++;
		return true;
	}
	counters->lost++;
	return false;
}

/* Same for a fixed part of FIXED bytes and the texts behind it, at most CAPACITY together. */
static __always_inline bool emit_with_texts(void *ring, struct bw_event *record, __u32 fixed,
	struct tail *tail, __u64 capacity, __u64 wakeup)
{
	__u64 size = fixed + tail->used;

	barrier_var(size); /* or the compiler checks one copy and passes another */
	if (size > capacity)
		size = capacity;
	barrier_var(size);
	return emit(ring, record, size, wakeup);
}

/*
 * How to wake the reader, who comes by itself every few ms: only when a quarter
 * of the ring waits.
 */
static __always_inline __u64 emit_wakeup(void *ring)
{
	__u64 waiting = bpf_ringbuf_query(ring, BPF_RB_AVAIL_DATA);

	return waiting >= bpf_ringbuf_query(ring, BPF_RB_RING_SIZE) / 4 ? BPF_RB_FORCE_WAKEUP
									: BPF_RB_NO_WAKEUP;
}

/*
 * Same for a record, of TIME_NS, that should be read soon: wakes the reader, but not twice within
 * INTERVAL_NS, of which WOKEN_NS keeps account. Not left to the ring, which wakes nobody while an
 * older record waits.
 */
static __always_inline __u64 emit_wakeup_soon(
	void *ring, __u64 *woken_ns, __u64 time_ns, __u64 interval_ns)
{
	if (time_ns - *woken_ns < interval_ns)
		return emit_wakeup(ring);
	*woken_ns = time_ns;
	return BPF_RB_FORCE_WAKEUP;
}
