/*
 * form.h - an Avro schema, read and compiled: what avro-c needs to read a payload, and a tree of our own to check the
 * payload against first, as avro-c believes counts and indexes that a payload names.
 */
#ifndef ACTIONHOST_EVENTS_FORM_H
#define ACTIONHOST_EVENTS_FORM_H

#include <avro.h>

#include "runtime/events/event.h"

enum {
    FORM_JSON = 1024 * 1024, /* longest schema */
    FORM_NODES = 20000,      /* of a schema, with what it refers to by name written out each time */
    FORM_DEPTH = 12,
    FORM_ID = EVENT_SCHEMA_ID
};

/* A type: of AVRO_LINK it is what the name stands for. */
struct form_node {
    avro_type_t type;
    size_t n; /* fields, branches, symbols; bytes of a fixed; 1 item of an array */
    struct form_node **child;
    const char **name; /* of a field or a symbol; borrowed from avro-c */
};

/* Where the members of a ChangeEventHeader are in its record; -1 = not there. */
enum form_member {
    MEMBER_ENTITY,
    MEMBER_RECORD_IDS,
    MEMBER_CHANGE,
    MEMBER_ORIGIN,
    MEMBER_KEY,
    MEMBER_SEQUENCE,
    MEMBER_COMMIT_MS,
    MEMBER_COMMIT_NUMBER,
    MEMBER_COMMIT_USER,
    MEMBER_CHANGED,
    MEMBER_NULLED,
    MEMBER_DIFFED,
    FORM_MEMBERS
};

struct form {
    char id[FORM_ID + 1];
    struct form_node *root; /* a record */
    avro_schema_t avro;
    avro_value_iface_t *class;
    avro_value_t value; /* used again for each payload */
    int header;         /* place of the ChangeEventHeader among the root's fields; -1 = no change event */
    int member[FORM_MEMBERS];
};

/* NULL with a sentence in `why`: it is no schema, none of events, or one beyond the bounds. */
struct form *form_new(struct span id, struct span json, char *why, size_t size);
void form_free(struct form *s);

/* NULL: the payload fits the schema, to its last byte; else why not. Checked before avro-c sees it. */
const char *form_check(const struct form *s, struct span payload);

#endif
