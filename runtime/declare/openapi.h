/*
 * openapi.h - the OpenAPI 3.0.3 document, generated from the declarations: what `heroku salesforce:publish` is given,
 * what External Services and Agentforce read, and what the docs page shows.
 *
 * Actions for agents carry their schemas inline, closed and marked with x-sfdc; the others refer to named schemas,
 * which become Apex classes with good names. Actions that only data actions may call are left out: Salesforce could not
 * call them.
 */
#ifndef ACTIONHOST_DECLARE_OPENAPI_H
#define ACTIONHOST_DECLARE_OPENAPI_H

#include "runtime/declare/declaration.h"

/*
 * Writes the document as JSON text, always the same bytes for the same declarations. `version` becomes info.version:
 * the program's own, as the document is part of it. False when `out` is too small.
 */
bool openapi_write(const struct declarations *d, const char *version, struct buf *out);

#endif
