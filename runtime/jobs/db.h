/*
 * db.h - the little that the queue needs of SQL, over SQLite and PostgreSQL. Statements are written once; where the
 * engines differ, a statement holds a word in braces that each engine fills in (db.c), or this layer differs.
 *
 * The first failure of a transaction sticks: statements after it do nothing, and db_end tells it. So what is done in a
 * transaction is written straight down, without a question after each line.
 */
#ifndef ACTIONHOST_JOBS_DB_H
#define ACTIONHOST_JOBS_DB_H

#include "runtime/base/bytes.h"

struct db;

enum db_result {
    DB_OK,
    DB_AGAIN,   /* worth repeating at once: another transaction was in the way */
    DB_AWAY,    /* the database cannot be reached, or has not answered in time; this connection is of no more use */
    DB_REFUSED, /* it does not take this value; the connection is good */
    DB_BROKEN   /* it says no: full disk, damaged file, missing rights */
};

enum db_mode {
    DB_READ,  /* no transaction: each statement for itself */
    DB_WRITE, /* one transaction; rows that others may change at the same time are locked by the statements */
    DB_SERIAL /* one transaction, and only one of this mode at a time over all processes */
};

struct db_param {
    enum { DB_INT, DB_TEXT, DB_BYTES } type;
    int64_t number;
    struct span s; /* p NULL = SQL NULL */
};
#define DB_I(v) ((struct db_param){ .type = DB_INT, .number = (v) })
#define DB_T(v) ((struct db_param){ .type = DB_TEXT, .s = span_of(v) }) /* NULL = SQL NULL */
#define DB_S(v) ((struct db_param){ .type = DB_TEXT, .s = (v) })        /* a span of text */
#define DB_B(v) ((struct db_param){ .type = DB_BYTES, .s = (v) })       /* a span of bytes */

/*
 * Runs a statement, a string constant whose place in memory is its name: it is prepared once for a connection. Texts
 * that are no UTF-8 are cut where they stop being it. True: db_next gives its rows. What it read is gone with the next
 * statement.
 */
bool db_ask_params(struct db *d, const char *sql, const struct db_param *params, int n);
/* The same for a statement that changes rows: how many it changed or returned; -1 when it failed. */
int64_t db_do_params(struct db *d, const char *sql, const struct db_param *params, int n);
#define DB_LIST(...) ((const struct db_param[]){ { 0 }, ##__VA_ARGS__ } + 1)
#define DB_COUNT(...) ((int)(sizeof((const struct db_param[]){ { 0 }, ##__VA_ARGS__ }) / sizeof(struct db_param)) - 1)
#define db_ask(d, sql, ...) db_ask_params(d, sql, DB_LIST(__VA_ARGS__), DB_COUNT(__VA_ARGS__))
#define db_do(d, sql, ...) db_do_params(d, sql, DB_LIST(__VA_ARGS__), DB_COUNT(__VA_ARGS__))

/* The next row, if there is one. */
bool db_next(struct db *d);
/* Columns of that row, from 0, borrowed until the next row or statement: 0, an empty span and "" for SQL NULL. */
int64_t db_number(const struct db *d, int column);
struct span db_span(const struct db *d, int column); /* p NULL for SQL NULL */
const char *db_text(const struct db *d, int column); /* as far as its first NUL */
bool db_is_null(const struct db *d, int column);
/* db_ask, and the first column of its first row; `otherwise` when there is none, or it failed. */
int64_t db_one_params(struct db *d, int64_t otherwise, const char *sql, const struct db_param *params, int n);
#define db_one(d, otherwise, sql, ...) db_one_params(d, otherwise, sql, DB_LIST(__VA_ARGS__), DB_COUNT(__VA_ARGS__))

/* Several statements without parameters, for the schema. */
bool db_script(struct db *d, const char *sql);

bool db_begin(struct db *d, enum db_mode mode);
/* Ends what db_begin began: with `commit` and without a failure so far it is kept, otherwise dropped. Returns what the
 * whole came to, and forgets it. */
MUST_CHECK enum db_result db_end(struct db *d, bool commit);
/* A failure stuck in this transaction. */
bool db_failed(const struct db *d);
/* What the last failure was: one sentence without secrets. Borrowed. */
const char *db_why(const struct db *d);

/* In a transaction: when it is kept, whoever listens is woken. SQLite wakes by itself. */
void db_notify(struct db *d);
/* Readable when there may be news; -1 = nothing will tell. */
int db_fd(const struct db *d);
/* Empties that. False: the connection is gone. */
bool db_heard(struct db *d);
void db_free(struct db *d);

/*
 * Opens the SQLite file `path`, and makes it (mode 0600) when it is not there. NULL with the reason in `why`.
 * `notify`: the write-ahead log is watched.
 */
struct db *db_sqlite_open(const char *path, bool notify, char *why, size_t size);

/* An attempt to reach PostgreSQL, made by a thread: names and handshakes may take their time. */
struct db_attempt;
struct db_attempt *db_attempt_new(const char *url, bool notify); /* NULL: no memory, or no thread */
int db_attempt_fd(const struct db_attempt *a);                   /* readable when it has ended */
bool db_attempt_ended(struct db_attempt *a);
/* What came of it: a connection (the caller's), or NULL with the reason. Frees the attempt; one that has not ended is
 * abandoned, and its thread frees it. */
struct db *db_attempt_take(struct db_attempt *a, char *why, size_t size);

#endif
