/* SPDX-License-Identifier: Apache-2.0 */
/* A file that is there: what rules judge of images, SUBJECT_PRESENT. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/sha256.h"
#include "base/slice.h"

/* Why a file of an image is worth a word. A file is judged once for each class that it is of. */
enum present_class {
	PRESENT_SHELL,
	PRESENT_PACKAGE_MANAGER,
	PRESENT_MULTICALL_SHELL, /* busybox with a shell among its applets */
	PRESENT_PACKAGE_DATABASE, /* what a package manager keeps of what is installed */
	PRESENT_PACKED, /* compressed by a packer: nobody sees what it is */
	PRESENT_MULTICALL, /* without a shell or package manager */
	PRESENT_RUNTIME,
	PRESENT_INTERPRETER,
	PRESENT_DOWNLOADER,
	PRESENT_DEBUGGER,
	PRESENT_SETUID,
	PRESENT_SETGID,
	PRESENT_CAPABILITIES,
	PRESENT_WORLD_WRITABLE, /* a directory on PATH that anybody can write to */
	PRESENT_CLASSES,
};

/* "shell", "multicall_shell"...; NULL from PRESENT_CLASSES on. */
const char *present_class_name(unsigned class);

/* What told the class. */
enum present_evidence {
	PRESENT_BY_CONTENT,
	PRESENT_BY_NAME,
	PRESENT_BY_PATH, /* its place, as of a database */
	PRESENT_BY_MODE, /* permissions, or the attribute with capabilities */
	PRESENT_EVIDENCES,
};

/* "content", "name", "path", "mode"; NULL from PRESENT_EVIDENCES on. */
const char *present_evidence_name(unsigned evidence);

/* Slices are borrowed, and hostile. */
struct present {
	struct slice path; /* from "/" on */
	enum present_class class;
	enum present_evidence evidence;
	struct slice program; /* by the catalog; "" for what is no program */
	struct slice package, version; /* of the package that it came with; "" when not known */
	unsigned layer; /* counted from the bottom, 1 first; 0: of none */
	unsigned links; /* other names by which it is reached */
	uint32_t mode, uid, gid;
	uint64_t size_bytes;
	const unsigned char *digest; /* SHA256_SIZE bytes; NULL for directories */
	bool is_leaked; /* in a lower layer only: shipped, and not seen in a container */
	bool has_manager; /* of databases: a package manager is in the image, too */
};
