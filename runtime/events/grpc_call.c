/* grpc_call.c - one call: its messages with heads of five bytes, its window, its end. */
#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/base/chars.h"
#include "runtime/events/grpc_parts.h"

enum { OUT_MAX = 64 * 1024, IN_MAX = GRPC_HEAD + GRPC_MESSAGE + 2 * GRPC_WINDOW, KEEP_BUFFER = 256 * 1024 };

struct grpc_call *grpc_call_of(struct grpc *g, int32_t stream)
{
    for (int i = 0; i < GRPC_CALLS; i++)
        if (g->calls[i].owner && g->calls[i].stream == stream)
            return &g->calls[i];
    return NULL;
}

void grpc_call_clear(struct grpc_call *c)
{
    buf_wipe(&c->in);
    buf_wipe(&c->out);
    buf_free(&c->in);
    buf_free(&c->out);
    memset(c, 0, sizeof *c);
}

/* ---- what comes ---- */

/* Gives the server room for as much as it has filled. */
static void give_back(struct grpc_call *c)
{
    if (c->held && !c->paused)
        nghttp2_session_consume(c->owner->session, c->stream, c->held);
    if (!c->paused)
        c->held = 0;
}

bool grpc_call_data(struct grpc_call *c, const uint8_t *p, size_t n)
{
    if (c->taken) { /* at a message's begin as a rule, so that little moves */
        memmove(c->in.p, c->in.p + c->taken, c->in.n - c->taken);
        c->in.n -= c->taken;
        c->taken = 0;
    }
    c->held += n;
    give_back(c);
    return buf_add(&c->in, p, n);
}

/* The status that a proxy's answer stands for: https://github.com/grpc/grpc/blob/master/doc/http-grpc-status-mapping.md
 */
static int status_of_http(int http)
{
    static const struct {
        int http, status;
    } rows[] = { { 400, 13 },
                 { 401, GRPC_UNAUTHENTICATED },
                 { 403, GRPC_PERMISSION_DENIED },
                 { 404, GRPC_UNIMPLEMENTED },
                 { 429, GRPC_UNAVAILABLE },
                 { 502, GRPC_UNAVAILABLE },
                 { 503, GRPC_UNAVAILABLE },
                 { 504, GRPC_UNAVAILABLE } };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        if (rows[i].http == http)
            return rows[i].status;
    return http == 200 || http == 0 ? GRPC_BROKEN : GRPC_UNKNOWN;
}

/* A number of up to three digits, else `otherwise`. */
static int number_of(struct span s, int otherwise)
{
    int v = 0;
    if (s.n == 0 || s.n > 3 || !span_all(s, char_digit))
        return otherwise;
    for (size_t i = 0; i < s.n; i++)
        v = v * 10 + (s.p[i] - '0');
    return v;
}

/* grpc-message is percent-encoded. */
static void decode(char *to, size_t size, struct span s)
{
    size_t n = 0;
    for (size_t i = 0; i < s.n && n + 1 < size; i++) {
        int high = i + 2 < s.n && s.p[i] == '%' ? char_hex_value(s.p[i + 1]) : -1;
        int low = high >= 0 ? char_hex_value(s.p[i + 2]) : -1;
        to[n++] = low >= 0 ? (char)(high << 4 | low) : s.p[i];
        i += low >= 0 ? 2 : 0;
    }
    to[n] = '\0';
}

void grpc_call_header(struct grpc_call *c, struct span name, struct span value)
{
    if (span_eq(name, ":status"))
        c->http = number_of(value, 0);
    else if (span_eq(name, "grpc-status"))
        c->status = number_of(value, GRPC_UNKNOWN);
    else if (span_eq(name, "grpc-message"))
        decode(c->message, sizeof c->message, value);
    else if (span_eq(name, "error-code"))
        copy_span(c->error_code, sizeof c->error_code, value);
}

void grpc_call_closed(struct grpc_call *c, uint32_t code)
{
    c->ended = true;
    if (c->status == GRPC_BROKEN)
        c->status = status_of_http(c->http);
    if (c->status == GRPC_BROKEN && !c->broken)
        c->broken = code ? nghttp2_http2_strerror(code) : "it ended without a status";
}

/* The next whole message; false: it is not all there, or none can begin like this. */
static bool next_message(struct grpc_call *c, struct span *message)
{
    size_t have = c->in.n - c->taken;
    uint32_t n;
    if (!c->in.p || have < GRPC_HEAD)
        return false;
    const char *p = c->in.p + c->taken;
    memcpy(&n, p + 1, sizeof n);
    n = ntohl(n);
    if (p[0] != 0 || n > GRPC_MESSAGE) { /* compressed, which was not asked for */
        c->broken = p[0] ? "a message is compressed" : "a message is longer than 4 MiB";
        return false;
    }
    if (have - GRPC_HEAD < n)
        return false;
    *message = (struct span){ p + GRPC_HEAD, n };
    return true;
}

/* Ends it: its place is vacant when its owner hears of it. */
static void end(struct grpc_call *c)
{
    char message[GRPC_TEXT], code[GRPC_CODE];
    struct grpc_end e = { c->broken ? GRPC_BROKEN : c->status, message, code };
    grpc_end_fn *on_end = c->on_end;
    void *ctx = c->ctx;
    copy_text(message, sizeof message, c->broken ? c->broken : c->message);
    copy_text(code, sizeof code, c->error_code);
    grpc_cancel(c);
    on_end(ctx, &e);
}

void grpc_call_deliver(struct grpc_call *c)
{
    struct grpc *g = c->owner;
    struct span message;
    while (c->owner == g && !g->closed && !c->paused && next_message(c, &message)) {
        c->taken += GRPC_HEAD + message.n;
        c->on_message(c->ctx, message);
    }
    if (c->owner != g || g->closed)
        return;
    if (c->taken == c->in.n) {
        c->in.n = c->taken = 0;
        if (c->in.cap > KEEP_BUFFER)
            buf_free(&c->in);
    }
    if (!c->paused && (c->ended || c->broken))
        end(c);
}

void grpc_pause(struct grpc_call *c, bool paused)
{
    struct grpc *g = c->owner;
    if (!g || c->paused == paused)
        return;
    c->paused = paused;
    if (paused)
        return;
    grpc_enter(g);
    give_back(c);
    grpc_call_deliver(c);
    grpc_flush(g);
    grpc_leave(g);
}

/* ---- what goes ---- */

ssize_t grpc_call_read(struct grpc_call *c, uint8_t *to, size_t room, uint32_t *flags)
{
    size_t left = c->out.n - c->sent;
    if (!left && !c->half_closed)
        return NGHTTP2_ERR_DEFERRED;
    if (left > room)
        left = room;
    if (left)
        memcpy(to, c->out.p + c->sent, left);
    c->sent += left;
    if (c->sent == c->out.n) {
        if (c->half_closed)
            *flags |= NGHTTP2_DATA_FLAG_EOF;
        buf_wipe(&c->out);
        c->sent = 0;
    }
    return (ssize_t)left;
}

static ssize_t on_read(nghttp2_session *session, int32_t stream, uint8_t *to, size_t room, uint32_t *flags,
                       nghttp2_data_source *source, void *ctx)
{
    (void)session, (void)stream, (void)ctx;
    return grpc_call_read(source->ptr, to, room, flags);
}

bool grpc_send(struct grpc_call *c, const void *p, size_t n)
{
    uint32_t size = htonl((uint32_t)n);
    if (!c->owner || c->ended || c->half_closed)
        return false;
    if (!buf_add(&c->out, "", 1) || !buf_add(&c->out, &size, sizeof size) || !buf_add(&c->out, p, n))
        return false;
    nghttp2_session_resume_data(c->owner->session, c->stream);
    grpc_flush(c->owner);
    return true;
}

void grpc_half_close(struct grpc_call *c)
{
    if (!c->owner)
        return;
    c->half_closed = true;
    nghttp2_session_resume_data(c->owner->session, c->stream);
    grpc_flush(c->owner);
}

void grpc_cancel(struct grpc_call *c)
{
    struct grpc *g = c->owner;
    if (!g)
        return;
    if (!g->closed) {
        nghttp2_session_consume_connection(g->session, c->held);
        if (nghttp2_session_find_stream(g->session, c->stream))
            nghttp2_submit_rst_stream(g->session, NGHTTP2_FLAG_NONE, c->stream, NGHTTP2_CANCEL);
    }
    grpc_call_clear(c);
    grpc_flush(g);
}

static nghttp2_nv header(const char *name, const char *value, uint8_t flags)
{
    return (nghttp2_nv){ (uint8_t *)(uintptr_t)name, (uint8_t *)(uintptr_t)value, strlen(name), strlen(value), flags };
}

/* Submits the request. A token is a secret to HPACK, too: it stands in no table. */
static bool submit(struct grpc_call *c, const char *method, const struct grpc_metadata *m)
{
    const struct grpc *g = c->owner;
    const char *authority = strstr(g->url, "://") + 3;
    char path[96];
    snprintf(path, sizeof path, "/eventbus.v1.PubSub/%s", method);
    const nghttp2_nv headers[] = {
        header(":method", "POST", 0),
        header(":scheme", span_starts(span_of(g->url), "https") ? "https" : "http", 0),
        header(":path", path, 0),
        header(":authority", authority, 0),
        header("content-type", "application/grpc", 0),
        header("te", "trailers", 0),
        header("user-agent", "actionhost/" ACTIONHOST_VERSION, 0),
        header("accesstoken", m->token, NGHTTP2_NV_FLAG_NO_INDEX),
        header("instanceurl", m->instance_url, 0),
        header("tenantid", m->tenant, 0),
    };
    const nghttp2_data_provider body = { .source.ptr = c, .read_callback = on_read };
    c->stream = nghttp2_submit_request(g->session, NULL, headers, sizeof headers / sizeof *headers, &body, NULL);
    return c->stream >= 0;
}

struct grpc_call *grpc_call(struct grpc *g, const char *method, const struct grpc_metadata *m,
                            grpc_message_fn *on_message, grpc_end_fn *on_end, void *ctx)
{
    struct grpc_call *c = NULL;
    for (int i = 0; i < GRPC_CALLS && !c; i++)
        c = g->calls[i].owner ? NULL : &g->calls[i];
    if (!c || !g->session || g->lost)
        return NULL;
    *c =
        (struct grpc_call){ .owner = g, .status = GRPC_BROKEN, .on_message = on_message, .on_end = on_end, .ctx = ctx };
    buf_init(&c->out, OUT_MAX);
    buf_init(&c->in, IN_MAX);
    if (!submit(c, method, m)) {
        grpc_call_clear(c);
        return NULL;
    }
    grpc_flush(g);
    return c;
}
