/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Where the control socket is, and who may use it: its directory is its owner's alone, and so is it
 * itself. It is reached by /proc/self/fd, so that neither the length of its path (sun_path, 108
 * bytes) nor what becomes of a directory above it matters.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>

#include "control/control.h"

#define BACKLOG CONTROL_CLIENTS_MAX

static const char name[] = "control";

/* The directory of the socket: the suffix without its last part. */
static int directory_path(const char *state_file, char *ret, size_t size)
{
	int len = (int)(strlen(CONTROL_PATH_SUFFIX) - strlen(name) - 1);
	int written = snprintf(ret, size, "%s%.*s", state_file, len, CONTROL_PATH_SUFFIX);

	return written < (int)size ? 0 : -ENAMETOOLONG;
}

/* The one that the status file is in, as that does, and the socket's own. */
static int make_directories(const char *path)
{
	CLEANUP_FREE char *parent = strdup(path);
	char *slash = parent ? strrchr(parent, '/') : NULL;

	if (!parent)
		return -ENOMEM;
	if (slash && slash != parent) {
		*slash = '\0';
		(void)mkdir(parent, 0755); /* what is wrong shows below it */
	}
	return mkdir(path, 0700) == 0 || errno == EEXIST ? 0 : -errno;
}

static int open_directory(const char *state_file)
{
	const int flags = O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC;
	char path[PATH_MAX];
	int r = directory_path(state_file, path, sizeof(path));
	int fd = r == 0 ? open(path, flags) : r;

	return fd < 0 && r == 0 ? -errno : fd;
}

/* -EPERM when anybody but us can get into the directory FD. */
static int check_directory(int fd)
{
	struct stat st;

	if (fstat(fd, &st) < 0)
		return -errno;
	return st.st_uid == geteuid() && !(st.st_mode & 077) ? 0 : -EPERM;
}

static struct sockaddr_un address_in(int dir_fd, const char *file)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};

	snprintf(address.sun_path, sizeof(address.sun_path), "/proc/self/fd/%d/%s", dir_fd, file);
	return address;
}

static int open_socket(void)
{
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

	return fd < 0 ? -errno : fd;
}

/* A descriptor, or a negative errno: -EAGAIN when more wait than there is room for. */
static int connect_in(int dir_fd)
{
	const struct sockaddr_un address = address_in(dir_fd, name);
	CLEANUP_FD int fd = open_socket();

	if (fd < 0)
		return TAKE_FD(fd);
	if (connect(fd, (const struct sockaddr *)&address, sizeof(address)) < 0)
		return -errno;
	return TAKE_FD(fd);
}

int control_socket_connect(const char *state_file)
{
	CLEANUP_FD int dir_fd = open_directory(state_file);

	return dir_fd < 0 ? TAKE_FD(dir_fd) : connect_in(dir_fd);
}

/* -EBUSY when somebody listens at the name already. */
static int check_holder(int dir_fd)
{
	CLEANUP_FD int fd = connect_in(dir_fd);

	return fd >= 0 || fd == -EAGAIN ? -EBUSY : 0;
}

/* Listens under a name of its own first: who connects by the right one is never refused. */
static int bind_and_rename(struct control_socket *s)
{
	char temporary[32];
	struct sockaddr_un address;
	struct stat st;

	snprintf(temporary, sizeof(temporary), "%s.%d", name, (int)getpid());
	address = address_in(s->dir_fd, temporary);
	(void)unlinkat(s->dir_fd, temporary, 0);
	/* the name that bind() makes has the permissions of the socket (Linux: unix_bind_bsd) */
	if (fchmod(s->fd, 0600) < 0 ||
		bind(s->fd, (const struct sockaddr *)&address, sizeof(address)) < 0)
		return -errno;
	if (listen(s->fd, BACKLOG) < 0 ||
		fstatat(s->dir_fd, temporary, &st, AT_SYMLINK_NOFOLLOW) < 0 ||
		renameat(s->dir_fd, temporary, s->dir_fd, name) < 0) {
		int error = -errno;

		unlinkat(s->dir_fd, temporary, 0);
		return error;
	}
	s->dev = st.st_dev;
	s->ino = st.st_ino;
	return 0;
}

static int listen_in(const char *state_file, struct control_socket *ret)
{
	struct control_socket s = CONTROL_SOCKET_INIT;
	char path[PATH_MAX];
	int r = directory_path(state_file, path, sizeof(path));

	if (r == 0)
		r = make_directories(path);
	if (r == 0 && !(s.directory = strdup(path)))
		r = -ENOMEM;
	if (r == 0)
		r = s.dir_fd = open_directory(state_file);
	if (r >= 0)
		r = check_directory(s.dir_fd);
	if (r == 0)
		r = check_holder(s.dir_fd);
	if (r == 0)
		r = s.fd = open_socket();
	if (r >= 0)
		r = bind_and_rename(&s);
	if (r < 0) {
		control_socket_done(&s);
		return r;
	}
	*ret = s;
	return 0;
}

int control_socket_listen(const char *state_file, struct control_socket *ret)
{
	int r = listen_in(state_file, ret);

	/* an agent that ended has taken the directory away meanwhile */
	return r == -ENOENT ? listen_in(state_file, ret) : r;
}

/* Removes the socket, and the directory once nobody else has a name in it. */
static void remove_socket(const struct control_socket *s)
{
	struct stat st;

	if (fstatat(s->dir_fd, name, &st, AT_SYMLINK_NOFOLLOW) == 0 && st.st_dev == s->dev &&
		st.st_ino == s->ino && unlinkat(s->dir_fd, name, 0) == 0)
		(void)rmdir(s->directory); /* where it was made, or nothing is there */
}

void control_socket_done(struct control_socket *s)
{
	if (s->ino)
		remove_socket(s);
	fd_cleanup(&s->fd);
	fd_cleanup(&s->dir_fd);
	free(s->directory);
	*s = CONTROL_SOCKET_INIT;
}

bool control_peer_is_trusted(int fd)
{
	struct ucred peer;
	socklen_t size = sizeof(peer);

	return getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &size) == 0 && size == sizeof(peer) &&
	       (peer.uid == 0 || peer.uid == geteuid());
}
