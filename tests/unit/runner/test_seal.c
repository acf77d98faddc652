/* test_seal.c - sealed tokens: two keys, other jobs, changed bytes. */
#include "tests/unit/check.h"

#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/kdf.h>

#include "runtime/runner/seal.h"

static const char job[] = "0d3f7a50-8a6b-4b1f-9a1e-0c2d4e6f8a90", other_job[] = "0d3f7a50-8a6b-4b1f-9a1e-0c2d4e6f8a91";
static const char key_a[] = "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", key_b[] = "bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb";
static const char token[] = "00Dxx0000001gPL!AQ8AQFake.Token";

static struct seal_keys keys_of(const char *present, const char *former)
{
    struct seal_keys k;
    assert_true(seal_keys_derive(&k, span_of(present), span_of(former)));
    return k;
}

static struct buf sealed_with(const struct seal_keys *k)
{
    struct buf b;
    buf_init(&b, 4096);
    assert_true(seal_close(k, span_of(job), span_of(token), &b));
    return b;
}

static enum seal_opened open_with(const struct seal_keys *k, const char *id, struct span sealed)
{
    struct buf out;
    buf_init(&out, 4096);
    enum seal_opened r = seal_open(k, span_of(id), sealed, &out);
    if (r == SEAL_OPENED)
        assert_string_equal(out.p, token);
    else
        assert_int_equal(out.n, 0);
    buf_free(&out);
    return r;
}

static struct span held(const struct buf *b)
{
    return (struct span){ b->p, b->n };
}

static void what_was_sealed_is_opened(void **state)
{
    (void)state;
    struct seal_keys k = keys_of(key_a, NULL);
    struct buf b = sealed_with(&k), again = sealed_with(&k);
    assert_int_equal(k.n, 1);
    assert_int_equal(b.n, strlen(token) + SEAL_OVERHEAD);
    assert_null(memmem(b.p, b.n, token, 8));
    assert_memory_not_equal(b.p, again.p, b.n); /* a nonce of its own each time */
    assert_int_equal(open_with(&k, job, held(&b)), SEAL_OPENED);
    assert_int_equal(open_with(&k, job, held(&again)), SEAL_OPENED);
    buf_free(&b);
    buf_free(&again);
}

static void an_empty_text_can_be_sealed(void **state)
{
    (void)state;
    struct seal_keys k = keys_of(key_a, NULL);
    struct buf b, out;
    buf_init(&b, 100);
    buf_init(&out, 100);
    assert_true(seal_close(&k, span_of(job), (struct span){ "", 0 }, &b));
    assert_int_equal(seal_open(&k, span_of(job), held(&b), &out), SEAL_OPENED);
    assert_int_equal(out.n, 0);
    buf_free(&b);
    buf_free(&out);
}

static void no_key_seals_nothing(void **state)
{
    (void)state;
    struct seal_keys k = keys_of(NULL, NULL), a = keys_of(key_a, NULL);
    struct buf b, s = sealed_with(&a);
    buf_init(&b, 100);
    assert_int_equal(k.n, 0);
    assert_false(seal_close(&k, span_of(job), span_of(token), &b));
    assert_int_equal(b.n, 0);
    assert_int_equal(open_with(&k, job, held(&s)), SEAL_OTHER_KEY);
    buf_free(&s);
}

static void keys_are_changed_one_after_the_other(void **state)
{
    (void)state;
    struct seal_keys a = keys_of(key_a, NULL), both = keys_of(key_b, key_a), b = keys_of(key_b, NULL);
    struct buf old = sealed_with(&a), new = sealed_with(&both);
    assert_int_equal(open_with(&both, job, held(&old)), SEAL_OPENED); /* both open */
    assert_int_equal(open_with(&both, job, held(&new)), SEAL_OPENED);
    assert_int_equal(open_with(&b, job, held(&new)), SEAL_OPENED); /* the present one has sealed */
    assert_int_equal(open_with(&b, job, held(&old)), SEAL_OTHER_KEY);
    assert_int_equal(open_with(&a, job, held(&new)), SEAL_OTHER_KEY);
    buf_free(&old);
    buf_free(&new);
}

static void a_token_of_one_job_is_none_of_another(void **state)
{
    (void)state;
    struct seal_keys k = keys_of(key_a, NULL);
    struct buf b = sealed_with(&k);
    assert_int_equal(open_with(&k, other_job, held(&b)), SEAL_DAMAGED);
    assert_int_equal(open_with(&k, "", held(&b)), SEAL_DAMAGED);
    buf_free(&b);
}

static void every_changed_byte_is_noticed(void **state)
{
    (void)state;
    struct seal_keys k = keys_of(key_a, NULL);
    struct buf b = sealed_with(&k);
    for (size_t i = 0; i < b.n; i++) {
        b.p[i] = (char)(b.p[i] ^ 1);
        assert_int_not_equal(open_with(&k, job, held(&b)), SEAL_OPENED);
        b.p[i] = (char)(b.p[i] ^ 1);
    }
    for (size_t n = 0; n < b.n; n++) {
        char *part = malloc(n + 1); /* a copy of its own, so that a sanitizer sees a byte too many */
        memcpy(part, b.p, n);
        assert_int_not_equal(open_with(&k, job, (struct span){ part, n }), SEAL_OPENED);
        free(part);
    }
    assert_int_equal(open_with(&k, job, held(&b)), SEAL_OPENED);
    buf_free(&b);
}

/* The same by hand: what is in a row can be opened by whoever has JOBS_KEY and this description. */
static void the_form_is_the_documented_one(void **state)
{
    (void)state;
    struct seal_keys k = keys_of(key_a, NULL);
    struct buf b = sealed_with(&k);
    unsigned char key[32], text[100];
    const unsigned char *s = (const unsigned char *)b.p;
    int n = 0, m = 0;
    EVP_KDF *kdf = EVP_KDF_fetch(NULL, "HKDF", NULL);
    EVP_KDF_CTX *x = EVP_KDF_CTX_new(kdf);
    char digest[] = "SHA256", info[] = "actionhost jobs 1", secret[sizeof key_a];
    memcpy(secret, key_a, sizeof key_a);
    OSSL_PARAM params[] = { OSSL_PARAM_construct_utf8_string(OSSL_KDF_PARAM_DIGEST, digest, 0),
                            OSSL_PARAM_construct_octet_string(OSSL_KDF_PARAM_KEY, secret, sizeof key_a - 1),
                            OSSL_PARAM_construct_octet_string(OSSL_KDF_PARAM_INFO, info, sizeof info - 1),
                            OSSL_PARAM_construct_end() };
    assert_int_equal(EVP_KDF_derive(x, key, sizeof key, params), 1);
    EVP_CIPHER_CTX *c = EVP_CIPHER_CTX_new();
    assert_int_equal(EVP_DecryptInit_ex(c, EVP_aes_256_gcm(), NULL, key, s + 9), 1);
    assert_int_equal(EVP_DecryptUpdate(c, NULL, &n, s, 9), 1);
    assert_int_equal(EVP_DecryptUpdate(c, NULL, &n, (const unsigned char *)job, 36), 1);
    assert_int_equal(EVP_DecryptUpdate(c, text, &n, s + 21, (int)b.n - 37), 1);
    assert_int_equal(EVP_CIPHER_CTX_ctrl(c, EVP_CTRL_GCM_SET_TAG, 16, b.p + b.n - 16), 1);
    assert_int_equal(EVP_DecryptFinal_ex(c, text + n, &m), 1);
    assert_memory_equal(text, token, strlen(token));
    EVP_CIPHER_CTX_free(c);
    EVP_KDF_CTX_free(x);
    EVP_KDF_free(kdf);
    buf_free(&b);
}

static void wiped_keys_open_nothing(void **state)
{
    (void)state;
    static const struct seal_keys none;
    struct seal_keys k = keys_of(key_a, key_b);
    assert_int_equal(k.n, 2);
    seal_keys_wipe(&k);
    assert_memory_equal(&k, &none, sizeof k);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_was_sealed_is_opened),
        cmocka_unit_test(an_empty_text_can_be_sealed),
        cmocka_unit_test(no_key_seals_nothing),
        cmocka_unit_test(keys_are_changed_one_after_the_other),
        cmocka_unit_test(a_token_of_one_job_is_none_of_another),
        cmocka_unit_test(every_changed_byte_is_noticed),
        cmocka_unit_test(the_form_is_the_documented_one),
        cmocka_unit_test(wiped_keys_open_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
