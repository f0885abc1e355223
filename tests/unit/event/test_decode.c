/* SPDX-License-Identifier: Apache-2.0 */
/* Claims about agent/event/decode.c. */
#include "asserts.h"

#include <errno.h>
#include <fcntl.h>

#include "barewatch/decode.h"

/* A record with its tail; aligned to 8 by what it starts with. */
struct made {
	union {
		struct bw_event header;
		struct bw_exec exec;
		struct bw_attempt attempt;
		struct bw_mapping mapping;
		struct bw_cgroup cgroup;
		struct bw_runtime runtime;
		struct bw_failed_start failed_start;
		struct bw_move move;
		struct bw_canary canary;
		struct bw_open open;
	};
	char room[8 * BW_PATH_MAX]; /* the tail starts in the union where a record is smaller */
	size_t size;
};

static void made_start(struct made *m, enum bw_event_kind kind, size_t fixed_size)
{
	memset(m, 0, sizeof(*m));
	m->header = (struct bw_event){
		.kind = kind,
		.version = BW_ABI_VERSION,
		.time_ns = 1234567890123,
		.sequence = 42,
		.cpu = 5,
		.cgroup = BW_CGROUP_V1 | 42,
		.container = 41,
	};
	m->size = fixed_size;
	m->header.size = fixed_size;
}

/* Appends BYTES as the text TEXT. */
static void made_add(struct made *m, struct bw_text *text, struct slice bytes)
{
	assert_true(range_valid(m->size, bytes.len, offsetof(struct made, size)));
	memcpy((char *)m + m->size, bytes.data, bytes.len);
	text->len = bytes.len;
	m->size += bytes.len;
	m->header.size = m->size;
}

/* Appends a session leader that has ended, a group leader and two ancestors. */
static void made_add_lineage(struct made *m, struct bw_text *text)
{
	static const struct bw_relative relatives[] = {
		{.tgid = 4000, .ns_tgid = 1},
		{.tgid = 4711, .start_ns = 20, .ns_tgid = 7, .comm = "sh"},
		{.tgid = 4700, .start_ns = 10, .inode = 12, .comm = "java"},
		{.tgid = 4000, .start_ns = 5, .flags = BW_RELATIVE_FORKED},
	};

	made_add(m, text, (struct slice){(const char *)relatives, sizeof(relatives)});
}

static void made_exec(struct made *m)
{
	struct bw_text *text = m->exec.text;

	made_start(m, BW_EVENT_EXEC, sizeof(struct bw_exec));
	m->exec.process = (struct bw_process){
		.tgid = 4711, .comm = "sh", .parent_comm = "java", .tty = "pts0"};
	made_add(m, &text[BW_EXEC_INVOKED], SLICE("/bin/sh"));
	made_add(m, &text[BW_EXEC_RESOLVED], SLICE("dash\0bin\0usr\0"));
	made_add(m, &text[BW_EXEC_CWD], SLICE("srv\0"));
	made_add(m, &text[BW_EXEC_PARENT], SLICE("java\0bin\0java\0opt\0"));
	made_add(m, &text[BW_EXEC_ARGS], SLICE("sh\0-c\0id\0"));
	made_add_lineage(m, &text[BW_EXEC_LINEAGE]);
}

static void made_attempt(struct made *m)
{
	struct bw_text *text = m->attempt.text;

	made_start(m, BW_EVENT_ATTEMPT, sizeof(struct bw_attempt));
	m->attempt.process = (struct bw_process){.tgid = 4711, .comm = "java"};
	m->attempt.error = ENOENT;
	made_add(m, &text[BW_ATTEMPT_ASKED], SLICE("/bin/bash"));
	made_add(m, &text[BW_ATTEMPT_ARGV], SLICE("bash\0-i\0"));
	made_add(m, &text[BW_ATTEMPT_EXE], SLICE("java\0bin\0"));
	made_add(m, &text[BW_ATTEMPT_CWD], SLICE(""));
	made_add(m, &text[BW_ATTEMPT_PARENT], SLICE("tini\0"));
	made_add_lineage(m, &text[BW_ATTEMPT_LINEAGE]);
}

static void made_cgroup(struct made *m, enum bw_event_kind kind)
{
	made_start(m, kind, sizeof(struct bw_cgroup));
	m->cgroup.parent = 40;
	m->cgroup.level = 2;
	made_add(m, &m->cgroup.text[BW_CGROUP_PATH], SLICE("/docker/abc"));
}

static void made_runtime(struct made *m)
{
	made_start(m, BW_EVENT_RUNTIME, sizeof(struct bw_runtime));
	m->runtime.process = (struct bw_process){.tgid = 4711, .comm = "runc"};
	m->runtime.args_bytes = 5000;
	made_add(m, &m->runtime.text[BW_RUNTIME_CWD], SLICE("b\0run\0"));
	made_add(m, &m->runtime.text[BW_RUNTIME_ARGS], SLICE("runc\0exec\0"));
}

static void made_failed_start(struct made *m)
{
	made_start(m, BW_EVENT_FAILED_START, sizeof(struct bw_failed_start));
	m->failed_start.process = (struct bw_process){.tgid = 4711, .comm = "runc:[2:INIT]"};
	m->failed_start.parent_start_ns = 17;
	m->failed_start.status = 256;
}

static void made_move(struct made *m)
{
	struct bw_text *text = m->move.text;

	made_start(m, BW_EVENT_MOVE, sizeof(struct bw_move));
	m->move.process = (struct bw_process){.tgid = 4711, .comm = "sh"};
	m->move.mover = 4700;
	strcpy(m->move.mover_comm, "java");
	made_add(m, &text[BW_MOVE_TO], SLICE("/system.slice"));
	made_add(m, &text[BW_MOVE_EXE], SLICE("dash\0bin\0"));
	made_add(m, &text[BW_MOVE_PARENT], SLICE("java\0bin\0"));
	made_add_lineage(m, &text[BW_MOVE_LINEAGE]);
}

static void made_mapping(struct made *m)
{
	struct bw_text *text = m->mapping.text;

	made_start(m, BW_EVENT_MAPPING, sizeof(struct bw_mapping));
	m->mapping.process = (struct bw_process){.tgid = 4711, .comm = "java"};
	m->mapping.start = 0x7f0000001000;
	made_add(m, &text[BW_MAPPING_FILE], SLICE("evil.so\0tmp\0"));
	made_add(m, &text[BW_MAPPING_EXE], SLICE("java\0bin\0"));
	made_add(m, &text[BW_MAPPING_PARENT], SLICE("tini\0"));
}

static void made_open(struct made *m)
{
	struct bw_text *text = m->open.text;

	made_start(m, BW_EVENT_OPEN, sizeof(struct bw_open));
	m->open.process = (struct bw_process){.tgid = 4711, .comm = "cat"};
	m->open.file.inode = 99;
	m->open.kind.use = BW_OPEN_WRITE | BW_OPEN_CREATED;
	m->open.open_flags = O_WRONLY | O_CREAT;
	m->open.mode = 0640;
	m->open.call = BW_OPEN_BY_OPENAT2;
	m->open.result = 3;
	made_add(m, &text[BW_OPEN_FILE], SLICE("shadow\0etc\0"));
	made_add(m, &text[BW_OPEN_ASKED], SLICE("../etc/shadow"));
	made_add(m, &text[BW_OPEN_EXE], SLICE("cat\0bin\0usr\0"));
	made_add(m, &text[BW_OPEN_CWD], SLICE("srv\0"));
	made_add(m, &text[BW_OPEN_PARENT], SLICE("tini\0"));
	made_add_lineage(m, &text[BW_OPEN_LINEAGE]);
}

/* One of each kind. */
static struct made *made_all(void)
{
	static struct made made[BW_EVENT_KINDS];

	made_exec(&made[BW_EVENT_EXEC]);
	made_attempt(&made[BW_EVENT_ATTEMPT]);
	made_cgroup(&made[BW_EVENT_CGROUP_MKDIR], BW_EVENT_CGROUP_MKDIR);
	made_cgroup(&made[BW_EVENT_CGROUP_RMDIR], BW_EVENT_CGROUP_RMDIR);
	made_runtime(&made[BW_EVENT_RUNTIME]);
	made_failed_start(&made[BW_EVENT_FAILED_START]);
	made_move(&made[BW_EVENT_MOVE]);
	made_mapping(&made[BW_EVENT_MAPPING]);
	made_start(&made[BW_EVENT_CANARY], BW_EVENT_CANARY, sizeof(struct bw_canary));
	made_open(&made[BW_EVENT_OPEN]);
	return made;
}

/* Decodes the first SIZE bytes of M, copied to where reading on is seen. */
static int decode_copy(const struct made *m, size_t size)
{
	CLEANUP_FREE char *copy = malloc(size ? size : 1);
	CLEANUP_FREE struct event *event = malloc(sizeof(*event));

	assert_true(copy && event);
	memcpy(copy, m, size);
	return event_decode(copy, size, event);
}

static void exec_has_all_its_texts(void **state)
{
	static struct made m;
	static struct event e;

	(void)state;
	made_exec(&m);
	assert_int_equal(event_decode(&m, m.size, &e), 0);
	assert_int_equal(e.kind, BW_EVENT_EXEC);
	assert_int_equal(e.time_ns, 1234567890123);
	assert_int_equal(e.sequence, 42);
	assert_int_equal(e.cpu, 5);
	assert_int_equal(e.cgroup, BW_CGROUP_V1 | 42);
	assert_int_equal(e.container, 41);
	assert_ptr_equal(e.process, &m.exec.process);
	assert_ptr_equal(e.exec.record, &m.exec);
	assert_slice_text(e.exec.invoked.bytes, "/bin/sh");
	assert_slice_text(e.exec.resolved.bytes, "/usr/bin/dash");
	assert_slice_text(e.exec.cwd.bytes, "/srv");
	assert_slice_text(e.exec.parent.bytes, "/opt/java/bin/java");
	assert_slice_is(e.exec.args.bytes, SLICE("sh\0-c\0id\0"));
}

static void attempt_has_all_its_texts(void **state)
{
	static struct made m;
	static struct event e;

	(void)state;
	made_attempt(&m);
	assert_int_equal(event_decode(&m, m.size, &e), 0);
	assert_int_equal(e.kind, BW_EVENT_ATTEMPT);
	assert_ptr_equal(e.process, &m.attempt.process);
	assert_ptr_equal(e.attempt.record, &m.attempt);
	assert_slice_text(e.attempt.asked.bytes, "/bin/bash");
	assert_slice_text(e.attempt.exe.bytes, "/bin/java");
	assert_slice_text(e.attempt.cwd.bytes, "/");
	assert_slice_text(e.attempt.parent.bytes, "/tini");
	assert_slice_is(e.attempt.args.bytes, SLICE("bash\0-i\0"));
	assert_true(e.attempt.tried.unreadable); /* that is for a runtime's search */
	assert_int_equal(e.attempt.tried.bytes.len, 0);
}

static void call_of_a_runtime_has_all_its_texts(void **state)
{
	static struct made m;
	static struct event e;

	(void)state;
	made_runtime(&m);
	m.runtime.text[BW_RUNTIME_ARGS].flags = BW_TEXT_TRUNCATED;
	assert_int_equal(event_decode(&m, m.size, &e), 0);
	assert_int_equal(e.kind, BW_EVENT_RUNTIME);
	assert_ptr_equal(e.process, &m.runtime.process);
	assert_ptr_equal(e.runtime.record, &m.runtime);
	assert_slice_text(e.runtime.cwd.bytes, "/run/b");
	assert_slice_is(e.runtime.args.bytes, SLICE("runc\0exec\0"));
	assert_true(e.runtime.args.truncated && !e.runtime.cwd.truncated);
}

static void canary_has_no_process(void **state)
{
	struct event e;
	struct made m;

	(void)state;
	made_start(&m, BW_EVENT_CANARY, sizeof(struct bw_canary));
	m.canary.tgid = 4711;
	assert_int_equal(event_decode(&m.header, m.size, &e), 0);
	assert_null(e.process);
	assert_int_equal(e.canary.record->tgid, 4711);
}

static void failed_start_has_a_process_and_no_texts(void **state)
{
	static struct made m;
	static struct event e;

	(void)state;
	made_failed_start(&m);
	assert_int_equal(event_decode(&m, m.size, &e), 0);
	assert_int_equal(e.kind, BW_EVENT_FAILED_START);
	assert_ptr_equal(e.process, &m.failed_start.process);
	assert_ptr_equal(e.failed_start.record, &m.failed_start);
	assert_int_equal(e.failed_start.record->parent_start_ns, 17);
}

static void move_has_all_its_texts(void **state)
{
	static struct made m;
	static struct event e;

	(void)state;
	made_move(&m);
	assert_int_equal(event_decode(&m, m.size, &e), 0);
	assert_int_equal(e.kind, BW_EVENT_MOVE);
	assert_ptr_equal(e.process, &m.move.process);
	assert_ptr_equal(e.move.record, &m.move);
	assert_slice_text(e.move.to.bytes, "/system.slice");
	assert_slice_text(e.move.exe.bytes, "/bin/dash");
	assert_slice_text(e.move.parent.bytes, "/bin/java");
	memset(m.move.mover_comm, 'x', sizeof(m.move.mover_comm));
	assert_int_equal(decode_copy(&m, m.size), -EBADMSG);
}

static void lineage_is_taken_apart(void **state)
{
	static struct made m;
	static struct event e;

	(void)state;
	made_exec(&m);
	assert_int_equal(event_decode(&m, m.size, &e), 0);
	assert_true(e.lineage.known);
	assert_int_equal(e.lineage.ancestors, 2);
	assert_int_equal(e.lineage.relatives[BW_LINEAGE_SESSION].tgid, 4000);
	assert_int_equal(e.lineage.relatives[BW_LINEAGE_GROUP].ns_tgid, 7);
	assert_int_equal(e.lineage.relatives[BW_LINEAGE_ANCESTORS].inode, 12);
	assert_string_equal(e.lineage.relatives[BW_LINEAGE_ANCESTORS].comm, "java");
	assert_int_equal(e.lineage.relatives[BW_LINEAGE_ANCESTORS + 1].flags, BW_RELATIVE_FORKED);
	made_cgroup(&m, BW_EVENT_CGROUP_MKDIR); /* which has none */
	assert_int_equal(event_decode(&m, m.size, &e), 0);
	assert_false(e.lineage.known);
	assert_int_equal(e.lineage.ancestors, 0);
}

/* Of another number of bytes than whole relatives, too few, too many, with a name that has no end. */
static void lineages_of_another_form_are_refused(void **state)
{
	static struct bw_relative relatives[BW_LINEAGE_MAX + 1];
	static const size_t wrong[] = {1, sizeof(relatives[0]) * BW_LINEAGE_ANCESTORS - 1,
		sizeof(relatives[0]), sizeof(relatives)};
	static struct made m;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(wrong); i++) {
		made_start(&m, BW_EVENT_EXEC, sizeof(struct bw_exec));
		made_add(&m, &m.exec.text[BW_EXEC_LINEAGE],
			(struct slice){(const char *)relatives, wrong[i]});
		assert_int_equal(decode_copy(&m, m.size), -EBADMSG);
	}
	made_start(&m, BW_EVENT_EXEC, sizeof(struct bw_exec));
	memset(relatives[BW_LINEAGE_MAX - 1].comm, 'x', BW_COMM_SIZE);
	made_add(&m, &m.exec.text[BW_EXEC_LINEAGE],
		(struct slice){(const char *)relatives, sizeof(relatives[0]) * BW_LINEAGE_MAX});
	assert_int_equal(decode_copy(&m, m.size), -EBADMSG);
	((struct bw_relative *)((char *)&m + sizeof(struct bw_exec)))[BW_LINEAGE_MAX - 1].comm[3] =
		'\0';
	assert_int_equal(decode_copy(&m, m.size), 0);
}

static void mapping_has_all_its_texts(void **state)
{
	static struct made m;
	static struct event e;

	(void)state;
	made_mapping(&m);
	assert_int_equal(event_decode(&m, m.size, &e), 0);
	assert_int_equal(e.kind, BW_EVENT_MAPPING);
	assert_ptr_equal(e.process, &m.mapping.process);
	assert_ptr_equal(e.mapping.record, &m.mapping);
	assert_slice_text(e.mapping.file.bytes, "/tmp/evil.so");
	assert_slice_text(e.mapping.exe.bytes, "/bin/java");
	assert_slice_text(e.mapping.parent.bytes, "/tini");
}

static void open_has_all_of_its_record(void **state)
{
	static struct made m;
	static struct event e;

	(void)state;
	made_open(&m);
	assert_int_equal(event_decode(&m, m.size, &e), 0);
	assert_ptr_equal(e.process, &m.open.process);
	assert_ptr_equal(e.open.record, &m.open);
	assert_int_equal(event_file(&e)->inode, 99);
	assert_slice_text(event_path(&e)->bytes, "/etc/shadow");
	assert_slice_text(e.open.asked.bytes, "../etc/shadow");
	assert_slice_text(e.open.exe.bytes, "/usr/bin/cat");
	assert_slice_text(e.open.cwd.bytes, "/srv");
	assert_slice_text(e.open.parent.bytes, "/tini");
	assert_true(e.lineage.known);
	assert_int_equal(e.open.flags, O_WRONLY | O_CREAT);
	assert_int_equal(e.open.mode, 0640);
	assert_int_equal(e.open.call, BW_OPEN_BY_OPENAT2);
	assert_true(e.open.is_created);
	assert_false(e.open.has_no_fd);
	assert_int_equal(e.open.result, 3);
}

static void open_of_an_unknown_call_has_none(void **state)
{
	static struct made m;
	static struct event e;

	(void)state;
	made_open(&m);
	m.open.flags = BW_OPEN_NO_CALL | BW_OPEN_NO_FD;
	m.open.kind.use = BW_OPEN_READ;
	assert_int_equal(event_decode(&m, m.size, &e), 0);
	assert_int_equal(e.open.call, BW_OPEN_CALLS);
	assert_true(e.open.has_no_fd);
	assert_false(e.open.is_created);
}

/* What failed led to no file: the path is what was asked for, where that is one. */
static void failed_open_has_the_path_asked_for(void **state)
{
	static struct made m;
	static struct event e;

	(void)state;
	made_start(&m, BW_EVENT_OPEN, sizeof(struct bw_open));
	m.open.result = -ENOENT;
	made_add(&m, &m.open.text[BW_OPEN_ASKED], SLICE("/etc/none"));
	assert_int_equal(event_decode(&m, m.size, &e), 0);
	assert_slice_text(e.open.path.bytes, "/etc/none");
	made_open(&m);
	m.open.result = -ENOENT;
	assert_int_equal(event_decode(&m, m.size, &e), 0);
	assert_slice_text(e.open.path.bytes, "/etc/shadow"); /* from /srv */
	assert_slice_text(e.open.asked.bytes, "../etc/shadow");
	m.open.flags |= BW_OPEN_AT_DIRECTORY;
	assert_int_equal(event_decode(&m, m.size, &e), 0);
	assert_true(e.open.path.unreadable);
}

/* An open of ASKED that failed, called by CALL with FLAGS. */
static void assert_failed_path(
	struct slice asked, enum bw_open_call call, uint32_t flags, const char *expected)
{
	static struct made m;
	static struct event e;

	made_start(&m, BW_EVENT_OPEN, sizeof(struct bw_open));
	m.open.result = -EACCES;
	m.open.call = call;
	m.open.flags = flags;
	made_add(&m, &m.open.text[BW_OPEN_ASKED], asked);
	assert_int_equal(event_decode(&m, m.size, &e), 0);
	if (expected)
		assert_slice_text(e.open.path.bytes, expected);
	else
		assert_true(e.open.path.unreadable);
}

static void path_that_was_asked_for_has_no_dots(void **state)
{
	static const struct {
		struct slice asked;
		const char *path;
	} cases[] = {
		{SLICE("/"), "/"}, {SLICE("//etc///shadow"), "/etc/shadow"},
		{SLICE("/./etc/./shadow/."), "/etc/shadow"},
		{SLICE("/srv/../etc/shadow"), "/etc/shadow"},
		{SLICE("/../../etc/a/b/../.."), "/etc"}, {SLICE("/.."), "/"},
		{SLICE("/etc/..."), "/etc/..."}, {SLICE("/etc/.hidden/..x"), "/etc/.hidden/..x"},
		{SLICE(""), NULL}, {SLICE("etc"), "/etc"}, /* the working directory is / */
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++)
		assert_failed_path(cases[i].asked, BW_OPEN_BY_OPEN, 0, cases[i].path);
	assert_failed_path(SLICE("/x"), BW_OPEN_BY_OPENAT, BW_OPEN_AT_DIRECTORY, "/x");
	assert_failed_path(SLICE("/x"), BW_OPEN_BY_OPENAT2, BW_OPEN_AT_DIRECTORY, NULL);
	assert_failed_path(SLICE("/x"), BW_OPEN_BY_OPENAT2, 0, "/x");
}

static void cgroup_changes_have_a_path_and_no_process(void **state)
{
	static const enum bw_event_kind changes[] = {BW_EVENT_CGROUP_MKDIR, BW_EVENT_CGROUP_RMDIR};
	static struct made m;
	static struct event e;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(changes); i++) {
		made_cgroup(&m, changes[i]);
		assert_int_equal(event_decode(&m, m.size, &e), 0);
		assert_int_equal(e.kind, changes[i]);
		assert_null(e.process);
		assert_ptr_equal(e.cgroup_change.record, &m.cgroup);
		assert_slice_text(e.cgroup_change.path.bytes, "/docker/abc");
	}
}

static void no_beginning_of_a_record_is_a_record(void **state)
{
	struct made *made = made_all();

	(void)state;
	for (size_t i = 0; i < BW_EVENT_KINDS; i++) {
		for (size_t size = 0; size < made[i].size; size++)
			assert_int_equal(decode_copy(&made[i], size), -EBADMSG);
		assert_int_equal(decode_copy(&made[i], made[i].size), 0);
	}
}

/* The same when the header says that the beginning is all there is. */
static void shortened_records_are_refused(void **state)
{
	struct made *made = made_all();

	(void)state;
	for (size_t i = 0; i < BW_EVENT_KINDS; i++)
		for (size_t size = sizeof(struct bw_event); size < made[i].size; size++) {
			made[i].header.size = size;
			assert_int_equal(decode_copy(&made[i], size), -EBADMSG);
		}
}

static void bytes_behind_the_record_are_ignored(void **state)
{
	static struct made m;

	(void)state;
	made_exec(&m);
	assert_int_equal(decode_copy(&m, m.size + 7), 0);
}

static void size_in_the_header_is_checked(void **state)
{
	static struct made m;
	static const int64_t wrong[] = {0, 1, sizeof(struct bw_event), UINT32_MAX};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(wrong); i++) {
		made_exec(&m);
		m.header.size = wrong[i];
		assert_int_equal(decode_copy(&m, m.size), -EBADMSG);
	}
	made_exec(&m);
	m.header.size++;
	assert_int_equal(decode_copy(&m, m.size), -EBADMSG);
}

static void other_versions_are_refused(void **state)
{
	static struct made m;
	static const unsigned wrong[] = {0, BW_ABI_VERSION - 1, BW_ABI_VERSION + 1, UINT16_MAX};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(wrong); i++) {
		made_exec(&m);
		m.header.version = wrong[i];
		assert_int_equal(decode_copy(&m, m.size), -EBADMSG);
	}
}

static void unknown_kinds_are_refused(void **state)
{
	static struct made m;

	(void)state;
	made_exec(&m);
	m.header.kind = BW_EVENT_KINDS;
	assert_int_equal(decode_copy(&m, m.size), -EBADMSG);
	m.header.kind = UINT16_MAX;
	assert_int_equal(decode_copy(&m, m.size), -EBADMSG);
}

/* Each text in turn claims one byte more than there is, then as much as it can. */
static void texts_running_over_are_refused(void **state)
{
	static struct made m;

	(void)state;
	for (size_t i = 0; i < BW_EXEC_TEXTS; i++) {
		made_exec(&m);
		m.exec.text[i].len += m.size; /* certainly beyond the end */
		assert_int_equal(decode_copy(&m, m.size), -EBADMSG);
		m.exec.text[i].len = UINT16_MAX;
		assert_int_equal(decode_copy(&m, m.size), -EBADMSG);
	}
	made_exec(&m);
	m.exec.text[BW_EXEC_ARGS].len++;
	assert_int_equal(decode_copy(&m, m.size), -EBADMSG);
	made_attempt(&m);
	m.attempt.text[BW_ATTEMPT_ARGV].len++;
	assert_int_equal(decode_copy(&m, m.size), -EBADMSG);
	made_cgroup(&m, BW_EVENT_CGROUP_MKDIR);
	m.cgroup.text[BW_CGROUP_PATH].len++;
	assert_int_equal(decode_copy(&m, m.size), -EBADMSG);
	made_runtime(&m);
	m.runtime.text[BW_RUNTIME_ARGS].len++;
	assert_int_equal(decode_copy(&m, m.size), -EBADMSG);
}

static void names_without_an_end_are_refused(void **state)
{
	static struct made m;

	(void)state;
	made_exec(&m);
	memset(m.exec.process.comm, 'x', BW_COMM_SIZE);
	assert_int_equal(decode_copy(&m, m.size), -EBADMSG);
	m.exec.process.comm[BW_COMM_SIZE - 1] = '\0';
	assert_int_equal(decode_copy(&m, m.size), 0);
	memset(m.exec.process.parent_comm, 'x', BW_COMM_SIZE);
	assert_int_equal(decode_copy(&m, m.size), -EBADMSG);
	made_attempt(&m);
	memset(m.attempt.process.tty, 'x', BW_TTY_SIZE);
	assert_int_equal(decode_copy(&m, m.size), -EBADMSG);
	made_runtime(&m);
	memset(m.runtime.process.comm, 'x', BW_COMM_SIZE);
	assert_int_equal(decode_copy(&m, m.size), -EBADMSG);
	made_failed_start(&m);
	memset(m.failed_start.process.comm, 'x', BW_COMM_SIZE);
	assert_int_equal(decode_copy(&m, m.size), -EBADMSG);
}

/* Decodes an exec whose resolved path is WALKED with FLAGS. */
static int decode_walked(
	struct made *m, struct event *e, struct slice walked, enum bw_text_flag flags)
{
	made_start(m, BW_EVENT_EXEC, sizeof(struct bw_exec));
	made_add(m, &m->exec.text[BW_EXEC_RESOLVED], walked);
	m->exec.text[BW_EXEC_RESOLVED].flags = flags;
	return event_decode(m, m->size, e);
}

static void walked_paths_are_turned_round(void **state)
{
	static const struct {
		struct slice walked;
		unsigned flags;
		const char *path;
	} cases[] = {
		{SLICE(""), 0, "/"},
		{SLICE("sh\0bin\0usr\0"), 0, "/usr/bin/sh"},
		{SLICE("sh\0"), 0, "/sh"},
		{SLICE("sh\0bin\0"), BW_TEXT_TRUNCATED, ".../bin/sh"},
		{SLICE("sh\0bin\0"), BW_TEXT_DETACHED, "bin/sh"},
		{SLICE("sh\0bin\0"), BW_TEXT_DETACHED | BW_TEXT_TRUNCATED, ".../bin/sh"},
		{SLICE("memfd:x\0"), BW_TEXT_DETACHED, "memfd:x"},
		{SLICE(""), BW_TEXT_DETACHED, ""},
		{SLICE(""), BW_TEXT_UNREADABLE, ""},
		{SLICE(""), BW_TEXT_TRUNCATED, "..."},
		{SLICE("sh\0"), BW_TEXT_UNREADABLE, "/sh"},
		{SLICE("\0"), 0, "/"},
		{SLICE("a\nb\0"), 0, "/a\nb"},
	};
	static struct made m;
	static struct event e;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		assert_int_equal(decode_walked(&m, &e, cases[i].walked, cases[i].flags), 0);
		assert_slice_text(e.exec.resolved.bytes, cases[i].path);
	}
}

static void walked_path_must_end_with_a_nul(void **state)
{
	static struct made m;
	static struct event e;

	(void)state;
	assert_int_equal(decode_walked(&m, &e, SLICE("sh"), 0), -EBADMSG);
	assert_int_equal(decode_walked(&m, &e, SLICE("sh\0bin"), 0), -EBADMSG);
}

static void nul_in_a_string_is_refused(void **state)
{
	static struct made m;
	static struct event e;

	(void)state;
	made_exec(&m);
	assert_int_equal(event_decode(&m, m.size, &e), 0);
	memset((char *)&m + sizeof(struct bw_exec) + 4, '\0', 1); /* in "/bin/sh" */
	assert_int_equal(event_decode(&m, m.size, &e), -EBADMSG);
}

/* SIZE bytes of components of one letter. */
static struct slice walked_of(char *buffer, size_t size)
{
	for (size_t i = 0; i < size; i++)
		buffer[i] = (size - i) % 2 ? '\0' : 'a';
	return (struct slice){buffer, size};
}

static void paths_of_the_greatest_length_fit(void **state)
{
	static char buffer[4][2 * BW_PATH_MAX];
	static struct made m;
	static struct event e;
	const size_t most = BW_PATH_MAX + BW_NAME_MAX, side = BW_SIDE_PATH_MAX + BW_NAME_MAX;

	(void)state;
	made_start(&m, BW_EVENT_EXEC, sizeof(struct bw_exec));
	made_add(&m, &m.exec.text[BW_EXEC_RESOLVED], walked_of(buffer[0], most));
	made_add(&m, &m.exec.text[BW_EXEC_CWD], walked_of(buffer[1], side - 8));
	made_add(&m, &m.exec.text[BW_EXEC_PARENT], walked_of(buffer[2], side - 8));
	assert_int_equal(event_decode(&m, m.size, &e), 0);
	assert_int_equal(e.exec.resolved.bytes.len, most);
	assert_int_equal(e.exec.cwd.bytes.len, side - 8);
	assert_true(e.paths_used <= sizeof(e.paths));

	for (size_t i = BW_EXEC_RESOLVED; i <= BW_EXEC_PARENT; i++) {
		size_t size = (i == BW_EXEC_RESOLVED ? most : side) + 1;

		made_start(&m, BW_EVENT_EXEC, sizeof(struct bw_exec));
		made_add(&m, &m.exec.text[i], walked_of(buffer[3], size));
		assert_int_equal(event_decode(&m, m.size, &e), -EBADMSG);
	}
}

/* All three at their limit with "..." in front do not fit together: refused, never overrun. */
static void paths_never_overrun_their_room(void **state)
{
	static char buffer[3][2 * BW_PATH_MAX];
	static struct made m;
	CLEANUP_FREE struct event *e = malloc(sizeof(*e));

	(void)state;
	assert_non_null(e);
	for (size_t less = 0; less < 16; less++) {
		static const size_t limits[] = {BW_PATH_MAX, BW_SIDE_PATH_MAX, BW_SIDE_PATH_MAX};

		made_start(&m, BW_EVENT_EXEC, sizeof(struct bw_exec));
		for (size_t i = 0; i < 3; i++) {
			struct bw_text *text = &m.exec.text[BW_EXEC_RESOLVED + i];

			made_add(&m, text, walked_of(buffer[i], limits[i] + BW_NAME_MAX - less));
			text->flags = BW_TEXT_TRUNCATED;
		}
		if (event_decode(&m, m.size, e) == 0)
			assert_true(e->paths_used <= sizeof(e->paths));
	}
}

static void flags_are_told_per_text(void **state)
{
	static struct made m;
	static struct event e;

	(void)state;
	made_exec(&m);
	m.exec.text[BW_EXEC_INVOKED].flags = BW_TEXT_TRUNCATED;
	m.exec.text[BW_EXEC_ARGS].flags = BW_TEXT_UNREADABLE | BW_TEXT_TRUNCATED;
	m.exec.text[BW_EXEC_CWD].flags = BW_TEXT_DETACHED;
	assert_int_equal(event_decode(&m, m.size, &e), 0);
	assert_true(e.exec.invoked.truncated && !e.exec.invoked.unreadable);
	assert_true(e.exec.args.truncated && e.exec.args.unreadable && !e.exec.args.detached);
	assert_true(e.exec.cwd.detached && !e.exec.cwd.truncated);
	assert_false(e.exec.parent.truncated || e.exec.parent.unreadable || e.exec.parent.detached);
}

static void event_can_be_used_again(void **state)
{
	static struct made m;
	static struct event e;

	(void)state;
	for (int i = 0; i < 1000; i++) {
		made_exec(&m);
		assert_int_equal(event_decode(&m, m.size, &e), 0);
	}
	made_cgroup(&m, BW_EVENT_CGROUP_RMDIR);
	assert_int_equal(event_decode(&m, m.size, &e), 0);
	assert_null(e.process);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(exec_has_all_its_texts),
		cmocka_unit_test(attempt_has_all_its_texts),
		cmocka_unit_test(call_of_a_runtime_has_all_its_texts),
		cmocka_unit_test(failed_start_has_a_process_and_no_texts),
		cmocka_unit_test(move_has_all_its_texts),
		cmocka_unit_test(lineage_is_taken_apart),
		cmocka_unit_test(lineages_of_another_form_are_refused),
		cmocka_unit_test(mapping_has_all_its_texts),
		cmocka_unit_test(open_has_all_of_its_record),
		cmocka_unit_test(open_of_an_unknown_call_has_none),
		cmocka_unit_test(failed_open_has_the_path_asked_for),
		cmocka_unit_test(path_that_was_asked_for_has_no_dots),
		cmocka_unit_test(canary_has_no_process),
		cmocka_unit_test(cgroup_changes_have_a_path_and_no_process),
		cmocka_unit_test(no_beginning_of_a_record_is_a_record),
		cmocka_unit_test(shortened_records_are_refused),
		cmocka_unit_test(bytes_behind_the_record_are_ignored),
		cmocka_unit_test(size_in_the_header_is_checked),
		cmocka_unit_test(other_versions_are_refused),
		cmocka_unit_test(unknown_kinds_are_refused),
		cmocka_unit_test(texts_running_over_are_refused),
		cmocka_unit_test(names_without_an_end_are_refused),
		cmocka_unit_test(walked_paths_are_turned_round),
		cmocka_unit_test(walked_path_must_end_with_a_nul),
		cmocka_unit_test(nul_in_a_string_is_refused),
		cmocka_unit_test(paths_of_the_greatest_length_fit),
		cmocka_unit_test(paths_never_overrun_their_room),
		cmocka_unit_test(flags_are_told_per_text),
		cmocka_unit_test(event_can_be_used_again),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
