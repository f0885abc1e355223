/* SPDX-License-Identifier: Apache-2.0 */
/* Claims about agent/container/host_file.c. The scratch directory's `host` is a host's root. */
#include "state_fixture.h"

#include <errno.h>

#include "container/reader.h"

struct host_fixture {
	struct scratch s;
	char prefix[64];
	struct container_roots roots;
};

static void host_fixture_init(struct host_fixture *f)
{
	scratch_init(&f->s);
	snprintf(f->prefix, sizeof(f->prefix), "%s/host", f->s.root);
	f->roots = (struct container_roots){.host = f->prefix};
	scratch_mkdir(&f->s, "host");
}

static void host_fixture_done(struct host_fixture *f)
{
	scratch_done(&f->s);
}
#define CLEANUP_HOST_FIXTURE CLEANUP(host_fixture_done)

static void put_link(struct host_fixture *f, const char *name, const char *target)
{
	unlink(scratch_path(&f->s, name));
	assert_int_equal(symlink(target, scratch_path(&f->s, name)), 0);
}

/* TEXT is NULL for what cannot be read. */
static void assert_read(struct host_fixture *f, const char *path, const char *text)
{
	CLEANUP_FREE char *found = state_read(&f->roots, path, 100);

	if (!found != !text || (text && strcmp(found, text) != 0))
		fail_msg("%s is '%s', not '%s'", path, found ?: "(none)", text ?: "(none)");
}

static void paths_are_below_the_prefix(void **state)
{
	CLEANUP_HOST_FIXTURE struct host_fixture f;

	(void)state;
	host_fixture_init(&f);
	scratch_write_text(&f.s, "host/etc/name", "host");
	assert_read(&f, "/etc/name", "host");
	assert_read(&f, "/etc/passwd", NULL);
	assert_read(&f, "/etc/../etc/name", "host");
}

static void no_link_leaves_the_prefix(void **state)
{
	static const char *const targets[] = {
		"/etc/name", "../../../../../../etc/name", "/../../etc/name", "../etc/name"};
	CLEANUP_HOST_FIXTURE struct host_fixture f;

	(void)state;
	host_fixture_init(&f);
	scratch_write_text(&f.s, "host/etc/name", "host");
	scratch_write_text(&f.s, "etc/name", "agent");
	scratch_mkdir(&f.s, "host/run");
	for (size_t i = 0; i < ARRAY_SIZE(targets); i++) {
		put_link(&f, "host/run/link", targets[i]);
		assert_read(&f, "/run/link", "host");
	}
	put_link(&f, "host/dir", "/etc");
	assert_read(&f, "/dir/name", "host");
	assert_read(&f, "/dir/../etc/name", "host");
	assert_read(&f, "/../etc/name", "host");
}

static void without_prefix_paths_are_as_they_are(void **state)
{
	CLEANUP_HOST_FIXTURE struct host_fixture f;
	char path[PATH_MAX];

	(void)state;
	host_fixture_init(&f);
	scratch_write_text(&f.s, "host/etc/name", "host");
	f.roots.host = NULL;
	snprintf(path, sizeof(path), "%s/etc/name", f.prefix);
	assert_read(&f, path, "host");
}

static void directories_are_listed_below_the_prefix(void **state)
{
	CLEANUP_HOST_FIXTURE struct host_fixture f;

	(void)state;
	host_fixture_init(&f);
	scratch_mkdir(&f.s, "host/etc/only-here");
	CLEANUP_DIR DIR *dir = host_opendir(&f.roots, "/etc");

	assert_non_null(dir);
	assert_int_equal(faccessat(dirfd(dir), "only-here", F_OK, 0), 0);
	scratch_write_text(&f.s, "host/file", "");
	assert_null(host_opendir(&f.roots, "/file"));
	assert_null(host_opendir(&f.roots, "/nonexistent"));
}

/* A FIFO must not hold up whoever reads it. */
static void prefix_or_file_that_is_none_is_an_error(void **state)
{
	CLEANUP_HOST_FIXTURE struct host_fixture f;

	(void)state;
	host_fixture_init(&f);
	assert_int_equal(host_open(&f.roots, "/nonexistent", O_RDONLY), -ENOENT);
	assert_int_equal(mkfifo(scratch_path(&f.s, "host/fifo"), 0600), 0);
	assert_read(&f, "/fifo", NULL);
	f.roots.host = "/nonexistent";
	assert_int_equal(host_open(&f.roots, "/etc", O_RDONLY), -ENOENT);
}

/* To open a device, or to follow a link, can do something or lead somewhere. */
static void untrusted_files_are_regular_and_no_links(void **state)
{
	CLEANUP_HOST_FIXTURE struct host_fixture f;

	(void)state;
	host_fixture_init(&f);
	scratch_write_text(&f.s, "host/etc/name", "host");
	put_link(&f, "host/link", "/etc/name");
	put_link(&f, "host/dir", "/etc");
	assert_int_equal(mkfifo(scratch_path(&f.s, "host/fifo"), 0600), 0);
	assert_read(&f, "/link", "host");
	f.roots.is_untrusted = true;
	assert_read(&f, "/etc/name", "host");
	assert_read(&f, "/../etc/name", "host");
	assert_read(&f, "/link", NULL);
	assert_read(&f, "/dir/name", NULL);
	assert_int_equal(host_open(&f.roots, "/link", O_RDONLY), -ELOOP);
	assert_int_equal(host_open(&f.roots, "/fifo", O_RDONLY), -EINVAL);
	CLEANUP_DIR DIR *dir = host_opendir(&f.roots, "/etc");

	assert_non_null(dir);
}

/* 300,000 bytes are no state of a container, but of all of a host's they may be. */
static void untrusted_files_are_small(void **state)
{
	CLEANUP_HOST_FIXTURE struct host_fixture f;
	CLEANUP_STRBUF struct strbuf text = STRBUF_INIT;
	CLEANUP_JSON json_t *trusted = NULL, *untrusted = NULL;

	(void)state;
	host_fixture_init(&f);
	strbuf_add_text(&text, "[]");
	for (int i = 0; i < 300000; i++)
		strbuf_add_char(&text, ' ');
	scratch_write_text(&f.s, "host/large", strbuf_text(&text));
	trusted = state_load(&f.roots, "/large");
	assert_non_null(trusted);
	f.roots.is_untrusted = true;
	untrusted = state_load(&f.roots, "/large");
	assert_null(untrusted);
}

/* All engines' files, and the paths in them, are the host's. */
static void readers_look_below_the_prefix(void **state)
{
	struct container_roots roots = CONTAINER_ROOTS_DEFAULT;
	CLEANUP_HOST_FIXTURE struct host_fixture f;
	struct container c = {.id = ID};

	(void)state;
	host_fixture_init(&f);
	roots.host = f.prefix;
	scratch_write_text(&f.s, "host/var/lib/docker/containers/" ID "/config.v2.json",
		"{\"Name\":\"/docker\"}");
	scratch_mkdir(&f.s, "host/run");
	put_link(&f, "host/run/docker", "/elsewhere"); /* of the host */
	scratch_write_text(&f.s, "host/elsewhere/" MOBY_TASK ID "/config.json",
		"{\"process\":{\"args\":[\"/app\"]},\"root\":{\"path\":\"/data/merged\"}}");
	assert_true(container_read_state(&c, &roots));
	assert_string_equal(c.name, "docker");
	assert_string_equal(c.bundle, "/run/docker/" MOBY_TASK ID);
	assert_string_equal(c.rootfs, "/data/merged");
	container_forget(&c);
	c.runtime = CONTAINER_RUNTIME_UNKNOWN;
	scratch_write_text(&f.s, "host/g/overlay-containers/" ID "/userdata/config.json",
		"{\"annotations\":{\"io.container.manager\":\"libpod\"}}");
	scratch_write_text(&f.s, "host/g/overlay-containers/containers.json",
		"[{\"id\":\"" ID "\",\"names\":[\"podman\"]}]");
	roots.docker = NULL;
	assert_true(container_read_bundle(&c, "/g/overlay-containers/" ID "/userdata", &roots));
	assert_string_equal(c.name, "podman");
	container_forget(&c);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(paths_are_below_the_prefix),
		cmocka_unit_test(no_link_leaves_the_prefix),
		cmocka_unit_test(without_prefix_paths_are_as_they_are),
		cmocka_unit_test(directories_are_listed_below_the_prefix),
		cmocka_unit_test(prefix_or_file_that_is_none_is_an_error),
		cmocka_unit_test(untrusted_files_are_regular_and_no_links),
		cmocka_unit_test(untrusted_files_are_small),
		cmocka_unit_test(readers_look_below_the_prefix),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
