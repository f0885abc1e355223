/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * The records that the kernel side writes to its ring and the agent reads: the
 * contract between bpf/ and agent/event/. Included by both, so it holds nothing
 * but fixed-width types; <linux/types.h> or its like comes first.
 *
 * Every record starts with struct bw_event. Records end in a tail of texts, one
 * behind the other in the order of the record's enum, each `len` bytes long.
 * Paths found by walking the kernel's own objects are stored leaf first, one
 * NUL-terminated component after the other ("sh\0bin\0usr\0"), because that is
 * the order in which they are found; the agent turns them round.
 */
#pragma once

/* Raised with every change of the layouts below; a mismatch is refused at decode. */
#define BW_ABI_VERSION 7

#define BW_COMM_SIZE 16 /* TASK_COMM_LEN */
#define BW_TTY_SIZE  32 /* tty_struct.name is 64; the names in use are under 16 */

/* What one text may hold; longer ones are cut and say so (BW_TEXT_TRUNCATED). */
#define BW_PATH_MAX       4096 /* PATH_MAX of the kernel: a path given to execve cannot be longer */
#define BW_SIDE_PATH_MAX  1024 /* cwd and parent: context, not evidence */
#define BW_PATH_DEPTH_MAX 64 /* steps of a walk, components and mount points together */
#define BW_NAME_MAX       256 /* NAME_MAX + 1 */
#define BW_ARGS_MAX       4096 /* as much as Falco keeps; Tetragon 1024 */
#define BW_ATTEMPT_ARGS   20 /* arguments read of a failed exec, one user read each */
#define BW_ATTEMPT_ARG    256

/* Room for the longest tail; a walked path may run over its limit by one name. */
#define BW_TAIL_SIZE 16384

enum bw_event_kind {
	BW_EVENT_EXEC, /* a program started: struct bw_exec */
	BW_EVENT_ATTEMPT, /* execve or execveat failed: struct bw_attempt */
	BW_EVENT_CGROUP_MKDIR, /* struct bw_cgroup */
	BW_EVENT_CGROUP_RMDIR, /* struct bw_cgroup */
	BW_EVENT_RUNTIME, /* an OCI runtime was called, outside of containers: struct bw_runtime */
	BW_EVENT_FAILED_START, /* who was to start a program ended first: struct bw_failed_start */
	BW_EVENT_MOVE, /* a process left its container's cgroup: struct bw_move */
	BW_EVENT_MAPPING, /* a file was mapped executable: struct bw_mapping */
	BW_EVENT_CANARY, /* the agent's own child started: struct bw_canary */
	BW_EVENT_OPEN, /* a file was opened, or was to be: struct bw_open */
	BW_EVENT_KINDS,
};

/*
 * Cgroup ids are unique within a hierarchy only. A key is the id, with this bit
 * set when it belongs to the version 1 hierarchy that stands in for version 2.
 */
#define BW_CGROUP_V1 (1ULL << 63)

/*
 * A container that was given no cgroup of its own has a key all the same: the inode number of its
 * mount namespace, with this bit. Ids of cgroups are counted up and never get so far. Such numbers
 * are given out again, when a container's first process has gone on to other mounts even during its
 * life. Where nobody holds the namespace, as where the kernel side was the first to see it, the key
 * has in the bits between them a part of what counts namespaces.
 */
#define BW_CGROUP_MNT      (1ULL << 62)
#define BW_MNT_NUMBER(key) ((__u32)(key))
#define BW_MNT_SERIAL_BITS 30 /* from bit 32 on */

struct bw_event {
	__u32 size; /* of the whole record, tail included */
	__u16 kind; /* enum bw_event_kind */
	__u16 version;
	__u64 time_ns; /* CLOCK_BOOTTIME */
	__u64 cgroup; /* key of the task's, or of the made or removed, cgroup */
	__u64 container; /* key of the cgroup at which the container begins; `cgroup` while unknown */
	__u64 sequence; /* counts what this CPU has sent to this ring, from 1: no number is left out */
	__u32 cpu;
	__u32 unused;
};

enum bw_ring {
	BW_RING_EVENTS, /* execs and cgroups */
	BW_RING_ATTEMPTS, /* failed execs, which anyone can make in any number */
	BW_RING_MAPPINGS, /* executable mappings: the same */
	BW_RING_OPENS, /* opened files */
	BW_RINGS,
};

enum bw_text_flag {
	BW_TEXT_TRUNCATED = 1 << 0, /* longer than what is kept */
	BW_TEXT_UNREADABLE = 1 << 1, /* the memory could not be read, or the object was gone */
	BW_TEXT_DETACHED = 1 << 2, /* the walk ended at a root that is not the task's */
};

struct bw_text {
	__u16 len;
	__u16 flags; /* enum bw_text_flag */
};

#define BW_ID_UNSET 0xffffffffu /* loginuid of a task that never logged in */

enum bw_process_flag {
	/*
	 * It was moved out of the cgroup of its container, or made outside of it, by itself or an
	 * ancestor. event.cgroup is where it is now, event.container whose it still is.
	 */
	BW_PROCESS_MOVED = 1 << 0,
	/*
	 * Its container, which has no cgroup, begins with this exec, as far as the kernel side
	 * can tell: whose it is, the call of the runtime among its ancestors tells.
	 */
	BW_PROCESS_BEGINS = 1 << 1,
	BW_PROCESS_CAPABILITIES = 1 << 2, /* cap_effective is told: somebody asks for it */
};

struct bw_process {
	__u32 tgid;
	__u32 tid;
	__u32 ppid; /* thread group of the real parent: what getppid() returns */
	__u32 tracer; /* thread group of the ptrace tracer, 0 when there is none */
	__u64 start_ns; /* CLOCK_BOOTTIME, of the thread group; with tgid, its identity */
	__u32 uid, gid, euid, egid;
	__u32 loginuid;
	__u32 mnt_ns; /* inode number of the mount namespace */
	/*
	 * Key of the real parent's cgroup, in the hierarchy of event.cgroup; of its container's
	 * when it was moved out of that.
	 */
	__u64 parent_cgroup;
	__u32 ns_tgid; /* the thread group as its own pid namespace counts: 1 is the first */
	__u32 flags; /* enum bw_process_flag */
	__u64 cap_effective; /* of the thread, a bit for each: CapEff of /proc/PID/status */
	char comm[BW_COMM_SIZE];
	char parent_comm[BW_COMM_SIZE];
	char tty[BW_TTY_SIZE]; /* "" without a controlling terminal */
};

enum bw_file_flag {
	BW_FILE_DELETED = 1 << 0, /* has no name any more */
	BW_FILE_MEMFD = 1 << 1, /* lives in memory only and never had a name (memfd_create) */
	BW_FILE_SCRIPT = 1 << 2, /* it is the interpreter of the script that was invoked */
	BW_FILE_SETUID = 1 << 3,
	BW_FILE_SETGID = 1 << 4,
	BW_FILE_KNOWN = 1 << 5, /* in the map of known files: nothing to be said of it */
};

struct bw_file {
	__u64 inode;
	__u64 size_bytes;
	__s64 ctime_s;
	__u32 ctime_ns; /* the part below a second */
	__u32 dev_major, dev_minor;
	__u32 nlink;
	__u32 mode;
	__u32 flags; /* enum bw_file_flag */
	__u64 fs_magic;
};

#define BW_ANCESTORS_MAX 8 /* the nearest ones */

enum bw_relative_flag {
	/* When it forked the next of the line it had executed nothing: it ran its parent's program. */
	BW_RELATIVE_FORKED = 1 << 0,
};

/*
 * A process that another one comes from, or belongs to. The lineage of a process is its session
 * leader, its process group leader, and its ancestors from its parent on. A process in a container
 * has those that it was forked from, though they may have ended since; what was there before
 * anybody looked, those that the kernel has for it now.
 */
struct bw_relative {
	__u64 start_ns; /* CLOCK_BOOTTIME; 0: a leader that has ended */
	__u64 inode; /* of the executable; 0 when the process has ended, or has none */
	__u32 dev_major, dev_minor;
	__u32 tgid;
	__u32 ns_tgid; /* of leaders: as the process's own pid namespace counts, 0 from outside */
	__u32 flags; /* enum bw_relative_flag */
	__u32 unused;
	char comm[BW_COMM_SIZE]; /* "" when the process has ended */
};

enum bw_lineage_place {
	BW_LINEAGE_SESSION,
	BW_LINEAGE_GROUP,
	BW_LINEAGE_ANCESTORS, /* the parent, and so on */
	BW_LINEAGE_MAX = BW_LINEAGE_ANCESTORS + BW_ANCESTORS_MAX,
};

enum bw_exec_text {
	BW_EXEC_INVOKED, /* as given to execve; "/dev/fd/N" for execveat of a descriptor */
	BW_EXEC_RESOLVED, /* walk: the file that runs, as its container sees it */
	BW_EXEC_CWD, /* walk */
	BW_EXEC_PARENT, /* walk: executable of the real parent */
	BW_EXEC_ARGS, /* argv, each argument with its NUL */
	BW_EXEC_LINEAGE, /* struct bw_relative, one behind the other, see there */
	BW_EXEC_TEXTS,
};

struct bw_exec {
	struct bw_event event;
	struct bw_process process;
	struct bw_file file;
	__u32 old_tid; /* the thread that called execve; the leader's id is `tid` from here on */
	__u32 argc;
	__u32 args_bytes; /* true length of argv, also when it was cut */
	__u32 unused;
	struct bw_text text[BW_EXEC_TEXTS];
	/*
	 * Of a script that was invoked as "/dev/fd/N": the file that its interpreter finds there. All
	 * zero where there is none, or it could not be read.
	 */
	struct bw_file script;
};

enum bw_attempt_text {
	BW_ATTEMPT_ASKED, /* the path as the caller gave it: unverified, it ran nothing */
	BW_ATTEMPT_ARGV, /* the argv asked for, each argument with its NUL */
	BW_ATTEMPT_EXE, /* walk: executable of the caller */
	BW_ATTEMPT_CWD, /* walk */
	BW_ATTEMPT_PARENT, /* walk: executable of the caller's real parent */
	BW_ATTEMPT_LINEAGE, /* as BW_EXEC_LINEAGE */
	BW_ATTEMPT_TEXTS,
};

enum bw_attempt_call {
	BW_CALL_EXECVE,
	BW_CALL_EXECVEAT,
	BW_CALL_NONE, /* it was not called: a runtime looked for the program and gave up */
};

enum bw_attempt_flag {
	/*
	 * It failed when there was no way back. The caller's memory was gone, and with it the
	 * arguments; `process.comm` is what it was called before.
	 */
	BW_ATTEMPT_LATE = 1 << 0,
};

struct bw_attempt {
	struct bw_event event;
	struct bw_process process;
	__s32 error; /* positive errno; 0: not known, see attempt.bpf.c */
	__u32 call; /* enum bw_attempt_call */
	__s32 dirfd; /* execveat only, else AT_FDCWD */
	__u32 at_flags;
	struct bw_text text[BW_ATTEMPT_TEXTS];
	__u32 unused_text;
	__u64 hash; /* of what was asked for, as in struct bw_attempt_kind */
	__u32 flags; /* enum bw_attempt_flag */
	__u32 unused;
};

/*
 * Failed execs of one kind, between two times that the agent takes the counts: so many as in
 * `held` were counted and not sent, since BW_ATTEMPTS_SENT of their kind were. Of a container
 * only BW_ATTEMPT_KINDS_SENT kinds are sent: the rest of them are held under the hash 0.
 */
#define BW_ATTEMPTS_SENT      2
#define BW_ATTEMPT_KINDS_SENT 512
#define BW_ATTEMPT_KINDS_MAX  8192 /* 1 MiB; what finds no room is sent */

struct bw_attempt_kind {
	__u64 container; /* as in bw_event */
	__u64 hash; /* of path and arguments, with a secret: nobody can make another's */
	__u32 error; /* errno */
	__u32 unused;
};

struct bw_attempt_count {
	__u64 held;
	__u32 sent; /* of the hash 0: kinds */
	__u32 unused;
};

enum bw_cgroup_text {
	BW_CGROUP_PATH, /* from the root of its hierarchy */
	BW_CGROUP_TEXTS,
};

struct bw_cgroup {
	struct bw_event event;
	__u64 parent; /* key */
	__u32 level; /* 1 below the root */
	__u32 unscoped; /* mkdir: it could not be put into scope */
	struct bw_text text[BW_CGROUP_TEXTS];
	__u32 unused_text;
};

enum bw_runtime_text {
	BW_RUNTIME_CWD, /* walk */
	BW_RUNTIME_ARGS, /* argv, each argument with its NUL */
	BW_RUNTIME_TEXTS,
};

/*
 * A program that goes by the name of an OCI runtime (the map bw_runtimes) started, in any
 * cgroup that is not known to be a container's. A hint: what it was told is believed when its
 * own child fails.
 */
struct bw_runtime {
	struct bw_event event;
	struct bw_process process;
	__u32 args_bytes; /* true length of argv, also when it was cut */
	__u32 unused;
	struct bw_text text[BW_RUNTIME_TEXTS];
};

/*
 * A process that was put into a container from outside ended with an error and
 * had never executed a program: a runtime's child that did not find what it was to
 * start, or could not make the container.
 */
struct bw_failed_start {
	struct bw_event event;
	struct bw_process process;
	__u64 parent_start_ns; /* CLOCK_BOOTTIME; with ppid, the identity of the parent */
	__u32 status; /* as wait() gives it */
	__u32 unused;
};

enum bw_move_text {
	BW_MOVE_TO, /* path of the cgroup from the root of its hierarchy; "" when BW_MOVE_FORK */
	BW_MOVE_EXE, /* walk: executable of the process */
	BW_MOVE_PARENT, /* walk: executable of its real parent */
	BW_MOVE_LINEAGE, /* as BW_EXEC_LINEAGE */
	BW_MOVE_TEXTS,
};

enum bw_move_how {
	BW_MOVE_ATTACH, /* it was there, and was put elsewhere (cgroup.procs, cgroup.threads, tasks) */
	BW_MOVE_FORK, /* it was made elsewhere (CLONE_INTO_CGROUP) */
};

/*
 * A process has left the cgroup of its container, to none that is below. Told once of a process,
 * and not of what it forks from then on. event.cgroup is where it is, event.container what it left.
 */
struct bw_move {
	struct bw_event event;
	struct bw_process process;
	__u32 mover; /* thread group that did it: its own, its parent's, or another's */
	__u32 how; /* enum bw_move_how */
	char mover_comm[BW_COMM_SIZE];
	struct bw_text text[BW_MOVE_TEXTS];
};

enum bw_mapping_text {
	BW_MAPPING_FILE, /* walk: the file that was mapped */
	BW_MAPPING_EXE, /* walk: executable of the process */
	BW_MAPPING_PARENT, /* walk: executable of its real parent */
	BW_MAPPING_TEXTS,
};

enum bw_mapping_call {
	BW_CALL_MMAP,
	BW_CALL_MPROTECT, /* pkey_mprotect too */
};

enum bw_mapping_flag {
	BW_MAPPING_SHARED = 1 << 0, /* what is written to it changes the file */
	BW_MAPPING_WRITABLE = 1 << 1,
};

/*
 * A process mapped a file executable that is not known, by a system call of its own: what the
 * kernel maps in execve is the exec's. Each file is told once of a process, until that executes
 * another program. `file` is as an exec of it would have it.
 */
struct bw_mapping {
	struct bw_event event;
	struct bw_process process;
	struct bw_file file;
	__u64 start, end; /* of the memory; 0 when only the descriptor is known */
	__u32 call; /* enum bw_mapping_call */
	__u32 flags; /* enum bw_mapping_flag */
	struct bw_text text[BW_MAPPING_TEXTS];
	__u32 unused_text;
};

/* The agent starts a program of its own now and then, to see that execs are seen. */
struct bw_canary {
	struct bw_event event;
	__u32 tgid;
	__u32 unused;
};

enum bw_open_text {
	BW_OPEN_FILE, /* walk: the file; nothing of an open that failed */
	BW_OPEN_ASKED, /* the path as the caller gave it: unverified; the file may have another */
	BW_OPEN_EXE, /* walk: executable of the caller */
	BW_OPEN_CWD, /* walk */
	BW_OPEN_PARENT, /* walk: executable of the caller's real parent */
	BW_OPEN_LINEAGE, /* as BW_EXEC_LINEAGE */
	BW_OPEN_TEXTS,
};

enum bw_open_call {
	BW_OPEN_BY_OPEN,
	BW_OPEN_BY_OPENAT,
	BW_OPEN_BY_OPENAT2,
	BW_OPEN_BY_CREAT,
	BW_OPEN_BY_HANDLE, /* open_by_handle_at */
	BW_OPEN_BY_IO_URING, /* `mode` is not known, and neither is what was asked for */
	BW_OPEN_CALLS,
};

/* What a file is opened for, as its flags and the kernel tell. */
enum bw_open_use {
	BW_OPEN_READ = 1 << 0,
	BW_OPEN_WRITE = 1 << 1,
	BW_OPEN_TRUNC = 1 << 2,
	BW_OPEN_CREATED = 1 << 3, /* there was no such file before */
	BW_OPEN_EXECUTABLE = 1 << 4, /* it may have been made, with an execute bit */
};

/*
 * Opens that are one to the agent, the first of which is sent and the others are counted: of a
 * file by its path and its inode, for the same use, by processes that run one program. The path is
 * part of it since a file can have several, and get another (rename, also of a directory above it).
 */
struct bw_open_kind {
	__u64 container; /* as in bw_event */
	__u64 path; /* hash of its names, over mounts, and of what tells the program from others */
	__u64 inode;
	__u64 exe_inode;
	__u32 dev, exe_dev; /* the kernel's dev_t of each */
	__u32 generation; /* tells files apart that have one inode number, see docs/opens.md */
	__u32 use; /* mask of enum bw_open_use */
};

enum bw_open_state {
	/* The agent has not decided: each process is sent once, and then counted. */
	BW_OPEN_UNDECIDED,
	BW_OPEN_SETTLED, /* no rule would say anything else of another one: counted only */
	BW_OPEN_HOT, /* what a rule says depends on who opens it: each is sent */
};

/* What is kept of a kind, in a map that forgets those not met for longest: they are sent again. */
struct bw_open_seen {
	__u64 count; /* of all of them */
	__u64 first_ns, last_ns; /* CLOCK_BOOTTIME */
	__u64 process; /* start of the one that was sent last, CLOCK_BOOTTIME */
	__u32 tgid; /* and its thread group */
	__u32 state; /* enum bw_open_state */
};

enum bw_open_flag {
	BW_OPEN_AGAIN = 1 << 0, /* one of its kind was sent before */
	BW_OPEN_NO_FD = 1 << 1, /* it was seen before its descriptor was known */
	BW_OPEN_NO_CALL = 1 << 2, /* which system call it was is not known, `call` means nothing */
	BW_OPEN_AT_DIRECTORY = 1 << 3, /* the path asked for begins at a descriptor */
};

struct bw_open {
	struct bw_event event;
	struct bw_process process;
	struct bw_file file; /* zeros of an open that failed */
	struct bw_open_kind kind;
	__s32 result; /* the descriptor, or an errno as a negative number; 0 with BW_OPEN_NO_FD */
	__u32 open_flags; /* O_*; with creat(), those that it stands for */
	__u32 mode; /* permissions asked for, where a file may be made (O_CREAT, O_TMPFILE) */
	__u32 call; /* enum bw_open_call */
	__u32 flags; /* enum bw_open_flag */
	__u32 unused;
	struct bw_text text[BW_OPEN_TEXTS];
};

/* What became of each event of a kind, summed over all CPUs: counters[kind]. */
struct bw_counters {
	__u64 seen; /* in scope: sent + lost + held */
	__u64 sent;
	__u64 lost; /* the ring was full */
	__u64 held; /* one like it was sent already: counted in place */
};

/* Other failures that may hide something: failures[i]. */
enum bw_failure {
	BW_FAILURE_SCOPE_FULL, /* a new cgroup could not be put into the full scope map */
	BW_FAILURE_SCRATCH, /* no scratch memory: cannot happen, counted all the same */
	BW_FAILURE_TASKS_FULL, /* a process could not be bound to its container: bw_scope.unbound */
	BW_FAILURE_MAPPING, /* memory was made executable, and its file could not be told */
	BW_FAILURE_OPEN, /* a file was opened, and was gone before it could be told which */
	BW_FAILURE_PREPARED_FULL, /* an exec was not remembered: if it fails late, it has no name */
	BW_FAILURES,
};

/* The key of the map of runtimes. */
#define BW_RUNTIMES_MAX 64

struct bw_comm {
	char name[BW_COMM_SIZE]; /* filled up with NUL */
};

/*
 * The scope map: which cgroups produce events. Key: cgroup key. A container may
 * make as many cgroups as it likes, but only some get an entry of their own; for
 * the others, and for those that found the map full, what is above them is asked.
 */
#define BW_SCOPE_CHILDREN_MAX 128 /* entries below one container */

/* Below an ignored container, a name that is as long as an id may be that of one nested in it. */
#define BW_CONTAINER_NAME_MIN 64

enum bw_scope_state {
	BW_SCOPE_UNDECIDED, /* just made; events are sent until the agent has decided */
	BW_SCOPE_WATCHED,
	BW_SCOPE_IGNORED, /* and so is what is made below it, unless it may be a container */
};

struct bw_scope {
	__u64 container; /* key of the cgroup at which the container begins */
	/*
	 * Key of the entry that counts those that are made below this one: the outermost
	 * container's. 0: none are.
	 */
	__u64 counter;
	__u32 state; /* enum bw_scope_state */
	__u32 children; /* how many have this one as their counter, and were counted */
	__u32 is_counted;
	__u32 tasks; /* processes (struct bw_task) that have this one as their counter */
	__u64 unbound; /* those that found no room, in its share or at all */
	/*
	 * Of the container's own entry: what it has sent to the ring of opens since the reader was
	 * last through with that (bw_open_round), and what found no room in its share or at all.
	 */
	__u32 open_round, open_bytes;
	__u32 open_woken; /* the reader was, in this round */
	__u32 unused;
	__u64 opens_lost;
	__u64 init; /* BW_CGROUP_MNT: the thread group at whose end the entry goes; else 0 */
};

#define BW_KNOWN_MAX 16384 /* 2 MiB: 160 containers of 100 files */

/*
 * The key of the map of known files: the image's own, of which there is nothing to say. Any
 * change of a file's content or owner changes its ctime. The device keeps files apart that
 * somebody in the container answers for (FUSE), who could give them any other of these numbers.
 * Keys of cgroups are never used again, so entries of containers that are gone just age.
 */
struct bw_known {
	__u64 container; /* as in bw_event */
	__u64 inode;
	__u64 size_bytes;
	__s64 ctime_s;
	__u32 ctime_ns;
	__u32 dev_major, dev_minor;
	__u32 unused;
};

/*
 * What an agent leaves for the one that takes over from it (bw_agent), in memory that outlives
 * it. The kernel side reads `tgid` only.
 */
#define BW_CPUS_MAX 1024 /* of CPUs above, sequences are not followed */

struct bw_agent {
	__u64 watched_ns; /* CLOCK_BOOTTIME: when it last read what there was */
	__u64 lost; /* events, as it has last counted */
	__u64 taken[BW_RINGS]; /* records that never arrived though they were sent */
	__u64 read[BW_RINGS][BW_CPUS_MAX]; /* the sequence number last read */
	__u32 tgid; /* whose children's execs are canaries; 0: none are wanted */
	__u32 unused;
};

/*
 * The map of handovers: which containers there are, as the agent knew them, so that the next
 * one can tell whose an event is after its container has ended. Key: cgroup key.
 */
#define BW_HANDOVER_MAX   4096
#define BW_HANDOVER_PATH  512
#define BW_HANDOVER_NAME  128
#define BW_HANDOVER_IMAGE 256

struct bw_handover {
	__u32 bare; /* enum bare_source */
	__u32 has_started; /* its entrypoint was seen */
	char path[BW_HANDOVER_PATH]; /* of the cgroup; texts end with NUL */
	char name[BW_HANDOVER_NAME]; /* "" where it is not known, or longer */
	char image[BW_HANDOVER_IMAGE];
};

enum bw_task_flag {
	BW_TASK_MOVED = 1 << 0, /* it has left its container's cgroup, or an ancestor has */
};

/*
 * A process in a container that is watched or undecided, or on its way into one that has no
 * cgroup. It is entered when it is forked there or comes in, and taken out at its end.
 */
struct bw_task {
	__u64 start_ns; /* ids are used again */
	__u64 cgroup; /* key of the cgroup in which it is, from its fork or last move */
	__u64 container; /* key of the container's cgroup, when it was moved to `cgroup` */
	__u64 counter; /* key of the scope entry that counts it; 0: its container had ended */
	struct bw_scope scope; /* that container's when the process left it */
	__u64 ancestor_start_ns[BW_ANCESTORS_MAX]; /* from the parent on */
	__u32 ancestors[BW_ANCESTORS_MAX]; /* thread groups; 0 behind the last */
	__u32 forked; /* bit i: ancestor i had executed nothing (BW_RELATIVE_FORKED) */
	__u32 flags; /* enum bw_task_flag */
	/*
	 * Mount namespace of the runtime that it comes from, which was told to give no cgroup, until
	 * it is in a container: it may have no other entry (`container` is 0). Else 0.
	 */
	__u32 called_from;
	__u32 unused;
};
