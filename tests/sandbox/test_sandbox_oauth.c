/* test_sandbox_oauth.c - every flow of the token endpoint, its refusals, expiry; the lenders and the provider. */
#include "tests/sandbox/fixture.h"

#include <jwt.h>
#include <openssl/evp.h>
#include <openssl/pem.h>

#include "sandbox/login/apps.h"
#include "sandbox/login/sessions.h"

#define TOKEN "/services/oauth2/token"
#define FORM "Content-Type: application/x-www-form-urlencoded"
#define SAMPLE "client_id=sandbox-client&client_secret=sandbox-secret"

/* The answer to a form; its member `error` is "" on success. */
static json_t *grant(const char *form, int *status)
{
    return ask_json("POST", TOKEN, FORM, form, status);
}

static void refused(const char *form, const char *error)
{
    int status;
    json_t *json = grant(form, &status);
    if (status != 400 || strcmp(text_of(json, "error"), error) != 0)
        fail_msg("%s: %d %s, not %s", form, status, text_of(json, "error"), error);
    assert_true(*text_of(json, "error_description"));
    json_decref(json);
}

/* Whether the org lets this token in: what a stale session gets is 401. */
static bool let_in(const char *token)
{
    char line[256];
    snprintf(line, sizeof line, "Authorization: Bearer %s", token);
    return ask_status("GET", "/services/data/v60.0/limits", line, NULL) != 401;
}

static void granted(const char *form, char token[SESSION_TOKEN_MAX], char refresh[SESSION_TOKEN_MAX])
{
    int status;
    json_t *json = grant(form, &status);
    if (status != 200)
        fail_msg("%s: %d %s", form, status, text_of(json, "error_description"));
    assert_string_equal(text_of(json, "token_type"), "Bearer");
    assert_string_equal(text_of(json, "instance_url"), box->urls[0]);
    assert_non_null(strstr(text_of(json, "id"), "/id/" ORG_ID "/005"));
    copy_text(token, SESSION_TOKEN_MAX, text_of(json, "access_token"));
    if (refresh)
        copy_text(refresh, SESSION_TOKEN_MAX, text_of(json, "refresh_token"));
    assert_true(let_in(token));
    json_decref(json);
}

static void client_credentials(void **state)
{
    char token[SESSION_TOKEN_MAX], *basic, line[256];
    (void)state;
    granted("grant_type=client_credentials&" SAMPLE, token, NULL);
    basic = base64_text("sandbox-client:sandbox-secret", 29, BASE64_PADDED);
    snprintf(line, sizeof line, FORM "\nAuthorization: Basic %s", basic);
    assert_int_equal(ask_status("POST", TOKEN, line, "grant_type=client_credentials"), 200);
    free(basic);
    basic = base64_text("sandbox-client:sandbox-secre_", 29, BASE64_PADDED);
    snprintf(line, sizeof line, FORM "\nAuthorization: Basic %s", basic);
    assert_int_equal(ask_status("POST", TOKEN, line, "grant_type=client_credentials"), 400);
    free(basic);
    refused("grant_type=client_credentials", "invalid_client_id");
    refused("grant_type=client_credentials&client_id=nope&client_secret=sandbox-secret", "invalid_client_id");
    refused("grant_type=client_credentials&client_id=sandbox-client", "invalid_client");
    refused("grant_type=client_credentials&client_id=sandbox-client&client_secret=x", "invalid_client");
    refused("grant_type=saml", "unsupported_grant_type");
    refused("", "unsupported_grant_type");
    assert_int_equal(ask_status("POST", TOKEN, "Content-Type: application/json", "{}"), 400);
    assert_int_equal(ask_status("GET", TOKEN, NULL, NULL), 405);
    /* an app without a user to run as has no such flow */
    assert_int_equal(ask_status("POST", "/sandbox/apps", NULL, "{\"clientId\":\"plain\",\"clientSecret\":\"s\"}"), 200);
    refused("grant_type=client_credentials&client_id=plain&client_secret=s", "invalid_grant");
}

static void password(void **state)
{
    char token[SESSION_TOKEN_MAX];
    (void)state;
    granted("grant_type=password&" SAMPLE "&username=admin%40example.com&password=sandbox-password", token, NULL);
    refused("grant_type=password&" SAMPLE "&username=admin%40example.com&password=x", "invalid_grant");
    refused("grant_type=password&" SAMPLE "&username=nobody&password=sandbox-password", "invalid_grant");
}

/* Takes the code out of the redirect. */
static void code_of(char code[SESSION_TOKEN_MAX])
{
    struct reply rp = ask("GET",
                          "/services/oauth2/authorize?response_type=code&client_id=sandbox-client&state=s1"
                          "&redirect_uri=http%3A%2F%2Flocalhost%3A9%2Fback",
                          NULL, NULL);
    const char *to = reply_get(&rp, "Location"), *at;
    assert_int_equal(rp.status, 302);
    assert_non_null(to);
    assert_memory_equal(to, "http://localhost:9/back?code=", 29);
    assert_non_null(strstr(to, "&state=s1"));
    at = to + 29;
    snprintf(code, SESSION_TOKEN_MAX, "%.*s", (int)strcspn(at, "&"), at);
    reply_free(&rp);
}

static void code_and_refresh(void **state)
{
    static const char *const back = "&redirect_uri=http%3A%2F%2Flocalhost%3A9%2Fback";
    char code[SESSION_TOKEN_MAX], form[512], token[SESSION_TOKEN_MAX], refresh[SESSION_TOKEN_MAX],
        again[SESSION_TOKEN_MAX], other[SESSION_TOKEN_MAX];
    (void)state;
    code_of(code);
    snprintf(form, sizeof form, "grant_type=authorization_code&" SAMPLE "&code=%s%s", code, back);
    granted(form, token, refresh);
    assert_true(*refresh);
    refused(form, "invalid_grant"); /* a code is good once */
    code_of(code);
    snprintf(form, sizeof form,
             "grant_type=authorization_code&" SAMPLE "&code=%s&redirect_uri=http%%3A%%2F%%2Flocalhost%%3A9", code);
    refused(form, "redirect_uri_mismatch");
    assert_false(let_in(refresh)); /* a refresh token is no session */
    snprintf(form, sizeof form, "grant_type=refresh_token&client_id=sandbox-client&refresh_token=%s", refresh);
    granted(form, again, NULL);
    assert_string_not_equal(again, token);
    snprintf(form, sizeof form, "grant_type=refresh_token&client_id=sandbox-client&client_secret=x&refresh_token=%s",
             refresh);
    refused(form, "invalid_client");
    snprintf(form, sizeof form, "grant_type=refresh_token&client_id=plain&refresh_token=%s", refresh);
    refused(form, "invalid_grant"); /* of another app */
    snprintf(form, sizeof form, "grant_type=refresh_token&" SAMPLE "&refresh_token=%s", token);
    refused(form, "invalid_grant"); /* an access token does not refresh */
    /* who revokes the refresh token ends all that it granted, and nothing else */
    granted("grant_type=client_credentials&" SAMPLE, other, NULL);
    snprintf(form, sizeof form, "token=%s", refresh);
    assert_int_equal(ask_status("POST", "/services/oauth2/revoke", FORM, form), 200);
    assert_false(let_in(token));
    assert_false(let_in(again));
    assert_true(let_in(other));
    snprintf(form, sizeof form, "grant_type=refresh_token&client_id=sandbox-client&refresh_token=%s", refresh);
    refused(form, "invalid_grant");
    /* no code for a page elsewhere */
    assert_int_equal(ask_status("GET",
                                "/services/oauth2/authorize?response_type=code&client_id=sandbox-client"
                                "&redirect_uri=https%3A%2F%2Fevil.example%2F",
                                NULL, NULL),
                     400);
    assert_int_equal(ask_status("GET",
                                "/services/oauth2/authorize?response_type=code&client_id=sandbox-client"
                                "&redirect_uri=http%3A%2F%2Flocalhost.evil.example%2F",
                                NULL, NULL),
                     400);
}

static void expiry_is_forced(void **state)
{
    char one[SESSION_TOKEN_MAX], two[SESSION_TOKEN_MAX], body[256];
    json_t *json;
    int status;
    (void)state;
    granted("grant_type=client_credentials&" SAMPLE, one, NULL);
    granted("grant_type=client_credentials&" SAMPLE, two, NULL);
    snprintf(body, sizeof body, "{\"accessToken\":\"%s\"}", one);
    json = ask_json("POST", "/sandbox/expire", NULL, body, &status);
    assert_int_equal(json_integer_value(json_object_get(json, "expired")), 1);
    json_decref(json);
    assert_false(let_in(one));
    assert_true(let_in(two));
    json = ask_json("POST", "/sandbox/expire", NULL, "{\"user\":\"nobody\"}", &status);
    assert_int_equal(json_integer_value(json_object_get(json, "expired")), 0);
    json_decref(json);
    assert_true(let_in(two));
    assert_int_equal(ask_status("POST", "/sandbox/expire", NULL, "{\"user\":\"admin@example.com\"}"), 200);
    assert_false(let_in(two));
    granted("grant_type=client_credentials&" SAMPLE, one, NULL);
    assert_int_equal(ask_status("POST", "/sandbox/expire", NULL, "{}"), 200);
    assert_false(let_in(one));
    /* a signed invocation has a fresh one then */
    admin_line(body, sizeof body);
    assert_true(let_in(strstr(body, "00D")));
}

static void sessions_end_by_themselves_and_give_way(void **state)
{
    struct sessions *s = sessions_new();
    struct session session = { .kind = SESSION_ACCESS }, found;
    char first[SESSION_TOKEN_MAX], token[SESSION_TOKEN_MAX];
    (void)state;
    assert_true(sessions_open(s, &session, 0, first));
    assert_false(sessions_find(s, first, SESSION_ACCESS, &found));
    assert_true(sessions_open(s, &session, 60, first));
    assert_true(sessions_find(s, first, SESSION_ACCESS, &found));
    assert_false(sessions_find(s, first, SESSION_REFRESH, &found));
    for (int i = 0; i < SESSIONS_MAX - 1; i++)
        assert_true(sessions_open(s, &session, 60, token));
    assert_true(sessions_find(s, first, SESSION_ACCESS, &found));
    assert_true(sessions_open(s, &session, 60, token));
    assert_false(sessions_find(s, first, SESSION_ACCESS, &found)); /* the oldest gave way */
    assert_true(sessions_find(s, token, SESSION_ACCESS, &found));
    token[strlen(token) - 1] ^= 1;
    assert_false(sessions_find(s, token, SESSION_ACCESS, &found));
    assert_false(sessions_find(s, "", SESSION_ACCESS, &found));
    assert_false(sessions_find(s, "00Dxx0000001gPL!AQffffxxxx", SESSION_ACCESS, &found));
    sessions_free(s);
}

static char *pem_text(EVP_PKEY *key, bool private)
{
    BIO *bio = BIO_new(BIO_s_mem());
    char *data, *text;
    long n;
    assert_true(private ? PEM_write_bio_PrivateKey(bio, key, NULL, NULL, 0, NULL, NULL)
                        : PEM_write_bio_PUBKEY(bio, key));
    n = BIO_get_mem_data(bio, &data);
    text = strndup(data, (size_t)n);
    BIO_free(bio);
    return text;
}

static char *assertion_form(const char *private_pem, const char *iss, const char *sub, const char *aud, long long exp)
{
    jwt_t *jwt = NULL;
    char *token, *form;
    size_t n;
    assert_int_equal(jwt_new(&jwt), 0);
    jwt_add_grant(jwt, "iss", iss);
    jwt_add_grant(jwt, "sub", sub);
    jwt_add_grant(jwt, "aud", aud);
    jwt_add_grant_int(jwt, "exp", (long)exp);
    jwt_set_alg(jwt, JWT_ALG_RS256, (const unsigned char *)private_pem, (int)strlen(private_pem));
    token = jwt_encode_str(jwt);
    jwt_free(jwt);
    n = strlen(token) + 128;
    form = malloc(n);
    snprintf(form, n, "grant_type=urn%%3Aietf%%3Aparams%%3Aoauth%%3Agrant-type%%3Ajwt-bearer&assertion=%s", token);
    free(token);
    return form;
}

static void register_key(const char *id, const char *pem, int expected)
{
    json_t *app = json_pack("{s:s, s:s}", "clientId", id, "certificate", pem);
    char *text = json_dumps(app, 0);
    assert_int_equal(ask_status("POST", "/sandbox/apps", NULL, text), expected);
    free(text);
    json_decref(app);
}

static void jwt_bearer(void **state)
{
    EVP_PKEY *key = EVP_RSA_gen(2048), *other = EVP_RSA_gen(2048), *ec = EVP_EC_gen("P-256"),
             *small = EVP_RSA_gen(1024);
    char *private = pem_text(key, true), *public = pem_text(key, false), *stranger = pem_text(other, true);
    char *ec_public = pem_text(ec, false), *small_public = pem_text(small, false), *form, token[SESSION_TOKEN_MAX];
    long long now = now_ms() / 1000;
    const struct {
        const char *key, *iss, *sub, *aud;
        long long exp;
        const char *error; /* NULL = granted */
    } rows[] = {
        { private, "jwt-app", SANDBOX_ADMIN, box->urls[0], now + 180, NULL },
        { private, "jwt-app", SANDBOX_ADMIN, "https://login.salesforce.com", now + 180, NULL },
        { private, "jwt-app", SANDBOX_ADMIN, "https://test.salesforce.com", now + 180, NULL },
        { stranger, "jwt-app", SANDBOX_ADMIN, box->urls[0], now + 180, "invalid_grant" },
        { private, "jwt-other", SANDBOX_ADMIN, box->urls[0], now + 180, "invalid_client_id" },
        { private, "sandbox-client", SANDBOX_ADMIN, box->urls[0], now + 180, "invalid_grant" }, /* has no key */
        { private, "jwt-app", "nobody@example.com", box->urls[0], now + 180, "invalid_grant" },
        { private, "jwt-app", SANDBOX_ADMIN, "https://evil.example", now + 180, "invalid_grant" },
        { private, "jwt-app", SANDBOX_ADMIN, box->urls[0], now - 120, "invalid_grant" },
        { private, "jwt-app", SANDBOX_ADMIN, box->urls[0], now + 3600, "invalid_grant" },
    };
    (void)state;
    register_key("jwt-app", public, 200);
    register_key("bad-app", "no pem", 400);
    register_key("bad-app", ec_public, 400);
    register_key("bad-app", small_public, 400);
    register_key("bad-app", private, 400); /* a private key has no business here */
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        form = assertion_form(rows[i].key, rows[i].iss, rows[i].sub, rows[i].aud, rows[i].exp);
        if (rows[i].error)
            refused(form, rows[i].error);
        else
            granted(form, token, NULL);
        free(form);
    }
    refused("grant_type=urn%3Aietf%3Aparams%3Aoauth%3Agrant-type%3Ajwt-bearer&assertion=..", "invalid_client_id");
    free(private);
    free(public);
    free(stranger);
    free(ec_public);
    free(small_public);
    EVP_PKEY_free(key);
    EVP_PKEY_free(other);
    EVP_PKEY_free(ec);
    EVP_PKEY_free(small);
}

static void identity_belongs_to_the_token(void **state)
{
    char line[256], path[320];
    int status;
    json_t *json;
    (void)state;
    admin_line(line, sizeof line);
    json = ask_json("GET", "/services/oauth2/userinfo", line, NULL, &status);
    assert_int_equal(status, 200);
    assert_string_equal(text_of(json, "organization_id"), ORG_ID);
    assert_string_equal(text_of(json, "preferred_username"), SANDBOX_ADMIN);
    snprintf(path, sizeof path, "/id/" ORG_ID "/%s", text_of(json, "user_id"));
    assert_int_equal(ask_status("GET", path, line, NULL), 200);
    assert_int_equal(ask_status("GET", path, NULL, NULL), 403);
    assert_int_equal(ask_status("GET", "/id/" ORG_ID "/005000000000000AAA", line, NULL), 404);
    assert_int_equal(ask_status("GET", "/services/oauth2/userinfo", "Authorization: Bearer x", NULL), 403);
    json_decref(json);
    snprintf(path, sizeof path, SAMPLE "&token=%s", strstr(line, "00D"));
    json = ask_json("POST", "/services/oauth2/introspect", FORM, path, &status);
    assert_true(json_is_true(json_object_get(json, "active")));
    json_decref(json);
    json = ask_json("POST", "/services/oauth2/introspect", FORM, SAMPLE "&token=x", &status);
    assert_true(json_is_false(json_object_get(json, "active")));
    json_decref(json);
    assert_int_equal(ask_status("POST", "/services/oauth2/introspect", FORM, "token=x"), 401);
}

static void the_lenders_quote(void **state)
{
    static const char apr[] = "/lenders/harbor/apr/1HGCM82633A004352?creditScore=%d&vehicleAge=%d";
    char path[128];
    int status;
    double better, worse;
    json_t *json;
    (void)state;
    snprintf(path, sizeof path, apr, 800, 0);
    json = ask_json("GET", path, NULL, NULL, &status);
    assert_int_equal(status, 200);
    better = json_real_value(json_object_get(json_object_get(json, "apr"), "60"));
    assert_true(better == 5.3); /* 4.890 + 0.180 + 0.230 */
    assert_int_equal(json_object_size(json_object_get(json, "apr")), 5);
    json_decref(json);
    snprintf(path, sizeof path, apr, 640, 4);
    json = ask_json("GET", path, NULL, NULL, &status);
    worse = json_real_value(json_object_get(json_object_get(json, "apr"), "60"));
    assert_true(worse > better && worse < 40);
    json_decref(json);
    assert_int_equal(ask_status("GET", "/lenders/harbor/apr/short", NULL, NULL), 400);
    assert_int_equal(ask_status("GET", "/lenders/harbor/apr/1HGCM82633A004352?creditScore=abc", NULL, NULL), 400);
    json = ask_json("GET", "/lenders/summit/quotes?termMonths=60&creditScore=700", NULL, NULL, &status);
    assert_int_equal(status, 200);
    assert_int_equal(json_array_size(json_object_get(json, "quotes")), 2);
    json_decref(json);
    json = ask_json("GET", "/lenders/summit/quotes?termMonths=50", NULL, NULL, &status);
    assert_int_equal(json_array_size(json_object_get(json, "quotes")), 12);
    json_decref(json);
    assert_int_equal(ask_status("GET", "/lenders/summit/quotes?creditScore=851", NULL, NULL), 400);
    assert_int_equal(ask_status("GET", "/lenders/summit/quotes?creditScore=850", NULL, NULL), 200);
}

static void the_emission_provider_answers(void **state)
{
    int status;
    (void)state;
    json_t *json = ask_json("GET", "/emissions/clearsky/leg?from=LHR&to=JFK&km=5555", NULL, NULL, &status);
    assert_int_equal(status, 200);
    assert_string_equal(json_string_value(json_object_get(json, "unit")), "kg CO2e");
    assert_true(json_real_value(json_object_get(json_object_get(json, "passenger"), "economy")) == 449.955);
    json_decref(json);
    json = ask_json("GET", "/emissions/clearsky/leg?from=LHR&to=JFK&km=5555&as=grams", NULL, NULL, &status);
    assert_string_equal(json_string_value(json_object_get(json, "unit")), "g CO2e");
    json_decref(json);
    json = ask_json("GET", "/emissions/clearsky/leg?from=LHR&to=JFK&km=5555&as=negative", NULL, NULL, &status);
    assert_true(json_real_value(json_object_get(json_object_get(json, "passenger"), "first")) < 0);
    json_decref(json);
    assert_int_equal(ask_status("GET", "/emissions/clearsky/leg?from=LHR&to=JFK&km=far", NULL, NULL), 400);
    assert_int_equal(ask_status("GET", "/emissions/clearsky/leg?from=LHR&km=5555", NULL, NULL), 400);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(client_credentials),
        cmocka_unit_test(password),
        cmocka_unit_test(code_and_refresh),
        cmocka_unit_test(expiry_is_forced),
        cmocka_unit_test(sessions_end_by_themselves_and_give_way),
        cmocka_unit_test(jwt_bearer),
        cmocka_unit_test(identity_belongs_to_the_token),
        cmocka_unit_test(the_lenders_quote),
        cmocka_unit_test(the_emission_provider_answers),
    };
    return cmocka_run_group_tests(tests, box_open, box_close);
}
