/*
 * sign.h - the headers of an invocation as Salesforce makes them: x-request-id, x-request-context with a signed JWT,
 * x-client-context with the user's access token.
 */
#ifndef SANDBOX_APPLINK_SIGN_H
#define SANDBOX_APPLINK_SIGN_H

#include <jansson.h>
#include <stddef.h>

#include "sandbox/state/state.h"

/*
 * Makes the headers from the wishes of /sandbox/sign, each of which has a default of the sample org:
 *   org (number), orgId, orgDomainUrl, accessToken, userId, username, apiVersion, requestId, appUuid, namespace,
 *   alg (RS256, ES256), expiresIn (seconds), and for tests of a host: claims, tokenHeader, requestContext,
 * clientContext, whose members are laid over what would be sent (null takes a member out). Returns {"x-request-id",
 * "x-request-context", "x-client-context"}, a new reference; NULL with `why` filled when a wish cannot be met.
 */
json_t *sign_headers(struct sandbox *s, const json_t *wishes, char *why, size_t why_size);

#endif
