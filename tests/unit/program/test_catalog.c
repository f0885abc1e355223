/* SPDX-License-Identifier: Apache-2.0 */
/* Claims about agent/program/catalog.c. */
#include "program/catalog_fixture.h"

#include <limits.h>

#define HEAD "version: 1\nprograms:\n"

/* The name of what CATALOG knows PATH as, "" when it does not. */
static const char *found(const struct catalog *catalog, const char *path)
{
	const struct catalog_entry *entry = catalog_find(catalog, slice_of(path));

	return entry ? entry->name : "";
}

static void catalog_of_the_repository_loads(void **state)
{
	CLEANUP_CATALOG struct catalog *catalog = NULL;
	struct diag d = {0};
	static const char *const known[][2] = {
		{"/bin/sh", "sh"},
		{"/usr/bin/bash", "bash"},
		{"/bin/busybox", "busybox"},
		{"/usr/bin/apt-get", "apt"},
		{"/sbin/apk", "apk"},
		{"/usr/bin/xbps-install", "xbps"},
		{"/usr/bin/pip3.11", "pip"},
		{"/usr/bin/pacman", "pacman"},
		{"/usr/games/pacman", ""},
		{"/usr/local/go/bin/go", "go"},
		{"/srv/go", ""},
		{"/usr/bin/cat", ""},
	};

	(void)state;
	if (catalog_load_file("rules/catalog.yaml", &catalog, &d) < 0)
		fail_msg("%s:%u:%u: %s", d.file, d.line, d.column, d.message);
	for (size_t i = 0; i < ARRAY_SIZE(known); i++)
		assert_string_equal(found(catalog, known[i][0]), known[i][1]);
}

static void names_are_of_files_in_any_directory(void **state)
{
	CLEANUP_CATALOG struct catalog *catalog = catalog_of(
		HEAD "- {name: bash, class: shell, files: [bash, rbash]}\n");

	(void)state;
	assert_string_equal(found(catalog, "/bin/bash"), "bash");
	assert_string_equal(found(catalog, "/tmp/x/rbash"), "bash");
	assert_string_equal(found(catalog, "bash"), "bash");
	assert_string_equal(found(catalog, "./bash"), "bash");
	assert_string_equal(found(catalog, "/bin/bash2"), "");
	assert_string_equal(found(catalog, "/bin/BASH"), "");
	assert_string_equal(found(catalog, "/bash/x"), "");
}

static void path_beats_file_name(void **state)
{
	CLEANUP_CATALOG struct catalog *catalog = catalog_of(
		HEAD "- {name: game, class: other, paths: [/usr/games/pacman]}\n"
		     "- {name: pacman, class: package_manager, files: [pacman]}\n");

	(void)state;
	assert_string_equal(found(catalog, "/usr/games/pacman"), "game");
	assert_string_equal(found(catalog, "/usr/bin/pacman"), "pacman");
	assert_string_equal(found(catalog, "/usr/games/pacman/"), "");
}

static void exact_name_beats_pattern(void **state)
{
	CLEANUP_CATALOG struct catalog *catalog = catalog_of(
		HEAD "- {name: any, class: other, files: ['pip*']}\n"
		     "- {name: pip, class: package_manager, files: [pip3]}\n");

	(void)state;
	assert_string_equal(found(catalog, "/bin/pip3"), "pip");
	assert_string_equal(found(catalog, "/bin/pip3.11"), "any");
	assert_string_equal(found(catalog, "/bin/pip"), "any");
	assert_string_equal(found(catalog, "/bin/xpip"), "");
}

static void patterns_are_globs(void **state)
{
	CLEANUP_CATALOG struct catalog *catalog = catalog_of(
		HEAD "- {name: p, class: other, files: ['a?c', 'pip[23].*', 'x*y']}\n");

	(void)state;
	assert_string_equal(found(catalog, "/abc"), "p");
	assert_string_equal(found(catalog, "/ac"), "");
	assert_string_equal(found(catalog, "/pip2.7"), "p");
	assert_string_equal(found(catalog, "/pip4.7"), "");
	assert_string_equal(found(catalog, "/x/y"), "");
	assert_string_equal(found(catalog, "/xy"), "p");
}

static void paths_without_a_file_are_unknown(void **state)
{
	CLEANUP_CATALOG struct catalog *catalog = catalog_of(
		HEAD "- {name: any, class: other, files: ['*']}\n");
	char longest[NAME_MAX + 2];

	(void)state;
	assert_string_equal(found(catalog, ""), "");
	assert_string_equal(found(catalog, "/"), "");
	assert_string_equal(found(catalog, "/bin/"), "");
	assert_null(catalog_find(catalog, (struct slice){0}));
	memset(longest, 'x', sizeof(longest));
	longest[NAME_MAX + 1] = '\0';
	assert_string_equal(found(catalog, longest), ""); /* no file can be called so */
	assert_string_equal(found(catalog, longest + 1), "any");
}

static void empty_catalog_knows_nothing(void **state)
{
	CLEANUP_CATALOG struct catalog *catalog = catalog_of("version: 1\nprograms: []\n");

	(void)state;
	assert_string_equal(found(catalog, "/bin/sh"), "");
}

static void applets_have_classes(void **state)
{
	CLEANUP_CATALOG struct catalog *catalog = catalog_of(HEAD "- name: busybox\n"
								  "  class: multicall\n"
								  "  files: [busybox]\n"
								  "  applets:\n"
								  "    shell: [sh, ash]\n"
								  "    package_manager: [dpkg]\n");
	const struct catalog_entry *entry = catalog_find(catalog, slice_of("busybox"));

	(void)state;
	assert_non_null(entry);
	assert_int_equal(catalog_applet_class(entry, slice_of("ash")), PROGRAM_SHELL);
	assert_int_equal(catalog_applet_class(entry, slice_of("dpkg")), PROGRAM_PACKAGE_MANAGER);
	assert_int_equal(catalog_applet_class(entry, slice_of("ls")), PROGRAM_MULTICALL);
	assert_int_equal(catalog_applet_class(entry, slice_of("")), PROGRAM_MULTICALL);
	assert_int_equal(catalog_applet_class(entry, (struct slice){0}), PROGRAM_MULTICALL);
}

static void gravest_class_is_the_gravest_of_the_applets(void **state)
{
	static const struct {
		const char *applets;
		enum program_class expected;
	} cases[] = {
		{"{}", PROGRAM_MULTICALL},
		{"{shell: [sh]}", PROGRAM_SHELL},
		{"{package_manager: [dpkg]}", PROGRAM_PACKAGE_MANAGER},
		{"{package_manager: [dpkg, rpm], shell: [sh]}", PROGRAM_SHELL},
		{"{shell: [sh], package_manager: [dpkg, rpm]}", PROGRAM_SHELL},
		{"{other: [ls], package_manager: [dpkg]}", PROGRAM_PACKAGE_MANAGER},
		{"{other: [ls]}", PROGRAM_MULTICALL},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		char text[256];

		snprintf(text, sizeof(text),
			HEAD "- {name: b, class: multicall, files: [b], applets: %s}\n",
			cases[i].applets);
		CLEANUP_CATALOG struct catalog *catalog = catalog_of(text);

		assert_string_equal(program_class_name(catalog_gravest_class(
					    catalog_find(catalog, slice_of("b")))),
			program_class_name(cases[i].expected));
	}
}

static void only_version_1_is_known(void **state)
{
	static const char message[] = "expected a mapping with 'version: 1' and 'programs'";
	static const struct {
		const char *text, *place;
	} cases[] = {
		{"version: 2\nprograms: []\n", "c.yaml:1:1"},
		{"# none\nprograms: []\n", "c.yaml:2:1"},
		{"version: [1]\nprograms: []\n", "c.yaml:1:1"},
		{"version:\nprograms: []\n", "c.yaml:1:1"},
		{"- version: 1\n", "c.yaml:1:1"},
		{"text", "c.yaml:1:1"},
		{"", "c.yaml"},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		char expected[128];

		snprintf(expected, sizeof(expected), "%s: %s", cases[i].place, message);
		assert_catalog_refused(cases[i].text, expected);
	}
}

static void unknown_keys_are_refused_with_a_suggestion(void **state)
{
	(void)state;
	assert_catalog_refused("version: 1\nprogams: []\n",
		"c.yaml:2:10: unknown key 'progams': did you mean 'programs'?");
	assert_catalog_refused(HEAD "- {name: a, class: shell, fils: [a]}\n",
		"c.yaml:3:33: unknown key 'fils': did you mean 'files'?");
	assert_catalog_refused(
		HEAD "- {name: a, class: shell, colour: }\n", "c.yaml:3:3: unknown key 'colour'");
}

static void unknown_classes_are_refused_with_a_suggestion(void **state)
{
	(void)state;
	assert_catalog_refused(HEAD "- {name: a, class: shel, files: [a]}\n",
		"c.yaml:3:20: unknown class 'shel': did you mean 'shell'?");
	assert_catalog_refused(HEAD "- {name: a, class: editor, files: [a]}\n",
		"c.yaml:3:20: unknown class 'editor'");
	assert_catalog_refused(HEAD "- name: b\n  class: multicall\n  files: [b]\n"
				    "  applets:\n    shel: [sh]\n",
		"c.yaml:7:11: unknown class 'shel': did you mean 'shell'?");
}

static void wrong_types_are_named_with_what_was_expected(void **state)
{
	static const struct {
		const char *entry, *message;
	} cases[] = {
		{"- text\n", "c.yaml:3:3: a program is a single value, expected a mapping"},
		{"- []\n", "c.yaml:3:3: a program is a list, expected a mapping"},
		{"-\n", "c.yaml:3:1: a program is nothing, expected a mapping"},
		{"- {name: a, files: [a]}\n", "c.yaml:3:3: a program needs 'name' and 'class'"},
		{"- {class: shell, files: [a]}\n",
			"c.yaml:3:3: a program needs 'name' and 'class'"},
		{"- {name: [a], class: shell, files: [a]}\n",
			"c.yaml:3:3: a program needs 'name' and 'class'"},
		{"- {name: a, class: [shell], files: [a]}\n",
			"c.yaml:3:20: 'class' is a list, expected a name"},
		{"- {name: a, class: , files: [a]}\n",
			"c.yaml:3:3: 'class' is nothing, expected a name"},
		{"- {name: a, class: shell}\n", "c.yaml:3:3: 'a' has neither 'files' nor 'paths'"},
		{"- {name: a, class: shell, files: a}\n",
			"c.yaml:3:34: 'files' is a single value, expected a list"},
		{"- {name: a, class: shell, files: }\n",
			"c.yaml:3:3: 'files' is nothing, expected a list"},
		{"- {name: a, class: shell, paths: {}}\n",
			"c.yaml:3:34: 'paths' is a mapping, expected a list"},
		{"- {name: a, class: shell, files: [a, [b]]}\n",
			"c.yaml:3:38: an item of 'files' is a list, expected a name"},
		{"- {name: a, class: shell, files: [~]}\n",
			"c.yaml:3:34: an item of 'files' is nothing, expected a name"},
		{"- {name: a, class: shell, files: ['']}\n",
			"c.yaml:3:35: an item of 'files' is empty, expected a name"},
		{"- {name: a, class: shell, files: [bin/a]}\n",
			"c.yaml:3:35: 'bin/a' has a '/': paths go under 'paths'"},
		{"- {name: a, class: shell, paths: [bin/a]}\n",
			"c.yaml:3:35: 'bin/a' is not a path from the root"},
		{"- {name: a, class: shell, files: [a], applets: {shell: [sh]}}\n",
			"c.yaml:3:48: 'applets' goes with class multicall only"},
		{"- {name: a, class: multicall, files: [a], applets: [sh]}\n",
			"c.yaml:3:52: 'applets' is a list, expected a mapping from class to names"},
		{"- {name: a, class: multicall, files: [a], applets: {shell: sh}}\n",
			"c.yaml:3:60: 'shell' is a single value, expected a list"},
		{"- {name: a, class: multicall, files: [a], applets: {shell: }}\n",
			"c.yaml:3:52: 'shell' is nothing, expected a list"},
		{"- {name: a, class: multicall, files: [a], applets: }\n",
			"c.yaml:3:3: 'applets' is nothing, expected a mapping from class to names"},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		char text[512];

		snprintf(text, sizeof(text), "%s%s", HEAD, cases[i].entry);
		assert_catalog_refused(text, cases[i].message);
	}
	assert_catalog_refused(
		"version: 1\n", "c.yaml:1:1: 'programs' is missing, expected a list");
	assert_catalog_refused("version: 1\nprograms: {}\n",
		"c.yaml:2:11: 'programs' is a mapping, expected a list");
	assert_catalog_refused(
		"version: 1\nprograms:\n", "c.yaml:1:1: 'programs' is nothing, expected a list");
}

static void names_belong_to_one_program(void **state)
{
	(void)state;
	assert_catalog_refused(HEAD "- {name: a, class: shell, files: [x]}\n"
				    "- {name: b, class: shell, files: [y, x]}\n",
		"c.yaml:4:38: 'x' already belongs to 'a'");
	assert_catalog_refused(HEAD "- {name: a, class: shell, paths: [/x]}\n"
				    "- {name: b, class: shell, paths: [/x]}\n",
		"c.yaml:4:35: '/x' already belongs to 'a'");
	assert_catalog_refused(HEAD "- {name: a, class: shell, files: [x, x]}\n",
		"c.yaml:3:38: 'x' already belongs to 'a'");
}

static void applets_have_one_class(void **state)
{
	(void)state;
	assert_catalog_refused(HEAD "- {name: b, class: multicall, files: [b],\n"
				    "   applets: {shell: [sh, ash], package_manager: [ash]}}\n",
		"c.yaml:4:50: the applet 'ash' is given twice");
	assert_catalog_refused(HEAD
		"- {name: b, class: multicall, files: [b], applets: {shell: [sh, sh]}}\n",
		"c.yaml:3:65: the applet 'sh' is given twice");
}

static void unreadable_file_is_named(void **state)
{
	struct catalog *catalog = NULL;
	struct diag d = {0};

	(void)state;
	assert_int_equal(catalog_load_file("/nonexistent.yaml", &catalog, &d), -ENOENT);
	assert_diag_text(&d, "/nonexistent.yaml: No such file or directory");
	assert_null(catalog);
	catalog_free(NULL);
}

static void collect(const char *file, void *userdata)
{
	struct strbuf *out = userdata;

	strbuf_addf(out, "%s|", file);
}

/* Names, and neither patterns nor paths: a name is what the kernel side compares. */
static void files_of_a_class_are_listed(void **state)
{
	CLEANUP_CATALOG struct catalog *catalog = catalog_of(
		HEAD "- {name: runc, class: runtime, files: [runc, docker-runc, 'runc-*']}\n"
		     "- {name: bash, class: shell, files: [bash]}\n"
		     "- {name: youki, class: runtime, paths: [/opt/youki]}\n"
		     "- {name: crun, class: runtime, files: [crun]}\n");
	CLEANUP_STRBUF struct strbuf runtimes = STRBUF_INIT;
	CLEANUP_STRBUF struct strbuf others = STRBUF_INIT;

	(void)state;
	catalog_each_file(catalog, PROGRAM_RUNTIME, collect, &runtimes);
	assert_string_equal(strbuf_text(&runtimes), "runc|docker-runc|crun|");
	catalog_each_file(catalog, PROGRAM_OTHER, collect, &others);
	assert_string_equal(strbuf_text(&others), "");
}

/* The kernel side keeps as much of a name as of a task's, and so many of them. */
static void runtimes_of_the_repository_fit(void **state)
{
	CLEANUP_CATALOG struct catalog *catalog = NULL;
	CLEANUP_STRBUF struct strbuf runtimes = STRBUF_INIT;
	struct diag d = {0};
	size_t count = 0;

	(void)state;
	assert_int_equal(catalog_load_file("rules/catalog.yaml", &catalog, &d), 0);
	catalog_each_file(catalog, PROGRAM_RUNTIME, collect, &runtimes);
	assert_non_null(strstr(strbuf_text(&runtimes), "runc|"));
	assert_non_null(strstr(strbuf_text(&runtimes), "crun|"));
	for (const char *p = strbuf_text(&runtimes); *p; p += strcspn(p, "|") + 1) {
		assert_true(strcspn(p, "|") < BW_COMM_SIZE);
		count++;
	}
	assert_true(count <= BW_RUNTIMES_MAX);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(catalog_of_the_repository_loads),
		cmocka_unit_test(names_are_of_files_in_any_directory),
		cmocka_unit_test(path_beats_file_name),
		cmocka_unit_test(exact_name_beats_pattern),
		cmocka_unit_test(patterns_are_globs),
		cmocka_unit_test(paths_without_a_file_are_unknown),
		cmocka_unit_test(empty_catalog_knows_nothing),
		cmocka_unit_test(applets_have_classes),
		cmocka_unit_test(gravest_class_is_the_gravest_of_the_applets),
		cmocka_unit_test(only_version_1_is_known),
		cmocka_unit_test(unknown_keys_are_refused_with_a_suggestion),
		cmocka_unit_test(unknown_classes_are_refused_with_a_suggestion),
		cmocka_unit_test(wrong_types_are_named_with_what_was_expected),
		cmocka_unit_test(names_belong_to_one_program),
		cmocka_unit_test(applets_have_one_class),
		cmocka_unit_test(unreadable_file_is_named),
		cmocka_unit_test(files_of_a_class_are_listed),
		cmocka_unit_test(runtimes_of_the_repository_fit),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
