/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Claims about agent/container/root.c: what can be had without a container. With real ones it
 * is tested in tests/e2e/test_origin.sh.
 */
#include "scratch.h"

#include <errno.h>
#include <sys/mount.h>
#include <sys/sysmacros.h>

#include "barewatch/root.h"

static void root_release(struct container_root **root)
{
	container_root_free(*root);
}
#define CLEANUP_ROOT CLEANUP(root_release)

static const struct container_root_witnesses nobody;

static void plain_directory_of_nobody_is_no_root(void **state)
{
	CLEANUP_ROOT struct container_root *root = NULL;
	CLEANUP_SCRATCH struct scratch s;
	struct container_roots roots = CONTAINER_ROOTS_DEFAULT;
	struct container container = {.rootfs = s.root, .cgroup_path = (char *)"/none"};
	struct container_root_witnesses self = {.inside = getpid()};

	(void)state;
	scratch_init(&s);
	assert_int_equal(container_root_find(&container, &roots, &nobody, &root), -ENOENT);
	/* this process is not in the container, whatever is said */
	assert_int_equal(container_root_find(&container, &roots, &self, &root), -ENOENT);
	container.rootfs = NULL;
	assert_int_equal(container_root_find(&container, &roots, &nobody, &root), -ENOENT);
}

static void mount_overlay(struct scratch *s, const char *lower, const char *name)
{
	char options[512], target[SCRATCH_PATH_MAX];

	snprintf(options, sizeof(options), "lowerdir=%s,upperdir=%s/upper,workdir=%s/work", lower,
		s->root, s->root);
	snprintf(target, sizeof(target), "%s", scratch_path(s, name));
	assert_int_equal(mount("overlay", target, "overlay", 0, options), 0);
}

static void make_directories(struct scratch *s)
{
	static const char *const names[] = {"a-init/diff", "b", "c:d", "upper", "work", "merged"};

	for (size_t i = 0; i < ARRAY_SIZE(names); i++)
		scratch_mkdir(s, names[i]);
}

static void assert_opens(int fd, struct scratch *s, const char *name)
{
	struct stat found, expected;

	assert_true(fd >= 0);
	assert_int_equal(fstat(fd, &found), 0);
	close(fd);
	assert_int_equal(stat(scratch_path(s, name), &expected), 0);
	assert_int_equal(found.st_ino, expected.st_ino);
}

static void overlay_of_the_engine_is_found_with_its_layers(void **state)
{
	CLEANUP_ROOT struct container_root *root = NULL;
	CLEANUP_SCRATCH struct scratch s;
	struct container_roots roots = CONTAINER_ROOTS_DEFAULT;
	struct container container = {.cgroup_path = (char *)"/none"};
	char lower[256], merged[64];
	struct stat st;

	(void)state;
	if (geteuid() != 0)
		skip();
	scratch_init(&s);
	make_directories(&s);
	snprintf(lower, sizeof(lower), "%s/a-init/diff:%s/b:%s/c\\:d", s.root, s.root, s.root);
	snprintf(merged, sizeof(merged), "%s/merged", s.root);
	mount_overlay(&s, lower, "merged");
	container.rootfs = merged;
	assert_int_equal(stat(merged, &st), 0);
	assert_int_equal(container_root_find(&container, &roots, &nobody, &root), 0);
	assert_int_equal(umount(merged), 0); /* nothing holds it */
	assert_int_equal(root->kind, CONTAINER_ROOT_OVERLAY);
	assert_int_equal(makedev(root->dev_major, root->dev_minor), st.st_dev);
	assert_int_equal(root->layer_count, 3);
	assert_opens(container_root_open_layer(root, 0), &s, "a-init/diff");
	assert_opens(container_root_open_layer(root, 2), &s, "c:d");
	assert_opens(container_root_open_upper(root), &s, "upper");
	assert_int_equal(container_root_open_layer(root, 3), -ENOENT);
	assert_int_equal(root->fd, -1);
}

static uint64_t layer_set(struct scratch *s, const char *first, const char *second)
{
	CLEANUP_ROOT struct container_root *root = NULL;
	struct container_roots roots = CONTAINER_ROOTS_DEFAULT;
	struct container container = {.cgroup_path = (char *)"/none"};
	char lower[256], merged[64];

	snprintf(lower, sizeof(lower), "%s/%s:%s/%s", s->root, first, s->root, second);
	snprintf(merged, sizeof(merged), "%s/merged", s->root);
	mount_overlay(s, lower, "merged");
	container.rootfs = merged;
	assert_int_equal(container_root_find(&container, &roots, &nobody, &root), 0);
	assert_int_equal(umount(merged), 0);
	return root->layer_set;
}

static void containers_of_one_image_share_a_layer_set(void **state)
{
	CLEANUP_SCRATCH struct scratch s;
	uint64_t set;

	(void)state;
	if (geteuid() != 0)
		skip();
	scratch_init(&s);
	make_directories(&s);
	scratch_mkdir(&s, "e-init/diff");
	scratch_mkdir(&s, "f");
	set = layer_set(&s, "a-init/diff", "b");
	assert_int_not_equal(set, 0);
	assert_int_equal(layer_set(&s, "e-init/diff", "b"), set);
	assert_int_not_equal(layer_set(&s, "a-init/diff", "f"), set);
	assert_int_not_equal(layer_set(&s, "f", "b"), set);
}

static void what_is_nested_is_left_to_the_outer_one(void **state)
{
	CLEANUP_ROOT struct container_root *root = NULL;
	struct container_roots roots = CONTAINER_ROOTS_DEFAULT;
	struct container container = {
		.rootfs = (char *)"/", .cgroup_path = (char *)"/", .outer_id = (char *)"a"};
	struct container_root_witnesses self = {.inside = getpid()};

	(void)state;
	assert_int_equal(container_root_find(&container, &roots, &self, &root), -ENOENT);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(plain_directory_of_nobody_is_no_root),
		cmocka_unit_test(overlay_of_the_engine_is_found_with_its_layers),
		cmocka_unit_test(containers_of_one_image_share_a_layer_set),
		cmocka_unit_test(what_is_nested_is_left_to_the_outer_one),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
