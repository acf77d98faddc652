/* config.c - the table of settings and its reader. */
#include "runtime/declare/config.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netdb.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "runtime/net/hosts.h"

enum { SHOWN = 200 }; /* of a value that is wrong, with its NUL */

enum kind { TEXT, SECRET, NUMBER, MODE, LEVEL, ON_OFF };

struct setting {
    const char *name;
    enum kind kind;
    size_t offset;
    long min, max;
    const char *fallback; /* NULL = none */
    const char *help;
    bool addon; /* only the front may know it */
};

#define AT(member) offsetof(struct config, member)
static const struct setting table[] = {
    { "PORT", NUMBER, AT(port), 0, 65535, "8080", "port that the host listens on; 0 takes any free one", false },
    { "BIND", TEXT, AT(bind), 0, 0, "0.0.0.0", "address that the host listens on", false },
    { "HEROKU_APPLINK_ADDON_NAME", TEXT, AT(addon_name), 0, 0, "HEROKU_APPLINK",
      "attachment or colour of the add-on whose _API_URL and _TOKEN are used", false },
    { "HEROKU_APPLINK_API_URL", TEXT, AT(addon_url), 0, 0, NULL, "API of the AppLink add-on; set by the add-on", true },
    { "HEROKU_APPLINK_TOKEN", SECRET, AT(addon_token), 0, 0, NULL, "token for that API; set by the add-on", true },
    { "HEROKU_APP_ID", TEXT, AT(app_id), 0, 0, NULL, "id of this app; invocations for another app are refused", false },
    { "APPLINK_AUTH", MODE, AT(auth), 0, 0, "addon",
      "who authenticates an invocation: addon, jwks or addon+jwks (both must agree)", false },
    { "APPLINK_JWKS_FILE", TEXT, AT(jwks_file), 0, 0, NULL, "file with the keys (JWKS) for the jwks modes", true },
    { "APPLINK_JWKS_URL", TEXT, AT(jwks_url), 0, 0, NULL, "https URL of the keys (JWKS), instead of the file", true },
    { "APPLINK_ISSUERS", TEXT, AT(issuers), 0, 0, NULL,
      "issuers that are accepted in the jwks modes, separated by comma", false },
    { "APPLINK_AUDIENCES", TEXT, AT(audiences), 0, 0, NULL,
      "audiences that are accepted in the jwks modes, separated by comma", false },
    { "JWKS_MAX_AGE_S", NUMBER, AT(jwks_max_age_s), 60, 2592000, "86400",
      "how long the last good keys are used when no newer ones can be had", false },
    { "DATA_ACTION_SECRETS_FILE", TEXT, AT(data_action_secrets_file), 0, 0, NULL,
      "JSON file {\"<orgId>/<apiName>\": [\"secret\", \"previous\"]}: data actions are then verified here, else by the "
      "add-on",
      true },
    { "ORG_HOSTS", TEXT, AT(org_hosts), 0, 0, "*.my.salesforce.com",
      "hosts to which a user's token may go, separated by comma", false },
    { "FETCH_HOSTS", TEXT, AT(fetch_hosts), 0, 0, "",
      "hosts from which actions may fetch public data, separated by comma", false },
    { "WORKERS_MIN", NUMBER, AT(workers_min), 1, 64, "2", "worker processes that are always there", false },
    { "WORKERS_MAX", NUMBER, AT(workers_max), 1, 64, "16",
      "worker processes at most, which is also the number of calls that run at once", false },
    { "WORKER_CALLS", NUMBER, AT(worker_calls), 1, 1000000000, "1000",
      "calls after which a worker is replaced; 1 = a fresh process per call", false },
    { "WORKER_MEMORY_MB", NUMBER, AT(worker_memory_mb), 32, 65536, "256", "memory that a worker may allocate", false },
    { "WORKER_IDLE_S", NUMBER, AT(worker_idle_s), 1, 86400, "60",
      "idle time after which a worker above WORKERS_MIN leaves", false },
    { "QUEUE_MAX", NUMBER, AT(queue_max), 1, 100000, "256",
      "calls that may wait for a worker; one more is refused with 503", false },
    { "BODY_BUDGET_MB", NUMBER, AT(body_budget_mb), 1, 4096, "64", "memory for all request bodies together", false },
    { "ORG_CALLS_MAX", NUMBER, AT(org_calls_max), 1, 64, "20",
      "invocations of one org that run at once; further ones wait", false },
    { "REQUEST_TIMEOUT_MS", NUMBER, AT(request_timeout_ms), 100, 120000, "25000",
      "time for one invocation; the Heroku router gives up at 30 s", false },
    { "ADDON_TIMEOUT_MS", NUMBER, AT(addon_timeout_ms), 50, 20000, "3000", "time for one call to the add-on", false },
    { "REPLAY_WINDOW_S", NUMBER, AT(replay_window_s), 1, 86400, "300", "how long an invocation's id is remembered",
      false },
    { "REPLAY_MAX", NUMBER, AT(replay_max), 16, 16777216, "65536",
      "ids that are remembered at most; one more is refused with 503", false },
    { "CONNECTIONS_MAX", NUMBER, AT(connections_max), 1, 60000, "1000", "open connections at most", false },
    { "HEADERS_TIMEOUT_MS", NUMBER, AT(headers_timeout_ms), 100, 120000, "10000",
      "time from a connection's start to the end of its request headers", false },
    { "BODY_TIMEOUT_MS", NUMBER, AT(body_timeout_ms), 100, 120000, "20000", "time to receive a request body", false },
    { "IDLE_TIMEOUT_MS", NUMBER, AT(idle_timeout_ms), 100, 600000, "90000",
      "time a kept-alive connection may wait for its next request", false },
    { "DOCS", ON_OFF, AT(docs), 0, 0, "off", "on: GET /docs and GET /openapi.json are served", false },
    { "DOCS_SIGN_URL", TEXT, AT(docs_sign_url), 0, 0, "", "sandbox that signs what the docs page tries out", false },
    { "METRICS_TOKEN", SECRET, AT(metrics_token), 0, 0, NULL,
      "bearer token for GET /metrics; without it there is no such page", true },
    { "LOG_LEVEL", LEVEL, AT(log_level), 0, 0, "info", "error, warn, info or debug", false },
};
enum { SETTINGS = sizeof table / sizeof *table };

void config_fault(struct buf *faults, const char *name, const char *value, const char *what)
{
    char shown[SHOWN];
    if (!value) {
        buf_fmt(faults, "%s: %s\n", name, what);
        return;
    }
    snprintf(shown, sizeof shown, "%s", value);
    for (char *p = shown; *p; p++)
        if ((unsigned char)*p < 0x20 || *p == 0x7f)
            *p = '?'; /* a fault is one line */
    buf_fmt(faults, "%s is \"%s%s\": %s\n", name, shown, strlen(value) < sizeof shown ? "" : "...", what);
}

static bool read_number(const struct setting *s, const char *text, int *out, struct buf *faults)
{
    char *end = NULL, range[96];
    errno = 0;
    long v = strtol(text, &end, 10);
    if (errno || end == text || *end || v < s->min || v > s->max) {
        snprintf(range, sizeof range, "must be a whole number from %ld to %ld", s->min, s->max);
        config_fault(faults, s->name, text, range);
        return false;
    }
    *out = (int)v;
    return true;
}

static bool read_mode(const char *text, enum auth_mode *out)
{
    static const char *const modes[] = {
        [AUTH_ADDON] = "addon", [AUTH_JWKS] = "jwks", [AUTH_ADDON_JWKS] = "addon+jwks"
    };
    for (int i = 0; i < 3; i++) {
        if (strcmp(text, modes[i]) == 0) {
            *out = (enum auth_mode)i;
            return true;
        }
    }
    return false;
}

static void read_setting(const struct setting *s, const char *text, struct config *c, struct buf *faults)
{
    void *to = (char *)c + s->offset;
    switch (s->kind) {
    case TEXT:
    case SECRET:
        *(const char **)to = text;
        break;
    case NUMBER:
        if (!read_number(s, text, to, faults))
            (void)read_number(s, s->fallback, to, faults); /* so that what is said later does not rest on a 0 */
        break;
    case MODE:
        if (!read_mode(text, to))
            config_fault(faults, s->name, text, "must be addon, jwks or addon+jwks");
        break;
    case LEVEL:
        if (!log_level_parse(text, to))
            config_fault(faults, s->name, text, "must be error, warn, info or debug");
        break;
    case ON_OFF:
        *(bool *)to = strcmp(text, "on") == 0;
        if (strcmp(text, "on") != 0 && strcmp(text, "off") != 0)
            config_fault(faults, s->name, text, "must be on or off");
        break;
    }
}

static const char url_suffix[] = "_API_URL", token_suffix[] = "_TOKEN";

/* The variable PREFIX + suffix, in upper case; NULL when it is unset or empty. */
static const char *variable(const char *prefix, size_t n, const char *suffix)
{
    char name[300];
    int size = snprintf(name, sizeof name, "%.*s%s", (int)n, prefix, suffix);
    for (char *p = name; *p; p++)
        *p = (char)(*p >= 'a' && *p <= 'z' ? *p - 32 : *p);
    const char *value = size > 0 && (size_t)size < sizeof name ? getenv(name) : NULL;
    return value && *value ? value : NULL;
}

/* Takes URL and token of one attachment, never one of each: a token goes to nobody but its own add-on. */
static bool take_attachment(struct config *c, const char *prefix, size_t n)
{
    const char *url = variable(prefix, n, url_suffix), *token = variable(prefix, n, token_suffix);
    if (url) /* seen without a token: what is missing can be named */
        c->addon_url = url;
    c->addon_token = url ? token : NULL;
    return url && token;
}

/* The attachment whose URL this is, written in any case. */
static bool take_by_url(struct config *c, const char *url)
{
    extern char **environ;
    for (char **e = environ; *e; e++) {
        const char *eq = strchr(*e, '=');
        size_t n = eq ? (size_t)(eq - *e) : 0, suffix = sizeof url_suffix - 1;
        if (n > suffix && strncmp(eq - suffix, url_suffix, suffix) == 0 && strcasecmp(eq + 1, url) == 0)
            return take_attachment(c, *e, n - suffix);
    }
    return false;
}

/* By URL, by attachment, else by colour: as the SDKs resolve it. */
static void find_attachment(struct config *c)
{
    char colour[200];
    c->addon_url = c->addon_token = NULL;
    if (strstr(c->addon_name, "://")) {
        (void)take_by_url(c, c->addon_name);
        return;
    }
    if (take_attachment(c, c->addon_name, strlen(c->addon_name)))
        return;
    const struct config first = *c;
    snprintf(colour, sizeof colour, "HEROKU_APPLINK_%s", c->addon_name);
    c->addon_url = NULL;
    if (!take_attachment(c, colour, strlen(colour)) && !c->addon_url)
        c->addon_url = first.addon_url;
}

static void resolve_addon(struct config *c, struct buf *faults)
{
    char what[600];
    bool plain = strcasecmp(c->addon_name, "HEROKU_APPLINK") == 0, by_url = strstr(c->addon_name, "://") != NULL;
    find_attachment(c);
    if (c->auth == AUTH_JWKS && !c->addon_url)
        return;
    if (!c->addon_url && plain) {
        config_fault(faults, "HEROKU_APPLINK_API_URL", NULL,
                     "missing; add the add-on: heroku addons:create heroku-applink");
    } else if (!c->addon_url) {
        snprintf(what, sizeof what, "Heroku Applink config not found %s %.200s",
                 by_url ? "for API URL:" : "under attachment or color", c->addon_name);
        config_fault(faults, "HEROKU_APPLINK_ADDON_NAME", NULL, what);
    }
    if (!c->addon_token && by_url && c->addon_url) {
        snprintf(what, sizeof what, "Heroku Applink token not found for API URL: %.200s", c->addon_name);
        config_fault(faults, "HEROKU_APPLINK_TOKEN", NULL, what);
    } else if (!c->addon_token) {
        snprintf(what, sizeof what, "missing; the add-on sets it beside %.200s_API_URL", c->addon_name);
        config_fault(faults, "HEROKU_APPLINK_TOKEN", NULL, what);
    }
}

/* Is this the URL of a loopback address? The only case in which plain http is accepted. */
static bool is_loopback(const char *url)
{
    char host[INET_ADDRSTRLEN];
    struct in_addr v4;
    if (!url || strncmp(url, "http://", 7) != 0 || strchr(url, '@'))
        return false;
    url += 7;
    size_t n = *url == '[' ? strcspn(url, "]") + 1 : strcspn(url, ":/?#");
    if (*url == '[')
        return strncmp(url, "[::1]", 5) == 0 && (url[n] == '\0' || strchr(":/?#", url[n]));
    if (n >= sizeof host)
        return false;
    memcpy(host, url, n);
    host[n] = '\0';
    return strcmp(host, "localhost") == 0 || (inet_pton(AF_INET, host, &v4) == 1 && ntohl(v4.s_addr) >> 24 == 127);
}

/* An address in digits, as the listening socket wants it. */
static void check_bind(const char *address, struct buf *faults)
{
    struct addrinfo hints = { .ai_flags = AI_PASSIVE | AI_NUMERICHOST, .ai_socktype = SOCK_STREAM }, *a = NULL;
    if (getaddrinfo(address, NULL, &hints, &a) != 0)
        config_fault(faults, "BIND", address, "must be an address in digits, such as 127.0.0.1 or 0.0.0.0");
    else
        freeaddrinfo(a);
}

static void check_url(const char *name, const char *url, struct buf *faults)
{
    if (!url)
        return;
    if (strncmp(url, "https://", 8) != 0 && !is_loopback(url))
        config_fault(faults, name, NULL, "must be an https URL (plain http only to 127.0.0.1)");
    for (const unsigned char *p = (const unsigned char *)url; *p; p++) {
        if (*p <= 0x20 || *p >= 0x7f) {
            config_fault(faults, name, NULL, "has a character that no URL has");
            return;
        }
    }
}

static void check_token(const char *name, const char *token, struct buf *faults)
{
    for (const unsigned char *p = (const unsigned char *)token; p && *p; p++) {
        if (*p <= 0x20 || *p >= 0x7f) {
            config_fault(faults, name, NULL, "has a blank or a control character");
            return;
        }
    }
}

static void check_hosts(const char *name, const char *list, bool loopback, struct buf *faults)
{
    struct hosts *h = malloc(sizeof *h);
    char why[300] = "";
    if (h && !hosts_parse(h, list, loopback, why, sizeof why))
        config_fault(faults, name, list, why);
    free(h);
}

static void check_together(struct config *c, struct buf *faults)
{
    if (c->workers_min > c->workers_max)
        config_fault(faults, "WORKERS_MIN", NULL, "must not be above WORKERS_MAX");
    if (!c->app_id)
        config_fault(
            faults, "HEROKU_APP_ID", NULL,
            "missing (Heroku Applink app UUID not found); set it with heroku config:set HEROKU_APP_ID=\"$(heroku "
            "apps:info --json | jq -r .app.id)\"");
    if (c->auth != AUTH_ADDON) {
        if (!c->jwks_file == !c->jwks_url)
            config_fault(faults, "APPLINK_JWKS_FILE", NULL,
                         "the jwks modes need exactly one of APPLINK_JWKS_FILE and APPLINK_JWKS_URL");
        if (!c->issuers)
            config_fault(faults, "APPLINK_ISSUERS", NULL, "missing; the jwks modes need the accepted issuers");
        if (!c->audiences)
            config_fault(faults, "APPLINK_AUDIENCES", NULL, "missing; the jwks modes need the accepted audiences");
    }
    check_bind(c->bind, faults);
    check_url("HEROKU_APPLINK_API_URL", c->addon_url, faults);
    check_url("APPLINK_JWKS_URL", c->jwks_url, faults);
    check_token("HEROKU_APPLINK_TOKEN", c->addon_token, faults);
    check_token("METRICS_TOKEN", c->metrics_token, faults);
    check_token("HEROKU_APP_ID", c->app_id, faults);
    c->loopback = is_loopback(c->addon_url);
    check_hosts("ORG_HOSTS", c->org_hosts, c->loopback, faults);
    check_hosts("FETCH_HOSTS", c->fetch_hosts, c->loopback, faults);
}

bool config_load(struct config *c, struct buf *faults)
{
    memset(c, 0, sizeof *c);
    for (size_t i = 0; i < SETTINGS; i++) {
        const char *value = getenv(table[i].name);
        if (!value || !*value)
            value = table[i].fallback;
        if (value)
            read_setting(&table[i], value, c, faults);
    }
    resolve_addon(c, faults);
    check_together(c, faults);
    return faults->n == 0 && !faults->failed;
}

bool config_check_actions(const struct declarations *d, struct buf *faults)
{
    size_t before = faults->n;
    for (size_t i = 0; i < d->n; i++) {
        size_t k;
        const json_t *s;
        json_array_foreach (json_object_get(d->v[i].root, "settings"), k, s) {
            const char *name = json_string_value(json_object_get(s, "name"));
            for (size_t t = 0; name && t < SETTINGS; t++)
                if (strcmp(name, table[t].name) == 0)
                    buf_fmt(faults, "%s: action %s declares a setting of the host; give it another name\n", name,
                            d->v[i].row->name);
        }
    }
    return faults->n == before && !faults->failed;
}

static void print_row(bool markdown, const char *name, const char *value, const char *fallback, const char *help)
{
    if (markdown)
        printf("| `%s` | %s%s%s | %s |\n", name, fallback && *fallback ? "`" : "",
               fallback && *fallback ? fallback : "none", fallback && *fallback ? "`" : "", help);
    else
        printf("%-28s %-24s %-22s %s\n", name, value, fallback && *fallback ? fallback : "none", help);
}

static const char *shown(const char *name, const char *fallback, bool secret)
{
    const char *value = getenv(name);
    if (!value || !*value)
        return fallback && *fallback ? fallback : "-";
    return secret ? "********" : value;
}

/* Whether an action before this one declares the setting: two that share one are one row. */
static bool declared_before(const struct declarations *d, size_t i, const char *name)
{
    while (name && i-- > 0)
        if (declaration_setting_row(&d->v[i], name))
            return true;
    return false;
}

void config_print(const struct declarations *d, bool markdown)
{
    if (markdown)
        printf("| setting | default | meaning |\n|---|---|---|\n");
    else
        printf("%-28s %-24s %-22s %s\n", "SETTING", "VALUE", "DEFAULT", "MEANING");
    for (size_t i = 0; i < SETTINGS; i++) {
        const struct setting *s = &table[i];
        print_row(markdown, s->name, shown(s->name, s->fallback, s->kind == SECRET), s->fallback, s->help);
    }
    for (size_t i = 0; i < d->n; i++) {
        size_t k;
        const json_t *s;
        json_array_foreach (json_object_get(d->v[i].root, "settings"), k, s) {
            const char *name = json_string_value(json_object_get(s, "name"));
            const char *fallback = json_string_value(json_object_get(s, "default"));
            const char *help = json_string_value(json_object_get(s, "description"));
            bool secret = json_is_true(json_object_get(s, "secret"));
            if (declared_before(d, i, name))
                continue;
            print_row(markdown, name ? name : "", shown(name ? name : "", fallback, secret), fallback,
                      help ? help : "");
        }
    }
}

static void forget(const char **value)
{
    if (*value)
        bytes_wipe((char *)(uintptr_t)*value, strlen(*value)); /* the environment's own bytes */
    *value = NULL;
}

/* Overwrites a variable's value and takes it out of the environment. */
static void drop_variable(char **at)
{
    char *eq = strchr(*at, '=');
    if (eq)
        bytes_wipe(eq + 1, strlen(eq + 1));
    for (; (*at = at[1]); at++)
        ;
}

static char **find_variable(const char *name, size_t n, const char *suffix)
{
    extern char **environ;
    for (char **e = environ; *e; e++)
        if (strncmp(*e, name, n) == 0 && strncmp(*e + n, suffix, strlen(suffix)) == 0 &&
            (*e)[n + strlen(suffix)] == '=')
            return e;
    return NULL;
}

/* The token that stands beside the URL of an attachment, whatever the attachment is called. */
static bool drop_sibling_token(struct span name)
{
    size_t n = sizeof url_suffix - 1;
    char **token = NULL;
    if (name.n > n && memcmp(name.p + name.n - n, url_suffix, n) == 0)
        token = find_variable(name.p, name.n - n, token_suffix);
    if (token)
        drop_variable(token);
    return token != NULL;
}

void config_forget_secrets(struct config *c)
{
    extern char **environ;
    size_t url = sizeof url_suffix - 1;
    forget(&c->addon_token);
    forget(&c->addon_url);
    forget(&c->metrics_token);
    for (char **e = environ; *e;) {
        const char *eq = strchr(*e, '=');
        struct span name = { *e, eq ? (size_t)(eq - *e) : strlen(*e) };
        bool drop = span_starts(name, "HEROKU_APPLINK") ||
                    (name.n > url && memcmp(name.p + name.n - url, url_suffix, url) == 0);
        for (size_t i = 0; i < SETTINGS && !drop; i++)
            drop = table[i].addon && span_eq(name, table[i].name);
        if (drop_sibling_token(name))
            e = environ; /* the list has moved */
        else if (drop)
            drop_variable(e);
        else
            e++;
    }
}
