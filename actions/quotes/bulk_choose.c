/* bulk_choose.c - by rows or in bulk: rows are faster, Bulk jobs take fewer of the org's daily requests. */
#include "actions/quotes/bulk.h"

int64_t quotes_count_lines(struct act_call *call, const json_t *list)
{
    struct sf_rows *rows;
    struct sf_error err;
    const char **ids = act_alloc(call, (json_array_size(list) + 1) * sizeof *ids);
    const json_t *one;
    size_t i, n = 0;
    if (json_array_size(list) <= QUOTES_COUNTED)
        return -1;
    json_array_foreach (list, i, one)
        ids[n++] = json_string_value(one);
    if (!sf_query(act_org(call), &rows, &err, "SELECT COUNT() FROM OpportunityLineItem WHERE OpportunityId IN ?",
                  sf_ids(ids, n)))
        return -1;
    return sf_total(rows);
}

static bool calls_are_few(struct act_call *call)
{
    int64_t used, allowed;
    return sf_daily_calls(act_org(call), &used, &allowed) && (allowed - used) * 5 < allowed;
}

bool quotes_in_bulk(struct act_call *call, bool dry, int64_t n, int64_t lines)
{
    if (n <= QUOTES_ROW_PAGE || dry)
        return false;
    if (lines < 0) /* as most have */
        lines = 2 * n;
    return (n > QUOTES_COUNTED && n + lines > QUOTES_ROWS_MAX) || calls_are_few(call);
}
