/* SPDX-License-Identifier: Apache-2.0 */
/* Claims about agent/container/overlay.c, on mountinfo as Linux 5.10 to 6.18 writes it. */
#include "state_fixture.h"

#include "container/overlay.h"

#define LINE(mount_point, options) \
	"1265 1167 0:262 / " mount_point " rw,relatime - overlay overlay rw," options "\n"
#define PROC "1266 1265 0:264 / /proc rw,nosuid - proc proc rw\n"

static void assert_layers(
	const char *mountinfo, const char *rootfs, const char *upper, const char *lower)
{
	CLEANUP(overlay_done) struct overlay overlay = {0};
	CLEANUP_FREE char *text = strdup(mountinfo);
	bool found = overlay_parse(text, "/", rootfs, &overlay);

	if (found != (lower != NULL))
		fail_msg("%s: layers are %sfound", mountinfo, found ? "" : "not ");
	if (!lower)
		return;
	assert_string_equal(strbuf_text(&overlay.upper), upper);
	assert_string_equal(strbuf_text(&overlay.lower), lower);
}

static void directories_are_those_of_the_options(void **state)
{
	static const struct {
		const char *options, *upper, *lower;
	} cases[] = {
		{LINE("/", "lowerdir=/l/B:/l/A,upperdir=/d/diff,workdir=/d/work"), "/d/diff",
			"/l/B:/l/A"},
		{LINE("/", "lowerdir=/l,upperdir=/d,workdir=/w,index=off,xino=off"), "/d", "/l"},
		{LINE("/", "lowerdir=/a:/b"), "", "/a:/b"}, /* read-only */
		{LINE("/", "lowerdir=/a:/b::/data"), "", "/a:/b:/data"},
		/* octal escapes: space, tab, newline, comma, backslash */
		{LINE("/", "lowerdir=/a\\040b\\011\\012\\054c,upperdir=/u\\040u"), "/u u",
			"/a b\t\n,c"},
		/* "/a:b" and "/c\d", given as /a\:b:/c\\d */
		{LINE("/", "lowerdir=/a\\134:b:/c\\134\\134d"), "", "/a\\:b:/c\\\\d"},
		{LINE("/", "lowerdir=/l,upperdir=/u\\134:v\\134\\134w"), "/u:v\\w", "/l"},
		/* one by one, without escapes of their own (6.7) */
		{LINE("/", "lowerdir+=/a:b,lowerdir+=/c,datadir+=/d,upperdir=/u"), "/u",
			"/a\\:b:/c:/d"},
		{LINE("/", "lowerdir+=/c\\134d"), "", "/c\\\\d"},
		/* a name that looks like an option */
		{LINE("/", "lowerdir=/l\\054upperdir=/x,upperdir=/u"), "/u", "/l,upperdir=/x"},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++)
		assert_layers(cases[i].options, NULL, cases[i].upper, cases[i].lower);
}

static void relative_names_are_beside_the_others(void **state)
{
	(void)state;
	/* Docker and containers/storage, with many layers */
	assert_layers(LINE("/", "lowerdir=l/B:l/A,upperdir=0a/diff,workdir=0a/work"),
		"/var/lib/docker/overlay2/0a/merged", "/var/lib/docker/overlay2/0a/diff",
		"/var/lib/docker/overlay2/l/B:/var/lib/docker/overlay2/l/A");
	/* containerd, whose root directory is elsewhere */
	assert_layers(LINE("/", "lowerdir=2/fs:1/fs,upperdir=/s/3/fs,workdir=/s/3/work"),
		"/run/containerd/x/rootfs", "/s/3/fs", "/s/2/fs:/s/1/fs");
	/* relative to what cannot be told */
	assert_layers(LINE("/", "lowerdir=l/B,upperdir=0a/diff"), NULL, NULL, NULL);
	assert_layers(LINE("/", "lowerdir=l/B"), "rootfs", NULL, NULL);
}

static void mount_that_is_in_use_counts(void **state)
{
	(void)state;
	assert_layers(PROC LINE("/", "lowerdir=/a") PROC, NULL, "", "/a");
	assert_layers(LINE("/", "lowerdir=/a") LINE("/", "lowerdir=/b"), NULL, "", "/b");
	assert_layers(LINE("/x", "lowerdir=/a"), NULL, NULL, NULL);
	/* what is mounted over it is no overlay */
	assert_layers(
		LINE("/", "lowerdir=/a") "9 1 0:1 / / rw - ext4 /dev/vda rw\n", NULL, NULL, NULL);
	/* a directory of an overlay is not all of it */
	assert_layers("9 1 0:1 /sub / rw - overlay overlay rw,lowerdir=/a\n", NULL, NULL, NULL);
}

static void what_is_no_overlay_has_no_layers(void **state)
{
	static const char *const texts[] = {
		"",
		"\n",
		PROC,
		"9 1 0:1 / / rw - overlay\n",
		"9 1 0:1 / / rw - overlay overlay\n",
		"9 1 0:1 / / rw overlay overlay lowerdir=/a\n",
		LINE("/", "index=off"),
		LINE("/", "lowerdir="),
		LINE("/", "lowerdir=:"),
		LINE("/", "xlowerdir=/a"),
		LINE("/", "lowerdir"),
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(texts); i++)
		assert_layers(texts[i], "/a/b/c", NULL, NULL);
}

/* Docker's limit is 127, the kernel's 500; each name as long as they make them. */
static void many_layers_are_kept(void **state)
{
	CLEANUP_STRBUF struct strbuf line = STRBUF_INIT, expected = STRBUF_INIT;

	(void)state;
	strbuf_add_text(&line, "9 1 0:1 / / rw - overlay overlay rw,lowerdir=");
	for (int i = 0; i < 500; i++) {
		strbuf_addf(&expected, "%s/var/lib/docker/overlay2/l/ABCDEFGHIJKLMNOPQRSTUVW%03d",
			i ? ":" : "", i);
	}
	strbuf_add_slice(&line, strbuf_slice(&expected));
	strbuf_add_text(&line, ",upperdir=/u\n");
	assert_layers(strbuf_text(&line), NULL, "/u", strbuf_text(&expected));
}

/* Whatever is left of a line, nothing is read behind its end. */
static void every_truncation_is_survived(void **state)
{
	static const char text[] = LINE("/", "lowerdir=/a\\134:b:l/\\054,upperdir=/u\\134");

	(void)state;
	for (size_t len = 0; len < sizeof(text); len++) {
		CLEANUP(overlay_done) struct overlay overlay = {0};
		CLEANUP_FREE char *cut = strndup(text, len);

		if (overlay_parse(cut, "/", "/r/0/merged", &overlay))
			assert_true(overlay.lower.len > 0);
	}
}

static void directory_where_nothing_is_mounted_has_no_layers(void **state)
{
	CLEANUP_STATE_FIXTURE struct state_fixture f;

	(void)state;
	state_fixture_init(&f);
	assert_false(container_read_layers(&f.container, &f.roots)); /* neither process nor root */
	container_learn(&f.container, CONTAINER_ROOTFS, f.s.root, "test");
	assert_false(container_read_layers(&f.container, &f.roots)); /* nothing is mounted there */
	assert_null(f.container.overlay_lower);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(directories_are_those_of_the_options),
		cmocka_unit_test(relative_names_are_beside_the_others),
		cmocka_unit_test(mount_that_is_in_use_counts),
		cmocka_unit_test(what_is_no_overlay_has_no_layers),
		cmocka_unit_test(many_layers_are_kept),
		cmocka_unit_test(every_truncation_is_survived),
		cmocka_unit_test(directory_where_nothing_is_mounted_has_no_layers),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
