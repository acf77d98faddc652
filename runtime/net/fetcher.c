/* fetcher.c - requests of the event loop's processes; their handles are used again. */
#include "runtime/net/fetcher.h"

#include <stdlib.h>
#include <string.h>

#include "runtime/base/system.h"
#include "runtime/net/multi.h"

enum {
    IDLE_MAX = 256,
    MAX_AGE_S = 50, /* the Heroku router closes idle connections at 55 s */
    HEADER_SIZE = 400,
    KEEP_BUFFER = 16 * 1024
};

/* One request; the easy handle in it is used again and again. */
struct transfer {
    struct fetcher *owner;
    CURL *easy;
    struct transfer **link, *next; /* in one of the two lists, or in none: then link is NULL */
    fetch_done_fn *done;
    void *ctx;
    struct buf body, answer;
    char header[HEADER_SIZE];
    struct curl_slist extra; /* `header`, in front of the caller's list */
    int64_t begun;
    bool too_large, ignore_body;
};

struct fetcher {
    struct multi multi;
    struct transfer *idle, *busy;
    int idle_n;
    bool plain_http;
};

static size_t on_data(char *data, size_t size, size_t n, void *ctx)
{
    struct transfer *t = ctx;
    if (t->ignore_body)
        return size * n;
    if (!buf_add(&t->answer, data, size * n)) {
        t->too_large = true;
        return 0;
    }
    return size * n;
}

struct fetcher *fetcher_new(struct loop *loop, int concurrency, bool plain_http)
{
    struct fetcher *f = calloc(1, sizeof *f);
    if (!f)
        return NULL;
    f->plain_http = plain_http;
    if (!multi_init(&f->multi, loop)) {
        free(f);
        return NULL;
    }
    curl_multi_setopt(f->multi.curl, CURLMOPT_MAXCONNECTS, (long)concurrency);
    return f;
}

/* ---- transfers ---- */

static void put_into(struct transfer **list, struct transfer *t)
{
    t->link = list;
    t->next = *list;
    if (t->next)
        t->next->link = &t->next;
    *list = t;
}

static void take_out(struct transfer *t)
{
    *t->link = t->next;
    if (t->next)
        t->next->link = t->link;
    t->link = NULL;
}

static void transfer_free(struct transfer *t)
{
    curl_easy_cleanup(t->easy);
    buf_free(&t->body);
    buf_free(&t->answer);
    free(t);
}

void fetcher_free(struct fetcher *f)
{
    if (!f)
        return;
    for (struct transfer *t; (t = f->busy);) {
        take_out(t);
        curl_multi_remove_handle(f->multi.curl, t->easy);
        transfer_free(t);
    }
    for (struct transfer *t; (t = f->idle);) {
        take_out(t);
        transfer_free(t);
    }
    multi_fini(&f->multi);
    free(f);
}

/* Options that never change for a handle. */
static struct transfer *transfer_new(struct fetcher *f)
{
    struct transfer *t = calloc(1, sizeof *t);
    if (!t)
        return NULL;
    t->owner = f;
    t->easy = curl_easy_init();
    if (!t->easy) {
        free(t);
        return NULL;
    }
    CURL *e = t->easy;
    http_rules(e);
    curl_easy_setopt(e, CURLOPT_PRIVATE, t);
    curl_easy_setopt(e, CURLOPT_PROTOCOLS_STR, f->plain_http ? "http,https" : "https");
    curl_easy_setopt(e, CURLOPT_MAXAGE_CONN, (long)MAX_AGE_S);
    curl_easy_setopt(e, CURLOPT_WRITEFUNCTION, on_data);
    curl_easy_setopt(e, CURLOPT_WRITEDATA, t);
    curl_easy_setopt(e, CURLOPT_USERAGENT, "actionhost/" ACTIONHOST_VERSION);
    return t;
}

static void set_request(struct transfer *t, const struct fetch_request *r)
{
    CURL *e = t->easy;
    curl_easy_setopt(e, CURLOPT_URL, r->url);
    curl_easy_setopt(e, CURLOPT_TIMEOUT_MS, (long)r->timeout_ms);
    curl_easy_setopt(e, CURLOPT_CONNECTTIMEOUT_MS, (long)r->timeout_ms);
    if (r->header) {
        copy_text(t->header, sizeof t->header, r->header);
        t->extra = (struct curl_slist){ t->header, (struct curl_slist *)(uintptr_t)r->headers };
        curl_easy_setopt(e, CURLOPT_HTTPHEADER, &t->extra);
    } else {
        curl_easy_setopt(e, CURLOPT_HTTPHEADER, r->headers);
    }
    if (r->body) {
        curl_easy_setopt(e, CURLOPT_POSTFIELDSIZE, (long)t->body.n);
        curl_easy_setopt(e, CURLOPT_POSTFIELDS, t->body.p ? t->body.p : "");
        curl_easy_setopt(e, CURLOPT_POST, 1L);
    } else {
        curl_easy_setopt(e, CURLOPT_HTTPGET, 1L);
    }
}

/* An idle transfer keeps no more than a small buffer: there may be IDLE_MAX of them for good. */
static void recycle(struct transfer *t)
{
    struct fetcher *f = t->owner;
    buf_wipe(&t->body); /* the next one brings its own */
    buf_free(&t->body);
    buf_wipe(&t->answer);
    if (t->answer.cap > KEEP_BUFFER)
        buf_free(&t->answer);
    bytes_wipe(t->header, sizeof t->header);
    if (f->idle_n >= IDLE_MAX) {
        transfer_free(t);
        return;
    }
    t->next = f->idle;
    put_into(&f->idle, t);
    f->idle_n++;
}

bool fetcher_start(struct fetcher *f, const struct fetch_request *r, fetch_done_fn *done, void *ctx)
{
    struct transfer *t = f->idle;
    if (r->header && strlen(r->header) >= sizeof t->header)
        return false; /* a cut line would say something else */
    if (t) {
        take_out(t);
        f->idle_n--;
    } else if (!(t = transfer_new(f))) {
        return false;
    }
    t->done = done;
    t->ctx = ctx;
    t->begun = clock_us();
    t->too_large = false;
    t->ignore_body = r->ignore_body;
    t->answer.max = r->max;
    if (r->body) {
        t->body = *r->body;
        *r->body = (struct buf){ .max = t->body.max };
    }
    set_request(t, r);
    if (curl_multi_add_handle(f->multi.curl, t->easy) != CURLM_OK) {
        if (r->body) { /* the caller's again */
            *r->body = t->body;
            t->body = (struct buf){ 0 };
        }
        recycle(t);
        return false;
    }
    put_into(&f->busy, t);
    return true;
}

int fetcher_timeout_ms(const struct fetcher *f)
{
    return multi_timeout_ms(&f->multi);
}

static void finish(struct transfer *t, CURLcode rc)
{
    long status = 0;
    curl_easy_getinfo(t->easy, CURLINFO_RESPONSE_CODE, &status);
    curl_multi_remove_handle(t->owner->multi.curl, t->easy);
    take_out(t);
    struct fetch_result r = { .elapsed_us = clock_us() - t->begun };
    r.failure = t->too_large ? HTTP_TOO_LARGE : http_failure_of(rc, false);
    if (r.failure == HTTP_OK) {
        r.status = (int)status;
        r.body = (struct span){ t->answer.p ? t->answer.p : "", t->answer.n };
    } else {
        r.detail = curl_easy_strerror(rc);
    }
    t->done(t->ctx, &r);
    recycle(t);
}

void fetcher_work(struct fetcher *f)
{
    CURLcode code;
    multi_work(&f->multi);
    for (CURL *easy; (easy = multi_ended(&f->multi, &code));) {
        struct transfer *t = NULL;
        curl_easy_getinfo(easy, CURLINFO_PRIVATE, (char **)&t);
        finish(t, code);
    }
}
