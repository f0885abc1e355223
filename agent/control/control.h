/* SPDX-License-Identifier: Apache-2.0 */
/* What the files of the control module share. */
#pragma once

#include <limits.h>
#include <stdbool.h>
#include <sys/types.h>

#include "barewatch/control.h"
#include "base/cleanup.h"

/* A socket that listens, and where. */
struct control_socket {
	int fd; /* -1: none */
	int dir_fd; /* that it is in, O_PATH */
	char *directory; /* its path */
	dev_t dev; /* of its name there, */
	ino_t ino; /* so that no other's is removed */
};

#define CONTROL_SOCKET_INIT ((struct control_socket){.fd = -1, .dir_fd = -1})

/* See control_new(). */
int control_socket_listen(const char *state_file, struct control_socket *ret);
void control_socket_done(struct control_socket *socket);

/* Connects to the socket beside STATE_FILE. A descriptor, or a negative errno. */
int control_socket_connect(const char *state_file);

/* True when who is at the other end of FD is root, or ourselves. */
bool control_peer_is_trusted(int fd);

/* Serves FD, which it takes over, as if it had connected at NOW_NS. */
void control_adopt(struct control *control, int fd, uint64_t now_ns);

/* One that listens nowhere; else as control_new(). */
int control_new_with(struct control_socket *socket, const struct control_request *requests,
	size_t count, void *userdata, struct control **ret);

/* Reads the answer to what was sent to FD, see control_ask(). */
int control_read_answer(int fd, struct strbuf *ret, struct diag *d);

/* The word that stands for ERROR in an answer, and back: -EIO for a word that is not known. */
const char *control_error_code(int error);
int control_error_of(const char *code);
