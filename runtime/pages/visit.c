/* visit.c - from the path to the answer. */
#include "runtime/pages/visit_parts.h"

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/base/chars.h"
#include "runtime/base/json_text.h"
#include "runtime/base/url_query.h"
#include "runtime/pages/assets.h"
#include "runtime/pages/html.h"
#include "runtime/pages/job_page.h"

const char visit_policy[] =
    "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self' data:; connect-src "
    "'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

enum { AWAY_S = 2, QUESTION = 4096 };

struct visits *visits_new(const struct visits_settings *s)
{
    struct visits *vs = calloc(1, sizeof *vs);
    if (vs)
        vs->s = *s;
    return vs;
}

void visits_free(struct visits *vs)
{
    free(vs);
}

/* The length of the part that names a page, 0 = it is none of ours. */
static size_t page_of(const char *path)
{
    static const char *const pages[] = { "/jobs", "/portal" };
    for (size_t i = 0; i < sizeof pages / sizeof *pages; i++) {
        size_t n = strlen(pages[i]);
        if (strncmp(path, pages[i], n) == 0 && (path[n] == '\0' || path[n] == '/'))
            return n;
    }
    return 0;
}

static bool is_portal(const char *path)
{
    return strncmp(path, "/portal", 7) == 0;
}

bool visits_own(const char *path)
{
    return page_of(path) > 0;
}

/* ---- answers ---- */

enum visit_step visit_refuse(struct visit *v, int status, const char *code, const char *message)
{
    err_set(&v->answer.err, status, code, "%s", message);
    return VISIT_ANSWER;
}

enum visit_step visit_go_to(struct visit *v, const char *location)
{
    v->answer.status = 303;
    copy_text(v->answer.location, sizeof v->answer.location, location);
    return VISIT_ANSWER;
}

struct buf *visit_page_begin(struct visit *v, int status, const struct html_frame *f)
{
    v->answer.status = status;
    v->answer.content_type = "text/html; charset=utf-8";
    html_begin(&v->answer.body, f);
    return &v->answer.body;
}

enum visit_step visit_page_end(struct visit *v, const struct html_frame *f)
{
    html_end(&v->answer.body, f);
    return v->answer.body.failed ? visit_refuse(v, 500, "internal_error", "The page does not fit. Ask for fewer rows.")
                                 : VISIT_ANSWER;
}

/* One heading, one paragraph. */
static enum visit_step plain_page(struct visit *v, int status, const char *title, const char *text)
{
    const struct html_frame f = { .title = title, .people = true, .docs = v->all->s.docs };
    struct buf *b = visit_page_begin(v, status, &f);
    buf_fmt(
        b, "<section class=\"card empty\"><h1>%s</h1><p>%s</p><a class=\"btn\" href=\"/jobs\">All jobs</a></section>\n",
        title, text);
    return visit_page_end(v, &f);
}

static enum visit_step away_page(struct visit *v)
{
    const struct html_frame f = { .title = "Jobs", .people = true, .docs = v->all->s.docs, .again_s = AWAY_S };
    struct buf *b = visit_page_begin(v, 503, &f);
    v->answer.retry_after_s = AWAY_S;
    buf_str(b, "<div class=\"head\"><h1>Jobs</h1></div>\n");
    html_note_begin(b, NOTE_BAD);
    buf_fmt(
        b,
        "<div><b>The job database does not answer</b><p>No job is lost and no record is written twice: a step that "
        "cannot report is given back after its lease and continues from where it was saved. Tried again every %d s; "
        "this page goes on by itself.</p></div><a class=\"btn\" href=\"",
        AWAY_S);
    html_text(b, v->path);
    buf_str(b, "\">Try now</a>");
    html_note_end(b);
    return visit_page_end(v, &f);
}

/* ---- questions ---- */

static enum visit_step ask(struct visit *v, json_t *body)
{
    buf_wipe(&v->question);
    v->question.n = 0;
    bool written = body && buf_json(&v->question, body);
    json_decref(body);
    return written ? VISIT_ASK : visit_refuse(v, 500, "internal_error", "The question cannot be written.");
}

static enum visit_step ask_list(struct visit *v)
{
    list_wish_read(span_of(v->query), &v->wish);
    return ask(v, list_wish_question(&v->wish));
}

static enum visit_step ask_show(struct visit *v)
{
    char rows[8];
    v->rows = url_query(span_of(v->query), "rows", rows, sizeof rows) == 1 ? (int)strtol(rows, NULL, 10) : 0;
    if (v->rows < JOB_PAGE_ROWS || v->rows > JOB_PAGE_ROWS_MAX)
        v->rows = JOB_PAGE_ROWS;
    return ask(v, json_pack("{s:s, s:i}", "jobId", v->job, "rows", v->rows));
}

static enum visit_step ask_failures(struct visit *v)
{
    return ask(v, json_pack("{s:s}", "jobId", v->job));
}

static enum visit_step begin_stream(struct visit *v)
{
    v->answer.status = 200;
    v->answer.content_type = "text/event-stream; charset=utf-8";
    v->answer.stream = true;
    return VISIT_ANSWER;
}

static enum visit_step change_job(struct visit *v, struct span form)
{
    visit_take_back(v, form, "back");
    return ask(v, json_pack("{s:s}", "jobId", v->job));
}

static enum visit_step change_queue(struct visit *v, struct span form)
{
    char queue[64];
    visit_take_back(v, form, "back");
    if (url_query(form, "queue", queue, sizeof queue) != 1)
        return visit_refuse(v, 400, "invalid_form", "The form must name a queue.");
    return ask(v, json_pack("{s:s, s:b}", "queue", queue, "paused", strcmp(v->path, "/jobs/pause") == 0));
}

/* ---- answers of the jobs process ---- */

static enum visit_step show_list(struct visit *v, const json_t *answer)
{
    const struct html_frame f = { .title = "Jobs", .people = true, .docs = v->all->s.docs, .live = true };
    const struct list_page p = {
        .wish = &v->wish, .answer = answer, .keep_days = v->all->s.keep_days, .now_ms = v->unix_s * 1000
    };
    list_page_write(visit_page_begin(v, 200, &f), &p);
    return visit_page_end(v, &f);
}

static enum visit_step show_job(struct visit *v, const json_t *answer)
{
    struct buf title;
    buf_init(&title, 256);
    html_operation(&title, json_string_value(json_object_get(answer, "operation")));
    const struct html_frame f = {
        .title = title.p ? title.p : "Job", .people = true, .docs = v->all->s.docs, .live = true
    };
    job_page_write(visit_page_begin(v, 200, &f), answer, v->rows, v->unix_s * 1000);
    buf_free(&title);
    return visit_page_end(v, &f);
}

static enum visit_step add_failures(struct visit *v, const json_t *answer)
{
    struct visit_answer *a = &v->answer;
    const json_t *cursor = json_object_get(answer, "cursor");
    if (!a->body.n) {
        a->body.max = CSV_MAX;
        csv_begin(&a->body);
    }
    csv_rows(&a->body, json_object_get(answer, "failures"));
    if (cursor && !a->body.failed)
        return ask(v, json_pack("{s:s, s:O}", "jobId", v->job, "cursor", cursor));
    a->status = 200;
    a->content_type = "text/csv; charset=utf-8";
    snprintf(a->disposition, sizeof a->disposition, "attachment; filename=\"failed-%.8s.csv\"", v->job);
    return a->body.failed ? visit_refuse(v, 500, "internal_error", "The file is too large.") : VISIT_ANSWER;
}

static enum visit_step back(struct visit *v, const json_t *answer)
{
    (void)answer;
    return visit_go_to(v, v->back);
}

/* ---- routes ---- */

static const struct route {
    const char *name; /* behind /jobs, or behind the job's id; of the portal: whole */
    bool of_job, post;
    bool open; /* to whoever comes */
    enum job_question what;
    enum visit_step (*begin)(struct visit *v);                    /* of a GET */
    enum visit_step (*take)(struct visit *v, struct span form);   /* of a POST */
    enum visit_step (*show)(struct visit *v, const json_t *json); /* of what is asked */
} routes[] = {
    { "", false, false, false, JOB_PAGE_LIST, ask_list, NULL, show_list },
    { "", true, false, false, JOB_PAGE_SHOW, ask_show, NULL, show_job },
    { "/failures.csv", true, false, false, JOB_PAGE_FAILURES, ask_failures, NULL, add_failures },
    { "/cancel", true, true, false, JOB_PAGE_CANCEL, NULL, change_job, back },
    { "/retry", true, true, false, JOB_PAGE_RETRY, NULL, change_job, back },
    { "/pause", false, true, false, JOB_PAGE_PAUSE, NULL, change_queue, back },
    { "/resume", false, true, false, JOB_PAGE_PAUSE, NULL, change_queue, back },
    { "/events", false, false, false, JOB_PAGE_PULSE, begin_stream, NULL, NULL },
    { "/login", false, false, true, JOB_QUESTIONS, visit_show_login, NULL, NULL },
    { "/login", false, true, true, JOB_QUESTIONS, NULL, visit_log_in, NULL },
    { "/logout", false, true, true, JOB_QUESTIONS, NULL, visit_log_out, NULL },
    { "/portal", false, false, false, JOB_QUESTIONS, visit_portal, NULL, NULL },
    { "/portal/samples", false, true, false, JOB_QUESTIONS, NULL, visit_ask_samples, NULL },
    { "/portal/samples/make", false, true, false, JOB_QUESTIONS, NULL, visit_make_samples, NULL },
};

static bool id_char(char c)
{
    return char_digit(c) || (c >= 'a' && c <= 'f') || c == '-';
}

static const struct route *find(struct visit *v, bool post, bool *other_method)
{
    const char *rest = v->path + (is_portal(v->path) ? 0 : 5);
    const struct span id = { rest + 1, VISIT_JOB };
    bool of_job = !is_portal(v->path) && strlen(rest) > VISIT_JOB && span_all(id, id_char) &&
                  (rest[VISIT_JOB + 1] == '/' || !rest[VISIT_JOB + 1]);
    if (of_job) {
        copy_span(v->job, sizeof v->job, id);
        rest += 1 + VISIT_JOB;
    }
    for (size_t i = 0; i < sizeof routes / sizeof *routes; i++) {
        if (routes[i].of_job != of_job || strcmp(routes[i].name, rest) != 0)
            continue;
        if (routes[i].post == post)
            return &routes[i];
        *other_method = true;
    }
    return NULL;
}

static bool asset(struct visit *v)
{
    for (const struct pages_file *f = pages_files; f->name; f++) {
        if (strcmp(v->path + 6, f->name) != 0)
            continue;
        v->answer.status = 200;
        v->answer.fixed = f->p;
        v->answer.n = f->n;
        v->answer.content_type = strstr(f->name, ".css") ? "text/css; charset=utf-8" : "text/javascript; charset=utf-8";
        return true;
    }
    return false;
}

/* To the login, and from there back to what was asked for. */
static enum visit_step to_login(struct visit *v)
{
    struct buf to, all;
    if (v->answer.stream || strcmp(v->path, "/jobs/events") == 0)
        return visit_refuse(v, 401, "unauthorized", "Log in at /jobs/login first.");
    buf_init(&to, VISIT_LOCATION);
    buf_init(&all, VISIT_LOCATION - 1);
    buf_fmt(&to, "%s%s%s",
            !v->route->post      ? v->path
            : is_portal(v->path) ? "/portal"
                                 : "/jobs",
            *v->query && !v->route->post ? "?" : "", v->route->post ? "" : v->query);
    buf_str(&all, "/jobs/login?to=");
    html_query(&all, !to.failed ? to.p : is_portal(v->path) ? "/portal" : "/jobs");
    visit_go_to(v, all.failed ? "/jobs/login" : all.p);
    buf_free(&to);
    buf_free(&all);
    return VISIT_ANSWER;
}

/* ---- what is known of who asks ---- */

/* Heroku's router adds the address of whoever it heard to the end; what stands before it anybody may have written. */
static void take_address(struct visit *v, const struct visit_request *r)
{
    struct span rest = r->forwarded_for, one, last = { 0 };
    while (v->all->s.behind_router && span_split(&rest, ',', &one))
        last = span_trim(one);
    copy_span(v->address, sizeof v->address, last.n ? last : span_of(r->peer));
}

static bool is_loopback(const struct visit_request *r)
{
    static const char *const hosts[] = { "127.", "localhost", "[::1]" };
    bool near = strncmp(r->peer, "127.", 4) == 0 || strcmp(r->peer, "::1") == 0;
    for (size_t i = 0; near && i < sizeof hosts / sizeof *hosts; i++)
        if (span_starts(r->host, hosts[i]))
            return true;
    return false;
}

/* A form was sent by a page of ours: every browser names the origin of a POST. The scheme is the router's affair. */
static bool is_trusted(const struct visit_request *r)
{
    const char *mark = r->origin.n ? memmem(r->origin.p, r->origin.n, "://", 3) : NULL;
    if (!mark || !r->host.n || (r->fetch_site.n && !span_eq(r->fetch_site, "same-origin")))
        return false;
    const struct span host = { mark + 3, r->origin.n - (size_t)(mark + 3 - r->origin.p) };
    return host.n == r->host.n && memcmp(host.p, r->host.p, host.n) == 0;
}

static enum visit_step begin(struct visit *v, const struct visit_request *r)
{
    bool other = false;
    if (!r->post && !is_portal(v->path) && v->path[5] && asset(v))
        return VISIT_ANSWER;
    v->route = find(v, r->post, &other);
    if (!v->route)
        return other ? visit_refuse(v, 405, "method_not_allowed", "Use the other method, GET or POST, for this path.")
                     : visit_refuse(v, 404, "unknown_path",
                                    "There is nothing at this path. The pages are at /jobs and /portal.");
    if (!v->route->open && !login_is(v->all->s.token, r->cookie, r->unix_s))
        return to_login(v);
    if (r->post && !is_trusted(r))
        return visit_refuse(v, 403, "foreign_form",
                            "This form was not sent by a page of this host. Open /jobs and try there.");
    if (v->route->what != JOB_QUESTIONS && !v->all->s.jobs)
        return plain_page(v, 200, "This host keeps no jobs",
                          "Set <code>DATABASE_URL</code> or <code>JOBS_DB</code>, and start it again.");
    return r->post ? VISIT_READ : v->route->begin(v);
}

/* ---- the visit ---- */

struct visit *visit_new(struct visits *vs, const struct visit_request *r, enum visit_step *step)
{
    struct visit *v = calloc(1, sizeof *v);
    if (!v)
        return NULL;
    v->all = vs;
    v->path = strdup(r->path);
    v->query = strndup(r->query.p ? r->query.p : "", r->query.n);
    if (!v->path || !v->query) {
        visit_free(v);
        return NULL;
    }
    v->now_ms = r->now_ms;
    v->unix_s = r->unix_s;
    v->secure = !is_loopback(r);
    buf_init(&v->question, QUESTION);
    buf_init(&v->answer.body, HTML_MAX);
    take_address(v, r);
    *step = begin(v, r);
    return v;
}

void visit_free(struct visit *v)
{
    if (!v)
        return;
    free(v->path);
    free(v->query);
    if (v->portal)
        portal_free(v->portal);
    free(v->portal);
    buf_free(&v->question);
    buf_free(&v->answer.body);
    free(v);
}

enum visit_step visit_body(struct visit *v, struct span body)
{
    return v->route->take(v, body);
}

void visit_question(const struct visit *v, struct message_job_question *q)
{
    *q = (struct message_job_question){ .what = v->route->what, .body = { v->question.p, v->question.n } };
}

void visit_call(const struct visit *v, struct span *operation, struct span *body)
{
    *operation = span_of(v->call);
    *body = v->call_body;
}

enum visit_step visit_called(struct visit *v, int status, struct span body, int64_t now_ms)
{
    return visit_portal_called(v, status, body, now_ms);
}

/* A button that is no longer of use is no fault of whoever pressed it: the page that follows tells how things stand. */
static enum visit_step refused(struct visit *v, const struct message_job_answer *a)
{
    if (a->status == 409 || (a->status == 404 && v->route->post && !v->route->of_job))
        return visit_go_to(v, v->back);
    if (a->status == 404)
        return plain_page(v, 404, "There is no such job", "Ended jobs are deleted after a time.");
    return away_page(v);
}

enum visit_step visit_heard(struct visit *v, const struct message_job_answer *a)
{
    if (a->status != 200)
        return refused(v, a);
    json_t *json = json_loadb(a->body.p ? a->body.p : "", a->body.n, 0, NULL);
    enum visit_step step = json ? v->route->show(v, json) : away_page(v);
    json_decref(json);
    return step;
}

struct visit_answer *visit_answer(struct visit *v)
{
    return &v->answer;
}
