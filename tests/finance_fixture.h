/* finance_fixture.h - one sample agreement, made without an org: for the tests, the bench and the sample document. */
#ifndef FINANCE_FIXTURE_H
#define FINANCE_FIXTURE_H

#include <stdio.h>
#include <string.h>

#include "actions/finance_agreement/agreement.h"

struct fixture {
    struct policy policy;
    struct market market;
    struct deal deal;
    struct schedule_row rows[SCHEDULE_MAX_ROWS];
    struct agreement a;
};

enum { FIXTURE_NOW = 1795426200 }; /* 2026-11-23 09:30 UTC */

/* A dealer who has stated all that a contract needs. */
static const char *const fixture_stated[]
    __attribute__((unused)) = { "LIST_RATE",
                                "5.9",
                                "DEALER_NAME",
                                "Koa Cars, Inc.",
                                "DEALER_ADDRESS",
                                "1200 Harbor Way, Honolulu, HI 96819",
                                "LATE_CHARGE",
                                "A payment more than 10 days late costs 5% of that payment, $50.00 at most.",
                                "SECURITY_INTEREST",
                                "You give the creditor a security interest in the vehicle you are buying.",
                                NULL };

struct fixture_reader {
    const char *const *pairs; /* name and value in turn, ended by NULL; or NULL */
    char *why;                /* every fault, one a line, as far as `size` reaches */
    size_t size, used;
};

static inline const char *fixture_setting(void *ctx, const char *name)
{
    const char *const *pairs = ((struct fixture_reader *)ctx)->pairs;
    for (; pairs && *pairs; pairs += 2)
        if (!strcmp(pairs[0], name))
            return pairs[1];
    return NULL;
}

static inline void fixture_fault(void *ctx, const char *name, const char *mend)
{
    struct fixture_reader *r = ctx;
    int n = snprintf(r->why + r->used, r->size - r->used, "%s %s\n", name, mend);
    r->used += (size_t)n < r->size - r->used ? (size_t)n : r->size - r->used - 1;
}

/* Reads the rules of `settings`: pairs, ended by NULL, or NULL. False: the faults are in `why`. */
static inline bool fixture_policy(const char *const *settings, struct policy *out, char *why, size_t size)
{
    struct fixture_reader r = { settings, why, size, 0 };
    return policy_read(fixture_setting, fixture_fault, &r, out);
}

/* A lender's quote for one term. */
static inline void fixture_quote(struct fixture *f, const char *lender, int term, int32_t ppm)
{
    struct market_quote *q = &f->market.quotes[f->market.count++];
    memset(q, 0, sizeof *q);
    snprintf(q->lender, sizeof q->lender, "%s", lender);
    q->ppm = ppm;
    q->term_min = q->term_max = term;
    q->score_max = 1000;
    q->condition = -1;
    memcpy(q->currency, "USD", 4);
    q->as_of = FIXTURE_NOW - 3600;
}

/* 25,000.00 over 60 months with two lenders that answered; nothing is calculated yet. `settings`: pairs, ended by NULL,
 * or NULL. */
static inline bool fixture_init(struct fixture *f, const char *const *settings)
{
    char why[200];
    memset(f, 0, sizeof *f);
    if (!fixture_policy(settings, &f->policy, why, sizeof why)) {
        fprintf(stderr, "%s\n", why);
        return false;
    }
    f->deal = (struct deal){ .currency = { "USD", 2 }, .term_months = 60, .per_year = 12, .customer_max = 45000 };
    f->deal.contract = date_of_time(FIXTURE_NOW);
    f->deal.price.price = 2500000;
    f->deal.request = (struct market_request){ .currency = "USD",
                                               .condition = MARKET_NEW,
                                               .tier = MARKET_ANY_TIER,
                                               .year = 2026,
                                               .make = "Koa",
                                               .model = "Model X",
                                               .now = FIXTURE_NOW };
    f->market.source_count = 2;
    snprintf(f->market.sources[0].id, MARKET_ID, "first-auto");
    snprintf(f->market.sources[0].kind, 20, "bank");
    snprintf(f->market.sources[1].id, MARKET_ID, "rate-board");
    snprintf(f->market.sources[1].kind, 20, "aggregator");
    for (int term = 24; term <= 84; term += 12) {
        fixture_quote(f, "first-auto", term, 60000 + 200 * term);
        fixture_quote(f, "Harbor Credit Union", term, 52000 + 100 * term);
        f->market.quotes[f->market.count - 1].source = 1;
    }
    f->a.policy = &f->policy;
    f->a.deal = &f->deal;
    f->a.market = &f->market;
    f->a.rows = f->rows;
    f->a.at = FIXTURE_NOW;
    snprintf(f->a.number, sizeof f->a.number, "FA-5C1B7E90D2A4-3F8E61B0");
    snprintf(f->a.customer_id, sizeof f->a.customer_id, "0035g00000XyZaBAAV");
    snprintf(f->a.customer_name, sizeof f->a.customer_name, "Dana Whitfield");
    struct vehicle *v = &f->a.vehicle;
    snprintf(v->id, sizeof v->id, "a0B5g00000LkVnEEAV");
    snprintf(v->name, sizeof v->name, "2026 Koa Model X");
    snprintf(v->make, sizeof v->make, "Koa");
    snprintf(v->model, sizeof v->model, "Model X");
    snprintf(v->color, sizeof v->color, "Pacific blue");
    snprintf(v->fuel, sizeof v->fuel, "Hybrid");
    v->year = 2026;
    v->mileage = 12;
    v->currency = f->deal.currency;
    v->price = f->deal.price.price;
    f->a.document.status = "not_requested";
    return true;
}

#endif
