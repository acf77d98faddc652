/* page.c - up to 500 Opportunities: read, checked, priced, written, and summed up for the finish of the job. */
#include <string.h>

#include "actions/quotes/bulk.h"
#include "actions/quotes/job.h"
#include "actions/quotes/org.h"
#include "actions/quotes/sums.h"
#include "actions/quotes/write.h"

enum { PAGE_MAX = QUOTES_ROW_PAGE };

struct page {
    struct act_call *call;
    size_t n;
    const char *ids[PAGE_MAX];
    char id_texts[PAGE_MAX][SF_ID_SIZE];
    struct deal deals[PAGE_MAX];
    struct quote_piece pieces[PAGE_MAX];
    size_t pieces_n;
    struct sf_error err;
    struct job_terms terms;
};

static bool read_items(struct page *p, const json_t *items)
{
    p->n = json_array_size(items);
    if (p->n > PAGE_MAX)
        return false;
    for (size_t i = 0; i < p->n; i++) {
        if (!sf_id_check(json_string_value(json_array_get(items, i)), p->id_texts[i]))
            return false;
        p->ids[i] = p->id_texts[i];
    }
    return true;
}

/* Prices what can be quoted; the rest is failed rows. */
static void price(struct page *p)
{
    for (size_t i = 0; i < p->n; i++) {
        struct deal *d = &p->deals[i];
        deal_price(d, p->terms.rules, p->terms.day);
        job_terms_note(p->call, d);
        if (d->problem.code)
            act_item_failed(p->call, i, d->problem.code, NULL, "%s", d->problem.message);
        else
            p->pieces[p->pieces_n++] = (struct quote_piece){ .deal = d, .index = i };
    }
}

/* What was made, by currency: the finish compares it with what the org says. */
static void sum_up(struct page *p)
{
    struct quote_sums sums = { .n = 0 };
    bool lost = false;
    for (size_t i = 0; i < p->pieces_n; i++) {
        const struct deal *d = p->pieces[i].deal;
        struct quote_sum *sum = p->pieces[i].state == QUOTE_MADE ? quote_sum_of(&sums, d->currency) : NULL;
        lost = lost || (p->pieces[i].state == QUOTE_MADE && !sum);
        if (!sum)
            continue;
        sum->quotes++;
        sum->broken = sum->broken || !amount_add(&sum->total, d->total);
    }
    quote_sums_tell(p->call, &sums, lost);
}

static void report(struct page *p)
{
    for (size_t i = 0; i < p->pieces_n; i++)
        if (p->pieces[i].state != QUOTE_MADE)
            act_item_org_failed(p->call, p->pieces[i].index, &p->pieces[i].error);
}

/* A request failed, or every record would be refused alike. */
static enum act_step fail(struct page *p)
{
    struct deal_problem why = { NULL, "" };
    if (!quote_org_explains(&p->err, &why))
        return act_step_org_failed(p->call, &p->err);
    quote_org_forget(p->call);
    return act_job_failed(p->call, why.code, "%s The org says: %s", why.message, p->err.message);
}

static enum act_step write(struct page *p)
{
    switch (quote_write(p->call, act_job_key(p->call), p->pieces, p->pieces_n, &p->err)) {
    case QUOTE_STOPPED:
        return act_step_again(p->call, 0, false, "Interrupted; it goes on where it was.");
    case QUOTE_FAILED:
    case QUOTE_DENIED:
        return fail(p);
    case QUOTE_WRITTEN:
        break;
    }
    sum_up(p);
    report(p);
    return ACT_STEP_DONE;
}

enum act_step quotes_page(struct act_call *call, const json_t *input, const json_t *items)
{
    struct page *p = act_alloc(call, sizeof *p);
    struct quote_org org;
    struct deal_problem why = { NULL, "" };
    p->call = call;
    if (json_array_size(items) > QUOTES_ROW_PAGE && !json_is_true(json_object_get(input, "dryRun")))
        return quotes_bulk_page(call, items);
    if (!read_items(p, items))
        return act_job_failed(call, "unexpected_item", "The plan of this job has items that are no Opportunities.");
    if (!job_terms_read(call, &p->terms))
        return ACT_STEP_ENDED;
    switch (quote_org_read(call, &org, &why, &p->err)) {
    case QUOTE_ORG_AWAY:
        return act_step_org_failed(call, &p->err);
    case QUOTE_ORG_UNFIT:
        return act_job_failed(call, why.code, "%s", why.message);
    case QUOTE_ORG_READY:
        break;
    }
    if (!quote_deals_read(call, &org, p->ids, p->n, p->deals, &p->err))
        return act_step_org_failed(call, &p->err);
    price(p);
    return json_is_true(json_object_get(input, "dryRun")) ? ACT_STEP_DONE : write(p);
}
