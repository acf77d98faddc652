/*
 * verify.h - verifies a compact JWT with libjwt behind a strict gate: libjwt alone accepts alg none, key confusion,
 * case-folded names, repeated members and more than one spelling of the same token.
 */
#ifndef SANDBOX_LOGIN_VERIFY_H
#define SANDBOX_LOGIN_VERIFY_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

#include "sandbox/login/keys.h"

enum { VERIFY_TOKEN_MAX = 8192, VERIFY_SKEW_S = 60 };

/* The header of a well-shaped token; a new reference, NULL with `why` filled when the token is malformed. */
json_t *verify_header(const char *token, char *why, size_t why_size);

/*
 * Checks shape, algorithm (exactly the key's) and signature with the public PEM, then exp (required), nbf and iat (when
 * present) with VERIFY_SKEW_S. Returns the claims, a new reference; NULL with `why` filled when refused.
 */
json_t *verify_token(const char *token, enum key_alg alg, const char *public_pem, char *why, size_t why_size);

#endif
