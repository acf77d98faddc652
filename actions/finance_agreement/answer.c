/* answer.c - builds the reply, member by member. */
#include "actions/finance_agreement/answer.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "actions/finance_agreement/text.h"

static void put_text(json_t *o, const char *key, const char *text)
{
    if (text && *text)
        json_object_set_new(o, key, json_string(text));
}

static void put_number(json_t *o, const char *key, double value)
{
    json_object_set_new(o, key, json_real(value));
}

static void put_int(json_t *o, const char *key, int64_t value)
{
    json_object_set_new(o, key, json_integer(value));
}

static void put_money(json_t *o, const char *key, int64_t minor, const struct money_currency *currency)
{
    put_number(o, key, money_number(minor, currency->exponent));
}

static void put_rate(json_t *o, const char *key, int64_t ppm)
{
    put_number(o, key, money_percent(ppm));
}

/* A fraction as percent with four decimals. */
static void put_fraction(json_t *o, const char *key, double fraction)
{
    put_rate(o, key, llround(fraction * MONEY_PPM));
}

static const char *frequency_of(const struct offer *o)
{
    return o->loan.per_year == 26 ? "biweekly" : "monthly";
}

void answer_sentence(const struct offer *o, const struct money_currency *currency, char out[SENTENCE])
{
    char payment[MONEY_TEXT_SIZE], charge[MONEY_TEXT_SIZE], last[MONEY_TEXT_SIZE + 40] = "", amount[MONEY_TEXT_SIZE];
    char rate[MONEY_RATE_SIZE], apr[MONEY_RATE_SIZE];
    if (o->loan.balloon)
        snprintf(last, sizeof last, " and a last one of %s", money_text(o->schedule.final_payment, currency, amount));
    snprintf(out, SENTENCE, "%d %s payments of %s%s at %s a year (APR %s), a finance charge of %s in all",
             o->schedule.count - (o->loan.balloon ? 1 : 0), frequency_of(o),
             money_text(o->schedule.payment, currency, payment), last, money_rate_text(o->loan.ppm, rate),
             money_rate_text(llround(o->apr_us * 10000) * 100, apr), money_text(o->finance_charge, currency, charge));
}

/* The numbers that every offer has. */
static void put_offer(json_t *j, const struct offer *o, const struct money_currency *c)
{
    char day[DATE_TEXT_SIZE];
    put_rate(j, "interestRate", o->loan.ppm);
    put_fraction(j, "apr", o->apr_us);
    put_fraction(j, "aprEu", o->apr_eu);
    put_money(j, "paymentAmount", o->schedule.payment, c);
    put_text(j, "paymentFrequency", frequency_of(o));
    put_money(j, "monthlyPayment", o->monthly, c);
    put_money(j, "finalPayment", o->schedule.final_payment, c);
    put_int(j, "numberOfPayments", o->schedule.count);
    put_int(j, "loanTermMonths", o->term_months);
    put_money(j, "downPayment", o->price.down, c);
    put_money(j, "totalDownPayment", o->build.down_total, c);
    put_money(j, "negativeEquity", o->build.negative_equity, c);
    put_money(j, "balloonAmount", o->loan.balloon, c);
    put_money(j, "loanPrincipal", o->build.principal, c);
    put_money(j, "amountFinanced", o->build.amount_financed, c);
    put_money(j, "financeCharge", o->finance_charge, c);
    put_money(j, "totalOfPayments", o->schedule.total_paid, c);
    put_money(j, "totalSalePrice", o->total_sale_price, c);
    put_number(j, "loanToValuePercent", o->ltv_ppm / 100 / 100.0);
    put_text(j, "firstPaymentDate", date_text(o->first, day));
    put_text(j, "lastPaymentDate", date_text(o->last, day));
}

static json_t *recommended(const struct agreement *a)
{
    const struct money_currency *c = &a->deal->currency;
    json_t *j = json_object();
    put_money(j, "finalCarPrice", a->offer.build.agreed, c);
    put_rate(j, "adjustedInterestRate", a->offer.loan.ppm);
    put_money(j, "monthlyPayment", a->offer.monthly, c);
    put_int(j, "loanTermMonths", a->offer.term_months);
    put_money(j, "totalFinancingCost", a->offer.schedule.total_paid, c);
    return j;
}

static json_t *build_up(const struct agreement *a)
{
    struct build_line lines[BUILD_LINES];
    int n = agreement_build_lines(&a->offer, lines);
    json_t *list = json_array();
    for (int i = 0; i < n; i++) {
        json_t *j = json_object();
        put_text(j, "lineCode", lines[i].code);
        put_text(j, "lineLabel", lines[i].label);
        put_money(j, "lineAmount", lines[i].amount, &a->deal->currency);
        json_array_append_new(list, j);
    }
    return list;
}

static json_t *schedule_of(const struct agreement *a)
{
    const struct money_currency *c = &a->deal->currency;
    char day[DATE_TEXT_SIZE];
    json_t *list = json_array();
    for (int k = 1; k <= a->offer.schedule.count; k++) {
        const struct schedule_row *r = &a->rows[k - 1];
        json_t *j = json_object();
        put_int(j, "paymentNumber", k);
        put_text(j, "dueDate", date_text(agreement_due(a->deal, k), day));
        put_money(j, "payment", r->payment, c);
        put_money(j, "interest", r->interest, c);
        put_money(j, "principalPart", r->principal, c);
        put_money(j, "balance", r->balance, c);
        json_array_append_new(list, j);
    }
    return list;
}

static const char *source_status(enum market_status status)
{
    static const char *const names[] = { "live", "cached", "failed" };
    return names[status];
}

static json_t *quotes_of(const struct agreement *a)
{
    json_t *list = json_array();
    char day[DATE_TEXT_SIZE];
    for (int i = 0; i < a->rate_count; i++) {
        const struct market_rate *r = &a->rates[i];
        const struct market_source *s = &a->market->sources[r->source];
        json_t *j = json_object();
        put_text(j, "lender", r->lender);
        put_text(j, "provider", s->id);
        put_rate(j, "ratePercent", r->ppm);
        json_object_set_new(j, "interpolated", json_boolean(r->interpolated));
        put_text(j, "quoteStatus", source_status(s->status));
        put_int(j, "ageSeconds", s->age_s);
        if (r->as_of)
            put_text(j, "asOf", date_text(date_of_time((time_t)r->as_of), day));
        json_array_append_new(list, j);
    }
    return list;
}

static json_t *providers_of(const struct agreement *a)
{
    json_t *list = json_array();
    for (int i = 0; i < a->market->source_count; i++) {
        const struct market_source *s = &a->market->sources[i];
        json_t *j = json_object();
        put_text(j, "provider", s->id);
        put_text(j, "providerKind", s->kind);
        put_text(j, "providerStatus", source_status(s->status));
        put_text(j, "failure", s->failure);
        put_int(j, "latencyMs", s->elapsed_ms);
        put_int(j, "ageSeconds", s->age_s);
        put_int(j, "quoteCount", s->quotes);
        json_array_append_new(list, j);
    }
    return list;
}

static json_t *analysis(const struct agreement *a)
{
    const struct decision *d = &a->offer.decision;
    json_t *j = json_object();
    put_text(j, "quality", market_quality(a->market, a->rates, a->rate_count));
    put_text(j, "vehicleCondition", market_condition_name(a->deal->request.condition));
    put_text(j, "creditTier", market_tier_name(a->deal->request.tier));
    if (d->bench != DECISION_NONE) {
        put_rate(j, "benchmarkRate", d->bench);
        put_rate(j, "medianRate", d->median);
        json_object_set_new(j, "benchmarkFromTable", json_boolean(d->bench_from_table));
    }
    put_int(j, "eligibleQuotes", d->eligible);
    put_int(j, "droppedQuotes", d->dropped);
    if (a->offer.has_cell) {
        const struct market_row *row = a->offer.cell.row;
        put_rate(j, "tableRate", a->offer.cell.ppm);
        put_text(j, "tableSource", row->publisher);
        put_text(j, "tableAsOf", row->as_of);
        put_text(j, "tableUrl", row->url);
        json_object_set_new(j, "tableStale", json_boolean(a->offer.cell.stale));
    }
    put_text(j, "snapshotId", a->snapshot);
    json_object_set_new(j, "quotes", quotes_of(a));
    json_object_set_new(j, "providers", providers_of(a));
    return j;
}

static const char *alternative_label(const struct offer *o)
{
    static const char *const labels[][2] = {
        { "least_down_payment", "The least down payment that keeps the payment limit" },
        { "shortest_term", "The shortest term that keeps the payment limit" },
        { "shorter_term", "One year shorter: higher payments, less interest" },
        { "longer_term", "One year longer: lower payments, more interest" },
        { "more_down", "A tenth of the price more paid down" },
        { "biweekly", "A payment every two weeks" },
        { "monthly", "A payment every month" },
        { "balloon", "35 % of the price left to the last payment" },
        { "no_balloon", "Repaid in equal payments, without a balloon" },
    };
    for (size_t i = 0; i < sizeof labels / sizeof *labels; i++)
        if (!strcmp(o->kind, labels[i][0]))
            return labels[i][1];
    return o->kind;
}

static json_t *alternatives_of(const struct agreement *a)
{
    const struct money_currency *c = &a->deal->currency;
    json_t *list = json_array();
    for (int i = 0; i < a->alternative_count; i++) {
        const struct offer *o = &a->alternatives[i];
        json_t *j = json_object();
        put_text(j, "kind", o->kind);
        put_text(j, "label", alternative_label(o));
        put_offer(j, o, c);
        put_money(j, "monthlyDifference", o->monthly - a->offer.monthly, c);
        put_money(j, "chargeDifference", o->finance_charge - a->offer.finance_charge, c);
        json_array_append_new(list, j);
    }
    return list;
}

static void put_message(json_t *j, const struct agreement *a)
{
    char sentence[SENTENCE], text[2 * NAME + 2 * SENTENCE];
    const char *competitive =
        a->offer.decision.competitive == DECISION_BEATS     ? " The rate beats the best competing rate we found."
        : a->offer.decision.competitive == DECISION_MATCHES ? " The rate equals the best competing rate we found."
        : a->offer.decision.competitive == DECISION_ABOVE   ? " A competing rate is lower; see the rationale."
                                                            : "";
    answer_sentence(&a->offer, &a->deal->currency, sentence);
    text_fmt(text, sizeof text, "%s for %s: %s.%s", a->vehicle.name, a->customer_name, sentence, competitive);
    put_text(j, "agentMessage", text);
}

bool answer_set_document(json_t *reply, const struct document *d)
{
    json_t *j = json_object();
    put_text(j, "documentStatus", d->status);
    put_text(j, "contentVersionId", d->content_version);
    put_text(j, "title", d->title);
    put_text(j, "sha256", d->sha256);
    if (d->bytes)
        put_int(j, "sizeBytes", (int64_t)d->bytes);
    put_text(j, "kind", d->kind);
    put_text(j, "kindReason", d->kind_reason);
    put_text(j, "failureCode", d->failure_code);
    put_text(j, "failure", d->failure);
    put_text(reply, "documentStatus", d->status);
    put_text(reply, "contentVersionId", d->content_version);
    return json_object_set_new(reply, "document", j) == 0;
}

static json_t *texts(const char *first, size_t stride, int n)
{
    json_t *list = json_array();
    for (int i = 0; i < n; i++)
        json_array_append_new(list, json_string(first + (size_t)i * stride));
    return list;
}

json_t *answer_build(const struct agreement *a, bool with_schedule)
{
    char at[32];
    const struct decision *d = &a->offer.decision;
    json_t *j = json_object();
    put_text(j, "agreementNumber", a->number);
    put_text(j, "calculatedAt", agreement_time(a->at, at));
    put_text(j, "customerId", a->customer_id);
    put_text(j, "vehicleId", a->vehicle.id);
    put_text(j, "customerName", a->customer_name);
    put_text(j, "vehicleName", a->vehicle.name);
    put_text(j, "currencyCode", a->deal->currency.code);
    json_object_set_new(j, "recommendedFinanceOffer", recommended(a));
    put_money(j, "finalCarPrice", a->offer.build.agreed, &a->deal->currency);
    put_offer(j, &a->offer, &a->deal->currency);
    put_text(j, "rateBinding", decision_binding_name(d->binding));
    put_text(j, "competitive", decision_competitive_name(d->competitive));
    if (d->bench != DECISION_NONE)
        put_rate(j, "benchmarkRate", d->bench);
    if (a->deal->payment_limit)
        json_object_set_new(j, "withinPaymentLimit", json_boolean(a->offer.monthly <= a->deal->payment_limit));
    json_object_set_new(j, "priceBuildUp", build_up(a));
    json_object_set_new(j, "rationale", texts(a->rationale[0], sizeof a->rationale[0], a->rationale_count));
    json_object_set_new(j, "warnings", texts(a->warnings.v[0], sizeof a->warnings.v[0], a->warnings.n));
    json_object_set_new(j, "marketAnalysis", analysis(a));
    json_object_set_new(j, "alternatives", alternatives_of(a));
    if (with_schedule)
        json_object_set_new(j, "schedule", schedule_of(a));
    put_message(j, a);
    if (!answer_set_document(j, &a->document)) {
        json_decref(j);
        return NULL;
    }
    return j;
}
