/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The loads of the benchmark: load exec N PROGRAM... spawns the programs in turn, N times in
 * all; load attempt N PATH tries to, load syscall N calls getppid, load stat N PATH looks PATH
 * up, load mmap N PATH maps PATH executable, load fork N makes processes that end with an error
 * and execute nothing, load cgroup N DIRECTORY makes and removes a cgroup there that is named
 * like a container. Prints nanoseconds of CPU time for one, of this process and its children:
 * waiting does not count. With CGROUP set in the environment, the load runs in that cgroup
 * directory, and makes its cgroups in that. load pause waits for its end.
 */
#include <errno.h>
#include <spawn.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include "place.h"

static double cpu_ns(int who)
{
	struct rusage usage;

	getrusage(who, &usage);
	return (usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) * 1e9 +
	       (usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) * 1e3;
}

/* Each has a name of its own, in other processes of this program too. */
static int make_and_remove_cgroup(const char *directory)
{
	static unsigned long number;
	char path[PATH_MAX];

	snprintf(path, sizeof(path), "%s/%032lx%032lx", directory, (long)getpid(), number++);
	return mkdir(path, 0755) == 0 && rmdir(path) == 0 ? 0 : -1;
}

/* A process as a runtime's child looks that has failed: the most work for who counts those. */
static int fork_and_fail(void)
{
	pid_t child = fork();

	if (child == 0)
		_exit(1);
	return child > 0 && waitpid(child, NULL, 0) == child ? 0 : -1;
}

/* A file is mapped executable, as a library is, and unmapped. */
static int map_and_unmap(const char *path)
{
	static int fd = -1;
	void *place;

	if (fd < 0)
		fd = open(path, O_RDONLY | O_CLOEXEC);
	place = mmap(NULL, 4096, PROT_READ | PROT_EXEC, MAP_PRIVATE, fd, 0);
	return place != MAP_FAILED && munmap(place, 4096) == 0 ? 0 : -1;
}

/* One turn of the load WHAT. -1 when it did not do what it should. */
static int turn(const char *what, const char *object)
{
	char *argv[] = {(char *)object, "-c", ":", NULL}; /* a shell ends at once */
	char *envp[] = {NULL};
	pid_t child;
	struct stat st;
	int error;

	if (strcmp(what, "stat") == 0)
		return stat(object, &st) < 0 && errno == ENOENT ? 0 : -1;
	if (strcmp(what, "mmap") == 0)
		return map_and_unmap(object);
	if (strcmp(what, "fork") == 0)
		return fork_and_fail();
	if (strcmp(what, "cgroup") == 0)
		return make_and_remove_cgroup(object);
	if (strcmp(what, "syscall") == 0)
		return syscall(SYS_getppid) > 0 ? 0 : -1;
	error = posix_spawn(&child, object, NULL, NULL, argv, envp);
	if (strcmp(what, "attempt") == 0)
		return error ? 0 : -1;
	return error == 0 && waitpid(child, NULL, 0) == child ? 0 : -1;
}

int main(int argc, char **argv)
{
	long count = argc > 2 ? strtol(argv[2], NULL, 10) : 0;
	const char *object = argc > 3 ? argv[3] : NULL, *cgroup = getenv("CGROUP");
	double before;

	if (argc == 2 && strcmp(argv[1], "pause") == 0)
		return pause();
	if (argc < 3 || count <= 0) {
		fprintf(stderr,
			"usage: load exec|attempt|syscall|stat|mmap|fork|cgroup COUNT [PATH]..., "
			"or load pause\n");
		return 2;
	}
	if (place_enter() < 0)
		return 1;
	if (cgroup && strcmp(argv[1], "cgroup") == 0)
		object = cgroup;
	before = cpu_ns(RUSAGE_SELF) + cpu_ns(RUSAGE_CHILDREN);
	for (long i = 0; i < count; i++) {
		if (argc > 4)
			object = argv[3 + i % (argc - 3)];
		if (turn(argv[1], object) < 0) {
			fprintf(stderr, "load: %s: %s\n", argv[1], strerror(errno));
			return 1;
		}
	}
	printf("%.1f\n", (cpu_ns(RUSAGE_SELF) + cpu_ns(RUSAGE_CHILDREN) - before) / count);
	return 0;
}
