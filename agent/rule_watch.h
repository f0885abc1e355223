/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Whether rule files have changed: written, renamed over, or led to by a link that was (as Kubernetes
 * replaces a ConfigMap, by the link ..data). Events are only a reason to look: it is what stat()
 * says of the files that counts.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* A change is over when nothing has come for so long, or is taken for it after the second. */
#define RULE_WATCH_QUIET_NS   200000000ULL
#define RULE_WATCH_AT_MOST_NS 2000000000ULL

/* Directories that are watched; what is in others is seen when something changes in these. */
#define RULE_WATCH_DIRECTORIES_MAX 512

/* Names in one folder that are looked at. */
#define RULE_WATCH_NAMES_MAX 4096

struct rule_watch;

/* Of the COUNT files and folders of PATHS, which are borrowed. To be made before they are read. */
int rule_watch_new(const char *const *paths, size_t count, struct rule_watch **ret);
void rule_watch_free(struct rule_watch *watch);

/* Readable when something has happened; -1 when WATCH is NULL. */
int rule_watch_fd(const struct rule_watch *watch);

/* The files are about to be read: what they are from now on counts as a change. WATCH may be NULL. */
void rule_watch_mark(struct rule_watch *watch);

/*
 * True when the files have changed since they were last marked, and are quiet by NOW_NS; they are
 * marked then. WATCH may be NULL.
 */
bool rule_watch_tick(struct rule_watch *watch, uint64_t now_ns);
