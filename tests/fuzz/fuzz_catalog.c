/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Program catalogs: whatever the text, it is loaded or refused with a message; what is
 * loaded can be asked about anything.
 */
#include <stdint.h>
#include <stdlib.h>

#include "program/catalog.h"

static void catalog_ask(const struct catalog *catalog)
{
	static const char *const paths[] = {
		"/bin/sh", "busybox", "/usr/bin/pip3.11", "", "/", "/a/\xff\n*[", "xbps-install"};
	static struct event event;

	for (size_t i = 0; i < sizeof(paths) / sizeof(paths[0]); i++) {
		struct slice path = slice_of(paths[i]);
		struct program program;

		event.kind = BW_EVENT_EXEC;
		event.exec.resolved.bytes = path;
		event.exec.args.bytes = (struct slice){"busybox\0sh\0-c", 13};
		program = program_classify(catalog, &event, NULL);
		if (program.class >= PROGRAM_CLASSES)
			abort();
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct catalog *catalog = NULL;
	struct diag d = {0};

	if (catalog_load_text("fuzz", (struct slice){(const char *)data, size}, &catalog, &d) == 0)
		catalog_ask(catalog);
	else if (catalog || !d.message[0])
		abort();
	catalog_free(catalog);
	return 0;
}
