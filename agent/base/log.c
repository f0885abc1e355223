/* SPDX-License-Identifier: Apache-2.0 */
/* Messages to standard error, see log.h. */
#include "base/log.h"

#include <stdarg.h>
#include <unistd.h>

#include "base/escape.h"
#include "base/io.h"
#include "base/strbuf.h"

static bool log_verbose;

void log_set_verbose(bool verbose)
{
	log_verbose = verbose;
}

static void log_line(const char *prefix, const char *format, va_list args)
{
	CLEANUP_STRBUF struct strbuf message = STRBUF_INIT;
	CLEANUP_STRBUF struct strbuf line = STRBUF_INIT;

	strbuf_addv(&message, format, args);
	strbuf_add_text(&line, "barewatch: ");
	strbuf_add_text(&line, prefix);
	escape_text(&line, strbuf_slice(&message));
	strbuf_add_char(&line, '\n');
	/* one write, so that lines of several processes do not mix; a failure has nowhere to go */
	(void)write_all(STDERR_FILENO, strbuf_text(&line), line.len);
}

#define DEFINE_LOG(name, prefix)                \
	void name(const char *format, ...)      \
	{                                       \
		va_list args;                   \
                                                \
		va_start(args, format);         \
		log_line(prefix, format, args); \
		va_end(args);                   \
	}

DEFINE_LOG(log_error, "error: ")
DEFINE_LOG(log_warning, "warning: ")
DEFINE_LOG(log_info, "")

void log_debug(const char *format, ...)
{
	va_list args;

	if (!log_verbose)
		return;
	va_start(args, format);
	log_line("debug: ", format, args);
	va_end(args);
}
