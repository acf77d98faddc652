/*
 * master_kit.h - a host whose processes do nothing but what a test asks of them, and tell it what they have seen.
 */
#ifndef TESTS_UNIT_MASTER_MASTER_KIT_H
#define TESTS_UNIT_MASTER_MASTER_KIT_H

#include "tests/unit/check.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdatomic.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <sysexits.h>
#include <unistd.h>

#include "runtime/base/system.h"
#include "runtime/master/master.h"
#include "runtime/process/control.h"
#include "runtime/process/signals.h"

enum { PATIENCE_MS = 20000, PROCESSES = 64, STEP_WORKERS = 2, CALL_WORKERS = 1, LINKS = 16 };

/* What a process has found in its environment. */
enum { SAW_DATABASE = 1, SAW_ADDON = 2, SAW_METRICS = 4 };

/* Seen by all processes of a test. */
struct shared {
    /* what the test asks for */
    atomic_int jobs_code;     /* a jobs process ends at once with it; 0 = it lives */
    atomic_bool front_waits;  /* the front does not end while this is set, though it was told to */
    atomic_bool jobs_waits;   /* the same of a jobs process */
    atomic_bool workers_stay; /* workers do not leave at the end of their socket */
    atomic_bool workers_fail; /* step workers end at once */
    atomic_bool workers_die;  /* workers end as soon as their keeper has heard that they are ready */
    atomic_bool work_given;   /* by then they were given work */
    atomic_bool lose_jobs;    /* the front says that it did not get the link */
    /* what it looks at */
    atomic_int front, jobs, jobs_starts, links, drained_jobs, calls_ready, steps_ready, jobs_fds;
    atomic_int saw_front, saw_jobs, saw_worker, saw_listener, listener_starts, listener_logs;
    atomic_int worker_sockets;  /* the most that a worker had */
    atomic_int pids[PROCESSES]; /* all that were ever started */
    atomic_int pids_n;
};

static struct shared *shared;
static pid_t host;
static bool listens; /* `serve` of the tests is then `listen`: a listener instead of the front */

static int saw(void)
{
    return (getenv("DATABASE_URL") ? SAW_DATABASE : 0) | (getenv("HEROKU_APPLINK_TOKEN") ? SAW_ADDON : 0) |
           (getenv("METRICS_TOKEN") ? SAW_METRICS : 0);
}

static void enlist(void)
{
    int at = atomic_fetch_add(&shared->pids_n, 1);
    if (at < PROCESSES)
        atomic_store(&shared->pids[at], getpid());
}

static int open_descriptors(void)
{
    int n = 0;
    for (int fd = 0; fd < 256; fd++)
        n += fcntl(fd, F_GETFD) >= 0;
    return n;
}

/* Beside standard ones: those of a test that began with a socket there count for nothing. */
static int open_sockets(void)
{
    struct stat s;
    int n = 0;
    for (int fd = STDERR_FILENO + 1; fd < 256; fd++)
        n += fstat(fd, &s) == 0 && S_ISSOCK(s.st_mode);
    return n;
}

/* ---- the processes ---- */

static int worker(const struct process_start *s, atomic_int *ready)
{
    char c;
    enlist();
    atomic_fetch_or(&shared->saw_worker, saw());
    int sockets = open_sockets();
    if (sockets > atomic_load(&shared->worker_sockets))
        atomic_store(&shared->worker_sockets, sockets);
    if (write(s->socket, "r", 1) != 1)
        return EX_OK;
    atomic_fetch_add(ready, 1);
    (void)!read(s->socket, &c, 1);
    while (atomic_load(&shared->workers_stay))
        usleep(1000);
    return EX_OK;
}

static int call_worker(const struct process_start *s)
{
    return worker(s, &shared->calls_ready);
}

static int step_worker(const struct process_start *s)
{
    return atomic_load(&shared->workers_fail) ? EX_SOFTWARE : worker(s, &shared->steps_ready);
}

struct keeper {
    const struct process_start *start;
    int links[LINKS], links_n;
    bool drained, master_gone;
};

static void tell(const struct keeper *k, enum control_kind kind, int value)
{
    (void)!control_send(k->start->socket, &(struct control){ kind, value });
}

static void take_worker(const struct keeper *k, int pid, const int fds[2])
{
    char c;
    close(fds[1]);
    if (read(fds[0], &c, 1) != 1) {
        close(fds[0]); /* else it stays open, for as long as we live, or the worker */
        return;
    }
    tell(k, CONTROL_READY, pid);
    if (atomic_load(&shared->work_given))
        tell(k, CONTROL_WORKED, pid);
    if (atomic_load(&shared->workers_die))
        close(fds[0]);
}

static void take_link(struct keeper *k, int pid, int link)
{
    if (atomic_exchange(&shared->lose_jobs, false)) {
        close(link);
        tell(k, CONTROL_LOST, pid);
        return;
    }
    k->links[k->links_n++ % LINKS] = link;
    atomic_fetch_add(&shared->links, 1);
}

/* Waits a moment for a message. */
static void hear(struct keeper *k)
{
    struct pollfd p = { .fd = k->start->socket, .events = POLLIN };
    struct control m;
    int fds[2];
    if (poll(&p, 1, 1) <= 0)
        return;
    enum control_received received = control_receive(k->start->socket, &m, fds);
    k->master_gone = received == CONTROL_END;
    if (received != CONTROL_MESSAGE)
        return;
    if (m.kind == CONTROL_WORKER)
        take_worker(k, m.value, fds);
    if (m.kind == CONTROL_JOBS)
        take_link(k, m.value, fds[0]);
    k->drained = k->drained || m.kind == CONTROL_DRAIN;
}

static int front(const struct process_start *s)
{
    static struct keeper k;
    k.start = s;
    enlist();
    atomic_store(&shared->front, getpid());
    atomic_store(&shared->saw_front, saw());
    while (!k.master_gone && !(k.drained && !atomic_load(&shared->front_waits)))
        hear(&k);
    return EX_OK;
}

static int listener(const struct process_start *s)
{
    atomic_fetch_or(&shared->saw_listener, saw());
    atomic_fetch_add(&shared->listener_starts, 1);
    atomic_store(&shared->listener_logs, s->logs);
    return front(s);
}

static bool link_ended(int link)
{
    struct pollfd p = { .fd = link, .events = POLLIN };
    return link < 0 || poll(&p, 1, 0) > 0;
}

static int jobs(const struct process_start *s)
{
    static struct keeper k;
    k.start = s;
    enlist();
    atomic_store(&shared->saw_jobs, saw());
    atomic_store(&shared->jobs_fds, open_descriptors());
    atomic_store(&shared->jobs, getpid());
    atomic_fetch_add(&shared->jobs_starts, 1);
    if (atomic_load(&shared->jobs_code))
        return atomic_load(&shared->jobs_code);
    tell(&k, CONTROL_WANTED, STEP_WORKERS);
    while (
        !k.master_gone && !(k.drained && link_ended(s->link) && !atomic_load(&shared->jobs_waits)) &&
        !(listens && link_ended(s->link))) { /* as the real one does: its successor gets a link to the next listener */
        hear(&k);
        if (k.drained)
            atomic_store(&shared->drained_jobs, getpid());
    }
    return EX_OK;
}

/* ---- the test's side ---- */

static bool gone(int pid)
{
    char path[64], line[256];
    bool zombie = false;
    if (kill(pid, 0) != 0 && errno == ESRCH)
        return true;
    snprintf(path, sizeof path, "/proc/%d/stat", pid);
    FILE *f = fopen(path, "re");
    if (!f)
        return true;
    if (fgets(line, sizeof line, f)) {
        const char *state = strrchr(line, ')');
        zombie = state && state[1] && state[2] == 'Z';
    }
    fclose(f);
    return zombie;
}

static bool all_gone(void)
{
    for (int i = 0; i < atomic_load(&shared->pids_n) && i < PROCESSES; i++)
        if (!gone(atomic_load(&shared->pids[i])))
            return false;
    return true;
}

#define EVENTUALLY(condition)                                                                                          \
    do {                                                                                                               \
        int64_t until = clock_ms() + PATIENCE_MS;                                                                      \
        while (!(condition) && clock_ms() < until)                                                                     \
            usleep(1000);                                                                                              \
        assert_true(condition);                                                                                        \
    } while (0)

static void run_master(bool serve)
{
    static struct config c;
    static struct declarations d;
    struct buf faults;
    signals_hold();
    buf_init(&faults, 4096);
    setenv("HEROKU_APP_ID", "11111111-2222-4333-8444-555555555555", 1);
    setenv("HEROKU_APPLINK_API_URL", "https://addon.example/addons/1", 1);
    setenv("HEROKU_APPLINK_TOKEN", "addon-token", 1);
    setenv("METRICS_TOKEN", "metrics-token", 1);
    if (!config_load(&c, &faults))
        _exit(EX_USAGE);
    buf_free(&faults);
    c.workers_min = CALL_WORKERS;
    const struct processes p = {
        serve && !listens ? front : NULL, serve && listens ? listener : NULL, jobs, call_worker, step_worker, false
    };
    log_set_level(LOG_ERROR);
    if (!freopen("/dev/null", "w", stderr)) /* what it logs is no part of the test's report */
        _exit(EX_USAGE);
    _exit(master_run(&c, &d, &p));
}

/* Starts the host and waits until its processes are there. */
static void begin(bool serve)
{
    pid_t self = getpid();
    host = fork();
    assert_true(host >= 0);
    if (host == 0) {
        prctl(PR_SET_PDEATHSIG, SIGKILL);
        if (getppid() != self)
            _exit(EX_USAGE);
        run_master(serve);
    }
}

static void begin_whole(bool serve)
{
    begin(serve);
    EVENTUALLY(atomic_load(&shared->steps_ready) >= STEP_WORKERS);
    if (serve && !listens)
        EVENTUALLY(atomic_load(&shared->calls_ready) >= CALL_WORKERS && atomic_load(&shared->links) == 1);
}

/* The host has ended by itself: its code. */
static int code_of_host(void)
{
    int status = 0;
    int64_t until = clock_ms() + PATIENCE_MS;
    while (waitpid(host, &status, WNOHANG) == 0) {
        if (clock_ms() > until)
            fail_msg("the host does not end");
        usleep(1000);
    }
    host = 0;
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

static int set_up(void **state)
{
    (void)state;
    shared = mmap(NULL, sizeof *shared, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    setenv("DATABASE_URL", "postgres://ada:planted@db.example/jobs", 1);
    return shared == MAP_FAILED;
}

static int tear_down(void **state)
{
    (void)state;
    if (host > 0) {
        kill(host, SIGKILL);
        waitpid(host, NULL, 0);
    }
    host = 0;
    listens = false;
    munmap(shared, sizeof *shared);
    return 0;
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

#endif
