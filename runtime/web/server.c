/* server.c - libmicrohttpd on the event loop: it is started, listens, gets its turns, drains and stops. */
#include "runtime/web/server.h"
#include "runtime/pages/visit.h"

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
#include "runtime/web/requests.h"

struct server {
    struct server_parts parts;
    struct exchange_shared shared;
    struct MHD_Daemon *daemon;
    struct watch watch;
    int listen_fd;
    struct conns *conns;
    struct requests *requests;
    int64_t close_ms; /* of the listening socket while draining; 0 = not draining */
};

enum { CLOSE_MS = 30 /* longer than a handshake takes, shorter than what front.c takes for quiet */ };

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
    const struct docs_settings settings = { .declarations = s->parts.declarations,
                                            .sign_url = c->docs_sign_url,
                                            .version = ACTIONHOST_VERSION,
                                            .request_timeout_ms = c->request_timeout_ms,
                                            .jobs = s->parts.jobs != NULL,
                                            .pages = c->pages_token != NULL };
    s->shared.docs = docs_new(&settings);
    return s->shared.docs || start_fault_set(fault, EX_OSERR, "out of memory");
}

/* Whether the action for it is here, and its setting is on. */
static bool makes_samples(const struct declarations *d)
{
    const struct declaration *create = declaration_find(d, span_of("createAccounts"));
    const char *on = create ? declaration_setting(create, "SAMPLE_DATA") : NULL;
    return on && strcmp(on, "on") == 0;
}

/* The pages of people. */
static bool make_visits(struct server *s, struct start_fault *fault)
{
    const struct config *c = s->parts.config;
    const struct visits_settings settings = { .token = c->pages_token,
                                              .behind_router = c->behind_router,
                                              .jobs = s->parts.jobs != NULL,
                                              .docs = c->docs,
                                              .samples = makes_samples(s->parts.declarations),
                                              .keep_days = c->jobs_keep_days };
    if (!c->pages_token)
        return true;
    s->shared.visits = visits_new(&settings);
    return s->shared.visits || start_fault_set(fault, EX_OSERR, "out of memory");
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
                                          .jobs = parts->jobs,
                                          .metrics = metrics,
                                          .conns = s->conns,
                                          .replay = replay_new((size_t)parts->config->replay_max) };
    buf_init(&s->shared.openapi, LIMIT_DOCUMENT);
    s->requests = requests_new(&s->shared, parts->loop, s->conns);
    if (!s->requests)
        abort();
    if (!s->shared.replay)
        start_fault_set(fault, EX_OSERR, "no memory for REPLAY_MAX entries");
    else if (make_docs(s, fault) && make_visits(s, fault) && load_secrets(s, fault) && listen_on(s, port, fault))
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
    struct requests *rs = s->requests;
    /* The library is lenient about a target with blanks and a missing Host: the guard is not, and its answer is ours.
     */
    s->daemon = MHD_start_daemon(MHD_USE_EPOLL | MHD_ALLOW_SUSPEND_RESUME | MHD_USE_ERROR_LOG, 0, NULL, NULL,
                                 requests_handle, rs, MHD_OPTION_EXTERNAL_LOGGER, requests_complaint, rs,
                                 MHD_OPTION_LISTEN_SOCKET, s->listen_fd, MHD_OPTION_URI_LOG_CALLBACK, requests_target,
                                 rs, MHD_OPTION_UNESCAPE_CALLBACK, requests_unescape, rs, MHD_OPTION_NOTIFY_COMPLETED,
                                 requests_completed, rs, MHD_OPTION_NOTIFY_CONNECTION, requests_connection, rs,
                                 MHD_OPTION_CONNECTION_LIMIT, conns_room(s->conns), MHD_OPTION_CONNECTION_MEMORY_LIMIT,
                                 (size_t)LIMIT_MHD_MEMORY, MHD_OPTION_STRICT_FOR_CLIENT, 0, MHD_OPTION_END);
    requests_daemon(rs, s->daemon);
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
    requests_turn(s->requests);
    MHD_run(s->daemon);
    requests_work(s->requests, now_ms);
    conns_work(s->conns, now_ms);
}

int server_timeout_ms(const struct server *s, int64_t now_ms)
{
    MHD_UNSIGNED_LONG_LONG ms;
    int timeout = conns_timeout_ms(s->conns, now_ms), ours = requests_timeout_ms(s->requests, now_ms);
    if (!s->daemon)
        return -1;
    if (ours >= 0 && (timeout < 0 || ours < timeout))
        timeout = ours;
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
        requests_end(s->requests); /* libmicrohttpd ends the program when it is stopped with suspended connections */
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
    visits_free(s->shared.visits);
    requests_free(s->requests);
    conns_free(s->conns);
    free(s);
}
