/*
 * plan_events.c - which Opportunities of those that change events have named. An event is old when it is read here, so
 * what it says is compared with what the org says now.
 */
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "actions/quotes/job.h"
#include "actions/quotes/org.h"

#define QUOTES_STAGE "Proposal/Price Quote"

enum { CHECK_IDS = 200, TIME_SIZE = 24, UNSURE_S = 2 };

struct planning {
    json_t *seen;   /* ids that are planned */
    json_t *unsure; /* ids of which the org cannot say whether they stood in the stage */
};

/* Whether a record of an event is to be quoted by the event alone: it says that the stage was reached. */
static bool is_told(const json_t *record)
{
    const char *rule = json_string_value(json_object_get(record, "rule"));
    return rule && strcmp(rule, "stage") == 0;
}

static void plan_once(struct act_call *call, json_t *seen, const char *id)
{
    if (json_object_get(seen, id))
        return;
    json_object_set_new(seen, id, json_true());
    act_plan_item(call, json_string(id));
}

/* "2026-11-28T10:00:00.250", as an org writes it, so that it can be compared as text. */
static bool write_time(int64_t ms, char out[TIME_SIZE])
{
    const time_t seconds = (time_t)(ms / 1000);
    struct tm t;
    char whole[TIME_SIZE];
    if (!gmtime_r(&seconds, &t) || strftime(whole, sizeof whole, "%Y-%m-%dT%H:%M:%S", &t) == 0)
        return false;
    int n = snprintf(out, TIME_SIZE, "%.19s.%03d", whole, (int)(ms % 1000));
    return n > 0 && n < TIME_SIZE;
}

enum stood { STOOD_NOT, STOOD, STOOD_UNSURE };

/*
 * Whether the Opportunity stood in its stage at that time. One whose stage never changed always has. An org keeps whole
 * seconds: of two changes within one, nobody can say which was first.
 */
static enum stood stood(const json_t *row, int64_t commit_ms)
{
    enum { SECOND = 19 };
    const char *changed = sf_get_text(row, "LastStageChangeDate");
    char commit[TIME_SIZE];
    if (!changed || !commit_ms || !write_time(commit_ms, commit))
        return STOOD;
    if (strncmp(changed, commit, TIME_SIZE - 1) > 0)
        return STOOD_NOT;
    bool same_second = strncmp(changed, commit, SECOND) == 0, whole = strncmp(changed + SECOND, ".000", 4) == 0;
    return same_second && whole && commit_ms % 1000 != 0 ? STOOD_UNSURE : STOOD;
}

/*
 * Of Opportunities that changed otherwise, those that stand in the stage now, and stood there when they changed: who
 * came into it later is quoted by that event. A gap (commit_ms 0) does not say what changed, so that whoever stands
 * there is meant.
 */
static bool plan_standing(struct act_call *call, struct planning *p, const char *const *ids, size_t n,
                          int64_t commit_ms, struct sf_error *err)
{
    struct sf_rows *rows;
    const json_t *row;
    char id[SF_ID_SIZE];
    bool ok = sf_query(act_org(call), &rows, err,
                       "SELECT Id, LastStageChangeDate FROM Opportunity WHERE Id IN ? AND StageName = ?",
                       sf_ids(ids, n), sf_text(QUOTES_STAGE));
    while (ok && (row = sf_next(rows, err)))
        if (sf_id_check(sf_get_text(row, "Id"), id)) {
            enum stood at = stood(row, commit_ms);
            if (at == STOOD)
                plan_once(call, p->seen, id);
            else if (at == STOOD_UNSURE)
                json_array_append_new(p->unsure, json_string(id));
        }
    return ok && !err->code[0];
}

/* By blocks, as all ids of a transaction do not fit one query. */
static bool plan_record(struct act_call *call, struct planning *p, const json_t *record, struct sf_error *err)
{
    const json_t *list = json_object_get(record, "ids");
    const char *rule = json_string_value(json_object_get(record, "rule"));
    bool priced = rule && strcmp(rule, "price") == 0;
    int64_t commit_ms = priced ? json_integer_value(json_object_get(record, "commitMs")) : 0;
    const char *ids[CHECK_IDS];
    size_t n = 0;
    for (size_t i = 0; i < json_array_size(list); i++) {
        const char *id = json_string_value(json_array_get(list, i));
        if (!id || json_object_get(p->seen, id))
            continue;
        ids[n++] = id;
        if (n < CHECK_IDS)
            continue;
        if (!plan_standing(call, p, ids, n, commit_ms, err))
            return false;
        n = 0;
    }
    return n == 0 || plan_standing(call, p, ids, n, commit_ms, err);
}

enum act_step quotes_plan_events(struct act_call *call, const json_t *records)
{
    struct planning p = { act_own(call, json_object()), act_own(call, json_array()) };
    const json_t *record, *one;
    struct sf_error err;
    size_t i, k;
    char id[SF_ID_SIZE];
    json_array_foreach (records, i, record)
        json_array_foreach (is_told(record) ? json_object_get(record, "ids") : NULL, k, one)
            if (sf_id_check(json_string_value(one), id))
                plan_once(call, p.seen, id);
    json_array_foreach (records, i, record)
        if (!is_told(record) && !plan_record(call, &p, record, &err))
            return act_step_org_failed(call, &err);
    if (json_array_size(p.unsure) > 0)
        act_plan_more(call, json_incref(p.unsure));
    else
        act_plan_total(call, (int64_t)json_object_size(p.seen));
    return ACT_STEP_DONE;
}

/* ---- changes within the second in which the stage was reached ---- */

/* The newest Quotes of these Opportunities, by their ids. */
static bool newest_quotes(struct act_call *call, const char *const *ids, size_t n, json_t *quotes, struct sf_error *err)
{
    struct sf_rows *rows;
    const json_t *row;
    char id[SF_ID_SIZE];
    if (!sf_query(act_org(call), &rows, err,
                  "SELECT OpportunityId, GrandTotal FROM Quote WHERE OpportunityId IN ? AND AppLinkKey__c != NULL "
                  "ORDER BY CreatedDate DESC, Id DESC",
                  sf_ids(ids, n)))
        return false;
    while ((row = sf_next(rows, err)))
        if (sf_id_check(sf_get_text(row, "OpportunityId"), id) && !json_object_get(quotes, id))
            json_object_set_new(quotes, id, json_incref((json_t *)(uintptr_t)row));
    return !err->code[0];
}

/* Whether that Quote says what one would say that was made now. */
static bool is_right(const json_t *quote, const struct deal *d)
{
    int64_t total;
    return amount_read(sf_get(quote, "GrandTotal"), d->exponent, &total) && total == d->total;
}

static bool plan_outdated(struct act_call *call, struct quote_org *org, const json_t *list, size_t from,
                          struct sf_error *err)
{
    struct job_terms terms;
    const char *ids[CHECK_IDS];
    struct deal *deals = act_alloc(call, CHECK_IDS * sizeof *deals);
    json_t *quotes = act_own(call, json_object());
    size_t n = 0;
    for (; n < CHECK_IDS && from + n < json_array_size(list); n++)
        ids[n] = json_string_value(json_array_get(list, from + n));
    if (!job_terms_read(call, &terms))
        return true; /* the job has been failed */
    if (!newest_quotes(call, ids, n, quotes, err) || !quote_deals_read(call, org, ids, n, deals, err))
        return false;
    for (size_t i = 0; i < n; i++) {
        const json_t *quote = json_object_get(quotes, ids[i]);
        deal_price(&deals[i], terms.rules, terms.day);
        if (quote && !deals[i].problem.code && !is_right(quote, &deals[i]))
            act_plan_item(call, json_string(ids[i]));
    }
    return true;
}

/*
 * The stage makes a Quote of its own. A moment later it is looked at: when it has today's prices, the change was in
 * time for it; when it has not, another one is made. Where there is none yet, it will be made with what is true then.
 */
enum act_step quotes_plan_unsure(struct act_call *call, const json_t *ids)
{
    struct quote_org org;
    struct deal_problem why = { NULL, "" };
    struct sf_error err;
    if (!act_step_saved(call)) {
        json_t *waited = act_own(call, json_pack("{s:b}", "waited", 1));
        bool kept = act_step_save(call, waited);
        return act_step_again(call, kept ? UNSURE_S : 0, false, "It waits for the Quote of the stage.");
    }
    switch (quote_org_read(call, &org, &why, &err)) {
    case QUOTE_ORG_AWAY:
        return act_step_org_failed(call, &err);
    case QUOTE_ORG_UNFIT:
        return act_job_failed(call, why.code, "%s", why.message);
    case QUOTE_ORG_READY:
        break;
    }
    for (size_t from = 0; from < json_array_size(ids); from += CHECK_IDS)
        if (!plan_outdated(call, &org, ids, from, &err))
            return act_step_org_failed(call, &err);
    return ACT_STEP_DONE;
}
