/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The probe module: the kernel side loaded, attached and read. The only home of
 * libbpf.
 */
#pragma once

#include <linux/types.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "barewatch/container.h"
#include "barewatch/event.h"
#include "base/diag.h"
#include "base/strbuf.h"

/*
 * About 7,000 execs. Rings are mapped twice, so the resident memory of the agent
 * is twice this, and twice an eighth of it for each of the others.
 */
#define PROBE_RING_BYTES_DEFAULT (4u << 20)
#define PROBE_ATTEMPTS_FRACTION  8
#define PROBE_MAPPINGS_FRACTION  8
#define PROBE_OPENS_FRACTION     1
#define PROBE_SCOPES_DEFAULT     16384 /* cgroups of the node, not containers: 1.3 MiB */
#define PROBE_TASKS_DEFAULT      8192 /* processes in watched containers: 2 MiB */
#define PROBE_OPENS_DEFAULT      32768 /* kinds of opens that repeats are told by: 5 MiB */
#define PROBE_OPENS_SHARES       8 /* one container's part of their ring, when others need room */
#define PROBE_TASKS_SHARES       4 /* one container has at most this part of them */

/*
 * The reader comes by itself this often. Shorter than anyone waits for an alert,
 * long enough that an idle agent uses no CPU worth measuring.
 */
#define PROBE_POLL_MS 25

struct probe;

/* ---- what outlives the agent ---- */

#define PROBE_PINS_DEFAULT_DIR "/sys/fs/bpf/barewatch"

/* A directory below bpffs that keeps the kernel side running while there is no agent. Locked. */
struct probe_pins;

/*
 * Opens DIR, MAKEs it unless it is there, and locks it. -ENODEV when no bpf file system is
 * there, -EBUSY when another agent has it, -EPERM when others than root can write it, or
 * another error; D is filled in.
 */
int probe_pins_open(const char *dir, bool make, struct probe_pins **ret, struct diag *d);

/* Unlocks it. What is pinned stays. */
void probe_pins_free(struct probe_pins *pins);

const char *probe_pins_dir(const struct probe_pins *pins);

struct probe_pins_removed {
	size_t links, programs, maps;
};

/* Removes all that is pinned, and the directory. What nobody else holds ends with that. */
int probe_pins_remove(struct probe_pins *pins, struct probe_pins_removed *ret);

/* ---- the kernel side ---- */

enum probe_ring {
	PROBE_RING_EVENTS = BW_RING_EVENTS,
	PROBE_RING_ATTEMPTS = BW_RING_ATTEMPTS,
	PROBE_RING_MAPPINGS = BW_RING_MAPPINGS,
	PROBE_RING_OPENS = BW_RING_OPENS,
	PROBE_RINGS = BW_RINGS,
};

/* Called for each record, which is aligned to 8 and valid during the call. */
typedef void probe_record_fn(const void *record, size_t size, void *userdata);

/* Which system calls are seen where the kernel has a choice. */
enum probe_coverage {
	PROBE_COVERAGE_STANDARD, /* those of 64-bit programs: costs each other call nothing much */
	PROBE_COVERAGE_FULL, /* 32-bit ones too: every system call of the host pays for it */
};

/* By which hook it is seen that files are opened. docs/opens.md has what each of them sees. */
enum probe_open_variant {
	PROBE_OPEN_ANY, /* wanted: the first of those below that this kernel has */
	PROBE_OPEN_FENTRY, /* a trampoline in security_file_open, which every open passes */
	PROBE_OPEN_KPROBE, /* a breakpoint there */
	PROBE_OPEN_TRACEPOINT, /* at the exits of system calls, and the ends of io_uring's requests */
	PROBE_OPEN_NONE, /* not at all */
};

/* "fentry", "kprobe", "tracepoint"; "any" and "none". */
const char *probe_open_variant_name(enum probe_open_variant variant);

/* False when NAME is no variant that can be wanted. */
bool probe_open_variant_parse(const char *name, enum probe_open_variant *ret);

struct probe_config {
	size_t ring_bytes; /* of the ring of events: a power of two, at least four pages */
	uint32_t scopes_max;
	uint32_t tasks_max;
	uint32_t opens_max;
	enum probe_coverage coverage;
	bool opens; /* whether files that are opened are told */
	bool opens_wait; /* not before probe_opens_tell() */
	bool failed_opens; /* and those that could not be */
	enum probe_open_variant open_variant; /* which one is wanted: then no other will do */
	const struct cgroup_hierarchies *hierarchies;
	probe_record_fn *on_record[PROBE_RINGS];
	struct probe_pins *pins; /* borrowed; NULL: all ends with the agent */
	void *userdata;
};

/*
 * Checks that this host can run the kernel side: capabilities, BTF, lockdown.
 * 0, or a negative errno with D's message naming what is missing.
 */
int probe_check_host(struct diag *d);

/*
 * Loads and attaches everything, or takes over what is pinned. On failure D says what could
 * not be done, and with what error of which step.
 */
int probe_new(const struct probe_config *config, struct probe **ret, struct diag *d);
void probe_free(struct probe *probe);

/* What is looked for, each in its own way. */
enum probe_sensor {
	PROBE_SENSOR_EXECS,
	PROBE_SENSOR_ATTEMPTS,
	PROBE_SENSOR_MAPPINGS,
	PROBE_SENSOR_OPENS,
	PROBE_SENSORS,
};

/* "execs", "attempts", "mappings", "opens". */
const char *probe_sensor_name(enum probe_sensor sensor);

/* By what SENSOR sees: "fentry", "tracepoint"...; "none" when it does not. */
const char *probe_sensor_hook(const struct probe *probe, enum probe_sensor sensor);

/*
 * What SENSOR does not see though it might: each a sentence with its reason, NULL behind the last. First
 * what this kernel does not show, then what nobody has asked for.
 */
const char *probe_sensor_unseen(const struct probe *probe, enum probe_sensor sensor, size_t index);

/*
 * What this kernel does not show, of all sensors, each a sentence with its reason; NULL behind the last.
 * Hooks that only some kernels have are tried, and done without. Of opened files nothing while they are not
 * told.
 */
const char *probe_unseen(const struct probe *probe, size_t index);

/* By which hook opens are seen here, when they are told. */
enum probe_open_variant probe_open_variant(const struct probe *probe);

/* Why those before it are not used: "fentry: REASON; kprobe: REASON". "" when none was tried. */
const char *probe_open_tried(const struct probe *probe);

/*
 * Has opened files told from now on, or not any more: nobody who opens one pays for it then. 0, or a
 * negative errno with D saying why they are not told: this kernel has no hook for it, or PROBE was made
 * without.
 */
int probe_opens_tell(struct probe *probe, bool told, struct diag *d);

/* Whether they are. */
bool probe_opens_told(const struct probe *probe);

enum probe_window_kind {
	PROBE_WINDOW_NONE, /* nothing was pinned */
	PROBE_WINDOW_ADOPTED, /* the kernel side runs on, and what waits in its rings comes first */
	PROBE_WINDOW_REPLACED, /* the same, but it was another one and has been detached */
	PROBE_WINDOW_UNREADABLE, /* it was of another version: what it had to say is gone */
};

/* The time in which nobody watched, between the agent before and this one. */
struct probe_window {
	enum probe_window_kind kind;
	uint64_t from_ns, to_ns; /* CLOCK_BOOTTIME; from 0: not known */
	uint64_t waiting; /* records in the rings */
	uint64_t lost; /* events that found them full meanwhile */
	size_t reattached; /* programs that had to be attached again, and were not for that time */
	unsigned version; /* of records that were not readable */
};

/* How this agent came to its kernel side. */
const struct probe_window *probe_window(const struct probe *probe);

/* Notes for the next agent that this one was there at NOW_NS. Costs nothing. */
void probe_watched(struct probe *probe, uint64_t now_ns);

/* ---- whether it is what it was ---- */

/* Execs of children of the process TGID are reported as canaries from now on; 0: of none. */
void probe_expect_canary(struct probe *probe, uint32_t tgid);

/*
 * Appends the names of programs that are not attached any more, or whose pin is gone, which would
 * end them with this agent. Returns their number.
 */
size_t probe_detached(const struct probe *probe, struct strbuf *names);

/*
 * How many records were sent and never arrived, so that somebody else has read them, since
 * the kernel side was started. To be asked about once a second. 0 or a negative errno.
 */
int probe_taken(struct probe *probe, uint64_t *ret);

/* ---- its records ---- */

/* A descriptor that becomes readable when much is waiting in RING before the next poll is due. */
int probe_fd(const struct probe *probe, enum probe_ring ring);

/*
 * Hands up to BUDGET records that wait in RING to its on_record. Returns their
 * number: BUDGET when there may be more; or a negative errno.
 */
int probe_drain(struct probe *probe, enum probe_ring ring, size_t budget);

/*
 * Puts the cgroup KEY, which may be new to the kernel side, into a state;
 * CONTAINER is the key at which its container begins. -E2BIG when the scope is
 * full.
 */
int probe_scope_set(
	struct probe *probe, uint64_t key, uint64_t container, enum bw_scope_state state);

/*
 * Same for one that the kernel side has put into scope itself. Does nothing when
 * it has been taken out since: the cgroup is gone.
 */
int probe_scope_decide(
	struct probe *probe, uint64_t key, uint64_t container, enum bw_scope_state state);

/*
 * probe_scope_set() for a container that is nested, at whose beginning KEY is: where the kernel
 * side has not counted it as one of the outermost container's, it makes no entries below it.
 */
int probe_scope_set_nested(struct probe *probe, uint64_t key, enum bw_scope_state state);

/*
 * probe_scope_set() for a container that was given no cgroup: KEY is its mount namespace's
 * (BW_CGROUP_MNT), or that of another one into which its first process went: CONTAINER is the
 * first one's then. The kernel side takes it out when the process INIT ends, whose entry it has
 * from probe_tasks_walk(), which should follow.
 */
int probe_scope_set_mounts(struct probe *probe, uint64_t key, uint64_t container, uint32_t init,
	enum bw_scope_state state);

/* The scope of KEY. -ENOENT when it has none. */
int probe_scope_get(const struct probe *probe, uint64_t key, struct bw_scope *ret);

/* Calls VISIT for each entry of the scope, which it may change. 0 or -ENOMEM. */
int probe_scope_each(const struct probe *probe,
	void (*visit)(uint64_t key, const struct bw_scope *scope, void *userdata), void *userdata);

/* Some cgroup that should be in scope is not: the kernel side asks what is above it from now on. */
void probe_scope_incomplete(struct probe *probe);

/* Takes the cgroup KEY out of scope. 0 also when it was not in it. */
int probe_scope_remove(struct probe *probe, uint64_t key);

/*
 * Binds the processes that run in cgroups which are in scope by now to their containers: the
 * kernel side sees only those to come. 0, or a negative errno.
 */
int probe_tasks_walk(struct probe *probe);

/* The key of the container to which the running process TGID is bound; 0: none. */
uint64_t probe_task_container(const struct probe *probe, uint32_t tgid);

/*
 * The identity of the container that begins at the cgroup KEY, kept for the next agent; does
 * nothing when there will be none. -E2BIG when there are too many.
 */
int probe_handover_set(struct probe *probe, uint64_t key, const struct bw_handover *identity);
int probe_handover_remove(struct probe *probe, uint64_t key);
int probe_handover_each(const struct probe *probe,
	void (*visit)(uint64_t key, const struct bw_handover *identity, void *userdata),
	void *userdata);

/*
 * Calls of the OCI runtime that goes by NAME are reported from now on. -E2BIG when
 * there are too many (BW_RUNTIMES_MAX).
 */
int probe_runtime_add(struct probe *probe, const char *name);

/*
 * FILE, as an event of the container CONTAINER (key) has it, is one of which there is nothing to
 * say: an exec of it wakes nobody and carries BW_FILE_KNOWN, and mappings of it are not sent. It is
 * forgotten when many others came later, never for its container's sake.
 */
int probe_known_add(struct probe *probe, uint64_t container, const struct bw_file *file);

/* Forgets all of them. 0 or a negative errno. */
int probe_known_clear(struct probe *probe);

/*
 * Whether other opens of KIND are sent from now on. -ENOENT when it was forgotten, so that the next
 * one is sent in any case.
 */
int probe_open_decide(
	struct probe *probe, const struct bw_open_kind *kind, enum bw_open_state state);

/* Of all kinds the next open is sent again; their counts stay. 0 or a negative errno. */
int probe_opens_undecide(struct probe *probe);

/* What is kept of KIND. -ENOENT when it was forgotten. */
int probe_open_seen(
	const struct probe *probe, const struct bw_open_kind *kind, struct bw_open_seen *ret);

/* Calls VISIT for each kind of CONTAINER (key) that is kept, 0: of all. 0 or a negative errno. */
int probe_opens_each(const struct probe *probe, uint64_t container,
	void (*visit)(
		const struct bw_open_kind *kind, const struct bw_open_seen *seen, void *userdata),
	void *userdata);

/*
 * Which texts about the process opens carry from now on: mask of 1 << (BW_OPEN_EXE, BW_OPEN_CWD,
 * BW_OPEN_PARENT, BW_OPEN_LINEAGE); all of them until this is called. The others are unreadable. They
 * are half of what a record costs the process that opens.
 */
void probe_opens_carry(struct probe *probe, uint32_t texts);

/*
 * Whether records of processes have their effective capabilities from now on, without which
 * BW_PROCESS_CAPABILITIES is not set: they do not until this is called.
 */
void probe_capabilities_carry(struct probe *probe, bool wanted);

/* The ring of opens was read to its end: the shares of all containers begin anew. */
void probe_opens_read(struct probe *probe);

/* COUNT failed execs of KIND (bw_attempt_kind) were held since the last time. */
typedef void probe_held_fn(const struct bw_attempt_kind *kind, uint64_t count, void *userdata);

/*
 * Takes the counts of failed execs that were held, each of which is told once, and lets the first
 * ones of each kind be sent again. Their sum can be below bw_counters.held, which is exact: one that
 * fails in the moment in which its count is taken may be missing here.
 */
int probe_held_take(struct probe *probe, probe_held_fn *on_held, void *userdata);

struct probe_counts {
	struct bw_counters events[BW_EVENT_KINDS];
	uint64_t failures[BW_FAILURES];
	uint64_t moved; /* processes now running that left their containers */
	uint64_t missed; /* runs of programs that the kernel left out (recursion), from 5.12 */
	uint64_t open_kinds; /* that repeats are told by now: struct bw_open_kind */
	/*
	 * That were pushed out by others, as there is room for config.opens_max only: the next open of
	 * each is sent as a first one. The kernel does not count them: what was entered and is not there.
	 */
	uint64_t open_kinds_evicted;
};

/*
 * The kernel side's counters, summed over all CPUs, since it was started: by an agent before, where
 * it was taken over. What is lost until now is this agent's to say, and not the next one's.
 */
int probe_counts_read(struct probe *probe, struct probe_counts *ret);
