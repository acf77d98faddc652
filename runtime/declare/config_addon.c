/*
 * config_addon.c - the add-on among the variables: which attachment is used. Add-ons set PREFIX_API_URL and
 * PREFIX_TOKEN; the prefix is the attachment's name.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "runtime/base/chars.h"
#include "runtime/declare/config_parts.h"

static const char url_suffix[] = CONFIG_URL_SUFFIX, token_suffix[] = CONFIG_TOKEN_SUFFIX;

/* The variable PREFIX + suffix, in upper case; NULL when it is unset or empty. */
static const char *variable(const char *prefix, size_t n, const char *suffix)
{
    char name[300];
    int size = snprintf(name, sizeof name, "%.*s%s", (int)n, prefix, suffix);
    for (char *p = name; *p; p++)
        *p = (char)(char_lower(*p) ? *p - 32 : *p);
    const char *value = size > 0 && (size_t)size < sizeof name ? getenv(name) : NULL;
    return value && *value ? value : NULL;
}

struct attachment {
    const char *url, *token; /* as they stand in the environment; NULL = not there */
};

/* URL and token of one attachment, never one of each: a token goes to nobody but its own add-on. */
static bool take_attachment(struct attachment *a, const char *prefix, size_t n)
{
    const char *url = variable(prefix, n, url_suffix), *token = variable(prefix, n, token_suffix);
    if (url) /* seen without a token: what is missing can be named */
        a->url = url;
    a->token = url ? token : NULL;
    return url && token;
}

/* The attachment whose URL this is, written in any case. */
static bool take_by_url(struct attachment *a, const char *url)
{
    extern char **environ;
    for (char **e = environ; *e; e++) {
        const char *eq = strchr(*e, '=');
        size_t n = eq ? (size_t)(eq - *e) : 0, suffix = sizeof url_suffix - 1;
        if (n > suffix && strncmp(eq - suffix, url_suffix, suffix) == 0 && strcasecmp(eq + 1, url) == 0)
            return take_attachment(a, *e, n - suffix);
    }
    return false;
}

/* By URL, by attachment, else by colour: as the SDKs resolve it. */
static struct attachment find_attachment(const char *name)
{
    char colour[200];
    struct attachment named = { 0 }, coloured = { 0 };
    if (strstr(name, "://")) {
        (void)take_by_url(&named, name);
        return named;
    }
    if (take_attachment(&named, name, strlen(name)))
        return named;
    snprintf(colour, sizeof colour, "HEROKU_APPLINK_%s", name);
    if (!take_attachment(&coloured, colour, strlen(colour)) && !coloured.url)
        coloured.url = named.url;
    return coloured;
}

void config_resolve_addon(struct config *c, struct buf *faults)
{
    char what[600];
    bool plain = strcasecmp(c->addon_name, "HEROKU_APPLINK") == 0, by_url = strstr(c->addon_name, "://") != NULL;
    const struct attachment a = find_attachment(c->addon_name);
    c->addon_url = span_of(a.url);
    c->addon_token = a.token;
    if (c->auth == AUTH_JWKS && !a.url)
        return;
    if (!a.url && plain) {
        config_fault(faults, "HEROKU_APPLINK_API_URL", NULL,
                     "missing; add the add-on: heroku addons:create heroku-applink");
    } else if (!a.url) {
        snprintf(what, sizeof what, "Heroku Applink config not found %s %.200s",
                 by_url ? "for API URL:" : "under attachment or color", c->addon_name);
        config_fault(faults, "HEROKU_APPLINK_ADDON_NAME", NULL, what);
    }
    if (!a.token && by_url && a.url) {
        snprintf(what, sizeof what, "Heroku Applink token not found for API URL: %.200s", c->addon_name);
        config_fault(faults, "HEROKU_APPLINK_TOKEN", NULL, what);
    } else if (!a.token) {
        snprintf(what, sizeof what, "missing; the add-on sets it beside %.200s_API_URL", c->addon_name);
        config_fault(faults, "HEROKU_APPLINK_TOKEN", NULL, what);
    }
}
