/*
 * state.h - what the parts of the sandbox's server share. One struct, made at start; nothing else is global.
 */
#ifndef SANDBOX_STATE_STATE_H
#define SANDBOX_STATE_STATE_H

#include <pthread.h>
#include <stdbool.h>

#include "sandbox/http/http.h"
#include "sandbox/org/org.h"

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

struct keys;
struct faults;
struct calls;
struct sessions;
struct targets;
struct apps;
struct model;

struct sandbox {
    struct settings settings;
    char url[64]; /* http://127.0.0.1:<port>: add-on, org, lenders and login URL in one */
    struct keys *keys;
    struct faults *faults;
    struct calls *calls;
    struct sessions *sessions;
    struct targets *targets;
    struct apps *apps;
    struct model *models[SANDBOX_ORGS]; /* how slowly each org answers */
    pthread_mutex_t lock;               /* of the members below */
    char host_url[256];                 /* where the host listens */
    char app_id[64];                    /* the app whose invocations are signed */
    struct org *orgs[SANDBOX_ORGS];     /* the sample org; a partner org, opened at its first use */
};

/* Answers a request. */
typedef void handler(struct sandbox *s, const struct request *rq, struct reply *rp);

/* The id of an org by its number: 18 characters. */
const char *sandbox_org_id(int number);
/* The org by its number, which stays open until the end; NULL when it cannot be opened. */
struct org *sandbox_org(struct sandbox *s, int number);
/* Copies of what may change while the sandbox runs: where the host listens, and which app it is. */
void sandbox_host_url(struct sandbox *s, char out[256]);
void sandbox_app_id(struct sandbox *s, char out[64]);
/* Takes the id that a host announced, unless SANDBOX_APP_ID has fixed it. */
void sandbox_learn_app(struct sandbox *s, const char *id);
/* Only http to this machine: what the sandbox signs must not leave it. False when refused. */
bool sandbox_set_host(struct sandbox *s, const char *url);

#endif
