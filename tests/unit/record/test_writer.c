/* SPDX-License-Identifier: Apache-2.0 */
/* Claims about agent/record/writer.c, and of what it has written, agent/record/reader.c. */
#include "scratch.h"

#include <errno.h>
#include <signal.h>
#include <sys/resource.h>

#include "../rule/subject_fixture.h"
#include "barewatch/record.h"

#define TIME_NS 1795418597123456789ULL

static const struct record event = {.kind = RECORD_EVENT, .time_ns = TIME_NS};

/* Begins a recording in the file r of SCRATCH. */
static struct recorder *recorder_at(struct scratch *scratch, uint64_t bytes, unsigned rotate)
{
	const struct recorder_config config = {scratch_path(scratch, "r"), bytes, rotate};
	struct recorder *recorder = NULL;
	struct diag d;

	if (recorder_new(&config, TIME_NS, &recorder, &d) < 0)
		fail_msg("%s: %s", d.file, d.message);
	return recorder;
}

static off_t size_of(struct scratch *scratch, const char *name)
{
	struct stat st;

	return stat(scratch_path(scratch, name), &st) == 0 ? st.st_size : -1;
}

struct contents {
	uint64_t records, first, last;
	char recording[RECORD_RECORDING_SIZE];
};

/* What is in the file NAME, which has to be whole. */
static struct contents read_file(struct scratch *scratch, const char *name)
{
	struct record_reader *reader = NULL;
	struct contents found = {0};
	struct recorded *recorded;
	struct record record;
	struct diag d;
	int r;

	assert_int_equal(record_reader_open(scratch_path(scratch, name), &reader, &d), 0);
	while ((r = record_reader_next(reader, &record, &recorded, &d)) > 0) {
		if (record.kind == RECORD_HEADER) {
			strcpy(found.recording, record_reader_header(reader)->recording);
			continue;
		}
		found.first = found.first ? found.first : record.id;
		found.last = record.id;
		found.records++;
		recorded_free(recorded);
	}
	if (r < 0)
		fail_msg("%s:%u: %s", d.file, d.line, d.message);
	assert_false(record_reader_is_cut(reader));
	record_reader_free(reader);
	return found;
}

/* Adds events until the recording ends, or COUNT of them. */
static uint64_t add_events(struct recorder *recorder, uint64_t count)
{
	struct subject_fixture f;
	uint64_t added = 0, id;

	fixture_exec(&f);
	while (added < count && (id = recorder_add(recorder, &event, &f.subject))) {
		added++;
		assert_int_equal(id, added);
	}
	return added;
}

static void recording_is_there_when_it_is_flushed(void **state)
{
	CLEANUP_SCRATCH struct scratch scratch;
	struct recorder *recorder;
	struct contents found;
	struct stat st;
	off_t before;
	int error;

	(void)state;
	scratch_init(&scratch);
	recorder = recorder_at(&scratch, RECORD_SIZE_MIN, 0);
	assert_int_equal(stat(scratch_path(&scratch, "r"), &st), 0);
	assert_int_equal(st.st_mode & 07777, 0600);
	before = size_of(&scratch, "r");
	assert_true(before > 0);
	assert_int_equal(add_events(recorder, 3), 3);
	assert_int_equal(size_of(&scratch, "r"), before);
	recorder_flush(recorder);
	found = read_file(&scratch, "r");
	assert_int_equal(found.records, 3);
	assert_false(recorder_has_ended(recorder, &error));
	recorder_free(recorder);
}

static void full_recording_ends_with_a_whole_line(void **state)
{
	CLEANUP_SCRATCH struct scratch scratch;
	struct recorder *recorder;
	uint64_t added;
	int error = 1;

	(void)state;
	scratch_init(&scratch);
	recorder = recorder_at(&scratch, RECORD_SIZE_MIN, 0);
	added = add_events(recorder, UINT64_MAX);
	assert_true(recorder_has_ended(recorder, &error));
	assert_int_equal(error, 0);
	recorder_free(recorder);
	assert_in_range(size_of(&scratch, "r"), RECORD_SIZE_MIN - 8192, RECORD_SIZE_MIN);
	assert_int_equal(read_file(&scratch, "r").last, added);
}

static void rotated_files_follow_each_other(void **state)
{
	CLEANUP_SCRATCH struct scratch scratch;
	struct recorder *recorder;
	struct contents files[3];
	int error;

	(void)state;
	scratch_init(&scratch);
	recorder = recorder_at(&scratch, RECORD_SIZE_MIN, 2);
	assert_int_equal(add_events(recorder, 2000), 2000);
	assert_false(recorder_has_ended(recorder, &error));
	recorder_free(recorder);
	files[0] = read_file(&scratch, "r.2");
	files[1] = read_file(&scratch, "r.1");
	files[2] = read_file(&scratch, "r");
	assert_int_equal(size_of(&scratch, "r.3"), -1);
	assert_true(files[0].first > 1); /* the oldest are gone */
	assert_int_equal(files[2].last, 2000);
	for (size_t i = 1; i < ARRAY_SIZE(files); i++) {
		assert_int_equal(files[i].first, files[i - 1].last + 1);
		assert_string_equal(files[i].recording, files[0].recording);
	}
}

static void nothing_is_written_over(void **state)
{
	static const char *const there[] = {"r", "r.1", "r.2"};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(there); i++) {
		CLEANUP_SCRATCH struct scratch scratch;
		struct recorder_config config = {.file_bytes = RECORD_SIZE_MIN, .rotate = 2};
		struct recorder *recorder;
		char path[64];
		struct diag d;

		scratch_init(&scratch);
		scratch_write_text(&scratch, there[i], "mine");
		snprintf(path, sizeof(path), "%s/r", scratch.root);
		config.path = path;
		assert_int_equal(recorder_new(&config, TIME_NS, &recorder, &d), -EEXIST);
		assert_string_equal(d.message, "File exists");
		assert_string_equal(d.file, scratch_path(&scratch, there[i]));
		assert_int_equal(size_of(&scratch, there[i]), 4);
	}
}

/* A limit of the process stands for a disk that is full: a part of what is written arrives. */
static void failed_write_ends_it_with_a_whole_line(void **state)
{
	CLEANUP_SCRATCH struct scratch scratch;
	struct rlimit old, limit;
	struct recorder *recorder;
	struct contents found;
	int error;

	(void)state;
	scratch_init(&scratch);
	signal(SIGXFSZ, SIG_IGN);
	getrlimit(RLIMIT_FSIZE, &old);
	limit = old;
	recorder = recorder_at(&scratch, RECORD_SIZE_MIN, 0);
	add_events(recorder, 4);
	recorder_flush(recorder);
	limit.rlim_cur = size_of(&scratch, "r") + 100;
	setrlimit(RLIMIT_FSIZE, &limit);
	recorder_add(recorder, &event, &(struct subject){.kind = SUBJECT_CONTAINER});
	recorder_add(recorder, &event, &(struct subject){.kind = SUBJECT_CONTAINER});
	recorder_flush(recorder);
	setrlimit(RLIMIT_FSIZE, &old);
	assert_true(recorder_has_ended(recorder, &error));
	assert_int_equal(error, -EFBIG);
	assert_int_equal(add_events(recorder, 1), 0);
	recorder_free(recorder);
	found = read_file(&scratch, "r");
	assert_int_equal(found.records, 4);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(recording_is_there_when_it_is_flushed),
		cmocka_unit_test(full_recording_ends_with_a_whole_line),
		cmocka_unit_test(rotated_files_follow_each_other),
		cmocka_unit_test(nothing_is_written_over),
		cmocka_unit_test(failed_write_ends_it_with_a_whole_line),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
