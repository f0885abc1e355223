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
};

static void ignore(const void *record, size_t size, void *userdata)
{
	(void)record;
	(void)size;
	(void)userdata;
}

static void load(struct pinned *p)
{
	struct probe_config config = {
		.ring_bytes = PROBE_RING_BYTES_DEFAULT,
		.scopes_max = PROBE_SCOPES_DEFAULT,
		.tasks_max = PROBE_TASKS_DEFAULT,
		.hierarchies = &p->hierarchies,
		.on_record = {ignore, ignore, ignore},
		.pins = p->pins,
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

	*p = (struct pinned){0};
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

static void all_of_it_is_taken_over(void **state)
{
	struct pinned p;

	(void)state;
	begin(&p);
	reload(&p);
	assert_int_equal(probe_window(p.probe)->kind, PROBE_WINDOW_ADOPTED);
	assert_null(probe_unseen(p.probe, 0));
	end(&p);
}

static void what_the_kernel_takes_of_it_is_taken_over(void **state)
{
	struct pinned p;

	(void)state;
	refuses_mappings = true;
	begin(&p);
	assert_non_null(probe_unseen(p.probe, 0));
	reload(&p);
	assert_int_equal(probe_window(p.probe)->kind, PROBE_WINDOW_ADOPTED);
	assert_non_null(probe_unseen(p.probe, 0));
	assert_null(probe_unseen(p.probe, 1));
	end(&p);
}

static void what_could_not_be_attached_is_said_by_every_agent(void **state)
{
	struct pinned p;

	(void)state;
	begin(&p);
	assert_int_equal(
		system("rm " PINS "/*/prog_bw_mapping_mmap* " PINS "/*/link_bw_mapping_mmap*"), 0);
	reload(&p);
	assert_int_equal(probe_window(p.probe)->kind, PROBE_WINDOW_ADOPTED);
	assert_non_null(probe_unseen(p.probe, 0));
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
	};

	return cmocka_run_group_tests(tests, mount_bpffs, NULL);
}
