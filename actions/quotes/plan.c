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
    if (quotes_in_bulk(call, json_is_true(json_object_get(input, "dryRun")), (int64_t)json_array_size(list),
                       quotes_count_lines(call, list)))
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

/* Adds one id, in its long form, and keeps it as the last one. */
static bool add(struct act_call *call, const char *text, char id[SF_ID_SIZE])
{
    if (!sf_id_check(text, id))
        return false;
    act_plan_item(call, json_string(id));
    return true;
}

static enum act_step bad_row(struct act_call *call)
{
    return act_job_failed(call, "unexpected_org_data", "The org answered an Opportunity without an id.");
}

/*
 * The first look: a page of ids, which says how many there are in all, and at the same time how many lines they have.
 * In bulk the ids are listed anew, more of them at once.
 */
static enum act_step begin(struct act_call *call, const char *condition, bool dry)
{
    enum { IDS, LINES, ASKS, ASK_MS = 60000 };
    const struct sf_bind bind = sf_condition(condition);
    struct sf_ask asks[ASKS] = {
        [IDS] = { .soql = "SELECT Id FROM Opportunity WHERE ? ORDER BY Id" },
        [LINES] = { .soql = "SELECT COUNT() FROM OpportunityLineItem WHERE OpportunityId IN (SELECT Id FROM "
                            "Opportunity WHERE ?)" },
    };
    for (int i = 0; i < ASKS; i++) {
        asks[i].org = act_org(call);
        asks[i].binds = &bind;
        asks[i].count = 1;
    }
    sf_ask_all(call, asks, ASKS, ASK_MS);
    if (asks[IDS].err.code[0])
        return act_step_org_failed(call, &asks[IDS].err);
    const json_t *said = json_object_get(asks[LINES].answer, "totalSize"), *row;
    int64_t total = json_integer_value(json_object_get(asks[IDS].answer, "totalSize"));
    act_plan_total(call, total);
    if (quotes_in_bulk(call, dry, total, said ? json_integer_value(said) : -1)) {
        act_plan_more(call, json_pack("{s:s}", "bulk", ""));
        return ACT_STEP_DONE;
    }
    char id[SF_ID_SIZE] = "";
    size_t i;
    json_array_foreach (json_object_get(asks[IDS].answer, "records"), i, row)
        if (!add(call, sf_get_text(row, "Id"), id))
            return bad_row(call);
    if (!json_is_true(json_object_get(asks[IDS].answer, "done")))
        act_plan_more(call, json_string(id));
    return ACT_STEP_DONE;
}

/* The ids behind `after`, and where to go on. Records that come or go meanwhile move nothing: ids do not change. */
static enum act_step go_on(struct act_call *call, const char *condition, const char *after, bool bulk)
{
    const int most = bulk ? QUOTES_BULK_PAGE : PLAN_IDS;
    struct sf_org *org = act_org(call);
    struct sf_error err;
    struct sf_rows *rows;
    const json_t *row;
    char id[SF_ID_SIZE] = "";
    int listed = 0;
    bool ok = *after ? sf_query(org, &rows, &err, "SELECT Id FROM Opportunity WHERE ? AND Id > ? ORDER BY Id LIMIT ?",
                                sf_condition(condition), sf_id(after), sf_int(most))
                     : sf_query(org, &rows, &err, "SELECT Id FROM Opportunity WHERE ? ORDER BY Id LIMIT ?",
                                sf_condition(condition), sf_int(most));
    if (!ok)
        return act_step_org_failed(call, &err);
    if (bulk)
        act_plan_page_items(call, QUOTES_BULK_PAGE);
    for (; (row = sf_next(rows, &err)); listed++)
        if (!add(call, sf_get_text(row, "Id"), id))
            return bad_row(call);
    if (err.code[0])
        return act_step_org_failed(call, &err);
    if (listed == most)
        act_plan_more(call, bulk ? json_pack("{s:s}", "bulk", id) : json_string(id));
    return ACT_STEP_DONE;
}

static enum act_step plan_condition(struct act_call *call, const json_t *input, const json_t *cursor)
{
    const char *condition = json_string_value(json_object_get(input, "condition"));
    const char *bulk = json_string_value(json_object_get(cursor, "bulk"));
    if (!cursor)
        return begin(call, condition, json_is_true(json_object_get(input, "dryRun")));
    return go_on(call, condition, bulk ? bulk : json_string_value(cursor), bulk != NULL);
}

enum act_step quotes_plan(struct act_call *call, const json_t *input, const json_t *cursor)
{
    const json_t *list = json_object_get(input, "opportunityIds");
    struct quote_org org;
    struct deal_problem why = { NULL, "" };
    struct sf_error err;
    if (json_is_array(cursor))
        return quotes_plan_unsure(call, cursor);
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
