/* SPDX-License-Identifier: Apache-2.0 */
/* Claims about agent/container/search.c. */
#include "state_fixture.h"

#include "container/search.h"

#define SHIM_CWD "/x/io.containerd.runtime.v2.task/k8s.io/" OTHER

static void command_lines_of_helpers_tell_the_bundle(void **state)
{
	static const struct {
		struct slice args;
		const char *cwd, *bundle;
	} cases[] = {
		{SLICE("/usr/bin/conmon\0--api-version\0001\0-c\0" ID "\0-u\0" ID
		       "\0-r\0/usr/bin/crun\0-b\0/g/overlay-containers/" ID "/userdata\0-n\0web\0"),
			"/", "/g/overlay-containers/" ID "/userdata"},
		{SLICE("conmon\0-b\0/b\0-c\0" ID "\0"), "/", "/b"},
		{SLICE("/usr/bin/containerd-shim-runc-v2\0-namespace\0k8s.io\0-id\0" OTHER
		       "\0-address\0/run/c.sock\0"),
			SHIM_CWD, "/x/io.containerd.runtime.v2.task/k8s.io/" ID},
		{SLICE("containerd-shim-kata-v2\0"), SHIM_CWD "/",
			"/x/io.containerd.runtime.v2.task/k8s.io/" ID},
		/* another container's, or none */
		{SLICE("conmon\0-c\0" OTHER "\0-b\0/b\0"), "/", NULL},
		{SLICE("conmon\0-b\0/b\0"), "/", NULL},
		{SLICE("conmon\0-c\0" ID "\0"), "/", NULL},
		{SLICE("conmon\0-c\0" ID "\0-b\0"), "/", NULL},
		{SLICE("conmon\0-c\0" ID "\0-b\0relative\0"), "/", NULL},
		{SLICE("conmon\0-c\0" ID "\0-b\0/cut"), "/", NULL},
		{SLICE("notconmon\0-c\0" ID "\0-b\0/b\0"), "/", NULL},
		{SLICE("containerd-shim-runc-v2\0"), "/", NULL},
		{SLICE("containerd-shim-runc-v2\0"), "/g/overlay-containers/" ID "/userdata", NULL},
		{SLICE("sh\0-c\0" ID "\0-b\0/b\0"), SHIM_CWD, NULL},
		{SLICE("\0"), SHIM_CWD, NULL},
		{{NULL, 0}, SHIM_CWD, NULL},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		char bundle[PATH_MAX] = "";
		bool found = bundle_from_command(cases[i].args, cases[i].cwd, ID, bundle);

		if (found != (cases[i].bundle != NULL))
			fail_msg("case %zu: '%s'", i, bundle);
		if (found)
			assert_string_equal(bundle, cases[i].bundle);
	}
}

struct search_fixture {
	struct state_fixture state;
	char runc[64], crun[64];
	struct container_search *search;
};

/* Engines' own files are not at the configured roots. */
static void search_fixture_init(struct search_fixture *f)
{
	state_fixture_init(&f->state);
	snprintf(f->runc, sizeof(f->runc), "%s/runc", f->state.s.root);
	snprintf(f->crun, sizeof(f->crun), "%s/crun", f->state.s.root);
	f->state.roots = (struct container_roots){.docker = "/nonexistent",
		.podman = "/nonexistent",
		.runc = f->runc,
		.crun = f->crun};
	assert_int_equal(container_search_new(&f->state.roots, NULL, &f->search), 0);
}

static void search_fixture_done(struct search_fixture *f)
{
	container_search_free(f->search);
	state_fixture_done(&f->state);
}
#define CLEANUP_SEARCH_FIXTURE CLEANUP(search_fixture_done)

static bool look(struct search_fixture *f, const char *id)
{
	container_forget(&f->state.container);
	f->state.container.runtime = CONTAINER_RUNTIME_UNKNOWN;
	snprintf(f->state.container.id, sizeof(f->state.container.id), "%s", id);
	return container_search_ask(f->search, &f->state.container);
}

/* Podman's files of the container ID, whose name becomes NAME, at the graphroot ROOT. */
static void write_podman(
	struct search_fixture *f, const char *root, const char *id, const char *name)
{
	CLEANUP_STRBUF struct strbuf list = STRBUF_INIT;
	char file[512];

	snprintf(file, sizeof(file), "%s/overlay-containers/%s/userdata", root, id);
	state_fixture_bundle(
		&f->state, file, "{\"io.container.manager\":\"libpod\"}", OWN_PID_NAMESPACE);
	snprintf(file, sizeof(file), "%s/overlay-containers/containers.json", root);
	strbuf_addf(&list, "[{\"id\":\"%s\",\"names\":[\"%s\"]}]", id, name);
	scratch_write_text(&f->state.s, file, strbuf_text(&list));
}

/* Tells of Podman's bundle as FORMAT does, with the scratch directory in it, in FILE. */
static void write_runtime(struct search_fixture *f, const char *file, const char *format)
{
	CLEANUP_STRBUF struct strbuf text = STRBUF_INIT;

	for (const char *p = format; *p; p++) {
		if (*p == '@')
			strbuf_add_text(&text, f->state.s.root);
		else
			strbuf_add_char(&text, *p);
	}
	scratch_write_text(&f->state.s, file, strbuf_text(&text));
}

static void state_of_the_runtime_tells_the_bundle(void **state)
{
	static const struct {
		const char *file, *format;
	} cases[] = {
		{"crun/" ID "/status", "{\"bundle\":\"@/g/overlay-containers/" ID "/userdata\"}"},
		{"runc/" ID "/state.json", "{\"config\":{\"labels\":[1,\"a=b\","
					   "\"bundle=@/g/overlay-containers/" ID "/userdata\"]}}"},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		CLEANUP_SEARCH_FIXTURE struct search_fixture f;

		search_fixture_init(&f);
		write_podman(&f, "g", ID, "web");
		assert_false(look(&f, ID));
		write_runtime(&f, cases[i].file, cases[i].format);
		assert_true(look(&f, ID));
		assert_string_equal(f.state.container.name, "web");
	}
}

/* crun's status comes after the cgroup, its copy of the configuration before. */
static void copy_of_the_configuration_tells_the_graphroot(void **state)
{
	CLEANUP_SEARCH_FIXTURE struct search_fixture f;

	(void)state;
	search_fixture_init(&f);
	write_podman(&f, "g", ID, "web");
	write_runtime(&f, "crun/" ID "/status", "");
	write_runtime(
		&f, "crun/" ID "/config.json", "{\"root\":{\"path\":\"@/g/overlay/0a1b/merged\"}}");
	assert_true(look(&f, ID));
	assert_string_equal(f.state.container.name, "web");
	write_runtime(&f, "crun/" OTHER "/config.json", "{\"root\":{\"path\":\"merged\"}}");
	assert_false(look(&f, OTHER));
}

static void roots_that_were_found_are_kept(void **state)
{
	CLEANUP_SEARCH_FIXTURE struct search_fixture f;

	(void)state;
	search_fixture_init(&f);
	write_podman(&f, "g", ID, "web");
	write_runtime(&f, "crun/" ID "/status",
		"{\"bundle\":\"@/g/overlay-containers/" ID "/userdata\"}");
	assert_true(look(&f, ID));
	write_podman(&f, "g", OTHER, "next");
	assert_true(look(&f, OTHER)); /* of which the runtime tells nothing */
	assert_string_equal(f.state.container.name, "next");
}

/* Finds the engine at the graphroot NUMBER by a bundle. */
static bool find_engine(struct search_fixture *f, int number)
{
	char root[32], bundle[PATH_MAX];

	snprintf(root, sizeof(root), "g%d", number);
	write_podman(f, root, ID, "web");
	snprintf(bundle, sizeof(bundle), "%s/%s/overlay-containers/" ID "/userdata",
		f->state.s.root, root);
	container_forget(&f->state.container);
	f->state.container = (struct container){.id = ID};
	return container_search_bundle(f->search, &f->state.container, bundle);
}

static void oldest_roots_make_room(void **state)
{
	CLEANUP_SEARCH_FIXTURE struct search_fixture f;

	(void)state;
	search_fixture_init(&f);
	for (int i = 0; i < CONTAINER_SEARCH_ROOTS_MAX; i++) {
		assert_true(find_engine(&f, i));
		assert_true(find_engine(&f, i)); /* known already: takes no room */
	}
	write_podman(&f, "g0", OTHER, "next");
	assert_true(look(&f, OTHER));
	assert_true(find_engine(&f, CONTAINER_SEARCH_ROOTS_MAX));
	assert_false(look(&f, OTHER));
	write_podman(&f, "g1", OTHER, "next");
	assert_true(look(&f, OTHER));
}

static void configured_roots_come_first(void **state)
{
	CLEANUP_SEARCH_FIXTURE struct search_fixture f;

	(void)state;
	search_fixture_init(&f);
	f.state.roots.podman = f.state.podman;
	write_podman(&f, "podman", ID, "configured");
	assert_true(find_engine(&f, 0));
	assert_true(look(&f, ID));
	assert_string_equal(f.state.container.name, "configured");
}

static void bundle_that_is_told_but_not_there_is_nothing(void **state)
{
	CLEANUP_SEARCH_FIXTURE struct search_fixture f;

	(void)state;
	search_fixture_init(&f);
	write_runtime(&f, "crun/" ID "/status", "{\"bundle\":\"/nonexistent\"}");
	write_runtime(&f, "runc/" ID "/state.json", "{\"config\":{\"labels\":{\"a\":1}}}");
	assert_false(look(&f, ID));
	write_runtime(&f, "crun/" ID "/status", "{\"bundle\":1}");
	write_runtime(&f, "crun/" ID "/config.json", "{\"root\":1}");
	assert_false(look(&f, ID));
	assert_false(look(&f, ".."));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(command_lines_of_helpers_tell_the_bundle),
		cmocka_unit_test(state_of_the_runtime_tells_the_bundle),
		cmocka_unit_test(copy_of_the_configuration_tells_the_graphroot),
		cmocka_unit_test(roots_that_were_found_are_kept),
		cmocka_unit_test(oldest_roots_make_room),
		cmocka_unit_test(configured_roots_come_first),
		cmocka_unit_test(bundle_that_is_told_but_not_there_is_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
