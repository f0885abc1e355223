/* SPDX-License-Identifier: Apache-2.0 */
/* See judge.h. */
#include "verify/judge.h"

#include <errno.h>

#include "base/array.h"
#include "verify/records.h"

/* Classes that are about what a file is, rather than about its permissions or its place. */
static bool is_of_program(enum present_class class)
{
	return class < PRESENT_SETUID && class != PRESENT_PACKAGE_DATABASE;
}

static enum present_evidence evidence_of(const struct item *item, enum present_class class)
{
	if (class == PRESENT_PACKAGE_DATABASE)
		return PRESENT_BY_PATH;
	if (!is_of_program(class))
		return PRESENT_BY_MODE;
	return item->by_name ? PRESENT_BY_NAME : PRESENT_BY_CONTENT;
}

static struct present present_of(
	const struct survey *survey, const struct item *item, enum present_class class)
{
	const struct image_file *file = &item->file;

	return (struct present){
		.path = item_path(item),
		.class = class,
		.evidence = evidence_of(item, class),
		.program = is_of_program(class) ? item->program.name : (struct slice){0},
		.package = item->package,
		.version = item->version,
		.layer = file->layer,
		.links = item->name_count + item->names_left_out - 1,
		.mode = file->mode,
		.uid = file->uid,
		.gid = file->gid,
		.size_bytes = file->type == IMAGE_FILE ? file->size_bytes : 0,
		.digest = file->type == IMAGE_FILE ? file->digest : NULL,
		.is_leaked = item->is_leaked,
		.has_manager = survey->has_package_manager,
	};
}

/* The first allowance for one of the names of ITEM. */
static const struct allowance *allowance_for(
	const struct verify_policy *policy, const struct item *item, bool *used)
{
	const struct allowance *found = NULL, *allowance;
	size_t index;

	for (size_t i = 0; i < item->name_count; i++) {
		allowance = policy_allows(policy, item->names[i].path, &index);
		if (!allowance)
			continue;
		used[index] = true;
		if (!found || allowance < found)
			found = allowance;
	}
	return found;
}

static void judge_class(struct findings *to, const struct survey *survey,
	const struct verify_options *options, const struct item *item, enum present_class class)
{
	struct finding finding = {.present = present_of(survey, item, class), .item = item};
	struct subject subject = {.kind = SUBJECT_PRESENT, .present = &finding.present};
	size_t cursor = 0;

	finding.rule = rule_set_match(options->rules, &subject, &cursor);
	if (!finding.rule)
		return;
	finding.level = policy_level(options->policy, &finding.present, finding.rule);
	if (finding.level != LEVEL_NOTE)
		finding.allowance = allowance_for(options->policy, item, to->allowances_used);
	if (finding.allowance)
		finding.level = LEVEL_ALLOWED;
	if (!ARRAY_RESERVE(to->items, to->capacity, to->count, 1)) {
		to->error = -ENOMEM;
		return;
	}
	to->counts[finding.level]++;
	to->items[to->count++] = finding;
}

static void judge_item(struct findings *to, const struct survey *survey,
	const struct verify_options *options, const struct item *item)
{
	for (unsigned class = 0; class < PRESENT_CLASSES; class ++)
		if (item->classes & 1u << class && item->name_count > 0)
			judge_class(to, survey, options, item, class);
}

static int compare_findings(const void *a, const void *b)
{
	const struct finding *f = a, *g = b;
	const struct present *x = &f->present, *y = &g->present;
	int order = slice_compare(x->path, y->path);

	if (x->is_leaked != y->is_leaked)
		return x->is_leaked ? 1 : -1;
	if (order != 0)
		return order;
	if (x->layer != y->layer)
		return x->layer < y->layer ? -1 : 1;
	if (f->item->file.number != g->item->file.number) /* one name twice in a layer */
		return f->item->file.number < g->item->file.number ? -1 : 1;
	return (int)x->class - (int)y->class;
}

static int compare_levels(const void *a, const void *b)
{
	const struct finding *f = a, *g = b;

	return f->level != g->level ? (int)f->level - (int)g->level : compare_findings(a, b);
}

static void sort_findings(struct findings *findings)
{
	if (findings->count > FINDINGS_MAX) {
		qsort(findings->items, findings->count, sizeof(*findings->items), compare_levels);
		findings->left_out = findings->count - FINDINGS_MAX;
		findings->count = FINDINGS_MAX;
	}
	if (findings->count > 0)
		qsort(findings->items, findings->count, sizeof(*findings->items), compare_findings);
}

int findings_make(
	const struct survey *survey, const struct verify_options *options, struct findings *ret)
{
	const struct item *item;
	size_t allowances = 0;

	while (policy_allowance(options->policy, allowances))
		allowances++;
	*ret = (struct findings){.allowances_used = calloc(allowances + 1, sizeof(bool))};
	if (!ret->allowances_used)
		return -ENOMEM;
	for (item = survey->items; item; item = item->hh.next)
		judge_item(ret, survey, options, item);
	for (size_t i = 0; i < survey->leak_count; i++)
		judge_item(ret, survey, options, survey->leaks[i]);
	sort_findings(ret);
	return ret->error;
}

void findings_done(struct findings *findings)
{
	free(findings->items);
	free(findings->allowances_used);
	*findings = (struct findings){0};
}
