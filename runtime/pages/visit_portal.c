/* visit_portal.c - the portal as a visit: calls until all is known, then the page; and sample records, asked for twice.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/base/chars.h"
#include "runtime/base/json_text.h"
#include "runtime/base/url_query.h"
#include "runtime/pages/visit_parts.h"

enum { COUNT_MAX = 10000 };

static enum visit_step show(struct visit *v)
{
    const struct html_frame f = { .title = "Portal", .people = true, .docs = v->all->s.docs, .portal = true };
    const struct portal_facts facts = { &v->all->reads, v->unix_s, v->all->s.samples };
    int status = v->portal->statuses[PORTAL_LIST] == 200 ? 200 : 503;
    struct buf *b = visit_page_begin(v, status, &f);
    portal_write(b, v->portal, &facts);
    return visit_page_end(v, &f);
}

static enum visit_step next(struct visit *v, int64_t now_ms)
{
    if (!portal_next(v->portal, now_ms))
        return show(v);
    v->call = v->portal->operation;
    v->call_body = (struct span){ v->portal->body.p, v->portal->body.n };
    return VISIT_CALL;
}

static bool open_portal(struct visit *v)
{
    v->portal = calloc(1, sizeof *v->portal);
    return v->portal != NULL;
}

static enum visit_step no_memory(struct visit *v)
{
    return visit_refuse(v, 503, "busy", "The host has no memory left. Try again in a moment.");
}

enum visit_step visit_portal(struct visit *v)
{
    if (!open_portal(v))
        return no_memory(v);
    portal_wish_read(span_of(v->query), &v->portal->wish);
    return next(v, v->now_ms);
}

/* ---- sample records ---- */

/* What the form says; false when it cannot be meant. */
static bool read_form(struct span form, char name[PORTAL_NAME], int *count)
{
    char number[8];
    if (url_query(form, "connection", name, PORTAL_NAME) != 1 || url_query(form, "count", number, sizeof number) != 1)
        return false;
    if (!number[0] || !span_all(span_of(number), char_digit))
        return false;
    *count = (int)strtol(number, NULL, 10);
    return *count >= 1 && *count <= COUNT_MAX;
}

static enum visit_step no_samples(struct visit *v)
{
    return visit_refuse(v, 403, "samples_off",
                        "This host makes no sample records. Set SAMPLE_DATA=on where they do no harm.");
}

static enum visit_step bad_form(struct visit *v)
{
    return visit_refuse(v, 400, "invalid_form", "Give a connection and a count from 1 to 10,000.");
}

enum visit_step visit_ask_samples(struct visit *v, struct span form)
{
    const struct html_frame f = { .title = "Portal", .people = true, .docs = v->all->s.docs, .portal = true };
    char name[PORTAL_NAME];
    int count;
    if (!v->all->s.samples)
        return no_samples(v);
    if (!read_form(form, name, &count))
        return bad_form(v);
    struct buf *b = visit_page_begin(v, 200, &f);
    buf_str(b, "<form class=\"card login\" method=\"post\" action=\"/portal/samples/make\"><h1>Make ");
    html_number(b, count);
    buf_fmt(b, " account%s in ", count == 1 ? "" : "s");
    html_text(b, name);
    buf_str(
        b, "?</h1><p class=\"muted\">They are invented, and real records of that org from then on: its automation runs "
           "for each of them. What was made stays when the job is canceled.</p><input type=\"hidden\" "
           "name=\"connection\" value=\"");
    html_text(b, name);
    buf_fmt(b,
            "\"><input type=\"hidden\" name=\"count\" value=\"%d\"><a class=\"btn\" id=\"no\" href=\"/portal\">Not "
            "now</a><button class=\"btn primary\">Make ",
            count);
    html_number(b, count);
    buf_fmt(b, " account%s</button></form>\n", count == 1 ? "" : "s");
    return visit_page_end(v, &f);
}

enum visit_step visit_make_samples(struct visit *v, struct span form)
{
    char name[PORTAL_NAME];
    int count;
    if (!v->all->s.samples)
        return no_samples(v);
    if (!read_form(form, name, &count))
        return bad_form(v);
    json_t *q = json_pack("{s:s, s:i}", "connection", name, "count", count);
    v->question.n = 0;
    bool ok = q && buf_json(&v->question, q);
    json_decref(q);
    if (!ok)
        return no_memory(v);
    v->call = "createAccounts";
    v->call_body = (struct span){ v->question.p, v->question.n };
    return VISIT_CALL;
}

/* Back to the portal, which shows how far the job is. */
static enum visit_step made(struct visit *v, int status, struct span body)
{
    char place[VISIT_LOCATION];
    json_t *answer = json_loadb(body.p ? body.p : "", body.n, 0, NULL);
    const char *job = json_string_value(json_object_get(answer, "jobId"));
    const char *why = json_string_value(json_object_get(answer, "message"));
    enum visit_step step;
    if (status < 300 && job && strlen(job) == VISIT_JOB) {
        snprintf(place, sizeof place, "/portal?job=%s", job);
        step = visit_go_to(v, place);
    } else {
        step = visit_refuse(v, status >= 400 ? status : 502, "samples_refused",
                            why ? why : "The job could not be started.");
    }
    json_decref(answer);
    return step;
}

enum visit_step visit_portal_called(struct visit *v, int status, struct span body, int64_t now_ms)
{
    if (!v->portal)
        return made(v, status, body);
    portal_take(v->portal, status, body, now_ms);
    return next(v, now_ms);
}
