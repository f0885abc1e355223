/* SPDX-License-Identifier: Apache-2.0 */
/* Claims about agent/control/socket.c, and what goes over it: client.c. */
#include "control_fixture.h"

#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <sys/stat.h>

#include "scratch.h"

struct agent {
	struct scratch s;
	char state_file[SCRATCH_PATH_MAX];
	struct control *control;
	atomic_bool is_over;
};

static int agent_listen(struct agent *a)
{
	return control_new(a->state_file, fixture_requests, ARRAY_SIZE(fixture_requests),
		(void *)"you", &a->control);
}

static void agent_init(struct agent *a, const char *name)
{
	memset(a, 0, sizeof(*a));
	scratch_init(&a->s);
	snprintf(a->state_file, sizeof(a->state_file), "%s", scratch_path(&a->s, name));
}

static void agent_done(struct agent *a)
{
	control_free(a->control);
	scratch_done(&a->s);
}
#define CLEANUP_AGENT CLEANUP(agent_done)

static const char *control_path(struct agent *a)
{
	return scratch_path(&a->s, "run/agent.json" CONTROL_PATH_SUFFIX);
}

/* As the loop does, in a thread of its own. */
static void *serve(void *userdata)
{
	struct agent *a = userdata;
	struct pollfd fd = {.fd = control_fd(a->control), .events = POLLIN};

	while (!a->is_over) {
		poll(&fd, 1, 20);
		control_serve(a->control, 0);
	}
	return NULL;
}

static void only_the_owner_can_get_at_it(void **state)
{
	CLEANUP_AGENT struct agent a;
	struct stat st;

	(void)state;
	agent_init(&a, "run/agent.json");
	assert_int_equal(agent_listen(&a), 0);
	assert_int_equal(stat(control_path(&a), &st), 0);
	assert_true(S_ISSOCK(st.st_mode));
	assert_int_equal(st.st_mode & 07777, 0600);
	assert_int_equal(stat(scratch_path(&a.s, "run/agent.json.d"), &st), 0);
	assert_int_equal(st.st_mode & 07777, 0700);
}

static void directory_that_others_can_enter_is_not_used(void **state)
{
	CLEANUP_AGENT struct agent a;

	(void)state;
	agent_init(&a, "run/agent.json");
	scratch_mkdir(&a.s, "run/agent.json.d");
	assert_int_equal(chmod(scratch_path(&a.s, "run/agent.json.d"), 0755), 0);
	assert_int_equal(agent_listen(&a), -EPERM);
	assert_null(a.control);
}

static void link_in_place_of_the_directory_is_not_followed(void **state)
{
	CLEANUP_AGENT struct agent a;
	char link[SCRATCH_PATH_MAX];

	(void)state;
	agent_init(&a, "run/agent.json");
	scratch_mkdir(&a.s, "elsewhere");
	scratch_mkdir(&a.s, "run");
	snprintf(link, sizeof(link), "%s", scratch_path(&a.s, "run/agent.json.d"));
	assert_int_equal(symlink(scratch_path(&a.s, "elsewhere"), link), 0);
	assert_int_equal(agent_listen(&a), -ENOTDIR);
}

static void socket_of_another_agent_is_left_alone(void **state)
{
	CLEANUP_AGENT struct agent a;
	struct control *other;

	(void)state;
	agent_init(&a, "run/agent.json");
	assert_int_equal(agent_listen(&a), 0);
	assert_int_equal(control_new(a.state_file, fixture_requests, 1, NULL, &other), -EBUSY);
	assert_null(other);
	assert_int_equal(access(control_path(&a), F_OK), 0);
}

static void what_an_agent_left_is_replaced_and_removed(void **state)
{
	CLEANUP_AGENT struct agent a;
	struct control_socket left = CONTROL_SOCKET_INIT;

	(void)state;
	agent_init(&a, "run/agent.json");
	assert_int_equal(control_socket_listen(a.state_file, &left), 0);
	close(left.fd); /* as if it had been killed */
	left.fd = -1;
	assert_int_equal(agent_listen(&a), 0);
	control_socket_done(&left); /* its name is another's by now */
	assert_int_equal(access(control_path(&a), F_OK), 0);
	control_free(TAKE_PTR(a.control));
	assert_int_equal(access(scratch_path(&a.s, "run/agent.json.d"), F_OK), -1);
}

/* sun_path has 108 bytes. */
static void path_may_be_long(void **state)
{
	CLEANUP_AGENT struct agent a;
	CLEANUP_FD int fd = -1;
	char name[NAME_MAX];

	(void)state;
	memset(name, 'x', 200);
	name[200] = '\0';
	agent_init(&a, name);
	assert_int_equal(agent_listen(&a), 0);
	fd = control_socket_connect(a.state_file);
	assert_true(fd >= 0);
}

static void question_is_asked_and_answered_over_it(void **state)
{
	CLEANUP_AGENT struct agent a;
	CLEANUP_STRBUF struct strbuf text = STRBUF_INIT;
	struct diag d;
	pthread_t thread;

	(void)state;
	agent_init(&a, "run/agent.json");
	assert_int_equal(agent_listen(&a), 0);
	assert_int_equal(pthread_create(&thread, NULL, serve, &a), 0);
	assert_int_equal(
		control_ask(a.state_file, json_pack("{s:s}", "request", "hello"), &text, &d), 0);
	assert_string_equal(strbuf_text(&text), "{\"hello\": \"you\"}\n");
	strbuf_reset(&text);
	assert_int_equal(
		control_ask(a.state_file, json_pack("{s:s}", "request", "not"), &text, &d), -ENXIO);
	assert_diag_text(&d, "there is no '\\u{1b}[1m\"'");
	a.is_over = true;
	pthread_join(thread, NULL);
}

static void nobody_to_ask_is_said(void **state)
{
	CLEANUP_AGENT struct agent a;
	CLEANUP_STRBUF struct strbuf text = STRBUF_INIT;
	struct diag d;

	(void)state;
	agent_init(&a, "run/agent.json");
	assert_int_equal(
		control_ask(a.state_file, json_pack("{s:s}", "request", "hello"), &text, &d),
		-ENOENT);
	assert_diag_text(&d, "the agent cannot be asked: No such file or directory");
}

/* What a server that is not ours may send; nothing is made of it. */
static void answer_that_is_not_whole_is_none(void **state)
{
	static const char *const answers[] = {
		"",
		"\n",
		"{\"hello\": \"you\"}\n",
		"{\"hello\": \"you\"}\n{\"end\": tr",
		"{\"hello\": \"you\"}\n{\"end\": true}",
		"{\"hello\": \"you\"}\n{\"end\": 1}\n",
		"{\"error\": \"why\"}\n",
		"{\"error\": {\"code\": \"gone\"}}\n",
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(answers); i++) {
		CLEANUP_STRBUF struct strbuf text = STRBUF_INIT;
		struct diag d;
		int fds[2];

		assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, fds), 0);
		client_send_text(fds[0], answers[i]);
		close(fds[0]);
		assert_int_equal(control_read_answer(fds[1], &text, &d), -EBADMSG);
		assert_diag_text(&d, "the answer of the agent is not whole");
		close(fds[1]);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(only_the_owner_can_get_at_it),
		cmocka_unit_test(directory_that_others_can_enter_is_not_used),
		cmocka_unit_test(link_in_place_of_the_directory_is_not_followed),
		cmocka_unit_test(socket_of_another_agent_is_left_alone),
		cmocka_unit_test(what_an_agent_left_is_replaced_and_removed),
		cmocka_unit_test(path_may_be_long),
		cmocka_unit_test(question_is_asked_and_answered_over_it),
		cmocka_unit_test(nobody_to_ask_is_said),
		cmocka_unit_test(answer_that_is_not_whole_is_none),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
