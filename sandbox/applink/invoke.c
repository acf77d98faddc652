/*
 * invoke.c - plays Salesforce: signs an invocation or a data action, calls the host with libcurl, and gives back what
 * the host answered, unchanged.
 */
#include <ctype.h>
#include <curl/curl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "sandbox/applink/routes.h"
#include "sandbox/applink/sign.h"
#include "sandbox/applink/targets.h"
#include "sandbox/base/encoding.h"
#include "sandbox/base/system.h"
#include "sandbox/base/text.h"

enum { INVOKE_TIMEOUT_S = 120, INVOKE_HEADERS_MAX = 64 * 1024 }; /* an Apex callout lasts 120 s at most */

struct answer {
    struct text body;
    struct reply *rp;
};

static size_t take_body(char *p, size_t size, size_t n, void *user)
{
    struct answer *a = user;
    return text_add(&a->body, p, size * n) ? size * n : 0;
}

/* Headers that belong to one connection, or that the sandbox's own answer makes anew. */
static bool hop_header(const char *name)
{
    static const char *const names[] = { "Connection",     "Keep-Alive", "Transfer-Encoding",
                                         "Content-Length", "Trailer",    "Upgrade" };
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (strcasecmp(name, names[i]) == 0)
            return true;
    return false;
}

static size_t take_header(char *p, size_t size, size_t n, void *user)
{
    struct answer *a = user;
    char line[8192];
    n *= size;
    if (n >= sizeof line)
        return 0;
    memcpy(line, p, n);
    line[n] = 0;
    if (strncmp(line, "HTTP/", 5) == 0) { /* a 100 Continue may come before the answer */
        reply_empty(a->rp, 0);
        return n;
    }
    char *colon = strchr(line, ':');
    if (!colon)
        return n;
    *colon = 0;
    char *value = colon + 1 + strspn(colon + 1, " \t"), *end = value + strlen(value);
    while (end > value && isspace((unsigned char)end[-1]))
        *--end = 0;
    if (!hop_header(line))
        reply_field(a->rp, line, value);
    return n;
}

static struct curl_slist *header_line(struct curl_slist *list, const char *name, const char *value)
{
    struct text line = { .max = INVOKE_HEADERS_MAX };
    struct curl_slist *longer = NULL;
    if (text_fmt(&line, "%s: %s", name, value))
        longer = curl_slist_append(list, line.p);
    text_free(&line);
    return longer ? longer : list;
}

/* Passes on what the sandbox's caller said about the body and its trace. */
static struct curl_slist *passed_on(struct curl_slist *list, const struct request *rq)
{
    static const char *const names[] = { "traceparent", "tracestate", "Accept" };
    const char *type = request_field(rq, "Content-Type");
    /* what curl -d says when nobody said otherwise */
    if (!type || strcasecmp(type, "application/x-www-form-urlencoded") == 0)
        type = "application/json";
    list = header_line(list, "Content-Type", type);
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (request_field(rq, names[i]))
            list = header_line(list, names[i], request_field(rq, names[i]));
    return header_line(list, "Expect", "");
}

static void call_host(const char *url, struct curl_slist *headers, const struct request *rq, struct reply *rp)
{
    struct answer answer = { .body = { .max = HTTP_BODY_MAX }, .rp = rp };
    char why[CURL_ERROR_SIZE] = "";
    long status = 0;
    CURLcode rc = CURLE_FAILED_INIT;
    CURL *curl = curl_easy_init();
    reply_empty(rp, 0);
    if (curl) {
        curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
        curl_easy_setopt(curl, CURLOPT_URL, url);
        curl_easy_setopt(curl, CURLOPT_PROXY, "");
        curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "http");
        curl_easy_setopt(curl, CURLOPT_TIMEOUT, (long)INVOKE_TIMEOUT_S);
        curl_easy_setopt(curl, CURLOPT_POST, 1L);
        curl_easy_setopt(curl, CURLOPT_POSTFIELDS, rq->body ? rq->body : "");
        curl_easy_setopt(curl, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)rq->body_n);
        curl_easy_setopt(curl, CURLOPT_HTTPHEADER, headers);
        curl_easy_setopt(curl, CURLOPT_HEADERFUNCTION, take_header);
        curl_easy_setopt(curl, CURLOPT_HEADERDATA, &answer);
        curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, take_body);
        curl_easy_setopt(curl, CURLOPT_WRITEDATA, &answer);
        curl_easy_setopt(curl, CURLOPT_ERRORBUFFER, why);
        rc = curl_easy_perform(curl);
        curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &status);
    }
    curl_easy_cleanup(curl);
    if (rc != CURLE_OK || !status) {
        struct text detail = { .max = 1024 };
        text_fmt(&detail, "%s: %s", url, *why ? why : curl_easy_strerror(rc));
        reply_problem(rp, 502, "The host did not answer", detail.p ? detail.p : "");
        reply_field(rp, "x-sandbox-error", "host_unreachable");
        text_free(&detail);
    } else {
        rp->status = (int)status;
        rp->body = text_take(&answer.body, &rp->body_n);
    }
    text_free(&answer.body);
}

/* The last segment of the path when it can be an operation id; NULL otherwise. */
static const char *operation_of(const struct request *rq)
{
    const char *name = strrchr(rq->path, '/') + 1;
    for (const char *p = name; *p; p++)
        if (!isalnum((unsigned char)*p) && *p != '_' && *p != '-')
            return NULL;
    return *name && strlen(name) <= 128 ? name : NULL;
}

/* The wishes of sign.h that make sense in a query: ?user=..., ?alg=ES256 and so on. */
static json_t *query_wishes(const struct request *rq)
{
    static const struct {
        const char *member, *wish;
    } map[] = {
        { "user", "username" },       { "userId", "userId" }, { "apiVersion", "apiVersion" },
        { "requestId", "requestId" }, { "alg", "alg" },       { "namespace", "namespace" },
    };
    json_t *wishes = json_object();
    char *org = request_query(rq, "org");
    for (size_t i = 0; i < sizeof map / sizeof *map; i++) {
        char *value = request_query(rq, map[i].member);
        if (value)
            json_object_set_new(wishes, map[i].wish, json_string(value));
        free(value);
    }
    if (org)
        json_object_set_new(wishes, "org", json_integer(sandbox_org_number(org)));
    free(org);
    return wishes;
}

void invoke_action(struct sandbox *s, const struct request *rq, struct reply *rp)
{
    const char *operation = operation_of(rq);
    if (!operation) {
        reply_problem(rp, 404, "Not Found", "Invoke with POST /sandbox/invoke/<operationId>.");
        return;
    }
    char why[256] = "", host[256], url[512];
    json_t *wishes = query_wishes(rq), *headers = sign_headers(s, wishes, why, sizeof why);
    json_decref(wishes);
    if (!headers) {
        reply_problem(rp, 400, "Cannot sign", why);
        return;
    }
    struct curl_slist *list = NULL;
    const char *name;
    json_t *value;
    json_object_foreach (headers, name, value)
        list = header_line(list, name, json_string_value(value));
    list = passed_on(list, rq);
    sandbox_host_url(s, host);
    snprintf(url, sizeof url, "%s/api/%s", host, operation);
    call_host(url, list, rq, rp);
    curl_slist_free_all(list);
    json_decref(headers);
}

/* What a data action is made of: where it goes, and for which target of which org. */
struct data_action {
    const char *operation, *org, *target;
};

/* Signs with the target's secret and sends, as Data Cloud does. */
static void send_data_action(struct sandbox *s, const struct data_action *a, const struct request *rq, struct reply *rp)
{
    char secret[TARGET_SECRET_MAX], host[256], url[768], uuid[37];
    if (!targets_secret(s->targets, a->org, a->target, secret)) {
        reply_problem(rp, 404, "No such data action target",
                      "There is " TARGET_SAMPLE "; make others with POST /sandbox/data-action-targets.");
        return;
    }
    char *signature = hmac_base64(secret, rq->body ? rq->body : "", rq->body_n);
    if (!signature) {
        reply_problem(rp, 500, "Internal Server Error", "could not sign");
        return;
    }
    uuid_text(uuid);
    struct curl_slist *list = header_line(NULL, "x-request-id", uuid);
    list = passed_on(header_line(list, "x-signature", signature), rq);
    sandbox_host_url(s, host);
    snprintf(url, sizeof url, "%s/api/%s?orgId=%s&apiName=%s", host, a->operation, a->org, a->target);
    call_host(url, list, rq, rp);
    curl_slist_free_all(list);
    free(signature);
}

/* POST /sandbox/data-action/<operationId>?apiName=...&orgId=... */
void invoke_data_action(struct sandbox *s, const struct request *rq, struct reply *rp)
{
    char *name = request_query(rq, "apiName"), *org_id = request_query(rq, "orgId");
    struct data_action action = { operation_of(rq), org_id ? org_id : sandbox_org_id(0), name ? name : TARGET_SAMPLE };
    if (action.operation)
        send_data_action(s, &action, rq, rp);
    else
        reply_problem(rp, 404, "Not Found", "Send with POST /sandbox/data-action/<operationId>?apiName=<target>.");
    free(name);
    free(org_id);
}
