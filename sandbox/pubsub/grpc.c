/* grpc.c - see grpc.h: the listening socket, its connections and the one thread that waits for them. */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include "sandbox/base/system.h"
#include "sandbox/pubsub/grpc_parts.h"

enum { WINDOW = 1024 * 1024, TURN_MS_MAX = 1000, READ_SIZE = 64 * 1024 };

struct grpc_server {
    struct grpc_service service;
    int listener, bell, port;
    pthread_t thread;
    bool running;
    atomic_bool stopping;
    nghttp2_session_callbacks *callbacks;
    struct grpc_connection *connections[GRPC_CONNECTIONS_MAX];
    size_t n;
};

const struct grpc_service *grpc_service_of(const struct grpc_server *s)
{
    return &s->service;
}

/* ---- connections ---- */

static void connection_close(struct grpc_connection *x)
{
    grpc_calls_drop(x);
    if (x->session)
        nghttp2_session_del(x->session);
    close(x->fd);
    free(x);
}

static bool greet(struct grpc_connection *x)
{
    const nghttp2_settings_entry entries[] = { { NGHTTP2_SETTINGS_MAX_CONCURRENT_STREAMS, GRPC_CALLS_MAX },
                                               { NGHTTP2_SETTINGS_INITIAL_WINDOW_SIZE, WINDOW } };
    return nghttp2_session_server_new(&x->session, x->server->callbacks, x) == 0 &&
           nghttp2_submit_settings(x->session, NGHTTP2_FLAG_NONE, entries, 2) == 0 &&
           nghttp2_session_set_local_window_size(x->session, NGHTTP2_FLAG_NONE, 0, WINDOW) == 0;
}

static void accept_one(struct grpc_server *s)
{
    int fd = accept4(s->listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC), on = 1;
    if (fd < 0)
        return;
    if (s->n == GRPC_CONNECTIONS_MAX) {
        close(fd);
        return;
    }
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    struct grpc_connection *x = mem_new(sizeof *x);
    x->server = s;
    x->fd = fd;
    if (greet(x))
        s->connections[s->n++] = x;
    else
        connection_close(x);
}

static void read_some(struct grpc_connection *x)
{
    static _Thread_local uint8_t room[READ_SIZE];
    ssize_t n = recv(x->fd, room, sizeof room, 0);
    if (n < 0 && (errno == EAGAIN || errno == EINTR))
        return;
    if (n <= 0 || nghttp2_session_mem_recv(x->session, room, (size_t)n) < 0)
        x->broken = true;
}

/* Bytes that the socket did not take stay nghttp2's: so it is asked only when all went out. */
static void write_some(struct grpc_connection *x)
{
    while (!x->broken) {
        while (x->pending_n) {
            ssize_t n = send(x->fd, x->pending, x->pending_n, MSG_NOSIGNAL);
            if (n < 0 && errno == EAGAIN)
                return;
            if (n < 0 && errno == EINTR)
                continue;
            if (n <= 0) {
                x->broken = true;
                return;
            }
            x->pending += n;
            x->pending_n -= (size_t)n;
        }
        ssize_t n = nghttp2_session_mem_send(x->session, &x->pending);
        if (n <= 0) {
            x->broken = x->broken || n < 0;
            return;
        }
        x->pending_n = (size_t)n;
    }
}

/* ---- the thread ---- */

/* Every call gets its turn; returns how long nobody needs another. A turn may end calls, but frees none. */
static int turns(struct grpc_server *s)
{
    int64_t now = steady_us() / 1000;
    int wait = TURN_MS_MAX;
    for (size_t i = 0; i < s->n; i++)
        for (struct grpc_call *c = s->connections[i]->calls; c; c = c->next) {
            int again = c->state && !c->ended ? s->service.turn(c->state, now) : TURN_MS_MAX;
            wait = again < wait ? again : wait;
        }
    return wait > 0 ? wait : 0;
}

static void sweep(struct grpc_server *s)
{
    for (size_t i = 0; i < s->n;) {
        struct grpc_connection *x = s->connections[i];
        write_some(x);
        bool done = !nghttp2_session_want_read(x->session) && !nghttp2_session_want_write(x->session) && !x->pending_n;
        if (x->broken || done) {
            connection_close(x);
            s->connections[i] = s->connections[--s->n];
        } else {
            i++;
        }
    }
}

static void wait_and_read(struct grpc_server *s, int wait_ms)
{
    struct pollfd p[GRPC_CONNECTIONS_MAX + 2] = { { s->listener, POLLIN, 0 }, { s->bell, POLLIN, 0 } };
    size_t n = s->n; /* a new one is polled the next time */
    for (size_t i = 0; i < n; i++) {
        const struct grpc_connection *x = s->connections[i];
        p[i + 2] = (struct pollfd){ x->fd, (short)(POLLIN | (x->pending_n ? POLLOUT : 0)), 0 };
    }
    if (poll(p, n + 2, wait_ms) <= 0)
        return;
    uint64_t rung;
    if (p[1].revents && read(s->bell, &rung, sizeof rung) < 0 && errno != EAGAIN)
        return;
    for (size_t i = 0; i < n; i++)
        if (p[i + 2].revents & ~POLLOUT)
            read_some(s->connections[i]);
    if (p[0].revents)
        accept_one(s);
}

static void *serve(void *arg)
{
    struct grpc_server *s = arg;
    while (!atomic_load(&s->stopping)) {
        int wait = turns(s);
        sweep(s);
        wait_and_read(s, wait);
    }
    return NULL;
}

/* ---- the outside ---- */

static bool listen_on(struct grpc_server *s, int port)
{
    struct sockaddr_in a = { .sin_family = AF_INET,
                             .sin_port = htons((uint16_t)port),
                             .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
    socklen_t size = sizeof a;
    int on = 1;
    s->listener = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (s->listener < 0 || setsockopt(s->listener, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on) ||
        bind(s->listener, (struct sockaddr *)&a, sizeof a) || listen(s->listener, GRPC_CONNECTIONS_MAX) ||
        getsockname(s->listener, (struct sockaddr *)&a, &size))
        return false;
    s->port = ntohs(a.sin_port);
    return true;
}

struct grpc_server *grpc_start(int port, const struct grpc_service *service)
{
    struct grpc_server *s = mem_new(sizeof *s);
    s->service = *service;
    s->listener = -1;
    s->bell = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
    s->callbacks = grpc_callbacks();
    if (s->bell >= 0 && s->callbacks && listen_on(s, port))
        s->running = pthread_create(&s->thread, NULL, serve, s) == 0;
    if (s->running)
        return s;
    grpc_stop(s);
    return NULL;
}

int grpc_port(const struct grpc_server *s)
{
    return s->port;
}

void grpc_wake(struct grpc_server *s)
{
    uint64_t one = 1;
    if (write(s->bell, &one, sizeof one) < 0) {
        /* it rings already */
    }
}

void grpc_stop(struct grpc_server *s)
{
    if (!s)
        return;
    atomic_store(&s->stopping, true);
    if (s->running) {
        grpc_wake(s);
        pthread_join(s->thread, NULL);
    }
    for (size_t i = 0; i < s->n; i++)
        connection_close(s->connections[i]);
    if (s->callbacks)
        nghttp2_session_callbacks_del(s->callbacks);
    if (s->listener >= 0)
        close(s->listener);
    if (s->bell >= 0)
        close(s->bell);
    free(s);
}
