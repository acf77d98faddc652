/* config.c - reads and checks the settings, each of them once. */
#include <arpa/inet.h>
#include <errno.h>
#include <netdb.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/base/chars.h"
#include "runtime/declare/config_parts.h"

enum {
    SHOWN = 200,           /* of a value that is wrong, with its NUL */
    ROUTER_IDLE_MS = 90000 /* https://devcenter.heroku.com/articles/http-routing: idle connections to a dyno */
};

void config_fault(struct buf *faults, const char *name, const char *value, const char *what)
{
    char shown[SHOWN];
    if (!value) {
        buf_fmt(faults, "%s: %s\n", name, what);
        return;
    }
    snprintf(shown, sizeof shown, "%s", value);
    for (char *p = shown; *p; p++)
        if (char_control(*p))
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

int config_word(const char *text, const char *const words[])
{
    for (int i = 0; words[i]; i++)
        if (strcmp(text, words[i]) == 0)
            return i;
    return -1;
}

static bool read_mode(const char *text, enum auth_mode *out)
{
    static const char *const modes[] = {
        [AUTH_ADDON] = "addon", [AUTH_JWKS] = "jwks", [AUTH_ADDON_JWKS] = "addon+jwks", NULL
    };
    int i = config_word(text, modes);
    if (i >= 0)
        *out = (enum auth_mode)i;
    return i >= 0;
}

static bool read_binding(const char *text, enum bind_user *out)
{
    static const char *const words[] = {
        [BIND_USER_LOG] = "log", [BIND_USER_ON] = "on", [BIND_USER_OFF] = "off", NULL
    };
    int i = config_word(text, words);
    if (i >= 0)
        *out = (enum bind_user)i;
    return i >= 0;
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
    case BINDING:
        if (!read_binding(text, to))
            config_fault(faults, s->name, text, "must be log, on or off");
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
    case LATER:
        break;
    }
}

bool config_is_loopback(const char *url)
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

/* BIND in digits and PORT, as the listening socket wants them. */
static void read_address(struct config *c, struct buf *faults)
{
    struct addrinfo hints = { .ai_flags = AI_PASSIVE | AI_NUMERICHOST, .ai_socktype = SOCK_STREAM }, *a = NULL;
    char service[16];
    snprintf(service, sizeof service, "%d", c->port);
    if (getaddrinfo(c->bind, service, &hints, &a) != 0) {
        config_fault(faults, "BIND", c->bind, "must be an address in digits, such as 127.0.0.1 or 0.0.0.0");
        return;
    }
    memcpy(&c->address, a->ai_addr, a->ai_addrlen);
    c->address_n = a->ai_addrlen;
    freeaddrinfo(a);
}

static void check_url(const char *name, const char *url, struct buf *faults)
{
    if (!url)
        return;
    if (strncmp(url, "https://", 8) != 0 && !config_is_loopback(url))
        config_fault(faults, name, NULL, "must be an https URL (plain http only to 127.0.0.1)");
    if (!span_all(span_of(url), char_visible))
        config_fault(faults, name, NULL, "has a character that no URL has");
}

static void check_token(const char *name, const char *token, struct buf *faults)
{
    if (!span_all(span_of(token), char_visible))
        config_fault(faults, name, NULL, "has a blank or a control character");
}

static void read_hosts(const char *name, bool loopback, struct hosts *to, struct buf *faults)
{
    const char *list = config_text_of(name);
    char why[300];
    if (!hosts_parse(to, list, loopback, why, sizeof why))
        config_fault(faults, name, list, why);
}

static void read_list(const char *name, const char *missing, struct span_list *to, struct buf *faults)
{
    const char *list = config_text_of(name);
    char mend[120];
    snprintf(mend, sizeof mend, "must be a list of 1 to %d members, separated by comma, none of them empty", SPAN_LIST);
    if (!list)
        config_fault(faults, name, NULL, missing);
    else if (!span_list_read(to, list))
        config_fault(faults, name, list, mend);
}

/* What the jwks modes need. */
static void read_jwks(struct config *c, struct buf *faults)
{
    if (!c->jwks_file == !c->jwks_url)
        config_fault(faults, "APPLINK_JWKS_FILE", NULL,
                     "the jwks modes need exactly one of APPLINK_JWKS_FILE and APPLINK_JWKS_URL");
    read_list("APPLINK_ISSUERS", "missing; the jwks modes need the accepted issuers", &c->issuers, faults);
    read_list("APPLINK_AUDIENCES", "missing; the jwks modes need the accepted audiences", &c->audiences, faults);
}

/* It becomes part of a policy and of a page, so only a plain origin will do: scheme, host, port. */
static bool read_origin(const char *url, struct span *origin)
{
    static const char allowed[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-:[]";
    const char *rest = strncmp(url, "http://", 7) == 0 ? url + 7 : strncmp(url, "https://", 8) == 0 ? url + 8 : NULL;
    if (!rest)
        return false;
    size_t n = strspn(rest, allowed), whole = (size_t)(rest - url) + n;
    if (!n || whole > CONFIG_ORIGIN || (rest[n] && strcmp(rest + n, "/") != 0))
        return false;
    *origin = (struct span){ url, whole };
    return true;
}

static void read_docs(struct config *c, struct buf *faults)
{
    const char *url = config_text_of("DOCS_SIGN_URL");
    if (c->docs && *url && !read_origin(url, &c->docs_sign_url))
        config_fault(faults, "DOCS_SIGN_URL", url, "must be the origin of a sandbox, such as http://127.0.0.1:7070");
}

/*
 * The Heroku router keeps a connection for 90 s and cannot repeat a POST: of the two it must be the one that closes, or
 * a call that it sends at that moment is lost (H18).
 */
static void check_idle(const struct config *c, struct buf *faults)
{
    const char *dyno = getenv("DYNO");
    if (dyno && *dyno && c->idle_timeout_ms <= ROUTER_IDLE_MS)
        config_fault(faults, "IDLE_TIMEOUT_MS", config_text_of("IDLE_TIMEOUT_MS"),
                     "must be above 90000 on Heroku: its router keeps a connection for 90 s, and a call that it sends "
                     "just as the host closes is lost (H18); unset it for the default");
}

/* Whoever guesses this password sees customers' records, so a short one is none. */
static void read_pages(struct config *c, struct buf *faults)
{
    const char *dyno = getenv("DYNO");
    c->behind_router = dyno && *dyno;
    check_token("PAGES_TOKEN", c->pages_token, faults);
    if (c->pages_token && strlen(c->pages_token) < PAGES_TOKEN_MIN)
        config_fault(faults, "PAGES_TOKEN", NULL,
                     "must have 20 characters at least, such as openssl rand -base64 24 makes");
}

/* What is read once other settings are known, and what must fit together. */
static void read_later(struct config *c, struct buf *faults)
{
    config_resolve_addon(c, faults);
    check_url("HEROKU_APPLINK_API_URL", c->addon_url.p, faults);
    check_url("APPLINK_JWKS_URL", c->jwks_url, faults);
    check_token("HEROKU_APPLINK_TOKEN", c->addon_token, faults);
    check_token("METRICS_TOKEN", c->metrics_token, faults);
    read_pages(c, faults);
    check_token("HEROKU_APP_ID", c->app_id, faults);
    if (!c->app_id)
        config_fault(
            faults, "HEROKU_APP_ID", NULL,
            "missing (Heroku Applink app UUID not found); set it with heroku config:set HEROKU_APP_ID=\"$(heroku "
            "apps:info --json | jq -r .app.id)\"");
    if (c->workers_min > c->workers_max)
        config_fault(faults, "WORKERS_MIN", NULL, "must not be above WORKERS_MAX");
    if (c->auth != AUTH_ADDON)
        read_jwks(c, faults);
    c->loopback = config_is_loopback(c->addon_url.p);
    c->plain_http = c->loopback || config_is_loopback(c->jwks_url);
    while (c->addon_url.n && c->addon_url.p[c->addon_url.n - 1] == '/')
        c->addon_url.n--;
    read_address(c, faults);
    read_hosts("ORG_HOSTS", c->loopback, &c->org_hosts, faults);
    read_hosts("FETCH_HOSTS", c->loopback, &c->fetch_hosts, faults);
    read_docs(c, faults);
    check_idle(c, faults);
    config_resolve_jobs(c, faults);
    config_resolve_events(c, faults);
}

bool config_load(struct config *c, struct buf *faults)
{
    memset(c, 0, sizeof *c);
    for (const struct setting *s = config_table; s->name; s++) {
        const char *text = config_text(s);
        if (text)
            read_setting(s, text, c, faults);
    }
    read_later(c, faults);
    return faults->n == 0 && !faults->failed;
}

bool config_load_jobs(struct config *c, struct buf *faults)
{
    memset(c, 0, sizeof *c);
    for (const struct setting *s = config_table; s->name; s++) {
        const char *text = config_text(s);
        if (text && (s->owner == OWNER_JOBS || strncmp(s->name, "JOB", 3) == 0 || s->kind == LEVEL))
            read_setting(s, text, c, faults);
    }
    config_resolve_jobs(c, faults);
    return faults->n == 0 && !faults->failed;
}

static bool is_setting(const char *name)
{
    for (const struct setting *s = config_table; s->name; s++)
        if (strcmp(name, s->name) == 0)
            return true;
    return false;
}

bool config_check_actions(const struct declarations *d, struct buf *faults)
{
    size_t before = faults->n;
    for (size_t i = 0; i < d->n; i++) {
        size_t k;
        const json_t *s;
        json_array_foreach (json_object_get(d->v[i].root, "settings"), k, s) {
            const char *name = json_string_value(json_object_get(s, "name"));
            if (name && is_setting(name))
                buf_fmt(faults, "%s: action %s declares a setting of the host; give it another name\n", name,
                        d->v[i].row->name);
        }
    }
    return faults->n == before && !faults->failed;
}
