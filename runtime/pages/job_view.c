/* job_view.c - parts of the pages that show a job. */
#include "runtime/pages/job_view.h"

#include <stdlib.h>
#include <string.h>

#include "runtime/pages/html.h"

enum { FIRST_MS = 5000 /* in which nothing is said of the time that is left */ };

static const char *text_of(const json_t *job, const char *name)
{
    return json_string_value(json_object_get(job, name));
}

static int64_t number_of(const json_t *job, const char *name, int64_t otherwise)
{
    const json_t *v = json_object_get(job, name);
    return json_is_integer(v) ? json_integer_value(v) : otherwise;
}

static bool is(const struct job_view *v, const char *state)
{
    return v->state && strcmp(v->state, state) == 0;
}

void job_view_read(const json_t *job, int64_t now_ms, struct job_view *v)
{
    *v = (struct job_view){ .id = text_of(job, "jobId"),
                            .operation = text_of(job, "operation"),
                            .state = text_of(job, "state"),
                            .username = text_of(job, "username"),
                            .user = text_of(job, "userId"),
                            .org = text_of(job, "orgId"),
                            .org_url = text_of(job, "orgUrl"),
                            .connection = text_of(job, "connection"),
                            .queue = text_of(job, "queue"),
                            .message = text_of(job, "message"),
                            .input = text_of(job, "input"),
                            .created = text_of(job, "createdAt"),
                            .started = text_of(job, "startedAt"),
                            .finished = text_of(job, "finishedAt"),
                            .total = number_of(job, "total", -1),
                            .done = number_of(job, "done", 0),
                            .failed = number_of(job, "failed", 0),
                            .kept = number_of(job, "kept", 0),
                            .eta_s = number_of(job, "etaSeconds", -1),
                            .rate = json_number_value(json_object_get(job, "ratePerSecond")),
                            .paused = json_is_true(json_object_get(job, "paused")),
                            .now_ms = now_ms };
    if (!v->id)
        v->id = "";
    v->ended = is(v, "done") || is(v, "failed") || is(v, "canceled");
}

const char *job_view_person(const struct job_view *v)
{
    return v->username && *v->username ? v->username : v->user && *v->user ? v->user : "page";
}

bool job_view_can_retry(const struct job_view *v)
{
    return v->ended && v->kept > 0 && v->connection;
}

void job_view_state(struct buf *b, const struct job_view *v)
{
    static const struct {
        const char *state;
        enum html_sign sign;
        const char *word;
    } rows[] = { { "queued", SIGN_QUEUED, "Queued" },    { "running", SIGN_RUNNING, "Running" },
                 { "waiting", SIGN_WAITING, "Waiting" }, { "done", SIGN_DONE, "Done" },
                 { "failed", SIGN_FAILED, "Failed" },    { "canceled", SIGN_CANCELED, "Canceled" } };
    if (is(v, "done") && v->failed > 0) {
        html_state_begin(b, SIGN_PARTLY);
        buf_str(b, "Done, ");
        html_number(b, v->failed);
        buf_str(b, " failed");
        html_state_end(b);
        return;
    }
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        if (!is(v, rows[i].state))
            continue;
        html_state_begin(b, rows[i].sign);
        buf_str(b, rows[i].word);
        html_state_end(b);
    }
}

/* ---- the bar ---- */

static double share(int64_t part, int64_t whole)
{
    double p = whole > 0 ? 100.0 * (double)part / (double)whole : 0;
    return p < 0 ? 0 : p > 100 ? 100 : p;
}

static void value_text(struct buf *b, const struct job_view *v)
{
    int64_t ended = v->done + v->failed;
    if (ended == 0 && !v->ended) {
        buf_str(b, "not begun");
        return;
    }
    html_number(b, ended);
    if (v->total >= 0) {
        buf_str(b, " of ");
        html_number(b, v->total);
    } else {
        buf_str(b, " so far");
    }
    if (v->failed) {
        buf_str(b, ", ");
        html_number(b, v->failed);
        buf_str(b, " failed");
    }
    if (is(v, "waiting"))
        buf_str(b, ", waiting for a person");
}

/* One row that has failed is to be seen, so the done part gives way. */
static void parts(struct buf *b, const struct job_view *v, double least)
{
    const char *ground = is(v, "waiting") ? "w" : is(v, "canceled") ? "n" : v->ended ? "g" : "d";
    int64_t whole = v->total > 0 ? v->total : v->ended ? v->done + v->failed : 0;
    double done = share(v->done, whole), bad = share(v->failed, whole);
    if (v->failed > 0 && bad < least)
        bad = least;
    if (done + bad > 100)
        done = 100 - bad;
    buf_str(b, "<rect class=\"t\" width=\"100%\" height=\"100%\"/>");
    buf_fmt(b, "<rect class=\"%s\" width=\"%.1f%%\" height=\"100%%\"/>", ground, done);
    if (v->failed > 0)
        buf_fmt(b,
                "<rect class=\"b\" x=\"%.1f%%\" width=\"%.1f%%\" height=\"100%%\"/><rect class=\"s\" x=\"%.1f%%\" "
                "width=\"2\" height=\"100%%\"/>",
                done, bad, done);
    if (is(v, "running"))
        buf_fmt(b,
                "<svg class=\"clip\" width=\"%.1f%%\" height=\"100%%\"><rect class=\"sheen\" width=\"14%%\" "
                "height=\"100%%\"/></svg>",
                done);
}

void job_view_bar(struct buf *b, const struct job_view *v, bool tall)
{
    buf_fmt(b, "<svg class=\"bar%s\" role=\"progressbar\" aria-label=\"", tall ? " tall" : "");
    html_operation(b, v->operation);
    buf_str(b, "\" aria-valuemin=\"0\"");
    if (v->total > 0)
        buf_fmt(b, " aria-valuemax=\"%lld\" aria-valuenow=\"%lld\"", (long long)v->total,
                (long long)(v->done + v->failed > v->total ? v->total : v->done + v->failed));
    buf_str(b, " aria-valuetext=\"");
    value_text(b, v);
    if (job_view_left(NULL, v)) {
        buf_str(b, ", ");
        job_view_left(b, v);
    }
    buf_str(b, "\">");
    parts(b, v, tall ? 1 : 3);
    buf_str(b, "</svg>");
}

/* ---- words ---- */

static void done_of(struct buf *b, const struct job_view *v)
{
    html_number(b, v->done + v->failed);
    if (v->total < 0) {
        buf_str(b, " so far");
    } else {
        buf_str(b, " of ");
        html_number(b, v->total);
    }
}

static void failed_rows(struct buf *b, const struct job_view *v, const char *word)
{
    if (!v->failed)
        return;
    buf_str(b, " \xc2\xb7 ");
    html_number(b, v->failed);
    buf_fmt(b, " %s", word);
}

void job_view_progress(struct buf *b, const struct job_view *v)
{
    if (is(v, "queued")) {
        buf_fmt(b, "<span class=\"muted\">%s</span>", v->paused ? "queue is paused" : "not begun");
    } else if (is(v, "canceled")) {
        html_number(b, v->done);
        buf_str(b, " stay");
        if (v->total > v->done + v->failed) {
            buf_str(b, " \xc2\xb7 <span class=\"muted\">");
            html_number(b, v->total - v->done - v->failed);
            buf_str(b, " not begun</span>");
        }
        failed_rows(b, v, "failed");
    } else if (is(v, "done") && v->failed) {
        html_number(b, v->done);
        buf_str(b, " done");
        failed_rows(b, v, v->failed == 1 ? "row failed" : "rows failed");
    } else {
        done_of(b, v);
        failed_rows(b, v, "failed");
    }
}

/* Nobody believes in 37 s: steps of 5 s, from 60 s on minutes. */
static int64_t rounded(int64_t s)
{
    return s < 10 ? s : (s + 4) / 5 * 5;
}

bool job_view_left(struct buf *b, const struct job_view *v)
{
    int64_t since = html_when(v->started);
    if (v->eta_s < 0 || !is(v, "running") || since < 0 || v->now_ms - since < FIRST_MS)
        return false;
    if (!b)
        return true;
    buf_str(b, "about ");
    html_span(b, 1000 * (v->eta_s < 60 ? rounded(v->eta_s < 1 ? 1 : v->eta_s) : v->eta_s));
    return buf_str(b, " left");
}

bool job_view_rate(struct buf *b, const struct job_view *v)
{
    if (v->rate <= 0 || !is(v, "running"))
        return false;
    html_number(b, (int64_t)(v->rate < 1 ? v->rate * 60 + 0.5 : v->rate + 0.5));
    return buf_str(b, v->rate < 1 ? " a minute" : " a second");
}

/* ---- what may be done ---- */

void job_view_hidden(struct buf *b, const char *name, const char *value)
{
    buf_fmt(b, "<input type=\"hidden\" name=\"%s\" value=\"", name);
    html_text(b, value);
    buf_str(b, "\">");
}

void job_view_cancel(struct buf *b, const struct job_view *v, const char *back, const char *style)
{
    buf_fmt(b, "<details class=\"ask\"><summary class=\"btn %s\">Cancel<span class=\"vh\"> ", style);
    html_operation(b, v->operation);
    buf_fmt(b, "</span></summary><form method=\"post\" action=\"/jobs/%s/cancel\">", v->id);
    job_view_hidden(b, "back", back);
    buf_str(b, "<span>Cancel ");
    if (v->total >= 0)
        html_number(b, v->total);
    else
        buf_str(b, "all");
    buf_str(b, "? ");
    html_number(b, v->done);
    buf_str(b, " stay.</span><button class=\"btn danger\">Yes</button><a class=\"btn\" href=\"");
    html_text(b, back);
    buf_str(b, "\" data-no>No</a></form></details>");
}

void job_view_retry(struct buf *b, const struct job_view *v, const char *back, bool in_full)
{
    buf_fmt(b, "<form method=\"post\" action=\"/jobs/%s/retry\">", v->id);
    job_view_hidden(b, "back", back);
    buf_fmt(b, "<button class=\"btn%s\">Retry ", in_full ? " primary" : "");
    html_number(b, v->kept);
    buf_str(b, in_full ? " failed</button></form>" : "<span class=\"vh\"> failed</span></button></form>");
}
