/*
 * events_crash.c - a stream of change events into the inbox of a process that is killed again and again, with events
 * that come twice; then each event is in one job, and no job has events of two transactions.
 *
 *   events_crash URL-OR-FILE EVENTS KILLS     prints one line; exit 0 when all of it holds
 */
#include <signal.h>
#include <sys/wait.h>

#include "tests/tools/events_feed.h"

enum { BATCH = 100, AGAIN_IN_100 = 5, PAUSE_IN_100 = 3, PAUSE_US = 300000, STEP_US = 8000 };

static const char *where;
static long events;

/* Transactions of 1 to 9 events. */
static long transaction_of(long i)
{
    long size = 1, rest = i % 45;
    for (; rest >= size; size++)
        rest -= size;
    return i / 45 * 9 + size - 1;
}

static void work_for(struct feed *f, long us)
{
    int64_t end = clock_ms() + us / 1000;
    do {
        events_work(f->events, clock_ms());
        usleep(1000);
    } while (clock_ms() < end);
}

static bool send_some(struct feed *f, long *at, unsigned *seed)
{
    struct event v[BATCH];
    struct feed_texts texts[BATCH];
    struct message_events_answer a;
    size_t n = 0;
    long next = *at;
    for (; n < BATCH && next < events; n++) {
        bool again = next > 0 && rand_r(seed) % 100 < AGAIN_IN_100;
        long i = again ? rand_r(seed) % next : next++;
        v[n] = feed_event(i, transaction_of(i), &texts[n]);
    }
    char latest[24];
    snprintf(latest, sizeof latest, "%ld", next);
    if (!feed_events(f, v, n, latest, &a))
        return false;
    *at = next;
    return true;
}

/* Reads the stream to its end, from where somebody else was killed. */
static void read_stream(unsigned seed)
{
    struct feed f;
    feed_open(&f, where);
    while (!feed_claim(&f))
        usleep(STEP_US);
    long at = strtol(f.position, NULL, 10);
    while (at < events) {
        if (!send_some(&f, &at, &seed) && !feed_claim(&f))
            usleep(STEP_US);
        work_for(&f, rand_r(&seed) % 100 < PAUSE_IN_100 ? PAUSE_US : STEP_US);
    }
    work_for(&f, 600000); /* the last ones end in silence */
    feed_close(&f);
    _exit(0);
}

/* ---- what has become of it ---- */

static unsigned char *seen;

static long look_at_job(const struct claim *c)
{
    json_t *input = json_loadb(c->input.p, c->input.n, 0, NULL), *id;
    const json_t *event = json_object_get(input, DECLARED_EVENT);
    const char *key = declaration_text(event, "transactionKey");
    long transaction = strlen(key) > 24 ? strtol(key + 24, NULL, 10) : -1, wrong = 0;
    size_t i;
    json_array_foreach (json_object_get(input, "opportunityIds"), i, id) {
        const char *text = json_string_value(id);
        long n = text ? strtol(text + 5, NULL, 10) : -1;
        wrong += n < 0 || n >= events || transaction_of(n) != transaction;
        if (n >= 0 && n < events && seen[n] < 255)
            seen[n]++;
    }
    json_decref(input);
    return wrong;
}

static long look_at_jobs(struct queue *q, long *jobs)
{
    const struct claim_wish w = { .owner = "reader", .lease_ms = 60000, .max = 16 };
    const struct step_end done = { .outcome = STEP_DONE, .total = -1 };
    struct step_ended ended;
    struct claim claims[16];
    long wrong = 0;
    int n = 1;
    for (*jobs = 0; n > 0; *jobs += n) {
        if (queue_claim(q, &w, claims, &n) != QUEUE_OK)
            return -1;
        for (int i = 0; i < n; i++) {
            if (claims[i].kind == STEP_PLAN)
                wrong += look_at_job(&claims[i]);
            *jobs -= claims[i].kind != STEP_PLAN;
            if (queue_step_end(q, &claims[i], &done, &ended) != QUEUE_OK)
                return -1;
            queue_claim_free(&claims[i]);
        }
    }
    return wrong;
}

int main(int argc, char **argv)
{
    unsigned seed = (unsigned)time(NULL) ^ (unsigned)getpid();
    if (argc < 4)
        return 2;
    where = argv[1];
    events = strtol(argv[2], NULL, 10);
    seen = calloc((size_t)events + 1, 1);
    int status = -1, kills = (int)strtol(argv[3], NULL, 10), killed = 0;
    for (bool over = false; !over;) {
        pid_t child = fork();
        if (child == 0)
            read_stream(seed + (unsigned)killed);
        if (killed < kills) {
            usleep((useconds_t)(60000 + rand_r(&seed) % 200000));
            kill(child, SIGKILL);
        }
        waitpid(child, &status, 0);
        killed += WIFSIGNALED(status);
        over = !WIFSIGNALED(status);
    }
    struct feed f;
    feed_open(&f, where);
    long jobs = 0, wrong = look_at_jobs(f.queue, &jobs), missing = 0, twice = 0;
    for (long i = 0; i < events; i++) {
        missing += seen[i] == 0;
        twice += seen[i] > 1;
    }
    long transactions = transaction_of(events - 1) + 1;
    printf("%ld events of %ld transactions in %ld jobs, %d kills: %ld missing, %ld twice, %ld in a foreign job\n",
           events, transactions, jobs, killed, missing, twice, wrong);
    feed_close(&f);
    return WEXITSTATUS(status) != 0 || missing || twice || wrong || jobs < transactions || killed < kills;
}
