/* SPDX-License-Identifier: Apache-2.0 */
/* Claims about agent/files.c. */
#include "taken_stdout.h"

#include <errno.h>

#include "barewatch/origin.h"
#include "barewatch/profile.h"
#include "files.h"

#define USE(path, program, origin, use, count, first, last)                            \
	"{\"path\": \"" path "\", \"program\": \"" program "\", \"origin\": \"" origin \
	"\", \"use\": [\"" use "\"], \"count\": " #count ", \"first_ns\": " #first     \
	"000000000, \"last_ns\": " #last "000000000}\n"

#define CONTAINER(omitted) \
	"{\"container\": {\"id\": \"abc\"}, \"omitted\": " #omitted ", \"opens\": true}\n"

static const char answer[] = USE("/b", "/cat", "image", "read", 3, 100, 200)
	USE("/a", "/cat", "upper", "write", 1, 50, 60)
		USE("/b", "/dog", "image", "read", 4, 90, 150)
			USE("/b", "/cat", "image", "execute", 1, 300, 300) CONTAINER(0);

/* What is printed of TEXT, the caller's to free; NULL when it is refused. */
static char *printed(const char *text, struct files_choice choice, enum files_format format)
{
	struct taken_stdout taken = stdout_take();
	int r = files_print(slice_of(text), &choice, format);
	char *data = stdout_give_back(&taken);

	if (r == 0)
		return data;
	assert_int_equal(r, -EBADMSG);
	free(data);
	return NULL;
}

#define TITLE_WIDE_GAP "                                  "
#define TITLE          "USE       COUNT  ORIGIN   LAST                  PATH" TITLE_WIDE_GAP "    PROGRAMS\n"
#define LINE(use, count, origin, last, path, programs)                                     \
	use "        " count "  " origin "  1970-01-01T00:" last "Z  " path TITLE_WIDE_GAP \
	    "      " programs "\n"

#define assert_printed(choice, expected)                                          \
	do {                                                                      \
		CLEANUP_FREE char *text_ = printed(answer, (choice), FILES_TEXT); \
		assert_non_null(text_);                                           \
		assert_string_equal(text_, (expected));                           \
	} while (0)

static void uses_of_one_path_are_one_file(void **state)
{
	(void)state;
	assert_printed((struct files_choice){.order = FILES_BY_PATH},
		TITLE LINE("-w----", "1", "upper  ", "01:00", "/a", "/cat")
			LINE("r----x", "8", "image  ", "05:00", "/b", "/dog, and 1 more"));
}

static void order_is_as_chosen(void **state)
{
	(void)state;
	assert_printed((struct files_choice){.order = FILES_BY_COUNT},
		TITLE LINE("r----x", "8", "image  ", "05:00", "/b", "/dog, and 1 more")
			LINE("-w----", "1", "upper  ", "01:00", "/a", "/cat"));
	assert_printed((struct files_choice){.order = FILES_BY_LAST},
		TITLE LINE("r----x", "8", "image  ", "05:00", "/b", "/dog, and 1 more")
			LINE("-w----", "1", "upper  ", "01:00", "/a", "/cat"));
}

static void what_is_not_chosen_is_not_counted(void **state)
{
	(void)state;
	assert_printed((struct files_choice){.uses = PROFILE_EXECUTED},
		TITLE LINE("-----x", "1", "image  ", "05:00", "/b", "/cat"));
	assert_printed((struct files_choice){.uses = BW_OPEN_READ},
		TITLE LINE("r-----", "7", "image  ", "03:20", "/b", "/dog, and 1 more"));
	assert_printed((struct files_choice){.origins = 1u << PROGRAM_ORIGIN_UPPER},
		TITLE LINE("-w----", "1", "upper  ", "01:00", "/a", "/cat"));
	assert_printed((struct files_choice){.uses = BW_OPEN_TRUNC}, TITLE);
}

static void what_is_missing_is_said(void **state)
{
	CLEANUP_FREE char *text = printed(CONTAINER(5), (struct files_choice){0}, FILES_TEXT);
	CLEANUP_FREE char *json = printed(CONTAINER(5), (struct files_choice){0}, FILES_JSON);
	CLEANUP_FREE char *no_opens = printed(
		"{\"container\": {}, \"opens\": false}\n", (struct files_choice){0}, FILES_TEXT);

	(void)state;
	assert_non_null(strstr(text, "Not complete: 5 more uses"));
	assert_null(strstr(text, "Only what was executed"));
	assert_non_null(strstr(json, "\"complete\": false"));
	assert_null(strstr(no_opens, "Not complete"));
	assert_non_null(strstr(no_opens, "Only what was executed"));
}

static void control_characters_are_escaped(void **state)
{
	CLEANUP_FREE char *text = printed(
		USE("/\\u001b[1m\\n", "/\\u0007", "image", "read", 1, 1, 1) CONTAINER(0),
		(struct files_choice){0}, FILES_TEXT);

	(void)state;
	assert_non_null(strstr(text, "/\\u{1b}[1m\\n "));
	assert_non_null(strstr(text, "/\\u{7}\n"));
}

static void what_is_no_answer_is_refused(void **state)
{
	static const char *const answers[] = {
		"",
		"\n",
		"nothing\n",
		"{}\n",
		"[]\n" CONTAINER(0),
		"{\"path\": \"/a\"}\n" CONTAINER(0),
		USE("/a", "/cat", "image", "read", 1, 1, 1),
		USE("/a", "/cat", "moon", "read", 1, 1, 1) CONTAINER(0),
		USE("/a", "/cat", "image", "read", -1, 1, 1) CONTAINER(0),
		CONTAINER(0) "half",
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(answers); i++)
		assert_null(printed(answers[i], (struct files_choice){0}, FILES_TEXT));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(uses_of_one_path_are_one_file),
		cmocka_unit_test(order_is_as_chosen),
		cmocka_unit_test(what_is_not_chosen_is_not_counted),
		cmocka_unit_test(what_is_missing_is_said),
		cmocka_unit_test(control_characters_are_escaped),
		cmocka_unit_test(what_is_no_answer_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
