/*
 * sql.c - the data model objects as views, and SQLite's authorizer as the wall around them: what a statement may read
 * is decided by SQLite itself while it compiles, not by looking at the text.
 */
#include "sandbox/data360/sql.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { STEPS_MAX = 20000000, STEPS_EACH = 10000 };

/* A column of an object: what it is made of, and how it is called. */
static const struct column {
    const char *view, *name, *from, *type;
} columns[] = {
    { "ssot__Account__dlm", "ssot__Id__c", "\"Id\"", "Varchar" },
    { "ssot__Account__dlm", "ssot__Name__c", "\"Name\"", "Varchar" },
    { "ssot__Account__dlm", "ssot__ParentAccountId__c", "\"ParentId\"", "Varchar" },
    { "ssot__Account__dlm", "ssot__AccountTypeId__c", "\"Type\"", "Varchar" },
    { "ssot__Account__dlm", "ssot__BillingCityName__c", "\"BillingCity\"", "Varchar" },
    { "ssot__Account__dlm", "ssot__NumberOfEmployees__c", "\"NumberOfEmployees\"", "Decimal" },
    { "ssot__Account__dlm", "ssot__AnnualRevenueAmount__c", "\"AnnualRevenue\"", "Decimal" },
    { "ssot__Account__dlm", "ssot__CreatedDate__c", "\"CreatedDate\"", "TimestampTZ" },
    { "ssot__Account__dlm", "ssot__DataSourceId__c", "'CRM'", "Varchar" },
    { "ssot__Individual__dlm", "ssot__Id__c", "\"Id\"", "Varchar" },
    { "ssot__Individual__dlm", "ssot__FirstName__c", "\"FirstName\"", "Varchar" },
    { "ssot__Individual__dlm", "ssot__LastName__c", "\"LastName\"", "Varchar" },
    { "ssot__Individual__dlm", "ssot__BirthDate__c", "\"Birthdate\"", "Date" },
    { "ssot__Individual__dlm", "ssot__CreatedDate__c", "\"CreatedDate\"", "TimestampTZ" },
    { "ssot__Individual__dlm", "ssot__DataSourceId__c", "'CRM'", "Varchar" },
    { "ssot__AccountContact__dlm", "ssot__Id__c", "\"Id\"", "Varchar" },
    { "ssot__AccountContact__dlm", "ssot__AccountId__c", "\"AccountId\"", "Varchar" },
    { "ssot__AccountContact__dlm", "ssot__IndividualId__c", "\"Id\"", "Varchar" },
    { "UnifiedIndividual__dlm", "ssot__Id__c", "'u' || min(\"Id\")", "Varchar" },
    { "UnifiedIndividual__dlm", "ssot__FirstName__c", "\"FirstName\"", "Varchar" },
    { "UnifiedIndividual__dlm", "ssot__LastName__c", "\"LastName\"", "Varchar" },
    { "UnifiedIndividual__dlm", "ssot__BirthDate__c", "max(\"Birthdate\")", "Date" },
    { "UnifiedIndividual__dlm", "ssot__EmailAddress__c", "max(\"Email\")", "Varchar" },
    { "UnifiedIndividual__dlm", "SourceCount__c", "count(*)", "Decimal" },
    { "UnifiedLinkssotIndividual__dlm", "SourceRecordId__c", "c.\"Id\"", "Varchar" },
    { "UnifiedLinkssotIndividual__dlm", "UnifiedRecordId__c",
      "'u' || (SELECT min(d.\"Id\") FROM \"Contact\" d WHERE d.\"IsDeleted\" = 0 AND lower(d.\"FirstName\") IS "
      "lower(c.\"FirstName\") AND lower(d.\"LastName\") = lower(c.\"LastName\"))",
      "Varchar" },
};
enum { N_COLUMNS = sizeof columns / sizeof *columns };

/* Where the rows of an object come from. Contacts of one name are one person. */
static const struct view {
    const char *name, *from;
} views[] = {
    { "ssot__Account__dlm", "\"Account\" WHERE \"IsDeleted\" = 0" },
    { "ssot__Individual__dlm", "\"Contact\" WHERE \"IsDeleted\" = 0" },
    { "ssot__AccountContact__dlm", "\"Contact\" WHERE \"IsDeleted\" = 0 AND \"AccountId\" IS NOT NULL" },
    { "UnifiedIndividual__dlm",
      "\"Contact\" WHERE \"IsDeleted\" = 0 GROUP BY lower(\"FirstName\"), lower(\"LastName\")" },
    { "UnifiedLinkssotIndividual__dlm", "\"Contact\" c WHERE c.\"IsDeleted\" = 0" },
};

struct guard {
    char table[NAME_SIZE]; /* that was refused; "" = none */
    sqlite3 *db;
    bool wrote;
    long steps;
};

static bool is_view(const char *name)
{
    for (size_t i = 0; i < sizeof views / sizeof *views; i++)
        if (name && sqlite3_stricmp(views[i].name, name) == 0)
            return true;
    return false;
}

static bool make_views(struct org *o)
{
    struct text sql = { 0 };
    for (size_t i = 0; i < sizeof views / sizeof *views; i++) {
        const char *join = "";
        text_fmt(&sql, "DROP VIEW IF EXISTS temp.%s; CREATE TEMP VIEW %s AS SELECT ", views[i].name, views[i].name);
        for (size_t k = 0; k < N_COLUMNS; k++) {
            if (strcmp(columns[k].view, views[i].name) != 0)
                continue;
            text_fmt(&sql, "%s%s AS %s", join, columns[k].from, columns[k].name);
            join = ", ";
        }
        text_fmt(&sql, " FROM %s;", views[i].from);
    }
    bool ok = store_exec(o, sql.p);
    text_free(&sql);
    return ok;
}

/* A table of the org; what a statement has named itself is none. */
static bool is_table(sqlite3 *db, const char *name)
{
    return name && sqlite3_table_column_metadata(db, NULL, name, NULL, NULL, NULL, NULL, NULL, NULL) == SQLITE_OK;
}

/* Within a view its tables may be read; outside only views, and what a statement makes of them itself. */
static int authorize(void *ctx, int action, const char *a, const char *b, const char *db, const char *within)
{
    struct guard *g = ctx;
    (void)db;
    if (action == SQLITE_SELECT || action == SQLITE_RECURSIVE)
        return SQLITE_OK;
    if (action == SQLITE_FUNCTION)
        return b && sqlite3_stricmp(b, "load_extension") == 0 ? SQLITE_DENY : SQLITE_OK;
    if (action == SQLITE_READ) {
        if (is_view(within) || is_view(a) || !is_table(g->db, a))
            return SQLITE_OK;
        snprintf(g->table, sizeof g->table, "%.60s", a);
        return SQLITE_DENY;
    }
    g->wrote = true;
    return SQLITE_DENY;
}

static int count_steps(void *ctx)
{
    struct guard *g = ctx;
    g->steps += STEPS_EACH;
    return g->steps > STEPS_MAX;
}

static const char *type_by_name(const char *name)
{
    for (size_t i = 0; i < N_COLUMNS; i++)
        if (sqlite3_stricmp(columns[i].name, name) == 0)
            return columns[i].type;
    return NULL;
}

static const char *type_of(const char *name, int kind)
{
    const char *known = type_by_name(name);
    if (known)
        return known;
    return kind == SQLITE_INTEGER || kind == SQLITE_FLOAT ? "Decimal" : "Varchar";
}

static void put_value(struct text *t, sqlite3_stmt *s, int i)
{
    switch (sqlite3_column_type(s, i)) {
    case SQLITE_NULL:
        text_str(t, "null");
        break;
    case SQLITE_INTEGER:
        text_fmt(t, "%lld", (long long)sqlite3_column_int64(s, i));
        break;
    case SQLITE_FLOAT:
        text_double(t, sqlite3_column_double(s, i));
        break;
    default:
        text_json(t, (const char *)sqlite3_column_text(s, i), (size_t)sqlite3_column_bytes(s, i));
    }
}

static void put_row(struct data_rows *r, sqlite3_stmt *s)
{
    if (r->n == r->cap) {
        r->cap = r->cap ? 2 * r->cap : 256;
        r->ends = realloc(r->ends, r->cap * sizeof *r->ends);
        if (!r->ends)
            abort();
    }
    text_char(&r->text, '[');
    for (size_t i = 0; i < r->columns; i++) {
        text_str(&r->text, i ? "," : "");
        put_value(&r->text, s, (int)i);
        if (sqlite3_column_type(s, (int)i) != SQLITE_NULL && !r->types[i])
            r->types[i] = type_of(r->names[i], sqlite3_column_type(s, (int)i));
    }
    text_char(&r->text, ']');
    r->ends[r->n++] = r->text.n;
}

static void put_columns(struct data_rows *r, sqlite3_stmt *s)
{
    r->columns = (size_t)sqlite3_column_count(s);
    r->names = mem_new((r->columns + 1) * sizeof *r->names);
    r->types = mem_new((r->columns + 1) * sizeof *r->types);
    for (size_t i = 0; i < r->columns; i++) {
        copy_text(r->names[i], sizeof r->names[i], sqlite3_column_name(s, (int)i));
        r->types[i] = type_by_name(r->names[i]);
    }
}

static bool explain(const struct guard *g, const char *said, char why[DATA_WHY])
{
    const char *missing = strstr(said, "no such table: ");
    const char *table = g->table[0] ? g->table : missing ? missing + strlen("no such table: ") : NULL;
    if (g->wrote)
        snprintf(why, DATA_WHY, "INVALID_ARGUMENT: only SELECT statements are supported");
    else if (table)
        snprintf(why, DATA_WHY, "INVALID_ARGUMENT: table \"%.60s\" does not exist", table);
    else
        snprintf(why, DATA_WHY, "INVALID_ARGUMENT: %.300s", said);
    return false;
}

bool data_run(struct org *o, const char *sql, struct data_rows *rows, char why[DATA_WHY])
{
    struct guard g = { .db = o->db };
    sqlite3_stmt *s = NULL;
    const char *tail = "";
    int rc = SQLITE_ERROR;
    if (!make_views(o))
        return explain(&g, "the data model is not there", why);
    sqlite3_set_authorizer(o->db, authorize, &g);
    sqlite3_progress_handler(o->db, STEPS_EACH, count_steps, &g);
    if (sqlite3_prepare_v2(o->db, sql, -1, &s, &tail) == SQLITE_OK && s && sqlite3_stmt_readonly(s) &&
        !tail[strspn(tail, " \t\r\n;")] && sqlite3_column_count(s) <= DATA_COLUMNS) {
        put_columns(rows, s);
        while ((rc = sqlite3_step(s)) == SQLITE_ROW && rows->n < DATA_ROWS)
            put_row(rows, s);
    } else if (s) {
        g.wrote = true; /* a second statement, or one that gives no rows */
    }
    bool ok = rc == SQLITE_DONE || rc == SQLITE_ROW || explain(&g, sqlite3_errmsg(o->db), why);
    sqlite3_finalize(s);
    sqlite3_progress_handler(o->db, 0, NULL, NULL);
    sqlite3_set_authorizer(o->db, NULL, NULL);
    for (size_t i = 0; ok && i < rows->columns; i++)
        rows->types[i] = rows->types[i] ? rows->types[i] : "Varchar";
    return ok;
}

void data_free(struct data_rows *rows)
{
    free(rows->names);
    free(rows->types);
    free(rows->ends);
    text_free(&rows->text);
    *rows = (struct data_rows){ .n = 0 };
}
