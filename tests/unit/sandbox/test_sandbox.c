/* SPDX-License-Identifier: Apache-2.0 */
/* Claims about agent/sandbox/sandbox.c: answers, and ways to end without one. */
#include "sandbox/sandbox_fixture.h"

static int answer_text(struct strbuf *answer, void *userdata)
{
	strbuf_add_text(answer, userdata);
	return 0;
}

static void answer_comes_back_as_it_is(void **state)
{
	struct test_call call = {.function = answer_text, .userdata = "an answer"};

	(void)state;
	EACH_USER(as_nobody)
	{
		call_as(&call, as_nobody);
		assert_outcome(0, "");
		assert_string_equal(outcome->answer, "an answer");
	}
	call.userdata = "";
	make_call(&call);
	assert_outcome(0, "");
	assert_int_equal(outcome->size, 0);
}

static int answer_much(struct strbuf *answer, void *userdata)
{
	size_t *size = userdata;

	if (strbuf_reserve(answer, *size)) {
		memset(answer->data, 'x', *size);
		answer->len = *size;
	}
	return 0;
}

static void answer_is_bounded(void **state)
{
	struct sandbox_limits limits = SANDBOX_LIMITS_DEFAULT;
	size_t size = 300000;
	struct test_call call = {
		.options.limits = &limits, .function = answer_much, .userdata = &size};

	(void)state;
	limits.answer_bytes_max = 300000;
	make_call(&call);
	assert_outcome(0, "");
	assert_int_equal(outcome->size, 300000);
	size++;
	make_call(&call);
	assert_outcome(
		-EFBIG, "stopped: an answer of more than 300000 bytes, the limit answer_bytes_max");
	assert_int_equal(outcome->size, 0);
}

static int answer_behind(struct strbuf *answer, void *userdata)
{
	(void)userdata;
	strbuf_add_text(answer, "new");
	return 0;
}

static int fail_behind(struct strbuf *answer, void *userdata)
{
	(void)userdata;
	strbuf_add_text(answer, "new");
	return -ENOENT;
}

static void answer_is_appended_and_an_error_leaves_nothing(void **state)
{
	CLEANUP_STRBUF struct strbuf text = STRBUF_INIT;
	struct sandbox_options options = {0};
	char message[SANDBOX_MESSAGE_MAX];

	(void)state;
	strbuf_add_text(&text, "old,");
	/* the child has its own copy, which is empty */
	assert_int_equal(sandbox_call(&options, fail_behind, NULL, &text, message), -ENOENT);
	assert_string_equal(strbuf_text(&text), "old,");
	assert_string_equal(message, "No such file or directory");
	assert_int_equal(sandbox_call(&options, answer_behind, NULL, &text, message), 0);
	assert_string_equal(strbuf_text(&text), "old,new");
}

struct forged {
	const char *bytes;
	size_t size;
	int exit_status; /* -1: goes on, and gives an answer as well */
};

static int forge(struct strbuf *answer, void *userdata)
{
	const struct forged *forged = userdata;

	if (write_all(find_pipe(), forged->bytes, forged->size) < 0)
		return -EIO;
	if (forged->exit_status >= 0)
		_exit(forged->exit_status);
	strbuf_add_text(answer, "an answer");
	return 0;
}

/* A header: kind, value, size, and no step; then what is put behind. */
#define HEADER(kind, value, size)                 \
	kind "\0\0\0" value size "\0\0\0\0\0\0\0" \
	     "\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0"
#define ZERO "\0\0\0\0"

static void forged_answers_are_told_apart(void **state)
{
	static const struct {
		struct forged forged;
		int result;
		const char *message;
	} cases[] = {
#define FORGED(bytes, status) {bytes, sizeof(bytes) - 1, status}
		{FORGED("", 0), -EPROTO, "ended without an answer"},
		{FORGED("", 7), -ECHILD, "exited with status 7"},
		{FORGED("abc", 0), -EPROTO, "its answer ends after 3 bytes"},
		{FORGED(HEADER("\1", ZERO, "\5") "abc", 0), -EPROTO,
			"its answer ends after 3 of 5 bytes"},
		{FORGED(HEADER("\1", ZERO, "\2") "abc", 0), -EPROTO,
			"more than an answer came from it"},
		{FORGED(HEADER("\1", ZERO, "\3") "abc", 1), -ECHILD, "exited with status 1"},
		{FORGED(HEADER("\1", ZERO, "\3") "abc", -1), -EPROTO,
			"more than an answer came from it"},
		{FORGED(HEADER("\11", ZERO, "\0"), 0), -EPROTO, "what came from it is no answer"},
		{FORGED(HEADER("\2", "\1\0\0\0", "\0"), 0), -EPROTO, "Protocol error"},
		{FORGED(HEADER("\2", ZERO, "\0"), 0), -EPROTO, "Protocol error"},
		{FORGED(HEADER("\3", "\xff\xff\0\0", "\0"), 0), -EPERM,
			"stopped: it made system call 65535, which is refused"},
	};
	struct test_call call = {.function = forge};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		call.userdata = (void *)&cases[i].forged;
		make_call(&call);
		assert_outcome(cases[i].result, cases[i].message);
		assert_int_equal(outcome->size, 0);
	}
}

static int announce_much(struct strbuf *answer, void *userdata)
{
	static const char header[] = HEADER("\1", ZERO, "\0\0\0\0\0\0\0\x7f");
	(void)answer;
	(void)userdata;
	return write_all(find_pipe(), header, 48) < 0 ? -EIO : -EINTR;
}

static void announced_size_takes_no_memory(void **state)
{
	struct sandbox_limits limits = SANDBOX_LIMITS_DEFAULT;
	struct test_call call = {.options.limits = &limits, .function = announce_much};

	(void)state;
	make_call(&call);
	assert_int_equal(outcome->result, -EFBIG);
	limits.answer_bytes_max = UINT64_MAX; /* whoever has no limit gets what has come, no more */
	make_call(&call);
	assert_int_equal(outcome->result, -EPROTO);
}

static int write_given(struct strbuf *answer, void *userdata)
{
	char bytes[1000] = "";

	(void)answer;
	return write_all(*(int *)userdata, bytes, sizeof(bytes));
}

static void files_given_for_writing_are_bounded(void **state)
{
	struct sandbox_limits limits = SANDBOX_LIMITS_DEFAULT;
	CLEANUP_FD int fd = memfd_create("given", MFD_CLOEXEC);
	struct test_call call = {.options = {.limits = &limits, .fds = &fd, .fd_count = 1},
		.function = write_given,
		.userdata = &fd};

	(void)state;
	EACH_USER(as_nobody)
	{
		limits.file_bytes_max = 0;
		call_as(&call, as_nobody);
		assert_outcome(
			-EFBIG, "stopped: a file of more than 0 bytes, the limit file_bytes_max");
		limits.file_bytes_max = 1000;
		assert_int_equal(lseek(fd, 0, SEEK_SET), 0);
		call_as(&call, as_nobody);
		assert_outcome(0, "");
	}
}

static int take_memory(struct strbuf *answer, void *userdata)
{
	const size_t part = 1 << 20;

	(void)answer;
	(void)userdata;
	for (;;) {
		char *memory = mmap(
			NULL, part, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

		if (memory == MAP_FAILED)
			return -errno;
		memset(memory, 1, part);
	}
}

static volatile bool goes_on = true;

static int spin(struct strbuf *answer, void *userdata)
{
	(void)answer;
	(void)userdata;
	signal(SIGXCPU, SIG_IGN);
	while (goes_on)
		;
	return 0;
}

static int spin_plainly(struct strbuf *answer, void *userdata)
{
	(void)answer;
	(void)userdata;
	while (goes_on)
		;
	return 0;
}

static int sleep_on(struct strbuf *answer, void *userdata)
{
	(void)answer;
	(void)userdata;
	while (goes_on)
		usleep(100000);
	return 0;
}

/* Says all, closes the pipe and stays. */
static int linger(struct strbuf *answer, void *userdata)
{
	int fd = find_pipe();

	if (write_all(fd, HEADER("\1", ZERO, "\0"), 48) < 0)
		return -EIO;
	close(fd);
	return sleep_on(answer, userdata);
}

static void bombs_and_loops_are_stopped(void **state)
{
	struct sandbox_limits limits = SANDBOX_LIMITS_DEFAULT;
	struct test_call call = {.options.limits = &limits};

	(void)state;
	limits.memory_bytes = 64 << 20;
	EACH_USER(as_nobody)
	{
		call.function = take_memory;
		call_as(&call, as_nobody);
		assert_outcome(-ENOMEM,
			"out of memory, with 67108864 bytes of it, the limit memory_bytes");
	}
	limits.cpu_seconds = 1;
	call.function = spin_plainly;
	make_call(&call);
	assert_outcome(-ETIME, "stopped: more than 1 s of processor time, the limit cpu_seconds");
	call.function = spin; /* SIGKILL follows, whatever it ignores */
	make_call(&call);
	assert_outcome(-ECHILD, "ended by signal 9, Killed");
	limits.seconds = 1;
	call.function = sleep_on;
	make_call(&call);
	assert_outcome(-ETIME, "stopped: no answer in 1 s, the limit seconds");
	call.function = linger;
	make_call(&call);
	assert_outcome(-ETIME, "stopped: no answer in 1 s, the limit seconds");
}

static int crash(struct strbuf *answer, void *userdata)
{
	(void)answer;
	(void)userdata;
	return raise(SIGSEGV);
}

static int give_up(struct strbuf *answer, void *userdata)
{
	(void)answer;
	(void)userdata;
	abort();
}

static int crash_within_an_answer(struct strbuf *answer, void *userdata)
{
	if (write_all(find_pipe(), HEADER("\1", ZERO, "\5"), 48) < 0)
		return -EIO;
	return crash(answer, userdata);
}

static void crashes_are_told(void **state)
{
	struct test_call call = {.function = crash};

	(void)state;
	EACH_USER(as_nobody)
	{
		call.function = crash;
		call_as(&call, as_nobody);
		assert_outcome(-ECHILD, "ended by signal 11, Segmentation fault");
		call.function = give_up;
		call_as(&call, as_nobody);
		assert_outcome(-ECHILD, "ended by signal 6, Aborted");
		call.function = crash_within_an_answer;
		call_as(&call, as_nobody);
		assert_outcome(-ECHILD, "ended by signal 11, Segmentation fault");
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(answer_comes_back_as_it_is),
		cmocka_unit_test(answer_is_bounded),
		cmocka_unit_test(answer_is_appended_and_an_error_leaves_nothing),
		cmocka_unit_test(forged_answers_are_told_apart),
		cmocka_unit_test(announced_size_takes_no_memory),
		cmocka_unit_test(files_given_for_writing_are_bounded),
		cmocka_unit_test(bombs_and_loops_are_stopped),
		cmocka_unit_test(crashes_are_told),
	};

	return run_sandbox_tests(tests, ARRAY_SIZE(tests));
}
