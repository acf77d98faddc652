/* config_jobs.c - the settings of jobs and of events: which database, who runs steps, which keys, whose events. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/base/chars.h"
#include "runtime/base/record_id.h"
#include "runtime/declare/config_parts.h"
#include "runtime/net/url.h"

/* Without a database nobody has a queue, so a host that has none needs no other setting of jobs either. */
static void read_database(struct config *c, struct buf *faults)
{
    const char *dyno = getenv("DYNO");
    c->jobs = c->database_url || c->jobs_db;
    if (dyno && *dyno && c->jobs_db && !c->database_url)
        config_fault(faults, "JOBS_DB", c->jobs_db,
                     "no place on Heroku: a dyno's files end with it and no other dyno sees them; unset it and add "
                     "PostgreSQL, which sets DATABASE_URL: heroku addons:create heroku-postgresql");
}

static void read_run(struct config *c, struct buf *faults)
{
    static const char *const words[] = { "auto", "on", "off", NULL };
    const char *text = config_text_of("JOBS_RUN");
    int word = config_word(text, words);
    if (word < 0)
        config_fault(faults, "JOBS_RUN", text, "must be auto, on or off");
    c->jobs_run = c->jobs && (word == 1 || (word == 0 && !c->database_url));
}

static void check_key(struct span key, const char *which, struct buf *faults)
{
    char what[160];
    if (key.n < JOBS_KEY_MIN) {
        snprintf(what, sizeof what, "%s key must have %d characters at least, such as openssl rand -base64 32 makes",
                 which, JOBS_KEY_MIN);
        config_fault(faults, "JOBS_KEY", NULL, what);
    }
    if (!span_all(key, char_visible)) {
        snprintf(what, sizeof what, "%s key has a blank or a control character", which);
        config_fault(faults, "JOBS_KEY", NULL, what);
    }
}

static void read_keys(struct config *c, struct buf *faults)
{
    struct span rest = span_of(c->jobs_keys), key;
    if (!span_split(&rest, ',', &key))
        return;
    c->jobs_key = span_trim(key);
    check_key(c->jobs_key, "the", faults);
    if (!memchr(c->jobs_keys, ',', strlen(c->jobs_keys)))
        return;
    c->jobs_key_former = span_trim(rest);
    if (memchr(rest.p, ',', rest.n))
        config_fault(faults, "JOBS_KEY", NULL, "has more than two keys: give the present one and the one before it");
    else
        check_key(c->jobs_key_former, "the former", faults);
}

static bool name_char(char c)
{
    return char_alnum(c) || c == '_' || c == '-';
}

static bool is_twice(const struct config *c, size_t at)
{
    const struct span name = c->connections.v[at];
    for (size_t i = 0; i < at; i++)
        if (c->connections.v[i].n == name.n && memcmp(c->connections.v[i].p, name.p, name.n) == 0)
            return true;
    return false;
}

static void read_connections(struct config *c, struct buf *faults)
{
    const char *list = config_text_of("CONNECTIONS");
    bool ok = !*list || span_list_read(&c->connections, list);
    for (size_t i = 0; i < c->connections.n; i++)
        ok = ok && c->connections.v[i].n <= 80 && span_all(c->connections.v[i], name_char) && !is_twice(c, i) &&
             !span_eq(c->connections.v[i], "own");
    if (!ok)
        config_fault(faults, "CONNECTIONS", list,
                     "must be developer names of authorizations, separated by comma, 64 at most, none of them twice "
                     "and none \"own\"");
}

/* An id that is mistyped would lock its org out, and one of another kind would let nobody in: both stop the start. */
static void read_callers(struct config *c, struct buf *faults)
{
    const char *list = config_text_of("CONNECTIONS_CALLERS");
    bool ok = !*list || span_list_read(&c->connections_callers, list);
    for (size_t i = 0; i < c->connections_callers.n; i++) {
        char id18[RECORD_ID_SIZE];
        struct span id = c->connections_callers.v[i];
        ok = ok && record_id_check(id, id18) && memcmp(id18, "00D", 3) == 0;
    }
    if (!ok)
        config_fault(faults, "CONNECTIONS_CALLERS", list,
                     "must be ids of orgs (15 or 18 characters, they begin with 00D), separated by comma");
}

void config_resolve_jobs(struct config *c, struct buf *faults)
{
    read_database(c, faults);
    read_run(c, faults);
    read_keys(c, faults);
    read_connections(c, faults);
    read_callers(c, faults);
}

/* ---- events ---- */

static bool is_listed(const struct span_list *list, struct span name)
{
    for (size_t i = 0; i < list->n; i++)
        if (list->v[i].n == name.n && memcmp(list->v[i].p, name.p, name.n) == 0)
            return true;
    return false;
}

static void read_events_connections(struct config *c, struct buf *faults)
{
    const char *list = config_text_of("EVENTS_CONNECTIONS");
    c->events_connections = c->connections;
    if (!list)
        return;
    bool ok = span_list_read(&c->events_connections, list);
    for (size_t i = 0; ok && i < c->events_connections.n; i++)
        ok = is_listed(&c->connections, c->events_connections.v[i]);
    if (!ok)
        config_fault(faults, "EVENTS_CONNECTIONS", list, "must be names out of CONNECTIONS, separated by comma");
}

/* Tokens go there: over TLS, or to this machine while the add-on is on it, too. */
static void read_url(struct config *c, struct buf *faults)
{
    const char *url = config_text_of("PUBSUB_URL");
    struct url_parts parts;
    if (!url_parts(span_of(url), &parts) || !url_is_origin(&parts) || parts.rest.n || parts.scheme == URL_BARE)
        config_fault(faults, "PUBSUB_URL", url, "must be scheme, host and port, such as the default");
    else if (parts.scheme != URL_HTTPS && !(c->loopback && config_is_loopback(url)))
        config_fault(faults, "PUBSUB_URL", url,
                     "must be an https URL (plain http only to 127.0.0.1, while the add-on is there, too)");
    c->pubsub_url = url;
}

void config_resolve_events(struct config *c, struct buf *faults)
{
    read_events_connections(c, faults);
    read_url(c, faults);
}
