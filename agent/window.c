/* SPDX-License-Identifier: Apache-2.0 */
/* The window in words, see window.h. */
#include "window.h"

#include <inttypes.h>
#include <time.h>

#include "base/clock.h"

/* "2026-11-23T07:23:17Z" */
static void put_time(uint64_t wall_ns, struct strbuf *out)
{
	time_t seconds = wall_ns / NS_PER_S;
	char text[32];
	struct tm tm;

	gmtime_r(&seconds, &tm);
	strftime(text, sizeof(text), "%Y-%m-%dT%H:%M:%SZ", &tm);
	strbuf_add_text(out, text);
}

static void put_times(const struct probe_window *w, uint64_t wall_offset_ns, struct strbuf *out)
{
	uint64_t length_ns = w->to_ns > w->from_ns ? w->to_ns - w->from_ns : 0;

	if (!w->from_ns) {
		strbuf_add_text(out, "nobody read events until ");
		put_time(w->to_ns + wall_offset_ns, out);
		return;
	}
	strbuf_add_text(out, "nobody read events from ");
	put_time(w->from_ns + wall_offset_ns, out);
	strbuf_add_text(out, " to ");
	put_time(w->to_ns + wall_offset_ns, out);
	strbuf_addf(out, " (%.1f s)", length_ns / (double)NS_PER_S);
}

bool window_describe(const struct probe_window *window, uint64_t wall_offset_ns, struct strbuf *out)
{
	if (window->kind == PROBE_WINDOW_UNREADABLE) {
		strbuf_addf(out,
			"an agent with records of version %u was replaced: what waited in its "
			"rings cannot be read",
			window->version);
		return true;
	}
	put_times(window, wall_offset_ns, out);
	strbuf_addf(
		out, ": %" PRIu64 " waited, %" PRIu64 " were lost", window->waiting, window->lost);
	if (window->reattached)
		strbuf_addf(out, ", %zu programs were not attached", window->reattached);
	return window->lost > 0 || window->reattached > 0;
}
