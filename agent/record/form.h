/* SPDX-License-Identifier: Apache-2.0 */
/* The form of the lines of a recording: docs/record.md. Pure. */
#pragma once

#include "barewatch/record.h"
#include "base/json.h"

/* Appends a header of the file number PART of a recording that began at TIME_NS. 0 or -ENOMEM. */
int record_header_format(
	const struct record_header *header, uint64_t time_ns, unsigned part, struct strbuf *out);

/* Appends RECORD about SUBJECT. 0 or -ENOMEM. */
int record_format(const struct record *record, const struct subject *subject, struct strbuf *out);

/*
 * Reads TEXT, the line number LINE of the file NAME, without its newline. Fills in HEADER when
 * it is one; else *RET_SUBJECT. 0, or a negative errno with D filled in.
 */
int record_parse(struct slice text, const char *name, unsigned line, struct record *ret,
	struct record_header *header, struct recorded **ret_subject, struct diag *d);
