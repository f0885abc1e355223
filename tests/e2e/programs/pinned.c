/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Somebody who may do anything, and blinds the agent through what it has pinned:
 *
 *	pinned FILE steal	FILE is a ring: what waits in it is taken for read
 *	pinned FILE canary PID	FILE is the agent's memory: canaries are PID's children
 */
#include <errno.h>
#include <linux/bpf.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "barewatch/event.h"

static int get(const char *path)
{
	union bpf_attr attr = {.pathname = (uintptr_t)path};

	return syscall(SYS_bpf, BPF_OBJ_GET, &attr, sizeof(attr));
}

static void *map(int fd, size_t size, int protection, off_t offset)
{
	void *memory = mmap(NULL, size, protection, MAP_SHARED, fd, offset);

	if (memory == MAP_FAILED) {
		perror("mmap");
		exit(1);
	}
	return memory;
}

/* The first page of a ring has the reader's position, the second the writer's. */
static void steal(int fd)
{
	long page = sysconf(_SC_PAGESIZE);
	volatile unsigned long *reader = map(fd, page, PROT_READ | PROT_WRITE, 0);
	volatile unsigned long *writer = map(fd, page, PROT_READ, page);

	*reader = *writer;
}

static void set_canary(int fd, const char *pid)
{
	struct bw_agent *agent = map(fd, sizeof(*agent), PROT_READ | PROT_WRITE, 0);

	agent->tgid = strtoul(pid, NULL, 10);
}

int main(int argc, char **argv)
{
	int fd = argc > 2 ? get(argv[1]) : -1;

	if (fd < 0) {
		fputs("usage: pinned FILE steal|canary [PID]\n", stderr);
		return 2;
	}
	if (argc == 3 && strcmp(argv[2], "steal") == 0)
		steal(fd);
	else if (argc == 4 && strcmp(argv[2], "canary") == 0)
		set_canary(fd, argv[3]);
	else
		return 2;
	return 0;
}
