/* SPDX-License-Identifier: Apache-2.0 */
/* Fuzzes the layers of an overlay in mountinfo, whose names whoever mounts it chooses. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "container/overlay.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	CLEANUP(overlay_done) struct overlay overlay = {0};
	CLEANUP_FREE char *text = strndup((const char *)data, size);

	if (text && overlay_parse(text, "/", "/r/0/merged", &overlay) && overlay.lower.len == 0)
		abort();
	return 0;
}
