/* SPDX-License-Identifier: Apache-2.0 */
/* Claims about agent/rule/condition/open_kind.c, and what is made of it. */
#include <errno.h>

#include "rules_fixture.h"

#include "random_rules.h"

#define OF_SHADOW "evt.subject = open and fd.name = /etc/shadow and "

static bool settles(const char *condition, const struct subject *subject)
{
	CLEANUP_STRBUF struct strbuf text = STRBUF_INIT;
	CLEANUP_RULES struct rule_set *set = NULL;

	strbuf_add_text(&text, "- rule: r\n  desc: d\n  output: o\n  priority: ERROR\n");
	strbuf_addf(&text, "  condition: \"%s\"\n", condition);
	set = rules_of(strbuf_text(&text));
	return rule_set_outlook(set, subject) != RULE_OUTLOOK_DEPENDS;
}

static void assert_settles(const char *condition, const struct subject *subject, bool expected)
{
	if (settles(condition, subject) != expected)
		fail_msg("%s: %s", expected ? "it depends" : "it is settled", condition);
}

static void what_the_file_and_its_use_tell_is_settled(void **state)
{
	static const char *const conditions[] = {
		"evt.subject = open",
		"evt.subject = exec",
		"evt.subject = open and fd.name = /etc/shadow",
		"evt.subject = open and fd.name = /etc/passwd",
		OF_SHADOW "fd.directory = /etc and fd.filename = shadow",
		OF_SHADOW "fd.typechar = f and fd.type = file and fd.ino = 99 and fd.dev.major = 8",
		OF_SHADOW "evt.failed = false and evt.is_open_read = true",
		OF_SHADOW "evt.is_open_write = true or evt.is_open_exec = true",
		OF_SHADOW "evt.count > 0 and evt.is_io = false",
		OF_SHADOW "container.bare = true and container.image startswith registry.example",
		OF_SHADOW "k8s.pod.name = x",
		/* which descriptor it is depends, and not that it is one */
		OF_SHADOW "fd.num >= 0 and evt.rawres > -1",
		OF_SHADOW "fd.num < 0",
		/* whatever the process is */
		"evt.subject = open and fd.name = /etc/passwd and proc.name = cat",
		"evt.subject = open and evt.is_open_write = true and proc.args contains x",
		"evt.subject = open and (fd.name = /etc/shadow or proc.name = cat)",
		OF_SHADOW "proc.name exists",
		/* which call it was */
		OF_SHADOW "not evt.type in (execve, connect)",
		OF_SHADOW "not syscall.type = execve",
	};
	struct subject_fixture f;

	(void)state;
	fixture_open(&f);
	for (size_t i = 0; i < ARRAY_SIZE(conditions); i++)
		assert_settles(conditions[i], &f.subject, true);
}

/* One executable can have several names, and be several programs by them. */
static void what_the_process_tells_is_not(void **state)
{
	static const char *const conditions[] = {
		OF_SHADOW "proc.name = cat",
		OF_SHADOW "not proc.name in (cat, head)",
		OF_SHADOW "proc.args contains secret",
		OF_SHADOW "proc.exepath = /usr/bin/cat",
		OF_SHADOW "proc.pname = sh",
		OF_SHADOW "proc.aname = sh",
		OF_SHADOW "proc.aname[2] exists",
		OF_SHADOW "user.uid = 0",
		OF_SHADOW "proc.cwd = /root",
		OF_SHADOW "fd.nameraw contains ../",
		OF_SHADOW "fd.num = 3",
		OF_SHADOW "fd.num > 0",
		OF_SHADOW "evt.arg.flags contains O_CLOEXEC",
		OF_SHADOW "evt.type = openat",
		OF_SHADOW "container.duration > 1000",
		OF_SHADOW "fd.name = val(fd.nameraw)",
		"evt.subject = open and proc.name = cat",
	};
	struct subject_fixture f;

	(void)state;
	fixture_open(&f);
	for (size_t i = 0; i < ARRAY_SIZE(conditions); i++)
		assert_settles(conditions[i], &f.subject, false);
}

static void nothing_is_told_by_a_path_that_is_not_known(void **state)
{
	struct subject_fixture f;

	(void)state;
	fixture_open(&f);
	f.event.open.path = (struct event_text){.unreadable = true};
	assert_settles("evt.subject = open and fd.name = /etc/passwd", &f.subject, false);
	assert_settles("evt.subject = open and fd.name startswith /etc", &f.subject, false);
	assert_settles("evt.subject = open and fd.ino = 98", &f.subject, true);
}

static void container_of_which_more_is_to_come_does_not_settle(void **state)
{
	struct subject_fixture f;

	(void)state;
	fixture_open(&f);
	f.container.is_incomplete = true;
	assert_settles(OF_SHADOW "container.image = x", &f.subject, false);
	assert_settles(
		"evt.subject = open and fd.name = /x and container.image = x", &f.subject, true);
}

/* What a relative path comes to depends on the caller. */
static void failed_open_is_told_by_its_path_and_error(void **state)
{
	struct subject_fixture f;

	(void)state;
	fixture_open(&f);
	f.event.open.result = -ENOENT;
	assert_settles("evt.subject = open and evt.failed = false", &f.subject, true);
	assert_settles("evt.subject = open and fd.num >= 0", &f.subject, true);
	assert_settles(
		"evt.subject = open and evt.res = ENOENT and evt.rawres < -1", &f.subject, true);
	assert_settles("evt.subject = open and fd.nameraw startswith ../", &f.subject, true);
	assert_settles("evt.subject = open and fd.name = /etc/passwd", &f.subject, false);
	assert_settles("evt.subject = open and proc.name = cat", &f.subject, false);
	f.event.open.asked = TEXT_OF("/etc/shadow");
	assert_settles("evt.subject = open and fd.name = /etc/passwd", &f.subject, true);
}

static void first_rule_that_matches_in_any_case_settles(void **state)
{
	static const char rule[] = "- rule: %s\n  desc: d\n  output: o\n  priority: ERROR\n"
				   "  condition: evt.subject = open and %s\n";
	CLEANUP_STRBUF struct strbuf text = STRBUF_INIT;
	CLEANUP_RULES struct rule_set *before = NULL, *behind = NULL;
	struct subject_fixture f;

	(void)state;
	fixture_open(&f);
	strbuf_addf(&text, rule, "file", "fd.name = /etc/shadow");
	strbuf_addf(&text, rule, "process", "proc.name = cat");
	before = rules_of(strbuf_text(&text));
	assert_int_equal(rule_set_outlook(before, &f.subject), RULE_OUTLOOK_SAME);
	strbuf_reset(&text);
	strbuf_addf(&text, rule, "process", "proc.name = cat");
	strbuf_addf(&text, rule, "file", "fd.name = /etc/shadow");
	behind = rules_of(strbuf_text(&text));
	assert_int_equal(rule_set_outlook(behind, &f.subject), RULE_OUTLOOK_DEPENDS);
}

/* ---- by chance ---- */

static const char *chance_of_opens(struct chance *c)
{
	static const char *const comparisons[] = {"fd.name = /etc/shadow", "fd.name = /etc/passwd",
		"fd.name startswith /etc", "fd.filename in (shadow, x)", "fd.directory != /etc",
		"fd.typechar = f", "fd.num >= 0", "fd.num < 0", "fd.num = 3", "fd.num <= 3",
		"fd.num in (-1, 3)", "fd.num != 3", "evt.rawres > -1", "evt.rawres >= 4",
		"fd.nameraw contains ../", "fd.nameraw = val(fd.name)",
		"evt.arg.flags contains CLOEXEC", "evt.is_open_read = true",
		"evt.is_open_write = false", "evt.failed = false", "evt.res = SUCCESS",
		"evt.res = ENOENT", "evt.type = open", "evt.type != openat2",
		"evt.type in (open, openat)", "evt.type exists", "proc.exepath = /usr/bin/dash",
		"proc.exepath exists", "proc.args contains id", "proc.cmdline exists",
		"user.uid = 0", "user.uid < 1000", "proc.cwd = /srv", "container.image.tag = 1.2",
		"thread.ismain = true"};

	return chance_below(c, 2) ? comparisons[chance_below(c, ARRAY_SIZE(comparisons))]
				  : chance_comparison(c);
}

static void chance_rule(struct chance *c, struct strbuf *out)
{
	const char *const joins[] = {" and ", " or ", " and not "};

	strbuf_add_text(out, "- rule: ");
	strbuf_addf(out, "r%zu\n  desc: d\n  output: o\n  priority: ERROR\n", out->len);
	strbuf_add_text(out, "  condition: \"");
	for (unsigned i = 0, count = 1 + chance_below(c, 5); i < count; i++) {
		strbuf_addf(out, "%s(%s", i ? joins[chance_below(c, 3)] : "", chance_of_opens(c));
		strbuf_addf(out, "%s%s)", joins[chance_below(c, 3)], chance_of_opens(c));
	}
	strbuf_add_text(out, "\"\n");
}

/* Other values for all of F, an open, that its kind does not tell. */
static void chance_other_process(struct chance *c, struct subject_fixture *f)
{
	static const char *const names[] = {"sh", "java", "cat", "tini"};
	struct event_open *open = &f->event.open;

	chance_call(c, f);
	snprintf(f->process.comm, sizeof(f->process.comm), "%s", names[chance_below(c, 4)]);
	snprintf(f->process.parent_comm, sizeof(f->process.parent_comm), "%s",
		names[chance_below(c, 4)]);
	f->process.tgid = chance_below(c, 2) ? 1 : 4711;
	f->process.tid = chance_below(c, 2) ? 1 : 4711;
	f->process.ppid = chance_below(c, 5000);
	f->process.uid = chance_below(c, 2) ? 0 : 1000;
	f->process.tty[0] = chance_below(c, 2) ? 'p' : '\0';
	f->caller.args = chance_below(c, 2) ? TEXT_OF("sh\0-c\0id\0") : TEXT_OF("cat\0x\0");
	f->subject.process = chance_below(c, 4) ? &f->caller : NULL;
	f->subject.lineage = chance_below(c, 4) ? &f->lineage : NULL;
	f->lineage.ancestors = chance_below(c, 3);
	open->exe = chance_below(c, 2) ? TEXT_OF("/usr/bin/dash") : TEXT_OF("/x");
	open->cwd = chance_below(c, 2) ? TEXT_OF("/srv") : TEXT_OF("/");
	open->flags = (open->flags & O_ACCMODE) | (chance_below(c, 2) ? O_CLOEXEC : O_APPEND);
	if (open->result >= 0) {
		open->has_no_fd = chance_below(c, 3) == 0;
		open->result = open->has_no_fd ? 0 : (int32_t)chance_below(c, 6);
		open->asked = chance_below(c, 2) ? TEXT_OF("../etc/shadow")
						 : TEXT_OF("/etc/shadow");
	} else if (open->asked.bytes.data[0] != '/') {
		open->path = chance_below(c, 2) ? TEXT_OF("/etc/shadow") : TEXT_OF("/x");
	}
}

static void chance_open(struct chance *c, struct subject_fixture *f)
{
	do
		chance_subject(c, f);
	while (f->subject.kind != SUBJECT_OPEN);
	f->container.is_incomplete = chance_below(c, 8) == 0;
	f->event.open.flags = chance_below(c, 2) ? O_RDONLY : O_RDWR;
	if (chance_below(c, 6) > 0)
		return;
	f->event.open.result = chance_below(c, 2) ? -ENOENT : -EACCES;
	if (chance_below(c, 2))
		f->event.open.asked = TEXT_OF("/etc/shadow");
}

static const struct rule *first_match(const struct rule_set *set, const struct subject *subject)
{
	size_t cursor = 0;

	return rule_set_match(set, subject, &cursor);
}

/* Judges SUBJECT's kind and many others of it. Returns whether that was settled. */
static bool assert_claim_holds(struct chance *c, const struct rule_set *set, const char *text)
{
	struct subject_fixture f;
	const struct rule *first;
	enum rule_outlook outlook;

	chance_open(c, &f);
	outlook = rule_set_outlook(set, &f.subject);
	first = first_match(set, &f.subject);
	if (outlook == RULE_OUTLOOK_DEPENDS)
		return false;
	if ((outlook == RULE_OUTLOOK_SILENT) != !first)
		fail_msg("outlook %d:\n%s", outlook, text);
	for (int i = 0; i < 20; i++) {
		chance_other_process(c, &f);
		if (first_match(set, &f.subject) != first)
			fail_msg("settled, and it is not:\n%s", text);
	}
	return true;
}

static void settled_is_what_no_other_process_changes(void **state)
{
	struct chance chance = {0x6f70656e}; /* the seed */
	size_t settled = 0;

	(void)state;
	for (int i = 0; i < 1500; i++) {
		CLEANUP_STRBUF struct strbuf text = STRBUF_INIT;
		CLEANUP_RULES struct rule_set *set = NULL;

		for (unsigned j = 0, count = 1 + chance_below(&chance, 3); j < count; j++)
			chance_rule(&chance, &text);
		set = rules_of(strbuf_text(&text));
		for (int j = 0; j < 4; j++)
			settled += assert_claim_holds(&chance, set, strbuf_text(&text));
	}
	assert_in_range(settled, 1500, 4500); /* of 6,000 */
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_the_file_and_its_use_tell_is_settled),
		cmocka_unit_test(what_the_process_tells_is_not),
		cmocka_unit_test(nothing_is_told_by_a_path_that_is_not_known),
		cmocka_unit_test(container_of_which_more_is_to_come_does_not_settle),
		cmocka_unit_test(failed_open_is_told_by_its_path_and_error),
		cmocka_unit_test(first_rule_that_matches_in_any_case_settles),
		cmocka_unit_test(settled_is_what_no_other_process_changes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
