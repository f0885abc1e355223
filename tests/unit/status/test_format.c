/* SPDX-License-Identifier: Apache-2.0 */
/* Claims about agent/status/format.c. */
#include "status_fixture.h"

#include <errno.h>
#include <unistd.h>

#include "base/json.h"
#include "status/format.h"

DEFINE_CLEANUP(struct status, status, status_free);
#define CLEANUP_STATUS CLEANUP(status_cleanup)

static const struct status_agent agent = {
	.pid = 4711, .start_ticks = 12345, .started_ns = 1795446000000000000};

/* What is written of F, read again. */
static struct status *written(struct status_fixture *f)
{
	CLEANUP_STRBUF struct strbuf text = STRBUF_INIT;
	struct status_agent found;
	struct status *status;

	status_format(&text, &agent, &f->report);
	assert_int_equal(text.error, 0);
	assert_int_equal(status_parse(strbuf_slice(&text), &found, &status), 0);
	assert_int_equal(found.pid, agent.pid);
	assert_int_equal(found.start_ticks, agent.start_ticks);
	return status;
}

static void text_is_as_documented(void **state)
{
	CLEANUP_STATUS_FIXTURE struct status_fixture f;
	CLEANUP_STRBUF struct strbuf text = STRBUF_INIT;

	(void)state;
	status_fixture_init(&f);
	f.counts.events[BW_EVENT_EXEC] = (struct bw_counters){.seen = 5, .sent = 4, .lost = 1};
	f.counts.missed = 2;
	f.counts.failures[BW_FAILURE_OPEN] = 8;
	f.counts.open_kinds = 3;
	f.counts.open_kinds_evicted = 1;
	status_fixture_add(&f, WEB_PATH, 3, 1, 2);
	status_format(&text, &agent, &f.report);
	assert_string_equal(strbuf_text(&text),
		"{\"version\": 1, \"barewatch\": \"" BAREWATCH_VERSION "\", \"pid\": 4711, "
		"\"start_ticks\": 12345, \"started_ns\": 1795446000000000000, \"alerts\": 7,\n"
		"\"events\": {\"execs\": {\"seen\": 5, \"lost\": 1, \"held\": 0}, "
		"\"attempts\": {\"seen\": 0, \"lost\": 0, \"held\": 0}, "
		"\"cgroups_made\": {\"seen\": 0, \"lost\": 0, \"held\": 0}, "
		"\"cgroups_removed\": {\"seen\": 0, \"lost\": 0, \"held\": 0}, "
		"\"runtime_calls\": {\"seen\": 0, \"lost\": 0, \"held\": 0}, "
		"\"failed_starts\": {\"seen\": 0, \"lost\": 0, \"held\": 0}, "
		"\"moves\": {\"seen\": 0, \"lost\": 0, \"held\": 0}, "
		"\"mappings\": {\"seen\": 0, \"lost\": 0, \"held\": 0}, "
		"\"canaries\": {\"seen\": 0, \"lost\": 0, \"held\": 0}, "
		"\"opens\": {\"seen\": 0, \"lost\": 0, \"held\": 0}}, \"missed\": 2,\n"
		"\"failures\": {\"scopes_full\": 0, \"scratch\": 0, \"tasks_full\": 0, "
		"\"mappings_untold\": 0, \"opens_untold\": 8, \"prepared_full\": 0},\n"
		"\"open_kinds\": {\"kept\": 3, \"max\": 32768, \"evicted\": 1},\n"
		"\"containers\": {\n"
		" \"" WEB_PATH "\": {\"id\": \"" WEB_ID "\", "
		"\"execs\": 3, \"attempts\": 1, \"alerts\": 2, \"opens\": 0, \"opens_lost\": 0}},\n"
		"\"truncated\": false}\n");
}

static void summary_is_one_line_without_names_of_containers(void **state)
{
	static const struct status_sensor sensors[PROBE_SENSORS] = {
		{"execs", "tracepoint", {NULL}},
		{"attempts", "tracepoint", {"late ones: \"no\"", "others", NULL}},
		{"mappings", "none", {NULL}},
		{"opens", "fentry", {NULL}},
	};
	struct status_rules rules = {.version = 3, .error = "a\nb"};
	CLEANUP_STATUS_FIXTURE struct status_fixture f;
	CLEANUP_STRBUF struct strbuf text = STRBUF_INIT;
	CLEANUP_JSON json_t *json = NULL;
	const char *hook, *first, *second, *error;
	json_int_t watched, bare, bytes;

	(void)state;
	status_fixture_init(&f);
	status_fixture_add(&f, WEB_PATH, 3, 1, 2);
	f.report.sensors = sensors;
	f.report.rules = &rules;
	f.report.watched = 2;
	f.report.bare = 1;
	f.report.memory_bytes = 4096;
	status_format_summary(&text, &agent, &f.report);
	assert_ptr_equal(strchr(strbuf_text(&text), '\n') + 1, strbuf_text(&text) + text.len);
	assert_null(strstr(strbuf_text(&text), WEB_ID));
	json = json_loads(strbuf_text(&text), 0, NULL);
	assert_int_equal(json_unpack(json, "{s:{s:{s:[s,s]}, s:{s:s}}, s:{s:I, s:I}, s:I, s:{s:s}}",
				 "sensors", "attempts", "unseen", &first, &second, "opens", "hook",
				 &hook, "containers", "watched", &watched, "bare", &bare,
				 "memory_bytes", &bytes, "rules", "error", &error),
		0);
	assert_string_equal(first, sensors[1].unseen[0]);
	assert_string_equal(second, "others");
	assert_string_equal(hook, "fentry");
	assert_string_equal(error, "a\nb");
	assert_int_equal(watched * 10 + bare, 21);
	assert_int_equal(bytes, 4096);
}

static void rules_come_back(void **state)
{
	CLEANUP_STATUS_FIXTURE struct status_fixture f;
	struct status_rules found, rules = {.version = 3,
					   .active = 12,
					   .loaded_ns = 1795446000000000000,
					   .changes = {.added = 1, .removed = 2, .changed = 3},
					   .tried_ns = 77,
					   .failures = 5,
					   .error = "r.yaml:1:2: no \"x\"\n  - \\\n    ^\n"};

	(void)state;
	status_fixture_init(&f);
	f.report.rules = &rules;
	CLEANUP_STATUS struct status *status = written(&f);

	assert_true(status_find_rules(status, &found));
	assert_int_equal(found.version, 3);
	assert_int_equal(found.active, 12);
	assert_int_equal(found.loaded_ns, 1795446000000000000);
	assert_memory_equal(&found.changes, &rules.changes, sizeof(rules.changes));
	assert_int_equal(found.tried_ns, 77);
	assert_int_equal(found.failures, 5);
	assert_string_equal(found.error, rules.error);
}

static void agent_without_rules_tells_none(void **state)
{
	CLEANUP_STATUS_FIXTURE struct status_fixture f;
	struct status_rules found;

	(void)state;
	status_fixture_init(&f);
	CLEANUP_STATUS struct status *status = written(&f);

	assert_false(status_find_rules(status, &found));
}

static void counts_are_found_by_cgroup_and_id(void **state)
{
	CLEANUP_STATUS_FIXTURE struct status_fixture f;
	struct container *web, *other, *ignored, *not_bare, moved, renamed;
	struct status_counts counts;

	(void)state;
	status_fixture_init(&f);
	web = status_fixture_add(&f, WEB_PATH, 3, 1, 2);
	other = status_fixture_add(&f, "/elsewhere" WEB_PATH, 0, 0, 0);
	ignored = status_fixture_add(&f, "/ignored" WEB_PATH, 0, 0, 0);
	ignored->bare = BARE_NO;
	not_bare = status_fixture_add(&f, "/watched" WEB_PATH, 1, 0, 0);
	not_bare->bare = BARE_NO;
	CLEANUP_STATUS struct status *status = written(&f);

	assert_counts(status, web, 3, 1, 2);
	assert_counts(status, other, 0, 0, 0);
	assert_counts(status, not_bare, 1, 0, 0);
	assert_false(status_find(status, ignored, &counts));
	assert_false(status_find(NULL, web, &counts));
	moved = *web;
	moved.cgroup_path = (char *)"/other" WEB_PATH;
	assert_false(status_find(status, &moved, &counts));
	renamed = *web;
	renamed.id[0] = 'a';
	assert_false(status_find(status, &renamed, &counts));
}

static void path_with_anything_in_it_comes_back(void **state)
{
	CLEANUP_STATUS_FIXTURE struct status_fixture f;
	struct container *odd, *binary;
	struct status_counts counts;

	(void)state;
	status_fixture_init(&f);
	odd = status_fixture_add(&f, "/a\"b\\x2d\n\033\1\xc3\xa9" WEB_PATH, 1, 2, 3);
	binary = status_fixture_add(&f, "/\xff" WEB_PATH, 1, 2, 3);
	CLEANUP_STATUS struct status *status = written(&f);

	assert_counts(status, odd, 1, 2, 3);
	assert_false(status_find(status, binary, &counts)); /* cannot be told in JSON */
}

static void text_stays_within_its_limit(void **state)
{
	CLEANUP_STATUS_FIXTURE struct status_fixture f;
	CLEANUP_STRBUF struct strbuf text = STRBUF_INIT;
	CLEANUP_JSON json_t *root = NULL;
	static char long_name[4000];
	char path[4200];

	(void)state;
	status_fixture_init(&f);
	memset(long_name, '\\', sizeof(long_name) - 1); /* six bytes each */
	for (int i = 0; i < 200; i++) {
		snprintf(path, sizeof(path), "/%d%s" WEB_PATH, i, long_name);
		status_fixture_add(&f, path, 1, 1, 1);
	}
	status_format(&text, &agent, &f.report);
	assert_in_range(text.len, STATUS_BYTES_MAX - 40000, STATUS_BYTES_MAX);
	root = json_loads(strbuf_text(&text), 0, NULL);
	assert_true(json_is_true(json_object_get(root, "truncated")));
}

static void text_that_is_not_of_this_form_is_refused(void **state)
{
	static const char *const texts[] = {
		"",
		"[]",
		"7",
		"{}",
		"{\"version\": 1, \"pid\": 1, \"start_ticks\": 1}",
		"{\"version\": 1, \"pid\": 1, \"start_ticks\": 1, \"containers\": []}",
		"{\"version\": 2, \"pid\": 1, \"start_ticks\": 1, \"containers\": {}}",
		"{\"version\": 1, \"pid\": 0, \"start_ticks\": 1, \"containers\": {}}",
		"{\"version\": 1, \"pid\": 2147483648, \"start_ticks\": 1, \"containers\": {}}",
		"{\"version\": 1, \"pid\": -1, \"start_ticks\": 1, \"containers\": {}}",
		"{\"version\": 1, \"pid\": \"1\", \"start_ticks\": 1, \"containers\": {}}",
		"{\"version\": 1, \"pid\": 1, \"start_ticks\": 1, \"containers\": {}",
	};
	struct status_agent found;
	struct status *status = NULL;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(texts); i++)
		if (status_parse(slice_of(texts[i]), &found, &status) != -EBADMSG)
			fail_msg("taken: %s", texts[i]);
	assert_null(status);
}

static void container_that_is_not_of_this_form_is_unknown(void **state)
{
	static const char *const values[] = {
		"7",
		"[]",
		"{}",
		"{\"id\": 1, \"execs\": 1, \"attempts\": 1, \"alerts\": 1}",
		"{\"id\": \"" WEB_ID "\", \"execs\": 1, \"attempts\": 1}",
		"{\"id\": \"" WEB_ID "\", \"execs\": -1, \"attempts\": 1, \"alerts\": 1}",
		"{\"id\": \"" WEB_ID "\", \"execs\": 1, \"attempts\": \"1\", \"alerts\": 1}",
		"{\"id\": \"" WEB_ID "\", \"execs\": 1, \"attempts\": 1, \"alerts\": 1.5}",
	};
	struct container web = {.id = WEB_ID, .cgroup_path = (char *)WEB_PATH};
	struct status_counts counts;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(values); i++) {
		CLEANUP_STATUS struct status *status = NULL;
		struct status_agent found;
		char text[1024];

		snprintf(text, sizeof(text),
			"{\"version\": 1, \"pid\": 1, \"start_ticks\": 1, "
			"\"containers\": {\"" WEB_PATH "\": %s}}",
			values[i]);
		assert_int_equal(status_parse(slice_of(text), &found, &status), 0);
		if (status_find(status, &web, &counts))
			fail_msg("taken: %s", values[i]);
	}
}

static void agent_is_known_by_when_it_was_started(void **state)
{
	struct status_agent self, earlier;

	(void)state;
	status_agent_self(&self);
	assert_int_equal(self.pid, getpid());
	assert_true(self.start_ticks > 0);
	assert_true(status_agent_runs(&self));
	earlier = self;
	earlier.start_ticks--;
	assert_false(status_agent_runs(&earlier));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(text_is_as_documented),
		cmocka_unit_test(summary_is_one_line_without_names_of_containers),
		cmocka_unit_test(rules_come_back),
		cmocka_unit_test(agent_without_rules_tells_none),
		cmocka_unit_test(counts_are_found_by_cgroup_and_id),
		cmocka_unit_test(path_with_anything_in_it_comes_back),
		cmocka_unit_test(text_stays_within_its_limit),
		cmocka_unit_test(text_that_is_not_of_this_form_is_refused),
		cmocka_unit_test(container_that_is_not_of_this_form_is_unknown),
		cmocka_unit_test(agent_is_known_by_when_it_was_started),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
