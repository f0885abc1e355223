/* SPDX-License-Identifier: Apache-2.0 */
/* Claims about agent/container/containerd.c, on bundles as CRI 1.6 and 2.x, nerdctl and ctr get. */
#include "database_fixture.h"

#define SOURCE "containerd config.json"
#define OCI    "oci config.json"
#define IMAGE  "registry.example/web:1.2"
#define TASKS  "containerd/io.containerd.runtime.v2.task/"
#define CRI    "io.kubernetes.cri."

#define POD(sandbox)                                                                 \
	"\"" CRI "sandbox-id\":\"" sandbox "\",\"" CRI "sandbox-name\":\"p\",\"" CRI \
	"sandbox-namespace\":\"shop\",\"" CRI "sandbox-uid\":\"u\""
#define CONTAINER(sandbox)                                                                  \
	"{\"" CRI "container-type\":\"container\",\"" CRI "container-name\":\"app\",\"" CRI \
	"image-name\":\"" IMAGE "\"," POD(sandbox) "}"

static void read_bundle(struct state_fixture *f, const char *directory, const char *annotations)
{
	state_fixture_bundle(f, directory, annotations, OWN_PID_NAMESPACE);
	state_fixture_read(f, CONTAINER_RUNTIME_CONTAINERD);
}

static void assert_pod(const struct state_fixture *f, const char *sandbox)
{
	assert_learned(f, CONTAINER_POD_NAME, "p", SOURCE);
	assert_learned(f, CONTAINER_POD_NAMESPACE, "shop", SOURCE);
	assert_learned(f, CONTAINER_POD_UID, "u", SOURCE);
	assert_learned(f, CONTAINER_SANDBOX_ID, sandbox, SOURCE);
}

static void container_of_a_pod_is_read(void **state)
{
	CLEANUP_STATE_FIXTURE struct state_fixture f;

	(void)state;
	state_fixture_init(&f);
	read_bundle(&f, CRI_TASK ID, CONTAINER(OTHER));
	assert_learned(&f, CONTAINER_NAME, "app", SOURCE);
	assert_learned(&f, CONTAINER_IMAGE, IMAGE, SOURCE);
	assert_pod(&f, OTHER);
	assert_learned(&f, CONTAINER_ENTRYPOINT, "/bin/app --motd 'hello world'", OCI);
	assert_learned(&f, CONTAINER_BUNDLE, "@/" CRI_TASK ID, OCI);
	assert_learned(&f, CONTAINER_ROOTFS, "@/" CRI_TASK ID "/rootfs", OCI);
	/* these are in containerd's database only, which is not there */
	assert_learned(&f, CONTAINER_IMAGE_ID, NULL, NULL);
	assert_learned(&f, CONTAINER_IMAGE_DIGEST, NULL, NULL);
	assert_false(f.container.is_sandbox || f.container.is_ephemeral);
}

static void sandbox_is_told(void **state)
{
	CLEANUP_STATE_FIXTURE struct state_fixture f;

	(void)state;
	state_fixture_init(&f);
	/* 1.6: no image */
	read_bundle(&f, CRI_TASK ID, "{\"" CRI "container-type\":\"sandbox\"," POD(ID) "}");
	assert_true(f.container.is_sandbox);
	assert_pod(&f, ID);
	assert_learned(&f, CONTAINER_NAME, NULL, NULL);
	assert_learned(&f, CONTAINER_IMAGE, NULL, NULL);
	/* 2.x */
	read_bundle(&f, CRI_TASK ID,
		"{\"" CRI "container-type\":\"sandbox\",\"" CRI
		"podsandbox.image-name\":\"pause:3.10\"," POD(ID) "}");
	assert_true(f.container.is_sandbox);
	assert_learned(&f, CONTAINER_IMAGE, "pause:3.10", SOURCE);
}

static void container_of_nerdctl_is_read(void **state)
{
	CLEANUP_STATE_FIXTURE struct state_fixture f;

	(void)state;
	state_fixture_init(&f);
	read_bundle(&f, TASKS "default/" ID,
		"{\"nerdctl/name\":\"web\",\"io.containerd.image.name\":\"" IMAGE "\"}");
	assert_learned(&f, CONTAINER_NAME, "web", SOURCE);
	assert_learned(&f, CONTAINER_IMAGE, IMAGE, SOURCE);
	assert_learned(&f, CONTAINER_POD_NAME, NULL, NULL);
}

/* What CRI calls annotations is in the database; others have the bundle's. */
static void database_is_read_as_that_of_the_bundles_namespace(void **state)
{
	struct db_value values[] = {
		{"v1|default|containers|" ID "|labels|a", "default"},
		{"v1|k8s.io|containers|" ID "|labels|a", "k8s.io"},
	};
	CLEANUP_STATE_FIXTURE struct state_fixture f;

	(void)state;
	state_fixture_init(&f);
	database_write(&f, "containerd-root/io.containerd.metadata.v1.bolt/meta.db", values,
		ARRAY_SIZE(values));
	read_bundle(&f, CRI_TASK ID, CONTAINER(OTHER));
	assert_map(&f, CONTAINER_LABELS, "a:k8s.io", "containerd meta.db");
	assert_map(&f, CONTAINER_ANNOTATIONS, NULL, NULL);
	scratch_write_text(&f.s, CRI_TASK ID "/config.json", "");
	read_bundle(&f, TASKS "default/" ID, "{\"nerdctl/name\":\"web\"}");
	assert_map(&f, CONTAINER_LABELS, "a:default", "containerd meta.db");
	assert_map(&f, CONTAINER_ANNOTATIONS, "nerdctl/name:web", SOURCE);
}

/* Two namespaces may have a container of the same name. */
static void name_given_to_ctr_is_looked_up_in_its_namespace_only(void **state)
{
	static const char *const namespaces[] = {"default", "k8s.io"};
	CLEANUP_STATE_FIXTURE struct state_fixture f;

	(void)state;
	state_fixture_init(&f);
	strcpy(f.container.id, "n1");
	state_fixture_bundle(&f, TASKS "default/n1", "{\"io.containerd.image.name\":\"default\"}",
		OWN_PID_NAMESPACE);
	state_fixture_bundle(&f, TASKS "k8s.io/n1", "{\"io.containerd.image.name\":\"k8s.io\"}",
		OWN_PID_NAMESPACE);
	for (size_t i = 0; i < ARRAY_SIZE(namespaces); i++) {
		char path[32];

		snprintf(path, sizeof(path), "/%s/n1", namespaces[i]);
		f.container.cgroup_path = path;
		state_fixture_read(&f, CONTAINER_RUNTIME_CONTAINERD);
		assert_learned(&f, CONTAINER_IMAGE, namespaces[i], SOURCE);
	}
	f.container.cgroup_path = "/moby/n1";
	state_fixture_read(&f, CONTAINER_RUNTIME_CONTAINERD);
	assert_nothing_learned(&f);
	f.container.cgroup_path = "1"; /* shorter than the id */
	state_fixture_read(&f, CONTAINER_RUNTIME_CONTAINERD);
	assert_nothing_learned(&f);
}

static void namespace_of_docker_is_left_to_docker(void **state)
{
	CLEANUP_STATE_FIXTURE struct state_fixture f;

	(void)state;
	state_fixture_init(&f);
	read_bundle(&f, TASKS "moby/" ID, CONTAINER(OTHER));
	assert_nothing_learned(&f);
	read_bundle(&f, TASKS ".hidden/" ID, CONTAINER(OTHER));
	assert_nothing_learned(&f);
}

static void broken_bundle_does_not_hide_that_of_another_namespace(void **state)
{
	CLEANUP_STATE_FIXTURE struct state_fixture f;

	(void)state;
	state_fixture_init(&f);
	scratch_write_text(&f.s, TASKS "a/" ID "/config.json", "{\"annotations\":");
	scratch_write_text(&f.s, TASKS "z", "a file");
	read_bundle(&f, CRI_TASK ID, CONTAINER(OTHER));
	assert_learned(&f, CONTAINER_NAME, "app", SOURCE);
}

static void debug_container_is_told_from_one_that_shares_its_pods_processes(void **state)
{
	CLEANUP_STATE_FIXTURE struct state_fixture f;
	CLEANUP_STRBUF struct strbuf annotations = STRBUF_INIT;
	char namespaces[128], target[64], sandbox[CONTAINER_TEXT_MAX];

	(void)state;
	state_fixture_init(&f);
	own_pid_namespace_path(namespaces, sizeof(namespaces));
	snprintf(target, sizeof(target), "/proc/%d/ns/pid", (int)getpid());
	/* this process is in no container OTHER: --target */
	state_fixture_bundle(&f, CRI_TASK ID, CONTAINER(OTHER), namespaces);
	state_fixture_read(&f, CONTAINER_RUNTIME_CONTAINERD);
	assert_learned(&f, CONTAINER_PID_TARGET, target, OCI);
	assert_true(f.container.is_ephemeral);
	/* it is the sandbox: shareProcessNamespace */
	own_cgroup_word(sandbox, sizeof(sandbox));
	strbuf_addf(&annotations, "{\"" CRI "sandbox-id\":\"%s\"}", sandbox);
	state_fixture_bundle(&f, CRI_TASK ID, strbuf_text(&annotations), namespaces);
	state_fixture_read(&f, CONTAINER_RUNTIME_CONTAINERD);
	assert_learned(&f, CONTAINER_PID_TARGET, target, OCI);
	assert_false(f.container.is_ephemeral);
}

static void wrong_types_of_annotations_are_unknown(void **state)
{
	static const char *const texts[] = {
		"null",
		"[]",
		"[\"" CRI "container-name\"]",
		"1",
		"\"" CRI "container-name\"",
		"{\"" CRI "container-type\":1,\"" CRI "container-name\":{\"a\":\"b\"},\"" CRI
		"image-name\":[\"i\"],\"" CRI "sandbox-id\":null,\"nerdctl/name\":true}",
		"{\"" CRI "container-type\":\"\",\"" CRI "sandbox-name\":\"\"}",
	};
	CLEANUP_STATE_FIXTURE struct state_fixture f;

	(void)state;
	state_fixture_init(&f);
	for (size_t i = 0; i < ARRAY_SIZE(texts); i++) {
		read_bundle(&f, CRI_TASK ID, texts[i]);
		for (int text = CONTAINER_NAME; text <= CONTAINER_SANDBOX_ID; text++)
			assert_learned(&f, text, NULL, NULL);
		assert_false(f.container.is_sandbox || f.container.is_ephemeral);
		assert_learned(&f, CONTAINER_BUNDLE, "@/" CRI_TASK ID, OCI);
	}
}

static void nothing_there_is_unknown(void **state)
{
	CLEANUP_STATE_FIXTURE struct state_fixture f;

	(void)state;
	state_fixture_init(&f);
	state_fixture_read(&f, CONTAINER_RUNTIME_CONTAINERD);
	assert_nothing_learned(&f);
	scratch_mkdir(&f.s, CRI_TASK ID "/config.json"); /* a directory */
	state_fixture_read(&f, CONTAINER_RUNTIME_CONTAINERD);
	assert_nothing_learned(&f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(container_of_a_pod_is_read),
		cmocka_unit_test(sandbox_is_told),
		cmocka_unit_test(container_of_nerdctl_is_read),
		cmocka_unit_test(database_is_read_as_that_of_the_bundles_namespace),
		cmocka_unit_test(name_given_to_ctr_is_looked_up_in_its_namespace_only),
		cmocka_unit_test(namespace_of_docker_is_left_to_docker),
		cmocka_unit_test(broken_bundle_does_not_hide_that_of_another_namespace),
		cmocka_unit_test(debug_container_is_told_from_one_that_shares_its_pods_processes),
		cmocka_unit_test(wrong_types_of_annotations_are_unknown),
		cmocka_unit_test(nothing_there_is_unknown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
