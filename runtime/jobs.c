/* jobs.c - the loop of the jobs process: queue, step workers, add-on, the front's questions, master, signals. */
#include "runtime/jobs.h"

#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sysexits.h>
#include <unistd.h>

#include "runtime/base/start_fault.h"
#include "runtime/base/system.h"
#include "runtime/process/control.h"
#include "runtime/process/signals.h"
#include "runtime/process/worker_lines.h"
#include "runtime/runner/claims.h"
#include "runtime/runner/desk.h"
#include "runtime/runner/events.h"
#include "runtime/runner/front_link.h"

enum {
    LOG_AGAIN_MS = 100, /* between two looks whether stderr takes again what it did not take */
    LAST_MS = 500       /* beyond LIMIT_DRAIN_MS: what was handed back is still written down */
};

struct jobs {
    struct loop loop;
    struct watch control, signals, logs, heard;
    struct worker_lines lines;
    struct config config; /* a copy whose sizes of the pool are those for steps */
    const struct declarations *declarations;
    struct seal_keys keys;
    struct queue *queue;
    struct fetcher *fetcher;
    struct addon *addon;
    struct authorizations *authorizations;
    struct connections *connections;
    struct pool *pool;
    struct parallel *parallel;
    struct stats *stats;
    struct runs *runs;
    struct claims *claims;
    struct desk *desk;
    struct front_link *link; /* NULL = there is no front */
    struct events *events;   /* NULL = there is no listener */
    struct front_link *listener;
    char owner[QUEUE_OWNER_SIZE];
    int workers, told_wanted;
    bool serve, ready, linked, draining, handed_back, failed, unusable;
    enum queue_result state; /* as the log was told last; QUEUE_OK at first */
    int64_t began_ms, hand_back_ms;
};

/* ---- master and workers ---- */

static void tell_master(struct jobs *j, enum control_kind kind, int value)
{
    const struct control m = { kind, value };
    if (!control_send(j->control.fd, &m))
        log_event(LOG_WARN, "control-full", NULL);
}

static void begin_drain(struct jobs *j)
{
    struct log_line line;
    if (j->draining)
        return;
    j->draining = true;
    j->hand_back_ms = clock_ms() + LIMIT_DRAIN_MS;
    claims_drain(j->claims);
    runs_stop_all(j->runs);
    desk_drain(j->desk);
    log_begin(&line, LOG_INFO, "draining");
    log_int(&line, "steps", runs_held(j->runs));
    log_end(&line);
}

/* A worker that cannot be used is the master's to end: it may be hanging in its start. */
static void add_worker(struct jobs *j, int pid, const int fds[2])
{
    if (fds[0] < 0)
        log_event(LOG_ERROR, "worker-not-added", "why", "this process may open no more files", NULL);
    if (fds[0] < 0 || !pool_add_worker(j->pool, pid, fds[0], fds[1]))
        tell_master(j, CONTROL_LOST, pid);
}

static void on_control(struct watch *w, unsigned events)
{
    struct jobs *j = w->owner;
    struct control m;
    int fds[2];
    (void)events;
    enum control_received received = control_receive(j->control.fd, &m, fds);
    if (received == CONTROL_END) /* the master is gone; so are the respawns */
        j->failed = true;
    else if (received == CONTROL_MESSAGE && m.kind == CONTROL_WORKER)
        add_worker(j, m.value, fds);
    else if (received == CONTROL_MESSAGE && m.kind == CONTROL_DRAIN)
        begin_drain(j);
}

static void on_signal(struct watch *w, unsigned events)
{
    struct jobs *j = w->owner;
    (void)events;
    if (signals_read(j->signals.fd))
        begin_drain(j);
}

static void on_logs(struct watch *w, unsigned events)
{
    struct jobs *j = w->owner;
    (void)events;
    if (worker_lines_pass(&j->lines, w->fd) == LINES_END)
        loop_remove(&j->loop, w);
}

static void on_worker_ready(void *ctx, int pid)
{
    tell_master(ctx, CONTROL_READY, pid);
}

static void on_worker_worked(void *ctx, int pid)
{
    tell_master(ctx, CONTROL_WORKED, pid);
}

/* ---- what the rooms ask of each other ---- */

static void on_question(void *ctx, uint64_t call, const struct message_job_question *q)
{
    struct jobs *j = ctx;
    desk_ask(j->desk, call, q, clock_ms());
}

static void on_answer(void *ctx, uint64_t call, const struct message_job_answer *m)
{
    struct jobs *j = ctx;
    if (j->link)
        front_link_answer(j->link, call, m);
}

static void on_canceled(void *ctx, const char *job)
{
    struct jobs *j = ctx;
    runs_stop_job(j->runs, job);
}

static void on_measure(void *ctx, struct stats_now *now)
{
    struct jobs *j = ctx;
    now->workers = pool_ready(j->pool);
    now->running = runs_held(j->runs);
}

static void on_job_ended(void *ctx, const char *job)
{
    struct jobs *j = ctx;
    desk_job_ended(j->desk, job);
}

static void on_heard(struct watch *w, unsigned events)
{
    (void)w, (void)events; /* it wakes the loop; each turn asks the queue */
}

/* ---- the process ---- */

static bool watch(struct jobs *j, struct watch *w, int fd, watch_fn *fn)
{
    *w = (struct watch){ .fd = fd, .fn = fn, .owner = j };
    return fd < 0 || loop_add(&j->loop, w, EPOLLIN);
}

/* Their sizes are those of step workers here, and the master is told of others. */
static void size_pool(struct jobs *j, const struct jobs_start *s)
{
    j->workers = s->listen || (s->serve && !s->config->jobs_run) ? 0 : s->config->job_workers_max;
    j->config = *s->config;
    j->config.workers_min = j->workers ? 1 : 0;
    j->config.workers_max = j->workers;
    j->config.org_calls_max = j->workers + 1; /* the queue has seen to that */
}

static void start_rooms(struct jobs *j)
{
    const struct config *c = &j->config;
    const struct queue_settings queue = { c->database_url, c->jobs_db, c->jobs_poll_ms, true };
    j->addon = addon_new(j->fetcher, c);
    j->authorizations = authorizations_new(j->addon);
    j->connections = connections_new(j->authorizations, &c->connections);
    j->pool = pool_new(&j->loop, c, j->declarations, j->authorizations);
    j->queue = queue_new(&queue);
    j->parallel = parallel_new();
    j->stats = stats_new();
    const struct runs_parts runs = { j->queue, j->pool,     j->authorizations, j->declarations,
                                     &j->keys, j->parallel, j->stats,          j->workers };
    j->runs = runs_new(&runs, on_job_ended, j);
    const struct claims_parts claims = { j->queue, j->pool,    j->runs,         j->parallel,      j->declarations,
                                         j->owner, j->workers, c->jobs_poll_ms, c->jobs_keep_days };
    j->claims = claims_new(&claims);
    const struct desk_parts desk = { .queue = j->queue,
                                     .declarations = j->declarations,
                                     .keys = &j->keys,
                                     .connections = j->connections,
                                     .org_hosts = &c->org_hosts,
                                     .stats = j->stats,
                                     .keep_days = c->jobs_keep_days,
                                     .answer = on_answer,
                                     .canceled = on_canceled,
                                     .measure = on_measure,
                                     .ctx = j };
    j->desk = desk_new(&desk);
    pool_on_worker(j->pool, on_worker_ready, on_worker_worked, j);
}

static void start_events(struct jobs *j, const struct jobs_start *s)
{
    const struct events_parts events = { j->queue, j->declarations, j->authorizations, j->owner,
                                         j->config.jobs_keep_days };
    if (!s->listen)
        return;
    j->events = events_new(&events);
    j->listener = frame_link_new(&j->loop, s->link, events_hear, j->events);
    events_link(j->events, j->listener);
}

static bool start(struct jobs *j, const struct jobs_start *s, struct start_fault *fault)
{
    const struct config *c = s->config;
    *j = (struct jobs){ .declarations = s->declarations, .serve = s->serve, .linked = s->link >= 0 && !s->listen };
    j->control.fd = j->signals.fd = j->logs.fd = -1;
    j->began_ms = clock_ms();
    size_pool(j, s);
    start_fault_set(fault, EX_OSERR, "the kernel refuses an event loop");
    if (!loop_init(&j->loop) || !watch(j, &j->signals, signals_open(), on_signal) || !http_start() ||
        !watch(j, &j->control, s->control, on_control) || !watch(j, &j->logs, s->logs, on_logs) || j->signals.fd < 0)
        return false;
    start_fault_set(fault, EX_OSERR, "/proc does not tell when this host was started");
    if (!queue_owner(getppid(), j->owner))
        return false;
    start_fault_set(fault, EX_SOFTWARE, "the cryptographic library derives no key");
    if (!seal_keys_derive(&j->keys, c->jobs_key, c->jobs_key_former))
        return false;
    start_fault_set(fault, EX_OSERR, "the HTTP client does not start");
    if (!(j->fetcher = fetcher_new(&j->loop, c->connections_max, c->plain_http)))
        return false;
    start_rooms(j);
    start_fault_set(fault, EX_OSERR, "the kernel refuses to watch the queue");
    if (!watch(j, &j->heard, queue_fd(j->queue), on_heard))
        return false;
    if (j->linked)
        j->link = front_link_new(&j->loop, s->link, on_question, j);
    start_events(j, s);
    return true;
}

static void stop(struct jobs *j)
{
    front_link_free(j->link);
    front_link_free(j->listener);
    desk_free(j->desk);
    pool_free(j->pool);
    fetcher_free(j->fetcher);
    events_free(j->events);
    runs_free(j->runs);
    claims_free(j->claims);
    stats_free(j->stats);
    parallel_free(j->parallel);
    connections_free(j->connections);
    authorizations_free(j->authorizations);
    addon_free(j->addon);
    if (j->queue)
        queue_free(j->queue);
    seal_keys_wipe(&j->keys);
    loop_fini(&j->loop);
    curl_global_cleanup();
}

/* Whether the first attempt to reach the database has ended somehow. */
static bool is_known(const struct jobs *j)
{
    return queue_state(j->queue) == QUEUE_OK || *queue_why(j->queue) || clock_ms() - j->began_ms >= QUEUE_WAIT_MS;
}

/* Tells the log when the database goes and comes. */
static void note_state(struct jobs *j)
{
    enum queue_result now = queue_state(j->queue);
    if (now == j->state)
        return;
    j->state = now;
    if (now == QUEUE_OK)
        log_event(LOG_INFO, "database-back", NULL);
    else
        log_event(now == QUEUE_AWAY ? LOG_WARN : LOG_ERROR, "database-away", "why", queue_why(j->queue), NULL);
}

/* Says once that it claims, or waits for its database. */
static void note_ready(struct jobs *j)
{
    bool away = queue_state(j->queue) != QUEUE_OK;
    if (j->ready || !is_known(j) || (j->workers > 0 && !away && pool_ready(j->pool) == 0))
        return;
    j->ready = true;
    struct log_line line;
    log_begin(&line, LOG_INFO, j->serve ? "jobs-ready" : "ready");
    log_int(&line, "pid", getpid());
    log_text(&line, "database", away ? "away" : NULL);
    log_end(&line);
}

static void work_queue(struct jobs *j)
{
    (void)queue_work(j->queue);
    if (queue_heard(j->queue)) {
        claims_heard(j->claims);
        desk_heard(j->desk);
    }
    if (!j->ready && queue_state(j->queue) == QUEUE_NEWER)
        j->unusable = true;
    if (is_known(j))
        note_state(j);
    int64_t now = clock_ms();
    claims_work(j->claims, now);
    desk_work(j->desk, now);
    if (j->events)
        events_work(j->events, now);
    note_ready(j);
}

static int smaller(int a, int b)
{
    return a < 0 ? b : b < 0 ? a : a < b ? a : b;
}

static int timeout_ms(struct jobs *j)
{
    int64_t now = clock_ms();
    int t = smaller(pool_timeout_ms(j->pool, now), fetcher_timeout_ms(j->fetcher));
    t = smaller(t, addon_timeout_ms(j->addon, now));
    t = smaller(t, queue_timeout_ms(j->queue, now));
    t = smaller(t, claims_timeout_ms(j->claims, now));
    t = smaller(t, desk_timeout_ms(j->desk, now));
    t = smaller(t, j->events ? events_timeout_ms(j->events, now) : -1);
    if (j->draining && !j->handed_back)
        t = smaller(t, ms_until(j->hand_back_ms, now));
    if (!j->ready || j->draining)
        t = smaller(t, LOG_AGAIN_MS);
    return log_behind() ? smaller(t, LOG_AGAIN_MS) : t;
}

static void turn(struct jobs *j)
{
    loop_turn(&j->loop, timeout_ms(j));
    log_work();
    int64_t now = clock_ms();
    fetcher_work(j->fetcher);
    pool_work(j->pool, now);
    addon_work(j->addon, now);
    work_queue(j);
    fetcher_work(j->fetcher); /* what a step has just asked for is sent in the same turn */
    if (pool_wanted(j->pool) != j->told_wanted) {
        j->told_wanted = pool_wanted(j->pool);
        tell_master(j, CONTROL_WANTED, j->told_wanted);
    }
    if (j->listener && !front_link_is_open(j->listener) && !j->draining) /* the listener's successor brings another */
        begin_drain(j);
    if (j->linked && !front_link_is_open(j->link) && !j->draining) /* nobody can be answered any more */
        begin_drain(j);
    if (j->draining && !j->handed_back && now >= j->hand_back_ms) {
        j->handed_back = true;
        pool_abandon(j->pool);
    }
}

/* Nothing is held and nobody asks, or patience has ended. */
static bool drained(const struct jobs *j)
{
    if (!j->draining)
        return false;
    bool over = clock_ms() >= j->hand_back_ms + LAST_MS;
    return over || (runs_held(j->runs) == 0 && !front_link_is_open(j->link) && !front_link_is_open(j->listener));
}

int jobs_run(const struct jobs_start *s)
{
    struct jobs j;
    struct start_fault fault = { EX_OK, "" };
    struct log_line line;
    log_open();
    if (!start(&j, s, &fault)) {
        log_event(LOG_ERROR, "start-failed", "why", fault.why, NULL);
        stop(&j);
        return fault.exit_code;
    }
    while (!j.failed && !j.unusable && !drained(&j))
        turn(&j);
    if (j.unusable)
        log_event(LOG_ERROR, "start-failed", "why", queue_why(j.queue), NULL);
    int left = runs_held(j.runs);
    log_begin(&line, left ? LOG_WARN : LOG_INFO, "jobs-stopped");
    log_int(&line, "steps", left);
    log_end(&line);
    worker_lines_drain(&j.lines, s->logs);
    stop(&j);
    return j.unusable ? EX_CONFIG : j.failed ? EX_OSERR : EX_OK;
}
