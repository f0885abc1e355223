/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The forms of files.h. The agent tells of each use by each program; here they become files: those
 * that one path has.
 */
#include "files.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "barewatch/control.h"
#include "barewatch/profile.h"
#include "base/cleanup.h"
#include "base/escape.h"
#include "base/json.h"
#include "base/timestamp.h"

#define TIME_SECONDS 19 /* what of a timestamp is before the fraction */

/* What one program, or all of them, did with a file. Texts are borrowed from `json`. */
struct use {
	json_t *json; /* NULL of a sum */
	const char *path, *program;
	enum program_origin origin;
	uint32_t use;
	uint64_t count, first_ns, last_ns;
};

/* Those of one path, which follow one another in the list. */
struct file {
	struct use sum;
	const struct use *uses;
	size_t count;
};

struct listing {
	struct use *uses;
	size_t count;
	struct file *files;
	size_t file_count;
	json_t *container; /* the last line of the answer */
};

static void listing_done(struct listing *l)
{
	for (size_t i = 0; i < l->count; i++)
		json_decref(l->uses[i].json);
	free(l->uses);
	free(l->files);
	json_decref(l->container);
}

/* ---- reading ---- */

static bool get_number(const json_t *object, const char *key, uint64_t *ret)
{
	const json_t *value = json_object_get(object, key);

	if (!json_is_integer(value) || json_integer_value(value) < 0)
		return false;
	*ret = json_integer_value(value);
	return true;
}

static bool get_origin(const json_t *object, enum program_origin *ret)
{
	const char *word = json_string_value(json_object_get(object, "origin"));

	for (int i = 0; word && i < PROGRAM_ORIGINS; i++) {
		if (strcmp(program_origin_name(i), word) != 0)
			continue;
		*ret = i;
		return true;
	}
	return false;
}

static uint32_t get_uses(const json_t *object)
{
	const json_t *words = json_object_get(object, "use");
	uint32_t use = 0;

	for (size_t i = 0; i < json_array_size(words); i++) {
		const char *word = json_string_value(json_array_get(words, i));

		use |= word ? profile_use_parse(word) : 0;
	}
	return use;
}

static bool parse_use(json_t *json, struct use *ret)
{
	*ret = (struct use){
		.json = json,
		.path = json_string_value(json_object_get(json, "path")),
		.program = json_string_value(json_object_get(json, "program")),
		.use = get_uses(json),
	};
	return ret->path && ret->program && get_origin(json, &ret->origin) &&
	       get_number(json, "count", &ret->count) &&
	       get_number(json, "first_ns", &ret->first_ns) &&
	       get_number(json, "last_ns", &ret->last_ns);
}

/* One that was opened for neither reading nor writing (an access mode of 3) was opened, too. */
static bool is_chosen(const struct use *use, const struct files_choice *choice)
{
	uint32_t done = use->use ?: BW_OPEN_READ;

	return (!choice->uses || done & choice->uses) &&
	       (!choice->origins || choice->origins & 1u << use->origin);
}

/* Takes JSON, a line of the answer, over. 0 or -EBADMSG. */
static int add_line(struct listing *l, json_t *json, const struct files_choice *choice)
{
	struct use use;

	if (json_object_get(json, "container")) {
		json_decref(l->container);
		l->container = json;
		return 0;
	}
	if (!parse_use(json, &use)) {
		json_decref(json);
		return -EBADMSG;
	}
	if (is_chosen(&use, choice))
		l->uses[l->count++] = use;
	else
		json_decref(json);
	return 0;
}

static size_t count_lines(struct slice text)
{
	size_t count = 0;

	for (size_t i = 0; i < text.len; i++)
		count += text.data[i] == '\n';
	return count;
}

static int read_answer(struct slice answer, const struct files_choice *choice, struct listing *l)
{
	json_t *json;
	int r = 0;

	l->uses = calloc(count_lines(answer) + 1, sizeof(*l->uses));
	if (!l->uses)
		return -ENOMEM;
	while (r == 0 && control_next(&answer, &json))
		r = add_line(l, json, choice);
	return r == 0 && (answer.len > 0 || !l->container) ? -EBADMSG : r;
}

/* ---- files ---- */

static int compare_numbers(uint64_t a, uint64_t b)
{
	return (a > b) - (a < b);
}

/* By path, then the program that used it most. */
static int compare_uses(const void *a, const void *b)
{
	const struct use *x = a, *y = b;
	int order = strcmp(x->path, y->path);

	if (order == 0)
		order = compare_numbers(y->count, x->count);
	return order ?: strcmp(x->program, y->program);
}

static int compare_paths(const void *a, const void *b)
{
	const struct file *x = a, *y = b;

	return strcmp(x->sum.path, y->sum.path);
}

static int compare_counts(const void *a, const void *b)
{
	const struct file *x = a, *y = b;

	return compare_numbers(y->sum.count, x->sum.count) ?: compare_paths(a, b);
}

static int compare_last(const void *a, const void *b)
{
	const struct file *x = a, *y = b;

	return compare_numbers(y->sum.last_ns, x->sum.last_ns) ?: compare_paths(a, b);
}

static void add_use(struct file *file, const struct use *use)
{
	struct use *sum = &file->sum;

	if (file->count++ == 0) {
		file->uses = use;
		*sum = *use;
		sum->json = NULL;
		return;
	}
	sum->use |= use->use;
	sum->count += use->count;
	if (sum->origin == PROGRAM_ORIGIN_UNKNOWN)
		sum->origin = use->origin;
	if (use->first_ns < sum->first_ns)
		sum->first_ns = use->first_ns;
	if (use->last_ns > sum->last_ns)
		sum->last_ns = use->last_ns;
}

static int make_files(struct listing *l, enum files_order order)
{
	static int (*const compare[])(const void *, const void *) = {
		[FILES_BY_PATH] = compare_paths,
		[FILES_BY_COUNT] = compare_counts,
		[FILES_BY_LAST] = compare_last,
	};

	l->files = calloc(l->count + 1, sizeof(*l->files));
	if (!l->files)
		return -ENOMEM;
	qsort(l->uses, l->count, sizeof(*l->uses), compare_uses);
	for (size_t i = 0; i < l->count; i++) {
		if (i == 0 || strcmp(l->uses[i].path, l->uses[i - 1].path) != 0)
			l->file_count++;
		add_use(&l->files[l->file_count - 1], &l->uses[i]);
	}
	qsort(l->files, l->file_count, sizeof(*l->files), compare[order]);
	return 0;
}

/* ---- text ---- */

/* Read, written, truncated, created, made executable, executed. */
static void put_letters(struct strbuf *out, uint32_t use)
{
	static const char letters[] = "rwtcm";
	char text[] = "------";

	for (size_t i = 0; i < sizeof(letters) - 1; i++)
		if (use & 1u << i)
			text[i] = letters[i];
	if (use & PROFILE_EXECUTED)
		text[sizeof(text) - 2] = 'x';
	strbuf_add_text(out, text);
}

static void put_time(struct strbuf *out, uint64_t time_ns)
{
	char text[TIMESTAMP_SIZE];

	timestamp_format(time_ns, text);
	strbuf_addf(out, "%.*sZ  ", TIME_SECONDS, text);
}

static void print_use(const struct use *use, bool wide, const char *others)
{
	CLEANUP_STRBUF struct strbuf out = STRBUF_INIT, path = STRBUF_INIT;

	put_letters(&out, use->use);
	strbuf_addf(&out, "  %7" PRIu64 "  %-7s  ", use->count, program_origin_name(use->origin));
	if (wide)
		put_time(&out, use->first_ns);
	put_time(&out, use->last_ns);
	escape_text(&path, slice_of(use->path));
	strbuf_addf(&out, "%-40s  ", strbuf_text(&path));
	escape_text(&out, slice_of(use->program[0] ? use->program : "-"));
	printf("%s%s\n", strbuf_text(&out), others);
}

static void print_title(bool wide)
{
	printf("%-6s  %7s  %-7s  ", "USE", "COUNT", "ORIGIN");
	if (wide)
		printf("%-*s  ", TIME_SECONDS + 1, "FIRST");
	printf("%-*s  %-40s  %s\n", TIME_SECONDS + 1, "LAST", "PATH",
		wide ? "PROGRAM" : "PROGRAMS");
}

/* How many programs there are besides the one that is named. */
static size_t count_others(const struct file *file)
{
	size_t others = 0;

	for (size_t i = 1; i < file->count; i++) {
		size_t k = 0;

		while (k < i && strcmp(file->uses[k].program, file->uses[i].program) != 0)
			k++;
		others += k == i;
	}
	return others;
}

static void print_file(const struct file *file)
{
	size_t count = count_others(file);
	char others[32] = "";

	if (count > 0)
		snprintf(others, sizeof(others), ", and %zu more", count);
	print_use(&file->sum, false, others);
}

static uint64_t omitted(const struct listing *l)
{
	uint64_t count = 0;

	(void)get_number(l->container, "omitted", &count);
	return count;
}

static int print_text(const struct listing *l, bool wide)
{
	print_title(wide);
	for (size_t i = 0; i < l->file_count; i++) {
		const struct file *file = &l->files[i];

		if (!wide)
			print_file(file);
		for (size_t k = 0; wide && k < file->count; k++)
			print_use(&file->uses[k], true, "");
	}
	if (omitted(l) > 0)
		printf("Not complete: %" PRIu64 " more uses of files found no room.\n", omitted(l));
	if (!json_is_true(json_object_get(l->container, "opens")))
		printf("Only what was executed: nothing asks for opened files (watch --opens on).\n");
	return 0;
}

/* ---- JSON ---- */

static json_t *words_json(uint32_t use)
{
	const char *words[PROFILE_USES_MAX];
	size_t count = profile_use_words(use, words);
	json_t *list = json_array();

	for (size_t i = 0; i < count; i++)
		json_array_append_new(list, json_string(words[i]));
	return list;
}

static json_t *use_json(const struct use *use, const char *key, const char *text)
{
	char first[TIMESTAMP_SIZE], last[TIMESTAMP_SIZE];

	timestamp_format(use->first_ns, first);
	timestamp_format(use->last_ns, last);
	return json_pack("{s:s, s:o, s:I, s:s, s:s}", key, text, "use", words_json(use->use),
		"count", (json_int_t)use->count, "first", first, "last", last);
}

static json_t *file_json(const struct file *file)
{
	json_t *json = use_json(&file->sum, "path", file->sum.path);
	json_t *programs = json_array();

	for (size_t i = 0; i < file->count; i++)
		json_array_append_new(
			programs, use_json(&file->uses[i], "program", file->uses[i].program));
	json_object_set_new(json, "origin", json_string(program_origin_name(file->sum.origin)));
	json_object_set_new(json, "programs", programs);
	return json;
}

static int print_json(struct listing *l)
{
	json_t *files = json_array();
	int r;

	for (size_t i = 0; i < l->file_count; i++)
		json_array_append_new(files, file_json(&l->files[i]));
	json_object_set_new(l->container, "version", json_integer(1));
	json_object_set_new(l->container, "complete", json_boolean(omitted(l) == 0));
	r = json_object_set_new(l->container, "files", files);
	if (r == 0)
		r = json_dumpf(l->container, stdout, JSON_INDENT(2) | JSON_ENSURE_ASCII);
	putchar('\n');
	return r < 0 ? -ENOMEM : 0;
}

int files_print(struct slice answer, const struct files_choice *choice, enum files_format format)
{
	CLEANUP(listing_done) struct listing l = {0};
	int r = read_answer(answer, choice, &l);

	if (r == 0)
		r = make_files(&l, choice->order);
	if (r < 0)
		return r;
	return format == FILES_JSON ? print_json(&l) : print_text(&l, format == FILES_WIDE);
}
