/* org.h - what has to be known of the org before quotes are made in it, and the Opportunities that are read from it. */
#ifndef QUOTES_ORG_H
#define QUOTES_ORG_H

#include "actions/quotes/deal.h"

struct quote_org {
    bool currencies;    /* its records have currencies of their own */
    bool line_override; /* OpportunityLineItem.DiscountOverride__c is there */
    char currency[4];   /* of an org with one currency; "" = not known */
};

enum quote_org_state {
    QUOTE_ORG_READY,
    QUOTE_ORG_UNFIT, /* no quote at all can be made: *why says what to switch on, or to grant */
    QUOTE_ORG_AWAY   /* *err: it did not answer */
};

/* Remembered for this user for some minutes. */
enum quote_org_state quote_org_read(struct act_call *call, struct quote_org *out, struct deal_problem *why,
                                    struct sf_error *err) QUOTES_MUST_CHECK;
/* Whether Quotes or lines were refused by what no quote at all can be made with: then *why. */
bool quote_org_explains(const struct sf_error *err, struct deal_problem *why);
/* Forgets what is remembered: a field is no longer there. */
void quote_org_forget(struct act_call *call);

/*
 * Reads the Opportunities of `ids` (18 characters) with their lines into deals[i]; one that is not there, or not for
 * this user, has the problem "opportunity_not_found". False: *err.
 */
bool quote_deals_read(struct act_call *call, struct quote_org *org, const char *const *ids, size_t n,
                      struct deal *deals, struct sf_error *err) QUOTES_MUST_CHECK;

#endif
