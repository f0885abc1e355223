/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Which hook tells of opened files. Found by trying: a kernel may load a program that it then does not
 * attach.
 */
#pragma once

#include <stdbool.h>

#include "barewatch/probe.h"
#include "base/diag.h"

struct barewatch_bpf;
struct selection;
struct bpf_program;

/*
 * Sets SELECTION's variant to the one it wants, or the first that works; why those before it do not
 * is added to selection->open_tried. 0, or a negative errno with D saying why the one that is wanted
 * does not work.
 */
int open_variant_choose(struct selection *selection, struct diag *d);

/*
 * The kernel did not take the variant for the reason in D, though it had seemed so: goes on to the next
 * one. False when there is none, or only that one is wanted.
 */
bool open_variant_give_up(struct selection *selection, const struct diag *d);

/* Leaves out of OBJECT the programs of the others. */
void open_variant_apply(const struct selection *selection, struct barewatch_bpf *object);

/*
 * PROGRAM, one of the variant's, cannot be attached for the reason in D: another variant is to be loaded
 * (selection->open_changed), or what this one does not see without it is added. False, with D
 * filled in, when there is nothing of what is wanted without it.
 */
bool open_variant_do_without(
	struct selection *selection, const struct bpf_program *program, struct diag *d);

/* The choice is final: adds what is not seen. */
void open_variant_say_unseen(struct selection *selection);
