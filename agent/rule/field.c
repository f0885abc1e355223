/* SPDX-License-Identifier: Apache-2.0 */
/* The table of fields. Names and meanings are Falco's where Falco has the field. */
#include "rule/field.h"

#include "base/cleanup.h"
#include "rule/field_read.h"

#define EXEC    (1u << SUBJECT_EXEC)
#define ATTEMPT (1u << SUBJECT_ATTEMPT)
#define MOVE    (1u << SUBJECT_MOVE)
#define MAPPING (1u << SUBJECT_MAPPING)
#define REPEATS (1u << SUBJECT_REPEATS)
#define BOTH    (EXEC | ATTEMPT)
#define CALLS   (BOTH | MAPPING)
#define EVENTS  (CALLS | MOVE)
#define FILES   (EXEC | MAPPING)
#define PROGRAM (1u << SUBJECT_PROGRAM)
#define ALL     (EVENTS | 1u << SUBJECT_CONTAINER | PROGRAM | REPEATS)

/* What the readers that take a place are to read. */
#define SAME_PLACE(of_all)    .place = {[0 ... SUBJECT_KINDS - 1] = (of_all)}
#define OF_PROCESS(member)    SAME_PLACE(offsetof(struct bw_process, member))
#define OF_CONTAINER(member)  SAME_PLACE(offsetof(struct container, member))
#define OF_NUMBER(number)     SAME_PLACE(number)
#define OF_RELATIVE(index)    OF_NUMBER(index)
#define OF_ANCESTOR(distance) OF_NUMBER(BW_LINEAGE_ANCESTORS + (distance)-1)
#define OF_FILE(member)       SAME_PLACE(offsetof(struct bw_file, member))
#define FILE_FLAG(flag)       SAME_PLACE(flag)
#define MAPPING_FLAG(flag)    SAME_PLACE(flag)
#define TEXT_OF_EXEC(text)    .place[SUBJECT_EXEC] = offsetof(struct event, exec.text)
#define TEXT_OF_ATTEMPT(text) .place[SUBJECT_ATTEMPT] = offsetof(struct event, attempt.text)
#define TEXT_OF_BOTH(of_exec, of_attempt)                                \
	.place = {[SUBJECT_EXEC] = offsetof(struct event, exec.of_exec), \
		[SUBJECT_ATTEMPT] = offsetof(struct event, attempt.of_attempt)}
#define TEXT_OF_FILES(of_exec, of_mapping)                               \
	.place = {[SUBJECT_EXEC] = offsetof(struct event, exec.of_exec), \
		[SUBJECT_MAPPING] = offsetof(struct event, mapping.of_mapping)}
#define TEXT_OF_EVENTS(of_exec, of_attempt, of_mapping, of_move)                \
	.place = {[SUBJECT_EXEC] = offsetof(struct event, exec.of_exec),        \
		[SUBJECT_ATTEMPT] = offsetof(struct event, attempt.of_attempt), \
		[SUBJECT_MAPPING] = offsetof(struct event, mapping.of_mapping), \
		[SUBJECT_MOVE] = offsetof(struct event, move.of_move)}
#define TEXT_OF_MOVE(text) .place[SUBJECT_MOVE] = offsetof(struct event, move.text)

/* One field; what only some have follows as designated members. */
#define ROW(field_name, field_type, field_kinds, reader, text, ...)                       \
	{                                                                                 \
		.name = (field_name), .type = VALUE_##field_type, .kinds = (field_kinds), \
		.read = (reader), .description = (text), __VA_ARGS__                      \
	}

static const char *class_word(unsigned index)
{
	return index < PROGRAM_CLASSES ? program_class_name(index) : NULL;
}

static const char *class_source_word(unsigned index)
{
	static const char *const words[] = {"name", "content"};

	return index < ARRAY_SIZE(words) ? words[index] : NULL;
}

/* All but the first, which stands for what is not known. */
static const char *origin_word(unsigned index)
{
	return index + 1 < PROGRAM_ORIGINS ? program_origin_name(index + 1) : NULL;
}

static const char *entry_word(unsigned index)
{
	return index < CONTAINER_ENTRIES ? container_entry_name(index) : NULL;
}

static const char *bare_source_word(unsigned index)
{
	return index <= BARE_POLICY ? bare_source_name(index) : NULL;
}

/* The fields of one ancestor, 1 for the parent, as Falco calls them. */
#define ANCESTOR(distance)                                                               \
	ROW("proc.aname[" #distance "]", TEXT, EVENTS, read_relative_name,               \
		"comm of an ancestor, 1 for the parent and up to 8; of one that has "    \
		"ended, as it was last seen",                                            \
		OF_ANCESTOR(distance)),                                                  \
		ROW("proc.aexepath[" #distance "]", TEXT, EVENTS, read_relative_exepath, \
			"path of an ancestor's executable", OF_ANCESTOR(distance)),      \
		ROW("proc.apid[" #distance "]", NUMBER, EVENTS, read_relative_pid,       \
			"process id of an ancestor, as the host counts", OF_ANCESTOR(distance))

_Static_assert(BW_ANCESTORS_MAX == 8, "each has its fields");

/* clang-format off */
static const struct field fields[] = {
	ROW("evt.subject", TEXT, EVENTS, read_subject_kind,
		"what is judged: exec, attempt, mapping or move", .word = subject_kind_word),
	ROW("evt.type", TEXT, CALLS, read_call,
		"the call: execve or execveat; execve for every exec; mmap or mprotect"),
	ROW("evt.res", TEXT, CALLS, read_result,
		"SUCCESS, or the name of the error: ENOENT"),
	ROW("evt.rawres", NUMBER, CALLS, read_raw_result,
		"0, or the error as a negative number"),

	ROW("proc.name", TEXT, EVENTS, read_process_comm,
		"comm: the first 15 bytes of the program's file name, which a process can change"),
	ROW("proc.exepath", TEXT, EVENTS, read_text_at,
		"path of the process's executable; of an attempt, the caller's",
		TEXT_OF_EVENTS(resolved, exe, exe, exe)),
	ROW("proc.exe", TEXT, EXEC, read_args_first,
		"argv[0], which the caller chooses freely", TEXT_OF_EXEC(args)),
	ROW("proc.cmdline", TEXT, EXEC, read_command_line,
		"proc.name and proc.args", TEXT_OF_EXEC(args), .words_joined = true),
	ROW("proc.args", TEXT, EXEC, read_args_rest,
		"the arguments behind argv[0], with spaces between them",
		TEXT_OF_EXEC(args), .words_joined = true),
	ROW("proc.argv", ARGS, EXEC, read_args_at,
		"all arguments, one by one; for outputs", TEXT_OF_EXEC(args)),
	ROW("proc.pid", NUMBER, EVENTS, read_process_u32_at,
		"process id (thread group), as the host counts", OF_PROCESS(tgid)),
	ROW("proc.tid", NUMBER, EVENTS, read_process_u32_at,
		"thread id", OF_PROCESS(tid)),
	ROW("proc.ppid", NUMBER, EVENTS, read_process_u32_at,
		"process id of the parent", OF_PROCESS(ppid)),
	ROW("proc.pname", TEXT, EVENTS, read_process_parent_comm,
		"comm of the parent"),
	ROW("proc.pexepath", TEXT, EVENTS, read_text_at,
		"path of the parent's executable", TEXT_OF_EVENTS(parent, parent, parent, parent)),
	ANCESTOR(1), ANCESTOR(2), ANCESTOR(3), ANCESTOR(4),
	ANCESTOR(5), ANCESTOR(6), ANCESTOR(7), ANCESTOR(8),
	ROW("proc.ancestors", TEXT, EVENTS, read_ancestors,
		"names of all of them, the parent first: sh<app<tini", .words_joined = true),
	ROW("proc.sid", NUMBER, EVENTS, read_relative_ns_pid,
		"session id, as the process's own pid namespace counts",
		OF_RELATIVE(BW_LINEAGE_SESSION)),
	ROW("proc.sname", TEXT, EVENTS, read_relative_name,
		"comm of the session leader", OF_RELATIVE(BW_LINEAGE_SESSION)),
	ROW("proc.sid.exepath", TEXT, EVENTS, read_relative_exepath,
		"path of the session leader's executable", OF_RELATIVE(BW_LINEAGE_SESSION)),
	ROW("proc.vpgid", NUMBER, EVENTS, read_relative_ns_pid,
		"process group id, as the process's own pid namespace counts",
		OF_RELATIVE(BW_LINEAGE_GROUP)),
	ROW("proc.pgid", NUMBER, EVENTS, read_relative_pid,
		"process group id, as the host counts", OF_RELATIVE(BW_LINEAGE_GROUP)),
	ROW("proc.vpgid.name", TEXT, EVENTS, read_relative_name,
		"comm of the process group leader", OF_RELATIVE(BW_LINEAGE_GROUP)),
	ROW("proc.vpgid.exepath", TEXT, EVENTS, read_relative_exepath,
		"path of the process group leader's executable", OF_RELATIVE(BW_LINEAGE_GROUP)),
	ROW("proc.cwd", TEXT, BOTH, read_text_at,
		"working directory", TEXT_OF_BOTH(cwd, cwd)),
	ROW("proc.tty_name", TEXT, EVENTS, read_process_tty,
		"name of the controlling terminal: pts0; none without one"),
	ROW("proc.tracer", NUMBER, EVENTS, read_process_u32_at,
		"process id of the ptrace tracer, 0 without one", OF_PROCESS(tracer)),
	ROW("proc.is_exe_from_memfd", BOOL, EXEC, read_file_flag_at,
		"the executable lives in memory only (memfd_create)",
		FILE_FLAG(BW_FILE_MEMFD)),

	ROW("user.uid", NUMBER, EVENTS, read_process_u32_at,
		"real user id, as the host counts", OF_PROCESS(uid)),
	ROW("user.euid", NUMBER, EVENTS, read_process_u32_at,
		"effective user id", OF_PROCESS(euid)),
	ROW("user.loginuid", NUMBER, EVENTS, read_login_uid,
		"user id of the login, -1 without one"),
	ROW("group.gid", NUMBER, EVENTS, read_process_u32_at,
		"real group id", OF_PROCESS(gid)),

	ROW("proc.entry", TEXT, BOTH, read_entry,
		"how the process came into its container: entrypoint, runtime-exec, probe, "
		"ephemeral, nsenter or child; of an attempt, only known of a runtime's", .word = entry_word),

	ROW("container.id", TEXT, ALL, read_container_id,
		"the first 12 digits of the container's id; host outside of containers"),
	ROW("container.full_id", TEXT, ALL, read_container_full_id,
		"the whole id"),
	ROW("container.outer_id", TEXT, ALL, read_container_text_at,
		"whole id of the container whose engine runs it; that one chose all that is "
		"told of it, its id too", OF_CONTAINER(outer_id)),
	ROW("container.outer_name", TEXT, ALL, read_container_text_at,
		"name of that container", OF_CONTAINER(outer_name)),
	ROW("container.name", TEXT, ALL, read_container_text_at,
		"name, as the engine knows it", OF_CONTAINER(name)),
	ROW("container.image", TEXT, ALL, read_container_text_at,
		"image reference, as the engine knows it", OF_CONTAINER(image)),
	ROW("container.image.id", TEXT, ALL, read_container_text_at,
		"digest of the image's configuration", OF_CONTAINER(image_id)),
	ROW("container.image.digest", TEXT, ALL, read_container_text_at,
		"digest of the image's manifest, with the repository where that is known",
		OF_CONTAINER(image_digest)),
	ROW("container.entrypoint", TEXT, ALL, read_container_text_at,
		"the argv that its runtime was told to start, each word quoted where needed",
		OF_CONTAINER(entrypoint), .quoted = true),
	ROW("container.rootfs", TEXT, ALL, read_container_text_at,
		"its root directory, as the host sees it", OF_CONTAINER(rootfs)),
	ROW("container.privileged", BOOL, ALL, read_container_flag,
		"its engine was told to hold nothing back from it (--privileged)",
		OF_NUMBER(CONTAINER_PRIVILEGED)),
	ROW("container.user_namespace", BOOL, ALL, read_container_flag,
		"its user ids are not the host's", OF_NUMBER(CONTAINER_USER_NAMESPACE)),
	ROW("container.created_ts", NUMBER, ALL, read_container_number,
		"when its engine made it, in nanoseconds since 1970",
		OF_NUMBER(CONTAINER_CREATED_NS)),
	ROW("container.labels", TEXT, ALL, read_container_map_at,
		"its labels, with its image's where its engine joins them: key:value, key:value",
		OF_CONTAINER(labels), .words_joined = true),
	ROW("k8s.pod.name", TEXT, ALL, read_container_text_at,
		"name of its pod", OF_CONTAINER(pod_name)),
	ROW("k8s.ns.name", TEXT, ALL, read_container_text_at,
		"namespace of its pod", OF_CONTAINER(pod_namespace)),
	ROW("k8s.pod.uid", TEXT, ALL, read_container_text_at,
		"uid of its pod", OF_CONTAINER(pod_uid)),
	ROW("k8s.pod.sandbox_id", TEXT, ALL, read_container_text_at,
		"id of its pod's sandbox container", OF_CONTAINER(sandbox_id)),
	ROW("k8s.pod.labels", TEXT, ALL, read_container_map_at,
		"labels of its pod: key:value, key:value",
		OF_CONTAINER(pod_labels), .words_joined = true),
	ROW("container.runtime", TEXT, ALL, read_container_runtime,
		"docker, containerd, cri-o or podman"),
	ROW("container.bare", BOOL, ALL, read_container_bare,
		"the container is meant to hold no shell and no package manager"),
	ROW("container.bare_source", TEXT, ALL, read_container_bare_source,
		"what says so: option or policy; else no", .word = bare_source_word),

	ROW("exe.class", TEXT, CALLS | PROGRAM, read_program_class,
		"what the program, or file that was mapped, is; of an attempt, what it would have been", .word = class_word),
	ROW("exe.program", TEXT, CALLS | PROGRAM, read_program_name,
		"the program's name in the catalog, else that of its file"),
	ROW("exe.applet", TEXT, CALLS | PROGRAM, read_program_applet,
		"applet of a multi-call binary (busybox); none for others"),
	ROW("exe.class_source", TEXT, CALLS | PROGRAM, read_class_source,
		"what the class was told by: content, to which names only add, or name",
		.word = class_source_word),
	ROW("exe.origin", TEXT, FILES | PROGRAM, read_origin,
		"where the file's bytes came from: image, copyup (the image's bytes, copied), upper "
		"(written since the container was started), volume, memfd, tmpfs, host or deleted",
		.word = origin_word),
	ROW("exe.foreign", BOOL, FILES | PROGRAM, read_foreign,
		"the image holds neither the file nor, of a script, the script; an init that "
		"the engine brought is none"),
	ROW("exe.layer", NUMBER, FILES | PROGRAM, read_layer,
		"number of the image's layer that the file is of, counted from the bottom, 1 first"),
	ROW("exe.script_origin", TEXT, EXEC | PROGRAM, read_script_origin,
		"as exe.origin, of the script that was invoked, a little later", .word = origin_word),
	ROW("exe.sha256", TEXT, FILES | PROGRAM, read_digest,
		"digest of the file, of foreign ones and such as have a class, up to 64 MiB"),
	ROW("exe.build_id", TEXT, FILES | PROGRAM, read_build_id,
		"build id that its compiler put in, in hexadecimal"),
	ROW("exe.invoked", TEXT, BOTH, read_text_at,
		"path as given to execve", TEXT_OF_BOTH(invoked, asked)),
	ROW("exe.resolved", TEXT, FILES, read_text_at,
		"path of the file that runs or was mapped, symbolic links followed",
		TEXT_OF_FILES(resolved, file)),
	ROW("exe.loads", TEXT, EXEC, read_loads,
		"the program that a dynamic loader, started by itself, was told to load; none for "
		"others"),
	ROW("exe.ino", NUMBER, FILES, read_file_u64_at,
		"inode number", OF_FILE(inode)),
	ROW("exe.dev", TEXT, FILES, read_file_device,
		"device of the file system, as major:minor"),
	ROW("exe.size", NUMBER, FILES, read_file_u64_at,
		"bytes", OF_FILE(size_bytes)),
	ROW("exe.nlink", NUMBER, FILES, read_file_u32_at,
		"number of names the file has", OF_FILE(nlink)),
	ROW("exe.mode", TEXT, FILES, read_file_mode,
		"permission bits, four octal digits: 0755"),
	ROW("exe.deleted", BOOL, FILES, read_file_flag_at,
		"the file has no name any more", FILE_FLAG(BW_FILE_DELETED)),
	ROW("exe.memfd", BOOL, FILES, read_file_flag_at,
		"the file lives in memory only (memfd_create)", FILE_FLAG(BW_FILE_MEMFD)),
	ROW("exe.setuid", BOOL, FILES, read_file_flag_at,
		"the file has the set-user-id bit", FILE_FLAG(BW_FILE_SETUID)),
	ROW("exe.script", BOOL, EXEC, read_file_flag_at,
		"the file that runs is the interpreter of the script that was invoked",
		FILE_FLAG(BW_FILE_SCRIPT)),
	ROW("exe.truncated", BOOL, CALLS, read_any_truncated,
		"some text of this event was longer than what is kept"),

	ROW("attempt.cause", TEXT, ATTEMPT, read_attempt_cause,
		"exec: the call failed; runtime_lookup: a container runtime was told to start "
		"the program, looked for it, and made no call; late_failure: the call failed when "
		"the caller's program was already gone, and ended the process", .word = attempt_cause_word),
	ROW("attempt.errno", TEXT, ATTEMPT, read_result,
		"name of the error that the call, or the search, ended with; unknown of a late "
		"failure of which only the end of the process was seen"),
	ROW("attempt.call", TEXT, ATTEMPT, read_call,
		"execve or execveat; none was made after a runtime_lookup"),
	ROW("attempt.tried", ARGS, ATTEMPT, read_args_at,
		"the paths at which a runtime looked, or that a process tried one after the other; "
		"for outputs", TEXT_OF_ATTEMPT(tried)),
	ROW("attempt.asked", TEXT, ATTEMPT, read_text_at,
		"path as given to the call; it ran nothing", TEXT_OF_ATTEMPT(asked)),
	ROW("attempt.args", TEXT, ATTEMPT, read_args_rest,
		"the arguments behind argv[0] that the program would have got",
		TEXT_OF_ATTEMPT(args), .words_joined = true),
	ROW("attempt.argv", ARGS, ATTEMPT, read_args_at,
		"all of them, one by one; for outputs", TEXT_OF_ATTEMPT(args)),

	ROW("move.to", TEXT, MOVE, read_text_at,
		"path of the cgroup that the process is in now", TEXT_OF_MOVE(to)),
	ROW("move.how", TEXT, MOVE, read_move_how,
		"attach: it was put there; fork: it was made there", .word = move_how_word),
	ROW("move.by_pid", NUMBER, MOVE, read_move_by_pid,
		"process id of who did it: the process itself, its parent or another"),
	ROW("move.by_name", TEXT, MOVE, read_move_by_name,
		"comm of who did it"),
	ROW("attempt.repeats", NUMBER, REPEATS, read_repeats,
		"how often the same failed again since it was last told; in follow-ups only"),

	ROW("mapping.shared", BOOL, MAPPING, read_mapping_flag_at,
		"what is written to the memory changes the file", MAPPING_FLAG(BW_MAPPING_SHARED)),
	ROW("mapping.writable", BOOL, MAPPING, read_mapping_flag_at,
		"the memory can be written to", MAPPING_FLAG(BW_MAPPING_WRITABLE)),
};
/* clang-format on */

const struct field *field_find(struct slice name)
{
	for (size_t i = 0; i < ARRAY_SIZE(fields); i++)
		if (slice_equal_text(name, fields[i].name))
			return &fields[i];
	return NULL;
}

const struct field *field_at(size_t index)
{
	return index < ARRAY_SIZE(fields) ? &fields[index] : NULL;
}

void field_suggest(struct diag *d, const char *word)
{
	const char *names[ARRAY_SIZE(fields)];

	for (size_t i = 0; i < ARRAY_SIZE(fields); i++)
		names[i] = fields[i].name;
	diag_suggest(d, word, names, ARRAY_SIZE(names));
}

const char *field_type_name(enum value_type type)
{
	switch (type) {
	case VALUE_TEXT:
		return "a text";
	case VALUE_NUMBER:
		return "a number";
	case VALUE_BOOL:
		return "true or false";
	case VALUE_ARGS:
		return "a list of arguments";
	case VALUE_UNKNOWN:
	case VALUE_NONE:
		break;
	}
	return "nothing";
}

struct value field_value(
	const struct field *field, const struct subject *subject, struct field_scratch *scratch)
{
	if (!(field->kinds & 1u << subject->kind))
		return VALUE_UNKNOWN_INIT;
	return field->read(field, subject, scratch);
}
