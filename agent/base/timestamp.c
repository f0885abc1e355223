/* SPDX-License-Identifier: Apache-2.0 */
/* See timestamp.h. */
#include "base/timestamp.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

#include "base/clock.h"

#define SECONDS_FORMAT  "%Y-%m-%dT%H:%M:%S"
#define FRACTION_DIGITS 9

void timestamp_format(uint64_t time_ns, char ret[static TIMESTAMP_SIZE])
{
	time_t seconds = time_ns / NS_PER_S;
	struct tm tm;
	size_t len;

	gmtime_r(&seconds, &tm);
	len = strftime(ret, TIMESTAMP_SIZE, SECONDS_FORMAT, &tm);
	snprintf(ret + len, TIMESTAMP_SIZE - len, ".%09uZ", (unsigned)(time_ns % NS_PER_S));
}

/* What is not written in the one way that timestamp_format() has would come out as another text. */
bool timestamp_parse(const char *text, uint64_t *ret)
{
	struct tm tm = {0};
	const char *rest = text ? strptime(text, SECONDS_FORMAT, &tm) : NULL;
	char again[TIMESTAMP_SIZE];
	uint64_t fraction = 0, time_ns;
	time_t seconds;

	if (!rest || rest[0] != '.' || strspn(rest + 1, "0123456789") != FRACTION_DIGITS)
		return false;
	for (int i = 1; i <= FRACTION_DIGITS; i++)
		fraction = fraction * 10 + (rest[i] - '0');
	seconds = timegm(&tm);
	if (seconds < 0 || (uint64_t)seconds >= UINT64_MAX / NS_PER_S)
		return false;
	time_ns = seconds * NS_PER_S + fraction;
	timestamp_format(time_ns, again);
	if (strcmp(again, text) != 0)
		return false;
	*ret = time_ns;
	return true;
}
