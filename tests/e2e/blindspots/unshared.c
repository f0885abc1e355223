/* SPDX-License-Identifier: Apache-2.0 */
/*
 * `unshared STEPS FILE ARGV0 [ARG...]`: STEPS are new namespaces, one after the other, and
 * then a child: p (of pids), u (of users, with root as root), m (of mounts).
 */
#include <sched.h>

#include "blindspot.h"

static void step(char which)
{
	static const struct {
		char name;
		int flag;
	} kinds[] = {{'p', CLONE_NEWPID}, {'u', CLONE_NEWUSER}, {'m', CLONE_NEWNS}};
	pid_t child;

	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		if (kinds[i].name == which)
			check(unshare(kinds[i].flag), "unshare");
	}
	if (which == 'u')
		map_root();
	child = check(fork(), "fork");
	if (child > 0)
		_exit(await(child));
}

int main(int argc, char **argv)
{
	char **file = command(argc, argv, 1);

	for (const char *at = argv[1]; *at; at++)
		step(*at);
	start(file);
}
