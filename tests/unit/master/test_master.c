/*
 * test_master.c - the master with processes that do nothing but what a test asks of them: who is started again, who is
 * ended, in which order, and with which exit code.
 */
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
    atomic_int saw_front, saw_jobs, saw_worker;
    atomic_int worker_sockets;  /* the most that a worker had */
    atomic_int pids[PROCESSES]; /* all that were ever started */
    atomic_int pids_n;
};

static struct shared *shared;
static pid_t host;

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
    while (!k.master_gone && !(k.drained && link_ended(s->link) && !atomic_load(&shared->jobs_waits))) {
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
    const struct processes p = { serve ? front : NULL, jobs, call_worker, step_worker, false };
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
    if (serve)
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
    munmap(shared, sizeof *shared);
    return 0;
}

/* ---- tests ---- */

static void without_a_database_there_is_no_jobs_process(void **state)
{
    (void)state;
    unsetenv("DATABASE_URL");
    begin(true);
    EVENTUALLY(atomic_load(&shared->calls_ready) == CALL_WORKERS);
    kill(host, SIGTERM);
    assert_int_equal(code_of_host(), EX_OK);
    assert_int_equal(atomic_load(&shared->jobs_starts), 0);
    assert_true(all_gone());
}

static void the_jobs_process_ends_after_the_front(void **state)
{
    (void)state;
    begin_whole(true);
    atomic_store(&shared->front_waits, true);
    kill(host, SIGTERM);
    EVENTUALLY(atomic_load(&shared->drained_jobs) == atomic_load(&shared->jobs)); /* it knows, and answers still */
    usleep(100 * 1000);
    assert_false(gone(atomic_load(&shared->jobs)));
    atomic_store(&shared->front_waits, false);
    assert_int_equal(code_of_host(), EX_OK);
    assert_int_equal(atomic_load(&shared->jobs_starts), 1);
    assert_true(all_gone());
}

static void nothing_is_started_during_a_stop(void **state)
{
    (void)state;
    begin_whole(true);
    atomic_store(&shared->front_waits, true);
    kill(host, SIGTERM);
    EVENTUALLY(atomic_load(&shared->drained_jobs) == atomic_load(&shared->jobs));
    kill(atomic_load(&shared->jobs), SIGKILL);
    usleep(300 * 1000); /* the pause before another start is 50 ms */
    atomic_store(&shared->front_waits, false);
    assert_int_equal(code_of_host(), EX_OK);
    assert_int_equal(atomic_load(&shared->jobs_starts), 1);
    assert_true(all_gone());
}

static void a_jobs_process_that_dies_is_followed_by_another(void **state)
{
    (void)state;
    begin_whole(true);
    int fds = atomic_load(&shared->jobs_fds);
    for (int i = 2; i <= 4; i++) {
        atomic_store(&shared->steps_ready, 0);
        kill(atomic_load(&shared->jobs), SIGKILL);
        EVENTUALLY(atomic_load(&shared->jobs_starts) == i && atomic_load(&shared->links) == i);
        EVENTUALLY(atomic_load(&shared->steps_ready) == STEP_WORKERS);
        assert_int_equal(atomic_load(&shared->jobs_fds), fds); /* nothing of the one before it is left open */
    }
    assert_int_equal(atomic_load(&shared->calls_ready), CALL_WORKERS); /* calls have noticed nothing */
    kill(host, SIGTERM);
    assert_int_equal(code_of_host(), EX_OK);
    assert_true(all_gone());
}

/* Also those that do not look at their socket: what they are at is done again by those that follow. */
static void its_workers_end_with_it(void **state)
{
    (void)state;
    begin_whole(true);
    atomic_store(&shared->workers_stay, true);
    int first = atomic_load(&shared->pids_n);
    kill(atomic_load(&shared->jobs), SIGKILL);
    EVENTUALLY(atomic_load(&shared->pids_n) == first + 1 + STEP_WORKERS);
    int left = 0;
    for (int i = 0; i < first; i++)
        left += !gone(atomic_load(&shared->pids[i]));
    assert_int_equal(left, 1 + CALL_WORKERS);
    atomic_store(&shared->workers_stay, false);
    kill(host, SIGTERM);
    assert_int_equal(code_of_host(), EX_OK);
    assert_true(all_gone());
}

/* The pauses between them grow: without any there would be hundreds by now. */
static void workers_that_die_as_soon_as_they_are_ready_come_ever_later(void **state)
{
    (void)state;
    begin_whole(true);
    atomic_store(&shared->workers_die, true);
    atomic_store(&shared->steps_ready, 0);
    kill(atomic_load(&shared->jobs), SIGKILL); /* and its workers, which lived for long, with it */
    EVENTUALLY(atomic_load(&shared->steps_ready) >= STEP_WORKERS);
    usleep(1000 * 1000);
    assert_in_range(atomic_load(&shared->steps_ready), STEP_WORKERS, 8 * STEP_WORKERS);
    atomic_store(&shared->workers_die, false);
    kill(host, SIGTERM);
    assert_int_equal(code_of_host(), EX_OK);
    assert_true(all_gone());
}

/* With pauses the last of them would come after more than a minute. */
static void workers_that_die_at_work_are_replaced_at_once(void **state)
{
    (void)state;
    atomic_store(&shared->work_given, true);
    begin_whole(true);
    atomic_store(&shared->workers_die, true);
    kill(atomic_load(&shared->jobs), SIGKILL);
    EVENTUALLY(atomic_load(&shared->steps_ready) >= 20 * STEP_WORKERS);
    atomic_store(&shared->workers_die, false);
    kill(host, SIGTERM);
    assert_int_equal(code_of_host(), EX_OK);
    EVENTUALLY(all_gone());
}

static void a_link_that_did_not_arrive_is_made_anew(void **state)
{
    (void)state;
    atomic_store(&shared->lose_jobs, true);
    begin(true);
    EVENTUALLY(atomic_load(&shared->links) == 1 && atomic_load(&shared->jobs_starts) >= 2);
    assert_int_equal(atomic_load(&shared->jobs_starts), 2);
    kill(host, SIGTERM);
    assert_int_equal(code_of_host(), EX_OK);
    assert_true(all_gone());
}

static void without_a_front_the_host_ends(void **state)
{
    (void)state;
    begin_whole(true);
    kill(atomic_load(&shared->front), SIGKILL);
    assert_int_equal(code_of_host(), EX_SOFTWARE);
    assert_int_equal(atomic_load(&shared->jobs_starts), 1);
    assert_true(all_gone());
}

static void who_hangs_is_ended(void **state)
{
    (void)state;
    begin_whole(true);
    atomic_store(&shared->jobs_waits, true);
    atomic_store(&shared->workers_stay, true);
    kill(atomic_load(&shared->front), SIGKILL);
    assert_int_equal(code_of_host(), EX_SOFTWARE);
    assert_true(all_gone());
}

static void nobody_outlives_the_master(void **state)
{
    (void)state;
    begin_whole(true);
    atomic_store(&shared->jobs_waits, true);
    atomic_store(&shared->front_waits, true);
    atomic_store(&shared->workers_stay, true);
    kill(host, SIGKILL);
    assert_int_equal(code_of_host(), -1);
    EVENTUALLY(all_gone());
}

static void work_has_jobs_alone(void **state)
{
    (void)state;
    begin_whole(false);
    assert_int_equal(atomic_load(&shared->front), 0);
    kill(atomic_load(&shared->jobs), SIGKILL);
    EVENTUALLY(atomic_load(&shared->jobs_starts) == 2);
    EVENTUALLY(atomic_load(&shared->steps_ready) == 2 * STEP_WORKERS);
    kill(host, SIGTERM);
    assert_int_equal(code_of_host(), EX_OK);
    assert_int_equal(atomic_load(&shared->calls_ready), 0);
    assert_true(all_gone());
}

/* A jobs process that fails at its start; between two starts there is nobody who could be told to stop. */
static void work_stops_between_two_starts(void **state)
{
    (void)state;
    atomic_store(&shared->jobs_code, EX_OSERR);
    begin(false);
    EVENTUALLY(atomic_load(&shared->jobs_starts) >= 3);
    EVENTUALLY(gone(atomic_load(&shared->jobs)));
    kill(host, SIGTERM);
    int code = code_of_host();
    assert_true(code == EX_OK || code == EX_OSERR); /* the next one had just been started */
    assert_true(all_gone());
}

static void starts_that_fail_come_later_and_later(void **state)
{
    (void)state;
    atomic_store(&shared->jobs_code, EX_OSERR);
    begin(true);
    EVENTUALLY(atomic_load(&shared->jobs_starts) >= 2);
    usleep(1000 * 1000);
    assert_true(atomic_load(&shared->jobs_starts) < 10); /* 50, 100, 200, 400 ms are between them */
    assert_int_equal(atomic_load(&shared->calls_ready), CALL_WORKERS);
    kill(host, SIGTERM);
    assert_int_equal(code_of_host(), EX_OK);
    assert_true(all_gone());
}

static void a_database_of_no_use_stops_the_start(void **state)
{
    (void)state;
    for (int serve = 0; serve < 2; serve++) {
        atomic_store(&shared->jobs_code, EX_CONFIG);
        begin(serve);
        assert_int_equal(code_of_host(), EX_CONFIG);
        assert_true(all_gone());
    }
}

/* Later on that is a fault like any other: calls go on. */
static void a_database_that_becomes_of_no_use(void **state)
{
    (void)state;
    begin_whole(true);
    atomic_store(&shared->jobs_code, EX_CONFIG);
    kill(atomic_load(&shared->jobs), SIGKILL);
    EVENTUALLY(atomic_load(&shared->jobs_starts) >= 3);
    assert_false(gone(atomic_load(&shared->front)));
    kill(host, SIGTERM);
    assert_int_equal(code_of_host(), EX_OK);
}

static void step_workers_that_do_not_start(void **state)
{
    (void)state;
    atomic_store(&shared->workers_fail, true);
    begin(false);
    assert_int_equal(code_of_host(), EX_UNAVAILABLE);
    assert_true(all_gone());
    begin(true);
    EVENTUALLY(atomic_load(&shared->calls_ready) == CALL_WORKERS);
    usleep(500 * 1000); /* the fourth has failed by then */
    assert_false(gone(atomic_load(&shared->front)));
    kill(host, SIGTERM);
    assert_int_equal(code_of_host(), EX_OK);
    assert_true(all_gone());
}

/* Whoever holds another's socket keeps it open when that one is gone. */
static void a_worker_has_one_socket(void **state)
{
    (void)state;
    begin_whole(true);
    kill(atomic_load(&shared->jobs), SIGKILL);
    EVENTUALLY(atomic_load(&shared->steps_ready) == 2 * STEP_WORKERS);
    assert_int_equal(atomic_load(&shared->worker_sockets), 1);
}

static void each_process_has_its_secrets_alone(void **state)
{
    (void)state;
    begin_whole(true);
    for (int round = 0; round < 2; round++) {
        assert_int_equal(atomic_load(&shared->saw_front), SAW_ADDON | SAW_METRICS);
        assert_int_equal(atomic_load(&shared->saw_jobs), SAW_ADDON | SAW_DATABASE);
        assert_int_equal(atomic_load(&shared->saw_worker), 0);
        atomic_store(&shared->steps_ready, 0);
        kill(atomic_load(&shared->jobs), SIGKILL);
        EVENTUALLY(atomic_load(&shared->jobs_starts) == round + 2);
        EVENTUALLY(atomic_load(&shared->steps_ready) == STEP_WORKERS);
    }
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(without_a_database_there_is_no_jobs_process),
        TEST(the_jobs_process_ends_after_the_front),
        TEST(nothing_is_started_during_a_stop),
        TEST(a_jobs_process_that_dies_is_followed_by_another),
        TEST(its_workers_end_with_it),
        TEST(workers_that_die_as_soon_as_they_are_ready_come_ever_later),
        TEST(workers_that_die_at_work_are_replaced_at_once),
        TEST(a_link_that_did_not_arrive_is_made_anew),
        TEST(without_a_front_the_host_ends),
        TEST(who_hangs_is_ended),
        TEST(nobody_outlives_the_master),
        TEST(work_has_jobs_alone),
        TEST(work_stops_between_two_starts),
        TEST(starts_that_fail_come_later_and_later),
        TEST(a_database_of_no_use_stops_the_start),
        TEST(a_database_that_becomes_of_no_use),
        TEST(step_workers_that_do_not_start),
        TEST(a_worker_has_one_socket),
        TEST(each_process_has_its_secrets_alone),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
