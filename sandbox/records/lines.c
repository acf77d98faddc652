/*
 * lines.c - products of an Opportunity and of a Quote: a line's price comes from an active entry of its parent's price
 * book, in its parent's currency; what the line costs is worked out here, what its parent costs in totals.c.
 */
#include <stdio.h>
#include <string.h>

#include "sandbox/records/money.h"
#include "sandbox/records/rules.h"
#include "sandbox/records/totals.h"

/* What differs between the two kinds of line. */
struct line_kind {
    const char *parent_field, *parent, *name; /* OpportunityId, Opportunity, opportunity */
    const char *other_book;                   /* why an entry of another price book is refused */
};

static const struct line_kind opportunity_line = {
    "OpportunityId", "Opportunity", "opportunity",
    "pricebook entry is in a different pricebook than the one assigned to the opportunity"
};
static const struct line_kind quote_line = {
    "QuoteId", "Quote", "quote",
    "pricebook entry is in a different pricebook than the one assigned to the Quote, or Quote has no pricebook assigned"
};

struct parent {
    char book[ID_SIZE], currency[8], name[256];
};

struct entry {
    char id[ID_SIZE], book[ID_SIZE], product[ID_SIZE], currency[8], name[256], code[256];
    double price;
    bool active, archived, book_active;
};

static void column(sqlite3_stmt *s, int at, char *out, size_t size)
{
    const char *text = (const char *)sqlite3_column_text(s, at);
    copy_text(out, size, text ? text : "");
}

static void read_parent(struct draft *d, const struct line_kind *kind, struct parent *out)
{
    char sql[160];
    *out = (struct parent){ .book = "" };
    snprintf(sql, sizeof sql, "SELECT \"Pricebook2Id\", \"CurrencyIsoCode\", \"Name\" FROM \"%s\" WHERE \"Id\" = ?1",
             kind->parent);
    sqlite3_stmt *s = store_get(d->c->o, sql);
    value_bind(s, 1, draft_get(d, kind->parent_field));
    if (sqlite3_step(s) == SQLITE_ROW) {
        column(s, 0, out->book, sizeof out->book);
        column(s, 1, out->currency, sizeof out->currency);
        column(s, 2, out->name, sizeof out->name);
    }
    store_put(d->c->o, s);
}

#define ENTRY                                                                                                          \
    "SELECT e.\"Id\", e.\"Pricebook2Id\", e.\"Product2Id\", e.\"CurrencyIsoCode\", e.\"Name\", e.\"ProductCode\", "    \
    "e.\"UnitPrice\", e.\"IsActive\", e.\"IsArchived\", b.\"IsActive\" FROM \"PricebookEntry\" e JOIN \"Pricebook2\" " \
    "b ON b.\"Id\" = e.\"Pricebook2Id\" WHERE e.\"IsDeleted\" = 0 AND "

/* The entry that the line names; or, when it names a product alone, that product's in the parent's price book. */
static bool read_entry(struct draft *d, const struct parent *parent, struct entry *out)
{
    bool named = draft_text(d, "PricebookEntryId") != NULL;
    sqlite3_stmt *s = store_get(d->c->o, named ? ENTRY "e.\"Id\" = ?1"
                                               : ENTRY "e.\"Product2Id\" = ?1 AND e.\"Pricebook2Id\" = ?2 AND "
                                                       "e.\"CurrencyIsoCode\" IS ?3");
    value_bind(s, 1, draft_get(d, named ? "PricebookEntryId" : "Product2Id"));
    if (!named) {
        sqlite3_bind_text(s, 2, parent->book, -1, SQLITE_STATIC);
        sqlite3_bind_text(s, 3, parent->currency, -1, SQLITE_STATIC);
    }
    bool found = sqlite3_step(s) == SQLITE_ROW;
    if (found) {
        column(s, 0, out->id, sizeof out->id);
        column(s, 1, out->book, sizeof out->book);
        column(s, 2, out->product, sizeof out->product);
        column(s, 3, out->currency, sizeof out->currency);
        column(s, 4, out->name, sizeof out->name);
        column(s, 5, out->code, sizeof out->code);
        out->price = sqlite3_column_double(s, 6);
        out->active = sqlite3_column_int(s, 7);
        out->archived = sqlite3_column_int(s, 8);
        out->book_active = sqlite3_column_int(s, 9);
    }
    store_put(d->c->o, s);
    return found;
}

static bool refuse_entry(struct fault *f, const char *fields, const char *why)
{
    fault_set(f, 400, "FIELD_INTEGRITY_EXCEPTION", fields, "field integrity exception: %s (%s)", fields, why);
    return false;
}

/* An Opportunity without a price book gets that of its first line. */
static bool adopt_book(struct draft *d, const struct line_kind *kind, struct parent *parent, const struct entry *entry)
{
    if (kind != &opportunity_line || parent->book[0] || !entry->book_active)
        return true;
    sqlite3_stmt *s = store_get(d->c->o, "UPDATE \"Opportunity\" SET \"Pricebook2Id\" = ?2 WHERE \"Id\" = ?1");
    value_bind(s, 1, draft_get(d, kind->parent_field));
    sqlite3_bind_text(s, 2, entry->book, -1, SQLITE_STATIC);
    bool ok = sqlite3_step(s) == SQLITE_DONE;
    store_put(d->c->o, s);
    copy_text(parent->book, sizeof parent->book, entry->book);
    return ok;
}

static bool entry_fits(struct draft *d, const struct line_kind *kind, struct parent *parent, const struct entry *entry,
                       struct fault *f)
{
    char why[120];
    const char *product = draft_text(d, "Product2Id");
    if (entry->archived)
        return refuse_entry(f, "PricebookEntryId", "pricebook entry has been archived");
    if (!entry->active)
        return refuse_entry(f, "PricebookEntryId", "pricebook entry is inactive");
    if (!adopt_book(d, kind, parent, entry) || strcmp(parent->book, entry->book) != 0)
        return refuse_entry(f, "PricebookEntryId", kind->other_book);
    if (product && strcmp(product, entry->product) != 0)
        return refuse_entry(f, "Product2Id", "product does not match the pricebook entry");
    snprintf(why, sizeof why, "pricebook entry currency code does not match %s currency code", kind->name);
    if (strcmp(parent->currency, entry->currency) != 0)
        return refuse_entry(f, "unknown", why);
    return true;
}

/* Finds the entry and copies what a line keeps of it. */
static bool take_entry(struct draft *d, const struct line_kind *kind, struct fault *f)
{
    struct parent parent;
    struct entry entry = { .id = "" };
    read_parent(d, kind, &parent);
    if (!read_entry(d, &parent, &entry)) {
        fault_set(f, 400, "FIELD_INTEGRITY_EXCEPTION", "PricebookEntryId,unknown",
                  "field integrity exception: PricebookEntryId, unknown (all API versions must specify pricebook entry "
                  "id; others must specify product id)");
        return d->c->loading;
    }
    if (!d->c->loading && !entry_fits(d, kind, &parent, &entry, f))
        return false;
    draft_put_text(d, "PricebookEntryId", entry.id);
    draft_put_text(d, "Product2Id", entry.product);
    draft_put_text(d, "CurrencyIsoCode", parent.currency);
    draft_put(d, "ListPrice", (struct value){ .kind = VALUE_REAL, .d = entry.price });
    if (kind != &opportunity_line)
        return true;
    char name[sizeof parent.name + sizeof entry.name + 1];
    snprintf(name, sizeof name, "%s %s", parent.name, entry.name);
    draft_put_text(d, "Name", name);
    draft_put_text(d, "ProductCode", entry.code);
    return true;
}

static bool work_out(struct draft *d, struct fault *f)
{
    decimal quantity = money_of(draft_get(d, "Quantity")), price = money_of(draft_get(d, "UnitPrice"));
    decimal discount = money_of(draft_get(d, "Discount"));
    if (quantity == 0)
        return refuse_entry(f, "Quantity", "quantity must be nonzero");
    return money_put(d, "Subtotal", money_times(quantity, price), f) &&
           money_put(d, "TotalPrice", money_discounted(quantity, price, discount), f);
}

/* The price of one, when the client gave what all of them cost. */
static bool price_from_total(struct draft *d, struct fault *f)
{
    enum { WHOLE = 10000 };
    decimal quantity = money_of(draft_get(d, "Quantity")), total = money_of(draft_get(d, "TotalPrice"));
    decimal left = quantity * (WHOLE - money_of(draft_get(d, "Discount")));
    if (left == 0)
        return refuse_entry(f, "Quantity", "quantity must be nonzero");
    if (left < 0) {
        left = -left;
        total = -total;
    }
    return money_put(d, "UnitPrice", money_divide(total * 100 * WHOLE, left), f);
}

/* UnitPrice or TotalPrice, one of them. */
static bool opportunity_price(struct draft *d, struct fault *f)
{
    bool unit = draft_is_set(d, "UnitPrice") && draft_get(d, "UnitPrice")->kind != VALUE_NULL;
    bool total = draft_is_set(d, "TotalPrice") && draft_get(d, "TotalPrice")->kind != VALUE_NULL;
    if (unit && total && !d->c->loading) {
        fault_set(f, 400, "INVALID_FIELD", "UnitPrice", "Cannot change both 'UnitPrice' and 'TotalPrice' in %s call",
                  d->id ? "update" : "create");
        return false;
    }
    if (total && !unit)
        return price_from_total(d, f);
    if (unit || d->id)
        return true;
    fault_set(f, 400, "REQUIRED_FIELD_MISSING", "TotalPrice", "Required fields are missing: [TotalPrice]");
    return false;
}

bool opportunity_line_before_insert(struct draft *d, struct fault *f)
{
    return take_entry(d, &opportunity_line, f) && opportunity_price(d, f) && work_out(d, f);
}

bool quote_line_before_insert(struct draft *d, struct fault *f)
{
    return take_entry(d, &quote_line, f) && work_out(d, f);
}

static const char *const figures[] = { "Quantity", "UnitPrice", "Discount", NULL };

bool opportunity_line_before_update(struct draft *d, struct fault *f)
{
    draft_load(d, figures);
    return opportunity_price(d, f) && work_out(d, f);
}

bool quote_line_before_update(struct draft *d, struct fault *f)
{
    draft_load(d, figures);
    return work_out(d, f);
}

/* ---- their parents ---- */

static void parent_due(struct call *c, const char *sql, const char *id)
{
    sqlite3_stmt *s = store_get(c->o, sql);
    sqlite3_bind_text(s, 1, id, -1, SQLITE_STATIC);
    if (sqlite3_step(s) == SQLITE_ROW && sqlite3_column_bytes(s, 0) == ID_SIZE - 1)
        totals_due(c->o, (const char *)sqlite3_column_text(s, 0));
    store_put(c->o, s);
}

void opportunity_line_before_delete(struct call *c, const char *id)
{
    parent_due(c, "SELECT \"OpportunityId\" FROM \"OpportunityLineItem\" WHERE \"Id\" = ?1", id);
}

void quote_line_before_delete(struct call *c, const char *id)
{
    parent_due(c, "SELECT \"QuoteId\" FROM \"QuoteLineItem\" WHERE \"Id\" = ?1", id);
}

bool line_after_save(const struct draft *d, const char *id, struct fault *f)
{
    bool quote = same_name(d->ob->name, "QuoteLineItem");
    const char *parent = draft_text(d, quote ? "QuoteId" : "OpportunityId");
    (void)f;
    if (parent)
        totals_due(d->c->o, parent);
    else if (quote)
        quote_line_before_delete(d->c, id);
    else
        opportunity_line_before_delete(d->c, id);
    return true;
}
