/*
 * policy.h - the dealer's rules, read from the settings of the action: rates, caps, cost of funds, limits.
 */
#ifndef FINANCE_POLICY_H
#define FINANCE_POLICY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "actions/finance_agreement/decision.h"
#include "actions/finance_agreement/market.h"
#include "actions/finance_agreement/money.h"

enum { POLICY_STEPS = 12, POLICY_LIMITS = 24, POLICY_SENTENCE = 400, POLICY_HARD_MAX_YEARS = 40 };

/* "Up to this term (or loan-to-value), this rate": ascending. */
struct policy_step {
    int32_t upto, ppm;
};

/* A limit of amounts: `general` is meant in US dollars and scaled to other currencies by their order of magnitude; a
 * currency that has a limit of its own has exactly that. Whole units. */
struct policy_limit {
    double general;
    struct {
        char code[4];
        double amount;
    } own[POLICY_LIMITS];
    int count;
};

struct policy {
    int32_t list, floor, margin, undercut, grid;
    int32_t legal_cap, markup_cap;        /* DECISION_NONE: none */
    struct policy_step buy[POLICY_STEPS]; /* by months; none: the cost of funds is unknown */
    int buy_count;
    struct policy_step ltv[POLICY_STEPS]; /* added to buy, by loan-to-value in ppm */
    int ltv_count;
    int32_t tier[MARKET_DEEP_SUBPRIME + 1]; /* added to buy */
    enum market_tier default_tier;
    int32_t tax;                    /* sales tax where the input says none */
    int32_t min_down, max_discount; /* of the price */
    struct policy_limit min_financed, max_financed;
    int max_years;
    bool trade_in_lowers_tax;
    int rate_timeout_ms, rate_budget_ms;
    struct money_currency currency; /* of an org that has only one */
    /* borrowed from the settings; the last three "" when unset */
    const char *dealer, *dealer_address, *late_charge, *security_interest;
    bool dealer_named;
    struct market_provider providers[MARKET_PROVIDERS];
    int provider_count;
};

/* Value of a setting, NULL when unset. */
typedef const char *policy_get_fn(void *ctx, const char *name);

/* Is told of each fault: the setting, and how to mend it ("must be true or false"). */
typedef void policy_fault_fn(void *ctx, const char *name, const char *mend);

/* Reads all settings. False: each fault was reported, and *out is undefined. */
bool policy_read(policy_get_fn *get, policy_fault_fn *fault, void *ctx, struct policy *out)
    __attribute__((warn_unused_result));

/* A limit in whole units of one currency. */
double policy_limit_for(const struct policy_limit *limit, const char *code);

/* The numbers of the rate rule for one loan. */
struct decision_policy policy_for(const struct policy *p, int term_months, enum market_tier tier, int32_t ltv_ppm);

#endif
