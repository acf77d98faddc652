/* bulk_page.c - a page in Bulk mode: Quotes to their end, then lines. Each try of the step finds the two Bulk jobs
 * where the one before has left them. */
#include <stdlib.h>
#include <string.h>

#include "actions/quotes/bulk.h"

enum { LATE_MS = 3000 }; /* so little is left of the step: what failed now failed for want of time */

static int by_text(const void *a, const void *b, void *ids)
{
    const char(*text)[SF_ID_SIZE] = (const char(*)[SF_ID_SIZE])ids;
    return strcmp(text[*(const size_t *)a], text[*(const size_t *)b]);
}

static bool read_items(struct bulk_page *p, const json_t *items)
{
    p->n = json_array_size(items);
    if (p->n > QUOTES_BULK_PAGE)
        return false;
    p->ids = act_alloc(p->call, p->n * sizeof *p->ids);
    p->state = act_alloc(p->call, p->n * sizeof *p->state);
    p->order = act_alloc(p->call, p->n * sizeof *p->order);
    p->block = act_alloc(p->call, QUOTES_ROW_PAGE * sizeof *p->block);
    p->read = act_alloc(p->call, QUOTES_ROW_PAGE * sizeof *p->read);
    for (size_t i = 0; i < p->n; i++) {
        if (!sf_id_check(json_string_value(json_array_get(items, i)), p->ids[i]))
            return false;
        p->order[i] = i;
    }
    qsort_r(p->order, p->n, sizeof *p->order, by_text, p->ids);
    return true;
}

static void drop_row(void *page)
{
    struct bulk_page *p = page;
    json_decref(p->row);
}

/* What the org is too slow for in bulk goes by rows. */
static enum act_step too_slow(struct bulk_page *p)
{
    for (size_t i = 0; i < p->n; i++)
        act_item_again(p->call, i, "TIMEOUT", "There was no time to send this page in bulk; it goes in smaller ones.");
    return ACT_STEP_DONE;
}

static enum act_step fail(struct bulk_page *p)
{
    struct deal_problem why = { NULL, "" };
    if (act_time_left_ms(p->call) < LATE_MS)
        return too_slow(p);
    if (!quote_org_explains(&p->err, &why))
        return act_step_org_failed(p->call, &p->err);
    quote_org_forget(p->call);
    return act_job_failed(p->call, why.code, "%s The org says: %s", why.message, p->err.message);
}

/* The org has refused a Bulk job as a whole, and would again. */
static bool is_refused(const struct sf_bulk_info *info)
{
    return info->state == SF_BULK_FAILED && info->processed == 0 && strncmp(info->message, "InvalidBatch", 12) == 0;
}

/* Sees one of the two Bulk jobs to its end. False: *ended. */
static bool run(struct bulk_page *p, const char *name, const struct sf_bulk_load *load, sf_bulk_give_fn *give,
                char id[SF_ID_SIZE], enum act_step *ended)
{
    const struct sf_bulk_work work = { name, load, bulk_rewind, give, p };
    if (!sf_bulk_run(act_org(p->call), &work, id, &p->info, ended)) {
        if (p->failed || act_time_left_ms(p->call) < LATE_MS)
            *ended = fail(p);
        return false;
    }
    if (!is_refused(&p->info))
        return true;
    *ended =
        act_job_failed(p->call, "org_setup_missing",
                       "The org does not take %s in bulk: %.200s. Deploy the fields of salesforce/, and assign the "
                       "permission set ActionHostQuotes to the user.",
                       name, p->info.message);
    return false;
}

static size_t in_state(const struct bulk_page *p, enum bulk_state state)
{
    size_t n = 0;
    for (size_t i = 0; i < p->n; i++)
        n += p->state[i] == state;
    return n;
}

/* A try that has sent the Quotes leaves the lines to the next one, which has all of its time and memory. */
static bool is_for_next_try(const struct bulk_page *p)
{
    return p->given > 0 && !json_object_get(act_step_saved(p->call), "lines");
}

static enum act_step work(struct bulk_page *p)
{
    enum act_step ended = ACT_STEP_DONE;
    char id[SF_ID_SIZE];
    if (!run(p, "quotes", &bulk_quotes, bulk_give_quote, id, &ended))
        return ended;
    if (is_for_next_try(p))
        return act_step_again(p->call, 1, false, "The Quotes of this page are there; their lines follow.");
    if (id[0] && !bulk_read_quotes(p, id))
        return fail(p);
    if (in_state(p, BULK_QUOTED) > 0) {
        if (!run(p, "lines", &bulk_lines, bulk_give_line, id, &ended))
            return ended;
        if (id[0] && !bulk_read_lines(p, id))
            return fail(p);
    }
    if (in_state(p, BULK_OPEN) > 0 && !bulk_explain_open(p))
        return p->failed ? fail(p) : act_step_again(p->call, 0, false, "Interrupted; it goes on where it was.");
    return ACT_STEP_DONE;
}

enum act_step quotes_bulk_page(struct act_call *call, const json_t *items)
{
    struct bulk_page *p = act_alloc(call, sizeof *p);
    struct deal_problem why = { NULL, "" };
    p->call = call;
    act_defer(call, drop_row, p);
    if (!read_items(p, items))
        return act_job_failed(call, "unexpected_item", "The plan of this job has items that are no Opportunities.");
    if (!job_terms_read(call, &p->terms))
        return ACT_STEP_ENDED;
    switch (quote_org_read(call, &p->org, &why, &p->err)) {
    case QUOTE_ORG_AWAY:
        return act_step_org_failed(call, &p->err);
    case QUOTE_ORG_UNFIT:
        return act_job_failed(call, why.code, "%s", why.message);
    case QUOTE_ORG_READY:
        break;
    }
    return work(p);
}
