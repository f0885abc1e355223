/* SPDX-License-Identifier: Apache-2.0 */
/* The fields of what happened: evt.*, and those of one kind of subject only. */
#include "rule/field/class.h"

#define NO_TIME "of a recorded event without its time"

/* clang-format off */
static const struct field evt_fields[] = {
	ROW("evt.subject", TEXT, EVENTS | PRESENT, KERNEL, read_subject_kind, NULL,
		"what is judged: exec, attempt, mapping, open, move or present", .word = subject_kind_word),
	ROW("evt.type", TEXT, CALLS, KERNEL, read_call,
		"a runtime's search made no call; of an open it is not always known",
		"the call: execve or execveat, execve for every exec; mmap or mprotect; open, openat, "
		"openat2, creat, open_by_handle_at or io_uring_enter"),
	ROW("evt.dir", TEXT, CALLS, AGENT, read_direction, NULL,
		"<: all events are of the end of a call", .is_extra = true),
	ROW("evt.category", TEXT, CALLS, AGENT, read_category, NULL,
		"process for execve and execveat, memory for mmap and mprotect, file for open",
		.is_extra = true, .word = category_word),
	ROW("evt.num", NUMBER, EVENTS, KERNEL, read_event_number, "of a recorded event without it",
		"number of the event among those that its CPU has sent, from 1 on; each kind of "
		"sensor counts for itself", .is_extra = true),
	ROW("evt.cpu", NUMBER, EVENTS, KERNEL, read_event_cpu, NULL,
		"number of the CPU on which it happened", .is_extra = true),
	ROW("evt.time", TEXT, EVENTS, KERNEL, read_time, NO_TIME,
		"time of day in UTC: 14:07:31.000000042", OF_NUMBER(TIME_CLOCK | TIME_FRACTION),
		.is_extra = true),
	ROW("evt.time.s", TEXT, EVENTS, KERNEL, read_time, NO_TIME,
		"evt.time without its fraction", OF_NUMBER(TIME_CLOCK), .is_extra = true),
	ROW("evt.time.iso8601", TEXT, EVENTS, KERNEL, read_time, NO_TIME,
		"date and time in UTC: 2026-03-01T14:07:31.000000042+0000",
		OF_NUMBER(TIME_DATE | TIME_CLOCK | TIME_FRACTION | TIME_ISO), .is_extra = true),
	ROW("evt.datetime", TEXT, EVENTS, KERNEL, read_time, NO_TIME,
		"date and time in UTC: 2026-03-01 14:07:31.000000042",
		OF_NUMBER(TIME_DATE | TIME_CLOCK | TIME_FRACTION), .is_extra = true),
	ROW("evt.datetime.s", TEXT, EVENTS, KERNEL, read_time, NO_TIME,
		"evt.datetime without its fraction", OF_NUMBER(TIME_DATE | TIME_CLOCK),
		.is_extra = true),
	ROW("evt.rawtime", NUMBER, EVENTS, KERNEL, read_raw_time, NO_TIME,
		"nanoseconds since 1970", OF_NUMBER(TIME_NS), .is_extra = true),
	ROW("evt.rawtime.s", NUMBER, EVENTS, KERNEL, read_raw_time, NO_TIME,
		"seconds since 1970", OF_NUMBER(TIME_SECONDS), .is_extra = true),
	ROW("evt.rawtime.ns", NUMBER, EVENTS, KERNEL, read_raw_time, NO_TIME,
		"the part of evt.rawtime below a second", OF_NUMBER(TIME_BELOW_SECOND),
		.is_extra = true),
	ROW("evt.hostname", TEXT, EVENTS, AGENT, read_hostname, "of a recorded event without it",
		"name of the host that the agent runs on", .is_extra = true,
		.is_of_open_kind = true),
	ROW("evt.source", TEXT, EVENTS, AGENT, read_event_source, NULL,
		"syscall", .is_extra = true),
	ROW("evt.is_async", BOOL, EVENTS, AGENT, read_never, NULL,
		"false: no event is the agent's own", .is_extra = true),
	ROW("evt.res", TEXT, CALLS, KERNEL, read_result,
		"of a late failure of which only the end of the process was seen",
		"SUCCESS, or the name of the error: ENOENT"),
	ROW("evt.rawres", NUMBER, CALLS, KERNEL, read_raw_result, "as evt.res",
		"0, of an open the descriptor, or the error as a negative number"),
	ROW("evt.failed", BOOL, CALLS, KERNEL, read_failed, NULL,
		"the call failed", .is_extra = true, .is_of_open_kind = true),
	ROW("evt.count", NUMBER, CALLS, AGENT, read_number, NULL,
		"1", OF_NUMBER(1), .is_extra = true),
	ROW("evt.count.exit", NUMBER, CALLS, AGENT, read_number, NULL,
		"1: all events are of the end of a call", OF_NUMBER(1), .is_extra = true),
	ROW("evt.count.error", NUMBER, CALLS, KERNEL, read_error_count, NULL,
		"1 when the call failed, else 0", .is_extra = true, .is_of_open_kind = true),
	ROW("evt.count.error.file", NUMBER, OPEN, KERNEL, read_error_count, NULL,
		"1 when the call failed, else 0", .is_extra = true, .is_of_open_kind = true),
	ROW("evt.is_io", BOOL, CALLS, AGENT, read_never, NULL,
		"false: no call reads or writes", .is_extra = true),
	ROW("evt.is_io_read", BOOL, CALLS, AGENT, read_never, NULL,
		"false", .is_extra = true),
	ROW("evt.is_io_write", BOOL, CALLS, AGENT, read_never, NULL,
		"false", .is_extra = true),
	ROW("evt.is_wait", BOOL, CALLS, AGENT, read_never, NULL,
		"false: no call is one that waits", .is_extra = true),
	ROW("evt.is_syslog", BOOL, CALLS, AGENT, read_never, NULL,
		"false: no call writes to /dev/log", .is_extra = true),
	ROW("evt.is_open_read", BOOL, CALLS, KERNEL, read_opened_for, NULL,
		"a file was opened for reading, or was to be", OF_NUMBER(OPENED_READ),
		.is_of_open_kind = true),
	ROW("evt.is_open_write", BOOL, CALLS, KERNEL, read_opened_for, NULL,
		"a file was opened for writing, or was to be", OF_NUMBER(OPENED_WRITE),
		.is_of_open_kind = true),
	ROW("evt.is_open_exec", BOOL, CALLS, KERNEL, read_opened_for, NULL,
		"a file was to be made with permission to execute it", OF_NUMBER(OPENED_EXEC),
		.is_of_open_kind = true),
	ROW("evt.is_open_create", BOOL, CALLS, KERNEL, read_opened_for, NULL,
		"a file was made by the call", OF_NUMBER(OPENED_CREATE), .is_of_open_kind = true),
	ROW("evt.arg.res", TEXT, BOTH, KERNEL, read_result_argument, "as evt.res",
		"0, or the name of the error", .is_extra = true),
	ROW("evt.rawarg.res", NUMBER, BOTH, KERNEL, read_raw_result, "as evt.res",
		"evt.rawres", .is_extra = true),
	ROW("evt.arg.flags", TEXT, EXEC | OPEN, KERNEL, read_flags,
		"of an exec, while exe.origin is unknown",
		"of an open, those that it was called with: O_TRUNC|O_CREAT|O_WRONLY; of an exec, of "
		"EXE_WRITABLE, EXE_UPPER_LAYER, EXE_FROM_MEMFD and EXE_LOWER_LAYER those that are "
		"known to be so, 0 when none is"),
	ROW("evt.arg.filename", TEXT, BOTH, KERNEL, read_text_at, UNREADABLE,
		"exe.invoked", TEXT_OF_BOTH(invoked, asked), .is_extra = true),
	ROW("evt.arg.exe", TEXT, EXEC, KERNEL, read_own_exe, UNREADABLE,
		"proc.exe", TEXT_OF_EXEC(args), .is_extra = true),
	ROW("evt.arg.comm", TEXT, EXEC, KERNEL, read_process_comm, NULL,
		"proc.name", .is_extra = true),
	ROW("evt.arg.cwd", TEXT, EXEC, KERNEL, read_text_at, UNREADABLE,
		"proc.cwd", TEXT_OF_EXEC(cwd), .is_extra = true),
	ROW("evt.arg.name", TEXT, OPEN, KERNEL, read_text_at, UNREADABLE,
		"fd.nameraw", TEXT_OF_OPEN(asked), .is_extra = true),
	ROW("evt.arg.mode", TEXT, OPEN, KERNEL, read_open_mode, NULL,
		"permissions that were asked for, in octal; 0 when no file was to be made",
		.is_extra = true),
	ROW("evt.arg.fd", TEXT, OPEN, KERNEL, read_descriptor, UNREADABLE,
		"<f> or <d> and fd.name, or the name of the error", .is_extra = true,
		.is_of_open_kind = true),
	ROW("evt.rawarg.fd", NUMBER, OPEN, KERNEL, read_raw_result, NULL,
		"evt.rawres", .is_extra = true),
};

static const struct field syscall_fields[] = {
	ROW("syscall.type", TEXT, CALLS, KERNEL, read_call, "a runtime's search made no call",
		"evt.type", .is_extra = true),
};

static const struct field attempt_fields[] = {
	ROW("attempt.cause", TEXT, ATTEMPT, AGENT, read_attempt_cause, NULL,
		"exec: the call failed; runtime_lookup: a container runtime was told to start "
		"the program, looked for it, and made no call; late_failure: the call failed when "
		"the caller's program was already gone, and ended the process", .word = attempt_cause_word),
	ROW("attempt.errno", TEXT, ATTEMPT, KERNEL, read_result,
		"of a late failure of which only the end of the process was seen",
		"name of the error that the call, or the search, ended with"),
	ROW("attempt.call", TEXT, ATTEMPT, KERNEL, read_call, "none was made after a runtime_lookup",
		"execve or execveat"),
	ROW("attempt.tried", ARGS, ATTEMPT, AGENT, read_args_at, "nothing was searched for",
		"the paths at which a runtime looked, or that a process tried one after the other; "
		"for outputs", TEXT_OF_ATTEMPT(tried)),
	ROW("attempt.asked", TEXT, ATTEMPT, KERNEL, read_text_at, UNREADABLE,
		"path as given to the call; it ran nothing", TEXT_OF_ATTEMPT(asked)),
	ROW("attempt.args", TEXT, ATTEMPT, KERNEL, read_attempt_args, UNREADABLE,
		"the arguments behind argv[0] that the program would have got",
		TEXT_OF_ATTEMPT(args), .words_joined = true),
	ROW("attempt.argv", ARGS, ATTEMPT, KERNEL, read_args_at, UNREADABLE,
		"all of them, one by one; for outputs", TEXT_OF_ATTEMPT(args)),
	ROW("attempt.repeats", NUMBER, REPEATS, KERNEL, read_repeats, NULL,
		"how often the same failed again since it was last told; in follow-ups only"),
};

static const struct field mapping_fields[] = {
	ROW("mapping.shared", BOOL, MAPPING, KERNEL, read_mapping_flag_at, NULL,
		"what is written to the memory changes the file", OF_NUMBER(BW_MAPPING_SHARED)),
	ROW("mapping.writable", BOOL, MAPPING, KERNEL, read_mapping_flag_at, NULL,
		"the memory can be written to", OF_NUMBER(BW_MAPPING_WRITABLE)),
};

static const struct field move_fields[] = {
	ROW("move.to", TEXT, MOVE, KERNEL, read_text_at, "the cgroup was gone",
		"path of the cgroup that the process is in now", TEXT_OF_MOVE(to)),
	ROW("move.how", TEXT, MOVE, KERNEL, read_move_how, NULL,
		"attach: it was put there; fork: it was made there", .word = move_how_word),
	ROW("move.by_pid", NUMBER, MOVE, KERNEL, read_move_by_pid, NULL,
		"process id of who did it: the process itself, its parent or another"),
	ROW("move.by_name", TEXT, MOVE, KERNEL, read_move_by_name, NULL,
		"comm of who did it"),
};
/* clang-format on */

FIELD_CLASS(evt, "The event: a call, its time and its result.", evt_fields);
FIELD_CLASS(syscall, "The call alone.", syscall_fields);
FIELD_CLASS(attempt, "A program that was to be started, and was not.", attempt_fields);
FIELD_CLASS(mapping, "A file that was mapped executable.", mapping_fields);
FIELD_CLASS(move, "A process that left its container's cgroup.", move_fields);
