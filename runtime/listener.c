/* listener.c - the loop of the listener: subscriptions, the jobs process, master, signals. */
#include "runtime/listener.h"

#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sysexits.h>
#include <unistd.h>

#include "runtime/base/build.h"
#include "runtime/base/start_fault.h"
#include "runtime/base/system.h"
#include "runtime/events/subscription.h"
#include "runtime/events/topics.h"
#include "runtime/listener/listener_link.h"
#include "runtime/process/control.h"
#include "runtime/process/signals.h"

enum {
    TOPICS = 32,
    SUBSCRIPTIONS = SPAN_LIST * TOPICS,
    MEMORY_MB = 256, /* that events may make it allocate; the master starts another when it was too much */
    DRAIN_MS = 5000, /* for what was handed on, and the leases */
    LOG_AGAIN_MS = 100
};

struct listener {
    struct loop loop;
    struct watch control, signals;
    struct dialer *dialer;
    struct decoder *decoder;
    struct listener_link *link;
    struct subscription *v[SUBSCRIPTIONS];
    size_t n;
    bool ready, draining, failed;
    int64_t drain_until_ms;
};

static void begin_drain(struct listener *l)
{
    struct log_line line;
    if (l->draining)
        return;
    l->draining = true;
    l->drain_until_ms = clock_ms() + DRAIN_MS;
    for (size_t i = 0; i < l->n; i++)
        subscription_drain(l->v[i]);
    log_begin(&line, LOG_INFO, "draining");
    log_int(&line, "subscriptions", (long long)l->n);
    log_end(&line);
}

/* A new jobs process. One whose socket did not arrive is of no use: the master ends it and starts another. */
static void take_jobs(struct listener *l, int pid, int link)
{
    const struct control lost = { CONTROL_LOST, pid };
    if (link >= 0)
        listener_link_take(l->link, link);
    else if (!control_send(l->control.fd, &lost))
        log_event(LOG_WARN, "control-full", NULL);
}

static void on_control(struct watch *w, unsigned events)
{
    struct listener *l = w->owner;
    struct control m;
    int fds[2];
    (void)events;
    enum control_received received = control_receive(l->control.fd, &m, fds);
    if (received == CONTROL_END) /* the master is gone; so are the respawns */
        l->failed = true;
    else if (received == CONTROL_MESSAGE && m.kind == CONTROL_JOBS)
        take_jobs(l, m.value, fds[0]);
    else if (received == CONTROL_MESSAGE && m.kind == CONTROL_DRAIN)
        begin_drain(l);
}

static void on_signal(struct watch *w, unsigned events)
{
    struct listener *l = w->owner;
    (void)events;
    if (signals_read(l->signals.fd))
        begin_drain(l);
}

static void on_link_lost(void *ctx)
{
    struct listener *l = ctx;
    for (size_t i = 0; i < l->n; i++)
        subscription_on_ground_lost(l->v[i]);
}

static bool watch(struct listener *l, struct watch *w, int fd, watch_fn *fn)
{
    *w = (struct watch){ .fd = fd, .fn = fn, .owner = l };
    return fd >= 0 && loop_add(&l->loop, w, EPOLLIN);
}

/* What comes from outside may make libraries allocate; what they may is bounded, and nobody else is in here. */
static void limit_memory(void)
{
    const struct rlimit limit = { (rlim_t)MEMORY_MB << 20, (rlim_t)MEMORY_MB << 20 };
    if (!BUILD_SANITIZED && setrlimit(RLIMIT_DATA, &limit) != 0)
        log_event(LOG_WARN, "memory-not-limited", NULL);
}

static void add_subscriptions(struct listener *l, const struct config *c, const struct declarations *d)
{
    struct span topics[TOPICS];
    size_t n = topics_declared(d, topics, TOPICS);
    for (size_t i = 0; i < c->events_connections.n; i++)
        for (size_t k = 0; k < n; k++) {
            const struct subscription_parts parts = { .loop = &l->loop,
                                                      .dialer = l->dialer,
                                                      .decoder = l->decoder,
                                                      .ground = listener_link_ground(l->link),
                                                      .url = c->pubsub_url,
                                                      .connection = c->events_connections.v[i],
                                                      .topic = topics[k] };
            l->v[l->n++] = subscription_new(&parts);
        }
    if (n == 0)
        log_event(LOG_WARN, "nothing-to-hear", "why", "no action declares events", NULL);
}

static bool start(struct listener *l, int control, const struct config *c, const struct declarations *d,
                  struct start_fault *fault)
{
    *l = (struct listener){ .control.fd = -1, .signals.fd = -1 };
    limit_memory();
    start_fault_set(fault, EX_OSERR, "the kernel refuses an event loop");
    if (!loop_init(&l->loop) || !watch(l, &l->signals, signals_open(), on_signal) ||
        !watch(l, &l->control, control, on_control))
        return false;
    start_fault_set(fault, EX_OSERR, "the HTTP client does not start");
    if (!http_start() || !(l->dialer = dialer_new(&l->loop, c->loopback, NULL)))
        return false;
    l->decoder = decoder_new();
    l->link = listener_link_new(&l->loop, on_link_lost, l);
    add_subscriptions(l, c, d);
    return true;
}

static void stop(struct listener *l)
{
    for (size_t i = 0; i < l->n; i++)
        subscription_free(l->v[i]);
    listener_link_free(l->link);
    decoder_free(l->decoder);
    dialer_free(l->dialer);
    loop_fini(&l->loop);
    curl_global_cleanup();
}

/* Says once that each subscription is open, stands by, or was reported as failed. */
static void note_ready(struct listener *l)
{
    int counts[SUBSCRIPTION_ENDED + 1] = { 0 };
    struct log_line line;
    if (l->ready || l->draining || !listener_link_is_open(l->link))
        return;
    for (size_t i = 0; i < l->n; i++)
        counts[subscription_now(l->v[i])]++;
    if (counts[SUBSCRIPTION_BEGINS])
        return;
    l->ready = true;
    log_begin(&line, LOG_INFO, "ready");
    log_int(&line, "pid", getpid());
    log_int(&line, "open", counts[SUBSCRIPTION_HEARS]);
    log_int(&line, "standing_by", counts[SUBSCRIPTION_STANDS_BY]);
    log_int(&line, "failed", counts[SUBSCRIPTION_FAILS]);
    log_end(&line);
}

static int sooner(int a, int b)
{
    return a < 0 ? b : b < 0 ? a : a < b ? a : b;
}

static int timeout_ms(const struct listener *l)
{
    int64_t now = clock_ms();
    int t = sooner(dialer_timeout_ms(l->dialer), listener_link_timeout_ms(l->link, now));
    for (size_t i = 0; i < l->n; i++)
        t = sooner(t, subscription_timeout_ms(l->v[i], now));
    if (l->draining)
        t = sooner(t, ms_until(l->drain_until_ms, now));
    return log_behind() ? sooner(t, LOG_AGAIN_MS) : t;
}

static void turn(struct listener *l)
{
    loop_turn(&l->loop, timeout_ms(l));
    log_work();
    dialer_work(l->dialer);
    int64_t now = clock_ms();
    listener_link_work(l->link, now);
    for (size_t i = 0; i < l->n; i++)
        subscription_work(l->v[i], now);
    note_ready(l);
}

static bool drained(const struct listener *l)
{
    if (!l->draining)
        return false;
    for (size_t i = 0; i < l->n; i++)
        if (subscription_now(l->v[i]) != SUBSCRIPTION_ENDED)
            return clock_ms() >= l->drain_until_ms;
    return true;
}

int listener_run(int control, struct config *c, struct declarations *d)
{
    struct listener *l = calloc(1, sizeof *l);
    struct start_fault fault = { EX_OK, "" };
    log_open();
    if (!l || !start(l, control, c, d, &fault)) {
        log_event(LOG_ERROR, "start-failed", "why", fault.why, NULL);
        return fault.exit_code ? fault.exit_code : EX_OSERR;
    }
    while (!l->failed && !drained(l))
        turn(l);
    int code = l->failed ? EX_OSERR : EX_OK;
    log_event(LOG_INFO, "listener-stopped", NULL);
    stop(l);
    free(l);
    return code;
}
