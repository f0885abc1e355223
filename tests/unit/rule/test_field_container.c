/* SPDX-License-Identifier: Apache-2.0 */
/* Claims about agent/rule/field/container.c, and the readers of its fields. */
#include "field_fixture.h"

/* clang-format off */
static const struct field_case cases[] = {
	{"container.id", SAME("aaaaaaaaaaaa")},
	{"container.full_id", SAME("aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa")},
	{"container.outer_id", SAME("cccc")},
	{"container.outer_name", SAME("node")},
	{"container.name", SAME("web")},
	{"container.image", SAME("registry.example/web:1.2")},
	{"container.image.repository", SAME("registry.example/web")},
	{"container.image.tag", SAME("1.2")},
	{"container.image.id", SAME("sha256:1")},
	{"container.image.digest", SAME("sha256:2")},
	{"container.entrypoint", SAME("/bin/app --motd 'a b'")},
	{"container.healthcheck", SAME("<none>")},
	{"container.rootfs", SAME("/run/x/rootfs")},
	{"container.privileged", SAME("true")},
	{"container.user_namespace", SAME("false")},
	{"container.created_ts", SAME("1795433868123456789")},
	{"container.start_ts", SAME("1795433868000000000")},
	{"container.duration", SAME("123456789")},
	{"container.labels", SAME("tier:front, empty")},
	{"container.label[tier]", SAME("front")},
	{"container.type", SAME("docker")},
	{"container.runtime", SAME("docker")},
	{"container.is_pod_sandbox", SAME("false")},
	{"container.bare", SAME("true")},
	{"container.bare_source", SAME("option")},
	{"k8s.pod.name", SAME("p-7d9f")},
	{"k8s.ns.name", SAME("shop")},
	{"k8s.pod.uid", SAME("3c7c1e5e")},
	{"k8s.pod.id", SAME("3c7c1e5e")},
	{"k8s.pod.sandbox_id", SAME("bbbbbbbbbbbb")},
	{"k8s.pod.full_sandbox_id", SAME("bbbbbbbbbbbbbbbb")},
	{"k8s.pod.labels", SAME("app:web")},
	{"k8s.pod.label[app]", SAME("web")},
};
/* clang-format on */

static void every_field_has_its_value_for_each_kind(void **state)
{
	static const struct field_class *const classes[] = {
		&field_class_container, &field_class_k8s};

	(void)state;
	assert_classes(classes, ARRAY_SIZE(classes), cases, ARRAY_SIZE(cases));
}

static void image_reference_has_parts(void **state)
{
	static const char *const images[][3] = {
		{"nginx", "nginx", "latest"},
		{"nginx:1.25", "nginx", "1.25"},
		{"registry.example:5000/a/b", "registry.example:5000/a/b", "latest"},
		{"registry.example:5000/a/b:x", "registry.example:5000/a/b", "x"},
		{"a/b@sha256:12", "a/b", "<none>"},
		{"a/b:x@sha256:12", "a/b", "x"},
		{"sha256:12", UNKNOWN, UNKNOWN},
		{"0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef", UNKNOWN,
			UNKNOWN},
		{"0123456789abcdef", "0123456789abcdef", "latest"},
		{"@sha256:12", UNKNOWN, UNKNOWN},
		{":x", UNKNOWN, UNKNOWN},
	};
	struct subject_fixture f;

	(void)state;
	fixture_exec(&f);
	for (size_t i = 0; i < ARRAY_SIZE(images); i++) {
		f.container.image = (char *)images[i][0];
		assert_field("container.image.repository", &f.subject, images[i][1]);
		assert_field("container.image.tag", &f.subject, images[i][2]);
	}
	f.container.image = NULL;
	assert_field("container.image.tag", &f.subject, UNKNOWN);
	f.container.image_digest = (char *)"sha256:3";
	assert_field("container.image.digest", &f.subject, "sha256:3");
}

static void label_is_none_when_all_are_known(void **state)
{
	struct subject_fixture f;

	(void)state;
	fixture_exec(&f);
	assert_field("container.label[tier]", &f.subject, UNKNOWN);
	put_into_pod(&f);
	assert_field("container.label[empty]", &f.subject, "");
	assert_field("container.label.tier", &f.subject, "front");
	assert_field("container.label[no]", &f.subject, "<none>");
	f.container.labels.is_truncated = true;
	assert_field("container.label[no]", &f.subject, UNKNOWN);
	f.subject.container = NULL;
	assert_field("container.label[tier]", &f.subject, UNKNOWN);
}

static void process_outside_of_containers_is_the_hosts(void **state)
{
	static const char *const expected[][2] = {
		{"container.id", "host"},
		{"container.name", "host"},
		{"container.type", "host"},
		{"container.duration", UNKNOWN},
		{"container.healthcheck", UNKNOWN},
		{"container.is_pod_sandbox", UNKNOWN},
		{"container.image.repository", UNKNOWN},
		{"container.image.digest", UNKNOWN},
		{"k8s.pod.sandbox_id", UNKNOWN},
	};
	struct subject_fixture f;

	(void)state;
	fixture_exec(&f);
	f.subject.container = NULL;
	for (size_t i = 0; i < ARRAY_SIZE(expected); i++)
		assert_field(expected[i][0], &f.subject, expected[i][1]);
}

static void health_check_is_a_command(void **state)
{
	struct subject_fixture f;

	(void)state;
	fixture_exec(&f);
	assert_field("container.healthcheck", &f.subject, "<none>");
	f.container.is_incomplete = true;
	assert_field("container.healthcheck", &f.subject, UNKNOWN);
	assert_field("container.is_pod_sandbox", &f.subject, UNKNOWN);
	f.container.is_incomplete = false;
	f.container.checks[0] = (struct container_check){(char *)"/ok\0-q\0", 7, "test"};
	f.container.check_count = 1;
	assert_field("container.healthcheck", &f.subject, "/ok -q");
	f.container.pod_uid = (char *)"3c7c1e5e";
	assert_field("container.healthcheck", &f.subject, "<none>");
}

/* The engine's clock may be behind that of the kernel side. */
static void container_that_started_later_has_no_duration(void **state)
{
	struct subject_fixture f;

	(void)state;
	fixture_exec(&f);
	put_into_pod(&f);
	f.subject.wall_ns = f.container.started_ns - 1;
	assert_field("container.duration", &f.subject, UNKNOWN);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_field_has_its_value_for_each_kind),
		cmocka_unit_test(image_reference_has_parts),
		cmocka_unit_test(label_is_none_when_all_are_known),
		cmocka_unit_test(process_outside_of_containers_is_the_hosts),
		cmocka_unit_test(health_check_is_a_command),
		cmocka_unit_test(container_that_started_later_has_no_duration),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
