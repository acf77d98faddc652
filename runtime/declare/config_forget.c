/* config_forget.c - takes settings from a process that has no use for them, out of its environment too. */
#include <stdlib.h>
#include <string.h>

#include "runtime/declare/config_parts.h"

static void forget(struct span value)
{
    if (value.n)
        bytes_wipe((char *)(uintptr_t)value.p, value.n); /* the environment's own bytes */
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

static bool is_addon_url(struct span name)
{
    size_t n = sizeof CONFIG_URL_SUFFIX - 1;
    return name.n > n && memcmp(name.p + name.n - n, CONFIG_URL_SUFFIX, n) == 0;
}

/* The token that stands beside the URL of an attachment, whatever the attachment is called. */
static bool drop_sibling_token(struct span name)
{
    char **token = NULL;
    if (is_addon_url(name))
        token = find_variable(name.p, name.n - (sizeof CONFIG_URL_SUFFIX - 1), CONFIG_TOKEN_SUFFIX);
    if (token)
        drop_variable(token);
    return token != NULL;
}

/* Of any attachment, also of those that the host does not use. */
static bool is_addon(struct span name)
{
    return span_starts(name, "HEROKU_APPLINK") || is_addon_url(name);
}

/* User and password of a URL with the signs around them; the whole URL where it names neither. */
static struct span credentials(const char *url)
{
    const char *from = strstr(url, "://"), *end = from ? from + 3 + strcspn(from + 3, "/?#") : NULL;
    const char *at = from ? memrchr(from, '@', (size_t)(end - from)) : NULL;
    return at ? (struct span){ from, (size_t)(at - from) + 1 } : span_of(url);
}

/*
 * A database has its password in several variables: the attachment's own name, that of a pool of connections, what
 * libpq reads by itself. An action's own database is another one.
 */
static void drop_siblings_of_database(const char *url)
{
    extern char **environ;
    const struct span secret = credentials(url);
    for (char **e = environ; *e;) {
        const char *eq = strchr(*e, '=');
        const struct span name = { *e, eq ? (size_t)(eq - *e) : 0 };
        if (eq && eq + 1 != url && (memmem(eq + 1, strlen(eq + 1), secret.p, secret.n) || span_eq(name, "PGPASSWORD")))
            drop_variable(e);
        else
            e++;
    }
}

static bool is_dropped(const char *variable, unsigned owners)
{
    const char *eq = strchr(variable, '=');
    const struct span name = { variable, eq ? (size_t)(eq - variable) : strlen(variable) };
    if (owners & OWNER_ADDON && is_addon(name))
        return true;
    for (const struct setting *s = config_table; s->name; s++)
        if (s->owner & owners && span_eq(name, s->name))
            return true;
    return false;
}

static void forget_front(struct config *c)
{
    forget(span_of(c->metrics_token));
    forget(span_of(c->pages_token));
    c->metrics_token = c->pages_token = NULL;
}

static void forget_addon(struct config *c)
{
    forget(span_of(c->addon_token));
    forget(c->addon_url);
    c->addon_token = NULL;
    c->addon_url = (struct span){ 0 };
}

static void forget_jobs(struct config *c)
{
    if (c->database_url)
        drop_siblings_of_database(c->database_url);
    forget(span_of(c->database_url));
    forget(span_of(c->jobs_db));
    forget(span_of(c->jobs_keys));
    c->database_url = c->jobs_db = c->jobs_keys = NULL;
    c->jobs_key = c->jobs_key_former = (struct span){ 0 };
}

void config_forget(struct config *c, unsigned owners)
{
    extern char **environ;
    if (owners & OWNER_FRONT)
        forget_front(c);
    if (owners & OWNER_ADDON)
        forget_addon(c);
    if (owners & OWNER_JOBS)
        forget_jobs(c);
    for (char **e = environ; *e;) {
        const char *eq = strchr(*e, '=');
        if (owners & OWNER_ADDON && drop_sibling_token((struct span){ *e, eq ? (size_t)(eq - *e) : strlen(*e) }))
            e = environ; /* the list has moved */
        else if (is_dropped(*e, owners))
            drop_variable(e);
        else
            e++;
    }
}
