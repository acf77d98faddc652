/* contexts.c - decoding and binding of the two context headers. */
#include "runtime/auth/contexts.h"

#include <string.h>

#include "runtime/base/chars.h"
#include "runtime/base/encoding.h"
#include "runtime/base/json_scan.h"
#include "runtime/base/record_id.h"
#include "runtime/net/url.h"

/* base64 to text in `mem`; the length or -1. */
static long decode(struct span header, char *mem, size_t size)
{
    return header.n ? base64_decode(header, (unsigned char *)mem, size) : -1;
}

static bool decode_object(const char *name, const char *code, struct span header, char *mem, size_t size,
                          const struct scan_field *fields, struct err *e)
{
    const char *why;
    long n = decode(header, mem, size);
    if (n < 0)
        return err_set(e, 400, code, "Send %s as padded standard base64 (RFC 4648 section 4) of a JSON object.", name);
    if (!scan_object(mem, (size_t)n, fields, SCAN_NOCASE | SCAN_NULL, &why))
        return err_set(e, 400, code, "Send %s as base64 of a JSON object with string members; it has %s.", name, why);
    return true;
}

bool request_context_decode(struct span header, char *mem, size_t size, struct request_context *out, struct err *e)
{
    static const char code[] = "invalid_request_context", name[] = "x-request-context";
    struct request_context c = { 0 };
    /* In the order in which the mesh names the first that is missing, with its names. */
    const struct scan_field fields[] = { { "id", &c.id, NULL },
                                         { "auth", &c.auth, NULL },
                                         { "loginUrl", &c.login_url, NULL },
                                         { "orgDomainUrl", &c.org_domain_url, NULL },
                                         { "orgId", &c.org_id, NULL },
                                         { "resource", &c.resource, NULL },
                                         { "type", &c.type, NULL },
                                         { "appUuid", &c.app_uuid, NULL },
                                         { NULL, NULL, NULL } };
    static const char *const mesh_names[] = { "ID",    "Auth",     "LoginUrl", "OrgDomainUrl",
                                              "OrgID", "Resource", "Type",     "AppUUID" };
    if (!decode_object(name, code, header, mem, size, fields, e))
        return false;
    for (size_t i = 0; fields[i].name; i++)
        if (!fields[i].text->n)
            return err_set(e, 400, code, "Missing or invalid value in %s header: %s (member %s).", name, mesh_names[i],
                           fields[i].name);
    *out = c;
    return true;
}

/* What goes into a header of ours later must not be able to end it: visible ASCII only. */
static bool visible(struct span s)
{
    return s.n > 0 && span_all(s, char_visible);
}

static bool no_control(char c)
{
    return !char_control(c);
}

static size_t count_digits(struct span s)
{
    size_t n = 0;
    while (n < s.n && char_digit(s.p[n]))
        n++;
    return n;
}

/* "62.0" or "v62.0" -> "62.0" */
static bool api_version(struct span *s)
{
    if (!s->n || !s->p)
        return false;
    if ((s->p[0] == 'v' || s->p[0] == 'V') && s->n > 1)
        *s = (struct span){ s->p + 1, s->n - 1 };
    size_t major = count_digits(*s);
    if (major < 1 || major > 3 || major == s->n || s->p[major] != '.')
        return false;
    struct span minor = { s->p + major + 1, s->n - major - 1 };
    return minor.n >= 1 && minor.n <= 2 && count_digits(minor) == minor.n;
}

/* Only passed on, so tools that make one up (17 characters in published samples) are let through. */
static bool user_id(struct span id)
{
    return id.n >= 15 && id.n <= 18 && span_all(id, char_alnum);
}

/* The name of the first member that is missing or unfit; NULL when all are well. */
static const char *client_fault(struct client_context *c)
{
    if (!visible(c->access_token) || c->access_token.n >= LIMIT_ACCESS_TOKEN)
        return "accessToken";
    if (!api_version(&c->api_version))
        return "apiVersion";
    if (!record_id_is_org(c->org_id))
        return "orgId";
    if (!c->org_domain_url.n)
        return "orgDomainUrl";
    if (!user_id(c->user_id))
        return "userContext.userId";
    if (!span_all(c->username, no_control) || c->username.n > 255)
        return "userContext.username";
    if (c->request_id.n > LIMIT_REQUEST_ID || (c->request_id.n && !visible(c->request_id)))
        return "requestId";
    if (!span_all(c->ns, no_control) || c->ns.n > 80)
        return "namespace";
    return NULL;
}

bool client_context_decode(struct span header, char *mem, size_t size, struct client_context *out, struct err *e)
{
    static const char code[] = "invalid_client_context", name[] = "x-client-context";
    struct client_context c = { 0 };
    const struct scan_field user[] = { { "userId", &c.user_id, NULL },
                                       { "username", &c.username, NULL },
                                       { NULL, NULL, NULL } };
    const struct scan_field fields[] = {
        { "requestId", &c.request_id, NULL },   { "accessToken", &c.access_token, NULL },
        { "apiVersion", &c.api_version, NULL }, { "namespace", &c.ns, NULL },
        { "orgId", &c.org_id, NULL },           { "orgDomainUrl", &c.org_domain_url, NULL },
        { "userContext", NULL, user },          { NULL, NULL, NULL }
    };
    if (!decode_object(name, code, header, mem, size, fields, e))
        return false;
    if (span_eq(c.ns, "null"))
        c.ns = (struct span){ 0 };
    const char *fault = client_fault(&c);
    if (fault)
        return err_set(e, 400, code, "Missing or invalid value in %s header: %s.", name, fault);
    *out = c;
    return true;
}

bool org_url_normal(struct span url, char *out, size_t size)
{
    struct url_parts p;
    return url_parts(url, &p) && url_is_origin(&p) && p.host.p[0] != '[' && url_origin(&p, out, size);
}

/* ---- what the headers say of each other ---- */

/* `longer` is `id`, or has more behind or before it at a '-'. */
static bool carries(struct span longer, struct span id)
{
    if (!id.p || !longer.p || id.n == 0 || longer.n < id.n)
        return false;
    if (longer.n == id.n)
        return memcmp(longer.p, id.p, id.n) == 0;
    size_t more = longer.n - id.n;
    return (memcmp(longer.p, id.p, id.n) == 0 && longer.p[id.n] == '-') ||
           (memcmp(longer.p + more, id.p, id.n) == 0 && longer.p[more - 1] == '-');
}

/* What stands behind the org's id and its '-'; the whole when there is none. */
static struct span behind_org(struct span id)
{
    const char *dash = memchr(id.p, '-', id.n);
    size_t n = dash ? (size_t)(dash - id.p) : 0;
    if (!record_id_is_org((struct span){ id.p, n }))
        return id;
    return (struct span){ dash + 1, id.n - n - 1 };
}

/*
 * The client context's own request id, when it is of Salesforce's form (org id, '-', the rest), belongs to the same
 * invocation. The org's id may be written in its other form there.
 */
static bool same_invocation(struct span client, struct span id)
{
    if (!client.n)
        return true;
    struct span a = behind_org(client), b = behind_org(id);
    if (a.n == client.n)
        return true;
    return carries(a, b) || carries(b, a);
}

/* The part of a normal URL behind its scheme. */
static const char *authority(const char *url)
{
    return strstr(url, "://") + 3;
}

static bool bind_ids(const struct request_context *rc, const struct client_context *cc, struct span request_id,
                     struct err *e)
{
    if (!request_id.n)
        return err_set(e, 400, "request_id_mismatch", "Send x-request-id with the id of x-request-context.");
    if (rc->id.n < LIMIT_REQUEST_ID_MIN || rc->id.n > LIMIT_REQUEST_ID || !visible(rc->id))
        return err_set(e, 400, "invalid_request_context",
                       "The id of x-request-context must have %d to %d visible characters.", LIMIT_REQUEST_ID_MIN,
                       LIMIT_REQUEST_ID);
    if (!carries(request_id, rc->id))
        return err_set(e, 400, "request_id_mismatch",
                       "x-request-id must be the id of x-request-context, or that id with more before or after a '-'.");
    if (!same_invocation(cc->request_id, rc->id))
        return err_set(e, 400, "request_id_mismatch",
                       "x-client-context is of another invocation than x-request-context.");
    return true;
}

bool contexts_bind(const struct request_context *rc, const struct client_context *cc, struct span request_id,
                   const char *app_id, struct caller *out, struct err *e)
{
    struct caller c;
    char client_url[sizeof c.org_url];
    if (!bind_ids(rc, cc, request_id, e))
        return false;
    if (!record_id_is_org(rc->org_id) || !record_id_long(rc->org_id, c.org_id))
        return err_set(e, 400, "invalid_request_context",
                       "The orgId of x-request-context must be an org's id: 00D and 12 or 15 more letters and digits.");
    if (!org_url_normal(rc->org_domain_url, c.org_url, sizeof c.org_url))
        return err_set(e, 400, "invalid_request_context",
                       "The orgDomainUrl of x-request-context must be the URL of an org without a path.");
    if (!org_url_normal(cc->org_domain_url, client_url, sizeof client_url))
        return err_set(e, 400, "invalid_client_context",
                       "The orgDomainUrl of x-client-context must be the URL of an org without a path.");
    if (!*app_id || !span_eq_nocase(rc->app_uuid, app_id))
        return err_set(e, 403, "wrong_app",
                       "This invocation is meant for another app; publish this app to the org again.");
    if (!record_id_same(rc->org_id, cc->org_id))
        return err_set(e, 403, "wrong_org", "x-client-context names another org than x-request-context.");
    if (strcmp(authority(c.org_url), authority(client_url)) != 0)
        return err_set(e, 403, "wrong_org", "x-client-context names another org domain than x-request-context.");
    if (!record_id_long(cc->user_id, c.user_id))
        copy_span(c.user_id, sizeof c.user_id, cc->user_id);
    *out = c;
    return true;
}
