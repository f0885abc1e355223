/* SPDX-License-Identifier: Apache-2.0 */
/* Claims about agent/container/cgroup_path.c. */
#include "asserts.h"

#include "barewatch/container.h"

#define ID    "0f3b4c5d6e7f8091a2b3c4d5e6f708192a3b4c5d6e7f8091a2b3c4d5e6f70819"
#define OTHER "ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff"
#define SHORT "0f3b4c5d6e7f8091a2b3c4d5e6f708192a3b4c5d6e7f8091a2b3c4d5e6f7081" /* 63 */
#define UPPER "0F3B4C5D6E7F8091A2B3C4D5E6F708192A3B4C5D6E7F8091A2B3C4D5E6F70819"
#define UID   "3c7c1e5e-8f5a-4a8c-9a3e-2b1d0c9f8e7d"
#define U_I_D "3c7c1e5e_8f5a_4a8c_9a3e_2b1d0c9f8e7d"
#define UUID  "70b3eb38-1ab5-4a9a-4b27-4be1c2d3e4f5"

/* `path` and where in it the container ends; the rest is below it. */
struct path_case {
	const char *container_path, *below;
	const char *id;
	enum container_runtime runtime;
	const char *pod_uid;
};

static void assert_identified(const struct path_case *cases, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		const struct path_case *c = &cases[i];
		struct cgroup_identity found = {0};
		char path[1024];

		snprintf(path, sizeof(path), "%s%s", c->container_path, c->below);
		if (!cgroup_path_identify(slice_of(path), &found))
			fail_msg("no container: %s", path);
		assert_slice_text(found.container_path, c->container_path);
		assert_slice_text(found.id, c->id);
		assert_string_equal(
			container_runtime_name(found.runtime), container_runtime_name(c->runtime));
		assert_slice_text(found.pod_uid, c->pod_uid ? c->pod_uid : "");
	}
}

static void assert_no_container(const char *const *paths, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		struct cgroup_identity found = {.runtime = CONTAINER_RUNTIMES};

		if (cgroup_path_identify(slice_of(paths[i]), &found))
			fail_msg("taken for a container: %s", paths[i]);
		assert_int_equal(found.runtime, CONTAINER_RUNTIMES); /* written on success only */
	}
}

static void docker_is_found(void **state)
{
	static const struct path_case cases[] = {
		{"/docker/" ID, "", ID, CONTAINER_RUNTIME_DOCKER, NULL},
		{"docker/" ID, "", ID, CONTAINER_RUNTIME_DOCKER, NULL},
		{"/docker/" ID, "/init", ID, CONTAINER_RUNTIME_DOCKER, NULL},
		{"/actions_job/" ID, "", ID, CONTAINER_RUNTIME_DOCKER, NULL},
		{"/system.slice/docker-" ID ".scope", "", ID, CONTAINER_RUNTIME_DOCKER, NULL},
		{"/system.slice/docker-" ID ".scope", "/init.scope", ID, CONTAINER_RUNTIME_DOCKER,
			NULL},
		{"/my.slice/docker-" ID ".scope", "/system.slice/x.service", ID,
			CONTAINER_RUNTIME_DOCKER, NULL},
		{"/system.slice:docker:" ID, "", ID, CONTAINER_RUNTIME_DOCKER, NULL},
	};

	(void)state;
	assert_identified(cases, ARRAY_SIZE(cases));
}

static void containerd_is_found(void **state)
{
	static const struct path_case cases[] = {
		/* with cgroupfs the path does not say who made it */
		{"/kubepods/pod" UID "/" ID, "", ID, CONTAINER_RUNTIME_UNKNOWN, UID},
		{"/kubepods/burstable/pod" UID "/" ID, "", ID, CONTAINER_RUNTIME_UNKNOWN, UID},
		{"/kubepods/besteffort/pod" UID "/" ID, "/sub", ID, CONTAINER_RUNTIME_UNKNOWN, UID},
		{"/kubepods.slice/kubepods-burstable.slice/kubepods-burstable-pod" U_I_D
		 ".slice/cri-containerd-" ID ".scope",
			"", ID, CONTAINER_RUNTIME_CONTAINERD, U_I_D},
		{"/kubepods.slice/kubepods-pod" U_I_D ".slice/cri-containerd-" ID ".scope", "/init",
			ID, CONTAINER_RUNTIME_CONTAINERD, U_I_D},
		{"/system.slice/nerdctl-" ID ".scope", "", ID, CONTAINER_RUNTIME_CONTAINERD, NULL},
		{"/kubelet/kubepods/burstable/pod" UID "/" ID, "", ID, CONTAINER_RUNTIME_UNKNOWN,
			UID},
	};

	(void)state;
	assert_identified(cases, ARRAY_SIZE(cases));
}

static void systemd_form_taken_literally_is_found(void **state)
{
	static const struct path_case cases[] = {
		{"/podruntime.slice/containerd.service/kubepods-burstable-pod" U_I_D
		 ".slice:cri-containerd:" ID,
			"", ID, CONTAINER_RUNTIME_CONTAINERD, U_I_D},
		{"/kubepods-pod" U_I_D ".slice:crio:" ID, "/container", ID, CONTAINER_RUNTIME_CRIO,
			U_I_D},
		{"/machine.slice:libpod:" ID, "", ID, CONTAINER_RUNTIME_PODMAN, NULL},
		{"/a.slice:unheard-of:" ID, "", ID, CONTAINER_RUNTIME_UNKNOWN, NULL},
		{"/:" ID, "", ID, CONTAINER_RUNTIME_UNKNOWN, NULL},
	};

	(void)state;
	assert_identified(cases, ARRAY_SIZE(cases));
}

static void crio_is_found(void **state)
{
	static const struct path_case cases[] = {
		{"/kubepods/burstable/pod" UID "/crio-" ID, "", ID, CONTAINER_RUNTIME_CRIO, UID},
		{"/kubepods.slice/kubepods-besteffort.slice/kubepods-besteffort-pod" U_I_D
		 ".slice/crio-" ID ".scope",
			"/container", ID, CONTAINER_RUNTIME_CRIO, U_I_D},
	};

	(void)state;
	assert_identified(cases, ARRAY_SIZE(cases));
}

static void podman_is_found(void **state)
{
	static const struct path_case cases[] = {
		{"/libpod_parent/libpod-" ID, "", ID, CONTAINER_RUNTIME_PODMAN, NULL},
		{"/libpod_parent/" OTHER "/libpod-" ID, "", ID, CONTAINER_RUNTIME_PODMAN, NULL},
		{"/machine.slice/libpod-" ID ".scope", "/container", ID, CONTAINER_RUNTIME_PODMAN,
			NULL},
		{"/machine.slice/machine-libpod_pod_" OTHER ".slice/libpod-" ID ".scope", "", ID,
			CONTAINER_RUNTIME_PODMAN, NULL},
		{"/user.slice/user-1000.slice/user@1000.service/user.slice/libpod-" ID ".scope",
			"/container", ID, CONTAINER_RUNTIME_PODMAN, NULL},
		/* --cgroups=split, Quadlet */
		{"/system.slice/web.service/libpod-payload-" ID, "", ID, CONTAINER_RUNTIME_PODMAN,
			NULL},
		{"/user.slice/user-1000.slice/user@1000.service/app.slice/web.service/"
		 "libpod-payload-" ID,
			"/init.scope", ID, CONTAINER_RUNTIME_PODMAN, NULL},
	};

	(void)state;
	assert_identified(cases, ARRAY_SIZE(cases));
}

static void containerd_namespaces_are_found(void **state)
{
	static const struct path_case cases[] = {
		{"/default/n1", "", "n1", CONTAINER_RUNTIME_CONTAINERD, NULL},
		{"/k8s.io/web", "/sub", "web", CONTAINER_RUNTIME_CONTAINERD, NULL},
		{"/default/" ID, "", ID, CONTAINER_RUNTIME_CONTAINERD, NULL},
		{"/k8s.io/" ID, "", ID, CONTAINER_RUNTIME_CONTAINERD, NULL},
		{"/default/" ID "0123456789abcdef", "", ID "0123456789abcdef",
			CONTAINER_RUNTIME_CONTAINERD, NULL}, /* 80: the longest */
	};

	(void)state;
	assert_identified(cases, ARRAY_SIZE(cases));
}

static void garden_is_found(void **state)
{
	static const struct path_case cases[] = {
		{"/garden/" UUID, "", UUID, CONTAINER_RUNTIME_UNKNOWN, NULL},
		{"/system.slice/garden/" UUID, "/x", UUID, CONTAINER_RUNTIME_UNKNOWN, NULL},
	};

	(void)state;
	assert_identified(cases, ARRAY_SIZE(cases));
}

static void static_pods_have_uids_without_dashes(void **state)
{
	static const struct path_case cases[] = {
		{"/kubepods/burstable/pod0123456789abcdef0123456789abcdef/" ID, "", ID,
			CONTAINER_RUNTIME_UNKNOWN, "0123456789abcdef0123456789abcdef"},
		{"/kubepods.slice/kubepods-burstable.slice/"
		 "kubepods-burstable-pod0123456789abcdef0123456789abcdef.slice/"
		 "cri-containerd-" ID ".scope",
			"", ID, CONTAINER_RUNTIME_CONTAINERD, "0123456789abcdef0123456789abcdef"},
	};

	(void)state;
	assert_identified(cases, ARRAY_SIZE(cases));
}

/* What a container names its own children changes nothing. */
static void outermost_container_wins(void **state)
{
	static const struct path_case cases[] = {
		{"/docker/" ID, "/docker/" OTHER, ID, CONTAINER_RUNTIME_DOCKER, NULL},
		{"/docker/" ID, "/" OTHER, ID, CONTAINER_RUNTIME_DOCKER, NULL},
		{"/docker/" ID, "/libpod_parent/conmon", ID, CONTAINER_RUNTIME_DOCKER, NULL},
		{"/docker/" ID, "/crio-conmon-" OTHER ".scope", ID, CONTAINER_RUNTIME_DOCKER, NULL},
		{"/docker/" ID, "/kubepods/pod" UID "/" OTHER, ID, CONTAINER_RUNTIME_DOCKER, NULL},
		{"/system.slice/docker-" ID ".scope",
			"/kubepods.slice/kubepods-pod" U_I_D ".slice/docker-" OTHER ".scope", ID,
			CONTAINER_RUNTIME_DOCKER, NULL},
		{"/machine.slice/libpod-" ID ".scope",
			"/container/system.slice/libpod-conmon-" OTHER ".scope", ID,
			CONTAINER_RUNTIME_PODMAN, NULL},
		{"/default/n1", "/libpod-conmon-" OTHER ".scope", "n1",
			CONTAINER_RUNTIME_CONTAINERD, NULL},
		{"/kubepods/pod" UID "/" ID, "/pod11111111-1111-1111-1111-111111111111/" OTHER, ID,
			CONTAINER_RUNTIME_UNKNOWN, UID},
	};

	(void)state;
	assert_identified(cases, ARRAY_SIZE(cases));
}

static void helpers_of_engines_are_no_containers(void **state)
{
	static const char *const paths[] = {
		"/libpod_parent/conmon",
		"/machine.slice/libpod-conmon-" ID ".scope",
		"/user.slice/user-1000.slice/user@1000.service/user.slice/libpod-conmon-" ID
		".scope",
		"/kubepods/burstable/pod" UID "/crio-conmon-" ID,
		"/system.slice/crio-conmon-" ID ".scope",
		"/kubepods.slice/kubepods-pod" U_I_D ".slice/crio-conmon-" ID ".scope",
		/* nor is anything below them */
		"/system.slice/crio-conmon-" ID ".scope/crio-" OTHER ".scope",
		("/libpod_parent/conmon/libpod-" ID),
	};

	(void)state;
	assert_no_container(paths, ARRAY_SIZE(paths));
}

static void cgroups_of_the_host_are_no_containers(void **state)
{
	static const char *const paths[] = {
		"",
		"/",
		"//",
		"/init.scope",
		"/system.slice",
		"/system.slice/docker.service",
		"/system.slice/containerd.service",
		"/system.slice/docker.socket",
		"/system.slice/web.service/supervisor", /* of podman --cgroups=split */
		"/user.slice/user-1000.slice/session-3.scope",
		"/user.slice/user-1000.slice/user@1000.service/app.slice/app-x.scope",
		"/docker",
		"/default",
		"/k8s.io",
		"/kubepods",
		"/kubepods/burstable/pod" UID,
		"/kubepods.slice/kubepods-pod" U_I_D ".slice",
		"/libpod_parent",
		"/libpod_parent/" ID, /* a pod */
		"/machine.slice/machine-libpod_pod_" ID ".slice",
		"/garden",
		"/garden/not-an-id",
		"/system.slice/default/x", /* a namespace of containerd is at the top */
		"/docker/buildx",
		"/system.slice/var-lib-docker-containers-" ID "-mounts-shm.mount",
		"/system.slice/run-containerd-io.containerd.runtime.v2.task-k8s.io-" ID
		"-rootfs.mount",
		"/system.slice/docker-" ID ".mount",
	};

	(void)state;
	assert_no_container(paths, ARRAY_SIZE(paths));
}

static void ids_are_64_lower_case_digits(void **state)
{
	static const char *const paths[] = {
		"/docker/" SHORT,
		"/docker/" ID "0",
		"/docker/" UPPER,
		"/docker/" SHORT "g",
		"/docker/" SHORT " ",
		"/docker/" ID "\n",
		"/docker/-" ID,
		"/system.slice/docker-" SHORT ".scope",
		"/system.slice/docker-" ID "0.scope",
		"/system.slice/docker-" UPPER ".scope",
		"/system.slice/docker-.scope",
		"/system.slice/docker-" ID ".scope.scope",
		"/system.slice/xdocker-" ID ".scope",
		"/kubepods/pod" UID "/crio-" SHORT,
		"/machine.slice/libpod-" ID "0.scope",
		"/system.slice/web.service/libpod-payload-" SHORT,
		"/system.slice/web.service/libpod-payload-" ID "0",
		"/system.slice/web.service/libpod-payload-",
		"/a.slice:cri-containerd:" SHORT,
		"/a.slice:cri-containerd:" ID "0",
		"/a.slice:cri-containerd:" UPPER,
		"/a.slice:cri-containerd:x" ID,
		/* one longer than a name in a namespace of containerd may be */
		"/default/" ID "0123456789abcdef0",
	};

	(void)state;
	assert_no_container(paths, ARRAY_SIZE(paths));
}

static void short_pods_are_no_pod_uids(void **state)
{
	static const struct path_case cases[] = {
		{"/kubepods/podium/" ID, "", ID, CONTAINER_RUNTIME_UNKNOWN, NULL},
		{"/pod/" ID, "", ID, CONTAINER_RUNTIME_UNKNOWN, NULL},
	};

	(void)state;
	assert_identified(cases, ARRAY_SIZE(cases));
}

static void slashes_do_not_matter(void **state)
{
	struct cgroup_identity found = {0};

	(void)state;
	assert_true(cgroup_path_identify(slice_of("//docker//" ID "///x//"), &found));
	assert_slice_text(found.id, ID);
	assert_slice_text(found.container_path, "//docker//" ID);
}

struct nesting_case {
	const char *path;
	size_t count;
	struct {
		const char *path, *id;
		enum container_runtime runtime;
	} found[CGROUP_NESTING_MAX];
};

static void assert_nesting(const struct nesting_case *c)
{
	struct cgroup_identity found[CGROUP_NESTING_MAX];
	size_t count = cgroup_path_identify_all(slice_of(c->path), found);

	if (count != c->count)
		fail_msg("'%s' has %zu containers, not %zu", c->path, count, c->count);
	for (size_t i = 0; i < count; i++) {
		assert_slice_text(found[i].container_path, c->found[i].path);
		assert_slice_text(found[i].id, c->found[i].id);
		assert_int_equal(found[i].runtime, c->found[i].runtime);
	}
}

#define DOCKER_OUTER  "/docker/" ID
#define SYSTEMD_OUTER "/system.slice/docker-" ID ".scope"
#define POD           "/kubelet/kubepods/burstable/pod" UID

static void nested_containers_are_found_outermost_first(void **state)
{
	static const struct nesting_case cases[] = {
		{DOCKER_OUTER "/init", 1, {{DOCKER_OUTER, ID, CONTAINER_RUNTIME_DOCKER}}},
		{DOCKER_OUTER "/docker/" OTHER "/x", 2,
			{{DOCKER_OUTER, ID, CONTAINER_RUNTIME_DOCKER},
				{DOCKER_OUTER "/docker/" OTHER, OTHER, CONTAINER_RUNTIME_DOCKER}}},
		{SYSTEMD_OUTER POD "/" OTHER, 2,
			{{SYSTEMD_OUTER, ID, CONTAINER_RUNTIME_DOCKER},
				{SYSTEMD_OUTER POD "/" OTHER, OTHER, CONTAINER_RUNTIME_UNKNOWN}}},
		{SYSTEMD_OUTER "/kubepods.slice/cri-containerd-" OTHER ".scope", 2,
			{{SYSTEMD_OUTER, ID, CONTAINER_RUNTIME_DOCKER},
				{SYSTEMD_OUTER "/kubepods.slice/cri-containerd-" OTHER ".scope",
					OTHER, CONTAINER_RUNTIME_CONTAINERD}}},
		/* a namespace of containerd is at the top of what its engine sees */
		{DOCKER_OUTER "/default/n1", 2,
			{{DOCKER_OUTER, ID, CONTAINER_RUNTIME_DOCKER},
				{DOCKER_OUTER "/default/n1", "n1", CONTAINER_RUNTIME_CONTAINERD}}},
		{DOCKER_OUTER "/x/default/n1", 1, {{DOCKER_OUTER, ID, CONTAINER_RUNTIME_DOCKER}}},
		/* an inner engine's helper is the outer container's, with all that is below */
		{DOCKER_OUTER "/libpod_parent/libpod-conmon-" OTHER "/docker/" OTHER, 1,
			{{DOCKER_OUTER, ID, CONTAINER_RUNTIME_DOCKER}}},
		/* one directly below another */
		{DOCKER_OUTER "//" ID, 2,
			{{DOCKER_OUTER, ID, CONTAINER_RUNTIME_DOCKER},
				{DOCKER_OUTER "//" ID, ID, CONTAINER_RUNTIME_UNKNOWN}}},
		{"/system.slice/ssh.service", 0, {}},
		{"/system.slice/crio-conmon-" ID ".scope/docker/" ID, 0, {}},
		{"", 0, {}},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++)
		assert_nesting(&cases[i]);
}

static void pod_of_an_outer_container_is_not_the_inner_ones(void **state)
{
	struct cgroup_identity found[CGROUP_NESTING_MAX];
	const char *path = "/kubepods/pod" UID "/" ID "/docker/" OTHER;

	(void)state;
	assert_int_equal(cgroup_path_identify_all(slice_of(path), found), 2);
	assert_slice_text(found[0].pod_uid, UID);
	assert_slice_text(found[1].pod_uid, "");
}

static void nesting_is_followed_so_far_only(void **state)
{
	static const char path[] = "/" ID "/" ID "/" ID "/" ID "/" ID "/" ID;
	struct cgroup_identity found[CGROUP_NESTING_MAX];

	(void)state;
	assert_int_equal(cgroup_path_identify_all(slice_of(path), found), CGROUP_NESTING_MAX);
	assert_int_equal(found[CGROUP_NESTING_MAX - 1].container_path.len,
		CGROUP_NESTING_MAX * strlen("/" ID));
}

/* Every beginning of a path in memory of just that size: nothing beyond it is read. */
static void path_is_not_read_beyond_its_end(void **state)
{
	static const char path[] = "/kubepods.slice/kubepods-pod" U_I_D ".slice/cri-containerd-" ID
				   ".scope/x";

	(void)state;
	for (size_t len = 0; len < sizeof(path); len++) {
		CLEANUP_FREE char *exact = malloc(len ? len : 1);
		struct cgroup_identity found[CGROUP_NESTING_MAX];

		assert_non_null(exact);
		memcpy(exact, path, len);
		cgroup_path_identify_all((struct slice){exact, len}, found);
	}
}

static void container_without_a_cgroup_is_found(void **state)
{
	static const struct path_case cases[] = {
		{"mnt:[4026532345]/" ID, "", ID, CONTAINER_RUNTIME_UNKNOWN, NULL},
		{"mnt:[1]/name", "", "name", CONTAINER_RUNTIME_UNKNOWN, NULL},
	};
	static const char *const none[] = {"mnt:[4026532345]/", "mnt:[4026532345]", "mnt:[",
		"mnt:[x]/name", "mnt:[1]/a/b", "/mnt:[1]/name", "/a/mnt:[1]/name",
		"mnt:[1]/" ID ID};
	char path[CONTAINER_MOUNTS_PATH_MAX];

	(void)state;
	assert_identified(cases, ARRAY_SIZE(cases));
	assert_no_container(none, ARRAY_SIZE(none));
	container_mounts_path(path, 4026532345, ID);
	assert_string_equal(path, "mnt:[4026532345]/" ID);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(container_without_a_cgroup_is_found),
		cmocka_unit_test(docker_is_found),
		cmocka_unit_test(containerd_is_found),
		cmocka_unit_test(systemd_form_taken_literally_is_found),
		cmocka_unit_test(crio_is_found),
		cmocka_unit_test(podman_is_found),
		cmocka_unit_test(containerd_namespaces_are_found),
		cmocka_unit_test(garden_is_found),
		cmocka_unit_test(static_pods_have_uids_without_dashes),
		cmocka_unit_test(outermost_container_wins),
		cmocka_unit_test(helpers_of_engines_are_no_containers),
		cmocka_unit_test(cgroups_of_the_host_are_no_containers),
		cmocka_unit_test(ids_are_64_lower_case_digits),
		cmocka_unit_test(short_pods_are_no_pod_uids),
		cmocka_unit_test(slashes_do_not_matter),
		cmocka_unit_test(nested_containers_are_found_outermost_first),
		cmocka_unit_test(pod_of_an_outer_container_is_not_the_inner_ones),
		cmocka_unit_test(nesting_is_followed_so_far_only),
		cmocka_unit_test(path_is_not_read_beyond_its_end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
