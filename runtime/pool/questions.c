/* questions.c - what workers ask of the front while a call runs: the cache, named authorizations, breakers. */
#include <stdio.h>
#include <stdlib.h>

#include "runtime/base/system.h"
#include "runtime/pool/pool_parts.h"

enum { ACTION_BREAKER_MS = 30000 };

static void answer(struct worker_slot *w, size_t begun)
{
    if (!frame_end(&w->out, begun) || !slot_flush(w))
        slot_lost(w, "cannot be answered");
}

bool ask_cache(struct worker_slot *w, const struct frame_head *head, struct span payload)
{
    struct span key, value = { "", 0 };
    int64_t age = 0;
    if (!frame_take(&payload, &key) || payload.n)
        return false;
    bool found = cache_get(w->pool->cache, key, clock_ms(), &value, &age);
    size_t at = frame_begin(&w->out, FRAME_ANSWER, found, head->call);
    frame_field(&w->out, value);
    frame_number(&w->out, age);
    answer(w, at);
    return true;
}

bool put_cache(struct worker_slot *w, const struct frame_head *head, struct span payload)
{
    struct span key, value;
    int64_t ttl;
    (void)head;
    if (!frame_take(&payload, &key) || !frame_take(&payload, &value) || !frame_take_number(&payload, &ttl) || payload.n)
        return false;
    (void)cache_put(w->pool->cache, key, value,
                    ttl < 1                   ? 0
                    : ttl > LIMIT_CACHE_TTL_S ? LIMIT_CACHE_TTL_S
                                              : (int)ttl,
                    clock_ms());
    return true;
}

/* Who asked for an authorization; the worker may be gone when the answer comes. */
struct asker {
    struct worker_slot *slot;
    uint64_t generation, call;
};

static void on_authorization(void *ctx, const struct org_session *s, const struct err *e)
{
    struct asker *a = ctx;
    struct worker_slot *w = a->slot;
    if (w->state != VACANT && w->generation == a->generation) {
        size_t at = frame_begin(&w->out, FRAME_ANSWER, s != NULL, a->call);
        if (s) {
            const char *fields[] = { s->id, s->url, s->api_version, s->user_id, s->username, s->token };
            for (size_t i = 0; i < sizeof fields / sizeof *fields; i++)
                frame_field(&w->out, span_of(fields[i]));
        } else {
            frame_number(&w->out, e->status);
            frame_field(&w->out, span_of(e->code));
            frame_field(&w->out, span_of(e->message));
        }
        answer(w, at);
    }
    free(a);
}

bool ask_authorization(struct worker_slot *w, const struct frame_head *head, struct span payload)
{
    char name[81], stale[LIMIT_ACCESS_TOKEN];
    if (!frame_take_text(&payload, name, sizeof name) || !frame_take_text(&payload, stale, sizeof stale) || payload.n)
        return false;
    struct asker *a = malloc(sizeof *a);
    if (!a)
        return false;
    *a = (struct asker){ w, w->generation, head->call };
    authorizations_get(w->pool->authorizations, name, stale, on_authorization, a);
    bytes_wipe(stale, sizeof stale);
    return true;
}

/* Breakers of actions have names of their own, so that they cannot touch the orgs'. */
static bool action_breaker(struct worker_slot *w, struct span *payload, struct breaker **b)
{
    char name[120], full[128];
    if (!frame_take_text(payload, name, sizeof name))
        return false;
    snprintf(full, sizeof full, "act:%s", name);
    *b = breakers_get(w->pool->breakers, full);
    (*b)->interval_ms = ACTION_BREAKER_MS;
    return true;
}

bool ask_breaker(struct worker_slot *w, const struct frame_head *head, struct span payload)
{
    struct breaker *b;
    if (!action_breaker(w, &payload, &b) || payload.n)
        return false;
    size_t at = frame_begin(&w->out, FRAME_ANSWER, breaker_allow(b, clock_ms()), head->call);
    answer(w, at);
    return true;
}

bool tell_breaker(struct worker_slot *w, const struct frame_head *head, struct span payload)
{
    struct breaker *b;
    int64_t ok;
    (void)head;
    if (!action_breaker(w, &payload, &b) || !frame_take_number(&payload, &ok) || payload.n)
        return false;
    breaker_report(b, ok != 0, clock_ms());
    return true;
}
