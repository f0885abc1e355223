/* SPDX-License-Identifier: Apache-2.0 */
/* Claims about agent/opened.c. */
#include "asserts.h"

#include <linux/magic.h>

#include "opened.h"

enum { ROOT_MINOR = 40, OTHER_MINOR = 41 };

/* The root of a container is an overlay. */
static const struct container_root root = {
	.kind = CONTAINER_ROOT_OVERLAY, .dev_major = 0, .dev_minor = ROOT_MINOR};

struct opening {
	uint32_t minor, use, generation, flags;
	uint64_t magic;
	bool outside;
};

static enum program_origin origin_of(const struct opening *o, const struct container_root *known)
{
	static struct event event;
	struct bw_open record = {.kind = {.use = o->use, .generation = o->generation}};

	event = (struct event){.kind = BW_EVENT_OPEN};
	event.open.record = &record;
	event.open.file = (struct bw_file){
		.dev_minor = o->minor, .fs_magic = o->magic, .flags = o->flags};
	return opened_origin(&event, known, o->outside);
}

static void origin_is_told_by_the_place_of_the_file_and_its_layer(void **state)
{
	static const struct {
		struct opening opening;
		enum program_origin origin;
	} cases[] = {
		/* the overlay: what it has not written is the image's */
		{{ROOT_MINOR, BW_OPEN_READ, 0, 0, OVERLAYFS_SUPER_MAGIC, false},
			PROGRAM_ORIGIN_IMAGE},
		{{ROOT_MINOR, BW_OPEN_READ, 77, 0, OVERLAYFS_SUPER_MAGIC, false},
			PROGRAM_ORIGIN_UPPER},
		{{ROOT_MINOR, BW_OPEN_READ | BW_OPEN_WRITE, 0, 0, OVERLAYFS_SUPER_MAGIC, false},
			PROGRAM_ORIGIN_UPPER},
		{{ROOT_MINOR, BW_OPEN_WRITE | BW_OPEN_CREATED, 5, 0, OVERLAYFS_SUPER_MAGIC, false},
			PROGRAM_ORIGIN_UPPER},
		/* a root that is no overlay does not tell */
		{{ROOT_MINOR, BW_OPEN_READ, 77, 0, EXT4_SUPER_MAGIC, false},
			PROGRAM_ORIGIN_UNKNOWN},
		{{ROOT_MINOR, BW_OPEN_WRITE, 77, 0, EXT4_SUPER_MAGIC, false}, PROGRAM_ORIGIN_UPPER},
		/* elsewhere */
		{{OTHER_MINOR, BW_OPEN_WRITE, 77, 0, EXT4_SUPER_MAGIC, false},
			PROGRAM_ORIGIN_VOLUME},
		{{OTHER_MINOR, BW_OPEN_READ, 77, 0, TMPFS_MAGIC, false}, PROGRAM_ORIGIN_TMPFS},
		{{OTHER_MINOR, BW_OPEN_READ, 0, BW_FILE_MEMFD, TMPFS_MAGIC, false},
			PROGRAM_ORIGIN_MEMFD},
		{{ROOT_MINOR, BW_OPEN_READ, 0, 0, OVERLAYFS_SUPER_MAGIC, true},
			PROGRAM_ORIGIN_HOST},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++)
		assert_string_equal(program_origin_name(origin_of(&cases[i].opening, &root)),
			program_origin_name(cases[i].origin));
}

static void without_a_root_nothing_is_told(void **state)
{
	const struct opening opening = {
		ROOT_MINOR, BW_OPEN_READ, 0, 0, OVERLAYFS_SUPER_MAGIC, false};

	(void)state;
	assert_int_equal(origin_of(&opening, NULL), PROGRAM_ORIGIN_UNKNOWN);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(origin_is_told_by_the_place_of_the_file_and_its_layer),
		cmocka_unit_test(without_a_root_nothing_is_told),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
