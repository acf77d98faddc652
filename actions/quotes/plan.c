/* plan.c - which Opportunities: those of a list, or those that meet a condition, by pages of ids. */
#include <string.h>

#include "actions/quotes/job.h"
#include "actions/quotes/org.h"

/* What one plan step lists of a condition: one page of the org's. Kept in step with the LIMIT of the queries below. */
enum { PLAN_IDS = 2000 };

/* Every id once, in its long form; two forms of one id are one Opportunity. */
static enum act_step plan_list(struct act_call *call, const json_t *list)
{
    json_t *seen = act_own(call, json_object());
    const json_t *one;
    size_t i;
    char id[SF_ID_SIZE];
    json_array_foreach (list, i, one) {
        if (!sf_id_check(json_string_value(one), id) || json_object_get(seen, id))
            continue;
        json_object_set_new(seen, id, json_true());
        act_plan_item(call, json_string(id));
    }
    act_plan_total(call, (int64_t)json_object_size(seen));
    return ACT_STEP_DONE;
}

static bool count_all(struct act_call *call, const char *condition, struct sf_error *err)
{
    struct sf_rows *rows;
    if (!sf_query(act_org(call), &rows, err, "SELECT COUNT() FROM Opportunity WHERE ?", sf_condition(condition)))
        return false;
    act_plan_total(call, sf_total(rows));
    return true;
}

static bool ask(struct act_call *call, const char *condition, const char *after, struct sf_rows **rows,
                struct sf_error *err)
{
    struct sf_org *org = act_org(call);
    if (!after)
        return sf_query(org, rows, err, "SELECT Id FROM Opportunity WHERE ? ORDER BY Id LIMIT 2000",
                        sf_condition(condition));
    return sf_query(org, rows, err, "SELECT Id FROM Opportunity WHERE ? AND Id > ? ORDER BY Id LIMIT 2000",
                    sf_condition(condition), sf_id(after));
}

/* The ids behind `after`, and where to go on. Records that come or go meanwhile move nothing: ids do not change. */
static enum act_step plan_condition(struct act_call *call, const char *condition, const char *after)
{
    struct sf_error err;
    struct sf_rows *rows;
    const json_t *row;
    char id[SF_ID_SIZE] = "";
    int listed = 0;
    if ((!after && !count_all(call, condition, &err)) || !ask(call, condition, after, &rows, &err))
        return act_step_org_failed(call, &err);
    while ((row = sf_next(rows, &err))) {
        if (!sf_id_check(sf_get_text(row, "Id"), id))
            return act_job_failed(call, "unexpected_org_data", "The org answered an Opportunity without an id.");
        act_plan_item(call, json_string(id));
        listed++;
    }
    if (err.code[0])
        return act_step_org_failed(call, &err);
    if (listed == PLAN_IDS)
        act_plan_more(call, json_string(id));
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
        return plan_list(call, list);
    return plan_condition(call, json_string_value(json_object_get(input, "condition")), json_string_value(cursor));
}
