/* connections.c - connections and their deadlines. */
#include "runtime/web/connections.h"

#include <linux/tcp.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

#include "runtime/base/err.h"
#include "runtime/base/limits.h"
#include "runtime/base/log.h"
#include "runtime/base/system.h"

enum {
    REAP_MS = 100,
    LOOK_MS = 1000,
    ANSWER_MAX = 32 * 1024 /* of one that is written past the library, with its header */
};

struct conn {
    struct conns *owner;
    int fd;
    enum conn_phase phase;
    int64_t deadline_ms; /* 0 = none */
    uint64_t received;   /* bytes when it became idle */
    bool refused;
    bool gone;     /* the peer was seen to have ended its side */
    void *request; /* what it is about */
    struct conn **link, *next;
};

struct conns {
    const struct config *config;
    struct conn *first;
    struct metrics *metrics;
    int count;            /* without refused ones */
    int open;             /* with them */
    struct pollfd *polls; /* room for all of them */
    int64_t next_reap_ms, next_look_ms;
    long long refused; /* since the last line about them */
};

struct conns *conns_new(const struct config *config, struct metrics *metrics)
{
    struct conns *s = calloc(1, sizeof *s);
    if (!s)
        return NULL;
    s->config = config;
    s->metrics = metrics;
    s->polls = calloc(conns_room(s), sizeof *s->polls);
    if (!s->polls) {
        free(s);
        return NULL;
    }
    return s;
}

void conns_free(struct conns *s)
{
    if (!s)
        return;
    free(s->polls);
    free(s);
}

unsigned conns_room(const struct conns *s)
{
    return (unsigned)s->config->connections_max + LIMIT_REFUSED;
}

/* ---- phases ---- */

static int time_for(const struct config *c, enum conn_phase phase)
{
    const int ms[CONN_PHASES] = { [CONN_HEADERS] = c->headers_timeout_ms,
                                  [CONN_BODY] = c->body_timeout_ms,
                                  [CONN_ANSWER] = c->body_timeout_ms,
                                  [CONN_IDLE] = c->idle_timeout_ms };
    return ms[phase];
}

/* Something more of the peer is awaited. */
static bool is_reading(const struct conn *k)
{
    return k->phase == CONN_HEADERS || k->phase == CONN_BODY || k->phase == CONN_IDLE;
}

/* All bytes that ever came, whether libmicrohttpd has them or the kernel. */
static uint64_t received(int fd)
{
    struct tcp_info info = { 0 };
    socklen_t n = sizeof info;
    return getsockopt(fd, IPPROTO_TCP, TCP_INFO, &info, &n) == 0 ? info.tcpi_bytes_received : 0;
}

uint64_t conn_taken(const struct conn *k)
{
    uint64_t came = received(k->fd); /* before what waits is counted: too little is better than too much */
    int waiting = 0;
    if (ioctl(k->fd, FIONREAD, &waiting) != 0 || waiting < 0 || (uint64_t)waiting > came)
        return came;
    return came - (uint64_t)waiting;
}

void conn_phase(struct conn *k, enum conn_phase phase)
{
    if (!k || k->refused || (phase == CONN_HEADERS && k->phase == CONN_HEADERS))
        return;
    int ms = time_for(k->owner->config, phase);
    k->phase = phase;
    k->deadline_ms = ms ? clock_ms() + ms : 0;
    k->gone = false;
    if (phase == CONN_IDLE)
        k->received = received(k->fd);
}

bool conn_refused(const struct conn *k)
{
    return !k || k->refused;
}

static bool write_answer(struct buf *out, const struct conn_answer *a)
{
    buf_fmt(out, "HTTP/1.1 %d %s\r\nContent-Type: application/json\r\nX-Request-Id: %s\r\n", a->status,
            MHD_get_reason_phrase_for((unsigned)a->status), a->request_id);
    if (a->retry_after_s > 0)
        buf_fmt(out, "Retry-After: %d\r\n", a->retry_after_s);
    buf_fmt(out, "Connection: close\r\nContent-Length: %zu\r\n\r\n", a->json.n);
    return buf_add(out, a->json.p, a->json.n);
}

bool conn_last_words(struct conn *k, const struct conn_answer *a)
{
    struct buf text;
    buf_init(&text, ANSWER_MAX);
    bool said =
        k && write_answer(&text, a) && send(k->fd, text.p, text.n, MSG_NOSIGNAL | MSG_DONTWAIT) == (ssize_t)text.n;
    if (said)
        shutdown(k->fd, SHUT_WR);
    buf_free(&text);
    return said;
}

/* ---- opened and closed ---- */

/* At its limit libmicrohttpd would leave new connections waiting in the kernel; here they learn at once that there are
 * too many. */
static void turn_away(struct conn *k)
{
    struct err e;
    struct buf body;
    char id[37];
    uuid_make(id);
    err_set(&e, 503, "busy", "The host has as many connections as it may. Try again in a moment.");
    e.retry_after_s = 1;
    buf_init(&body, 1024);
    if (err_write(&body, &e, id, NULL))
        (void)conn_last_words(k, &(struct conn_answer){ e.status, id, e.retry_after_s, { body.p, body.n } });
    buf_free(&body);
    k->refused = true;
    k->deadline_ms = clock_ms(); /* the rest is the reaper's */
    k->owner->refused++;
    metrics_count_refused_connection(k->owner->metrics);
}

static struct conn *opened(struct conns *s, int fd)
{
    struct conn *k = calloc(1, sizeof *k);
    if (!k)
        return NULL;
    *k = (struct conn){ .owner = s, .fd = fd, .phase = CONN_IDLE, .link = &s->first, .next = s->first };
    if (k->next)
        k->next->link = &k->next;
    s->first = k;
    s->open++;
    conn_phase(k, CONN_HEADERS);
    if (s->count < s->config->connections_max)
        s->count++;
    else
        turn_away(k);
    return k;
}

/* Called before the socket is closed, so the list never holds a descriptor of somebody else. */
static void closed(struct conn *k)
{
    *k->link = k->next;
    if (k->next)
        k->next->link = k->link;
    k->owner->open--;
    k->owner->count -= !k->refused;
    free(k);
}

void conns_notify(void *conns, struct MHD_Connection *c, void **context, enum MHD_ConnectionNotificationCode code)
{
    const union MHD_ConnectionInfo *info;
    if (code == MHD_CONNECTION_NOTIFY_STARTED) {
        info = MHD_get_connection_info(c, MHD_CONNECTION_INFO_CONNECTION_FD);
        *context = info ? opened(conns, info->connect_fd) : NULL;
    } else if (*context) {
        closed(*context);
        *context = NULL;
    }
}

struct conn *conn_of(struct MHD_Connection *c)
{
    const union MHD_ConnectionInfo *info = MHD_get_connection_info(c, MHD_CONNECTION_INFO_SOCKET_CONTEXT);
    return info ? info->socket_context : NULL;
}

void conn_carry(struct conn *k, void *request)
{
    k->request = request;
}

void *conn_carried(const struct conn *k)
{
    return k ? k->request : NULL;
}

int conns_open(const struct conns *s)
{
    return s->open;
}

/* ---- the reaper ---- */

/*
 * libmicrohttpd 0.9.75 does not notice a peer that ends its side together with its last bytes. One whose request is not
 * complete will never complete it: seen twice, it is over.
 */
static void find_gone(struct conns *s)
{
    nfds_t n = 0;
    for (struct conn *k = s->first; k; k = k->next)
        if (k->deadline_ms && is_reading(k))
            s->polls[n++] = (struct pollfd){ .fd = k->fd, .events = POLLRDHUP };
    if (!n || poll(s->polls, n, 0) <= 0)
        return;
    n = 0;
    for (struct conn *k = s->first; k; k = k->next) {
        if (!k->deadline_ms || !is_reading(k))
            continue;
        bool gone = s->polls[n++].revents & (POLLRDHUP | POLLHUP | POLLERR);
        if (gone && k->gone)
            k->deadline_ms = 1;
        k->gone = gone;
    }
}

/* An idle connection on which something came is no longer idle, though libmicrohttpd tells of a request line only when
 * it is whole. */
static void find_begun(struct conns *s)
{
    for (struct conn *k = s->first; k; k = k->next)
        if (k->phase == CONN_IDLE && received(k->fd) > k->received)
            conn_phase(k, CONN_HEADERS);
}

static void reap(struct conn *k, int64_t now_ms)
{
    if (!k->deadline_ms || k->deadline_ms > now_ms)
        return;
    k->deadline_ms = 0;
    if (!is_reading(k)) { /* it does not take its answer: what the kernel still holds for it is dropped as well */
        const struct linger now = { .l_onoff = 1, .l_linger = 0 };
        setsockopt(k->fd, SOL_SOCKET, SO_LINGER, &now, sizeof now);
    }
    shutdown(k->fd, SHUT_RDWR); /* libmicrohttpd notices and closes it */
}

static void tell_refused(struct conns *s)
{
    struct log_line line;
    if (!s->refused)
        return;
    log_begin(&line, LOG_WARN, "connections-full");
    log_int(&line, "refused", s->refused);
    log_end(&line);
    s->refused = 0;
}

void conns_work(struct conns *s, int64_t now_ms)
{
    if (now_ms < s->next_reap_ms)
        return;
    s->next_reap_ms = now_ms + REAP_MS;
    if (now_ms >= s->next_look_ms) {
        s->next_look_ms = now_ms + LOOK_MS;
        find_begun(s);
        tell_refused(s);
    }
    find_gone(s);
    for (struct conn *k = s->first; k; k = k->next)
        reap(k, now_ms);
}

int conns_timeout_ms(const struct conns *s, int64_t now_ms)
{
    if (!s->first && !s->refused)
        return -1;
    return ms_until(s->next_reap_ms, now_ms);
}
