/* SPDX-License-Identifier: Apache-2.0 */
/*
 * agent/probe/open_variant.c: a kernel may load a program, attach another one like it, and then not
 * attach that. The next hook is taken then, nothing stays of the one before, and it is said why.
 */
#include "open_fixture.h"

#include <bpf/bpf.h>
#include <linux/perf_event.h>
#include <sys/ioctl.h>

#include "base/cleanup.h"

/* ---- a kernel that refuses some programs: the linker puts these before libbpf's (Makefile) ---- */

int __real_bpf_raw_tracepoint_open(const char *name, int prog_fd);
int __real_bpf_link_create(int prog_fd, int target_fd, enum bpf_attach_type type,
	const struct bpf_link_create_opts *opts);
int __real_ioctl(int fd, unsigned long request, unsigned long argument);
int __wrap_bpf_raw_tracepoint_open(const char *name, int prog_fd);
int __wrap_bpf_link_create(int prog_fd, int target_fd, enum bpf_attach_type type,
	const struct bpf_link_create_opts *opts);
int __wrap_ioctl(int fd, unsigned long request, unsigned long argument);

#define REFUSED_MAX 3

static const char *refused[REFUSED_MAX + 1]; /* programs, by name */

/* The name of the program FD, or "". */
static const char *program_name(int fd, struct bpf_prog_info *info)
{
	__u32 size = sizeof(*info);

	memset(info, 0, sizeof(*info));
	return bpf_obj_get_info_by_fd(fd, info, &size) < 0 ? "" : info->name;
}

static bool is_refused(int prog_fd)
{
	struct bpf_prog_info info;
	const char *name = program_name(prog_fd, &info);

	for (size_t i = 0; refused[i]; i++)
		if (strcmp(refused[i], name) == 0)
			return true;
	return false;
}

static int refuse(void)
{
	errno = EPERM;
	return -1;
}

int __wrap_bpf_raw_tracepoint_open(const char *name, int prog_fd)
{
	return is_refused(prog_fd) ? refuse() : __real_bpf_raw_tracepoint_open(name, prog_fd);
}

int __wrap_bpf_link_create(int prog_fd, int target_fd, enum bpf_attach_type type,
	const struct bpf_link_create_opts *opts)
{
	return is_refused(prog_fd) ? refuse()
				   : __real_bpf_link_create(prog_fd, target_fd, type, opts);
}

int __wrap_ioctl(int fd, unsigned long request, unsigned long argument)
{
	if (request == PERF_EVENT_IOC_SET_BPF && is_refused(argument))
		return refuse();
	return __real_ioctl(fd, request, argument);
}

static const char *program_of(enum probe_open_variant variant)
{
	static const char *const programs[] = {
		[PROBE_OPEN_FENTRY] = "bw_open_fentry",
		[PROBE_OPEN_KPROBE] = "bw_open_kprobe",
		[PROBE_OPEN_TRACEPOINT] = "bw_open_openat",
	};

	return programs[variant];
}

/* How many programs NAME the kernel has, whoever loaded them. */
static size_t count_programs(const char *name)
{
	size_t count = 0;

	for (__u32 id = 0; bpf_prog_get_next_id(id, &id) == 0;) {
		CLEANUP_FD int fd = bpf_prog_get_fd_by_id(id);
		struct bpf_prog_info info;

		count += fd >= 0 && strcmp(program_name(fd, &info), name) == 0;
	}
	return count;
}

static size_t count_all_programs(void)
{
	size_t count = 0;

	for (int i = PROBE_OPEN_FENTRY; i <= PROBE_OPEN_TRACEPOINT; i++)
		count += count_programs(program_of(i));
	return count;
}

static void refuse_only(const char *program)
{
	memset(refused, 0, sizeof(refused));
	refused[0] = program;
}

/* ---- what becomes of it ---- */

static const char *unseen_with(const struct fixture *f, const char *words)
{
	const char *sentence;

	for (size_t i = 0; (sentence = probe_unseen(f->probe, i)); i++)
		if (strstr(sentence, words))
			return sentence;
	return NULL;
}

static void load(struct fixture *f, bool failed_opens)
{
	open_fixture_load(f, PROBE_RING_BYTES_DEFAULT, PROBE_COVERAGE_STANDARD, failed_opens);
}

static bool is_named_refused(enum probe_open_variant variant)
{
	for (size_t i = 0; refused[i]; i++)
		if (strcmp(refused[i], program_of(variant)) == 0)
			return true;
	return false;
}

/* Of each variant before UNTIL, TEXT says why it is not used. */
static void assert_said(const char *text, enum probe_open_variant until)
{
	for (int i = PROBE_OPEN_FENTRY; i < (int)until; i++) {
		char words[64];
		const char *said;

		snprintf(words, sizeof(words), "%s: ", probe_open_variant_name(i));
		said = strstr(text, words);
		if (!said)
			fail_msg("'%s' does not say '%s'", text, words);
		if (is_named_refused(i)) {
			assert_non_null(strstr(said, "attach"));
			assert_non_null(strstr(said, strerror(EPERM)));
		}
	}
}

/* Loading takes seconds in an emulated machine: no more often than it has to be. */
static void take_next(struct fixture *f, enum probe_open_variant before)
{
	enum probe_open_variant variant;
	char path[PATH_MAX];

	load(f, false);
	variant = probe_open_variant(f->probe);
	assert_true(variant > before);
	assert_said(probe_open_tried(f->probe), variant);
	for (int i = PROBE_OPEN_FENTRY; i <= PROBE_OPEN_TRACEPOINT; i++)
		assert_int_equal(count_programs(program_of(i)), i == (int)variant);
	new_file(f, "file", path);
	fixture_run(f, NULL, act_read, path);
	assert_int_equal(count_opens(f, path), variant != PROBE_OPEN_NONE);
}

static void the_next_one_is_taken_and_nothing_stays_of_the_one_before(void **state)
{
	struct fixture *f = *state;
	enum probe_open_variant first = probe_open_variant(f->probe);

	assert_int_equal(count_all_programs(), 1); /* or others' would be counted */
	refuse_only(program_of(first));
	take_next(f, first);
}

static void when_none_can_be_attached_it_is_said_why(void **state)
{
	struct fixture *f = *state;
	const char *sentence;

	for (int i = 0; i < REFUSED_MAX; i++)
		refused[i] = program_of(PROBE_OPEN_FENTRY + i);
	take_next(f, PROBE_OPEN_TRACEPOINT);
	sentence = unseen_with(f, "opened files are not seen: ");
	assert_non_null(sentence);
	assert_said(sentence, PROBE_OPEN_NONE);
}

/* Nobody who asked for one gets another one, or none without a word. */
static void a_variant_that_was_asked_for_is_not_replaced(void **state)
{
	struct fixture *f = *state;
	struct probe_config config = {
		.ring_bytes = PROBE_RING_BYTES_DEFAULT,
		.scopes_max = PROBE_SCOPES_DEFAULT,
		.tasks_max = PROBE_TASKS_DEFAULT,
		.opens_max = PROBE_OPENS_DEFAULT,
		.opens = true,
		.open_variant = PROBE_OPEN_TRACEPOINT, /* which each kernel has */
		.hierarchies = &f->hierarchies,
		.on_record = {fixture_on_record, fixture_on_record, fixture_on_record,
			fixture_on_record},
		.userdata = f,
	};
	struct probe *probe = NULL;
	struct diag d = {0};

	probe_free(TAKE_PTR(f->probe));
	refuse_only(program_of(config.open_variant));
	assert_true(probe_new(&config, &probe, &d) < 0);
	assert_null(probe);
	assert_non_null(strstr(d.message, "opened files cannot be seen by a tracepoint: "));
	assert_non_null(strstr(d.message, strerror(EPERM)));
	assert_int_equal(count_all_programs(), 0);
}

/* What tells only of opens that fail does not cost the others their hook. */
static void without_the_exits_of_calls_the_variant_stays(void **state)
{
	struct fixture *f = *state;
	char path[PATH_MAX];

	refuse_only(program_of(PROBE_OPEN_TRACEPOINT));
	load(f, true);
	if (probe_open_variant(f->probe) == PROBE_OPEN_NONE) {
		print_message("# here all are seen by the exits of calls\n");
		skip();
	}
	assert_non_null(unseen_with(f, "opens that fail are not seen"));
	new_file(f, "seen", path);
	fixture_run(f, NULL, act_read, path);
	assert_int_equal(count_opens(f, path), 1);
}

static int setup(void **state)
{
	unsetenv("BAREWATCH_PROBE");
	return open_fixture_setup(state);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_next_one_is_taken_and_nothing_stays_of_the_one_before),
		cmocka_unit_test(when_none_can_be_attached_it_is_said_why),
		cmocka_unit_test(a_variant_that_was_asked_for_is_not_replaced),
		cmocka_unit_test(without_the_exits_of_calls_the_variant_stays),
	};

	return cmocka_run_group_tests(tests, setup, fixture_teardown);
}
