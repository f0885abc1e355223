/* SPDX-License-Identifier: Apache-2.0 */
/* See spool.h. */
#include "image/spool.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/cleanup.h"

/* For file systems without O_TMPFILE. */
static int make_and_remove(const char *directory)
{
	CLEANUP_FREE char *path = NULL;
	int fd;

	if (asprintf(&path, "%s/barewatch.XXXXXX", directory) < 0) {
		path = NULL;
		return -ENOMEM;
	}
	fd = mkostemp(path, O_CLOEXEC);
	if (fd < 0)
		return -errno;
	unlink(path);
	return fd;
}

static int make(void)
{
	const char *directory = getenv("TMPDIR");
	int fd;

	if (!directory || directory[0] != '/')
		directory = "/var/tmp";
	fd = open(directory, O_TMPFILE | O_RDWR | O_EXCL | O_CLOEXEC, 0600);
	return fd < 0 ? make_and_remove(directory) : fd;
}

int spool_begin(int *fd)
{
	int made;

	if (*fd >= 0)
		return ftruncate(*fd, 0) < 0 || lseek(*fd, 0, SEEK_SET) < 0 ? -errno : 0;
	made = make();
	if (made < 0)
		return made;
	*fd = made;
	return 0;
}

int spool_given(const struct image_spools *spools, unsigned number)
{
	return spools && number < IMAGE_SPOOLS ? fcntl(spools->fds[number], F_DUPFD_CLOEXEC, 3)
					       : -1;
}

int image_spools_make(struct image_spools *ret)
{
	struct image_spools spools;

	for (size_t i = 0; i < IMAGE_SPOOLS; i++) {
		int fd = make();

		while (fd < 0 && i > 0)
			close(spools.fds[--i]);
		if (fd < 0)
			return fd;
		spools.fds[i] = fd;
	}
	*ret = spools;
	return 0;
}

void image_spools_close(struct image_spools *spools)
{
	for (size_t i = 0; i < IMAGE_SPOOLS; i++)
		close(spools->fds[i]);
}
