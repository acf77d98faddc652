/* parallel.c - reading requests to several orgs at once, each by the policy of a single one (client.c). */
#include "runtime/client/client_parts.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/base/system.h"
#include "runtime/client/soql.h"

enum { ANSWER_MAX = 4 * 1024 * 1024, AT_ONCE = 64, TURN_MS = 50 };

/* One request on its way. */
struct flight {
    struct sf_org *org;
    const char *path;    /* in the call's arena; NULL = it cannot be sent */
    size_t max;          /* of the answer */
    struct sf_error err; /* code "" = answered, once it has landed */
    struct http_reply r;
    int elapsed_ms;
    /* while it is under way */
    CURL *easy;
    struct curl_slist *headers;
    struct http_guard guard;
    int64_t begun, sent_at, due; /* due: when the next try may leave */
    int tries;
    unsigned session; /* org->refreshed when it was sent */
    bool refreshed, waiting, landed, too_large;
};

static size_t on_body(char *p, size_t size, size_t n, void *ctx)
{
    struct flight *f = ctx;
    if (buf_add(&f->r.body, p, size * n))
        return size * n;
    f->too_large = true;
    return 0;
}

/* It is over, well or not. */
static void land(struct flight *f)
{
    f->landed = true;
    f->waiting = false;
    f->elapsed_ms = (int)(clock_ms() - f->begun);
    f->err.other_org = f->err.code[0] && f->org->session.authorization[0];
}

static void let_go(CURLM *multi, struct flight *f)
{
    if (!f->easy)
        return;
    curl_multi_remove_handle(multi, f->easy);
    curl_easy_cleanup(f->easy);
    http_headers_free(f->headers);
    f->easy = NULL;
    f->headers = NULL;
}

static bool make_easy(struct flight *f, bool loopback, int64_t left)
{
    const struct client_settings *set = client_settings(f->org->call->client);
    const struct org_request q = { .method = "GET", .path = f->path };
    struct org_headers h;
    char *url = act_printf(f->org->call, "%s%s", f->org->session.url, f->path);
    org_headers_make(&h, f->org, &q);
    f->headers = http_headers(h.list);
    bytes_wipe(h.authorization, sizeof h.authorization);
    f->easy = f->headers ? curl_easy_init() : NULL;
    if (!f->easy)
        return false;
    f->guard = (struct http_guard){ .loopback = loopback };
    http_harden(f->easy, set->ca_file, &f->guard);
    curl_easy_setopt(f->easy, CURLOPT_URL, url);
    curl_easy_setopt(f->easy, CURLOPT_PROTOCOLS_STR, loopback ? "http" : "https");
    curl_easy_setopt(f->easy, CURLOPT_HTTPHEADER, f->headers);
    curl_easy_setopt(f->easy, CURLOPT_TIMEOUT_MS, (long)left);
    curl_easy_setopt(f->easy, CURLOPT_WRITEFUNCTION, on_body);
    curl_easy_setopt(f->easy, CURLOPT_WRITEDATA, f);
    curl_easy_setopt(f->easy, CURLOPT_PRIVATE, f);
    return true;
}

/* Sends it, for the first time or again. */
static void take_off(CURLM *multi, struct flight *f, int64_t end)
{
    bool loopback = false;
    int64_t left = end - clock_ms();
    f->waiting = false;
    http_reply_free(&f->r);
    f->r = (struct http_reply){ 0 };
    buf_init(&f->r.body, f->max);
    f->too_large = false;
    sf_error_clear(&f->err);
    if (!org_ready(f->org, f->path, &loopback, &f->err)) {
        land(f);
        return;
    }
    if (left < 1)
        sf_error_set(&f->err, 0, "TIMEOUT", "The org did not answer in time.");
    else if (!make_easy(f, loopback, left) || curl_multi_add_handle(multi, f->easy) != CURLM_OK)
        sf_error_set(&f->err, 0, "CLIENT_FAULT", "The request could not be sent.");
    if (f->err.code[0]) {
        let_go(multi, f);
        land(f);
        return;
    }
    f->sent_at = clock_ms();
    f->session = f->org->refreshed;
    f->tries++;
    f->org->call->org_calls++;
}

static void read_meta(struct flight *f, CURLcode code)
{
    long status = 0;
    curl_off_t wait = 0;
    curl_easy_getinfo(f->easy, CURLINFO_RESPONSE_CODE, &status);
    curl_easy_getinfo(f->easy, CURLINFO_RETRY_AFTER, &wait);
    f->r.status = (int)status;
    f->r.retry_after_s = wait < 0 ? 0 : wait > 86400 ? 86400 : (int)wait;
    f->r.failure = f->too_large ? HTTP_TOO_LARGE : http_failure_of(code, f->guard.refused);
}

/* Milliseconds to wait before it is sent again; -1 = it is not. */
static int64_t pause_of(const struct flight *f, int64_t end)
{
    const struct http_reply *r = &f->r;
    bool transient = r->status == 429 || (r->status >= 500 && r->status <= 504 && r->status != 501) ||
                     (r->status < 400 && (r->failure == HTTP_CUT || r->failure == HTTP_GARBAGE)) ||
                     r->failure == HTTP_CONNECT;
    if (!transient || f->tries >= LIMIT_ORG_TRIES || strcmp(f->err.code, "REQUEST_LIMIT_EXCEEDED") == 0)
        return -1;
    int64_t wait = r->retry_after_s ? (int64_t)r->retry_after_s * 1000
                                    : (int64_t)client_settings(f->org->call->client)->backoff_ms << (f->tries - 1);
    return clock_ms() + wait < end ? wait : -1;
}

/* There is a session that this request was not sent with: its neighbour may have renewed it meanwhile. */
static bool has_other_session(struct flight *f)
{
    if (f->org->refreshed == f->session)
        return org_refresh(f->org, &f->refreshed);
    f->refreshed = true;
    return true;
}

/* A transfer has ended: what came of it, and whether it is sent again. */
static void arrive(CURLM *multi, struct flight *f, CURLcode code, int64_t end)
{
    read_meta(f, code);
    let_go(multi, f);
    bool ok = f->r.failure == HTTP_OK && f->r.status >= 200 && f->r.status < 300;
    if (!ok)
        org_explain(&f->err, &f->r);
    org_note(f->org, &f->r, &f->err, end - f->sent_at);
    if (!ok && f->r.status == 401 && !f->refreshed && has_other_session(f)) {
        f->tries--;
        f->waiting = true;
        f->due = clock_ms();
        return;
    }
    int64_t wait = ok ? -1 : pause_of(f, end);
    if (wait < 0) {
        land(f);
        return;
    }
    f->waiting = true;
    f->due = clock_ms() + wait;
}

static void collect(CURLM *multi, int64_t end)
{
    CURLMsg *msg;
    int queued;
    while ((msg = curl_multi_info_read(multi, &queued))) {
        struct flight *f = NULL;
        if (msg->msg == CURLMSG_DONE && !curl_easy_getinfo(msg->easy_handle, CURLINFO_PRIVATE, (char **)&f) && f)
            arrive(multi, f, msg->data.result, end);
    }
}

/* Sends what has waited long enough. Returns how many have not landed; *turn_ms = how long there is nothing to do. */
static size_t look_around(CURLM *multi, struct flight *flights, size_t n, int64_t end, int *turn_ms)
{
    size_t open = 0;
    int64_t now = clock_ms();
    *turn_ms = end - now > TURN_MS * 20 ? TURN_MS * 20 : end > now ? (int)(end - now) : 0;
    for (size_t i = 0; i < n; i++) {
        struct flight *f = &flights[i];
        if (f->waiting && f->due <= now)
            take_off(multi, f, end);
        if (f->waiting && *turn_ms > f->due - now)
            *turn_ms = (int)(f->due - now);
        open += !f->landed;
    }
    return open;
}

static void fly(CURLM *multi, struct flight *flights, size_t n, int64_t end)
{
    int running, turn_ms;
    for (size_t i = 0; i < n; i++)
        if (!flights[i].landed)
            take_off(multi, &flights[i], end);
    while (look_around(multi, flights, n, end, &turn_ms) > 0 && clock_ms() < end) {
        if (curl_multi_perform(multi, &running) != CURLM_OK)
            break;
        collect(multi, end);
        if (look_around(multi, flights, n, end, &turn_ms) > 0)
            curl_multi_poll(multi, NULL, 0, turn_ms, NULL);
    }
    for (size_t i = 0; i < n; i++) {
        struct flight *f = &flights[i];
        let_go(multi, f);
        if (f->landed)
            continue;
        f->r.failure = HTTP_TIMEOUT;
        org_explain(&f->err, &f->r);
        org_note(f->org, &f->r, &f->err, end - f->sent_at);
        land(f);
    }
}

static void fly_all(struct act_call *call, struct flight *flights, size_t n, int budget_ms)
{
    CURLM *multi = call->client ? client_multi(call->client) : NULL;
    int64_t now = clock_ms(), left = org_time_left(call), end = now + (budget_ms < left ? budget_ms : left);
    for (size_t i = 0; i < n; i++) {
        flights[i].begun = now;
        if (!flights[i].landed && !multi)
            sf_error_set(&flights[i].err, 0, "CLIENT_FAULT", "This call was given no client.");
        flights[i].landed = flights[i].landed || !multi;
    }
    for (size_t from = 0, some; multi && from < n; from += some) {
        some = n - from < AT_ONCE ? n - from : AT_ONCE;
        fly(multi, flights + from, some, end);
    }
}

/* ---- asks ---- */

static void prepare(const struct sf_ask *a, struct flight *f)
{
    struct buf text;
    char why[160];
    f->org = a->org;
    f->max = a->max_bytes && a->max_bytes < ANSWER_MAX ? a->max_bytes : ANSWER_MAX;
    if (!a->soql) {
        f->path = org_path(a->org, "%s", a->path);
        return;
    }
    buf_init(&text, LIMIT_SOQL);
    if (soql_write(&text, a->soql, a->binds, a->count, NULL, why, sizeof why))
        f->path = org_path(a->org, "query?q=%s", org_escape(a->org, text.p));
    else
        sf_error_set(&f->err, 0, "BAD_VALUE", "%s", why);
    f->landed = !f->path;
    buf_free(&text);
}

static void take_answer(struct act_call *call, struct sf_ask *a, struct flight *f)
{
    a->answer = NULL;
    a->err = f->err;
    a->elapsed_ms = f->elapsed_ms;
    if (f->err.code[0])
        return;
    json_t *json = f->r.body.n ? json_loadb(f->r.body.p, f->r.body.n, JSON_REJECT_DUPLICATES, NULL) : NULL;
    if (json && !(json_is_array(json) && sf_error_read(&a->err, f->r.status, json))) {
        a->answer = act_own(call, json);
        return;
    }
    if (!json)
        sf_error_parse(&a->err, f->r.status, (struct span){ f->r.body.p, f->r.body.n });
    a->err.other_org = f->org->session.authorization[0] != '\0';
    json_decref(json);
}

void sf_ask_all(struct act_call *call, struct sf_ask *asks, size_t count, int budget_ms)
{
    struct flight *flights = act_alloc(call, (count + 1) * sizeof *flights);
    for (size_t i = 0; i < count; i++)
        prepare(&asks[i], &flights[i]);
    fly_all(call, flights, count, budget_ms);
    for (size_t i = 0; i < count; i++) {
        take_answer(call, &asks[i], &flights[i]);
        http_reply_free(&flights[i].r);
    }
}

void sf_describe_all(struct act_call *call, struct sf_org *const *orgs, size_t count, const char *const *objects,
                     size_t n_objects, int budget_ms, struct sf_error *errs)
{
    struct flight *flights = act_alloc(call, (count * n_objects + 1) * sizeof *flights);
    size_t *places = act_alloc(call, (count * n_objects + 1) * sizeof *places);
    size_t n = 0;
    for (size_t i = 0; i < count * n_objects; i++) {
        struct sf_org *org = orgs[i / n_objects];
        const char *object = objects[i % n_objects];
        sf_error_clear(&errs[i]);
        if (!org || describe_known(org, object))
            continue;
        places[n] = i;
        flights[n++] = (struct flight){ .org = org,
                                        .path = org_path(org, "sobjects/%s/describe", org_escape(org, object)),
                                        .max = ANSWER_MAX };
    }
    fly_all(call, flights, n, budget_ms);
    for (size_t i = 0; i < n; i++) {
        struct flight *f = &flights[i];
        const char *object = objects[places[i] % n_objects];
        if (!f->err.code[0] && !describe_take(f->org, object, (struct span){ f->r.body.p, f->r.body.n }))
            sf_error_set(&f->err, f->r.status, "BAD_REPLY", "The org's description of %s is incomplete.", object);
        errs[places[i]] = f->err;
        http_reply_free(&f->r);
    }
}

void sf_describe_forget(struct sf_org *org, const char *object)
{
    describe_drop(org, object);
}
