/* SPDX-License-Identifier: Apache-2.0 */
/* See protobuf.h. The format: protobuf.dev, "Encoding". */
#include "container/protobuf.h"

#include <errno.h>
#include <stdint.h>

#define VARINT_BYTES_MAX 10

enum wire_type { WIRE_VARINT, WIRE_64_BITS, WIRE_BYTES, WIRE_GROUP, WIRE_GROUP_END, WIRE_32_BITS };

/* Takes LEN bytes off the front of REST. */
static bool take(struct slice *rest, uint64_t len, struct slice *ret)
{
	if (len > rest->len)
		return false;
	*ret = (struct slice){rest->data, len};
	rest->data += len;
	rest->len -= len;
	return true;
}

/* Bits above the 64th are lost, as in other readers. */
static bool take_varint(struct slice *rest, uint64_t *ret)
{
	uint64_t value = 0;

	for (unsigned i = 0; i < VARINT_BYTES_MAX; i++) {
		struct slice byte;

		if (!take(rest, 1, &byte))
			return false;
		value |= (uint64_t)(byte.data[0] & 0x7f) << (7 * i);
		if (!(byte.data[0] & 0x80)) {
			*ret = value;
			return true;
		}
	}
	return false;
}

/* Takes a value of TYPE. *RET is what it holds, for bytes. */
static bool take_value(struct slice *rest, enum wire_type type, struct slice *ret)
{
	uint64_t number;

	switch (type) {
	case WIRE_VARINT:
		return take_varint(rest, &number);
	case WIRE_64_BITS:
		return take(rest, 8, ret);
	case WIRE_BYTES:
		return take_varint(rest, &number) && take(rest, number, ret);
	case WIRE_32_BITS:
		return take(rest, 4, ret);
	case WIRE_GROUP:
	case WIRE_GROUP_END:
		break;
	}
	return false;
}

int protobuf_find_bytes(struct slice message, unsigned number, struct slice *ret)
{
	while (message.len > 0) {
		struct slice value = {0};
		uint64_t key;

		if (!take_varint(&message, &key) || !take_value(&message, key & 7, &value))
			return -EBADMSG;
		if (key == ((uint64_t)number << 3 | WIRE_BYTES)) {
			*ret = value;
			return 0;
		}
	}
	return -ENOENT;
}
