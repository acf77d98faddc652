/* totals.c - see totals.h. */
#include "sandbox/records/totals.h"

#include <stdio.h>
#include <string.h>

#include "sandbox/base/decimal.h"
#include "sandbox/base/system.h"

enum { ID_LENGTH = ID_SIZE - 1, WHOLE = 10000 /* 100 % in hundredths of a percent */ };

void totals_due(struct org *o, const char *id)
{
    for (size_t i = 0; i < o->due.n; i += ID_LENGTH)
        if (memcmp(o->due.p + o->due.n - ID_LENGTH - i, id, ID_LENGTH) == 0)
            return; /* mostly the one that came last */
    text_add(&o->due, id, ID_LENGTH);
}

void totals_hold(struct org *o)
{
    o->holds++;
}

/* Cents of a column; NULL counts as nothing. */
#define CENTS(column) "CAST(ROUND(IFNULL(" column ", 0) * 100) AS INTEGER)"

static void bind_cents(sqlite3_stmt *s, int at, int64_t cents)
{
    sqlite3_bind_double(s, at, decimal_quotient(cents, 100));
}

static void stamp(sqlite3_stmt *s, int at, const struct call *c, char now[32])
{
    utc_text(org_now_ms(c->o), "+0000", now);
    sqlite3_bind_text(s, at, now, -1, SQLITE_STATIC);
    sqlite3_bind_text(s, at + 1, c->user_id, -1, SQLITE_STATIC);
}

/* Runs a SELECT of whole numbers for the parent `id`; false when it is not there or a sum is too large. */
static bool sums(struct call *c, const char *sql, const char *id, int64_t *out, int n)
{
    sqlite3_stmt *s = store_get(c->o, sql);
    if (!s)
        return false;
    sqlite3_bind_text(s, 1, id, ID_LENGTH, SQLITE_STATIC);
    bool ok = sqlite3_step(s) == SQLITE_ROW;
    for (int i = 0; ok && i < n; i++)
        out[i] = sqlite3_column_int64(s, i);
    store_put(c->o, s);
    return ok;
}

static bool written(struct org *o, sqlite3_stmt *s)
{
    bool ok = sqlite3_step(s) == SQLITE_DONE;
    store_put(o, s);
    return ok;
}

/* The average discount of a Quote's lines, weighted by their subtotals, in hundredths of a percent. */
static int64_t average_discount(int64_t subtotal, int64_t total)
{
    decimal part = (decimal)(subtotal - total) * WHOLE;
    if (subtotal == 0)
        return 0;
    if (subtotal < 0) {
        subtotal = -subtotal;
        part = -part;
    }
    return (int64_t)((part < 0 ? part - subtotal / 2 : part + subtotal / 2) / subtotal);
}

static bool add_up_quote(struct call *c, const char *id)
{
    enum { LINES, SUBTOTAL, TOTAL, TAX, SHIPPING, OLD_LINES, OLD_SUBTOTAL, OLD_TOTAL, OLD_GRAND, COLUMNS };
    int64_t v[COLUMNS];
    char now[32];
    if (!sums(
            c,
            "SELECT (SELECT COUNT(*) FROM \"QuoteLineItem\" WHERE \"QuoteId\" = ?1 AND \"IsDeleted\" = 0), "
            "(SELECT SUM(" CENTS(
                "\"Subtotal\"") ") FROM \"QuoteLineItem\" WHERE \"QuoteId\" = ?1 AND \"IsDeleted\" = 0), "
                                "(SELECT SUM(" CENTS(
                                    "\"TotalPrice\"") ") FROM \"QuoteLineItem\" WHERE \"QuoteId\" = "
                                                      "?1 AND \"IsDeleted\" = 0), " CENTS("\"Tax\"") ", " CENTS(
                                                          "\"Ship"
                                                          "pingHa"
                                                          "ndling"
                                                          "\"") ", \"LineItemCount\", " CENTS("\"Subtotal\"") ","
                                                                                                              " " CENTS(
                                                                                                                  "\"To"
                                                                                                                  "talP"
                                                                                                                  "rice"
                                                                                                                  "\"") ","
                                                                                                                        " " CENTS(
                                                                                                                            "\"GrandTotal\"") " FROM"
                                                                                                                                              " \"Qu"
                                                                                                                                              "ote\""
                                                                                                                                              " WHER"
                                                                                                                                              "E "
                                                                                                                                              "\"Id"
                                                                                                                                              "\" = "
                                                                                                                                              "?1 "
                                                                                                                                              "AND "
                                                                                                                                              "\"IsD"
                                                                                                                                              "elete"
                                                                                                                                              "d\" "
                                                                                                                                              "= 0",
            id, v, COLUMNS))
        return sqlite3_errcode(c->o->db) != SQLITE_ERROR;
    int64_t grand = v[TOTAL] + v[TAX] + v[SHIPPING];
    if (v[LINES] == v[OLD_LINES] && v[SUBTOTAL] == v[OLD_SUBTOTAL] && v[TOTAL] == v[OLD_TOTAL] && grand == v[OLD_GRAND])
        return true;
    sqlite3_stmt *s = store_get(
        c->o, "UPDATE \"Quote\" SET \"LineItemCount\" = ?2, \"Subtotal\" = ?3, \"TotalPrice\" = ?4, \"Discount\" = ?5, "
              "\"GrandTotal\" = ?6, \"LastModifiedDate\" = ?7, \"SystemModstamp\" = ?7, \"LastModifiedById\" = ?8 "
              "WHERE \"Id\" = ?1");
    sqlite3_bind_text(s, 1, id, ID_LENGTH, SQLITE_STATIC);
    sqlite3_bind_int64(s, 2, v[LINES]);
    bind_cents(s, 3, v[SUBTOTAL]);
    bind_cents(s, 4, v[TOTAL]);
    bind_cents(s, 5, average_discount(v[SUBTOTAL], v[TOTAL]));
    bind_cents(s, 6, grand);
    stamp(s, 7, c, now);
    return written(c->o, s);
}

static bool add_up_opportunity(struct call *c, const char *id)
{
    enum { LINES, TOTAL, QUANTITY, HAD_LINES, OLD_AMOUNT, OLD_QUANTITY, PERCENT, COLUMNS };
    int64_t v[COLUMNS];
    char now[32];
    if (!sums(
            c,
            "SELECT (SELECT COUNT(*) FROM \"OpportunityLineItem\" WHERE \"OpportunityId\" = ?1 AND \"IsDeleted\" = 0), "
            "(SELECT SUM(" CENTS(
                "\"TotalPrice\"") ") FROM \"OpportunityLineItem\" WHERE \"OpportunityId\" = ?1 AND \"IsDeleted\" = 0), "
                                  "(SELECT SUM(" CENTS(
                                      "\"Quantity\"") ") FROM \"OpportunityLineItem\" WHERE \"OpportunityId\" = ?1 AND "
                                                      "\"IsDeleted\" = 0), "
                                                      "\"HasOpportunityLineItem\", " CENTS("\"Amount\"") ", " CENTS(
                                                          "\"TotalOpportunityQuantity\"") ", "
                                                                                          "CAST(IFNULL(\"Probability\","
                                                                                          " 0) AS INTEGER) FROM "
                                                                                          "\"Opportunity\" WHERE "
                                                                                          "\"Id\" = ?1 AND "
                                                                                          "\"IsDeleted\" = 0",
            id, v, COLUMNS))
        return sqlite3_errcode(c->o->db) != SQLITE_ERROR;
    if ((v[LINES] > 0) == (v[HAD_LINES] > 0) && v[TOTAL] == v[OLD_AMOUNT] && v[QUANTITY] == v[OLD_QUANTITY])
        return true;
    sqlite3_stmt *s =
        store_get(c->o, "UPDATE \"Opportunity\" SET \"HasOpportunityLineItem\" = ?2, \"Amount\" = ?3, "
                        "\"TotalOpportunityQuantity\" = ?4, \"ExpectedRevenue\" = ?5, \"LastModifiedDate\" = ?6, "
                        "\"SystemModstamp\" = ?6, \"LastModifiedById\" = ?7 WHERE \"Id\" = ?1");
    sqlite3_bind_text(s, 1, id, ID_LENGTH, SQLITE_STATIC);
    sqlite3_bind_int64(s, 2, v[LINES] > 0);
    bind_cents(s, 3, v[TOTAL]);
    bind_cents(s, 4, v[QUANTITY]);
    decimal expected = (decimal)v[TOTAL] * v[PERCENT];
    bind_cents(s, 5, (int64_t)((expected < 0 ? expected - 50 : expected + 50) / 100));
    stamp(s, 6, c, now);
    return written(c->o, s);
}

bool totals_release(struct call *c, struct fault *f)
{
    struct org *o = c->o;
    if (--o->holds)
        return true;
    bool ok = true;
    for (size_t i = 0; ok && i < o->due.n; i += ID_LENGTH) {
        char id[ID_SIZE];
        memcpy(id, o->due.p + i, ID_LENGTH);
        id[ID_LENGTH] = '\0';
        ok = strncmp(id, "0Q0", 3) == 0 ? add_up_quote(c, id) : add_up_opportunity(c, id);
    }
    text_free(&o->due);
    if (!ok)
        fault_set(f, 400, "NUMBER_OUTSIDE_VALID_RANGE", "", "a total has more digits than its field");
    return ok;
}
