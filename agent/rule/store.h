/* SPDX-License-Identifier: Apache-2.0 */
/* Memory that conditions share and nobody frees before all of them go. */
#pragma once

#include <errno.h>
#include <stdlib.h>

struct stored {
	struct stored *next;
	void (*release)(void *memory);
	void *memory;
};

struct store {
	struct stored *last;
};

/* Takes over MEMORY, also when it fails. 0 or -ENOMEM. */
static inline int store_add(struct store *store, void *memory, void (*release)(void *memory))
{
	struct stored *stored = malloc(sizeof(*stored));

	if (!stored) {
		release(memory);
		return -ENOMEM;
	}
	*stored = (struct stored){store->last, release, memory};
	store->last = stored;
	return 0;
}

static inline void store_done(struct store *store)
{
	while (store->last) {
		struct stored *stored = store->last;

		store->last = stored->next;
		stored->release(stored->memory);
		free(stored);
	}
}
