/* SPDX-License-Identifier: Apache-2.0 */
/* Claims about agent/rule/condition/fold.c. */
#include "rules_fixture.h"

#include "random_rules.h"
#include "rule/condition/fold.h"
#include "rule/condition/parser.h"

struct folded_fixture {
	struct ast ast; /* operands point into it */
	struct definitions definitions;
	struct rule_condition *condition;
	struct folded_nodes folded;
};

static void fixture_fold(struct folded_fixture *f, const char *text, enum subject_kind kind)
{
	CLEANUP_DIAGS struct diags diags = DIAGS_INIT;
	struct condition_context context = {.definitions = &f->definitions, .diags = &diags};
	struct diag d = {0};

	*f = (struct folded_fixture){.ast = AST_INIT};
	if (condition_parse(slice_of(text), NULL, &f->ast, &d) < 0 ||
		condition_compile(&context, &f->ast, &f->condition) < 0)
		fail_msg("%s: %s", text, diags.count ? diags.items[0].diag.message : d.message);
	assert_int_equal(condition_fold(f->condition, kind, &f->definitions.store, &f->folded), 0);
	assert_int_equal(f->folded.nodes[0].size, f->folded.count);
}

static void fixture_fold_done(struct folded_fixture *f)
{
	free(f->folded.nodes);
	rule_condition_free(f->condition);
	store_done(&f->definitions.store);
	ast_done(&f->ast);
}

/* "and(FIELD/OPERANDS unknown)"; a set in order is "FIELD/OPERANDS*". */
static void describe(const struct folded_node *node, struct strbuf *out)
{
	static const char *const truths[] = {"false", "unknown", "true"};
	static const char *const branches[] = {"and", "or", "not"};
	const struct folded_node *end = node + node->size;

	if (node->kind == FOLDED_CONSTANT) {
		strbuf_add_text(out, truths[node->truth]);
	} else if (node->kind == FOLDED_COMPARISON) {
		const struct condition_node *c = node->comparison.node;

		strbuf_addf(out, "%s/%u%s", c->field->name, c->operand_count, c->sorted ? "*" : "");
	} else {
		strbuf_addf(out, "%s(", branches[node->kind]);
		for (const struct folded_node *child = node + 1; child < end;
			child += child->size) {
			strbuf_add_text(out, child > node + 1 ? " " : "");
			describe(child, out);
		}
		strbuf_add_text(out, ")");
	}
}

static void assert_folds(const char *text, enum subject_kind kind, const char *expected)
{
	CLEANUP_STRBUF struct strbuf found = STRBUF_INIT;
	struct folded_fixture f;

	fixture_fold(&f, text, kind);
	describe(&f.folded.nodes[0], &found);
	if (strcmp(strbuf_text(&found), expected) != 0)
		fail_msg("%s: %s, not %s", text, strbuf_text(&found), expected);
	fixture_fold_done(&f);
}

static void what_the_kind_tells_is_gone(void **state)
{
	static const struct {
		const char *condition;
		enum subject_kind kind;
		const char *folded;
	} cases[] = {
		{"evt.subject = exec and container.bare = true", SUBJECT_EXEC, "container.bare/1"},
		{"evt.subject = exec and container.bare = true", SUBJECT_OPEN, "false"},
		{"evt.subject != exec or proc.pid = 1", SUBJECT_EXEC, "proc.pid/1"},
		{"not evt.subject = exec", SUBJECT_EXEC, "false"},
		{"not (evt.subject = exec and proc.pid = 1)", SUBJECT_EXEC, "not(proc.pid/1)"},
		{"evt.type = execve", SUBJECT_EXEC, "true"},
		{"evt.type in (open, openat)", SUBJECT_EXEC, "false"},
		{"evt.type in (open, openat)", SUBJECT_OPEN, "evt.type/2"},
		{"evt.type = execve", SUBJECT_ATTEMPT, "evt.type/1"},
		{"evt.type in (mmap, mprotect)", SUBJECT_MAPPING, "true"},
		{"evt.type in (execve, execveat)", SUBJECT_ATTEMPT, "evt.type/2"},
		{"evt.is_open_write = true and proc.pid = 1", SUBJECT_EXEC, "false"},
		{"evt.is_open_write = true", SUBJECT_OPEN, "evt.is_open_write/1"},
		{"attempt.asked = x", SUBJECT_EXEC, "unknown"},
		{"attempt.asked exists or proc.pid = 1", SUBJECT_EXEC, "proc.pid/1"},
		{"attempt.asked = x and proc.pid = 1", SUBJECT_EXEC, "and(proc.pid/1 unknown)"},
		{"attempt.asked = x or proc.pid = 1", SUBJECT_EXEC, "or(proc.pid/1 unknown)"},
		{"proc.name = val(attempt.asked)", SUBJECT_EXEC, "unknown"},
		{"proc.aname = val(attempt.asked)", SUBJECT_EXEC, "proc.aname/0"},
		{"(proc.pid = 1 and (proc.ppid = 2 and proc.tty = 3)) and evt.dir = <",
			SUBJECT_EXEC, "and(proc.pid/1 proc.ppid/1 proc.tty/1)"},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++)
		assert_folds(cases[i].condition, cases[i].kind, cases[i].folded);
}

static void equalities_in_a_row_are_one_set(void **state)
{
	static const char *const cases[][2] = {
		{"proc.name = a or proc.name = b", "proc.name/2"},
		{"proc.name = a or (proc.name in (b, c) or proc.name = d) or proc.pid = 1",
			"or(proc.name/4 proc.pid/1)"},
		{"proc.name = a or proc.pid = 1 or proc.name = b",
			"or(proc.name/1 proc.pid/1 proc.name/1)"},
		{"proc.name = a or tolower(proc.name) = b", "or(proc.name/1 proc.name/1)"},
		{"proc.name = a or proc.name != b", "or(proc.name/1 proc.name/1)"},
		{"proc.name = a and proc.name = b", "and(proc.name/1 proc.name/1)"},
		{"proc.name in (a, b, c, d) or proc.name in (e, f, g, h)", "proc.name/8"},
		{"proc.name in (a, b, c, d) or proc.name in (e, f, g, h, i)", "proc.name/9*"},
		{"proc.pid in (1, 2, 3, 4, 5, 6, 7) or proc.pid = 8 or proc.pid = 9",
			"proc.pid/9*"},
		{"k8s.pod.label[a] = x or k8s.pod.label[b] = x",
			"or(k8s.pod.label/1 k8s.pod.label/1)"},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++)
		assert_folds(cases[i][0], SUBJECT_EXEC, cases[i][1]);
}

/* Judges both forms of a condition for SUBJECT; counts what they came to in SEEN. */
static void assert_same_truth(const char *text, const struct subject *subject, size_t seen[3])
{
	struct field_scratch scratch;
	struct folded_fixture f;
	enum truth plain, folded;

	fixture_fold(&f, text, subject->kind);
	plain = condition_judge(f.condition, subject, &scratch);
	folded = folded_judge(&f.folded.nodes[0], subject, &scratch);
	if (plain != folded)
		fail_msg("kind %d: %d, folded %d: %s", subject->kind, plain, folded, text);
	seen[plain]++;
	fixture_fold_done(&f);
}

static void folded_is_worth_the_same_for_every_subject(void **state)
{
	struct chance chance = {0x62617265}; /* the seed */
	size_t seen[3] = {0};

	(void)state;
	for (int i = 0; i < 3000; i++) {
		CLEANUP_STRBUF struct strbuf text = STRBUF_INIT;

		chance_condition(&chance, 4, &text);
		for (int j = 0; j < 6; j++) {
			struct subject_fixture f;

			chance_subject(&chance, &f);
			assert_same_truth(strbuf_text(&text), &f.subject, seen);
		}
	}
	for (size_t i = 0; i < 3; i++) /* none of them is rare */
		assert_in_range(seen[i], 1000, 18000);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_the_kind_tells_is_gone),
		cmocka_unit_test(equalities_in_a_row_are_one_set),
		cmocka_unit_test(folded_is_worth_the_same_for_every_subject),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
