/* SPDX-License-Identifier: Apache-2.0 */
/* bpf/mapping.bpf.c: files mapped executable, by which calls, and what is told of them. */
#include "fixture.h"

#include <pthread.h>
#include <sched.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/personality.h>
#include <sys/syscall.h>

#define FILE_PAGES 3

/* A file of whole pages in the directory of the tests. */
static void file_in(struct fixture *f, const char *name, char *ret)
{
	int fd;

	assert_true(snprintf(ret, PATH_MAX, "%s/%s", f->dir, name) < PATH_MAX);
	unlink(ret);
	fd = open(ret, O_RDWR | O_CREAT | O_CLOEXEC, 0755);
	assert_true(fd >= 0);
	assert_int_equal(ftruncate(fd, FILE_PAGES * 4096), 0);
	close(fd);
}

/* Maps FD. For children. */
static char *map(int fd, int prot, int flags)
{
	char *place = mmap(NULL, FILE_PAGES * 4096, prot, flags, fd, 0);

	if (place == MAP_FAILED)
		_exit(111);
	return place;
}

static int open_file(const char *path)
{
	int fd = open(path, O_RDWR | O_CLOEXEC);

	if (fd < 0)
		_exit(111);
	return fd;
}

static void act_map(void *argument)
{
	int fd = open_file(argument);

	map(fd, PROT_READ | PROT_EXEC, MAP_PRIVATE);
	close(fd);
}

static void mapping_is_reported_with_all_fields(void **state)
{
	struct fixture *f = *state;
	uint64_t before = boot_now_ns();
	const struct bw_mapping *record;
	char path[PATH_MAX], exe[PATH_MAX] = "";
	const struct event *e;
	pid_t pid;

	file_in(f, "library", path);
	pid = fixture_run(f, NULL, act_map, path);
	e = fixture_only(f, BW_EVENT_MAPPING);
	record = e->mapping.record;
	assert_int_equal(record->event.version, BW_ABI_VERSION);
	assert_true(e->time_ns >= before && e->time_ns <= boot_now_ns());
	assert_int_equal(e->cgroup, f->key);
	assert_int_equal(e->container, f->key);
	assert_int_equal(e->process->tgid, pid);
	assert_int_equal(e->process->ppid, getpid());
	assert_int_equal(record->call, BW_CALL_MMAP);
	assert_int_equal(record->flags, 0);
	assert_true(record->start > 0);
	assert_int_equal(record->start % 4096, 0);
	assert_int_equal(record->end - record->start, FILE_PAGES * 4096);
	assert_file_at(&record->file, path);
	assert_true(readlink("/proc/self/exe", exe, sizeof(exe) - 1) > 0);
	assert_text(&e->mapping.file, path);
	assert_text(&e->mapping.exe, exe);
	assert_text(&e->mapping.parent, exe);
}

static void act_map_shared(void *argument)
{
	map(open_file(argument), PROT_READ | PROT_WRITE | PROT_EXEC, MAP_SHARED);
}

static void shared_and_writable_memory_is_told(void **state)
{
	struct fixture *f = *state;
	char path[PATH_MAX];

	file_in(f, "library", path);
	fixture_run(f, NULL, act_map_shared, path);
	assert_int_equal(fixture_only(f, BW_EVENT_MAPPING)->mapping.record->flags,
		BW_MAPPING_SHARED | BW_MAPPING_WRITABLE);
}

static void act_protect(void *argument)
{
	char *place = map(open_file(argument), PROT_READ, MAP_PRIVATE);

	if (mprotect(place, 4096, PROT_READ | PROT_EXEC) < 0)
		_exit(111);
}

static void act_protect_with_key(void *argument)
{
	char *place = map(open_file(argument), PROT_READ, MAP_PRIVATE);

	if (syscall(SYS_pkey_mprotect, place, 4096, PROT_READ | PROT_EXEC, -1) < 0)
		_exit(112);
}

static void memory_that_becomes_executable_is_reported(void **state)
{
	static void (*const acts[])(void *) = {act_protect, act_protect_with_key};
	struct fixture *f = *state;
	char path[PATH_MAX];

	for (size_t i = 0; i < ARRAY_SIZE(acts); i++) {
		const struct event *e;

		file_in(f, "library", path);
		fixture_run(f, NULL, acts[i], path);
		e = fixture_only(f, BW_EVENT_MAPPING);
		assert_int_equal(e->mapping.record->call, BW_CALL_MPROTECT);
		assert_text(&e->mapping.file, path);
	}
}

static void act_implied(void *argument)
{
	personality(READ_IMPLIES_EXEC);
	map(open_file(argument), PROT_READ, MAP_PRIVATE);
}

/* A personality in which whatever can be read can be executed. */
static void reading_that_implies_executing_counts(void **state)
{
	struct fixture *f = *state;
	char path[PATH_MAX];

	file_in(f, "library", path);
	fixture_run(f, NULL, act_implied, path);
	assert_text(&fixture_only(f, BW_EVENT_MAPPING)->mapping.file, path);
}

#define AREAS_LOOKED_AT 16 /* of one call, as bpf/mapping.bpf.c has it */

struct files {
	size_t count;
	char paths[AREAS_LOOKED_AT + 1][PATH_MAX];
};

/* Those that are to be known want a NAME of their own: another's inode may be used again. */
static void files_in(struct fixture *f, const char *name, size_t count, struct files *ret)
{
	char numbered[64];

	for (ret->count = 0; ret->count < count; ret->count++) {
		snprintf(numbered, sizeof(numbered), "%s%zu", name, ret->count);
		file_in(f, numbered, ret->paths[ret->count]);
	}
}

/* Files side by side, a page of each. Nothing is mapped behind them. */
static char *map_side_by_side(const struct files *files)
{
	size_t bytes = (files->count + 1) * 4096;
	char *place = mmap(NULL, bytes, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (place == MAP_FAILED || munmap(place + files->count * 4096, 4096) < 0)
		_exit(111);
	for (size_t i = 0; i < files->count; i++)
		if (mmap(place + i * 4096, 4096, PROT_READ, MAP_PRIVATE | MAP_FIXED,
			    open_file(files->paths[i]), 0) == MAP_FAILED)
			_exit(111);
	return place;
}

/* Made executable by one call. */
static void act_side_by_side(void *argument)
{
	const struct files *files = argument;

	if (mprotect(map_side_by_side(files), files->count * 4096, PROT_READ | PROT_EXEC) < 0)
		_exit(111);
}

static uint64_t areas_not_looked_at(const struct fixture *f)
{
	struct probe_counts counts;

	assert_int_equal(probe_counts_read(f->probe, &counts), 0);
	return counts.failures[BW_FAILURE_MAPPING];
}

/* The first COUNT of FILES have a record each, by mprotect, and no other file has. */
static void assert_mapped(struct fixture *f, const struct files *files, size_t count)
{
	const struct event *e;
	size_t cursor = 0;

	for (size_t i = 0; i < count; i++) {
		e = fixture_next(f, BW_EVENT_MAPPING, &cursor);
		assert_non_null(e);
		assert_int_equal(e->mapping.record->call, BW_CALL_MPROTECT);
		assert_int_equal(e->mapping.record->end - e->mapping.record->start, 4096);
		assert_text(&e->mapping.file, files->paths[i]);
	}
	assert_null(fixture_next(f, BW_EVENT_MAPPING, &cursor));
}

static void each_file_of_a_call_is_looked_at(void **state)
{
	static const size_t counts[] = {2, 3, AREAS_LOOKED_AT};
	struct fixture *f = *state;
	struct files files;

	for (size_t i = 0; i < ARRAY_SIZE(counts); i++) {
		uint64_t before = areas_not_looked_at(f);

		files_in(f, "file", counts[i], &files);
		fixture_run(f, NULL, act_side_by_side, &files);
		assert_mapped(f, &files, counts[i]);
		assert_int_equal(areas_not_looked_at(f), before);
	}
}

static void act_side_by_side_and_beyond(void *argument)
{
	const struct files *files = argument;
	size_t bytes = (files->count + 1) * 4096;

	if (mprotect(map_side_by_side(files), bytes, PROT_READ | PROT_EXEC) == 0 || errno != ENOMEM)
		_exit(111);
}

/* It has changed what comes before the hole all the same. */
static void files_of_a_call_that_fails_at_a_hole_are_looked_at(void **state)
{
	struct fixture *f = *state;
	uint64_t before = areas_not_looked_at(f);
	struct files files;

	files_in(f, "file", 3, &files);
	fixture_run(f, NULL, act_side_by_side_and_beyond, &files);
	assert_mapped(f, &files, 3);
	assert_int_equal(areas_not_looked_at(f), before);
}

static void known_file_of_a_call_does_not_hide_the_others(void **state)
{
	struct fixture *f = *state;
	struct files files;
	size_t cursor = 0;

	files_in(f, "known", 2, &files);
	fixture_run(f, NULL, act_side_by_side, &files);
	fixture_know(f, &fixture_next(f, BW_EVENT_MAPPING, &cursor)->mapping.record->file);
	fixture_run(f, NULL, act_side_by_side, &files);
	assert_text(&fixture_only(f, BW_EVENT_MAPPING)->mapping.file, files.paths[1]);
}

static void file_behind_those_that_are_looked_at_is_counted(void **state)
{
	struct fixture *f = *state;
	uint64_t before = areas_not_looked_at(f);
	struct files files;

	files_in(f, "file", AREAS_LOOKED_AT + 1, &files);
	fixture_run(f, NULL, act_side_by_side, &files);
	assert_mapped(f, &files, AREAS_LOOKED_AT);
	assert_int_equal(areas_not_looked_at(f), before + 1);
}

static void act_many_areas(void *argument)
{
	int fd = open_file(argument);
	char *place = mmap(NULL, 64 * 4096, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	for (int i = 0; i < 64; i += 2)
		if (mmap(place + i * 4096, 4096, PROT_READ, MAP_PRIVATE | MAP_FIXED, fd, 0) ==
			MAP_FAILED)
			_exit(111);
	if (mprotect(place, 64 * 4096, PROT_READ | PROT_EXEC) < 0)
		_exit(111);
}

static void areas_that_are_too_many_are_counted(void **state)
{
	struct fixture *f = *state;
	struct probe_counts before, after;
	char path[PATH_MAX];

	file_in(f, "library", path);
	assert_int_equal(probe_counts_read(f->probe, &before), 0);
	fixture_run(f, NULL, act_many_areas, path);
	assert_int_equal(probe_counts_read(f->probe, &after), 0);
	assert_int_equal(
		after.failures[BW_FAILURE_MAPPING], before.failures[BW_FAILURE_MAPPING] + 1);
	assert_int_equal(fixture_count(f, BW_EVENT_MAPPING), 1);
}

static void act_nothing(void *argument)
{
	int fd = open_file(argument);
	int exec = PROT_READ | PROT_WRITE | PROT_EXEC;

	map(fd, PROT_READ | PROT_WRITE, MAP_PRIVATE);
	map(-1, exec, MAP_PRIVATE | MAP_ANONYMOUS);
	mprotect(map(-1, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS), 4096, exec);
	mprotect(map(-1, PROT_READ, MAP_SHARED | MAP_ANONYMOUS), 4096, exec);
	if (mmap(NULL, 4096, exec, MAP_PRIVATE, NOT_OPEN, 0) != MAP_FAILED ||
		mprotect((void *)4096, 4096, exec) == 0)
		_exit(111);
}

static void other_memory_and_failures_are_not_reported(void **state)
{
	struct fixture *f = *state;
	struct probe_counts before, after;
	char path[PATH_MAX];

	file_in(f, "library", path);
	assert_int_equal(probe_counts_read(f->probe, &before), 0);
	fixture_run(f, NULL, act_nothing, path);
	assert_int_equal(probe_counts_read(f->probe, &after), 0);
	assert_int_equal(fixture_count(f, BW_EVENT_MAPPING), 0);
	assert_int_equal(after.failures[BW_FAILURE_MAPPING], before.failures[BW_FAILURE_MAPPING]);
}

static void act_memfd(void *argument)
{
	int fd = memfd_create(argument, MFD_CLOEXEC);

	if (fd < 0 || ftruncate(fd, FILE_PAGES * 4096) < 0)
		_exit(111);
	map(fd, PROT_READ | PROT_EXEC, MAP_PRIVATE);
}

static void memfd_is_told(void **state)
{
	struct fixture *f = *state;
	const struct event *e;

	fixture_run(f, NULL, act_memfd, (void *)"payload");
	e = fixture_only(f, BW_EVENT_MAPPING);
	assert_text(&e->mapping.file, "memfd:payload");
	assert_true(e->mapping.file.detached);
	assert_true(e->mapping.record->file.flags & BW_FILE_MEMFD);
}

static void act_deleted(void *argument)
{
	int fd = open_file(argument);

	unlink(argument);
	map(fd, PROT_READ | PROT_EXEC, MAP_PRIVATE);
}

static void deleted_file_is_told(void **state)
{
	struct fixture *f = *state;
	char path[PATH_MAX];

	file_in(f, "library", path);
	fixture_run(f, NULL, act_deleted, path);
	assert_true(
		fixture_only(f, BW_EVENT_MAPPING)->mapping.record->file.flags & BW_FILE_DELETED);
}

static void act_map_again(void *argument)
{
	for (int i = 0; i < 1000; i++)
		act_map(argument);
}

static void file_is_told_once_of_a_process_and_the_rest_is_counted(void **state)
{
	struct fixture *f = *state;
	struct probe_counts before, after;
	const struct bw_counters *a, *b;
	char path[PATH_MAX];

	file_in(f, "library", path);
	assert_int_equal(probe_counts_read(f->probe, &before), 0);
	fixture_run(f, NULL, act_map_again, path);
	assert_int_equal(probe_counts_read(f->probe, &after), 0);
	assert_int_equal(fixture_count(f, BW_EVENT_MAPPING), 1);
	a = &after.events[BW_EVENT_MAPPING];
	b = &before.events[BW_EVENT_MAPPING];
	assert_int_equal(a->held - b->held, 999);
	assert_int_equal(a->seen, a->sent + a->held + a->lost);
	assert_int_equal(a->seen - b->seen, 1000);
	fixture_run(f, NULL, act_map, path); /* another process */
	assert_int_equal(fixture_count(f, BW_EVENT_MAPPING), 1);
}

#define CONTENDED 3000

static void *change_memory(void *argument)
{
	(void)argument;
	for (;;)
		munmap(map(-1, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS), FILE_PAGES * 4096);
	return NULL;
}

static void act_contended(void *argument)
{
	int fd = open_file(argument);
	pthread_t thread;

	if (pthread_create(&thread, NULL, change_memory, NULL) != 0)
		_exit(111);
	for (int i = 0; i < CONTENDED; i++)
		munmap(map(fd, PROT_READ | PROT_EXEC, MAP_PRIVATE), FILE_PAGES * 4096);
	_exit(0);
}

/* The kernel then cannot tell of the areas, which are locked. */
static void thread_that_changes_memory_hides_no_mapping_of_another(void **state)
{
	struct fixture *f = *state;
	struct probe_counts before, after;
	char path[PATH_MAX];

	file_in(f, "library", path);
	assert_int_equal(probe_counts_read(f->probe, &before), 0);
	fixture_run(f, NULL, act_contended, path);
	assert_int_equal(probe_counts_read(f->probe, &after), 0);
	assert_int_equal(after.events[BW_EVENT_MAPPING].seen - before.events[BW_EVENT_MAPPING].seen,
		CONTENDED);
	assert_int_equal(after.failures[BW_FAILURE_MAPPING], before.failures[BW_FAILURE_MAPPING]);
}

static void known_file_is_not_reported(void **state)
{
	struct fixture *f = *state;
	char path[PATH_MAX];

	file_in(f, "library", path);
	fixture_run(f, NULL, act_map, path);
	fixture_know(f, &fixture_only(f, BW_EVENT_MAPPING)->mapping.record->file);
	fixture_run(f, NULL, act_map, path);
	assert_int_equal(fixture_count(f, BW_EVENT_MAPPING), 0);
	usleep(20000); /* file systems keep time in ticks */
	assert_int_equal(chmod(path, 0700), 0);
	fixture_run(f, NULL, act_map, path);
	assert_int_equal(fixture_count(f, BW_EVENT_MAPPING), 1);
}

static void act_program(void *argument)
{
	execl(argument, "program", "nothing", NULL); /* this program, as one that does nothing */
}

/* What the dynamic loader maps, and nothing that the kernel maps in execve. */
static void libraries_of_a_program_are_reported(void **state)
{
	struct fixture *f = *state;
	size_t cursor = 0, libc = 0;
	const struct event *e;
	char exe[PATH_MAX] = "";

	assert_true(readlink("/proc/self/exe", exe, sizeof(exe) - 1) > 0);
	fixture_run(f, NULL, act_program, exe);
	while ((e = fixture_next(f, BW_EVENT_MAPPING, &cursor))) {
		struct slice file = e->mapping.file.bytes;

		libc += memmem(file.data, file.len, "libc.so.6", strlen("libc.so.6")) != NULL;
		assert_text(&e->mapping.exe, exe);
	}
	assert_int_equal(libc, 1);
}

static void act_overlay(void *argument)
{
	const struct fixture *f = argument;
	char options[4 * PATH_MAX], path[PATH_MAX + 16];

	snprintf(options, sizeof(options),
		"lowerdir=%s/lower,upperdir=%s/o/upper,workdir=%s/o/work", f->dir, f->dir, f->dir);
	if (unshare(CLONE_NEWNS) < 0 || mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0)
		_exit(113);
	snprintf(path, sizeof(path), "%s/o", f->dir);
	if (mount("tmpfs", path, "tmpfs", 0, NULL) < 0)
		_exit(113);
	snprintf(path, sizeof(path), "%s/o/upper", f->dir);
	mkdir(path, 0755);
	snprintf(path, sizeof(path), "%s/o/work", f->dir);
	mkdir(path, 0755);
	snprintf(path, sizeof(path), "%s/merged", f->dir);
	if (mount("overlay", path, "overlay", 0, options) < 0)
		_exit(113);
	snprintf(path, sizeof(path), "%s/merged/library", f->dir);
	map(open(path, O_RDONLY | O_CLOEXEC), PROT_READ | PROT_EXEC, MAP_PRIVATE);
	execl(path, "true", NULL);
}

/* Though what is mapped is the file below it. */
static void file_in_an_overlay_is_that_of_an_exec(void **state)
{
	struct fixture *f = *state;
	char command[4 * PATH_MAX], path[PATH_MAX + 32];
	struct bw_file mapped, executed;
	const struct event *e;

	snprintf(command, sizeof(command),
		"cd '%s' && mkdir -p lower o merged && cp /bin/busybox lower/library", f->dir);
	assert_int_equal(system(command), 0);
	fixture_run(f, NULL, act_overlay, f);
	if (fixture_count(f, BW_EVENT_EXEC) == 0)
		skip(); /* no overlayfs here */
	e = fixture_only(f, BW_EVENT_MAPPING);
	snprintf(path, sizeof(path), "%s/merged/library", f->dir);
	assert_text(&e->mapping.file, path);
	mapped = e->mapping.record->file;
	executed = fixture_only(f, BW_EVENT_EXEC)->exec.record->file;
	assert_memory_equal(&mapped, &executed, sizeof(mapped));
}

static void out_of_scope_nothing_is_reported(void **state)
{
	struct fixture *f = *state;
	char path[PATH_MAX];

	file_in(f, "library", path);
	assert_int_equal(probe_scope_set(f->probe, f->key, f->key, BW_SCOPE_IGNORED), 0);
	fixture_run(f, NULL, act_map, path);
	assert_int_equal(fixture_count(f, BW_EVENT_MAPPING), 0);
	assert_int_equal(probe_scope_set(f->probe, f->key, f->key, BW_SCOPE_WATCHED), 0);
}

/* Without the hooks there is nothing to test, and the agent must have said so. */
static int setup(void **state)
{
	struct fixture *f;

	fixture_setup(state);
	f = *state;
	if (probe_unseen(f->probe, 0))
		print_message("# %s\n", probe_unseen(f->probe, 0));
	return 0;
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(mapping_is_reported_with_all_fields),
		cmocka_unit_test(shared_and_writable_memory_is_told),
		cmocka_unit_test(memory_that_becomes_executable_is_reported),
		cmocka_unit_test(reading_that_implies_executing_counts),
		cmocka_unit_test(each_file_of_a_call_is_looked_at),
		cmocka_unit_test(files_of_a_call_that_fails_at_a_hole_are_looked_at),
		cmocka_unit_test(known_file_of_a_call_does_not_hide_the_others),
		cmocka_unit_test(file_behind_those_that_are_looked_at_is_counted),
		cmocka_unit_test(areas_that_are_too_many_are_counted),
		cmocka_unit_test(other_memory_and_failures_are_not_reported),
		cmocka_unit_test(memfd_is_told),
		cmocka_unit_test(deleted_file_is_told),
		cmocka_unit_test(file_is_told_once_of_a_process_and_the_rest_is_counted),
		cmocka_unit_test(thread_that_changes_memory_hides_no_mapping_of_another),
		cmocka_unit_test(known_file_is_not_reported),
		cmocka_unit_test(libraries_of_a_program_are_reported),
		cmocka_unit_test(file_in_an_overlay_is_that_of_an_exec),
		cmocka_unit_test(out_of_scope_nothing_is_reported),
	};

	if (argc == 2 && strcmp(argv[1], "nothing") == 0)
		return 0;
	return cmocka_run_group_tests(tests, setup, fixture_teardown);
}
