/* metrics.c - counters and histograms. */
#include "runtime/web/metrics.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { CODES = 64, BUCKETS = 12 };
static const double bounds_s[BUCKETS] = { 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 5, 25 };

struct histogram {
    uint64_t bucket[BUCKETS], count;
    double sum_s;
};

struct outcome {
    int status;
    char code[64];
    uint64_t count;
};

/* How a request ended, as a label: the histograms tell these apart, so that quick refusals do not hide slow work. */
enum ending { OK, REFUSED, FAILED, ENDINGS };
static const char *const ending_names[ENDINGS] = { [OK] = "ok", [REFUSED] = "refused", [FAILED] = "failed" };

/* What is timed. */
enum span_kind { TOTAL, AUTHENTICATION, QUEUE, ACTION, SPANS };
static const struct {
    const char *name, *help;
} spans[SPANS] = {
    [TOTAL] = { "request_duration", "From the last header to the end of the answer." },
    [AUTHENTICATION] = { "authentication", "Wait for the add-on or check of the token." },
    [QUEUE] = { "queue", "Wait for a worker, also of calls that got none." },
    [ACTION] = { "action", "In the worker." },
};

/* One row per action, and one more for requests that reached none. */
struct row {
    const char *name;
    struct outcome outcomes[CODES];
    size_t n;
    uint64_t other; /* outcomes beyond the table */
    struct histogram times[SPANS][ENDINGS];
};

struct metrics {
    const struct declarations *d;
    uint64_t refused_connections;
    size_t n;
    struct row rows[];
};

struct metrics *metrics_new(const struct declarations *d)
{
    struct metrics *m = calloc(1, sizeof *m + (d->n + 1) * sizeof m->rows[0]);
    if (!m)
        abort();
    m->d = d;
    m->n = d->n + 1;
    for (size_t i = 0; i < d->n; i++)
        m->rows[i].name = d->v[i].operation_id;
    m->rows[d->n].name = ""; /* which no action can be called */
    return m;
}

void metrics_free(struct metrics *m)
{
    free(m);
}

static void observe(struct histogram *h, int64_t us)
{
    double s = (double)us / 1e6;
    for (size_t i = 0; i < BUCKETS; i++)
        h->bucket[i] += s <= bounds_s[i];
    h->count++;
    h->sum_s += s;
}

static void count_outcome(struct row *r, int status, const char *code)
{
    for (size_t i = 0; i < r->n; i++) {
        if (r->outcomes[i].status == status && strcmp(r->outcomes[i].code, code) == 0) {
            r->outcomes[i].count++;
            return;
        }
    }
    if (r->n == CODES) {
        r->other++;
        return;
    }
    struct outcome *o = &r->outcomes[r->n++];
    o->status = status;
    o->count = 1;
    copy_text(o->code, sizeof o->code, code);
}

/* A caller that had gone before there was an answer (status 0) is none of the host's failures. */
static enum ending ending_of(int status)
{
    return status >= 500 ? FAILED : status >= 200 && status < 400 ? OK : REFUSED;
}

void metrics_count(struct metrics *m, const struct declaration *action, const struct metrics_request *request)
{
    struct row *r = &m->rows[action ? (size_t)(action - m->d->v) : m->n - 1];
    enum ending ending = ending_of(request->status);
    count_outcome(r, request->status, request->code);
    observe(&r->times[TOTAL][ending], request->total_us);
    if (request->auth_us)
        observe(&r->times[AUTHENTICATION][ending], request->auth_us);
    if (request->queued)
        observe(&r->times[QUEUE][ending], request->queued_us);
    if (request->ran_us)
        observe(&r->times[ACTION][ending], request->ran_us);
}

void metrics_count_refused_connection(struct metrics *m)
{
    m->refused_connections++;
}

static void write_histogram(struct buf *out, const char *name, const char *action, enum ending ending,
                            const struct histogram *h)
{
    char labels[200];
    if (h->count == 0)
        return;
    snprintf(labels, sizeof labels, "action=\"%s\",outcome=\"%s\"", action, ending_names[ending]);
    for (size_t i = 0; i < BUCKETS; i++)
        buf_fmt(out, "actionhost_%s_seconds_bucket{%s,le=\"%g\"} %llu\n", name, labels, bounds_s[i],
                (unsigned long long)h->bucket[i]);
    buf_fmt(out, "actionhost_%s_seconds_bucket{%s,le=\"+Inf\"} %llu\n", name, labels, (unsigned long long)h->count);
    buf_fmt(out, "actionhost_%s_seconds_sum{%s} %.6f\n", name, labels, h->sum_s);
    buf_fmt(out, "actionhost_%s_seconds_count{%s} %llu\n", name, labels, (unsigned long long)h->count);
}

static void write_requests(const struct metrics *m, struct buf *out)
{
    buf_str(out, "# HELP actionhost_requests_total Answered requests by action, HTTP status and error code.\n"
                 "# TYPE actionhost_requests_total counter\n");
    for (size_t i = 0; i < m->n; i++) {
        const struct row *r = &m->rows[i];
        for (size_t k = 0; k < r->n; k++)
            buf_fmt(out, "actionhost_requests_total{action=\"%s\",status=\"%d\",code=\"%s\"} %llu\n", r->name,
                    r->outcomes[k].status, r->outcomes[k].code, (unsigned long long)r->outcomes[k].count);
        if (r->other)
            buf_fmt(out, "actionhost_requests_total{action=\"%s\",status=\"other\",code=\"other\"} %llu\n", r->name,
                    (unsigned long long)r->other);
    }
}

static void write_histograms(const struct metrics *m, struct buf *out)
{
    for (size_t k = 0; k < SPANS; k++) {
        buf_fmt(out, "# HELP actionhost_%s_seconds %s\n# TYPE actionhost_%s_seconds histogram\n", spans[k].name,
                spans[k].help, spans[k].name);
        for (size_t i = 0; i < m->n; i++)
            for (size_t e = 0; e < ENDINGS; e++)
                write_histogram(out, spans[k].name, m->rows[i].name, (enum ending)e, &m->rows[i].times[k][e]);
    }
}

bool metrics_write(const struct metrics *m, const struct metrics_now *now, struct buf *out)
{
    const struct {
        const char *name, *help;
        double value;
    } gauges[] = {
        { "workers_ready", "Workers that can take a call or run one.", now->workers_ready },
        { "workers_wanted", "Workers that the pool wants now.", now->workers_wanted },
        { "calls_running", "Calls in workers.", now->calls_running },
        { "calls_waiting", "Calls that wait for a worker.", now->calls_waiting },
        { "requests_in_flight", "Requests that are not answered yet.", now->in_flight },
        { "requests_live", "Requests in memory, from the request line on.", now->live },
        { "connections_open", "Connections, those that were refused and not closed yet included.", now->connections },
        { "addon_available", "1 unless the breaker on the add-on is open.", now->addon_available },
        { "draining", "1 after a stop was asked for.", now->draining },
        { "body_bytes", "Memory that request bodies hold.", (double)now->body_bytes },
        { "replay_keys", "Invocation ids that are remembered.", (double)now->replay_keys },
    };
    write_requests(m, out);
    write_histograms(m, out);
    buf_fmt(out,
            "# HELP actionhost_connections_refused_total Connections over CONNECTIONS_MAX.\n"
            "# TYPE actionhost_connections_refused_total counter\nactionhost_connections_refused_total %llu\n",
            (unsigned long long)m->refused_connections);
    for (size_t i = 0; i < sizeof gauges / sizeof *gauges; i++)
        buf_fmt(out, "# HELP actionhost_%s %s\n# TYPE actionhost_%s gauge\nactionhost_%s %.0f\n", gauges[i].name,
                gauges[i].help, gauges[i].name, gauges[i].name, gauges[i].value);
    return !out->failed;
}
