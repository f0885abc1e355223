/* SPDX-License-Identifier: Apache-2.0 */
/* Alerts to standard output, see outlet.h. */
#include "outlet.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "base/io.h"
#include "base/log.h"

void outlet_init(struct outlet *outlet, enum alert_format format)
{
	*outlet = (struct outlet){.format = format};
	gethostname(outlet->hostname, sizeof(outlet->hostname) - 1);
	if (getrandom(&outlet->run, sizeof(outlet->run), GRND_NONBLOCK) != sizeof(outlet->run))
		outlet->run = clock_wall_ns(); /* early at boot */
}

void outlet_done(struct outlet *outlet)
{
	strbuf_done(&outlet->line);
	late_done(&outlet->late);
	recent_done(&outlet->recent);
}

bool outlet_has_hung_up(void)
{
	static const int fds[] = {STDOUT_FILENO, STDERR_FILENO};

	for (size_t i = 0; i < ARRAY_SIZE(fds); i++)
		if (!isatty(fds[i]) && errno == EIO) /* else it is ENOTTY */
			return true;
	return false;
}

static int write_line(struct outlet *o)
{
	int r = 0;

	if (o->is_shut)
		return 0;
	if (o->line_is_broken) /* what follows must not be glued to a part */
		r = write_all(STDOUT_FILENO, "\n", 1);
	if (r == 0) {
		r = write_all(STDOUT_FILENO, strbuf_text(&o->line), o->line.len);
		o->line_is_broken = r < 0;
	}
	return r;
}

/* The line is there, unless R is an error. */
static void deliver_line(struct outlet *o, int r)
{
	if (r == 0)
		r = write_line(o);
	if (r == 0)
		return;
	o->undelivered++;
	if (r != o->error)
		log_error("an alert could not be written: %s", strerror(-r));
	o->error = r;
}

static void deliver(struct outlet *o, const struct alert *alert)
{
	strbuf_reset(&o->line);
	deliver_line(o, alert_format(alert, o->format, &o->line));
}

static void deliver_notice(struct outlet *o, struct alert_notice *notice)
{
	char id[ALERT_ID_SIZE];

	notice->time_ns = clock_wall_ns();
	notice->hostname = o->hostname;
	notice->id = id;
	alert_id_format(id, o->run, ++o->notices | ALERT_ID_NOTICE);
	strbuf_reset(&o->line);
	deliver_line(o, alert_notice_format(notice, o->format, &o->line));
}

void outlet_notice(struct outlet *outlet, enum rule_priority priority, const char *rule,
	const char *text, const char *name, uint64_t number)
{
	struct alert_notice notice = {
		.rule = rule,
		.priority = priority,
		.output = text,
		.number_name = name,
		.number = number,
	};

	deliver_notice(outlet, &notice);
}

void outlet_held(struct outlet *outlet, const struct container *container, uint64_t count)
{
	CLEANUP_STRBUF struct strbuf text = STRBUF_INIT;
	struct alert_notice notice = {
		.rule = "barewatch: failed execs held",
		.priority = RULE_WARNING,
		.container = container,
		.number_name = "attempts.held",
		.number = count,
	};

	strbuf_addf(&text,
		"More failed execs than can be told one by one: there may be an attempt among "
		"those that were only counted (count=%" PRIu64 ")",
		count);
	notice.output = strbuf_text(&text);
	deliver_notice(outlet, &notice);
}

void outlet_opens_lost(struct outlet *outlet, const struct container *container, uint64_t count)
{
	CLEANUP_STRBUF struct strbuf text = STRBUF_INIT;
	struct alert_notice notice = {
		.rule = "barewatch: opened files lost",
		.priority = RULE_WARNING,
		.container = container,
		.number_name = "opens.lost",
		.number = count,
	};

	strbuf_addf(&text,
		"More files were opened than can be told: some that a rule speaks of may be among "
		"those that were lost (count=%" PRIu64 ")",
		count);
	notice.output = strbuf_text(&text);
	deliver_notice(outlet, &notice);
}

void outlet_alert(struct outlet *outlet, const struct rule *rule, const struct subject *subject,
	uint64_t time_ns, char ret_id[static ALERT_ID_SIZE])
{
	struct alert alert = {
		.rule = rule,
		.subject = subject,
		.time_ns = time_ns,
		.hostname = outlet->hostname,
		.id = ret_id,
	};

	alert_id_format(ret_id, outlet->run, ++outlet->alerts);
	deliver(outlet, &alert);
	if (!outlet->is_shut)
		recent_add(&outlet->recent, ret_id, rule, subject);
	if (subject->container && subject->container->is_incomplete)
		late_add(&outlet->late, ret_id, rule, subject->container);
}

void outlet_complete(struct outlet *outlet, const char *id, const struct rule *rule,
	const struct subject *subject, uint64_t time_ns)
{
	struct alert alert = {
		.rule = rule,
		.subject = subject,
		.time_ns = time_ns,
		.hostname = outlet->hostname,
		.id = id,
	};

	deliver(outlet, &alert);
}

void outlet_follow_up(struct outlet *outlet, const struct subject *subject, uint64_t time_ns)
{
	struct late_alert late;

	while (late_take(&outlet->late, subject->container, &late)) {
		outlet_complete(outlet, late.id, late.rule, subject, time_ns);
		free(late.rule);
	}
}
