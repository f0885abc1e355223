/* SPDX-License-Identifier: Apache-2.0 */
/* The ring of recent.h. */
#include "recent.h"

#include <string.h>

#include "base/json.h"

static struct recent_alert *at(const struct recent *r, size_t index)
{
	return (struct recent_alert *)&r->alerts[(r->first + index) % RECENT_ALERTS_MAX];
}

static void forget_first(struct recent *r)
{
	struct recent_alert *first = at(r, 0);

	r->bytes -= first->line.capacity;
	strbuf_done(&first->line);
	first->line = STRBUF_INIT;
	r->first = (r->first + 1) % RECENT_ALERTS_MAX;
	r->count--;
}

/* That memory is out costs an explanation, not the alert: it has left. */
void recent_add(struct recent *recent, const char *id, const struct rule *rule,
	const struct subject *subject)
{
	struct strbuf line = STRBUF_INIT;
	struct recent_alert *alert;

	if (json_add_line(json_pack("{s:s, s:s, s:o}", "alert", id, "rule", rule->name, "fields",
				  rule_fields_record(subject)),
		    &line) < 0 ||
		line.capacity > RECENT_BYTES_MAX) {
		strbuf_done(&line);
		return;
	}
	while (recent->count == RECENT_ALERTS_MAX ||
		recent->bytes + line.capacity > RECENT_BYTES_MAX)
		forget_first(recent);
	alert = at(recent, recent->count++);
	snprintf(alert->id, sizeof(alert->id), "%s", id);
	alert->line = line;
	recent->bytes += line.capacity;
}

struct slice recent_find(const struct recent *recent, const char *id)
{
	for (size_t i = 0; i < recent->count; i++)
		if (strcmp(at(recent, i)->id, id) == 0)
			return strbuf_slice(&at(recent, i)->line);
	return (struct slice){0};
}

void recent_done(struct recent *recent)
{
	while (recent->count > 0)
		forget_first(recent);
}
