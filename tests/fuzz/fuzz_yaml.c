/* SPDX-License-Identifier: Apache-2.0 */
/*
 * YAML: whatever the text, it becomes a tree that can be written as JSON, or is refused
 * with a message that names the file.
 */
#include <stdint.h>
#include <stdlib.h>

#include "base/yaml.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct yaml_document document = YAML_DOCUMENT_INIT;
	struct diag d = {0};
	unsigned line, column;
	char message[1024];

	if (yaml_load_text("fuzz", (struct slice){(const char *)data, size}, &document, &d) == 0) {
		char *json = json_dumps(document.root, JSON_ENCODE_ANY);

		if (!json)
			abort();
		free(json);
		yaml_place(&document, document.root, &line, &column);
		if (!json_is_null(document.root) && (line == 0 || column == 0))
			abort();
	} else {
		if (document.root || !d.file[0] || !d.message[0])
			abort();
		diag_text(&d, message, sizeof(message));
	}
	yaml_document_done(&document);
	return 0;
}
