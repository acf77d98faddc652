/* columns.c - what the columns of a job's data are: fields, or parents by a key of theirs. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sandbox/bulk/bulk_parts.h"

#define NULL_MARK "#N/A" /* a value that is to be null; an empty one is left alone */

static bool not_found(char why[CSV_WHY_MAX], const char *name)
{
    snprintf(why, CSV_WHY_MAX, "InvalidBatch : Field name not found : %.120s", name);
    return false;
}

/* "Quote.AppLinkKey__c": the parent whose key has the value. */
static bool parent_column(struct call *c, const struct object *ob, const char *name, struct column *out)
{
    char relationship[NAME_SIZE];
    const char *dot = strchr(name, '.');
    if (!dot || (size_t)(dot - name) >= sizeof relationship)
        return false;
    snprintf(relationship, sizeof relationship, "%.*s", (int)(dot - name), name);
    out->field = object_relation(ob, relationship);
    const struct object *parent =
        out->field && out->field->n_targets == 1 ? schema_find(&c->o->schema, out->field->targets[0]) : NULL;
    out->parent_key = parent && perm_sees_object(c, parent) ? object_field(parent, dot + 1) : NULL;
    const struct field *key = out->parent_key;
    return key && (key->external_id || key->unique || key->type == TYPE_ID) && perm_sees(c, parent, key);
}

static bool find_column(struct call *c, const struct object *ob, const char *name, struct column *out)
{
    *out = (struct column){ object_field(ob, name), NULL };
    bool found = out->field || parent_column(c, ob, name, out);
    return found && perm_sees(c, ob, out->field);
}

/* The column that records are found by, and what the operation asks of the others. */
static bool find_key(const struct job *j, struct columns *k, char why[CSV_WHY_MAX])
{
    const char *name = j->operation == JOB_INSERT ? NULL : j->operation == JOB_UPSERT ? j->key : "Id";
    bool deletes = j->operation == JOB_DELETE || j->operation == JOB_HARD_DELETE;
    k->key = k->n;
    for (size_t i = 0; name && i < k->n; i++)
        if (!k->list[i].parent_key && same_name(k->list[i].field->name, name))
            k->key = i;
    if (name && k->key == k->n)
        return not_found(why, name);
    if (!deletes || k->n == 1)
        return true;
    snprintf(why, CSV_WHY_MAX, "InvalidBatch : The data of a delete has the column Id and no other");
    return false;
}

static bool twice(const struct columns *k, size_t i)
{
    for (size_t at = 0; at < i; at++)
        if (k->list[at].field == k->list[i].field)
            return true;
    return false;
}

bool columns_find(struct call *c, const struct job *j, const struct csv_record *header, struct columns *out,
                  char why[CSV_WHY_MAX])
{
    const struct object *ob = schema_find(&c->o->schema, j->object);
    *out = (struct columns){ .list = mem_new(header->n * sizeof *out->list), .n = header->n, .object = ob };
    if (!ob || !perm_sees_object(c, ob)) {
        snprintf(why, CSV_WHY_MAX, "InvalidBatch : Unable to find object: %.80s", j->object);
        return false;
    }
    for (size_t i = 0, n; i < header->n; i++) {
        const char *name = csv_value(header, i, &n);
        if (!find_column(c, ob, name, &out->list[i]))
            return not_found(why, name);
        if (twice(out, i)) {
            snprintf(why, CSV_WHY_MAX, "InvalidBatch : Duplicate field name : %.120s", name);
            return false;
        }
    }
    return find_key(j, out, why);
}

void columns_free(struct columns *k)
{
    free(k->list);
    *k = (struct columns){ .n = 0 };
}

/* ---- values ---- */

/* Words that a checkbox takes in CSV; NULL for another word, which then stands for itself. */
static json_t *checkbox(const char *text)
{
    static const char *const yes[] = { "true", "1", "yes", "y", "on" }, *const no[] = { "false", "0", "no", "n",
                                                                                        "off" };
    for (size_t i = 0; i < sizeof yes / sizeof *yes; i++) {
        if (same_name(text, yes[i]))
            return json_true();
        if (same_name(text, no[i]))
            return json_false();
    }
    return NULL;
}

static void set_value(json_t *record, const struct column *column, const char *text, size_t n)
{
    const struct field *f = column->field;
    if (n == 0)
        return;
    if (strcmp(text, NULL_MARK) == 0) {
        json_object_set_new(record, f->name, json_null());
    } else if (column->parent_key) {
        json_object_set_new(record, f->relationship,
                            json_pack("{s:o}", column->parent_key->name, json_stringn(text, n)));
    } else {
        json_t *word = f->type == TYPE_BOOLEAN ? checkbox(text) : NULL;
        json_object_set_new(record, f->name, word ? word : json_stringn(text, n));
    }
}

json_t *columns_record(const struct columns *k, const struct csv_record *row)
{
    json_t *record = json_object();
    for (size_t i = 0, n; i < k->n; i++) {
        const char *text = csv_value(row, i, &n);
        if (i != k->key)
            set_value(record, &k->list[i], text, n);
    }
    return record;
}

void columns_blame(struct call *c, const struct columns *k, const json_t *record, struct fault *f)
{
    for (size_t i = 0; i < k->n && strcmp(f->code, "JSON_PARSER_ERROR") == 0; i++) {
        const struct column *column = &k->list[i];
        const json_t *in = json_object_get(record, column->field->name);
        struct fault why = { .code = "" };
        struct value v;
        if (!in || column->parent_key || column->field->type == TYPE_ID)
            continue;
        bool ok = value_from_json(c, column->field, in, &v, &why);
        value_free(&v);
        if (ok || strcmp(why.code, "JSON_PARSER_ERROR") != 0)
            continue;
        const char *text = json_string_value(in);
        fault_set(f, 400, "INVALID_TYPE_ON_FIELD_IN_RECORD", column->field->name,
                  "%s: value not of required type: %.255s", column->field->label, text ? text : "null");
    }
}
