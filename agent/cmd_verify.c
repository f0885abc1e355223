/* SPDX-License-Identifier: Apache-2.0 */
/*
 * `barewatch verify`: whether images are bare. Reads each reference, has it judged, and shows the
 * report in one of its forms.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "barewatch/verify.h"
#include "base/cleanup.h"
#include "base/json.h"
#include "base/log.h"
#include "builtin.h"
#include "cmd.h"
#include "host_options.h"
#include "rule_options.h"
#include "verify_call.h"

enum form {
	FORM_TEXT,
	FORM_JSON,
	FORM_SARIF,
	FORM_JUNIT,
	FORM_INTOTO,
};

struct arguments {
	struct common_arguments common; /* first */
	struct rule_paths rules;
	enum form form;
	bool quiet;
	const char *platform;
	struct image_limits limits;
	struct verify_policy *policy;
	struct catalog *catalog;
	struct rule_set *rule_set;
};

static void arguments_done(struct arguments *a)
{
	verify_policy_free(a->policy);
	catalog_free(a->catalog);
	rule_set_free(a->rule_set);
}

/* ---- options ---- */

static int set_output(void *target, const char *value, struct diag *d)
{
	static const char *const names[] = {[FORM_TEXT] = "text",
		[FORM_JSON] = "json",
		[FORM_SARIF] = "sarif",
		[FORM_JUNIT] = "junit",
		[FORM_INTOTO] = "in-toto"};
	struct arguments *a = target;
	size_t found = a->form;
	int r = option_word(value, names, ARRAY_SIZE(names), &found, d);

	a->form = found;
	return r;
}

static int set_rules(void *target, const char *value, struct diag *d)
{
	struct arguments *a = target;

	return rule_paths_add(&a->rules, value, d);
}

static int set_policy(void *target, const char *value, struct diag *d)
{
	struct arguments *a = target;

	return host_option_located(d, verify_policy_load(a->policy, value, d));
}

static int set_allow(void *target, const char *value, struct diag *d)
{
	struct arguments *a = target;

	return verify_policy_allow(a->policy, value, d);
}

static int set_fail_on(void *target, const char *value, struct diag *d)
{
	struct arguments *a = target;

	return verify_policy_fail_on(a->policy, value, d);
}

static int set_platform(void *target, const char *value, struct diag *d)
{
	struct arguments *a = target;
	const char *slash = strchr(value, '/');

	if (!slash || slash == value || slash[1] == '\0')
		return diag_at(
			d, NULL, 0, 0, "'%s' is not of the form OS/ARCHITECTURE[/VARIANT]", value);
	a->platform = value;
	return 0;
}

static int set_quiet(void *target, const char *value, struct diag *d)
{
	struct arguments *a = target;

	(void)value, (void)d;
	a->quiet = true;
	return 0;
}

/* Members of struct image_limits, by the names that messages have for them. */
#define LIMIT(member)                                                 \
	{                                                             \
#member, offsetof(struct image_limits, member),       \
			sizeof(((struct image_limits *)NULL)->member) \
	}

static const struct limit {
	const char *name;
	size_t offset, size;
} limits[] = {
	LIMIT(bytes_max),
	LIMIT(ratio_max),
	LIMIT(ratio_free_bytes),
	LIMIT(window_log_max),
	LIMIT(layers_max),
	LIMIT(manifests_max),
	LIMIT(members_max),
	LIMIT(text_bytes_max),
	LIMIT(name_max),
	LIMIT(depth_max),
	LIMIT(json_bytes_max),
	LIMIT(json_depth_max),
};

static const struct limit *find_limit(struct slice name, struct diag *d)
{
	const char *names[ARRAY_SIZE(limits)];
	char word[64] = "";

	for (size_t i = 0; i < ARRAY_SIZE(limits); i++) {
		if (slice_equal_text(name, limits[i].name))
			return &limits[i];
		names[i] = limits[i].name;
	}
	memcpy(word, name.data, name.len < sizeof(word) ? name.len : sizeof(word) - 1);
	diag_at(d, NULL, 0, 0, "there is no limit '%s'", word);
	diag_suggest(d, word, names, ARRAY_SIZE(names));
	return NULL;
}

static int set_limit(void *target, const char *value, struct diag *d)
{
	struct arguments *a = target;
	const char *sign = strchr(value, '=');
	const struct limit *limit;
	unsigned long long number;
	int r;

	if (!sign)
		return diag_at(d, NULL, 0, 0, "'%s' is not of the form NAME=NUMBER", value);
	limit = find_limit((struct slice){value, sign - value}, d);
	if (!limit)
		return -EINVAL;
	r = option_number(sign + 1, 1, limit->size == 8 ? INT64_MAX : INT32_MAX, &number, d);
	if (r < 0)
		return r;
	if (limit->size == sizeof(uint64_t))
		*(uint64_t *)((char *)&a->limits + limit->offset) = number;
	else
		*(uint32_t *)((char *)&a->limits + limit->offset) = number;
	return 0;
}

static const struct option_spec options[] = {
	{"output", 'o', "FORM",
		"text (default), json (an object a line, see\n"
		"docs/verify.md), sarif (2.1.0), junit or in-toto (a\n"
		"statement a line)",
		set_output},
	{"policy", 'p', "FILE",
		"read from FILE which classes are violations, which\n"
		"are notes, and which files are allowed",
		set_policy},
	{"allow", 'a', "PATH=REASON",
		"let the file PATH pass, for this reason, which the\n"
		"report tells; may be repeated",
		set_allow},
	{"fail-on", 'f', "CLASS",
		"make files of CLASS violations, such as interpreter,\n"
		"setuid or leak; may be repeated",
		set_fail_on},
	{"platform", '\0', "OS/ARCH[/VARIANT]",
		"judge the manifests for this platform only\n"
		"(default: all)",
		set_platform},
	{"rules", 'r', "PATH",
		"use the rules in this file or folder instead of the\n"
		"built-in ones (rules/verify.yaml); may be repeated",
		set_rules},
	{"quiet", 'q', NULL, "print verdicts alone, a line each", set_quiet},
	{"limit", '\0', "NAME=NUMBER",
		"change a limit on what an image may cost, by the\n"
		"name that messages have for it",
		set_limit},
	OPTION_HELP,
};

static const struct command_usage usage = {
	.name = "verify",
	.help = "Usage: barewatch verify [OPTION]... REFERENCE...\n"
		"\n"
		"Says of images whether they are bare: without shells and package managers, by the bytes\n"
		"of every file, whatever its name and mode. Needs no engine, and unpacks nothing.\n"
		"REFERENCE is one of\n"
		"  oci:DIR[:TAG]               an OCI image layout\n"
		"  oci-archive:FILE[:TAG]      the same in a tar archive\n"
		"  docker-archive:FILE[:TAG]   of docker save, podman save, skopeo, kaniko\n"
		"  dir:DIR                     skopeo's directories, or a root file system\n"
		"  rootfs:DIR, rootfs:FILE     a root file system\n"
		"  PATH                        any of these, told by what is in it\n"
		"  -                           a tar archive of any of these on standard input\n",
	.help_end = "Exit status:\n"
		    "  0  all images are bare\n"
		    "  1  some image is not\n"
		    "  2  usage, or a broken rule or policy file\n"
		    "  3  some image could not be read, or not all of it\n"
		    "  4  internal failure\n",
	.options = options,
	.option_count = ARRAY_SIZE(options),
	.operands_max = COMMAND_OPERANDS_ANY,
	.operand_needed = "an image is needed, such as 'oci-archive:app.tar'",
};

/* ---- judging ---- */

static int verify_reference(const struct arguments *a, const char *reference, json_t **ret)
{
	const struct verify_call call = {
		.reference = reference,
		.reading = {.catalog = a->catalog,
			.limits = &a->limits,
			.platform = a->platform,
			.input_fd = STDIN_FILENO,
			.keeps = verify_keeps},
		.judging = {.catalog = a->catalog, .rules = a->rule_set, .policy = a->policy},
	};

	return verify_call(&call, ret);
}

/* ---- showing ---- */

static void warn_without_digest(const json_t *report)
{
	log_warning("%s: no statement, since none of its manifests could be judged and has a "
		    "digest: only images in OCI layouts and skopeo's directories have one",
		json_string_value(json_object_get(json_object_get(report, "reference"), "name")));
}

static int add_statements(const json_t *report, struct strbuf *out)
{
	size_t before = out->len;
	int r = verify_form_intoto(report, out);

	if (r == 0 && out->len == before)
		warn_without_digest(report);
	return r;
}

/* Shows REPORT by itself, or adds it to those that are shown together. */
static int show(const struct arguments *a, json_t *report, json_t *reports)
{
	const struct verify_text_options text = {
		.quiet = a->quiet, .color = isatty(STDOUT_FILENO) && !getenv("NO_COLOR")};
	CLEANUP_STRBUF struct strbuf out = STRBUF_INIT;
	int r = 0;

	if (a->form == FORM_TEXT)
		verify_form_text(report, &text, &out);
	else if (a->form == FORM_JSON)
		r = json_add_line(json_incref(report), &out);
	else if (a->form == FORM_INTOTO)
		r = add_statements(report, &out);
	else
		r = json_array_append(reports, report) == 0 ? 0 : -ENOMEM;
	fputs(strbuf_text(&out), stdout);
	return out.error ? out.error : r;
}

static int show_together(const struct arguments *a, const json_t *reports)
{
	CLEANUP_STRBUF struct strbuf out = STRBUF_INIT;
	int r = 0;

	if (a->form == FORM_SARIF)
		r = verify_form_sarif(reports, &out);
	else if (a->form == FORM_JUNIT)
		verify_form_junit(reports, &out);
	fputs(strbuf_text(&out), stdout);
	return out.error ? out.error : r;
}

/* Documents for programs do not tell those who read the log. */
static void tell_failure(const struct arguments *a, const char *reference, const json_t *report)
{
	const char *error = json_string_value(json_object_get(report, "error"));

	if (error && a->form != FORM_TEXT)
		log_error("%s: %s", reference, error);
}

static int status_of(enum verify_verdict verdict)
{
	switch (verdict) {
	case VERIFY_BARE:
		return EXIT_FINE;
	case VERIFY_NOT_BARE:
		return EXIT_FOUND;
	default:
		return EXIT_NO_ANSWER;
	}
}

static int verify_all(const struct arguments *a, char **references, int count)
{
	CLEANUP_JSON json_t *reports = json_array();
	enum verify_verdict worst = VERIFY_BARE;
	int r = reports ? 0 : -ENOMEM;

	for (int i = 0; i < count && r == 0; i++) {
		CLEANUP_JSON json_t *report = NULL;

		r = verify_reference(a, references[i], &report);
		if (r < 0)
			break;
		tell_failure(a, references[i], report);
		r = show(a, report, reports);
		if (verify_report_verdict(report) > worst)
			worst = verify_report_verdict(report);
	}
	if (r == 0)
		r = show_together(a, reports);
	if (r == 0)
		return status_of(worst);
	log_error("%s", strerror(-r));
	return EXIT_INTERNAL;
}

static int load(struct arguments *a)
{
	CLEANUP_DIAGS struct diags diags = DIAGS_INIT;
	struct diag d;
	int r;

	if (builtin_catalog(&a->catalog, &d) < 0) {
		command_print_diag(&d);
		return EXIT_INTERNAL;
	}
	if (rule_set_new(&a->rule_set) < 0)
		return EXIT_INTERNAL;
	if (a->rules.count > 0)
		r = rule_set_add_paths(a->rule_set, a->rules.items, a->rules.count, &diags);
	else
		r = rule_set_add_text(
			a->rule_set, "verify.yaml (built in)", builtin_image_rules(), &diags);
	command_print_diags(&diags, false);
	if (r == 0 && !(rule_set_subjects(a->rule_set) & 1u << SUBJECT_PRESENT)) {
		log_error(
			"none of the rules is about files that are present: all images would be bare");
		r = -EINVAL;
	}
	return r < 0 ? EXIT_USAGE : EXIT_FINE;
}

static int run(int argc, char **argv)
{
	CLEANUP(arguments_done) struct arguments a = {.limits = IMAGE_LIMITS_DEFAULT};
	int status, first;

	if (verify_policy_new(&a.policy) < 0)
		return EXIT_INTERNAL;
	first = command_parse(&usage, &a, argc, argv, &status);
	if (first < 0)
		return status;
	status = load(&a);
	return status == EXIT_FINE ? verify_all(&a, argv + first, argc - first) : status;
}

const struct command command_verify = {
	.name = "verify",
	.summary = "say whether images are bare",
	.run = run,
};
