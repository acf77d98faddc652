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

static inline const char *fixture_setting(void *ctx, const char *name)
{
    const char *const *pairs = ctx;
    for (; pairs && *pairs; pairs += 2)
        if (!strcmp(pairs[0], name))
            return pairs[1];
    return NULL;
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
    if (!policy_read(fixture_setting, (void *)settings, &f->policy, why, sizeof why)) {
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
