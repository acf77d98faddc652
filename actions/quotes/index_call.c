/* index_call.c - the price index within a call: asked for, remembered by all workers, and told in answers. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "actions/quotes/index.h"

enum {
    ANSWER_MAX = 12 * 1024, /* what a job keeps of it has room beside its rules */
    TIMEOUT_MS = 2500,
    RESERVE_MS = 3000, /* for what the call is about */
    FRESH_MS = 5 * 60 * 1000,
    KEEP_S = 24 * 3600
};

static const char cache_key[] = "price-index", breaker[] = "price-index";

/* The cached answer, when it is one of this url. */
static const json_t *remembered(struct act_call *call, const struct rules *r, int64_t *age_ms)
{
    struct act_bytes text;
    if (!act_cache_get(call, ACT_SHARED_BY_ALL, cache_key, &text, age_ms))
        return NULL;
    const json_t *both = act_own(call, json_loadb(text.p, text.n, JSON_REJECT_DUPLICATES, NULL));
    const char *url = json_string_value(json_object_get(both, "url"));
    return url && strcmp(url, r->index.url) == 0 ? json_object_get(both, "body") : NULL;
}

static void remember(struct act_call *call, const struct rules *r, json_t *body)
{
    json_t *both = json_pack("{s:s, s:O}", "url", r->index.url, "body", body);
    char *text = both ? json_dumps(both, JSON_COMPACT) : NULL;
    if (text)
        act_cache_put(call, ACT_SHARED_BY_ALL, cache_key, (struct act_bytes){ text, strlen(text) }, KEEP_S);
    free(text);
    json_decref(both);
}

/* The answer from outside; NULL with the word of the failure. */
static json_t *fetch(struct act_call *call, const struct rules *r, const char **failure)
{
    int budget = act_time_left_ms(call) - RESERVE_MS;
    struct act_fetch f = { .url = r->index.url, .max_bytes = ANSWER_MAX, .timeout_ms = TIMEOUT_MS };
    if (budget > TIMEOUT_MS)
        budget = TIMEOUT_MS;
    if (budget <= 0) {
        *failure = "timeout";
        return NULL;
    }
    if (!act_breaker_allow(call, breaker)) {
        *failure = "breaker_open";
        return NULL;
    }
    act_fetch_all(call, &f, 1, budget);
    act_breaker_report(call, breaker, f.body != NULL);
    *failure = f.failure ? f.failure : "not_json";
    return f.body;
}

/* The answer as of now; what stands in for it is told in the log, and why. */
static void ask_outside(struct act_call *call, const struct rules *r, const json_t *old, struct price_index *x)
{
    const char *failure = NULL;
    json_t *body = fetch(call, r, &failure);
    if (body && index_read(body, r, act_now(call), x)) {
        remember(call, r, body);
        return;
    }
    /* an answer that is doubtful is not overruled by an older one */
    if (!body && old && index_read(old, r, act_now(call), x)) {
        act_log(call, ACT_LOG_WARN, "price index: %s; the answer of before stands in", failure);
        return;
    }
    if (!body) {
        memset(x, 0, sizeof *x);
        x->failure = failure;
    }
    act_log(call, ACT_LOG_WARN, "price index: %s", x->failure);
}

void index_ask(struct act_call *call, const struct rules *r, bool anew, struct price_index *x)
{
    int64_t age_ms = 0;
    const json_t *old = remembered(call, r, &age_ms);
    if (anew || !old || age_ms > FRESH_MS || !index_read(old, r, act_now(call), x))
        ask_outside(call, r, old, x);
}

const struct rules *index_apply(struct act_call *call, const struct rules *r, const struct price_index *x)
{
    struct rules *with = act_alloc(call, sizeof *with);
    *with = *r;
    with->prices = x->failure ? NULL : x;
    return with;
}

/* ---- in words ---- */

static const struct {
    const char *failure, *words;
} reasons[] = {
    { "timeout", "it did not answer in time" },
    { "unreachable", "its host cannot be reached" },
    { "refused_host", "its host is not among FETCH_HOSTS, or has a private address" },
    { "too_large", "its answer is larger than an index is" },
    { "not_json", "its answer is no JSON" },
    { "status", "it answers with an error" },
    { "breaker_open", "it failed several times in a row and is left alone for a while" },
    { "no_date", "its answer has no \"asOf\" that is a date" },
    { "future", "its \"asOf\" lies in the future" },
    { "no_source", "its answer does not say its \"source\"" },
    { "no_values", "its answer has no \"values\"" },
    { "not_a_number", "one of its values is no number" },
    { "out_of_bounds", "one of its values is not between 0.1 and 10" },
    { "two_values", "it has two values for one and the same key" },
};

char *index_reason(const struct rules *r, const struct price_index *x, char *out)
{
    const char *words = "it failed";
    if (strcmp(x->failure, "stale") == 0) {
        snprintf(out, INDEX_REASON_SIZE, "it is older than %d hours (as of %s)", r->index.max_age_h, x->as_of);
        return out;
    }
    for (size_t i = 0; i < sizeof reasons / sizeof *reasons; i++)
        if (strcmp(reasons[i].failure, x->failure) == 0)
            words = reasons[i].words;
    snprintf(out, INDEX_REASON_SIZE, "%s", words);
    return out;
}

void index_tell(const struct rules *r, const struct price_index *x, bool unindexed, json_t *answer, json_t *warnings)
{
    char text[INDEX_REASON_SIZE + 120], reason[INDEX_REASON_SIZE];
    if (!x->failure) {
        /* tenths of hours, so that the figure says no more than is known */
        double hours = amount_number(x->age_s / 360, 1);
        json_object_set_new(answer, "index",
                            json_pack("{s:s, s:s, s:f}", "source", x->source, "asOf", x->as_of, "ageHours", hours));
    } else {
        snprintf(text, sizeof text, "Prices are made without the price index, which cannot be used: %s.",
                 index_reason(r, x, reason));
        json_array_append_new(warnings, json_string(text));
    }
    if (unindexed) {
        snprintf(text, sizeof text, "Some lines are priced without the price index, as it has no value for their %s.",
                 rules_index_of(r));
        json_array_append_new(warnings, json_string(text));
    }
}
