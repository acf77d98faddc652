/* intake.c - reads members and records, and collects every fault before it refuses. */
#include "actions/finance_agreement/intake.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "actions/finance_agreement/text.h"

enum {
    RATE_LIMIT_PPM = 100 * 10000, /* above 100 % somebody wrote basis points */
    FIRST_PAYMENT_DAYS = 62,      /* latest first payment after the contract */
    USED_MILEAGE = 500,
    LTV_WARNING_PPM = 1200000
};

static const double rate_doubtful = 0.2; /* percent: below it somebody most likely wrote 0.035 for 3.5 % */

void refusal_add(struct refusals *r, const char *code, const char *field, const char *fmt, ...)
{
    if (r->n == REFUSALS)
        return;
    struct refusal *one = &r->v[r->n++];
    one->code = code;
    one->field = field;
    va_list ap;
    va_start(ap, fmt);
    text_vfmt(one->message, sizeof one->message, fmt, ap);
    va_end(ap);
}

void warning_add(struct warnings *w, const char *fmt, ...)
{
    if (w->n == WARNINGS)
        return;
    va_list ap;
    va_start(ap, fmt);
    text_vfmt(w->v[w->n++], SENTENCE, fmt, ap);
    va_end(ap);
}

static const char *text_of(const json_t *object, const char *key)
{
    return json_string_value(json_object_get(object, key));
}

/* ---- The input ---- */

static void read_ids(struct intake *o, struct refusals *r)
{
    const char *customer = text_of(o->in, "customerId"), *vehicle = text_of(o->in, "vehicleId");
    if (!customer || !sf_id_check(customer, o->customer) ||
        (strncmp(customer, "001", 3) && strncmp(customer, "003", 3)))
        refusal_add(r, "invalid_salesforce_id", "/customerId",
                    "customerId must be the 15- or 18-character id of a contact (003...) or an account (001...)");
    if (!vehicle || !sf_id_check(vehicle, o->vehicle))
        refusal_add(r, "invalid_salesforce_id", "/vehicleId",
                    "vehicleId must be the 15- or 18-character id of a vehicle");
    o->customer_is_contact = customer && !strncmp(customer, "003", 3);
}

static void read_term(struct intake *o, const struct policy *policy, struct refusals *r)
{
    json_int_t years = json_integer_value(json_object_get(o->in, "years"));
    const char *frequency = text_of(o->in, "paymentFrequency");
    if (years < 1 || years > policy->max_years)
        refusal_add(r, "term_out_of_range", "/years", "The term must be 1 to %d whole years", policy->max_years);
    else
        o->years = (int)years;
    o->per_year = frequency && !strcmp(frequency, "biweekly") ? 26 : 12;
}

static void read_rates(struct intake *o, const struct policy *policy, struct refusals *r)
{
    const json_t *max = json_object_get(o->in, "maxInterestRate"), *tax = json_object_get(o->in, "salesTaxRate");
    if (!money_ppm_from_json(max, &o->max_rate) || o->max_rate < 0 || o->max_rate > RATE_LIMIT_PPM)
        refusal_add(r, "rate_out_of_range", "/maxInterestRate",
                    "maxInterestRate is percent a year, 0 to 100: send 3.5 for 3.5 %%, not 350 and not 0.035");
    else if (json_number_value(max) > 0 && json_number_value(max) < rate_doubtful &&
             !json_is_true(json_object_get(o->in, "confirmMaxInterestRate")))
        refusal_add(r, "rate_doubtful", "/maxInterestRate",
                    "maxInterestRate is percent a year, so %.9g is %.9g %%: send %.9g if %.9g %% is meant, or set "
                    "confirmMaxInterestRate to true if the rate is right as it is",
                    json_number_value(max), json_number_value(max), json_number_value(max) * 100,
                    json_number_value(max) * 100);
    o->tax = policy->tax;
    if (tax && (!money_ppm_from_json(tax, &o->tax) || o->tax < 0 || o->tax > RATE_LIMIT_PPM))
        refusal_add(r, "rate_out_of_range", "/salesTaxRate", "salesTaxRate is percent, 0 to 100");
}

static void read_first_payment(struct intake *o, struct date today, struct refusals *r)
{
    const char *text = text_of(o->in, "firstPaymentDate");
    if (!text)
        return;
    if (!date_parse(text, &o->first)) {
        refusal_add(r, "first_payment_date_out_of_range", "/firstPaymentDate",
                    "firstPaymentDate must be a day, such as 2026-12-31");
        return;
    }
    int after = date_days(o->first) - date_days(today);
    if (after < 1 || after > FIRST_PAYMENT_DAYS)
        refusal_add(r, "first_payment_date_out_of_range", "/firstPaymentDate",
                    "The first payment must fall 1 to %d days after today", FIRST_PAYMENT_DAYS);
    o->first_chosen = true;
}

static void read_options(struct intake *o, const struct policy *policy, struct refusals *r)
{
    const char *tier = text_of(o->in, "creditTier"), *condition = text_of(o->in, "vehicleCondition");
    struct money_currency known;
    o->tier = policy->default_tier;
    if (tier && !market_tier_find(tier, &o->tier))
        refusal_add(r, "invalid_credit_tier", "/creditTier", "creditTier is none of the known tiers");
    o->has_condition = condition != NULL;
    o->condition = condition && !strcmp(condition, "used") ? MARKET_USED : MARKET_NEW;
    o->currency = text_of(o->in, "currencyCode");
    if (o->currency && !money_currency_find(o->currency, &known))
        refusal_add(r, "currency_unknown", "/currencyCode",
                    "currencyCode must be an active code of ISO 4217, such as USD");
    o->key = text_of(o->in, "idempotencyKey");
    o->with_schedule = json_is_true(json_object_get(o->in, "includeSchedule"));
    o->with_document = !json_is_false(json_object_get(o->in, "generateDocument"));
    if (o->key && !o->with_document)
        refusal_add(
            r, "key_needs_document", "/idempotencyKey",
            "An idempotencyKey works through the stored agreement: leave generateDocument true, or leave the key out");
}

bool intake_read(const json_t *in, const struct policy *policy, struct date today, struct intake *out,
                 struct refusals *refusals)
{
    *out = (struct intake){ .in = in };
    read_ids(out, refusals);
    read_rates(out, policy, refusals);
    const json_t *down = json_object_get(in, "downPayment");
    if (json_number_value(down) < 0)
        refusal_add(refusals, "down_payment_negative", "/downPayment", "The down payment must be 0 or more");
    read_term(out, policy, refusals);
    read_first_payment(out, today, refusals);
    read_options(out, policy, refusals);
    return refusals->n == 0;
}

/* ---- The vehicle ---- */

static void copy_field(const json_t *record, const char *field, char *out, size_t size)
{
    const json_t *value = sf_get(record, field);
    if (json_is_string(value))
        text_fmt(out, size, "%s", json_string_value(value));
    else if (json_is_number(value))
        text_fmt(out, size, "%.0f", json_number_value(value));
}

static int number_field(const json_t *record, const char *field, int absent)
{
    char text[32] = "", *end;
    copy_field(record, field, text, sizeof text);
    long v = strtol(text, &end, 10);
    return end == text || *end || v < 0 || v > 10000000 ? absent : (int)v;
}

static void describe(const json_t *record, struct vehicle *v)
{
    copy_field(record, "Make__c", v->make, sizeof v->make);
    copy_field(record, "Model__c", v->model, sizeof v->model);
    copy_field(record, "Color__c", v->color, sizeof v->color);
    copy_field(record, "Fuel_Type__c", v->fuel, sizeof v->fuel);
    copy_field(record, "Status__c", v->status, sizeof v->status);
    copy_field(record, "VIN__c", v->vin, sizeof v->vin);
    v->year = number_field(record, "Year__c", 0);
    v->mileage = number_field(record, "Mileage__c", -1);
    if (!*v->make && !*v->model) {
        copy_field(record, "Name", v->name, sizeof v->name);
        if (!*v->name)
            text_fmt(v->name, sizeof v->name, "Vehicle");
        return;
    }
    char year[16] = "";
    if (v->year)
        text_fmt(year, sizeof year, "%d ", v->year);
    text_fmt(v->name, sizeof v->name, "%s%s%s%s", year, v->make, *v->make && *v->model ? " " : "", v->model);
}

/* Whether a comma-separated list names the word, whatever the case. */
static bool lists(const char *list, const char *word)
{
    size_t n = strlen(word);
    for (const char *p = list; p && *p;) {
        p += strspn(p, ", ");
        size_t length = strcspn(p, ",");
        if (n && length == n && !strncasecmp(p, word, n))
            return true;
        p += length;
    }
    return false;
}

static void read_price(const json_t *record, struct vehicle *v, struct refusals *r)
{
    const json_t *price = sf_get(record, "Price__c");
    enum money_fault fault = price ? money_from_json(price, v->currency.exponent, &v->price) : MONEY_OK;
    if (!price)
        refusal_add(r, "vehicle_price_missing", "/vehicleId", "%s has no price in Salesforce; fill in Price__c first",
                    v->name);
    else if (fault == MONEY_TOO_PRECISE)
        refusal_add(r, "vehicle_price_invalid", "/vehicleId",
                    "The price of %s has more than the %d decimals of %s; correct Price__c first", v->name,
                    v->currency.exponent, v->currency.code);
    else if (fault != MONEY_OK || v->price <= 0)
        refusal_add(r, "vehicle_price_invalid", "/vehicleId",
                    "The price of %s is no amount above 0; correct Price__c first", v->name);
}

bool intake_vehicle(const json_t *record, const struct intake *intake, const struct policy *policy,
                    const char *unavailable, struct vehicle *out, struct refusals *refusals)
{
    struct vehicle v = { .currency = policy->currency };
    const char *iso = sf_get_text(record, "CurrencyIsoCode");
    memcpy(v.id, intake->vehicle, sizeof v.id);
    describe(record, &v);
    if (lists(unavailable, v.status)) {
        refusal_add(refusals, "vehicle_unavailable", "/vehicleId", "%s is %s; choose another vehicle", v.name,
                    v.status);
        return false;
    }
    if (iso && !money_currency_find(iso, &v.currency)) {
        refusal_add(refusals, "currency_unknown", "/vehicleId",
                    "%s is priced in %.8s, which is no currency of ISO 4217", v.name, iso);
        return false;
    }
    if (intake->currency && strcmp(intake->currency, v.currency.code)) {
        refusal_add(refusals, "currency_mismatch", "/currencyCode",
                    "%s is priced in %s, not in %s; send the amounts in %s. Nothing is converted silently", v.name,
                    v.currency.code, intake->currency, v.currency.code);
        return false;
    }
    read_price(record, &v, refusals);
    if (refusals->n)
        return false;
    *out = v;
    return true;
}

/* ---- The amounts ---- */

struct amount_rule {
    const char *member, *field;
    size_t offset; /* of the int64_t in struct deal */
};

#define DEAL_AMOUNT(member, name)                                                                                      \
    {                                                                                                                  \
        member, "/" member, offsetof(struct deal, name)                                                                \
    }
static const struct amount_rule amount_rules[] = {
    DEAL_AMOUNT("downPayment", price.down),           DEAL_AMOUNT("tradeInAllowance", price.trade_allowance),
    DEAL_AMOUNT("tradeInPayoff", price.trade_payoff), DEAL_AMOUNT("dealerDiscount", price.discount),
    DEAL_AMOUNT("dealerRebate", price.dealer_rebate), DEAL_AMOUNT("manufacturerRebate", price.manufacturer_rebate),
    DEAL_AMOUNT("documentFee", price.document_fee),   DEAL_AMOUNT("titleAndRegistrationFee", price.title_fee),
    DEAL_AMOUNT("originationFee", price.finance_fee), DEAL_AMOUNT("balloonAmount", balloon),
    DEAL_AMOUNT("maxMonthlyPayment", payment_limit),
};

static void read_amounts(const struct intake *intake, struct deal *d, struct refusals *r)
{
    for (size_t i = 0; i < sizeof amount_rules / sizeof *amount_rules; i++) {
        const struct amount_rule *rule = &amount_rules[i];
        const json_t *value = json_object_get(intake->in, rule->member);
        int64_t minor = 0;
        enum money_fault fault = value ? money_from_json(value, d->currency.exponent, &minor) : MONEY_OK;
        if (fault == MONEY_TOO_PRECISE)
            refusal_add(r, "too_precise", rule->field, "%s has more than the %d decimals of %s", rule->member,
                        d->currency.exponent, d->currency.code);
        else if (fault != MONEY_OK)
            refusal_add(r, "amount_out_of_range", rule->field, "%s is no amount that can be financed", rule->member);
        else if (minor < 0)
            refusal_add(r, "amount_out_of_range", rule->field, "%s must be 0 or more", rule->member);
        memcpy((char *)d + rule->offset, &minor, sizeof minor);
    }
}

static void check_reductions(const struct deal *d, const struct policy *policy, struct refusals *r)
{
    char limit[MONEY_TEXT_SIZE];
    int64_t given = d->price.discount + d->price.dealer_rebate,
            most = money_share(d->price.price, policy->max_discount);
    if (given > most)
        refusal_add(r, "discount_above_limit", d->price.discount ? "/dealerDiscount" : "/dealerRebate",
                    "Discount and dealer rebate may come to at most %s on this vehicle",
                    money_text(most, &d->currency, limit));
    if (d->price.manufacturer_rebate >= d->price.price)
        refusal_add(r, "amount_out_of_range", "/manufacturerRebate",
                    "The manufacturer's rebate must be less than the price of %s",
                    money_text(d->price.price, &d->currency, limit));
    int64_t least = money_share(d->price.price, policy->min_down);
    if (d->price.down < least)
        refusal_add(r, "down_payment_below_minimum", "/downPayment", "At least %s must be paid down on this vehicle",
                    money_text(least, &d->currency, limit));
}

static enum market_condition condition_of(const struct intake *intake, const struct vehicle *v, struct date today)
{
    if (intake->has_condition)
        return intake->condition;
    bool used = v->mileage > USED_MILEAGE || (v->year && v->year < today.year - 1);
    return used ? MARKET_USED : MARKET_NEW;
}

bool intake_deal(const struct intake *intake, const struct vehicle *vehicle, const struct policy *policy, time_t now,
                 struct deal *out, struct refusals *refusals, struct warnings *warnings)
{
    struct deal d = { .currency = vehicle->currency,
                      .term_months = intake->years * 12,
                      .per_year = intake->per_year,
                      .contract = date_of_time(now),
                      .first = intake->first,
                      .first_chosen = intake->first_chosen,
                      .customer_max = intake->max_rate };
    d.price.price = vehicle->price;
    d.price.tax_ppm = intake->tax;
    d.price.trade_in_lowers_tax = policy->trade_in_lowers_tax;
    read_amounts(intake, &d, refusals);
    if (!refusals->n)
        check_reductions(&d, policy, refusals);
    if (refusals->n)
        return false;
    d.request = (struct market_request){ .condition = condition_of(intake, vehicle, d.contract),
                                         .tier = intake->tier,
                                         .term_months = d.term_months,
                                         .year = vehicle->year,
                                         .mileage = vehicle->mileage > 0 ? vehicle->mileage : 0,
                                         .age = -1,
                                         .make = vehicle->make,
                                         .model = vehicle->model,
                                         .vin = vehicle->vin,
                                         .now = now };
    memcpy(d.request.currency, vehicle->currency.code, sizeof d.request.currency);
    if (d.request.condition == MARKET_NEW || vehicle->year)
        d.request.age =
            d.request.condition == MARKET_NEW || vehicle->year > d.contract.year ? 0 : d.contract.year - vehicle->year;
    double tax = json_number_value(json_object_get(intake->in, "salesTaxRate"));
    if (tax > 0 && tax < rate_doubtful)
        warning_add(warnings, "salesTaxRate is read as percent: a value below 0.2 may have been meant as a fraction");
    if (d.price.trade_payoff > d.price.trade_allowance)
        warning_add(warnings, "More is owed on the trade-in than it is worth; the difference is added to the loan");
    *out = d;
    return true;
}

void intake_refuse_offer(enum offer_fault fault, const struct deal *deal, const struct policy *policy,
                         const struct offer *offer, struct refusals *r)
{
    char a[MONEY_TEXT_SIZE], b[MONEY_TEXT_SIZE], rate[MONEY_RATE_SIZE], max[MONEY_RATE_SIZE];
    switch (fault) {
    case OFFER_OK:
        break;
    case OFFER_NOTHING_TO_FINANCE:
        refusal_add(r, "nothing_to_finance", "/downPayment",
                    "The down payment covers the whole price of %s: this is a cash purchase",
                    money_text(offer->build.before_down, &deal->currency, a));
        break;
    case OFFER_DOWN_EXCEEDS_PRICE:
        refusal_add(r, "down_payment_exceeds_price", "/downPayment",
                    "The down payment of %s is more than the %s that is due in all",
                    money_text(deal->price.down, &deal->currency, a),
                    money_text(offer->build.before_down, &deal->currency, b));
        break;
    case OFFER_AMOUNT_OUT_OF_RANGE:
        refusal_add(r, "amount_out_of_range", "/downPayment",
                    "The amount to finance must be between %s and %s; change the down payment",
                    money_text(offer_min_financed(policy, &deal->currency), &deal->currency, a),
                    money_text(offer_max_financed(policy, &deal->currency), &deal->currency, b));
        break;
    case OFFER_BALLOON_TOO_LARGE:
        refusal_add(r, "balloon_too_large", "/balloonAmount", "The balloon must be less than the %s that is financed",
                    money_text(offer->build.principal, &deal->currency, a));
        break;
    case OFFER_BELOW_FLOOR:
        refusal_add(r, "rate_below_floor", "/maxInterestRate",
                    "The lowest rate that we can offer on these terms is %s, above the limit of %s; accept that rate "
                    "or change the terms",
                    money_rate_text(offer->decision.floor, rate), money_rate_text(offer->decision.ceiling, max));
        break;
    case OFFER_USURY_CAP:
        refusal_add(r, "usury_cap", NULL,
                    "These terms would need more than the legal cap of %s; change the term or the down payment",
                    money_rate_text(policy->legal_cap, rate));
        break;
    case OFFER_NO_AMORTIZATION:
        refusal_add(r, "payment_below_interest",
                    deal->first_chosen ? "/firstPaymentDate"
                    : deal->balloon    ? "/balloonAmount"
                                       : NULL,
                    "A payment would not cover the interest of its period; choose %s",
                    deal->first_chosen ? "an earlier first payment"
                    : deal->balloon    ? "a smaller balloon"
                                       : "a shorter term");
        break;
    }
}
