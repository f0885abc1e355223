/* SPDX-License-Identifier: Apache-2.0 */
/* An agent's side of the control socket that answers some questions, and clients of it. */
#pragma once

#include <errno.h>
#include <sys/socket.h>

#include "asserts.h"
#include "base/clock.h"
#include "base/json.h"
#include "control/control.h"

#define SECOND(n) ((n)*NS_PER_S)

static inline int answer_hello(
	const json_t *request, struct strbuf *out, struct diag *d, void *userdata)
{
	(void)request, (void)d;
	strbuf_addf(out, "{\"hello\": \"%s\"}\n", (const char *)userdata);
	return 0;
}

/* As many bytes as are asked for, in lines. */
static inline int answer_much(
	const json_t *request, struct strbuf *out, struct diag *d, void *userdata)
{
	size_t bytes = json_integer_value(json_object_get(request, "bytes"));

	(void)d, (void)userdata;
	while (out->len < bytes)
		strbuf_addf(out, "{\"number\": %zu, \"filled\": \"%0100d\"}\n", out->len, 0);
	return 0;
}

static inline int answer_not(
	const json_t *request, struct strbuf *out, struct diag *d, void *userdata)
{
	(void)request, (void)userdata;
	strbuf_add_text(out, "{\"half\": ");
	diag_at(d, NULL, 0, 0, "there is no '\x1b[1m\"'");
	return -ENXIO;
}

static const struct control_request fixture_requests[] = {
	{"hello", answer_hello},
	{"much", answer_much},
	{"not", answer_not},
};

struct fixture {
	struct control *control;
};

static inline void fixture_init(struct fixture *f)
{
	struct control_socket none = CONTROL_SOCKET_INIT;

	assert_int_equal(control_new_with(&none, fixture_requests, ARRAY_SIZE(fixture_requests),
				 (void *)"you", &f->control),
		0);
}

static inline void fixture_done(struct fixture *f)
{
	control_free(f->control);
}
#define CLEANUP_FIXTURE CLEANUP(fixture_done)

/* A client that came at NOW_NS. Its end of the connection, where nothing waits. */
static inline int fixture_connect(struct fixture *f, uint64_t now_ns)
{
	int fds[2];

	assert_int_equal(
		socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, fds), 0);
	control_adopt(f->control, fds[0], now_ns);
	return fds[1];
}

static inline void client_send(int fd, const void *data, size_t size)
{
	assert_int_equal(send(fd, data, size, MSG_NOSIGNAL), size);
}

static inline void client_send_text(int fd, const char *text)
{
	client_send(fd, text, strlen(text));
}

/* Takes what there is. True when the connection has ended. */
static inline bool client_take(int fd, struct strbuf *text)
{
	char bytes[65536];
	ssize_t size;

	while ((size = recv(fd, bytes, sizeof(bytes), 0)) > 0)
		strbuf_add(text, bytes, size);
	return size == 0 || (size < 0 && errno == ECONNRESET);
}

/* Serves, and takes what comes, until the connection has ended. */
static inline void client_take_all(struct fixture *f, int fd, struct strbuf *text, uint64_t now_ns)
{
	int turns = 0;

	do {
		control_serve(f->control, now_ns);
		assert_true(++turns < 10000);
	} while (!client_take(fd, text));
}

/* The answer to TEXT, sent as it is. */
static inline void fixture_ask(struct fixture *f, const char *text, struct strbuf *ret)
{
	CLEANUP_FD int fd = fixture_connect(f, 0);

	client_send_text(fd, text);
	client_take_all(f, fd, ret, 0);
}

#define assert_answer(fixture, request, expected)                       \
	do {                                                            \
		CLEANUP_STRBUF struct strbuf answer_ = STRBUF_INIT;     \
		fixture_ask((fixture), (request), &answer_);            \
		assert_string_equal(strbuf_text(&answer_), (expected)); \
	} while (0)
