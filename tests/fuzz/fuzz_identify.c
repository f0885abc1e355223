/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Files that claim to be programs: whatever the bytes, they are read within their bounds, and
 * what comes out is whole: texts with an end, numbers within their limits. The first byte says
 * how many of the others are seen.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "builtin.h"

static struct catalog *load_catalog(void)
{
	struct catalog *catalog = NULL;
	struct diag d;

	if (builtin_catalog(&catalog, &d) < 0)
		abort();
	return catalog;
}

static void check(const struct program_identity *identity)
{
	if (identity->class >= PROGRAM_CLASSES ||
		identity->build_id_bytes > sizeof(identity->build_id) ||
		!memchr(identity->interpreter, '\0', sizeof(identity->interpreter)) ||
		!memchr(identity->argument, '\0', sizeof(identity->argument)) ||
		!memchr(identity->module, '\0', sizeof(identity->module)) ||
		(identity->is_script && identity->is_elf) ||
		(identity->is_script && !identity->interpreter[0]) ||
		(identity->signature && !identity->is_elf))
		abort();
}

static void classify(const struct catalog *catalog, const struct program_identity *identity)
{
	static struct event event;
	struct program program;

	event.kind = BW_EVENT_EXEC;
	event.exec.resolved.bytes = slice_of("/bin/bash");
	event.exec.args.bytes = (struct slice){"busybox\0sh\0-c", 13};
	program = program_classify(catalog, &event, identity);
	if (program.class >= PROGRAM_CLASSES)
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct catalog *catalog;
	struct program_identity identity;
	struct slice bytes;

	if (!catalog)
		catalog = load_catalog();
	if (size == 0)
		return 0;
	bytes = (struct slice){(const char *)data + 1, size - 1};
	if (data[0] % 8 && bytes.len > data[0])
		bytes.len -= data[0];
	program_identify_bytes(catalog, bytes, data[0] % 8 == 0, &identity);
	check(&identity);
	classify(catalog, &identity);
	return 0;
}
