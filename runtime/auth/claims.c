/* claims.c - what a verified token must say. */
#include "runtime/auth/claims.h"

#include <jansson.h>
#include <string.h>

#include "runtime/base/record_id.h"

static bool refuse(struct err *e, const char *what)
{
    return err_set(e, 403, "invalid_token", "The invocation's token is not acceptable: %s.", what);
}

/* A NumericDate of whole seconds; absent leaves *out. A real or a text is a token that others may read differently. */
static bool date_of(const json_t *claims, const char *name, int64_t *out)
{
    const json_t *v = json_object_get(claims, name);
    if (!v)
        return true;
    if (!json_is_integer(v) || json_integer_value(v) < 0 || json_integer_value(v) > INT64_C(253402300799))
        return false;
    *out = json_integer_value(v);
    return true;
}

static bool check_times(const json_t *root, int64_t now_s, struct claims *c, struct err *e)
{
    if (!date_of(root, "exp", &c->exp) || !date_of(root, "nbf", &c->nbf) || !date_of(root, "iat", &c->iat))
        return refuse(e, "exp, nbf and iat must be whole seconds");
    if (!json_object_get(root, "exp"))
        return refuse(e, "it has no exp");
    if (now_s >= c->exp + CLAIMS_SKEW_S)
        return err_set(e, 403, "token_expired", "The invocation's token has expired; call again.");
    if (c->nbf > now_s + CLAIMS_SKEW_S || c->iat > now_s + CLAIMS_SKEW_S)
        return refuse(e, "it is not valid yet");
    return true;
}

static bool is_one_of(const json_t *text, const struct span_list *list)
{
    for (size_t i = 0; json_is_string(text) && i < list->n; i++)
        if (list->v[i].n == json_string_length(text) &&
            memcmp(list->v[i].p, json_string_value(text), list->v[i].n) == 0)
            return true;
    return false;
}

/* aud is a string or an array of strings (RFC 7519 section 4.1.3). */
static bool check_audience(const json_t *aud, const struct claims_rules *rules)
{
    bool any = false;
    if (json_is_string(aud))
        return is_one_of(aud, &rules->audiences);
    for (size_t i = 0; i < json_array_size(aud); i++) {
        const json_t *one = json_array_get(aud, i);
        if (!json_is_string(one))
            return false;
        any = any || is_one_of(one, &rules->audiences);
    }
    return any;
}

/* What a place in the token says of an org. */
enum mention { SILENT, THIS_ORG, OTHER_ORG };

static enum mention org_in_id(struct span id, const struct caller *caller)
{
    return record_id_same(id, span_of(caller->org_id)) ? THIS_ORG : OTHER_ORG;
}

/* An issuer or audience names an org when it is the URL of one; login hosts and client ids name none. */
static enum mention org_in_url(const json_t *text, const struct claims_rules *rules, const struct caller *caller)
{
    char url[sizeof caller->org_url];
    struct span s = { json_string_value(text), json_string_length(text) };
    if (!json_is_string(text) || !span_starts(s, "http") || !org_url_normal(s, url, sizeof url))
        return SILENT;
    if (strcmp(url, caller->org_url) == 0)
        return THIS_ORG;
    return rules->org_hosts && hosts_allow_origin(rules->org_hosts, url, NULL) ? OTHER_ORG : SILENT;
}

/* Every place that names an org names the caller's, and at least one does. */
static bool check_org(const json_t *root, const struct jws *token, const struct claims_rules *rules,
                      const struct caller *caller)
{
    static const char *const names[] = { "org_id", "orgId", "organization_id" };
    const json_t *aud = json_object_get(root, "aud");
    bool seen[OTHER_ORG + 1] = { false };
    if (token->org.n)
        seen[org_in_id(token->org, caller)] = true;
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        const json_t *v = json_object_get(root, names[i]);
        if (v)
            seen[org_in_id((struct span){ json_string_value(v), json_string_length(v) }, caller)] = true;
    }
    seen[org_in_url(json_object_get(root, "iss"), rules, caller)] = true;
    seen[org_in_url(aud, rules, caller)] = true;
    for (size_t i = 0; i < json_array_size(aud); i++)
        seen[org_in_url(json_array_get(aud, i), rules, caller)] = true;
    return seen[THIS_ORG] && !seen[OTHER_ORG];
}

/* What stands behind uid: in the subject; p is NULL when it has another form. */
static struct span user_of(const json_t *root)
{
    const json_t *sub = json_object_get(root, "sub");
    struct span s = { json_string_value(sub), json_string_length(sub) };
    if (!json_is_string(sub) || !span_starts(s, "uid:"))
        return (struct span){ 0 };
    return (struct span){ s.p + 4, s.n - 4 };
}

/* A token of a user is for that user's calls. */
static bool check_user(const json_t *root, const struct caller *caller)
{
    struct span user = user_of(root);
    return !user.p || record_id_same(user, span_of(caller->user_id));
}

bool claims_of_another(struct span token, const char *user_id, char other[RECORD_ID_SIZE])
{
    char payload[JWS_PAYLOAD + 4];
    long n = jws_payload(token, payload, sizeof payload);
    json_t *root = n > 0 ? json_loadb(payload, (size_t)n, JSON_REJECT_DUPLICATES, NULL) : NULL;
    struct span user = user_of(root);
    bool another = user.p && record_id_long(user, other) && !record_id_same(user, span_of(user_id));
    json_decref(root);
    bytes_wipe(payload, sizeof payload);
    return another;
}

/* The payload as an object; NULL when it is not one. */
static json_t *payload_of(const struct jws *token, struct err *e)
{
    json_error_t where;
    json_t *root = json_loadb(token->payload, token->payload_n, JSON_REJECT_DUPLICATES, &where);
    if (json_is_object(root))
        return root;
    json_decref(root);
    refuse(e, "its payload is not one JSON object");
    return NULL;
}

bool claims_times(const struct jws *token, int64_t now_s, struct claims *out, struct err *e)
{
    struct claims c = { 0 };
    json_t *root = payload_of(token, e);
    bool ok = root && check_times(root, now_s, &c, e);
    if (ok)
        *out = c;
    json_decref(root);
    return ok;
}

static bool check_names(const json_t *root, const struct jws *token, const struct claims_rules *rules,
                        const struct caller *caller, struct err *e)
{
    if (!is_one_of(json_object_get(root, "iss"), &rules->issuers))
        return refuse(e, "its issuer is not one of those that are trusted here");
    if (!check_audience(json_object_get(root, "aud"), rules))
        return refuse(e, "it is meant for another audience");
    if (!check_org(root, token, rules, caller))
        return err_set(e, 403, "wrong_org", "The invocation's token was issued for another org.");
    if (!check_user(root, caller))
        return err_set(e, 403, "wrong_user", "The invocation's token was issued for another user.");
    return true;
}

bool claims_check(const struct jws *token, const struct claims_rules *rules, const struct caller *caller, int64_t now_s,
                  struct claims *out, struct err *e)
{
    struct claims c = { 0 };
    json_t *root = payload_of(token, e);
    bool ok = root && check_times(root, now_s, &c, e) && check_names(root, token, rules, caller, e);
    if (ok)
        *out = c;
    json_decref(root);
    return ok;
}
