/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The fields of a file that was opened: fd.*, and fs.path.*, of Falco those that have a meaning for
 * files. fd.* are of mapped files, too, as mmap has a descriptor.
 */
#include "rule/field/class.h"

#define NOT_OPENED "the call failed"

/* clang-format off */
static const struct field fd_fields[] = {
	ROW("fd.num", NUMBER, OPEN, KERNEL, read_fd_number, NULL,
		"number of the descriptor, -1 when the call failed"),
	ROW("fd.type", TEXT, TARGETS, KERNEL, read_fd_type, NOT_OPENED,
		"file or directory; file for what is neither", .word = fd_type_word,
		.is_of_open_kind = true),
	ROW("fd.typechar", TEXT, TARGETS, KERNEL, read_fd_type_letter, NULL,
		"f for file, d for directory; f when the call failed", .word = fd_type_letter,
		.is_of_open_kind = true),
	ROW("fd.name", TEXT, TARGETS, KERNEL, read_text_at, UNREADABLE,
		"path of the file, symbolic links followed; of a call that failed, the path asked "
		"for, made absolute", TEXT_OF_TARGETS(path, file), .is_of_open_kind = true),
	ROW("fd.nameraw", TEXT, OPEN, KERNEL, read_text_at, UNREADABLE,
		"path as given to the call", TEXT_OF_OPEN(asked)),
	ROW("fd.directory", TEXT, TARGETS, KERNEL, read_directory, UNREADABLE,
		"directory of fd.name", TEXT_OF_TARGETS(path, file), .is_of_open_kind = true),
	ROW("fd.filename", TEXT, TARGETS, KERNEL, read_file_name, UNREADABLE,
		"what is behind the last / of fd.name", TEXT_OF_TARGETS(path, file),
		.is_of_open_kind = true),
	ROW("fd.ino", NUMBER, TARGETS, KERNEL, read_target_inode, NOT_OPENED,
		"inode number", .is_of_open_kind = true),
	ROW("fd.dev", NUMBER, TARGETS, KERNEL, read_target_device, NOT_OPENED,
		"device of the file system, major and minor in one: major * 256 + minor for small ones",
		OF_NUMBER(DEVICE_BOTH), .is_extra = true, .is_of_open_kind = true),
	ROW("fd.dev.major", NUMBER, TARGETS, KERNEL, read_target_device, NOT_OPENED,
		"major number of that device", OF_NUMBER(DEVICE_MAJOR), .is_of_open_kind = true),
	ROW("fd.dev.minor", NUMBER, TARGETS, KERNEL, read_target_device, NOT_OPENED,
		"minor number of that device", OF_NUMBER(DEVICE_MINOR), .is_of_open_kind = true),
	ROW("fd.uid", TEXT, OPEN, KERNEL, read_fd_uid, NOT_OPENED,
		"thread id and fd.num in one text", .is_extra = true),
	ROW("fd.containername", TEXT, TARGETS, KERNEL, read_fd_in_container, UNREADABLE,
		"container.id, a colon, and fd.name", TEXT_OF_TARGETS(path, file), .is_extra = true,
		.is_of_open_kind = true),
	ROW("fd.containerdirectory", TEXT, TARGETS, KERNEL, read_fd_directory_in_container,
		UNREADABLE, "container.id, a colon, and fd.directory",
		TEXT_OF_TARGETS(path, file), .is_extra = true, .is_of_open_kind = true),
	ROW("fd.is_upper_layer", BOOL, TARGETS, IMAGE, read_in_upper_layer,
		"the image's layers are not known, or the file was not looked at",
		"the file is in the upper layer of an overlay: written since the container was started"),
	ROW("fd.is_lower_layer", BOOL, TARGETS, IMAGE, read_in_lower_layer,
		"the image's layers are not known, or the file was not looked at",
		"the file is in a lower layer of an overlay: the image's"),
};

static const struct field fs_fields[] = {
	ROW("fs.path.name", TEXT, OPEN, KERNEL, read_opened_text_at, "the call failed",
		"fd.name, where a file was opened", TEXT_OF_OPEN(path), .is_extra = true,
		.is_of_open_kind = true),
	ROW("fs.path.nameraw", TEXT, OPEN, KERNEL, read_opened_text_at, "the call failed",
		"fd.nameraw, where a file was opened", TEXT_OF_OPEN(asked), .is_extra = true),
};
/* clang-format on */

FIELD_CLASS(fd, "The file that was opened, was to be, or was mapped.", fd_fields);
FIELD_CLASS(fs, "The path that a call was about.", fs_fields);
