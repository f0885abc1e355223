/* SPDX-License-Identifier: Apache-2.0 */
/* Claims about agent/container/bundle.c: what a bundle's place tells, and what is read with it. */
#include "state_fixture.h"

#define TASK "io.containerd.runtime.v2.task"

static void assert_place(
	const char *bundle, const char *what, struct slice found, const char *expected)
{
	if (!slice_equal_text(found, expected))
		fail_msg("%s of %s is '%.*s', not '%s'", what, bundle, (int)found.len, found.data,
			expected);
}

static void places_of_bundles_tell_their_engines_roots(void **state)
{
	static const struct {
		const char *bundle, *rootfs, *id, *docker, *docker_exec, *podman, *containerd;
	} cases[] = {
		{"/run/containerd/" TASK "/k8s.io/" ID, "rootfs", ID, "", "", "",
			"/run/containerd"},
		{"/a/b/" TASK "/default/n1", "", "n1", "", "", "", "/a/b"},
		{"/run/docker/containerd/daemon/" TASK "/moby/" ID,
			"/var/lib/docker/overlay2/0a1b/merged", ID, "/var/lib/docker",
			"/run/docker", "", ""},
		{"/x/containerd/daemon/" TASK "/moby/" ID, "/srv/d/rootfs/overlayfs/" ID, ID,
			"/srv/d", "/x", "", ""},
		{"/x/containerd/daemon/" TASK "/moby/" ID, "/d/100000.100000/overlay2/l/merged", ID,
			"/d/100000.100000", "/x", "", ""},
		{"/x/containerd/daemon/" TASK "/moby/" ID, "/d/vfs/dir/l", ID, "/d", "/x", "", ""},
		{"/x/containerd/daemon/" TASK "/moby/" ID, "/d/btrfs/subvolumes/l", ID, "/d", "/x",
			"", ""},
		{"/x/containerd/daemon/" TASK "/moby/" ID, "/d/zfs/graph/l", ID, "/d", "/x", "",
			""},
		{"/x/containerd/daemon/" TASK "/moby/" ID, "/d/fuse-overlayfs/l/merged", ID, "/d",
			"/x", "", ""},
		{"/x/containerd/daemon/" TASK "/moby/" ID, "/elsewhere", ID, "", "/x", "", ""},
		/* with the system's containerd */
		{"/run/containerd/" TASK "/moby/" ID, "/d/overlay2/l/merged", ID, "/d", "", "",
			"/run/containerd"},
		/* another namespace of Docker's containerd */
		{"/x/containerd/daemon/" TASK "/plugins.moby/" ID, "/d/overlay2/l/merged", ID, "",
			"", "", "/x/containerd/daemon"},
		{"/g/overlay-containers/" ID "/userdata", "/g/overlay/l/merged", ID, "", "", "/g",
			""},
		{"/g/vfs-containers/" ID "/userdata", "/g/vfs/dir/l", ID, "", "", "/g", ""},
		/* CRI-O's copy in the runroot */
		{"/run/containers/storage/overlay-containers/" ID "/userdata",
			"/g/overlay/l/merged", ID, "", "", "/g", ""},
		{"/g/overlay-containers/" ID "/userdata", "/elsewhere", ID, "", "", "/g", ""},
		{"/g/overlay-containers/" ID "/userdata/", "", ID, "", "", "/g", ""},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		const char *bundle = cases[i].bundle;
		struct container_places p;

		if (!container_roots_from_bundle(slice_of(bundle), slice_of(cases[i].rootfs), &p))
			fail_msg("%s is no place of a bundle", bundle);
		assert_place(bundle, "id", p.id, cases[i].id);
		assert_place(bundle, "docker", p.docker, cases[i].docker);
		assert_place(bundle, "docker-exec", p.docker_exec, cases[i].docker_exec);
		assert_place(bundle, "podman", p.podman, cases[i].podman);
		assert_place(bundle, "containerd", p.containerd_state, cases[i].containerd);
	}
}

static void other_places_tell_nothing(void **state)
{
	static const char *const bundles[] = {
		"",
		"/",
		"relative/" TASK "/k8s.io/" ID,
		TASK "/k8s.io/" ID,
		"/" TASK "/k8s.io/" ID, /* no root */
		"/run/" TASK "/" ID,
		"/run/" TASK,
		"/run/io.containerd.runtime.v1.linux/k8s.io/" ID,
		"/run/../etc/" TASK "/k8s.io/" ID,
		"/run/./" TASK "/k8s.io/" ID,
		"/run/" TASK "/k8s.io/..",
		"/overlay-containers/" ID "/userdata",
		"/g/-containers/" ID "/userdata",
		"/g/overlay/" ID "/userdata",
		"/g/overlay-containers/" ID,
		"/g/overlay-containers/../x/userdata",
	};
	struct container_places p;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(bundles); i++)
		if (container_roots_from_bundle(slice_of(bundles[i]), slice_of("/r"), &p))
			fail_msg("%s is a place of a bundle", bundles[i]);
}

/* A root directory could lead anywhere else. */
static void root_directory_with_dots_tells_nothing(void **state)
{
	struct container_places p;

	(void)state;
	assert_true(container_roots_from_bundle(slice_of("/run/containerd/" TASK "/moby/" ID),
		slice_of("/d/x/../overlay2/l/merged"), &p));
	assert_int_equal(p.docker.len, 0);
}

/* Nothing is at the configured roots. */
static void use_other_roots(struct state_fixture *f)
{
	f->roots = (struct container_roots){
		.docker = "/nonexistent", .docker_exec = "/nonexistent", .podman = "/nonexistent"};
	container_forget(&f->container);
}

static bool read_bundle(struct state_fixture *f, const char *name)
{
	char bundle[PATH_MAX];

	snprintf(bundle, sizeof(bundle), "%s/%s", f->s.root, name);
	use_other_roots(f);
	return container_read_bundle(&f->container, bundle, &f->roots);
}

static void engines_files_are_found_by_the_bundle(void **state)
{
	CLEANUP_STATE_FIXTURE struct state_fixture f;
	CLEANUP_STRBUF struct strbuf config = STRBUF_INIT;

	(void)state;
	state_fixture_init(&f);
	strbuf_addf(&config, "{\"root\":{\"path\":\"%s/data/overlay2/l/merged\"}}", f.s.root);
	scratch_write_text(&f.s, "x/" MOBY_TASK ID "/config.json", strbuf_text(&config));
	scratch_write_text(&f.s, "data/containers/" ID "/config.v2.json",
		"{\"Name\":\"/web\",\"Config\":{\"Image\":\"i\"}}");
	assert_true(read_bundle(&f, "x/" MOBY_TASK ID));
	assert_learned(&f, CONTAINER_NAME, "web", "docker config.v2.json");
	assert_learned(&f, CONTAINER_BUNDLE, "@/x/" MOBY_TASK ID, "oci config.json");
	assert_int_equal(f.container.runtime, CONTAINER_RUNTIME_DOCKER);
}

static void podmans_files_are_found_by_the_bundle(void **state)
{
	CLEANUP_STATE_FIXTURE struct state_fixture f;

	(void)state;
	state_fixture_init(&f);
	state_fixture_bundle(&f, "g/overlay-containers/" ID "/userdata",
		"{\"io.container.manager\":\"libpod\"}", OWN_PID_NAMESPACE);
	scratch_write_text(&f.s, "g/overlay-containers/containers.json",
		"[{\"id\":\"" ID "\",\"names\":[\"web\"]}]");
	assert_true(read_bundle(&f, "g/overlay-containers/" ID "/userdata"));
	assert_learned(&f, CONTAINER_NAME, "web", "storage containers.json");
	assert_int_equal(f.container.runtime, CONTAINER_RUNTIME_PODMAN);
}

static void bundle_at_another_place_is_read_by_itself(void **state)
{
	CLEANUP_STATE_FIXTURE struct state_fixture f;

	(void)state;
	state_fixture_init(&f);
	state_fixture_bundle(&f, "b", "{}", OWN_PID_NAMESPACE);
	assert_true(read_bundle(&f, "b"));
	assert_learned(&f, CONTAINER_BUNDLE, "@/b", "oci config.json");
	assert_learned(&f, CONTAINER_NAME, NULL, NULL);
}

static void bundle_of_another_container_is_refused(void **state)
{
	CLEANUP_STATE_FIXTURE struct state_fixture f;

	(void)state;
	state_fixture_init(&f);
	state_fixture_bundle(&f, "x/" MOBY_TASK OTHER, "{}", OWN_PID_NAMESPACE);
	assert_false(read_bundle(&f, "x/" MOBY_TASK OTHER));
	assert_false(read_bundle(&f, "x/" MOBY_TASK ID)); /* is not there */
	assert_nothing_learned(&f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(places_of_bundles_tell_their_engines_roots),
		cmocka_unit_test(other_places_tell_nothing),
		cmocka_unit_test(root_directory_with_dots_tells_nothing),
		cmocka_unit_test(engines_files_are_found_by_the_bundle),
		cmocka_unit_test(podmans_files_are_found_by_the_bundle),
		cmocka_unit_test(bundle_at_another_place_is_read_by_itself),
		cmocka_unit_test(bundle_of_another_container_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
