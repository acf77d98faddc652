/* soql_plan.c - a query's SELECT, GROUP BY and ORDER BY to SQL. */
#include "sandbox/org/soql_plan.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sandbox/org/soql_plan_parts.h"

enum { OFFSET_MAX = 2000, FIELDS_LIMIT = 200 };

struct select {
    struct scope scope;
    const struct soql_query *q;
    struct soql_plan *plan;
    struct text columns;
    int n_columns;
    const char **groups; /* SQL of the GROUP BY expressions */
    size_t n_groups;
};

static void fail(struct select *sel, const char *code, size_t at, const char *message)
{
    soql_fail(sel->scope.pl->error, code, at, "%s", message);
}

static int add_column(struct select *sel, const char *sql)
{
    text_fmt(&sel->columns, "%s%s", sel->n_columns ? ", " : "", sql);
    return sel->n_columns++;
}

static bool is_aggregate(const struct soql_item *item)
{
    static const char *const names[] = { "COUNT", "COUNT_DISTINCT", "SUM", "AVG", "MIN", "MAX" };
    for (size_t i = 0; item->kind == SOQL_CALL && i < sizeof names / sizeof *names; i++)
        if (same_name(names[i], item->name))
            return true;
    return false;
}

/* ---- plain records ---- */

static struct soql_out *append(struct soql_out **list, struct soql_out *o)
{
    while (*list)
        list = &(*list)->next;
    return *list = o;
}

static struct soql_out *find_out(struct soql_out *list, enum soql_out_kind kind, const char *key)
{
    for (; list; list = list->next)
        if (list->kind == kind && same_name(list->key, key))
            return list;
    return NULL;
}

/* The members of the parent at the end of the path, made as needed. */
static struct soql_out **parent_members(struct select *sel, const char *path, const char **last)
{
    struct scope *s = &sel->scope;
    struct soql_out **list = &sel->plan->out;
    const struct object *ob = s->object;
    int table = s->table;
    char name[NAME_SIZE];
    for (;;) {
        size_t n = strcspn(path, ".");
        if (!path[n]) {
            *last = path;
            return list;
        }
        copy_text(name, n + 1 < sizeof name ? n + 1 : sizeof name, path);
        path += n + 1;
        const struct field *f = object_relation(ob, name);
        ob = schema_find(&s->pl->c->o->schema, f->targets[0]);
        table = scope_join(s, table, f, ob);
        struct soql_out *o = find_out(*list, OUT_PARENT, f->relationship);
        if (!o) {
            o = soql_new(s->pl->a, sizeof *o);
            o->kind = OUT_PARENT;
            o->key = f->relationship;
            o->object = ob;
            o->column = add_column(sel, scope_sql(s, "t%d.\"Id\"", table));
            append(list, o);
        }
        list = &o->members;
    }
}

static bool add_field(struct select *sel, const char *path, size_t at)
{
    struct scope *s = &sel->scope;
    const struct object *ob;
    const struct field *f;
    const char *last;
    int table;
    if (!scope_path(s, path, at, &table, &ob, &f))
        return false;
    struct soql_out **list = parent_members(sel, scope_plain_path(s, path), &last);
    if (find_out(*list, OUT_FIELD, f->name)) {
        soql_fail(s->pl->error, "INVALID_FIELD", at, "duplicate field selected: %s", path);
        return false;
    }
    struct soql_out *o = soql_new(s->pl->a, sizeof *o);
    o->kind = OUT_FIELD;
    o->key = f->name;
    o->field = f;
    o->object = ob;
    o->column = add_column(sel, scope_sql(s, "t%d.\"%s\"", table, f->name));
    append(list, o);
    return true;
}

static bool add_fields(struct select *sel, const struct soql_item *item)
{
    const struct object *ob = sel->scope.object;
    const char *which = item->args->name;
    bool all = same_name(which, "ALL"), custom = same_name(which, "CUSTOM");
    if ((all || custom) && (sel->q->limit < 0 || sel->q->limit > FIELDS_LIMIT)) {
        fail(sel, "MALFORMED_QUERY", item->at, "The SOQL FIELDS function must have a LIMIT of at most 200");
        return false;
    }
    for (size_t i = 0; i < ob->n; i++) {
        const struct field *f = &ob->fields[i];
        if (perm_sees(sel->scope.pl->c, ob, f) && (all || f->custom == custom) && !add_field(sel, f->name, item->at))
            return false;
    }
    return true;
}

static struct soql_plan *plan_query(struct planner *pl, const struct soql_query *q, const struct object *parent);

static bool add_children(struct select *sel, const struct soql_item *item)
{
    struct planner *pl = sel->scope.pl;
    struct soql_plan *child = plan_query(pl, item->query, sel->scope.object);
    if (!child)
        return false;
    struct soql_out *o = soql_new(pl->a, sizeof *o);
    struct object *owner;
    const char *dot = strrchr(item->query->from, '.');
    o->kind = OUT_CHILDREN;
    o->key = schema_children(&pl->c->o->schema, sel->scope.object, dot ? dot + 1 : item->query->from, &owner)->children;
    o->plan = child;
    if (find_out(sel->plan->out, OUT_CHILDREN, o->key)) {
        fail(sel, "MALFORMED_QUERY", item->at, "duplicate sub-query of a relationship");
        return false;
    }
    append(&sel->plan->out, o);
    return true;
}

static bool plain_item(struct select *sel, const struct soql_item *item)
{
    if (item->alias) {
        fail(sel, "MALFORMED_QUERY", item->at, "only aggregate expressions use field aliasing");
        return false;
    }
    if (item->kind == SOQL_PATH)
        return add_field(sel, item->name, item->at);
    if (item->kind == SOQL_SUBQUERY)
        return add_children(sel, item);
    if (item->kind == SOQL_CALL && same_name(item->name, "FIELDS"))
        return add_fields(sel, item);
    soql_fail(sel->scope.pl->error, "MALFORMED_QUERY", item->at, "%s is not supported by the sandbox", item->name);
    return false;
}

/* ---- aggregates ---- */

static bool plan_groups(struct select *sel)
{
    size_t n = 0;
    for (const struct soql_item *g = sel->q->group; g; g = g->next)
        n++;
    sel->groups = soql_new(sel->scope.pl->a, (n + 1) * sizeof *sel->groups);
    for (const struct soql_item *g = sel->q->group; g; g = g->next) {
        struct operand x;
        if (!scope_operand(&sel->scope, g, false, &x))
            return false;
        const struct field *f = x.field;
        if (!type_facts[f->type].group || f->long_text) {
            soql_fail(sel->scope.pl->error, "MALFORMED_QUERY", g->at, "field '%s' can not be grouped in a query call",
                      f->name);
            return false;
        }
        sel->groups[sel->n_groups++] = x.sql;
    }
    return true;
}

static bool is_grouped(const struct select *sel, const char *sql)
{
    for (size_t i = 0; i < sel->n_groups; i++)
        if (strcmp(sel->groups[i], sql) == 0)
            return true;
    return false;
}

static bool aggregate_item(struct select *sel, const struct soql_item *item, int *unnamed)
{
    struct scope *s = &sel->scope;
    struct operand x;
    if (item->kind != SOQL_PATH && item->kind != SOQL_CALL) {
        fail(sel, "MALFORMED_QUERY", item->at, "sub-queries are not allowed beside aggregate functions");
        return false;
    }
    if (!scope_operand(s, item, true, &x))
        return false;
    if (!x.aggregate && !is_grouped(sel, x.sql)) {
        soql_fail(s->pl->error, "MALFORMED_QUERY", item->at, "Field must be grouped or aggregated: %s", item->name);
        return false;
    }
    struct soql_out *o = soql_new(s->pl->a, sizeof *o);
    o->kind = OUT_FIELD;
    o->field = x.field;
    o->object = x.object;
    o->key = item->alias ? item->alias : item->kind == SOQL_CALL ? scope_sql(s, "expr%d", (*unnamed)++) : x.field->name;
    if (find_out(sel->plan->out, OUT_FIELD, o->key)) {
        soql_fail(s->pl->error, "MALFORMED_QUERY", item->at, "duplicate alias: %s", o->key);
        return false;
    }
    o->column = add_column(sel, x.sql);
    append(&sel->plan->out, o);
    return true;
}

static bool plan_items(struct select *sel)
{
    const struct soql_item *first = sel->q->items;
    int unnamed = 0;
    sel->plan->aggregate = sel->q->grouped;
    for (const struct soql_item *i = first; i; i = i->next)
        sel->plan->aggregate = sel->plan->aggregate || is_aggregate(i);
    if (first && first->kind == SOQL_CALL && same_name(first->name, "COUNT") && !first->args) {
        sel->plan->count_only = true;
        if (first->next || sel->q->grouped || first->alias || sel->q->order) {
            fail(sel, "MALFORMED_QUERY", first->at,
                 "COUNT() must be the only element in the SELECT list, without GROUP BY and ORDER BY");
            return false;
        }
        return true;
    }
    if (!sel->plan->aggregate)
        add_column(sel, scope_sql(&sel->scope, "t%d.\"Id\"", sel->scope.table));
    for (const struct soql_item *i = first; i; i = i->next)
        if (!(sel->plan->aggregate ? aggregate_item(sel, i, &unnamed) : plain_item(sel, i)))
            return false;
    return true;
}

/* ---- the other clauses ---- */

static bool plan_order(struct select *sel, struct text *sql)
{
    struct scope *s = &sel->scope;
    for (const struct soql_order *o = sel->q->order; o; o = o->next) {
        struct operand x;
        if (!scope_operand(s, o->item, sel->plan->aggregate, &x))
            return false;
        if (sel->plan->aggregate && !x.aggregate && !is_grouped(sel, x.sql)) {
            soql_fail(s->pl->error, "MALFORMED_QUERY", o->item->at, "Ordered field must be grouped or aggregated: %s",
                      o->item->name);
            return false;
        }
        if (x.field->long_text || x.field->type == TYPE_BASE64 || x.field->type == TYPE_MULTIPICKLIST) {
            soql_fail(s->pl->error, "MALFORMED_QUERY", o->item->at, "field '%s' can not be sorted in a query call",
                      x.field->name);
            return false;
        }
        text_fmt(sql, "%s%s %s NULLS %s", o == sel->q->order ? " ORDER BY " : ", ", x.sql,
                 o->descending ? "DESC" : "ASC", o->nulls_last ? "LAST" : "FIRST");
    }
    if (!sel->plan->aggregate) /* the order of insertion, so that pages and repeats agree */
        text_fmt(sql, "%st%d.rowid", sel->q->order ? ", " : " ORDER BY ", s->table);
    return true;
}

static bool check_limits(struct select *sel)
{
    const struct soql_query *q = sel->q;
    if (q->unsupported) {
        soql_fail(sel->scope.pl->error, "MALFORMED_QUERY", q->unsupported_at, "%s is not supported by the sandbox",
                  q->unsupported);
        return false;
    }
    if (q->offset > OFFSET_MAX) {
        fail(sel, "NUMBER_OUTSIDE_VALID_RANGE", q->offset_at, "Maximum SOQL offset allowed is 2000");
        return false;
    }
    if (sel->plan->aggregate && !q->grouped && !sel->plan->count_only && (q->limit >= 0 || q->order)) {
        if (q->limit >= 0)
            fail(sel, "MALFORMED_QUERY", q->limit_at,
                 "Non-grouped query that uses overall aggregate functions cannot also use LIMIT");
        else
            fail(sel, "MALFORMED_QUERY", q->order->item->at,
                 "Non-grouped query that uses overall aggregate functions cannot also use ORDER BY");
        return false;
    }
    return true;
}

/* SELECT columns FROM ... with everything behind it. `extra` is a condition that comes first. */
static bool assemble(struct select *sel, const char *extra)
{
    struct scope *s = &sel->scope;
    const struct soql_query *q = sel->q;
    struct text order = { 0 }, *sql = &sel->plan->sql;
    const char *where = NULL, *having = NULL;
    bool ok = (!q->where || (where = scope_condition(s, q->where, false))) &&
              (!q->having || (having = scope_condition(s, q->having, true))) &&
              (sel->plan->count_only || plan_order(sel, &order));
    if (ok) {
        text_fmt(sql, "SELECT %s", sel->plan->count_only ? "1" : sel->columns.p);
        scope_from(s, sql);
        text_fmt(sql, " WHERE %s%s", s->pl->all ? "1" : scope_sql(s, "t%d.\"IsDeleted\" = 0", s->table), extra);
        if (where)
            text_fmt(sql, " AND %s", where);
        for (size_t i = 0; i < sel->n_groups; i++)
            text_fmt(sql, "%s%s", i ? ", " : " GROUP BY ", sel->groups[i]);
        if (having)
            text_fmt(sql, " HAVING %s", having);
        text_str(sql, order.p ? order.p : "");
        if (q->limit >= 0 || q->offset >= 0)
            text_fmt(sql, " LIMIT %ld OFFSET %ld", q->limit, q->offset > 0 ? q->offset : 0);
    }
    text_free(&order);
    return ok;
}

/* ---- FROM ---- */

static const struct object *from_object(struct planner *pl, const struct soql_query *q)
{
    const struct object *ob = schema_find(&pl->c->o->schema, q->from);
    if (ob && perm_sees_object(pl->c, ob))
        return ob;
    soql_fail(pl->error, "INVALID_TYPE", q->from_at,
              "sObject type '%.100s' is not supported. If you are attempting to use a custom object, be sure to append "
              "the '__c' after the entity "
              "name. Please reference your WSDL or the describe call for the appropriate names.",
              q->from);
    return NULL;
}

/* Contacts, or Account.Contacts with the parent's name or alias in front. */
static const struct object *from_children(struct planner *pl, const struct soql_query *q, const struct object *parent,
                                          const struct field **f)
{
    struct object *owner;
    const char *dot = strrchr(q->from, '.');
    *f = schema_children(&pl->c->o->schema, parent, dot ? dot + 1 : q->from, &owner);
    if (*f && perm_sees_object(pl->c, owner) && perm_sees(pl->c, owner, *f))
        return owner;
    soql_fail(pl->error, "INVALID_TYPE", q->from_at,
              "Didn't understand relationship '%.100s' in FROM part of query call. If you are attempting to use a "
              "custom relationship, be sure to "
              "append the '__r' after the custom relationship name. Please reference your WSDL or the describe call "
              "for the appropriate names.",
              q->from);
    return NULL;
}

static struct soql_plan *plan_query(struct planner *pl, const struct soql_query *q, const struct object *parent)
{
    const struct field *up = NULL;
    const struct object *ob = parent ? from_children(pl, q, parent, &up) : from_object(pl, q);
    if (!ob)
        return NULL;
    if (++pl->depth > CHILD_LEVELS) {
        soql_fail(pl->error, "MALFORMED_QUERY", q->from_at, "sub-queries are nested too deeply");
        return NULL;
    }
    struct soql_plan *plan = soql_new(pl->a, sizeof *plan);
    int bound = parent ? 1 : 0; /* ?1 is the parent */
    struct select sel = { .scope = { pl, ob, q->alias, pl->tables++, NULL, &plan->binds, &bound, false, q->related },
                          .q = q,
                          .plan = plan };
    plan->object = ob;
    plan->next = pl->plans;
    pl->plans = plan;
    bool ok = scope_check_related(&sel.scope) && plan_groups(&sel) && plan_items(&sel) && check_limits(&sel);
    if (ok && parent && plan->aggregate) {
        fail(&sel, "MALFORMED_QUERY", q->from_at, "aggregate functions are not allowed in a sub-query");
        ok = false;
    }
    ok = ok && assemble(&sel, parent ? scope_sql(&sel.scope, " AND t%d.\"%s\" = ?1", sel.scope.table, up->name) : "");
    text_free(&sel.columns);
    pl->depth--;
    return ok ? plan : NULL;
}

/* ---- semi-joins ---- */

static bool same_targets(const struct operand *left, const struct object *ob, const struct field *f)
{
    const struct field *l = left->field;
    if (l->type == TYPE_ID)
        return f->type == TYPE_ID ? ob == left->object : field_points_to(f, left->object);
    if (f->type == TYPE_ID)
        return field_points_to(l, ob);
    for (int i = 0; i < l->n_targets; i++)
        for (int k = 0; k < f->n_targets; k++)
            if (same_name(l->targets[i], f->targets[k]))
                return true;
    return false;
}

const char *plan_inner(struct scope *outer, const struct soql_query *q, const struct operand *left, size_t at)
{
    struct planner *pl = outer->pl;
    const char *fault = NULL;
    if (left->field->type != TYPE_ID && left->field->type != TYPE_REFERENCE)
        fault = "The left operand field in the where expression for outer query should be an id field";
    else if (outer->inner)
        fault = "Nesting of semi join sub-selects is not supported";
    else if (++pl->semi_joins > SEMI_JOINS)
        fault = "Maximum 2 semi join sub-selects are allowed";
    else if (q->items->next || q->items->kind != SOQL_PATH || q->items->alias || q->grouped || q->order ||
             q->limit >= 0 || q->offset >= 0 || q->unsupported)
        fault =
            "The inner select query of a semi join must select one field, without GROUP BY, ORDER BY, LIMIT and OFFSET";
    if (fault) {
        soql_fail(pl->error, "MALFORMED_QUERY", at, "%s", fault);
        return NULL;
    }
    const struct object *ob = from_object(pl, q);
    if (!ob)
        return NULL;
    struct scope s = { pl, ob, q->alias, pl->tables++, NULL, outer->binds, outer->bound, true, q->related };
    struct operand x;
    if (!scope_check_related(&s) || !scope_operand(&s, q->items, false, &x))
        return NULL;
    if ((x.field->type != TYPE_ID && x.field->type != TYPE_REFERENCE) || !same_targets(left, x.object, x.field)) {
        soql_fail(pl->error, "MALFORMED_QUERY", q->items->at,
                  "The selected field '%s' in the subquery and the left operand field in the where expression "
                  "in the outer query '%s' should point to the same object type",
                  q->items->name, left->name);
        return NULL;
    }
    const char *where = q->where ? scope_condition(&s, q->where, false) : "1";
    outer->binds = s.binds;
    if (!where)
        return NULL;
    struct text sql = { 0 };
    text_fmt(&sql, "SELECT %s", x.sql);
    scope_from(&s, &sql);
    text_fmt(&sql, " WHERE %s IS NOT NULL AND %s AND %s", x.sql,
             pl->all ? "1" : scope_sql(&s, "t%d.\"IsDeleted\" = 0", s.table), where);
    const char *text = soql_dup(pl->a, sql.p, sql.n);
    text_free(&sql);
    return text;
}

struct soql_plan *soql_plan(const struct call *c, const struct soql_query *q, bool all, struct soql_arena *a,
                            struct soql_error *error)
{
    struct planner pl = { c, a, error, all, 0, 0, 0, NULL };
    struct soql_plan *plan = soql_check(q, error) ? plan_query(&pl, q, NULL) : NULL;
    if (!plan)
        for (struct soql_plan *p = pl.plans; p; p = p->next)
            text_free(&p->sql);
    return plan;
}

static void free_children(struct soql_out *o)
{
    for (; o; o = o->next)
        if (o->kind == OUT_CHILDREN)
            soql_plan_free(o->plan);
}

void soql_plan_free(struct soql_plan *plan)
{
    if (!plan)
        return;
    free_children(plan->out);
    text_free(&plan->sql);
}
