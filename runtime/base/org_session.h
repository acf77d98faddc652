/*
 * org_session.h - what it takes to call an org as somebody: where it is, which API version, whose token. Shared by the
 * front, which gets named authorizations, and by workers, which use them.
 */
#ifndef ACTIONHOST_BASE_ORG_SESSION_H
#define ACTIONHOST_BASE_ORG_SESSION_H

#include "runtime/base/limits.h"
#include "runtime/base/record_id.h"

/* All texts are terminated. Whoever holds one wipes it (bytes_wipe) when it is no longer needed. */
struct org_session {
    char id[RECORD_ID_SIZE];
    char url[512];        /* scheme and host, no slash at the end: https://x.my.salesforce.com */
    char api_version[16]; /* "62.0", without the v */
    char user_id[RECORD_ID_SIZE];
    char username[256];
    char token[LIMIT_ACCESS_TOKEN];
    char authorization[81]; /* name, when it is a named authorization; "" for the caller's own org */
};

/* What our writes say they come from (Sforce-Call-Options), and what the change events of them say in turn. */
#define ORG_CLIENT "actionhost"

/* What the org did during a call, for the breaker in the front. */
enum org_outcome { ORG_UNUSED, ORG_OK, ORG_FAULT };

#endif
