/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Opened files as a load: opens THREADS COUNT FILES DIRECTORY [PAUSE_US] lets THREADS threads together
 * open and close COUNT files, each its own part of those that opens make FILES DIRECTORY has made there
 * (one: the same one). Prints nanoseconds of CPU time for one, of these threads alone. With PAUSE_US
 * each thread waits so long after every 64, which does not count: for a reader with a pace of its own.
 * With CGROUP set in the environment, in that cgroup directory.
 */
#include <errno.h>
#include <pthread.h>
#include <sys/stat.h>
#include <time.h>

#include "place.h"

#define THREADS_MAX   64
#define FILES_MAX     1000000
#define FILES_IN_ONE  100 /* directory */
#define OPENS_A_BATCH 64

struct opener {
	pthread_t thread;
	char **files;
	unsigned long n_files, count;
	unsigned pause_us;
	double ns;
	int error;
};

static double thread_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
	return now.tv_sec * 1e9 + now.tv_nsec;
}

static char *file_path(const char *directory, unsigned long i)
{
	char *path = NULL;

	return asprintf(&path, "%s/%lu/%lu", directory, i / FILES_IN_ONE, i) < 0 ? NULL : path;
}

/* ---- making them ---- */

static int make_file(const char *directory, unsigned long i)
{
	char *path = file_path(directory, i), *end = path ? strrchr(path, '/') : NULL;
	int fd, ok;

	if (!end)
		return -1;
	*end = '\0';
	if (i % FILES_IN_ONE == 0 && mkdir(path, 0755) < 0)
		return -1;
	*end = '/';
	fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644);
	ok = fd >= 0 && dprintf(fd, "%0512lu\n", i) > 0;
	free(path);
	return ok && close(fd) == 0 ? 0 : -1;
}

static int make_files(unsigned long count, const char *directory)
{
	for (unsigned long i = 0; i < count; i++)
		if (make_file(directory, i) < 0) {
			perror(directory);
			return 1;
		}
	return 0;
}

/* ---- opening them ---- */

/* Up to a batch, from the file NEXT on. 0, or an errno. */
static int open_batch(const struct opener *o, unsigned long next, unsigned long count)
{
	for (unsigned long i = next; i < next + count; i++) {
		int fd = open(o->files[i % o->n_files], O_RDONLY | O_CLOEXEC);

		if (fd < 0)
			return errno;
		close(fd);
	}
	return 0;
}

static void *open_all(void *arg)
{
	struct opener *o = arg;
	unsigned long count;
	double before;

	for (unsigned long done = 0; done < o->count && !o->error; done += count) {
		count = o->pause_us ? OPENS_A_BATCH : o->count;
		if (count > o->count - done)
			count = o->count - done;
		before = thread_ns();
		o->error = open_batch(o, done, count);
		o->ns += thread_ns() - before;
		if (o->pause_us)
			usleep(o->pause_us);
	}
	return NULL;
}

/* Nanoseconds of all, or -1. */
static double run(struct opener *openers, unsigned long threads)
{
	double ns = 0;

	for (unsigned long i = 0; i < threads; i++)
		if (pthread_create(&openers[i].thread, NULL, open_all, &openers[i]) != 0)
			return -1;
	for (unsigned long i = 0; i < threads; i++) {
		pthread_join(openers[i].thread, NULL);
		ns += openers[i].ns;
		if (openers[i].error) {
			fprintf(stderr, "opens: %s\n", strerror(openers[i].error));
			return -1;
		}
	}
	return ns;
}

static unsigned long number(const char *text, unsigned long max)
{
	unsigned long value = strtoul(text, NULL, 10);

	return value <= max ? value : 0;
}

static int usage(void)
{
	fputs("usage: opens THREADS COUNT FILES DIRECTORY [PAUSE_US], or opens make FILES DIRECTORY\n",
		stderr);
	return 2;
}

/* The paths of the files below DIRECTORY, which are there until the end. NULL without memory. */
static char **list_files(const char *directory, unsigned long count)
{
	char **files = calloc(count, sizeof(*files));

	for (unsigned long i = 0; files && i < count; i++) {
		files[i] = file_path(directory, i);
		if (!files[i])
			return NULL;
	}
	return files;
}

/* Gives each of THREADS its part of the files, or all where there are fewer. */
static void share(struct opener *openers, unsigned long threads, const struct opener *all)
{
	unsigned long part = all->n_files / threads;

	for (unsigned long i = 0; i < threads; i++) {
		openers[i] = *all;
		openers[i].count = all->count / threads;
		if (part > 0) {
			openers[i].files = all->files + i * part;
			openers[i].n_files = part;
		}
	}
}

int main(int argc, char **argv)
{
	struct opener openers[THREADS_MAX], all = {0};
	unsigned long threads;
	double ns;

	if (argc == 4 && strcmp(argv[1], "make") == 0)
		return make_files(number(argv[2], FILES_MAX), argv[3]);
	if (argc != 5 && argc != 6)
		return usage();
	threads = number(argv[1], THREADS_MAX);
	all.count = number(argv[2], ULONG_MAX);
	all.n_files = number(argv[3], FILES_MAX);
	all.pause_us = argc == 6 ? number(argv[5], UINT_MAX) : 0;
	if (!threads || all.count < threads || !all.n_files)
		return usage();
	all.files = list_files(argv[4], all.n_files);
	if (!all.files || place_enter() < 0)
		return 1;
	share(openers, threads, &all);
	ns = run(openers, threads);
	if (ns < 0)
		return 1;
	printf("%.1f\n", ns / (all.count / threads * threads));
	return 0;
}
