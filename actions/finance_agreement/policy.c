/* policy.c - settings as numbers, steps, tiers and names; each fault says how to mend it. */
#include "actions/finance_agreement/policy.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct reader {
    policy_get_fn *get;
    policy_fault_fn *fault;
    void *ctx;
    bool ok;
};

/* The value, or NULL when there is none. */
static const char *value_of(struct reader *r, const char *name)
{
    const char *value = r->get(r->ctx, name);
    return value && *value ? value : NULL;
}

static void bad(struct reader *r, const char *name, const char *mend)
{
    r->fault(r->ctx, name, mend);
    r->ok = false;
}

static void rate(struct reader *r, const char *name, int32_t *out)
{
    const char *value = value_of(r, name);
    if (value && (!money_ppm_from_text(value, out) || *out > 100 * 10000 * 10))
        bad(r, name, "must be a percentage from 0 to 1000 such as 3.5");
}

static void whole(struct reader *r, const char *name, int min, int max, int *out)
{
    const char *value = value_of(r, name);
    char *end = NULL;
    if (!value)
        return;
    long v = strtol(value, &end, 10);
    if (end == value || *end || v < min || v > max) {
        char mend[80];
        snprintf(mend, sizeof mend, "must be a whole number from %d to %d", min, max);
        bad(r, name, mend);
    } else {
        *out = (int)v;
    }
}

/* Takes "JPY:500000" off the list. */
static bool own_limit(char *word, struct policy_limit *out)
{
    struct money_currency currency;
    char *colon = strchr(word, ':'), *end = NULL;
    *colon = '\0';
    double v = strtod(colon + 1, &end);
    if (out->count == POLICY_LIMITS || !money_currency_find(word, &currency) || end == colon + 1 || *end ||
        !(v >= 0 && v <= 1e12))
        return false;
    memcpy(out->own[out->count].code, currency.code, sizeof currency.code);
    out->own[out->count++].amount = v;
    return true;
}

/* "10000000 JPY:2000000000": one amount for all currencies, amounts of single ones, or both. */
static void limit(struct reader *r, const char *name, struct policy_limit *out)
{
    const char *value = value_of(r, name);
    char words[512], *next;
    bool ok = !value || strlen(value) < sizeof words;
    snprintf(words, sizeof words, "%s", value && ok ? value : "");
    for (char *word = words + strspn(words, " ,"); ok && *word; word = next) {
        char *end = word + strcspn(word, " ,");
        next = end + strspn(end, " ,");
        *end = '\0';
        if (strchr(word, ':')) {
            ok = own_limit(word, out);
            continue;
        }
        double v = strtod(word, &end);
        ok = end != word && !*end && v >= 0 && v <= 1e12;
        out->general = v;
    }
    if (!ok)
        bad(r, name, "must be an amount such as 500, amounts of currencies such as JPY:50000 KWD:150, or both");
}

double policy_limit_for(const struct policy_limit *limit, const char *code)
{
    for (int i = 0; i < limit->count; i++)
        if (!strcmp(limit->own[i].code, code))
            return limit->own[i].amount;
    return limit->general * (double)money_magnitude(code);
}

/* Whether the least is at most the largest, in every currency that either names. */
static bool limits_agree(const struct policy *p)
{
    const struct policy_limit *both[] = { &p->min_financed, &p->max_financed };
    for (int k = 0; k < 2; k++)
        for (int i = 0; i < both[k]->count; i++) {
            const char *code = both[k]->own[i].code;
            if (policy_limit_for(both[0], code) > policy_limit_for(both[1], code))
                return false;
        }
    return p->min_financed.general <= p->max_financed.general;
}

static void truth(struct reader *r, const char *name, bool *out)
{
    const char *value = value_of(r, name);
    if (!value)
        return;
    if (strcmp(value, "true") && strcmp(value, "false"))
        bad(r, name, "must be true or false");
    else
        *out = !strcmp(value, "true");
}

/* Takes "key:percent" off the list. */
static bool pair(const char **p, char key[24], int32_t *ppm)
{
    char number[24];
    int used = 0;
    *p += strspn(*p, " ,");
    if (sscanf(*p, "%23[a-z_0-9]:%23[0-9.]%n", key, number, &used) != 2 || !money_ppm_from_text(number, ppm))
        return false;
    *p += used;
    return !**p || **p == ' ' || **p == ',';
}

/* "36:4.25 60:4.75": steps in ascending order; `scale` turns the key into its unit. */
static void steps(struct reader *r, const char *name, int scale, struct policy_step out[POLICY_STEPS], int *count)
{
    const char *p = value_of(r, name);
    char key[24], *end;
    int n = 0;
    while (p && *p) {
        int32_t ppm = 0;
        bool ok = n < POLICY_STEPS && pair(&p, key, &ppm);
        long upto = ok ? strtol(key, &end, 10) : 0;
        if (!ok || *end || upto < 1 || upto > 1000 || (n && out[n - 1].upto >= upto * scale)) {
            bad(r, name, "must be ascending pairs such as 36:4.25 60:4.75");
            return;
        }
        out[n++] = (struct policy_step){ (int32_t)upto * scale, ppm };
    }
    *count = n;
}

static void tiers(struct reader *r, const char *name, int32_t out[])
{
    const char *p = value_of(r, name);
    char key[24];
    while (p && *p) {
        int32_t ppm;
        enum market_tier tier;
        if (!pair(&p, key, &ppm) || !market_tier_find(key, &tier)) {
            bad(r, name, "must be pairs such as prime:0.5 subprime:6");
            return;
        }
        out[tier] = ppm;
    }
}

/* A sentence of the dealer's for a document, "" when unset. */
static const char *text(struct reader *r, const char *name)
{
    const char *value = value_of(r, name);
    if (value && strlen(value) > POLICY_SENTENCE)
        bad(r, name, "must be at most 400 bytes long");
    return value ? value : "";
}

static void names(struct reader *r, struct policy *out)
{
    const char *tier = value_of(r, "DEFAULT_CREDIT_TIER"), *currency = value_of(r, "DEFAULT_CURRENCY");
    if (tier && !market_tier_find(tier, &out->default_tier))
        bad(r, "DEFAULT_CREDIT_TIER", "must be all, super_prime, prime, near_prime, subprime or deep_subprime");
    if (!money_currency_find(currency ? currency : "USD", &out->currency))
        bad(r, "DEFAULT_CURRENCY", "must be a code of ISO 4217 such as USD");
    out->dealer = text(r, "DEALER_NAME");
    out->dealer_named = *out->dealer;
    if (!out->dealer_named)
        out->dealer = "Koa Cars";
    out->dealer_address = text(r, "DEALER_ADDRESS");
    out->late_charge = text(r, "LATE_CHARGE");
    out->security_interest = text(r, "SECURITY_INTEREST");
}

static void providers(struct reader *r, struct policy *out)
{
    char faults[4096] = "";
    out->provider_count = market_providers_parse(value_of(r, "RATE_PROVIDERS"), out->providers, faults, sizeof faults);
    for (char *line = faults, *end; out->provider_count < 0 && line; line = end) {
        end = strchr(line, '\n');
        if (end)
            *end++ = '\0';
        bad(r, "RATE_PROVIDERS", line);
    }
}

/* What each is by itself; then what they are together. */
static void read_settings(struct reader *r, struct policy *out)
{
    rate(r, "LIST_RATE", &out->list);
    rate(r, "RATE_FLOOR", &out->floor);
    rate(r, "MIN_MARGIN", &out->margin);
    rate(r, "UNDERCUT", &out->undercut);
    rate(r, "RATE_GRID", &out->grid);
    rate(r, "LEGAL_CAP", &out->legal_cap);
    rate(r, "MARKUP_CAP", &out->markup_cap);
    rate(r, "SALES_TAX", &out->tax);
    rate(r, "MIN_DOWN_PAYMENT", &out->min_down);
    rate(r, "MAX_DISCOUNT", &out->max_discount);
    steps(r, "BUY_RATES", 1, out->buy, &out->buy_count);
    steps(r, "LTV_SPREADS", 10000, out->ltv, &out->ltv_count);
    tiers(r, "TIER_SPREADS", out->tier);
    limit(r, "MIN_FINANCED", &out->min_financed);
    limit(r, "MAX_FINANCED", &out->max_financed);
    whole(r, "MAX_YEARS", 1, POLICY_HARD_MAX_YEARS, &out->max_years);
    whole(r, "RATE_TIMEOUT_MS", 50, 10000, &out->rate_timeout_ms);
    whole(r, "RATE_BUDGET_MS", 50, 15000, &out->rate_budget_ms);
    truth(r, "TRADE_IN_LOWERS_TAX", &out->trade_in_lowers_tax);
    names(r, out);
    providers(r, out);
    if (r->ok && !limits_agree(out))
        bad(r, "MIN_FINANCED", "must not be above MAX_FINANCED");
    if (!out->buy_count)
        out->markup_cap = DECISION_NONE; /* a markup is counted from a known cost */
}

bool policy_read(policy_get_fn *get, policy_fault_fn *fault, void *ctx, struct policy *out)
{
    struct reader r = { get, fault, ctx, true };
    *out = (struct policy){ .list = 35000,
                            .undercut = 2500,
                            .grid = 100,
                            .legal_cap = DECISION_NONE,
                            .markup_cap = DECISION_NONE,
                            .min_financed = { .general = 500 },
                            .max_financed = { .general = 1e7 },
                            .max_years = 8,
                            .rate_timeout_ms = 800,
                            .rate_budget_ms = 1500 };
    read_settings(&r, out);
    return r.ok;
}

/* The first step that reaches `at`, else the last. */
static int32_t step_at(const struct policy_step *v, int n, int32_t at)
{
    int i = 0;
    while (i < n - 1 && v[i].upto < at)
        i++;
    return n ? v[i].ppm : 0;
}

struct decision_policy policy_for(const struct policy *p, int term_months, enum market_tier tier, int32_t ltv_ppm)
{
    struct decision_policy d = { .list = p->list,
                                 .policy_floor = p->floor,
                                 .margin = p->buy_count ? p->margin : 0,
                                 .undercut = p->undercut,
                                 .grid = p->grid,
                                 .legal_cap = p->legal_cap,
                                 .markup_cap = p->markup_cap };
    if (p->buy_count)
        d.buy = step_at(p->buy, p->buy_count, term_months) + p->tier[tier] + step_at(p->ltv, p->ltv_count, ltv_ppm);
    return d;
}
