/* parse.c - SOQL by recursive descent: the clauses of a query. */
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "sandbox/base/text.h"
#include "sandbox/soql/soql_parts.h"

static void refuse_later(struct soql_query *q, const char *what, size_t at)
{
    if (!q->unsupported) {
        q->unsupported = what;
        q->unsupported_at = at;
    }
}

static bool parse_using(struct parser *p, struct soql_query *q)
{
    static const char *const scopes[] = {
        "DELEGATED",    "EVERYTHING",        "MINE", "MINE_AND_MY_GROUPS", "MINEANDMYGROUPS",
        "MY_TERRITORY", "MY_TEAM_TERRITORY", "TEAM", "ALLPRIVATE",         NULL
    };
    refuse_later(q, "USING SCOPE", p->token.at);
    sq_advance(p);
    if (!sq_expect(p, "SCOPE"))
        return false;
    if (!sq_in(&p->token, scopes))
        return sq_unexpected(p);
    sq_advance(p);
    return true;
}

static bool parse_categories(struct parser *p)
{
    static const char *const where[] = { "AT", "ABOVE", "BELOW", "ABOVE_OR_BELOW", NULL };
    do {
        if (p->token.kind != TOKEN_NAME)
            return sq_unexpected(p);
        sq_advance(p);
        if (!sq_in(&p->token, where))
            return sq_unexpected(p);
        sq_advance(p);
        bool open = sq_take(p, "(");
        if (!sq_names(p) || (open && !sq_expect(p, ")")))
            return false;
    } while (sq_take(p, "AND"));
    return true;
}

static bool parse_with(struct parser *p, struct soql_query *q)
{
    static const char *const modes[] = { "SECURITY_ENFORCED", "USER_MODE", "SYSTEM_MODE", NULL };
    refuse_later(q, "WITH", p->token.at);
    sq_advance(p);
    if (sq_in(&p->token, modes)) {
        sq_advance(p);
        return true;
    }
    return sq_expect(p, "DATA") && sq_expect(p, "CATEGORY") && parse_categories(p);
}

static bool parse_group(struct parser *p, struct soql_query *q)
{
    struct soql_item **tail = &q->group;
    sq_advance(p);
    if (!sq_expect(p, "BY"))
        return false;
    q->grouped = true;
    do {
        size_t at = p->token.at;
        *tail = sq_item(p);
        if (!*tail)
            return false;
        if ((*tail)->kind == SOQL_CALL && (same_name((*tail)->name, "CUBE") || same_name((*tail)->name, "ROLLUP")))
            refuse_later(q, (*tail)->name, at);
        tail = &(*tail)->next;
    } while (sq_take(p, ","));
    if (!sq_at(p, "HAVING"))
        return true;
    sq_advance(p);
    return (q->having = sq_condition(p)) != NULL;
}

static bool parse_order(struct parser *p, struct soql_query *q)
{
    struct soql_order **tail = &q->order;
    sq_advance(p);
    if (!sq_expect(p, "BY"))
        return false;
    do {
        struct soql_order *o = *tail = soql_new(p->arena, sizeof *o);
        if (!(o->item = sq_item(p)))
            return false;
        if (sq_at(p, "ASC") || sq_at(p, "DESC")) {
            o->descending = sq_at(p, "DESC");
            sq_advance(p);
        }
        if (sq_take(p, "NULLS")) {
            o->nulls_last = sq_at(p, "LAST");
            if (!sq_take(p, "FIRST") && !sq_expect(p, "LAST"))
                return false;
        }
        tail = &o->next;
    } while (sq_take(p, ","));
    return true;
}

static bool parse_number(struct parser *p, long *n, size_t *at)
{
    sq_advance(p);
    *at = p->token.at;
    if (p->token.kind != TOKEN_INTEGER || *p->token.p == '-' || *p->token.p == '+' ||
        (p->token.n > 1 && *p->token.p == '0'))
        return sq_unexpected(p);
    *n = p->token.n > 10 ? 4000000000L : strtol(sq_copy(p, &p->token), NULL, 10);
    sq_advance(p);
    return true;
}

/* FOR VIEW and its kin change nothing that a query returns, but the org would write something. */
static bool parse_tail(struct parser *p, struct soql_query *q)
{
    static const char *const purposes[] = { "VIEW", "REFERENCE", "UPDATE", NULL }, *const counters[] = { "TRACKING",
                                                                                                         "VIEWSTAT",
                                                                                                         NULL };
    if (sq_at(p, "FOR")) {
        refuse_later(q, "FOR", p->token.at);
        sq_advance(p);
        if (!sq_in(&p->token, purposes))
            return sq_unexpected(p);
        sq_advance(p);
    }
    if (sq_at(p, "UPDATE")) {
        refuse_later(q, "UPDATE", p->token.at);
        sq_advance(p);
        if (!sq_in(&p->token, counters))
            return sq_unexpected(p);
        sq_advance(p);
    }
    return true;
}

/* The alias behind an object or a way; NULL when there is none. */
static const char *parse_alias(struct parser *p)
{
    bool offset = sq_at(p, "OFFSET") && p->ahead.kind == TOKEN_INTEGER;
    bool order = sq_at(p, "ORDER") && !sq_is(&p->ahead, "BY"); /* which the org does not reserve */
    if (!sq_plain(&p->token) || (sq_reserved(&p->token) && !order) || offset)
        return NULL;
    const char *alias = sq_copy(p, &p->token);
    sq_advance(p);
    return alias;
}

static bool parse_related(struct parser *p, struct soql_query *q)
{
    for (struct soql_related **tail = &q->related; sq_take(p, ","); tail = &(*tail)->next) {
        if (p->token.kind != TOKEN_NAME || sq_plain(&p->token)) /* a way has two names at least */
            return sq_unexpected(p);
        *tail = soql_new(p->arena, sizeof **tail);
        (*tail)->path = sq_copy(p, &p->token);
        (*tail)->at = p->token.at;
        sq_advance(p);
        (*tail)->alias = parse_alias(p);
    }
    return true;
}

static bool parse_from(struct parser *p, struct soql_query *q)
{
    if (!sq_expect(p, "FROM"))
        return false;
    /* Group and Order are objects too, unless they begin a clause */
    bool clause = (sq_at(p, "GROUP") || sq_at(p, "ORDER")) ? sq_is(&p->ahead, "BY") : sq_reserved(&p->token);
    if (p->token.kind != TOKEN_NAME || clause)
        return sq_unexpected(p);
    q->from = sq_copy(p, &p->token);
    q->from_at = p->token.at;
    sq_advance(p);
    q->alias = parse_alias(p);
    return parse_related(p, q);
}

static bool parse_clauses(struct parser *p, struct soql_query *q)
{
    if (sq_at(p, "USING") && !parse_using(p, q))
        return false;
    if (sq_at(p, "WHERE")) {
        sq_advance(p);
        q->where_at = p->token.at;
        if (!(q->where = sq_condition(p)))
            return false;
        q->where_end = p->token.at;
    }
    while (sq_at(p, "WITH"))
        if (!parse_with(p, q))
            return false;
    if (sq_at(p, "GROUP") && !parse_group(p, q))
        return false;
    if (sq_at(p, "ORDER") && !parse_order(p, q))
        return false;
    if (sq_at(p, "LIMIT") && !parse_number(p, &q->limit, &q->limit_at))
        return false;
    if (sq_at(p, "OFFSET") && !parse_number(p, &q->offset, &q->offset_at))
        return false;
    return parse_tail(p, q);
}

struct soql_query *sq_query(struct parser *p)
{
    struct soql_query *q = soql_new(p->arena, sizeof *q);
    struct soql_item **tail = &q->items;
    q->limit = q->offset = -1;
    if (++p->depth > SOQL_NESTING_MAX || !sq_expect(p, "SELECT"))
        return NULL;
    do {
        *tail = sq_selected(p);
        if (!*tail)
            return NULL;
        tail = &(*tail)->next;
    } while (sq_take(p, ","));
    if (!parse_from(p, q) || !parse_clauses(p, q))
        return NULL;
    p->depth--;
    return q;
}

struct soql_query *soql_parse(const char *text, size_t n, struct soql_arena **arena, struct soql_error *error)
{
    struct parser p = { .text = text, .n = n, .error = error, .arena = soql_arena_new() };
    *arena = p.arena;
    *error = (struct soql_error){ .at = (size_t)-1 };
    if (n > SOQL_TEXT_MAX) {
        soql_fail(error, "QUERY_TOO_COMPLICATED", (size_t)-1, "SOQL statements cannot be longer than %d characters.",
                  SOQL_TEXT_MAX);
        return NULL;
    }
    sq_advance(&p);
    sq_advance(&p);
    if (p.token.kind == TOKEN_END) {
        soql_fail(error, "MALFORMED_QUERY", (size_t)-1, "A query string has to be specified");
        return NULL;
    }
    if (!sq_at(&p, "SELECT")) /* the org says this one without an excerpt */
        soql_fail(error, "MALFORMED_QUERY", (size_t)-1, "unexpected token: %.*s",
                  (int)(p.token.n < 80 ? p.token.n : 80), p.token.p);
    struct soql_query *q = sq_query(&p);
    if (q && p.token.kind != TOKEN_END) {
        sq_unexpected(&p);
        q = NULL;
    }
    if (!q)
        soql_fail(error, "MALFORMED_QUERY", p.token.at, "the query could not be read");
    return q;
}
