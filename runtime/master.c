/* master.c - forks, reaps, respawns. */
#include "runtime/master.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <sysexits.h>
#include <unistd.h>

#include "runtime/base/system.h"
#include "runtime/front.h"
#include "runtime/process/control.h"
#include "runtime/process/orphans.h"
#include "runtime/process/signals.h"
#include "runtime/worker.h"

enum { CHILDREN = 128, BACKOFF_MS = 50, BACKOFF_MAX_MS = 5000, LEAVE_MS = 3000, LOG_AGAIN_MS = 100 };

struct child {
    pid_t pid;
    int pidfd;
    bool ready; /* it took calls, so its end says nothing about the next one's start */
};

struct master {
    struct config *config;
    struct declarations *declarations;
    int control, signals;
    int logs[2]; /* a pipe from the workers to the front; -1 where they write to stderr themselves */
    pid_t front;
    int front_code; /* -1 while it runs */
    bool draining, ever_ready;
    bool blind; /* the kernel does not list children */
    int wanted;
    unsigned failures; /* starts in a row that failed */
    int64_t next_fork_ms;
    struct child children[CHILDREN];
    int alive;
};

static int open_pidfd(pid_t pid)
{
    return (int)syscall(SYS_pidfd_open, pid, 0);
}

/* In a new child. Dies with the master. Signals stay held until the child has said what they mean to it. */
static void become_child(pid_t master)
{
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (getppid() != master)
        _exit(0); /* it was gone before prctl */
}

/* Releases what the child got from the master, so that a leak checker sees only true leaks. */
static _Noreturn void end_child(struct master *m, int code)
{
    declarations_free(m->declarations);
    free(m);
    exit(code);
}

static bool fork_front(struct master *m)
{
    int pair[2];
    pid_t self = getpid();
    if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) != 0)
        return false;
    m->front = fork();
    if (m->front == 0) {
        close(pair[0]);
        close(m->signals);
        if (m->logs[1] >= 0)
            close(m->logs[1]);
        become_child(self);
        end_child(m, front_run(pair[1], m->logs[0], m->config, m->declarations));
    }
    close(pair[1]);
    m->control = pair[0];
    return m->front > 0;
}

static struct child *vacant(struct master *m)
{
    for (int i = 0; i < CHILDREN; i++)
        if (m->children[i].pid == 0)
            return &m->children[i];
    return NULL;
}

static void fork_worker(struct master *m)
{
    struct child *slot = vacant(m);
    int pair[2];
    pid_t self = getpid();
    if (!slot || socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) != 0) {
        m->next_fork_ms = clock_ms() + BACKOFF_MAX_MS;
        return;
    }
    pid_t pid = fork();
    if (pid == 0) {
        close(pair[0]);
        close(m->control);
        close(m->signals);
        if (m->logs[1] >= 0)
            dup2(m->logs[1], STDERR_FILENO);
        become_child(self);
        end_child(m, worker_run(pair[1], m->config, m->declarations, WORKER_OF_CALLS));
    }
    close(pair[1]); /* at once: the front learns of a worker's end by the end of its socket */
    int pidfd = pid > 0 ? open_pidfd(pid) : -1;
    if (pid < 0 || pidfd < 0) {
        log_event(LOG_ERROR, "fork-failed", "error", strerror(errno), NULL);
        close(pair[0]);
        m->next_fork_ms = clock_ms() + BACKOFF_MAX_MS;
        if (pid > 0)
            waitpid(pid, NULL, 0); /* it leaves when it reads the end of its socket */
        return;
    }
    *slot = (struct child){ .pid = pid, .pidfd = pidfd };
    m->alive++;
    if (!control_send_worker(m->control, pid, (const int[]){ pair[0], pidfd })) {
        /* A front that is gone has stopped, perhaps by a signal of its own, or will be reported by its exit. */
        bool gone = m->draining || errno == EPIPE || errno == ECONNRESET;
        log_event(gone ? LOG_DEBUG : LOG_ERROR, "hand-over-failed", "error", strerror(errno), NULL);
    }
    close(pair[0]);
}

static struct child *find(struct master *m, pid_t pid)
{
    for (int i = 0; i < CHILDREN; i++)
        if (pid > 0 && m->children[i].pid == pid)
            return &m->children[i];
    return NULL;
}

static void kill_worker(const struct child *c)
{
    syscall(SYS_pidfd_send_signal, c->pidfd, SIGKILL, NULL, 0);
}

static void log_end_of_worker(pid_t pid, int status)
{
    struct log_line line;
    if (WIFEXITED(status) && WEXITSTATUS(status) == 0 && !log_enabled(LOG_DEBUG))
        return;
    log_begin(&line, WIFEXITED(status) && WEXITSTATUS(status) == 0 ? LOG_DEBUG : LOG_WARN, "worker-ended");
    log_int(&line, "worker", pid);
    if (WIFSIGNALED(status))
        log_int(&line, "signal", WTERMSIG(status));
    else
        log_int(&line, "exit", WEXITSTATUS(status));
    log_end(&line);
}

static void on_worker_end(struct master *m, struct child *c, int status)
{
    log_end_of_worker(c->pid, status);
    if (c->ready) { /* an exit code of 0 says nothing: a worker that the front cannot take leaves with it at once */
        m->failures = 0;
    } else {
        int64_t pause = BACKOFF_MS << (m->failures < 7 ? m->failures : 7);
        m->failures++;
        m->next_fork_ms = clock_ms() + (pause < BACKOFF_MAX_MS ? pause : BACKOFF_MAX_MS);
    }
    close(c->pidfd);
    *c = (struct child){ 0 };
    m->alive--;
}

static void reap(struct master *m)
{
    int status;
    for (pid_t pid; (pid = waitpid(-1, &status, WNOHANG)) > 0;) {
        if (pid == m->front) {
            m->front_code = WIFEXITED(status) ? WEXITSTATUS(status) : EX_SOFTWARE;
            if (WIFSIGNALED(status))
                log_event(LOG_ERROR, "front-ended", NULL);
            continue;
        }
        struct child *worker = find(m, pid);
        if (worker)
            on_worker_end(m, worker, status);
    }
}

static bool is_own(void *ctx, pid_t pid)
{
    struct master *m = ctx;
    return pid == m->front || find(m, pid);
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

static void drain(struct master *m)
{
    const struct control c = { CONTROL_DRAIN, 0 };
    if (m->draining)
        return;
    m->draining = true;
    (void)!send(m->control, &c, sizeof c, MSG_NOSIGNAL); /* may wait for a front that stands still */
}

static void on_signals(struct master *m)
{
    if (signals_read(m->signals))
        drain(m);
    reap(m);
}

static void on_control(struct master *m)
{
    struct control c;
    int none[2];
    while (control_receive(m->control, &c, none) == CONTROL_MESSAGE) {
        struct child *worker = c.kind == CONTROL_READY || c.kind == CONTROL_LOST ? find(m, c.value) : NULL;
        if (c.kind == CONTROL_WANTED && c.value >= 0 && c.value <= m->config->workers_max)
            m->wanted = c.value;
        if (worker && c.kind == CONTROL_READY)
            m->ever_ready = worker->ready = true;
        if (worker && c.kind == CONTROL_LOST)
            kill_worker(worker);
    }
}

/* Whether another worker should be forked, now or after the pause. While draining one that is left is enough. */
static bool lacks_workers(const struct master *m)
{
    return m->alive < m->wanted && !(m->draining && m->alive > 0);
}

/* Waits for a signal, a message, or the time of the next fork. */
static void wait_for_events(struct master *m)
{
    struct pollfd fds[2] = { { .fd = m->signals, .events = POLLIN }, { .fd = m->control, .events = POLLIN } };
    int64_t left = lacks_workers(m) ? m->next_fork_ms - clock_ms() : log_behind() ? LOG_AGAIN_MS : 60000;
    log_work();
    if (poll(fds, 2, left < 0 ? 0 : (int)left) <= 0)
        return;
    on_control(m); /* first: a worker that has ended may have been ready before */
    if (fds[0].revents)
        on_signals(m);
    if (fds[1].revents & POLLHUP)
        usleep(1000); /* the front is ending; its SIGCHLD is on its way */
}

/* The front is gone, so workers leave by themselves; those that do not are ended. */
static void end_workers(struct master *m)
{
    close(m->control);
    for (int64_t until = clock_ms() + (m->front_code == 0 ? LEAVE_MS : 0); m->alive > 0; usleep(1000)) {
        if (clock_ms() >= until)
            for (int i = 0; i < CHILDREN; i++)
                if (m->children[i].pid)
                    kill_worker(&m->children[i]);
        reap(m);
    }
    for (int64_t until = clock_ms() + LEAVE_MS; sweep(m) > 0 && clock_ms() < until; usleep(1000))
        reap(m);
}

/*
 * A worker may write no file (RLIMIT_FSIZE), not even a log, and must not wait for whoever reads stderr. Only the
 * front's end does not block: what an action prints waits for the front at most, which always reads.
 */
static bool open_logs(struct master *m)
{
    m->logs[0] = m->logs[1] = -1;
    return !worker_is_limited() ||
           (pipe2(m->logs, O_CLOEXEC) == 0 && fcntl(m->logs[0], F_SETFL, O_RDONLY | O_NONBLOCK) == 0);
}

int master_run(struct config *c, struct declarations *d)
{
    struct master *m = calloc(1, sizeof *m);
    if (!m)
        return EX_SOFTWARE;
    orphans_adopt();
    *m = (struct master){ .config = c, .declarations = d, .front_code = -1, .wanted = c->workers_min };
    m->signals = signals_open();
    if (m->signals < 0 || !open_logs(m) || !fork_front(m)) {
        log_event(LOG_ERROR, "start-failed", "error", strerror(errno), NULL);
        free(m);
        return EX_SOFTWARE;
    }
    config_forget(c, OWNER_WORKERS_NONE); /* the front has its own copy; workers come from here */
    if (m->logs[0] >= 0)
        close(m->logs[0]);
    while (m->front_code < 0) {
        while (lacks_workers(m) && clock_ms() >= m->next_fork_ms)
            fork_worker(m);
        wait_for_events(m);
        (void)sweep(m);
        if (!m->ever_ready && m->failures > 3 && !m->draining) {
            log_event(LOG_ERROR, "start-failed", "why", "no worker could start its actions; see above", NULL);
            kill(m->front, SIGKILL);
            waitpid(m->front, NULL, 0);
            m->front_code = EX_UNAVAILABLE;
        }
    }
    end_workers(m);
    int code = m->front_code;
    close(m->signals);
    free(m);
    return code;
}
