/* SPDX-License-Identifier: Apache-2.0 */
/* Claims about agent/container/state.c, on state directories made for the purpose. */
#include "scratch.h"

#include "barewatch/container.h"

#define ID    "0f3b4c5d6e7f8091a2b3c4d5e6f708192a3b4c5d6e7f8091a2b3c4d5e6f70819"
#define OTHER "ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff"

#define DOCKER_FILE   "docker/containers/" ID "/config.v2.json"
#define OVERLAY_FILE  "podman/overlay-containers/containers.json"
#define VFS_FILE      "podman/vfs-containers/containers.json"
#define VOLATILE_FILE "podman/overlay-containers/volatile-containers.json"

#define PODMAN_ENTRY(id, name, image)                                       \
	"{\"id\":\"" id "\",\"names\":[\"" name "\"],\"image\":\"sha256\"," \
	"\"metadata\":\"{\\\"image-name\\\":\\\"" image "\\\",\\\"name\\\":\\\"x\\\"}\"}"

/* Reads the state of container ID below S and asserts what is found; "" is unknown. */
static void assert_state(
	struct scratch *s, enum container_runtime runtime, const char *name, const char *image)
{
	char docker[64], podman[64];
	struct container_roots roots = {.docker = docker, .podman = podman};
	struct container container = {.id = ID, .runtime = runtime};

	snprintf(docker, sizeof(docker), "%s/docker", s->root);
	snprintf(podman, sizeof(podman), "%s/podman", s->root);
	container_read_state(&container, &roots);
	assert_string_equal(container.name ? container.name : "", name);
	assert_string_equal(container.image ? container.image : "", image);
	free(container.name);
	free(container.image);
}

static void assert_docker(const char *json, const char *name, const char *image)
{
	CLEANUP_SCRATCH struct scratch s;

	scratch_init(&s);
	scratch_write_text(&s, DOCKER_FILE, json);
	assert_state(&s, CONTAINER_RUNTIME_DOCKER, name, image);
}

static void assert_podman(const char *json, const char *name, const char *image)
{
	CLEANUP_SCRATCH struct scratch s;

	scratch_init(&s);
	scratch_write_text(&s, OVERLAY_FILE, json);
	assert_state(&s, CONTAINER_RUNTIME_PODMAN, name, image);
}

static void docker_state_is_read(void **state)
{
	(void)state;
	assert_docker("{\"ID\":\"" ID "\",\"Name\":\"/web\",\"Image\":\"sha256:0\","
		      "\"Config\":{\"Image\":\"registry.example/web:1.2\",\"Cmd\":null}}",
		"web", "registry.example/web:1.2");
	assert_docker("{\"Name\":\"web\"}", "web", "");
	assert_docker("{\"Config\":{\"Image\":\"i\"}}", "", "i");
	assert_docker("{\"Name\":\"/a/b\"}", "a/b", "");
}

static void wrong_types_in_docker_state_are_unknown(void **state)
{
	static const char *const texts[] = {
		"",
		"null",
		"[]",
		"{}",
		"\"text\"",
		"{\"Name\":1,\"Config\":[]}",
		"{\"Name\":[\"/web\"],\"Config\":{\"Image\":null}}",
		"{\"Name\":\"\",\"Config\":{\"Image\":\"\"}}",
		"{\"Name\":\"/\",\"Config\":\"Image\"}",
		"{\"Name\":null,\"Config\":{\"Image\":{\"Image\":\"i\"}}}",
		"{\"name\":\"/web\",\"config\":{\"image\":\"i\"}}",
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(texts); i++)
		assert_docker(texts[i], "", "");
}

static void what_is_no_json_is_unknown(void **state)
{
	static const char *const texts[] = {
		"{\"Name\":\"/web\"",
		"{\"Name\":\"/web\"} trailing",
		"{\"Name\":\"/web\\u0000x\"}", /* NUL in a text */
		"{\"Name\":\"/web\xff\"}", /* no UTF-8 */
		"\033[2J",
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(texts); i++)
		assert_docker(texts[i], "", "");
}

static void every_truncation_is_unknown(void **state)
{
	static const char whole[] = "{\"Name\":\"/web\",\"Config\":{\"Image\":\"i\"}}";
	CLEANUP_SCRATCH struct scratch s;

	(void)state;
	scratch_init(&s);
	for (size_t size = 0; size < sizeof(whole) - 1; size++) {
		scratch_write(&s, DOCKER_FILE, whole, size);
		assert_state(&s, CONTAINER_RUNTIME_DOCKER, "", "");
	}
	scratch_write_text(&s, DOCKER_FILE, whole);
	assert_state(&s, CONTAINER_RUNTIME_DOCKER, "web", "i");
}

static void hostile_names_are_kept_as_they_are(void **state)
{
	(void)state;
	/* escaping is for those who print */
	assert_docker("{\"Name\":\"/a\\nb\\u001b[2J\"}", "a\nb\033[2J", "");
}

/* A valid beginning, then spaces up to SIZE bytes. */
static void write_padded(struct scratch *s, const char *name, const char *json, size_t size)
{
	CLEANUP_FREE char *text = malloc(size);

	assert_non_null(text);
	memset(text, ' ', size);
	memcpy(text, json, strlen(json));
	scratch_write(s, name, text, size);
}

static void huge_files_are_unknown(void **state)
{
	CLEANUP_SCRATCH struct scratch s;
	const size_t limit = 16u << 20;

	(void)state;
	scratch_init(&s);
	write_padded(&s, DOCKER_FILE, "{\"Name\":\"/web\"}", limit);
	assert_state(&s, CONTAINER_RUNTIME_DOCKER, "web", "");
	write_padded(&s, DOCKER_FILE, "{\"Name\":\"/web\"}", limit + 1);
	assert_state(&s, CONTAINER_RUNTIME_DOCKER, "", "");
	write_padded(&s, OVERLAY_FILE, "[" PODMAN_ENTRY(ID, "web", "i") "]", limit + 1);
	assert_state(&s, CONTAINER_RUNTIME_PODMAN, "", "");
}

static void deep_nesting_is_unknown(void **state)
{
	CLEANUP_FREE char *text = malloc(1000001);

	(void)state;
	assert_non_null(text);
	memset(text, '[', 1000000);
	text[1000000] = '\0';
	assert_docker(text, "", "");
	assert_podman(text, "", "");
}

static void missing_files_are_unknown(void **state)
{
	CLEANUP_SCRATCH struct scratch s;

	(void)state;
	scratch_init(&s);
	assert_state(&s, CONTAINER_RUNTIME_DOCKER, "", "");
	assert_state(&s, CONTAINER_RUNTIME_PODMAN, "", "");
	scratch_mkdir(&s, "docker/containers/" ID "/config.v2.json");
	scratch_mkdir(&s, "podman/overlay-containers/containers.json");
	assert_state(&s, CONTAINER_RUNTIME_DOCKER, "", "");
	assert_state(&s, CONTAINER_RUNTIME_PODMAN, "", "");
}

/* A reader that waits for a writer would wait for ever. */
static void pipes_in_place_of_files_are_unknown(void **state)
{
	CLEANUP_SCRATCH struct scratch s;

	(void)state;
	scratch_init(&s);
	scratch_mkdir(&s, "docker/containers/" ID);
	scratch_mkdir(&s, "podman/overlay-containers");
	assert_int_equal(mkfifo(scratch_path(&s, DOCKER_FILE), 0600), 0);
	assert_int_equal(mkfifo(scratch_path(&s, OVERLAY_FILE), 0600), 0);
	assert_state(&s, CONTAINER_RUNTIME_DOCKER, "", "");
	assert_state(&s, CONTAINER_RUNTIME_PODMAN, "", "");
}

static void podman_state_is_read(void **state)
{
	(void)state;
	assert_podman("[" PODMAN_ENTRY(OTHER, "db", "x") "," PODMAN_ENTRY(
			      ID, "web", "registry.example/web:1.2") "]",
		"web", "registry.example/web:1.2");
}

static void podman_container_of_another_id_is_not_taken(void **state)
{
	(void)state;
	assert_podman("[" PODMAN_ENTRY(OTHER, "db", "x") "]", "", "");
	assert_podman("[]", "", "");
}

/* `podman run --rm`, from 4.4 on. */
static void volatile_containers_of_podman_are_found(void **state)
{
	CLEANUP_SCRATCH struct scratch s;

	(void)state;
	scratch_init(&s);
	scratch_write_text(&s, VOLATILE_FILE, "[" PODMAN_ENTRY(ID, "web", "i") "]");
	assert_state(&s, CONTAINER_RUNTIME_PODMAN, "web", "i");
	scratch_write_text(&s, OVERLAY_FILE, "[" PODMAN_ENTRY(OTHER, "db", "x") "]");
	assert_state(&s, CONTAINER_RUNTIME_PODMAN, "web", "i");
	scratch_write_text(&s, OVERLAY_FILE, "[{\"id\":");
	assert_state(&s, CONTAINER_RUNTIME_PODMAN, "web", "i");
}

static void broken_list_of_volatile_containers_hides_no_other(void **state)
{
	CLEANUP_SCRATCH struct scratch s;

	(void)state;
	scratch_init(&s);
	scratch_write_text(&s, VOLATILE_FILE, "{}");
	scratch_write_text(&s, OVERLAY_FILE, "[" PODMAN_ENTRY(ID, "web", "i") "]");
	assert_state(&s, CONTAINER_RUNTIME_PODMAN, "web", "i");
}

static void every_storage_driver_is_looked_into(void **state)
{
	CLEANUP_SCRATCH struct scratch s;

	(void)state;
	scratch_init(&s);
	scratch_write_text(&s, OVERLAY_FILE, "[" PODMAN_ENTRY(OTHER, "db", "x") "]");
	scratch_write_text(&s, VFS_FILE, "[" PODMAN_ENTRY(ID, "web", "i") "]");
	scratch_write_text(&s, "podman/overlay-images/images.json", "[]");
	scratch_write_text(&s, "podman/x-containers.old/containers.json",
		"[" PODMAN_ENTRY(ID, "old", "old") "]");
	assert_state(&s, CONTAINER_RUNTIME_PODMAN, "web", "i");
}

static void broken_driver_does_not_hide_another(void **state)
{
	CLEANUP_SCRATCH struct scratch s;

	(void)state;
	scratch_init(&s);
	scratch_write_text(&s, OVERLAY_FILE, "[{\"id\":\"" ID "\"");
	scratch_write_text(&s, VFS_FILE, "[" PODMAN_ENTRY(ID, "web", "i") "]");
	scratch_mkdir(&s, "podman/zfs-containers");
	assert_state(&s, CONTAINER_RUNTIME_PODMAN, "web", "i");
}

static void wrong_types_in_podman_state_are_unknown(void **state)
{
	static const char *const texts[] = {
		"",
		"{}",
		"{\"id\":\"" ID "\",\"names\":[\"web\"]}",
		"[1, \"x\", null, [], {}]",
		"[{\"id\":1}]",
		"[{\"id\":\"" ID "\"}]",
		"[{\"id\":\"" ID "\",\"names\":\"web\",\"metadata\":{\"image-name\":\"i\"}}]",
		"[{\"id\":\"" ID "\",\"names\":[],\"metadata\":\"no json\"}]",
		"[{\"id\":\"" ID "\",\"names\":[1],\"metadata\":\"[]\"}]",
		"[{\"id\":\"" ID "\",\"names\":[\"\"],\"metadata\":\"{\\\"image-name\\\":1}\"}]",
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(texts); i++)
		assert_podman(texts[i], "", "");
}

static void other_runtimes_have_no_state_here(void **state)
{
	CLEANUP_SCRATCH struct scratch s;

	(void)state;
	scratch_init(&s);
	scratch_write_text(&s, DOCKER_FILE, "{\"Name\":\"/web\"}");
	scratch_write_text(&s, OVERLAY_FILE, "[" PODMAN_ENTRY(ID, "web", "i") "]");
	assert_state(&s, CONTAINER_RUNTIME_UNKNOWN, "", "");
	assert_state(&s, CONTAINER_RUNTIME_CONTAINERD, "", "");
	assert_state(&s, CONTAINER_RUNTIME_CRIO, "", "");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(docker_state_is_read),
		cmocka_unit_test(wrong_types_in_docker_state_are_unknown),
		cmocka_unit_test(what_is_no_json_is_unknown),
		cmocka_unit_test(every_truncation_is_unknown),
		cmocka_unit_test(hostile_names_are_kept_as_they_are),
		cmocka_unit_test(huge_files_are_unknown),
		cmocka_unit_test(deep_nesting_is_unknown),
		cmocka_unit_test(missing_files_are_unknown),
		cmocka_unit_test(pipes_in_place_of_files_are_unknown),
		cmocka_unit_test(podman_state_is_read),
		cmocka_unit_test(podman_container_of_another_id_is_not_taken),
		cmocka_unit_test(volatile_containers_of_podman_are_found),
		cmocka_unit_test(broken_list_of_volatile_containers_hides_no_other),
		cmocka_unit_test(every_storage_driver_is_looked_into),
		cmocka_unit_test(broken_driver_does_not_hide_another),
		cmocka_unit_test(wrong_types_in_podman_state_are_unknown),
		cmocka_unit_test(other_runtimes_have_no_state_here),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
