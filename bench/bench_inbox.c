/*
 * bench_inbox.c - events into the inbox of the jobs process, as frames of a listener bring them: how many a second, and
 * how long 100,000 that came while nobody listened take until each is in a job. SQLite, every commit on the disk, in
 * BENCH_DIR or /var/tmp.
 *
 *   build/release/bench/bench_inbox
 */
#include <sys/resource.h>

#include "tests/tools/events_feed.h"

enum { EVENTS = 100000, BATCH = 100, TARGET_PER_SECOND = 10000, TARGET_S = 20 };

static const struct row {
    const char *name;
    long transaction; /* events of one */
} rows[] = { { "one_each", 1 }, { "ten_each", 10 } };

static double cpu_s(void)
{
    struct rusage u;
    getrusage(RUSAGE_SELF, &u);
    return (double)(u.ru_utime.tv_sec + u.ru_stime.tv_sec) + (double)(u.ru_utime.tv_usec + u.ru_stime.tv_usec) / 1e6;
}

static void fill(struct feed *f, const struct row *row, double *kept_s, double *jobs_s)
{
    int64_t began = clock_us();
    for (long at = 0; at < EVENTS;) {
        struct event v[BATCH];
        struct feed_texts texts[BATCH];
        struct message_events_answer a;
        char latest[24];
        for (size_t n = 0; n < BATCH; n++, at++)
            v[n] = feed_event(at, at / row->transaction, &texts[n]);
        snprintf(latest, sizeof latest, "%ld", at);
        feed_must(feed_events(f, v, BATCH, latest, &a) && a.kept == BATCH, "keep", f);
        events_work(f->events, clock_ms());
    }
    *kept_s = (double)(clock_us() - began) / 1e6;
    for (json_int_t open = 1; open > 0;) {
        json_t *list = NULL;
        usleep(1000);
        events_work(f->events, clock_ms());
        feed_must(subscription_list(f->queue, &list) == QUEUE_OK, "list", f);
        open = json_integer_value(json_object_get(json_array_get(list, 0), "open"));
        json_decref(list);
    }
    *jobs_s = (double)(clock_us() - began) / 1e6;
}

int main(void)
{
    const char *base = getenv("BENCH_DIR");
    bool missed = false;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        char folder[300], file[340], line[400];
        struct feed f;
        double kept_s, jobs_s, cpu = cpu_s();
        snprintf(folder, sizeof folder, "%s/bench-inbox-XXXXXX", base && *base ? base : "/var/tmp");
        if (!mkdtemp(folder))
            return 1;
        snprintf(file, sizeof file, "%s/jobs.db", folder);
        feed_open(&f, file);
        feed_must(feed_claim(&f), "claim", &f);
        fill(&f, &rows[i], &kept_s, &jobs_s);
        feed_close(&f);
        printf("events inbox_per_second %.0f transactions %s target %d\n", EVENTS / kept_s, rows[i].name,
               TARGET_PER_SECOND);
        printf("events missed_100000_in_jobs_s %.1f transactions %s target %d cpu_s %.1f\n", jobs_s, rows[i].name,
               TARGET_S, cpu_s() - cpu);
        missed = missed || EVENTS / kept_s < TARGET_PER_SECOND || jobs_s > TARGET_S;
        snprintf(line, sizeof line, "rm -rf '%s'", folder);
        if (system(line) != 0)
            return 1;
    }
    return missed;
}
