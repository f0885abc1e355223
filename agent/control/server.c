/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The agent's side of the control socket: clients, each of whom asks once. Nothing here waits: what
 * a client has not sent or taken yet is left for the next time, and its patience is bounded.
 */
#include <errno.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>

#include "base/clock.h"
#include "base/escape.h"
#include "base/json.h"
#include "control/control.h"

#define PATIENCE_NS (CONTROL_PATIENCE_S * NS_PER_S)

static const char end_line[] = "{\"end\": true}\n";

struct client {
	int fd; /* -1: nobody */
	size_t request_len;
	char request[CONTROL_REQUEST_MAX];
	struct strbuf answer; /* empty until it is there */
	size_t sent; /* of the answer */
	uint64_t moved_ns; /* when something was read or sent last */
};

struct control {
	struct control_socket socket;
	const struct control_request *requests;
	size_t request_count;
	void *userdata;
	int epoll_fd;
	unsigned clients_count;
	struct client clients[CONTROL_CLIENTS_MAX];
};

/* ---- clients come and go ---- */

static int watch(struct control *c, int operation, int fd, uint32_t events, struct client *client)
{
	struct epoll_event event = {.events = events, .data.ptr = client};

	return epoll_ctl(c->epoll_fd, operation, fd, &event) == 0 ? 0 : -errno;
}

static void drop(struct control *c, struct client *client)
{
	fd_cleanup(&client->fd);
	client->fd = -1;
	strbuf_done(&client->answer);
	c->clients_count--;
}

static struct client *find_free(struct control *c)
{
	for (size_t i = 0; i < CONTROL_CLIENTS_MAX; i++)
		if (c->clients[i].fd < 0)
			return &c->clients[i];
	return NULL;
}

/* As much of it as the socket takes at once, which is all of it. */
static void refuse(int fd)
{
	static const char line[] = "{\"error\": {\"code\": \"busy\", \"message\": "
				   "\"the agent is being asked by too many others\"}}\n";

	(void)!send(fd, line, sizeof(line) - 1, MSG_NOSIGNAL | MSG_DONTWAIT);
}

void control_adopt(struct control *control, int fd, uint64_t now_ns)
{
	CLEANUP_FD int owned = fd;
	struct client *client;

	if (!control_peer_is_trusted(owned))
		return;
	client = find_free(control);
	if (!client) {
		refuse(owned);
		return;
	}
	if (watch(control, EPOLL_CTL_ADD, owned, EPOLLIN, client) < 0)
		return;
	client->fd = TAKE_FD(owned);
	client->request_len = client->sent = 0;
	client->answer = STRBUF_INIT;
	client->moved_ns = now_ns;
	control->clients_count++;
}

/* As many as may come while these are looked at; the others have their turn the next time. */
static void accept_clients(struct control *c, uint64_t now_ns)
{
	for (int i = 0; i < CONTROL_CLIENTS_MAX; i++) {
		int fd = accept4(c->socket.fd, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);

		if (fd < 0)
			return;
		control_adopt(c, fd, now_ns);
	}
}

/* ---- answers ---- */

/* In place of what there is of an answer. */
static void put_error(struct strbuf *out, int error, const struct diag *d)
{
	CLEANUP_STRBUF struct strbuf message = STRBUF_INIT;

	if (utf8_valid(slice_of(d->message)))
		strbuf_add_text(&message, d->message);
	else
		escape_text(&message, slice_of(d->message));
	strbuf_reset(out);
	json_add_line(json_pack("{s:{s:s, s:s}}", "error", "code", control_error_code(error),
			      "message", strbuf_text(&message)),
		out);
}

static const struct control_request *find_request(const struct control *c, const char *name)
{
	for (size_t i = 0; name && i < c->request_count; i++)
		if (strcmp(c->requests[i].name, name) == 0)
			return &c->requests[i];
	return NULL;
}

/* Bytes that clients have not taken yet. */
static size_t waiting_bytes(const struct control *c)
{
	size_t sum = 0;

	for (size_t i = 0; i < CONTROL_CLIENTS_MAX; i++)
		if (c->clients[i].fd >= 0)
			sum += c->clients[i].answer.len;
	return sum;
}

static int find_answer(struct control *c, struct slice text, struct strbuf *out, struct diag *d)
{
	CLEANUP_JSON json_t *request = json_loadb(
		text.data, text.len, JSON_REJECT_DUPLICATES, NULL);
	const char *word = json_string_value(json_object_get(request, "request"));
	const struct control_request *found = find_request(c, word);
	int r;

	if (!json_is_object(request))
		return diag_at(d, NULL, 0, 0, "the question is not an object of JSON");
	if (!found)
		return diag_at(d, NULL, 0, 0, "the agent does not know the question '%.64s'",
			word ? word : "");
	if (waiting_bytes(c) + CONTROL_ANSWER_MAX > CONTROL_WAITING_MAX) {
		diag_at(d, NULL, 0, 0, "the agent has answers that others do not take");
		return -EBUSY;
	}
	r = found->answer(request, out, d, c->userdata);
	if (r == 0 && out->error)
		return diag_errno(d, NULL, out->error);
	if (r == 0 && out->len > CONTROL_ANSWER_MAX) {
		diag_at(d, NULL, 0, 0, "the answer is too large");
		r = -EFBIG;
	}
	return r;
}

static void answer(struct control *c, struct client *client, struct slice request)
{
	struct diag d;
	int r = find_answer(c, request, &client->answer, &d);

	if (r < 0)
		put_error(&client->answer, r, &d);
	else
		strbuf_add_text(&client->answer, end_line);
	if (client->answer.error || client->answer.len == 0 ||
		watch(c, EPOLL_CTL_MOD, client->fd, EPOLLOUT, client) < 0)
		drop(c, client);
}

static void answer_too_long(struct control *c, struct client *client)
{
	struct diag d;
	int r = diag_at(&d, NULL, 0, 0, "the question has more than %d bytes", CONTROL_REQUEST_MAX);

	put_error(&client->answer, r, &d);
	if (client->answer.error || watch(c, EPOLL_CTL_MOD, client->fd, EPOLLOUT, client) < 0)
		drop(c, client);
}

/* ---- what they send and take ---- */

static void receive(struct control *c, struct client *client, uint64_t now_ns)
{
	ssize_t size = recv(client->fd, client->request + client->request_len,
		sizeof(client->request) - client->request_len, MSG_DONTWAIT);
	const char *newline;

	if (size < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	if (size <= 0) {
		drop(c, client);
		return;
	}
	newline = memchr(client->request + client->request_len, '\n', size);
	client->request_len += size;
	client->moved_ns = now_ns;
	if (newline)
		answer(c, client, (struct slice){client->request, newline - client->request});
	else if (client->request_len == sizeof(client->request))
		answer_too_long(c, client);
}

static void transmit(struct control *c, struct client *client, uint64_t now_ns)
{
	ssize_t size = send(client->fd, client->answer.data + client->sent,
		client->answer.len - client->sent, MSG_DONTWAIT | MSG_NOSIGNAL);

	if (size < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	if (size > 0) {
		client->sent += size;
		client->moved_ns = now_ns;
	}
	if (size <= 0 || client->sent == client->answer.len)
		drop(c, client);
}

static void drop_idle(struct control *c, uint64_t now_ns)
{
	for (size_t i = 0; i < CONTROL_CLIENTS_MAX; i++) {
		struct client *client = &c->clients[i];

		if (client->fd >= 0 && now_ns > client->moved_ns &&
			now_ns - client->moved_ns > PATIENCE_NS)
			drop(c, client);
	}
}

void control_serve(struct control *control, uint64_t now_ns)
{
	struct epoll_event events[CONTROL_CLIENTS_MAX + 1];
	int count;

	if (!control)
		return;
	count = epoll_wait(control->epoll_fd, events, ARRAY_SIZE(events), 0);
	for (int i = 0; i < count; i++) {
		struct client *client = events[i].data.ptr;

		if (!client)
			accept_clients(control, now_ns);
		else if (client->answer.len > 0)
			transmit(control, client, now_ns);
		else
			receive(control, client, now_ns);
	}
	if (control->clients_count > 0)
		drop_idle(control, now_ns);
}

int control_fd(const struct control *control)
{
	return control ? control->epoll_fd : -1;
}

/* ---- life ---- */

int control_new_with(struct control_socket *socket, const struct control_request *requests,
	size_t count, void *userdata, struct control **ret)
{
	struct control *c = calloc(1, sizeof(*c));
	int r = 0;

	if (!c)
		return -ENOMEM;
	c->socket = CONTROL_SOCKET_INIT;
	c->requests = requests;
	c->request_count = count;
	c->userdata = userdata;
	for (size_t i = 0; i < CONTROL_CLIENTS_MAX; i++)
		c->clients[i].fd = -1;
	c->epoll_fd = epoll_create1(EPOLL_CLOEXEC);
	if (c->epoll_fd < 0)
		r = -errno;
	if (r == 0 && socket->fd >= 0)
		r = watch(c, EPOLL_CTL_ADD, socket->fd, EPOLLIN, NULL);
	if (r < 0) {
		control_free(c);
		return r;
	}
	c->socket = *socket;
	*socket = CONTROL_SOCKET_INIT;
	*ret = c;
	return 0;
}

int control_new(const char *state_file, const struct control_request *requests, size_t count,
	void *userdata, struct control **ret)
{
	struct control_socket socket = CONTROL_SOCKET_INIT;
	int r;

	*ret = NULL;
	if (!state_file[0])
		return 0;
	r = control_socket_listen(state_file, &socket);
	if (r == 0)
		r = control_new_with(&socket, requests, count, userdata, ret);
	control_socket_done(&socket);
	return r;
}

void control_free(struct control *control)
{
	if (!control)
		return;
	for (size_t i = 0; i < CONTROL_CLIENTS_MAX; i++)
		if (control->clients[i].fd >= 0)
			drop(control, &control->clients[i]);
	control_socket_done(&control->socket);
	fd_cleanup(&control->epoll_fd);
	free(control);
}
