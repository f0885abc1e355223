/* SPDX-License-Identifier: Apache-2.0 */
/* Claims about agent/health.c. */
#include "taken_stdout.h"

#include <errno.h>

#include "health.h"

static const char answer[] =
	"{\"version\": 1, \"barewatch\": \"0.1.0\", \"pid\": 4711, \"start_ticks\": 12345, "
	"\"started_ns\": 1795446000000000000, \"alerts\": 7, "
	"\"events\": {\"execs\": {\"seen\": 5, \"lost\": 1, \"held\": 0}, "
	"\"opens\": {\"seen\": 12, \"lost\": 0, \"held\": 9}}, \"missed\": 2, "
	"\"failures\": {\"scratch\": 0, \"opens_untold\": 8}, "
	"\"open_kinds\": {\"kept\": 3, \"max\": 32768, \"evicted\": 1}, "
	"\"sensors\": {\"execs\": {\"hook\": \"tracepoint\", \"unseen\": []}, "
	"\"opens\": {\"hook\": \"kprobe\", \"unseen\": [\"one\\u001b[2J: reason\", \"two\"]}}, "
	"\"rules\": {\"version\": 3, \"active\": 12, \"loaded_ns\": 1795446060000000000, "
	"\"added\": 1, \"removed\": 0, \"changed\": 0, \"tried_ns\": 77, \"failures\": 5, "
	"\"error\": \"x\\n\"}, "
	"\"containers\": {\"watched\": 4, \"bare\": 2}, \"memory_bytes\": 3145728}\n";

static const char text[] =
	"barewatch   0.1.0, pid 4711, since 2026-11-23T15:00:00Z\n"
	"containers  4, bare 2\n"
	"rules       version 3 since 2026-11-23T15:01:00Z, active 12, reloads refused 5, the last one, too\n"
	"alerts      7\n"
	"memory      3.0 MiB\n"
	"open kinds  3 of 32768, pushed out 1\n"
	"failures    opens_untold: 8\n"
	"failures    skipped by the kernel: 2\n"
	"\n"
	"SENSOR            HOOK\n"
	"execs             tracepoint\n"
	"opens             kprobe\n"
	"  one\\u{1b}[2J: reason\n"
	"  two\n"
	"\n"
	"EVENTS                    SEEN          LOST          HELD\n"
	"execs                        5             1             0\n"
	"opens                       12             0             9\n";

/* What is printed of TEXT, the caller's to free; NULL when it is refused. */
static char *printed(const char *line, enum health_format format)
{
	struct taken_stdout taken = stdout_take();
	int r = health_print(slice_of(line), format);
	char *data = stdout_give_back(&taken);

	if (r == 0)
		return data;
	assert_int_equal(r, -EBADMSG);
	free(data);
	return NULL;
}

static void text_tells_all_and_nothing_to_the_terminal(void **state)
{
	CLEANUP_FREE char *found = printed(answer, HEALTH_TEXT);

	(void)state;
	assert_non_null(found);
	assert_string_equal(found, text);
}

static void json_has_times_in_words(void **state)
{
	CLEANUP_FREE char *found = printed(answer, HEALTH_JSON);

	(void)state;
	assert_non_null(found);
	assert_non_null(strstr(found, "\"since\": \"2026-11-23T15:00:00.000000000Z\""));
	assert_non_null(strstr(found, "\"since\": \"2026-11-23T15:01:00.000000000Z\""));
	assert_non_null(strstr(found, "\"opens_untold\": 8"));
	assert_null(strstr(found, "_ns\""));
	assert_null(strstr(found, "start_ticks"));
}

static void what_is_no_answer_is_refused(void **state)
{
	static const char *const lines[] = {"", "{}\n", "[]\n", "{\"barewatch\": 1}\n",
		"{\"container\": {}, \"omitted\": 0}\n"};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(lines); i++) {
		assert_null(printed(lines[i], HEALTH_TEXT));
		assert_null(printed(lines[i], HEALTH_JSON));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(text_tells_all_and_nothing_to_the_terminal),
		cmocka_unit_test(json_has_times_in_words),
		cmocka_unit_test(what_is_no_answer_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
