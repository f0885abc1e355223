/* SPDX-License-Identifier: Apache-2.0 */
/* What is known of the files that run in bare containers, see identity.h. */
#include "identity.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "base/hash.h"
#include "base/log.h"
#include "base/strbuf.h"
#include "identity_cache.h"
#include "looks.h"
#include "roots.h"

/* In the key of a file: what the kernel side says of it, and above that our own. */
#define KEY_FILE_FLAGS  (BW_FILE_DELETED | BW_FILE_MEMFD)
#define KEY_HOST_MOUNTS (1u << 31)
#define KEY_DETACHED    (1u << 30)
#define KEY_ENGINE_INIT (1u << 29)
#define KEY_ROOT_KNOWN  (1u << 28)

/* By what a file is kept. */
struct keys {
	struct identity_key own; /* in its container */
	struct identity_key shared; /* in all containers of an image, when it is the image's */
	bool is_shareable; /* it may be */
};

/* A look at the file of an event. */
struct question {
	struct look look; /* first */
	struct keys keys;
	struct identity_late *late; /* what is to be told if it takes too long */
};

struct identity {
	struct catalog *catalog;
	struct identity_cache *cache;
	struct roots roots;
	struct looks *looks;
	uint64_t second_ns; /* CLOCK_BOOTTIME, when the current one began */
	uint64_t waited_ns; /* since then, for looks */
	struct executable answer; /* of a look that is not kept */
	uint64_t dropped; /* looks that made room, as far as they are among the counts */
	struct identity_counts counts;
};

/* ---- questions ---- */

void identity_late_free(struct identity_late *late)
{
	if (!late)
		return;
	free(late->record);
	free(late->rule);
	free(late);
}

static void question_release(struct look *look)
{
	struct question *question = (struct question *)look;

	executable_query_done(&look->query);
	identity_late_free(question->late);
	free(question);
}

/* A copy of TEXT if all of it is known. */
static char *whole_text(const struct event_text *text)
{
	if (text->truncated || text->unreadable || text->detached || text->bytes.len == 0)
		return NULL;
	return strndup(text->bytes.data, text->bytes.len);
}

static bool is_mapping(const struct event *event)
{
	return event->kind == BW_EVENT_MAPPING;
}

static bool is_script(const struct event *event)
{
	return event_file(event)->flags & BW_FILE_SCRIPT;
}

/* The path of the script, which may have been given from the working directory on. */
static char *script_path(const struct event *event)
{
	CLEANUP_STRBUF struct strbuf path = STRBUF_INIT;
	const struct event_text *invoked = &event->exec.invoked, *cwd = &event->exec.cwd;

	if (!is_script(event) || invoked->truncated || invoked->unreadable ||
		invoked->bytes.len == 0)
		return NULL;
	if (invoked->bytes.data[0] != '/' && (cwd->truncated || cwd->unreadable || cwd->detached))
		return NULL;
	strbuf_add_path(&path, cwd->bytes, invoked->bytes);
	return path.error ? NULL : TAKE_PTR(path.data);
}

static struct identity_late *late_new(const struct identity_question *question)
{
	const struct event *event = question->event;
	const struct bw_event *record = is_mapping(event) ? &event->mapping.record->event
							  : &event->exec.record->event;
	struct identity_late *late = calloc(1, sizeof(*late));

	if (!late)
		return NULL;
	late->record = malloc(record->size);
	if (!late->record) {
		free(late);
		return NULL;
	}
	memcpy(late->record, record, record->size);
	late->record_size = record->size;
	late->entry = question->entry;
	return late;
}

static struct executable_query query_of(const struct identity *identity,
	const struct identity_question *asked, const struct roots_entry *known)
{
	const struct event *event = asked->event;
	struct executable_query query = {
		.file = *event_file(event),
		.tgid = event->process->tgid,
		.path = whole_text(event_path(event)),
		.script = script_path(event),
		.is_detached = event_path(event)->detached,
		.mounts_are_outside = asked->mounts_are_outside,
		.is_entrypoint = asked->entry == CONTAINER_ENTRY_ENTRYPOINT,
		.is_suspect = program_is_suspect(identity->catalog, event),
		.root = known->root ? container_root_share(known->root) : NULL,
	};
	if (is_mapping(event)) {
		query.map_start = event->mapping.record->start;
		query.map_end = event->mapping.record->end;
	} else {
		query.script_file = event->exec.record->script;
	}
	if (known->started_ns)
		query.started_ns = known->started_ns + asked->wall_offset_ns;
	return query;
}

/* What is nested belongs to the outermost: else each that it claims to have would be a share. */
static uint64_t owner_of(const struct container *container)
{
	const char *outer = container->outer_id;

	return outer ? hash_add(HASH_INIT, outer, strlen(outer)) : container->cgroup;
}

/* All is copied: a look may outlast the event and the container. */
static struct question *question_new(const struct identity *identity,
	const struct identity_question *asked, const struct roots_entry *known)
{
	struct question *question = calloc(1, sizeof(*question));

	if (!question)
		return NULL;
	question->late = late_new(asked);
	if (!question->late) {
		free(question);
		return NULL;
	}
	question->look.release = question_release;
	question->look.query = query_of(identity, asked, known);
	question->look.owner = owner_of(asked->container);
	return question;
}

/* ---- life ---- */

int identity_new(
	struct catalog *catalog, const struct container_roots *roots, struct identity **ret)
{
	struct identity *identity = calloc(1, sizeof(*identity));
	int r;

	if (!identity)
		return -ENOMEM;
	identity->catalog = catalog;
	roots_init(&identity->roots, roots);
	r = identity_cache_new(IDENTITY_FILES_MAX, &identity->cache);
	if (r == 0)
		r = looks_new(catalog, &identity->looks);
	if (r < 0)
		identity_free(identity);
	else
		*ret = identity;
	return r;
}

void identity_free(struct identity *identity)
{
	if (!identity)
		return;
	looks_free(identity->looks);
	roots_done(&identity->roots);
	identity_cache_free(identity->cache);
	free(identity);
}

void identity_container_made(struct identity *identity, const struct container *container,
	pid_t runtime, uint64_t time_ns)
{
	roots_made(&identity->roots, container, runtime, time_ns);
}

const struct container_root *identity_root(const struct identity *identity, uint64_t cgroup)
{
	return roots_find(&identity->roots, cgroup);
}

void identity_container_gone(struct identity *identity, uint64_t cgroup)
{
	roots_gone(&identity->roots, cgroup);
}

/* ---- what is known ---- */

static bool is_on_overlay(const struct container_root *root, const struct bw_file *file)
{
	return root && root->kind == CONTAINER_ROOT_OVERLAY && file->dev_major == root->dev_major &&
	       file->dev_minor == root->dev_minor;
}

static struct keys keys_of(
	const struct identity_question *question, const struct container_root *root)
{
	const struct event *event = question->event;
	const struct bw_file *file = event_file(event);
	struct keys keys = {
		.own = {.scope = question->container->cgroup,
			.dev_major = file->dev_major,
			.dev_minor = file->dev_minor,
			.file = file_key_of(file),
			.flags = file->flags & KEY_FILE_FLAGS},
		.is_shareable = is_on_overlay(root, file) && !question->mounts_are_outside,
	};

	if (root)
		keys.own.flags |= KEY_ROOT_KNOWN;
	if (question->mounts_are_outside)
		keys.own.flags |= KEY_HOST_MOUNTS;
	if (event_path(event)->detached)
		keys.own.flags |= KEY_DETACHED;
	if (question->entry == CONTAINER_ENTRY_ENTRYPOINT &&
		executable_is_init_path(event_path(event)->bytes))
		keys.own.flags |= KEY_ENGINE_INIT;
	if (!keys.is_shareable)
		return keys;
	keys.shared = keys.own;
	keys.shared.scope = root->layer_set;
	keys.shared.dev_major = keys.shared.dev_minor = 0;
	return keys;
}

static const struct executable *look_up(struct identity *identity, const struct keys *keys)
{
	const struct executable *found = NULL;

	if (keys->is_shareable)
		found = identity_cache_find(identity->cache, &keys->shared);
	return found ?: identity_cache_find(identity->cache, &keys->own);
}

/* What could not be read is looked at again the next time. */
static void remember(struct identity *identity, const struct question *question)
{
	struct executable executable = question->look.executable;
	const struct keys *keys = &question->keys;
	bool is_images = executable.origin == PROGRAM_ORIGIN_IMAGE && keys->is_shareable;

	if (!executable.has_identity || question->look.query.is_known)
		return;
	executable.script_origin = PROGRAM_ORIGIN_UNKNOWN;
	identity_cache_put(identity->cache, is_images ? &keys->shared : &keys->own, &executable);
}

bool identity_is_harmless(const struct executable *executable, enum program_class class)
{
	return class == PROGRAM_OTHER && executable->has_identity &&
	       executable->origin == PROGRAM_ORIGIN_IMAGE && !executable_is_foreign(executable);
}

/* ---- asking ---- */

static void give_up(struct identity *identity)
{
	if (identity->counts.given_up++ == 0)
		log_warning("files that run cannot be looked at fast enough: "
			    "some are judged by their names");
}

static unsigned patience_ms(struct identity *identity, uint64_t now_ns)
{
	if (now_ns - identity->second_ns >= NS_PER_S) {
		identity->second_ns = now_ns;
		identity->waited_ns = 0;
	}
	return identity->waited_ns < IDENTITY_PATIENCE_PER_SECOND_MS * NS_PER_MS
		       ? IDENTITY_PATIENCE_MS
		       : 0;
}

/* Has the file of QUESTION looked at. What takes too long is kept, and told later. */
static const struct executable *look_at(
	struct identity *identity, struct question *question, struct identity_late **ret_late)
{
	struct identity_late *late = question->late;
	uint64_t begin_ns = clock_boot_ns();
	int r = looks_do(identity->looks, &question->look, patience_ms(identity, begin_ns));

	identity->waited_ns += clock_boot_ns() - begin_ns;
	for (; identity->dropped < looks_dropped(identity->looks); identity->dropped++)
		give_up(identity);
	if (r == -ETIME) {
		*ret_late = late;
		return NULL;
	}
	if (r == 0) {
		identity->counts.looks++;
		identity->answer = question->look.executable;
		remember(identity, question);
	} else {
		give_up(identity);
	}
	question_release(&question->look);
	return r == 0 ? &identity->answer : NULL;
}

const struct executable *identity_ask(struct identity *identity,
	const struct identity_question *question, struct identity_late **ret_late)
{
	const struct roots_entry *known = roots_of(&identity->roots, question->container,
		question->event->process, question->entry, question->mounts_are_outside);
	const struct executable *found;
	struct question *copy;
	struct keys keys;

	*ret_late = NULL;
	if (!known)
		return NULL;
	keys = keys_of(question, known->root);
	found = look_up(identity, &keys);
	if (found && !is_script(question->event))
		return found;
	copy = question_new(identity, question, known);
	if (!copy)
		return found;
	copy->keys = keys;
	copy->look.query.is_known = found;
	if (found)
		copy->look.executable = *found;
	return look_at(identity, copy, ret_late);
}

/* ---- what came late ---- */

/* The file of a look that waits may be known from another by now. */
static bool is_known(struct look *look, void *userdata)
{
	struct question *question = (struct question *)look;
	const struct executable *found = look_up(userdata, &question->keys);

	if (!found || look->query.is_known)
		return false;
	look->executable = *found;
	look->query.is_known = true;
	return !look->query.script;
}

struct identity_late *identity_next_late(struct identity *identity)
{
	struct look *look = looks_next(identity->looks, is_known, identity);
	struct question *question = (struct question *)look;
	struct identity_late *late;

	if (!look)
		return NULL;
	identity->counts.looks++;
	identity->counts.late++;
	remember(identity, question);
	late = TAKE_PTR(question->late);
	late->executable = look->executable;
	question_release(look);
	return late;
}

bool identity_is_waiting(const struct identity *identity)
{
	return looks_waiting(identity->looks) > 0;
}

struct identity_counts identity_counts(const struct identity *identity)
{
	return identity->counts;
}
