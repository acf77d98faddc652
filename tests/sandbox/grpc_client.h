/* grpc_client.h - the least of a gRPC client: one connection, one call at a time, everything with a deadline. */
#ifndef TESTS_SANDBOX_GRPC_CLIENT_H
#define TESTS_SANDBOX_GRPC_CLIENT_H

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <nghttp2/nghttp2.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "tests/sandbox/fixture.h"

enum { CLIENT_WAIT_MS = 10000 };

struct client {
    int fd;
    nghttp2_session *session;
    int32_t stream;
    struct text out, in; /* bytes of messages */
    size_t out_at, in_at;
    bool half_close, ended, closed, goaway; /* ended: by the server, in full; closed: the stream is no more */
    uint32_t reset;
    int http_status, status; /* -1 = none came */
    char error[160], message[500];
};

static inline ssize_t client_data(nghttp2_session *s, int32_t id, uint8_t *to, size_t room, uint32_t *flags,
                                  nghttp2_data_source *source, void *user)
{
    struct client *c = user;
    size_t left = c->out.n - c->out_at;
    (void)s;
    (void)id;
    (void)source;
    if (!left && !c->half_close)
        return NGHTTP2_ERR_DEFERRED;
    left = left < room ? left : room;
    if (left)
        memcpy(to, c->out.p + c->out_at, left);
    c->out_at += left;
    if (c->half_close && c->out_at == c->out.n)
        *flags |= NGHTTP2_DATA_FLAG_EOF;
    return (ssize_t)left;
}

static inline int client_header(nghttp2_session *s, const nghttp2_frame *f, const uint8_t *name, size_t name_n,
                                const uint8_t *value, size_t value_n, uint8_t flags, void *user)
{
    struct client *c = user;
    char field[64], text[500];
    (void)s;
    (void)f;
    (void)flags;
    snprintf(field, sizeof field, "%.*s", (int)name_n, (const char *)name);
    snprintf(text, sizeof text, "%.*s", (int)value_n, (const char *)value);
    if (strcmp(field, ":status") == 0)
        c->http_status = (int)strtol(text, NULL, 10);
    else if (strcmp(field, "grpc-status") == 0)
        c->status = (int)strtol(text, NULL, 10);
    else if (strcmp(field, "error-code") == 0)
        copy_text(c->error, sizeof c->error, text);
    else if (strcmp(field, "grpc-message") == 0)
        copy_text(c->message, sizeof c->message, text);
    return 0;
}

static inline int client_chunk(nghttp2_session *s, uint8_t flags, int32_t id, const uint8_t *p, size_t n, void *user)
{
    struct client *c = user;
    (void)s;
    (void)flags;
    (void)id;
    text_add(&c->in, p, n);
    return 0;
}

static inline int client_frame(nghttp2_session *s, const nghttp2_frame *f, void *user)
{
    struct client *c = user;
    (void)s;
    c->goaway = c->goaway || f->hd.type == NGHTTP2_GOAWAY;
    if (f->hd.stream_id == c->stream && f->hd.flags & NGHTTP2_FLAG_END_STREAM && f->hd.type == NGHTTP2_HEADERS)
        c->ended = true;
    return 0;
}

static inline int client_close(nghttp2_session *s, int32_t id, uint32_t code, void *user)
{
    struct client *c = user;
    (void)s;
    if (id == c->stream) {
        c->closed = true;
        c->reset = code;
    }
    return 0;
}

static inline void client_connect(struct client *c, int port)
{
    struct sockaddr_in a = { .sin_family = AF_INET,
                             .sin_port = htons((uint16_t)port),
                             .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
    nghttp2_session_callbacks *cb;
    *c = (struct client){ .fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0) };
    int on = 1;
    setsockopt(c->fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    assert_int_equal(connect(c->fd, (struct sockaddr *)&a, sizeof a), 0);
    assert_int_equal(nghttp2_session_callbacks_new(&cb), 0);
    nghttp2_session_callbacks_set_on_header_callback(cb, client_header);
    nghttp2_session_callbacks_set_on_data_chunk_recv_callback(cb, client_chunk);
    nghttp2_session_callbacks_set_on_frame_recv_callback(cb, client_frame);
    nghttp2_session_callbacks_set_on_stream_close_callback(cb, client_close);
    assert_int_equal(nghttp2_session_client_new(&c->session, cb, c), 0);
    nghttp2_session_callbacks_del(cb);
    assert_int_equal(nghttp2_submit_settings(c->session, NGHTTP2_FLAG_NONE, NULL, 0), 0);
}

static inline void client_free(struct client *c)
{
    nghttp2_session_del(c->session);
    close(c->fd);
    text_free(&c->in);
    text_free(&c->out);
}

/* Begins a call of this path; `fields` are names and values by turns, NULL at the end. */
static inline void client_call(struct client *c, const char *path, const char *const *fields)
{
    nghttp2_nv list[16];
    const char *own[] = { ":method",    "POST",      ":scheme", "http",     ":path",        path,
                          ":authority", "localhost", "te",      "trailers", "content-type", "application/grpc" };
    size_t n = 0;
    for (size_t i = 0; i < sizeof own / sizeof *own; i += 2)
        list[n++] = (nghttp2_nv){ (uint8_t *)own[i], (uint8_t *)own[i + 1], strlen(own[i]), strlen(own[i + 1]), 0 };
    for (; *fields; fields += 2)
        list[n++] = (nghttp2_nv){ (uint8_t *)fields[0], (uint8_t *)fields[1], strlen(fields[0]), strlen(fields[1]), 0 };
    text_free(&c->in);
    text_free(&c->out);
    c->in_at = c->out_at = 0;
    c->half_close = c->ended = c->closed = false;
    c->http_status = c->status = -1;
    c->error[0] = c->message[0] = '\0';
    nghttp2_data_provider body = { .read_callback = client_data };
    c->stream = nghttp2_submit_request(c->session, NULL, list, n, &body, NULL);
    assert_true(c->stream > 0);
}

static inline void client_send(struct client *c, const void *p, size_t n)
{
    uint32_t length = htonl((uint32_t)n);
    text_add(&c->out, "\0", 1);
    text_add(&c->out, &length, 4);
    text_add(&c->out, p, n);
    nghttp2_session_resume_data(c->session, c->stream);
}

static inline void client_half_close(struct client *c)
{
    c->half_close = true;
    nghttp2_session_resume_data(c->session, c->stream);
}

/* One round of sending and receiving; false when nothing came within wait_ms, or the connection has ended. */
static inline bool client_turn(struct client *c, int wait_ms)
{
    const uint8_t *p;
    uint8_t room[16384];
    for (ssize_t n; (n = nghttp2_session_mem_send(c->session, &p)) > 0;)
        while (n > 0) {
            ssize_t sent = send(c->fd, p, (size_t)n, MSG_NOSIGNAL);
            if (sent <= 0)
                return false;
            p += sent;
            n -= sent;
        }
    struct pollfd wait = { c->fd, POLLIN, 0 };
    if (poll(&wait, 1, wait_ms) <= 0)
        return false;
    ssize_t n = recv(c->fd, room, sizeof room, 0);
    if (n <= 0) {
        c->closed = true;
        return false;
    }
    assert_true(nghttp2_session_mem_recv(c->session, room, (size_t)n) == n);
    return true;
}

/* The next message: points into the client, until the next turn. False when the call has ended instead. */
static inline bool client_message(struct client *c, const uint8_t **p, size_t *n)
{
    *p = NULL;
    *n = 0;
    for (;;) {
        uint32_t length;
        if (c->in.n - c->in_at >= 5) {
            memcpy(&length, c->in.p + c->in_at + 1, 4);
            length = ntohl(length);
            if (c->in.n - c->in_at - 5 >= length) {
                *p = (const uint8_t *)c->in.p + c->in_at + 5;
                *n = length;
                c->in_at += 5 + length;
                return true;
            }
        }
        if (c->ended || c->closed)
            return false;
        if (!client_turn(c, CLIENT_WAIT_MS) && !c->closed)
            fail_msg("nothing came within %d ms", CLIENT_WAIT_MS);
    }
}

static inline void client_until_ended(struct client *c)
{
    const uint8_t *p;
    size_t n;
    while (client_message(c, &p, &n)) {
    }
}

#endif
