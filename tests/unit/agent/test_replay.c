/* SPDX-License-Identifier: Apache-2.0 */
/* Claims about agent/replay.c. */
#include "scratch.h"

#include <errno.h>

#include "base/json.h"
#include "base/diags.h"
#include "replay.h"
#include "taken_stdout.h"

/* Nothing but shells is of interest. */
static const char rules_text[] =
	"- rule: shell\n  desc: d\n  condition: exe.class = shell\n"
	"  output: shell %exe.resolved in %container.name\n  priority: ERROR\n";

#define TIME(second) "\"2026-11-23T07:23:" #second ".000000000Z\""
#define HEADER(recording)                                                           \
	"{\"version\":1,\"barewatch\":\"x\",\"hostname\":\"node\",\"start\":" TIME( \
		00) ","                                                             \
		    "\"recording\":\"" recording "\",\"part\":1}\n"
#define A         HEADER("00000000000000aa")
#define B         HEADER("00000000000000bb")
#define KEY       "\"container\":\"8000000000000001\","
#define OTHER_KEY "\"container\":\"8000000000000002\","
#define LINE(id, second, more, fields) \
	"{\"version\":1,\"id\":" #id ",\"time\":" TIME(second) "," more "\"fields\":{" fields "}}\n"
#define EXEC(id, second, more, class)                             \
	LINE(id, second, more,                                    \
		"\"evt.subject\":\"exec\",\"exe.class\":\"" class \
		"\",\"exe.resolved\":\"/bin/x\",\"container.bare\":true")
#define PROGRAM(id, second, completes, more, class)                   \
	EXEC(id, second,                                              \
		"\"follow_up\":\"program\",\"completes\":" #completes \
		",\"happened\":" TIME(01) "," more,                   \
		class)
#define CONTAINER(id, second, key, name) \
	LINE(id, second, "\"follow_up\":\"container\"," key, "\"container.name\":\"" name "\"")
#define REPEATS(id, second, completes)                                              \
	LINE(id, second, "\"follow_up\":\"repeats\",\"completes\":" #completes ",", \
		"\"attempt.repeats\":7")

/* "second id rule output", a line for each alert in TEXT, which is JSON. */
static void sketch(char *text, struct strbuf *out)
{
	char *end;

	for (; (end = strchr(text, '\n')); text = end + 1) {
		CLEANUP_JSON json_t *alert = NULL;
		const char *time, *id;

		*end = '\0';
		alert = json_loads(text, 0, NULL);
		assert_non_null(alert);
		time = json_string_value(json_object_get(alert, "time"));
		id = json_string_value(json_object_get(alert, "alert_id"));
		assert_string_equal(json_string_value(json_object_get(alert, "hostname")), "node");
		assert_memory_equal(id, "0000000000000000-", 17);
		strbuf_addf(out, "%.2s %s%s %s\n", time + 17, id + 22,
			json_object_get(alert, "follow_up") ? " follow-up" : "",
			json_string_value(json_object_get(alert, "output")));
	}
}

/* What a replay of the files in TEXTS, which end in NULL, prints; its messages go to RET_DIAG. */
static int replay_texts(const char *const *texts, struct strbuf *out, struct diag *ret_diag)
{
	CLEANUP_SCRATCH struct scratch scratch;
	CLEANUP_FREE char *printed = NULL;
	struct replay_config config = {.format = ALERT_JSON};
	struct replay *replay = NULL;
	struct rule_set *rules;
	struct taken_stdout taken;
	int r = 0;
	CLEANUP_DIAGS struct diags diags = DIAGS_INIT;

	scratch_init(&scratch);
	assert_int_equal(rule_set_new(&rules), 0);
	assert_int_equal(rule_set_add_text(rules, "r", slice_of(rules_text), &diags), 0);
	config.rules = rules;
	assert_int_equal(replay_new(&config, &replay), 0);
	taken = stdout_take();
	for (size_t i = 0; r == 0 && texts[i]; i++) {
		scratch_write_text(&scratch, "r.jsonl", texts[i]);
		r = replay_file(replay, scratch_path(&scratch, "r.jsonl"), ret_diag);
	}
	printed = stdout_give_back(&taken);
	replay_free(replay);
	rule_set_free(rules);
	sketch(printed, out);
	return r;
}

static void assert_replays(const char *first, const char *second, const char *expected)
{
	CLEANUP_STRBUF struct strbuf out = STRBUF_INIT;
	const char *const texts[] = {first, second, NULL};
	struct diag d;

	if (replay_texts(texts, &out, &d) < 0)
		fail_msg("%s:%u: %s", d.file, d.line, d.message);
	assert_string_equal(strbuf_text(&out), expected);
}

#define SHELL      "shell /bin/x in <NA>"
#define KNOWN      "Known by now of the "
#define OF(number) "an earlier alert (alert=0000000000000000-00000" #number

static void events_are_judged_at_their_times(void **state)
{
	(void)state;
	assert_replays(A EXEC(1, 01, "", "shell") EXEC(2, 02, "", "other") EXEC(3, 03, "", "shell"),
		NULL, "01 1 " SHELL "\n03 2 " SHELL "\n");
}

static void program_that_is_known_late_completes_or_is_judged(void **state)
{
	(void)state;
	assert_replays(A EXEC(1, 01, "", "shell") PROGRAM(2, 05, 1, "", "other"), NULL,
		"01 1 " SHELL "\n05 1 follow-up " KNOWN "program of " OF(1) " class=other)\n");
	assert_replays(A EXEC(1, 01, "", "other") PROGRAM(2, 05, 1, "", "shell"), NULL,
		"01 1 " SHELL "\n");
	assert_replays(A EXEC(1, 01, "", "other") PROGRAM(2, 05, 1, "", "other"), NULL, "");
}

static void container_that_is_known_late_completes_its_alerts_once(void **state)
{
	(void)state;
	assert_replays(A EXEC(1, 01, KEY, "shell") EXEC(2, 02, KEY, "shell")
			       EXEC(3, 03, OTHER_KEY, "shell") EXEC(4, 04, KEY, "other")
				       CONTAINER(5, 05, KEY, "w") CONTAINER(6, 06, KEY, "w"),
		NULL,
		"01 1 " SHELL "\n02 2 " SHELL "\n03 3 " SHELL "\n05 1 follow-up " KNOWN
		"container of " OF(1) " container=w)\n05 2 follow-up " KNOWN
				      "container of " OF(2) " container=w)\n");
	assert_replays(A EXEC(1, 01, KEY, "other") PROGRAM(2, 04, 1, KEY, "shell")
			       CONTAINER(3, 05, KEY, "w"),
		NULL,
		"01 1 " SHELL "\n05 1 follow-up " KNOWN "container of " OF(1) " container=w)\n");
}

static void repeats_complete_what_gave_an_alert(void **state)
{
	(void)state;
	assert_replays(A EXEC(1, 01, "", "shell") EXEC(2, 01, "", "other") REPEATS(3, 06, 1)
			       REPEATS(4, 07, 1) REPEATS(5, 08, 2) REPEATS(6, 09, 1),
		NULL,
		"01 1 " SHELL "\n"
		"06 1 follow-up What an earlier alert tells of was attempted again "
		"(alert=0000000000000000-000001 times=7)\n"
		"07 1 follow-up What an earlier alert tells of was attempted again "
		"(alert=0000000000000000-000001 times=7)\n"
		"09 1 follow-up What an earlier alert tells of was attempted again "
		"(alert=0000000000000000-000001 times=7)\n");
}

/* An event of much later at the same place of the table, without an alert or with one. */
static void alert_is_kept_until_another_takes_its_place(void **state)
{
	(void)state;
	assert_replays(
		A EXEC(1, 01, "", "shell") EXEC(65537, 02, "", "other") REPEATS(65538, 06, 1), NULL,
		"01 1 " SHELL "\n"
		"06 1 follow-up What an earlier alert tells of was attempted again "
		"(alert=0000000000000000-000001 times=7)\n");
	assert_replays(A EXEC(1, 01, "", "shell") EXEC(65537, 02, "", "shell")
			       REPEATS(65538, 06, 1),
		NULL, "01 1 " SHELL "\n02 2 " SHELL "\n");
}

static void files_of_one_recording_go_on(void **state)
{
	(void)state;
	assert_replays(A EXEC(1, 01, KEY, "shell"), A CONTAINER(2, 05, KEY, "w") REPEATS(3, 06, 1),
		"01 1 " SHELL "\n05 1 follow-up " KNOWN "container of " OF(
			1) " container=w)\n"
			   "06 1 follow-up What an earlier alert tells of was attempted again "
			   "(alert=0000000000000000-000001 times=7)\n");
}

static void another_recording_has_nothing_of_the_first(void **state)
{
	(void)state;
	assert_replays(A EXEC(1, 01, KEY, "shell"), B CONTAINER(1, 05, KEY, "w") REPEATS(2, 06, 1),
		"01 1 " SHELL "\n");
}

static void records_out_of_order_are_refused(void **state)
{
	CLEANUP_STRBUF struct strbuf out = STRBUF_INIT;
	const char *const texts[] = {A EXEC(2, 02, "", "shell"), A EXEC(1, 01, "", "shell"), NULL};
	struct diag d;

	(void)state;
	assert_int_equal(replay_texts(texts, &out, &d), -EINVAL);
	assert_string_equal(strbuf_text(&out), "02 1 " SHELL "\n");
	assert_string_equal(d.message,
		"record 1 comes after record 2: of a recording with several files, the oldest is "
		"to be named first");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(events_are_judged_at_their_times),
		cmocka_unit_test(program_that_is_known_late_completes_or_is_judged),
		cmocka_unit_test(container_that_is_known_late_completes_its_alerts_once),
		cmocka_unit_test(repeats_complete_what_gave_an_alert),
		cmocka_unit_test(alert_is_kept_until_another_takes_its_place),
		cmocka_unit_test(files_of_one_recording_go_on),
		cmocka_unit_test(another_recording_has_nothing_of_the_first),
		cmocka_unit_test(records_out_of_order_are_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
