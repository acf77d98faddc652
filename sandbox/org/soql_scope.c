/* soql_scope.c - names to columns. */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sandbox/org/soql_plan_parts.h"

struct soql_error *scope_error(struct scope *s)
{
    return s->pl->error;
}

const char *scope_sql(struct scope *s, const char *fmt, ...)
{
    va_list ap;
    va_start(ap, fmt);
    int n = vsnprintf(NULL, 0, fmt, ap);
    va_end(ap);
    char *text = soql_new(s->pl->a, (size_t)n + 1);
    va_start(ap, fmt);
    vsnprintf(text, (size_t)n + 1, fmt, ap);
    va_end(ap);
    return text;
}

/* ---- binding ---- */

static const char *bind_value(struct scope *s, struct value v)
{
    struct soql_bind *b = soql_new(s->pl->a, sizeof *b);
    b->value = v;
    *s->binds = b;
    s->binds = &b->next;
    return scope_sql(s, "?%d", ++*s->bound);
}

const char *scope_bind_text(struct scope *s, const char *text)
{
    size_t n = strlen(text);
    return bind_value(s, (struct value){ .kind = VALUE_TEXT, .text = soql_dup(s->pl->a, text, n), .n = n });
}

const char *scope_bind_int(struct scope *s, int64_t i)
{
    return bind_value(s, (struct value){ .kind = VALUE_INT, .i = i });
}

const char *scope_bind_real(struct scope *s, double d)
{
    return bind_value(s, (struct value){ .kind = VALUE_REAL, .d = d });
}

/* ---- tables ---- */

int scope_join(struct scope *s, int table, const struct field *f, const struct object *target)
{
    struct join **tail = &s->joins;
    for (; *tail; tail = &(*tail)->next)
        if ((*tail)->from == table && (*tail)->field == f)
            return (*tail)->table;
    struct join *j = *tail = soql_new(s->pl->a, sizeof *j);
    *j = (struct join){ target, f, table, s->pl->tables++, NULL };
    return j->table;
}

void scope_from(struct scope *s, struct text *sql)
{
    text_fmt(sql, " FROM \"%s\" t%d", s->object->name, s->table);
    for (const struct join *j = s->joins; j; j = j->next)
        text_fmt(sql, " LEFT JOIN \"%s\" t%d ON t%d.\"Id\" = t%d.\"%s\"", j->object->name, j->table, j->table, j->from,
                 j->field->name);
}

/* ---- paths ---- */

static bool no_column(struct scope *s, const char *name, const struct object *ob, size_t at)
{
    soql_fail(s->pl->error, "INVALID_FIELD", at,
              "No such column '%.100s' on entity '%s'. If you are attempting to use a custom field, be sure to append "
              "the '__c' after the custom "
              "field name. Please reference your WSDL or the describe call for the appropriate names.",
              name, ob->name);
    return false;
}

static bool no_relationship(struct scope *s, const char *name, size_t at)
{
    soql_fail(s->pl->error, "INVALID_FIELD", at,
              "Didn't understand relationship '%.100s' in field path. If you are attempting to use a custom "
              "relationship, be sure to append the "
              "'__r' after the custom relationship name. Please reference your WSDL or the describe call for the "
              "appropriate names.",
              name);
    return false;
}

static const struct object *follow(struct scope *s, const struct object *ob, const char *name, size_t at,
                                   const struct field **f)
{
    *f = object_relation(ob, name);
    if (!*f || !perm_sees(s->pl->c, ob, *f)) {
        no_relationship(s, name, at);
        return NULL;
    }
    if ((*f)->n_targets != 1) {
        soql_fail(s->pl->error, "MALFORMED_QUERY", at,
                  "relationship '%s' leads to several objects, which the sandbox does not follow", name);
        return NULL;
    }
    const struct object *target = schema_find(&s->pl->c->o->schema, (*f)->targets[0]);
    if (!target || !perm_sees_object(s->pl->c, target)) {
        no_relationship(s, name, at);
        return NULL;
    }
    return target;
}

/* A path that begins at the object of FROM: its table and field. */
static bool resolve(struct scope *s, const char *p, size_t at, int *table, const struct object **ob,
                    const struct field **f)
{
    char name[NAME_SIZE];
    *table = s->table;
    *ob = s->object;
    for (int level = 0;; level++) {
        size_t n = strcspn(p, ".");
        copy_text(name, n + 1 < sizeof name ? n + 1 : sizeof name, p);
        if (!p[n])
            break;
        if (level == PARENT_LEVELS) {
            soql_fail(s->pl->error, "MALFORMED_QUERY", at, "SOQL relationship paths may have at most %d levels",
                      PARENT_LEVELS);
            return false;
        }
        const struct object *target = follow(s, *ob, name, at, f);
        if (!target)
            return false;
        *table = scope_join(s, *table, *f, target);
        *ob = target;
        p += n + 1;
    }
    *f = object_field(*ob, name);
    return (*f && perm_sees(s->pl->c, *ob, *f)) || no_column(s, name, *ob, at);
}

/* What an alias of FROM stands for; only those before `end`, so that none leads back to itself. */
static const struct soql_related *find_related(const struct scope *s, const char *alias, const struct soql_related *end)
{
    for (const struct soql_related *r = s->related; r && r != end; r = r->next)
        if (r->alias && same_name(r->alias, alias))
            return r;
    return NULL;
}

/* The first segment may be the object's own name or alias, or the alias of a way. */
static const char *plain_path(struct scope *s, const char *path, const struct soql_related *end)
{
    char first[NAME_SIZE];
    size_t n = strcspn(path, ".");
    if (!path[n] || n >= sizeof first)
        return path;
    memcpy(first, path, n);
    first[n] = '\0';
    const struct soql_related *r = find_related(s, first, end);
    bool own = (s->alias && same_name(first, s->alias)) ||
               (same_name(first, s->object->name) && !object_relation(s->object, first));
    if (own)
        return path + n + 1;
    return r ? scope_sql(s, "%s.%s", plain_path(s, r->path, r), path + n + 1) : path;
}

const char *scope_plain_path(struct scope *s, const char *path)
{
    return plain_path(s, path, NULL);
}

bool scope_check_related(struct scope *s)
{
    int n = 0;
    for (const struct soql_related *r = s->related; r; r = r->next) {
        const struct object *ob;
        const struct field *f;
        int table;
        const char *path = plain_path(s, r->path, r);
        bool twice = r->alias && (find_related(s, r->alias, r) || (s->alias && same_name(s->alias, r->alias)));
        if (twice || ++n > RELATED_MAX) {
            soql_fail(s->pl->error, "MALFORMED_QUERY", r->at, twice ? "duplicate alias: %.80s" : "too many: %.80s",
                      twice ? r->alias : r->path);
            return false;
        }
        /* the field that a way ends with stands for the object there */
        if (!resolve(s, scope_sql(s, "%s.Id", path), r->at, &table, &ob, &f))
            return false;
    }
    return true;
}

bool scope_path(struct scope *s, const char *path, size_t at, int *table, const struct object **ob,
                const struct field **f)
{
    return resolve(s, scope_plain_path(s, path), at, table, ob, f);
}

/* ---- functions ---- */

enum function_kind { FN_AGGREGATE, FN_DATE };

static const struct {
    const char *name;
    const char *sql; /* %s is the argument, %d its scale */
    enum function_kind kind;
    enum field_type type; /* TYPE_COUNT: that of the argument */
} functions[] = {
    { "COUNT", "COUNT(%s)", FN_AGGREGATE, TYPE_INT },
    { "COUNT_DISTINCT", "COUNT(DISTINCT %s)", FN_AGGREGATE, TYPE_INT },
    { "SUM", "sf_sum(%s, %d)", FN_AGGREGATE, TYPE_COUNT },
    { "AVG", "sf_avg(%s, %d)", FN_AGGREGATE, TYPE_DOUBLE },
    { "MIN", "MIN(%s)", FN_AGGREGATE, TYPE_COUNT },
    { "MAX", "MAX(%s)", FN_AGGREGATE, TYPE_COUNT },
    { "CALENDAR_YEAR", "CAST(substr(%s, 1, 4) AS INTEGER)", FN_DATE, TYPE_INT },
    { "FISCAL_YEAR", "CAST(substr(%s, 1, 4) AS INTEGER)", FN_DATE, TYPE_INT },
    { "CALENDAR_MONTH", "CAST(substr(%s, 6, 2) AS INTEGER)", FN_DATE, TYPE_INT },
    { "FISCAL_MONTH", "CAST(substr(%s, 6, 2) AS INTEGER)", FN_DATE, TYPE_INT },
    { "CALENDAR_QUARTER", "((CAST(substr(%s, 6, 2) AS INTEGER) + 2) / 3)", FN_DATE, TYPE_INT },
    { "FISCAL_QUARTER", "((CAST(substr(%s, 6, 2) AS INTEGER) + 2) / 3)", FN_DATE, TYPE_INT },
    { "DAY_IN_MONTH", "CAST(substr(%s, 9, 2) AS INTEGER)", FN_DATE, TYPE_INT },
    { "DAY_IN_WEEK", "(strftime('%%w', substr(%s, 1, 10)) + 1)", FN_DATE, TYPE_INT },
    { "DAY_IN_YEAR", "CAST(strftime('%%j', substr(%s, 1, 10)) AS INTEGER)", FN_DATE, TYPE_INT },
    { "DAY_ONLY", "substr(%s, 1, 10)", FN_DATE, TYPE_DATE },
    { "HOUR_IN_DAY", "CAST(substr(%s, 12, 2) AS INTEGER)", FN_DATE, TYPE_INT },
    { "WEEK_IN_MONTH", "((CAST(substr(%s, 9, 2) AS INTEGER) + 6) / 7)", FN_DATE, TYPE_INT },
    { "WEEK_IN_YEAR", "((strftime('%%j', substr(%s, 1, 10)) + 6) / 7)", FN_DATE, TYPE_INT },
};

/* The SQL with %s and %d replaced and %% made %; a NULL argument stays NULL in all of them. */
static const char *apply(struct scope *s, const char *pattern, const char *argument, const struct field *f)
{
    struct text t = { 0 };
    for (const char *p = pattern; *p; p++) {
        if (*p == '%' && p[1] == 's')
            text_str(&t, argument);
        else if (*p == '%' && p[1] == 'd')
            text_fmt(&t, "%d", f->type == TYPE_INT ? 0 : f->scale);
        else
            text_char(&t, *p);
        p += *p == '%';
    }
    const char *sql = soql_dup(s->pl->a, t.p, t.n);
    text_free(&t);
    return sql;
}

static bool argument_fits(struct scope *s, size_t f, const struct field *field, size_t at)
{
    const struct type_facts *facts = &type_facts[field->type];
    bool number = strcmp(functions[f].name, "SUM") == 0 || strcmp(functions[f].name, "AVG") == 0;
    bool date = field->type == TYPE_DATE || field->type == TYPE_DATETIME;
    bool needs_time = strcmp(functions[f].name, "DAY_ONLY") == 0 || strcmp(functions[f].name, "HOUR_IN_DAY") == 0;
    bool ok = functions[f].kind == FN_DATE ? date && (!needs_time || field->type == TYPE_DATETIME)
              : number                     ? facts->number
                       : field->type != TYPE_BOOLEAN && field->type != TYPE_BASE64 && !field->long_text;
    if (!ok)
        soql_fail(s->pl->error, functions[f].kind == FN_DATE ? "INVALID_FIELD" : "MALFORMED_QUERY", at,
                  "field %s does not support aggregate operator %s", field->name, functions[f].name);
    return ok;
}

static bool call_operand(struct scope *s, const struct soql_item *item, bool aggregates, struct operand *out)
{
    size_t f = 0, count = sizeof functions / sizeof *functions;
    while (f < count && !same_name(functions[f].name, item->name))
        f++;
    if (f == count) {
        soql_fail(s->pl->error, "MALFORMED_QUERY", item->at, "function %s is not supported by the sandbox", item->name);
        return false;
    }
    if (functions[f].kind == FN_AGGREGATE && !aggregates) {
        soql_fail(s->pl->error, "MALFORMED_QUERY", item->at, "aggregate function %s is not allowed here", item->name);
        return false;
    }
    if (!item->args || item->args->kind != SOQL_PATH) {
        soql_fail(s->pl->error, "MALFORMED_QUERY", item->at, "%s: the sandbox takes one field as the argument",
                  item->name);
        return false;
    }
    struct operand arg;
    if (!scope_operand(s, item->args, false, &arg) || !argument_fits(s, f, arg.field, item->args->at))
        return false;
    struct field *made = soql_new(s->pl->a, sizeof *made);
    *made = *arg.field;
    if (functions[f].type != TYPE_COUNT)
        made->type = functions[f].type;
    made->required = made->system = false;
    *out = (struct operand){ apply(s, functions[f].sql, arg.sql, arg.field),
                             item->name,
                             made,
                             arg.object,
                             functions[f].kind == FN_AGGREGATE,
                             true };
    return true;
}

bool scope_operand(struct scope *s, const struct soql_item *item, bool aggregates, struct operand *out)
{
    int table;
    if (item->kind == SOQL_CALL)
        return call_operand(s, item, aggregates, out);
    if (item->kind != SOQL_PATH) {
        soql_fail(s->pl->error, "MALFORMED_QUERY", item->at, "unexpected token: '%s'", item->name);
        return false;
    }
    *out = (struct operand){ .name = item->name };
    if (!scope_path(s, item->name, item->at, &table, &out->object, &out->field))
        return false;
    out->joined = table != s->table;
    out->sql = scope_sql(s, "t%d.\"%s\"", table, out->field->name);
    return true;
}
