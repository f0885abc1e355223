/* SPDX-License-Identifier: Apache-2.0 */
/* Claims about agent/image/tree.c, tree_node.c and tree_look.c. */
#include "image/layer_fixture.h"

#include <errno.h>

/*
 * A layer is written as words: "d/" a directory, "f" a file, "l>t" a symbolic link, "h=t" a hard
 * link, "!c" a character device, "-w" a whiteout, "-d/" an opaque directory.
 */
static void add_word(struct strbuf *tar, char *word)
{
	char path[256], *target = word + strcspn(word, ">="), separator = *target;
	size_t len = strlen(word);

	if (word[0] == '-') {
		char *name = (char *)slice_basename(slice_of(word + 1)).data;

		snprintf(path, sizeof(path), "%.*s.wh.%s", (int)(name - word - 1), word + 1,
			*name ? name : ".wh..opq");
		tar_add_file(tar, path, "");
	} else if (word[0] == '!') {
		tar_add_header(tar, '3', word + 1, "", 0);
	} else if (separator) {
		*target = '\0';
		tar_add_link(tar, separator == '>' ? '2' : '1', word, target + 1);
	} else if (word[len - 1] == '/') {
		tar_add_directory(tar, word);
	} else {
		tar_add_file(tar, word, word);
	}
}

static struct layer *layer_of_words(struct layers *l, const char *text)
{
	CLEANUP_STRBUF struct strbuf tar = STRBUF_INIT;
	CLEANUP_FREE char *words = strdup(text);
	struct layer *layer = NULL;

	for (char *word = strtok(words, " "); word; word = strtok(NULL, " "))
		add_word(&tar, word);
	tar_add_end(&tar);
	if (read_layer(l, strbuf_slice(&tar), &layer) < 0)
		fail_msg("%s", l->e.message);
	return layer;
}

/* Layers, the lowest first, with '|' between them. 0 or what went wrong. */
static int merge(struct layers *l, const char *text, struct image_tree **ret)
{
	CLEANUP_IMAGE_TREE struct image_tree *tree = NULL;
	int r = image_tree_new(&l->limits, &l->e, &tree);

	while (r == 0 && *text) {
		size_t len = strcspn(text, "|");
		CLEANUP_FREE char *words = strndup(text, len);
		CLEANUP_LAYER struct layer *layer = layer_of_words(l, words);

		r = image_tree_add_layer(tree, layer);
		text += len + (text[len] == '|');
	}
	if (r == 0)
		r = image_tree_finish(tree);
	if (r == 0)
		*ret = TAKE_PTR(tree);
	return r;
}

static int compare(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

/* Every name as "PATH[/][>TARGET][ORIGIN]@LAYER" in order; ORIGIN when it is another's file. */
static void list(const struct image_tree *tree, struct strbuf *out)
{
	char *lines[64];
	size_t count = 0;

	for (uint32_t i = 1; i < image_tree_count(tree); i++) {
		struct strbuf line = STRBUF_INIT;
		struct image_file file;

		if (!image_tree_get(tree, i, &file))
			continue;
		image_tree_path(tree, i, &line);
		if (file.type == IMAGE_FILE && strcmp(file.path.data, line.data + 1) != 0 &&
			!slice_equal_text(file.path, line.data + 1))
			strbuf_addf(&line, "=%.*s", (int)file.path.len, file.path.data);
		if (file.type == IMAGE_DIRECTORY)
			strbuf_add_char(&line, '/');
		if (file.type == IMAGE_SYMLINK)
			strbuf_addf(&line, ">%.*s", (int)file.target.len, file.target.data);
		if (file.type == IMAGE_CHARACTER_DEVICE)
			strbuf_add_char(&line, '!');
		strbuf_addf(&line, "@%u", file.layer);
		assert_true(count < ARRAY_SIZE(lines));
		lines[count++] = line.data;
	}
	qsort(lines, count, sizeof(*lines), compare);
	for (size_t i = 0; i < count; i++) {
		strbuf_addf(out, "%s%s", i ? " " : "", lines[i]);
		free(lines[i]);
	}
}

static void list_leak(const struct image_file *file, void *userdata)
{
	strbuf_addf(userdata, " -%.*s@%u", (int)file->path.len, file->path.data, file->layer);
}

static void assert_merged(struct layers *l, const char *text, const char *expected)
{
	CLEANUP_STRBUF struct strbuf found = STRBUF_INIT;
	CLEANUP_IMAGE_TREE struct image_tree *tree = NULL;

	if (merge(l, text, &tree) < 0)
		fail_msg("%s: %s", text, l->e.message);
	list(tree, &found);
	image_tree_each_leak(tree, list_leak, &found);
	if (strcmp(strbuf_text(&found), expected) != 0)
		fail_msg("%s gives %s, not %s", text, strbuf_text(&found), expected);
}

static void layers_merge_as_overlayfs_would(void **state)
{
	static const struct {
		const char *layers, *expected; /* names, then what leaks */
	} cases[] = {
		{"a|a", "/a@2 -a@1"},
		{"d/ d/a|d/ d/b", "/d/@2 /d/a@1 /d/b@2"},
		{"d/a", "/d/@0 /d/a@1"},
		/* whiteouts */
		{"a b|-a", "/b@1 -a@1"},
		{"d/ d/a d/e/b|-d", " -d/a@1 -d/e/b@1"},
		{"d/ d/a d/b|d/ d/c -d/", "/d/@2 /d/c@2 -d/a@1 -d/b@1"},
		{"d/ d/a|-d/ d/ d/c", "/d/@2 /d/c@2 -d/a@1"},
		{"a b|-/", " -a@1 -b@1"},
		{"a|-a a", "/a@2 -a@1"},
		{"a|a -a", "/a@2 -a@1"},
		{"-a a", "/a@1"},
		{"a|-a|a", "/a@3 -a@1"},
		{"a|-b -c/d", "/a@1"},
		{"a|-a/b", "/a@1"},
		{"usr/bin/sh bin>usr/bin|-bin/sh",
			"/bin>usr/bin@1 /usr/@0 /usr/bin/@0 /usr/bin/sh@1"},
		/* what takes the place of something else */
		{"d/ d/a|d", "/d@2 -d/a@1"},
		{"d|d/ d/a", "/d/@2 /d/a@2 -d@1"},
		{"d|d/a", "/d/@0 /d/a@2 -d@1"},
		{"d/a|d>e", "/d>e@2 -d/a@1"},
		{"a a", "/a@1 -a@1"},
		{"d/a d d/b", "/d/@0 /d/b@1 -d/a@1 -d@1"},
		{"a|!a", "/a@1"},
		{"!a|a", "/a@2"},
		{"!a", "/a!@1"},
		/* links on the way: followed in their own layer, else replaced */
		{"bin>usr/bin usr/bin/ bin/sh",
			"/bin>usr/bin@1 /usr/@0 /usr/bin/@1 /usr/bin/sh=bin/sh@1"},
		{"bin>/usr/bin bin/sh", "/bin>/usr/bin@1 /usr/@0 /usr/bin/@0 /usr/bin/sh=bin/sh@1"},
		{"usr/bin/ bin>usr/bin|bin/sh", "/bin/@0 /bin/sh@2 /usr/@0 /usr/bin/@1"},
		{"out>../../.. out/a", "/a=out/a@1 /out>../../..@1"},
		{"d/up>../x d/up/a", "/d/@0 /d/up>../x@1 /x/@0 /x/a=d/up/a@1"},
		/* hard links */
		{"a b=a", "/a@1 /b=a@1"},
		{"a|b=a", "/a@1 /b=a@1"},
		{"a|b=a|-a", "/b=a@1"},
		{"a b=a|a", "/a@2 /b=a@1"},
		{"usr/bin/sh bin>usr/bin|x=bin/sh",
			"/bin>usr/bin@1 /usr/@0 /usr/bin/@0 /usr/bin/sh@1 /x=usr/bin/sh@1"},
		{"l>t m=l", "/l>t@1 /m>t@1"},
		{"l>usr m=l usr/ m/a", "/l>usr@1 /m>usr@1 /usr/@1 /usr/a=m/a@1"},
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++)
		assert_merged(*state, cases[i].layers, cases[i].expected);
}

static void links_that_lead_nowhere_are_refused(void **state)
{
	static const struct {
		const char *layers, *message;
	} cases[] = {
		{"b=a", "a hard link to what is no file there: b to a"},
		{"a a=a", "a hard link to what is no file there: a to a"},
		{"d/ b=d", "a hard link to what is no file there: b to d"},
		{"a|-a b=a", "a hard link to what is no file there: b to a"},
		{"a>b b>a a/x", "a path through a loop of links: a"},
		{"a>a a/x", "a path through a loop of links: a"},
	};
	struct layers *l = *state;

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct image_tree *tree = NULL;

		assert_int_equal(merge(l, cases[i].layers, &tree), -EBADMSG);
		assert_string_equal(l->e.message, cases[i].message);
		assert_int_equal(l->e.kind, IMAGE_UNREADABLE);
	}
}

static void paths_are_resolved_within_the_tree(void **state)
{
	static const struct {
		const char *path, *expected; /* NULL: ERROR */
		int error;
		bool is_plain; /* the last link is not followed */
	} cases[] = {
		{"/", "/", 0, false},
		{"/../..", "/", 0, false},
		{"/bin/sh", "/usr/bin/dash", 0, false},
		{"bin/sh", "/usr/bin/dash", 0, false},
		{"/bin/sh", "/usr/bin/sh", 0, true},
		{"/bin", "/bin", 0, true},
		{"/bin/", "/bin", 0, true},
		{"/escape/usr/bin/dash", "/usr/bin/dash", 0, false},
		{"/usr/bin/../bin/./dash", "/usr/bin/dash", 0, false},
		{"/loop", NULL, -ELOOP, false},
		{"/loop", "/loop", 0, true},
		{"/loop/x", NULL, -ELOOP, true},
		{"/dangling", NULL, -ENOENT, false},
		{"/usr/bin/dash/x", NULL, -ENOTDIR, false},
		{"/none", NULL, -ENOENT, false},
	};
	struct layers *l = *state;
	CLEANUP_IMAGE_TREE struct image_tree *tree = NULL;

	assert_int_equal(
		merge(l,
			"usr/bin/dash usr/bin/sh>dash bin>usr/bin escape>../../../.. loop>loop "
			"dangling>/etc/none",
			&tree),
		0);
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		CLEANUP_STRBUF struct strbuf path = STRBUF_INIT;
		uint32_t found = 0;

		assert_int_equal(image_tree_resolve(tree, IMAGE_TREE_TOP, slice_of(cases[i].path),
					 !cases[i].is_plain, &found),
			cases[i].error);
		image_tree_path(tree, found, &path);
		assert_string_equal(
			strbuf_text(&path), cases[i].expected ? cases[i].expected : "/");
	}
}

static void link_is_resolved_from_its_directory(void **state)
{
	CLEANUP_IMAGE_TREE struct image_tree *tree = NULL;
	CLEANUP_STRBUF struct strbuf path = STRBUF_INIT;
	struct image_file file;
	uint32_t number;

	assert_int_equal(merge(*state, "usr/bin/sh>../lib/dash usr/lib/dash", &tree), 0);
	assert_int_equal(image_tree_resolve(tree, 0, slice_of("usr/bin/sh"), false, &number), 0);
	assert_true(image_tree_get(tree, number, &file));
	assert_int_equal(image_tree_resolve(
				 tree, image_tree_parent(tree, number), file.target, true, &number),
		0);
	image_tree_path(tree, number, &path);
	assert_string_equal(strbuf_text(&path), "/usr/lib/dash");
}

static void hard_links_have_one_number(void **state)
{
	CLEANUP_IMAGE_TREE struct image_tree *tree = NULL;
	struct image_file a, b;
	uint32_t number;

	assert_int_equal(merge(*state, "a|b=a", &tree), 0);
	assert_int_equal(image_tree_resolve(tree, 0, slice_of("a"), false, &number), 0);
	assert_true(image_tree_get(tree, number, &a));
	assert_int_equal(image_tree_resolve(tree, 0, slice_of("b"), false, &number), 0);
	assert_true(image_tree_get(tree, number, &b));
	assert_int_equal(a.layer, b.layer);
	assert_int_equal(a.number, b.number);
}

static void identity_is_that_of_the_file(void **state)
{
	struct layers *l = *state;
	CLEANUP_STRBUF struct strbuf tar = STRBUF_INIT, shell = STRBUF_INIT;
	CLEANUP_IMAGE_TREE struct image_tree *tree = NULL;
	CLEANUP_LAYER struct layer *layer = NULL;
	struct program_identity id;
	struct image_file file;
	uint32_t number;

	add_shell(&shell, 0);
	tar_add_data(&tar, '0', "data.bin", strbuf_slice(&shell));
	tar_add_link(&tar, '1', "sh", "data.bin");
	tar_add_file(&tar, "text", "text");
	assert_int_equal(read_layer(l, strbuf_slice(&tar), &layer), 0);
	assert_int_equal(image_tree_new(&l->limits, &l->e, &tree), 0);
	assert_int_equal(image_tree_add_layer(tree, layer), 0);
	assert_int_equal(image_tree_finish(tree), 0);
	assert_int_equal(image_tree_resolve(tree, 0, slice_of("sh"), false, &number), 0);
	assert_true(image_tree_get(tree, number, &file));
	assert_true(image_tree_identity(tree, &file, &id));
	assert_string_equal(program_identity_name(&id), "dash");
	assert_int_equal(image_tree_resolve(tree, 0, slice_of("text"), false, &number), 0);
	assert_true(image_tree_get(tree, number, &file));
	assert_false(image_tree_identity(tree, &file, &id));
}

/* Thousands of names come and go: the table of names grows, and free ones are used again. */
static void many_names_are_found(void **state)
{
	struct layers *l = *state;
	CLEANUP_IMAGE_TREE struct image_tree *tree = NULL;
	CLEANUP_LAYER struct layer *layer = NULL, *none = layer_of_words(l, "-d");
	CLEANUP_STRBUF struct strbuf tar = STRBUF_INIT;
	char path[32];
	uint32_t number, count;

	for (unsigned i = 0; i < 5000; i++) {
		snprintf(path, sizeof(path), "d/%u/%u", i % 7, i);
		tar_add_file(&tar, path, "");
	}
	assert_int_equal(read_layer(l, strbuf_slice(&tar), &layer), 0);
	assert_int_equal(image_tree_new(&l->limits, &l->e, &tree), 0);
	assert_int_equal(image_tree_add_layer(tree, layer), 0);
	count = image_tree_count(tree);
	assert_int_equal(image_tree_add_layer(tree, none), 0);
	assert_int_equal(image_tree_resolve(tree, 0, slice_of("d"), true, &number), -ENOENT);
	assert_int_equal(image_tree_add_layer(tree, layer), 0);
	assert_int_equal(image_tree_count(tree), count);
	for (unsigned i = 0; i < 5000; i++) {
		snprintf(path, sizeof(path), "d/%u/%u", i % 7, i);
		assert_int_equal(image_tree_resolve(tree, 0, slice_of(path), true, &number), 0);
	}
}

static void limits_name_themselves(void **state)
{
	struct layers *l = *state;
	struct image_tree *tree = NULL;

	l->limits.layers_max = 1;
	assert_int_equal(merge(l, "a|b", &tree), -EBADMSG);
	assert_string_equal(l->e.message, "more than 1 layers, the limit layers_max");
	l->limits.members_max = 2;
	assert_int_equal(merge(l, "a/b/c", &tree), -EBADMSG);
	assert_string_equal(
		l->e.message, "more than 2 files and directories, the limit members_max");
	/* each path is short enough, but not the way through the links */
	l->limits = IMAGE_LIMITS_DEFAULT;
	l->limits.depth_max = 3;
	assert_int_equal(merge(l, "l>a/b/c l/d", &tree), -EBADMSG);
	assert_string_equal(l->e.message, "more than 3 directories deep, the limit depth_max");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		LAYERS_TEST(layers_merge_as_overlayfs_would),
		LAYERS_TEST(links_that_lead_nowhere_are_refused),
		LAYERS_TEST(paths_are_resolved_within_the_tree),
		LAYERS_TEST(link_is_resolved_from_its_directory),
		LAYERS_TEST(hard_links_have_one_number),
		LAYERS_TEST(identity_is_that_of_the_file),
		LAYERS_TEST(many_names_are_found),
		LAYERS_TEST(limits_name_themselves),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
