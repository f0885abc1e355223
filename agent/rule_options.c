/* SPDX-License-Identifier: Apache-2.0 */
/* The options of rule_options.h. */
#include "rule_options.h"

#include <unistd.h>

#include "base/cleanup.h"

static const char *const formats[] = {"text", "json"};

int rule_paths_add(struct rule_paths *paths, const char *path, struct diag *d)
{
	if (paths->count == ARRAY_SIZE(paths->items))
		return diag_at(d, NULL, 0, 0, "given more than %d times", RULE_PATHS_MAX);
	paths->items[paths->count++] = path;
	return 0;
}

int rule_option_rules(void *target, const char *value, struct diag *d)
{
	struct rule_arguments *a = target;

	return rule_paths_add(&a->rules, value, d);
}

int rule_option_all_containers(void *target, const char *value, struct diag *d)
{
	struct rule_arguments *a = target;

	(void)value, (void)d;
	a->all_containers = true;
	return 0;
}

int rule_option_output(void *target, const char *value, struct diag *d)
{
	struct rule_arguments *a = target;
	size_t found = 0;
	int r = option_word(value, formats, ARRAY_SIZE(formats), &found, d);

	a->as_json = found == 1;
	return r;
}

int rule_alert_format(const char *value, enum alert_format *ret, struct diag *d)
{
	size_t found;
	int r = option_word(value, formats, ARRAY_SIZE(formats), &found, d);

	if (r < 0)
		return r;
	if (found == 1)
		*ret = ALERT_JSON;
	else
		*ret = isatty(STDOUT_FILENO) ? ALERT_TEXT_COLOR : ALERT_TEXT;
	return 0;
}

enum alert_format rule_alert_format_default(void)
{
	return isatty(STDOUT_FILENO) ? ALERT_TEXT_COLOR : ALERT_JSON;
}
