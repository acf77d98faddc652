/*
 * recorded.h - one recorded request with its answer (a WireMock mapping), and the sandbox that is asked the same.
 */
#ifndef TESTS_RECORDED_H
#define TESTS_RECORDED_H

#include <jansson.h>
#include <stdbool.h>

#include "sandbox/http/http.h"
#include "tests/sandbox/recorded_setup.h"

struct sandbox;
extern struct sandbox *recorded_box; /* set once, by main */

struct recording {
    const char *name;
    const json_t *request, *response;
    char method[HTTP_METHOD_MAX];
    char *url;    /* path and query, encoded */
    json_t *body; /* of the request, or NULL */
    int status;
    char *answer; /* the recorded body's bytes, NULL = none */
    size_t answer_n;
    json_t *parsed; /* NULL when it is not JSON */
    size_t page;    /* rows that a query's answer is to have at most; 0 = as usual */
    char why[500];
};

/* Fills a recording whose name is set; the mapping is mended and must stay. False with r->why. recording_free() it. */
bool recording_read(struct recording *r, json_t *mapping);
void recording_free(struct recording *r);
/* False always; the first reason is the one that is kept. */
bool recording_wrong(struct recording *r, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
/* Sends the recorded request to another address of the same form; and with another body, which may be NULL. */
struct reply recording_ask(const struct recording *r, const char *url, const char *token);
struct reply recording_send(const struct recording *r, const char *url, const char *token, const char *type,
                            const char *body);
/* Whether the answer is as recorded; r->why otherwise. */
bool recording_same(struct recording *r, const struct reply *got);
/* Appends a text with all bytes percent-encoded at *o, which moves on. */
void recording_encode(char **o, const char *s);
/* A member as text, "" when it is none. */
const char *recorded_text(const json_t *o, const char *key);
/* Whether an answer is a list of errors in the org's form. */
bool recorded_errors(const json_t *v);

/* ---- bulk jobs (recorded_bulk.c) ---- */
bool recorded_is_bulk(const struct recording *r);
/* Whether an org gives this answer of itself, or only a programmed fault. */
bool recorded_bulk_natural(const struct recording *r);
/* Brings the sandbox to where it is asked the same, asks, and compares. */
bool recorded_bulk_run(struct recording *r, struct setup *s, const char *token);

#endif
