/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The rule set of the facade. It keeps the texts of its files: when some are added,
 * all rules are made anew, and take the place of the old ones when all went well.
 */
#include "barewatch/rule.h"

#include <errno.h>
#include <stdlib.h>

#include "base/cleanup.h"
#include "rule/file/compile.h"
#include "rule/condition/condition.h"
#include "rule/file/definitions.h"
#include "rule/file/file.h"
#include "rule/index.h"
#include "rule/file/load.h"
#include "rule/condition/match.h"
#include "rule/output.h"
#include "rule/condition/possible.h"
#include "rule/set.h"
#include "rule/file/warning.h"

struct rule_set {
	struct rule_files files;
	struct definitions definitions;
	struct rule_index index; /* of the rules there */
	unsigned subjects_not_bare; /* see rule_set_subjects_not_bare() */
};

int rule_set_new(struct rule_set **ret)
{
	struct rule_set *set = calloc(1, sizeof(*set));

	if (!set)
		return -ENOMEM;
	*ret = set;
	return 0;
}

void rule_set_free(struct rule_set *set)
{
	if (!set)
		return;
	rule_index_done(&set->index);
	definitions_done(&set->definitions);
	rule_files_truncate(&set->files, 0);
	free(set);
}

void rule_set_swap(struct rule_set *a, struct rule_set *b)
{
	struct rule_set held = *a;

	*a = *b;
	*b = held;
}

const struct definitions *rule_set_definitions(const struct rule_set *set)
{
	return &set->definitions;
}

/* Everything from all files. 0 also when something is wrong, which DIAGS says; or -ENOMEM. */
static int definitions_build(
	const struct rule_files *files, struct definitions *definitions, struct diags *diags)
{
	struct loading loading = {.definitions = definitions, .diags = diags};
	int r = 0;

	for (size_t i = 0; r == 0 && i < files->count; i++) {
		struct rule_file *file = &files->entries[i];

		loading.file_index = i;
		r = rule_file_parse(file, diags);
		for (size_t s = 0; r == 0 && s < file->source_count; s++)
			r = definitions_load(&loading, &file->sources[s]);
	}
	if (r == 0)
		r = definitions_compile(definitions, diags);
	if (r == 0 && diags->counts[DIAG_ERROR] == 0)
		r = definitions_warn(definitions, diags);
	definitions_forget(definitions);
	for (size_t i = 0; i < files->count; i++)
		rule_file_forget(&files->entries[i]);
	return r;
}

/* Which files were there before, and what was said of them already. */
struct old_files {
	const struct rule_files *files;
	size_t count;
};

static bool is_old_news(const struct diags_item *item, void *arg)
{
	const struct old_files *old = arg;

	for (size_t i = 0; item->severity != DIAG_ERROR && i < old->count; i++)
		if (strncmp(old->files->entries[i].name, item->diag.file,
			    sizeof(item->diag.file) - 1) == 0)
			return true;
	return false;
}

/* Puts FOUND in order and adds it to DIAGS. */
static int diags_finish(
	const struct rule_files *files, size_t old_count, struct diags *found, struct diags *diags)
{
	CLEANUP_FREE const char **names = calloc(files->count + 1, sizeof(*names));
	struct old_files old = {files, old_count};

	if (!names)
		return -ENOMEM;
	for (size_t i = 0; i < files->count; i++) {
		const struct rule_file *file = &files->entries[i];

		names[i] = file->name;
		diags_excerpt(found, file->name, (struct slice){file->text, file->size});
	}
	diags_drop(found, is_old_news, &old);
	diags_sort(found, names, files->count);
	diags_move(diags, found);
	return 0;
}

static unsigned find_subjects_not_bare(const struct rule_set *set)
{
	const struct rule *rule;
	unsigned kinds = 0;

	for (size_t i = 0; (rule = rule_set_at(set, i)); i++)
		if (rule->state == RULE_ACTIVE)
			kinds |= condition_kinds_in(rule->condition, false);
	return kinds;
}

/* Makes the rules of all files those of SET, unless something is wrong with them or KEEPS is false. */
static int set_rebuild(struct rule_set *set, size_t old_count, bool keeps, struct diags *diags)
{
	CLEANUP(definitions_cleanup) struct definitions definitions = {0};
	CLEANUP(rule_index_cleanup) struct rule_index index = {0};
	CLEANUP_DIAGS struct diags found = DIAGS_INIT;
	size_t errors;
	int r;

	r = definitions_build(&set->files, &definitions, &found);
	errors = found.counts[DIAG_ERROR];
	if (r == 0)
		r = diags_finish(&set->files, old_count, &found, diags);
	if (r == 0 && errors == 0)
		r = rule_index_build(&definitions, &index);
	if (r < 0 || errors > 0)
		return r < 0 ? r : -EINVAL;
	if (!keeps)
		return 0;
	rule_index_done(&set->index);
	definitions_done(&set->definitions);
	set->definitions = definitions;
	set->index = index;
	definitions = (struct definitions){0};
	index = (struct rule_index){0};
	set->subjects_not_bare = find_subjects_not_bare(set);
	return 0;
}

/* R is what became of adding the files behind the first OLD_COUNT. */
static int set_add(struct rule_set *set, size_t old_count, int r, struct diags *diags)
{
	struct diag d;
	int built = 0;

	if (r != -ENOMEM && set->files.count > old_count) /* also for what else is wrong */
		built = set_rebuild(set, old_count, r == 0, diags);
	r = r < 0 ? r : built;
	if (r == -ENOMEM || built == -ENOMEM) {
		diag_errno(&d, NULL, r);
		diags_add(diags, DIAG_ERROR, &d);
	}
	if (r < 0)
		rule_files_truncate(&set->files, old_count);
	return r;
}

int rule_set_add_text(
	struct rule_set *set, const char *name, struct slice text, struct diags *diags)
{
	size_t old_count = set->files.count;

	return set_add(set, old_count, rule_files_add_text(&set->files, name, text), diags);
}

int rule_set_add_paths(
	struct rule_set *set, const char *const *paths, size_t count, struct diags *diags)
{
	size_t old_count = set->files.count;
	int r = 0;

	for (size_t i = 0; i < count; i++) {
		int failed = rule_files_add_path(&set->files, paths[i], diags);

		r = failed < 0 ? failed : r;
	}
	return set_add(set, old_count, r, diags);
}

int rule_set_add_file(struct rule_set *set, const char *path, struct diags *diags)
{
	return rule_set_add_paths(set, &path, 1, diags);
}

const struct rule *rule_set_at(const struct rule_set *set, size_t index)
{
	const struct definition_table *table = &set->definitions.tables[DEFINITION_RULE];

	return index < table->count ? &definition_rule(table->entries[index])->rule : NULL;
}

struct rule_counts rule_set_counts(const struct rule_set *set)
{
	struct rule_counts counts = {0};
	const struct rule *rule;

	for (size_t i = 0; (rule = rule_set_at(set, i)); i++) {
		counts.active += rule->state == RULE_ACTIVE;
		counts.disabled += rule->state == RULE_DISABLED;
		counts.skipped += rule->state == RULE_SKIPPED;
	}
	return counts;
}

size_t rule_set_count(const struct rule_set *set, size_t *ret_all)
{
	if (ret_all)
		*ret_all = set->definitions.tables[DEFINITION_RULE].count;
	return rule_set_counts(set).active;
}

const char *rule_state_name(enum rule_state state)
{
	static const char *const names[RULE_STATES] = {
		[RULE_ACTIVE] = "active", [RULE_DISABLED] = "disabled", [RULE_SKIPPED] = "skipped"};

	return names[state];
}

unsigned rule_subjects(const struct rule *rule)
{
	return rule->condition ? condition_kinds(rule->condition, false) : 0;
}

enum rule_outlook rule_set_outlook(const struct rule_set *set, const struct subject *subject)
{
	return rule_index_outlook(&set->index, subject);
}

unsigned rule_set_subjects(const struct rule_set *set)
{
	unsigned kinds = 0;

	for (size_t kind = 0; kind < SUBJECT_KINDS; kind++)
		if (set->index.kinds[kind].count > 0)
			kinds |= 1u << kind;
	return kinds;
}

/* What MASK_OF says of all fields that RULE and its output name. */
static unsigned mask_of_rule(
	const struct rule *rule, unsigned (*mask_of)(const struct field *field))
{
	const struct rule_condition *condition = rule->condition;
	const struct field_ref *ref;
	unsigned mask = 0;

	for (size_t i = 0; i < condition->node_count; i++) {
		const struct condition_node *node = &condition->nodes[i];

		if (node->kind != CONDITION_COMPARISON)
			continue;
		mask |= mask_of(node->field);
		if (node->right.field)
			mask |= mask_of(node->right.field);
	}
	for (size_t i = 0; (ref = rule_output_field(rule->output, i)); i++)
		mask |= mask_of(ref->field);
	return mask;
}

unsigned rule_set_open_texts(const struct rule_set *set)
{
	__auto_type of_opens = &set->index.kinds[SUBJECT_OPEN];
	unsigned texts = 0;

	for (size_t i = 0; i < of_opens->count; i++)
		texts |= mask_of_rule(of_opens->entries[i].rule, field_open_texts);
	return texts;
}

static unsigned is_of_capabilities(const struct field *field)
{
	return field_is_of_capabilities(field);
}

bool rule_set_needs_capabilities(const struct rule_set *set)
{
	const struct rule *rule;

	for (size_t i = 0; (rule = rule_set_at(set, i)); i++)
		if (rule->state == RULE_ACTIVE && mask_of_rule(rule, is_of_capabilities))
			return true;
	return false;
}

unsigned rule_fields_open_texts(bool with_extra)
{
	const struct field *field;
	unsigned texts = 0;

	for (size_t i = 0; (field = field_at(i)); i++)
		if (with_extra || !field->is_extra)
			texts |= field_open_texts(field);
	return texts;
}

unsigned rule_set_subjects_not_bare(const struct rule_set *set)
{
	return set->subjects_not_bare;
}

static bool is_for_not_bare(const struct rule *rule)
{
	return rule->state == RULE_ACTIVE && !condition_kinds_in(rule->condition, true) &&
	       condition_kinds_in(rule->condition, false);
}

size_t rule_set_count_not_bare(const struct rule_set *set, const struct rule **ret_first)
{
	const struct rule *rule;
	size_t count = 0;

	for (size_t i = 0; (rule = rule_set_at(set, i)); i++)
		if (is_for_not_bare(rule) && count++ == 0)
			*ret_first = rule;
	return count;
}

const struct rule *rule_set_find(const struct rule_set *set, const char *name)
{
	struct definition *found = definitions_find(
		&set->definitions, DEFINITION_RULE, slice_of(name));

	return found ? &definition_rule(found)->rule : NULL;
}

void rule_set_suggest(const struct rule_set *set, struct diag *d, const char *word)
{
	definitions_suggest(&set->definitions, DEFINITION_RULE, d, word);
}

/* Values that were written down need not be what the kind of their subject tells. */
static const struct rule *match_recorded(
	const struct rule_set *set, const struct subject *subject, size_t *cursor)
{
	struct field_scratch scratch;
	const struct rule *rule;

	while (subject_kind_text(subject->kind) && (rule = rule_set_at(set, *cursor))) {
		++*cursor;
		if (rule->state == RULE_ACTIVE &&
			condition_judge(rule->condition, subject, &scratch) == TRUTH_TRUE)
			return rule;
	}
	return NULL;
}

const struct rule *rule_set_match(
	const struct rule_set *set, const struct subject *subject, size_t *cursor)
{
	if (subject->recorded)
		return match_recorded(set, subject, cursor);
	return rule_index_match(&set->index, subject, cursor);
}
