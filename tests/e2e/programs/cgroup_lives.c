/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Containers that come and go, as far as cgroups tell: `cgroup_lives DIRECTORY
 * FIRST COUNT` makes and removes COUNT cgroups below DIRECTORY, by four: one named
 * as Docker names a container's, one of no container, and one below each. Their
 * names are numbers from FIRST on. At most ALIVE fours exist at a time. A cgroup that
 * cannot be made or removed ends it with status 1.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define ALIVE 64 /* 256 cgroups */

/* Parents first. */
static const char *const forms[] = {
	"docker/%064lx",
	"docker/%064lx/init",
	"user-%lx.service",
	"user-%lx.service/app",
};
#define FORMS (sizeof(forms) / sizeof(forms[0]))

static void fail(const char *what, const char *path)
{
	fprintf(stderr, "cgroup_lives: %s %s: %s\n", what, path, strerror(errno));
	exit(1);
}

static void begin(unsigned long number)
{
	char path[128];

	for (size_t i = 0; i < FORMS; i++) {
		snprintf(path, sizeof(path), forms[i], number);
		if (mkdir(path, 0755) < 0)
			fail("mkdir", path);
	}
}

static void end(unsigned long number)
{
	char path[128];

	for (size_t i = FORMS; i-- > 0;) {
		snprintf(path, sizeof(path), forms[i], number);
		if (rmdir(path) < 0)
			fail("rmdir", path);
	}
}

int main(int argc, char **argv)
{
	unsigned long first, lives;

	if (argc != 4) {
		fputs("usage: cgroup_lives DIRECTORY FIRST COUNT\n", stderr);
		return 2;
	}
	first = strtoul(argv[2], NULL, 10);
	lives = strtoul(argv[3], NULL, 10) / FORMS;
	if (chdir(argv[1]) < 0)
		fail("chdir", argv[1]);
	for (unsigned long i = 0; i < lives + ALIVE; i++) {
		if (i >= ALIVE && i - ALIVE < lives)
			end(first + i - ALIVE);
		if (i < lives)
			begin(first + i);
	}
	return 0;
}
