/*
 * contexts.h - the two identity headers of an invocation: decoded strictly, then checked against each other.
 *
 * x-request-context says which org calls and carries the token that proves it; x-client-context carries the user and
 * the user's access token. Both are base64 (RFC 4648 section 4, padded) of a JSON object. docs/protocol.md lists every
 * place where these rules differ from the service mesh, with the reason.
 */
#ifndef ACTIONHOST_AUTH_CONTEXTS_H
#define ACTIONHOST_AUTH_CONTEXTS_H

#include "runtime/base/bytes.h"
#include "runtime/base/err.h"
#include "runtime/base/limits.h"

/* Memory that is always enough to decode one header into. */
enum { CONTEXT_MEM = LIMIT_HEADER_LINE / 4 * 3 + 4 };

struct request_context {
    struct span id, auth, login_url, org_domain_url, org_id, resource, type, app_uuid;
};

/* Members that the header may lack are empty: request_id, ns, username. */
struct client_context {
    struct span request_id, access_token, api_version, ns, org_id, org_domain_url, user_id, username;
};

/*
 * Decodes a header's value into `mem`. The spans of *out point into `mem`, are UTF-8 without NUL, and each is followed
 * by a NUL. False: *e says 400 with the code invalid_request_context, and names the member that is missing.
 */
bool request_context_decode(struct span header, char *mem, size_t size, struct request_context *out,
                            struct err *e) MUST_CHECK;

/* The same with invalid_client_context. An api_version has lost its leading v; a namespace "null" is none. */
bool client_context_decode(struct span header, char *mem, size_t size, struct client_context *out,
                           struct err *e) MUST_CHECK;

/* Who calls, after both contexts were found to agree. */
struct caller {
    char org_id[19];   /* 18 characters */
    char user_id[19];  /* 18 characters */
    char org_url[272]; /* scheme://host[:port], lower case, no slash at the end; of the request context, which is
                          authenticated */
};

/*
 * Checks what the headers say of each other: the request id belongs to the context (at least LIMIT_REQUEST_ID_MIN
 * characters; equal, or with something before or after it at a '-'), the app is ours, org, domain and request id of the
 * client context are those of the request context. False: 400 or 403 in *e, *out untouched.
 */
bool contexts_bind(const struct request_context *rc, const struct client_context *cc, struct span request_id,
                   const char *app_id, struct caller *out, struct err *e) MUST_CHECK;

/*
 * Scheme, host and port of an org's URL, or of a bare host, in one spelling: lower case, no default port, no slash.
 * False when it has user, path, query or fragment, or when it does not fit.
 */
bool org_url_normal(struct span url, char *out, size_t size);

#endif
