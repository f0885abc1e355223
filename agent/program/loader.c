/* SPDX-License-Identifier: Apache-2.0 */
/* What a dynamic loader is told to load, see loader.h. */
#include "program/loader.h"

#include "base/cleanup.h"

/* Options whose value is the next argument; musl takes it behind a '=', too. */
static const char *const valued[] = {
	"--argv0",
	"--audit",
	"--glibc-hwcaps-mask",
	"--glibc-hwcaps-prepend",
	"--inhibit-rpath",
	"--library-path",
	"--preload",
};

/* Those with which nothing is run. */
static const char *const asking[] = {
	"--help",
	"--list",
	"--list-diagnostics",
	"--list-tunables",
	"--verify",
	"--version",
};

static bool is_one_of(struct slice arg, const char *const *words, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (slice_equal_text(arg, words[i]))
			return true;
	return false;
}

static bool is_option(struct slice arg)
{
	return arg.len >= 2 && arg.data[0] == '-' && arg.data[1] == '-';
}

/* ARGS from START on. */
static struct event_text args_from(const struct event_text *args, const char *start)
{
	struct event_text ret = *args;

	ret.bytes.len -= start - args->bytes.data;
	ret.bytes.data = start;
	return ret;
}

bool loader_target(
	const struct event_text *args, struct slice *ret_path, struct event_text *ret_args)
{
	const char *argv0 = NULL;
	struct slice arg, value;
	size_t offset = 0;

	if (!event_args_next(args, &offset, &arg)) /* the loader itself */
		return false;
	while (event_args_next(args, &offset, &arg)) {
		if (slice_equal_text(arg, "--") && !event_args_next(args, &offset, &arg))
			return false;
		if (!is_option(arg)) {
			*ret_path = arg;
			*ret_args = args_from(args, argv0 ?: arg.data);
			return arg.len > 0;
		}
		if (is_one_of(arg, asking, ARRAY_SIZE(asking)))
			return false;
		if (!is_one_of(arg, valued, ARRAY_SIZE(valued)))
			continue;
		if (!event_args_next(args, &offset, &value))
			return false;
		if (slice_equal_text(arg, "--argv0"))
			argv0 = value.data;
	}
	return false;
}
