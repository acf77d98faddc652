/* callback.c - the URL of a callback: whether it is the org's own, sealed, and opened for its delivery. */
#include "runtime/runner/callback.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/base/json_text.h"
#include "runtime/base/limits.h"

enum { HTTPS = sizeof "https://" - 1 };

/* A port that is written, be it the usual one, is one that nobody needs. */
static bool has_port(struct span url, const struct url_parts *p)
{
    return p->scheme == URL_HTTPS && url.n != HTTPS + p->host.n + p->rest.n;
}

static bool same_origin(const struct url_parts *p, struct span org_url)
{
    struct url_parts org;
    char own[URL_ORIGIN], theirs[URL_ORIGIN];
    return url_parts(org_url, &org) && url_origin(p, theirs, sizeof theirs) && url_origin(&org, own, sizeof own) &&
           strcmp(own, theirs) == 0;
}

bool callback_check(const struct hosts *hosts, struct span url, struct span org_url, struct err *e)
{
    char text[CALLBACK_URL_MAX + 1];
    struct url_parts p;
    const char *why = NULL;
    if (url.n == 0 || url.n > CALLBACK_URL_MAX || memchr(url.p, '\0', url.n) || !url_parts(url, &p)) {
        why = "is no URL of a callback";
    } else {
        copy_span(text, sizeof text, url);
        if (!same_origin(&p, org_url))
            why = "is not an address of the org that this call comes from";
        else if (has_port(url, &p))
            why = "names a port";
        else if (!hosts_allow(hosts, text, NULL))
            why = "is no https address among ORG_HOSTS";
    }
    if (!why)
        return true;
    err_set(e, 422, "invalid_callback_url",
            "callbackUrl %s. Send the one that Salesforce has made for this call, as it is.", why);
    copy_text(e->field, sizeof e->field, "/callbackUrl");
    return false;
}

/* What it is associated with tells a URL from a token. */
static struct span associated(const char *id, char out[64])
{
    snprintf(out, 64, "%s callback", id);
    return span_of(out);
}

bool callback_seal(const struct seal_keys *k, const char *id, struct span url, struct buf *out)
{
    char data[64];
    return seal_close(k, associated(id, data), url, out);
}

static bool add_url(const struct seal_keys *k, const struct claim *c, json_t *line)
{
    char data[64];
    struct buf url;
    buf_init(&url, CALLBACK_URL_MAX + 1);
    bool ok = seal_open(k, associated(c->callback_id, data), (struct span){ c->callback.p, c->callback.n }, &url) ==
              SEAL_OPENED;
    if (ok)
        json_object_set_new(line, "url", json_stringn(url.p, url.n));
    buf_wipe(&url);
    buf_free(&url);
    return ok;
}

enum callback_line callback_line(const struct seal_keys *k, const struct claim *c, struct buf *out)
{
    json_t *line = json_loadb(c->payload.p ? c->payload.p : "", c->payload.n, 0, NULL);
    const char *to = json_string_value(json_object_get(line, "to"));
    enum callback_line result = CALLBACK_LINE;
    if (!to || (strcmp(to, "callback") == 0 && c->callback.n == 0))
        result = CALLBACK_GONE;
    else if (strcmp(to, "callback") == 0 && !add_url(k, c, line))
        result = CALLBACK_SEALED;
    json_object_del(line, "row");
    json_object_del(line, "until");
    buf_init(out, JOB_PAYLOAD_MAX);
    if (result == CALLBACK_LINE && !buf_json(out, line))
        result = CALLBACK_GONE;
    json_decref(line);
    return result;
}
