/* SPDX-License-Identifier: Apache-2.0 */
/* The database of an engine in the directories of state_fixture.h. */
#pragma once

#include "bolt_fixture.h"
#include "state_fixture.h"

/* Writes the COUNT values as the database FILE. */
static inline void database_write(
	struct state_fixture *f, const char *file, struct db_value *values, size_t count)
{
	CLEANUP_DB struct db db;

	db_init(&db, DB_PAGE_SIZE);
	db_fill(&db, values, count, 1);
	scratch_write(&f->s, file, db.bytes, db_size(&db));
}
