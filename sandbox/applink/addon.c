/*
 * addon.c - the AppLink add-on's API: authenticates invocations (verifies the token that the sandbox signed) and data
 * actions (verifies their HMAC), and hands out named authorizations.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sandbox/applink/routes.h"
#include "sandbox/applink/targets.h"
#include "sandbox/base/encoding.h"
#include "sandbox/login/keys.h"
#include "sandbox/login/sessions.h"
#include "sandbox/login/verify.h"

/* Every path of the add-on wants its token. */
static bool token_fits(struct sandbox *s, const struct request *rq, struct reply *rp)
{
    const char *token = request_bearer(rq);
    if (token && same_secret(token, s->settings.token))
        return true;
    reply_problem(rp, 401, "Unauthorized", "The add-on token is missing or wrong.");
    return false;
}

/* The body's members as texts, all of them required. */
static json_t *body_texts(const struct request *rq, const char *const *names, const char **texts, struct reply *rp)
{
    char why[256] = "";
    const char *type = request_field(rq, "Content-Type");
    json_t *body = NULL;
    if (!type || strncmp(type, "application/json", 16) != 0)
        snprintf(why, sizeof why, "the content type is not application/json");
    else
        body = request_object(rq, why, sizeof why);
    for (int i = 0; body && names[i]; i++) {
        texts[i] = json_string_value(json_object_get(body, names[i]));
        if (!texts[i] || !*texts[i]) {
            snprintf(why, sizeof why, "%s is missing or not a text", names[i]);
            json_decref(body);
            body = NULL;
        }
    }
    if (!body)
        reply_problem(rp, 400, "Bad Request", why);
    return body;
}

/* The token was made for this very org: its issuer is the org's domain, its tenant key holds the org's id. */
static bool token_binds(const json_t *header, const json_t *claims, const char *org_id, const char *domain)
{
    const char *issuer = json_string_value(json_object_get(claims, "iss"));
    const char *tenant = json_string_value(json_object_get(header, "tnk"));
    const char *org = tenant ? strrchr(tenant, '/') : NULL;
    return issuer && strcmp(issuer, domain) == 0 && org && strlen(org_id) >= 15 && strncmp(org + 1, org_id, 15) == 0 &&
           (strlen(org_id) == 15 || strcmp(org + 1, org_id) == 0);
}

/* The claims of a token that one of our keys signed; the key is chosen by its id, the algorithm is the key's. */
static json_t *core_claims(struct sandbox *s, const char *token, json_t **header, char *why, size_t why_size)
{
    *header = verify_header(token, why, why_size);
    if (!*header)
        return NULL;
    struct key key;
    const char *kid = json_string_value(json_object_get(*header, "kid"));
    if (!kid || !keys_find(s->keys, kid, &key)) {
        snprintf(why, why_size, "unknown key");
        return NULL;
    }
    json_t *claims = verify_token(token, key.alg, key.public_pem, why, why_size);
    key_free(&key);
    return claims;
}

void addon_invocation(struct sandbox *s, const struct request *rq, struct reply *rp)
{
    static const char *const names[] = { "org_domain_url", "core_jwt_token", "org_id", "app_uuid", NULL };
    const char *texts[4];
    json_t *body = token_fits(s, rq, rp) ? body_texts(rq, names, texts, rp) : NULL;
    if (!body)
        return;
    char why[256] = "", app[64];
    sandbox_app_id(s, app);
    json_t *header = NULL, *claims = core_claims(s, texts[1], &header, why, sizeof why);
    if (!claims)
        reply_problem(rp, 401, "Invalid token", why);
    else if (!token_binds(header, claims, texts[2], texts[0]))
        reply_problem(rp, 403, "Forbidden", "The token was issued for another org.");
    else if (strcmp(texts[3], app) != 0)
        reply_problem(rp, 403, "Forbidden", "The org has no connection to this app.");
    else
        reply_json(rp, 200, json_object());
    json_decref(claims);
    json_decref(header);
    json_decref(body);
}

void addon_data_action(struct sandbox *s, const struct request *rq, struct reply *rp)
{
    static const char *const names[] = { "api_name", "org_id", "signature", "payload", NULL };
    const char *texts[4];
    json_t *body = token_fits(s, rq, rp) ? body_texts(rq, names, texts, rp) : NULL;
    if (!body)
        return;
    if (targets_verify(s->targets, texts[1], texts[0], texts[2], texts[3],
                       json_string_length(json_object_get(body, "payload"))))
        reply_json(rp, 200, json_object());
    else
        reply_problem(rp, 401, "Unauthorized", "The signature does not fit, or there is no such data action target.");
    json_decref(body);
}

/* What was connected with `heroku salesforce:authorizations:add`. */
static const struct authorization {
    const char *name, *id, *user, *kind;
    int org;
} authorizations[] = {
    { "sandbox", "3f5c0a52-0d1c-4f4e-9a5e-6a6f2b1d7c01", SANDBOX_ADMIN, "SalesforceOrg", 0 },
    { "partner", "3f5c0a52-0d1c-4f4e-9a5e-6a6f2b1d7c02", SANDBOX_ADMIN, "SalesforceOrg", 1 },
    { "third", "3f5c0a52-0d1c-4f4e-9a5e-6a6f2b1d7c03", SANDBOX_ADMIN, "SalesforceOrg", 2 },
    { "sandbox_data", "3f5c0a52-0d1c-4f4e-9a5e-6a6f2b1d7c04", SANDBOX_ADMIN, "DataCloudOrg", 0 },
};

static void authorization_reply(struct sandbox *s, const struct authorization *a, struct reply *rp)
{
    char token[SESSION_TOKEN_MAX];
    struct org_user user;
    struct org *org = sandbox_org(s, a->org);
    if (!org || !org_find_user(org, a->user, &user) || !sessions_for(s->sessions, a->org, &user, token)) {
        reply_problem(rp, 500, "Internal Server Error", "The org of this authorization could not be opened.");
        return;
    }
    json_t *of_org =
        json_pack("{s:s, s:s, s:s, s:s, s:s, s:{s:s, s:s, s:s}}", "id", sandbox_org_id(a->org), "developer_name",
                  a->name, "instance_url", s->urls[a->org], "type", a->kind, "api_version", sandbox_api_version(a->org),
                  "user_auth", "username", user.username, "user_id", user.id, "access_token", token);
    reply_json(rp, 200,
               json_pack("{s:s, s:s, s:o, s:s, s:s, s:s, s:s}", "id", a->id, "status", "authorized", "org", of_org,
                         "created_at", "2025-03-06T18:20:42.226577Z", "created_by", "sandbox@example.com",
                         "created_via_app", "sandbox", "last_modified_at", "2025-03-06T18:20:42.226577Z"));
}

void addon_authorization(struct sandbox *s, const struct request *rq, struct reply *rp)
{
    if (!token_fits(s, rq, rp))
        return;
    const char *name = strrchr(rq->path, '/') + 1, *app = request_field(rq, "X-App-UUID");
    char own[64];
    sandbox_app_id(s, own);
    if (!app || strcmp(app, own) != 0) {
        reply_problem(rp, 403, "Forbidden", "X-App-UUID is missing or names another app.");
        return;
    }
    for (size_t i = 0; i < sizeof authorizations / sizeof *authorizations; i++) {
        if (strcmp(authorizations[i].name, name) == 0) {
            authorization_reply(s, &authorizations[i], rp);
            return;
        }
    }
    reply_problem(rp, 404, "Not Found", "Authorization not found");
}

/* The list of authorizations is not served, but a host that opens its connection here says which app it is. */
void addon_announce(struct sandbox *s, const struct request *rq, struct reply *rp)
{
    if (!token_fits(s, rq, rp))
        return;
    const char *app = request_field(rq, "X-App-UUID");
    if (app)
        sandbox_learn_app(s, app);
    reply_problem(rp, 404, "Not Found", "Authorization not found");
}
