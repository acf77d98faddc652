/* soql_where.c - conditions. NOT is pushed down to the comparisons, so that each one says itself what it means for
 * null. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sandbox/base/system.h"
#include "sandbox/org/soql_plan_parts.h"

static const enum soql_operator opposites[] = { [OP_EQ] = OP_NE,
                                                [OP_NE] = OP_EQ,
                                                [OP_LT] = OP_GE,
                                                [OP_LE] = OP_GT,
                                                [OP_GT] = OP_LE,
                                                [OP_GE] = OP_LT,
                                                [OP_LIKE] = OP_LIKE,
                                                [OP_IN] = OP_NOT_IN,
                                                [OP_NOT_IN] = OP_IN,
                                                [OP_INCLUDES] = OP_EXCLUDES,
                                                [OP_EXCLUDES] = OP_INCLUDES };
static const char *const signs[] = {
    [OP_EQ] = "=", [OP_NE] = "<>", [OP_LT] = "<", [OP_LE] = "<=", [OP_GT] = ">", [OP_GE] = ">="
};

static const char *wrong_type(struct scope *s, const struct operand *left, const struct soql_value *v, const char *type,
                              bool quoted)
{
    soql_fail(scope_error(s), "INVALID_FIELD", v->at,
              "value of filter criterion for field '%s' must be of type %s and should %sbe enclosed in quotes",
              left->name, type, quoted ? "" : "not ");
    return NULL;
}

static bool is_null(const struct soql_value *v)
{
    return v->kind == SOQL_NULL || (v->kind == SOQL_STRING && !*v->text);
}

static const char *bind_number(struct scope *s, const struct operand *left, const struct soql_value *v)
{
    const char *digits = v->kind == SOQL_CURRENCY ? v->text + 3 : v->text;
    if (v->kind != SOQL_INTEGER && v->kind != SOQL_DECIMAL && v->kind != SOQL_CURRENCY)
        return wrong_type(s, left, v, type_facts[left->field->type].java, false);
    if (left->field->type == TYPE_INT && v->kind == SOQL_INTEGER && strlen(digits) < 18)
        return scope_bind_int(s, strtoll(digits, NULL, 10));
    return scope_bind_real(s, strtod(digits, NULL));
}

static const char *bind_id(struct scope *s, const struct operand *left, const struct soql_value *v)
{
    char id[ID_SIZE];
    if (v->kind != SOQL_STRING)
        return wrong_type(s, left, v, "string", true);
    if (!id_complete(v->text, id)) {
        soql_fail(scope_error(s), "INVALID_QUERY_FILTER_OPERATOR", v->at, "invalid ID field: %.60s", v->text);
        return NULL;
    }
    return scope_bind_text(s, id);
}

static const char *bind_date(struct scope *s, const struct operand *left, const struct soql_value *v)
{
    char normal[32];
    bool date = left->field->type == TYPE_DATE;
    if (v->kind != (date ? SOQL_DATE : SOQL_DATETIME))
        return wrong_type(s, left, v, date ? "date" : "dateTime", false);
    if (!(date ? date_normal(v->text, normal) : datetime_normal(v->text, normal)) || !day_in_range(normal)) {
        soql_fail(scope_error(s), "MALFORMED_QUERY", v->at, "invalid date or time: %s", v->text);
        return NULL;
    }
    return scope_bind_text(s, normal);
}

/* The value as a bound parameter of the field's type; NULL on failure. */
static const char *bind(struct scope *s, const struct operand *left, const struct soql_value *v)
{
    enum field_type type = left->field->type;
    if (type == TYPE_ID || type == TYPE_REFERENCE)
        return bind_id(s, left, v);
    if (type == TYPE_DATE || type == TYPE_DATETIME)
        return bind_date(s, left, v);
    if (type_facts[type].number)
        return bind_number(s, left, v);
    if (type == TYPE_BOOLEAN)
        return v->kind == SOQL_BOOLEAN ? scope_bind_int(s, strcmp(v->text, "TRUE") == 0)
                                       : wrong_type(s, left, v, "boolean", false);
    return v->kind == SOQL_STRING ? scope_bind_text(s, v->text) : wrong_type(s, left, v, "string", true);
}

/* A day or longer: equal is inside, less is before its start. */
static const char *compare_range(struct scope *s, const struct operand *left, enum soql_operator op,
                                 const struct soql_value *v)
{
    long long from_ms, to_ms;
    char from[32], to[32];
    bool date = left->field->type == TYPE_DATE;
    if (!date && left->field->type != TYPE_DATETIME)
        return wrong_type(s, left, v, type_facts[left->field->type].java, type_facts[left->field->type].text);
    if (v->n < 0 || v->n > 100000 || (v->kind == SOQL_DATE_N_LITERAL && v->n == 0)) {
        soql_fail(scope_error(s), "MALFORMED_QUERY", v->at, "the number of %s is out of range", v->text);
        return NULL;
    }
    soql_date_range(v->text, v->n, org_now_ms(s->pl->c->o), &from_ms, &to_ms);
    utc_text(from_ms, "+0000", from);
    utc_text(to_ms, "+0000", to);
    if (date)
        from[10] = to[10] = '\0';
    const char *x = left->sql;
    switch (op) {
    case OP_EQ:
        return scope_sql(s, "(%s >= %s AND %s < %s)", x, scope_bind_text(s, from), x, scope_bind_text(s, to));
    case OP_NE:
        return scope_sql(s, "(%s < %s OR %s >= %s OR %s IS NULL)", x, scope_bind_text(s, from), x,
                         scope_bind_text(s, to), x);
    case OP_LT:
        return scope_sql(s, "%s < %s", x, scope_bind_text(s, from));
    case OP_LE:
        return scope_sql(s, "%s < %s", x, scope_bind_text(s, to));
    case OP_GT:
        return scope_sql(s, "%s >= %s", x, scope_bind_text(s, to));
    default:
        return scope_sql(s, "%s >= %s", x, scope_bind_text(s, from));
    }
}

/* = != < <= > >= with one value; what is true of null is part of the SQL. */
static const char *compare(struct scope *s, const struct operand *left, enum soql_operator op,
                           const struct soql_value *v)
{
    const char *x = left->sql;
    if (v->kind == SOQL_DATE_LITERAL || v->kind == SOQL_DATE_N_LITERAL)
        return compare_range(s, left, op, v);
    if (left->field->type == TYPE_BOOLEAN) {
        if (op != OP_EQ && op != OP_NE) {
            soql_fail(scope_error(s), "INVALID_QUERY_FILTER_OPERATOR", v->at, "invalid operator on boolean field");
            return NULL;
        }
        if (left->joined) /* the parent may be missing */
            x = scope_sql(s, "COALESCE(%s, 0)", x);
    }
    if (is_null(v)) {
        if (v->kind == SOQL_STRING && !type_facts[left->field->type].text && left->field->type != TYPE_ID &&
            left->field->type != TYPE_REFERENCE)
            return wrong_type(s, left, v, type_facts[left->field->type].java, false);
        return op == OP_EQ ? scope_sql(s, "%s IS NULL", x) : op == OP_NE ? scope_sql(s, "%s IS NOT NULL", x) : "0";
    }
    const char *bound = bind(s, left, v);
    if (!bound)
        return NULL;
    return scope_sql(s, op == OP_NE ? "(%s %s %s OR %s IS NULL)" : "%s %s %s", x, signs[op], bound, x);
}

static const char *like(struct scope *s, const struct operand *left, const struct soql_value *v, bool negated)
{
    if (!type_facts[left->field->type].text || left->field->type == TYPE_MULTIPICKLIST) {
        bool id = left->field->type == TYPE_ID || left->field->type == TYPE_REFERENCE;
        soql_fail(scope_error(s), "INVALID_QUERY_FILTER_OPERATOR", v->at, "invalid operator on %s field",
                  id ? "id" : type_facts[left->field->type].name);
        return NULL;
    }
    if (v->kind != SOQL_STRING)
        return wrong_type(s, left, v, "string", true);
    return scope_sql(s, "%ssf_like(%s, %s)", negated ? "NOT " : "", scope_bind_text(s, v->like), left->sql);
}

/* Date literals are ranges, null is a case of its own, the rest makes one list. */
static const char *in_list(struct scope *s, const struct operand *left, const struct soql_value *values, bool negated)
{
    struct text list = { 0 }, whole = { 0 };
    const char *glue = negated ? " AND " : " OR ", *result = NULL;
    bool null = false;
    for (const struct soql_value *v = values; v; v = v->next) {
        bool range = v->kind == SOQL_DATE_LITERAL || v->kind == SOQL_DATE_N_LITERAL;
        const char *part = range        ? compare_range(s, left, negated ? OP_NE : OP_EQ, v)
                           : is_null(v) ? ""
                                        : bind(s, left, v);
        if (!part)
            goto out;
        null = null || (!range && is_null(v));
        if (range)
            text_fmt(&whole, "%s%s", whole.n ? glue : "", part);
        else if (*part)
            text_fmt(&list, "%s%s", list.n ? ", " : "", part);
    }
    if (list.n && negated && !null)
        text_fmt(&whole, "%s(%s NOT IN (%s) OR %s IS NULL)", whole.n ? glue : "", left->sql, list.p, left->sql);
    else if (list.n)
        text_fmt(&whole, "%s%s %sIN (%s)", whole.n ? glue : "", left->sql, negated ? "NOT " : "", list.p);
    if (null)
        text_fmt(&whole, "%s%s IS %sNULL", whole.n ? glue : "", left->sql, negated ? "NOT " : "");
    result = scope_sql(s, "(%s)", whole.p ? whole.p : "0");
out:
    text_free(&list);
    text_free(&whole);
    return result;
}

/* INCLUDES ('A;B', 'C'): A and B, or C */
static const char *includes(struct scope *s, const struct operand *left, const struct soql_value *values, bool negated)
{
    struct text t = { 0 };
    if (left->field->type != TYPE_MULTIPICKLIST) {
        soql_fail(scope_error(s), "INVALID_QUERY_FILTER_OPERATOR", values->at,
                  "includes and excludes are for multi-select picklists only");
        return NULL;
    }
    for (const struct soql_value *v = values; v; v = v->next) {
        if (v->kind != SOQL_STRING) {
            text_free(&t);
            return wrong_type(s, left, v, "string", true);
        }
        text_str(&t, v == values ? "(" : " OR (");
        for (const char *p = v->text; p;) {
            size_t n = strcspn(p, ";");
            const char *one = soql_dup(s->pl->a, p, n);
            text_fmt(&t, "%ssf_includes(%s, %s)", p == v->text ? "" : " AND ", left->sql, scope_bind_text(s, one));
            p = p[n] ? p + n + 1 : NULL;
        }
        text_char(&t, ')');
    }
    const char *sql = scope_sql(s, negated ? "NOT (%s)" : "(%s)", t.p);
    text_free(&t);
    return sql;
}

static bool can_filter(struct scope *s, const struct operand *left, size_t at)
{
    if (!left->field->long_text && left->field->type != TYPE_BASE64)
        return true;
    soql_fail(scope_error(s), "INVALID_FIELD", at, "field '%s' can not be filtered in a query call", left->field->name);
    return false;
}

static const char *semi_join(struct scope *s, const struct soql_condition *c, const struct operand *left, bool negated,
                             bool top)
{
    if (!top) {
        soql_fail(scope_error(s), "MALFORMED_QUERY", c->at,
                  "Semi join sub-selects are only allowed at the top level WHERE expressions and not in nested WHERE "
                  "expressions.");
        return NULL;
    }
    const char *inner = plan_inner(s, c->query, left, c->at);
    if (!inner)
        return NULL;
    if (negated)
        return scope_sql(s, "(%s NOT IN (%s) OR %s IS NULL)", left->sql, inner, left->sql);
    return scope_sql(s, "%s IN (%s)", left->sql, inner);
}

static const char *one(struct scope *s, const struct soql_condition *c, bool having, bool negated, bool top)
{
    struct operand left;
    enum soql_operator op = negated ? opposites[c->op] : c->op;
    if (!scope_operand(s, c->item, having, &left) || !can_filter(s, &left, c->item->at))
        return NULL;
    if (c->query)
        return semi_join(s, c, &left, op == OP_NOT_IN, top && !having);
    if (op == OP_LIKE)
        return like(s, &left, c->values, negated);
    if (op == OP_IN || op == OP_NOT_IN)
        return in_list(s, &left, c->values, op == OP_NOT_IN);
    if (op == OP_INCLUDES || op == OP_EXCLUDES)
        return includes(s, &left, c->values, op == OP_EXCLUDES);
    const char *sql = compare(s, &left, op, c->values);
    bool order = c->op >= OP_LT && c->op <= OP_GE;
    if (!sql || !negated || !order)
        return sql;
    /* not (a < b) is also true of an empty field, and always when b is null */
    return is_null(c->values) ? "1" : scope_sql(s, "(%s OR %s IS NULL)", sql, left.sql);
}

/* AND or OR of terms[0..n), as a balanced tree: SQLite limits the depth of an expression. */
static void join_terms(struct text *t, const char **terms, size_t n, const char *glue)
{
    if (n == 1) {
        text_str(t, terms[0]);
        return;
    }
    text_char(t, '(');
    join_terms(t, terms, n / 2, glue);
    text_str(t, glue);
    join_terms(t, terms + n / 2, n - n / 2, glue);
    text_char(t, ')');
}

static const char *condition(struct scope *s, const struct soql_condition *c, bool having, bool negated, bool top)
{
    while (c->kind == COND_NOT) {
        negated = !negated;
        top = false;
        c = c->left;
    }
    if (c->kind == COND_COMPARE)
        return one(s, c, having, negated, top);
    bool and = (c->kind == COND_AND) != negated;
    size_t n = 1, at;
    /* a chain of one kind leans to the left */
    const struct soql_condition *link;
    for (link = c; link->kind == c->kind; link = link->left)
        n++;
    const char **terms = mem_new(n * sizeof *terms), *sql = NULL;
    top = top && c->kind == COND_AND;
    terms[0] = condition(s, link, having, negated, top);
    bool ok = terms[0] != NULL;
    const struct soql_condition **links = mem_new(n * sizeof(const struct soql_condition *));
    for (link = c, at = n - 1; link->kind == c->kind; link = link->left)
        links[at--] = link;
    for (at = 1; ok && at < n; at++)
        ok = (terms[at] = condition(s, links[at]->right, having, negated, top)) != NULL;
    if (ok) {
        struct text t = { 0 };
        join_terms(&t, terms, n, and? " AND " : " OR ");
        sql = soql_dup(s->pl->a, t.p, t.n);
        text_free(&t);
    }
    free(links);
    free(terms);
    return sql;
}

const char *scope_condition(struct scope *s, const struct soql_condition *c, bool having)
{
    return condition(s, c, having, false, true);
}
