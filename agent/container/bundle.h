/* SPDX-License-Identifier: Apache-2.0 */
/* Roots of engines that were found by a bundle, and what is read with them. */
#pragma once

#include "container/reader.h"

/* Takes the last component off PATH and returns it; empty when there is none. */
struct slice component_take(struct slice *path);

/* Same when it is NAME. False, and PATH is as it was, when it is not. */
bool component_take_if(struct slice *path, const char *name);

/* NULL where the bundle did not tell. */
struct found_roots {
	char *docker, *docker_exec, *podman, *containerd_state;
};

void found_roots_done(struct found_roots *found);

/* Copies what PLACES tells. What there is no memory for is not told. */
void found_roots_set(struct found_roots *found, const struct container_places *places);

bool found_roots_equal(const struct found_roots *a, const struct found_roots *b);

/* ROOTS with those of FOUND in their places. Borrows from both. */
struct container_roots found_roots_over(
	const struct found_roots *found, const struct container_roots *roots);

/* container_read_bundle(), with what the bundle told. */
bool bundle_read(struct container *container, const char *bundle,
	const struct container_roots *roots, struct found_roots *ret_found);
