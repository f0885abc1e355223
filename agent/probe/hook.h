/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A program and where it is attached. By descriptors and not by libbpf's links, which cannot be
 * made of a program that an earlier agent has loaded.
 */
#pragma once

#include <bpf/libbpf.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/diag.h"

struct hook {
	const struct bpf_program *program; /* what it is; may not be loaded here */
	bool is_optional; /* can be done without, and is while it has no prog_fd */
	int prog_fd, link_fd;
	int perf_fd; /* of a classic tracepoint: before 5.15 this is what holds it */
	uint32_t prog_id, link_id; /* 0: none */
};

#define HOOK_INIT ((struct hook){.prog_fd = -1, .link_fd = -1, .perf_fd = -1})

/* Closes what HOOK holds. What is pinned stays attached. */
void hook_done(struct hook *hook);

/* The name of its program. */
const char *hook_name(const struct hook *hook);

/*
 * Takes over the program that PROG_FD is open for, and its link, which may be -1. -EINVAL when they
 * are not those of HOOK: by name and type, made by root, and attached to each other.
 */
int hook_adopt(struct hook *hook, int prog_fd, int link_fd);

/* Attaches the program. 0, or a negative errno with D filled in. */
int hook_attach(struct hook *hook, struct diag *d);

/* Ends what hook_attach() began; the program stays. What is pinned stays attached. */
void hook_detach(struct hook *hook);

/* True when the program is still what the link runs; always, where the kernel has no link for it. */
bool hook_is_attached(const struct hook *hook);

/* True when FD is open for the link of HOOK. */
bool hook_is_link(const struct hook *hook, int fd);

/* Runs of the program that the kernel has left out; 0 on kernels that do not count them. */
uint64_t hook_missed(const struct hook *hook);
