/* SPDX-License-Identifier: Apache-2.0 */
/* The fields of a file that an image holds: file.*, which Falco does not have. */
#include "rule/field/class.h"

#define OF_PRESENT(member) SAME_PLACE(offsetof(struct present, member))

/* clang-format off */
static const struct field file_fields[] = {
	ROW("file.path", TEXT, PRESENT, IMAGE, read_present_path, NULL,
		"one of the file's names, from / on"),
	ROW("file.name", TEXT, PRESENT, IMAGE, read_present_name, NULL,
		"what is behind the last / of file.path"),
	ROW("file.class", TEXT, PRESENT, BYTES, read_present_class, NULL,
		"why it is judged; a file of several classes is judged once for each",
		.word = present_class_name),
	ROW("file.found_by", TEXT, PRESENT, AGENT, read_present_evidence, NULL,
		"what the class was told by", .word = present_evidence_name),
	ROW("file.program", TEXT, PRESENT, BYTES, read_present_text_at, "it is no program",
		"the program's name in the catalog", OF_PRESENT(program)),
	ROW("file.package", TEXT, PRESENT, IMAGE, read_present_text_at, "no record has the file",
		"package that it came with, by the image's own records", OF_PRESENT(package)),
	ROW("file.version", TEXT, PRESENT, IMAGE, read_present_text_at, "no record has the file",
		"version of that package", OF_PRESENT(version)),
	ROW("file.layer", NUMBER, PRESENT, IMAGE, read_present_layer, "no layer names it",
		"number of the layer that it came with, counted from the bottom, 1 first"),
	ROW("file.links", NUMBER, PRESENT, IMAGE, read_present_u32_at, NULL,
		"number of other names by which it is reached, hard and symbolic links",
		OF_PRESENT(links)),
	ROW("file.size", NUMBER, PRESENT, IMAGE, read_present_size, NULL,
		"bytes"),
	ROW("file.mode", TEXT, PRESENT, IMAGE, read_present_mode, NULL,
		"permission bits, four octal digits: 0755"),
	ROW("file.uid", NUMBER, PRESENT, IMAGE, read_present_u32_at, NULL,
		"user id of its owner", OF_PRESENT(uid)),
	ROW("file.gid", NUMBER, PRESENT, IMAGE, read_present_u32_at, NULL,
		"group id of its owner", OF_PRESENT(gid)),
	ROW("file.sha256", TEXT, PRESENT, BYTES, read_present_digest, "it is a directory",
		"digest of its bytes"),
	ROW("file.leaked", BOOL, PRESENT, IMAGE, read_present_bool_at, NULL,
		"it is in a lower layer only: shipped, and not seen in a container",
		OF_PRESENT(is_leaked)),
	ROW("file.has_manager", BOOL, PRESENT, IMAGE, read_present_bool_at, NULL,
		"a package manager is in the image as well; asked of package databases",
		OF_PRESENT(has_manager)),
};
/* clang-format on */

FIELD_CLASS(file, "A file that an image holds, as `barewatch verify` judges it.", file_fields);
