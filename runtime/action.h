/*
 * action.h - all that an action may know of the host.
 *
 * An action is a folder actions/<name>/ with a declaration (action.json) and a handler (<name>.c) that defines
 *
 *     const struct action <name>_action = { .check = check, .start = start, .run = run };
 *
 * The handler gets JSON that already satisfies the declared input schema, with the declared defaults, and returns a new
 * JSON object that must satisfy the output schema. It never sees HTTP. One process runs one call at a time, so a
 * handler may block, use all the memory it is allowed, or crash, and no other call notices. What two calls must agree
 * on belongs into the shared cache (act_cache_get), never into a static variable.
 *
 * Strings are UTF-8 and end in NUL. "Borrowed" means valid until the call ends, and not to be freed.
 */
#ifndef ACTIONHOST_ACTION_H
#define ACTIONHOST_ACTION_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <time.h>

#define ACT_MUST_CHECK __attribute__((warn_unused_result))
#define ACT_PRINTF(fmt, args) __attribute__((format(printf, fmt, args)))

struct act_call;

/* How a handler ended. Anything but ACT_OK must come from one of the functions below that record the reason. */
enum act_outcome {
    ACT_OK,      /* *out holds the answer */
    ACT_REFUSED, /* a business refusal or an org failure, recorded by act_refuse or act_org_failed */
    ACT_FAULT    /* our own bug; the caller sees 500 and the request id, the log sees more */
};

/*
 * Runs one call. Borrows `in`. On ACT_OK it has stored a new reference in *out; otherwise *out is untouched.
 */
typedef enum act_outcome act_run_fn(struct act_call *call, const json_t *in, json_t **out);

/*
 * Runs once in each new worker before that worker takes calls: load tables, open fonts. Returns false with a sentence
 * in `why` (of `size` bytes) when the action cannot work; the worker then leaves and the host is not ready.
 */
typedef bool act_start_fn(char *why, size_t size);

/* What the settings of an action say before anything runs. */
struct act_settings;

/*
 * Runs once while the host starts, before any process is forked: looks at the action's settings and reports every fault
 * by act_settings_fault. One fault, of whatever action, stops the start; all are listed together with those of the
 * host's own settings. A handler may then rely on its settings.
 */
typedef void act_check_fn(struct act_settings *settings);

/* Value of a setting that the declaration lists under "settings", or its default; NULL when unset without default.
 * Borrowed from the environment or the declaration: lives as long as the process. */
const char *act_settings_get(const struct act_settings *settings, const char *name);

/* Whether act_fetch_all may fetch this URL: https, and a host that FETCH_HOSTS allows. False with a sentence in `why`
 * that says how to mend it. */
bool act_settings_url(const struct act_settings *settings, const char *url, char *why, size_t size) ACT_MUST_CHECK;

/*
 * Reports one fault of the setting `name`. The text says how to mend it ("must be a percentage such as 3.5"); the host
 * puts name and value before it, the value only where the declaration does not call it secret.
 */
void act_settings_fault(struct act_settings *settings, const char *name, const char *fmt, ...) ACT_PRINTF(3, 4);

/* What an action that runs for long adds; see "Jobs" at the end of this page. */
struct action_job;

struct action {
    act_check_fn *check; /* may be NULL: any value of its settings will do */
    act_start_fn *start; /* may be NULL */
    act_run_fn *run;
    const struct action_job *job; /* NULL unless the declaration has "job" */
};

/* ---- The call ---- */

/* Milliseconds until the host ends this call. Never negative. */
int act_time_left_ms(const struct act_call *call);

/* Wall-clock time at which the host accepted the call, seconds since 1970 UTC. The same for the whole call. */
time_t act_now(const struct act_call *call);

/* Id that stands in the caller's answer and in every log line of this call. Borrowed. */
const char *act_request_id(const struct act_call *call);

/* 18-character id and user name of the calling user; "" for a data action, which has no user. Borrowed. */
const char *act_user_id(const struct act_call *call);
const char *act_username(const struct act_call *call);

/* 18-character id of the calling org. Borrowed. */
const char *act_org_id(const struct act_call *call);

/* Value of a setting that the declaration lists under "settings", or its default; NULL when unset without default.
 * Borrowed. */
const char *act_setting(const struct act_call *call, const char *name);

enum act_level { ACT_LOG_ERROR, ACT_LOG_WARN, ACT_LOG_INFO, ACT_LOG_DEBUG };

/* Writes one escaped log line with the call's request id. Never pass tokens or personal data. */
void act_log(struct act_call *call, enum act_level level, const char *fmt, ...) ACT_PRINTF(3, 4);

/*
 * Records a business refusal and returns ACT_REFUSED. `code` must be declared in action.json, which also gives the HTTP
 * status; `field` is a JSON Pointer into the input or NULL; the message tells a person what to do next.
 */
enum act_outcome act_refuse(struct act_call *call, const char *code, const char *field, const char *fmt, ...)
    ACT_PRINTF(4, 5);

/* Adds one row to `details` of the refusal that follows. */
void act_refuse_detail(struct act_call *call, const char *field, const char *code, const char *fmt, ...)
    ACT_PRINTF(4, 5);

/* ---- Memory of the call: released in reverse order after the answer is sent. Never NULL: exhaustion ends the call
 * with 503. ---- */

void *act_alloc(struct act_call *call, size_t size); /* zeroed, aligned for any type */
char *act_strdup(struct act_call *call, const char *s);
char *act_printf(struct act_call *call, const char *fmt, ...) ACT_PRINTF(2, 3);

/* Calls fn(ptr) when the call ends. */
void act_defer(struct act_call *call, void (*fn)(void *ptr), void *ptr);

/* Hands the reference `json` to the call, which drops it at its end. Returns `json`. */
json_t *act_own(struct act_call *call, json_t *json);

struct act_bytes {
    const void *p;
    size_t n;
};

/* ---- The shared cache: one for all workers, in memory, bounded, with a time to live. Keys are private to the action.
 * ---- */

enum act_scope {
    ACT_SHARED_BY_ALL, /* public facts only, for example interest rates */
    ACT_SHARED_BY_ORG, /* this org's callers */
    ACT_SHARED_BY_USER /* this user of this org, with this access token; nothing is kept for a data action */
};

/* Looks a value up. On true *value is borrowed and *age_ms (may be NULL) says how long ago it was put. */
bool act_cache_get(struct act_call *call, enum act_scope scope, const char *key, struct act_bytes *value,
                   int64_t *age_ms);

/* Stores at most 64 KiB for ttl_s seconds; larger values are dropped. Best effort. */
void act_cache_put(struct act_call *call, enum act_scope scope, const char *key, struct act_bytes value, int ttl_s);

/* ---- The org: a Salesforce client with the rights of the calling user ---- */

struct sf_org;

enum { SF_ID_SIZE = 19 }; /* an 18-character record id and its NUL */

/*
 * What the org, or the way to it, had to say. Cleared at the start of each call below; code is "" when there was none.
 * docs/salesforce-client.md lists the codes, and what the client does by itself before it gives up.
 */
struct sf_error {
    int status; /* HTTP status, 0 when no answer came */
    char
        code[64]; /* INVALID_FIELD, REQUEST_LIMIT_EXCEEDED, ...; ERROR_HTTP_<status>; ours: TIMEOUT, UNREACHABLE, ... */
    char message[512];
    char fields[256];     /* names separated by a comma */
    bool retryable;       /* the same request may succeed later */
    bool outcome_unknown; /* a write was cut: it may or may not have happened */
    bool other_org;       /* it is about the org of a named authorization, not about the caller's */
    bool from_host;       /* the host itself said no: code and status are already those for the caller */
    int retry_after_s;    /* how long the org asked to wait; 0 when it did not say */
};

/* The org that called, as the calling user. Borrowed; NULL never (a data action gets an org whose calls fail with
 * NO_USER). */
struct sf_org *act_org(struct act_call *call);

/*
 * Another connected org by the name of its authorization. The front fetches and keeps the token until that org says
 * INVALID_SESSION_ID. NULL with the reason in *err. Borrowed.
 */
struct sf_org *act_authorization(struct act_call *call, const char *name, struct sf_error *err) ACT_MUST_CHECK;

/* Records an org failure as the call's answer (429, 403, 404, 502, 503, 504 by its nature) and returns ACT_REFUSED. */
enum act_outcome act_org_failed(struct act_call *call, const struct sf_error *err);

/* A value for a `?` of a SOQL text. Always typed and escaped; there is no way to put text into a query otherwise. */
struct sf_bind {
    enum sf_bind_type {
        SF_BIND_TEXT,
        SF_BIND_ID,
        SF_BIND_INT,
        SF_BIND_DECIMAL,
        SF_BIND_BOOL,
        SF_BIND_DATE,
        SF_BIND_DATETIME,
        SF_BIND_TEXTS,
        SF_BIND_IDS,
        SF_BIND_FIELDS,
        SF_BIND_OPTIONAL,
        SF_BIND_CONDITION,
        SF_BIND_CONTAINS
    } type;
    const char *text; /* TEXT, ID, DECIMAL, CONDITION (as written); OPTIONAL: the object whose describe decides */
    int64_t number;   /* INT, BOOL; DATE, DATETIME: seconds since 1970 UTC */
    const char *const *list; /* TEXTS, IDS; FIELDS, OPTIONAL: field names, checked as identifiers */
    size_t count;
};

static inline struct sf_bind sf_text(const char *s)
{
    return (struct sf_bind){ .type = SF_BIND_TEXT, .text = s };
}
/* Behind LIKE: finds the text anywhere; a "%" or "_" in it is nothing but that character. */
static inline struct sf_bind sf_contains(const char *s)
{
    return (struct sf_bind){ .type = SF_BIND_CONTAINS, .text = s };
}
static inline struct sf_bind sf_id(const char *s)
{
    return (struct sf_bind){ .type = SF_BIND_ID, .text = s };
}
static inline struct sf_bind sf_int(int64_t v)
{
    return (struct sf_bind){ .type = SF_BIND_INT, .number = v };
}
static inline struct sf_bind sf_decimal(const char *s)
{
    return (struct sf_bind){ .type = SF_BIND_DECIMAL, .text = s };
}
static inline struct sf_bind sf_bool(bool v)
{
    return (struct sf_bind){ .type = SF_BIND_BOOL, .number = v };
}
static inline struct sf_bind sf_date(int64_t t)
{
    return (struct sf_bind){ .type = SF_BIND_DATE, .number = t };
}
static inline struct sf_bind sf_datetime(int64_t t)
{
    return (struct sf_bind){ .type = SF_BIND_DATETIME, .number = t };
}
static inline struct sf_bind sf_texts(const char *const *v, size_t n)
{
    return (struct sf_bind){ .type = SF_BIND_TEXTS, .list = v, .count = n };
}
static inline struct sf_bind sf_ids(const char *const *v, size_t n)
{
    return (struct sf_bind){ .type = SF_BIND_IDS, .list = v, .count = n };
}
static inline struct sf_bind sf_fields(const char *const *v, size_t n)
{
    return (struct sf_bind){ .type = SF_BIND_FIELDS, .list = v, .count = n };
}

/*
 * Fields that this org may lack or this user may not see: the query takes those that describe shows, written as ", A,
 * B" (nothing when there are none), so it stands right behind a required field: "SELECT Id? FROM Flight__c WHERE Id =
 * ?". INVALID_FIELD drops the remembered describe; the query is repeated with the fields that a new one shows, and when
 * that does not help, without any of them.
 */
static inline struct sf_bind sf_optional(const char *object, const char *const *v, size_t n)
{
    return (struct sf_bind){ .type = SF_BIND_OPTIONAL, .text = object, .list = v, .count = n };
}

/*
 * A condition that somebody else wrote, put into brackets: "SELECT Id FROM Opportunity WHERE ? AND Id > ?". Only what
 * sf_condition_check takes comes through; anything else is BAD_VALUE.
 */
static inline struct sf_bind sf_condition(const char *s)
{
    return (struct sf_bind){ .type = SF_BIND_CONDITION, .text = s };
}

enum { SF_CONDITION_MAX = 4000 };
/*
 * Whether `text` is what may stand behind WHERE, and nothing besides: comparisons joined by AND, OR and NOT, brackets
 * in pairs, quotes closed; no sub-select, no bind, and no word that begins another clause. False with a sentence in
 * `why` that says what to change. Whether its fields exist, only the org can say.
 */
bool sf_condition_check(const char *text, char *why, size_t size) ACT_MUST_CHECK;

/* Rows of a query, fetched page by page while they are read; one page is in memory at a time. */
struct sf_rows;

/*
 * Runs a query: sf_query(org, &rows, &err, "SELECT Id FROM Account WHERE Name = ?", sf_text(name)). The SOQL must be a
 * string literal. True: *rows is borrowed. False: the reason is in *err.
 */
#define sf_query(org, rows, err, soql, ...)                                                                            \
    sf_query_bound(org, rows, err, "" soql, SF_BIND_ARRAY(__VA_ARGS__), SF_BIND_COUNT(__VA_ARGS__))
#define SF_BIND_ARRAY(...) ((const struct sf_bind[]){ { 0 }, ##__VA_ARGS__ } + 1)
#define SF_BIND_COUNT(...) (sizeof((const struct sf_bind[]){ { 0 }, ##__VA_ARGS__ }) / sizeof(struct sf_bind) - 1)
bool sf_query_bound(struct sf_org *org, struct sf_rows **rows, struct sf_error *err, const char *soql,
                    const struct sf_bind *binds, size_t count) ACT_MUST_CHECK;

/* Asks whether the org would take the query, by its plan: no row is read, so it costs the org next to nothing. False
 * with the org's reason in *err. Optional fields are not looked up. */
#define sf_query_check(org, err, soql, ...)                                                                            \
    sf_query_check_bound(org, err, "" soql, SF_BIND_ARRAY(__VA_ARGS__), SF_BIND_COUNT(__VA_ARGS__))
bool sf_query_check_bound(struct sf_org *org, struct sf_error *err, const char *soql, const struct sf_bind *binds,
                          size_t count) ACT_MUST_CHECK;

/* Next record, borrowed until the next call of sf_next on these rows; NULL at the end or on failure (err->code tells
 * which). An org that gives more records than it said there are, or whose pages lead in a circle, is a failure. */
const json_t *sf_next(struct sf_rows *rows, struct sf_error *err);

/* Number of rows that the query matches, as the org said it. */
int64_t sf_total(const struct sf_rows *rows);

/* Rows of a child sub-query of `record`, with paging of their own; NULL when the record has none. Borrowed like the
 * record. */
struct sf_rows *sf_children(struct sf_rows *rows, const json_t *record, const char *relationship);

/* Value at a dotted path ("Account.Owner.Name"), names compared without case; NULL when absent or null. Borrowed. */
const json_t *sf_get(const json_t *record, const char *path);
const char *sf_get_text(const json_t *record, const char *path); /* NULL unless it is a string */

/* What describe says of one field for this user; remembered per org and user for 10 minutes. */
struct sf_field {
    char type[24];
    int length;
    bool createable, updateable;
};
/* True: the user can see the field. False with err->code "" : there is no such field for this user. `field` may be
 * NULL. */
bool sf_describe_field(struct sf_org *org, const char *object, const char *name, struct sf_field *field,
                       struct sf_error *err);

/* Creates one record; `id` receives the new id. */
bool sf_create(struct sf_org *org, const char *object, const json_t *fields, char id[SF_ID_SIZE],
               struct sf_error *err) ACT_MUST_CHECK;
bool sf_update(struct sf_org *org, const char *object, const char *id, const json_t *fields,
               struct sf_error *err) ACT_MUST_CHECK;
/* Creates or updates by an external id, which makes it safe to repeat. `id` is "" when the org returns none; `created`
 * may be NULL. */
bool sf_upsert(struct sf_org *org, const char *object, const char *key_field, const char *key, const json_t *fields,
               char id[SF_ID_SIZE], bool *created, struct sf_error *err) ACT_MUST_CHECK;
bool sf_delete(struct sf_org *org, const char *object, const char *id, struct sf_error *err) ACT_MUST_CHECK;

/* One result of a collection or of a unit of work. */
struct sf_result {
    bool success;
    char id[SF_ID_SIZE];
    struct sf_error error;
};

/*
 * Creates or updates up to any number of records in blocks of 200. `records` is an array of objects, each
 * with "attributes": {"type": ...} and, for an update, "id". results[i] belongs to records[i]. False only when the call
 * itself failed. All or nothing cannot be kept over two blocks, so above 200 records it is refused.
 */
bool sf_create_many(struct sf_org *org, const json_t *records, bool all_or_none, struct sf_result *results,
                    struct sf_error *err) ACT_MUST_CHECK;
bool sf_update_many(struct sf_org *org, const json_t *records, bool all_or_none, struct sf_result *results,
                    struct sf_error *err) ACT_MUST_CHECK;

/* Records that are created by one request, and their results. */
struct sf_list {
    const json_t *records; /* at most 200 */
    struct sf_result *results;
};
/*
 * Creates the records of all lists, each record by itself; in a step of a job as many lists go out at once as
 * act_step_parallel says. Records of two lists must not have the same parent: an org locks it, and refuses the later
 * one. False when a request failed as a whole; no other is begun after that, and results say NOT_SENT.
 */
bool sf_create_lists(struct sf_org *org, const struct sf_list *lists, size_t n, struct sf_error *err) ACT_MUST_CHECK;

/* Deletes records by their ids, in blocks of 200; each by itself, with its own result. */
bool sf_delete_many(struct sf_org *org, const char *const *ids, size_t count, struct sf_result *results,
                    struct sf_error *err) ACT_MUST_CHECK;

/* A unit of work: all or nothing, in one round trip (a composite graph of at most 500 nodes). */
struct sf_unit;
struct sf_unit *sf_unit_new(struct sf_org *org);
/* Adds a step. Returns its reference, "@{ref0.id}", to be used as a field's value in later steps. Borrowed; NULL above
 * 500 steps. */
const char *sf_unit_create(struct sf_unit *unit, const char *object, const json_t *fields);
const char *sf_unit_update(struct sf_unit *unit, const char *object, const char *id, const json_t *fields);
const char *sf_unit_upsert(struct sf_unit *unit, const char *object, const char *key_field, const char *key,
                           const json_t *fields);
/* The same for a deletion, whose reference is of no further use. */
const char *sf_unit_delete(struct sf_unit *unit, const char *object, const char *id);
/* Sends it. False: nothing was written (unless err->outcome_unknown), err has the culprit and sf_unit_result each
 * step's own error. */
bool sf_unit_commit(struct sf_unit *unit, struct sf_error *err) ACT_MUST_CHECK;
/* Sends many units in as few requests as 75 graphs and 500 nodes each allow; ok[i] says whether units[i] was written.
 * False only when a request itself failed. */
bool sf_units_commit(struct sf_unit **units, size_t count, bool *ok, struct sf_error *err) ACT_MUST_CHECK;
const struct sf_result *sf_unit_result(const struct sf_unit *unit, size_t step);

/* A file for the org: a ContentVersion. Fields besides VersionData stand in `fields` (Title, PathOnClient, ...). */
bool sf_upload(struct sf_org *org, const char *object, const char *blob_field, const json_t *fields,
               struct act_bytes data, const char *file_name, char id[SF_ID_SIZE], struct sf_error *err) ACT_MUST_CHECK;
/* Downloads a blob field, at most `max` bytes. *data is borrowed. */
bool sf_download(struct sf_org *org, const char *object, const char *id, const char *blob_field, size_t max,
                 struct act_bytes *data, struct sf_error *err) ACT_MUST_CHECK;

/*
 * Any other request to the org: a path that begins with "/", or a URL of this very org (another host is refused, as the
 * token would leave). `body` may be NULL. *out is a new reference, NULL for an empty answer.
 */
bool sf_request(struct sf_org *org, const char *method, const char *path, const json_t *body, json_t **out,
                struct sf_error *err) ACT_MUST_CHECK;

/* ---- Bulk API 2.0: records by the ten thousand, at a few requests for all of them ----
 *
 * Rows leave and come back as streams; nothing is held whole. A job of the org has its id before the first row leaves,
 * so a step keeps the id (act_step_save), and a repeat of the step looks what became of it (sf_bulk_look): of an OPEN
 * job no row was worked on, it is aborted and another one begun; a RUNNING one is waited for by act_step_again; of one
 * that has ended, however it ended, all three results are read, for also a failed job may have done a half. While rows
 * are given or taken, other requests may be sent, but no second stream begun.
 */

enum sf_bulk_kind { SF_BULK_INGEST, SF_BULK_QUERY };

/* What is written, and how its rows look. Names are API names; Rel__r.Key__c refers to a record by an external id. */
struct sf_bulk_load {
    const char *object;
    const char *operation; /* insert, update, upsert, delete */
    const char *key_field; /* of an upsert, else NULL */
    const char *const *columns;
    size_t count;
};

/* Opens a job to which nothing was sent yet; `id` receives its id. One that is forgotten goes away by itself. */
bool sf_bulk_open(struct sf_org *org, const struct sf_bulk_load *load, char id[SF_ID_SIZE],
                  struct sf_error *err) ACT_MUST_CHECK;

/* As a value: empties the field. NULL and "" leave it as it is. */
extern const char SF_BULK_NULL[];

enum sf_bulk_give {
    SF_BULK_ROW, /* values[i] is that of columns[i]; borrowed until the next row is asked for */
    SF_BULK_END, /* there are no more */
    SF_BULK_STOP /* nothing of the job is to be done: sf_bulk_send fails with the code STOPPED */
};
/* Fills in the next row, `values` being as many as there are columns; called until it says END or STOP. */
typedef enum sf_bulk_give sf_bulk_give_fn(void *ctx, const char **values);

struct sf_bulk_sent {
    int64_t rows;
    bool full; /* the job takes no more: the row that was given last is not among them, and goes first into the next */
};

/*
 * Sends the rows that `give` gives, at most 100 MB of them, and lets the org begin. A job takes one upload: after a
 * failure it must be looked at, and aborted when it is still open. BAD_VALUE: a value that the org would read otherwise
 * (no UTF-8, too long, the text #N/A). NO_ROWS: none was given.
 */
bool sf_bulk_send(struct sf_org *org, const struct sf_bulk_load *load, const char *id, sf_bulk_give_fn *give, void *ctx,
                  struct sf_bulk_sent *sent, struct sf_error *err) ACT_MUST_CHECK;

struct sf_bulk_info {
    enum sf_bulk_state {
        SF_BULK_OPEN,
        SF_BULK_RUNNING,
        SF_BULK_COMPLETE, /* which does not mean that every row was taken */
        SF_BULK_FAILED,
        SF_BULK_ABORTED
    } state;
    int64_t processed, failed; /* rows so far; those that failed are among the processed */
    char message[256];         /* why it failed; "" */
};
bool sf_bulk_look(struct sf_org *org, enum sf_bulk_kind kind, const char *id, struct sf_bulk_info *info,
                  struct sf_error *err) ACT_MUST_CHECK;
/* The rows that it has done stay done. One that has ended cannot be aborted: INVALIDJOBSTATE. */
bool sf_bulk_abort(struct sf_org *org, enum sf_bulk_kind kind, const char *id, struct sf_error *err) ACT_MUST_CHECK;
/* Takes an ended job and its results out of the org. */
bool sf_bulk_delete(struct sf_org *org, enum sf_bulk_kind kind, const char *id, struct sf_error *err) ACT_MUST_CHECK;
/* Seconds until it is worth to look again, for the n-th look (1 = the first). */
int sf_bulk_pause_s(int looks);

/* A row that comes back; borrowed until the function that takes it returns. */
struct sf_bulk_row {
    const char *const *names; /* of the load's columns, or those of the query's result */
    const char *const *values;
    size_t count;
    const char *id;               /* of the record; "" where there is none, and in rows of a query */
    bool created;                 /* of SUCCESSFUL */
    const struct sf_error *error; /* of UNSUCCESSFUL: what the org said; else NULL */
};
/* False = no more rows are wanted: the call fails with the code STOPPED. */
typedef bool sf_bulk_take_fn(void *ctx, const struct sf_bulk_row *row);

/* Value of a column, names compared without case; NULL when there is none of that name. */
const char *sf_bulk_value(const struct sf_bulk_row *row, const char *name);

/* Rows of an ended ingest job: those done, those refused, and those that it did not come to, as they were sent. */
enum sf_bulk_result { SF_BULK_SUCCESSFUL, SF_BULK_UNSUCCESSFUL, SF_BULK_UNPROCESSED };
bool sf_bulk_results(struct sf_org *org, const struct sf_bulk_load *load, const char *id, enum sf_bulk_result which,
                     sf_bulk_take_fn *take, void *ctx, struct sf_error *err) ACT_MUST_CHECK;

/* Begins a query in the org: sf_bulk_query(org, id, &err, "SELECT Id FROM Account WHERE Name = ?", sf_text(name)). */
#define sf_bulk_query(org, id, err, soql, ...)                                                                         \
    sf_bulk_query_bound(org, id, err, "" soql, SF_BIND_ARRAY(__VA_ARGS__), SF_BIND_COUNT(__VA_ARGS__))
bool sf_bulk_query_bound(struct sf_org *org, char id[SF_ID_SIZE], struct sf_error *err, const char *soql,
                         const struct sf_bind *binds, size_t count) ACT_MUST_CHECK;

/* Where in the result of a query to go on; zeroed = at its beginning. May be kept as JSON between steps. */
struct sf_bulk_page {
    char locator[120]; /* opaque; "" = the first page, or behind the last one */
    bool last;         /* out: there is nothing behind this page */
    int max_rows;      /* of a page; 0 = as many as the org thinks fit */
};
/* Gives the rows of one page to `take` and moves *page on. On failure *page is as it was, and rows of it may have been
 * given. */
bool sf_bulk_rows(struct sf_org *org, const char *id, struct sf_bulk_page *page, sf_bulk_take_fn *take, void *ctx,
                  struct sf_error *err) ACT_MUST_CHECK;

/* Requests that the org counts within 24 hours, as its last answer in this call said. False when it said nothing. */
bool sf_daily_calls(const struct sf_org *org, int64_t *used, int64_t *allowed);

/* Checks a 15- or 18-character record id, including the checksum of the long form, and writes the long form to `id18`.
 */
bool sf_id_check(const char *id, char id18[SF_ID_SIZE]);

/* ---- Several orgs: the connections of this host (the setting CONNECTIONS) ---- */

/*
 * Whether the caller may use every connection: his org is one of CONNECTIONS_CALLERS, or a page of the host's own
 * calls. Anybody else has his own org, with his own token and rights, and nothing besides.
 */
bool act_connections_all(const struct act_call *call);
/* In place of a connection's name: the caller's own org. No connection has this name. */
#define ACT_OWN_ORG "own"
/* Names of all connections in their order; 0 for who may not use them all. Borrowed. */
size_t act_connections(struct act_call *call, const char *const **names);
/*
 * The org of a connection that the caller has named. Who may use all gets it as the user who has authorized it; anybody
 * else gets his own org, as himself, when the connection leads there. NULL with the reason in *err, ready for
 * act_org_failed: 403 connection_not_allowed (nothing is asked of that connection's org), 404 unknown_connection, or
 * why there is no session. Borrowed.
 */
struct sf_org *act_connection(struct act_call *call, const char *name, struct sf_error *err) ACT_MUST_CHECK;
/* Sessions of these will be asked for: they are fetched side by side meanwhile. */
void act_connections_expect(struct act_call *call, const char *const *names, size_t count);

/* Whose an org's answers are, and where it is. Borrowed. */
struct sf_whose {
    const char *org_id, *url, *api_version, *username;
};
/* Texts as long-lived as the org is. */
struct sf_whose sf_whose(const struct sf_org *org);

/* One reading request of several that go out together. */
struct sf_ask {
    struct sf_org *org;
    const char *soql; /* with its binds: the first page of a query; NULL = see path. Written here, never by a caller */
    const struct sf_bind *binds;
    size_t count;
    const char *path;    /* instead: behind /services/data/vNN.N/; parts from outside must have been checked */
    size_t max_bytes;    /* of the answer; 0 = 4 MiB, and no more than that */
    json_t *answer;      /* out: owned by the call; NULL on failure */
    struct sf_error err; /* out: code "" = it was answered */
    int elapsed_ms;      /* out */
};
/*
 * Asks them all at once and returns when each has an answer or a failure, or budget_ms is over. Each goes by the
 * policy of a single request: its session is refreshed once, and what may pass is tried again while there is time. One
 * that fails or is slow keeps no other one from its answer.
 */
void sf_ask_all(struct act_call *call, struct sf_ask *asks, size_t count, int budget_ms);
/*
 * Makes sure that sf_describe_field and sf_optional know these objects in these orgs (NULL = none), by requests that go
 * out together. errs[i * n_objects + k] says why objects[k] of orgs[i] is not known; code "" = it is.
 */
void sf_describe_all(struct act_call *call, struct sf_org *const *orgs, size_t count, const char *const *objects,
                     size_t n_objects, int budget_ms, struct sf_error *errs);
/* Forgets what was described, after an org has said INVALID_FIELD. */
void sf_describe_forget(struct sf_org *org, const char *object);

/* What act_org_failed would tell the caller, for an answer that goes on without this org. */
void act_org_words(const struct sf_error *err, char code[64], char *message, size_t size);

/* ---- Data 360: a query of SQL over an org's data model ---- */

struct sf_data;
struct sf_data_options {
    const char *dataspace; /* NULL = the default one */
    int wait_ms;           /* for its end; what still runs then is cancelled, and that is TIMEOUT */
    size_t page_rows;      /* rows of one answer */
};
/*
 * Starts it, waits until it has ended, and reads its rows page by page while they are asked for. Data 360 is asked at
 * the org's own address; where that has none, at the one that the exchange of tokens names. NULL with the reason in
 * *err: NO_DATA_360 when the org has none or this user may not use it, INVALID_ARGUMENT when the statement is refused.
 * Cancelled at the end of the call when not all of it was read. Borrowed.
 */
struct sf_data *sf_data_query(struct sf_org *org, const char *sql, const struct sf_data_options *options,
                              struct sf_error *err) ACT_MUST_CHECK;
/* [{"name", "type"}] as the service says it. Borrowed. */
const json_t *sf_data_columns(const struct sf_data *q);
int64_t sf_data_total(const struct sf_data *q);
/* The next row, an array, borrowed until the next call; NULL at the end, or on failure (err->code tells which). */
const json_t *sf_data_next(struct sf_data *q, struct sf_error *err);

/*
 * A cursor: an opaque text that leads back to `state` (borrowed) when the same operation is called again by the same
 * user of the same org; NULL when the state has more than 36 KiB as text. act_cursor_read gives a new reference, or
 * NULL with a sentence in `why` when the text is none of those, is damaged, or older than max_age_s.
 */
char *act_cursor_make(struct act_call *call, const json_t *state);
json_t *act_cursor_read(struct act_call *call, const char *text, int max_age_s, char *why, size_t size) ACT_MUST_CHECK;

/* ---- Other hosts: JSON over https GET, in parallel, only hosts that FETCH_HOSTS allows. No token or cookie is ever
 * sent. ---- */

struct act_fetch {
    const char *url;
    size_t max_bytes; /* of the answer, at most 1 MiB */
    json_t *body;     /* out: owned by the call, NULL unless status is 200 and the body is JSON of that content type */
    const char *failure; /* out: NULL or a word: timeout, refused_host, unreachable, too_large, not_json, status */
    int timeout_ms;      /* for this one */
    int status;          /* out: HTTP status, 0 when none */
    int elapsed_ms;      /* out */
};
/* Runs them all and returns when each ended or budget_ms is over. */
void act_fetch_all(struct act_call *call, struct act_fetch *fetches, size_t count, int budget_ms);

/* Circuit breakers shared by all workers: ask before, report after. Opens after 5 failures in a row, for 30 s, then one
 * probe. */
bool act_breaker_allow(struct act_call *call, const char *name);
void act_breaker_report(struct act_call *call, const char *name, bool ok);

/* ---- Jobs: work that outlives a call ----
 *
 * The declaration has "job" {...} (docs/write-a-job.md), the handler's .run looks at the input and calls act_job_start,
 * and .job does the work: a plan lists items, pages of items are worked on by steps of their own, a finish makes the
 * answer. Each function runs in a worker process, alone, with the rights of the job's user and a deadline
 * (stepSeconds). A crash, an endless loop or exhausted memory ends that step only, and it is tried again. So each must
 * be safe to repeat: insert under a unique key (act_step_key), and take DUPLICATE_VALUE on it for success.
 */

/* How a step ended. All but ACT_STEP_DONE come from one of the functions below, which record the reason. */
enum act_step {
    ACT_STEP_DONE, /* a page: the items that were not reported are done */
    ACT_STEP_ENDED /* otherwise, as recorded */
};

/* The work of the next plan step: recorded in the call, kept only when the step ends with ACT_STEP_DONE. */

/*
 * Adds one item to the plan: any JSON of at most 4 KiB, mostly a record id as text (the reference is taken over). Items
 * are worked on in this order, "pageItems" of them a page. Never put tokens into an item.
 */
void act_plan_item(struct act_call *call, json_t *item);
/* Pages of this plan step have this many items instead of "pageItems", 20,000 at most: for pages that go to the org in
 * bulk. Before its first item. Items that are tried again come in pages of "pageItems". */
void act_plan_page_items(struct act_call *call, int items);
/* The plan goes on in a step of its own from `cursor` (a last id, a query locator; at most 64 KiB; the reference is
 * taken over). Without it the plan is complete. */
void act_plan_more(struct act_call *call, json_t *cursor);
/* What is known of the whole, for progress. A later and better figure takes its place. */
void act_plan_total(struct act_call *call, int64_t items);

struct action_job {
    /* Lists the next items. `cursor` is NULL at first. Called until it leaves no cursor. */
    enum act_step (*plan)(struct act_call *call, const json_t *input, const json_t *cursor);
    /* Works on the items (an array of what act_plan_item was given, and in no way more). */
    enum act_step (*page)(struct act_call *call, const json_t *input, const json_t *items);
    /* Runs once, after the last page has ended, also when items have failed; *out (a new reference, at most 60 KiB as
     * text) is the `resultJson` of getJob. May be NULL. */
    enum act_step (*finish)(struct act_call *call, const json_t *input, json_t **out);
};

/* In .run of the same action: puts the job into the queue and makes the answer {jobId, state, operation, message}. An
 * equal job of the same user that still runs is found ("uniqueBy") and answered instead. Waits input.waitSeconds. */
enum act_outcome act_job_start(struct act_call *call, const json_t *input, json_t **out);

/*
 * In .run before act_job_start: what every step of the job gets besides the input, at most 64 KiB as text (the
 * reference is taken over). For what must stay the same while the job runs, such as settings that it began with; the
 * caller neither gives nor sees it. Never put tokens into it.
 */
void act_job_keep(struct act_call *call, json_t *kept);
/* In a step: what .run has kept; NULL = nothing. Borrowed. */
const json_t *act_job_kept(const struct act_call *call);

/* The job's id, and what is known of its items: for .finish and for logs. */
const char *act_job_id(const struct act_call *call);
struct act_job_counts {
    int64_t total, done, failed;
};
/* Items of the whole job when this step was claimed; all 0 outside a step. */
struct act_job_counts act_job_counts(const struct act_call *call);

/*
 * Sums of the job, for its finish: what a page adds under a name (1 to 40 of A-Z a-z 0-9 _ . -, at most 16 of a page)
 * counts once, when the page ends with ACT_STEP_DONE, and not at all when it is lost or tried again. Adding more than
 * 10^15 either way in one page is a mistake of the action.
 */
void act_job_add(struct act_call *call, const char *name, int64_t n);
/* In .finish: the sum of all pages; 0 = nothing was added. */
int64_t act_job_sum(const struct act_call *call, const char *name);

/*
 * Of a job that change events have started ("events" of the declaration), what they were; NULL = somebody has started
 * it. Borrowed:
 *   {"topic", "connection", "transactionKey", "commitUser", "commitMs", "part": 0,
 *    "records": [{"rule": "won", "change": "UPDATE", "commitMs": 1764, "ids": ["006..."]}]}
 * Events are old when they are worked on: read the records anew, and drop what is true no more. The same record may
 * stand in several elements. "records" is empty when the input is a condition (gaps that are too wide for ids).
 */
const json_t *act_job_event(const struct act_call *call);
/* What the keys of this job's records begin with: its id, or the transaction key of the events that started it.
 * Borrowed. */
const char *act_job_key(const struct act_call *call);

/* "<job key>:<item>": names a piece of work for ever, the same in every attempt. For external ids. Borrowed. */
const char *act_step_key(struct act_call *call, const char *item);
/* 1, 2, ... of the tries that count. */
int act_step_attempt(const struct act_call *call);
/*
 * Keeps up to 4 KiB of this step's own state before the step goes on (the id of a Bulk job before its upload); a repeat
 * of the step finds it. False: the step is no longer this process's; end it with act_step_again at once.
 */
bool act_step_save(struct act_call *call, const json_t *state) ACT_MUST_CHECK;
const json_t *act_step_saved(const struct act_call *call); /* NULL = none; borrowed */
/* True when the job was cancelled, the step was lost, or the host drains: end soon with act_step_again. Cheap. */
bool act_step_must_stop(struct act_call *call);
/* Whether it was because the job was cancelled: nobody will run the step again, so what it has begun elsewhere is to be
 * ended. */
bool act_job_canceled(const struct act_call *call);
/* Requests to the org that this step may have open at once, 1 to 4: its share of what the org bears. */
int act_step_parallel(const struct act_call *call);

/* The item items[index] failed for good, with code and message as the org gave them; `field` may be NULL. */
void act_item_failed(struct act_call *call, size_t index, const char *code, const char *field, const char *fmt, ...)
    ACT_PRINTF(5, 6);
/* The same by what the org said of its record: a lock, a throttle and the like make it an item that is tried again. A
 * page of which every item lacked an object, a field or the right to it ends the job, when no item has been done
 * before. */
void act_item_org_failed(struct act_call *call, size_t index, const struct sf_error *err);
/* The item is to be tried again, in a page of its own; when its attempts are used up it failed with this. */
void act_item_again(struct act_call *call, size_t index, const char *code, const char *fmt, ...) ACT_PRINTF(4, 5);

/* The whole step is tried again after `seconds`; `counts` says whether that uses up one of its attempts. */
enum act_step act_step_again(struct act_call *call, int seconds, bool counts, const char *fmt, ...) ACT_PRINTF(4, 5);
/* By the nature of an org failure: a throttle and a session that has ended are waited for without counting, what may
 * pass is tried again, what the whole job will meet (a missing permission, an object that is not there) ends the job,
 * anything else fails the page's items, or the plan. */
enum act_step act_step_org_failed(struct act_call *call, const struct sf_error *err);
/* Nothing of this job can work: it fails at once, and its other steps are not tried. */
enum act_step act_job_failed(struct act_call *call, const char *code, const char *fmt, ...) ACT_PRINTF(3, 4);

/*
 * Within a step: sees a load to its end, whatever an earlier try of the step has left of it. Opens a job, keeps its id
 * under `name` (act_step_save, beside what else is kept there), sends, and looks until it has ended. A job that is
 * found open is aborted and another one opened; one that runs is waited for; when the step must stop it goes on with
 * the next try, and when the job was cancelled the org's job is aborted. Holds its worker meanwhile.
 */
struct sf_bulk_work {
    const char *name;
    const struct sf_bulk_load *load;
    void (*begin)(void *ctx); /* before each upload: `give` starts anew */
    sf_bulk_give_fn *give;
    void *ctx;
};
/* True: it has ended, as *info says; when there was no row to be sent, `id` is "" and nothing was begun. False: return
 * *ended from the step. */
bool sf_bulk_run(struct sf_org *org, const struct sf_bulk_work *work, char id[SF_ID_SIZE], struct sf_bulk_info *info,
                 enum act_step *ended) ACT_MUST_CHECK;

/* What getJob and its sisters are made of: `in` holds jobId and what else the operation takes; the answer, or the
 * refusal (job_not_found, job_ended, nothing_to_retry, jobs_unavailable), is the queue's. */
enum act_job_question { ACT_JOB_GET, ACT_JOB_LIST, ACT_JOB_CANCEL, ACT_JOB_RETRY, ACT_JOB_FAILURES };
enum act_outcome act_job_ask(struct act_call *call, enum act_job_question what, const json_t *in, json_t **out);

#endif
