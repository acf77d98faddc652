/* deals.c - Opportunities with their lines in one query. */
#include <string.h>

#include "actions/quotes/org.h"

enum { FIELDS_MAX = 12 };

struct fields {
    const char *name[FIELDS_MAX];
    size_t n;
};

static struct fields of_deal(const struct quote_org *org)
{
    struct fields f = { { "Id", "Name", "CloseDate", "Pricebook2Id", "Pricebook2.IsActive", "Account.BillingCountry" },
                        6 };
    if (org->currencies)
        f.name[f.n++] = "CurrencyIsoCode";
    return f;
}

static struct fields of_line(const struct quote_org *org)
{
    struct fields f = { { "Id", "Quantity", "UnitPrice", "PricebookEntryId", "PricebookEntry.IsActive",
                          "PricebookEntry.Pricebook2Id", "Product2.Name", "Product2.Family", "Product2.IsActive" },
                        9 };
    if (org->currencies)
        f.name[f.n++] = "PricebookEntry.CurrencyIsoCode";
    if (org->line_override)
        f.name[f.n++] = "DiscountOverride__c";
    return f;
}

static bool ask(struct act_call *call, const struct quote_org *org, const char *const *ids, size_t n,
                struct sf_rows **rows, struct sf_error *err)
{
    struct fields deal = of_deal(org), line = of_line(org);
    return sf_query(
        act_org(call), rows, err,
        "SELECT ?, (SELECT ? FROM OpportunityLineItems ORDER BY SortOrder, Id) FROM Opportunity WHERE Id IN ?",
        sf_fields(deal.name, deal.n), sf_fields(line.name, line.n), sf_ids(ids, n));
}

/* A field may be gone since the org was looked at: then it is looked at once more. */
static bool ask_twice(struct act_call *call, struct quote_org *org, const char *const *ids, size_t n,
                      struct sf_rows **rows, struct sf_error *err)
{
    struct deal_problem why = { NULL, "" };
    struct sf_error ignored;
    if (ask(call, org, ids, n, rows, err))
        return true;
    if (strcmp(err->code, "INVALID_FIELD") != 0)
        return false;
    quote_org_forget(call);
    return quote_org_read(call, org, &why, &ignored) == QUOTE_ORG_READY && ask(call, org, ids, n, rows, err);
}

/* Where the record belongs; NULL for one that was not asked for. */
static struct deal *place_of(const json_t *record, const char *const *ids, size_t n, struct deal *deals)
{
    char id[SF_ID_SIZE];
    const char *text = sf_get_text(record, "Id");
    if (!text || !sf_id_check(text, id))
        return NULL;
    for (size_t i = 0; i < n; i++)
        if (strcmp(ids[i], id) == 0)
            return &deals[i];
    return NULL;
}

bool quote_deals_read(struct act_call *call, struct quote_org *org, const char *const *ids, size_t n,
                      struct deal *deals, struct sf_error *err)
{
    struct sf_rows *rows;
    const json_t *record;
    for (size_t i = 0; i < n; i++) {
        deals[i] = (struct deal){ .name = "" };
        memcpy(deals[i].id, ids[i], SF_ID_SIZE);
        deal_refuse(&deals[i], "opportunity_not_found",
                    "There is no Opportunity %s, or this user may not see it. It may have been deleted meanwhile.",
                    ids[i]);
    }
    if (!ask_twice(call, org, ids, n, &rows, err))
        return false;
    while ((record = sf_next(rows, err))) {
        struct deal *place = place_of(record, ids, n, deals);
        if (place &&
            !deal_read(call, record, sf_children(rows, record, "OpportunityLineItems"), org->currency, place, err))
            return false;
    }
    return !err->code[0];
}
