/* SPDX-License-Identifier: Apache-2.0 */
/* Whole-file reads and complete writes, see io.h. */
#include "base/io.h"

#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cleanup.h"

#define READ_FIRST_SIZE 4096

/* Reads until end of file or until SIZE bytes are there. */
static ssize_t read_up_to(int fd, char *data, size_t size)
{
	size_t len = 0;

	while (len < size) {
		ssize_t n = read(fd, data + len, size - len);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -errno;
		if (n == 0)
			break;
		len += n;
	}
	return len;
}

int read_fd(int fd, size_t limit, char **ret, size_t *ret_size)
{
	CLEANUP_FREE char *data = NULL;
	size_t capacity = 0, len = 0;

	do {
		char *more;
		ssize_t n;

		capacity = capacity ? capacity * 2 : READ_FIRST_SIZE;
		more = realloc(data, capacity);
		if (!more)
			return -ENOMEM;
		data = more;
		n = read_up_to(fd, data + len, capacity - 1 - len);
		if (n < 0)
			return n;
		len += n;
		if (len > limit)
			return -EFBIG;
	} while (len == capacity - 1);
	data[len] = '\0';
	*ret = TAKE_PTR(data);
	*ret_size = len;
	return 0;
}

int read_file_at(int dirfd, const char *path, size_t limit, char **ret, size_t *ret_size)
{
	/* not blocking: a FIFO in place of the file must not hold anyone up */
	CLEANUP_FD int fd = openat(dirfd, path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);

	return fd < 0 ? -errno : read_file_fd(fd, limit, ret, ret_size);
}

int read_file_fd(int fd, size_t limit, char **ret, size_t *ret_size)
{
	struct stat st;

	if (fstat(fd, &st) < 0)
		return -errno;
	if (S_ISDIR(st.st_mode))
		return -EISDIR;
	if (!S_ISREG(st.st_mode))
		return -EINVAL;
	return read_fd(fd, limit, ret, ret_size);
}

ssize_t pread_up_to(int fd, uint64_t offset, void *data, size_t size)
{
	size_t len = 0;

	while (len < size) {
		ssize_t n = pread(fd, (char *)data + len, size - len, (off_t)(offset + len));

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -errno;
		if (n == 0)
			break;
		len += n;
	}
	return len;
}

int write_all(int fd, const void *data, size_t size)
{
	const char *p = data;

	while (size > 0) {
		ssize_t n = write(fd, p, size);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -errno;
		p += n;
		size -= n;
	}
	return 0;
}
