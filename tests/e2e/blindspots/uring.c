/* SPDX-License-Identifier: Apache-2.0 */
/*
 * `uring FILE ARGV0 [ARG...]`: opens the file through io_uring, so that no system call names
 * it, and runs the descriptor.
 */
#include <linux/io_uring.h>
#include <sys/mman.h>

#include "blindspot.h"

static char *ring_map(int ring, size_t size, off_t offset)
{
	void *map = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, ring, offset);

	if (map == MAP_FAILED)
		fail("mmap");
	return map;
}

static unsigned int *field(char *map, unsigned int offset)
{
	return (unsigned int *)(void *)(map + offset);
}

static int ring_open(const char *path)
{
	struct io_uring_params params = {0};
	int ring = check((int)syscall(SYS_io_uring_setup, 1, &params), "io_uring_setup");
	char *sq = ring_map(ring, params.sq_off.array + sizeof(int), IORING_OFF_SQ_RING);
	char *cq = ring_map(
		ring, params.cq_off.cqes + 2 * sizeof(struct io_uring_cqe), IORING_OFF_CQ_RING);
	struct io_uring_sqe *sqe = (void *)ring_map(ring, sizeof(*sqe), IORING_OFF_SQES);
	struct io_uring_cqe *cqe = (void *)(cq + params.cq_off.cqes);

	sqe->opcode = IORING_OP_OPENAT;
	sqe->fd = AT_FDCWD;
	sqe->addr = (unsigned long)path;
	sqe->open_flags = O_PATH;
	*field(sq, params.sq_off.array) = 0;
	__atomic_store_n(field(sq, params.sq_off.tail), 1, __ATOMIC_RELEASE);
	check((int)syscall(SYS_io_uring_enter, ring, 1, 1, IORING_ENTER_GETEVENTS, NULL, 0),
		"io_uring_enter");
	errno = cqe->res < 0 ? -cqe->res : 0;
	return cqe->res;
}

int main(int argc, char **argv)
{
	char **file = command(argc, argv, 0);

	start_fd(check(ring_open(file[0]), file[0]), file);
}
