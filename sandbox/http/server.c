/* server.c - see server.h. Turns connections into struct request and struct reply into bytes. */
#include "sandbox/http/server.h"

#include <arpa/inet.h>
#include <microhttpd.h>
#include <netinet/in.h>
#include <stdatomic.h>
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
    SERVER_TRIES = 50, /* ports that are looked at when any will do */
    SERVER_PARTING_MS = 500,
    DRIP_PARTS = 16,
    STREAM_BLOCK = 16384
};

/* One of the addresses that the server listens on. */
struct door {
    struct server *server;
    struct MHD_Daemon *daemon;
    int number;
};

struct server {
    struct door doors[SERVER_ADDRESSES];
    server_answer *answer;
    void *ctx; /* of answer */
    int port;
    atomic_int busy; /* requests that are not yet answered whole */
};

struct incoming {
    struct request rq;
    struct text body;
    bool begun;
};

static bool is_upload(const char *target)
{
    return strstr(target, "/jobs/ingest") != NULL;
}

/* Called with the raw target, before it is decoded. */
static void *incoming_begin(void *user, const char *target, struct MHD_Connection *connection)
{
    (void)user;
    (void)connection;
    struct incoming *x = mem_new(sizeof *x);
    x->body.max = is_upload(target) ? HTTP_UPLOAD_MAX : HTTP_BODY_MAX;
    x->rq.target = strdup(target);
    return x;
}

static void incoming_end(void *user, struct MHD_Connection *connection, void **state,
                         enum MHD_RequestTerminationCode why)
{
    (void)connection;
    (void)why;
    struct server *v = user;
    struct incoming *x = *state;
    if (!x)
        return;
    if (x->begun)
        atomic_fetch_sub(&v->busy, 1);
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
static bool incoming_head(struct incoming *x, struct MHD_Connection *connection, const char *method)
{
    if (!x->rq.target || strlen(method) >= HTTP_METHOD_MAX)
        return false;
    copy_text(x->rq.method, sizeof x->rq.method, method);
    char *mark = strchr(x->rq.target, '?');
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
    char *p;       /* malloc'ed */
    size_t n, end; /* of n bytes announced, `end` are sent */
    int drip_ms;
};

static ssize_t stream_read(void *user, uint64_t at, char *out, size_t max)
{
    struct stream *t = user;
    if (at >= t->end)
        return t->end < t->n ? MHD_CONTENT_READER_END_WITH_ERROR : MHD_CONTENT_READER_END_OF_STREAM;
    if (t->drip_ms) {
        struct timespec pause = { t->drip_ms / 1000, t->drip_ms % 1000 * 1000000L };
        nanosleep(&pause, NULL);
    }
    size_t left = t->end - (size_t)at, part = t->drip_ms ? t->n / DRIP_PARTS + 1 : t->n;
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

/* A response with the body of the reply; NULL, and the reply keeps its body, when libmicrohttpd has no memory. */
static struct MHD_Response *response_of(struct reply *rp)
{
    struct MHD_Response *response;
    if (!rp->body) {
        response = MHD_create_response_from_buffer(0, (void *)"", MHD_RESPMEM_PERSISTENT);
    } else if (rp->cut != CUT_HALF && !rp->drip_ms) {
        response = MHD_create_response_from_buffer(rp->body_n, rp->body, MHD_RESPMEM_MUST_FREE);
    } else {
        struct stream *t = mem_new(sizeof *t);
        *t = (struct stream){ rp->body, rp->body_n, rp->cut == CUT_HALF ? rp->body_n / 2 : rp->body_n, rp->drip_ms };
        response = MHD_create_response_from_callback(rp->body_n, STREAM_BLOCK, stream_read, t, stream_free);
        if (!response)
            free(t);
    }
    if (response)
        rp->body = NULL;
    return response;
}

static enum MHD_Result send_reply(struct MHD_Connection *connection, struct reply *rp)
{
    if (rp->cut == CUT_RESET || rp->cut == CUT_CLOSE || rp->cut == CUT_NOISE)
        return cut_off(connection, rp->cut);
    struct MHD_Response *response = response_of(rp);
    if (!response)
        return MHD_NO;
    for (int i = 0; i < rp->n_fields; i++)
        MHD_add_response_header(response, rp->fields[i].name, rp->fields[i].value);
    enum MHD_Result result = MHD_queue_response(connection, (unsigned)rp->status, response);
    MHD_destroy_response(response);
    return result;
}

static enum MHD_Result refuse(struct MHD_Connection *connection, int status, const char *title)
{
    struct reply rp = { .status = 0 };
    reply_problem(&rp, status, title, "");
    enum MHD_Result result = send_reply(connection, &rp);
    reply_free(&rp);
    return result;
}

static enum MHD_Result refuse_large(struct MHD_Connection *connection, const struct request *rq)
{
    struct reply rp = { .status = 0 };
    if (!is_upload(rq->target))
        return refuse(connection, 413, "Content Too Large");
    reply_org_error(&rp, 413, "EXCEEDED_MAX_SIZE_REQUEST", "The data of a job may have 100 MB at most");
    enum MHD_Result result = send_reply(connection, &rp);
    reply_free(&rp);
    return result;
}

static enum MHD_Result on_call(void *user, struct MHD_Connection *connection, const char *url, const char *method,
                               const char *version, const char *data, size_t *data_n, void **state)
{
    (void)url;
    (void)version;
    const struct door *door = user;
    struct server *v = door->server;
    struct incoming *x = *state;
    if (!x->begun) {
        x->begun = true;
        atomic_fetch_add(&v->busy, 1);
        x->rq.address = door->number;
        return incoming_head(x, connection, method) ? MHD_YES : refuse(connection, 400, "Bad Request");
    }
    if (*data_n) {
        text_add(&x->body, data, *data_n); /* above its ceiling it takes nothing more and says so */
        *data_n = 0;
        return MHD_YES;
    }
    if (x->body.failed)
        return refuse_large(connection, &x->rq);
    x->rq.body = text_take(&x->body, &x->rq.body_n);
    struct reply rp = { .status = 0 };
    v->answer(v->ctx, &x->rq, &rp);
    enum MHD_Result result = send_reply(connection, &rp);
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

/* Opens one address; false when the port is not free there. */
static bool door_open(struct door *door, int port)
{
    struct sockaddr_in address = { .sin_family = AF_INET,
                                   .sin_port = htons((uint16_t)port),
                                   .sin_addr.s_addr = htonl(INADDR_LOOPBACK + (uint32_t)door->number) };
    door->daemon = MHD_start_daemon(
        MHD_USE_THREAD_PER_CONNECTION | MHD_USE_INTERNAL_POLLING_THREAD | MHD_USE_POLL, 0, NULL, NULL, on_call, door,
        MHD_OPTION_SOCK_ADDR, (struct sockaddr *)&address, MHD_OPTION_URI_LOG_CALLBACK, incoming_begin, door->server,
        MHD_OPTION_NOTIFY_COMPLETED, incoming_end, door->server, MHD_OPTION_UNESCAPE_CALLBACK, no_decoding,
        door->server, MHD_OPTION_CONNECTION_LIMIT, (unsigned)SERVER_CONNECTIONS, MHD_OPTION_CONNECTION_TIMEOUT,
        (unsigned)SERVER_IDLE_S, MHD_OPTION_CONNECTION_MEMORY_LIMIT, (size_t)SERVER_MEMORY, MHD_OPTION_END);
    return door->daemon != NULL;
}

static void doors_close(struct server *v)
{
    for (int i = 0; i < SERVER_ADDRESSES; i++) {
        if (v->doors[i].daemon)
            MHD_stop_daemon(v->doors[i].daemon);
        v->doors[i].daemon = NULL;
    }
}

/* All addresses at one port; 0 = one that the first address has free, which another may have not. */
static bool doors_open(struct server *v, int port)
{
    for (int i = 0; i < SERVER_ADDRESSES; i++) {
        if (!door_open(&v->doors[i], port)) {
            doors_close(v);
            return false;
        }
        const union MHD_DaemonInfo *info = MHD_get_daemon_info(v->doors[i].daemon, MHD_DAEMON_INFO_BIND_PORT);
        port = info ? info->port : port;
    }
    v->port = port;
    return true;
}

struct server *server_start(int port, server_answer *answer, void *ctx)
{
    struct server *v = mem_new(sizeof *v);
    *v = (struct server){ .answer = answer, .ctx = ctx };
    for (int i = 0; i < SERVER_ADDRESSES; i++)
        v->doors[i] = (struct door){ .server = v, .number = i };
    for (int tries = port ? 1 : SERVER_TRIES; tries > 0; tries--)
        if (doors_open(v, port))
            return v;
    server_stop(v);
    return NULL;
}

int server_port(const struct server *v)
{
    return v->port;
}

void server_stop(struct server *v)
{
    if (!v)
        return;
    /* what is ready goes out; what still waits for somebody else is cut */
    struct timespec pause = { 0, 1000000 };
    for (int i = 0; i < SERVER_PARTING_MS && atomic_load(&v->busy); i++)
        nanosleep(&pause, NULL);
    doors_close(v);
    free(v);
}
