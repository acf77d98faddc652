/* plan.c - which Opportunities: those of a list, or those that meet a condition, by pages of ids. */
#include <string.h>

#include "actions/quotes/bulk.h"
#include "actions/quotes/job.h"
#include "actions/quotes/org.h"

/* What one plan step lists of a condition: one page of the org's, or one page of the job that is written in bulk. */
enum { PLAN_IDS = 2000 };

/* Every id once, in its long form; two forms of one id are one Opportunity. */
static enum act_step plan_list(struct act_call *call, const json_t *input, const json_t *list)
{
    json_t *seen = act_own(call, json_object());
    const json_t *one;
    size_t i;
    char id[SF_ID_SIZE];
    if (quotes_in_bulk(call, input, (int64_t)json_array_size(list)))
        act_plan_page_items(call, QUOTES_BULK_PAGE);
    json_array_foreach (list, i, one) {
        if (!sf_id_check(json_string_value(one), id) || json_object_get(seen, id))
            continue;
        json_object_set_new(seen, id, json_true());
        act_plan_item(call, json_string(id));
    }
    act_plan_total(call, (int64_t)json_object_size(seen));
    return ACT_STEP_DONE;
}

/* The first page says how many there are in all; the org need not count them apart. */
static bool ask(struct act_call *call, const char *condition, const char *after, int most, struct sf_rows **rows,
                struct sf_error *err)
{
    struct sf_org *org = act_org(call);
    if (!after)
        return sf_query(org, rows, err, "SELECT Id FROM Opportunity WHERE ? ORDER BY Id", sf_condition(condition));
    return sf_query(org, rows, err, "SELECT Id FROM Opportunity WHERE ? AND Id > ? ORDER BY Id LIMIT ?",
                    sf_condition(condition), sf_id(after), sf_int(most));
}

/* The ids behind the cursor, and where to go on. Records that come or go meanwhile move nothing: ids do not change. */
static enum act_step plan_condition(struct act_call *call, const json_t *input, const json_t *cursor)
{
    const char *condition = json_string_value(json_object_get(input, "condition"));
    const char *bulk_after = json_string_value(json_object_get(cursor, "bulk"));
    const char *after = bulk_after ? bulk_after : json_string_value(cursor);
    bool bulk = bulk_after != NULL;
    struct sf_error err;
    struct sf_rows *rows;
    const json_t *row;
    char id[SF_ID_SIZE] = "";
    int listed = 0;
    if (!ask(call, condition, after, bulk ? QUOTES_BULK_PAGE : PLAN_IDS, &rows, &err))
        return act_step_org_failed(call, &err);
    if (!after) {
        act_plan_total(call, sf_total(rows));
        bulk = quotes_in_bulk(call, input, sf_total(rows));
    }
    if (bulk)
        act_plan_page_items(call, QUOTES_BULK_PAGE);
    const int most = bulk ? QUOTES_BULK_PAGE : PLAN_IDS;
    while (listed < most && (row = sf_next(rows, &err))) {
        if (!sf_id_check(sf_get_text(row, "Id"), id))
            return act_job_failed(call, "unexpected_org_data", "The org answered an Opportunity without an id.");
        act_plan_item(call, json_string(id));
        listed++;
    }
    if (err.code[0])
        return act_step_org_failed(call, &err);
    if (listed == most)
        act_plan_more(call, bulk ? json_pack("{s:s}", "bulk", id) : json_string(id));
    return ACT_STEP_DONE;
}

enum act_step quotes_plan(struct act_call *call, const json_t *input, const json_t *cursor)
{
    const json_t *list = json_object_get(input, "opportunityIds");
    struct quote_org org;
    struct deal_problem why = { NULL, "" };
    struct sf_error err;
    /* what stands in the way of every quote is told before the first page is made */
    switch (cursor ? QUOTE_ORG_READY : quote_org_read(call, &org, &why, &err)) {
    case QUOTE_ORG_AWAY:
        return act_step_org_failed(call, &err);
    case QUOTE_ORG_UNFIT:
        return act_job_failed(call, why.code, "%s", why.message);
    case QUOTE_ORG_READY:
        break;
    }
    if (list && act_job_event(call))
        return quotes_plan_events(call, json_object_get(act_job_event(call), "records"));
    if (list)
        return plan_list(call, input, list);
    return plan_condition(call, input, cursor);
}
