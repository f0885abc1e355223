/* SPDX-License-Identifier: Apache-2.0 */
/* See watch_options.h. */
#include "watch_options.h"

#include "base/cleanup.h"
#include "base/clock.h"
#include "base/log.h"
#include "builtin.h"
#include "rule_watch.h"
#include "selfcheck.h"

int watch_option_catalog(void *target, const char *value, struct diag *d)
{
	struct watch_arguments *a = target;

	catalog_free(a->watch.catalog);
	a->watch.catalog = NULL;
	return host_option_located(d, catalog_load_file(value, &a->watch.catalog, d));
}

int watch_option_for(void *target, const char *value, struct diag *d)
{
	struct watch_arguments *a = target;
	unsigned long long seconds;
	int r = option_number(value, 1, UINT32_MAX, &seconds, d);

	a->watch.duration_ns = seconds * NS_PER_S;
	return r;
}

int watch_option_ring(void *target, const char *value, struct diag *d)
{
	struct watch_arguments *a = target;
	unsigned long long kib;
	int r = option_number(value, 64, 256 * 1024, &kib, d);

	if (r < 0)
		return r;
	if (kib & (kib - 1))
		return diag_at(d, NULL, 0, 0, "'%s' is not a power of two", value);
	a->watch.ring_bytes = kib * 1024;
	return 0;
}

int watch_option_coverage(void *target, const char *value, struct diag *d)
{
	static const char *const names[] = {
		[PROBE_COVERAGE_STANDARD] = "standard", [PROBE_COVERAGE_FULL] = "full"};
	struct watch_arguments *a = target;
	size_t found = a->watch.coverage;
	int r = option_word(value, names, ARRAY_SIZE(names), &found, d);

	a->watch.coverage = found;
	return r;
}

int watch_option_opens(void *target, const char *value, struct diag *d)
{
	struct watch_arguments *a = target;

	if (strcmp(value, "auto") != 0 && strcmp(value, "on") != 0 && strcmp(value, "off") != 0)
		return diag_at(d, NULL, 0, 0, "'%s' is none of 'auto', 'on' and 'off'", value);
	a->watch.no_opens = strcmp(value, "off") == 0;
	a->watch.all_opens = strcmp(value, "on") == 0;
	return 0;
}

int watch_option_failed_opens(void *target, const char *value, struct diag *d)
{
	struct watch_arguments *a = target;

	(void)value, (void)d;
	a->watch.failed_opens = true;
	return 0;
}

int watch_option_probe(void *target, const char *value, struct diag *d)
{
	struct watch_arguments *a = target;

	if (probe_open_variant_parse(value, &a->watch.open_variant))
		return 0;
	return diag_at(d, NULL, 0, 0, "'%s' is neither 'fentry', 'kprobe' nor 'tracepoint'", value);
}

int watch_option_verbose(void *target, const char *value, struct diag *d)
{
	(void)target, (void)value, (void)d;
	log_set_verbose(true);
	return 0;
}

int watch_option_record(void *target, const char *value, struct diag *d)
{
	struct watch_arguments *a = target;

	(void)d;
	a->watch.record.path = value;
	return 0;
}

int watch_option_record_size(void *target, const char *value, struct diag *d)
{
	struct watch_arguments *a = target;
	unsigned long long mib;
	int r = option_number(value, RECORD_SIZE_MIN >> 20, UINT32_MAX, &mib, d);

	a->watch.record.file_bytes = mib << 20;
	return r;
}

int watch_option_record_rotate(void *target, const char *value, struct diag *d)
{
	struct watch_arguments *a = target;
	unsigned long long files;
	int r = option_number(value, 1, RECORD_ROTATE_MAX, &files, d);

	a->watch.record.rotate = files;
	return r;
}

int watch_arguments_init(struct watch_arguments *arguments)
{
	int r;

	*arguments = (struct watch_arguments){
		.watch = {.ring_bytes = PROBE_RING_BYTES_DEFAULT,
			.format = rule_alert_format_default(),
			.canary_ns = SELFCHECK_CANARY_S_DEFAULT * NS_PER_S,
			.pin_dir = PROBE_PINS_DEFAULT_DIR,
			.record = {.file_bytes = RECORD_SIZE_DEFAULT}},
	};
	r = host_arguments_init(&arguments->host);
	return r == 0 ? rule_set_new(&arguments->watch.rules) : r;
}

void watch_arguments_done(struct watch_arguments *arguments)
{
	host_arguments_done(&arguments->host);
	rule_set_free(arguments->watch.rules);
	rule_watch_free(arguments->watch.rule_watch);
	catalog_free(arguments->watch.catalog);
}

int watch_arguments_default(struct watch_arguments *arguments, struct diag *d)
{
	struct watch_arguments *a = arguments;
	int r = 0;

	if (!a->watch.catalog)
		r = builtin_catalog(&a->watch.catalog, d);
	if (r == 0)
		r = host_arguments_default(&a->host, d);
	if (r == 0 && policy_is_empty(a->host.policy) && !a->watch.all_containers)
		r = diag_at(d, NULL, 0, 0,
			"no container is declared bare: give --bare all, --bare NAME, or a "
			"policy file");
	a->watch.policy = a->host.policy;
	a->watch.roots = a->host.roots;
	a->watch.state_file = a->host.state_file;
	return r;
}
