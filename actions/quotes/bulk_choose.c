/* bulk_choose.c - by rows or in bulk: rows are faster, Bulk jobs take fewer of the org's daily requests. */
#include "actions/quotes/bulk.h"

/* Lines of the Opportunities; those of a list are counted by their ids. False: the org does not say. */
static bool count_lines(struct act_call *call, const json_t *input, int64_t *lines)
{
    const json_t *list = json_object_get(input, "opportunityIds"), *one;
    struct sf_org *org = act_org(call);
    struct sf_rows *rows;
    struct sf_error err;
    const char **ids = act_alloc(call, (json_array_size(list) + 1) * sizeof *ids);
    size_t i, n = 0;
    json_array_foreach (list, i, one)
        ids[n++] = json_string_value(one);
    bool ok = list ? sf_query(org, &rows, &err, "SELECT COUNT() FROM OpportunityLineItem WHERE OpportunityId IN ?",
                              sf_ids(ids, n))
                   : sf_query(org, &rows, &err,
                              "SELECT COUNT() FROM OpportunityLineItem WHERE OpportunityId IN (SELECT Id FROM "
                              "Opportunity WHERE ?)",
                              sf_condition(json_string_value(json_object_get(input, "condition"))));
    if (ok)
        *lines = sf_total(rows);
    return ok;
}

static bool calls_are_few(struct act_call *call)
{
    int64_t used, allowed;
    return sf_daily_calls(act_org(call), &used, &allowed) && (allowed - used) * 5 < allowed;
}

bool quotes_in_bulk(struct act_call *call, const json_t *input, int64_t n)
{
    int64_t lines = 0;
    if (n <= QUOTES_ROW_PAGE || json_is_true(json_object_get(input, "dryRun")))
        return false;
    if (n <= QUOTES_COUNTED)
        return calls_are_few(call);
    /* an org that does not count lines may have two for each, as most do */
    if (n <= QUOTES_ROWS_MAX && !count_lines(call, input, &lines))
        lines = 2 * n;
    return n + lines > QUOTES_ROWS_MAX || calls_are_few(call);
}
