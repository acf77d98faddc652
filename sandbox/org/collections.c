/* collections.c - up to 200 records in one call: create, update, upsert, delete, read; and trees of records. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sandbox/base/encoding.h"
#include "sandbox/org/messages.h"
#include "sandbox/org/rest_parts.h"
#include "sandbox/records/record.h"

struct result {
    char id[ID_SIZE];
    bool ok, created, upsert;
    char queued[37]; /* of an event: its uuid */
    struct fault fault;
};

typedef void row_work(struct call *c, json_t *record, struct result *r);

struct upsert_key {
    struct object *object;
    struct field *field;
};

static void result_json(struct text *out, const struct result *r)
{
    text_char(out, '{');
    if (r->id[0] && r->ok)
        text_fmt(out, "\"id\":\"%s\",", r->id);
    text_fmt(out, "\"success\":%s,\"errors\":[", r->ok ? "true" : "false");
    if (!r->ok)
        fault_json_row(out, &r->fault);
    else if (r->queued[0])
        text_fmt(out, "{\"statusCode\":\"OPERATION_ENQUEUED\",\"message\":\"%s\",\"fields\":[]}", r->queued);
    text_char(out, ']');
    if (r->upsert && r->ok)
        text_fmt(out, ",\"created\":%s", r->created ? "true" : "false");
    text_char(out, '}');
}

/* The object that attributes.type names; a row's fault otherwise. */
static struct object *row_object(struct call *c, const json_t *record, struct result *r)
{
    const char *type = json_string_value(json_object_get(json_object_get(record, "attributes"), "type"));
    struct object *ob = type ? schema_find(&c->o->schema, type) : NULL;
    if (ob && perm_sees_object(c, ob))
        return ob;
    if (!type)
        fault_set(&r->fault, 400, "INVALID_FIELD", "", "Record has no attributes.type");
    else
        fault_set(&r->fault, 400, "INVALID_TYPE", "", "sObject type '%.80s' is not supported.", type);
    return NULL;
}

/*
 * Bytes of a record in a multipart request stand in the part that attributes.binaryPartName names and belong to the
 * field attributes.binaryPartNameAlias.
 */
static const struct part *binary_part(struct call *c, const json_t *record, struct part *copy)
{
    const json_t *attributes = json_object_get(record, "attributes");
    const char *name = json_string_value(json_object_get(attributes, "binaryPartName"));
    const char *alias = json_string_value(json_object_get(attributes, "binaryPartNameAlias"));
    const struct part *part = name && alias ? call_part(c, name) : NULL;
    if (!part)
        return NULL;
    *copy = *part;
    copy_text(copy->name, sizeof copy->name, alias);
    return copy;
}

static void create_row(struct call *c, json_t *record, struct result *r)
{
    struct object *ob = row_object(c, record, r);
    struct part own[2] = { { .n = 0 } };
    const struct part *all = c->parts;
    size_t n_all = c->n_parts;
    if (!ob)
        return;
    if (is_event(ob)) {
        r->ok = event_publish(c, ob, record, r->id, r->queued, &r->fault);
        return;
    }
    c->n_parts = binary_part(c, record, &own[1]) ? 2 : 0;
    c->parts = own;
    r->ok = record_insert(c, ob, record, r->id, &r->fault);
    c->parts = all;
    c->n_parts = n_all;
}

/* Takes "id" out of the record; false when it is no id of the object. */
static bool take_row_id(const struct object *ob, json_t *record, struct result *r)
{
    static const char *const names[] = { "id", "Id", "ID", "iD" };
    const char *text = "";
    for (int i = 0; i < 4; i++) {
        const char *s = json_string_value(json_object_get(record, names[i]));
        text = s ? s : text;
    }
    if (!*text) {
        fault_set(&r->fault, 400, "MISSING_ARGUMENT", "Id", "Id not specified in an update call");
        return false;
    }
    bool ok = id_complete(text, r->id) && strncmp(r->id, ob->prefix, 3) == 0;
    if (!ok)
        fault_set(&r->fault, 400, "MALFORMED_ID", "Id", "Record ID: id value of incorrect type: %.60s", text);
    for (int i = 0; i < 4; i++)
        json_object_del(record, names[i]);
    return ok;
}

/* In a list an id that names nothing is a broken reference. */
static void no_such_row(struct result *r)
{
    if (!r->ok && strcmp(r->fault.code, "NOT_FOUND") == 0)
        fault_set(&r->fault, 400, "INVALID_CROSS_REFERENCE_KEY", "", "invalid cross reference id");
}

static void update_row(struct call *c, json_t *record, struct result *r)
{
    struct object *ob = row_object(c, record, r);
    json_t *fields = json_copy(record);
    r->ok = ob && take_row_id(ob, fields, r) && record_update(c, ob, r->id, fields, &r->fault);
    no_such_row(r);
    json_decref(fields);
}

static void upsert_row(struct call *c, json_t *record, struct result *r, const struct upsert_key *key)
{
    json_t *fields = json_copy(record);
    const char *name;
    json_t *item;
    char *value = NULL;
    r->upsert = true;
    json_object_foreach (fields, name, item)
        if (same_name(name, key->field->name)) {
            value = json_is_string(item) ? mem_dup(json_string_value(item), json_string_length(item))
                                         : json_dumps(item, JSON_ENCODE_ANY);
            json_object_del(fields, name);
            break;
        }
    if (key->field->type == TYPE_ID) {
        if (value) {
            json_object_set_new(fields, "Id", json_string(value));
            r->ok = take_row_id(key->object, fields, r) && record_update(c, key->object, r->id, fields, &r->fault);
        } else {
            r->created = true;
            r->ok = record_insert(c, key->object, fields, r->id, &r->fault);
        }
    } else if (!value) {
        fault_set(&r->fault, 400, "MISSING_ARGUMENT", key->field->name, "%s not specified", key->field->name);
    } else {
        r->ok = record_upsert(c, key->object, key->field, value, fields, r->id, &r->created, &r->fault);
    }
    free(value);
    json_decref(fields);
}

static void delete_row(struct call *c, const char *text, struct result *r)
{
    struct object *ob = id_complete(text, r->id) ? schema_by_prefix(&c->o->schema, r->id) : NULL;
    if (!ob || !perm_sees_object(c, ob))
        fault_set(&r->fault, 400, "MALFORMED_ID", "", "malformed id %.60s", text);
    else
        r->ok = record_delete(c, ob, r->id, &r->fault);
    no_such_row(r);
}

/* With allOrNone one failure undoes the rest. */
static void finish(struct call *c, struct result *rows, size_t n, bool together)
{
    bool ok = true;
    for (size_t i = 0; i < n; i++)
        ok = ok && rows[i].ok;
    struct fault fault = { .code = "" };
    if (!records_end(c, ok || !together, &fault) && fault.code[0]) {
        answer_fault(c, &fault);
        return;
    }
    c->status = 200;
    text_char(&c->out, '[');
    for (size_t i = 0; i < n; i++) {
        if (!ok && together && rows[i].ok) {
            rows[i].ok = false;
            fault_set(
                &rows[i].fault, 400, "ALL_OR_NONE_OPERATION_ROLLED_BACK", "",
                "Record rolled back because not all records were valid and the request was using AllOrNone header");
        }
        text_str(&c->out, i ? "," : "");
        result_json(&c->out, &rows[i]);
    }
    text_char(&c->out, ']');
}

static bool too_many(struct call *c, size_t n)
{
    if (n <= COLLECTION_MAX)
        return false;
    answer_error(c, 400, "EXCEEDED_ID_LIMIT", "record limit reached. cannot submit more than 200 records in this call");
    return true;
}

static const char *type_of(const json_t *record)
{
    const char *type = json_string_value(json_object_get(json_object_get(record, "attributes"), "type"));
    return type ? type : "";
}

/* Records of one object that stand together are one statement, however many. */
static unsigned runs_of_types(const json_t *records)
{
    unsigned runs = 0;
    const json_t *record;
    size_t i;
    json_array_foreach (records, i, record)
        runs += i == 0 || !same_name(type_of(json_array_get(records, i - 1)), type_of(record));
    return runs;
}

static void write_rows(struct call *c, row_work *work, const struct upsert_key *key)
{
    const json_t *records = json_object_get(c->body, "records");
    size_t n = json_array_size(records);
    if (!json_is_array(records) || n == 0) {
        answer_error(c, 400, "INVALID_INPUT", "The request has no records");
        return;
    }
    if (too_many(c, n))
        return;
    struct result *rows = mem_new(n * sizeof *rows);
    unsigned before = c->o->work.statements;
    records_begin(c);
    for (size_t i = 0; i < n; i++) {
        if (key)
            upsert_row(c, json_array_get(records, i), &rows[i], key);
        else
            work(c, json_array_get(records, i), &rows[i]);
    }
    c->o->work.statements = before + (key ? 1 : runs_of_types(records));
    finish(c, rows, n, json_is_true(json_object_get(c->body, "allOrNone")));
    free(rows);
}

/* The ids of "ids=a,b" or of a body's list, each as text; malloc. */
static json_t *id_list(struct call *c)
{
    char *text = query_param(c->query, "ids");
    json_t *list = json_array(), *given = json_object_get(c->body, "ids"), *item;
    size_t i;
    for (char *p = text; p && *p;) {
        size_t n = strcspn(p, ",");
        json_array_append_new(list, json_stringn(p, n));
        p += n + (p[n] == ',');
    }
    json_array_foreach (given, i, item)
        if (json_is_string(item))
            json_array_append(list, item);
    free(text);
    return list;
}

static void delete_rows(struct call *c)
{
    json_t *ids = id_list(c);
    size_t n = json_array_size(ids);
    char *together = query_param(c->query, "allOrNone");
    if (n == 0)
        answer_error(c, 400, "INVALID_INPUT", "The request has no ids");
    else if (!too_many(c, n)) {
        struct result *rows = mem_new(n * sizeof *rows);
        unsigned before = c->o->work.statements;
        records_begin(c);
        for (size_t i = 0; i < n; i++)
            delete_row(c, json_string_value(json_array_get(ids, i)), &rows[i]);
        c->o->work.statements = before + 1;
        finish(c, rows, n, together && same_name(together, "true"));
        free(rows);
    }
    free(together);
    json_decref(ids);
}

static char *field_list(struct call *c)
{
    char *fields = query_param(c->query, "fields");
    const json_t *given = json_object_get(c->body, "fields"), *item;
    struct text t = { 0 };
    size_t i;
    if (fields || !json_is_array(given))
        return fields;
    json_array_foreach (given, i, item)
        text_fmt(&t, "%s%s", i ? "," : "", json_is_string(item) ? json_string_value(item) : "");
    return text_take(&t, NULL);
}

/* In the order asked; null for what is not there. */
static void read_rows(struct call *c, struct object *ob)
{
    json_t *ids = id_list(c), *item;
    char *fields = field_list(c);
    struct text out = { 0 };
    struct fault fault = { 0 };
    size_t i;
    bool ok = fields && json_array_size(ids) > 0;
    if (!ok)
        fault_set(&fault, 400, "INVALID_INPUT", NULL, "ids and fields are needed");
    text_char(&out, '[');
    json_array_foreach (ids, i, item) {
        char id[ID_SIZE], *list = fields ? mem_dup(fields, strlen(fields)) : NULL;
        text_str(&out, i ? "," : "");
        bool found = ok && id_complete(json_string_value(item), id) && answer_record(c, ob, id, list, &out, &fault);
        if (ok && !found && fault.code[0] && strcmp(fault.code, "NOT_FOUND") != 0)
            ok = false;
        else if (!found) {
            text_str(&out, "null");
            fault = ok ? (struct fault){ 0 } : fault;
        }
        free(list);
    }
    text_char(&out, ']');
    if (!ok) {
        answer_fault(c, &fault);
        text_free(&out);
    } else {
        c->status = 200;
        c->out = out;
    }
    free(fields);
    json_decref(ids);
}

void rest_collections(struct call *c, char **segments, size_t n)
{
    const char *method = c->method;
    struct object *ob = n ? answer_object(c, segments[0]) : NULL;
    struct upsert_key key = { ob, n == 2 && ob ? object_field(ob, segments[1]) : NULL };
    if (n && !ob)
        return;
    if (n == 0 && strcmp(method, "POST") == 0)
        write_rows(c, create_row, NULL);
    else if (n == 0 && strcmp(method, "PATCH") == 0)
        write_rows(c, update_row, NULL);
    else if (n == 0 && strcmp(method, "DELETE") == 0)
        delete_rows(c);
    else if (n == 1 && (strcmp(method, "GET") == 0 || strcmp(method, "POST") == 0))
        read_rows(c, ob);
    else if (n == 2 && strcmp(method, "PATCH") == 0 && key.field &&
             (key.field->external_id || key.field->type == TYPE_ID))
        write_rows(c, NULL, &key);
    else
        answer_not_found(c);
}

/* ---- trees: {"records":[{"attributes":{"type","referenceId"}, ..., "Contacts":{"records":[...]}}]} ---- */

enum { LEVELS = 8 };

struct tree {
    struct call *c;
    const struct object *levels[LEVELS]; /* each object of it is a statement */
    unsigned n_levels;
    struct text results, errors;
    size_t n;
};

static void note_level(struct tree *t, const struct object *ob)
{
    for (unsigned i = 0; i < t->n_levels; i++)
        if (t->levels[i] == ob)
            return;
    if (t->n_levels < LEVELS)
        t->levels[t->n_levels++] = ob;
}

static bool insert_branch(struct tree *t, json_t *record, const struct field *up, const char *parent)
{
    const char *reference = json_string_value(json_object_get(json_object_get(record, "attributes"), "referenceId"));
    struct result r = { 0 };
    struct object *ob = row_object(t->c, record, &r), *owner;
    json_t *fields = json_object(), *item, *child;
    const char *name;
    size_t i;
    json_object_foreach (record, name, item)
        if (!json_is_object(item))
            json_object_set(fields, name, item);
    if (up)
        json_object_set_new(fields, up->name, json_string(parent));
    if (ob && ++t->n > COLLECTION_MAX)
        fault_set(&r.fault, 400, "EXCEEDED_ID_LIMIT", "", "A tree may have at most 200 records");
    bool ok = ob && !r.fault.code[0] && reference && record_insert(t->c, ob, fields, r.id, &r.fault);
    if (!ok && !r.fault.code[0])
        fault_set(&r.fault, 400, "INVALID_INPUT", "", "Every record needs attributes.type and attributes.referenceId");
    json_decref(fields);
    note_level(t, ob);
    text_fmt(ok ? &t->results : &t->errors, "%s{\"referenceId\":", (ok ? &t->results : &t->errors)->n ? "," : "");
    text_json_str(ok ? &t->results : &t->errors, reference ? reference : "");
    if (ok) {
        text_fmt(&t->results, ",\"id\":\"%s\"}", r.id);
    } else {
        text_str(&t->errors, ",\"errors\":[");
        fault_json_row(&t->errors, &r.fault);
        text_str(&t->errors, "]}");
    }
    json_object_foreach (record, name, item) {
        const struct field *down = ok && json_is_array(json_object_get(item, "records"))
                                       ? schema_children(&t->c->o->schema, ob, name, &owner)
                                       : NULL;
        json_array_foreach (json_object_get(item, "records"), i, child)
            if (down)
                ok = insert_branch(t, child, down, r.id) && ok;
    }
    return ok;
}

void rest_tree(struct call *c)
{
    struct tree t = { .c = c };
    json_t *record;
    size_t i;
    bool ok = json_array_size(json_object_get(c->body, "records")) > 0;
    if (!ok) {
        answer_error(c, 400, "INVALID_INPUT", "The request has no records");
        return;
    }
    unsigned before = c->o->work.statements;
    records_begin(c);
    json_array_foreach (json_object_get(c->body, "records"), i, record)
        ok = insert_branch(&t, record, NULL, NULL) && ok;
    c->o->work.statements = before + t.n_levels;
    ok = records_end(c, ok, &(struct fault){ 0 });
    c->status = ok ? 201 : 400;
    text_fmt(&c->out, "{\"hasErrors\":%s,\"results\":[%s]}", ok ? "false" : "true",
             ok           ? t.results.p
             : t.errors.p ? t.errors.p
                          : "");
    text_free(&t.results);
    text_free(&t.errors);
}
