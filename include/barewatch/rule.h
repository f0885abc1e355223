/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The rule module: conditions over subjects, written in the form that Falco's
 * users know. Parsing reports where and what; matching is pure and allocates
 * nothing. The language is described in rules/README.md.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include <jansson.h>

#include "barewatch/container.h"
#include "barewatch/decode.h"
#include "barewatch/origin.h"
#include "barewatch/present.h"
#include "barewatch/program.h"
#include "base/diags.h"
#include "base/slice.h"
#include "base/strbuf.h"
#include "base/yaml.h"

enum subject_kind {
	SUBJECT_EXEC,
	SUBJECT_ATTEMPT,
	SUBJECT_MAPPING, /* a file was mapped executable */
	SUBJECT_MOVE, /* a process left its container's cgroup */
	SUBJECT_OPEN, /* a file was opened, or was to be: struct event_open */
	SUBJECT_PRESENT, /* an image has a file: no event, see struct present */
	SUBJECT_CONTAINER, /* what is known of a container by now: no event, judged by no rule */
	SUBJECT_PROGRAM, /* what is known by now of the program of an exec: judged by no rule */
	SUBJECT_REPEATS, /* how often an attempt was repeated: no event, judged by no rule */
	SUBJECT_KINDS,
};

/* A process that the subject's comes from, or belongs to. */
struct relative {
	uint32_t pid; /* as the host counts */
	uint32_t ns_pid; /* of leaders: as the subject's own pid namespace counts */
	struct slice name, exepath; /* empty when not known */
	struct event_text args; /* its argv, as BW_EXEC_ARGS; unreadable when not known */
};

struct lineage {
	struct relative relatives[BW_LINEAGE_MAX]; /* at enum bw_lineage_place */
	size_t ancestors; /* how many, from BW_LINEAGE_ANCESTORS on */
};

/* One thing to be judged. Everything is borrowed. */
struct subject {
	enum subject_kind kind;
	const struct event *event; /* NULL for a container, and for what is present */
	const struct present *present; /* of SUBJECT_PRESENT */
	uint64_t wall_ns; /* when it happened, in nanoseconds since 1970; 0 when not known */
	const char *hostname; /* of the host that it happened on; NULL when not known */
	const struct container *container; /* NULL when it is in none */
	struct program program;
	const struct executable *executable; /* of an exec; NULL while its file was not looked at */
	enum container_entry entry; /* how its process came into the container */
	const struct lineage *lineage; /* of its process; NULL when not known */
	/* its process, as it was last seen to execute; not of execs. NULL when not known */
	const struct relative *process;
	uint64_t repeats; /* of SUBJECT_REPEATS */
	const struct recorded
		*recorded; /* where all values come from, unless NULL; no event then */
};

/* Falco's scale, most urgent first. */
enum rule_priority {
	RULE_EMERGENCY,
	RULE_ALERT,
	RULE_CRITICAL,
	RULE_ERROR,
	RULE_WARNING,
	RULE_NOTICE,
	RULE_INFORMATIONAL,
	RULE_DEBUG,
	RULE_PRIORITIES,
};

/* "Emergency"..."Debug", as Falco writes them in its output. */
const char *rule_priority_name(enum rule_priority priority);

enum rule_state {
	RULE_ACTIVE,
	RULE_DISABLED, /* by `enabled: false` */
	RULE_SKIPPED, /* it is about something that we do not see */
	RULE_STATES,
};

/* "active", "disabled", "skipped". */
const char *rule_state_name(enum rule_state state);

struct rule {
	const char *name;
	const char *file; /* of the item that defines it, and its line */
	unsigned line;
	const char *description;
	const char *condition_text; /* as written, with what was appended, without exceptions */
	enum rule_priority priority;
	char **tags; /* ends in NULL */
	bool enabled;
	enum rule_state state;
	char *reason; /* why it is skipped: "needs evt.type connect"; else NULL */
	struct rule_condition *condition;
	struct rule_output *output;
};

struct rule_set;

int rule_set_new(struct rule_set **ret);
void rule_set_free(struct rule_set *set);

/*
 * Adds the rules, macros and lists of files or a text to SET. Names may be used before
 * they are defined. What a later file defines again takes the place of the earlier
 * definition, also where earlier files use it; so all rules are made anew, and rules
 * of SET that somebody points to are gone. What is found out is added to DIAGS in the
 * order of the files. 0, also with warnings; or a negative errno with at least one error in
 * DIAGS, and SET is then as it was.
 */
int rule_set_add_text(
	struct rule_set *set, const char *name, struct slice text, struct diags *diags);

/* A path is a file or a folder, whose *.yaml, *.yml and *.json are added in byte order. */
int rule_set_add_paths(
	struct rule_set *set, const char *const *paths, size_t count, struct diags *diags);
int rule_set_add_file(struct rule_set *set, const char *path, struct diags *diags);

/* Rule INDEX in the order of definition, whatever its state; NULL behind the last. */
const struct rule *rule_set_at(const struct rule_set *set, size_t index);

struct rule_counts {
	size_t active, disabled, skipped;
};

/* How many rules SET has in each state. */
struct rule_counts rule_set_counts(const struct rule_set *set);

/*
 * Reads files and folders as rule_set_add_paths() does into a set that is not kept.
 * Returns its error, with what is wrong said in DIAGS. Else 0, with the counts in *RET_COUNTS;
 * the rules that are skipped, each with its reason, are notes of DIAGS.
 */
int rules_check(const char *const *paths, size_t count, struct diags *diags,
	struct rule_counts *ret_counts);

/* Each gets what the other has been; rules of either are then the other's. */
void rule_set_swap(struct rule_set *a, struct rule_set *b);

struct rule_changes {
	size_t added, removed, changed;
};

/* How many rules AFTER has that BEFORE has not, and so on, told by their names. 0 or -ENOMEM. */
int rule_sets_compare(
	const struct rule_set *before, const struct rule_set *after, struct rule_changes *ret);

/* Number of rules that are active, and of all. */
size_t rule_set_count(const struct rule_set *set, size_t *ret_all);

/*
 * The next active rule of SET that SUBJECT matches, in the order of definition,
 * or NULL. *CURSOR starts at 0 and is moved on. Kinds that are judged by no rule match none.
 */
const struct rule *rule_set_match(
	const struct rule_set *set, const struct subject *subject, size_t *cursor);

/* What rules have to say of opens of one kind (struct bw_open_kind). */
enum rule_outlook {
	RULE_OUTLOOK_SILENT, /* nothing, of any of them */
	RULE_OUTLOOK_SAME, /* the same of each */
	RULE_OUTLOOK_DEPENDS, /* on the process, on the call, or on what is not known yet */
};

/*
 * What SET has to say of all opens of the kind of SUBJECT, which is one: told by the file, what it is opened
 * for and its container. Of SUBJECT only these are read, not its lineage. Pure; allocates nothing.
 */
enum rule_outlook rule_set_outlook(const struct rule_set *set, const struct subject *subject);

/* Mask of 1 << enum subject_kind: of which subjects some active rule of SET can be true. */
unsigned rule_set_subjects(const struct rule_set *set);

/*
 * Mask of 1 << enum bw_open_text: which texts about the process, of those that the records of opens can do
 * without, the active rules of SET and their outputs are about.
 */
unsigned rule_set_open_texts(const struct rule_set *set);

/* Whether the active rules of SET or their outputs, of any events, are about capabilities. */
bool rule_set_needs_capabilities(const struct rule_set *set);

/* Same of all fields that rule_fields_json() has unasked; WITH_EXTRA of all that there are. */
unsigned rule_fields_open_texts(bool with_extra);

/* The rule called NAME, enabled or not; NULL when there is none. */
const struct rule *rule_set_find(const struct rule_set *set, const char *name);

/*
 * A copy of what follow-ups tell of RULE, its name, priority and tags, that needs no rule set; for
 * free(). NULL when RULE is, or when out of memory.
 */
struct rule *rule_keep(const struct rule *rule);

/* Adds the rule whose name is nearest to WORD to the message in D. */
void rule_set_suggest(const struct rule_set *set, struct diag *d, const char *word);

/* What is known of RULE without any subject: mask of 1 << enum subject_kind, of which it may fire. */
unsigned rule_subjects(const struct rule *rule);

/*
 * Mask of 1 << enum subject_kind: of which subjects in containers that are not bare some active rule
 * of SET can be true.
 */
unsigned rule_set_subjects_not_bare(const struct rule_set *set);

/*
 * How many active rules can be true only in containers that are not bare. *RET_FIRST is the first
 * of them, if there is any.
 */
size_t rule_set_count_not_bare(const struct rule_set *set, const struct rule **ret_first);

/* "exec", "attempt", "mapping", "open", "move", "present"; NULL for a kind that rules do not judge. */
const char *subject_kind_text(enum subject_kind kind);

/*
 * Appends the condition of RULE, which is of SET, with all macros and lists put in: a condition again,
 * that is true of the same subjects. Lines have at most WIDTH bytes where words allow it, and each
 * begins with INDENT spaces.
 */
void rule_condition_expand(const struct rule_set *set, const struct rule *rule, unsigned indent,
	unsigned width, struct strbuf *out);

/* Appends RULE's output for SUBJECT, escaped for one line; unknown values are "<NA>". */
void rule_output_format(const struct rule *rule, const struct subject *subject, struct strbuf *out);

/*
 * Appends the value that SUBJECT has for the field called NAME, a text or a number: as it is, whatever
 * bytes are in it. Nothing when it is unknown or none.
 */
void rule_field_text(const struct subject *subject, const char *name, struct strbuf *out);

/*
 * The known fields of SUBJECT by name, for JSON output: strings, numbers, booleans and for
 * proc.argv a list of strings. All but those that repeat others, which are there when the output
 * of RULE names them; RULE may be NULL. Text that is not valid UTF-8 is escaped (escape_text) and its
 * field's name is listed under "evt.escaped". NULL when out of memory; the caller's to free.
 */
json_t *rule_fields_json(const struct rule *rule, const struct subject *subject);

enum rule_fields_form {
	RULE_FIELDS_TEXT, /* for a terminal: by class, at most 100 columns */
	RULE_FIELDS_MARKDOWN,
};

/*
 * Appends the fields whose names begin with PREFIX, "" for all, and returns how many there are.
 * Markdown of all is what docs/fields.md has.
 */
size_t rule_fields_list(enum rule_fields_form form, const char *prefix, struct strbuf *out);

/*
 * The same as a list of objects: "name", "class", "type", "subjects", "source", "meaning",
 * "in_alerts"; "no_value", "words" and "argument" ("index" or "key") where there are any. NULL
 * when out of memory; the caller's to free.
 */
json_t *rule_fields_list_json(const char *prefix);

/* Adds the field, or class of fields, nearest to WORD to the message in D. */
void rule_fields_suggest(struct diag *d, const char *word);
/*
 * The same with null for what is known not to be there, which alerts leave out: all that
 * recorded_new() needs to have every value again, byte for byte.
 */
json_t *rule_fields_record(const struct subject *subject);

/* Where an object of fields was written, so that messages can name places in it. */
struct fields_source {
	const struct yaml_document
		*document; /* that the object is of; NULL: of TEXT, which is JSON */
	const char *name; /* of the file */
	struct slice text;
	unsigned line; /* of the file, in which TEXT begins */
};

/*
 * The values of a subject by name, {"FIELD": value, ...}, in the form of rule_fields_json() and
 * rule_fields_record(): a field that is not there is unknown, null is none. Numbers and booleans may
 * be texts, too, as all are in YAML.
 */
struct recorded;

/*
 * Reads FIELDS, of a subject of KIND, or, when that is SUBJECT_KINDS, of the kind that its
 * "evt.subject" tells. 0, or a negative errno with D filled in: no such field, one that such a
 * subject does not have, a value of another type, or a word that is none of the field's.
 */
int recorded_new(json_t *fields, enum subject_kind kind, const struct fields_source *source,
	struct recorded **ret, struct diag *d);
void recorded_free(struct recorded *recorded);

/* A subject of these values, which it borrows. */
struct subject recorded_subject(const struct recorded *recorded);

/* What a file that a subject was read from is. */
enum recorded_form {
	RECORDED_FIELDS, /* {"FIELD": value, ...}, in JSON or YAML */
	RECORDED_LINE, /* a line of a recording: "fields" has them */
	RECORDED_ALERT, /* an alert: "output_fields" has them, but not what is known not to be there */
};

/*
 * Same for the event in the file PATH, "-" for standard input. RET_FORM tells in which form it was.
 */
int recorded_load(
	const char *path, struct recorded **ret, enum recorded_form *ret_form, struct diag *d);

/*
 * Why the rule called NAME does, or does not, match SUBJECT: its condition as it is written, macros
 * opened, with the value of each part of it.
 *
 *   {"rule": NAME, "enabled": true, "result": RESULT, "condition": PART}
 *
 * RESULT is "true", "false" or "unknown". A PART has "kind" ("and", "or", "not", "macro" or
 * "comparison"), "result" and, of what others are within, "parts"; a macro its "name"; a
 * comparison its "text", "field" and "value", which is not there when it is unknown and null when it is
 * none. The first part that keeps the condition from being true has "decides": true.
 *
 * -ENOENT when there is no such rule, or -ENOMEM. The result is the caller's.
 */
int rule_explain(
	const struct rule_set *set, const char *name, const struct subject *subject, json_t **ret);

/* What came of one case of a rule set: an event, and the rules that are to match it. */
struct rule_case {
	const char *name;
	const char *file;
	unsigned line, column;
	bool passed;
	const char *diff; /* rules, a line each: '-' expected and not found, '+' found, ' ' both */
};

typedef void rule_case_fn(const struct rule_case *result, void *userdata);

/*
 * Judges the events of the cases in the YAML file PATH by SET, and hands over what came of each.
 * rules/README.md describes the form. 0, or a negative errno with D filled in when a case is
 * not well-formed or names what there is not; those before it have been handed over then.
 */
int rule_cases_run(const struct rule_set *set, const char *path, rule_case_fn *on_case,
	void *userdata, struct diag *d);
