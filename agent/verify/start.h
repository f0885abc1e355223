/* SPDX-License-Identifier: Apache-2.0 */
/* What a container of an image starts, whether that can run, and as whom. */
#pragma once

#include "base/strbuf.h"
#include "verify/survey.h"

enum start_kind {
	START_ENTRYPOINT, /* with Cmd behind it */
	START_COMMAND, /* Cmd, without an entrypoint */
	START_HEALTHCHECK,
	START_KINDS,
};

/* "entrypoint", "cmd", "healthcheck". */
const char *start_kind_name(enum start_kind kind);

struct start {
	enum start_kind kind;
	bool is_shell_form; /* a text for a shell */
	const char *words[64]; /* of the configuration; those behind are counted */
	size_t count, left_out;
	struct strbuf path; /* of the file that it is, with all links followed; empty without one */
	const char *obstacle; /* why it will not run; NULL: it may */
	struct strbuf missing; /* what that is about */
	const struct item *item; /* the finding that it is, NULL without one */
};

#define STARTS_MAX 2

/* Fills RET with what CONFIG starts. Returns how many that are; those are to be released. */
size_t starts_find(const struct survey *survey, const struct image_config *config,
	struct start ret[STARTS_MAX]);
void start_done(struct start *start);

struct account {
	bool is_known; /* else the image has no such user, and nothing starts */
	bool is_root;
	uint32_t uid; /* when it is known */
};

/* Whom CONFIG's User is, by the image's /etc/passwd. */
struct account account_find(const struct survey *survey, const struct image_config *config);
