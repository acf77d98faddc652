/* stats.c - counters and histograms of steps. */
#include "runtime/runner/stats.h"

#include <stdlib.h>

#include "runtime/base/log.h"

enum { KINDS = STEP_DELIVER + 1, OUTCOMES = STEP_RELEASED + 1, BOUNDS = 12 };

static const char *const kinds[KINDS] = {
    [STEP_PLAN] = "plan", [STEP_PAGE] = "page", [STEP_FINISH] = "finish", [STEP_DELIVER] = "deliver"
};
static const char *const outcomes[OUTCOMES] = {
    [STEP_DONE] = "done",   [STEP_AGAIN] = "again",     [STEP_FAILED] = "failed",    [STEP_JOB_FAILED] = "job_failed",
    [STEP_WAITS] = "waits", [STEP_CRASHED] = "crashed", [STEP_RELEASED] = "released"
};
static const double bounds_s[BOUNDS] = { 0.005, 0.01, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 60, 300 };

struct histogram {
    uint64_t buckets[BOUNDS], count;
    double sum_s;
};

struct stats {
    uint64_t steps[KINDS][OUTCOMES];
    uint64_t retried, split, quarantined, lost;
    uint64_t items_done, items_failed;
    struct histogram waited, ran[KINDS];
};

struct stats *stats_new(void)
{
    struct stats *s = calloc(1, sizeof *s);
    if (!s)
        abort();
    return s;
}

void stats_free(struct stats *s)
{
    free(s);
}

static void observe(struct histogram *h, double seconds)
{
    for (int i = 0; i < BOUNDS; i++)
        h->buckets[i] += seconds <= bounds_s[i];
    h->count++;
    h->sum_s += seconds;
}

static void log_step(const struct step_fact *f)
{
    struct log_line line;
    enum step_outcome o = f->end->outcome;
    bool well = o == STEP_DONE || o == STEP_RELEASED || (o == STEP_AGAIN && !f->end->counts);
    log_begin(&line, well ? LOG_INFO : LOG_WARN, "step");
    log_text(&line, "job", f->claim->job);
    log_text(&line, "kind", kinds[f->claim->kind]);
    log_int(&line, "attempt", f->claim->attempt);
    log_ms(&line, "ms", f->ran_us);
    log_int(&line, "done", f->ended->done);
    log_int(&line, "failed", f->ended->failed);
    if (f->ended->again)
        log_int(&line, "again", f->ended->again);
    log_text(&line, "outcome", outcomes[o]);
    log_text(&line, "code", f->end->code);
    if (f->ended->split || f->ended->quarantined)
        log_text(&line, "then", f->ended->split ? "split" : "quarantined");
    log_text(&line, "id", f->claim->request_id);
    log_end(&line);
}

static void log_job(const struct step_fact *f)
{
    struct log_line line;
    log_begin(&line, LOG_INFO, "job");
    log_text(&line, "job", f->claim->job);
    log_text(&line, "action", f->claim->operation);
    log_text(&line, "state", f->ended->job_state);
    log_int(&line, "done", f->ended->job_done);
    log_int(&line, "failed", f->ended->job_failed);
    log_int(&line, "ms", f->ended->job_ms);
    log_end(&line);
}

void stats_step(struct stats *s, const struct step_fact *f)
{
    s->steps[f->claim->kind][f->end->outcome]++;
    s->retried += f->ended->retried;
    s->split += f->ended->split;
    s->quarantined += f->ended->quarantined;
    s->items_done += (uint64_t)(f->ended->done > 0 ? f->ended->done : 0);
    s->items_failed += (uint64_t)(f->ended->failed > 0 ? f->ended->failed : 0);
    observe(&s->waited, (double)f->claim->waited_ms / 1e3);
    observe(&s->ran[f->claim->kind], (double)f->ran_us / 1e6);
    log_step(f);
    if (f->ended->job_ended)
        log_job(f);
}

void stats_lost(struct stats *s, const struct claim *c)
{
    s->lost++;
    log_event(LOG_WARN, "step-lost", "job", c->job, "kind", kinds[c->kind], "why",
              "its lease was over or its job has ended; what it did is not counted", NULL);
}

/* ---- the page ---- */

static void head(struct buf *out, const char *name, const char *type, const char *help)
{
    buf_fmt(out, "# HELP actionhost_%s %s\n# TYPE actionhost_%s %s\n", name, help, name, type);
}

static void one(struct buf *out, const char *name, const char *type, const char *help, long long value)
{
    head(out, name, type, help);
    buf_fmt(out, "actionhost_%s %lld\n", name, value);
}

static void write_steps(const struct stats *s, struct buf *out)
{
    head(out, "job_steps_total", "counter", "Steps that have ended, by kind and outcome.");
    for (int k = 0; k < KINDS; k++)
        for (int o = 0; o < OUTCOMES; o++)
            if (s->steps[k][o])
                buf_fmt(out, "actionhost_job_steps_total{kind=\"%s\",outcome=\"%s\"} %llu\n", kinds[k], outcomes[o],
                        (unsigned long long)s->steps[k][o]);
}

static void write_histogram(const struct histogram *h, const char *name, const char *label, struct buf *out)
{
    const char *comma = *label ? "," : "", *open = *label ? "{" : "", *close = *label ? "}" : "";
    for (int i = 0; i < BOUNDS; i++)
        buf_fmt(out, "actionhost_%s_bucket{%s%sle=\"%g\"} %llu\n", name, label, comma, bounds_s[i],
                (unsigned long long)h->buckets[i]);
    buf_fmt(out, "actionhost_%s_bucket{%s%sle=\"+Inf\"} %llu\n", name, label, comma, (unsigned long long)h->count);
    buf_fmt(out, "actionhost_%s_sum%s%s%s %.6f\n", name, open, label, close, h->sum_s);
    buf_fmt(out, "actionhost_%s_count%s%s%s %llu\n", name, open, label, close, (unsigned long long)h->count);
}

static void write_histograms(const struct stats *s, struct buf *out)
{
    static const char waited[] = "job_step_wait_seconds", ran[] = "job_step_run_seconds";
    head(out, waited, "histogram", "From the moment a step was ready until it was claimed.");
    write_histogram(&s->waited, waited, "", out);
    head(out, ran, "histogram", "Time that steps ran, by kind.");
    for (int k = 0; k < KINDS; k++) {
        struct buf label;
        buf_init(&label, 64);
        buf_fmt(&label, "kind=\"%s\"", kinds[k]);
        if (s->ran[k].count && label.p)
            write_histogram(&s->ran[k], ran, label.p, out);
        buf_free(&label);
    }
}

static void write_queue(const struct queue_stats *q, struct buf *out)
{
    one(out, "job_steps_ready", "gauge", "Steps that wait to be claimed.", q->ready);
    one(out, "job_steps_claimed", "gauge", "Steps that run anywhere.", q->running);
    head(out, "job_oldest_ready_seconds", "gauge", "Age of the step that waits longest.");
    buf_fmt(out, "actionhost_job_oldest_ready_seconds %.3f\n", (double)q->oldest_ready_ms / 1000);
    one(out, "jobs_running", "gauge", "Jobs that have not ended.", q->jobs_running);
    one(out, "jobs_waiting", "gauge", "Jobs that wait for their user or their org.", q->waiting_jobs);
    one(out, "job_owners", "gauge", "Processes that claim steps.", q->owners);
}

/* Of each subscription, as its reader told it last: any process with the database can tell it. */
static const struct {
    const char *member, *name, *type, *help;
    double unit;
} subscription_rows[] = {
    { "held", "events_listening", "gauge", "1 while somebody holds the lease of the subscription.", 1 },
    { "lagMs", "events_lag_seconds", "gauge", "From the commit of the last event until it was kept.", 1000 },
    { "open", "events_open", "gauge", "Events that wait for the end of their transaction.", 1 },
    { "waiting", "events_credit", "gauge", "Events asked for that have not come; below 100, more are there.", 1 },
    { "kept", "events_kept_total", "counter", "Events that some action wants.", 1 },
    { "duplicates", "events_duplicates_total", "counter", "Events dropped, as they were kept before.", 1 },
    { "gaps", "events_gaps_total", "counter", "Events that did not tell all, and positions that were lost.", 1 },
    { "apart", "events_apart", "gauge", "Events that could not be used and are kept apart.", 1 },
    { "received", "events_received", "gauge", "Events of the present reader.", 1 },
    { "reconnects", "events_reconnects", "gauge", "Times that the present reader began again.", 1 },
};

static void write_subscription(struct buf *out, const json_t *row, size_t i)
{
    const json_t *value = json_object_get(row, subscription_rows[i].member);
    const char *topic = json_string_value(json_object_get(row, "topic")),
               *connection = json_string_value(json_object_get(row, "connection"));
    double n = json_is_true(value) ? 1 : (double)json_integer_value(value);
    if (value && topic && connection)
        buf_fmt(out, "actionhost_%s{connection=\"%s\",topic=\"%s\"} %.15g\n", subscription_rows[i].name, connection,
                topic, n / subscription_rows[i].unit);
}

bool stats_write_subscriptions(const json_t *list, struct buf *out)
{
    for (size_t i = 0; json_array_size(list) > 0 && i < sizeof subscription_rows / sizeof *subscription_rows; i++) {
        head(out, subscription_rows[i].name, subscription_rows[i].type, subscription_rows[i].help);
        for (size_t k = 0; k < json_array_size(list); k++)
            write_subscription(out, json_array_get(list, k), i);
    }
    return !out->failed;
}

bool stats_write(const struct stats *s, const struct stats_now *now, struct buf *out)
{
    one(out, "jobs_available", "gauge", "1 while the job database answers.", !now->away);
    if (!now->away)
        write_queue(&now->queue, out);
    one(out, "job_workers", "gauge", "Worker processes for steps.", now->workers);
    one(out, "job_steps_running", "gauge", "Steps that run in this process's workers.", now->running);
    one(out, "job_callers_waiting", "gauge", "Callers who wait for a job to end.", now->waiting_callers);
    write_steps(s, out);
    one(out, "job_steps_retried_total", "counter", "Attempts after the first.", (long long)s->retried);
    one(out, "job_steps_split_total", "counter", "Pages that were split after crashes.", (long long)s->split);
    one(out, "job_items_quarantined_total", "counter", "Items given up after crashes.", (long long)s->quarantined);
    one(out, "job_steps_lost_total", "counter", "Results dropped, as the lease was lost.", (long long)s->lost);
    one(out, "job_items_done_total", "counter", "Items that were done.", (long long)s->items_done);
    one(out, "job_items_failed_total", "counter", "Items that failed for good.", (long long)s->items_failed);
    write_histograms(s, out);
    return !out->failed;
}
