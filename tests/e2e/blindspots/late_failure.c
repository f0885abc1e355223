/* SPDX-License-Identifier: Apache-2.0 */
/*
 * `late_failure FILE ARGV0 [ARG...]`: runs a copy of the file whose first segment has an address
 * that no process has: the kernel finds out when the old program is already gone, and
 * ends the process. Status 0: that is what happened.
 */
#include <elf.h>
#include <signal.h>

#include "blindspot.h"

static void spoil(const char *path)
{
	int fd = check(open(path, O_RDWR | O_CLOEXEC), path);
	Elf64_Ehdr header;
	Elf64_Phdr segment;
	off_t at;

	check((int)pread(fd, &header, sizeof(header), 0), "pread");
	at = (off_t)header.e_phoff;
	for (int i = 0; i < header.e_phnum; i++, at += (off_t)sizeof(segment)) {
		check((int)pread(fd, &segment, sizeof(segment), at), "pread");
		if (segment.p_type != PT_LOAD)
			continue;
		segment.p_vaddr = 0xffff800000000000;
		check((int)pwrite(fd, &segment, sizeof(segment), at), "pwrite");
	}
	close(fd);
}

int main(int argc, char **argv)
{
	char **file = command(argc, argv, 0);
	pid_t child;

	copy_file(file[0], "/tmp/sh");
	spoil("/tmp/sh");
	file[0] = "/tmp/sh";
	child = fork();
	if (child == 0)
		start(file);
	return await(child) > 128 ? 0 : FAILED;
}
