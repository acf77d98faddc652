/* queue.c - the connection behind a queue: opened, lost, opened again; and transactions that are worth repeating. */
#include <poll.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <unistd.h>

#include "runtime/base/system.h"
#include "runtime/jobs/queue_parts.h"
#include "runtime/jobs/schema.h"

enum { BACKOFF_MS = 100, BACKOFF_MAX_MS = 2000, ATTEMPT_MS = 10000, POLL_MS = 1000 };

static void watch(struct queue *q, int fd)
{
    if (q->watched >= 0)
        epoll_ctl(q->watch, EPOLL_CTL_DEL, q->watched, NULL); /* one that was closed has left by itself */
    q->watched = fd;
    struct epoll_event e = { .events = EPOLLIN };
    if (fd >= 0 && epoll_ctl(q->watch, EPOLL_CTL_ADD, fd, &e) != 0)
        q->watched = -1; /* polling has to do */
}

struct queue *queue_new(const struct queue_settings *s)
{
    struct queue *q = calloc(1, sizeof *q);
    if (!q)
        abort();
    q->url = s->database_url ? strdup(s->database_url) : NULL;
    q->path = !s->database_url && s->path ? strdup(s->path) : NULL;
    q->poll_ms = s->poll_ms > 0 ? s->poll_ms : POLL_MS;
    q->notify = s->notify;
    q->watch = epoll_create1(EPOLL_CLOEXEC);
    q->watched = -1;
    q->backoff_ms = BACKOFF_MS;
    q->state = QUEUE_AWAY;
    if ((!q->url && !q->path) || q->watch < 0)
        abort(); /* no memory, or nothing to open: nobody may take this for a queue */
    copy_text(q->why, sizeof q->why, "The database of jobs has not been opened yet.");
    return q;
}

static void drop(struct queue *q)
{
    char why[8];
    watch(q, -1);
    db_free(q->d);
    q->d = NULL;
    if (q->attempt)
        db_free(db_attempt_take(q->attempt, why, sizeof why));
    q->attempt = NULL;
}

void queue_free(struct queue *q)
{
    if (!q)
        return;
    drop(q);
    close(q->watch);
    if (q->url)
        bytes_wipe(q->url, strlen(q->url));
    free(q->url);
    free(q->path);
    free(q);
}

enum queue_result queue_say(struct queue *q, enum queue_result result, const char *fmt, ...)
{
    va_list ap;
    va_start(ap, fmt);
    vsnprintf(q->why, sizeof q->why, fmt, ap);
    va_end(ap);
    return result;
}

/* It is not open, for a reason that queue_why tells: the next attempt is some time away. */
static void put_off(struct queue *q, enum queue_result state)
{
    unsigned char chance;
    random_bytes(&chance, 1);
    drop(q);
    q->state = state;
    q->next_try_ms = clock_ms() + q->backoff_ms * 3 / 4 + q->backoff_ms * chance / 512;
    q->backoff_ms = q->backoff_ms * 2 < BACKOFF_MAX_MS ? q->backoff_ms * 2 : BACKOFF_MAX_MS;
}

/* A connection that has been made: the schema, and then it is open. */
static void settle(struct queue *q)
{
    enum { TRIES = 3 };
    bool newer = false;
    int ran = 0;
    enum db_result result = DB_AGAIN;
    for (int i = 0; i < TRIES && result == DB_AGAIN; i++)
        result = schema_migrate(q->d, &ran, &newer);
    q->migrated += ran;
    if (newer)
        queue_say(q, QUEUE_NEWER,
                  "The database of jobs belongs to a newer version of this program; deploy that version.");
    else if (result != DB_OK)
        queue_say(q, QUEUE_AWAY, "%s", db_why(q->d));
    if (result != DB_OK) {
        put_off(q, newer ? QUEUE_NEWER : result == DB_BROKEN ? QUEUE_BROKEN : QUEUE_AWAY);
        return;
    }
    q->state = QUEUE_OK;
    q->why[0] = '\0';
    q->backoff_ms = BACKOFF_MS;
    q->next_poll_ms = 0; /* there may be work already */
    watch(q, db_fd(q->d));
}

static void open_file(struct queue *q)
{
    q->d = db_sqlite_open(q->path, q->notify, q->why, sizeof q->why);
    if (q->d)
        settle(q);
    else
        put_off(q, QUEUE_BROKEN);
}

static void open_server(struct queue *q, int64_t now_ms)
{
    if (!q->attempt) {
        q->attempt = db_attempt_new(q->url, q->notify);
        if (!q->attempt) {
            queue_say(q, QUEUE_AWAY, "There is no memory, or no thread, to reach DATABASE_URL.");
            put_off(q, QUEUE_AWAY);
            return;
        }
        q->next_try_ms = now_ms + ATTEMPT_MS;
        watch(q, db_attempt_fd(q->attempt));
        return;
    }
    if (!db_attempt_ended(q->attempt) && now_ms < q->next_try_ms)
        return;
    watch(q, -1);
    q->d = db_attempt_take(q->attempt, q->why, sizeof q->why);
    q->attempt = NULL;
    if (q->d)
        settle(q);
    else
        put_off(q, QUEUE_AWAY);
}

bool queue_work(struct queue *q)
{
    int64_t now_ms = clock_ms();
    if (q->d)
        return true;
    if (q->attempt || now_ms >= q->next_try_ms) {
        if (q->path)
            open_file(q);
        else
            open_server(q, now_ms);
    }
    return q->d != NULL;
}

const char *queue_why(const struct queue *q)
{
    return q->why;
}

enum queue_result queue_state(const struct queue *q)
{
    return q->state;
}

enum queue_result queue_open_now(struct queue *q, int timeout_ms, int *migrated)
{
    int64_t end_ms = clock_ms() + timeout_ms;
    q->migrated = 0;
    if (!q->attempt)
        q->next_try_ms = 0; /* whoever asks for it now does not wait for the next turn */
    while (!queue_work(q) && (q->state == QUEUE_AWAY || q->attempt)) {
        int64_t now_ms = clock_ms();
        if (now_ms >= end_ms)
            break;
        int wait_ms = queue_timeout_ms(q, now_ms);
        if (wait_ms < 0 || wait_ms > end_ms - now_ms)
            wait_ms = (int)(end_ms - now_ms);
        struct pollfd f = { .fd = q->watch, .events = POLLIN };
        poll(&f, 1, wait_ms);
    }
    if (migrated)
        *migrated = q->migrated;
    return q->state;
}

int queue_fd(const struct queue *q)
{
    return q->watch;
}

bool queue_heard(struct queue *q)
{
    struct epoll_event e;
    int64_t now_ms = clock_ms();
    if (!q->d)
        return false;
    bool news = epoll_wait(q->watch, &e, 1, 0) > 0;
    if (news && !db_heard(q->d)) {
        queue_say(q, QUEUE_AWAY, "%s", db_why(q->d));
        put_off(q, QUEUE_AWAY);
        return false;
    }
    news = news || now_ms >= q->next_poll_ms;
    if (news)
        q->next_poll_ms = now_ms + q->poll_ms;
    return news;
}

int queue_timeout_ms(const struct queue *q, int64_t now_ms)
{
    return ms_until(q->d ? q->next_poll_ms : q->next_try_ms, now_ms);
}

/* What came of a transaction that the database did not take. */
static enum queue_result fell(struct queue *q, enum db_result result)
{
    queue_say(q, QUEUE_AWAY, "%s", db_why(q->d));
    if (result == DB_AGAIN) /* the database is there, and busy */
        return QUEUE_AWAY;
    if (result == DB_REFUSED)
        return QUEUE_FULL;
    put_off(q, result == DB_BROKEN ? QUEUE_BROKEN : QUEUE_AWAY);
    return q->state;
}

enum queue_result queue_transact(struct queue *q, enum db_mode mode, queue_fn *fn, void *ctx)
{
    enum { TRIES = 5, TRIES_MS = QUEUE_WAIT_MS / 2 };
    enum db_result result = DB_OK;
    int64_t end_ms = clock_ms() + TRIES_MS; /* a lock that is held for long is not waited for over and over */
    for (int tries = 0; q->d && (tries == 0 || (tries < TRIES && clock_ms() < end_ms)); tries++) {
        enum queue_result r = QUEUE_AWAY;
        if (db_begin(q->d, mode))
            r = fn(q, q->d, ctx);
        result = db_end(q->d, r == QUEUE_OK);
        if (result == DB_OK)
            return r;
        if (result != DB_AGAIN)
            break;
    }
    if (!q->d)
        return q->state == QUEUE_OK ? QUEUE_AWAY : q->state;
    return fell(q, result);
}
