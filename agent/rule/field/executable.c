/* SPDX-License-Identifier: Apache-2.0 */
/* The fields of the file that ran or was mapped: exe.*, which Falco does not have. */
#include "rule/field/class.h"

#define NOT_LOOKED_AT "the file was not read yet, or was gone"
#define NO_LAYERS     "the image's layers are not known, or the file was gone"

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

/* clang-format off */
static const struct field exe_fields[] = {
	ROW("exe.class", TEXT, FILES | ATTEMPT | PROGRAM, BYTES, read_program_class, NULL,
		"what the program, or file that was mapped, is; of an attempt, what it would have been",
		.word = class_word),
	ROW("exe.program", TEXT, FILES | ATTEMPT | PROGRAM, BYTES, read_program_name,
		"the file has no name",
		"the program's name in the catalog, else that of its file"),
	ROW("exe.applet", TEXT, FILES | ATTEMPT | PROGRAM, BYTES, read_program_applet,
		"it is no multi-call binary",
		"applet of a multi-call binary (busybox); none for others"),
	ROW("exe.class_source", TEXT, FILES | ATTEMPT | PROGRAM, AGENT, read_class_source, NULL,
		"what the class was told by: content, to which names only add, or name",
		.word = class_source_word),
	ROW("exe.origin", TEXT, FILES | PROGRAM, IMAGE, read_origin, NO_LAYERS,
		"where the file's bytes came from: image, copyup (the image's bytes, copied), upper "
		"(written since the container was started), volume, memfd, tmpfs, host or deleted",
		.word = origin_word),
	ROW("exe.foreign", BOOL, FILES | PROGRAM, IMAGE, read_foreign, NO_LAYERS,
		"the image holds neither the file nor, of a script, the script; an init that "
		"the engine brought is none"),
	ROW("exe.layer", NUMBER, FILES | PROGRAM, IMAGE, read_layer,
		"it is not the image's, or its layers are not known",
		"number of the image's layer that the file is of, counted from the bottom, 1 first"),
	ROW("exe.script_origin", TEXT, EXEC | PROGRAM, IMAGE, read_script_origin,
		"as exe.origin, and when no script was invoked",
		"as exe.origin, of the script that was invoked, a little later", .word = origin_word),
	ROW("exe.sha256", TEXT, FILES | PROGRAM, BYTES, read_digest, NOT_LOOKED_AT,
		"digest of the file, of foreign ones and such as have a class, up to 64 MiB"),
	ROW("exe.build_id", TEXT, FILES | PROGRAM, BYTES, read_build_id,
		"it has none; the file was not read yet, or was gone",
		"build id that its compiler put in, in hexadecimal"),
	ROW("exe.invoked", TEXT, BOTH, KERNEL, read_text_at, UNREADABLE,
		"path as given to execve", TEXT_OF_BOTH(invoked, asked)),
	ROW("exe.resolved", TEXT, FILES, KERNEL, read_text_at, UNREADABLE,
		"path of the file that runs or was mapped, symbolic links followed",
		TEXT_OF_FILES(resolved, file)),
	ROW("exe.loads", TEXT, EXEC, KERNEL, read_loads, "it is no loader",
		"the program that a dynamic loader, started by itself, was told to load; none for "
		"others"),
	ROW("exe.ino", NUMBER, FILES, KERNEL, read_file_u64_at, NULL,
		"inode number", OF_FILE(inode)),
	ROW("exe.dev", TEXT, FILES, KERNEL, read_file_device, NULL,
		"device of the file system, as major:minor"),
	ROW("exe.size", NUMBER, FILES, KERNEL, read_file_u64_at, NULL,
		"bytes", OF_FILE(size_bytes)),
	ROW("exe.nlink", NUMBER, FILES, KERNEL, read_file_u32_at, NULL,
		"number of names the file has", OF_FILE(nlink)),
	ROW("exe.mode", TEXT, FILES, KERNEL, read_file_mode, NULL,
		"permission bits, four octal digits: 0755"),
	ROW("exe.deleted", BOOL, FILES, KERNEL, read_file_flag_at, NULL,
		"the file has no name any more", FILE_FLAG(BW_FILE_DELETED)),
	ROW("exe.memfd", BOOL, FILES, KERNEL, read_file_flag_at, NULL,
		"the file lives in memory only (memfd_create)", FILE_FLAG(BW_FILE_MEMFD)),
	ROW("exe.setuid", BOOL, FILES, KERNEL, read_file_flag_at, NULL,
		"the file has the set-user-id bit", FILE_FLAG(BW_FILE_SETUID)),
	ROW("exe.script", BOOL, EXEC, KERNEL, read_file_flag_at, NULL,
		"the file that runs is the interpreter of the script that was invoked",
		FILE_FLAG(BW_FILE_SCRIPT)),
	ROW("exe.truncated", BOOL, CALLS, KERNEL, read_any_truncated, NULL,
		"some text of this event was longer than what is kept"),
};
/* clang-format on */

FIELD_CLASS(exe, "The file that ran, was to run, or was mapped.", exe_fields);
