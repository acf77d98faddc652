/* condition.c - WHERE and HAVING, and the rules that the org applies to them beyond the grammar. */
#include <string.h>
#include <strings.h>

#include "sandbox/soql/soql_parts.h"

static bool parse_operator(struct parser *p, enum soql_operator *op)
{
    static const struct {
        const char *word;
        enum soql_operator op;
    } table[] = { { "=", OP_EQ },
                  { "!=", OP_NE },
                  { "<>", OP_NE },
                  { "<", OP_LT },
                  { "<=", OP_LE },
                  { ">", OP_GT },
                  { ">=", OP_GE },
                  { "LIKE", OP_LIKE },
                  { "IN", OP_IN },
                  { "INCLUDES", OP_INCLUDES },
                  { "EXCLUDES", OP_EXCLUDES } };
    if (sq_at(p, "NOT") && sq_is(&p->ahead, "IN")) {
        sq_advance(p);
        sq_advance(p);
        *op = OP_NOT_IN;
        return true;
    }
    for (size_t i = 0; i < sizeof table / sizeof *table; i++)
        if (sq_take(p, table[i].word)) {
            *op = table[i].op;
            return true;
        }
    return sq_unexpected(p);
}

static bool parse_list(struct parser *p, struct soql_condition *c)
{
    struct soql_value **tail = &c->values;
    if (!sq_expect(p, "("))
        return false;
    if (sq_at(p, "SELECT")) {
        c->query = sq_query(p);
        return c->query && sq_expect(p, ")");
    }
    do {
        *tail = soql_new(p->arena, sizeof **tail);
        if (!sq_value(p, *tail))
            return false;
        tail = &(*tail)->next;
    } while (sq_take(p, ","));
    return sq_expect(p, ")");
}

static struct soql_condition *parse_compare(struct parser *p)
{
    struct soql_condition *c = soql_new(p->arena, sizeof *c);
    c->kind = COND_COMPARE;
    c->at = p->token.at;
    if (!(c->item = sq_item(p)) || !parse_operator(p, &c->op))
        return NULL;
    if (c->op >= OP_IN)
        return parse_list(p, c) ? c : NULL;
    c->values = soql_new(p->arena, sizeof *c->values);
    return sq_value(p, c->values) ? c : NULL;
}

static struct soql_condition *parse_term(struct parser *p)
{
    struct soql_condition *c;
    if (++p->depth > SOQL_NESTING_MAX) {
        soql_fail(p->error, "MALFORMED_QUERY", p->token.at, "the conditions are nested too deeply");
        return NULL;
    }
    if (sq_at(p, "NOT")) {
        c = soql_new(p->arena, sizeof *c);
        c->kind = COND_NOT;
        c->at = p->token.at;
        sq_advance(p);
        c->left = parse_term(p);
        c = c->left ? c : NULL;
    } else if (sq_take(p, "(")) {
        c = sq_condition(p);
        if (c && !sq_expect(p, ")"))
            c = NULL;
        if (c)
            c->grouped = true;
    } else {
        c = parse_compare(p);
    }
    p->depth--;
    return c;
}

struct soql_condition *sq_condition(struct parser *p)
{
    struct soql_condition *left = parse_term(p);
    while (left && (sq_at(p, "AND") || sq_at(p, "OR"))) {
        struct soql_condition *both = soql_new(p->arena, sizeof *both);
        both->kind = sq_at(p, "AND") ? COND_AND : COND_OR;
        both->at = p->token.at;
        sq_advance(p);
        both->left = left;
        both->right = parse_term(p);
        left = both->right ? both : NULL;
    }
    return left;
}

/* ---- rules beyond the grammar ---- */

/*
 * At one level there is either AND or OR, and a NOT beside them stands in parentheses: `a AND NOT b` is an unexpected
 * token to the org, `a AND (NOT b)` is not.
 */
static bool check_condition(const struct soql_condition *c, struct soql_error *error)
{
    if (!c || c->kind == COND_COMPARE)
        return !c || !c->query || soql_check(c->query, error);
    if (c->kind == COND_NOT)
        return check_condition(c->left, error);
    const struct soql_condition *sides[] = { c->left, c->right };
    for (int i = 0; i < 2; i++) {
        bool other = sides[i]->kind != c->kind && sides[i]->kind != COND_COMPARE && !sides[i]->grouped;
        if (other) {
            size_t at = sides[i]->kind == COND_NOT && i == 1 ? sides[i]->at : c->at;
            soql_fail(error, "MALFORMED_QUERY", at, "unexpected token: '%s'",
                      sides[i]->kind == COND_NOT && i == 1 ? "NOT"
                      : c->kind == COND_AND                ? "AND"
                                                           : "OR");
            return false;
        }
    }
    return check_condition(c->left, error) && check_condition(c->right, error);
}

bool soql_check(const struct soql_query *q, struct soql_error *error)
{
    for (const struct soql_item *i = q->items; i; i = i->next)
        if (i->kind == SOQL_SUBQUERY && !soql_check(i->query, error))
            return false;
    return check_condition(q->where, error) && check_condition(q->having, error);
}
