/*
 * oauth.c - the token endpoint of the org: client credentials, JWT bearer, authorization code, refresh token and
 * password, with the error codes of Salesforce.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "sandbox/base/encoding.h"
#include "sandbox/base/system.h"
#include "sandbox/base/text.h"
#include "sandbox/login/apps.h"
#include "sandbox/login/routes.h"
#include "sandbox/login/sessions.h"
#include "sandbox/login/verify.h"

enum { ASSERTION_LIFE_S = 300 };

static void refuse(struct reply *rp, const char *error, const char *description)
{
    reply_json(rp, 400, json_pack("{s:s, s:s}", "error", error, "error_description", description));
}

/* One request to the token endpoint: its form and the app that makes it. */
struct grant {
    struct sandbox *s;
    const struct request *rq;
    const char *form;
    struct app app;
};

/* Client id and secret from the form or from HTTP Basic; both malloc'ed, NULL when absent. */
static void credentials(const struct grant *g, char **id, char **secret)
{
    const char *basic = request_field(g->rq, "Authorization");
    *id = form_get(g->form, "client_id");
    *secret = form_get(g->form, "client_secret");
    if (*id || !basic || strncasecmp(basic, "Basic ", 6) != 0)
        return;
    size_t n;
    unsigned char *text = base64_bytes(basic + 6, strlen(basic + 6), BASE64_PADDED, &n);
    char *colon = text ? strchr((char *)text, ':') : NULL;
    if (colon) {
        *colon = 0;
        *id = strdup((char *)text);
        free(*secret);
        *secret = strdup(colon + 1);
    }
    free(text);
}

/* Finds the app of the form and checks its secret. An app with a secret has to show it where one is required. */
static bool client_known(struct grant *g, bool secret_required, struct reply *rp)
{
    char *id, *secret;
    bool ok = false;
    credentials(g, &id, &secret);
    if (!id || !apps_find(g->s->apps, id, &g->app))
        refuse(rp, "invalid_client_id", "client identifier invalid");
    else if ((secret || secret_required) && (!secret || !g->app.secret[0] || !same_secret(secret, g->app.secret)))
        refuse(rp, "invalid_client", "invalid client credentials");
    else
        ok = true;
    free(id);
    free(secret);
    return ok;
}

/* The answer of a grant: a new access token, and a refresh token where the flow gives one. */
static void grant_tokens(const struct grant *g, const struct org_user *user, int org, unsigned long family,
                         bool refresh, struct reply *rp)
{
    struct session session = { .kind = SESSION_ACCESS, .org = org, .user = *user, .family = family };
    char access[SESSION_TOKEN_MAX], refreshing[SESSION_TOKEN_MAX], id[160], issued[24];
    copy_text(session.client_id, sizeof session.client_id, g->app.client_id);
    if (!sessions_open(g->s->sessions, &session, SESSION_LIFE_S, access)) {
        refuse(rp, "server_error", "no session left");
        return;
    }
    snprintf(id, sizeof id, "%s/id/%s/%s", g->s->urls[org], sandbox_org_id(org), user->id);
    snprintf(issued, sizeof issued, "%lld", (long long)now_ms());
    struct text signed_text = { 0 };
    text_fmt(&signed_text, "%s%s", id, issued);
    char *signature = hmac_base64(g->app.secret, signed_text.p, signed_text.n);
    json_t *answer = json_pack("{s:s, s:s, s:s, s:s, s:s, s:s, s:s}", "access_token", access, "signature",
                               signature ? signature : "", "scope", refresh ? "refresh_token web api" : "web api",
                               "instance_url", g->s->urls[org], "id", id, "token_type", "Bearer", "issued_at", issued);
    session.kind = SESSION_REFRESH;
    if (answer && refresh && sessions_open(g->s->sessions, &session, REFRESH_LIFE_S, refreshing))
        json_object_set_new(answer, "refresh_token", json_string(refreshing));
    free(signature);
    text_free(&signed_text);
    reply_json(rp, 200, answer);
    reply_field(rp, "Cache-Control", "no-store");
}

static void grant_client_credentials(struct grant *g, struct reply *rp)
{
    if (!client_known(g, true, rp))
        return;
    struct org_user user;
    if (!g->app.run_as[0] || !org_find_user(sandbox_org(g->s, g->rq->address), g->app.run_as, &user))
        refuse(rp, "invalid_grant", "no client credentials user enabled");
    else
        grant_tokens(g, &user, g->rq->address, 0, false, rp);
}

static bool audience_fits(const struct grant *g, const json_t *claims)
{
    const json_t *aud = json_object_get(claims, "aud");
    const char *text =
        json_string_value(json_is_array(aud) && json_array_size(aud) == 1 ? json_array_get(aud, 0) : aud);
    return text &&
           (strcmp(text, g->s->urls[g->rq->address]) == 0 || strcmp(text, "https://login.salesforce.com") == 0 ||
            strcmp(text, "https://test.salesforce.com") == 0);
}

/* The app is named by the assertion itself; nothing in it is believed before its signature is verified. */
static bool assertion_app(struct grant *g, const char *assertion)
{
    const char *dot = strchr(assertion, '.');
    size_t n = 0, part = dot ? strcspn(dot + 1, ".") : 0;
    unsigned char *text = part ? base64_bytes(dot + 1, part, BASE64_URL, &n) : NULL;
    json_t *claims = text ? json_loadb((char *)text, n, JSON_REJECT_DUPLICATES, NULL) : NULL;
    const char *iss = json_string_value(json_object_get(claims, "iss"));
    bool found = iss && apps_find(g->s->apps, iss, &g->app);
    json_decref(claims);
    free(text);
    return found;
}

static void grant_jwt_bearer(struct grant *g, struct reply *rp)
{
    char *assertion = form_get(g->form, "assertion"), why[128];
    bool known = assertion && assertion_app(g, assertion);
    json_t *claims =
        known && g->app.public_pem[0] ? verify_token(assertion, KEY_RS256, g->app.public_pem, why, sizeof why) : NULL;
    const char *sub = json_string_value(json_object_get(claims, "sub"));
    struct org_user user;
    if (!known)
        refuse(rp, "invalid_client_id", "client identifier invalid");
    else if (claims && !audience_fits(g, claims))
        refuse(rp, "invalid_grant", "audience is invalid");
    else if (!claims ||
             json_integer_value(json_object_get(claims, "exp")) > now_ms() / 1000 + ASSERTION_LIFE_S + VERIFY_SKEW_S)
        refuse(rp, "invalid_grant", "invalid assertion");
    else if (!sub || !org_find_user(sandbox_org(g->s, g->rq->address), sub, &user))
        refuse(rp, "invalid_grant", "user hasn't approved this consumer");
    else
        grant_tokens(g, &user, g->rq->address, 0, false, rp);
    json_decref(claims);
    free(assertion);
}

static void grant_code(struct grant *g, struct reply *rp)
{
    char *code = form_get(g->form, "code"), *uri = form_get(g->form, "redirect_uri");
    struct session session;
    if (!client_known(g, true, rp)) {
        /* answered */
    } else if (!code || !sessions_find(g->s->sessions, code, SESSION_CODE, &session) || session.org != g->rq->address ||
               !sessions_close(g->s->sessions, code) || strcmp(session.client_id, g->app.client_id) != 0) {
        refuse(rp, "invalid_grant", "invalid authorization code");
    } else if (!uri || strcmp(uri, session.redirect_uri) != 0) {
        refuse(rp, "redirect_uri_mismatch", "redirect_uri must match configuration");
    } else {
        grant_tokens(g, &session.user, session.org, sessions_family(g->s->sessions), true, rp);
    }
    free(code);
    free(uri);
}

static void grant_refresh(struct grant *g, struct reply *rp)
{
    char *token = form_get(g->form, "refresh_token");
    struct session session;
    if (!client_known(g, false, rp)) {
        /* answered */
    } else if (!token || !sessions_find(g->s->sessions, token, SESSION_REFRESH, &session) ||
               session.org != g->rq->address || strcmp(session.client_id, g->app.client_id) != 0) {
        refuse(rp, "invalid_grant", "expired access/refresh token");
    } else {
        grant_tokens(g, &session.user, session.org, session.family, false, rp);
    }
    free(token);
}

static void grant_password(struct grant *g, struct reply *rp)
{
    char *name = form_get(g->form, "username"), *password = form_get(g->form, "password");
    struct org_user user;
    if (!client_known(g, true, rp)) {
        /* answered */
    } else if (!name || !password || !same_secret(password, APP_SAMPLE_PASSWORD) ||
               !org_find_user(sandbox_org(g->s, g->rq->address), name, &user)) {
        refuse(rp, "invalid_grant", "authentication failure");
    } else {
        grant_tokens(g, &user, g->rq->address, 0, false, rp);
    }
    free(name);
    free(password);
}

static const struct flow {
    const char *name;
    void (*run)(struct grant *g, struct reply *rp);
} flows[] = {
    { "client_credentials", grant_client_credentials },
    { "urn:ietf:params:oauth:grant-type:jwt-bearer", grant_jwt_bearer },
    { "authorization_code", grant_code },
    { "refresh_token", grant_refresh },
    { "password", grant_password },
};

void oauth_token(struct sandbox *s, const struct request *rq, struct reply *rp)
{
    const char *type = request_field(rq, "Content-Type");
    if (!type || strncasecmp(type, "application/x-www-form-urlencoded", 33) != 0) {
        refuse(rp, "invalid_request", "the parameters must be a form");
        return;
    }
    struct grant g = { .s = s, .rq = rq, .form = rq->body ? rq->body : "" };
    char *name = form_get(g.form, "grant_type");
    for (size_t i = 0; name && i < sizeof flows / sizeof *flows; i++) {
        if (strcmp(flows[i].name, name) == 0) {
            flows[i].run(&g, rp);
            free(name);
            return;
        }
    }
    refuse(rp, "unsupported_grant_type", "grant type not supported");
    free(name);
}
