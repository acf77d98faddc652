/* schema.c - object descriptions. */
#include "sandbox/records/schema.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sandbox/base/decimal.h"
#include "sandbox/base/text.h"

const struct type_facts type_facts[TYPE_COUNT] = {
    [TYPE_ID] = { "id", "tns:ID", "TEXT", "ID", false, false, true, 18 },
    [TYPE_REFERENCE] = { "reference", "tns:ID", "TEXT", "reference", false, false, true, 18 },
    [TYPE_STRING] = { "string", "xsd:string", "TEXT", "string", true, false, true, 255 },
    [TYPE_TEXTAREA] = { "textarea", "xsd:string", "TEXT", "string", true, false, true, 255 },
    [TYPE_PICKLIST] = { "picklist", "xsd:string", "TEXT", "string", true, false, true, 255 },
    [TYPE_MULTIPICKLIST] = { "multipicklist", "xsd:string", "TEXT", "string", true, false, false, 4099 },
    [TYPE_COMBOBOX] = { "combobox", "xsd:string", "TEXT", "string", true, false, true, 255 },
    [TYPE_EMAIL] = { "email", "xsd:string", "TEXT", "string", true, false, true, 80 },
    [TYPE_PHONE] = { "phone", "xsd:string", "TEXT", "string", true, false, true, 40 },
    [TYPE_URL] = { "url", "xsd:string", "TEXT", "string", true, false, true, 255 },
    [TYPE_BOOLEAN] = { "boolean", "xsd:boolean", "INTEGER", "boolean", false, false, true, 0 },
    [TYPE_INT] = { "int", "xsd:int", "INTEGER", "int", false, true, true, 0 },
    [TYPE_DOUBLE] = { "double", "xsd:double", "REAL", "double", false, true, false, 0 },
    [TYPE_CURRENCY] = { "currency", "xsd:double", "REAL", "double", false, true, false, 0 },
    [TYPE_PERCENT] = { "percent", "xsd:double", "REAL", "double", false, true, false, 0 },
    [TYPE_DATE] = { "date", "xsd:date", "TEXT", "date", false, false, true, 0 },
    [TYPE_DATETIME] = { "datetime", "xsd:dateTime", "TEXT", "datetime", false, false, false, 0 },
    [TYPE_TIME] = { "time", "xsd:time", "TEXT", "time", false, false, false, 0 },
    [TYPE_BASE64] = { "base64", "xsd:base64Binary", "INTEGER", "byte[]", false, false, false, 0 },
};

static bool name_ok(const char *s)
{
    if (!isalpha((unsigned char)s[0]) || strlen(s) >= NAME_SIZE)
        return false;
    for (; *s; s++)
        if (!isalnum((unsigned char)*s) && *s != '_')
            return false;
    return true;
}

static bool ends_with(const char *s, const char *end)
{
    size_t n = strlen(s), m = strlen(end);
    return n > m && strcmp(s + n - m, end) == 0;
}

static const char *text_of(const json_t *o, const char *key, const char *otherwise)
{
    const char *s = json_string_value(json_object_get(o, key));
    return s ? s : otherwise;
}

static bool flag_of(const json_t *o, const char *key, bool otherwise)
{
    const json_t *v = json_object_get(o, key);
    return json_is_boolean(v) ? json_is_true(v) : otherwise;
}

static int number_of(const json_t *o, const char *key, int otherwise)
{
    const json_t *v = json_object_get(o, key);
    return json_is_integer(v) ? (int)json_integer_value(v) : otherwise;
}

static int type_by_name(const char *name)
{
    for (int t = 0; t < TYPE_COUNT; t++)
        if (strcmp(type_facts[t].name, name) == 0)
            return t;
    return -1;
}

/* X__c is followed upwards as X__r, AccountId as Account. */
static void relationship_name(const struct field *f, char out[NAME_SIZE])
{
    copy_text(out, NAME_SIZE, f->name);
    size_t n = strlen(out);
    if (ends_with(out, "__c"))
        out[n - 1] = 'r';
    else if (ends_with(out, "Id"))
        out[n - 2] = '\0';
}

static bool parse_targets(struct field *f, const json_t *in)
{
    const json_t *to = json_object_get(in, "to"), *item;
    size_t i;
    if (json_is_string(to)) {
        copy_text(f->targets[f->n_targets++], NAME_SIZE, json_string_value(to));
    } else {
        json_array_foreach (to, i, item)
            if (json_is_string(item) && f->n_targets < MAX_TARGETS)
                copy_text(f->targets[f->n_targets++], NAME_SIZE, json_string_value(item));
    }
    relationship_name(f, f->relationship);
    copy_text(f->relationship, NAME_SIZE, text_of(in, "relationship", f->relationship));
    copy_text(f->children, NAME_SIZE, text_of(in, "children", ""));
    return f->n_targets > 0;
}

static const char *parse_field(struct field *f, const json_t *in)
{
    const char *name = text_of(in, "name", "");
    int type = type_by_name(text_of(in, "type", "string"));
    if (!name_ok(name))
        return "a field's name is missing or not an API name";
    if (type < 0)
        return "unknown type";
    copy_text(f->name, NAME_SIZE, name);
    copy_text(f->label, NAME_SIZE, text_of(in, "label", name));
    f->type = (enum field_type)type;
    f->custom = ends_with(name, "__c");
    f->length = number_of(in, "length", type_facts[type].length);
    f->precision = number_of(in, "precision", type_facts[type].number ? 18 : 0);
    f->scale = number_of(in, "scale", type == TYPE_CURRENCY || type == TYPE_PERCENT ? 2 : 0);
    if (f->scale < 0 || f->precision > DECIMAL_DIGITS || f->scale > f->precision)
        return "a number has a precision of up to 18 digits, and a scale from 0 up to it";
    f->required = flag_of(in, "required", false);
    f->unique = flag_of(in, "unique", false);
    f->external_id = flag_of(in, "externalId", false);
    f->case_sensitive = flag_of(in, "caseSensitive", false);
    f->restricted = flag_of(in, "restricted", false);
    f->createable = flag_of(in, "createable", true);
    f->updateable = flag_of(in, "updateable", true);
    f->cascade = flag_of(in, "cascade", false);
    f->locks = flag_of(in, "locks", false);
    f->multi_currency = flag_of(in, "multiCurrency", false);
    f->system = flag_of(in, "system", false);
    f->long_text = flag_of(in, "long", type == TYPE_TEXTAREA && f->length > 255);
    f->name_field = flag_of(in, "nameField", strcmp(name, "Name") == 0);
    copy_text(f->auto_number, NAME_SIZE, text_of(in, "autoNumber", ""));
    if (f->auto_number[0] && !strchr(f->auto_number, '{'))
        return "autoNumber has no {0}";
    if (f->type == TYPE_REFERENCE && !parse_targets(f, in))
        return "a reference needs \"to\"";
    f->standard_value = json_incref(json_object_get(in, "default"));
    f->values = json_incref(json_object_get(in, "values"));
    f->join_of = json_incref(json_object_get(in, "joinOf"));
    if (f->auto_number[0] || f->join_of || f->system)
        f->createable = f->updateable = false;
    return NULL;
}

/* What the org keeps on each record. */
static const char system_fields[] =
    "[{\"name\":\"Id\",\"type\":\"id\",\"label\":\"Record ID\",\"system\":true},"
    "{\"name\":\"IsDeleted\",\"type\":\"boolean\",\"label\":\"Deleted\",\"system\":true},"
    "{\"name\":\"CreatedDate\",\"type\":\"datetime\",\"label\":\"Created Date\",\"system\":true},"
    "{\"name\":\"CreatedById\",\"type\":\"reference\",\"to\":\"User\",\"label\":\"Created By ID\",\"system\":true},"
    "{\"name\":\"LastModifiedDate\",\"type\":\"datetime\",\"label\":\"Last Modified Date\",\"system\":true},"
    "{\"name\":\"LastModifiedById\",\"type\":\"reference\",\"to\":\"User\",\"label\":\"Last Modified By "
    "ID\",\"system\":true},"
    "{\"name\":\"SystemModstamp\",\"type\":\"datetime\",\"label\":\"System Modstamp\",\"system\":true}]";
static const char owner_field[] =
    "[{\"name\":\"OwnerId\",\"type\":\"reference\",\"to\":\"User\",\"label\":\"Owner ID\"}]";
static const char no_name_field[] = "[{\"name\":\"Name\",\"type\":\"string\",\"label\":\"Name\",\"length\":80}]";

static const char *add_fields(struct object *ob, const json_t *list)
{
    const json_t *item;
    size_t i;
    json_array_foreach (list, i, item) {
        struct field f = { 0 };
        const char *fault = parse_field(&f, item);
        if (!fault && object_field(ob, f.name)) {
            /* a description may spell a system field out; the first one stays */
            json_decref(f.standard_value);
            json_decref(f.values);
            json_decref(f.join_of);
            continue;
        }
        struct field *grown = realloc(ob->fields, (ob->n + 1) * sizeof *grown);
        if (!grown)
            abort();
        ob->fields = grown;
        ob->fields[ob->n++] = f;
        if (fault)
            return fault;
    }
    return NULL;
}

static const char *add_builtin(struct object *ob, const char *text)
{
    json_t *list = json_loads(text, 0, NULL);
    const char *fault = list ? add_fields(ob, list) : "built-in fields";
    json_decref(list);
    return fault;
}

static const char *fill(struct object *ob, const json_t *in)
{
    const char *name = text_of(in, "name", ""), *fault = NULL;
    if (!name_ok(name) || strncasecmp(name, "sqlite_", 7) == 0)
        return "the object's name is missing or not an API name";
    copy_text(ob->name, NAME_SIZE, name);
    copy_text(ob->label, NAME_SIZE, text_of(in, "label", name));
    snprintf(ob->plural, NAME_SIZE, "%.79ss", ob->label);
    copy_text(ob->plural, NAME_SIZE, text_of(in, "plural", ob->plural));
    const char *prefix = text_of(in, "prefix", "");
    for (int i = 0; i < 3; i++)
        if (!isalnum((unsigned char)prefix[i]))
            return "the prefix is not three letters or digits";
    if (prefix[3])
        return "the prefix is not three letters or digits";
    copy_text(ob->prefix, sizeof ob->prefix, prefix);
    ob->custom = ends_with(name, "__c");
    ob->read_only = flag_of(in, "readOnly", false);
    if ((fault = add_builtin(ob, system_fields)))
        return fault;
    bool owned = flag_of(in, "owner", true);
    if ((fault = add_fields(ob, json_object_get(in, "fields"))))
        return fault;
    for (size_t i = 0; i < ob->n; i++)
        owned = owned && !(ob->fields[i].cascade && ob->fields[i].custom);
    if (owned && (fault = add_builtin(ob, owner_field)))
        return fault;
    return ob->custom && !object_field(ob, "Name") ? add_builtin(ob, no_name_field) : NULL;
}

struct object *object_parse(const char *json, size_t n, char *why, size_t why_size)
{
    json_error_t error;
    json_t *in = json_loadb(json, n, JSON_REJECT_DUPLICATES, &error);
    if (!in) {
        snprintf(why, why_size, "not JSON: line %d: %s", error.line, error.text);
        return NULL;
    }
    struct object *ob = mem_new(sizeof *ob);
    const char *fault = fill(ob, in);
    if (fault) {
        snprintf(why, why_size, "%s%s%s: %s", ob->name, ob->n ? "." : "", ob->n ? ob->fields[ob->n - 1].name : "",
                 fault);
        object_free(ob);
        ob = NULL;
    }
    json_decref(in);
    return ob;
}

void object_free(struct object *ob)
{
    if (!ob)
        return;
    for (size_t i = 0; i < ob->n; i++) {
        json_decref(ob->fields[i].standard_value);
        json_decref(ob->fields[i].values);
        json_decref(ob->fields[i].join_of);
    }
    free(ob->fields);
    free(ob);
}

void schema_put(struct schema *s, struct object *ob)
{
    s->version++;
    for (size_t i = 0; i < s->n; i++)
        if (same_name(s->objects[i]->name, ob->name)) {
            object_free(s->objects[i]);
            s->objects[i] = ob;
            return;
        }
    struct object **grown = realloc(s->objects, (s->n + 1) * sizeof(struct object *));
    if (!grown)
        abort();
    s->objects = grown;
    s->objects[s->n++] = ob;
}

void schema_clear(struct schema *s)
{
    for (size_t i = 0; i < s->n; i++)
        object_free(s->objects[i]);
    free(s->objects);
    *s = (struct schema){ .version = s->version + 1 };
}

struct object *schema_find(const struct schema *s, const char *name)
{
    for (size_t i = 0; i < s->n; i++)
        if (same_name(s->objects[i]->name, name))
            return s->objects[i];
    return NULL;
}

struct object *schema_by_prefix(const struct schema *s, const char *id)
{
    for (size_t i = 0; i < s->n; i++)
        if (strncmp(s->objects[i]->prefix, id, 3) == 0)
            return s->objects[i];
    return NULL;
}

struct field *object_field(const struct object *ob, const char *name)
{
    for (size_t i = 0; i < ob->n; i++)
        if (same_name(ob->fields[i].name, name))
            return &ob->fields[i];
    return NULL;
}

struct field *object_relation(const struct object *ob, const char *relationship)
{
    for (size_t i = 0; i < ob->n; i++)
        if (ob->fields[i].type == TYPE_REFERENCE && same_name(ob->fields[i].relationship, relationship))
            return &ob->fields[i];
    return NULL;
}

bool field_points_to(const struct field *f, const struct object *ob)
{
    for (int i = 0; i < f->n_targets; i++)
        if (same_name(f->targets[i], ob->name))
            return true;
    return false;
}

struct field *schema_children(const struct schema *s, const struct object *parent, const char *children,
                              struct object **owner)
{
    for (size_t i = 0; i < s->n; i++)
        for (size_t j = 0; j < s->objects[i]->n; j++) {
            struct field *f = &s->objects[i]->fields[j];
            if (f->children[0] && same_name(f->children, children) && field_points_to(f, parent)) {
                *owner = s->objects[i];
                return f;
            }
        }
    return NULL;
}
