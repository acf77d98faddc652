/*
 * recorded_setup.h - gives the sandbox what a recorded request needs: objects and fields out of the recording's own
 * bodies, and the records that it speaks of.
 */
#ifndef TESTS_RECORDED_SETUP_H
#define TESTS_RECORDED_SETUP_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

#include "sandbox/org/org.h"

struct setup {
    struct org *org;
    json_t *objects; /* name -> description, with what was added */
    json_t *records; /* name -> list */
    char why[400];
};

void setup_start(struct setup *s, struct org *org);
void setup_free(struct setup *s);

/* Single operations: url as recorded; body may be NULL; status and answer are the recorded ones (answer NULL when
 * empty). */
void setup_operation(struct setup *s, const char *method, const char *url, const json_t *body, int status,
                     const json_t *answer);
/* The record whose bytes a recorded download holds. */
void setup_bytes(struct setup *s, const char *url, const char *base64);
/* A query and the rows that it found: `first` = where in the whole result the page begins. */
void setup_query(struct setup *s, const char *soql, const json_t *answer, size_t first);

/* Requests for many records: composite/sobjects[/O[/Field]], by the recorded method, address and body. */
void setup_collection(struct setup *s, const char *method, const char *url, const json_t *body, const json_t *answer);

/* composite/tree: the fields and parents of all records. */
void setup_tree(struct setup *s, const json_t *body);
/* One request, whatever its resource. */
void setup_request(struct setup *s, const char *method, const char *url, const json_t *body, int status,
                   const json_t *answer);
/* The steps of a composite or of a graph, and those of a batch, beside their answers. */
void setup_steps(struct setup *s, const json_t *steps, const json_t *answers);
void setup_batch(struct setup *s, const json_t *requests, const json_t *results);

/* ---- what the above are made of; what they return is borrowed ---- */
/* Whether a text has the form of a record's id. */
bool setup_is_id(const char *s);
/* The description of an object, made when there is none. `id` gives the prefix, NULL = any. */
json_t *setup_object(struct setup *s, const char *name, const char *id);
/* The name of the object that an id belongs to by its prefix; one is made when there is none. */
const char *setup_object_of(struct setup *s, const char *id);
/* The field's description; a new one has the type of the value. NULL for those that every object has. */
json_t *setup_field(json_t *object, const char *name, const json_t *value);
/* The record of that id, made when there is none; `id` NULL makes one. */
json_t *setup_record(struct setup *s, const char *object, const char *id);
/* The list of an object's records. */
json_t *setup_rows(struct setup *s, const char *object);
/* A reference to an object; `children` NULL = none. */
void setup_lookup(json_t *object, const char *field, const char *to, const char *children);
/* The id of a row by its address or its Id; NULL when it has none. */
const char *setup_id_of(const json_t *row);
/* The error of an answer, NULL when it is none; and what stands between the first two quotes of its message. */
const json_t *setup_error(const json_t *answer);
void setup_quoted(const char *message, char out[100]);
/* One row of an answer, with its parents and children. */
json_t *setup_row(struct setup *s, const json_t *found, const char *type_hint);
/* The fields that a body names, but for `missing`; and the records that it names by id, as far as they are no
 * references to other steps. */
void setup_body(json_t *object, const json_t *body, const char *missing);
void setup_references(struct setup *s, json_t *object, const json_t *body);
/* Makes an operation fail as it did, by the object's description or by a planned fault. */
void setup_failure(struct setup *s, json_t *object, const char *method, const json_t *body, int status,
                   const json_t *error);

/* Declares and loads all of it. False with `why`. */
bool setup_apply(struct setup *s);

/* Code of an answer that is an error in the org's form (a list of them, or one); NULL when it is none. */
const char *error_code(const json_t *answer);

#endif
