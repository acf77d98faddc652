/*
 * org.h - the sandbox's Salesforce org: one REST request in, one answer out. Knows no sockets.
 */
#ifndef SANDBOX_ORG_H
#define SANDBOX_ORG_H

#include <stdbool.h>
#include <stddef.h>

struct org;

struct org_user {
    char id[19];       /* 005... */
    char username[128];
};

struct org_request {
    const char *method;       /* GET POST PATCH PUT DELETE HEAD */
    const char *path;         /* decoded, with /services/data in front */
    const char *query;        /* raw text behind the "?", "" when none */
    const char *content_type; /* "" when none */
    const char *accept_call_options; /* header Sforce-Query-Options or "" */
    const void *body;
    size_t body_n;
    struct org_user user;     /* who calls: decides field and object permissions */
};

struct org_reply {
    int status;
    char *body;               /* malloc; NULL = empty */
    size_t body_n;
    char content_type[80];
    char location[200];       /* header Location, "" = none */
    char limit_info[80];      /* header Sforce-Limit-Info, "" = none */
};

/* Opens the org in `path` (NULL = in memory) and loads the embedded objects and sample records if it is empty. */
struct org *org_open(const char *path, char *why, size_t why_size);
void org_close(struct org *o);

/* Answers one request. Safe to call from several threads. The caller frees reply->body. */
void org_handle(struct org *o, const struct org_request *request, struct org_reply *reply);

/* Back to the sample data. */
bool org_reset(struct org *o);

/* Adds or replaces an object description (the text of a file like those in sandbox/objects). */
bool org_describe_object(struct org *o, const char *json, size_t n, char *why, size_t why_size);

/* Looks a user of the org up by id or by user name; false when there is none. */
bool org_find_user(struct org *o, const char *id_or_name, struct org_user *user);

/* The org's own id and facts. */
#define ORG_ID "00Dxx0000001gPLEAY"

#endif
