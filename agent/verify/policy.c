/* SPDX-License-Identifier: Apache-2.0 */
/* What makes an image not bare: which classes are violations, and which files are allowed. */
#include "verify/policy.h"

#include <errno.h>
#include <stdlib.h>

#include "base/array.h"
#include "base/yaml.h"

#define POLICY_VERSION "1"
#define NO_LEVEL       LEVELS

struct verify_policy {
	/* of classes, the last of which is leaks */
	enum level levels[PRESENT_CLASSES + 1]; /* NO_LEVEL: as rules say */
	bool fails[PRESENT_CLASSES + 1]; /* whatever the level is */
	struct allowance *allowances;
	size_t count, capacity;
};

const char *level_name(enum level level)
{
	static const char *const names[LEVELS] = {
		[LEVEL_VIOLATION] = "violation",
		[LEVEL_UNKNOWN] = "unknown",
		[LEVEL_NOTE] = "note",
		[LEVEL_ALLOWED] = "allowed",
	};

	return names[level];
}

int verify_policy_new(struct verify_policy **ret)
{
	struct verify_policy *policy = calloc(1, sizeof(*policy));

	if (!policy)
		return -ENOMEM;
	for (size_t i = 0; i < ARRAY_SIZE(policy->levels); i++)
		policy->levels[i] = NO_LEVEL;
	*ret = policy;
	return 0;
}

void verify_policy_free(struct verify_policy *policy)
{
	if (!policy)
		return;
	for (size_t i = 0; i < policy->count; i++) {
		free(policy->allowances[i].path);
		free(policy->allowances[i].reason);
	}
	free(policy->allowances);
	free(policy);
}

/* ---- asked ---- */

enum level policy_level(
	const struct verify_policy *policy, const struct present *present, const struct rule *rule)
{
	unsigned class = present->is_leaked ? (unsigned)PRESENT_CLASSES : present->class;
	enum level level = policy->fails[class] ? LEVEL_VIOLATION : policy->levels[class];

	if (level != NO_LEVEL)
		return level;
	if (rule->priority <= RULE_ERROR)
		return LEVEL_VIOLATION;
	return present->class == PRESENT_PACKED && !present->is_leaked ? LEVEL_UNKNOWN : LEVEL_NOTE;
}

const struct allowance *policy_allows(
	const struct verify_policy *policy, struct slice path, size_t *ret_index)
{
	for (size_t i = 0; i < policy->count; i++)
		if (slice_equal_text(path, policy->allowances[i].path)) {
			*ret_index = i;
			return &policy->allowances[i];
		}
	return NULL;
}

const struct allowance *policy_allowance(const struct verify_policy *policy, size_t index)
{
	return index < policy->count ? &policy->allowances[index] : NULL;
}

/* ---- options ---- */

static bool class_find(const char *word, unsigned *ret)
{
	const char *name;

	for (*ret = 0; (name = present_class_name(*ret)); ++*ret)
		if (strcmp(word, name) == 0)
			return true;
	return strcmp(word, CLASS_LEAK) == 0;
}

static void suggest_class(struct diag *d, const char *word)
{
	const char *names[PRESENT_CLASSES + 1];

	for (unsigned i = 0; i < PRESENT_CLASSES; i++)
		names[i] = present_class_name(i);
	names[PRESENT_CLASSES] = CLASS_LEAK;
	diag_suggest(d, word, names, ARRAY_SIZE(names));
}

int verify_policy_fail_on(struct verify_policy *policy, const char *word, struct diag *d)
{
	unsigned class;

	if (!class_find(word, &class)) {
		diag_at(d, NULL, 0, 0, "there is no class '%.64s'", word);
		suggest_class(d, word);
		return -EINVAL;
	}
	policy->fails[class] = true;
	return 0;
}

static int add_allowance(struct verify_policy *policy, struct slice path, const char *reason)
{
	struct allowance allowance = {
		.path = strndup(path.data, path.len), .reason = strdup(reason)};

	if (allowance.path && allowance.reason &&
		ARRAY_RESERVE(policy->allowances, policy->capacity, policy->count, 1)) {
		policy->allowances[policy->count++] = allowance;
		return 0;
	}
	free(allowance.path);
	free(allowance.reason);
	return -ENOMEM;
}

int verify_policy_allow(struct verify_policy *policy, const char *allowance, struct diag *d)
{
	const char *sign = strchr(allowance, '=');
	int r;

	if (allowance[0] != '/' || !sign)
		return diag_at(
			d, NULL, 0, 0, "'%.200s' is not of the form /PATH=REASON", allowance);
	if (sign[1] == '\0')
		return diag_at(d, NULL, 0, 0, "'%.200s' has no reason", allowance);
	r = add_allowance(policy, (struct slice){allowance, sign - allowance}, sign + 1);
	return r < 0 ? diag_errno(d, NULL, r) : 0;
}

/* ---- the file ---- */

struct loading {
	const struct yaml_document *document;
	struct verify_policy *policy;
	struct diag *diag;
};

static int load_class(const struct loading *l, const json_t *node, const json_t *list,
	enum level level, bool *seen)
{
	const char *word = json_string_value(node);
	unsigned class;

	if (!word)
		return yaml_diag(l->document, yaml_placed(node, list), l->diag,
			"found %s, expected a class such as shell", yaml_describe(node));
	if (!class_find(word, &class)) {
		yaml_diag(l->document, node, l->diag, "there is no class '%.64s'", word);
		suggest_class(l->diag, word);
		return -EINVAL;
	}
	if (seen[class])
		return yaml_diag(l->document, node, l->diag, "'%s' is named twice", word);
	seen[class] = true;
	l->policy->levels[class] = level;
	return 0;
}

static int load_classes(
	const struct loading *l, const json_t *root, const char *key, enum level level, bool *seen)
{
	const json_t *list = json_object_get(root, key), *node;
	size_t i;
	int r;

	if (!list)
		return 0;
	if (!json_is_array(list))
		return yaml_diag(l->document, yaml_placed(list, root), l->diag,
			"'%s' is %s, expected a list of classes", key, yaml_describe(list));
	json_array_foreach (list, i, node) {
		r = load_class(l, node, list, level, seen);
		if (r < 0)
			return r;
	}
	return 0;
}

static int load_text(const struct loading *l, const json_t *node, const char *key, const char **ret)
{
	const json_t *text = json_object_get(node, key);

	*ret = json_string_value(text);
	if (*ret && (*ret)[0])
		return 0;
	return yaml_diag(l->document, text ? yaml_placed(text, node) : node, l->diag,
		"an allowance needs a '%s', which is a text", key);
}

static int load_allowance(const struct loading *l, json_t *node, const json_t *list)
{
	static const char *const keys[] = {"path", "reason"};
	const char *path, *reason;
	int r;

	if (!json_is_object(node))
		return yaml_diag(l->document, yaml_placed(node, list), l->diag,
			"an allowance is %s, expected {path: /bin/sh, reason: why}",
			yaml_describe(node));
	r = yaml_check_keys(l->document, node, keys, ARRAY_SIZE(keys), l->diag);
	if (r == 0)
		r = load_text(l, node, "path", &path);
	if (r == 0)
		r = load_text(l, node, "reason", &reason);
	if (r < 0)
		return r;
	if (path[0] != '/')
		return yaml_diag(l->document, json_object_get(node, "path"), l->diag,
			"a path begins with '/', found '%.200s'", path);
	r = add_allowance(l->policy, slice_of(path), reason);
	return r < 0 ? diag_errno(l->diag, l->document->name, r) : 0;
}

static int load_allowances(const struct loading *l, const json_t *root)
{
	const json_t *list = json_object_get(root, "allow");
	json_t *node;
	size_t i;
	int r;

	if (!list)
		return 0;
	if (!json_is_array(list))
		return yaml_diag(l->document, yaml_placed(list, root), l->diag,
			"'allow' is %s, expected a list", yaml_describe(list));
	json_array_foreach (list, i, node) {
		r = load_allowance(l, node, list);
		if (r < 0)
			return r;
	}
	return 0;
}

static int load(const struct loading *l)
{
	static const char *const keys[] = {"version", "violations", "notes", "allow"};
	json_t *root = l->document->root;
	bool seen[PRESENT_CLASSES + 1] = {0};
	const char *version;
	int r;

	if (!json_is_object(root))
		return yaml_diag(l->document, root, l->diag,
			"found %s, expected a mapping with 'version: 1'", yaml_describe(root));
	r = yaml_check_keys(l->document, root, keys, ARRAY_SIZE(keys), l->diag);
	if (r < 0)
		return r;
	version = json_string_value(json_object_get(root, "version"));
	if (!version || strcmp(version, POLICY_VERSION) != 0)
		return yaml_diag(l->document, root, l->diag, "expected 'version: 1'");
	r = load_classes(l, root, "violations", LEVEL_VIOLATION, seen);
	if (r == 0)
		r = load_classes(l, root, "notes", LEVEL_NOTE, seen);
	return r == 0 ? load_allowances(l, root) : r;
}

int verify_policy_load(struct verify_policy *policy, const char *path, struct diag *d)
{
	CLEANUP_YAML struct yaml_document document = YAML_DOCUMENT_INIT;
	int r = yaml_load_file(path, &document, d);

	return r < 0 ? r : load(&(struct loading){&document, policy, d});
}
