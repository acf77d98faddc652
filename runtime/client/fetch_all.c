/* fetch_all.c - JSON from other hosts, in parallel, without token or cookie. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/base/system.h"
#include "runtime/client/client_parts.h"

struct slot {
    struct act_fetch *f;
    CURL *easy;
    struct buf body;
    int64_t begun;
    struct http_guard guard;
    bool too_large;
};

static size_t on_body(char *p, size_t size, size_t n, void *ctx)
{
    struct slot *s = ctx;
    if (buf_add(&s->body, p, size * n))
        return size * n;
    s->too_large = true;
    return 0;
}

static bool is_json_type(const char *type)
{
    struct span t = span_of(type), word;
    if (!span_split(&t, ';', &word))
        return false;
    word = span_trim(word);
    bool plus = word.n > 5 && strncasecmp(word.p + word.n - 5, "+json", 5) == 0;
    return plus || span_eq_nocase(word, "application/json");
}

static void read_answer(struct act_call *call, struct slot *s)
{
    struct act_fetch *f = s->f;
    char *type = NULL;
    curl_easy_getinfo(s->easy, CURLINFO_CONTENT_TYPE, &type);
    if (f->status != 200) {
        f->failure = "status";
        return;
    }
    json_t *json =
        is_json_type(type) && s->body.n ? json_loadb(s->body.p, s->body.n, JSON_REJECT_DUPLICATES, NULL) : NULL;
    f->body = act_own(call, json);
    f->failure = json ? NULL : "not_json";
}

static void finish(struct act_call *call, struct slot *s, CURLcode code)
{
    long status = 0;
    enum http_failure failure = s->too_large ? HTTP_TOO_LARGE : http_failure_of(code, s->guard.refused);
    curl_easy_getinfo(s->easy, CURLINFO_RESPONSE_CODE, &status);
    s->f->elapsed_ms = (int)(clock_ms() - s->begun);
    s->f->status = (int)status;
    if (failure == HTTP_OK)
        read_answer(call, s);
    else
        s->f->failure = http_failure_word(failure);
}

/* A slot whose URL is allowed is ready to run; any other one has its failure already. */
static void prepare(struct act_call *call, struct slot *s, struct act_fetch *f, int budget_ms,
                    struct curl_slist *headers)
{
    const struct client_settings *set = client_settings(call->client);
    struct hosts_match m;
    int timeout = f->timeout_ms > 0 && f->timeout_ms < budget_ms ? f->timeout_ms : budget_ms;
    s->f = f;
    s->begun = clock_ms();
    f->status = f->elapsed_ms = 0;
    f->body = NULL;
    f->failure = http_failure_word(HTTP_LOCAL);
    if (!hosts_allow(&set->fetch_hosts, f->url, &m)) {
        f->failure = http_failure_word(HTTP_ADDRESS);
        return;
    }
    if (timeout <= 0) {
        f->failure = http_failure_word(HTTP_TIMEOUT);
        return;
    }
    s->easy = curl_easy_init();
    if (!s->easy)
        return;
    s->guard.loopback = m.loopback;
    buf_init(&s->body, f->max_bytes && f->max_bytes < LIMIT_FETCH ? f->max_bytes : LIMIT_FETCH);
    http_harden(s->easy, set->ca_file, &s->guard);
    curl_easy_setopt(s->easy, CURLOPT_URL, f->url);
    curl_easy_setopt(s->easy, CURLOPT_PROTOCOLS_STR, m.loopback ? "http" : "https");
    curl_easy_setopt(s->easy, CURLOPT_HTTPHEADER, headers);
    curl_easy_setopt(s->easy, CURLOPT_TIMEOUT_MS, (long)timeout);
    curl_easy_setopt(s->easy, CURLOPT_WRITEFUNCTION, on_body);
    curl_easy_setopt(s->easy, CURLOPT_WRITEDATA, s);
    curl_easy_setopt(s->easy, CURLOPT_PRIVATE, s);
}

static void collect(struct act_call *call, CURLM *multi)
{
    CURLMsg *msg;
    int queued;
    while ((msg = curl_multi_info_read(multi, &queued))) {
        struct slot *s = NULL;
        if (msg->msg != CURLMSG_DONE || curl_easy_getinfo(msg->easy_handle, CURLINFO_PRIVATE, (char **)&s) || !s)
            continue;
        finish(call, s, msg->data.result);
    }
}

static void run(struct act_call *call, CURLM *multi, int64_t end)
{
    int running = 1;
    while (running) {
        if (curl_multi_perform(multi, &running))
            return;
        collect(call, multi);
        int64_t left = end - clock_ms();
        if (!running || left <= 0)
            return;
        curl_multi_poll(multi, NULL, 0, (int)left, NULL);
    }
}

static void fetch_some(struct act_call *call, struct act_fetch *fetches, size_t count, int budget_ms)
{
    struct slot slots[LIMIT_FETCHES] = { 0 };
    int64_t end = clock_ms() + budget_ms;
    CURLM *multi = client_multi(call->client);
    struct curl_slist *headers = curl_slist_append(NULL, "Accept: application/json");
    for (size_t i = 0; i < count; i++) {
        prepare(call, &slots[i], &fetches[i], budget_ms, headers);
        if (slots[i].easy && multi && !curl_multi_add_handle(multi, slots[i].easy))
            slots[i].f->failure = http_failure_word(HTTP_TIMEOUT); /* unless it ends before the budget does */
    }
    if (multi)
        run(call, multi, end);
    for (size_t i = 0; i < count; i++) {
        if (!slots[i].easy)
            continue;
        curl_multi_remove_handle(multi, slots[i].easy);
        curl_easy_cleanup(slots[i].easy);
        buf_free(&slots[i].body);
        if (slots[i].f->failure && !slots[i].f->elapsed_ms)
            slots[i].f->elapsed_ms = (int)(clock_ms() - slots[i].begun);
    }
    curl_slist_free_all(headers);
}

void act_fetch_all(struct act_call *call, struct act_fetch *fetches, size_t count, int budget_ms)
{
    int64_t end = clock_ms() + budget_ms, latest = call->deadline_ms - LIMIT_ORG_MARGIN_MS;
    if (end > latest)
        end = latest;
    for (size_t from = 0, n; from < count; from += n) {
        int64_t left = end - clock_ms();
        n = count - from < LIMIT_FETCHES ? count - from : LIMIT_FETCHES;
        fetch_some(call, fetches + from, n, left > 0 ? (int)left : 0);
    }
}
