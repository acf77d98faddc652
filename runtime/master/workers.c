/* workers.c - workers: forked for a keeper, handed over to it, killed, forgotten. */
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "runtime/base/system.h"
#include "runtime/master/master_parts.h"
#include "runtime/process/control.h"

static int open_pidfd(pid_t pid)
{
    return (int)syscall(SYS_pidfd_open, pid, 0);
}

static struct child *vacant(struct master *m)
{
    for (int i = 0; i < CHILDREN; i++)
        if (m->children[i].pid == 0)
            return &m->children[i];
    return NULL;
}

struct child *worker_find(struct master *m, pid_t pid)
{
    for (int i = 0; i < CHILDREN; i++)
        if (pid > 0 && m->children[i].pid == pid)
            return &m->children[i];
    return NULL;
}

int workers_left(const struct master *m)
{
    int n = 0;
    for (int i = 0; i < CHILDREN; i++)
        n += m->children[i].pid && !m->children[i].keeper;
    return n;
}

/* While draining one worker that is left is enough for calls, and steps are handed back without one. */
bool worker_lacks(const struct master *m, const struct keeper *k)
{
    if (!k->pid || m->code >= 0 || k->alive >= k->wanted)
        return false;
    return !m->draining || (k->kind == KEEPER_FRONT && k->alive == 0);
}

static _Noreturn void run_worker(struct master *m, const struct keeper *k, int socket, pid_t master)
{
    const struct processes *p = m->processes;
    if (k->logs >= 0)
        dup2(k->logs, STDERR_FILENO);
    child_begin(m, master);
    config_forget(m->config, OWNER_WORKERS_NONE);
    child_run(m, k->kind == KEEPER_FRONT ? p->call_worker : p->step_worker,
              (struct process_start){ .socket = socket, .link = -1, .logs = -1 });
}

/* The system gives no process, or no descriptor. */
static void fork_failed(struct keeper *k, pid_t pid)
{
    log_event(LOG_ERROR, "fork-failed", "error", strerror(errno), NULL);
    k->forks.next_ms = clock_ms() + BACKOFF_MAX_MS;
    if (pid > 0)
        waitpid(pid, NULL, 0); /* it leaves when it reads the end of its socket */
}

static void hand_over(const struct master *m, const struct keeper *k, pid_t pid, const int fds[2])
{
    if (control_send_worker(k->control, pid, fds))
        return;
    /* A keeper that is gone has stopped, perhaps by a signal of its own, or will be reported by its exit. */
    bool gone = m->draining || errno == EPIPE || errno == ECONNRESET;
    log_event(gone ? LOG_DEBUG : LOG_ERROR, "hand-over-failed", "error", strerror(errno), NULL);
}

void worker_fork(struct master *m, struct keeper *k)
{
    struct child *slot = vacant(m);
    int pair[2];
    pid_t self = getpid();
    if (!slot || socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) != 0) {
        k->forks.next_ms = clock_ms() + BACKOFF_MAX_MS;
        return;
    }
    pid_t pid = fork();
    if (pid == 0) {
        close(pair[0]);
        run_worker(m, k, pair[1], self);
    }
    close(pair[1]); /* at once: the keeper learns of a worker's end by the end of its socket */
    int pidfd = pid > 0 ? open_pidfd(pid) : -1;
    if (pidfd >= 0) {
        *slot = (struct child){ .pid = pid, .pidfd = pidfd, .keeper = k };
        k->alive++;
        hand_over(m, k, pid, (const int[]){ pair[0], pidfd });
    }
    close(pair[0]);
    if (pidfd < 0)
        fork_failed(k, pid);
}

void worker_kill(const struct child *c)
{
    syscall(SYS_pidfd_send_signal, c->pidfd, SIGKILL, NULL, 0);
}

void workers_end(struct master *m)
{
    for (int i = 0; i < CHILDREN; i++)
        if (m->children[i].pid && !m->children[i].keeper)
            worker_kill(&m->children[i]);
}

static void log_end_of_worker(pid_t pid, int status)
{
    struct log_line line;
    bool well = WIFEXITED(status) && WEXITSTATUS(status) == 0;
    if (well && !log_enabled(LOG_DEBUG))
        return;
    log_begin(&line, well ? LOG_DEBUG : LOG_WARN, "worker-ended");
    log_int(&line, "worker", pid);
    if (WIFSIGNALED(status))
        log_int(&line, "signal", WTERMSIG(status));
    else
        log_int(&line, "exit", WEXITSTATUS(status));
    log_end(&line);
}

/* One that was given work may have ended by it, whatever its age. Exit code 0 says nothing: a worker that the front
 * cannot take leaves with it at once. */
static bool had_started_well(const struct child *c, int64_t now_ms)
{
    return c->worked || (c->ready_ms && now_ms - c->ready_ms >= STEADY_MS);
}

void worker_ended(struct child *c, int status)
{
    struct keeper *k = c->keeper;
    log_end_of_worker(c->pid, status);
    if (k) {
        k->alive--;
        int64_t now = clock_ms();
        if (had_started_well(c, now))
            k->forks.failures = 0;
        else
            backoff_failed(&k->forks, now);
    }
    close(c->pidfd);
    *c = (struct child){ 0 };
}
