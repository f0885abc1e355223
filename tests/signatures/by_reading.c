/* SPDX-License-Identifier: Apache-2.0 */
/*
 * by_reading CATALOG ROOT: what each program of a tree is, told by reading it and nothing else. The
 * paths, which are those below ROOT, are read from standard input. A line with tabs for each:
 * path, class, program, applet, as the agent has to tell them when it is executed with its
 * file name as the only argument.
 *
 * The rules are those of rules/README.md, written down here once more so that the agent's
 * (agent/program/classify.c) can be compared with them: the bytes of the file that runs
 * decide; names add to them when nothing in the bytes tells, when they are not all to be
 * seen, when the catalog has no signature of the program of that name, and of scripts.
 */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/below.h"
#include "base/escape.h"
#include "base/strbuf.h"
#include "program/signature.h"

#define SCRIPTS_MAX 5 /* interpreters that are scripts themselves: Linux, fs/exec.c */
#define WORDS_MAX   (2 * SCRIPTS_MAX + 1)

struct tree {
	const struct catalog *catalog;
	int fd;
	const char *path;
};

/* What an exec comes to: the file that runs, and its arguments. */
struct outcome {
	struct program_identity identity;
	char resolved[PATH_MAX]; /* below the root */
	bool is_script; /* what was invoked is one */
	char *words[WORDS_MAX]; /* the last WORDS_COUNT of them */
	unsigned words_count;
};

struct answer {
	enum program_class class;
	struct slice program, applet;
};

static void add_word(struct outcome *outcome, const char *word)
{
	char *copy = strdup(word);

	if (!copy)
		abort();
	outcome->words[WORDS_MAX - ++outcome->words_count] = copy;
}

static char *first_word(const struct outcome *outcome)
{
	return outcome->words[WORDS_MAX - outcome->words_count];
}

static void outcome_done(struct outcome *outcome)
{
	while (outcome->words_count > 0)
		free(outcome->words[WORDS_MAX - outcome->words_count--]);
}
#define CLEANUP_OUTCOME CLEANUP(outcome_done)

/* ---- what would run ---- */

/* Reads the file PATH, and where it is with all links followed. */
static int read_file(const struct tree *tree, const char *path, struct outcome *ret)
{
	static struct program_buffer buffer;
	CLEANUP_FD int found = below_open(tree->fd, path, true), fd = -1;
	char name[64], place[PATH_MAX];
	struct stat st;
	ssize_t len;

	if (found < 0)
		return found;
	fd = below_reopen(found, &st);
	if (fd < 0)
		return fd;
	snprintf(name, sizeof(name), "/proc/self/fd/%d", fd);
	len = readlink(name, place, sizeof(place) - 1);
	if (len < (ssize_t)strlen(tree->path))
		return -EINVAL;
	place[len] = '\0';
	memcpy(ret->resolved, place + strlen(tree->path), len + 1 - strlen(tree->path));
	return program_identify(tree->catalog, fd, UINT64_MAX, &buffer, &ret->identity);
}

/* As the kernel does: a script becomes its interpreter's argument, by its path. */
static int follow(const struct tree *tree, const char *path, struct outcome *ret)
{
	const struct program_identity *identity = &ret->identity;
	char interpreter[PROGRAM_LINE_MAX];
	int r = read_file(tree, path, ret);

	add_word(ret, strrchr(path, '/') + 1);
	for (int i = 0; r == 0 && identity->is_script; i++) {
		if (i == SCRIPTS_MAX)
			return -ELOOP;
		ret->is_script = true;
		free(first_word(ret));
		ret->words_count--;
		add_word(ret, i == 0 ? path : interpreter);
		if (identity->argument[0])
			add_word(ret, identity->argument);
		memcpy(interpreter, identity->interpreter, sizeof(interpreter));
		add_word(ret, interpreter);
		r = read_file(tree, interpreter, ret);
	}
	return r;
}

/* ---- the rules ---- */

static bool is_own_name(const struct catalog_entry *entry, struct slice word)
{
	size_t len = strlen(entry->name);

	return word.len >= len && memcmp(word.data, entry->name, len) == 0;
}

/* The name that a multi-call binary is called by, or the first word after its own. */
static struct slice applet_of(const struct catalog_entry *entry, const struct outcome *outcome)
{
	for (unsigned i = outcome->words_count; i > 0; i--) {
		struct slice word = slice_basename(slice_of(outcome->words[WORDS_MAX - i]));

		if (!is_own_name(entry, word))
			return word;
	}
	return (struct slice){0};
}

static struct answer answer_of(const struct catalog_entry *entry, const struct outcome *outcome)
{
	struct answer answer = {.class = entry->class, .program = slice_of(entry->name)};

	if (entry->class == PROGRAM_MULTICALL) {
		answer.applet = applet_of(entry, outcome);
		answer.class = catalog_applet_class(entry, answer.applet);
	}
	return answer;
}

static struct answer by_bytes(const struct tree *tree, const struct outcome *outcome)
{
	const char *name = program_identity_name(&outcome->identity);
	const struct catalog_entry *entry = catalog_find_entry(tree->catalog, name);

	if (!outcome->identity.signature)
		return (struct answer){.class = PROGRAM_OTHER,
			.program = slice_basename(slice_of(outcome->resolved))};
	if (entry)
		return answer_of(entry, outcome);
	return (struct answer){.class = outcome->identity.class, .program = slice_of(name)};
}

/* What the catalog says of NAME, unless a signature of it would have to fit and does not. */
static const struct catalog_entry *by_name(
	const struct tree *tree, const char *name, const struct program_identity *read)
{
	const struct catalog_entry *entry = catalog_find(tree->catalog, slice_of(name));
	bool tells_all = read && read->is_elf && read->is_whole && !read->is_packed;

	return entry && entry->has_signature && tells_all ? NULL : entry;
}

static struct answer judge(const struct tree *tree, const char *path, const struct outcome *outcome)
{
	struct answer bytes = by_bytes(tree, outcome), name;
	const struct catalog_entry *entry = by_name(tree, outcome->resolved, &outcome->identity);

	if (!entry)
		entry = by_name(tree, path, outcome->is_script ? NULL : &outcome->identity);
	if (!entry)
		return bytes;
	name = answer_of(entry, outcome);
	if (!outcome->identity.signature)
		return name;
	if (name.class == PROGRAM_OTHER)
		return bytes;
	/* after PROGRAM_OTHER, the gravest come first */
	return bytes.class == PROGRAM_OTHER || name.class < bytes.class ? name : bytes;
}

/* ---- all of them ---- */

static void add_text(struct strbuf *line, struct slice text)
{
	strbuf_add_char(line, '\t');
	escape_text(line, text.len > 0 ? text : slice_of("-"));
}

static void tell(const struct tree *tree, const char *path)
{
	CLEANUP_STRBUF struct strbuf line = STRBUF_INIT;
	CLEANUP_OUTCOME struct outcome outcome = {0};
	int r = follow(tree, path, &outcome);
	struct answer answer;

	if (r < 0) {
		printf("%s\t%s\n", path, strerrorname_np(-r));
		return;
	}
	answer = judge(tree, path, &outcome);
	escape_text(&line, slice_of(path));
	add_text(&line, slice_of(program_class_name(answer.class)));
	add_text(&line, answer.program);
	add_text(&line, answer.applet);
	puts(strbuf_text(&line));
}

static void tell_listed(const struct tree *tree)
{
	CLEANUP_FREE char *line = NULL;
	size_t capacity = 0;

	while (getline(&line, &capacity, stdin) > 0) {
		line[strcspn(line, "\n")] = '\0';
		if (line[0] == '/')
			tell(tree, line);
	}
}

int main(int argc, char **argv)
{
	CLEANUP_FREE char *root = argc == 3 ? realpath(argv[2], NULL) : NULL;
	CLEANUP_FD int fd = root ? open(root, O_PATH | O_DIRECTORY | O_CLOEXEC) : -1;
	struct catalog *catalog = NULL;
	struct diag d = {0};

	if (fd < 0) {
		fputs("usage: by_reading CATALOG ROOT <PATHS\n", stderr);
		return 2;
	}
	if (catalog_load_file(argv[1], &catalog, &d) < 0) {
		fprintf(stderr, "%s:%u:%u: %s\n", d.file, d.line, d.column, d.message);
		return 2;
	}
	tell_listed(&(struct tree){.catalog = catalog, .fd = fd, .path = root[1] ? root : ""});
	catalog_free(catalog);
	return 0;
}
