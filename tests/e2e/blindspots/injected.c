/* SPDX-License-Identifier: Apache-2.0 */
/*
 * `injected`: writes machine code over that of a child, by ptrace, and lets it go on there.
 * No file is involved. The status is that of the injected code, 7.
 */
#include <elf.h>
#include <stdint.h>
#include <sys/ptrace.h>
#include <sys/uio.h>
#include <sys/user.h>

#include "blindspot.h"

/* exit(7) */
#if defined(__x86_64__)
#define PC rip
static const unsigned char code[] = {0xb8, 60, 0, 0, 0, 0xbf, 7, 0, 0, 0, 0x0f, 0x05};
#elif defined(__aarch64__)
#define PC pc
static const unsigned int code[] = {0x528000e0, 0xd2800ba8, 0xd4000001};
#endif

static void jump(pid_t child, uintptr_t where)
{
	struct user_regs_struct regs;
	struct iovec set = {&regs, sizeof(regs)};

	check((int)ptrace(PTRACE_GETREGSET, child, NT_PRSTATUS, &set), "PTRACE_GETREGSET");
	regs.PC = where;
	check((int)ptrace(PTRACE_SETREGSET, child, NT_PRSTATUS, &set), "PTRACE_SETREGSET");
}

int main(void)
{
	pid_t child = check(fork(), "fork");
	uintptr_t victim = (uintptr_t)command; /* not used by this program */
	char path[64];
	int fd;

	if (child == 0) {
		for (;;)
			__asm__ volatile("");
	}
	check((int)ptrace(PTRACE_SEIZE, child, NULL, NULL), "PTRACE_SEIZE");
	check((int)ptrace(PTRACE_INTERRUPT, child, NULL, NULL), "PTRACE_INTERRUPT");
	check(waitpid(child, NULL, 0), "waitpid");
	snprintf(path, sizeof(path), "/proc/%d/mem", child);
	fd = check(open(path, O_RDWR | O_CLOEXEC), path);
	check((int)pwrite(fd, code, sizeof(code), (off_t)victim), "pwrite");
	jump(child, victim);
	check((int)ptrace(PTRACE_DETACH, child, NULL, NULL), "PTRACE_DETACH");
	return await(child);
}
