/* SPDX-License-Identifier: Apache-2.0 */
/* Claims about agent/rule/condition/parser.c. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "base/strbuf.h"
#include "rule/condition/parser.h"

static const char *word_at(const struct ast *ast, size_t index)
{
	return ast->words[index].text;
}

static void transforms_write(
	const struct transforms *transforms, const char *field, struct strbuf *out)
{
	for (size_t i = 0; i < transforms->count; i++)
		strbuf_addf(out, "%s:", transform_name(transforms->kinds[i]));
	strbuf_add_text(out, field);
}

static void comparison_write(const struct ast *ast, const struct ast_node *node, struct strbuf *out)
{
	transforms_write(&node->transforms, word_at(ast, node->name), out);
	strbuf_addf(out, " %s", node->op->name);
	if (node->compares_fields) {
		strbuf_add_char(out, ' ');
		transforms_write(&node->right_transforms, word_at(ast, node->values), out);
		return;
	}
	for (size_t i = node->values; i < node->values + node->value_count; i++)
		strbuf_addf(out, " %s", word_at(ast, i));
}

/* The subtree at INDEX in brackets, operators first. */
static void tree_write(const struct ast *ast, size_t index, struct strbuf *out)
{
	static const char *const names[] = {[AST_AND] = "and", [AST_OR] = "or", [AST_NOT] = "not"};
	const struct ast_node *node = &ast->nodes[index];

	if (node->kind == AST_MACRO) {
		strbuf_add_text(out, word_at(ast, node->name));
		return;
	}
	strbuf_add_char(out, '(');
	if (node->kind == AST_COMPARISON)
		comparison_write(ast, node, out);
	else
		strbuf_add_text(out, names[node->kind]);
	for (size_t i = index + 1; i < index + node->size; i += ast->nodes[i].size) {
		strbuf_add_char(out, ' ');
		tree_write(ast, i, out);
	}
	strbuf_add_char(out, ')');
}

static void assert_tree(const char *text, const char *expected)
{
	CLEANUP(ast_cleanup) struct ast ast = AST_INIT;
	CLEANUP_STRBUF struct strbuf out = STRBUF_INIT;
	struct diag d = {0};

	if (condition_parse(slice_of(text), NULL, &ast, &d) < 0)
		fail_msg("%s: %u: %s", text, d.column, d.message);
	tree_write(&ast, 0, &out);
	assert_string_equal(strbuf_text(&out), expected);
}

static void not_binds_before_and_before_or(void **state)
{
	(void)state;
	assert_tree("a", "a");
	assert_tree("a and b or c", "(or (and a b) c)");
	assert_tree("a or b and c", "(or a (and b c))");
	assert_tree("not a and b", "(and (not a) b)");
	assert_tree("not not a", "(not (not a))");
	assert_tree("a or b or c", "(or a b c)");
	assert_tree("a and b or c and not d or e", "(or (and a b) (and c (not d)) e)");
	assert_tree("not a = 1 or b", "(or (not (a = 1)) b)");
}

static void parentheses_bind_first(void **state)
{
	(void)state;
	assert_tree("(a)", "a");
	assert_tree("a and (b or c)", "(and a (or b c))");
	assert_tree("not (a or b)", "(not (or a b))");
	assert_tree("((a or b) and c) or d", "(or (and (or a b) c) d)");
}

static void operators_take_their_operands(void **state)
{
	(void)state;
	assert_tree("a=1", "(a = 1)");
	assert_tree("a>=1 and b<2", "(and (a >= 1) (b < 2))");
	assert_tree("a startswith /bin/", "(a startswith /bin/)");
	assert_tree("a exists and b", "(and (a exists) b)");
	assert_tree("a in (x, 'y z',w) or b", "(or (a in x y z w) b)");
	assert_tree("a in names", "(a in names)");
	assert_tree("a = and", "(a = and)");
}

static void fields_can_have_transformers_and_arguments(void **state)
{
	(void)state;
	assert_tree("tolower(a) = b", "(tolower:a = b)");
	assert_tree("not len( basename(a) )>=2 and b", "(and (not (len:basename:a >= 2)) b)");
	assert_tree("a = val(b) or c", "(or (a = val:b) c)");
	assert_tree("len(a) != len(tolower(b))", "(len:a != len:tolower:b)");
	assert_tree("len = 1 and a = len", "(and (len = 1) (a = len))");
	assert_tree("a = val and (b = 1)", "(and (a = val) (b = 1))");
	assert_tree("proc.aname[2]=a", "(proc.aname[2] = a)");
	assert_tree("proc.env[A B=(c]exists", "(proc.env[A B=(c] exists)");
	assert_tree("a in () and b", "(and (a in) b)");
	assert_tree(
		"a pmatch (/x, /y*) or b intersects c", "(or (a pmatch /x /y*) (b intersects c))");
	assert_tree("a in (runc:[0:PARENT], x)", "(a in runc:[0:PARENT] x)");
}

static void backslash_keeps_quotes_and_itself(void **state)
{
	(void)state;
	assert_tree("a = 'it\\'s'", "(a = it's)");
	assert_tree("a = \"say \\\"x\\\"\"", "(a = say \"x\")");
	assert_tree("a = 'c:\\\\d'", "(a = c:\\d)");
	assert_tree("a glob '\\[x\\n'", "(a glob \\[x\\n)");
	assert_tree("a glob \\[x", "(a glob \\[x)");
}

static void mistakes_are_found_where_they_are(void **state)
{
	static const struct {
		const char *text;
		unsigned column;
		const char *message;
	} cases[] = {
		{"", 1,
			"found the end of the condition where a field, a macro, 'not' or '(' is "
			"expected"},
		{"a and", 6,
			"found the end of the condition where a field, a macro, 'not' or '(' is "
			"expected"},
		{"a = 1 and or", 11, "found 'or' where a field, a macro, 'not' or '(' is expected"},
		{"'a' = 1", 1, "found 'a' where a field, a macro, 'not' or '(' is expected"},
		{"a and (b or c", 7, "this '(' has no closing ')'"},
		{"a in (b, c", 6, "this '(' has no closing ')'"},
		{"a) and b", 2, "found ')' where 'and', 'or' or the end is expected"},
		{"(a = 1 b)", 8, "found 'b' where 'and', 'or' or ')' is expected"},
		{"a startwith b", 3,
			"found 'startwith' where an operator, 'and' or 'or' is expected: did you "
			"mean 'startswith'?"},
		{"a adn b", 3,
			"found 'adn' where an operator, 'and' or 'or' is expected: did you mean "
			"'and'?"},
		{"a =", 4, "found the end of the condition where a value is expected"},
		{"a = (b)", 5, "found '(' where a value is expected"},
		{"a in (,)", 7, "found ',' where a value is expected"},
		{"lower(a) = b", 6, "found '(' where 'and', 'or' or the end is expected"},
		{"tolower a = b", 9, "found 'a' where an operator, 'and' or 'or' is expected"},
		{"tolower() = b", 9, "found ')' where a field is expected"},
		{"tolower(lower(a)) = b", 9,
			"only a transformer, such as tolower, can stand before '('"},
		{"tolower(a = b", 11, "found '=' where ')' is expected"},
		{"tolower(a) and b", 12, "found 'and' where an operator is expected"},
		{"len(len(len(len(len(a))))) = 1", 17, "too many transformers in each other"},
		{"a = val(b", 10, "found the end of the condition where ')' is expected"},
		{"a in (b c)", 9, "found 'c' where ',' or ')' is expected"},
		{"a in 'b'", 6, "found 'b' where '(' or the name of a list is expected"},
		{"a = 'b", 5, "this ' has no closing '"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct ast ast = AST_INIT;
		struct diag d = {0};

		assert_true(condition_parse(slice_of(cases[i].text), NULL, &ast, &d) < 0);
		assert_string_equal(d.message, cases[i].message);
		assert_int_equal(d.column, cases[i].column);
	}
}

/* COUNT times WORD, then END. */
static void assert_repeated(const char *word, size_t count, const char *end, const char *message)
{
	CLEANUP(ast_cleanup) struct ast ast = AST_INIT;
	CLEANUP_STRBUF struct strbuf text = STRBUF_INIT;
	struct diag d = {0};

	for (size_t i = 0; i < count; i++)
		strbuf_add_text(&text, word);
	strbuf_add_text(&text, end);
	condition_parse(strbuf_slice(&text), NULL, &ast, &d);
	assert_string_equal(d.message, message);
}

static void depth_and_size_are_bounded(void **state)
{
	(void)state;
	assert_repeated("not ", CONDITION_DEPTH_MAX - 1, "a", "");
	assert_repeated("not ", CONDITION_DEPTH_MAX, "a", "the condition is nested too deeply");
	assert_repeated("(", 100000, "a", "the condition is nested too deeply");
	assert_repeated("a or ", CONDITION_NODES_MAX - 2, "a", "");
	assert_repeated(
		"a or ", CONDITION_NODES_MAX - 1, "a", "the condition is too long: use macros");
	assert_repeated("a in (b,c,d,e,f,g,h) or ", CONDITION_WORDS_MAX / 8, "a",
		"too many values: put them into a list");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(not_binds_before_and_before_or),
		cmocka_unit_test(parentheses_bind_first),
		cmocka_unit_test(operators_take_their_operands),
		cmocka_unit_test(fields_can_have_transformers_and_arguments),
		cmocka_unit_test(backslash_keeps_quotes_and_itself),
		cmocka_unit_test(mistakes_are_found_where_they_are),
		cmocka_unit_test(depth_and_size_are_bounded),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
