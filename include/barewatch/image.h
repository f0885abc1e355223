/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The image module: what a container image holds, read from files, without an engine and
 * without unpacking. It says what is there; what to think of it is somebody else's.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "barewatch/program.h"
#include "base/sha256.h"
#include "base/slice.h"

enum image_error_kind {
	IMAGE_NO_ERROR,
	IMAGE_UNREADABLE, /* malformed, not what its digest says, beyond a limit, or the disk's fault */
	IMAGE_INCOMPLETE, /* a part is not there, or in a form that is not read here */
};

struct image_error {
	enum image_error_kind kind;
	char message[512]; /* one line, safe to show */
};

/*
 * What an image may cost. What lies beyond a limit makes it unreadable, with a message that
 * names the limit by the member's name.
 */
struct image_limits {
	uint64_t bytes_max; /* decompressed, and with the holes of sparse files, of all blobs */
	unsigned
		ratio_max; /* of decompressed to compressed bytes of a blob, beyond ratio_free_bytes */
	uint64_t ratio_free_bytes;
	unsigned window_log_max; /* of zstd: two to this power bytes of memory */
	unsigned layers_max; /* of a manifest */
	unsigned manifests_max; /* of a reference */
	uint32_t members_max; /* of a layer, or of an archive */
	uint64_t text_bytes_max; /* names, links and what else is kept of the files of a layer */
	unsigned name_max; /* bytes in a path or a link */
	unsigned depth_max; /* components of a path */
	uint64_t json_bytes_max; /* of one document */
	unsigned json_depth_max;
};

/*
 * The largest images known have 600,000 files and 30 GB. Registries cut manifests off at 4 MiB (OCI
 * distribution specification 1.1, "Pushing manifests"). Deflate reaches 1,032 to 1, with what is no
 * more than zeros; RFC 8878 asks for a window of 8 MiB, and zstd takes up to 32 at level 20.
 */
#define IMAGE_LIMITS_DEFAULT                     \
	((struct image_limits){                  \
		.bytes_max = 64ULL << 30,        \
		.ratio_max = 200,                \
		.ratio_free_bytes = 64ULL << 20, \
		.window_log_max = 25,            \
		.layers_max = 512,               \
		.manifests_max = 256,            \
		.members_max = 1000000,          \
		.text_bytes_max = 256ULL << 20,  \
		.name_max = 4096,                \
		.depth_max = 256,                \
		.json_bytes_max = 4ULL << 20,    \
		.json_depth_max = 64,            \
	})
