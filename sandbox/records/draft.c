/* draft.c - a record on its way in. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sandbox/base/system.h"
#include "sandbox/records/draft.h"

const struct part *call_part(const struct call *c, const char *name)
{
    for (size_t i = 1; i < c->n_parts; i++)
        if (same_name(c->parts[i].name, name))
            return &c->parts[i];
    return NULL;
}

void draft_start(struct draft *d, struct call *c, struct object *ob, const char *id)
{
    *d = (struct draft){ c, ob, mem_new(ob->n * sizeof *d->values), mem_new(ob->n * sizeof *d->set), id };
}

void draft_free(struct draft *d)
{
    for (size_t i = 0; i < d->ob->n; i++)
        value_free(&d->values[i]);
    free(d->values);
    free(d->set);
}

size_t draft_index(const struct object *ob, const struct field *f)
{
    return (size_t)(f - ob->fields);
}

const struct value *draft_get(const struct draft *d, const char *name)
{
    const struct field *f = object_field(d->ob, name);
    return f ? &d->values[draft_index(d->ob, f)] : NULL;
}

void draft_put(struct draft *d, const char *name, struct value v)
{
    struct field *f = object_field(d->ob, name);
    if (!f) {
        value_free(&v);
        return;
    }
    size_t i = draft_index(d->ob, f);
    value_free(&d->values[i]);
    d->values[i] = v;
    d->set[i] = true;
}

void draft_put_text(struct draft *d, const char *name, const char *s)
{
    draft_put(d, name, value_text(s, strlen(s)));
}

void draft_put_int(struct draft *d, const char *name, int64_t i)
{
    draft_put(d, name, (struct value){ .kind = VALUE_INT, .i = i });
}

const char *draft_text(const struct draft *d, const char *name)
{
    const struct value *v = draft_get(d, name);
    return v && v->kind == VALUE_TEXT ? v->text : NULL;
}

bool draft_is_set(const struct draft *d, const char *name)
{
    const struct field *f = object_field(d->ob, name);
    return f && d->set[draft_index(d->ob, f)];
}

void draft_unset(struct draft *d, const char *name)
{
    const struct field *f = object_field(d->ob, name);
    if (!f)
        return;
    value_free(&d->values[draft_index(d->ob, f)]);
    d->set[draft_index(d->ob, f)] = false;
}

static struct value stored_value(sqlite3_stmt *s, int at)
{
    switch (sqlite3_column_type(s, at)) {
    case SQLITE_INTEGER:
        return (struct value){ .kind = VALUE_INT, .i = sqlite3_column_int64(s, at) };
    case SQLITE_FLOAT:
        return (struct value){ .kind = VALUE_REAL, .d = sqlite3_column_double(s, at) };
    case SQLITE_TEXT:
        return value_text((const char *)sqlite3_column_text(s, at), (size_t)sqlite3_column_bytes(s, at));
    default:
        return (struct value){ 0 };
    }
}

void draft_load(struct draft *d, const char *const *names)
{
    struct text sql = { 0 };
    text_str(&sql, "SELECT ");
    for (int i = 0; names[i]; i++)
        text_fmt(&sql, "%s\"%s\"", i ? ", " : "", names[i]);
    text_fmt(&sql, " FROM \"%s\" WHERE \"Id\" = ?1", d->ob->name);
    sqlite3_stmt *s = store_get(d->c->o, sql.p);
    text_free(&sql);
    if (!s)
        return;
    sqlite3_bind_text(s, 1, d->id, -1, SQLITE_STATIC);
    bool there = sqlite3_step(s) == SQLITE_ROW;
    for (int i = 0; there && names[i]; i++) {
        const struct field *f = object_field(d->ob, names[i]);
        if (!f || d->set[draft_index(d->ob, f)])
            continue;
        struct value *v = &d->values[draft_index(d->ob, f)];
        value_free(v);
        *v = stored_value(s, i);
    }
    store_put(d->c->o, s);
}

void draft_stored(struct draft *d, const char *name, char *out, size_t size)
{
    char sql[2 * NAME_SIZE + 80];
    snprintf(sql, sizeof sql, "SELECT \"%s\" FROM \"%s\" WHERE \"Id\" = ?1", name, d->ob->name);
    sqlite3_stmt *s = store_get(d->c->o, sql);
    sqlite3_bind_text(s, 1, d->id, -1, SQLITE_STATIC);
    const char *text = sqlite3_step(s) == SQLITE_ROW ? (const char *)sqlite3_column_text(s, 0) : NULL;
    copy_text(out, size, text ? text : "");
    store_put(d->c->o, s);
}

/* "Account": {"Key__c": "x"} names the parent by an external id. */
static bool take_parent(struct draft *d, const struct field *f, const json_t *in, struct fault *fault)
{
    const char *key_name = NULL;
    const json_t *key_value = NULL, *item;
    const char *name;
    json_object_foreach ((json_t *)in, name, item)
        if (strcmp(name, "attributes") != 0) {
            key_name = name;
            key_value = item;
        }
    struct object *target = f->n_targets == 1 ? schema_find(&d->c->o->schema, f->targets[0]) : NULL;
    struct field *key = target && key_name ? object_field(target, key_name) : NULL;
    if (!key || !(key->external_id || key->unique || key->type == TYPE_ID)) {
        fault_set(fault, 400, "INVALID_FIELD", f->name, "The relationship %s is not given by an external ID",
                  f->relationship);
        return false;
    }
    struct value v;
    char id[ID_SIZE];
    if (!value_from_json(d->c, key, key_value, &v, fault))
        return false;
    int n = lookup_by(d->c->o, target, key, &v, id);
    value_free(&v);
    if (n != 1) {
        char *text = json_dumps(key_value, JSON_ENCODE_ANY);
        fault_set(fault, 400, n ? "DUPLICATE_EXTERNAL_ID" : "INVALID_FIELD", "",
                  "Foreign key external ID: %.200s not found for field %s in entity %s", text ? text : "", key->name,
                  target->name);
        free(text);
        return false;
    }
    draft_put_text(d, f->name, id);
    return true;
}

static bool may_write(const struct draft *d, const struct field *f)
{
    if (d->c->loading)
        return true;
    return (d->id ? f->updateable : f->createable) && perm_writes(d->c, d->ob, f);
}

/* The field that a member names, itself or by its relationship; NULL with `fault` filled when the user knows none. */
static struct field *named_field(struct draft *d, const char *key, const json_t *in, struct fault *fault)
{
    struct field *f = object_field(d->ob, key);
    if (!f && json_is_object(in))
        f = object_relation(d->ob, key);
    if (f && perm_sees(d->c, d->ob, f))
        return f;
    fault_set(fault, 400, "INVALID_FIELD", NULL, "No such column '%.80s' on sobject of type %s", key, d->ob->name);
    return NULL;
}

/* All members name fields, and fields that may be written: those that may not are told together. */
static bool may_take(struct draft *d, const json_t *in, struct fault *fault)
{
    struct text refused = { 0 }, shown = { 0 };
    const char *key;
    json_t *item;
    json_object_foreach ((json_t *)in, key, item) {
        if (strcmp(key, "attributes") == 0)
            continue;
        const struct field *f = named_field(d, key, item, fault);
        if (f && f->type == TYPE_ID && !d->c->loading)
            fault_set(fault, 400, "INVALID_FIELD", NULL, "The Id field should not be specified in the sobject data.");
        if (fault->code[0])
            break;
        if (may_write(d, f))
            continue;
        text_fmt(&refused, "%s%s", refused.n ? "," : "", f->name);
        text_fmt(&shown, "%s%s", shown.n ? ", " : "", f->name);
    }
    if (refused.n && !fault->code[0])
        fault_set(fault, 400, "INVALID_FIELD_FOR_INSERT_UPDATE", refused.p,
                  "Unable to create/update fields: %s. Please check the security settings of this field and verify "
                  "that it is read/write for your profile or permission set.",
                  shown.p);
    text_free(&refused);
    text_free(&shown);
    return !fault->code[0];
}

static bool take_id(struct draft *d, const struct field *f, const json_t *in, struct fault *fault)
{
    const char *text = json_is_string(in) ? json_string_value(in) : "";
    char id[ID_SIZE];
    if (!id_complete(text, id)) {
        fault_set(fault, 400, "MALFORMED_ID", "Id", "Record ID: id value of incorrect type: %.40s", text);
        return false;
    }
    draft_put_text(d, f->name, id);
    return true;
}

static bool take_field(struct draft *d, const char *key, const json_t *in, struct fault *fault)
{
    const struct field *f = named_field(d, key, in, fault);
    struct value v;
    if (!f)
        return false;
    if (f->type == TYPE_ID)
        return take_id(d, f, in, fault);
    if (f->type == TYPE_REFERENCE && json_is_object(in) && !same_name(f->name, key))
        return take_parent(d, f, in, fault);
    if (!value_from_json(d->c, f, in, &v, fault))
        return false;
    draft_put(d, f->name, v);
    return true;
}

static bool take_parts(struct draft *d, struct fault *fault)
{
    for (size_t i = 0; i < d->ob->n; i++) {
        const struct field *f = &d->ob->fields[i];
        const struct part *part = f->type == TYPE_BASE64 ? call_part(d->c, f->name) : NULL;
        if (!part)
            continue;
        if (!may_write(d, f)) {
            fault_set(fault, 400, "INVALID_FIELD_FOR_INSERT_UPDATE", f->name, "Unable to create/update fields: %s.",
                      f->name);
            return false;
        }
        draft_put(d, f->name,
                  (struct value){ .kind = VALUE_BYTES, .text = mem_dup(part->data, part->n), .n = part->n });
    }
    return true;
}

bool draft_take(struct draft *d, const json_t *in, struct fault *fault)
{
    const char *key;
    json_t *item;
    if (!json_is_object(in)) {
        fault_set(fault, 400, "JSON_PARSER_ERROR", NULL,
                  "The HTTP entity body is required, but this request has no entity body.");
        return false;
    }
    if (!may_take(d, in, fault))
        return false;
    json_object_foreach ((json_t *)in, key, item) {
        if (strcmp(key, "attributes") == 0)
            continue;
        if (!take_field(d, key, item, fault))
            return false;
    }
    return take_parts(d, fault);
}

/* ---- what the org fills in ---- */

void draft_defaults(struct draft *d)
{
    for (size_t i = 0; i < d->ob->n; i++) {
        const struct field *f = &d->ob->fields[i];
        struct fault ignored = { 0 };
        struct value v;
        if (d->set[i])
            continue;
        if (f->standard_value && value_from_json(d->c, f, f->standard_value, &v, &ignored))
            draft_put(d, f->name, v);
        else if (f->type == TYPE_BOOLEAN)
            draft_put(d, f->name, (struct value){ .kind = VALUE_INT });
    }
    if (object_field(d->ob, "CurrencyIsoCode") && !draft_is_set(d, "CurrencyIsoCode"))
        draft_put_text(d, "CurrencyIsoCode", org_currency(d->c->o));
    if (object_field(d->ob, "OwnerId") && !d->set[draft_index(d->ob, object_field(d->ob, "OwnerId"))])
        draft_put_text(d, "OwnerId", d->c->user_id);
}

/* "BK-{00000}": the braces hold as many digits as there are zeros. */
void draft_auto_numbers(struct draft *d)
{
    for (size_t i = 0; i < d->ob->n; i++) {
        const struct field *f = &d->ob->fields[i];
        if (!f->auto_number[0] || d->set[i])
            continue;
        char counter[2 * NAME_SIZE + 2], name[3 * NAME_SIZE];
        snprintf(counter, sizeof counter, "%s.%s", d->ob->name, f->name);
        size_t before = strcspn(f->auto_number, "{"), width = strcspn(f->auto_number + before + 1, "}");
        const char *after = f->auto_number + before + 1 + width;
        snprintf(name, sizeof name, "%.*s%0*llu%s", (int)before, f->auto_number, (int)width,
                 (unsigned long long)store_next(d->c->o, counter), *after ? after + 1 : "");
        draft_put_text(d, f->name, name);
    }
}

/* The current text of a field: the new one, else the stored one. malloc, "" when null. */
static char *current_text(struct draft *d, const struct field *f)
{
    size_t i = draft_index(d->ob, f);
    if (d->set[i] || !d->id)
        return mem_dup(d->values[i].kind == VALUE_TEXT ? d->values[i].text : "",
                       d->values[i].kind == VALUE_TEXT ? d->values[i].n : 0);
    char sql[2 * NAME_SIZE + 80];
    snprintf(sql, sizeof sql, "SELECT \"%s\" FROM \"%s\" WHERE \"Id\" = ?1", f->name, d->ob->name);
    sqlite3_stmt *s = store_get(d->c->o, sql);
    sqlite3_bind_text(s, 1, d->id, -1, SQLITE_STATIC);
    const char *text = sqlite3_step(s) == SQLITE_ROW ? (const char *)sqlite3_column_text(s, 0) : NULL;
    char *copy = mem_dup(text ? text : "", text ? strlen(text) : 0);
    store_put(d->c->o, s);
    return copy;
}

void draft_joined(struct draft *d)
{
    for (size_t i = 0; i < d->ob->n; i++) {
        const struct field *f = &d->ob->fields[i];
        struct text joined = { 0 };
        const json_t *item;
        size_t k;
        json_array_foreach (f->join_of, k, item) {
            const struct field *part = object_field(d->ob, json_string_value(item));
            char *text = part ? current_text(d, part) : NULL;
            if (text && *text) {
                text_str(&joined, joined.n ? " " : "");
                text_str(&joined, text);
            }
            free(text);
        }
        if (f->join_of)
            draft_put_text(d, f->name, joined.p ? joined.p : "");
        text_free(&joined);
    }
}

void draft_stamps(struct draft *d)
{
    char now[32];
    utc_text(org_now_ms(d->c->o), "+0000", now);
    static const char *const on_insert[] = { "CreatedDate", "CreatedById" };
    static const char *const always[] = { "LastModifiedDate", "LastModifiedById", "SystemModstamp" };
    for (int i = 0; i < 2 && !d->id; i++) {
        struct field *f = object_field(d->ob, on_insert[i]);
        if (f && !d->set[draft_index(d->ob, f)])
            draft_put_text(d, on_insert[i], i == 1 ? d->c->user_id : now);
    }
    for (int i = 0; i < 3; i++) {
        struct field *f = object_field(d->ob, always[i]);
        if (f && !(d->c->loading && d->set[draft_index(d->ob, f)]))
            draft_put_text(d, always[i], i == 1 ? d->c->user_id : now);
    }
}
