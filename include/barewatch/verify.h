/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The verify module: whether an image is bare. From what an image holds (image.h) to a report, and
 * from a report to the forms in which it is shown. Pure: reads no files, asks nobody.
 */
#pragma once

#include <stdbool.h>

#include <jansson.h>

#include "barewatch/image.h"
#include "barewatch/program.h"
#include "barewatch/rule.h"
#include "base/strbuf.h"

#define VERIFY_REPORT_VERSION 1

/* The worst last. */
enum verify_verdict {
	VERIFY_BARE,
	VERIFY_NOT_BARE,
	VERIFY_INCOMPLETE, /* nothing found, but not all could be looked at */
	VERIFY_UNREADABLE,
	VERIFY_VERDICTS,
};

/* "bare", "not bare", "incomplete", "unreadable": the words of reports. */
const char *verify_verdict_name(enum verify_verdict verdict);

/* What is a violation, and what is allowed. */
struct verify_policy;

int verify_policy_new(struct verify_policy **ret);
void verify_policy_free(struct verify_policy *policy);

/*
 * Adds what the YAML file PATH says: `violations` and `notes`, lists of classes, and `allow`, a
 * list of mappings with `path` and `reason`. 0, or a negative errno with D filled in.
 */
int verify_policy_load(struct verify_policy *policy, const char *path, struct diag *d);

/*
 * Makes what is of the class WORD ("leak" is one, too) a violation, whatever files say. 0, or an
 * error with D filled in.
 */
int verify_policy_fail_on(struct verify_policy *policy, const char *word, struct diag *d);

/* Allows what ALLOWANCE, "PATH=REASON", names. 0, or an error with D filled in. */
int verify_policy_allow(struct verify_policy *policy, const char *allowance, struct diag *d);

/* For image_options.keeps: whether the bytes of the file PATH are needed to judge an image. */
bool verify_keeps(struct slice path, uint64_t size_bytes, void *userdata);

struct verify_options {
	const struct catalog *catalog; /* by which the image was read */
	const struct rule_set *rules;
	const struct verify_policy *policy;
};

/*
 * The report of IMAGE, which was read with verify_keeps(), as docs/verify.md describes it.
 * REFERENCE is how it was named. 0 or -ENOMEM. The report is the caller's.
 */
int verify_image(const char *reference, const struct image *image,
	const struct verify_options *options, json_t **ret);

/* The report of a reference of which nothing could be read, because of E. 0 or -ENOMEM. */
int verify_failed(const char *reference, const struct image_error *e, json_t **ret);

/* The worst verdict of all of REPORT's images. */
enum verify_verdict verify_report_verdict(const json_t *report);

/* ---- forms: of a report that may have been read from a file, so hostile ---- */

struct verify_text_options {
	bool color;
	bool quiet; /* the verdicts alone */
};

/* Appends REPORT for people. OUT keeps the error. */
void verify_form_text(
	const json_t *report, const struct verify_text_options *options, struct strbuf *out);

/* Appends a SARIF 2.1.0 log of the list REPORTS. 0 or -ENOMEM. */
int verify_form_sarif(const json_t *reports, struct strbuf *out);

/* Appends JUnit's XML of the list REPORTS. OUT keeps the error. */
void verify_form_junit(const json_t *reports, struct strbuf *out);

/*
 * Appends an in-toto statement for each manifest of REPORT that has a digest, a line each. 0 or
 * -ENOMEM.
 */
int verify_form_intoto(const json_t *report, struct strbuf *out);
