/* SPDX-License-Identifier: Apache-2.0 */
/* Claims about agent/container/docker.c, on state directories as Docker 20.10 and 28 write them. */
#include "state_fixture.h"

#define SOURCE      "docker config.v2.json"
#define OCI         "oci config.json"
#define CONFIG_FILE "docker/containers/" ID "/config.v2.json"
#define IMAGE       "registry.example/web:1.2"
#define DIGEST      "registry.example/web@sha256:" OTHER

static void read_config(struct state_fixture *f, const char *json)
{
	scratch_write_text(&f->s, CONFIG_FILE, json);
	state_fixture_read(f, CONTAINER_RUNTIME_DOCKER);
}

/* NAME and IMAGE are what is learned from JSON alone. */
static void assert_config(const char *json, const char *name, const char *image)
{
	CLEANUP_STATE_FIXTURE struct state_fixture f;

	state_fixture_init(&f);
	read_config(&f, json);
	assert_learned(&f, CONTAINER_NAME, name, name ? SOURCE : NULL);
	assert_learned(&f, CONTAINER_IMAGE, image, image ? SOURCE : NULL);
}

static void name_and_image_are_read(void **state)
{
	(void)state;
	assert_config("{\"ID\":\"" ID "\",\"Name\":\"/web\",\"Config\":{\"Image\":\"" IMAGE
		      "\",\"Cmd\":null}}",
		"web", IMAGE);
	assert_config("{\"Name\":\"web\"}", "web", NULL);
	assert_config("{\"Config\":{\"Image\":\"i\"}}", NULL, "i");
	assert_config("{\"Name\":\"/a/b\"}", "a/b", NULL);
}

static void health_check_is_read(void **state)
{
	CLEANUP_STATE_FIXTURE struct state_fixture f;

	(void)state;
	state_fixture_init(&f);
	read_config(&f, "{\"Name\":\"/web\",\"Config\":{\"Healthcheck\":{\"Test\":[\"CMD\","
			"\"/live\",\"-v\"],\"Interval\":1000000000}}}");
	assert_true(has_one_check(&f, "/live", "-v"));
	assert_string_equal(f.container.checks[0].source, SOURCE);
	read_config(&f, "{\"Name\":\"/web\",\"Config\":{\"Healthcheck\":null}}");
	assert_int_equal(f.container.check_count, 0);
}

#define CRI_NAMES \
	"\"io.kubernetes.container.name\":\"app\",\"io.kubernetes.sandbox.id\":\"" OTHER "\""
#define APPLIED "\"annotation." APPLIED_KEY "\":\"" APPLIED_POD("\\\"") "\""

/* The labels of a container are its image's as well. */
static void probes_are_read_from_the_sandbox_alone(void **state)
{
	CLEANUP_STATE_FIXTURE struct state_fixture f;

	(void)state;
	state_fixture_init(&f);
	read_config(
		&f, "{\"Name\":\"/k8s_app\",\"Config\":{\"Labels\":{" CRI_NAMES "," APPLIED "}}}");
	assert_learned(&f, CONTAINER_NAME, "app", SOURCE);
	assert_int_equal(f.container.check_count, 0);
	scratch_write_text(&f.s, "docker/containers/" OTHER "/config.v2.json",
		"{\"Name\":\"/k8s_POD\",\"Config\":{\"Labels\":{" APPLIED "}}}");
	read_config(&f, "{\"Name\":\"/k8s_app\",\"Config\":{\"Labels\":{" CRI_NAMES "}}}");
	assert_true(has_one_check(&f, "/live", "-v"));
}

static void write_graphdriver(struct state_fixture *f, const char *driver)
{
	CLEANUP_STRBUF struct strbuf text = STRBUF_INIT;
	char path[256];

	strbuf_addf(&text,
		"{\"Name\":\"/web\",\"Image\":\"sha256:" HEX "\",\"Driver\":\"%s\","
		"\"ImageManifest\":null,\"Config\":{\"Image\":\"" IMAGE "\",\"Labels\":{}}}",
		driver);
	scratch_write_text(&f->s, CONFIG_FILE, strbuf_text(&text));
	snprintf(path, sizeof(path), "docker/image/%s/repositories.json", driver);
	scratch_write_text(&f->s, path,
		"{\"Repositories\":{\"other\":{\"other@sha256:" HEX "\":\"sha256:" OTHER "\"},"
		"\"registry.example/web\":{\"" IMAGE "\":\"sha256:" HEX "\",\"" DIGEST
		"\":\"sha256:" HEX "\"}}}");
}

static void graphdriver_store_knows_the_digest(void **state)
{
	CLEANUP_STATE_FIXTURE struct state_fixture f;

	(void)state;
	state_fixture_init(&f);
	write_graphdriver(&f, "overlay2");
	state_fixture_read(&f, CONTAINER_RUNTIME_DOCKER);
	assert_learned(&f, CONTAINER_NAME, "web", SOURCE);
	assert_learned(&f, CONTAINER_IMAGE, IMAGE, SOURCE);
	assert_learned(&f, CONTAINER_IMAGE_ID, "sha256:" HEX, SOURCE);
	assert_learned(&f, CONTAINER_IMAGE_DIGEST, DIGEST, "docker repositories.json");
	assert_learned(&f, CONTAINER_POD_NAME, NULL, NULL);
	assert_false(f.container.is_sandbox);
}

static void every_storage_driver_has_its_own_list(void **state)
{
	CLEANUP_STATE_FIXTURE struct state_fixture f;

	(void)state;
	state_fixture_init(&f);
	write_graphdriver(&f, "vfs");
	state_fixture_read(&f, CONTAINER_RUNTIME_DOCKER);
	assert_learned(&f, CONTAINER_IMAGE_DIGEST, DIGEST, "docker repositories.json");
	/* a driver is a name */
	read_config(&f, "{\"Image\":\"sha256:" HEX "\",\"Driver\":\"x/../vfs\"}");
	assert_learned(&f, CONTAINER_IMAGE_DIGEST, NULL, NULL);
}

static void import_has_no_digest(void **state)
{
	CLEANUP_STATE_FIXTURE struct state_fixture f;

	(void)state;
	state_fixture_init(&f);
	write_graphdriver(&f, "overlay2");
	scratch_write_text(&f.s, "docker/image/overlay2/repositories.json",
		"{\"Repositories\":{\"web\":{\"web:latest\":\"sha256:" HEX "\"}}}");
	state_fixture_read(&f, CONTAINER_RUNTIME_DOCKER);
	assert_learned(&f, CONTAINER_IMAGE_ID, "sha256:" HEX, SOURCE);
	assert_learned(&f, CONTAINER_IMAGE_DIGEST, NULL, NULL);
}

/* There is no list of repositories; .Image is what `docker images` calls the image's id. */
static void containerd_image_store_has_the_digest_beside_the_image(void **state)
{
	CLEANUP_STATE_FIXTURE struct state_fixture f;

	(void)state;
	state_fixture_init(&f);
	read_config(&f,
		"{\"Name\":\"/web\",\"Image\":\"sha256:" HEX
		"\",\"Driver\":\"overlayfs\",\"ImageManifest\":{\"mediaType\":\"application/"
		"vnd.oci.image.manifest.v1+json\",\"digest\":\"sha256:" OTHER
		"\",\"size\":401},\"Config\":{\"Image\":\"" IMAGE "\"}}");
	assert_learned(&f, CONTAINER_IMAGE, IMAGE, SOURCE);
	assert_learned(&f, CONTAINER_IMAGE_ID, "sha256:" HEX, SOURCE);
	assert_learned(&f, CONTAINER_IMAGE_DIGEST, "sha256:" OTHER, SOURCE);
}

#define CRI_LABELS(type)                                                             \
	"\"Config\":{\"Image\":\"sha256:" HEX "\",\"Labels\":{"                      \
	"\"io.kubernetes.docker.type\":\"" type "\","                                \
	"\"io.kubernetes.container.name\":\"app\",\"io.kubernetes.pod.name\":\"p\"," \
	"\"io.kubernetes.pod.namespace\":\"shop\",\"io.kubernetes.pod.uid\":\"u\","  \
	"\"io.kubernetes.sandbox.id\":\"" OTHER "\"}}"

static void pod_is_known_through_cri_dockerd(void **state)
{
	CLEANUP_STATE_FIXTURE struct state_fixture f;

	(void)state;
	state_fixture_init(&f);
	read_config(&f, "{\"Name\":\"/k8s_app_p_shop_u_0\"," CRI_LABELS("container") "}");
	assert_learned(&f, CONTAINER_NAME, "app", SOURCE);
	assert_learned(&f, CONTAINER_POD_NAME, "p", SOURCE);
	assert_learned(&f, CONTAINER_POD_NAMESPACE, "shop", SOURCE);
	assert_learned(&f, CONTAINER_POD_UID, "u", SOURCE);
	assert_learned(&f, CONTAINER_SANDBOX_ID, OTHER, SOURCE);
	assert_false(f.container.is_sandbox);
	read_config(&f, "{\"Name\":\"/k8s_POD_p_shop_u_0\"," CRI_LABELS("podsandbox") "}");
	assert_true(f.container.is_sandbox);
	assert_learned(&f, CONTAINER_POD_NAME, "p", SOURCE);
	assert_learned(&f, CONTAINER_NAME, NULL, NULL); /* not "app", which it is called there */
}

/* Whoever made the image would choose by which name the policy finds the container. */
static void labels_of_an_image_change_nothing(void **state)
{
	CLEANUP_STATE_FIXTURE struct state_fixture f;

	(void)state;
	state_fixture_init(&f);
	read_config(&f, "{\"Name\":\"/web\"," CRI_LABELS("podsandbox") "}");
	assert_learned(&f, CONTAINER_NAME, "web", SOURCE);
	assert_learned(&f, CONTAINER_POD_NAME, NULL, NULL);
	assert_learned(&f, CONTAINER_SANDBOX_ID, NULL, NULL);
	assert_false(f.container.is_sandbox);
}

static void labels_and_restarts_are_read(void **state)
{
	CLEANUP_STATE_FIXTURE struct state_fixture f;

	(void)state;
	state_fixture_init(&f);
	read_config(&f, "{\"Name\":\"/web\",\"RestartCount\":3,\"Config\":{\"Labels\":{"
			"\"tier\":\"front\",\"annotation.a\":\"b\"}}}");
	assert_map(&f, CONTAINER_LABELS, "tier:front, annotation.a:b", SOURCE);
	assert_map(&f, CONTAINER_ANNOTATIONS, NULL, NULL);
	assert_map(&f, CONTAINER_POD_LABELS, NULL, NULL);
	assert_int_equal(f.container.restarts, 3);
	read_config(&f, "{\"Name\":\"/web\",\"RestartCount\":0,\"Config\":{\"Labels\":{}}}");
	assert_map(&f, CONTAINER_LABELS, "", SOURCE);
	assert_int_equal(f.container.restarts, 0);
}

static void labels_and_annotations_of_cri_dockerd_are_told_apart(void **state)
{
	CLEANUP_STATE_FIXTURE struct state_fixture f;

	(void)state;
	state_fixture_init(&f);
	scratch_write_text(&f.s, "docker/containers/" OTHER "/config.v2.json",
		"{\"Config\":{\"Labels\":{\"app\":\"web\",\"annotation.x\":\"y\"}}}");
	read_config(&f, "{\"Name\":\"/k8s_app_p_shop_u_2\",\"RestartCount\":0,\"Config\":{"
			"\"Labels\":{\"io.kubernetes.sandbox.id\":\"" OTHER "\",\"l\":\"1\","
			"\"annotation.io.kubernetes.container.restartCount\":\"2\"}}}");
	assert_map(&f, CONTAINER_LABELS, "io.kubernetes.sandbox.id:" OTHER ", l:1", SOURCE);
	assert_map(&f, CONTAINER_ANNOTATIONS, "io.kubernetes.container.restartCount:2", SOURCE);
	assert_map(&f, CONTAINER_POD_LABELS, "app:web", SOURCE);
	assert_int_equal(f.container.restarts, 2);
}

/* The sandbox's id becomes a part of a path. */
static void sandbox_that_is_no_file_name_is_not_looked_for(void **state)
{
	CLEANUP_STATE_FIXTURE struct state_fixture f;

	(void)state;
	state_fixture_init(&f);
	scratch_write_text(&f.s, "docker/elsewhere/config.v2.json",
		"{\"Config\":{\"Labels\":{\"app\":\"web\"}}}");
	read_config(&f, "{\"Name\":\"/k8s_app\",\"Config\":{\"Labels\":{"
			"\"io.kubernetes.sandbox.id\":\"../elsewhere\"}}}");
	assert_learned(&f, CONTAINER_SANDBOX_ID, "../elsewhere", SOURCE);
	assert_map(&f, CONTAINER_POD_LABELS, NULL, NULL);
}

static void bundle_is_found_with_either_containerd(void **state)
{
	static const char *const bundles[] = {
		"docker-exec/" MOBY_TASK ID,
		"containerd/io.containerd.runtime.v2.task/moby/" ID,
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(bundles); i++) {
		CLEANUP_STATE_FIXTURE struct state_fixture f;
		char bundle[256], rootfs[256];

		state_fixture_init(&f);
		state_fixture_bundle(&f, bundles[i], "null", OWN_PID_NAMESPACE);
		snprintf(bundle, sizeof(bundle), "@/%s", bundles[i]);
		snprintf(rootfs, sizeof(rootfs), "@/%s/rootfs", bundles[i]);
		read_config(&f, "{\"Name\":\"/web\"}");
		assert_learned(&f, CONTAINER_ENTRYPOINT, "/bin/app --motd 'hello world'", OCI);
		assert_learned(&f, CONTAINER_BUNDLE, bundle, OCI);
		assert_learned(&f, CONTAINER_ROOTFS, rootfs, OCI);
		assert_learned(&f, CONTAINER_PID_TARGET, NULL, NULL);
		assert_false(f.container.is_ephemeral);
	}
}

/* docker run --pid=container:OTHER, and kubectl debug --target through cri-dockerd */
static void pid_target_makes_it_ephemeral(void **state)
{
	CLEANUP_STATE_FIXTURE struct state_fixture f;
	char namespaces[128];

	(void)state;
	state_fixture_init(&f);
	own_pid_namespace_path(namespaces, sizeof(namespaces));
	state_fixture_bundle(&f, "docker-exec/" MOBY_TASK ID, "null", namespaces);
	read_config(&f, "{\"Name\":\"/debugger\"}");
	assert_true(f.container.is_ephemeral);
}

static void privileges_and_time_are_read(void **state)
{
	static const struct {
		const char *json, *source;
		uint64_t privileged;
	} cases[] = {
		{"{\"Privileged\":true}", "docker hostconfig.json", 1},
		{"{\"Privileged\":false}", "docker hostconfig.json", 0},
		{"{\"Privileged\":\"true\"}", NULL, 0},
		{"[]", NULL, 0},
	};
	CLEANUP_STATE_FIXTURE struct state_fixture f;

	(void)state;
	state_fixture_init(&f);
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		const char *source;

		scratch_write_text(&f.s, "docker/containers/" ID "/hostconfig.json", cases[i].json);
		read_config(&f, "{\"Created\":\"2026-11-23T07:23:17.5Z\"}");
		source = f.container.number_sources[CONTAINER_PRIVILEGED];
		assert_string_equal(source ?: "", cases[i].source ?: "");
		assert_int_equal(f.container.privileged, cases[i].privileged);
		assert_int_equal(f.container.created_ns, 1795418597500000000);
		assert_false(container_knows(&f.container, CONTAINER_STARTED_NS));
	}
}

static void wrong_types_are_unknown(void **state)
{
	static const char *const texts[] = {
		"",
		"null",
		"[]",
		"{}",
		"\"text\"",
		"{\"RestartCount\":\"1\",\"Config\":{\"Labels\":[\"a\"]}}",
		"{\"RestartCount\":-1}",
		"{\"RestartCount\":2147483648}",
		"{\"Name\":1,\"Config\":[],\"Image\":{},\"Driver\":[],\"ImageManifest\":[]}",
		"{\"Name\":[\"/web\"],\"Config\":{\"Image\":null,\"Labels\":[]}}",
		"{\"Name\":\"\",\"Image\":\"\",\"Config\":{\"Image\":\"\",\"Labels\":\"x\"}}",
		"{\"Name\":\"/\",\"Config\":\"Image\",\"ImageManifest\":{\"digest\":1}}",
		"{\"Name\":null,\"Config\":{\"Image\":{\"Image\":\"i\"},\"Labels\":null}}",
		"{\"name\":\"/web\",\"config\":{\"image\":\"i\"}}",
	};
	CLEANUP_STATE_FIXTURE struct state_fixture f;

	(void)state;
	state_fixture_init(&f);
	for (size_t i = 0; i < ARRAY_SIZE(texts); i++) {
		read_config(&f, texts[i]);
		assert_nothing_learned(&f);
	}
}

static void wrong_types_of_labels_are_unknown(void **state)
{
	CLEANUP_STATE_FIXTURE struct state_fixture f;

	(void)state;
	state_fixture_init(&f);
	read_config(&f, "{\"Name\":\"/k8s_x\",\"Config\":{\"Labels\":{"
			"\"io.kubernetes.container.name\":1,\"io.kubernetes.pod.name\":[\"p\"],"
			"\"io.kubernetes.docker.type\":{\"podsandbox\":true}}}}");
	assert_learned(&f, CONTAINER_NAME, "k8s_x", SOURCE);
	assert_learned(&f, CONTAINER_POD_NAME, NULL, NULL);
	assert_false(f.container.is_sandbox);
}

static void wrong_types_in_the_list_of_repositories_are_passed_over(void **state)
{
	static const char *const texts[] = {
		"[]",
		"{\"Repositories\":[]}",
		"{\"Repositories\":{\"a\":[],\"b\":1,\"c\":null,\"d\":{\"d@e\":1}}}",
		"{\"Repositories\":{\"web\":{\"web@sha256:0\":[\"sha256:" HEX "\"]}}}",
	};
	CLEANUP_STATE_FIXTURE struct state_fixture f;

	(void)state;
	state_fixture_init(&f);
	write_graphdriver(&f, "overlay2");
	for (size_t i = 0; i < ARRAY_SIZE(texts); i++) {
		scratch_write_text(&f.s, "docker/image/overlay2/repositories.json", texts[i]);
		state_fixture_read(&f, CONTAINER_RUNTIME_DOCKER);
		assert_learned(&f, CONTAINER_NAME, "web", SOURCE);
		assert_learned(&f, CONTAINER_IMAGE_DIGEST, NULL, NULL);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(name_and_image_are_read),
		cmocka_unit_test(health_check_is_read),
		cmocka_unit_test(probes_are_read_from_the_sandbox_alone),
		cmocka_unit_test(graphdriver_store_knows_the_digest),
		cmocka_unit_test(every_storage_driver_has_its_own_list),
		cmocka_unit_test(import_has_no_digest),
		cmocka_unit_test(containerd_image_store_has_the_digest_beside_the_image),
		cmocka_unit_test(pod_is_known_through_cri_dockerd),
		cmocka_unit_test(labels_of_an_image_change_nothing),
		cmocka_unit_test(labels_and_restarts_are_read),
		cmocka_unit_test(labels_and_annotations_of_cri_dockerd_are_told_apart),
		cmocka_unit_test(sandbox_that_is_no_file_name_is_not_looked_for),
		cmocka_unit_test(bundle_is_found_with_either_containerd),
		cmocka_unit_test(pid_target_makes_it_ephemeral),
		cmocka_unit_test(privileges_and_time_are_read),
		cmocka_unit_test(wrong_types_are_unknown),
		cmocka_unit_test(wrong_types_of_labels_are_unknown),
		cmocka_unit_test(wrong_types_in_the_list_of_repositories_are_passed_over),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
