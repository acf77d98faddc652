/*
 * side_by_side.c - several requests at once, each by the policy of a single one (client.c): deadline, refresh of a
 * named authorization's token, repeats where that is safe. One that fails or is slow keeps no other from its answer.
 */
#include <stdlib.h>
#include <string.h>

#include "runtime/base/json_text.h"
#include "runtime/base/system.h"
#include "runtime/client/client_parts.h"

enum { TURN_MS = 1000 };

struct flights;

/* One part on its way. */
struct flight {
    struct org_part *part;
    const struct flights *all;
    CURL *easy; /* while it is under way; NULL on the ground */
    struct curl_slist *headers;
    struct http_guard guard;
    struct buf text; /* of the body */
    int64_t sent_at, due;
    int tries, left;  /* left: how often this try was about to leave */
    unsigned session; /* org->refreshed when it was sent */
    bool refreshed, landed, too_large, maybe_done;
};

struct flights {
    struct act_call *call;
    CURLM *multi;
    struct flight *of;
    size_t n, width; /* so many under way at once */
    int64_t end;
    bool whole, failed; /* whole: nothing is begun once something has failed */
};

static size_t on_body(char *p, size_t size, size_t n, void *ctx)
{
    struct flight *f = ctx;
    if (buf_add(&f->part->r.body, p, size * n))
        return size * n;
    f->too_large = true;
    return 0;
}

/* As in http.c: libcurl would send it again when a kept connection was dead, without knowing what became of the first.
 */
static int on_leave(void *ctx, char *to_ip, char *from_ip, int to_port, int from_port)
{
    struct flight *f = ctx;
    (void)to_ip, (void)from_ip, (void)to_port, (void)from_port;
    return f->left++ && !f->part->q.repeatable ? CURL_PREREQFUNC_ABORT : CURL_PREREQFUNC_OK;
}

static void let_go(struct flight *f)
{
    if (f->easy) {
        curl_multi_remove_handle(f->all->multi, f->easy);
        curl_easy_cleanup(f->easy);
        http_headers_free(f->headers);
    }
    f->easy = NULL;
    f->headers = NULL;
    buf_free(&f->text);
}

/* It is over, well or not. */
static void land(struct flights *all, struct flight *f)
{
    struct org_part *p = f->part;
    f->landed = true;
    if (f->sent_at)
        p->elapsed_ms = (int)(clock_ms() - p->begun_ms);
    p->err.outcome_unknown = p->err.code[0] && f->maybe_done;
    p->err.other_org = p->err.code[0] && p->org->session.authorization[0];
    all->failed = all->failed || p->err.code[0];
}

static bool set_body(struct flight *f)
{
    buf_init(&f->text, LIMIT_ORG_BODY);
    if (!f->part->body)
        return true;
    if (!buf_json(&f->text, f->part->body))
        return sf_error_set(&f->part->err, 0, "TOO_LARGE", "The request is too large for the org, or is no JSON.");
    curl_easy_setopt(f->easy, CURLOPT_POST, 1L);
    curl_easy_setopt(f->easy, CURLOPT_POSTFIELDS, f->text.p);
    curl_easy_setopt(f->easy, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)f->text.n);
    return true;
}

static bool make_easy(struct flight *f, bool loopback, int64_t left)
{
    struct org_part *p = f->part;
    struct org_request q = p->q;
    struct org_headers h;
    q.pieces = p->body != NULL; /* for the type of the content */
    char *url = act_printf(p->org->call, "%s%s", p->org->session.url, q.path);
    org_headers_make(&h, p->org, &q);
    f->headers = http_headers(h.list);
    bytes_wipe(h.authorization, sizeof h.authorization);
    f->easy = f->headers ? curl_easy_init() : NULL;
    if (!f->easy)
        return sf_error_set(&p->err, 0, "CLIENT_FAULT", "The request could not be sent.");
    f->guard = (struct http_guard){ .loopback = loopback };
    http_harden(f->easy, client_settings(p->org->call->client)->ca_file, &f->guard);
    curl_easy_setopt(f->easy, CURLOPT_URL, url);
    curl_easy_setopt(f->easy, CURLOPT_PROTOCOLS_STR, loopback ? "http" : "https");
    curl_easy_setopt(f->easy, CURLOPT_HTTPHEADER, f->headers);
    curl_easy_setopt(f->easy, CURLOPT_TIMEOUT_MS, (long)left);
    curl_easy_setopt(f->easy, CURLOPT_WRITEFUNCTION, on_body);
    curl_easy_setopt(f->easy, CURLOPT_WRITEDATA, f);
    curl_easy_setopt(f->easy, CURLOPT_PREREQFUNCTION, on_leave);
    curl_easy_setopt(f->easy, CURLOPT_PREREQDATA, f);
    curl_easy_setopt(f->easy, CURLOPT_PRIVATE, f);
    if (!set_body(f))
        return false;
    curl_easy_setopt(f->easy, CURLOPT_CUSTOMREQUEST, q.method);
    return true;
}

/* Sends it, for the first time or again. */
static void take_off(struct flights *all, struct flight *f)
{
    struct org_part *p = f->part;
    bool loopback = false;
    int64_t now = clock_ms(), left = all->end - now;
    http_reply_free(&p->r);
    p->r = (struct http_reply){ 0 };
    buf_init(&p->r.body, p->q.max ? p->q.max : LIMIT_ORG_REPLY);
    f->too_large = false;
    f->left = 0;
    sf_error_clear(&p->err);
    if (left < 1)
        sf_error_set(&p->err, 0, "TIMEOUT", "The org did not answer in time.");
    else if (org_ready(p->org, p->q.path, &loopback, &p->err) && make_easy(f, loopback, left) &&
             curl_multi_add_handle(all->multi, f->easy) != CURLM_OK)
        sf_error_set(&p->err, 0, "CLIENT_FAULT", "The request could not be sent.");
    if (p->err.code[0]) {
        let_go(f);
        land(all, f);
        return;
    }
    p->begun = true;
    f->sent_at = now;
    f->session = p->org->refreshed;
    f->tries++;
    all->call->org_calls++;
}

/* There is a session that this request was not sent with: its neighbour may have renewed it meanwhile. */
static bool has_other_session(struct flight *f)
{
    if (f->part->org->refreshed == f->session)
        return org_refresh(f->part->org, &f->refreshed);
    f->refreshed = true;
    return true;
}

/* A transfer has ended: what came of it, and whether it is sent again. */
static void arrive(struct flights *all, struct flight *f, CURLcode code)
{
    struct org_part *p = f->part;
    http_read_meta(f->easy, &p->r);
    p->r.failure = f->too_large ? HTTP_TOO_LARGE : http_failure_of(code, f->guard.refused);
    let_go(f);
    bool ok = p->r.failure == HTTP_OK && p->r.status >= 200 && p->r.status < 300;
    if (!ok)
        org_explain(&p->err, &p->r);
    org_note(p->org, &p->r, &p->err, all->end - f->sent_at);
    if (!ok && p->r.status == 401 && !f->refreshed && has_other_session(f)) {
        f->tries--;
        f->due = 0;
        return;
    }
    f->maybe_done = !ok && (f->maybe_done || org_may_be_done(&p->q, &p->r));
    int64_t wait = ok ? -1 : org_pause(p->org, &p->q, &p->r, &p->err, f->tries);
    if (wait < 0 || clock_ms() + wait >= all->end)
        land(all, f);
    else
        f->due = clock_ms() + wait;
}

static void collect(struct flights *all)
{
    CURLMsg *msg;
    int queued;
    while ((msg = curl_multi_info_read(all->multi, &queued))) {
        struct flight *f = NULL;
        if (msg->msg == CURLMSG_DONE && !curl_easy_getinfo(msg->easy_handle, CURLINFO_PRIVATE, (char **)&f) && f)
            arrive(all, f, msg->data.result);
    }
}

static size_t under_way(const struct flights *all)
{
    size_t n = 0;
    for (size_t i = 0; i < all->n; i++)
        n += all->of[i].easy != NULL;
    return n;
}

/* Sends what has waited long enough, as many as may be under way. Returns how many have not landed; *turn_ms = how long
 * there is nothing to do. */
static size_t look_around(struct flights *all, int *turn_ms)
{
    size_t open = 0, flying = under_way(all);
    int64_t now = clock_ms();
    *turn_ms = all->end - now > TURN_MS ? TURN_MS : all->end > now ? (int)(all->end - now) : 0;
    for (size_t i = 0; i < all->n; i++) {
        struct flight *f = &all->of[i];
        if (!f->landed && all->whole && all->failed && !f->part->begun)
            f->landed = true; /* never begun */
        if (!f->landed && !f->easy && f->due <= now && flying < all->width) {
            take_off(all, f);
            flying += f->easy != NULL;
        }
        if (!f->landed && !f->easy && f->due > now && *turn_ms > f->due - now)
            *turn_ms = (int)(f->due - now);
        open += !f->landed;
    }
    return open;
}

static void fly(struct flights *all)
{
    int running, turn_ms;
    while (look_around(all, &turn_ms) > 0 && clock_ms() < all->end) {
        if (curl_multi_perform(all->multi, &running) != CURLM_OK)
            break;
        collect(all);
        if (look_around(all, &turn_ms) > 0)
            curl_multi_poll(all->multi, NULL, 0, turn_ms, NULL);
    }
    for (size_t i = 0; i < all->n; i++) {
        struct flight *f = &all->of[i];
        struct org_part *p = f->part;
        if (f->easy)
            http_read_meta(f->easy, &p->r);
        f->maybe_done = f->maybe_done || (f->easy && p->r.sent && !p->q.reads);
        let_go(f);
        if (f->landed)
            continue;
        p->r.failure = HTTP_TIMEOUT;
        p->r.status = 0;
        org_explain(&p->err, &p->r);
        org_note(p->org, &p->r, &p->err, all->end - f->sent_at);
        land(all, f);
    }
}

/* By a transport that somebody has put in, which knows one request at a time. */
static void one_by_one(struct org_part *parts, size_t n, bool whole)
{
    for (size_t i = 0, failed = 0; i < n && !(whole && failed); i++) {
        struct org_part *p = &parts[i];
        struct org_request q = p->q;
        struct buf text;
        buf_init(&text, LIMIT_ORG_BODY);
        if (p->body && !buf_json(&text, p->body))
            sf_error_set(&p->err, 0, "TOO_LARGE", "The request is too large for the org, or is no JSON.");
        const struct span body = { text.p, text.n };
        if (p->body) {
            q.body = &body;
            q.pieces = 1;
        }
        p->begun = !p->err.code[0];
        failed += !p->begun || !org_send(p->org, &q, &p->r, &p->err);
        buf_free(&text);
    }
}

void org_send_all(struct act_call *call, struct org_part *parts, size_t n, size_t width, bool whole, int budget_ms)
{
    int64_t now = clock_ms(), left = org_time_left(call);
    struct flights all = { .call = call,
                           .multi = call->client ? client_multi(call->client) : NULL,
                           .of = calloc(n ? n : 1, sizeof *all.of),
                           .n = n,
                           .width = width > 1 ? width : 1,
                           .whole = whole,
                           .end = now + (budget_ms < left ? budget_ms : left) };
    if (!all.of)
        call_exhausted(call);
    if (call->client && client_settings(call->client)->send_ctx != call->client) {
        one_by_one(parts, n, whole);
        free(all.of);
        return;
    }
    for (size_t i = 0; i < n; i++) {
        all.of[i] = (struct flight){ .part = &parts[i], .all = &all, .landed = parts[i].err.code[0] != '\0' };
        parts[i].begun_ms = now;
        if (!all.of[i].landed && !all.multi)
            sf_error_set(&parts[i].err, 0, "CLIENT_FAULT", "This call was given no client.");
    }
    if (all.multi)
        fly(&all);
    free(all.of);
}
