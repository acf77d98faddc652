/* decision.c - outliers, bench, ceiling and the clamp; the words that explain them. */
#include "actions/finance_agreement/decision.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "actions/finance_agreement/money.h"

enum { OUTLIER_FROM = 5, OUTLIER_MADS = 3 };

static int by_value(const void *a, const void *b)
{
    int32_t x = *(const int32_t *)a, y = *(const int32_t *)b;
    return (x > y) - (x < y);
}

/* Inserts into an ascending set; a full set keeps its lowest values. */
static size_t insert(int32_t *set, size_t n, int32_t value)
{
    size_t at = n;
    while (at && set[at - 1] > value)
        at--;
    if ((at && set[at - 1] == value) || at == DECISION_QUOTES)
        return n;
    if (n == DECISION_QUOTES)
        n--;
    for (size_t i = n; i > at; i--)
        set[i] = set[i - 1];
    set[at] = value;
    return n + 1;
}

/* Twice the median of ascending values, so that it stays an integer. */
static int64_t median2(const int32_t *v, size_t n)
{
    return (int64_t)v[(n - 1) / 2] + v[n / 2];
}

/* Drops what lies beyond 3 MAD of the median; keeps the order. Returns how many are left. */
static size_t drop_outliers(int32_t *v, size_t n)
{
    int32_t deviation2[DECISION_QUOTES];
    if (n < OUTLIER_FROM)
        return n;
    int64_t middle2 = median2(v, n);
    for (size_t i = 0; i < n; i++)
        deviation2[i] = (int32_t)llabs(2 * (int64_t)v[i] - middle2);
    qsort(deviation2, n, sizeof *deviation2, by_value);
    int64_t mad4 = median2(deviation2, n); /* four times the MAD */
    size_t kept = 0;
    for (size_t i = 0; i < n; i++)
        if (2 * llabs(2 * (int64_t)v[i] - middle2) <= OUTLIER_MADS * mad4)
            v[kept++] = v[i];
    return kept;
}

static int32_t floor_to_grid(int32_t value, int32_t grid)
{
    int32_t rest = grid > 1 ? value % grid : 0;
    return value - (rest < 0 ? rest + grid : rest);
}

static void lower_ceiling(struct decision *d, int32_t limit, enum decision_binding binding)
{
    if (limit < d->ceiling) {
        d->ceiling = limit;
        d->ceiling_binding = binding;
    }
}

static void set_ceiling(struct decision *d, const struct decision_policy *policy, int32_t customer_max)
{
    d->ceiling = customer_max;
    d->ceiling_binding = DECISION_CUSTOMER_MAX;
    if (policy->legal_cap != DECISION_NONE)
        lower_ceiling(d, policy->legal_cap, DECISION_LEGAL_CAP);
    if (policy->markup_cap != DECISION_NONE)
        lower_ceiling(d, policy->buy + policy->markup_cap, DECISION_MARKUP_CAP);
}

static void set_bench(struct decision *d, const int32_t *quotes, size_t count, int32_t table)
{
    int32_t set[DECISION_QUOTES];
    size_t n = 0;
    for (size_t i = 0; i < count; i++)
        if (quotes[i] >= 0)
            n = insert(set, n, quotes[i]);
    size_t kept = drop_outliers(set, n);
    d->eligible = (int)kept;
    d->dropped = (int)(n - kept);
    d->bench = d->median = DECISION_NONE;
    if (kept) {
        d->bench = set[0];
        d->median = (int32_t)(median2(set, kept) / 2);
    } else if (table >= 0) {
        d->bench = d->median = table;
        d->bench_from_table = 1;
    }
}

struct decision decision_make(const struct decision_policy *policy, int32_t customer_max, const int32_t *quotes,
                              size_t count, int32_t table)
{
    struct decision d = { .outcome = DECISION_RATE, .target = policy->list, .binding = DECISION_LIST };
    d.floor = policy->buy + policy->margin;
    if (d.floor < policy->policy_floor)
        d.floor = policy->policy_floor;
    set_bench(&d, quotes, count, table);
    if (d.bench != DECISION_NONE) {
        int32_t aim = floor_to_grid(d.bench - policy->undercut, policy->grid);
        if (aim < d.target) {
            d.target = aim;
            d.binding = DECISION_BEAT_COMPETITOR;
        }
    }
    set_ceiling(&d, policy, customer_max);
    if (d.floor > d.ceiling) {
        d.outcome = d.ceiling == policy->legal_cap ? DECISION_USURY_CAP : DECISION_BELOW_FLOOR;
        return d;
    }
    d.rate = d.target;
    if (d.target < d.floor) {
        d.rate = d.floor;
        d.binding = DECISION_FLOOR;
    } else if (d.target > d.ceiling) {
        d.rate = d.ceiling;
        d.binding = d.ceiling_binding;
    }
    if (d.bench != DECISION_NONE)
        d.competitive = d.rate < d.bench ? DECISION_BEATS : d.rate == d.bench ? DECISION_MATCHES : DECISION_ABOVE;
    return d;
}

const char *decision_binding_name(enum decision_binding binding)
{
    static const char *const names[] = {
        "LIST", "BEAT_COMPETITOR", "FLOOR", "CUSTOMER_MAX", "LEGAL_CAP", "MARKUP_CAP"
    };
    return names[binding];
}

const char *decision_competitive_name(enum decision_competitive competitive)
{
    static const char *const names[] = { NULL, "beats", "matches", "above" };
    return names[competitive];
}

const char *decision_outcome_code(enum decision_outcome outcome)
{
    static const char *const codes[] = { NULL, "rate_below_floor", "usury_cap" };
    return codes[outcome];
}

static const char *ceiling_words(enum decision_binding binding)
{
    return binding == DECISION_LEGAL_CAP    ? "the legal cap"
           : binding == DECISION_MARKUP_CAP ? "our cost of funds plus the largest permitted markup"
                                            : "the customer's own maximum";
}

static void explain_market(const struct decision *d, char *out)
{
    char bench[MONEY_RATE_SIZE], median[MONEY_RATE_SIZE];
    money_rate_text(d->bench, bench);
    money_rate_text(d->median, median);
    if (d->bench == DECISION_NONE)
        snprintf(out, DECISION_SENTENCE,
                 "No competing rate was available for this term, so the market did not move the rate.");
    else if (d->bench_from_table)
        snprintf(out, DECISION_SENTENCE,
                 "No live quote was eligible; the published average of %s stands in as the benchmark.", bench);
    else if (d->dropped)
        snprintf(out, DECISION_SENTENCE,
                 "The best of %d eligible competing rates is %s (median %s); %d far from the others did not count.",
                 d->eligible, bench, median, d->dropped);
    else if (d->eligible == 1)
        snprintf(out, DECISION_SENTENCE, "One competing rate is eligible: %s.", bench);
    else
        snprintf(out, DECISION_SENTENCE, "The best of %d eligible competing rates is %s (median %s).", d->eligible,
                 bench, median);
}

static void explain_target(const struct decision *d, const struct decision_policy *policy, char *out)
{
    char list[MONEY_RATE_SIZE], target[MONEY_RATE_SIZE], undercut[MONEY_RATE_SIZE];
    money_rate_text(policy->list, list);
    money_rate_text(d->target < 0 ? 0 : d->target, target);
    money_rate_text(policy->undercut, undercut);
    undercut[strlen(undercut) - 1] = '\0'; /* points, not percent of the rate */
    if (d->target < policy->list)
        snprintf(out, DECISION_SENTENCE, "To stay %s points below it, we aim at %s instead of our standard rate of %s.",
                 undercut, target, list);
    else if (d->bench == DECISION_NONE)
        snprintf(out, DECISION_SENTENCE, "We therefore start from our standard rate of %s.", list);
    else
        snprintf(out, DECISION_SENTENCE,
                 "Our standard rate of %s is already at least %s points below it, so it stands.", list, undercut);
}

static void explain_result(const struct decision *d, char *out)
{
    char rate[MONEY_RATE_SIZE], floor[MONEY_RATE_SIZE], ceiling[MONEY_RATE_SIZE];
    money_rate_text(d->rate, rate);
    money_rate_text(d->floor, floor);
    money_rate_text(d->ceiling, ceiling);
    if (d->outcome != DECISION_RATE)
        snprintf(out, DECISION_SENTENCE,
                 "Our lowest viable rate of %s is above %s, so no rate can be offered on these terms.", floor,
                 ceiling_words(d->ceiling_binding));
    else if (d->binding == DECISION_FLOOR)
        snprintf(out, DECISION_SENTENCE, "The aim is below our lowest viable rate, so the offer is %s.", rate);
    else if (d->binding == DECISION_LIST || d->binding == DECISION_BEAT_COMPETITOR)
        snprintf(out, DECISION_SENTENCE, "That lies between both limits, so the offer is %s.", rate);
    else
        snprintf(out, DECISION_SENTENCE, "The aim is above %s, so the offer is lowered to %s.",
                 ceiling_words(d->binding), rate);
}

static void explain_competitive(const struct decision *d, char *out)
{
    char rate[MONEY_RATE_SIZE], bench[MONEY_RATE_SIZE];
    money_rate_text(d->rate, rate);
    money_rate_text(d->bench, bench);
    if (d->competitive == DECISION_BEATS)
        snprintf(out, DECISION_SENTENCE, "The offer of %s beats the benchmark of %s.", rate, bench);
    else if (d->competitive == DECISION_MATCHES)
        snprintf(out, DECISION_SENTENCE, "The offer of %s equals the benchmark of %s.", rate, bench);
    else
        snprintf(out, DECISION_SENTENCE, "The offer of %s is above the benchmark of %s: a competitor is cheaper.", rate,
                 bench);
}

int decision_explain(const struct decision *d, const struct decision_policy *policy, int32_t customer_max,
                     char out[DECISION_STEPS][DECISION_SENTENCE])
{
    char floor[MONEY_RATE_SIZE], ceiling[MONEY_RATE_SIZE], max[MONEY_RATE_SIZE];
    int n = 0;
    explain_market(d, out[n++]);
    explain_target(d, policy, out[n++]);
    money_rate_text(d->floor, floor);
    money_rate_text(d->ceiling, ceiling);
    money_rate_text(customer_max, max);
    if (d->floor > 0)
        snprintf(out[n++], DECISION_SENTENCE, "The lowest rate that we can offer on these terms is %s.", floor);
    else
        snprintf(out[n++], DECISION_SENTENCE, "No lowest rate is set for these terms.");
    if (d->ceiling_binding == DECISION_CUSTOMER_MAX)
        snprintf(out[n++], DECISION_SENTENCE, "The highest rate allowed is %s, the customer's own maximum.", max);
    else
        snprintf(out[n++], DECISION_SENTENCE,
                 "The highest rate allowed is %s: %s is below the customer's maximum of %s.", ceiling,
                 ceiling_words(d->ceiling_binding), max);
    explain_result(d, out[n++]);
    if (d->outcome == DECISION_RATE && d->competitive != DECISION_NO_BENCHMARK)
        explain_competitive(d, out[n++]);
    return n;
}
