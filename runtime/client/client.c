/* client.c - one request to an org under one policy for failures. */
#include "runtime/client/client_parts.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/base/chars.h"
#include "runtime/base/system.h"

enum { BACKOFF_MS = 200 };

struct client {
    struct client_settings settings;
    struct http *http;
    struct http *streams; /* of requests whose body is a stream: its functions may send others meanwhile */
    CURLM *multi;         /* of act_fetch_all; made when first used, keeps its connections */
    char checked[sizeof((struct org_session *)0)->url]; /* the domain that was last looked up in the list, */
    struct hosts_match match;                           /* and what came of it */
};

static bool send_http(void *ctx, const struct http_request *q, struct http_reply *r)
{
    struct client *c = ctx;
    if (!q->stream)
        return http_send(c->http, q, r);
    if (!c->streams)
        c->streams = http_new(c->settings.ca_file);
    if (c->streams)
        return http_send(c->streams, q, r);
    *r = (struct http_reply){ .failure = HTTP_LOCAL };
    return false;
}

struct client *client_new(const struct client_settings *settings)
{
    struct client *c = calloc(1, sizeof *c);
    if (!c)
        return NULL;
    c->settings = *settings;
    if (!c->settings.backoff_ms)
        c->settings.backoff_ms = BACKOFF_MS;
    if (c->settings.send)
        return c;
    c->http = http_new(settings->ca_file);
    c->settings.send = send_http;
    c->settings.send_ctx = c;
    if (c->http)
        return c;
    free(c);
    return NULL;
}

void client_free(struct client *c)
{
    if (!c)
        return;
    http_free(c->http);
    http_free(c->streams);
    curl_multi_cleanup(c->multi);
    free(c);
}

CURLM *client_multi(struct client *c)
{
    if (!c->multi)
        c->multi = curl_multi_init();
    return c->multi;
}

const struct client_settings *client_settings(const struct client *c)
{
    return &c->settings;
}

/* ---- what a request is made of ---- */

/* Text for a header line: printable, so that it cannot end the line. */
static bool printable(const char *s)
{
    return span_all(span_of(s), char_printable);
}

static bool version_char(char c)
{
    return char_alnum(c) || c == '.';
}

static bool version_ok(const char *v)
{
    return *v && span_all(span_of(v), version_char) && !strstr(v, "..");
}

/* Everything that must hold before a token goes anywhere. */
bool org_check(struct sf_org *org, bool *loopback, struct sf_error *err)
{
    struct client *c = org->call->client;
    if (!c)
        return sf_error_set(err, 0, "CLIENT_FAULT", "This call was given no client.");
    if (!org->session.token[0] || !org->session.url[0])
        return sf_error_set(err, 0, "NO_USER", "This call has no user and so no session for the org.");
    if (!printable(org->session.token) || !printable(org->call->request_id) || !printable(org->call->traceparent))
        return sf_error_set(err, 0, "CLIENT_FAULT", "The session holds characters that no header may have.");
    if (!version_ok(org->session.api_version))
        return sf_error_set(err, 0, "CLIENT_FAULT", "The API version \"%s\" is none.", org->session.api_version);
    if (strcmp(c->checked, org->session.url) != 0) {
        c->checked[0] = '\0';
        if (!hosts_allow_origin(&c->settings.org_hosts, org->session.url, &c->match))
            return sf_error_set(err, 0, "REFUSED_HOST", "The session must not go to %.200s: it is not among ORG_HOSTS.",
                                org->session.url);
    }
    copy_text(c->checked, sizeof c->checked, org->session.url);
    *loopback = c->match.loopback;
    return true;
}

void org_headers_make(struct org_headers *h, const struct sf_org *org, const struct org_request *q)
{
    size_t n = 0;
    snprintf(h->authorization, sizeof h->authorization, "Authorization: Bearer %s", org->session.token);
    h->list[n++] = h->authorization;
    h->list[n++] = "User-Agent: actionhost/" ACTIONHOST_VERSION;
    h->list[n++] = "Sforce-Call-Options: client=" ORG_CLIENT; /* change events of our own writes are known by it */
    h->list[n++] = "Accept: application/json, */*;q=0.5";
    h->list[n++] = "Expect:"; /* libcurl would wait for a 100 before a large body */
    if (q->pieces || (q->stream && q->stream->read)) {
        snprintf(h->type, sizeof h->type, "Content-Type: %s", q->content_type ? q->content_type : "application/json");
        h->list[n++] = h->type;
    }
    if (org->call->request_id[0]) {
        snprintf(h->id, sizeof h->id, "X-Request-Id: %s", org->call->request_id);
        h->list[n++] = h->id;
    }
    if (org->call->traceparent[0]) {
        snprintf(h->trace, sizeof h->trace, "traceparent: %s", org->call->traceparent);
        h->list[n++] = h->trace;
    }
    h->list[n] = NULL;
}

bool org_own_path(const struct sf_org *org, const char *url)
{
    size_t n = strlen(org->session.url);
    if (*url != '/') {
        if (strncasecmp(url, org->session.url, n) != 0)
            return false;
        url += n;
    }
    return hosts_path_ok(url);
}

/* ---- one try ---- */

enum { TRY_MIN_MS = 20 }; /* less than this is not worth a try */

int64_t org_time_left(const struct act_call *call)
{
    return call->deadline_ms - LIMIT_ORG_MARGIN_MS - clock_ms();
}

static bool one_try(struct sf_org *org, const struct org_request *q, const char *url, struct http_reply *r)
{
    static const struct span nothing = { "", 0 };
    struct client *c = org->call->client;
    struct org_headers h;
    bool streams = q->stream && q->stream->read;
    bool bare =
        q->pieces == 0 && !streams && (*q->method == 'P'); /* POST, PATCH, PUT without a body still say its length */
    struct org_request with = *q;
    if (bare) {
        with.body = &nothing;
        with.pieces = 1;
    }
    org_headers_make(&h, org, &with);
    struct http_request hq = { .method = q->method,
                               .url = url,
                               .headers = h.list,
                               .body = with.body,
                               .pieces = with.pieces,
                               .stream = with.stream,
                               .max = q->max ? q->max : LIMIT_ORG_REPLY,
                               .timeout_ms = org_time_left(org->call),
                               .loopback = c->match.loopback,
                               .once = !q->repeatable };
    org->call->org_calls++;
    bool came = c->settings.send(c->settings.send_ctx, &hq, r);
    bytes_wipe(h.authorization, sizeof h.authorization);
    return came;
}

struct failure_text {
    const char *code, *text;
};
static const struct failure_text failures[] = {
    [HTTP_RESOLVE] = { "UNREACHABLE", "The org's host name has no address." },
    [HTTP_CONNECT] = { "UNREACHABLE", "The org cannot be connected to." },
    [HTTP_TLS] = { "TLS_FAILED", "No verified TLS connection to the org." },
    [HTTP_ADDRESS] = { "REFUSED_HOST", "The org's host name leads to an address that is not public." },
    [HTTP_TIMEOUT] = { "TIMEOUT", "The org did not answer before the call's deadline." },
    [HTTP_CUT] = { "CONNECTION_LOST", "The connection ended before the org's whole answer was there." },
    [HTTP_TOO_LARGE] = { "TOO_LARGE", "The org's answer is larger than allowed." },
    [HTTP_GARBAGE] = { "BAD_REPLY", "What the org answered is not HTTP." },
    [HTTP_LOCAL] = { "CLIENT_FAULT", "The request could not be sent." },
    [HTTP_STOPPED] = { "STOPPED", "The action wanted no more of it." },
};

/* Fills *err from an answer that is no success. A failing status counts even when its body was cut. */
void org_explain(struct sf_error *err, const struct http_reply *r)
{
    bool status_stands = r->failure == HTTP_OK || (r->status >= 400 && r->failure != HTTP_TIMEOUT);
    if (status_stands) {
        struct span body = { r->body.p, r->failure == HTTP_OK ? r->body.n : 0 };
        sf_error_parse(err, r->status, body);
    } else {
        sf_error_set(err, r->status, failures[r->failure].code, "%s", failures[r->failure].text);
    }
    err->retry_after_s = r->retry_after_s;
}

bool org_may_be_done(const struct org_request *q, const struct http_reply *r)
{
    if (q->reads || strcmp(q->method, "GET") == 0 || strcmp(q->method, "HEAD") == 0 || !r->sent)
        return false;
    if (r->status >= 400)
        return r->status == 502 || r->status == 504; /* said by something in front of the org */
    return r->failure != HTTP_OK;
}

/* ---- the policy ---- */

struct attempt {
    int tries;
    bool refreshed, maybe_done;
};

static uint32_t jitter(uint32_t range)
{
    uint32_t v;
    random_bytes(&v, sizeof v);
    return range ? v % range : 0;
}

int64_t org_pause(const struct sf_org *org, const struct org_request *q, const struct http_reply *r,
                  const struct sf_error *err, int tries)
{
    if (r->streamed || tries >= LIMIT_ORG_TRIES || strcmp(err->code, "REQUEST_LIMIT_EXCEEDED") == 0)
        return -1;
    bool transient = r->status == 429 || (r->status >= 500 && r->status <= 504 && r->status != 501) ||
                     (r->status < 400 && (r->failure == HTTP_CUT || r->failure == HTTP_GARBAGE));
    bool untouched = r->failure == HTTP_CONNECT && !r->sent;
    if (!untouched && !(transient && q->repeatable))
        return -1;
    uint32_t step = (uint32_t)org->call->client->settings.backoff_ms << (tries - 1);
    int64_t wait = step / 2 + jitter(step / 2 + 1);
    if (r->retry_after_s)
        wait = (int64_t)r->retry_after_s * 1000;
    return wait + TRY_MIN_MS < org_time_left(org->call) ? wait : -1;
}

static void pause_ms(int64_t ms)
{
    struct timespec t = { ms / 1000, ms % 1000 * 1000000 };
    while (nanosleep(&t, &t) != 0)
        ;
}

/* A new token for a named authorization, once per request. The same token again would only be refused again. */
bool org_refresh(struct sf_org *org, bool *refreshed)
{
    const struct services *front = org->call->front;
    if (!org->session.authorization[0] || org->exchanged || *refreshed)
        return false;
    *refreshed = true;
    struct org_session *fresh = calloc(1, sizeof *fresh);
    struct err e = { 0 };
    bool ok = fresh && front->authorization(front->ctx, org->session.authorization, org->session.token, fresh, &e) &&
              strcmp(fresh->token, org->session.token) != 0 &&
              record_id_same(span_of(fresh->id), span_of(org->session.id)); /* what was read so far is of that org */
    if (ok) {
        memcpy(org->session.url, fresh->url, sizeof org->session.url);
        memcpy(org->session.token, fresh->token, sizeof org->session.token);
        org->refreshed++;
    }
    if (fresh)
        bytes_wipe(fresh, sizeof *fresh);
    free(fresh);
    return ok;
}

/* The breaker in the front counts faults of the calling org; a wait that our own caller cut short is none. */
void org_note(struct sf_org *org, const struct http_reply *r, const struct sf_error *err, int64_t given_ms)
{
    static const bool silent[] = {
        [HTTP_RESOLVE] = true, [HTTP_CONNECT] = true, [HTTP_TLS] = true,     [HTTP_TIMEOUT] = true,
        [HTTP_CUT] = true,     [HTTP_GARBAGE] = true, [HTTP_STOPPED] = false
    };
    if (r->api_usage[0]) {
        copy_text(org->call->api_usage, sizeof org->call->api_usage, r->api_usage);
        copy_text(org->api_usage, sizeof org->api_usage, r->api_usage);
    }
    if (org->session.authorization[0] || (r->failure == HTTP_TIMEOUT && given_ms < 1000))
        return;
    bool fault = silent[r->failure] || (r->status >= 500 && strcmp(err->code, "REQUEST_LIMIT_EXCEEDED") != 0);
    org->call->org_outcome = fault ? ORG_FAULT : ORG_OK;
}

static bool is_success(const struct http_reply *r)
{
    return r->failure == HTTP_OK && r->status >= 200 && r->status < 300;
}

/* A DELETE that is told "already deleted" after a try whose answer was lost has done its work. */
static bool is_late_success(const struct org_request *q, const struct sf_error *err, const struct attempt *a)
{
    return a->maybe_done && strcmp(q->method, "DELETE") == 0 && strcmp(err->code, "ENTITY_IS_DELETED") == 0;
}

static char *full_url(const struct sf_org *org, const char *path)
{
    char *url = NULL;
    return asprintf(&url, "%s%s", *path == '/' ? org->session.url : "", path) < 0 ? NULL : url;
}

/* One try and what follows from it: true when there is nothing more to try. */
static bool settled(struct sf_org *org, const struct org_request *q, struct http_reply *r, struct sf_error *err,
                    struct attempt *a, bool *ok)
{
    int64_t begun = clock_ms(), wait;
    char *url = full_url(org, q->path);
    if (!url) {
        memset(r, 0, sizeof *r);
        r->failure = HTTP_LOCAL;
    } else {
        (void)!one_try(org, q, url, r);
    }
    free(url);
    a->tries++;
    *ok = is_success(r);
    if (!*ok)
        org_explain(err, r);
    org_note(org, r, err, clock_ms() - begun);
    if (*ok)
        return true;
    if (r->status == 401 && org_refresh(org, &a->refreshed)) {
        if (r->streamed) /* the next request has the new session; this one cannot be sent again */
            return true;
        a->tries--;
        return false;
    }
    if (is_late_success(q, err, a)) {
        buf_wipe(&r->body);
        r->body.n = 0;
        r->status = 204;
        return *ok = true;
    }
    bool unknown = org_may_be_done(q, r);
    a->maybe_done = unknown || (a->maybe_done && (r->status == 0 || r->status >= 500 || r->status == 429));
    wait = org_pause(org, q, r, err, a->tries);
    if (wait >= 0)
        pause_ms(wait);
    return wait < 0;
}

bool org_ready(struct sf_org *org, const char *path, bool *loopback, struct sf_error *err)
{
    if (!org_check(org, loopback, err))
        return false;
    if (!org_own_path(org, path))
        return sf_error_set(err, 0, "REFUSED_HOST", "Only paths of the org itself can be requested.");
    if (strlen(path) > LIMIT_ORG_URL)
        return sf_error_set(err, 0, "TOO_LARGE", "The request line is longer than an org accepts.");
    if (org->call->org_blocked && !org->session.authorization[0])
        return sf_error_set(err, 0, "SERVER_UNAVAILABLE",
                            "The org did not answer several times in a row; calls to it pause for a moment.");
    if (org_time_left(org->call) < 1)
        return sf_error_set(err, 0, "TIMEOUT", "No time is left in this call for the org.");
    return true;
}

bool org_send(struct sf_org *org, const struct org_request *q, struct http_reply *r, struct sf_error *err)
{
    struct attempt a = { 0 };
    bool ok = false, loopback = false;
    sf_error_clear(err);
    if (!org_ready(org, q->path, &loopback, err))
        goto fail;
    while (!settled(org, q, r, err, &a, &ok)) {
        http_reply_free(r);
        /* A refreshed authorization may name another domain. */
        if (!org_check(org, &loopback, err))
            goto fail;
    }
    if (ok) {
        sf_error_clear(err);
        return true;
    }
    http_reply_free(r);
fail:
    err->outcome_unknown = a.maybe_done;
    err->other_org = org->session.authorization[0] != '\0';
    return false;
}
