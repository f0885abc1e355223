/* SPDX-License-Identifier: Apache-2.0 */
/* Cases of a rule set: events that are written down, and the rules that are to match them. */
#include "rule/recorded/explain.h"

#include <errno.h>
#include <string.h>

#include "base/array.h"
#include "base/json.h"
#include "rule/recorded/recorded.h"

struct runner {
	const struct rule_set *set;
	const struct yaml_document *document;
	rule_case_fn *on_case;
	void *userdata;
	struct diag *diag;
};

/* The rules that match, in the order of definition. */
struct matches {
	const struct rule **rules;
	size_t count, capacity;
};

static void matches_done(struct matches *matches)
{
	free(matches->rules);
}

static int matches_find(
	struct matches *m, const struct rule_set *set, const struct subject *subject)
{
	const struct rule *rule;
	size_t cursor = 0;

	while ((rule = rule_set_match(set, subject, &cursor))) {
		if (!ARRAY_RESERVE(m->rules, m->capacity, m->count, 1))
			return -ENOMEM;
		m->rules[m->count++] = rule;
	}
	return 0;
}

static bool matches_have(const struct matches *m, size_t from, const char *name)
{
	for (size_t i = from; i < m->count; i++)
		if (strcmp(m->rules[i]->name, name) == 0)
			return true;
	return false;
}

/* Appends a line. Returns true when it tells of a difference. */
static bool diff_line(struct strbuf *out, char sign, const char *name)
{
	strbuf_add_char(out, sign);
	strbuf_add_text(out, name);
	strbuf_add_char(out, '\n');
	return sign != ' ';
}

/* Appends the difference between EXPECTED and FOUND. Returns true when there is one. */
static bool diff(const json_t *expected, const struct matches *found, struct strbuf *out)
{
	bool differs = false;
	size_t at = 0;

	for (size_t i = 0; i < json_array_size(expected); i++) {
		const char *name = json_string_value(json_array_get(expected, i));

		if (!matches_have(found, at, name)) {
			differs |= diff_line(out, '-', name);
			continue;
		}
		while (strcmp(found->rules[at]->name, name) != 0)
			differs |= diff_line(out, '+', found->rules[at++]->name);
		diff_line(out, ' ', found->rules[at++]->name);
	}
	while (at < found->count)
		differs |= diff_line(out, '+', found->rules[at++]->name);
	return differs;
}

/* FOUND is EXPECTED, or begins so where that ends in "...". */
static bool is_expected(const char *expected, const char *found)
{
	size_t len = strlen(expected);

	if (len > 3 && strcmp(expected + len - 3, "...") == 0)
		return strncmp(expected, found, len - 3) == 0;
	return strcmp(expected, found) == 0;
}

/* Appends by what the rule called NAME is not true of SUBJECT, if it is none of what is EXPECTED. */
static int diff_reason(const struct runner *r, const char *name, const char *expected,
	const struct subject *subject, struct strbuf *out)
{
	CLEANUP_STRBUF struct strbuf found = STRBUF_INIT;
	CLEANUP_JSON json_t *explanation = NULL;
	const char *result;
	int error = rule_explain(r->set, name, subject, &explanation);

	if (error < 0)
		return error;
	result = json_string_value(json_object_get(explanation, "result"));
	if (strcmp(result, "false") != 0)
		strbuf_addf(&found, "it is %s, ", result);
	explanation_cause(explanation, &found);
	if (found.error)
		return found.error;
	if (!is_expected(expected, strbuf_text(&found)))
		strbuf_addf(out, "-%s: %s\n+%s: %s\n", name, expected, name, strbuf_text(&found));
	return out->error;
}

/* The same of all rules that REASONS name. Sets *RET_DIFFERS when one differs. */
static int diff_reasons(const struct runner *r, json_t *reasons, const struct subject *subject,
	struct strbuf *out, bool *ret_differs)
{
	size_t before = out->len;
	const char *name;
	json_t *expected;

	json_object_foreach (reasons, name, expected) {
		int error = diff_reason(r, name, json_string_value(expected), subject, out);

		if (error < 0)
			return error;
	}
	*ret_differs |= out->len > before;
	return 0;
}

static int no_such_rule(const struct runner *r, const json_t *at, const char *name)
{
	yaml_diag(r->document, at, r->diag, "there is no rule '%.128s'", name);
	rule_set_suggest(r->set, r->diag, name);
	return -EINVAL;
}

static int check_reasons(const struct runner *r, const json_t *item, json_t *reasons)
{
	const char *name;
	json_t *text;

	if (reasons && !json_is_object(reasons))
		return yaml_diag(r->document, yaml_placed(reasons, item), r->diag,
			"'false' is a mapping of rules that do not match to what is false, found %s",
			yaml_describe(reasons));
	json_object_foreach (reasons, name, text) {
		if (!rule_set_find(r->set, name))
			return no_such_rule(r, reasons, name);
		if (!json_is_string(text))
			return yaml_diag(r->document, yaml_placed(text, reasons), r->diag,
				"a part of the condition is expected, found %s",
				yaml_describe(text));
	}
	return 0;
}

static int check_expected(const struct runner *r, const json_t *item, const json_t *rules)
{
	if (!json_is_array(rules))
		return yaml_diag(r->document, yaml_placed(rules, item), r->diag,
			"'rules' is a list of the rules that are to match, found %s",
			yaml_describe(rules));
	for (size_t i = 0; i < json_array_size(rules); i++) {
		const json_t *rule = json_array_get(rules, i);
		const char *name = json_string_value(rule);

		if (!name)
			return yaml_diag(r->document, yaml_placed(rule, rules), r->diag,
				"the name of a rule is expected, found %s", yaml_describe(rule));
		if (rule_set_find(r->set, name))
			continue;
		return no_such_rule(r, rule, name);
	}
	return 0;
}

/* The value at KEY, which has to be there. */
static json_t *member(const struct runner *r, json_t *item, const char *key)
{
	json_t *value = json_object_get(item, key);

	if (!value)
		yaml_diag(r->document, item, r->diag, "'%s' is missing", key);
	return value;
}

static int check_case(const struct runner *r, json_t *item)
{
	static const char *const keys[] = {"case", "event", "rules", "false"};
	const json_t *name, *rules;
	int error;

	if (!json_is_object(item))
		return yaml_diag(r->document, yaml_placed(item, r->document->root), r->diag,
			"a case is expected, with the keys case, event and rules, found %s",
			yaml_describe(item));
	error = yaml_check_keys(r->document, item, keys, ARRAY_SIZE(keys), r->diag);
	if (error < 0)
		return error;
	name = member(r, item, "case");
	rules = name ? member(r, item, "rules") : NULL;
	if (!rules || !member(r, item, "event"))
		return -EINVAL;
	if (!json_is_string(name))
		return yaml_diag(r->document, yaml_placed(name, item), r->diag,
			"'case' is a name, found %s", yaml_describe(name));
	error = check_expected(r, item, rules);
	return error < 0 ? error : check_reasons(r, item, json_object_get(item, "false"));
}

static int judge_case(const struct runner *r, json_t *item, const struct subject *subject)
{
	CLEANUP(matches_done) struct matches matches = {0};
	CLEANUP_STRBUF struct strbuf text = STRBUF_INIT;
	struct rule_case result = {
		.name = json_string_value(json_object_get(item, "case")),
		.file = r->document->name,
	};
	bool differs;
	int error = matches_find(&matches, r->set, subject);

	if (error < 0)
		return error;
	differs = diff(json_object_get(item, "rules"), &matches, &text);
	error = diff_reasons(r, json_object_get(item, "false"), subject, &text, &differs);
	if (error < 0)
		return error;
	result.passed = !differs;
	if (text.error)
		return text.error;
	result.diff = strbuf_text(&text);
	yaml_place(r->document, item, &result.line, &result.column);
	r->on_case(&result, r->userdata);
	return 0;
}

static int run_case(const struct runner *r, json_t *item)
{
	struct fields_source source = {.document = r->document, .name = r->document->name};
	CLEANUP_RECORDED struct recorded *recorded = NULL;
	struct subject subject;
	json_t *event;
	int error = check_case(r, item);

	if (error < 0)
		return error;
	event = json_object_get(item, "event");
	yaml_place(r->document, yaml_placed(event, item), &source.line, &(unsigned){0});
	if (recorded_number(event) < 0)
		return -ENOMEM;
	error = recorded_new(event, SUBJECT_KINDS, &source, &recorded, r->diag);
	if (error < 0)
		return error;
	subject = recorded_subject(recorded);
	return judge_case(r, item, &subject);
}

int rule_cases_run(const struct rule_set *set, const char *path, rule_case_fn *on_case,
	void *userdata, struct diag *d)
{
	CLEANUP_YAML struct yaml_document document = YAML_DOCUMENT_INIT;
	struct runner runner = {set, &document, on_case, userdata, d};
	int error = yaml_load_file(path, &document, d);

	if (error < 0)
		return error;
	if (json_array_size(document.root) == 0)
		return diag_at(d, path, 1, 1, "a list of cases is expected, found %s",
			json_is_array(document.root) ? "an empty one"
						     : yaml_describe(document.root));
	for (size_t i = 0; error == 0 && i < json_array_size(document.root); i++)
		error = run_case(&runner, json_array_get(document.root, i));
	return error == -ENOMEM ? diag_errno(d, path, error) : error;
}
