/* declaration_async.h - the operation <operationId>Async: the declaration of what is asked for, with a callback. */
#ifndef ACTIONHOST_DECLARE_DECLARATION_ASYNC_H
#define ACTIONHOST_DECLARE_DECLARATION_ASYNC_H

#include "runtime/declare/declaration.h"

/* Whether there is one: of a job, and of an action that says "async". */
bool declaration_has_async(const struct declaration *d);

/* What its action.json would say: a new reference, NULL without memory. */
json_t *declaration_async_root(const struct declaration *d);

#endif
