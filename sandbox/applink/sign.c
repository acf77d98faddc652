/*
 * sign.c - see sign.h. The token is modelled on Salesforce's JWT-based access tokens (help.salesforce.com,
 * "JWT-Based Access Tokens"), whose type is "sfdc-core-token".
 */
#include "sandbox/applink/sign.h"

#include <jwt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sandbox/applink/cli_session.h"
#include "sandbox/applink/routes.h"
#include "sandbox/base/encoding.h"
#include "sandbox/base/system.h"
#include "sandbox/base/text.h"
#include "sandbox/login/keys.h"
#include "sandbox/login/sessions.h"

enum { TOKEN_LIFE_S = 120, TOKEN_BACKDATE_S = 15, TOKEN_LIFE_MAX_S = 1000000000, SIGNED_LINES_MAX = 65536 };

/* What the headers say, resolved from wishes and defaults. Borrowed texts. */
struct facts {
    const char *org_id, *domain, *access_token, *user_id, *username, *api_version, *request_id, *app_uuid, *name_space;
    const char *login_url;
    json_int_t life_s;
    enum key_alg alg;
};

/* Lays the members of `over` on `base`; null takes a member out. */
static void lay_over(json_t *base, const json_t *over)
{
    const char *name;
    json_t *value;
    json_object_foreach ((json_t *)over, name, value) {
        if (json_is_null(value))
            json_object_del(base, name);
        else
            json_object_set_new(base, name, json_deep_copy(value));
    }
}

static char *object_base64(const json_t *object)
{
    char *text = json_dumps(object, JSON_COMPACT);
    char *encoded = text ? base64_text(text, strlen(text), BASE64_PADDED) : NULL;
    free(text);
    return encoded;
}

static json_t *claims_of(const struct facts *f)
{
    json_int_t now = now_ms() / 1000;
    unsigned char raw[32];
    char session[65];
    random_bytes(raw, sizeof raw);
    hex_text(raw, sizeof raw, session);
    return json_pack("{s:s, s:[s], s:s+, s:s, s:s, s:I, s:I, s:I, s:s, s:s, s:[], s:b}", "scp", "api web refresh_token",
                     "aud", f->domain, "sub", "uid:", f->user_id, "iss", f->domain, "client_id", "sandbox-applink",
                     "nbf", now - TOKEN_BACKDATE_S, "iat", now, "exp", now + f->life_s, "mty", "oauth", "sfi", session,
                     "roles", "hsc", 0);
}

static json_t *token_header_of(const struct facts *f, const struct key *key)
{
    return json_pack("{s:s+, s:s, s:s, s:s}", "tnk", "core/sandbox/", f->org_id, "ver", "1.0", "kid", key->kid, "tty",
                     "sfdc-core-token");
}

/* Signs with libjwt; malloc'ed. */
static char *token_sign(const struct key *key, const json_t *header, const json_t *claims)
{
    char *header_text = json_dumps(header, JSON_COMPACT), *claims_text = json_dumps(claims, JSON_COMPACT);
    char *token = NULL;
    jwt_t *jwt = NULL;
    if (header_text && claims_text && jwt_new(&jwt) == 0 && jwt_add_headers_json(jwt, header_text) == 0 &&
        jwt_add_grants_json(jwt, claims_text) == 0 &&
        jwt_set_alg(jwt, key->alg == KEY_RS256 ? JWT_ALG_RS256 : JWT_ALG_ES256, (const unsigned char *)key->private_pem,
                    (int)strlen(key->private_pem)) == 0)
        token = jwt_encode_str(jwt);
    jwt_free(jwt);
    free(header_text);
    free(claims_text);
    return token;
}

static char *core_token(struct sandbox *s, const struct facts *f, const json_t *wishes)
{
    struct key key;
    if (!keys_current(s->keys, f->alg, &key))
        return NULL;
    json_t *header = token_header_of(f, &key), *claims = claims_of(f);
    char *token = NULL;
    if (header && claims) {
        lay_over(header, json_object_get(wishes, "tokenHeader"));
        lay_over(claims, json_object_get(wishes, "claims"));
        token = token_sign(&key, header, claims);
    }
    json_decref(header);
    json_decref(claims);
    key_free(&key);
    return token;
}

static char *request_context(const struct facts *f, const char *token, const json_t *wishes)
{
    json_t *context = json_pack("{s:s, s:s, s:s, s:s, s:s, s:s, s:s, s:s}", "id", f->request_id, "auth", token,
                                "loginUrl", f->login_url, "orgDomainUrl", f->domain, "orgId", f->org_id, "resource",
                                "externalService", "type", "sync", "appUuid", f->app_uuid);
    char *text = NULL;
    if (context) {
        lay_over(context, json_object_get(wishes, "requestContext"));
        text = object_base64(context);
    }
    json_decref(context);
    return text;
}

static char *client_context(const struct facts *f, const json_t *wishes)
{
    json_t *context =
        json_pack("{s:s, s:s, s:s, s:s, s:s, s:s, s:{s:s, s:s}}", "requestId", f->request_id, "accessToken",
                  f->access_token, "apiVersion", f->api_version, "namespace", f->name_space, "orgId", f->org_id,
                  "orgDomainUrl", f->domain, "userContext", "userId", f->user_id, "username", f->username);
    char *text = NULL;
    if (context) {
        lay_over(context, json_object_get(wishes, "clientContext"));
        text = object_base64(context);
    }
    json_decref(context);
    return text;
}

/* Whom the call is made for: a user of one of our orgs, or somebody of another org who brings a token along. */
static bool resolve_user(struct sandbox *s, const json_t *wishes, struct facts *f, struct org_user *user,
                         char token[SESSION_TOKEN_MAX], char *why, size_t why_size)
{
    json_int_t number = json_integer_value(json_object_get(wishes, "org"));
    const char *who = f->user_id ? f->user_id : f->username;
    if (!f->org_id)
        f->org_id = sandbox_org_id((int)number);
    if (f->access_token && f->user_id && f->username)
        return true;
    struct org *org = sandbox_org(s, (int)number);
    if (!org || !org_find_user(org, who ? who : SANDBOX_ADMIN, user)) {
        if (!who || !f->access_token) {
            snprintf(why, why_size, "the sandbox org has no user %s; give accessToken, userId and username",
                     who ? who : "");
            return false;
        }
        copy_text(user->id, sizeof user->id, "005000000000000AAA");
        copy_text(user->username, sizeof user->username, "user@example.com");
    }
    if (!f->user_id)
        f->user_id = user->id;
    if (!f->username)
        f->username = user->username;
    if (!f->access_token) {
        if (!sessions_for(s->sessions, (int)number, user, token)) {
            snprintf(why, why_size, "no session left");
            return false;
        }
        f->access_token = token;
    }
    return true;
}

static bool wishes_known(const json_t *wishes, char *why, size_t why_size)
{
    static const struct {
        const char *name;
        json_type type;
    } known[] = { { "org", JSON_INTEGER },         { "orgId", JSON_STRING },       { "orgDomainUrl", JSON_STRING },
                  { "accessToken", JSON_STRING },  { "userId", JSON_STRING },      { "username", JSON_STRING },
                  { "apiVersion", JSON_STRING },   { "requestId", JSON_STRING },   { "appUuid", JSON_STRING },
                  { "namespace", JSON_STRING },    { "alg", JSON_STRING },         { "expiresIn", JSON_INTEGER },
                  { "claims", JSON_OBJECT },       { "tokenHeader", JSON_OBJECT }, { "requestContext", JSON_OBJECT },
                  { "clientContext", JSON_OBJECT } };
    const char *name;
    json_t *value;
    json_object_foreach ((json_t *)wishes, name, value) {
        size_t i = 0;
        while (i < sizeof known / sizeof *known && strcmp(known[i].name, name) != 0)
            i++;
        if (i == sizeof known / sizeof *known || (json_typeof(value) != known[i].type && !json_is_null(value))) {
            snprintf(why, why_size, "%s is not known, or of the wrong type", name);
            return false;
        }
    }
    return true;
}

static const char *wish(const json_t *wishes, const char *name, const char *otherwise)
{
    const char *text = json_string_value(json_object_get(wishes, name));
    return text ? text : otherwise;
}

static bool header_text(const char *text)
{
    for (const char *p = text; *p; p++)
        if ((unsigned char)*p < ' ' || *p == 127)
            return false;
    return true;
}

/* Room for the texts that a call is given here. */
struct given {
    char app[64], id[64], token[SESSION_TOKEN_MAX];
    struct org_user user;
};

/* The facts out of the wishes; they borrow from both wishes and `given`. False with `why` filled. */
static bool read_facts(struct sandbox *s, const json_t *wishes, struct facts *f, struct given *given, char *why,
                       size_t why_size)
{
    const json_t *life = json_object_get(wishes, "expiresIn");
    json_int_t number = json_integer_value(json_object_get(wishes, "org"));
    if (!wishes_known(wishes, why, why_size))
        return false;
    if (number < 0 || number >= SANDBOX_ORGS) {
        snprintf(why, why_size, "org is not 0 to %d", SANDBOX_ORGS - 1);
        return false;
    }
    sandbox_app_id(s, given->app);
    *f = (struct facts){ .org_id = wish(wishes, "orgId", NULL),
                         .domain = wish(wishes, "orgDomainUrl", s->urls[number]),
                         .access_token = wish(wishes, "accessToken", NULL),
                         .user_id = wish(wishes, "userId", NULL),
                         .username = wish(wishes, "username", NULL),
                         .api_version = wish(wishes, "apiVersion", sandbox_api_version((int)number)),
                         .app_uuid = wish(wishes, "appUuid", given->app),
                         .name_space = wish(wishes, "namespace", ""),
                         .login_url = s->urls[number],
                         .life_s = json_is_integer(life) ? json_integer_value(life) : TOKEN_LIFE_S };
    if (f->life_s > TOKEN_LIFE_MAX_S || f->life_s < -TOKEN_LIFE_MAX_S) {
        snprintf(why, why_size, "expiresIn is beyond %d seconds", TOKEN_LIFE_MAX_S);
        return false;
    }
    if (!key_alg_of(wish(wishes, "alg", "RS256"), &f->alg)) {
        snprintf(why, why_size, "alg is neither RS256 nor ES256");
        return false;
    }
    if (!resolve_user(s, wishes, f, &given->user, given->token, why, why_size))
        return false;
    char uuid[37];
    uuid_text(uuid);
    snprintf(given->id, sizeof given->id, "%.18s-%s", f->org_id, uuid);
    f->request_id = wish(wishes, "requestId", given->id);
    if (!header_text(f->request_id)) {
        snprintf(why, why_size, "requestId has characters that no header line can hold");
        return false;
    }
    return true;
}

json_t *sign_headers(struct sandbox *s, const json_t *wishes, char *why, size_t why_size)
{
    struct facts f;
    struct given given;
    if (!read_facts(s, wishes, &f, &given, why, why_size))
        return NULL;
    char *core = core_token(s, &f, wishes);
    char *request = core ? request_context(&f, core, wishes) : NULL, *client = client_context(&f, wishes);
    json_t *headers = NULL;
    if (request && client)
        headers = json_pack("{s:s, s:s, s:s}", "x-request-id", f.request_id, "x-request-context", request,
                            "x-client-context", client);
    if (!headers)
        snprintf(why, why_size, "could not sign");
    free(core);
    free(request);
    free(client);
    return headers;
}

/* The headers as lines, for curl -H @file. */
static void reply_lines(struct reply *rp, const json_t *headers)
{
    struct text lines = { .max = SIGNED_LINES_MAX };
    const char *name;
    json_t *value;
    json_object_foreach ((json_t *)headers, name, value)
        text_fmt(&lines, "%s: %s\n", name, json_string_value(value));
    reply_bytes(rp, 200, "text/plain;charset=UTF-8", lines.p ? lines.p : "", lines.n);
    text_free(&lines);
}

/* ?from=sf: the body is what the Salesforce CLI printed; ?as=lines: the answer is header lines. */
void sign_request(struct sandbox *s, const struct request *rq, struct reply *rp)
{
    char why[256] = "", *from = request_query(rq, "from"), *as = request_query(rq, "as");
    json_t *body = request_object(rq, why, sizeof why), *wishes = NULL, *headers = NULL;
    if (body)
        wishes = from && strcmp(from, "sf") == 0 ? sf_wishes(body, why, sizeof why) : json_incref(body);
    if (wishes)
        headers = sign_headers(s, wishes, why, sizeof why);
    if (!headers)
        reply_problem(rp, 400, "Cannot sign", why);
    else if (as && strcmp(as, "lines") == 0)
        reply_lines(rp, headers);
    else
        reply_json(rp, 200, json_incref(headers));
    json_decref(headers);
    json_decref(wishes);
    json_decref(body);
    free(from);
    free(as);
}
