/* bulk_rows.c - Quotes and lines as rows of a Bulk job: Opportunities are read and priced 200 at a time while the rows
 * before them are on their way. */
#include <string.h>

#include "actions/quotes/bulk.h"

static const char *const quote_columns[] = { "Name",           "OpportunityId", "Pricebook2Id",
                                             "ExpirationDate", "Status",        QUOTE_KEY_FIELD };
static const char *const line_columns[] = { ("Quote." QUOTE_KEY_FIELD), "PricebookEntryId", "Quantity", "UnitPrice",
                                            QUOTE_KEY_FIELD };
#define COUNT(array) (sizeof(array) / sizeof *(array))

const struct sf_bulk_load bulk_quotes = { "Quote", "insert", NULL, quote_columns, COUNT(quote_columns) };
const struct sf_bulk_load bulk_lines = { "QuoteLineItem", "insert", NULL, line_columns, COUNT(line_columns) };

void bulk_rewind(void *page)
{
    struct bulk_page *p = page;
    p->from = p->block_n = p->at = p->line = 0;
    p->given = 0;
    p->failed = false;
}

/* Reads and prices the next block of Opportunities in this state. 1 = there is one, 0 = there are no more, -1 = the org
 * failed, or the step is to stop. */
static int next_block(struct bulk_page *p, enum bulk_state wanted)
{
    const char *ids[QUOTES_ROW_PAGE];
    size_t n = 0, next = p->from + p->block_n;
    while (next < p->n && n == 0) {
        p->from = next;
        for (; next < p->n && next - p->from < QUOTES_ROW_PAGE; next++)
            if (p->state[next] == wanted)
                ids[n++] = p->ids[next];
        p->block_n = next - p->from;
    }
    p->at = p->line = 0;
    if (n == 0)
        return 0;
    if (act_step_must_stop(p->call))
        return -1;
    if (!quote_deals_read(p->call, &p->org, ids, n, p->read, &p->err)) {
        p->failed = true;
        return -1;
    }
    for (size_t i = 0, k = 0; i < p->block_n; i++) {
        if (p->state[p->from + i] != wanted)
            continue;
        p->block[i] = p->read[k++];
        deal_price(&p->block[i], p->terms.rules, p->terms.day);
        job_terms_note(p->call, &p->block[i]);
    }
    return 1;
}

/* The Opportunity that comes next, in this state and without a problem; one with a problem is told. NULL: see
 * *ended. */
static struct deal *next_deal(struct bulk_page *p, enum bulk_state wanted, enum sf_bulk_give *ended)
{
    for (;; p->at++, p->line = 0) {
        if (p->at == p->block_n) {
            int there = next_block(p, wanted);
            if (there <= 0) {
                *ended = there < 0 ? SF_BULK_STOP : SF_BULK_END;
                return NULL;
            }
        }
        size_t place = p->from + p->at;
        struct deal *d = &p->block[p->at];
        if (p->state[place] != wanted)
            continue;
        if (!d->problem.code)
            return d;
        act_item_failed(p->call, place, d->problem.code, NULL, "%s", d->problem.message);
        p->state[place] = BULK_TOLD;
    }
}

enum sf_bulk_give bulk_give_quote(void *page, const char **values)
{
    struct bulk_page *p = page;
    enum sf_bulk_give ended = SF_BULK_END;
    const struct deal *d = next_deal(p, BULK_OPEN, &ended);
    json_decref(p->row);
    p->row = NULL;
    if (!d)
        return ended;
    p->at++;
    p->given++;
    p->row = quote_record(d, act_job_id(p->call), false);
    for (size_t i = 0; i < COUNT(quote_columns); i++)
        values[i] = json_string_value(json_object_get(p->row, quote_columns[i]));
    return SF_BULK_ROW;
}

enum sf_bulk_give bulk_give_line(void *page, const char **values)
{
    struct bulk_page *p = page;
    enum sf_bulk_give ended = SF_BULK_END;
    struct deal *d = next_deal(p, BULK_QUOTED, &ended);
    while (d && p->line == d->lines_n) {
        p->at++;
        p->line = 0;
        d = next_deal(p, BULK_QUOTED, &ended);
    }
    if (!d)
        return ended;
    const struct deal_line *line = &d->lines[p->line++];
    quote_key(act_job_id(p->call), d->id, p->quote_key);
    quote_key(act_job_id(p->call), line->id, p->key);
    values[0] = p->quote_key;
    values[1] = line->entry_id;
    values[2] = decimal_text(line->quantity, p->quantity);
    values[3] = decimal_text(amount_decimal(line->net, d->exponent), p->price);
    values[4] = p->key;
    p->given++;
    return SF_BULK_ROW;
}

bool bulk_explain_open(struct bulk_page *p)
{
    enum sf_bulk_give ended = SF_BULK_END;
    bulk_rewind(p);
    while (next_deal(p, BULK_OPEN, &ended)) {
        /* it could not be quoted when rows were sent, or the results have lost it: its key keeps it from being doubled
         */
        act_item_again(p->call, p->from + p->at, "not_in_results", "The org's results do not name this Opportunity.");
        p->state[p->from + p->at] = BULK_TOLD;
    }
    return ended == SF_BULK_END;
}
