/* SPDX-License-Identifier: Apache-2.0 */
/* The fields of the process, of those that it comes from, and of its user. */
#include "rule/field/class.h"

#define NO_LINEAGE "of mappings, and of what a runtime looked for"
#define NOT_FOLLOWED \
	"of mappings, and of what a runtime looked for; and of one that nothing was seen of"
#define NO_ANCESTOR "there is none, or it is not known: " NOT_FOLLOWED
#define NO_COMMAND  "there is none; " NOT_SEEN

static const char *entry_word(unsigned index)
{
	return index < CONTAINER_ENTRIES ? container_entry_name(index) : NULL;
}

/* One ancestor, or with 0 the process itself. The row without an index stands before them. */
#define ELEMENT(base, index, field_type, reader, when_unknown, text, ...)               \
	ROW(base "[" #index "]", field_type, EVENTS, AGENT, reader, when_unknown, text, \
		OF_ANCESTOR(index), .is_element = true, __VA_ARGS__)

#define ELEMENTS(base, field_type, reader, reader_own, when_unknown, text, ...)                 \
	ROW(base, field_type, EVENTS, AGENT, read_any_ancestor, when_unknown, text,             \
		.argument = FIELD_ARGUMENT_INDEX, .is_extra = true),                            \
		ELEMENT(base, 0, field_type, reader_own, when_unknown, text, .is_extra = true), \
		ELEMENT(base, 1, field_type, reader, when_unknown, text, __VA_ARGS__),          \
		ELEMENT(base, 2, field_type, reader, when_unknown, text, __VA_ARGS__),          \
		ELEMENT(base, 3, field_type, reader, when_unknown, text, __VA_ARGS__),          \
		ELEMENT(base, 4, field_type, reader, when_unknown, text, __VA_ARGS__),          \
		ELEMENT(base, 5, field_type, reader, when_unknown, text, __VA_ARGS__),          \
		ELEMENT(base, 6, field_type, reader, when_unknown, text, __VA_ARGS__),          \
		ELEMENT(base, 7, field_type, reader, when_unknown, text, __VA_ARGS__),          \
		ELEMENT(base, 8, field_type, reader, when_unknown, text, __VA_ARGS__)

_Static_assert(BW_ANCESTORS_MAX == 8, "each has its fields");

/* clang-format off */
static const struct field proc_fields[] = {
	ROW("proc.name", TEXT, EVENTS, KERNEL, read_process_comm, NULL,
		"comm: the first 15 bytes of the program's file name, which a process can change"),
	ROW("proc.exepath", TEXT, EVENTS, KERNEL, read_text_at, UNREADABLE,
		"path of the process's executable; of an attempt, the caller's",
		TEXT_OF_EVENTS(resolved, exe)),
	ROW("proc.exe", TEXT, EVENTS, KERNEL, read_own_exe, NOT_SEEN,
		"argv[0], which the caller chooses freely", TEXT_OF_EXEC(args)),
	ROW("proc.cmdline", TEXT, EVENTS, KERNEL, read_own_command_line, NOT_SEEN,
		"proc.name and proc.args", TEXT_OF_EXEC(args), .words_joined = true),
	ROW("proc.exeline", TEXT, EVENTS, KERNEL, read_own_exe_line, NOT_SEEN,
		"proc.exe and proc.args", TEXT_OF_EXEC(args), .words_joined = true, .is_extra = true),
	ROW("proc.args", TEXT, EVENTS, KERNEL, read_own_args, NOT_SEEN,
		"the arguments behind argv[0], with spaces between them; of an attempt, the caller's",
		TEXT_OF_EXEC(args), .words_joined = true),
	ROW("proc.argv", ARGS, EXEC, KERNEL, read_args_at, UNREADABLE,
		"all arguments, one by one; for outputs", TEXT_OF_EXEC(args)),
	ROW("proc.cmdnargs", NUMBER, EVENTS, KERNEL, read_own_args_count, NOT_SEEN,
		"how many there are behind argv[0]", TEXT_OF_EXEC(args), .is_extra = true),
	ROW("proc.cmdlenargs", NUMBER, EVENTS, KERNEL, read_own_args_length,
		"they were longer than what is kept; " NOT_SEEN,
		"how many bytes they have together", TEXT_OF_EXEC(args), .is_extra = true),
	ROW("proc.pid", NUMBER, EVENTS, KERNEL, read_process_u32_at, NULL,
		"process id (thread group), as the host counts", OF_PROCESS(tgid)),
	ROW("proc.vpid", NUMBER, EVENTS, KERNEL, read_process_u32_at, NULL,
		"process id, as the process's own pid namespace counts", OF_PROCESS(ns_tgid)),
	ROW("proc.tid", NUMBER, EVENTS, KERNEL, read_process_u32_at, NULL,
		"thread id", OF_PROCESS(tid)),
	ROW("proc.ppid", NUMBER, EVENTS, KERNEL, read_process_u32_at, NULL,
		"process id of the parent", OF_PROCESS(ppid)),
	ROW("proc.pname", TEXT, EVENTS, KERNEL, read_process_parent_comm, NULL,
		"comm of the parent"),
	ROW("proc.pexepath", TEXT, EVENTS, KERNEL, read_text_at, UNREADABLE,
		"path of the parent's executable", TEXT_OF_EVENTS(parent, parent)),
	ROW("proc.pexe", TEXT, EVENTS, AGENT, read_relative_exe, NO_COMMAND,
		"argv[0] of the parent", OF_ANCESTOR(1), .is_extra = true),
	ROW("proc.pcmdline", TEXT, EVENTS, AGENT, read_relative_command_line, NO_COMMAND,
		"proc.cmdline of the parent", OF_ANCESTOR(1), .words_joined = true),
	ELEMENTS("proc.aname", TEXT, read_relative_name, read_process_comm, NO_ANCESTOR,
		"comm of an ancestor, 1 for the parent and up to 8; of one that has "
		"ended, as it was last seen",),
	ELEMENTS("proc.aexepath", TEXT, read_relative_exepath, read_own_exepath, NO_ANCESTOR,
		"path of an ancestor's executable",),
	ELEMENTS("proc.aexe", TEXT, read_relative_exe, read_own_exe, NO_COMMAND,
		"argv[0] of an ancestor", .is_extra = true),
	ELEMENTS("proc.acmdline", TEXT, read_relative_command_line, read_own_command_line,
		NO_COMMAND, "proc.cmdline of an ancestor", .words_joined = true, .is_extra = true),
	ELEMENTS("proc.apid", NUMBER, read_relative_pid, read_own_pid, NO_ANCESTOR,
		"process id of an ancestor, as the host counts",),
	ROW("proc.ancestors", TEXT, EVENTS, AGENT, read_ancestors, NO_ANCESTOR,
		"names of all of them, the parent first: sh<app<tini", .words_joined = true),
	ROW("proc.loginshellid", NUMBER, EVENTS, AGENT, read_login_shell, NO_ANCESTOR,
		"process id of the oldest one, or of the process, whose name ends in sh",
		.is_extra = true),
	ROW("proc.sid", NUMBER, EVENTS, KERNEL, read_relative_ns_pid, NO_LINEAGE,
		"session id, as the process's own pid namespace counts",
		OF_RELATIVE(BW_LINEAGE_SESSION)),
	ROW("proc.sname", TEXT, EVENTS, AGENT, read_relative_name, NOT_FOLLOWED,
		"comm of the session leader", OF_RELATIVE(BW_LINEAGE_SESSION)),
	ROW("proc.sid.exe", TEXT, EVENTS, AGENT, read_relative_exe, NO_COMMAND,
		"argv[0] of the session leader", OF_RELATIVE(BW_LINEAGE_SESSION), .is_extra = true),
	ROW("proc.sid.exepath", TEXT, EVENTS, AGENT, read_relative_exepath, NOT_FOLLOWED,
		"path of the session leader's executable", OF_RELATIVE(BW_LINEAGE_SESSION)),
	ROW("proc.is_sid_leader", BOOL, EVENTS, KERNEL, read_leads, NO_LINEAGE,
		"the process leads its session", OF_RELATIVE(BW_LINEAGE_SESSION), .is_extra = true),
	ROW("proc.vpgid", NUMBER, EVENTS, KERNEL, read_relative_ns_pid, NO_LINEAGE,
		"process group id, as the process's own pid namespace counts",
		OF_RELATIVE(BW_LINEAGE_GROUP)),
	ROW("proc.vpgid.name", TEXT, EVENTS, AGENT, read_relative_name, NOT_FOLLOWED,
		"comm of the process group leader", OF_RELATIVE(BW_LINEAGE_GROUP)),
	ROW("proc.vpgid.exe", TEXT, EVENTS, AGENT, read_relative_exe, NO_COMMAND,
		"argv[0] of the process group leader", OF_RELATIVE(BW_LINEAGE_GROUP),
		.is_extra = true),
	ROW("proc.vpgid.exepath", TEXT, EVENTS, AGENT, read_relative_exepath, NOT_FOLLOWED,
		"path of the process group leader's executable", OF_RELATIVE(BW_LINEAGE_GROUP)),
	ROW("proc.is_vpgid_leader", BOOL, EVENTS, KERNEL, read_leads, NO_LINEAGE,
		"the process leads its process group", OF_RELATIVE(BW_LINEAGE_GROUP),
		.is_extra = true),
	ROW("proc.pgid", NUMBER, EVENTS, KERNEL, read_relative_pid, NO_LINEAGE,
		"process group id, as the host counts", OF_RELATIVE(BW_LINEAGE_GROUP)),
	ROW("proc.pgid.name", TEXT, EVENTS, AGENT, read_relative_name, NOT_FOLLOWED,
		"proc.vpgid.name", OF_RELATIVE(BW_LINEAGE_GROUP), .is_extra = true),
	ROW("proc.pgid.exe", TEXT, EVENTS, AGENT, read_relative_exe, NO_COMMAND,
		"proc.vpgid.exe", OF_RELATIVE(BW_LINEAGE_GROUP), .is_extra = true),
	ROW("proc.pgid.exepath", TEXT, EVENTS, AGENT, read_relative_exepath, NOT_FOLLOWED,
		"proc.vpgid.exepath", OF_RELATIVE(BW_LINEAGE_GROUP), .is_extra = true),
	ROW("proc.is_pgid_leader", BOOL, EVENTS, KERNEL, read_leads, NO_LINEAGE,
		"proc.is_vpgid_leader", OF_RELATIVE(BW_LINEAGE_GROUP), .is_extra = true),
	ROW("proc.cwd", TEXT, BOTH | OPEN, KERNEL, read_text_at, UNREADABLE,
		"working directory", .place = {[SUBJECT_EXEC] = PLACE(exec.cwd),
			[SUBJECT_ATTEMPT] = PLACE(attempt.cwd), [SUBJECT_OPEN] = PLACE(open.cwd)}),
	ROW("proc.tty", NUMBER, EVENTS, KERNEL, read_process_tty_number,
		"the terminal is none of pts, tty and ttyS",
		"device number of the controlling terminal: 34816 for pts0; 0 without one",
		.is_extra = true),
	ROW("proc.tty_name", TEXT, EVENTS, KERNEL, read_process_tty, "there is none",
		"name of the controlling terminal: pts0; none without one"),
	ROW("proc.tracer", NUMBER, EVENTS, KERNEL, read_process_u32_at, NULL,
		"process id of the ptrace tracer, 0 without one", OF_PROCESS(tracer)),
	ROW("proc.duration", NUMBER, EVENTS, KERNEL, read_duration, NULL,
		"nanoseconds since the process was forked", .is_extra = true),
	ROW("proc.pid.ts", NUMBER, EVENTS, KERNEL, read_start, "of a recorded event without its time",
		"when the process was forked, in nanoseconds since 1970", .is_extra = true),
	ROW("proc.ppid.duration", NUMBER, EVENTS, KERNEL, read_parent_duration, NO_ANCESTOR,
		"nanoseconds since the parent was forked", .is_extra = true),
	ROW("proc.ppid.ts", NUMBER, EVENTS, KERNEL, read_parent_start, NO_ANCESTOR,
		"when the parent was forked, in nanoseconds since 1970", .is_extra = true),
	ROW("proc.is_exe_writable", BOOL, EXEC, KERNEL, read_exe_writable,
		"it depends on capabilities, on groups, or on whose the file is, and that was gone",
		"the user that runs the program may write to its file", .is_extra = true),
	ROW("proc.is_exe_upper_layer", BOOL, EXEC, IMAGE, read_in_upper_layer,
		"exe.origin is not known, or deleted",
		"the executable is in the upper layer of an overlay: exe.origin is upper or copyup",
		.is_extra = true),
	ROW("proc.is_exe_lower_layer", BOOL, EXEC, IMAGE, read_in_lower_layer,
		"exe.origin is not known, or deleted",
		"the executable is in a lower layer of an overlay: exe.origin is image",
		.is_extra = true),
	ROW("proc.is_exe_from_memfd", BOOL, EXEC, KERNEL, read_file_flag_at, NULL,
		"the executable lives in memory only (memfd_create)", FILE_FLAG(BW_FILE_MEMFD)),
	ROW("proc.exe_ino", NUMBER, EXEC, KERNEL, read_file_u64_at, NULL,
		"inode number of the executable", OF_FILE(inode), .is_extra = true),
	ROW("proc.exe_ino.ctime", NUMBER, EXEC, KERNEL, read_file_ctime, NULL,
		"when the executable, its names or its owner last changed, in nanoseconds since 1970"),
	ROW("proc.exe_ino.mtime", NUMBER, EXEC, BYTES, read_file_mtime,
		"the file was not looked at yet, or was gone",
		"when the executable was last written, as it says itself: anyone who owns it can set "
		"that; in nanoseconds since 1970", .is_extra = true),
	ROW("proc.exe_ino.ctime_duration_proc_start", NUMBER, EXEC, KERNEL, read_ctime_to_start,
		"it changed later",
		"nanoseconds from that change to the fork of the process", .is_extra = true),
	ROW("proc.entry", TEXT, BOTH, AGENT, read_entry, "of an attempt that is no runtime's",
		"how the process came into its container: entrypoint, runtime-exec, probe, "
		"ephemeral, nsenter or child; of an attempt, only known of a runtime's", .word = entry_word),
	ROW("proc.is_container_healthcheck", BOOL, BOTH, AGENT, read_is_health_check,
		"as proc.entry", "it is the health check's command itself (proc.entry is probe, in no "
		"pod); what that starts is not", .is_extra = true),
	ROW("proc.is_container_liveness_probe", BOOL, BOTH, AGENT, read_is_pod_probe,
		"of all probes of a pod: which one it is, is not told apart; else as proc.entry",
		"false for what is no probe of a pod", .is_extra = true),
	ROW("proc.is_container_readiness_probe", BOOL, BOTH, AGENT, read_is_pod_probe,
		"as proc.is_container_liveness_probe",
		"false for what is no probe of a pod", .is_extra = true),
};

static const struct field thread_fields[] = {
	ROW("thread.tid", NUMBER, EVENTS, KERNEL, read_process_u32_at, NULL,
		"proc.tid", OF_PROCESS(tid), .is_extra = true),
	ROW("thread.vtid", NUMBER, EVENTS, KERNEL, read_virtual_thread,
		"of a thread that is not the first",
		"thread id, as the process's own pid namespace counts", .is_extra = true),
	ROW("thread.ismain", BOOL, EVENTS, KERNEL, read_is_main_thread, NULL,
		"it is the first thread of its process", .is_extra = true),
	ROW("thread.cap_effective", TEXT, EVENTS, KERNEL, read_capabilities,
		"of an event from before any rule in force, or a recording, asked for it",
		"effective capabilities in the order of their numbers: CAP_CHOWN CAP_DAC_OVERRIDE; in "
		"a user namespace they are those that it has there",
		.words_joined = true, .is_extra = true),
};

static const struct field user_fields[] = {
	ROW("user.uid", NUMBER, EVENTS, KERNEL, read_process_u32_at, NULL,
		"real user id, as the host counts", OF_PROCESS(uid)),
	ROW("user.euid", NUMBER, EVENTS, KERNEL, read_process_u32_at, NULL,
		"effective user id", OF_PROCESS(euid)),
	ROW("user.name", TEXT, EVENTS, KERNEL, read_root_name, "of all other users: names are not "
		"looked up, as a container can give itself any",
		"root for user id 0", OF_PROCESS(uid), .is_extra = true),
	ROW("user.loginuid", NUMBER, EVENTS, KERNEL, read_login_uid, NULL,
		"user id of the login, -1 without one"),
	ROW("user.loginname", TEXT, EVENTS, KERNEL, read_login_name,
		"of all other users, as user.name; none without a login",
		"root when user.loginuid is 0", .is_extra = true),
};

static const struct field group_fields[] = {
	ROW("group.gid", NUMBER, EVENTS, KERNEL, read_process_u32_at, NULL,
		"real group id", OF_PROCESS(gid)),
	ROW("group.name", TEXT, EVENTS, KERNEL, read_root_name, "of all other groups, as user.name",
		"root for group id 0", OF_PROCESS(gid), .is_extra = true),
};
/* clang-format on */

FIELD_CLASS(proc, "The process, and those that it comes from.", proc_fields);
FIELD_CLASS(thread, "The thread.", thread_fields);
FIELD_CLASS(user, "Its user.", user_fields);
FIELD_CLASS(group, "Its group.", group_fields);
