/* SPDX-License-Identifier: Apache-2.0 */
/* Who asks: sends a question, and reads the answer whole before anything is made of it. */
#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>

#include "base/json.h"
#include "control/control.h"

#define PATIENCE_MS (CONTROL_PATIENCE_S * 1000)
#define READ_BYTES  65536

static int wait_for(int fd, short events)
{
	struct pollfd poll_fd = {.fd = fd, .events = events};
	int r;

	do
		r = poll(&poll_fd, 1, PATIENCE_MS);
	while (r < 0 && errno == EINTR);
	return r > 0 ? 0 : r < 0 ? -errno : -ETIMEDOUT;
}

/* The agent takes a question of this size at once, unless it has not room for its connection yet. */
static int send_all(int fd, const char *data, size_t size)
{
	while (size > 0) {
		ssize_t sent = send(fd, data, size, MSG_NOSIGNAL);
		int r = 0;

		if (sent < 0 && errno == EAGAIN)
			r = wait_for(fd, POLLOUT);
		else if (sent < 0 && errno != EINTR)
			r = -errno;
		if (r < 0)
			return r;
		data += sent > 0 ? sent : 0;
		size -= sent > 0 ? sent : 0;
	}
	return 0;
}

/* Until the agent ends the connection. */
static int read_all(int fd, struct strbuf *ret)
{
	const size_t limit = CONTROL_ANSWER_MAX + CONTROL_REQUEST_MAX;
	ssize_t size;

	do {
		int r = wait_for(fd, POLLIN);

		if (r < 0)
			return r;
		if (ret->len > limit)
			return -EBADMSG;
		if (!strbuf_reserve(ret, READ_BYTES))
			return ret->error;
		size = recv(fd, ret->data + ret->len, READ_BYTES, 0);
		if (size < 0 && errno == ECONNRESET) /* of what we sent not all was read */
			return 0;
		if (size < 0 && errno != EAGAIN && errno != EINTR)
			return -errno;
		if (size > 0) {
			ret->len += size;
			ret->data[ret->len] = '\0';
		}
	} while (size != 0);
	return 0;
}

bool control_next(struct slice *text, json_t **ret)
{
	const char *newline = text->len ? memchr(text->data, '\n', text->len) : NULL;
	size_t len = newline ? (size_t)(newline - text->data) : 0;

	*ret = newline ? json_loadb(text->data, len, JSON_REJECT_DUPLICATES, NULL) : NULL;
	if (!*ret)
		return false;
	*text = (struct slice){newline + 1, text->len - len - 1};
	return true;
}

/* Takes the last line off TEXT. */
static json_t *take_last(struct strbuf *text)
{
	struct slice line = strbuf_slice(text);
	json_t *last = NULL;
	size_t start = text->len;

	while (start > 0 && (start == text->len || text->data[start - 1] != '\n'))
		start--;
	line.data += start;
	line.len -= start;
	(void)control_next(&line, &last);
	strbuf_truncate(text, start);
	return last;
}

static int no_answer(struct diag *d, int error)
{
	if (error == -ETIMEDOUT)
		diag_at(d, NULL, 0, 0, "the agent has not answered within %d s",
			CONTROL_PATIENCE_S);
	else if (error == -EBADMSG)
		diag_at(d, NULL, 0, 0, "the answer of the agent is not whole");
	else
		diag_at(d, NULL, 0, 0, "the agent cannot be asked: %s", strerror(-error));
	return error;
}

int control_read_answer(int fd, struct strbuf *ret, struct diag *d)
{
	int r = read_all(fd, ret);
	CLEANUP_JSON json_t *last = r == 0 ? take_last(ret) : NULL;
	const json_t *error = json_object_get(last, "error");
	const char *message = json_string_value(json_object_get(error, "message"));

	if (r < 0)
		return no_answer(d, r);
	if (json_is_true(json_object_get(last, "end")))
		return 0;
	if (!message)
		return no_answer(d, -EBADMSG);
	diag_at(d, NULL, 0, 0, "%s", message);
	return control_error_of(json_string_value(json_object_get(error, "code")));
}

static int send_request(int fd, json_t *request)
{
	CLEANUP_STRBUF struct strbuf line = STRBUF_INIT;
	int r = json_add_line(request, &line);

	return r < 0 ? r : send_all(fd, strbuf_text(&line), line.len);
}

int control_ask(const char *state_file, json_t *request, struct strbuf *ret, struct diag *d)
{
	CLEANUP_FD int fd = control_socket_connect(state_file);
	int r;

	if (fd < 0 || !control_peer_is_trusted(fd)) {
		json_decref(request);
		return no_answer(d, fd < 0 ? fd : -EPERM);
	}
	r = send_request(fd, request);
	if (r == -EPIPE) /* refused before it was asked: it has said why */
		r = 0;
	return r < 0 ? no_answer(d, r) : control_read_answer(fd, ret, d);
}
