/* SPDX-License-Identifier: Apache-2.0 */
/* Claims about agent/base/log.c: what arrives on standard error. */
#include "scratch.h"

#include "base/log.h"

/* Standard error while it goes to a file. */
struct captured {
	struct scratch scratch;
	int saved_fd;
};

static void capture_start(struct captured *c)
{
	CLEANUP_FD int fd = -1;

	scratch_init(&c->scratch);
	fflush(stderr);
	c->saved_fd = dup(STDERR_FILENO);
	fd = open(scratch_path(&c->scratch, "log"), O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
	assert_true(c->saved_fd >= 0 && fd >= 0);
	dup2(fd, STDERR_FILENO);
}

static void capture_end(struct captured *c, const char *expected)
{
	CLEANUP_FREE char *text = NULL;
	size_t size;

	dup2(c->saved_fd, STDERR_FILENO);
	close(c->saved_fd);
	assert_int_equal(
		read_file_at(AT_FDCWD, scratch_path(&c->scratch, "log"), 10000, &text, &size), 0);
	scratch_done(&c->scratch);
	assert_string_equal(text, expected);
}

static void severities_are_written_in_front(void **state)
{
	struct captured c;

	(void)state;
	capture_start(&c);
	log_error("no %s", "memory");
	log_warning("%d lost", 3);
	log_info("ready");
	capture_end(&c, "barewatch: error: no memory\n"
			"barewatch: warning: 3 lost\n"
			"barewatch: ready\n");
}

static void debug_is_silent_until_asked_for(void **state)
{
	struct captured c;

	(void)state;
	capture_start(&c);
	log_debug("unheard");
	log_set_verbose(true);
	log_debug("heard");
	log_set_verbose(false);
	log_debug("unheard");
	capture_end(&c, "barewatch: debug: heard\n");
}

static void one_message_is_one_line(void **state)
{
	struct captured c;

	(void)state;
	capture_start(&c);
	log_info("name=%s", "x\nbarewatch: error: forged\033[2J");
	capture_end(&c, "barewatch: name=x\\nbarewatch: error: forged\\u{1b}[2J\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(severities_are_written_in_front),
		cmocka_unit_test(debug_is_silent_until_asked_for),
		cmocka_unit_test(one_message_is_one_line),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
