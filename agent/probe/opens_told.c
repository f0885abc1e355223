/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Whether opened files are told: their programs are loaded in any case, and attached while somebody asks
 * for them.
 */
#include <errno.h>

#include "probe/probe.h"

bool probe_opens_told(const struct probe *probe)
{
	return probe->opens_told && probe->selection.open != PROBE_OPEN_NONE;
}

bool probe_hook_rests(const struct probe *probe, const struct hook *hook)
{
	return !probe->opens_told && selection_is_of_opens(hook->program);
}

/* One whose pin is left would go on. */
static int detach(struct probe *probe, struct hook *hook)
{
	const struct probe_pins *pins = probe->config.pins;
	int r = pins ? pin_drop(pins, probe->generation, "link", hook_name(hook)) : 0;

	hook_detach(hook);
	return r;
}

static int attach(struct probe *probe, struct hook *hook, struct diag *d)
{
	const struct probe_pins *pins = probe->config.pins;
	struct selection *selection = &probe->selection;
	int r = probe_attach(probe, hook, d);

	if (selection->open_changed) { /* it is too late for another variant */
		selection_add_unseen(
			selection, PROBE_SENSOR_OPENS, "opened files are not seen", d->message);
		selection->open_changed = false;
		selection->open = PROBE_OPEN_NONE;
	}
	if (r < 0 || selection->open == PROBE_OPEN_NONE)
		return -EOPNOTSUPP;
	r = pins ? hook_pin(hook, pins, probe->generation) : 0;
	return r < 0 ? diag_errno(d, NULL, r) : 0;
}

static int each_hook(struct probe *probe, bool told, struct diag *d)
{
	int r = 0;

	for (size_t i = 0; r == 0 && i < probe->hook_count; i++) {
		struct hook *hook = &probe->hooks[i];

		if (hook->prog_fd < 0 || !selection_is_of_opens(hook->program))
			continue;
		if (told)
			r = attach(probe, hook, d);
		else if (detach(probe, hook) < 0)
			r = diag_at(d, NULL, 0, 0, "what is pinned cannot be removed");
	}
	return r;
}

int probe_opens_rest(struct probe *probe, struct diag *d)
{
	return probe->opens_told ? 0 : each_hook(probe, false, d);
}

int probe_opens_tell(struct probe *probe, bool told, struct diag *d)
{
	const char *reason = selection_unseen(&probe->selection, PROBE_SENSOR_OPENS, 0);
	struct diag ignored;
	int r;

	if (told && probe->selection.open == PROBE_OPEN_NONE) {
		diag_at(d, NULL, 0, 0, "%s", reason ? reason : "no hook was wanted for them");
		return -EOPNOTSUPP;
	}
	if (probe->opens_told == told)
		return 0;
	probe->opens_told = told;
	r = each_hook(probe, told, d);
	if (r < 0 && told) { /* all of them, or none */
		probe->opens_told = false;
		(void)each_hook(probe, false, &ignored);
	}
	return r;
}
