/*
 * loopback.h - a small HTTP server inside a test: one thread per connection, one function that says what to answer, and
 * every way to answer badly (late, cut, reset, no HTTP at all). Binds 127.0.0.1 on a free port.
 */
#ifndef TESTS_LOOPBACK_H
#define TESTS_LOOPBACK_H

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

enum { LOOP_CONNECTIONS = 256, LOOP_HEAD = 64 * 1024 };

struct origin_request {
    int number; /* 1 = the first this server got */
    char method[8];
    char *target;     /* path and query as sent */
    const char *head; /* all header lines, each behind "\r\n" */
    const char *body;
    size_t n;
};

struct origin_reply {
    int status;
    const char *headers; /* extra lines, each ended by "\r\n"; NULL = none */
    const char *type;    /* NULL = application/json */
    const void *body;
    size_t n;
    bool free_body;
    int delay_ms; /* before the first byte */
    long cut_at;  /* bytes of the body that are sent before the connection ends; -1 = all */
    bool reset;   /* ends with RST, without a byte of answer */
    bool raw;     /* the body is all that is sent, no header */
    bool close;   /* ends the connection behind the answer */
};

typedef void origin_answer(void *ctx, const struct origin_request *q, struct origin_reply *r);

struct origin {
    int fd, port;
    origin_answer *answer;
    void *ctx;
    pthread_t thread;
    pthread_mutex_t lock; /* answers come one at a time */
    atomic_bool stop;
    atomic_int requests, connections;
    struct origin_one {
        struct origin *origin;
        pthread_t thread;
        atomic_int fd;
    } one[LOOP_CONNECTIONS];
};

static inline void origin_sleep(struct origin *l, int ms)
{
    for (; ms > 0 && !l->stop; ms -= 5) {
        struct timespec t = { 0, 5000000 };
        nanosleep(&t, NULL);
    }
}

static inline bool origin_write(int fd, const void *p, size_t n)
{
    for (const char *at = p; n;) {
        ssize_t k = send(fd, at, n, MSG_NOSIGNAL);
        if (k <= 0)
            return false;
        at += k;
        n -= (size_t)k;
    }
    return true;
}

/* Reads a body in chunks behind the first `head` bytes, and puts its chunks together there: *length bytes. *raw = what
 * the chunks took. */
static inline bool origin_chunks(int fd, char **text, size_t *have, size_t *room, size_t head, size_t *length,
                                 size_t *raw)
{
    size_t at = head, to = head;
    for (;;) {
        (*text)[*have] = '\0';
        char *end = strstr(*text + at, "\r\n");
        size_t size = end ? strtoul(*text + at, NULL, 16) : 0, line = end ? (size_t)(end - *text) + 2 - at : 0;
        if (end && *have >= at + line + size + 2) {
            memmove(*text + to, *text + at + line, size);
            to += size;
            at += line + size + 2;
            if (size == 0)
                break;
            continue;
        }
        if (*have == *room)
            *text = realloc(*text, (*room *= 2) + 1);
        ssize_t k = recv(fd, *text + *have, *room - *have, 0);
        if (k <= 0)
            return false;
        *have += (size_t)k;
    }
    *length = to - head;
    *raw = at - head;
    return true;
}

/* Reads one request into *text (of `room` bytes, more for the body). False at the end of the connection. */
static inline bool origin_read(int fd, char **text, size_t *have, struct origin_request *q, size_t *used)
{
    size_t room = LOOP_HEAD, length = 0;
    char *end = NULL;
    if (!*text)
        *text = malloc(room + 1);
    for (;;) {
        (*text)[*have] = '\0';
        end = strstr(*text, "\r\n\r\n");
        if (end)
            break;
        ssize_t k = *have < room ? recv(fd, *text + *have, room - *have, 0) : -1;
        if (k <= 0)
            return false;
        *have += (size_t)k;
    }
    size_t head = (size_t)(end - *text) + 4;
    const char *cl = strcasestr(*text, "\r\nContent-Length:");
    if (cl && cl < end)
        length = strtoul(cl + 17, NULL, 10);
    if (head + length > room) {
        *text = realloc(*text, head + length + 1);
        room = head + length;
    }
    while (*have < head + length) {
        ssize_t k = recv(fd, *text + *have, head + length - *have, 0);
        if (k <= 0)
            return false;
        *have += (size_t)k;
    }
    const char *te = strcasestr(*text, "\r\nTransfer-Encoding: chunked");
    size_t raw = length;
    if (te && te < *text + head - 4 && !origin_chunks(fd, text, have, &room, head, &length, &raw))
        return false;
    (*text)[*have] = '\0';
    char *line = *text, *space = strchr(line, ' '), *space2 = space ? strchr(space + 1, ' ') : NULL;
    if (!space2)
        return false;
    snprintf(q->method, sizeof q->method, "%.*s", (int)(space - line), line);
    q->target = strndup(space + 1, (size_t)(space2 - space - 1));
    q->head = strstr(line, "\r\n");
    q->body = *text + head;
    q->n = length;
    *used = head + raw;
    return true;
}

static inline bool origin_send(struct origin *l, int fd, const struct origin_reply *r, const char *method)
{
    char head[4096];
    bool bodiless = r->status == 204 || r->status == 304 || strcmp(method, "HEAD") == 0;
    size_t n = r->cut_at >= 0 && (size_t)r->cut_at < r->n ? (size_t)r->cut_at : r->n;
    origin_sleep(l, r->delay_ms);
    if (r->reset) {
        struct linger now = { 1, 0 };
        setsockopt(fd, SOL_SOCKET, SO_LINGER, &now, sizeof now);
        return false;
    }
    if (r->raw)
        return origin_write(fd, r->body, n) && false;
    int k = snprintf(head, sizeof head, "HTTP/1.1 %d X\r\nContent-Type: %s\r\n%s", r->status,
                     r->type ? r->type : "application/json;charset=UTF-8", r->headers ? r->headers : "");
    if (!bodiless)
        k += snprintf(head + k, sizeof head - (size_t)k, "Content-Length: %zu\r\n", r->n);
    k += snprintf(head + k, sizeof head - (size_t)k, "%s\r\n", r->close ? "Connection: close\r\n" : "");
    if (bodiless)
        return origin_write(fd, head, (size_t)k) && !r->close;
    /* Header and body leave together, as they do from a real server. */
    struct iovec parts[] = { { head, (size_t)k }, { (void *)(uintptr_t)r->body, n } };
    struct msghdr msg = { .msg_iov = parts, .msg_iovlen = 2 };
    ssize_t sent = sendmsg(fd, &msg, MSG_NOSIGNAL);
    if (sent < k)
        return false;
    size_t done = (size_t)(sent - k);
    return origin_write(fd, (const char *)r->body + done, n - done) && n == r->n && !r->close;
}

static inline void *origin_connection(void *ctx)
{
    struct origin_one *one = ctx;
    struct origin *l = one->origin;
    char *text = NULL;
    size_t have = 0, used = 0;
    bool more = true;
    while (more && !l->stop) {
        struct origin_request q = { 0 };
        struct origin_reply r = { .status = 200, .cut_at = -1 };
        if (!origin_read(one->fd, &text, &have, &q, &used))
            break;
        pthread_mutex_lock(&l->lock);
        q.number = ++l->requests;
        l->answer(l->ctx, &q, &r);
        pthread_mutex_unlock(&l->lock);
        more = origin_send(l, one->fd, &r, q.method);
        if (r.free_body)
            free((void *)(uintptr_t)r.body);
        free(q.target);
        memmove(text, text + used, have - used);
        have -= used;
    }
    free(text);
    /* The end of the stream is told at once; the descriptor itself goes with the server. */
    struct linger how;
    socklen_t size = sizeof how;
    getsockopt(one->fd, SOL_SOCKET, SO_LINGER, &how, &size);
    if (how.l_onoff) {
        int fd = one->fd;
        one->fd = -1;
        close(fd);
    } else {
        shutdown(one->fd, SHUT_RDWR);
    }
    return NULL;
}

static inline void *origin_accept(void *ctx)
{
    struct origin *l = ctx;
    while (!l->stop) {
        int fd = accept4(l->fd, NULL, NULL, SOCK_CLOEXEC), on = 1;
        if (fd < 0)
            break;
        if (l->stop || l->connections == LOOP_CONNECTIONS) {
            close(fd);
            break;
        }
        setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
        struct origin_one *one = &l->one[l->connections];
        one->origin = l;
        one->fd = fd;
        if (pthread_create(&one->thread, NULL, origin_connection, one))
            abort();
        l->connections++;
    }
    return NULL;
}

static inline struct origin *origin_start(origin_answer *answer, void *ctx)
{
    struct origin *l = calloc(1, sizeof *l);
    struct sockaddr_in a = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
    socklen_t n = sizeof a;
    l->answer = answer;
    l->ctx = ctx;
    pthread_mutex_init(&l->lock, NULL);
    l->fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (bind(l->fd, (struct sockaddr *)&a, n) || listen(l->fd, 64) || getsockname(l->fd, (struct sockaddr *)&a, &n))
        abort();
    l->port = ntohs(a.sin_port);
    if (pthread_create(&l->thread, NULL, origin_accept, l))
        abort();
    return l;
}

static inline void origin_stop(struct origin *l)
{
    l->stop = true;
    shutdown(l->fd, SHUT_RDWR);
    pthread_join(l->thread, NULL);
    close(l->fd);
    for (int i = 0; i < l->connections; i++) {
        if (l->one[i].fd >= 0)
            shutdown(l->one[i].fd, SHUT_RDWR);
        pthread_join(l->one[i].thread, NULL);
        if (l->one[i].fd >= 0)
            close(l->one[i].fd);
    }
    pthread_mutex_destroy(&l->lock);
    free(l);
}

/* Value of a header line in `out`; "" when there is none. */
static inline const char *origin_header(const struct origin_request *q, const char *name, char *out, size_t size)
{
    char want[80];
    snprintf(want, sizeof want, "\r\n%s:", name);
    const char *at = strcasestr(q->head, want);
    out[0] = '\0';
    if (!at || at >= q->body)
        return out;
    at += strlen(want);
    at += strspn(at, " ");
    snprintf(out, size, "%.*s", (int)strcspn(at, "\r"), at);
    return out;
}

#endif
