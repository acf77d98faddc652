/*
 * declaration_job.h - the members "job" and "events" of a declaration, and the operation <operationId>Async: what is
 * asked for, with a callback. For the loader.
 */
#ifndef ACTIONHOST_DECLARE_DECLARATION_JOB_H
#define ACTIONHOST_DECLARE_DECLARATION_JOB_H

#include "runtime/declare/declaration.h"

enum { EVENT_IDS = 2000 }; /* of one transaction, before its records become a job */

/* Names of changes as an event has them, in the order of enum declared_change. */
extern const char *const declared_changes[CHANGE_KINDS];
/* The place of such a name; -1 = it is none. */
int declared_change_of(const char *name);

/* The schema of the property that a JSON Pointer leads to, through objects alone; NULL when there is none. Borrowed. */
const json_t *declaration_property(const json_t *schema, const char *pointer);

/* Fills in is_job, job, started and events of a declaration whose root is set. Takes any JSON: lint_job tells what is
 * wrong. */
void declaration_read_job(struct declaration *d);

/* Whether there is an operation <operationId>Async: of a job, and of an action that says "async" (declaration_async.c).
 */
bool declaration_has_async(const struct declaration *d);
/* What its action.json would say: a new reference, NULL without memory. */
json_t *declaration_async_root(const struct declaration *d);

#endif
