/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A thread for what may never end: looking at files that are on a network, or on a file
 * system that a program of somebody's provides (FUSE). Whoever must not be held up gives
 * that to a helper and waits for it only so long. A helper has one user, in one thread.
 */
#pragma once

struct helper;

/* Part of a larger structure that holds all that the job needs: it may outlast the caller's. */
struct helper_job {
	void (*work)(struct helper_job *job); /* in the thread; must touch nothing but the job */
	void (*release)(struct helper_job *job); /* frees a job that nobody waits for any more */
};

/* 0, or a negative errno. */
int helper_new(struct helper **ret);

/* One that hangs is left behind, and goes away with its job, or with the program. */
void helper_free(struct helper *helper);

/*
 * Does JOB and waits PATIENCE_MS for its end. 0 when it is done. -ETIME when it is not:
 * it is the helper's then, and released when it ends. -EBUSY when an earlier one has not
 * ended: this one was not begun. In all but the second case JOB stays the caller's.
 */
int helper_do(struct helper *helper, struct helper_job *job, unsigned patience_ms);
