/* recorded_setup.c - see recorded_setup.h. */
#include "tests/sandbox/recorded_setup.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "sandbox/base/encoding.h"
#include "sandbox/base/files.h"

void setup_start(struct setup *s, struct org *org)
{
    *s = (struct setup){ .org = org, .objects = json_object(), .records = json_object() };
}

void setup_free(struct setup *s)
{
    json_decref(s->objects);
    json_decref(s->records);
}

const json_t *setup_error(const json_t *answer)
{
    const json_t *e = json_is_array(answer) ? json_array_get(answer, 0) : answer;
    return json_is_string(json_object_get(e, "errorCode")) ? e : NULL;
}

const char *error_code(const json_t *answer)
{
    return json_string_value(json_object_get(setup_error(answer), "errorCode"));
}

static const char *text_in(const json_t *o, const char *key)
{
    const char *s = json_string_value(json_object_get(o, key));
    return s ? s : "";
}

/* ---- declaring ---- */

static const char *canonical(const json_t *objects, const char *name)
{
    const char *key;
    json_t *value;
    json_object_foreach ((json_t *)objects, key, value)
        if (strcasecmp(key, name) == 0)
            return key;
    return NULL;
}

static json_t *embedded(const char *name)
{
    for (const struct embedded_file *f = embedded_files; f->path; f++) {
        json_t *d = strstr(f->path, "/objects/") ? json_loadb(f->text, f->n, 0, NULL) : NULL;
        if (d && strcasecmp(text_in(d, "name"), name) == 0)
            return d;
        json_decref(d);
    }
    return NULL;
}

json_t *setup_object(struct setup *s, const char *name, const char *id)
{
    const char *known = canonical(s->objects, name);
    json_t *d = known ? json_object_get(s->objects, known) : embedded(name);
    if (!d) {
        char prefix[4];
        snprintf(prefix, sizeof prefix, "y%02zu", json_object_size(s->objects) % 100);
        d = json_pack("{s:s, s:s, s:[]}", "name", name, "prefix", prefix, "fields");
    }
    if (id && strlen(id) >= 15 && !json_object_get(d, "prefixGiven")) {
        json_object_set_new(d, "prefix", json_stringn(id, 3));
        json_object_set_new(d, "prefixGiven", json_true());
    }
    if (!known)
        json_object_set_new(s->objects, name, d);
    return d;
}

static json_t *find_field(json_t *object, const char *name)
{
    json_t *f;
    size_t i;
    json_array_foreach (json_object_get(object, "fields"), i, f)
        if (strcasecmp(text_in(f, "name"), name) == 0)
            return f;
    return NULL;
}

static bool built_in(const char *name)
{
    static const char *const names[] = {
        "Id",     "IsDeleted", "CreatedDate", "CreatedById", "LastModifiedDate", "LastModifiedById", "SystemModstamp",
        "OwnerId"
    };
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (strcasecmp(names[i], name) == 0)
            return true;
    return false;
}

json_t *setup_field(json_t *object, const char *name, const json_t *value)
{
    json_t *f = find_field(object, name);
    size_t n = json_is_string(value) ? json_string_length(value) : 0;
    if (f || built_in(name))
        return f;
    f = json_pack("{s:s}", "name", name);
    if (json_is_boolean(value))
        json_object_set_new(f, "type", json_string("boolean"));
    else if (json_is_integer(value) && llabs(json_integer_value(value)) < 2000000000)
        json_object_set_new(f, "type", json_string("int"));
    else if (json_is_number(value))
        json_object_update_new(f, json_pack("{s:s, s:i, s:i}", "type", "double", "precision", 18, "scale", 6));
    else if (n > 20 && strncmp(json_string_value(value), "/services/data/", 15) == 0)
        json_object_set_new(f, "type", json_string("base64"));
    else
        json_object_update_new(
            f, json_pack("{s:s, s:i}", "type", n > 255 ? "textarea" : "string", "length", n > 255 ? 131072 : 255));
    json_array_append_new(json_object_get(object, "fields"), f);
    return f;
}

/* Franchise__r or Owner: the field below it. */
static void lookup_name(const char *relationship, char out[100])
{
    size_t n = strlen(relationship);
    bool custom = n > 3 && strcmp(relationship + n - 3, "__r") == 0;
    snprintf(out, 100, "%.*s%s", (int)(custom ? n - 1 : n) < 90 ? (int)(custom ? n - 1 : n) : 90, relationship,
             custom ? "c" : "Id");
}

void setup_lookup(json_t *object, const char *field, const char *to, const char *children)
{
    json_t *f = find_field(object, field);
    if (!f && !built_in(field)) {
        f = json_pack("{s:s, s:s, s:s}", "name", field, "type", "reference", "to", to);
        json_array_append_new(json_object_get(object, "fields"), f);
    }
    if (f && children && !json_object_get(f, "children"))
        json_object_set_new(f, "children", json_string(children));
}

/* ---- records ---- */

json_t *setup_rows(struct setup *s, const char *object)
{
    const char *known = canonical(s->records, object);
    json_t *list = known ? json_object_get(s->records, known) : json_array();
    if (!known)
        json_object_set_new(s->records, object, list);
    return list;
}

bool setup_is_id(const char *s)
{
    size_t n = strlen(s);
    return (n == 15 || n == 18) && strspn(s, "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz") == n;
}

const char *setup_id_of(const json_t *record)
{
    const char *url = text_in(json_object_get(record, "attributes"), "url"), *slash = strrchr(url, '/');
    const char *id = slash ? slash + 1 : text_in(record, "Id");
    return setup_is_id(id) ? id : NULL;
}

json_t *setup_record(struct setup *s, const char *object, const char *id)
{
    json_t *list = setup_rows(s, object), *r;
    size_t i;
    json_array_foreach (list, i, r)
        if (id && strcmp(text_in(r, "Id"), id) == 0)
            return r;
    r = id ? json_pack("{s:s}", "Id", id) : json_object();
    json_array_append_new(list, r);
    return r;
}

/* Names that the org makes up from parts are loaded as their last part. */
static void set_value(json_t *object, json_t *record, const char *name, const json_t *value)
{
    const json_t *parts = json_object_get(find_field(object, name), "joinOf");
    const char *key = parts ? json_string_value(json_array_get(parts, json_array_size(parts) - 1)) : name;
    json_object_set_new(record, key, json_deep_copy(value));
}

static void take_parent(struct setup *s, json_t *object, json_t *record, const char *relationship, const json_t *parent)
{
    char field[100];
    const char *type = text_in(json_object_get(parent, "attributes"), "type"), *id = setup_id_of(parent);
    lookup_name(relationship, field);
    if (!*type || !id)
        return;
    setup_row(s, parent, type);
    setup_lookup(object, field, type, NULL);
    json_object_set_new(record, field, json_string(id));
}

static void take_children(struct setup *s, const json_t *object, const json_t *record, const char *relationship,
                          const json_t *result)
{
    json_t *child;
    size_t i;
    const char *parent = text_in(object, "name");
    json_array_foreach (json_object_get(result, "records"), i, child) {
        const char *type = text_in(json_object_get(child, "attributes"), "type");
        char field[100];
        json_t *made = setup_row(s, child, type), *down = setup_object(s, type, NULL), *f;
        size_t k;
        snprintf(field, sizeof field, "%.80s%s", parent, strstr(parent, "__c") ? "" : "Id");
        json_array_foreach (json_object_get(down, "fields"), k, f)
            if (strcasecmp(text_in(f, "children"), relationship) == 0)
                snprintf(field, sizeof field, "%s", text_in(f, "name"));
        setup_lookup(down, field, parent, relationship);
        json_object_set(made, field, json_object_get(record, "Id"));
    }
}

json_t *setup_row(struct setup *s, const json_t *found, const char *type_hint)
{
    const char *type = text_in(json_object_get(found, "attributes"), "type"), *id = setup_id_of(found), *key;
    json_t *object = setup_object(s, *type ? type : type_hint, id),
           *record = setup_record(s, text_in(object, "name"), id), *value;
    json_object_foreach ((json_t *)found, key, value) {
        if (strcmp(key, "attributes") == 0 || strcmp(key, "Id") == 0)
            continue;
        if (json_is_object(value) && json_is_array(json_object_get(value, "records")))
            take_children(s, object, record, key, value);
        else if (json_is_object(value))
            take_parent(s, object, record, key, value);
        else {
            json_t *f = setup_field(object, key, value);
            if (strcmp(text_in(f, "type"), "base64") == 0)
                json_object_set_new(record, key, json_string("eA=="));
            else if (!json_is_null(value))
                set_value(object, record, key, value);
        }
    }
    return record;
}

/* ---- operations ---- */

void setup_quoted(const char *message, char out[100])
{
    const char *a = strchr(message, '\''), *b = a ? strchr(a + 1, '\'') : NULL;
    snprintf(out, 100, "%.*s", b ? (int)(b - a - 1) : 0, a ? a + 1 : "");
}

static void plan(struct setup *s, const char *object, const char *method, int status, const json_t *error)
{
    const char *operation = strcmp(method, "POST") == 0 ? "create" : strcmp(method, "PATCH") == 0 ? "update" : "delete";
    json_t *fault = json_pack("{s:s, s:s, s:i, s:O, s:s}", "object", object, "operation", operation, "status", status,
                              "errorCode", json_object_get(error, "errorCode"), "message", text_in(error, "message"));
    if (json_object_get(error, "fields"))
        json_object_set(fault, "fields", json_object_get(error, "fields"));
    char *text = json_dumps(fault, 0);
    org_plan_fault(s->org, text, strlen(text), s->why, sizeof s->why);
    free(text);
    json_decref(fault);
}

/* The first word of the message is the field's label: "Rating: bad value for restricted picklist field: x". */
static void make_picklist(json_t *object, const char *field, const char *message)
{
    json_t *f = setup_field(object, field, NULL);
    json_object_update_new(
        f, json_pack("{s:s, s:b, s:[s]}", "type", "picklist", "restricted", 1, "values", "(the only value)"));
    json_object_set_new(f, "label", json_stringn(message, strcspn(message, ":")));
}

void setup_failure(struct setup *s, json_t *object, const char *method, const json_t *body, int status,
                   const json_t *error)
{
    const char *code = text_in(error, "errorCode"), *message = text_in(error, "message"), *key;
    const json_t *fields = json_object_get(error, "fields");
    static const char *const by_itself[] = { "MALFORMED_ID",
                                             "ENTITY_IS_DELETED",
                                             "INVALID_FIELD",
                                             "NOT_FOUND",
                                             "INVALID_SESSION_ID",
                                             "JSON_PARSER_ERROR",
                                             "INVALID_CROSS_REFERENCE_KEY",
                                             "PROCESSING_HALTED",
                                             "METHOD_NOT_ALLOWED" };
    json_t *f;
    size_t i;
    for (i = 0; i < sizeof by_itself / sizeof *by_itself; i++)
        if (strcmp(code, by_itself[i]) == 0)
            return;
    if (strcmp(code, "REQUIRED_FIELD_MISSING") == 0) {
        json_array_foreach (fields, i, f)
            json_object_set_new(setup_field(object, json_string_value(f), NULL), "required", json_true());
    } else if (strcmp(code, "INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST") == 0 && json_array_size(fields)) {
        json_array_foreach (fields, i, f)
            make_picklist(object, json_string_value(f), message);
    } else if (strcmp(code, "STRING_TOO_LONG") == 0 && strstr(message, "max length=")) {
        json_array_foreach (fields, i, f)
            json_object_set_new(setup_field(object, json_string_value(f), NULL), "length",
                                json_integer(strtol(strstr(message, "max length=") + 11, NULL, 10)));
    } else if (strcmp(code, "DUPLICATE_VALUE") == 0 && sscanf(message, "duplicate value found: %*s") == 0) {
        char name[100] = "";
        sscanf(message, "duplicate value found: %99s", name);
        json_object_foreach ((json_t *)body, key, f)
            if (strcasecmp(key, name) == 0) {
                json_object_set_new(setup_field(object, key, f), "unique", json_true());
                json_object_set(setup_record(s, text_in(object, "name"), NULL), key, f);
            }
    } else {
        plan(s, text_in(object, "name"), method, status, error);
    }
}

/* "/services/data/v51.0/sobjects/Movie__c/a00.../VersionData" -> its parts; 0 when it is another resource. */
static int split_url(const char *url, char parts[4][120])
{
    const char *p = strstr(url, "/sobjects/");
    int n = 0;
    if (!p)
        return 0;
    for (p += 10; *p && *p != '?' && n < 4; n++) {
        size_t len = strcspn(p, "/?");
        snprintf(parts[n], 120, "%.*s", (int)len, p);
        p += len + (p[len] == '/');
    }
    return n;
}

void setup_body(json_t *object, const json_t *body, const char *missing)
{
    const char *key;
    json_t *value;
    json_object_foreach ((json_t *)body, key, value)
        if (strcmp(key, "attributes") != 0 && !json_is_object(value) && strcasecmp(key, missing) != 0)
            setup_field(object, key, value);
}

static const char *target_of(struct setup *s, json_t *object, const char *field, const char *id)
{
    const json_t *to = json_object_get(find_field(object, field), "to"), *item;
    size_t i;
    if (strcasecmp(field, "OwnerId") == 0 && !to)
        return strncmp(id, "005", 3) == 0 ? "User" : NULL;
    if (json_is_string(to))
        return json_string_value(to);
    json_array_foreach (to, i, item) {
        const json_t *d = json_object_get(s->objects, json_string_value(item));
        json_t *sample = d ? NULL : embedded(json_string_value(item));
        bool fits = strncmp(text_in(d ? d : sample, "prefix"), id, 3) == 0;
        json_decref(sample);
        if (fits)
            return json_string_value(item);
    }
    return json_string_value(json_array_get(to, 0));
}

/* A queue: the sample org's records belong to users alone. */
static void need_owner(struct setup *s, json_t *object, const char *id)
{
    if (strncmp(id, "005", 3) == 0 || find_field(object, "OwnerId"))
        return;
    json_array_append_new(json_object_get(object, "fields"), json_pack("{s:s, s:s, s:[s, s]}", "name", "OwnerId",
                                                                       "type", "reference", "to", "Group", "User"));
    setup_object(s, "Group", id);
}

void setup_references(struct setup *s, json_t *object, const json_t *body)
{
    const char *key;
    json_t *value;
    json_object_foreach ((json_t *)body, key, value) {
        const char *id = json_is_string(value) ? json_string_value(value) : "";
        if (!setup_is_id(id))
            continue;
        if (strcasecmp(key, "OwnerId") == 0)
            need_owner(s, object, id);
        const char *target = target_of(s, object, key, id);
        if (target)
            setup_record(s, text_in(setup_object(s, target, id), "name"), id);
    }
}

void setup_operation(struct setup *s, const char *method, const char *url, const json_t *body, int status,
                     const json_t *answer)
{
    char part[4][120], missing[100] = "";
    int n = split_url(url, part);
    const json_t *error = setup_error(answer);
    const char *code = error ? text_in(error, "errorCode") : "", *id = n > 1 && setup_is_id(part[1]) ? part[1] : NULL;
    if (n == 0 || strcmp(code, "INVALID_SESSION_ID") == 0)
        return;
    if (n == 1 && status == 404)
        return; /* an object that is not there */
    if (strcmp(code, "INVALID_FIELD") == 0)
        setup_quoted(text_in(error, "message"), missing);
    const char *given = text_in(answer, "id");
    json_t *object = setup_object(s, part[0],
                                  setup_is_id(given)                            ? given
                                  : strcmp(code, "MALFORMED_ID") == 0 && n == 2 ? part[1]
                                                                                : id);
    setup_body(object, body, missing);
    setup_references(s, object, body);
    if (n == 3 && !id) { /* by external id */
        json_t *f = setup_field(object, part[1], NULL);
        json_object_set_new(f, "externalId", json_true());
        json_t *record = NULL;
        percent_decode_loose(part[2], strlen(part[2]), false);
        if (strcmp(method, "GET") == 0 && status == 200 && json_is_object(answer))
            record = setup_row(s, answer, part[0]);
        else if (status == 200 || status == 204)
            record = setup_record(s, text_in(object, "name"), setup_is_id(given) ? given : NULL);
        if (record)
            json_object_set_new(record, part[1], json_string(part[2]));
    }
    if (error)
        setup_failure(s, object, method, body, status, error);
    if (id && strcmp(code, "NOT_FOUND") != 0 && strcmp(code, "MALFORMED_ID") != 0) {
        json_t *record = strcmp(method, "GET") == 0 && status == 200 && json_is_object(answer)
                             ? setup_row(s, answer, part[0])
                             : setup_record(s, text_in(object, "name"), id);
        if (strcmp(code, "ENTITY_IS_DELETED") == 0)
            json_object_set_new(record, "IsDeleted", json_true());
    }
}

void setup_bytes(struct setup *s, const char *url, const char *base64)
{
    char part[4][120];
    if (split_url(url, part) != 3)
        return;
    json_t *object = setup_object(s, part[0], part[1]);
    if (!find_field(object, part[2]))
        json_array_append_new(json_object_get(object, "fields"),
                              json_pack("{s:s, s:s}", "name", part[2], "type", "base64"));
    json_object_set_new(setup_record(s, text_in(object, "name"), part[1]), part[2], json_string(base64));
}

/* ---- applying ---- */

/* A sample object that holds the prefix makes way. */
static bool free_prefix(struct setup *s, const char *prefix, const char *owner)
{
    for (const struct embedded_file *f = embedded_files; f->path; f++) {
        json_t *d = strstr(f->path, "/objects/") ? json_loadb(f->text, f->n, 0, NULL) : NULL;
        bool theirs = d && strcmp(text_in(d, "prefix"), prefix) == 0 && strcasecmp(text_in(d, "name"), owner) != 0;
        bool ok = true;
        if (theirs) {
            char other[4];
            snprintf(other, sizeof other, "z%c%c", prefix[1], prefix[2]);
            json_object_set_new(d, "prefix", json_string(other));
            json_object_set_new(d, "replace", json_true());
            char *text = json_dumps(d, 0);
            ok = org_describe_object(s->org, text, strlen(text), s->why, sizeof s->why);
            free(text);
        }
        json_decref(d);
        if (!ok)
            return false;
    }
    return true;
}

bool setup_apply(struct setup *s)
{
    const char *name;
    json_t *d;
    bool ok = true;
    json_object_foreach (s->objects, name, d) {
        json_object_set_new(d, "replace", json_true()); /* the recorded org's, in the place of a sample one */
        char *text = json_dumps(d, 0);
        ok = ok && free_prefix(s, text_in(d, "prefix"), name) &&
             org_describe_object(s->org, text, strlen(text), s->why, sizeof s->why);
        free(text);
    }
    char *text = json_dumps(s->records, 0);
    ok = ok && org_load(s->org, text, strlen(text), s->why, sizeof s->why);
    free(text);
    return ok;
}
