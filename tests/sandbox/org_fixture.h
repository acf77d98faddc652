/* org_fixture.h - an org in memory and requests to it, for the sandbox's tests. */
#ifndef TESTS_ORG_FIXTURE_H
#define TESTS_ORG_FIXTURE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
/* cmocka needs the above first */
#include <cmocka.h>

#include <jansson.h>

#include "sandbox/org/org.h"

static struct org *org;
static const char *as_user = "admin@example.com";
static const char *call_options; /* header Sforce-Call-Options, NULL = none */
static struct org_reply answer;  /* of the last request; freed by the next */
static json_t *json;             /* its body, NULL when it is not JSON */

static void forget_answer(void)
{
    free(answer.body);
    json_decref(json);
    answer = (struct org_reply){ 0 };
    json = NULL;
}

static inline int fixture_open(void **state)
{
    char why[300] = "";
    (void)state;
    org = org_open(NULL, why, sizeof why);
    if (!org)
        fprintf(stderr, "org_open: %s\n", why);
    return org ? 0 : -1;
}

static inline int fixture_close(void **state)
{
    (void)state;
    forget_answer();
    org_close(org);
    return 0;
}

static inline int fixture_reset(void **state)
{
    (void)state;
    as_user = "admin@example.com";
    return org_reset(org) ? 0 : -1;
}

static inline int send_bytes(const char *method, const char *path, const char *query, const char *type,
                             const void *body, size_t n, const char *options)
{
    struct org_request r = { .method = method,
                             .path = path,
                             .query = query,
                             .content_type = type,
                             .body = body,
                             .body_n = n,
                             .accept_call_options = options,
                             .call_options = call_options };
    forget_answer();
    if (!org_find_user(org, as_user, &r.user))
        fail_msg("no user %s", as_user);
    org_handle(org, &r, &answer);
    json = answer.body ? json_loadb(answer.body, answer.body_n, JSON_DECODE_ANY, NULL) : NULL;
    return answer.status;
}

/* A request below /services/data/v62.0; returns the status. */
static inline int call(const char *method, const char *path, const char *body)
{
    char full[1000], *query;
    snprintf(full, sizeof full, "/services/data/v62.0/%s", path);
    query = strchr(full, '?');
    if (query)
        *query++ = '\0';
    return send_bytes(method, full, query ? query : "", "application/json", body, body ? strlen(body) : 0, "");
}

static inline int soql_with(const char *resource, const char *query, const char *options)
{
    static const char hex[] = "0123456789ABCDEF";
    char *text = malloc(3 * strlen(query) + 3), *o = text;
    *o++ = 'q';
    *o++ = '=';
    for (const char *p = query; *p; p++) {
        *o++ = '%';
        *o++ = hex[(unsigned char)*p >> 4];
        *o++ = hex[*p & 15];
    }
    *o = '\0';
    char path[100];
    snprintf(path, sizeof path, "/services/data/v62.0/%s", resource);
    int status = send_bytes("GET", path, text, "", NULL, 0, options);
    free(text);
    return status;
}

static inline int soql(const char *query)
{
    return soql_with("query", query, "");
}

/* Digs into the answer: "records.0.Owner.Name". NULL when there is nothing. */
static inline const json_t *at(const char *path)
{
    const json_t *v = json;
    char key[100];
    for (const char *p = path; v && *p;) {
        size_t n = strcspn(p, ".");
        snprintf(key, sizeof key, "%.*s", (int)n, p);
        v = json_is_array(v) ? json_array_get(v, (size_t)strtol(key, NULL, 10)) : json_object_get(v, key);
        p += n + (p[n] == '.');
    }
    return v;
}

static inline const char *text_at(const char *path)
{
    const char *s = json_string_value(at(path));
    return s ? s : "(not a string)";
}

static inline long int_at(const char *path)
{
    const json_t *v = at(path);
    return json_is_integer(v) ? (long)json_integer_value(v) : -1;
}

/* The answer is the org's form of one error. */
#define assert_error(want_status, code)                                                                                \
    do {                                                                                                               \
        if (answer.status != (want_status) || strcmp(text_at("0.errorCode"), code) != 0)                               \
            fail_msg("wanted %d %s, got %d %s", want_status, code, answer.status, answer.body ? answer.body : "");     \
    } while (0)
#define assert_status(got, want)                                                                                       \
    do {                                                                                                               \
        if ((got) != (want))                                                                                           \
            fail_msg("wanted %d, got %d %.600s", want, answer.status, answer.body ? answer.body : "");                 \
    } while (0)

#endif
