/*
 * db_postgres.c - the queue in PostgreSQL. No statement waits longer than DB_BUSY_MS: they are sent and awaited with
 * poll, and a server that does not answer in time loses this connection. Nothing is kept in the session but LISTEN, so
 * that a pooler in transaction mode (PgBouncer) may stand between.
 */
#include <libpq-fe.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/base/system.h"
#include "runtime/jobs/db_parts.h"

#define CHANNEL "actionhost_jobs"

struct postgres {
    PGconn *c;
    PGresult *result;
    int at;       /* next row of it */
    bool unnamed; /* prepared statements do not outlive a transaction: a pooler */
};

static struct postgres *of(struct db *d)
{
    return d->handle;
}

static void postgres_finish(struct db *d)
{
    PQclear(of(d)->result);
    of(d)->result = NULL;
    of(d)->at = 0;
}

static bool lost(struct db *d, const char *why)
{
    db_fail(d, DB_AWAY, "%s", why);
    d->result = DB_AWAY;
    PQfinish(of(d)->c); /* the server drops the transaction, and its locks with it */
    of(d)->c = NULL;
    d->fd = -1;
    return false;
}

/* By SQLSTATE, or its class of two characters ("PostgreSQL Error Codes", appendix A of its manual). */
static const struct {
    const char *state;
    enum db_result result;
    const char *advice;
} faults[] = {
    { "40001", DB_AGAIN, "another transaction was in the way" },
    { "40P01", DB_AGAIN, "another transaction was in the way" },
    { "55P03", DB_AGAIN, "another transaction holds a lock for long" },
    { "57014", DB_AGAIN, "a statement took too long" },
    { "23505", DB_AGAIN, "a row was there already" },
    { "26000", DB_AGAIN, "a pooler has changed the session" }, /* no such prepared statement */
    { "42P05", DB_AGAIN, "a pooler has changed the session" }, /* it exists already */
    { "25006", DB_AWAY, "the server is read-only at present" },
    { "25P03", DB_AWAY, "the server has ended an idle transaction" },
    { "53100", DB_BROKEN, "the server's disk is full; make room" },
    { "42501", DB_BROKEN, "the user of DATABASE_URL lacks a right; grant it CREATE on the schema and its tables" },
    { "22", DB_REFUSED, "a value cannot be stored" },
    { "54", DB_REFUSED, "a value is too large" },
    { "08", DB_AWAY, "the connection is gone" },
    { "53", DB_AWAY, "the server has run out of something" },
    { "57", DB_AWAY, "the server is going down or starting" },
    { "58", DB_AWAY, "the server has trouble with its system" },
};

static bool failed(struct db *d, const PGresult *r)
{
    const char *state = PQresultErrorField(r, PG_DIAG_SQLSTATE);
    const char *words = PQresultErrorField(r, PG_DIAG_MESSAGE_PRIMARY);
    if (!state)
        return lost(d, "DATABASE_URL: the connection is gone.");
    if (strcmp(state, "26000") == 0 || strcmp(state, "42P05") == 0)
        of(d)->unnamed = true;
    for (size_t i = 0; i < sizeof faults / sizeof *faults; i++) {
        if (strncmp(state, faults[i].state, strlen(faults[i].state)) != 0)
            continue;
        db_fail(d, faults[i].result, "DATABASE_URL: %s (%s %s).", faults[i].advice, state, words ? words : "");
        return faults[i].result == DB_AWAY ? lost(d, d->why) : false;
    }
    return db_fail(d, DB_BROKEN, "DATABASE_URL: the server refuses a statement (%s %s).", state, words ? words : "");
}

/* Waits until the connection can be read or, when `write`, written. */
static bool await(struct db *d, bool write, int64_t end_ms)
{
    int64_t left = end_ms - clock_ms();
    struct pollfd f = { .fd = PQsocket(of(d)->c), .events = (short)(POLLIN | (write ? POLLOUT : 0)) };
    if (left <= 0 || (poll(&f, 1, (int)left) == 0 && clock_ms() >= end_ms))
        return lost(d, "DATABASE_URL: the server has not answered in time.");
    if ((f.revents & (POLLIN | POLLHUP | POLLERR)) && !PQconsumeInput(of(d)->c))
        return lost(d, "DATABASE_URL: the connection is gone.");
    return true;
}

static bool is_fault(const PGresult *r)
{
    ExecStatusType s = PQresultStatus(r);
    return s != PGRES_COMMAND_OK && s != PGRES_TUPLES_OK && s != PGRES_EMPTY_QUERY;
}

/* What was sent, to its end: *result is its last, or its first that failed. */
static bool answer(struct db *d, PGresult **result)
{
    int64_t end_ms = clock_ms() + DB_BUSY_MS;
    *result = NULL;
    for (;;) {
        int unsent = PQflush(of(d)->c);
        if (unsent < 0)
            break;
        if (unsent > 0 || PQisBusy(of(d)->c)) {
            if (!await(d, unsent > 0, end_ms))
                goto gone;
            continue;
        }
        PGresult *r = PQgetResult(of(d)->c);
        if (!r)
            return *result != NULL || lost(d, "DATABASE_URL: the connection is gone.");
        if (*result && is_fault(*result)) {
            PQclear(r);
            continue;
        }
        PQclear(*result);
        *result = r;
    }
    lost(d, "DATABASE_URL: the connection is gone.");
gone:
    PQclear(*result);
    *result = NULL;
    return false;
}

/* Sent: waits for the answer, and keeps its rows. */
static bool take(struct db *d, int sent)
{
    PGresult *r;
    postgres_finish(d);
    if (!sent)
        return lost(d, "DATABASE_URL: the connection is gone.");
    if (!answer(d, &r))
        return false;
    postgres_finish(d); /* of a question whose rows were not all read */
    of(d)->result = r;
    if (!is_fault(r))
        return true;
    failed(d, r);
    postgres_finish(d);
    return false;
}

static bool postgres_script(struct db *d, const char *text)
{
    if (!of(d)->c)
        return false;
    bool ok = take(d, PQsendQuery(of(d)->c, text));
    postgres_finish(d);
    return ok;
}

static bool prepare(struct db *d, struct db_statement *s)
{
    if (s->prepared || of(d)->unnamed)
        return true;
    s->prepared = take(d, PQsendPrepare(of(d)->c, s->name, s->text, 0, NULL));
    postgres_finish(d);
    return s->prepared;
}

static bool postgres_ask(struct db *d, struct db_statement *s, const struct db_param *params, int n)
{
    enum { BYTEA = 17 };
    const char *v[DB_COLUMNS];
    int lengths[DB_COLUMNS], formats[DB_COLUMNS];
    Oid types[DB_COLUMNS];
    char numbers[DB_COLUMNS][24];
    struct buf texts[DB_COLUMNS];
    if (!of(d)->c || !prepare(d, s))
        return false;
    for (int i = 0; i < n; i++) {
        const struct db_param *p = &params[i];
        buf_init(&texts[i], SIZE_MAX / 2);
        formats[i] = p->type == DB_BYTES;
        lengths[i] = (int)p->s.n;
        types[i] = p->type == DB_BYTES ? BYTEA : 0;
        v[i] = p->s.p;
        if (p->type == DB_INT) {
            snprintf(numbers[i], sizeof numbers[i], "%lld", (long long)p->number);
            v[i] = numbers[i];
        } else if (p->type == DB_TEXT && p->s.p) { /* libpq wants texts with a NUL at their end */
            buf_add(&texts[i], p->s.p, p->s.n);
            v[i] = p->s.n ? texts[i].p : "";
        }
    }
    int sent = of(d)->unnamed ? PQsendQueryParams(of(d)->c, s->text, n, types, v, lengths, formats, 0)
                              : PQsendQueryPrepared(of(d)->c, s->name, n, v, lengths, formats, 0);
    for (int i = 0; i < n; i++)
        buf_free(&texts[i]);
    return take(d, sent);
}

/* "\x0a0b" in place. */
static size_t unhex(char *p, size_t n)
{
    size_t out = 0;
    for (size_t i = 2; i + 1 < n; i += 2) {
        char pair[3] = { p[i], p[i + 1], '\0' };
        p[out++] = (char)strtoul(pair, NULL, 16);
    }
    p[out] = '\0';
    return out;
}

static bool postgres_next(struct db *d)
{
    enum { BYTEA = 17 };
    struct postgres *p = of(d);
    if (!p->result || p->at >= PQntuples(p->result)) {
        postgres_finish(d);
        return false;
    }
    d->columns = PQnfields(p->result) < DB_COLUMNS ? PQnfields(p->result) : DB_COLUMNS;
    for (int i = 0; i < d->columns; i++) {
        char *value = PQgetvalue(p->result, p->at, i);
        size_t n = (size_t)PQgetlength(p->result, p->at, i);
        if (PQgetisnull(p->result, p->at, i))
            value = NULL;
        else if (PQftype(p->result, i) == BYTEA)
            n = unhex(value, n);
        d->row[i] = (struct span){ value, n };
    }
    p->at++;
    return true;
}

static int64_t postgres_changed(struct db *d)
{
    if (!of(d)->result)
        return 0;
    bool rows = PQresultStatus(of(d)->result) == PGRES_TUPLES_OK;
    int64_t n = rows ? PQntuples(of(d)->result) : strtoll(PQcmdTuples(of(d)->result), NULL, 10);
    postgres_finish(d);
    return n;
}

/*
 * Limits are set for the transaction alone. Without a compiler of plans: what it saves on a claim it costs a hundred
 * times over. A serial transaction holds a lock that no row stands for, so that waiting for it leaves no dead rows.
 */
#define LIMITS                                                                                                         \
    "SET LOCAL statement_timeout = 4500; SET LOCAL lock_timeout = 4000; "                                              \
    "SET LOCAL idle_in_transaction_session_timeout = 5000; SET LOCAL jit = off"

static bool postgres_begin(struct db *d, enum db_mode mode)
{
    return postgres_script(d, mode == DB_SERIAL ? "BEGIN; " LIMITS "; SELECT pg_advisory_xact_lock(4127034101)"
                                                : "BEGIN; " LIMITS);
}

static bool postgres_end(struct db *d, bool commit)
{
    if (commit)
        return postgres_script(d, d->notify ? "NOTIFY " CHANNEL "; COMMIT" : "COMMIT");
    if (!of(d)->c)
        return false;
    PGresult *r; /* not postgres_script: the failure that was is to stay */
    if (PQsendQuery(of(d)->c, "ROLLBACK") && answer(d, &r))
        PQclear(r);
    return false;
}

static bool postgres_heard(struct db *d)
{
    if (!of(d)->c)
        return false;
    if (!PQconsumeInput(of(d)->c) || PQstatus(of(d)->c) != CONNECTION_OK)
        return lost(d, "DATABASE_URL: the connection is gone.");
    for (PGnotify *n; (n = PQnotifies(of(d)->c));)
        PQfreemem(n);
    return true;
}

static void postgres_close(struct db *d)
{
    postgres_finish(d);
    if (of(d)->c)
        PQfinish(of(d)->c);
    free(d->handle);
}

static const struct db_engine engine = { .begin = postgres_begin,
                                         .end = postgres_end,
                                         .ask = postgres_ask,
                                         .next = postgres_next,
                                         .changed = postgres_changed,
                                         .finish = postgres_finish,
                                         .script = postgres_script,
                                         .heard = postgres_heard,
                                         .close = postgres_close,
                                         .word = 1 };

static void quiet(void *ctx, const PGresult *r)
{
    (void)ctx;
    (void)r;
}

struct db *db_postgres_new(void *connection, bool notify, char *why, size_t size)
{
    static const char encoding[] = "SELECT CASE WHEN current_setting('server_encoding') = 'UTF8' THEN 1 ELSE 0 END";
    struct postgres *p = calloc(1, sizeof *p);
    struct db *d = p ? db_new(&engine, p) : NULL;
    if (!d) {
        free(p);
        PQfinish(connection);
        copy_text(why, size, "There is no memory for a connection.");
        return NULL;
    }
    p->c = connection;
    PQsetNoticeReceiver(p->c, quiet, NULL);
    PQsetnonblocking(p->c, 1);
    p->unnamed = true; /* behind a pooler the name may be taken already: no reason to give up the connection */
    if (db_one(d, -1, encoding) == 0)
        db_fail(d, DB_BROKEN, "DATABASE_URL: the database is not encoded in UTF8; make one that is.");
    p->unnamed = false;
    if (notify && d->result == DB_OK)
        (void)db_script(d, "LISTEN " CHANNEL);
    if (d->result != DB_OK) {
        copy_text(why, size, d->why);
        db_free(d);
        return NULL;
    }
    d->fd = PQsocket(p->c);
    return d;
}
