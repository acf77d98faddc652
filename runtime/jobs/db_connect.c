/* db_connect.c - the way to PostgreSQL: what a URL may say, and the thread that connects. */
#include <libpq-fe.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "runtime/jobs/db_parts.h"
#include "runtime/jobs/queue.h"

/* ---- what the URL says ---- */

struct place {
    bool local;        /* every host is a socket of this machine or loopback */
    char sslmode[32];  /* "" when it names none */
    bool by_reference; /* it refers to a file that may say anything */
};

/* `hosts` is a list by commas, as libpq takes it. */
static bool is_local(const char *hosts)
{
    static const char *const names[] = { "localhost", "127.0.0.1", "::1" };
    struct span rest = span_of(hosts), host;
    while (span_split(&rest, ',', &host)) {
        bool local = host.n == 0 || host.p[0] == '/' || host.p[0] == '@';
        for (size_t i = 0; i < sizeof names / sizeof *names; i++)
            local = local || span_eq(host, names[i]);
        if (!local)
            return false;
    }
    return true;
}

static bool read_place(const char *url, struct place *place)
{
    char *words = NULL;
    const char *host = getenv("PGHOST"), *address = getenv("PGHOSTADDR"); /* libpq's own defaults */
    *place = (struct place){ 0 };
    PQconninfoOption *options = PQconninfoParse(url, &words);
    PQfreemem(words); /* may hold a part of the URL, and so of its password */
    if (!options)
        return false;
    for (const PQconninfoOption *o = options; o->keyword; o++) {
        if (!o->val || !o->val[0])
            continue;
        if (strcmp(o->keyword, "host") == 0)
            host = o->val;
        if (strcmp(o->keyword, "hostaddr") == 0)
            address = o->val;
        if (strcmp(o->keyword, "service") == 0)
            place->by_reference = true;
        if (strcmp(o->keyword, "sslmode") == 0)
            copy_text(place->sslmode, sizeof place->sslmode, o->val);
    }
    /* the address is where it goes; a name beside it is for certificates alone */
    place->local = is_local(address ? address : host ? host : "");
    PQconninfoFree(options);
    return true;
}

bool queue_url_check(const char *url, char *why, size_t size)
{
    static const char *const open_modes[] = { "disable", "allow", "prefer" };
    struct place place;
    if (strncmp(url, "postgres://", 11) != 0 && strncmp(url, "postgresql://", 13) != 0) {
        copy_text(why, size, "it must begin with postgres://; as in postgres://user:password@host:5432/name");
        return false;
    }
    if (!read_place(url, &place)) {
        copy_text(why, size,
                  "it cannot be read; write it as postgres://user:password@host:5432/name, with %-escapes for special "
                  "characters in the password");
        return false;
    }
    if (place.by_reference) {
        copy_text(why, size, "it names a service file; write host, user and database into the URL instead");
        return false;
    }
    for (size_t i = 0; !place.local && i < sizeof open_modes / sizeof *open_modes; i++)
        if (strcmp(place.sslmode, open_modes[i]) == 0) {
            snprintf(why, size,
                     "sslmode=%s would send passwords and jobs to another machine without TLS; leave it "
                     "out or write sslmode=require",
                     open_modes[i]);
            return false;
        }
    return true;
}

/* ---- the thread ---- */

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
    struct place place;
    struct db_attempt *a = calloc(1, sizeof *a);
    if (!a)
        return NULL;
    pthread_mutex_init(&a->lock, NULL);
    a->notify = notify;
    a->url = strdup(url);
    a->fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
    a->require_tls = !read_place(url, &place) || (!place.local && !place.sslmode[0]);
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
