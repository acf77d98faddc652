/*
 * schema.c - the tables of the queue. A migration is never changed once it was published; a new one adds. Each says the
 * oldest program (by its own count of migrations) that may still use the schema behind it: additions with a default
 * leave that as it was.
 *
 * Steps are deleted as they end, so the tables hold work that is left. Ids are never used twice (AUTOINCREMENT), as a
 * late claim of a deleted step must not fit a new one.
 */
#include <stdio.h>

#include "runtime/jobs/schema.h"

static const struct {
    int oldest;
    const char *sql;
} migrations[] = {
    { 1, "CREATE TABLE ah_job (id {ID}, uid TEXT NOT NULL UNIQUE, org_id TEXT NOT NULL, user_id TEXT NOT NULL,"
         " operation TEXT NOT NULL, queue TEXT NOT NULL, lane BIGINT NOT NULL, priority INTEGER NOT NULL,"
         " per_org INTEGER NOT NULL, page_items INTEGER NOT NULL, attempts INTEGER NOT NULL,"
         " keep_days INTEGER NOT NULL, has_finish INTEGER NOT NULL,"
         " unique_key TEXT, merge_key TEXT, merge_until BIGINT NOT NULL DEFAULT 0,"
         " state TEXT NOT NULL DEFAULT 'queued', ended INTEGER NOT NULL DEFAULT 0, ending TEXT, message TEXT,"
         " total BIGINT NOT NULL DEFAULT -1," /* as plans told it */
         " planned BIGINT NOT NULL DEFAULT 0, plans BIGINT NOT NULL DEFAULT 1, planning BIGINT NOT NULL DEFAULT 1,"
         " done BIGINT NOT NULL DEFAULT 0, failed BIGINT NOT NULL DEFAULT 0, kept BIGINT NOT NULL DEFAULT 0,"
         " open BIGINT NOT NULL DEFAULT 1, finishing INTEGER NOT NULL DEFAULT 0,"
         " created_at BIGINT NOT NULL, started_at BIGINT, finished_at BIGINT, waiting_at BIGINT,"
         " retried_at BIGINT NOT NULL DEFAULT 0, rate_from BIGINT, rate_base BIGINT NOT NULL DEFAULT 0);"
         "CREATE UNIQUE INDEX ah_job_unique ON ah_job (org_id, user_id, operation, unique_key)"
         " WHERE ended = 0 AND unique_key IS NOT NULL;"
         "CREATE INDEX ah_job_merge ON ah_job (org_id, user_id, operation, merge_key)"
         " WHERE ended = 0 AND merge_key IS NOT NULL;"
         "CREATE INDEX ah_job_caller ON ah_job (org_id, user_id, id);"
         "CREATE INDEX ah_job_active ON ah_job (state) WHERE ended = 0;"
         "CREATE INDEX ah_job_kept ON ah_job (finished_at) WHERE ended = 1;"

         /* what is written once, apart from the counters that each step writes */
         "CREATE TABLE ah_job_data (job_id {KEY} REFERENCES ah_job (id) ON DELETE CASCADE, username TEXT, input TEXT,"
         " connection TEXT, credentials {BYTES}, org_url TEXT, api_version TEXT, request_id TEXT, traceparent TEXT,"
         " result TEXT);"

         /* the unique keys of starts whose plan was added to a job */
         "CREATE TABLE ah_merged (job_id BIGINT NOT NULL REFERENCES ah_job (id) ON DELETE CASCADE,"
         " unique_key TEXT NOT NULL, PRIMARY KEY (job_id, unique_key));"

         /* A lane is an org's work of one operation in one queue; the first step of each is looked at for a claim. */
         "CREATE TABLE ah_lane (id {ID}, org_id TEXT NOT NULL, queue TEXT NOT NULL, operation TEXT NOT NULL,"
         " gate_until BIGINT NOT NULL DEFAULT 0, served BIGINT NOT NULL DEFAULT 0, UNIQUE (org_id, queue, operation));"
         "CREATE TABLE ah_step (id {ID}, job_id BIGINT NOT NULL REFERENCES ah_job (id) ON DELETE CASCADE,"
         " lane BIGINT NOT NULL, org_id TEXT NOT NULL, queue TEXT NOT NULL,"
         " kind INTEGER NOT NULL, state INTEGER NOT NULL, priority INTEGER NOT NULL, per_org INTEGER NOT NULL,"
         " run_at BIGINT NOT NULL, ready_at BIGINT NOT NULL, attempt INTEGER NOT NULL DEFAULT 0,"
         " crashes INTEGER NOT NULL DEFAULT 0, token BIGINT NOT NULL DEFAULT 0, owner TEXT, claimed_at BIGINT,"
         " lease_until BIGINT, items INTEGER NOT NULL DEFAULT 0, payload TEXT, saved TEXT, input TEXT);"
         "CREATE INDEX ah_step_ready ON ah_step (lane, priority, run_at, id) WHERE state = 0;"
         "CREATE INDEX ah_step_running ON ah_step (org_id, queue) WHERE state = 1;"
         "CREATE INDEX ah_step_owner ON ah_step (owner) WHERE state = 1;"
         "CREATE INDEX ah_step_job ON ah_step (job_id);"

         "CREATE TABLE ah_failed (id {ID}, job_id BIGINT NOT NULL REFERENCES ah_job (id) ON DELETE CASCADE,"
         " item TEXT NOT NULL, code TEXT NOT NULL, message TEXT NOT NULL, field TEXT);"
         "CREATE INDEX ah_failed_job ON ah_failed (job_id, id);"

         "CREATE TABLE ah_pause (queue TEXT PRIMARY KEY);"
         "CREATE TABLE ah_owner (owner TEXT PRIMARY KEY, until BIGINT NOT NULL)" },

    /* The outbox: what a job tells the org. An older program would drop its lines with the steps that wait. */
    { 2, "ALTER TABLE ah_job ADD COLUMN tells INTEGER NOT NULL DEFAULT 0;"
         "ALTER TABLE ah_job ADD COLUMN sequence BIGINT NOT NULL DEFAULT 0;"
         "ALTER TABLE ah_job ADD COLUMN told_at BIGINT NOT NULL DEFAULT 0;"
         "ALTER TABLE ah_job ADD COLUMN told_percent INTEGER NOT NULL DEFAULT 0;"
         "ALTER TABLE ah_job ADD COLUMN lines BIGINT NOT NULL DEFAULT 0;" /* that have not left yet */
         "ALTER TABLE ah_job ADD COLUMN code TEXT;"
         "ALTER TABLE ah_job ADD COLUMN note TEXT;"
         /* uid is that of the start which brought it, and part of what its URL is sealed with */
         "CREATE TABLE ah_callback (id {ID}, job_id BIGINT NOT NULL REFERENCES ah_job (id) ON DELETE CASCADE,"
         " uid TEXT NOT NULL UNIQUE, url {BYTES} NOT NULL);"
         "CREATE INDEX ah_callback_job ON ah_callback (job_id)" },

    /* What pages add up for the finish of their job; an older program adds nothing, and the finish sees that. */
    { 2, "CREATE TABLE ah_sum (job_id BIGINT NOT NULL REFERENCES ah_job (id) ON DELETE CASCADE, name TEXT NOT NULL,"
         " amount BIGINT NOT NULL, PRIMARY KEY (job_id, name))" },
    /* Events, who reads them and how far; and what a job came of. */
    { 2, "ALTER TABLE ah_job_data ADD COLUMN event TEXT;"
         "CREATE TABLE ah_subscription (id {ID}, org_id TEXT NOT NULL, topic TEXT NOT NULL, connection TEXT NOT NULL,"
         " owner TEXT, fence BIGINT NOT NULL DEFAULT 0, lease_until BIGINT, began_at BIGINT NOT NULL,"
         " position {BYTES}, lost INTEGER NOT NULL DEFAULT 0, state TEXT NOT NULL DEFAULT 'opening', reason TEXT,"
         " kept BIGINT NOT NULL DEFAULT 0, duplicates BIGINT NOT NULL DEFAULT 0, gaps BIGINT NOT NULL DEFAULT 0,"
         " received BIGINT NOT NULL DEFAULT 0, unreadable BIGINT NOT NULL DEFAULT 0,"
         " reconnects BIGINT NOT NULL DEFAULT 0, waiting BIGINT, lag_ms BIGINT, last_at BIGINT,"
         " UNIQUE (org_id, topic));"
         "CREATE TABLE ah_event (id {ID}, subscription BIGINT NOT NULL REFERENCES ah_subscription (id),"
         " event_id TEXT NOT NULL, txn TEXT NOT NULL, commit_ms BIGINT NOT NULL, at BIGINT NOT NULL,"
         " state INTEGER NOT NULL, ids INTEGER NOT NULL, body TEXT, fault TEXT, UNIQUE (subscription, event_id));"
         "CREATE INDEX ah_event_open ON ah_event (subscription, txn) WHERE state = 0;"
         "CREATE INDEX ah_event_old ON ah_event (at) WHERE state <> 0;"
         "CREATE INDEX ah_event_apart ON ah_event (subscription) WHERE state = 2" },

    /* Since when; 0 = an older program has paused it. */
    { 2, "ALTER TABLE ah_pause ADD COLUMN since BIGINT NOT NULL DEFAULT 0" },
};

enum { VERSION = (int)(sizeof migrations / sizeof *migrations) };

static bool read_version(struct db *d, int64_t *version, int64_t *oldest)
{
    *version = *oldest = 0;
    if (db_one(d, 0, "SELECT {TABLE}", DB_T("ah_meta")) == 0)
        return !db_failed(d);
    if (db_ask(d, "SELECT version, oldest FROM ah_meta") && db_next(d)) {
        *version = db_number(d, 0);
        *oldest = db_number(d, 1);
    }
    return !db_failed(d);
}

/* In a serial transaction: another program may have been faster. */
static int run(struct db *d)
{
    int64_t version, oldest;
    int ran = 0;
    if (!read_version(d, &version, &oldest))
        return 0;
    if (version == 0)
        db_script(d, "CREATE TABLE IF NOT EXISTS ah_meta (version BIGINT NOT NULL, oldest BIGINT NOT NULL);"
                     "DELETE FROM ah_meta; INSERT INTO ah_meta (version, oldest) VALUES (0, 0)");
    for (; version < VERSION; version++, ran++) {
        db_script(d, migrations[version].sql);
        db_do(d, "UPDATE ah_meta SET version = $1, oldest = $2", DB_I(version + 1), DB_I(migrations[version].oldest));
    }
    return ran;
}

/* What stands in the database, and whether this program may use it. */
static enum db_result look(struct db *d, int64_t *version, bool *newer)
{
    int64_t oldest = 0;
    db_begin(d, DB_READ);
    read_version(d, version, &oldest);
    enum db_result result = db_end(d, true);
    *newer = result == DB_OK && *version > VERSION && oldest > VERSION;
    return *newer ? DB_BROKEN : result;
}

enum db_result schema_migrate(struct db *d, int *ran, bool *newer)
{
    int64_t version = 0;
    int n = 0;
    if (ran)
        *ran = 0;
    enum db_result result = look(d, &version, newer);
    if (result != DB_OK || version >= VERSION)
        return result;
    if (db_begin(d, DB_SERIAL))
        n = run(d);
    result = db_end(d, true);
    if (result != DB_OK)
        return result;
    if (ran)
        *ran = n;
    return look(d, &version, newer); /* a newer program may have been faster */
}
