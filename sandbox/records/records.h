/*
 * records.h - what all parts of the sandbox's org share: the org, one call, its faults, the store, permissions and
 * values. Everything here runs under the org's one mutex. Records one at a time are in record.h.
 */
#ifndef SANDBOX_RECORDS_RECORDS_H
#define SANDBOX_RECORDS_RECORDS_H

#include <jansson.h>
#include <pthread.h>
#include <sqlite3.h>
#include <stdint.h>

#include "sandbox/base/record_id.h"
#include "sandbox/base/text.h"
#include "sandbox/records/schema.h"

enum {
    STATEMENTS = 128,
    ID_NUMBERS = 4096 /* the ids that an org makes begin behind these */
};

struct cursor;
struct changes;

struct statement {
    char *sql;
    uint64_t hash;
    sqlite3_stmt *stmt;
    bool busy;
    unsigned used;
};

/* How a call goes on in modelled time, see row_locks.c; ticket 0 = in no time at all. */
struct pace {
    uint64_t ticket, setting, seed; /* a new setting begins anew */
    double lock_rate;
    bool (*in_flight)(void *of, uint64_t ticket);
    void *of;
};

/* What a call made the org do. */
struct work {
    unsigned pages, records, statements;
};

/* What a test can switch: features that orgs have or have not, and records under approval. */
struct org_setup {
    bool no_quotes;
    char currencies[16][4]; /* of a multi-currency org, its own first; [0] "" = an org of one currency */
    json_t *locked;         /* object: the ids of locked records, each true; NULL = none */
    uint64_t calls_max;     /* calls in a day; 0 = as many as an org of this kind has */
    uint64_t data_ms;       /* how long a query of Data 360 runs */
    bool data_elsewhere;    /* Data 360 is only where the exchange of tokens says */
};

struct org {
    pthread_mutex_t lock;
    sqlite3 *db;
    struct schema schema;
    json_t *permissions; /* array of rules, see permissions.c */
    const char *seed;    /* folder of the sample records: "seed" */
    const char *own;     /* folder whose files take the place of those of the same name there; NULL = none */
    int newest;          /* version of the API */
    char *directory;     /* further descriptions and records, or NULL */
    json_t *planned;     /* array of programmed record faults, see fault_planned */
    struct cursor *cursors;
    struct data_query *data_queries; /* of Data 360, see data360/queries.h */
    uint64_t cursor_count, calls, data_count;
    int64_t fixed_ms; /* the clock stands still there; 0 = real time */
    int64_t call_ms;  /* when the request that runs began: a transaction has one time; 0 = none runs */
    struct text due;  /* ids of parents to add up, see totals.h */
    unsigned holds;
    struct org_setup setup;
    struct pace pace; /* of the call that runs */
    struct work work;
    json_t *events, *notifications; /* passed on, see org/messages.c */
    uint64_t published;
    uint64_t published_at;   /* where the listener has put the platform event that came last */
    struct changes *changes; /* NULL = nobody listens, see changes.h */
    json_t *held;            /* rows: id to the ticket of the call that holds it */
    uint64_t lock_draws;
    struct statement statements[STATEMENTS];
    unsigned statement_clock;
};

/* One error of the org; code "" = none. `status` is that of a single-record request. */
struct fault {
    int status;
    char code[64];
    char message[1500];
    char fields[12 * NAME_SIZE]; /* by comma */
    bool with_fields;            /* the answer has "fields" even if empty */
};

/* A part of a multipart body: points into the request. */
struct part {
    char name[NAME_SIZE], filename[256], type[80];
    const void *data;
    size_t n;
};

/* One REST call, or one step of a composite. */
struct call {
    struct org *o;
    const json_t *rules; /* permissions of the user, NULL = all */
    char user_id[ID_SIZE];
    char version[8]; /* 62.0 */
    const char *method, *query, *options;
    json_t *body; /* borrowed; NULL when none */
    const struct part *parts;
    size_t n_parts;
    bool data_host; /* it came to the address of Data 360 */
    bool loading;   /* sample records: ids and system fields are taken as given */
    /* the answer */
    int status;
    struct text out;
    char type[80];
    char location[200];
};

/* The part of the call's multipart body that has this name; NULL when there is none. */
const struct part *call_part(const struct call *c, const char *name);

/* ---- faults (fault.c) ---- */
/* Replaces what `f` holds. `fields` NULL = the answer has no list of fields. */
void fault_set(struct fault *f, int status, const char *code, const char *fields, const char *fmt, ...)
    __attribute__((format(printf, 5, 6)));
/* Appends {"message","errorCode","fields"} or, for a row of a collection, {"statusCode","message","fields"}. */
void fault_json(struct text *out, const struct fault *f);
void fault_json_row(struct text *out, const struct fault *f);
/* Whether a fault that a test programmed for this operation (create, update, delete) and this record (`in` as it came,
 * NULL when it is deleted) takes place now; it is then in `f`. */
bool fault_planned(struct call *c, const struct object *ob, const char *operation, const json_t *in, struct fault *f);

/* ---- the store: SQLite (store.c) ---- */
/* Opens the file, or memory when path is NULL, with the org's own tables. False with `why` filled. */
bool store_open(struct org *o, const char *path, char *why, size_t why_size);
void store_close(struct org *o);
/* Runs statements without results; false when SQLite refuses one. */
bool store_exec(struct org *o, const char *sql);
/* Makes the object's table, or adds the columns that it lacks; false when SQLite refuses. */
bool store_table(struct org *o, const struct object *ob);
/* Drops the tables of all objects and empties the org's own. */
void store_drop_all(struct org *o);
/* Whether the org has no object yet. */
bool store_empty(struct org *o);
/* A prepared statement out of a small cache; give it back. NULL when SQLite refuses the text. */
sqlite3_stmt *store_get(struct org *o, const char *sql);
void store_put(struct org *o, sqlite3_stmt *stmt);
/* A step that may be undone; steps nest. store_end keeps or undoes what happened since the last store_begin. */
void store_begin(struct org *o);
void store_end(struct org *o, bool keep);
/* The next number of a counter: 1, 2, 3... */
uint64_t store_next(struct org *o, const char *counter);
/* The next n numbers of it; returns the first. */
uint64_t store_take(struct org *o, const char *counter, uint64_t n);
/* Of a record: 1 there, 0 never was, -1 deleted. */
int store_state(struct org *o, const struct object *ob, const char *id);
/* What time it is for this org, in ms since 1970. */
int64_t org_now_ms(const struct org *o);

/* ---- permissions (permissions.c) ---- */
/* The user's rule, borrowed until the permissions change; NULL = may do everything. */
const json_t *perm_rules(const struct org *o, const char *user_id);
/* Whether the call's user sees or writes the object, or the field of it. */
bool perm_sees_object(const struct call *c, const struct object *ob);
bool perm_sees(const struct call *c, const struct object *ob, const struct field *f);
bool perm_writes_object(const struct call *c, const struct object *ob);
bool perm_writes(const struct call *c, const struct object *ob, const struct field *f);
/* Whether the user may make records of an object that he may otherwise write. */
bool perm_creates(const struct call *c, const struct object *ob);

/* ---- what an org has switched on (setup.c) ---- */
/* Takes {"quotes", "currencies", "locked", "callsPerDay"}, each optional; false with `why` filled and nothing changed.
 */
bool setup_take(struct org *o, const json_t *in, char *why, size_t why_size);
/* As it was made. */
void setup_forget(struct org *o);
/* Whether this org has the object at all, or the field. */
bool setup_has(const struct org *o, const struct object *ob);
bool setup_has_field(const struct org *o, const struct field *f);
/* The org's own currency, and whether it knows another. */
const char *org_currency(const struct org *o);
bool org_knows_currency(const struct org *o, const char *code);
/* Whether an approval holds the record. */
bool setup_locks(const struct org *o, const char *id);
/* How many calls the org takes in a day. */
uint64_t setup_calls(const struct org *o);

/* ---- values (value.c) ---- */
enum value_kind { VALUE_NULL, VALUE_TEXT, VALUE_INT, VALUE_REAL, VALUE_BYTES };
struct value {
    enum value_kind kind;
    char *text; /* malloc: text, or the bytes */
    size_t n;
    int64_t i;
    double d;
};
/* A copy of a text; an empty one is null. */
struct value value_text(const char *s, size_t n);
/* Leaves a null. */
void value_free(struct value *v);
/* Whether both are the same; 1 and 1.0 are. */
bool value_same(const struct value *a, const struct value *b);
/* Binds the at-th parameter; the value must outlive the step. */
void value_bind(sqlite3_stmt *stmt, int at, const struct value *v);
/* Checks and converts what a client sent for a field; value_free() it. False with `fault` filled. */
bool value_from_json(struct call *c, const struct field *f, const json_t *in, struct value *out, struct fault *fault);
/* Normal forms "2024-01-31" and "2024-01-31T10:00:00.000+0000"; false when it is neither. */
bool date_normal(const char *in, char out[32]);
bool datetime_normal(const char *in, char out[32]);
/* Whether a normal form is one that an org knows: from 1700-01-01 to 4000-12-31, with a time up to midnight at the
 * beginning of that last day, in UTC. */
bool day_in_range(const char *normal);
/* Appends a column's value as JSON. `id` is the record's, for the address of bytes. */
void value_json(struct text *out, const struct call *c, const char *object, const struct field *f, const char *id,
                sqlite3_stmt *stmt, int column);

/* ---- finding (lookup.c) ---- */
/* How many records have this value in the field; the first one's id goes to `id`. */
int lookup_by(struct org *o, const struct object *ob, const struct field *f, const struct value *v, char id[ID_SIZE]);

#endif
