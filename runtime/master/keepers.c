/* keepers.c - front, listener and jobs: started, heard, told to stop; the last two are followed by another when they
 * die. */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <sysexits.h>
#include <unistd.h>

#include "runtime/base/system.h"
#include "runtime/master/master_parts.h"
#include "runtime/process/control.h"

/* The ends of one start: [0] is the master's, or what it hands on; [1] is the keeper's. -1 = none. */
struct ends {
    int control[2], link[2], logs[2];
};

static void close_end(struct ends *e, int which)
{
    const int fds[] = { e->control[which], e->link[which], e->logs[which] };
    for (int i = 0; i < 3; i++)
        if (fds[i] >= 0)
            close(fds[i]);
}

/*
 * A worker may write no file (RLIMIT_FSIZE), not even a log, and must not wait for whoever reads stderr. Only the
 * keeper's end does not block: what an action prints waits for the keeper at most, which always reads.
 */
static bool open_logs(int logs[2])
{
    int ends[2];
    if (pipe2(ends, O_CLOEXEC) != 0)
        return false;
    logs[0] = ends[1];
    logs[1] = ends[0];
    return fcntl(ends[0], F_SETFL, O_RDONLY | O_NONBLOCK) == 0;
}

static bool open_ends(struct ends *e, bool logs, bool linked)
{
    *e = (struct ends){ { -1, -1 }, { -1, -1 }, { -1, -1 } };
    if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, e->control) == 0 && (!logs || open_logs(e->logs)) &&
        (!linked || socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, e->link) == 0))
        return true;
    close_end(e, 0);
    close_end(e, 1);
    return false;
}

static _Noreturn void run_keeper(struct master *m, const struct keeper *k, const struct ends *e, pid_t master)
{
    /* what it is, and what it must not know: to the listener tokens come by frames, to be used for Pub/Sub alone */
    const struct processes *p = m->processes;
    const struct {
        process_fn *run;
        unsigned forgets;
    } kinds[KEEPERS] = { [KEEPER_FRONT] = { p->front, OWNER_JOBS },
                         [KEEPER_LISTENER] = { p->listener, OWNER_WORKERS_NONE },
                         [KEEPER_JOBS] = { p->jobs, OWNER_FRONT } };
    child_begin(m, master);
    config_forget(m->config, kinds[k->kind].forgets);
    child_run(m, kinds[k->kind].run,
              (struct process_start){ .socket = e->control[1], .link = e->link[1], .logs = e->logs[1] });
}

/* The front is forked once, listener and jobs perhaps often. What none of them is to get is nowhere any more. */
static void forget_what_is_done_with(struct config *c)
{
    config_forget(c, c->jobs ? OWNER_FRONT : OWNER_WORKERS_NONE);
}

/* A chief that cannot be told is full or gone. The jobs process that it does not know is of no use to it. */
static void introduce(struct master *m, const struct keeper *jobs, int link)
{
    if (m->chief->pid && control_send_jobs(m->chief->control, jobs->pid, link))
        return;
    log_event(m->draining ? LOG_DEBUG : LOG_ERROR, "hand-over-failed", "error", strerror(errno), NULL);
    keeper_kill(jobs);
}

static bool start_failed(struct keeper *k)
{
    log_event(LOG_ERROR, "fork-failed", "error", strerror(errno), NULL);
    backoff_failed(&k->again, clock_ms());
    return false;
}

bool keeper_start(struct master *m, struct keeper *k)
{
    struct ends e;
    pid_t self = getpid();
    bool linked = k->kind == KEEPER_JOBS && k != m->chief;
    if (!open_ends(&e, m->processes->logs_by_pipe && k->kind != KEEPER_LISTENER, linked))
        return start_failed(k);
    pid_t pid = fork();
    if (pid == 0) {
        close_end(&e, 0);
        run_keeper(m, k, &e, self);
    }
    close_end(&e, 1);
    if (pid < 0) {
        close_end(&e, 0);
        return start_failed(k);
    }
    k->pid = pid;
    k->control = e.control[0];
    k->logs = e.logs[0];
    k->wanted = k->kind == KEEPER_FRONT ? m->config->workers_min : 0;
    k->begun_ms = clock_ms();
    k->starts++;
    forget_what_is_done_with(m->config);
    if (linked) {
        introduce(m, k, e.link[0]);
        close(e.link[0]);
    }
    return true;
}

void keeper_kill(const struct keeper *k)
{
    if (k->pid)
        kill(k->pid, SIGKILL); /* its number is its own until we reap it */
}

void keeper_drain(struct keeper *k)
{
    const struct control c = { CONTROL_DRAIN, 0 };
    if (k->pid && !control_send(k->control, &c))
        kill(k->pid, SIGTERM); /* it has left much unread; the signal says the same and waits for nobody */
}

static void log_end_of(const char *event, int status)
{
    struct log_line line;
    log_begin(&line, LOG_ERROR, event);
    if (WIFSIGNALED(status))
        log_int(&line, "signal", WTERMSIG(status));
    else
        log_int(&line, "exit", WEXITSTATUS(status));
    log_end(&line);
}

/* Sets the host's exit code when the keeper's end is also that of the host. */
static void judge_end(struct master *m, const struct keeper *k, int status)
{
    int code = WIFEXITED(status) ? WEXITSTATUS(status) : EX_SOFTWARE;
    bool of_host = k == m->chief && (k->kind == KEEPER_FRONT || m->draining || code == EX_OK);
    if (k->kind == KEEPER_JOBS && code == EX_CONFIG && k->starts == 1)
        of_host = true; /* a database that this program cannot use, as any other wrong setting */
    if (k->kind == KEEPER_FRONT && WIFSIGNALED(status))
        log_event(LOG_ERROR, "front-ended", NULL);
    if (k->kind != KEEPER_FRONT && code != EX_OK)
        log_end_of(k->kind == KEEPER_JOBS ? "jobs-ended" : "listener-ended", status);
    if (of_host && m->code < 0)
        m->code = code;
}

void keeper_ended(struct master *m, struct keeper *k, int status)
{
    judge_end(m, k, status);
    close(k->control);
    if (k->logs >= 0)
        close(k->logs);
    for (int i = 0; i < CHILDREN; i++)
        if (m->children[i].keeper == k)
            m->children[i].keeper = NULL;
    k->control = k->logs = -1;
    k->pid = 0;
    k->alive = k->wanted = 0;
    k->forks = (struct backoff){ 0 };
    int64_t now = clock_ms();
    if (now - k->begun_ms >= STEADY_MS)
        k->again.failures = 0;
    backoff_failed(&k->again, now);
    /* Without an end in order at once: the next one's workers do again what these are at, and not beside them. */
    m->leave_by_ms = now + (WIFEXITED(status) && WEXITSTATUS(status) == EX_OK ? LEAVE_MS : 0);
}

static void on_message(struct master *m, struct keeper *k, const struct control *c)
{
    bool of_worker = c->kind == CONTROL_READY || c->kind == CONTROL_WORKED || c->kind == CONTROL_LOST;
    struct child *worker = of_worker ? worker_find(m, c->value) : NULL;
    int most = k->kind == KEEPER_FRONT ? m->config->workers_max : m->config->job_workers_max;
    const struct keeper *jobs = &m->keepers[KEEPER_JOBS];
    if (c->kind == CONTROL_WANTED && c->value >= 0 && c->value <= most)
        k->wanted = c->value;
    if (k == m->chief && k != jobs && c->kind == CONTROL_LOST && c->value == jobs->pid)
        keeper_kill(jobs);
    if (!worker || worker->keeper != k)
        return;
    if (c->kind == CONTROL_LOST)
        worker_kill(worker);
    else if (c->kind == CONTROL_WORKED)
        worker->worked = true;
    else
        worker->ready_ms = clock_ms();
    k->ready = k->ready || worker->ready_ms;
}

void keeper_hear(struct master *m, struct keeper *k)
{
    struct control c;
    int fds[2];
    while (k->control >= 0 && control_receive(k->control, &c, fds) == CONTROL_MESSAGE)
        on_message(m, k, &c);
}
