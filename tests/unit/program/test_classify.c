/* SPDX-License-Identifier: Apache-2.0 */
/* Claims about agent/program/classify.c. */
#include "program/catalog_fixture.h"

#include "program/signature.h"

static struct catalog *catalog;

static int load_catalog(void **state)
{
	(void)state;
	catalog = catalog_of(
		"version: 1\n"
		"programs:\n"
		"- {name: bash, class: shell, files: [bash]}\n"
		"- {name: sh, class: shell, files: [sh]}\n"
		"- {name: apt, class: package_manager, files: [apt, apt-get]}\n"
		"- name: busybox\n"
		"  class: multicall\n"
		"  files: [busybox, busybox-static]\n"
		"  applets: {shell: [sh, ash], package_manager: [dpkg]}\n"
		"- name: toybox\n"
		"  class: multicall\n"
		"  files: [toybox]\n"
		"  applets: {shell: [sh]}\n"
		"- {name: pip, class: package_manager, files: [pip3]}\n"
		"- {name: crun, class: runtime, files: [crun]}\n"
		"signatures:\n"
		"- {name: bash, class: shell, at_least: 1, anchors: [bash]}\n"
		"- {name: busybox, class: multicall, applet_table: true, at_least: 1,\n"
		"   anchors: [busybox]}\n"
		"- {name: sh, class: shell, at_least: 1, anchors: [any-shell]}\n"
		"- {name: python, class: interpreter, at_least: 1, anchors: [python]}\n"
		"- {name: apt, class: package_manager, libraries: [libapt-pkg.so.]}\n"
		"- {name: vim, class: other, at_least: 1, anchors: [vim1]}\n");
	return 0;
}

static int free_catalog(void **state)
{
	(void)state;
	catalog_free(catalog);
	return 0;
}

/* What an event names, and what it is then. ARGS: with a NUL after each. */
struct program_case {
	const char *resolved, *invoked; /* of an attempt: unused, asked */
	struct slice args;
	enum program_class class;
	const char *name, *applet;
};

static void assert_program(const struct event *event, const struct program_case *c)
{
	struct program program = program_classify(catalog, event, NULL);

	assert_string_equal(program_class_name(program.class), program_class_name(c->class));
	assert_slice_text(program.name, c->name);
	assert_slice_text(program.applet, c->applet);
}

static void assert_exec(const struct program_case *c)
{
	static struct event event;

	event.kind = BW_EVENT_EXEC;
	event.exec.resolved.bytes = slice_of(c->resolved);
	event.exec.invoked.bytes = slice_of(c->invoked);
	event.exec.args.bytes = c->args;
	assert_program(&event, c);
}

static void assert_execs(const struct program_case *cases, size_t count)
{
	for (size_t i = 0; i < count; i++)
		assert_exec(&cases[i]);
}

static void assert_attempts(const struct program_case *cases, size_t count)
{
	static struct event event;

	for (size_t i = 0; i < count; i++) {
		event.kind = BW_EVENT_ATTEMPT;
		/* the caller's own file must not matter */
		event.attempt.exe.bytes = slice_of("/bin/bash");
		event.attempt.asked.bytes = slice_of(cases[i].invoked);
		event.attempt.args.bytes = cases[i].args;
		assert_program(&event, &cases[i]);
	}
}

static void file_that_runs_decides(void **state)
{
	static const struct program_case cases[] = {
		{"/usr/bin/bash", "/bin/sh", SLICE("sh\0"), PROGRAM_SHELL, "bash", ""},
		{"/usr/bin/bash", "/tmp/cat", SLICE("cat\0"), PROGRAM_SHELL, "bash", ""},
		{"/usr/bin/apt-get", "apt-get", SLICE("x\0"), PROGRAM_PACKAGE_MANAGER, "apt", ""},
		{"/usr/bin/apt", "/bin/bash", SLICE("bash\0"), PROGRAM_PACKAGE_MANAGER, "apt", ""},
	};

	(void)state;
	assert_execs(cases, ARRAY_SIZE(cases));
}

static void invoked_path_is_the_fallback(void **state)
{
	static const struct program_case cases[] = {
		/* a script: the file is its interpreter */
		{"/usr/bin/python3", "/usr/bin/apt", SLICE("python3\0/usr/bin/apt\0"),
			PROGRAM_PACKAGE_MANAGER, "apt", ""},
		/* a link to a renamed file */
		{"/opt/x1", "/bin/sh", SLICE("sh\0"), PROGRAM_SHELL, "sh", ""},
		{"/opt/x1", "/bin/busybox", SLICE("ash\0"), PROGRAM_SHELL, "busybox", "ash"},
		{"", "/bin/sh", SLICE("sh\0"), PROGRAM_SHELL, "sh", ""},
	};

	(void)state;
	assert_execs(cases, ARRAY_SIZE(cases));
}

static void unknown_programs_are_other_by_their_file_name(void **state)
{
	static const struct program_case cases[] = {
		{"/usr/bin/java", "java", SLICE("java\0"), PROGRAM_OTHER, "java", ""},
		{"/opt/app", "/proc/self/exe", SLICE("bash\0"), PROGRAM_OTHER, "app", ""},
		{"memfd:x", "/dev/fd/3", SLICE("sh\0"), PROGRAM_OTHER, "memfd:x", ""},
		{"", "", SLICE(""), PROGRAM_OTHER, "", ""},
	};

	(void)state;
	assert_execs(cases, ARRAY_SIZE(cases));
}

static void applet_is_the_name_it_is_called_by(void **state)
{
	static const struct program_case cases[] = {
		{"/bin/busybox", "/bin/sh", SLICE("sh\0-c\0id\0"), PROGRAM_SHELL, "busybox", "sh"},
		{"/bin/busybox", "/bin/x", SLICE("/bin/ash\0"), PROGRAM_SHELL, "busybox", "ash"},
		{"/bin/busybox", "/bin/sh", SLICE("-sh\0"), PROGRAM_SHELL, "busybox", "sh"},
		{"/bin/busybox", "/x", SLICE("dpkg\0-i\0"), PROGRAM_PACKAGE_MANAGER, "busybox",
			"dpkg"},
		{"/bin/busybox", "/bin/ls", SLICE("ls\0sh\0"), PROGRAM_MULTICALL, "busybox", "ls"},
		{"/bin/toybox", "/bin/sh", SLICE("sh\0"), PROGRAM_SHELL, "toybox", "sh"},
		/* not by the path it is reached by: busybox itself does not look at that */
		{"/bin/busybox", "/bin/sh", SLICE("ls\0"), PROGRAM_MULTICALL, "busybox", "ls"},
	};

	(void)state;
	assert_execs(cases, ARRAY_SIZE(cases));
}

static void applet_is_the_word_after_its_own_name(void **state)
{
	static const struct program_case cases[] = {
		{"/bin/busybox", "busybox", SLICE("busybox\0sh\0-c\0id\0"), PROGRAM_SHELL,
			"busybox", "sh"},
		{"/bin/busybox", "busybox", SLICE("/bin/busybox-static\0ash\0"), PROGRAM_SHELL,
			"busybox", "ash"},
		{"/bin/busybox", "busybox", SLICE("busybox\0/a/path/sh\0"), PROGRAM_SHELL,
			"busybox", "sh"},
		{"/bin/busybox", "busybox", SLICE("-busybox\0sh\0"), PROGRAM_SHELL, "busybox",
			"sh"},
		{"/bin/busybox", "busybox", SLICE("busybox\0wget\0"), PROGRAM_MULTICALL, "busybox",
			"wget"},
		{"/bin/busybox", "busybox", SLICE("busybox\0"), PROGRAM_MULTICALL, "busybox", ""},
		{"/bin/busybox", "busybox", SLICE(""), PROGRAM_MULTICALL, "busybox", ""},
		{"/bin/busybox", "busybox", SLICE("\0"), PROGRAM_MULTICALL, "busybox", ""},
	};

	(void)state;
	assert_execs(cases, ARRAY_SIZE(cases));
}

/* Both take any name that begins with their own for it, and busybox also twice. */
static void multicall_binary_cannot_be_called_so_that_the_applet_is_missed(void **state)
{
	static const struct program_case cases[] = {
		{"/bin/busybox", "x", SLICE("busybox\0busybox\0sh\0"), PROGRAM_SHELL, "busybox",
			"sh"},
		{"/bin/busybox", "x", SLICE("busyboxX\0sh\0"), PROGRAM_SHELL, "busybox", "sh"},
		{"/bin/busybox", "x", SLICE("/tmp/busybox.1\0busybox2\0ash\0"), PROGRAM_SHELL,
			"busybox", "ash"},
		{"/bin/toybox", "x", SLICE("toybox-0.8\0sh\0"), PROGRAM_SHELL, "toybox", "sh"},
		{"/bin/toybox", "x", SLICE("busybox\0sh\0"), PROGRAM_MULTICALL, "toybox",
			"busybox"},
	};

	(void)state;
	assert_execs(cases, ARRAY_SIZE(cases));
}

/* Arguments of which the kernel side kept a part. */
struct cut_case {
	struct slice args;
	bool truncated, unreadable;
	enum program_class class;
	const char *applet;
};

static void assert_cut(const struct cut_case *cases, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		static struct event event;
		struct program_case expected = {
			.class = cases[i].class, .name = "busybox", .applet = cases[i].applet};
		struct event_text args = {.bytes = cases[i].args,
			.truncated = cases[i].truncated,
			.unreadable = cases[i].unreadable};

		memset(&event, 0, sizeof(event));
		event.kind = BW_EVENT_EXEC;
		event.exec.resolved.bytes = slice_of("/bin/busybox");
		event.exec.args = args;
		assert_program(&event, &expected);
		memset(&event, 0, sizeof(event));
		event.kind = BW_EVENT_ATTEMPT;
		event.attempt.asked.bytes = slice_of("/bin/busybox");
		event.attempt.args = args;
		assert_program(&event, &expected);
	}
}

#define SLASHES_32  "////////////////////////////////"
#define SLASHES_256 /* as many as are kept of an argument of a failed exec */ \
	SLASHES_32 SLASHES_32 SLASHES_32 SLASHES_32 SLASHES_32 SLASHES_32 SLASHES_32 SLASHES_32
_Static_assert(sizeof(SLASHES_256) - 1 == BW_ATTEMPT_ARG, "that many");

static void applet_that_was_cut_off_may_be_anything(void **state)
{
	static const struct cut_case cases[] = {
		/* "////...sh": what was kept ends without a NUL */
		{SLICE("///"), true, false, PROGRAM_SHELL, ""},
		{SLICE("busybox\0///"), true, false, PROGRAM_SHELL, ""},
		{SLICE("busybox\0busybox2\0///"), true, false, PROGRAM_SHELL, ""},
		{SLICE("-///"), true, false, PROGRAM_SHELL, ""},
		{SLICE("l"), true, false, PROGRAM_SHELL, ""}, /* may be longer: "lash" */
		/* the word that comes next was not kept at all */
		{SLICE("busybox\0"), true, false, PROGRAM_SHELL, ""},
		{SLICE(""), true, false, PROGRAM_SHELL, ""},
		{SLICE(""), false, true, PROGRAM_SHELL, ""},
		{SLICE("busybox\0"), false, true, PROGRAM_SHELL, ""},
		/* of a failed exec each argument is cut by itself and has its NUL */
		{SLICE(SLASHES_256 "\0"), true, false, PROGRAM_SHELL, ""},
		{SLICE("busybox\0" SLASHES_256 "\0-c\0id\0"), true, false, PROGRAM_SHELL, ""},
	};

	(void)state;
	assert_cut(cases, ARRAY_SIZE(cases));
}

static void applet_that_is_whole_decides_in_a_list_cut_later(void **state)
{
	static const struct cut_case cases[] = {
		{SLICE("ls\0-l"), true, false, PROGRAM_MULTICALL, "ls"},
		{SLICE("ls\0"), true, false, PROGRAM_MULTICALL, "ls"},
		{SLICE("sh\0-c\0ech"), true, false, PROGRAM_SHELL, "sh"},
		{SLICE("dpkg\0-i\0"), true, false, PROGRAM_PACKAGE_MANAGER, "dpkg"},
		{SLICE("busybox\0ls\0/et"), true, false, PROGRAM_MULTICALL, "ls"},
		{SLICE("busybox\0ls\0"), false, true, PROGRAM_MULTICALL, "ls"},
		{SLICE("ls\0" SLASHES_256 "\0"), true, false, PROGRAM_MULTICALL, "ls"},
		/* nothing is missing of these */
		{SLICE("ls"), false, false, PROGRAM_MULTICALL, "ls"},
		{SLICE("busybox\0"), false, false, PROGRAM_MULTICALL, ""},
		{SLICE(SLASHES_256 "\0"), false, false, PROGRAM_MULTICALL, ""},
	};

	(void)state;
	assert_cut(cases, ARRAY_SIZE(cases));
}

/* What is no multi-call binary is not made out by its arguments. */
static void cut_arguments_do_not_matter_to_others(void **state)
{
	static struct event event = {.kind = BW_EVENT_EXEC};
	struct program_case expected = {.class = PROGRAM_OTHER, .name = "java", .applet = ""};

	(void)state;
	event.exec.resolved.bytes = slice_of("/usr/bin/java");
	event.exec.args.truncated = true;
	event.exec.args.bytes = SLICE("///");
	assert_program(&event, &expected);
}

static void attempt_is_what_was_asked_for(void **state)
{
	static const struct program_case cases[] = {
		{NULL, "/bin/bash", SLICE("x\0"), PROGRAM_SHELL, "bash", ""},
		{NULL, "apt-get", SLICE("x\0"), PROGRAM_PACKAGE_MANAGER, "apt", ""},
		{NULL, "/bin/busybox", SLICE("sh\0"), PROGRAM_SHELL, "busybox", "sh"},
		{NULL, "/bin/busybox", SLICE("busybox\0ls\0"), PROGRAM_MULTICALL, "busybox", "ls"},
		{NULL, "/bin/ls", SLICE("bash\0"), PROGRAM_OTHER, "ls", ""},
	};

	(void)state;
	assert_attempts(cases, ARRAY_SIZE(cases));
}

static void attempt_without_a_path_is_what_it_calls_itself(void **state)
{
	static const struct program_case cases[] = {
		{NULL, "", SLICE("bash\0-i\0"), PROGRAM_SHELL, "bash", ""},
		{NULL, "", SLICE("/bin/apt\0"), PROGRAM_PACKAGE_MANAGER, "apt", ""},
		{NULL, "", SLICE("app\0bash\0"), PROGRAM_OTHER, "app", ""},
		{NULL, "", SLICE(""), PROGRAM_OTHER, "", ""},
	};

	(void)state;
	assert_attempts(cases, ARRAY_SIZE(cases));
}

/* What the bytes of an ELF file are: those of PROGRAM, of nothing that is known when it is NULL. */
static struct program_identity identity_of(const char *program)
{
	const struct signature_set *set = catalog_signatures(catalog);
	struct program_identity identity = {.is_elf = true, .is_whole = true};

	for (size_t i = 0; program && i < set->count; i++)
		if (strcmp(set->items[i].name, program) == 0) {
			identity.signature = &set->items[i];
			identity.class = set->items[i].class;
		}
	assert_true(!program || identity.signature);
	return identity;
}

/* An exec of a file that is BYTES. */
struct identity_case {
	const char *bytes;
	struct program_case exec;
	bool is_script;
};

static void assert_identified(
	const struct program_identity *identity, const struct identity_case *c)
{
	static struct bw_exec record;
	static struct event event;
	struct program program;

	memset(&event, 0, sizeof(event));
	record.file.flags = c->is_script ? BW_FILE_SCRIPT : 0;
	event.kind = BW_EVENT_EXEC;
	event.exec.record = &record;
	event.exec.resolved.bytes = slice_of(c->exec.resolved);
	event.exec.invoked.bytes = slice_of(c->exec.invoked);
	event.exec.args.bytes = c->exec.args;
	program = program_classify(catalog, &event, identity);
	assert_string_equal(program_class_name(program.class), program_class_name(c->exec.class));
	assert_slice_text(program.name, c->exec.name);
	assert_slice_text(program.applet, c->exec.applet);
}

static void assert_all_identified(const struct identity_case *cases, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		struct program_identity identity = identity_of(cases[i].bytes);

		assert_identified(&identity, &cases[i]);
	}
}

static void bytes_decide_whatever_the_name(void **state)
{
	static const struct identity_case cases[] = {
		{"bash", {"/opt/app", "app", SLICE("app\0"), PROGRAM_SHELL, "bash", ""}, false},
		{"sh", {"memfd:x", "/dev/fd/3", SLICE("app\0"), PROGRAM_SHELL, "sh", ""}, false},
		{"bash", {"/bin/apt", "apt", SLICE("apt\0"), PROGRAM_SHELL, "bash", ""}, false},
		{"apt", {"/bin/x", "x", SLICE("x\0"), PROGRAM_PACKAGE_MANAGER, "apt", ""}, false},
		{"python", {"/x", "x", SLICE("x\0"), PROGRAM_INTERPRETER, "python", ""}, false},
		{"vim", {"/bin/bash", "bash", SLICE("x\0"), PROGRAM_OTHER, "vim", ""}, false},
		{NULL, {"/bin/java", "java", SLICE("x\0"), PROGRAM_OTHER, "java", ""}, false},
	};

	(void)state;
	assert_all_identified(cases, ARRAY_SIZE(cases));
}

static void strange_name_alone_is_nothing(void **state)
{
	static const struct identity_case cases[] = {
		{NULL, {"/app/sh", "sh", SLICE("sh\0"), PROGRAM_OTHER, "sh", ""}, false},
		{NULL, {"/app/bash", "bash", SLICE("bash\0"), PROGRAM_OTHER, "bash", ""}, false},
		{NULL, {"/app/x", "/bin/sh", SLICE("sh\0"), PROGRAM_OTHER, "x", ""}, false},
		{NULL,
			{"/busybox", "busybox", SLICE("busybox\0sh\0"), PROGRAM_OTHER, "busybox",
				""},
			false},
	};

	(void)state;
	assert_all_identified(cases, ARRAY_SIZE(cases));
}

/* Nothing is known by which a toybox or a crun would have to be known. */
static void name_stands_where_bytes_cannot_tell(void **state)
{
	static const struct identity_case cases[] = {
		{NULL, {"/crun", "crun", SLICE("crun\0"), PROGRAM_RUNTIME, "crun", ""}, false},
		{NULL, {"/bin/toybox", "sh", SLICE("sh\0"), PROGRAM_SHELL, "toybox", "sh"}, false},
		{NULL, {"/bin/apt", "apt", SLICE("x\0"), PROGRAM_PACKAGE_MANAGER, "apt", ""},
			false},
		{"python", {"/bin/pip3", "pip3", SLICE("x\0"), PROGRAM_PACKAGE_MANAGER, "pip", ""},
			false},
		/* but what is graver stays */
		{"bash", {"/bin/pip3", "pip3", SLICE("x\0"), PROGRAM_SHELL, "bash", ""}, false},
	};

	(void)state;
	assert_all_identified(cases, ARRAY_SIZE(cases));
}

static void name_stands_for_files_that_were_not_seen(void **state)
{
	static const struct identity_case c = {
		NULL, {"/bin/bash", "bash", SLICE("bash\0"), PROGRAM_SHELL, "bash", ""}, false};
	struct program_identity identity = identity_of(NULL);

	(void)state;
	identity.is_whole = false;
	assert_identified(&identity, &c);
	identity = identity_of(NULL);
	identity.is_packed = true;
	assert_identified(&identity, &c);
	identity = identity_of(NULL);
	identity.is_elf = false;
	assert_identified(&identity, &c);
	identity = identity_of("vim");
	identity.is_whole = false;
	assert_identified(&identity, &c);
}

static void script_is_what_it_is_called_unless_its_interpreter_is_worse(void **state)
{
	static const struct identity_case cases[] = {
		{"python",
			{"/bin/python3", "/bin/pip3", SLICE("python3\0/bin/pip3\0"),
				PROGRAM_PACKAGE_MANAGER, "pip", ""},
			true},
		{"python",
			{"/bin/python3", "/bin/apt", SLICE("python3\0/bin/apt\0"),
				PROGRAM_PACKAGE_MANAGER, "apt", ""},
			true},
		{"python",
			{"/bin/python3", "/bin/x.py", SLICE("python3\0/bin/x.py\0"),
				PROGRAM_INTERPRETER, "python", ""},
			true},
		{"bash", {"/bin/x", "/bin/apt", SLICE("sh\0/bin/apt\0"), PROGRAM_SHELL, "bash", ""},
			true},
		{NULL, {"/bin/x", "/bin/bash", SLICE("x\0/bin/bash\0"), PROGRAM_SHELL, "bash", ""},
			true},
		/* a link called so is no script: python does not care */
		{"python",
			{"/bin/python3", "/bin/bash", SLICE("bash\0"), PROGRAM_INTERPRETER,
				"python", ""},
			false},
	};

	(void)state;
	assert_all_identified(cases, ARRAY_SIZE(cases));
}

static void renamed_multicall_binary_is_its_applet(void **state)
{
	static const struct identity_case cases[] = {
		{"busybox", {"/x", "/bin/sh", SLICE("sh\0"), PROGRAM_SHELL, "busybox", "sh"},
			false},
		{"busybox", {"/x", "x", SLICE("/bin/ls\0"), PROGRAM_MULTICALL, "busybox", "ls"},
			false},
		{"busybox",
			{"/x", "x", SLICE("busybox\0dpkg\0"), PROGRAM_PACKAGE_MANAGER, "busybox",
				"dpkg"},
			false},
		{"busybox", {"/bin/bash", "x", SLICE("ls\0"), PROGRAM_MULTICALL, "busybox", "ls"},
			false},
		/* its own strings were replaced, those of the shell in it were not */
		{"sh", {"/bin/busybox", "busybox", SLICE("busybox\0ls\0"), PROGRAM_SHELL, "sh", ""},
			false},
	};

	(void)state;
	assert_all_identified(cases, ARRAY_SIZE(cases));
}

static void applet_out_of_sight_is_the_worst_that_the_binary_holds(void **state)
{
	static const struct {
		unsigned applets;
		bool has_shell, has_package_manager, is_partial;
		enum program_class class;
	} cases[] = {
		{100, true, true, false, PROGRAM_SHELL},
		{100, false, true, false, PROGRAM_PACKAGE_MANAGER},
		{100, false, false, false, PROGRAM_MULTICALL},
		{100, false, false, true, PROGRAM_SHELL},
		{0, false, false, false, PROGRAM_SHELL}, /* no table was found */
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		static struct event event = {.kind = BW_EVENT_EXEC};
		struct program_identity identity = identity_of("busybox");
		struct program program;

		identity.applets = cases[i].applets;
		identity.has_shell = cases[i].has_shell;
		identity.has_package_manager = cases[i].has_package_manager;
		identity.is_whole = !cases[i].is_partial;
		event.exec.args.truncated = true;
		program = program_classify(catalog, &event, &identity);
		assert_string_equal(
			program_class_name(program.class), program_class_name(cases[i].class));
	}
}

/* What was asked for is not there, so there are no bytes of it. */
static void identity_does_not_matter_to_attempts(void **state)
{
	static struct event event = {.kind = BW_EVENT_ATTEMPT};
	struct program_identity identity = identity_of(NULL);
	struct program program;

	(void)state;
	event.attempt.asked.bytes = slice_of("/bin/bash");
	program = program_classify(catalog, &event, &identity);
	assert_int_equal(program.class, PROGRAM_SHELL);
}

struct file_case {
	const char *path;
	struct program_identity identity;
	enum program_class class;
	const char *name;
	bool by_name;
};

static void assert_file(const struct file_case *c)
{
	bool by_name;
	struct program program = program_classify_file(
		catalog, slice_of(c->path), &c->identity, &by_name);

	if (program.class != c->class || by_name != c->by_name ||
		!slice_equal_text(program.name, c->name))
		fail_msg("%s is %s (%.*s)%s", c->path, program_class_name(program.class),
			(int)program.name.len, program.name.data, by_name ? " by name" : "");
}

#define ELF(...)                                              \
	{                                                     \
		.is_elf = true, .is_whole = true, __VA_ARGS__ \
	}
#define SCRIPT(by)                                   \
	{                                            \
		.is_script = true, .interpreter = by \
	}

static void file_that_nobody_has_started_is_told_by_bytes_then_by_name(void **state)
{
	const struct signature *signatures = catalog_signatures(catalog)->items;
	const struct file_case cases[] = {
		{"/app/helper", ELF(.signature = &signatures[0], .class = PROGRAM_SHELL),
			PROGRAM_SHELL, "bash", false},
		{"/bin/bash", ELF(.class = PROGRAM_OTHER), PROGRAM_OTHER, "bash", false},
		{"/bin/bash", ELF(.is_packed = true), PROGRAM_SHELL, "bash", true},
		{"/bin/crun", ELF(.class = PROGRAM_OTHER), PROGRAM_RUNTIME, "crun", true},
		{"/app/x", ELF(.signature = &signatures[1], .class = PROGRAM_MULTICALL),
			PROGRAM_MULTICALL, "busybox", false},
		{"/bin/crun", ELF(.signature = &signatures[0], .class = PROGRAM_SHELL),
			PROGRAM_SHELL, "bash", false},
		{"/usr/bin/pip3", SCRIPT("/usr/bin/python3"), PROGRAM_PACKAGE_MANAGER, "pip", true},
		{"/usr/bin/apt", SCRIPT("/bin/sh"), PROGRAM_OTHER, "apt", false},
		{"/app/run", SCRIPT("/bin/bash"), PROGRAM_OTHER, "run", false},
		{"/usr/bin/apt", {0}, PROGRAM_OTHER, "apt", false},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++)
		assert_file(&cases[i]);
}

static void multicall_binary_is_what_its_applet_is(void **state)
{
	const struct program busybox = {.name = slice_of("busybox")},
			     other = {.name = slice_of("x")};

	(void)state;
	assert_int_equal(program_applet_class(catalog, &busybox, slice_of("ash")), PROGRAM_SHELL);
	assert_int_equal(
		program_applet_class(catalog, &busybox, slice_of("dpkg")), PROGRAM_PACKAGE_MANAGER);
	assert_int_equal(
		program_applet_class(catalog, &busybox, slice_of("ls")), PROGRAM_MULTICALL);
	assert_int_equal(program_applet_class(catalog, &other, slice_of("ash")), PROGRAM_OTHER);
	assert_true(program_has_name(catalog, &busybox, slice_of("/x/busybox-static")));
	assert_false(program_has_name(catalog, &busybox, slice_of("/bin/toybox")));
	assert_false(program_has_name(catalog, &other, slice_of("/x")));
}

static void fit_of_a_class_is_one_of_all_signatures(void **state)
{
	const struct program_identity identity = {.fits = {1u << 1 | 1u << 2}}; /* busybox and sh */

	(void)state;
	assert_true(program_identity_fits(catalog, &identity, PROGRAM_SHELL));
	assert_true(program_identity_fits(catalog, &identity, PROGRAM_MULTICALL));
	assert_false(program_identity_fits(catalog, &identity, PROGRAM_INTERPRETER));
}

static void other_events_are_no_programs(void **state)
{
	static struct event event;
	struct program program;

	(void)state;
	event.kind = BW_EVENT_CGROUP_MKDIR;
	event.cgroup_change.path.bytes = slice_of("/bin/bash");
	program = program_classify(catalog, &event, NULL);
	assert_int_equal(program.class, PROGRAM_OTHER);
	assert_int_equal(program.name.len, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(file_that_runs_decides),
		cmocka_unit_test(invoked_path_is_the_fallback),
		cmocka_unit_test(unknown_programs_are_other_by_their_file_name),
		cmocka_unit_test(applet_is_the_name_it_is_called_by),
		cmocka_unit_test(applet_is_the_word_after_its_own_name),
		cmocka_unit_test(multicall_binary_cannot_be_called_so_that_the_applet_is_missed),
		cmocka_unit_test(applet_that_was_cut_off_may_be_anything),
		cmocka_unit_test(applet_that_is_whole_decides_in_a_list_cut_later),
		cmocka_unit_test(cut_arguments_do_not_matter_to_others),
		cmocka_unit_test(attempt_is_what_was_asked_for),
		cmocka_unit_test(attempt_without_a_path_is_what_it_calls_itself),
		cmocka_unit_test(bytes_decide_whatever_the_name),
		cmocka_unit_test(strange_name_alone_is_nothing),
		cmocka_unit_test(name_stands_where_bytes_cannot_tell),
		cmocka_unit_test(name_stands_for_files_that_were_not_seen),
		cmocka_unit_test(script_is_what_it_is_called_unless_its_interpreter_is_worse),
		cmocka_unit_test(renamed_multicall_binary_is_its_applet),
		cmocka_unit_test(applet_out_of_sight_is_the_worst_that_the_binary_holds),
		cmocka_unit_test(identity_does_not_matter_to_attempts),
		cmocka_unit_test(file_that_nobody_has_started_is_told_by_bytes_then_by_name),
		cmocka_unit_test(multicall_binary_is_what_its_applet_is),
		cmocka_unit_test(fit_of_a_class_is_one_of_all_signatures),
		cmocka_unit_test(other_events_are_no_programs),
	};

	return cmocka_run_group_tests(tests, load_catalog, free_catalog);
}
