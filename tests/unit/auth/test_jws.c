/* test_jws.c - tokens: the gate, signatures, claims, and RFC 8725 number by number. libjwt is the second opinion. */
#include "tests/unit/check.h"

#include <jwt.h>

#include "runtime/auth/claims.h"
#include "runtime/auth/jwks.h"
#include "runtime/auth/jws.h"
#include "tests/sign.h"

#define ORG "00Dxx0000000000EAA"
#define URL "https://mydomain.my.salesforce.com"
#define OTHER_URL "https://other.my.salesforce.com"

static struct err e;
static struct hosts org_hosts;
static struct jws token;
static EVP_PKEY *rsa, *ec;
static struct jws_key *rsa_key, *ec_key;
static char text[SIGN_TOKEN];

static int make_keys(void **state)
{
    char why[200];
    (void)state;
    assert_true(hosts_parse(&org_hosts, "*.my.salesforce.com", false, why, sizeof why));
    rsa = sign_rsa(2048);
    ec = sign_ec("P-256");
    char *pem = sign_pem(rsa);
    rsa_key = jws_key_pem(span_of(pem));
    free(pem);
    pem = sign_pem(ec);
    ec_key = jws_key_pem(span_of(pem));
    free(pem);
    return rsa_key && ec_key ? 0 : -1;
}

static int free_keys(void **state)
{
    (void)state;
    jws_key_free(rsa_key);
    jws_key_free(ec_key);
    EVP_PKEY_free(rsa);
    EVP_PKEY_free(ec);
    return 0;
}

static struct span rs256(const char *header, const char *payload)
{
    return sign_token(rsa, (struct span){ 0 }, header, payload, text);
}

static bool gate(struct span t)
{
    return jws_gate(t, false, &token, &e);
}

static bool verify(struct span t, const struct jws_key *key)
{
    return gate(t) && jws_check(token.alg, key, token.signing_input,
                                (struct span){ (const char *)token.signature, token.signature_n });
}

/* ---- claims ---- */

static const struct claims_rules rules = {
    .issuers = { { { URL, sizeof URL - 1 },
                   { "https://login.salesforce.com", 28 },
                   { OTHER_URL, sizeof OTHER_URL - 1 } },
                 3 },
    .audiences = { { { "https://app.example.com", 23 }, { URL, sizeof URL - 1 }, { OTHER_URL, sizeof OTHER_URL - 1 } },
                   3 },
    .org_hosts = &org_hosts
};

static const struct caller caller = { ORG, "005xx000001X8UzAAK", URL };

static bool claims_at(const char *payload, int64_t now)
{
    struct claims c;
    token.payload_n = strlen(payload);
    memcpy(token.payload, payload, token.payload_n + 1);
    return claims_check(&token, &rules, &caller, now, &c, &e);
}

static bool claims(const char *payload)
{
    token.org = (struct span){ 0 };
    return claims_at(payload, 1000);
}

#define GOOD "\"iss\":\"" URL "\",\"aud\":[\"" URL "\"],\"exp\":1060"

static void good_tokens_of_both_algorithms_are_accepted(void **state)
{
    (void)state;
    assert_true(verify(rs256("{\"alg\":\"RS256\",\"typ\":\"JWT\",\"kid\":\"k\"}", "{" GOOD "}"), rsa_key));
    assert_span(token.kid, "k");
    assert_int_equal(token.payload_n, strlen("{" GOOD "}"));
    assert_true(claims_at(token.payload, 1000));
    assert_true(verify(sign_token(ec, (struct span){ 0 }, "{\"alg\":\"ES256\"}", "{" GOOD "}", text), ec_key));
    assert_int_equal(token.kid.n, 0);
}

static void the_header_of_salesforces_own_tokens_is_accepted_and_names_the_org(void **state)
{
    (void)state;
    assert_true(
        gate(rs256("{\"tnk\":\"core/prod/" ORG "\",\"ver\":\"1.0\",\"kid\":\"CORE_ATJWT.00Dxx0000000000.1\",\"tty\":"
                   "\"sfdc-core-token\",\"typ\":\"JWT\",\"alg\":\"RS256\"}",
                   "{}")));
    assert_span(token.org, ORG);
    assert_true(gate(rs256("{\"tnk\":\"something\",\"alg\":\"RS256\"}", "{}")));
    assert_int_equal(token.org.n, 0);
}

static void the_gate_refuses_what_is_not_exactly_a_jws(void **state)
{
    (void)state;
    static const char *const headers[] = {
        "{}",
        "[]",
        "null",
        "{\"alg\":\"none\"}",
        "{\"alg\":\"None\"}",
        "{\"alg\":\"HS256\"}",
        "{\"alg\":\"rs256\"}",
        "{\"alg\":\"RS384\"}",
        "{\"alg\":\"PS256\"}",
        "{\"alg\":\"ES256K\"}",
        "{\"alg\":\"EdDSA\"}",
        "{\"alg\":\"RS256 \"}",
        "{\"alg\":null}",
        "{\"alg\":[\"RS256\"]}",
        "{\"ALG\":\"RS256\"}",
        "{\"alg\":\"RS256\",\"alg\":\"RS256\"}",
        "{\"alg\":\"none\",\"alg\":\"RS256\"}",
        "{\"alg\":\"RS256\",\"typ\":\"at+jwt\"}",
        "{\"alg\":\"RS256\",\"typ\":\"jwt\"}",
        "{\"alg\":\"RS256\",\"typ\":\"JOSE\"}",
        "{\"alg\":\"RS256\",\"crit\":[\"x\"]}",
        "{\"alg\":\"RS256\",\"b64\":false}",
        "{\"alg\":\"RS256\",\"jku\":\"https://evil\"}",
        "{\"alg\":\"RS256\",\"x5u\":\"https://evil\"}",
        "{\"alg\":\"RS256\",\"jwk\":{}}",
        "{\"alg\":\"RS256\",\"x5c\":[]}",
        "{\"alg\":\"RS256\",\"zip\":\"DEF\"}",
        "{\"alg\":\"RS256\",\"cty\":\"JWT\"}",
        "{\"alg\":\"RS256\",\"enc\":\"A128GCM\"}",
        "{\"alg\":\"RS256\",\"kid\":1}",
        "{\"alg\":\"RS256\"} x",
        "{\"alg\":\"RS256\"",
        "{\"alg\":\"RS256\",\"kid\":\"\\u0000\"}",
    };
    for (size_t i = 0; i < COUNT(headers); i++) {
        if (gate(rs256(headers[i], "{}")))
            fail_msg("accepted header %s", headers[i]);
        assert_string_equal(e.code, "invalid_token");
        assert_int_equal(e.status, 403);
    }
    static const char *const shapes[] = { "",
                                          ".",
                                          "..",
                                          "...",
                                          "a",
                                          "a.b",
                                          "a.b.c",
                                          "eyJhbGciOiJSUzI1NiJ9.e30.",
                                          "eyJhbGciOiJSUzI1NiJ9..QQ",
                                          ".e30.QQ",
                                          "eyJhbGciOiJSUzI1NiJ9.e30.QQ.QQ",
                                          "eyJhbGciOiJSUzI1NiJ9.e30.QQ.",
                                          "eyJhbGciOiJSUzI1NiJ9.e30.QQ==",
                                          "eyJhbGciOiJSUzI1NiJ9.e30.Q",
                                          "eyJhbGciOiJSUzI1NiJ9.e30.QR",
                                          "eyJhbGciOiJSUzI1NiJ9.e30.+/+/",
                                          "eyJhbGciOiJSUzI1NiJ9.e30 .QQ",
                                          " eyJhbGciOiJSUzI1NiJ9.e30.QQ",
                                          "eyJhbGciOiJSUzI1NiJ9.e30.QQ\n",
                                          "eyJhbGciOiJSUzI1NiJ9.e30.!QQ" };
    for (size_t i = 0; i < COUNT(shapes); i++)
        if (gate(span_of(shapes[i])))
            fail_msg("accepted %s", shapes[i]);
    assert_true(gate(span_of("eyJhbGciOiJSUzI1NiJ9.e30.QQ"))); /* the shape that they spoil */
}

static void nul_and_garbage_behind_the_header_are_refused(void **state)
{
    (void)state;
    char t[200];
    size_t n = sign_input("{\"alg\":\"RS256\"}\0garbage", 23, "{}", 2, t);
    memcpy(t + n, ".QQ", 3);
    assert_false(gate((struct span){ t, n + 3 }));
    n = sign_input("{\"alg\":\"RS256\"}", 15, "{\"exp\":46\0}", 11, t);
    memcpy(t + n, ".QQ", 3);
    assert_false(gate((struct span){ t, n + 3 }));
}

static void the_gates_sizes_hold_at_n_and_one_more(void **state)
{
    (void)state;
    static char big[LIMIT_TOKEN * 2];
    memset(big, 'a', sizeof big);
    static const char head[] = "eyJhbGciOiJSUzI1NiJ9.";
    memcpy(big, head, sizeof head - 1);
    for (size_t more = 0; more <= 1; more++) {
        size_t n = LIMIT_TOKEN + more;
        memcpy(big + n - 3, ".QQ", 3);
        assert_true(gate((struct span){ big, n }) == !more);
        memcpy(big + n - 3, "aaa", 3);
    }
    /* 512 bytes of signature are 683 characters */
    char sig[1000] = "eyJhbGciOiJSUzI1NiJ9.e30.";
    size_t at = strlen(sig);
    memset(sig + at, 'A', 700);
    assert_true(gate((struct span){ sig, at + 683 }));
    assert_false(gate((struct span){ sig, at + 684 }));
}

static void a_signature_is_for_one_key_one_text_one_spelling(void **state)
{
    (void)state;
    struct span t = rs256("{\"alg\":\"RS256\"}", "{" GOOD "}");
    assert_true(verify(t, rsa_key));
    assert_false(verify(t, ec_key));
    assert_false(jws_check(JWS_RS256, NULL, token.signing_input, span_of("x")));
    assert_true(gate(t));
    struct span sig = { (const char *)token.signature, token.signature_n };
    assert_false(jws_check(JWS_HS256, rsa_key, token.signing_input, sig)); /* alg must be the key's own */
    assert_false(jws_check(JWS_ES256, rsa_key, token.signing_input, sig));
    unsigned char mac[32]; /* under the secret that an RSA key does not have */
    assert_true(jws_hmac((struct span){ "", 0 }, token.signing_input, mac));
    assert_false(jws_check(JWS_HS256, rsa_key, token.signing_input, (struct span){ (char *)mac, sizeof mac }));
    assert_false(jws_check(JWS_RS256, rsa_key, token.signing_input, (struct span){ sig.p, sig.n - 1 }));
    assert_false(jws_check(JWS_RS256, rsa_key, token.signing_input, (struct span){ sig.p, 0 }));
    for (size_t i = 0; i < t.n; i += 7) {
        if (text[i] == '.')
            continue;
        char was = text[i];
        text[i] = was == 'A' ? 'B' : 'A';
        if (verify(t, rsa_key))
            fail_msg("a changed character at %zu was not noticed", i);
        text[i] = was;
    }
}

static void an_es256_signature_has_64_bytes(void **state)
{
    (void)state;
    struct span t = sign_token(ec, (struct span){ 0 }, "{\"alg\":\"ES256\"}", "{}", text);
    assert_true(verify(t, ec_key));
    unsigned char sig[80] = { 0 };
    memcpy(sig, token.signature, 64);
    assert_true(jws_check(JWS_ES256, ec_key, token.signing_input, (struct span){ (char *)sig, 64 }));
    for (size_t n = 0; n <= 80; n++)
        if (n != 64 && jws_check(JWS_ES256, ec_key, token.signing_input, (struct span){ (char *)sig, n }))
            fail_msg("accepted %zu bytes", n);
    memset(sig, 0, sizeof sig);
    assert_false(jws_check(JWS_ES256, ec_key, token.signing_input, (struct span){ (char *)sig, 64 }));
    /* Many signatures: some have leading zeros or high bits in r or s, which the DER form treats apart. */
    for (int i = 0; i < 600; i++)
        assert_true(verify(sign_token(ec, (struct span){ 0 }, "{\"alg\":\"ES256\"}", "{}", text), ec_key));
}

static void keys_below_strength_are_refused(void **state)
{
    (void)state;
    EVP_PKEY *weak = sign_rsa(1024), *other = sign_ec("P-384");
    char *pem = sign_pem(weak);
    assert_null(jws_key_pem(span_of(pem)));
    free(pem);
    pem = sign_pem(other);
    assert_null(jws_key_pem(span_of(pem)));
    free(pem);
    assert_null(jws_key_pem(span_of("")));
    assert_null(jws_key_pem(span_of("-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----\n")));
    char secret[33] = "0123456789abcdef0123456789abcde";
    assert_null(jws_key_hmac((struct span){ secret, 31 }));
    struct jws_key *k = jws_key_hmac((struct span){ secret, 32 });
    assert_non_null(k);
    jws_key_free(k);
    unsigned char n[256], one[1] = { 1 }, even[1] = { 2 }, x[32] = { 1 };
    memset(n, 0xc5, sizeof n);
    assert_null(jws_key_rsa((struct span){ (char *)n, 256 }, (struct span){ (char *)one, 1 }));
    assert_null(jws_key_rsa((struct span){ (char *)n, 256 }, (struct span){ (char *)even, 1 }));
    assert_null(jws_key_rsa((struct span){ (char *)n, 256 }, (struct span){ (char *)n, 0 }));
    assert_null(jws_key_ec((struct span){ (char *)x, 32 }, (struct span){ (char *)x, 32 }));
    assert_null(jws_key_ec((struct span){ (char *)x, 31 }, (struct span){ (char *)x, 32 }));
    /* A power of 65537 is one modulo every prime, as the moduli of the ROCA family are. */
    BIGNUM *roca = BN_new(), *base = BN_new(), *power = BN_new();
    BN_CTX *ctx = BN_CTX_new();
    unsigned char bytes[300], exponent[3] = { 1, 0, 1 };
    assert_true(BN_set_word(base, 65537) && BN_set_word(power, 128) && BN_exp(roca, base, power, ctx));
    int len = BN_bn2bin(roca, bytes);
    struct span roca_n = { (char *)bytes, (size_t)len }, roca_e = { (char *)exponent, 3 };
    assert_null(jws_key_rsa(roca_n, roca_e));
    bytes[len - 1] += 2; /* a neighbour is not of that family */
    k = jws_key_rsa(roca_n, roca_e);
    assert_non_null(k);
    jws_key_free(k);
    BN_free(roca);
    BN_free(base);
    BN_free(power);
    BN_CTX_free(ctx);
    EVP_PKEY_free(weak);
    EVP_PKEY_free(other);
}

static void times_are_checked_with_sixty_seconds_of_skew(void **state)
{
    (void)state;
    static const struct {
        const char *payload;
        int64_t now;
        const char *code; /* NULL = accepted */
    } rows[] = {
        { "{" GOOD "}", 0, NULL },
        { "{" GOOD "}", 1119, NULL },
        { "{" GOOD "}", 1120, "token_expired" },
        { "{" GOOD "}", INT64_C(315360000000), "token_expired" },
        { "{" GOOD ",\"nbf\":1000}", 940, NULL },
        { "{" GOOD ",\"nbf\":1000}", 939, "invalid_token" },
        { "{" GOOD ",\"iat\":1000}", 940, NULL },
        { "{" GOOD ",\"iat\":1000}", 939, "invalid_token" },
        { "{\"iss\":\"" URL "\",\"aud\":\"" URL "\"}", 0, "invalid_token" },
    };
    token.org = (struct span){ 0 };
    for (size_t i = 0; i < COUNT(rows); i++) {
        bool ok = claims_at(rows[i].payload, rows[i].now);
        if (ok != !rows[i].code)
            fail_msg("%s at %lld", rows[i].payload, (long long)rows[i].now);
        if (!ok)
            assert_string_equal(e.code, rows[i].code);
    }
    static const char *const bad[] = { "\"1060\"", "1060.5", "1e3", "1e20",         "null",
                                       "true",     "[]",     "-1",  "253402300800", "99999999999999999999" };
    static const char *const names[] = { "exp", "nbf", "iat" };
    for (size_t n = 0; n < COUNT(names); n++)
        for (size_t i = 0; i < COUNT(bad); i++) {
            char payload[300];
            snprintf(payload, sizeof payload, "{\"iss\":\"" URL "\",\"aud\":\"" URL "\"%s,\"%s\":%s}",
                     n ? ",\"exp\":1060" : "", names[n], bad[i]);
            if (claims(payload))
                fail_msg("accepted %s", payload);
        }
}

static void payloads_must_be_one_strict_object(void **state)
{
    (void)state;
    static const char *const bad[] = { "",
                                       "null",
                                       "[1]",
                                       "\"x\"",
                                       "{" GOOD "} x",
                                       "{" GOOD,
                                       "{" GOOD ",\"sub\":\"a\",\"sub\":\"b\"}",
                                       "{" GOOD ",\"sub\":\"\\u0000\"}",
                                       "{" GOOD ",\"sub\":\"\xff\"}" };
    for (size_t i = 0; i < COUNT(bad); i++) {
        if (claims(bad[i]))
            fail_msg("accepted %s", bad[i]);
        assert_string_equal(e.code, "invalid_token");
    }
}

static void the_token_must_name_this_org_and_no_other(void **state)
{
    (void)state;
#define ANY "\"iss\":\"https://login.salesforce.com\",\"aud\":\"https://app.example.com\",\"exp\":1060"
    assert_true(claims("{" GOOD "}")); /* iss is the org */
    assert_refused(claims("{" ANY "}"), e, 403, "wrong_org");
    static const char *const names[] = { "org_id", "orgId", "organization_id" };
    for (size_t i = 0; i < COUNT(names); i++) {
        char payload[400];
        snprintf(payload, sizeof payload, "{" ANY ",\"%s\":\"%s\"}", names[i], ORG);
        assert_true(claims(payload));
        snprintf(payload, sizeof payload, "{" ANY ",\"%s\":\"%.15s\"}", names[i], ORG);
        assert_true(claims(payload));
        snprintf(payload, sizeof payload, "{" GOOD ",\"%s\":\"00Dxx0000000001EAA\"}",
                 names[i]); /* although iss is the org */
        assert_refused(claims(payload), e, 403, "wrong_org");
        snprintf(payload, sizeof payload, "{" GOOD ",\"%s\":7}", names[i]);
        assert_refused(claims(payload), e, 403, "wrong_org");
    }
    assert_true(claims("{\"iss\":\"https://login.salesforce.com\",\"aud\":[\"https://app.example.com\",\"" URL
                       "/\"],\"exp\":1060}"));
    token.org = span_of(ORG);
    assert_true(claims_at("{" ANY "}", 1000));
    token.org = span_of("00Dxx0000000001EAA");
    assert_refused(claims_at("{" GOOD "}", 1000), e, 403, "wrong_org");
}

/* ---- RFC 8725, section by section ---- */

static void rfc8725_3_1_algorithm_is_pinned_by_the_key(void **state)
{
    (void)state;
    char *pem = sign_pem(rsa);
    /* HS256 with the public key's text as secret: the classic confusion. */
    struct span t = sign_token(NULL, span_of(pem), "{\"alg\":\"HS256\"}", "{" GOOD "}", text);
    assert_false(verify(t, rsa_key));
    assert_true(jws_gate(t, true, &token, &e)); /* even past the gate */
    assert_false(jws_check(token.alg, rsa_key, token.signing_input,
                           (struct span){ (char *)token.signature, token.signature_n }));
    free(pem);
}

static void rfc8725_3_2_no_none_no_weak_algorithms(void **state)
{
    (void)state;
    static const char *const algs[] = { "none",  "HS256",  "HS384", "HS512", "RS384", "RS512",
                                        "PS256", "RSA1_5", "ES384", "ES512", "EdDSA", "" };
    for (size_t i = 0; i < COUNT(algs); i++) {
        char header[64];
        snprintf(header, sizeof header, "{\"alg\":\"%s\"}", algs[i]);
        assert_false(verify(rs256(header, "{" GOOD "}"), rsa_key));
    }
}

static void rfc8725_3_3_every_operation_is_checked(void **state)
{
    (void)state;
    /* signature, then each claim: one fault anywhere refuses the whole */
    struct span t = rs256("{\"alg\":\"RS256\"}", "{" GOOD "}");
    assert_true(verify(t, rsa_key) && claims_at(token.payload, 1000));
    assert_false(verify(t, rsa_key) && claims_at(token.payload, 2000));
    text[t.n - 3] ^= 1;
    assert_false(verify(t, rsa_key) && claims_at(token.payload, 1000));
}

static void rfc8725_3_4_inputs_of_cryptography_are_checked(void **state)
{
    keys_below_strength_are_refused(state); /* not on the curve, too short, exponent 1 */
}

static void rfc8725_3_5_secrets_have_entropy(void **state)
{
    (void)state;
    assert_null(jws_key_hmac(span_of("")));
    assert_null(jws_key_hmac(span_of("password")));
}

static void rfc8725_3_6_nothing_is_decompressed(void **state)
{
    (void)state;
    assert_false(gate(rs256("{\"alg\":\"RS256\",\"zip\":\"DEF\"}", "{}")));
}

static void rfc8725_3_7_only_utf8(void **state)
{
    (void)state;
    assert_false(gate(rs256("{\"alg\":\"RS256\",\"kid\":\"\xff\"}", "{}")));
    assert_false(claims("{" GOOD ",\"sub\":\"\xc3\x28\"}"));
}

static void rfc8725_3_8_issuer_and_subject_belong_to_the_key(void **state)
{
    (void)state;
    assert_refused(claims("{\"iss\":\"https://evil\",\"aud\":\"" URL "\",\"exp\":1060}"), e, 403, "invalid_token");
    assert_refused(claims("{\"aud\":\"" URL "\",\"exp\":1060}"), e, 403, "invalid_token");
    assert_refused(claims("{\"iss\":[\"" URL "\"],\"aud\":\"" URL "\",\"exp\":1060}"), e, 403, "invalid_token");
    assert_refused(claims("{\"iss\":\"" URL "x\",\"aud\":\"" URL "\",\"exp\":1060}"), e, 403, "invalid_token");
    /* several orgs may be trusted; a token of one is for none of the others, whatever else it says */
    assert_refused(claims("{\"iss\":\"" OTHER_URL "\",\"aud\":\"" OTHER_URL "\",\"org_id\":\"" ORG "\",\"exp\":1060}"),
                   e, 403, "wrong_org");
    assert_refused(claims("{\"iss\":\"" URL "\",\"aud\":[\"" OTHER_URL "\",\"" URL "\"],\"exp\":1060}"), e, 403,
                   "wrong_org");
    assert_refused(
        claims("{\"iss\":\"" OTHER_URL "\",\"aud\":\"https://app.example.com\",\"org_id\":\"" ORG "\",\"exp\":1060}"),
        e, 403, "wrong_org");
    assert_true(
        claims("{\"iss\":\"https://login.salesforce.com\",\"aud\":[\"https://app.example.com\"],\"org_id\":\"" ORG
               "\",\"exp\":1060}"));
    /* the subject is the user who calls, by the short or the long id */
    assert_true(claims("{" GOOD ",\"sub\":\"uid:005xx000001X8UzAAK\"}"));
    assert_true(claims("{" GOOD ",\"sub\":\"uid:005xx000001X8Uz\"}"));
    assert_refused(claims("{" GOOD ",\"sub\":\"uid:005xx000001X8V0AAK\"}"), e, 403, "wrong_user");
    assert_refused(claims("{" GOOD ",\"sub\":\"uid:\"}"), e, 403, "wrong_user");
    assert_true(claims("{" GOOD ",\"sub\":\"somebody\"}"));
}

/* Of a token that the add-on has found genuine: is it somebody else's? */
static void the_user_of_a_token_that_is_not_verified_here(void **state)
{
#define USER "005xx000001X8UzAAK"
    static const struct {
        const char *header, *payload, *other; /* other: NULL = nobody else's */
    } rows[] = {
        { "{\"alg\":\"RS256\"}", "{\"sub\":\"uid:005xx000001X8V0AAK\"}", "005xx000001X8V0AAK" },
        { "{\"alg\":\"RS256\"}", "{\"sub\":\"uid:005xx000001X8V0\"}", "005xx000001X8V0AAK" },
        /* its own, by either form of the id */
        { "{\"alg\":\"RS256\"}", "{\"sub\":\"uid:" USER "\"}", NULL },
        { "{\"alg\":\"RS256\"}", "{\"sub\":\"uid:005xx000001X8Uz\"}", NULL },
        /* whatever its header is */
        { "{\"alg\":\"ES512\",\"new\":1}", "{\"sub\":\"uid:005xx000001X8V0AAK\"}", "005xx000001X8V0AAK" },
        { "none of our business", "{\"sub\":\"uid:005xx000001X8V0AAK\"}", "005xx000001X8V0AAK" },
        /* no such subject */
        { "{}", "{}", NULL },
        { "{}", "{\"sub\":null}", NULL },
        { "{}", "{\"sub\":7}", NULL },
        { "{}", "{\"sub\":\"\"}", NULL },
        { "{}", "{\"sub\":\"uid:\"}", NULL },
        { "{}", "{\"sub\":\"uid:nobody\"}", NULL },
        { "{}", "{\"sub\":\"UID:005xx000001X8V0AAK\"}", NULL },
        { "{}", "{\"sub\":\"005xx000001X8V0AAK\"}", NULL },
        { "{}", "{\"sub\":\"uid:00Dxx0000000000/005xx000001X8V0AAK\"}", NULL },
        /* and what cannot be read */
        { "{}", "{\"sub\":\"uid:005xx000001X8V0AAK\",\"sub\":\"x\"}", NULL },
        { "{}", "[\"uid:005xx000001X8V0AAK\"]", NULL },
        { "{}", "{\"sub\":\"uid:005xx000001X8V0AAK\"", NULL },
        { "{}", "\xff", NULL },
    };
    static const char *const broken[] = { "", ".", "..", "jwt", "a.b", "a.!.c", "a.e30=.c", "a.b.c.d" };
    char jwt[1024], other[RECORD_ID_SIZE];
    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        size_t n = base64url_encode(rows[i].header, strlen(rows[i].header), jwt);
        jwt[n++] = '.';
        n += base64url_encode(rows[i].payload, strlen(rows[i].payload), jwt + n);
        copy_text(jwt + n, 6, ".c2ln");
        bool another = claims_of_another(span_of(jwt), USER, other);
        if (another != (rows[i].other != NULL) || (another && strcmp(other, rows[i].other) != 0))
            fail_msg("%s: %s", rows[i].payload, another ? other : "nobody else's");
    }
    for (size_t i = 0; i < COUNT(broken); i++)
        assert_false(claims_of_another(span_of(broken[i]), USER, other));
    /* the longest that a header can carry, and one byte more */
    static char longest[LIMIT_TOKEN + 2];
    memset(longest, 'A', sizeof longest);
    longest[1] = longest[LIMIT_TOKEN - 1] = '.';
    assert_false(claims_of_another((struct span){ longest, LIMIT_TOKEN }, USER, other));
    assert_false(claims_of_another((struct span){ longest, LIMIT_TOKEN + 1 }, USER, other));
#undef USER
}

static void rfc8725_3_9_audience_is_required(void **state)
{
    (void)state;
    static const char *const bad[] = {
        "null", "[]", "\"https://other\"", "[\"https://other\"]", "{}", "[\"" URL "\",7]", "\"\""
    };
    assert_refused(claims("{\"iss\":\"" URL "\",\"exp\":1060}"), e, 403, "invalid_token");
    for (size_t i = 0; i < COUNT(bad); i++) {
        char payload[300];
        snprintf(payload, sizeof payload, "{\"iss\":\"" URL "\",\"aud\":%s,\"exp\":1060}", bad[i]);
        if (claims(payload))
            fail_msg("accepted %s", payload);
    }
    assert_true(claims("{\"iss\":\"" URL "\",\"aud\":[\"https://other\",\"https://app.example.com\"],\"exp\":1060}"));
}

static void rfc8725_3_10_a_kid_is_looked_up_in_memory_only(void **state)
{
    (void)state;
    static const char *const names[] = { "jku", "x5u", "jwk", "x5c", "x5t" };
    for (size_t i = 0; i < COUNT(names); i++) {
        char header[100];
        snprintf(header, sizeof header, "{\"alg\":\"RS256\",\"%s\":\"http://127.0.0.1/k\"}", names[i]);
        assert_false(gate(rs256(header, "{}")));
    }
    char jwk[SIGN_JWK], set[SIGN_JWK + 20], why[200];
    sign_jwk(rsa, "k1", jwk);
    snprintf(set, sizeof set, "{\"keys\":[%s]}", jwk);
    struct keyring *ring = keyring_new(span_of(set), why, sizeof why);
    assert_non_null(ring);
    static const char *const kids[] = { "../../etc/passwd", "k1'--", "http://127.0.0.1/k", "K1", "k", "k11" };
    for (size_t i = 0; i < COUNT(kids); i++)
        assert_null(keyring_find(ring, span_of(kids[i]), JWS_RS256));
    assert_non_null(keyring_find(ring, span_of("k1"), JWS_RS256));
    keyring_free(ring);
}

static void rfc8725_3_11_and_3_12_other_kinds_of_token_are_refused(void **state)
{
    (void)state;
    assert_false(gate(rs256("{\"alg\":\"RS256\",\"typ\":\"at+jwt\"}", "{" GOOD "}")));
    assert_false(gate(rs256("{\"alg\":\"RS256\",\"typ\":\"secevent+jwt\"}", "{" GOOD "}")));
    /* a token for another endpoint of the same issuer has another audience */
    assert_false(claims("{\"iss\":\"" URL "\",\"aud\":\"https://api.other.example\",\"exp\":1060}"));
}

/* ---- the second opinion ---- */

static bool libjwt_accepts(struct span t, const char *pem)
{
    jwt_t *jwt = NULL;
    char copy[SIGN_TOKEN];
    copy_span(copy, sizeof copy, t);
    bool ok = jwt_decode(&jwt, copy, (const unsigned char *)pem, (int)strlen(pem)) == 0;
    jwt_free(jwt);
    return ok;
}

static void mutated_tokens_get_the_verdict_of_libjwt(void **state)
{
    (void)state;
    char *pems[2] = { sign_pem(rsa), sign_pem(ec) };
    const struct jws_key *keys[2] = { rsa_key, ec_key };
    static const char set[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    long passed_gate = 0, accepted = 0;
    for (long i = 0; i < rounds(3000, 1000000); i++) {
        int k = (int)(i & 1);
        struct span t = sign_token(k ? ec : rsa, (struct span){ 0 }, k ? "{\"alg\":\"ES256\"}" : "{\"alg\":\"RS256\"}",
                                   "{" GOOD "}", text);
        for (size_t m = below(3); m; m--)
            text[below(t.n)] = set[below(sizeof set - 1)];
        if (!gate(t))
            continue;
        passed_gate++;
        bool ours = verify(t, keys[k]);
        accepted += ours;
        json_t *payload = json_loadb(token.payload, token.payload_n, 0, NULL);
        bool object = json_is_object(payload);
        json_decref(payload);
        if ((ours && object) != libjwt_accepts(t, pems[k]))
            fail_msg("ours %d, libjwt %d: %.*s", ours, !ours, (int)t.n, t.p);
    }
    assert_true(passed_gate > 500 && accepted > 100);
    free(pems[0]);
    free(pems[1]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(good_tokens_of_both_algorithms_are_accepted),
        cmocka_unit_test(the_header_of_salesforces_own_tokens_is_accepted_and_names_the_org),
        cmocka_unit_test(the_gate_refuses_what_is_not_exactly_a_jws),
        cmocka_unit_test(nul_and_garbage_behind_the_header_are_refused),
        cmocka_unit_test(the_gates_sizes_hold_at_n_and_one_more),
        cmocka_unit_test(a_signature_is_for_one_key_one_text_one_spelling),
        cmocka_unit_test(an_es256_signature_has_64_bytes),
        cmocka_unit_test(keys_below_strength_are_refused),
        cmocka_unit_test(times_are_checked_with_sixty_seconds_of_skew),
        cmocka_unit_test(payloads_must_be_one_strict_object),
        cmocka_unit_test(the_token_must_name_this_org_and_no_other),
        cmocka_unit_test(rfc8725_3_1_algorithm_is_pinned_by_the_key),
        cmocka_unit_test(rfc8725_3_2_no_none_no_weak_algorithms),
        cmocka_unit_test(rfc8725_3_3_every_operation_is_checked),
        cmocka_unit_test(rfc8725_3_4_inputs_of_cryptography_are_checked),
        cmocka_unit_test(rfc8725_3_5_secrets_have_entropy),
        cmocka_unit_test(rfc8725_3_6_nothing_is_decompressed),
        cmocka_unit_test(rfc8725_3_7_only_utf8),
        cmocka_unit_test(rfc8725_3_8_issuer_and_subject_belong_to_the_key),
        cmocka_unit_test(the_user_of_a_token_that_is_not_verified_here),
        cmocka_unit_test(rfc8725_3_9_audience_is_required),
        cmocka_unit_test(rfc8725_3_10_a_kid_is_looked_up_in_memory_only),
        cmocka_unit_test(rfc8725_3_11_and_3_12_other_kinds_of_token_are_refused),
        cmocka_unit_test(mutated_tokens_get_the_verdict_of_libjwt),
    };
    return cmocka_run_group_tests(tests, make_keys, free_keys);
}
