/* SPDX-License-Identifier: Apache-2.0 */
/* Opens by io_uring, of which each hook sees another part. docs/opens.md has the table that this proves. */
#include "open_fixture.h"

#include <linux/io_uring.h>
#include <stdatomic.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/utsname.h>

#define FIRST_SLOT 1 /* file_index, from 1 */
#define CANNOT     77 /* exit status: the kernel has no such requests */

#ifndef IOSQE_CQE_SKIP_SUCCESS /* Linux 5.17 */
#define IOSQE_CQE_SKIP_SUCCESS (1U << 6)
#endif

struct uring_open {
	const char *path;
	bool direct; /* into the ring's own table */
	bool async; /* by a thread of the ring's */
	bool silent; /* no end is reported of what succeeds */
};

struct ring {
	int fd;
	struct io_uring_params params;
	unsigned *sq, *cq;
	struct io_uring_sqe *sqe; /* the first */
};

static void *map_ring(int fd, size_t bytes, off_t offset)
{
	void *memory = mmap(
		NULL, bytes, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_POPULATE, fd, offset);

	if (memory == MAP_FAILED)
		_exit(112);
	return memory;
}

static void make_ring(struct ring *ring)
{
	struct io_uring_params *p = &ring->params;

	memset(ring, 0, sizeof(*ring));
	ring->fd = syscall(SYS_io_uring_setup, 4, p);
	if (ring->fd < 0)
		_exit(CANNOT);
	ring->sq = map_ring(
		ring->fd, p->sq_off.array + p->sq_entries * sizeof(unsigned), IORING_OFF_SQ_RING);
	ring->cq = map_ring(ring->fd, p->cq_off.cqes + p->cq_entries * sizeof(struct io_uring_cqe),
		IORING_OFF_CQ_RING);
	ring->sqe = map_ring(ring->fd, p->sq_entries * sizeof(*ring->sqe), IORING_OFF_SQES);
}

static void fill_request(struct io_uring_sqe *sqe, const struct uring_open *open)
{
	memset(sqe, 0, sizeof(*sqe));
	sqe->opcode = IORING_OP_OPENAT;
	sqe->fd = AT_FDCWD;
	sqe->addr = (uintptr_t)open->path;
	sqe->open_flags = O_RDONLY;
	sqe->flags = (open->async ? IOSQE_ASYNC : 0) | (open->silent ? IOSQE_CQE_SKIP_SUCCESS : 0);
	if (open->direct)
		sqe->file_index = FIRST_SLOT;
}

/* What one request ends with; of one that is silent and says nothing, 0. */
static int request(struct ring *ring, const struct uring_open *open)
{
	const struct io_uring_params *p = &ring->params;
	unsigned wanted = !open->silent;

	fill_request(ring->sqe, open);
	ring->sq[p->sq_off.array / sizeof(*ring->sq)] = 0;
	atomic_store((_Atomic unsigned *)&ring->sq[p->sq_off.tail / sizeof(*ring->sq)], 1);
	if (syscall(SYS_io_uring_enter, ring->fd, 1, wanted, IORING_ENTER_GETEVENTS, NULL, 0) < 0)
		_exit(112);
	if (atomic_load((_Atomic unsigned *)&ring->cq[p->cq_off.tail / sizeof(*ring->cq)]) == 0)
		return 0;
	return ((struct io_uring_cqe *)((char *)ring->cq + p->cq_off.cqes))->res;
}

static void act_uring(void *argument)
{
	const struct uring_open *open = argument;
	struct ring ring;
	int none = -1, result;

	make_ring(&ring);
	if (open->direct &&
		syscall(SYS_io_uring_register, ring.fd, IORING_REGISTER_FILES, &none, 1))
		_exit(CANNOT);
	result = request(&ring, open);
	if (result == -EINVAL || result == -ENXIO || result == -EBADF)
		_exit(CANNOT);
	_exit(result < 0 ? 112 : 0);
}

static bool is_unseen(const struct fixture *f, const char *words)
{
	const char *sentence;

	for (size_t i = 0; (sentence = probe_unseen(f->probe, i)); i++)
		if (strncmp(sentence, words, strlen(words)) == 0)
			return true;
	return false;
}

/* Whether a sentence says so, or none that it is not. */
static bool is_to_be_seen(const struct fixture *f, const struct uring_open *open)
{
	if (sees_all(f))
		return !open->async ||
		       !is_unseen(f, "files that threads of io_uring open are not seen");
	return !is_unseen(f, "files opened through io_uring are not seen") && !open->direct &&
	       !open->silent;
}

/* Opens as OPEN says; false when the kernel has no such requests. */
static bool check_open(struct fixture *f, const char *name, struct uring_open *open)
{
	bool seen = is_to_be_seen(f, open);
	char path[PATH_MAX];
	int status;

	new_file(f, name, path);
	open->path = path;
	status = exit_status(f, act_uring, open);
	if (status == CANNOT)
		return false;
	assert_int_equal(status, 0);
	print_message("# %s: %s\n", name, seen ? "seen" : "not seen");
	assert_int_equal(count_opens(f, path), seen);
	if (!seen)
		return true;
	assert_int_equal(find_open(f, path)->open.call, BW_OPEN_BY_IO_URING);
	assert_true(find_open(f, path)->open.asked.unreadable);
	assert_int_equal(find_open(f, path)->open.record->kind.use, BW_OPEN_READ);
	return true;
}

/* Each is told, or a sentence says that it is not. */
static void opens_through_io_uring_are_seen_as_far_as_is_said(void **state)
{
	static const struct {
		const char *name;
		struct uring_open open;
	} cases[] = {
		{"uring", {0}},
		{"uring-async", {.async = true}},
		{"uring-direct", {.direct = true}},
		{"uring-silent", {.silent = true}},
	};
	size_t ran = 0;

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct uring_open open = cases[i].open;

		ran += check_open(*state, cases[i].name, &open);
	}
	if (ran == 0) {
		print_message("# no io_uring here\n");
		skip();
	}
}

/* As the table has it; between these versions nobody has looked. */
static void what_is_said_is_what_this_version_has(void **state)
{
	struct fixture *f = *state;
	unsigned major, minor;
	struct utsname name;

	assert_int_equal(uname(&name), 0);
	assert_int_equal(sscanf(name.release, "%u.%u", &major, &minor), 2);
	if (sees_all(f)) {
		if (major > 5 || minor >= 12)
			assert_false(is_unseen(f, "files that threads of io_uring open"));
		assert_false(is_unseen(f, "files opened through io_uring are not seen"));
	} else if (major >= 6) {
		assert_true(is_unseen(f, "some files opened through io_uring are not seen"));
	} else if (minor < 18) {
		assert_true(is_unseen(f, "files opened through io_uring are not seen"));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(opens_through_io_uring_are_seen_as_far_as_is_said),
		cmocka_unit_test(what_is_said_is_what_this_version_has),
	};

	return cmocka_run_group_tests(tests, open_fixture_setup, fixture_teardown);
}
