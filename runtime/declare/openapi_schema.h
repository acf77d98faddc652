/* openapi_schema.h - the schemas of the published document. */
#ifndef ACTIONHOST_DECLARE_OPENAPI_SCHEMA_H
#define ACTIONHOST_DECLARE_OPENAPI_SCHEMA_H

#include "runtime/declare/declaration.h"

/* Each returns a new reference, NULL when memory is short. */

/* The schema of one side ("input", "output") as other tools understand it: our own format spelt out, agent marks added.
 */
json_t *openapi_schema(const struct declaration *d, const char *side);

/* Takes what is meant for agents out of a schema, in place. */
void openapi_without_agents(json_t *schema);

/* What the job behind <operationId>Async answers at its end. */
json_t *openapi_result_schema(const struct declaration *d);
/* The body of its callback; `result` is the name of that schema, NULL when there is none. */
json_t *openapi_callback_schema(const char *result);

/* The named schemas of the error object, and the one response that all errors share. */
json_t *openapi_error_schemas(void);
json_t *openapi_error_responses(void);

#endif
