/* SPDX-License-Identifier: Apache-2.0 */
/* Claims about agent/rule/field/open_texts.c, and what rule sets make of it. */
#include "field_fixture.h"

#define TEXT_BIT(text) (1u << BW_OPEN_##text)
#define ALL_TEXTS      (TEXT_BIT(EXE) | TEXT_BIT(CWD) | TEXT_BIT(PARENT) | TEXT_BIT(LINEAGE))

/* An open of which the record had only TEXTS; the agent has, or has not, SEEN its process execute. */
static void open_with(struct subject_fixture *f, unsigned texts, bool seen)
{
	static const struct event_text unreadable = {.unreadable = true};

	fixture_open(f);
	f->event.open.exe.truncated = f->event.open.cwd.truncated = true;
	f->event.open.parent.truncated = true;
	if (!(texts & TEXT_BIT(EXE)))
		f->event.open.exe = unreadable;
	if (!(texts & TEXT_BIT(CWD)))
		f->event.open.cwd = unreadable;
	if (!(texts & TEXT_BIT(PARENT)))
		f->event.open.parent = unreadable;
	if (!(texts & TEXT_BIT(LINEAGE))) {
		f->event.lineage = (struct event_lineage){0};
		f->subject.lineage = NULL;
	}
	/* as ancestry_process() knows it */
	if (!seen && (texts & (TEXT_BIT(EXE) | TEXT_BIT(LINEAGE))) !=
			     (TEXT_BIT(EXE) | TEXT_BIT(LINEAGE)))
		f->subject.process = NULL;
}

static void write_field(
	const struct field *field, const struct subject *subject, struct strbuf *out)
{
	struct field_ref ref = {.field = field, .key = slice_of("x")};
	static struct field_scratch scratch;
	struct value value = field_ref_value(&ref, subject, &scratch);

	value_write(&value, out);
}

/* Whatever a field is read from: without all that it is not said to need, it is what it was. */
static void field_is_the_same_without_the_texts_that_it_does_not_need(void **state)
{
	const struct field *field;

	(void)state;
	for (size_t i = 0; (field = field_at(i)); i++) {
		for (int seen = 0; seen < 2; seen++) {
			CLEANUP_STRBUF struct strbuf whole = STRBUF_INIT, part = STRBUF_INIT;
			struct subject_fixture all, some;

			open_with(&all, ALL_TEXTS, seen);
			open_with(&some, field_open_texts(field), seen);
			write_field(field, &all.subject, &whole);
			write_field(field, &some.subject, &part);
			if (strcmp(strbuf_text(&whole), strbuf_text(&part)) != 0)
				fail_msg("%s is '%s' and not '%s'", field->name, strbuf_text(&part),
					strbuf_text(&whole));
		}
	}
}

/* Evt.is_any_truncated is one of several: what one of them tells of is enough. */
static bool differs_without(const struct field *field, unsigned texts)
{
	CLEANUP_STRBUF struct strbuf whole = STRBUF_INIT, part = STRBUF_INIT;
	struct subject_fixture all, some;

	open_with(&all, ALL_TEXTS, false);
	open_with(&some, ALL_TEXTS & ~texts, false);
	write_field(field, &all.subject, &whole);
	write_field(field, &some.subject, &part);
	return strcmp(strbuf_text(&whole), strbuf_text(&part)) != 0;
}

static void field_needs_no_text_in_vain(void **state)
{
	const struct field *field;
	size_t needy = 0;

	(void)state;
	for (size_t i = 0; (field = field_at(i)); i++) {
		unsigned texts = field_open_texts(field);

		needy += texts != 0;
		/* the fixture's lineage ends after two, and of these not all is known */
		if (texts && !field->is_element && strncmp(field->name, "proc.sid", 8) != 0 &&
			strcmp(field->name, "proc.sname") != 0 && !differs_without(field, texts))
			fail_msg("%s is the same without what it needs", field->name);
	}
	assert_true(needy > 50);
}

static unsigned texts_of(const char *rules)
{
	CLEANUP_RULES struct rule_set *set = rules_of(rules);

	return rule_set_open_texts(set);
}

#define RULE(condition, output)                                                        \
	"- rule: r\n  desc: d\n  condition: " condition "\n  output: \"" output "\"\n" \
	"  priority: ERROR\n"
#define OPENED(condition) RULE("evt.subject = open and (" condition ")", "o")

static void rules_need_what_their_fields_do(void **state)
{
	static const struct {
		const char *rules;
		unsigned texts;
	} cases[] = {
		{OPENED("fd.name = /x and proc.name = cat"), 0},
		{OPENED("proc.exepath = /x"), TEXT_BIT(EXE)},
		{OPENED("proc.pid = 1 or not proc.cwd = /x"), TEXT_BIT(CWD)},
		{OPENED("proc.pexepath = /x"), TEXT_BIT(PARENT)},
		{OPENED("proc.aname = sh"), TEXT_BIT(LINEAGE)},
		{OPENED("proc.cmdline contains x"), TEXT_BIT(EXE) | TEXT_BIT(LINEAGE)},
		{OPENED("fd.name = val(proc.cwd)"), TEXT_BIT(CWD)},
		{OPENED("basename(proc.exepath) = x"), TEXT_BIT(EXE)},
		{RULE("evt.subject = open", "%fd.name by %proc.pexepath"), TEXT_BIT(PARENT)},
		{RULE("evt.subject = exec and proc.cwd = /x", "%proc.aname[2]"), 0},
		{RULE("proc.cwd = /x", "o"), TEXT_BIT(CWD)},
		{OPENED("fd.name = /x") "  exceptions: [{name: e, fields: proc.cwd, values: [/x]}]\n",
			TEXT_BIT(CWD)},
		{OPENED("proc.cwd = /x") "  enabled: false\n", 0},
		{"- macro: m\n  condition: proc.exepath = /x\n" OPENED("m"), TEXT_BIT(EXE)},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++)
		if (texts_of(cases[i].rules) != cases[i].texts)
			fail_msg("%x and not %x:\n%s", texts_of(cases[i].rules), cases[i].texts,
				cases[i].rules);
}

static bool needs_capabilities(const char *rules)
{
	CLEANUP_RULES struct rule_set *set = rules_of(rules);

	return rule_set_needs_capabilities(set);
}

static void capabilities_are_told_when_a_rule_of_any_kind_names_them(void **state)
{
	(void)state;
	assert_false(needs_capabilities(RULE("evt.subject = open", "o")));
	assert_true(needs_capabilities(OPENED("thread.cap_effective contains CAP_SYS_ADMIN")));
	assert_true(needs_capabilities(RULE("evt.subject = exec", "%thread.cap_effective")));
	assert_false(needs_capabilities(
		RULE("evt.subject = exec", "%thread.cap_effective") "  enabled: false\n"));
}

static void alerts_in_json_and_recordings_need_all(void **state)
{
	(void)state;
	assert_int_equal(rule_fields_open_texts(false), ALL_TEXTS);
	assert_int_equal(rule_fields_open_texts(true), ALL_TEXTS);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(field_is_the_same_without_the_texts_that_it_does_not_need),
		cmocka_unit_test(field_needs_no_text_in_vain),
		cmocka_unit_test(rules_need_what_their_fields_do),
		cmocka_unit_test(capabilities_are_told_when_a_rule_of_any_kind_names_them),
		cmocka_unit_test(alerts_in_json_and_recordings_need_all),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
