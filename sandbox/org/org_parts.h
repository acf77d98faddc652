/*
 * org_parts.h - what the parts of the sandbox's org share. Everything here runs under the org's one mutex.
 */
#ifndef SANDBOX_ORG_ORG_PARTS_H
#define SANDBOX_ORG_ORG_PARTS_H

#include <jansson.h>
#include <pthread.h>
#include <sqlite3.h>
#include <stdint.h>

#include "sandbox/base/record_id.h"
#include "sandbox/base/text.h"
#include "sandbox/org/org.h"
#include "sandbox/org/schema.h"

enum {
    PAGE_ROWS = 2000,    /* rows of one answer, child rows included */
    PAGE_ROWS_MIN = 200, /* what Sforce-Query-Options may ask for at least */
    CURSORS_MAX = 10,    /* open queries of a user; the oldest goes */
    COLLECTION_MAX = 200,
    COMPOSITE_MAX = 25,
    GRAPHS_MAX = 75,
    GRAPH_NODES_MAX = 500,
    GRAPH_DEPTH_MAX = 15,
    GRAPH_KINDS_MAX = 15,
    GRAPH_FAILURES_MAX = 14,
    VERSION_MIN = 31,
    VERSION_MAX = 66,
    STATEMENTS = 64
};

struct cursor;

struct statement {
    char *sql;
    sqlite3_stmt *stmt;
    bool busy;
    unsigned used;
};

struct org {
    pthread_mutex_t lock;
    sqlite3 *db;
    struct schema schema;
    json_t *permissions; /* array of rules, see permissions.c */
    char *directory;     /* further descriptions and records, or NULL */
    json_t *planned;     /* array of programmed record faults, see fault_planned */
    struct cursor *cursors;
    uint64_t cursor_count, calls;
    int64_t fixed_ms; /* the clock stands still there; 0 = real time */
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
void fault_set(struct fault *f, int status, const char *code, const char *fields, const char *fmt, ...)
    __attribute__((format(printf, 5, 6)));
/* {"message","errorCode","fields"} and, for a collection, {"statusCode","message","fields"}. */
void fault_json(struct otext *out, const struct fault *f);
void fault_json_row(struct otext *out, const struct fault *f);

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
    bool nested;  /* inside a composite */
    bool loading; /* sample records: ids and system fields are taken as given */
    /* the answer */
    int status;
    struct otext out;
    char type[80];
    char location[200];
};

/* Whether a fault that was programmed for this operation (create, update, delete) takes place now; it is then in `f`.
 */
bool fault_planned(struct call *c, const struct object *ob, const char *operation, struct fault *f);

/* ---- store: SQLite ---- */
bool store_open(struct org *o, const char *path, char *why, size_t why_size);
void store_close(struct org *o);
bool store_exec(struct org *o, const char *sql);
bool store_table(struct org *o, const struct object *ob);
void store_drop_all(struct org *o);
bool store_empty(struct org *o);
/* A prepared statement out of a small cache; give it back. NULL when SQLite refuses the text. */
sqlite3_stmt *store_get(struct org *o, const char *sql);
void store_put(struct org *o, sqlite3_stmt *stmt);
void store_begin(struct org *o);
void store_end(struct org *o, bool keep);
uint64_t store_next(struct org *o, const char *counter); /* 1, 2, 3... */
/* Of a record: 1 there, 0 never was, -1 deleted. */
int store_state(struct org *o, const struct object *ob, const char *id);
int64_t org_now_ms(const struct org *o);
void format_datetime(int64_t ms, char out[32]);

/* ---- permissions ---- */
const json_t *perm_rules(const struct org *o, const char *user_id);
bool perm_sees_object(const struct call *c, const struct object *ob);
bool perm_sees(const struct call *c, const struct object *ob, const struct field *f);
bool perm_writes_object(const struct call *c, const struct object *ob);
bool perm_writes(const struct call *c, const struct object *ob, const struct field *f);

/* ---- values ---- */
enum value_kind { VALUE_NULL, VALUE_TEXT, VALUE_INT, VALUE_REAL, VALUE_BYTES };
struct value {
    enum value_kind kind;
    char *text; /* malloc: text, or the bytes */
    size_t n;
    int64_t i;
    double d;
};
void value_free(struct value *v);
void value_bind(sqlite3_stmt *stmt, int at, const struct value *v);
/* Checks and converts what a client sent for a field. */
bool value_from_json(struct call *c, const struct object *ob, const struct field *f, const json_t *in,
                     struct value *out, struct fault *fault);
/* Normal forms "2024-01-31" and "2024-01-31T10:00:00.000+0000"; false when it is neither. */
bool date_normal(const char *in, char out[32]);
bool datetime_normal(const char *in, char out[32]);
/* Appends a column's value as JSON. `id` is the record's, for the address of bytes. */
void value_json(struct otext *out, const struct call *c, const char *object, const struct field *f, const char *id,
                sqlite3_stmt *stmt, int column);

/* ---- records ---- */
/* How many records have this value in the field; the first one's id goes to `id`. */
int lookup_by(struct org *o, const struct object *ob, const struct field *f, const struct value *v, char id[ID_SIZE]);
bool record_insert(struct call *c, struct object *ob, const json_t *in, char id[ID_SIZE], struct fault *f);
bool record_update(struct call *c, struct object *ob, const char *id, const json_t *in, struct fault *f);
bool record_delete(struct call *c, struct object *ob, const char *id, struct fault *f);
/* Sets *created. */
bool record_upsert(struct call *c, struct object *ob, struct field *key, const char *value, const json_t *in,
                   char id[ID_SIZE], bool *created, struct fault *f);
/* Hooks of files: ContentVersion makes and follows its ContentDocument. */
bool content_before_insert(struct call *c, struct object *ob, struct value *values, bool *set, struct fault *f);
void content_before_update(struct object *ob, struct value *values, bool *set);
bool content_after_insert(struct call *c, const struct object *ob, const char *id, const struct value *values,
                          struct fault *f);

/* ---- answers ---- */
/* Each of these three takes the place of what was answered so far; the body is a list of one error. */
void answer_fault(struct call *c, const struct fault *f);
void answer_error(struct call *c, int status, const char *code, const char *message);
void answer_not_found(struct call *c);
/* The object that a path names and the user sees; answers 404 and returns NULL otherwise. */
struct object *answer_object(struct call *c, const char *name);
/* Writes a record as JSON: `fields` NULL = all visible ones, else names by comma, which are cut in place. False with
 * `f` filled when a field is unknown or the record is not there. */
bool answer_record(struct call *c, const struct object *ob, const char *id, char *fields, struct otext *out,
                   struct fault *f);

/* ---- requests ---- */
/* "/services/data/v62.0/sobjects" -> version 62.0, rest "sobjects". False when it is no path of a version we have. */
bool rest_split_path(struct call *c, char *path, char **rest);
/* Answers one request of the REST API: path below /services/data/vNN.N, without the leading slash. */
void rest_route(struct call *c, char *path);
void rest_sobject(struct call *c, char **segments, size_t n);
void rest_versions(struct call *c);
void rest_resources(struct call *c);
void rest_limits(struct call *c);
void rest_sobjects(struct call *c);
void rest_object_info(struct call *c, const struct object *ob);
void rest_describe(struct call *c, const struct object *ob);
void rest_query(struct call *c, bool all);
void rest_query_more(struct call *c, const char *locator);
void rest_collections(struct call *c, char **segments, size_t n);
void rest_composite(struct call *c);
void rest_batch(struct call *c);
void rest_graph(struct call *c);
void rest_tree(struct call *c, struct object *ob);
/* Splits a multipart body. Returns the number of parts, -1 when it is not one. */
int multipart_split(const char *content_type, const void *body, size_t n, struct part *parts, size_t max);
const struct part *call_part(const struct call *c, const char *name);

/* ---- queries ---- */
void cursors_free(struct org *o);

/* ---- sample data ---- */
bool seed_load(struct org *o, char *why,
               size_t why_size); /* embedded objects, records and permissions, then the directory's */
/* Adds or replaces one description. */
bool seed_description(struct org *o, const char *json, size_t n, char *why, size_t why_size);
bool seed_load_directory(struct org *o, char *why, size_t why_size);
bool seed_records(struct org *o, const char *name, const char *json, size_t n, char *why, size_t why_size);
bool seed_permissions(struct org *o, char *why, size_t why_size);
bool seed_permissions_text(struct org *o, const char *json, size_t n, char *why, size_t why_size);

#endif
