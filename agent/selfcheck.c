/* SPDX-License-Identifier: Apache-2.0 */
/* The agent looks at itself, see selfcheck.h. */
#include "selfcheck.h"

#include <errno.h>
#include <inttypes.h>
#include <signal.h>
#include <spawn.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/log.h"

#define INITIAL_PID_NS 0xEFFFFFFCu /* PROC_PID_INIT_INO of include/linux/proc_ns.h */

/* As a field of the alert, and in the log. */
static void say(struct selfcheck *c, enum rule_priority priority, const char *rule,
	const char *text, const char *name, uint64_t number)
{
	if (priority <= RULE_ERROR)
		log_error("%s", text);
	else
		log_warning("%s", text);
	outlet_notice(c->outlet, priority, rule, text, name, number);
}

static bool is_in_initial_pid_namespace(void)
{
	struct stat st;

	return stat("/proc/self/ns/pid", &st) < 0 || st.st_ino == INITIAL_PID_NS;
}

void selfcheck_init(
	struct selfcheck *check, struct probe *probe, struct outlet *outlet, uint64_t interval_ns)
{
	*check = (struct selfcheck){.probe = probe, .outlet = outlet, .interval_ns = interval_ns};
	if (interval_ns && !is_in_initial_pid_namespace()) {
		log_warning("no canaries are started in a pid namespace other than the host's");
		check->interval_ns = 0;
	}
	probe_expect_canary(probe, check->interval_ns ? getpid() : 0);
}

void selfcheck_done(struct selfcheck *check)
{
	if (!check->probe)
		return;
	probe_expect_canary(check->probe, 0);
	if (check->is_running)
		(void)waitpid(check->canary, NULL, 0);
}

/* ---- the canary ---- */

void selfcheck_heard(struct selfcheck *check, uint32_t tgid)
{
	if (tgid != (uint32_t)check->canary)
		return;
	check->is_heard = true;
	check->missed = 0;
	if (!check->is_blind)
		return;
	check->is_blind = false;
	say(check, RULE_NOTICE, "barewatch: sees execs", "barewatch sees execs again", NULL, 0);
}

static void reap(struct selfcheck *c)
{
	if (c->is_running && waitpid(c->canary, NULL, WNOHANG) != 0)
		c->is_running = false;
}

static int start_canary(struct selfcheck *c)
{
	static char name[] = "barewatch", argument[] = SELFCHECK_CANARY_ARGUMENT;
	char *argv[] = {name, argument, NULL}, *envp[] = {NULL};
	int r = posix_spawn(&c->canary, "/proc/self/exe", NULL, NULL, argv, envp);

	if (r != 0)
		return -r;
	c->is_running = true;
	c->is_heard = false;
	return 0;
}

/* The canary before has not come. */
static void miss(struct selfcheck *c)
{
	if (++c->missed < SELFCHECK_CANARIES_MISSED || c->is_blind)
		return;
	c->is_blind = true;
	say(c, RULE_CRITICAL, "barewatch: blind",
		"barewatch does not see execs: programs that it started itself were not reported",
		"canary.missed", c->missed);
}

static void send_canary(struct selfcheck *c)
{
	int r;

	if (c->canary && !c->is_heard)
		miss(c);
	reap(c);
	if (c->is_running) /* it hangs, which is not for us to end */
		return;
	r = start_canary(c);
	if (r < 0 && !c->is_failing)
		log_warning("a canary cannot be started: %s", strerror(-r));
	c->is_failing = r < 0;
	if (r < 0)
		c->canary = 0;
}

/* ---- programs ---- */

static void check_attached(struct selfcheck *c)
{
	CLEANUP_STRBUF struct strbuf names = STRBUF_INIT;
	CLEANUP_STRBUF struct strbuf text = STRBUF_INIT;
	size_t detached = probe_detached(c->probe, &names);

	if (detached == c->detached)
		return;
	c->detached = detached;
	if (detached == 0) {
		say(c, RULE_NOTICE, "barewatch: attached", "all programs are attached again", NULL,
			0);
		return;
	}
	strbuf_addf(&text, "programs are detached or not pinned any more: %s", strbuf_text(&names));
	say(c, RULE_CRITICAL, "barewatch: detached", strbuf_text(&text), "programs.detached",
		detached);
}

void selfcheck_tick(struct selfcheck *check, uint64_t now_ns)
{
	reap(check);
	if (!check->interval_ns || now_ns < check->next_ns)
		return;
	check->next_ns = now_ns + check->interval_ns;
	check_attached(check);
	send_canary(check);
}

/* ---- records ---- */

/* Records may come late: counts what was missing the last time, too. */
int selfcheck_records(struct selfcheck *check)
{
	CLEANUP_STRBUF struct strbuf text = STRBUF_INIT;
	uint64_t taken, both;
	int r = probe_taken(check->probe, &taken);

	if (r < 0)
		return r;
	both = taken < check->taken ? taken : check->taken;
	check->taken = taken;
	if (both <= check->taken_said)
		return 0;
	strbuf_addf(&text, "events were taken from the ring by somebody else: %" PRIu64,
		both - check->taken_said);
	say(check, RULE_EMERGENCY, "barewatch: events taken", strbuf_text(&text), "events.taken",
		both - check->taken_said);
	check->taken_said = both;
	return 0;
}
