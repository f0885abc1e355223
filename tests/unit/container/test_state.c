/* SPDX-License-Identifier: Apache-2.0 */
/* Claims about agent/container/state.c: who is asked, and files that are not what they should be. */
#include "state_fixture.h"

#include "container/reader.h"

#define DOCKER_FILE  "docker/containers/" ID "/config.v2.json"
#define CRI_FILE     CRI_TASK ID "/config.json"
#define OVERLAY_FILE "podman/overlay-containers/containers.json"
#define BUNDLE_FILE  "podman/overlay-containers/" ID "/userdata/config.json"

#define DOCKER_JSON  "{\"Name\":\"/docker\",\"Config\":{\"Image\":\"i\"}}"
#define CRI_JSON     "{\"annotations\":{\"io.kubernetes.cri.container-name\":\"containerd\"}}"
#define OVERLAY_JSON "[{\"id\":\"" ID "\",\"names\":[\"podman\"]}]"
#define CRIO_JSON                                               \
	"{\"annotations\":{\"io.container.manager\":\"cri-o\"," \
	"\"io.kubernetes.container.name\":\"cri-o\"}}"
#define LIBPOD_JSON "{\"annotations\":{\"io.container.manager\":\"libpod\"}}"

/* The file of each runtime by which it knows the container: its name there is the runtime's. */
static const struct {
	enum container_runtime runtime;
	const char *file, *json;
} files[] = {
	{CONTAINER_RUNTIME_DOCKER, DOCKER_FILE, DOCKER_JSON},
	{CONTAINER_RUNTIME_CONTAINERD, CRI_FILE, CRI_JSON},
	{CONTAINER_RUNTIME_CRIO, BUNDLE_FILE, CRIO_JSON},
	{CONTAINER_RUNTIME_PODMAN, OVERLAY_FILE, OVERLAY_JSON},
};

static void runtime_that_the_path_leaves_open_is_that_of_the_reader_who_knows(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(files); i++) {
		CLEANUP_STATE_FIXTURE struct state_fixture f;

		state_fixture_init(&f);
		scratch_write_text(&f.s, files[i].file, files[i].json);
		if (files[i].runtime == CONTAINER_RUNTIME_PODMAN)
			scratch_write_text(&f.s, BUNDLE_FILE, LIBPOD_JSON);
		state_fixture_read(&f, CONTAINER_RUNTIME_UNKNOWN);
		assert_string_equal(container_runtime_name(f.container.runtime),
			container_runtime_name(files[i].runtime));
		assert_string_equal(f.container.name, container_runtime_name(files[i].runtime));
	}
}

static void container_that_no_engine_knows_stays_unknown(void **state)
{
	CLEANUP_STATE_FIXTURE struct state_fixture f;

	(void)state;
	state_fixture_init(&f);
	for (int runtime = 0; runtime < CONTAINER_RUNTIMES; runtime++) {
		state_fixture_read(&f, runtime);
		assert_int_equal(f.container.runtime, runtime);
		assert_nothing_learned(&f);
	}
}

/* The id is the same in the files of all engines. */
static void runtime_of_the_path_is_believed(void **state)
{
	CLEANUP_STATE_FIXTURE struct state_fixture f;

	(void)state;
	state_fixture_init(&f);
	scratch_write_text(&f.s, DOCKER_FILE, DOCKER_JSON);
	scratch_write_text(&f.s, CRI_FILE, CRI_JSON);
	scratch_write_text(&f.s, OVERLAY_FILE, OVERLAY_JSON);
	state_fixture_read(&f, CONTAINER_RUNTIME_DOCKER);
	assert_string_equal(f.container.name, "docker");
	state_fixture_read(&f, CONTAINER_RUNTIME_CONTAINERD);
	assert_string_equal(f.container.name, "containerd");
	state_fixture_read(&f, CONTAINER_RUNTIME_PODMAN);
	assert_string_equal(f.container.name, "podman");
	scratch_write_text(&f.s, BUNDLE_FILE, CRIO_JSON);
	state_fixture_read(&f, CONTAINER_RUNTIME_CRIO);
	assert_string_equal(f.container.name, "cri-o");
	assert_int_equal(f.container.runtime, CONTAINER_RUNTIME_CRIO);
}

/* For each runtime a container ID, and SIZE bytes of DATA in its file. */
static void assert_unknown_as(struct state_fixture *f, const void *data, size_t size)
{
	for (size_t i = 0; i < ARRAY_SIZE(files); i++) {
		scratch_write(&f->s, files[i].file, data, size);
		state_fixture_read(f, files[i].runtime);
		assert_nothing_learned(f);
	}
}

static void what_is_no_json_is_unknown(void **state)
{
	static const char *const texts[] = {
		"",
		DOCKER_JSON " trailing",
		"{\"Name\":\"/web\\u0000x\"}", /* NUL in a text */
		"{\"Name\":\"/web\xff\"}", /* no UTF-8 */
		"{\"annotations\":{\"nerdctl/name\":\"web\xc3\"}}",
		"[{\"id\":\"" ID "\",\"names\":[\"\xed\xa0\x80\"]}]", /* a surrogate */
		"\033[2J",
	};
	CLEANUP_STATE_FIXTURE struct state_fixture f;

	(void)state;
	state_fixture_init(&f);
	for (size_t i = 0; i < ARRAY_SIZE(texts); i++)
		assert_unknown_as(&f, texts[i], strlen(texts[i]));
}

static void every_truncation_is_unknown(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(files); i++) {
		CLEANUP_STATE_FIXTURE struct state_fixture f;

		state_fixture_init(&f);
		for (size_t size = 0; size < strlen(files[i].json); size++) {
			scratch_write(&f.s, files[i].file, files[i].json, size);
			state_fixture_read(&f, files[i].runtime);
			assert_nothing_learned(&f);
		}
		scratch_write_text(&f.s, files[i].file, files[i].json);
		state_fixture_read(&f, files[i].runtime);
		assert_string_equal(f.container.name, container_runtime_name(files[i].runtime));
	}
}

static void deep_nesting_is_unknown(void **state)
{
	static const char *const beginnings[] = {
		"[", "{\"a\":", "{\"annotations\":", "[{\"id\":\"" ID "\",\"names\":"};
	CLEANUP_STATE_FIXTURE struct state_fixture f;

	(void)state;
	state_fixture_init(&f);
	for (size_t i = 0; i < ARRAY_SIZE(beginnings); i++) {
		CLEANUP_STRBUF struct strbuf text = STRBUF_INIT;

		strbuf_add_text(&text, beginnings[i]);
		for (int depth = 0; depth < 100000; depth++)
			strbuf_add_text(&text, i == 1 ? "{\"a\":" : "[");
		assert_unknown_as(&f, strbuf_text(&text), text.len);
	}
}

static void huge_files_are_unknown(void **state)
{
	const size_t limit = 16u << 20, huge = 20u << 20;
	CLEANUP_FREE char *text = malloc(huge);

	(void)state;
	assert_non_null(text);
	for (size_t i = 0; i < ARRAY_SIZE(files); i++) {
		CLEANUP_STATE_FIXTURE struct state_fixture f;

		state_fixture_init(&f);
		memset(text, ' ', huge);
		memcpy(text, files[i].json, strlen(files[i].json));
		scratch_write(&f.s, files[i].file, text, limit);
		state_fixture_read(&f, files[i].runtime);
		assert_non_null(f.container.name);
		scratch_write(&f.s, files[i].file, text, limit + 1);
		state_fixture_read(&f, files[i].runtime);
		assert_nothing_learned(&f);
		scratch_write(&f.s, files[i].file, text, huge);
		state_fixture_read(&f, files[i].runtime);
		assert_nothing_learned(&f);
	}
}

/* Makes NAME a link to TARGET, or a FIFO without one. */
static void put_in_place(struct state_fixture *f, const char *name, const char *target)
{
	int r;

	scratch_write_text(&f->s, name, ""); /* for the directories */
	assert_int_equal(unlink(scratch_path(&f->s, name)), 0);
	r = target ? symlink(target, scratch_path(&f->s, name))
		   : mkfifo(scratch_path(&f->s, name), 0600);
	assert_int_equal(r, 0);
}

/* A reader that waits for a writer would wait for ever. */
static void other_kinds_of_files_are_unknown(void **state)
{
	CLEANUP_STATE_FIXTURE struct state_fixture f;
	char fifo[64];

	(void)state;
	state_fixture_init(&f);
	snprintf(fifo, sizeof(fifo), "%s/fifo", f.s.root);
	assert_int_equal(mkfifo(fifo, 0600), 0);
	const char *const targets[] = {NULL, fifo, "/etc/shadow", "/dev/zero", "/nonexistent",
		"config.v2.json", "/proc/self/mem", "/"};

	for (size_t i = 0; i < ARRAY_SIZE(targets); i++) {
		for (size_t k = 0; k < ARRAY_SIZE(files); k++) {
			put_in_place(&f, files[k].file, targets[i]);
			state_fixture_read(&f, files[k].runtime);
			assert_nothing_learned(&f);
			assert_int_equal(unlink(scratch_path(&f.s, files[k].file)), 0);
		}
	}
}

/* Escaping is for those who print. */
static void control_characters_in_names_are_kept(void **state)
{
	static const char name[] = "a\nb\033[2J\xe2\x80\xae";
	static const char escaped[] = "a\\nb\\u001b[2J\\u202e";
	CLEANUP_STATE_FIXTURE struct state_fixture f;
	CLEANUP_STRBUF struct strbuf text = STRBUF_INIT;

	(void)state;
	state_fixture_init(&f);
	strbuf_addf(&text, "{\"Name\":\"/%s\"}", escaped);
	scratch_write_text(&f.s, DOCKER_FILE, strbuf_text(&text));
	state_fixture_read(&f, CONTAINER_RUNTIME_DOCKER);
	assert_string_equal(f.container.name, name);
}

/* A reader must look for nothing but what is in its engine's directory. */
static void id_that_is_no_file_name_leads_nowhere(void **state)
{
	static const char *const ids[] = {"", ".", "..", "../" ID, ID "/../" ID, "/", "a/b"};
	CLEANUP_STATE_FIXTURE struct state_fixture f;

	(void)state;
	state_fixture_init(&f);
	for (size_t i = 0; i < ARRAY_SIZE(files); i++)
		scratch_write_text(&f.s, files[i].file, files[i].json);
	scratch_write_text(&f.s, "docker/config.v2.json", DOCKER_JSON);
	scratch_write_text(&f.s, "docker/containers/config.v2.json", DOCKER_JSON);
	scratch_write_text(&f.s, CRI_TASK "config.json", CRI_JSON);
	scratch_write_text(&f.s, CRI_TASK "../config.json", CRI_JSON);
	f.container.cgroup_path = "/k8s.io/..";
	for (size_t i = 0; i < ARRAY_SIZE(ids); i++) {
		snprintf(f.container.id, sizeof(f.container.id), "%s",
			strlen(ids[i]) <= CONTAINER_ID_MAX ? ids[i] : "../x");
		for (int runtime = 0; runtime < CONTAINER_RUNTIMES; runtime++) {
			state_fixture_read(&f, runtime);
			assert_nothing_learned(&f);
			assert_int_equal(f.container.runtime, runtime);
		}
	}
}

static void id_of_odd_characters_is_a_file_name(void **state)
{
	CLEANUP_STATE_FIXTURE struct state_fixture f;

	(void)state;
	state_fixture_init(&f);
	strcpy(f.container.id, "...%s\n");
	scratch_write_text(&f.s, "docker/containers/...%s\n/config.v2.json", DOCKER_JSON);
	state_fixture_read(&f, CONTAINER_RUNTIME_DOCKER);
	assert_string_equal(f.container.name, "docker");
}

/* ROOT with slashes behind it, LEN bytes in all: the same directory. */
static void lengthen(char *ret, const char *root, size_t len)
{
	memset(ret, '/', len);
	memcpy(ret, root, strlen(root));
	ret[len] = '\0';
}

/* Cut, the path would be that of another file, or of the directory above. */
static void roots_of_any_length_are_safe(void **state)
{
	static const size_t lengths[] = {PATH_MAX - 300, PATH_MAX - 64, PATH_MAX - 12, PATH_MAX - 1,
		PATH_MAX, PATH_MAX + 1, 3 * PATH_MAX};
	static char docker[4 * PATH_MAX], exec[4 * PATH_MAX], podman[4 * PATH_MAX],
		root[4 * PATH_MAX], containerd[4 * PATH_MAX];
	CLEANUP_STATE_FIXTURE struct state_fixture f;

	(void)state;
	state_fixture_init(&f);
	for (size_t i = 0; i < ARRAY_SIZE(files); i++)
		scratch_write_text(&f.s, files[i].file, files[i].json);
	for (size_t i = 0; i < ARRAY_SIZE(lengths); i++) {
		lengthen(docker, f.docker, lengths[i]);
		lengthen(exec, f.docker_exec, lengths[i]);
		lengthen(podman, f.podman, lengths[i]);
		lengthen(containerd, f.containerd, lengths[i]);
		lengthen(root, f.containerd_root, lengths[i]);
		f.roots = (struct container_roots){.docker = docker,
			.docker_exec = exec,
			.podman = podman,
			.containerd = root,
			.containerd_state = containerd};
		for (size_t k = 0; k < ARRAY_SIZE(files); k++) {
			state_fixture_read(&f, files[k].runtime);
			if (i > 0)
				assert_null(f.container.bundle);
		}
	}
	state_fixture_read(&f, CONTAINER_RUNTIME_UNKNOWN);
	assert_nothing_learned(&f);
}

static void count_is_a_number_and_nothing_else(void **state)
{
	static const struct {
		const char *text;
		uint64_t count;
	} counts[] = {{"0", 0}, {"17", 17}, {"999999999", 999999999}};
	static const char *const others[] = {NULL, "", "-1", "+1", " 1", "1 ", "x", "1x", "0x1",
		"1234567890", "99999999999999999999"};
	struct container container = {0};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(others); i++) {
		state_learn_count(&container, CONTAINER_RESTARTS, others[i], "test");
		assert_false(container_knows(&container, CONTAINER_RESTARTS));
	}
	for (size_t i = 0; i < ARRAY_SIZE(counts); i++) {
		state_learn_count(&container, CONTAINER_RESTARTS, counts[i].text, "test");
		assert_true(container_knows(&container, CONTAINER_RESTARTS));
		assert_int_equal(container.restarts, counts[i].count);
		container_forget(&container);
	}
}

static void map_is_learned_from_an_object_of_strings(void **state)
{
	static const struct {
		const char *json, *text;
		bool is_truncated;
	} cases[] = {
		{"{}", "", false},
		{"{\"a\":\"b\",\"c\":\"\"}", "a:b, c", false},
		{"{\"a\":1,\"b\":\"c\",\"d\":null}", "b:c", true},
		{"[\"a\"]", NULL, false},
		{"null", NULL, false},
		{"\"a\"", NULL, false},
	};
	CLEANUP_STATE_FIXTURE struct state_fixture f;

	(void)state;
	state_fixture_init(&f);
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		CLEANUP_JSON json_t *object = json_loads(cases[i].json, JSON_DECODE_ANY, NULL);

		assert_non_null(object);
		container_forget(&f.container);
		state_learn_map(&f.container, CONTAINER_LABELS, object, "test");
		assert_map(&f, CONTAINER_LABELS, cases[i].text, cases[i].text ? "test" : NULL);
		assert_int_equal(f.container.labels.is_truncated, cases[i].is_truncated);
	}
	container_forget(&f.container);
	state_learn_map(&f.container, CONTAINER_LABELS, NULL, "test");
	assert_map(&f, CONTAINER_LABELS, NULL, NULL);
}

static void path_is_whole_or_refused(void **state)
{
	char path[PATH_MAX], text[PATH_MAX + 1];

	(void)state;
	memset(text, 'x', sizeof(text));
	text[PATH_MAX - 1] = '\0';
	assert_true(state_path(path, "%s", text));
	assert_string_equal(path, text);
	text[PATH_MAX - 1] = 'x';
	text[PATH_MAX] = '\0';
	assert_false(state_path(path, "%s", text));
}

static void keys_are_learned_in_their_order(void **state)
{
	static const struct state_key keys[] = {
		{"first", CONTAINER_NAME}, {"second", CONTAINER_NAME}, {"image", CONTAINER_IMAGE}};
	CLEANUP_JSON json_t *object = json_pack(
		"{s:s,s:s,s:i}", "second", "b", "first", "a", "image", 1);
	struct container c = {.id = ID};

	(void)state;
	assert_non_null(object);
	state_learn(&c, object, keys, ARRAY_SIZE(keys), "test");
	assert_string_equal(c.name, "a");
	assert_string_equal(c.sources[CONTAINER_NAME], "test");
	assert_null(c.image);
	state_learn(&c, NULL, keys, ARRAY_SIZE(keys), "test");
	container_forget(&c);
	assert_null(state_text(NULL, "key"));
	assert_null(state_text(json_null(), "key"));
}

static bool is_loaded_with(struct state_fixture *f, const char *name, const char *word)
{
	CLEANUP_JSON json_t *json = state_load_with(&f->roots, scratch_path(&f->s, name), word);

	return json;
}

static void list_without_the_word_is_not_parsed(void **state)
{
	CLEANUP_STATE_FIXTURE struct state_fixture f;

	(void)state;
	state_fixture_init(&f);
	scratch_write_text(&f.s, "list", "[{\"id\":\"abcd\"}]");
	scratch_write_text(&f.s, "empty", "");
	assert_true(is_loaded_with(&f, "list", "abcd"));
	assert_true(is_loaded_with(&f, "list", "}]")); /* the last of the file */
	assert_true(is_loaded_with(&f, "list", ""));
	assert_false(is_loaded_with(&f, "list", "abcde"));
	assert_false(is_loaded_with(&f, "empty", ""));
	assert_false(is_loaded_with(&f, "empty", "abcd"));
	assert_false(is_loaded_with(&f, "missing", ""));
}

static void times_are_read_as_rfc_3339_writes_them(void **state)
{
	static const struct {
		const char *text;
		uint64_t ns; /* 0: none */
	} cases[] = {
		{"2026-11-23T07:23:17Z", 1795418597000000000},
		{"2026-11-23T07:23:17.5Z", 1795418597500000000},
		{"2026-11-23T07:23:17.123456789Z", 1795418597123456789},
		{"2026-11-23T07:23:17.1234567891Z", 1795418597123456789},
		{"2026-11-23T08:23:17+01:00", 1795418597000000000},
		{"2026-11-23T03:53:17-03:30", 1795418597000000000},
		{"1970-01-01T00:00:00.000000001Z", 1},
		{"0001-01-01T00:00:00Z", 0}, /* never */
		{"1969-12-31T23:59:59Z", 0},
		{"9999-12-31T23:59:59Z", 0}, /* more than fits */
		{"2026-11-23T07:23:17", 0},
		{"2026-11-23T07:23:17.Z", 0},
		{"2026-11-23T07:23:17Zx", 0},
		{"2026-11-23T07:23:17+1:00", 0},
		{"2026-11-23T07:23:17+01:0", 0},
		{"2026-11-23T07:23:17+99:00", 0},
		{"2026-11-23T07:23:17+0x:00", 0},
		{"2026-11-23T07:23:17 +01:00", 0},
		{"2026-11-23 07:23:17Z", 0},
		{"2026-13-23T07:23:17Z", 0},
		{"", 0},
		{NULL, 0},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		uint64_t ns = 0;

		if (state_time(cases[i].text, &ns) != (cases[i].ns != 0) || ns != cases[i].ns)
			fail_msg("%s is %llu", cases[i].text, (unsigned long long)ns);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(times_are_read_as_rfc_3339_writes_them),
		cmocka_unit_test(runtime_that_the_path_leaves_open_is_that_of_the_reader_who_knows),
		cmocka_unit_test(container_that_no_engine_knows_stays_unknown),
		cmocka_unit_test(runtime_of_the_path_is_believed),
		cmocka_unit_test(what_is_no_json_is_unknown),
		cmocka_unit_test(every_truncation_is_unknown),
		cmocka_unit_test(deep_nesting_is_unknown),
		cmocka_unit_test(huge_files_are_unknown),
		cmocka_unit_test(other_kinds_of_files_are_unknown),
		cmocka_unit_test(control_characters_in_names_are_kept),
		cmocka_unit_test(id_that_is_no_file_name_leads_nowhere),
		cmocka_unit_test(id_of_odd_characters_is_a_file_name),
		cmocka_unit_test(roots_of_any_length_are_safe),
		cmocka_unit_test(count_is_a_number_and_nothing_else),
		cmocka_unit_test(map_is_learned_from_an_object_of_strings),
		cmocka_unit_test(path_is_whole_or_refused),
		cmocka_unit_test(keys_are_learned_in_their_order),
		cmocka_unit_test(list_without_the_word_is_not_parsed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
