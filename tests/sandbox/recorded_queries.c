/* recorded_queries.c - what a recorded query needs: fields, rows that it finds, and what its conditions say of them. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "sandbox/soql/soql.h"
#include "tests/sandbox/recorded_setup.h"

enum { ROWS_MAX = 200000 };

static const char *text_in(const json_t *o, const char *key)
{
    const char *s = json_string_value(json_object_get(o, key));
    return s ? s : "";
}

/* A value that the comparison finds. */
static json_t *literal(const struct soql_value *v, enum soql_operator op)
{
    int step = op == OP_GT ? 1 : op == OP_LT ? -1 : 0;
    switch (v->kind) {
    case SOQL_STRING:
        return json_sprintf("%s%s", v->text, step > 0 ? "z" : "");
    case SOQL_INTEGER:
        return json_integer(strtoll(v->text, NULL, 10) + step);
    case SOQL_DECIMAL:
        return json_real(strtod(v->text, NULL) + step);
    case SOQL_BOOLEAN:
        return json_boolean(strcmp(v->text, "TRUE") == 0);
    default:
        return NULL;
    }
}

static void take_conditions(struct setup *s, json_t *object, const struct soql_condition *c);

/* Id IN (SELECT AccountId FROM Contact WHERE ...): each row that was found has such a record. */
static void take_semi_join(struct setup *s, json_t *object, const struct soql_condition *c)
{
    const struct soql_query *q = c->query;
    json_t *inner = setup_object(s, q->from, NULL), *row, *rows = setup_rows(s, text_in(object, "name"));
    const char *field = q->items->name, *outer = c->item->name;
    size_t i, n = json_array_size(rows);
    if (q->items->kind != SOQL_PATH || c->item->kind != SOQL_PATH || c->op == OP_NOT_IN || strchr(field, '.'))
        return;
    if (strcasecmp(field, "Id") != 0)
        setup_lookup(inner, field, text_in(object, "name"), NULL);
    for (i = 0; i < n && (row = json_array_get(rows, i)); i++) {
        const json_t *id = json_object_get(row, strcasecmp(outer, "Id") == 0 ? "Id" : outer);
        if (json_is_string(id) && strcasecmp(field, "Id") == 0)
            setup_record(s, text_in(inner, "name"), json_string_value(id));
        else if (json_is_string(id))
            json_object_set(setup_record(s, text_in(inner, "name"), NULL), field, (json_t *)id);
    }
    take_conditions(s, inner, q->where);
}

/* Fields that only the conditions name; equalities also say what the rows hold. */
static void take_conditions(struct setup *s, json_t *object, const struct soql_condition *c)
{
    if (!c)
        return;
    if (c->kind != COND_COMPARE) {
        take_conditions(s, object, c->left);
        take_conditions(s, object, c->right);
        return;
    }
    if (c->query) {
        take_semi_join(s, object, c);
        return;
    }
    const char *dot = strrchr(c->item->name, '.'), *name = dot ? dot + 1 : c->item->name;
    json_t *value = c->values ? literal(c->values, c->op) : NULL, *r;
    bool found = c->op != OP_NE && c->op != OP_NOT_IN && c->op != OP_EXCLUDES;
    size_t i;
    if (c->item->kind != SOQL_PATH ||
        (dot && strncasecmp(c->item->name, text_in(object, "name"), (size_t)(dot - c->item->name)) != 0)) {
        json_decref(value);
        return;
    }
    setup_field(object, name, value);
    json_array_foreach (setup_rows(s, text_in(object, "name")), i, r)
        if (found && value && !json_object_get(r, name))
            json_object_set(r, name, value);
    json_decref(value);
}

static void need_path(struct setup *s, json_t *object, const char *path)
{
    const char *dot = strchr(path, '.');
    (void)s;
    if (!dot)
        setup_field(object, path, NULL);
    else if (!strchr(dot + 1, '.') && strncasecmp(path, text_in(object, "name"), (size_t)(dot - path)) == 0)
        setup_field(object, dot + 1, NULL);
}

/* A group's row stands for as many records as its count says. */
static void take_group(struct setup *s, json_t *object, const struct soql_query *q, const json_t *row)
{
    long count = 1;
    int unnamed = 0;
    json_t *proto = json_object();
    for (const struct soql_item *i = q->items; i; i = i->next) {
        char name[20];
        const char *field = i->kind == SOQL_CALL ? i->args ? i->args->name : NULL : i->name;
        if (!i->alias && i->kind == SOQL_CALL)
            snprintf(name, sizeof name, "expr%d", unnamed++);
        const json_t *v = json_object_get(row, i->alias ? i->alias : i->kind == SOQL_CALL ? name : i->name);
        if (i->kind == SOQL_CALL && strncasecmp(i->name, "COUNT", 5) == 0)
            count = (long)json_integer_value(v);
        else if (field && !strchr(field, '.')) {
            setup_field(object, field, v);
            if (v && !json_is_null(v))
                json_object_set_new(proto, field, json_deep_copy(v));
        }
    }
    for (long k = 0; k < count && k < ROWS_MAX; k++)
        json_array_append_new(setup_rows(s, text_in(object, "name")), json_deep_copy(proto));
    json_decref(proto);
}

/* Rows before and behind the recorded page, like its last one. */
static void fill_up(struct setup *s, const char *object, size_t first, size_t total)
{
    json_t *list = setup_rows(s, object);
    json_t *copy =
        json_array_size(list) ? json_deep_copy(json_array_get(list, json_array_size(list) - 1)) : json_object();
    json_object_del(copy, "Id");
    for (size_t i = 0; i < first && i < ROWS_MAX; i++)
        json_array_insert_new(list, 0, json_copy(copy));
    while (json_array_size(list) < total && json_array_size(list) < ROWS_MAX)
        json_array_append_new(list, json_copy(copy));
    json_decref(copy);
}

void setup_query(struct setup *s, const char *soql, const json_t *answer, size_t first)
{
    struct soql_arena *arena = NULL;
    struct soql_error error;
    struct soql_query *q = soql_parse(soql, strlen(soql), &arena, &error);
    const json_t *records = json_object_get(answer, "records"), *row, *fault = setup_error(answer);
    char missing[100] = "";
    size_t i;
    if (fault)
        setup_quoted(text_in(fault, "message"), missing);
    if (q && strcasecmp(q->from, missing) != 0) {
        json_t *object = setup_object(s, q->from, setup_id_of(json_array_get(records, 0)));
        setup_rows(s, text_in(object, "name"));
        json_array_foreach (records, i, row) {
            if (strcmp(text_in(json_object_get(row, "attributes"), "type"), "AggregateResult") == 0)
                take_group(s, object, q, row);
            else
                setup_row(s, row, q->from);
        }
        for (const struct soql_item *item = q->items; item; item = item->next)
            if (item->kind == SOQL_PATH && strcasecmp(item->name, missing) != 0)
                need_path(s, object, item->name);
        bool rows =
            json_array_size(records) > 0 &&
            json_string_value(json_object_get(json_object_get(json_array_get(records, 0), "attributes"), "url"));
        if (rows || json_array_size(records) == 0)
            fill_up(s, text_in(object, "name"), first,
                    (size_t)json_integer_value(json_object_get(answer, "totalSize")));
        take_conditions(s, object, q->where);
    }
    soql_free(arena);
}
