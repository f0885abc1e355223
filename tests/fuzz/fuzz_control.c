/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Questions to the agent, in two pieces: whatever they are, the connection ends, and unless the
 * client went away there is an answer that who asks can read; and whatever is said to be an
 * answer, it is read or refused.
 */
#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/socket.h>

#include "base/json.h"
#include "control/control.h"

#define TURNS_MAX 8 /* of a question that is there whole */

/* The question comes back as text. */
static int answer_echo(const json_t *request, struct strbuf *out, struct diag *d, void *userdata)
{
	const char *text = json_string_value(json_object_get(request, "text"));

	(void)userdata;
	if (!text) {
		diag_at(d, NULL, 0, 0, "there is no text in it");
		return -EINVAL;
	}
	return json_add_line(json_pack("{s:s}", "text", text), out);
}

static int answer_not(const json_t *request, struct strbuf *out, struct diag *d, void *userdata)
{
	const char *text = json_string_value(json_object_get(request, "text"));

	(void)out, (void)userdata;
	diag_at(d, NULL, 0, 0, "there is no '%.300s'", text ? text : "");
	return -ENXIO;
}

static const struct control_request requests[] = {{"echo", answer_echo}, {"not", answer_not}};

static void pair(int fds[2])
{
	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, fds) < 0)
		abort();
}

static void send_piece(int fd, struct slice piece)
{
	if (piece.len > 0)
		(void)!send(fd, piece.data, piece.len, MSG_NOSIGNAL);
}

/* An answer that ended well, or says why not, is lines of JSON. */
static void check_answer(int fd)
{
	CLEANUP_STRBUF struct strbuf text = STRBUF_INIT;
	struct slice rest;
	struct diag d;
	int r = control_read_answer(fd, &text, &d);

	if (r == -ETIMEDOUT || r == -EBADMSG)
		abort();
	rest = strbuf_slice(&text);
	while (r == 0 && rest.len > 0) {
		CLEANUP_JSON json_t *line = NULL;

		if (!control_next(&rest, &line))
			abort();
	}
}

static void ask(struct slice first, struct slice second)
{
	struct control_socket none = {.fd = -1, .dir_fd = -1};
	struct control *control;
	int fds[2];

	if (control_new_with(&none, requests, 2, NULL, &control) < 0)
		return;
	pair(fds);
	control_adopt(control, fds[0], 0);
	send_piece(fds[1], first);
	control_serve(control, 0);
	send_piece(fds[1], second);
	send_piece(fds[1], slice_of("\n"));
	for (int i = 0; i < TURNS_MAX; i++)
		control_serve(control, 0);
	check_answer(fds[1]);
	close(fds[1]);
	control_free(control);
}

static void read_as_answer(struct slice text)
{
	CLEANUP_STRBUF struct strbuf answer = STRBUF_INIT;
	struct diag d;
	int fds[2];

	pair(fds);
	send_piece(fds[0], text);
	close(fds[0]);
	(void)control_read_answer(fds[1], &answer, &d);
	close(fds[1]);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct slice text = {(const char *)data, size};
	size_t cut = size > 0 ? data[size - 1] % size : 0;

	read_as_answer(text);
	ask((struct slice){text.data, cut}, (struct slice){text.data + cut, size - cut});
	return 0;
}
