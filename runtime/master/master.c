/* master.c - its loop: starts what is missing, reaps what has ended, ends what remains. */
#include "runtime/master/master.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <sysexits.h>
#include <unistd.h>

#include "runtime/base/limits.h"
#include "runtime/base/system.h"
#include "runtime/master/master_parts.h"
#include "runtime/process/orphans.h"
#include "runtime/process/signals.h"

enum { BACKOFF_MS = 50, DOUBLINGS = 7, FAILED_STARTS = 3, LOG_AGAIN_MS = 100, LONGEST_WAIT_MS = 60000 };

void backoff_failed(struct backoff *b, int64_t now_ms)
{
    int64_t pause = BACKOFF_MS << (b->failures < DOUBLINGS ? b->failures : DOUBLINGS);
    b->failures++;
    b->next_ms = now_ms + (pause < BACKOFF_MAX_MS ? pause : BACKOFF_MAX_MS);
}

static void close_if_open(int fd)
{
    if (fd >= 0)
        close(fd);
}

/* Signals stay held until the child has said what they mean to it. */
void child_begin(struct master *m, pid_t master)
{
    close(m->signals);
    for (int i = 0; i < KEEPERS; i++) {
        close_if_open(m->keepers[i].control);
        close_if_open(m->keepers[i].logs);
    }
    for (int i = 0; i < CHILDREN; i++)
        if (m->children[i].pid)
            close(m->children[i].pidfd);
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (getppid() != master)
        _exit(0); /* it was gone before prctl */
}

_Noreturn void child_run(struct master *m, process_fn *run, struct process_start s)
{
    s.config = m->config;
    s.declarations = m->declarations;
    int code = run(&s);
    declarations_free(m->declarations);
    free(m);
    exit(code);
}

static struct keeper *keeper_of(struct master *m, pid_t pid)
{
    for (int i = 0; i < KEEPERS; i++)
        if (pid > 0 && m->keepers[i].pid == pid)
            return &m->keepers[i];
    return NULL;
}

static void reap(struct master *m)
{
    int status;
    for (pid_t pid; (pid = waitpid(-1, &status, WNOHANG)) > 0;) {
        struct keeper *k = keeper_of(m, pid);
        struct child *worker = worker_find(m, pid);
        if (k)
            keeper_ended(m, k, status);
        if (worker)
            worker_ended(worker, status);
    }
}

static bool is_own(void *ctx, pid_t pid)
{
    struct master *m = ctx;
    return keeper_of(m, pid) || worker_find(m, pid);
}

/* What a worker leaves behind comes to us when it ends; looked for at each turn, as no signal tells of that. */
static int sweep(struct master *m)
{
    int n = orphans_kill(is_own, m);
    if (n < 0 && !m->blind)
        log_event(LOG_WARN, "children-unknown", "error", strerror(errno), NULL);
    m->blind = n < 0;
    return n;
}

static void end_within(struct master *m, int ms)
{
    int64_t until = clock_ms() + ms;
    if (!m->end_by_ms || until < m->end_by_ms)
        m->end_by_ms = until;
}

static void drain(struct master *m)
{
    if (m->draining)
        return;
    m->draining = true;
    end_within(m, LIMIT_DRAIN_MS + LEAVE_MS);
    for (int i = 0; i < KEEPERS; i++)
        keeper_drain(&m->keepers[i]);
}

/* The exit code is known: whoever is left is to end, soon when that was no stop that somebody asked for. */
static void end_all(struct master *m)
{
    drain(m);
    if (m->code != EX_OK && m->code != EX_CONFIG)
        end_within(m, LEAVE_MS);
}

static bool may_start(const struct master *m, const struct keeper *k)
{
    bool alone = k->kind == KEEPER_JOBS && k != m->chief && !m->chief->pid; /* nobody is there for its link */
    return k->used && !k->pid && !alone && !m->draining && m->code < 0;
}

static void start_what_is_missing(struct master *m)
{
    for (int i = 0; i < KEEPERS; i++) {
        struct keeper *k = &m->keepers[i];
        if (may_start(m, k) && clock_ms() >= k->again.next_ms)
            (void)keeper_start(m, k);
        while (worker_lacks(m, k) && clock_ms() >= k->forks.next_ms)
            worker_fork(m, k);
    }
}

/* When there is something to do though nothing happens. */
static int64_t next_ms(const struct master *m)
{
    int64_t now = clock_ms(), next = now + (log_behind() ? LOG_AGAIN_MS : LONGEST_WAIT_MS);
    for (int i = 0; i < KEEPERS; i++) {
        const struct keeper *k = &m->keepers[i];
        if (may_start(m, k) && k->again.next_ms < next)
            next = k->again.next_ms;
        if (worker_lacks(m, k) && k->forks.next_ms < next)
            next = k->forks.next_ms;
        if (k->pid && m->end_by_ms && m->end_by_ms < next)
            next = m->end_by_ms;
    }
    if (workers_left(m) > 0 && m->leave_by_ms < next)
        next = m->leave_by_ms;
    return next;
}

static void wait_for_events(struct master *m)
{
    struct pollfd fds[KEEPERS + 1];
    bool ending = false;
    for (int i = 0; i < KEEPERS; i++)
        fds[i] = (struct pollfd){ .fd = m->keepers[i].control, .events = POLLIN };
    fds[KEEPERS] = (struct pollfd){ .fd = m->signals, .events = POLLIN };
    log_work();
    int wait = ms_until(next_ms(m), clock_ms());
    if (poll(fds, KEEPERS + 1, wait ? wait : 1) <= 0) /* what is overdue was done; a killed process takes a moment */
        return;
    for (int i = 0; i < KEEPERS; i++) { /* first: a worker that has ended may have been ready before */
        keeper_hear(m, &m->keepers[i]);
        ending = ending || fds[i].revents & POLLHUP;
    }
    if (fds[KEEPERS].revents && signals_read(m->signals))
        drain(m);
    reap(m);
    if (ending)
        usleep(1000); /* a keeper is ending; its SIGCHLD is on its way */
}

/* No worker of the chief has ever taken work: the actions do not start. */
static void give_up(struct master *m)
{
    if (m->code >= 0 || m->draining || m->chief->ready || m->chief->forks.failures <= FAILED_STARTS)
        return;
    log_event(LOG_ERROR, "start-failed", "why", "no worker could start its actions; see above", NULL);
    m->code = EX_UNAVAILABLE;
    keeper_kill(m->chief);
}

/* Ends who has not ended in time. */
static void insist(struct master *m)
{
    int64_t now = clock_ms();
    for (int i = 0; i < KEEPERS; i++)
        if (m->end_by_ms && now >= m->end_by_ms)
            keeper_kill(&m->keepers[i]);
    if (now >= m->leave_by_ms)
        workers_end(m);
}

static bool is_over(const struct master *m)
{
    for (int i = 0; i < KEEPERS; i++)
        if (m->keepers[i].pid)
            return false;
    return m->code >= 0 && workers_left(m) == 0;
}

static void turn(struct master *m)
{
    start_what_is_missing(m);
    wait_for_events(m);
    (void)sweep(m);
    give_up(m);
    if (m->draining && !m->chief->pid && m->code < 0)
        m->code = EX_OK; /* it was about to be started again: nothing of its is left to do */
    if (m->code >= 0)
        end_all(m);
    insist(m);
}

static struct master *begin(struct config *c, struct declarations *d, const struct processes *p)
{
    struct master *m = calloc(1, sizeof *m);
    if (!m)
        return NULL;
    *m = (struct master){ .config = c, .declarations = d, .processes = p, .code = -1, .signals = signals_open() };
    for (int i = 0; i < KEEPERS; i++)
        m->keepers[i] = (struct keeper){ .kind = (enum keeper_kind)i, .control = -1, .logs = -1 };
    m->keepers[KEEPER_FRONT].used = p->front != NULL;
    m->keepers[KEEPER_LISTENER].used = p->listener != NULL;
    m->keepers[KEEPER_JOBS].used = c->jobs;
    m->chief = &m->keepers[p->front ? KEEPER_FRONT : p->listener ? KEEPER_LISTENER : KEEPER_JOBS];
    if (m->signals < 0 || !keeper_start(m, m->chief)) {
        log_event(LOG_ERROR, "start-failed", "error", strerror(errno), NULL);
        close_if_open(m->signals);
        free(m);
        return NULL;
    }
    return m;
}

int master_run(struct config *c, struct declarations *d, const struct processes *p)
{
    orphans_adopt();
    struct master *m = begin(c, d, p);
    if (!m)
        return EX_SOFTWARE;
    while (!is_over(m))
        turn(m);
    for (int64_t until = clock_ms() + LEAVE_MS; sweep(m) > 0 && clock_ms() < until; usleep(1000))
        reap(m);
    int code = m->code;
    close(m->signals);
    free(m);
    return code;
}
