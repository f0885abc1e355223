/* SPDX-License-Identifier: Apache-2.0 */
/* Claims about agent/rule/field.c. */
#include "rules_fixture.h"

#include <fcntl.h>

#include "base/io.h"
#include "base/strbuf.h"
#include "rule/field.h"
#include "subject_fixture.h"

/* Writes the value of FIELD as a test would. */
static void value_write(const char *name, const struct subject *subject, struct strbuf *out)
{
	const struct field *field = field_find(slice_of(name));
	struct field_scratch scratch;
	struct value value;

	if (!field)
		fail_msg("no field %s", name);
	value = field_value(field, subject, &scratch);
	if (value.type == VALUE_TEXT)
		strbuf_add_slice(out, value.text);
	else if (value.type == VALUE_NUMBER && value.number < 0)
		strbuf_addf(out, "-%llu", (unsigned long long)-value.number);
	else if (value.type == VALUE_NUMBER)
		strbuf_addf(out, "%llu", (unsigned long long)value.number);
	else if (value.type == VALUE_BOOL)
		strbuf_add_text(out, value.truth ? "true" : "false");
	else if (value.type == VALUE_ARGS)
		strbuf_addf(out, "[%zu bytes]", value.args->bytes.len);
	else
		strbuf_add_text(out, value.type == VALUE_NONE ? "<none>" : "<unknown>");
}

static void assert_value(
	const char *name, const struct subject *subject, const char *kind, const char *expected)
{
	CLEANUP_STRBUF struct strbuf out = STRBUF_INIT;

	value_write(name, subject, &out);
	if (strcmp(strbuf_text(&out), expected) != 0)
		fail_msg("%s of an %s is '%s', not '%s'", name, kind, strbuf_text(&out), expected);
}

static const struct {
	const char *name, *exec, *attempt, *mapping, *move;
} values[] = {
	{"evt.subject", "exec", "attempt", "mapping", "move"},
	{"evt.type", "execve", "execve", "mprotect", "<unknown>"},
	{"evt.res", "SUCCESS", "ENOENT", "SUCCESS", "<unknown>"},
	{"evt.rawres", "0", "-2", "0", "<unknown>"},
	{"proc.name", "sh", "java", "java", "sh"},
	{"proc.exepath", "/usr/bin/dash", "/opt/java/bin/java", "/opt/java/bin/java",
		"/usr/bin/dash"},
	{"proc.exe", "sh", "<unknown>", "<unknown>", "<unknown>"},
	{"proc.cmdline", "sh -c id; ls", "<unknown>", "<unknown>", "<unknown>"},
	{"proc.args", "-c id; ls", "<unknown>", "<unknown>", "<unknown>"},
	{"proc.argv", "[13 bytes]", "<unknown>", "<unknown>", "<unknown>"},
	{"proc.pid", "4711", "4711", "4711", "4711"},
	{"proc.tid", "4712", "4712", "4712", "4712"},
	{"proc.ppid", "4700", "4700", "4700", "4700"},
	{"proc.pname", "java", "tini", "java", "java"},
	{"proc.pexepath", "/opt/java/bin/java", "/sbin/tini", "/sbin/tini", "/opt/java/bin/java"},
	{"proc.aname[1]", "java", "<unknown>", "<unknown>", "java"},
	{"proc.aexepath[1]", "/opt/java/bin/java", "<unknown>", "<unknown>", "/opt/java/bin/java"},
	{"proc.apid[1]", "4700", "<unknown>", "<unknown>", "4700"},
	{"proc.aname[2]", "tini", "<unknown>", "<unknown>", "tini"},
	{"proc.aexepath[2]", "<unknown>", "<unknown>", "<unknown>", "<unknown>"},
	{"proc.apid[2]", "4600", "<unknown>", "<unknown>", "4600"},
	{"proc.aname[3]", "<unknown>", "<unknown>", "<unknown>", "<unknown>"},
	{"proc.aexepath[3]", "<unknown>", "<unknown>", "<unknown>", "<unknown>"},
	{"proc.apid[3]", "<unknown>", "<unknown>", "<unknown>", "<unknown>"},
	{"proc.aname[4]", "<unknown>", "<unknown>", "<unknown>", "<unknown>"},
	{"proc.aexepath[4]", "<unknown>", "<unknown>", "<unknown>", "<unknown>"},
	{"proc.apid[4]", "<unknown>", "<unknown>", "<unknown>", "<unknown>"},
	{"proc.aname[5]", "<unknown>", "<unknown>", "<unknown>", "<unknown>"},
	{"proc.aexepath[5]", "<unknown>", "<unknown>", "<unknown>", "<unknown>"},
	{"proc.apid[5]", "<unknown>", "<unknown>", "<unknown>", "<unknown>"},
	{"proc.aname[6]", "<unknown>", "<unknown>", "<unknown>", "<unknown>"},
	{"proc.aexepath[6]", "<unknown>", "<unknown>", "<unknown>", "<unknown>"},
	{"proc.apid[6]", "<unknown>", "<unknown>", "<unknown>", "<unknown>"},
	{"proc.aname[7]", "<unknown>", "<unknown>", "<unknown>", "<unknown>"},
	{"proc.aexepath[7]", "<unknown>", "<unknown>", "<unknown>", "<unknown>"},
	{"proc.apid[7]", "<unknown>", "<unknown>", "<unknown>", "<unknown>"},
	{"proc.aname[8]", "<unknown>", "<unknown>", "<unknown>", "<unknown>"},
	{"proc.aexepath[8]", "<unknown>", "<unknown>", "<unknown>", "<unknown>"},
	{"proc.apid[8]", "<unknown>", "<unknown>", "<unknown>", "<unknown>"},
	{"proc.ancestors", "java<tini", "<unknown>", "<unknown>", "java<tini"},
	{"proc.sid", "7", "<unknown>", "<unknown>", "7"},
	{"proc.sname", "<unknown>", "<unknown>", "<unknown>", "<unknown>"},
	{"proc.sid.exepath", "<unknown>", "<unknown>", "<unknown>", "<unknown>"},
	{"proc.vpgid", "8", "<unknown>", "<unknown>", "8"},
	{"proc.pgid", "4711", "<unknown>", "<unknown>", "4711"},
	{"proc.vpgid.name", "sh", "<unknown>", "<unknown>", "sh"},
	{"proc.vpgid.exepath", "/usr/bin/dash", "<unknown>", "<unknown>", "/usr/bin/dash"},
	{"proc.cwd", "/srv", "/srv", "<unknown>", "<unknown>"},
	{"proc.tty_name", "pts0", "pts0", "pts0", "pts0"},
	{"proc.tracer", "0", "0", "0", "0"},
	{"proc.is_exe_from_memfd", "false", "<unknown>", "<unknown>", "<unknown>"},
	{"user.uid", "1000", "1000", "1000", "1000"},
	{"user.euid", "0", "0", "0", "0"},
	{"user.loginuid", "-1", "-1", "-1", "-1"},
	{"group.gid", "1001", "1001", "1001", "1001"},
	{"proc.entry", "runtime-exec", "<unknown>", "<unknown>", "<unknown>"},
	{"container.id", "aaaaaaaaaaaa", "aaaaaaaaaaaa", "aaaaaaaaaaaa", "aaaaaaaaaaaa"},
	{"container.full_id", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
		"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
		"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
		"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"},
	{"container.outer_id", "cccc", "cccc", "cccc", "cccc"},
	{"container.outer_name", "node", "node", "node", "node"},
	{"container.name", "web", "web", "web", "web"},
	{"container.image", "registry.example/web:1.2", "registry.example/web:1.2",
		"registry.example/web:1.2", "registry.example/web:1.2"},
	{"container.image.id", "sha256:1", "sha256:1", "sha256:1", "sha256:1"},
	{"container.image.digest", "web@sha256:2", "web@sha256:2", "web@sha256:2", "web@sha256:2"},
	{"container.entrypoint", "/bin/app --motd 'a b'", "/bin/app --motd 'a b'",
		"/bin/app --motd 'a b'", "/bin/app --motd 'a b'"},
	{"container.rootfs", "/run/x/rootfs", "/run/x/rootfs", "/run/x/rootfs", "/run/x/rootfs"},
	{"container.privileged", "true", "true", "true", "true"},
	{"container.user_namespace", "false", "false", "false", "false"},
	{"container.created_ts", "1795433868123456789", "1795433868123456789",
		"1795433868123456789", "1795433868123456789"},
	{"container.labels", "tier:front, empty", "tier:front, empty", "tier:front, empty",
		"tier:front, empty"},
	{"k8s.pod.name", "p-7d9f", "p-7d9f", "p-7d9f", "p-7d9f"},
	{"k8s.ns.name", "shop", "shop", "shop", "shop"},
	{"k8s.pod.uid", "3c7c1e5e", "3c7c1e5e", "3c7c1e5e", "3c7c1e5e"},
	{"k8s.pod.sandbox_id", "bbbb", "bbbb", "bbbb", "bbbb"},
	{"k8s.pod.labels", "app:web", "app:web", "app:web", "app:web"},
	{"container.runtime", "docker", "docker", "docker", "docker"},
	{"container.bare", "true", "true", "true", "true"},
	{"container.bare_source", "option", "option", "option", "option"},
	{"exe.class", "shell", "shell", "other", "<unknown>"},
	{"exe.program", "dash", "bash", "x.so", "<unknown>"},
	{"exe.applet", "<none>", "<none>", "<none>", "<unknown>"},
	{"exe.class_source", "content", "name", "name", "<unknown>"},
	{"exe.origin", "image", "<unknown>", "<unknown>", "<unknown>"},
	{"exe.foreign", "false", "<unknown>", "<unknown>", "<unknown>"},
	{"exe.layer", "3", "<unknown>", "<unknown>", "<unknown>"},
	{"exe.script_origin", "<none>", "<unknown>", "<unknown>", "<unknown>"},
	{"exe.sha256", "01fe000000000000000000000000000000000000000000000000000000000000",
		"<unknown>", "<unknown>", "<unknown>"},
	{"exe.build_id", "0aff", "<unknown>", "<unknown>", "<unknown>"},
	{"exe.invoked", "/bin/sh", "/bin/bash", "<unknown>", "<unknown>"},
	{"exe.resolved", "/usr/bin/dash", "<unknown>", "/tmp/x.so", "<unknown>"},
	{"exe.loads", "<none>", "<unknown>", "<unknown>", "<unknown>"},
	{"exe.ino", "18364758544493064720", "<unknown>", "4711", "<unknown>"},
	{"exe.dev", "8:1", "<unknown>", "0:0", "<unknown>"},
	{"exe.size", "125688", "<unknown>", "8192", "<unknown>"},
	{"exe.nlink", "1", "<unknown>", "1", "<unknown>"},
	{"exe.mode", "0755", "<unknown>", "0000", "<unknown>"},
	{"exe.deleted", "false", "<unknown>", "false", "<unknown>"},
	{"exe.memfd", "false", "<unknown>", "false", "<unknown>"},
	{"exe.setuid", "false", "<unknown>", "false", "<unknown>"},
	{"exe.script", "false", "<unknown>", "<unknown>", "<unknown>"},
	{"exe.truncated", "false", "false", "false", "<unknown>"},
	{"attempt.cause", "<unknown>", "exec", "<unknown>", "<unknown>"},
	{"attempt.errno", "<unknown>", "ENOENT", "<unknown>", "<unknown>"},
	{"attempt.call", "<unknown>", "execve", "<unknown>", "<unknown>"},
	{"attempt.tried", "<unknown>", "<unknown>", "<unknown>", "<unknown>"},
	{"attempt.asked", "<unknown>", "/bin/bash", "<unknown>", "<unknown>"},
	{"attempt.args", "<unknown>", "-i", "<unknown>", "<unknown>"},
	{"attempt.argv", "<unknown>", "[8 bytes]", "<unknown>", "<unknown>"},
	{"move.to", "<unknown>", "<unknown>", "<unknown>", "/"},
	{"move.how", "<unknown>", "<unknown>", "<unknown>", "attach"},
	{"move.by_pid", "<unknown>", "<unknown>", "<unknown>", "4711"},
	{"move.by_name", "<unknown>", "<unknown>", "<unknown>", "sh"},
	{"attempt.repeats", "<unknown>", "<unknown>", "<unknown>", "<unknown>"},
	{"mapping.shared", "<unknown>", "<unknown>", "false", "<unknown>"},
	{"mapping.writable", "<unknown>", "<unknown>", "true", "<unknown>"},
};

/* What the subjects of most tests do not have: a pod, and all that its engine's files tell. */
static void put_into_pod(struct subject_fixture *f)
{
	static struct container_pair labels[] = {{(char *)"tier", "front"}, {(char *)"empty", ""}};
	static struct container_pair pod_labels[] = {{(char *)"app", "web"}};

	f->container.outer_id = (char *)"cccc";
	f->container.outer_name = (char *)"node";
	f->container.image_id = (char *)"sha256:1";
	f->container.image_digest = (char *)"web@sha256:2";
	f->container.entrypoint = (char *)"/bin/app --motd 'a b'";
	f->container.rootfs = (char *)"/run/x/rootfs";
	container_learn_number(&f->container, CONTAINER_PRIVILEGED, 1, "test");
	container_learn_number(&f->container, CONTAINER_USER_NAMESPACE, 0, "test");
	container_learn_number(&f->container, CONTAINER_CREATED_NS, 1795433868123456789, "test");
	f->container.pod_name = (char *)"p-7d9f";
	f->container.pod_namespace = (char *)"shop";
	f->container.pod_uid = (char *)"3c7c1e5e";
	f->container.sandbox_id = (char *)"bbbb";
	f->container.labels = (struct container_map){labels, .count = 2, .source = "test"};
	f->container.pod_labels = (struct container_map){pod_labels, .count = 1, .source = "test"};
	f->subject.entry = CONTAINER_ENTRY_RUNTIME_EXEC;
}

static void every_field_has_its_value_for_each_kind(void **state)
{
	struct subject_fixture exec, attempt, mapping, move;

	(void)state;
	fixture_exec(&exec);
	fixture_attempt(&attempt);
	fixture_mapping(&mapping);
	fixture_move(&move);
	put_into_pod(&exec);
	put_into_pod(&attempt);
	put_into_pod(&mapping);
	put_into_pod(&move);
	for (size_t i = 0; i < ARRAY_SIZE(values); i++) {
		assert_value(values[i].name, &exec.subject, "exec", values[i].exec);
		assert_value(values[i].name, &attempt.subject, "attempt", values[i].attempt);
		assert_value(values[i].name, &mapping.subject, "mapping", values[i].mapping);
		assert_value(values[i].name, &move.subject, "move", values[i].move);
	}
}

/* Where a search by a runtime differs from a call that failed. */
static void search_of_a_runtime_is_an_attempt_without_a_call(void **state)
{
	static const char *const expected[][2] = {
		{"evt.subject", "attempt"},
		{"evt.type", "<none>"},
		{"evt.res", "ENOENT"},
		{"evt.rawres", "-2"},
		{"proc.name", "runc:[2:INIT]"},
		{"proc.pname", "runc"},
		{"proc.exepath", "<unknown>"},
		{"proc.pexepath", "<unknown>"},
		{"proc.entry", "runtime-exec"},
		{"exe.class", "shell"},
		{"exe.program", "bash"},
		{"exe.invoked", "bash"},
		{"attempt.cause", "runtime_lookup"},
		{"attempt.errno", "ENOENT"},
		{"attempt.call", "<none>"},
		{"attempt.tried", "[24 bytes]"},
		{"attempt.asked", "bash"},
		{"attempt.args", "-i"},
		{"attempt.argv", "[8 bytes]"},
	};
	struct subject_fixture f;

	(void)state;
	fixture_lookup(&f);
	for (size_t i = 0; i < ARRAY_SIZE(expected); i++)
		assert_value(expected[i][0], &f.subject, "attempt", expected[i][1]);
}

/* A follow-up to an alert: it has no event. */
static void repeats_have_a_number_and_a_container(void **state)
{
	struct subject_fixture f;

	(void)state;
	fixture_init(&f, SUBJECT_REPEATS);
	f.subject.event = NULL;
	f.subject.repeats = 998;
	assert_value("attempt.repeats", &f.subject, "follow-up", "998");
	assert_value("container.name", &f.subject, "follow-up", "web");
	assert_value("proc.name", &f.subject, "follow-up", "<unknown>");
	assert_value("evt.subject", &f.subject, "follow-up", "<unknown>");
}

static void no_field_is_left_out_of_the_test_above(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(values); i++)
		assert_string_equal(field_at(i)->name, values[i].name);
	assert_null(field_at(ARRAY_SIZE(values)));
}

static void rows_are_complete(void **state)
{
	const struct field *field;

	(void)state;
	for (size_t i = 0; (field = field_at(i)); i++) {
		assert_ptr_equal(field_find(slice_of(field->name)), field);
		assert_true(strlen(field->description) > 0);
		assert_non_null(strchr(field->name, '.'));
		assert_int_not_equal(field->kinds, 0);
		assert_string_not_equal(field_type_name(field->type), "nothing");
	}
}

/* Run from the top of the tree. */
static void every_field_is_documented(void **state)
{
	CLEANUP_FREE char *text = NULL;
	const struct field *field;
	size_t size;

	(void)state;
	assert_int_equal(read_file_at(AT_FDCWD, "rules/README.md", 1 << 20, &text, &size), 0);
	for (size_t i = 0; (field = field_at(i)); i++) {
		char name[64], row[256], *digit;

		snprintf(name, sizeof(name), "%s", field->name);
		digit = strchr(name, '[');
		if (digit) /* one row for all ancestors */
			digit[1] = 'N';
		snprintf(row, sizeof(row), "| `%s` |", name);
		if (!strstr(text, row) || !strstr(text, field->description))
			fail_msg("rules/README.md lacks %s: %s", field->name, field->description);
	}
}

static void unknown_name_is_no_field_and_gets_a_suggestion(void **state)
{
	struct diag d = {.message = "x"};

	(void)state;
	assert_null(field_find(slice_of("proc.nam")));
	assert_null(field_find(slice_of("")));
	field_suggest(&d, "proc.nam");
	assert_string_equal(d.message, "x: did you mean 'proc.name'?");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_field_has_its_value_for_each_kind),
		cmocka_unit_test(search_of_a_runtime_is_an_attempt_without_a_call),
		cmocka_unit_test(repeats_have_a_number_and_a_container),
		cmocka_unit_test(no_field_is_left_out_of_the_test_above),
		cmocka_unit_test(rows_are_complete),
		cmocka_unit_test(every_field_is_documented),
		cmocka_unit_test(unknown_name_is_no_field_and_gets_a_suggestion),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
