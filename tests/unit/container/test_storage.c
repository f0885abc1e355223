/* SPDX-License-Identifier: Apache-2.0 */
/* Claims about agent/container/storage.c, on storage as Podman 4.3, 4.4 and CRI-O leave it. */
#include "database_fixture.h"

#define LIST_SOURCE   "storage containers.json"
#define CRIO_SOURCE   "cri-o config.json"
#define OCI           "oci config.json"
#define OVERLAY_FILE  "podman/overlay-containers/containers.json"
#define VOLATILE_FILE "podman/overlay-containers/volatile-containers.json"
#define VFS_FILE      "podman/vfs-containers/containers.json"
#define IMAGES_FILE   "podman/overlay-images/images.json"
#define BUNDLE        "podman/overlay-containers/" ID "/userdata"
#define CRIO          "io.kubernetes.cri-o."

#define ENTRY(id, name, image)                                               \
	"{\"id\":\"" id "\",\"names\":[\"" name "\"],\"image\":\"" HEX "\"," \
	"\"metadata\":\"{\\\"image-name\\\":\\\"" image "\\\",\\\"name\\\":\\\"x\\\"}\"}"

/* As Podman writes it, with the annotations that CRI-O has, too. */
#define LIBPOD_ANNOTATIONS                                                            \
	"{\"io.container.manager\":\"libpod\",\"" CRIO "ContainerType\":\"sandbox\"," \
	"\"" CRIO "SandboxID\":\"" OTHER "\",\"" CRIO "TTY\":\"false\"}"

#define CRIO_ANNOTATIONS(type)                                                          \
	"{\"io.container.manager\":\"cri-o\",\"" CRIO "ContainerType\":\"" type "\","   \
	"\"" CRIO "Image\":\"" HEX "\",\"" CRIO "ImageName\":\"registry.example/w:1\"," \
	"\"" CRIO "ImageRef\":\"" HEX "\",\"" CRIO "SandboxID\":\"" OTHER "\","         \
	"\"io.kubernetes.container.name\":\"app\",\"io.kubernetes.pod.name\":\"p\","    \
	"\"io.kubernetes.pod.namespace\":\"shop\",\"io.kubernetes.pod.uid\":\"u\"}"

static void assert_listed(struct state_fixture *f, const char *name, const char *image)
{
	state_fixture_read(f, CONTAINER_RUNTIME_PODMAN);
	assert_learned(f, CONTAINER_NAME, name, name ? LIST_SOURCE : NULL);
	assert_learned(f, CONTAINER_IMAGE, image, image ? LIST_SOURCE : NULL);
}

/* NAME and IMAGE are what is learned of the container ID from the list JSON alone. */
static void assert_list(const char *json, const char *name, const char *image)
{
	CLEANUP_STATE_FIXTURE struct state_fixture f;

	state_fixture_init(&f);
	scratch_write_text(&f.s, OVERLAY_FILE, json);
	assert_listed(&f, name, image);
}

static void podman_4_3_is_read(void **state)
{
	CLEANUP_STATE_FIXTURE struct state_fixture f;

	(void)state;
	state_fixture_init(&f);
	scratch_write_text(&f.s, OVERLAY_FILE,
		"[" ENTRY(OTHER, "db", "x") "," ENTRY(ID, "web", "localhost/web:1") "]");
	scratch_write_text(&f.s, IMAGES_FILE,
		"[{\"id\":\"" OTHER "\",\"digest\":\"sha256:1\"},"
		"{\"id\":\"" HEX "\",\"digest\":\"sha256:2\",\"names\":[\"localhost/web:1\"]}]");
	state_fixture_bundle(&f, BUNDLE, LIBPOD_ANNOTATIONS, OWN_PID_NAMESPACE);
	assert_listed(&f, "web", "localhost/web:1");
	assert_learned(&f, CONTAINER_IMAGE_ID, "sha256:" HEX, LIST_SOURCE);
	assert_learned(&f, CONTAINER_IMAGE_DIGEST, "sha256:2", "storage images.json");
	assert_learned(&f, CONTAINER_ENTRYPOINT, "/bin/app --motd 'hello world'", OCI);
	assert_learned(&f, CONTAINER_BUNDLE, "@/" BUNDLE, OCI);
	assert_learned(&f, CONTAINER_ROOTFS, "@/" BUNDLE "/rootfs", OCI);
	/* annotations of CRI-O's mean nothing here */
	assert_learned(&f, CONTAINER_SANDBOX_ID, NULL, NULL);
	assert_false(f.container.is_sandbox || f.container.is_ephemeral);
}

/* `podman run --rm`, from 4.4 on. */
static void volatile_containers_are_found(void **state)
{
	CLEANUP_STATE_FIXTURE struct state_fixture f;

	(void)state;
	state_fixture_init(&f);
	scratch_write_text(&f.s, VOLATILE_FILE, "[" ENTRY(ID, "web", "i") "]");
	assert_listed(&f, "web", "i");
	scratch_write_text(&f.s, OVERLAY_FILE, "[" ENTRY(OTHER, "db", "x") "]");
	assert_listed(&f, "web", "i");
	scratch_write_text(&f.s, OVERLAY_FILE, "[{\"id\":");
	assert_listed(&f, "web", "i");
}

static void broken_list_of_volatile_containers_hides_no_other(void **state)
{
	CLEANUP_STATE_FIXTURE struct state_fixture f;

	(void)state;
	state_fixture_init(&f);
	scratch_write_text(&f.s, VOLATILE_FILE, "{}");
	scratch_write_text(&f.s, OVERLAY_FILE, "[" ENTRY(ID, "web", "i") "]");
	assert_listed(&f, "web", "i");
}

static void container_of_another_id_is_not_taken(void **state)
{
	(void)state;
	assert_list("[" ENTRY(OTHER, "db", "x") "]", NULL, NULL);
	assert_list("[]", NULL, NULL);
}

static void every_storage_driver_is_looked_into(void **state)
{
	CLEANUP_STATE_FIXTURE struct state_fixture f;

	(void)state;
	state_fixture_init(&f);
	scratch_write_text(&f.s, OVERLAY_FILE, "[" ENTRY(OTHER, "db", "x") "]");
	scratch_write_text(&f.s, VFS_FILE, "[" ENTRY(ID, "web", "i") "]");
	scratch_write_text(&f.s, IMAGES_FILE, "[{\"id\":\"" HEX "\",\"digest\":\"sha256:2\"}]");
	scratch_write_text(
		&f.s, "podman/x-containers.old/containers.json", "[" ENTRY(ID, "old", "old") "]");
	scratch_write_text(
		&f.s, "podman/-containers/containers.json", "[" ENTRY(ID, "none", "none") "]");
	assert_listed(&f, "web", "i");
	assert_learned(&f, CONTAINER_IMAGE_DIGEST, NULL, NULL); /* that image is in overlay's */
}

static void broken_driver_does_not_hide_another(void **state)
{
	CLEANUP_STATE_FIXTURE struct state_fixture f;

	(void)state;
	state_fixture_init(&f);
	scratch_write_text(&f.s, OVERLAY_FILE, "[{\"id\":\"" ID "\"");
	scratch_write_text(&f.s, VFS_FILE, "[" ENTRY(ID, "web", "i") "]");
	scratch_mkdir(&f.s, "podman/zfs-containers");
	assert_listed(&f, "web", "i");
}

static void wrong_types_in_the_list_are_unknown(void **state)
{
	static const char *const texts[] = {
		"",
		"{}",
		"{\"id\":\"" ID "\",\"names\":[\"web\"]}",
		"[1, \"x\", null, [], {}]",
		"[{\"id\":1}]",
		"[{\"id\":\"" ID "\"}]",
		"[{\"id\":\"" ID "\",\"names\":\"web\",\"metadata\":{\"image-name\":\"i\"}}]",
		"[{\"id\":\"" ID "\",\"names\":[],\"metadata\":\"no json\",\"image\":\"short\"}]",
		"[{\"id\":\"" ID "\",\"names\":[1],\"metadata\":\"[]\",\"image\":[]}]",
		"[{\"id\":\"" ID "\",\"names\":[\"\"],\"metadata\":\"{\\\"image-name\\\":1}\"}]",
	};
	CLEANUP_STATE_FIXTURE struct state_fixture f;

	(void)state;
	state_fixture_init(&f);
	for (size_t i = 0; i < ARRAY_SIZE(texts); i++) {
		scratch_write_text(&f.s, OVERLAY_FILE, texts[i]);
		state_fixture_read(&f, CONTAINER_RUNTIME_PODMAN);
		assert_nothing_learned(&f);
	}
}

static void wrong_types_in_the_list_of_images_are_unknown(void **state)
{
	static const char *const texts[] = {"", "{}", "[1,{\"id\":[]}]", "[{\"id\":\"" HEX "\"}]",
		"[{\"id\":\"" HEX "\",\"digest\":{}}]"};
	CLEANUP_STATE_FIXTURE struct state_fixture f;

	(void)state;
	state_fixture_init(&f);
	scratch_write_text(&f.s, OVERLAY_FILE, "[" ENTRY(ID, "web", "i") "]");
	for (size_t i = 0; i < ARRAY_SIZE(texts); i++) {
		scratch_write_text(&f.s, IMAGES_FILE, texts[i]);
		assert_listed(&f, "web", "i");
		assert_learned(&f, CONTAINER_IMAGE_DIGEST, NULL, NULL);
	}
}

static void container_of_crio_is_read(void **state)
{
	CLEANUP_STATE_FIXTURE struct state_fixture f;

	(void)state;
	state_fixture_init(&f);
	state_fixture_bundle(&f, BUNDLE, CRIO_ANNOTATIONS("container"), OWN_PID_NAMESPACE);
	scratch_write_text(&f.s, VOLATILE_FILE, "[" ENTRY(ID, "k8s_app_p_shop_u_0", "x") "]");
	scratch_write_text(&f.s, IMAGES_FILE, "[{\"id\":\"" HEX "\",\"digest\":\"sha256:2\"}]");
	state_fixture_read(&f, CONTAINER_RUNTIME_CRIO);
	assert_learned(&f, CONTAINER_NAME, "app", CRIO_SOURCE);
	assert_learned(&f, CONTAINER_IMAGE, "registry.example/w:1", CRIO_SOURCE);
	assert_learned(&f, CONTAINER_IMAGE_ID, "sha256:" HEX, CRIO_SOURCE);
	assert_learned(&f, CONTAINER_IMAGE_DIGEST, "sha256:2", "storage images.json");
	assert_learned(&f, CONTAINER_POD_NAME, "p", CRIO_SOURCE);
	assert_learned(&f, CONTAINER_POD_NAMESPACE, "shop", CRIO_SOURCE);
	assert_learned(&f, CONTAINER_POD_UID, "u", CRIO_SOURCE);
	assert_learned(&f, CONTAINER_SANDBOX_ID, OTHER, CRIO_SOURCE);
	assert_learned(&f, CONTAINER_ENTRYPOINT, "/bin/app --motd 'hello world'", OCI);
	assert_false(f.container.is_sandbox || f.container.is_ephemeral);
}

#define CRIO_MAPS(labels, annotations)                                                 \
	"{\"io.container.manager\":\"cri-o\",\"" CRIO "ContainerType\":\"container\"," \
	"\"" CRIO "SandboxID\":\"" OTHER "\",\"" CRIO "Labels\":" labels ",\"" CRIO    \
	"Annotations\":" annotations ",\"" CRIO                                        \
	"ImageRepoDigests\":\"h/w@sha256:1,h/v@sha256:2\"}"

static void labels_of_crio_are_read(void **state)
{
	CLEANUP_STATE_FIXTURE struct state_fixture f;

	(void)state;
	state_fixture_init(&f);
	state_fixture_bundle(&f, "podman/overlay-containers/" OTHER "/userdata",
		CRIO_MAPS("\"{\\\"app\\\":\\\"web\\\"}\"", "\"{}\""), OWN_PID_NAMESPACE);
	state_fixture_bundle(&f, BUNDLE,
		CRIO_MAPS("\"{\\\"l\\\":\\\"1\\\"}\"",
			"\"{\\\"io.kubernetes.container.restartCount\\\":\\\"5\\\"}\""),
		OWN_PID_NAMESPACE);
	state_fixture_read(&f, CONTAINER_RUNTIME_CRIO);
	assert_map(&f, CONTAINER_LABELS, "l:1", CRIO_SOURCE);
	assert_map(
		&f, CONTAINER_ANNOTATIONS, "io.kubernetes.container.restartCount:5", CRIO_SOURCE);
	assert_map(&f, CONTAINER_POD_LABELS, "app:web", CRIO_SOURCE);
	assert_int_equal(f.container.restarts, 5);
	assert_learned(&f, CONTAINER_IMAGE_DIGEST, "h/w@sha256:1", CRIO_SOURCE);
}

static void probes_of_crio_are_read_from_the_sandbox_alone(void **state)
{
	static const char applied[] = CRIO_MAPS(
		"\"{}\"", "\"{\\\"" APPLIED_KEY "\\\":\\\"" APPLIED_POD("\\\\\\\"") "\\\"}\"");
	CLEANUP_STATE_FIXTURE struct state_fixture f;

	(void)state;
	state_fixture_init(&f);
	state_fixture_bundle(&f, BUNDLE, applied, OWN_PID_NAMESPACE);
	for (int i = 0; i < 2; i++) {
		container_forget(&f.container);
		f.container.runtime = CONTAINER_RUNTIME_CRIO;
		container_learn(&f.container, CONTAINER_NAME, "app", CRIO_SOURCE);
		container_read_state(&f.container, &f.roots);
		assert_int_equal(f.container.check_count, i);
		state_fixture_bundle(&f, "podman/overlay-containers/" OTHER "/userdata", applied,
			OWN_PID_NAMESPACE);
	}
	assert_true(has_one_check(&f, "/live", "-v"));
	assert_string_equal(f.container.checks[0].source, CRIO_SOURCE);
}

static void labels_of_crio_that_are_no_objects_are_unknown(void **state)
{
	static const char *const texts[] = {
		"1", "null", "{\"a\":\"b\"}", "\"\"", "\"[]\"", "\"{\"", "\"null\""};
	CLEANUP_STRBUF struct strbuf json = STRBUF_INIT;
	CLEANUP_STATE_FIXTURE struct state_fixture f;

	(void)state;
	state_fixture_init(&f);
	for (size_t i = 0; i < ARRAY_SIZE(texts); i++) {
		strbuf_reset(&json);
		strbuf_addf(&json,
			"{\"io.container.manager\":\"cri-o\",\"" CRIO "Labels\":%s,\"" CRIO
			"Annotations\":%s}",
			texts[i], texts[i]);
		state_fixture_bundle(&f, BUNDLE, strbuf_text(&json), OWN_PID_NAMESPACE);
		state_fixture_read(&f, CONTAINER_RUNTIME_CRIO);
		for (int kind = 0; kind < CONTAINER_MAPS; kind++)
			assert_map(&f, kind, NULL, NULL);
		assert_false(container_knows(&f.container, CONTAINER_RESTARTS));
	}
}

/* A pod of Podman's that shares its processes is no debug container. */
static void container_in_a_pod_of_podman_is_read_from_its_database(void **state)
{
	CLEANUP_STATE_FIXTURE struct state_fixture f;
	CLEANUP_STRBUF struct strbuf infra = STRBUF_INIT;
	char namespaces[128], sandbox[CONTAINER_TEXT_MAX];
	struct db_value values[] = {
		{"ctr|" ID "|config", "{\"labels\":{\"a\":\"b\"}}"},
		{"ctr|" ID "|pod-id", OTHER},
		{"pod|" OTHER "|config", "{\"name\":\"shop\"}"},
		{"pod|" OTHER "|state", NULL},
	};

	(void)state;
	state_fixture_init(&f);
	own_pid_namespace_path(namespaces, sizeof(namespaces));
	own_cgroup_word(sandbox, sizeof(sandbox));
	strbuf_addf(&infra, "{\"InfraContainerID\":\"%s\"}", sandbox);
	values[3].value = strbuf_text(&infra);
	database_write(&f, "podman/libpod/bolt_state.db", values, ARRAY_SIZE(values));
	state_fixture_bundle(&f, BUNDLE, LIBPOD_ANNOTATIONS, namespaces);
	state_fixture_read(&f, CONTAINER_RUNTIME_PODMAN);
	assert_map(&f, CONTAINER_LABELS, "a:b", "podman bolt_state.db");
	assert_string_equal(container_map_find(&f.container.annotations, CRIO "TTY"), "false");
	assert_string_equal(f.container.annotations.source, OCI);
	assert_learned(&f, CONTAINER_POD_NAME, "shop", "podman bolt_state.db");
	assert_learned(&f, CONTAINER_SANDBOX_ID, sandbox, "podman bolt_state.db");
	assert_false(f.container.is_ephemeral);
}

static void sandbox_of_crio_is_told(void **state)
{
	CLEANUP_STATE_FIXTURE struct state_fixture f;
	char namespaces[128];

	(void)state;
	state_fixture_init(&f);
	own_pid_namespace_path(namespaces, sizeof(namespaces));
	state_fixture_bundle(&f, BUNDLE, CRIO_ANNOTATIONS("sandbox"), namespaces);
	state_fixture_read(&f, CONTAINER_RUNTIME_CRIO);
	assert_true(f.container.is_sandbox);
	assert_false(f.container.is_ephemeral);
}

static void debug_container_of_crio_is_told(void **state)
{
	CLEANUP_STATE_FIXTURE struct state_fixture f;
	char namespaces[128];

	(void)state;
	state_fixture_init(&f);
	own_pid_namespace_path(namespaces, sizeof(namespaces));
	state_fixture_bundle(&f, BUNDLE, CRIO_ANNOTATIONS("container"), namespaces);
	state_fixture_read(&f, CONTAINER_RUNTIME_CRIO);
	assert_true(f.container.is_ephemeral);
}

/* The two share a layout, and Podman writes annotations of CRI-O's. */
static void engine_is_told_by_its_own_word_only(void **state)
{
	static const struct {
		const char *annotations;
		enum container_runtime runtime;
	} cases[] = {
		{LIBPOD_ANNOTATIONS, CONTAINER_RUNTIME_PODMAN},
		{CRIO_ANNOTATIONS("container"), CONTAINER_RUNTIME_CRIO},
		{"{\"io.container.manager\":\"buildah\"}", CONTAINER_RUNTIME_UNKNOWN},
		{"{\"io.container.manager\":1}", CONTAINER_RUNTIME_UNKNOWN},
		{"{}", CONTAINER_RUNTIME_UNKNOWN},
	};
	CLEANUP_STATE_FIXTURE struct state_fixture f;

	(void)state;
	state_fixture_init(&f);
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		state_fixture_bundle(&f, BUNDLE, cases[i].annotations, OWN_PID_NAMESPACE);
		state_fixture_read(&f, CONTAINER_RUNTIME_UNKNOWN);
		assert_string_equal(container_runtime_name(f.container.runtime),
			container_runtime_name(cases[i].runtime));
	}
}

static void without_its_bundle_a_container_is_of_the_engine_its_path_names(void **state)
{
	CLEANUP_STATE_FIXTURE struct state_fixture f;

	(void)state;
	state_fixture_init(&f);
	scratch_write_text(&f.s, OVERLAY_FILE, "[" ENTRY(ID, "web", "i") "]");
	state_fixture_read(&f, CONTAINER_RUNTIME_UNKNOWN);
	assert_int_equal(f.container.runtime, CONTAINER_RUNTIME_UNKNOWN);
	assert_nothing_learned(&f);
	state_fixture_read(&f, CONTAINER_RUNTIME_CRIO);
	assert_learned(&f, CONTAINER_NAME, "web", LIST_SOURCE);
}

/* As Podman 4.3 writes a pod's members, and its infra container, with --share pid. */
static void pod_of_podman_is_no_debug_container(void **state)
{
	CLEANUP_STATE_FIXTURE struct state_fixture f;
	char namespaces[128], sandbox[CONTAINER_TEXT_MAX];
	CLEANUP_STRBUF struct strbuf annotations = STRBUF_INIT;

	(void)state;
	state_fixture_init(&f);
	own_pid_namespace_path(namespaces, sizeof(namespaces));
	own_cgroup_word(sandbox, sizeof(sandbox));
	strbuf_addf(&annotations,
		"{\"io.container.manager\":\"libpod\",\"" CRIO "ContainerType\":\"container\","
		"\"" CRIO "SandboxID\":\"%s\"}",
		sandbox);
	state_fixture_bundle(&f, BUNDLE, strbuf_text(&annotations), namespaces);
	scratch_write_text(&f.s, OVERLAY_FILE, "[" ENTRY(ID, "m1", "i") "]");
	assert_listed(&f, "m1", "i");
	assert_learned(&f, CONTAINER_SANDBOX_ID, sandbox, "podman config.json");
	assert_false(f.container.is_ephemeral || f.container.is_sandbox);
	/* podman run --pid container:... */
	state_fixture_bundle(&f, BUNDLE, "{\"io.container.manager\":\"libpod\"}", namespaces);
	assert_listed(&f, "m1", "i");
	assert_true(f.container.is_ephemeral);
}

static void infra_container_of_podman_is_a_sandbox(void **state)
{
	static const struct {
		const char *name, *cgroup;
		bool is_sandbox;
	} cases[] = {
		{"3c282f08424e-infra", "/libpod_parent/3c282f08424e7480dd98/libpod-" ID, true},
		{"3c282f08424e-infra", "/machine.slice/machine-libpod_pod_3c282f08424e7480.slice/x",
			true},
		{"3c282f08424e-infra", "/libpod_parent/libpod-" ID, false}, /* called so */
		{"web-infra", "/libpod_parent/web/libpod-" ID, false},
		{"3c282f08424e-infrb", "/libpod_parent/3c282f08424e7480dd98/libpod-" ID, false},
	};
	CLEANUP_STATE_FIXTURE struct state_fixture f;

	(void)state;
	state_fixture_init(&f);
	state_fixture_bundle(&f, BUNDLE, LIBPOD_ANNOTATIONS, OWN_PID_NAMESPACE);
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		CLEANUP_STRBUF struct strbuf list = STRBUF_INIT;

		strbuf_addf(&list, "[{\"id\":\"" ID "\",\"names\":[\"%s\"]}]", cases[i].name);
		scratch_write_text(&f.s, OVERLAY_FILE, strbuf_text(&list));
		f.container.cgroup_path = (char *)cases[i].cgroup;
		assert_listed(&f, cases[i].name, NULL);
		assert_int_equal(f.container.is_sandbox, cases[i].is_sandbox);
	}
}

static void time_of_creation_is_read(void **state)
{
	CLEANUP_STATE_FIXTURE struct state_fixture f;

	(void)state;
	state_fixture_init(&f);
	scratch_write_text(&f.s, OVERLAY_FILE,
		"[{\"id\":\"" ID "\",\"created\":\"2026-11-23T08:23:17.5+01:00\"}]");
	state_fixture_read(&f, CONTAINER_RUNTIME_PODMAN);
	assert_int_equal(f.container.created_ns, 1795418597500000000);
	assert_string_equal(f.container.number_sources[CONTAINER_CREATED_NS], LIST_SOURCE);
	state_fixture_bundle(&f, BUNDLE,
		"{\"io.container.manager\":\"libpod\",\"" CRIO
		"Created\":\"2026-11-23T07:23:17.25Z\"}",
		"[]");
	state_fixture_read(&f, CONTAINER_RUNTIME_PODMAN);
	assert_int_equal(f.container.created_ns, 1795418597250000000);
	assert_string_equal(f.container.number_sources[CONTAINER_CREATED_NS], "podman config.json");
	state_fixture_bundle(&f, BUNDLE,
		"{\"io.container.manager\":\"cri-o\",\"" CRIO "Created\":\"2026-11-23T07:23:17Z\"}",
		"[]");
	state_fixture_read(&f, CONTAINER_RUNTIME_CRIO);
	assert_int_equal(f.container.created_ns, 1795418597000000000);
	assert_string_equal(f.container.number_sources[CONTAINER_CREATED_NS], CRIO_SOURCE);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(pod_of_podman_is_no_debug_container),
		cmocka_unit_test(infra_container_of_podman_is_a_sandbox),
		cmocka_unit_test(time_of_creation_is_read),
		cmocka_unit_test(podman_4_3_is_read),
		cmocka_unit_test(volatile_containers_are_found),
		cmocka_unit_test(broken_list_of_volatile_containers_hides_no_other),
		cmocka_unit_test(container_of_another_id_is_not_taken),
		cmocka_unit_test(every_storage_driver_is_looked_into),
		cmocka_unit_test(broken_driver_does_not_hide_another),
		cmocka_unit_test(wrong_types_in_the_list_are_unknown),
		cmocka_unit_test(wrong_types_in_the_list_of_images_are_unknown),
		cmocka_unit_test(container_of_crio_is_read),
		cmocka_unit_test(labels_of_crio_are_read),
		cmocka_unit_test(probes_of_crio_are_read_from_the_sandbox_alone),
		cmocka_unit_test(labels_of_crio_that_are_no_objects_are_unknown),
		cmocka_unit_test(container_in_a_pod_of_podman_is_read_from_its_database),
		cmocka_unit_test(sandbox_of_crio_is_told),
		cmocka_unit_test(debug_container_of_crio_is_told),
		cmocka_unit_test(engine_is_told_by_its_own_word_only),
		cmocka_unit_test(without_its_bundle_a_container_is_of_the_engine_its_path_names),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
