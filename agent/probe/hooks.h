/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Which programs of the kernel side are used, and what they are attached to beyond what libbpf
 * does by itself. What some kernels lack is found by trying, and what cannot be seen for that
 * reason is kept in words.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "barewatch/probe.h"
#include "base/diag.h"

struct barewatch_bpf;
struct bpf_link;

#define HOOKS_UNSEEN_MAX  4
#define HOOKS_UNSEEN_SIZE 640

struct hooks {
	bool find_vma; /* the kernel finds an area of memory by address: 5.17 */
	bool mappings;
	enum probe_coverage coverage;
	struct bpf_link *pkey_mprotect; /* a second one of a program that has one already */
	char unseen[HOOKS_UNSEEN_MAX][HOOKS_UNSEEN_SIZE];
	size_t unseen_count;
};

/* Fills HOOKS with what this kernel has, of what COVERAGE asks for. */
void hooks_choose(struct hooks *hooks, enum probe_coverage coverage);

/* Leaves out of OBJECT, which is not loaded yet, the programs that are not used. */
void hooks_apply(const struct hooks *hooks, struct barewatch_bpf *object);

/*
 * The kernel refused to load OBJECT with ERROR: gives up what can be done without. False when
 * there is nothing of that kind.
 */
bool hooks_give_up_optional(struct hooks *hooks, int error);

/* Attaches the loaded OBJECT's. What can be done without may fail: it is then unseen. */
int hooks_attach(struct hooks *hooks, struct barewatch_bpf *object, struct diag *d);

void hooks_done(struct hooks *hooks);

/* Sentence INDEX of what is not seen, NULL behind the last. */
const char *hooks_unseen(const struct hooks *hooks, size_t index);
