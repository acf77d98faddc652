/* org_stub.c - an org without records: knows its users and answers every request with 404. */
#include "sandbox/org.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct org {
    int unused;
};

struct org *org_open(const char *path, char *why, size_t why_size)
{
    (void)path, (void)why, (void)why_size;
    return calloc(1, sizeof(struct org));
}

void org_close(struct org *o)
{
    free(o);
}

void org_handle(struct org *o, const struct org_request *request, struct org_reply *reply)
{
    (void)o, (void)request;
    reply->status = 404;
    reply->body = strdup("[{\"errorCode\":\"NOT_FOUND\",\"message\":\"The requested resource does not exist\"}]");
    reply->body_n = reply->body ? strlen(reply->body) : 0;
    snprintf(reply->content_type, sizeof reply->content_type, "application/json;charset=UTF-8");
}

bool org_reset(struct org *o)
{
    return o != NULL;
}

bool org_describe_object(struct org *o, const char *json, size_t n, char *why, size_t why_size)
{
    (void)o, (void)json, (void)n;
    snprintf(why, why_size, "this org has no objects");
    return false;
}

bool org_find_user(struct org *o, const char *id_or_name, struct org_user *user)
{
    (void)o;
    if (strcmp(id_or_name, "admin@example.com") != 0 && strcmp(id_or_name, "005xx000001X8UzAAK") != 0)
        return false;
    snprintf(user->id, sizeof user->id, "005xx000001X8UzAAK");
    snprintf(user->username, sizeof user->username, "admin@example.com");
    return true;
}
