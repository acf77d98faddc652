/* demo_http.h - the requests of the demo: to the sandbox, and to its org as the administrator. */
#ifndef TESTS_DEMO_HTTP_H
#define TESTS_DEMO_HTTP_H

#include <curl/curl.h>
#include <jansson.h>
#include <openssl/evp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { ANSWER_MAX = 64 << 20, JOB_MS = 60000, STATUS_OK = 200 };

struct answer {
    long status;
    double ms;
    char *p;
    size_t n;
};

static const char *sandbox; /* its address */

static double now_ms(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec * 1000 + (double)t.tv_nsec / 1e6;
}

static size_t take(char *p, size_t size, size_t n, void *to)
{
    struct answer *a = to;
    char *longer = a->n + size * n > ANSWER_MAX ? NULL : realloc(a->p, a->n + size * n + 1);
    if (!longer)
        return 0;
    a->p = longer;
    memcpy(a->p + a->n, p, size * n);
    a->n += size * n;
    a->p[a->n] = '\0';
    return size * n;
}

/* The caller frees a.p. */
static struct answer ask(const char *method, const char *path, const char *body, const char *authorization)
{
    struct answer a = { 0 };
    char url[700];
    CURL *e = curl_easy_init();
    struct curl_slist *headers = curl_slist_append(NULL, "Content-Type: application/json");
    if (authorization)
        headers = curl_slist_append(headers, authorization);
    snprintf(url, sizeof url, "%s%s", sandbox, path);
    curl_easy_setopt(e, CURLOPT_URL, url);
    curl_easy_setopt(e, CURLOPT_PROXY, "");
    curl_easy_setopt(e, CURLOPT_TIMEOUT_MS, (long)JOB_MS);
    curl_easy_setopt(e, CURLOPT_HTTPHEADER, headers);
    curl_easy_setopt(e, CURLOPT_WRITEFUNCTION, take);
    curl_easy_setopt(e, CURLOPT_WRITEDATA, &a);
    curl_easy_setopt(e, CURLOPT_CUSTOMREQUEST, method);
    if (body)
        curl_easy_setopt(e, CURLOPT_POSTFIELDS, body);
    double begun = now_ms();
    if (curl_easy_perform(e) == CURLE_OK)
        curl_easy_getinfo(e, CURLINFO_RESPONSE_CODE, &a.status);
    a.ms = now_ms() - begun;
    curl_slist_free_all(headers);
    curl_easy_cleanup(e);
    return a;
}

static json_t *ask_json(const char *path, const json_t *body, struct answer *out)
{
    char *text = body ? json_dumps(body, JSON_COMPACT) : NULL;
    struct answer a = ask(text ? "POST" : "GET", path, text, NULL);
    json_t *root = a.n ? json_loadb(a.p, a.n, 0, NULL) : NULL;
    free(text);
    free(a.p);
    if (out)
        *out = (struct answer){ .status = a.status, .ms = a.ms };
    return root;
}

/* The access token of the sample org's administrator; the caller frees it. */
static char *admin_token(void)
{
    json_t *none = json_object(), *sign = ask_json("/sandbox/sign", none, NULL);
    const char *coded = json_string_value(json_object_get(sign, "x-client-context"));
    size_t n = coded ? strlen(coded) : 0;
    unsigned char *plain = calloc(1, n + 4);
    int len = plain && coded ? EVP_DecodeBlock(plain, (const unsigned char *)coded, (int)n) : 0;
    while (len > 0 && plain[len - 1] != '}') /* zero bytes of the padding */
        len--;
    json_t *context = len > 0 ? json_loadb((const char *)plain, (size_t)len, 0, NULL) : NULL;
    const char *token = json_string_value(json_object_get(context, "accessToken"));
    char *out = token ? strdup(token) : NULL;
    json_decref(context);
    json_decref(sign);
    json_decref(none);
    free(plain);
    return out;
}

/* A call of the org's own API as its administrator; `body` NULL = a query of `path`. New reference, NULL = refused. */
static json_t *ask_org(const char *method, const char *path, const char *body)
{
    char authorization[600];
    char *token = admin_token();
    snprintf(authorization, sizeof authorization, "Authorization: Bearer %s", token ? token : "");
    struct answer a = ask(method, path, body, authorization);
    json_t *root = a.status >= 200 && a.status < 300 ? (a.n ? json_loadb(a.p, a.n, 0, NULL) : json_object()) : NULL;
    free(token);
    free(a.p);
    return root;
}

/* The rows of a query; NULL when the org refuses it. */
static json_t *query(const char *soql)
{
    char path[600] = "/services/data/v62.0/query?q=";
    char *escaped = curl_easy_escape(NULL, soql, 0);
    strncat(path, escaped ? escaped : "", sizeof path - strlen(path) - 1);
    curl_free(escaped);
    return ask_org("GET", path, NULL);
}

#endif
