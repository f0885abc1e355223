/* SPDX-License-Identifier: Apache-2.0 */
/* New rules while the agent runs, see reload.h. */
#include "reload.h"

#include <inttypes.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "base/log.h"
#include "cmd.h"
#include "rule_watch.h"

DEFINE_CLEANUP(struct rule_set, rule_set, rule_set_free);

void reload_init(struct reload *reload, const struct watch_config *config, struct outlet *outlet)
{
	*reload = (struct reload){.config = config, .outlet = outlet, .opens = {.config = config}};
	reload->status.version = 1;
	reload->status.loaded_ns = clock_wall_ns();
}

void reload_done(struct reload *reload)
{
	strbuf_done(&reload->error);
}

const struct status_rules *reload_status(struct reload *reload)
{
	reload->status.active = rule_set_count(reload->config->rules, NULL);
	reload->status.error = strbuf_text(&reload->error);
	return &reload->status;
}

/* ---- refused ---- */

/* The errors with their lines, as far as there is room for whole ones. */
static void keep_errors(struct reload *r, const struct diags *diags)
{
	for (size_t i = 0; i < diags->count; i++) {
		size_t before = r->error.len;

		if (diags->items[i].severity != DIAG_ERROR)
			continue;
		diags_render(&r->error, &diags->items[i]);
		if (r->error.len > RELOAD_ERROR_BYTES_MAX && before > 0) {
			strbuf_truncate(&r->error, before);
			break;
		}
	}
	if (r->error.len == 0)
		strbuf_add_text(&r->error, "out of memory\n");
}

/* "FILE:LINE:COLUMN: MESSAGE", and how many more there are. */
static void describe_errors(const struct diags *diags, struct strbuf *out)
{
	char text[4096] = "out of memory"; /* all of a diag has room, were every byte escaped */

	for (size_t i = 0; i < diags->count; i++) {
		if (diags->items[i].severity == DIAG_ERROR) {
			diag_text(&diags->items[i].diag, text, sizeof(text));
			break;
		}
	}
	strbuf_add_text(out, text);
	if (diags->counts[DIAG_ERROR] > 1)
		strbuf_addf(out, " (and %zu more)", diags->counts[DIAG_ERROR] - 1);
}

static void refuse(struct reload *r, const struct diags *diags)
{
	CLEANUP_STRBUF struct strbuf text = STRBUF_INIT;

	r->status.failures++;
	keep_errors(r, diags);
	strbuf_addf(&text,
		"New rules are refused, version %" PRIu64 " stays in force: ", r->status.version);
	describe_errors(diags, &text);
	log_error("%s", strbuf_text(&text));
	outlet_notice(r->outlet, RULE_ERROR, "barewatch: rules refused", strbuf_text(&text),
		"rules.failures", r->status.failures);
}

/* ---- in force ---- */

/* The kernel side holds back mappings of files of which the old rules had nothing to say. */
static void forget_verdicts(struct reload *r)
{
	int error = r->probe ? probe_known_clear(r->probe) : 0;

	if (error < 0)
		log_error("mappings of files that were seen before may stay unseen by the new "
			  "rules: %s",
			strerror(-error));
}

static void follow_opens(struct reload *r)
{
	bool were_told = r->probe && probe_opens_told(r->probe);
	const struct probe *probe = r->probe;
	const char *unseen;
	struct diag d;

	if (opens_follow_rules(&r->opens, &d) < 0)
		log_warning("the new rules are about opened files, of which some are not seen: %s",
			d.message);
	if (!probe || were_told || !probe_opens_told(probe))
		return;
	for (size_t i = 0; (unseen = probe_sensor_unseen(probe, PROBE_SENSOR_OPENS, i)); i++)
		log_info("%s", unseen);
}

/* What keeps a rule has a copy of it (rule_keep), so the old ones can go. */
static void put_in_force(struct reload *r, struct rule_set *fresh)
{
	CLEANUP_STRBUF struct strbuf text = STRBUF_INIT;
	struct rule_changes *changes = &r->status.changes;

	if (rule_sets_compare(r->config->rules, fresh, changes) < 0)
		*changes = (struct rule_changes){0};
	if (opens_before_rules(&r->opens, fresh) && r->drain)
		r->drain(r->userdata);
	rule_set_swap(r->config->rules, fresh);
	forget_verdicts(r);
	if (!r->config->all_containers)
		command_warn_unwatched(r->config->rules);
	follow_opens(r);
	r->status.version++;
	r->status.loaded_ns = clock_wall_ns();
	strbuf_addf(&text,
		"New rules are in force, version %" PRIu64 ": active %zu, added %zu, removed %zu, "
		"changed %zu",
		r->status.version, rule_set_count(r->config->rules, NULL), changes->added,
		changes->removed, changes->changed);
	log_info("%s", strbuf_text(&text));
	outlet_notice(r->outlet, RULE_NOTICE, "barewatch: rules reloaded", strbuf_text(&text),
		"rules.version", r->status.version);
}

static void load(struct reload *r, uint64_t now_ns)
{
	CLEANUP(rule_set_cleanup) struct rule_set *fresh = NULL;
	CLEANUP_DIAGS struct diags diags = DIAGS_INIT;
	const struct watch_config *config = r->config;
	int error = rule_set_new(&fresh);

	r->status.tried_ns = now_ns;
	strbuf_reset(&r->error);
	rule_watch_mark(config->rule_watch);
	if (error == 0)
		error = command_read_rules(fresh, config->rule_paths, config->rule_path_count,
			config->all_containers, &diags);
	command_print_diags(&diags, false);
	if (error < 0)
		refuse(r, &diags);
	else
		put_in_force(r, fresh);
}

bool reload_tick(struct reload *reload, uint64_t now_ns)
{
	bool has_changed = rule_watch_tick(reload->config->rule_watch, now_ns);

	if (!has_changed && !reload->is_wanted)
		return false;
	reload->is_wanted = false;
	load(reload, now_ns);
	return true;
}
