/* config_table.c - every setting of the host: name, type, range, default, meaning. */
#include <stdlib.h>
#include <string.h>

#include "runtime/base/build.h"
#include "runtime/base/limits.h"
#include "runtime/declare/config_parts.h"

/* A call that takes longer than a drain could be cut off by a stop. In a debug build people sit in front of debuggers.
 */
enum { REQUEST_MAX_MS = BUILD_DEBUG ? 120000 : LIMIT_DRAIN_MS };

#define AT(member) offsetof(struct config, member)
const struct setting config_table[] = {
    { "PORT", NUMBER, AT(port), 0, 65535, "8080", "port that the host listens on; 0 takes any free one", OWNER_ALL },
    { "BIND", TEXT, AT(bind), 0, 0, "0.0.0.0", "address that the host listens on", OWNER_ALL },
    { "HEROKU_APPLINK_ADDON_NAME", TEXT, AT(addon_name), 0, 0, "HEROKU_APPLINK",
      "attachment or colour of the add-on whose _API_URL and _TOKEN are used", OWNER_ALL },
    { "HEROKU_APPLINK_API_URL", LATER, 0, 0, 0, NULL, "API of the AppLink add-on; set by the add-on", OWNER_ADDON },
    { "HEROKU_APPLINK_TOKEN", SECRET, AT(addon_token), 0, 0, NULL, "token for that API; set by the add-on",
      OWNER_ADDON },
    { "HEROKU_APP_ID", TEXT, AT(app_id), 0, 0, NULL, "id of this app; invocations for another app are refused",
      OWNER_ALL },
    { "APPLINK_AUTH", MODE, AT(auth), 0, 0, "addon",
      "who authenticates an invocation: addon, jwks or addon+jwks (both must agree)", OWNER_ALL },
    { "APPLINK_BIND_USER", BINDING, AT(bind_user), 0, 0, "log",
      "in the mode addon, a token whose sub is uid: and the id of another user than the caller's: log it, on = refuse "
      "it, "
      "off",
      OWNER_ALL },
    { "APPLINK_JWKS_FILE", TEXT, AT(jwks_file), 0, 0, NULL, "file with the keys (JWKS) for the jwks modes",
      OWNER_FRONT },
    { "APPLINK_JWKS_URL", TEXT, AT(jwks_url), 0, 0, NULL, "https URL of the keys (JWKS), instead of the file",
      OWNER_FRONT },
    { "APPLINK_ISSUERS", LATER, 0, 0, 0, NULL, "issuers that are accepted in the jwks modes, separated by comma",
      OWNER_ALL },
    { "APPLINK_AUDIENCES", LATER, 0, 0, 0, NULL, "audiences that are accepted in the jwks modes, separated by comma",
      OWNER_ALL },
    { "JWKS_MAX_AGE_S", NUMBER, AT(jwks_max_age_s), 60, 2592000, "86400",
      "how long the last good keys are used when no newer ones can be had", OWNER_ALL },
    { "DATA_ACTION_SECRETS_FILE", TEXT, AT(data_action_secrets_file), 0, 0, NULL,
      "JSON file {\"<orgId>/<apiName>\": [\"secret\", \"previous\"]}: data actions are then verified here, else by the "
      "add-on",
      OWNER_FRONT },
    { "ORG_HOSTS", LATER, 0, 0, 0, "*.my.salesforce.com", "hosts to which a user's token may go, separated by comma",
      OWNER_ALL },
    { "FETCH_HOSTS", LATER, 0, 0, 0, "", "hosts from which actions may fetch public data, separated by comma",
      OWNER_ALL },
    { "WORKERS_MIN", NUMBER, AT(workers_min), 1, 64, "2", "worker processes that are always there", OWNER_ALL },
    { "WORKERS_MAX", NUMBER, AT(workers_max), 1, 64, "16",
      "worker processes at most, which is also the number of calls that run at once", OWNER_ALL },
    { "WORKER_CALLS", NUMBER, AT(worker_calls), 1, 1000000000, "1000",
      "calls after which a worker is replaced; 1 = a fresh process per call", OWNER_ALL },
    { "WORKER_MEMORY_MB", NUMBER, AT(worker_memory_mb), 32, 65536, "256", "memory that a worker may allocate",
      OWNER_ALL },
    { "WORKER_IDLE_S", NUMBER, AT(worker_idle_s), 1, 86400, "60",
      "idle time after which a worker above WORKERS_MIN leaves", OWNER_ALL },
    { "QUEUE_MAX", NUMBER, AT(queue_max), 1, 100000, "256",
      "calls that may wait for a worker; one more is refused with 503", OWNER_ALL },
    { "BODY_BUDGET_MB", NUMBER, AT(body_budget_mb), 1, 4096, "64", "memory for all request bodies together",
      OWNER_ALL },
    { "ORG_CALLS_MAX", NUMBER, AT(org_calls_max), 1, 64, "20",
      "invocations of one org that run at once; further ones wait", OWNER_ALL },
    { "REQUEST_TIMEOUT_MS", NUMBER, AT(request_timeout_ms), 100, REQUEST_MAX_MS, "25000",
      "time for one invocation; the Heroku router gives up at 30 s", OWNER_ALL },
    { "ADDON_TIMEOUT_MS", NUMBER, AT(addon_timeout_ms), 50, 20000, "3000", "time for one call to the add-on",
      OWNER_ALL },
    { "REPLAY_WINDOW_S", NUMBER, AT(replay_window_s), 1, 86400, "300", "how long an invocation's id is remembered",
      OWNER_ALL },
    { "REPLAY_MAX", NUMBER, AT(replay_max), 16, 16777216, "65536",
      "ids that are remembered at most; one more is refused with 503", OWNER_ALL },
    { "DATABASE_URL", SECRET, AT(database_url), 0, 0, NULL,
      "postgres:// URL of the database of jobs, over TLS unless it is on this machine; without it and JOBS_DB there "
      "are "
      "no jobs",
      OWNER_JOBS },
    { "JOBS_DB", TEXT, AT(jobs_db), 0, 0, NULL,
      "SQLite file of jobs, where DATABASE_URL is unset; for programs of one machine, not on Heroku", OWNER_JOBS },
    { "JOBS_RUN", LATER, 0, 0, 0, "auto",
      "whether serve runs steps of jobs itself: auto (with SQLite it does, with PostgreSQL it leaves them to work), "
      "on, "
      "off",
      OWNER_ALL },
    { "JOB_WORKERS_MAX", NUMBER, AT(job_workers_max), 1, 64, "6",
      "worker processes for steps of jobs at most, besides those for calls", OWNER_ALL },
    { "JOBS_POLL_MS", NUMBER, AT(jobs_poll_ms), 50, 60000, "1000",
      "how often to look for work when no wake-up can reach, as behind PgBouncer", OWNER_ALL },
    { "JOBS_KEY", SECRET, AT(jobs_keys), 0, 0, NULL,
      "key of 32 characters or more under which callers' tokens wait with their jobs; a second, former one may follow "
      "after a comma",
      OWNER_JOBS },
    { "JOBS_KEEP_DAYS", NUMBER, AT(jobs_keep_days), 1, 365, "7", "days that ended jobs are kept", OWNER_ALL },
    { "CONNECTIONS", LATER, 0, 0, 0, "",
      "names of the authorizations of orgs that jobs may run as and views of several orgs show, separated by comma",
      OWNER_ALL },
    { "CONNECTIONS_CALLERS", LATER, 0, 0, 0, "",
      "ids of the orgs whose users may use every connection, separated by comma; anybody else reaches only his own org",
      OWNER_ALL },
    { "EVENTS_CONNECTIONS", LATER, 0, 0, 0, NULL,
      "those of CONNECTIONS whose events listen hears, separated by comma; all of them when it is unset", OWNER_ALL },
    { "PUBSUB_URL", LATER, 0, 0, 0, "https://api.pubsub.salesforce.com:7443", "where the Pub/Sub API of the orgs is",
      OWNER_ALL },
    { "CONNECTIONS_MAX", NUMBER, AT(connections_max), 1, 60000, "1000", "open connections at most", OWNER_ALL },
    { "HEADERS_TIMEOUT_MS", NUMBER, AT(headers_timeout_ms), 100, 120000, "10000",
      "time from a connection's start to the end of its request headers", OWNER_ALL },
    { "BODY_TIMEOUT_MS", NUMBER, AT(body_timeout_ms), 100, 120000, "20000", "time to receive a request body",
      OWNER_ALL },
    { "IDLE_TIMEOUT_MS", NUMBER, AT(idle_timeout_ms), 100, 600000, "95000",
      "time a kept-alive connection may wait for its next request; above 90000 on Heroku, whose router keeps it for 90 "
      "s",
      OWNER_ALL },
    { "DOCS", ON_OFF, AT(docs), 0, 0, "off", "on: GET /docs and GET /openapi.json are served", OWNER_ALL },
    { "DOCS_SIGN_URL", LATER, 0, 0, 0, "", "sandbox that signs what the docs page tries out", OWNER_ALL },
    { "METRICS_TOKEN", SECRET, AT(metrics_token), 0, 0, NULL,
      "bearer token for GET /metrics; without it there is no such page", OWNER_FRONT },
    { "PAGES_TOKEN", SECRET, AT(pages_token), 0, 0, NULL,
      "password of the pages at /jobs and /portal, 20 characters or more; without it there are no such pages",
      OWNER_FRONT },
    { "LOG_LEVEL", LEVEL, AT(log_level), 0, 0, "info", "error, warn, info or debug", OWNER_ALL },
    { NULL, LATER, 0, 0, 0, NULL, NULL, OWNER_ALL },
};

const char *config_text_of(const char *name)
{
    const struct setting *s = config_table;
    while (strcmp(s->name, name) != 0)
        s++;
    return config_text(s);
}

const char *config_text(const struct setting *s)
{
    const char *value = getenv(s->name);
    return value && *value ? value : s->fallback;
}
