/*
 * deals.c - Opportunities and Quotes: what the stage means, which price book and currency hold, what a Quote takes from
 * its Opportunity, and the one Quote that an Opportunity is synchronized with.
 */
#include <string.h>

#include "sandbox/base/system.h"
#include "sandbox/records/money.h"
#include "sandbox/records/rules.h"
#include "sandbox/records/totals.h"

/* The stages of a new org, with what each means. */
static const struct stage {
    const char *name, *forecast;
    int percent;
    bool closed, won;
} stages[] = {
    { "Prospecting", "Pipeline", 10, false, false },
    { "Qualification", "Pipeline", 10, false, false },
    { "Needs Analysis", "Pipeline", 20, false, false },
    { "Value Proposition", "Pipeline", 50, false, false },
    { "Id. Decision Makers", "Pipeline", 60, false, false },
    { "Perception Analysis", "Pipeline", 70, false, false },
    { "Proposal/Price Quote", "Pipeline", 75, false, false },
    { "Negotiation/Review", "Pipeline", 90, false, false },
    { "Closed Won", "Closed", 100, true, true },
    { "Closed Lost", "Omitted", 0, true, false },
};

static void follow_stage(struct draft *d)
{
    const char *name = draft_text(d, "StageName");
    for (size_t i = 0; name && i < sizeof stages / sizeof *stages; i++) {
        if (!same_name(stages[i].name, name))
            continue;
        draft_put_int(d, "IsClosed", stages[i].closed);
        draft_put_int(d, "IsWon", stages[i].won);
        if (!draft_is_set(d, "Probability"))
            draft_put(d, "Probability", (struct value){ .kind = VALUE_REAL, .d = stages[i].percent });
        if (!draft_is_set(d, "ForecastCategoryName"))
            draft_put_text(d, "ForecastCategoryName", stages[i].forecast);
    }
}

static bool expect(struct draft *d, struct fault *f)
{
    const struct value *amount = draft_get(d, "Amount"), *chance = draft_get(d, "Probability");
    if (amount->kind == VALUE_NULL || chance->kind == VALUE_NULL) {
        draft_put(d, "ExpectedRevenue", (struct value){ 0 });
        return true;
    }
    return money_put(d, "ExpectedRevenue", money_divide(money_of(amount) * money_of(chance), 10000), f);
}

bool opportunity_before_insert(struct draft *d, struct fault *f)
{
    follow_stage(d);
    return expect(d, f);
}

static void note_stage_change(struct draft *d, const char *before)
{
    const char *now = draft_text(d, "StageName");
    char at[32];
    if (now && strcmp(now, before) == 0)
        return;
    utc_text(org_now_ms(d->c->o), "+0000", at);
    draft_put_text(d, "LastStageChangeDate", at);
    follow_stage(d);
}

static bool has_lines(struct draft *d, const char *sql)
{
    sqlite3_stmt *s = store_get(d->c->o, sql);
    sqlite3_bind_text(s, 1, d->id, -1, SQLITE_STATIC);
    bool any = sqlite3_step(s) == SQLITE_ROW;
    store_put(d->c->o, s);
    return any;
}

/* What lines depend on stays while there are lines. */
static bool fixed_by_lines(struct draft *d, const char *field, struct fault *f)
{
    char before[ID_SIZE];
    draft_stored(d, field, before, sizeof before);
    const char *now = draft_text(d, field);
    if (!draft_is_set(d, field) || strcmp(now ? now : "", before) == 0)
        return true;
    fault_set(f, 400, "FIELD_INTEGRITY_EXCEPTION", field,
              "field integrity exception: %s (cannot be changed while there are line items)", field);
    return false;
}

static bool own_quote(struct draft *d, struct fault *f)
{
    const char *quote = draft_is_set(d, "SyncedQuoteId") ? draft_text(d, "SyncedQuoteId") : NULL;
    if (!quote)
        return true;
    sqlite3_stmt *s = store_get(d->c->o, "SELECT 1 FROM \"Quote\" WHERE \"Id\" = ?1 AND \"OpportunityId\" = ?2");
    sqlite3_bind_text(s, 1, quote, -1, SQLITE_STATIC);
    sqlite3_bind_text(s, 2, d->id, -1, SQLITE_STATIC);
    bool own = sqlite3_step(s) == SQLITE_ROW;
    store_put(d->c->o, s);
    if (!own)
        fault_set(f, 400, "FIELD_INTEGRITY_EXCEPTION", "SyncedQuoteId",
                  "field integrity exception: SyncedQuoteId (the quote belongs to another opportunity)");
    return own;
}

bool opportunity_before_update(struct draft *d, struct fault *f)
{
    static const char *const figures[] = { "Amount", "Probability", NULL };
    char stage[256];
    if (has_lines(d, "SELECT 1 FROM \"OpportunityLineItem\" WHERE \"OpportunityId\" = ?1 AND \"IsDeleted\" = 0")) {
        if (!fixed_by_lines(d, "Pricebook2Id", f) || !fixed_by_lines(d, "CurrencyIsoCode", f))
            return false;
        draft_unset(d, "Amount"); /* an org takes it and leaves the sum of the lines */
        draft_unset(d, "TotalOpportunityQuantity");
    }
    if (draft_is_set(d, "StageName")) {
        draft_stored(d, "StageName", stage, sizeof stage);
        note_stage_change(d, stage);
    }
    draft_load(d, figures);
    return own_quote(d, f) && expect(d, f);
}

bool opportunity_after_save(const struct draft *d, const char *id, struct fault *f)
{
    (void)f;
    if (!d->id || !draft_is_set(d, "SyncedQuoteId"))
        return true;
    sqlite3_stmt *s =
        store_get(d->c->o, "UPDATE \"Quote\" SET \"IsSyncing\" = (\"Id\" IS ?2) WHERE \"OpportunityId\" = ?1");
    sqlite3_bind_text(s, 1, id, -1, SQLITE_STATIC);
    value_bind(s, 2, draft_get(d, "SyncedQuoteId"));
    bool ok = sqlite3_step(s) == SQLITE_DONE;
    store_put(d->c->o, s);
    return ok;
}

/* ---- quotes ---- */

/* Account and currency are the Opportunity's. */
bool quote_before_insert(struct draft *d, struct fault *f)
{
    (void)f;
    sqlite3_stmt *s =
        store_get(d->c->o, "SELECT \"AccountId\", \"CurrencyIsoCode\" FROM \"Opportunity\" WHERE \"Id\" = ?1");
    value_bind(s, 1, draft_get(d, "OpportunityId"));
    if (sqlite3_step(s) == SQLITE_ROW) {
        const char *account = (const char *)sqlite3_column_text(s, 0),
                   *currency = (const char *)sqlite3_column_text(s, 1);
        draft_put_text(d, "AccountId", account ? account : "");
        draft_put_text(d, "CurrencyIsoCode", currency ? currency : "");
    }
    store_put(d->c->o, s);
    decimal grand = money_of(draft_get(d, "Tax")) + money_of(draft_get(d, "ShippingHandling"));
    draft_put_int(d, "LineItemCount", 0);
    draft_put_int(d, "CanCreateQuoteLineItems", 1);
    return money_put(d, "Subtotal", 0, f) && money_put(d, "TotalPrice", 0, f) && money_put(d, "Discount", 0, f) &&
           money_put(d, "GrandTotal", grand, f);
}

bool quote_before_update(struct draft *d, struct fault *f)
{
    return !has_lines(d, "SELECT 1 FROM \"QuoteLineItem\" WHERE \"QuoteId\" = ?1 AND \"IsDeleted\" = 0") ||
           fixed_by_lines(d, "Pricebook2Id", f);
}

/* Tax and shipping are part of the grand total. */
bool quote_after_save(const struct draft *d, const char *id, struct fault *f)
{
    (void)f;
    if (d->id)
        totals_due(d->c->o, id);
    return true;
}
