/*
 * queue.h - the queue of jobs in SQL: started, claimed, carried on, ended, looked at. One set of statements for SQLite
 * and PostgreSQL. Knows no action and no HTTP: what a step did arrives as a struct, what a page shows leaves as JSON.
 *
 * A job is cut into steps: `plan` steps cut the work into pages of items, `page` steps do it, one `finish` step makes
 * the answer; a job may also be one finish step alone. What is told about a job leaves by `deliver` steps, the lines of
 * the outbox: they are written with what they tell, count for nothing of the job, and outlive its end. A step belongs
 * to whoever claimed it as long as its lease is renewed; each claim gives it a new fencing token, and what is written
 * under an old token is refused. All that a step did is committed in one transaction, or dropped whole. Times are the
 * database's own.
 *
 * Functions block, each SQL statement at most QUEUE_WAIT_MS; only the jobs process and the commands of the shell call
 * them. QUEUE_AWAY says that the database cannot be reached or has not answered in time: nothing was done, or (told by
 * the callers' own design: everything here can be repeated) it may have been; the connection is then opened anew by
 * queue_work.
 */
#ifndef ACTIONHOST_JOBS_QUEUE_H
#define ACTIONHOST_JOBS_QUEUE_H

#include <jansson.h>

#include "runtime/base/bytes.h"
#include "runtime/base/err.h"
#include "runtime/base/record_id.h"

enum {
    QUEUE_WAIT_MS = 5000,
    JOB_ID_SIZE = 37,            /* a UUID and its NUL */
    JOB_SUMS = 16,               /* that one page may add to */
    JOB_SUM_NAME = 40,           /* longest name of one */
    JOB_PAYLOAD_MAX = 64 * 1024, /* of a step: its items, or its cursor */
    JOB_PAGE_ITEMS = 2000,       /* that a declaration may ask for; a plan may ask for larger pages: */
    JOB_LARGE_PAGE_ITEMS = 20000,
    JOB_LARGE_PAGE_MAX = 512 * 1024, /* of their items */
    JOB_SAVED_MAX = 4 * 1024,        /* of act_step_save */
    JOB_INPUT_MAX = 1024 * 1024,     /* of a start */
    JOB_RESULT_MAX = 60 * 1024,      /* of the finish step's answer */
    JOB_FAILED_ROWS = 10000,         /* kept of a job; further ones are counted */
    JOB_PLAN_PAGES = 1000,           /* of one plan step */
    JOB_PLAN_STEPS = 10000,          /* of one job: a plan that never ends fails here */
    JOB_CRASHES = 3,                 /* of a page before it is split, or quarantined when it has one item */
    JOB_CRASHES_WHOLE = 5, /* of a plan or finish step before its job fails, of a line before it is given up */
    JOB_TELLS_EVENTS = 1,  /* bits: what a job tells its org, besides to those whose callback it has */
    JOB_TELLS_USER = 2,
    JOB_TELLS_DONE = 4,      /* of a job that events have started: that it has ended, by an event of its own, */
    JOB_TELLS_COMMITTER = 8, /* and to the user who made the change */
    JOB_TELL_MS = 10 * 1000, /* between two events about progress, unless this has moved on: */
    JOB_TELL_PERCENT = 10,
    JOB_LINE_H = 24 /* before a line that cannot be delivered is given up */
};

enum queue_result {
    QUEUE_OK,
    QUEUE_AWAY,      /* no database at present */
    QUEUE_NOT_FOUND, /* no such job, or not this caller's */
    QUEUE_ENDED,     /* the job has ended already */
    QUEUE_NOTHING,   /* nothing to retry */
    QUEUE_LOST,      /* the step is no longer the caller's: another token, or its job is gone */
    QUEUE_FULL,      /* a limit of the table: too large, too many, or nothing that the database takes; see queue_why */
    QUEUE_NEWER,     /* the schema is newer than this program can use */
    QUEUE_BROKEN /* the database answers, but not as it must: corrupt file, full disk, missing rights; see queue_why */
};

struct queue;

struct queue_settings {
    const char *database_url; /* PostgreSQL; NULL = SQLite at `path` */
    const char *path;
    int poll_ms; /* JOBS_POLL_MS */
    bool notify; /* wake-ups are wanted: LISTEN, or a watch of the WAL */
};

/* Never NULL; connects by queue_work, not here. queue_free closes it. */
struct queue *queue_new(const struct queue_settings *s);
void queue_free(struct queue *q);

/*
 * Opens the database when it is not open, without blocking the caller for longer than a statement may take (names are
 * resolved and connections made by a thread; back-off 100 ms to 2 s). True while it is open. The schema is brought up
 * to date when it is opened.
 */
bool queue_work(struct queue *q);
/* Why it is not open, or what the last failure was: one sentence, without secrets. "" when all is well. Borrowed. */
const char *queue_why(const struct queue *q);
/* QUEUE_OK, QUEUE_AWAY, QUEUE_NEWER or QUEUE_BROKEN: what stands in the way at present. */
enum queue_result queue_state(const struct queue *q);

/* Opens the database now, waiting at most `timeout_ms`, and migrates it: for `actionhost migrate` and the shell.
 * *migrated (may be NULL) counts the migrations that this call ran. */
MUST_CHECK enum queue_result queue_open_now(struct queue *q, int timeout_ms, int *migrated);

/*
 * A descriptor that becomes readable when there may be work (a notification, a change of the WAL) or queue_work is to
 * be called (an attempt to connect has ended, the connection has). It stays the same as long as the queue lives.
 * queue_heard empties it and says whether there may be something new: it also does so each poll_ms.
 */
int queue_fd(const struct queue *q);
bool queue_heard(struct queue *q);
/* Milliseconds until queue_work or a poll is due; -1 = never. */
int queue_timeout_ms(const struct queue *q, int64_t now_ms);

/* ---- who works ---- */

/*
 * Names the owner of this process's claims: boot id, pid namespace, pid and start time of the master `pid`.
 * False when /proc does not tell.
 */
enum { QUEUE_OWNER_SIZE = 120 };
bool queue_owner(int pid, char out[QUEUE_OWNER_SIZE]);
/* Same boot and namespace, and no such process, one that started at another time, or a zombie. Others are not judged.
 */
bool queue_owner_is_dead(const char *owner);

/* ---- starting a job ---- */

struct job_new {
    const char *id; /* a UUID that was made before, to seal credentials with it; the same start may then be sent again
                       after QUEUE_AWAY. NULL = one is made here */
    const char *operation, *org_id, *user_id, *username;
    const char *queue;      /* name of the queue: [a-z0-9_]{1,40} */
    int priority;           /* 1 (first) to 9 */
    int per_org;            /* steps of this org in this queue that may run at once */
    int page_items;         /* items of a page, for retries and splits too */
    int attempts;           /* of a step, crashes not counted */
    int keep_days;          /* after its end */
    bool has_finish;        /* a finish step follows the last page */
    const char *unique_key; /* NULL = none: of running jobs of this org, user and operation only one has it */
    const char *merge_key;  /* NULL = none: a job with it that was started within merge_ms takes this start's plan
                               too, as a plan step with an input of its own. Pages and finish of a job see the input
                               of its first start, so only starts whose inputs differ in what they plan may share it */
    int merge_ms;
    bool whole;              /* one finish step is all of it */
    int tells;               /* bits of JOB_TELLS_... */
    struct span callback;    /* sealed URL, associated with `id`, which is then needed; empty = none */
    struct span input;       /* JSON object */
    const char *connection;  /* runs as this named authorization; NULL = as the caller */
    struct span credentials; /* sealed; erased when the job has ended and told so. Empty for a connection */
    const char *org_url, *api_version;
    const char *request_id, *traceparent;
    const char *event; /* JSON object: by what it was started, for those whom its end is told; NULL = by somebody */
};

struct job_started {
    char id[JOB_ID_SIZE];
    char state[12];
    bool twin;   /* an equal job was running already: this is its id, nothing was added */
    bool merged; /* its work was added to a job that had just been started */
};

/* QUEUE_FULL: the input is larger than JOB_INPUT_MAX, or is no text. */
MUST_CHECK enum queue_result queue_start(struct queue *q, const struct job_new *j, struct job_started *out);

/* ---- looking at jobs. `who` NULL = everybody's (the shell, the page). ---- */

struct job_caller {
    const char *org_id, *user_id;
};

/*
 * *out is a new reference: the job as getJob answers it (jobId, operation, state, total, done, failed, percent,
 * ratePerSecond, etaSeconds, createdAt, startedAt, finishedAt, message, failures of at most 20, resultJson); members
 * that are not known are absent. With who NULL also orgId, userId, username, queue, steps by state.
 */
MUST_CHECK enum queue_result queue_get(struct queue *q, const char *id, const struct job_caller *who, json_t **out);

struct job_filter {
    const char *state, *operation, *queue; /* NULL = any */
    int limit;                             /* 1 to 200 */
    const char *before;                    /* id of the last job of the page before; NULL = the newest */
    const char *search;                    /* in id, operation, user name and connection; NULL = anything */
    bool in_order; /* those that need somebody first, then those at work, in line; then the rest, newest first */
};
/* An array, newest first, of the same without failures and resultJson. */
MUST_CHECK enum queue_result queue_list(struct queue *q, const struct job_filter *f, const struct job_caller *who,
                                        json_t **out);

/*
 * What there is, for a page: {counts: {state: jobs}, paused: [{queue, jobs}], queues: [name], rate, running, waiting,
 * failed, done} - records a second of the jobs that run, steps that run, jobs that wait for a person, rows of the jobs
 * that began or ended within a day. A new reference.
 */
MUST_CHECK enum queue_result queue_overview(struct queue *q, json_t **out);
/* A number that is another one whenever a job has come, moved or ended, or a queue was paused. */
MUST_CHECK enum queue_result queue_pulse(struct queue *q, int64_t *pulse);

/* State alone, for those who wait: the texts of `state`, and whether it has ended. */
MUST_CHECK enum queue_result queue_peek(struct queue *q, const char *id, const struct job_caller *who, char state[12],
                                        bool *ended);

/* {"failures": [{item, code, message, field?}], "cursor"?}: rows after `cursor` ("" at first), `limit` 1 to 2,000. */
MUST_CHECK enum queue_result queue_failures(struct queue *q, const char *id, const struct job_caller *who,
                                            const char *cursor, int limit, json_t **out);

/* Steps that wait are dropped at once, running ones are told to stop; the job is `canceled` when none runs. */
MUST_CHECK enum queue_result queue_cancel(struct queue *q, const char *id, const struct job_caller *who);

/* What a retry runs with: the credentials of the call that asks for it. */
struct job_credentials {
    struct span sealed;
    const char *org_url, *api_version;
};
/*
 * A waiting job goes on; the failed rows of an ended one become new pages under the same job id. *rows = how many.
 * `c` NULL keeps what the job has (connections; the shell, which cannot revive a caller's job that has ended:
 * QUEUE_NOTHING with queue_why).
 */
MUST_CHECK enum queue_result queue_retry(struct queue *q, const char *id, const struct job_caller *who,
                                         const struct job_credentials *c, int64_t *rows);

/* No step of the queue is claimed until it is resumed; what runs goes on. The same twice is no failure. */
MUST_CHECK enum queue_result queue_pause(struct queue *q, const char *queue, bool paused);

/* ---- steps ---- */

enum step_kind { STEP_PLAN, STEP_PAGE, STEP_FINISH, STEP_DELIVER };

/* A claimed step. Texts and payloads are its own: queue_claim_free. */
struct claim {
    int64_t step, token; /* fencing token: drawn for each claim */
    int64_t job_row;     /* the queue's own number of the job */
    enum step_kind kind;
    char job[JOB_ID_SIZE];
    int attempt; /* 1, 2, ... of tries that count */
    int crashes;
    int items;         /* of a page */
    int64_t waited_ms; /* from ready to claimed */
    char *operation, *org_id, *user_id, *username, *org_url, *api_version, *connection, *request_id, *traceparent;
    struct buf input; /* the job's; of a plan step that another start has added: that start's (own_input) */
    bool own_input;
    struct buf payload, saved,
        credentials; /* payload: items of a page, cursor of a plan, sums of a finish; empty = none */
    int64_t job_total, job_done, job_failed; /* for a finish step */
    /* of a line: `payload` is {"to": "event" | "notification" | "callback", "sequence", "state", "done", "total"?,
     * "failed", "message", "code"?}, `input` the job's result ("" = none) */
    struct buf callback;           /* sealed URL; empty = it is none, or the callback was given up */
    char callback_id[JOB_ID_SIZE]; /* what it was sealed with */
};
/* Frees what it holds, sealed credentials included, and zeroes it; right for one that is zeroed already. */
void queue_claim_free(struct claim *c);

/*
 * Claims up to `max` steps for `owner`: serially over all processes, fair among orgs, by priority, never more of an org
 * than its job's per_org, none of a paused queue, of an org whose gate is closed, or of an operation that is not in
 * `operations` (NULL = all; a newer program's jobs are left to it). *n = how many.
 */
struct claim_wish {
    const char *owner;
    int64_t lease_ms;
    int max;
    const char *const *operations;
    size_t operations_n;
};
MUST_CHECK enum queue_result queue_claim(struct queue *q, const struct claim_wish *w, struct claim *out, int *n);

/* Renews all leases of the owner; writes to `stop` (at most *n ids of steps, then their number) those whose job was
 * cancelled. */
MUST_CHECK enum queue_result queue_beat(struct queue *q, const char *owner, int64_t lease_ms, int64_t *stop, size_t *n);

/* Commits up to JOB_SAVED_MAX of a step's own state. */
MUST_CHECK enum queue_result queue_step_save(struct queue *q, const struct claim *c, struct span state);

enum step_outcome {
    STEP_DONE,
    STEP_AGAIN,      /* the whole step, after after_ms; `counts` uses up an attempt */
    STEP_FAILED,     /* a page: its items failed with code and message; a plan or finish: the job */
    STEP_JOB_FAILED, /* nothing of this job can work: the other steps are dropped */
    STEP_WAITS,      /* the session has ended: the job waits for a retry by its user, 24 h at most. A line is tried
                        again: it may be that a retry brings another session */
    STEP_CRASHED,    /* its worker crashed, or was killed at its deadline or memory limit */
    STEP_RELEASED    /* handed back: a drain, or a worker that was never reached. Counts as nothing */
};

struct item_result {
    int index;  /* of the page's items */
    bool again; /* not failed yet: it becomes part of a new page, and uses up an attempt of that */
    const char *code, *message, *field; /* field may be NULL */
};

struct step_end {
    enum step_outcome outcome;
    int64_t after_ms;
    bool counts;
    bool gate;                  /* the org asked to be left alone: no step of it is claimed for after_ms */
    const char *code, *message; /* why, where it is not done */
    /* a plan's */
    const json_t *items;  /* array; cut into pages of page_items, kept in this order. Borrowed */
    int page_items;       /* 0 = that of the job */
    const json_t *cursor; /* the plan goes on from here; NULL = it is complete. Borrowed */
    int64_t total;        /* what is known of the whole; -1 = nothing new */
    /* a page's: all other items are done */
    const struct item_result *results;
    size_t results_n;
    const json_t *sums; /* object, name -> integer: added to those of the job, for its finish. Borrowed; NULL = none */
    struct span result; /* a finish step's answer */
};

/* What became of the step and its job, for the log. */
struct step_ended {
    int done, failed, again; /* items */
    bool split, quarantined, retried;
    bool job_ended;
    char job_state[12];
    int64_t job_done, job_failed, job_ms;
};

/* The ends of a line: STEP_DONE, tried again with back-off for JOB_LINE_H, or given up, which the job's message tells.
 * An org that has refused one event is sent no further one of that job. */

/* One transaction under the token. QUEUE_LOST: nothing of it was kept. QUEUE_AWAY: unknown; the caller sends it again
 * when the database is back, as nobody else ends the step while its lease is renewed. A plan, cursor or answer that is
 * too large is no failure of this call: it fails the job, in words. */
MUST_CHECK enum queue_result queue_step_end(struct queue *q, const struct claim *c, const struct step_end *e,
                                            struct step_ended *out);

/* ---- upkeep: once a second, and at the start ---- */

/* Releases the steps of dead owners, and of `self` when it is not NULL (a jobs process that starts: the claims of the
 * one before it), and those whose lease has ended; ends jobs that waited too long; closes what a crash of a process
 * left half ended. *released = steps. */
MUST_CHECK enum queue_result queue_sweep(struct queue *q, const char *self, int64_t *released);
/* Deletes ended jobs that have been kept long enough, a bounded number a time. */
MUST_CHECK enum queue_result queue_retain(struct queue *q, int keep_days, int64_t *deleted);

struct queue_stats {
    int64_t ready, running, waiting_jobs, oldest_ready_ms, jobs_running;
    int owners; /* live processes that claim, by their heartbeats */
};
MUST_CHECK enum queue_result queue_stats(struct queue *q, struct queue_stats *out);

#endif
