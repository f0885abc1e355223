/* SPDX-License-Identifier: Apache-2.0 */
/* Claims about agent/container/init.c. This process stands for a container's first one. */
#include "state_fixture.h"

#include <inttypes.h>
#include <sys/wait.h>

#include "container/process.h"

#define RUNC_FILE   "runc/" ID "/state.json"
#define CRUN_FILE   "crun/" ID "/status"
#define DOCKER_FILE "docker/containers/" ID "/config.v2.json"
#define CRI_FILE    "root/io.containerd.grpc.v1.cri/containers/" ID "/status"
#define STORAGE     "podman/overlay-containers/" ID "/userdata"

struct init_fixture {
	struct state_fixture state;
	char podman_run[64], containerd[64], runc[64], crun[64];
	char cgroup[PATH_MAX];
	uint64_t start_ticks;
};

/* The path of this process's cgroup in some hierarchy. */
static void own_cgroup(char path[static PATH_MAX])
{
	CLEANUP_FREE char *text = NULL;
	char *begin;
	size_t size;

	assert_int_equal(read_file_at(AT_FDCWD, "/proc/self/cgroup", 65536, &text, &size), 0);
	begin = strchr(strchr(text, ':') + 1, ':') + 1;
	begin[strcspn(begin, "\n")] = '\0';
	snprintf(path, PATH_MAX, "%s", begin);
}

static void init_fixture_init(struct init_fixture *f)
{
	pid_t parent;

	state_fixture_init(&f->state);
	snprintf(f->podman_run, sizeof(f->podman_run), "%s/podman-run", f->state.s.root);
	snprintf(f->containerd, sizeof(f->containerd), "%s/root", f->state.s.root);
	snprintf(f->runc, sizeof(f->runc), "%s/runc", f->state.s.root);
	snprintf(f->crun, sizeof(f->crun), "%s/crun", f->state.s.root);
	f->state.roots.podman_run = f->podman_run;
	f->state.roots.containerd = f->containerd;
	f->state.roots.runc = f->runc;
	f->state.roots.crun = f->crun;
	own_cgroup(f->cgroup);
	f->state.container.cgroup_path = f->cgroup;
	assert_true(process_stat(getpid(), &f->start_ticks, &parent));
	assert_int_equal(parent, getppid());
}

static void init_fixture_done(struct init_fixture *f)
{
	state_fixture_done(&f->state);
}
#define CLEANUP_INIT_FIXTURE CLEANUP(init_fixture_done)

/* Writes FORMAT, in which @ stands for PID and # for START, to the file NAME. */
static void write_state(
	struct init_fixture *f, const char *name, const char *format, pid_t pid, uint64_t start)
{
	CLEANUP_STRBUF struct strbuf text = STRBUF_INIT;

	for (const char *p = format; *p; p++) {
		if (*p == '@')
			strbuf_addf(&text, "%d", (int)pid);
		else if (*p == '#')
			strbuf_addf(&text, "%" PRIu64, start);
		else
			strbuf_add_char(&text, *p);
	}
	scratch_write_text(&f->state.s, name, strbuf_text(&text));
}

/* BUNDLE is where the container's own configuration was found; NULL when it was not. */
static bool read_init(struct init_fixture *f, const char *bundle)
{
	struct container *c = &f->state.container;

	container_forget(c);
	if (bundle)
		container_learn(c, CONTAINER_BUNDLE, scratch_path(&f->state.s, bundle), "test");
	return container_read_init(c, &f->state.roots, NULL);
}

/* What each kind of file looks like, with what it tells beyond the process. */
static const struct {
	const char *file, *format, *bundle, *source;
	uint64_t created_ns, started_ns;
	bool has_start;
} files[] = {
	{RUNC_FILE,
		"{\"init_process_pid\":@,\"init_process_start\":#,"
		"\"created\":\"2026-11-23T07:23:17.5Z\"}",
		NULL, "runc state.json", 1795418597500000000, 0, true},
	{CRUN_FILE,
		"{\"pid\":@,\"process-start-time\":#,\"created\":\"2026-11-23T07:23:17.000001Z\"}",
		NULL, "crun status", 1795418597000001000, 0, true},
	{"containerd/runc/k8s.io/" ID "/state.json",
		"{\"init_process_pid\":@,\"init_process_start\":#}", CRI_TASK ID, "runc state.json",
		0, 0, true},
	{"docker-exec/runtime-runc/moby/" ID "/state.json",
		"{\"init_process_pid\":@,\"init_process_start\":#}", "docker-exec/" MOBY_TASK ID,
		"runc state.json", 0, 0, true},
	{"docker-exec/runtime-crun/moby/" ID "/status", "{\"pid\":@,\"process-start-time\":#}",
		"docker-exec/" MOBY_TASK ID, "crun status", 0, 0, true},
	{CRI_TASK ID "/init.pid", "@", CRI_TASK ID, "shim init.pid", 0, 0, false},
	{STORAGE "/state.json",
		"{\"initPid\":@,\"initStartTime\":\"#\",\"started\":\"2026-11-23T08:23:17+01:00\"}",
		STORAGE, "cri-o state.json", 0, 1795418597000000000, true},
	{"podman-run/overlay-containers/" ID "/userdata/pidfile", "@\n", STORAGE, "conmon pidfile",
		0, 0, false},
	{DOCKER_FILE,
		"{\"State\":{\"Running\":true,\"Pid\":@,\"StartedAt\":\"2026-11-23T07:23:17Z\"}}",
		NULL, "docker config.v2.json", 0, 1795418597000000000, false},
	{CRI_FILE,
		"{\"Pid\":@,\"CreatedAt\":1795418597000000001,\"StartedAt\":1795418597000000002}",
		NULL, "containerd status", 1795418597000000001, 1795418597000000002, false},
};

static void assert_number(
	const struct container *c, enum container_number number, uint64_t expected)
{
	if (c->numbers[number] != expected || !c->number_sources[number] != !expected)
		fail_msg("%s is %" PRIu64 " from %s, not %" PRIu64, container_number_name(number),
			c->numbers[number], c->number_sources[number] ?: "nowhere", expected);
}

static void each_kind_of_file_tells_the_first_process(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(files); i++) {
		CLEANUP_INIT_FIXTURE struct init_fixture f;
		struct container *c = &f.state.container;

		init_fixture_init(&f);
		assert_false(read_init(&f, files[i].bundle));
		write_state(&f, files[i].file, files[i].format, getpid(), f.start_ticks);
		if (!read_init(&f, files[i].bundle))
			fail_msg("%s tells nothing", files[i].file);
		assert_number(c, CONTAINER_INIT_PID, getpid());
		assert_number(c, CONTAINER_INIT_START_TICKS, f.start_ticks);
		assert_number(c, CONTAINER_CREATED_NS, files[i].created_ns);
		assert_number(c, CONTAINER_STARTED_NS, files[i].started_ns);
		assert_string_equal(c->number_sources[CONTAINER_INIT_PID], files[i].source);
	}
}

/* Also its times are of another run. */
static void assert_not_believed(struct init_fixture *f, size_t i)
{
	struct container *c = &f->state.container;

	if (read_init(f, files[i].bundle))
		fail_msg("%s is believed", files[i].file);
	for (int number = 0; number < CONTAINER_NUMBERS; number++)
		assert_number(c, number, 0);
}

static void process_of_another_cgroup_is_not_believed(void **state)
{
	static const char *const cgroups[] = {"/barewatch-none", NULL, ""};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(files); i++) {
		CLEANUP_INIT_FIXTURE struct init_fixture f;

		init_fixture_init(&f);
		write_state(&f, files[i].file, files[i].format, getpid(), f.start_ticks);
		for (size_t k = 0; k < ARRAY_SIZE(cgroups); k++) {
			f.state.container.cgroup_path = (char *)cgroups[k];
			assert_not_believed(&f, i);
		}
	}
}

static void process_that_was_started_at_another_time_is_not_believed(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(files); i++) {
		CLEANUP_INIT_FIXTURE struct init_fixture f;

		init_fixture_init(&f);
		write_state(&f, files[i].file, files[i].format, getpid(), f.start_ticks + 1);
		if (files[i].has_start)
			assert_not_believed(&f, i);
		else
			assert_true(read_init(&f, files[i].bundle));
	}
}

static void process_that_has_ended_is_not_believed(void **state)
{
	pid_t ended = fork();

	(void)state;
	if (ended == 0)
		_exit(0);
	assert_int_equal(waitpid(ended, NULL, 0), ended);
	for (size_t i = 0; i < ARRAY_SIZE(files); i++) {
		CLEANUP_INIT_FIXTURE struct init_fixture f;

		init_fixture_init(&f);
		write_state(&f, files[i].file, files[i].format, ended, 1);
		assert_not_believed(&f, i);
		write_state(&f, files[i].file, files[i].format, 0, 1);
		assert_not_believed(&f, i);
		write_state(&f, files[i].file, files[i].format, -1, 1);
		assert_not_believed(&f, i);
		scratch_write_text(&f.state.s, files[i].file, "99999999999999999999999999");
		assert_not_believed(&f, i);
	}
}

/* What was read of it before does not hold any more. */
static void process_that_is_no_more_the_first_one_is_forgotten(void **state)
{
	CLEANUP_INIT_FIXTURE struct init_fixture f;
	struct container *c = &f.state.container;

	(void)state;
	init_fixture_init(&f);
	write_state(&f, DOCKER_FILE, files[8].format, getpid(), 0);
	assert_true(read_init(&f, NULL));
	c->cgroup_path = (char *)"/barewatch-none";
	assert_false(container_read_init(c, &f.state.roots, NULL));
	assert_number(c, CONTAINER_INIT_PID, 0);
	assert_number(c, CONTAINER_STARTED_NS, 0);
}

static void without_files_it_is_the_lowest_one_in_the_cgroup(void **state)
{
	static const char *const below[] = {"", "/container", "/init.scope", "/init"};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(below); i++) {
		CLEANUP_INIT_FIXTURE struct init_fixture f;
		struct container *c = &f.state.container;
		struct cgroup_hierarchies h = CGROUP_HIERARCHIES_INIT;
		char name[SCRATCH_PATH_MAX / 2], mount_point[64];

		init_fixture_init(&f);
		snprintf(mount_point, sizeof(mount_point), "%s/cgroup", f.state.s.root);
		if (i % 2)
			h.v1_path = mount_point;
		else
			h.v2_path = mount_point;
		assert_false(container_read_init(c, &f.state.roots, &h));
		snprintf(name, sizeof(name), "cgroup%.200s%s/cgroup.procs", f.cgroup, below[i]);
		write_state(&f, name, "0\n4194304\n@\n4194303\n", getpid(), 0);
		assert_true(container_read_init(c, &f.state.roots, &h));
		assert_number(c, CONTAINER_INIT_PID, getpid());
		assert_string_equal(c->number_sources[CONTAINER_INIT_PID], "cgroup.procs");
	}
}

static void id_that_is_no_file_name_leads_nowhere(void **state)
{
	CLEANUP_INIT_FIXTURE struct init_fixture f;

	(void)state;
	init_fixture_init(&f);
	strcpy(f.state.container.id, "..");
	write_state(&f, "state.json", "{\"init_process_pid\":@}", getpid(), 0);
	assert_false(read_init(&f, NULL));
}

static void wrong_types_are_unknown(void **state)
{
	static const char *const texts[] = {"", "null", "[]", "{}", "x",
		"{\"init_process_pid\":\"x\",\"pid\":[],\"initPid\":{},\"Pid\":-1,\"State\":1}",
		"{\"State\":{\"Pid\":null},\"pid\":1.5}"};
	CLEANUP_INIT_FIXTURE struct init_fixture f;

	(void)state;
	init_fixture_init(&f);
	for (size_t i = 0; i < ARRAY_SIZE(files); i++) {
		for (size_t k = 0; k < ARRAY_SIZE(texts); k++) {
			scratch_write_text(&f.state.s, files[i].file, texts[k]);
			assert_not_believed(&f, i);
		}
		scratch_write_text(&f.state.s, files[i].file, "");
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_kind_of_file_tells_the_first_process),
		cmocka_unit_test(process_of_another_cgroup_is_not_believed),
		cmocka_unit_test(process_that_was_started_at_another_time_is_not_believed),
		cmocka_unit_test(process_that_has_ended_is_not_believed),
		cmocka_unit_test(process_that_is_no_more_the_first_one_is_forgotten),
		cmocka_unit_test(without_files_it_is_the_lowest_one_in_the_cgroup),
		cmocka_unit_test(id_that_is_no_file_name_leads_nowhere),
		cmocka_unit_test(wrong_types_are_unknown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
