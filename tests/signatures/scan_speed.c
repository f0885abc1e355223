/* SPDX-License-Identifier: Apache-2.0 */
/*
 * scan_speed CATALOG FILE ROUNDS: CPU time to read FILE in parts, to search it for one byte with
 * memchr, and to identify it, as medians of ROUNDS turns: "BYTES READ_NS SEARCH_NS IDENTIFY_NS".
 */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <time.h>

#include "barewatch/program.h"
#include "base/cleanup.h"

#define ROUNDS_MAX 1001

static struct program_buffer buffer;
static uint64_t bytes;

static uint64_t cpu_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
	return now.tv_sec * UINT64_C(1000000000) + now.tv_nsec;
}

/* Reads all of FD. Searches it for a byte that stops the search nowhere but at each of its kind. */
static void read_all(int fd, bool search)
{
	ssize_t size;

	bytes = 0;
	while ((size = pread(fd, buffer.bytes, sizeof(buffer.bytes), bytes)) > 0) {
		const unsigned char *at = buffer.bytes, *end = at + size;

		while (search && at && (at = memchr(at, 0xf1, end - at)))
			at++;
		bytes += size;
	}
}

static void work(const struct catalog *catalog, int fd, int kind)
{
	struct program_identity identity;

	if (kind < 2)
		read_all(fd, kind == 1);
	else
		program_identify(catalog, fd, UINT64_MAX, &buffer, &identity);
}

static int compare(const void *a, const void *b)
{
	const uint64_t *x = a, *y = b;

	return *x < *y ? -1 : *x > *y;
}

/* One turn of each kind, so that a machine that changes its speed changes it for all. */
static void measure(const struct catalog *catalog, int fd, int rounds)
{
	static uint64_t times[3][ROUNDS_MAX];

	for (int round = 0; round < rounds; round++)
		for (int kind = 0; kind < 3; kind++) {
			uint64_t start = cpu_ns();

			work(catalog, fd, kind);
			times[kind][round] = cpu_ns() - start;
		}
	printf("%" PRIu64, bytes);
	for (int kind = 0; kind < 3; kind++) {
		qsort(times[kind], rounds, sizeof(times[kind][0]), compare);
		printf(" %" PRIu64, times[kind][rounds / 2]);
	}
	puts("");
}

int main(int argc, char **argv)
{
	int rounds = argc == 4 ? (int)strtol(argv[3], NULL, 10) : 0;
	CLEANUP_FD int fd = rounds > 0 ? open(argv[2], O_RDONLY | O_CLOEXEC) : -1;
	struct catalog *catalog = NULL;
	struct diag d;

	if (fd < 0 || rounds >= ROUNDS_MAX || catalog_load_file(argv[1], &catalog, &d) < 0) {
		fprintf(stderr, "usage: scan_speed CATALOG FILE ROUNDS\n");
		return 2;
	}
	measure(catalog, fd, rounds);
	catalog_free(catalog);
	return 0;
}
