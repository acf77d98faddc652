/* org_record.c - one record at a time: insert, update, upsert, delete, each checked as the org checks. */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sandbox/org_int.h"

void fault_set(struct fault *f, int status, const char *code, const char *fields, const char *fmt, ...)
{
    va_list ap;
    f->status = status;
    f->with_fields = fields != NULL;
    otext_copy(f->code, sizeof f->code, code);
    otext_copy(f->fields, sizeof f->fields, fields ? fields : "");
    va_start(ap, fmt);
    vsnprintf(f->message, sizeof f->message, fmt, ap);
    va_end(ap);
}

static void fields_json(struct otext *out, const char *fields)
{
    otext_char(out, '[');
    for (const char *p = fields; *p;) {
        size_t n = strcspn(p, ",");
        otext_str(out, p == fields ? "" : ",");
        otext_json(out, p, n);
        p += n + (p[n] == ',');
    }
    otext_char(out, ']');
}

void fault_json(struct otext *out, const struct fault *f)
{
    otext_str(out, "{\"message\":");
    otext_json_str(out, f->message);
    otext_str(out, ",\"errorCode\":");
    otext_json_str(out, f->code);
    if (f->with_fields) {
        otext_str(out, ",\"fields\":");
        fields_json(out, f->fields);
    }
    otext_char(out, '}');
}

void fault_json_row(struct otext *out, const struct fault *f)
{
    otext_str(out, "{\"statusCode\":");
    otext_json_str(out, f->code);
    otext_str(out, ",\"message\":");
    otext_json_str(out, f->message);
    otext_str(out, ",\"fields\":");
    fields_json(out, f->fields);
    otext_char(out, '}');
}

/* ---- looking records up ---- */

int record_state(struct org *o, const struct object *ob, const char *id)
{
    char sql[NAME_SIZE + 80];
    snprintf(sql, sizeof sql, "SELECT \"IsDeleted\" FROM \"%s\" WHERE \"Id\" = ?1", ob->name);
    sqlite3_stmt *s = store_get(o, sql);
    sqlite3_bind_text(s, 1, id, -1, SQLITE_STATIC);
    int state = sqlite3_step(s) != SQLITE_ROW ? 0 : sqlite3_column_int(s, 0) ? -1 : 1;
    store_put(o, s);
    return state;
}

int record_find(struct org *o, const struct object *ob, const struct field *f, const struct value *v, char id[ID_SIZE])
{
    char sql[2 * NAME_SIZE + 120];
    int n = 0;
    if (v->kind == VALUE_NULL)
        return 0;
    snprintf(sql, sizeof sql, "SELECT \"Id\" FROM \"%s\" WHERE \"%s\" = ?1 AND \"IsDeleted\" = 0 LIMIT 10", ob->name,
             f->name);
    sqlite3_stmt *s = store_get(o, sql);
    value_bind(s, 1, v);
    while (sqlite3_step(s) == SQLITE_ROW)
        if (n++ == 0)
            otext_copy(id, ID_SIZE, (const char *)sqlite3_column_text(s, 0));
    store_put(o, s);
    return n;
}

/* ---- a record being written ---- */

struct draft {
    struct call *c;
    struct object *ob;
    struct value *values; /* one for each field of the object */
    bool *set;
    const char *id; /* NULL on insert */
};

static bool draft_start(struct draft *d, struct call *c, struct object *ob, const char *id)
{
    *d = (struct draft){ c, ob, mem_new(ob->n * sizeof *d->values), mem_new(ob->n * sizeof *d->set), id };
    return true;
}

static void draft_free(struct draft *d)
{
    for (size_t i = 0; i < d->ob->n; i++)
        value_free(&d->values[i]);
    free(d->values);
    free(d->set);
}

static size_t index_of(const struct object *ob, const struct field *f)
{
    return (size_t)(f - ob->fields);
}

static void draft_put(struct draft *d, const char *name, struct value v)
{
    struct field *f = object_field(d->ob, name);
    if (!f) {
        value_free(&v);
        return;
    }
    size_t i = index_of(d->ob, f);
    value_free(&d->values[i]);
    d->values[i] = v;
    d->set[i] = true;
}

static struct value text_of(const char *s)
{
    return *s ? (struct value){ .kind = VALUE_TEXT, .text = mem_dup(s, strlen(s)), .n = strlen(s) }
              : (struct value){ 0 };
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
    if (!value_from_json(d->c, target, key, key_value, &v, fault))
        return false;
    int n = record_find(d->c->o, target, key, &v, id);
    value_free(&v);
    if (n != 1) {
        char *text = json_dumps(key_value, JSON_ENCODE_ANY);
        fault_set(fault, 400, n ? "DUPLICATE_EXTERNAL_ID" : "INVALID_FIELD", "",
                  "Foreign key external ID: %.200s not found for field %s in entity %s", text ? text : "", key->name,
                  target->name);
        free(text);
        return false;
    }
    draft_put(d, f->name, text_of(id));
    return true;
}

static bool may_write(const struct draft *d, const struct field *f)
{
    if (d->c->loading)
        return true;
    return (d->id ? f->updateable : f->createable) && perm_writes(d->c, d->ob, f);
}

static bool take_field(struct draft *d, const char *key, const json_t *in, struct fault *fault)
{
    struct field *f = object_field(d->ob, key);
    if (!f && json_is_object(in)) {
        struct field *up = object_relation(d->ob, key);
        if (up && perm_sees(d->c, d->ob, up))
            return take_parent(d, up, in, fault);
    }
    if (!f || !perm_sees(d->c, d->ob, f)) {
        fault_set(fault, 400, "INVALID_FIELD", NULL, "No such column '%.80s' on sobject of type %s", key, d->ob->name);
        return false;
    }
    if (f->type == TYPE_ID && !d->c->loading) {
        fault_set(fault, 400, "INVALID_FIELD", NULL, "The Id field should not be specified in the sobject data.");
        return false;
    }
    if (!may_write(d, f)) {
        fault_set(fault, 400, "INVALID_FIELD_FOR_INSERT_UPDATE", f->name,
                  "Unable to create/update fields: %s. Please check the security settings of this field and verify "
                  "that it is "
                  "read/write for your profile or permission set.",
                  f->name);
        return false;
    }
    struct value v;
    if (f->type == TYPE_ID) {
        char id[ID_SIZE];
        if (!id_complete(json_is_string(in) ? json_string_value(in) : "", id)) {
            fault_set(fault, 400, "MALFORMED_ID", "Id", "Record ID: id value of incorrect type: %.40s",
                      json_is_string(in) ? json_string_value(in) : "");
            return false;
        }
        v = text_of(id);
    } else if (!value_from_json(d->c, d->ob, f, in, &v, fault)) {
        return false;
    }
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

static bool take_all(struct draft *d, const json_t *in, struct fault *fault)
{
    const char *key;
    json_t *item;
    if (!json_is_object(in)) {
        fault_set(fault, 400, "JSON_PARSER_ERROR", NULL,
                  "The HTTP entity body is required, but this request has no entity body.");
        return false;
    }
    json_object_foreach ((json_t *)in, key, item) {
        if (strcmp(key, "attributes") == 0)
            continue;
        if (!take_field(d, key, item, fault))
            return false;
    }
    return take_parts(d, fault);
}

/* ---- what the org fills in ---- */

static void fill_defaults(struct draft *d)
{
    for (size_t i = 0; i < d->ob->n; i++) {
        const struct field *f = &d->ob->fields[i];
        struct fault ignored = { 0 };
        struct value v;
        if (d->set[i])
            continue;
        if (f->standard_value && value_from_json(d->c, d->ob, f, f->standard_value, &v, &ignored))
            draft_put(d, f->name, v);
        else if (f->type == TYPE_BOOLEAN)
            draft_put(d, f->name, (struct value){ .kind = VALUE_INT });
    }
    if (object_field(d->ob, "OwnerId") && !d->set[index_of(d->ob, object_field(d->ob, "OwnerId"))])
        draft_put(d, "OwnerId", text_of(d->c->user_id));
}

/* "BK-{00000}": the braces hold as many digits as there are zeros. */
static void fill_auto_numbers(struct draft *d)
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
        draft_put(d, f->name, text_of(name));
    }
}

/* The current text of a field: the new one, else the stored one. malloc, "" when null. */
static char *current_text(struct draft *d, const struct field *f)
{
    size_t i = index_of(d->ob, f);
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

static void fill_joined(struct draft *d)
{
    for (size_t i = 0; i < d->ob->n; i++) {
        const struct field *f = &d->ob->fields[i];
        struct otext joined = { 0 };
        const json_t *item;
        size_t k;
        json_array_foreach (f->join_of, k, item) {
            const struct field *part = object_field(d->ob, json_string_value(item));
            char *text = part ? current_text(d, part) : NULL;
            if (text && *text) {
                otext_str(&joined, joined.n ? " " : "");
                otext_str(&joined, text);
            }
            free(text);
        }
        if (f->join_of)
            draft_put(d, f->name, text_of(joined.p ? joined.p : ""));
        otext_free(&joined);
    }
}

static void fill_stamps(struct draft *d)
{
    char now[32];
    format_datetime(org_now_ms(d->c->o), now);
    static const char *const on_insert[] = { "CreatedDate", "CreatedById" };
    static const char *const always[] = { "LastModifiedDate", "LastModifiedById", "SystemModstamp" };
    for (int i = 0; i < 2 && !d->id; i++) {
        struct field *f = object_field(d->ob, on_insert[i]);
        if (f && !d->set[index_of(d->ob, f)])
            draft_put(d, on_insert[i], text_of(i == 1 ? d->c->user_id : now));
    }
    for (int i = 0; i < 3; i++) {
        struct field *f = object_field(d->ob, always[i]);
        if (f && !(d->c->loading && d->set[index_of(d->ob, f)]))
            draft_put(d, always[i], text_of(i == 1 ? d->c->user_id : now));
    }
}

/* ---- checks over the whole record ---- */

static bool check_required(const struct draft *d, struct fault *fault)
{
    struct otext missing = { 0 }, shown = { 0 };
    for (size_t i = 0; i < d->ob->n; i++) {
        const struct field *f = &d->ob->fields[i];
        if (!f->required || d->c->loading || d->values[i].kind != VALUE_NULL || (d->id && !d->set[i]))
            continue;
        otext_fmt(&missing, "%s%s", missing.n ? "," : "", f->name);
        otext_fmt(&shown, "%s%s", shown.n ? ", " : "", f->name);
    }
    if (missing.n)
        fault_set(fault, 400, "REQUIRED_FIELD_MISSING", missing.p, "Required fields are missing: [%s]", shown.p);
    otext_free(&missing);
    otext_free(&shown);
    return !fault->code[0];
}

static bool check_unique(const struct draft *d, struct fault *fault)
{
    char id[ID_SIZE];
    for (size_t i = 0; i < d->ob->n; i++) {
        const struct field *f = &d->ob->fields[i];
        if (!f->unique || !d->set[i] || record_find(d->c->o, d->ob, f, &d->values[i], id) == 0)
            continue;
        if (d->id && strcmp(d->id, id) == 0)
            continue;
        fault_set(fault, 400, "DUPLICATE_VALUE", "", "duplicate value found: %s duplicates value on record with id: %s",
                  f->name, id);
        return false;
    }
    return true;
}

static bool save_bytes(const struct draft *d, const char *id)
{
    bool ok = true;
    for (size_t i = 0; ok && i < d->ob->n; i++) {
        if (d->values[i].kind != VALUE_BYTES)
            continue;
        sqlite3_stmt *s = store_get(d->c->o, "INSERT OR REPLACE INTO _blob (id, field, data) VALUES (?1, ?2, ?3)");
        sqlite3_bind_text(s, 1, id, -1, SQLITE_STATIC);
        sqlite3_bind_text(s, 2, d->ob->fields[i].name, -1, SQLITE_STATIC);
        sqlite3_bind_blob64(s, 3, d->values[i].text ? d->values[i].text : "", d->values[i].n, SQLITE_STATIC);
        ok = sqlite3_step(s) == SQLITE_DONE;
        store_put(d->c->o, s);
    }
    return ok;
}

static bool run_write(const struct draft *d, const char *sql, struct fault *fault)
{
    sqlite3_stmt *s = store_get(d->c->o, sql);
    int at = 0, rc = SQLITE_ERROR;
    for (size_t i = 0; s && i < d->ob->n; i++)
        if (d->set[i])
            value_bind(s, ++at, &d->values[i]);
    if (s && d->id)
        sqlite3_bind_text(s, at + 1, d->id, -1, SQLITE_STATIC);
    if (s)
        rc = sqlite3_step(s);
    if (s)
        store_put(d->c->o, s);
    if (rc == SQLITE_DONE)
        return true;
    if (rc == SQLITE_CONSTRAINT)
        fault_set(fault, 400, "DUPLICATE_VALUE", "", "duplicate value found: Id");
    else
        fault_set(fault, 500, "UNKNOWN_EXCEPTION", NULL, "%s", sqlite3_errmsg(d->c->o->db));
    return false;
}

static bool save_insert(const struct draft *d, struct fault *fault)
{
    struct otext names = { 0 }, marks = { 0 };
    for (size_t i = 0; i < d->ob->n; i++)
        if (d->set[i]) {
            otext_fmt(&names, "%s\"%s\"", names.n ? ", " : "", d->ob->fields[i].name);
            otext_str(&marks, marks.n ? ", ?" : "?");
        }
    struct otext sql = { 0 };
    otext_fmt(&sql, "INSERT INTO \"%s\" (%s) VALUES (%s)", d->ob->name, names.p, marks.p);
    bool ok = run_write(d, sql.p, fault);
    otext_free(&names);
    otext_free(&marks);
    otext_free(&sql);
    return ok;
}

static bool save_update(const struct draft *d, struct fault *fault)
{
    struct otext sql = { 0 };
    int n = 0;
    otext_fmt(&sql, "UPDATE \"%s\" SET ", d->ob->name);
    for (size_t i = 0; i < d->ob->n; i++)
        if (d->set[i])
            otext_fmt(&sql, "%s\"%s\" = ?", n++ ? ", " : "", d->ob->fields[i].name);
    otext_str(&sql, " WHERE \"Id\" = ?");
    bool ok = run_write(d, sql.p, fault);
    otext_free(&sql);
    return ok;
}

/* ---- the four operations ---- */

static bool may_change(struct call *c, const struct object *ob, const char *verb, struct fault *fault)
{
    if (perm_writes_object(c, ob))
        return true;
    if (ob->read_only)
        fault_set(fault, 400, "CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY", "", "entity type cannot be %s: %s", verb,
                  ob->label);
    else
        fault_set(fault, 403, "INSUFFICIENT_ACCESS_OR_READONLY", "", "insufficient access rights on object id");
    return false;
}

static void new_id(struct draft *d, char id[ID_SIZE])
{
    size_t i = index_of(d->ob, object_field(d->ob, "Id"));
    if (d->set[i]) {
        otext_copy(id, ID_SIZE, d->values[i].text);
        return;
    }
    do /* sample records may hold numbers that the counter reaches later */
        id_make(d->ob->prefix, 4096 + store_next(d->c->o, d->ob->prefix), id);
    while (record_state(d->c->o, d->ob, id) != 0);
    draft_put(d, "Id", text_of(id));
}

bool record_insert(struct call *c, struct object *ob, const json_t *in, char id[ID_SIZE], struct fault *fault)
{
    struct draft d;
    if (!may_change(c, ob, "inserted", fault) || org_planned_fault(c, ob, "create", fault))
        return false;
    draft_start(&d, c, ob, NULL);
    store_begin(c->o);
    bool ok = take_all(&d, in, fault);
    if (ok) {
        fill_defaults(&d);
        fill_joined(&d);
        ok = check_required(&d, fault) && check_unique(&d, fault) &&
             content_before_insert(c, ob, d.values, d.set, fault);
    }
    if (ok) {
        fill_auto_numbers(&d);
        fill_stamps(&d);
        new_id(&d, id);
        ok = save_insert(&d, fault) && save_bytes(&d, id) && content_after_insert(c, ob, id, d.values, fault);
    }
    store_end(c->o, ok);
    draft_free(&d);
    return ok;
}

static bool exists(struct call *c, const struct object *ob, const char *id, struct fault *fault)
{
    int state = record_state(c->o, ob, id);
    if (state < 0)
        fault_set(fault, 404, "ENTITY_IS_DELETED", "", "entity is deleted");
    else if (state == 0)
        fault_set(fault, 404, "NOT_FOUND", NULL, "The requested resource does not exist");
    return state > 0;
}

bool record_update(struct call *c, struct object *ob, const char *id, const json_t *in, struct fault *fault)
{
    struct draft d;
    if (!may_change(c, ob, "updated", fault) || !exists(c, ob, id, fault) || org_planned_fault(c, ob, "update", fault))
        return false;
    draft_start(&d, c, ob, id);
    store_begin(c->o);
    bool ok = take_all(&d, in, fault);
    if (ok) {
        fill_joined(&d);
        fill_stamps(&d);
        content_before_update(ob, d.values, d.set);
        ok = check_required(&d, fault) && check_unique(&d, fault) && save_update(&d, fault) && save_bytes(&d, id);
    }
    store_end(c->o, ok);
    draft_free(&d);
    return ok;
}

bool record_upsert(struct call *c, struct object *ob, struct field *key, const char *value, const json_t *in,
                   char id[ID_SIZE], bool *created, struct fault *fault)
{
    json_t *text = json_string(value), *copy;
    struct value v;
    bool ok = text && value_from_json(c, ob, key, text, &v, fault);
    if (!ok) {
        json_decref(text);
        if (!fault->code[0])
            fault_set(fault, 400, "INVALID_FIELD", key->name, "The external ID is not UTF-8");
        return false;
    }
    int n = record_find(c->o, ob, key, &v, id);
    value_free(&v);
    *created = n == 0;
    if (n > 1) {
        fault_set(fault, 300, "DUPLICATE_EXTERNAL_ID", "", "%s: more than one record found for external id field",
                  key->name);
        ok = false;
    } else if (n == 1) {
        ok = record_update(c, ob, id, in, fault);
    } else {
        copy = in ? json_copy((json_t *)in) : json_object();
        if (json_is_object(copy))
            json_object_set(copy, key->name, text);
        ok = record_insert(c, ob, copy, id, fault);
        json_decref(copy);
    }
    json_decref(text);
    return ok;
}

static bool mark_deleted(struct call *c, const struct object *ob, const char *id);

/* Ids of the records that point to `id` by this field, 18 characters each, one behind the other. */
static void children_of(struct call *c, const struct object *ob, const struct field *f, const char *id,
                        struct otext *ids)
{
    char sql[3 * NAME_SIZE + 80];
    snprintf(sql, sizeof sql, "SELECT \"Id\" FROM \"%s\" WHERE \"%s\" = ?1 AND \"IsDeleted\" = 0", ob->name, f->name);
    sqlite3_stmt *s = store_get(c->o, sql);
    sqlite3_bind_text(s, 1, id, -1, SQLITE_STATIC);
    while (sqlite3_step(s) == SQLITE_ROW)
        otext_add(ids, sqlite3_column_text(s, 0), ID_SIZE - 1);
    store_put(c->o, s);
}

static bool release(struct call *c, const struct object *ob, const struct field *f, const char *id)
{
    struct otext ids = { 0 };
    char sql[3 * NAME_SIZE + 80], child[ID_SIZE];
    bool ok = true;
    if (f->cascade) {
        children_of(c, ob, f, id, &ids);
        for (size_t i = 0; ok && i < ids.n; i += ID_SIZE - 1) {
            otext_copy(child, sizeof child, ids.p + i);
            ok = mark_deleted(c, ob, child);
        }
        otext_free(&ids);
        return ok;
    }
    snprintf(sql, sizeof sql, "UPDATE \"%s\" SET \"%s\" = NULL WHERE \"%s\" = ?1", ob->name, f->name, f->name);
    sqlite3_stmt *s = store_get(c->o, sql);
    sqlite3_bind_text(s, 1, id, -1, SQLITE_STATIC);
    ok = sqlite3_step(s) == SQLITE_DONE;
    store_put(c->o, s);
    return ok;
}

/* Children of a deleted record go with it, or lose their parent. */
static bool release_children(struct call *c, const struct object *parent, const char *id)
{
    bool ok = true;
    for (size_t i = 0; i < c->o->schema.n; i++) {
        const struct object *ob = c->o->schema.objects[i];
        for (size_t j = 0; ok && j < ob->n; j++) {
            const struct field *f = &ob->fields[j];
            if (f->type == TYPE_REFERENCE && !f->system && field_points_to(f, parent))
                ok = release(c, ob, f, id);
        }
    }
    return ok;
}

static bool mark_deleted(struct call *c, const struct object *ob, const char *id)
{
    char sql[NAME_SIZE + 140], now[32];
    format_datetime(org_now_ms(c->o), now);
    snprintf(
        sql, sizeof sql,
        "UPDATE \"%s\" SET \"IsDeleted\" = 1, \"SystemModstamp\" = ?2, \"LastModifiedDate\" = ?2 WHERE \"Id\" = ?1",
        ob->name);
    sqlite3_stmt *s = store_get(c->o, sql);
    sqlite3_bind_text(s, 1, id, -1, SQLITE_STATIC);
    sqlite3_bind_text(s, 2, now, -1, SQLITE_STATIC);
    bool ok = sqlite3_step(s) == SQLITE_DONE;
    store_put(c->o, s);
    return ok && release_children(c, ob, id);
}

bool record_delete(struct call *c, struct object *ob, const char *id, struct fault *fault)
{
    if (!may_change(c, ob, "deleted", fault) || !exists(c, ob, id, fault) || org_planned_fault(c, ob, "delete", fault))
        return false;
    store_begin(c->o);
    bool ok = mark_deleted(c, ob, id);
    if (!ok)
        fault_set(fault, 500, "UNKNOWN_EXCEPTION", NULL, "%s", sqlite3_errmsg(c->o->db));
    store_end(c->o, ok);
    return ok;
}
