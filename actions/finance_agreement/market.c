/* market.c - asks the providers: remembered answers first, then all the others at once. */
#include "actions/finance_agreement/market.h"

#include <openssl/evp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { KEY = 96, REFRESHING_S = 3 };

/* One provider's part in a collection. */
struct errand {
    const struct market_provider *provider;
    struct market_source *source;
    char url[MARKET_URL * 2], key[KEY];
    json_t *remembered; /* owned; NULL when nothing usable is */
    int64_t age_s;
    int fetch; /* index of its fetch, -1 when it does not ask */
};

static void io_fetch_all(void *ctx, struct act_fetch *fetches, size_t count, int budget_ms)
{
    act_fetch_all(ctx, fetches, count, budget_ms);
}

static bool io_cache_get(void *ctx, const char *key, struct act_bytes *value, int64_t *age_ms)
{
    return act_cache_get(ctx, ACT_SHARED_BY_ALL, key, value, age_ms);
}

static void io_cache_put(void *ctx, const char *key, struct act_bytes value, int ttl_s)
{
    act_cache_put(ctx, ACT_SHARED_BY_ALL, key, value, ttl_s);
}

static bool io_breaker_allow(void *ctx, const char *name)
{
    return act_breaker_allow(ctx, name);
}

static void io_breaker_report(void *ctx, const char *name, bool ok)
{
    act_breaker_report(ctx, name, ok);
}

struct market_io market_io_of(struct act_call *call)
{
    return (struct market_io){ call, io_fetch_all, io_cache_get, io_cache_put, io_breaker_allow, io_breaker_report };
}

/* The URL holds all that makes answers differ, so its hash is the key. */
static void make_key(struct errand *e)
{
    unsigned char digest[EVP_MAX_MD_SIZE];
    unsigned int n = 0;
    char hex[33] = "";
    if (EVP_Digest(e->url, strlen(e->url), digest, &n, EVP_sha256(), NULL))
        for (int i = 0; i < 16; i++)
            snprintf(hex + 2 * i, 3, "%02x", digest[i]);
    snprintf(e->key, sizeof e->key, "rates/%s/%s", e->provider->id, hex);
}

static void recall(const struct market_io *io, struct errand *e)
{
    struct act_bytes value;
    int64_t age_ms = 0;
    if (!io->cache_get(io->ctx, e->key, &value, &age_ms) || age_ms > (int64_t)MARKET_KEEP_S * 1000)
        return;
    e->remembered = json_loadb(value.p, value.n, 0, NULL);
    e->age_s = age_ms < 0 ? 0 : age_ms / 1000;
}

/* True when another caller began to ask a moment ago; else this one says that it does. */
static bool somebody_refreshes(const struct market_io *io, const struct errand *e)
{
    char key[KEY + 16];
    struct act_bytes value;
    snprintf(key, sizeof key, "asking/%s", e->key);
    if (io->cache_get(io->ctx, key, &value, NULL))
        return true;
    io->cache_put(io->ctx, key, (struct act_bytes){ "1", 1 }, REFRESHING_S);
    return false;
}

static bool must_ask(const struct market_io *io, struct errand *e, int budget_ms)
{
    if (e->remembered && e->age_s <= MARKET_FRESH_S)
        return false;
    if (e->remembered && e->age_s <= MARKET_STALE_S && somebody_refreshes(io, e))
        return false;
    if (budget_ms <= 0) {
        e->source->failure = "no_time";
        return false;
    }
    if (!io->breaker_allow(io->ctx, e->provider->id)) {
        e->source->failure = "breaker_open";
        return false;
    }
    return true;
}

/* Adds the quotes of a body to the market. False when the body is wrong. */
static bool take(struct market *m, struct errand *e, const json_t *body, time_t now)
{
    struct market_quote *at = m->quotes + m->count;
    int n = market_parse(e->provider, body, now, at, &e->source->failure);
    if (n < 0)
        return false;
    for (int i = 0; i < n; i++)
        at[i].source = (unsigned)(e->source - m->sources);
    m->count += n;
    e->source->quotes = n;
    return true;
}

static void remember(const struct market_io *io, const struct errand *e, const json_t *body)
{
    char *text = json_dumps(body, JSON_COMPACT);
    if (text && strlen(text) <= MARKET_BODY)
        io->cache_put(io->ctx, e->key, (struct act_bytes){ text, strlen(text) }, MARKET_KEEP_S);
    free(text);
}

static void settle(const struct market_io *io, struct market *m, struct errand *e, const struct act_fetch *f,
                   time_t now)
{
    if (f) {
        e->source->elapsed_ms = f->elapsed_ms;
        e->source->failure = f->failure ? f->failure : f->status != 200 || !f->body ? "status" : NULL;
        bool ok = !e->source->failure && take(m, e, f->body, now);
        io->breaker_report(io->ctx, e->provider->id, ok);
        if (ok) {
            e->source->status = MARKET_LIVE;
            remember(io, e, f->body);
            return;
        }
    }
    const char *failure = e->source->failure;
    e->source->status = MARKET_FAILED;
    if (e->remembered && take(m, e, e->remembered, now)) {
        e->source->status = MARKET_CACHED;
        e->source->age_s = e->age_s;
    }
    if (failure)
        e->source->failure = failure; /* why it was asked in vain matters more */
}

void market_collect(const struct market_io *io, const struct market_provider *providers, int count,
                    const struct market_request *request, int timeout_ms, int budget_ms, struct market *out)
{
    struct errand errands[MARKET_PROVIDERS];
    struct act_fetch fetches[MARKET_PROVIDERS];
    size_t asked = 0;
    memset(out, 0, sizeof *out);
    memset(fetches, 0, sizeof fetches);
    for (int i = 0; i < count && i < MARKET_PROVIDERS; i++) {
        struct errand *e = &errands[i];
        memset(e, 0, sizeof *e);
        e->provider = &providers[i];
        e->source = &out->sources[out->source_count++];
        e->fetch = -1;
        memcpy(e->source->id, providers[i].id, sizeof e->source->id);
        memcpy(e->source->kind, providers[i].kind, sizeof e->source->kind);
        if (!market_url(&providers[i], request, e->url)) {
            e->source->failure = "bad_url";
            continue;
        }
        make_key(e);
        recall(io, e);
        if (must_ask(io, e, budget_ms)) {
            e->fetch = (int)asked;
            fetches[asked++] = (struct act_fetch){ .url = e->url, .timeout_ms = timeout_ms, .max_bytes = MARKET_BODY };
        }
    }
    if (asked)
        io->fetch_all(io->ctx, fetches, asked, budget_ms);
    for (int i = 0; i < out->source_count; i++) {
        settle(io, out, &errands[i], errands[i].fetch >= 0 ? &fetches[errands[i].fetch] : NULL, request->now);
        json_decref(errands[i].remembered);
    }
}
