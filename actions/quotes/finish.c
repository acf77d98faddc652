/*
 * finish.c - what came of all pages, in one small object. Of quotes that were made the org itself is asked, by the key
 * that they share; of a dry run the prices are made once more.
 */
#include <stdio.h>
#include <string.h>

#include "actions/quotes/job.h"
#include "actions/quotes/org.h"
#include "actions/quotes/records.h"
#include "actions/quotes/sums.h"

enum { DRY_MAX = 2000, DRY_BLOCK = 200 };

struct ending {
    struct act_call *call;
    struct quote_org org;
    struct quote_sums sums;
    int64_t lines;
    json_t *warnings;
    struct sf_error err;
    struct job_terms terms;
};

static void warn(struct ending *e, const char *text)
{
    json_array_append_new(e->warnings, json_string(text));
}

/* ---- of quotes that were made ---- */

/* One group of an aggregate query: the sum that it belongs to, its count, and its amount. */
static struct quote_sum *group_of(struct ending *e, const json_t *row, int64_t *count, int64_t *amount, bool *known)
{
    const char *code = e->org.currencies ? sf_get_text(row, "code") : e->org.currency;
    struct quote_sum *sum = code ? quote_sum_of(&e->sums, code) : NULL;
    *count = (int64_t)json_integer_value(sf_get(row, "n"));
    *amount = 0;
    *known = sum && (!sf_get(row, "amount") || amount_read(sf_get(row, "amount"), amount_exponent(code), amount));
    return sum;
}

enum { QUOTES, LINES, ASKS, ASK_MS = 60000 };

static void take_quotes(struct ending *e, const json_t *rows)
{
    int64_t count, amount;
    bool known;
    size_t i;
    json_t *row;
    json_array_foreach (rows, i, row) {
        struct quote_sum *sum = group_of(e, row, &count, &amount, &known);
        if (!sum)
            continue;
        sum->quotes += count;
        sum->total = amount;
        sum->broken = !known;
    }
}

static void take_lines(struct ending *e, const json_t *rows)
{
    int64_t count, amount;
    bool known;
    size_t i;
    json_t *row;
    json_array_foreach (rows, i, row) {
        struct quote_sum *sum = group_of(e, row, &count, &amount, &known);
        e->lines += count;
        if (sum && known)
            sum->lines = amount;
    }
}

/* Both sums at once: an org takes its time for each. */
static bool sum_up(struct ending *e, const char *keys)
{
    static const char *const one[] = {
        [QUOTES] = "SELECT COUNT(Id) n, SUM(GrandTotal) amount FROM Quote WHERE AppLinkKey__c LIKE ?",
        [LINES] = "SELECT COUNT(Id) n, SUM(TotalPrice) amount FROM QuoteLineItem WHERE AppLinkKey__c LIKE ?"
    };
    static const char *const each[] = {
        [QUOTES] = "SELECT CurrencyIsoCode code, COUNT(Id) n, SUM(GrandTotal) amount FROM Quote WHERE AppLinkKey__c "
                   "LIKE ? GROUP BY CurrencyIsoCode",
        [LINES] = "SELECT CurrencyIsoCode code, COUNT(Id) n, SUM(TotalPrice) amount FROM QuoteLineItem WHERE "
                  "AppLinkKey__c LIKE ? GROUP BY CurrencyIsoCode"
    };
    struct sf_bind bind = sf_text(keys);
    struct sf_ask asks[ASKS] = { { .org = NULL } };
    for (int i = 0; i < ASKS; i++) {
        asks[i].org = act_org(e->call);
        asks[i].soql = e->org.currencies ? each[i] : one[i];
        asks[i].binds = &bind;
        asks[i].count = 1;
    }
    sf_ask_all(e->call, asks, ASKS, ASK_MS);
    for (int i = ASKS - 1; i >= 0; i--)
        if (asks[i].err.code[0])
            e->err = asks[i].err;
    if (e->err.code[0])
        return false;
    take_quotes(e, json_object_get(asks[QUOTES].answer, "records"));
    take_lines(e, json_object_get(asks[LINES].answer, "records"));
    return true;
}

static void warn_of_differences(struct ending *e)
{
    char text[200], amount[AMOUNT_TEXT_SIZE];
    for (size_t i = 0; i < e->sums.n; i++) {
        const struct quote_sum *sum = &e->sums.of[i];
        int64_t ours;
        bool told = quote_sums_told(e->call, sum->currency, sum->quotes, &ours);
        int64_t differ = sum->total - (told ? ours : sum->lines);
        if (sum->broken || differ == 0)
            continue;
        snprintf(text, sizeof text,
                 "The grand totals differ from %s by %s: the org adds tax or shipping, or changes quotes by itself.",
                 told ? "what the rules say" : "the sum of the lines",
                 amount_text(differ, amount_exponent(sum->currency), sum->currency, amount));
        warn(e, text);
    }
}

/* False: the org may answer later. What it will never answer is left out, and said. */
static bool look_at_quotes(struct ending *e)
{
    char keys[QUOTE_KEY_SIZE];
    quote_key(act_job_key(e->call), "%", keys);
    if (sum_up(e, keys)) {
        warn_of_differences(e);
        return true;
    }
    if (e->err.retryable || e->err.status == 0 || e->err.status == 401 || e->err.status >= 429)
        return false;
    e->sums.n = 0;
    warn(e, "The org does not sum up the quotes of this job for this user; look them up by AppLinkKey__c.");
    return true;
}

/* ---- of a dry run ---- */

static bool add_deals(struct ending *e, const char *const *ids, size_t n)
{
    struct deal *deals = act_alloc(e->call, n * sizeof *deals);
    if (!quote_deals_read(e->call, &e->org, ids, n, deals, &e->err))
        return false;
    for (size_t i = 0; i < n; i++) {
        struct deal *d = &deals[i];
        deal_price(d, e->terms.rules, e->terms.day);
        struct quote_sum *sum = d->problem.code ? NULL : quote_sum_of(&e->sums, d->currency);
        if (!sum)
            continue;
        sum->quotes++;
        e->lines += (int64_t)d->lines_n;
        sum->broken = sum->broken || !amount_add(&sum->total, d->total);
    }
    return true;
}

/* The ids of the job anew, at most DRY_MAX. */
static bool list_ids(struct ending *e, const json_t *input, const char **ids, size_t *n)
{
    const json_t *list = json_object_get(input, "opportunityIds"), *row;
    struct sf_rows *rows;
    char(*texts)[SF_ID_SIZE] = act_alloc(e->call, DRY_MAX * sizeof *texts);
    *n = 0;
    json_t *seen = act_own(e->call, json_object());
    for (size_t i = 0; i < json_array_size(list) && i < DRY_MAX; i++)
        if (sf_id_check(json_string_value(json_array_get(list, i)), texts[*n]) && !json_object_get(seen, texts[*n]))
            json_object_set_new(seen, texts[(*n)++], json_true());
    if (!list) {
        if (!sf_query(act_org(e->call), &rows, &e->err, "SELECT Id FROM Opportunity WHERE ? ORDER BY Id LIMIT 2000",
                      sf_condition(json_string_value(json_object_get(input, "condition")))))
            return false;
        while ((row = sf_next(rows, &e->err)) && *n < DRY_MAX)
            if (sf_id_check(sf_get_text(row, "Id"), texts[*n]))
                (*n)++;
        if (e->err.code[0])
            return false;
    }
    for (size_t i = 0; i < *n; i++)
        ids[i] = texts[i];
    return true;
}

static bool price_again(struct ending *e, const json_t *input)
{
    const char **ids = act_alloc(e->call, DRY_MAX * sizeof *ids);
    size_t n;
    if (act_job_counts(e->call).total > DRY_MAX) {
        warn(e, "A dry run of more than 2,000 Opportunities has no totals; its failed rows are complete.");
        return true;
    }
    if (!list_ids(e, input, ids, &n))
        return false;
    if ((int64_t)n != act_job_counts(e->call).total) {
        warn(e,
             "The Opportunities are no longer those that were checked, or several starts became this job: there are no "
             "totals.");
        return true;
    }
    for (size_t from = 0; from < n; from += DRY_BLOCK)
        if (!add_deals(e, ids + from, n - from < DRY_BLOCK ? n - from : DRY_BLOCK))
            return false;
    return true;
}

/* ---- the answer ---- */

static json_t *answer(struct ending *e, bool dry)
{
    struct act_job_counts counts = act_job_counts(e->call);
    int64_t quotes = 0;
    for (size_t i = 0; i < e->sums.n; i++)
        quotes += e->sums.of[i].quotes;
    return json_pack("{s:I, s:I, s:I, s:I, s:b, s:s, s:o, s:O}", "opportunities", (json_int_t)counts.total, "failed",
                     (json_int_t)counts.failed, "quotes", (json_int_t)(dry ? 0 : quotes), "lines",
                     (json_int_t)(dry ? 0 : e->lines), "dryRun", dry, "rules", e->terms.rules->name, "grandTotals",
                     quote_sums_json(&e->sums), "warnings", e->warnings);
}

/* Of a job that events have started: its Quotes are those that its pages have done. Several such jobs may share the key
 * of one transaction, and each request would be one more of the org's day, so the org is not asked for sums. */
static json_t *answer_events(struct ending *e)
{
    struct act_job_counts counts = act_job_counts(e->call);
    if (counts.total > 0)
        warn(e, "Lines and totals are not summed up for a change in Salesforce; the Quotes have them.");
    return json_pack("{s:I, s:I, s:I, s:i, s:b, s:s, s:[], s:O}", "opportunities", (json_int_t)counts.total, "failed",
                     (json_int_t)counts.failed, "quotes", (json_int_t)counts.done, "lines", 0, "dryRun", false, "rules",
                     e->terms.rules->name, "grandTotals", "warnings", e->warnings);
}

enum act_step quotes_finish(struct act_call *call, const json_t *input, json_t **out)
{
    bool dry = json_is_true(json_object_get(input, "dryRun"));
    struct ending *e = act_alloc(call, sizeof *e);
    struct deal_problem why = { NULL, "" };
    e->call = call;
    e->warnings = act_own(call, json_array());
    if (!job_terms_read(call, &e->terms))
        return ACT_STEP_ENDED;
    if (act_job_event(call)) {
        *out = answer_events(e);
        job_terms_tell(call, &e->terms, *out, e->warnings);
        return ACT_STEP_DONE;
    }
    if (act_job_counts(call).total > 0) {
        enum quote_org_state state = quote_org_read(call, &e->org, &why, &e->err);
        if (state == QUOTE_ORG_UNFIT)
            warn(e, why.message);
        else if (state == QUOTE_ORG_AWAY || !(dry ? price_again(e, input) : look_at_quotes(e)))
            return act_step_org_failed(call, &e->err);
    }
    *out = answer(e, dry);
    job_terms_tell(call, &e->terms, *out, e->warnings);
    return ACT_STEP_DONE;
}
