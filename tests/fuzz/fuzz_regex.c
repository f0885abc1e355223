/* SPDX-License-Identifier: Apache-2.0 */
/* Regular expressions: the first line is the pattern, what follows the text. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "rule/condition/regex.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const uint8_t *end = size ? memchr(data, '\n', size) : NULL;
	size_t len = end ? (size_t)(end - data) : size, offset = 0;
	struct slice pattern = {(const char *)data, len};
	struct slice text = {(const char *)data + len, size - len};
	const char *problem = NULL;
	struct regex *regex;

	if (regex_compile(pattern, &regex, &problem, &offset) < 0) {
		if (!problem || offset > len)
			abort();
		return 0;
	}
	if (end)
		text = (struct slice){text.data + 1, text.len - 1};
	regex_match(regex, text);
	regex_free(regex);
	return 0;
}
