/* SPDX-License-Identifier: Apache-2.0 */
/* See answer_files.h: the container that is meant, and what its profile has. */
#include "answer_files.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>

#include "answers.h"
#include "base/escape.h"
#include "base/json.h"

#define NAMED_MAX 4 /* of those that are called so */

/* Behind the entries: the line of the container, and what ends the answer. */
#define TAIL_BYTES 65536

/* ---- which container ---- */

/* How well a container is meant by a word, the worst first. */
enum meant {
	MEANT_NOT,
	MEANT_BY_BEGINNING, /* of its id */
	MEANT_BY_NAME, /* or its whole id */
};

struct search {
	const struct container_registry *registry;
	struct slice word;
	enum meant meant; /* of those found */
	bool is_there; /* they have not ended */
	const struct container *found[NAMED_MAX];
	size_t count;
};

static enum meant is_meant(const struct container *container, struct slice word)
{
	struct slice id = slice_of(container->id);

	if (slice_equal(id, word) || (container->name && slice_equal_text(word, container->name)))
		return MEANT_BY_NAME;
	if (word.len < id.len && memcmp(id.data, word.data, word.len) == 0)
		return MEANT_BY_BEGINNING;
	return MEANT_NOT;
}

static void note_cgroup(uint64_t key, void *userdata)
{
	(void)key;
	*(bool *)userdata = true;
}

static bool is_there(const struct container_registry *registry, const struct container *container)
{
	bool found = false;

	container_registry_each_cgroup(registry, container, note_cgroup, &found);
	return found;
}

/* Who runs goes before who has ended; else who is meant better. */
static void look_at(const struct container *container, void *userdata)
{
	struct search *s = userdata;
	enum meant meant = is_meant(container, s->word);
	bool there = meant && is_there(s->registry, container);

	if (!meant ||
		(s->count && (there < s->is_there || (there == s->is_there && meant < s->meant))))
		return;
	if (there != s->is_there || meant != s->meant)
		s->count = 0;
	s->is_there = there;
	s->meant = meant;
	if (s->count < NAMED_MAX)
		s->found[s->count] = container;
	s->count++;
}

static int several(const struct search *s, struct diag *d)
{
	CLEANUP_STRBUF struct strbuf ids = STRBUF_INIT;

	for (size_t i = 0; i < s->count && i < NAMED_MAX; i++) {
		strbuf_add_text(&ids, i ? ", " : "");
		strbuf_add_slice(&ids, container_id_short(s->found[i]));
	}
	diag_at(d, NULL, 0, 0, "%zu containers are called '%.*s': %s%s", s->count, (int)s->word.len,
		s->word.data, strbuf_text(&ids), s->count > NAMED_MAX ? ", ..." : "");
	return -ENOTUNIQ;
}

static int find_container(
	const struct answers *a, struct slice word, const struct container **ret, struct diag *d)
{
	const struct tracker *tracker = a->judge->tracker;
	struct search s = {.registry = tracker->registry, .word = word};

	container_registry_each(tracker->registry, look_at, &s);
	if (s.count > 1)
		return several(&s, d);
	if (s.count == 0)
		diag_at(d, NULL, 0, 0, "there is no container '%.*s'", (int)word.len, word.data);
	else if (!tracker_watches(tracker, s.found[0]))
		diag_at(d, NULL, 0, 0, "the container '%.*s' is not watched", (int)word.len,
			word.data);
	else
		*ret = s.found[0];
	return *ret ? 0 : -ENXIO;
}

/* ---- what it used ---- */

struct writing {
	struct strbuf *out;
	uint64_t wall_offset_ns;
	uint64_t left_out; /* uses that the answer has no room for */
};

static void put_uses(struct strbuf *out, uint32_t use)
{
	const char *words[PROFILE_USES_MAX];
	size_t count = profile_use_words(use, words);

	for (size_t i = 0; i < count; i++)
		strbuf_addf(out, "%s\"%s\"", i ? ", " : "", words[i]);
}

/* By hand: there may be 30,000 of them. */
static bool put_entry(const struct profile_entry *entry, void *userdata)
{
	struct writing *w = userdata;
	size_t before = w->out->len;

	strbuf_add_text(w->out, "{\"path\": ");
	json_add_string(w->out, entry->path);
	strbuf_add_text(w->out, ", \"program\": ");
	json_add_string(w->out, entry->program);
	strbuf_addf(w->out, ", \"origin\": \"%s\", \"use\": [", program_origin_name(entry->origin));
	put_uses(w->out, entry->use);
	strbuf_addf(w->out,
		"], \"count\": %" PRIu64 ", \"first_ns\": %" PRIu64 ", \"last_ns\": %" PRIu64 "}\n",
		entry->count, entry->first_ns + w->wall_offset_ns,
		entry->last_ns + w->wall_offset_ns);
	if (w->out->len + TAIL_BYTES > CONTROL_ANSWER_MAX) {
		strbuf_truncate(w->out, before);
		w->left_out += entry->count;
	}
	return !w->out->error;
}

static json_t *text_json(const char *text)
{
	CLEANUP_STRBUF struct strbuf escaped = STRBUF_INIT;

	if (!text || utf8_valid(slice_of(text)))
		return json_string(text);
	escape_text(&escaped, slice_of(text));
	return json_string(strbuf_text(&escaped));
}

static int put_container(const struct answers *a, const struct container *container,
	uint64_t omitted, struct strbuf *out)
{
	return json_add_line(json_pack("{s:{s:o, s:o*, s:o*}, s:I, s:b}", "container", "id",
				     text_json(container->id), "name", text_json(container->name),
				     "image", text_json(container->image), "omitted",
				     (json_int_t)omitted, "opens", probe_opens_told(a->probe)),
		out);
}

int answer_files(const json_t *request, struct strbuf *out, struct diag *d, void *userdata)
{
	const struct answers *a = userdata;
	const char *word = json_string_value(json_object_get(request, "container"));
	struct writing w = {.out = out, .wall_offset_ns = a->judge->wall_offset_ns};
	const struct container *container = NULL;
	int r;

	if (!word || !word[0])
		return diag_at(d, NULL, 0, 0, "'container' is not the name of one");
	r = find_container(a, slice_of(word), &container, d);
	if (r < 0)
		return r;
	profile_each(a->judge->profile, container->cgroup, put_entry, &w);
	w.left_out += profile_totals(a->judge->profile, container->cgroup).omitted;
	r = put_container(a, container, w.left_out, out);
	return r < 0 ? diag_errno(d, NULL, r) : 0;
}
