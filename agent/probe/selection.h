/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Which programs of the kernel side are used. What some kernels lack is found by trying, and what
 * cannot be seen for that reason is kept in words.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "barewatch/probe.h"
#include "base/diag.h"

struct barewatch_bpf;
struct bpf_program;

#define SELECTION_UNSEEN_MAX  8
#define SELECTION_UNSEEN_SIZE 640

struct selection {
	bool find_vma; /* the kernel finds an area of memory by address: 5.17 */
	bool mappings;
	bool late; /* the kernel says when an exec passes the point of no return: 6.10 */
	enum probe_coverage coverage;
	enum probe_open_variant wanted_open, open; /* PROBE_OPEN_ANY: wanted only */
	bool failed_opens;
	bool uring; /* the end of a request of io_uring tells which it was: 6.0 */
	bool uring_threads; /* threads of io_uring are the process's: 5.12 */
	bool open_changed; /* it was given up when it was to be attached: another one is to be loaded */
	char open_tried[SELECTION_UNSEEN_SIZE]; /* "VARIANT: REASON" of those that do not work */
	char unseen[SELECTION_UNSEEN_MAX][SELECTION_UNSEEN_SIZE];
	enum probe_sensor unseen_of[SELECTION_UNSEEN_MAX]; /* what each of them is about */
	size_t unseen_count;
};

/*
 * Fills SELECTION with what this kernel has of what CONFIG asks for. 0, or a negative errno with D
 * saying why the kernel does not have what is wanted and nothing else.
 */
int selection_choose(
	struct selection *selection, const struct probe_config *config, struct diag *d);

/* Leaves out of OBJECT, which is not loaded yet, the programs that are not used. */
void selection_apply(const struct selection *selection, struct barewatch_bpf *object);

/* True for a program that can be done without. */
bool selection_is_optional(const struct bpf_program *program);

/*
 * The kernel refused to load the programs with ERROR: gives up something that can be done without, what
 * asks most of the kernel first. False when there is nothing of that kind.
 */
bool selection_give_up_optional(struct selection *selection, int error);

/*
 * PROGRAM, which can be done without, cannot be attached for the reason in D. False, with D filled
 * in, when it is what was asked for.
 */
bool selection_do_without(
	struct selection *selection, const struct bpf_program *program, struct diag *d);

/* All is attached: adds what the hooks that were chosen do not see. */
void selection_say_unseen(struct selection *selection);

/* True for a program that tells of opened files. */
bool selection_is_of_opens(const struct bpf_program *program);

/* Adds the sentence "WHAT: REASON" about SENSOR. */
void selection_add_unseen(struct selection *selection, enum probe_sensor sensor, const char *what,
	const char *reason);

/* Sentence INDEX of what SENSOR does not see, NULL behind the last. */
const char *selection_unseen(
	const struct selection *selection, enum probe_sensor sensor, size_t index);
