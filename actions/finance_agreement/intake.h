/*
 * intake.h - from the caller's JSON and the org's records to a deal: every fault that schema and org cannot know, all
 * of them at once, each with what to do next.
 */
#ifndef FINANCE_INTAKE_H
#define FINANCE_INTAKE_H

#include <jansson.h>
#include <stdbool.h>

#include "actions/finance_agreement/offer.h"
#include "runtime/action.h"

enum { REFUSALS = 16, WARNINGS = 12, SENTENCE = 400, NAME = 1024 /* 255 characters */ };

/* What is wrong, in the order of finding. `code` and `field` are static. */
struct refusals {
    int n;
    struct refusal {
        const char *code, *field; /* field: JSON Pointer into the input, or NULL */
        char message[SENTENCE];
    } v[REFUSALS];
};
void refusal_add(struct refusals *r, const char *code, const char *field, const char *fmt, ...) ACT_PRINTF(4, 5);

struct warnings {
    int n;
    char v[WARNINGS][SENTENCE];
};
void warning_add(struct warnings *w, const char *fmt, ...) ACT_PRINTF(2, 3);

/* The input without the amounts, whose decimals depend on the vehicle's currency. */
struct intake {
    const json_t *in; /* borrowed */
    char customer[SF_ID_SIZE], vehicle[SF_ID_SIZE];
    bool customer_is_contact;
    int years, per_year;
    int32_t max_rate, tax;
    const char *key, *currency; /* NULL when not given; borrowed from `in` */
    struct date first;
    bool first_chosen;
    bool has_condition;
    enum market_condition condition;
    enum market_tier tier;
    bool with_schedule, with_document;
};

/* False when anything was refused. */
bool intake_read(const json_t *in, const struct policy *policy, struct date today, struct intake *out,
                 struct refusals *refusals) __attribute__((warn_unused_result));

/* A record of Vehicle_Model__c, read tolerantly: fields that the org lacks are "" or 0. */
struct vehicle {
    char id[SF_ID_SIZE];
    char name[NAME]; /* "2024 Koa Model X", or the record's name */
    char make[328], model[328], color[164], fuel[164], status[164], vin[72]; /* as long as the fields may be */
    int year, mileage;                                                       /* 0 and -1: unknown */
    struct money_currency currency;
    int64_t price;
};

/* Refuses a vehicle that is sold, has no price, or is priced in another currency than the caller means. */
bool intake_vehicle(const json_t *record, const struct intake *intake, const struct policy *policy,
                    const char *unavailable, struct vehicle *out, struct refusals *refusals)
    __attribute__((warn_unused_result));

/* The amounts in the vehicle's currency, and with them the deal. */
bool intake_deal(const struct intake *intake, const struct vehicle *vehicle, const struct policy *policy, time_t now,
                 struct deal *out, struct refusals *refusals, struct warnings *warnings)
    __attribute__((warn_unused_result));

/* What offer_make refused, in words. */
void intake_refuse_offer(enum offer_fault fault, const struct deal *deal, const struct policy *policy,
                         const struct offer *offer, struct refusals *refusals);

#endif
