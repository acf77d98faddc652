/*
 * event_schema.h - what an event of an object looks like: its Avro schema, and where each field of the object stands in
 * it. Addresses and names of persons are records of their own, as in an org.
 */
#ifndef SANDBOX_PUBSUB_EVENT_SCHEMA_H
#define SANDBOX_PUBSUB_EVENT_SCHEMA_H

#include <avro.h>

#include "sandbox/records/records.h"

enum { SCHEMA_ID_SIZE = 24, EVENT_FIELDS_MAX = 512 };

/* In the event: `top` counts its fields from 1 (0 is the header), `nested` those of a record in it (-1 = the field is
 * none of a record). */
struct event_place {
    int top, nested; /* top -1 = not in the event */
};

struct event_schema {
    char id[SCHEMA_ID_SIZE];    /* made of what it says, so that another schema has another id */
    char event_name[NAME_SIZE]; /* OpportunityChangeEvent, Action_Job__e */
    char object[NAME_SIZE];
    bool change; /* of change events, else of a platform event */
    char *json;
    struct event_place *places; /* one for each field of the object */
    size_t n_places, n_top;     /* n_top: fields of the event, the header included */
    avro_schema_t avro;
    avro_value_iface_t *iface;
    avro_value_t value; /* to fill and write; the bus's mutex is held meanwhile */
};

/* "Flight__c" -> "Flight__ChangeEvent", "Account" -> "AccountChangeEvent". */
void change_event_name(const char *object, char out[NAME_SIZE + 16]);
/* Whether the object's name is that of a platform event. */
bool is_platform_event(const struct object *ob);
/* Makes the schema of the object's events; the org's mutex is held. NULL when the object has too many fields. */
struct event_schema *event_schema_make(const struct org *o, const struct object *ob);
/* NULL is nothing to free. */
void event_schema_free(struct event_schema *s);

#endif
