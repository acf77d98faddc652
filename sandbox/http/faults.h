/*
 * faults.h - programmed faults: what the sandbox answers instead of, or after, doing what it was asked.
 *
 * One fault is a JSON object, all members but path optional:
 *   path      prefix of the path; faults of add-on, org, login and lenders, never of /sandbox
 *   method    only this method
 *   org       only calls to this org's address: 0, 1 or 2
 *   contains  only targets that contain this text (as sent, still encoded)
 *   skip      let that many matching calls pass first
 *   times     how often it strikes; 0 or absent = until cleared
 *   delayMs   wait before the answer (with nothing else: the true answer, late)
 *   status    answer this status, with an error body in the form of the place that was called
 *   errorCode the org's errorCode in that body
 *   body      answer this body: a text as it is, anything else as JSON
 *   contentType, headers {name: value}
 *   cut       reset, close, half, noise: what happens to the connection
 *   dripMs    send the answer slowly: a wait before each 16th part
 *   after     do what was asked first, then lose or replace the answer
 * Faults are tried in the order in which they were added; the first that matches and has strikes left strikes. A fault
 * whose skip is not used up counts the call and lets it go on to the next fault.
 */
#ifndef SANDBOX_HTTP_FAULTS_H
#define SANDBOX_HTTP_FAULTS_H

#include <jansson.h>
#include <stdbool.h>

#include "sandbox/http/http.h"

enum { FAULTS_MAX = 256, FAULT_DELAY_MAX_MS = 120000 };

struct faults;

/* What strikes a call. */
struct strike {
    int delay_ms, drip_ms;
    int status; /* 0 = the true one */
    enum cut cut;
    bool after;
    json_t *spec; /* the fault as it was given, a reference of its own; NULL = no fault */
};

/* NULL without memory. */
struct faults *faults_new(void);
void faults_free(struct faults *f);
/* Adds one fault, or an array of them in order; all or none. False with `why` filled. */
bool faults_add(struct faults *f, const json_t *spec, char *why, size_t why_size);
/* Forgets all faults. */
void faults_clear(struct faults *f);
/* The faults with their hits and strikes left; a new reference. */
json_t *faults_list(struct faults *f);

/* Finds the fault that strikes this call and counts it. False when none does. strike_free() it. */
bool faults_strike(struct faults *f, const struct request *rq, struct strike *out);
void strike_free(struct strike *k);
/* True when the strike leaves the call undone: it must be answered by strike_apply alone. */
bool strike_prevents(const struct strike *k);
/* Turns the answer into what the fault says. */
void strike_apply(const struct strike *k, const struct request *rq, struct reply *rp);

#endif
