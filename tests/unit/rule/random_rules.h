/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Conditions and subjects by chance, the same in each run: for claims that two ways of judging
 * come to the same.
 */
#pragma once

#include "base/strbuf.h"
#include "subject_fixture.h"

struct chance {
	uint64_t state; /* not 0 */
};

/* xorshift64 (Marsaglia, "Xorshift RNGs", 2003): a number below BOUND. */
static inline unsigned chance_below(struct chance *c, unsigned bound)
{
	c->state ^= c->state << 13;
	c->state ^= c->state >> 7;
	c->state ^= c->state << 17;
	return (unsigned)(c->state >> 33) % bound;
}

static inline const char *chance_comparison(struct chance *c)
{
	static const char *const comparisons[] = {/* of the kind alone, or of the call */
		"evt.subject = exec", "evt.subject != open", "evt.subject in (attempt, move)",
		"toupper(evt.subject) = MAPPING", "evt.subject = val(proc.name)",
		"evt.category = process", "evt.dir = <", "evt.is_io = false", "evt.count > 0",
		"evt.is_open_write = true", "evt.is_open_read != true", "evt.type = execve",
		"evt.type in (open, openat, openat2)", "evt.type in (mmap, mprotect)",
		"evt.type exists", "evt.type != execveat", "evt.type startswith exec",
		"attempt.call = execve", "evt.source = val(evt.dir)", "proc.name in ()",
		/* of some kinds only, or of none */
		"exe.resolved startswith /usr", "exe.nlink = 1", "attempt.asked endswith bash",
		"attempt.errno exists", "mapping.writable = true", "move.to != /",
		"fd.name = /etc/shadow", "fd.sip = 10.0.0.1", "fd.sip in (10.0.0.1)",
		"exe.class = shell", "proc.aname = val(attempt.asked)",
		"proc.name = val(move.by_name)", "attempt.cause in (exec, late_failure)",
		"attempt.argv intersects (-i, x)",
		/* of all of them */
		"proc.name = sh", "proc.name = java", "proc.name = ''", "proc.name in (sh, tini)",
		"proc.name in (a, b, c, d, e, f, g, sh, h, i, j)",
		"proc.name in (a, b, c, d, e, f, g, h, i, j, kk)", "proc.pid = 4711",
		"proc.pid in (1, 2, 3, 4, 5, 6, 7, 8, 9, 4711)",
		"proc.pid in (9, 8, 7, 6, 5, 4, 3, 2, 1, 99)", "proc.pid = 1",
		"proc.argv in (sh, -i, a, b, c, d, e, f, g, -jar)", "proc.argv = -c",
		"proc.argv in (k, l, a, b, c, d, e, f, g, h)", "proc.aname = tini",
		"proc.aname in (a, b, c, d, e, f, g, h, i, java)", "proc.aname exists",
		"proc.aexepath = /opt/java/bin/java", "proc.pname = java", "container.bare = true",
		"container.bare = false", "container.name = web", "container.name != web",
		"tolower(container.name) in (a, b, c, d, e, f, g, h, i, web)",
		"len(proc.name) in (1, 2)", "proc.ppid > 4000", "proc.tty_name exists"};

	return comparisons[chance_below(c, ARRAY_SIZE(comparisons))];
}

/* Appends a condition of at most DEPTH levels. */
static inline void chance_condition(struct chance *c, unsigned depth, struct strbuf *out)
{
	unsigned form = depth > 0 ? chance_below(c, 8) : 7;
	const char *conjunction = form < 3 ? " and " : " or ";

	if (form == 7) {
		strbuf_add_text(out, chance_comparison(c));
	} else if (form == 6) {
		strbuf_add_text(out, "not (");
		chance_condition(c, depth - 1, out);
		strbuf_add_text(out, ")");
	} else {
		for (unsigned i = 0, count = 2 + chance_below(c, 3); i < count; i++) {
			strbuf_add_text(out, i > 0 ? conjunction : "");
			strbuf_add_text(out, "(");
			chance_condition(c, depth - 1, out);
			strbuf_add_text(out, ")");
		}
	}
}

/* The calls that each kind is seen of. */
static inline void chance_call(struct chance *c, struct subject_fixture *f)
{
	f->attempt.call = (const unsigned[]){
		BW_CALL_NONE, BW_CALL_EXECVE, BW_CALL_EXECVEAT}[chance_below(c, 3)];
	f->mapping.call = chance_below(c, 2) ? BW_CALL_MMAP : BW_CALL_MPROTECT;
	if (f->subject.kind == SUBJECT_OPEN)
		f->event.open.call = (const unsigned[]){BW_OPEN_BY_OPEN, BW_OPEN_BY_OPENAT,
			BW_OPEN_BY_OPENAT2, BW_OPEN_BY_CREAT,
			BW_OPEN_BY_HANDLE}[chance_below(c, 5)];
}

/* One of the fixtures, of which not all is known. */
static inline void chance_subject(struct chance *c, struct subject_fixture *f)
{
	static void (*const makers[])(struct subject_fixture *) = {fixture_exec, fixture_attempt,
		fixture_lookup, fixture_mapping, fixture_move, fixture_open};

	makers[chance_below(c, ARRAY_SIZE(makers))](f);
	chance_call(c, f);
	if (chance_below(c, 4) == 0)
		f->container.name = NULL;
	if (chance_below(c, 4) == 0)
		f->container.bare = BARE_NO;
	if (chance_below(c, 8) == 0)
		f->subject.container = NULL;
	if (chance_below(c, 4) == 0)
		f->lineage.ancestors = 0;
	if (chance_below(c, 4) == 0)
		f->subject.lineage = NULL;
	if (chance_below(c, 4) == 0)
		f->subject.program = (struct program){0};
	if (chance_below(c, 4) == 0 && f->subject.kind == SUBJECT_EXEC)
		f->event.exec.args = (struct event_text){.unreadable = true};
	if (chance_below(c, 4) == 0 && f->subject.kind == SUBJECT_OPEN)
		f->event.open.path = (struct event_text){.unreadable = true};
}
