/* SPDX-License-Identifier: Apache-2.0 */
/* Claims about agent/verify/: what an image is judged to be, and why. */
#include "verify/verify_fixture.h"

static void image_without_shell_is_bare(void **state)
{
	struct verifying *v = *state;

	add_program(v, "app", 0755, "nothing");
	add_text(v, "etc/update-motd.d/10-uname", "#!/bin/sh\nuname\n");
	add_text(v, "bin/dash", "no program at all");
	verify_oci(v);
	assert_verdict(v, "bare");
	assert_findings(v, 0);
}

static void shell_is_found_whatever_its_name_and_mode(void **state)
{
	struct verifying *v = *state;
	const json_t *finding;

	add_program(v, "app", 0755, "nothing");
	next_layer(v);
	add_program(v, "opt/data.bin", 0644, "dash-one");
	verify_oci(v);
	assert_verdict(v, "not bare");
	assert_findings(v, 1);
	finding = assert_found(v, "/opt/data.bin", "shell", "violation");
	assert_string_equal(text_of(finding, "program"), "dash");
	assert_string_equal(text_of(finding, "found_by"), "content");
	assert_string_equal(text_of(finding, "mode"), "0644");
	assert_string_equal(text_of(finding, "message"), "/opt/data.bin is a shell: dash");
	assert_int_equal(json_integer_value(json_object_get(finding, "layer")), 2);
	assert_int_equal(json_integer_value(json_object_get(finding, "size")),
		ELF_FIXTURE_BYTES + sizeof("dash-one"));
}

static void name_alone_is_not_what_bytes_refute(void **state)
{
	struct verifying *v = *state;

	add_program(v, "bin/dash", 0755, "nothing");
	verify_oci(v);
	assert_verdict(v, "bare");
}

static void name_tells_where_bytes_cannot(void **state)
{
	struct verifying *v = *state;
	const json_t *finding;

	add_text(v, "usr/bin/xonsh", "#!/usr/bin/python3\n");
	add_text(v, "usr/bin/apt", "#!/bin/sh\n");
	add_program(v, "usr/bin/curl", 0755, "nothing");
	verify_oci(v);
	assert_verdict(v, "not bare");
	finding = assert_found(v, "/usr/bin/xonsh", "shell", "violation");
	assert_string_equal(text_of(finding, "found_by"), "name");
	assert_found(v, "/usr/bin/curl", "downloader", "note");
	assert_findings(v, 2);
}

/* The names of FINDING other than its path, as "kind:path ". */
static void assert_links(const json_t *finding, const char *expected)
{
	CLEANUP_STRBUF struct strbuf out = STRBUF_INIT;
	const json_t *link;
	size_t i;

	json_array_foreach (json_object_get(finding, "links"), i, link)
		strbuf_addf(&out, "%s:%s ", text_of(link, "kind"), text_of(link, "path"));
	assert_string_equal(strbuf_text(&out), expected);
	assert_int_equal(json_integer_value(json_object_get(finding, "links_count")), i);
}

static void all_names_of_a_file_are_told(void **state)
{
	struct verifying *v = *state;

	add_symlink(v, "bin", "usr/bin");
	add_program(v, "usr/bin/dash", 0755, "dash-one");
	add_symlink(v, "usr/bin/sh", "dash");
	add_hard_link(v, "app/helper", "usr/bin/dash");
	add_symlink(v, "app/loop", "loop");
	add_symlink(v, "app/outside", "../../../../usr/bin/sh");
	verify_oci(v);
	assert_links(assert_found(v, "/usr/bin/dash", "shell", "violation"),
		"hard:/app/helper symbolic:/app/outside directory:/bin/dash directory:/bin/sh "
		"symbolic:/usr/bin/sh ");
	assert_findings(v, 1);
}

static void link_gives_a_file_its_name(void **state)
{
	struct verifying *v = *state;

	add_text(v, "opt/tool", "#!/usr/bin/python3\n");
	add_symlink(v, "usr/bin/xonsh", "/opt/tool");
	verify_oci(v);
	assert_found(v, "/opt/tool", "shell", "violation");
}

static void busybox_with_a_shell_is_a_violation(void **state)
{
	struct verifying *v = *state;
	const json_t *finding, *names;

	add_program(v, "opt/tool", 0755, "bbox-one" TABLE_WITH_SHELL);
	add_symlink(v, "bin/sh", "../opt/tool");
	add_symlink(v, "bin/ls", "../opt/tool");
	verify_oci(v);
	finding = assert_found(v, "/opt/tool", "multicall_shell", "violation");
	names = json_object_get(finding, "reached_as");
	assert_int_equal(json_array_size(names), 1);
	assert_string_equal(text_of(json_array_get(names, 0), "applet"), "sh");
	assert_string_equal(text_of(json_array_get(names, 0), "path"), "/bin/sh");
	assert_int_equal(json_integer_value(json_object_get(finding, "applets")), 11);
	assert_verdict(v, "not bare");
}

static void busybox_without_a_shell_is_a_note(void **state)
{
	struct verifying *v = *state;

	add_program(v, "bin/busybox", 0755, "bbox-one" TABLE_WITHOUT_SHELL);
	add_symlink(v, "bin/sh", "busybox"); /* "applet not found" */
	verify_oci(v);
	assert_int_equal(
		json_array_size(json_object_get(
			assert_found(v, "/bin/busybox", "multicall", "note"), "reached_as")),
		0);
	assert_verdict(v, "bare");
}

static void multicall_binary_without_a_table_is_told_by_its_links(void **state)
{
	struct verifying *v = *state;

	add_program(v, "bin/toybox", 0755, "toybox-one");
	verify_oci(v);
	assert_found(v, "/bin/toybox", "multicall", "note");
	assert_verdict(v, "bare");
}

static void multicall_binary_that_is_linked_as_a_shell_is_one(void **state)
{
	struct verifying *v = *state;

	add_program(v, "bin/toybox", 0755, "toybox-one");
	add_hard_link(v, "bin/sh", "bin/toybox");
	verify_oci(v);
	assert_found(v, "/bin/toybox", "multicall_shell", "violation");
}

static void multicall_binary_with_the_bytes_of_a_shell_is_one(void **state)
{
	struct verifying *v = *state;

	add_program(v, "bin/toybox", 0755, "toybox-one\0dash-one");
	verify_oci(v);
	assert_found(v, "/bin/toybox", "multicall_shell", "violation");
}

static void deleted_shell_is_a_leak(void **state)
{
	struct verifying *v = *state;
	const json_t *finding;

	add_program(v, "bin/dash", 0755, "dash-one");
	next_layer(v);
	add_text(v, "bin/.wh.dash", "");
	verify_oci(v);
	assert_verdict(v, "bare");
	finding = assert_found(v, "/bin/dash", "shell", "note");
	assert_true(json_is_true(json_object_get(finding, "leaked")));
	assert_int_equal(json_integer_value(
				 json_object_get(json_object_get(image_of(v), "leaked"), "files")),
		1);
}

static void leak_can_be_a_violation(void **state)
{
	struct verifying *v = *state;
	struct diag d;

	add_program(v, "bin/dash", 0755, "dash-one");
	next_layer(v);
	add_text(v, "bin/.wh..wh..opq", "");
	assert_int_equal(verify_policy_fail_on(v->policy, "leak", &d), 0);
	verify_oci(v);
	assert_verdict(v, "not bare");
	assert_found(v, "/bin/dash", "shell", "violation");
}

static void package_database_matters_with_its_package_manager(void **state)
{
	struct verifying *v = *state;

	add_text(
		v, "var/lib/dpkg/status", "Package: a\nStatus: install ok installed\nVersion: 1\n");
	add_program(v, "usr/bin/apt-get", 0755, "apt-one");
	verify_oci(v);
	assert_found(v, "/usr/bin/apt-get", "package_manager", "violation");
	assert_found(v, "/var/lib/dpkg/status", "package_database", "violation");
}

static void package_database_alone_is_a_note(void **state)
{
	struct verifying *v = *state;

	add_text(v, "lib/apk/db/installed", "P:a\nV:1\n");
	add_text(v, "var/lib/dpkg/status.d/tzdata", "Package: tzdata\nVersion: 1\n");
	verify_oci(v);
	assert_found(v, "/lib/apk/db/installed", "package_database", "note");
	assert_findings(v, 1);
	assert_verdict(v, "bare");
}

static void version_is_that_of_the_package(void **state)
{
	struct verifying *v = *state;
	const json_t *finding;

	add_symlink(v, "bin", "usr/bin");
	add_program(v, "usr/bin/dash", 0755, "dash-one");
	add_text(v, "var/lib/dpkg/status",
		"Package: dash\nStatus: install ok installed\nVersion: 0.5.12-2\n");
	add_text(v, "var/lib/dpkg/info/dash.list", "/.\n/bin\n/bin/dash\n");
	verify_oci(v);
	finding = assert_found(v, "/usr/bin/dash", "shell", "violation");
	assert_string_equal(text_of(finding, "package"), "dash");
	assert_string_equal(text_of(finding, "version"), "0.5.12-2");
}

static void version_is_found_in_the_records_of_apk_and_of_distroless_images(void **state)
{
	struct verifying *v = *state;

	add_program(v, "bin/busybox", 0755, "bbox-one" TABLE_WITH_SHELL);
	add_program(v, "usr/bin/python", 0755, "python-one");
	add_text(v, "lib/apk/db/installed", "P:busybox\nV:1.36.1-r29\nF:bin\nR:busybox\n\n");
	add_text(v, "var/lib/dpkg/status.d/py", "Package: python3.13\nVersion: 3.13\n");
	add_text(v, "var/lib/dpkg/status.d/py.md5sums",
		"0123456789abcdef0123456789abcdef  usr/bin/python\n");
	verify_oci(v);
	assert_string_equal(
		text_of(finding_of(v, "/bin/busybox", "multicall_shell"), "version"), "1.36.1-r29");
	assert_string_equal(
		text_of(finding_of(v, "/usr/bin/python", "interpreter"), "package"), "python3.13");
}

static void permissions_are_notes(void **state)
{
	struct verifying *v = *state;
	size_t at;

	add_program(v, "bin/mount", 04755, "nothing");
	add_program(v, "bin/wall", 02755, "nothing");
	tar_add_pax(layer(v), 'x', "SCHILY.xattr.security.capability", "\1\0\0\2");
	add_program(v, "bin/ping", 0755, "nothing");
	at = tar_add_header(layer(v), '5', "usr/local/bin", "", 0);
	set_mode(layer(v), at, 01777);
	at = tar_add_header(layer(v), '5', "tmp", "", 0);
	set_mode(layer(v), at, 01777);
	verify_oci(v);
	assert_verdict(v, "bare");
	assert_string_equal(
		text_of(assert_found(v, "/bin/mount", "setuid", "note"), "found_by"), "mode");
	assert_found(v, "/bin/wall", "setgid", "note");
	assert_found(v, "/bin/ping", "capabilities", "note");
	assert_found(v, "/usr/local/bin", "world_writable", "note");
	assert_findings(v, 4);
}

static void path_of_the_configuration_says_which_directories_count(void **state)
{
	struct verifying *v = *state;

	v->config = "\"Env\":[\"HOME=/\",\"PATH=/x:/tmp\"]";
	set_mode(layer(v), tar_add_header(layer(v), '5', "tmp", "", 0), 01777);
	verify_oci(v);
	assert_found(v, "/tmp", "world_writable", "note");
}

static void packed_program_leaves_the_answer_open(void **state)
{
	struct verifying *v = *state;

	add_program(v, "app", 0755, "upx-one");
	verify_oci(v);
	assert_verdict(v, "incomplete");
	assert_found(v, "/app", "packed", "unknown");
}

static void violation_is_one_beside_what_is_open(void **state)
{
	struct verifying *v = *state;

	add_program(v, "app", 0755, "upx-one");
	add_program(v, "bin/x", 0755, "dash-one");
	verify_oci(v);
	assert_verdict(v, "not bare");
}

static void allowed_file_is_told_with_its_reason(void **state)
{
	struct verifying *v = *state;
	const json_t *finding, *unused;
	struct diag d;

	add_program(v, "usr/bin/dash", 0755, "dash-one");
	add_symlink(v, "bin/sh", "/usr/bin/dash");
	assert_int_equal(verify_policy_allow(v->policy, "/bin/sh=probes need it", &d), 0);
	assert_int_equal(verify_policy_allow(v->policy, "/bin/none=a slip", &d), 0);
	verify_oci(v);
	assert_verdict(v, "bare");
	finding = assert_found(v, "/usr/bin/dash", "shell", "allowed");
	assert_string_equal(text_of(finding, "allowed"), "probes need it");
	unused = json_object_get(image_of(v), "unused_allowances");
	assert_int_equal(json_array_size(unused), 1);
	assert_string_equal(json_string_value(json_array_get(unused, 0)), "/bin/none");
}

static void fail_on_makes_a_class_a_violation(void **state)
{
	struct verifying *v = *state;
	struct diag d;

	add_program(v, "usr/bin/python3", 0755, "python-one");
	assert_int_equal(verify_policy_fail_on(v->policy, "interpreter", &d), 0);
	verify_oci(v);
	assert_verdict(v, "not bare");
	assert_found(v, "/usr/bin/python3", "interpreter", "violation");
}

static void name_that_is_not_utf8_is_escaped(void **state)
{
	struct verifying *v = *state;

	add_program(v, "bin/\xff\x1b", 0755, "dash-one");
	verify_oci(v);
	assert_found(v, "/bin/\\xff\\u{1b}", "shell", "violation");
}

static void many_findings_are_cut_and_counted(void **state)
{
	struct verifying *v = *state;

	for (int i = 0; i < 10001; i++) {
		char path[16];

		snprintf(path, sizeof(path), "a%05d", i);
		set_mode(layer(v), tar_add_file(layer(v), path, ""), 04755);
	}
	add_program(v, "z", 0755, "dash-one");
	verify_oci(v);
	assert_findings(v, 10000);
	assert_found(v, "/z", "shell", "violation");
	assert_found(v, "/a09998", "setuid", "note");
	assert_null(finding_of(v, "/a09999", "setuid"));
	assert_int_equal(json_integer_value(json_object_get(image_of(v), "findings_left_out")), 2);
	assert_int_equal(
		json_integer_value(json_object_get(json_object_get(image_of(v), "counts"), "note")),
		10001);
}

static void many_names_of_a_file_are_cut_and_counted(void **state)
{
	struct verifying *v = *state;
	const json_t *finding;

	add_program(v, "bin/dash", 0755, "dash-one");
	for (int i = 0; i < 3000; i++) {
		char path[16];

		snprintf(path, sizeof(path), "l%05d", i);
		add_symlink(v, path, "bin/dash");
	}
	verify_oci(v);
	finding = assert_found(v, "/bin/dash", "shell", "violation");
	assert_int_equal(json_integer_value(json_object_get(finding, "links_count")), 3000);
	assert_int_equal(json_array_size(json_object_get(finding, "links")), 1024);
}

static void findings_are_in_order(void **state)
{
	struct verifying *v = *state;
	const json_t *list;

	add_program(v, "z", 0755, "dash-one");
	add_program(v, "b", 04755, "dash-one");
	add_program(v, "a", 0755, "dash-one");
	next_layer(v);
	add_text(v, ".wh.a", "");
	verify_oci(v);
	list = json_object_get(image_of(v), "findings");
	assert_findings(v, 4);
	assert_string_equal(text_of(json_array_get(list, 0), "path"), "/b");
	assert_string_equal(text_of(json_array_get(list, 0), "class"), "shell");
	assert_string_equal(text_of(json_array_get(list, 1), "class"), "setuid");
	assert_string_equal(text_of(json_array_get(list, 2), "path"), "/z");
	assert_string_equal(text_of(json_array_get(list, 3), "path"), "/a");
}

/* ---- what is around it ---- */

static void assert_user(struct verifying *v, const char *config, int uid, bool is_root)
{
	const json_t *user;

	v->config = config;
	add_text(
		v, "etc/passwd", "root:x:0:0::/:/x\ntoor:x:0:0\nweb:x:1000:1000::/:/x\nbad:x:y:\n");
	verify_oci(v);
	user = json_object_get(image_of(v), "user");
	assert_int_equal(json_is_integer(json_object_get(user, "uid"))
				 ? json_integer_value(json_object_get(user, "uid"))
				 : -1,
		uid);
	assert_int_equal(json_is_true(json_object_get(user, "root")), is_root);
}

static void user_is_root_when_nobody_says(void **state)
{
	assert_user(*state, "", 0, true);
}

static void user_is_looked_up_in_the_image(void **state)
{
	assert_user(*state, "\"User\":\"web:web\"", 1000, false);
}

static void user_with_the_number_of_root_is_root(void **state)
{
	assert_user(*state, "\"User\":\"toor\"", 0, true);
}

static void user_may_be_a_number(void **state)
{
	assert_user(*state, "\"User\":\"65532:65532\"", 65532, false);
}

static void user_may_be_unknown(void **state)
{
	assert_user(*state, "\"User\":\"bad\"", -1, false);
}

static const json_t *start_at(const struct verifying *v, size_t index)
{
	return json_array_get(json_object_get(image_of(v), "starts"), index);
}

static void program_that_starts_is_found_by_path(void **state)
{
	struct verifying *v = *state;

	v->config = "\"Entrypoint\":[\"app\"],\"Cmd\":[\"-x\"],\"Env\":[\"PATH=/none:/opt\"]";
	add_program(v, "srv/app", 0755, "nothing");
	add_symlink(v, "opt/app", "../srv/app");
	verify_oci(v);
	assert_string_equal(text_of(start_at(v, 0), "kind"), "entrypoint");
	assert_string_equal(text_of(start_at(v, 0), "path"), "/srv/app");
	assert_true(json_is_true(json_object_get(start_at(v, 0), "runs")));
	assert_int_equal(json_array_size(json_object_get(start_at(v, 0), "argv")), 2);
}

static void relative_program_is_in_the_working_directory(void **state)
{
	struct verifying *v = *state;

	v->config = "\"Cmd\":[\"./app\"],\"WorkingDir\":\"/srv\"";
	add_program(v, "srv/app", 0755, "dash-one");
	verify_oci(v);
	assert_string_equal(text_of(start_at(v, 0), "kind"), "cmd");
	assert_string_equal(text_of(start_at(v, 0), "path"), "/srv/app");
	assert_string_equal(text_of(start_at(v, 0), "program"), "dash");
}

static void shell_form_does_not_run_without_a_shell(void **state)
{
	struct verifying *v = *state;

	v->config = "\"Cmd\":[\"/bin/sh\",\"-c\",\"app\"],"
		    "\"Healthcheck\":{\"Test\":[\"CMD-SHELL\",\"curl x\"]}";
	add_program(v, "app", 0755, "nothing");
	verify_oci(v);
	for (size_t i = 0; i < 2; i++) {
		assert_true(json_is_true(json_object_get(start_at(v, i), "shell_form")));
		assert_string_equal(text_of(start_at(v, i), "obstacle"),
			"the shell is not in the image: /bin/sh");
	}
	assert_string_equal(text_of(start_at(v, 1), "kind"), "healthcheck");
}

static void obstacles_are_told(void **state)
{
	static const struct {
		const char *config, *obstacle;
	} cases[] = {
		{"\"Cmd\":[\"none\"]", "the program is not in the image: none"},
		{"\"Cmd\":[\"/etc\"]", "it is no file: /etc"},
		{"\"Cmd\":[\"/data\"]", "it is not executable: /data"},
		{"\"Cmd\":[\"/run\"]", "what reads the script is not in the image: /bin/python"},
		{"\"Cmd\":[\"\"]", "the program is not in the image: "},
	};
	struct verifying *v = *state;
	size_t at;

	tar_add_directory(layer(v), "etc");
	add_text(v, "data", "x");
	at = tar_add_file(layer(v), "run", "#!/bin/python\n");
	set_mode(layer(v), at, 0755);
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		v->config = cases[i].config;
		layout_clear(v->layout);
		verify_oci(v);
		assert_string_equal(text_of(start_at(v, 0), "obstacle"), cases[i].obstacle);
	}
}

static void health_check_may_be_none(void **state)
{
	struct verifying *v = *state;

	v->config = "\"Healthcheck\":{\"Test\":[\"NONE\"]}";
	verify_oci(v);
	assert_int_equal(json_array_size(json_object_get(image_of(v), "starts")), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		VERIFY_TEST(image_without_shell_is_bare),
		VERIFY_TEST(shell_is_found_whatever_its_name_and_mode),
		VERIFY_TEST(name_alone_is_not_what_bytes_refute),
		VERIFY_TEST(name_tells_where_bytes_cannot),
		VERIFY_TEST(all_names_of_a_file_are_told),
		VERIFY_TEST(link_gives_a_file_its_name),
		VERIFY_TEST(busybox_with_a_shell_is_a_violation),
		VERIFY_TEST(busybox_without_a_shell_is_a_note),
		VERIFY_TEST(multicall_binary_without_a_table_is_told_by_its_links),
		VERIFY_TEST(multicall_binary_that_is_linked_as_a_shell_is_one),
		VERIFY_TEST(multicall_binary_with_the_bytes_of_a_shell_is_one),
		VERIFY_TEST(deleted_shell_is_a_leak),
		VERIFY_TEST(leak_can_be_a_violation),
		VERIFY_TEST(package_database_matters_with_its_package_manager),
		VERIFY_TEST(package_database_alone_is_a_note),
		VERIFY_TEST(version_is_that_of_the_package),
		VERIFY_TEST(version_is_found_in_the_records_of_apk_and_of_distroless_images),
		VERIFY_TEST(permissions_are_notes),
		VERIFY_TEST(path_of_the_configuration_says_which_directories_count),
		VERIFY_TEST(packed_program_leaves_the_answer_open),
		VERIFY_TEST(violation_is_one_beside_what_is_open),
		VERIFY_TEST(allowed_file_is_told_with_its_reason),
		VERIFY_TEST(fail_on_makes_a_class_a_violation),
		VERIFY_TEST(name_that_is_not_utf8_is_escaped),
		VERIFY_TEST(many_findings_are_cut_and_counted),
		VERIFY_TEST(many_names_of_a_file_are_cut_and_counted),
		VERIFY_TEST(findings_are_in_order),
		VERIFY_TEST(user_is_root_when_nobody_says),
		VERIFY_TEST(user_is_looked_up_in_the_image),
		VERIFY_TEST(user_with_the_number_of_root_is_root),
		VERIFY_TEST(user_may_be_a_number),
		VERIFY_TEST(user_may_be_unknown),
		VERIFY_TEST(program_that_starts_is_found_by_path),
		VERIFY_TEST(relative_program_is_in_the_working_directory),
		VERIFY_TEST(shell_form_does_not_run_without_a_shell),
		VERIFY_TEST(obstacles_are_told),
		VERIFY_TEST(health_check_may_be_none),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
