/* event_schema.c - see event_schema.h. */
#include "sandbox/pubsub/event_schema.h"

#include <openssl/sha.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sandbox/base/encoding.h"

#define NAMESPACE "com.sforce.eventbus"

/* ---- names ---- */

static bool ends_with(const char *s, const char *end)
{
    size_t n = strlen(s), m = strlen(end);
    return n > m && strcmp(s + n - m, end) == 0;
}

void change_event_name(const char *object, char out[NAME_SIZE + 16])
{
    int keep = (int)strlen(object) - (ends_with(object, "__c") ? 1 : 0);
    snprintf(out, NAME_SIZE + 16, "%.*sChangeEvent", keep, object);
}

bool is_platform_event(const struct object *ob)
{
    return ends_with(ob->name, "__e");
}

/* ---- records within a record ---- */

static const char *const address_owners[] = { "Billing", "Shipping", "Mailing", "Other" };
static const char *const address_parts[] = { "Street",    "City",      "State",          "PostalCode",
                                             "Country",   "StateCode", "CountryCode",    "Latitude",
                                             "Longitude", "Xyz",       "GeocodeAccuracy" };
static const char *const name_parts[] = { "Salutation", "FirstName", "LastName" };

enum {
    COUNT_OWNERS = sizeof address_owners / sizeof *address_owners,
    COUNT_ADDRESS = sizeof address_parts / sizeof *address_parts,
    COUNT_NAME = sizeof name_parts / sizeof *name_parts
};

/* BillingCity is part 1 of BillingAddress: false when the field is none of an address. */
static bool address_part(const struct field *f, char compound[NAME_SIZE], int *part)
{
    for (int i = 0; i < COUNT_OWNERS; i++) {
        size_t n = strlen(address_owners[i]);
        for (int k = 0; strncmp(f->name, address_owners[i], n) == 0 && k < COUNT_ADDRESS; k++)
            if (strcmp(f->name + n, address_parts[k]) == 0) {
                snprintf(compound, NAME_SIZE, "%sAddress", address_owners[i]);
                *part = k;
                return true;
            }
    }
    return false;
}

/* A person's names, of an object whose Name is made up of others. */
static bool name_part(const struct object *ob, const struct field *f, char compound[NAME_SIZE], int *part)
{
    const struct field *whole = object_field(ob, "Name");
    for (int k = 0; whole && whole->join_of && k < COUNT_NAME; k++)
        if (strcmp(f->name, name_parts[k]) == 0) {
            copy_text(compound, NAME_SIZE, "Name");
            *part = k;
            return true;
        }
    return false;
}

static json_t *nullable(json_t *type)
{
    return json_pack("[s, o]", "null", type);
}

static json_t *event_field(const char *name, json_t *type)
{
    return json_pack("{s:s, s:o, s:n}", "name", name, "type", type, "default");
}

/* The record's definition the first time it stands in a schema, its name from then on. */
static json_t *part_record(const char *name, const char *const *parts, int n, bool *defined)
{
    if (*defined)
        return json_string(name);
    *defined = true;
    json_t *fields = json_array();
    for (int i = 0; i < n; i++) {
        bool number = strcmp(parts[i], "Latitude") == 0 || strcmp(parts[i], "Longitude") == 0;
        json_array_append_new(fields, event_field(parts[i], nullable(json_string(number ? "double" : "string"))));
    }
    return json_pack("{s:s, s:s, s:o}", "type", "record", "name", name, "fields", fields);
}

/* ---- fields ---- */

static json_t *avro_type(enum field_type type)
{
    switch (type) {
    case TYPE_BOOLEAN:
        return json_string("boolean");
    case TYPE_INT:
        return json_string("int");
    case TYPE_DOUBLE:
    case TYPE_CURRENCY:
    case TYPE_PERCENT:
        return json_string("double");
    case TYPE_DATE:
    case TYPE_TIME:
        return json_string("long");
    case TYPE_DATETIME:
        return json_pack("{s:s, s:s}", "type", "long", "logicalType", "timestamp-millis");
    default:
        return json_string("string");
    }
}

static bool left_out(const struct org *o, const struct object *ob, const struct field *f)
{
    static const char *const names[] = { "Id", "IsDeleted", "SystemModstamp" };
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (strcmp(f->name, names[i]) == 0)
            return true;
    if (f->type == TYPE_BASE64 || !setup_has_field(o, f))
        return true;
    return is_platform_event(ob) ? !f->custom : strcmp(f->name, "Name") == 0 && f->join_of;
}

struct making {
    struct event_schema *s;
    json_t *fields;
    char compounds[EVENT_FIELDS_MAX][NAME_SIZE]; /* of each field of the event, "" = none */
    bool address_defined, name_defined, switchable_defined;
};

static int top_of_compound(struct making *m, const char *compound)
{
    for (size_t i = 1; i < m->s->n_top; i++)
        if (strcmp(m->compounds[i], compound) == 0)
            return (int)i;
    bool name = strcmp(compound, "Name") == 0;
    json_t *record = name ? part_record("PersonName", name_parts, COUNT_NAME, &m->name_defined)
                          : part_record("Address", address_parts, COUNT_ADDRESS, &m->address_defined);
    json_array_append_new(m->fields, event_field(compound, nullable(record)));
    copy_text(m->compounds[m->s->n_top], NAME_SIZE, compound);
    return (int)m->s->n_top++;
}

static void add_field(struct making *m, const struct object *ob, size_t at)
{
    const struct field *f = &ob->fields[at];
    char compound[NAME_SIZE];
    int part = -1;
    if (m->s->change && (address_part(f, compound, &part) || name_part(ob, f, compound, &part))) {
        m->s->places[at] = (struct event_place){ top_of_compound(m, compound), part };
        return;
    }
    json_t *type = nullable(avro_type(f->type));
    if (strcmp(ob->name, "Account") == 0 && strcmp(f->name, "Name") == 0) /* of a person account it would be a record */
        json_array_append_new(type,
                              part_record("Switchable_PersonName", name_parts, COUNT_NAME, &m->switchable_defined));
    json_array_append_new(m->fields, event_field(f->name, type));
    m->s->places[at] = (struct event_place){ (int)m->s->n_top++, -1 };
}

/* ---- the whole ---- */

static json_t *texts(const char *name)
{
    return json_pack("{s:s, s:{s:s, s:s}}", "name", name, "type", "type", "array", "items", "string");
}

static json_t *change_header(void)
{
    json_t *kinds = json_pack("[s,s,s,s,s,s,s,s,s]", "CREATE", "UPDATE", "DELETE", "UNDELETE", "GAP_CREATE",
                              "GAP_UPDATE", "GAP_DELETE", "GAP_UNDELETE", "GAP_OVERFLOW");
    json_t *fields =
        json_pack("[{s:s,s:s}, o, {s:s,s:{s:s,s:s,s:o}}, {s:s,s:s}, {s:s,s:s}, {s:s,s:s}, {s:s,s:s}, {s:s,s:s}, "
                  "{s:s,s:s}, o, o, o]",
                  "name", "entityName", "type", "string", texts("recordIds"), "name", "changeType", "type", "type",
                  "enum", "name", "ChangeType", "symbols", kinds, "name", "changeOrigin", "type", "string", "name",
                  "transactionKey", "type", "string", "name", "sequenceNumber", "type", "int", "name",
                  "commitTimestamp", "type", "long", "name", "commitNumber", "type", "long", "name", "commitUser",
                  "type", "string", texts("nulledFields"), texts("diffFields"), texts("changedFields"));
    return json_pack("{s:s, s:{s:s, s:s, s:o}}", "name", "ChangeEventHeader", "type", "type", "record", "name",
                     "ChangeEventHeader", "fields", fields);
}

static void id_of(const char *json, char id[SCHEMA_ID_SIZE])
{
    unsigned char digest[SHA256_DIGEST_LENGTH];
    SHA256((const unsigned char *)json, strlen(json), digest);
    char *text = base64_text(digest, 16, BASE64_URL);
    copy_text(id, SCHEMA_ID_SIZE, text ? text : "");
    free(text);
}

static bool finish(struct making *m)
{
    struct event_schema *s = m->s;
    json_t *whole = json_pack("{s:s, s:s, s:s, s:O}", "type", "record", "name", s->event_name, "namespace", NAMESPACE,
                              "fields", m->fields);
    s->json = json_dumps(whole, JSON_COMPACT);
    json_decref(whole);
    if (!s->json)
        return false;
    id_of(s->json, s->id);
    if (avro_schema_from_json_length(s->json, strlen(s->json), &s->avro))
        return false;
    s->iface = avro_generic_class_from_schema(s->avro);
    return s->iface && !avro_generic_value_new(s->iface, &s->value);
}

struct event_schema *event_schema_make(const struct org *o, const struct object *ob)
{
    struct making *m = mem_new(sizeof *m);
    struct event_schema *s = m->s = mem_new(sizeof *s);
    char name[NAME_SIZE + 16];
    s->change = !is_platform_event(ob);
    s->places = mem_new(ob->n * sizeof *s->places);
    s->n_places = ob->n;
    change_event_name(ob->name, name);
    copy_text(s->event_name, sizeof s->event_name, s->change ? name : ob->name);
    copy_text(s->object, sizeof s->object, ob->name);
    m->fields = json_array();
    if (s->change) {
        json_array_append_new(m->fields, change_header());
        s->n_top = 1;
    } else {
        json_array_append_new(m->fields, json_pack("{s:s, s:s}", "name", "CreatedDate", "type", "long"));
        json_array_append_new(m->fields, json_pack("{s:s, s:s}", "name", "CreatedById", "type", "string"));
        s->n_top = 2;
    }
    for (int system = 0; system < 2; system++) /* what the org keeps stands last */
        for (size_t i = 0; i < ob->n && s->n_top < EVENT_FIELDS_MAX; i++) {
            if (ob->fields[i].system != (system == 1))
                continue;
            s->places[i].top = -1;
            if (!left_out(o, ob, &ob->fields[i]))
                add_field(m, ob, i);
        }
    bool ok = s->n_top < EVENT_FIELDS_MAX && finish(m);
    json_decref(m->fields);
    free(m);
    if (ok)
        return s;
    event_schema_free(s);
    return NULL;
}

void event_schema_free(struct event_schema *s)
{
    if (!s)
        return;
    if (s->value.iface)
        avro_value_decref(&s->value);
    if (s->iface)
        avro_value_iface_decref(s->iface);
    if (s->avro)
        avro_schema_decref(s->avro);
    free(s->json);
    free(s->places);
    free(s);
}
