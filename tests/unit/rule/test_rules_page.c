/* SPDX-License-Identifier: Apache-2.0 */
/* Claims about docs/rules.md: what it says of the rules in rules/. Run from the top of the tree. */
#include "rules_fixture.h"

#include <fcntl.h>

#include "base/io.h"
#include "base/strbuf.h"

#define PAGE_SIZE_MAX (1 << 20)

static struct rule_set *all_rules(void)
{
	static const char *const paths[] = {"rules/default.yaml", "rules/containers.yaml"};
	struct rule_set *set = rules_empty();
	CLEANUP_DIAGS struct diags diags = DIAGS_INIT;

	assert_int_equal(rule_set_add_paths(set, paths, ARRAY_SIZE(paths), &diags), 0);
	return set;
}

static char *read_page(void)
{
	char *text;
	size_t size;

	assert_int_equal(read_file_at(AT_FDCWD, "docs/rules.md", PAGE_SIZE_MAX, &text, &size), 0);
	return text;
}

/* Appends each heading of a section about a rule, and whether what to do and exceptions follow it. */
static void add_sections(const char *page, struct strbuf *out)
{
	const char *section, *end, *next;

	for (section = strstr(page, "\n### "); section; section = next) {
		section += strlen("\n### ");
		end = strchr(section, '\n');
		next = strstr(end, "\n### ");
		strbuf_add_slice(out, (struct slice){section, end - section});
		if (!memmem(end, (next ?: end + strlen(end)) - end, "*What to do.* ", 14) ||
			!memmem(end, (next ?: end + strlen(end)) - end, "*Exceptions.* ", 14))
			strbuf_add_text(out, " (a part is missing)");
		strbuf_add_char(out, '\n');
	}
}

static bool has_line(const char *text, const char *line)
{
	CLEANUP_STRBUF struct strbuf wanted = STRBUF_INIT, all = STRBUF_INIT;

	strbuf_addf(&wanted, "\n%s\n", line);
	strbuf_addf(&all, "\n%s", text);
	return strstr(strbuf_text(&all), strbuf_text(&wanted));
}

static void each_rule_has_a_section_with_all_its_parts(void **state)
{
	CLEANUP_RULES struct rule_set *set = all_rules();
	CLEANUP_FREE char *page = read_page();
	CLEANUP_STRBUF struct strbuf sections = STRBUF_INIT;
	const struct rule *rule;

	(void)state;
	add_sections(page, &sections);
	for (size_t i = 0; (rule = rule_set_at(set, i)); i++)
		if (!has_line(strbuf_text(&sections), rule->name))
			fail_msg("docs/rules.md has no whole section '%s'", rule->name);
}

static void each_section_is_about_a_rule(void **state)
{
	CLEANUP_RULES struct rule_set *set = all_rules();
	CLEANUP_FREE char *page = read_page();
	CLEANUP_STRBUF struct strbuf sections = STRBUF_INIT;
	char *rest, *line;

	(void)state;
	add_sections(page, &sections);
	line = strtok_r(sections.data, "\n", &rest);
	assert_non_null(line);
	for (; line; line = strtok_r(NULL, "\n", &rest))
		if (!rule_set_find(set, line))
			fail_msg("there is no rule '%s'", line);
}

/* rules/README.md has a table of them, with their priorities. */
static void table_has_each_rule_with_its_priority(void **state)
{
	CLEANUP_RULES struct rule_set *set = all_rules();
	CLEANUP_FREE char *text = NULL;
	const struct rule *rule;
	size_t size;

	(void)state;
	assert_int_equal(read_file_at(AT_FDCWD, "rules/README.md", PAGE_SIZE_MAX, &text, &size), 0);
	for (size_t i = 0; (rule = rule_set_at(set, i)); i++) {
		CLEANUP_STRBUF struct strbuf row = STRBUF_INIT;

		strbuf_addf(&row, "\n| %s | %s | ", rule->name, rule_priority_name(rule->priority));
		if (!strcasestr(text, strbuf_text(&row)))
			fail_msg("rules/README.md has no row%s", strbuf_text(&row));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_rule_has_a_section_with_all_its_parts),
		cmocka_unit_test(each_section_is_about_a_rule),
		cmocka_unit_test(table_has_each_rule_with_its_priority),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
