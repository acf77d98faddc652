/* requests.c - requests on their connections. */
#include "runtime/web/requests.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>

#include "runtime/base/system.h"
#include "runtime/web/header_gaps.h"
#include "runtime/web/response.h"

enum {
    LOOK_MS = 100,          /* how often deadlines of waits are looked at */
    FRUITLESS_MAX = 32,     /* reads of a body in chunks, one after the other, that brought no byte of the body */
    FRUITLESS_BYTES = 4096, /* and what they may bring instead: sizes of chunks, trailers */
    LAST_TURNS = 64,        /* of a daemon that stops, at most: an answer needs a few */
    DRAIN_RETRY_S = 5       /* a new process serves by then */
};

/* Where a request is; each is in the list of one of these. */
enum stage {
    AT_HEADERS, /* its request line has come */
    AT_WORK,    /* libmicrohttpd reads or answers it */
    READING,    /* the same, and its body comes in chunks */
    PAUSED,     /* as READING, but suspended until more has come */
    WAITING,    /* suspended until its exchange wakes it */
    STAGES
};

/* One request on a connection. */
struct request {
    struct exchange exchange;
    struct requests *all;
    struct MHD_Connection *connection;
    struct conn *conn;
    char *target; /* as it stood in the request line */
    bool begun, waited_at_headers;
    bool cut;           /* answered past the library */
    int64_t body_seen;  /* bytes of the body when it was paused */
    uint64_t taken;     /* bytes of the connection that were read when one of the body came last */
    int fruitless;      /* pauses since then */
    struct watch watch; /* while PAUSED */
    enum stage stage;
    struct request **link, *next; /* in the list of its stage */
};

struct requests {
    struct exchange_shared *shared;
    struct loop *loop;
    struct conns *conns;
    struct MHD_Daemon *daemon;
    struct streams *streams;
    struct request *lists[STAGES];
    struct request *in_target; /* whose request line is being taken apart */
    bool resumed;              /* since libmicrohttpd last ran: it would not notice by itself */
    int64_t next_look_ms;
};

struct requests *requests_new(struct exchange_shared *shared, struct loop *loop, struct conns *conns)
{
    struct requests *rs = calloc(1, sizeof *rs);
    if (rs)
        *rs = (struct requests){ .shared = shared, .loop = loop, .conns = conns, .streams = streams_new(shared) };
    return rs;
}

void requests_free(struct requests *rs)
{
    if (rs)
        streams_free(rs->streams);
    free(rs);
}

void requests_daemon(struct requests *rs, struct MHD_Daemon *daemon)
{
    rs->daemon = daemon;
}

/* ---- stages ---- */

static void unlist(struct request *r)
{
    *r->link = r->next;
    if (r->next)
        r->next->link = r->link;
}

static void list(struct request *r, enum stage stage)
{
    r->stage = stage;
    r->link = &r->all->lists[stage];
    r->next = *r->link;
    if (r->next)
        r->next->link = &r->next;
    *r->link = r;
}

static void move(struct request *r, enum stage stage)
{
    if (r->stage == stage)
        return;
    unlist(r);
    list(r, stage);
}

static void suspend(struct request *r)
{
    move(r, WAITING);
    conn_phase(r->conn, CONN_OURS);
    MHD_suspend_connection(r->connection);
}

static void resume(struct request *r, enum stage stage)
{
    move(r, stage);
    MHD_resume_connection(r->connection);
    r->all->resumed = true;
}

static void wake(struct exchange *x)
{
    struct request *r = x->owner;
    if (r->stage == WAITING) /* else it ended before the connection was suspended */
        resume(r, AT_WORK);
}

/* ---- answers ---- */

static enum MHD_Result send_answer(struct request *r)
{
    struct MHD_Response *m = response_make(&r->exchange, r->all->streams, r->connection);
    move(r, AT_WORK);
    conn_phase(r->conn, CONN_ANSWER); /* a peer that does not read is slow too */
    if (!m)
        return MHD_NO;
    enum MHD_Result rc = MHD_queue_response(r->connection, (unsigned)r->exchange.answer.status, m);
    MHD_destroy_response(m);
    if (r->exchange.answer.stream && rc == MHD_YES) {
        conn_phase(r->conn, CONN_OURS); /* for as long as its reader wishes */
        exchange_streams(&r->exchange);
    }
    return rc;
}

/*
 * libmicrohttpd takes no answer in the middle of a body. A peer that sends on and on after being refused gets the
 * answer straight into its socket, and the connection is closed.
 */
static enum MHD_Result cut_off(struct request *r)
{
    const struct exchange_answer *a = &r->exchange.answer;
    const struct span json = { a->body ? a->body : "", a->n };
    r->cut =
        conn_last_words(r->conn, &(struct conn_answer){ a->status, r->exchange.request_id, a->retry_after_s, json });
    return MHD_NO;
}

/*
 * Ends a connection from outside. Its end is an event to the library only where its epoll has the socket, and one whose
 * buffer is full when it is resumed is not put there.
 */
static void hang_up(struct request *r)
{
    const union MHD_ConnectionInfo *c = MHD_get_connection_info(r->connection, MHD_CONNECTION_INFO_CONNECTION_FD);
    const union MHD_DaemonInfo *d = MHD_get_daemon_info(r->all->daemon, MHD_DAEMON_INFO_EPOLL_FD);
    struct epoll_event e = { .events = EPOLLIN | EPOLLET, .data.ptr = r->connection };
    if (!c || !d)
        return;
    shutdown(c->connect_fd, SHUT_RDWR);
    (void)epoll_ctl(d->epoll_fd, EPOLL_CTL_ADD, c->connect_fd, &e); /* where it is already, all is well */
    r->all->resumed = true;
}

/* ---- steps ---- */

static enum MHD_Result add_header(void *cls, enum MHD_ValueKind kind, const char *name, size_t name_n,
                                  const char *value, size_t value_n)
{
    struct guard_request *g = cls;
    struct guard_header *h = (struct guard_header *)(uintptr_t)g->headers;
    (void)kind;
    if (g->count < LIMIT_HEADER_LINES)
        h[g->count] = (struct guard_header){ { name, name_n }, { value ? value : "", value_n } };
    g->count++;
    return MHD_YES;
}

static void take_peer(struct request *r)
{
    const union MHD_ConnectionInfo *i = MHD_get_connection_info(r->connection, MHD_CONNECTION_INFO_CLIENT_ADDRESS);
    const struct sockaddr *a = i ? i->client_addr : NULL;
    if (a && a->sa_family == AF_INET)
        inet_ntop(AF_INET, &((const struct sockaddr_in *)(const void *)a)->sin_addr, r->exchange.peer,
                  sizeof r->exchange.peer);
    else if (a && a->sa_family == AF_INET6)
        inet_ntop(AF_INET6, &((const struct sockaddr_in6 *)(const void *)a)->sin6_addr, r->exchange.peer,
                  sizeof r->exchange.peer);
}

static enum exchange_step begin(struct request *r, const char *method, const char *version)
{
    struct guard_header headers[LIMIT_HEADER_LINES];
    struct guard_request g = {
        .method = method, .version = version, .raw_target = span_of(r->target), .headers = headers
    };
    const union MHD_ConnectionInfo *size =
        MHD_get_connection_info(r->connection, MHD_CONNECTION_INFO_REQUEST_HEADER_SIZE);
    r->begun = true;
    move(r, AT_WORK);
    take_peer(r);
    MHD_get_connection_values_n(r->connection, MHD_HEADER_KIND, add_header, &g);
    g.hidden = !shown_whole(&g, size ? size->header_size : 0);
    conn_phase(r->conn, CONN_BODY);
    return exchange_begin(&r->exchange, &g);
}

/* The library goes on with the body, of which `step` is EXCHANGE_READ, or with an answer that waits for its end. */
static enum MHD_Result go_on(struct request *r, bool woken)
{
    if (woken)
        conn_phase(r->conn, CONN_BODY); /* authenticated: now the body is awaited */
    if (r->exchange.guard.chunked)
        move(r, READING);
    return MHD_YES;
}

enum MHD_Result requests_handle(void *requests, struct MHD_Connection *c, const char *url, const char *method,
                                const char *version, const char *data, size_t *data_n, void **context)
{
    struct request *r = *context;
    enum exchange_step step;
    (void)requests, (void)c, (void)url;
    if (!r || r->cut || conn_refused(r->conn))
        return MHD_NO;
    /* Before the body: the first call, and the one that follows a wait which began there. */
    bool at_headers = !r->begun || r->waited_at_headers, woken = r->begun && r->waited_at_headers;
    if (!r->begun)
        step = begin(r, method, version);
    else
        step = exchange_woken(&r->exchange);
    r->waited_at_headers = false;
    if (*data_n) {
        step = step == EXCHANGE_READ || r->exchange.discarding ? exchange_data(&r->exchange, data, *data_n) : step;
        *data_n = 0;
        if (step == EXCHANGE_ANSWER)
            return cut_off(r);
    } else if (!at_headers && step == EXCHANGE_READ) {
        step = exchange_complete(&r->exchange);
    }
    if (step == EXCHANGE_WAIT && !r->exchange.waiting)
        step = exchange_woken(&r->exchange); /* answered at once: the breaker is open */
    if (step == EXCHANGE_WAIT) {
        r->waited_at_headers = at_headers;
        suspend(r);
        return MHD_YES;
    }
    /* An answer that is queued before the end of the request costs the connection, so it waits for that end if it can.
     */
    if (step == EXCHANGE_ANSWER && (!at_headers || r->exchange.answer.close))
        return send_answer(r);
    return go_on(r, woken);
}

/* ---- begun and ended ---- */

static void end(struct request *r, bool sent)
{
    if (r->stage == PAUSED)
        loop_remove(r->all->loop, &r->watch);
    if (r->all->in_target == r)
        r->all->in_target = NULL;
    unlist(r);
    r->all->shared->live--;
    conn_carry(r->conn, NULL);
    exchange_end(&r->exchange, sent || r->cut);
    free(r->target);
    free(r);
}

void requests_completed(void *requests, struct MHD_Connection *c, void **context, enum MHD_RequestTerminationCode why)
{
    struct request *r = *context;
    (void)requests, (void)c;
    if (!r)
        return;
    struct conn *k = r->conn;
    *context = NULL;
    end(r, why == MHD_REQUEST_TERMINATED_COMPLETED_OK);
    conn_phase(k, CONN_IDLE);
}

void requests_connection(void *requests, struct MHD_Connection *c, void **context,
                         enum MHD_ConnectionNotificationCode code)
{
    struct requests *rs = requests;
    struct request *forgotten = code == MHD_CONNECTION_NOTIFY_CLOSED ? conn_carried(*context) : NULL;
    if (forgotten)
        end(forgotten, false);
    conns_notify(rs->conns, c, context, code);
}

/* The first that is heard of a request; what is returned becomes its context. */
void *requests_target(void *requests, const char *target, struct MHD_Connection *c)
{
    struct requests *rs = requests;
    struct conn *k = conn_of(c);
    struct request *forgotten = conn_carried(k), *r = k ? calloc(1, sizeof *r) : NULL;
    if (forgotten)
        end(forgotten, false);
    if (!r)
        return NULL;
    *r = (struct request){ .all = rs, .conn = k, .connection = c, .target = strdup(target) };
    r->exchange.shared = rs->shared;
    r->exchange.wake = wake;
    r->exchange.owner = r;
    list(r, AT_HEADERS);
    rs->shared->live++;
    conn_carry(k, r);
    conn_phase(k, CONN_HEADERS);
    /* What follows is the library's own list of parameters, with a record for each of thousands. The target is kept
     * here as it came, so the list ends before it begins: `target` lies in the library's buffer, to be written to. */
    char *query = strchr(target, '?');
    if (query && query[1])
        query[1] = '\0';
    rs->in_target = r;
    return r;
}

size_t requests_unescape(void *requests, struct MHD_Connection *c, char *text)
{
    struct requests *rs = requests;
    (void)c;
    if (text[0] == '/') /* the path, which comes last */
        rs->in_target = NULL;
    return strlen(text);
}

/* ---- refusals of the library's own ---- */

/*
 * Headers are complete when their size is known, and no handler has seen them: the library looks at length and cookies
 * itself, and would put its own answer in front of ours. Or the parameters of a target behind a NUL do not fit.
 */
static struct request *complained_of(struct requests *rs)
{
    if (rs->in_target)
        return rs->in_target;
    for (struct request *r = rs->lists[AT_HEADERS]; r; r = r->next)
        if (MHD_get_connection_info(r->connection, MHD_CONNECTION_INFO_REQUEST_HEADER_SIZE))
            return r;
    return NULL;
}

void requests_complaint(void *requests, const char *format, va_list args)
{
    struct request *r = complained_of(requests);
    struct guard_header headers[LIMIT_HEADER_LINES];
    struct err e;
    (void)format, (void)args;
    if (!r || r->begun || conn_refused(r->conn))
        return;
    /* The request line is out of reach here; what is looked at is the rest. */
    struct guard_request g = {
        .method = "POST", .version = "HTTP/1.1", .raw_target = span_of(r->target), .headers = headers
    };
    MHD_get_connection_values_n(r->connection, MHD_HEADER_KIND, add_header, &g);
    g.hidden = r->all->in_target == r; /* its parameters stand behind a NUL */
    err_set(&e, 431, "headers_too_large", "The request has more cookies than there is memory for.");
    r->begun = true;
    move(r, AT_WORK);
    exchange_refuse(&r->exchange, &g, &e);
    (void)cut_off(r);
    hang_up(r);
}

/* ---- bodies in chunks ---- */

static void on_more(struct watch *w, unsigned events)
{
    struct request *r = w->owner;
    (void)events;
    loop_remove(r->all->loop, w);
    resume(r, READING);
}

/*
 * A line of a chunk that is not complete stays in the library's buffer, and once that is full the library asks to be
 * called again and again for what it cannot read. So each body in chunks is suspended until there is more to read, and
 * one of which only lines arrive is ended.
 */
static void pause_reading(struct request *r)
{
    const union MHD_ConnectionInfo *c = MHD_get_connection_info(r->connection, MHD_CONNECTION_INFO_CONNECTION_FD);
    struct err e;
    uint64_t taken = conn_taken(r->conn);
    bool fruitful = r->exchange.body_n > r->body_seen || !r->taken;
    r->fruitless = fruitful ? 0 : r->fruitless + 1;
    r->taken = fruitful ? taken : r->taken;
    r->body_seen = r->exchange.body_n;
    if (!c || r->fruitless > FRUITLESS_MAX || taken > r->taken + FRUITLESS_BYTES) {
        err_set(&e, 400, "malformed_request",
                "The lines between the chunks of the body do not end. Send chunks without "
                "extensions and trailers.");
        exchange_give_up(&r->exchange, &e);
        (void)cut_off(r);
        move(r, AT_WORK);
        hang_up(r);
        return;
    }
    r->watch = (struct watch){ .fd = c->connect_fd, .fn = on_more, .owner = r };
    if (!loop_add(r->all->loop, &r->watch, EPOLLIN | EPOLLRDHUP))
        return; /* then it is read as any other */
    MHD_suspend_connection(r->connection);
    move(r, PAUSED);
}

/* ---- turns ---- */

void requests_turn(struct requests *rs)
{
    rs->resumed = false;
}

void requests_work(struct requests *rs, int64_t now_ms)
{
    struct request *next;
    rs->in_target = NULL;
    for (struct request *r = rs->lists[READING]; r; r = next) {
        next = r->next;
        pause_reading(r);
    }
    if (streams_work(rs->streams, now_ms))
        rs->resumed = true;
    if (now_ms < rs->next_look_ms)
        return;
    rs->next_look_ms = now_ms + LOOK_MS;
    for (struct request *r = rs->lists[WAITING]; r; r = next) {
        next = r->next;
        (void)exchange_overdue(&r->exchange, now_ms);
    }
}

int requests_timeout_ms(const struct requests *rs, int64_t now_ms)
{
    if (rs->resumed)
        return 0;
    int look = rs->lists[WAITING] ? ms_until(rs->next_look_ms, now_ms) : -1;
    int stream = streams_timeout_ms(rs->streams, now_ms);
    return look < 0 || (stream >= 0 && stream < look) ? stream : look;
}

void requests_end(struct requests *rs)
{
    struct err e;
    err_set(&e, 503, "draining",
            "The host was stopped before this call had ended. What it had already written stays; look before you "
            "repeat it.");
    e.retry_after_s = DRAIN_RETRY_S;
    streams_end(rs->streams);
    (void)streams_work(rs->streams, clock_ms());
    while (rs->lists[PAUSED]) {
        struct request *r = rs->lists[PAUSED];
        loop_remove(rs->loop, &r->watch);
        resume(r, AT_WORK);
    }
    for (struct request *r = rs->lists[AT_WORK]; r; r = r->next) {
        if (r->exchange.answered || r->exchange.waiting)
            continue;
        exchange_give_up(&r->exchange, &e); /* the answer cannot wait for the end of the body */
        (void)cut_off(r);
    }
    while (rs->lists[WAITING]) {
        struct request *r = rs->lists[WAITING];
        exchange_give_up(&r->exchange, &e);
        wake(&r->exchange);
    }
    for (int i = 0; i < LAST_TURNS && (i == 0 || rs->lists[AT_WORK]); i++)
        MHD_run(rs->daemon);
}
