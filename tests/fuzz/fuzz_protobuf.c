/* SPDX-License-Identifier: Apache-2.0 */
/* Protobuf: whatever the bytes, a field that is found lies within them, and any in it does. */
#include <stdint.h>
#include <stdlib.h>

#include "container/protobuf.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct slice message = {(const char *)data, size}, value;

	for (unsigned depth = 0; depth < 4; depth++) {
		if (protobuf_find_bytes(message, depth % 2 + 1, &value) < 0)
			break;
		if (value.data < message.data ||
			!range_valid(value.data - message.data, value.len, message.len))
			abort();
		message = value;
	}
	return 0;
}
