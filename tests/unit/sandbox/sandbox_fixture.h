/* SPDX-License-Identifier: Apache-2.0 */
/* Calls into a sandbox, as root where the test is, and as nobody; and what came of them. */
#pragma once

#include "scratch.h"

#include <errno.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "barewatch/sandbox.h"

#define NOBODY 65534

/* What a call gave, in memory that is shared with the process that made it. */
struct outcome {
	int result;
	char message[SANDBOX_MESSAGE_MAX];
	size_t size;
	char answer[4096];
};

static struct outcome *outcome;

/* A call that a test makes. */
struct test_call {
	struct sandbox_options options;
	sandbox_fn *function;
	void *userdata;
};

static inline void make_call(const struct test_call *call)
{
	CLEANUP_STRBUF struct strbuf answer = STRBUF_INIT;

	memset(outcome, 0, sizeof(*outcome));
	outcome->result = sandbox_call(
		&call->options, call->function, call->userdata, &answer, outcome->message);
	outcome->size = answer.len;
	memcpy(outcome->answer, strbuf_text(&answer),
		answer.len < sizeof(outcome->answer) ? answer.len : sizeof(outcome->answer));
}

/* Calls, as nobody in a process between. */
static inline void call_as(const struct test_call *call, bool as_nobody)
{
	int status;
	pid_t pid;

	if (!as_nobody) {
		make_call(call);
		return;
	}
	pid = fork();
	assert_true(pid >= 0);
	if (pid == 0) {
		if (setresgid(NOBODY, NOBODY, NOBODY) < 0 || setresuid(NOBODY, NOBODY, NOBODY) < 0)
			_exit(2);
		make_call(call);
		_exit(0);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
}

/* Whether the test is root of a user namespace that has a nobody, as the host's has. */
static inline bool can_be_nobody(void)
{
	int status;
	pid_t pid = getuid() == 0 ? fork() : -1;

	if (pid == 0)
		_exit(setresgid(NOBODY, NOBODY, NOBODY) < 0 ||
			setresuid(NOBODY, NOBODY, NOBODY) < 0);
	return pid > 0 && waitpid(pid, &status, 0) == pid && status == 0;
}

/* As who the test is first; then as nobody, when it can be. */
#define EACH_USER(as_nobody) for (int as_nobody = 0; as_nobody < 1 + can_be_nobody(); as_nobody++)

static inline void assert_outcome(int result, const char *message)
{
	if (outcome->result != result || strcmp(outcome->message, message) != 0)
		fail_msg("%d \"%s\" instead of %d \"%s\"", outcome->result, outcome->message,
			result, message);
}

/* The pipe that the answer goes through, as hostile code would find it. */
static inline int find_pipe(void)
{
	struct stat st;

	for (int fd = 3; fd < 1024; fd++)
		if (fstat(fd, &st) == 0 && S_ISFIFO(st.st_mode))
			return fd;
	return -1;
}

static inline int run_sandbox_tests(const struct CMUnitTest *tests, size_t count)
{
	outcome = mmap(
		NULL, sizeof(*outcome), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (outcome == MAP_FAILED)
		return 1;
	return _cmocka_run_group_tests("sandbox", tests, count, NULL, NULL);
}
