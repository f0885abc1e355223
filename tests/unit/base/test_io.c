/* SPDX-License-Identifier: Apache-2.0 */
/* Claims about agent/base/io.c. */
#include "scratch.h"

#include <errno.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/wait.h>

/* Reads the file of SIZE bytes with LIMIT; when it succeeds, checks what was read. */
static int read_sized(size_t size, size_t limit)
{
	CLEANUP_SCRATCH struct scratch s;
	CLEANUP_FREE char *content = malloc(size + 1);
	CLEANUP_FREE char *data = NULL;
	size_t read_size = 0;
	int r;

	scratch_init(&s);
	assert_non_null(content);
	for (size_t i = 0; i < size; i++)
		content[i] = i * 7;
	scratch_write(&s, "file", content, size);
	r = read_file_at(AT_FDCWD, scratch_path(&s, "file"), limit, &data, &read_size);
	if (r < 0) {
		assert_null(data);
		return r;
	}
	assert_int_equal(read_size, size);
	assert_memory_equal(data, content, size);
	assert_int_equal(data[size], '\0');
	return 0;
}

static void files_of_any_size_are_read_whole(void **state)
{
	static const size_t sizes[] = {
		0, 1, 4094, 4095, 4096, 4097, 8190, 8191, 8192, 12285, 16383, 100000};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(sizes); i++)
		assert_int_equal(read_sized(sizes[i], 1 << 20), 0);
}

static void limit_is_the_largest_size(void **state)
{
	static const size_t limits[] = {1, 4094, 4095, 4096, 8191, 10000};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(limits); i++) {
		assert_int_equal(read_sized(limits[i], limits[i]), 0);
		assert_int_equal(read_sized(limits[i] + 1, limits[i]), -EFBIG);
	}
	assert_int_equal(read_sized(0, 0), 0);
	assert_int_equal(read_sized(1, 0), -EFBIG);
}

static void endless_file_stops_at_the_limit(void **state)
{
	CLEANUP_FD int fd = open("/dev/zero", O_RDONLY | O_CLOEXEC);
	char *data = NULL;
	size_t size;

	(void)state;
	assert_int_equal(read_fd(fd, 100000, &data, &size), -EFBIG);
	assert_null(data);
}

static void pseudo_files_are_read_though_they_claim_no_size(void **state)
{
	CLEANUP_FREE char *data = NULL;
	size_t size;

	(void)state;
	assert_int_equal(read_file_at(AT_FDCWD, "/proc/self/status", 1 << 20, &data, &size), 0);
	assert_true(size > 100);
	assert_memory_equal(data, "Name:", 5);
}

static void paths_are_relative_to_the_directory(void **state)
{
	CLEANUP_SCRATCH struct scratch s;
	CLEANUP_FREE char *data = NULL;
	CLEANUP_FD int dirfd = -1;
	size_t size;

	(void)state;
	scratch_init(&s);
	scratch_write_text(&s, "sub/file", "here");
	dirfd = open(s.root, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	assert_int_equal(read_file_at(dirfd, "sub/file", 100, &data, &size), 0);
	assert_string_equal(data, "here");
}

static void what_cannot_be_read_is_an_error(void **state)
{
	char *data = NULL;
	size_t size;

	(void)state;
	assert_int_equal(read_file_at(AT_FDCWD, "/tmp", 100, &data, &size), -EISDIR);
	assert_int_equal(read_file_at(AT_FDCWD, "/nonexistent", 100, &data, &size), -ENOENT);
	assert_int_equal(read_file_at(AT_FDCWD, "/dev/null/x", 100, &data, &size), -ENOTDIR);
	assert_int_equal(read_file_at(AT_FDCWD, "/dev/zero", 100, &data, &size), -EINVAL);
	assert_int_equal(read_fd(-1, 100, &data, &size), -EBADF);
	assert_null(data);
}

static void pipe_in_place_of_a_file_is_refused_at_once(void **state)
{
	CLEANUP_SCRATCH struct scratch s;
	char *data = NULL;
	size_t size;

	(void)state;
	scratch_init(&s);
	assert_int_equal(mkfifo(scratch_path(&s, "pipe"), 0600), 0);
	assert_int_equal(read_file_at(AT_FDCWD, s.path, 100, &data, &size), -EINVAL);
	assert_null(data);
}

/* Written by a child in parts, with waits between them. */
static void descriptor_of_a_pipe_is_read_to_its_end(void **state)
{
	static const char *const parts[] = {"one ", "two ", "three"};
	CLEANUP_FREE char *data = NULL;
	int ends[2], status;
	size_t size;
	pid_t child;

	(void)state;
	assert_int_equal(pipe(ends), 0);
	child = fork();
	assert_true(child >= 0);
	if (child == 0) {
		for (size_t i = 0; i < ARRAY_SIZE(parts); i++) {
			usleep(2000);
			if (write_all(ends[1], parts[i], strlen(parts[i])) < 0)
				_exit(1);
		}
		_exit(0);
	}
	close(ends[1]);
	assert_int_equal(read_fd(ends[0], 13, &data, &size), 0);
	assert_string_equal(data, "one two three");
	assert_int_equal(size, 13);
	close(ends[0]);
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_int_equal(status, 0);
}

/* A pipe holds 64 KiB: writing more takes several writes while a child reads slowly. */
static void write_goes_on_after_short_writes(void **state)
{
	static char data[300000];
	size_t left = sizeof(data);
	int ends[2], status;
	pid_t child;

	(void)state;
	assert_int_equal(pipe(ends), 0);
	child = fork();
	assert_true(child >= 0);
	if (child == 0) {
		char part[5000];
		ssize_t n;

		close(ends[1]);
		while ((n = read(ends[0], part, sizeof(part))) > 0)
			left -= n;
		_exit(left == 0 ? 0 : 1);
	}
	close(ends[0]);
	assert_int_equal(write_all(ends[1], data, sizeof(data)), 0);
	close(ends[1]);
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_int_equal(status, 0);
}

static void write_errors_are_returned(void **state)
{
	int ends[2];

	(void)state;
	signal(SIGPIPE, SIG_IGN);
	assert_int_equal(write_all(-1, "x", 1), -EBADF);
	assert_int_equal(write_all(-1, "", 0), 0);
	assert_int_equal(pipe(ends), 0);
	close(ends[0]);
	assert_int_equal(write_all(ends[1], "x", 1), -EPIPE);
	close(ends[1]);
}

static void range_ends_with_the_file(void **state)
{
	int fd = memfd_create("file", MFD_CLOEXEC);
	char text[8] = "";

	(void)state;
	assert_int_equal(write_all(fd, "0123456789", 10), 0);
	assert_int_equal(pread_up_to(fd, 2, text, 4), 4);
	assert_memory_equal(text, "2345", 4);
	assert_int_equal(pread_up_to(fd, 7, text, 4), 3);
	assert_memory_equal(text, "789", 3);
	assert_int_equal(pread_up_to(fd, 10, text, 4), 0);
	assert_int_equal(pread_up_to(-1, 0, text, 4), -EBADF);
	close(fd);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(files_of_any_size_are_read_whole),
		cmocka_unit_test(limit_is_the_largest_size),
		cmocka_unit_test(endless_file_stops_at_the_limit),
		cmocka_unit_test(pseudo_files_are_read_though_they_claim_no_size),
		cmocka_unit_test(paths_are_relative_to_the_directory),
		cmocka_unit_test(what_cannot_be_read_is_an_error),
		cmocka_unit_test(pipe_in_place_of_a_file_is_refused_at_once),
		cmocka_unit_test(descriptor_of_a_pipe_is_read_to_its_end),
		cmocka_unit_test(range_ends_with_the_file),
		cmocka_unit_test(write_goes_on_after_short_writes),
		cmocka_unit_test(write_errors_are_returned),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
