/* openapi.h - the OpenAPI 3.0.3 document, generated from the declarations. */
#ifndef ACTIONHOST_OPENAPI_H
#define ACTIONHOST_OPENAPI_H

#include "runtime/declaration.h"

/* Writes the document as JSON text, always the same bytes for the same declarations. False when `out` is too small. */
bool openapi_write(const struct declarations *d, struct buf *out);

#endif
