/* fetcher.c - libcurl's multi interface, driven by socket and timer callbacks. */
#include "runtime/net/fetcher.h"

#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>

#include "runtime/base/system.h"

enum { IDLE_MAX = 256, MAX_AGE_S = 50 /* the Heroku router closes idle connections at 55 s */ };

/* One request; the easy handle in it is used again and again. */
struct transfer {
    struct fetcher *owner;
    CURL *easy;
    struct transfer *next;          /* in the idle list */
    struct transfer **link, *after; /* in the list of those under way */
    fetch_done_fn *done;
    void *ctx;
    struct buf body, answer;
    char header[400];
    struct curl_slist extra; /* `header`, in front of the caller's list */
    int64_t begun;
    bool too_large, ignore_body;
};

struct fetcher {
    struct loop *loop;
    CURLM *multi;
    struct transfer *idle, *busy;
    int idle_n;
    int64_t due_us; /* of curl's timer; -1 = none */
    bool plain_http;
};

static int on_timer(CURLM *multi, long timeout_ms, void *ctx)
{
    struct fetcher *f = ctx;
    (void)multi;
    /* The precise clock, rounded up: firing early expires nothing inside libcurl, and it would not ask again. */
    f->due_us = timeout_ms < 0 ? -1 : timeout_ms == 0 ? 0 : clock_us() + (int64_t)timeout_ms * 1000 + 1000;
    return 0;
}

static void on_ready(struct watch *w, unsigned events)
{
    struct fetcher *f = w->owner;
    int running, flags = (events & EPOLLIN ? CURL_CSELECT_IN : 0) | (events & EPOLLOUT ? CURL_CSELECT_OUT : 0) |
                         (events & (EPOLLERR | EPOLLHUP) ? CURL_CSELECT_IN : 0);
    curl_multi_socket_action(f->multi, w->fd, flags, &running);
}

static int on_socket(CURL *easy, curl_socket_t fd, int what, void *ctx, void *assigned)
{
    struct fetcher *f = ctx;
    struct watch *w = assigned;
    (void)easy;
    if (what == CURL_POLL_REMOVE) {
        if (w) {
            loop_remove(f->loop, w);
            free(w);
            curl_multi_assign(f->multi, fd, NULL);
        }
        return 0;
    }
    unsigned events = (what & CURL_POLL_IN ? EPOLLIN : 0u) | (what & CURL_POLL_OUT ? EPOLLOUT : 0u);
    if (w) {
        loop_change(f->loop, w, events);
        return 0;
    }
    w = malloc(sizeof *w);
    if (!w)
        return -1;
    *w = (struct watch){ .fd = fd, .fn = on_ready, .owner = f };
    if (!loop_add(f->loop, w, events)) {
        free(w);
        return -1;
    }
    curl_multi_assign(f->multi, fd, w);
    return 0;
}

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
    *f = (struct fetcher){ .loop = loop, .multi = curl_multi_init(), .due_us = -1, .plain_http = plain_http };
    if (!f->multi) {
        free(f);
        return NULL;
    }
    curl_multi_setopt(f->multi, CURLMOPT_SOCKETFUNCTION, on_socket);
    curl_multi_setopt(f->multi, CURLMOPT_SOCKETDATA, f);
    curl_multi_setopt(f->multi, CURLMOPT_TIMERFUNCTION, on_timer);
    curl_multi_setopt(f->multi, CURLMOPT_TIMERDATA, f);
    curl_multi_setopt(f->multi, CURLMOPT_MAXCONNECTS, (long)concurrency);
    return f;
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
    while (f->busy) {
        struct transfer *t = f->busy;
        f->busy = t->after;
        curl_multi_remove_handle(f->multi, t->easy);
        transfer_free(t);
    }
    while (f->idle) {
        struct transfer *t = f->idle;
        f->idle = t->next;
        transfer_free(t);
    }
    curl_multi_cleanup(f->multi);
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
    curl_easy_setopt(e, CURLOPT_PRIVATE, t);
    curl_easy_setopt(e, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(e, CURLOPT_PROXY, "");
    curl_easy_setopt(e, CURLOPT_PROTOCOLS_STR, f->plain_http ? "http,https" : "https");
    curl_easy_setopt(e, CURLOPT_FOLLOWLOCATION, 0L);
    curl_easy_setopt(e, CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2);
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
        curl_easy_setopt(e, CURLOPT_POSTFIELDSIZE, (long)r->body_n);
        curl_easy_setopt(e, CURLOPT_POSTFIELDS, t->body.p ? t->body.p : "");
        curl_easy_setopt(e, CURLOPT_POST, 1L);
    } else {
        curl_easy_setopt(e, CURLOPT_HTTPGET, 1L);
    }
}

static void recycle(struct transfer *t)
{
    struct fetcher *f = t->owner;
    buf_wipe(&t->body);
    buf_wipe(&t->answer);
    bytes_wipe(t->header, sizeof t->header);
    if (f->idle_n >= IDLE_MAX) {
        transfer_free(t);
        return;
    }
    t->next = f->idle;
    f->idle = t;
    f->idle_n++;
}

static void unlink_busy(struct transfer *t)
{
    *t->link = t->after;
    if (t->after)
        t->after->link = t->link;
}

bool fetcher_start(struct fetcher *f, const struct fetch_request *r, fetch_done_fn *done, void *ctx)
{
    struct transfer *t = f->idle;
    if (t) {
        f->idle = t->next;
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
    t->body.max = r->body_n;
    if (r->body && !buf_add(&t->body, r->body, r->body_n)) {
        recycle(t);
        return false;
    }
    set_request(t, r);
    if (curl_multi_add_handle(f->multi, t->easy) != CURLM_OK) {
        recycle(t);
        return false;
    }
    t->link = &f->busy;
    t->after = f->busy;
    if (t->after)
        t->after->link = &t->after;
    f->busy = t;
    return true;
}

int fetcher_timeout_ms(const struct fetcher *f)
{
    if (f->due_us < 0)
        return -1;
    int64_t left = f->due_us - clock_us();
    return left <= 0 ? 0 : left > 60000000 ? 60000 : (int)((left + 999) / 1000);
}

static void finish(struct transfer *t, CURLcode rc)
{
    long status = 0;
    curl_easy_getinfo(t->easy, CURLINFO_RESPONSE_CODE, &status);
    curl_multi_remove_handle(t->owner->multi, t->easy);
    unlink_busy(t);
    struct fetch_result r = { .elapsed_us = clock_us() - t->begun };
    if (rc == CURLE_OK) {
        r.status = (int)status;
        r.body = (struct span){ t->answer.p ? t->answer.p : "", t->answer.n };
    } else {
        r.failure = t->too_large                                                      ? "too_large"
                    : rc == CURLE_OPERATION_TIMEDOUT                                  ? "timeout"
                    : rc == CURLE_COULDNT_CONNECT || rc == CURLE_COULDNT_RESOLVE_HOST ? "unreachable"
                                                                                      : "broken";
    }
    t->done(t->ctx, &r);
    recycle(t);
}

void fetcher_work(struct fetcher *f)
{
    int running, left;
    if (f->due_us >= 0 && f->due_us <= clock_us()) {
        f->due_us = -1;
        curl_multi_socket_action(f->multi, CURL_SOCKET_TIMEOUT, 0, &running);
    }
    for (CURLMsg *m; (m = curl_multi_info_read(f->multi, &left));) {
        struct transfer *t = NULL;
        CURLcode rc = m->data.result;
        if (m->msg != CURLMSG_DONE)
            continue;
        curl_easy_getinfo(m->easy_handle, CURLINFO_PRIVATE, (char **)&t);
        finish(t, rc);
    }
}
