/* server.c - see server.h. Turns connections into struct request and struct reply into bytes. */
#include "sandbox/http/server.h"

#include <arpa/inet.h>
#include <microhttpd.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "sandbox/base/encoding.h"
#include "sandbox/base/text.h"

enum {
    SERVER_CONNECTIONS = 1100, /* above the 1,000 of the host */
    SERVER_IDLE_S = 300,
    SERVER_MEMORY = 128 * 1024,
    DRIP_PARTS = 16,
    STREAM_BLOCK = 16384
};

struct server {
    struct MHD_Daemon *daemon;
    server_answer *answer;
    void *ctx; /* of answer */
    int port;
};

struct exchange {
    struct request rq;
    struct text body;
    bool begun;
};

/* Called with the raw target, before it is decoded. */
static void *exchange_begin(void *user, const char *target, struct MHD_Connection *connection)
{
    struct exchange *x = calloc(1, sizeof *x);
    (void)user;
    (void)connection;
    if (!x)
        return NULL;
    x->body.max = HTTP_BODY_MAX;
    x->rq.target = strdup(target);
    return x;
}

static void exchange_end(void *user, struct MHD_Connection *connection, void **state,
                         enum MHD_RequestTerminationCode why)
{
    struct exchange *x = *state;
    (void)user;
    (void)connection;
    (void)why;
    if (!x)
        return;
    text_free(&x->body);
    request_free(&x->rq);
    free(x);
    *state = NULL;
}

static enum MHD_Result keep_field(void *user, enum MHD_ValueKind kind, const char *name, const char *value)
{
    struct request *rq = user;
    struct http_field f = { strdup(name), strdup(value ? value : "") };
    (void)kind;
    if (rq->n_fields < HTTP_FIELDS && f.name && f.value) {
        rq->fields[rq->n_fields++] = f;
        return MHD_YES;
    }
    free(f.name);
    free(f.value);
    return MHD_NO;
}

/* Fills the request from what is known before the body. False when the target cannot be read. */
static bool exchange_head(struct exchange *x, struct MHD_Connection *connection, const char *method)
{
    char *mark;
    if (!x->rq.target || strlen(method) >= HTTP_METHOD_MAX)
        return false;
    copy_text(x->rq.method, sizeof x->rq.method, method);
    mark = strchr(x->rq.target, '?');
    x->rq.query = mark ? mark + 1 : "";
    x->rq.path = percent_decode(x->rq.target, mark ? (size_t)(mark - x->rq.target) : strlen(x->rq.target), false);
    MHD_get_connection_values(connection, MHD_HEADER_KIND, keep_field, &x->rq);
    return x->rq.path && *x->rq.path == '/';
}

static int socket_of(struct MHD_Connection *connection)
{
    const union MHD_ConnectionInfo *info = MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CONNECTION_FD);
    return info ? info->connect_fd : -1;
}

/* Ends the connection without an answer. libmicrohttpd closes the socket afterwards. */
static enum MHD_Result cut_off(struct MHD_Connection *connection, enum cut cut)
{
    static const char noise[] = "\x16\x03\x01 this is not HTTP \xff\xfe\r\n\r\n";
    int fd = socket_of(connection);
    if (fd >= 0 && cut == CUT_RESET) {
        struct sockaddr none = { .sa_family = AF_UNSPEC };
        if (connect(fd, &none, sizeof none)) /* dissolves the association: the peer gets RST */
            perror("sandbox: reset");
    } else if (fd >= 0 && cut == CUT_NOISE) {
        if (send(fd, noise, sizeof noise - 1, MSG_NOSIGNAL) < 0)
            perror("sandbox: send");
    }
    return MHD_NO;
}

/* A body that comes in parts, or only half. */
struct stream {
    char *p;
    size_t n, end; /* of n bytes announced, `end` are sent */
    int drip_ms;
};

static ssize_t stream_read(void *user, uint64_t at, char *out, size_t max)
{
    struct stream *t = user;
    size_t part = t->drip_ms ? t->n / DRIP_PARTS + 1 : t->n, left;
    if (at >= t->end)
        return t->end < t->n ? MHD_CONTENT_READER_END_WITH_ERROR : MHD_CONTENT_READER_END_OF_STREAM;
    left = t->end - (size_t)at;
    if (t->drip_ms) {
        struct timespec pause = { t->drip_ms / 1000, t->drip_ms % 1000 * 1000000L };
        nanosleep(&pause, NULL);
    }
    if (part > left)
        part = left;
    if (part > max)
        part = max;
    memcpy(out, t->p + at, part);
    return (ssize_t)part;
}

static void stream_free(void *user)
{
    struct stream *t = user;
    free(t->p);
    free(t);
}

/* Takes the body out of the reply. */
static struct MHD_Response *response_of(struct reply *rp)
{
    struct MHD_Response *response;
    struct stream *t;
    char *p = rp->body;
    size_t n = rp->body_n;
    rp->body = NULL;
    if (rp->cut != CUT_HALF && !rp->drip_ms) {
        response =
            MHD_create_response_from_buffer(n, p ? p : (void *)"", p ? MHD_RESPMEM_MUST_FREE : MHD_RESPMEM_PERSISTENT);
        if (!response)
            free(p);
        return response;
    }
    t = malloc(sizeof *t);
    if (!t) {
        free(p);
        return NULL;
    }
    *t = (struct stream){ .p = p, .n = n, .end = rp->cut == CUT_HALF ? n / 2 : n, .drip_ms = rp->drip_ms };
    response = MHD_create_response_from_callback(n, STREAM_BLOCK, stream_read, t, stream_free);
    if (!response)
        stream_free(t);
    return response;
}

static enum MHD_Result send_reply(struct MHD_Connection *connection, struct reply *rp)
{
    struct MHD_Response *response;
    enum MHD_Result result = MHD_NO;
    if (rp->cut == CUT_RESET || rp->cut == CUT_CLOSE || rp->cut == CUT_NOISE)
        return cut_off(connection, rp->cut);
    response = response_of(rp);
    if (!response)
        return MHD_NO;
    for (int i = 0; i < rp->n_fields; i++)
        MHD_add_response_header(response, rp->fields[i].name, rp->fields[i].value);
    result = MHD_queue_response(connection, (unsigned)rp->status, response);
    MHD_destroy_response(response);
    return result;
}

static enum MHD_Result refuse(struct MHD_Connection *connection, int status, const char *title)
{
    struct reply rp = { .status = 0 };
    enum MHD_Result result;
    reply_problem(&rp, status, title, "");
    result = send_reply(connection, &rp);
    reply_free(&rp);
    return result;
}

static enum MHD_Result on_call(void *user, struct MHD_Connection *connection, const char *url, const char *method,
                               const char *version, const char *data, size_t *data_n, void **state)
{
    struct server *v = user;
    struct exchange *x = *state;
    struct reply rp = { .status = 0 };
    enum MHD_Result result;
    (void)url;
    (void)version;
    if (!x)
        return MHD_NO;
    if (!x->begun) {
        x->begun = true;
        return exchange_head(x, connection, method) ? MHD_YES : refuse(connection, 400, "Bad Request");
    }
    if (*data_n) {
        text_add(&x->body, data, *data_n); /* above its ceiling it takes nothing more and says so */
        *data_n = 0;
        return MHD_YES;
    }
    if (x->body.failed)
        return refuse(connection, 413, "Content Too Large");
    x->rq.body = text_take(&x->body, &x->rq.body_n);
    v->answer(v->ctx, &x->rq, &rp);
    result = send_reply(connection, &rp);
    reply_free(&rp);
    return result;
}

/* libmicrohttpd would decode the path itself; the raw target is decoded here, once. */
static size_t no_decoding(void *user, struct MHD_Connection *connection, char *text)
{
    (void)user;
    (void)connection;
    return strlen(text);
}

struct server *server_start(int port, server_answer *answer, void *ctx)
{
    struct sockaddr_in address = { .sin_family = AF_INET,
                                   .sin_port = htons((uint16_t)port),
                                   .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
    const union MHD_DaemonInfo *info;
    struct server *v = calloc(1, sizeof *v);
    if (!v)
        return NULL;
    v->answer = answer;
    v->ctx = ctx;
    v->daemon =
        MHD_start_daemon(MHD_USE_THREAD_PER_CONNECTION | MHD_USE_INTERNAL_POLLING_THREAD | MHD_USE_POLL, 0, NULL, NULL,
                         on_call, v, MHD_OPTION_SOCK_ADDR, (struct sockaddr *)&address, MHD_OPTION_URI_LOG_CALLBACK,
                         exchange_begin, v, MHD_OPTION_NOTIFY_COMPLETED, exchange_end, v, MHD_OPTION_UNESCAPE_CALLBACK,
                         no_decoding, v, MHD_OPTION_CONNECTION_LIMIT, (unsigned)SERVER_CONNECTIONS,
                         MHD_OPTION_CONNECTION_TIMEOUT, (unsigned)SERVER_IDLE_S, MHD_OPTION_CONNECTION_MEMORY_LIMIT,
                         (size_t)SERVER_MEMORY, MHD_OPTION_LISTENING_ADDRESS_REUSE, 1U, MHD_OPTION_END);
    info = v->daemon ? MHD_get_daemon_info(v->daemon, MHD_DAEMON_INFO_BIND_PORT) : NULL;
    if (!info) {
        server_stop(v);
        return NULL;
    }
    v->port = info->port;
    return v;
}

int server_port(const struct server *v)
{
    return v->port;
}

void server_stop(struct server *v)
{
    if (!v)
        return;
    if (v->daemon)
        MHD_stop_daemon(v->daemon);
    free(v);
}
