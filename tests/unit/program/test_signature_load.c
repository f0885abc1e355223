/* SPDX-License-Identifier: Apache-2.0 */
/* Claims about agent/program/signature_load.c. */
#include "program/catalog_fixture.h"

#include "program/signature.h"

#define HEAD                                            \
	"version: 1\n"                                  \
	"programs:\n"                                   \
	"- {name: dash, class: shell, files: [dash]}\n" \
	"- name: busybox\n"                             \
	"  class: multicall\n"                          \
	"  files: [busybox]\n"                          \
	"  applets: {shell: [sh]}\n"                    \
	"signatures:\n"

/* True when the signature with NUMBER of CATALOG fits a file of TEXT. */
static bool fits(const struct catalog *catalog, unsigned number, struct slice text)
{
	const struct signature_set *set = catalog_signatures(catalog);
	struct matcher_scan scan = {0};

	matcher_feed(set->matcher, &scan, text.data, text.len);
	return signature_fits(&set->items[number], &scan);
}

static void catalog_needs_no_signatures(void **state)
{
	CLEANUP_CATALOG struct catalog *catalog = catalog_of("version: 1\nprograms: []\n");

	(void)state;
	assert_null(catalog_signature_name(catalog, 0));
}

static void anchors_are_counted(void **state)
{
	CLEANUP_CATALOG struct catalog *catalog = catalog_of(
		HEAD "- {name: x, class: shell, at_least: 2, anchors: [abcd, bcde, wxyz]}\n");

	(void)state;
	assert_string_equal(catalog_signature_name(catalog, 0), "x");
	assert_null(catalog_signature_name(catalog, 1));
	assert_false(fits(catalog, 0, SLICE("")));
	assert_false(fits(catalog, 0, SLICE("abcd abcd")));
	assert_true(fits(catalog, 0, SLICE("abcde")));
	assert_true(fits(catalog, 0, SLICE("wxyz...abcd...bcde")));
}

static void escapes_stand_for_bytes(void **state)
{
	CLEANUP_CATALOG struct catalog *catalog = catalog_of(
		HEAD "- {name: x, class: shell, at_least: 1, anchors: ['a\\\\b\\x00\\xfF''c']}\n");

	(void)state;
	assert_true(fits(catalog, 0, SLICE("..a\\b\0\xff'c..")));
	assert_false(fits(catalog, 0, SLICE("..a\\b0\xff'c..")));
}

static void words_stand_between_nul_bytes(void **state)
{
	CLEANUP_CATALOG struct catalog *catalog = catalog_of(
		HEAD "- {name: x, class: shell, at_least: 1, words: [fi, esac]}\n");

	(void)state;
	assert_true(fits(catalog, 0, SLICE("..\0fi\0..")));
	assert_true(fits(catalog, 0, SLICE("if\0esac\0")));
	assert_false(fits(catalog, 0, SLICE(".fi\0esac.\0")));
}

static void words_are_found_as_utf32_when_asked_for(void **state)
{
	CLEANUP_CATALOG struct catalog *catalog = catalog_of(
		HEAD "- {name: x, class: shell, utf32: true, at_least: 1, words: [fi]}\n"
		     "- {name: y, class: shell, at_least: 1, words: [fi]}\n"
		     "- {name: z, class: shell, utf32: true, at_least: 1, anchors: [done]}\n");
	struct slice wide = SLICE("x\0\0\0\0\0\0\0f\0\0\0i\0\0\0\0\0\0\0");
	struct slice inside = SLICE("x\0\0\0f\0\0\0i\0\0\0x\0\0\0d\0\0\0o\0\0\0n\0\0\0e\0\0\0");

	(void)state;
	assert_true(fits(catalog, 0, wide));
	assert_true(fits(catalog, 0, SLICE("\0fi\0")));
	assert_false(fits(catalog, 0, inside));
	assert_false(fits(catalog, 1, wide));
	assert_true(fits(catalog, 2, inside));
	assert_true(fits(catalog, 2, SLICE("done")));
}

static void all_words_have_to_be_there(void **state)
{
	CLEANUP_CATALOG struct catalog *catalog = catalog_of(
		HEAD "- name: x\n"
		     "  class: shell\n"
		     "  all_words: [OPTIND, OPTARG]\n"
		     "  at_least: 2\n"
		     "  words: [CDPATH, elif, esac]\n");

	(void)state;
	assert_true(fits(catalog, 0, SLICE("\0OPTIND\0OPTARG\0\0elif\0\0esac\0")));
	assert_false(fits(catalog, 0, SLICE("\0OPTIND\0\0elif\0\0esac\0\0CDPATH\0")));
	assert_false(fits(catalog, 0, SLICE("\0OPTIND\0\0OPTARG\0\0esac\0")));
}

static void library_alone_is_enough(void **state)
{
	CLEANUP_CATALOG struct catalog *catalog = catalog_of(
		HEAD "- {name: x, class: package_manager, libraries: [librpm.so., libdnf.so.]}\n");
	const struct signature *signature = &catalog_signatures(catalog)->items[0];

	(void)state;
	assert_true(signature_has_library(signature, SLICE("librpm.so.9")));
	assert_true(signature_has_library(signature, SLICE("libdnf.so.")));
	assert_false(signature_has_library(signature, SLICE("librpmio.so.9")));
	assert_false(signature_has_library(signature, SLICE("librpm.so")));
	assert_false(fits(catalog, 0, SLICE("librpm.so.9")));
}

static void signature_belongs_to_the_program_of_its_name(void **state)
{
	CLEANUP_CATALOG struct catalog *catalog = catalog_of(
		HEAD "- {name: dash, class: shell, at_least: 1, anchors: [abcd]}\n"
		     "- {name: other, class: shell, at_least: 1, anchors: [abcd]}\n"
		     "- {name: busybox, class: multicall, libraries: [libbusybox.so.]}\n");
	const struct signature_set *set = catalog_signatures(catalog);
	const struct catalog_entry *busybox = catalog_find_entry(catalog, "busybox");

	(void)state;
	assert_ptr_equal(set->items[0].entry, catalog_find_entry(catalog, "dash"));
	assert_null(set->items[1].entry);
	assert_true(set->items[0].entry->has_signature);
	/* a library tells of a program that links it, and nothing of one that does not */
	assert_ptr_equal(set->items[2].entry, busybox);
	assert_false(busybox->has_signature);
}

static void what_is_wrong_is_said_with_its_place(void **state)
{
	static const char *const cases[][2] = {
		{"version: 1\nprograms: []\nsignatures: dash\n",
			"c.yaml:3:13: 'signatures' is a single value, expected a list"},
		{HEAD "- dash\n", "c.yaml:9:3: a signature is a single value, expected a mapping"},
		{HEAD "- {name: x, class: shell, anchor: [abcd]}\n",
			"c.yaml:9:35: unknown key 'anchor': did you mean 'anchors'?"},
		{HEAD "- {class: shell}\n", "c.yaml:9:3: a signature needs 'name' and 'class'"},
		{HEAD "- {name: x}\n", "c.yaml:9:3: a signature needs 'name' and 'class'"},
		{HEAD "- {name: x, class: shel}\n",
			"c.yaml:9:20: unknown class 'shel': did you mean 'shell'?"},
		{HEAD "- {name: dash, class: interpreter, at_least: 1, anchors: [abcd]}\n",
			"c.yaml:9:23: 'dash' has class interpreter here, and shell among the programs"},
		{HEAD "- {name: x, class: shell}\n",
			"c.yaml:9:3: 'x' has no 'anchors', 'words' or 'libraries'"},
		{HEAD "- {name: x, class: shell, anchors: abcd}\n",
			"c.yaml:9:36: 'anchors' is a single value, expected a list"},
		{HEAD "- {name: x, class: shell, at_least: 1, anchors: [abc]}\n",
			"c.yaml:9:50: an item of 'anchors' is 3 bytes long, expected 4 to 200"},
		{HEAD "- {name: x, class: shell, at_least: 1, words: [a]}\n",
			"c.yaml:9:48: an item of 'words' is 1 bytes long, expected 2 to 198"},
		{HEAD "- {name: x, class: shell, at_least: 1, anchors: ['abcd\\n']}\n",
			"c.yaml:9:50: 'abcd\\\\n' has a backslash before something else than xHH or "
			"another one"},
		{HEAD "- {name: x, class: shell, at_least: 1, anchors: ['abcd\\x0']}\n",
			"c.yaml:9:50: 'abcd\\\\x0' has a backslash before something else than xHH "
			"or another one"},
		{HEAD "- {name: x, class: shell, anchors: [abcd]}\n",
			"c.yaml:9:3: 'x' needs 'at_least'"},
		{HEAD "- {name: x, class: shell, at_least: 2, anchors: [abcd]}\n",
			"c.yaml:9:37: 'at_least' is 2, expected a number from 1 to 1"},
		{HEAD "- {name: x, class: shell, at_least: 0, anchors: [abcd]}\n",
			"c.yaml:9:37: 'at_least' is 0, expected a number from 1 to 1"},
		{HEAD "- {name: x, class: shell, at_least: 1x, anchors: [abcd]}\n",
			"c.yaml:9:37: 'at_least' is 1x, expected a number from 1 to 1"},
		{HEAD "- {name: x, class: shell, at_least: 99999999999999999999, anchors: [abcd]}\n",
			"c.yaml:9:37: 'at_least' is 99999999999999999999, expected a number from 1 "
			"to 1"},
		{HEAD "- {name: x, class: shell, at_least: [1], anchors: [abcd]}\n",
			"c.yaml:9:37: 'at_least' is a list, expected a number from 1 to 1"},
		{HEAD "- {name: x, class: shell, at_least: 1, libraries: [librpm.so.]}\n",
			"c.yaml:9:37: 'at_least' goes with 'anchors' or 'words'"},
		{HEAD "- {name: x, class: shell, at_least: 1, all_words: [abcd]}\n",
			"c.yaml:9:37: 'at_least' goes with 'anchors' or 'words'"},
		{HEAD "- {name: x, class: shell, utf32: perhaps, at_least: 1, anchors: [abcd]}\n",
			"c.yaml:9:34: 'utf32' is perhaps, expected true or false"},
		{HEAD "- {name: x, class: shell, packed: [], at_least: 1, anchors: [abcd]}\n",
			"c.yaml:9:35: 'packed' is a list, expected true or false"},
		{HEAD "- {name: x, class: shell, utf32: yes, at_least: 1, anchors: ['abcd\\xff']}\n",
			"c.yaml:9:62: 'abcd\\\\xff' is not ASCII, which 'utf32' goes with only"},
		{HEAD "- {name: x, class: shell, applet_table: true, libraries: [libx.so]}\n",
			"c.yaml:9:41: 'applet_table' goes with class multicall only"},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++)
		assert_catalog_refused(cases[i][0], cases[i][1]);
}

static void too_many_of_anything_is_refused(void **state)
{
	CLEANUP_STRBUF struct strbuf anchors = STRBUF_INIT, signatures = STRBUF_INIT;

	(void)state;
	strbuf_add_text(&anchors, HEAD "- {name: x, class: shell, at_least: 1, anchors: [a000");
	for (int i = 1; i <= SIGNATURE_ANCHORS_MAX; i++)
		strbuf_addf(&anchors, ", a%03d", i);
	strbuf_add_text(&anchors, "]}\n");
	assert_catalog_refused(strbuf_text(&anchors), "c.yaml:9:434: 'x' has more than 64 strings");
	strbuf_add_text(&signatures, HEAD);
	for (int i = 0; i <= PROGRAM_SIGNATURES; i++)
		strbuf_add_text(
			&signatures, "- {name: x, class: shell, at_least: 1, anchors: [abcd]}\n");
	assert_catalog_refused(strbuf_text(&signatures), "c.yaml:265:3: more than 256 signatures");
}

static void more_strings_than_the_matcher_takes_are_refused(void **state)
{
	CLEANUP_STRBUF struct strbuf text = STRBUF_INIT;
	struct catalog *catalog = NULL;
	struct diag d = {0};

	(void)state;
	strbuf_add_text(&text, HEAD);
	for (int i = 0; i < 40; i++) {
		strbuf_add_text(&text, "- {name: x, class: shell, at_least: 1, anchors: [long");
		for (int n = 0; n < 60; n++)
			strbuf_addf(&text, ", a%03d%03d", i, n);
		strbuf_add_text(&text, "]}\n");
	}
	assert_int_equal(catalog_load_text("c.yaml", strbuf_slice(&text), &catalog, &d), -EINVAL);
	assert_string_equal(d.message, "too many strings in one catalog");
	assert_null(catalog);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(catalog_needs_no_signatures),
		cmocka_unit_test(anchors_are_counted),
		cmocka_unit_test(escapes_stand_for_bytes),
		cmocka_unit_test(words_stand_between_nul_bytes),
		cmocka_unit_test(words_are_found_as_utf32_when_asked_for),
		cmocka_unit_test(all_words_have_to_be_there),
		cmocka_unit_test(library_alone_is_enough),
		cmocka_unit_test(signature_belongs_to_the_program_of_its_name),
		cmocka_unit_test(what_is_wrong_is_said_with_its_place),
		cmocka_unit_test(too_many_of_anything_is_refused),
		cmocka_unit_test(more_strings_than_the_matcher_takes_are_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
