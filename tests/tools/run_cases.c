/*
 * run_cases.c - sends the requests of case files to a running host and compares the answers.
 *   run_cases HOST_URL SANDBOX_URL FILE.json...                   the format is in tests/cases/README.md
 *   run_cases HOST_URL SANDBOX_URL actions/x/action.json...        runs the examples of declarations
 * Prints a line per failure, last "N passed, N failed, 0 skipped".
 */
#include <curl/curl.h>
#include <jansson.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <time.h>

#include "tests/tools/forge.h"

enum { TEXT_MAX = 64 << 20, HEADERS = 64 };
#define SAMPLE_TARGET "Sandbox_Target" /* of the sandbox */

struct text {
    char *p;
    size_t n;
};

struct answer {
    long status;
    struct text body;
    char *names[HEADERS], *values[HEADERS];
    size_t headers;
};

static const char *host, *sandbox;
static int passed, failed;
static char reason[1024];

static bool wrong(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
static bool wrong(const char *fmt, ...)
{
    va_list ap;
    va_start(ap, fmt);
    vsnprintf(reason, sizeof reason, fmt, ap);
    va_end(ap);
    return false;
}

static size_t on_body(char *p, size_t size, size_t n, void *to)
{
    struct text *t = to;
    if (t->n + size * n > TEXT_MAX)
        return 0;
    t->p = realloc(t->p, t->n + size * n + 1);
    memcpy(t->p + t->n, p, size * n);
    t->n += size * n;
    t->p[t->n] = '\0';
    return size * n;
}

static size_t on_header(char *p, size_t size, size_t n, void *to)
{
    struct answer *a = to;
    size_t len = size * n;
    char *colon = memchr(p, ':', len);
    if (colon && a->headers < HEADERS) {
        char *value = colon + 1, *end = p + len;
        while (value < end && *value == ' ')
            value++;
        while (end > value && (end[-1] == '\r' || end[-1] == '\n'))
            end--;
        a->names[a->headers] = strndup(p, (size_t)(colon - p));
        a->values[a->headers++] = strndup(value, (size_t)(end - value));
    }
    return len;
}

static void answer_free(struct answer *a)
{
    free(a->body.p);
    for (size_t i = 0; i < a->headers; i++) {
        free(a->names[i]);
        free(a->values[i]);
    }
    *a = (struct answer){ 0 };
}

static const char *header_of(const struct answer *a, const char *name)
{
    for (size_t i = 0; i < a->headers; i++)
        if (strcasecmp(a->names[i], name) == 0)
            return a->values[i];
    return NULL;
}

/* One exchange on a connection of its own. */
static bool send_request(const char *url, const char *method, struct curl_slist *headers, struct text body,
                         struct answer *a)
{
    CURL *e = curl_easy_init();
    char fault[CURL_ERROR_SIZE] = "";
    curl_easy_setopt(e, CURLOPT_URL, url);
    curl_easy_setopt(e, CURLOPT_PATH_AS_IS, 1L);
    curl_easy_setopt(e, CURLOPT_CUSTOMREQUEST, method);
    curl_easy_setopt(e, CURLOPT_HTTPHEADER, headers);
    curl_easy_setopt(e, CURLOPT_ERRORBUFFER, fault);
    curl_easy_setopt(e, CURLOPT_TIMEOUT_MS, 40000L);
    curl_easy_setopt(e, CURLOPT_PROXY, "");
    curl_easy_setopt(e, CURLOPT_WRITEFUNCTION, on_body);
    curl_easy_setopt(e, CURLOPT_WRITEDATA, &a->body);
    curl_easy_setopt(e, CURLOPT_HEADERFUNCTION, on_header);
    curl_easy_setopt(e, CURLOPT_HEADERDATA, a);
    if (body.p) {
        curl_easy_setopt(e, CURLOPT_POSTFIELDSIZE, (long)body.n);
        curl_easy_setopt(e, CURLOPT_POSTFIELDS, body.p);
    }
    CURLcode rc = curl_easy_perform(e);
    curl_easy_getinfo(e, CURLINFO_RESPONSE_CODE, &a->status);
    curl_easy_cleanup(e);
    return rc == CURLE_OK || wrong("no complete answer: %s", *fault ? fault : curl_easy_strerror(rc));
}

/* A call to the sandbox's own paths. */
static json_t *ask_sandbox(const char *method, const char *path, const json_t *body)
{
    char url[512];
    struct answer a = { 0 };
    char *text = body ? json_dumps(body, 0) : NULL;
    struct curl_slist *headers = curl_slist_append(NULL, "Content-Type: application/json");
    snprintf(url, sizeof url, "%s%s", sandbox, path);
    json_t *out = NULL;
    if (send_request(url, method, headers, (struct text){ text, text ? strlen(text) : 0 }, &a) && a.status < 300)
        out = a.body.n ? json_loads(a.body.p, JSON_DECODE_ANY, NULL) : json_null();
    else
        wrong("sandbox %s %s: %ld %s", method, path, a.status, a.body.p ? a.body.p : "");
    curl_slist_free_all(headers);
    answer_free(&a);
    free(text);
    return out;
}

/* ---- making a request ---- */

static struct curl_slist *add_header(struct curl_slist *list, const char *name, const char *value)
{
    size_t n = strlen(name) + strlen(value) + 4;
    char *line = malloc(n);
    /* libcurl's way to send an empty value */
    snprintf(line, n, *value ? "%s: %s" : "%s;", name, value);
    list = curl_slist_append(list, line);
    free(line);
    return list;
}

static struct curl_slist *make_headers(json_t *headers, bool has_body)
{
    struct curl_slist *list = curl_slist_append(NULL, "Expect:");
    const char *name;
    json_t *value, *one;
    size_t i;
    if (has_body && !json_object_get(headers, "content-type"))
        list = curl_slist_append(list, "Content-Type: application/json");
    json_object_foreach (headers, name, value) {
        if (json_is_array(value)) {
            json_array_foreach (value, i, one)
                list = add_header(list, name, json_string_value(one));
        } else if (json_is_null(value)) {
            char line[256];
            snprintf(line, sizeof line, "%s:", name);
            list = curl_slist_append(list, line);
        } else {
            list = add_header(list, name, json_string_value(value));
        }
    }
    return list;
}

static struct text make_body(const json_t *request)
{
    const json_t *body = json_object_get(request, "body");
    size_t bytes = (size_t)json_integer_value(json_object_get(request, "bodyBytes"));
    struct text t = { 0 };
    if (!body)
        return t;
    if (json_is_string(body)) {
        t.n = json_string_length(body);
        t.p = malloc(t.n + 1);
        memcpy(t.p, json_string_value(body), t.n + 1);
        return t;
    }
    t.p = json_dumps(body, JSON_COMPACT);
    t.n = strlen(t.p);
    if (bytes > t.n) {
        size_t more = bytes - t.n;
        const char *old = json_string_value(json_object_get(body, "text"));
        size_t have = old ? strlen(old) : 0;
        char *padded = malloc(have + more + 1);
        snprintf(padded, have + 1, "%s", old ? old : "");
        memset(padded + have, 'x', more);
        padded[have + more] = '\0';
        json_t *copy = json_deep_copy(body);
        json_object_set_new(copy, "text", json_string(padded));
        free(t.p);
        t.p = json_dumps(copy, JSON_COMPACT);
        t.n = strlen(t.p);
        json_decref(copy);
        free(padded);
    }
    return t;
}

/* x-signature and the query of a data action. */
static void sign_data_action(json_t *headers, const json_t *how, struct text body, char *url, size_t size)
{
    if (json_is_true(json_object_get(how, "make"))) {
        json_t *target = json_pack("{s:O, s:O, s:O}", "orgId", json_object_get(how, "orgId"), "apiName",
                                   json_object_get(how, "apiName"), "secret", json_object_get(how, "secret"));
        json_decref(ask_sandbox("POST", "/sandbox/data-action-targets", target));
        json_decref(target);
    }
    unsigned char mac[EVP_MAX_MD_SIZE], coded[EVP_MAX_MD_SIZE * 2];
    unsigned n = 0;
    const char *secret = json_string_value(json_object_get(how, "secret"));
    const char *org = json_string_value(json_object_get(how, "orgId")),
               *api = json_string_value(json_object_get(how, "apiName"));
    size_t used = strlen(url);
    if (!secret)
        secret = "";
    HMAC(EVP_sha256(), secret, (int)strlen(secret), (unsigned char *)(body.p ? body.p : ""), body.n, mac, &n);
    EVP_EncodeBlock(coded, mac, (int)n);
    json_object_set_new(headers, "x-signature", json_string((char *)coded));
    snprintf(url + used, size - used, "%sorgId=%s&apiName=%s", strchr(url, '?') ? "&" : "?", org ? org : "",
             api ? api : "");
}

static json_t *signed_headers(const json_t *request)
{
    const json_t *sign = json_object_get(request, "sign");
    json_t *headers = sign ? ask_sandbox("POST", "/sandbox/sign", sign) : json_object();
    if (!headers)
        return NULL;
    patch_context(headers, "x-request-context", json_object_get(request, "requestContext"));
    patch_context(headers, "x-client-context", json_object_get(request, "clientContext"));
    json_object_update(headers, json_object_get(request, "set"));
    size_t i;
    json_t *name;
    json_array_foreach (json_object_get(request, "drop"), i, name)
        json_object_del(headers, json_string_value(name));
    if (json_is_true(json_object_get(request, "chunked")))
        json_object_set_new(headers, "transfer-encoding", json_string("chunked"));
    return headers;
}

static bool perform(const json_t *request, struct answer *a)
{
    char url[4096];
    const char *path = json_string_value(json_object_get(request, "path"));
    const char *method = json_string_value(json_object_get(request, "method"));
    json_t *headers = signed_headers(request);
    if (!headers)
        return false;
    struct text body = make_body(request);
    snprintf(url, sizeof url, "%s%s", json_is_true(json_object_get(request, "atSandbox")) ? sandbox : host,
             path ? path : "/");
    if (json_object_get(request, "dataAction"))
        sign_data_action(headers, json_object_get(request, "dataAction"), body, url, sizeof url);
    struct curl_slist *list = make_headers(headers, body.p != NULL);
    bool ok = send_request(url, method ? method : "POST", list, body, a);
    if (ok && json_is_true(json_object_get(request, "again"))) {
        answer_free(a);
        ok = send_request(url, method ? method : "POST", list, body, a);
    }
    curl_slist_free_all(list);
    json_decref(headers);
    free(body.p);
    return ok;
}

/* ---- judging an answer ---- */

static bool subset(const json_t *want, const json_t *got, const char *where)
{
    if (json_is_object(want)) {
        const char *key;
        json_t *value;
        json_object_foreach ((json_t *)want, key, value) {
            char deeper[512];
            snprintf(deeper, sizeof deeper, "%s/%s", where, key);
            if (!subset(value, json_object_get(got, key), deeper))
                return false;
        }
        return json_is_object(got) || wrong("%s is no object", where);
    }
    if (json_is_array(want)) {
        if (json_array_size(want) != json_array_size(got))
            return wrong("%s has %zu elements, not %zu", where, json_array_size(got), json_array_size(want));
        for (size_t i = 0; i < json_array_size(want); i++) {
            char deeper[512];
            snprintf(deeper, sizeof deeper, "%s/%zu", where, i);
            if (!subset(json_array_get(want, i), json_array_get(got, i), deeper))
                return false;
        }
        return true;
    }
    if (json_is_number(want) && json_is_number(got) && json_number_value(want) == json_number_value(got))
        return true;
    if (json_equal(want, got))
        return true;
    char *text = got ? json_dumps(got, JSON_ENCODE_ANY) : NULL;
    wrong("%s is %s", where, text ? text : "absent");
    free(text);
    return false;
}

/* The flat error object that every refusal is. */
static bool check_error_form(const struct answer *a, const json_t *body)
{
    static const char *const members[] = { "code", "message", "field", "requestId", "retryAfterSeconds", "details" };
    const char *id = header_of(a, "x-request-id"), *type = header_of(a, "content-type"), *key;
    const char *said = json_string_value(json_object_get(body, "requestId"));
    const char *code = json_string_value(json_object_get(body, "code")),
               *message = json_string_value(json_object_get(body, "message"));
    json_t *value;
    if (!type || strncmp(type, "application/json", 16) != 0)
        return wrong("content type of the error is %s", type ? type : "absent");
    if (!code || !*code || code[strspn(code, "abcdefghijklmnopqrstuvwxyz0123456789_")])
        return wrong("error code is %s", code ? code : "absent");
    if (!message || strlen(message) < 10)
        return wrong("error message is %s", message ? message : "absent");
    if (!id || !said || strcmp(id, said) != 0)
        return wrong("request id %s in the body, %s in the header", said ? said : "absent", id ? id : "absent");
    json_object_foreach ((json_t *)body, key, value) {
        bool known = false;
        for (size_t i = 0; i < sizeof members / sizeof *members; i++)
            known |= strcmp(key, members[i]) == 0;
        if (!known)
            return wrong("error has a member %s", key);
    }
    return true;
}

static bool check_headers(const struct answer *a, const json_t *want)
{
    const char *name;
    json_t *value;
    json_object_foreach ((json_t *)want, name, value) {
        const char *got = header_of(a, name);
        if (json_is_null(value) ? got != NULL : !got || strcasecmp(got, json_string_value(value)) != 0)
            return wrong("header %s is %s", name, got ? got : "absent");
    }
    return header_of(a, "x-request-id") || wrong("no x-request-id");
}

static bool check_calls(const json_t *want)
{
    const char *path;
    json_t *value;
    if (!want)
        return true;
    json_t *log = ask_sandbox("GET", "/sandbox/log", NULL);
    json_t *calls = json_is_array(log) ? log : json_object_get(log, "calls");
    json_object_foreach ((json_t *)want, path, value) {
        json_int_t n = 0;
        size_t i;
        json_t *call;
        json_array_foreach (calls, i, call) {
            const char *p = json_string_value(json_object_get(call, "target"));
            n += p && strncmp(p, path, strlen(path)) == 0;
        }
        if (n != json_integer_value(value)) {
            json_decref(log);
            return wrong("%lld calls to %s", (long long)n, path);
        }
    }
    json_decref(log);
    return true;
}

static bool check_answer(const struct answer *a, const json_t *expect)
{
    const char *code = json_string_value(json_object_get(expect, "code")),
               *field = json_string_value(json_object_get(expect, "field"));
    const json_t *want = json_object_get(expect, "body");
    json_t *body = a->body.n ? json_loadb(a->body.p, a->body.n, JSON_REJECT_DUPLICATES, NULL) : NULL;
    bool ok = true;
    if (a->status != json_integer_value(json_object_get(expect, "status")))
        ok = wrong("status %ld %.300s", a->status, a->body.p ? a->body.p : "");
    ok = ok && (a->status < 300 || check_error_form(a, body));
    if (ok && code && strcmp(code, json_string_value(json_object_get(body, "code"))) != 0)
        ok = wrong("code %s: %.300s", json_string_value(json_object_get(body, "code")), a->body.p);
    if (ok && field) {
        const char *got = json_string_value(json_object_get(body, "field"));
        ok = (got && strcmp(got, field) == 0) || wrong("field %s", got ? got : "absent");
    }
    ok = ok && (!want || subset(want, body, ""));
    ok = ok && check_headers(a, json_object_get(expect, "headers")) && check_calls(json_object_get(expect, "calls"));
    json_decref(body);
    return ok;
}

static void run_case(const char *file, const json_t *c)
{
    const char *name = json_string_value(json_object_get(c, "name"));
    const json_t *faults = json_object_get(c, "faults");
    bool watched = faults || json_object_get(json_object_get(c, "expect"), "calls");
    struct answer a = { 0 };
    bool ok = true;
    reason[0] = '\0';
    if (watched) {
        json_decref(ask_sandbox("POST", "/sandbox/reset", NULL));
        reason[0] = '\0';
    }
    if (faults) {
        json_t *answer = ask_sandbox("POST", "/sandbox/faults", faults);
        ok = answer != NULL;
        json_decref(answer);
    }
    ok = ok && perform(json_object_get(c, "request"), &a) && check_answer(&a, json_object_get(c, "expect"));
    if (faults)
        json_decref(ask_sandbox("DELETE", "/sandbox/faults", NULL));
    answer_free(&a);
    if (ok) {
        passed++;
        if (getenv("V"))
            printf("ok   %s: %s\n", file, name);
    } else {
        failed++;
        printf("FAIL %s: %s: %s\n", file, name ? name : "?", reason);
    }
}

/* ---- the examples of a declaration ---- */

static bool accepts(const json_t *declaration, const char *caller)
{
    size_t i;
    json_t *one;
    json_array_foreach (json_object_get(declaration, "accepts"), i, one)
        if (strcmp(json_string_value(one), caller) == 0)
            return true;
    return false;
}

/*
 * Makes the call that an example comes after, if there is one; members of its answer take the place of those of the
 * same name in `input`. False with the reason when that call did not succeed.
 */
static bool call_before(const json_t *example, json_t *input)
{
    const json_t *after = json_object_get(example, "after");
    const char *operation = json_string_value(json_object_get(after, "operationId")), *name;
    struct answer a = { 0 };
    char path[300];
    json_t *value;
    if (!after)
        return true;
    snprintf(path, sizeof path, "/api/%s", operation ? operation : "");
    json_t *request = json_pack("{s:s, s:O, s:{}}", "path", path, "body", json_object_get(after, "input"), "sign");
    bool ok = perform(request, &a);
    json_t *body = a.body.n ? json_loadb(a.body.p, a.body.n, 0, NULL) : NULL;
    if (ok && (a.status > 299 || !json_is_object(body)))
        ok = wrong("%s, which is called first: %ld %.300s", path, a.status, a.body.p ? a.body.p : "");
    json_object_foreach (body, name, value)
        if (ok && json_object_get(input, name))
            json_object_set(input, name, value);
    json_decref(request);
    json_decref(body);
    answer_free(&a);
    return ok;
}

/* The example as a case, with the input that call_before has filled in. */
static json_t *case_of_example(const json_t *declaration, const json_t *example, json_t *input)
{
    char path[300];
    bool data_action = !accepts(declaration, "salesforce");
    snprintf(path, sizeof path, data_action ? "/sandbox/data-action/%s?apiName=" SAMPLE_TARGET : "/api/%s",
             json_string_value(json_object_get(declaration, "operationId")));
    json_t *request = json_pack("{s:s, s:O}", "path", path, "body", input);
    json_t *expect = json_pack("{s:O}", "status", json_object_get(example, "status"));
    if (data_action)
        json_object_set_new(request, "atSandbox", json_true());
    else
        json_object_set_new(request, "sign", json_object());
    if (json_object_get(example, "expect"))
        json_object_set(expect, "body", json_object_get(example, "expect"));
    return json_pack("{s:O, s:o, s:o}", "name", json_object_get(example, "name"), "request", request, "expect", expect);
}

static void run_declaration(const char *file, const json_t *declaration)
{
    size_t i;
    json_t *example;
    json_array_foreach (json_object_get(declaration, "examples"), i, example) {
        if (json_object_get(example, "notRun"))
            continue;
        json_t *input = json_deep_copy(json_object_get(example, "input"));
        reason[0] = '\0';
        bool ready = call_before(example, input);
        json_t *c = case_of_example(declaration, example, input);
        if (!ready) {
            failed++;
            printf("FAIL %s: %s: %s\n", file, json_string_value(json_object_get(example, "name")), reason);
        } else {
            run_case(file, c);
        }
        json_decref(c);
        json_decref(input);
    }
}

int main(int argc, char **argv)
{
    if (argc < 4) {
        fprintf(stderr, "usage: run_cases HOST_URL SANDBOX_URL FILE.json...\n");
        return 64;
    }
    host = argv[1];
    sandbox = argv[2];
    curl_global_init(CURL_GLOBAL_DEFAULT);
    for (int i = 3; i < argc; i++) {
        json_error_t why;
        json_t *file = json_load_file(argv[i], 0, &why), *c;
        size_t k;
        if (json_object_get(file, "operationId")) {
            run_declaration(argv[i], file);
            json_decref(file);
            continue;
        }
        if (!json_array_size(json_object_get(file, "cases"))) {
            printf("FAIL %s: no cases (%s line %d)\n", argv[i], why.text, why.line);
            failed++;
        }
        json_array_foreach (json_object_get(file, "cases"), k, c)
            run_case(argv[i], c);
        json_decref(file);
    }
    printf("%d passed, %d failed, 0 skipped\n", passed, failed);
    return failed != 0;
}
