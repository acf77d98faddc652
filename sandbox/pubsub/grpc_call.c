/* grpc_call.c - calls: HTTP/2 frames become messages and back. A message has five bytes in front: whether it is
 * compressed (never), and its length. */
#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sandbox/pubsub/grpc_parts.h"

enum { PREFIX = 5 };

/* ---- headers out ---- */

static nghttp2_nv header(const char *name, const char *value)
{
    return (nghttp2_nv){ (uint8_t *)name, (uint8_t *)value, strlen(name), strlen(value), NGHTTP2_NV_FLAG_NONE };
}

/* grpc-message is percent-encoded; out has room for three bytes each. */
static void percent(const char *in, char *out)
{
    for (; *in; in++)
        if (*in < ' ' || *in > '~' || *in == '%')
            out += snprintf(out, 4, "%%%02X", (unsigned char)*in);
        else
            *out++ = *in;
    *out = '\0';
}

struct trailers {
    char status[16], message[3 * sizeof((struct grpc_call *)0)->message + 1];
    nghttp2_nv list[3];
    size_t n;
};

static void trailers_of(const struct grpc_call *c, struct trailers *t)
{
    t->n = 0;
    snprintf(t->status, sizeof t->status, "%d", c->status);
    t->list[t->n++] = header("grpc-status", t->status);
    if (c->message[0]) {
        percent(c->message, t->message);
        t->list[t->n++] = header("grpc-message", t->message);
    }
    if (c->error_code[0])
        t->list[t->n++] = header("error-code", c->error_code);
}

static ssize_t on_data_wanted(nghttp2_session *session, int32_t stream, uint8_t *to, size_t room, uint32_t *flags,
                              nghttp2_data_source *source, void *user)
{
    struct grpc_call *c = source->ptr;
    size_t left = c->out.n - c->out_at;
    (void)user;
    if (!left && !c->ended)
        return NGHTTP2_ERR_DEFERRED;
    if (left > room)
        left = room;
    if (left)
        memcpy(to, c->out.p + c->out_at, left);
    c->out_at += left;
    if (c->out_at == c->out.n) {
        text_free(&c->out);
        c->out_at = 0;
        if (c->ended) {
            struct trailers t;
            trailers_of(c, &t);
            *flags |= NGHTTP2_DATA_FLAG_EOF | NGHTTP2_DATA_FLAG_NO_END_STREAM;
            nghttp2_submit_trailer(session, stream, t.list, t.n);
        }
    }
    return (ssize_t)left;
}

static void answer(struct grpc_call *c)
{
    nghttp2_nv list[8] = { header(":status", "200"), header("content-type", "application/grpc") };
    size_t n = 2;
    struct trailers t;
    nghttp2_data_provider body = { .source = { .ptr = c }, .read_callback = on_data_wanted };
    bool bare = c->ended && c->out.n == c->out_at;
    if (bare) {
        trailers_of(c, &t);
        for (size_t i = 0; i < t.n; i++)
            list[n++] = t.list[i];
    }
    c->answered = true;
    if (nghttp2_submit_response(c->connection->session, c->stream, list, n, bare ? NULL : &body))
        c->connection->broken = true;
}

/* ---- what the service does with a call ---- */

const struct grpc_metadata *grpc_metadata(const struct grpc_call *c)
{
    return &c->metadata;
}

size_t grpc_backlog(const struct grpc_call *c)
{
    return c->out.n - c->out_at;
}

bool grpc_ended(const struct grpc_call *c)
{
    return c->ended || c->over;
}

static void go_on(struct grpc_call *c)
{
    if (!c->answered)
        answer(c);
    else
        nghttp2_session_resume_data(c->connection->session, c->stream);
}

void grpc_send(struct grpc_call *c, const void *p, size_t n)
{
    uint8_t prefix[PREFIX] = { 0 };
    uint32_t length = htonl((uint32_t)n);
    if (grpc_ended(c))
        return;
    memcpy(prefix + 1, &length, sizeof length);
    text_add(&c->out, prefix, PREFIX);
    text_add(&c->out, p, n);
    go_on(c);
}

void grpc_end(struct grpc_call *c, int status, const char *error_code, const char *message, bool reset)
{
    if (grpc_ended(c))
        return;
    c->ended = true;
    c->reset = reset;
    c->status = status;
    copy_text(c->error_code, sizeof c->error_code, error_code ? error_code : "");
    copy_text(c->message, sizeof c->message, message ? message : "");
    go_on(c);
}

void grpc_refuse(struct grpc_call *c, int http_status)
{
    char status[16];
    snprintf(status, sizeof status, "%d", http_status);
    const nghttp2_nv list[] = { header(":status", status), header("content-type", "text/plain") };
    if (grpc_ended(c) || c->answered)
        return;
    c->ended = c->answered = c->reset = true;
    if (nghttp2_submit_response(c->connection->session, c->stream, list, 2, NULL))
        c->connection->broken = true;
}

void grpc_strike(struct grpc_call *c, enum grpc_blow blow)
{
    switch (blow) {
    case GRPC_RESET:
        c->ended = true;
        nghttp2_submit_rst_stream(c->connection->session, NGHTTP2_FLAG_NONE, c->stream, NGHTTP2_INTERNAL_ERROR);
        break;
    case GRPC_GOAWAY:
        nghttp2_submit_goaway(c->connection->session, NGHTTP2_FLAG_NONE,
                              nghttp2_session_get_last_proc_stream_id(c->connection->session), NGHTTP2_NO_ERROR, NULL,
                              0);
        break;
    case GRPC_CUT:
        c->connection->broken = true;
        break;
    }
}

/* ---- what comes in ---- */

static int on_begin(nghttp2_session *session, const nghttp2_frame *frame, void *user)
{
    struct grpc_connection *x = user;
    if (frame->hd.type != NGHTTP2_HEADERS || frame->headers.cat != NGHTTP2_HCAT_REQUEST)
        return 0;
    struct grpc_call *c = mem_new(sizeof *c);
    c->connection = x;
    c->stream = frame->hd.stream_id;
    c->in.max = PREFIX + GRPC_MESSAGE_MAX;
    c->next = x->calls;
    x->calls = c;
    return nghttp2_session_set_stream_user_data(session, c->stream, c) ? NGHTTP2_ERR_CALLBACK_FAILURE : 0;
}

static int on_header(nghttp2_session *session, const nghttp2_frame *frame, const uint8_t *name, size_t name_n,
                     const uint8_t *value, size_t value_n, uint8_t flags, void *user)
{
    struct grpc_call *c = nghttp2_session_get_stream_user_data(session, frame->hd.stream_id);
    (void)flags;
    (void)user;
    if (!c)
        return 0;
    const struct {
        const char *name;
        char *room;
        size_t size;
    } kept[] = { { ":path", c->metadata.path, sizeof c->metadata.path },
                 { "accesstoken", c->metadata.token, GRPC_METADATA_MAX },
                 { "instanceurl", c->metadata.instance_url, GRPC_METADATA_MAX },
                 { "tenantid", c->metadata.tenant_id, GRPC_METADATA_MAX } };
    for (size_t i = 0; i < sizeof kept / sizeof *kept; i++)
        if (strlen(kept[i].name) == name_n && memcmp(kept[i].name, name, name_n) == 0 && value_n < kept[i].size) {
            memcpy(kept[i].room, value, value_n);
            kept[i].room[value_n] = '\0';
        }
    if (name_n == strlen("content-type") && memcmp(name, "content-type", name_n) == 0)
        c->is_grpc = value_n >= 16 && memcmp(value, "application/grpc", 16) == 0;
    return 0;
}

static void take_messages(struct grpc_call *c)
{
    const struct grpc_service *service = grpc_service_of(c->connection->server);
    size_t at = 0;
    uint32_t length;
    while (!grpc_ended(c) && c->in.n - at >= PREFIX) {
        const uint8_t *p = (const uint8_t *)c->in.p + at;
        memcpy(&length, p + 1, sizeof length);
        length = ntohl(length);
        if (p[0] || length > GRPC_MESSAGE_MAX) {
            grpc_end(c, p[0] ? GRPC_UNIMPLEMENTED : GRPC_RESOURCE_EXHAUSTED, NULL,
                     p[0] ? "compressed messages are not read" : "a message has more than 4 MB", true);
            break;
        }
        if (c->in.n - at - PREFIX < length)
            break;
        service->message(c->state, p + PREFIX, length);
        at += PREFIX + length;
    }
    if (!at && !grpc_ended(c))
        return;
    size_t left = grpc_ended(c) ? 0 : c->in.n - at;
    if (left)
        memmove(c->in.p, c->in.p + at, left);
    c->in.n = left;
}

static int on_chunk(nghttp2_session *session, uint8_t flags, int32_t stream, const uint8_t *p, size_t n, void *user)
{
    struct grpc_call *c = nghttp2_session_get_stream_user_data(session, stream);
    (void)flags;
    (void)user;
    if (!c || grpc_ended(c) || !c->state)
        return 0;
    while (n && !grpc_ended(c)) { /* piece by piece, as the buffer holds no more than the longest message */
        size_t room = c->in.max - c->in.n, part = n < room ? n : room;
        text_add(&c->in, p, part);
        p += part;
        n -= part;
        take_messages(c);
    }
    return 0;
}

static void begin_call(struct grpc_call *c)
{
    const struct grpc_service *service = grpc_service_of(c->connection->server);
    c->begun = true;
    if (c->is_grpc)
        c->state = service->begin(service->ctx, c);
    if (!c->state)
        grpc_end(c, GRPC_UNIMPLEMENTED, NULL, "The sandbox has no such method.", true);
}

static int on_frame(nghttp2_session *session, const nghttp2_frame *frame, void *user)
{
    struct grpc_call *c = nghttp2_session_get_stream_user_data(session, frame->hd.stream_id);
    (void)user;
    bool data = frame->hd.type == NGHTTP2_DATA, headers = frame->hd.type == NGHTTP2_HEADERS;
    if (!c || (!data && !headers))
        return 0;
    if (headers && !c->begun)
        begin_call(c);
    if (frame->hd.flags & NGHTTP2_FLAG_END_STREAM) {
        c->half_closed = true;
        if (c->state && !grpc_ended(c))
            grpc_service_of(c->connection->server)->half_closed(c->state);
    }
    return 0;
}

/* Behind the trailers a proxy resets what the client has not ended. */
static int on_sent(nghttp2_session *session, const nghttp2_frame *frame, void *user)
{
    struct grpc_call *c = nghttp2_session_get_stream_user_data(session, frame->hd.stream_id);
    (void)user;
    if (c && frame->hd.type == NGHTTP2_HEADERS && frame->hd.flags & NGHTTP2_FLAG_END_STREAM && c->reset &&
        !c->half_closed)
        nghttp2_submit_rst_stream(session, NGHTTP2_FLAG_NONE, c->stream, NGHTTP2_NO_ERROR);
    return 0;
}

static void call_free(struct grpc_call *c)
{
    c->over = true;
    if (c->state)
        grpc_service_of(c->connection->server)->end(c->state);
    text_free(&c->in);
    text_free(&c->out);
    memset(&c->metadata, 0, sizeof c->metadata);
    free(c);
}

static int on_close(nghttp2_session *session, int32_t stream, uint32_t code, void *user)
{
    struct grpc_connection *x = user;
    (void)session;
    (void)code;
    for (struct grpc_call **at = &x->calls; *at; at = &(*at)->next)
        if ((*at)->stream == stream) {
            struct grpc_call *gone = *at;
            *at = gone->next;
            call_free(gone);
            break;
        }
    return 0;
}

void grpc_calls_drop(struct grpc_connection *x)
{
    while (x->calls) {
        struct grpc_call *gone = x->calls;
        x->calls = gone->next;
        call_free(gone);
    }
}

nghttp2_session_callbacks *grpc_callbacks(void)
{
    nghttp2_session_callbacks *cb = NULL;
    if (nghttp2_session_callbacks_new(&cb))
        return NULL;
    nghttp2_session_callbacks_set_on_begin_headers_callback(cb, on_begin);
    nghttp2_session_callbacks_set_on_header_callback(cb, on_header);
    nghttp2_session_callbacks_set_on_data_chunk_recv_callback(cb, on_chunk);
    nghttp2_session_callbacks_set_on_frame_recv_callback(cb, on_frame);
    nghttp2_session_callbacks_set_on_frame_send_callback(cb, on_sent);
    nghttp2_session_callbacks_set_on_stream_close_callback(cb, on_close);
    return cb;
}
