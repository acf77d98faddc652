/*
 * sandbox.h - what the parts of the sandbox's server share. One struct, made at start; nothing else is global.
 */
#ifndef SANDBOX_SANDBOX_H
#define SANDBOX_SANDBOX_H

#include "sandbox/http.h"
#include "sandbox/keys.h"
#include "sandbox/org.h"

#include <pthread.h>
#include <stdbool.h>

#define SANDBOX_ADMIN "admin@example.com"
#define SANDBOX_API_VERSION "62.0"

enum { SANDBOX_ORGS = 2 };

struct settings {
    int port;
    char db[1024]; /* "" = in memory */
    char token[256];
    char app_id[64];
    bool app_learn; /* a host may say which app it is, as the add-on of a real app knows */
};

struct server;
struct faults;
struct calls;
struct sessions;
struct targets;
struct apps;

struct sandbox {
    struct settings settings;
    char url[64]; /* http://127.0.0.1:<port>: add-on, org, lenders and login URL in one */
    struct keys *keys;
    struct faults *faults;
    struct calls *calls;
    struct sessions *sessions;
    struct targets *targets;
    struct apps *apps;
    pthread_mutex_t lock;           /* of the members below */
    char host_url[256];             /* where the host listens */
    char app_id[64];                /* the app whose invocations are signed */
    struct org *orgs[SANDBOX_ORGS]; /* the sample org; a partner org, opened at its first use */
};

/* Answers a request. */
typedef void handler(struct sandbox *s, const struct request *rq, struct reply *rp);

/* NULL with `why` filled on failure. */
struct sandbox *sandbox_new(const struct settings *settings, const char *host_url, char *why, size_t why_size);
void sandbox_free(struct sandbox *s);

/* The id of an org by its number: 18 characters. */
const char *sandbox_org_id(int number);
/* NULL when it cannot be opened. */
struct org *sandbox_org(struct sandbox *s, int number);
void sandbox_host_url(struct sandbox *s, char out[256]);
void sandbox_app_id(struct sandbox *s, char out[64]);
/* Takes the id that a host announced, unless SANDBOX_APP_ID has fixed it. */
void sandbox_learn_app(struct sandbox *s, const char *id);
/* Only http to this machine: what the sandbox signs must not leave it. False when refused. */
bool sandbox_set_host(struct sandbox *s, const char *url);

/* Answers at 127.0.0.1:port (0 = any free one), which becomes the url of all its parts. NULL when it cannot listen. The
 * server goes first: server_stop(), then sandbox_free(). */
struct server *sandbox_listen(struct sandbox *s, int port);
/* Routes, faults and log around every request (routes.c). */
void sandbox_answer(struct sandbox *s, const struct request *rq, struct reply *rp);

/* The parts, one file each. */
handler addon_invocation, addon_data_action, addon_authorization, addon_announce;
handler oauth_token, oauth_authorize, oauth_userinfo, oauth_identity, oauth_revoke, oauth_introspect, oauth_discovery;
handler invoke_action, invoke_data_action, sign_request;
handler lender_apr, lender_quotes;
handler control_reset, control_expire, control_settings, control_targets, control_keys, control_apps, control_objects,
    control_permissions, control_record_faults, control_clock, control_faults, control_log;

#endif
