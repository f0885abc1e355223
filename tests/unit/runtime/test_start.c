/* SPDX-License-Identifier: Apache-2.0 */
/* Claims about agent/runtime/start.c. The process of the calls is that of the test. */
#include "process_fixture.h"
#include "scratch.h"

#include <errno.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "barewatch/runtime.h"

#define SPEC_FILE_MAX (1u << 20) /* as in start.c */

#define PROCESS(args)                                                         \
	"{\"args\":" args ",\"cwd\":\"/srv\",\"user\":{\"uid\":0,\"gid\":0}," \
	"\"env\":[\"A=B\",\"PATH=/usr/bin:/bin\"]}"
#define CONFIG(args) "{\"root\":{\"path\":\"rootfs\"},\"process\":" PROCESS(args) "}"

/* A bundle at b/, with its root directory, a process file, and a call that names them. */
struct start_fixture {
	struct scratch s;
	struct bw_process process;
	struct slice cwd;
	struct runtime_call call;
	struct container container;
	char bundle[64], rootfs[64], file[64];
	struct runtime_start start;
};

static void fixture_init(struct start_fixture *f)
{
	*f = (struct start_fixture){.start = RUNTIME_START_INIT};
	scratch_init(&f->s);
	snprintf(f->bundle, sizeof(f->bundle), "%s/b", f->s.root);
	snprintf(f->rootfs, sizeof(f->rootfs), "%s/b/rootfs", f->s.root);
	snprintf(f->file, sizeof(f->file), "%s/process", f->s.root);
	scratch_mkdir(&f->s, "b/rootfs/bin");
	f->process = (struct bw_process){.tgid = getpid(), .start_ns = own_start_ns()};
	f->cwd = slice_of("/nowhere");
	f->container = (struct container){.bundle = f->bundle, .rootfs = f->rootfs};
}

static void fixture_done(struct start_fixture *f)
{
	runtime_start_done(&f->start);
	scratch_done(&f->s);
}
#define CLEANUP_START CLEANUP(fixture_done)

static void fixture_program(struct start_fixture *f, const char *name, mode_t mode)
{
	scratch_write_text(&f->s, name, "#!");
	assert_int_equal(chmod(scratch_path(&f->s, name), mode), 0);
}

static void read_call(struct start_fixture *f, const struct container *container)
{
	runtime_start_done(&f->start);
	f->start = RUNTIME_START_INIT;
	assert_int_equal(
		runtime_start_read(&f->call, &f->process, f->cwd, container, &f->start), 0);
}

/* `runc create --bundle B ID`, with CONFIG in the bundle unless that is NULL. */
static void read_create(struct start_fixture *f, const char *config)
{
	if (config)
		scratch_write_text(&f->s, "b/config.json", config);
	f->call = (struct runtime_call){
		.verb = RUNTIME_CREATE, .id = slice_of("c"), .bundle = slice_of(f->bundle)};
	read_call(f, NULL);
}

/* `runc exec --process FILE ID`, with PROCESS in the file unless that is NULL. */
static void read_exec(struct start_fixture *f, const char *process)
{
	if (process)
		scratch_write_text(&f->s, "process", process);
	f->call = (struct runtime_call){
		.verb = RUNTIME_EXEC, .id = slice_of("c"), .process = slice_of(f->file)};
	read_call(f, &f->container);
}

/* LIST has NULs; EXPECTED a '|' for each. */
static void assert_list(const struct strbuf *list, const char *expected)
{
	CLEANUP_STRBUF struct strbuf found = STRBUF_INIT;

	for (size_t i = 0; i < list->len; i++)
		strbuf_add_char(&found, list->data[i] ?: '|');
	assert_string_equal(strbuf_text(&found), expected);
}

static void assert_start(
	const struct start_fixture *f, const char *args, int error, const char *tried)
{
	assert_list(&f->start.args, args);
	assert_int_equal(f->start.error, error);
	assert_list(&f->start.tried, tried);
}

static void create_is_read_from_the_bundle(void **state)
{
	CLEANUP_START struct start_fixture f;

	(void)state;
	fixture_init(&f);
	read_create(&f, CONFIG("[\"/bin/sh\",\"-c\",\"a b\",\"\"]"));
	assert_int_equal(f.start.verb, RUNTIME_CREATE);
	assert_string_equal(strbuf_text(&f.start.cwd), "/srv");
	assert_false(f.start.args_cut || f.start.tried_cut);
	assert_start(&f, "/bin/sh|-c|a b||", ENOENT, "/bin/sh|");
	read_create(&f, CONFIG("[\"bash\"]"));
	assert_start(&f, "bash|", ENOENT, "/usr/bin/bash|/bin/bash|");
	fixture_program(&f, "b/rootfs/bin/sh", 0755);
	read_create(&f, CONFIG("[\"sh\"]"));
	assert_start(&f, "sh|", 0, "/usr/bin/sh|/bin/sh|");
	fixture_program(&f, "b/rootfs/bin/sh", 0644);
	read_create(&f, CONFIG("[\"/bin/sh\"]"));
	assert_start(&f, "/bin/sh|", EACCES, "/bin/sh|");
}

static void root_of_a_bundle_may_be_elsewhere(void **state)
{
	CLEANUP_START struct start_fixture f;
	CLEANUP_STRBUF struct strbuf config = STRBUF_INIT;

	(void)state;
	fixture_init(&f);
	fixture_program(&f, "other/bin/sh", 0755);
	strbuf_addf(&config, "{\"root\":{\"path\":\"%s/other\"},\"process\":%s}", f.s.root,
		PROCESS("[\"sh\"]"));
	read_create(&f, strbuf_text(&config));
	assert_start(&f, "sh|", 0, "/usr/bin/sh|/bin/sh|");
}

/* `runc run` where the bundle is, and `runc create --bundle DIR` above it. */
static void bundle_is_relative_to_the_working_directory(void **state)
{
	CLEANUP_START struct start_fixture f;

	(void)state;
	fixture_init(&f);
	scratch_write_text(&f.s, "b/config.json", CONFIG("[\"sh\"]"));
	f.call = (struct runtime_call){.verb = RUNTIME_CREATE, .bundle = slice_of("b/../b")};
	f.cwd = slice_of(f.s.root);
	read_call(&f, NULL);
	assert_start(&f, "sh|", ENOENT, "/usr/bin/sh|/bin/sh|");
	f.call.bundle = (struct slice){0};
	f.cwd = slice_of(f.bundle);
	read_call(&f, NULL);
	assert_start(&f, "sh|", ENOENT, "/usr/bin/sh|/bin/sh|");
	f.cwd = slice_of(".../b"); /* cut */
	read_call(&f, NULL);
	assert_start(&f, "", RUNTIME_LOOKUP_UNKNOWN, "");
}

static void session_is_read_from_its_file(void **state)
{
	CLEANUP_START struct start_fixture f;

	(void)state;
	fixture_init(&f);
	scratch_write_text(&f.s, "b/config.json", CONFIG("[\"/bin/app\"]"));
	read_exec(&f, PROCESS("[\"bash\",\"-i\"]"));
	assert_int_equal(f.start.verb, RUNTIME_EXEC);
	assert_start(&f, "bash|-i|", ENOENT, "/usr/bin/bash|/bin/bash|");
	f.container.rootfs = NULL; /* as the configuration says */
	read_exec(&f, NULL);
	assert_start(&f, "bash|-i|", ENOENT, "/usr/bin/bash|/bin/bash|");
	fixture_program(&f, "b/rootfs/bin/bash", 0755);
	read_exec(&f, NULL);
	assert_start(&f, "bash|-i|", 0, "/usr/bin/bash|/bin/bash|");
	f.call.process = slice_of("process");
	f.cwd = slice_of(f.s.root);
	read_call(&f, &f.container);
	assert_start(&f, "bash|-i|", 0, "/usr/bin/bash|/bin/bash|");
}

/* What it does not say is that of the container's own process. */
static void session_may_be_given_inline(void **state)
{
	CLEANUP_START struct start_fixture f;

	(void)state;
	fixture_init(&f);
	scratch_write_text(&f.s, "b/config.json", CONFIG("[\"/bin/app\"]"));
	f.call = (struct runtime_call){.verb = RUNTIME_EXEC,
		.id = slice_of("c"),
		.command = {.bytes = SLICE("sh\0-c\0id\0")}};
	read_call(&f, &f.container);
	assert_string_equal(strbuf_text(&f.start.cwd), "/srv");
	assert_start(&f, "sh|-c|id|", ENOENT, "/usr/bin/sh|/bin/sh|");
	f.call.command = (struct event_text){.bytes = SLICE("sh\0-"), .truncated = true};
	read_call(&f, &f.container);
	assert_true(f.start.args_cut);
	assert_start(&f, "sh|-", ENOENT, "/usr/bin/sh|/bin/sh|");
	/* of a name that was cut nothing can be found out */
	f.call.command = (struct event_text){.bytes = SLICE("/bin/s"), .truncated = true};
	read_call(&f, &f.container);
	assert_start(&f, "/bin/s", RUNTIME_LOOKUP_UNKNOWN, "");
}

static void session_without_file_and_command_is_unknown(void **state)
{
	CLEANUP_START struct start_fixture f;

	(void)state;
	fixture_init(&f);
	scratch_write_text(&f.s, "b/config.json", CONFIG("[\"/bin/app\"]"));
	read_exec(&f, NULL); /* the file is gone, and the container's own command is none of its */
	assert_start(&f, "", RUNTIME_LOOKUP_UNKNOWN, "");
	f.call.process = (struct slice){0};
	read_call(&f, &f.container);
	assert_start(&f, "", RUNTIME_LOOKUP_UNKNOWN, "");
	f.container.bundle = f.container.rootfs = NULL;
	read_exec(&f, PROCESS("[\"sh\"]"));
	assert_start(&f, "sh|", RUNTIME_LOOKUP_UNKNOWN, "");
}

static void configuration_that_is_none_leaves_all_unknown(void **state)
{
	static const char *const configs[] = {"", "{", "[]", "null", "1", "\"x\"", "{}",
		"{\"process\":{}}", "{\"process\":[\"sh\"]}", "{\"process\":{\"args\":\"sh\"}}",
		"{\"process\":{\"args\":{\"0\":\"sh\"}}}", "{\"process\":{\"args\":[]}}",
		"{\"process\":{\"args\":[\"s\\u0000h\"]}}", CONFIG("[]"), CONFIG("[\"sh\"]") "x",
		CONFIG("[\"\xff\"]")};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(configs); i++) {
		CLEANUP_START struct start_fixture f;

		fixture_init(&f);
		read_create(&f, configs[i]);
		assert_start(&f, "", RUNTIME_LOOKUP_UNKNOWN, "");
	}
}

static void wrong_types_are_not_what_they_stand_for(void **state)
{
	static const struct {
		const char *config;
		int error;
		const char *args, *tried, *cwd;
	} cases[] = {
		{"{\"root\":{\"path\":1},\"process\":" PROCESS("[\"sh\"]") "}",
			RUNTIME_LOOKUP_UNKNOWN, "sh|", "", "/srv"},
		{"{\"root\":\"rootfs\",\"process\":" PROCESS("[\"sh\"]") "}",
			RUNTIME_LOOKUP_UNKNOWN, "sh|", "", "/srv"},
		{CONFIG("[1,\"sh\",null]"), ENOENT, "|sh||", "/usr/bin/|/bin/|", "/srv"},
		{"{\"root\":{\"path\":\"rootfs\"},\"process\":{\"args\":[\"sh\"],\"cwd\":7,"
		 "\"env\":\"PATH=/bin\",\"user\":1}}",
			ENOENT, "sh|", "", "/"},
		{"{\"root\":{\"path\":\"rootfs\"},\"process\":{\"args\":[\"sh\"],"
		 "\"env\":[7,\"PATH\",\"XPATH=/x\",\"PATHX=/y\",\"PATH=/a\",\"PATH=/b\"]}}",
			ENOENT, "sh|", "/b/sh|", "/"},
		{"{\"root\":{\"path\":\"rootfs\"},\"process\":{\"args\":[\"./sh\"],"
		 "\"cwd\":\"\"}}",
			RUNTIME_LOOKUP_UNKNOWN, "./sh|", "", ""},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		CLEANUP_START struct start_fixture f;

		fixture_init(&f);
		read_create(&f, cases[i].config);
		assert_start(&f, cases[i].args, cases[i].error, cases[i].tried);
		assert_string_equal(strbuf_text(&f.start.cwd), cases[i].cwd);
	}
}

/* "[[[[...", which costs a reader by recursion its stack. */
static void deep_json_is_refused(void **state)
{
	CLEANUP_START struct start_fixture f;
	CLEANUP_FREE char *text = malloc(SPEC_FILE_MAX + 1);

	(void)state;
	assert_non_null(text);
	memset(text, '[', SPEC_FILE_MAX);
	text[SPEC_FILE_MAX] = '\0';
	fixture_init(&f);
	read_create(&f, text);
	assert_start(&f, "", RUNTIME_LOOKUP_UNKNOWN, "");
}

static void huge_files_are_refused(void **state)
{
	CLEANUP_START struct start_fixture f;
	CLEANUP_STRBUF struct strbuf text = STRBUF_INIT;

	(void)state;
	fixture_init(&f);
	strbuf_add_text(&text, CONFIG("[\"sh\"]"));
	while (text.len < SPEC_FILE_MAX)
		strbuf_add_char(&text, ' ');
	read_create(&f, strbuf_text(&text));
	assert_start(&f, "sh|", ENOENT, "/usr/bin/sh|/bin/sh|");
	strbuf_add_char(&text, ' ');
	read_create(&f, strbuf_text(&text));
	assert_start(&f, "", RUNTIME_LOOKUP_UNKNOWN, "");
}

/* A configuration whose first argument is LEN times 'x', and whose second is "-c". */
static void read_long(struct start_fixture *f, size_t len)
{
	CLEANUP_STRBUF struct strbuf text = STRBUF_INIT;

	strbuf_add_text(&text, "{\"root\":{\"path\":\"rootfs\"},\"process\":{\"args\":[\"");
	for (size_t i = 0; i < len; i++)
		strbuf_add_char(&text, 'x');
	strbuf_add_text(&text, "\",\"-c\"],\"env\":[\"PATH=/bin\"]}}");
	read_create(f, strbuf_text(&text));
}

static void arguments_are_cut_when_they_are_too_long_and_only_then(void **state)
{
	CLEANUP_START struct start_fixture f;

	(void)state;
	fixture_init(&f);
	read_long(&f, BW_ARGS_MAX - 4);
	assert_false(f.start.args_cut);
	assert_int_equal(f.start.args.len, BW_ARGS_MAX);
	assert_int_equal(f.start.error, ENOENT);
	read_long(&f, BW_ARGS_MAX - 3);
	assert_true(f.start.args_cut);
	assert_int_equal(f.start.args.len, BW_ARGS_MAX);
	assert_int_equal(f.start.error, ENOENT); /* the name is whole */
	/* a name that is cut is still told, and not looked for */
	read_long(&f, BW_ARGS_MAX);
	assert_true(f.start.args_cut);
	assert_int_equal(f.start.args.len, BW_ARGS_MAX);
	assert_int_equal(f.start.error, RUNTIME_LOOKUP_UNKNOWN);
}

static void working_directory_is_bounded(void **state)
{
	CLEANUP_START struct start_fixture f;
	CLEANUP_STRBUF struct strbuf text = STRBUF_INIT;

	(void)state;
	fixture_init(&f);
	strbuf_add_text(&text, "{\"root\":{\"path\":\"rootfs\"},\"process\":{\"cwd\":\"");
	for (int i = 0; i < 100000; i++)
		strbuf_add_text(&text, "/x");
	strbuf_add_text(&text, "\",\"args\":[\"./sh\"]}}");
	read_create(&f, strbuf_text(&text));
	assert_start(&f, "./sh|", RUNTIME_LOOKUP_UNKNOWN, "");
	assert_int_equal(f.start.cwd.len, 0);
}

/* Reading a FIFO would wait, and opening a device is an act. */
static void only_regular_files_are_read(void **state)
{
	static const char *const files[] = {"/dev/zero", "/dev/ptmx", "/proc/kmsg", "/", ""};
	CLEANUP_START struct start_fixture f;

	(void)state;
	fixture_init(&f);
	assert_int_equal(mkfifo(f.file, 0600), 0);
	read_exec(&f, NULL);
	assert_start(&f, "", RUNTIME_LOOKUP_UNKNOWN, "");
	for (size_t i = 0; i < ARRAY_SIZE(files); i++) {
		f.call.process = slice_of(files[i]);
		read_call(&f, &f.container);
		assert_start(&f, "", RUNTIME_LOOKUP_UNKNOWN, "");
	}
}

static void assert_missing_is_unknown(struct start_fixture *f)
{
	fixture_program(f, "b/rootfs/bin/sh", 0755);
	read_exec(f, PROCESS("[\"bash\"]"));
	assert_start(f, "bash|", RUNTIME_LOOKUP_UNKNOWN, "/usr/bin/bash|/bin/bash|");
	read_exec(f, PROCESS("[\"sh\"]"));
	assert_start(f, "sh|", 0, "/usr/bin/sh|/bin/sh|");
}

/* The container may be gone with the call: what is not there now may have been there. */
static void what_is_missing_after_the_call_is_unknown(void **state)
{
	CLEANUP_START struct start_fixture f;
	pid_t child;

	(void)state;
	fixture_init(&f);
	fflush(NULL);
	child = fork();
	assert_true(child >= 0);
	if (child == 0)
		_exit(0);
	assert_int_equal(waitpid(child, NULL, 0), child);
	f.process.tgid = child;
	assert_missing_is_unknown(&f);
}

/* Another process has got the id since. */
static void process_of_another_start_time_is_not_the_caller(void **state)
{
	CLEANUP_START struct start_fixture f;

	(void)state;
	fixture_init(&f);
	f.process.start_ns -= NS_PER_S;
	assert_missing_is_unknown(&f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(create_is_read_from_the_bundle),
		cmocka_unit_test(root_of_a_bundle_may_be_elsewhere),
		cmocka_unit_test(bundle_is_relative_to_the_working_directory),
		cmocka_unit_test(session_is_read_from_its_file),
		cmocka_unit_test(session_may_be_given_inline),
		cmocka_unit_test(session_without_file_and_command_is_unknown),
		cmocka_unit_test(configuration_that_is_none_leaves_all_unknown),
		cmocka_unit_test(wrong_types_are_not_what_they_stand_for),
		cmocka_unit_test(deep_json_is_refused),
		cmocka_unit_test(huge_files_are_refused),
		cmocka_unit_test(arguments_are_cut_when_they_are_too_long_and_only_then),
		cmocka_unit_test(working_directory_is_bounded),
		cmocka_unit_test(only_regular_files_are_read),
		cmocka_unit_test(what_is_missing_after_the_call_is_unknown),
		cmocka_unit_test(process_of_another_start_time_is_not_the_caller),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
