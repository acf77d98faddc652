/*
 * market.h - what other lenders ask right now: quotes of rate providers, fetched in parallel within a budget,
 * remembered with their age, checked before they count; and the published averages that stand in when nobody answers.
 *
 * No customer data leaves: a provider sees the term, the dealer's car and the middle of a credit tier. Nothing that a
 * provider sends can fail a call; a provider that is late, down or wrong counts like one that is not there.
 */
#ifndef FINANCE_MARKET_H
#define FINANCE_MARKET_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <time.h>

#include "actions/finance_agreement/market_table.h"
#include "runtime/action.h"

enum {
    MARKET_PROVIDERS = 8,
    MARKET_QUOTES_EACH = 64, /* of one provider; more make its answer wrong */
    MARKET_QUOTES = MARKET_PROVIDERS * MARKET_QUOTES_EACH,
    MARKET_ID = 32,
    MARKET_LENDER = 49,
    MARKET_URL = 512,
    MARKET_BODY = 64 * 1024,
    MARKET_DEPTH = 16,
    MARKET_MAX_PPM = 400000,             /* above 40 % a "rate" is an error */
    MARKET_SKEW_S = 300,                 /* a quote may be this much from the future */
    MARKET_QUOTE_AGE_S = 31 * 24 * 3600, /* an older quote says nothing about today */
    MARKET_FRESH_S = 15 * 60,            /* remembered answers: used without asking again */
    MARKET_STALE_S = 24 * 3600,          /* used while one caller asks again */
    MARKET_KEEP_S = 7 * 24 * 3600        /* used when asking fails, then forgotten */
};

/* ---- Words ---- */

enum market_condition { MARKET_NEW, MARKET_USED };
enum market_tier {
    MARKET_ANY_TIER,
    MARKET_SUPER_PRIME,
    MARKET_PRIME,
    MARKET_NEAR_PRIME,
    MARKET_SUBPRIME,
    MARKET_DEEP_SUBPRIME
};

const char *market_condition_name(enum market_condition condition);
const char *market_tier_name(enum market_tier tier); /* "all" for MARKET_ANY_TIER */
/* False when `name` is none of them. */
bool market_tier_find(const char *name, enum market_tier *out) __attribute__((warn_unused_result));
/* The middle of a tier's credit scores; of prime for MARKET_ANY_TIER. */
int market_tier_score(enum market_tier tier);

/* ---- Providers: the setting RATE_PROVIDERS ---- */

enum market_shape {
    MARKET_SHAPE_TERMS, /* {"apr": {"36": 7.644, "60": 7.524}}: one rate for each number of months */
    MARKET_SHAPE_QUOTES /* {"quotes": [{"lender", "kind", "termMonths", "ratePercent", "basis", "asOf", ...}]} */
};
enum market_basis { MARKET_NOMINAL, MARKET_APR_US, MARKET_APR_EU };

struct market_provider {
    char id[MARKET_ID];
    char name[MARKET_LENDER]; /* the lender of answers that name none; the id by default */
    char kind[20];            /* bank, credit_union, captive, aggregator */
    enum market_shape shape;
    enum market_basis basis; /* of a shape that does not say it */
    char currency[4];        /* likewise */
    char pointer[64];        /* JSON Pointer to the rates; "/apr" or "/quotes" by default */
    char url[MARKET_URL]; /* with {termMonths} {creditScore} {condition} {currency} and of the car {year} {make} {model}
                             {mileage} {vin} {vehicleAge} */
};

/*
 * Reads a JSON array of {"id", "kind", "shape": "terms"|"quotes", "url", optional "name", "basis", "currency",
 * "pointer"}.
 * Returns how many there are; -1 when the text is wrong, with every fault in `why`, one a line, as far as `size` bytes
 * reach ("must be a JSON array of objects", "entry 2 needs an https url"). NULL or "" are none.
 */
int market_providers_parse(const char *text, struct market_provider out[MARKET_PROVIDERS], char *why, size_t size);

/* What is asked for. */
struct market_request {
    char currency[4];
    enum market_condition condition;
    enum market_tier tier;
    int term_months;
    int year, mileage;              /* 0 = unknown */
    int age;                        /* years; -1 = unknown */
    const char *make, *model, *vin; /* NULL = unknown */
    time_t now;
};

/* The provider's URL with its placeholders filled in and percent-encoded. False when it does not fit. */
bool market_url(const struct market_provider *provider, const struct market_request *request, char out[MARKET_URL * 2])
    __attribute__((warn_unused_result));

/* A name that may be shown: 1 to 48 plain characters, so that it can carry nothing else. */
bool market_name_ok(const char *text);

/* ---- Quotes ---- */

struct market_quote {
    char lender[MARKET_LENDER];
    int32_t ppm;            /* nominal, monthly: converted from the basis that was quoted */
    int term_min, term_max; /* months; a single term has both equal */
    int score_min, score_max;
    int32_t max_ltv_ppm; /* 0 = any */
    int condition;       /* enum market_condition, -1 = any */
    char currency[4];
    int64_t as_of, expires; /* 0 = not said */
    unsigned source;        /* index of the provider */
};

/*
 * Reads one answer. Every member is checked; one wrong quote makes the whole answer wrong. Returns how many quotes were
 * stored at `out` (of MARKET_QUOTES_EACH), or -1 with a word in *failure.
 */
int market_parse(const struct market_provider *provider, const json_t *body, time_t now, struct market_quote *out,
                 const char **failure);

enum market_status { MARKET_LIVE, MARKET_CACHED, MARKET_FAILED };

/* How one provider did. */
struct market_source {
    char id[MARKET_ID];
    char kind[20];
    enum market_status status;
    const char *failure; /* NULL or a word: timeout, status, breaker_open, bad_body, ... */
    int elapsed_ms;
    int64_t age_s; /* of what was used */
    int quotes;
};

struct market {
    struct market_quote quotes[MARKET_QUOTES];
    int count;
    struct market_source sources[MARKET_PROVIDERS];
    int source_count;
};

/* The ways to the outside, so that tests can stand in for it. `ctx` is passed through. */
struct market_io {
    void *ctx;
    void (*fetch_all)(void *ctx, struct act_fetch *fetches, size_t count, int budget_ms);
    bool (*cache_get)(void *ctx, const char *key, struct act_bytes *value, int64_t *age_ms);
    void (*cache_put)(void *ctx, const char *key, struct act_bytes value, int ttl_s);
    bool (*breaker_allow)(void *ctx, const char *name);
    void (*breaker_report)(void *ctx, const char *name, bool ok);
};

/* The host's own: cache shared by all (rates are public), fetches and breakers of the call. */
struct market_io market_io_of(struct act_call *call);

/* Asks all providers; returns when each answered or `budget_ms` is over. Never fails. */
void market_collect(const struct market_io *io, const struct market_provider *providers, int count,
                    const struct market_request *request, int timeout_ms, int budget_ms, struct market *out);

/* ---- Which quotes count for one loan ---- */

/* A lender's rate for exactly the term asked for. */
struct market_rate {
    const char *lender;
    int32_t ppm;
    unsigned source;
    bool interpolated; /* linearly, between the lender's next shorter and next longer term */
    int64_t as_of;
};

/*
 * The eligible rates: term, tier, loan-to-value, condition and currency fit, neither expired nor too old; one for each
 * lender and provider. Never extrapolated. Returns how many were stored at `out` (of `cap`).
 */
int market_rates(const struct market *market, const struct market_request *request, int32_t ltv_ppm,
                 struct market_rate *out, int cap);

/* The published average that stands in: the lowest of the tables' series for this condition, tier and term. NULL when
 * there is none. */
struct market_cell {
    int32_t ppm;
    const struct market_row *row, *row_to; /* row_to: the other end of an interpolation, else NULL */
    bool stale;                            /* published more than a year ago */
};
bool market_cell(const struct market_request *request, struct market_cell *out) __attribute__((warn_unused_result));

/* "live" (two or more live rates), "partial" (one), "cached" (only remembered ones), "default_table" (none). */
const char *market_quality(const struct market *market, const struct market_rate *rates, int count);

#endif
