/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Floods whoever watches with files that were never there before: `open_flood THREADS SECONDS
 * DIRECTORY` lets each of THREADS make files of new names in DIRECTORY, and remove them again, until
 * SECONDS are over. Prints how many were opened.
 */
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define THREADS_MAX         64
#define OPENS_BETWEEN_LOOKS 256 /* at the clock */

struct flooder {
	pthread_t thread;
	unsigned number;
	time_t end;
	unsigned long opened;
};

static int directory;

static void *flood(void *arg)
{
	struct flooder *f = arg;
	char name[64];

	for (unsigned long i = 0; i % OPENS_BETWEEN_LOOKS != 0 || time(NULL) < f->end; i++) {
		int fd;

		snprintf(name, sizeof(name), "%u-%lu", f->number, i);
		fd = openat(directory, name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
		if (fd < 0)
			break;
		f->opened++;
		close(fd);
		unlinkat(directory, name, 0);
	}
	return NULL;
}

int main(int argc, char **argv)
{
	struct flooder flooders[THREADS_MAX] = {0};
	unsigned long threads, opened = 0;

	threads = argc == 4 ? strtoul(argv[1], NULL, 10) : 0;
	if (threads < 1 || threads > THREADS_MAX) {
		fputs("usage: open_flood THREADS SECONDS DIRECTORY\n", stderr);
		return 2;
	}
	directory = open(argv[3], O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (directory < 0) {
		fprintf(stderr, "open_flood: %s: %s\n", argv[3], strerror(errno));
		return 4;
	}
	for (unsigned i = 0; i < threads; i++) {
		flooders[i].number = i;
		flooders[i].end = time(NULL) + (time_t)strtoul(argv[2], NULL, 10);
		if (pthread_create(&flooders[i].thread, NULL, flood, &flooders[i]) != 0)
			return 4;
	}
	for (unsigned i = 0; i < threads; i++) {
		pthread_join(flooders[i].thread, NULL);
		opened += flooders[i].opened;
	}
	printf("%lu\n", opened);
	return 0;
}
