/* db_connect.c - the way to PostgreSQL: a thread connects, so that nobody waits for names and handshakes. */
#include <libpq-fe.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "runtime/jobs/db_parts.h"
#include "runtime/jobs/queue_url.h"

struct db_attempt {
    pthread_mutex_t lock;
    char *url;
    bool require_tls, notify;
    bool ended, abandoned;
    int fd;
    PGconn *c;
};

static void attempt_free(struct db_attempt *a)
{
    if (a->c)
        PQfinish(a->c);
    if (a->fd >= 0)
        close(a->fd);
    if (a->url)
        bytes_wipe(a->url, strlen(a->url));
    free(a->url);
    pthread_mutex_destroy(&a->lock);
    free(a);
}

static void *attempt_run(void *ctx)
{
    struct db_attempt *a = ctx;
    /* What stands behind "dbname" overrides the URL; keepalives find a server that vanished without a word. */
    const char *names[] = { "dbname",
                            "connect_timeout",
                            "application_name",
                            "client_encoding",
                            "keepalives_idle",
                            "tcp_user_timeout",
                            a->require_tls ? "sslmode" : NULL,
                            NULL };
    const char *values[] = { a->url, "5", "actionhost", "UTF8", "30", "10000", "require", NULL };
    PGconn *c = PQconnectdbParams(names, values, 1);
    pthread_mutex_lock(&a->lock);
    a->c = c;
    a->ended = true;
    bool abandoned = a->abandoned;
    if (!abandoned)
        eventfd_write(a->fd, 1);
    pthread_mutex_unlock(&a->lock);
    if (abandoned)
        attempt_free(a);
    return NULL;
}

/* The signals of the process are for its loop. */
static bool start(struct db_attempt *a)
{
    pthread_t thread;
    pthread_attr_t attr;
    sigset_t all, before;
    sigfillset(&all);
    pthread_attr_init(&attr);
    pthread_attr_setdetachstate(&attr, PTHREAD_CREATE_DETACHED);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    bool ok = pthread_create(&thread, &attr, attempt_run, a) == 0;
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    pthread_attr_destroy(&attr);
    return ok;
}

struct db_attempt *db_attempt_new(const char *url, bool notify)
{
    struct db_attempt *a = calloc(1, sizeof *a);
    if (!a)
        return NULL;
    pthread_mutex_init(&a->lock, NULL);
    a->notify = notify;
    a->url = strdup(url);
    a->fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
    a->require_tls = queue_url_wants_tls(url);
    if (a->url && a->fd >= 0 && start(a))
        return a;
    attempt_free(a);
    return NULL;
}

int db_attempt_fd(const struct db_attempt *a)
{
    return a->fd;
}

bool db_attempt_ended(struct db_attempt *a)
{
    pthread_mutex_lock(&a->lock);
    bool ended = a->ended;
    pthread_mutex_unlock(&a->lock);
    return ended;
}

struct db *db_attempt_take(struct db_attempt *a, char *why, size_t size)
{
    pthread_mutex_lock(&a->lock);
    bool ended = a->ended;
    a->abandoned = !ended;
    PGconn *c = a->c;
    a->c = NULL;
    pthread_mutex_unlock(&a->lock);
    copy_text(why, size, "DATABASE_URL: no answer yet.");
    if (!ended)
        return NULL;
    bool notify = a->notify;
    attempt_free(a);
    if (c && PQstatus(c) == CONNECTION_OK)
        return db_postgres_new(c, notify, why, size);
    /* libpq names host, port and user there, and never the password */
    snprintf(why, size, "DATABASE_URL: %s", c ? PQerrorMessage(c) : "there is no memory to connect.");
    for (char *w = why; *w; w++)
        if (*w == '\n' || *w == '\r')
            *w = ' ';
    PQfinish(c);
    return NULL;
}
