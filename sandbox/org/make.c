/*
 * make.c - sample records by the thousand: Accounts, Opportunities and their lines, written straight into the tables
 * with what an org would have worked out. What a seed decides comes from splitmix64, so that the same seed makes the
 * same.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sandbox/base/decimal.h"
#include "sandbox/base/system.h"
#include "sandbox/org/org.h"
#include "sandbox/records/changes.h"
#include "sandbox/records/records.h"

enum {
    OPPORTUNITIES_MAX = 1000000,
    LINES_EACH_MAX = 1000,
    LINES_MAX = 4000000,
    PRODUCTS = 10,
    ACCOUNTS_MAX = 2000,
    CHANCE = 10, /* percent, of stage Prospecting */
    DAY_MS = 86400000,
    CLOSES_IN_DAYS = 30,
    TRANSACTION = 200 /* records that a transaction of Apex takes at a time */
};

#define STANDARD_BOOK "01sxx0000000001AAA"
#define MAKER "005xx000001X8UzAAK" /* the sample org's administrator */

static const struct place {
    const char *country, *city;
} places[] = { { "US", "Denver" },   { "DE", "Hamburg" }, { "JP", "Osaka" },     { "GB", "Leeds" },
               { "BR", "Curitiba" }, { "FR", "Lyon" },    { "AU", "Perth" },     { "CA", "Calgary" },
               { "IN", "Pune" },     { "ES", "Sevilla" }, { "SG", "Singapore" }, { "MX", "Puebla" },
               { "NL", "Utrecht" },  { "ZA", "Durban" },  { "AE", "Dubai" },     { "IT", "Torino" },
               { "KR", "Busan" },    { "SE", "Uppsala" }, { "US", "Portland" },  { "DE", "Leipzig" } };
static const char *const families[] = { "Hardware", "Software", "Services", "Support" };

struct product {
    char id[ID_SIZE], entry[ID_SIZE], name[32];
    int64_t cents;
};

struct making {
    struct org *o;
    int64_t opportunities, lines_each, accounts;
    uint64_t seed;
    char now[32], close[12];
    struct product products[PRODUCTS];
    int64_t products_made;
    sqlite3_stmt *account, *opportunity, *line;
    uint64_t first_account, first_opportunity, first_line, first_number;
};

static uint64_t mixed(uint64_t x)
{
    x += 0x9e3779b97f4a7c15u;
    x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9u;
    x = (x ^ (x >> 27)) * 0x94d049bb133111ebu;
    return x ^ (x >> 31);
}

/* ---- what is asked for ---- */

static bool whole(const json_t *spec, const char *name, int64_t otherwise, int64_t max, int64_t *out, char *why,
                  size_t why_size)
{
    const json_t *v = json_object_get(spec, name);
    *out = v ? (int64_t)json_integer_value(v) : otherwise;
    if (!v || (json_is_integer(v) && *out >= 0 && *out <= max))
        return true;
    snprintf(why, why_size, "%s is not a whole number from 0 to %lld", name, (long long)max);
    return false;
}

static bool read_spec(struct making *m, const json_t *spec, char *why, size_t why_size)
{
    static const char *const names[] = { "opportunities", "linesEach", "seed" };
    const char *name;
    json_t *value;
    int64_t seed;
    json_object_foreach ((json_t *)spec, name, value) {
        size_t i = 0;
        while (i < sizeof names / sizeof *names && strcmp(names[i], name) != 0)
            i++;
        if (i == sizeof names / sizeof *names) {
            snprintf(why, why_size, "%.60s is not known: opportunities, linesEach and seed are", name);
            return false;
        }
    }
    if (!whole(spec, "opportunities", 0, OPPORTUNITIES_MAX, &m->opportunities, why, why_size) ||
        !whole(spec, "linesEach", 2, LINES_EACH_MAX, &m->lines_each, why, why_size) ||
        !whole(spec, "seed", 1, INT64_MAX, &seed, why, why_size))
        return false;
    m->seed = (uint64_t)seed;
    m->accounts = m->opportunities / 5;
    int64_t least = m->opportunities < 8 ? m->opportunities : 8;
    m->accounts = m->accounts < least ? least : m->accounts > ACCOUNTS_MAX ? ACCOUNTS_MAX : m->accounts;
    if (m->opportunities * m->lines_each <= LINES_MAX)
        return true;
    snprintf(why, why_size, "more than %d lines", LINES_MAX);
    return false;
}

/* ---- writing ---- */

static void put_text(sqlite3_stmt *s, int at, const char *text)
{
    sqlite3_bind_text(s, at, text, -1, SQLITE_TRANSIENT);
}

static void put_cents(sqlite3_stmt *s, int at, int64_t cents)
{
    sqlite3_bind_double(s, at, decimal_quotient(cents, 100));
}

static bool run(sqlite3_stmt *s)
{
    bool ok = sqlite3_step(s) == SQLITE_DONE;
    sqlite3_reset(s);
    return ok;
}

/* Columns of an object that every record has; parameters ?1 to ?4: id, time, user, currency. */
#define COMMON                                                                                                         \
    "\"Id\", \"CreatedDate\", \"LastModifiedDate\", \"SystemModstamp\", \"CreatedById\", \"LastModifiedById\", "       \
    "\"CurrencyIsoCode\""
#define COMMON_VALUES "?1, ?2, ?2, ?2, ?3, ?3, ?4"

static void common(const struct making *m, sqlite3_stmt *s, const char *id)
{
    put_text(s, 1, id);
    put_text(s, 2, m->now);
    put_text(s, 3, MAKER);
    put_text(s, 4, org_currency(m->o));
}

static bool make_product(struct making *m, struct product *p, int k)
{
    char code[24];
    bool ok = false;
    snprintf(code, sizeof code, "SAMPLE-%d", k + 1);
    sqlite3_stmt *s = store_get(m->o, "INSERT INTO \"Product2\" (" COMMON
                                      ", \"Name\", \"ProductCode\", \"Family\", \"IsActive\") VALUES (" COMMON_VALUES
                                      ", ?5, ?6, ?7, 1)");
    if (s) {
        id_make("01t", ID_NUMBERS + store_next(m->o, "01t"), p->id);
        common(m, s, p->id);
        put_text(s, 5, p->name);
        put_text(s, 6, code);
        put_text(s, 7, families[k % 4]);
        ok = run(s);
        store_put(m->o, s);
    }
    s = ok ? store_get(m->o, "INSERT INTO \"PricebookEntry\" (" COMMON
                             ", \"Name\", \"ProductCode\", \"Pricebook2Id\", \"Product2Id\", \"UnitPrice\", "
                             "\"IsActive\") VALUES (" COMMON_VALUES ", ?5, ?6, '" STANDARD_BOOK "', ?7, ?8, 1)")
           : NULL;
    if (s) {
        id_make("01u", ID_NUMBERS + store_next(m->o, "01u"), p->entry);
        common(m, s, p->entry);
        put_text(s, 5, p->name);
        put_text(s, 6, code);
        put_text(s, 7, p->id);
        put_cents(s, 8, p->cents);
        ok = run(s);
        store_put(m->o, s);
    }
    m->products_made += ok;
    return s && ok;
}

/* Those of an earlier making serve again. */
static bool find_product(struct making *m, struct product *p)
{
    sqlite3_stmt *s = store_get(m->o, "SELECT \"Product2Id\", \"Id\", \"UnitPrice\" FROM \"PricebookEntry\" WHERE "
                                      "\"Name\" = ?1 AND \"Pricebook2Id\" = '" STANDARD_BOOK
                                      "' AND \"CurrencyIsoCode\" = ?2 AND \"IsActive\" = 1 AND \"IsDeleted\" = 0");
    put_text(s, 1, p->name);
    put_text(s, 2, org_currency(m->o));
    bool found = sqlite3_step(s) == SQLITE_ROW;
    if (found) {
        copy_text(p->id, sizeof p->id, (const char *)sqlite3_column_text(s, 0));
        copy_text(p->entry, sizeof p->entry, (const char *)sqlite3_column_text(s, 1));
        p->cents = (int64_t)decimal_of(sqlite3_column_double(s, 2), 2);
    }
    store_put(m->o, s);
    return found;
}

static bool make_products(struct making *m)
{
    bool ok = true;
    for (int k = 0; ok && k < PRODUCTS; k++) {
        struct product *p = &m->products[k];
        snprintf(p->name, sizeof p->name, "Sample Product %d", k + 1);
        p->cents = 1000 + (int64_t)(mixed((uint64_t)k) % 49001); /* 10.00 to 500.00 */
        ok = find_product(m, p) || make_product(m, p, k);
    }
    return ok;
}

static void account_id(const struct making *m, int64_t i, char id[ID_SIZE])
{
    id_make("001", ID_NUMBERS + m->first_account + (uint64_t)i, id);
}

static bool make_account(struct making *m, int64_t i)
{
    const struct place *place = &places[(size_t)i % (sizeof places / sizeof *places)];
    char id[ID_SIZE], name[48];
    account_id(m, i, id);
    snprintf(name, sizeof name, "Sample Account %llu", (unsigned long long)(m->first_account + (uint64_t)i));
    common(m, m->account, id);
    put_text(m->account, 5, name);
    put_text(m->account, 6, place->country);
    put_text(m->account, 7, place->city);
    return run(m->account);
}

/* A line of the n-th Opportunity; adds what it costs. */
static bool make_line(struct making *m, int64_t n, int64_t at, const char *deal, const char *name, int64_t *total,
                      int64_t *count)
{
    uint64_t chance = mixed(m->seed ^ mixed((uint64_t)n)); /* of the Opportunity: its products stand side by side */
    const struct product *p = &m->products[(chance % PRODUCTS + (uint64_t)at) % PRODUCTS];
    int64_t quantity = 1 + (int64_t)(mixed(chance + (uint64_t)at) % 10);
    char id[ID_SIZE], full[96];
    sqlite3_stmt *s = m->line;
    id_make("00k", ID_NUMBERS + m->first_line + (uint64_t)(n * m->lines_each + at), id);
    snprintf(full, sizeof full, "%s %s", name, p->name);
    common(m, s, id);
    put_text(s, 5, deal);
    put_text(s, 6, p->entry);
    put_text(s, 7, p->id);
    put_text(s, 8, full);
    sqlite3_bind_double(s, 9, (double)quantity);
    put_cents(s, 10, p->cents);
    put_cents(s, 11, p->cents * quantity);
    *total += p->cents * quantity;
    *count += quantity;
    return run(s);
}

static bool make_opportunity(struct making *m, int64_t n)
{
    char id[ID_SIZE], account[ID_SIZE], name[48];
    int64_t total = 0, count = 0;
    sqlite3_stmt *s = m->opportunity;
    bool ok = true;
    id_make("006", ID_NUMBERS + m->first_opportunity + (uint64_t)n, id);
    account_id(m, (int64_t)(mixed(m->seed + (uint64_t)n) % (uint64_t)m->accounts), account);
    snprintf(name, sizeof name, "Sample Opportunity %llu", (unsigned long long)(m->first_number + (uint64_t)n));
    for (int64_t i = 0; ok && i < m->lines_each; i++)
        ok = make_line(m, n, i, id, name, &total, &count);
    common(m, s, id);
    put_text(s, 5, name);
    put_text(s, 6, account);
    put_text(s, 7, m->close);
    for (int i = 8; i <= 11; i++)
        sqlite3_bind_null(s, i);
    if (m->lines_each) {
        put_cents(s, 8, total);
        put_cents(s, 9, (int64_t)((total * CHANCE + 50) / 100));
        sqlite3_bind_double(s, 10, (double)count);
    }
    sqlite3_bind_int(s, 11, m->lines_each > 0);
    return ok && run(s);
}

static bool make_all(struct making *m)
{
    m->account = store_get(m->o, "INSERT INTO \"Account\" (" COMMON
                                 ", \"OwnerId\", \"Name\", \"BillingCountry\", \"BillingCity\") VALUES (" COMMON_VALUES
                                 ", ?3, ?5, ?6, ?7)");
    m->opportunity = store_get(m->o, "INSERT INTO \"Opportunity\" (" COMMON
                                     ", \"OwnerId\", \"Name\", \"AccountId\", \"CloseDate\", \"Amount\", "
                                     "\"ExpectedRevenue\", \"TotalOpportunityQuantity\", \"HasOpportunityLineItem\", "
                                     "\"StageName\", \"Probability\", "
                                     "\"ForecastCategoryName\", \"Pricebook2Id\") VALUES (" COMMON_VALUES
                                     ", ?3, ?5, ?6, ?7, ?8, ?9, ?10, ?11, "
                                     "'Prospecting', 10, 'Pipeline', '" STANDARD_BOOK "')");
    m->line = store_get(
        m->o, "INSERT INTO \"OpportunityLineItem\" (" COMMON ", \"OpportunityId\", \"PricebookEntryId\", "
              "\"Product2Id\", \"Name\", \"Quantity\", \"UnitPrice\", \"ListPrice\", \"Subtotal\", \"TotalPrice\") "
              "VALUES (" COMMON_VALUES ", ?5, ?6, ?7, ?8, ?9, ?10, ?10, ?11, ?11)");
    bool ok = m->account && m->opportunity && m->line && make_products(m);
    for (int64_t i = 0; ok && i < m->accounts; i++)
        ok = make_account(m, i);
    for (int64_t i = 0; ok && i < m->opportunities; i++)
        ok = make_opportunity(m, i);
    store_put(m->o, m->account);
    store_put(m->o, m->opportunity);
    store_put(m->o, m->line);
    return ok;
}

json_t *org_make(struct org *o, const json_t *spec, char *why, size_t why_size)
{
    struct making m = { .o = o };
    char day[32];
    if (!read_spec(&m, spec, why, why_size))
        return NULL;
    pthread_mutex_lock(&o->lock);
    int64_t now = org_now_ms(o);
    utc_text(now, "+0000", m.now);
    utc_text(now + (int64_t)CLOSES_IN_DAYS * DAY_MS, "Z", day);
    copy_text(m.close, sizeof m.close, day); /* the day alone */
    m.close[10] = '\0';
    changes_begin(o);
    store_begin(o);
    m.first_account = store_take(o, "001", (uint64_t)m.accounts);
    m.first_opportunity = store_take(o, "006", (uint64_t)m.opportunities);
    m.first_line = store_take(o, "00k", (uint64_t)(m.opportunities * m.lines_each));
    m.first_number = store_take(o, "Sample Opportunity", (uint64_t)m.opportunities);
    bool ok = make_all(&m);
    if (!ok)
        snprintf(why, why_size, "%s", sqlite3_errmsg(o->db));
    store_end(o, ok);
    changes_end(o, MAKER, "", TRANSACTION);
    pthread_mutex_unlock(&o->lock);
    if (!ok)
        return NULL;
    return json_pack("{s:I, s:I, s:I, s:I, s:I}", "opportunities", (json_int_t)m.opportunities, "lines",
                     (json_int_t)m.opportunities * m.lines_each, "accounts", (json_int_t)m.accounts, "products",
                     (json_int_t)m.products_made, "pricebookEntries", (json_int_t)m.products_made);
}
