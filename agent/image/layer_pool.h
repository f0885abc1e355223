/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Reading several layers at once. Each is read as if it were the only one, with a reader, limits and
 * an error of its own, so that its result does not depend on the others; what they take
 * together is for the caller to add up, in their order.
 */
#pragma once

#include "image/layer.h"

/* A layer that is to be read, and what came of it. */
struct layer_job {
	struct layer *layer; /* NULL: none */
	int result; /* -ECANCELED: not read, since one before it failed */
	struct image_error error;
	struct layer_usage usage;
};

/* Reads the layer NUMBER with READER, whose error is the job's. From any thread. */
typedef int layer_job_fn(
	struct layer_reader *reader, size_t number, struct layer **ret, void *userdata);

/*
 * Does COUNT jobs in as many threads as there are processors, up to a few, of which the caller's is
 * one and has READER. Always whole: errors are in the jobs.
 */
void layer_pool_run(struct layer_reader *reader, struct layer_job *jobs, size_t count,
	layer_job_fn *read, void *userdata);
