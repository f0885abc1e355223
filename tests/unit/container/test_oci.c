/* SPDX-License-Identifier: Apache-2.0 */
/* Claims about agent/container/oci.c. */
#include "state_fixture.h"

#include "container/reader.h"

#define SOURCE "oci config.json"

/* Reads CONFIG as the configuration of a bundle. Returns the annotations as text, or NULL. */
static char *read_oci(struct state_fixture *f, const char *config)
{
	char bundle[128];

	scratch_write_text(&f->s, "b/config.json", config);
	snprintf(bundle, sizeof(bundle), "%s/b", f->s.root);
	container_forget(&f->container);
	CLEANUP_JSON json_t *annotations = oci_read(&f->container, &f->roots, bundle);

	return annotations ? json_dumps(annotations, JSON_COMPACT | JSON_ENCODE_ANY) : NULL;
}

static void assert_annotations(struct state_fixture *f, const char *config, const char *expected)
{
	CLEANUP_FREE char *found = read_oci(f, config);

	assert_string_equal(found ?: "(none)", expected);
}

static void annotations_are_handed_over(void **state)
{
	CLEANUP_STATE_FIXTURE struct state_fixture f;

	(void)state;
	state_fixture_init(&f);
	assert_annotations(&f, "{\"annotations\":{\"a\":\"b\"}}", "{\"a\":\"b\"}");
	assert_annotations(&f, "{\"annotations\":null}", "null");
	assert_annotations(&f, "{}", "{}"); /* the file was there */
	assert_learned(&f, CONTAINER_BUNDLE, "@/b", SOURCE);
}

static void what_is_no_configuration_is_none(void **state)
{
	static const char *const texts[] = {"", "null", "[]", "\"text\"", "{\"process\":"};
	CLEANUP_STATE_FIXTURE struct state_fixture f;

	(void)state;
	state_fixture_init(&f);
	for (size_t i = 0; i < ARRAY_SIZE(texts); i++) {
		assert_annotations(&f, texts[i], "(none)");
		assert_nothing_learned(&f);
	}
	assert_null(oci_read(&f.container, &f.roots, "/nonexistent"));
}

static void entrypoint_is_quoted_as_a_shell_would_read_it(void **state)
{
	static const struct {
		const char *args, *entrypoint;
	} cases[] = {
		{"[\"/bin/app\"]", "/bin/app"},
		{"[\"sh\",\"-c\",\"echo 'a b'; id\"]", "sh -c 'echo \\'a b\\'; id'"},
		{"[\"app\",\"\"]", "app ''"},
		{"[\"a\\nb\",\"\\u001b[2J\"]", "a\\nb \\u{1b}[2J"},
		{"[\"app\",1,null]", "app '' ''"}, /* of a wrong type */
		{"[]", NULL},
		{"null", NULL},
		{"\"app\"", NULL},
		{"{\"0\":\"app\"}", NULL},
	};
	CLEANUP_STATE_FIXTURE struct state_fixture f;

	(void)state;
	state_fixture_init(&f);
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		char config[256];

		snprintf(config, sizeof(config), "{\"process\":{\"args\":%s}}", cases[i].args);
		free(read_oci(&f, config));
		assert_learned(&f, CONTAINER_ENTRYPOINT, cases[i].entrypoint,
			cases[i].entrypoint ? SOURCE : NULL);
	}
}

/* FIRST, then a word of LEN letters, then "end". */
static void read_long_entrypoint(struct state_fixture *f, const char *first, size_t len)
{
	CLEANUP_STRBUF struct strbuf config = STRBUF_INIT;

	strbuf_addf(&config, "{\"process\":{\"args\":[%s\"", first);
	for (size_t i = 0; i < len; i++)
		strbuf_add_char(&config, 'x');
	strbuf_add_text(&config, "\",\"end\"]}}");
	free(read_oci(f, strbuf_text(&config)));
}

static void words_that_there_is_no_room_for_are_left_out(void **state)
{
	CLEANUP_STATE_FIXTURE struct state_fixture f;
	size_t fits = CONTAINER_TEXT_MAX - strlen(" ...") - strlen("app  end");

	(void)state;
	state_fixture_init(&f);
	read_long_entrypoint(&f, "\"app\",", 1000000);
	assert_learned(&f, CONTAINER_ENTRYPOINT, "app ...", SOURCE);
	read_long_entrypoint(&f, "", 1000000);
	assert_learned(&f, CONTAINER_ENTRYPOINT, " ...", SOURCE);
	read_long_entrypoint(&f, "\"app\",", fits);
	assert_string_equal(f.container.entrypoint + strlen("app ") + fits, " end");
	read_long_entrypoint(&f, "\"app\",", fits + 1);
	assert_string_equal(f.container.entrypoint + strlen("app ") + fits + 1, " ...");
}

static void root_is_relative_to_the_bundle(void **state)
{
	CLEANUP_STATE_FIXTURE struct state_fixture f;

	(void)state;
	state_fixture_init(&f);
	free(read_oci(&f, "{\"root\":{\"path\":\"rootfs\"}}"));
	assert_learned(&f, CONTAINER_ROOTFS, "@/b/rootfs", SOURCE);
	free(read_oci(&f, "{\"root\":{\"path\":\"/var/lib/x/merged\"}}"));
	assert_learned(&f, CONTAINER_ROOTFS, "/var/lib/x/merged", SOURCE);
	free(read_oci(&f, "{\"root\":{\"path\":[\"/\"]}}"));
	assert_learned(&f, CONTAINER_ROOTFS, NULL, NULL);
	free(read_oci(&f, "{\"root\":\"/\"}"));
	assert_learned(&f, CONTAINER_ROOTFS, NULL, NULL);
}

static void root_that_is_too_long_is_unknown(void **state)
{
	CLEANUP_STATE_FIXTURE struct state_fixture f;
	CLEANUP_STRBUF struct strbuf config = STRBUF_INIT;

	(void)state;
	state_fixture_init(&f);
	strbuf_add_text(&config, "{\"root\":{\"path\":\"");
	for (size_t i = 0; i < PATH_MAX; i++)
		strbuf_add_char(&config, 'x');
	strbuf_add_text(&config, "\"}}");
	free(read_oci(&f, strbuf_text(&config)));
	assert_learned(&f, CONTAINER_ROOTFS, NULL, NULL);
}

static void bundle_that_is_too_deep_is_none(void **state)
{
	CLEANUP_STATE_FIXTURE struct state_fixture f;
	char bundle[PATH_MAX];

	(void)state;
	state_fixture_init(&f);
	scratch_write_text(&f.s, "config.json", "{}");
	/* cut, it would be that of another file */
	snprintf(bundle, sizeof(bundle), "%s", f.s.root);
	for (size_t len = strlen(bundle); len < sizeof(bundle) - 1; len++)
		memcpy(bundle + len, "/", 2);
	assert_null(oci_read(&f.container, &f.roots, bundle));
	assert_nothing_learned(&f);
}

static void pid_namespace_with_a_path_is_the_target(void **state)
{
	static const struct {
		const char *namespaces, *target;
	} cases[] = {
		{"[{\"type\":\"pid\",\"path\":\"/proc/7/ns/pid\"}]", "/proc/7/ns/pid"},
		{"[{\"type\":\"ipc\",\"path\":\"/proc/6/ns/ipc\"},"
		 "{\"type\":\"pid\",\"path\":\"/proc/7/ns/pid\"}]",
			"/proc/7/ns/pid"},
		{"[{\"type\":\"ipc\",\"path\":\"/proc/6/ns/ipc\"},{\"type\":\"pid\"}]", NULL},
		{"[{\"type\":\"pid\",\"path\":7},{\"type\":1},1,null,[]]", NULL},
		{"[]", NULL}, /* the host's */
		{"{\"type\":\"pid\",\"path\":\"/proc/7/ns/pid\"}", NULL},
		{"null", NULL},
	};
	CLEANUP_STATE_FIXTURE struct state_fixture f;

	(void)state;
	state_fixture_init(&f);
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		char bundle[128];

		state_fixture_bundle(&f, "b", "{}", cases[i].namespaces);
		snprintf(bundle, sizeof(bundle), "%s/b", f.s.root);
		container_forget(&f.container);
		json_decref(oci_read(&f.container, &f.roots, bundle));
		assert_learned(
			&f, CONTAINER_PID_TARGET, cases[i].target, cases[i].target ? SOURCE : NULL);
	}
}

/* Judges CONTAINER with TARGET and SANDBOX_ID, either may be NULL. */
static bool judge(bool is_sandbox, const char *target, const char *sandbox_id)
{
	struct container c = {.is_sandbox = is_sandbox, .is_ephemeral = true};
	bool is_ephemeral;

	container_learn(&c, CONTAINER_PID_TARGET, target, "test");
	container_learn(&c, CONTAINER_SANDBOX_ID, sandbox_id, "test");
	oci_judge_pid_target(&c);
	is_ephemeral = c.is_ephemeral;
	container_forget(&c);
	return is_ephemeral;
}

static void target_that_is_no_sandbox_makes_it_ephemeral(void **state)
{
	char own[64], sandbox[CONTAINER_TEXT_MAX];

	(void)state;
	snprintf(own, sizeof(own), "/proc/%d/ns/pid", (int)getpid());
	own_cgroup_word(sandbox, sizeof(sandbox));
	assert_false(judge(false, NULL, NULL));
	assert_false(judge(false, NULL, OTHER));
	assert_true(judge(false, own, OTHER));
	assert_true(judge(false, own, NULL)); /* no pod */
	assert_false(judge(false, own, sandbox));
	assert_false(judge(true, own, OTHER)); /* it is the sandbox itself */
	assert_false(judge(false, "/proc/999999999/ns/pid", OTHER)); /* ended: cannot be told */
	/* pinned, for the whole pod */
	assert_false(judge(false, "/var/run/pidns/3c7c1e5e", OTHER));
	assert_false(judge(false, "/proc/self/ns/pid", OTHER));
	assert_false(judge(false, "/proc/99999999999999999999999/ns/pid", OTHER));
}

#define PRIVILEGED     "\"process\":{\"capabilities\":{\"bounding\":[\"CAP_SYS_ADMIN\"]}},"
#define DEVICES(rules) "\"linux\":{\"resources\":{\"devices\":[" rules "]}}"
#define ALL_DEVICES    "{\"allow\":true,\"access\":\"rwm\"}"
#define NO_DEVICES     "{\"allow\":false,\"access\":\"rwm\"}"
#define CRIO(flag)                                             \
	"\"annotations\":{\"io.container.manager\":\"cri-o\"," \
	"\"io.kubernetes.cri-o.PrivilegedRuntime\":\"" flag "\"}"
#define PODMAN(manager, flag)                                        \
	"\"annotations\":{\"io.container.manager\":\"" manager "\"," \
	"\"io.podman.annotations.privileged\":\"" flag "\"}"

static void privileged_is_told_or_judged(void **state)
{
	enum { NO, YES, UNKNOWN };
	static const struct {
		const char *config;
		int expected;
	} cases[] = {
		{"{" PRIVILEGED DEVICES(ALL_DEVICES) "}", YES},
		{"{" PRIVILEGED DEVICES(NO_DEVICES "," ALL_DEVICES) "}", YES},
		{"{" PRIVILEGED DEVICES(ALL_DEVICES "," NO_DEVICES) "}", NO},
		{"{" PRIVILEGED DEVICES("{\"allow\":true,\"type\":\"a\"}") "}", YES},
		/* some device more is allowed to many */
		{"{" PRIVILEGED DEVICES(NO_DEVICES ",{\"allow\":true,\"type\":\"c\","
						   "\"access\":\"rwm\"}") "}",
			NO},
		{"{" PRIVILEGED DEVICES(NO_DEVICES ",{\"allow\":true,\"major\":1,"
						   "\"access\":\"rwm\"}") "}",
			NO},
		{"{" PRIVILEGED DEVICES("{\"allow\":true,\"access\":\"r\"}") "}", UNKNOWN},
		{"{" PRIVILEGED "\"linux\":{}}", UNKNOWN}, /* devices are not told of */
		{"{" DEVICES(ALL_DEVICES) "}", NO},
		{"{" PRIVILEGED "\"linux\":{\"maskedPaths\":[\"/proc/kcore\"]}}", NO},
		{"{" PRIVILEGED "\"linux\":{\"readonlyPaths\":[\"/proc/sys\"]}}", NO},
		{"{}", UNKNOWN},
		{"{" CRIO("true") "}", YES},
		{"{" PRIVILEGED CRIO("false") "," DEVICES(ALL_DEVICES) "}", NO},
		{"{" PODMAN("libpod", "TRUE") "}", YES},
		{"{" PRIVILEGED PODMAN("libpod", "FALSE") "," DEVICES(ALL_DEVICES) "}", NO},
		{"{" PODMAN("other", "TRUE") "}", UNKNOWN},
	};
	CLEANUP_STATE_FIXTURE struct state_fixture f;

	(void)state;
	state_fixture_init(&f);
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct container *c = &f.container;
		int found;

		free(read_oci(&f, cases[i].config));
		found = container_knows(c, CONTAINER_PRIVILEGED) ? (int)c->privileged : UNKNOWN;
		if (found != cases[i].expected)
			fail_msg("%s: %d, not %d", cases[i].config, found, cases[i].expected);
	}
}

static void user_namespace_is_among_the_others(void **state)
{
	static const struct {
		const char *namespaces;
		bool is_known, expected;
	} cases[] = {
		{"[{\"type\":\"pid\"},{\"type\":\"user\"}]", true, true},
		{"[{\"type\":\"pid\"}]", true, false},
		{"[]", true, false},
		{"null", false, false},
		{"{\"type\":\"user\"}", false, false},
	};
	CLEANUP_STATE_FIXTURE struct state_fixture f;

	(void)state;
	state_fixture_init(&f);
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		CLEANUP_STRBUF struct strbuf config = STRBUF_INIT;

		strbuf_addf(&config, "{\"linux\":{\"namespaces\":%s}}", cases[i].namespaces);
		free(read_oci(&f, strbuf_text(&config)));
		assert_int_equal(
			container_knows(&f.container, CONTAINER_USER_NAMESPACE), cases[i].is_known);
		assert_int_equal(f.container.user_namespace, cases[i].expected);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(annotations_are_handed_over),
		cmocka_unit_test(what_is_no_configuration_is_none),
		cmocka_unit_test(entrypoint_is_quoted_as_a_shell_would_read_it),
		cmocka_unit_test(words_that_there_is_no_room_for_are_left_out),
		cmocka_unit_test(root_is_relative_to_the_bundle),
		cmocka_unit_test(root_that_is_too_long_is_unknown),
		cmocka_unit_test(bundle_that_is_too_deep_is_none),
		cmocka_unit_test(privileged_is_told_or_judged),
		cmocka_unit_test(user_namespace_is_among_the_others),
		cmocka_unit_test(pid_namespace_with_a_path_is_the_target),
		cmocka_unit_test(target_that_is_no_sandbox_makes_it_ephemeral),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
