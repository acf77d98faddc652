/*
 * bench_jobs.c - the queue of jobs on both engines: steps claimed and ended one by one, by one process, every commit on
 * the disk; the same with 100,000 steps of 50 orgs waiting; what a start costs beside an fdatasync of the same disk;
 * how long after a start another process has claimed it. Files and server are made in BENCH_DIR, or in
 * /var/tmp, where the user of the server may go. Beside each figure stands that of the prototype, measured on the
 * machine for which the targets were set.
 *
 *   build/release/bench/bench_jobs [sqlite|postgres]
 */
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "runtime/base/system.h"
#include "runtime/jobs/queue.h"

enum { ORGS = 50, PAGES = 1000, STEPS = 4000, STARTS = 400, WAKES = 60, LEASE_MS = 60000 };

static struct {
    char folder[400], file[440], url[500];
    bool postgres, missed;
} bench;

static void must(bool ok, const char *what, const struct queue *q)
{
    if (ok)
        return;
    fprintf(stderr, "bench_jobs: %s: %s\n", what, q ? queue_why(q) : "");
    exit(1);
}

static struct queue *opened(bool notify)
{
    const struct queue_settings s = {
        .database_url = bench.postgres ? bench.url : NULL, .path = bench.file, .poll_ms = 1000, .notify = notify
    };
    struct queue *q = queue_new(&s);
    must(queue_open_now(q, 30000, NULL) == QUEUE_OK, "open", q);
    return q;
}

static void start(struct queue *q, int org, const char *input)
{
    char id[20];
    struct job_started s;
    snprintf(id, sizeof id, "00Dxx%010dEAA", org);
    const struct job_new n = { .operation = "generateQuotes",
                               .org_id = id,
                               .user_id = "005xx0000000001AAA",
                               .username = "a@b.c",
                               .queue = "quotes",
                               .priority = 5,
                               .per_org = 4,
                               .page_items = 1,
                               .attempts = 3,
                               .keep_days = 7,
                               .input = span_of(input),
                               .credentials = { "0123456789012345678901234567890123456789", 40 },
                               .org_url = "https://o.my.salesforce.com",
                               .api_version = "62.0",
                               .request_id = "r",
                               .traceparent = "t" };
    must(queue_start(q, &n, &s) == QUEUE_OK, "start", q);
}

static bool claim(struct queue *q, struct claim *c)
{
    const struct claim_wish w = { .owner = "bench", .lease_ms = LEASE_MS, .max = 1 };
    int n;
    must(queue_claim(q, &w, c, &n) == QUEUE_OK, "claim", q);
    return n == 1;
}

static void end(struct queue *q, struct claim *c, const json_t *items, const json_t *cursor)
{
    struct step_ended out;
    const struct step_end e = { .outcome = STEP_DONE, .items = items, .cursor = cursor, .total = -1 };
    must(queue_step_end(q, c, &e, &out) == QUEUE_OK, "end", q);
    queue_claim_free(c);
}

/* `jobs` jobs with PAGES steps each, of `orgs` orgs in turn. */
static void fill(struct queue *q, int orgs, int jobs)
{
    json_t *items = json_array();
    struct claim c;
    for (int i = 0; i < PAGES; i++)
        json_array_append_new(items, json_sprintf("006xx%010dAAA", i));
    for (int i = 0; i < jobs; i++)
        start(q, i % orgs, "{}");
    for (int i = 0; i < jobs; i++) { /* those were there before any page */
        must(claim(q, &c) && c.kind == STEP_PLAN, "plan", q);
        end(q, &c, items, NULL);
    }
    json_decref(items);
}

static void target(const char *what, double is, double wanted, bool least, const char *prototype)
{
    bool ok = least ? is >= wanted : is <= wanted;
    printf("%s %s: %.2f of %g %s%s (prototype: %s)\n", bench.postgres ? "PostgreSQL" : "SQLite", what, is, wanted,
           least ? "at least" : "at most", ok ? "" : " MISSED", prototype);
    bench.missed = bench.missed || !ok;
}

/* Steps a second, the best of a few slices: what else the machine does only takes away. */
static double cpu_s(void)
{
    struct timespec t;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static double steps(struct queue *q)
{
    enum { SLICES = 4 };
    double best = 0, cpu = cpu_s();
    for (int slice = 0; slice < SLICES; slice++) {
        int64_t begun = clock_us();
        for (int i = 0; i < STEPS / SLICES; i++) {
            struct claim c;
            must(claim(q, &c), "no step is left", q);
            end(q, &c, NULL, NULL);
        }
        double rate = STEPS / SLICES * 1e6 / (double)(clock_us() - begun);
        best = rate > best ? rate : best;
    }
    printf("    %.0f us CPU of this process for each step\n", (cpu_s() - cpu) * 1e6 / STEPS);
    return best;
}

/* ---- a start beside the disk ---- */

static int by_value(const void *a, const void *b)
{
    int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
    return (x > y) - (x < y);
}

static double median(int64_t times[STARTS])
{
    qsort(times, STARTS, sizeof *times, by_value);
    return (double)times[STARTS / 2];
}

/* Microseconds of a start, and of 4 KiB that are on the disk, in turns: whatever else the disk does meets both. */
static void start_and_disk(struct queue *q, double *start_us, double *disk_us)
{
    static char block[4096];
    static int64_t starts[STARTS], writes[STARTS];
    char path[440];
    snprintf(path, sizeof path, "%s/floor", bench.folder);
    int fd = open(path, O_CREAT | O_RDWR | O_CLOEXEC, 0600);
    must(fd >= 0, "floor", NULL);
    for (int i = 0; i < STARTS; i++) {
        int64_t begun = clock_us();
        must(pwrite(fd, block, sizeof block, (off_t)i * 4096) == sizeof block && fdatasync(fd) == 0, "fdatasync", NULL);
        int64_t written = clock_us();
        start(q, i % ORGS, "{\"opportunityIds\":[\"006xx0000000001AAA\"]}");
        starts[i] = clock_us() - written;
        writes[i] = written - begun;
    }
    close(fd);
    *start_us = median(starts);
    *disk_us = median(writes);
}

/* ---- wake-up ---- */

static void starter(void)
{
    struct queue *q = opened(false);
    char input[40];
    for (int i = 0; i < WAKES; i++) {
        usleep(20000 + (unsigned)(i % 7) * 3000);
        snprintf(input, sizeof input, "%lld", (long long)clock_us());
        start(q, i, input);
    }
    queue_free(q);
    _exit(0);
}

static void wake(double *mean, double *worst)
{
    struct queue *q = opened(true);
    struct claim c;
    double sum = 0;
    *worst = 0;
    pid_t child = fork();
    if (child == 0)
        starter();
    for (int i = 0; i < WAKES;) {
        while (i < WAKES && claim(q, &c)) {
            double ms = (double)(clock_us() - strtoll(c.input.p, NULL, 10)) / 1000;
            sum += ms;
            *worst = ms > *worst ? ms : *worst;
            end(q, &c, NULL, NULL);
            i++;
        }
        struct pollfd f = { .fd = queue_fd(q), .events = POLLIN };
        while (i < WAKES && !queue_heard(q))
            poll(&f, 1, queue_timeout_ms(q, clock_ms()));
    }
    *mean = sum / WAKES;
    waitpid(child, NULL, 0);
    queue_free(q);
}

/* ---- an engine ---- */

static void empty(void)
{
    static const char *const ends[] = { "", "-wal", "-shm" };
    char path[460];
    for (int i = 0; i < 3; i++) {
        snprintf(path, sizeof path, "%s%s", bench.file, ends[i]);
        unlink(path);
    }
}

/* A line of the shell, in which $1 is `folder`. */
static bool command(const char *script, const char *folder, char *said, size_t size)
{
    char line[1000];
    snprintf(line, sizeof line, "set -- '%s'; %s", folder, script);
    FILE *f = popen(line, "r"); /* NOLINT(cert-env33-c) */
    if (!f)
        return false;
    size_t n = fread(said, 1, size - 1, f);
    said[n] = '\0';
    said[strcspn(said, "\n")] = '\0';
    return pclose(f) == 0;
}

static void measure(void)
{
    double mean, worst, disk, one;
    struct queue *q = opened(false);
    wake(&mean, &worst);
    start_and_disk(q, &one, &disk);
    target("start, in times of an fdatasync", one / disk, 4, false, "-");
    printf("    a start %.0f us, an fdatasync %.0f us\n", one, disk);
    target("wake-up to claimed, mean ms", mean, 5, false, bench.postgres ? "1.4" : "1.65");
    printf("    the worst %.2f ms of %d\n", worst, WAKES);
    queue_free(q);
    if (!bench.postgres)
        empty();
}

static void measure_steps(void)
{
    struct queue *q = opened(false);
    fill(q, 1, STEPS / PAGES);
    target("steps/s", steps(q), bench.postgres ? 500 : 1500, true, bench.postgres ? "726" : "2156");
    fill(q, ORGS, 100000 / PAGES);
    target("steps/s, 100,000 steps of 50 orgs wait", steps(q), bench.postgres ? 300 : 1200, true,
           bench.postgres ? "395" : "1491");
    queue_free(q);
}

int main(int argc, char **argv)
{
    const char *base = getenv("BENCH_DIR");
    char said[500];
    FILE *guard = NULL;
    setvbuf(stdout, NULL, _IOLBF, 0);
    snprintf(bench.folder, sizeof bench.folder, "%s/bench-jobs-XXXXXX", base ? base : "/var/tmp");
    must(mkdtemp(bench.folder) && chmod(bench.folder, 0755) == 0, "no folder", NULL);
    snprintf(bench.file, sizeof bench.file, "%s/jobs.db", bench.folder);
    if (argc < 2 || strcmp(argv[1], "sqlite") == 0) {
        measure();
        measure_steps();
    }
    if ((argc < 2 || strcmp(argv[1], "postgres") == 0) &&
        command("tests/postgres.sh start \"$1/pg\" $BENCH_SETTINGS", bench.folder, bench.url, sizeof bench.url)) {
        char line[600];
        snprintf(line, sizeof line, "exec setsid tests/postgres.sh guard '%s/pg'", bench.folder);
        guard = popen(line, "we"); /* NOLINT(cert-env33-c): ends the server however this program ends */
        bench.postgres = true;
        measure();
        command(
            "psql -q \"$1\" -c 'SET client_min_messages = warning; DROP SCHEMA public CASCADE; CREATE SCHEMA public'",
            bench.url, said, sizeof said);
        measure_steps();
    }
    if (!bench.postgres && (argc < 2 || strcmp(argv[1], "postgres") == 0))
        printf("PostgreSQL was not measured: tests/postgres.sh has started none\n");
    if (guard)
        pclose(guard);
    command("rm -rf \"$1\"", bench.folder, said, sizeof said);
    return bench.missed;
}
