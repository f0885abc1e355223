/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How the values of fields are read out of a subject. Those called read_*_at take
 * the place of what they read from the field's row; the others read one thing.
 */
#pragma once

#include "rule/field.h"

/* Members of struct bw_process. */
field_read_fn read_process_u32_at;
field_read_fn read_process_tty;
field_read_fn read_process_comm;
field_read_fn read_process_parent_comm;
field_read_fn read_login_uid;

/* Texts of struct event. */
field_read_fn read_text_at;
field_read_fn read_args_at;
field_read_fn read_args_first;
field_read_fn read_args_rest;
field_read_fn read_command_line;
field_read_fn read_any_truncated;

/* The file that runs or was mapped: struct bw_file. `place` is a member, or a flag. */
field_read_fn read_file_u32_at;
field_read_fn read_file_u64_at;
field_read_fn read_file_flag_at;
field_read_fn read_file_device;
field_read_fn read_file_mode;

/* What became of it. */
field_read_fn read_subject_kind;
field_read_fn read_call;
field_read_fn read_result;
field_read_fn read_raw_result;
field_read_fn read_attempt_cause;
field_read_fn read_repeats;

/* How a file was mapped. `place` is an enum bw_mapping_flag. */
field_read_fn read_mapping_flag_at;

/* What the program module found. */
field_read_fn read_program_class;
field_read_fn read_program_name;
field_read_fn read_program_applet;
field_read_fn read_loads;

/* What a look at the file found: struct executable. */
field_read_fn read_class_source;
field_read_fn read_origin, read_script_origin;
field_read_fn read_foreign;
field_read_fn read_layer;
field_read_fn read_digest, read_build_id;

/* What the container module knows. */
field_read_fn read_container_id;
field_read_fn read_container_full_id;
field_read_fn read_container_text_at;
field_read_fn read_container_flag, read_container_number; /* an enum container_number */
field_read_fn read_container_map_at;
field_read_fn read_container_runtime;
field_read_fn read_container_bare;
field_read_fn read_container_bare_source;
field_read_fn read_entry;

/* The lineage of the process: an enum bw_lineage_place. */
field_read_fn read_relative_name, read_relative_exepath;
field_read_fn read_relative_pid, read_relative_ns_pid;
field_read_fn read_ancestors;

/* Where a process went. */
field_read_fn read_move_how, read_move_by_pid, read_move_by_name;

/* "attach", "fork"; NULL behind the last. */
field_word_fn move_how_word;

/* "exec", "attempt", "mapping", "move"; NULL behind the last. */
field_word_fn subject_kind_word;

/* "exec", "runtime_lookup"; NULL behind the last. */
field_word_fn attempt_cause_word;
