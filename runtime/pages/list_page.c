/* list_page.c - the page of all jobs: those that need somebody, those at work, those that have ended. */
#include "runtime/pages/list_page.h"

#include <stdlib.h>
#include <string.h>

#include "runtime/base/url_query.h"
#include "runtime/pages/html.h"
#include "runtime/pages/job_view.h"
#include "runtime/pages/subscriptions.h"

static const struct {
    const char *state, *word, *none;
} states[] = { { "", "All", "jobs" },
               { "queued", "Queued", "queued jobs" },
               { "running", "Running", "running jobs" },
               { "waiting", "Waiting", "waiting jobs" },
               { "done", "Done", "done jobs" },
               { "failed", "Failed", "failed jobs" },
               { "canceled", "Canceled", "canceled jobs" } };

enum { STATES = sizeof states / sizeof *states, DAY_MS = 24 * 3600 * 1000 };

/* ---- what is asked for ---- */

void list_wish_read(struct span query, struct list_wish *w)
{
    char number[8] = "", state[sizeof w->state];
    *w = (struct list_wish){ .show = LIST_SHOWN };
    if (url_query(query, "q", w->search, sizeof w->search) != 1)
        w->search[0] = '\0';
    if (url_query(query, "show", number, sizeof number) == 1)
        w->show = (int)strtol(number, NULL, 10);
    if (w->show < LIST_SHOWN || w->show > LIST_SHOWN_MAX)
        w->show = w->show > LIST_SHOWN_MAX ? LIST_SHOWN_MAX : LIST_SHOWN;
    if (url_query(query, "state", state, sizeof state) != 1)
        return;
    for (size_t i = 1; i < STATES; i++)
        if (strcmp(state, states[i].state) == 0)
            copy_text(w->state, sizeof w->state, state);
}

json_t *list_wish_question(const struct list_wish *w)
{
    return json_pack("{s:s, s:s, s:i}", "state", w->state, "search", w->search, "show", w->show);
}

/* The page's own address; escaped by whoever writes it. */
static void address(struct buf *b, const char *state, const char *search, int show)
{
    const char *join = "?";
    buf_str(b, "/jobs");
    if (*state) {
        buf_fmt(b, "%sstate=%s", join, state);
        join = "&";
    }
    if (*search) {
        buf_fmt(b, "%sq=", join);
        html_query(b, search);
        join = "&";
    }
    if (show > LIST_SHOWN)
        buf_fmt(b, "%sshow=%d", join, show);
}

static void link_to(struct buf *b, const char *state, const char *search, int show)
{
    struct buf text;
    buf_init(&text, 1024);
    address(&text, state, search, show);
    html_text(b, text.p);
    buf_free(&text);
}

/* ---- above the list ---- */

static int64_t count_of(const json_t *answer, const char *state)
{
    const json_t *counts = json_object_get(answer, "counts");
    int64_t n = 0;
    if (*state)
        return json_integer_value(json_object_get(counts, state));
    for (size_t i = 1; i < STATES; i++)
        n += json_integer_value(json_object_get(counts, states[i].state));
    return n;
}

static void pausing(struct buf *b, const json_t *answer)
{
    const json_t *queues = json_object_get(answer, "queues"), *name;
    size_t i;
    if (!json_array_size(queues))
        return;
    buf_str(b, "<details class=\"ask\"><summary class=\"btn\">Pause a queue</summary>"
               "<form method=\"post\" action=\"/jobs/pause\"><label for=\"queue\">Queue</label>"
               "<select id=\"queue\" name=\"queue\">");
    json_array_foreach (queues, i, name) {
        buf_str(b, "<option>");
        html_text(b, json_string_value(name));
        buf_str(b, "</option>");
    }
    buf_str(b, "</select><button class=\"btn\">Pause</button></form></details>");
}

static void paused(struct buf *b, const json_t *answer, int64_t now_ms)
{
    const json_t *row;
    size_t i;
    json_array_foreach (json_object_get(answer, "paused"), i, row) {
        const char *queue = json_string_value(json_object_get(row, "queue"));
        const char *since = json_string_value(json_object_get(row, "since"));
        int64_t jobs = json_integer_value(json_object_get(row, "jobs"));
        html_note_begin(b, NOTE_WARN);
        buf_str(b, "<div><b>Queue ");
        html_text(b, queue);
        buf_str(b, " is paused");
        if (since) {
            buf_str(b, " since ");
            html_time(b, since, now_ms);
        }
        buf_str(b, "</b><p>");
        html_number(b, jobs);
        buf_fmt(b, " job%s; steps that had begun have finished. Nothing is lost.</p></div>",
                jobs == 1 ? " waits" : "s wait");
        buf_str(b, "<form method=\"post\" action=\"/jobs/resume\">");
        job_view_hidden(b, "queue", queue);
        buf_str(b, "<button class=\"btn\">Resume</button></form>");
        html_note_end(b);
    }
}

static void figures(struct buf *b, const json_t *answer)
{
    int64_t failed = json_integer_value(json_object_get(answer, "failed"));
    buf_str(b, "<dl class=\"card figs\"><div><dt>Records a second</dt><dd>");
    html_number(b, (int64_t)(json_number_value(json_object_get(answer, "rate")) + 0.5));
    buf_str(b, "</dd></div><div><dt>Steps at work</dt><dd>");
    html_number(b, json_integer_value(json_object_get(answer, "running")));
    if (json_integer_value(json_object_get(answer, "workers")) > 0) {
        buf_str(b, "<small>of ");
        html_number(b, json_integer_value(json_object_get(answer, "workers")));
        buf_str(b, "</small>");
    }
    buf_str(b, "</dd></div><div><dt>Waiting for a person</dt><dd>");
    html_number(b, count_of(answer, "waiting"));
    buf_str(b, "</dd></div><div><dt>Failed rows, 24 h</dt><dd>");
    html_number(b, failed);
    buf_str(b, "<small>of ");
    html_number(b, failed + json_integer_value(json_object_get(answer, "done")));
    buf_str(b, "</small></dd></div></dl>\n");
}

static void filters(struct buf *b, const struct list_page *p)
{
    buf_str(b, "<div class=\"filterbar\"><nav class=\"filters\" aria-label=\"Show jobs\">");
    for (size_t i = 0; i < STATES; i++) {
        buf_str(b, "<a class=\"chip\" href=\"");
        link_to(b, states[i].state, p->wish->search, 0);
        buf_fmt(b, "\"%s>%s <b>", strcmp(states[i].state, p->wish->state) == 0 ? " aria-current=\"true\"" : "",
                states[i].word);
        html_number(b, count_of(p->answer, states[i].state));
        buf_str(b, "</b></a>");
    }
    buf_str(b, "</nav><form class=\"find\" method=\"get\" action=\"/jobs\" role=\"search\">");
    if (p->wish->state[0])
        job_view_hidden(b, "state", p->wish->state);
    buf_str(b, "<label class=\"vh\" for=\"q\">Find a job by id, operation or person</label><input id=\"q\" name=\"q\" "
               "type=\"search\" maxlength=\"100\" placeholder=\"Id, operation or person\" value=\"");
    html_text(b, p->wish->search);
    buf_str(b, "\"></form></div>\n");
}

/* ---- rows ---- */

enum group { NEEDS, WORKS, ENDED };

static enum group group_of(const struct job_view *v)
{
    if (strcmp(v->state, "waiting") == 0 ||
        (strcmp(v->state, "failed") == 0 && v->now_ms - html_when(v->finished) < DAY_MS))
        return NEEDS;
    return v->ended ? ENDED : WORKS;
}

/* The same for two rows that stand under one heading. */
static int64_t heading_of(const struct job_view *v)
{
    enum group g = group_of(v);
    return g == ENDED ? -1 - html_when(v->finished) / DAY_MS : (int64_t)g;
}

static void heading(struct buf *b, const struct job_view *v, size_t n)
{
    static const char *const words[] = { [NEEDS] = "Needs you", [WORKS] = "Working" };
    enum group g = group_of(v);
    int64_t day = html_when(v->finished);
    buf_str(b, "<h2 class=\"group\">");
    if (g != ENDED) {
        buf_str(b, words[g]);
    } else if (day / DAY_MS == v->now_ms / DAY_MS) {
        buf_str(b, "Ended today");
    } else {
        buf_str(b, "Ended ");
        html_day(b, day);
    }
    buf_fmt(b, " \xc2\xb7 %zu</h2>", n);
}

static void when(struct buf *b, const struct job_view *v)
{
    int64_t from = html_when(v->started ? v->started : v->created), until = html_when(v->finished);
    buf_str(b, "<div class=\"time\"><b>");
    if (v->ended) {
        html_time(b, v->finished, v->now_ms);
        buf_fmt(b, "</b><span>%s ", strcmp(v->state, "done") == 0 ? "took" : "after");
        html_span(b, until - from);
    } else if (strcmp(v->state, "running") == 0) {
        if (!job_view_left(b, v)) {
            buf_str(b, "since ");
            html_time(b, v->started, v->now_ms);
        }
        buf_str(b, "</b><span>");
        job_view_rate(b, v);
    } else {
        buf_str(b, "since ");
        html_time(b, v->created, v->now_ms);
        buf_str(b, "</b><span>");
    }
    buf_str(b, "</span></div>");
}

static void act(struct buf *b, const struct job_view *v, const char *back)
{
    buf_str(b, "<div class=\"act\">");
    if (strcmp(v->state, "waiting") == 0 || strcmp(v->state, "failed") == 0) {
        buf_fmt(b, "<a class=\"btn\" href=\"/jobs/%s\">%s<span class=\"vh\"> with ", v->id,
                v->ended ? "See why" : "What to do");
        html_operation(b, v->operation);
        buf_str(b, "</span></a>");
    } else if (!v->ended) {
        job_view_cancel(b, v, back, "quiet");
    } else if (job_view_can_retry(v)) {
        job_view_retry(b, v, back, false);
    }
    buf_str(b, "</div>");
}

static void row(struct buf *b, const struct job_view *v, const char *back)
{
    bool said = v->message && (strcmp(v->state, "failed") == 0 || strcmp(v->state, "waiting") == 0);
    buf_fmt(b, "<li data-key=\"%s\"><div>", v->id);
    job_view_state(b, v);
    buf_fmt(b, "</div><div class=\"what\"><h3><a href=\"/jobs/%s\">", v->id);
    html_operation(b, v->operation);
    buf_str(b, "</a></h3><p class=\"small muted\">");
    if (v->total >= 0) {
        html_number(b, v->total);
        buf_str(b, v->total == 1 ? " record \xc2\xb7 " : " records \xc2\xb7 ");
    }
    html_text(b, v->connection ? v->connection : v->org);
    buf_str(b, " \xc2\xb7 ");
    html_text(b, job_view_person(v));
    buf_str(b, "</p></div><div class=\"prog\">");
    if (strcmp(v->state, "failed") != 0 || v->done + v->failed > 0) {
        job_view_bar(b, v, false);
        buf_str(b, "<p class=\"small\">");
        job_view_progress(b, v);
        buf_str(b, "</p>");
    }
    if (said) {
        buf_str(b, "<p class=\"small clamp\">");
        html_text(b, v->message);
        buf_str(b, "</p>");
    }
    buf_str(b, "</div>");
    when(b, v);
    act(b, v, back);
    buf_str(b, "</li>\n");
}

static void rows(struct buf *b, const struct list_page *p, const char *back)
{
    const json_t *jobs = json_object_get(p->answer, "jobs"), *job;
    size_t i, all = json_array_size(jobs);
    int64_t last = INT64_MIN;
    json_array_foreach (jobs, i, job) {
        struct job_view v, next;
        size_t n = 1;
        job_view_read(job, p->now_ms, &v);
        if (!v.state)
            continue;
        if (heading_of(&v) != last) {
            for (; i + n < all; n++) {
                job_view_read(json_array_get(jobs, i + n), p->now_ms, &next);
                if (!next.state || heading_of(&next) != heading_of(&v))
                    break;
            }
            buf_str(b, last == INT64_MIN ? "" : "</ul>");
            heading(b, &v, n);
            buf_str(b, "<ul class=\"jobs\">\n");
            last = heading_of(&v);
        }
        row(b, &v, back);
    }
    buf_str(b, last == INT64_MIN ? "" : "</ul>");
}

static void foot(struct buf *b, const struct list_page *p, int64_t shown)
{
    int64_t all = p->wish->search[0] ? shown : count_of(p->answer, p->wish->state), more = all - shown;
    buf_str(b, "<div class=\"foot\"><span>");
    html_number(b, shown);
    if (!p->wish->search[0]) {
        buf_str(b, " of ");
        html_number(b, all);
    }
    buf_str(b, " shown, newest first");
    if (shown >= LIST_SHOWN_MAX && more > 0)
        buf_str(b, "; the filters and the search find the others");
    buf_str(b, "</span>");
    if (more > 0 && p->wish->show < LIST_SHOWN_MAX) {
        buf_str(b, "<a class=\"btn\" href=\"");
        link_to(b, p->wish->state, p->wish->search, p->wish->show + LIST_SHOWN);
        buf_str(b, "\">Show ");
        html_number(b, more < LIST_SHOWN ? more : LIST_SHOWN);
        buf_str(b, " more</a>");
    }
    buf_str(b, "</div>");
}

static void nothing(struct buf *b, const struct list_page *p)
{
    int64_t all = count_of(p->answer, "");
    buf_str(b, "<section class=\"card empty\"><svg class=\"art\" viewBox=\"0 0 96 72\" aria-hidden=\"true\">");
    for (int i = 0; i < 3; i++)
        buf_fmt(b, "<rect class=\"t\" x=\"8\" y=\"%d\" width=\"80\" height=\"14\" rx=\"7\"/>", 8 + 21 * i);
    buf_str(b, "<rect class=\"d\" x=\"8\" y=\"8\" width=\"52\" height=\"14\" rx=\"7\"/></svg>");
    if (all == 0) {
        buf_str(b,
                "<h2>No jobs yet</h2><p>A job appears here as soon as a Flow, an agent, an Apex class or an event asks "
                "for one.</p></section>\n");
        return;
    }
    buf_str(b, "<h2>No ");
    for (size_t i = 0; i < STATES; i++)
        if (strcmp(states[i].state, p->wish->state) == 0)
            buf_str(b, states[i].none);
    if (p->wish->search[0]) {
        buf_str(b, " with \xe2\x80\x9c");
        html_text(b, p->wish->search);
        buf_str(b, "\xe2\x80\x9d");
    }
    buf_str(b, "</h2><p>");
    html_number(b, all);
    buf_fmt(b, " other%s kept.</p><a class=\"btn\" href=\"/jobs\">Show all</a></section>\n",
            all == 1 ? " is" : "s are");
}

void list_page_write(struct buf *b, const struct list_page *p)
{
    int64_t shown = (int64_t)json_array_size(json_object_get(p->answer, "jobs"));
    struct buf back;
    buf_init(&back, 1024);
    address(&back, p->wish->state, p->wish->search, p->wish->show);
    buf_fmt(b,
            "<div class=\"head\" data-key=\"head\"><div><h1>Jobs</h1><p>Work that Salesforce handed over. Kept for %d "
            "day%s "
            "after it ends.</p></div><div class=\"row\">",
            p->keep_days, p->keep_days == 1 ? "" : "s");
    pausing(b, p->answer);
    buf_str(b, "</div></div>\n");
    paused(b, p->answer, p->now_ms);
    if (count_of(p->answer, "") > 0) {
        figures(b, p->answer);
        filters(b, p);
    }
    if (shown == 0) {
        nothing(b, p);
    } else {
        buf_str(b, "<section class=\"card\" aria-label=\"Jobs\">\n");
        rows(b, p, back.p ? back.p : "/jobs");
        foot(b, p, shown);
        buf_str(b, "</section>\n");
    }
    subscriptions_write(b, json_object_get(p->answer, "subscriptions"), p->now_ms);
    buf_free(&back);
}
