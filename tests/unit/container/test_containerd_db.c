/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Claims about agent/container/containerd_db.c, on databases as containerd 1.6 fills them for
 * CRI, nerdctl and ctr.
 */
#include "database_fixture.h"

#include "container/reader.h"

#define FILE_NAME "containerd-root/io.containerd.metadata.v1.bolt/meta.db"
#define SOURCE    "containerd meta.db"
#define SANDBOX   OTHER
#define IMAGE_ID  "sha256:" HEX
#define DIGEST    "sha256:1111111111111111111111111111111111111111111111111111111111111111"
#define MOVED     "sha256:2222222222222222222222222222222222222222222222222222222222222222"
#define K8S       "v1|k8s.io|"
#define DETAILS   "|extensions|io.cri-containerd.container.metadata"
#define POD       "|extensions|io.cri-containerd.sandbox.metadata"

/* CRI's JSON in a protobuf Any, made in MEMORY. */
static const char *any_of(struct strbuf *memory, const char *json)
{
	size_t len = strlen(json);

	assert_true(len >= 128 && len < 16384); /* a length of two bytes; no NUL in it */
	strbuf_add_text(memory, "\x0a\x06"
				"a/Meta"
				"\x12");
	strbuf_add_char(memory, (char)(0x80 | (len & 0x7f)));
	strbuf_add_char(memory, (char)(len >> 7));
	strbuf_add_text(memory, json);
	return strbuf_text(memory);
}

#define CONTAINER_JSON(image_ref, labels, annotations)                                       \
	"{\"Version\":\"v1\",\"Metadata\":{\"ID\":\"" ID "\",\"SandboxID\":\"" SANDBOX "\"," \
	"\"Config\":{\"metadata\":{\"name\":\"app\"}" labels annotations                     \
	"},\"ImageRef\":\"" image_ref "\"}}"
#define LABELS ",\"labels\":{\"io.kubernetes.container.name\":\"app\"}"
#define ANNOTATIONS \
	",\"annotations\":{\"note\":\"n\",\"io.kubernetes.container.restartCount\":\"4\"}"

#define POD_JSON                                                                             \
	"{\"Version\":\"v1\",\"Metadata\":{\"ID\":\"" SANDBOX "\",\"Name\":\"p_shop_u_0\","  \
	"\"Config\":{\"metadata\":{\"name\":\"p\"},\"labels\":{\"app\":\"web\",\"tier\":"    \
	"\"front\"},\"annotations\":{\"kubernetes.io/config.source\":\"api\",\"" APPLIED_KEY \
	"\":\"" APPLIED_POD("\\\"") "\"}}}}"

static void read_database(struct state_fixture *f, const char *namespace)
{
	container_forget(&f->container);
	containerd_read_database(&f->container, &f->roots, namespace);
}

/* A pod's container, whose image's name may be another image's by now. */
static void read_pod(struct state_fixture *f, const char *json, const char *name_digest)
{
	CLEANUP_STRBUF struct strbuf container = STRBUF_INIT, sandbox = STRBUF_INIT;
	struct db_value values[] = {
		{K8S "containers|" ID "|image", "registry.example:5000/web:1.2"},
		{K8S "containers|" ID "|spec", "..."},
		{K8S "containers|" ID "|labels|from.image", "x"},
		{K8S "containers|" ID "|labels|io.cri-containerd.kind", "container"},
		{K8S "containers|" ID DETAILS, any_of(&container, json)},
		{K8S "containers|" SANDBOX "|image", "pause:3"},
		{K8S "containers|" SANDBOX "|labels|app", "web"},
		{K8S "containers|" SANDBOX POD, any_of(&sandbox, POD_JSON)},
		{K8S "images|" IMAGE_ID "|target|digest", DIGEST},
		{K8S "images|registry.example:5000/web:1.2|target|digest", name_digest},
	};

	database_write(f, FILE_NAME, values, ARRAY_SIZE(values));
	read_database(f, "k8s.io");
}

static void container_of_a_pod_has_what_the_kubelet_gave(void **state)
{
	CLEANUP_STATE_FIXTURE struct state_fixture f;

	(void)state;
	state_fixture_init(&f);
	read_pod(&f, CONTAINER_JSON(IMAGE_ID, LABELS, ANNOTATIONS), DIGEST);
	/* not its image's, which the database has as well */
	assert_map(&f, CONTAINER_LABELS, "io.kubernetes.container.name:app", SOURCE);
	assert_map(&f, CONTAINER_ANNOTATIONS, "note:n, io.kubernetes.container.restartCount:4",
		SOURCE);
	assert_map(&f, CONTAINER_POD_LABELS, "app:web, tier:front", SOURCE);
	assert_int_equal(f.container.restarts, 4);
	assert_learned(&f, CONTAINER_IMAGE, "registry.example:5000/web:1.2", SOURCE);
	assert_learned(&f, CONTAINER_IMAGE_ID, IMAGE_ID, SOURCE);
	assert_learned(&f, CONTAINER_IMAGE_DIGEST, "registry.example:5000/web@" DIGEST, SOURCE);
}

static void probes_are_read_from_the_sandbox_alone(void **state)
{
	CLEANUP_STATE_FIXTURE struct state_fixture f;

	(void)state;
	state_fixture_init(&f);
	read_pod(&f, CONTAINER_JSON(IMAGE_ID, "", ""), DIGEST);
	assert_int_equal(f.container.check_count, 0); /* it has no name yet */
	container_learn(&f.container, CONTAINER_NAME, "app", SOURCE);
	containerd_read_database(&f.container, &f.roots, "k8s.io");
	assert_true(has_one_check(&f, "/live", "-v"));
	assert_string_equal(f.container.checks[0].source, SOURCE);
}

static void labels_that_cri_leaves_out_are_none(void **state)
{
	CLEANUP_STATE_FIXTURE struct state_fixture f;

	(void)state;
	state_fixture_init(&f);
	read_pod(&f, CONTAINER_JSON(IMAGE_ID, "", ""), DIGEST);
	assert_map(&f, CONTAINER_LABELS, "", SOURCE);
	assert_map(&f, CONTAINER_ANNOTATIONS, "", SOURCE);
	assert_false(container_knows(&f.container, CONTAINER_RESTARTS));
}

static void digest_is_that_of_the_image_it_runs_whatever_its_name_is_now(void **state)
{
	CLEANUP_STATE_FIXTURE struct state_fixture f;

	(void)state;
	state_fixture_init(&f);
	read_pod(&f, CONTAINER_JSON(IMAGE_ID, "", ""), MOVED);
	assert_learned(&f, CONTAINER_IMAGE_DIGEST, "registry.example:5000/web@" DIGEST, SOURCE);
	/* by the name alone, where the id is not known as an image */
	read_pod(&f, CONTAINER_JSON("sha256:0", "", ""), MOVED);
	assert_learned(&f, CONTAINER_IMAGE_DIGEST, "registry.example:5000/web@" MOVED, SOURCE);
}

static void sandbox_has_the_labels_of_its_pod(void **state)
{
	CLEANUP_STATE_FIXTURE struct state_fixture f;

	(void)state;
	state_fixture_init(&f);
	read_pod(&f, CONTAINER_JSON(IMAGE_ID, "", ""), DIGEST);
	strcpy(f.container.id, SANDBOX);
	read_database(&f, "k8s.io");
	assert_map(&f, CONTAINER_LABELS, "app:web, tier:front", SOURCE);
	assert_map(&f, CONTAINER_POD_LABELS, "app:web, tier:front", SOURCE);
	assert_string_equal(
		container_map_find(&f.container.annotations, "kubernetes.io/config.source"), "api");
	assert_int_equal(f.container.check_count, 0);
	assert_learned(&f, CONTAINER_IMAGE, "pause:3", SOURCE);
	assert_learned(&f, CONTAINER_IMAGE_ID, NULL, NULL);
}

/* Of another kind than CRI's: the labels are containerd's own. */
static void read_plain(struct state_fixture *f, const char *image, const char *label)
{
	CLEANUP_STRBUF struct strbuf path = STRBUF_INIT;
	struct db_value values[] = {
		{"v1|default|containers|" ID "|image", image},
		{"v1|default|containers|" ID "|labels|nerdctl/name", "web"},
		{"v1|default|containers|" ID "|labels|a", label},
		{NULL, MOVED},
		{"v1|other|containers|" ID "|labels|a", "other"},
		{"v1|other|images|web|target|digest", "sha256:0"},
	};

	strbuf_addf(&path, "v1|default|images|%s|target|digest", image);
	values[3].path = strbuf_text(&path);
	database_write(f, FILE_NAME, values, ARRAY_SIZE(values));
	read_database(f, "default");
}

static void container_of_nerdctl_has_its_labels(void **state)
{
	CLEANUP_STATE_FIXTURE struct state_fixture f;

	(void)state;
	state_fixture_init(&f);
	read_plain(&f, "web", "b");
	assert_map(&f, CONTAINER_LABELS, "a:b, nerdctl/name:web", SOURCE);
	assert_map(&f, CONTAINER_ANNOTATIONS, NULL, NULL);
	assert_map(&f, CONTAINER_POD_LABELS, NULL, NULL);
	assert_false(container_knows(&f.container, CONTAINER_RESTARTS));
	assert_learned(&f, CONTAINER_IMAGE, "web", SOURCE);
	assert_learned(&f, CONTAINER_IMAGE_ID, NULL, NULL);
	/* another namespace is another container */
	read_database(&f, "other");
	assert_map(&f, CONTAINER_LABELS, "a:other", SOURCE);
	read_database(&f, "none");
	assert_nothing_learned(&f);
}

static void digest_comes_with_the_repository_of_the_name(void **state)
{
	static const struct {
		const char *image, *digest;
	} cases[] = {
		{"web", "web@" MOVED},
		{"docker.io/library/web:1", "docker.io/library/web@" MOVED},
		{"h:5000/web", "h:5000/web@" MOVED},
		{"h:5000/web:1@sha256:0", "h:5000/web@" MOVED},
		{"h:5000/web@sha256:0", "h:5000/web@" MOVED},
		{"sha256:0123", MOVED},
		{":", MOVED},
	};
	CLEANUP_STATE_FIXTURE struct state_fixture f;

	(void)state;
	state_fixture_init(&f);
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		read_plain(&f, cases[i].image, "");
		assert_learned(&f, CONTAINER_IMAGE_DIGEST, cases[i].digest, SOURCE);
	}
}

static void labels_that_there_is_no_room_for_are_noted(void **state)
{
	CLEANUP_STATE_FIXTURE struct state_fixture f;
	char label[CONTAINER_MAP_VALUE_MAX + 2];

	(void)state;
	state_fixture_init(&f);
	memset(label, 'x', sizeof(label));
	label[sizeof(label) - 1] = '\0';
	read_plain(&f, "web", label);
	assert_map(&f, CONTAINER_LABELS, "nerdctl/name:web", SOURCE);
	assert_true(f.container.labels.is_truncated);
}

static void container_without_labels_has_none(void **state)
{
	struct db_value values[] = {{"v1|default|containers|" ID "|image", "web"}};
	CLEANUP_STATE_FIXTURE struct state_fixture f;

	(void)state;
	state_fixture_init(&f);
	database_write(&f, FILE_NAME, values, 1);
	read_database(&f, "default");
	assert_map(&f, CONTAINER_LABELS, "", SOURCE);
	assert_learned(&f, CONTAINER_IMAGE_DIGEST, NULL, NULL);
}

/* containerd's own labels remain, with whatever else is whole. */
static void details_that_are_no_json_are_passed_over(void **state)
{
	static const char *const details[] = {
		"",
		"x",
		"\x12",
		"\x12\x7f{}",
		"\x12\x02{}",
		"\x12\x04null",
		"\x12\x0f{\"Metadata\":1}",
		"\x12\x12{\"Metadata\":[{}]}",
		"\x12\x35{\"Metadata\":{\"Config\":[],\"ImageRef\":1,\"SandboxID\":2}}",
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(details); i++) {
		struct db_value values[] = {
			{"v1|k8s.io|containers|" ID "|labels|a", "b"},
			{"v1|k8s.io|containers|" ID DETAILS, details[i]},
		};
		CLEANUP_STATE_FIXTURE struct state_fixture f;

		state_fixture_init(&f);
		database_write(&f, FILE_NAME, values, ARRAY_SIZE(values));
		read_database(&f, "k8s.io");
		assert_map(&f, CONTAINER_LABELS, "a:b", SOURCE);
		assert_map(&f, CONTAINER_ANNOTATIONS, NULL, NULL);
		assert_learned(&f, CONTAINER_IMAGE_ID, NULL, NULL);
		assert_false(container_knows(&f.container, CONTAINER_RESTARTS));
	}
}

static void database_that_is_none_tells_nothing(void **state)
{
	CLEANUP_STATE_FIXTURE struct state_fixture f;
	struct db_value values[] = {{"v1|k8s.io|containers|" OTHER "|image", "i"}};

	(void)state;
	state_fixture_init(&f);
	read_database(&f, "k8s.io");
	assert_nothing_learned(&f);
	scratch_write_text(&f.s, FILE_NAME, "no database");
	read_database(&f, "k8s.io");
	assert_nothing_learned(&f);
	database_write(&f, FILE_NAME, values, 1);
	read_database(&f, "k8s.io");
	assert_nothing_learned(&f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(container_of_a_pod_has_what_the_kubelet_gave),
		cmocka_unit_test(probes_are_read_from_the_sandbox_alone),
		cmocka_unit_test(labels_that_cri_leaves_out_are_none),
		cmocka_unit_test(digest_is_that_of_the_image_it_runs_whatever_its_name_is_now),
		cmocka_unit_test(sandbox_has_the_labels_of_its_pod),
		cmocka_unit_test(container_of_nerdctl_has_its_labels),
		cmocka_unit_test(digest_comes_with_the_repository_of_the_name),
		cmocka_unit_test(labels_that_there_is_no_room_for_are_noted),
		cmocka_unit_test(container_without_labels_has_none),
		cmocka_unit_test(details_that_are_no_json_are_passed_over),
		cmocka_unit_test(database_that_is_none_tells_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
