/* agreement.c - one calculation from offer to snapshot; the lines of the price, due dates, hashes. */
#include "actions/finance_agreement/agreement.h"

#include <openssl/evp.h>
#include <stdio.h>
#include <string.h>

int agreement_build_lines(const struct offer *offer, struct build_line out[BUILD_LINES])
{
    const struct price_input *p = &offer->price;
    const struct price_buildup *b = &offer->build;
    bool negative = b->negative_equity > 0;
    const struct build_line lines[] = {
        { "price", "Vehicle price", p->price, false },
        { "dealer_discount", "Dealer discount", -p->discount, false },
        { "document_fee", "Document fee", p->document_fee, false },
        { "title_and_registration_fee", "Title and registration", p->title_fee, false },
        { "sales_tax", "Sales tax", b->tax, false },
        { "origination_fee", "Origination fee (prepaid finance charge)", p->finance_fee, false },
        { "dealer_rebate", "Dealer rebate", -p->dealer_rebate, false },
        { "manufacturer_rebate", "Manufacturer rebate", -p->manufacturer_rebate, false },
        { "trade_in_allowance", "Trade-in allowance", negative ? 0 : -p->trade_allowance, false },
        { "trade_in_payoff", "Payoff of the trade-in's loan", negative ? 0 : p->trade_payoff, false },
        { "negative_equity", "Still owed on the vehicle traded in, above its allowance", b->negative_equity, false },
        { "down_payment", "Down payment", -p->down, false },
        { "principal", "Principal of the loan", b->principal, true },
    };
    _Static_assert(sizeof lines / sizeof *lines == BUILD_LINES, "one line each");
    int n = 0;
    for (size_t i = 0; i < BUILD_LINES; i++)
        if (lines[i].amount || lines[i].total || !strcmp(lines[i].code, "down_payment"))
            out[n++] = lines[i];
    return n;
}

struct date agreement_due(const struct deal *deal, int k)
{
    return deal->first_chosen ? schedule_due(deal->first, 1, deal->per_year, k)
                              : schedule_due(deal->contract, 0, deal->per_year, k);
}

void agreement_hash(const void *p, size_t n, char out[AGREEMENT_HASH])
{
    unsigned char digest[EVP_MAX_MD_SIZE];
    unsigned int length = 0;
    if (!EVP_Digest(p, n, digest, &length, EVP_sha256(), NULL))
        memset(digest, 0, sizeof digest);
    for (int i = 0; i < 32; i++)
        snprintf(out + 2 * i, 3, "%02x", digest[i]);
}

enum offer_fault agreement_calculate(struct agreement *a)
{
    a->offer.kind = "requested";
    enum offer_fault fault = offer_make(a->deal, a->policy, a->market, a->rows, a->rates, &a->rate_count, &a->offer);
    if (fault != OFFER_OK)
        return fault;
    a->rationale_count = decision_explain(&a->offer.decision, &a->offer.rule, a->deal->customer_max, a->rationale);
    a->alternative_count = offer_alternatives(a->deal, a->policy, a->market, &a->offer, a->alternatives);
    agreement_snapshot(a);
    return OFFER_OK;
}

void agreement_snapshot(struct agreement *a)
{
    char text[OFFER_RATES * 96 + 256], hash[AGREEMENT_HASH];
    const struct decision_policy *r = &a->offer.rule;
    size_t n = (size_t)snprintf(text, sizeof text, "%d %d %d %d %d %d %d %d %s\n", r->list, r->policy_floor, r->buy,
                                r->margin, r->undercut, r->grid, r->legal_cap, r->markup_cap,
                                a->offer.has_cell ? a->offer.cell.row->id : "");
    for (int i = 0; i < a->rate_count && n + 96 < sizeof text; i++)
        n += (size_t)snprintf(text + n, sizeof text - n, "%s %s %d\n", a->market->sources[a->rates[i].source].id,
                              a->rates[i].lender, a->rates[i].ppm);
    agreement_hash(text, n, hash);
    snprintf(a->snapshot, sizeof a->snapshot, "%.16s", hash);
}

char *agreement_time(time_t t, char out[32])
{
    struct tm tm;
    gmtime_r(&t, &tm);
    strftime(out, 32, "%Y-%m-%dT%H:%M:%SZ", &tm);
    return out;
}
