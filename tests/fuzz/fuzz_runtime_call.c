/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Command lines of processes that call themselves runtimes: what is found lies within the
 * arguments, and a call has an id. The first byte says whether they were cut.
 */
#include <stdint.h>
#include <stdlib.h>

#include "barewatch/runtime.h"

/* True when PART is empty or lies within WHOLE. */
static bool lies_within(struct slice part, struct slice whole)
{
	return part.len == 0 ||
	       (part.data >= whole.data && part.data + part.len <= whole.data + whole.len);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct runtime_call call;
	struct event_text args;
	struct slice arg;
	size_t offset = 0, total = 0;

	if (size == 0)
		return 0;
	args = (struct event_text){
		.bytes = {(const char *)data + 1, size - 1}, .truncated = data[0] & 1};
	if (!runtime_call_parse(&args, &call))
		return 0;
	if (call.id.len == 0 || !lies_within(call.id, args.bytes) ||
		!lies_within(call.bundle, args.bytes) || !lies_within(call.process, args.bytes) ||
		!lies_within(call.command.bytes, args.bytes))
		abort();
	while (event_args_next(&call.command, &offset, &arg))
		total += arg.len + 1;
	if (total > call.command.bytes.len + 1)
		abort();
	return 0;
}
