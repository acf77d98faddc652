/* server.c - libmicrohttpd on the event loop: connections, their deadlines, requests and answers. */
#include "runtime/web/server.h"

#include <errno.h>
#include <linux/filter.h>
#include <microhttpd.h>
#include <netdb.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sysexits.h>
#include <unistd.h>

#include "runtime/base/log.h"
#include "runtime/base/system.h"
#include "runtime/declare/openapi.h"
#include "runtime/web/connections.h"
#include "runtime/web/docs_page.h"
#include "runtime/web/exchange.h"
#include "runtime/web/header_gaps.h"

/* One request on a connection. */
struct request {
    struct exchange exchange;
    struct server *server;
    struct MHD_Connection *connection;
    struct conn *conn;
    char *target; /* as it stood in the request line */
    bool begun, suspended, waited_at_headers;
    bool cut;                     /* answered past the library */
    struct request **link, *next; /* in the list of suspended ones */
};

struct server {
    struct server_parts parts;
    struct exchange_shared shared;
    struct MHD_Daemon *daemon;
    struct watch watch;
    int listen_fd;
    bool resumed; /* since libmicrohttpd last ran: it would not notice by itself */
    struct conns *conns;
    struct request *suspended;
    int64_t close_ms; /* of the listening socket while draining; 0 = not draining */
};

enum { CLOSE_MS = 30 /* longer than a handshake takes, shorter than what front.c takes for quiet */ };

/* ---- answers ---- */

static struct MHD_Response *make_response(struct request *r)
{
    struct exchange_answer *a = &r->exchange.answer;
    struct MHD_Response *m;
    char number[16];
    if (a->body) {
        m = MHD_create_response_from_buffer(a->n, a->body, MHD_RESPMEM_MUST_FREE);
        if (m)
            a->body = NULL;
    } else {
        m = MHD_create_response_from_buffer(a->fixed ? a->n : 0, (void *)(uintptr_t)(a->fixed ? a->fixed : ""),
                                            MHD_RESPMEM_PERSISTENT);
    }
    if (!m)
        return NULL;
    MHD_add_response_header(m, MHD_HTTP_HEADER_CONTENT_TYPE, a->content_type ? a->content_type : "application/json");
    MHD_add_response_header(m, "X-Request-Id", r->exchange.request_id);
    MHD_add_response_header(m, "X-Content-Type-Options", "nosniff");
    if (a->content_encoding)
        MHD_add_response_header(m, MHD_HTTP_HEADER_CONTENT_ENCODING, a->content_encoding);
    if (a->policy)
        MHD_add_response_header(m, "Content-Security-Policy", a->policy);
    if (a->allow)
        MHD_add_response_header(m, MHD_HTTP_HEADER_ALLOW, a->allow);
    if (a->retry_after_s > 0) {
        snprintf(number, sizeof number, "%d", a->retry_after_s);
        MHD_add_response_header(m, MHD_HTTP_HEADER_RETRY_AFTER, number);
    }
    if (a->close || r->server->shared.draining)
        MHD_add_response_header(m, MHD_HTTP_HEADER_CONNECTION, "close");
    return m;
}

static enum MHD_Result send_answer(struct request *r)
{
    struct MHD_Response *m = make_response(r);
    conn_phase(r->conn, CONN_ANSWER); /* a peer that does not read is slow too */
    if (!m)
        return MHD_NO;
    enum MHD_Result rc = MHD_queue_response(r->connection, (unsigned)r->exchange.answer.status, m);
    MHD_destroy_response(m);
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

/* ---- requests ---- */

static void wake(struct exchange *x)
{
    struct request *r = x->owner;
    if (!r->suspended)
        return; /* it ended before the connection was suspended */
    r->suspended = false;
    *r->link = r->next;
    if (r->next)
        r->next->link = r->link;
    MHD_resume_connection(r->connection);
    r->server->resumed = true;
}

static void suspend(struct request *r)
{
    struct server *s = r->server;
    r->suspended = true;
    r->link = &s->suspended;
    r->next = s->suspended;
    if (r->next)
        r->next->link = &r->next;
    s->suspended = r;
    conn_phase(r->conn, CONN_OURS);
    MHD_suspend_connection(r->connection);
}

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

static enum exchange_step begin(struct request *r, const char *method, const char *version)
{
    struct guard_header headers[LIMIT_HEADER_LINES];
    struct guard_request g = {
        .method = method, .version = version, .raw_target = span_of(r->target), .headers = headers
    };
    const union MHD_ConnectionInfo *size =
        MHD_get_connection_info(r->connection, MHD_CONNECTION_INFO_REQUEST_HEADER_SIZE);
    r->begun = true;
    MHD_get_connection_values_n(r->connection, MHD_HEADER_KIND, add_header, &g);
    g.hidden = !shown_whole(&g, size ? size->header_size : 0);
    conn_phase(r->conn, CONN_BODY);
    return exchange_begin(&r->exchange, &g);
}

static enum MHD_Result handle(void *cls, struct MHD_Connection *c, const char *url, const char *method,
                              const char *version, const char *data, size_t *data_n, void **context)
{
    struct request *r = *context;
    enum exchange_step step;
    (void)cls;
    (void)url;
    if (!r || conn_refused(r->conn))
        return MHD_NO;
    r->connection = c;
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
    if (woken)
        conn_phase(r->conn, CONN_BODY); /* authenticated: now the body is awaited */
    return MHD_YES;
}

static void on_completed(void *cls, struct MHD_Connection *c, void **context, enum MHD_RequestTerminationCode why)
{
    struct request *r = *context;
    (void)cls;
    (void)c;
    if (!r)
        return;
    exchange_end(&r->exchange, why == MHD_REQUEST_TERMINATED_COMPLETED_OK || r->cut);
    conn_phase(r->conn, CONN_IDLE);
    free(r->target);
    free(r);
    *context = NULL;
}

/* The first that is heard of a request; what is returned becomes its context. */
static void *on_target(void *cls, const char *target, struct MHD_Connection *c)
{
    struct server *s = cls;
    struct request *r = calloc(1, sizeof *r);
    if (!r)
        return NULL;
    r->server = s;
    r->conn = conn_of(c);
    conn_phase(r->conn, CONN_HEADERS);
    r->target = strdup(target);
    r->exchange.shared = &s->shared;
    r->exchange.wake = wake;
    r->exchange.owner = r;
    return r;
}

/* ---- listening ---- */

static bool listen_on(struct server *s, int *port, struct start_fault *fault)
{
    const struct config *c = s->parts.config;
    struct sockaddr_storage bound = { 0 };
    socklen_t n = sizeof bound;
    char service[16];
    const int on = 1;
    s->listen_fd = socket(c->address.ss_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (s->listen_fd >= 0)
        setsockopt(s->listen_fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    if (s->listen_fd < 0 || bind(s->listen_fd, (const struct sockaddr *)&c->address, c->address_n) != 0 ||
        getsockname(s->listen_fd, (struct sockaddr *)&bound, &n) != 0)
        return start_fault_set(fault, EX_OSERR, "cannot listen on %s port %d: %s", c->bind, c->port, strerror(errno));
    getnameinfo((struct sockaddr *)&bound, n, NULL, 0, service, sizeof service, NI_NUMERICSERV);
    *port = (int)strtol(service, NULL, 10);
    return true;
}

static bool load_secrets(struct server *s, struct start_fault *fault)
{
    const char *path = s->parts.config->data_action_secrets_file;
    struct buf faults, text;
    if (!path)
        return true;
    buf_init(&faults, 4096);
    buf_init(&text, 1024 * 1024);
    if (buf_file(&text, path))
        s->shared.secrets = data_action_secrets_new((struct span){ text.p, text.n }, &faults);
    if (!s->shared.secrets)
        start_fault_set(fault, EX_CONFIG, "DATA_ACTION_SECRETS_FILE: %s", faults.p ? faults.p : "cannot be read");
    buf_wipe(&text);
    buf_free(&text);
    buf_free(&faults);
    return s->shared.secrets != NULL;
}

/* The document and the page around it. */
static bool make_docs(struct server *s, struct start_fault *fault)
{
    const struct config *c = s->parts.config;
    if (!c->docs)
        return true;
    if (!openapi_write(s->parts.declarations, ACTIONHOST_VERSION, &s->shared.openapi))
        return start_fault_set(fault, EX_OSERR, "the OpenAPI document cannot be made");
    s->shared.docs = docs_new(c->docs_sign_url);
    return s->shared.docs || start_fault_set(fault, EX_OSERR, "out of memory");
}

struct server *server_new(const struct server_parts *parts, int *port, struct start_fault *fault)
{
    struct server *s = calloc(1, sizeof *s);
    if (!s)
        abort();
    s->parts = *parts;
    s->listen_fd = -1;
    struct metrics *metrics = metrics_new(parts->declarations);
    s->conns = conns_new(parts->config, metrics);
    if (!s->conns)
        abort();
    s->shared = (struct exchange_shared){ .config = parts->config,
                                          .declarations = parts->declarations,
                                          .addon = parts->addon,
                                          .verify = parts->verify,
                                          .pool = parts->pool,
                                          .metrics = metrics,
                                          .replay = replay_new((size_t)parts->config->replay_max) };
    buf_init(&s->shared.openapi, LIMIT_DOCUMENT);
    if (!s->shared.replay)
        start_fault_set(fault, EX_OSERR, "no memory for REPLAY_MAX entries");
    else if (make_docs(s, fault) && load_secrets(s, fault) && listen_on(s, port, fault))
        return s;
    server_free(s);
    return NULL;
}

static void on_daemon(struct watch *w, unsigned events)
{
    (void)w;
    (void)events; /* server_work runs in every turn */
}

bool server_accept(struct server *s, struct start_fault *fault)
{
    if (listen(s->listen_fd, 1024) != 0)
        return start_fault_set(fault, EX_OSERR, "cannot listen: %s", strerror(errno));
    s->daemon = MHD_start_daemon(
        MHD_USE_EPOLL | MHD_ALLOW_SUSPEND_RESUME, 0, NULL, NULL, handle, s, MHD_OPTION_LISTEN_SOCKET, s->listen_fd,
        MHD_OPTION_URI_LOG_CALLBACK, on_target, s, MHD_OPTION_NOTIFY_COMPLETED, on_completed, s,
        MHD_OPTION_NOTIFY_CONNECTION, conns_notify, s->conns, MHD_OPTION_CONNECTION_LIMIT, conns_room(s->conns),
        MHD_OPTION_CONNECTION_MEMORY_LIMIT, (size_t)LIMIT_MHD_MEMORY, MHD_OPTION_STRICT_FOR_CLIENT, 1, MHD_OPTION_END);
    const union MHD_DaemonInfo *info = s->daemon ? MHD_get_daemon_info(s->daemon, MHD_DAEMON_INFO_EPOLL_FD) : NULL;
    if (!info)
        return start_fault_set(fault, EX_OSERR, "the HTTP library does not start");
    s->watch = (struct watch){ .fd = info->epoll_fd, .fn = on_daemon, .owner = s };
    return loop_add(s->parts.loop, &s->watch, EPOLLIN);
}

/* What the kernel has already accepted for us is served too; closing the socket would reset it. */
static void take_accepted(struct server *s)
{
    for (;;) {
        struct sockaddr_storage peer;
        socklen_t n = sizeof peer;
        int c = accept4(s->listen_fd, (struct sockaddr *)&peer, &n, SOCK_CLOEXEC | SOCK_NONBLOCK);
        if (c < 0)
            return;
        if (MHD_add_connection(s->daemon, c, (struct sockaddr *)&peer, n) != MHD_YES)
            log_event(LOG_WARN, "drain-connection-lost", NULL);
    }
}

/* From here on the kernel drops what would begin a connection (SYN without ACK). One that the kernel is about to accept
 * is accepted still, so none is reset when the socket is closed a moment later. Where this is refused, the moment is
 * short. */
static void refuse_new(int fd)
{
    struct sock_filter code[] = { BPF_STMT(BPF_LD | BPF_B | BPF_ABS, 13), /* flags of the TCP header */
                                  BPF_STMT(BPF_ALU | BPF_AND | BPF_K, 0x12),
                                  BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, 0x02, 0, 1), BPF_STMT(BPF_RET | BPF_K, 0),
                                  BPF_STMT(BPF_RET | BPF_K, 0xffffffff) };
    const struct sock_fprog program = { sizeof code / sizeof *code, code };
    (void)setsockopt(fd, SOL_SOCKET, SO_ATTACH_FILTER, &program, sizeof program);
}

void server_drain(struct server *s)
{
    s->shared.draining = true;
    if (!s->daemon || s->listen_fd < 0 || MHD_quiesce_daemon(s->daemon) == MHD_INVALID_SOCKET)
        return;
    refuse_new(s->listen_fd);
    s->close_ms = clock_ms() + CLOSE_MS;
}

static void finish_listening(struct server *s, int64_t now_ms)
{
    if (!s->close_ms || s->listen_fd < 0)
        return;
    take_accepted(s);
    if (now_ms < s->close_ms)
        return;
    close(s->listen_fd);
    s->listen_fd = -1;
}

void server_work(struct server *s, int64_t now_ms)
{
    if (!s->daemon)
        return;
    finish_listening(s, now_ms);
    s->resumed = false;
    MHD_run(s->daemon);
    conns_work(s->conns, now_ms);
}

int server_timeout_ms(const struct server *s, int64_t now_ms)
{
    MHD_UNSIGNED_LONG_LONG ms;
    int timeout = conns_timeout_ms(s->conns, now_ms);
    if (!s->daemon)
        return -1;
    if (s->resumed)
        return 0;
    if (MHD_get_timeout(s->daemon, &ms) == MHD_YES && (timeout < 0 || ms < (MHD_UNSIGNED_LONG_LONG)timeout))
        timeout = (int)ms;
    return timeout;
}

int server_in_flight(const struct server *s)
{
    return s->shared.in_flight;
}

void server_free(struct server *s)
{
    if (!s)
        return;
    if (s->daemon) {
        /* libmicrohttpd ends the program when it is stopped with suspended connections. */
        while (s->suspended) {
            struct request *r = s->suspended;
            r->exchange.answered = true;
            r->exchange.waiting = false;
            r->exchange.answer = (struct exchange_answer){ .status = 503, .close = true };
            wake(&r->exchange);
        }
        MHD_run(s->daemon);
        loop_remove(s->parts.loop, &s->watch);
        MHD_stop_daemon(s->daemon);
    } else if (s->listen_fd >= 0) {
        close(s->listen_fd);
    }
    replay_free(s->shared.replay);
    metrics_free(s->shared.metrics);
    data_action_secrets_free(s->shared.secrets);
    buf_free(&s->shared.openapi);
    docs_free(s->shared.docs);
    conns_free(s->conns);
    free(s);
}
