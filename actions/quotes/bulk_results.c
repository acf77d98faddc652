/* bulk_results.c - what became of the rows of a Bulk job, told of the Opportunities that they belong to. */
#include <stdlib.h>
#include <string.h>

#include "actions/quotes/bulk.h"
#include "actions/quotes/write.h"

/* The place of the Opportunity whose Quote has this key; -1 = none of this page. */
static long place_of(const struct bulk_page *p, const char *key)
{
    size_t low = 0, high = p->n;
    const char *job = act_job_id(p->call), *id = key ? strrchr(key, ':') : NULL;
    if (!id++ || strncmp(key, job, strlen(job)) != 0)
        return -1;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        int order = strcmp(id, p->ids[p->order[middle]]);
        if (order == 0)
            return (long)p->order[middle];
        if (order < 0)
            high = middle;
        else
            low = middle + 1;
    }
    return -1;
}

/* Whether the record that was there already is ours. What does not say so is looked at by rows. */
static bool is_ours(const struct sf_error *err)
{
    return quote_is_twin(err) && strstr(err->message, QUOTE_KEY_FIELD);
}

static void again(struct bulk_page *p, size_t place, const struct sf_error *err)
{
    if (p->state[place] == BULK_TOLD)
        return;
    act_item_again(p->call, place, err->code, "%s", err->message);
    p->state[place] = BULK_TOLD;
}

/* A row that the org's job did not come to. */
static void left_over(struct bulk_page *p, size_t place, const char *rest)
{
    if (p->state[place] == BULK_TOLD)
        return;
    if (p->info.state == SF_BULK_ABORTED)
        act_item_failed(p->call, place, "bulk_job_aborted", NULL,
                        "Somebody aborted the job in the org before it came to this Opportunity. Call retryJob to send "
                        "it again.%s",
                        rest);
    else
        act_item_again(p->call, place, "bulk_job_failed", "The org's job ended before it came to this Opportunity. %s",
                       p->info.message);
    p->state[place] = BULK_TOLD;
}

/* ---- Quotes ---- */

static long place_of_quote(const struct bulk_page *p, const struct sf_bulk_row *row)
{
    return place_of(p, sf_bulk_value(row, QUOTE_KEY_FIELD));
}

static bool take_quote(void *ctx, const struct sf_bulk_row *row)
{
    struct bulk_page *p = ctx;
    long place = place_of_quote(p, row);
    if (place >= 0 && p->state[place] == BULK_OPEN)
        p->state[place] = BULK_QUOTED;
    return true;
}

static bool take_refused_quote(void *ctx, const struct sf_bulk_row *row)
{
    struct bulk_page *p = ctx;
    long place = place_of_quote(p, row);
    if (place < 0 || p->state[place] != BULK_OPEN)
        return true;
    if (is_ours(row->error)) {
        p->state[place] = BULK_QUOTED;
    } else if (quote_is_twin(row->error)) {
        again(p, (size_t)place, row->error);
    } else if (quote_org_explains(row->error, &p->denied)) {
        p->err = *row->error;
        return false;
    } else {
        act_item_org_failed(p->call, (size_t)place, row->error);
        p->state[place] = BULK_TOLD;
    }
    return true;
}

static bool take_left_quote(void *ctx, const struct sf_bulk_row *row)
{
    struct bulk_page *p = ctx;
    long place = place_of_quote(p, row);
    if (place >= 0 && p->state[place] == BULK_OPEN)
        left_over(p, (size_t)place, "");
    return true;
}

/* All was done, and nothing refused: two answers are enough. */
static bool is_clean(const struct sf_bulk_info *info)
{
    return info->state == SF_BULK_COMPLETE && info->failed == 0;
}

static bool read_one(struct bulk_page *p, const struct sf_bulk_load *load, const char *id, enum sf_bulk_result which,
                     sf_bulk_take_fn *take)
{
    struct sf_error err;
    if (sf_bulk_results(act_org(p->call), load, id, which, take, p, &err))
        return true;
    if (!p->denied.code)
        p->err = err;
    return false;
}

bool bulk_read_quotes(struct bulk_page *p, const char *id)
{
    return read_one(p, &bulk_quotes, id, SF_BULK_SUCCESSFUL, take_quote) &&
           (is_clean(&p->info) || read_one(p, &bulk_quotes, id, SF_BULK_UNSUCCESSFUL, take_refused_quote)) &&
           (p->info.state == SF_BULK_COMPLETE || read_one(p, &bulk_quotes, id, SF_BULK_UNPROCESSED, take_left_quote));
}

/* ---- lines: an Opportunity is done when none of its lines is in the way ---- */

static long place_of_line(const struct bulk_page *p, const struct sf_bulk_row *row)
{
    return place_of(p, sf_bulk_value(row, bulk_lines.columns[0]));
}

/* Whoever has a line that was not taken goes by rows: there the Quote is completed, or taken away again. */
static bool take_refused_line(void *ctx, const struct sf_bulk_row *row)
{
    struct bulk_page *p = ctx;
    long place = place_of_line(p, row);
    if (place >= 0 && !is_ours(row->error))
        again(p, (size_t)place, row->error);
    return true;
}

static bool take_left_line(void *ctx, const struct sf_bulk_row *row)
{
    struct bulk_page *p = ctx;
    long place = place_of_line(p, row);
    if (place >= 0)
        left_over(p, (size_t)place, " Its Quote is there without all of its lines until then.");
    return true;
}

bool bulk_read_lines(struct bulk_page *p, const char *id)
{
    return (is_clean(&p->info) || read_one(p, &bulk_lines, id, SF_BULK_UNSUCCESSFUL, take_refused_line)) &&
           (p->info.state == SF_BULK_COMPLETE || read_one(p, &bulk_lines, id, SF_BULK_UNPROCESSED, take_left_line));
}
