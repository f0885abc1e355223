/* SPDX-License-Identifier: Apache-2.0 */
/* Claims about agent/control/server.c. */
#include "control_fixture.h"

#define END "{\"end\": true}\n"

#define ERROR(code, message) "{\"error\":{\"code\":\"" code "\",\"message\":\"" message "\"}}\n"

#define HELLO "{\"request\": \"hello\"}\n"

static void question_is_answered_and_the_connection_ends(void **state)
{
	CLEANUP_FIXTURE struct fixture f;

	(void)state;
	fixture_init(&f);
	assert_answer(&f, HELLO, "{\"hello\": \"you\"}\n" END);
	assert_answer(&f, HELLO HELLO, "{\"hello\": \"you\"}\n" END);
}

static void what_is_no_question_is_refused_with_a_reason(void **state)
{
	static const struct {
		const char *request, *answer;
	} cases[] = {
		{"\n", ERROR("bad_request", "the question is not an object of JSON")},
		{"GET / HTTP/1.1\n", ERROR("bad_request", "the question is not an object of JSON")},
		{"[\"hello\"]\n", ERROR("bad_request", "the question is not an object of JSON")},
		{"{\"request\": \"hello\"\n",
			ERROR("bad_request", "the question is not an object of JSON")},
		{"{\"request\": \"hello\", \"request\": \"much\"}\n",
			ERROR("bad_request", "the question is not an object of JSON")},
		{"{}\n", ERROR("bad_request", "the agent does not know the question ''")},
		{"{\"request\": 7}\n",
			ERROR("bad_request", "the agent does not know the question ''")},
		{"{\"request\": \"hell\"}\n",
			ERROR("bad_request", "the agent does not know the question 'hell'")},
		{"{\"request\": \"not\"}\n", ERROR("not_found", "there is no '\\u001B[1m\\\"'")},
	};
	CLEANUP_FIXTURE struct fixture f;

	(void)state;
	fixture_init(&f);
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++)
		assert_answer(&f, cases[i].request, cases[i].answer);
}

static void question_may_come_in_pieces(void **state)
{
	static const char question[] = HELLO;
	CLEANUP_FIXTURE struct fixture f;
	CLEANUP_STRBUF struct strbuf text = STRBUF_INIT;
	CLEANUP_FD int fd = -1;

	(void)state;
	fixture_init(&f);
	fd = fixture_connect(&f, 0);
	for (size_t i = 0; i < sizeof(question) - 1; i++) {
		assert_false(client_take(fd, &text));
		assert_int_equal(text.len, 0);
		client_send(fd, question + i, 1);
		control_serve(f.control, 0);
	}
	client_take_all(&f, fd, &text, 0);
	assert_string_equal(strbuf_text(&text), "{\"hello\": \"you\"}\n" END);
}

static void question_without_an_end_is_refused_when_it_is_too_long(void **state)
{
	CLEANUP_FIXTURE struct fixture f;
	CLEANUP_STRBUF struct strbuf text = STRBUF_INIT;
	CLEANUP_FD int fd = -1;
	char much[CONTROL_REQUEST_MAX + 1];

	(void)state;
	fixture_init(&f);
	fd = fixture_connect(&f, 0);
	memset(much, '{', sizeof(much));
	client_send(fd, much, CONTROL_REQUEST_MAX - 1);
	control_serve(f.control, 0);
	assert_false(client_take(fd, &text));
	client_send(fd, much, 1);
	client_take_all(&f, fd, &text, 0);
	assert_string_equal(strbuf_text(&text),
		ERROR("bad_request",
			"the question has more than " STRINGIFY(CONTROL_REQUEST_MAX) " bytes"));
}

static void question_of_the_largest_size_is_taken(void **state)
{
	CLEANUP_FIXTURE struct fixture f;
	CLEANUP_STRBUF struct strbuf text = STRBUF_INIT;
	CLEANUP_FD int fd = -1;
	char question[CONTROL_REQUEST_MAX];

	(void)state;
	fixture_init(&f);
	fd = fixture_connect(&f, 0);
	memset(question, ' ', sizeof(question));
	memcpy(question, HELLO, sizeof(HELLO) - 2);
	question[sizeof(question) - 1] = '\n';
	client_send(fd, question, sizeof(question));
	client_take_all(&f, fd, &text, 0);
	assert_string_equal(strbuf_text(&text), "{\"hello\": \"you\"}\n" END);
}

static void large_answer_arrives_whole(void **state)
{
	CLEANUP_FIXTURE struct fixture f;
	CLEANUP_STRBUF struct strbuf text = STRBUF_INIT;
	struct slice rest;
	json_t *line;
	size_t offset = 0;

	(void)state;
	fixture_init(&f);
	fixture_ask(&f, "{\"request\": \"much\", \"bytes\": 4000000}\n", &text);
	rest = strbuf_slice(&text);
	while (control_next(&rest, &line)) {
		bool is_last = json_is_true(json_object_get(line, "end"));

		if (!is_last)
			assert_int_equal(
				json_integer_value(json_object_get(line, "number")), offset);
		json_decref(line);
		offset = text.len - rest.len;
	}
	assert_int_equal(rest.len, 0);
	assert_true(text.len > 4000000 && offset == text.len);
	assert_string_equal(strbuf_text(&text) + text.len - strlen(END), END);
}

static void answer_beyond_the_limit_becomes_an_error(void **state)
{
	CLEANUP_FIXTURE struct fixture f;

	(void)state;
	fixture_init(&f);
	assert_answer(&f, "{\"request\": \"much\", \"bytes\": 9000000}\n",
		ERROR("too_large", "the answer is too large"));
}

/* It costs nobody else anything, and is gone when its time is over. */
static void client_that_never_reads_is_dropped(void **state)
{
	CLEANUP_FIXTURE struct fixture f;
	CLEANUP_STRBUF struct strbuf text = STRBUF_INIT;
	CLEANUP_FD int fd = -1;

	(void)state;
	fixture_init(&f);
	fd = fixture_connect(&f, SECOND(100));
	client_send_text(fd, "{\"request\": \"much\", \"bytes\": 4000000}\n");
	for (int i = 0; i < 100; i++)
		control_serve(f.control, SECOND(100));
	assert_answer(&f, HELLO, "{\"hello\": \"you\"}\n" END);
	control_serve(f.control, SECOND(100 + CONTROL_PATIENCE_S));
	control_serve(f.control, SECOND(101 + CONTROL_PATIENCE_S));
	assert_true(client_take(fd, &text));
	assert_true(text.len > 0 && text.len < 4000000);
}

static void client_that_reads_slowly_is_served(void **state)
{
	CLEANUP_FIXTURE struct fixture f;
	CLEANUP_STRBUF struct strbuf text = STRBUF_INIT;
	CLEANUP_FD int fd = -1;
	uint64_t now_s = 100;

	(void)state;
	fixture_init(&f);
	fd = fixture_connect(&f, SECOND(now_s));
	client_send_text(fd, "{\"request\": \"much\", \"bytes\": 4000000}\n");
	do {
		now_s += CONTROL_PATIENCE_S;
		control_serve(f.control, SECOND(now_s));
	} while (!client_take(fd, &text));
	assert_true(now_s > 2 * CONTROL_PATIENCE_S);
	assert_string_equal(strbuf_text(&text) + text.len - strlen(END), END);
}

static void client_that_never_asks_is_dropped(void **state)
{
	CLEANUP_FIXTURE struct fixture f;
	CLEANUP_STRBUF struct strbuf text = STRBUF_INIT;
	CLEANUP_FD int fd = -1;

	(void)state;
	fixture_init(&f);
	fd = fixture_connect(&f, SECOND(100));
	control_serve(f.control, SECOND(100 + CONTROL_PATIENCE_S));
	assert_false(client_take(fd, &text));
	control_serve(f.control, SECOND(101 + CONTROL_PATIENCE_S));
	assert_true(client_take(fd, &text));
	assert_int_equal(text.len, 0);
}

static void client_that_goes_away_is_forgotten(void **state)
{
	CLEANUP_FIXTURE struct fixture f;

	(void)state;
	fixture_init(&f);
	for (int i = 0; i < 3 * CONTROL_CLIENTS_MAX; i++) {
		int fd = fixture_connect(&f, 0);

		if (i % 3 == 0)
			client_send_text(fd, "{\"request\": \"much\", \"bytes\": 4000000}\n");
		if (i % 3 == 1)
			client_send_text(fd, "{\"requ");
		control_serve(f.control, 0);
		close(fd);
		control_serve(f.control, 0);
		control_serve(f.control, 0);
	}
	assert_answer(&f, HELLO, "{\"hello\": \"you\"}\n" END);
}

static void one_client_too_many_is_told_so(void **state)
{
	CLEANUP_FIXTURE struct fixture f;
	CLEANUP_STRBUF struct strbuf text = STRBUF_INIT;
	int fds[CONTROL_CLIENTS_MAX];
	CLEANUP_FD int last = -1;

	(void)state;
	fixture_init(&f);
	for (int i = 0; i < CONTROL_CLIENTS_MAX; i++)
		fds[i] = fixture_connect(&f, 0);
	last = fixture_connect(&f, 0);
	assert_true(client_take(last, &text));
	assert_non_null(strstr(strbuf_text(&text), "\"busy\""));
	for (int i = 0; i < CONTROL_CLIENTS_MAX; i++) {
		strbuf_reset(&text);
		client_send_text(fds[i], HELLO);
		client_take_all(&f, fds[i], &text, 0);
		assert_string_equal(strbuf_text(&text), "{\"hello\": \"you\"}\n" END);
		close(fds[i]);
	}
	assert_answer(&f, HELLO, "{\"hello\": \"you\"}\n" END);
}

/* All answers together are bounded, too. */
static void answers_that_nobody_takes_are_no_more_than_their_bound(void **state)
{
	CLEANUP_FIXTURE struct fixture f;
	CLEANUP_STRBUF struct strbuf text = STRBUF_INIT;
	int fds[CONTROL_CLIENTS_MAX];
	int busy = 0;

	(void)state;
	fixture_init(&f);
	for (int i = 0; i < CONTROL_CLIENTS_MAX; i++) {
		fds[i] = fixture_connect(&f, 0);
		client_send_text(fds[i], "{\"request\": \"much\", \"bytes\": 8000000}\n");
		control_serve(f.control, 0);
	}
	for (int i = 0; i < CONTROL_CLIENTS_MAX; i++) {
		strbuf_reset(&text);
		client_take_all(&f, fds[i], &text, 0);
		busy += !!strstr(strbuf_text(&text), "\"busy\"");
		close(fds[i]);
	}
	assert_int_equal(busy, CONTROL_CLIENTS_MAX - 2);
}

static void client_that_is_not_root_is_not_served(void **state)
{
	CLEANUP_FIXTURE struct fixture f;
	CLEANUP_STRBUF struct strbuf text = STRBUF_INIT;
	CLEANUP_FD int fd = -1;
	int fds[2];

	(void)state;
	if (geteuid() != 0)
		skip();
	fixture_init(&f);
	assert_int_equal(seteuid(65534), 0);
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, fds), 0);
	assert_int_equal(seteuid(0), 0);
	fd = fds[1];
	client_send_text(fd, HELLO);
	control_adopt(f.control, fds[0], 0);
	control_serve(f.control, 0);
	assert_true(client_take(fd, &text));
	assert_int_equal(text.len, 0);
}

static void no_control_is_served_by_doing_nothing(void **state)
{
	struct control *control;

	(void)state;
	assert_int_equal(control_new("", fixture_requests, 1, NULL, &control), 0);
	assert_null(control);
	assert_int_equal(control_fd(control), -1);
	control_serve(control, 0);
	control_free(control);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(question_is_answered_and_the_connection_ends),
		cmocka_unit_test(what_is_no_question_is_refused_with_a_reason),
		cmocka_unit_test(question_may_come_in_pieces),
		cmocka_unit_test(question_without_an_end_is_refused_when_it_is_too_long),
		cmocka_unit_test(question_of_the_largest_size_is_taken),
		cmocka_unit_test(large_answer_arrives_whole),
		cmocka_unit_test(answer_beyond_the_limit_becomes_an_error),
		cmocka_unit_test(client_that_never_reads_is_dropped),
		cmocka_unit_test(client_that_reads_slowly_is_served),
		cmocka_unit_test(client_that_never_asks_is_dropped),
		cmocka_unit_test(client_that_goes_away_is_forgotten),
		cmocka_unit_test(one_client_too_many_is_told_so),
		cmocka_unit_test(answers_that_nobody_takes_are_no_more_than_their_bound),
		cmocka_unit_test(client_that_is_not_root_is_not_served),
		cmocka_unit_test(no_control_is_served_by_doing_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
