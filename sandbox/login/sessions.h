/*
 * sessions.h - access tokens, refresh tokens and authorization codes of the sandbox's users, in memory and bounded.
 */
#ifndef SANDBOX_LOGIN_SESSIONS_H
#define SANDBOX_LOGIN_SESSIONS_H

#include <stdbool.h>

#include "sandbox/org/org.h"

enum {
    SESSION_TOKEN_MAX = 128,
    SESSIONS_MAX = 4096, /* the oldest gives way */
    SESSION_LIFE_S = 7200,
    CODE_LIFE_S = 900,
    REFRESH_LIFE_S = 90 * 24 * 3600
};

enum session_kind { SESSION_NONE, SESSION_ACCESS, SESSION_REFRESH, SESSION_CODE };

struct session {
    enum session_kind kind;
    int org; /* number */
    struct org_user user;
    char client_id[64];     /* "" for signed invocations */
    char redirect_uri[256]; /* of a code */
    unsigned long family;   /* shared by a refresh token and what it granted; 0 = none */
    long long expires_ms;
};

struct sessions;
/* NULL without memory. */
struct sessions *sessions_new(void);
void sessions_free(struct sessions *s);

/* Makes a token for what `session` says; it expires after life_s. */
bool sessions_open(struct sessions *s, const struct session *session, int life_s, char token[SESSION_TOKEN_MAX]);
/* The user's access token for signed invocations: the same one while it is less than half spent. */
bool sessions_for(struct sessions *s, int org, const struct org_user *user, char token[SESSION_TOKEN_MAX]);
/* False when the token is unknown, of another kind, expired or revoked. */
bool sessions_find(struct sessions *s, const char *token, enum session_kind kind, struct session *out);
/* Revokes a token; a refresh token takes along all access tokens of its family. */
bool sessions_close(struct sessions *s, const char *token);
/* A number for a new family. */
unsigned long sessions_family(struct sessions *s);
/* Ends access tokens: of one user (id or name), of the whole of the sandbox when NULL. Returns how many. */
int sessions_expire(struct sessions *s, const char *user);

#endif
