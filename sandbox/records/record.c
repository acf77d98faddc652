/* record.c - one record at a time: insert, update, upsert, delete, each checked as the org checks. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sandbox/base/system.h"
#include "sandbox/records/draft.h"
#include "sandbox/records/record.h"
#include "sandbox/records/rules.h"
#include "sandbox/records/totals.h"

/* ---- checks over the whole record ---- */

static bool check_required(const struct draft *d, struct fault *fault)
{
    struct text missing = { 0 }, shown = { 0 };
    for (size_t i = 0; i < d->ob->n; i++) {
        const struct field *f = &d->ob->fields[i];
        if (!f->required || d->c->loading || d->values[i].kind != VALUE_NULL || (d->id && !d->set[i]))
            continue;
        text_fmt(&missing, "%s%s", missing.n ? "," : "", f->name);
        text_fmt(&shown, "%s%s", shown.n ? ", " : "", f->name);
    }
    if (missing.n)
        fault_set(fault, 400, "REQUIRED_FIELD_MISSING", missing.p, "Required fields are missing: [%s]", shown.p);
    text_free(&missing);
    text_free(&shown);
    return !fault->code[0];
}

static bool check_unique(const struct draft *d, struct fault *fault)
{
    char id[ID_SIZE];
    for (size_t i = 0; i < d->ob->n; i++) {
        const struct field *f = &d->ob->fields[i];
        if (!f->unique || !d->set[i] || lookup_by(d->c->o, d->ob, f, &d->values[i], id) == 0)
            continue;
        if (d->id && strcmp(d->id, id) == 0)
            continue;
        fault_set(fault, 400, "DUPLICATE_VALUE", "",
                  "duplicate value found: %s duplicates value on record with id: %.15s", f->name, id);
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
    struct text names = { 0 }, marks = { 0 };
    for (size_t i = 0; i < d->ob->n; i++)
        if (d->set[i]) {
            text_fmt(&names, "%s\"%s\"", names.n ? ", " : "", d->ob->fields[i].name);
            text_str(&marks, marks.n ? ", ?" : "?");
        }
    struct text sql = { 0 };
    text_fmt(&sql, "INSERT INTO \"%s\" (%s) VALUES (%s)", d->ob->name, names.p, marks.p);
    bool ok = run_write(d, sql.p, fault);
    text_free(&names);
    text_free(&marks);
    text_free(&sql);
    return ok;
}

static bool save_update(const struct draft *d, struct fault *fault)
{
    struct text sql = { 0 };
    int n = 0;
    text_fmt(&sql, "UPDATE \"%s\" SET ", d->ob->name);
    for (size_t i = 0; i < d->ob->n; i++)
        if (d->set[i])
            text_fmt(&sql, "%s\"%s\" = ?", n++ ? ", " : "", d->ob->fields[i].name);
    text_str(&sql, " WHERE \"Id\" = ?");
    bool ok = run_write(d, sql.p, fault);
    text_free(&sql);
    return ok;
}

/* ---- the four operations ---- */

static void count_work(struct call *c)
{
    c->o->work.records += !c->loading;
    c->o->work.statements += !c->loading;
}

static bool may_change(struct call *c, const struct object *ob, const char *verb, struct fault *fault)
{
    count_work(c);
    bool creates = strcmp(verb, "inserted") != 0 || perm_creates(c, ob);
    if (perm_writes_object(c, ob) && creates)
        return true;
    if (ob->read_only || !creates)
        fault_set(fault, 400, "CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY", "", "entity type cannot be %s: %s", verb,
                  ob->label);
    else
        fault_set(fault, 403, "INSUFFICIENT_ACCESS_OR_READONLY", "", "insufficient access rights on object id");
    return false;
}

static void new_id(struct draft *d, char id[ID_SIZE])
{
    size_t i = draft_index(d->ob, object_field(d->ob, "Id"));
    if (d->set[i]) {
        copy_text(id, ID_SIZE, d->values[i].text);
        return;
    }
    do /* sample records may hold numbers that the counter reaches later */
        id_make(d->ob->prefix, ID_NUMBERS + store_next(d->c->o, d->ob->prefix), id);
    while (store_state(d->c->o, d->ob, id) != 0);
    draft_put_text(d, "Id", id);
}

/* An approval holds the record itself, or the parent that it is a part of. */
static bool check_locks(const struct draft *d, struct fault *fault)
{
    bool locked = d->id && setup_locks(d->c->o, d->id);
    for (size_t i = 0; d->c->o->setup.locked && i < d->ob->n; i++)
        locked = locked || (d->ob->fields[i].cascade && d->values[i].kind == VALUE_TEXT &&
                            setup_locks(d->c->o, d->values[i].text));
    if (locked && !d->c->loading)
        fault_set(fault, 400, "ENTITY_IS_LOCKED", "", "the entity is locked for editing");
    return !fault->code[0];
}

static void begin(struct call *c)
{
    store_begin(c->o);
    totals_hold(c->o);
}

/* Keeps what was done and adds up what depends on it, or undoes it. */
static bool end(struct call *c, bool ok, struct fault *fault)
{
    struct fault later = { .code = "" };
    bool added = totals_release(c, &later);
    if (ok && !added)
        *fault = later;
    store_end(c->o, ok && added);
    return ok && added;
}

/* Of a list of records that are written together, whose parents are added up once. */
void records_begin(struct call *c)
{
    begin(c);
}

bool records_end(struct call *c, bool keep, struct fault *fault)
{
    return end(c, keep, fault);
}

bool record_insert(struct call *c, struct object *ob, const json_t *in, char id[ID_SIZE], struct fault *fault)
{
    const struct record_rules *rules = rules_of(ob);
    struct draft d;
    if (!may_change(c, ob, "inserted", fault) || fault_planned(c, ob, "create", in, fault))
        return false;
    draft_start(&d, c, ob, NULL);
    begin(c);
    bool ok = draft_take(&d, in, fault);
    if (ok) {
        draft_defaults(&d);
        draft_joined(&d);
        ok = check_required(&d, fault) && check_unique(&d, fault) && check_locks(&d, fault) &&
             rows_hold(c, ob, NULL, &d, fault) && (!rules || !rules->before_insert || rules->before_insert(&d, fault));
    }
    if (ok) {
        draft_auto_numbers(&d);
        draft_stamps(&d);
        new_id(&d, id);
        ok = save_insert(&d, fault) && save_bytes(&d, id) &&
             (!rules || !rules->after_save || rules->after_save(&d, id, fault));
    }
    ok = end(c, ok, fault);
    draft_free(&d);
    return ok;
}

static bool exists(struct call *c, const struct object *ob, const char *id, struct fault *fault)
{
    int state = store_state(c->o, ob, id);
    if (state < 0)
        fault_set(fault, 404, "ENTITY_IS_DELETED", "", "entity is deleted");
    else if (state == 0)
        fault_set(fault, 404, "NOT_FOUND", NULL, "The requested resource does not exist");
    return state > 0;
}

bool record_update(struct call *c, struct object *ob, const char *id, const json_t *in, struct fault *fault)
{
    const struct record_rules *rules = rules_of(ob);
    struct draft d;
    if (!may_change(c, ob, "updated", fault) || !exists(c, ob, id, fault) || fault_planned(c, ob, "update", in, fault))
        return false;
    draft_start(&d, c, ob, id);
    begin(c);
    bool ok = draft_take(&d, in, fault);
    if (ok) {
        draft_joined(&d);
        draft_stamps(&d);
        ok = check_locks(&d, fault) && rows_hold(c, ob, id, &d, fault) &&
             (!rules || !rules->before_update || rules->before_update(&d, fault)) && check_required(&d, fault) &&
             check_unique(&d, fault) && save_update(&d, fault) && save_bytes(&d, id) &&
             (!rules || !rules->after_save || rules->after_save(&d, id, fault));
    }
    ok = end(c, ok, fault);
    draft_free(&d);
    return ok;
}

static bool same_value(const struct field *f, const struct value *a, const struct value *b)
{
    if (a->kind != VALUE_TEXT || b->kind != VALUE_TEXT)
        return a->kind == b->kind && a->i == b->i && a->d == b->d;
    return f->case_sensitive ? strcmp(a->text, b->text) == 0 : same_name(a->text, b->text);
}

/* The address says the key. A body may repeat it, but one that says another would move the record away from there. */
static bool key_agrees(struct call *c, const struct field *key, const struct value *v, const json_t *in,
                       struct fault *fault)
{
    const char *name;
    json_t *given;
    json_object_foreach ((json_t *)in, name, given) {
        struct value other;
        if (!same_name(name, key->name))
            continue;
        if (!value_from_json(c, key, given, &other, fault))
            return false;
        bool same = same_value(key, v, &other);
        value_free(&other);
        if (same)
            continue;
        fault_set(fault, 400, "INVALID_FIELD", NULL, "The %s field should not be specified in the sobject data.",
                  key->name);
        return false;
    }
    return true;
}

/* With the key in it, as the address says it. */
static bool insert_keyed(struct call *c, struct object *ob, const struct field *key, const json_t *in, json_t *text,
                         char id[ID_SIZE], struct fault *fault)
{
    json_t *copy = in ? json_copy((json_t *)in) : json_object();
    if (json_is_object(copy))
        json_object_set(copy, key->name, text);
    bool ok = record_insert(c, ob, copy, id, fault);
    json_decref(copy);
    return ok;
}

bool record_upsert(struct call *c, struct object *ob, struct field *key, const char *value, const json_t *in,
                   char id[ID_SIZE], bool *created, struct fault *fault)
{
    json_t *text = json_string(value);
    struct value v = { 0 };
    int n = 0;
    bool ok = text && value_from_json(c, key, text, &v, fault) && key_agrees(c, key, &v, in, fault);
    if (!ok && !fault->code[0])
        fault_set(fault, 400, "INVALID_FIELD", key->name, "The external ID is not UTF-8");
    if (ok)
        n = lookup_by(c->o, ob, key, &v, id);
    *created = n == 0;
    if (n > 1) {
        fault_set(fault, 300, "DUPLICATE_EXTERNAL_ID", "", "%s: more than one record found for external id field",
                  key->name);
        ok = false;
    }
    if (ok)
        ok = n == 1 ? record_update(c, ob, id, in, fault) : insert_keyed(c, ob, key, in, text, id, fault);
    value_free(&v);
    json_decref(text);
    return ok;
}

static bool mark_deleted(struct call *c, const struct object *ob, const char *id);

/* Ids of the records that point to `id` by this field, 18 characters each, one behind the other. */
static void children_of(struct call *c, const struct object *ob, const struct field *f, const char *id,
                        struct text *ids)
{
    char sql[3 * NAME_SIZE + 80];
    snprintf(sql, sizeof sql, "SELECT \"Id\" FROM \"%s\" WHERE \"%s\" = ?1 AND \"IsDeleted\" = 0", ob->name, f->name);
    sqlite3_stmt *s = store_get(c->o, sql);
    sqlite3_bind_text(s, 1, id, -1, SQLITE_STATIC);
    while (sqlite3_step(s) == SQLITE_ROW)
        text_add(ids, sqlite3_column_text(s, 0), ID_SIZE - 1);
    store_put(c->o, s);
}

static bool release(struct call *c, const struct object *ob, const struct field *f, const char *id)
{
    struct text ids = { 0 };
    char sql[3 * NAME_SIZE + 80], child[ID_SIZE];
    bool ok = true;
    if (f->cascade) {
        children_of(c, ob, f, id, &ids);
        for (size_t i = 0; ok && i < ids.n; i += ID_SIZE - 1) {
            copy_text(child, sizeof child, ids.p + i);
            ok = mark_deleted(c, ob, child);
        }
        text_free(&ids);
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
    const struct record_rules *rules = rules_of(ob);
    char sql[NAME_SIZE + 140], now[32];
    if (rules && rules->before_delete)
        rules->before_delete(c, id);
    utc_text(org_now_ms(c->o), "+0000", now);
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
    if (!may_change(c, ob, "deleted", fault) || !exists(c, ob, id, fault) ||
        fault_planned(c, ob, "delete", NULL, fault))
        return false;
    if (setup_locks(c->o, id)) {
        fault_set(fault, 400, "ENTITY_IS_LOCKED", "", "the entity is locked for editing");
        return false;
    }
    begin(c);
    bool ok = rows_hold(c, ob, id, NULL, fault) && mark_deleted(c, ob, id);
    if (!ok && !fault->code[0])
        fault_set(fault, 500, "UNKNOWN_EXCEPTION", NULL, "%s", sqlite3_errmsg(c->o->db));
    return end(c, ok, fault);
}

bool record_undelete(struct call *c, const struct object *ob, const char *id)
{
    char sql[NAME_SIZE + 180], now[32];
    if (store_state(c->o, ob, id) >= 0)
        return false;
    utc_text(org_now_ms(c->o), "+0000", now);
    snprintf(sql, sizeof sql,
             "UPDATE \"%s\" SET \"IsDeleted\" = 0, \"SystemModstamp\" = ?2, \"LastModifiedDate\" = ?2, "
             "\"LastModifiedById\" = ?3 WHERE \"Id\" = ?1",
             ob->name);
    sqlite3_stmt *s = store_get(c->o, sql);
    sqlite3_bind_text(s, 1, id, -1, SQLITE_STATIC);
    sqlite3_bind_text(s, 2, now, -1, SQLITE_STATIC);
    sqlite3_bind_text(s, 3, c->user_id, -1, SQLITE_STATIC);
    bool ok = sqlite3_step(s) == SQLITE_DONE;
    store_put(c->o, s);
    return ok;
}
