/*
 * http.h - one request and one answer of the sandbox as plain data, so that every part can be tested without sockets.
 */
#ifndef SANDBOX_HTTP_HTTP_H
#define SANDBOX_HTTP_HTTP_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

enum {
    HTTP_FIELDS = 64,                 /* header lines of a request or of an answer */
    HTTP_BODY_MAX = 64 * 1024 * 1024, /* a ContentVersion of 37 MB as base64 is 50 MB */
    HTTP_UPLOAD_MAX = 100000000,      /* data of a bulk job: 150 MB once an org has made base64 of it */
    HTTP_METHOD_MAX = 8
};

struct http_field {
    char *name, *value; /* malloc'ed */
};

struct request {
    char method[HTTP_METHOD_MAX];
    char *target;      /* as it was sent: path?query */
    int address;       /* which of the server's addresses it came to, 0 = the first */
    char *path;        /* decoded */
    const char *query; /* raw, "" when there is none; points into target */
    struct http_field fields[HTTP_FIELDS];
    int n_fields;
    char *body; /* NUL-terminated; NULL when empty */
    size_t body_n;
};

/* What happens to the connection instead of a whole answer. */
enum cut {
    CUT_NONE,
    CUT_RESET, /* TCP reset, nothing sent */
    CUT_CLOSE, /* closed, nothing sent */
    CUT_HALF,  /* half of the body under the full Content-Length, then closed */
    CUT_NOISE  /* bytes that are not HTTP, then closed */
};

struct reply {
    int status;
    char *body; /* malloc'ed; NULL = empty */
    size_t body_n;
    struct http_field fields[HTTP_FIELDS];
    int n_fields;
    enum cut cut;
    int drip_ms; /* wait before each 16th of the body; 0 = at once */
};

/* Frees what a request holds; it is then empty. */
void request_free(struct request *rq);
/* The first header of that name, in any case; NULL when there is none. */
const char *request_field(const struct request *rq, const char *name);
/* The token of "Authorization: Bearer ..." (or OAuth, as the org accepts too); NULL when there is none. */
const char *request_bearer(const struct request *rq);
/* The decoded query member; malloc'ed, NULL when absent. */
char *request_query(const struct request *rq, const char *name);
/* The body as a JSON object without duplicate names; a new reference, NULL when it is not. An empty body is {}. */
json_t *request_object(const struct request *rq, char *why, size_t why_size);

/* Frees what a reply holds; it is then empty. */
void reply_free(struct reply *rp);
/* Adds a header line; beyond HTTP_FIELDS it is left out. Texts are copied. */
void reply_field(struct reply *rp, const char *name, const char *value);
/* The first header of that name, in any case; NULL when there is none. */
const char *reply_get(const struct reply *rp, const char *name);
/* Each of these replaces all that the reply held, headers too. reply_json takes the reference; without memory or with
 * NULL the status is 500. */
void reply_json(struct reply *rp, int status, json_t *json);
void reply_bytes(struct reply *rp, int status, const char *type, const void *p, size_t n);
void reply_empty(struct reply *rp, int status);
/* {"title": ..., "detail": ...}: the add-on's form, which the sandbox's own paths use too. */
void reply_problem(struct reply *rp, int status, const char *title, const char *detail);
/* [{"message": ..., "errorCode": ...}]: the org's form. */
void reply_org_error(struct reply *rp, int status, const char *code, const char *message);

/* A string member, or `otherwise` when absent or null; NULL with `why` filled when it is something else. */
const char *json_text(const json_t *object, const char *name, const char *otherwise, char *why, size_t why_size);

#endif
