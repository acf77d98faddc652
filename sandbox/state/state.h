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

/* Each org has an address of its own, 127.0.0.1 and on, and answers there only. */
enum { SANDBOX_ORGS = 3 };

struct settings {
    int port, pubsub_port;
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
struct callbacks;
struct bulk;
struct pubsub;

struct sandbox {
    struct settings settings;
    char urls[SANDBOX_ORGS][64]; /* http://127.0.0.<n>:<port> of each org; the first is add-on and lenders too */
    struct keys *keys;
    struct faults *faults;
    struct calls *calls;
    struct sessions *sessions;
    struct targets *targets;
    struct apps *apps;
    struct callbacks *callbacks;
    struct bulk *bulk;
    struct pubsub *pubsub;
    struct model *models[SANDBOX_ORGS]; /* how slowly each org answers */
    pthread_mutex_t lock;               /* of the members below */
    char host_url[256];                 /* where the host listens */
    char app_id[64];                    /* the app whose invocations are signed */
    struct org *orgs[SANDBOX_ORGS];     /* the sample org; the others are opened at their first use */
    void (*opened)(void *ctx, int number, struct org *org); /* NULL = nobody wants to know */
    void *opened_ctx;
};

/* Answers a request. */
typedef void handler(struct sandbox *s, const struct request *rq, struct reply *rp);

/* Of an org by its number: its id (18 characters), its name, and the version of the API that it is asked by. */
const char *sandbox_org_id(int number);
const char *sandbox_org_name(int number);
const char *sandbox_api_version(int number);
/* The number of an org by its name; -1 when there is none. */
int sandbox_org_number(const char *name);
/* Fills the urls. */
void sandbox_set_port(struct sandbox *s, int port);
/* The org by its number, which stays open until the end; NULL when it cannot be opened. */
struct org *sandbox_org(struct sandbox *s, int number);
/* Calls `opened` for every org that is open, and for each that will be; once, before there are several threads. */
void sandbox_on_open(struct sandbox *s, void (*opened)(void *ctx, int number, struct org *org), void *ctx);
/* Copies of what may change while the sandbox runs: where the host listens, and which app it is. */
void sandbox_host_url(struct sandbox *s, char out[256]);
void sandbox_app_id(struct sandbox *s, char out[64]);
/* Takes the id that a host announced, unless SANDBOX_APP_ID has fixed it. */
void sandbox_learn_app(struct sandbox *s, const char *id);
/* Only http to this machine: what the sandbox signs must not leave it. False when refused. */
bool sandbox_set_host(struct sandbox *s, const char *url);

#endif
