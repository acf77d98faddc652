/* fixture.h - a sandbox without a socket for the tests: requests go straight to sandbox_answer. */
#ifndef TESTS_SANDBOX_FIXTURE_H
#define TESTS_SANDBOX_FIXTURE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
/* cmocka needs the above first */
#include <cmocka.h>

#include "sandbox/applink/sign.h"
#include "sandbox/base/encoding.h"
#include "sandbox/base/system.h"
#include "sandbox/base/text.h"
#include "sandbox/sandbox.h"

#define APP_ID "11111111-2222-4333-8444-555555555555"
#define ADDON "/addons/sandbox"

static struct sandbox *box;
static int at_address; /* which of the sandbox's addresses is asked */

static inline int box_open(void **state)
{
    struct settings settings = { .token = "sandbox-token", .app_id = APP_ID };
    char why[256] = "";
    (void)state;
    box = sandbox_new(&settings, "http://127.0.0.1:8080", why, sizeof why);
    if (!box) {
        fprintf(stderr, "%s\n", why);
        return -1;
    }
    sandbox_set_port(box, 7070);
    return 0;
}

static inline int box_close(void **state)
{
    (void)state;
    sandbox_free(box);
    box = NULL;
    return 0;
}

/* Sends one request; `headers` are "Name: value" lines. The caller frees the reply. */
static inline struct reply ask(const char *method, const char *target, const char *headers, const char *body)
{
    struct request rq = { .address = at_address };
    struct reply rp = { .status = 0 };
    const char *mark = strchr(target, '?');
    copy_text(rq.method, sizeof rq.method, method);
    rq.target = strdup(target);
    rq.query = mark ? strchr(rq.target, '?') + 1 : "";
    rq.path = percent_decode(target, mark ? (size_t)(mark - target) : strlen(target), false);
    assert_non_null(rq.path);
    while (headers && *headers) {
        size_t n = strcspn(headers, "\n"), name_n = strcspn(headers, ":");
        rq.fields[rq.n_fields].name = strndup(headers, name_n);
        rq.fields[rq.n_fields++].value = strndup(headers + name_n + 2, n - name_n - 2);
        headers += n + (headers[n] == '\n');
    }
    if (body && *body) {
        rq.body = strdup(body);
        rq.body_n = strlen(body);
    }
    sandbox_answer(box, &rq, &rp);
    request_free(&rq);
    return rp;
}

/* The status alone. */
static inline int ask_status(const char *method, const char *target, const char *headers, const char *body)
{
    struct reply rp = ask(method, target, headers, body);
    int status = rp.status;
    reply_free(&rp);
    return status;
}

/* The body as JSON, with the status in *status. */
static inline json_t *ask_json(const char *method, const char *target, const char *headers, const char *body,
                               int *status)
{
    struct reply rp = ask(method, target, headers, body);
    json_t *json = rp.body ? json_loadb(rp.body, rp.body_n, JSON_DECODE_ANY, NULL) : NULL;
    *status = rp.status;
    reply_free(&rp);
    return json;
}

/* A member of an object as text, "" when absent; valid while the object is. */
static inline const char *text_of(const json_t *object, const char *name)
{
    const char *text = json_string_value(json_object_get(object, name));
    return text ? text : "";
}

/* A header's base64 JSON, decoded. */
static inline json_t *context_of(const json_t *headers, const char *name)
{
    const char *text = text_of(headers, name);
    size_t n = 0;
    unsigned char *bytes = base64_bytes(text, strlen(text), BASE64_PADDED, &n);
    json_t *json;
    assert_non_null(bytes);
    json = json_loadb((char *)bytes, n, JSON_REJECT_DUPLICATES, NULL);
    free(bytes);
    assert_non_null(json);
    return json;
}

static inline json_t *signed_headers(const char *wishes)
{
    char why[256] = "";
    json_t *w = json_loads(wishes, 0, NULL), *headers = sign_headers(box, w, why, sizeof why);
    json_decref(w);
    if (!headers)
        fail_msg("not signed: %s", why);
    return headers;
}

/* An access token of the sample org's administrator, as an Authorization line. */
static inline void admin_line(char *out, size_t size)
{
    json_t *headers = signed_headers("{}"), *client = context_of(headers, "x-client-context");
    snprintf(out, size, "Authorization: Bearer %s", text_of(client, "accessToken"));
    json_decref(client);
    json_decref(headers);
}

#endif
