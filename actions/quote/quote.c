/* quote.c - generateQuote: a priced Quote of one Opportunity, whole or not at all, in one round trip. */
#include <string.h>

#include "actions/quote/answer.h"
#include "actions/quotes/org.h"
#include "actions/quotes/write.h"

enum { LINES_MAX = 498 };

struct making {
    struct act_call *call;
    struct deal deal;
    char uuid[37];
    struct quote_terms terms;
    struct quote_made made;
    struct sf_error err;
};

static enum act_outcome unfit(struct act_call *call, const struct deal_problem *why)
{
    return act_refuse(call, why->code, NULL, "%s", why->message);
}

/* The rules, and the index that they may need. */
static enum act_outcome read_terms(struct making *m)
{
    const struct rules *r = rules_now();
    char reason[INDEX_REASON_SIZE];
    m->terms = (struct quote_terms){ .rules = r, .today = (int32_t)(act_now(m->call) / DAY_SECONDS) };
    if (r->index.of == INDEX_NONE)
        return ACT_OK;
    struct price_index *x = act_alloc(m->call, sizeof *x);
    index_ask(m->call, r, false, x);
    if (x->failure && !r->index.without_away)
        return act_refuse(m->call, "price_index_unavailable", NULL,
                          "Prices need the price index, which cannot be used: %s. Try again later.",
                          index_reason(r, x, reason));
    m->terms.index = x;
    m->terms.rules = index_apply(m->call, r, x);
    return ACT_OK;
}

static enum act_outcome read_deal(struct making *m, const char *id)
{
    struct quote_org org;
    struct deal_problem why = { NULL, "" };
    switch (quote_org_read(m->call, &org, &why, &m->err)) {
    case QUOTE_ORG_AWAY:
        return act_org_failed(m->call, &m->err);
    case QUOTE_ORG_UNFIT:
        return unfit(m->call, &why);
    case QUOTE_ORG_READY:
        break;
    }
    if (!quote_deals_read(m->call, &org, &id, 1, &m->deal, &m->err))
        return act_org_failed(m->call, &m->err);
    deal_price(&m->deal, m->terms.rules, m->terms.today);
    if (m->deal.problem.code)
        return act_refuse(m->call, m->deal.problem.code, "/opportunityId", "%s", m->deal.problem.message);
    if (m->deal.lines_n > LINES_MAX)
        return act_refuse(m->call, "too_many_lines", "/opportunityId",
                          "The Opportunity has %zu lines; %d at most can be quoted at once. Use generateQuotes, which "
                          "has no such limit.",
                          m->deal.lines_n, LINES_MAX);
    return ACT_OK;
}

/* The Quote that an earlier run of this very request has made. True with made.id "" when there is none. */
static bool find_made(struct making *m)
{
    char key[QUOTE_KEY_SIZE];
    struct sf_rows *rows;
    quote_key(m->uuid, m->deal.id, key);
    if (!sf_query(act_org(m->call), &rows, &m->err, "SELECT Id FROM Quote WHERE AppLinkKey__c = ?", sf_text(key)))
        return false;
    const json_t *row = sf_next(rows, &m->err);
    if (row && !sf_id_check(sf_get_text(row, "Id"), m->made.id))
        m->made.id[0] = '\0';
    return !m->err.code[0];
}

static struct sf_unit *fill_unit(struct making *m)
{
    struct sf_unit *unit = sf_unit_new(act_org(m->call));
    const char *quote = sf_unit_create(unit, "Quote", act_own(m->call, quote_record(&m->deal, m->uuid, false)));
    for (size_t i = 0; i < m->deal.lines_n && quote; i++)
        if (!sf_unit_create(unit, "QuoteLineItem",
                            act_own(m->call, quote_line_record(&m->deal.lines[i], &m->deal, m->uuid, quote, false))))
            return NULL;
    return quote ? unit : NULL;
}

static void take_results(struct making *m, const struct sf_unit *unit)
{
    const struct sf_result **lines = act_alloc(m->call, (m->deal.lines_n + 1) * sizeof *lines);
    memcpy(m->made.id, sf_unit_result(unit, 0)->id, SF_ID_SIZE);
    for (size_t i = 0; i < m->deal.lines_n; i++)
        lines[i] = sf_unit_result(unit, i + 1);
    m->made.lines = lines;
}

/* All or nothing. Where it is open whether it was written, the key tells. */
static enum act_outcome make(struct making *m)
{
    struct sf_unit *unit = fill_unit(m);
    struct deal_problem why = { NULL, "" };
    struct sf_error first;
    if (!unit)
        return ACT_FAULT;
    if (sf_unit_commit(unit, &m->err)) {
        take_results(m, unit);
        return ACT_OK;
    }
    first = m->err;
    if ((quote_is_twin(&first) || first.outcome_unknown) && find_made(m) && m->made.id[0])
        return ACT_OK;
    if (quote_org_explains(&first, &why)) {
        quote_org_forget(m->call);
        return act_refuse(m->call, why.code, NULL, "%s The org says: %s", why.message, first.message);
    }
    return act_org_failed(m->call, &first);
}

/* What the org makes of it. Without an answer the Quote is there all the same. */
static void look(struct making *m)
{
    struct sf_rows *rows;
    const json_t *row = NULL;
    m->made.number = "";
    if (sf_query(act_org(m->call), &rows, &m->err, "SELECT QuoteNumber, GrandTotal FROM Quote WHERE Id = ?",
                 sf_id(m->made.id)))
        row = sf_next(rows, &m->err);
    if (!row) {
        act_log(m->call, ACT_LOG_WARN, "the new quote cannot be read: %s", m->err.code);
        return;
    }
    const char *number = sf_get_text(row, "QuoteNumber");
    m->made.number = number ? act_strdup(m->call, number) : "";
    m->made.told = amount_read(sf_get(row, "GrandTotal"), m->deal.exponent, &m->made.grand);
}

static enum act_outcome run(struct act_call *call, const json_t *in, json_t **out)
{
    struct making *m = act_alloc(call, sizeof *m);
    char id[SF_ID_SIZE];
    if (!sf_id_check(json_string_value(json_object_get(in, "opportunityId")), id))
        return ACT_FAULT; /* the schema has checked it */
    m->call = call;
    quote_uuid(act_request_id(call), m->uuid);
    enum act_outcome outcome = read_terms(m);
    if (outcome == ACT_OK)
        outcome = read_deal(m, id);
    if (outcome == ACT_OK)
        outcome = make(m);
    if (outcome != ACT_OK)
        return outcome;
    look(m);
    json_t *answer = quote_answer(&m->deal, &m->terms, &m->made);
    if (!answer)
        return ACT_FAULT;
    *out = answer;
    return ACT_OK;
}

/* Its setting is that of generateQuotes, which checks it. */
const struct action quote_action = { .run = run };
