/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Which containers are meant to be bare: the values of --bare and the selectors
 * of policy files. Within a selector all keys must match, of several selectors
 * one is enough, and an exception takes precedence over everything.
 */
#include "barewatch/policy.h"

#include <errno.h>
#include <fnmatch.h>
#include <stdlib.h>
#include <string.h>
#include <utlist.h>

#include "base/cleanup.h"
#include "base/yaml.h"

#define POLICY_VERSION "1"
#define ID_PREFIX_MIN  12 /* a shorter beginning may be of several containers */

/* What a selector can ask for. Values are patterns (glob). */
static const char *const selector_keys[] = {"id", "name", "image", "runtime", "cgroup"};
#define SELECTOR_KEYS ARRAY_SIZE(selector_keys)

struct selector {
	char *patterns[SELECTOR_KEYS]; /* NULL where the key is not given */
	struct selector *next;
};

struct option {
	char *value;
	bool matched; /* some container */
	struct option *next;
};

struct policy {
	struct option *options;
	struct selector *bare, *except;
};

/* What the loading functions pass along. */
struct loading {
	const struct yaml_document *document;
	struct policy *policy;
	struct diag *diag;
};

static void selectors_free(struct selector *list)
{
	struct selector *selector, *next;

	LL_FOREACH_SAFE (list, selector, next) {
		for (size_t i = 0; i < SELECTOR_KEYS; i++)
			free(selector->patterns[i]);
		free(selector);
	}
}

int policy_new(struct policy **ret)
{
	struct policy *policy = calloc(1, sizeof(*policy));

	if (!policy)
		return -ENOMEM;
	*ret = policy;
	return 0;
}

void policy_free(struct policy *policy)
{
	struct option *option, *next;

	if (!policy)
		return;
	LL_FOREACH_SAFE (policy->options, option, next) {
		free(option->value);
		free(option);
	}
	selectors_free(policy->bare);
	selectors_free(policy->except);
	free(policy);
}

int policy_add_option(struct policy *policy, const char *value)
{
	struct option *option = calloc(1, sizeof(*option));

	if (!option)
		return -ENOMEM;
	option->value = strdup(value);
	if (!option->value) {
		free(option);
		return -ENOMEM;
	}
	LL_APPEND(policy->options, option);
	return 0;
}

static int load_selector_keys(const struct loading *l, json_t *node, struct selector *selector)
{
	int r = yaml_check_keys(l->document, node, selector_keys, SELECTOR_KEYS, l->diag);

	for (size_t i = 0; r == 0 && i < SELECTOR_KEYS; i++) {
		const json_t *value = json_object_get(node, selector_keys[i]);

		if (!value)
			continue;
		if (!json_is_string(value) || json_string_length(value) == 0)
			return yaml_diag(l->document, yaml_placed(value, node), l->diag,
				"'%s' is %s, expected a pattern", selector_keys[i],
				json_is_string(value) ? "empty" : yaml_describe(value));
		selector->patterns[i] = strdup(json_string_value(value));
		if (!selector->patterns[i])
			r = -ENOMEM;
	}
	return r;
}

static int load_selector(
	const struct loading *l, json_t *node, const json_t *parent, struct selector **list)
{
	struct selector *selector;

	if (!json_is_object(node) || json_object_size(node) == 0)
		return yaml_diag(l->document, yaml_placed(node, parent), l->diag,
			"a selector is %s, expected a mapping such as {name: \"web-*\"}",
			json_is_object(node) ? "empty" : yaml_describe(node));
	selector = calloc(1, sizeof(*selector));
	if (!selector)
		return -ENOMEM;
	LL_PREPEND(*list, selector);
	return load_selector_keys(l, node, selector);
}

/* NODE is a list of selectors, or the word "all", which is one that asks for nothing. */
static int load_selectors(
	const struct loading *l, const json_t *node, const char *key, struct selector **list)
{
	const char *word = json_string_value(node);
	json_t *item;
	size_t i;

	if (word && strcmp(word, "all") == 0) {
		struct selector *any = calloc(1, sizeof(*any));

		if (!any)
			return -ENOMEM;
		LL_PREPEND(*list, any);
		return 0;
	}
	if (!json_is_array(node))
		return yaml_diag(l->document, yaml_placed(node, l->document->root), l->diag,
			"'%s' is %s, expected a list of selectors, or 'all'", key,
			yaml_describe(node));
	json_array_foreach (node, i, item) {
		int r = load_selector(l, item, node, list);

		if (r < 0)
			return r;
	}
	return 0;
}

static int load_root(const struct loading *l)
{
	static const char *const keys[] = {"version", "bare", "except"};
	json_t *root = l->document->root;
	const json_t *bare = json_object_get(root, "bare"),
		     *except = json_object_get(root, "except");
	const char *version = json_string_value(json_object_get(root, "version"));
	int r;

	if (!json_is_object(root) || !version || strcmp(version, POLICY_VERSION) != 0)
		return yaml_diag(l->document, root, l->diag,
			"expected a mapping with 'version: " POLICY_VERSION "' and 'bare'");
	r = yaml_check_keys(l->document, root, keys, ARRAY_SIZE(keys), l->diag);
	if (r == 0 && bare)
		r = load_selectors(l, bare, "bare", &l->policy->bare);
	if (r == 0 && except)
		r = load_selectors(l, except, "except", &l->policy->except);
	return r;
}

static int load_document(
	struct policy *policy, const struct yaml_document *document, struct diag *d)
{
	struct loading l = {.document = document, .policy = policy, .diag = d};
	int r = load_root(&l);

	return r == -ENOMEM ? diag_errno(d, document->name, r) : r;
}

int policy_add_file(struct policy *policy, const char *path, struct diag *d)
{
	CLEANUP_YAML struct yaml_document document = YAML_DOCUMENT_INIT;
	int r = yaml_load_file(path, &document, d);

	return r < 0 ? r : load_document(policy, &document, d);
}

int policy_add_text(struct policy *policy, const char *name, struct slice text, struct diag *d)
{
	CLEANUP_YAML struct yaml_document document = YAML_DOCUMENT_INIT;
	int r = yaml_load_text(name, text, &document, d);

	return r < 0 ? r : load_document(policy, &document, d);
}

bool policy_is_empty(const struct policy *policy)
{
	return !policy->options && !policy->bare;
}

/* A name can begin like another one; the digits of an id are enough to tell it apart. */
static bool is_id_prefix(const char *value, const char *id)
{
	size_t len = strlen(value);

	return len >= ID_PREFIX_MIN && strspn(value, "0123456789abcdef") == len &&
	       strncmp(value, id, len) == 0;
}

static bool option_matches(const struct option *option, const struct container *container)
{
	if (strcmp(option->value, "all") == 0 || strcmp(option->value, container->id) == 0)
		return true;
	if (is_id_prefix(option->value, container->id))
		return true;
	return container->name && strcmp(option->value, container->name) == 0;
}

/* What CONTAINER has for the selector key KEY; NULL when it is not known. */
static const char *container_value(const struct container *container, size_t key)
{
	const char *const values[SELECTOR_KEYS] = {
		container->id,
		container->name,
		container->image,
		container_runtime_name(container->runtime),
		container->cgroup_path,
	};

	return values[key];
}

static bool selector_matches(const struct selector *selector, const struct container *container)
{
	for (size_t i = 0; i < SELECTOR_KEYS; i++) {
		const char *value = container_value(container, i);

		if (selector->patterns[i] &&
			(!value || fnmatch(selector->patterns[i], value, 0) != 0))
			return false;
	}
	return true;
}

enum bare_source policy_judge(struct policy *policy, const struct container *container)
{
	const struct selector *selector;
	struct option *option;
	bool matched = false;

	LL_FOREACH (policy->except, selector)
		if (selector_matches(selector, container))
			return BARE_NO;
	LL_FOREACH (policy->options, option) {
		if (!option_matches(option, container))
			continue;
		option->matched = true;
		matched = true;
	}
	if (matched)
		return BARE_OPTION;
	LL_FOREACH (policy->bare, selector)
		if (selector_matches(selector, container))
			return BARE_POLICY;
	return BARE_NO;
}

enum bare_source policy_judge_nested(
	struct policy *policy, const struct container *container, const struct container *outer)
{
	enum bare_source bare = policy_judge(policy, container);

	return bare == BARE_NO ? outer->bare : bare;
}

const char *policy_unmatched_option(const struct policy *policy, size_t *cursor)
{
	const struct option *option;
	size_t i = 0;

	LL_FOREACH (policy->options, option) {
		if (i++ < *cursor || option->matched || strcmp(option->value, "all") == 0)
			continue;
		*cursor = i;
		return option->value;
	}
	return NULL;
}
