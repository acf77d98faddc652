/* item.c - fields, functions, and what else SELECT takes. */
#include <string.h>
#include <strings.h>

#include "sandbox/soql/soql_parts.h"

enum arguments {
    ARGS_FIELD, /* one field, which may stand in toLabel or the like */
    ARGS_DATE,  /* a date field or convertTimezone() of one */
    ARGS_COUNT, /* nothing, or a field */
    ARGS_ANY,
    ARGS_FIELDS, /* ALL, STANDARD, CUSTOM */
    ARGS_PLACES  /* DISTANCE(field, GEOLOCATION(1,2), 'mi') */
};

static const struct {
    const char *name;
    enum arguments args;
} functions[] = {
    { "COUNT", ARGS_COUNT },
    { "COUNT_DISTINCT", ARGS_FIELD },
    { "SUM", ARGS_FIELD },
    { "AVG", ARGS_FIELD },
    { "MIN", ARGS_FIELD },
    { "MAX", ARGS_FIELD },
    { "FIELDS", ARGS_FIELDS },
    { "toLabel", ARGS_FIELD },
    { "FORMAT", ARGS_FIELD },
    { "convertCurrency", ARGS_FIELD },
    { "convertTimezone", ARGS_FIELD },
    { "GROUPING", ARGS_FIELD },
    { "DISTANCE", ARGS_PLACES },
    { "CALENDAR_MONTH", ARGS_DATE },
    { "CALENDAR_QUARTER", ARGS_DATE },
    { "CALENDAR_YEAR", ARGS_DATE },
    { "DAY_IN_MONTH", ARGS_DATE },
    { "DAY_IN_WEEK", ARGS_DATE },
    { "DAY_IN_YEAR", ARGS_DATE },
    { "DAY_ONLY", ARGS_DATE },
    { "FISCAL_MONTH", ARGS_DATE },
    { "FISCAL_QUARTER", ARGS_DATE },
    { "FISCAL_YEAR", ARGS_DATE },
    { "HOUR_IN_DAY", ARGS_DATE },
    { "WEEK_IN_MONTH", ARGS_DATE },
    { "WEEK_IN_YEAR", ARGS_DATE },
    { "CUBE", ARGS_ANY },
    { "ROLLUP", ARGS_ANY },
    { "GEOLOCATION", ARGS_ANY },
};

static int function_of(const struct soql_token *t)
{
    for (size_t i = 0; i < sizeof functions / sizeof *functions; i++)
        if (sq_is(t, functions[i].name))
            return (int)i;
    return -1;
}

static struct soql_item *parse_literal(struct parser *p)
{
    struct soql_item *item = soql_new(p->arena, sizeof *item);
    item->kind = SOQL_LITERAL;
    item->at = p->token.at;
    item->name = sq_copy(p, &p->token);
    return sq_value(p, &item->value) ? item : NULL;
}

static bool is_literal(const struct soql_token *t)
{
    return t->kind >= TOKEN_STRING && t->kind <= TOKEN_DATETIME;
}

static bool parse_arguments(struct parser *p, struct soql_item *call, enum arguments how)
{
    static const char *const groups[] = { "ALL", "STANDARD", "CUSTOM", NULL };
    struct soql_item **tail = &call->args;
    size_t n = 0;
    if (!sq_expect(p, "("))
        return false;
    if (how == ARGS_FIELDS && !sq_in(&p->token, groups))
        return sq_unexpected(p);
    if (how == ARGS_COUNT && sq_take(p, ")"))
        return true;
    do {
        *tail = is_literal(&p->token) && how != ARGS_DATE ? parse_literal(p) : sq_item(p);
        if (!*tail)
            return false;
        tail = &(*tail)->next;
        n++;
    } while (sq_take(p, ","));
    if (how != ARGS_ANY && how != ARGS_PLACES && n > 1)
        return soql_fail(p->error, "MALFORMED_QUERY", p->token.at, "unexpected token: ','"), false;
    if (how == ARGS_PLACES && n != 3)
        return sq_unexpected(p);
    return sq_expect(p, ")");
}

/* A path or a function. */
struct soql_item *sq_item(struct parser *p)
{
    struct soql_item *item = soql_new(p->arena, sizeof *item);
    if (p->token.kind != TOKEN_NAME || sq_reserved(&p->token)) {
        sq_unexpected(p);
        return NULL;
    }
    item->at = p->token.at;
    item->name = sq_copy(p, &p->token);
    int f = sq_is(&p->ahead, "(") ? function_of(&p->token) : -1;
    if (sq_is(&p->ahead, "(") && f < 0) {
        sq_advance(p);
        sq_unexpected(p);
        return NULL;
    }
    sq_advance(p);
    if (f < 0)
        return item;
    item->kind = SOQL_CALL;
    if (++p->depth > SOQL_NESTING_MAX || !parse_arguments(p, item, functions[f].args))
        return p->depth > SOQL_NESTING_MAX ? sq_unexpected(p), NULL : NULL;
    p->depth--;
    return item;
}

bool sq_names(struct parser *p)
{
    do {
        if (p->token.kind != TOKEN_NAME)
            return sq_unexpected(p);
        sq_advance(p);
    } while (sq_take(p, ","));
    return true;
}

/* TYPEOF What WHEN Account THEN Phone ELSE Name END: read, and refused later. */
static bool parse_typeof(struct parser *p, struct soql_item *item)
{
    item->kind = SOQL_TYPEOF;
    item->at = p->token.at;
    item->name = "TYPEOF";
    sq_advance(p);
    if (p->token.kind != TOKEN_NAME)
        return sq_unexpected(p);
    sq_advance(p);
    if (!sq_at(p, "WHEN"))
        return sq_unexpected(p);
    while (sq_take(p, "WHEN")) {
        if (p->token.kind != TOKEN_NAME)
            return sq_unexpected(p);
        sq_advance(p);
        if (!sq_expect(p, "THEN") || !sq_names(p))
            return false;
    }
    if (sq_take(p, "ELSE") && !sq_names(p))
        return false;
    return sq_expect(p, "END");
}

struct soql_item *sq_selected(struct parser *p)
{
    struct soql_item *item;
    if (sq_at(p, "(")) {
        item = soql_new(p->arena, sizeof *item);
        item->kind = SOQL_SUBQUERY;
        item->at = p->token.at;
        sq_advance(p);
        item->query = sq_query(p);
        return item->query && sq_expect(p, ")") ? item : NULL;
    }
    if (sq_at(p, "TYPEOF") && p->ahead.kind == TOKEN_NAME && !sq_is(&p->ahead, "FROM")) {
        item = soql_new(p->arena, sizeof *item);
        return parse_typeof(p, item) ? item : NULL;
    }
    item = sq_item(p);
    if (item && p->token.kind == TOKEN_NAME && sq_plain(&p->token) && !sq_reserved(&p->token)) {
        item->alias = sq_copy(p, &p->token);
        sq_advance(p);
    }
    return item;
}
