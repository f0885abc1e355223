/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How the values of fields are read out of a subject. Those called read_*_at take
 * the place of what they read from the field's row; the others read one thing, or what the place
 * says where that is noted.
 */
#pragma once

#include "rule/field/field.h"

/* A reader, which may use only some of its arguments. */
#define READER(name)                                                           \
	struct value name(const struct field_ref *ref __attribute__((unused)), \
		const struct subject *subject __attribute__((unused)),         \
		struct field_scratch *scratch __attribute__((unused)))

/* A member of a struct whose place is in the table. */
#define MEMBER_AT(type, base, offset) (*(const type *)((const char *)(base) + (offset)))

/* ---- what readers share: field_read.c ---- */

static inline size_t place_of(const struct field_ref *ref, const struct subject *subject)
{
	return ref->field->place[subject->kind];
}

/* A text of the kernel's that fills its array when it is long. */
struct slice slice_of_array(const char *array, size_t size);

/* The text of struct event at the place of REF. */
const struct event_text *event_text_at(const struct field_ref *ref, const struct subject *subject);

/* True when there is nothing of TEXT. */
bool text_is_unknown(const struct event_text *text);

struct value text_or_unknown(struct slice text);
struct value text_or_none(struct slice text);

/* The value that snprintf left in SCRATCH. */
struct value scratch_text(const struct field_scratch *scratch);

/* Appends as much of TEXT as there is room for behind the LEN bytes. Returns the new length. */
size_t scratch_add(struct field_scratch *scratch, size_t len, struct slice text);

/* The file that ran or was mapped, or of an open, was opened. */
const struct bw_file *subject_file(const struct subject *subject);

/* The arguments of SUBJECT's own process. NULL when they are not known. */
const struct event_text *own_args(const struct subject *subject);

/* The first of ARGS, and NAME (empty for none) with all others behind it; ARGS may be NULL. */
struct value args_first(const struct event_text *args);
struct value args_joined(
	const struct event_text *args, struct slice name, struct field_scratch *scratch);

field_read_fn read_text_at, read_args_at;
field_read_fn read_number; /* the place itself */
field_read_fn read_never; /* false */

/* ---- the event: field_read_event.c ---- */

enum time_form {
	TIME_DATE = 1 << 0,
	TIME_CLOCK = 1 << 1,
	TIME_FRACTION = 1 << 2,
	TIME_ISO = 1 << 3,
};

enum time_part {
	TIME_NS,
	TIME_SECONDS,
	TIME_BELOW_SECOND,
};

field_read_fn read_subject_kind, read_call, read_direction, read_category;
field_read_fn read_event_number, read_event_cpu, read_event_source, read_hostname;
field_read_fn read_time; /* an enum time_form */
field_read_fn read_raw_time; /* an enum time_part */
field_read_fn read_result, read_raw_result, read_result_argument;
field_read_fn read_failed, read_error_count;
field_read_fn read_any_truncated;
field_read_fn read_flags;
field_read_fn read_attempt_cause, read_attempt_args;
field_read_fn read_repeats;
field_read_fn read_mapping_flag_at; /* an enum bw_mapping_flag */
field_read_fn read_move_how, read_move_by_pid, read_move_by_name;

/* "exec", "attempt"...; "process", "file"...; "attach", "fork". NULL behind the last. */
field_word_fn subject_kind_word, category_word, attempt_cause_word, move_how_word;

/* What evt.subject, and evt.type, can be of a subject of KIND; NULL behind the last, or when none. */
const char *subject_kind_name(enum subject_kind kind, unsigned index);
const char *call_name(enum subject_kind kind, unsigned index);

/* True when the program was started by a probe, or asked for by a runtime: its entry is known. */
bool subject_entry_is_known(const struct subject *subject);

/* ---- the process: field_read_process.c ---- */

field_read_fn read_process_u32_at; /* a member of struct bw_process */
field_read_fn read_process_tty, read_process_tty_number;
field_read_fn read_process_comm, read_process_parent_comm;
field_read_fn read_login_uid, read_login_name;
field_read_fn read_root_name; /* a member of struct bw_process */
field_read_fn read_virtual_thread, read_is_main_thread;
field_read_fn
	read_capabilities; /* in records only while somebody asks: probe_capabilities_carry() */
field_read_fn read_own_exe, read_own_args, read_own_command_line, read_own_exe_line;
field_read_fn read_own_args_count, read_own_args_length;
field_read_fn read_own_pid, read_own_exepath;
field_read_fn read_duration, read_start, read_parent_duration, read_parent_start;
field_read_fn read_entry, read_is_health_check, read_is_pod_probe;

/* The lineage of the process: an enum bw_lineage_place. */
field_read_fn read_relative_name, read_relative_exepath, read_relative_exe;
field_read_fn read_relative_command_line, read_relative_pid, read_relative_ns_pid;
field_read_fn read_leads;
field_read_fn read_ancestors, read_login_shell;
field_read_fn read_any_ancestor; /* all that the field's elements from 1 on have */

/* ---- the file: field_read_executable.c ---- */

/* `place` is a member of struct bw_file, or a flag. */
field_read_fn read_file_u32_at, read_file_u64_at, read_file_flag_at;
field_read_fn read_file_device, read_file_mode, read_file_ctime;
field_read_fn read_ctime_to_start, read_exe_writable, read_file_mtime;

/* What the program module found. */
field_read_fn read_program_class, read_program_name, read_program_applet, read_loads;

/* What a look at the file found: struct executable. */
field_read_fn read_class_source;
field_read_fn read_origin, read_script_origin;
field_read_fn read_foreign;
field_read_fn read_layer;
field_read_fn read_digest, read_build_id;
field_read_fn read_in_upper_layer, read_in_lower_layer;

/* ---- the container: field_read_container.c ---- */

field_read_fn read_container_id, read_container_full_id, read_container_name;
field_read_fn read_container_text_at;
field_read_fn read_container_flag, read_container_number; /* an enum container_number */
field_read_fn read_container_map_at, read_container_map_value;
field_read_fn read_container_runtime, read_container_type;
field_read_fn read_container_bare, read_container_bare_source;
field_read_fn read_container_duration;
field_read_fn read_image_repository, read_image_tag, read_image_digest;
field_read_fn read_health_check, read_is_pod_sandbox, read_sandbox_id;

/* ---- what was opened: field_read_open.c ---- */

enum opened_for {
	OPENED_READ,
	OPENED_WRITE,
	OPENED_EXEC,
	OPENED_CREATE,
};

enum device_part {
	DEVICE_BOTH,
	DEVICE_MAJOR,
	DEVICE_MINOR,
};

field_read_fn read_opened_for; /* an enum opened_for */
field_read_fn read_open_mode, read_descriptor;
field_read_fn read_fd_number, read_fd_uid;
field_read_fn read_fd_type, read_fd_type_letter;
field_read_fn read_directory, read_file_name;
field_read_fn read_fd_in_container, read_fd_directory_in_container;
field_read_fn read_target_inode;
field_read_fn read_target_device; /* an enum device_part */
field_read_fn read_opened_text_at;

/* ---- a file of an image: read_present.c ---- */

field_read_fn read_present_path, read_present_name, read_present_class, read_present_evidence;
field_read_fn read_present_layer, read_present_size, read_present_mode, read_present_digest;
/* `place` is a member of struct present. */
field_read_fn read_present_text_at, read_present_u32_at, read_present_bool_at;

/* "file", "directory"; "f", "d". NULL behind the last. */
field_word_fn fd_type_word, fd_type_letter;

/* Writes the names of the open(2) FLAGS to SCRATCH, '|' between them. */
struct value open_flags_value(uint32_t flags, struct field_scratch *scratch);
