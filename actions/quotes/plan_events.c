/*
 * plan_events.c - which Opportunities of those that change events have named. An event is old when it is read here, so
 * what it says is compared with what the org says now.
 */
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "actions/quotes/job.h"

#define QUOTES_STAGE "Proposal/Price Quote"

enum { CHECK_IDS = 200, TIME_SIZE = 24 };

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

/* Whether the Opportunity stood in its stage at that time. One whose stage never changed always has. */
static bool stood(const json_t *row, int64_t commit_ms)
{
    const char *changed = sf_get_text(row, "LastStageChangeDate");
    char commit[TIME_SIZE];
    return !changed || !commit_ms || !write_time(commit_ms, commit) || strncmp(changed, commit, TIME_SIZE - 1) <= 0;
}

/*
 * Of Opportunities that changed otherwise, those that stand in the stage now, and stood there when they changed: who
 * came into it later is quoted by that event. A gap (commit_ms 0) does not say what changed, so that whoever stands
 * there is meant.
 */
static bool plan_standing(struct act_call *call, json_t *seen, const char *const *ids, size_t n, int64_t commit_ms,
                          struct sf_error *err)
{
    struct sf_rows *rows;
    const json_t *row;
    char id[SF_ID_SIZE];
    bool ok = sf_query(act_org(call), &rows, err,
                       "SELECT Id, LastStageChangeDate FROM Opportunity WHERE Id IN ? AND StageName = ?",
                       sf_ids(ids, n), sf_text(QUOTES_STAGE));
    while (ok && (row = sf_next(rows, err)))
        if (stood(row, commit_ms) && sf_id_check(sf_get_text(row, "Id"), id))
            plan_once(call, seen, id);
    return ok && !err->code[0];
}

/* By blocks, as all ids of a transaction do not fit one query. */
static bool plan_record(struct act_call *call, json_t *seen, const json_t *record, struct sf_error *err)
{
    const json_t *list = json_object_get(record, "ids");
    const char *rule = json_string_value(json_object_get(record, "rule"));
    bool priced = rule && strcmp(rule, "price") == 0;
    int64_t commit_ms = priced ? json_integer_value(json_object_get(record, "commitMs")) : 0;
    const char *ids[CHECK_IDS];
    size_t n = 0;
    for (size_t i = 0; i < json_array_size(list); i++) {
        const char *id = json_string_value(json_array_get(list, i));
        if (!id || json_object_get(seen, id))
            continue;
        ids[n++] = id;
        if (n < CHECK_IDS)
            continue;
        if (!plan_standing(call, seen, ids, n, commit_ms, err))
            return false;
        n = 0;
    }
    return n == 0 || plan_standing(call, seen, ids, n, commit_ms, err);
}

enum act_step quotes_plan_events(struct act_call *call, const json_t *records)
{
    json_t *seen = act_own(call, json_object());
    const json_t *record, *one;
    struct sf_error err;
    size_t i, k;
    char id[SF_ID_SIZE];
    json_array_foreach (records, i, record)
        json_array_foreach (is_told(record) ? json_object_get(record, "ids") : NULL, k, one)
            if (sf_id_check(json_string_value(one), id))
                plan_once(call, seen, id);
    json_array_foreach (records, i, record)
        if (!is_told(record) && !plan_record(call, seen, record, &err))
            return act_step_org_failed(call, &err);
    act_plan_total(call, (int64_t)json_object_size(seen));
    return ACT_STEP_DONE;
}
