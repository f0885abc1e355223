/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A load with a pace: rate execs|opens|new THREADS PER_SECOND MS OBJECT lets THREADS threads together
 * do so many a second, for so many milliseconds. execs starts the program OBJECT; opens opens the file
 * OBJECT; new makes a file that was never there in the directory OBJECT, and removes it. Each thread
 * does each millisecond what is due; what it could not do in time it catches up with. Prints how many
 * were done, and how many a second that was. With CGROUP set in the environment, in that cgroup
 * directory.
 */
#include <errno.h>
#include <pthread.h>
#include <spawn.h>
#include <stdbool.h>
#include <sys/wait.h>
#include <time.h>

#include "place.h"

#define THREADS_MAX 64
#define NS_PER_S    1000000000ull
#define NS_PER_MS   1000000ull

struct worker {
	pthread_t thread;
	unsigned long number, done;
	double per_ns;
	unsigned long long begin_ns, end_ns;
	int (*turn)(struct worker *w);
	bool failed;
};

static const char *object;

static unsigned long long now_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * NS_PER_S + now.tv_nsec;
}

/* ---- what is done ---- */

static int exec_one(struct worker *w)
{
	char *argv[] = {(char *)object, NULL}, *envp[] = {NULL};
	pid_t child;

	(void)w;
	return posix_spawn(&child, object, NULL, NULL, argv, envp) == 0 &&
			       waitpid(child, NULL, 0) == child
		       ? 0
		       : -1;
}

static int open_one(struct worker *w)
{
	int fd = open(object, O_RDONLY | O_CLOEXEC);

	(void)w;
	return fd >= 0 ? close(fd) : -1;
}

static int make_one(struct worker *w)
{
	char path[PATH_MAX];
	int fd;

	snprintf(path, sizeof(path), "%s/%d-%lu-%lu", object, getpid(), w->number, w->done);
	fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	return fd >= 0 && close(fd) == 0 ? unlink(path) : -1;
}

/* ---- when ---- */

static void sleep_until(unsigned long long ns)
{
	struct timespec at = {.tv_sec = ns / NS_PER_S, .tv_nsec = ns % NS_PER_S};

	while (clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &at, NULL) == EINTR)
		;
}

/* Until all is done, or the time is over and what was due was too much. */
static void *work(void *arg)
{
	struct worker *w = arg;
	unsigned long long now;

	for (now = w->begin_ns; now < w->end_ns && !w->failed; now = now_ns()) {
		unsigned long due = (now + NS_PER_MS - w->begin_ns) * w->per_ns;

		for (; w->done < due && !w->failed; w->done++) {
			w->failed = w->turn(w) < 0;
			if (w->done % 64 == 0 && now_ns() >= w->end_ns)
				break;
		}
		sleep_until(now + NS_PER_MS);
	}
	return NULL;
}

static int run(const struct worker *first, unsigned long threads)
{
	struct worker workers[THREADS_MAX];
	unsigned long done = 0;
	bool failed = false;

	for (unsigned long i = 0; i < threads; i++) {
		workers[i] = *first;
		workers[i].number = i;
		if (pthread_create(&workers[i].thread, NULL, work, &workers[i]) != 0)
			return 1;
	}
	for (unsigned long i = 0; i < threads; i++) {
		pthread_join(workers[i].thread, NULL);
		done += workers[i].done;
		failed |= workers[i].failed;
	}
	if (failed) {
		fprintf(stderr, "rate: %s: it did not work\n", object);
		return 1;
	}
	printf("%lu %.0f\n", done, done * (double)NS_PER_S / (now_ns() - first->begin_ns));
	return 0;
}

int main(int argc, char **argv)
{
	static const struct {
		const char *name;
		int (*turn)(struct worker *w);
	} kinds[] = {{"execs", exec_one}, {"opens", open_one}, {"new", make_one}};
	struct worker worker = {0};
	unsigned long threads = argc == 6 ? strtoul(argv[2], NULL, 10) : 0;

	for (size_t i = 0; i < sizeof(kinds) / sizeof(*kinds) && argc == 6; i++)
		if (strcmp(argv[1], kinds[i].name) == 0)
			worker.turn = kinds[i].turn;
	if (!worker.turn || threads < 1 || threads > THREADS_MAX) {
		fputs("usage: rate execs|opens|new THREADS PER_SECOND MS OBJECT\n", stderr);
		return 2;
	}
	object = argv[5];
	if (place_enter() < 0)
		return 1;
	worker.per_ns = strtod(argv[3], NULL) / NS_PER_S / threads;
	worker.begin_ns = now_ns();
	worker.end_ns = worker.begin_ns + strtoul(argv[4], NULL, 10) * NS_PER_MS;
	return run(&worker, threads);
}
