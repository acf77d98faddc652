/* db_sqlite.c - the queue in a file of this machine: several programs may share it, several machines may not. */
#include <fcntl.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/inotify.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "runtime/base/system.h"
#include "runtime/jobs/db_parts.h"

struct lite {
    sqlite3 *db;
    sqlite3_stmt *running; /* between ask and finish */
    bool row;              /* it stands at a row that next has not given yet */
    int64_t busy_since;
    char log[1024]; /* path of the write-ahead log */
};

static struct lite *of(struct db *d)
{
    return d->handle;
}

/* What a person does about it. */
static const struct {
    int code;
    enum db_result result;
    const char *advice;
} faults[] = {
    { SQLITE_BUSY, DB_AGAIN, "another program holds its lock" },
    { SQLITE_LOCKED, DB_AGAIN, "another program holds its lock" },
    { SQLITE_CORRUPT, DB_BROKEN, "the file is damaged; move it away, and a new one is made" },
    { SQLITE_NOTADB, DB_BROKEN, "the file is no SQLite database; move it away, and a new one is made" },
    { SQLITE_FULL, DB_BROKEN, "the disk is full, or files may not grow any more; make room" },
    { SQLITE_READONLY, DB_BROKEN, "it may not be written; give this user the right to write the file and its folder" },
    { SQLITE_PERM, DB_BROKEN, "this user may not open it" },
    { SQLITE_CANTOPEN, DB_BROKEN,
      "it cannot be opened; the folder must be there, and this user must be able to write into it" },
    { SQLITE_IOERR, DB_BROKEN, "the disk fails; see the system's log" },
    { SQLITE_TOOBIG, DB_REFUSED, "a value is too large" },
    { SQLITE_CONSTRAINT, DB_AGAIN, "a row was there already" },
};

static bool failed(struct db *d, int code)
{
    const char *words = of(d)->db ? sqlite3_errmsg(of(d)->db) : sqlite3_errstr(code);
    if (of(d)->db && sqlite3_extended_errcode(of(d)->db) == SQLITE_IOERR_WRITE)
        code = SQLITE_FULL; /* a limit of files or of this user; where the disk itself is full SQLite says so */
    for (size_t i = 0; i < sizeof faults / sizeof *faults; i++)
        if (faults[i].code == (code & 0xff))
            return db_fail(d, faults[i].result, "JOBS_DB: %s (%s).", faults[i].advice, words);
    return db_fail(d, DB_BROKEN, "JOBS_DB: %s.", words);
}

static void now_ms(sqlite3_context *c, int n, sqlite3_value **v)
{
    struct timespec t;
    (void)n;
    (void)v;
    clock_gettime(CLOCK_REALTIME, &t);
    sqlite3_result_int64(c, (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000);
}

/* Short naps: the lock of another program is held for a fraction of a millisecond. */
static int nap(void *ctx, int tries)
{
    enum { NAP_US = 300, NAP_MAX_US = 5000 };
    struct lite *l = ctx;
    if (tries == 0)
        l->busy_since = clock_ms();
    if (clock_ms() - l->busy_since >= DB_BUSY_MS)
        return 0;
    unsigned us = NAP_US * (unsigned)(tries < 16 ? tries + 1 : 17);
    usleep(us < NAP_MAX_US ? us : NAP_MAX_US);
    return 1;
}

static void lite_finish(struct db *d)
{
    if (of(d)->running)
        sqlite3_reset(of(d)->running);
    of(d)->running = NULL;
    of(d)->row = false;
}

static bool step(struct db *d)
{
    int rc = sqlite3_step(of(d)->running);
    of(d)->row = rc == SQLITE_ROW;
    if (rc == SQLITE_ROW || rc == SQLITE_DONE)
        return true;
    failed(d, rc);
    lite_finish(d);
    return false;
}

/* Parameters are named "$1", since a statement need not name them in order. */
static void bind(sqlite3_stmt *s, int number, const struct db_param *p)
{
    char name[16];
    snprintf(name, sizeof name, "$%d", number);
    int at = sqlite3_bind_parameter_index(s, name);
    if (at == 0)
        return;
    if (p->type == DB_INT)
        sqlite3_bind_int64(s, at, p->number);
    else if (!p->s.p)
        sqlite3_bind_null(s, at);
    else if (p->type == DB_TEXT)
        sqlite3_bind_text64(s, at, p->s.p, p->s.n, SQLITE_STATIC, SQLITE_UTF8);
    else
        sqlite3_bind_blob64(s, at, p->s.p, p->s.n, SQLITE_STATIC);
}

static bool lite_ask(struct db *d, struct db_statement *s, const struct db_param *params, int n)
{
    sqlite3_stmt *stmt = s->engine;
    if (!stmt) {
        int rc = sqlite3_prepare_v3(of(d)->db, s->text, -1, SQLITE_PREPARE_PERSISTENT, &stmt, NULL);
        if (rc != SQLITE_OK)
            return failed(d, rc);
        s->engine = stmt;
    }
    for (int i = 0; i < n; i++)
        bind(stmt, i + 1, &params[i]);
    of(d)->running = stmt;
    return step(d); /* here, while the caller's parameters are still there; a change is whole after the first step */
}

static bool lite_next(struct db *d)
{
    struct lite *l = of(d);
    if (!l->running)
        return false;
    if (!l->row && (d->columns == 0 || !step(d) || !l->row)) {
        lite_finish(d);
        return false;
    }
    l->row = false;
    d->columns = sqlite3_column_count(l->running);
    for (int i = 0; i < d->columns; i++) {
        bool bytes = sqlite3_column_type(l->running, i) == SQLITE_BLOB;
        const char *p = bytes ? sqlite3_column_blob(l->running, i) : (const char *)sqlite3_column_text(l->running, i);
        d->row[i] = (struct span){ p, (size_t)sqlite3_column_bytes(l->running, i) };
    }
    return true;
}

static int64_t lite_changed(struct db *d)
{
    struct lite *l = of(d);
    if (!l->running)
        return 0;
    int64_t rows = 0;
    bool returns = sqlite3_column_count(l->running) > 0;
    while (l->row && ++rows && step(d))
        ;
    if (!returns)
        rows = sqlite3_changes64(l->db);
    lite_finish(d);
    return rows;
}

static bool lite_script(struct db *d, const char *text)
{
    int rc = sqlite3_exec(of(d)->db, text, NULL, NULL, NULL);
    return rc == SQLITE_OK || failed(d, rc);
}

static bool lite_begin(struct db *d, enum db_mode mode)
{
    (void)mode; /* SQLite has one writer at a time anyhow */
    return lite_script(d, "BEGIN IMMEDIATE");
}

static bool lite_end(struct db *d, bool commit)
{
    if (commit && lite_script(d, "COMMIT"))
        return true;
    if (!sqlite3_get_autocommit(of(d)->db)) /* some failures have ended it already */
        sqlite3_exec(of(d)->db, "ROLLBACK", NULL, NULL, NULL);
    return false;
}

/* Our own changes are heard, too: one look too many costs less than a wake-up that was missed. */
static bool lite_heard(struct db *d)
{
    char room[4096];
    while (d->fd >= 0 && read(d->fd, room, sizeof room) > 0)
        ;
    return true;
}

static void lite_close(struct db *d)
{
    for (int i = 0; i < d->nstatements; i++)
        sqlite3_finalize(d->statements[i].engine);
    sqlite3_close(of(d)->db);
    if (d->fd >= 0)
        close(d->fd);
    free(d->handle);
}

static const struct db_engine engine = { .begin = lite_begin,
                                         .end = lite_end,
                                         .ask = lite_ask,
                                         .next = lite_next,
                                         .changed = lite_changed,
                                         .finish = lite_finish,
                                         .script = lite_script,
                                         .heard = lite_heard,
                                         .close = lite_close,
                                         .word = 0 };

/* Before SQLite makes it with the rights that the umask leaves. Never opened here when it is there: closing it would
 * drop the locks that another connection of this process holds. */
static void make_private(const char *path)
{
    struct stat st;
    if (stat(path, &st) == 0) {
        if (st.st_mode & 077)
            (void)!chmod(path, 0600);
        return;
    }
    int fd = open(path, O_CREAT | O_EXCL | O_RDWR | O_CLOEXEC, 0600);
    if (fd >= 0)
        close(fd);
}

static void watch(struct db *d)
{
    d->fd = inotify_init1(IN_NONBLOCK | IN_CLOEXEC);
    if (d->fd >= 0 && inotify_add_watch(d->fd, of(d)->log, IN_MODIFY) < 0) {
        close(d->fd);
        d->fd = -1; /* polling has to do */
    }
}

struct db *db_sqlite_open(const char *path, bool notify, char *why, size_t size)
{
    struct lite *l = calloc(1, sizeof *l);
    struct db *d = l ? db_new(&engine, l) : NULL;
    if (!d) {
        free(l);
        copy_text(why, size, "There is no memory to open JOBS_DB.");
        return NULL;
    }
    snprintf(l->log, sizeof l->log, "%s-wal", path);
    make_private(path);
    int rc = sqlite3_open_v2(path, &l->db, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX, NULL);
    if (rc != SQLITE_OK)
        failed(d, rc);
    else
        sqlite3_busy_handler(l->db, nap, l);
    /* synchronous=FULL: what was answered is on the disk. secure_delete: what was erased is not. */
    bool ok =
        rc == SQLITE_OK &&
        lite_script(d, "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA foreign_keys=ON;"
                       "PRAGMA secure_delete=ON; PRAGMA trusted_schema=OFF; SELECT count(*) FROM sqlite_master") &&
        sqlite3_create_function(l->db, "now_ms", 0, SQLITE_UTF8, NULL, now_ms, NULL, NULL) == SQLITE_OK;
    if (!ok) {
        copy_text(why, size, d->why[0] ? d->why : "JOBS_DB: SQLite cannot be used.");
        db_free(d);
        return NULL;
    }
    if (notify)
        watch(d);
    return d;
}
