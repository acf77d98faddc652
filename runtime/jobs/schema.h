/* schema.h - the tables of the queue, as numbered migrations that only go forward. */
#ifndef ACTIONHOST_JOBS_SCHEMA_H
#define ACTIONHOST_JOBS_SCHEMA_H

#include "runtime/jobs/db.h"

/* States of a step; statements hold the numbers themselves, since partial indexes are found by them. */
enum { SCHEMA_READY = 0, SCHEMA_RUNNING = 1, SCHEMA_HELD = 2 };

/*
 * Brings the open database to this program's version, under a lock: of several at once one does it. DB_BROKEN also
 * when the schema is newer and says that this program may not use it: *newer tells. *ran (may be NULL) counts the
 * migrations that this call ran.
 */
MUST_CHECK enum db_result schema_migrate(struct db *d, int *ran, bool *newer);

#endif
