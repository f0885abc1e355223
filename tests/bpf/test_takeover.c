/* SPDX-License-Identifier: Apache-2.0 */
/*
 * agent/probe/takeover.c where the kernel does not take all of the programs: that is what
 * syscall() below stands for, which libbpf calls.
 */
#include "fixture.h"

#include <dlfcn.h>
#include <linux/bpf.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/syscall.h>

#define PINS "/sys/fs/bpf/barewatch-test"

static bool refuses_mappings;

long syscall(long number, ...)
{
	static long (*real)(long number, ...);
	const union bpf_attr *attr;
	long a[6];
	va_list list;

	va_start(list, number);
	for (size_t i = 0; i < ARRAY_SIZE(a); i++)
		a[i] = va_arg(list, long);
	va_end(list);
	attr = (const union bpf_attr *)a[1];
	if (refuses_mappings && number == SYS_bpf && a[0] == BPF_PROG_LOAD &&
		strncmp(attr->prog_name, "bw_mapping_", strlen("bw_mapping_")) == 0) {
		errno = EINVAL;
		return -1;
	}
	if (!real)
		real = dlsym(RTLD_NEXT, "syscall");
	return real(number, a[0], a[1], a[2], a[3], a[4], a[5]);
}

struct pinned {
	struct cgroup_hierarchies hierarchies;
	struct probe_pins *pins;
	struct probe *probe;
	size_t ring_bytes; /* another makes another kernel side */
	uint32_t child; /* whose execs are counted */
	unsigned execs;
};

static void on_record(const void *record, size_t size, void *userdata)
{
	static struct event event;
	struct pinned *p = userdata;

	assert_int_equal(event_decode(record, size, &event), 0);
	p->execs += event.kind == BW_EVENT_EXEC && event.process->tgid == p->child &&
		    (event.process->flags & BW_PROCESS_MOVED);
}

static void load(struct pinned *p)
{
	struct probe_config config = {
		.ring_bytes = p->ring_bytes,
		.scopes_max = PROBE_SCOPES_DEFAULT,
		.tasks_max = PROBE_TASKS_DEFAULT,
		.opens_max = PROBE_OPENS_DEFAULT,
		.hierarchies = &p->hierarchies,
		.on_record = {on_record, on_record, on_record},
		.pins = p->pins,
		.userdata = p,
	};
	struct diag d = {0};

	if (probe_new(&config, &p->probe, &d) < 0)
		fail_msg("%s", d.message);
}

static void reload(struct pinned *p)
{
	probe_free(p->probe);
	p->probe = NULL;
	load(p);
}

static void begin(struct pinned *p)
{
	struct diag d = {0};

	*p = (struct pinned){.ring_bytes = PROBE_RING_BYTES_DEFAULT};
	if (probe_check_host(&d) < 0 || cgroup_hierarchies_find(&p->hierarchies) < 0 ||
		probe_pins_open(PINS, true, &p->pins, &d) < 0) {
		print_message("# %s\n", d.message);
		skip();
	}
	load(p);
}

static void end(struct pinned *p)
{
	struct probe_pins_removed removed;

	refuses_mappings = false;
	probe_free(p->probe);
	assert_int_equal(probe_pins_remove(p->pins, &removed), 0);
	probe_pins_free(p->pins);
	cgroup_hierarchies_done(&p->hierarchies);
}

/* Older kernels lack something from the start. */
static size_t count_unseen(const struct pinned *p)
{
	size_t count = 0;

	while (probe_unseen(p->probe, count))
		count++;
	return count;
}

static void all_of_it_is_taken_over(void **state)
{
	struct pinned p;
	size_t unseen;

	(void)state;
	begin(&p);
	unseen = count_unseen(&p);
	reload(&p);
	assert_int_equal(probe_window(p.probe)->kind, PROBE_WINDOW_ADOPTED);
	assert_int_equal(count_unseen(&p), unseen);
	end(&p);
}

static void what_the_kernel_takes_of_it_is_taken_over(void **state)
{
	struct pinned p;
	size_t unseen;

	(void)state;
	refuses_mappings = true;
	begin(&p);
	unseen = count_unseen(&p);
	assert_true(unseen > 0);
	reload(&p);
	assert_int_equal(probe_window(p.probe)->kind, PROBE_WINDOW_ADOPTED);
	assert_int_equal(count_unseen(&p), unseen);
	end(&p);
}

static void what_could_not_be_attached_is_said_by_every_agent(void **state)
{
	struct pinned p;
	size_t unseen;

	(void)state;
	begin(&p);
	unseen = count_unseen(&p);
	/* links of these cannot be pinned before 5.15 */
	assert_int_equal(system("rm " PINS "/*/prog_bw_mapping_mmap* && "
				"rm -f " PINS "/*/link_bw_mapping_mmap*"),
		0);
	reload(&p);
	assert_int_equal(probe_window(p.probe)->kind, PROBE_WINDOW_ADOPTED);
	assert_true(count_unseen(&p) > unseen);
	end(&p);
}

/* A cgroup, and a child of this process in it that is waited for and let go on by pipes. */
struct inmate {
	char cgroup[PATH_MAX];
	const char *root;
	uint64_t key;
	int there[2], go[2];
	bool leaves_late; /* only when it is let go on */
};

/*
 * Where links cannot be pinned (before 5.15) a program is attached as long as anybody has the
 * descriptor, and the next agent could not attach it.
 */
static void close_inherited(const struct inmate *inmate)
{
	for (int fd = STDERR_FILENO + 1; fd < sysconf(_SC_OPEN_MAX); fd++)
		if (fd != inmate->there[1] && fd != inmate->go[0])
			close(fd);
}

static void leave(const struct inmate *inmate)
{
	char byte;

	close_inherited(inmate);
	join_cgroup(inmate->cgroup);
	if (!inmate->leaves_late)
		join_cgroup(inmate->root);
	if (write(inmate->there[1], "", 1) != 1 || read(inmate->go[0], &byte, 1) != 1)
		_exit(111);
	if (inmate->leaves_late)
		join_cgroup(inmate->root);
	execl("/bin/busybox", "true", NULL);
	_exit(111);
}

static void inmate_make(struct pinned *p, struct inmate *inmate)
{
	inmate->root = p->hierarchies.v2_path;
	assert_true(snprintf(inmate->cgroup, sizeof(inmate->cgroup), "%s/barewatch-test-%d",
			    inmate->root, getpid()) < PATH_MAX);
	assert_int_equal(mkdir(inmate->cgroup, 0755), 0);
	inmate->key = cgroup_dir_key(inmate->cgroup);
	assert_int_equal(pipe2(inmate->there, O_CLOEXEC), 0);
	assert_int_equal(pipe2(inmate->go, O_CLOEXEC), 0);
}

static void inmate_start(struct pinned *p, const struct inmate *inmate)
{
	char byte;

	p->child = fork();
	assert_true((pid_t)p->child >= 0);
	if (p->child == 0)
		leave(inmate);
	assert_int_equal(read(inmate->there[0], &byte, 1), 1);
}

/* It leaves its cgroup, if it has not, and executes; it does so as one of its container's. */
static void inmate_end(struct pinned *p, const struct inmate *inmate)
{
	assert_int_equal(write(inmate->go[1], "", 1), 1);
	assert_int_equal(waitpid(p->child, NULL, 0), p->child);
	for (int i = 0; i < 2; i++) /* an old ring, and the new one */
		assert_true(probe_drain(p->probe, PROBE_RING_EVENTS, RECORDS_MAX) >= 0);
	assert_int_equal(p->execs, 1);
	assert_int_equal(rmdir(inmate->cgroup), 0);
	for (int i = 0; i < 2; i++) {
		close(inmate->there[i]);
		close(inmate->go[i]);
	}
}

static void who_left_its_container_is_bound_by_another_kernel_side_too(void **state)
{
	struct inmate inmate = {0};
	struct pinned p;

	(void)state;
	begin(&p);
	inmate_make(&p, &inmate);
	assert_int_equal(probe_scope_set(p.probe, inmate.key, inmate.key, BW_SCOPE_WATCHED), 0);
	inmate_start(&p, &inmate);
	p.ring_bytes *= 2;
	reload(&p);
	assert_int_equal(probe_window(p.probe)->kind, PROBE_WINDOW_REPLACED);
	assert_int_equal(probe_tasks_walk(p.probe), 0);
	inmate_end(&p, &inmate);
	end(&p);
}

static void who_is_in_a_container_that_is_new_to_the_next_agent_is_bound(void **state)
{
	struct inmate inmate = {.leaves_late = true};
	struct pinned p;

	(void)state;
	begin(&p);
	inmate_make(&p, &inmate);
	inmate_start(&p, &inmate);
	reload(&p);
	assert_int_equal(probe_window(p.probe)->kind, PROBE_WINDOW_ADOPTED);
	assert_int_equal(probe_scope_set(p.probe, inmate.key, inmate.key, BW_SCOPE_WATCHED), 0);
	assert_int_equal(probe_tasks_walk(p.probe), 0);
	inmate_end(&p, &inmate);
	end(&p);
}

/* A bpf file system of this program's own, where the host's would be. */
static int mount_bpffs(void **state)
{
	(void)state;
	if (unshare(CLONE_NEWNS) < 0 || mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0 ||
		mount("bpf", "/sys/fs/bpf", "bpf", 0, NULL) < 0)
		print_message("# no bpf file system: %s\n", strerror(errno));
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(all_of_it_is_taken_over),
		cmocka_unit_test(what_the_kernel_takes_of_it_is_taken_over),
		cmocka_unit_test(what_could_not_be_attached_is_said_by_every_agent),
		cmocka_unit_test(who_left_its_container_is_bound_by_another_kernel_side_too),
		cmocka_unit_test(who_is_in_a_container_that_is_new_to_the_next_agent_is_bound),
	};

	return cmocka_run_group_tests(tests, mount_bpffs, NULL);
}
