/* SPDX-License-Identifier: Apache-2.0 */
/* The words for what a file was opened for. */
#include <string.h>

#include "barewatch/profile.h"
#include "base/cleanup.h"

static const struct {
	uint32_t use;
	const char *word;
} words[PROFILE_USES_MAX] = {
	{BW_OPEN_READ, "read"},
	{BW_OPEN_WRITE, "write"},
	{BW_OPEN_TRUNC, "truncate"},
	{BW_OPEN_CREATED, "create"},
	{BW_OPEN_EXECUTABLE, "make_executable"},
	{PROFILE_EXECUTED, "execute"},
};

size_t profile_use_words(uint32_t use, const char *ret[static PROFILE_USES_MAX])
{
	size_t count = 0;

	for (size_t i = 0; i < ARRAY_SIZE(words); i++)
		if (use & words[i].use)
			ret[count++] = words[i].word;
	return count;
}

uint32_t profile_use_parse(const char *word)
{
	for (size_t i = 0; i < ARRAY_SIZE(words); i++)
		if (strcmp(words[i].word, word) == 0)
			return words[i].use;
	return 0;
}
