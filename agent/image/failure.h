/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Filling a struct image_error: what is wrong with an image, and whether with it or with what is
 * there of it.
 */
#pragma once

#include "barewatch/image.h"

/*
 * Fills E, which may hold an earlier error, with a message that is safe to show: what names in
 * it hold is escaped. Returns -EBADMSG, so that a reader can say `return image_fail(...)`.
 */
int image_fail(struct image_error *e, enum image_error_kind kind, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

/*
 * Same for the error of a system call, or of memory that is out: the message ends in its text.
 * Returns ERROR.
 */
int image_fail_errno(struct image_error *e, int error, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

/* Puts "CONTEXT: " before the message. */
void image_error_within(struct image_error *e, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

/* For "%.*s". Names are cut at a length that a line can show. */
#define IMAGE_SHOWN_MAX 200
#define SHOWN(slice) \
	(int)((slice).len < IMAGE_SHOWN_MAX ? (slice).len : IMAGE_SHOWN_MAX), (slice).data
