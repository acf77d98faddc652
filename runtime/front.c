/* front.c - the event loop: workers, add-on, connections, master, signals. */
#include "runtime/front.h"

#include <stdlib.h>
#include <sys/epoll.h>
#include <sysexits.h>
#include <unistd.h>

#include "runtime/auth/verify.h"
#include "runtime/base/system.h"
#include "runtime/process/control.h"
#include "runtime/process/signals.h"
#include "runtime/process/worker_lines.h"
#include "runtime/web/server.h"

enum {
    SETTLED_MS = 50,
    LAST_MS = 500, /* beyond LIMIT_DRAIN_MS: a call that began just before the drain is still told of its deadline */
    LOG_AGAIN_MS = 100 /* between two looks whether stderr takes again what it did not take */
};

struct front {
    struct loop loop;
    struct watch control, signals, logs;
    struct worker_lines lines;
    const struct config *config;
    struct fetcher *fetcher;
    struct addon *addon;
    struct authorizations *authorizations;
    struct verify *verify;
    struct job_link *jobs; /* NULL = no jobs are configured */
    struct pool *pool;
    struct server *server;
    int port, told_wanted;
    bool accepting, draining, failed;
    int64_t drain_until_ms, quiet_since_ms;
};

static void tell_master(struct front *f, enum control_kind kind, int value)
{
    const struct control m = { kind, value };
    if (!control_send(f->control.fd, &m))
        log_event(LOG_WARN, "control-full", NULL);
}

static void begin_drain(struct front *f)
{
    struct log_line line;
    if (f->draining)
        return;
    f->draining = true;
    f->drain_until_ms = clock_ms() + LIMIT_DRAIN_MS + LAST_MS;
    server_drain(f->server);
    log_begin(&line, LOG_INFO, "draining");
    log_int(&line, "in_flight", server_in_flight(f->server));
    log_end(&line);
}

/* A worker that cannot be used is the master's to end: it may be hanging in its start. */
static void add_worker(struct front *f, int pid, const int fds[2])
{
    if (fds[0] < 0)
        log_event(LOG_ERROR, "worker-not-added", "why", "this process may open no more files", NULL);
    if (fds[0] < 0 || !pool_add_worker(f->pool, pid, fds[0], fds[1]))
        tell_master(f, CONTROL_LOST, pid);
}

/* A new jobs process. One whose socket did not arrive is of no use: the master ends it and starts another. */
static void take_jobs(struct front *f, int pid, int link)
{
    if (link >= 0 && f->jobs)
        job_link_take(f->jobs, link);
    else
        tell_master(f, CONTROL_LOST, pid);
}

/* A message from the master, with descriptors when it is a worker or a jobs process. */
static void on_control(struct watch *w, unsigned events)
{
    struct front *f = w->owner;
    struct control m;
    int fds[2];
    (void)events;
    enum control_received received = control_receive(f->control.fd, &m, fds);
    if (received == CONTROL_END) /* the master is gone; so are the respawns */
        f->failed = true;
    else if (received == CONTROL_MESSAGE && m.kind == CONTROL_WORKER)
        add_worker(f, m.value, fds);
    else if (received == CONTROL_MESSAGE && m.kind == CONTROL_JOBS)
        take_jobs(f, m.value, fds[0]);
    else if (received == CONTROL_MESSAGE && m.kind == CONTROL_DRAIN)
        begin_drain(f);
}

static void on_signal(struct watch *w, unsigned events)
{
    struct front *f = w->owner;
    (void)events;
    if (signals_read(f->signals.fd))
        begin_drain(f);
}

/*
 * Workers may write no file, and what they wait for must not be a reader of logs: their lines come through a pipe of
 * ours, which is read in any case.
 */
static void on_logs(struct watch *w, unsigned events)
{
    struct front *f = w->owner;
    (void)events;
    if (worker_lines_pass(&f->lines, w->fd) == LINES_END)
        loop_remove(&f->loop, w);
}

/* A worker said that it is ready. */
static void on_worker_ready(void *ctx, int pid)
{
    tell_master(ctx, CONTROL_READY, pid);
}

static void on_worker_worked(void *ctx, int pid)
{
    tell_master(ctx, CONTROL_WORKED, pid);
}

static bool watch_signals(struct front *f)
{
    f->signals = (struct watch){ .fd = signals_open(), .fn = on_signal, .owner = f };
    return f->signals.fd >= 0 && loop_add(&f->loop, &f->signals, EPOLLIN);
}

static bool start(struct front *f, int control, int logs, struct config *c, struct declarations *d,
                  struct start_fault *fault)
{
    *f = (struct front){ .config = c, .told_wanted = c->workers_min };
    start_fault_set(fault, EX_OSERR, "the kernel refuses an event loop");
    if (!loop_init(&f->loop) || !watch_signals(f) || !http_start())
        return false;
    f->control = (struct watch){ .fd = control, .fn = on_control, .owner = f };
    f->logs = (struct watch){ .fd = logs, .fn = on_logs, .owner = f };
    if (logs >= 0 && !loop_add(&f->loop, &f->logs, EPOLLIN))
        return false;
    f->fetcher = fetcher_new(&f->loop, c->connections_max, c->plain_http);
    if (!f->fetcher || !loop_add(&f->loop, &f->control, EPOLLIN))
        return false;
    f->addon = addon_new(f->fetcher, c);
    f->authorizations = authorizations_new(f->addon);
    if (c->auth != AUTH_ADDON && !(f->verify = verify_new(c, f->fetcher, fault)))
        return false;
    f->pool = pool_new(&f->loop, c, d, f->authorizations);
    pool_on_worker(f->pool, on_worker_ready, on_worker_worked, f);
    if (c->jobs && !(f->jobs = job_link_new(&f->loop)))
        return false;
    pool_set_job_link(f->pool, f->jobs);
    const struct server_parts parts = { &f->loop, c, d, f->addon, f->verify, f->pool, f->jobs };
    f->server = server_new(&parts, &f->port, fault);
    if (f->server && c->addon_url.n)
        addon_warm(f->addon);
    return f->server != NULL;
}

static void stop(struct front *f)
{
    job_link_free(f->jobs); /* first: what it answers goes to requests and workers that are still there */
    server_free(f->server);
    pool_free(f->pool);
    fetcher_free(f->fetcher);
    authorizations_free(f->authorizations);
    addon_free(f->addon);
    verify_free(f->verify);
    loop_fini(&f->loop);
    curl_global_cleanup();
}

/* The first worker is there: open the door. */
static bool accept_when_ready(struct front *f, struct start_fault *fault)
{
    struct log_line line;
    if (f->accepting || f->draining || pool_ready(f->pool) == 0)
        return true;
    if (!server_accept(f->server, fault))
        return false;
    f->accepting = true;
    log_begin(&line, LOG_INFO, "ready");
    log_int(&line, "port", f->port);
    log_end(&line);
    return true;
}

static int smaller(int a, int b)
{
    return a < 0 ? b : b < 0 ? a : a < b ? a : b;
}

static void turn(struct front *f)
{
    int64_t now = clock_ms();
    int timeout = smaller(smaller(server_timeout_ms(f->server, now), pool_timeout_ms(f->pool, now)),
                          fetcher_timeout_ms(f->fetcher));
    timeout = smaller(timeout, addon_timeout_ms(f->addon, now));
    if (f->jobs)
        timeout = smaller(timeout, job_link_timeout_ms(f->jobs, now));
    if (f->verify)
        timeout = smaller(timeout, verify_timeout_ms(f->verify, now));
    if (log_behind())
        timeout = smaller(timeout, LOG_AGAIN_MS);
    loop_turn(&f->loop, f->draining ? smaller(timeout, SETTLED_MS / 5) : timeout);
    log_work();
    now = clock_ms();
    fetcher_work(f->fetcher);
    pool_work(f->pool, now);
    addon_work(f->addon, now);
    if (f->jobs)
        job_link_work(f->jobs, now);
    if (f->verify)
        verify_work(f->verify, now);
    server_work(f->server, now);
    fetcher_work(f->fetcher); /* what the server has just asked for is sent in the same turn */
    if (pool_wanted(f->pool) != f->told_wanted) {
        f->told_wanted = pool_wanted(f->pool);
        tell_master(f, CONTROL_WANTED, f->told_wanted);
    }
}

/* Nothing was in flight for a while, or patience has ended. */
static bool drained(struct front *f)
{
    int64_t now = clock_ms();
    if (!f->draining)
        return false;
    if (server_in_flight(f->server) > 0)
        f->quiet_since_ms = 0;
    else if (!f->quiet_since_ms)
        f->quiet_since_ms = now;
    return now >= f->drain_until_ms || (f->quiet_since_ms && now - f->quiet_since_ms >= SETTLED_MS);
}

int front_run(int control, int logs, struct config *c, struct declarations *d)
{
    struct front f;
    struct start_fault fault = { EX_OK, "" };
    struct log_line line;
    log_open();
    if (!start(&f, control, logs, c, d, &fault)) {
        log_event(LOG_ERROR, "start-failed", "why", fault.why, NULL);
        stop(&f);
        return fault.exit_code;
    }
    while (!f.failed && !drained(&f)) {
        turn(&f);
        if (!accept_when_ready(&f, &fault)) {
            log_event(LOG_ERROR, "start-failed", "why", fault.why, NULL);
            f.failed = true;
        }
    }
    int left = server_in_flight(f.server);
    log_begin(&line, left ? LOG_WARN : LOG_INFO, "stopped");
    log_int(&line, "unanswered", left);
    log_end(&line);
    worker_lines_drain(&f.lines, logs);
    stop(&f);
    return f.failed ? EX_OSERR : left ? EXIT_FAILURE : EX_OK;
}
