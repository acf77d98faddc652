/* db_parts.h - what db.c and the two engines share. */
#ifndef ACTIONHOST_JOBS_DB_PARTS_H
#define ACTIONHOST_JOBS_DB_PARTS_H

#include "runtime/jobs/db.h"

enum {
    DB_COLUMNS = 40,     /* of a row, and parameters of a statement */
    DB_STATEMENTS = 160, /* different ones of the program */
    DB_BUSY_MS = 5000    /* QUEUE_WAIT_MS: for SQLite's lock, for an answer of PostgreSQL */
};

/* A statement of this connection. */
struct db_statement {
    const char *sql; /* its name */
    char *text;      /* own: with the engine's words */
    char name[24];   /* of PostgreSQL: the same name means the same text, whoever prepared it */
    bool prepared;
    void *engine; /* SQLite's statement */
};

struct db_engine {
    bool (*begin)(struct db *d, enum db_mode mode);
    bool (*end)(struct db *d, bool commit);
    bool (*ask)(struct db *d, struct db_statement *s, const struct db_param *params, int n);
    bool (*next)(struct db *d);
    int64_t (*changed)(struct db *d); /* of the statement that was asked; reads it to its end */
    void (*finish)(struct db *d);     /* whatever is still open of it */
    bool (*script)(struct db *d, const char *text);
    bool (*heard)(struct db *d);
    void (*close)(struct db *d); /* frees the engine's own part and its statements, not *d */
    int word;                    /* column of the table of words */
};

struct db {
    const struct db_engine *engine;
    void *handle; /* the engine's own */
    enum db_mode mode;
    enum db_result result;
    bool notify, open; /* open: a transaction has begun */
    int fd;
    char why[300];
    struct span row[DB_COLUMNS];
    int columns;
    struct db_statement statements[DB_STATEMENTS];
    int nstatements;
};

/* Records the first failure; returns false. */
bool db_fail(struct db *d, enum db_result result, const char *fmt, ...) __attribute__((format(printf, 3, 4)));
struct db *db_new(const struct db_engine *engine, void *handle); /* NULL without memory */

/* db_postgres.c: a connection that stands, PGconn *. Takes it over, also when it fails (NULL). */
struct db *db_postgres_new(void *connection, bool notify, char *why, size_t size);

#endif
