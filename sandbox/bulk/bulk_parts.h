/*
 * bulk_parts.h - what the parts of this room share: jobs, the knobs, and the lock of both.
 *
 * Two locks: an org's own, between org_enter() and org_leave(), and `lock` here, which may be taken inside of the
 * first and never around it. Jobs that somebody works on are held by a reference (job_hold()).
 */
#ifndef SANDBOX_BULK_BULK_PARTS_H
#define SANDBOX_BULK_BULK_PARTS_H

#include <pthread.h>

#include "sandbox/bulk/bulk.h"
#include "sandbox/bulk/csv.h"
#include "sandbox/bulk/spool.h"
#include "sandbox/records/records.h"

enum {
    BATCH_ROWS = 10000,     /* records of a batch */
    CHUNK_ROWS = 200,       /* records that are written together */
    TRIES_MAX = 20,         /* of a record whose row is locked */
    LIST_PAGE = 1000,       /* jobs of one answer */
    RESULT_PAGES = 5,       /* addresses of one answer */
    RESULT_PAGES_FROM = 58, /* version of the API */
    PAGE_ROWS_USUAL = 100000,
    QUERY_PAGE = 2000,      /* rows that cost one page of the model */
    LANES_MAX = 16,         /* batches at work at a time */
    MULTIPART_MAX = 100000, /* characters of data in a request that creates its job */
    BATCHES_A_DAY = 15000,
    QUERIES_A_DAY = 10000,
    OPEN_HOURS = 24,
    KEPT_DAYS = 7,
    JOB_ERROR_MAX = 400
};
#define RESULT_BYTES_A_DAY 1000000000000ULL

enum job_kind { JOB_INGEST, JOB_QUERY };
enum job_operation { JOB_INSERT, JOB_UPDATE, JOB_UPSERT, JOB_DELETE, JOB_HARD_DELETE, JOB_SELECT, JOB_SELECT_ALL };
enum job_state { JOB_OPEN, JOB_READY, JOB_WORKS, JOB_DONE, JOB_FAILED, JOB_ABORTED };

/* Up to BATCH_ROWS records of the data: bytes from `at` to `end` are not yet worked on. */
struct batch {
    size_t at, end;
};

/* The end that a knob has planned for a job. */
struct early_end {
    bool planned;
    unsigned long after_rows;
    enum job_state state;
    char message[JOB_ERROR_MAX];
};

struct job {
    unsigned refs;
    uint64_t number;
    char id[ID_SIZE], user_id[ID_SIZE], version[8];
    char origin[ORG_ORIGIN_SIZE]; /* of the changes that it makes */
    int org;
    enum job_kind kind;
    enum job_operation operation;
    char object[NAME_SIZE], key[NAME_SIZE];
    struct csv_dialect dialect;
    enum job_state state;
    bool gone;                      /* deleted or forgotten */
    int64_t created_ms, changed_ms; /* the org's time */
    int64_t ready_us, began_us;     /* of the steady clock */
    unsigned uploads;
    char error[JOB_ERROR_MAX];
    struct spool data, done, failed; /* of a query: `done` holds its result */
    struct batch *batches;
    size_t n_batches, next_batch;
    unsigned active; /* lanes at work on it */
    unsigned long taken, processed, refused, retries;
    int64_t took_ms, work_us;
    struct early_end end;
    char *soql;
    size_t header_n; /* bytes of the result's header line */
    uint64_t *ends;  /* where each row of the result ends */
    size_t rows;
    struct job *next;
};

/* What was used of a day's allowance, by the hour. */
struct allowance {
    int64_t hours[25];
    uint64_t used[25];
};

struct bulk {
    struct sandbox *s;
    pthread_mutex_t lock;
    pthread_cond_t changed;
    struct job *jobs, **last;
    uint64_t count;
    bool stopping;
    pthread_t lanes[LANES_MAX];
    int n_lanes, idle;
    /* knobs */
    long queue_ms;
    size_t page_rows;
    bool hold, hard_delete;
    json_t *ends; /* array of planned ends */
    struct allowance batches[SANDBOX_ORGS], queries[SANDBOX_ORGS], bytes[SANDBOX_ORGS];
};

/* One request: whose it is and what its path says. */
struct bulk_call {
    struct bulk *b;
    struct org *o;
    const struct session *who;
    const struct request *rq;
    struct reply *rp;
    struct org_admission admission;
    char version[8];
    const char *id, *part; /* behind jobs/ingest; NULL = none */
};

/* ---- jobs (jobs.c); all but job_release() under the lock ---- */
/* A new job, with one reference; job_release() it. It is on the list. */
struct job *job_new(struct bulk *b, int org, enum job_kind kind, int64_t now_ms);
/* The job of that id that the call may see, with a reference; NULL when there is none. */
struct job *job_find(struct bulk_call *c, enum job_kind kind, const char *id);
void job_hold(struct job *j);
void job_release(struct bulk *b, struct job *j);
/* Takes it off the list, and off the hands of whoever works on it. */
void job_remove(struct bulk *b, struct job *j);
/* Jobs that have become too old end, or go. */
void jobs_tidy(struct bulk *b, int org, int64_t now_ms);
void job_set_state(struct job *j, enum job_state state, int64_t now_ms);
/* The job ends with an error of the org's words; one that has ended stays as it is. */
void job_fail(struct job *j, const char *why, int64_t now_ms);
bool job_has_ended(const struct job *j);
/* Its data is there: work may begin after the time in the queue. */
void job_ready(struct bulk *b, struct job *j, int64_t now_ms);
/* Names of the API; constants. operation_of() gives -1 for what is none. */
const char *state_name(enum job_state state);
const char *operation_name(enum job_operation operation);
int operation_of(const char *name);
/* What the API says of it; a new reference. `whole` = with its counts. */
json_t *job_json(const struct job *j, bool whole);

/* ---- a day's allowance (allowance.c) ---- */
uint64_t allowance_used(const struct allowance *a, int64_t now_ms);
void allowance_use(struct allowance *a, int64_t now_ms, uint64_t n);
/* As if so much had been used, all of it just now. */
void allowance_set(struct allowance *a, int64_t now_ms, uint64_t n);

/* ---- work (lanes.c) ---- */
/* Something may have become work: wakes a lane, or makes one. Under the lock. */
void lanes_wake(struct bulk *b);
void lanes_end(struct bulk *b);
/* Cuts the data of a job into batches; fails the job when it cannot be read (split.c). */
void work_split(struct bulk *b, struct job *j);
/* Writes the records of a batch (load.c). */
void work_load(struct bulk *b, struct job *j, struct batch *batch);
/* Runs the query (extract.c). */
void work_extract(struct bulk *b, struct job *j);
/* Begins and ends a piece of work of an org in modelled time. bulk_enter() is false, and nothing is entered, when the
 * job is not to go on; `paced` must go to bulk_leave() otherwise, which waits outside all locks. */
struct model_call;
bool bulk_enter(struct bulk *b, struct job *j, struct model_call *paced);
void bulk_leave(struct bulk *b, struct job *j, struct model_call *paced);
/* The call on whose behalf a job works; between bulk_enter() and bulk_leave(). */
struct call job_call(struct bulk *b, struct job *j);

/* ---- columns of the data (columns.c); in the org ---- */
struct column {
    const struct field *field;      /* what the column sets */
    const struct field *parent_key; /* Rel.Key: the key of the parent; NULL = the value itself */
};
struct columns {
    struct column *list;
    size_t n;
    const struct object *object;
    size_t key; /* the column of the id or external id that records are found by; n = none */
};
/* Finds what the header names, as the job's user sees it. False with `why` in the org's words. */
bool columns_find(struct call *c, const struct job *j, const struct csv_record *header, struct columns *out,
                  char why[CSV_WHY_MAX]);
void columns_free(struct columns *k);
/* The values of a record as the org takes them, without the key; a new reference. */
json_t *columns_record(const struct columns *k, const struct csv_record *row);
/* An error of a value that is not of its field's type, in the words of this API. */
void columns_blame(struct call *c, const struct columns *k, const json_t *record, struct fault *f);

/* ---- resources (ingest.c, query.c, results.c) ---- */
void bulk_ingest(struct bulk_call *c);
void bulk_query(struct bulk_call *c);
void bulk_list(struct bulk_call *c, enum job_kind kind);
/* A call to the jobs of one kind: `create` answers a POST without an id, `one` what is asked of a job. */
void bulk_resource(struct bulk_call *c, enum job_kind kind, void (*create)(struct bulk_call *c),
                   void (*one)(struct bulk_call *c, struct job *j));
/* successfulResults, failedResults, unprocessedrecords. */
void ingest_results(struct bulk_call *c, struct job *j);
/* results, resultPages */
void query_results(struct bulk_call *c, struct job *j);
/* PATCH {"state": "Aborted"} and DELETE, alike for both kinds. */
void bulk_abort(struct bulk_call *c, struct job *j);
void bulk_delete(struct bulk_call *c, struct job *j);
/* There is no such job: 404, or 400 for what is no id at all. */
void bulk_no_job(struct bulk_call *c);
void bulk_error(struct bulk_call *c, int status, const char *code, const char *fmt, ...)
    __attribute__((format(printf, 4, 5)));

#endif
