/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The caller's side: makes the child, takes its answer, and tells how it ended; and what the child
 * does before and after the function. What comes over the pipe is as hostile as what the
 * function reads.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/io.h"
#include "sandbox/confine.h"

/* What comes over the pipe: this, and of an answer its bytes. Alone, and once. */
enum frame_kind { FRAME_ANSWER = 1, FRAME_FAILED, FRAME_REFUSED, FRAME_UNCONFINED };

struct frame {
	uint32_t kind;
	int32_t value; /* errno, or the number of the system call */
	uint64_t size_bytes; /* of the answer */
	char step[32]; /* that could not be taken */
};

/* ---- in the child ---- */

static int answer_fd; /* of the child alone, for its handler of signals */

static void send_frame(enum frame_kind kind, int value, uint64_t size_bytes, const char *step)
{
	struct frame frame = {.kind = kind, .value = value, .size_bytes = size_bytes};

	for (size_t i = 0; i + 1 < sizeof(frame.step) && step[i]; i++)
		frame.step[i] = step[i];
	(void)write_all(answer_fd, &frame, sizeof(frame)); /* the exit status tells as well */
}

static void tell_refused_call(int number, siginfo_t *info, void *context)
{
	(void)number;
	(void)context;
	send_frame(FRAME_REFUSED, info->si_syscall, 0, "");
	_exit(1);
}

/* The caller's handlers are for the caller; what it has blocked it may never see. */
static void reset_signals(void)
{
	struct sigaction refused = {.sa_sigaction = tell_refused_call, .sa_flags = SA_SIGINFO};
	sigset_t none;

	for (int i = 1; i < NSIG; i++)
		(void)signal(i, SIG_DFL);
	sigaction(SIGSYS, &refused, NULL);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
}

static _Noreturn void run_child(struct confinement *c, sandbox_fn *function, void *userdata)
{
	CLEANUP_STRBUF struct strbuf answer = STRBUF_INIT;
	const char *step = "";
	int r;

	answer_fd = c->answer_fd;
	reset_signals();
	r = confine(c, &step);
	if (r < 0) {
		send_frame(FRAME_UNCONFINED, r, 0, step);
		_exit(1);
	}
	r = function(&answer, userdata);
	if (r == 0)
		r = answer.error;
	if (r < 0) {
		send_frame(FRAME_FAILED, r, 0, "");
		_exit(1);
	}
	send_frame(FRAME_ANSWER, 0, answer.len, "");
	/* no handlers of exit(): they are the caller's */
	_exit(write_all(answer_fd, answer.data, answer.len) < 0);
}

/* ---- in the caller ---- */

struct call {
	const struct sandbox_limits *limits;
	char *message;
	pid_t pid;
	int pidfd, pipe;
	uint64_t end_ns; /* of the patience */
	struct frame frame;
	struct strbuf *answer;
	size_t answer_at; /* where it begins there */
};

static int __attribute__((format(printf, 3, 4)))
fail(struct call *call, int error, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	vsnprintf(call->message, SANDBOX_MESSAGE_MAX, format, args);
	va_end(args);
	return error;
}

static int time_is_over(struct call *call)
{
	return fail(call, -ETIME, "stopped: no answer in %u s, the limit seconds",
		call->limits->seconds);
}

/* Waits until FD is ready. 0, or -ETIME. */
static int wait_for(struct call *call, int fd)
{
	struct pollfd p = {.fd = fd, .events = POLLIN};

	for (;;) {
		uint64_t now = clock_boot_ns();
		int r;

		if (now >= call->end_ns)
			return time_is_over(call);
		r = poll(&p, 1, (call->end_ns - now) / NS_PER_MS % INT32_MAX + 1);
		if (r > 0)
			return 0;
		if (r < 0 && errno != EINTR)
			return fail(call, -errno, "poll: %s", strerror(errno));
	}
}

/* Reads up to SIZE bytes, fewer at the end. Their number or a negative errno. */
static ssize_t read_some(struct call *call, void *data, size_t size)
{
	size_t len = 0;

	while (len < size) {
		ssize_t n;
		int r = wait_for(call, call->pipe);

		if (r < 0)
			return r;
		n = read(call->pipe, (char *)data + len, size - len);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return fail(call, -errno, "its answer: %s", strerror(errno));
		if (n == 0)
			break;
		len += n;
	}
	return len;
}

#define PART_SIZE 65536

/* Memory is taken for what has come, not for what was announced. */
static int read_answer(struct call *call)
{
	uint64_t left = call->frame.size_bytes;

	while (left > 0) {
		size_t part = left < PART_SIZE ? left : PART_SIZE;
		ssize_t n;

		if (!strbuf_reserve(call->answer, part))
			return fail(call, -ENOMEM, "its answer: %s", strerror(ENOMEM));
		n = read_some(call, call->answer->data + call->answer->len, part);
		if (n < 0)
			return n;
		call->answer->len += n;
		call->answer->data[call->answer->len] = '\0';
		left -= n;
		if ((size_t)n < part)
			return fail(call, -EPROTO, "its answer ends after %zu of %llu bytes",
				call->answer->len - call->answer_at,
				(unsigned long long)call->frame.size_bytes);
	}
	return 0;
}

static int read_end(struct call *call)
{
	char more;
	ssize_t n = read_some(call, &more, 1);

	return n > 0 ? fail(call, -EPROTO, "more than an answer came from it") : n;
}

/* 0 when there was a frame with all that belongs to it, or none: KIND is 0 then. */
static int read_frame(struct call *call)
{
	ssize_t n = read_some(call, &call->frame, sizeof(call->frame));

	if (n > 0 && n < (ssize_t)sizeof(call->frame))
		return fail(call, -EPROTO, "its answer ends after %zd bytes", n);
	if (n <= 0) {
		call->frame.kind = 0;
		return n;
	}
	if (call->frame.size_bytes > call->limits->answer_bytes_max)
		return fail(call, -EFBIG,
			"stopped: an answer of more than %llu bytes, the limit answer_bytes_max",
			(unsigned long long)call->limits->answer_bytes_max);
	if (call->frame.kind != FRAME_ANSWER)
		call->frame.size_bytes = 0;
	n = read_answer(call);
	return n == 0 ? read_end(call) : n;
}

static int tell_frame(struct call *call)
{
	CLEANUP_FREE char *name = NULL;
	/* it is hostile: what is no errno is one that says so */
	int error = call->frame.value < 0 && call->frame.value >= -4095 ? call->frame.value
									: -EPROTO;

	switch (call->frame.kind) {
	case FRAME_REFUSED:
		name = filter_call_name(call->frame.value);
		if (!name)
			return fail(call, -EPERM,
				"stopped: it made system call %d, which is refused",
				call->frame.value);
		return fail(call, -EPERM, "stopped: it called %s(), which is refused", name);
	case FRAME_UNCONFINED:
		call->frame.step[sizeof(call->frame.step) - 1] = '\0';
		return fail(call, -EACCES, "not run, since it could not be confined (%s): %s",
			call->frame.step, strerror(-error));
	case FRAME_FAILED:
		if (error == -ENOMEM)
			return fail(call, error,
				"out of memory, with %llu bytes of it, the limit "
				"memory_bytes",
				(unsigned long long)call->limits->memory_bytes);
		return fail(call, error, "%s", strerror(-error));
	default:
		return fail(call, -EPROTO, "what came from it is no answer");
	}
}

static int tell_signal(struct call *call, int number)
{
	switch (number) {
	case SIGXCPU:
		return fail(call, -ETIME,
			"stopped: more than %u s of processor time, the limit cpu_seconds",
			call->limits->cpu_seconds);
	case SIGXFSZ:
		return fail(call, -EFBIG,
			"stopped: a file of more than %llu bytes, the limit file_bytes_max",
			(unsigned long long)call->limits->file_bytes_max);
	case SIGSYS: /* in a call of another architecture, or with the handler gone */
		return fail(call, -EPERM, "stopped: it made a system call that is refused");
	default:
		return fail(call, -ECHILD, "ended by signal %d, %s", number, strsignal(number));
	}
}

/* How the child ended, which decides over what it has said. */
static int tell_end(struct call *call, int status)
{
	if (WIFSIGNALED(status))
		return tell_signal(call, WTERMSIG(status));
	if (call->frame.kind != FRAME_ANSWER && call->frame.kind != 0)
		return tell_frame(call);
	if (WEXITSTATUS(status) != 0)
		return fail(call, -ECHILD, "exited with status %d", WEXITSTATUS(status));
	if (call->frame.kind == 0)
		return fail(call, -EPROTO, "ended without an answer");
	return 0;
}

static int wait_status(struct call *call, int *ret)
{
	pid_t pid;

	do
		pid = waitpid(call->pid, ret, 0);
	while (pid < 0 && errno == EINTR);
	return pid < 0 ? fail(call, -errno, "waiting for it: %s", strerror(errno)) : 0;
}

/* Takes what the child says, and waits for its end: it has none of its own when it is hostile. */
static int finish(struct call *call)
{
	int r = read_frame(call), status = 0, error;

	if (r == 0)
		r = wait_for(call, call->pidfd);
	if (r < 0)
		kill(call->pid, SIGKILL); /* not waited for yet: it is still its number */
	error = wait_status(call, &status);
	if (r == -EPROTO && error == 0 && WIFSIGNALED(status) && WTERMSIG(status) != SIGKILL)
		return tell_signal(call, WTERMSIG(status)); /* a crash explains what is missing */
	if (r < 0 || error < 0)
		return r < 0 ? r : error;
	return tell_end(call, status);
}

/* What a process has mapped: a child that is forked begins with it, sanitizers' terabytes included. */
static uint64_t address_space(void)
{
	CLEANUP_FREE char *text = NULL;
	size_t size;

	if (read_file_at(AT_FDCWD, "/proc/self/statm", 4096, &text, &size) < 0)
		return 0;
	return strtoull(text, NULL, 10) * sysconf(_SC_PAGESIZE);
}

static int start(struct call *call, struct confinement *c, sandbox_fn *function, void *userdata)
{
	CLEANUP_FD int input = -1, output = -1;
	int ends[2];

	if (pipe2(ends, O_CLOEXEC) < 0)
		return fail(call, -errno, "a pipe: %s", strerror(errno));
	input = ends[0];
	output = ends[1];
	c->answer_fd = output;
	call->pid = fork();
	if (call->pid < 0)
		return fail(call, -errno, "fork: %s", strerror(errno));
	if (call->pid == 0)
		run_child(c, function, userdata);
	call->pipe = TAKE_FD(input);
	return 0;
}

static int open_pidfd(struct call *call)
{
	int status;

	call->pidfd = syscall(SYS_pidfd_open, call->pid, 0); /* Linux 5.3 */
	if (call->pidfd >= 0)
		return 0;
	fail(call, -errno, "pidfd_open: %s", strerror(errno));
	kill(call->pid, SIGKILL);
	wait_status(call, &status);
	return -ENOSYS;
}

int sandbox_call(const struct sandbox_options *options, sandbox_fn *function, void *userdata,
	struct strbuf *answer, char ret_message[static SANDBOX_MESSAGE_MAX])
{
	static const struct sandbox_limits usual = SANDBOX_LIMITS_DEFAULT;
	const struct sandbox_limits *limits = options->limits ? options->limits : &usual;
	struct confinement c = {.options = options,
		.limits = limits,
		.address_space_bytes = address_space(),
		.parent = getpid()};
	struct call call = {.limits = limits,
		.message = ret_message,
		.pidfd = -1,
		.pipe = -1,
		.end_ns = clock_boot_ns() + limits->seconds * NS_PER_S,
		.answer = answer,
		.answer_at = answer->len};
	int r;

	r = start(&call, &c, function, userdata);
	if (r == 0)
		r = open_pidfd(&call);
	if (r == 0)
		r = finish(&call);
	fd_cleanup(&call.pidfd);
	fd_cleanup(&call.pipe);
	if (r < 0)
		strbuf_truncate(answer, call.answer_at);
	return r;
}
