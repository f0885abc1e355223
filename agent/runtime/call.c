/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The command line of OCI runtimes, as runc's and crun's manuals describe it:
 *
 *   runc [GLOBAL OPTION]... create|run [--bundle DIR] [OPTION]... ID
 *   runc [GLOBAL OPTION]... exec [--process FILE] [OPTION]... ID [COMMAND [ARG]...]
 */
#include "barewatch/runtime.h"

#include "base/cleanup.h"

/* Options that take the next word when they are not written --NAME=VALUE; all others take none. */
static const char *const global_options[] = {"--log", "--log-format", "--log-level", "--root",
	"--criu", "--rootless", "--cgroup-manager"};
static const char *const create_options[] = {"--bundle", "-b", "--config", "-f", "--console-socket",
	"--pid-file", "--preserve-fds", "--pidfd-socket"};
static const char *const exec_options[] = {"--process", "-p", "--console-socket", "--cwd", "--env",
	"-e", "--user", "-u", "--additional-gids", "-g", "--pid-file", "--process-label",
	"--apparmor", "--cap", "-c", "--preserve-fds", "--cgroup", "--pidfd-socket"};

/* The words of a call, and how far they have been read. */
struct words {
	const struct event_text *args;
	size_t offset;
};

static bool is_one_of(struct slice word, const char *const *names, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (slice_equal_text(word, names[i]))
			return true;
	return false;
}

/* Cuts WORD behind the name of its option. False when no value is in the same word. */
static bool split_option(struct slice *word, struct slice *ret_value)
{
	const char *equals = memchr(word->data, '=', word->len);

	if (!equals)
		return false;
	*ret_value = (struct slice){equals + 1, word->data + word->len - equals - 1};
	word->len = equals - word->data;
	return true;
}

/*
 * The next word that is no option, past options of which those in NAMES take a value.
 * That of WANTED or of WANTED_SHORT goes to *RET_VALUE.
 */
static bool next_operand(struct words *words, const char *const *names, size_t count,
	const char *wanted, const char *wanted_short, struct slice *ret_value, struct slice *ret)
{
	struct slice word, value;

	while (event_args_next(words->args, &words->offset, &word)) {
		if (word.len < 2 || word.data[0] != '-') {
			*ret = word;
			return true;
		}
		if (!split_option(&word, &value) && is_one_of(word, names, count) &&
			!event_args_next(words->args, &words->offset, &value))
			return false;
		if (ret_value &&
			(slice_equal_text(word, wanted) || slice_equal_text(word, wanted_short)))
			*ret_value = value;
	}
	return false;
}

static bool parse_create(struct words *words, struct runtime_call *ret)
{
	ret->verb = RUNTIME_CREATE;
	return next_operand(words, create_options, ARRAY_SIZE(create_options), "--bundle", "-b",
		&ret->bundle, &ret->id);
}

static bool parse_exec(struct words *words, struct runtime_call *ret)
{
	ret->verb = RUNTIME_EXEC;
	if (!next_operand(words, exec_options, ARRAY_SIZE(exec_options), "--process", "-p",
		    &ret->process, &ret->id))
		return false;
	ret->command = *words->args;
	ret->command.bytes.data += words->offset;
	ret->command.bytes.len -= words->offset;
	return true;
}

bool runtime_call_parse(const struct event_text *args, struct runtime_call *ret)
{
	struct words words = {.args = args};
	struct slice name, verb;

	*ret = (struct runtime_call){0};
	if (args->unreadable || !event_args_next(args, &words.offset, &name) ||
		!next_operand(&words, global_options, ARRAY_SIZE(global_options), NULL, NULL, NULL,
			&verb))
		return false;
	if (slice_equal_text(verb, "create") || slice_equal_text(verb, "run"))
		return parse_create(&words, ret);
	return slice_equal_text(verb, "exec") && parse_exec(&words, ret);
}
