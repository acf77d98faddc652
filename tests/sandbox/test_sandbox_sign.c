/* test_sandbox_sign.c - headers as Salesforce makes them, their token, the keys; what the verifier refuses. */
#include "tests/sandbox/fixture.h"

#include <jwt.h>
#include <openssl/evp.h>
#include <openssl/pem.h>

#include "sandbox/applink/cli_session.h"
#include "sandbox/login/keys.h"
#include "sandbox/login/verify.h"

static json_t *part_of(const char *token, int part)
{
    size_t n, bytes_n;
    unsigned char *bytes;
    json_t *json;
    while (part--)
        token = strchr(token, '.') + 1;
    n = strcspn(token, ".");
    bytes = base64_bytes(token, n, BASE64_URL, &bytes_n);
    assert_non_null(bytes);
    json = json_loadb((char *)bytes, bytes_n, 0, NULL);
    free(bytes);
    assert_non_null(json);
    return json;
}

static void the_headers_have_every_member(void **state)
{
    static const char *const request_members[] = { "id",    "auth",     "loginUrl", "orgDomainUrl",
                                                   "orgId", "resource", "type",     "appUuid" };
    static const char *const client_members[] = { "requestId", "accessToken", "apiVersion", "orgId", "orgDomainUrl" };
    json_t *headers = signed_headers("{}"), *request = context_of(headers, "x-request-context");
    json_t *client = context_of(headers, "x-client-context");
    (void)state;
    for (size_t i = 0; i < sizeof request_members / sizeof *request_members; i++)
        assert_true(*text_of(request, request_members[i]));
    for (size_t i = 0; i < sizeof client_members / sizeof *client_members; i++)
        assert_true(*text_of(client, client_members[i]));
    assert_true(*text_of(json_object_get(client, "userContext"), "userId"));
    assert_string_equal(text_of(json_object_get(client, "userContext"), "username"), SANDBOX_ADMIN);
    assert_string_equal(text_of(headers, "x-request-id"), text_of(request, "id"));
    assert_string_equal(text_of(request, "orgId"), ORG_ID);
    assert_string_equal(text_of(request, "appUuid"), APP_ID);
    assert_memory_equal(text_of(request, "id"), ORG_ID "-", 19);
    assert_int_equal(strlen(text_of(request, "id")), 18 + 1 + 36);
    /* one header line is at most 8 KiB behind the Heroku router */
    assert_true(strlen(text_of(headers, "x-request-context")) < 8000);
    json_decref(request);
    json_decref(client);
    json_decref(headers);
}

static void every_call_has_its_own_id(void **state)
{
    char seen[50][80];
    (void)state;
    for (int i = 0; i < 50; i++) {
        json_t *headers = signed_headers("{}");
        copy_text(seen[i], sizeof seen[i], text_of(headers, "x-request-id"));
        json_decref(headers);
        for (int j = 0; j < i; j++)
            assert_string_not_equal(seen[i], seen[j]);
    }
}

static void the_token_is_modelled_on_salesforce(void **state)
{
    json_t *headers = signed_headers("{}"), *request = context_of(headers, "x-request-context");
    const char *token = text_of(request, "auth");
    json_t *head = part_of(token, 0), *claims = part_of(token, 1);
    json_int_t iat = json_integer_value(json_object_get(claims, "iat"));
    json_int_t exp = json_integer_value(json_object_get(claims, "exp"));
    (void)state;
    assert_string_equal(text_of(head, "alg"), "RS256");
    assert_string_equal(text_of(head, "typ"), "JWT");
    assert_string_equal(text_of(head, "tty"), "sfdc-core-token");
    assert_string_equal(text_of(head, "tnk"), "core/sandbox/" ORG_ID);
    assert_memory_equal(text_of(head, "kid"), "CORE_ATJWT.", 11);
    assert_string_equal(text_of(claims, "iss"), box->urls[0]);
    assert_string_equal(json_string_value(json_array_get(json_object_get(claims, "aud"), 0)), box->urls[0]);
    assert_memory_equal(text_of(claims, "sub"), "uid:005", 7);
    assert_true(exp - iat >= 60 && exp - iat <= 120);
    assert_true(json_integer_value(json_object_get(claims, "nbf")) == iat - 15);
    assert_true(llabs(iat - now_ms() / 1000) <= 2);
    json_decref(head);
    json_decref(claims);
    json_decref(request);
    json_decref(headers);
}

static void wishes_are_met_or_refused(void **state)
{
    static const char *const bad[] = { "{\"orgID\":\"x\"}",
                                       "{\"orgId\":1}",
                                       "{\"alg\":\"HS256\"}",
                                       "{\"alg\":\"none\"}",
                                       "{\"org\":3}",
                                       "{\"requestId\":\"a\\r\\nx: y\"}",
                                       "{\"expiresIn\":9000000000000000000}",
                                       "{\"org\":-1}",
                                       "{\"userId\":\"nobody\"}" };
    json_t *headers =
        signed_headers("{\"orgId\":\"00D8H0000007wprUAA\",\"orgDomainUrl\":\"https://x.my.salesforce.com\","
                       "\"accessToken\":\"00D!x\",\"userId\":\"005A\",\"username\":\"u@x\",\"apiVersion\":\"v57.0\","
                       "\"requestId\":\"my-request-id\",\"clientContext\":{\"orgId\":null,\"extra\":1}}");
    json_t *request = context_of(headers, "x-request-context"), *client = context_of(headers, "x-client-context");
    (void)state;
    assert_string_equal(text_of(request, "orgId"), "00D8H0000007wprUAA");
    assert_string_equal(text_of(client, "orgDomainUrl"), "https://x.my.salesforce.com");
    assert_string_equal(text_of(client, "accessToken"), "00D!x");
    assert_string_equal(text_of(client, "apiVersion"), "v57.0");
    assert_string_equal(text_of(json_object_get(client, "userContext"), "userId"), "005A");
    assert_string_equal(text_of(headers, "x-request-id"), "my-request-id");
    assert_null(json_object_get(client, "orgId"));
    assert_non_null(json_object_get(client, "extra"));
    json_decref(request);
    json_decref(client);
    json_decref(headers);
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        if (ask_status("POST", "/sandbox/sign", NULL, bad[i]) != 400)
            fail_msg("signed %s", bad[i]);
}

static void libjwt_and_the_gate_agree_on_good_tokens(void **state)
{
    static const char *const wishes[] = { "{}", "{\"alg\":\"ES256\"}" };
    static const enum key_alg algs[] = { KEY_RS256, KEY_ES256 };
    (void)state;
    for (int i = 0; i < 2; i++) {
        struct key key;
        char why[128] = "";
        json_t *headers = signed_headers(wishes[i]), *request = context_of(headers, "x-request-context"), *claims;
        assert_true(keys_current(box->keys, algs[i], &key));
        claims = verify_token(text_of(request, "auth"), algs[i], key.public_pem, why, sizeof why);
        if (!claims)
            fail_msg("%s: %s", wishes[i], why);
        json_decref(claims);
        /* and not as the other algorithm, nor without a key */
        assert_null(verify_token(text_of(request, "auth"), algs[!i], key.public_pem, why, sizeof why));
        assert_null(verify_token(text_of(request, "auth"), algs[i], "", why, sizeof why));
        assert_null(verify_token(text_of(request, "auth"), algs[i], NULL, why, sizeof why));
        key_free(&key);
        json_decref(request);
        json_decref(headers);
    }
}

/* A token with this header and these claims, signed by our RSA key, or by HMAC with its public PEM when alg is HS256.
 */
static char *token_made(const struct key *key, jwt_alg_t alg, const char *header, const char *claims)
{
    const char *secret = alg == JWT_ALG_HS256 ? key->public_pem : key->private_pem;
    jwt_t *jwt = NULL;
    char *token;
    assert_int_equal(jwt_new(&jwt), 0);
    assert_int_equal(jwt_add_headers_json(jwt, header), 0);
    assert_int_equal(jwt_add_grants_json(jwt, claims), 0);
    assert_int_equal(jwt_set_alg(jwt, alg, alg == JWT_ALG_NONE ? NULL : (const unsigned char *)secret,
                                 alg == JWT_ALG_NONE ? 0 : (int)strlen(secret)),
                     0);
    token = jwt_encode_str(jwt);
    jwt_free(jwt);
    assert_non_null(token);
    return token;
}

static bool accepted(const struct key *key, const char *token)
{
    char why[128] = "";
    json_t *claims = verify_token(token, KEY_RS256, key->public_pem, why, sizeof why);
    json_decref(claims);
    return claims != NULL;
}

static void the_traps_of_libjwt_are_closed(void **state)
{
    struct key key;
    char claims[128], long_claims[128], *token, *other;
    size_t n;
    (void)state;
    assert_true(keys_current(box->keys, KEY_RS256, &key));
    snprintf(claims, sizeof claims, "{\"exp\":%lld}", (long long)now_ms() / 1000 + 60);
    token = token_made(&key, JWT_ALG_RS256, "{}", claims);
    assert_true(accepted(&key, token));

    other = token_made(&key, JWT_ALG_NONE, "{}", claims);
    assert_false(accepted(&key, other));
    free(other);
    other = token_made(&key, JWT_ALG_HS256, "{}", claims); /* key confusion */
    assert_false(accepted(&key, other));
    free(other);
    other = token_made(&key, JWT_ALG_RS256, "{\"crit\":[\"exp\"]}", claims);
    assert_false(accepted(&key, other));
    free(other);
    other = token_made(&key, JWT_ALG_RS256, "{\"b64\":false}", claims);
    assert_false(accepted(&key, other));
    free(other);

    /* the same token spelled otherwise */
    n = strlen(token);
    other = malloc(n + 3);
    snprintf(other, n + 3, "%s==", token);
    assert_false(accepted(&key, other));
    snprintf(other, n + 3, "%s.", token);
    assert_false(accepted(&key, other));
    copy_text(other, n + 3, token);
    other[n / 2] = other[n / 2] == 'A' ? 'B' : 'A'; /* within the signature */
    assert_false(accepted(&key, other));
    free(other);
    assert_false(accepted(&key, ".."));
    assert_false(accepted(&key, ""));
    assert_false(accepted(&key, "a.b"));
    free(token);

    static const char *const bad_times[] = { "{}",
                                             "{\"exp\":\"9999999999\"}",
                                             "{\"exp\":9.9e9}",
                                             "{\"exp\":-1}",
                                             "{\"exp\":1}",
                                             "{\"exp\":9999999999,\"nbf\":9999999999}",
                                             "{\"exp\":9999999999,\"iat\":9999999999}" };
    for (size_t i = 0; i < sizeof bad_times / sizeof *bad_times; i++) {
        token = token_made(&key, JWT_ALG_RS256, "{}", bad_times[i]);
        if (accepted(&key, token))
            fail_msg("accepted %s", bad_times[i]);
        free(token);
    }
    /* the skew: 60 s late is refused, 58 s late is not */
    for (int late = 58; late <= 60; late += 2) {
        snprintf(long_claims, sizeof long_claims, "{\"exp\":%lld}", (long long)now_ms() / 1000 - late);
        token = token_made(&key, JWT_ALG_RS256, "{}", long_claims);
        assert_int_equal(accepted(&key, token), late < 60);
        free(token);
    }
    key_free(&key);
}

/* What libjwt would not write itself: any header under a good RSA signature. */
static char *token_by_hand(const struct key *key, const char *header, const char *claims)
{
    char *h = base64_text(header, strlen(header), BASE64_URL), *c = base64_text(claims, strlen(claims), BASE64_URL), *s,
         *token;
    size_t n = strlen(h) + strlen(c) + 2, signature_n = 256;
    unsigned char signature[256];
    char *input = malloc(n);
    BIO *bio = BIO_new_mem_buf(key->private_pem, -1);
    EVP_PKEY *pkey = PEM_read_bio_PrivateKey(bio, NULL, NULL, NULL);
    EVP_MD_CTX *ctx = EVP_MD_CTX_new();
    snprintf(input, n, "%s.%s", h, c);
    assert_int_equal(EVP_DigestSignInit(ctx, NULL, EVP_sha256(), NULL, pkey), 1);
    assert_int_equal(EVP_DigestSign(ctx, signature, &signature_n, (unsigned char *)input, n - 1), 1);
    s = base64_text(signature, signature_n, BASE64_URL);
    token = malloc(n + strlen(s) + 2);
    snprintf(token, n + strlen(s) + 2, "%s.%s", input, s);
    EVP_MD_CTX_free(ctx);
    EVP_PKEY_free(pkey);
    BIO_free(bio);
    free(input);
    free(s);
    free(h);
    free(c);
    return token;
}

static void headers_are_read_strictly(void **state)
{
    static const struct {
        const char *header;
        bool good;
    } rows[] = {
        { "{\"alg\":\"RS256\"}", true },
        { "{\"alg\":\"RS256\",\"typ\":\"JWT\"}", true },
        { "{\"alg\":\"rs256\"}", false },
        { "{\"alg\":\"RS512\"}", false },
        { "{\"alg\":5}", false },
        { "{}", false },
        { "[]", false },
        { "{\"alg\":\"RS256\",\"alg\":\"RS256\"}", false },
        { "{\"alg\":\"RS256\",\"typ\":\"at+jwt\"}", false },
        { "{\"alg\":\"RS256\",\"typ\":1}", false },
        { "{\"alg\":\"RS256\"} x", false },
    };
    struct key key;
    char *token, *last;
    (void)state;
    assert_true(keys_current(box->keys, KEY_RS256, &key));
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        token = token_by_hand(&key, rows[i].header, "{\"exp\":9999999999}");
        if (accepted(&key, token) != rows[i].good)
            fail_msg("%s", rows[i].header);
        free(token);
    }
    token = token_by_hand(&key, "{\"alg\":\"RS256\"}", "{\"exp\":9999999999,\"exp\":9999999999}");
    assert_false(accepted(&key, token));
    free(token);
    /* 256 bytes leave four bits of the last character unused; they must be zero, or one token has sixteen spellings */
    token = token_by_hand(&key, "{\"alg\":\"RS256\"}", "{\"exp\":9999999999}");
    last = token + strlen(token) - 1;
    assert_non_null(strchr("AQgw", *last));
    ++*last;
    assert_false(accepted(&key, token));
    free(token);
    key_free(&key);
}

static void a_token_is_at_most_8_kib(void **state)
{
    struct key key;
    (void)state;
    assert_true(keys_current(box->keys, KEY_RS256, &key));
    for (int over = 0; over <= 1; over++) {
        size_t wanted = (size_t)VERIFY_TOKEN_MAX + (size_t)over;
        char *claims = malloc(9000), *token = NULL;
        bool found = false;
        /* base64 skips every fourth length: the header's own length decides which */
        for (int wide = 1; wide <= 3 && !found; wide++) {
            char header[40];
            snprintf(header, sizeof header, "{\"alg\":\"RS256\",\"x\":\"%0*d\"}", wide, 0);
            for (int pad = 5700; pad < 5900 && !found; pad++) {
                free(token);
                snprintf(claims, 9000, "{\"exp\":9999999999,\"p\":\"%0*d\"}", pad, 0);
                token = token_by_hand(&key, header, claims);
                found = strlen(token) == wanted;
                if (strlen(token) > wanted)
                    break;
                pad += (int)((wanted - strlen(token)) / 2);
            }
        }
        assert_true(found);
        assert_int_equal(accepted(&key, token), !over);
        free(token);
        free(claims);
    }
    key_free(&key);
}

static void keys_rotate_and_the_pair_before_stays(void **state)
{
    struct key first, found;
    json_t *jwks;
    (void)state;
    assert_true(keys_current(box->keys, KEY_RS256, &first));
    assert_true(keys_rotate(box->keys, false));
    assert_true(keys_find(box->keys, first.kid, &found));
    assert_string_equal(found.public_pem, first.public_pem);
    key_free(&found);
    jwks = keys_jwks(box->keys);
    assert_int_equal(json_array_size(json_object_get(jwks, "keys")), 4);
    json_decref(jwks);
    assert_true(keys_current(box->keys, KEY_RS256, &found));
    assert_string_not_equal(found.kid, first.kid);
    key_free(&found);
    assert_true(keys_rotate(box->keys, true));
    assert_false(keys_find(box->keys, first.kid, &found));
    jwks = keys_jwks(box->keys);
    assert_int_equal(json_array_size(json_object_get(jwks, "keys")), 2);
    json_decref(jwks);
    key_free(&first);
}

static void the_cli_of_salesforce_is_understood(void **state)
{
    static const char shown[] =
        "{\"display\":{\"result\":{\"id\":\"00D8H0000007wprUAA\",\"apiVersion\":\"61.0\",\"username\":"
        "\"u@x\",\"instanceUrl\":\"https://x.my.salesforce.com/\",\"accessToken\":\"%s\"}}%s}";
    static const struct {
        const char *token, *rest, *got; /* got NULL = refused */
    } rows[] = {
        { "00D8H!abc", "", "00D8H!abc" },
        { "[REDACTED] Use 'sf org auth show-access-token'", ",\"token\":{\"result\":{\"accessToken\":\"00D8H!new\"}}",
          "00D8H!new" },
        { "[REDACTED]", ",\"token\":{\"result\":\"00D8H!text\"}", "00D8H!text" },
        { "[REDACTED]", ",\"token\":null", NULL },
        { "[REDACTED]", "", NULL },
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        char text[1024], why[256] = "";
        json_t *cli, *wishes;
        int n = snprintf(text, sizeof text, shown, rows[i].token, rows[i].rest);
        assert_true(n > 0 && n < (int)sizeof text);
        cli = json_loads(text, 0, NULL);
        wishes = sf_wishes(cli, why, sizeof why);
        assert_int_equal(wishes != NULL, rows[i].got != NULL);
        if (wishes) {
            assert_string_equal(text_of(wishes, "accessToken"), rows[i].got);
            assert_string_equal(text_of(wishes, "orgDomainUrl"), "https://x.my.salesforce.com");
        } else {
            assert_non_null(strstr(why, "access token"));
        }
        json_decref(wishes);
        json_decref(cli);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_headers_have_every_member),
        cmocka_unit_test(every_call_has_its_own_id),
        cmocka_unit_test(the_token_is_modelled_on_salesforce),
        cmocka_unit_test(wishes_are_met_or_refused),
        cmocka_unit_test(libjwt_and_the_gate_agree_on_good_tokens),
        cmocka_unit_test(the_traps_of_libjwt_are_closed),
        cmocka_unit_test(headers_are_read_strictly),
        cmocka_unit_test(a_token_is_at_most_8_kib),
        cmocka_unit_test(keys_rotate_and_the_pair_before_stays),
        cmocka_unit_test(the_cli_of_salesforce_is_understood),
    };
    return cmocka_run_group_tests(tests, box_open, box_close);
}
