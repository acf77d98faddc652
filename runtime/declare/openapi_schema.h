/* openapi_schema.h - the schemas of the published document. */
#ifndef ACTIONHOST_DECLARE_OPENAPI_SCHEMA_H
#define ACTIONHOST_DECLARE_OPENAPI_SCHEMA_H

#include "runtime/declare/declaration.h"

/* Each returns a new reference, NULL when memory is short. */

/* The schema of one side ("input", "output") as other tools understand it: our own format spelt out, agent marks added.
 */
json_t *openapi_schema(const struct declaration *d, const char *side);

/* The named schemas of the error object, and the one response that all errors share. */
json_t *openapi_error_schemas(void);
json_t *openapi_error_responses(void);

#endif
