/* queue_parts.h - what the files of the queue share. */
#ifndef ACTIONHOST_JOBS_QUEUE_PARTS_H
#define ACTIONHOST_JOBS_QUEUE_PARTS_H

#include "runtime/jobs/db.h"
#include "runtime/jobs/queue.h"

struct queue {
    char *url, *path; /* own; one of them is NULL */
    int poll_ms;
    bool notify;
    struct db *d; /* NULL while it is not open */
    struct db_attempt *attempt;
    enum queue_result state;
    char why[400];
    int watch; /* an epoll of whatever can tell of news at present */
    int watched;
    int64_t next_try_ms, next_poll_ms;
    int backoff_ms;
    int migrated;
    int64_t doubtful; /* token of a claim of which nobody knows whether it was kept; 0 = none */
};

/*
 * Runs `fn` in a transaction: kept when it returns QUEUE_OK. It is called again when another transaction was in the
 * way, so it sets what it gives from the start. Returns what fn returned, or what stood in its way.
 */
typedef enum queue_result queue_fn(struct queue *q, struct db *d, void *ctx);
enum queue_result queue_transact(struct queue *q, enum db_mode mode, queue_fn *fn, void *ctx);
/* Puts a reason into queue_why; returns `result`. */
enum queue_result queue_say(struct queue *q, enum queue_result result, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));

/* queue_start within a transaction: queue_start.c. A merge key needs one of mode DB_SERIAL. QUEUE_AWAY: it has failed.
 */
enum queue_result job_start_within(struct queue *q, struct db *d, const struct job_new *j, struct job_started *out);

/* ---- the row of a job, held by a transaction: queue_job.c ---- */

struct job_row {
    int64_t id, now;
    char org_id[RECORD_ID_SIZE + 1], queue[48];
    int64_t lane;
    char state[12], ending[12]; /* ending "" = goes on */
    int priority, per_org, page_items, attempts;
    bool ended, has_finish, finishing;
    int64_t total, planned, plans, planning, done, failed, kept, open, retried_at;
    bool named; /* its unique key counts: another job may be in its way */
    int64_t tells, sequence, told_at, told_percent, lines;
};

/* Reads and holds it until the end of the transaction. False when there is none. */
bool job_lock(struct db *d, int64_t id, struct job_row *j);
/* The same by its UUID, when it is that caller's. */
bool job_lock_uid(struct db *d, const char *uid, const struct job_caller *who, struct job_row *j);
/* Writes the counters. */
void job_count(struct db *d, const struct job_row *j);
/* The state in which it goes on ("running", "waiting", ...), with its message (NULL = none). */
void job_state(struct db *d, struct job_row *j, const char *state, const char *message);
/* It will end as `state` ("failed", "canceled") when no step of it runs: what waits is dropped, now. `code` (NULL =
 * none) is what a program goes by. */
void job_stop(struct db *d, struct job_row *j, const char *state, const char *code, const char *message);
/* After a step has gone: makes the finish step, or ends the job, when it is time. True when it has ended. */
bool job_close(struct db *d, struct job_row *j);

/* New steps of the job, ready (or held, when it waits); job_row.open is counted up. */
struct step_new {
    enum step_kind kind;
    int attempt, items;
    int64_t delay_ms;
    bool first;          /* before all others of its lane */
    struct span payload; /* JSON; empty = none */
    struct span input;   /* JSON; empty = the job's */
};
/* Inserts one. *s is borrowed; a failure is told by the end of the transaction. */
void step_add(struct db *d, struct job_row *j, const struct step_new *s);
/* Pages in the form of pages_of, each in a step of its own, in order. */
void step_add_pages(struct db *d, struct job_row *j, const json_t *pages, int attempt, int64_t delay_ms);

/* Begins a statement by which running steps are put back: "... WHERE state = 1 AND". Of a job that waits, or comes to
 * its end, none becomes ready but lines of the outbox (kind 3). */
#define QUEUE_RELEASE                                                                                                  \
    "UPDATE ah_step SET state = CASE WHEN kind <> 3 AND EXISTS (SELECT 1 FROM ah_job j WHERE j.id = ah_step.job_id"    \
    " AND (j.state = 'waiting' OR j.ending IS NOT NULL)) THEN 2 ELSE 0 END, owner = NULL, lease_until = NULL,"         \
    " claimed_at = NULL, run_at = {NOW}, ready_at = {NOW} WHERE state = 1 AND "

/* The lane of that work, made when it is new. 0: the database has failed. */
int64_t lane_of(struct db *d, const char *org_id, const char *queue, const char *operation);

/* Sets a member of *out to a column of milliseconds since 1970, as text in UTC; not, when it is null: queue_look.c. */
void job_time(json_t *out, const char *name, const struct db *d, int column);

/* ---- what is told about it: queue_outbox.c. job_count keeps what these change in the row. ---- */

#define OUTBOX_QUEUE "outbox"
/* It has been put into the queue. */
void outbox_begin(struct db *d, struct job_row *j);
/* It has moved on, which is told now and then. */
void outbox_move(struct db *d, struct job_row *j);
/* It has come to wait for somebody; `message` says for what (NULL = nothing is known). */
void outbox_wait(struct db *d, struct job_row *j, const char *message);
/* It has ended: told in every way that is wanted. */
void outbox_end(struct db *d, struct job_row *j);
/* Adds a callback to a job that has not ended. */
void outbox_callback(struct db *d, const struct job_row *j, const char *uid, struct span sealed);
/* What became of a line. False: the step is not the caller's. */
struct step_end;
bool outbox_line_end(struct db *d, struct job_row *j, const struct claim *c, const struct step_end *e);
/* Erases the credentials of a job that has ended once nothing of it is left to tell. */
void outbox_close(struct db *d, const struct job_row *j);

/* ---- items: queue_items.c ---- */

/* Cuts the items (JSON array) into pages of at most `page_items` that fit a payload: [{"p": "<JSON text>", "n": 200}],
 * a new reference. NULL with the reason in `why` when an item alone does not fit, or there are too many. */
json_t *pages_of(const json_t *items, int page_items, size_t pages_max, char *why, size_t size);

/* Failed items: those that there is room for are kept, all are counted in the row of the job. `rows` is an array of
 * {"item": "<JSON text>", "code", "message", "field"?}. */
void failed_add(struct db *d, struct job_row *j, const json_t *rows);
/* Appends such a row; `item` is its JSON. */
void failed_row(json_t *rows, const json_t *item, const char *code, const char *message, const char *field);

/* Milliseconds before attempt n + 1 (n from 1): first_ms, twice that, ... at most 5 minutes, a quarter more or less. */
int64_t back_off(int64_t first_ms, int n);

#endif
