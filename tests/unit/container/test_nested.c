/* SPDX-License-Identifier: Apache-2.0 */
/* Claims about agent/container/nested.c. The scratch directory is an outer container's root. */
#include "state_fixture.h"

#include <errno.h>

#include "container/nested.h"

static void engines_files_are_found_at_their_usual_places(void **state)
{
	static const struct {
		const char *file, *text, *name;
		enum container_runtime runtime;
	} cases[] = {
		{"var/lib/docker/containers/" ID "/config.v2.json", "{\"Name\":\"/a\"}", "a",
			CONTAINER_RUNTIME_DOCKER},
		{"run/containerd/io.containerd.runtime.v2.task/k8s.io/" ID "/config.json",
			"{\"annotations\":{\"io.kubernetes.cri.container-name\":\"b\"}}", "b",
			CONTAINER_RUNTIME_CONTAINERD},
		{"run/k3s/containerd/io.containerd.runtime.v2.task/k8s.io/" ID "/config.json",
			"{\"annotations\":{\"io.kubernetes.cri.container-name\":\"c\"}}", "c",
			CONTAINER_RUNTIME_CONTAINERD},
		{"var/lib/containers/storage/overlay-containers/containers.json",
			"[{\"id\":\"" ID "\",\"names\":[\"d\"]}]", NULL, CONTAINER_RUNTIME_UNKNOWN},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		CLEANUP_STATE_FIXTURE struct state_fixture f;

		state_fixture_init(&f);
		assert_false(nested_read_below(&f.container, f.s.root));
		scratch_write_text(&f.s, cases[i].file, cases[i].text);
		assert_int_equal(nested_read_below(&f.container, f.s.root), !!cases[i].name);
		assert_int_equal(f.container.runtime, cases[i].runtime);
		if (cases[i].name)
			assert_string_equal(f.container.name, cases[i].name);
	}
}

/* They would be taken for the host's. */
static void paths_and_processes_of_the_outer_container_are_left_out(void **state)
{
	CLEANUP_STATE_FIXTURE struct state_fixture f;
	char target[64], config[256];

	(void)state;
	state_fixture_init(&f);
	snprintf(target, sizeof(target), "/proc/%d/ns/pid", (int)getpid());
	snprintf(config, sizeof(config),
		"{\"process\":{\"args\":[\"/app\"]},\"root\":{\"path\":\"/\"},"
		"\"linux\":{\"namespaces\":[{\"type\":\"pid\",\"path\":\"%s\"}]}}",
		target);
	scratch_write_text(&f.s, "run/" CRI_TASK ID "/config.json", config);
	assert_true(nested_read_below(&f.container, f.s.root));
	assert_string_equal(f.container.entrypoint, "/app");
	assert_null(f.container.rootfs);
	assert_null(f.container.bundle);
	assert_null(f.container.pid_target);
	assert_false(f.container.is_ephemeral);
}

static void links_of_the_outer_container_are_not_followed(void **state)
{
	CLEANUP_STATE_FIXTURE struct state_fixture f;
	char file[PATH_MAX];

	(void)state;
	state_fixture_init(&f);
	scratch_write_text(&f.s, "elsewhere/config.v2.json", "{\"Name\":\"/a\"}");
	scratch_mkdir(&f.s, "var/lib/docker/containers");
	snprintf(file, sizeof(file), "%s", scratch_path(&f.s, "elsewhere"));
	assert_int_equal(symlink(file, scratch_path(&f.s, "var/lib/docker/containers/" ID)), 0);
	assert_false(nested_read_below(&f.container, f.s.root));
	assert_int_equal(unlink(scratch_path(&f.s, "var/lib/docker/containers/" ID)), 0);
	assert_int_equal(symlink("../../../../elsewhere",
				 scratch_path(&f.s, "var/lib/docker/containers/" ID)),
		0);
	assert_false(nested_read_below(&f.container, f.s.root));
}

static void only_local_file_systems_are_read(void **state)
{
	static const struct {
		const char *type, *mount_point;
		bool may_block;
	} cases[] = {
		{"overlay", "/", false},
		{"ext4", "/var/lib/docker", false},
		{"tmpfs", "/run", false},
		{"fuse", "/", true},
		{"fuse.fuse-overlayfs", "/", true},
		{"nfs4", "/var", true},
		{"fuse", "/var/lib/docker", true},
		{"fuse", "/var/lib/docker/containers/x", true},
		{"9p", "/run/containerd", true},
		{"autofs", "/run/k3s", true},
		{"fuse", "/var/lib/dockers", false},
		{"fuse", "/mnt", false},
		{"proc", "/proc", false},
		/* where engines put the roots of their containers together */
		{"fuse.fuse-overlayfs", "/var/lib/containers/storage/overlay/x/merged", false},
		{"fuse.fuse-overlayfs", "/var/lib/containers/storage/overlay-images", true},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++)
		if (nested_mount_may_block(cases[i].type, cases[i].mount_point) !=
			cases[i].may_block)
			fail_msg("%s at %s", cases[i].type, cases[i].mount_point);
}

/* A container without a mount namespace, or a runtime that is not there yet. */
static void root_directory_of_the_host_is_no_containers(void **state)
{
	(void)state;
	assert_int_equal(nested_root_open(getpid(), "/"), -EXDEV);
	assert_int_equal(nested_root_open(INT_MAX, "/"), -ENOENT);
}

static void container_without_processes_has_nothing_nested(void **state)
{
	struct cgroup_hierarchies none = CGROUP_HIERARCHIES_INIT;
	struct container outer = {.id = OTHER, .cgroup_path = (char *)"/docker/" OTHER};
	struct container inner = {.id = ID};

	(void)state;
	assert_false(container_read_nested(&inner, &outer, &none));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(engines_files_are_found_at_their_usual_places),
		cmocka_unit_test(paths_and_processes_of_the_outer_container_are_left_out),
		cmocka_unit_test(links_of_the_outer_container_are_not_followed),
		cmocka_unit_test(only_local_file_systems_are_read),
		cmocka_unit_test(root_directory_of_the_host_is_no_containers),
		cmocka_unit_test(container_without_processes_has_nothing_nested),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
