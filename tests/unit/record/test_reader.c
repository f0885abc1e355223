/* SPDX-License-Identifier: Apache-2.0 */
/* Claims about agent/record/reader.c: files that are not as they are written. */
#include "scratch.h"

#include "barewatch/record.h"

#define HEADER                                                             \
	"{\"version\":1,\"barewatch\":\"x\",\"hostname\":\"h\",\"start\":" \
	"\"2026-11-23T07:23:17.123456789Z\",\"recording\":\"00000000000000ab\",\"part\":1}\n"
#define EVENT                                                                  \
	"{\"version\":1,\"id\":1,\"time\":\"2026-11-23T07:23:17.123456789Z\"," \
	"\"fields\":{\"evt.subject\":\"exec\"}}\n"

/* Reads TEXT. Returns how many lines were read; MESSAGE is what is said then, NULL at its end. */
static void assert_read(const char *text, size_t lines, bool is_cut, const char *message)
{
	CLEANUP_SCRATCH struct scratch scratch;
	struct record_reader *reader = NULL;
	struct recorded *recorded;
	struct record record;
	char told[DIAG_TEXT_SIZE];
	struct diag d = {0};
	const char *path;
	size_t count = 0;
	int r;

	scratch_init(&scratch);
	scratch_write_text(&scratch, "r", text);
	path = scratch_path(&scratch, "r");
	assert_int_equal(record_reader_open(path, &reader, &d), 0);
	while ((r = record_reader_next(reader, &record, &recorded, &d)) > 0) {
		recorded_free(recorded);
		count++;
	}
	assert_int_equal(count, lines);
	assert_int_equal(record_reader_is_cut(reader), is_cut);
	assert_int_equal(r < 0, message != NULL);
	diag_text(&d, told, sizeof(told));
	if (message)
		assert_string_equal(told + strlen(path), message);
	record_reader_free(reader);
}

static void lines_are_read_to_the_end(void **state)
{
	(void)state;
	assert_read(HEADER, 1, false, NULL);
	assert_read(HEADER EVENT EVENT, 3, false, NULL);
	assert_read(HEADER EVENT HEADER EVENT, 4, false, NULL);
}

static void last_line_without_an_end_is_left_out(void **state)
{
	(void)state;
	assert_read(HEADER EVENT "{\"version\":1,", 2, true, NULL);
	assert_read(HEADER EVENT "{", 2, true, NULL);
}

static void what_is_no_recording_is_refused(void **state)
{
	(void)state;
	assert_read("", 0, false, ": this is no recording: it has no line");
	assert_read("x", 0, true, ": this is no recording: it has no line");
	assert_read("\n", 0, false, ":1: '[' or '{' expected near end of file");
	assert_read(
		EVENT, 0, false, ":1: the first line of a recording is a header, without 'fields'");
	assert_read(HEADER EVENT "\n" EVENT, 2, false, ":3: '[' or '{' expected near end of file");
}

static void line_without_end_is_refused(void **state)
{
	size_t size = sizeof(HEADER) + RECORD_LINE_MAX;
	CLEANUP_FREE char *text = malloc(size + 2);

	(void)state;
	assert_non_null(text);
	memset(text, ' ', size);
	memcpy(text, HEADER, sizeof(HEADER) - 1);
	text[size] = '\n';
	text[size + 1] = '\0';
	assert_read(text, 1, false, ":2: a line of more than 1048576 bytes");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(lines_are_read_to_the_end),
		cmocka_unit_test(last_line_without_an_end_is_left_out),
		cmocka_unit_test(what_is_no_recording_is_refused),
		cmocka_unit_test(line_without_end_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
