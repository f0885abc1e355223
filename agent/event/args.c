/* SPDX-License-Identifier: Apache-2.0 */
/* Walking over the argument lists of events. */
#include "barewatch/decode.h"

bool event_args_next(const struct event_text *args, size_t *offset, struct slice *ret)
{
	const char *start, *end;
	size_t left;

	if (*offset >= args->bytes.len)
		return false;
	start = args->bytes.data + *offset;
	left = args->bytes.len - *offset;
	end = memchr(start, '\0', left);
	/* a list that was cut ends without a NUL */
	ret->data = start;
	ret->len = end ? (size_t)(end - start) : left;
	*offset += ret->len + 1;
	return true;
}
