/*
 * prices.c - products and what they cost: an entry of a price book carries its product's name, needs the product's
 * standard price first, and follows that price when it says so.
 */
#include <stdlib.h>
#include <string.h>

#include "sandbox/records/money.h"
#include "sandbox/records/rules.h"

/* Entries are named after their product. */
bool product_after_save(const struct draft *d, const char *id, struct fault *f)
{
    (void)f;
    if (!d->id)
        return true;
    sqlite3_stmt *s =
        store_get(d->c->o, "UPDATE \"PricebookEntry\" SET (\"Name\", \"ProductCode\") = (SELECT \"Name\", "
                           "\"ProductCode\" FROM \"Product2\" WHERE \"Id\" = ?1) WHERE \"Product2Id\" = ?1");
    sqlite3_bind_text(s, 1, id, -1, SQLITE_STATIC);
    bool ok = sqlite3_step(s) == SQLITE_DONE;
    store_put(d->c->o, s);
    return ok;
}

static bool is_standard(struct org *o, const char *book)
{
    sqlite3_stmt *s = store_get(o, "SELECT \"IsStandard\" FROM \"Pricebook2\" WHERE \"Id\" = ?1");
    sqlite3_bind_text(s, 1, book, -1, SQLITE_STATIC);
    bool standard = sqlite3_step(s) == SQLITE_ROW && sqlite3_column_int(s, 0);
    store_put(o, s);
    return standard;
}

/* The price of the product in the standard price book in that currency; false when there is none. */
static bool standard_price(struct draft *d, struct value *price)
{
    sqlite3_stmt *s =
        store_get(d->c->o, "SELECT e.\"UnitPrice\" FROM \"PricebookEntry\" e JOIN \"Pricebook2\" b ON "
                           "b.\"Id\" = e.\"Pricebook2Id\" WHERE e.\"Product2Id\" = ?1 AND b.\"IsStandard\" = 1 "
                           "AND e.\"CurrencyIsoCode\" IS ?2 AND e.\"IsDeleted\" = 0");
    value_bind(s, 1, draft_get(d, "Product2Id"));
    value_bind(s, 2, draft_get(d, "CurrencyIsoCode"));
    bool found = sqlite3_step(s) == SQLITE_ROW;
    if (found)
        *price = (struct value){ .kind = VALUE_REAL, .d = sqlite3_column_double(s, 0) };
    store_put(d->c->o, s);
    return found;
}

static bool price_is_new(struct draft *d, struct fault *f)
{
    sqlite3_stmt *s =
        store_get(d->c->o, "SELECT 1 FROM \"PricebookEntry\" WHERE \"Pricebook2Id\" = ?1 AND \"Product2Id\" = ?2 "
                           "AND \"CurrencyIsoCode\" IS ?3 AND \"IsDeleted\" = 0");
    value_bind(s, 1, draft_get(d, "Pricebook2Id"));
    value_bind(s, 2, draft_get(d, "Product2Id"));
    value_bind(s, 3, draft_get(d, "CurrencyIsoCode"));
    bool there = sqlite3_step(s) == SQLITE_ROW;
    store_put(d->c->o, s);
    if (there)
        fault_set(f, 400, "DUPLICATE_VALUE", "", "This price definition already exists in this price book");
    return !there;
}

static void name_entry(struct draft *d)
{
    sqlite3_stmt *s = store_get(d->c->o, "SELECT \"Name\", \"ProductCode\" FROM \"Product2\" WHERE \"Id\" = ?1");
    value_bind(s, 1, draft_get(d, "Product2Id"));
    if (sqlite3_step(s) == SQLITE_ROW) {
        const char *name = (const char *)sqlite3_column_text(s, 0), *code = (const char *)sqlite3_column_text(s, 1);
        draft_put_text(d, "Name", name ? name : "");
        draft_put_text(d, "ProductCode", code ? code : "");
    }
    store_put(d->c->o, s);
}

/* A price of its own, or the standard one, but not both. */
static bool price_fits(struct draft *d, bool given, struct fault *f)
{
    const struct value *follows = draft_get(d, "UseStandardPrice");
    const char *book = draft_text(d, "Pricebook2Id");
    bool standard = book && is_standard(d->c->o, book), follow = follows && follows->i && !standard;
    struct value price = { 0 };
    if (standard) {
        draft_put_int(d, "UseStandardPrice", 0);
    } else if (!standard_price(d, &price)) {
        fault_set(f, 400, "STANDARD_PRICE_NOT_DEFINED", "", "No standard price defined for this product");
        return false;
    }
    if (follow && given) {
        fault_set(f, 400, "FIELD_INTEGRITY_EXCEPTION", "", "field integrity exception");
        return false;
    }
    if (follow)
        draft_put(d, "UnitPrice", price);
    if (draft_get(d, "UnitPrice")->kind != VALUE_NULL)
        return true;
    fault_set(f, 400, "REQUIRED_FIELD_MISSING", "UnitPrice", "Required fields are missing: [UnitPrice]");
    return false;
}

bool entry_before_insert(struct draft *d, struct fault *f)
{
    name_entry(d);
    return d->c->loading || (price_is_new(d, f) && price_fits(d, draft_get(d, "UnitPrice")->kind != VALUE_NULL, f));
}

bool entry_before_update(struct draft *d, struct fault *f)
{
    static const char *const names[] = { "Pricebook2Id",     "Product2Id", "CurrencyIsoCode",
                                         "UseStandardPrice", "UnitPrice",  NULL };
    bool given = draft_is_set(d, "UnitPrice");
    draft_load(d, names);
    return price_fits(d, given, f);
}

/* Entries of other price books that follow the standard price do so at once. */
bool entry_after_save(const struct draft *d, const char *id, struct fault *f)
{
    (void)f;
    if (!d->id || !draft_is_set(d, "UnitPrice"))
        return true;
    sqlite3_stmt *s = store_get(
        d->c->o, "UPDATE \"PricebookEntry\" SET \"UnitPrice\" = (SELECT \"UnitPrice\" FROM \"PricebookEntry\" WHERE "
                 "\"Id\" = ?1) WHERE \"UseStandardPrice\" = 1 AND \"Product2Id\" = (SELECT e.\"Product2Id\" FROM "
                 "\"PricebookEntry\" e JOIN \"Pricebook2\" b ON b.\"Id\" = e.\"Pricebook2Id\" AND b.\"IsStandard\" = 1 "
                 "WHERE e.\"Id\" = ?1) AND \"CurrencyIsoCode\" IS (SELECT \"CurrencyIsoCode\" FROM \"PricebookEntry\" "
                 "WHERE \"Id\" = ?1)");
    sqlite3_bind_text(s, 1, id, -1, SQLITE_STATIC);
    bool ok = sqlite3_step(s) == SQLITE_DONE;
    store_put(d->c->o, s);
    return ok;
}
