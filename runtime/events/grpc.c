/* grpc.c - the connection below the calls: nghttp2's session, the socket, PING, the end. */
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>

#include "runtime/base/system.h"
#include "runtime/events/grpc_parts.h"

enum {
    CONNECT_MS = 10000,
    PIECE = 64 * 1024,
    READS = 16,          /* of one turn; the rest comes in the next one */
    OUT_MAX = 512 * 1024 /* requests are short; a server that makes us answer more than it reads is given up */
};

/* ---- inside and outside ---- */

void grpc_enter(struct grpc *g)
{
    g->busy++;
}

static void release(struct grpc *g)
{
    for (int i = 0; i < GRPC_CALLS; i++)
        if (g->calls[i].owner)
            grpc_call_clear(&g->calls[i]);
    if (g->watch.fd >= 0)
        loop_remove(g->loop, &g->watch);
    nghttp2_session_del(g->session);
    dial_close(g->dial);
    buf_wipe(&g->out);
    buf_free(&g->out);
    free(g);
}

void grpc_leave(struct grpc *g)
{
    if (--g->busy == 0 && g->closed)
        release(g);
}

void grpc_close(struct grpc *g)
{
    if (!g || g->closed)
        return;
    grpc_enter(g);
    if (g->session && !g->lost) { /* in good order, as far as the socket takes it now */
        nghttp2_session_terminate_session(g->session, NGHTTP2_NO_ERROR);
        grpc_flush(g);
    }
    g->closed = true;
    grpc_leave(g);
}

static void lose(struct grpc *g, const char *why)
{
    if (g->lost || g->closed)
        return;
    g->lost = true;
    g->handlers.lost(g->handlers.ctx, why);
}

/* ---- nghttp2 ---- */

static int on_header(nghttp2_session *s, const nghttp2_frame *f, const uint8_t *name, size_t name_n,
                     const uint8_t *value, size_t value_n, uint8_t flags, void *ctx)
{
    struct grpc_call *c = grpc_call_of(ctx, f->hd.stream_id);
    (void)s, (void)flags;
    if (c)
        grpc_call_header(c, (struct span){ (const char *)name, name_n }, (struct span){ (const char *)value, value_n });
    return 0;
}

static int on_chunk(nghttp2_session *s, uint8_t flags, int32_t stream, const uint8_t *p, size_t n, void *ctx)
{
    struct grpc_call *c = grpc_call_of(ctx, stream);
    (void)flags;
    if (c)
        return grpc_call_data(c, p, n) ? 0 : NGHTTP2_ERR_CALLBACK_FAILURE;
    nghttp2_session_consume_connection(s, n); /* of a call that was cancelled */
    return 0;
}

/* A call is over when the server has ended it, whether or not it resets the stream, too. */
static int on_frame(nghttp2_session *s, const nghttp2_frame *f, void *ctx)
{
    struct grpc *g = ctx;
    struct grpc_call *c = grpc_call_of(g, f->hd.stream_id);
    (void)s;
    if (f->hd.type == NGHTTP2_GOAWAY)
        g->going = true;
    if (c && f->hd.flags & NGHTTP2_FLAG_END_STREAM && (f->hd.type == NGHTTP2_HEADERS || f->hd.type == NGHTTP2_DATA))
        grpc_call_closed(c, 0);
    return 0;
}

static int on_stream_close(nghttp2_session *s, int32_t stream, uint32_t code, void *ctx)
{
    struct grpc_call *c = grpc_call_of(ctx, stream);
    (void)s;
    if (c && !c->ended)
        grpc_call_closed(c, code);
    return 0;
}

/* nghttp2 copies headers, and so tokens: what it frees is overwritten. */
static void *mem_malloc(size_t n, void *ctx)
{
    (void)ctx;
    return malloc(n);
}
static void mem_free(void *p, void *ctx)
{
    (void)ctx;
    bytes_free_wiped(p);
}
static void *mem_calloc(size_t n, size_t size, void *ctx)
{
    (void)ctx;
    return calloc(n, size);
}
static void *mem_realloc(void *p, size_t n, void *ctx)
{
    (void)ctx;
    return bytes_realloc_wiped(p, n);
}

static void set_callbacks(nghttp2_session_callbacks *to)
{
    nghttp2_session_callbacks_set_on_header_callback(to, on_header);
    nghttp2_session_callbacks_set_on_data_chunk_recv_callback(to, on_chunk);
    nghttp2_session_callbacks_set_on_frame_recv_callback(to, on_frame);
    nghttp2_session_callbacks_set_on_stream_close_callback(to, on_stream_close);
}

static bool start_session(struct grpc *g)
{
    static nghttp2_mem wiping = { NULL, mem_malloc, mem_free, mem_calloc, mem_realloc };
    const nghttp2_settings_entry settings[] = { { NGHTTP2_SETTINGS_INITIAL_WINDOW_SIZE, GRPC_WINDOW },
                                                { NGHTTP2_SETTINGS_ENABLE_PUSH, 0 } };
    nghttp2_session_callbacks *callbacks = NULL;
    nghttp2_option *option = NULL;
    bool ok = nghttp2_session_callbacks_new(&callbacks) == 0 && nghttp2_option_new(&option) == 0;
    if (ok) {
        set_callbacks(callbacks);
        nghttp2_option_set_no_auto_window_update(option, 1); /* room is given back when a message was dealt with */
        ok = nghttp2_session_client_new3(&g->session, callbacks, g, option, &wiping) == 0 &&
             nghttp2_submit_settings(g->session, NGHTTP2_FLAG_NONE, settings, 2) == 0 &&
             nghttp2_session_set_local_window_size(g->session, NGHTTP2_FLAG_NONE, 0, GRPC_CALLS * GRPC_WINDOW) == 0;
    }
    nghttp2_option_del(option);
    nghttp2_session_callbacks_del(callbacks);
    return ok;
}

/* ---- the socket ---- */

/* Moves what nghttp2 has into `out`, in bounds. */
static bool collect(struct grpc *g)
{
    for (;;) {
        const uint8_t *p;
        ssize_t n = nghttp2_session_mem_send(g->session, &p);
        if (n <= 0)
            return n == 0;
        if (!buf_add(&g->out, p, (size_t)n))
            return false;
    }
}

/* What is wrong is found out by the next read, so that no callback comes from in here. */
void grpc_flush(struct grpc *g)
{
    if (!g->session || g->lost || g->closed)
        return;
    bool ok = collect(g);
    while (ok && g->sent < g->out.n) {
        ssize_t n = dial_send(g->dial, g->out.p + g->sent, g->out.n - g->sent);
        if (n == 0)
            break;
        ok = n > 0;
        g->sent += ok ? (size_t)n : 0;
    }
    if (!ok) {
        g->more = true; /* the next turn reads, and finds the end */
        return;
    }
    bool left = g->sent < g->out.n;
    if (!left) {
        buf_wipe(&g->out);
        g->sent = 0;
    }
    if (left != g->writing)
        loop_change(g->loop, &g->watch, EPOLLIN | (left ? EPOLLOUT : 0u));
    g->writing = left;
}

/* One read. False: there is no more at present, or at all. */
static bool hear(struct grpc *g)
{
    static uint8_t piece[PIECE];
    ssize_t n = dial_receive(g->dial, piece, sizeof piece);
    if (n == 0)
        return false;
    if (n < 0) {
        lose(g, "the connection was cut");
        return false;
    }
    g->heard_ms = clock_ms();
    g->pinged_ms = 0;
    ssize_t used = nghttp2_session_mem_recv(g->session, piece, (size_t)n);
    if (used < 0)
        lose(g, nghttp2_strerror((int)used));
    return used >= 0;
}

static void deliver(struct grpc *g)
{
    for (int i = 0; i < GRPC_CALLS && !g->closed; i++)
        if (g->calls[i].owner)
            grpc_call_deliver(&g->calls[i]);
    if (g->going && !g->told_going && !g->closed && !g->lost) {
        g->told_going = true;
        g->handlers.going(g->handlers.ctx);
    }
}

/* TLS may hold more than the socket shows, so it is read until there is no more. */
static void work(struct grpc *g)
{
    int reads = 0;
    grpc_enter(g);
    while (!g->lost && !g->closed && reads < READS && hear(g)) {
        reads++;
        deliver(g);
    }
    g->more = reads == READS;
    grpc_flush(g);
    if (!g->lost && !g->closed && g->session && !nghttp2_session_want_read(g->session) &&
        !nghttp2_session_want_write(g->session))
        lose(g, "the server has ended the connection");
    grpc_leave(g);
}

static void on_socket(struct watch *w, unsigned events)
{
    (void)events;
    work(w->owner);
}

static void on_dialed(void *ctx, enum http_failure failure, const char *detail)
{
    struct grpc *g = ctx;
    grpc_enter(g);
    g->heard_ms = clock_ms();
    g->watch = (struct watch){ .fd = failure == HTTP_OK ? dial_fd(g->dial) : -1, .fn = on_socket, .owner = g };
    if (failure != HTTP_OK) {
        lose(g, detail);
    } else if (!loop_add(g->loop, &g->watch, EPOLLIN)) {
        g->watch.fd = -1;
        lose(g, "the kernel refuses to watch the socket");
    } else if (!start_session(g)) {
        lose(g, "out of memory");
    } else {
        g->handlers.opened(g->handlers.ctx);
        grpc_flush(g);
    }
    grpc_leave(g);
}

struct grpc *grpc_open(struct loop *loop, struct dialer *d, const char *url, const struct grpc_handlers *h)
{
    struct grpc *g = calloc(1, sizeof *g);
    if (!g)
        return NULL;
    *g = (struct grpc){ .loop = loop, .url = url, .handlers = *h, .watch.fd = -1 };
    buf_init(&g->out, OUT_MAX);
    g->dial = dial_open(d, url, CONNECT_MS, on_dialed, g);
    if (g->dial)
        return g;
    free(g);
    return NULL;
}

/* ---- time ---- */

void grpc_work(struct grpc *g, int64_t now_ms)
{
    if (!g->session || g->lost || g->closed)
        return;
    if (g->more) { /* of what is there already; then it is heard */
        work(g);
        return;
    }
    grpc_enter(g);
    if (g->pinged_ms && now_ms - g->pinged_ms >= GRPC_PONG_MS) {
        lose(g, "the server does not answer any more");
    } else if (!g->pinged_ms && now_ms - g->heard_ms >= GRPC_PING_MS) {
        g->pinged_ms = now_ms;
        nghttp2_submit_ping(g->session, NGHTTP2_FLAG_NONE, NULL);
        grpc_flush(g);
    }
    grpc_leave(g);
}

int grpc_timeout_ms(const struct grpc *g, int64_t now_ms)
{
    if (!g->session || g->lost)
        return -1;
    return g->more        ? 0
           : g->pinged_ms ? ms_until(g->pinged_ms + GRPC_PONG_MS, now_ms)
                          : ms_until(g->heard_ms + GRPC_PING_MS, now_ms);
}
