/* job_page.c - one job: how far it is, which rows have failed, its steps, and what it is. */
#include "runtime/pages/job_page.h"

#include <string.h>

#include "runtime/base/chars.h"
#include "runtime/pages/html.h"
#include "runtime/pages/job_view.h"

enum { CELLS = 100, MESSAGE_ID = 18 };

static bool is(const struct job_view *v, const char *state)
{
    return v->state && strcmp(v->state, state) == 0;
}

/* ---- above ---- */

static void title(struct buf *b, const struct job_view *v)
{
    buf_str(b, "<nav aria-label=\"Path\" class=\"small\"><a href=\"/jobs\">Jobs</a> <span class=\"muted\" "
               "aria-hidden=\"true\">/</span> <span class=\"muted mono\">");
    html_text(b, v->id);
    buf_str(b, "</span></nav>\n<div class=\"head\" data-key=\"head\"><div><div class=\"row titlerow\"><h1>");
    html_operation(b, v->operation);
    buf_str(b, "</h1>");
    job_view_state(b, v);
    buf_str(b, "</div><p>");
    if (v->total >= 0) {
        html_number(b, v->total);
        buf_str(b, v->total == 1 ? " record \xc2\xb7 " : " records \xc2\xb7 ");
    }
    html_text(b, v->connection ? v->connection : v->org);
    buf_str(b, "</p></div><div class=\"row\">");
}

static void actions(struct buf *b, const struct job_view *v, const char *here)
{
    if (!v->ended)
        job_view_cancel(b, v, here, "danger");
    else if (job_view_can_retry(v))
        job_view_retry(b, v, here, true);
    buf_str(b, "</div></div>\n");
}

static void sentence(struct buf *b, const char *text)
{
    buf_str(b, "<p>");
    html_text(b, text);
    buf_str(b, "</p>");
}

static void notes(struct buf *b, const struct job_view *v)
{
    if (is(v, "waiting")) {
        html_note_begin(b, NOTE_WARN);
        buf_str(b, "<div><b>Waiting for ");
        html_text(b, v->connection ? "its connection" : job_view_person(v));
        buf_str(b, "</b>");
        sentence(b, v->message);
        buf_str(b, "</div>");
    } else if (is(v, "failed")) {
        html_note_begin(b, NOTE_BAD);
        buf_str(b, "<div><b>This job has failed</b>");
        sentence(b, v->message);
        buf_str(b, "</div>");
    } else if (v->message && !is(v, "canceled")) {
        html_note_begin(b, NOTE_INFO);
        buf_str(b, "<div>");
        sentence(b, v->message);
        buf_str(b, "</div>");
    } else {
        return;
    }
    html_note_end(b);
}

/* Whoever is logged in as the user lets it go on; the page has no token of his. */
static void command(struct buf *b, const struct job_view *v)
{
    if (!is(v, "waiting") || v->connection)
        return;
    buf_str(b, "<section class=\"card pad\"><h2>As ");
    html_text(b, job_view_person(v));
    buf_fmt(b, "</h2><pre tabindex=\"0\">./invoke --org ALIAS retryJob '{\"jobId\":\"%s\"}'</pre></section>\n", v->id);
}

/* ---- progress ---- */

static void began(struct buf *b, const struct job_view *v)
{
    const char *dot = "";
    if (job_view_rate(b, v))
        dot = " \xc2\xb7 ";
    if (v->started) {
        buf_fmt(b, "%sbegan ", dot);
        html_time(b, v->started, v->now_ms);
        dot = ", ";
    }
    if (v->ended && v->finished) {
        buf_fmt(b, "%stook ", dot);
        html_span(b, html_when(v->finished) - html_when(v->started ? v->started : v->created));
    } else if (v->started) {
        buf_fmt(b, "%s", dot);
        html_age(b, v->started, v->now_ms);
    }
}

static void legend(struct buf *b, const struct job_view *v)
{
    buf_fmt(b, "<ul class=\"legend\"><li><i class=\"%s\"></i>",
            is(v, "waiting")    ? "l4"
            : is(v, "canceled") ? "l6"
            : v->ended          ? "l5"
                                : "l1");
    html_number(b, v->done);
    buf_str(b, " done</li>");
    if (v->failed) {
        buf_str(b, "<li><i class=\"l2\"></i>");
        html_number(b, v->failed);
        buf_str(b, " failed</li>");
    }
    if (v->total > v->done + v->failed) {
        buf_str(b, "<li><i class=\"l3\"></i>");
        html_number(b, v->total - v->done - v->failed);
        buf_str(b, v->ended ? " not begun</li>" : " to go</li>");
    }
    buf_str(b, "</ul>");
}

static void progress(struct buf *b, const struct job_view *v)
{
    buf_str(b, "<section class=\"card pad\" aria-label=\"Progress\" data-key=\"progress\"><div class=\"bigrow\"><p "
               "class=\"huge\"><b>");
    html_number(b, v->done + v->failed);
    buf_str(b, "</b> <span>");
    if (v->total >= 0) {
        buf_str(b, "of ");
        html_number(b, v->total);
    } else {
        buf_str(b, "so far");
    }
    buf_str(b, "</span></p><p class=\"left\"><b>");
    if (v->ended)
        html_time(b, v->finished, v->now_ms);
    else if (is(v, "queued"))
        buf_str(b, v->paused ? "queue is paused" : "not begun");
    else
        job_view_left(b, v);
    buf_str(b, "</b><br><span class=\"muted small\">");
    began(b, v);
    buf_str(b, "</span></p></div>\n");
    job_view_bar(b, v, true);
    legend(b, v);
    buf_str(b, "</section>\n");
}

/* ---- failed rows ---- */

static bool is_record(const char *item)
{
    size_t n = item ? strlen(item) : 0;
    return (n == 15 || n == MESSAGE_ID) && span_all(span_of(item), char_alnum);
}

static void record(struct buf *b, const struct job_view *v, const char *item)
{
    bool linked = is_record(item) && v->org_url && strncmp(v->org_url, "https://", 8) == 0;
    if (linked) {
        buf_str(b, "<a href=\"");
        html_text(b, v->org_url);
        buf_fmt(b, "/%s\" rel=\"noreferrer noopener\" target=\"_blank\">", item);
    }
    buf_str(b, "<span class=\"mono\">");
    html_text(b, item);
    buf_str(b, linked ? "</span></a>" : "</span>");
}

static void failed_rows(struct buf *b, const struct job_view *v, const json_t *failures)
{
    const json_t *one;
    size_t i;
    buf_str(
        b, "<table class=\"fold\"><thead><tr><th scope=\"col\">Record</th><th scope=\"col\">What the org said</th></tr>"
           "</thead><tbody>\n");
    json_array_foreach (failures, i, one) {
        buf_str(b, "<tr><th scope=\"row\">");
        record(b, v, json_string_value(json_object_get(one, "item")));
        buf_str(b, "</th><td><q>");
        html_text(b, json_string_value(json_object_get(one, "message")));
        buf_str(b, "</q><br><span class=\"small muted mono\">");
        html_text(b, json_string_value(json_object_get(one, "code")));
        if (json_object_get(one, "field")) {
            buf_str(b, " \xc2\xb7 ");
            html_text(b, json_string_value(json_object_get(one, "field")));
        }
        buf_str(b, "</span></td></tr>\n");
    }
    buf_str(b, "</tbody></table>");
}

static void who_may_retry(struct buf *b, const struct job_view *v)
{
    if (v->connection) {
        buf_str(b, v->ended ? "" : " They can be retried when the job has ended.");
        return;
    }
    buf_str(b, " ");
    html_text(b, job_view_person(v));
    buf_str(b, v->ended ? " can retry them with retryJob: the job runs with that user\xe2\x80\x99s rights."
                        : " can retry them when the job has ended: it runs with that user\xe2\x80\x99s rights.");
}

static void failures_card(struct buf *b, const struct job_view *v, const json_t *job, int asked)
{
    const json_t *failures = json_object_get(job, "failures");
    int64_t n = (int64_t)json_array_size(failures), more = v->kept - n;
    buf_str(b, "<section class=\"card\" aria-labelledby=\"fh\" data-key=\"failures\"><div class=\"cardhead\"><h2 "
               "id=\"fh\">Failed rows \xc2\xb7 ");
    html_number(b, v->failed);
    buf_fmt(b, "</h2><a class=\"btn\" href=\"/jobs/%s/failures.csv\" download>Download CSV</a></div>\n", v->id);
    failed_rows(b, v, failures);
    buf_str(b, "<div class=\"foot\"><span>");
    html_number(b, n);
    buf_str(b, " of ");
    html_number(b, v->failed);
    buf_fmt(b, " shown; the CSV has %s.", v->failed > v->kept ? "those that are kept" : "all");
    who_may_retry(b, v);
    buf_str(b, "</span>");
    if (more > 0 && asked < JOB_PAGE_ROWS_MAX) {
        int rows = asked + 40 > JOB_PAGE_ROWS_MAX ? JOB_PAGE_ROWS_MAX : asked + 40;
        buf_fmt(b, "<a class=\"btn\" href=\"/jobs/%s?rows=%d\">Show ", v->id, rows);
        html_number(b, more < rows - asked ? more : rows - asked);
        buf_str(b, " more</a>");
    }
    buf_str(b, "</div></section>\n");
}

/* ---- steps ---- */

static void cells(struct buf *b, const struct job_view *v, const json_t *job)
{
    int64_t items = json_integer_value(json_object_get(job, "pageItems")), begun = v->done + v->failed;
    int64_t pages = items > 0 && v->total > 0 ? (v->total + items - 1) / items : 0, n = pages < CELLS ? pages : CELLS;
    int64_t done = v->total > 0 ? n * begun / v->total : 0;
    int64_t work = is(v, "running") ? json_integer_value(json_object_get(json_object_get(job, "steps"), "running")) : 0;
    if (n <= 1)
        return;
    if (work > n - done)
        work = n - done;
    buf_str(b, "<div class=\"cells\" role=\"img\" aria-label=\"");
    html_number(b, pages);
    buf_str(b, " pages, ");
    html_number(b, begun * 100 / v->total);
    buf_str(b, " percent of their records done\">");
    for (int64_t i = 0; i < n; i++)
        buf_fmt(b, "<i class=\"%s\"></i>", i < done ? "c1" : i < done + work ? "c2" : "c0");
    buf_str(b, "</div>");
}

enum stage { STAGE_PLAN, STAGE_PAGES, STAGE_FINISH, STAGE_OVER };

static void step(struct buf *b, enum stage own, enum stage now, const char *name)
{
    buf_fmt(b, "<li class=\"%s\"><b>%s</b>", own < now ? "ok" : own == now ? "now" : "", name);
}

static void steps(struct buf *b, const struct job_view *v, const json_t *job)
{
    const json_t *count = json_object_get(job, "steps");
    bool all = v->total >= 0 && v->done + v->failed >= v->total;
    enum stage now = v->ended ? STAGE_OVER : v->total < 0 ? STAGE_PLAN : all ? STAGE_FINISH : STAGE_PAGES;
    buf_str(b, "<section class=\"card pad\" data-key=\"steps\"><h2>Steps</h2><ol class=\"steps\">");
    step(b, STAGE_PLAN, now, "Plan");
    buf_str(b, "<span>pages of ");
    html_number(b, json_integer_value(json_object_get(job, "pageItems")));
    buf_str(b, "</span></li>");
    step(b, STAGE_PAGES, now, "Pages");
    buf_str(b, "<span>");
    html_number(b, json_integer_value(json_object_get(count, "running")));
    buf_str(b, " at work, ");
    html_number(b, json_integer_value(json_object_get(count, "ready")));
    buf_str(b, " ready");
    if (json_integer_value(json_object_get(count, "held")) > 0) {
        buf_str(b, ", ");
        html_number(b, json_integer_value(json_object_get(count, "held")));
        buf_str(b, " held");
    }
    buf_str(b, "</span>");
    cells(b, v, job);
    buf_str(b, "</li>");
    if (json_is_true(json_object_get(job, "hasFinish"))) {
        step(b, STAGE_FINISH, now, "Finish");
        buf_str(b, "<span>totals and answer</span></li>");
    }
    buf_str(b, "</ol></section>\n");
}

/* ---- attempts ---- */

static void attempt(struct buf *b, const struct job_view *v, const json_t *one)
{
    const char *kind = json_string_value(json_object_get(one, "kind"));
    const char *state = json_string_value(json_object_get(one, "state"));
    const char *at = json_string_value(json_object_get(one, "at"));
    int64_t items = json_integer_value(json_object_get(one, "items"));
    int64_t crashes = json_integer_value(json_object_get(one, "crashes"));
    bool running = state && strcmp(state, "running") == 0, held = state && strcmp(state, "held") == 0;
    buf_str(b, "<tr><th scope=\"row\">");
    if (!held && html_when(at) > 0)
        html_time(b, at, v->now_ms);
    buf_str(b, "</th><td>");
    html_state_begin(b, running ? SIGN_RUNNING : held ? SIGN_WAITING : SIGN_QUEUED);
    buf_str(b, running ? "At work" : held ? "Held" : "Again");
    html_state_end(b);
    buf_str(b, "</td><td>");
    if (items > 0) {
        buf_str(b, "Page of ");
        html_number(b, items);
        buf_str(b, items == 1 ? " record" : " records");
    } else {
        buf_str(b, kind && strcmp(kind, "finish") == 0 ? "Finish"
                   : kind && strcmp(kind, "page") == 0 ? "Page"
                                                       : "Plan");
    }
    buf_str(b, ", try ");
    html_number(b, json_integer_value(json_object_get(one, "attempt")));
    buf_str(b, " of ");
    html_number(b, json_integer_value(json_object_get(one, "attempts")));
    if (crashes > 0) {
        buf_str(b, crashes == 1 ? "; a worker ended in it " : "; workers ended in it ");
        html_number(b, crashes);
        buf_str(b, crashes == 1 ? " time" : " times");
    }
    buf_str(b, "</td></tr>\n");
}

/* Steps that run, and those that did not come to their end and are tried again. */
static void attempts(struct buf *b, const struct job_view *v, const json_t *tries)
{
    const json_t *one;
    size_t i;
    if (json_array_size(tries) == 0)
        return;
    buf_str(b, "<section class=\"card\" aria-labelledby=\"ah\" data-key=\"attempts\"><div class=\"cardhead\"><h2 "
               "id=\"ah\">Attempts</h2></div>\n<table class=\"fold\"><thead><tr><th scope=\"col\">When</th><th "
               "scope=\"col\">State</th><th scope=\"col\">Step</th></tr></thead><tbody>\n");
    json_array_foreach (tries, i, one)
        attempt(b, v, one);
    buf_str(b, "</tbody></table></section>\n");
}

/* ---- about ---- */

static void fact(struct buf *b, const char *name, const char *value, bool code)
{
    if (!value || !*value)
        return;
    buf_fmt(b, "<div><dt>%s</dt><dd>%s", name, code ? "<code>" : "");
    html_text(b, value);
    buf_fmt(b, "%s</dd></div>", code ? "</code>" : "");
}

static void about(struct buf *b, const struct job_view *v)
{
    buf_str(b, "<section class=\"card pad\"><h2>About</h2><dl class=\"facts\"><div><dt>Id</dt><dd><code id=\"jobid\">");
    html_text(b, v->id);
    buf_str(
        b,
        "</code> <button class=\"btn quiet sm\" type=\"button\" data-copy=\"jobid\" hidden>Copy</button></dd></div>");
    fact(b, "Operation", v->operation, true);
    fact(b, "Org", v->org, true);
    buf_str(b, "<div><dt>Asked by</dt><dd>");
    html_text(b, job_view_person(v));
    buf_str(b, ", ");
    html_time(b, v->created, v->now_ms);
    buf_str(b, "</dd></div><div><dt>Runs as</dt><dd>");
    if (v->connection) {
        buf_str(b, "the connection ");
        html_text(b, v->connection);
    } else {
        html_text(b, job_view_person(v));
        buf_str(b, ". The token is sealed, and erased when the job ends.");
    }
    buf_str(b, "</dd></div>");
    fact(b, "Queue", v->queue, true);
    fact(b, "Asked for", v->input, true);
    buf_str(b, "</dl></section>\n");
}

void job_page_write(struct buf *b, const json_t *job, int rows, int64_t now_ms)
{
    struct job_view v;
    struct buf here;
    job_view_read(job, now_ms, &v);
    buf_init(&here, 256);
    buf_fmt(&here, "/jobs/%s", v.id);
    title(b, &v);
    actions(b, &v, here.p);
    notes(b, &v);
    progress(b, &v);
    command(b, &v);
    bool failed = json_array_size(json_object_get(job, "failures")) > 0;
    buf_fmt(b, "<div class=\"cols%s\"><div class=\"stack\">\n", failed ? "" : " even");
    if (failed) {
        failures_card(b, &v, job, rows);
        attempts(b, &v, json_object_get(job, "tries"));
        buf_str(b, "</div><div class=\"stack\">\n");
    }
    steps(b, &v, job);
    if (!failed)
        attempts(b, &v, json_object_get(job, "tries"));
    buf_str(b, failed ? "" : "</div><div class=\"stack\">\n");
    about(b, &v);
    buf_str(b, "</div></div>\n");
    buf_free(&here);
}

/* ---- the file ---- */

static void cell(struct buf *b, const char *text)
{
    buf_char(b, '"');
    if (text && *text && strchr("=+-@\t\r", *text))
        buf_char(b, '\'');
    for (const char *p = text; p && *p; p++) {
        if (*p == '"')
            buf_char(b, '"');
        buf_char(b, *p);
    }
    buf_char(b, '"');
}

void csv_begin(struct buf *b)
{
    buf_str(b, "\xef\xbb\xbfid,code,message,field\r\n");
}

void csv_rows(struct buf *b, const json_t *failures)
{
    static const char *const columns[] = { "item", "code", "message", "field" };
    const json_t *row;
    size_t i;
    json_array_foreach (failures, i, row)
        for (size_t c = 0; c < sizeof columns / sizeof *columns; c++) {
            cell(b, json_string_value(json_object_get(row, columns[c])));
            buf_str(b, c + 1 < sizeof columns / sizeof *columns ? "," : "\r\n");
        }
}
