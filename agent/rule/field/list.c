/* SPDX-License-Identifier: Apache-2.0 */
/* The tables of fields as people and programs read them: text, Markdown, JSON. */
#include "barewatch/rule.h"

#include <stdio.h>

#include "base/json.h"
#include "rule/field/class.h"
#include "rule/field/falco.h"

#define NAME_WIDTH 42 /* the longest name has 38, and two spaces before it */
#define TYPE_WIDTH 12
#define FROM_WIDTH 16
#define TEXT_WIDTH 100
#define INDENT     6

/* More than any field has to choose from, and than there are. */
#define WORDS_MAX   16
#define CLASSES_MAX 32

static const char *type_word(const struct field *field)
{
	switch (field->type) {
	case VALUE_NUMBER:
		return "number";
	case VALUE_BOOL:
		return "true/false";
	case VALUE_ARGS:
		return "list";
	default:
		return "text";
	}
}

static const char *argument_text(const struct field *field)
{
	static const char *const texts[] = {
		[FIELD_ARGUMENT_NONE] = "",
		[FIELD_ARGUMENT_INDEX] = "[N]",
		[FIELD_ARGUMENT_KEY] = "[KEY]",
	};

	return texts[field->argument];
}

/* The kinds that rules judge, and what follows an alert. */
static const struct {
	unsigned kinds;
	const char *word;
} subjects[] = {
	{EXEC, "exec"},
	{ATTEMPT, "attempt"},
	{MAPPING, "mapping"},
	{OPEN, "open"},
	{MOVE, "move"},
	{PRESENT, "present"},
	{REPEATS, "follow-up"},
};

static void add_subjects(const struct field *field, struct strbuf *out)
{
	bool first = true;

	if ((field->kinds & EVENTS) == EVENTS) {
		strbuf_add_text(out, field->kinds & PRESENT ? "all, present" : "all");
		return;
	}
	for (size_t i = 0; i < ARRAY_SIZE(subjects); i++) {
		if (!(field->kinds & subjects[i].kinds))
			continue;
		strbuf_addf(out, "%s%s", first ? "" : ", ", subjects[i].word);
		first = false;
	}
}

/* The words that FIELD can have, with BEFORE and BEHIND around each. */
static void add_words(
	const struct field *field, const char *before, const char *behind, struct strbuf *out)
{
	for (unsigned i = 0; field->word && i < WORDS_MAX && field->word(i); i++)
		strbuf_addf(out, "%s%s%s%s", i ? ", " : "", before, field->word(i), behind);
}

/* Elements are told of with their field, which is the one with an index. */
static bool is_listed(const struct field *field, struct slice prefix)
{
	struct slice name = slice_of(field->name);

	return !field->is_element && name.len >= prefix.len &&
	       (prefix.len == 0 || memcmp(name.data, prefix.data, prefix.len) == 0);
}

/* ---- text ---- */

static void add_sentence(struct strbuf *out, const char *title, const char *text)
{
	CLEANUP_STRBUF struct strbuf line = STRBUF_INIT;

	strbuf_addf(&line, "%s%s", title, text);
	strbuf_add_char(out, '\n');
	strbuf_add_wrapped(out, strbuf_slice(&line), INDENT, TEXT_WIDTH);
}

static void list_text(const struct field *field, struct strbuf *out)
{
	CLEANUP_STRBUF struct strbuf words = STRBUF_INIT;
	size_t start = out->len;

	strbuf_addf(out, "  %s%s", field->name, argument_text(field));
	strbuf_addf(out, "%*s%-*s%-*s", (int)(NAME_WIDTH - (out->len - start)), "", TYPE_WIDTH,
		type_word(field), FROM_WIDTH, field_source_name(field->source));
	add_subjects(field, out);
	add_sentence(out, "", field->description);
	if (field->argument == FIELD_ARGUMENT_INDEX)
		add_sentence(out, "", "without [N]: any of them");
	if (field->unknown)
		add_sentence(out, "no value: ", field->unknown);
	add_words(field, "", "", &words);
	if (words.len > 0)
		add_sentence(out, "one of: ", strbuf_text(&words));
	strbuf_add_char(out, '\n');
}

/* ---- Markdown ---- */

static const char markdown_head[] =
	"# Fields\n"
	"\n"
	"What conditions compare and outputs print. `make docs` writes this file from the program's own\n"
	"tables; `barewatch fields` prints them, `barewatch fields proc` those of one class, `-o json` for\n"
	"programs.\n"
	"\n"
	"Names and meanings are Falco's where Falco has the field. `exe.*`, `attempt.*`, `mapping.*`, `move.*`\n"
	"and `file.*` are our own. *Of* are the subjects that have it: execs, attempts (execs that failed), mappings,\n"
	"opens and moves (*all* is these five), and files that are present in an image; of all others it is\n"
	"unknown.\n"
	"\n"
	"*No value* says when it has none. What is not known is no empty text: no comparison with it is true,\n"
	"and none is false. What is known not to be there, as the terminal of a process without one, is\n"
	"equal to nothing.\n"
	"\n"
	"`proc.aname[2]` is an ancestor, 1 being the parent, 0 the process itself; `proc.aname` alone is all of them, and a\n"
	"comparison with it is true when it is of one of them. Ancestors are those that the process was\n"
	"forked from, also when they have ended since. Beyond the first process there are none; of more\n"
	"than eight only the nearest are kept. `k8s.pod.label[app]` may be written `k8s.pod.label.app`.\n"
	"\n"
	"Fields that only say what others say, and long ones, are among the `output_fields` of\n"
	"an alert only when its rule's output names them: those with a +.\n";

/* Appends TEXT without what is markup in a table. */
static void add_cell(struct strbuf *out, const char *text)
{
	for (; *text; text++) {
		if (*text == '|')
			strbuf_add_text(out, "\\|");
		else if (*text == '<')
			strbuf_add_text(out, "&lt;");
		else
			strbuf_add_char(out, *text);
	}
}

static void list_markdown(const struct field *field, struct strbuf *out)
{
	strbuf_addf(out, "| `%s%s`%s | %s | ", field->name, argument_text(field),
		field->is_extra ? " +" : "", type_word(field));
	add_subjects(field, out);
	strbuf_addf(out, " | %s | ", field_source_name(field->source));
	add_cell(out, field->description);
	if (field->word) {
		strbuf_add_text(out, " (");
		add_words(field, "`", "`", out);
		strbuf_add_char(out, ')');
	}
	strbuf_add_text(out, " | ");
	add_cell(out, field->unknown ? field->unknown : "");
	strbuf_add_text(out, " |\n");
}

static void list_missing(struct strbuf *out)
{
	const char *name, *reason;

	strbuf_add_text(out,
		"\n## Falco's that are not here\n"
		"\n"
		"A rule that needs one of them is skipped, and `barewatch rules list` says why.\n"
		"\n"
		"| field | why |\n"
		"| --- | --- |\n");
	for (size_t i = 0; (name = field_falco_at(i, &reason)); i++)
		strbuf_addf(out, "| `%s%s` | %s |\n", name,
			name[strlen(name) - 1] == '.' ? "*" : "", reason);
}

/* ---- classes ---- */

static void class_begin(
	const struct field_class *class, enum rule_fields_form form, struct strbuf *out)
{
	if (form == RULE_FIELDS_MARKDOWN)
		strbuf_addf(out,
			"\n## %s\n\n%s\n\n| field | type | of | from | meaning | no value |\n"
			"| --- | --- | --- | --- | --- | --- |\n",
			class->name, class->about);
	else
		strbuf_addf(out, "%s%s: %s\n\n", out->len ? "\n" : "", class->name, class->about);
}

size_t rule_fields_list(enum rule_fields_form form, const char *prefix, struct strbuf *out)
{
	const struct field_class *class;
	size_t listed = 0;

	if (form == RULE_FIELDS_MARKDOWN && !prefix[0])
		strbuf_add_text(out, markdown_head);
	for (size_t c = 0; (class = field_class_at(c)); c++) {
		size_t before = listed;

		for (size_t i = 0; i < class->count; i++) {
			if (!is_listed(&class->fields[i], slice_of(prefix)))
				continue;
			if (listed++ == before)
				class_begin(class, form, out);
			if (form == RULE_FIELDS_MARKDOWN)
				list_markdown(&class->fields[i], out);
			else
				list_text(&class->fields[i], out);
		}
	}
	if (form == RULE_FIELDS_MARKDOWN && !prefix[0])
		list_missing(out);
	return listed;
}

/* ---- JSON ---- */

/* Takes over ITEM, which may be NULL. False when out of memory. */
static bool put(json_t *object, const char *key, json_t *item)
{
	return json_object_set_new(object, key, item) == 0;
}

static json_t *subjects_json(const struct field *field)
{
	CLEANUP_JSON json_t *list = json_array();

	for (size_t i = 0; list && i < ARRAY_SIZE(subjects); i++)
		if (field->kinds & subjects[i].kinds &&
			json_array_append_new(list, json_string(subjects[i].word)) < 0)
			return NULL;
	return TAKE_PTR(list);
}

static json_t *words_json(const struct field *field)
{
	CLEANUP_JSON json_t *list = json_array();

	for (unsigned i = 0; list && i < WORDS_MAX && field->word(i); i++)
		if (json_array_append_new(list, json_string(field->word(i))) < 0)
			return NULL;
	return TAKE_PTR(list);
}

static json_t *field_json(const struct field_class *class, const struct field *field)
{
	static const char *const arguments[] = {
		[FIELD_ARGUMENT_INDEX] = "index",
		[FIELD_ARGUMENT_KEY] = "key",
	};
	CLEANUP_JSON json_t *object = json_object();

	if (!object || !put(object, "name", json_string(field->name)) ||
		!put(object, "class", json_string(class->name)) ||
		!put(object, "type", json_string(type_word(field))) ||
		!put(object, "subjects", subjects_json(field)) ||
		!put(object, "source", json_string(field_source_name(field->source))) ||
		!put(object, "meaning", json_string(field->description)) ||
		!put(object, "in_alerts", json_boolean(!field->is_extra)))
		return NULL;
	if ((field->unknown && !put(object, "no_value", json_string(field->unknown))) ||
		(field->word && !put(object, "words", words_json(field))) ||
		(field->argument &&
			!put(object, "argument", json_string(arguments[field->argument]))))
		return NULL;
	return TAKE_PTR(object);
}

json_t *rule_fields_list_json(const char *prefix)
{
	CLEANUP_JSON json_t *list = json_array();
	const struct field_class *class;

	for (size_t c = 0; list && (class = field_class_at(c)); c++)
		for (size_t i = 0; i < class->count; i++)
			if (is_listed(&class->fields[i], slice_of(prefix)) &&
				json_array_append_new(list, field_json(class, &class->fields[i])) <
					0)
				return NULL;
	return TAKE_PTR(list);
}

void rule_fields_suggest(struct diag *d, const char *word)
{
	const char *names[CLASSES_MAX];
	size_t count = 0;

	if (strchr(word, '.')) {
		field_suggest(d, word);
		return;
	}
	for (const struct field_class *class; (class = field_class_at(count)); count++)
		names[count] = class->name;
	diag_suggest(d, word, names, count);
}
