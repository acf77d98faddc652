/* verify.c - see verify.h. */
#include "sandbox/login/verify.h"

#include <jwt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sandbox/base/encoding.h"
#include "sandbox/base/system.h"

/* The part-th segment of a token of exactly three non-empty ones. */
static bool segment(const char *token, int part, const char **p, size_t *n)
{
    const char *start = token;
    bool found = false;
    for (int i = 0; i < 3; i++) {
        size_t len = strcspn(start, ".");
        if (!len || start[len] != (i < 2 ? '.' : 0))
            return false;
        if (i == part) {
            *p = start;
            *n = len;
            found = true;
        }
        start += len + 1;
    }
    return found;
}

static json_t *segment_object(const char *token, int part, char *why, size_t why_size)
{
    const char *p;
    size_t n, bytes_n;
    unsigned char *bytes = segment(token, part, &p, &n) ? base64_bytes(p, n, BASE64_URL, &bytes_n) : NULL;
    json_t *json = bytes ? json_loadb((const char *)bytes, bytes_n, JSON_REJECT_DUPLICATES, NULL) : NULL;
    free(bytes);
    if (json && json_is_object(json))
        return json;
    json_decref(json);
    snprintf(why, why_size, "malformed token");
    return NULL;
}

json_t *verify_header(const char *token, char *why, size_t why_size)
{
    if (strlen(token) > VERIFY_TOKEN_MAX) {
        snprintf(why, why_size, "token over %d bytes", VERIFY_TOKEN_MAX);
        return NULL;
    }
    const char *p;
    size_t n, bytes_n;
    unsigned char *signature = segment(token, 2, &p, &n) ? base64_bytes(p, n, BASE64_URL, &bytes_n) : NULL;
    if (!signature) {
        snprintf(why, why_size, "malformed token");
        return NULL;
    }
    free(signature);
    return segment_object(token, 0, why, why_size);
}

/* The header names this very algorithm and nothing that would change how the token must be read. */
static bool header_fits(const json_t *header, enum key_alg alg, char *why, size_t why_size)
{
    const char *name = json_string_value(json_object_get(header, "alg"));
    const json_t *typ = json_object_get(header, "typ");
    if (!name || strcmp(name, key_alg_name(alg)) != 0) {
        snprintf(why, why_size, "algorithm is not %s", key_alg_name(alg));
        return false;
    }
    if (json_object_get(header, "crit") || json_object_get(header, "b64") ||
        (typ && (!json_is_string(typ) || strcmp(json_string_value(typ), "JWT") != 0))) {
        snprintf(why, why_size, "header has members that are not accepted");
        return false;
    }
    return true;
}

static bool time_claim(const json_t *claims, const char *name, json_int_t *value)
{
    const json_t *claim = json_object_get(claims, name);
    if (!json_is_integer(claim) || json_integer_value(claim) < 0 || json_integer_value(claim) > 253402300799)
        return false;
    *value = json_integer_value(claim);
    return true;
}

static bool times_fit(const json_t *claims, char *why, size_t why_size)
{
    json_int_t now = now_ms() / 1000, t = 0;
    if (!time_claim(claims, "exp", &t))
        snprintf(why, why_size, "exp is missing or not a time");
    else if (t + VERIFY_SKEW_S <= now)
        snprintf(why, why_size, "token has expired");
    else if (json_object_get(claims, "nbf") && (!time_claim(claims, "nbf", &t) || t - VERIFY_SKEW_S > now))
        snprintf(why, why_size, "token is not valid yet");
    else if (json_object_get(claims, "iat") && (!time_claim(claims, "iat", &t) || t - VERIFY_SKEW_S > now))
        snprintf(why, why_size, "token was issued in the future");
    else
        return true;
    return false;
}

json_t *verify_token(const char *token, enum key_alg alg, const char *public_pem, char *why, size_t why_size)
{
    static const jwt_alg_t algs[KEY_ALGS] = { JWT_ALG_RS256, JWT_ALG_ES256 };
    json_t *claims = NULL, *header = verify_header(token, why, why_size);
    if (!header)
        return NULL;
    jwt_t *jwt = NULL;
    /* libjwt takes a NULL key as "do not verify", so an absent key never gets that far. */
    if (!public_pem || !*public_pem) {
        snprintf(why, why_size, "no key");
    } else if (header_fits(header, alg, why, why_size)) {
        if (jwt_decode(&jwt, token, (const unsigned char *)public_pem, (int)strlen(public_pem)) != 0 ||
            jwt_get_alg(jwt) != algs[alg])
            snprintf(why, why_size, "signature does not fit");
        else if ((claims = segment_object(token, 1, why, why_size)) && !times_fit(claims, why, why_size)) {
            json_decref(claims);
            claims = NULL;
        }
    }
    jwt_free(jwt);
    json_decref(header);
    return claims;
}
