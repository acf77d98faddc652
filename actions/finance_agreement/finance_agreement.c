/*
 * finance_agreement.c - the action calculateFinanceAgreement: reads customer and vehicle, asks the market, decides the
 * rate, calculates, draws up the document and stores it with the customer.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "actions/finance_agreement/agreement_pdf.h"
#include "actions/finance_agreement/answer.h"
#include "actions/finance_agreement/paper.h"
#include "actions/finance_agreement/store.h"
#include "actions/finance_agreement/text.h"
#include "runtime/action.h"

enum { RESERVE_MS = 6000 }; /* of the call's time, kept for document and org when providers are slow */

/* One call while it runs; lives in the call's arena. */
struct run {
    struct act_call *call;
    const json_t *in;
    struct policy policy;
    struct intake intake;
    struct deal deal;
    struct refusals refusals;
    struct agreement a;
    char document_id[SF_ID_SIZE]; /* of a document that an interrupted call left */
};

static const char *setting(void *ctx, const char *name)
{
    return act_setting(ctx, name);
}

static void setting_fault(void *ctx, const char *name, const char *mend)
{
    act_log(ctx, ACT_LOG_ERROR, "setting %s %s", name, mend);
}

/* All that is wrong: the first in front, every one in the details when there are several. */
static enum act_outcome refuse(struct run *r)
{
    const struct refusals *list = &r->refusals;
    for (int i = 0; list->n > 1 && i < list->n; i++)
        act_refuse_detail(r->call, list->v[i].field, list->v[i].code, "%s", list->v[i].message);
    return act_refuse(r->call, list->v[0].code, list->v[0].field, "%s", list->v[0].message);
}

static enum act_outcome read_customer(struct run *r)
{
    struct sf_error err;
    struct sf_rows *rows;
    struct sf_org *org = act_org(r->call);
    const char *id = r->intake.customer;
    bool ok = r->intake.customer_is_contact
                  ? sf_query(org, &rows, &err, "SELECT Id, Name FROM Contact WHERE Id = ?", sf_id(id))
                  : sf_query(org, &rows, &err, "SELECT Id, Name FROM Account WHERE Id = ?", sf_id(id));
    if (!ok)
        return act_org_failed(r->call, &err);
    const json_t *row = sf_next(rows, &err);
    if (!row && *err.code)
        return act_org_failed(r->call, &err);
    if (!row)
        return act_refuse(r->call, "customer_not_found", "/customerId",
                          "No %s with the id %s is visible to you; check the id",
                          r->intake.customer_is_contact ? "contact" : "account", id);
    const char *name = sf_get_text(row, "Name");
    text_fmt(r->a.customer_name, sizeof r->a.customer_name, "%s", name ? name : "Customer");
    memcpy(r->a.customer_id, id, sizeof r->a.customer_id);
    return ACT_OK;
}

static enum act_outcome read_vehicle(struct run *r)
{
    static const char *const optional[] = { "Name",         "Make__c",    "Model__c",  "Year__c", "Color__c",
                                            "Fuel_Type__c", "Mileage__c", "Status__c", "VIN__c",  "CurrencyIsoCode" };
    struct sf_error err;
    struct sf_rows *rows;
    const struct sf_bind fields = sf_optional("Vehicle_Model__c", optional, sizeof optional / sizeof *optional);
    if (!sf_query(act_org(r->call), &rows, &err, "SELECT Id, Price__c? FROM Vehicle_Model__c WHERE Id = ?", fields,
                  sf_id(r->intake.vehicle)))
        return act_org_failed(r->call, &err);
    const json_t *row = sf_next(rows, &err);
    if (!row && *err.code)
        return act_org_failed(r->call, &err);
    if (!row)
        return act_refuse(r->call, "vehicle_not_found", "/vehicleId",
                          "No vehicle with the id %s is visible to you; check the id", r->intake.vehicle);
    if (!intake_vehicle(row, &r->intake, &r->policy, act_setting(r->call, "UNAVAILABLE_STATUSES"), &r->a.vehicle,
                        &r->refusals))
        return refuse(r);
    return ACT_OK;
}

static enum act_outcome refuse_key(struct run *r)
{
    return act_refuse(r->call, "idempotency_key_reused", "/idempotencyKey",
                      "This idempotencyKey was used before with other input; choose a new key for a new agreement");
}

/* An earlier call with the same key: its reply in *out, or a refusal. ACT_OK with *out NULL: there was none. */
static enum act_outcome repeat_of(struct run *r, json_t **out)
{
    struct sf_error err = { 0 };
    char hash[AGREEMENT_HASH];
    store_input_hash(r->in, hash);
    if (!r->intake.key)
        return ACT_OK;
    store_number(act_printf(r->call, "%s %s %s", act_org_id(r->call), act_user_id(r->call), r->intake.key), hash,
                 r->a.number);
    switch (store_find(r->call, r->a.number, out, r->document_id, &err)) {
    case STORE_OTHER:
        return refuse_key(r);
    case STORE_FAILED:
        return act_org_failed(r->call, &err);
    default:
        return ACT_OK;
    }
}

static void ask_market(struct run *r)
{
    struct market_io io = market_io_of(r->call);
    int budget = act_time_left_ms(r->call) - RESERVE_MS;
    if (budget > r->policy.rate_budget_ms)
        budget = r->policy.rate_budget_ms;
    int timeout = r->policy.rate_timeout_ms < budget ? r->policy.rate_timeout_ms : budget;
    market_collect(&io, r->policy.providers, r->policy.provider_count, &r->deal.request, timeout, budget, r->a.market);
    for (int i = 0; i < r->a.market->source_count; i++)
        if (r->a.market->sources[i].failure)
            act_log(r->call, ACT_LOG_INFO, "rate provider %s: %s", r->a.market->sources[i].id,
                    r->a.market->sources[i].failure);
}

static void counter_detail(struct run *r, const struct offer *o)
{
    char sentence[SENTENCE], rate[MONEY_RATE_SIZE], down[MONEY_TEXT_SIZE];
    answer_sentence(o, &r->deal.currency, sentence);
    if (!strcmp(o->kind, "higher_rate_limit"))
        act_refuse_detail(r->call, "/maxInterestRate", "counter_offer", "With a limit of %s: %s",
                          money_rate_text(o->loan.ppm, rate), sentence);
    else if (!strcmp(o->kind, "more_down"))
        act_refuse_detail(r->call, "/downPayment", "counter_offer", "With %s paid down: %s",
                          money_text(o->price.down, &r->deal.currency, down), sentence);
    else
        act_refuse_detail(r->call, "/years", "counter_offer", "Over %d years: %s", o->term_months / 12, sentence);
}

/* Why there is no offer; for a rate also what could be offered instead. */
static enum act_outcome refuse_offer(struct run *r, enum offer_fault fault)
{
    struct offer counters[OFFER_COUNTERS];
    char rate[MONEY_RATE_SIZE];
    intake_refuse_offer(fault, &r->deal, &r->policy, &r->a.offer, &r->refusals);
    if (fault == OFFER_BELOW_FLOOR || fault == OFFER_USURY_CAP) {
        int n = offer_counters(&r->deal, &r->policy, r->a.market, &r->a.offer, counters);
        if (fault == OFFER_BELOW_FLOOR)
            act_refuse_detail(r->call, "/maxInterestRate", "minimum_viable_rate", "%s",
                              money_rate_text(r->a.offer.decision.floor, rate));
        for (int i = 0; i < n; i++)
            counter_detail(r, &counters[i]);
    }
    return refuse(r);
}

/* Without a key the number tells inputs, quotes and time apart. */
static void number_agreement(struct run *r)
{
    char hash[AGREEMENT_HASH];
    if (*r->a.number)
        return;
    store_input_hash(r->in, hash);
    store_number(act_printf(r->call, "%s %s %s %lld %lld", act_org_id(r->call), act_user_id(r->call), r->a.snapshot,
                            (long long)r->a.at, (long long)r->a.vehicle.price),
                 hash, r->a.number);
}

static void add_warnings(struct run *r)
{
    struct agreement *a = &r->a;
    if (a->offer.ltv_ppm > MONEY_PPM)
        warning_add(&a->warnings, "More is financed than the vehicle costs: loan-to-value is %.1f %%",
                    a->offer.ltv_ppm / 10000.0);
    else if (!r->deal.price.down)
        warning_add(&a->warnings, "Nothing is paid down: loan-to-value is %.1f %%", a->offer.ltv_ppm / 10000.0);
    if (a->offer.decision.bench_from_table && a->offer.cell.stale)
        warning_add(&a->warnings, "The market benchmark is a published average of %s, more than a year old",
                    a->offer.cell.row->as_of);
    if (r->deal.payment_limit && a->offer.monthly > r->deal.payment_limit)
        warning_add(&a->warnings, "The payment is above the stated limit; see the alternatives that keep it");
    if (a->offer.schedule.count < a->offer.loan.payments)
        warning_add(&a->warnings, "Rounding clears the loan after %d payments", a->offer.schedule.count);
}

static void draw_up(struct run *r)
{
    struct document *d = &r->a.document;
    unsigned char *pdf = NULL;
    struct pdf_fault why;
    struct paper paper;
    if (!r->intake.with_document) {
        d->status = "not_requested";
        return;
    }
    paper_of(&r->a, &paper);
    d->kind = paper_kind_name(paper.kind);
    text_fmt(d->kind_reason, sizeof d->kind_reason, "%s", paper.reason);
    store_title(&r->a, d->title, sizeof d->title);
    if (!agreement_pdf(&r->a, &pdf, &d->bytes, &why)) {
        d->status = "failed";
        d->bytes = 0;
        text_fmt(d->failure_code, sizeof d->failure_code, "%s", why.code);
        text_fmt(d->failure, sizeof d->failure, "%s", why.text);
        warning_add(&r->a.warnings, "The document was not stored: %s", why.text);
        act_log(r->call, ACT_LOG_ERROR, "document not drawn: %s", why.code); /* the text may hold a name */
        return;
    }
    act_defer(r->call, free, pdf);
    agreement_hash(pdf, d->bytes, d->sha256);
    store_document(r->call, r->intake.customer, r->document_id, (struct act_bytes){ pdf, d->bytes }, d);
}

/* Stores the reply beside the document, so that a repeat gets the same. What *j is afterwards is the answer. */
static enum act_outcome record(struct run *r, json_t **j)
{
    struct sf_error err = { 0 };
    char id[SF_ID_SIZE];
    json_t *winner = NULL;
    const struct document *d = &r->a.document;
    if (strcmp(d->status, "stored") || !store_reply(r->call, r->intake.customer, r->a.number, *j, id, &err)) {
        act_log(r->call, ACT_LOG_WARN, "reply not stored: %s", err.code);
        json_array_append_new(
            json_object_get(*j, "warnings"),
            json_string("The result could not be recorded: a repeat with this idempotencyKey is calculated anew"));
        return ACT_OK;
    }
    switch (store_settle(r->call, r->a.number, id, d->content_version, &winner)) {
    case STORE_CONFLICT:
        return refuse_key(r);
    case STORE_THEIRS:
        json_decref(*j);
        *j = winner;
        return ACT_OK;
    default:
        return ACT_OK;
    }
}

static enum act_outcome reply(struct run *r, json_t **out)
{
    json_t *j = answer_build(&r->a, r->intake.with_schedule);
    enum act_outcome outcome = j ? ACT_OK : ACT_FAULT;
    if (j && r->intake.key)
        outcome = record(r, &j);
    if (outcome == ACT_OK)
        *out = j;
    else
        json_decref(j);
    return outcome;
}

static enum act_outcome calculate(struct run *r, json_t **out)
{
    ask_market(r);
    enum offer_fault fault = agreement_calculate(&r->a);
    if (fault != OFFER_OK)
        return refuse_offer(r, fault);
    number_agreement(r);
    add_warnings(r);
    draw_up(r);
    return reply(r, out);
}

static enum act_outcome run(struct act_call *call, const json_t *in, json_t **out)
{
    struct run *r = act_alloc(call, sizeof *r);
    json_t *earlier = NULL;
    r->call = call;
    r->in = in;
    r->a.at = act_now(call);
    r->a.policy = &r->policy;
    r->a.deal = &r->deal;
    r->a.market = act_alloc(call, sizeof *r->a.market);
    r->a.rows = act_alloc(call, SCHEDULE_MAX_ROWS * sizeof *r->a.rows);
    if (!policy_read(setting, setting_fault, call, &r->policy))
        return ACT_FAULT;
    if (!intake_read(in, &r->policy, date_of_time(r->a.at), &r->intake, &r->refusals))
        return refuse(r);
    enum act_outcome outcome = repeat_of(r, &earlier);
    if (outcome == ACT_OK && earlier) {
        *out = earlier;
        return ACT_OK;
    }
    if (outcome == ACT_OK)
        outcome = read_vehicle(r);
    if (outcome == ACT_OK)
        outcome = read_customer(r);
    if (outcome == ACT_OK &&
        !intake_deal(&r->intake, &r->a.vehicle, &r->policy, r->a.at, &r->deal, &r->refusals, &r->a.warnings))
        outcome = refuse(r);
    return outcome == ACT_OK ? calculate(r, out) : outcome;
}

static const char *checked_setting(void *ctx, const char *name)
{
    return act_settings_get(ctx, name);
}

static void checked_fault(void *ctx, const char *name, const char *mend)
{
    act_settings_fault(ctx, name, "%s", mend);
}

static void check(struct act_settings *settings)
{
    struct policy policy;
    (void)!policy_read(checked_setting, checked_fault, settings, &policy);
}

/* No .start: the fonts of the document are opened by the first call that draws one, as most workers never do. */
const struct action finance_agreement_action = { .check = check, .run = run };
