/* test_jwks.c - key sets and when they are fetched again; secrets and signatures of Data Action Targets. */
#include "tests/unit/check.h"

#include "runtime/auth/data_action.h"
#include "runtime/auth/jwks.h"
#include "runtime/base/encoding.h"
#include "tests/sign.h"

static EVP_PKEY *a, *b, *c;
static char a_jwk[SIGN_JWK], b_jwk[SIGN_JWK], c_jwk[SIGN_JWK];
static char set[4 * SIGN_JWK], why[200];
static struct err e;

static int make_keys(void **state)
{
    (void)state;
    a = sign_rsa(2048);
    b = sign_rsa(2048);
    c = sign_ec("P-256");
    sign_jwk(a, "a", a_jwk);
    sign_jwk(b, "b", b_jwk);
    sign_jwk(c, "c", c_jwk);
    return 0;
}

static int free_keys(void **state)
{
    (void)state;
    EVP_PKEY_free(a);
    EVP_PKEY_free(b);
    EVP_PKEY_free(c);
    return 0;
}

/* A set of the JWKs, NULL ended. */
static struct keyring *ring_of(const char *first, ...)
{
    va_list ap;
    size_t n = (size_t)snprintf(set, sizeof set, "{\"keys\":[");
    va_start(ap, first);
    for (const char *jwk = first; jwk; jwk = va_arg(ap, const char *))
        n += (size_t)snprintf(set + n, sizeof set - n, "%s%s", jwk == first ? "" : ",", jwk);
    va_end(ap);
    snprintf(set + n, sizeof set - n, "]}");
    why[0] = '\0';
    return keyring_new(span_of(set), why, sizeof why);
}

static bool has(const struct keyring *ring, const char *kid, enum jws_alg alg)
{
    return keyring_find(ring, span_of(kid), alg) != NULL;
}

static void keys_are_found_by_kid_and_algorithm(void **state)
{
    (void)state;
    struct keyring *ring = ring_of(a_jwk, b_jwk, c_jwk, NULL);
    assert_non_null(ring);
    assert_int_equal(keyring_count(ring), 3);
    assert_true(has(ring, "a", JWS_RS256) && has(ring, "b", JWS_RS256) && has(ring, "c", JWS_ES256));
    assert_false(has(ring, "a", JWS_ES256));
    assert_false(has(ring, "c", JWS_RS256));
    assert_false(has(ring, "d", JWS_RS256));
    assert_true(has(ring, "", JWS_ES256));  /* no kid: the only one */
    assert_false(has(ring, "", JWS_RS256)); /* no kid: one of two would be a guess */
    char token[SIGN_TOKEN];
    static struct jws t;
    assert_true(
        jws_gate(sign_token(b, (struct span){ 0 }, "{\"alg\":\"RS256\",\"kid\":\"b\"}", "{}", token), false, &t, &e));
    struct span sig = { (char *)t.signature, t.signature_n };
    assert_true(jws_check(t.alg, keyring_find(ring, t.kid, t.alg), t.signing_input, sig));
    assert_false(jws_check(t.alg, keyring_find(ring, span_of("a"), t.alg), t.signing_input, sig));
    keyring_free(ring);
}

static void sets_that_cannot_be_trusted_are_refused_whole(void **state)
{
    (void)state;
    EVP_PKEY *weak = sign_rsa(1024);
    char weak_jwk[SIGN_JWK], again[SIGN_JWK], other[SIGN_JWK];
    sign_jwk(weak, "w", weak_jwk);
    sign_jwk(b, "a", again);
    assert_null(ring_of(a_jwk, weak_jwk, NULL));
    assert_non_null(strstr(why, "key 1"));
    assert_null(ring_of(a_jwk, again, NULL)); /* one kid, two keys */
    assert_non_null(strstr(why, "twice"));
    assert_null(ring_of(
        a_jwk, "{\"kty\":\"EC\",\"crv\":\"P-256\",\"alg\":\"ES256\",\"kid\":\"p\",\"x\":\"AAAA\",\"y\":\"AAAA\"}",
        NULL));
    assert_null(ring_of(a_jwk, "{\"kty\":\"RSA\",\"alg\":\"ES256\",\"kid\":\"p\",\"n\":\"AQ\",\"e\":\"AQAB\"}", NULL));
    assert_null(ring_of(a_jwk, "{\"kty\":\"EC\",\"crv\":\"P-384\",\"alg\":\"ES256\",\"kid\":\"p\"}", NULL));
    snprintf(other, sizeof other, "%.*s,\"d\":\"AQAB\"}", (int)strlen(a_jwk) - 1, a_jwk);
    assert_null(ring_of(other, NULL));
    assert_non_null(strstr(why, "private"));
    assert_null(ring_of(a_jwk, "7", NULL));
    assert_null(ring_of(NULL));
    static const char *const bad[] = {
        "", "[]", "{}", "{\"keys\":{}}", "{\"keys\":[]}", "{\"keys\":[{}]}", "{\"keys\":[],\"keys\":[]}", "{\"keys\":["
    };
    for (size_t i = 0; i < COUNT(bad); i++)
        assert_null(keyring_new(span_of(bad[i]), why, sizeof why));
    EVP_PKEY_free(weak);
}

static void keys_for_something_else_are_passed_over(void **state)
{
    (void)state;
    char enc[SIGN_JWK], wrap[SIGN_JWK];
    snprintf(enc, sizeof enc, "%s", b_jwk);
    memcpy(strstr(enc, "\"sig\""), "\"enc\"", 5);
    snprintf(wrap, sizeof wrap, "%.*s,\"key_ops\":[\"wrapKey\"]}", (int)strlen(b_jwk) - 1, b_jwk);
    struct keyring *ring =
        ring_of(a_jwk, enc, "{\"kty\":\"oct\",\"kid\":\"o\",\"k\":\"AAAA\"}",
                "{\"kty\":\"OKP\",\"crv\":\"Ed25519\",\"kid\":\"e\"}",
                "{\"kty\":\"AKP\",\"alg\":\"ML-DSA-44\",\"kid\":\"m\",\"pub\":\"AAAA\"}",
                "{\"kty\":\"EC\",\"crv\":\"P-384\",\"alg\":\"ES384\",\"kid\":\"c\",\"x\":\"AA\",\"y\":\"AA\"}",
                "{\"kty\":\"new\",\"kid\":\"n\"}",
                "{\"kty\":\"RSA\",\"alg\":\"PS256\",\"kid\":\"p\",\"n\":\"AQ\",\"e\":\"AQ\"}", NULL);
    assert_non_null(ring);
    assert_int_equal(keyring_count(ring), 1);
    keyring_free(ring);
    assert_null(ring_of(wrap, NULL));
    /* without alg the type decides */
    char plain[SIGN_JWK];
    snprintf(plain, sizeof plain, "%s", a_jwk);
    memcpy(strstr(plain, "\"alg\""), "\"xlg\"", 5);
    ring = ring_of(plain, NULL);
    assert_non_null(ring);
    assert_true(has(ring, "a", JWS_RS256));
    keyring_free(ring);
}

static void the_number_of_keys_holds_at_n_and_one_more(void **state)
{
    (void)state;
    for (int n = JWKS_KEYS; n <= JWKS_KEYS + 1; n++) {
        static char text[(JWKS_KEYS + 2) * 300];
        size_t at = (size_t)snprintf(text, sizeof text, "{\"keys\":[");
        char *body = strdup(c_jwk);
        char *kid = strstr(body, "\"c\"");
        for (int i = 0; i < n; i++)
            at += (size_t)snprintf(text + at, sizeof text - at, "%s%.*s\"c%d\"%s", i ? "," : "", (int)(kid - body),
                                   body, i, kid + 3);
        snprintf(text + at, sizeof text - at, "]}");
        struct keyring *ring = keyring_new(span_of(text), why, sizeof why);
        assert_true((ring != NULL) == (n == JWKS_KEYS));
        keyring_free(ring);
        free(body);
    }
}

/* ---- refresh ---- */

enum { MAX_AGE = 86400 * 1000 };

static enum jwks_verdict find(struct jwks *j, const char *kid, int64_t now)
{
    const struct jws_key *key = NULL;
    enum jwks_verdict v = jwks_find(j, span_of(kid), JWS_RS256, now, &key);
    assert_true((v == JWKS_FOUND) == (key != NULL));
    return v;
}

static void a_fixed_set_never_asks(void **state)
{
    (void)state;
    struct jwks *j = jwks_new_fixed(ring_of(a_jwk, NULL));
    assert_int_equal(find(j, "a", 0), JWKS_FOUND);
    assert_int_equal(find(j, "a", INT64_MAX / 2), JWKS_FOUND);
    assert_int_equal(find(j, "b", 0), JWKS_UNKNOWN);
    assert_false(jwks_fetch_due(j, INT64_MAX - 1));
    assert_true(jwks_ready(j, 0));
    jwks_free(j);
}

static void the_first_fetch_is_due_at_once_and_only_once(void **state)
{
    (void)state;
    struct jwks *j = jwks_new_url(MAX_AGE);
    assert_false(jwks_ready(j, 0));
    assert_int_equal(find(j, "a", 0), JWKS_WAIT);
    assert_true(jwks_fetch_due(j, 0));
    assert_false(jwks_fetch_due(j, 0)); /* single flight */
    assert_int_equal(jwks_next_ms(j), INT64_MAX);
    assert_int_equal(find(j, "b", 10), JWKS_WAIT);
    jwks_fetched(j, ring_of(a_jwk, NULL), 20);
    assert_true(jwks_ready(j, 20));
    assert_int_equal(find(j, "a", 20), JWKS_FOUND);
    assert_false(jwks_fetch_due(j, 20));
    jwks_free(j);
}

static void an_unknown_kid_fetches_with_back_off(void **state)
{
    (void)state;
    struct jwks *j = jwks_new_url(MAX_AGE);
    assert_true(jwks_fetch_due(j, 0));
    jwks_fetched(j, ring_of(a_jwk, NULL), 0);
    assert_int_equal(find(j, "x", 999), JWKS_UNKNOWN); /* just looked */
    assert_int_equal(find(j, "x", 1000), JWKS_WAIT);
    assert_true(jwks_fetch_due(j, 1000));
    assert_int_equal(find(j, "x", 1001), JWKS_WAIT);
    jwks_fetched(j, ring_of(a_jwk, NULL), 1001); /* nothing new */
    assert_int_equal(find(j, "x", 1002), JWKS_UNKNOWN);
    assert_int_equal(find(j, "a", 1002), JWKS_FOUND);
    /* a flood of unknown kids over ten minutes makes few fetches */
    int fetches = 0;
    for (int64_t t = 1002; t < 600000; t += 10) {
        find(j, "x", t);
        if (jwks_fetch_due(j, t)) {
            fetches++;
            jwks_fetched(j, ring_of(a_jwk, NULL), t);
        }
    }
    assert_in_range(fetches, 100, 125); /* one in five seconds: the longest that a new key has to wait */
    /* rotation: the new key is found at the next allowed fetch, and the back-off is short again */
    int64_t t = 600000 + JWKS_BACKOFF_MAX_MS;
    assert_int_equal(find(j, "b", t), JWKS_WAIT);
    assert_true(jwks_fetch_due(j, t));
    jwks_fetched(j, ring_of(b_jwk, NULL), t);
    assert_int_equal(find(j, "b", t), JWKS_FOUND);
    assert_int_equal(find(j, "a", t), JWKS_UNKNOWN); /* a key that was withdrawn is gone */
    assert_int_equal(find(j, "x", t + JWKS_BACKOFF_MS), JWKS_WAIT);
    jwks_free(j);
}

static void last_good_keys_serve_until_their_maximum_age_then_nothing_does(void **state)
{
    (void)state;
    struct jwks *j = jwks_new_url(MAX_AGE);
    assert_true(jwks_fetch_due(j, 0));
    jwks_fetched(j, ring_of(a_jwk, NULL), 0);
    int64_t t;
    for (t = 1; t < MAX_AGE; t += 500000) {
        if (jwks_fetch_due(j, t))
            jwks_fetched(j, NULL, t); /* the issuer is down all the time */
        assert_int_equal(find(j, "a", t), JWKS_FOUND);
    }
    assert_int_equal(find(j, "a", MAX_AGE), JWKS_FOUND);
    enum jwks_verdict late = find(j, "a", MAX_AGE + 1);
    assert_true(late == JWKS_WAIT || late == JWKS_UNAVAILABLE);
    assert_false(jwks_ready(j, MAX_AGE + 1));
    t = MAX_AGE + JWKS_BACKOFF_MAX_MS;
    assert_true(jwks_fetch_due(j, t));
    jwks_fetched(j, NULL, t);
    assert_int_equal(find(j, "a", t), JWKS_UNAVAILABLE); /* never open */
    assert_int_equal(find(j, "a", t + JWKS_BACKOFF_MAX_MS), JWKS_WAIT);
    assert_true(jwks_fetch_due(j, t + JWKS_BACKOFF_MAX_MS));
    jwks_fetched(j, ring_of(a_jwk, NULL), t + JWKS_BACKOFF_MAX_MS);
    assert_int_equal(find(j, "a", t + JWKS_BACKOFF_MAX_MS), JWKS_FOUND);
    jwks_free(j);
}

static void a_working_set_is_looked_at_again_now_and_then(void **state)
{
    (void)state;
    struct jwks *j = jwks_new_url(MAX_AGE);
    assert_true(jwks_fetch_due(j, 0));
    jwks_fetched(j, ring_of(a_jwk, NULL), 0);
    assert_int_equal(jwks_next_ms(j), JWKS_REFRESH_S * 1000);
    assert_false(jwks_fetch_due(j, JWKS_REFRESH_S * 1000 - 1));
    assert_true(jwks_fetch_due(j, JWKS_REFRESH_S * 1000));
    jwks_fetched(j, NULL, JWKS_REFRESH_S * 1000);
    assert_int_equal(find(j, "a", JWKS_REFRESH_S * 1000 + 1), JWKS_FOUND);
    assert_int_equal(find(j, "b", JWKS_REFRESH_S * 1000 + 1), JWKS_UNAVAILABLE); /* it may be newer: no final word */
    assert_false(jwks_fetch_due(j, JWKS_REFRESH_S * 1000 + JWKS_BACKOFF_MS - 1));
    assert_true(jwks_fetch_due(j, JWKS_REFRESH_S * 1000 + JWKS_BACKOFF_MAX_MS));
    jwks_fetched(j, ring_of(a_jwk, NULL), JWKS_REFRESH_S * 1000 + JWKS_BACKOFF_MAX_MS);
    jwks_free(j);
    j = jwks_new_url(10000);
    assert_true(jwks_fetch_due(j, 0));
    jwks_fetched(j, ring_of(a_jwk, NULL), 0);
    assert_int_equal(jwks_next_ms(j), 5000); /* half of a short maximum age */
    jwks_free(j);
}

/* ---- data actions ---- */

#define SIGNATURE "uruO+yjX8KKjl72GkQbLXuoMyAilC5losEnY1Liiu30="

static bool target(const char *query, const char *signature, struct data_action_target *out)
{
    return data_action_target(span_of(query), span_of(signature), out, &e);
}

static void Test_IsDataActionTargetRequest(void **state)
{
    (void)state;
    struct data_action_target t;
    assert_true(target("orgId=00Dxx0000000000EA2&apiName=My_Target", SIGNATURE, &t));
    assert_string_equal(t.org_id, "00Dxx0000000000EAA");
    assert_string_equal(t.org_id_sent, "00Dxx0000000000EA2");
    assert_string_equal(t.api_name, "My_Target");
    assert_true(target("apiName=a&x=y&orgId=00Dxx0000000000", SIGNATURE, &t));
}

static void BB_data_action_without_query_is_refused(void **state)
{
    (void)state;
    struct data_action_target t = { .api_name = "untouched" };
    static const char *const bad[] = { "",
                                       "orgId=00Dxx0000000000",
                                       "apiName=a",
                                       "orgId=&apiName=a",
                                       "orgId=00Dxx0000000000&apiName=",
                                       "orgId=001xx0000000000&apiName=a",
                                       "orgId=00Dxx000000000%2F&apiName=a",
                                       "orgId=00Dxx0000000000&apiName=a-b",
                                       "orgId=00Dxx0000000000&apiName=1a",
                                       "orgId=00Dxx0000000000&apiName=_a",
                                       "orgId=00Dxx0000000000&apiName=a%00b",
                                       "orgId=00Dxx0000000000&apiName=a&apiName=a",
                                       "orgId=00Dxx0000000000&orgId=00Dxx0000000000&apiName=a",
                                       "orgId=00Dxx0000000000&apiName=a/../b" };
    for (size_t i = 0; i < COUNT(bad); i++)
        assert_refused(target(bad[i], SIGNATURE, &t), e, 400, "invalid_data_action_target");
    assert_string_equal(t.api_name, "untouched");
    char query[200];
    for (int n = 80; n <= 81; n++) {
        snprintf(query, sizeof query, "orgId=00Dxx0000000000&apiName=%0*d", n, 0);
        memset(query + 30, 'a', (size_t)n);
        assert_true(target(query, SIGNATURE, &t) == (n == 80));
    }
    static const char *const signatures[] = { "",
                                              "x",
                                              "uruO+yjX8KKjl72GkQbLXuoMyAilC5losEnY1Liiu30",
                                              "uruO-yjX8KKjl72GkQbLXuoMyAilC5losEnY1Liiu30=",
                                              "uruO+yjX8KKjl72GkQbLXuoMyAilC5losEnY1Liiuw==",
                                              "uruO+yjX8KKjl72GkQbLXuoMyAilC5losEnY1Liiu31=" };
    for (size_t i = 0; i < COUNT(signatures); i++)
        assert_refused(target("orgId=00Dxx0000000000&apiName=a", signatures[i], &t), e, 400, "invalid_signature");
}

static struct data_action_secrets *secrets_of(const char *json, struct buf *faults)
{
    buf_init(faults, 4000);
    return data_action_secrets_new(span_of(json), faults);
}

static bool verifies(const struct data_action_secrets *s, const char *query, const char *signature, const char *body)
{
    struct data_action_target t;
    assert_true(target(query, signature, &t));
    return data_action_verify(s, &t, span_of(signature), span_of(body), &e);
}

/* base64(HMAC-SHA256(key, body)) */
static const char *signed_with(const char *key, const char *body)
{
    static char out[64];
    unsigned char mac[32];
    assert_true(jws_hmac(span_of(key), span_of(body), mac));
    base64_encode(mac, sizeof mac, out);
    return out;
}

static void signatures_are_checked_against_one_or_two_secrets(void **state)
{
    (void)state;
    struct buf faults;
    struct data_action_secrets *s =
        secrets_of("{\"00Dxx0000000000EAA/T\":[\"current-secret-0001\",\"previous-secret-001\"],"
                   "\"00Dxx0000000001/T\":[\"other-org-secret-01\"]}",
                   &faults);
    assert_non_null(s);
    static const char query[] = "orgId=00Dxx0000000000&apiName=T", body[] = "{\"n\":\"<\xc3\xa9>\"}";
    assert_true(verifies(s, query, signed_with("current-secret-0001", body), body));
    assert_true(verifies(s, query, signed_with("previous-secret-001", body), body)); /* rotation */
    assert_refused(verifies(s, query, signed_with("other-org-secret-01", body), body), e, 403, "invalid_signature");
    assert_true(verifies(s, "orgId=00Dxx0000000001EAA&apiName=T", signed_with("other-org-secret-01", body), body));
    unsigned char whole[32];
    char ends_otherwise[64];
    assert_true(jws_hmac(span_of("current-secret-0001"), span_of(body), whole));
    whole[31] ^= 1;
    base64_encode(whole, sizeof whole, ends_otherwise);
    assert_false(verifies(s, query, ends_otherwise, body)); /* every byte counts */
    /* raw bytes: nothing is parsed or escaped before */
    assert_false(verifies(s, query, signed_with("current-secret-0001", "{\"n\": \"<\xc3\xa9>\"}"), body));
    assert_false(verifies(s, query, signed_with("current-secret-0001", body), "{\"n\":\"<\\u00e9>\"}"));
    /* unknown targets */
    assert_refused(verifies(s, "orgId=00Dxx0000000002&apiName=T", signed_with("current-secret-0001", body), body), e,
                   403, "invalid_signature");
    assert_refused(verifies(s, "orgId=00Dxx0000000000&apiName=t", signed_with("current-secret-0001", body), body), e,
                   403, "invalid_signature");
    static const char zeros[16];
    unsigned char mac[32];
    char forged[64];
    assert_true(jws_hmac((struct span){ zeros, sizeof zeros }, span_of(body), mac));
    base64_encode(mac, sizeof mac, forged);
    assert_false(verifies(s, "orgId=00Dxx0000000002&apiName=T", forged, body)); /* the stand-in secret opens nothing */
    data_action_secrets_free(s);
}

static void published_vectors_of_the_signature(void **state)
{
    (void)state;
    assert_string_equal(signed_with("S3cr3tKey", "{\"count\":1}"), "nnC86abBg2m7jqqy7G3tPpMCAll7N2uNVXuuG6ZLhh0=");
    assert_string_equal(signed_with("S3cr3tKey", "{\"n\":\"<\xc3\xa9>\"}"),
                        "mRhVv/6wLrgf8JX+hJRS+ixZif7fZGHINEBpXFD/dvY=");
}

static void bad_secret_files_are_refused_without_telling_the_secret(void **state)
{
    (void)state;
    static const char *const bad[] = {
        "",
        "[]",
        "{}",
        "null",
        "{\"00Dxx0000000000/T\":\"plantedsecretplanted\"}",
        "{\"00Dxx0000000000/T\":[]}",
        "{\"00Dxx0000000000/T\":[\"\"]}",
        "{\"00Dxx0000000000/T\":[1]}",
        "{\"00Dxx0000000000/T\":[\"plantedsecretplanted\",\"plantedsecretplanted\",\"plantedsecretplanted\"]}",
        "{\"00Dxx0000000000\":[\"plantedsecretplanted\"]}",
        "{\"plantedsecretplanted/T\":[\"00Dxx0000000000\"]}",
        "{\"00Dxx0000000000/T-\":[\"plantedsecretplanted\"]}",
        "{\"00Dxx0000000000/T\":[\"plantedsecretplanted\"],\"00Dxx0000000000EAA/T\":[\"plantedsecretplanted\"]}",
        "{\"00Dxx0000000000/T\":[\"plantedsecretplanted\"],\"00Dxx0000000000/T\":[\"plantedsecretplanted\"]}",
    };
    for (size_t i = 0; i < COUNT(bad); i++) {
        struct buf faults;
        struct data_action_secrets *s = secrets_of(bad[i], &faults);
        if (s)
            fail_msg("accepted %s", bad[i]);
        assert_true(faults.n > 0);
        assert_null(strstr(faults.p, "planted"));
        buf_free(&faults);
    }
}

/* Data Cloud makes the secrets; one that looks weak is told of, and works. */
static void short_secrets_are_taken(void **state)
{
    (void)state;
    struct buf faults;
    struct data_action_target t;
    struct data_action_secrets *s = secrets_of("{\"00Dxx0000000000EAA/T\":[\"S3cr3tKey\",\"previous\"]}", &faults);
    assert_non_null(s);
    assert_true(target("orgId=00Dxx0000000000EAA&apiName=T", SIGNATURE, &t));
    assert_true(data_action_verify(s, &t, span_of("nnC86abBg2m7jqqy7G3tPpMCAll7N2uNVXuuG6ZLhh0="),
                                   span_of("{\"count\":1}"), &e));
    assert_refused(data_action_verify(s, &t, span_of("nnC86abBg2m7jqqy7G3tPpMCAll7N2uNVXuuG6ZLhh0="),
                                      span_of("{\"count\":2}"), &e),
                   e, 403, "invalid_signature");
    data_action_secrets_free(s);
    buf_free(&faults);
}

static void bodies_without_a_chance_to_be_json_are_refused(void **state)
{
    (void)state;
    assert_true(data_action_body(span_of("{\"n\":\"\xc3\xa9\"}"), &e));
    assert_refused(data_action_body(span_of("{\"n\":\"\xe9\"}"), &e), e, 400, "invalid_json");
    assert_true(data_action_body(span_of("{\t\r\n \"n\":\x7f}"), &e));
    for (char byte = 0; byte < 32; byte++) {
        const char body[] = { 0x7b, byte, 0x7d };
        bool blank = byte == 9 || byte == 13 || byte == 10;
        assert_int_equal(data_action_body((struct span){ body, sizeof body }, &e), blank);
        if (!blank)
            assert_non_null(strstr(e.message, "at byte 1"));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(keys_are_found_by_kid_and_algorithm),
        cmocka_unit_test(sets_that_cannot_be_trusted_are_refused_whole),
        cmocka_unit_test(keys_for_something_else_are_passed_over),
        cmocka_unit_test(the_number_of_keys_holds_at_n_and_one_more),
        cmocka_unit_test(a_fixed_set_never_asks),
        cmocka_unit_test(the_first_fetch_is_due_at_once_and_only_once),
        cmocka_unit_test(an_unknown_kid_fetches_with_back_off),
        cmocka_unit_test(last_good_keys_serve_until_their_maximum_age_then_nothing_does),
        cmocka_unit_test(a_working_set_is_looked_at_again_now_and_then),
        cmocka_unit_test(Test_IsDataActionTargetRequest),
        cmocka_unit_test(BB_data_action_without_query_is_refused),
        cmocka_unit_test(signatures_are_checked_against_one_or_two_secrets),
        cmocka_unit_test(published_vectors_of_the_signature),
        cmocka_unit_test(bad_secret_files_are_refused_without_telling_the_secret),
        cmocka_unit_test(short_secrets_are_taken),
        cmocka_unit_test(bodies_without_a_chance_to_be_json_are_refused),
    };
    return cmocka_run_group_tests(tests, make_keys, free_keys);
}
