/*
 * config.h - the settings: one table of name, type, range, default and meaning, read from the environment once.
 * A missing or bad value stops the start with the full list of faults.
 */
#ifndef ACTIONHOST_DECLARE_CONFIG_H
#define ACTIONHOST_DECLARE_CONFIG_H

#include "runtime/base/log.h"
#include "runtime/declare/declaration.h"
#include "runtime/net/hosts.h"

enum auth_mode { AUTH_ADDON, AUTH_JWKS, AUTH_ADDON_JWKS };

/* What is done about a token of another user than the one who is said to call. */
enum bind_user { BIND_USER_LOG, BIND_USER_ON, BIND_USER_OFF };

enum { CONFIG_ORIGIN = 200 /* characters of DOCS_SIGN_URL at most */ };

enum {
    JOBS_KEY_MIN = 32,   /* characters of a key in JOBS_KEY */
    PAGES_TOKEN_MIN = 20 /* and of PAGES_TOKEN */
};

/* Which processes need a setting; config_forget takes it from the others. */
enum setting_owner {
    OWNER_ALL = 0,
    OWNER_FRONT = 1, /* the front alone */
    OWNER_ADDON = 2, /* whoever asks the add-on: the front, or the jobs process where there is none */
    OWNER_JOBS = 4,  /* the jobs process alone */
    OWNER_WORKERS_NONE = OWNER_FRONT | OWNER_ADDON | OWNER_JOBS /* what no worker may know */
};

/* All of them as they are used: no text in it has to be read again. Each process has a copy. */
struct config {
    /* where it listens */
    int port; /* 0 = any free one */
    const char *bind;
    struct sockaddr_storage address; /* both of them for bind(2) */
    socklen_t address_n;
    /* the add-on; the front alone knows URL and token */
    struct span addon_url; /* without a slash at its end; empty = none, in the jwks mode */
    const char *addon_token, *app_id, *addon_name;
    enum auth_mode auth;
    enum bind_user bind_user; /* in the mode "addon" */
    const char *jwks_file, *jwks_url;
    struct span_list issuers, audiences; /* of the jwks modes, else empty */
    int jwks_max_age_s;
    const char *data_action_secrets_file;
    /* where tokens and fetches may go */
    struct hosts org_hosts, fetch_hosts;
    bool loopback;   /* the add-on is on loopback: plain http to loopback is allowed */
    bool plain_http; /* for the front's own requests: the add-on is on loopback, or the URL of keys is */
    /* workers */
    int workers_min, workers_max, worker_calls, worker_memory_mb, worker_idle_s;
    int queue_max, body_budget_mb, org_calls_max;
    /* deadlines */
    int request_timeout_ms, addon_timeout_ms;
    int replay_window_s, replay_max;
    /* jobs; the jobs process alone knows database and keys */
    const char *database_url, *jobs_db; /* PostgreSQL, and then the other is not used; path of a SQLite file */
    bool jobs;                          /* there is a database: stays when its address is forgotten */
    bool jobs_run;                      /* `serve` runs steps itself */
    int job_workers_max, jobs_poll_ms, jobs_keep_days;
    const char *jobs_keys;                 /* as they stand in the environment */
    struct span jobs_key, jobs_key_former; /* empty = none */
    struct span_list connections;          /* names of authorizations */
    struct span_list connections_callers;  /* ids of the orgs whose users may use each of them */
    /* events */
    struct span_list events_connections; /* those of `connections` to which listen subscribes */
    const char *pubsub_url;              /* an origin without a slash at its end: https, or http on loopback */
    /* extras */
    bool docs;
    struct span docs_sign_url; /* an origin: scheme, host, port; empty = none */
    const char *metrics_token, *pages_token;
    bool behind_router; /* of Heroku: it alone says from where a request comes */
    enum log_level log_level;
    int connections_max;
    int headers_timeout_ms, body_timeout_ms, idle_timeout_ms;
};

/*
 * Reads the environment. False: one line per fault in `faults`; what is wrong is then empty or the default. Texts and
 * spans stay owned by the environment or the program.
 */
bool config_load(struct config *c, struct buf *faults);

/* The same for a command that needs nothing but the database: the settings of jobs and LOG_LEVEL. The rest is zero. */
bool config_load_jobs(struct config *c, struct buf *faults);

/*
 * Adds one line to `faults`: the setting, its value (NULL = not to be shown; cut when it is long) and how to mend it.
 */
void config_fault(struct buf *faults, const char *name, const char *value, const char *mend);

/* Checks the names of the actions' settings: none may be that of a setting of the host. */
bool config_check_actions(const struct declarations *d, struct buf *faults);

/* Prints every setting, also those of the actions: name, value (secrets masked), default, meaning. */
void config_print(const struct declarations *d, bool markdown);

/*
 * Removes what belongs to these owners (bits of enum setting_owner) from this process: the environment's strings are
 * overwritten too, also those of variables that hold the same under another name.
 */
void config_forget(struct config *c, unsigned owners);

#endif
