/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The command line of OCI runtimes, as runc's and crun's manuals describe it:
 *
 *   runc [GLOBAL OPTION]... create|run [--bundle DIR] [OPTION]... ID
 *   runc [GLOBAL OPTION]... exec [--process FILE] [OPTION]... ID [COMMAND [ARG]...]
 *
 * runc takes a long option with one dash as well (Go, package flag); crun and youki take
 * the value of a short one in the same word (getopt). Podman's --cgroups=disabled is crun's
 * --cgroup-manager=disabled (libpod/oci_conmon_common.go, 4.3 to 5.x); runc has no such thing.
 */
#include "barewatch/runtime.h"

#include "base/cleanup.h"

/* Options that take the next word when they are not written --NAME=VALUE; all others take none. */
static const char *const global_options[] = {
	"log", "log-format", "log-level", "root", "criu", "rootless", "cgroup-manager", "r", "l"};
static const char *const create_options[] = {
	"bundle", "b", "config", "f", "console-socket", "pid-file", "preserve-fds", "pidfd-socket"};
static const char *const exec_options[] = {"process", "p", "console-socket", "cwd", "env", "e",
	"user", "u", "additional-gids", "g", "pid-file", "process-label", "apparmor", "cap", "c",
	"preserve-fds", "cgroup", "pidfd-socket"};

/* An option whose value is wanted, under its two names; the second may be NULL. */
struct wanted {
	const char *name, *short_name;
	struct slice *value;
};

/* The options that may come next, and those that are wanted of them. */
struct grammar {
	const char *const *names;
	size_t count;
	const struct wanted *wanted;
	size_t wanted_count;
};

/* The words of a call, and how far they have been read. */
struct words {
	const struct event_text *args;
	size_t offset;
};

/* The next word. One that was cut is none. */
static bool next_word(struct words *words, struct slice *ret)
{
	return event_args_next(words->args, &words->offset, ret) &&
	       (!words->args->truncated || words->offset <= words->args->bytes.len);
}

static bool takes_value(const struct grammar *grammar, struct slice name)
{
	for (size_t i = 0; i < grammar->count; i++)
		if (slice_equal_text(name, grammar->names[i]))
			return true;
	return false;
}

static struct slice slice_from(struct slice slice, size_t start)
{
	return (struct slice){slice.data + start, slice.len - start};
}

/*
 * Takes the option WORD apart. False when no value is in the word, though there may be one
 * in the next.
 */
static bool split_option(
	const struct grammar *grammar, struct slice word, struct slice *ret_name, struct slice *ret)
{
	bool is_long = word.data[1] == '-';
	struct slice name = slice_from(word, is_long ? 2 : 1);
	const char *equals = memchr(name.data, '=', name.len);
	struct slice letter = {name.data, 1};

	*ret_name = name;
	if (!is_long && name.len > 1 && !takes_value(grammar, name) &&
		takes_value(grammar, letter) && name.data[1] != '=') {
		*ret_name = letter;
		*ret = slice_from(name, 1);
		return true;
	}
	if (!equals)
		return false;
	ret_name->len = equals - name.data;
	*ret = slice_from(name, ret_name->len + 1);
	return true;
}

static void note_value(const struct grammar *grammar, struct slice name, struct slice value)
{
	for (size_t i = 0; i < grammar->wanted_count; i++) {
		const struct wanted *wanted = &grammar->wanted[i];

		if (slice_equal_text(name, wanted->name) ||
			(wanted->short_name && slice_equal_text(name, wanted->short_name)))
			*wanted->value = value;
	}
}

/* The next word that is no option, past options. Notes the values of those that are wanted. */
static bool next_operand(struct words *words, const struct grammar *grammar, struct slice *ret)
{
	struct slice word, name, value;

	while (next_word(words, &word)) {
		if (word.len < 2 || word.data[0] != '-') {
			*ret = word;
			return true;
		}
		if (slice_equal_text(word, "--"))
			return next_word(words, ret);
		if (!split_option(grammar, word, &name, &value)) {
			if (!takes_value(grammar, name))
				continue;
			if (!next_word(words, &value))
				return false;
		}
		note_value(grammar, name, value);
	}
	return false;
}

static bool parse_create(struct words *words, struct runtime_call *ret)
{
	const struct wanted wanted[] = {
		{"bundle", "b", &ret->bundle}, {"pid-file", NULL, &ret->pid_file}};
	const struct grammar grammar = {
		create_options, ARRAY_SIZE(create_options), wanted, ARRAY_SIZE(wanted)};

	ret->verb = RUNTIME_CREATE;
	return next_operand(words, &grammar, &ret->id);
}

static bool parse_exec(struct words *words, struct runtime_call *ret)
{
	const struct wanted wanted = {"process", "p", &ret->process};
	const struct grammar grammar = {exec_options, ARRAY_SIZE(exec_options), &wanted, 1};
	size_t len = words->args->bytes.len;

	ret->verb = RUNTIME_EXEC;
	if (!next_operand(words, &grammar, &ret->id))
		return false;
	ret->command = *words->args;
	/* behind the last word the offset is behind the end when it has no NUL */
	ret->command.bytes = slice_from(
		words->args->bytes, words->offset < len ? words->offset : len);
	return true;
}

bool runtime_call_parse(const struct event_text *args, struct runtime_call *ret)
{
	struct slice name, verb, manager = {0};
	const struct wanted wanted = {"cgroup-manager", NULL, &manager};
	const struct grammar grammar = {global_options, ARRAY_SIZE(global_options), &wanted, 1};
	struct words words = {.args = args};

	*ret = (struct runtime_call){0};
	if (args->unreadable || !next_word(&words, &name) || !next_operand(&words, &grammar, &verb))
		return false;
	ret->without_cgroup = slice_equal_text(manager, "disabled");
	if (slice_equal_text(verb, "create") || slice_equal_text(verb, "run"))
		return parse_create(&words, ret) && ret->id.len > 0;
	return slice_equal_text(verb, "exec") && parse_exec(&words, ret) && ret->id.len > 0;
}
