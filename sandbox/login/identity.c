/*
 * identity.c - who a token belongs to, and what goes with it: authorize (approves at once, there is nobody to ask),
 * userinfo, identity, revoke, introspect, discovery.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sandbox/base/encoding.h"
#include "sandbox/base/text.h"
#include "sandbox/login/apps.h"
#include "sandbox/login/routes.h"
#include "sandbox/login/sessions.h"

/* Only a page of this machine gets a code. */
static bool local_redirect(const char *uri)
{
    static const char *const starts[] = { "http://localhost", "http://127.0.0.1", "http://[::1]" };
    for (size_t i = 0; i < sizeof starts / sizeof *starts; i++) {
        size_t n = strlen(starts[i]);
        if (strncmp(uri, starts[i], n) == 0 && (uri[n] == ':' || uri[n] == '/') && !strpbrk(uri, "\r\n@"))
            return strlen(uri) < sizeof((struct session *)0)->redirect_uri;
    }
    return false;
}

static void redirect(struct reply *rp, const char *uri, const char *code, const char *state)
{
    struct text to = { .max = 2048 };
    text_fmt(&to, "%s%ccode=%s", uri, strchr(uri, '?') ? '&' : '?', code);
    if (state && !strpbrk(state, "\r\n"))
        text_fmt(&to, "&state=%s", state);
    reply_empty(rp, 302);
    if (to.p)
        reply_field(rp, "Location", to.p);
    text_free(&to);
}

/* GET /services/oauth2/authorize?response_type=code&client_id=&redirect_uri=[&state=][&login_hint=<user>] */
void oauth_authorize(struct sandbox *s, const struct request *rq, struct reply *rp)
{
    char *type = request_query(rq, "response_type"), *client = request_query(rq, "client_id");
    char *uri = request_query(rq, "redirect_uri"), *state = request_query(rq, "state");
    char *hint = request_query(rq, "login_hint"), code[SESSION_TOKEN_MAX];
    struct session session = { .kind = SESSION_CODE, .org = rq->address };
    struct app app;
    if (!type || strcmp(type, "code") != 0 || !client || !apps_find(s->apps, client, &app) || !uri ||
        !local_redirect(uri) ||
        !org_find_user(sandbox_org(s, rq->address), hint ? hint : SANDBOX_ADMIN, &session.user)) {
        reply_problem(rp, 400, "Bad Request",
                      "wants response_type=code, a known client_id, a redirect_uri on this machine");
    } else {
        copy_text(session.client_id, sizeof session.client_id, app.client_id);
        copy_text(session.redirect_uri, sizeof session.redirect_uri, uri);
        if (sessions_open(s->sessions, &session, CODE_LIFE_S, code))
            redirect(rp, uri, code, state);
        else
            reply_problem(rp, 503, "Service Unavailable", "no session left");
    }
    free(type);
    free(client);
    free(uri);
    free(state);
    free(hint);
}

static bool caller(struct sandbox *s, const struct request *rq, struct session *who)
{
    const char *bearer = request_bearer(rq);
    char *query = bearer ? NULL : request_query(rq, "oauth_token");
    const char *token = bearer ? bearer : query;
    bool ok = token && sessions_find(s->sessions, token, SESSION_ACCESS, who) && who->org == rq->address;
    free(query);
    return ok;
}

static json_t *urls_of(const char *url)
{
    static const char *const parts[][2] = { { "rest", "/services/data/v{version}/" },
                                            { "sobjects", "/services/data/v{version}/sobjects/" },
                                            { "query", "/services/data/v{version}/query/" } };
    json_t *urls = json_object();
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++)
        json_object_set_new(urls, parts[i][0], json_sprintf("%s%s", url, parts[i][1]));
    return urls;
}

static void identity_reply(struct sandbox *s, const struct session *who, struct reply *rp)
{
    char id[160];
    snprintf(id, sizeof id, "%s/id/%s/%s", s->urls[who->org], sandbox_org_id(who->org), who->user.id);
    reply_json(rp, 200,
               json_pack("{s:s, s:b, s:s, s:s, s:s, s:s, s:s, s:s, s:s, s:b, s:o}", "id", id, "asserted_user", 1, "sub",
                         id, "user_id", who->user.id, "organization_id", sandbox_org_id(who->org), "username",
                         who->user.username, "preferred_username", who->user.username, "email", who->user.username,
                         "display_name", who->user.username, "active", 1, "urls", urls_of(s->urls[who->org])));
}

void oauth_userinfo(struct sandbox *s, const struct request *rq, struct reply *rp)
{
    struct session who;
    if (caller(s, rq, &who))
        identity_reply(s, &who, rp);
    else
        reply_bytes(rp, 403, "text/html;charset=UTF-8", "Bad_OAuth_Token", 15);
}

/* /id/<org>/<user>: for that user's own token only. */
void oauth_identity(struct sandbox *s, const struct request *rq, struct reply *rp)
{
    struct session who;
    if (!caller(s, rq, &who)) {
        reply_bytes(rp, 403, "text/html;charset=UTF-8", "Bad_OAuth_Token", 15);
        return;
    }
    char path[80];
    snprintf(path, sizeof path, "/id/%s/%s", sandbox_org_id(who.org), who.user.id);
    if (strcmp(path, rq->path) == 0)
        identity_reply(s, &who, rp);
    else
        reply_bytes(rp, 404, "text/html;charset=UTF-8", "Bad_Id", 6);
}

static char *token_member(const struct request *rq)
{
    return form_get(strcmp(rq->method, "GET") == 0 ? rq->query : rq->body, "token");
}

void oauth_revoke(struct sandbox *s, const struct request *rq, struct reply *rp)
{
    char *token = token_member(rq);
    if (token && sessions_close(s->sessions, token))
        reply_empty(rp, 200);
    else
        reply_json(rp, 400,
                   json_pack("{s:s, s:s}", "error", "unsupported_token_type", "error_description",
                             "this token is not supported"));
    free(token);
}

/* An app asks about a token; anything unknown is just not active. */
void oauth_introspect(struct sandbox *s, const struct request *rq, struct reply *rp)
{
    const char *form = rq->body ? rq->body : "";
    char *token = token_member(rq), *id = form_get(form, "client_id"), *secret = form_get(form, "client_secret");
    struct session who;
    struct app app;
    if (!id || !secret || !apps_find(s->apps, id, &app) || !app.secret[0] || !same_secret(app.secret, secret))
        reply_json(
            rp, 401,
            json_pack("{s:s, s:s}", "error", "invalid_client", "error_description", "invalid client credentials"));
    else if (token && (sessions_find(s->sessions, token, SESSION_ACCESS, &who) ||
                       sessions_find(s->sessions, token, SESSION_REFRESH, &who)))
        reply_json(rp, 200,
                   json_pack("{s:b, s:s, s:s, s:s, s:s, s:I}", "active", 1, "scope", "api web", "client_id",
                             who.client_id, "username", who.user.username, "token_type",
                             who.kind == SESSION_ACCESS ? "access_token" : "refresh_token", "exp",
                             (json_int_t)(who.expires_ms / 1000)));
    else
        reply_json(rp, 200, json_pack("{s:b}", "active", 0));
    free(token);
    free(id);
    free(secret);
}

void oauth_discovery(struct sandbox *s, const struct request *rq, struct reply *rp)
{
    const char *url = s->urls[rq->address];
    reply_json(rp, 200,
               json_pack("{s:s, s:s+, s:s+, s:s+, s:s+, s:[s], s:[ss], s:[s]}", "issuer", url, "authorization_endpoint",
                         url, "/services/oauth2/authorize", "token_endpoint", url, "/services/oauth2/token",
                         "userinfo_endpoint", url, "/services/oauth2/userinfo", "jwks_uri", url, "/id/keys",
                         "response_types_supported", "code", "id_token_signing_alg_values_supported", "RS256", "ES256",
                         "subject_types_supported", "public"));
}
