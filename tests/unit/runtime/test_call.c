/* SPDX-License-Identifier: Apache-2.0 */
/* Claims about agent/runtime/call.c. */
#include "asserts.h"

#include "barewatch/runtime.h"

#define ID "0f3b4c5d6e7f8091a2b3c4d5e6f708192a3b4c5d6e7f8091a2b3c4d5e6f70819"

/* The words of LINE, which have a space behind each, as a process has them. */
static struct event_text args_of(struct strbuf *buf, const char *line)
{
	strbuf_add_text(buf, line);
	for (size_t i = 0; i < buf->len; i++)
		if (buf->data[i] == ' ')
			buf->data[i] = '\0';
	/* exactly as large as the text, so that reading on is seen */
	buf->data = realloc(buf->data, buf->len ? buf->len : 1);
	assert_non_null(buf->data);
	return (struct event_text){.bytes = {buf->data, buf->len}};
}

/* "create ID bundle=B" or "exec ID process=P command=C", where "|" ends each argument. */
static void describe(const struct runtime_call *call, struct strbuf *out)
{
	struct slice arg;

	strbuf_add_text(out, call->verb == RUNTIME_CREATE ? "create " : "exec ");
	strbuf_add_slice(out, call->id);
	strbuf_add_text(out, call->verb == RUNTIME_CREATE ? " bundle=" : " process=");
	strbuf_add_slice(out, call->verb == RUNTIME_CREATE ? call->bundle : call->process);
	for (size_t offset = 0; event_args_next(&call->command, &offset, &arg);) {
		strbuf_add_text(out, offset == arg.len + 1 ? " command=" : "");
		strbuf_add_slice(out, arg);
		strbuf_add_char(out, '|');
	}
}

/* EXPECTED is NULL for a call that starts nothing. */
static void assert_call(const struct event_text *args, const char *expected)
{
	CLEANUP_STRBUF struct strbuf found = STRBUF_INIT;
	struct runtime_call call;

	if (runtime_call_parse(args, &call))
		describe(&call, &found);
	assert_string_equal(strbuf_text(&found), expected ?: "");
}

static void assert_line(const char *line, const char *expected)
{
	CLEANUP_STRBUF struct strbuf buf = STRBUF_INIT;
	struct event_text args = args_of(&buf, line);

	assert_call(&args, expected);
}

/* As they were seen (containerd 1.6 and 2.1, docker 20.10 and 28, podman 4.3, CRI-O 1.37). */
static void calls_of_engines_are_understood(void **state)
{
	static const char *const cases[][2] = {
		{"runc --root /var/run/docker/runtime-runc/moby --log /run/t/log.json "
		 "--log-format json create --bundle /run/t/moby/" ID
		 " --pid-file /run/t/init.pid " ID " ",
			"create " ID " bundle=/run/t/moby/" ID},
		{"runc --root /run/containerd/runc/k8s.io --log /run/t/log.json --log-format json "
		 "--systemd-cgroup create --bundle /run/t/k8s.io/" ID
		 " --pid-file /run/t/init.pid --console-socket /tmp/pty1/pty.sock " ID " ",
			"create " ID " bundle=/run/t/k8s.io/" ID},
		{"runc --root /run/containerd/runc/k8s.io --log /run/t/log.json --log-format json "
		 "exec --process /tmp/runc-process123 --console-socket /tmp/pty1/pty.sock "
		 "--detach --pid-file /run/t/e.pid " ID " ",
			"exec " ID " process=/tmp/runc-process123"},
		{"/usr/bin/crun --systemd-cgroup create --bundle /var/c/userdata --pid-file "
		 "/run/c/pidfile " ID " ",
			"create " ID " bundle=/var/c/userdata"},
		{"/usr/bin/crun exec --pid-file /run/c/p --process /var/c/exec-process-9 "
		 "--detach --tty " ID " ",
			"exec " ID " process=/var/c/exec-process-9"},
		{"runc --root=/run/runc --systemd-cgroup create --bundle /run/s/userdata "
		 "--pid-file /run/s/pidfile " ID " ",
			"create " ID " bundle=/run/s/userdata"},
		{"runc --root=/run/runc exec --pid-file /run/s/p --process /tmp/exec-process-1 "
		 "--cgroup /x " ID " ",
			"exec " ID " process=/tmp/exec-process-1"},
		{"runc --cgroup-manager cgroupfs --rootless true --criu /bin/criu --debug run "
		 "--pidfd-socket s --preserve-fds 3 --no-pivot --no-new-keyring --keep --detach x ",
			"create x bundle="},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++)
		assert_line(cases[i][0], cases[i][1]);
}

static void calls_by_hand_are_understood(void **state)
{
	static const char *const cases[][2] = {
		{"runc run c ", "create c bundle="},
		{"runc run -b /b c ", "create c bundle=/b"},
		{"runc run -b=/b c ", "create c bundle=/b"},
		{"runc run --bundle=/b c ", "create c bundle=/b"},
		{"runc run -bundle /b c ", "create c bundle=/b"},
		{"runc -root /r -debug run --bundle /a --bundle /b c ", "create c bundle=/b"},
		{"crun run -b/b -f config.json c ", "create c bundle=/b"},
		{"crun run --bundle= c ", "create c bundle="},
		{"youki -r /r create -b /b c ", "create c bundle=/b"},
		{"runc exec c sh ", "exec c process= command=sh|"},
		{"runc exec -t c sh -c id ", "exec c process= command=sh|-c|id|"},
		{"runc exec c /bin/sh  x ", "exec c process= command=/bin/sh||x|"},
		{"runc exec -e A=B --env C=D --user 1:2 --cap CAP_KILL -g 5 --cwd /t c ls -l ",
			"exec c process= command=ls|-l|"},
		{"runc exec --apparmor p --process-label l --no-new-privs --ignore-paused c ls ",
			"exec c process= command=ls|"},
		{"runc exec -p /f c ", "exec c process=/f"},
		{"runc exec -p=/f c ", "exec c process=/f"},
		{"crun exec -p/f c ", "exec c process=/f"},
		{"crun exec -td -u1000 -eA=B c ls ", "exec c process= command=ls|"},
		{"runc exec --process=/f=g c ", "exec c process=/f=g"},
		{"runc exec c -- sh ", "exec c process= command=--|sh|"},
		{"runc exec -- c sh ", "exec c process= command=sh|"},
		{"runc -- exec -- -c sh ", "exec -c process= command=sh|"},
		{"runc exec - sh ", "exec - process= command=sh|"},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++)
		assert_line(cases[i][0], cases[i][1]);
}

static void what_starts_nothing_is_no_call(void **state)
{
	static const char *const lines[] = {"", "runc ", "runc init ", "runc --version ",
		"runc start " ID " ", "runc delete --force " ID " ", "runc state " ID " ",
		"runc kill " ID " 9 ", "runc --root ", "runc --root create ", "runc create ",
		"runc create --bundle /b ", "runc create --bundle ", "runc exec ",
		"runc exec --process /f ", "runc exec -- ", "runc exec  sh ", "runc run  ",
		"runc Exec c ", "runc exec2 c ", "runc  exec c ", "runc --bundle exec "};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(lines); i++)
		assert_line(lines[i], NULL);
}

static void unreadable_arguments_are_no_call(void **state)
{
	struct event_text args = {.bytes = SLICE("runc\0exec\0c\0sh\0"), .unreadable = true};

	(void)state;
	assert_call(&args, NULL);
}

/* A part of an id, a verb or a file is not what it is a part of. */
static void word_that_was_cut_is_not_believed(void **state)
{
	static const struct {
		struct slice args;
		const char *expected;
	} cases[] = {
		{SLICE("run"), NULL},
		{SLICE("runc\0exec"), NULL},
		{SLICE("runc\0exec\0"), NULL},
		{SLICE("runc\0exec\0abc"), NULL},
		{SLICE("runc\0exec\0--process"), NULL},
		{SLICE("runc\0exec\0--process\0/f"), NULL},
		{SLICE("runc\0exec\0-p/f"), NULL},
		{SLICE("runc\0exec\0--\0c"), NULL},
		{SLICE("runc\0create\0-b\0/b\0abc"), NULL},
		{SLICE("runc\0exec\0abc\0"), "exec abc process="},
		{SLICE("runc\0exec\0abc\0sh\0-c"), "exec abc process= command=sh|-c|"},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct event_text args = {.bytes = cases[i].args, .truncated = true};

		assert_call(&args, cases[i].expected);
	}
}

static void command_that_was_cut_says_so(void **state)
{
	struct event_text args = {.bytes = SLICE("runc\0exec\0c\0sh\0-"), .truncated = true};
	struct runtime_call call;

	(void)state;
	assert_true(runtime_call_parse(&args, &call));
	assert_true(call.command.truncated);
	assert_slice_is(call.command.bytes, SLICE("sh\0-"));
}

/* The kernel ends each argument, but who is called with none before the end is not trusted. */
static void last_word_without_its_end_leaves_no_command(void **state)
{
	struct event_text args = {.bytes = SLICE("runc\0exec\0abc")};
	struct runtime_call call;

	(void)state;
	assert_true(runtime_call_parse(&args, &call));
	assert_slice_text(call.id, "abc");
	assert_int_equal(call.command.bytes.len, 0);
}

/* As podman 4.3 calls crun, with --cgroups=disabled and without. */
static void container_without_a_cgroup_is_told(void **state)
{
	static const struct {
		const char *line, *pid_file;
		bool without;
	} cases[] = {
		{"/usr/bin/crun --log-format=json --log /run/c/oci-log --cgroup-manager disabled "
		 "create --bundle /var/c/userdata --pid-file /run/c/pidfile " ID " ",
			"/run/c/pidfile", true},
		{"crun --cgroup-manager=disabled run " ID " ", "", true},
		{"crun --cgroup-manager=systemd create --pid-file=/run/c/p " ID " ", "/run/c/p",
			false},
		{"/usr/bin/crun --systemd-cgroup create --bundle /b " ID " ", "", false},
		{"crun create --cgroup-manager=disabled " ID " ", "", false},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		CLEANUP_STRBUF struct strbuf buf = STRBUF_INIT;
		struct event_text args = args_of(&buf, cases[i].line);
		struct runtime_call call;

		assert_true(runtime_call_parse(&args, &call));
		assert_slice_text(call.id, ID);
		assert_slice_text(call.pid_file, cases[i].pid_file);
		if (call.without_cgroup != cases[i].without)
			fail_msg("%s", cases[i].line);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(container_without_a_cgroup_is_told),
		cmocka_unit_test(calls_of_engines_are_understood),
		cmocka_unit_test(calls_by_hand_are_understood),
		cmocka_unit_test(what_starts_nothing_is_no_call),
		cmocka_unit_test(unreadable_arguments_are_no_call),
		cmocka_unit_test(word_that_was_cut_is_not_believed),
		cmocka_unit_test(command_that_was_cut_says_so),
		cmocka_unit_test(last_word_without_its_end_leaves_no_command),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
