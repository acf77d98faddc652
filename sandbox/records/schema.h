/*
 * schema.h - object descriptions: what a JSON file under sandbox/objects says, with the fields that every object
 * has.
 *
 * A description: { "name", "label", "plural", "prefix" (3 characters), "owner": false when records have no owner,
 *   "readOnly": true, "fields": [ { "name", "type", "label", "length", "precision", "scale", "required", "unique",
 *   "externalId", "caseSensitive", "restricted", "values": [...], "default", "autoNumber": "BK-{00000}",
 *   "joinOf": ["FirstName", "LastName"], "createable", "updateable", "long", "to": "Account" or [...],
 *   "relationship": "Account", "children": "Contacts", "cascade", "locks": true when a write locks the parent that is
 * not a master, "multiCurrency": true when only an org of several currencies has the field } ] }
 */
#ifndef SANDBOX_RECORDS_SCHEMA_H
#define SANDBOX_RECORDS_SCHEMA_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

enum field_type {
    TYPE_ID,
    TYPE_REFERENCE,
    TYPE_STRING,
    TYPE_TEXTAREA,
    TYPE_PICKLIST,
    TYPE_MULTIPICKLIST,
    TYPE_COMBOBOX,
    TYPE_EMAIL,
    TYPE_PHONE,
    TYPE_URL,
    TYPE_BOOLEAN,
    TYPE_INT,
    TYPE_DOUBLE,
    TYPE_CURRENCY,
    TYPE_PERCENT,
    TYPE_DATE,
    TYPE_DATETIME,
    TYPE_TIME,
    TYPE_BASE64,
    TYPE_COUNT
};

/* What the rest needs to know of a type; indexed by enum field_type. */
struct type_facts {
    const char *name;   /* in describe and in the files */
    const char *soap;   /* soapType of describe */
    const char *column; /* type of the SQLite column */
    const char *java;   /* in "Cannot deserialize instance of ..." */
    bool text;          /* compared case-blind; "" is null */
    bool number, group; /* arithmetic; may stand in GROUP BY */
    int length;         /* default */
};
extern const struct type_facts type_facts[TYPE_COUNT];

#define NAME_SIZE 81
#define MAX_TARGETS 12

struct field {
    char name[NAME_SIZE], label[NAME_SIZE];
    enum field_type type;
    int length, precision, scale;
    bool custom, required, unique, external_id, case_sensitive, restricted, name_field, createable, updateable;
    bool long_text, cascade, locks, multi_currency, system; /* system: kept by the org itself */
    char auto_number[NAME_SIZE];
    json_t *standard_value; /* default, or NULL */
    json_t *values;         /* picklist values, or NULL */
    json_t *join_of;        /* names of the fields that make this one up, or NULL */
    char targets[MAX_TARGETS][NAME_SIZE];
    int n_targets;
    char relationship[NAME_SIZE]; /* up: Account, Flight__r; "" = none */
    char children[NAME_SIZE];     /* down, from the target: Contacts, Bookings__r; "" = none */
};

struct object {
    char name[NAME_SIZE], label[NAME_SIZE], plural[NAME_SIZE], prefix[4];
    bool custom, read_only;
    struct field *fields;
    size_t n;
};

struct schema {
    struct object **objects;
    size_t n;
    unsigned version; /* another one whenever an object has changed */
};

/* Reads one description. NULL when it is wrong, with the reason in `why`. */
struct object *object_parse(const char *json, size_t n, char *why, size_t why_size);
void object_free(struct object *ob);

/* Takes the object over; one of the same name is replaced (and freed). */
void schema_put(struct schema *s, struct object *ob);
/* Frees all objects. */
void schema_clear(struct schema *s);
/* By its name, in any case, or by the prefix that an id begins with; NULL when there is none. */
struct object *schema_find(const struct schema *s, const char *name);
struct object *schema_by_prefix(const struct schema *s, const char *id);

/* All case-blind; NULL when there is none. */
struct field *object_field(const struct object *ob, const char *name);
struct field *object_relation(const struct object *ob, const char *relationship);
/* The field of another object that makes `children` of `parent`; its object goes to *owner. */
struct field *schema_children(const struct schema *s, const struct object *parent, const char *children,
                              struct object **owner);
/* Whether a reference may hold records of the object. */
bool field_points_to(const struct field *f, const struct object *ob);

#endif
