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

/* Declares and loads all of it. False with `why`. */
bool setup_apply(struct setup *s);

/* Code of an answer that is an error in the org's form (a list of them, or one); NULL when it is none. */
const char *error_code(const json_t *answer);

#endif
