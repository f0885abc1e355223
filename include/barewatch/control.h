/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The control module: questions to a running agent, by a Unix socket beside its status file that
 * only root, and who the agent runs as, can use. A question is one line, an object of JSON; the
 * answer is lines of JSON, and the last one says that it is whole. Then the connection ends.
 *
 *   {"request": "files", "container": "web"}
 *   ...
 *   {"end": true}
 *
 * In place of an answer there may be {"error": {"code": CODE, "message": TEXT}}.
 */
#pragma once

#include <jansson.h>
#include <stdint.h>

#include "base/diag.h"
#include "base/slice.h"
#include "base/strbuf.h"

#define CONTROL_CLIENTS_MAX 8 /* at a time; more are told so */
#define CONTROL_REQUEST_MAX 4096 /* bytes of a question, with its newline */
#define CONTROL_ANSWER_MAX  (8u << 20) /* bytes of one; what is larger becomes an error */
#define CONTROL_WAITING_MAX (16u << 20) /* bytes of all answers that are not read yet */
#define CONTROL_PATIENCE_S  10 /* for who does not ask, or read */
#define CONTROL_PATH_SUFFIX ".d/control" /* behind the path of the status file */

/* ---- the agent's side ---- */

/*
 * Appends the answer to REQUEST, an object, to OUT: lines of JSON. 0, or a negative errno with D
 * filled in, and what is in OUT does not count then: -EINVAL (the request is not well-formed),
 * -ENXIO (there is no such thing), -ENOTUNIQ (several are called so), -ESTALE (it is not kept any
 * more), -EFBIG (the answer is larger than OUT may become); all others are failures of ours.
 */
typedef int control_answer_fn(
	const json_t *request, struct strbuf *out, struct diag *d, void *userdata);

struct control_request {
	const char *name;
	control_answer_fn *answer;
};

struct control;

/*
 * Listens beside STATE_FILE, for the COUNT kinds of REQUESTS, which are borrowed as USERDATA is.
 * The directory of the socket is made, for its owner alone. What an agent that has ended left is
 * replaced. An empty STATE_FILE gives NULL, which the functions below take and do nothing with. 0,
 * -EBUSY when another agent listens there, -EPERM when others could get at the directory, or
 * another error of making it.
 */
int control_new(const char *state_file, const struct control_request *requests, size_t count,
	void *userdata, struct control **ret);

/* Ends all connections, and removes the socket and its directory unless it is another's by now. */
void control_free(struct control *control);

/* Becomes readable whenever control_serve() has something to do; -1 of NULL. */
int control_fd(const struct control *control);

/*
 * Takes and answers what is there, as far as that goes without waiting, and drops clients that
 * wait for longer than CONTROL_PATIENCE_S at NOW_NS. To be called every second at least.
 */
void control_serve(struct control *control, uint64_t now_ns);

/* ---- who asks ---- */

/*
 * Sends REQUEST, which is given up, to the agent whose status file is STATE_FILE, and appends its
 * answer to RET, lines without the last one. 0, or a negative errno with D filled in: what the
 * agent told, as of control_answer_fn; -ENOENT and -ECONNREFUSED when none listens there, -EPERM
 * when who listens is neither root nor ourselves, -ETIMEDOUT when nothing came for
 * CONTROL_PATIENCE_S, -EBADMSG when the answer is none, or not whole.
 */
int control_ask(const char *state_file, json_t *request, struct strbuf *ret, struct diag *d);

/* Takes the next line off TEXT as *RET, the caller's. False when there is none, or it is no JSON. */
bool control_next(struct slice *text, json_t **ret);
