/* SPDX-License-Identifier: Apache-2.0 */
/* See start.h. Commands are found as engines and runc do: by PATH of the image's configuration. */
#include "verify/start.h"

#include <errno.h>
#include <sys/stat.h>

#include "verify/records.h"

#define SCRIPTS_MAX 5 /* interpreters that are scripts themselves: Linux, fs/exec.c */

const char *start_kind_name(enum start_kind kind)
{
	static const char *const names[START_KINDS] = {
		[START_ENTRYPOINT] = "entrypoint",
		[START_COMMAND] = "cmd",
		[START_HEALTHCHECK] = "healthcheck",
	};

	return names[kind];
}

void start_done(struct start *start)
{
	strbuf_done(&start->path);
	strbuf_done(&start->missing);
}

static void add_word(struct start *start, const char *word)
{
	if (start->count < ARRAY_SIZE(start->words))
		start->words[start->count++] = word;
	else
		start->left_out++;
}

static void add_words(struct start *start, const struct image_words *words, size_t from)
{
	for (size_t i = from; i < words->count; i++)
		add_word(start, words->items[i]);
}

/* The words that make a text a command: SHELL of the build file, else what builders take. */
static void add_shell(struct start *start, const struct image_config *config)
{
	if (config->shell.count > 0) {
		add_words(start, &config->shell, 0);
		return;
	}
	add_word(start, "/bin/sh");
	add_word(start, "-c");
}

/* ---- the file ---- */

/* Directory number of the working directory; the top when it is not there, as engines make it. */
static uint32_t working_directory(const struct survey *survey, const struct image_config *config)
{
	uint32_t number;

	if (config->directory[0] && image_tree_resolve(survey->tree, IMAGE_TREE_TOP,
					    slice_of(config->directory), true, &number) == 0)
		return number;
	return IMAGE_TREE_TOP;
}

static bool find_in_path(const struct survey *survey, struct slice name, uint32_t *ret)
{
	struct slice rest = survey->path_variable;

	while (rest.len > 0) {
		const char *colon = memchr(rest.data, ':', rest.len);
		struct slice directory = {
			rest.data, colon ? (size_t)(colon - rest.data) : rest.len};
		uint32_t number;

		rest = slice_value(rest, directory.len + (colon != NULL));
		if (directory.len > 0 &&
			image_tree_resolve(
				survey->tree, IMAGE_TREE_TOP, directory, true, &number) == 0 &&
			image_tree_resolve(survey->tree, number, name, true, ret) == 0)
			return true;
	}
	return false;
}

static bool find_command(const struct survey *survey, const struct image_config *config,
	struct slice name, uint32_t *ret)
{
	if (name.len == 0)
		return false;
	if (!memchr(name.data, '/', name.len))
		return find_in_path(survey, name, ret);
	return image_tree_resolve(
		       survey->tree, working_directory(survey, config), name, true, ret) == 0;
}

static void set_obstacle(struct start *start, const char *obstacle, struct slice missing)
{
	start->obstacle = obstacle;
	strbuf_reset(&start->missing);
	strbuf_add_slice(&start->missing, missing);
}

/* Whether what reads or loads FILE is there, and what reads that. */
static void check_interpreter(
	const struct survey *survey, struct start *start, struct image_file file)
{
	struct program_identity id;
	bool is_program = image_tree_identity(survey->tree, &file, &id);

	for (int i = 0; is_program && id.interpreter[0]; i++) {
		struct slice interpreter = slice_of(id.interpreter);

		if (i == SCRIPTS_MAX) {
			set_obstacle(start, "too many scripts read each other", interpreter);
			return;
		}
		if (!tree_find(survey->tree, interpreter, &file) || file.type != IMAGE_FILE) {
			set_obstacle(start,
				id.is_script ? "what reads the script is not in the image"
					     : "its loader is not in the image",
				interpreter);
			return;
		}
		if (!id.is_script)
			return;
		is_program = image_tree_identity(survey->tree, &file, &id);
	}
}

static void check(const struct survey *survey, const struct image_config *config, struct start *s)
{
	struct slice name = slice_of(s->count ? s->words[0] : "");
	struct image_file file;
	uint64_t key;
	uint32_t number;

	if (!find_command(survey, config, name, &number) ||
		!image_tree_get(survey->tree, number, &file)) {
		set_obstacle(s,
			s->is_shell_form ? "the shell is not in the image"
					 : "the program is not in the image",
			name);
		return;
	}
	image_tree_path(survey->tree, number, &s->path);
	key = file_key(&file);
	HASH_FIND(hh, survey->items, &key, sizeof(key), s->item);
	if (file.type != IMAGE_FILE)
		set_obstacle(s, "it is no file", name);
	else if (!(file.mode & (S_IXUSR | S_IXGRP | S_IXOTH)))
		set_obstacle(s, "it is not executable", name);
	else
		check_interpreter(survey, s, file);
}

/* ---- the configuration ---- */

/* True when the words of S begin with those of SHELL: what builders make of the shell form. */
static bool begins_with_shell(const struct start *s, const struct image_config *config)
{
	struct start shell = {0};

	add_shell(&shell, config);
	for (size_t i = 0; i < shell.count; i++)
		if (i >= s->count || strcmp(s->words[i], shell.words[i]) != 0)
			return false;
	return s->count > shell.count;
}

static bool add_main(const struct image_config *config, struct start *s)
{
	*s = (struct start){.kind = config->entrypoint.count ? START_ENTRYPOINT : START_COMMAND};
	add_words(s, &config->entrypoint, 0);
	add_words(s, &config->command, 0);
	s->is_shell_form = begins_with_shell(s, config);
	return s->count > 0;
}

/* {"CMD", word...}, {"CMD-SHELL", text}, {"NONE"} (Docker Engine API, HealthConfig.Test). */
static bool add_healthcheck(const struct image_config *config, struct start *s)
{
	const struct image_words *test = &config->healthcheck;

	*s = (struct start){.kind = START_HEALTHCHECK};
	if (test->count < 2)
		return false;
	s->is_shell_form = strcmp(test->items[0], "CMD-SHELL") == 0;
	if (!s->is_shell_form && strcmp(test->items[0], "CMD") != 0)
		return false;
	if (s->is_shell_form)
		add_shell(s, config);
	add_words(s, test, 1);
	s->is_shell_form |= begins_with_shell(s, config);
	return true;
}

size_t starts_find(const struct survey *survey, const struct image_config *config,
	struct start ret[STARTS_MAX])
{
	size_t count = 0;

	if (add_main(config, &ret[count]))
		check(survey, config, &ret[count++]);
	if (add_healthcheck(config, &ret[count]))
		check(survey, config, &ret[count++]);
	return count;
}

/* ---- the user ---- */

/* TEXT as a number. */
static bool number_of(struct slice text, uint32_t *ret)
{
	uint64_t number = 0;

	if (text.len == 0 || text.len > 10)
		return false;
	for (size_t i = 0; i < text.len; i++) {
		if (text.data[i] < '0' || text.data[i] > '9')
			return false;
		number = 10 * number + (text.data[i] - '0');
	}
	*ret = number;
	return number <= UINT32_MAX;
}

/* Takes what is before the next ':' off REST. */
static struct slice part_next(struct slice *rest)
{
	const char *colon = rest->len ? memchr(rest->data, ':', rest->len) : NULL;
	struct slice part = {rest->data, colon ? (size_t)(colon - rest->data) : rest->len};

	*rest = slice_value(*rest, part.len + (colon != NULL));
	return part;
}

/* The number of the user NAME by the file /etc/passwd (passwd(5)). */
static bool look_up(const struct survey *survey, struct slice name, uint32_t *ret)
{
	struct slice rest, line;
	struct image_file file;

	if (!tree_find(survey->tree, slice_of("/etc/passwd"), &file))
		return false;
	rest = file.kept;
	while (line_next(&rest, &line)) {
		if (!slice_equal(part_next(&line), name))
			continue;
		part_next(&line);
		return number_of(part_next(&line), ret);
	}
	return false;
}

struct account account_find(const struct survey *survey, const struct image_config *config)
{
	struct slice rest = slice_of(config->user), user = part_next(&rest);
	struct account account = {.is_known = true};

	if (user.len > 0 && !look_up(survey, user, &account.uid) &&
		!number_of(user, &account.uid)) {
		account.is_known = slice_equal_text(user, "root");
		account.uid = 0;
	}
	account.is_root = account.is_known && account.uid == 0;
	return account;
}
