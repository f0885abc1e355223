/* SPDX-License-Identifier: Apache-2.0 */
/* Taking the counts of failed execs out of the kernel's map, many at a time. */
#include "probe/held.h"

#include <bpf/bpf.h>
#include <errno.h>

#define BATCH 256

int held_take(int map_fd, probe_held_fn *on_held, void *userdata)
{
	static struct bw_attempt_kind kinds[BATCH]; /* 14 KiB with the counts, and one thread */
	static struct bw_attempt_count counts[BATCH];
	struct bw_attempt_kind cursor;
	void *from = NULL;
	int r = 0;

	/* as often as the map can be full, and once more: others make entries meanwhile */
	for (unsigned i = 0; r == 0 && i <= BW_ATTEMPT_KINDS_MAX / BATCH; i++) {
		__u32 count = BATCH;

		if (bpf_map_lookup_and_delete_batch(
			    map_fd, from, &cursor, kinds, counts, &count, NULL) < 0)
			r = -errno;
		if (r < 0 && r != -ENOENT) /* that is the end of the map */
			return r;
		for (__u32 j = 0; j < count; j++)
			if (counts[j].held > 0)
				on_held(&kinds[j], counts[j].held, userdata);
		from = &cursor;
	}
	return 0;
}
