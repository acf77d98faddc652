/*
 * soql.h - SOQL: text to a syntax tree. The whole published grammar is read, so that what is not supported can be
 * refused by name instead of being misunderstood; sandbox/org/soql_plan.h says what runs.
 */
#ifndef SANDBOX_SOQL_SOQL_H
#define SANDBOX_SOQL_SOQL_H

#include <sqlite3.h>
#include <stdbool.h>
#include <stddef.h>

/* Memory of one query: everything below lives in it until soql_free. */
struct soql_arena;

enum soql_token_kind {
    TOKEN_END,
    TOKEN_NAME, /* Account, Owner.Name, LIMIT, USD5000 */
    TOKEN_STRING,
    TOKEN_INTEGER,  /* 5, -5 */
    TOKEN_DECIMAL,  /* 5.5, 5e-3 */
    TOKEN_CURRENCY, /* GBP1.5 */
    TOKEN_DATE,
    TOKEN_DATETIME,
    TOKEN_SIGN, /* ( ) , : = != < <= > >= */
    TOKEN_BAD
};

struct soql_token {
    enum soql_token_kind kind;
    const char *p; /* in the query's text */
    size_t n, at;
};

/* Reads the token at *at and moves behind it. */
struct soql_token soql_next_token(const char *text, size_t n, size_t *at);
/* Whether a name is also an amount of a currency, as USD5000 is. */
bool soql_is_amount(const struct soql_token *t);

enum soql_value_kind {
    SOQL_STRING,
    SOQL_INTEGER,
    SOQL_DECIMAL,
    SOQL_CURRENCY,
    SOQL_BOOLEAN,
    SOQL_NULL,
    SOQL_DATE,
    SOQL_DATETIME,
    SOQL_DATE_LITERAL,   /* TODAY */
    SOQL_DATE_N_LITERAL, /* LAST_N_DAYS:30 */
    SOQL_BIND            /* :name, which only Apex has */
};

struct soql_value {
    enum soql_value_kind kind;
    const char *text; /* strings decoded, with \% \_ and \\ left for LIKE; names in capitals */
    const char *like; /* strings: the same with its escapes for LIKE */
    long n;           /* of LAST_N_DAYS:n */
    size_t at;
    struct soql_value *next;
};

struct soql_query;

enum soql_item_kind { SOQL_PATH, SOQL_CALL, SOQL_SUBQUERY, SOQL_TYPEOF, SOQL_LITERAL };

/* What stands between SELECT and FROM, on the left of a comparison, in GROUP BY and ORDER BY, and as a function's
 * argument. */
struct soql_item {
    enum soql_item_kind kind;
    const char *name;  /* the path or the function, as written */
    const char *alias; /* or NULL */
    size_t at;
    struct soql_item *args;  /* of a function */
    struct soql_value value; /* SOQL_LITERAL */
    struct soql_query *query;
    struct soql_item *next;
};

enum soql_operator { OP_EQ, OP_NE, OP_LT, OP_LE, OP_GT, OP_GE, OP_LIKE, OP_IN, OP_NOT_IN, OP_INCLUDES, OP_EXCLUDES };
enum soql_condition_kind { COND_AND, COND_OR, COND_NOT, COND_COMPARE };

struct soql_condition {
    enum soql_condition_kind kind;
    size_t at;
    struct soql_condition *left, *right; /* AND, OR; NOT uses left */
    bool grouped;                        /* stood in parentheses */
    struct soql_item *item;
    enum soql_operator op;
    struct soql_value *values;
    struct soql_query *query; /* of a semi-join */
};

struct soql_order {
    struct soql_item *item;
    bool descending, nulls_last;
    struct soql_order *next;
};

/* FROM Contact c, c.Account a: a name for a way upwards. */
struct soql_related {
    const char *path, *alias; /* alias may be NULL */
    size_t at;
    struct soql_related *next;
};

struct soql_query {
    struct soql_item *items;
    const char *from, *alias; /* alias may be NULL */
    size_t from_at;
    struct soql_related *related;
    struct soql_condition *where, *having;
    struct soql_item *group;
    bool grouped;
    struct soql_order *order;
    long limit, offset; /* -1 = none */
    size_t limit_at, offset_at, where_at, where_end;
    const char *unsupported; /* a clause that parses but that this org does not run; NULL = none */
    size_t unsupported_at;
};

struct soql_error {
    char code[64];     /* MALFORMED_QUERY, INVALID_FIELD... */
    char message[900]; /* as the org words it, without the excerpt */
    size_t at;         /* where in the text; (size_t)-1 = nowhere in particular */
};

/* NULL when the text is not SOQL. The tree lives in *arena, which the caller frees either way. */
struct soql_query *soql_parse(const char *text, size_t n, struct soql_arena **arena, struct soql_error *error);
/* Rules beyond the grammar that the org applies to the text alone: no AND beside OR or NOT without parentheses. */
bool soql_check(const struct soql_query *q, struct soql_error *error);

/* The memory of a query: pieces of it are never NULL, never freed alone, and aligned for anything. */
struct soql_arena *soql_arena_new(void);
void *soql_new(struct soql_arena *a, size_t n); /* zeroed */
char *soql_dup(struct soql_arena *a, const char *s, size_t n);
/* Frees all of it; NULL is nothing to free. */
void soql_free(struct soql_arena *a);

/* The days of a date literal: [from, to) in ms since 1970. False when the name is none. `n` is for the _N_ ones. */
bool soql_is_date_literal(const char *name, bool *takes_n);
bool soql_date_range(const char *name, long n, long long now_ms, long long *from_ms, long long *to_ms);

/* Registers the collation `sf` and the functions that translated queries use. */
bool soql_register(sqlite3 *db);

/* Fills the error, unless it is filled already: the first one counts. */
void soql_fail(struct soql_error *error, const char *code, size_t at, const char *fmt, ...)
    __attribute__((format(printf, 4, 5)));

#endif
